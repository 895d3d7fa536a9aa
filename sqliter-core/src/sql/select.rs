//! Reading statements.

use super::dialect::Dialect;
use super::having::check_having;
use super::lookups::column_node;
use super::projection::{Shape, shape};
use super::writer::{Statement, Writer};
use crate::error::{Error, Result};
use crate::expr::node::{ExprNode, FilterNode, Nulls, OrderBy, OrderNode};
use crate::plan::{JoinTree, SelectPlan};
use crate::schema::Schema;

impl Writer<'_> {
    pub(super) fn order(&mut self, terms: &[OrderNode]) -> Result<()> {
        for (i, term) in terms.iter().enumerate() {
            self.push(if i == 0 { " ORDER BY " } else { ", " });
            match (&term.by, self.order_column(term)?) {
                (_, Some(column)) => self.order_expr(&column)?,
                (OrderBy::Expr(expr), None) => self.order_expr(expr)?,
                (OrderBy::Named(name), None) => {
                    let expr = self.annotation(name)?;
                    let (decimal, selected) = (self.is_decimal(&expr), self.annotations_selected);
                    self.sortable(decimal, |w| {
                        if !selected {
                            return w.expr(&expr);
                        }
                        // The column of the result, so that it is not computed again.
                        w.identifier(name);
                        Ok(())
                    })?;
                }
            }
            self.push(if term.descending { " DESC" } else { " ASC" });
            match term.nulls {
                Some(Nulls::First) => self.push(" NULLS FIRST"),
                Some(Nulls::Last) => self.push(" NULLS LAST"),
                None => {}
            }
        }
        Ok(())
    }

    fn order_expr(&mut self, expr: &ExprNode) -> Result<()> {
        let hidden = self.columns_hidden;
        self.sortable(self.is_decimal(expr), |w| if hidden { w.outside(expr) } else { w.expr(expr) })
    }

    /// Checks the names of an order that the statement itself has no use for.
    pub(super) fn check_order(&mut self, plan: &SelectPlan, shape: &Shape) -> Result<()> {
        aggregates_fit(plan, shape)?;
        self.name_annotations(shape);
        let checked = plan.order.iter().try_for_each(|term| self.order_column(term).map(drop));
        self.annotations.clear();
        checked
    }

    fn order_column(&self, term: &OrderNode) -> Result<Option<ExprNode>> {
        let OrderBy::Named(name) = &term.by else { return Ok(None) };
        if self.annotations.iter().any(|a| a.name == *name) {
            return Ok(None);
        }
        super::lookups::order_expr(self.schema(), name, !self.annotations.is_empty()).map(Some)
    }

    /// ` FROM .. WHERE .. GROUP BY .. HAVING .. ORDER BY .. LIMIT .. OFFSET ..`
    fn tail(&mut self, plan: &SelectPlan, shape: &Shape, order: &[OrderNode], limit: Option<i64>) -> Result<()> {
        let joins = self.from();
        // Without groups a condition on what was computed is one on rows, too; the names in it are those of annotations first.
        let having = if shape.grouped { &[] } else { plan.projection.having.as_slice() };
        let both = !having.is_empty() && !plan.filters.is_empty();
        self.push(if both { " WHERE (" } else { "" });
        if both {
            self.joined(&plan.filters, " AND ", "1")?;
            self.push(") AND (");
        } else {
            self.where_clause(&plan.filters)?;
        }
        self.name_annotations(shape);
        if both {
            self.joined(having, " AND ", "1")?;
            self.push(")");
        } else {
            self.where_clause(having)?;
        }
        if shape.grouped {
            self.grouping(shape, plan)?;
        }
        self.order(order)?;
        self.dialect.limit_offset(self, limit, plan.offset()?);
        self.insert_joins(joins);
        Ok(())
    }

    /// The keys of the rows that a plan selects, as a subquery.
    pub(super) fn key_subquery(&mut self, plan: &SelectPlan) -> Result<()> {
        self.key_subquery_with(plan, is_relational(plan), |_| Ok(()))
    }

    /// The same, with further columns.
    pub(super) fn key_subquery_with(
        &mut self,
        plan: &SelectPlan,
        aliased: bool,
        columns: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let inner = self.new_scope(plan.schema, aliased);
        let around = std::mem::replace(&mut self.scope, inner);
        let mut shape = shape(plan)?;
        // The annotations are no columns here: an order by one computes it.
        shape.selects_extra = false;
        self.push("(SELECT ");
        self.column(plan.schema.key().name);
        columns(self)?;
        self.tail(plan, &shape, &plan.order, plan.limit())?;
        self.push(")");
        self.scope = around;
        Ok(())
    }
}

