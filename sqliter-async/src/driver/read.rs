//! The read path: inline under a budget, in turns with other tasks, or off the runtime's threads.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_core::future::BoxFuture;
use sqliter_core::sql::Statement;
use sqliter_core::{DatabaseError, Encoded, Error, ErrorKind, Operation, Value};

use super::bind::Bind;
use super::connection::{Sql, Stop};
use super::cursor::{Cursor, Progress, RowSink};
use super::engine::Engine;
use super::options::Execution;
use super::place::Place;
use super::raw::Raw;
use super::scope::{Scope, Seat};

/// Rows that are read on the caller's thread before the query moves.
pub(super) const INLINE_ROWS: usize = 256;
/// How long a query that yields rows stays on the caller's thread.
pub(super) const SOFT_BUDGET: Duration = Duration::from_micros(100);
/// So many times as many rows are read there where nothing can take long between two of them.
const TURNS: usize = 64;
/// A turn that takes longer is the last there.
pub(super) const SLOW: Duration = Duration::from_millis(1);
/// How long SQLite may work there without coming back: then it is interrupted and starts again elsewhere.
pub(super) const HARD_BUDGET: Duration = Duration::from_micros(200);

/// A statement with its parameters, which stay where they are however often it is cloned.
#[derive(Clone)]
pub(crate) enum Query {
    /// A fixed text without parameters.
    Fixed(&'static str),
    /// A fixed text with one parameter: the key of a row.
    Key(&'static str, Value),
    /// What a plan became.
    Planned(Arc<Statement>),
    /// What a person wrote.
    Raw(Arc<Statement>, Arc<Raw>),
}

impl Bind for Query {
    fn each<'a>(&'a self, f: &mut dyn FnMut(Encoded<'a>, bool) -> Result<(), Stop>) -> Result<(), Stop> {
        match self {
            Query::Fixed(_) => Ok(()),
            Query::Key(_, key) => f(key.as_encoded(), false),
            Query::Planned(statement) | Query::Raw(statement, _) => statement.each(f),
        }
    }
}

/// A query to run.
#[derive(Clone)]
pub(crate) struct ReadJob {
    pub(crate) query: Query,
    /// For the error.
    pub(crate) table: &'static str,
}

impl ReadJob {
    pub(super) fn sql(&self) -> Sql<'_> {
        match &self.query {
            Query::Fixed(sql) | Query::Key(sql, _) => Sql::Static(sql),
            Query::Planned(statement) | Query::Raw(statement, _) => Sql::Text(&statement.sql),
        }
    }

    #[cold]
    pub(super) fn error(&self, cause: DatabaseError) -> Error {
        match &self.query {
            Query::Raw(_, raw) => raw.error(cause),
            _ => Operation::Fetch.error(self.table, cause),
        }
    }
}

/// Sets the flag when the future that waits is dropped.
pub(super) struct CancelOnDrop(pub(super) Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Engine {
    /// Runs a query and hands every row to the sink, or as much of it as can be done at once.
    pub(crate) fn fetch_now(self: &Arc<Self>, job: ReadJob, sink: &mut dyn RowSink) -> Result<Option<Fetching>, Error> {
        fetch_now(|| Place::Engine(self.clone()), self.try_reader().map(Seat::Slot), job, sink)
    }
}

impl Scope {
    /// Runs a query in the transaction and hands every row to the sink, or as much of it as can be done at once.
    pub(crate) fn fetch_now(self: &Arc<Self>, job: ReadJob, sink: &mut dyn RowSink) -> Result<Option<Fetching>, Error> {
        let seat = self.try_seat()?.map(Seat::Scope);
        fetch_now(|| Place::Scope(self.clone()), seat, job, sink).map_err(|e| self.explain(e))
    }
}

fn fetch_now(
    place: impl FnOnce() -> Place,
    seat: Option<Seat>,
    job: ReadJob,
    sink: &mut dyn RowSink,
) -> Result<Option<Fetching>, Error> {
    let left = match seat {
        None => Left::Everything(job),
        Some(seat) => match fetch_here(seat, job, sink)? {
            None => return Ok(None),
            Some(cursor) => Left::Rows(Box::new(cursor)),
        },
    };
    Ok(Some(Fetching { place: place(), left }))
}

/// A query that did not come to its end at once.
pub(crate) struct Fetching {
    place: Place,
    left: Left,
}

enum Left {
    /// All of it: no connection was free.
    Everything(ReadJob),
    /// What has to run where blocking is allowed.
    Rows(Box<Cursor>),
}

impl Fetching {
    /// Runs the rest of the query; the sink comes back.
    ///
    /// Dropping the future interrupts the query, and nothing else.
    pub(crate) fn finish(self, sink: Box<dyn RowSink>) -> BoxFuture<'static, Result<Box<dyn RowSink>, Error>> {
        let Fetching { place, left } = self;
        Box::pin(async move {
            let done = match left {
                Left::Everything(job) => fetch(place.read_seat().await?, job, sink).await,
                Left::Rows(cursor) => fetch_rest(*cursor, sink).await,
            };
            done.map_err(|e| place.explain(e))
        })
    }
}

/// Runs a query: inline under a budget, or where blocking is allowed.
pub(super) async fn fetch(seat: Seat, job: ReadJob, mut sink: Box<dyn RowSink>) -> Result<Box<dyn RowSink>, Error> {
    match fetch_here(seat, job, &mut *sink)? {
        None => Ok(sink),
        Some(cursor) => fetch_rest(cursor, sink).await,
    }
}

/// Runs the rest of a query: on the caller's thread, with turns for other tasks, while it comes row by row and there are not too
/// many; or where blocking is allowed. Rows that are made on the thread that frees them cost less.
async fn fetch_rest(mut cursor: Cursor, mut sink: Box<dyn RowSink>) -> Result<Box<dyn RowSink>, Error> {
    if cursor.seat().engine().options().execution == Execution::Auto && cursor.is_steady() {
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
            let start = Instant::now();
            match turn(&mut cursor, &mut *sink)? {
                Turn::Done => return Ok(sink),
                Turn::More if start.elapsed() <= SLOW => {}
                Turn::More | Turn::Again => break,
            }
        }
    }
    fetch_elsewhere(cursor, sink).await
}

