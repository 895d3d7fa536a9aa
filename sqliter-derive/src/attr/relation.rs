//! `#[foreign_key(..)]` and `#[many_to_many(..)]`: known names that this version refuses.

use syn::Attribute;

use crate::ctxt::Ctxt;

/// Reports the relation attributes of a field.
pub(crate) fn refuse(cx: &Ctxt, attrs: &[Attribute]) {
    for (name, ty) in [("foreign_key", "ForeignKey"), ("many_to_many", "ManyToMany")] {
        for attr in attrs.iter().filter(|a| a.path().is_ident(name)) {
            cx.error(
                attr,
                format_args!(
                    "`{name}` belongs to a field of type `{ty}<T>`, and relations are not part of this version"
                ),
                "`#[field(references = T)]` on a field of the key's type declares the constraint",
            );
        }
    }
}
