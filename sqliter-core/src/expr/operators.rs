//! The comparison and text operators, as inherent methods of columns and expressions.

use super::aggregate::Aggregate;
use super::any_of::{AnyOf, NoModel};
use super::column::{Column, Expr};
use super::filter::Filter;
use super::node::{Comparison, ExprNode, FilterNode, TextTest};
use super::operand::Operand;
use crate::relation::Hop;
use crate::types::{Literal, Nullable, Ordered, Store, Text};
use crate::value::Value;

fn is_null_literal(node: &ExprNode) -> bool {
    matches!(node, ExprNode::Literal(Literal::Value(Value::Null)))
}

/// Equality in the sense of a person: `eq(None)` is `IS NULL`.
pub(crate) fn compare(left: ExprNode, op: Comparison, right: ExprNode) -> FilterNode {
    match op {
        Comparison::Eq if is_null_literal(&right) => FilterNode::IsNull(left, true),
        Comparison::Ne if is_null_literal(&right) => FilterNode::IsNull(left, false),
        _ => FilterNode::Compare(left, op, right),
    }
}

/// `NULL`s in the list mean `NULL` rows.
pub(crate) fn membership(expr: ExprNode, items: Vec<ExprNode>, negated: bool) -> FilterNode {
    let (nulls, items): (Vec<_>, Vec<_>) = items.into_iter().partition(is_null_literal);
    if items.is_empty() && !nulls.is_empty() {
        return FilterNode::IsNull(expr, !negated);
    }
    let wanted = FilterNode::In { expr: expr.clone(), items, negated };
    match (nulls.is_empty(), negated) {
        (true, _) => wanted,
        (false, false) => FilterNode::Any(vec![wanted, FilterNode::IsNull(expr, true)]),
        (false, true) => FilterNode::All(vec![wanted, FilterNode::IsNull(expr, false)]),
    }
}

fn list<M, T, I: IntoIterator<Item: Operand<M, T>>>(items: I, store: Store) -> Vec<ExprNode> {
    items.into_iter().map(|v| v.operand(store)).collect()
}

/// What is compared: the expression, the form of its values, and the steps over which a condition on it is asked.
type Subject = (ExprNode, Store, Vec<Hop>);

impl<M, T> Column<M, T> {
    fn subject(self) -> Subject {
        (self.to_node(), self.store(), Vec::new())
    }
}
impl<M, T> Expr<M, T> {
    fn subject(self) -> Subject {
        let store = self.store();
        (self.to_node(), store, Vec::new())
    }
}
impl<M, T> Aggregate<M, T> {
    fn subject(self) -> Subject {
        let store = self.store();
        (self.to_node(), store, Vec::new())
    }
}
impl<M, T> AnyOf<M, T> {
    fn subject(self) -> Subject {
        (self.node, self.store, self.hops)
    }
}

fn filter<M>(hops: Vec<Hop>, node: FilterNode) -> Filter<M> {
    Filter::new(if hops.is_empty() { node } else { FilterNode::Exists(hops, Box::new(node)) })
}

