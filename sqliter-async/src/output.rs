//! From the rows of a statement to what a query yields: models, values, tuples, dicts.

use std::any::TypeId;
use std::marker::PhantomData;
use std::sync::Arc;

use sqliter_core::plan::{PrefetchTree, SelectPlan};
use sqliter_core::sql::result_columns;
use sqliter_core::{
    ColumnType, Columns, DbModel, DbProjection, DecodeError, Dict, Encoding, Error, Fields, Origin, ProjectionSource,
    Result, Row, Value,
};

use crate::driver::{Connection, RowRef};
use crate::relations::{Reader, load_ahead};

/// Reads the rows of one result.
pub(crate) trait Decoder<Out>: Send {
    /// Reads a row.
    fn read(&mut self, row: &RowRef<'_>) -> Result<Out>;

    /// Forgets the rows so far: the query starts again.
    fn clear(&mut self) {}

    /// How much memory each column of a row takes besides what is in it, where that is not part of the row itself.
    fn column_size(&self) -> usize {
        0
    }

    /// Loads what belongs to the rows that were read.
    fn load_ahead(
        &self,
        rows: Vec<Out>,
        connection: &mut Connection,
        tree: &[PrefetchTree],
        local_time: bool,
    ) -> Result<Vec<Out>> {
        let _ = (connection, tree, local_time);
        Ok(rows)
    }
}

/// How the rows of a query become `Out`.
pub(crate) trait Output<Out>: Send + Sync {
    /// Starts to read a result of this plan.
    fn decoder(&self, plan: &SelectPlan, origin: Origin, local_time: bool) -> Result<Box<dyn Decoder<Out>>>;
}

/// An output that any number of queries share.
pub(crate) enum OutputRef<Out: 'static> {
    Fixed(&'static dyn Output<Out>),
    Shared(Arc<dyn Output<Out>>),
}

impl<Out> Clone for OutputRef<Out> {
    fn clone(&self) -> Self {
        match self {
            OutputRef::Fixed(output) => OutputRef::Fixed(*output),
            OutputRef::Shared(output) => OutputRef::Shared(output.clone()),
        }
    }
}

impl<Out> OutputRef<Out> {
    pub(crate) fn get(&self) -> &dyn Output<Out> {
        match self {
            OutputRef::Fixed(output) => *output,
            OutputRef::Shared(output) => &**output,
        }
    }
}

impl<M: DbModel> OutputRef<M> {
    /// Whole rows.
    pub(crate) const MODEL: Self = OutputRef::Fixed(&Models);
}
impl<T: ColumnType> OutputRef<T> {
    /// The first value of each row.
    pub(crate) const VALUE: Self = OutputRef::Fixed(&Values);
}
impl<T: Fields> OutputRef<T> {
    /// Several values of each row.
    pub(crate) const FIELDS: Self = OutputRef::Fixed(&Tuples);
}
impl<Out: Send> OutputRef<(Out, i64)> {
    /// What another output makes of a row, and the count at this position among the counts.
    pub(crate) fn counted(inner: OutputRef<Out>, position: usize) -> Self {
        OutputRef::Shared(Arc::new(Counted { inner, position }))
    }
}

struct Models;

impl<M: DbModel> Output<M> for Models {
    fn decoder(&self, plan: &SelectPlan, origin: Origin, _: bool) -> Result<Box<dyn Decoder<M>>> {
        Ok(Box::new(Reader::new(origin, &plan.join_tree()?)))
    }
}

impl<M: DbModel> Decoder<M> for Reader {
    fn read(&mut self, row: &RowRef<'_>) -> Result<M> {
        Reader::read(self, row)
    }

    fn clear(&mut self) {
        Reader::clear(self);
    }

    fn load_ahead(
        &self,
        mut rows: Vec<M>,
        connection: &mut Connection,
        tree: &[PrefetchTree],
        local_time: bool,
    ) -> Result<Vec<M>> {
        load_ahead(connection, self.origin(), local_time, &mut rows, tree)?;
        Ok(rows)
    }
}

/// The columns of a result, for values that are read by position.
struct Positions {
    columns: Arc<Columns>,
    table: &'static str,
}

impl Positions {
    fn of(plan: &SelectPlan, local_time: bool) -> Result<Self> {
        Ok(Positions { columns: Columns::new(result_columns(plan)?, local_time), table: plan.schema.table })
    }

