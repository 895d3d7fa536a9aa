//! Updates and deletes of many rows.

use super::dialect::Dialect;
use super::lookups::{field_hint, find_column};
use super::writer::{Statement, Writer};
use crate::error::{Error, Result};
use crate::expr::node::{AssignNode, AssignTarget, AssignValue, ExprNode};
use crate::plan::SelectPlan;
use crate::schema::{ColumnDef, ColumnRole, Schema};
use crate::value::Value;

fn target(schema: &'static Schema, node: &AssignNode) -> Result<&'static ColumnDef> {
    let (name, column) = match &node.target {
        AssignTarget::Column(name) => (name.as_ref(), schema.columns.iter().find(|c| c.name == name)),
        AssignTarget::Named(name) => (name.as_str(), find_column(schema, name)),
    };
    let column = column.ok_or_else(|| {
        let hint = field_hint(schema, name);
        Error::InvalidUpdate(format!("`{}` has no field '{name}'{hint}", schema.model))
    })?;
    if column.role == ColumnRole::Key {
        return Err(Error::InvalidUpdate(format!("the primary key '{name}' cannot be updated")));
    }
    Ok(column)
}

/// `UPDATE` of the rows that a plan selects. `now` goes into `updated_at` unless it is assigned.
///
/// # Errors
/// When the plan or an assignment names something that is not there, there is no assignment, or a constant cannot be
/// stored.
pub fn update_sql(
    plan: &SelectPlan,
    assignments: &[AssignNode],
    now: i64,
    dialect: &dyn Dialect,
    local_time: bool,
) -> Result<Statement> {
    let schema = plan.schema;
    if assignments.is_empty() {
        return Err(Error::InvalidUpdate("nothing is assigned".to_owned()));
    }
    let mut w = Writer::new(dialect, schema, local_time);
    w.push("UPDATE ");
    w.table();
    w.push(" SET ");
    let mut touched = Vec::new();
    for node in assignments {
        let column = target(schema, node)?;
        if touched.contains(&column.name) {
            return Err(Error::InvalidUpdate(format!("'{}' is assigned twice", column.name)));
        }
        if !touched.is_empty() {
            w.push(", ");
        }
        touched.push(column.name);
        w.identifier(column.name);
        w.push(" = ");
        let column_node = super::lookups::column_node(column);
        match &node.value {
            AssignValue::Expr(expr) => w.expr_beside(expr, Some(&column_node))?,
            AssignValue::Dynamic(value) => {
                let literal = value
                    .literal(column.store)
                    .ok_or_else(|| Error::InvalidUpdate(format!("a list cannot be assigned to '{}'", column.name)))?;
                w.expr_beside(&ExprNode::Literal(literal), Some(&column_node))?;
            }
        }
    }
    if let Some(updated_at) = schema.role(ColumnRole::UpdatedAt)
        && !touched.contains(&updated_at.name)
    {
        w.push(", ");
        w.identifier(updated_at.name);
        w.push(" = ");
        w.param(Value::Int(now), false);
    }
    selected(&mut w, plan)?;
    Ok(w.finish())
}

/// `DELETE` of the rows that a plan selects.
///
/// # Errors
/// As [`update_sql`].
pub fn delete_sql(plan: &SelectPlan, dialect: &dyn Dialect, local_time: bool) -> Result<Statement> {
    let mut w = Writer::new(dialect, plan.schema, local_time);
    w.push("DELETE FROM ");
    w.table();
    selected(&mut w, plan)?;
    Ok(w.finish())
}

/// A limit or an offset selects rows by key; without them the conditions stand by themselves.
fn selected(w: &mut Writer<'_>, plan: &SelectPlan) -> Result<()> {
    if plan.limit().is_none() && plan.offset()?.is_none() {
        return w.where_clause(&plan.filters);
    }
    w.push(" WHERE ");
    w.identifier(plan.schema.key().name);
    w.push(" IN ");
    w.key_subquery(plan)
}
