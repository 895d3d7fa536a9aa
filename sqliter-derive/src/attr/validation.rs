//! The validation keys of `#[field(..)]`: checked for their form; they act in a later version.

use syn::Expr;

use super::Item;
use crate::ctxt::Ctxt;

/// Reports a value of the wrong form.
pub(super) fn check(cx: &Ctxt, item: &Item) {
    match item.name.as_str() {
        "email" | "url" | "strip_whitespace" | "to_lower" | "to_upper" | "strict" => _ = item.flag(cx),
        "pattern" => _ = item.string(cx),
        "validate_with" => _ = item.path(cx, "the path of a function", "path::to_function"),
        "one_of" => match item.expr(cx) {
            None | Some(Expr::Array(_)) => {}
            Some(other) => cx.error(other, "`one_of` takes a list", "write `one_of = [\"a\", \"b\"]`"),
        },
        // gt, gte, lt, lte, multiple_of, min_length, max_length, min_items, max_items
        _ => _ = item.expr(cx),
    }
}
