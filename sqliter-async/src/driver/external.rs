//! Commits that were not ours: of other programs, and of whoever uses the pool's connections directly.
//!
//! `PRAGMA data_version` on the writer's own connection changes with every commit but those of that connection.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use sqliter_core::Value;

use super::connection::Connection;
use super::engine::Engine;
use super::options::Options;

/// When the last look was.
pub(super) struct External {
    /// How long what others commit may stay unseen; `None` where nothing is cached.
    every: Option<Duration>,
    start: Instant,
    /// Nanoseconds since the start, plus one; 0 before the first look.
    looked: AtomicU64,
    /// A transaction of ours has begun to write, and looked after that: nobody else commits before it ends.
    alone: AtomicBool,
}

impl External {
    pub(super) fn new(options: &Options) -> Self {
        let every = options.caches.then_some(options.external_check);
        External { every, start: Instant::now(), looked: AtomicU64::new(0), alone: AtomicBool::new(false) }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX - 1) + 1
    }

    /// A transaction is about to end, or has ended by itself.
    pub(super) fn not_alone(&self) {
        self.alone.store(false, SeqCst);
    }

    fn is_due(&self) -> bool {
        let Some(every) = self.every else { return false };
        let looked = self.looked.load(SeqCst);
        looked == 0 || u128::from(self.now().saturating_sub(looked)) >= every.as_nanos()
    }
}

impl Engine {
    /// Retires everything when others have committed since the last look, unless that was just now. Says whether what is kept
    /// is no older than it may be.
    ///
    /// Who waits for others to end their transactions has the connection that it would take to look.
    pub(crate) fn look_outside(&self) -> bool {
        if !self.external.is_due() || self.external.alone.load(SeqCst) {
            return true;
        }
        if self.writer_slots().on_idle(|connection| self.look_if_due(connection)).is_some() {
            return true;
        }
        let Some(connection) = self.writer_slots().try_enter() else { return false };
        let connection = match connection {
            Some(mut connection) => {
                self.look_if_due(&mut connection);
                Some(connection)
            }
            None => {
                let now = self.external.now();
                self.generations().retire_all();
                self.external.looked.store(now, SeqCst);
                None
            }
        };
        self.writer_slots().leave(connection);
        true
    }

    /// The same on a connection that is held already.
    pub(super) fn look_if_due(&self, connection: &mut Connection) {
        if self.external.is_due() {
            self.look(connection);
        }
    }

    /// The same in a transaction that has just begun to write.
    pub(super) fn look_alone(&self, connection: &mut Connection) {
        if self.external.every.is_some() {
            self.look(connection);
            self.external.alone.store(true, SeqCst);
        }
    }

    fn look(&self, connection: &mut Connection) {
        let now = self.external.now();
        // Whoever cannot look now cannot wait for it either.
        connection.enter_inline(None);
        let version = match connection.ask("PRAGMA data_version") {
            Ok(Value::Int(version)) => Some(version),
            _ => None,
        };
        connection.leave_inline();
        let before = std::mem::replace(&mut connection.data_version, version);
        if version.is_none() || before != version {
            self.generations().retire_all();
        }
        self.external.looked.store(now, SeqCst);
    }
}
