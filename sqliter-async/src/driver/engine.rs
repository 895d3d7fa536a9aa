//! The connections of one handle: one writer, several readers, and who gets which.

use std::sync::Arc;
use std::time::Duration;

use sqliter_core::{DatabaseError, Error};
use sqlx::sqlite::SqlitePool;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use super::connection::Connection;
use super::open::{self, Mode};
use super::options::Options;
use super::slots::{Refused, Slots};

/// How long a read waits for a free reader.
const READER_TIMEOUT: Duration = Duration::from_secs(30);

/// An open database.
pub(crate) struct Engine {
    options: Options,
    pool: SqlitePool,
    mode: Mode,
    readers: Slots,
    writer: Slots,
    /// In memory SQLite has no snapshots: readers and the writer take turns.
    turns: Option<Arc<RwLock<()>>>,
}

#[derive(Clone, Copy)]
enum Kind {
    Reader,
    Writer,
}

#[allow(dead_code, reason = "held, not read")]
enum Turn {
    Read(OwnedRwLockReadGuard<()>),
    Write(OwnedRwLockWriteGuard<()>),
}

/// A place in one of the queues, with its connection. Goes back when dropped, on any thread.
pub(super) struct Slot {
    connection: Option<Connection>,
    kind: Kind,
    engine: Arc<Engine>,
    // Last: the turn ends after the connection was put down.
    turn: Option<Turn>,
}

impl Slot {
    /// The connection: there is one from the moment the slot is handed out.
    #[allow(clippy::expect_used, reason = "an invariant of `Engine::connected`")]
    pub(super) fn connection(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("a slot is handed out with its connection")
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let slots = self.engine.slots(self.kind);
        // Work that did not end properly leaves nothing behind for the next.
        let healthy = self.connection.take().filter(|c| !c.in_transaction() && !std::thread::panicking());
        slots.leave(healthy);
        drop(self.turn.take());
    }
}

impl Engine {
    /// Opens the database: takes the writer's connection, and with it settles the journal.
    pub(crate) async fn open(options: Options, pool: SqlitePool) -> Result<Arc<Engine>, Error> {
        let (writer, mode) = open::writer(&options, &pool).await?;
        let turns = matches!(mode, Mode::Memory).then(|| Arc::new(RwLock::new(())));
        let engine = Arc::new(Engine {
            readers: Slots::new(options.readers.max(1)),
            writer: Slots::new(1),
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
            }
        });
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(super) fn mode(&self) -> &Mode {
        &self.mode
    }

    fn slots(&self, kind: Kind) -> &Slots {
        match kind {
            Kind::Reader => &self.readers,
            Kind::Writer => &self.writer,
        }
    }

    /// A connection to read with.
    pub(super) async fn reader(self: &Arc<Self>) -> Result<Slot, Error> {
        if matches!(self.mode, Mode::Single) {
            return self.writer().await;
        }
        let turn = match &self.turns {
            None => None,
            Some(turns) => Some(Turn::Read(match turns.clone().try_read_owned() {
                Ok(turn) => turn,
                Err(_) => within(READER_TIMEOUT, turns.clone().read_owned()).await?,
            })),
        };
        self.enter(Kind::Reader, READER_TIMEOUT, turn).await
    }

    /// The connection to write with.
    pub(super) async fn writer(self: &Arc<Self>) -> Result<Slot, Error> {
        let timeout = self.options.busy_timeout;
        let mut slot = self.enter(Kind::Writer, timeout, None).await?;
        if let Some(turns) = &self.turns {
            slot.turn = Some(Turn::Write(within(timeout, turns.clone().write_owned()).await?));
        }
        Ok(slot)
    }

    async fn enter(self: &Arc<Self>, kind: Kind, timeout: Duration, turn: Option<Turn>) -> Result<Slot, Error> {
        let slots = self.slots(kind);
        if !slots.try_enter() {
            slots.enter(timeout).await.map_err(|refused| match refused {
                Refused::Closed => Error::Closed,
                Refused::TimedOut => waited(timeout),
            })?;
        }
        // From here on dropping the slot leaves the queue.
        let mut slot = Slot { connection: slots.pop(), kind, engine: self.clone(), turn };
        if slot.connection.is_none() {
            let connection = open::connection(&self.options, &self.pool).await?;
            if let (Kind::Writer, Mode::Wal) = (kind, &self.mode) {
                connection.own_checkpoints();
            }
            slot.connection = Some(connection);
        }
        Ok(slot)
    }

    /// Lets go of every idle connection, and of the others as they come back.
    fn release(&self) {
        self.readers.close();
        self.writer.close();
    }

    /// Closes the database: new calls are refused, running ones end first.
    pub(crate) async fn close(&self) {
        self.release();
        self.pool.close().await;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.pool.is_closed()
    }
}

async fn within<T>(timeout: Duration, wait: impl Future<Output = T>) -> Result<T, Error> {
    tokio::time::timeout(timeout, wait).await.map_err(|_| waited(timeout))
}

#[cold]
fn waited(timeout: Duration) -> Error {
    Error::Busy(format!("other calls on this handle were at work for more than {timeout:?}; raise `busy_timeout`"))
}

/// What opening a file said.
pub(super) fn connect_error(options: &Options, cause: DatabaseError) -> Error {
    Error::DatabaseConnection { path: options.filename(), reason: cause.to_string(), source: Some(Box::new(cause)) }
}
