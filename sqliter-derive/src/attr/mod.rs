//! The common form of the attributes, `#[family(key, key = value, key(..))]`, and the typed reading of its values.
//!
//! What the keys of a family mean is one file each.

mod action;
mod bounds;
pub(crate) mod db_enum;
pub(crate) mod field;
pub(crate) mod foreign_key;
pub(crate) mod many_to_many;
pub(crate) mod model;
pub(crate) mod pk;
pub(crate) mod projection;
pub(crate) mod relation;
pub(crate) mod validation;

pub(crate) use action::Action;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, ExprPath, Ident, Lit, LitStr, Path, Token};

use crate::ctxt::Ctxt;
use crate::suggest;

/// The keys that one attribute takes.
pub(crate) struct Family {
    /// The attribute's name.
    pub(crate) name: &'static str,
    /// The keys, in the order in which a list of them reads best.
    pub(crate) keys: &'static [&'static str],
    /// Those that may come more than once.
    pub(crate) repeatable: &'static [&'static str],
}

/// One entry of an attribute.
pub(crate) struct Item {
    /// The key.
    pub(crate) key: Ident,
    /// The key without `r#`.
    pub(crate) name: String,
    value: Value,
}

enum Value {
    None,
    Expr(Expr),
    List(TokenStream),
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = Ident::parse_any(input)?;
        let name = key.unraw().to_string();
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Value::Expr(input.parse()?)
        } else if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            Value::List(content.parse()?)
        } else {
            Value::None
        };
        Ok(Item { key, name, value })
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let key = &self.key;
        tokens.extend(match &self.value {
            Value::Expr(e) => quote!(#key = #e),
            // Parentheses of our own would have no place in the source.
            Value::None | Value::List(_) => quote!(#key),
        });
    }
}

/// The entries of every attribute of this family; unknown and repeated keys are reported and left out.
pub(crate) fn items(cx: &Ctxt, attrs: &[Attribute], family: &Family) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for attr in attrs.iter().filter(|a| a.path().is_ident(family.name)) {
        if let syn::Meta::Path(_) = attr.meta {
            let name = family.name;
            cx.error(attr, format_args!("`#[{name}]` says nothing"), format_args!("write `#[{name}(..)]`"));
            continue;
        }
        let parsed = match attr.parse_args_with(Punctuated::<Item, Token![,]>::parse_terminated) {
            Ok(parsed) => parsed,
            Err(e) => {
                cx.syn_error(e);
                continue;
            }
        };
        for item in parsed {
            if !family.keys.contains(&item.name.as_str()) {
                let message = format!("unknown key `{}` in `#[{}(..)]`", item.name, family.name);
                let help = suggest::help(&item.name, "the keys are", family.keys.iter().copied());
                cx.error(&item.key, message, help);
            } else if !family.repeatable.contains(&item.name.as_str()) && items.iter().any(|i| i.name == item.name) {
                cx.error(&item.key, format_args!("`{}` is given twice", item.name), "remove one of the two");
            } else {
                items.push(item);
            }
        }
    }
    items
}

/// Reports attributes of this family where they do not belong.
pub(crate) fn misplaced(cx: &Ctxt, attrs: &[Attribute], name: &str, help: &str) {
    for attr in attrs.iter().filter(|a| a.path().is_ident(name)) {
        cx.error(attr, format_args!("`#[{name}(..)]` does not belong here"), help);
    }
}

impl Item {
    /// A switch: `key`, `key = true` or `key = false`.
    pub(crate) fn flag(&self, cx: &Ctxt) -> bool {
        match &self.value {
            Value::None => true,
            Value::Expr(e) if matches!(bare(e), Expr::Lit(ExprLit { lit: Lit::Bool(_), .. })) => {
                matches!(bare(e), Expr::Lit(ExprLit { lit: Lit::Bool(b), .. }) if b.value)
            }
            _ => {
                let name = &self.name;
                cx.error(
                    self,
                    format_args!("`{name}` is a switch"),
                    format_args!("write `{name}` or `{name} = false`"),
                );
                true
            }
        }
    }

    /// A string literal.
    pub(crate) fn string(&self, cx: &Ctxt) -> Option<LitStr> {
        if let Value::Expr(expr) = &self.value
            && let Expr::Lit(ExprLit { lit: Lit::Str(s), .. }) = bare(expr)
        {
            return Some(s.clone());
        }
        self.wrong(cx, "a string", "= \"..\"")
    }

    /// A string literal that can name something in a database.
    pub(crate) fn identifier(&self, cx: &Ctxt) -> Option<LitStr> {
        let literal = self.string(cx)?;
        let value = literal.value();
        let wrong = if value.is_empty() {
            "is empty"
        } else if value.contains('\0') {
            "contains a NUL character"
        } else {
            return Some(literal);
        };
        cx.error(&literal, format_args!("the name in `{}` {wrong}", self.name), "leave it out, or give a name");
        None
    }

    /// A string literal that is one of a few words.
    pub(crate) fn word<T>(&self, cx: &Ctxt, words: &[&str], parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let literal = self.string(cx)?;
        let value = literal.value();
        let parsed = parse(&value);
        if parsed.is_none() {
            let help = suggest::help(&value, "the choices are", words.iter().copied());
            cx.error(&literal, format_args!("`{value}` is not a choice for `{}`", self.name), help);
        }
        parsed
    }

    /// A path: of a function, or of a type.
    pub(crate) fn path(&self, cx: &Ctxt, what: &str, example: &str) -> Option<Path> {
        if let Value::Expr(Expr::Path(ExprPath { qself: None, path, .. })) = &self.value {
            return Some(path.clone());
        }
        self.wrong(cx, what, &format!("= {example}"))
    }

    /// Any expression.
    pub(crate) fn expr(&self, cx: &Ctxt) -> Option<Expr> {
        if let Value::Expr(e) = &self.value {
            return Some(e.clone());
        }
        self.wrong(cx, "a value", "= ..")
    }

    /// A list of field names, in parentheses.
    pub(crate) fn fields(&self, cx: &Ctxt) -> Option<Vec<Ident>> {
        let Value::List(tokens) = &self.value else { return self.wrong(cx, "a list of fields", "(a, b)") };
        // A field may be called `r#type`; here `type` names it too.
        let parser =
            |input: ParseStream<'_>| Punctuated::<Ident, Token![,]>::parse_terminated_with(input, Ident::parse_any);
        match parser.parse2(tokens.clone()) {
            Ok(fields) if fields.is_empty() => self.wrong(cx, "at least one field", "(name)"),
            Ok(fields) => Some(fields.into_iter().collect()),
            Err(e) => {
                cx.syn_error(e);
                None
            }
        }
    }

    fn wrong<T>(&self, cx: &Ctxt, what: &str, form: &str) -> Option<T> {
        let name = &self.name;
        let space = if form.starts_with('(') { "" } else { " " };
        cx.error(self, format_args!("`{name}` takes {what}"), format_args!("write `{name}{space}{form}`"));
        None
    }
}

/// The expression inside the invisible group that a `$x:literal` of `macro_rules!` comes in.
fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => bare(&group.expr),
        expr => expr,
    }
}
