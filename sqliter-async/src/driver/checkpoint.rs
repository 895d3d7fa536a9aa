//! Moving the write-ahead log into the file: off the runtime's threads, while no write is under way.
//!
//! SQLite would do it inside the commit that passes the mark, on the caller's thread. On the writer's own connection it
//! always completes unless a reader is in the way, so the log does not grow without end under constant writing.

use std::sync::Arc;

use super::engine::{Engine, Slot};
use super::options::Execution;

impl Engine {
    /// Ends a write: hands the writer on, by way of a checkpoint when one is due.
    pub(super) fn after_commit(self: &Arc<Self>, mut slot: Slot) {
        self.retire_unwatched(slot.connection());
        if !slot.connection().checkpoint_is_due() {
            return;
        }
        let mut checkpoint = move || {
            if let Err(e) = slot.connection().checkpoint() {
                tracing::warn!(target: "sqliter", "checkpoint failed: {e:?}");
            }
        };
        if self.options().execution == Execution::Inline {
            checkpoint();
        } else {
            tokio::task::spawn_blocking(checkpoint);
        }
    }
}
