//! Statements that the caller writes. CON-27 (there is a public `execute`, and `rollback`), CON-28.

use sqliter_async::prelude::*;
use sqliter_async::{ErrorKind, ExecResult};

use crate::models::{Owner, Pet, User, user};
use crate::support::{File, on_both};

async fn notes(db: &SqliterDb) {
    db.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, n INTEGER)", ()).await.unwrap();
}

async fn count(db: &SqliterDb) -> i64 {
    db.query_scalar("SELECT count(*) FROM notes", ()).await.unwrap().unwrap()
}

fn why(e: Error) -> String {
    assert!(matches!(e, Error::SqlExecution { .. }), "{e:?}");
    e.to_string()
}

/// CON-27, CON-28
#[tokio::test]
async fn one_statement_says_what_it_changed() {
    on_both(async |db| {
        notes(&db).await;
        let insert = "INSERT INTO notes (text, n) VALUES (?, ?)";
        let done = db.execute(insert, params!["a", 1]).await.unwrap();
        assert_eq!((done.rows_affected, done.last_insert_id), (1, Some(1)));
        let done = db.execute(insert, params!["b", None::<i64>]).await.unwrap();
        assert_eq!(done.last_insert_id, Some(2));
        let done = db.execute("INSERT OR IGNORE INTO notes (text) VALUES ('a')", ()).await.unwrap();
        assert_eq!((done.rows_affected, done.last_insert_id), (0, None));
        let done = db.execute("UPDATE notes SET n = 5 /* all; of them */ -- ;", ()).await.unwrap();
        assert_eq!((done.rows_affected, done.last_insert_id), (2, None));
        // Nothing is left over from the statement before.
        assert_eq!(db.execute("CREATE TABLE other (a)", ()).await.unwrap(), ExecResult::default());
        assert_eq!(db.execute("SELECT 1", ()).await.unwrap(), ExecResult::default());
        assert_eq!(db.execute("WITH x AS (SELECT 1) DELETE FROM notes", ()).await.unwrap().rows_affected, 2);
        // The ORM sees the same database.
        db.create_table::<User>().await.unwrap();
        db.insert(user("Ann", 1)).await.unwrap();
        assert_eq!(db.query_scalar::<String>("SELECT name FROM users", ()).await.unwrap().unwrap(), "Ann");
    })
    .await;
}

/// CON-28: what the driver says is wrapped, with the statement.
#[tokio::test]
async fn what_sqlite_refuses_is_told_with_the_statement() {
    on_both(async |db| {
        notes(&db).await;
        let e = db.execute("SELEC 1", ()).await.unwrap_err();
        assert_eq!(why(e), "Failed to execute SQL: 'SELEC 1' (near \"SELEC\": syntax error (code 1))");
        db.execute("INSERT INTO notes (text) VALUES ('a')", ()).await.unwrap();
        let e = db.execute("INSERT INTO notes (text) VALUES ('a')", ()).await.unwrap_err();
        assert!(matches!(e.kind(), ErrorKind::Unique { table, columns } if table == "notes" && columns == ["text"]));
        let e = db.query("SELECT * FROM nowhere", ()).await.unwrap_err();
        assert_eq!(e.kind(), ErrorKind::NoSuchTable("nowhere".into()));
        let e = db.execute("", ()).await.unwrap_err();
        assert!(why(e).contains("no statement"));
        for several in ["DELETE FROM notes; DELETE FROM notes", "SELECT 1; SELECT 2"] {
            assert!(why(db.execute(several, ()).await.unwrap_err()).contains("`execute_script`"));
            assert!(why(db.query(several, ()).await.unwrap_err()).contains("`execute_script`"));
        }
        assert_eq!(count(&db).await, 1);
        // Semicolons elsewhere are none.
        let rows =
            db.query("SELECT ';' AS a, \"text\" AS \"b;\" FROM notes; -- ; the end\n /* ; */ ;", ()).await.unwrap();
        assert_eq!(rows[0]["b;"], Value::from("a"));
        db.create_tables::<(Owner, Pet)>().await.unwrap();
        let e = db.execute("INSERT INTO pets (created_at, updated_at, name, owner_id) VALUES (0, 0, 'x', 9)", ()).await;
        let e = e.unwrap_err();
        assert!(matches!(&e, Error::ForeignKeyConstraint { action: "insert", table, .. } if table == "pets"), "{e}");
        assert_eq!(e.kind(), ErrorKind::ForeignKey);
    })
    .await;
}