    #[cold]
    fn error(&self, source: DecodeError) -> Error {
        Error::Decode { table: self.table.to_owned(), key: None, source }
    }
}

struct Values;

impl<T: ColumnType> Output<T> for Values {
    fn decoder(&self, plan: &SelectPlan, _: Origin, local_time: bool) -> Result<Box<dyn Decoder<T>>> {
        Ok(Box::new(ValueDecoder { positions: Positions::of(plan, local_time)?, value: PhantomData }))
    }
}

struct ValueDecoder<T> {
    positions: Positions,
    value: PhantomData<fn() -> T>,
}

impl<T: ColumnType> Decoder<T> for ValueDecoder<T> {
    fn read(&mut self, row: &RowRef<'_>) -> Result<T> {
        sqliter_core::read_value(row, 0, &self.positions.columns).map_err(|e| self.positions.error(e))
    }
}

struct Tuples;

impl<T: Fields> Output<T> for Tuples {
    fn decoder(&self, plan: &SelectPlan, _: Origin, local_time: bool) -> Result<Box<dyn Decoder<T>>> {
        Ok(Box::new(TupleDecoder { positions: Positions::of(plan, local_time)?, fields: PhantomData }))
    }
}

struct TupleDecoder<T> {
    positions: Positions,
    fields: PhantomData<fn() -> T>,
}

impl<T: Fields> Decoder<T> for TupleDecoder<T> {
    fn column_size(&self) -> usize {
        if TypeId::of::<T>() == TypeId::of::<Dict>() { size_of::<Value>() } else { 0 }
    }

    fn read(&mut self, row: &RowRef<'_>) -> Result<T> {
        T::read(row, &self.positions.columns).map_err(|e| self.positions.error(e))
    }
}

/// Structs that say themselves which columns they are read from.
pub(crate) struct Projections<T>(PhantomData<fn() -> T>);

impl<T: DbProjection> Projections<T> {
    /// Reads a result that has the columns of the struct, in their order.
    pub(crate) fn decoder(plan: &SelectPlan, origin: Origin) -> Result<Box<dyn Decoder<T>>> {
        let columns = result_columns(plan)?;
        let sources = columns.iter().enumerate().map(|(index, (_, store))| ProjectionSource { index, store: *store });
        let (sources, table) = (sources.collect(), plan.schema.table);
        Ok(Box::new(ProjectionDecoder { sources, table, origin, rows: PhantomData }))
    }
}

struct ProjectionDecoder<T> {
    sources: Vec<ProjectionSource>,
    table: &'static str,
    origin: Origin,
    rows: PhantomData<fn() -> T>,
}

impl<T: DbProjection> Decoder<T> for ProjectionDecoder<T> {
    fn read(&mut self, row: &RowRef<'_>) -> Result<T> {
        let mut read = T::decode_projection(row, &self.sources).map_err(|source| Error::Decode {
            table: self.table.to_owned(),
            key: None,
            source,
        })?;
        read.attach_projection(&self.origin);
        Ok(read)
    }
}

struct Counted<Out: 'static> {
    inner: OutputRef<Out>,
    position: usize,
}

impl<Out: Send> Output<(Out, i64)> for Counted<Out> {
    fn decoder(&self, plan: &SelectPlan, origin: Origin, local_time: bool) -> Result<Box<dyn Decoder<(Out, i64)>>> {
        let inner = self.inner.get().decoder(plan, origin, local_time)?;
        // The counts come last, after the columns of joined rows.
        let columns = result_columns(plan)?.len() + plan.joined_width()?;
        let at = columns - plan.projection.counts.len() + self.position;
        Ok(Box::new(CountedDecoder { inner, at, table: plan.schema.table }))
    }
}

struct CountedDecoder<Out> {
    inner: Box<dyn Decoder<Out>>,
    at: usize,
    table: &'static str,
}

impl<Out: Send> Decoder<(Out, i64)> for CountedDecoder<Out> {
    fn read(&mut self, row: &RowRef<'_>) -> Result<(Out, i64)> {
        // Over no rows at all the sum of the counts is NULL.
        let count = Option::<i64>::from_sql(row.value(self.at), Encoding::default())
            .map_err(|source| Error::Decode { table: self.table.to_owned(), key: None, source })?;
        Ok((self.inner.read(row)?, count.unwrap_or(0)))
    }

    fn column_size(&self) -> usize {
        self.inner.column_size()
    }

    fn clear(&mut self) {
        self.inner.clear();
    }

    fn load_ahead(
        &self,
        rows: Vec<(Out, i64)>,
        connection: &mut Connection,
        tree: &[PrefetchTree],
        local_time: bool,
    ) -> Result<Vec<(Out, i64)>> {
        let (rows, counts): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let rows = self.inner.load_ahead(rows, connection, tree, local_time)?;
        Ok(rows.into_iter().zip(counts).collect())
    }
}
