//! The builder: one method per field, one type parameter per required field.
//!
//! A parameter is `Unset` until its field is given; `build` and `insert` want a trait of each that `Set` alone has, whose
//! message names the field. The values are in one tuple, so that a method changes types without moving fields one by one.

use std::collections::HashSet;

use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::{local, private, private_at, relations};
use crate::ir::{Column, Default, Field, Model};
use crate::naming::article;
use crate::types::{FieldType, Shape};

/// A field that the builder can be given, at its position in the tuple.
struct Part<'a> {
    name: &'a str,
    field: &'a Field,
    setter: Ident,
    default: Option<&'a Default>,
    /// Its type parameter and its trait, if it is required.
    required: Option<(Ident, Ident)>,
}

/// `Model::builder` and all that belongs to it.
pub(super) fn builder(model: &Model) -> TokenStream {
    let private = private();
    let Model { ident, vis, name, .. } = model;
    let parts = parts(model);
    let builder = format_ident!("{name}Builder", span = ident.span());
    let module = format_ident!("__{}_builder", name.to_snake_case());
    let types: Vec<_> = parts.iter().map(|p| &p.field.ty.full).collect();
    let nothing = parts.iter().map(|_| quote!(::core::option::Option::None));
    let params: Vec<_> = parts.iter().filter_map(|p| Some(&p.required.as_ref()?.0)).collect();
    let bounds: Vec<_> = parts
        .iter()
        .filter_map(|p| p.required.as_ref())
        .map(|(param, requirement)| quote!(#param: #module::#requirement))
        .collect();
    let requirements = parts.iter().filter_map(|p| requirement(model, p));
    let setters = parts.iter().enumerate().map(|(i, p)| setter(model, &builder, &parts, i, p));
    let finish = finish(model, &parts);
    // `insert` leaves the checks to the database handle.
    let build = quote! {
        let mut __model = self.__finish()?;
        #private::prepare_model(&mut __model)?;
        ::core::result::Result::Ok(__model)
    };
    let struct_doc = format!("Builds a [`{name}`]: a method for each field, then `.build()` or `.insert(&db)`.");
    let builder_doc = format!("Starts a [`{name}`], field by field.");
    let build_doc = format!("The [`{name}`], not inserted.");
    let insert_doc = format!("Inserts the [`{name}`]; the one returned has its key.");
    let allow = quote! {
        #[allow(
            dead_code, deprecated, missing_docs, non_camel_case_types, non_snake_case, private_bounds,
            private_interfaces, unreachable_pub, clippy::all, clippy::pedantic, clippy::nursery
        )]
    };
    quote! {
        #[doc(hidden)]
        #[allow(missing_docs, unreachable_pub, dead_code, non_snake_case, non_camel_case_types)]
        #vis mod #module {
            #(#requirements)*
        }

        #[doc = #struct_doc]
        #[must_use = "a builder does nothing until `.build()` or `.insert(&db)`"]
        #[allow(dead_code, deprecated, private_interfaces, unreachable_pub, non_camel_case_types, clippy::type_complexity)]
        #vis struct #builder<#(#params = #private::Unset),*> {
            parts: (#(::core::option::Option<#types>,)*),
            given: ::core::marker::PhantomData<fn() -> (#(#params,)*)>,
        }

        #allow
        impl #ident {
            #[doc = #builder_doc]
            #vis fn builder() -> #builder {
                #builder { parts: (#(#nothing,)*), given: ::core::marker::PhantomData }
            }
        }

        #allow
        impl<#(#params),*> #builder<#(#params),*> {
            #(#setters)*

            #[doc = #build_doc]
            #[doc = ""]
            #[doc = "# Errors"]
            #[doc = "When a value is not valid."]
            #vis fn build(self) -> ::core::result::Result<#ident, #private::ValidationError>
            where #(#bounds),*
            {
                #build
            }

            #[doc = #insert_doc]
            #[doc = ""]
            #[doc = "# Errors"]
            #[doc = "When a value is not valid, or the database refuses the row."]
            #vis async fn insert(self, db: &::sqliter_async::SqliterDb) -> ::sqliter_async::Result<#ident>
            where #(#bounds),*
            {
                let __model = self.__finish()?;
                ::sqliter_async::SqliterDb::insert(db, __model).await
            }

            #finish
        }
    }
}