/// Whether a plan's conditions or order reach other tables.
pub(super) fn is_relational(plan: &SelectPlan) -> bool {
    filters_are_relational(plan.schema, &plan.filters, &plan.order)
}

pub(super) fn filters_are_relational(schema: &'static Schema, filters: &[FilterNode], order: &[OrderNode]) -> bool {
    filters.iter().any(|f| filter_is_relational(schema, f))
        || order.iter().any(|term| match &term.by {
            OrderBy::Expr(expr) => expr_is_relational(expr),
            OrderBy::Named(name) => super::lookups::crosses(schema, name),
        })
}

pub(super) fn expr_is_relational(expr: &ExprNode) -> bool {
    match expr {
        ExprNode::Column(_) | ExprNode::Literal(_) | ExprNode::Alias(_) => false,
        ExprNode::Binary(_, a, b) => expr_is_relational(a) || expr_is_relational(b),
        ExprNode::Call(_, args) => args.iter().any(expr_is_relational),
        ExprNode::Path(..) | ExprNode::Related(..) => true,
        ExprNode::Aggregate(aggregate) => aggregate.of.as_deref().is_some_and(expr_is_relational),
        ExprNode::JsonPath(column, _) => expr_is_relational(column),
    }
}

fn filter_is_relational(schema: &'static Schema, filter: &FilterNode) -> bool {
    match filter {
        FilterNode::All(all) | FilterNode::Any(all) => all.iter().any(|f| filter_is_relational(schema, f)),
        FilterNode::Not(inner) => filter_is_relational(schema, inner),
        FilterNode::Compare(a, _, b) => expr_is_relational(a) || expr_is_relational(b),
        FilterNode::IsNull(expr, _) | FilterNode::Text(expr, ..) | FilterNode::JsonContains { expr, .. } => {
            expr_is_relational(expr)
        }
        FilterNode::In { expr, items, .. } => expr_is_relational(expr) || items.iter().any(expr_is_relational),
        FilterNode::Exists(..) => true,
        FilterNode::Linked(..) => false,
        FilterNode::Lookup(path, _) => super::lookups::crosses(schema, path),
    }
}

/// An aggregate in the order of plain rows would silently make one row of them.
fn aggregates_fit(plan: &SelectPlan, shape: &Shape) -> Result<()> {
    let aggregate = |term: &OrderNode| matches!(&term.by, OrderBy::Expr(expr) if expr.is_aggregate());
    if shape.grouped || !plan.order.iter().any(aggregate) {
        return Ok(());
    }
    Err(Error::InvalidOrder("an aggregate sorts groups, and the query has none: use `group_by`.".to_owned()))
}

/// A writer over a plan, and what the plan yields.
fn start<'a>(
    plan: &SelectPlan,
    joins: &[JoinTree],
    dialect: &'a dyn Dialect,
    local_time: bool,
) -> Result<(Writer<'a>, Shape)> {
    let shape = shape(plan)?;
    plan.check_paths()?;
    check_having(plan, &shape)?;
    aggregates_fit(plan, &shape)?;
    let aliased = !joins.is_empty() || is_relational(plan) || super::projection::is_relational(&shape, plan);
    Ok((Writer::over(dialect, plan.schema, local_time, aliased), shape))
}

/// The joins of a plan that yields whole rows.
fn joins(plan: &SelectPlan) -> Result<Vec<JoinTree>> {
    let tree = plan.join_tree()?;
    Ok(if plan.yields_models() { tree } else { Vec::new() })
}

/// The rows of a plan, at most `at_most` of them.
///
/// # Errors
/// When the plan names something that is not there, or a constant in it cannot be stored.
pub fn select_sql(
    plan: &SelectPlan,
    at_most: Option<i64>,
    dialect: &dyn Dialect,
    local_time: bool,
) -> Result<Statement> {
    let joins = joins(plan)?;
    let (mut w, shape) = start(plan, &joins, dialect, local_time)?;
    let limit = match (plan.limit(), at_most) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    w.push(if plan.distinct { "SELECT DISTINCT " } else { "SELECT " });
    w.outputs(&shape, &joins)?;
    w.tail(plan, &shape, &plan.order, limit)?;
    Ok(w.finish())
}

