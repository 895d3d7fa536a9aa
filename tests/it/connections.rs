//! What a handle holds of its file, and what it says about itself.

use std::path::Path;
use std::time::Duration;

use sqliter_async::Execution;
use sqliter_async::prelude::*;
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tracing::level_filters::LevelFilter;

use crate::models::{Account, Owner, Pet, User, account, user};
use crate::support::{Collector, File, raw, raw_execute};

/// CON-5
#[tokio::test]
async fn a_handle_says_how_it_was_opened() {
    let file = File::new();
    let db =
        SqliterDb::builder().filename(&file.path).debug(true).return_local_time(false).clock(|| 1_234).build().unwrap();
    assert_eq!((db.filename(), db.is_memory(), db.is_connected()), (Some(file.path.as_path()), false, false));
    assert_eq!((db.debug(), db.return_local_time(), db.now()), (true, false, 1_234));
    // Clones are the same handle, and say so when it changes.
    let clone = db.clone();
    clone.connect().await.unwrap();
    assert!(db.is_connected());
    db.close().await;
    assert!(!clone.is_connected());

    let memory = SqliterDb::memory().await.unwrap();
    assert_eq!((memory.filename(), memory.is_memory(), memory.is_connected()), (None, true, true));
}

/// CON-6
#[tokio::test]
async fn the_defaults_are_the_documented_ones() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).build().unwrap();
    assert_eq!((db.debug(), db.return_local_time()), (false, true));
    let before = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    assert!((before..before + 60).contains(&db.now()));
    // Every call is committed when it returns: another connection sees it at once.
    db.create_table::<User>().await.unwrap();
    db.insert(user("Ann", 1)).await.unwrap();
    let other = file.open().await;
    assert_eq!(other.get::<User>(1).await.unwrap().unwrap().name, "Ann");
    // Nothing is reset by opening.
    assert_eq!(other.table_names().await.unwrap(), ["users"]);
    assert_eq!(raw(&db, "PRAGMA journal_mode").await, ["wal"]);
    assert_eq!(raw(&db, "SELECT CAST(timeout AS TEXT) FROM pragma_busy_timeout").await, ["5000"]);
    assert_eq!(raw(&db, "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys").await, ["1"]);
}

/// Takes the whole file at once or not at all.
async fn takes_the_file(path: &Path) -> Result<(), sqlx::Error> {
    let mut other = SqliteConnectOptions::new().filename(path).busy_timeout(Duration::ZERO).connect().await?;
    sqlx::raw_sql("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE taken (x); DROP TABLE taken; COMMIT")
        .execute(&mut other)
        .await?;
    sqlx::Connection::close(other).await
}

/// CON-20
#[tokio::test]
async fn a_closed_handle_leaves_its_file_unlocked_whatever_errors_are_alive() {
    let file = File::new();
    for execution in [Execution::Auto, Execution::Inline, Execution::Blocking] {
        let db = SqliterDb::builder()
            .filename(&file.path)
            .execution(execution)
            .busy_timeout(Duration::from_millis(20))
            .create()
            .await
            .unwrap();
        db.create_tables::<(User, Account, Owner, Pet)>().await.unwrap();
        let mut stored = db.insert(account("a@b", 1)).await.unwrap();
        db.bulk_insert([user("a", 1), user("b", 2), user("c", 3)]).await.unwrap();
        raw_execute(&db, "UPDATE users SET age = 'x' WHERE pk = 2").await;
        stored.balance = -1;
        let mut errors = vec![
            // A statement that failed, a batch that failed half way, a result that was given up half way.
            db.insert(account("a@b", 1)).await.unwrap_err(),
            db.bulk_insert([account("new", 1), account("a@b", 1)]).await.unwrap_err(),
            db.select::<User>().order(User::PK).fetch_all().await.unwrap_err(),
            db.get::<User>(2).await.unwrap_err(),
            db.update(&mut stored).await.unwrap_err(),
            Pet::builder().name("Rex").owner_id(9).insert(&db).await.unwrap_err(),
            db.select::<Account>().update(Account::BALANCE.set(-1)).await.unwrap_err(),
        ];
        let mut blocker = db.pool().acquire().await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *blocker).await.unwrap();
        errors.push(db.insert(user("late", 1)).await.unwrap_err());
        assert!(matches!(errors.last(), Some(Error::Busy(_))));
        // Given back in the middle of a transaction.
        drop(blocker);
        assert!(takes_the_file(&file.path).await.is_err(), "an open handle was to hold its file");
        db.close().await;

        takes_the_file(&file.path).await.unwrap();
        assert_eq!(errors.len(), 8);
        db.connect().await.unwrap();
        db.drop_table::<User>().await.unwrap();
        db.drop_table::<Account>().await.unwrap();
        db.close().await;
    }
}

