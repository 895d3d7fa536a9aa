//! Commits that are not the handle's own: of other handles, of the pool, of other programs.

use std::time::{Duration, Instant};

use sqliter_async::prelude::*;
use sqliter_async::{Execution, JournalMode};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::{Critique, Label, Novel, Writer, cached, cached_memory, fill, hit, library, miss, novel};
use crate::support::{File, raw_execute};

const CHECK: Duration = Duration::from_millis(100);

/// A connection of another program, as far as the library can tell.
async fn foreign(file: &File) -> SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file.path).busy_timeout(Duration::from_secs(5));
    options.connect().await.unwrap()
}

async fn run(connection: &mut SqliteConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(connection).await.unwrap();
}

async fn title(db: &SqliterDb) -> String {
    db.get::<Novel>(1).await.unwrap().unwrap().title
}

async fn rename(db: &SqliterDb, name: &str) {
    db.update_where::<Novel>(Novel::YEAR.eq(1815), Novel::TITLE.set(name)).await.unwrap();
}

/// CACHE-17, W20
#[tokio::test]
async fn commits_through_the_pool_and_by_others_are_seen_in_time() {
    let file = File::new();
    let memory = cached_memory().await;
    let db = library(&file).await;
    let mut other = foreign(&file).await;
    for (db, by_other) in [(&db, false), (&db, true), (&memory, false)] {
        for i in 0..3 {
            title(db).await;
            let start = Instant::now();
            let sql = format!("UPDATE novels SET title = 'raw {by_other} {i}' WHERE pk = 1");
            if by_other {
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut other).await.unwrap();
            } else {
                raw_execute(db, &sql).await;
            }
            let wanted = format!("raw {by_other} {i}");
            while title(db).await != wanted {
                assert!(start.elapsed() < CHECK * 4, "not seen after {:?}", start.elapsed());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            hit(db, async || title(db).await).await;
        }
    }
}

/// CACHE-17
#[tokio::test]
async fn with_a_check_at_each_hit_commits_by_others_are_seen_at_once() {
    let file = File::new();
    let db = cached(&file, CacheOptions::new().external_check(Duration::ZERO)).await;
    fill(&db).await;
    let mut other = foreign(&file).await;
    for i in 0..50 {
        title(&db).await;
        hit(&db, async || title(&db).await).await;
        let sql = format!("UPDATE novels SET title = '{i}' WHERE pk = 1");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut other).await.unwrap();
        assert_eq!(title(&db).await, i.to_string());
        // What the handle itself writes is no commit of others.
        db.update_where::<Label>(None, Label::NAME.set("x")).await.unwrap();
        hit(&db, async || title(&db).await).await;
    }
}

/// What others commit just before a long transaction of ours does not stay unseen for as long as that takes.
#[tokio::test]
async fn a_long_transaction_hides_no_commit_that_was_before_it() {
    for check in [CHECK, Duration::ZERO] {
        let file = File::new();
        let db = cached(&file, CacheOptions::new().external_check(check)).await;
        fill(&db).await;
        let mut other = foreign(&file).await;
        tokio::time::sleep(CHECK * 2).await;
        // A look, a commit, and a transaction, all in less time than lies between two looks.
        miss(&db, async || title(&db).await).await;
        run(&mut other, "UPDATE novels SET title = 'theirs' WHERE pk = 1").await;
        let tx = db.begin().await.unwrap();
        tokio::time::sleep(CHECK * 2).await;
        assert_eq!(title(&db).await, "theirs");
        // Nobody else commits while we write: hits are hits.
        hit(&db, async || title(&db).await).await;
        tx.rollback().await.unwrap();
    }
}

/// Nor does it when another handle's transaction is in the way, whether that one caches or not.
#[tokio::test]
async fn a_transaction_of_another_handle_hides_no_commit_that_was_before_it() {
    for caches in [false, true] {
        let file = File::new();
        let db = library(&file).await;
        let second = if caches { cached(&file, CacheOptions::new()).await } else { file.open().await };
        let mut other = foreign(&file).await;
        second.get::<Novel>(1).await.unwrap();
        tokio::time::sleep(CHECK * 2).await;
        title(&db).await;
        hit(&db, async || title(&db).await).await;
        run(&mut other, "UPDATE novels SET title = 'theirs' WHERE pk = 1").await;
        let tx = second.begin().await.unwrap();
        tokio::time::sleep(CHECK * 2).await;
        assert_eq!(title(&db).await, "theirs");
        tx.rollback().await.unwrap();
    }
}

