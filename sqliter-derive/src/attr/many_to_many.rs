//! `#[many_to_many(..)]`, on a field of type `ManyToMany<T>`.

use syn::{Attribute, LitStr};

use super::Family;
use super::model::is_reserved;
use super::relation::{ReverseAttrs, relation_items};
use crate::ctxt::Ctxt;

const MANY_TO_MANY: Family = Family {
    name: "many_to_many",
    keys: &["related_name", "through", "symmetrical", "no_reverse", "reverse_trait"],
    repeatable: &[],
};

/// What `#[many_to_many(..)]` says.
#[derive(Default)]
pub(crate) struct ManyToManyAttrs {
    pub(crate) through: Option<LitStr>,
    pub(crate) symmetrical: bool,
    pub(crate) reverse: ReverseAttrs,
}

impl ManyToManyAttrs {
    pub(crate) fn parse(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut relation = ManyToManyAttrs::default();
        for item in relation_items(cx, attrs, &MANY_TO_MANY) {
            match item.name.as_str() {
                "through" => {
                    relation.through = item.identifier(cx).filter(|t| !is_reserved(cx, t, "the junction table"));
                }
                "symmetrical" => relation.symmetrical = item.flag(cx),
                _ => relation.reverse.read(cx, &item),
            }
            relation.reverse.keys.push(item.key);
        }
        relation.reverse.check(cx);
        relation
    }
}
