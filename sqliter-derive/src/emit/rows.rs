//! The implementation of `DbModel`: from a struct to a row and back.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{local, private, relations, schema, validation};
use crate::ir::{Column, Field, Model, Role};

/// `impl DbModel`.
pub(super) fn db_model(model: &Model) -> TokenStream {
    let private = private();
    let ident = &model.ident;
    let key = model.columns[0].field.as_ref().expect("the key is a field");
    let (pk, pk_type) = (&key.ident, &key.ty.full);
    let key_type = schema::key_type(model);
    let (this, new_pk) = (local("self", pk_type.span()), local("__pk", pk_type.span()));
    let pk_ref = quote_spanned!(pk_type.span()=> &#this.#pk);
    let set_pk = quote_spanned!(pk_type.span()=> #this.#pk = #new_pk);
    let default_key = model.default_key.as_ref().map(|path| {
        quote! {
            fn default_key() -> ::core::option::Option<Self::Key> {
                ::core::option::Option::Some(#path())
            }
        }
    });
    let set_timestamps = set_timestamps(model);
    let encode = model.columns.iter().enumerate().filter_map(|(i, c)| encode(i, c));
    let attach = relations::attach(model);
    let decode = decode(model);
    let validation = validation::items(model);
    quote! {
        #[automatically_derived]
        impl #private::DbModel for #ident {
            type Key = #key_type;

            #[inline]
            fn schema() -> &'static #private::Schema {
                &__SCHEMA
            }

            #[inline]
            fn pk(&self) -> &#private::Pk<Self, Self::Key> {
                #pk_ref
            }

            #[inline]
            fn set_pk(&mut self, __pk: #private::Pk<Self, Self::Key>) {
                #set_pk;
            }

            #attach
            #default_key
            #set_timestamps

            fn encode_column(
                &self,
                __index: ::core::primitive::usize,
                __local_time: ::core::primitive::bool,
            ) -> ::core::result::Result<#private::Encoded<'_>, #private::EncodeError> {
                match __index {
                    #(#encode)*
                    _ => ::core::result::Result::Ok(#private::Encoded::Null),
                }
            }

            #decode
            #validation
        }
    }
}

fn set_timestamps(model: &Model) -> Option<TokenStream> {
    let private = private();
    let declared: Vec<TokenStream> = model
        .columns
        .iter()
        .filter(|c| c.role.is_managed())
        .filter_map(|c| {
            let Field { ident, ty, .. } = c.field.as_ref()?;
            let ty = &ty.full;
            let given = if c.role == Role::CreatedAt { quote!(__created_at) } else { quote!(__updated_at) };
            let from = quote_spanned!(ty.span()=> <#ty as #private::ManagedTime>::from_unix_seconds);
            Some(quote! {
                if let ::core::option::Option::Some(__seconds) = #given {
                    self.#ident = #from(__seconds);
                }
            })
        })
        .collect();
    let read = |role| {
        let field = model.columns.iter().find(|c| c.role == role).and_then(|c| c.field.as_ref());
        match field {
            Some(Field { ident, ty, .. }) => {
                let ty = &ty.full;
                let seconds = quote_spanned!(ty.span()=> <#ty as #private::ManagedTime>::unix_seconds);
                quote!(::core::option::Option::Some(#seconds(&self.#ident)))
            }
            None => quote!(::core::option::Option::None),
        }
    };
    let (created_at, updated_at) = (read(Role::CreatedAt), read(Role::UpdatedAt));
    (!declared.is_empty()).then(|| {
        quote! {
            fn timestamps(
                &self,
            ) -> (
                ::core::option::Option<::core::primitive::i64>,
                ::core::option::Option<::core::primitive::i64>,
            ) {
                (#created_at, #updated_at)
            }

            fn set_timestamps(
                &mut self,
                __created_at: ::core::option::Option<::core::primitive::i64>,
                __updated_at: ::core::option::Option<::core::primitive::i64>,
            ) {
                let _ = (__created_at, __updated_at);
                #(#declared)*
            }
        }
    })
}

/// One arm of `encode_column`; none for a timestamp without a field, which the caller binds itself.
fn encode(index: usize, column: &Column) -> Option<TokenStream> {
    let private = private();
    let Field { ident, ty, .. } = column.field.as_ref()?;
    let this = local("self", ty.full.span());
    let store = schema::store(column.store);
    let encoding = quote!(#private::Encoding::new(#store, __local_time));
    let (full, inner) = (&ty.full, &ty.inner);
    let value = match (column.json, ty.optional) {
        (false, _) => quote_spanned!(full.span()=> <#full as #private::ColumnType>::to_sql(&#this.#ident, #encoding)),
        (true, false) => quote_spanned!(full.span()=> #private::encode_json::<#inner>(&#this.#ident, #encoding)),
        (true, true) => quote_spanned!(full.span()=> match &#this.#ident {
            ::core::option::Option::Some(__value) => #private::encode_json::<#inner>(__value, #encoding),
            ::core::option::Option::None => ::core::result::Result::Ok(#private::Encoded::Null),
        }),
    };
    Some(quote!(#index => #value,))
}

fn decode(model: &Model) -> TokenStream {
    let private = private();
    // Positions in the row count declared columns, positions in the schema count all.
    let declared = model.columns.iter().enumerate().filter_map(|(i, c)| Some((i, c, c.field.as_ref()?)));
    let columns = declared.enumerate().map(|(at, (in_schema, column, field))| {
        let Field { ident, ty, .. } = field;
        let (full, inner) = (&ty.full, &ty.inner);
        let read = match (column.json, ty.optional) {
            // A call of the trait itself, as everywhere: a type that has it not is then one error, not one for each use.
            (false, _) => {
                let store = schema::store(column.store);
                let read = quote_spanned!(full.span()=> <#full as #private::ColumnType>::from_sql);
                let name = &column.column;
                quote! {
                    match #read(#private::Row::value(__row, __at + #at), #private::Encoding::new(#store, __local_time)) {
                        ::core::result::Result::Ok(__value) => __value,
                        ::core::result::Result::Err(__e) => {
                            return ::core::result::Result::Err(#private::DecodeError::in_column(__e, #name));
                        }
                    }
                }
            }
            (true, false) => {
                let read = quote_spanned!(full.span()=> #private::read_json::<#inner, __R>);
                quote!(#read(__row, __at + #at, &__COLUMNS[#in_schema])?)
            }
            (true, true) => {
                let read = quote_spanned!(full.span()=> #private::read_json_opt::<#inner, __R>);
                quote!(#read(__row, __at + #at, &__COLUMNS[#in_schema])?)
            }
        };
        quote!(#ident: #read,)
    });
    let skipped = model.skipped.iter().map(|s| {
        let Field { ident, ty, .. } = &s.field;
        let ty = &ty.full;
        let default = quote_spanned!(ty.span()=> <#ty as ::core::default::Default>::default());
        quote!(#ident: #default,)
    });
    let skipped = skipped.chain(relations::without_column(model));
    quote! {
        fn decode_row<__R: #private::Row>(
            __row: &__R,
            __at: ::core::primitive::usize,
        ) -> ::core::result::Result<Self, #private::DecodeError> {
            let __local_time = #private::Row::local_time(__row);
            ::core::result::Result::Ok(Self { #(#columns)* #(#skipped)* })
        }
    }
}
