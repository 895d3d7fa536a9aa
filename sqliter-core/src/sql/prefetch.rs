//! The statement that loads the related rows of many rows at once.

use super::dialect::Dialect;
use super::scope::ends;
use super::select::filters_are_relational;
use super::writer::{Statement, Writer};
use crate::error::Result;
use crate::expr::node::{ColumnNode, ExprNode, OrderBy, OrderNode};
use crate::plan::PrefetchTree;
use crate::relation::Junction;
use crate::types::{Literal, Store};
use crate::value::Value;

/// The rows that a step leads to from the rows with these keys: the declared columns, then the key of the row that each
/// belongs to. For a foreign key the keys are those of the rows that it leads to.
///
/// # Errors
/// When the conditions or the order name something that is not there.
pub fn prefetch_sql(
    node: &PrefetchTree,
    keys: Vec<Value>,
    dialect: &dyn Dialect,
    local_time: bool,
) -> Result<Statement> {
    let target = node.hop.target();
    let junction = node.hop.def.junction();
    let aliased = junction.is_some() || filters_are_relational(target, &node.filters, &node.order);
    let mut w = Writer::over(dialect, target, local_time, aliased);
    w.push("SELECT ");
    w.columns(target.declared());
    w.push(", ");
    let link = junction.map(|junction| (junction, w.next_alias()));
    let near = match (link, node.hop.foreign_key()) {
        (Some((junction, alias)), _) => {
            let near = if junction.symmetrical { "near" } else { ends(node.hop, junction).0 };
            w.push(&format!("t{alias}."));
            w.identifier(near);
            near
        }
        (None, Some(column)) if node.hop.reverse => {
            w.column(column.name);
            column.name
        }
        _ => {
            w.column(target.key().name);
            target.key().name
        }
    };
    let joins = w.from();
    if let Some((junction, alias)) = link {
        w.push(" JOIN ");
        let far = if junction.symmetrical {
            both_directions(&mut w, junction, &keys)?;
            "far"
        } else {
            w.identifier(&junction.table);
            ends(node.hop, junction).1
        };
        w.push(&format!(" AS t{alias} ON t{alias}."));
        w.identifier(far);
        w.push(" = ");
        w.column(target.key().name);
    }
    w.push(" WHERE ");
    match link {
        // The keys are inside already.
        Some((junction, _)) if junction.symmetrical => w.push("1"),
        Some((_, alias)) => w.with_alias(alias, |w| among(w, near, keys))?,
        None => among(&mut w, near, keys)?,
    }
    for filter in &node.filters {
        w.push(" AND (");
        w.condition(filter)?;
        w.push(")");
    }
    let by =
        |column| OrderNode { by: OrderBy::Expr(super::lookups::column_node(column)), descending: false, nulls: None };
    let mut order = Vec::new();
    // The order is one among the rows of a parent. In the foreign key's index these stand together, by key: nothing is sorted.
    order.extend(node.hop.foreign_key().filter(|_| link.is_none() && node.hop.reverse).map(by));
    if node.order.is_empty() {
        order.push(by(target.key()));
    }
    order.extend_from_slice(&node.order);
    w.order(&order)?;
    w.insert_joins(joins);
    Ok(w.finish())
}

/// `column IN (..)`, whatever the number of keys.
fn among(w: &mut Writer<'_>, column: &str, keys: Vec<Value>) -> Result<()> {
    let column = ExprNode::Column(ColumnNode { name: column.to_owned().into(), store: Store::Default });
    let items: Vec<_> = keys.into_iter().map(|key| ExprNode::Literal(Literal::Value(key))).collect();
    w.membership(&column, &items)
}

/// The links of a symmetrical junction seen from both of their rows, as `near` and `far`.
fn both_directions(w: &mut Writer<'_>, junction: &Junction, keys: &[Value]) -> Result<()> {
    let (left, right) = (&junction.from_column, &junction.to_column);
    w.push("(");
    for (near, far) in [(left, right), (right, left)] {
        let back = near == right;
        w.push(if back { " UNION ALL SELECT " } else { "SELECT " });
        w.identifier(near);
        w.push(if back { ", " } else { " AS near, " });
        w.identifier(far);
        w.push(if back { " FROM " } else { " AS far FROM " });
        w.identifier(&junction.table);
        w.push(" WHERE ");
        w.bare(|w| among(w, near, keys.to_vec()))?;
        if back {
            w.push(" AND ");
            w.identifier(left);
            w.push(" <> ");
            w.identifier(right);
        }
    }
    w.push(")");
    Ok(())
}
