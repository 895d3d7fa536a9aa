//! What a query asks for, before any SQL.

mod key;
mod projection;
mod related;

use crate::error::{Error, Result};
use crate::expr::node::{ColumnNode, ExprNode, FilterNode, OrderBy, OrderNode};
use crate::relation::Hop;
use crate::schema::Schema;

pub use projection::{CountNode, ItemNode, Projection, SelectItem};
pub use related::{JoinTree, PrefetchTree};

/// The rows of one table: which, in what order, how many, and what is loaded with them.
#[derive(Debug, Clone)]
pub struct SelectPlan {
    /// The model.
    pub schema: &'static Schema,
    /// The conditions, all of which must hold.
    pub filters: Vec<FilterNode>,
    /// The order.
    pub order: Vec<OrderNode>,
    /// Whether equal rows count once.
    pub distinct: bool,
    /// The rows of foreign keys that are read in the same statement.
    pub related: Vec<PathNode>,
    /// The related rows that are read by further statements.
    pub prefetch: Vec<PrefetchNode>,
    /// What is yielded besides whole rows.
    pub projection: Projection,
    limit: Option<i64>,
    offset: Option<i64>,
}

/// A path of relations.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum PathNode {
    /// Steps that the compiler has checked.
    Hops(Vec<Hop>),
    /// By name, before it has been checked against a schema.
    Named(String),
}

/// Related rows to load ahead.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct PrefetchNode {
    /// The way to them.
    pub path: PathNode,
    /// The conditions on the rows at its end.
    pub filters: Vec<FilterNode>,
    /// Their order.
    pub order: Vec<OrderNode>,
    /// What is loaded for them in turn.
    pub then: Vec<PrefetchNode>,
}

impl PrefetchNode {
    /// All rows at the end of a path.
    pub fn new(path: PathNode) -> Self {
        PrefetchNode { path, filters: Vec::new(), order: Vec::new(), then: Vec::new() }
    }
}

impl SelectPlan {
    /// All rows of a model.
    pub fn new(schema: &'static Schema) -> Self {
        SelectPlan {
            schema,
            filters: Vec::new(),
            order: Vec::new(),
            distinct: false,
            related: Vec::new(),
            prefetch: Vec::new(),
            projection: Projection::default(),
            limit: None,
            offset: None,
        }
    }

    /// Whether whole rows are yielded.
    pub fn yields_models(&self) -> bool {
        !self.projection.partial
    }

    /// By the key, smallest first.
    pub fn order_by_key(&mut self) {
        let key = self.schema.key();
        let by = OrderBy::Expr(ExprNode::Column(ColumnNode { name: key.name.into(), store: key.store }));
        self.order = vec![OrderNode { by, descending: false, nulls: None }];
    }

    /// At most this many rows; a negative number is no limit.
    pub fn set_limit(&mut self, limit: i64) {
        self.limit = Some(limit);
    }

    /// Skips this many rows.
    pub fn set_offset(&mut self, offset: i64) {
        self.offset = Some(offset);
    }

    /// The limit, if there is one.
    pub fn limit(&self) -> Option<i64> {
        self.limit.filter(|l| *l >= 0)
    }

    /// The offset, if there is one.
    ///
    /// # Errors
    /// [`Error::InvalidOffset`] when it is negative.
    pub fn offset(&self) -> Result<Option<i64>> {
        match self.offset {
            Some(n) if n < 0 => Err(Error::InvalidOffset(n)),
            Some(0) | None => Ok(None),
            some => Ok(some),
        }
    }
}
