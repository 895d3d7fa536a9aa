//! The validation keys of `#[field(..)]`: read one by one, then held against each other and the field's type.

use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, ExprUnary, Lit, LitStr, Path, UnOp};

use super::Item;
use crate::ctxt::Ctxt;
use crate::types::{Class, FieldType};

/// What the keys say.
#[derive(Default)]
pub(crate) struct RuleAttrs {
    pub(crate) alias: Option<LitStr>,
    pub(crate) strict: bool,
    /// `strip_whitespace`, `to_lower`, `to_upper`: those that are on.
    pub(crate) changes: Vec<Ident>,
    pub(crate) checks: Vec<Check>,
    pub(crate) validate_with: Option<Path>,
    pub(crate) validate_before: Option<Path>,
}

/// One rule, with its key for messages.
#[derive(Clone)]
pub(crate) struct Check {
    pub(crate) key: Ident,
    pub(crate) rule: Rule,
}

#[derive(Clone)]
pub(crate) enum Rule {
    /// A variant of the runtime's `Check` with a number.
    Number(&'static str, Number),
    /// A variant with a length or a number of items.
    Size(&'static str, usize),
    Pattern(LitStr),
    Email,
    Url,
    OneOfText(Vec<String>),
    OneOfInt(Vec<i128>),
}

#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub(crate) enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    pub(super) fn as_f64(self) -> f64 {
        match self {
            Number::Int(v) => v as f64,
            Number::Float(v) => v,
        }
    }
}

/// The keys in the order in which Pydantic looks.
const ORDER: [&str; 13] = [
    "multiple_of",
    "lte",
    "lt",
    "gte",
    "gt",
    "min_length",
    "max_length",
    "pattern",
    "email",
    "url",
    "one_of",
    "min_items",
    "max_items",
];

impl RuleAttrs {
    /// Reads one key.
    pub(super) fn read(&mut self, cx: &Ctxt, item: &Item) {
        let rule = match item.name.as_str() {
            "alias" => {
                self.alias = item.string(cx);
                None
            }
            "strict" => {
                self.strict = item.flag(cx);
                None
            }
            "strip_whitespace" | "to_lower" | "to_upper" => {
                if item.flag(cx) {
                    self.changes.push(item.key.clone());
                }
                None
            }
            "validate_with" => {
                self.validate_with = item.path(cx, "the path of a function", "path::to_function");
                None
            }
            "validate_before" => {
                self.validate_before = item.path(cx, "the path of a function", "path::to_function");
                None
            }
            "email" => item.flag(cx).then_some(Rule::Email),
            "url" => item.flag(cx).then_some(Rule::Url),
            "pattern" => item.string(cx).filter(|p| is_regex(cx, p)).map(Rule::Pattern),
            "one_of" => item.expr(cx).and_then(|e| one_of(cx, &e)),
            "min_length" => size(cx, item).map(|n| Rule::Size("MinLength", n)),
            "max_length" => size(cx, item).map(|n| Rule::Size("MaxLength", n)),
            "min_items" => size(cx, item).map(|n| Rule::Size("MinItems", n)),
            "max_items" => size(cx, item).map(|n| Rule::Size("MaxItems", n)),
            "gt" => bound(cx, item).map(|n| Rule::Number("Gt", n)),
            "gte" => bound(cx, item).map(|n| Rule::Number("Gte", n)),
            "lt" => bound(cx, item).map(|n| Rule::Number("Lt", n)),
            "lte" => bound(cx, item).map(|n| Rule::Number("Lte", n)),
            _ => bound(cx, item).filter(|n| is_positive(cx, item, *n)).map(|n| Rule::Number("MultipleOf", n)),
        };
        self.checks.extend(rule.map(|rule| Check { key: item.key.clone(), rule }));
    }

