//! A query that can move to another thread between two rows.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqliter_core::{DatabaseError, Error};

use super::bounded::Pace;
use super::connection::{Started, Stop};
use super::generations::Mark;
use super::read::{Query, ReadJob};
use super::scope::Seat;
use super::statement::RowRef;

/// Where the rows of a query go.
pub(crate) trait RowSink: Any + Send {
    /// Takes a row.
    fn row(&mut self, row: &RowRef<'_>) -> Result<(), Error>;
    /// Whether further rows are of no use.
    fn is_full(&self) -> bool {
        false
    }
    /// There are no more rows, be it none at all: of columns with these names.
    fn end(&mut self, names: &dyn Fn() -> Vec<String>) -> Result<(), Error> {
        let _ = names;
        Ok(())
    }
    /// Forgets the rows so far: the query starts again.
    fn clear(&mut self);
    /// Takes note of the tables that were read, at the end; of none where nobody caches.
    fn tables(&mut self, tables: &[Arc<Mark>]) {
        let _ = tables;
    }
}

/// Rows between two looks at the clock.
const CLOCK_EVERY: usize = 16;

/// A running query with its connection.
pub(super) struct Cursor {
    // Before the seat: a statement goes before its connection.
    started: Option<Started>,
    job: ReadJob,
    seat: Seat,
}

/// What a batch of rows ended with.
pub(super) enum Progress {
    /// No more rows.
    Done,
    /// The limit of the batch.
    More,
}

impl Cursor {
    pub(super) fn new(job: ReadJob, seat: Seat) -> Self {
        Cursor { started: None, job, seat }
    }

    pub(super) fn seat(&mut self) -> &mut Seat {
        &mut self.seat
    }

    pub(super) fn error(&self, cause: DatabaseError) -> Error {
        self.job.error(cause)
    }

    /// Fetches rows until the end, or until `limit` is reached: so many rows, or so long.
    pub(super) fn fetch(&mut self, sink: &mut dyn RowSink, limit: Option<(usize, Duration)>) -> Result<Progress, Stop> {
        // The row of a key comes in one go: no statement has to be left between two rows.
        if let Query::Key(sql, key) = &self.job.query {
            return self.seat.connection().get(sql, key, sink).map(|()| Progress::Done);
        }
        let out = self.rows(sink, limit);
        if !matches!(out, Ok(Progress::More)) {
            self.end();
        }
        out
    }

    fn rows(&mut self, sink: &mut dyn RowSink, limit: Option<(usize, Duration)>) -> Result<Progress, Stop> {
        let start = limit.map(|_| Instant::now());
        let connection = self.seat.connection();
        let started = match &mut self.started {
            Some(started) => started,
            none => none.insert(connection.start(self.job.sql(), self.job.query.clone())?),
        };
        // A plan asks for no more than is wanted.
        let written = matches!(self.job.query, Query::Raw(..));
        let mut count = 0;
        while let Some(row) = connection.step(started)? {
            sink.row(&row).map_err(Stop::Caller)?;
            if written && sink.is_full() {
                break;
            }
            count += 1;
            if let (Some((rows, budget)), Some(start)) = (limit, start)
                && (count >= rows || (count % CLOCK_EVERY == 0 && start.elapsed() >= budget))
            {
                return Ok(Progress::More);
            }
        }
        sink.end(&|| started.names()).map_err(Stop::Caller)?;
        sink.tables(started.reads());
        Ok(Progress::Done)
    }

    /// Whether what is left comes row by row, as far as one can tell.
    pub(super) fn is_steady(&mut self) -> bool {
        let Cursor { started: Some(started), job, seat } = self else { return false };
        seat.connection().pace(started, job.sql().as_str()) != Pace::Unknown
    }

    /// Gives the statement back to its connection.
    fn end(&mut self) {
        if let Some(started) = self.started.take() {
            self.seat.connection().finish(started);
        }
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        self.end();
    }
}