fn reversed(terms: &[OrderNode]) -> Vec<OrderNode> {
    let flip = |n: Nulls| match n {
        Nulls::First => Nulls::Last,
        Nulls::Last => Nulls::First,
    };
    terms.iter().map(|t| OrderNode { by: t.by.clone(), descending: !t.descending, nulls: t.nulls.map(flip) }).collect()
}

/// The last row of a plan by its own order, the key breaking ties.
///
/// Without a limit, an offset counts from the end; with one, the row is the last of the window.
///
/// # Errors
/// As [`select_sql`]; and when groups have no order.
pub fn last_sql(plan: &SelectPlan, dialect: &dyn Dialect, local_time: bool) -> Result<Statement> {
    let joins = joins(plan)?;
    let (mut w, shape) = start(plan, &joins, dialect, local_time)?;
    let mut order = plan.order.clone();
    let distinct = plan.distinct && !plan.yields_models();
    if shape.grouped && shape.groups.is_empty() {
        return select_sql(plan, Some(1), dialect, local_time);
    }
    let refused = |reason: &str| Err(Error::InvalidProjection(reason.to_owned()));
    if shape.grouped && (order.is_empty() || plan.limit().is_some()) {
        return refused("fetch_last() of groups needs an order and no limit: use fetch_all()");
    }
    if distinct && plan.limit().is_some() {
        return refused("fetch_last() of distinct values needs no limit: use fetch_all()");
    }
    if !shape.grouped {
        order.push(key_order(plan));
    }
    let order = reversed(&order);
    w.push(if distinct { "SELECT DISTINCT " } else { "SELECT " });
    w.outputs(&shape, &joins)?;
    if plan.limit().is_none() {
        w.tail(plan, &shape, &order, Some(1))?;
    } else {
        let at = w.from();
        w.push(" WHERE ");
        w.column(plan.schema.key().name);
        w.push(" IN ");
        let mut window = plan.clone();
        window.order.push(key_order(plan));
        w.key_subquery(&window)?;
        w.name_annotations(&shape);
        w.order(&order)?;
        dialect.limit_offset(&mut w, Some(1), None);
        w.insert_joins(at);
    }
    Ok(w.finish())
}

fn key_order(plan: &SelectPlan) -> OrderNode {
    let key: ExprNode = column_node(plan.schema.key());
    OrderNode { by: OrderBy::Expr(key), descending: false, nulls: None }
}

/// How many rows a plan selects, its limit and offset included.
///
/// # Errors
/// As [`select_sql`].
pub fn count_sql(plan: &SelectPlan, dialect: &dyn Dialect, local_time: bool) -> Result<Statement> {
    let (mut w, shape) = start(plan, &[], dialect, local_time)?;
    w.check_order(plan, &shape)?;
    if plan.distinct || shape.grouped || plan.limit().is_some() || plan.offset()?.is_some() {
        w.push(if plan.distinct { "SELECT COUNT(*) FROM (SELECT DISTINCT " } else { "SELECT COUNT(*) FROM (SELECT " });
        if plan.distinct || shape.grouped {
            w.outputs(&shape, &[])?;
        } else {
            w.push("1");
        }
        w.tail(plan, &shape, &[], plan.limit())?;
        w.push(")");
    } else {
        w.push("SELECT COUNT(*)");
        w.tail(plan, &shape, &[], None)?;
    }
    Ok(w.finish())
}

/// Whether a plan selects any row: 0 or 1.
///
/// # Errors
/// As [`select_sql`].
pub fn exists_sql(plan: &SelectPlan, dialect: &dyn Dialect, local_time: bool) -> Result<Statement> {
    let (mut w, shape) = start(plan, &[], dialect, local_time)?;
    w.check_order(plan, &shape)?;
    // Only an offset tells equal rows from one row; SQLite has no eye for a DISTINCT right inside EXISTS.
    let distinct = plan.distinct && plan.offset()?.is_some();
    w.push(if distinct { "SELECT EXISTS(SELECT 1 FROM (SELECT DISTINCT " } else { "SELECT EXISTS(SELECT " });
    if shape.grouped || distinct {
        w.outputs(&shape, &[])?;
    } else {
        w.push("1");
    }
    w.tail(plan, &shape, &[], Some(plan.limit().map_or(1, |l| l.min(1))))?;
    w.push(if distinct { "))" } else { ")" });
    Ok(w.finish())
}
