//! One leased connection with its statements: the safe face of everything below.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use libsqlite3_sys as ffi;
use sqliter_core::{DatabaseError, Error, ErrorKind, Value};

use super::bind::{Bind, bind_all};
use super::cache::{Prepared, StatementCache, Taken};
use super::control::Installed;
use super::cursor::RowSink;
use super::generations::{Generations, Mark};
use super::lease::Lease;
use super::options::{Durability, Options};
use super::parked::Parked;
use super::read::Query;
use super::statement::{RowRef, Statement};
use super::watch::{Uses, Watch};
use super::{functions, log};

/// The text of a statement. That of a model's fixed statements is found by address.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sql<'a> {
    Static(&'static str),
    Text(&'a str),
}

impl<'a> Sql<'a> {
    pub(crate) fn as_str(self) -> &'a str {
        match self {
            Sql::Static(s) => s,
            Sql::Text(s) => s,
        }
    }
}

/// Why a statement did not run to its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// SQLite refused.
    Database(DatabaseError),
    /// The caller's own code failed: a value that cannot be stored, a row that does not fit.
    Caller(Error),
    /// Too much for this thread: it has to run where blocking is allowed.
    Offload,
}

impl Stop {
    /// The error of an operation.
    pub(crate) fn into_error(self, operation: impl FnOnce(DatabaseError) -> Error) -> Error {
        match self {
            Stop::Database(cause) => operation(cause),
            Stop::Caller(error) => error,
            Stop::Offload => operation(DatabaseError {
                kind: ErrorKind::Interrupted,
                code: None,
                message: "too large for a runtime's thread".to_owned(),
            }),
        }
    }
}

impl From<DatabaseError> for Stop {
    fn from(e: DatabaseError) -> Self {
        Stop::Database(e)
    }
}

/// What a write did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Changes {
    pub(crate) rows: u64,
    pub(crate) last_rowid: i64,
}

/// A connection of our own, with its prepared statements.
pub(crate) struct Connection {
    pub(super) cache: StatementCache,
    /// The streams that stand between two rows.
    pub(super) parked: Vec<Parked>,
    pub(super) control: Installed,
    debug: bool,
    local_time: bool,
    inline: bool,
    /// How many more statements may run, all of them bounded, while a write is at work on a runtime's thread.
    pub(super) bounded_left: Option<u32>,
    /// How many bytes were bound for it; of other work, for the last statement.
    pub(super) bound_bytes: usize,
    pub(super) busy_timeout: Duration,
    /// The schema that the last look found.
    pub(super) schema: Option<i64>,
    /// What the connection said of double-quoted strings before it was ours.
    quoted_strings: [c_int; 2],
    /// Where some handle on the file caches.
    watch: Option<Watch>,
    /// How much memory was told of, and the tables that were read, while somebody counts them.
    metered: Option<(usize, Vec<Arc<Mark>>)>,
    /// The version of the file that the last look found: commits of other connections change it.
    pub(super) data_version: Option<i64>,
    // Last: everything above refers to it.
    lease: Lease,
}

impl Connection {
    /// Prepares a fresh lease for use. The pool's connections are anyone's: whatever their last user left is undone.
    pub(super) fn new(lease: Lease, options: &Options) -> Result<Connection, Stop> {
        let db = lease.db();
        // SAFETY: the lease gives exclusive use of `db`, which stays open until the lease, dropped after the control block,
        // is gone.
        let (control, quoted_strings) = unsafe {
            functions::register(db.as_ptr())?;
            (Installed::new(db), QUOTED_STRINGS.map(|option| db_config(db.as_ptr(), option, -1)))
        };
        let mut connection = Connection {
            cache: StatementCache::new(),
            parked: Vec::new(),
            control,
            debug: options.debug,
            local_time: options.local_time,
            inline: false,
            bounded_left: None,
            bound_bytes: 0,
            busy_timeout: options.busy_timeout,
            schema: None,
            quoted_strings,
            watch: None,
            metered: None,
            data_version: None,
            lease,
        };
        // A double-quoted name that is no column is an error, not a string.
        connection.set_quoted_strings([0, 0]);
        connection.set_busy_timeout(options.busy_timeout);
        if connection.in_transaction() {
            connection.control("ROLLBACK")?;
        }
        connection.control("PRAGMA foreign_keys = ON")?;
        connection.control("PRAGMA query_only = OFF")?;
        connection.control(match options.durability {
            Durability::Normal => "PRAGMA synchronous = NORMAL",
            Durability::Full => "PRAGMA synchronous = FULL",
        })?;
        Ok(connection)
    }

