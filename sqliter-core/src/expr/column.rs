//! [`Column`], the const of a field, and [`Expr`], a computed value.

use std::fmt;
use std::marker::PhantomData;

use super::node::{ColumnNode, DatePart, ExprNode, Function};
use super::operand::Operand;
use crate::types::{ColumnType, Dated, DbType, Store, Text};

type Phantom<M, T> = PhantomData<fn() -> (M, T)>;

/// A column of the model `M` that holds a `T`: the associated const of a field, such as `User::NAME`.
pub struct Column<M, T> {
    name: &'static str,
    store: Store,
    phantom: Phantom<M, T>,
}

impl<M, T> Clone for Column<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M, T> Copy for Column<M, T> {}

impl<M, T> fmt::Debug for Column<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Column({:?})", self.name)
    }
}

impl<M, T> Column<M, T> {
    #[doc(hidden)]
    pub const fn new(name: &'static str, store: Store) -> Self {
        Column { name, store, phantom: PhantomData }
    }

    /// The column's name in the file.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    #[doc(hidden)]
    pub fn to_node(self) -> ExprNode {
        ExprNode::Column(ColumnNode { name: self.name.into(), store: self.store })
    }

    #[doc(hidden)]
    pub const fn store(&self) -> Store {
        self.store
    }
}

/// A value of type `T` computed from a row of `M`.
pub struct Expr<M, T> {
    node: ExprNode,
    store: Store,
    phantom: Phantom<M, T>,
}

impl<M, T> Clone for Expr<M, T> {
    fn clone(&self) -> Self {
        Expr::new(self.node.clone(), self.store)
    }
}

impl<M, T> fmt::Debug for Expr<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

impl<M, T> Expr<M, T> {
    pub(crate) fn new(node: ExprNode, store: Store) -> Self {
        Expr { node, store, phantom: PhantomData }
    }

    #[doc(hidden)]
    pub fn to_node(self) -> ExprNode {
        self.node
    }

    #[doc(hidden)]
    pub const fn store(&self) -> Store {
        self.store
    }
}

impl<M, T> From<Column<M, T>> for Expr<M, T> {
    fn from(column: Column<M, T>) -> Self {
        Expr::new(column.to_node(), column.store)
    }
}

macro_rules! functions {
    ($($c:ident)*) => { $(
        impl<M, T> $c<M, T> {
            fn call<O>(self, function: Function) -> Expr<M, O> {
                let store = self.store();
                Expr::new(ExprNode::Call(function, vec![self.to_node()]), store)
            }

            /// In lower case, of every script.
            pub fn lower(self) -> Expr<M, T> where T: Text {
                self.call(Function::Lower)
            }

            /// In upper case, of every script.
            pub fn upper(self) -> Expr<M, T> where T: Text {
                self.call(Function::Upper)
            }

            /// The length in characters: SQL `length(..)`.
            pub fn length(self) -> Expr<M, i64> where T: Text {
                self.call(Function::Length)
            }

            /// The absolute value: SQL `abs(..)`.
            pub fn abs(self) -> Expr<M, T> where T: crate::types::Number {
                self.call(Function::Abs)
            }

            fn part<O>(self, part: DatePart) -> Expr<M, O> where T: ColumnType {
                let store = self.store();
                let function = Function::Part(part, store, <T::Base as DbType>::KIND);
                Expr::new(ExprNode::Call(function, vec![self.to_node()]), Store::Default)
            }

            /// The year, in UTC; of a naive time in the zone that it is in.
            pub fn year(self) -> Expr<M, i64> where T: ColumnType + Dated {
                self.part(DatePart::Year)
            }

            /// The month, 1 to 12.
            pub fn month(self) -> Expr<M, i64> where T: ColumnType + Dated {
                self.part(DatePart::Month)
            }

            /// The day of the month, 1 to 31.
            pub fn day(self) -> Expr<M, i64> where T: ColumnType + Dated {
                self.part(DatePart::Day)
            }

            /// The date without its time.
            #[cfg(feature = "chrono")]
            pub fn date(self) -> Expr<M, chrono::NaiveDate> where T: ColumnType + Dated {
                self.part(DatePart::Date)
            }

            /// The value, or `other` where it is `NULL`: SQL `coalesce(.., ..)`.
            pub fn coalesce<V: Operand<M, T::Base>>(self, other: V) -> Expr<M, T::Base> where T: ColumnType {
                let store = self.store();
                Expr::new(ExprNode::Call(Function::Coalesce, vec![self.to_node(), other.operand(store)]), store)
            }
        }
    )* };
}
functions!(Column Expr);
