//! The file beside the models: `check`, `reset`, dropping what is referred to, hooks on connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sqliter_async::prelude::*;
use sqliter_async::{Difference, schema};

use crate::models::{Owner, Pet, User, user};
use crate::support::{File, on_both, raw, raw_execute};

#[derive(Debug, Clone, DbModel)]
#[model(unique_index(email, team), timestamps = false)]
struct Member {
    pk: Pk<Self>,
    #[field(unique)]
    email: String,
    #[field(index)]
    team: Option<i64>,
    #[field(references = Owner, on_delete = Cascade)]
    owner_id: i64,
}

/// TBL-22
#[tokio::test]
async fn check_lists_every_difference() {
    on_both(async |db| {
        assert_eq!(db.check::<Member>().await.unwrap(), [Difference::MissingTable { table: "members".into() }]);
        db.create_tables::<(Owner, Member)>().await.unwrap();
        assert_eq!(db.check::<Member>().await.unwrap(), []);
        assert_eq!(db.check::<Owner>().await.unwrap(), []);

        raw_execute(
            &db,
            "DROP TABLE members;
             CREATE TABLE members (id INTEGER PRIMARY KEY, email TEXT, team TEXT NOT NULL, owner_id INTEGER NOT NULL
             REFERENCES owners(pk) ON DELETE SET NULL, more INTEGER NOT NULL, note TEXT)",
        )
        .await;
        let found: Vec<_> = db.check::<Member>().await.unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "the primary key is (id), and 'pk' in the model",
                "the column 'pk' is not there",
                "the column 'email' may be NULL, and is NOT NULL in the model",
                "the column 'team' is TEXT, and INTEGER in the model",
                "the column 'team' is NOT NULL, and may be NULL in the model",
                "the column 'owner_id' refers to 'owners' (ON DELETE SET NULL ON UPDATE NO ACTION), and to 'owners' (ON DELETE CASCADE ON UPDATE RESTRICT) in the model",
                "the model does not know the column 'id'",
                "the model does not know the column 'more', which is NOT NULL and has no default: inserts fail",
                "the model does not know the column 'note'",
                "there is no unique index over (email)",
                "there is no index over (team)",
                "there is no index over (owner_id)",
                "there is no unique index over (email, team)",
            ]
        );
    })
    .await;
}

/// TBL-6
#[tokio::test]
async fn creating_an_existing_table_adds_the_indexes_it_lacks() {
    on_both(async |db| {
        db.create_table::<Owner>().await.unwrap();
        raw_execute(
            &db,
            "CREATE TABLE members (pk INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE, team INTEGER,
             owner_id INTEGER NOT NULL REFERENCES owners(pk) ON DELETE CASCADE ON UPDATE RESTRICT);
             CREATE INDEX made_elsewhere ON members(team)",
        )
        .await;
        db.create_table::<Member>().await.unwrap();
        assert_eq!(db.check::<Member>().await.unwrap(), []);
        let names =
            raw(&db, "SELECT name FROM sqlite_master WHERE tbl_name = 'members' AND sql LIKE 'CREATE%INDEX%'").await;
        assert_eq!(names, ["made_elsewhere", "idx_members_owner_id", "idx_members_email_team_unique"]);
    })
    .await;
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "aa", timestamps = false)]
struct First {
    pk: Pk<Self>,
    #[field(index)]
    b_c: i64,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "aa_b", timestamps = false)]
struct Second {
    pk: Pk<Self>,
    #[field(index)]
    c: i64,
}

/// TBL-8
#[tokio::test]
async fn indexes_of_two_tables_never_share_a_name() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(First, Second)>().await.unwrap();
    db.create_tables::<(First, Second)>().await.unwrap();
    let indexes =
        raw(&db, "SELECT tbl_name || ' ' || name FROM sqlite_master WHERE type = 'index' ORDER BY rowid").await;
    assert_eq!(indexes, ["aa idx_aa_b_c", "aa_b idx_aa_b_c_2"]);
}

/// TBL-19
#[tokio::test]
async fn a_table_that_rows_refer_to_is_not_dropped_and_they_are_named() {
    on_both(async |db| {
        db.create_tables::<(Owner, Pet)>().await.unwrap();
        let ann = Owner::builder().name("Ann").insert(&db).await.unwrap();
        let rex = Pet::builder().name("Rex").owner_id(1).insert(&db).await.unwrap();
        for err in [
            db.drop_table::<Owner>().await.unwrap_err(),
            db.create_table_with::<Owner>(TableOptions::new().force(true)).await.unwrap_err(),
        ] {
            assert!(matches!(&err, Error::ForeignKeyConstraint { table, .. } if table == "owners"), "{err:?}");
            assert!(err.to_string().contains("'pets'"), "{err}");
        }
        assert_eq!(db.get::<Owner>(&ann).await.unwrap(), Some(ann));
        db.delete::<Pet>(&rex).await.unwrap();
        db.drop_table::<Owner>().await.unwrap();
        assert_eq!(db.table_names().await.unwrap(), ["pets"]);
    })
    .await;
}

