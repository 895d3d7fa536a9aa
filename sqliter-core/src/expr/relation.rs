//! [`Relation`], the const of a relation, and paths of them.

use std::fmt;
use std::marker::PhantomData;

use super::any_of::AnyOf;
use super::assign::Assignment;
use super::column::{Column, Expr};
use super::columns::IntoColumns;
use super::filter::{Filter, IntoFilter};
use super::node::{
    AggregateNode, AssignNode, AssignTarget, AssignValue, ColumnNode, Comparison, ExprNode, FilterNode, OrderNode,
};
use super::operators::{compare, membership};
use super::order::{IntoOrder, Order};
use crate::key::{IntoKey, Key, KeyType, Pk};
use crate::model::DbModel;
use crate::relation::{Hop, JunctionInfo, RelationDef};
use crate::types::{ColumnType, Literal, Store};

type Phantom<M, T, K> = PhantomData<fn() -> (M, T, K)>;

/// The kind of a relation that leads to exactly one row: a foreign key.
#[derive(Debug, Clone, Copy)]
pub enum One {}
/// The kind of a relation that leads to one row or none: an optional foreign key.
#[derive(Debug, Clone, Copy)]
pub enum Opt {}
/// The kind of a relation that leads to any number of rows: the way back of a foreign key, and many-to-many.
#[derive(Debug, Clone, Copy)]
pub enum Many {}

/// The kind of a relation: [`One`], [`Opt`] or [`Many`].
pub trait RelationKind: Sized + 'static {
    /// What a column of type `X` becomes at the end of it.
    #[doc(hidden)]
    type Reached<M, X: ColumnType>: FromPath;
    /// The kind of a path that goes on with a relation of kind `K`.
    #[doc(hidden)]
    type Then<K: RelationKind>: RelationKind;
    #[doc(hidden)]
    type OrNone: RelationKind;
}

/// Something that can be reached over a path.
#[doc(hidden)]
pub trait FromPath {
    fn from_path(hops: Vec<Hop>, node: ExprNode, store: Store) -> Self;
}
impl<M, T> FromPath for Expr<M, T> {
    fn from_path(hops: Vec<Hop>, node: ExprNode, store: Store) -> Self {
        Expr::new(node.behind(&hops), store)
    }
}
impl<M, T> FromPath for AnyOf<M, T> {
    fn from_path(hops: Vec<Hop>, node: ExprNode, store: Store) -> Self {
        AnyOf::new(hops, node, store)
    }
}

impl RelationKind for One {
    type Reached<M, X: ColumnType> = Expr<M, X>;
    type Then<K: RelationKind> = K;
    type OrNone = Opt;
}
impl RelationKind for Opt {
    type Reached<M, X: ColumnType> = Expr<M, Option<X::Base>>;
    type Then<K: RelationKind> = K::OrNone;
    type OrNone = Opt;
}
impl RelationKind for Many {
    type Reached<M, X: ColumnType> = AnyOf<M, X>;
    type Then<K: RelationKind> = Many;
    type OrNone = Many;
}

/// A relation that leads to one row at most.
#[diagnostic::on_unimplemented(
    message = "this needs a foreign key, and the relation is to-many",
    label = "leads to many rows",
    note = "`prefetch_related` loads what a to-many relation leads to; `any`, `none` and `count` ask about it"
)]
pub trait ToOne: RelationKind {}
impl ToOne for One {}
impl ToOne for Opt {}

/// A relation that leads to any number of rows.
#[diagnostic::on_unimplemented(
    message = "this needs a to-many relation, and the relation is a foreign key",
    label = "leads to one row",
    note = "`select_related` loads the row of a foreign key; `.to(..)` reaches its columns"
)]
pub trait ToMany: RelationKind {}
impl ToMany for Many {}

/// A relation from the model `M` to the model `T`: an associated const such as `Book::AUTHOR`.
///
/// `K` is its kind: [`One`] for a foreign key, [`Opt`] for an optional one, [`Many`] for the way back and for many-to-many.
pub struct Relation<M, T, K> {
    hop: Hop,
    phantom: Phantom<M, T, K>,
}

impl<M, T, K> Clone for Relation<M, T, K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M, T, K> Copy for Relation<M, T, K> {}

