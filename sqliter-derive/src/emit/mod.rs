//! The expansion of `#[derive(DbModel)]`: one generated API per file.
//!
//! Every path is absolute, every helper is inside a `const _` block or begins with two underscores: nothing that the user
//! has in scope changes what it means, and nothing leaks into that scope.

mod builder;
mod columns;
mod rows;
mod schema;
mod validation;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::Model;

/// Everything that the derive adds to a model.
pub(crate) fn model(model: &Model) -> TokenStream {
    let private = private();
    let statics = schema::statics(model);
    let rows = rows::db_model(model);
    let columns = columns::consts(model);
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
            #rules
            #rows
            #columns
            fn __schema() -> &'static #private::Schema {
                &__SCHEMA
            }
            #private::inventory::submit! { #private::ModelEntry(__schema) }
        };
        #builder
        #setters
    }
}

/// Where the expansion finds the runtime.
pub(crate) fn private() -> TokenStream {
    quote!(::sqliter_async::__private)
}
