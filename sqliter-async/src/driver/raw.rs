//! SQL that a person wrote: which connection it belongs on, its parameters, its errors.

use std::sync::Arc;

use libsqlite3_sys as ffi;
use sqliter_core::sql::Statement as Bound;
use sqliter_core::{DatabaseError, Error, ErrorKind, Params, Value};

use super::connection::{Connection, Sql, Stop};
use super::cursor::RowSink;
use super::engine::Engine;
use super::options::Execution;
use super::read::{Query, ReadJob, fetch, joined};
use super::scope::{Scope, Seat};
use super::statement::RowRef;
use super::text::{self, Action};
use super::write::{FEW, Job};

/// Text up to this length is prepared on the caller's thread.
const SHORT: usize = 16 << 10;
/// More of a statement is not repeated in its error.
const LONG: usize = 1000;

/// A statement with its parameters as they were given.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) sql: String,
    pub(crate) params: Params,
    pub(crate) local_time: bool,
    pub(crate) action: Action,
    /// It may ask which row was inserted last: by whichever statement was before it.
    asks_rowid: bool,
}

/// What SQLite is told that the last inserted row was, so that a statement which inserts none can be told apart.
const NO_ROWID: i64 = i64::MIN;

/// A statement that SQLite has looked at.
pub(super) struct Inspected {
    pub(super) bound: Arc<Bound>,
    pub(super) writes: bool,
    columns: usize,
}

impl Raw {
    pub(crate) fn new(sql: &str, params: Params, local_time: bool) -> Self {
        let action = text::action(sql);
        let asks_rowid = matches!(action, Action::Write(..)) && text::mentions(sql, "last_insert_rowid");
        Raw { sql: sql.to_owned(), params, local_time, action, asks_rowid }
    }

    fn is_short_write(&self) -> bool {
        self.sql.len() <= SHORT && matches!(self.action, Action::Write(..))
    }

    /// The error of this statement.
    #[cold]
    pub(crate) fn error(&self, cause: DatabaseError) -> Error {
        sql_error(&self.sql, &self.action, cause)
    }

    #[cold]
    pub(crate) fn refuse(&self, why: impl Into<String>) -> Error {
        self.error(DatabaseError::other(why))
    }
}

/// The error of a statement that a person wrote.
#[cold]
fn sql_error(sql: &str, action: &Action, cause: DatabaseError) -> Error {
    let cause = Box::new(cause);
    if cause.kind == ErrorKind::ForeignKey {
        let (action, table) = match action {
            Action::Write(action, table) => (*action, table.clone()),
            _ => ("change", String::new()),
        };
        let problem = match action {
            "insert" | "update" => "does not exist",
            "delete" => "still has records that refer to it",
            _ => "does not exist, or still has records that refer to it",
        };
        return Error::ForeignKeyConstraint { action, table, problem: problem.into(), cause };
    }
    let mut sql = sql.trim().to_owned();
    if sql.len() > LONG {
        sql.truncate(sql.floor_char_boundary(LONG));
        sql.push_str("..");
    }
    Error::SqlExecution { sql, cause }
}

impl Connection {
    /// Looks at a statement: what SQLite says of it, and its parameters in order.
    pub(super) fn inspect(&mut self, raw: &Raw) -> Result<Inspected, Stop> {
        let statement = self.cached(Sql::Text(&raw.sql))?;
        let (writes, columns) = (!statement.is_read_only(), statement.columns());
        let params = raw.params.arrange(&statement.parameters(), raw.local_time).map_err(DatabaseError::other)?;
        let bound = Arc::new(Bound { sql: raw.sql.clone(), params, secret: Vec::new() });
        Ok(Inspected { bound, writes, columns })
    }

