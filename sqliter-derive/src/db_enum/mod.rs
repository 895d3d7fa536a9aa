//! `#[derive(DbEnum)]`: the parsed enum, and its expansion beside it.

mod emit;

pub(crate) use emit::emit;

use heck::ToSnakeCase;
use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, LitStr};

use crate::attr::db_enum::{EnumAttrs, rename};
use crate::ctxt::Ctxt;

/// An enum that is the type of a column.
pub(crate) struct Enum {
    ident: Ident,
    integer: bool,
    variants: Vec<Variant>,
}

struct Variant {
    ident: Ident,
    /// The stored name.
    name: String,
}

/// Reads an enum; `None` when no implementation for it could compile.
pub(crate) fn parse(cx: &Ctxt, input: &DeriveInput) -> Option<Enum> {
    let attrs = EnumAttrs::parse(cx, &input.attrs);
    let generic = !input.generics.params.is_empty();
    if generic {
        cx.error(&input.generics, "a `DbEnum` cannot be generic", "its variants are names, and nothing else");
    }
    let help = "for a type of another kind implement `DbType`, or store it with `#[field(json)]`";
    let data = match &input.data {
        Data::Enum(data) => data,
        Data::Struct(data) => {
            cx.error(data.struct_token, "`DbEnum` is for enums, and this is a struct", help);
            return None;
        }
        Data::Union(data) => {
            cx.error(data.union_token, "`DbEnum` is for enums, and this is a union", help);
            return None;
        }
    };
    if data.variants.is_empty() {
        cx.error(&input.ident, "a `DbEnum` needs a variant", "without one there is no value to store");
    }
    let mut usable = !generic && !data.variants.is_empty();
    let mut variants: Vec<Variant> = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            usable = false;
            let message =
                format!("the variant `{}` has fields, which a name or a number has no room for", variant.ident);
            cx.error(&variant.fields, message, "remove them, or derive serde's traits and use `#[field(json)]`");
        }
        let own = variant.ident.unraw().to_string();
        let name = match (rename(cx, &variant.attrs), attrs.rename_all) {
            (Some(name), _) => LitStr::value(&name),
            (None, Some(case)) => case.apply(&own),
            (None, None) => own.to_snake_case(),
        };
        if let Some(first) = variants.iter().find(|v| v.name == name) {
            let message = format!("`{}` and `{}` would both be stored as {name:?}", first.ident, variant.ident);
            cx.error(&variant.ident, message, "name one of them with `#[db_enum(rename = \"..\")]`");
        }
        variants.push(Variant { ident: variant.ident.clone(), name });
    }
    usable.then(|| Enum { ident: input.ident.clone(), integer: attrs.integer, variants })
}
