//! Reading statements.

use super::dialect::Dialect;
use super::lookups::column_node;
use super::writer::{Statement, Writer};
use crate::error::Result;
use crate::expr::node::{ExprNode, FilterNode, Nulls, OrderBy, OrderNode};
use crate::plan::SelectPlan;
use crate::schema::Schema;

impl Writer<'_> {
    pub(super) fn order(&mut self, terms: &[OrderNode]) -> Result<()> {
        for (i, term) in terms.iter().enumerate() {
            self.push(if i == 0 { " ORDER BY " } else { ", " });
            match (&term.by, self.order_column(term)?) {
                (_, Some(column)) => self.expr(&column)?,
                (OrderBy::Expr(expr), None) => self.expr(expr)?,
                (OrderBy::Named(_), None) => {}
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

    /// Checks the names of an order that the statement itself has no use for.
    pub(super) fn check_order(&mut self, plan: &SelectPlan) -> Result<()> {
        plan.order.iter().try_for_each(|term| self.order_column(term).map(drop))
    }

    fn order_column(&self, term: &OrderNode) -> Result<Option<ExprNode>> {
        let OrderBy::Named(name) = &term.by else { return Ok(None) };
        super::lookups::order_expr(self.schema(), name).map(Some)
    }

    /// ` FROM .. WHERE .. ORDER BY .. LIMIT .. OFFSET ..`
    fn tail(&mut self, plan: &SelectPlan, order: &[OrderNode], limit: Option<i64>) -> Result<()> {
        let joins = self.from();
        self.where_clause(&plan.filters)?;
        self.order(order)?;
        self.dialect.limit_offset(self, limit, plan.offset()?);
        self.insert_joins(joins);
        Ok(())
    }

    /// The keys of the rows that a plan selects, as a subquery.
    pub(super) fn key_subquery(&mut self, plan: &SelectPlan) -> Result<()> {
        let inner = self.new_scope(plan.schema, is_relational(plan));
        let around = std::mem::replace(&mut self.scope, inner);
        self.push("(SELECT ");
        self.column(plan.schema.key().name);
        self.tail(plan, &plan.order, plan.limit())?;
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
        ExprNode::Column(_) | ExprNode::Literal(_) => false,
        ExprNode::Binary(_, a, b) => expr_is_relational(a) || expr_is_relational(b),
        ExprNode::Call(_, args) => args.iter().any(expr_is_relational),
        ExprNode::Path(..) | ExprNode::Count(..) => true,
    }
}

fn filter_is_relational(schema: &'static Schema, filter: &FilterNode) -> bool {
    match filter {
        FilterNode::All(all) | FilterNode::Any(all) => all.iter().any(|f| filter_is_relational(schema, f)),
        FilterNode::Not(inner) => filter_is_relational(schema, inner),
        FilterNode::Compare(a, _, b) => expr_is_relational(a) || expr_is_relational(b),
        FilterNode::IsNull(expr, _) | FilterNode::Text(expr, ..) => expr_is_relational(expr),
        FilterNode::In { expr, items, .. } => expr_is_relational(expr) || items.iter().any(expr_is_relational),
        FilterNode::Exists(..) => true,
        FilterNode::Linked(..) => false,
        FilterNode::Lookup(path, _) => super::lookups::crosses(schema, path),
    }
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
    let joins = plan.join_tree()?;
    let mut w = Writer::over(dialect, plan.schema, local_time, !joins.is_empty() || is_relational(plan));
    let limit = match (plan.limit(), at_most) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    w.push(if plan.distinct { "SELECT DISTINCT " } else { "SELECT " });
    w.columns(plan.schema.declared());
    w.joined_columns(&joins);
    w.tail(plan, &plan.order, limit)?;
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
/// As [`select_sql`].
pub fn last_sql(plan: &SelectPlan, dialect: &dyn Dialect, local_time: bool) -> Result<Statement> {
    let mut order = plan.order.clone();
    order.push(key_order(plan));
    let order = reversed(&order);
    let joins = plan.join_tree()?;
    let mut w = Writer::over(dialect, plan.schema, local_time, !joins.is_empty() || is_relational(plan));
    w.push("SELECT ");
    w.columns(plan.schema.declared());
    w.joined_columns(&joins);
    if plan.limit().is_none() {
        w.tail(plan, &order, Some(1))?;
    } else {
        let joins = w.from();
        w.push(" WHERE ");
        w.column(plan.schema.key().name);
        w.push(" IN ");
        let mut window = plan.clone();
        window.order.push(key_order(plan));
        w.key_subquery(&window)?;
        w.order(&order)?;
        dialect.limit_offset(&mut w, Some(1), None);
        w.insert_joins(joins);
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
    let mut w = Writer::over(dialect, plan.schema, local_time, is_relational(plan));
    w.check_order(plan)?;
    if plan.distinct || plan.limit().is_some() || plan.offset()?.is_some() {
        w.push(if plan.distinct { "SELECT COUNT(*) FROM (SELECT DISTINCT " } else { "SELECT COUNT(*) FROM (SELECT " });
        if plan.distinct {
            w.columns(plan.schema.declared());
        } else {
            w.push("1");
        }
        w.tail(plan, &[], plan.limit())?;
        w.push(")");
    } else {
        w.push("SELECT COUNT(*)");
        w.tail(plan, &[], None)?;
    }
    Ok(w.finish())
}

/// Whether a plan selects any row: 0 or 1.
///
/// # Errors
/// As [`select_sql`].
pub fn exists_sql(plan: &SelectPlan, dialect: &dyn Dialect, local_time: bool) -> Result<Statement> {
    let mut w = Writer::over(dialect, plan.schema, local_time, is_relational(plan));
    w.check_order(plan)?;
    w.push("SELECT EXISTS(SELECT 1");
    w.tail(plan, &[], Some(plan.limit().map_or(1, |l| l.min(1))))?;
    w.push(")");
    Ok(w.finish())
}