    /// Notes from now on which tables are read and written.
    pub(super) fn watch(&mut self, generations: &Arc<Generations>) {
        if self.watch.as_ref().is_some_and(|watch| watch.is_of(generations)) {
            return;
        }
        // Statements that were prepared before have told nobody of their tables.
        self.cache = StatementCache::new();
        // First: it takes its hooks away when it goes.
        self.watch = None;
        // SAFETY: the lease gives exclusive use of the handle, which stays open until the lease is gone, after `watch`.
        self.watch = Some(unsafe { Watch::new(self.lease.db(), generations.clone()) });
    }

    /// Whether it notes which tables are written.
    pub(super) fn is_watched(&self) -> bool {
        self.watch.is_some()
    }

    fn set_quoted_strings(&self, values: [c_int; 2]) {
        for (option, value) in QUOTED_STRINGS.into_iter().zip(values) {
            // SAFETY: `db` is open and ours.
            unsafe { db_config(self.db(), option, value) };
        }
    }

    pub(super) fn db(&self) -> *mut ffi::sqlite3 {
        self.lease.db().as_ptr()
    }

    /// Until `leave_inline`: statements stop when the budget is used up, waiting and large values are refused.
    pub(super) fn enter_inline(&mut self, budget: Option<Duration>) {
        self.inline = true;
        self.control.set_budget(budget, false);
        self.set_busy_timeout(Duration::ZERO);
    }

    /// Whether the work is on a runtime's thread, where large values are refused.
    fn is_inline(&self) -> bool {
        self.inline || self.bounded_left.is_some()
    }

    /// Takes back every restriction, after work that may not have ended properly.
    pub(super) fn calm(&mut self) {
        self.leave_inline();
        self.metered = None;
        self.only_bounded(false);
        self.set_cancel(None);
        self.sweep_parked();
    }

    /// As `enter_inline`, for a write that commits by itself.
    pub(super) fn enter_inline_write(&mut self, budget: Duration) {
        self.enter_inline(Some(budget));
        self.control.set_budget(Some(budget), true);
    }

    /// Statements run as long as they need.
    pub(super) fn leave_inline(&mut self) {
        if self.inline {
            self.inline = false;
            self.control.set_budget(None, false);
            self.set_busy_timeout(self.busy_timeout);
        }
    }

    /// Whether the last statement was stopped because of its budget.
    pub(super) fn over_budget(&self) -> bool {
        self.control.over_budget()
    }

    /// Statements stop when this flag is set.
    pub(super) fn set_cancel(&self, flag: Option<Arc<AtomicBool>>) {
        self.control.set_cancel(flag);
    }

    pub(super) fn set_busy_timeout(&self, timeout: Duration) {
        let ms = c_int::try_from(timeout.as_millis()).unwrap_or(c_int::MAX);
        // SAFETY: `db` is open and ours.
        unsafe {
            ffi::sqlite3_busy_timeout(self.db(), ms);
        }
    }

    /// Whether a transaction is open.
    pub(crate) fn in_transaction(&self) -> bool {
        // SAFETY: `db` is open and ours.
        unsafe { ffi::sqlite3_get_autocommit(self.db()) == 0 }
    }

    pub(super) fn prepare(&self, sql: &str) -> Result<Prepared, Stop> {
        prepare(self.db(), self.watch.as_ref(), sql)
    }

