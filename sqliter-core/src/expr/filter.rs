//! [`Filter`]: a condition on the rows of one model.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr, Not};

use super::node::FilterNode;

/// A condition on rows of `M`. Combine with `&`, `|` and `!`.
pub struct Filter<M> {
    node: FilterNode,
    model: PhantomData<fn() -> M>,
}

impl<M> Filter<M> {
    pub(crate) fn new(node: FilterNode) -> Self {
        Filter { node, model: PhantomData }
    }

    #[doc(hidden)]
    pub fn into_node(self) -> FilterNode {
        self.node
    }

    /// Every one of these holds. Of nothing: every row matches.
    pub fn all(filters: impl IntoIterator<Item = Filter<M>>) -> Self {
        Filter::new(FilterNode::All(filters.into_iter().map(|f| f.node).collect()))
    }

    /// At least one of these holds. Of nothing: no row matches.
    pub fn any(filters: impl IntoIterator<Item = Filter<M>>) -> Self {
        Filter::new(FilterNode::Any(filters.into_iter().map(|f| f.node).collect()))
    }
}

impl<M> Clone for Filter<M> {
    fn clone(&self) -> Self {
        Filter::new(self.node.clone())
    }
}

impl<M> fmt::Debug for Filter<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

impl<M> BitAnd for Filter<M> {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Filter::new(match self.node {
            FilterNode::All(mut all) if !all.is_empty() => {
                all.push(other.node);
                FilterNode::All(all)
            }
            node => FilterNode::All(vec![node, other.node]),
        })
    }
}

impl<M> BitOr for Filter<M> {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Filter::new(match self.node {
            FilterNode::Any(mut any) if !any.is_empty() => {
                any.push(other.node);
                FilterNode::Any(any)
            }
            node => FilterNode::Any(vec![node, other.node]),
        })
    }
}

/// Every row that the filter does not match, rows where it is unknown because of a `NULL` included.
impl<M> Not for Filter<M> {
    type Output = Self;
    fn not(self) -> Self {
        Filter::new(FilterNode::Not(Box::new(self.node)))
    }
}

/// A filter, or none: what `filter(..)` takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filter on `{M}`",
    label = "expected `Filter<{M}>` or `Option<Filter<{M}>>`",
    note = "a filter is made by an operator of a column: `Model::COLUMN.eq(value)`"
)]
pub trait IntoFilter<M> {
    #[doc(hidden)]
    fn into_filter(self) -> Option<Filter<M>>;
}

impl<M> IntoFilter<M> for Filter<M> {
    fn into_filter(self) -> Option<Filter<M>> {
        Some(self)
    }
}
impl<M> IntoFilter<M> for Option<Filter<M>> {
    fn into_filter(self) -> Option<Filter<M>> {
        self
    }
}
