//! Where rows go: models, one value, dicts.

use std::sync::Arc;

use sqliter_core::{DbModel, Error, Row, Value};

use crate::dict::{Columns, Dict};
use crate::driver::{RowRef, RowSink};
use crate::relations::Reader;

/// Every row.
pub(crate) struct All<M> {
    pub(crate) rows: Vec<M>,
    pub(crate) reader: Reader,
}

impl<M: DbModel> RowSink for All<M> {
    fn row(&mut self, row: &RowRef<'_>) -> Result<(), Error> {
        self.rows.push(self.reader.read(row)?);
        Ok(())
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.reader.clear();
    }
}

/// The only row, if there is one.
pub(crate) struct Single<M> {
    pub(crate) row: Option<M>,
    pub(crate) reader: Reader,
}

impl<M: DbModel> RowSink for Single<M> {
    fn row(&mut self, row: &RowRef<'_>) -> Result<(), Error> {
        self.row = Some(self.reader.read(row)?);
        Ok(())
    }

    fn clear(&mut self) {
        self.row = None;
        self.reader.clear();
    }
}

/// The first column of the last row.
#[derive(Default)]
pub(crate) struct Scalar {
    pub(crate) value: Value,
}

impl RowSink for Scalar {
    fn row(&mut self, row: &RowRef<'_>) -> Result<(), Error> {
        self.value = row.value(0).to_value();
        Ok(())
    }

    fn clear(&mut self) {
        self.value = Value::Null;
    }
}

/// Rows as they are stored, under these names.
pub(crate) struct Dicts {
    pub(crate) columns: Arc<Columns>,
    pub(crate) rows: Vec<Dict>,
}

impl RowSink for Dicts {
    fn row(&mut self, row: &RowRef<'_>) -> Result<(), Error> {
        let values = (0..self.columns.iter().len()).map(|i| row.value(i).to_value()).collect();
        self.rows.push(Dict::new(self.columns.clone(), values));
        Ok(())
    }

    fn clear(&mut self) {
        self.rows.clear();
    }
}
