//! Where rows go: models, one value, dicts.

use sqliter_core::{DbModel, Error, Row, Value};

use crate::driver::{RowRef, RowSink};
use crate::output::Decoder;
use crate::relations::Reader;

/// Every row.
pub(crate) struct All<Out: 'static> {
    pub(crate) rows: Vec<Out>,
    pub(crate) decoder: Box<dyn Decoder<Out>>,
}

impl<Out: Send + 'static> RowSink for All<Out> {
    fn row(&mut self, row: &RowRef<'_>) -> Result<(), Error> {
        self.rows.push(self.decoder.read(row)?);
        Ok(())
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.decoder.clear();
    }
}

/// The only row of a model, if there is one.
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
