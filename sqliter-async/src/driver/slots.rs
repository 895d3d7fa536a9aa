//! A fair queue for a fixed number of connections.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::connection::Connection;

/// The idle connections of one kind, and the queue for them.
pub(super) struct Slots {
    queue: Semaphore,
    idle: Mutex<Vec<Connection>>,
    open: Mutex<bool>,
}

/// Why no place was had.
pub(super) enum Refused {
    Closed,
    TimedOut,
}

impl Slots {
    pub(super) fn new(count: u32) -> Self {
        Slots { queue: Semaphore::new(count as usize), idle: Mutex::new(Vec::new()), open: Mutex::new(true) }
    }

    /// A place at once, if one is free and nobody waits.
    pub(super) fn try_enter(&self) -> bool {
        match self.queue.try_acquire() {
            Ok(permit) => {
                permit.forget();
                true
            }
            Err(_) => false,
        }
    }

    /// A place, first come first served.
    pub(super) async fn enter(&self, timeout: Duration) -> Result<(), Refused> {
        match tokio::time::timeout(timeout, self.queue.acquire()).await {
            Ok(Ok(permit)) => {
                permit.forget();
                Ok(())
            }
            Ok(Err(_)) => Err(Refused::Closed),
            Err(_) => Err(Refused::TimedOut),
        }
    }

    /// The connection of a place that was entered, unless it has to be opened.
    pub(super) fn pop(&self) -> Option<Connection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Puts down a connection before anyone has entered.
    pub(super) fn put_first(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    /// Leaves a place; the connection, if there is one, is for the next.
    pub(super) fn leave(&self, connection: Option<Connection>) {
        // Held while the connection is put down, so that `close` cannot miss it.
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let unwanted = match connection {
            Some(c) if *open => {
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(c);
                None
            }
            other => other,
        };
        drop(open);
        drop(unwanted);
        self.queue.add_permits(1);
    }

    /// Nobody enters any more, and idle connections go.
    pub(super) fn close(&self) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.queue.close();
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        drop(idle);
    }
}
