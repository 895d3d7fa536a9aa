//! One prepared statement: binding, stepping, reading.

use std::borrow::Cow;
use std::ffi::{CStr, c_int};
use std::marker::PhantomData;
use std::ptr::NonNull;

use libsqlite3_sys as ffi;
use sqliter_core::{DatabaseError, Encoded, Row, ValueRef};

use super::error::last_error;
use super::text::is_empty;

/// A prepared statement. Finalised when dropped, which must happen before its connection is given back.
pub(super) struct Statement {
    raw: NonNull<ffi::sqlite3_stmt>,
}

// SAFETY: a statement belongs to a connection opened with SQLITE_OPEN_NOMUTEX; it travels with that connection and is used
// by one thread at a time.
unsafe impl Send for Statement {}

impl Statement {
    /// Prepares one statement; `None` for text that holds none.
    ///
    /// # Safety
    /// `db` is open and used by this thread alone.
    pub(super) unsafe fn prepare(db: *mut ffi::sqlite3, sql: &str) -> Result<Option<Statement>, DatabaseError> {
        let Ok(length) = c_int::try_from(sql.len()) else {
            return Err(DatabaseError::other("the statement is longer than 2 GiB"));
        };
        if sql.contains('\0') {
            return Err(DatabaseError::other("the statement holds a NUL character, where SQLite would end it"));
        }
        let (mut raw, mut tail) = (std::ptr::null_mut(), std::ptr::null());
        // SAFETY: `db` is open; the text is `length` bytes long and read during the call only.
        let code = unsafe {
            ffi::sqlite3_prepare_v3(
                db,
                sql.as_ptr().cast(),
                length,
                ffi::SQLITE_PREPARE_PERSISTENT as _,
                &mut raw,
                &mut tail,
            )
        };
        if code != ffi::SQLITE_OK {
            // SAFETY: as above.
            return Err(unsafe { last_error(db) });
        }
        let statement = NonNull::new(raw).map(|raw| Statement { raw });
        let read = (tail as usize).saturating_sub(sql.as_ptr() as usize);
        match sql.get(read..) {
            Some(rest) if !rest.is_empty() && !is_empty(rest) => {
                Err(DatabaseError::other("the text holds several statements: `execute_script` runs them, all or none"))
            }
            _ => Ok(statement),
        }
    }

    /// Whether SQLite is sure that it does not write to the database.
    pub(super) fn is_read_only(&self) -> bool {
        // SAFETY: the statement is live.
        unsafe { ffi::sqlite3_stmt_readonly(self.raw.as_ptr()) != 0 }
    }

    /// How many columns its rows have; none for a statement that returns no rows.
    pub(super) fn columns(&self) -> usize {
        // SAFETY: the statement is live.
        usize::try_from(unsafe { ffi::sqlite3_column_count(self.raw.as_ptr()) }).unwrap_or(0)
    }

    /// The names of these columns.
    pub(super) fn names(&self) -> Vec<String> {
        (0..self.columns())
            .map(|i| {
                // SAFETY: the statement is live, and nothing steps it during the call.
                unsafe { column_name(self.raw, i) }
            })
            .collect()
    }

    /// The names of its parameters, in order: `None` for `?` and for numbers that are left out.
    pub(super) fn parameters(&self) -> Vec<Option<String>> {
        // SAFETY: the statement is live; a name lives as long, and is copied at once.
        unsafe {
            let count = ffi::sqlite3_bind_parameter_count(self.raw.as_ptr());
            (1..=count)
                .map(|i| {
                    let name = ffi::sqlite3_bind_parameter_name(self.raw.as_ptr(), i);
                    (!name.is_null()).then(|| CStr::from_ptr(name).to_string_lossy().into_owned())
                })
                .collect()
        }
    }

    fn db(&self) -> *mut ffi::sqlite3 {
        // SAFETY: the statement is not finalised.
        unsafe { ffi::sqlite3_db_handle(self.raw.as_ptr()) }
    }

    #[cold]
    fn error(&self) -> DatabaseError {
        // SAFETY: the statement's connection is open and, like the statement, used by this thread alone.
        unsafe { last_error(self.db()) }
    }

    /// Binds the parameter at `index`, counted from 1.
    ///
    /// # Safety
    /// What a borrowed value borrows must live until [`reset`](Statement::reset).
    #[inline]
    pub(super) unsafe fn bind(&mut self, index: c_int, value: Encoded<'_>) -> Result<(), DatabaseError> {
        let stmt = self.raw.as_ptr();
        let keep = |owned: bool| if owned { ffi::SQLITE_TRANSIENT() } else { ffi::SQLITE_STATIC() };
        // SAFETY: the statement is live; text and bytes are valid for their length, and live until the reset by the caller's
        // promise, or are copied by SQLite when they are owned here.
        let code = unsafe {
            match &value {
                Encoded::Null => ffi::sqlite3_bind_null(stmt, index),
                Encoded::Int(v) => ffi::sqlite3_bind_int64(stmt, index, *v),
                Encoded::Real(v) => ffi::sqlite3_bind_double(stmt, index, *v),
                Encoded::Text(v) => ffi::sqlite3_bind_text64(
                    stmt,
                    index,
                    v.as_ptr().cast(),
                    v.len() as u64,
                    keep(matches!(v, Cow::Owned(_))),
                    ffi::SQLITE_UTF8 as u8,
                ),
                Encoded::Blob(v) => ffi::sqlite3_bind_blob64(
                    stmt,
                    index,
                    v.as_ptr().cast(),
                    v.len() as u64,
                    keep(matches!(v, Cow::Owned(_))),
                ),
            }
        };
        if code == ffi::SQLITE_OK { Ok(()) } else { Err(self.error()) }
    }

