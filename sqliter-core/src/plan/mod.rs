//! What a query asks for, before any SQL.

use crate::error::{Error, Result};
use crate::expr::node::{FilterNode, OrderNode};
use crate::schema::Schema;

/// The rows of one table: which, in what order, how many.
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
    limit: Option<i64>,
    offset: Option<i64>,
}

impl SelectPlan {
    /// All rows of a model.
    pub fn new(schema: &'static Schema) -> Self {
        SelectPlan { schema, filters: Vec::new(), order: Vec::new(), distinct: false, limit: None, offset: None }
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
