//! Looking into JSON columns.

use super::any_of::AnyOf;
use super::column::{Column, Expr};
use super::filter::Filter;
use super::lookup::LookupValue;
use super::node::{ExprNode, FilterNode};
use crate::types::{DbType, Json, Store};

/// A column that holds JSON.
#[diagnostic::on_unimplemented(
    message = "this operator is for JSON columns, and the column is `{Self}`",
    label = "the column is not JSON",
    note = "text has `contains`, and any column has `is_in`"
)]
pub trait JsonColumn {}
impl<T> JsonColumn for Json<T> {}
impl<T> JsonColumn for Option<Json<T>> {}

macro_rules! operators {
    ($($c:ident)*) => { $(
        impl<M, T> $c<M, T> {
            /// A value inside the column, such as `path::<String>("address.city")` or `path::<i64>("scores[0]")`; `None` where
            /// there is none, and for JSON's `null`. Objects and lists come as JSON text: `path::<Json<Vec<i64>>>("scores")`.
            /// JSON's `true` and `false` are 1 and 0. `[-1]` is the last of a list.
            ///
            /// A `.` separates keys. A key that has one in it, or a `[` or `"`, is written in quotes: `path("\"a.b\".c")`; a
            /// backslash inside them takes the next character as it is.
            ///
            /// SQL: `json_extract(.., '$."address"."city"')`.
            pub fn path<V: DbType>(self, path: &str) -> Expr<M, Option<V>> where T: JsonColumn {
                Expr::new(ExprNode::JsonPath(Box::new(self.to_node()), path.to_owned()), Store::Default)
            }

            fn holds<I: IntoIterator<Item: Into<LookupValue>>>(self, values: I, all: bool) -> Filter<M> {
                let items = values.into_iter().map(Into::into).collect();
                Filter::new(FilterNode::JsonContains { expr: self.to_node(), items, all })
            }

            /// The list holds one of these values. Of no values nothing matches. A text is no number: `"1"` is not `1`; but
            /// `true` is `1`, and `None` is JSON's `null`. Lists in the list are none of the values.
            pub fn contains_any<I: IntoIterator<Item: Into<LookupValue>>>(self, values: I) -> Filter<M>
            where
                T: JsonColumn,
            {
                self.holds(values, false)
            }

            /// The list holds each of these values. Of no values everything matches.
            pub fn contains_all<I: IntoIterator<Item: Into<LookupValue>>>(self, values: I) -> Filter<M>
            where
                T: JsonColumn,
            {
                self.holds(values, true)
            }
        }
    )* };
}
operators!(Column Expr);

impl<M, T> AnyOf<M, T> {
    /// A value inside the column of the related rows.
    pub fn path<V: DbType>(self, path: &str) -> AnyOf<M, Option<V>>
    where
        T: JsonColumn,
    {
        AnyOf::new(self.hops, ExprNode::JsonPath(Box::new(self.node), path.to_owned()), Store::Default)
    }

    fn holds<I: IntoIterator<Item: Into<LookupValue>>>(self, values: I, all: bool) -> Filter<M> {
        let items = values.into_iter().map(Into::into).collect();
        let inner = FilterNode::JsonContains { expr: self.node, items, all };
        Filter::new(FilterNode::Exists(self.hops, Box::new(inner)))
    }

    /// The list of one of the related rows holds one of these values.
    pub fn contains_any<I: IntoIterator<Item: Into<LookupValue>>>(self, values: I) -> Filter<M>
    where
        T: JsonColumn,
    {
        self.holds(values, false)
    }

    /// The list of one of the related rows holds each of these values.
    pub fn contains_all<I: IntoIterator<Item: Into<LookupValue>>>(self, values: I) -> Filter<M>
    where
        T: JsonColumn,
    {
        self.holds(values, true)
    }
}