/// A table of users that has no end; it reads a real table once.
const ENDLESS: &str = "CREATE VIEW users AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 4000000000) \
     SELECT i AS pk, 0 AS created_at, 0 AS updated_at, 'x' AS name, i AS age, NULL AS nick FROM n \
     WHERE EXISTS (SELECT 1 FROM sqlite_master)";

/// CON-23
#[tokio::test]
async fn reads_run_beside_each_other_and_beside_a_writer() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).readers(2).create().await.unwrap();
    db.create_table::<Account>().await.unwrap();
    raw_execute(&db, ENDLESS).await;
    let endless = || {
        let query = db.select::<User>();
        tokio::spawn(async move { query.count().await })
    };
    let (one, two) = (endless(), endless());
    // Both are under way: there is no third reader for this.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let third = tokio::time::timeout(Duration::from_millis(100), db.get::<Account>(1)).await;
    assert!(third.is_err(), "{third:?}");
    // The writer waits for neither.
    let written = tokio::time::timeout(Duration::from_secs(4), db.insert(account("a@b", 1))).await;
    let stored = written.expect("a writer does not wait for readers").unwrap();
    assert!(!one.is_finished() && !two.is_finished());

    one.abort();
    let read = tokio::time::timeout(Duration::from_secs(4), db.get::<Account>(1)).await;
    assert_eq!(read.expect("a reader is free").unwrap(), Some(stored));
    assert!(!two.is_finished());
    two.abort();
    assert!(two.await.unwrap_err().is_cancelled());
}

// stops it: it stays on the runtime's thread for ever, and dropping its future does not interrupt it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_reads_no_table_is_interrupted_too() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).readers(1).create().await.unwrap();
    db.create_table::<Account>().await.unwrap();
    raw_execute(&db, ENDLESS.split_once(" WHERE EXISTS").unwrap().0).await;
    let query = db.select::<User>();
    let endless = tokio::spawn(async move { tokio::time::timeout(Duration::from_millis(20), query.count()).await });
    let late = tokio::time::timeout(Duration::from_secs(2), endless).await.expect("the thread is free again");
    assert!(late.unwrap().is_err());
    let read = tokio::time::timeout(Duration::from_secs(2), db.get::<Account>(1)).await;
    assert_eq!(read.expect("the reader is free again").unwrap(), None);
}

