//! Relations: from a field and its attributes to the intermediate form.

pub(crate) mod check;
#[cfg(test)]
mod tests;

use proc_macro2::{Ident, Span};
use syn::Type;
use syn::ext::IdentExt;

use crate::attr::foreign_key::ForeignKeyAttrs;
use crate::attr::many_to_many::ManyToManyAttrs;
use crate::attr::relation::ReverseAttrs;
use crate::ctxt::Ctxt;
use crate::ir::{Field, Link, Relation, Reverse};
use crate::naming;
use crate::types::is_named;

/// The relation of a foreign key that has this column.
pub(crate) fn foreign_key(
    cx: &Ctxt,
    model: &Ident,
    field: &Field,
    target: &Type,
    attrs: &ForeignKeyAttrs,
    column: &str,
) -> Relation {
    let reverse = reverse(cx, model, field, &attrs.reverse, "foreign_key");
    relation(field, target, reverse, Link::ForeignKey { column: column.to_owned() })
}

/// A many-to-many relation.
pub(crate) fn many_to_many(
    cx: &Ctxt,
    model: &Ident,
    field: &Field,
    target: &Type,
    attrs: &ManyToManyAttrs,
) -> Relation {
    check::many_to_many(cx, model, field, target, attrs);
    let symmetrical = attrs.symmetrical && is_named(target, model);
    let reverse = (!symmetrical).then(|| reverse(cx, model, field, &attrs.reverse, "many_to_many")).flatten();
    relation(field, target, reverse, Link::ManyToMany { through: attrs.through.clone(), symmetrical })
}

fn relation(field: &Field, target: &Type, reverse: Option<Reverse>, link: Link) -> Relation {
    let name = field.ident.unraw().to_string();
    Relation {
        constant: Ident::new(&naming::constant(&name), field.ident.span()),
        name,
        field: field.clone(),
        target: target.clone(),
        link,
        reverse,
    }
}

/// The way back: of the name given, else named after the struct.
fn reverse(cx: &Ctxt, model: &Ident, field: &Field, attrs: &ReverseAttrs, family: &str) -> Option<Reverse> {
    // A name that is no identifier was reported; what another in its place would clash with is not worth a message.
    if attrs.no_reverse || (attrs.related_name.is_none() && attrs.key("related_name").is_some()) {
        return None;
    }
    let method = match &attrs.related_name {
        Some(given) => given.clone(),
        None => {
            let name = naming::table(&model.unraw().to_string());
            let Some(method) = identifier(&name, field.ident.span()) else {
                let message = format!("the way back to `{model}` would be called `{name}`, which is no identifier");
                cx.error(
                    &field.ident,
                    message,
                    format_args!("choose a name with `#[{family}(related_name = \"..\")]`"),
                );
                return None;
            };
            method
        }
    };
    let name = method.unraw().to_string();
    let Some(constant) = identifier(&naming::constant(&name), method.span()).filter(|c| *c != name) else {
        let message = format!("`{name}` leaves no name for the const beside the method");
        cx.error(&method, message, format_args!("choose a lower-case one with `#[{family}(related_name = \"..\")]`"));
        return None;
    };
    let (written, in_trait) = (attrs.related_name.is_some(), attrs.reverse_trait.clone());
    Some(Reverse { name, method, constant, written, in_trait })
}

fn identifier(name: &str, span: Span) -> Option<Ident> {
    let mut ident: Ident = syn::parse_str(name).ok()?;
    ident.set_span(span);
    Some(ident)
}
