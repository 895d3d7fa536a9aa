//! The implementation of `DbProjection`, for projections and for models.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::private;
use crate::ir::Model;
use crate::projection::{Field, Projection};

/// A model is read by its columns' names.
pub(super) fn of_model(model: &Model) -> TokenStream {
    let private = private();
    let (ident, name) = (&model.ident, &model.name);
    quote! {
        #[automatically_derived]
        impl #private::DbProjection for #ident {
            const NAME: &'static ::core::primitive::str = #name;

            fn columns() -> ::std::vec::Vec<#private::ProjectionColumn> {
                #private::ProjectionColumn::of_model::<Self>()
            }

            fn decode_projection<__R: #private::Row>(
                __row: &__R,
                __sources: &[#private::ProjectionSource],
            ) -> ::core::result::Result<Self, #private::DecodeError> {
                #private::projected_model::<Self, __R>(__row, __sources)
            }

            fn attach_projection(&mut self, __origin: &#private::Origin) {
                #private::DbModel::attach(self, __origin);
            }
        }
    }
}

/// Everything that `#[derive(DbProjection)]` adds.
pub(crate) fn projection(projection: &Projection) -> TokenStream {
    let private = private();
    let ident = &projection.ident;
    let name = ident.unraw().to_string();
    let columns = projection
        .fields
        .iter()
        .map(|Field { name, source, .. }| quote!(#private::ProjectionColumn::new(#name, #source)));
    let fields = projection.fields.iter().enumerate().map(|(i, field)| read(i, field));
    quote! {
        #[allow(deprecated, clippy::all, clippy::pedantic, clippy::nursery)]
        const _: () = {
            #[automatically_derived]
            impl #private::DbProjection for #ident {
                const NAME: &'static ::core::primitive::str = #name;

                fn columns() -> ::std::vec::Vec<#private::ProjectionColumn> {
                    ::std::vec::Vec::from([#(#columns),*])
                }

                fn decode_projection<__R: #private::Row>(
                    __row: &__R,
                    __sources: &[#private::ProjectionSource],
                ) -> ::core::result::Result<Self, #private::DecodeError> {
                    ::core::result::Result::Ok(Self { #(#fields)* })
                }
            }
        };
    }
}

fn read(index: usize, field: &Field) -> TokenStream {
    let private = private();
    let Field { ident, ty, source, .. } = field;
    let (full, inner) = (&ty.full, &ty.inner);
    let read = match (field.json, ty.optional) {
        (false, _) => quote_spanned!(full.span()=> #private::projected::<#full, __R>),
        (true, false) => quote_spanned!(full.span()=> #private::projected_json::<#inner, __R>),
        (true, true) => quote_spanned!(full.span()=> #private::projected_json_opt::<#inner, __R>),
    };
    quote!(#ident: #read(__row, __sources, #index, #source)?,)
}
