//! `#[derive(DbProjection)]`: from the derive's input to its fields. The expansion is in `emit::projection`.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields};

use crate::attr::misplaced;
use crate::attr::projection::ProjectionAttrs;
use crate::ctxt::Ctxt;
use crate::types::{FieldType, Shape};

/// A struct that rows are read into.
pub(crate) struct Projection {
    pub(crate) ident: Ident,
    pub(crate) fields: Vec<Field>,
}

/// A field, and where it is read from.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    /// Without `r#`.
    pub(crate) name: String,
    pub(crate) ty: FieldType,
    pub(crate) source: String,
    pub(crate) json: bool,
}

/// Reads a struct; `None` when no implementation for it could compile.
pub(crate) fn parse(cx: &Ctxt, input: &DeriveInput) -> Option<Projection> {
    misplaced(cx, &input.attrs, "projection", "it goes on a field: `#[projection(from = \"..\")]`");
    let generic = !input.generics.params.is_empty();
    if generic {
        cx.error(&input.generics, "a projection cannot be generic", "write one struct for each set of columns");
    }
    let example = format!("write `struct {} {{ name: String, .. }}`", input.ident);
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => &fields.named,
            other => {
                cx.error(other, "a projection needs named fields", example);
                return None;
            }
        },
        Data::Enum(data) => {
            cx.error(data.enum_token, "a projection is a struct, and this is an enum", example);
            return None;
        }
        Data::Union(data) => {
            cx.error(data.union_token, "a projection is a struct, and this is a union", example);
            return None;
        }
    };
    if fields.is_empty() {
        cx.error(&input.ident, "a projection needs a field", "without one there is nothing to read");
    }
    let fields = fields.iter().filter_map(|field| {
        let ident = field.ident.clone()?;
        let attrs = ProjectionAttrs::parse(cx, &field.attrs);
        let ty = FieldType::new(&field.ty, &input.ident);
        let name = ident.unraw().to_string();
        if matches!(ty.shape, Shape::ManyToMany(_)) {
            let help = "read what it leads to by `prefetch_related` on the model itself";
            cx.error(&field.ty, "a many-to-many relation has no column", help);
        }
        let source = attrs.from.map_or_else(|| name.clone(), |from| from.value());
        let wrapped = matches!(ty.shape, Shape::JsonWrapper);
        let json = !wrapped && (ty.is_container() || attrs.json);
        Some(Field { ident, name, ty, source, json })
    });
    let fields: Vec<Field> = fields.collect();
    (!generic && !fields.is_empty()).then(|| Projection { ident: input.ident.clone(), fields })
}
