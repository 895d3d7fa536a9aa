//! What `select_related` and `prefetch_related` take.

use std::fmt;
use std::marker::PhantomData;

use super::filter::{Filter, IntoFilter};
use super::order::IntoOrder;
use super::relation::{Relation, RelationKind, RelationPath, ToMany, ToOne};
use crate::plan::{PathNode, PrefetchNode};

/// Related rows to load ahead, some of them or in an order: `Author::BOOKS.filter(..).order(..)`.
///
/// `M` is the model whose rows they are loaded for, `T` their own.
pub struct Prefetch<M, T> {
    node: PrefetchNode,
    phantom: PhantomData<fn() -> (M, T)>,
}

impl<M, T> Prefetch<M, T> {
    fn new(node: PrefetchNode) -> Self {
        Prefetch { node, phantom: PhantomData }
    }

    /// Keeps the related rows that match.
    pub fn filter(mut self, filter: impl IntoFilter<T>) -> Self {
        self.node.filters.extend(filter.into_filter().map(Filter::into_node));
        self
    }

    /// Sorts the related rows. A second call replaces the first.
    pub fn order(mut self, order: impl IntoOrder<T>) -> Self {
        self.node.order.clear();
        order.add_to(&mut self.node.order);
        self
    }

    /// Loads what belongs to the related rows too. Several calls add up.
    pub fn then(mut self, next: impl IntoPrefetch<T>) -> Self {
        self.node.then.push(next.into_prefetch());
        self
    }
}

impl<M, T> Clone for Prefetch<M, T> {
    fn clone(&self) -> Self {
        Prefetch::new(self.node.clone())
    }
}

impl<M, T> fmt::Debug for Prefetch<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

/// What `select_related(..)` takes: a foreign key, a path of them, or a string such as `"book__author"`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be joined into a query over `{M}`",
    label = "expected a foreign key of `{M}`, a path of foreign keys, or a string"
)]
pub trait IntoJoin<M> {
    #[doc(hidden)]
    fn into_join(self) -> PathNode;
}

/// What `prefetch_related(..)` takes: a relation, a path of them, a relation with `.filter(..)` or `.order(..)`, or a string
/// such as `"books__reviews"`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be prefetched for `{M}`",
    label = "expected a relation of `{M}`, a path of relations, or a string"
)]
pub trait IntoPrefetch<M> {
    #[doc(hidden)]
    fn into_prefetch(self) -> PrefetchNode;
}

impl<M, T> IntoPrefetch<M> for Prefetch<M, T> {
    fn into_prefetch(self) -> PrefetchNode {
        self.node
    }
}

macro_rules! names {
    ($($t:ty)*) => { $(
        impl<M> IntoJoin<M> for $t {
            fn into_join(self) -> PathNode {
                PathNode::Named(self.into())
            }
        }
        impl<M> IntoPrefetch<M> for $t {
            fn into_prefetch(self) -> PrefetchNode {
                PrefetchNode::new(PathNode::Named(self.into()))
            }
        }
    )* };
}
names!(&str String &String);

macro_rules! relations {
    ($($c:ident)*) => { $(
        impl<M, T, K: ToOne> IntoJoin<M> for $c<M, T, K> {
            fn into_join(self) -> PathNode {
                PathNode::Hops(self.into_hops())
            }
        }
        impl<M, T, K: RelationKind> IntoPrefetch<M> for $c<M, T, K> {
            fn into_prefetch(self) -> PrefetchNode {
                PrefetchNode::new(PathNode::Hops(self.into_hops()))
            }
        }
        impl<M, T, K: ToMany> $c<M, T, K> {
            /// For `prefetch_related`: keeps the related rows that match.
            pub fn filter(self, filter: impl IntoFilter<T>) -> Prefetch<M, T> {
                Prefetch::new(self.into_prefetch_node()).filter(filter)
            }

            /// For `prefetch_related`: sorts the related rows.
            pub fn order(self, order: impl IntoOrder<T>) -> Prefetch<M, T> {
                Prefetch::new(self.into_prefetch_node()).order(order)
            }

            fn into_prefetch_node(self) -> PrefetchNode {
                PrefetchNode::new(PathNode::Hops(self.into_hops()))
            }
        }
    )* };
}
relations!(Relation RelationPath);