fn parts(model: &Model) -> Vec<Part<'_>> {
    let columns = model.columns.iter().filter(|c| !c.role.is_managed());
    let columns = columns.filter_map(|c| Some((c.name.as_str(), c.field.as_ref()?, Some(c))));
    let skipped = model.skipped.iter().map(|s| (s.name.as_str(), &s.field, None));
    let mut taken = HashSet::new();
    let mut part = |name, field: &'_ Field, column: Option<&Column>| {
        // Two fields may be one in camel case.
        let mut camel = name_of_type(name);
        while !taken.insert(camel.clone()) {
            camel.push('_');
        }
        column.filter(|c| c.required()).map(|_| {
            let span = field.ident.span();
            (format_ident!("__{camel}", span = span), format_ident!("Has{camel}", span = span))
        })
    };
    columns
        .chain(skipped)
        .map(|(name, field, column)| Part {
            name,
            field,
            // `build` and `insert` finish the builder.
            setter: match name {
                "build" | "insert" => format_ident!("{name}_", span = field.ident.span()),
                _ => field.ident.clone(),
            },
            default: column.and_then(|c| c.default.as_ref()),
            required: part(name, field, column),
        })
        .collect()
}

fn name_of_type(field: &str) -> String {
    let camel = field.to_upper_camel_case();
    // Nothing is left of a name like `__`.
    if camel.is_empty() { field.to_owned() } else { camel }
}

/// The trait that says that a required field was given.
fn requirement(model: &Model, part: &Part<'_>) -> Option<TokenStream> {
    let private = private();
    let (_, requirement) = part.required.as_ref()?;
    let (model, name) = (&model.name, part.name);
    let message = format!("`{model}` needs {} `{name}`: this required field was not given", article(name));
    let label = format!("call `.{}(..)` before this", part.setter);
    Some(quote! {
        #[diagnostic::on_unimplemented(message = #message, label = #label)]
        pub trait #requirement {}
        impl #requirement for #private::Set {}
    })
}

