//! Chains and what ends them.

use sqliter_async::prelude::*;

use crate::models::{User, names, user};
use crate::support::on_both;

async fn people(db: &SqliterDb) {
    db.create_table::<User>().await.unwrap();
    db.bulk_insert((0..5).map(|i| user(&format!("u{i}"), i))).await.unwrap();
}

/// ORD-7
#[tokio::test]
async fn a_negative_offset_is_an_error_of_every_ending() {
    on_both(async |db| {
        people(&db).await;
        for offset in [-1, i64::MIN] {
            let query = db.select::<User>().offset(offset).limit(1);
            for err in [
                query.fetch_all().await.unwrap_err(),
                query.fetch_one().await.unwrap_err(),
                query.fetch_first().await.unwrap_err(),
                query.fetch_last().await.unwrap_err(),
                query.fetch_dicts().await.unwrap_err(),
                query.count().await.unwrap_err(),
                query.exists().await.unwrap_err(),
                query.explain().await.unwrap_err(),
                query.sql().unwrap_err(),
                query.update(User::AGE.set(9)).await.unwrap_err(),
                query.delete().await.unwrap_err(),
            ] {
                assert!(matches!(err, Error::InvalidOffset(o) if o == offset), "{err:?}");
                let text = format!("Invalid offset value: '{offset}'. Offset must be a positive integer.");
                assert_eq!(err.to_string(), text);
            }
        }
        // Zero is an offset, and nothing was written.
        let all = db.select::<User>().offset(0).order(User::PK).fetch_all().await.unwrap();
        assert_eq!(all.iter().map(|u| u.age).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    })
    .await;
}

/// ORD-8, ORD-14
#[tokio::test]
async fn every_row_comes_in_a_list_and_none_in_an_empty_one() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let all = db.select::<User>().order(User::PK);
        assert_eq!(all.fetch_all().await.unwrap(), []);
        assert_eq!((all.count().await.unwrap(), all.exists().await.unwrap()), (0, false));
        db.bulk_insert((0..5).map(|i| user(&format!("u{i}"), i))).await.unwrap();
        assert_eq!(names(&all.fetch_all().await.unwrap()), ["u0", "u1", "u2", "u3", "u4"]);
        assert_eq!((all.count().await.unwrap(), all.exists().await.unwrap()), (5, true));
        let some = all.clone().filter(User::AGE.gt(2));
        assert_eq!((some.count().await.unwrap(), some.exists().await.unwrap()), (2, true));
        let none = all.filter(User::AGE.gt(99));
        assert!(none.fetch_all().await.unwrap().is_empty());
        assert_eq!((none.count().await.unwrap(), none.exists().await.unwrap()), (0, false));
    })
    .await;
}

/// ORD-15
#[tokio::test]
async fn counting_counts_what_would_be_fetched() {
    on_both(async |db| {
        people(&db).await;
        let all = db.select::<User>();
        for (query, expected) in [
            (all.clone().limit(2), 2),
            (all.clone().limit(0), 0),
            (all.clone().limit(-1), 5),
            (all.clone().limit(99), 5),
            (all.clone().offset(1), 4),
            (all.clone().offset(5), 0),
            (all.clone().offset(1).limit(2), 2),
            (all.clone().offset(4).limit(2), 1),
            (all.clone().filter(User::AGE.gte(3)).limit(1), 1),
            (all.clone().filter(User::AGE.gte(3)).offset(1), 1),
            (all.clone().filter(User::AGE.gte(3)).offset(2), 0),
            (all.clone().order(User::AGE.desc()).limit(3), 3),
        ] {
            assert_eq!(query.count().await.unwrap(), expected, "{query:?}");
            assert_eq!(query.exists().await.unwrap(), expected > 0, "{query:?}");
            assert_eq!(query.fetch_all().await.unwrap().len() as i64, expected, "{query:?}");
        }
    })
    .await;
}

