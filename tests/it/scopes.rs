//! The edges of transactions: what is dropped, closed, or ended while something else is going on.

use std::time::Duration;

use sqliter_async::prelude::*;

use crate::models::{User, user};
use crate::support::{File, on_both, raw, raw_execute};

async fn count(db: &SqliterDb) -> i64 {
    db.select::<User>().count().await.unwrap()
}

async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(5), future).await.unwrap_or_else(|_| panic!("{what} hangs"))
}

#[tokio::test]
async fn a_nested_transaction_that_is_given_up_leaves_the_outer_one_whole() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.bulk_insert((0..150_000).map(|i| user("old", i))).await.unwrap();
        db.transaction(async |tx| -> Result<()> {
            tx.insert(user("kept", 1)).await?;
            let slow =
                tx.transaction(async |t| -> Result<u64> { t.update_where::<User>(None, User::NAME.set("x")).await });
            let _ = tokio::time::timeout(Duration::from_millis(5), slow).await;
            tx.insert(user("after", 1)).await.map(drop)
        })
        .await
        .unwrap();
        assert_eq!(db.select::<User>().filter(User::NAME.is_in(["kept", "after"])).count().await.unwrap(), 2);
        assert_eq!(db.select::<User>().filter(User::NAME.eq("x")).count().await.unwrap() % 150_001, 0);
    })
    .await;
}

#[tokio::test]
async fn closing_ends_nested_transactions_too() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let err = soon(
            "closing inside a nested transaction",
            db.transaction(async |tx| -> Result<()> {
                tx.insert(user("a", 1)).await?;
                tx.transaction(async |t| -> Result<()> {
                    t.insert(user("b", 1)).await?;
                    db.close().await;
                    Ok(())
                })
                .await
            }),
        )
        .await
        .unwrap_err();
        assert!(matches!(err, Error::TransactionEnded), "{err:?}");
        db.connect().await.unwrap();
        if !db.is_memory() {
            assert_eq!(count(&db).await, 0);
        }
    })
    .await;
}

#[tokio::test]
async fn a_guard_inside_a_dropped_guard_has_ended_with_it() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let outer = db.begin().await.unwrap();
        outer.insert(user("outer", 1)).await.unwrap();
        let inner = outer.begin().await.unwrap();
        inner.insert(user("inner", 1)).await.unwrap();
        drop(outer);
        assert!(matches!(inner.insert(user("late", 1)).await, Err(Error::TransactionEnded)));
        assert!(matches!(inner.commit().await, Err(Error::TransactionEnded)));
        soon("the next write", db.insert(user("next", 1))).await.unwrap();
        assert_eq!(count(&db).await, 1);
    })
    .await;
}