/// Nor while a write of ours waits for another program to end its transactions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_waits_for_others_hides_no_commit_of_theirs() {
    let file = File::new();
    let db = library(&file).await;
    let mut other = foreign(&file).await;
    title(&db).await;
    run(&mut other, "BEGIN IMMEDIATE; UPDATE novels SET title = 'first' WHERE pk = 1").await;
    let waiting = [
        tokio::spawn({
            let db = db.clone();
            async move {
                db.transaction(async |tx| -> Result<()> { tx.select::<Critique>().delete().await.map(drop) }).await
            }
        }),
        tokio::spawn({
            let db = db.clone();
            async move { db.select::<Label>().delete().await.map(drop) }
        }),
    ];
    tokio::time::sleep(CHECK / 2).await;
    let (mut late, mut committed) = (Duration::ZERO, "Emma");
    for name in ["second", "third", "fourth"] {
        // Ends one transaction and begins the next before the waiting ones wake up, nearly always.
        let sql = format!("COMMIT; BEGIN IMMEDIATE; UPDATE novels SET title = '{name}' WHERE pk = 1");
        let took = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut other).await;
        took.unwrap();
        committed = match committed {
            "Emma" => "first",
            "first" => "second",
            _ => "third",
        };
        let start = Instant::now();
        while title(&db).await != committed {
            assert!(start.elapsed() < CHECK * 3, "'{committed}' was not seen after {:?}", start.elapsed());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        late = late.max(start.elapsed());
    }
    println!("seen after {late:?} at the latest");
    run(&mut other, "COMMIT").await;
    for task in waiting {
        task.await.unwrap().unwrap();
    }
}

/// CACHE-17: handles on one file in this process need no check.
#[tokio::test]
async fn other_handles_on_the_file_are_seen_at_once() {
    let file = File::new();
    let plain_before = file.open().await;
    fill(&plain_before).await;
    let db = cached(&file, CacheOptions::new().external_check(Duration::from_secs(3600))).await;
    let plain_after = file.open().await;
    let caching = cached(&file, CacheOptions::new().external_check(Duration::from_secs(3600))).await;
    // The first look of a handle retires everything.
    title(&caching).await;
    for i in 0..3 {
        for (name, writer) in [("a", &plain_before), ("b", &plain_after), ("c", &caching), ("d", &db)] {
            for reader in [&db, &caching] {
                title(reader).await;
                reader.select::<Novel>().select_related(Novel::WRITER).fetch_all().await.unwrap();
            }
            hit(&db, async || title(&db).await).await;
            rename(writer, &format!("{name}{i}")).await;
            writer
                .transaction(async |tx| -> Result<()> {
                    tx.update_where::<Writer>(Writer::NAME.ne("Mary"), Writer::NAME.set(format!("{name}{i}")))
                        .await
                        .map(drop)
                })
                .await
                .unwrap();
            for reader in [&db, &caching] {
                assert_eq!(title(reader).await, format!("{name}{i}"));
                let joined = reader.select::<Novel>().select_related(Novel::WRITER).fetch_all().await.unwrap();
                assert_eq!(joined[0].writer.loaded().unwrap().name, format!("{name}{i}"));
            }
        }
    }
}

/// A handle that begins to cache while another has a transaction open.
#[tokio::test]
async fn a_transaction_that_is_older_than_the_cache_is_seen() {
    let file = File::new();
    let plain = file.open().await;
    fill(&plain).await;
    let tx = plain.begin().await.unwrap();
    rename(&tx, "written before").await;
    let db = cached(&file, CacheOptions::new().external_check(Duration::from_secs(3600))).await;
    assert_eq!(title(&db).await, "Emma");
    assert_eq!(title(&db).await, "Emma");
    tx.commit().await.unwrap();
    assert_eq!(title(&db).await, "written before");
    hit(&db, async || title(&db).await).await;

    // The same with auto_commit(false), whose transaction lasts.
    let file = File::new();
    let manual = SqliterDb::builder().filename(&file.path).auto_commit(false).create().await.unwrap();
    fill(&manual).await;
    manual.commit().await.unwrap();
    rename(&manual, "open").await;
    let db = cached(&file, CacheOptions::new().external_check(Duration::from_secs(3600))).await;
    assert_eq!(title(&db).await, "Emma");
    manual.commit().await.unwrap();
    assert_eq!(title(&db).await, "open");
}

/// Work of the database on itself changes nothing.
#[tokio::test]
async fn vacuum_checkpoints_and_pragmas_change_no_result() {
    let file = File::new();
    let db = library(&file).await;
    let q = db.select::<Novel>().select_related(Novel::WRITER).order(Novel::YEAR);
    for sql in ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA user_version = 7", "ANALYZE", "REINDEX"] {
        let before = q.fetch_all().await.unwrap();
        raw_execute(&db, sql).await;
        assert_eq!(q.fetch_all().await.unwrap(), before);
        tokio::time::sleep(CHECK).await;
        assert_eq!(q.fetch_all().await.unwrap(), before);
        rename(&db, sql).await;
        assert_eq!(q.fetch_all().await.unwrap()[0].title, sql);
    }
}

