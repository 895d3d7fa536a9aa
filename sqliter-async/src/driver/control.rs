//! What may stop a statement while it runs: the caller's cancellation, and the budget of the inline path.
//!
//! Both are read by a progress handler, so that nothing but the statement they are meant for is ever interrupted.

use std::cell::{Cell, RefCell};
use std::ffi::{c_char, c_int, c_void};
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use libsqlite3_sys as ffi;

/// Steps of SQLite's virtual machine between two looks at the clock: some microseconds.
const STEPS: c_int = 1000;

/// Pages in the write-ahead log after which it is moved into the file: SQLite's own mark.
const CHECKPOINT_PAGES: c_int = 1000;

/// Shared by a connection and the callbacks that SQLite makes on it, on the same thread.
pub(super) struct Control {
    db: NonNull<ffi::sqlite3>,
    cancel: RefCell<Option<Arc<AtomicBool>>>,
    /// How long the next statement may run on a runtime's thread.
    budget: Cell<Option<Duration>>,
    /// When that is over: counted from the first look, since a short statement never asks for the time.
    deadline: Cell<Option<Instant>>,
    /// The statement is a write that commits by itself.
    commits: Cell<bool>,
    over_budget: Cell<bool>,
    /// Pages in the log after the last commit; 0 when the next one starts it anew, or may.
    wal_pages: Cell<c_int>,
    checkpoint_at: Cell<c_int>,
}

impl Control {
    /// The next statement may run for so long; `None` lifts the limit. `commits` when it is a write that commits by itself.
    pub(super) fn set_budget(&self, budget: Option<Duration>, commits: bool) {
        self.budget.set(budget);
        self.deadline.set(None);
        self.commits.set(commits);
        self.over_budget.set(false);
    }

    /// Whether the last statement was stopped because of its budget.
    pub(super) fn over_budget(&self) -> bool {
        self.over_budget.get()
    }

    /// The next statements stop when this flag is set.
    pub(super) fn set_cancel(&self, flag: Option<Arc<AtomicBool>>) {
        self.cancel.replace(flag);
    }

    /// Whether the next commit goes on in the log: starting it anew waits for the disk.
    pub(super) fn log_goes_on(&self) -> bool {
        self.wal_pages.get() > 0
    }

    /// Whether the log has grown enough to be moved.
    pub(super) fn checkpoint_is_due(&self) -> bool {
        self.wal_pages.get() >= self.checkpoint_at.get()
    }

    /// Whether readers were in the way of earlier checkpoints.
    pub(super) fn log_is_long(&self) -> bool {
        self.wal_pages.get() >= 2 * CHECKPOINT_PAGES
    }

    /// Takes note of a checkpoint that moved so many of so many pages. One that a reader held up is tried again when the log
    /// has grown as much once more.
    pub(super) fn checkpointed(&self, log: i64, moved: i64) {
        // Where another connection moves the log there are no numbers.
        let log = if log < 0 { i64::from(self.wal_pages.get()) } else { log };
        if moved >= log {
            self.wal_pages.set(0);
            self.checkpoint_at.set(CHECKPOINT_PAGES);
        } else {
            let log = c_int::try_from(log).unwrap_or(c_int::MAX);
            self.checkpoint_at.set(log.saturating_add(CHECKPOINT_PAGES));
        }
    }

    fn is_late(&self) -> bool {
        let Some(budget) = self.budget.get() else { return false };
        let now = Instant::now();
        match self.deadline.get() {
            Some(deadline) => now >= deadline,
            None => {
                self.deadline.set(Some(now + budget));
                false
            }
        }
    }

    fn must_stop(&self) -> bool {
        let cancelled = self.cancel.borrow().as_ref().is_some_and(|c| c.load(Ordering::Relaxed));
        let late = self.is_late();
        if !cancelled && !late {
            return false;
        }
        // SQLite asks once more when a write has already committed: stopping there would report a failure of what was done.
        // SAFETY: SQLite calls this while it runs a statement of `db`.
        let state = unsafe { ffi::sqlite3_txn_state(self.db.as_ptr(), std::ptr::null()) };
        if self.commits.get() && state == ffi::SQLITE_TXN_NONE {
            return false;
        }
        self.over_budget.set(late && !cancelled);
        true
    }
}

/// The control block of a connection, known to SQLite for as long as this lives.
pub(super) struct Installed {
    control: NonNull<Control>,
}

// SAFETY: the block is reached through its connection alone, which is used by one thread at a time; so is the `db` in it.
unsafe impl Send for Installed {}

impl Installed {
    /// Makes SQLite ask a new control block.
    ///
    /// # Safety
    /// `db` is open and used by this thread alone, now and whenever the result is used; it stays open until the result is
    /// dropped.
    pub(super) unsafe fn new(db: NonNull<ffi::sqlite3>) -> Self {
        let control = NonNull::from(Box::leak(Box::new(Control {
            db,
            cancel: RefCell::new(None),
            budget: Cell::new(None),
            deadline: Cell::new(None),
            commits: Cell::new(false),
            over_budget: Cell::new(false),
            wal_pages: Cell::new(0),
            checkpoint_at: Cell::new(CHECKPOINT_PAGES),
        })));
        // SAFETY: `db` is open; the block lives until `drop` has taken the handler away.
        unsafe {
            ffi::sqlite3_progress_handler(db.as_ptr(), STEPS, Some(on_progress), control.as_ptr().cast());
        }
        Installed { control }
    }

    /// Counts the pages of the write-ahead log; replaces SQLite's own checkpoints.
    pub(super) fn watch_log(&self) {
        // SAFETY: `db` is open and ours by the contract of `new`; `drop` takes the hook away.
        unsafe {
            ffi::sqlite3_wal_hook(self.db.as_ptr(), Some(on_wal), self.control.as_ptr().cast());
        }
    }
}

impl Deref for Installed {
    type Target = Control;
    fn deref(&self) -> &Control {
        // SAFETY: the block lives as long as `self`, and is only ever shared.
        unsafe { self.control.as_ref() }
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        let db = self.db.as_ptr();
        // SAFETY: `db` is still open; after the handlers are gone nobody else knows the block, which came from a box. 1000
        // pages is SQLite's default for the connection's next user.
        unsafe {
            ffi::sqlite3_progress_handler(db, 0, None, std::ptr::null_mut());
            ffi::sqlite3_wal_autocheckpoint(db, CHECKPOINT_PAGES);
            drop(Box::from_raw(self.control.as_ptr()));
        }
    }
}

extern "C" fn on_progress(context: *mut c_void) -> c_int {
    // SAFETY: `context` is the block of the connection that runs, alive and on this thread by the contract of `Installed`.
    let control = unsafe { &*context.cast::<Control>() };
    c_int::from(control.must_stop())
}

extern "C" fn on_wal(context: *mut c_void, _: *mut ffi::sqlite3, _: *const c_char, pages: c_int) -> c_int {
    // SAFETY: as above.
    let control = unsafe { &*context.cast::<Control>() };
    control.wal_pages.set(pages);
    ffi::SQLITE_OK
}
