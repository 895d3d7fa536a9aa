//! The implementations of `DbType` and `DbEnum`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitByteStr;

use super::{Enum, Variant};
use crate::emit::private;

/// Everything that the derive adds to an enum.
pub(crate) fn emit(parsed: &Enum) -> TokenStream {
    let private = private();
    let Enum { ident, variants, .. } = parsed;
    let codec = if parsed.integer { integer(parsed) } else { text(parsed) };
    let names = variants.iter().map(|v| &v.name);
    let numbers: Vec<_> = variants.iter().filter(|_| parsed.integer).map(number).collect();
    let input = quote! {
        fn from_input(
            __input: &#private::serde_json::Value,
            __strict: ::core::primitive::bool,
        ) -> ::core::result::Result<Self, #private::Invalid> {
            #private::enum_input(__input, __strict, &[#(#numbers),*])
        }

        fn input_schema() -> #private::serde_json::Value {
            #private::enum_schema::<Self>(&[#(#numbers),*])
        }
    };
    quote! {
        #[automatically_derived]
        #[allow(deprecated, unreachable_patterns, clippy::all, clippy::pedantic, clippy::nursery)]
        impl #private::DbType for #ident {
            #codec
            #input
        }

        #[automatically_derived]
        impl #private::DbEnum for #ident {
            const VARIANTS: &'static [&'static ::core::primitive::str] = &[#(#names),*];
        }
    }
}

/// The discriminant, from a cast of the variant itself: the enum need not be `Copy`.
fn number(variant: &Variant) -> TokenStream {
    let ident = &variant.ident;
    quote!((Self::#ident as ::core::primitive::i64))
}

fn text(parsed: &Enum) -> TokenStream {
    let private = private();
    let encode = parsed.variants.iter().map(|Variant { ident, name }| quote!(Self::#ident => #name,));
    let decode = parsed.variants.iter().map(|Variant { ident, name }| {
        let bytes = LitByteStr::new(name.as_bytes(), ident.span());
        quote!(#private::ValueRef::Text(#bytes) => ::core::result::Result::Ok(Self::#ident),)
    });
    let names: Vec<_> = parsed.variants.iter().map(|v| format!("{:?}", v.name)).collect();
    let expected = format!("a `{}` ({})", parsed.ident, names.join(", "));
    quote! {
        const SQL_TYPE: #private::SqlType = #private::SqlType::Text;

        fn encode(&self) -> ::core::result::Result<#private::Encoded<'_>, #private::EncodeError> {
            let __name = match self { #(#encode)* };
            ::core::result::Result::Ok(#private::Encoded::Text(::std::borrow::Cow::Borrowed(__name)))
        }

        fn decode(__value: #private::ValueRef<'_>) -> ::core::result::Result<Self, #private::DecodeError> {
            match __value {
                #(#decode)*
                __other => ::core::result::Result::Err(#private::DecodeError::unexpected(#expected, __other)),
            }
        }
    }
}

fn integer(parsed: &Enum) -> TokenStream {
    let private = private();
    let encode = parsed.variants.iter().map(|v| {
        let (ident, number) = (&v.ident, number(v));
        quote!(Self::#ident => #number,)
    });
    let decode = parsed.variants.iter().map(|v| {
        let (ident, number) = (&v.ident, number(v));
        quote!(if __number == #number { return ::core::result::Result::Ok(Self::#ident); })
    });
    let choices: Vec<_> =
        parsed.variants.iter().map(|v| format!("{{}} ({})", v.name.replace('{', "{{").replace('}', "}}"))).collect();
    let message = format!("expected a `{}` ({}), found the integer {{}}", parsed.ident, choices.join(", "));
    let numbers = parsed.variants.iter().map(number);
    quote! {
        const SQL_TYPE: #private::SqlType = #private::SqlType::Integer;

        fn encode(&self) -> ::core::result::Result<#private::Encoded<'_>, #private::EncodeError> {
            ::core::result::Result::Ok(#private::Encoded::Int(match self { #(#encode)* }))
        }

        fn decode(__value: #private::ValueRef<'_>) -> ::core::result::Result<Self, #private::DecodeError> {
            let __number = <::core::primitive::i64 as #private::DbType>::decode(__value)?;
            #(#decode)*
            ::core::result::Result::Err(#private::DecodeError::new(::std::format!(#message, #(#numbers,)* __number)))
        }
    }
}
