//! What statements read and write, as SQLite itself says while it prepares them: cascades, triggers and views included.
//!
//! An authorizer notes the tables of each statement, a commit hook marks those that a transaction wrote just before its commit
//! becomes visible. Installed only where some handle on the file caches.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ops::Deref;
use std::ptr::{NonNull, null, null_mut};
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
    /// Tables of which it reads no column: SQLite names them as the statement does, which may leave out the database.
    unplaced: Vec<CString>,
}

impl Uses {
    fn is_empty(&self) -> bool {
        self.reads.is_empty() && self.writes.is_empty() && !self.defines && self.unplaced.is_empty()
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
    db: NonNull<ffi::sqlite3>,
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
        let mut uses = self.preparing.take();
        for table in std::mem::take(&mut uses.unplaced) {
            Uses::add(&mut uses.reads, self.place(&table));
        }
        uses
    }

    /// The mark of a table by the name alone, looked up as SQLite does: temporary tables first, attached ones last.
    fn place(&self, table: &CStr) -> Arc<Mark> {
        let mark = || self.generations.mark(&table.to_string_lossy());
        let attached = |n| {
            // SAFETY: `db` is open and used by this thread alone by the contract of `Watch`; the name is copied at once.
            unsafe {
                let name = ffi::sqlite3_db_name(self.db.as_ptr(), n);
                (!name.is_null()).then(|| CStr::from_ptr(name).to_owned())
            }
        };
        if self.holds(c"temp", table) {
            return self.generations.elsewhere();
        }
        let mut others = (2..).map_while(attached);
        match !self.holds(c"main", table) && others.any(|database| self.holds(&database, table)) {
            true => self.generations.elsewhere(),
            false => mark(),
        }
    }

    /// Whether there is such a table in a database. A view is none: what it reads is told of by itself.
    fn holds(&self, database: &CStr, table: &CStr) -> bool {
        // SAFETY: as in `place`; without a column nothing but the table's existence is asked, and no answer is written.
        let code = unsafe {
            ffi::sqlite3_table_column_metadata(
                self.db.as_ptr(),
                database.as_ptr(),
                table.as_ptr(),
                null(),
                null_mut(),
                null_mut(),
                null_mut(),
                null_mut(),
                null_mut(),
            )
        };
        code == ffi::SQLITE_OK
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
        let anew = self.prepared();
        self.runs(&anew);
        uses.merge(anew);
    }

    /// No transaction is open any more: what it wrote is visible, or gone.
    pub(super) fn settle(&self) {
        let written = self.written.take();
        if self.committing.replace(false) {
            self.generations.commit_ended(written.changed());
        } else if written.defines {
            // VACUUM, which may give rows new ids, commits past the hook.
            self.generations.retire_all();
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
        match action {
            // A connection's temporary tables are its own, and nobody tells of commits to attached files.
            ffi::SQLITE_READ if !matches!(database, b"" | b"main") || is_internal(name) => {
                Uses::add(&mut uses.reads, self.generations.elsewhere());
            }
            ffi::SQLITE_READ if database.is_empty() => uses.unplaced.extend(CString::new(name)),
            ffi::SQLITE_READ => Uses::add(&mut uses.reads, self.generations.mark(name)),
            ffi::SQLITE_INSERT | ffi::SQLITE_UPDATE | ffi::SQLITE_DELETE if is_internal(name) => {}
            ffi::SQLITE_INSERT | ffi::SQLITE_UPDATE | ffi::SQLITE_DELETE if name.starts_with("sqlite_") => {
                uses.defines = true;
            }
            ffi::SQLITE_INSERT | ffi::SQLITE_UPDATE | ffi::SQLITE_DELETE => {
                Uses::add(&mut uses.writes, self.generations.mark(name));
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

/// Tables that SQLite writes by itself, and tells nobody: of the highest keys, with every insert, and of statistics.
fn is_internal(name: &str) -> bool {
    name == "sqlite_sequence" || name.starts_with("sqlite_stat")
}

impl Uses {
    fn changed(&self) -> Changed<'_> {
        if self.defines { Changed::Any } else { Changed::Tables(&self.writes) }
    }
}

/// The notes of a connection, known to SQLite for as long as this lives.
pub(super) struct Watch {
    notes: NonNull<Notes>,
}

// SAFETY: the notes are reached through their connection alone, which is used by one thread at a time; so is the `db` in them.
unsafe impl Send for Watch {}

impl Watch {
    /// Makes SQLite tell of tables and commits.
    ///
    /// # Safety
    /// `db` is open and used by this thread alone, now and whenever the result is used; it stays open until the result is
    /// dropped.
    pub(super) unsafe fn new(db: NonNull<ffi::sqlite3>, generations: Arc<Generations>) -> Self {
        let notes = NonNull::from(Box::leak(Box::new(Notes {
            db,
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
        Watch { notes }
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
            ffi::sqlite3_set_authorizer(self.db.as_ptr(), None, null_mut());
            ffi::sqlite3_commit_hook(self.db.as_ptr(), None, null_mut());
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
