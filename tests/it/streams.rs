//! Rows one after the other, outside transactions.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use sqliter_async::prelude::*;
use sqliter_async::{Execution, JournalMode};

use crate::models::{User, user};
use crate::support::{File, on_both};

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Shelf {
    pk: Pk<Self>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Tome {
    pk: Pk<Self>,
    title: String,
    shelf: ForeignKey<Shelf>,
}

/// Nothing here may hang.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what).await.expect("it hangs")
}

async fn fill(db: &SqliterDb, rows: i64) {
    db.create_table::<User>().await.unwrap();
    db.bulk_insert((0..rows).map(|i| user(&format!("user {i}"), i))).await.unwrap();
}

async fn ages(mut stream: RowStream<User>) -> Vec<i64> {
    let mut ages = Vec::new();
    while let Some(row) = soon(stream.next()).await {
        ages.push(row.unwrap().age);
    }
    // It stays at its end.
    assert!(stream.next().await.is_none());
    ages
}

/// Every way to run statements, on files with each kind of journal and in memory.
async fn everywhere(readers: u32, test: impl AsyncFn(SqliterDb)) {
    for execution in [Execution::Auto, Execution::Inline, Execution::Blocking] {
        for journal in [JournalMode::Wal, JournalMode::Delete] {
            let file = File::new();
            let builder = SqliterDb::builder().filename(&file.path).readers(readers).execution(execution);
            let builder = builder.busy_timeout(Duration::from_secs(3));
            test(builder.journal_mode(journal).create().await.unwrap()).await;
        }
        let builder = SqliterDb::builder().memory().readers(readers).execution(execution);
        test(builder.busy_timeout(Duration::from_secs(3)).create().await.unwrap()).await;
    }
}

#[tokio::test]
async fn every_row_comes_once_and_in_order() {
    everywhere(2, async |db| {
        for rows in [0, 1, 255, 256, 257, 5_000] {
            db.create_table_with::<User>(sqliter_async::TableOptions::new().force(true)).await.unwrap();
            fill(&db, rows).await;
            let found = ages(db.select::<User>().order("-age").stream()).await;
            assert_eq!(found, (0..rows).rev().collect::<Vec<_>>());
        }
        let dicts: Vec<_> = db.query_stream("SELECT age FROM users WHERE age >= ?", params![4_000]).collect().await;
        assert_eq!(dicts.len(), 1_000);
        assert_eq!(dicts[999].as_ref().unwrap().get::<i64>("age").unwrap(), 4_999);
    })
    .await;
}