#[tokio::test]
async fn closing_does_not_wait_for_those_who_wait_to_begin() {
    let file = File::new();
    let db = file.open().await;
    db.create_table::<User>().await.unwrap();
    let guard = db.begin().await.unwrap();
    let waiting = tokio::spawn({
        let db = db.clone();
        async move {
            let late = db.begin().await;
            // Keeps what it got, if it got anything.
            tokio::time::sleep(Duration::from_millis(300)).await;
            late.map(drop)
        }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    soon("closing", db.close()).await;
    drop(guard);
    let _ = waiting.await.unwrap();

    // The pool's own close, with work pending.
    let db = SqliterDb::builder().filename(&file.path).auto_commit(false).create().await.unwrap();
    db.insert(user("pending", 1)).await.unwrap();
    soon("closing the pool", db.pool().clone().close()).await;
    db.connect().await.unwrap();
    assert_eq!(count(&db).await, 0);
    db.insert(user("new", 1)).await.unwrap();
    db.commit().await.unwrap();
    assert_eq!(count(&file.open().await).await, 1);
}

#[tokio::test]
async fn what_came_before_a_block_is_never_lost_in_a_retry() {
    let db = SqliterDb::builder().memory().auto_commit(false).create().await.unwrap();
    db.create_table::<User>().await.unwrap();
    raw_execute(
        &db,
        "CREATE TRIGGER stop BEFORE INSERT ON users WHEN new.age < 0 BEGIN SELECT RAISE(ROLLBACK, 'stopped'); END",
    )
    .await;
    db.insert(user("before", 1)).await.unwrap();
    let age = std::cell::Cell::new(-1);
    let retried = db
        .transaction_with(TransactionOptions::new().retries(3), async |tx| -> Result<()> {
            tx.insert(user("inside", age.replace(1))).await.map(drop)
        })
        .await;
    assert!(retried.is_err(), "the block succeeded without what came before it");

    // Without earlier work it is run again.
    age.set(-1);
    db.transaction_with(TransactionOptions::new().retries(3), async |tx| -> Result<()> {
        tx.insert(user("again", age.replace(1))).await.map(drop)
    })
    .await
    .unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn a_commit_that_is_given_up_is_done_or_still_to_do() {
    let file = File::new();
    let db = SqliterDb::builder()
        .filename(&file.path)
        .auto_commit(false)
        .execution(sqliter_async::Execution::Blocking)
        .create()
        .await
        .unwrap();
    db.create_table::<User>().await.unwrap();
    let bulk = tokio::spawn({
        let db = db.clone();
        async move { db.bulk_insert((0..50_000).map(|i| user("u", i))).await.unwrap().len() }
    });
    tokio::time::sleep(Duration::from_millis(10)).await;
    let _ = tokio::time::timeout(Duration::from_millis(1), db.commit()).await;
    assert_eq!(bulk.await.unwrap(), 50_000);
    db.commit().await.unwrap();
    assert_eq!(count(&file.open().await).await, 50_000);
}

#[tokio::test]
async fn an_early_commit_that_is_dropped_counts() {
    let file = File::new();
    let db =
        SqliterDb::builder().filename(&file.path).execution(sqliter_async::Execution::Blocking).create().await.unwrap();
    db.create_table::<User>().await.unwrap();
    for _ in 0..20 {
        let done = db
            .transaction_with(TransactionOptions::new().retries(1), async |tx| -> Result<()> {
                tx.insert(user("once", 1)).await?;
                let mut commit = Box::pin(tx.commit());
                std::future::poll_fn(|cx| {
                    let _ = commit.as_mut().poll(cx);
                    std::task::Poll::Ready(())
                })
                .await;
                drop(commit);
                tokio::time::sleep(Duration::from_millis(5)).await;
                Ok(())
            })
            .await;
        assert!(done.is_ok(), "{done:?}");
    }
    assert_eq!(count(&db).await, 20);
}

#[tokio::test]
async fn a_snapshot_of_a_handle_without_auto_commit_sees_its_own_work() {
    for memory in [true, false] {
        let file = File::new();
        let builder = SqliterDb::builder().filename(&file.path).auto_commit(false);
        let db = if memory { builder.memory() } else { builder }.create().await.unwrap();
        db.create_table::<User>().await.unwrap();
        db.insert(user("mine", 1)).await.unwrap();
        let read = db.read_transaction(async |tx| -> Result<i64> {
            let err = tx.insert(user("refused", 1)).await.unwrap_err();
            assert_eq!(err.kind(), ErrorKind::ReadOnly);
            tx.select::<User>().count().await
        });
        assert_eq!(soon("a snapshot", read).await.unwrap(), 1);
        db.insert(user("more", 1)).await.unwrap();
        db.commit().await.unwrap();
        assert_eq!(count(&db).await, 2);
    }
}

#[tokio::test]
async fn a_scope_that_was_ended_while_someone_waited_is_let_go() {
    let file = File::new();
    let db = file.open().await;
    db.create_table::<User>().await.unwrap();
    let tx = db.begin().await.unwrap();
    let keep = SqliterDb::clone(&tx);
    let inner = tx.begin().await.unwrap();
    let mut waiter = Box::pin(keep.insert(user("never", 1)));
    std::future::poll_fn(|cx| {
        assert!(waiter.as_mut().poll(cx).is_pending());
        std::task::Poll::Ready(())
    })
    .await;
    drop(inner);
    drop(tx);
    drop(waiter);
    soon("the next write", db.insert(user("next", 1))).await.unwrap();
    assert!(!keep.in_transaction());
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn closing_after_an_early_commit_changes_nothing() {
    let file = File::new();
    let db = file.open().await;
    db.create_table::<User>().await.unwrap();
    db.transaction(async |tx| -> Result<()> {
        tx.insert(user("Ann", 1)).await?;
        tx.commit().await?;
        db.close().await;
        Ok(())
    })
    .await
    .unwrap();
    db.connect().await.unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn a_local_task_is_another_task() {
    let file = File::new();
    let db = file.open().await;
    db.create_table::<User>().await.unwrap();
    let local = tokio::task::LocalSet::new();
    let (started, wait) = tokio::sync::oneshot::channel();
    let other = local.spawn_local({
        let db = db.clone();
        async move {
            started.send(db.in_transaction()).unwrap();
            db.insert(user("other", 1)).await.map(drop)
        }
    });
    let failed: Result<()> = db
        .transaction(async |tx| {
            tx.insert(user("mine", 1)).await?;
            assert!(!local.run_until(wait).await.unwrap());
            Err(Error::Closed)
        })
        .await;
    failed.unwrap_err();
    local.run_until(other).await.unwrap().unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn memory_readers_wait_no_longer_than_they_were_told() {
    let db = SqliterDb::builder().memory().busy_timeout(Duration::from_millis(100)).create().await.unwrap();
    db.create_table::<User>().await.unwrap();
    let guard = db.begin().await.unwrap();
    let err = soon("a read", db.select::<User>().count()).await.unwrap_err();
    assert!(matches!(err, Error::Busy(_)), "{err:?}");
    assert!(err.to_string().contains("scopes.rs"), "{err}");
    guard.commit().await.unwrap();
    assert_eq!(raw(&db, "PRAGMA integrity_check").await, ["ok"]);
}

#[tokio::test]
async fn select_and_unordered_futures_work_inside_a_transaction() {
    use futures_util::stream::{FuturesUnordered, StreamExt};
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.transaction(async |tx| -> Result<()> {
            let mut pending: FuturesUnordered<_> = (0..20)
                .map(|i| {
                    let tx = tx.clone();
                    async move {
                        if i % 3 > 0 {
                            return tx.insert(user("plain", i)).await.map(drop);
                        }
                        let nested = tx.transaction(async |t| -> Result<()> {
                            t.insert(user("nested", i)).await?;
                            tokio::task::yield_now().await;
                            t.bulk_insert((0..120).map(|n| user("bulk", n))).await?;
                            if i % 2 == 0 { Ok(()) } else { Err(Error::Closed) }
                        });
                        let _ = nested.await;
                        Ok(())
                    }
                })
                .collect();
            while let Some(done) = pending.next().await {
                done?;
            }
            // Whoever loses is dropped in the middle of what it does.
            for i in 0..20 {
                tokio::select! {
                    inserted = tx.insert(user("selected", i)) => { inserted?; }
                    changed = tx.update_where::<User>(User::NAME.eq("bulk"), User::AGE.set(User::AGE + 1)) => { changed?; }
                    () = tokio::task::yield_now() => {}
                }
            }
            Ok(())
        })
        .await
        .unwrap();
        let by_name = async |name: &str| db.select::<User>().filter(User::NAME.eq(name)).count().await.unwrap();
        assert_eq!((by_name("plain").await, by_name("nested").await, by_name("bulk").await), (13, 4, 480));
        assert!(!db.in_transaction());
        assert_eq!(raw(&db, "PRAGMA integrity_check").await, ["ok"]);
    })
    .await;
}

#[tokio::test]
async fn handles_on_one_file_stand_in_one_queue() {
    let file = File::new();
    let first = file.open().await;
    first.create_table::<User>().await.unwrap();
    let second =
        SqliterDb::builder().filename(&file.path).busy_timeout(Duration::from_millis(50)).create().await.unwrap();
    let guard = first.begin().await.unwrap();
    // The error of the second handle names where the first one began.
    let err = second.insert(user("late", 1)).await.unwrap_err();
    assert!(matches!(err, Error::Busy(_)) && err.to_string().contains("scopes.rs"), "{err}");
    // First come first served, whatever the handle.
    let third = file.open().await;
    let wait = async |db: &SqliterDb, name: &'static str| db.insert(user(name, 1)).await.unwrap();
    tokio::join!(wait(&third, "a"), wait(&first, "b"), wait(&third, "c"), async { guard.commit().await.unwrap() });
    assert_eq!(raw(&third, "SELECT name FROM users ORDER BY pk").await, ["a", "b", "c"]);
    // Closing one leaves the others alone.
    first.close().await;
    third.insert(user("after", 1)).await.unwrap();
    assert_eq!(count(&second).await, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_while_others_work_ends_them_properly() {
    for _ in 0..5 {
        let file = File::new();
        let db = file.open().await;
        db.create_table::<User>().await.unwrap();
        let others: Vec<_> = (0..8)
            .map(|task| {
                let db = db.clone();
                tokio::spawn(async move {
                    let mut acknowledged = 0;
                    loop {
                        let done = if task % 2 == 0 {
                            db.insert(user("u", task)).await.map(|_| 1)
                        } else {
                            db.transaction(async |tx| -> Result<i64> {
                                tx.insert(user("u", task)).await?;
                                tx.bulk_insert((0..120).map(|i| user("u", i))).await.map(|_| 121)
                            })
                            .await
                        };
                        match done {
                            Ok(n) => acknowledged += n,
                            Err(Error::Closed | Error::TransactionEnded) => return acknowledged,
                            Err(e) => panic!("{e:?}"),
                        }
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(40)).await;
        soon("closing", db.close()).await;
        let mut acknowledged = 0;
        for other in others {
            acknowledged += soon("a task", other).await.unwrap();
        }
        db.connect().await.unwrap();
        // Everything acknowledged is there; what was not may be too, in whole.
        let there = count(&db).await;
        assert!(there >= acknowledged, "{there} of {acknowledged}");
        assert_eq!(raw(&db, "PRAGMA integrity_check").await, ["ok"]);
        db.close().await;
    }
}

/// A type whose reading panics.
#[derive(Debug, Clone, PartialEq)]
struct Fragile(i64);

impl DbType for Fragile {
    const SQL_TYPE: sqliter_async::SqlType = sqliter_async::SqlType::Integer;

    fn encode(&self) -> std::result::Result<sqliter_async::Encoded<'_>, sqliter_async::EncodeError> {
        Ok(sqliter_async::Encoded::Int(self.0))
    }

    fn decode(_: sqliter_async::ValueRef<'_>) -> std::result::Result<Self, sqliter_async::DecodeError> {
        std::panic::resume_unwind(Box::new("on purpose"))
    }
}

#[derive(Debug, Clone, DbModel)]
struct Brittle {
    pk: Pk<Self>,
    value: Fragile,
}

#[tokio::test]
async fn a_panic_while_reading_does_not_reach_into_later_writes() {
    on_both(async |db| {
        db.create_tables::<(User, Brittle)>().await.unwrap();
        Brittle::builder().value(Fragile(1)).insert(&db).await.unwrap();
        let failed: Result<()> = db
            .transaction(async |tx| {
                let reader = tx.clone();
                let read = tokio::spawn(async move { reader.select::<Brittle>().fetch_all().await });
                assert!(read.await.unwrap_err().is_panic());
                for i in 0..500 {
                    tx.insert(user("mine", i)).await?;
                }
                assert_eq!(count(&tx).await, 500);
                Err(Error::Closed)
            })
            .await;
        assert!(matches!(failed, Err(Error::Closed)), "{failed:?}");
        assert_eq!(count(&db).await, 0);
        for i in 0..200 {
            db.insert(user("after", i)).await.unwrap();
        }
    })
    .await;
}
