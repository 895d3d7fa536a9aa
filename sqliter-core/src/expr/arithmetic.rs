//! `+ - * /` on columns, expressions and numbers.

use std::ops::{Add, Div, Mul, Sub};

use super::column::{Column, Expr};
use super::node::{Arithmetic, ExprNode};
use crate::types::{DbType, Number, Store};

/// The right-hand side of arithmetic with a column of type `T`, and the type of the result.
#[diagnostic::on_unimplemented(message = "no arithmetic between a column of type `{T}` and `{Self}`")]
pub trait Rhs<M, T> {
    /// The type of the result.
    type Out;
    #[doc(hidden)]
    fn rhs(self) -> ExprNode;
}

fn number(value: impl DbType) -> ExprNode {
    ExprNode::Literal(value.to_literal(Store::Default))
}

macro_rules! same_type {
    ($($t:ty)*) => { $(
        impl<M> Rhs<M, $t> for $t {
            type Out = $t;
            fn rhs(self) -> ExprNode {
                number(self)
            }
        }
        impl<M> Rhs<M, Option<$t>> for $t {
            type Out = Option<$t>;
            fn rhs(self) -> ExprNode {
                number(self)
            }
        }
        columns!($t, $t, $t);
    )* };
}

macro_rules! columns {
    ($left:ty, $right:ty, $out:ty) => {
        columns!(@ $left, $right, $out, Column);
        columns!(@ $left, $right, $out, Expr);
    };
    (@ $left:ty, $right:ty, $out:ty, $c:ident) => {
        columns!(@@ $left, $right, $out, $c);
        columns!(@@ Option<$left>, $right, Option<$out>, $c);
        columns!(@@ $left, Option<$right>, Option<$out>, $c);
        columns!(@@ Option<$left>, Option<$right>, Option<$out>, $c);
    };
    (@@ $left:ty, $right:ty, $out:ty, $c:ident) => {
        impl<M> Rhs<M, $left> for $c<M, $right> {
            type Out = $out;
            fn rhs(self) -> ExprNode {
                self.to_node()
            }
        }
    };
}

same_type!(i8 i16 i32 i64 u8 u16 u32 f32 f64);
columns!(f64, i64, f64);
columns!(i64, f64, f64);
columns!(f64, i32, f64);
columns!(i32, f64, f64);

impl<M> Rhs<M, f64> for i32 {
    type Out = f64;
    fn rhs(self) -> ExprNode {
        number(f64::from(self))
    }
}
impl<M> Rhs<M, Option<f64>> for i32 {
    type Out = Option<f64>;
    fn rhs(self) -> ExprNode {
        number(f64::from(self))
    }
}
impl<M> Rhs<M, i64> for f64 {
    type Out = f64;
    fn rhs(self) -> ExprNode {
        number(self)
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $op:ident;)*) => { $(
        operators!(@ $trait $method $op, Column);
        operators!(@ $trait $method $op, Expr);
        operators!(@left $trait $method $op, i64);
        operators!(@left $trait $method $op, f64);
    )* };
    (@ $trait:ident $method:ident $op:ident, $c:ident) => {
        impl<M, T: Number, R: Rhs<M, T>> $trait<R> for $c<M, T> {
            type Output = Expr<M, R::Out>;
            fn $method(self, right: R) -> Self::Output {
                Expr::new(
                    ExprNode::Binary(Arithmetic::$op, Box::new(self.to_node()), Box::new(right.rhs())),
                    Store::Default,
                )
            }
        }
    };
    // A literal on the left: `10 - Product::STOCK`.
    (@left $trait:ident $method:ident $op:ident, $t:ty) => {
        impl<M> $trait<Column<M, $t>> for $t {
            type Output = Expr<M, $t>;
            fn $method(self, right: Column<M, $t>) -> Self::Output {
                Expr::new(
                    ExprNode::Binary(Arithmetic::$op, Box::new(number(self)), Box::new(right.to_node())),
                    Store::Default,
                )
            }
        }
    };
}
operators! {
    Add add Add;
    Sub sub Sub;
    Mul mul Mul;
    Div div Div;
}
