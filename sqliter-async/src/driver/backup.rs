//! A copy of the database, by SQLite's own backup.

use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use libsqlite3_sys as ffi;
use sqliter_core::{DatabaseError, Error, ErrorKind};

use super::connection::{Connection, Stop};
use super::engine::Engine;
use super::error::last_error;
use super::open::plain_path;
use super::options::Execution;
use super::read::{CancelOnDrop, joined};

/// Pages between two looks at whether anyone still waits.
const PAGES: i32 = 256;

/// Copies under way: each writes to a file of its own.
static NEXT: AtomicU64 = AtomicU64::new(0);

fn failed(path: &Path, cause: DatabaseError) -> Error {
    Error::SqlExecution { sql: format!("backup to {}", path.display()), cause: Box::new(cause) }
}

fn io(e: &std::io::Error) -> DatabaseError {
    DatabaseError { kind: ErrorKind::Io, code: None, message: e.to_string() }
}

/// The unfinished copy, which goes unless it is kept.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            let mut path = self.0.clone().into_os_string();
            path.push(suffix);
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Engine {
    /// Copies the database to a file that does not exist, or is empty.
    ///
    /// Dropping the future stops it, and leaves no file.
    pub(crate) async fn backup(self: &Arc<Self>, path: &Path) -> Result<(), Error> {
        let mut slot = self.reader().await?;
        let path = path.to_owned();
        let cancel = CancelOnDrop(Arc::new(AtomicBool::new(false)));
        let flag = cancel.0.clone();
        let inline = self.options().execution == Execution::Inline;
        let mut work = move || {
            let connection = slot.connection();
            connection.snapshot(|c| copy(c, &path, &flag).map_err(|cause| failed(&path, cause)))
        };
        if inline { work() } else { joined(tokio::task::spawn_blocking(work).await)? }
    }
}

/// Copies to a file beside the wanted one, which takes its place at the end.
fn copy(connection: &mut Connection, path: &Path, cancelled: &AtomicBool) -> Result<(), DatabaseError> {
    if std::fs::metadata(path).is_ok_and(|m| m.len() > 0 || !m.is_file()) {
        let message = "the file exists and is not empty: remove it, or choose another name".to_owned();
        return Err(DatabaseError { kind: ErrorKind::Io, code: None, message });
    }
    for suffix in ["-wal", "-journal"] {
        let mut journal = path.to_owned().into_os_string();
        journal.push(suffix);
        // Whoever opened the copy would play it into the copy.
        if std::fs::metadata(&journal).is_ok_and(|m| m.len() > 0) {
            let message = format!("'{}' is left of another database: remove it", Path::new(&journal).display());
            return Err(DatabaseError { kind: ErrorKind::Io, code: None, message });
        }
    }
    let mut beside = path.to_owned().into_os_string();
    beside.push(format!(".{}-{}.part", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    let unfinished = Unfinished(beside.into());
    // The first read decides what the copy shows: all of it is one moment.
    match connection.ask("SELECT count(*) FROM sqlite_master") {
        Ok(_) => {}
        Err(Stop::Database(e)) => return Err(e),
        Err(stop) => return Err(DatabaseError::other(format!("{stop:?}"))),
    }
    let target = Target::open(&unfinished.0)?;
    target.fill(connection, cancelled)?;
    drop(target);
    std::fs::File::open(&unfinished.0).and_then(|f| f.sync_all()).map_err(|e| io(&e))?;
    std::fs::rename(&unfinished.0, path).map_err(|e| io(&e))
}

/// The database that is written to: known to nobody else.
struct Target(NonNull<ffi::sqlite3>);

impl Target {
    fn open(path: &Path) -> Result<Self, DatabaseError> {
        let path = plain_path(path.to_owned());
        let name = path.to_str().and_then(|p| CString::new(p).ok());
        let name = name.ok_or_else(|| DatabaseError::other("the path is not text that SQLite can open"))?;
        let mut db = std::ptr::null_mut();
        let flags = ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE | ffi::SQLITE_OPEN_NOMUTEX;
        // SAFETY: the name lives during the call; `db` is a place for the answer.
        let code = unsafe { ffi::sqlite3_open_v2(name.as_ptr(), &mut db, flags, std::ptr::null()) };
        let Some(db) = NonNull::new(db) else { return Err(DatabaseError::other("out of memory")) };
        // From here on it is closed when dropped: SQLite wants that of one that did not open too.
        let target = Target(db);
        if code == ffi::SQLITE_OK {
            return Ok(target);
        }
        // SAFETY: the handle is good for asking what went wrong, and this thread's alone.
        Err(unsafe { last_error(target.0.as_ptr()) })
    }

    /// Copies every page of the connection's database.
    fn fill(&self, connection: &mut Connection, cancelled: &AtomicBool) -> Result<(), DatabaseError> {
        let (to, from) = (self.0.as_ptr(), connection.db());
        let main = c"main".as_ptr();
        // SAFETY: both are open and this thread's alone until the end of this function, which finishes the backup on every
        // way out.
        unsafe {
            let backup = ffi::sqlite3_backup_init(to, main, from, main);
            if backup.is_null() {
                return Err(last_error(to));
            }
            let mut code = ffi::SQLITE_OK;
            while code == ffi::SQLITE_OK && !cancelled.load(Ordering::Relaxed) {
                code = ffi::sqlite3_backup_step(backup, PAGES);
            }
            let finished = ffi::sqlite3_backup_finish(backup);
            match (code, finished) {
                (ffi::SQLITE_DONE, ffi::SQLITE_OK) => Ok(()),
                (ffi::SQLITE_OK, _) => Err(DatabaseError {
                    kind: ErrorKind::Interrupted,
                    code: None,
                    message: "nobody waits for it any more".to_owned(),
                }),
                _ => Err(last_error(to)),
            }
        }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // SAFETY: closed here only; its backup is finished.
        unsafe {
            ffi::sqlite3_close(self.0.as_ptr());
        }
    }
}
