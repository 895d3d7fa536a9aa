//! The comparison and text operators, as inherent methods of columns and expressions.

use super::column::{Column, Expr};
use super::filter::Filter;
use super::node::{Comparison, ExprNode, FilterNode, TextTest};
use super::operand::Operand;
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

macro_rules! operators {
    ($($c:ident)*) => { $(
        impl<M, T> $c<M, T> {
            fn compare(self, op: Comparison, value: impl Operand<M, T>) -> Filter<M> {
                let store = self.store();
                Filter::new(compare(self.to_node(), op, value.operand(store)))
            }

            /// Equal: SQL `=`. `eq(None)` is `IS NULL`.
            pub fn eq<V: Operand<M, T>>(self, value: V) -> Filter<M> {
                self.compare(Comparison::Eq, value)
            }

            /// Not equal. A `NULL` is not equal to any value: SQL `IS NOT`. `ne(None)` is `IS NOT NULL`.
            pub fn ne<V: Operand<M, T>>(self, value: V) -> Filter<M> {
                self.compare(Comparison::Ne, value)
            }

            /// Greater: SQL `>`.
            pub fn gt<V: Operand<M, T>>(self, value: V) -> Filter<M> where T: Ordered {
                self.compare(Comparison::Gt, value)
            }

            /// Greater or equal: SQL `>=`.
            pub fn gte<V: Operand<M, T>>(self, value: V) -> Filter<M> where T: Ordered {
                self.compare(Comparison::Gte, value)
            }

            /// Less: SQL `<`.
            pub fn lt<V: Operand<M, T>>(self, value: V) -> Filter<M> where T: Ordered {
                self.compare(Comparison::Lt, value)
            }

            /// Less or equal: SQL `<=`.
            pub fn lte<V: Operand<M, T>>(self, value: V) -> Filter<M> where T: Ordered {
                self.compare(Comparison::Lte, value)
            }

            /// From `low` to `high`, both included.
            pub fn between<V: Operand<M, T>, W: Operand<M, T>>(self, low: V, high: W) -> Filter<M> where T: Ordered {
                let store = self.store();
                let node = self.to_node();
                Filter::new(FilterNode::All(vec![
                    compare(node.clone(), Comparison::Gte, low.operand(store)),
                    compare(node, Comparison::Lte, high.operand(store)),
                ]))
            }

            /// One of these. An empty list matches nothing; a `None` in it matches `NULL`. Any length works.
            pub fn is_in<I: IntoIterator<Item: Operand<M, T>>>(self, values: I) -> Filter<M> {
                let items = list(values, self.store());
                Filter::new(membership(self.to_node(), items, false))
            }

            /// None of these; `NULL` is none of them unless the list has a `None`. An empty list matches everything.
            pub fn not_in<I: IntoIterator<Item: Operand<M, T>>>(self, values: I) -> Filter<M> {
                let items = list(values, self.store());
                Filter::new(membership(self.to_node(), items, true))
            }

            /// SQL `IS NULL`.
            pub fn is_null(self) -> Filter<M> where T: Nullable {
                Filter::new(FilterNode::IsNull(self.to_node(), true))
            }

            /// SQL `IS NOT NULL`.
            pub fn is_not_null(self) -> Filter<M> where T: Nullable {
                Filter::new(FilterNode::IsNull(self.to_node(), false))
            }

            fn text(self, test: TextTest, value: impl AsRef<str>) -> Filter<M> {
                Filter::new(FilterNode::Text(self.to_node(), test, value.as_ref().to_owned()))
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
operators!(Column Expr);
