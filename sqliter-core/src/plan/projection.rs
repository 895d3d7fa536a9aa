//! What a query yields: whole rows, some values of them, or groups.

use super::PathNode;
use crate::expr::node::{AssignTarget, ExprNode, FilterNode};
use crate::types::Store;

/// What a query yields besides its model's rows.
#[derive(Debug, Clone, Default, PartialEq, Hash)]
pub struct Projection {
    /// These values instead of the whole row.
    pub items: Option<Vec<SelectItem>>,
    /// Nothing but these: annotations and counts are selected only where they are among them.
    pub only_items: bool,
    /// The whole row but these columns.
    pub exclude: Vec<AssignTarget>,
    /// By what the rows are grouped.
    pub groups: Vec<SelectItem>,
    /// Computed values, by name.
    pub annotations: Vec<(String, SelectItem)>,
    /// Counts of related rows, by name.
    pub counts: Vec<(String, CountNode)>,
    /// What is yielded is no row of the model, even where it has all the columns of one.
    pub partial: bool,
    /// Conditions on groups.
    pub having: Vec<FilterNode>,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct SelectItem {
    /// What it is.
    pub what: ItemNode,
    /// How it is written.
    pub store: Store,
}

/// What a value of a row is.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum ItemNode {
    /// An expression.
    Expr(ExprNode),
    /// A field, a path or an annotation by name, before it has been checked against a schema.
    Named(String),
}

impl SelectItem {
    /// An expression.
    pub fn expr(node: ExprNode, store: Store) -> Self {
        SelectItem { what: ItemNode::Expr(node), store }
    }

    /// Whether it is computed from the rows of a group.
    pub fn is_aggregate(&self) -> bool {
        matches!(&self.what, ItemNode::Expr(expr) if expr.is_aggregate())
    }

    /// By name.
    pub fn named(name: &str) -> Self {
        SelectItem { what: ItemNode::Named(name.to_owned()), store: Store::Default }
    }
}

/// Related rows to count.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct CountNode {
    /// The way to them.
    pub path: PathNode,
    /// Whether a row that is reached several ways counts once.
    pub distinct: bool,
}

impl Projection {
    /// Whether rows are put together: grouped, or all in one.
    pub fn is_grouped(&self) -> bool {
        let listed = self.items.iter().flatten();
        !self.groups.is_empty()
            || self.annotations.iter().map(|(_, item)| item).chain(listed).any(SelectItem::is_aggregate)
    }
}
