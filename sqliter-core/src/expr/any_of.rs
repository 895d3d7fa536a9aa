//! [`AnyOf`]: a column reached over a to-many relation.

use std::fmt;
use std::marker::PhantomData;

use super::node::ExprNode;
use crate::relation::Hop;
use crate::types::Store;

/// A value of type `T` of the rows that a path over a to-many relation of `M` leads to: `Author::BOOKS.to(Book::YEAR)`.
///
/// A comparison holds when one of the rows satisfies it. There is no order by it and no selection of it. Two comparisons may be
/// satisfied by two different rows; for one row that satisfies both use `Author::BOOKS.any(..)`.
pub struct AnyOf<M, T> {
    pub(super) hops: Vec<Hop>,
    pub(super) node: ExprNode,
    pub(super) store: Store,
    phantom: PhantomData<fn() -> (M, T)>,
}

impl<M, T> AnyOf<M, T> {
    pub(super) fn new(hops: Vec<Hop>, node: ExprNode, store: Store) -> Self {
        AnyOf { hops, node, store, phantom: PhantomData }
    }
}

impl<M, T> Clone for AnyOf<M, T> {
    fn clone(&self) -> Self {
        AnyOf::new(self.hops.clone(), self.node.clone(), self.store)
    }
}

impl<M, T> fmt::Debug for AnyOf<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyOf({:?}, {:?})", self.hops, self.node)
    }
}

/// The model of the other side of a comparison with an [`AnyOf`]: there is none, only values.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum NoModel {}
