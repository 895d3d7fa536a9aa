//! SQLite's result codes and messages as causes.

use std::ffi::{CStr, c_int};

use libsqlite3_sys as ffi;
use sqliter_core::{DatabaseError, ErrorKind};

/// What the connection says about its last call.
///
/// # Safety
/// `db` is open and used by this thread alone.
#[cold]
pub(super) unsafe fn last_error(db: *mut ffi::sqlite3) -> DatabaseError {
    // SAFETY: `db` is open; the message is copied before any other call could change it.
    let (code, message) = unsafe {
        let code = ffi::sqlite3_extended_errcode(db);
        (code, CStr::from_ptr(ffi::sqlite3_errmsg(db)).to_string_lossy().into_owned())
    };
    DatabaseError { kind: kind(code, &message), code: Some(code), message }
}

/// The cause behind an error of sqlx, which opens the connections.
pub(crate) fn from_sqlx(error: sqlx::Error) -> DatabaseError {
    if let sqlx::Error::Database(e) = &error {
        let code = e.code().and_then(|c| c.parse().ok());
        let message = e.message().to_owned();
        let kind = code.map_or(ErrorKind::Other, |c| kind(c, &message));
        return DatabaseError { kind, code, message };
    }
    let kind = match &error {
        sqlx::Error::Io(_) => ErrorKind::Io,
        sqlx::Error::PoolTimedOut => ErrorKind::Busy,
        _ => ErrorKind::Other,
    };
    DatabaseError { kind, code: None, message: error.to_string() }
}

fn kind(code: c_int, message: &str) -> ErrorKind {
    match code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            unique(message)
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => ErrorKind::ForeignKey,
        // A RESTRICT action reports itself as a trigger.
        ffi::SQLITE_CONSTRAINT_TRIGGER if message == "FOREIGN KEY constraint failed" => ErrorKind::ForeignKey,
        ffi::SQLITE_CONSTRAINT_NOTNULL => {
            let (table, column) = column(after_colon(message));
            ErrorKind::NotNull { table, column }
        }
        ffi::SQLITE_CONSTRAINT_CHECK => ErrorKind::Check(after_colon(message).to_owned()),
        _ => match code & 0xff {
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => ErrorKind::Busy,
            ffi::SQLITE_FULL => ErrorKind::Full,
            ffi::SQLITE_READONLY => ErrorKind::ReadOnly,
            ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB => ErrorKind::Corrupt,
            ffi::SQLITE_INTERRUPT => ErrorKind::Interrupted,
            ffi::SQLITE_IOERR | ffi::SQLITE_CANTOPEN => ErrorKind::Io,
            ffi::SQLITE_ERROR => missing(message),
            _ => ErrorKind::Other,
        },
    }
}

fn after_colon(message: &str) -> &str {
    message.split_once(": ").map_or("", |(_, rest)| rest)
}

/// `table.column`; the table may hold dots, the column as SQLite prints it is taken to hold none.
fn column(name: &str) -> (String, String) {
    match name.rsplit_once('.') {
        Some((table, column)) => (table.to_owned(), column.to_owned()),
        None => (String::new(), name.to_owned()),
    }
}

fn unique(message: &str) -> ErrorKind {
    let (mut table, mut columns) = (String::new(), Vec::new());
    for name in after_colon(message).split(", ") {
        let (t, c) = column(name);
        table = t;
        columns.push(c);
    }
    ErrorKind::Unique { table, columns }
}

fn missing(message: &str) -> ErrorKind {
    if let Some(table) = message.strip_prefix("no such table: ") {
        return ErrorKind::NoSuchTable(table.to_owned());
    }
    if let Some(column) = message.strip_prefix("no such column: ") {
        // SQLite repeats the quotes, and suspects that a string was meant.
        let column = column.split(" - should this be").next().unwrap_or(column);
        let bare = column.strip_prefix('"').and_then(|c| c.strip_suffix('"'));
        return ErrorKind::NoSuchColumn(bare.map_or_else(|| column.to_owned(), |c| c.replace("\"\"", "\"")));
    }
    if let Some((_, column)) = message.split_once(" has no column named ") {
        return ErrorKind::NoSuchColumn(column.to_owned());
    }
    ErrorKind::Other
}