    /// Holds the keys against each other, and sorts them.
    pub(super) fn finish(&mut self, cx: &Ctxt) {
        self.checks.sort_by_key(|c| ORDER.iter().position(|o| c.key == o));
        for (a, b) in [("gt", "gte"), ("lt", "lte"), ("email", "url")] {
            if let (Some(_), Some(second)) = (self.key(a), self.key(b)) {
                cx.error(second, format_args!("`{a}` and `{b}` together"), "remove one of the two");
            }
        }
        if let [_, second, ..] = &self.changes.iter().filter(|c| *c != "strip_whitespace").collect::<Vec<_>>()[..] {
            cx.error(second, "`to_lower` and `to_upper` together", "remove one of the two");
        }
        self.contradiction(cx);
    }

    fn key(&self, name: &str) -> Option<&Ident> {
        self.checks.iter().map(|c| &c.key).find(|k| *k == name)
    }

    /// Reports bounds between which there is nothing.
    fn contradiction(&self, cx: &Ctxt) {
        let find = |names: [&str; 2]| self.checks.iter().find(|c| names.iter().any(|n| c.key == n));
        let report = |low: &Check, high: &Check, values: [String; 2]| {
            let [l, h] = values;
            let message = format!("`{} = {h}` contradicts `{} = {l}`", high.key, low.key);
            cx.error(&high.key, message, "no value keeps both: change one of the two");
        };
        if let (Some(low), Some(high)) = (find(["gt", "gte"]), find(["lt", "lte"]))
            && let (Rule::Number(_, l), Rule::Number(_, h)) = (&low.rule, &high.rule)
        {
            let both = low.key == "gte" && high.key == "lte";
            if l.as_f64() > h.as_f64() || (l.as_f64() >= h.as_f64() && !both) {
                report(low, high, [shown(*l), shown(*h)]);
            }
        }
        for (min, max) in [("min_length", "max_length"), ("min_items", "max_items")] {
            if let (Some(low), Some(high)) = (find([min, min]), find([max, max]))
                && let (Rule::Size(_, l), Rule::Size(_, h)) = (&low.rule, &high.rule)
                && l > h
            {
                report(low, high, [l.to_string(), h.to_string()]);
            }
        }
    }

    /// Holds the keys against the field's type, as far as its tokens say what it is, and drops those that are not for it.
    pub(crate) fn check_type(&mut self, cx: &Ctxt, ty: &FieldType) {
        let class = ty.class();
        if class == Class::Unknown {
            return;
        }
        self.checks.retain(|check| {
            let fits = match &check.rule {
                Rule::Number(_, Number::Float(v)) if class == Class::Int => {
                    let help = "the field holds whole numbers: give a whole number";
                    cx.error(&check.key, format_args!("`{} = {v}` on a whole number", check.key), help);
                    return false;
                }
                Rule::Number(..) | Rule::OneOfInt(_) => matches!(class, Class::Int | Class::Float | Class::Decimal),
                Rule::Size("MinLength" | "MaxLength", _) => matches!(class, Class::Text | Class::Bytes),
                Rule::Size(..) => matches!(class, Class::List | Class::Json),
                Rule::Pattern(_) | Rule::Email | Rule::Url | Rule::OneOfText(_) => class == Class::Text,
            };
            if !fits {
                let what = wanted(&check.rule);
                let message = format!("`{}` is for {what}, and the field is {}", check.key, class.name());
                cx.error(&check.key, message, class.help());
            }
            fits
        });
        self.check_range(cx, ty);
        if class != Class::Text {
            for key in self.changes.drain(..) {
                let message = format!("`{key}` is for `String`, and the field is {}", class.name());
                cx.error(&key, message, "remove it");
            }
        }
    }
}

fn wanted(rule: &Rule) -> &'static str {
    match rule {
        Rule::Number(..) | Rule::OneOfInt(_) => "numbers",
        Rule::Size("MinLength" | "MaxLength", _) => "text and bytes",
        Rule::Size(..) => "lists, sets and maps",
        Rule::Pattern(_) | Rule::Email | Rule::Url | Rule::OneOfText(_) => "text",
    }
}

