//! Relations as the other model has them: a method and a const, its own or of a trait.
//!
//! Every token of them is where the user wrote the name, or at the field: that is where rustc reports that a name is taken.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::{private_at, relations};
use crate::ir::{Link, Model, Relation, Reverse};

/// The implementations.
pub(super) fn impls(model: &Model) -> impl Iterator<Item = TokenStream> {
    ways_back(model).map(|(i, relation, reverse)| {
        let Signatures { const_docs, constant, docs, method } = signatures(model, relation, reverse);
        let query = match relation.link {
            Link::ForeignKey { .. } => "reverse_query",
            Link::ManyToMany { .. } => "reverse_many_to_many",
        };
        let target = &relation.target;
        let query = Ident::new(query, target.span());
        let (in_trait, vis) = match &reverse.in_trait {
            Some(name) => (Some(quote_spanned!(target.span()=> #name for)), TokenStream::new()),
            None => (None, moved(model.vis.to_token_stream(), reverse.method.span())),
        };
        let place = reverse.method.span();
        let (private, definition) = (private_at(place), relations::at(i, place));
        let value = quote_spanned!(place=> #private::Relation::reverse(#definition););
        let place = target.span();
        let (private, definition, this) = (private_at(place), relations::at(i, place), own_self(place, reverse));
        let call = quote_spanned!(place=> #private::#query(#this, #definition));
        // A model of another crate is reported where it is named.
        quote_spanned! {target.span()=>
            impl #in_trait #target {
                #const_docs
                #vis #constant = #value

                #docs
                #vis #method {
                    #call
                }
            }
        }
    })
}

/// The traits: beside the struct, where they can be imported from.
pub(super) fn traits(model: &Model) -> impl Iterator<Item = TokenStream> {
    ways_back(model).filter_map(|(_, relation, reverse)| {
        let vis = &model.vis;
        let name = reverse.in_trait.as_ref()?;
        let Signatures { const_docs, constant, docs, method } = signatures(model, relation, reverse);
        let doc = format!("The way back to `{}` by its `{}`.", model.name, relation.name);
        Some(quote! {
            #[doc = #doc]
            #[allow(dead_code, missing_docs, private_bounds, private_interfaces, unreachable_pub, clippy::all)]
            #vis trait #name {
                #const_docs
                #constant;

                #docs
                #method;
            }
        })
    })
}

fn ways_back(model: &Model) -> impl Iterator<Item = (usize, &Relation, &Reverse)> {
    model.relations.iter().enumerate().filter_map(|(i, r)| Some((i, r, r.reverse.as_ref()?)))
}

/// What the trait and its implementation both begin with.
struct Signatures {
    const_docs: TokenStream,
    constant: TokenStream,
    docs: TokenStream,
    method: TokenStream,
}

fn signatures(model: &Model, relation: &Relation, reverse: &Reverse) -> Signatures {
    let (span, this) = (reverse.method.span(), own_self(reverse.method.span(), reverse));
    let private = private_at(span);
    let (ident, target) = (&model.ident, &relation.target);
    let Reverse { name, method, constant, .. } = reverse;
    let (which, ty) = match relation.link {
        Link::ForeignKey { .. } => (format!("whose `{}` is this one", relation.name), quote!(ReverseQuery)),
        Link::ManyToMany { .. } => (format!("that have this one among their `{}`", relation.name), quote!(ManyToMany)),
    };
    let const_doc = format!("The relation to every `{}` by its `{}`.", model.name, relation.name);
    let doc = format!("The `{}` rows {which}.", model.name);
    let example = format!("`.{name}().fetch_all().await?` reads them, `.{name}().count().await?` counts them.");
    Signatures {
        const_docs: quote!(#[doc = #const_doc]),
        constant: quote_spanned!(span=> const #constant: #private::Relation<#target, #ident, #private::Many>),
        docs: quote!(#[doc = #doc] #[doc = ""] #[doc = #example]),
        method: quote_spanned!(span=> fn #method(&#this) -> ::sqliter_async::#ty<#ident>),
    }
}

/// `self` at a place, as the name's macro knows it.
fn own_self(place: Span, reverse: &Reverse) -> Ident {
    Ident::new("self", place.resolved_at(reverse.method.span()))
}

/// The same tokens in another place, where they mean what they mean in their own.
fn moved(tokens: TokenStream, to: Span) -> TokenStream {
    let token = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            token = TokenTree::Group(Group::new(group.delimiter(), moved(group.stream(), to)));
        }
        token.set_span(to.resolved_at(token.span()));
        token
    };
    tokens.into_iter().map(token).collect()
}