/// CON-8, CON-10, CON-11
#[tokio::test]
async fn reset_drops_everything_whatever_refers_to_what() {
    on_both(async |db| {
        db.create_tables::<(Owner, Pet)>().await.unwrap();
        Owner::builder().name("Ann").insert(&db).await.unwrap();
        Pet::builder().name("Rex").owner_id(1).insert(&db).await.unwrap();
        raw_execute(
            &db,
            "CREATE TABLE sqliter_data (x); CREATE TABLE \"we\"\"ird\" (x); CREATE VIEW v AS SELECT * FROM pets;
             CREATE TABLE a (b INTEGER REFERENCES c); CREATE TABLE c (d INTEGER PRIMARY KEY REFERENCES a(b));
             CREATE VIRTUAL TABLE search USING fts5(text)",
        )
        .await;
        db.reset().await.unwrap();
        assert_eq!(
            raw(&db, "SELECT name FROM sqlite_master WHERE name NOT GLOB 'sqlite_*'").await,
            Vec::<String>::new()
        );
        // The handle goes on, and foreign keys hold again.
        db.create_tables::<(Owner, Pet)>().await.unwrap();
        let err = Pet::builder().name("Rex").owner_id(1).insert(&db).await.unwrap_err();
        assert_eq!(err.kind(), ErrorKind::ForeignKey);
        assert_eq!(Owner::builder().name("Bob").insert(&db).await.unwrap().pk.get(), Some(1));
    })
    .await;
}

/// CON-7, CON-8
#[tokio::test]
async fn a_handle_may_begin_with_a_reset() {
    let file = File::new();
    let db = file.open().await;
    db.create_table::<User>().await.unwrap();
    db.insert(user("Ann", 1)).await.unwrap();
    db.close().await;

    let err = SqliterDb::builder().filename(&file.path).reset(true).build().unwrap_err();
    assert!(matches!(err, Error::InvalidOption(_)), "{err:?}");
    assert!(err.to_string().contains("create()"), "{err}");
    let db = SqliterDb::builder().filename(&file.path).reset(true).create().await.unwrap();
    assert!(db.table_names().await.unwrap().is_empty());
    assert!(file.path.exists());
}

#[derive(Debug, Clone, DbModel)]
#[model(database = "archive")]
struct Archived {
    pk: Pk<Self>,
}

#[tokio::test]
async fn create_all_creates_the_models_of_the_handles_group() {
    let db = SqliterDb::builder().memory().database("archive").create().await.unwrap();
    db.create_all().await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["archiveds"]);
    let plain = SqliterDb::memory().await.unwrap();
    plain.create_all().await.unwrap();
    assert!(!plain.table_names().await.unwrap().contains(&"archiveds".to_owned()));
    let _: &'static schema::Schema = Archived::schema();
}

#[tokio::test]
async fn the_hook_runs_on_every_connection() {
    on_both(async |plain| {
        let file = File::new();
        let runs = Arc::new(AtomicUsize::new(0));
        let count = runs.clone();
        let builder =
            if plain.is_memory() { SqliterDb::builder().memory() } else { SqliterDb::builder().filename(&file.path) };
        let db = builder
            .on_connect(move |connection| {
                let count = count.clone();
                Box::pin(async move {
                    count.fetch_add(1, Ordering::SeqCst);
                    sqlx::query("ATTACH ':memory:' AS side").execute(&mut *connection).await?;
                    sqlx::query("CREATE TABLE side.extra (x)").execute(connection).await.map(drop)
                })
            })
            .create()
            .await
            .unwrap();
        db.create_table::<User>().await.unwrap();
        db.select::<User>().count().await.unwrap();
        assert_eq!(raw(&db, "SELECT name FROM side.sqlite_master").await, ["extra"]);
        // The writer, a reader, and one of the raw pool.
        assert_eq!(runs.load(Ordering::SeqCst), 3);
    })
    .await;
}

#[tokio::test]
async fn a_hook_that_fails_says_so_at_once() {
    let file = File::new();
    let start = Instant::now();
    let err = SqliterDb::builder()
        .filename(&file.path)
        .on_connect(|connection| {
            Box::pin(async move { sqlx::query("SELECT * FROM nowhere").execute(connection).await.map(drop) })
        })
        .create()
        .await
        .unwrap_err();
    assert!(matches!(err, Error::DatabaseConnection { .. }), "{err:?}");
    assert!(err.to_string().contains("`on_connect` failed") && err.to_string().contains("nowhere"), "{err}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
