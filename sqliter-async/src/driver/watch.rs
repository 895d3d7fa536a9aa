//! What statements read and write, as SQLite itself says while it prepares them: cascades, triggers and views included.
//!
//! An authorizer notes the tables of each statement, a commit hook marks those that a transaction wrote just before its commit
//! becomes visible. Installed only where some handle on the file caches.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;

use libsqlite3_sys as ffi;

use super::generations::{Changed, Generations, Mark};

/// The tables of a statement.
#[derive(Clone, Default)]
pub(super) struct Uses {
    pub(super) reads: Vec<Arc<Mark>>,
    writes: Vec<Arc<Mark>>,
    /// It changes definitions, or something else that concerns any table.
    defines: bool,
}

impl Uses {
    fn is_empty(&self) -> bool {
        self.reads.is_empty() && self.writes.is_empty() && !self.defines
    }

    fn add(marks: &mut Vec<Arc<Mark>>, mark: Arc<Mark>) {
        if !marks.iter().any(|m| Arc::ptr_eq(m, &mark)) {
            marks.push(mark);
        }
    }

    fn merge(&mut self, other: Uses) {
        other.reads.into_iter().for_each(|mark| Uses::add(&mut self.reads, mark));
        other.writes.into_iter().for_each(|mark| Uses::add(&mut self.writes, mark));
        self.defines |= other.defines;
    }
}

/// Shared by a connection and the callbacks that SQLite makes on it, on the same thread.
pub(super) struct Notes {
    generations: Arc<Generations>,
    /// Of the statement that is being prepared.
    preparing: RefCell<Uses>,
    /// What the open transaction wrote.
    written: RefCell<Uses>,
    /// Its commit has begun.
    committing: Cell<bool>,
}

impl Notes {
    /// The tables of the statement that was just prepared.
    pub(super) fn prepared(&self) -> Uses {
        self.preparing.take()
    }

    /// A statement with these tables is about to run.
    pub(super) fn runs(&self, uses: &Uses) {
        if !uses.writes.is_empty() || uses.defines {
            self.written.borrow_mut().merge(uses.clone());
        }
    }

    /// A statement has run. SQLite prepares it anew when definitions have changed; then its tables may be others.
    pub(super) fn ran(&self, uses: &mut Uses) {
        if self.preparing.borrow().is_empty() {
            return;
        }
        let anew = self.preparing.take();
        self.runs(&anew);
        uses.merge(anew);
    }

    /// No transaction is open any more: what it wrote is visible, or gone.
    pub(super) fn settle(&self) {
        let written = self.written.take();
        if self.committing.replace(false) {
            self.generations.commit_ended(written.changed());
        }
    }

    fn commit(&self) {
        self.committing.set(true);
        // A statement that commits by itself may have been prepared anew just before.
        let anew = self.preparing.borrow().clone();
        self.runs(&anew);
        self.generations.commit_begins(self.written.borrow().changed());
    }

    fn note(&self, action: c_int, name: &str, database: &[u8]) {
        let mut uses = self.preparing.borrow_mut();
        let internal = name.starts_with("sqlite_");
        match action {
            // A connection's temporary tables are its own, and nobody tells of commits to attached files.
            ffi::SQLITE_READ if !matches!(database, b"" | b"main") => {
                Uses::add(&mut uses.reads, self.generations.elsewhere());
            }
            ffi::SQLITE_READ => Uses::add(&mut uses.reads, self.generations.mark(name)),
            ffi::SQLITE_INSERT | ffi::SQLITE_UPDATE | ffi::SQLITE_DELETE if !internal => {
                Uses::add(&mut uses.writes, self.generations.mark(name));
            }
            ffi::SQLITE_INSERT | ffi::SQLITE_UPDATE | ffi::SQLITE_DELETE => {
                // The table of the highest keys changes with every insert; that of definitions is what a definition changes.
                uses.defines |= name.starts_with("sqlite_master") || name.starts_with("sqlite_schema");
            }
            ffi::SQLITE_SELECT
            | ffi::SQLITE_FUNCTION
            | ffi::SQLITE_RECURSIVE
            | ffi::SQLITE_TRANSACTION
            | ffi::SQLITE_SAVEPOINT
            | ffi::SQLITE_PRAGMA
            | ffi::SQLITE_ANALYZE => {}
            _ => uses.defines = true,
        }
    }
}

impl Uses {
    fn changed(&self) -> Changed<'_> {
        if self.defines { Changed::Any } else { Changed::Tables(&self.writes) }
    }
}

/// The notes of a connection, known to SQLite for as long as this lives.
pub(super) struct Watch {
    notes: NonNull<Notes>,
    db: NonNull<ffi::sqlite3>,
}

// SAFETY: the notes are reached through their connection alone, which is used by one thread at a time; so is `db`.
unsafe impl Send for Watch {}

impl Watch {
    /// Makes SQLite tell of tables and commits.
    ///
    /// # Safety
    /// `db` is open and used by this thread alone, now and whenever the result is used; it stays open until the result is
    /// dropped.
    pub(super) unsafe fn new(db: NonNull<ffi::sqlite3>, generations: Arc<Generations>) -> Self {
        let notes = NonNull::from(Box::leak(Box::new(Notes {
            generations,
            preparing: RefCell::default(),
            written: RefCell::default(),
            committing: Cell::new(false),
        })));
        // SAFETY: `db` is open; the notes live until `drop` has taken the hooks away.
        unsafe {
            ffi::sqlite3_set_authorizer(db.as_ptr(), Some(on_prepare), notes.as_ptr().cast());
            ffi::sqlite3_commit_hook(db.as_ptr(), Some(on_commit), notes.as_ptr().cast());
        }
        Watch { notes, db }
    }

    pub(super) fn is_of(&self, generations: &Arc<Generations>) -> bool {
        Arc::ptr_eq(&self.generations, generations)
    }
}

impl Deref for Watch {
    type Target = Notes;
    fn deref(&self) -> &Notes {
        // SAFETY: the notes live as long as `self`, and are only ever shared.
        unsafe { self.notes.as_ref() }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // SAFETY: `db` is still open; after the hooks are gone nobody else knows the notes.
        unsafe {
            ffi::sqlite3_set_authorizer(self.db.as_ptr(), None, std::ptr::null_mut());
            ffi::sqlite3_commit_hook(self.db.as_ptr(), None, std::ptr::null_mut());
        }
        // A commit that failed, on a connection that is given up, is under way no more.
        self.settle();
        // SAFETY: they came from a box, and nobody but `self` refers to them.
        unsafe {
            drop(Box::from_raw(self.notes.as_ptr()));
        }
    }
}

extern "C" fn on_prepare(
    context: *mut c_void,
    action: c_int,
    first: *const c_char,
    _: *const c_char,
    database: *const c_char,
    _: *const c_char,
) -> c_int {
    // SAFETY: `context` is the notes of the connection that prepares, alive and on this thread by the contract of `Watch`; the
    // names are C strings or null.
    let (notes, name, database) = unsafe {
        let text = |text: *const c_char| if text.is_null() { c"" } else { CStr::from_ptr(text) };
        (&*context.cast::<Notes>(), text(first), text(database))
    };
    notes.note(action, &name.to_string_lossy(), database.to_bytes());
    ffi::SQLITE_OK
}

extern "C" fn on_commit(context: *mut c_void) -> c_int {
    // SAFETY: as above.
    let notes = unsafe { &*context.cast::<Notes>() };
    notes.commit();
    0
}
