//! Every public async method, dropped after each of its polls, while other tasks contend for the same connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqliter_async::prelude::*;
use sqliter_async::{Execution, JournalMode};

use crate::models::{Account, account};
use crate::support::{File, raw};

/// Polls a future at most `n` times and drops it; says whether it was done.
async fn polled<F: Future>(n: usize, future: F) -> bool {
    let mut future = std::pin::pin!(future);
    let mut polls = 0;
    std::future::poll_fn(move |cx| {
        if polls == n {
            return std::task::Poll::Ready(false);
        }
        polls += 1;
        future.as_mut().poll(cx).map(|_| true)
    })
    .await
}

/// Drops what `call` makes after 1, 2, .. polls until it is done before that; then the next call has to work.
async fn dropped_at_every_poll<F: Future>(name: &str, db: &SqliterDb, call: impl Fn() -> F) -> usize {
    for n in 1..200 {
        let done = polled(n, call()).await;
        let next = tokio::time::timeout(Duration::from_secs(10), async {
            let probe = db.insert(account(&format!("{name} {n} {:?}", std::time::Instant::now()), 1)).await?;
            db.delete::<Account>(&probe).await
        });
        next.await.unwrap_or_else(|_| panic!("{name} after {n} polls: the next call hangs")).unwrap();
        assert!(!db.in_transaction(), "{name} after {n} polls");
        if done {
            return n;
        }
    }
    panic!("{name} is not done after 200 polls");
}

async fn drop_everything(db: &SqliterDb) {
    db.create_table::<Account>().await.unwrap();
    let stored = db.insert(account("stored", 10)).await.unwrap();
    let fresh = |i: i64| account(&format!("{i} {:?}", std::time::Instant::now()), i);
    let query = db.select::<Account>().filter(Account::EMAIL.eq("stored"));
    let (query, stored, fresh) = (&query, &stored, &fresh);
    let mut polls = Vec::new();
    macro_rules! each {
        ($($name:literal: $call:expr;)*) => {
            $(polls.push(($name, dropped_at_every_poll($name, db, || $call).await));)*
        };
    }
    each! {
        "insert": db.insert(fresh(1));
        "bulk_insert": db.bulk_insert((0..250).map(fresh).collect::<Vec<_>>());
        "get": db.get::<Account>(stored);
        "update": async { db.update(&mut stored.clone()).await };
        "update_only": async { db.update_only(&mut stored.clone(), Account::BALANCE).await };
        "bulk_update": async { db.bulk_update(&mut [stored.clone(), stored.clone()], Account::BALANCE).await };
        "refresh": async { db.refresh(&mut stored.clone()).await };
        "save": async { db.save(&mut fresh(2)).await };
        "upsert": db.upsert(fresh(3), Account::EMAIL);
        "get_or_create": db.get_or_create(Account::EMAIL.eq("nobody"), fresh(4));
        "delete": db.delete::<Account>(-1);
        "update_where": db.update_where::<Account>(Account::PK.eq(stored), Account::BALANCE.set(Account::BALANCE + 1));
        "fetch_all": query.fetch_all();
        "fetch_last": query.fetch_last();
        "fetch_dicts": query.fetch_dicts();
        "count": query.count();
        "exists": query.exists();
        "page": query.page(1, 5);
        "explain": query.explain();
        "query update": query.update(Account::BALANCE.set(11));
        "query delete": async { db.select::<Account>().filter(Account::BALANCE.gt(99)).delete().await };
        "create_table": db.create_table::<Account>();
        "check": db.check::<Account>();
        "table_names": db.table_names();
        "connect": db.connect();
        "transaction": db.transaction(async |tx| -> Result<()> {
            tx.insert(account("never", 1)).await?;
            tx.transaction(async |t| -> Result<()> {
                t.bulk_insert((0..250).map(|i| account(&format!("never {i}"), i))).await?;
                Err(Error::Closed)
            })
            .await
        });
        "committed transaction": db.transaction(async |tx| -> Result<()> {
            let one = tx.insert(fresh(5)).await?;
            tx.transaction(async |t| -> Result<()> { t.delete::<Account>(&one).await }).await
        });
        "guard": async {
            let tx = db.begin().await?;
            tx.insert(account("never", 1)).await?;
            let inner = tx.begin().await?;
            inner.insert(account("never either", 1)).await?;
            inner.commit().await?;
            tx.rollback().await
        };
        "read_transaction": db.read_transaction(async |tx| -> Result<i64> {
            tx.select::<Account>().fetch_all().await?;
            tx.select::<Account>().count().await
        });
    }
    assert_eq!(db.select::<Account>().filter(Account::EMAIL.starts_with("never")).count().await.unwrap(), 0);
    // The calls were really left in the middle; one of them may be quick enough now and then.
    let interrupted = polls.iter().filter(|(_, n)| *n > 1).count();
    assert!(interrupted * 2 >= polls.len(), "{polls:?}");
    assert_eq!(raw(db, "PRAGMA integrity_check").await, ["ok"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_may_be_dropped_after_any_poll() {
    for journal in [JournalMode::Wal, JournalMode::Delete] {
        let file = File::new();
        let db = SqliterDb::builder()
            .filename(&file.path)
            .readers(2)
            .journal_mode(journal)
            .execution(Execution::Blocking)
            .create()
            .await
            .unwrap();
        db.create_table::<Account>().await.unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let others: Vec<_> = (0..3)
            .map(|task| {
                let (db, stop) = (db.clone(), stop.clone());
                tokio::spawn(async move {
                    let mut i = 0;
                    while !stop.load(Ordering::Relaxed) {
                        let row = db.insert(account(&format!("other {task} {i}"), 0)).await.unwrap();
                        db.get::<Account>(&row).await.unwrap();
                        db.delete::<Account>(&row).await.unwrap();
                        i += 1;
                    }
                })
            })
            .collect();
        drop_everything(&db).await;
        stop.store(true, Ordering::Relaxed);
        for other in others {
            other.await.unwrap();
        }
        tokio::time::timeout(Duration::from_secs(10), db.close()).await.expect("closing ends");
    }
}

#[tokio::test]
async fn transactions_are_send_with_what_they_borrow() {
    fn is_send<T: Send>(future: T) -> T {
        future
    }
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Account>().await.unwrap();
    let handle = tokio::spawn(async move {
        let emails = vec![String::from("a"), String::from("b")];
        let mut row = account("c", 1);
        let inner = is_send(db.transaction(async |tx| -> Result<usize> {
            for email in &emails {
                tx.insert(account(email, 1)).await?;
            }
            tx.save(&mut row).await?;
            tx.transaction(async |t| -> Result<()> { t.update(&mut row).await }).await?;
            Ok(emails.len())
        }));
        let n = inner.await.unwrap();
        let guard = is_send(db.begin()).await.unwrap();
        is_send(guard.insert(account("d", 1))).await.unwrap();
        is_send(guard.commit()).await.unwrap();
        let read = is_send(db.read_transaction(async |tx| -> Result<i64> { tx.select::<Account>().count().await }));
        (n, row.pk.get(), read.await.unwrap())
    });
    assert_eq!(handle.await.unwrap(), (2, Some(3), 4));
}
