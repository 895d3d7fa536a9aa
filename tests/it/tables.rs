//! Creating and dropping tables.

use sqliter_async::prelude::*;

use crate::models::{Account, Owner, Pet, User, user};
use crate::support::{on_both, raw, raw_execute};

#[derive(Debug, Clone, DbModel)]
#[model(table = "things", index(a_b), index(a, b), unique_index(a, c), timestamps = false)]
struct Thing {
    pk: Pk<Self>,
    a: i64,
    b: Option<f64>,
    c: String,
    a_b: bool,
    #[field(index, default = "it's")]
    d: String,
}

/// TBL-1, TBL-31
#[tokio::test]
async fn a_table_is_created_with_its_columns_once() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.insert(user("Ann", 1)).await.unwrap();
        db.create_table::<User>().await.unwrap();
        assert_eq!(db.select::<User>().count().await.unwrap(), 1);
        assert_eq!(
            raw(&db, "SELECT sql FROM sqlite_master WHERE name = 'users'").await,
            [r#"CREATE TABLE "users" ("pk" INTEGER PRIMARY KEY AUTOINCREMENT, "created_at" INTEGER NOT NULL, "updated_at" INTEGER NOT NULL, "name" TEXT NOT NULL, "age" INTEGER NOT NULL, "nick" TEXT)"#]
        );
        assert_eq!(User::create_table_sql(), raw(&db, "SELECT sql FROM sqlite_master WHERE name = 'users'").await[0]);
    })
    .await;
}

/// TBL-5, TBL-8
#[tokio::test]
async fn indexes_are_created_and_no_two_share_a_name() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Thing>().await.unwrap();
    let indexes =
        raw(&db, "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid").await;
    assert_eq!(
        indexes,
        [
            r#"CREATE INDEX "idx_things_d" ON "things" ("d")"#,
            r#"CREATE INDEX "idx_things_a_b" ON "things" ("a_b")"#,
            r#"CREATE INDEX "idx_things_a_b_2" ON "things" ("a", "b")"#,
            r#"CREATE UNIQUE INDEX "idx_things_a_c_unique" ON "things" ("a", "c")"#,
        ]
    );
    let thing = Thing::builder().a(1).c("x").a_b(true).insert(&db).await.unwrap();
    assert_eq!((thing.d.as_str(), thing.b), ("it's", None));
    let err = Thing::builder().a(1).c("x").a_b(false).insert(&db).await.unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Unique { table: "things".into(), columns: vec!["a".into(), "c".into()] });
}

/// TBL-23
#[tokio::test]
async fn columns_are_not_null_and_have_their_defaults_and_checks() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Thing, Account)>().await.unwrap();
    raw_execute(&db, "INSERT INTO things (a, c, a_b) VALUES (1, 'x', 0)").await;
    assert_eq!(db.select::<Thing>().fetch_one().await.unwrap().unwrap().d, "it's");
    let refused = sqlx::raw_sql("INSERT INTO things (a, c, a_b) VALUES (NULL, 'y', 0)").execute(db.pool()).await;
    assert!(refused.unwrap_err().to_string().contains("NOT NULL constraint failed: things.a"));

    let err = db.insert(crate::models::account("a@b", -1)).await.unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Check("balance >= 0".into()));
}

/// TBL-2
#[tokio::test]
async fn an_existing_table_can_be_an_error() {
    on_both(async |db| {
        let fresh = TableOptions::new().exists_ok(false);
        db.create_table_with::<User>(fresh).await.unwrap();
        let err = db.create_table_with::<User>(fresh).await.unwrap_err();
        assert!(matches!(&err, Error::TableCreation { table, .. } if table == "users"), "{err:?}");
        assert!(err.to_string().starts_with("Failed to create the table: 'users'"), "{err}");
    })
    .await;
}

/// TBL-3
#[tokio::test]
async fn force_drops_what_was_there() {
    on_both(async |db| {
        raw_execute(&db, "CREATE TABLE users (other TEXT); INSERT INTO users VALUES ('x')").await;
        db.create_table_with::<User>(TableOptions::new().force(true)).await.unwrap();
        assert_eq!(db.select::<User>().count().await.unwrap(), 0);
        db.insert(user("Ann", 1)).await.unwrap();
    })
    .await;
}

/// TBL-17
#[tokio::test]
async fn dropping_drops_and_a_missing_table_is_fine() {
    on_both(async |db| {
        db.drop_table::<User>().await.unwrap();
        db.create_table::<User>().await.unwrap();
        db.insert(user("Ann", 1)).await.unwrap();
        db.drop_table::<User>().await.unwrap();
        assert!(db.table_names().await.unwrap().is_empty());
        let err = db.select::<User>().fetch_all().await.unwrap_err();
        assert_eq!(err.kind(), ErrorKind::NoSuchTable("users".into()));
    })
    .await;
}