/// Runs a query on the caller's thread; comes back with what has to run elsewhere.
fn fetch_here(seat: Seat, job: ReadJob, sink: &mut dyn RowSink) -> Result<Option<Cursor>, Error> {
    let execution = seat.engine().options().execution;
    let mut cursor = Cursor::new(job, seat);
    match execution {
        Execution::Blocking => {}
        Execution::Inline => {
            return match cursor.fetch(sink, None) {
                Ok(_) => Ok(None),
                Err(stop) => Err(stop.into_error(|cause| cursor.error(cause))),
            };
        }
        Execution::Auto => {
            if let Turn::Done = turn(&mut cursor, sink)? {
                return Ok(None);
            }
        }
    }
    Ok(Some(cursor))
}

/// What a query ended with on the caller's thread.
enum Turn {
    Done,
    More,
    /// It was stopped, and begins again.
    Again,
}

/// Reads some rows on the caller's thread, under a budget.
fn turn(cursor: &mut Cursor, sink: &mut dyn RowSink) -> Result<Turn, Error> {
    cursor.seat().connection().enter_inline(Some(HARD_BUDGET));
    let out = cursor.fetch(sink, Some((INLINE_ROWS, SOFT_BUDGET)));
    let over_budget = cursor.seat().connection().over_budget();
    cursor.seat().connection().leave_inline();
    match out {
        Ok(Progress::Done) => return Ok(Turn::Done),
        Ok(Progress::More) => return Ok(Turn::More),
        Err(Stop::Offload) => {}
        // A read has no effect, and nobody has seen a row of it: it can always start again.
        Err(Stop::Database(e)) if over_budget || e.kind == ErrorKind::Busy => {}
        Err(stop) => return Err(stop.into_error(|cause| cursor.error(cause))),
    }
    sink.clear();
    Ok(Turn::Again)
}

/// Runs the rest of a query where blocking is allowed.
async fn fetch_elsewhere(mut cursor: Cursor, mut sink: Box<dyn RowSink>) -> Result<Box<dyn RowSink>, Error> {
    let cancel = CancelOnDrop(Arc::new(AtomicBool::new(false)));
    let flag = cancel.0.clone();
    let task = tokio::task::spawn_blocking(move || {
        cursor.seat().connection().set_cancel(Some(flag));
        let out = cursor.fetch(&mut *sink, None);
        cursor.seat().connection().set_cancel(None);
        match out {
            Ok(_) => Ok(sink),
            Err(stop) => Err(stop.into_error(|cause| cursor.error(cause))),
        }
    });
    let out = joined(task.await);
    drop(cancel);
    out?
}

/// The value behind the trait object that was made from it.
///
/// # Panics
/// When it was made from a value of another type, which nothing here does.
#[allow(clippy::panic, reason = "an invariant of this module")]
pub(crate) fn own<T: Any>(boxed: Box<dyn Any>) -> T {
    match boxed.downcast::<T>() {
        Ok(value) => *value,
        Err(_) => panic!("a job comes back as what it went"),
    }
}

/// The outcome of a task off the runtime's threads; a panic in it goes on in the caller.
pub(super) fn joined<T>(out: Result<T, tokio::task::JoinError>) -> Result<T, Error> {
    match out {
        Ok(out) => Ok(out),
        Err(e) => match e.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Error::DatabaseConnection {
                path: String::new(),
                reason: "the runtime is shutting down".to_owned(),
                source: Some(Box::new(DatabaseError::other("cancelled"))),
            }),
        },
    }
}