impl<M, T, K> fmt::Debug for Relation<M, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Relation({:?})", self.hop)
    }
}

impl<M, T, K> Relation<M, T, K> {
    #[doc(hidden)]
    pub const fn forward(def: &'static RelationDef) -> Self {
        Relation { hop: Hop { def, reverse: false }, phantom: PhantomData }
    }

    #[doc(hidden)]
    pub const fn reverse(def: &'static RelationDef) -> Self {
        Relation { hop: Hop { def, reverse: true }, phantom: PhantomData }
    }

    #[doc(hidden)]
    pub fn into_hops(self) -> Vec<Hop> {
        vec![self.hop]
    }

    /// The table of the links and its columns, for SQL of one's own; `None` for a foreign key.
    pub fn sql_metadata(&self) -> Option<JunctionInfo> {
        JunctionInfo::of(self.hop)
    }
}

/// Several relations, one after the other: `Comment::BOOK.to(Book::AUTHOR)`.
pub struct RelationPath<M, T, K> {
    hops: Vec<Hop>,
    phantom: Phantom<M, T, K>,
}

impl<M, T, K> Clone for RelationPath<M, T, K> {
    fn clone(&self) -> Self {
        RelationPath { hops: self.hops.clone(), phantom: PhantomData }
    }
}

impl<M, T, K> fmt::Debug for RelationPath<M, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RelationPath({:?})", self.hops)
    }
}

impl<M, T, K> RelationPath<M, T, K> {
    #[doc(hidden)]
    pub fn into_hops(self) -> Vec<Hop> {
        self.hops
    }
}

/// What a path over a relation to `T` can go on with: a column, an expression or a relation of `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not start at `{T}`",
    label = "expected a column or a relation of `{T}`",
    note = "a path goes on where it is: `Comment::BOOK.to(Book::AUTHOR).to(Author::NAME)`"
)]
pub trait Step<T> {
    #[doc(hidden)]
    type After<M, K: RelationKind>;
    #[doc(hidden)]
    fn after<M, K: RelationKind>(self, hops: Vec<Hop>) -> Self::After<M, K>;
}
impl<T, X: ColumnType> Step<T> for Column<T, X> {
    type After<M, K: RelationKind> = K::Reached<M, X>;
    fn after<M, K: RelationKind>(self, hops: Vec<Hop>) -> Self::After<M, K> {
        K::Reached::<M, X>::from_path(hops, self.to_node(), self.store())
    }
}
impl<T, X: ColumnType> Step<T> for Expr<T, X> {
    type After<M, K: RelationKind> = K::Reached<M, X>;
    fn after<M, K: RelationKind>(self, hops: Vec<Hop>) -> Self::After<M, K> {
        let store = self.store();
        K::Reached::<M, X>::from_path(hops, self.to_node(), store)
    }
}

/// The row of a foreign key, by its key: what its operators compare.
pub(super) fn key_node(mut hops: Vec<Hop>) -> ExprNode {
    let column = hops.pop().and_then(Hop::foreign_key);
    let (name, store) = column.map_or(("", Store::Default), |c| (c.name, c.store));
    ExprNode::Column(ColumnNode { name: name.into(), store }).behind(&hops)
}

fn key_literal<T: DbModel>(key: &Key<T>) -> ExprNode {
    ExprNode::Literal(match key.to_value() {
        Ok(value) => Literal::Value(value),
        Err(e) => Literal::Invalid(e),
    })
}

/// A row without a key is no row's parent, and not the absence of one.
fn key_filter<M, T: DbModel>(node: ExprNode, op: Comparison, key: Key<T>) -> Filter<M> {
    if key.0.is_none() {
        let nothing = FilterNode::Any(Vec::new());
        return Filter::new(if op == Comparison::Eq { nothing } else { FilterNode::Not(Box::new(nothing)) });
    }
    Filter::new(compare(node, op, key_literal(&key)))
}

/// What a foreign key from `M` to `T` is compared with: the key of a row, or, where it may be missing, `None`.
#[diagnostic::on_unimplemented(
    message = "a foreign key to `{T}` cannot be compared with `{Self}`",
    label = "expected the key itself, a `Pk<{T}>`, a `&{T}`, or `None` where the key is optional"
)]
pub trait KeyOperand<T: DbModel, K> {
    /// The key; `None` for the absence of one.
    #[doc(hidden)]
    fn key_operand(self) -> Option<Key<T>>;
}

