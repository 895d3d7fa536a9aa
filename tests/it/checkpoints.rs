//! The write-ahead log under constant writing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqliter_async::Execution;
use sqliter_async::prelude::*;

use crate::models::{User, user};
use crate::support::{File, raw};

const MIB: u64 = 1 << 20;
const BATCHES: i64 = 200;
const BATCH: i64 = 200;

fn batch(n: i64) -> impl Iterator<Item = User> {
    (0..BATCH).map(move |i| user(&format!("{n}-{i}-{}", "x".repeat(1000)), i))
}

/// Writes much more than the log may hold, and says how large it became.
async fn write(file: &File, db: &SqliterDb) -> u64 {
    let log = file.path.with_extension("db-wal");
    let mut largest = 0;
    for n in 0..BATCHES {
        db.bulk_insert(batch(n)).await.unwrap();
        largest = largest.max(std::fs::metadata(&log).unwrap().len());
    }
    largest
}

async fn check(file: &File, db: &SqliterDb, largest: u64) {
    let rows = db.select::<User>().count().await.unwrap();
    assert_eq!(rows, BATCHES * BATCH);
    assert_eq!(raw(db, "PRAGMA integrity_check").await, ["ok"]);
    let written = std::fs::metadata(&file.path).unwrap().len();
    assert!(written > 30 * MIB, "{written}");
    assert!(largest < 20 * MIB, "the log grew to {largest} bytes while {written} were written");
    db.close().await;
    assert!(!file.path.with_extension("db-wal").exists());
}

#[tokio::test]
async fn the_log_stays_short_wherever_statements_run() {
    for execution in [Execution::Auto, Execution::Inline, Execution::Blocking] {
        let file = File::new();
        let db = SqliterDb::builder().filename(&file.path).execution(execution).create().await.unwrap();
        db.create_table::<User>().await.unwrap();
        let largest = write(&file, &db).await;
        check(&file, &db, largest).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_stays_short_while_others_read() {
    let file = File::new();
    let db = file.open().await;
    db.create_table::<User>().await.unwrap();
    db.insert(user("first", 1)).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (db, stop) = (db.clone(), stop.clone());
            tokio::spawn(async move {
                let mut reads = 0;
                while !stop.load(Ordering::Relaxed) {
                    assert_eq!(db.get::<User>(1).await.unwrap().unwrap().name, "first");
                    reads += 1;
                }
                reads
            })
        })
        .collect();
    let largest = write(&file, &db).await;
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        assert!(reader.await.unwrap() > 0);
    }
    db.delete::<User>(1).await.unwrap();
    check(&file, &db, largest).await;
}

#[tokio::test]
async fn a_checkpoint_does_not_keep_a_database_open() {
    let file = File::new();
    let db = file.open().await;
    db.create_table::<User>().await.unwrap();
    for n in 0..40 {
        db.bulk_insert(batch(n)).await.unwrap();
    }
    // Closing right after the commit that asked for one.
    db.close().await;
    assert!(!file.path.with_extension("db-wal").exists());
    let db = file.open().await;
    assert_eq!(db.select::<User>().count().await.unwrap(), 40 * BATCH);
}
