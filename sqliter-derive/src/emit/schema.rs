//! The static description: columns, indexes, schema.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::{option, private, relations, validation};
use crate::ir::{Column, Field, Index, Model, Reference, Role, Store};
use crate::types::Class;

/// `__COLUMNS`, `__INDEXES` and `__SCHEMA`.
pub(super) fn statics(model: &Model) -> TokenStream {
    let private = private();
    let (name, table) = (&model.name, &model.table);
    let key = key_type(model);
    let columns = model.columns.iter().enumerate().map(|(i, c)| column(model, i, c));
    let indexes = model.indexes.iter().map(index);
    let (n_columns, n_indexes) = (model.columns.len(), model.indexes.len());
    let database = option(model.database.as_ref());
    let rest = relations::of_schema(model);
    let checks = model.columns.iter().flat_map(|c| [temporal(c), hidden_key(c), key_of_parent(c)]).flatten();
    quote! {
        static __COLUMNS: [#private::ColumnDef; #n_columns] = [#(#columns),*];
        static __INDEXES: [#private::IndexDef; #n_indexes] = [#(#indexes),*];
        static __SCHEMA: #private::Schema = #private::Schema::new(
            #name,
            #table,
            &__COLUMNS,
            &__INDEXES,
            <#key as #private::KeyType>::AUTO,
            #database,
        ) #rest;
        #(#checks)*
    }
}

/// The type of the key. Not `<Model as DbModel>::Key`, which would repeat what is wrong with the model as a whole.
pub(super) fn key_type(model: &Model) -> TokenStream {
    let private = private();
    let pk = &model.columns[0].field.as_ref().expect("the key is a field").ty.full;
    quote_spanned!(pk.span()=> <#pk as #private::PrimaryKey>::Key)
}

/// One `ColumnDef`, of which only what is not the default is written down.
fn column(model: &Model, index: usize, column: &Column) -> TokenStream {
    let private = private();
    let (name, in_file) = (&column.name, &column.column);
    let sql_type = sql_type(model, column);
    let mut rest = TokenStream::new();
    let mut set = |field: &str, value: TokenStream| {
        let field = Ident::new(field, Span::call_site());
        rest.extend(quote!(#field: #value,));
    };
    if column.store != Store::Default {
        set("store", store(column.store));
    }
    if let Some(nullable) = nullable(column) {
        set("nullable", nullable);
    }
    if let Some(field) = &column.field {
        let (full, inner) = (&field.ty.full, &field.ty.inner);
        set(
            "accepts",
            match (column.json, field.ty.optional) {
                (false, _) => quote_spanned!(full.span()=> #private::accepts::<#full>),
                (true, false) => quote_spanned!(full.span()=> #private::accepts_json::<#inner>),
                (true, true) => quote_spanned!(full.span()=> #private::accepts_json_opt::<#inner>),
            },
        );
        set(
            "kind",
            match column.json {
                true => quote!(#private::Kind::Json),
                false => {
                    quote_spanned!(full.span()=> <<#full as #private::ColumnType>::Base as #private::DbType>::KIND)
                }
            },
        );
    }
    match column.role {
        Role::Key => set("role", quote!(#private::ColumnRole::Key)),
        Role::CreatedAt => set("role", quote!(#private::ColumnRole::CreatedAt)),
        Role::UpdatedAt => set("role", quote!(#private::ColumnRole::UpdatedAt)),
        Role::Plain => {}
    }
    if column.field.is_none() {
        set("declared", quote!(false));
    }
    for (field, on) in [("unique", column.unique), ("index", column.index), ("redact", column.redact)] {
        if on {
            set(field, quote!(true));
        }
    }
    if let Some(sql) = column.default.as_ref().and_then(|d| d.sql.as_ref()) {
        set("default", option(Some(sql)));
    }
    if let Some(check) = &column.check {
        set("check", option(Some(check)));
    }
    if let Some(r) = &column.references {
        set("references", reference(r));
    }
    if let Some(rules) = validation::rules_name(column, index) {
        set("rules", quote!(&#rules));
    }
    quote!(#private::ColumnDef { #rest ..#private::ColumnDef::new(#name, #in_file, #sql_type) })
}

fn sql_type(model: &Model, column: &Column) -> TokenStream {
    let private = private();
    if column.role == Role::Key {
        let key = key_type(model);
        return quote!(<#key as #private::DbType>::SQL_TYPE);
    }
    let fixed = match (column.store, column.field.as_ref().filter(|_| !column.json)) {
        (Store::Seconds | Store::Millis | Store::Micros, _) => "Integer",
        (Store::Pickle, _) => "Blob",
        (Store::Text, _) | (_, None) => "Text",
        (Store::Default, Some(field)) => {
            let ty = &field.ty.full;
            return quote_spanned!(ty.span()=>
                <<#ty as #private::ColumnType>::Base as #private::DbType>::SQL_TYPE
            );
        }
    };
    let fixed = Ident::new(fixed, Span::call_site());
    quote!(#private::SqlType::#fixed)
}

/// Whether the column may be `NULL`, unless it may not for certain.
fn nullable(column: &Column) -> Option<TokenStream> {
    let private = private();
    let field = column.field.as_ref().filter(|_| column.role == Role::Plain)?;
    if column.json {
        return field.ty.optional.then(|| quote!(true));
    }
    let ty = &field.ty.full;
    Some(quote_spanned!(ty.span()=> <#ty as #private::ColumnType>::NULLABLE))
}

fn reference(reference: &Reference) -> TokenStream {
    let private = private();
    let target = &reference.target;
    let action = |given: &Option<crate::attr::Action>| {
        let action = given.as_ref().map_or_else(|| format_ident!("Restrict"), |a| a.0.clone());
        quote!(#private::Action::#action)
    };
    let (on_delete, on_update) = (action(&reference.on_delete), action(&reference.on_update));
    quote_spanned!(target.span()=> ::core::option::Option::Some(#private::Reference {
        target: <#target as #private::DbModel>::schema,
        on_delete: #on_delete,
        on_update: #on_update,
    }))
}

fn index(index: &Index) -> TokenStream {
    let private = private();
    let Index { columns, unique } = index;
    quote!(#private::IndexDef { columns: &[#(#columns),*], unique: #unique })
}

/// A proof that `store` is on a date or a time.
fn temporal(column: &Column) -> Option<TokenStream> {
    let private = private();
    let ty = &column.field.as_ref().filter(|_| column.temporal)?.ty.full;
    Some(quote_spanned!(ty.span()=> const _: () = {
        const fn store<T: #private::Temporal>() {}
        store::<#ty>();
    };))
}

/// A proof that a type whose name says nothing is no foreign key: as a plain column it would have no constraint and no relation.
fn hidden_key(column: &Column) -> Option<TokenStream> {
    let private = private();
    let plain = |field: &&Field| {
        column.role == Role::Plain && !column.relation && !column.json && field.ty.class() == Class::Unknown
    };
    let (name, ty) = (&column.name, &column.field.as_ref().filter(plain)?.ty.inner);
    let message = format!(
        "`{name}` is a foreign key under another name: write `ForeignKey<..>`, for the derive sees names and not what they stand for"
    );
    Some(quote_spanned!(ty.span()=> const _: () =
        ::core::assert!(!<<#ty as #private::ColumnType>::Base as #private::DbType>::RELATION, #message);))
}

/// A proof that a plain column which refers to a parent is of the type of the parent's key.
fn key_of_parent(column: &Column) -> Option<TokenStream> {
    let private = private();
    let field = column.field.as_ref().filter(|_| !column.relation && !column.json)?;
    let (ty, target) = (&field.ty.full, &column.references.as_ref()?.target);
    let parent = target.to_string().replace(" :: ", "::");
    let message = format!("`{}` refers to `{parent}`, whose key is stored as another type", column.name);
    Some(quote_spanned!(ty.span()=> const _: () = ::core::assert!(
        #private::SqlType::is(
            <<#ty as #private::ColumnType>::Base as #private::DbType>::SQL_TYPE,
            <<#target as #private::DbModel>::Key as #private::DbType>::SQL_TYPE,
        ),
        #message
    );))
}

/// The runtime's `Store`.
pub(super) fn store(store: Store) -> TokenStream {
    let private = private();
    match store {
        Store::Default => quote!(#private::Store::Default),
        Store::Seconds => quote!(#private::Store::Seconds),
        Store::Millis => quote!(#private::Store::Millis),
        Store::Micros => quote!(#private::Store::Micros),
        Store::Text => quote!(#private::Store::Text),
        Store::Pickle => quote!(#private::Store::Pickle),
    }
}