    /// The next row, or `None` after the last.
    #[inline]
    pub(super) fn step(&mut self, local_time: bool) -> Result<Option<RowRef<'_>>, DatabaseError> {
        // SAFETY: the statement is live and used by this thread alone.
        match unsafe { ffi::sqlite3_step(self.raw.as_ptr()) } {
            ffi::SQLITE_ROW => Ok(Some(RowRef { stmt: self.raw, local_time, statement: PhantomData })),
            ffi::SQLITE_DONE => Ok(None),
            _ => Err(self.error()),
        }
    }

    /// Ends the run and forgets the parameters.
    pub(super) fn reset(&mut self) {
        // SAFETY: the statement is live. The codes repeat the error that `step` reported.
        unsafe {
            ffi::sqlite3_reset(self.raw.as_ptr());
            ffi::sqlite3_clear_bindings(self.raw.as_ptr());
        }
    }

    /// How often SQLite had to prepare it again because the schema changed.
    pub(super) fn reprepared(&self) -> c_int {
        // SAFETY: the statement is live.
        unsafe { ffi::sqlite3_stmt_status(self.raw.as_ptr(), ffi::SQLITE_STMTSTATUS_REPREPARE, 0) }
    }
}

impl Drop for Statement {
    fn drop(&mut self) {
        // SAFETY: finalised here only.
        unsafe {
            ffi::sqlite3_finalize(self.raw.as_ptr());
        }
    }
}

/// The row that a statement stands on, until its next step. Public for the operations of relations, and out of reach.
pub struct RowRef<'s> {
    stmt: NonNull<ffi::sqlite3_stmt>,
    local_time: bool,
    statement: PhantomData<&'s mut Statement>,
}

impl RowRef<'_> {
    /// How many columns there are.
    pub(crate) fn columns(&self) -> usize {
        // SAFETY: the statement is live while `self`, which borrows it, lives.
        usize::try_from(unsafe { ffi::sqlite3_column_count(self.stmt.as_ptr()) }).unwrap_or(0)
    }

    /// The name of a column: its alias, else what SQLite makes of its expression.
    pub(crate) fn column_name(&self, index: usize) -> String {
        // SAFETY: as above.
        unsafe { column_name(self.stmt, index) }
    }

    /// About how many bytes its values take.
    pub(crate) fn size(&self) -> usize {
        let bytes = |value| match value {
            ValueRef::Text(v) | ValueRef::Blob(v) => v.len() + size_of::<String>(),
            _ => 8,
        };
        (0..self.columns()).map(|i| bytes(self.value(i))).sum()
    }

    /// How many bytes of text and blobs there are in these columns.
    pub(crate) fn heap(&self, columns: std::ops::Range<usize>) -> usize {
        let bytes = |value| match value {
            ValueRef::Text(v) | ValueRef::Blob(v) => v.len(),
            _ => 0,
        };
        columns.map(|i| bytes(self.value(i))).sum()
    }
}

/// The name of a column: its alias, else what SQLite makes of its expression.
///
/// # Safety
/// The statement is live, and used by this thread alone.
unsafe fn column_name(stmt: NonNull<ffi::sqlite3_stmt>, index: usize) -> String {
    let index = c_int::try_from(index).unwrap_or(c_int::MAX);
    // SAFETY: passed on to the caller; the name lives until the statement is prepared again, and is copied at once.
    unsafe {
        let name = ffi::sqlite3_column_name(stmt.as_ptr(), index);
        if name.is_null() { String::new() } else { CStr::from_ptr(name).to_string_lossy().into_owned() }
    }
}

impl Row for RowRef<'_> {
    #[inline]
    fn value(&self, index: usize) -> ValueRef<'_> {
        let index = c_int::try_from(index).unwrap_or(c_int::MAX);
        // SAFETY: the statement stands on a row, and stays there while `self`, which borrows it, lives. A position past the
        // last column gives SQL NULL. The connection has no mutex and one user, which makes the unprotected value of
        // `sqlite3_column_value` safe to read. Text and bytes stay where they are until the next step or a conversion, and
        // each value is only ever read as what it is.
        unsafe {
            let value = ffi::sqlite3_column_value(self.stmt.as_ptr(), index);
            match ffi::sqlite3_value_type(value) {
                ffi::SQLITE_INTEGER => ValueRef::Int(ffi::sqlite3_value_int64(value)),
                ffi::SQLITE_FLOAT => ValueRef::Real(ffi::sqlite3_value_double(value)),
                ffi::SQLITE_TEXT => match ffi::sqlite3_value_text(value) {
                    // Out of memory.
                    start if start.is_null() => ValueRef::Null,
                    start => ValueRef::Text(bytes(start, value)),
                },
                ffi::SQLITE_BLOB => match ffi::sqlite3_value_blob(value).cast::<u8>() {
                    // What SQLite gives for an empty one.
                    start if start.is_null() => ValueRef::Blob(&[]),
                    start => ValueRef::Blob(bytes(start, value)),
                },
                _ => ValueRef::Null,
            }
        }
    }

    #[inline]
    fn local_time(&self) -> bool {
        self.local_time
    }
}

/// The bytes of a value whose address was just asked for.
///
/// # Safety
/// `start` is what SQLite gave for `value`, not null, and both stay valid for `'a`.
#[inline]
unsafe fn bytes<'a>(start: *const u8, value: *mut ffi::sqlite3_value) -> &'a [u8] {
    // SAFETY: SQLite says how many bytes there are at `start`; never a negative number.
    unsafe { std::slice::from_raw_parts(start, ffi::sqlite3_value_bytes(value) as usize) }
}
