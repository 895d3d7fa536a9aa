//! Conditions.

use std::borrow::Cow;
use std::collections::HashSet;

use super::writer::Writer;
use crate::error::{Error, Result};
use crate::expr::LookupValue;
use crate::expr::node::{Comparison, ExprNode, FilterNode};
use crate::types::{Literal, Store};
use crate::value::Value;

/// Up to this many values a list is written with one parameter each.
const SHORT_LIST: usize = 100;

/// Up to this many terms are joined in a row; SQLite takes a row of terms for an expression as deep as it is long, and
/// allows a depth of 1000.
const LONG_CHAIN: usize = 200;

impl Writer<'_> {
    /// Appends a condition. What needs no parentheses inside `AND` gets none.
    ///
    /// # Errors
    /// When it names something that is not there, or a constant in it cannot be stored.
    pub(super) fn condition(&mut self, node: &FilterNode) -> Result<()> {
        match node {
            FilterNode::All(all) => self.joined(all, " AND ", "1"),
            FilterNode::Any(any) => self.joined(any, " OR ", "0"),
            FilterNode::Not(inner) => {
                self.push("(");
                self.condition(inner)?;
                self.push(") IS NOT TRUE");
                Ok(())
            }
            FilterNode::Compare(left, op, right) => {
                if !matches!(op, Comparison::Eq | Comparison::Ne)
                    && matches!(right, ExprNode::Literal(Literal::Value(Value::Null)))
                {
                    let reason = "nothing is greater or less than NULL: use `is_null()`".to_owned();
                    return Err(Error::InvalidFilter { field: name_of(left).to_owned(), reason });
                }
                let sized = !matches!(op, Comparison::Eq | Comparison::Ne);
                let decimal = sized && (self.is_decimal(left) || self.is_decimal(right));
                self.sortable(decimal, |w| w.expr_beside(left, Some(right)))?;
                let op = match op {
                    Comparison::Eq => "=",
                    Comparison::Ne => self.dialect.distinct_from(),
                    Comparison::Gt => ">",
                    Comparison::Gte => ">=",
                    Comparison::Lt => "<",
                    Comparison::Lte => "<=",
                };
                self.push(" ");
                self.push(op);
                self.push(" ");
                self.sortable(decimal, |w| w.expr_beside(right, Some(left)))
            }
            FilterNode::IsNull(expr, is_null) => {
                self.expr(expr)?;
                self.push(if *is_null { " IS NULL" } else { " IS NOT NULL" });
                Ok(())
            }
            FilterNode::In { items, negated, .. } if items.is_empty() => {
                self.push(if *negated { "1" } else { "0" });
                Ok(())
            }
            FilterNode::In { expr, items, negated } => {
                if *negated {
                    // NOT IN is unknown for NULL rows; none of these values is what they hold.
                    self.push("(");
                    self.membership(expr, items)?;
                    self.push(") IS NOT TRUE");
                    Ok(())
                } else {
                    self.membership(expr, items)
                }
            }
            FilterNode::Text(expr, test, value) => self.dialect.text_test(self, expr, *test, value),
            FilterNode::Exists(hops, filter) => self.exists(hops, filter),
            FilterNode::Linked(hop, key) => {
                let Some(junction) = hop.def.junction() else {
                    self.push("0");
                    return Ok(());
                };
                self.column(self.schema().key().name);
                self.push(" IN ");
                self.linked_keys(*hop, junction, key);
                Ok(())
            }
            FilterNode::JsonContains { expr, items, all } => self.json_contains(expr, items, *all),
            FilterNode::Lookup(path, value) => {
                let resolved = self.lookup(path, value)?;
                self.condition(&resolved)
            }
        }
    }

    pub(super) fn joined(&mut self, nodes: &[FilterNode], separator: &str, empty: &str) -> Result<()> {
        match nodes {
            [] => {
                self.push(empty);
                Ok(())
            }
            [one] => self.condition(one),
            many if many.len() > LONG_CHAIN => {
                for (i, chunk) in many.chunks(LONG_CHAIN).enumerate() {
                    self.push(if i > 0 { separator } else { "" });
                    self.push("(");
                    self.joined(chunk, separator, empty)?;
                    self.push(")");
                }
                Ok(())
            }
            many => {
                for (i, node) in many.iter().enumerate() {
                    if i > 0 {
                        self.push(separator);
                    }
                    let node = self.unwrapped(node)?;
                    // AND and OR nest in each other; anything else binds tighter.
                    let group = matches!(&*node, FilterNode::All(n) | FilterNode::Any(n) if n.len() > 1);
                    if group {
                        self.push("(");
                    }
                    self.condition(&node)?;
                    if group {
                        self.push(")");
                    }
                }
                Ok(())
            }
        }
    }

    /// What a lookup stands for: a condition on an annotation, where there are any, or on a field.
    fn lookup(&self, path: &str, value: &LookupValue) -> Result<FilterNode> {
        match super::lookups::resolve_annotation(&self.annotations, path, value) {
            Some(resolved) => resolved,
            None => super::lookups::resolve(self.schema(), path, value),
        }
    }

    fn json_contains(&mut self, expr: &ExprNode, items: &[LookupValue], all: bool) -> Result<()> {
        let wrong = || Error::InvalidFilter {
            field: name_of(expr).to_owned(),
            reason: "a list of lists cannot be looked for".to_owned(),
        };
        let (column, path) = super::json::json_source(expr)?;
        self.check_json(&column)?;
        let mut values = Vec::with_capacity(items.len());
        let mut seen = HashSet::with_capacity(items.len());
        for item in items {
            let literal = item.literal(Store::Text).ok_or_else(wrong)?;
            let value = match self.resolve(&literal, name_of(expr))? {
                // A number is the same with and without a fraction of zero.
                Value::Real(v) if v.fract() == 0.0 && v.abs() < 2f64.powi(63) => Value::Int(v as i64),
                value => value,
            };
            if seen.insert(value.to_string()) {
                values.push(value);
            }
        }
        self.dialect.json_contains(self, &column, path.as_deref(), values, all)
    }

    /// SQL looks into JSON text, not into pickles.
    pub(super) fn check_json(&self, expr: &ExprNode) -> Result<()> {
        match expr {
            ExprNode::Column(c) if c.store == Store::Pickle => {
                let reason = "the column is stored as pickle, which SQL cannot look into".to_owned();
                Err(Error::InvalidFilter { field: c.name.to_string(), reason })
            }
            ExprNode::Path(_, expr) => self.check_json(expr),
            _ => Ok(()),
        }
    }

    /// The node inside groups of one, and what a lookup stands for.
    fn unwrapped<'n>(&self, node: &'n FilterNode) -> Result<Cow<'n, FilterNode>> {
        match node {
            FilterNode::All(one) | FilterNode::Any(one) if one.len() == 1 => self.unwrapped(&one[0]),
            FilterNode::Lookup(path, value) => self.lookup(path, value).map(Cow::Owned),
            other => Ok(Cow::Borrowed(other)),
        }
    }

    pub(super) fn membership(&mut self, expr: &ExprNode, items: &[ExprNode]) -> Result<()> {
        let all_constant = items.iter().all(|i| matches!(i, ExprNode::Literal(_)));
        if items.len() <= SHORT_LIST || !all_constant {
            self.expr(expr)?;
            self.push(" IN (");
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    self.push(", ");
                }
                self.expr_beside(item, Some(expr))?;
            }
            self.push(")");
            return Ok(());
        }
        let near = name_of(expr);
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            if let ExprNode::Literal(literal) = item {
                values.push(self.resolve(literal, near)?);
            }
        }
        self.dialect.long_list(self, expr, values)
    }

    /// Appends ` WHERE ..` for the conditions of a plan.
    pub(super) fn where_clause(&mut self, filters: &[FilterNode]) -> Result<()> {
        if filters.is_empty() {
            return Ok(());
        }
        self.push(" WHERE ");
        self.joined(filters, " AND ", "1")
    }
}

/// The column that an error is about.
pub(super) fn name_of(expr: &ExprNode) -> &str {
    match expr {
        ExprNode::Column(c) => &c.name,
        ExprNode::Path(_, expr) => name_of(expr),
        _ => "(expression)",
    }
}
