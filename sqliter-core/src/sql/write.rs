//! Updates and deletes of many rows.

use super::dialect::Dialect;
use super::lookups::{field_hint, find_column};
use super::writer::{Statement, Writer};
use crate::error::{Error, Result};
use crate::expr::node::{AssignNode, AssignTarget, AssignValue, ExprNode};
use crate::plan::SelectPlan;
use crate::schema::{ColumnDef, ColumnRole, Schema};
use crate::types::Encoding;
use crate::validation::check_stored_value;
use crate::value::Value;

fn find_target(schema: &'static Schema, target: &AssignTarget) -> Result<&'static ColumnDef> {
    let (name, column) = match target {
        AssignTarget::Column(name) => (name.as_ref(), schema.columns.iter().find(|c| c.name == name)),
        AssignTarget::Named(name) => (name.as_str(), find_column(schema, name)),
    };
    column.ok_or_else(|| {
        let hint = field_hint(schema, name);
        Error::InvalidUpdate(format!("`{}` has no field '{name}'{hint}", schema.model))
    })
}

fn target(schema: &'static Schema, node: &AssignNode) -> Result<&'static ColumnDef> {
    let column = find_target(schema, &node.target)?;
    if column.role == ColumnRole::Key {
        return Err(Error::InvalidUpdate(format!("the primary key '{}' cannot be updated", column.name)));
    }
    Ok(column)
}

/// The columns that a list names, in order, none twice.
///
/// # Errors
/// [`Error::InvalidUpdate`] when one is not there.
pub fn resolve_columns(schema: &'static Schema, targets: &[AssignTarget]) -> Result<Vec<(usize, &'static ColumnDef)>> {
    let mut out: Vec<(usize, &'static ColumnDef)> = Vec::with_capacity(targets.len());
    for target in targets {
        let column = find_target(schema, target)?;
        let index = schema.columns.iter().position(|c| c.name == column.name).unwrap_or_default();
        if !out.iter().any(|(i, _)| *i == index) {
            out.push((index, column));
        }
    }
    Ok(out)
}

/// `UPDATE` of some columns, and of `updated_at`, of the row with a key: the columns, `updated_at`, then the key.
pub fn update_columns_sql(schema: &'static Schema, columns: &[&'static ColumnDef], dialect: &dyn Dialect) -> String {
    let updated_at = schema.role(ColumnRole::UpdatedAt);
    let mut w = Writer::new(dialect, schema, false);
    w.push("UPDATE ");
    w.table();
    w.push(" SET ");
    let mut n = 0;
    for column in columns.iter().copied().chain(updated_at) {
        n += 1;
        if n > 1 {
            w.push(", ");
        }
        w.identifier(column.name);
        w.push(" = ");
        w.placeholder(n);
    }
    w.push(" WHERE ");
    w.identifier(schema.key().name);
    w.push(" = ");
    w.placeholder(n + 1);
    w.finish().sql
}

/// `INSERT` that updates the row it collides with instead: all columns but the key, the time of insertion and those that
/// collide. Returns the declared columns of the row.
pub fn upsert_sql(schema: &'static Schema, on: &[&'static ColumnDef], keyed: bool, dialect: &dyn Dialect) -> String {
    let mut w = Writer::new(dialect, schema, false);
    w.push(&super::statements::insert(schema, dialect, keyed, 1));
    w.push(" ON CONFLICT (");
    w.columns(on.iter().copied());
    w.push(") DO UPDATE SET ");
    let collides = |c: &ColumnDef| on.iter().any(|o| o.name == c.name);
    let changed: Vec<_> = super::statements::update_columns(schema).map(|(_, c)| c).filter(|c| !collides(c)).collect();
    // Something has to be set, or nothing is returned.
    let set: Vec<_> = if changed.is_empty() { on.iter().copied().take(1).collect() } else { changed };
    for (i, column) in set.into_iter().enumerate() {
        if i > 0 {
            w.push(", ");
        }
        w.identifier(column.name);
        w.push(" = excluded.");
        w.identifier(column.name);
    }
    w.push(" RETURNING ");
    w.columns(schema.declared());
    w.finish().sql
}

/// An update of many rows.
#[derive(Debug, Clone)]
pub struct Update {
    /// The statement.
    pub statement: Statement,
    /// The columns that are computed from the row: the statement returns the key and these, so that what came out can be
    /// checked before it is kept.
    pub computed: Vec<&'static ColumnDef>,
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
) -> Result<Update> {
    let schema = plan.schema;
    if assignments.is_empty() {
        return Err(Error::InvalidUpdate("nothing is assigned".to_owned()));
    }
    let mut w = Writer::new(dialect, schema, local_time);
    // Row after row SQLite would compute from rows that it has just changed. What it reads first is as it was.
    let reads_others =
        |n: &AssignNode| matches!(&n.value, AssignValue::Expr(e) if super::select::expr_is_relational(e));
    let read_first = assignments.iter().any(reads_others).then(|| w.next_alias());
    let mut first: Vec<(&ExprNode, ExprNode)> = Vec::new();
    w.push("UPDATE ");
    w.table();
    w.push(" SET ");
    let (mut touched, mut computed) = (Vec::new(), Vec::new());
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
            AssignValue::Expr(ExprNode::Literal(literal))
                if column.rules.stored.is_some() || column.rules.changes() =>
            {
                let value = w.resolve(literal, column.name)?;
                w.param(follow_rules(schema, column, value, local_time)?, column.redact);
            }
            AssignValue::Expr(expr) => {
                if !matches!(expr, ExprNode::Literal(_)) {
                    computed.push(column);
                }
                match read_first {
                    Some(alias) if !matches!(expr, ExprNode::Literal(_)) => {
                        first.push((expr, column_node));
                        w.qualifier(alias);
                        w.identifier(&first.len().to_string());
                    }
                    _ => w.expr_beside(expr, Some(&column_node))?,
                }
            }
            AssignValue::Dynamic(value) => {
                let literal = value
                    .literal(column.store)
                    .ok_or_else(|| Error::InvalidUpdate(format!("a list cannot be assigned to '{}'", column.name)))?;
                let value = column.kind.canonical(w.resolve(&literal, column.name)?);
                if value == Value::Null && !column.nullable {
                    return Err(Error::InvalidUpdate(format!("'{}' is never NULL", column.name)));
                }
                (column.accepts)(value.as_ref(), Encoding::new(column.store, local_time))
                    .map_err(|e| Error::InvalidUpdate(format!("the value for '{}' does not fit: {e}", column.name)))?;
                w.param(follow_rules(schema, column, value, local_time)?, column.redact);
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
    match read_first {
        Some(alias) => selected_with(&mut w, plan, alias, &first)?,
        None => selected(&mut w, plan)?,
    }
    if !computed.is_empty() {
        w.push(" RETURNING ");
        w.columns(std::iter::once(schema.key()).chain(computed.iter().copied()));
    }
    Ok(Update { statement: w.finish(), computed })
}

/// A constant as the column's rules make it, if they allow it.
fn follow_rules(schema: &Schema, column: &'static ColumnDef, value: Value, local_time: bool) -> Result<Value> {
    let value = match value {
        Value::Text(text) if column.rules.changes() => Value::Text(column.rules.changed(&text).unwrap_or(text)),
        other => other,
    };
    check_stored_value(schema, column, value.as_ref(), local_time)?;
    Ok(value)
}

/// The rows that a plan selects, and what is computed from each: its columns are 0 for the key, then 1, 2, ..
fn selected_with(w: &mut Writer<'_>, plan: &SelectPlan, alias: u32, columns: &[(&ExprNode, ExprNode)]) -> Result<()> {
    plan.check_paths()?;
    w.push(" FROM ");
    w.key_subquery_with(plan, true, |w| {
        w.push(" AS ");
        w.identifier("0");
        for (i, (expr, beside)) in columns.iter().enumerate() {
            w.push(", ");
            w.expr_beside(expr, Some(beside))?;
            w.push(" AS ");
            w.identifier(&(i + 1).to_string());
        }
        Ok(())
    })?;
    w.push(&format!(" AS t{alias} WHERE "));
    w.table();
    w.push(".");
    w.identifier(plan.schema.key().name);
    w.push(" = ");
    w.qualifier(alias);
    w.identifier("0");
    Ok(())
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

/// A limit, an offset and conditions on other tables select rows by key; without them the conditions stand by themselves.
fn selected(w: &mut Writer<'_>, plan: &SelectPlan) -> Result<()> {
    let shape = super::projection::shape(plan)?;
    plan.check_paths()?;
    super::having::check_having(plan, &shape)?;
    w.check_order(plan, &shape)?;
    if plan.limit().is_none() && plan.offset()?.is_none() && !super::select::is_relational(plan) {
        return w.where_clause(&plan.filters);
    }
    w.push(" WHERE ");
    w.identifier(plan.schema.key().name);
    w.push(" IN ");
    w.key_subquery(plan)
}