#[tokio::test]
async fn parameters_are_checked_before_anything_runs() {
    on_both(async |db| {
        notes(&db).await;
        let text = String::from("a");
        let insert = "INSERT INTO notes (text, n) VALUES (:text, @n)";
        db.execute(insert, params![text: &text, n: Some(3)]).await.unwrap();
        db.execute("INSERT INTO notes (text, n) VALUES (?2, ?1)", params![4u8, "b"]).await.unwrap();
        let dynamic = sqliter_async::Params::by_name([("$text", Value::from("c")), ("n", Value::Null)]);
        db.execute("INSERT INTO notes (text, n) VALUES ($text, $n)", dynamic).await.unwrap();
        db.execute("INSERT INTO notes (text) VALUES (?)", [Value::from("d")]).await.unwrap();
        let rows = db.query("SELECT text || coalesce(n, '-') FROM notes ORDER BY id", ()).await.unwrap();
        let rows: Vec<String> = rows.iter().map(|r| r.get_at(0).unwrap()).collect();
        assert_eq!(rows, ["a3", "b4", "c-", "d-"]);

        let one = "DELETE FROM notes WHERE id = ?";
        assert!(why(db.execute(one, ()).await.unwrap_err()).contains("takes 1 parameter, and 0 were given"));
        assert!(why(db.execute(one, params![1, 2]).await.unwrap_err()).contains("and 2 were given"));
        assert!(why(db.execute(one, params![id: 1]).await.unwrap_err()).contains("without a name"));
        assert!(why(db.execute(insert, params!["z", 1]).await.unwrap_err()).contains("`params![text: ..]`"));
        let e = why(db.execute(insert, params![txet: "z", n: 1]).await.unwrap_err());
        assert!(e.contains("no parameter 'txet'; did you mean 'text'?"), "{e}");
        assert!(why(db.execute(insert, params![text: "z"]).await.unwrap_err()).contains("'n' was not given"));
        assert!(
            why(db.execute("DELETE FROM notes WHERE id = ?", params![u64::MAX]).await.unwrap_err())
                .contains("parameter 1")
        );
        assert_eq!(count(&db).await, 4);
    })
    .await;
}

