//! Rules, and everything that reads, checks and describes the fields of an input.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::{builder, private, relations};
use crate::attr::validation::{Check, Number, Rule};
use crate::ir::{Column, Field, Model, Role};
use crate::types::{Class, Shape};

/// The name of the static with a column's rules, if it has any.
pub(super) fn rules_name(column: &Column, index: usize) -> Option<Ident> {
    column.rules.any().then(|| format_ident!("__RULES_{index}"))
}

fn check_name(column: &Column, index: usize) -> Option<Ident> {
    column.rules.checks_any().then(|| format_ident!("__check_{index}"))
}

/// The columns that have a field and are not managed.
fn plain(model: &Model) -> impl Iterator<Item = (usize, &Column, &Field)> {
    let columns = model.columns.iter().enumerate();
    columns.filter(|(_, c)| c.role == Role::Plain).filter_map(|(i, c)| Some((i, c, c.field.as_ref()?)))
}

/// Whether the field is read as a container: by its items, or by serde.
fn is_container(column: &Column, field: &Field) -> bool {
    column.json || matches!(field.ty.shape, Shape::JsonWrapper)
}

/// The statics with the rules, and a function for each field that checks it.
pub(super) fn statics(model: &Model) -> TokenStream {
    let columns = model.columns.iter().enumerate();
    columns.filter_map(|(i, c)| Some(rules(c, i, c.field.as_ref()?))).collect()
}

