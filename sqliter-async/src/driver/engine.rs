//! The connections of one handle: one writer, several readers, and who gets which.

use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_core::future::BoxFuture;
use sqliter_core::{DatabaseError, Error, ErrorKind};
use sqlx::sqlite::SqlitePool;
use tokio::runtime::Handle;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use super::checkpoint::Checkpoints;
use super::connection::{Connection, Stop};
use super::external::External;
use super::generations::Generations;
use super::open::{self, CHECKPOINTERS, Mode, STREAMS};
use super::options::{Durability, Execution, Options, Place};
use super::read::joined;
use super::registry;
use super::scope::{OpenScopes, Scope, control_error};
use super::slots::{Queue, Refused, Slots};
use super::stream::OpenStreams;

/// How long a read waits for a free reader.
const READER_TIMEOUT: Duration = Duration::from_secs(30);

/// How long `close` waits for its connections to be back in the pool, which others may use too.
const SETTLE: Duration = Duration::from_millis(500);

/// Marks a pool closed when `close` ends, however it ends: its future may be dropped.
struct MarkClosed<'p>(&'p SqlitePool);

impl Drop for MarkClosed<'_> {
    fn drop(&mut self) {
        // The mark is set by the call; the future only waits.
        drop(self.0.close());
    }
}

/// An open database.
pub(crate) struct Engine {
    options: Options,
    pool: SqlitePool,
    mode: Mode,
    readers: Slots,
    writer: Slots,
    /// For streams alone: none of them ever keeps a reader.
    streamers: Slots,
    checkpointers: Slots,
    checkpoints: Checkpoints,
    streams: OpenStreams,
    scopes: OpenScopes,
    /// `close` was called: no transaction begins any more.
    closing: AtomicBool,
    /// In memory SQLite has no snapshots: readers and the writer take turns.
    pub(super) turns: Option<Arc<RwLock<()>>>,
    pub(super) shared: Arc<registry::Shared>,
    pub(super) external: External,
}

#[derive(Clone, Copy)]
enum Kind {
    Reader,
    Writer,
    Stream,
    Checkpoint,
}

#[allow(dead_code, reason = "held, not read")]
enum Turn {
    Read(OwnedRwLockReadGuard<()>),
    Write(OwnedRwLockWriteGuard<()>),
}

/// A place in one of the queues, with its connection. Goes back when dropped, on any thread.
pub(super) struct Slot {
    connection: Option<Box<Connection>>,
    kind: Kind,
    /// The connection was told to refuse writes.
    query_only: bool,
    /// What is open is rolled back by whoever drops the slot.
    here: bool,
    engine: Arc<Engine>,
    // Last: the turn ends after the connection was put down.
    turn: Option<Turn>,
}

impl Slot {
    pub(super) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    pub(super) fn is_query_only(&self) -> bool {
        self.query_only
    }

    /// The connection: there is one from the moment the slot is handed out.
    #[allow(clippy::expect_used, reason = "an invariant of `Engine::enter`")]
    pub(super) fn connection(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("a slot is handed out with its connection")
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            self.engine.slots(self.kind).leave(None);
            return;
        };
        connection.calm();
        connection.close_parked();
        if matches!(self.kind, Kind::Writer) {
            self.engine.external.not_alone();
            self.engine.retire_unwatched(&connection);
        }
        // Taking back much takes long: where blocking is allowed, if there is such a place.
        if connection.in_transaction()
            && !self.here
            && self.engine.options.execution != Execution::Inline
            && let Ok(runtime) = Handle::try_current()
        {
            let slot = Slot {
                connection: Some(connection),
                kind: self.kind,
                query_only: self.query_only,
                here: true,
                engine: self.engine.clone(),
                turn: self.turn.take(),
            };
            runtime.spawn_blocking(move || drop(slot));
            return;
        }
        // Work that did not end properly leaves nothing behind for the next.
        let clean = !std::thread::panicking()
            && (!connection.in_transaction() || connection.plain("ROLLBACK").is_ok())
            && (!self.query_only || connection.plain("PRAGMA query_only = OFF").is_ok());
        self.engine.slots(self.kind).leave(clean.then_some(connection));
        drop(self.turn.take());
    }
}

