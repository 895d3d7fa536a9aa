//! `on_delete = ..` and `on_update = ..`.

use syn::Ident;

use super::Item;
use crate::ctxt::Ctxt;
use crate::suggest;

/// What happens to a row whose parent goes or changes its key: the name of a variant of the runtime's `Action`.
#[derive(Clone)]
pub(crate) struct Action(pub(crate) Ident);

const ACTIONS: &[&str] = &["Cascade", "SetNull", "Restrict", "NoAction"];

impl Action {
    pub(super) fn parse(cx: &Ctxt, item: &Item) -> Option<Self> {
        let path = item.path(cx, "an action such as `Cascade`", "Cascade")?;
        match path.get_ident() {
            Some(ident) if ACTIONS.iter().any(|a| ident == a) => Some(Action(ident.clone())),
            _ => {
                let name = path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default();
                let help = suggest::help(&name, "the actions are", ACTIONS.iter().copied());
                cx.error(&path, format_args!("`{name}` is not an action"), help);
                None
            }
        }
    }

    pub(crate) fn is_set_null(&self) -> bool {
        self.0 == "SetNull"
    }
}
