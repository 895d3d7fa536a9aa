//! Futures that are dropped before they are done.

use std::time::{Duration, Instant};

use sqliter_async::Execution;
use sqliter_async::prelude::*;

use crate::models::{User, user};
use crate::support::{File, raw};

/// A query that SQLite needs many seconds for.
fn endless(db: &SqliterDb) -> Query<User> {
    let slow = (0..40).map(|i| User::NAME.icontains(format!("nothing like this {i}")));
    db.select::<User>().filter(sqliter_async::Filter::any(slow))
}

async fn filled(file: &File, execution: Execution) -> SqliterDb {
    let db = SqliterDb::builder().filename(&file.path).readers(1).execution(execution).create().await.unwrap();
    db.create_table::<User>().await.unwrap();
    db.bulk_insert((0..200_000).map(|i| user(&format!("a user with a longer name, number {i}"), i))).await.unwrap();
    db
}

#[tokio::test]
async fn a_dropped_read_gives_its_connection_back_at_once() {
    let file = File::new();
    for execution in [Execution::Auto, Execution::Blocking] {
        let db = filled(&file, execution).await;
        let query = endless(&db);
        let late = tokio::time::timeout(Duration::from_millis(20), query.count()).await;
        assert!(late.is_err(), "the query was meant to take longer");
        // The only reader is free again long before the query would have ended.
        let start = Instant::now();
        assert_eq!(db.get::<User>(1).await.unwrap().unwrap().age, 0);
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
        db.drop_table::<User>().await.unwrap();
        db.close().await;
    }
}

#[tokio::test]
async fn a_write_that_has_begun_is_carried_out() {
    let file = File::new();
    let db = filled(&file, Execution::Auto).await;
    // The writer is free: nothing of the bulk insert is left to do.
    db.insert(user("one more", 1)).await.unwrap();
    let update = db.select::<User>();
    let late = tokio::time::timeout(Duration::from_millis(5), update.update(User::NAME.set("x"))).await;
    // Whether it was late or not: all of it happened, and the next write works.
    drop(late);
    db.insert(user("next", 1)).await.unwrap();
    assert_eq!(raw(&db, "SELECT CAST(count(*) AS TEXT) FROM users WHERE name = 'x'").await, ["200001"]);
}

/// Polls a future `n` times and drops it.
async fn poll_times<F: Future>(n: usize, future: F) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    let mut polls = 0;
    std::future::poll_fn(move |cx| {
        if polls == n {
            return std::task::Poll::Ready(None);
        }
        polls += 1;
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

#[tokio::test]
async fn dropping_any_call_after_any_poll_leaves_nothing_behind() {
    for execution in [Execution::Auto, Execution::Blocking] {
        let file = File::new();
        let db = SqliterDb::builder().filename(&file.path).execution(execution).create().await.unwrap();
        db.create_table::<User>().await.unwrap();
        for n in 1..12 {
            let query = db.select::<User>();
            let mut row = User { pk: Pk::of(1), ..user("x", 1) };
            poll_times(n, db.insert(user("a", 1))).await;
            poll_times(n, db.bulk_insert((0..200).map(|i| user("b", i)))).await;
            poll_times(n, db.get::<User>(1)).await;
            poll_times(n, query.fetch_all()).await;
            poll_times(n, query.page(1, 10)).await;
            poll_times(n, db.update(&mut row)).await;
            poll_times(n, query.update(User::AGE.set(3))).await;
            poll_times(n, db.create_table::<User>()).await;
            poll_times(n, db.delete::<User>(n as i64)).await;
            poll_times(n, db.table_names()).await;
            // Every place in the queues is free and no transaction is open.
            tokio::time::timeout(Duration::from_secs(5), db.insert(user("after", 1))).await.unwrap().unwrap();
            let bulk = raw(&db, "SELECT CAST(count(*) % 200 AS TEXT) FROM users WHERE name = 'b'").await;
            assert_eq!(bulk, ["0"], "after {n} polls");
            db.select::<User>().delete().await.unwrap();
        }
        tokio::time::timeout(Duration::from_secs(5), db.close()).await.unwrap();
    }
}

#[tokio::test]
async fn opening_can_be_dropped_after_any_poll() {
    for n in 1..30 {
        let file = File::new();
        let db = SqliterDb::builder().filename(&file.path).build().unwrap();
        poll_times(n, db.connect()).await;
        db.create_table::<User>().await.unwrap();
        db.insert(user("Ann", 1)).await.unwrap();
        db.close().await;
    }
}
