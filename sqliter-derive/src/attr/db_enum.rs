//! `#[db_enum(..)]`, on an enum and on its variants.

use syn::{Attribute, LitStr};

use super::{Family, items};
use crate::ctxt::Ctxt;
use crate::naming::Case;

const ENUM: Family = Family { name: "db_enum", keys: &["integer", "rename_all"], repeatable: &[] };
const VARIANT: Family = Family { name: "db_enum", keys: &["rename"], repeatable: &[] };

/// What `#[db_enum(..)]` on the enum says.
#[derive(Default)]
pub(crate) struct EnumAttrs {
    pub(crate) integer: bool,
    pub(crate) rename_all: Option<Case>,
}

impl EnumAttrs {
    pub(crate) fn parse(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut parsed = EnumAttrs::default();
        for item in items(cx, attrs, &ENUM) {
            match item.name.as_str() {
                "integer" => parsed.integer = item.flag(cx),
                _ => parsed.rename_all = item.word(cx, Case::NAMES, Case::parse),
            }
        }
        parsed
    }
}

/// What `#[db_enum(rename = "..")]` on a variant says.
pub(crate) fn rename(cx: &Ctxt, attrs: &[Attribute]) -> Option<LitStr> {
    items(cx, attrs, &VARIANT).iter().find_map(|item| item.string(cx))
}