fn shown(number: Number) -> String {
    match number {
        Number::Int(v) => v.to_string(),
        Number::Float(v) => v.to_string(),
    }
}

fn is_regex(cx: &Ctxt, pattern: &LitStr) -> bool {
    let Err(error) = regex_syntax::Parser::new().parse(&pattern.value()) else { return true };
    let reason = match &error {
        regex_syntax::Error::Parse(e) => e.kind().to_string(),
        regex_syntax::Error::Translate(e) => e.kind().to_string(),
        other => other.to_string(),
    };
    let help = "the syntax is that of the crate `regex`; in a raw string, r\"..\", backslashes stand for themselves";
    cx.error(pattern, format_args!("`pattern` is not a regular expression: {reason}"), help);
    false
}

fn is_positive(cx: &Ctxt, item: &Item, number: Number) -> bool {
    let positive = number.as_f64() > 0.0;
    if !positive {
        cx.error(item, "`multiple_of` takes a number above zero", "write `multiple_of = 5`");
    }
    positive
}

fn bound(cx: &Ctxt, item: &Item) -> Option<Number> {
    let expr = item.expr(cx)?;
    let found = number(&expr);
    if found.is_none() {
        let name = &item.name;
        cx.error(item, format_args!("`{name}` takes a number"), format_args!("write it out: `{name} = 5`"));
    }
    found
}

fn size(cx: &Ctxt, item: &Item) -> Option<usize> {
    let found = match number(&item.expr(cx)?) {
        Some(Number::Int(v)) => usize::try_from(v).ok(),
        _ => None,
    };
    if found.is_none() {
        let name = &item.name;
        cx.error(item, format_args!("`{name}` takes a whole number"), format_args!("write it out: `{name} = 5`"));
    }
    found
}

/// A literal number, with or without a minus.
pub(super) fn number(expr: &Expr) -> Option<Number> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Int(v), .. }) => v.base10_parse().ok().map(Number::Int),
        Expr::Lit(ExprLit { lit: Lit::Float(v), .. }) => v.base10_parse().ok().map(Number::Float),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => Some(match number(expr)? {
            Number::Int(v) => Number::Int(-v),
            Number::Float(v) => Number::Float(-v),
        }),
        Expr::Group(g) => number(&g.expr),
        Expr::Paren(p) => number(&p.expr),
        _ => None,
    }
}

pub(super) fn text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(v), .. }) => Some(v.value()),
        Expr::Group(g) => text(&g.expr),
        _ => None,
    }
}

fn int(expr: &Expr) -> Option<i128> {
    match number(expr) {
        Some(Number::Int(v)) => Some(v),
        _ => None,
    }
}

fn one_of(cx: &Ctxt, expr: &Expr) -> Option<Rule> {
    let Expr::Array(array) = expr else {
        cx.error(expr, "`one_of` takes a list", "write `one_of = [\"a\", \"b\"]`");
        return None;
    };
    let texts: Option<Vec<String>> = array.elems.iter().map(text).collect();
    let ints: Option<Vec<i128>> = array.elems.iter().map(int).collect();
    for (i, item) in array.elems.iter().enumerate() {
        if array.elems.iter().take(i).any(|other| other == item) {
            cx.error(item, "this is in the list twice", "remove one of the two");
        }
    }
    match (texts, ints) {
        _ if array.elems.is_empty() => {
            cx.error(array, "`one_of` with nothing in it: no value would be right", "write `one_of = [\"a\", \"b\"]`");
            None
        }
        (Some(texts), _) => Some(Rule::OneOfText(texts)),
        (_, Some(ints)) => Some(Rule::OneOfInt(ints)),
        _ => {
            let span = array.elems.span();
            let message = "`one_of` takes strings, or whole numbers\nhelp: write `one_of = [\"a\", \"b\"]`";
            cx.syn_error(syn::Error::new(span, message));
            None
        }
    }
}