    fn log(&self, sql: Sql<'_>, params: &dyn Bind) -> Result<(), Stop> {
        let mut values = Vec::new();
        params.each(&mut |v, secret| {
            values.push((!secret).then(|| v.into_value()));
            Ok(())
        })?;
        log::statement(sql.as_str(), &values);
        Ok(())
    }

    /// Runs a statement to its end; `row` may stop it by an error.
    pub(crate) fn query(
        &mut self,
        sql: Sql<'_>,
        params: &dyn Bind,
        row: &mut dyn FnMut(&RowRef<'_>) -> Result<(), Error>,
    ) -> Result<(), Stop> {
        self.take_bounded(sql)?;
        if self.debug {
            self.log(sql, params)?;
        }
        let (db, inline) = (self.db(), self.is_inline());
        let watch = self.watch.as_ref();
        let prepared = self.cache.get_or_prepare(sql, || prepare(db, watch, sql.as_str()))?;
        // Before `run`: the statement is reset, and with that may commit, before anything is settled.
        let noted = watch.map(|watch| Noted::begin(db, watch, &mut prepared.uses));
        let run = Run { statement: &mut prepared.statement };
        if self.bounded_left.is_none() {
            self.bound_bytes = 0;
        }
        // SAFETY: `run` resets the statement when this call ends, and `params` is borrowed for longer than that.
        unsafe { bind_all(run.statement, params, inline, &mut self.bound_bytes) }?;
        while let Some(r) = run.statement.step(self.local_time)? {
            row(&r).map_err(Stop::Caller)?;
        }
        drop(run);
        drop(noted);
        if let Some((_, tables)) = &mut self.metered {
            for mark in &prepared.uses.reads {
                if !tables.iter().any(|m| Arc::ptr_eq(m, mark)) {
                    tables.push(mark.clone());
                }
            }
        }
        Ok(())
    }

    /// Hands the row that a key names to the sink, if there is one, and the tables that were read.
    pub(super) fn get(&mut self, sql: &'static str, key: &Value, sink: &mut dyn RowSink) -> Result<(), Stop> {
        let (sql, params) = (Sql::Static(sql), std::array::from_ref(key));
        if self.debug {
            self.log(sql, params)?;
        }
        let (db, inline) = (self.db(), self.is_inline());
        let watch = self.watch.as_ref();
        let prepared = self.cache.get_or_prepare(sql, || prepare(db, watch, sql.as_str()))?;
        // Before `run`, as in `query`.
        let noted = watch.map(|watch| Noted::begin(db, watch, &mut prepared.uses));
        let run = Run { statement: &mut prepared.statement };
        // SAFETY: `run` resets the statement when this call ends, and `key` is borrowed for longer than that.
        unsafe { bind_all(run.statement, params, inline, &mut 0) }?;
        // A key names one row: asking for a second would cost as much as the search for the first.
        if let Some(row) = run.statement.step(self.local_time)? {
            sink.row(&row).map_err(Stop::Caller)?;
        }
        drop(run);
        drop(noted);
        sink.tables(&prepared.uses.reads);
        Ok(())
    }

    /// Starts, or stops, to note what queries read.
    pub(crate) fn meter(&mut self, on: bool) {
        self.metered = on.then(|| (0, Vec::new()));
    }

    /// Whether somebody counts.
    pub(crate) fn is_metered(&self) -> bool {
        self.metered.is_some()
    }

    /// Counts memory that what was read takes.
    pub(crate) fn count(&mut self, bytes: usize) {
        if let Some((counted, _)) = &mut self.metered {
            *counted += bytes;
        }
    }

    /// How much was counted, and the tables that queries have read since.
    pub(crate) fn metered(&mut self) -> (usize, Vec<Arc<Mark>>) {
        self.metered.take().unwrap_or_default()
    }

    /// Runs a statement that returns no rows.
    pub(crate) fn execute(&mut self, sql: Sql<'_>, params: &dyn Bind) -> Result<Changes, Stop> {
        self.query(sql, params, &mut |_| Ok(()))?;
        Ok(self.changes())
    }

    /// What the last statement that changed rows did.
    pub(super) fn changes(&self) -> Changes {
        // SAFETY: `db` is open and ours.
        unsafe {
            Changes {
                rows: u64::try_from(ffi::sqlite3_changes64(self.db())).unwrap_or(0),
                last_rowid: ffi::sqlite3_last_insert_rowid(self.db()),
            }
        }
    }

    /// The statement, prepared.
    pub(super) fn cached(&mut self, sql: Sql<'_>) -> Result<&mut Statement, Stop> {
        let (db, watch) = (self.db(), self.watch.as_ref());
        Ok(&mut self.cache.get_or_prepare(sql, || prepare(db, watch, sql.as_str()))?.statement)
    }

    /// Runs a statement to its end, and does not keep it.
    pub(super) fn run_prepared(&mut self, mut prepared: Prepared) -> Result<(), Stop> {
        let db = self.db();
        let noted = self.watch.as_ref().map(|watch| Noted::begin(db, watch, &mut prepared.uses));
        let run = Run { statement: &mut prepared.statement };
        while run.statement.step(false)?.is_some() {}
        drop(run);
        drop(noted);
        Ok(())
    }

    /// Logs a statement without parameters.
    pub(super) fn log_text(&self, sql: &str) {
        if self.debug {
            log::statement(sql, &[]);
        }
    }

    /// Runs statements of the library's own, which are never logged, and never have to run elsewhere.
    pub(crate) fn quietly<T>(&mut self, f: impl FnOnce(&mut Connection) -> T) -> T {
        let (debug, bounded_left) = (std::mem::replace(&mut self.debug, false), self.bounded_left.take());
        let out = f(self);
        (self.debug, self.bounded_left) = (debug, bounded_left);
        out
    }

    /// Runs a statement of the driver's own.
    pub(crate) fn control(&mut self, sql: &'static str) -> Result<(), Stop> {
        self.quietly(|c| c.query(Sql::Static(sql), &[] as &[Value; 0], &mut |_| Ok(())))
    }

    /// Runs a statement of the driver's own, without parameters.
    pub(super) fn plain(&mut self, sql: &str) -> Result<(), Stop> {
        self.quietly(|c| c.query(Sql::Text(sql), &[] as &[Value; 0], &mut |_| Ok(())))
    }

    /// The first column of the first row of a statement of the driver's own.
    pub(super) fn ask(&mut self, sql: &'static str) -> Result<Value, Stop> {
        use sqliter_core::Row;
        let mut answer = Value::Null;
        self.quietly(|c| {
            c.query(Sql::Static(sql), &[] as &[Value; 0], &mut |row| {
                answer = row.value(0).to_value();
                Ok(())
            })
        })?;
        Ok(answer)
    }

    /// Starts a statement that can be left between two rows. It comes back with [`finish`](Connection::finish).
    pub(super) fn start(&mut self, sql: Sql<'_>, params: Query) -> Result<Started, Stop> {
        if self.debug {
            self.log(sql, &params)?;
        }
        let prepared = match self.cache.take(sql) {
            Some(prepared) => prepared,
            None => Taken::new(sql, self.prepare(sql.as_str())?),
        };
        let mut started = Started { prepared, params };
        if let Some(watch) = &self.watch {
            watch.runs(&started.prepared.value.uses);
        }
        // SAFETY: `started` keeps the parameters, which nobody changes, until its statement is reset or finalised; wherever it
        // goes, their text and bytes stay in their place on the heap.
        match unsafe { bind_all(&mut started.prepared.value.statement, &started.params, self.is_inline(), &mut 0) } {
            Ok(()) => Ok(started),
            Err(stop) => {
                self.finish(started);
                Err(stop)
            }
        }
    }

    /// The next row of a started statement.
    #[inline]
    pub(super) fn step<'s>(&self, started: &'s mut Started) -> Result<Option<RowRef<'s>>, Stop> {
        let prepared = &mut started.prepared.value;
        let row = prepared.statement.step(self.local_time).map_err(Stop::Database);
        if let Some(watch) = &self.watch {
            watch.ran(&mut prepared.uses);
        }
        row
    }

    /// Ends a started statement and keeps it for the next time.
    pub(super) fn finish(&mut self, mut started: Started) {
        started.prepared.value.statement.reset();
        if let Some(watch) = &self.watch {
            drop(Noted::ran(self.db(), watch, &mut started.prepared.value.uses));
        }
        self.cache.put_back(started.prepared);
    }
}

