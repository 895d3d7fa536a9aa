//! The typed columns and relations: an associated const for each.

use proc_macro2::TokenStream;
use quote::quote;

use super::{private, relations, schema};
use crate::ir::{Column, Model};

/// The `impl` with the consts.
pub(super) fn consts(model: &Model) -> TokenStream {
    let ident = &model.ident;
    // A foreign key's const is its relation.
    let columns = model.columns.iter().filter(|c| !c.relation).map(|c| constant(model, c));
    let consts = columns.chain(relations::consts(model));
    quote! {
        impl #ident {
            #(#consts)*
        }
    }
}

fn constant(model: &Model, column: &Column) -> TokenStream {
    let private = private();
    let Model { ident, vis, .. } = model;
    let Column { constant, column: name, .. } = column;
    let ty = match &column.field {
        Some(field) if column.json => {
            let inner = &field.ty.inner;
            let json = quote!(#private::Json<#inner>);
            if field.ty.optional { quote!(::core::option::Option<#json>) } else { json }
        }
        Some(field) => {
            let full = &field.ty.full;
            quote!(#full)
        }
        None => quote!(::core::primitive::i64),
    };
    let store = schema::store(column.store);
    let doc = format!("The column `{name}`.");
    let docs = column.field.as_ref().map(|f| &f.docs).filter(|d| !d.is_empty());
    let docs = docs.map(|docs| quote!(#[doc = ""] #(#docs)*));
    quote! {
        #[doc = #doc]
        #docs
        #vis const #constant: #private::Column<#ident, #ty> = #private::Column::new(#name, #store);
    }
}
