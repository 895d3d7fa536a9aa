//! [`Order`]: by what the rows are sorted.

use std::fmt;
use std::marker::PhantomData;

use super::column::{Column, Expr};
use super::node::{Nulls, OrderBy, OrderNode};

/// One or several terms of an order over rows of `M`.
pub struct Order<M> {
    terms: Vec<OrderNode>,
    model: PhantomData<fn() -> M>,
}

impl<M> Order<M> {
    pub(super) fn of(term: OrderNode) -> Self {
        Order { terms: vec![term], model: PhantomData }
    }

    fn one(by: OrderBy, descending: bool) -> Self {
        Order { terms: vec![OrderNode { by, descending, nulls: None }], model: PhantomData }
    }

    fn nulls(mut self, nulls: Nulls) -> Self {
        for term in &mut self.terms {
            term.nulls = Some(nulls);
        }
        self
    }

    /// `NULL`s before everything: SQL `NULLS FIRST`.
    pub fn nulls_first(self) -> Self {
        self.nulls(Nulls::First)
    }

    /// `NULL`s after everything: SQL `NULLS LAST`.
    pub fn nulls_last(self) -> Self {
        self.nulls(Nulls::Last)
    }
}

impl<M> Clone for Order<M> {
    fn clone(&self) -> Self {
        Order { terms: self.terms.clone(), model: PhantomData }
    }
}

impl<M> fmt::Debug for Order<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.terms.fmt(f)
    }
}

/// What `order(..)` takes: a column, `.asc()`, `.desc()`, a string such as `"-year"`, or a tuple or list of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot order a query over `{M}`",
    label = "expected a column of `{M}`, its `.asc()` or `.desc()`, a string, or a tuple or list of these"
)]
pub trait IntoOrder<M> {
    #[doc(hidden)]
    fn add_to(self, terms: &mut Vec<OrderNode>);
}

impl<M> IntoOrder<M> for Order<M> {
    fn add_to(self, terms: &mut Vec<OrderNode>) {
        terms.extend(self.terms);
    }
}

macro_rules! columns {
    ($($c:ident)*) => { $(
        impl<M, T> $c<M, T> {
            /// Smallest first; `NULL`s before everything unless told otherwise.
            pub fn asc(self) -> Order<M> {
                Order::one(OrderBy::Expr(self.to_node()), false)
            }

            /// Largest first; `NULL`s after everything unless told otherwise.
            pub fn desc(self) -> Order<M> {
                Order::one(OrderBy::Expr(self.to_node()), true)
            }
        }
        impl<M, T> IntoOrder<M> for $c<M, T> {
            fn add_to(self, terms: &mut Vec<OrderNode>) {
                self.asc().add_to(terms);
            }
        }
    )* };
}
columns!(Column Expr);

impl<M> IntoOrder<M> for &str {
    fn add_to(self, terms: &mut Vec<OrderNode>) {
        let (name, descending) = match self.strip_prefix('-') {
            Some(name) => (name, true),
            None => (self, false),
        };
        terms.extend(Order::<M>::one(OrderBy::Named(name.to_owned()), descending).terms);
    }
}
impl<M> IntoOrder<M> for String {
    fn add_to(self, terms: &mut Vec<OrderNode>) {
        IntoOrder::<M>::add_to(self.as_str(), terms);
    }
}
impl<M, O: IntoOrder<M>, const N: usize> IntoOrder<M> for [O; N] {
    fn add_to(self, terms: &mut Vec<OrderNode>) {
        for order in self {
            order.add_to(terms);
        }
    }
}
impl<M, O: IntoOrder<M>> IntoOrder<M> for Vec<O> {
    fn add_to(self, terms: &mut Vec<OrderNode>) {
        for order in self {
            order.add_to(terms);
        }
    }
}

macro_rules! tuples {
    ($($($x:ident)+;)*) => { $(
        impl<M, $($x: IntoOrder<M>),+> IntoOrder<M> for ($($x,)+) {
            #[allow(non_snake_case)]
            fn add_to(self, terms: &mut Vec<OrderNode>) {
                let ($($x,)+) = self;
                $($x.add_to(terms);)+
            }
        }
    )* };
}
tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; }
