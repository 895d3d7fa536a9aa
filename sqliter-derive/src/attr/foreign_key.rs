//! `#[foreign_key(..)]`, on a field of type `ForeignKey<T>`.

use syn::{Attribute, LitStr};

use super::relation::{ReverseAttrs, relation_items};
use super::{Action, Family};
use crate::ctxt::Ctxt;

const FOREIGN_KEY: Family = Family {
    name: "foreign_key",
    keys: &["related_name", "on_delete", "on_update", "unique", "column", "no_reverse", "reverse_trait"],
    repeatable: &[],
};

/// What `#[foreign_key(..)]` says.
#[derive(Default)]
pub(crate) struct ForeignKeyAttrs {
    pub(crate) on_delete: Option<Action>,
    pub(crate) on_update: Option<Action>,
    pub(crate) unique: bool,
    pub(crate) column: Option<LitStr>,
    pub(crate) reverse: ReverseAttrs,
}

impl ForeignKeyAttrs {
    pub(crate) fn parse(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut key = ForeignKeyAttrs::default();
        for item in relation_items(cx, attrs, &FOREIGN_KEY) {
            match item.name.as_str() {
                "on_delete" => key.on_delete = Action::parse(cx, &item),
                "on_update" => key.on_update = Action::parse(cx, &item),
                "unique" => key.unique = item.flag(cx),
                "column" => key.column = item.identifier(cx),
                _ => key.reverse.read(cx, &item),
            }
            key.reverse.keys.push(item.key);
        }
        key.reverse.check(cx);
        key
    }
}