    /// Runs a statement and says what it changed: a statement that changes nothing leaves SQLite's counters as they were.
    fn run_counted(
        &mut self,
        bound: &Bound,
        raw: &Raw,
        row: &mut dyn FnMut(&RowRef<'_>) -> Result<(), Error>,
    ) -> Result<RawChanges, Stop> {
        let db = self.db();
        // SAFETY: `db` is open and ours.
        let before = unsafe { ffi::sqlite3_last_insert_rowid(db) };
        if !raw.asks_rowid {
            // SAFETY: as above.
            unsafe { ffi::sqlite3_set_last_insert_rowid(db, NO_ROWID) };
        }
        let done = self.query(Sql::Text(&bound.sql), bound, row);
        let changes = self.changes();
        let untouched = !raw.asks_rowid && changes.last_rowid == NO_ROWID;
        if untouched {
            // SAFETY: as above.
            unsafe { ffi::sqlite3_set_last_insert_rowid(db, before) };
        }
        let Action::Write(action, _) = &raw.action else { return done.map(|()| RawChanges::default()) };
        let inserted = *action == "insert" && changes.rows > 0 && !untouched;
        done.map(|()| RawChanges { rows: changes.rows, last_rowid: inserted.then_some(changes.last_rowid) })
    }

    /// Runs a statement once, without keeping it.
    fn run_once(&mut self, sql: &str) -> Result<(), Stop> {
        self.log_text(sql);
        let prepared = self.prepare(sql)?;
        if !prepared.statement.parameters().is_empty() {
            return Err(DatabaseError::other("a script takes no parameters").into());
        }
        self.run_prepared(prepared)
    }
}

/// What a statement that a person wrote has changed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RawChanges {
    pub(crate) rows: u64,
    /// The row that was inserted last, if any was.
    pub(crate) last_rowid: Option<i64>,
}

/// A write with the rows that it returns.
pub(crate) struct RawWrite {
    pub(crate) raw: Raw,
    pub(crate) sink: Box<dyn RowSink>,
    pub(crate) changes: RawChanges,
}

impl Job for RawWrite {
    fn run(&mut self, connection: &mut Connection) -> Result<(), Error> {
        let RawWrite { raw, sink, changes } = self;
        let failed = |cause| raw.error(cause);
        let inspected = connection.inspect(raw).map_err(|e| e.into_error(failed))?;
        sink.clear();
        let mut run = |connection: &mut Connection| {
            let done = connection.run_counted(&inspected.bound, raw, &mut |row| sink.row(row));
            done.map_err(|e| e.into_error(failed))
        };
        // A returned row that cannot be read takes the write back.
        let returns = inspected.columns > 0 && matches!(raw.action, Action::Write(..));
        let done = if returns { connection.atomically_from(Sql::Text(&raw.sql), failed, run) } else { run(connection) };
        if raw.action == Action::Define {
            connection.schema_changed();
        }
        *changes = done?;
        Ok(())
    }

    fn may_be_small(&self) -> bool {
        self.raw.is_short_write()
    }
}

/// One statement for many rows of parameters: all of them or none.
pub(crate) struct RawMany {
    pub(crate) raw: Raw,
    pub(crate) rows: Vec<Params>,
    pub(crate) total: u64,
}

impl Job for RawMany {
    fn run(&mut self, connection: &mut Connection) -> Result<(), Error> {
        let RawMany { raw, rows, total } = self;
        let failed = |cause| raw.error(cause);
        *total = connection.atomically_from(Sql::Text(&raw.sql), failed, |connection| {
            let statement = connection.cached(Sql::Text(&raw.sql)).map_err(|e| e.into_error(failed))?;
            let names = statement.parameters();
            let (mut total, mut bound) = (0, Bound { sql: raw.sql.clone(), ..Bound::default() });
            for (i, row) in rows.iter().enumerate() {
                bound.params =
                    row.arrange(&names, raw.local_time).map_err(|e| raw.refuse(format!("row {}: {e}", i + 1)))?;
                let changes = connection.run_counted(&bound, raw, &mut |_| Ok(()));
                total += changes.map_err(|e| e.into_error(failed))?.rows;
            }
            Ok(total)
        })?;
        Ok(())
    }

    fn may_be_small(&self) -> bool {
        self.rows.len() <= FEW && self.raw.is_short_write()
    }
}

/// A script.
pub(crate) struct Script {
    pub(crate) sql: String,
    /// It begins and ends its transactions itself.
    pub(crate) controls: bool,
}

impl Script {
    pub(crate) fn new(sql: &str) -> Self {
        let controls = text::statements(sql).any(|s| text::action(s) == Action::Transaction);
        Script { sql: sql.to_owned(), controls }
    }

    fn run_all(&self, connection: &mut Connection) -> Result<(), Error> {
        for sql in text::statements(&self.sql) {
            let action = text::action(sql);
            let failed = |cause| sql_error(sql, &action, cause);
            match &action {
                Action::Refused(why) => return Err(failed(DatabaseError::other(why.clone()))),
                Action::ForeignKeys if !self.controls => {
                    let why = "in a transaction it has no effect: give the script a BEGIN and COMMIT of its own";
                    return Err(failed(DatabaseError::other(why)));
                }
                _ => connection.run_once(sql).map_err(|e| e.into_error(failed))?,
            }
        }
        Ok(())
    }
}

