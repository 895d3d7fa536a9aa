//! What `having` may be about.

use super::lookups;
use super::projection::{Shape, invalid, path_name};
use crate::error::Result;
use crate::expr::node::{ExprNode, FilterNode};
use crate::plan::SelectPlan;
use crate::schema::Schema;

/// Checks what `having` is about: names that there are, and of groups only what a group has one of.
///
/// # Errors
/// When it is about something else, or there is nothing it could be about.
pub(super) fn check_having(plan: &SelectPlan, shape: &Shape) -> Result<()> {
    let having = &plan.projection.having;
    if !having.is_empty() && !shape.grouped && shape.annotations().is_empty() {
        return Err(invalid("having() requires projection mode. Use group_by/annotate.".to_owned()));
    }
    having.iter().try_for_each(|filter| check_condition(filter, shape, plan.schema))
}

fn check_condition(filter: &FilterNode, shape: &Shape, schema: &'static Schema) -> Result<()> {
    let outside = |name: &str| {
        Err(invalid(format!(
            "HAVING field '{name}' must be a grouped field or an aggregate alias. Aggregate aliases must be defined via \
             annotate()/with_count()."
        )))
    };
    let check = |expr: &ExprNode| match ungrouped(expr, &shape.groups) {
        Some(name) if shape.grouped => outside(&name),
        _ if expr.is_aggregate() && !shape.grouped => {
            Err(invalid("having() on an aggregate needs groups. Use group_by/annotate.".to_owned()))
        }
        _ => Ok(()),
    };
    match filter {
        FilterNode::All(all) | FilterNode::Any(all) => all.iter().try_for_each(|f| check_condition(f, shape, schema)),
        FilterNode::Not(inner) => check_condition(inner, shape, schema),
        FilterNode::Compare(a, _, b) => check(a).and_then(|()| check(b)),
        FilterNode::IsNull(expr, _) | FilterNode::Text(expr, ..) | FilterNode::JsonContains { expr, .. } => check(expr),
        FilterNode::In { expr, items, .. } => check(expr).and_then(|()| items.iter().try_for_each(check)),
        FilterNode::Exists(hops, _) if shape.grouped => outside(hops.first().map_or("", |hop| hop.name())),
        FilterNode::Linked(hop, _) if shape.grouped => outside(hop.name()),
        FilterNode::Exists(..) | FilterNode::Linked(..) => Ok(()),
        FilterNode::Lookup(path, value) => {
            let name = path.rsplit_once("__").map_or(path.as_str(), |(name, _)| name);
            if shape.has_alias(path) || shape.has_alias(name) {
                return Ok(());
            }
            match lookups::resolve(schema, path, value) {
                Ok(resolved) => check_condition(&resolved, shape, schema),
                // The name is right: what is wrong with the value is said where the condition is written.
                Err(_) if lookups::is_path(schema, path) => Ok(()),
                Err(_) => outside(name),
            }
        }
    }
}

/// A column of an expression that is neither grouped by nor inside an aggregate.
pub(super) fn ungrouped(expr: &ExprNode, groups: &[ExprNode]) -> Option<String> {
    if groups.contains(expr) {
        return None;
    }
    match expr {
        ExprNode::Column(c) => Some(c.name.to_string()),
        ExprNode::Path(hops, end) => Some(path_name(hops, end)),
        ExprNode::Related(..) => Some("(relation)".to_owned()),
        ExprNode::Literal(_) | ExprNode::Aggregate(_) | ExprNode::Alias(_) => None,
        ExprNode::Binary(_, a, b) => ungrouped(a, groups).or_else(|| ungrouped(b, groups)),
        ExprNode::Call(_, args) => args.iter().find_map(|a| ungrouped(a, groups)),
        ExprNode::JsonPath(column, _) => ungrouped(column, groups),
    }
}
