//! Fair queues for a fixed number of connections.

use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::Id;

use super::connection::Connection;

/// A queue, first come first served. Handles on one file share that of the writer.
pub(super) struct Queue {
    places: Semaphore,
    holder: Mutex<Option<Holder>>,
}

/// Who has held the writer since when: for the error of those who waited too long.
#[derive(Clone, Copy)]
struct Holder {
    /// Nowhere: an implicit transaction.
    began_at: Option<&'static Location<'static>>,
    since: Instant,
    task: Option<Id>,
}

impl Queue {
    pub(super) fn new(places: u32) -> Self {
        Queue { places: Semaphore::new(places as usize), holder: Mutex::new(None) }
    }

    /// A transaction holds the place from now on.
    pub(super) fn held(&self, began_at: Option<&'static Location<'static>>) {
        let holder = Holder { began_at, since: Instant::now(), task: tokio::task::try_id() };
        *self.holder.lock().unwrap_or_else(PoisonError::into_inner) = Some(holder);
    }

    /// "; the transaction begun at ...", if there is one.
    pub(super) fn describe_holder(&self) -> String {
        let holder = *self.holder.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Holder { began_at, since, task }) = holder else { return String::new() };
        let Some(began_at) = began_at else {
            let since = since.elapsed();
            return format!(
                "; the implicit transaction of a handle with `auto_commit(false)` has held it for {since:?}"
            );
        };
        // Outside any task there is one future only: that of `block_on`.
        let same = if task == tokio::task::try_id() { " by this same task: use its `tx` instead of `db`" } else { "" };
        format!("; the transaction begun at {began_at}{same} has held the writer for {:?}", since.elapsed())
    }
}

/// The idle connections of one kind, and the queue for them.
pub(super) struct Slots {
    queue: Arc<Queue>,
    idle: Mutex<Idle>,
}

struct Idle {
    open: bool,
    #[allow(clippy::vec_box, reason = "they go in and out in their boxes")]
    connections: Vec<Box<Connection>>,
}

/// Why no place was had.
pub(super) enum Refused {
    Closed,
    TimedOut,
}

impl Slots {
    pub(super) fn new(queue: Arc<Queue>) -> Self {
        Slots { queue, idle: Mutex::new(Idle { open: true, connections: Vec::new() }) }
    }

    pub(super) fn queue(&self) -> &Queue {
        &self.queue
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place, first come first served; and the connection of that place, unless it has to be opened.
    pub(super) async fn enter(&self, timeout: Duration) -> Result<Option<Box<Connection>>, Refused> {
        let permit = match self.queue.places.try_acquire() {
            Ok(permit) => permit,
            Err(_) => match tokio::time::timeout(timeout, self.queue.places.acquire()).await {
                Ok(Ok(permit)) => permit,
                Ok(Err(_)) => return Err(Refused::Closed),
                Err(_) => return Err(Refused::TimedOut),
            },
        };
        let mut idle = self.idle();
        if !idle.open {
            return Err(Refused::Closed);
        }
        permit.forget();
        Ok(idle.connections.pop())
    }

    /// A place, if one is free at once; and the connection of that place, if it has one.
    pub(super) fn try_enter(&self) -> Option<Option<Box<Connection>>> {
        let permit = self.queue.places.try_acquire().ok()?;
        let mut idle = self.idle();
        if !idle.open {
            return None;
        }
        permit.forget();
        Some(idle.connections.pop())
    }

    /// Looks at something on an idle connection, whoever has the queue's places; `None` when there is none.
    pub(super) fn on_idle<T>(&self, look: impl FnOnce(&mut Connection) -> T) -> Option<T> {
        let mut idle = self.idle();
        idle.connections.last_mut().map(|connection| look(connection))
    }

    /// Puts down a connection before anyone has entered.
    pub(super) fn put_first(&self, connection: Box<Connection>) {
        self.idle().connections.push(connection);
    }

    /// Leaves a place; the connection, if there is one, is for the next.
    pub(super) fn leave(&self, connection: Option<Box<Connection>>) {
        let mut idle = self.idle();
        let unwanted = match connection {
            Some(c) if idle.open => {
                idle.connections.push(c);
                None
            }
            other => other,
        };
        drop(idle);
        drop(unwanted);
        *self.queue.holder.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.queue.places.add_permits(1);
    }

    /// Nobody enters any more, and idle connections go.
    pub(super) fn close(&self) {
        let mut idle = self.idle();
        idle.open = false;
        let connections = std::mem::take(&mut idle.connections);
        drop(idle);
        drop(connections);
    }
}