macro_rules! operators {
    ($($c:ident of $m:ident;)*) => { $(
        impl<M, T> $c<M, T> {
            fn compare(self, op: Comparison, value: impl Operand<$m, T>) -> Filter<M> {
                let (node, store, hops) = self.subject();
                filter(hops, compare(node, op, value.operand(store)))
            }

            /// Equal: SQL `=`. `eq(None)` is `IS NULL`.
            pub fn eq<V: Operand<$m, T>>(self, value: V) -> Filter<M> {
                self.compare(Comparison::Eq, value)
            }

            /// Not equal. A `NULL` is not equal to any value: SQL `IS NOT`. `ne(None)` is `IS NOT NULL`.
            pub fn ne<V: Operand<$m, T>>(self, value: V) -> Filter<M> {
                self.compare(Comparison::Ne, value)
            }

            /// Greater: SQL `>`.
            pub fn gt<V: Operand<$m, T>>(self, value: V) -> Filter<M> where T: Ordered {
                self.compare(Comparison::Gt, value)
            }

            /// Greater or equal: SQL `>=`.
            pub fn gte<V: Operand<$m, T>>(self, value: V) -> Filter<M> where T: Ordered {
                self.compare(Comparison::Gte, value)
            }

            /// Less: SQL `<`.
            pub fn lt<V: Operand<$m, T>>(self, value: V) -> Filter<M> where T: Ordered {
                self.compare(Comparison::Lt, value)
            }

            /// Less or equal: SQL `<=`.
            pub fn lte<V: Operand<$m, T>>(self, value: V) -> Filter<M> where T: Ordered {
                self.compare(Comparison::Lte, value)
            }

            /// From `low` to `high`, both included.
            pub fn between<V: Operand<$m, T>, W: Operand<$m, T>>(self, low: V, high: W) -> Filter<M> where T: Ordered {
                let (node, store, hops) = self.subject();
                filter(hops, FilterNode::All(vec![
                    compare(node.clone(), Comparison::Gte, low.operand(store)),
                    compare(node, Comparison::Lte, high.operand(store)),
                ]))
            }

            /// One of these. An empty list matches nothing; a `None` in it matches `NULL`. Any length works.
            pub fn is_in<I: IntoIterator<Item: Operand<$m, T>>>(self, values: I) -> Filter<M> {
                let (node, store, hops) = self.subject();
                filter(hops, membership(node, list(values, store), false))
            }

            /// None of these; `NULL` is none of them unless the list has a `None`. An empty list matches everything.
            pub fn not_in<I: IntoIterator<Item: Operand<$m, T>>>(self, values: I) -> Filter<M> {
                let (node, store, hops) = self.subject();
                filter(hops, membership(node, list(values, store), true))
            }

            /// SQL `IS NULL`.
            pub fn is_null(self) -> Filter<M> where T: Nullable {
                let (node, _, hops) = self.subject();
                filter(hops, FilterNode::IsNull(node, true))
            }

            /// SQL `IS NOT NULL`.
            pub fn is_not_null(self) -> Filter<M> where T: Nullable {
                let (node, _, hops) = self.subject();
                filter(hops, FilterNode::IsNull(node, false))
            }

            fn text(self, test: TextTest, value: impl AsRef<str>) -> Filter<M> {
                let (node, _, hops) = self.subject();
                filter(hops, FilterNode::Text(node, test, value.as_ref().to_owned()))
            }

            /// SQL `LIKE`: `%` is any text, `_` any character; ASCII letters match in any case.
            pub fn like<V: AsRef<str>>(self, pattern: V) -> Filter<M> where T: Text {
                self.text(TextTest::Like, pattern)
            }

            /// Not [`like`](Self::like); `NULL` included.
            pub fn not_like<V: AsRef<str>>(self, pattern: V) -> Filter<M> where T: Text {
                self.text(TextTest::NotLike, pattern)
            }

            /// SQL `GLOB`: `*` is any text, `?` any character, `[..]` one of a set; case matters.
            pub fn glob<V: AsRef<str>>(self, pattern: V) -> Filter<M> where T: Text {
                self.text(TextTest::Glob, pattern)
            }

            /// Matches a regular expression somewhere, in the syntax of the crate `regex`; case matters unless it says `(?i)`.
            pub fn regexp<V: AsRef<str>>(self, pattern: V) -> Filter<M> where T: Text {
                crate::regexp::use_regexp();
                self.text(TextTest::Regexp, pattern)
            }

            /// Starts with this text, taken literally; case matters.
            pub fn starts_with<V: AsRef<str>>(self, value: V) -> Filter<M> where T: Text {
                self.text(TextTest::StartsWith, value)
            }

            /// Ends with this text, taken literally; case matters.
            pub fn ends_with<V: AsRef<str>>(self, value: V) -> Filter<M> where T: Text {
                self.text(TextTest::EndsWith, value)
            }

            /// Contains this text, taken literally; case matters.
            pub fn contains<V: AsRef<str>>(self, value: V) -> Filter<M> where T: Text {
                self.text(TextTest::Contains, value)
            }

            /// Starts with this text in any case, of every script.
            pub fn istarts_with<V: AsRef<str>>(self, value: V) -> Filter<M> where T: Text {
                self.text(TextTest::IStartsWith, value)
            }

            /// Ends with this text in any case, of every script.
            pub fn iends_with<V: AsRef<str>>(self, value: V) -> Filter<M> where T: Text {
                self.text(TextTest::IEndsWith, value)
            }

            /// Contains this text in any case, of every script.
            pub fn icontains<V: AsRef<str>>(self, value: V) -> Filter<M> where T: Text {
                self.text(TextTest::IContains, value)
            }
        }
    )* };
}
operators! { Column of M; Expr of M; Aggregate of M; AnyOf of NoModel; }