/// A statement whose tables are noted, until it has been reset.
struct Noted<'n> {
    db: *mut ffi::sqlite3,
    watch: &'n Watch,
    uses: &'n mut Uses,
}

impl<'n> Noted<'n> {
    fn begin(db: *mut ffi::sqlite3, watch: &'n Watch, uses: &'n mut Uses) -> Self {
        watch.runs(uses);
        Noted { db, watch, uses }
    }

    fn ran(db: *mut ffi::sqlite3, watch: &'n Watch, uses: &'n mut Uses) -> Self {
        Noted { db, watch, uses }
    }
}

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.watch.ran(self.uses);
        // Not only outside a transaction: another statement may be writing by itself still.
        // SAFETY: the methods of `Connection`, which alone make this, pass their own handle; no name is every database.
        if unsafe { ffi::sqlite3_txn_state(self.db, std::ptr::null()) } != ffi::SQLITE_TXN_WRITE {
            self.watch.settle();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.inline = true;
        self.calm();
        self.close_parked();
        if self.in_transaction() && self.control("ROLLBACK").is_err() {
            self.lease.close_on_drop();
        }
        if self.control("PRAGMA query_only = OFF").is_err() {
            self.lease.close_on_drop();
        }
        // Statements first: sqlx's worker cannot close a connection that has any.
        self.cache = StatementCache::new();
        self.watch = None;
        self.set_quoted_strings(self.quoted_strings);
    }
}

