//! What a query can yield besides whole rows: values, tuples, counts.

use std::sync::Arc;

use super::column::{Column, Expr};
use super::columns::IntoColumns;
use super::node::{AssignTarget, ExprNode};
use super::relation::{DistinctCount, One, Opt, Relation, RelationPath, ToMany, key_node};
use crate::dict::{Columns, Dict};
use crate::key::Pk;
use crate::model::{DbModel, Row};
use crate::plan::{CountNode, PathNode, SelectItem};
use crate::types::{ColumnType, DecodeError, Encoding, Store};

/// A value of a row of `M`: a column, an expression, or the key of a relation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column or expression of `{M}`",
    label = "cannot be selected from `{M}`",
    note = "what a to-many relation leads to is selected by an aggregate: `.count()`, `.sum()`, ..; a name that is known only \
            when the program runs by `.fields([name])`"
)]
pub trait Select<M> {
    /// The type of the value.
    type Out: ColumnType;
    #[doc(hidden)]
    fn into_expr(self) -> (ExprNode, Store);
}

impl<M, T: ColumnType> Select<M> for Column<M, T> {
    type Out = T;
    fn into_expr(self) -> (ExprNode, Store) {
        (self.to_node(), self.store())
    }
}
impl<M, T: ColumnType> Select<M> for Expr<M, T> {
    type Out = T;
    fn into_expr(self) -> (ExprNode, Store) {
        let store = self.store();
        (self.to_node(), store)
    }
}

macro_rules! keys {
    ($($c:ident)*) => { $(
        impl<M, T: DbModel> Select<M> for $c<M, T, One> {
            type Out = Pk<T, T::Key>;
            fn into_expr(self) -> (ExprNode, Store) {
                (key_node(self.into_hops()), Store::Default)
            }
        }
        impl<M, T: DbModel> Select<M> for $c<M, T, Opt> {
            type Out = Option<Pk<T, T::Key>>;
            fn into_expr(self) -> (ExprNode, Store) {
                (key_node(self.into_hops()), Store::Default)
            }
        }
        impl<M, T, K: ToMany> IntoCount<M> for $c<M, T, K> {
            fn into_count(self) -> CountNode {
                CountNode { path: PathNode::Hops(self.into_hops()), distinct: false }
            }
        }
    )* };
}
keys!(Relation RelationPath);

fn item<M>(what: impl Select<M>) -> SelectItem {
    let (node, store) = what.into_expr();
    SelectItem::expr(node, store)
}

/// Several values of a row of `M`: a tuple of columns and expressions, which yields a tuple, or a list of names, which yields
/// a [`Dict`](https://docs.rs/sqliter-async/latest/sqliter_async/struct.Dict.html).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of columns of `{M}`",
    label = "expected a tuple such as `({M}::A, {M}::B)`, or a list of names",
    note = "for a single column use `.only(..)`"
)]
pub trait FieldSet<M> {
    #[doc(hidden)]
    type Out: Fields;
    #[doc(hidden)]
    fn items(self) -> Vec<SelectItem>;
}

/// What a row of a query becomes when it is neither a model nor a [`Dict`]: read by position.
#[doc(hidden)]
pub trait Fields: Clone + Send + Sync + 'static {
    /// Reads the values from the first column on.
    ///
    /// # Errors
    /// When a stored value does not fit.
    fn read<R: Row>(row: &R, columns: &Arc<Columns>) -> Result<Self, DecodeError>;
}

impl Fields for Dict {
    fn read<R: Row>(row: &R, columns: &Arc<Columns>) -> Result<Self, DecodeError> {
        let values = (0..columns.len()).map(|i| row.value(i).to_value()).collect();
        Ok(Dict::new(columns.clone(), values))
    }
}

/// Reads one value.
///
/// # Errors
/// When the stored value does not fit.
#[doc(hidden)]
pub fn read_value<T: ColumnType, R: Row>(row: &R, index: usize, columns: &Columns) -> Result<T, DecodeError> {
    let column = columns.get(index);
    let store = column.map_or(Store::Default, |(_, store)| store);
    T::from_sql(row.value(index), Encoding::new(store, row.local_time())).map_err(|e| match column {
        Some((name, _)) => e.in_column(name.clone()),
        None => e,
    })
}

