//! Databases for tests.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use sqliter_async::prelude::*;
use tempfile::TempDir;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber, span};

/// A file in a folder that goes when the test ends.
pub struct File {
    _dir: TempDir,
    pub path: PathBuf,
}

impl File {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder for temporary files");
        let path = dir.path().join("test.db");
        File { _dir: dir, path }
    }

    pub async fn open(&self) -> SqliterDb {
        SqliterDb::open(&self.path).await.expect("the file opens")
    }
}

/// Runs a test on a file and in memory.
pub async fn on_both(test: impl AsyncFn(SqliterDb)) {
    let file = File::new();
    test(file.open().await).await;
    test(SqliterDb::memory().await.expect("memory opens")).await;
}

/// A clock that a test turns.
pub struct Clock(AtomicI64);

impl Clock {
    pub const fn at(seconds: i64) -> Self {
        Clock(AtomicI64::new(seconds))
    }
    pub fn set(&self, seconds: i64) {
        self.0.store(seconds, Ordering::SeqCst);
    }
    pub fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// The rows of a statement as text, by raw sqlx: what is really in the file.
pub async fn raw(db: &SqliterDb, sql: &str) -> Vec<String> {
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_all(db.pool()).await.expect("raw SQL runs")
}

/// Runs a statement by raw sqlx.
pub async fn raw_execute(db: &SqliterDb, sql: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(db.pool()).await.expect("raw SQL runs");
}

/// Collects the messages with the target `sqliter`, up to a level.
#[derive(Clone)]
pub struct Collector {
    level: LevelFilter,
    lines: Arc<Mutex<Vec<(Level, String)>>>,
}

impl Collector {
    pub fn new(level: LevelFilter) -> Self {
        Collector { level, lines: Arc::default() }
    }

    /// What was heard so far.
    pub fn lines(&self) -> Vec<(Level, String)> {
        self.lines.lock().unwrap().clone()
    }
}

struct Message<'a>(&'a mut String);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            *self.0 = format!("{value:?}");
        }
    }
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqliter" && *metadata.level() <= self.level
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut message = String::new();
        event.record(&mut Message(&mut message));
        self.lines.lock().unwrap().push((*event.metadata().level(), message));
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
