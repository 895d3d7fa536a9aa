//! Rules that no value of the type keeps, or that the field's own default breaks.

use syn::Expr;

use super::validation::{Check, Number, Rule, RuleAttrs, number, text};
use crate::ctxt::Ctxt;
use crate::types::FieldType;

impl RuleAttrs {
    /// Reports bounds beyond what the integer type can hold.
    pub(super) fn check_range(&self, cx: &Ctxt, ty: &FieldType) {
        let Some((name, min, max)) = ty.integer() else { return };
        for check in &self.checks {
            let Rule::Number(variant, Number::Int(v)) = check.rule else { continue };
            let nothing = match variant {
                "Gt" => v >= max,
                "Gte" => v > max,
                "Lt" => v <= min,
                "Lte" => v < min,
                _ => false,
            };
            if nothing {
                let message = format!("`{} = {v}` on a field that is `{name}`", check.key);
                let help = format!("no `{name}` keeps it, they go from {min} to {max}: change one of the two");
                cx.error(&check.key, message, help);
            }
        }
    }

    /// Reports a literal default that breaks a rule: no model could be built with it.
    pub(crate) fn check_default(&self, cx: &Ctxt, default: Option<&Expr>) {
        let Some(default) = default else { return };
        let broken = match (number(default), text(default)) {
            (Some(v), _) => self.checks.iter().find(|c| !number_keeps(c, v)),
            (_, Some(v)) => {
                let v = self.changed(v);
                self.checks.iter().find(|c| !text_keeps(c, &v))
            }
            _ => None,
        };
        if let Some(check) = broken {
            let message = format!("the default breaks the rule `{}`", check.key);
            cx.error(default, message, "a model that leaves the field out could not be built: change one of the two");
        }
    }

    /// Text as the other keys make it.
    fn changed(&self, text: String) -> String {
        let has = |name: &str| self.changes.iter().any(|c| c == name);
        let text = if has("strip_whitespace") { text.trim().to_owned() } else { text };
        match (has("to_lower"), has("to_upper")) {
            (true, _) => text.to_lowercase(),
            (_, true) => text.to_uppercase(),
            _ => text,
        }
    }
}

fn number_keeps(check: &Check, v: Number) -> bool {
    match &check.rule {
        Rule::Number(variant, bound) => {
            let order = match (v, *bound) {
                (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
                (a, b) => a.as_f64().partial_cmp(&b.as_f64()),
            };
            match (*variant, v, *bound) {
                ("Gt", ..) => order.is_some_and(|o| o.is_gt()),
                ("Gte", ..) => order.is_some_and(|o| o.is_ge()),
                ("Lt", ..) => order.is_some_and(|o| o.is_lt()),
                ("Lte", ..) => order.is_some_and(|o| o.is_le()),
                ("MultipleOf", Number::Int(a), Number::Int(b)) => a.checked_rem(b) == Some(0),
                // Of a float only the runtime can say.
                _ => true,
            }
        }
        Rule::OneOfInt(all) => match v {
            Number::Int(v) => all.contains(&v),
            Number::Float(v) => all.iter().any(|c| *c as f64 == v),
        },
        _ => true,
    }
}

fn text_keeps(check: &Check, v: &str) -> bool {
    match &check.rule {
        Rule::Size("MinLength", n) => v.chars().count() >= *n,
        Rule::Size("MaxLength", n) => v.chars().count() <= *n,
        Rule::OneOfText(all) => all.iter().any(|c| c == v),
        _ => true,
    }
}
