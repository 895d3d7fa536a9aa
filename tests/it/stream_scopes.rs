//! Streams in transactions.

use std::time::Duration;

use sqliter_async::prelude::*;
use sqliter_async::{Execution, JournalMode};

use crate::models::{User, user};
use crate::support::File;

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what).await.expect("it hangs")
}

async fn everywhere(test: impl AsyncFn(SqliterDb)) {
    for execution in [Execution::Auto, Execution::Inline, Execution::Blocking] {
        for journal in [JournalMode::Wal, JournalMode::Delete] {
            let file = File::new();
            let builder = SqliterDb::builder().filename(&file.path).readers(1).execution(execution);
            let db = builder.journal_mode(journal).busy_timeout(Duration::from_secs(2)).create().await.unwrap();
            db.create_table::<User>().await.unwrap();
            test(db).await;
        }
        let db = SqliterDb::builder().memory().execution(execution).create().await.unwrap();
        db.create_table::<User>().await.unwrap();
        test(db).await;
    }
}

fn users(n: i64) -> Vec<User> {
    (0..n).map(|i| user(&format!("user {i}"), i)).collect()
}

async fn rest(mut stream: RowStream<User>) -> Vec<i64> {
    let mut ages = Vec::new();
    while let Some(row) = soon(stream.next()).await {
        ages.push(row.unwrap().age);
    }
    ages
}

#[tokio::test]
async fn a_stream_sees_what_its_transaction_has_written() {
    everywhere(async |db| {
        db.bulk_insert(users(10)).await.unwrap();
        let done: Result<()> = db
            .transaction(async |tx| {
                tx.bulk_insert((10..3_000).map(|i| user("new", i))).await?;
                assert_eq!(rest(tx.select::<User>().order(User::PK).stream()).await, (0..3_000).collect::<Vec<_>>());
                assert_eq!(rest(db.select::<User>().stream()).await.len(), 3_000);
                Ok(())
            })
            .await;
        done.unwrap();
    })
    .await;
}

