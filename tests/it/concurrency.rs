//! Many tasks on one handle.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqliter_async::Execution;
use sqliter_async::prelude::*;

use crate::models::{Account, User, account, user};
use crate::support::{File, on_both, raw};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_write_is_there() {
    on_both(async |db| {
        db.create_tables::<(User, Account)>().await.unwrap();
        let tasks: Vec<_> = (0..32i64)
            .map(|task| {
                let db = db.clone();
                tokio::spawn(async move {
                    for i in 0..25 {
                        let stored = db.insert(account(&format!("{task}-{i}"), i)).await.unwrap();
                        assert_eq!(db.get::<Account>(&stored).await.unwrap().unwrap(), stored);
                        if i % 10 == 0 {
                            db.bulk_insert((0..150).map(|n| user("bulk", n))).await.unwrap();
                        }
                        if i % 5 == 0 {
                            db.select::<Account>().filter(Account::BALANCE.gte(0)).fetch_all().await.unwrap();
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(db.select::<Account>().count().await.unwrap(), 32 * 25);
        assert_eq!(db.select::<User>().count().await.unwrap(), 32 * 3 * 150);
        assert_eq!(raw(&db, "PRAGMA integrity_check").await, ["ok"]);
    })
    .await;
}

#[tokio::test]
async fn two_handles_write_the_same_file() {
    let file = File::new();
    let (a, b) = (file.open().await, file.open().await);
    a.create_table::<User>().await.unwrap();
    let write = async |db: &SqliterDb| {
        for i in 0..200 {
            db.insert(user("u", i)).await.unwrap();
        }
    };
    tokio::join!(write(&a), write(&b));
    assert_eq!(a.select::<User>().count().await.unwrap(), 400);
    assert_eq!(b.select::<User>().count().await.unwrap(), 400);
}

#[tokio::test]
async fn a_writer_that_waits_too_long_is_told_so() {
    let file = File::new();
    for execution in [Execution::Auto, Execution::Inline, Execution::Blocking] {
        let db = SqliterDb::builder()
            .filename(&file.path)
            .busy_timeout(Duration::from_millis(100))
            .execution(execution)
            .create()
            .await
            .unwrap();
        db.create_table::<User>().await.unwrap();
        let mut other = db.pool().acquire().await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *other).await.unwrap();
        for err in [
            db.insert(user("Ann", 1)).await.unwrap_err(),
            db.bulk_insert([user("Ann", 1)]).await.unwrap_err(),
            db.select::<User>().delete().await.unwrap_err(),
        ] {
            assert!(matches!(&err, Error::Busy(_)), "{err:?}");
            assert_eq!(err.kind(), ErrorKind::Busy);
            assert!(err.to_string().contains("busy_timeout"), "{err}");
        }
        // Readers do not wait for it.
        assert_eq!(db.select::<User>().count().await.unwrap(), 0);
        sqlx::raw_sql("ROLLBACK").execute(&mut *other).await.unwrap();
        drop(other);
        db.insert(user("Ann", 1)).await.unwrap();
        db.drop_table::<User>().await.unwrap();
        db.close().await;
    }
}

#[tokio::test]
async fn a_read_sees_the_last_commit_while_someone_writes() {
    let file = File::new();
    let db = file.open().await;
    db.create_table::<User>().await.unwrap();
    db.insert(user("Ann", 1)).await.unwrap();
    let mut other = db.pool().acquire().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE; UPDATE users SET name = 'Eve'").execute(&mut *other).await.unwrap();
    assert_eq!(db.get::<User>(1).await.unwrap().unwrap().name, "Ann");
    sqlx::raw_sql("COMMIT").execute(&mut *other).await.unwrap();
    assert_eq!(db.get::<User>(1).await.unwrap().unwrap().name, "Eve");
}

/// Work that takes SQLite a while leaves the runtime's only thread to others.
#[tokio::test(flavor = "current_thread")]
async fn other_tasks_go_on_while_a_long_statement_runs() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.bulk_insert((0..200_000).map(|i| user(&format!("user number {i}"), i))).await.unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let ticks = tokio::spawn({
            let done = done.clone();
            async move {
                let mut ticks = 0u32;
                while !done.load(Ordering::SeqCst) {
                    tokio::task::yield_now().await;
                    ticks += 1;
                }
                ticks
            }
        });
        // A scan that yields nothing before its end, one that yields every row, and a write of every row.
        assert_eq!(db.select::<User>().filter(User::NAME.icontains("nobody")).count().await.unwrap(), 0);
        assert_eq!(db.select::<User>().fetch_all().await.unwrap().len(), 200_000);
        assert_eq!(db.select::<User>().update(User::AGE.set(User::AGE + 1)).await.unwrap(), 200_000);
        done.store(true, Ordering::SeqCst);
        let ticks = ticks.await.unwrap();
        // On the runtime's thread there would be one tick for each await that had to wait.
        assert!(ticks > 1_000, "{ticks} ticks");
    })
    .await;
}
