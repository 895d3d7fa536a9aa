//! Where rows go: models, one value, dicts.

use std::sync::Arc;

use sqliter_core::plan::PrefetchTree;
use sqliter_core::{DbModel, Error, Row, Value};

use crate::cache::Measure;
use crate::driver::{Connection, Mark, RowRef, RowSink};
use crate::output::Decoder;
use crate::relations::{Gather, Reader};

/// Every row.
pub(crate) struct All<Out: 'static> {
    pub(crate) rows: Vec<Out>,
    pub(crate) decoder: Box<dyn Decoder<Out>>,
    pub(crate) measure: Option<Measure>,
}

impl<Out: Send + 'static> RowSink for All<Out> {
    fn row(&mut self, row: &RowRef<'_>) -> Result<(), Error> {
        if let Some(measure) = &mut self.measure {
            measure.row(row);
        }
        self.rows.push(self.decoder.read(row)?);
        Ok(())
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.decoder.clear();
        clear(&mut self.measure);
    }

    fn tables(&mut self, tables: &[Arc<Mark>]) {
        note(&mut self.measure, tables);
    }
}

/// The only row of a model, if there is one.
pub(crate) struct Single<M> {
    pub(crate) row: Option<M>,
    pub(crate) reader: Reader,
    pub(crate) measure: Option<Measure>,
}

impl<M: DbModel> RowSink for Single<M> {
    fn row(&mut self, row: &RowRef<'_>) -> Result<(), Error> {
        if let Some(measure) = &mut self.measure {
            measure.row(row);
        }
        self.row = Some(self.reader.read(row)?);
        Ok(())
    }

    fn clear(&mut self) {
        self.row = None;
        self.reader.clear();
        clear(&mut self.measure);
    }

    fn tables(&mut self, tables: &[Arc<Mark>]) {
        note(&mut self.measure, tables);
    }
}

impl<Out: Send + 'static> Gather for All<Out> {
    fn measure(&mut self) -> Option<&mut Measure> {
        self.measure.as_mut()
    }

    fn load_ahead(
        &mut self,
        connection: &mut Connection,
        tree: &[PrefetchTree],
        local_time: bool,
    ) -> Result<(), Error> {
        self.rows = self.decoder.load_ahead(std::mem::take(&mut self.rows), connection, tree, local_time)?;
        Ok(())
    }
}

fn clear(measure: &mut Option<Measure>) {
    if let Some(measure) = measure {
        measure.size = 0;
    }
}

fn note(measure: &mut Option<Measure>, tables: &[Arc<Mark>]) {
    if let Some(measure) = measure {
        measure.tables = tables.to_vec();
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
