//! What `#[foreign_key(..)]` and `#[many_to_many(..)]` share: how the relation is called on the other model.

use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::Ident;
use syn::{Attribute, Meta};

use super::{Family, Item, items};
use crate::ctxt::Ctxt;

/// The keys about the other model.
#[derive(Default)]
pub(crate) struct ReverseAttrs {
    pub(crate) related_name: Option<Ident>,
    pub(crate) reverse_trait: Option<Ident>,
    pub(crate) no_reverse: bool,
    /// Every key of the attribute, for messages.
    pub(crate) keys: Vec<Ident>,
}

impl ReverseAttrs {
    pub(super) fn read(&mut self, cx: &Ctxt, item: &Item) {
        match item.name.as_str() {
            "related_name" => self.related_name = name(cx, item, "a method", "books", |n| n.to_snake_case()),
            "reverse_trait" => {
                self.reverse_trait = name(cx, item, "a trait", "AuthorBooks", |n| n.to_upper_camel_case());
            }
            _ => self.no_reverse = item.flag(cx),
        }
    }

    /// The key as it was written, if it was.
    pub(crate) fn key(&self, name: &str) -> Option<&Ident> {
        self.keys.iter().find(|k| *k == name)
    }

    /// Reports names for a way back that there is not.
    pub(super) fn check(&self, cx: &Ctxt) {
        if self.no_reverse {
            for key in ["related_name", "reverse_trait"].iter().filter_map(|k| self.key(k)) {
                cx.error(key, format_args!("`{key}` and `no_reverse` together"), "remove one of the two");
            }
        }
    }
}

/// The entries of a relation's attribute, which may stand without any.
pub(super) fn relation_items(cx: &Ctxt, attrs: &[Attribute], family: &Family) -> Vec<Item> {
    let with_entries: Vec<Attribute> = attrs.iter().filter(|a| !matches!(a.meta, Meta::Path(_))).cloned().collect();
    items(cx, &with_entries, family)
}

/// A string literal that is an identifier; the identifier is where the literal is, and so are errors about it.
fn name(cx: &Ctxt, item: &Item, what: &str, example: &str, convert: impl Fn(&str) -> String) -> Option<Ident> {
    let literal = item.string(cx)?;
    let parsed: syn::Result<Ident> = literal.parse();
    if let Ok(ident) = parsed {
        return Some(ident);
    }
    let written = literal.value();
    let converted = convert(&written);
    let better = if syn::parse_str::<Ident>(&converted).is_ok() { &converted } else { example };
    let message = format!("`{written}` cannot be the name of {what}");
    cx.error(&literal, message, format_args!("write an identifier, such as `{} = \"{better}\"`", item.name));
    None
}
