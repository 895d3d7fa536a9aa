//! `#[projection(..)]`, on a field of a projection.

use syn::{Attribute, LitStr};

use super::{Family, items};
use crate::ctxt::Ctxt;

const PROJECTION: Family = Family { name: "projection", keys: &["from", "json"], repeatable: &[] };

/// What `#[projection(..)]` says.
#[derive(Default)]
pub(crate) struct ProjectionAttrs {
    pub(crate) from: Option<LitStr>,
    pub(crate) json: bool,
}

impl ProjectionAttrs {
    pub(crate) fn parse(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut projection = ProjectionAttrs::default();
        for item in items(cx, attrs, &PROJECTION) {
            match item.name.as_str() {
                "from" => projection.from = item.identifier(cx),
                _ => projection.json = item.flag(cx),
            }
        }
        projection
    }
}
