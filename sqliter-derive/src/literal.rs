//! Literals: a `default` that is one becomes a `DEFAULT` of the table.

use syn::{Expr, ExprLit, ExprUnary, Lit, UnOp};

/// Whether the expression is a literal, with or without a minus.
pub(crate) fn is_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) => true,
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => is_literal(expr),
        Expr::Group(g) => is_literal(&g.expr),
        Expr::Paren(p) => is_literal(&p.expr),
        _ => false,
    }
}

/// The literal in SQL, if it has a form there.
pub(crate) fn sql(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(ExprLit { lit, .. }) => positive(lit),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => negative(expr),
        Expr::Group(g) => sql(&g.expr),
        Expr::Paren(p) => sql(&p.expr),
        _ => None,
    }
}

fn positive(lit: &Lit) -> Option<String> {
    match lit {
        // A larger one would be a float there.
        Lit::Int(v) => v.base10_parse::<i64>().ok().map(|v| v.to_string()),
        Lit::Float(v) => Some(v.base10_digits().to_owned()),
        Lit::Bool(v) => Some(if v.value { "1" } else { "0" }.to_owned()),
        Lit::Str(v) => text(&v.value()),
        Lit::Char(v) => text(&v.value().to_string()),
        _ => None,
    }
}

fn negative(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Int(v), .. }) => {
            format!("-{}", v.base10_digits()).parse::<i64>().ok().map(|v| v.to_string())
        }
        Expr::Lit(ExprLit { lit: Lit::Float(v), .. }) => Some(format!("-{}", v.base10_digits())),
        Expr::Group(g) => negative(&g.expr),
        Expr::Paren(p) => negative(&p.expr),
        _ => None,
    }
}

fn text(value: &str) -> Option<String> {
    (!value.contains('\0')).then(|| format!("'{}'", value.replace('\'', "''")))
}