/// The method of one field, and `maybe_..` beside it for an `Option`.
fn setter(model: &Model, builder: &Ident, parts: &[Part<'_>], index: usize, part: &Part<'_>) -> TokenStream {
    let Model { vis, .. } = model;
    let Part { setter, field, .. } = part;
    let position = Literal::usize_unsuffixed(index);
    let (ty, value) = param(part);
    let doc = format!("Sets `{}`.", part.name);
    let docs = Some(&field.docs).filter(|d| !d.is_empty()).map(|docs| quote!(#[doc = ""] #(#docs)*));
    let value = if field.ty.optional { quote!(::core::option::Option::Some(#value)) } else { value };
    if let Some((own, _)) = &part.required {
        let private = private();
        let params = parts.iter().filter_map(|p| Some(&p.required.as_ref()?.0));
        let given = params.map(|p| if p == own { quote!(#private::Set) } else { quote!(#p) });
        return quote! {
            #[doc = #doc]
            #docs
            #vis fn #setter(mut self, value: #ty) -> #builder<#(#given),*> {
                self.parts.#position = ::core::option::Option::Some(#value);
                #builder { parts: self.parts, given: ::core::marker::PhantomData }
            }
        };
    }
    let maybe = format_ident!("maybe_{}", field.ident.unraw(), span = field.ident.span());
    let maybe = (field.ty.optional && !parts.iter().any(|p| p.setter == maybe)).then(|| {
        let full = &field.ty.full;
        let doc = format!("Sets `{}`, or leaves it without a value.", part.name);
        quote! {
            #[doc = #doc]
            #vis fn #maybe(mut self, value: #full) -> Self {
                self.parts.#position = ::core::option::Option::Some(value);
                self
            }
        }
    });
    quote! {
        #[doc = #doc]
        #docs
        #vis fn #setter(mut self, value: #ty) -> Self {
            self.parts.#position = ::core::option::Option::Some(#value);
            self
        }
        #maybe
    }
}

/// What a setter takes, and how it becomes the field's type.
fn param(part: &Part<'_>) -> (TokenStream, TokenStream) {
    // The key is a `Pk`, or what becomes one.
    param_of(part.field, part.name == "pk" || converts(&part.field.ty.shape))
}

/// As [`param`], for a method that sets the field of a model.
pub(super) fn value_param(field: &Field) -> (TokenStream, TokenStream) {
    let FieldType { inner, optional, shape, .. } = &field.ty;
    if *optional {
        let ty = quote!(impl ::core::convert::Into<::core::option::Option<#inner>>);
        return (ty, quote!(::core::convert::Into::into(value)));
    }
    param_of(field, converts(shape))
}

fn param_of(field: &Field, converts: bool) -> (TokenStream, TokenStream) {
    let inner = &field.ty.inner;
    if converts {
        return (quote!(impl ::core::convert::Into<#inner>), quote!(::core::convert::Into::into(value)));
    }
    if let Shape::ForeignKey(target) = &field.ty.shape {
        let place = target.span();
        let (private, value) = (private_at(place), local("value", place));
        let ty = quote_spanned!(place=> impl #private::IntoKey<#target>);
        let key = quote_spanned!(place=> #private::foreign_key::<#inner>(#value));
        return (ty, key);
    }
    if let Shape::TextList(item) = &field.ty.shape {
        let ty = quote!(impl ::core::iter::IntoIterator<Item = impl ::core::convert::Into<#item>>);
        let value = quote! {
            ::core::iter::Iterator::collect(::core::iter::Iterator::map(
                ::core::iter::IntoIterator::into_iter(value),
                ::core::convert::Into::into,
            ))
        };
        return (ty, value);
    }
    (quote!(#inner), quote!(value))
}

/// Whether setters and defaults take whatever becomes this type.
fn converts(shape: &Shape) -> bool {
    matches!(shape, Shape::Text | Shape::Bytes | Shape::JsonWrapper)
}

fn finish(model: &Model, parts: &[Part<'_>]) -> TokenStream {
    let private = private();
    let ident = &model.ident;
    let given = parts.iter().enumerate().map(|(i, part)| {
        let position = Literal::usize_unsuffixed(i);
        let field = &part.field.ident;
        let missing = missing(model, part);
        quote! {
            #field: match __parts.#position {
                ::core::option::Option::Some(__value) => __value,
                ::core::option::Option::None => #missing,
            },
        }
    });
    let managed = model.columns.iter().filter(|c| c.role.is_managed()).filter_map(|c| {
        let Field { ident, ty, .. } = c.field.as_ref()?;
        let ty = &ty.full;
        let from = quote_spanned!(ty.span()=> <#ty as #private::ManagedTime>::from_unix_seconds);
        Some(quote!(#ident: #from(0),))
    });
    let without_column = relations::without_column(model);
    let check_keys = relations::check_keys(model);
    quote! {
        fn __finish(self) -> ::core::result::Result<#ident, #private::ValidationError> {
            let __parts = self.parts;
            let __model = #ident { #(#given)* #(#managed)* #(#without_column)* };
            #(#check_keys)*
            ::core::result::Result::Ok(__model)
        }
    }
}

/// The value of a field that was not given.
fn missing(model: &Model, part: &Part<'_>) -> TokenStream {
    let private = private();
    let (model, name) = (&model.name, part.name);
    if part.required.is_some() {
        // The types rule this out.
        let error = quote!(#private::ValidationError::missing(#model, #name));
        return quote!(return ::core::result::Result::Err(#error));
    }
    default_value(&part.field.ty, part.default)
}

/// The value of a field that has a default, or is an `Option`.
pub(super) fn default_value(ty: &FieldType, default: Option<&Default>) -> TokenStream {
    let Some(Default { expr, literal, .. }) = default else {
        let full = &ty.full;
        return quote_spanned!(full.span()=> <#full as ::core::default::Default>::default());
    };
    let (full, inner) = (&ty.full, &ty.inner);
    match (ty.optional, literal, converts(&ty.shape)) {
        (true, true, true) => quote!(::core::option::Option::Some(::core::convert::Into::<#inner>::into(#expr))),
        (true, true, false) => quote!(::core::option::Option::Some(#expr)),
        // `Some(x)`, `None` and `x` alike.
        (true, false, _) | (false, _, true) => quote!(::core::convert::Into::<#full>::into(#expr)),
        (false, _, false) => quote!({
            let __default: #full = #expr;
            __default
        }),
    }
}