/// Whether double-quoted names that are no columns are strings, in queries and in definitions.
const QUOTED_STRINGS: [c_int; 2] = [ffi::SQLITE_DBCONFIG_DQS_DML, ffi::SQLITE_DBCONFIG_DQS_DDL];

/// Sets a switch of a connection, or with -1 only asks; says how it stands.
///
/// # Safety
/// `db` is open and used by this thread alone; `option` takes an integer.
unsafe fn db_config(db: *mut ffi::sqlite3, option: c_int, value: c_int) -> c_int {
    let mut now: c_int = 0;
    // SAFETY: passed on to the caller; the answer goes into a local variable.
    unsafe {
        ffi::sqlite3_db_config(db, option, value, &mut now as *mut c_int);
    }
    now
}

/// Prepares one statement on a connection of ours.
fn prepare(db: *mut ffi::sqlite3, watch: Option<&Watch>, sql: &str) -> Result<Prepared, Stop> {
    // SAFETY: the methods of `Connection`, which alone call this, pass their own handle: open, and used by this thread alone.
    let prepared = unsafe { Statement::prepare(db, sql) };
    let uses = watch.map(|watch| watch.prepared()).unwrap_or_default();
    match prepared? {
        Some(statement) => Ok(Prepared { statement, shape: None, pace: None, uses }),
        None => Err(DatabaseError::other("the text holds no statement").into()),
    }
}

/// Resets the statement when the call that runs it ends, however it ends.
struct Run<'s> {
    statement: &'s mut Statement,
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.statement.reset();
    }
}

impl Started {
    pub(super) fn prepared_mut(&mut self) -> &mut Prepared {
        &mut self.prepared.value
    }

    /// The names of the columns, as they are since the last step.
    pub(super) fn names(&self) -> Vec<String> {
        self.prepared.value.statement.names()
    }

    /// The tables that it reads, once it has run; none where nobody wants to know.
    pub(super) fn reads(&self) -> &[Arc<Mark>] {
        &self.prepared.value.uses.reads
    }
}

/// A statement between two rows. Dropping it finalises it, before the parameters that it borrows from.
pub(super) struct Started {
    prepared: Taken,
    params: Query,
}