macro_rules! tuples {
    ($($($x:ident $i:tt)+;)*) => { $(
        impl<M, $($x: Select<M>),+> FieldSet<M> for ($($x,)+) {
            type Out = ($($x::Out,)+);
            fn items(self) -> Vec<SelectItem> {
                vec![$(item(self.$i)),+]
            }
        }
        impl<$($x: ColumnType),+> Fields for ($($x,)+) {
            fn read<R_: Row>(row: &R_, columns: &Arc<Columns>) -> Result<Self, DecodeError> {
                Ok(($(read_value::<$x, R_>(row, $i, columns)?,)+))
            }
        }
        impl<M, $($x: IntoGroups<M>),+> IntoGroups<M> for ($($x,)+) {
            fn add_to(self, groups: &mut Vec<SelectItem>) {
                $(self.$i.add_to(groups);)+
            }
        }
    )* };
}
tuples! {
    A 0; A 0 B 1; A 0 B 1 C 2; A 0 B 1 C 2 D 3; A 0 B 1 C 2 D 3 E 4; A 0 B 1 C 2 D 3 E 4 F 5;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6; A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7; A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9; A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11;
}

macro_rules! names {
    ($($t:ty)*) => { $(
        impl<M> FieldSet<M> for Vec<$t> {
            type Out = Dict;
            fn items(self) -> Vec<SelectItem> {
                self.iter().map(|name| SelectItem::named(name.as_ref())).collect()
            }
        }
        impl<M> FieldSet<M> for &[$t] {
            type Out = Dict;
            fn items(self) -> Vec<SelectItem> {
                self.iter().map(|name| SelectItem::named(name.as_ref())).collect()
            }
        }
        impl<M, const N: usize> FieldSet<M> for [$t; N] {
            type Out = Dict;
            fn items(self) -> Vec<SelectItem> {
                self.iter().map(|name| SelectItem::named(name.as_ref())).collect()
            }
        }
    )* };
}
names!(&str String);

/// What `group_by(..)` takes: a column, an expression, a relation, a name, or a tuple or list of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot group a query over `{M}`",
    label = "expected a column or expression of `{M}`, a name, or a tuple or list of these"
)]
pub trait IntoGroups<M> {
    #[doc(hidden)]
    fn add_to(self, groups: &mut Vec<SelectItem>);
}
macro_rules! groups {
    ($([$($p:tt)*] $t:ty;)*) => { $(
        impl<M, $($p)*> IntoGroups<M> for $t
        where
            $t: Select<M>,
        {
            fn add_to(self, groups: &mut Vec<SelectItem>) {
                groups.push(item(self));
            }
        }
    )* };
}
groups! {
    [T] Column<M, T>;
    [T] Expr<M, T>;
    [T, K] Relation<M, T, K>;
    [T, K] RelationPath<M, T, K>;
}
impl<M> IntoGroups<M> for &str {
    fn add_to(self, groups: &mut Vec<SelectItem>) {
        groups.push(SelectItem::named(self));
    }
}
impl<M> IntoGroups<M> for String {
    fn add_to(self, groups: &mut Vec<SelectItem>) {
        groups.push(SelectItem::named(&self));
    }
}
impl<M, G: IntoGroups<M>> IntoGroups<M> for Vec<G> {
    fn add_to(self, groups: &mut Vec<SelectItem>) {
        self.into_iter().for_each(|g| g.add_to(groups));
    }
}
impl<M, G: IntoGroups<M>, const N: usize> IntoGroups<M> for [G; N] {
    fn add_to(self, groups: &mut Vec<SelectItem>) {
        self.into_iter().for_each(|g| g.add_to(groups));
    }
}

/// What `with_count(..)` takes: a to-many relation, a path to one, either with `.distinct()`, or a string.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be counted for `{M}`",
    label = "expected a to-many relation of `{M}`, a path to one, or a string"
)]
pub trait IntoCount<M> {
    #[doc(hidden)]
    fn into_count(self) -> CountNode;
}
impl<M> IntoCount<M> for DistinctCount<M> {
    fn into_count(self) -> CountNode {
        CountNode { path: PathNode::Hops(self.hops), distinct: true }
    }
}
impl<M> IntoCount<M> for &str {
    fn into_count(self) -> CountNode {
        IntoCount::<M>::into_count(self.to_owned())
    }
}
impl<M> IntoCount<M> for String {
    fn into_count(self) -> CountNode {
        CountNode { path: PathNode::Named(self), distinct: false }
    }
}

/// The columns that `exclude(..)` leaves out.
#[doc(hidden)]
pub fn excluded<M>(columns: impl IntoColumns<M>) -> Vec<AssignTarget> {
    let mut targets = Vec::new();
    columns.add_to(&mut targets);
    targets
}
