//! Databases for tests.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};

use sqliter_async::prelude::*;
use tempfile::TempDir;

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