/// CON-23
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handles_of_one_file_take_turns_without_errors() {
    let file = File::new();
    let handles = [file.open().await, file.open().await, file.open().await];
    handles[0].create_table::<User>().await.unwrap();
    let tasks: Vec<_> = handles
        .iter()
        .cloned()
        .enumerate()
        .map(|(n, db)| {
            tokio::spawn(async move {
                for i in 0..40 {
                    let mut row = db.insert(user(&format!("{n}"), i)).await.unwrap();
                    row.age += 1;
                    db.update(&mut row).await.unwrap();
                    db.bulk_insert((0..10).map(|i| user("bulk", i))).await.unwrap();
                    assert_eq!(db.get::<User>(&row).await.unwrap(), Some(row));
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    for db in handles {
        assert_eq!(db.select::<User>().count().await.unwrap(), 3 * 40 * 11);
    }
}

/// The requirements of a manifest: name and version, for what comes from the registry.
fn requirements(manifest: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line.contains("dependencies");
            continue;
        }
        let Some((name, value)) = line.split_once('=').filter(|_| inside && !line.starts_with('#')) else { continue };
        let (name, value) = (name.trim(), value.trim());
        if name.ends_with(".workspace") || value.contains("workspace = true") {
            continue;
        }
        let text = match value.split_once("version = ") {
            Some((_, rest)) => rest,
            // A crate of this workspace, by its folder alone.
            None if value.contains("path = ") => continue,
            None => value,
        };
        let version = text.split('"').nth(1).unwrap_or_default();
        found.push((name.to_owned(), version.to_owned()));
    }
    found
}

/// Whether no release, however far off, would be taken unseen.
fn is_bounded(requirement: &str) -> bool {
    let begins = |c: &str| c.trim().chars().next().is_some_and(|c| c.is_ascii_digit() || "^~=".contains(c));
    let ends = |c: &str| c.trim().starts_with('<');
    requirement.split(',').any(|c| begins(c) || ends(c))
}

/// CON-29
#[test]
fn every_dependency_has_a_bound() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let read = |path: &Path| std::fs::read_to_string(path.join("Cargo.toml")).unwrap();
    let workspace = read(root);
    let members = workspace.lines().find_map(|l| l.strip_prefix("members = [")).unwrap();
    let mut manifests = vec![workspace.clone(), read(&root.join("benches"))];
    manifests.extend(members.split('"').skip(1).step_by(2).map(|m| read(&root.join(m))));
    assert!(manifests.len() >= 8, "{}", manifests.len());
    let all: Vec<_> = manifests.iter().flat_map(|m| requirements(m)).collect();
    for name in ["sqlx", "tokio", "chrono", "libsqlite3-sys", "syn", "tracing", "serde-pickle", "rusqlite"] {
        assert!(all.iter().any(|(n, _)| n == name), "{name} was not found in {all:?}");
    }
    for (name, requirement) in &all {
        assert!(is_bounded(requirement), "{name} = {requirement:?} has no upper bound");
    }
    for open in ["*", ">=2.12.5", "> 1", ">=1, >2", ""] {
        assert!(!is_bounded(open), "{open}");
    }
}

/// What a subscriber of this level hears of some work; statements run on its thread.
pub async fn heard(level: LevelFilter, work: impl AsyncFn()) -> Vec<String> {
    let collector = Collector::new(level);
    let guard = tracing::subscriber::set_default(collector.clone());
    work().await;
    drop(guard);
    collector.lines().into_iter().map(|(_, message)| message).collect()
}

/// A handle in memory that logs, and runs its statements where the subscriber listens.
pub async fn talkative() -> SqliterDb {
    SqliterDb::builder().memory().debug(true).execution(Execution::Inline).create().await.unwrap()
}

/// LOG-4
#[tokio::test]
async fn statements_go_to_whoever_listens_at_the_level_of_debugging() {
    let work = async || {
        let db = talkative().await;
        db.create_table::<User>().await.unwrap();
        db.insert(user("Ann", 1)).await.unwrap();
    };
    assert_eq!(heard(LevelFilter::INFO, work).await, Vec::<String>::new());
    assert_eq!(heard(LevelFilter::OFF, work).await, Vec::<String>::new());
    let lines = heard(LevelFilter::DEBUG, work).await;
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines.iter().all(|l| l.starts_with("Executing SQL: ")), "{lines:#?}");
}

/// LOG-5
#[tokio::test]
async fn each_statement_is_logged_once_however_many_handles_log() {
    let lines = heard(LevelFilter::DEBUG, async || {
        let (a, b, c) = (talkative().await, talkative().await, talkative().await);
        for db in [&a, &b, &c, &a.clone()] {
            db.create_table::<User>().await.unwrap();
        }
        b.insert(user("Ann", 1)).await.unwrap();
    })
    .await;
    assert_eq!(lines.iter().filter(|l| l.contains(r#"CREATE TABLE "users""#)).count(), 3, "{lines:#?}");
    assert_eq!(lines.iter().filter(|l| l.contains(r#"INSERT INTO "users""#)).count(), 1, "{lines:#?}");
    // The fourth call found its table there.
    assert_eq!(lines.len(), 4);
}