/// DESIGN, section 10: else it could chase its own tail.
#[tokio::test]
async fn the_first_write_reads_the_rest_into_memory() {
    everywhere(async |db| {
        db.bulk_insert(users(2_500)).await.unwrap();
        let done: Result<()> = db
            .transaction(async |tx| {
                let mut stream = tx.select::<User>().stream();
                let mut raw = tx.query_stream("SELECT age FROM users", ());
                soon(raw.next()).await.unwrap()?;
                let mut n = 0;
                while let Some(row) = soon(stream.next()).await {
                    let row = row?;
                    assert_eq!(row.age, n);
                    n += 1;
                    if n % 100 == 0 {
                        // Inserting one for each row would never end.
                        soon(tx.insert(user("tail", n + 10_000))).await?;
                        soon(tx.get::<User>(&row.pk)).await?;
                        soon(tx.transaction(async |t| -> Result<()> {
                            t.update_where::<User>(User::AGE.lt(5_000), User::NAME.set("x")).await?;
                            Err(Error::Closed)
                        }))
                        .await
                        .unwrap_err();
                    }
                }
                assert_eq!(n, 2_500);
                let mut left = 1;
                while let Some(row) = soon(raw.next()).await {
                    assert_eq!(row?.get::<i64>("age")?, left);
                    left += 1;
                }
                assert_eq!(left, 2_500);
                // A nested transaction may read the stream of the one around it.
                let mut outer = tx.select::<User>().stream();
                let mut read = 0;
                soon(outer.next()).await.unwrap()?;
                tx.transaction(async |inner| -> Result<()> {
                    while let Some(row) = soon(outer.next()).await {
                        row?;
                        read += 1;
                        if read % 1_000 == 0 {
                            inner.update_where::<User>(User::PK.eq(1), User::NAME.set("y")).await?;
                        }
                    }
                    Ok(())
                })
                .await?;
                assert_eq!(read, 2_524);
                // The schema may change under a stream too.
                let stream = tx.select::<User>().stream();
                let mut open = tx.select::<User>().stream();
                soon(open.next()).await.unwrap()?;
                soon(tx.execute("ALTER TABLE users ADD COLUMN more TEXT", ())).await?;
                soon(tx.drop_table::<User>()).await?;
                assert_eq!(rest(open).await.len(), 2_524);
                drop(stream);
                Ok(())
            })
            .await;
        done.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_stream_ends_with_its_transaction() {
    everywhere(async |db| {
        db.bulk_insert(users(3_000)).await.unwrap();
        for commit in [true, false] {
            let tx = db.begin().await.unwrap();
            let mut stream = tx.select::<User>().stream();
            let mut unread = tx.select::<User>().stream();
            soon(stream.next()).await.unwrap().unwrap();
            soon(if commit {
                futures_util::future::Either::Left(tx.commit())
            } else {
                futures_util::future::Either::Right(tx.rollback())
            })
            .await
            .unwrap();
            // Rows that were read already may come; then it says so, once.
            let (mut rows, mut errors) = (0, Vec::new());
            while let Some(row) = soon(stream.next()).await {
                match row {
                    Ok(_) => rows += 1,
                    Err(e) => errors.push(e),
                }
            }
            assert!(rows < 2_999 && matches!(errors[..], [Error::TransactionEnded]), "{rows} {errors:?}");
            assert!(matches!(soon(unread.next()).await, Some(Err(Error::TransactionEnded))));
            soon(db.insert(user("next", 1))).await.unwrap();
        }
        // Dropped with its transaction, in either order.
        for first in [true, false] {
            let tx = db.begin().await.unwrap();
            let mut stream = tx.select::<User>().stream();
            soon(stream.next()).await.unwrap().unwrap();
            if first {
                drop(tx);
                drop(stream);
            } else {
                drop(stream);
                drop(tx);
            }
            soon(db.insert(user("next", 1))).await.unwrap();
        }
        soon(db.close()).await;
    })
    .await;
}

#[tokio::test]
async fn a_stream_outside_is_no_part_of_a_transaction() {
    let file = File::new();
    let db = file.open().await;
    db.create_table::<User>().await.unwrap();
    db.bulk_insert(users(2_000)).await.unwrap();
    let mut stream = db.select::<User>().order(User::PK).stream();
    soon(stream.next()).await.unwrap().unwrap();
    let tx = db.begin().await.unwrap();
    tx.select::<User>().delete().await.unwrap();
    assert_eq!(rest(stream).await.len(), 1_999);
    // Begun while the transaction is open, in the file: the last commit.
    assert_eq!(rest(db.select::<User>().stream()).await.len(), 2_000);
    tx.commit().await.unwrap();
    assert_eq!(rest(db.select::<User>().stream()).await.len(), 0);
}

#[tokio::test]
async fn a_read_transaction_streams_its_snapshot() {
    let file = File::new();
    let db = file.open().await;
    db.create_table::<User>().await.unwrap();
    db.bulk_insert(users(2_000)).await.unwrap();
    let done: Result<()> = db
        .read_transaction(async |tx| {
            let mut stream = tx.select::<User>().stream();
            soon(stream.next()).await.unwrap()?;
            tokio::spawn({
                let db = file.open().await;
                async move { db.select::<User>().delete().await }
            })
            .await
            .unwrap()?;
            assert_eq!(rest(stream).await.len(), 1_999);
            assert_eq!(rest(tx.select::<User>().stream()).await.len(), 2_000);
            Ok(())
        })
        .await;
    done.unwrap();
}

#[tokio::test]
async fn the_implicit_transaction_streams_too() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).auto_commit(false).create().await.unwrap();
    db.create_table::<User>().await.unwrap();
    db.bulk_insert(users(2_000)).await.unwrap();
    let mut stream = db.select::<User>().stream();
    let mut n = 0;
    while let Some(row) = soon(stream.next()).await {
        if row.unwrap().age % 200 == 0 {
            soon(db.insert(user("more", 1))).await.unwrap();
        }
        n += 1;
    }
    assert_eq!(n, 2_000);
    db.rollback().await.unwrap();
    assert_eq!(rest(db.select::<User>().stream()).await.len(), 0);
}
