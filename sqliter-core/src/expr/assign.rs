//! [`Assignment`]: what an update sets.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use super::column::{Column, Expr};
use super::lookup::LookupValue;
use super::node::{AssignNode, AssignTarget, AssignValue, ExprNode};
use crate::types::{ColumnType, DbType, Literal, Store};
use crate::value::Value;

/// What may be assigned to a column of type `T` of `M`: as [`Operand`](super::Operand), but a nullable expression does
/// not go into a column that is never `NULL`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be assigned to a column of type `{T}`",
    label = "expected `{T}`, or an expression of type `{T}` over `{M}`"
)]
pub trait Assign<M, T> {
    #[doc(hidden)]
    fn assigned(self, store: Store) -> ExprNode;
}

fn literal<T: ColumnType>(value: &T, store: Store) -> ExprNode {
    ExprNode::Literal(value.column_literal(store))
}

impl<M, T: ColumnType> Assign<M, T> for T {
    fn assigned(self, store: Store) -> ExprNode {
        literal(&self, store)
    }
}
impl<M, T: DbType> Assign<M, Option<T>> for T {
    fn assigned(self, store: Store) -> ExprNode {
        literal(&self, store)
    }
}

macro_rules! literals {
    ($($t:ty => $column:ty, |$v:ident| $e:expr;)*) => { $(
        impl<M> Assign<M, $column> for $t {
            fn assigned(self, _: Store) -> ExprNode {
                let $v = self;
                ExprNode::Literal(Literal::Value($e))
            }
        }
        impl<M> Assign<M, Option<$column>> for $t {
            fn assigned(self, _: Store) -> ExprNode {
                let $v = self;
                ExprNode::Literal(Literal::Value($e))
            }
        }
    )* };
}
literals! {
    &str => String, |v| Value::Text(v.to_owned());
    &String => String, |v| Value::Text(v.clone());
    Cow<'_, str> => String, |v| Value::Text(v.into_owned());
    i32 => f64, |v| Value::Real(f64::from(v));
}

macro_rules! columns {
    ($($c:ident)*) => { $(
        impl<M, T> Assign<M, T> for $c<M, T> {
            fn assigned(self, _: Store) -> ExprNode {
                self.to_node()
            }
        }
        impl<M, T: DbType> Assign<M, Option<T>> for $c<M, T> {
            fn assigned(self, _: Store) -> ExprNode {
                self.to_node()
            }
        }
    )* };
}
columns!(Column Expr);

/// One assignment to a column of `M`.
pub struct Assignment<M> {
    node: AssignNode,
    model: PhantomData<fn() -> M>,
}

impl<M> Assignment<M> {
    pub(crate) fn new(node: AssignNode) -> Self {
        Assignment { node, model: PhantomData }
    }
}

impl<M> Clone for Assignment<M> {
    fn clone(&self) -> Self {
        Assignment { node: self.node.clone(), model: PhantomData }
    }
}

impl<M> fmt::Debug for Assignment<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

impl<M, T> Column<M, T> {
    /// Sets the column to a value or to an expression over the row: `Product::STOCK.set(Product::STOCK - 1)`.
    pub fn set<V: Assign<M, T>>(self, value: V) -> Assignment<M> {
        let value = AssignValue::Expr(value.assigned(self.store()));
        Assignment { node: AssignNode { target: AssignTarget::Column(self.name().into()), value }, model: PhantomData }
    }
}

/// Sets a field by name: for callers that know it only when the program runs.
///
/// A wrong name is an error of the update.
pub fn assign<M>(field: &str, value: impl Into<LookupValue>) -> Assignment<M> {
    Assignment {
        node: AssignNode { target: AssignTarget::Named(field.to_owned()), value: AssignValue::Dynamic(value.into()) },
        model: PhantomData,
    }
}

/// What an update takes: one assignment, or a tuple or list of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an assignment to columns of `{M}`",
    label = "expected `{M}::COLUMN.set(value)`, a tuple of them, or a `Vec`"
)]
pub trait IntoAssignments<M> {
    #[doc(hidden)]
    fn add_to(self, nodes: &mut Vec<AssignNode>);
}

impl<M> IntoAssignments<M> for Assignment<M> {
    fn add_to(self, nodes: &mut Vec<AssignNode>) {
        nodes.push(self.node);
    }
}
impl<M> IntoAssignments<M> for Vec<Assignment<M>> {
    fn add_to(self, nodes: &mut Vec<AssignNode>) {
        nodes.extend(self.into_iter().map(|a| a.node));
    }
}
impl<M, const N: usize> IntoAssignments<M> for [Assignment<M>; N] {
    fn add_to(self, nodes: &mut Vec<AssignNode>) {
        nodes.extend(self.into_iter().map(|a| a.node));
    }
}

macro_rules! tuples {
    ($($($x:ident)+;)*) => { $(
        impl<M, $($x: IntoAssignments<M>),+> IntoAssignments<M> for ($($x,)+) {
            #[allow(non_snake_case)]
            fn add_to(self, nodes: &mut Vec<AssignNode>) {
                let ($($x,)+) = self;
                $($x.add_to(nodes);)+
            }
        }
    )* };
}
tuples! {
    A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; A B C D E F G H I;
    A B C D E F G H I J; A B C D E F G H I J K; A B C D E F G H I J K L;
}
