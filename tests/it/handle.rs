//! Opening, closing and the properties of a handle.

use std::time::Duration;

use sqliter_async::prelude::*;

use crate::models::{User, user};
use crate::support::{File, on_both};

/// CON-1
#[tokio::test]
async fn nothing_is_opened_before_it_is_needed() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).build().unwrap();
    assert!(!db.is_connected());
    assert!(!file.path.exists());

    db.create_table::<User>().await.unwrap();
    assert!(db.is_connected());
    assert!(file.path.exists());
}

/// CON-2
#[tokio::test]
async fn memory_wins_over_a_file_name_and_makes_no_file() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).memory().create().await.unwrap();
    assert!(db.is_memory());
    assert_eq!(db.filename(), None);
    db.create_table::<User>().await.unwrap();
    assert!(!file.path.exists());

    let named = SqliterDb::builder().filename(":memory:").build().unwrap();
    assert!(named.is_memory());
}

/// CON-3
#[tokio::test]
async fn a_file_handle_knows_its_file() {
    let file = File::new();
    let db = file.open().await;
    assert_eq!(db.filename(), Some(file.path.as_path()));
    assert!(!db.is_memory());
    assert!(file.path.exists());
}

/// CON-4
#[tokio::test]
async fn neither_a_file_nor_memory_is_an_error() {
    for builder in [SqliterDb::builder(), SqliterDb::builder().filename("")] {
        let err = builder.build().unwrap_err();
        assert!(matches!(err, Error::InvalidOption(_)), "{err}");
        assert!(err.to_string().contains("Database name must be provided"), "{err}");
    }
}

#[tokio::test]
async fn options_out_of_range_are_errors() {
    let err = SqliterDb::builder().memory().busy_timeout(Duration::MAX).build().unwrap_err();
    assert!(err.to_string().contains("busy_timeout"), "{err}");
    let err = SqliterDb::builder().memory().readers(5000).build().unwrap_err();
    assert!(err.to_string().contains("readers"), "{err}");
}

/// CON-16, CON-19
#[tokio::test]
async fn a_closed_handle_says_so_until_it_is_opened_again() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.insert(user("Ann", 1)).await.unwrap();
        db.close().await;
        db.close().await;
        assert!(!db.is_connected());
        assert!(matches!(db.get::<User>(1).await, Err(Error::Closed)));
        assert!(matches!(db.insert(user("Bob", 2)).await, Err(Error::Closed)));
        assert!(matches!(db.select::<User>().fetch_all().await, Err(Error::Closed)));
        assert!(matches!(db.create_table::<User>().await, Err(Error::Closed)));

        db.connect().await.unwrap();
        assert!(db.is_connected());
        if db.is_memory() {
            assert!(db.table_names().await.unwrap().is_empty());
        } else {
            assert_eq!(db.get::<User>(1).await.unwrap().unwrap().name, "Ann");
        }
    })
    .await;
}

#[tokio::test]
async fn a_handle_that_was_never_connected_closes_and_stays_closed() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).build().unwrap();
    db.close().await;
    assert!(matches!(db.create_table::<User>().await, Err(Error::Closed)));
    assert!(!file.path.exists());
}

/// CON-22
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_use_by_many_tasks_opens_one_database() {
    let db = SqliterDb::builder().memory().build().unwrap();
    let tasks: Vec<_> = (0..32)
        .map(|i| {
            let db = db.clone();
            tokio::spawn(async move {
                db.create_table::<User>().await.unwrap();
                db.insert(user("u", i)).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(db.select::<User>().count().await.unwrap(), 32);
}

#[tokio::test]
async fn clones_are_the_same_database() {
    let db = SqliterDb::memory().await.unwrap();
    let clone = db.clone();
    db.create_table::<User>().await.unwrap();
    clone.insert(user("Ann", 1)).await.unwrap();
    assert_eq!(db.select::<User>().count().await.unwrap(), 1);
    clone.close().await;
    assert!(!db.is_connected());
}

#[tokio::test]
async fn two_memory_databases_are_two() {
    let (a, b) = (SqliterDb::memory().await.unwrap(), SqliterDb::memory().await.unwrap());
    a.create_table::<User>().await.unwrap();
    assert_eq!(a.table_names().await.unwrap(), ["users"]);
    assert!(b.table_names().await.unwrap().is_empty());
}

/// CON-21
#[test]
fn a_handle_may_outlive_its_runtime() {
    let file = File::new();
    let first = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let db = first.block_on(async {
        let db = file.open().await;
        db.create_table::<User>().await.unwrap();
        db.insert(user("Ann", 1)).await.unwrap();
        db
    });
    drop(first);

    let second = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(second.block_on(db.get::<User>(1)).unwrap().unwrap().name, "Ann");
    drop(second);
    // Outside any runtime.
    drop(db);
}

/// CON-12
#[tokio::test]
async fn connecting_twice_is_connecting_once() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<User>().await.unwrap();
    db.connect().await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["users"]);
}

#[tokio::test]
async fn debug_prints_the_file_and_the_state() {
    let db = SqliterDb::memory().await.unwrap();
    assert_eq!(format!("{db:?}"), r#"SqliterDb { filename: ":memory:", connected: true, .. }"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handles_that_open_a_new_file_together_all_get_the_log() {
    for _ in 0..20 {
        let file = File::new();
        let open = || tokio::spawn(SqliterDb::open(file.path.clone()));
        let opened = [open(), open(), open(), open()];
        for db in opened {
            let db = db.await.unwrap().unwrap();
            // With the log a read does not wait for a writer.
            let mut writer = db.pool().acquire().await.unwrap();
            sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *writer).await.unwrap();
            assert!(db.table_names().await.unwrap().is_empty());
            sqlx::raw_sql("ROLLBACK").execute(&mut *writer).await.unwrap();
            drop(writer);
            assert_eq!(crate::support::raw(&db, "PRAGMA journal_mode").await, ["wal"]);
        }
    }
}

#[test]
fn a_handle_closes_on_another_runtime_than_it_was_opened_on() {
    let file = File::new();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (first, second) = (runtime(), runtime());
    let db = first.block_on(async {
        let db = file.open().await;
        db.create_table::<User>().await.unwrap();
        db.select::<User>().count().await.unwrap();
        db
    });
    // The first is alive, and nobody drives it.
    second.block_on(async {
        tokio::time::timeout(Duration::from_secs(5), db.close()).await.expect("closing ends");
    });
    drop(first);
}

#[tokio::test]
async fn what_raw_users_leave_behind_on_a_connection_is_undone() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).readers(1).create().await.unwrap();
    db.create_table::<User>().await.unwrap();
    // The driver has no reader yet: the next one is this connection.
    let mut dirty = Vec::new();
    for _ in 0..9 {
        let mut conn = db.pool().acquire().await.unwrap();
        sqlx::raw_sql("PRAGMA foreign_keys = OFF; BEGIN; SELECT count(*) FROM users")
            .execute(&mut *conn)
            .await
            .unwrap();
        dirty.push(conn);
    }
    drop(dirty);
    tokio::time::sleep(Duration::from_millis(50)).await;
    db.insert(user("Ann", 1)).await.unwrap();
    assert_eq!(db.select::<User>().count().await.unwrap(), 1);
    db.insert(user("Bob", 1)).await.unwrap();
    assert_eq!(db.select::<User>().count().await.unwrap(), 2);
}