#[tokio::test]
async fn queries_and_writes_for_each_row_find_their_way() {
    for readers in [1, 2] {
        everywhere(readers, async |db| {
            fill(&db, 3_000).await;
            let mut stream = db.select::<User>().order(User::PK).stream();
            let mut seen = 0;
            while let Some(row) = soon(stream.next()).await {
                let row = row.unwrap();
                seen += 1;
                if row.age % 500 == 0 {
                    assert_eq!(soon(db.get::<User>(&row.pk)).await.unwrap().unwrap().age, row.age);
                    assert!(soon(db.select::<User>().count()).await.unwrap() >= 3_000);
                    // What is written meanwhile is not seen: the rows are those of one moment.
                    soon(db.insert(user("late", 10_000))).await.unwrap();
                    soon(db.update_where::<User>(User::AGE.gt(row.age), User::NAME.set("new"))).await.unwrap();
                    soon(db.transaction(async |tx| tx.execute("DELETE FROM users WHERE age = 10000", ()).await))
                        .await
                        .unwrap();
                } else {
                    assert_eq!(row.name, format!("user {}", row.age));
                }
            }
            assert_eq!(seen, 3_000);
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_shows_one_moment_whatever_others_write() {
    let file = File::new();
    let db = file.open().await;
    fill(&db, 20_000).await;
    let mut stream = db.select::<User>().order(User::PK).stream();
    assert_eq!(stream.next().await.unwrap().unwrap().age, 0);
    let writer = tokio::spawn({
        let db = db.clone();
        async move {
            for _ in 0..20 {
                db.update_where::<User>(User::AGE.gte(0), User::AGE.set(User::AGE + 100_000)).await.unwrap();
            }
            db.select::<User>().delete().await.unwrap();
        }
    });
    writer.await.unwrap();
    assert_eq!(ages(stream).await, (1..20_000).collect::<Vec<_>>());
    assert_eq!(db.select::<User>().count().await.unwrap(), 0);
}

#[tokio::test]
async fn several_streams_at_once() {
    for readers in [1, 2] {
        everywhere(readers, async |db| {
            fill(&db, 2_000).await;
            let mut outer = db.select::<User>().order(User::PK).limit(20).stream();
            let mut pairs = 0;
            while let Some(row) = soon(outer.next()).await {
                let row = row.unwrap();
                let mut inner = db.select::<User>().filter(User::AGE.gte(row.age)).stream();
                let mut third = db.query_stream("SELECT * FROM users", ());
                for _ in 0..3 {
                    soon(inner.next()).await.unwrap().unwrap();
                    soon(third.next()).await.unwrap().unwrap();
                    pairs += 1;
                }
            }
            assert_eq!(pairs, 60);
            let query = db.select::<User>();
            let (a, b, c, n) = soon(async {
                tokio::join!(ages(query.stream()), ages(query.stream()), ages(query.stream()), query.count())
            })
            .await;
            assert_eq!((a.len(), b.len(), c.len(), n.unwrap()), (2_000, 2_000, 2_000, 2_000));
        })
        .await;
    }
}

#[tokio::test]
async fn the_stream_after_the_last_place_waits_and_gives_up() {
    let file = File::new();
    let db = file.open().await;
    fill(&db, 2_000).await;
    let mut open: Vec<_> = (0..8).map(|_| db.select::<User>().stream()).collect();
    for stream in &mut open {
        stream.next().await.unwrap().unwrap();
    }
    let mut ninth = db.select::<User>().stream();
    assert!(tokio::time::timeout(Duration::from_millis(100), ninth.next()).await.is_err());
    // Nobody else is kept waiting.
    assert_eq!(soon(db.select::<User>().count()).await.unwrap(), 2_000);
    open.pop();
    soon(ninth.next()).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_stream_that_is_dropped_gives_its_connection_back() {
    everywhere(1, async |db| {
        fill(&db, 4_000).await;
        for n in 0..40 {
            let mut stream = db.select::<User>().stream();
            for _ in 0..n * 30 {
                soon(stream.next()).await.unwrap().unwrap();
            }
            drop(stream);
            soon(db.insert(user("next", n))).await.unwrap();
        }
        soon(db.close()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_may_be_dropped_after_any_poll() {
    everywhere(1, async |db| {
        fill(&db, 3_000).await;
        for n in 1..60 {
            let mut stream = db.select::<User>().stream();
            let mut polls = 0;
            std::future::poll_fn(|cx| {
                while polls < n {
                    polls += 1;
                    match stream.poll_next_unpin(cx) {
                        std::task::Poll::Pending if polls < n => return std::task::Poll::Pending,
                        std::task::Poll::Pending | std::task::Poll::Ready(None) => break,
                        std::task::Poll::Ready(Some(row)) => drop(row.unwrap()),
                    }
                    // As if the rows before had been used.
                    while let Some(Some(_)) = stream.next().now_or_never_row() {}
                }
                std::task::Poll::Ready(())
            })
            .await;
            drop(stream);
            assert_eq!(soon(db.select::<User>().count()).await.unwrap(), 3_000);
            soon(db.update_where::<User>(User::PK.eq(1), User::AGE.set(n))).await.unwrap();
        }
        soon(db.close()).await;
    })
    .await;
}

/// The rows that are there without waiting.
trait NowOrNever: Future + Sized {
    fn now_or_never_row(self) -> Option<Self::Output> {
        futures_util::FutureExt::now_or_never(self)
    }
}
impl<F: Future> NowOrNever for F {}

#[tokio::test]
async fn a_slow_stream_that_is_dropped_is_interrupted() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).readers(1).create().await.unwrap();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0";
    for _ in 0..20 {
        let mut stream = db.query_stream(endless, ());
        assert!(tokio::time::timeout(Duration::from_millis(10), stream.next()).await.is_err());
    }
    let start = Instant::now();
    let mut stream = db.query_stream("SELECT 1", ());
    soon(stream.next()).await.unwrap().unwrap();
    assert!(start.elapsed() < Duration::from_secs(2));
    soon(db.close()).await;
}

#[tokio::test]
async fn what_belongs_to_rows_comes_with_them() {
    everywhere(1, async |db| {
        db.create_tables::<(Shelf, Tome)>().await.unwrap();
        let shelves = db.bulk_insert((0..700).map(|i| Shelf { pk: Pk::unset(), name: format!("s{i}") })).await.unwrap();
        let tomes =
            (0..1_400).map(|i| Tome::builder().title(format!("t{i}")).shelf(&shelves[i % 700]).build().unwrap());
        db.bulk_insert(tomes.collect::<Vec<_>>()).await.unwrap();
        let mut joined = db.select::<Tome>().select_related(Tome::SHELF).order(Tome::PK).stream();
        for i in 0..1_400 {
            let tome = soon(joined.next()).await.unwrap().unwrap();
            assert_eq!(tome.shelf.loaded().unwrap().name, format!("s{}", i % 700));
        }
        let mut ahead = db.select::<Shelf>().prefetch_related(Shelf::TOMES).order(Shelf::PK).stream();
        let mut n = 0;
        while let Some(shelf) = soon(ahead.next()).await {
            let titles = shelf.unwrap().tomes().order(Tome::PK).strict_loading().fetch_all().await.unwrap();
            assert_eq!(titles.len(), 2, "row {n}");
            n += 1;
        }
        assert_eq!(n, 700);
    })
    .await;
}

#[tokio::test]
async fn an_error_ends_the_stream() {
    everywhere(1, async |db| {
        fill(&db, 1_500).await;
        db.execute("UPDATE users SET age = 'old' WHERE age = 1400", ()).await.unwrap();
        let mut stream = db.select::<User>().order(User::PK).stream();
        for i in 0..1_400 {
            assert_eq!(soon(stream.next()).await.unwrap().unwrap().age, i);
        }
        let e = soon(stream.next()).await.unwrap().unwrap_err();
        assert!(matches!(&e, Error::Decode { table, .. } if table == "users"), "{e}");
        assert!(soon(stream.next()).await.is_none());
        for mut wrong in [
            db.query_stream("SELECT * FROM nowhere", ()),
            db.query_stream("DELETE FROM users", ()),
            db.query_stream("SELECT 1", params![2]),
            db.query_stream("BEGIN", ()),
            db.query_stream("PRAGMA journal_mode = DELETE", ()),
        ] {
            assert!(matches!(soon(wrong.next()).await, Some(Err(Error::SqlExecution { .. }))));
            assert!(soon(wrong.next()).await.is_none());
        }
        let mut wrong = db.select::<User>().filter(lookup("nmae", 1)).stream();
        assert!(matches!(soon(wrong.next()).await, Some(Err(Error::InvalidFilter { .. }))));
    })
    .await;
}

#[tokio::test]
async fn closing_ends_a_stream_and_does_not_wait_for_it() {
    everywhere(1, async |db| {
        fill(&db, 3_000).await;
        let mut stream = db.select::<User>().stream();
        let mut never = db.select::<User>().stream();
        soon(stream.next()).await.unwrap().unwrap();
        soon(db.close()).await;
        let mut last = None;
        while let Some(row) = soon(stream.next()).await {
            last = Some(row);
        }
        assert!(matches!(last, Some(Err(Error::Closed))), "{last:?}");
        assert!(matches!(soon(never.next()).await, Some(Err(Error::Closed))));
    })
    .await;
}

#[tokio::test]
async fn streams_are_send_static_and_work_with_stream_ext() {
    on_both(async |db| {
        fill(&db, 600).await;
        let task = tokio::spawn(db.select::<User>().stream().map(|u| u.unwrap().age).fold(0, async |a, b| a + b));
        assert_eq!(task.await.unwrap(), (0..600).sum::<i64>());
        let mut stream = db.select::<User>().stream();
        // A large value is no harm: batches are bounded by size too.
        db.execute("UPDATE users SET name = ?", params!["x".repeat(50_000)]).await.unwrap();
        let mut n = 0;
        while let Some(row) = soon(stream.next()).await {
            assert_eq!(row.unwrap().name.len(), 50_000);
            n += 1;
        }
        assert_eq!(n, 600);
    })
    .await;
}