impl Job for Script {
    fn run(&mut self, connection: &mut Connection) -> Result<(), Error> {
        connection.schema_changed();
        if !self.controls {
            return connection
                .atomically(|cause| sql_error("COMMIT", &Action::Transaction, cause), |c| self.run_all(c));
        }
        let mut done = self.run_all(connection);
        if connection.in_transaction() {
            let why = "the script leaves its transaction open, which was rolled back: end it with COMMIT";
            done = done.and(Err(sql_error("COMMIT", &Action::Transaction, DatabaseError::other(why))));
            connection
                .control("ROLLBACK")
                .map_err(|e| e.into_error(|c| sql_error("ROLLBACK", &Action::Transaction, c)))?;
        }
        // Whatever the script said: they are enforced.
        let enforce = "PRAGMA foreign_keys = ON";
        let enforced = connection.control(enforce);
        done.and(enforced.map_err(|e| e.into_error(|c| sql_error(enforce, &Action::ForeignKeys, c))))
    }
}

/// What came of a statement that was taken to read.
pub(crate) enum Fetched {
    Rows(Box<dyn RowSink>),
    /// It writes, and has not run.
    Writes(Raw, Box<dyn RowSink>),
}

impl Engine {
    /// Runs a statement that reads on a reader.
    ///
    /// Dropping the future interrupts it.
    pub(crate) async fn fetch_raw(self: &Arc<Self>, raw: Raw, sink: Box<dyn RowSink>) -> Result<Fetched, Error> {
        fetch_raw(Seat::Slot(self.reader().await?), raw, sink).await
    }
}

impl Scope {
    /// Runs a statement that reads in the transaction.
    ///
    /// Dropping the future interrupts it, and nothing else.
    pub(crate) async fn fetch_raw(self: &Arc<Self>, raw: Raw, sink: Box<dyn RowSink>) -> Result<Fetched, Error> {
        let seat = self.read_seat().await?;
        fetch_raw(seat, raw, sink).await.map_err(|e| self.explain(e))
    }
}

async fn fetch_raw(seat: Seat, raw: Raw, sink: Box<dyn RowSink>) -> Result<Fetched, Error> {
    let (seat, raw, inspected) = look(seat, raw).await?;
    if inspected.writes {
        return Ok(Fetched::Writes(raw, sink));
    }
    let job = ReadJob { query: Query::Raw(inspected.bound, Arc::new(raw)), table: "" };
    Ok(Fetched::Rows(fetch(seat, job, sink).await?))
}

/// Looks at a statement, on the caller's thread if it is short and nobody is in the way.
async fn look(mut seat: Seat, raw: Raw) -> Result<(Seat, Raw, Inspected), Error> {
    let execution = seat.engine().options().execution;
    let inspect = |seat: &mut Seat, raw: &Raw| seat.connection().inspect(raw);
    let found = match execution {
        Execution::Inline => Some(inspect(&mut seat, &raw)),
        Execution::Auto if raw.sql.len() <= SHORT => {
            seat.connection().enter_inline(None);
            let found = inspect(&mut seat, &raw);
            seat.connection().leave_inline();
            Some(found).filter(|f| !matches!(f, Err(Stop::Database(e)) if e.kind == ErrorKind::Busy))
        }
        _ => None,
    };
    let (seat, raw, found) = match found {
        Some(found) => (seat, raw, found),
        None => {
            let task = tokio::task::spawn_blocking(move || {
                let found = inspect(&mut seat, &raw);
                (seat, raw, found)
            });
            joined(task.await)?
        }
    };
    match found {
        Ok(inspected) => Ok((seat, raw, inspected)),
        Err(stop) => Err(stop.into_error(|cause| raw.error(cause))),
    }
}

/// Nothing is bound: for statements of which only the effect counts.
pub(crate) struct NoRows;

impl RowSink for NoRows {
    fn row(&mut self, _: &RowRef<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn clear(&mut self) {}
}

/// The value of one column.
pub(crate) fn value(row: &RowRef<'_>, index: usize) -> Value {
    use sqliter_core::Row;
    row.value(index).to_value()
}
