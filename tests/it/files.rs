//! Files that are not what they should be.

use sqliter_async::prelude::*;
use sqliter_async::{Durability, Execution, JournalMode};

use crate::models::{User, user};
use crate::support::{File, raw};

/// CON-13
#[tokio::test]
async fn a_file_in_no_folder_cannot_be_opened() {
    let file = File::new();
    let path = file.path.join("missing").join("x.db");
    let err = SqliterDb::open(&path).await.unwrap_err();
    assert!(matches!(err, Error::DatabaseConnection { .. }), "{err:?}");
    assert!(err.to_string().contains(&format!("Failed to connect to the database: '{}'", path.display())), "{err}");
    assert_eq!(err.kind(), ErrorKind::Io);
}

#[tokio::test]
async fn a_folder_is_no_database() {
    let file = File::new();
    let err = SqliterDb::open(file.path.parent().unwrap()).await.unwrap_err();
    assert!(matches!(err, Error::DatabaseConnection { .. }), "{err:?}");
    assert_eq!(err.kind(), ErrorKind::Io);
}

/// CON-14
#[tokio::test]
async fn a_file_of_something_else_is_no_database() {
    let file = File::new();
    let text = "this is not a database, it is a text that goes on for a while".repeat(100);
    std::fs::write(&file.path, &text).unwrap();
    let err = SqliterDb::open(&file.path).await.unwrap_err();
    assert!(matches!(err, Error::DatabaseConnection { .. }), "{err:?}");
    assert_eq!(err.kind(), ErrorKind::Corrupt);
    assert_eq!(std::fs::read_to_string(&file.path).unwrap(), text);
}

#[tokio::test]
async fn what_was_written_is_there_after_opening_again() {
    let file = File::new();
    let db = file.open().await;
    db.create_table::<User>().await.unwrap();
    db.insert(user("Ann", 1)).await.unwrap();
    db.close().await;

    let db = file.open().await;
    assert_eq!(db.get::<User>(1).await.unwrap().unwrap().name, "Ann");
    db.close().await;
    // The last connection moved the log into the file.
    assert!(!file.path.with_extension("db-wal").exists());
}

#[tokio::test]
async fn read_only_reads_and_refuses_to_write() {
    let file = File::new();
    let db = file.open().await;
    db.create_table::<User>().await.unwrap();
    db.insert(user("Ann", 1)).await.unwrap();
    db.close().await;

    let db = SqliterDb::builder().filename(&file.path).read_only(true).create().await.unwrap();
    assert_eq!(db.select::<User>().count().await.unwrap(), 1);
    let err = db.insert(user("Bob", 2)).await.unwrap_err();
    assert!(matches!(err, Error::RecordInsertion { .. }), "{err:?}");
    assert_eq!(err.kind(), ErrorKind::ReadOnly);
}

#[tokio::test]
async fn read_only_does_not_create_a_file() {
    let file = File::new();
    let err = SqliterDb::builder().filename(&file.path).read_only(true).create().await.unwrap_err();
    assert!(matches!(err, Error::DatabaseConnection { .. }), "{err:?}");
    assert!(!file.path.exists());
}

#[tokio::test]
async fn every_journal_mode_durability_and_execution_works() {
    for journal in [JournalMode::Wal, JournalMode::Delete, JournalMode::Truncate, JournalMode::Persist] {
        for durability in [Durability::Normal, Durability::Full] {
            for execution in [Execution::Auto, Execution::Inline, Execution::Blocking] {
                let file = File::new();
                let db = SqliterDb::builder()
                    .filename(&file.path)
                    .journal_mode(journal)
                    .durability(durability)
                    .execution(execution)
                    .create()
                    .await
                    .unwrap();
                db.create_table::<User>().await.unwrap();
                let mut ann = db.insert(user("Ann", 1)).await.unwrap();
                db.bulk_insert((0..500).map(|i| user("u", i))).await.unwrap();
                ann.age = 5;
                db.update(&mut ann).await.unwrap();
                assert_eq!(db.select::<User>().filter(User::AGE.gte(0)).fetch_all().await.unwrap().len(), 501);
                assert_eq!(db.get::<User>(&ann.pk).await.unwrap().unwrap(), ann);
                db.delete::<User>(&ann).await.unwrap();
                let mode = raw(&db, "PRAGMA journal_mode").await.remove(0);
                assert_eq!(mode == "wal", journal == JournalMode::Wal);
                db.close().await;
            }
        }
    }
}

#[tokio::test]
async fn a_name_that_looks_like_a_uri_is_a_name() {
    let file = File::new();
    let path = file.path.with_file_name("a?mode=memory#x %41 'q\".db");
    let db = SqliterDb::open(&path).await.unwrap();
    db.create_table::<User>().await.unwrap();
    db.close().await;
    assert!(path.exists());
}

/// A connection of somebody else's, in the journal mode that SQLite has by itself.
async fn foreign(path: &std::path::Path) -> sqlx::SqliteConnection {
    use sqlx::ConnectOptions;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
    options.connect().await.unwrap()
}

#[tokio::test]
async fn a_file_in_another_journal_mode_is_taken_over_with_what_it_holds() {
    let file = File::new();
    let mut other = foreign(&file.path).await;
    sqlx::raw_sql("PRAGMA journal_mode = delete; CREATE TABLE t (x); INSERT INTO t VALUES ('kept')")
        .execute(&mut other)
        .await
        .unwrap();
    let db = file.open().await;
    assert_eq!(raw(&db, "PRAGMA journal_mode").await, ["wal"]);
    assert_eq!(raw(&db, "SELECT x FROM t").await, ["kept"]);
}

#[tokio::test]
async fn a_file_that_others_hold_in_another_mode_is_used_as_it_is() {
    let file = File::new();
    let mut other = foreign(&file.path).await;
    sqlx::raw_sql("PRAGMA journal_mode = delete; CREATE TABLE t (x); BEGIN; SELECT * FROM t")
        .execute(&mut other)
        .await
        .unwrap();
    // A reader in the old mode: nobody may change it now.
    let db = SqliterDb::builder()
        .filename(&file.path)
        .busy_timeout(std::time::Duration::from_millis(50))
        .create()
        .await
        .unwrap();
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(raw(&db, "PRAGMA journal_mode").await, ["delete"]);
    db.create_table::<User>().await.unwrap();
    let all = db.select::<User>();
    let (a, b) = tokio::join!(db.insert(user("Ann", 1)), all.count());
    a.unwrap();
    assert!(b.unwrap() <= 1);
    db.transaction(async |tx| -> Result<()> {
        tx.insert(user("Bob", 2)).await?;
        assert_eq!(tx.select::<User>().count().await?, 2);
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(db.select::<User>().count().await.unwrap(), 2);
}
