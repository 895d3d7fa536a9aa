//! Opening: the pool, its connections, and the journal of the file.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_core::future::BoxFuture;
use sqliter_core::{DatabaseError, Error, ErrorKind, Value};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use super::connection::{Connection, Stop};
use super::engine::connect_error;
use super::error::from_sqlx;
use super::lease::Lease;
use super::options::{Durability, JournalMode, Options, Place};
use super::read::joined;

/// Connections of the pool beyond the driver's own, for the user's raw sqlx.
const SPARE: u32 = 8;
/// Streams that may be open at the same time, outside transactions: each has a connection.
pub(super) const STREAMS: u32 = 8;
/// Connections that move the log while others write.
pub(super) const CHECKPOINTERS: u32 = 1;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// How readers and the writer get along.
pub(super) enum Mode {
    /// Write-ahead log: readers see the last commit and never wait.
    Wal,
    /// Any other journal: one connection does everything.
    Single,
    /// In memory: readers and the writer take turns.
    Memory,
    /// A file that is only read.
    ReadOnly,
}

/// The pool that leases come from. Nothing is opened yet.
pub(crate) fn pool(options: &Options) -> SqlitePool {
    let mut connect = SqliteConnectOptions::new().foreign_keys(true).busy_timeout(options.busy_timeout).synchronous(
        match options.durability {
            Durability::Normal => SqliteSynchronous::Normal,
            Durability::Full => SqliteSynchronous::Full,
        },
    );
    connect = match &options.place {
        Place::File(path) => connect
            .filename(plain_path(path.clone()))
            .read_only(options.read_only)
            .create_if_missing(!options.read_only),
        Place::Memory => connect.filename(memory_name()).vfs("memdb").create_if_missing(true),
    };
    let mut pool = SqlitePoolOptions::new();
    if let Some(hook) = options.on_connect.clone() {
        pool = pool.after_connect(move |connection, _| {
            let hook = hook.clone();
            Box::pin(async move { hook.run(connection).await })
        });
    }
    pool.max_connections(options.readers.max(1) + 1 + STREAMS + CHECKPOINTERS + SPARE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(connect)
}

/// A name that no other in-memory database of this process has, or had. The slash makes its connections share it.
fn memory_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("/sqliter-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// SQLite would take a name that starts with `file:` for a URI.
pub(super) fn plain_path(path: PathBuf) -> PathBuf {
    if path.to_string_lossy().starts_with("file:") { PathBuf::from("./").join(path) } else { path }
}

/// A connection of our own.
pub(super) async fn connection(options: &Options, pool: &SqlitePool) -> Result<Box<Connection>, Error> {
    // Of the pool's code, which is large, there is one copy this way.
    let take: BoxFuture<'_, _> = Box::pin(Lease::take(pool));
    let taken = match &options.on_connect {
        None => take.await,
        Some(hook) => match first(take, hook.failure()).await {
            Ok(taken) => taken,
            Err(reason) => {
                let cause = DatabaseError::other(format!("`on_connect` failed: {reason}"));
                return Err(connect_error(options, cause));
            }
        },
    };
    let lease = match taken {
        Ok(lease) => lease,
        Err(sqlx::Error::PoolClosed) => return Err(Error::Closed),
        Err(e) => return Err(connect_error(options, from_sqlx(e))),
    };
    Connection::new(lease, options).map(Box::new).map_err(|stop| stop.into_error(|cause| connect_error(options, cause)))
}

/// The outcome of the first future, unless the second is ready before.
async fn first<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> Result<A, B> {
    let (mut a, mut b) = (std::pin::pin!(a), std::pin::pin!(b));
    std::future::poll_fn(|cx| {
        if let Poll::Ready(b) = b.as_mut().poll(cx) {
            return Poll::Ready(Err(b));
        }
        a.as_mut().poll(cx).map(Ok)
    })
    .await
}

/// The writer's connection, which settles the journal of the file.
pub(super) async fn writer(options: &Options, pool: &SqlitePool) -> Result<(Box<Connection>, Mode), Error> {
    let connection = connection(options, pool).await?;
    let settings = options.clone();
    // Changing the journal waits for the disk.
    let task = tokio::task::spawn_blocking(move || {
        let mut connection = connection;
        let mode = settle(&settings, &mut connection)?;
        Ok((connection, mode))
    });
    joined(task.await)?.map_err(|stop: Stop| stop.into_error(|cause| connect_error(options, cause)))
}

fn settle(options: &Options, connection: &mut Connection) -> Result<Mode, Stop> {
    if matches!(options.place, Place::Memory) {
        return Ok(Mode::Memory);
    }
    if options.read_only {
        // Reads the file for the first time: whatever is wrong with it is said now.
        connection.ask("PRAGMA schema_version")?;
        return Ok(Mode::ReadOnly);
    }
    let wanted = options.journal_mode.name();
    let answer = match ask_for_journal(options, connection) {
        Ok(answer) => answer,
        // Someone is at work in the old mode, or the file cannot be written to: it stays as it is.
        Err(Stop::Database(DatabaseError { kind: ErrorKind::Busy | ErrorKind::ReadOnly, .. })) => {
            // What the connection believes may be older than what another one has made of the file.
            connection.ask("SELECT count(*) FROM sqlite_master")?;
            connection.ask("PRAGMA journal_mode")?
        }
        Err(stop) => return Err(stop),
    };
    let answer = match answer {
        Value::Text(mode) => mode,
        _ => String::new(),
    };
    if answer != wanted {
        tracing::warn!(
            target: "sqliter",
            "{}: the journal mode is `{answer}`, `{wanted}` was refused; readers and writers will wait for each other",
            options.filename()
        );
    }
    if answer == "wal" {
        connection.own_checkpoints();
        Ok(Mode::Wal)
    } else {
        Ok(Mode::Single)
    }
}

/// Asks for the journal until it is had or the time to wait is over: SQLite refuses at once when someone else is at work, and
/// two that open a new file together get in each other's way.
fn ask_for_journal(options: &Options, connection: &mut Connection) -> Result<Value, Stop> {
    let sql = match options.journal_mode {
        JournalMode::Wal => "PRAGMA journal_mode = wal",
        JournalMode::Delete => "PRAGMA journal_mode = delete",
        JournalMode::Truncate => "PRAGMA journal_mode = truncate",
        JournalMode::Persist => "PRAGMA journal_mode = persist",
    };
    let start = Instant::now();
    loop {
        match connection.ask(sql) {
            Err(Stop::Database(DatabaseError { kind: ErrorKind::Busy, .. }))
                if start.elapsed() < options.busy_timeout =>
            {
                std::thread::sleep(Duration::from_millis(2));
            }
            answer => return answer,
        }
    }
}
