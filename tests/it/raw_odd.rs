//! Raw SQL that is odd: what SQLite keeps between statements, words that look like others, ends of ranges.

use std::time::Duration;

use sqliter_async::ErrorKind;
use sqliter_async::prelude::*;

use crate::support::{File, on_both};

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what).await.expect("it hangs")
}

async fn notes(db: &SqliterDb) {
    db.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT UNIQUE, n INTEGER)", ()).await.unwrap();
}

/// The usual way to write a parent and its children in SQL.
#[tokio::test]
async fn the_last_rowid_is_there_for_the_next_statement() {
    on_both(async |db| {
        db.execute_script("CREATE TABLE a (id INTEGER PRIMARY KEY, x); CREATE TABLE b (a_id INTEGER, y)")
            .await
            .unwrap();
        let done: Result<()> = db
            .transaction(async |tx| {
                let a = tx.execute("INSERT INTO a VALUES (41, 'p')", ()).await?;
                assert_eq!(a.last_insert_id, Some(41));
                assert_eq!(tx.query_scalar::<i64>("SELECT last_insert_rowid()", ()).await?, Some(41));
                let b = tx.execute("INSERT INTO b VALUES (last_insert_rowid(), ?)", params!["c"]).await?;
                assert_eq!((b.rows_affected, b.last_insert_id), (1, Some(1)));
                tx.execute("UPDATE b SET y = 'd'", ()).await?;
                assert_eq!(tx.query_scalar::<i64>("SELECT LAST_INSERT_ROWID()", ()).await?, Some(1));
                let rows = tx.query("INSERT INTO b SELECT last_insert_rowid(), 'e' RETURNING a_id", ()).await?;
                assert_eq!(rows[0][0], Value::Int(1));
                let none = tx.execute("UPDATE b SET y = last_insert_rowid() WHERE a_id = 41", ()).await?;
                assert_eq!((none.rows_affected, none.last_insert_id), (1, None));
                Ok(())
            })
            .await;
        done.unwrap();
        assert_eq!(db.query_scalar::<i64>("SELECT a_id FROM b WHERE rowid = 1", ()).await.unwrap(), Some(41));
        let zero = db.execute("INSERT INTO a VALUES (0, 'zero')", ()).await.unwrap();
        assert_eq!(zero.last_insert_id, Some(0));
        for id in [i64::MAX, i64::MIN + 1, -1] {
            let done = db.execute("INSERT INTO a VALUES (?, 'x')", params![id]).await.unwrap();
            assert_eq!(done.last_insert_id, Some(id));
        }
        db.execute("CREATE TABLE w (k TEXT PRIMARY KEY) WITHOUT ROWID", ()).await.unwrap();
        assert_eq!(db.execute("INSERT INTO w VALUES ('k')", ()).await.unwrap().last_insert_id, None);
        let upsert = "INSERT INTO a VALUES (0, 'again') ON CONFLICT (id) DO UPDATE SET x = excluded.x";
        let done = db.execute(upsert, ()).await.unwrap();
        assert_eq!((done.rows_affected, done.last_insert_id), (1, None));
    })
    .await;
}

/// `replace` is a function, too.
#[tokio::test]
async fn a_query_that_begins_with_with_and_replaces_is_a_query() {
    on_both(async |db| {
        notes(&db).await;
        db.execute("INSERT INTO notes (text) VALUES ('a'), ('b')", ()).await.unwrap();
        let sql = "WITH x AS (SELECT text FROM notes) SELECT replace(text, 'a', 'z') AS t FROM x ORDER BY 1";
        assert_eq!(db.query(sql, ()).await.unwrap().len(), 2);
        assert_eq!(db.execute(sql, ()).await.unwrap().rows_affected, 0);
        let mut stream = db.query_stream(sql, ());
        assert_eq!(soon(stream.next()).await.unwrap().unwrap()["t"], Value::from("b"));
        let read = db.read_transaction(async |tx| tx.query(sql, ()).await).await.unwrap();
        assert_eq!(read.len(), 2);
        // The writer is not asked. (In memory a reader waits for it, too.)
        if !db.is_memory() {
            let _tx = db.begin().await.unwrap();
            let other = db.clone();
            let found = tokio::spawn(async move { other.query(sql, ()).await }).await.unwrap();
            assert_eq!(found.unwrap().len(), 2);
        }
    })
    .await;
}

