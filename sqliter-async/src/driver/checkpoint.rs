//! Moving the write-ahead log into the file: off the runtime's threads, mostly while others write.
//!
//! SQLite would do all of it inside the commit that passes the mark, on the caller's thread. Here a connection of its own
//! moves the bulk while writes go on, and the writer's connection the rest, which is little, while nobody writes: only a log
//! that is moved to its end starts anew, and under constant writing it would grow for ever.
//! Readers that are in the way of that are waited for, briefly, once the log is long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqliter_core::{Error, Row, Value, ValueRef};

use super::connection::{Connection, Sql, Stop};
use super::engine::{Engine, Slot};
use super::options::Execution;
use super::read::joined;

/// How long the writer is kept waiting for readers that still need a long log.
const PATIENCE: Duration = Duration::from_millis(20);

/// Whether a checkpoint of this engine is under way.
#[derive(Default)]
pub(super) struct Checkpoints(AtomicBool);

/// The right to make one.
struct Turn(Arc<Engine>);

impl Turn {
    fn take(engine: &Arc<Engine>) -> Option<Turn> {
        let taken = engine.checkpoints().0.swap(true, Ordering::SeqCst);
        (!taken).then(|| Turn(engine.clone()))
    }

    async fn run(self) -> Result<(), Error> {
        let beside = self.0.checkpointer().await?;
        off_the_runtime(beside, Connection::checkpoint).await?;
        let writer = self.0.writer().await?;
        off_the_runtime(writer, Connection::finish_checkpoint).await
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.checkpoints().0.store(false, Ordering::SeqCst);
    }
}

impl Engine {
    /// Ends a write: hands the writer on, and sees to a checkpoint when one is due.
    pub(super) fn after_commit(self: &Arc<Self>, mut slot: Slot) {
        self.retire_unwatched(slot.connection());
        if !slot.connection().checkpoint_is_due() {
            return;
        }
        if self.options().execution == Execution::Inline {
            move_log(slot.connection(), Connection::finish_checkpoint);
        } else if let Some(turn) = Turn::take(self) {
            drop(slot);
            tokio::spawn(async move {
                match turn.run().await {
                    // The next commit asks again.
                    Ok(()) | Err(Error::Closed | Error::Busy(_)) => {}
                    Err(e) => tracing::warn!(target: "sqliter", "checkpoint failed: {e}"),
                }
            });
        }
    }
}

type Move = fn(&mut Connection) -> Result<(), Stop>;

async fn off_the_runtime(mut slot: Slot, by: Move) -> Result<(), Error> {
    joined(tokio::task::spawn_blocking(move || move_log(slot.connection(), by)).await)
}

fn move_log(connection: &mut Connection, by: Move) {
    if let Err(e) = by(connection) {
        tracing::warn!(target: "sqliter", "checkpoint failed: {e:?}");
    }
}

impl Connection {
    /// Takes over the checkpoints of the write-ahead log.
    pub(super) fn own_checkpoints(&self) {
        self.control.watch_log();
    }

    /// Whether the next commit goes on in the log: starting it anew waits for the disk.
    pub(super) fn log_goes_on(&self) -> bool {
        self.control.log_goes_on()
    }

    /// Whether the log has grown enough to be moved.
    pub(super) fn checkpoint_is_due(&self) -> bool {
        self.control.checkpoint_is_due()
    }

    /// Moves as much of the log into the file as readers allow.
    fn checkpoint(&mut self) -> Result<(), Stop> {
        self.move_pages("PRAGMA wal_checkpoint(PASSIVE)")
    }

    /// The same while nobody writes. Of a long log readers are made to let go, if they do so soon: those that come read the file.
    fn finish_checkpoint(&mut self) -> Result<(), Stop> {
        if !self.control.log_is_long() {
            return self.checkpoint();
        }
        self.set_busy_timeout(PATIENCE);
        let done = self.move_pages("PRAGMA wal_checkpoint(RESTART)");
        self.set_busy_timeout(self.busy_timeout);
        done
    }

    fn move_pages(&mut self, sql: &'static str) -> Result<(), Stop> {
        let (mut log, mut moved) = (0, 0);
        let done = self.quietly(|c| {
            c.query(Sql::Static(sql), &[] as &[Value; 0], &mut |row| {
                if let (ValueRef::Int(l), ValueRef::Int(m)) = (row.value(1), row.value(2)) {
                    (log, moved) = (l, m);
                }
                Ok(())
            })
        });
        self.control.checkpointed(log, moved);
        done
    }
}
