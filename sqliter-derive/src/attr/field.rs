//! `#[field(..)]`, on a field.

use syn::{Attribute, Expr, Ident, LitStr, Path};

use super::validation::RuleAttrs;
use super::{Action, Family, Item, items};
use crate::ctxt::Ctxt;

const FIELD: Family = Family {
    name: "field",
    keys: &[
        "column",
        "unique",
        "index",
        "default",
        "default_with",
        "check",
        "references",
        "on_delete",
        "on_update",
        "alias",
        "json",
        "pickle",
        "store",
        "skip",
        "redact",
        "gt",
        "gte",
        "lt",
        "lte",
        "multiple_of",
        "min_length",
        "max_length",
        "pattern",
        "email",
        "url",
        "one_of",
        "min_items",
        "max_items",
        "strip_whitespace",
        "to_lower",
        "to_upper",
        "strict",
        "validate_with",
        "validate_before",
    ],
    repeatable: &[],
};

/// What `#[field(..)]` says.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub(crate) column: Option<LitStr>,
    pub(crate) unique: bool,
    pub(crate) index: bool,
    pub(crate) default: Option<Expr>,
    pub(crate) default_with: Option<Path>,
    pub(crate) check: Option<LitStr>,
    pub(crate) references: Option<Path>,
    pub(crate) on_delete: Option<Action>,
    pub(crate) on_update: Option<Action>,
    pub(crate) json: bool,
    pub(crate) pickle: bool,
    pub(crate) store: Option<Store>,
    pub(crate) skip: bool,
    pub(crate) redact: bool,
    pub(crate) rules: RuleAttrs,
    /// Every key given, for messages.
    pub(crate) keys: Vec<Ident>,
}

/// The form that `store = ".."` asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    Seconds,
    Millis,
    Micros,
    Text,
}

impl Store {
    const NAMES: &[&str] = &["seconds", "millis", "micros", "text"];

    fn parse(name: &str) -> Option<Self> {
        match name {
            "seconds" => Some(Store::Seconds),
            "millis" => Some(Store::Millis),
            "micros" => Some(Store::Micros),
            "text" => Some(Store::Text),
            _ => None,
        }
    }
}

impl FieldAttrs {
    pub(crate) fn parse(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let field = FieldAttrs::unchecked(cx, attrs);
        field.check(cx);
        field
    }

    /// As [`parse`](FieldAttrs::parse), for a relation: there most keys are wrong, whatever stands beside them.
    pub(crate) fn unchecked(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut field = FieldAttrs::default();
        for item in items(cx, attrs, &FIELD) {
            field.read(cx, &item);
            field.keys.push(item.key);
        }
        field.rules.finish(cx);
        field
    }

    fn read(&mut self, cx: &Ctxt, item: &Item) {
        match item.name.as_str() {
            "column" => self.column = item.identifier(cx),
            "unique" => self.unique = item.flag(cx),
            "index" => self.index = item.flag(cx),
            "default" => self.default = item.expr(cx),
            "default_with" => self.default_with = item.path(cx, "the path of a function", "path::to_function"),
            "check" => self.check = item.string(cx),
            "references" => self.references = item.path(cx, "the name of a model", "Model"),
            "on_delete" => self.on_delete = Action::parse(cx, item),
            "on_update" => self.on_update = Action::parse(cx, item),
            "json" => self.json = item.flag(cx),
            "pickle" => self.pickle = item.flag(cx),
            "store" => self.store = item.word(cx, Store::NAMES, Store::parse),
            "skip" => self.skip = item.flag(cx),
            "redact" => self.redact = item.flag(cx),
            _ => self.rules.read(cx, item),
        }
    }

    /// The key as it was written, if it was.
    pub(crate) fn key(&self, name: &str) -> Option<&Ident> {
        self.keys.iter().find(|k| *k == name)
    }

    /// Keys that contradict each other.
    fn check(&self, cx: &Ctxt) {
        let both = |a, b| self.key(a).and(self.key(b));
        if self.skip && self.keys.len() > 1 {
            let others = self.keys.iter().filter(|k| *k != "skip");
            for key in others {
                let message = format!("`{key}` on a field with `skip`");
                cx.error(key, message, "a skipped field has no column: remove one of the two");
            }
            return;
        }
        if let Some(key) = both("json", "pickle") {
            cx.error(key, "`json` and `pickle` together", "a column has one form: remove one of the two");
        }
        if let Some(key) = both("default", "default_with") {
            cx.error(key, "`default` and `default_with` together", "remove one of the two");
        }
        for form in ["json", "pickle"] {
            if let Some(key) = both(form, "store") {
                cx.error(key, format_args!("`store` and `{form}` together"), "`store` is for dates and times");
            }
        }
        for name in ["on_delete", "on_update"] {
            if let (Some(key), None) = (self.key(name), self.key("references")) {
                let help = "add `references = Model`, the parent that this column refers to";
                cx.error(key, format_args!("`{name}` without `references`"), help);
            }
        }
    }
}
