//! Raw sqlx beside the ORM, on the same database at the same time.

use sqliter_async::prelude::*;

use crate::models::{User, user};
use crate::support::{on_both, raw};

#[tokio::test]
async fn the_pool_is_the_same_database() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.insert(user("Ann", 1)).await.unwrap();
        assert_eq!(raw(&db, "SELECT name FROM users").await, ["Ann"]);
        sqlx::query("INSERT INTO users (created_at, updated_at, name, age) VALUES (0, 0, ?, ?)")
            .bind("Bob")
            .bind(2)
            .execute(db.pool())
            .await
            .unwrap();
        assert_eq!(db.get::<User>(2).await.unwrap().unwrap().name, "Bob");
        assert_eq!(raw(&db, "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys").await, ["1"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raw_and_orm_calls_run_at_the_same_time() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let raw_writes = async {
            for i in 0..100 {
                sqlx::query("INSERT INTO users (created_at, updated_at, name, age) VALUES (0, 0, 'raw', ?)")
                    .bind(i)
                    .execute(db.pool())
                    .await
                    .unwrap();
            }
        };
        let orm_writes = async {
            for i in 0..100 {
                db.insert(user("orm", i)).await.unwrap();
                db.select::<User>().filter(User::AGE.eq(i)).fetch_all().await.unwrap();
            }
        };
        let raw_reads = async {
            for _ in 0..100 {
                raw(&db, "SELECT name FROM users ORDER BY pk DESC LIMIT 3").await;
            }
        };
        tokio::join!(raw_writes, orm_writes, raw_reads);
        assert_eq!(db.select::<User>().count().await.unwrap(), 200);
        assert_eq!(raw(&db, "PRAGMA integrity_check").await, ["ok"]);
    })
    .await;
}

#[tokio::test]
async fn more_raw_connections_than_the_driver_keeps_are_there() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.insert(user("Ann", 1)).await.unwrap();
        let mut held = Vec::new();
        for _ in 0..8 {
            held.push(db.pool().acquire().await.unwrap());
        }
        assert_eq!(db.select::<User>().count().await.unwrap(), 1);
        db.insert(user("Bob", 2)).await.unwrap();
        drop(held);
        db.close().await;
    })
    .await;
}

#[tokio::test]
async fn closing_the_pool_closes_the_handle() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.pool().clone().close().await;
        assert!(matches!(db.insert(user("Ann", 1)).await, Err(Error::Closed)));
        assert!(!db.is_connected());
    })
    .await;
}
