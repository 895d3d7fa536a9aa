//! What may stop a statement while it runs: the caller's cancellation, and the budget of the inline path.
//!
//! Both are read by a progress handler, so that nothing but the statement they are meant for is ever interrupted.

use std::cell::{Cell, RefCell};
use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use libsqlite3_sys as ffi;

/// Steps of SQLite's virtual machine between two looks at the clock: some microseconds.
const STEPS: c_int = 1000;

/// Shared by a connection and the callbacks that SQLite makes on it, on the same thread.
#[derive(Default)]
pub(super) struct Control {
    cancel: RefCell<Option<Arc<AtomicBool>>>,
    deadline: Cell<Option<Instant>>,
    over_budget: Cell<bool>,
    wal_pages: Cell<c_int>,
}

impl Control {
    /// The next statement may run until then; `None` lifts the limit.
    pub(super) fn set_deadline(&self, deadline: Option<Instant>) {
        self.deadline.set(deadline);
        self.over_budget.set(false);
    }

    /// Whether the last statement was stopped because of its deadline.
    pub(super) fn over_budget(&self) -> bool {
        self.over_budget.get()
    }

    /// The next statements stop when this flag is set.
    pub(super) fn set_cancel(&self, flag: Option<Arc<AtomicBool>>) {
        self.cancel.replace(flag);
    }

    /// The pages in the write-ahead log after the last commit, once.
    pub(super) fn take_wal_pages(&self) -> c_int {
        self.wal_pages.take()
    }

    fn must_stop(&self) -> bool {
        if self.cancel.borrow().as_ref().is_some_and(|c| c.load(Ordering::Relaxed)) {
            return true;
        }
        let late = self.deadline.get().is_some_and(|d| Instant::now() >= d);
        if late {
            self.over_budget.set(true);
        }
        late
    }

    /// Makes SQLite ask `self`.
    ///
    /// # Safety
    /// `db` is open and used by this thread alone; `self` does not move and lives until [`uninstall`](Control::uninstall) or
    /// the end of the connection; it is not touched by another thread while a statement runs.
    pub(super) unsafe fn install(&self, db: *mut ffi::sqlite3) {
        let context = std::ptr::from_ref(self).cast_mut().cast::<c_void>();
        // SAFETY: `db` is open; the context outlives the registration by the caller's promise.
        unsafe {
            ffi::sqlite3_progress_handler(db, STEPS, Some(on_progress), context);
        }
    }

    /// Counts the pages of the write-ahead log; replaces SQLite's own checkpoints.
    ///
    /// # Safety
    /// As [`install`](Control::install).
    pub(super) unsafe fn install_wal_hook(&self, db: *mut ffi::sqlite3) {
        let context = std::ptr::from_ref(self).cast_mut().cast::<c_void>();
        // SAFETY: as above.
        unsafe {
            ffi::sqlite3_wal_hook(db, Some(on_wal), context);
        }
    }

    /// Makes SQLite forget `self`.
    ///
    /// # Safety
    /// `db` is open and used by this thread alone.
    pub(super) unsafe fn uninstall(db: *mut ffi::sqlite3) {
        // SAFETY: `db` is open; 1000 pages is SQLite's own default for the connection's next user.
        unsafe {
            ffi::sqlite3_progress_handler(db, 0, None, std::ptr::null_mut());
            ffi::sqlite3_wal_autocheckpoint(db, 1000);
        }
    }
}

extern "C" fn on_progress(context: *mut c_void) -> c_int {
    // SAFETY: `context` is the `Control` of the connection that runs, alive and on this thread by the contract of `install`.
    let control = unsafe { &*context.cast::<Control>() };
    c_int::from(control.must_stop())
}

extern "C" fn on_wal(context: *mut c_void, _: *mut ffi::sqlite3, _: *const c_char, pages: c_int) -> c_int {
    // SAFETY: as above.
    let control = unsafe { &*context.cast::<Control>() };
    control.wal_pages.set(pages);
    ffi::SQLITE_OK
}
