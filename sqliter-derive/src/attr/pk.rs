//! `#[pk(..)]`, on the field `pk`.

use syn::{Attribute, LitStr, Path};

use super::{Family, items};
use crate::ctxt::Ctxt;

const PK: Family = Family { name: "pk", keys: &["column", "default_with"], repeatable: &[] };

/// What `#[pk(..)]` says.
pub(crate) struct PkAttrs {
    pub(crate) column: Option<LitStr>,
    pub(crate) default_with: Option<Path>,
}

impl PkAttrs {
    pub(crate) fn parse(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut pk = PkAttrs { column: None, default_with: None };
        for item in items(cx, attrs, &PK) {
            match item.name.as_str() {
                "column" => pk.column = item.identifier(cx),
                _ => pk.default_with = item.path(cx, "the path of a function", "path::to_function"),
            }
        }
        pk
    }
}
