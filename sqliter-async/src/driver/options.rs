//! What a handle was opened with, as far as the driver is concerned.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::sqlite::SqliteConnection;
use tokio::sync::Notify;

/// When a commit counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Durability {
    /// Survives a crash of the program. A loss of power may take the last commits with it; the file stays sound.
    #[default]
    Normal,
    /// Survives a loss of power: every commit waits for the disk.
    Full,
}

/// Where statements run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Execution {
    /// Short reads and single-row writes on the caller's thread, under a time budget; everything else on a thread where
    /// blocking is allowed.
    #[default]
    Auto,
    /// Everything on the caller's thread: for programs that have nothing else to do meanwhile.
    Inline,
    /// Everything on a thread where blocking is allowed.
    Blocking,
}

/// SQLite's journal, which decides whether readers and a writer work at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum JournalMode {
    /// Write-ahead log: readers never wait.
    #[default]
    Wal,
    /// Rollback journal, deleted after each commit. One connection serves everything.
    Delete,
    /// Rollback journal, truncated after each commit. One connection serves everything.
    Truncate,
    /// Rollback journal, kept and overwritten. One connection serves everything.
    Persist,
}

impl JournalMode {
    pub(super) fn name(self) -> &'static str {
        match self {
            JournalMode::Wal => "wal",
            JournalMode::Delete => "delete",
            JournalMode::Truncate => "truncate",
            JournalMode::Persist => "persist",
        }
    }
}

/// Where the database is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// A file.
    File(PathBuf),
    /// Memory, shared by all connections of the handle.
    Memory,
}

/// What a hook on new connections returns.
pub type OnConnectFuture<'c> = Pin<Box<dyn Future<Output = sqlx::Result<()>> + Send + 'c>>;

type Hook = dyn for<'c> Fn(&'c mut SqliteConnection) -> OnConnectFuture<'c> + Send + Sync;

/// The hook on new connections, and what it last failed with.
#[derive(Clone)]
pub(crate) struct OnConnect {
    hook: Arc<Hook>,
    failed: Arc<(Mutex<Option<String>>, Notify)>,
}

impl OnConnect {
    pub(crate) fn new(
        hook: impl for<'c> Fn(&'c mut SqliteConnection) -> OnConnectFuture<'c> + Send + Sync + 'static,
    ) -> Self {
        OnConnect { hook: Arc::new(hook), failed: Arc::default() }
    }

    /// Runs the hook.
    pub(super) async fn run(&self, connection: &mut SqliteConnection) -> sqlx::Result<()> {
        let done = (self.hook)(connection).await;
        if let Err(e) = &done {
            *self.failed.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(e.to_string());
            self.failed.1.notify_waiters();
        }
        done
    }

    /// Waits for the hook to fail: the pool would try again until it gives up, and not say why.
    pub(super) async fn failure(&self) -> String {
        self.failed.1.notified().await;
        self.failed.0.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }
}

impl std::fmt::Debug for OnConnect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OnConnect")
    }
}

/// The driver's part of the handle's options.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) place: Place,
    pub(crate) readers: u32,
    pub(crate) busy_timeout: Duration,
    pub(crate) durability: Durability,
    pub(crate) journal_mode: JournalMode,
    pub(crate) read_only: bool,
    pub(crate) execution: Execution,
    pub(crate) debug: bool,
    pub(crate) local_time: bool,
    pub(crate) on_connect: Option<OnConnect>,
    /// Whether the handle caches.
    pub(crate) caches: bool,
    /// How long what others commit may stay unseen by the cache.
    pub(crate) external_check: Duration,
}

impl Options {
    /// The file, or `:memory:`.
    pub(crate) fn filename(&self) -> String {
        match &self.place {
            Place::File(path) => path.display().to_string(),
            Place::Memory => ":memory:".to_owned(),
        }
    }
}
