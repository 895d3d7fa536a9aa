//! Commits that were not ours: of other programs, and of whoever uses the pool's connections directly.
//!
//! `PRAGMA data_version` on the writer's own connection changes with every commit but those of that connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use sqliter_core::Value;

use super::engine::{Engine, Slot};
use super::options::Options;

/// When the last look was.
pub(super) struct External {
    /// How long what others commit may stay unseen; `None` where nothing is cached.
    every: Option<Duration>,
    start: Instant,
    /// Nanoseconds since the start, plus one; 0 before the first look.
    looked: AtomicU64,
}

impl External {
    pub(super) fn new(options: &Options) -> Self {
        let every = options.caches.then_some(options.external_check);
        External { every, start: Instant::now(), looked: AtomicU64::new(0) }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX - 1) + 1
    }

    fn is_due(&self) -> bool {
        let Some(every) = self.every else { return false };
        let looked = self.looked.load(SeqCst);
        looked == 0 || u128::from(self.now().saturating_sub(looked)) >= every.as_nanos()
    }
}

impl Engine {
    /// Retires everything when others have committed since the last look, unless that was just now.
    ///
    /// While the writer is at work nothing is seen: whoever took it has looked, and holds others off for as long as it writes.
    pub(crate) fn look_outside(self: &Arc<Self>) {
        if self.external.is_due()
            && let Some(mut slot) = self.try_writer()
        {
            self.look_outside_on(&mut slot);
        }
    }

    /// The same on a connection that is held already.
    pub(super) fn look_outside_on(&self, slot: &mut Slot) {
        if !self.external.is_due() {
            return;
        }
        let now = self.external.now();
        let version = if slot.has_connection() {
            let connection = slot.connection();
            // Whoever cannot look now cannot wait for it either.
            connection.enter_inline(None);
            let version = match connection.ask("PRAGMA data_version") {
                Ok(Value::Int(version)) => Some(version),
                _ => None,
            };
            connection.leave_inline();
            let before = std::mem::replace(&mut connection.data_version, version);
            before.filter(|_| before == version)
        } else {
            None
        };
        if version.is_none() {
            self.generations().retire_all();
        }
        self.external.looked.store(now, SeqCst);
    }
}