/// What is in an attached file, or in a connection's temporary tables, is not watched, and so not kept.
#[tokio::test]
async fn tables_of_attached_files_are_not_kept() {
    let (file, second) = (File::new(), File::new());
    let there = second.open().await;
    fill(&there).await;
    let path = second.path.to_str().unwrap().to_owned();
    let db = SqliterDb::builder()
        .filename(&file.path)
        .cache(CacheOptions::new())
        .on_connect(move |connection| {
            let sql = format!("ATTACH '{path}' AS other; CREATE TEMP TABLE labels AS SELECT * FROM other.labels");
            Box::pin(async move { sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await.map(drop) })
        })
        .create()
        .await
        .unwrap();
    for i in 0..3 {
        title(&db).await;
        assert_eq!(db.select::<Label>().fetch_all().await.unwrap().len(), 2);
        rename(&there, &i.to_string()).await;
        assert_eq!(title(&db).await, i.to_string());
    }
    // Tables of the file itself are, beside them.
    db.create_table::<Shop>().await.unwrap();
    db.insert(Shop { pk: Pk::unset(), city: "Bath".into() }).await.unwrap();
    miss(&db, async || db.get::<Shop>(1).await.unwrap()).await;
    hit(&db, async || db.get::<Shop>(1).await.unwrap()).await;
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Shop {
    pk: Pk<Self>,
    city: String,
}

/// Every way to run and every journal.
#[tokio::test]
async fn every_journal_mode_and_execution_retires() {
    for journal in [JournalMode::Wal, JournalMode::Delete, JournalMode::Truncate, JournalMode::Persist] {
        for execution in [Execution::Auto, Execution::Inline, Execution::Blocking] {
            let file = File::new();
            let db = SqliterDb::builder()
                .filename(&file.path)
                .journal_mode(journal)
                .execution(execution)
                .cache(CacheOptions::new())
                .create()
                .await
                .unwrap();
            fill(&db).await;
            for i in 0..3 {
                title(&db).await;
                hit(&db, async || title(&db).await).await;
                rename(&db, &format!("{i}")).await;
                assert_eq!(title(&db).await, format!("{i}"));
                db.transaction(async |tx| -> Result<()> { tx.insert(novel("x", i, 1)).await.map(drop) }).await.unwrap();
                raw_execute(&db, &format!("UPDATE novels SET title = 'raw {i}' WHERE pk = 1")).await;
                tokio::time::sleep(CHECK + Duration::from_millis(10)).await;
                assert_eq!(title(&db).await, format!("raw {i}"));
                hit(&db, async || title(&db).await).await;
                rename(&db, &format!("{i}")).await;
            }
        }
    }
}

/// A file that is only read.
#[tokio::test]
async fn a_file_that_is_only_read_is_looked_at() {
    let file = File::new();
    let other = file.open().await;
    fill(&other).await;
    let db =
        SqliterDb::builder().filename(&file.path).read_only(true).cache(CacheOptions::new()).create().await.unwrap();
    title(&db).await;
    hit(&db, async || title(&db).await).await;
    let mut foreign = foreign(&file).await;
    run(&mut foreign, "UPDATE novels SET title = 'theirs' WHERE pk = 1").await;
    tokio::time::sleep(CHECK).await;
    assert_eq!(title(&db).await, "theirs");
    rename(&other, "x").await;
    foreign.close().await.unwrap();
}

/// Hooks of the user's own on the pool's connections: the library's take their place while it has them, and nothing breaks.
#[tokio::test]
async fn hooks_of_on_connect_are_no_harm() {
    let file = File::new();
    let db = SqliterDb::builder()
        .filename(&file.path)
        .cache(CacheOptions::new())
        .on_connect(|connection| {
            Box::pin(async move {
                let mut handle = connection.lock_handle().await?;
                handle.set_commit_hook(|| true);
                handle.set_rollback_hook(|| {});
                Ok(())
            })
        })
        .create()
        .await
        .unwrap();
    fill(&db).await;
    for i in 0..3 {
        title(&db).await;
        hit(&db, async || title(&db).await).await;
        rename(&db, &i.to_string()).await;
        assert_eq!(title(&db).await, i.to_string());
        raw_execute(&db, "UPDATE novels SET price = 1").await;
    }
    db.close().await;
}

/// A COMMIT that has to be tried again, because others still read: nothing is kept while it is not known how it ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_has_to_wait_is_a_commit_all_the_same() {
    let file = File::new();
    let db = SqliterDb::builder()
        .filename(&file.path)
        .journal_mode(JournalMode::Delete)
        .busy_timeout(Duration::from_millis(400))
        .cache(CacheOptions::new())
        .create()
        .await
        .unwrap();
    fill(&db).await;
    let mut other = foreign(&file).await;
    for in_time in [true, false] {
        title(&db).await;
        let before = title(&db).await;
        run(&mut other, "BEGIN; SELECT count(*) FROM novels").await;
        let writing = tokio::spawn({
            let db = db.clone();
            async move {
                db.transaction(async |tx| -> Result<()> {
                    tx.update_where::<Novel>(None, Novel::TITLE.set("new")).await.map(drop)
                })
                .await
            }
        });
        tokio::time::sleep(Duration::from_millis(if in_time { 100 } else { 1500 })).await;
        run(&mut other, "COMMIT").await;
        let done = writing.await.unwrap();
        assert_eq!(done.is_ok(), in_time, "{done:?}");
        let now = title(&db).await;
        assert_eq!(now, if in_time { "new".to_owned() } else { before });
        assert_eq!(title(&db).await, now);
        hit(&db, async || title(&db).await).await;
        db.update_where::<Novel>(None, Novel::TITLE.set("between")).await.unwrap();
        assert_eq!(title(&db).await, "between");
    }
}
