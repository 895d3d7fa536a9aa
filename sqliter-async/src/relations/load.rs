//! From a row of a result to a model with the rows that were joined to it.

use std::any::Any;

use sqliter_core::plan::JoinTree;
use sqliter_core::{DbModel, Error, Origin, Result, Row, Value};

use super::runtime::{RelationOps, ops};
use crate::driver::RowRef;

/// Reads the rows of one result.
pub(crate) struct Reader {
    origin: Origin,
    joins: Vec<Joined>,
}

impl Reader {
    /// Reads rows with these rows joined to them.
    pub(crate) fn new(origin: Origin, joins: &[JoinTree]) -> Self {
        Reader { origin, joins: joins.iter().filter_map(Joined::new).collect() }
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Reads a row.
    pub(crate) fn read<M: DbModel>(&mut self, row: &RowRef<'_>) -> Result<M> {
        let mut model: M = decode(row, 0)?;
        model.attach(&self.origin);
        for join in &mut self.joins {
            join.ops.relate(&mut model, row, join.at, &mut join.rows, &self.origin)?;
        }
        Ok(model)
    }

    /// Forgets the rows so far: the query starts again.
    pub(crate) fn clear(&mut self) {
        self.joins.iter_mut().for_each(Joined::clear);
    }
}

/// A foreign key whose rows are joined.
struct Joined {
    ops: &'static dyn RelationOps,
    at: usize,
    rows: JoinedRows,
}

/// The rows of a foreign key that were read so far, and the foreign keys of these in turn.
pub struct JoinedRows {
    /// The rows by key; of the type that the relation leads to.
    pub(super) seen: Option<Box<dyn Any + Send>>,
    children: Vec<Joined>,
}

impl Joined {
    fn new(node: &JoinTree) -> Option<Self> {
        let children = node.children.iter().filter_map(Joined::new).collect();
        Some(Joined { ops: ops(node.hop)?, at: node.at, rows: JoinedRows { seen: None, children } })
    }

    fn clear(&mut self) {
        self.rows.seen = None;
        self.rows.children.iter_mut().for_each(Joined::clear);
    }
}

impl JoinedRows {
    /// Reads a joined row and those that are joined to it in turn.
    pub(super) fn read<T: DbModel>(&mut self, row: &RowRef<'_>, at: usize, origin: &Origin) -> Result<T> {
        let mut model: T = decode(row, at)?;
        model.attach(origin);
        for child in &mut self.children {
            child.ops.relate(&mut model, row, child.at, &mut child.rows, origin)?;
        }
        Ok(model)
    }
}

/// Reads the columns of a model from position `at` on.
pub(crate) fn decode<M: DbModel>(row: &RowRef<'_>, at: usize) -> Result<M> {
    M::decode_row(row, at).map_err(|source| {
        let key = match row.value(at).to_value() {
            Value::Null => None,
            key => Some(key.to_string()),
        };
        Error::Decode { table: M::schema().table.to_owned(), key, source }
    })
}
