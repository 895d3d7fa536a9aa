//! Relations as the model that declares them has them: their description, their consts, where their rows come from.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::{local, option, private, private_at};
use crate::ir::{Link, Model, Relation};

/// `__RELATIONS`, with how each is reached in a row; nothing for a model without any.
pub(super) fn statics(model: &Model) -> TokenStream {
    if model.relations.is_empty() {
        return TokenStream::new();
    }
    let private = private();
    let accessors = model.relations.iter().enumerate().map(|(i, r)| accessors(model, i, r));
    let relations = model.relations.iter().enumerate().map(|(i, r)| definition(i, r));
    let number = model.relations.len();
    quote! {
        #(#accessors)*
        static __RELATIONS: [#private::RelationDef; #number] = [#(#relations),*];
    }
}

/// What a schema says beyond its constructor.
pub(super) fn of_schema(model: &Model) -> TokenStream {
    let relations = (!model.relations.is_empty()).then(|| quote!(.with_relations(&__RELATIONS)));
    let strict = model.strict_loading.then(|| quote!(.with_strict_loading()));
    quote!(#relations #strict)
}

/// The statics by which the runtime reaches a relation in a row.
fn accessors(model: &Model, index: usize, relation: &Relation) -> TokenStream {
    let private = private();
    let (ident, Relation { field, .. }) = (&model.ident, relation);
    let (name, ty) = (&field.ident, &field.ty.inner);
    // What rustc says of the target is where the target is named.
    let place = relation.target.span();
    let (at_target, runtime) = (private_at(place), format_ident!("__RUNTIME_{index}"));
    let accessor = format_ident!("__FIELD_{index}", span = place);
    let (kind, get, get_mut) = match (&relation.link, field.ty.optional) {
        (Link::ManyToMany { .. }, _) => (quote!(ManyToManyField), quote!(&__model.#name), quote!(&mut __model.#name)),
        (Link::ForeignKey { .. }, false) => (
            quote!(ForeignKeyField),
            quote!(::core::option::Option::Some(&__model.#name)),
            quote!(::core::option::Option::Some(&mut __model.#name)),
        ),
        (Link::ForeignKey { .. }, true) => (
            quote!(ForeignKeyField),
            quote!(::core::option::Option::as_ref(&__model.#name)),
            quote!(::core::option::Option::as_mut(&mut __model.#name)),
        ),
    };
    let accessor_type = quote_spanned!(place=> #at_target::#kind<#ident, #ty>);
    let reached = quote_spanned!(place=> #at_target::Runtime(&#accessor));
    quote! {
        static #accessor: #accessor_type = #private::#kind { get: |__model| #get, get_mut: |__model| #get_mut };
        static #runtime: #private::Runtime = #reached;
    }
}

/// One `RelationDef`.
fn definition(index: usize, relation: &Relation) -> TokenStream {
    let private = private();
    let Relation { name, field, target, reverse, .. } = relation;
    let at_target = private_at(target.span());
    let target = quote_spanned!(target.span()=> <#target as #at_target::DbModel>::schema);
    let reverse = option(reverse.as_ref().map(|r| &r.name));
    let runtime = format_ident!("__RUNTIME_{index}");
    let link = match &relation.link {
        Link::ForeignKey { column } => {
            let nullable = field.ty.optional;
            quote!(ForeignKey { column: #column, nullable: #nullable })
        }
        Link::ManyToMany { through, symmetrical } => {
            let through = option(through.as_ref());
            quote!(ManyToMany { through: #through, symmetrical: #symmetrical })
        }
    };
    quote!(#private::RelationDef {
        name: #name,
        model: __schema,
        target: #target,
        reverse: #reverse,
        link: #private::Link::#link,
        runtime: &#runtime,
    })
}

/// The consts, each beside those of the columns.
pub(super) fn consts(model: &Model) -> impl Iterator<Item = TokenStream> {
    model.relations.iter().enumerate().map(|(i, relation)| {
        let private = private();
        let Model { ident, vis, .. } = model;
        let Relation { target, constant, field, .. } = relation;
        let (kind, doc) = match (&relation.link, field.ty.optional) {
            (Link::ForeignKey { column }, false) => (quote!(One), format!("The foreign key `{column}`.")),
            (Link::ForeignKey { column }, true) => (quote!(Opt), format!("The foreign key `{column}`.")),
            (Link::ManyToMany { .. }, _) => (quote!(Many), format!("The many-to-many relation `{}`.", relation.name)),
        };
        let docs = Some(&field.docs).filter(|d| !d.is_empty()).map(|docs| quote!(#[doc = ""] #(#docs)*));
        let definition = at(i, Span::call_site());
        quote! {
            #[doc = #doc]
            #docs
            #vis const #constant: #private::Relation<#ident, #target, #private::#kind> =
                #private::Relation::forward(#definition);
        }
    })
}

/// `DbModel::attach`: the key and every relation learn where the row came from.
pub(super) fn attach(model: &Model) -> TokenStream {
    let private = private();
    let key = model.columns[0].field.as_ref().expect("the key is a field");
    let (pk, place) = (&key.ident, key.ty.full.span());
    let (at_key, this, origin) = (private_at(place), local("self", place), local("__origin", place));
    let own = quote_spanned!(place=> #at_key::Pk::attach(&mut #this.#pk, #origin););
    let relations = model.relations.iter().enumerate().map(|(i, relation)| {
        let (name, ty) = (&relation.field.ident, &relation.field.ty);
        let place = ty.inner.span();
        let (private, definition) = (private_at(place), at(i, place));
        let (this, origin) = (local("self", place), local("__origin", place));
        match (&relation.link, ty.optional) {
            (Link::ManyToMany { .. }, _) => quote_spanned! {place=>
                #private::ManyToMany::attach(&mut #this.#name, #origin, &#this.#pk, #definition);
            },
            (Link::ForeignKey { .. }, false) => quote_spanned! {place=>
                #private::ForeignKey::attach(&mut #this.#name, #origin, #definition);
            },
            (Link::ForeignKey { .. }, true) => quote_spanned! {place=>
                if let ::core::option::Option::Some(__key) = &mut #this.#name {
                    #private::ForeignKey::attach(__key, #origin, #definition);
                }
            },
        }
    });
    quote! {
        fn attach(&mut self, __origin: &#private::Origin) {
            #own
            #(#relations)*
        }
    }
}

/// The fields without a column, in a row that is read or built: they are filled on demand.
pub(super) fn without_column(model: &Model) -> impl Iterator<Item = TokenStream> {
    let without = model.relations.iter().filter(|r| matches!(r.link, Link::ManyToMany { .. }));
    without.map(|relation| {
        let (name, ty) = (&relation.field.ident, &relation.field.ty.full);
        let default = quote_spanned!(ty.span()=> <#ty as ::core::default::Default>::default());
        quote!(#name: #default,)
    })
}

/// What `build` checks of the foreign keys of `__model`: that each is the key of a row.
pub(super) fn check_keys(model: &Model) -> impl Iterator<Item = TokenStream> {
    let keys = model.relations.iter().filter(|r| matches!(r.link, Link::ForeignKey { .. }));
    keys.map(|relation| {
        let (owner, Relation { name, field, target, .. }) = (&model.name, relation);
        let (ident, span) = (&field.ident, target.span());
        let (private, built) = (private_at(span), local("__model", span));
        let key = match field.ty.optional {
            true => quote_spanned!(span=> ::core::option::Option::as_ref(&#built.#ident)),
            false => quote_spanned!(span=> ::core::option::Option::Some(&#built.#ident)),
        };
        quote_spanned!(span=> #private::check_key(#owner, #name, #key)?;)
    })
}

/// The relation at this position, for code at this place.
pub(super) fn at(index: usize, place: Span) -> TokenStream {
    let mut index = Literal::usize_unsuffixed(index);
    index.set_span(place);
    quote_spanned!(place=> &__RELATIONS[#index])
}
