//! Relations as the other model has them: a method and a const, its own or of a trait.
//!
//! Their names are where the user wrote them, or at the field: that is where rustc reports that a name is taken.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{private, relations};
use crate::ir::{Link, Model, Relation, Reverse};

/// The implementations.
pub(super) fn impls(model: &Model) -> impl Iterator<Item = TokenStream> {
    ways_back(model).map(|(i, relation, reverse)| {
        let private = private();
        let Signatures { const_docs, constant, docs, method } = signatures(model, relation, reverse);
        let definition = relations::at(i);
        let query = match relation.link {
            Link::ForeignKey { .. } => quote!(reverse_query),
            Link::ManyToMany { .. } => quote!(reverse_many_to_many),
        };
        let target = &relation.target;
        // A model of another crate is reported where it is named.
        let (head, vis) = match &reverse.in_trait {
            Some(name) => (quote_spanned!(target.span()=> impl #name for #target), None),
            None => (quote_spanned!(target.span()=> impl #target), Some(&model.vis)),
        };
        quote! {
            #head {
                #const_docs
                #vis #constant = #private::Relation::reverse(#definition);

                #docs
                #vis #method {
                    #private::#query(self, #definition)
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
    let private = private();
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
        constant: quote!(const #constant: #private::Relation<#target, #ident, #private::Many>),
        docs: quote!(#[doc = #doc] #[doc = ""] #[doc = #example]),
        method: quote!(fn #method(&self) -> ::sqliter_async::#ty<#ident>),
    }
}