impl Engine {
    /// Opens the database: takes the writer's connection, and with it settles the journal.
    pub(crate) async fn open(options: Options, pool: SqlitePool) -> Result<Arc<Engine>, Error> {
        let (writer, mode) = open::writer(&options, &pool).await?;
        let shared = match &options.place {
            Place::File(path) => registry::shared(path),
            Place::Memory => registry::Shared::alone(),
        };
        if options.caches {
            shared.generations.activate();
        }
        let turns = matches!(mode, Mode::Memory).then(|| Arc::new(RwLock::new(())));
        let engine = Arc::new(Engine {
            readers: Slots::new(Arc::new(Queue::new(options.readers.max(1)))),
            writer: Slots::new(shared.writer.clone()),
            external: External::new(&options),
            shared,
            streamers: Slots::new(Arc::new(Queue::new(STREAMS))),
            checkpointers: Slots::new(Arc::new(Queue::new(CHECKPOINTERS))),
            checkpoints: Checkpoints::default(),
            streams: OpenStreams::default(),
            scopes: OpenScopes::default(),
            closing: AtomicBool::new(false),
            options,
            pool,
            mode,
            turns,
        });
        engine.writer.put_first(writer);
        engine.watch_pool();
        Ok(engine)
    }

    /// The pool can be closed by whoever it was given to: idle leases must not keep it waiting.
    fn watch_pool(self: &Arc<Self>) {
        let closed = self.pool.close_event();
        let engine = Arc::downgrade(self);
        tokio::spawn(async move {
            closed.await;
            if let Some(engine) = engine.upgrade() {
                engine.release();
                engine.streams.close();
                engine.scopes.abandon();
            }
        });
    }

    /// The marks of the tables.
    pub(crate) fn generations(&self) -> &Arc<Generations> {
        &self.shared.generations
    }

    /// A handle that began to cache while this connection was at work knows nothing of what it wrote.
    pub(super) fn retire_unwatched(&self, connection: &Connection) {
        if self.generations().is_active() && !connection.is_watched() {
            self.generations().retire_all();
        }
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(super) fn writer_slots(&self) -> &Slots {
        &self.writer
    }

    fn slots(&self, kind: Kind) -> &Slots {
        match kind {
            Kind::Reader => &self.readers,
            Kind::Writer => &self.writer,
            Kind::Stream => &self.streamers,
            Kind::Checkpoint => &self.checkpointers,
        }
    }

    /// A connection to read with, if one is free at once.
    pub(super) fn try_reader(self: &Arc<Self>) -> Option<Slot> {
        let turn = match (&self.mode, &self.turns) {
            (Mode::Single, _) => return None,
            (_, None) => None,
            (_, Some(turns)) => Some(Turn::Read(turns.clone().try_read_owned().ok()?)),
        };
        self.try_enter(Kind::Reader, turn)
    }

    /// The connection to write with, if it is free at once.
    pub(super) fn try_writer(self: &Arc<Self>) -> Option<Slot> {
        if matches!(self.mode, Mode::Single) {
            return None;
        }
        let mut slot = self.try_enter(Kind::Writer, None)?;
        if let Some(turns) = &self.turns {
            slot.turn = Some(Turn::Write(turns.clone().try_write_owned().ok()?));
        }
        self.look_if_due(slot.connection());
        Some(slot)
    }

    fn try_enter(self: &Arc<Self>, kind: Kind, turn: Option<Turn>) -> Option<Slot> {
        let connection = self.slots(kind).try_enter()?;
        if connection.is_none() {
            self.slots(kind).leave(None);
            return None;
        }
        Some(self.ready(self.slot(kind, connection, turn)))
    }

    fn slot(self: &Arc<Self>, kind: Kind, connection: Option<Box<Connection>>, turn: Option<Turn>) -> Slot {
        Slot { connection, kind, query_only: false, here: false, engine: self.clone(), turn }
    }

    /// A slot with its connection, as it is handed out.
    fn ready(&self, mut slot: Slot) -> Slot {
        if self.shared.generations.is_active() {
            slot.connection().watch(&self.shared.generations);
        }
        slot
    }

    /// A connection to read with.
    pub(super) async fn reader(self: &Arc<Self>) -> Result<Slot, Error> {
        match self.try_reader() {
            Some(slot) => Ok(slot),
            None => self.reading(Kind::Reader).await,
        }
    }

    /// A connection for a stream.
    pub(super) async fn stream_slot(self: &Arc<Self>) -> Result<Slot, Error> {
        self.reading(Kind::Stream).await
    }

    /// The connection that moves the log while the writer is at work.
    pub(super) async fn checkpointer(self: &Arc<Self>) -> Result<Slot, Error> {
        self.enter(Kind::Checkpoint, READER_TIMEOUT, None).await
    }

    pub(super) fn checkpoints(&self) -> &Checkpoints {
        &self.checkpoints
    }

    pub(super) fn streams(&self) -> &OpenStreams {
        &self.streams
    }

    fn reading(self: &Arc<Self>, kind: Kind) -> BoxFuture<'_, Result<Slot, Error>> {
        Box::pin(self.queue_to_read(kind))
    }

