//! Which columns the conditions of a plan are on: those that an index would serve.

use std::borrow::Cow;

use super::lookups;
use crate::expr::node::{Comparison, ExprNode, FilterNode, TextTest};
use crate::plan::SelectPlan;
use crate::schema::{ColumnRole, Schema};

/// The tables and columns that a plan's conditions compare with values and that no index of the model begins with, none twice.
pub fn filtered_columns(plan: &SelectPlan) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for filter in &plan.filters {
        collect(plan.schema, filter, &mut found);
    }
    found
}

fn collect(schema: &'static Schema, filter: &FilterNode, found: &mut Vec<(&'static str, String)>) {
    match filter {
        FilterNode::All(all) | FilterNode::Any(all) => all.iter().for_each(|f| collect(schema, f, found)),
        // No index serves these.
        FilterNode::Compare(_, Comparison::Ne, _) => {}
        FilterNode::Compare(left, op, right)
            if *op != Comparison::Eq && (is_decimal(schema, left) || is_decimal(schema, right)) => {}
        FilterNode::Compare(left, _, right) => {
            column(schema, left, found);
            column(schema, right, found);
        }
        FilterNode::IsNull(expr, _) | FilterNode::In { expr, negated: false, .. } => column(schema, expr, found),
        FilterNode::Text(expr, TextTest::StartsWith, _) => column(schema, expr, found),
        FilterNode::Exists(hops, inner) => collect(hops.last().map_or(schema, |h| h.target()), inner, found),
        FilterNode::Lookup(path, value) => {
            if let Ok(resolved) = lookups::resolve(schema, path, value) {
                collect(schema, &resolved, found);
            }
        }
        FilterNode::Not(_)
        | FilterNode::In { .. }
        | FilterNode::Text(..)
        | FilterNode::JsonContains { .. }
        | FilterNode::Linked(..) => {}
    }
}

/// An index sorts decimals as text.
fn is_decimal(schema: &'static Schema, expr: &ExprNode) -> bool {
    super::writer::is_decimal_of(schema, &[], expr)
}

fn column(schema: &'static Schema, expr: &ExprNode, found: &mut Vec<(&'static str, String)>) {
    let (schema, name): (_, &Cow<'static, str>) = match expr {
        ExprNode::Column(c) => (schema, &c.name),
        ExprNode::Path(hops, end) => match &**end {
            ExprNode::Column(c) => (hops.last().map_or(schema, |h| h.target()), &c.name),
            _ => return,
        },
        _ => return,
    };
    let pair = (schema.table, name.to_string());
    if !is_indexed(schema, name) && !found.contains(&pair) {
        found.push(pair);
    }
}

fn is_indexed(schema: &Schema, name: &str) -> bool {
    let own = schema.columns.iter().any(|c| c.name == name && (c.index || c.unique || c.role == ColumnRole::Key));
    own || schema.indexes.iter().any(|i| i.columns.first() == Some(&name))
}
