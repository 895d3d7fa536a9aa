//! Copies of a database that is in use.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqliter_async::prelude::*;

use crate::models::{User, user};
use crate::support::{File, on_both, raw};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_one_moment_of_a_busy_database() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.bulk_insert((0..20_000).map(|i| user(&format!("a user with a longer name {i}"), 0))).await.unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn({
            let (db, stop) = (db.clone(), stop.clone());
            async move {
                while !stop.load(Ordering::Relaxed) {
                    // Every row has the same age, at every commit.
                    db.update_where::<User>(User::AGE.gte(0), User::AGE.set(User::AGE + 1)).await.unwrap();
                }
            }
        });
        for _ in 0..3 {
            let copy = File::new();
            tokio::time::timeout(Duration::from_secs(20), db.backup(&copy.path)).await.unwrap().unwrap();
            let copied = copy.open().await;
            assert_eq!(raw(&copied, "PRAGMA integrity_check").await, ["ok"]);
            let ages = copied.query_one("SELECT count(*), count(DISTINCT age) FROM users", ()).await.unwrap().unwrap();
            assert_eq!((&ages[0], &ages[1]), (&Value::Int(20_000), &Value::Int(1)));
            // Nothing unfinished lies about.
            assert!(
                std::fs::read_dir(copy.path.parent().unwrap()).unwrap().all(|f| !f.unwrap().path().ends_with("part"))
            );
        }
        stop.store(true, Ordering::Relaxed);
        writer.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_there_is_not_overwritten() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let copy = File::new();
        std::fs::write(&copy.path, b"something").unwrap();
        let e = db.backup(&copy.path).await.unwrap_err();
        assert!(matches!(&e, Error::SqlExecution { .. }) && e.to_string().contains("not empty"), "{e}");
        assert_eq!(std::fs::read(&copy.path).unwrap(), b"something");
        std::fs::write(&copy.path, b"").unwrap();
        db.backup(&copy.path).await.unwrap();
        assert_eq!(copy.open().await.table_names().await.unwrap(), ["users"]);
        // What another database left beside it would be played into the copy.
        for left in ["-wal", "-journal"] {
            let other = copy.path.with_file_name("other.db");
            let journal = copy.path.with_file_name(format!("other.db{left}"));
            std::fs::write(&journal, b"pages").unwrap();
            let e = db.backup(&other).await.unwrap_err();
            assert!(e.to_string().contains("left of another database"), "{e}");
            assert!(!other.exists());
            std::fs::remove_file(journal).unwrap();
        }
        // Names that SQLite or a shell would take for something else.
        for name in [":memory:", "file:x?mode=ro", "ü 'n' %20.db", "-"] {
            let path = copy.path.with_file_name(name);
            db.backup(&path).await.unwrap();
            assert!(std::fs::read(&path).unwrap().starts_with(b"SQLite format 3\0"), "{name}");
        }
        let folder = copy.path.parent().unwrap();
        assert!(matches!(db.backup(folder).await, Err(Error::SqlExecution { .. })));
        let left: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name()).collect();
        assert!(left.iter().all(|f| !f.to_string_lossy().ends_with(".part")), "{left:?}");
        let nowhere = copy.path.join("not a folder");
        assert!(matches!(db.backup(&nowhere).await, Err(Error::SqlExecution { .. })));
        let inside = db.transaction(async |tx| tx.backup(&nowhere).await).await;
        assert!(matches!(inside, Err(Error::InvalidTransaction(_))));
        db.insert(user("still", 1)).await.unwrap();
    })
    .await;
}
