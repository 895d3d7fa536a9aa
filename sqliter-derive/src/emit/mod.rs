//! The expansion of `#[derive(DbModel)]`: one generated API per file.
//!
//! Every path is absolute, every helper is inside a `const _` block or begins with two underscores: nothing that the user
//! has in scope changes what it means, and nothing leaks into that scope.

mod builder;
mod columns;
pub(crate) mod projection;
mod relations;
mod reverse;
mod rows;
mod schema;
mod validation;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::ir::Model;

/// Everything that the derive adds to a model.
pub(crate) fn model(model: &Model) -> TokenStream {
    let private = private();
    let statics = schema::statics(model);
    let rows = rows::db_model(model);
    let columns = columns::consts(model);
    let projection = projection::of_model(model);
    let relations = relations::statics(model);
    let reverse = reverse::impls(model);
    let traits = reverse::traits(model);
    let builder = model.builder.then(|| builder::builder(model));
    let rules = validation::statics(model);
    let setters = model.setters.then(|| validation::setters(model));
    quote! {
        #[allow(
            dead_code, deprecated, missing_docs, non_local_definitions, non_upper_case_globals, private_interfaces,
            unreachable_pub, clippy::all, clippy::pedantic, clippy::nursery
        )]
        const _: () = {
            #statics
            #relations
            #rules
            #rows
            #projection
            #columns
            #(#reverse)*
            fn __schema() -> &'static #private::Schema {
                &__SCHEMA
            }
            #private::inventory::submit! { #private::ModelEntry(__schema) }
        };
        #(#traits)*
        #builder
        #setters
    }
}

/// A name of our own locals, `self` among them, for code at the place of the user's tokens: where those come through a macro of
/// the user's, the same name would mean another local.
fn local(name: &str, place: Span) -> Ident {
    Ident::new(name, Span::call_site().located_at(place))
}

/// An `Option` of a literal.
fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// Where the expansion finds the runtime.
pub(crate) fn private() -> TokenStream {
    private_at(Span::call_site())
}

/// The same for code at another place: rustc reports a path where all of it is, or at the derive.
fn private_at(place: Span) -> TokenStream {
    quote_spanned!(place=> ::sqliter_async::__private)
}