// One by one: over every `V: IntoKey<T>` it would meet the `Option` below (E0119), for another crate may make one a key.
macro_rules! key_operands {
    ($($key:ty => $t:ty;)*) => { $(
        impl<T: DbModel<Key = $key>, K: ToOne> KeyOperand<T, K> for $t {
            fn key_operand(self) -> Option<Key<T>> {
                Some(self.into_key())
            }
        }
    )* };
}
key_operands! { i64 => i64; String => String; String => &str; }
#[cfg(feature = "uuid")]
key_operands! { uuid::Uuid => uuid::Uuid; }
impl<T: DbModel<Key = I>, K: ToOne, I: KeyType> KeyOperand<T, K> for Pk<T, I> {
    fn key_operand(self) -> Option<Key<T>> {
        Some(self.into_key())
    }
}
impl<T: DbModel<Key = I>, K: ToOne, I: KeyType> KeyOperand<T, K> for &Pk<T, I> {
    fn key_operand(self) -> Option<Key<T>> {
        Some(self.into_key())
    }
}
impl<T: DbModel, K: ToOne> KeyOperand<T, K> for &T {
    fn key_operand(self) -> Option<Key<T>> {
        Some(self.into_key())
    }
}

/// A foreign key field to `T`: the one type whose `Option` is compared, so that `None` infers.
#[doc(hidden)]
pub trait KeyField<T: DbModel> {
    fn into_field_key(self) -> Key<T>;
}
impl<T: DbModel, F: KeyField<T>> KeyOperand<T, Opt> for Option<F> {
    fn key_operand(self) -> Option<Key<T>> {
        self.map(KeyField::into_field_key)
    }
}

/// The rows at the end of a path, each of them once: `Author::BOOKS.to(Book::TAGS).distinct()`.
#[derive(Debug, Clone)]
pub struct DistinctCount<M> {
    pub(super) hops: Vec<Hop>,
    model: PhantomData<fn() -> M>,
}