#[tokio::test]
async fn what_would_change_one_connection_of_several_is_refused() {
    on_both(async |db| {
        notes(&db).await;
        for control in ["BEGIN", "/* x */ commit", "ROLLBACK", "SAVEPOINT a", "RELEASE a", "end"] {
            assert!(why(db.execute(control, ()).await.unwrap_err()).contains("`db.transaction(..)`"), "{control}");
            assert!(db.query(control, ()).await.is_err() && db.execute_many(control, [()]).await.is_err());
        }
        for other in ["ATTACH ':memory:' AS x", "PRAGMA journal_mode = DELETE", "PRAGMA \"query_only\"(1)"] {
            assert!(why(db.execute(other, ()).await.unwrap_err()).contains("on_connect"), "{other}");
        }
        for off in ["PRAGMA foreign_keys = OFF", "EXPLAIN PRAGMA foreign_keys = 0", "PRAGMA defer_foreign_keys = 1"] {
            why(db.query(off, ()).await.unwrap_err());
        }
        assert_eq!(db.query_scalar::<i64>("PRAGMA foreign_keys", ()).await.unwrap(), Some(1));
        db.execute("PRAGMA user_version = 7", ()).await.unwrap();
        assert_eq!(db.query_scalar::<i64>("PRAGMA user_version", ()).await.unwrap(), Some(7));
        assert_eq!(db.query("PRAGMA table_info(notes)", ()).await.unwrap().len(), 3);
        db.execute("VACUUM", ()).await.unwrap();
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)", ()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn writes_that_return_rows_are_writes() {
    on_both(async |db| {
        notes(&db).await;
        let insert = "INSERT INTO notes (text, n) VALUES (?, 1), (?, 'x') RETURNING id, text, n";
        let rows = db.query(insert, params!["a", "b"]).await.unwrap();
        assert_eq!((rows.len(), rows[1].get::<String>("text").unwrap()), (2, "b".to_owned()));
        assert_eq!(db.query_scalar::<i64>("DELETE FROM notes WHERE id = 2 RETURNING id", ()).await.unwrap(), Some(2));
        // A row that cannot be read takes the write back.
        let e = db.query_scalar::<i64>("UPDATE notes SET text = 'z' RETURNING text", ()).await.unwrap_err();
        assert!(matches!(e, Error::Decode { .. }), "{e}");
        assert_eq!(db.query_scalar::<String>("SELECT text FROM notes", ()).await.unwrap().unwrap(), "a");
    })
    .await;
}

#[tokio::test]
async fn many_rows_are_all_or_nothing() {
    on_both(async |db| {
        notes(&db).await;
        let insert = "INSERT INTO notes (text, n) VALUES (?, ?)";
        let rows = (0..1000).map(|i| params![format!("row {i}"), i]);
        assert_eq!(db.execute_many(insert, rows).await.unwrap(), 1000);
        let e = db.execute_many(insert, [params!["x", 1], params!["row 7", 2]]).await.unwrap_err();
        assert!(matches!(e.kind(), ErrorKind::Unique { .. }));
        let e = db.execute_many(insert, vec![params!["x", 1], params!["y"]]).await.unwrap_err();
        assert!(e.to_string().contains("row 2: it takes 2 parameters, and 1 were given"), "{e}");
        assert_eq!(count(&db).await, 1000);
        assert_eq!(db.execute_many(insert, Vec::<sqliter_async::Params>::new()).await.unwrap(), 0);
    })
    .await;
}

/// CON-27: inside a transaction, and with `auto_commit(false)`, raw SQL is part of it.
#[tokio::test]
async fn raw_sql_joins_the_transaction_that_is_open() {
    on_both(async |db| {
        notes(&db).await;
        let done: Result<()> = db
            .transaction(async |tx| {
                db.execute("INSERT INTO notes (text) VALUES ('a')", ()).await?;
                assert_eq!(count(&tx).await, 1);
                let wrong =
                    tx.execute_script("INSERT INTO notes (text) VALUES ('b'); INSERT INTO notes (text) VALUES ('a')");
                assert!(wrong.await.is_err());
                assert_eq!(count(&db).await, 1);
                let wrong = tx.execute_script("BEGIN; COMMIT").await;
                assert!(matches!(wrong, Err(Error::InvalidTransaction(_))), "{wrong:?}");
                tx.execute("PRAGMA defer_foreign_keys = 1", ()).await?;
                Err(Error::Closed)
            })
            .await;
        assert!(matches!(done, Err(Error::Closed)), "{done:?}");
        assert_eq!(count(&db).await, 0);
        let read = db.read_transaction(async |tx| tx.execute("DELETE FROM notes", ()).await).await.unwrap_err();
        assert_eq!(read.kind(), ErrorKind::ReadOnly);
    })
    .await;
    let file = File::new();
    notes(&file.open().await).await;
    let db = SqliterDb::builder().filename(&file.path).auto_commit(false).create().await.unwrap();
    for commit in [false, true] {
        db.execute("INSERT INTO notes (text) VALUES ('a')", ()).await.unwrap();
        db.execute_script("INSERT INTO notes (text) VALUES ('b')").await.unwrap();
        assert!(db.in_transaction() && count(&db).await == 2 && count(&file.open().await).await == 0);
        if commit { db.commit().await.unwrap() } else { db.rollback().await.unwrap() }
    }
    assert_eq!(count(&file.open().await).await, 2);
    db.close().await;
    let db = SqliterDb::builder().filename(&file.path).read_only(true).create().await.unwrap();
    assert_eq!(db.execute("DELETE FROM notes", ()).await.unwrap_err().kind(), ErrorKind::ReadOnly);
    assert_eq!(count(&db).await, 2);
}

#[tokio::test]
async fn a_read_that_is_dropped_is_interrupted_and_long_ones_leave_the_thread() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).readers(1).create().await.unwrap();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let late = tokio::time::timeout(std::time::Duration::from_millis(30), db.query(endless, ())).await;
    assert!(late.is_err());
    let next = tokio::time::timeout(std::time::Duration::from_secs(5), db.query_scalar::<i64>("SELECT 1", ())).await;
    assert_eq!(next.unwrap().unwrap(), Some(1));
}
