//! [`alias`]: an annotation by its name, in `having` and `order`.

use super::filter::Filter;
use super::lookup::LookupValue;
use super::node::{FilterNode, OrderBy, OrderNode};
use super::order::{IntoOrder, Order};

/// What an annotation or `with_count` of this name computes: for `having` and `order`.
///
/// A name that the query does not have is an error when it runs.
pub fn alias(name: &str) -> Alias {
    Alias(name.to_owned())
}

/// An annotation, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias(String);

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident $operator:literal;)*) => { $(
        $(#[$doc])*
        pub fn $name<M>(self, value: impl Into<LookupValue>) -> Filter<M> {
            self.lookup($operator, value.into())
        }
    )* };
}

impl Alias {
    fn lookup<M>(self, operator: &str, value: LookupValue) -> Filter<M> {
        Filter::new(FilterNode::Lookup(format!("{}__{operator}", self.0), value))
    }

    comparisons! {
        /// Equal.
        eq "eq";
        /// Not equal; `NULL` is not equal to any value.
        ne "ne";
        /// Greater.
        gt "gt";
        /// Greater or equal.
        gte "gte";
        /// Less.
        lt "lt";
        /// Less or equal.
        lte "lte";
        /// One of a list.
        is_in "in";
        /// None of a list.
        not_in "not_in";
        /// From the first of two values to the second, both included.
        between "between";
        /// SQL `LIKE`.
        like "like";
        /// Starts with a text.
        starts_with "startswith";
        /// Contains a text.
        contains "contains";
    }

    /// SQL `IS NULL`.
    pub fn is_null<M>(self) -> Filter<M> {
        self.lookup("isnull", true.into())
    }

    /// SQL `IS NOT NULL`.
    pub fn is_not_null<M>(self) -> Filter<M> {
        self.lookup("notnull", true.into())
    }

    fn order<M>(self, descending: bool) -> Order<M> {
        Order::of(OrderNode { by: OrderBy::Named(self.0), descending, nulls: None })
    }

    /// Smallest first.
    pub fn asc<M>(self) -> Order<M> {
        self.order(false)
    }

    /// Largest first.
    pub fn desc<M>(self) -> Order<M> {
        self.order(true)
    }
}

impl<M> IntoOrder<M> for Alias {
    fn add_to(self, terms: &mut Vec<OrderNode>) {
        IntoOrder::<M>::add_to(self.asc::<M>(), terms);
    }
}