macro_rules! relations {
    ($($c:ident)*) => { $(
        impl<T, U, L: RelationKind> Step<T> for $c<T, U, L> {
            type After<M, K: RelationKind> = RelationPath<M, U, K::Then<L>>;
            fn after<M, K: RelationKind>(self, mut hops: Vec<Hop>) -> Self::After<M, K> {
                hops.extend(self.into_hops());
                RelationPath { hops, phantom: PhantomData }
            }
        }

        impl<M, T, K: RelationKind> $c<M, T, K> {
            /// A column, an expression or another relation of the model that this leads to.
            ///
            /// Over an optional key the type becomes an `Option`; over a to-many relation a comparison means that one of the
            /// rows satisfies it.
            pub fn to<X: Step<T>>(self, step: X) -> X::After<M, K> {
                step.after::<M, K>(self.into_hops())
            }
        }

        impl<M, T: DbModel, K: RelationKind> $c<M, T, K> {
            /// Leads to this row: SQL `author_id = ?`.
            pub fn eq<V: KeyOperand<T, K>>(self, value: V) -> Filter<M> where K: ToOne {
                let node = key_node(self.into_hops());
                match value.key_operand() {
                    Some(key) => key_filter(node, Comparison::Eq, key),
                    None => Filter::new(FilterNode::IsNull(node, true)),
                }
            }

            /// Leads to another row than this, or to none.
            pub fn ne<V: KeyOperand<T, K>>(self, value: V) -> Filter<M> where K: ToOne {
                let node = key_node(self.into_hops());
                match value.key_operand() {
                    Some(key) => key_filter(node, Comparison::Ne, key),
                    None => Filter::new(FilterNode::IsNull(node, false)),
                }
            }

            fn membership<I: IntoIterator<Item: KeyOperand<T, K>>>(self, values: I, negated: bool) -> Filter<M> {
                let null = || ExprNode::Literal(Literal::Value(crate::value::Value::Null));
                let keys = values.into_iter().map(KeyOperand::key_operand);
                // A row that was not inserted is in no list.
                let keys = keys.filter(|k| !matches!(k, Some(Key(None))));
                let items = keys.map(|k| k.map_or_else(null, |k| key_literal(&k))).collect();
                Filter::new(membership(key_node(self.into_hops()), items, negated))
            }

            /// Leads to one of these rows. Any length works.
            pub fn is_in<I: IntoIterator<Item: KeyOperand<T, K>>>(self, values: I) -> Filter<M> where K: ToOne {
                self.membership(values, false)
            }

            /// Leads to none of these rows.
            pub fn not_in<I: IntoIterator<Item: KeyOperand<T, K>>>(self, values: I) -> Filter<M> where K: ToOne {
                self.membership(values, true)
            }

            /// One of the rows satisfies the filter: SQL `EXISTS (SELECT 1 FROM .. WHERE ..)`. `any(None)`: there is one.
            pub fn any<F: IntoFilter<T>>(self, filter: F) -> Filter<M> where K: ToMany {
                let filter = filter.into_filter().map_or(FilterNode::All(Vec::new()), Filter::into_node);
                Filter::new(FilterNode::Exists(self.into_hops(), Box::new(filter)))
            }

            /// None of the rows satisfies the filter: SQL `NOT EXISTS (..)`. `none(None)`: there is none.
            pub fn none<F: IntoFilter<T>>(self, filter: F) -> Filter<M> where K: ToMany {
                !self.any(filter)
            }

            /// How many rows it leads to: SQL `(SELECT COUNT(*) FROM ..)`.
            pub fn count(self) -> Expr<M, i64> where K: ToMany {
                let all = Box::new(FilterNode::All(Vec::new()));
                Expr::new(ExprNode::Related(self.into_hops(), AggregateNode::rows(), all), Store::Default)
            }

            /// For `with_count`: rows that are reached several ways count once.
            pub fn distinct(self) -> DistinctCount<M> where K: ToMany {
                DistinctCount { hops: self.into_hops(), model: PhantomData }
            }

            /// By the key, smallest first.
            pub fn asc(self) -> Order<M> where K: ToOne {
                Expr::<M, i64>::new(key_node(self.into_hops()), Store::Default).asc()
            }

            /// By the key, largest first.
            pub fn desc(self) -> Order<M> where K: ToOne {
                Expr::<M, i64>::new(key_node(self.into_hops()), Store::Default).desc()
            }
        }

        impl<M, T: DbModel> $c<M, T, Opt> {
            /// Leads nowhere: SQL `author_id IS NULL`.
            pub fn is_null(self) -> Filter<M> {
                Filter::new(FilterNode::IsNull(key_node(self.into_hops()), true))
            }

            /// Leads to a row.
            pub fn is_not_null(self) -> Filter<M> {
                Filter::new(FilterNode::IsNull(key_node(self.into_hops()), false))
            }
        }

        impl<M, T: DbModel, K: ToOne> IntoOrder<M> for $c<M, T, K> {
            fn add_to(self, terms: &mut Vec<OrderNode>) {
                self.asc().add_to(terms);
            }
        }
    )* };
}
relations!(Relation RelationPath);

impl<M, T: DbModel, K: ToOne> Relation<M, T, K> {
    /// Sets the key: `Book::AUTHOR.set(&author)`.
    pub fn set<V: KeyOperand<T, K>>(self, value: V) -> Assignment<M> {
        let column = self.hop.foreign_key();
        let value = match value.key_operand() {
            None => ExprNode::Literal(Literal::Value(crate::value::Value::Null)),
            Some(Key(None)) => ExprNode::Literal(Literal::Invalid(crate::types::EncodeError::new(
                "the row it should refer to has no key: insert it first",
            ))),
            Some(key) => key_literal(&key),
        };
        Assignment::new(AssignNode {
            target: AssignTarget::Column(column.map_or("", |c| c.name).into()),
            value: AssignValue::Expr(value),
        })
    }
}

impl<M, T, K: ToOne> IntoColumns<M> for Relation<M, T, K> {
    fn add_to(self, columns: &mut Vec<AssignTarget>) {
        columns.push(AssignTarget::Column(self.hop.foreign_key().map_or("", |c| c.name).into()));
    }
}