#[tokio::test]
async fn several_tables_are_created_parents_first() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Pet, User, Owner)>().await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["owners", "pets", "users"]);
    let sql = &raw(&db, "SELECT sql FROM sqlite_master WHERE name = 'pets'").await[0];
    assert!(
        sql.ends_with(r#", FOREIGN KEY ("owner_id") REFERENCES "owners"("pk") ON DELETE RESTRICT ON UPDATE RESTRICT)"#),
        "{sql}"
    );
    assert!(raw(&db, "SELECT name FROM sqlite_master").await.contains(&"idx_pets_owner_id".to_owned()));
}

#[tokio::test]
async fn either_all_tables_are_created_or_none() {
    on_both(async |db| {
        raw_execute(&db, "CREATE VIEW pets AS SELECT 1").await;
        let err = db.create_tables::<(Owner, Pet)>().await.unwrap_err();
        assert!(matches!(&err, Error::TableCreation { table, .. } if table == "pets"), "{err:?}");
        assert!(db.table_names().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn create_all_creates_every_linked_model() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_all().await.unwrap();
    let names = db.table_names().await.unwrap();
    for table in ["users", "accounts", "owners", "pets", "things"] {
        assert!(names.contains(&table.to_owned()), "{table} is missing in {names:?}");
    }
}

/// CON-11, CON-15
#[tokio::test]
async fn a_table_whose_name_begins_like_a_system_table_is_listed() {
    on_both(async |db| {
        raw_execute(&db, "CREATE TABLE sqliter_data (x); CREATE TABLE a (y INTEGER PRIMARY KEY AUTOINCREMENT)").await;
        assert_eq!(db.table_names().await.unwrap(), ["sqliter_data", "a"]);
    })
    .await;
}

/// CRUD-19
#[tokio::test]
async fn a_column_missing_in_the_file_is_an_error_and_not_its_name() {
    let db = SqliterDb::memory().await.unwrap();
    raw_execute(&db, "CREATE TABLE users (pk INTEGER PRIMARY KEY, created_at, updated_at, name TEXT, age INTEGER)")
        .await;
    raw_execute(&db, "INSERT INTO users VALUES (1, 1, 1, 'Ann', 2)").await;
    for err in [
        db.get::<User>(1).await.unwrap_err(),
        db.select::<User>().fetch_all().await.unwrap_err(),
        db.select::<User>().filter(User::NICK.eq("nick")).count().await.unwrap_err(),
        db.insert(user("Bob", 1)).await.unwrap_err(),
    ] {
        assert_eq!(err.kind(), ErrorKind::NoSuchColumn("nick".into()), "{err}");
    }
}

/// CRUD-18
#[tokio::test]
async fn further_columns_and_another_order_in_the_file_do_not_matter() {
    let db = SqliterDb::memory().await.unwrap();
    raw_execute(
        &db,
        "CREATE TABLE users (nick TEXT, more TEXT DEFAULT 'm', age INTEGER, name TEXT, updated_at, created_at, pk INTEGER PRIMARY KEY)",
    )
    .await;
    let ann = db.insert(user("Ann", 1)).await.unwrap();
    assert_eq!(db.get::<User>(&ann).await.unwrap().unwrap(), ann);
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Kennel {
    pk: Pk<Self>,
    #[field(references = Owner, column = "owner_ref")]
    owner: i64,
}

/// FIL-26, FKX-6
#[tokio::test]
async fn foreign_keys_are_filtered_by_the_names_of_their_fields() {
    on_both(async |db| {
        db.create_tables::<(Kennel, Owner)>().await.unwrap();
        db.bulk_insert(["a", "b", "c"].map(|name| Owner { pk: Pk::unset(), name: name.to_owned() })).await.unwrap();
        db.bulk_insert([3, 1, 2].map(|owner| Kennel { pk: Pk::unset(), owner })).await.unwrap();
        for (filter, expected) in [
            (Kennel::OWNER.gt(1), vec![2, 3]),
            (Kennel::OWNER.is_in([1, 3]), vec![1, 3]),
            (lookup("owner__not_in", [1i64, 3]), vec![2]),
            (lookup("owner__lte", 2), vec![1, 2]),
            (lookup("owner_ref", 2), vec![2]),
        ] {
            let found = db.select::<Kennel>().filter(filter.clone()).order("owner").fetch_all().await.unwrap();
            assert_eq!(found.iter().map(|k| k.owner).collect::<Vec<_>>(), expected, "{filter:?}");
        }
        assert_eq!(db.select::<Kennel>().update(assign("owner", 1)).await.unwrap(), 3);
        let err = db.select::<Kennel>().update(Kennel::OWNER.set(9)).await.unwrap_err();
        assert!(matches!(err, Error::ForeignKeyConstraint { .. }), "{err:?}");
    })
    .await;
}