#[tokio::test]
async fn the_first_row_is_enough_where_one_is_asked_for() {
    on_both(async |db| {
        let endless = "WITH RECURSIVE n(i) AS (SELECT 7 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
        assert_eq!(soon(db.query_scalar::<i64>(endless, ())).await.unwrap(), Some(7));
        assert_eq!(soon(db.query_one(endless, ())).await.unwrap().unwrap()["i"], Value::Int(7));
        let done: Result<()> = db
            .transaction(async |tx| {
                assert_eq!(soon(tx.query_scalar::<i64>(endless, ())).await?, Some(7));
                tx.execute("CREATE TABLE t (x)", ()).await.map(drop)
            })
            .await;
        done.unwrap();
        // A write is done to its end.
        let all = "INSERT INTO t VALUES (1), (2), (3) RETURNING x";
        assert_eq!(db.query_scalar::<i64>(all, ()).await.unwrap(), Some(1));
        assert_eq!(db.query_one("UPDATE t SET x = x + 1 RETURNING x", ()).await.unwrap().unwrap().len(), 1);
        assert_eq!(db.query_scalar::<i64>("SELECT sum(x) FROM t", ()).await.unwrap(), Some(9));
    })
    .await;
}

#[tokio::test]
async fn values_come_back_as_they_went() {
    on_both(async |db| {
        let bytes: Vec<u8> = (0..=255).collect();
        let row = db
            .query_one(
                "SELECT ?, ?, ?, ?, ?, ?, ?, ?",
                params![i64::MIN, i64::MAX, f64::INFINITY, -0.0, bytes.clone(), "a\0b", "", Vec::<u8>::new()],
            )
            .await
            .unwrap()
            .unwrap();
        assert_eq!((row.get_at::<i64>(0).unwrap(), row.get_at::<i64>(1).unwrap()), (i64::MIN, i64::MAX));
        assert_eq!(row.get_at::<f64>(2).unwrap(), f64::INFINITY);
        assert_eq!(row.get_at::<Vec<u8>>(4).unwrap(), bytes);
        assert_eq!(
            (row.get_at::<String>(5).unwrap().as_str(), row.get_at::<String>(6).unwrap().as_str()),
            ("a\0b", "")
        );
        assert_eq!(row.get_at::<Vec<u8>>(7).unwrap(), Vec::<u8>::new());
        assert!(row.get_at::<Option<i32>>(1).is_err() && row.get_at::<u8>(0).is_err());
        let e = db.query("SELECT ?", params![f64::NAN]).await.unwrap_err();
        assert!(e.to_string().contains("NaN"), "{e}");
        let e = db.query("SELECT :x", params![x: u64::MAX]).await.unwrap_err();
        assert!(e.to_string().contains("parameter 'x'"), "{e}");
        // Dates, enums of one's own and what may be missing.
        let at = chrono::DateTime::from_timestamp(1_700_000_000, 5_000).unwrap();
        let day: Option<chrono::NaiveDate> = None;
        let row = db.query_one("SELECT :r#type, :at, @day", ()).await;
        assert!(row.is_err());
        let row = db
            .query_one("SELECT :type AS a, $at AS b, @day AS c, :type AS d", params![r#type: true, at: at, day: day])
            .await
            .unwrap()
            .unwrap();
        assert!(row.get::<bool>("a").unwrap() && row.get::<bool>("d").unwrap());
        assert_eq!(row.get::<chrono::DateTime<chrono::Utc>>("b").unwrap(), at);
        assert_eq!(row.get::<Option<chrono::NaiveDate>>("c").unwrap(), None);
        let row = db.query_one("SELECT :type", params![type: 1]).await.unwrap().unwrap();
        assert_eq!(row[0], Value::Int(1));
        // Some have numbers with holes.
        let row = db.query_one("SELECT ?3, ?1", params![1, 2, 3]).await.unwrap().unwrap();
        assert_eq!((&row[0], &row[1]), (&Value::Int(3), &Value::Int(1)));
        let row = db.query_one("SELECT ? || ?2 || ?", params!["a", "b", "c"]).await.unwrap().unwrap();
        assert_eq!(row[0], Value::from("abc"));
    })
    .await;
}

#[tokio::test]
async fn what_is_not_one_statement_says_so() {
    on_both(async |db| {
        notes(&db).await;
        for nothing in ["", "  ", ";", "-- only this", "/* and this", "\u{feff}"] {
            for e in [
                db.execute(nothing, ()).await.map(drop).unwrap_err(),
                db.query(nothing, ()).await.map(drop).unwrap_err(),
                db.query_one(nothing, ()).await.map(drop).unwrap_err(),
                db.query_scalar::<i64>(nothing, ()).await.map(drop).unwrap_err(),
                db.execute_many(nothing, [params![1]]).await.map(drop).unwrap_err(),
                db.execute_many(nothing, Vec::<sqliter_async::Params>::new()).await.map(drop).unwrap_err(),
                soon(db.query_stream(nothing, ()).next()).await.unwrap().unwrap_err(),
            ] {
                assert!(matches!(e, Error::SqlExecution { .. }), "{nothing:?}: {e:?}");
            }
        }
        for wrong in ["SELECT 1\0; DELETE FROM notes", "SELECT 1; SELECT 2", "DELETE FROM notes; BEGIN", "SELECT '"] {
            assert!(db.execute(wrong, ()).await.is_err(), "{wrong:?}");
            assert!(db.query(wrong, ()).await.is_err(), "{wrong:?}");
        }
        for fine in ["SELECT 1;", "SELECT 1 ; ; -- x", ";; SELECT 1 /* ; */;", "\u{feff}SELECT 1"] {
            assert_eq!(db.query_scalar::<i64>(fine, ()).await.unwrap(), Some(1), "{fine:?}");
        }
    })
    .await;
}

/// Whatever is tried, no transaction is left open, and the one that is open stays.
#[tokio::test]
async fn statements_of_transactions_never_reach_a_connection() {
    on_both(async |db| {
        notes(&db).await;
        let controls = [
            "BEGIN",
            "begin immediate",
            "COMMIT",
            "END TRANSACTION",
            "ROLLBACK",
            "ROLLBACK TO a",
            "SAVEPOINT a",
            "RELEASE a",
            ";BEGIN",
            "/**/BEGIN--",
            "ATTACH ':memory:' AS x",
            "DETACH x",
            "PRAGMA journal_mode = OFF",
        ];
        for sql in controls {
            assert!(db.execute(sql, ()).await.is_err(), "{sql}");
            assert!(db.query(sql, ()).await.is_err(), "{sql}");
            assert!(db.query_one(sql, ()).await.is_err(), "{sql}");
            assert!(db.query_as::<crate::models::User>(sql, ()).await.is_err(), "{sql}");
            assert!(db.execute_many(sql, [()]).await.is_err(), "{sql}");
            assert!(soon(db.query_stream(sql, ()).next()).await.unwrap().is_err(), "{sql}");
        }
        let done: Result<()> = db
            .transaction(async |tx| {
                tx.execute("INSERT INTO notes (text) VALUES ('kept')", ()).await?;
                for sql in controls.into_iter().chain(["VACUUM", "PRAGMA wal_checkpoint(RESTART)"]) {
                    let _ = tx.query(sql, ()).await;
                    let done = tx.execute(sql, ()).await;
                    assert!(done.is_err() || sql.contains("wal_checkpoint"), "{sql}");
                    assert!(tx.execute_many(sql, [()]).await.is_err() || sql.contains("wal_checkpoint"), "{sql}");
                    assert!(tx.execute_script(sql).await.is_err() || sql.contains("wal_checkpoint"), "{sql}");
                }
                tx.execute("INSERT INTO notes (text) VALUES ('too')", ()).await.map(drop)
            })
            .await;
        done.unwrap();
        assert!(!db.in_transaction());
        assert_eq!(db.query_scalar::<i64>("SELECT count(*) FROM notes", ()).await.unwrap(), Some(2));
        for (script, rows) in
            [("SAVEPOINT a; DELETE FROM notes", 2), ("BEGIN; DELETE FROM notes; ROLLBACK", 2), ("COMMIT", 2)]
        {
            let _ = db.execute_script(script).await;
            assert_eq!(db.query_scalar::<i64>("SELECT count(*) FROM notes", ()).await.unwrap(), Some(rows), "{script}");
            db.execute("INSERT INTO notes (text) VALUES (NULL)", ()).await.unwrap();
            db.execute("DELETE FROM notes WHERE text IS NULL", ()).await.unwrap();
        }
    })
    .await;
}

/// `OR ROLLBACK` ends the whole transaction: SQLite's own doing, and told at once.
#[tokio::test]
async fn a_conflict_that_rolls_back_ends_the_transaction() {
    on_both(async |db| {
        notes(&db).await;
        db.execute("INSERT INTO notes (text) VALUES ('a')", ()).await.unwrap();
        let done: Result<()> = db
            .transaction(async |tx| {
                tx.execute("INSERT INTO notes (text) VALUES ('b')", ()).await?;
                let e = tx.execute("INSERT OR ROLLBACK INTO notes (text) VALUES ('a')", ()).await.unwrap_err();
                assert!(matches!(e.kind(), ErrorKind::Unique { .. }));
                assert!(matches!(tx.query("SELECT 1", ()).await, Err(Error::TransactionAborted)));
                assert!(matches!(
                    soon(tx.query_stream("SELECT 1", ()).next()).await,
                    Some(Err(Error::TransactionAborted))
                ));
                Ok(())
            })
            .await;
        assert!(matches!(done, Err(Error::TransactionAborted)), "{done:?}");
        assert!(db.execute("INSERT OR ROLLBACK INTO notes (text) VALUES ('a')", ()).await.is_err());
        let many =
            db.execute_many("INSERT OR ROLLBACK INTO notes (text) VALUES (?)", [params!["x"], params!["a"]]).await;
        assert!(many.is_err());
        let script = "INSERT INTO notes (text) VALUES ('y'); INSERT OR ROLLBACK INTO notes (text) VALUES ('a')";
        assert!(db.execute_script(script).await.is_err());
        db.execute("INSERT INTO notes (text) VALUES ('c')", ()).await.unwrap();
        assert_eq!(db.query_scalar::<i64>("SELECT count(*) FROM notes", ()).await.unwrap(), Some(2));
        // One that fails halfway without a transaction keeps what it has done only where SQLite is asked to.
        let fail = "INSERT OR FAIL INTO notes (text) VALUES ('d'), ('a'), ('e')";
        assert!(db.execute(fail, ()).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn the_schema_may_change_under_a_known_statement() {
    on_both(async |db| {
        notes(&db).await;
        db.execute("INSERT INTO notes (text) VALUES ('a')", ()).await.unwrap();
        let sql = "SELECT * FROM notes";
        for _ in 0..3 {
            assert_eq!(db.query(sql, ()).await.unwrap()[0].len(), 3);
        }
        db.execute("ALTER TABLE notes ADD COLUMN more TEXT DEFAULT 'm'", ()).await.unwrap();
        for _ in 0..3 {
            let rows = db.query(sql, ()).await.unwrap();
            assert_eq!((rows[0].len(), &rows[0]["more"]), (4, &Value::from("m")));
        }
        let mut stream = db.query_stream(sql, ());
        assert_eq!(soon(stream.next()).await.unwrap().unwrap().len(), 4);
        drop(stream);
        db.execute("ALTER TABLE notes DROP COLUMN n", ()).await.unwrap();
        assert_eq!(db.query(sql, ()).await.unwrap()[0].keys().collect::<Vec<_>>(), ["id", "text", "more"]);
    })
    .await;
}

#[derive(Debug, PartialEq, DbProjection)]
struct Line {
    a: i64,
    #[projection(from = "b")]
    other: Option<String>,
}

#[tokio::test]
async fn structs_of_odd_results() {
    on_both(async |db| {
        let lines = db.query_as::<Line>("SELECT 1 AS a, 2 AS a, NULL AS b, 'x' AS b", ()).await.unwrap();
        assert_eq!(lines, [Line { a: 1, other: None }]);
        assert_eq!(db.query_as::<Line>("SELECT 1 AS a, NULL AS b WHERE 0", ()).await.unwrap(), []);
        // What is missing is missing also where there are no rows.
        let e = db.query_as::<Line>("SELECT 1 AS a WHERE 0", ()).await.unwrap_err();
        assert!(matches!(e, Error::InvalidProjection(_)), "{e:?}");
        let e = db.query_as::<Line>("SELECT NULL AS a, NULL AS b", ()).await.unwrap_err();
        assert!(e.to_string().contains("'a'"), "{e}");
    })
    .await;
}

#[tokio::test]
async fn files_of_one_s_own() {
    let file = File::new();
    let db = file.open().await;
    notes(&db).await;
    let into = file.path.with_file_name("vacuumed.db");
    db.execute("VACUUM INTO ?", params![into.to_str().unwrap()]).await.unwrap();
    assert_eq!(SqliterDb::open(&into).await.unwrap().table_names().await.unwrap(), ["notes"]);
    assert!(db.execute("VACUUM INTO ?", params![into.to_str().unwrap()]).await.is_err());
    db.execute("INSERT INTO notes (text) VALUES ('still')", ()).await.unwrap();
}
