//! Aggregates: `func::sum(Sale::AMOUNT)`, and the same over related rows.

use std::fmt;
use std::marker::PhantomData;

use super::any_of::AnyOf;
use super::column::Expr;
use super::node::{AggregateFunction, AggregateNode, ExprNode, FilterNode};
use super::order::{IntoOrder, Order};
use super::select::Select;
use crate::types::{ColumnType, Number, Ordered, Store};

/// An aggregate of type `T` over rows of `M`.
pub struct Aggregate<M, T> {
    node: AggregateNode,
    store: Store,
    phantom: PhantomData<fn() -> (M, T)>,
}

impl<M, T> Aggregate<M, T> {
    fn new(function: AggregateFunction, of: Option<ExprNode>, store: Store) -> Self {
        let node = AggregateNode { function, of: of.map(Box::new), distinct: false };
        Aggregate { node, store, phantom: PhantomData }
    }

    /// Equal values count once: SQL `COUNT(DISTINCT ..)`.
    pub fn distinct(mut self) -> Self {
        self.node.distinct = true;
        self
    }

    #[doc(hidden)]
    pub fn to_node(self) -> ExprNode {
        ExprNode::Aggregate(self.node)
    }

    #[doc(hidden)]
    pub const fn store(&self) -> Store {
        self.store
    }

    /// Smallest first.
    pub fn asc(self) -> Order<M> {
        Expr::from(self).asc()
    }

    /// Largest first.
    pub fn desc(self) -> Order<M> {
        Expr::from(self).desc()
    }
}

impl<M, T> From<Aggregate<M, T>> for Expr<M, T> {
    fn from(aggregate: Aggregate<M, T>) -> Self {
        let store = aggregate.store;
        Expr::new(aggregate.to_node(), store)
    }
}

impl<M, T> IntoOrder<M> for Aggregate<M, T> {
    fn add_to(self, terms: &mut Vec<super::node::OrderNode>) {
        self.asc().add_to(terms);
    }
}

impl<M, T> Clone for Aggregate<M, T> {
    fn clone(&self) -> Self {
        Aggregate { node: self.node.clone(), store: self.store, phantom: PhantomData }
    }
}

impl<M, T> fmt::Debug for Aggregate<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

/// A number that can be added up.
#[diagnostic::on_unimplemented(
    message = "columns of type `{Self}` cannot be added up",
    label = "not a number",
    note = "`count_of` takes any column, `min` and `max` any that has an order"
)]
pub trait Summable: Number {
    /// The type of the sum.
    type Sum: ColumnType;
}
macro_rules! summable {
    ($($t:ty => $sum:ty;)*) => { $(
        impl Summable for $t {
            type Sum = $sum;
        }
        impl Summable for Option<$t> {
            type Sum = $sum;
        }
    )* };
}
summable! {
    i8 => i64; i16 => i64; i32 => i64; i64 => i64; i128 => i64; isize => i64;
    u8 => i64; u16 => i64; u32 => i64; u64 => i64; u128 => i64; usize => i64;
    f32 => f64; f64 => f64;
}

/// The aggregate functions.
pub mod func {
    use super::{Aggregate, Summable};
    use crate::expr::node::AggregateFunction;
    use crate::expr::select::Select;
    use crate::types::{ColumnType, Number, Ordered, Store};

    fn of<M, O>(function: AggregateFunction, what: impl Select<M>) -> Aggregate<M, O> {
        let (node, store) = what.into_expr();
        Aggregate::new(function, Some(node), store)
    }

    /// How many rows: SQL `COUNT(*)`.
    pub fn count<M>() -> Aggregate<M, i64> {
        Aggregate::new(AggregateFunction::Count, None, Store::Default)
    }

    /// How many values that are not `NULL`: SQL `COUNT(x)`.
    pub fn count_of<M, S: Select<M>>(what: S) -> Aggregate<M, i64> {
        let (node, _) = what.into_expr();
        Aggregate::new(AggregateFunction::Count, Some(node), Store::Default)
    }

    /// The sum of the values that are not `NULL`; `None` of none: SQL `SUM(x)`.
    pub fn sum<M, T: Summable, S: Select<M, Out = T>>(what: S) -> Aggregate<M, Option<T::Sum>> {
        of(AggregateFunction::Sum, what)
    }

    /// The average of the values that are not `NULL`; `None` of none: SQL `AVG(x)`.
    pub fn avg<M, T: Number, S: Select<M, Out = T>>(what: S) -> Aggregate<M, Option<f64>> {
        of(AggregateFunction::Avg, what)
    }

    /// The smallest value; `None` of none: SQL `MIN(x)`.
    pub fn min<M, T: ColumnType + Ordered, S: Select<M, Out = T>>(what: S) -> Aggregate<M, Option<T::Base>> {
        of(AggregateFunction::Min, what)
    }

    /// The largest value; `None` of none: SQL `MAX(x)`.
    pub fn max<M, T: ColumnType + Ordered, S: Select<M, Out = T>>(what: S) -> Aggregate<M, Option<T::Base>> {
        of(AggregateFunction::Max, what)
    }
}

impl<M, T> AnyOf<M, T> {
    fn aggregate<O>(self, function: AggregateFunction) -> Expr<M, O> {
        let node = AggregateNode { function, of: Some(Box::new(self.node)), distinct: false };
        Expr::new(ExprNode::Related(self.hops, node, Box::new(FilterNode::All(Vec::new()))), self.store)
    }

    /// The sum over the related rows; `None` of none: SQL `(SELECT SUM(x) FROM ..)`.
    pub fn sum(self) -> Expr<M, Option<T::Sum>>
    where
        T: Summable,
    {
        self.aggregate(AggregateFunction::Sum)
    }

    /// The average over the related rows; `None` of none.
    pub fn avg(self) -> Expr<M, Option<f64>>
    where
        T: Number,
    {
        self.aggregate(AggregateFunction::Avg)
    }

    /// The smallest value of the related rows; `None` of none.
    pub fn min(self) -> Expr<M, Option<T::Base>>
    where
        T: ColumnType + Ordered,
    {
        self.aggregate(AggregateFunction::Min)
    }

    /// The largest value of the related rows; `None` of none.
    pub fn max(self) -> Expr<M, Option<T::Base>>
    where
        T: ColumnType + Ordered,
    {
        self.aggregate(AggregateFunction::Max)
    }
}

impl<M, T: ColumnType> Select<M> for Aggregate<M, T> {
    type Out = T;

    fn into_expr(self) -> (ExprNode, Store) {
        let store = self.store;
        (self.to_node(), store)
    }
}