fn rules(column: &Column, index: usize, field: &Field) -> TokenStream {
    let private = private();
    let Some(name) = rules_name(column, index) else { return TokenStream::new() };
    let rules = &column.rules;
    let mut patterns = TokenStream::new();
    let checks: Vec<_> = rules.checks.iter().map(|c| check(c, index, &mut patterns)).collect();
    let alias = rules.alias.as_ref().map(|a| quote!(alias: ::core::option::Option::Some(#a),));
    let strict = rules.strict.then(|| quote!(strict: true,));
    let changes = rules.changes.iter().map(|key| {
        let flag = match key.to_string().as_str() {
            "to_lower" => quote!(lower),
            "to_upper" => quote!(upper),
            _ => quote!(strip),
        };
        quote!(#flag: true,)
    });
    let stored_name = format_ident!("__stored_{index}");
    let stored = check_name(column, index).map(|_| quote!(stored: ::core::option::Option::Some(#stored_name),));
    let functions = check_name(column, index).map(|check| functions(column, index, field, &check, &stored_name));
    let proofs = proofs(column, field);
    quote! {
        #patterns
        static #name: #private::Rules = #private::Rules {
            #alias
            #strict
            #(#changes)*
            checks: &[#(#checks),*],
            #stored
            ..#private::Rules::NONE
        };
        #functions
        #proofs
    }
}

fn check(check: &Check, index: usize, patterns: &mut TokenStream) -> TokenStream {
    let private = private();
    let number = |n: &Number| match n {
        Number::Int(v) => quote!(#private::Bound::Int(#v)),
        Number::Float(v) => quote!(#private::Bound::Float(#v)),
    };
    match &check.rule {
        Rule::Number(variant, n) => {
            let (variant, n) = (Ident::new(variant, Span::call_site()), number(n));
            quote!(#private::Check::#variant(#n))
        }
        Rule::Size(variant, n) => {
            let variant = Ident::new(variant, Span::call_site());
            quote!(#private::Check::#variant(#n))
        }
        Rule::Pattern(pattern) => {
            let name = format_ident!("__PATTERN_{index}");
            let pattern = pattern.value();
            patterns.extend(quote!(static #name: #private::Pattern = #private::Pattern::new(#pattern);));
            quote!(#private::Check::Pattern(&#name))
        }
        Rule::Email => quote!(#private::Check::Email),
        Rule::Url => quote!(#private::Check::Url),
        Rule::OneOfText(all) => quote!(#private::Check::OneOf(#private::Choices::Text(&[#(#all),*]))),
        Rule::OneOfInt(all) => quote!(#private::Check::OneOf(#private::Choices::Int(&[#(#all),*]))),
    }
}

/// The value as an error shows it.
fn shown(column: &Column, field: &Field, value: &TokenStream) -> TokenStream {
    let private = private();
    let full = &field.ty.full;
    if is_container(column, field) {
        quote!(::core::result::Result::unwrap_or_default(#private::serde_json::to_value(#value)))
    } else {
        quote!(#private::View::to_json(&<#full as #private::ColumnType>::column_view(#value)))
    }
}

/// `__check_n`, for a value of the field, and `__stored_n`, for a stored one.
fn functions(column: &Column, index: usize, field: &Field, check: &Ident, stored: &Ident) -> TokenStream {
    let private = private();
    let rules = rules_name(column, index);
    let (full, inner) = (&field.ty.full, &field.ty.inner);
    let items = column.rules.checks.iter().any(|c| matches!(c.rule, Rule::Size("MinItems" | "MaxItems", _)));
    let view = if items {
        quote!(<#full as #private::RuleItems>::items(__value))
    } else if is_container(column, field) {
        quote!(#private::View::Other)
    } else {
        quote!(<#full as #private::ColumnType>::column_view(__value))
    };
    let input = shown(column, field, &quote!(__value));
    let custom = column.rules.validate_with.as_ref().map(|path| {
        let call = quote_spanned!(path.span()=> #private::Reader::custom(__reader, #path(__value), &__input));
        if field.ty.optional { quote!(if let ::core::option::Option::Some(__value) = __value { #call }) } else { call }
    });
    let read = match (column.json, field.ty.optional) {
        (false, _) => quote!(#private::check_stored::<#full>(__value, __encoding, __reader, #check)),
        (true, false) => quote!(#private::check_stored_json::<#inner>(__value, __reader, #check)),
        (true, true) => quote!(#private::check_stored_json_opt::<#inner>(__value, __reader, #check)),
    };
    quote! {
        #[inline]
        fn #check(__value: &#full, __reader: &mut #private::Reader) {
            let __input = || #input;
            if #private::Reader::rules(__reader, &#rules, #view, &__input) {
                #custom
            }
        }
        fn #stored(
            __value: #private::ValueRef<'_>,
            __encoding: #private::Encoding,
            __reader: &mut #private::Reader,
        ) {
            let _ = __encoding;
            #read
        }
    }
}

/// Proofs that the rules are for the type, where its name does not tell.
fn proofs(column: &Column, field: &Field) -> TokenStream {
    let private = private();
    let inner = &field.ty.inner;
    let checks = column.rules.checks.iter().filter(|_| matches!(field.ty.class(), Class::Unknown | Class::Json));
    let proofs = checks.filter_map(|c| {
        let bound = match &c.rule {
            Rule::Number(..) | Rule::OneOfInt(_) => "RuleNumber",
            Rule::Size("MinLength" | "MaxLength", _) => "RuleLength",
            // The check itself asks for the trait.
            Rule::Size(..) => return None,
            Rule::Pattern(_) | Rule::Email | Rule::Url | Rule::OneOfText(_) => "RuleText",
        };
        let bound = Ident::new(bound, Span::call_site());
        Some(quote_spanned! {c.key.span().resolved_at(Span::call_site())=>
            const _: () = {
                const fn rule<T: #private::#bound>() {}
                rule::<#inner>();
            };
        })
    });
    proofs.collect()
}

/// The items of `impl DbModel` that have to do with input and rules.
pub(super) fn items(model: &Model) -> TokenStream {
    let private = private();
    let ruled = model.validate_with.is_some() || model.columns.iter().any(|c| c.rules.checks_any());
    let checked: Vec<_> = plain(model)
        .filter_map(|(i, c, field)| {
            let (check, ident) = (check_name(c, i)?, &field.ident);
            let check = quote! {
                #private::Reader::column(__reader, ::core::option::Option::Some(&__COLUMNS[#i]), false);
                #check(&self.#ident, __reader);
            };
            Some((i, check))
        })
        .collect();
    let all = checked.iter().map(|(_, check)| check);
    let each = checked.iter().map(|(i, check)| quote!(#i => { #check }));
    let checks = ruled.then(|| {
        let whole = model.validate_with.as_ref().map(|path| {
            let call = quote_spanned!(path.span()=> #path(self));
            quote! {
                fn check_whole(&self) -> ::core::result::Result<(), ::std::string::String> {
                    ::core::result::Result::map_err(#call, |__e| ::std::string::ToString::to_string(&__e))
                }
            }
        });
        quote! {
            const RULED: ::core::primitive::bool = true;
            fn check_field(&self, __index: ::core::primitive::usize, __reader: &mut #private::Reader) {
                let _ = &__reader;
                match __index {
                    #(#each)*
                    _ => {}
                }
            }
            fn check_fields(&self, __reader: &mut #private::Reader) {
                let _ = &__reader;
                #(#all)*
            }
            #whole
        }
    });
    let tidied = model.columns.iter().any(|c| !c.rules.changes.is_empty());
    let tidy = plain(model).filter(|(_, c, _)| !c.rules.changes.is_empty()).map(|(i, c, field)| {
        let (rules, ident, full) = (rules_name(c, i), &field.ident, &field.ty.full);
        let tidy = quote_spanned!(full.span()=> <#full as #private::Tidy>::tidy);
        quote!(#i => #tidy(&mut self.#ident, &#rules),)
    });
    let tidies = tidied.then(|| {
        quote! {
            const TIDIED: ::core::primitive::bool = true;
            fn tidy_field(&mut self, __index: ::core::primitive::usize) {
                match __index {
                    #(#tidy)*
                    _ => {}
                }
            }
        }
    });
    let deny = model.deny_unknown.then(|| {
        quote!(
            const DENY_UNKNOWN: ::core::primitive::bool = true;
        )
    });
    let (read, parts) = (read_input(model), plain(model).map(|(i, c, f)| schema_part(i, c, f)));
    quote! {
        #checks
        #tidies
        #deny
        #read
        fn schema_parts() -> ::std::vec::Vec<#private::SchemaPart> {
            ::std::vec![#(#parts),*]
        }
    }
}

fn read_input(model: &Model) -> TokenStream {
    let private = private();
    let columns = model.columns.iter().enumerate().filter_map(|(i, c)| Some((i, c, c.field.as_ref()?)));
    let (mut reads, mut fields) = (TokenStream::new(), TokenStream::new());
    for (i, column, field) in columns {
        let (value, ident, full) = (format_ident!("__{i}"), &field.ident, &field.ty.full);
        let read = match column.role {
            Role::Key => quote!(#private::ModelInput::key(__input, &__COLUMNS[#i])),
            Role::CreatedAt | Role::UpdatedAt => {
                let (read, unset) = (
                    quote_spanned!(full.span()=> <#full as #private::ManagedTime>::read_input),
                    quote_spanned!(full.span()=> <#full as #private::ManagedTime>::from_unix_seconds(0)),
                );
                quote!(#private::ModelInput::timestamp::<#full>(__input, &__COLUMNS[#i], #read, #unset))
            }
            Role::Plain => {
                let part = part(i, column, field);
                quote!(#private::ModelInput::field::<#full>(__input, &__COLUMNS[#i], #part))
            }
        };
        reads.extend(quote!(let #value = #read;));
        fields.extend(quote!(#ident: #value?,));
    }
    let skipped = model.skipped.iter().map(|s| {
        let Field { ident, ty, .. } = &s.field;
        let ty = &ty.full;
        let default = quote_spanned!(ty.span()=> <#ty as ::core::default::Default>::default());
        quote!(#ident: #default,)
    });
    let without_column = relations::without_column(model);
    quote! {
        fn read_input(__input: &mut #private::ModelInput<'_>) -> ::core::option::Option<Self> {
            #reads
            ::core::option::Option::Some(Self { #fields #(#skipped)* #(#without_column)* })
        }
    }
}

/// A call on the probe that chooses between items and serde.
fn probe(field: &Field, call: &TokenStream) -> TokenStream {
    let private = private();
    let full = &field.ty.full;
    quote_spanned! {full.span()=> {
        #[allow(unused_imports)]
        use #private::{ViaInput as _, ViaSerde as _};
        (&#private::Probe::<#full>::new()).#call
    }}
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// How one field is read.
fn part(index: usize, column: &Column, field: &Field) -> TokenStream {
    let private = private();
    let full = &field.ty.full;
    let read = if is_container(column, field) {
        let call = probe(field, &quote!(read(__value, __reader)));
        quote!(|__value, __reader| #call)
    } else {
        quote_spanned!(full.span()=> <#full as #private::ColumnType>::read_input)
    };
    let before = option(column.rules.validate_before.as_ref().map(|path| {
        let call = quote_spanned!(path.span()=> #path(__value));
        quote!(|__value| ::core::result::Result::map_err(#call, |__e| ::std::string::ToString::to_string(&__e)))
    }));
    let tidy = option((!column.rules.changes.is_empty()).then(|| {
        let rules = rules_name(column, index);
        let tidy = quote_spanned!(full.span()=> <#full as #private::Tidy>::tidy);
        quote!(|__value| #tidy(__value, &#rules))
    }));
    let check = option(check_name(column, index).map(|c| quote!(#c)));
    let default = option((!column.required()).then(|| {
        let value = builder::default_value(&field.ty, column.default.as_ref());
        quote!(|| #value)
    }));
    quote!(#private::Part { read: #read, before: #before, tidy: #tidy, check: #check, default: #default })
}

fn schema_part(index: usize, column: &Column, field: &Field) -> TokenStream {
    let private = private();
    let full = &field.ty.full;
    let schema = if is_container(column, field) {
        probe(field, &quote!(schema()))
    } else {
        quote_spanned!(full.span()=> <#full as #private::ColumnType>::column_schema())
    };
    let default = match &column.default {
        // What a function gives is no part of the description.
        Some(default) if !default.literal => quote!(::core::option::Option::None),
        None if !field.ty.optional => quote!(::core::option::Option::None),
        given => {
            let value = builder::default_value(&field.ty, given.as_ref());
            let shown = shown(column, field, &quote!(&__default));
            quote!(::core::option::Option::Some({
                let __default: #full = #value;
                #shown
            }))
        }
    };
    let required = column.required();
    quote!(#private::SchemaPart { column: &__COLUMNS[#index], schema: #schema, default: #default, required: #required })
}

/// `set_name(..)` for each field: a wrong value leaves the old one.
pub(super) fn setters(model: &Model) -> TokenStream {
    let private = private();
    let Model { ident, vis, .. } = model;
    let setters = plain(model).map(|(i, column, field)| {
        let (name, own) = (format_ident!("set_{}", column.name, span = field.ident.span()), &field.ident);
        let (ty, value) = builder::value_param(field);
        let doc = format!("Sets `{}`, if the value follows its rules.", column.name);
        quote! {
            #[doc = #doc]
            #[doc = ""]
            #[doc = "# Errors"]
            #[doc = "What is wrong with the value. The field is as it was then."]
            #vis fn #name(&mut self, value: #ty) -> ::core::result::Result<(), #private::ValidationError> {
                let __old = ::core::mem::replace(&mut self.#own, #value);
                let __checked = #private::prepare_field(self, #i);
                if ::core::result::Result::is_err(&__checked) {
                    self.#own = __old;
                }
                __checked
            }
        }
    });
    quote! {
        #[allow(dead_code, deprecated, missing_docs, private_interfaces, unreachable_pub, clippy::all, clippy::pedantic)]
        impl #ident {
            #(#setters)*
        }
    }
}
