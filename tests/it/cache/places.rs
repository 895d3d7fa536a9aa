//! Tables in other places: temporary, attached, SQLite's own; and writes in ways of their own.

use std::time::Duration;

use sqliter_async::func;
use sqliter_async::prelude::*;

use super::{Critique, Label, Nation, Novel, Writer, cached, cached_memory, fill, hit, library, miss};
use crate::support::{File, raw_execute};

const NEVER: Duration = Duration::from_secs(3600);

/// A handle that runs this on each of its connections, and looks at nobody else's commits.
async fn prepared(file: &File, sql: String) -> SqliterDb {
    SqliterDb::builder()
        .filename(&file.path)
        .cache(CacheOptions::new().external_check(NEVER))
        .on_connect(move |connection| {
            let sql = sql.clone();
            Box::pin(async move { sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await.map(drop) })
        })
        .create()
        .await
        .unwrap()
}

/// A query that reads no column of a table names it without its database.
#[tokio::test]
async fn tables_of_attached_files_that_are_only_counted_are_not_kept() {
    let (file, second) = (File::new(), File::new());
    let there = second.open().await;
    fill(&there).await;
    let path = second.path.to_str().unwrap().to_owned();
    let db = prepared(&file, format!("ATTACH '{path}' AS other")).await;
    let count = db.select::<Label>().annotate("n", func::count());
    let number = async || count.fetch_one().await.unwrap().unwrap().get::<i64>("n").unwrap();
    for n in 2..5 {
        assert_eq!(number().await, n);
        there.insert(Label { pk: Pk::unset(), name: n.to_string() }).await.unwrap();
    }
    // One of the same name in the file itself comes first, and is watched.
    let table = "CREATE TABLE main.labels (pk INTEGER PRIMARY KEY, created_at INT, updated_at INT, name TEXT)";
    db.execute(table, ()).await.unwrap();
    let db = prepared(&file, format!("ATTACH '{path}' AS other")).await;
    let count = db.select::<Label>().annotate("n", func::count());
    let number = async || count.fetch_one().await.unwrap().unwrap().get::<i64>("n").unwrap();
    assert_eq!(miss(&db, async || number().await).await, 0);
    assert_eq!(hit(&db, async || number().await).await, 0);
    db.insert(Label { pk: Pk::unset(), name: "here".into() }).await.unwrap();
    assert_eq!(miss(&db, async || number().await).await, 1);
}

#[tokio::test]
async fn temporary_tables_that_are_only_counted_are_not_kept() {
    let file = File::new();
    fill(&file.open().await).await;
    let db = prepared(&file, "CREATE TEMP TABLE labels (pk INTEGER PRIMARY KEY, name TEXT)".into()).await;
    let count = db.select::<Label>().annotate("n", func::count());
    for _ in 0..2 {
        miss(&db, async || assert_eq!(count.fetch_one().await.unwrap().unwrap().get::<i64>("n").unwrap(), 0)).await;
    }
    let count = db.select::<Novel>().annotate("n", func::count());
    miss(&db, async || count.fetch_one().await.unwrap()).await;
    hit(&db, async || count.fetch_one().await.unwrap()).await;
    db.select::<Novel>().delete().await.unwrap();
    assert_eq!(count.fetch_one().await.unwrap().unwrap().get::<i64>("n").unwrap(), 0);
}

/// Of the table of the highest keys, which SQLite writes with every insert.
#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(table = "highest", timestamps = false)]
struct Highest {
    #[pk(column = "name")]
    pk: Pk<Self, String>,
    seq: i64,
}

#[tokio::test]
async fn the_table_of_the_highest_keys_is_never_old() {
    let file = File::new();
    let db = library(&file).await;
    db.execute("CREATE VIEW highest AS SELECT name, seq FROM sqlite_sequence", ()).await.unwrap();
    for _ in 0..3 {
        let new = db.insert(Label { pk: Pk::unset(), name: "x".into() }).await.unwrap().pk.value().unwrap();
        for _ in 0..2 {
            assert_eq!(db.get::<Highest>("labels").await.unwrap().unwrap().seq, new);
        }
    }
}

/// Rows that SQLite itself numbers.
#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(table = "loose", timestamps = false)]
struct Loose {
    #[pk(column = "rowid")]
    pk: Pk<Self>,
    word: String,
}

