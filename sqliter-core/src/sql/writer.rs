//! The text and the parameters of one statement while it is being written.

use super::dialect::Dialect;
use crate::error::{Error, Result};
use crate::expr::node::{Arithmetic, ExprNode, Function};
use crate::schema::{ColumnDef, Schema};
use crate::types::{Kind, Literal};
use crate::value::Value;

/// A finished statement.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statement {
    /// The text.
    pub sql: String,
    /// The parameters, in order.
    pub params: Vec<Value>,
    /// The positions in `params` whose values stay out of logs, in order.
    pub secret: Vec<usize>,
}

/// Writes one statement over one model.
pub struct Writer<'a> {
    pub(super) dialect: &'a dyn Dialect,
    pub(super) schema: &'static Schema,
    local_time: bool,
    out: Statement,
}

impl<'a> Writer<'a> {
    pub(super) fn new(dialect: &'a dyn Dialect, schema: &'static Schema, local_time: bool) -> Self {
        Writer { dialect, schema, local_time, out: Statement::default() }
    }

    pub(super) fn finish(self) -> Statement {
        self.out
    }

    /// Appends text as it is.
    pub fn push(&mut self, sql: &str) {
        self.out.sql.push_str(sql);
    }

    /// Appends a quoted identifier.
    pub fn identifier(&mut self, name: &str) {
        self.dialect.identifier(&mut self.out.sql, name);
    }

    /// Appends a placeholder and remembers its value.
    pub fn param(&mut self, value: Value, secret: bool) {
        if secret {
            self.out.secret.push(self.out.params.len());
        }
        self.out.params.push(value);
        self.dialect.placeholder(&mut self.out.sql, self.out.params.len());
    }

    /// Appends the table's name.
    pub(super) fn table(&mut self) {
        self.identifier(self.schema.table);
    }

    /// Appends the placeholder of the `n`th parameter, whose value comes later.
    pub(super) fn placeholder(&mut self, n: usize) {
        self.dialect.placeholder(&mut self.out.sql, n);
    }

    /// Appends a list of columns.
    pub(super) fn columns(&mut self, columns: impl IntoIterator<Item = &'static ColumnDef>) {
        for (i, column) in columns.into_iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.identifier(column.name);
        }
    }

    /// The value to bind for a constant.
    pub(super) fn resolve(&self, literal: &Literal, near: &str) -> Result<Value> {
        literal.resolve(self.local_time).map_err(|source| Error::Encode {
            table: self.schema.table.to_owned(),
            column: near.to_owned(),
            source,
        })
    }

    /// Whether an expression reads a column whose values stay out of logs.
    pub fn is_secret(&self, expr: &ExprNode) -> bool {
        match expr {
            ExprNode::Column(c) => self.schema.columns.iter().any(|d| d.redact && d.name == c.name),
            ExprNode::Literal(_) => false,
            ExprNode::Binary(_, a, b) => self.is_secret(a) || self.is_secret(b),
            ExprNode::Call(_, args) => args.iter().any(|a| self.is_secret(a)),
        }
    }

    /// Appends an expression.
    ///
    /// # Errors
    /// When a constant in it cannot be stored.
    pub fn expr(&mut self, expr: &ExprNode) -> Result<()> {
        self.expr_beside(expr, None)
    }

    /// Appends an expression that stands opposite another: the name and the secrecy of a constant are those of the column
    /// it is compared with.
    pub(super) fn expr_beside(&mut self, expr: &ExprNode, other: Option<&ExprNode>) -> Result<()> {
        match expr {
            ExprNode::Column(c) => self.identifier(&c.name),
            ExprNode::Literal(literal) => {
                let near = match other {
                    Some(ExprNode::Column(c)) => c.name.as_ref(),
                    _ => "(expression)",
                };
                let value = self.resolve(literal, near)?;
                let secret = other.is_some_and(|o| self.is_secret(o));
                self.param(value, secret);
            }
            ExprNode::Binary(op, left, right) => {
                self.push("(");
                self.expr_beside(left, Some(right))?;
                self.push(match op {
                    Arithmetic::Add => " + ",
                    Arithmetic::Sub => " - ",
                    Arithmetic::Mul => " * ",
                    Arithmetic::Div => " / ",
                });
                self.expr_beside(right, Some(left))?;
                self.push(")");
            }
            ExprNode::Call(Function::Part(part, store, kind), args) => {
                let local = *kind == Kind::Naive && self.local_time;
                if let [arg] = args.as_slice() {
                    self.dialect.date_part(self, arg, *part, *store, local)?;
                }
            }
            ExprNode::Call(function, args) => {
                self.push(self.dialect.function(*function));
                self.push("(");
                for (i, arg) in args.iter().enumerate() {
                    if i > 0 {
                        self.push(", ");
                    }
                    self.expr_beside(arg, args.first())?;
                }
                self.push(")");
            }
        }
        Ok(())
    }
}
