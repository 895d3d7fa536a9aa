//! What may stand on the right of a comparison.
//!
//! Exactly one integer type per integer column, so that literals infer; `&V` by hand instead of a blanket impl, which
//! coherence forbids.

use std::borrow::Cow;

use super::column::{Column, Expr};
use super::node::ExprNode;
use crate::key::{KeyType, Pk};
use crate::model::DbModel;
use crate::types::{ColumnType, DbType, Literal, Store};
use crate::value::Value;

/// What a column of type `T` of `M` can be compared with.
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` cannot be compared with `{Self}`",
    label = "expected `{T}`, or a column of type `{T}` of `{M}`",
    note = "whole-number columns take exactly their own integer type: convert with `i64::from(..)` or `try_into()`"
)]
pub trait Operand<M, T> {
    #[doc(hidden)]
    fn operand(self, store: Store) -> ExprNode;
}

fn literal<T: ColumnType>(value: &T, store: Store) -> ExprNode {
    ExprNode::Literal(value.column_literal(store))
}

fn text(value: &str) -> ExprNode {
    ExprNode::Literal(Literal::Value(Value::Text(value.to_owned())))
}

impl<M, T: ColumnType> Operand<M, T> for T {
    fn operand(self, store: Store) -> ExprNode {
        literal(&self, store)
    }
}
impl<M, T: DbType> Operand<M, Option<T>> for T {
    fn operand(self, store: Store) -> ExprNode {
        literal(&self, store)
    }
}
impl<M, T: ColumnType> Operand<M, T> for &T {
    fn operand(self, store: Store) -> ExprNode {
        literal(self, store)
    }
}
impl<M, T: DbType> Operand<M, Option<T>> for &T {
    fn operand(self, store: Store) -> ExprNode {
        literal(self, store)
    }
}

macro_rules! text_operands {
    ($($t:ty, |$v:ident| $e:expr;)*) => { $(
        impl<M> Operand<M, String> for $t {
            fn operand(self, _: Store) -> ExprNode {
                let $v = self;
                text($e)
            }
        }
        impl<M> Operand<M, Option<String>> for $t {
            fn operand(self, _: Store) -> ExprNode {
                let $v = self;
                text($e)
            }
        }
    )* };
}
text_operands! {
    &str, |v| v;
    &&str, |v| v;
    &&String, |v| v;
    Cow<'_, str>, |v| &v;
}

/// `PRICE.gt(10)`: a float column takes a whole literal too.
impl<M> Operand<M, f64> for i32 {
    fn operand(self, _: Store) -> ExprNode {
        ExprNode::Literal(Literal::Value(Value::Real(f64::from(self))))
    }
}
impl<M> Operand<M, Option<f64>> for i32 {
    fn operand(self, _: Store) -> ExprNode {
        ExprNode::Literal(Literal::Value(Value::Real(f64::from(self))))
    }
}

macro_rules! column_operands {
    ($($c:ident)*) => { $(
        impl<M, T> Operand<M, T> for $c<M, T> {
            fn operand(self, _: Store) -> ExprNode {
                self.to_node()
            }
        }
        impl<M, T: DbType> Operand<M, Option<T>> for $c<M, T> {
            fn operand(self, _: Store) -> ExprNode {
                self.to_node()
            }
        }
        impl<M, T: DbType> Operand<M, T> for $c<M, Option<T>> {
            fn operand(self, _: Store) -> ExprNode {
                self.to_node()
            }
        }
    )* };
}
column_operands!(Column Expr);

macro_rules! key_operands {
    ($($t:ty => $k:ty, |$v:ident| $e:expr;)*) => { $(
        impl<N, M: 'static> Operand<N, Pk<M, $k>> for $t {
            fn operand(self, store: Store) -> ExprNode {
                let $v = self;
                literal::<$k>(&$e, store)
            }
        }
        /// Over an optional key.
        impl<N, M: 'static> Operand<N, Option<Pk<M, $k>>> for $t {
            fn operand(self, store: Store) -> ExprNode {
                Operand::<N, Pk<M, $k>>::operand(self, store)
            }
        }
    )* };
}
key_operands! {
    i64 => i64, |v| v;
    String => String, |v| v;
    &str => String, |v| v.to_owned();
}
#[cfg(feature = "uuid")]
key_operands!(uuid::Uuid => uuid::Uuid, |v| v;);

impl<N, M: DbModel<Key = K>, K: KeyType> Operand<N, Pk<M, K>> for &M {
    fn operand(self, store: Store) -> ExprNode {
        literal(self.pk(), store)
    }
}
impl<N, M: DbModel<Key = K>, K: KeyType> Operand<N, Option<Pk<M, K>>> for &M {
    fn operand(self, store: Store) -> ExprNode {
        literal(self.pk(), store)
    }
}
