//! A connection taken from the pool with its handle locked once, for as long as the lease lives.
//!
//! Locking per operation would deadlock with sqlx's worker, and a pool's acquire costs more than a query; so a lease keeps
//! both. It may be dropped on any thread, in or outside a runtime.

use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use libsqlite3_sys as ffi;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{LockedSqliteHandle, SqlitePool};
use tokio::runtime::Handle;

/// The pooled connection on the heap, so that the lock on it can be kept beside it.
struct Pooled {
    conn: NonNull<PoolConnection<sqlx::Sqlite>>,
    runtime: Handle,
}

// SAFETY: `Pooled` owns the `PoolConnection`, which is `Send`; the pointer is only another way to spell `Box`.
unsafe impl Send for Pooled {}

impl Pooled {
    fn new(conn: PoolConnection<sqlx::Sqlite>) -> Self {
        Pooled { conn: NonNull::from(Box::leak(Box::new(conn))), runtime: Handle::current() }
    }

    /// Locks the handle.
    ///
    /// # Safety
    /// The result must be dropped before `self`, and this must be called once.
    async unsafe fn lock(&mut self) -> sqlx::Result<LockedSqliteHandle<'static>> {
        // SAFETY: the pointer comes from a leaked box that `drop` alone frees, which the caller delays until the lock is
        // gone; no other reference is made meanwhile.
        let conn: &'static mut PoolConnection<sqlx::Sqlite> = unsafe { self.conn.as_mut() };
        conn.lock_handle().await
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        // Giving a connection back spawns a task, which panics outside a runtime. The current one is at work; that of the
        // opening may be gone or idle.
        let runtime = Handle::try_current().unwrap_or_else(|_| self.runtime.clone());
        let _runtime = runtime.enter();
        // SAFETY: the pointer comes from `Box::leak` and is freed here only; a lock on it is gone by the contract of `lock`.
        drop(unsafe { Box::from_raw(self.conn.as_ptr()) });
    }
}

/// Exclusive use of one SQLite connection.
pub(super) struct Lease {
    db: NonNull<ffi::sqlite3>,
    // Before `pooled`, which it borrows from.
    lock: ManuallyDrop<LockedSqliteHandle<'static>>,
    pooled: ManuallyDrop<Pooled>,
    close: bool,
}

// SAFETY: the connection is opened with SQLITE_OPEN_NOMUTEX, which allows use from any thread, one at a time. A lease is the
// only user while its lock lives, and `&mut` or ownership makes that one thread. It is not `Sync`.
unsafe impl Send for Lease {}

impl Lease {
    /// Takes a connection out of the pool.
    pub(super) async fn take(pool: &SqlitePool) -> sqlx::Result<Lease> {
        let mut pooled = Pooled::new(pool.acquire().await?);
        // SAFETY: called once; the lock goes into the same lease, whose `drop` releases it before the connection. When this
        // future is dropped here, the lock's future is dropped before `pooled`, which was declared earlier.
        let mut lock = unsafe { pooled.lock() }.await?;
        let db = lock.as_raw_handle();
        Ok(Lease { db, lock: ManuallyDrop::new(lock), pooled: ManuallyDrop::new(pooled), close: false })
    }

    /// The connection's raw handle: valid while the lease lives.
    pub(super) fn db(&self) -> NonNull<ffi::sqlite3> {
        self.db
    }

    /// The connection is not fit for another user.
    pub(super) fn close_on_drop(&mut self) {
        self.close = true;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // SAFETY: both are dropped here only, the lock first, as the contract of `Pooled::lock` asks; after that the
        // connection is borrowed by nobody.
        unsafe {
            ManuallyDrop::drop(&mut self.lock);
            if self.close {
                self.pooled.conn.as_mut().close_on_drop();
            }
            ManuallyDrop::drop(&mut self.pooled);
        }
    }
}