    async fn queue_to_read(self: &Arc<Self>, kind: Kind) -> Result<Slot, Error> {
        if matches!(self.mode, Mode::Single) {
            return self.writer().await;
        }
        let turn = match &self.turns {
            None => None,
            Some(turns) => Some(Turn::Read(match turns.clone().try_read_owned() {
                Ok(turn) => turn,
                Err(_) => self.turn(turns.clone().read_owned()).await?,
            })),
        };
        self.enter(kind, READER_TIMEOUT, turn).await
    }

    /// The connection to write with.
    pub(super) fn writer(self: &Arc<Self>) -> BoxFuture<'_, Result<Slot, Error>> {
        Box::pin(self.queue_to_write())
    }

    async fn queue_to_write(self: &Arc<Self>) -> Result<Slot, Error> {
        let timeout = self.options.busy_timeout;
        let enter = self.enter(Kind::Writer, timeout, None);
        let mut slot = match self.mode {
            Mode::Single => self.past_streams(enter).await?,
            _ => enter.await?,
        };
        if let Some(turns) = &self.turns {
            slot.turn = Some(Turn::Write(match turns.clone().try_write_owned() {
                Ok(turn) => turn,
                Err(_) => self.past_streams(self.turn(turns.clone().write_owned())).await?,
            }));
        }
        // While the writer is held nobody else can look.
        self.look_if_due(slot.connection());
        Ok(slot)
    }

    /// Waits for a turn in memory, where whoever writes keeps readers waiting.
    async fn turn<T>(&self, wait: impl Future<Output = T>) -> Result<T, Error> {
        let timeout = self.options.busy_timeout;
        let late = |_| waited(timeout, &self.writer.queue().describe_holder());
        tokio::time::timeout(timeout, wait).await.map_err(late)
    }

    fn enter(
        self: &Arc<Self>,
        kind: Kind,
        timeout: Duration,
        turn: Option<Turn>,
    ) -> BoxFuture<'_, Result<Slot, Error>> {
        Box::pin(self.queue(kind, timeout, turn))
    }

    async fn queue(self: &Arc<Self>, kind: Kind, timeout: Duration, turn: Option<Turn>) -> Result<Slot, Error> {
        let slots = self.slots(kind);
        let connection = slots.enter(timeout).await.map_err(|refused| match refused {
            Refused::Closed => Error::Closed,
            Refused::TimedOut => waited(timeout, &slots.queue().describe_holder()),
        })?;
        // From here on dropping the slot leaves the queue.
        let mut slot = self.slot(kind, connection, turn);
        if slot.connection.is_none() {
            let connection = open::connection(&self.options, &self.pool).await?;
            if let (Kind::Writer, Mode::Wal) = (kind, &self.mode) {
                connection.own_checkpoints();
            }
            slot.connection = Some(connection);
        }
        Ok(self.ready(slot))
    }

    /// Begins a transaction that writes, once the writer is free.
    ///
    /// `at` is where that was asked, for those who wait too long; nowhere for an implicit transaction.
    pub(crate) async fn begin(self: &Arc<Self>, at: Option<&'static Location<'static>>) -> Result<Arc<Scope>, Error> {
        let slot = match self.try_writer() {
            Some(slot) => slot,
            None => self.writer().await?,
        };
        match self.begin_here(slot, at)? {
            Begun::Here(scope) => Ok(scope),
            Begun::Waits(slot) => Box::pin(self.begin_elsewhere(slot)).await,
        }
    }

    fn begin_here(&self, mut slot: Slot, at: Option<&'static Location<'static>>) -> Result<Begun, Error> {
        self.writer.queue().held(at);
        if self.options.execution != Execution::Auto {
            return Ok(Begun::Waits(slot));
        }
        slot.connection().enter_inline(None);
        let begun = slot.connection().plain("BEGIN IMMEDIATE");
        slot.connection().leave_inline();
        match begun {
            Ok(()) => {
                self.look_alone(slot.connection());
                Ok(Begun::Here(Scope::new(slot)))
            }
            // Another program is at work: wait where blocking is allowed.
            Err(Stop::Database(e)) if e.kind == ErrorKind::Busy => Ok(Begun::Waits(slot)),
            Err(stop) => Err(control_error("BEGIN IMMEDIATE", stop)),
        }
    }

    async fn begin_elsewhere(&self, slot: Slot) -> Result<Arc<Scope>, Error> {
        let mut slot = self.begin_blocking(slot, "BEGIN IMMEDIATE").await?;
        self.look_alone(slot.connection());
        Ok(Scope::new(slot))
    }

    /// Begins a transaction that only reads: one snapshot.
    pub(crate) async fn begin_read(self: &Arc<Self>) -> Result<Arc<Scope>, Error> {
        let mut slot = self.reader().await?;
        slot.query_only = true;
        for sql in ["PRAGMA query_only = ON", "BEGIN"] {
            slot.connection().plain(sql).map_err(|stop| control_error(sql, stop))?;
        }
        // The snapshot is that of the first read.
        let slot = self.begin_blocking(slot, "SELECT count(*) FROM sqlite_master").await?;
        Ok(Scope::new(slot))
    }

    async fn begin_blocking(&self, mut slot: Slot, sql: &'static str) -> Result<Slot, Error> {
        if self.options.execution == Execution::Inline {
            slot.connection().plain(sql).map_err(|stop| control_error(sql, stop))?;
            return Ok(slot);
        }
        let task = tokio::task::spawn_blocking(move || {
            let begun = slot.connection().plain(sql);
            begun.map(|()| slot).map_err(|stop| control_error(sql, stop))
        });
        joined(task.await)?
    }

    pub(super) fn register(&self, scope: &Arc<Scope>) {
        self.scopes.add(Arc::downgrade(scope));
        // `close` may have gone through the others just before.
        if self.is_closing() {
            scope.abandon();
        }
    }

    /// Whether a commit on this connection waits for nothing: neither for the disk nor for readers.
    pub(super) fn commits_without_waiting(&self, connection: &Connection) -> bool {
        self.options.execution == Execution::Auto
            && self.options.durability == Durability::Normal
            && match self.mode {
                Mode::Wal => connection.log_goes_on(),
                Mode::Memory => true,
                Mode::Single | Mode::ReadOnly => false,
            }
    }

    /// Lets go of every idle connection, and of the others as they come back.
    fn release(&self) {
        self.readers.close();
        self.streamers.close();
        self.checkpointers.close();
        self.writer.close();
    }

    /// Closes the database: new calls are refused, open transactions are rolled back, running calls end first.
    pub(crate) async fn close(self: &Arc<Self>) {
        let _closed = MarkClosed(&self.pool);
        self.closing.store(true, Ordering::SeqCst);
        self.streams.close();
        self.scopes.abandon();
        if !self.options.read_only
            && !self.is_closed()
            && let Ok(mut slot) = self.writer().await
        {
            let optimize = move || {
                if let Err(e) = slot.connection().plain("PRAGMA optimize") {
                    tracing::warn!(target: "sqliter", "PRAGMA optimize failed: {e:?}");
                }
            };
            if self.options.execution == Execution::Inline {
                let mut optimize = optimize;
                optimize();
            } else if let Err(e) = joined(tokio::task::spawn_blocking(optimize).await) {
                tracing::warn!(target: "sqliter", "PRAGMA optimize failed: {e:?}");
            }
        }
        self.release();
        self.streams.close();
        self.scopes.abandon();
        // Connections that come back to a closed pool are closed side by side, and then none of them is the last, which moves
        // the log into the file. Those that wait in the pool are closed one after the other.
        let start = Instant::now();
        while self.pool.num_idle() < self.pool.size() as usize && start.elapsed() < SETTLE {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.pool.close().await;
    }

    /// Whether `close` was called, by whomever.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst) || self.is_closed()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.pool.is_closed()
    }
}

/// What came of the attempt to begin a transaction on the caller's thread.
enum Begun {
    Here(Arc<Scope>),
    Waits(Slot),
}

#[cold]
fn waited(timeout: Duration, holder: &str) -> Error {
    Error::Busy(format!("other calls were at work for more than {timeout:?}; raise `busy_timeout`{holder}"))
}

/// What opening a file said.
pub(super) fn connect_error(options: &Options, cause: DatabaseError) -> Error {
    Error::DatabaseConnection { path: options.filename(), reason: cause.to_string(), source: Some(Box::new(cause)) }
}
