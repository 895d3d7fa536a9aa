//! Several statements at once.

use sqliter_async::prelude::*;

use crate::support::on_both;

async fn tables(db: &SqliterDb) -> Vec<String> {
    db.table_names().await.unwrap()
}

async fn one(db: &SqliterDb, sql: &str) -> i64 {
    db.query_scalar(sql, ()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_script_happens_or_not() {
    on_both(async |db| {
        db.execute_script(
            "-- tables; and so on\nCREATE TABLE a (x TEXT DEFAULT ';');\n/* ; */ CREATE TABLE log (x);;\n
             CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO log VALUES (new.x); INSERT INTO log VALUES ('; END;'); END;
             INSERT INTO a VALUES ('it''s; fine'); SELECT * FROM a",
        )
        .await
        .unwrap();
        assert_eq!(tables(&db).await, ["a", "log"]);
        assert_eq!(one(&db, "SELECT count(*) FROM log").await, 2);
        let e = db.execute_script("CREATE TABLE b (x); INSERT INTO nowhere VALUES (1); CREATE TABLE c (x)").await;
        assert_eq!(
            e.unwrap_err().to_string(),
            "Failed to execute SQL: 'INSERT INTO nowhere VALUES (1)' (no such table: nowhere (code 1); create it with \
             `db.create_table::<Model>()`)"
        );
        assert_eq!(tables(&db).await, ["a", "log"]);
        for wrong in ["CREATE TABLE b (x); INSERT INTO b VALUES (?)", "CREATE TABLE b (x); ATTACH ':memory:' AS m"] {
            assert!(db.execute_script(wrong).await.is_err());
        }
        for nothing in ["", "  -- nothing", ";;"] {
            db.execute_script(nothing).await.unwrap();
        }
        assert_eq!(tables(&db).await, ["a", "log"]);
    })
    .await;
}

#[tokio::test]
async fn a_script_may_bring_its_own_transactions() {
    on_both(async |db| {
        // As SQLite's shell dumps a database: children may come before their parents.
        db.execute_script(
            "PRAGMA foreign_keys=OFF; BEGIN TRANSACTION;
             CREATE TABLE parents (id INTEGER PRIMARY KEY);
             CREATE TABLE children (parent REFERENCES parents (id));
             INSERT INTO children VALUES (1); INSERT INTO parents VALUES (1); COMMIT;",
        )
        .await
        .unwrap();
        // They are enforced again, on the connection that ran it too.
        assert!(matches!(
            db.execute("INSERT INTO children VALUES (2)", ()).await,
            Err(Error::ForeignKeyConstraint { .. })
        ));
        let e = db.execute_script("BEGIN; INSERT INTO parents VALUES (2)").await.unwrap_err();
        assert!(e.to_string().contains("leaves its transaction open"), "{e}");
        let e = db.execute_script("BEGIN; INSERT INTO parents VALUES (2); SELECT * FROM nowhere; COMMIT").await;
        assert!(e.unwrap_err().to_string().contains("nowhere"));
        // What it has committed stays.
        let e =
            db.execute_script("BEGIN; INSERT INTO parents VALUES (3); COMMIT; BEGIN; INSERT INTO parents VALUES (1)");
        assert!(e.await.is_err());
        assert_eq!(one(&db, "SELECT sum(id) FROM parents").await, 4);
        assert!(db.execute_script("PRAGMA foreign_keys = OFF; DELETE FROM parents").await.is_err());
        db.execute("INSERT INTO parents VALUES (9)", ()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_huge_script_runs() {
    on_both(async |db| {
        let mut script = String::from("CREATE TABLE t (n INTEGER, text TEXT);");
        for n in 0..20_000 {
            script.push_str(&format!("INSERT INTO t VALUES ({n}, 'a row; with -- text /* in it');\n"));
        }
        db.execute_script(&script).await.unwrap();
        assert_eq!(one(&db, "SELECT count(*) FROM t").await, 20_000);
        // One statement of a megabyte, with as many parameters as there may be.
        let list = vec!["?"; 32_000].join(", ");
        let params: Vec<Value> = (0..32_000).map(Value::from).collect();
        let sql = format!("SELECT count(*) FROM t WHERE n IN ({list}) /* {} */", "x".repeat(1 << 20));
        assert_eq!(db.query_scalar::<i64>(&sql, params).await.unwrap(), Some(20_000));
    })
    .await;
}