#[tokio::test]
async fn vacuum_numbers_rows_anew() {
    let file = File::new();
    let db = cached(&file, CacheOptions::new().external_check(NEVER)).await;
    db.execute_script("CREATE TABLE loose (word TEXT); INSERT INTO loose VALUES ('a'), ('b'), ('c')").await.unwrap();
    db.execute("DELETE FROM loose WHERE word = 'a'", ()).await.unwrap();
    let all = db.select::<Loose>();
    assert_eq!(all.fetch_all().await.unwrap().len(), 2);
    db.execute("VACUUM", ()).await.unwrap();
    let now = all.clone().bypass_cache().fetch_all().await.unwrap();
    assert_eq!(all.fetch_all().await.unwrap(), now);
}

/// Definitions by raw SQL through the handle, at once.
#[tokio::test]
async fn raw_definitions_and_writes_are_seen_at_once() {
    let file = File::new();
    let db = cached(&file, CacheOptions::new().external_check(NEVER)).await;
    fill(&db).await;
    let memory = SqliterDb::builder().memory().cache(CacheOptions::new().external_check(NEVER)).create().await.unwrap();
    fill(&memory).await;
    for db in [&db, &memory] {
        let writers = db.select::<Writer>().order(Writer::PK);
        let novels = db.select::<Novel>().select_related(Novel::WRITER).order(Novel::PK);
        let check = async |sql: &str| {
            for _ in 0..2 {
                writers.fetch_all().await.ok();
                novels.fetch_all().await.ok();
            }
            db.execute_script(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
            let w = writers.clone().bypass_cache().fetch_all().await.map_err(|e| e.to_string());
            let n = novels.clone().bypass_cache().fetch_all().await.map_err(|e| e.to_string());
            for _ in 0..2 {
                assert_eq!(writers.fetch_all().await.map_err(|e| e.to_string()), w, "{sql}");
                let now = novels.fetch_all().await.map_err(|e| e.to_string());
                assert_eq!(now, n, "{sql}");
                let parents = |rows: &[Novel]| rows.iter().map(|r| r.writer.get().cloned()).collect::<Vec<_>>();
                assert_eq!(now.as_deref().map(parents), n.as_deref().map(parents), "{sql}");
            }
        };
        for sql in [
            "INSERT OR REPLACE INTO writers (pk, created_at, updated_at, name) VALUES (9, 1, 1, 'Mary')",
            "REPLACE INTO writers (pk, created_at, updated_at, name) VALUES (1, 1, 1, 'again')",
            "INSERT INTO writers (created_at, updated_at, name) VALUES (1, 1, 'Ann')",
            "INSERT INTO writers (created_at, updated_at, name) VALUES (1, 1, 'Ann') \
             ON CONFLICT (name) DO UPDATE SET name = 'Anne'",
            "INSERT OR IGNORE INTO writers (created_at, updated_at, name) VALUES (1, 1, 'Zoe')",
            "INSERT INTO novels (created_at, updated_at, title, year, writer_id) SELECT 1, 1, name, 5, pk FROM writers",
            "WITH w AS (SELECT pk FROM writers WHERE name = 'Zoe') UPDATE novels SET title = 'with' \
             WHERE writer_id IN w",
            "UPDATE novels SET title = w.name FROM writers w WHERE w.pk = novels.writer_id",
            "BEGIN; UPDATE novels SET year = 1; SAVEPOINT a; DELETE FROM novels; ROLLBACK TO a; RELEASE a; COMMIT",
            "BEGIN; DELETE FROM novels; ROLLBACK",
            "DELETE FROM novels WHERE year = 1 RETURNING pk",
            "ALTER TABLE writers ADD COLUMN extra TEXT DEFAULT 'x'",
            "ALTER TABLE writers RENAME COLUMN name TO called",
            "ALTER TABLE writers RENAME COLUMN called TO name",
            "ALTER TABLE writers DROP COLUMN extra",
            "ALTER TABLE novels RENAME TO old_novels",
            "ALTER TABLE old_novels RENAME TO novels",
            "PRAGMA user_version = 8",
            "REINDEX",
            "DELETE FROM writers",
            "DROP TABLE novels",
        ] {
            check(sql).await;
        }
    }
}

/// Keys that change take what refers to them along, whatever the table is made like.
#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(table = "cities", timestamps = false)]
struct City {
    pk: Pk<Self, String>,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(table = "streets", timestamps = false)]
struct Street {
    pk: Pk<Self, String>,
    city: String,
}

#[tokio::test]
async fn cascades_on_update_and_without_row_ids_are_seen() {
    for kind in ["", "WITHOUT ROWID", "STRICT"] {
        for action in ["ON UPDATE CASCADE ON DELETE CASCADE", "ON UPDATE SET NULL ON DELETE SET DEFAULT"] {
            let file = File::new();
            let db = cached(&file, CacheOptions::new().external_check(NEVER)).await;
            db.execute_script(&format!(
                "CREATE TABLE cities (pk TEXT PRIMARY KEY NOT NULL) {kind};
                 CREATE TABLE streets (pk TEXT PRIMARY KEY NOT NULL,
                    city TEXT DEFAULT 'none' REFERENCES cities (pk) {action}) {kind};
                 INSERT INTO cities VALUES ('Bath'), ('York'), ('none');
                 INSERT INTO streets VALUES ('Milsom Street', 'Bath'), ('Shambles', 'York')"
            ))
            .await
            .unwrap();
            let streets = db.select::<Street>().order(Street::PK).fields(["pk", "city"]);
            for sql in [
                "UPDATE cities SET pk = 'Aquae Sulis' WHERE pk = 'Bath'",
                "DELETE FROM cities WHERE pk = 'York'",
                "DELETE FROM cities WHERE pk <> 'none'",
            ] {
                let before = streets.fetch_all().await.unwrap();
                assert_eq!(hit(&db, async || streets.fetch_all().await.unwrap()).await, before);
                db.execute(sql, ()).await.unwrap();
                let now = streets.clone().bypass_cache().fetch_all().await.unwrap();
                assert_eq!(streets.fetch_all().await.unwrap(), now, "{kind} {action} {sql}");
            }
            db.select::<City>().delete().await.ok();
            let now = streets.clone().bypass_cache().fetch_all().await.unwrap();
            assert_eq!(streets.fetch_all().await.unwrap(), now);
        }
    }
}

/// Triggers that are the connection's own, and views with triggers in place of writes.
#[tokio::test]
async fn temporary_triggers_and_those_of_views_are_seen() {
    let file = File::new();
    fill(&file.open().await).await;
    let trigger = "CREATE TEMP TRIGGER t AFTER UPDATE ON nations BEGIN UPDATE labels SET name = new.name; END";
    let db = prepared(&file, trigger.to_owned()).await;
    db.execute_script(
        "CREATE VIEW named AS SELECT pk, name FROM writers;
         CREATE TRIGGER v INSTEAD OF UPDATE ON named BEGIN UPDATE critiques SET text = new.name; END",
    )
    .await
    .unwrap();
    let (labels, critiques) = (db.select::<Label>(), db.select::<Critique>());
    for i in 0..3 {
        labels.fetch_all().await.unwrap();
        critiques.fetch_all().await.unwrap();
        hit(&db, async || labels.fetch_all().await.unwrap()).await;
        db.update_where::<Nation>(None, Nation::NAME.set(i.to_string())).await.unwrap();
        assert_eq!(labels.fetch_all().await.unwrap()[0].name, i.to_string());
        hit(&db, async || critiques.fetch_all().await.unwrap()).await;
        db.execute("UPDATE named SET name = ? WHERE pk = 1", params![i.to_string()]).await.unwrap();
        assert_eq!(critiques.fetch_all().await.unwrap()[0].text, i.to_string());
    }
}

/// Transactions on a connection of the pool: seen once they have committed, never before, and not when they were rolled back.
#[tokio::test]
async fn transactions_through_the_pool_are_seen_when_they_commit() {
    let file = File::new();
    let check = Duration::from_millis(20);
    let options = CacheOptions::new().external_check(check);
    let on_file = cached(&file, options.clone()).await;
    fill(&on_file).await;
    let in_memory = cached_memory().await;
    for (db, check) in [(&on_file, check), (&in_memory, Duration::from_millis(100))] {
        let title = async || db.get::<Novel>(1).await.unwrap().unwrap().title;
        for (name, commits) in [("first", true), ("second", false), ("third", true)] {
            let before = title().await;
            let mut tx = db.pool().begin().await.unwrap();
            sqlx::query("UPDATE novels SET title = ? WHERE pk = 1").bind(name).execute(&mut *tx).await.unwrap();
            // In memory whoever reads waits for it.
            for _ in 0..if db.is_memory() { 0 } else { 3 } {
                assert_eq!(title().await, before);
                tokio::time::sleep(check / 2).await;
            }
            match commits {
                true => tx.commit().await.unwrap(),
                false => tx.rollback().await.unwrap(),
            }
            tokio::time::sleep(check).await;
            assert_eq!(title().await, if commits { name.to_owned() } else { before });
            hit(db, async || title().await).await;
        }
    }
    raw_execute(&on_file, "DELETE FROM novels").await;
    tokio::time::sleep(check).await;
    assert_eq!(on_file.get::<Novel>(1).await.unwrap(), None);
}