/// ORD-15
#[tokio::test]
async fn asking_whether_there_is_a_row_stops_at_the_first() {
    let db = SqliterDb::memory().await.unwrap();
    // Counting these would take hours.
    crate::support::raw_execute(
        &db,
        "CREATE VIEW users AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
         SELECT i AS pk, 0 AS created_at, 0 AS updated_at, 'x' AS name, i AS age, NULL AS nick FROM n",
    )
    .await;
    let some = db.select::<User>().filter(User::AGE.gt(3));
    let found = tokio::time::timeout(std::time::Duration::from_secs(5), some.exists()).await;
    assert!(found.expect("one row is enough").unwrap());
}

/// ORD-16
#[tokio::test]
async fn a_missing_table_is_a_failed_fetch_whatever_the_ending() {
    on_both(async |db| {
        let query = db.select::<User>().filter(User::AGE.gt(1)).order(User::NAME);
        for err in [
            query.fetch_all().await.unwrap_err(),
            query.fetch_one().await.unwrap_err(),
            query.fetch_first().await.unwrap_err(),
            query.fetch_last().await.unwrap_err(),
            query.fetch_dicts().await.unwrap_err(),
            query.count().await.unwrap_err(),
            query.exists().await.unwrap_err(),
            query.page(1, 10).await.unwrap_err(),
            query.explain().await.unwrap_err(),
        ] {
            assert!(matches!(&err, Error::RecordFetch { table, .. } if table == "users"), "{err:?}");
            assert_eq!(err.kind(), ErrorKind::NoSuchTable("users".into()));
        }
        // The same query works as soon as there is a table.
        db.create_table::<User>().await.unwrap();
        assert_eq!(query.fetch_all().await.unwrap(), []);
    })
    .await;
}

fn sendable<T: Send + 'static>(value: T) -> T {
    value
}

fn future<F: Future + Send>(future: F) -> F {
    future
}

/// Sync: no `await` before the end.
fn chain(db: &SqliterDb) -> Query<User> {
    let query = db.select::<User>();
    let query: Query<User> = query.filter(User::AGE.gte(1));
    let query: Query<User> = query.order(User::AGE.desc());
    let query: Query<User> = query.limit(3);
    query.offset(1)
}

/// ORD-17
#[test]
fn a_chain_needs_no_runtime_and_no_database() {
    let db = SqliterDb::builder().memory().build().unwrap();
    let query = chain(&db);
    let (sql, _) = query.sql().unwrap();
    assert!(sql.ends_with(r#"WHERE "age" >= ?1 ORDER BY "age" DESC LIMIT 3 OFFSET ?2"#), "{sql}");
    assert!(!db.is_connected());
}

/// ORD-17
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_and_their_endings_cross_threads() {
    on_both(async |db| {
        people(&db).await;
        let query = sendable(chain(&db).clone());
        let copy = query.clone();
        let there = tokio::spawn(async move { copy.fetch_all().await.unwrap() }).await.unwrap();
        assert_eq!(there.iter().map(|u| u.age).collect::<Vec<_>>(), [3, 2, 1]);
        let (all, one, first, last, count, exists, dicts, page) = tokio::join!(
            future(query.fetch_all()),
            future(query.fetch_one()),
            future(query.fetch_first()),
            future(query.fetch_last()),
            future(query.count()),
            future(query.exists()),
            future(query.fetch_dicts()),
            future(query.page(1, 2)),
        );
        assert_eq!(all.unwrap(), there);
        assert_eq!((one.unwrap().unwrap(), first.unwrap().unwrap()), (there[0].clone(), there[0].clone()));
        assert_eq!(last.unwrap().unwrap(), there[2]);
        assert_eq!((count.unwrap(), exists.unwrap(), dicts.unwrap().len()), (3, true, 3));
        assert_eq!(page.unwrap().total, 4);
        assert_eq!(future(query.update(User::NAME.set("x"))).await.unwrap(), 3);
        assert_eq!(future(query.delete()).await.unwrap(), 3);
        assert_eq!(db.select::<User>().count().await.unwrap(), 2);
    })
    .await;
}
