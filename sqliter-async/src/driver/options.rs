//! What a handle was opened with, as far as the driver is concerned.

use std::path::PathBuf;
use std::time::Duration;

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
