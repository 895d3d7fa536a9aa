//! One record at a time.

use sqliter_async::prelude::*;
use uuid::Uuid;

use crate::models::{Account, Owner, Pet, User, account, user};
use crate::support::{on_both, raw, raw_execute};

/// CRUD-1, CRUD-9
#[tokio::test]
async fn a_row_comes_back_as_it_was_inserted() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let ann = User::builder().name("Ann").age(30).nick("A").insert(&db).await.unwrap();
        assert_eq!(ann.pk.get(), Some(1));
        assert_eq!(db.get::<User>(1).await.unwrap(), Some(ann.clone()));
        assert_eq!(db.get::<User>(&ann).await.unwrap(), Some(ann.clone()));
        assert_eq!(db.get::<User>(&ann.pk).await.unwrap(), Some(ann.clone()));
        assert_eq!(db.get::<User>(ann.pk.clone()).await.unwrap(), Some(ann));
        assert_eq!(db.get::<User>(2).await.unwrap(), None);
        assert_eq!(db.get::<User>(&user("unsaved", 1)).await.unwrap(), None);
    })
    .await;
}

/// CRUD-2
#[tokio::test]
async fn a_key_that_is_set_is_kept_and_none_is_used_twice() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        for key in [10, -3, 0] {
            let row = db.insert(User { pk: Pk::of(key), ..user("given", 1) }).await.unwrap();
            assert_eq!(row.pk.get(), Some(key));
        }
        let next = db.insert(user("next", 1)).await.unwrap();
        assert_eq!(next.pk.get(), Some(11));
        db.delete::<User>(&next).await.unwrap();
        assert_eq!(db.insert(user("after", 1)).await.unwrap().pk.get(), Some(12));
    })
    .await;
}

/// CRUD-3, CRUD-8
#[tokio::test]
async fn a_row_that_is_there_is_not_inserted_again() {
    on_both(async |db| {
        db.create_table::<Account>().await.unwrap();
        let stored = db.insert(account("a@b", 5)).await.unwrap();
        let err = db.insert(stored.clone()).await.unwrap_err();
        assert!(matches!(&err, Error::RecordInsertion { table, .. } if table == "accounts"), "{err:?}");
        let err = db.insert(account("a@b", 6)).await.unwrap_err();
        assert_eq!(err.kind(), ErrorKind::Unique { table: "accounts".into(), columns: vec!["email".into()] });
        assert!(err.to_string().starts_with("Failed to insert record into table: 'accounts'"), "{err}");
        assert_eq!(db.select::<Account>().fetch_all().await.unwrap(), [stored]);
    })
    .await;
}

/// CRUD-4, CRUD-17
#[tokio::test]
async fn foreign_keys_hold() {
    on_both(async |db| {
        db.create_tables::<(Owner, Pet)>().await.unwrap();
        let orphan = Pet::builder().name("Rex").owner_id(7).insert(&db).await.unwrap_err();
        assert!(matches!(&orphan, Error::ForeignKeyConstraint { action: "insert", .. }), "{orphan:?}");
        assert_eq!(orphan.kind(), ErrorKind::ForeignKey);

        let owner = Owner::builder().name("Ann").insert(&db).await.unwrap();
        let mut rex = Pet::builder().name("Rex").owner_id(1).insert(&db).await.unwrap();
        let held = db.delete::<Owner>(&owner).await.unwrap_err();
        assert!(matches!(&held, Error::ForeignKeyConstraint { action: "delete", .. }), "{held:?}");
        assert!(held.to_string().contains("owners"), "{held}");
        rex.owner_id = 9;
        let moved = db.update(&mut rex).await.unwrap_err();
        assert!(matches!(&moved, Error::ForeignKeyConstraint { action: "update", .. }), "{moved:?}");
        let held = db.select::<Owner>().delete().await.unwrap_err();
        assert!(matches!(held, Error::ForeignKeyConstraint { .. }), "{held:?}");

        db.delete::<Pet>(&rex).await.unwrap();
        db.delete::<Owner>(&owner).await.unwrap();
    })
    .await;
}

/// CRUD-5
#[tokio::test]
async fn a_missing_table_is_named_in_every_error() {
    on_both(async |db| {
        let mut ann = User { pk: Pk::of(1), ..user("Ann", 1) };
        let errors = [
            (db.insert(ann.clone()).await.unwrap_err(), "Failed to insert record into table: 'users'"),
            (db.get::<User>(1).await.unwrap_err(), "Failed to fetch record from table: 'users'"),
            (db.update(&mut ann).await.unwrap_err(), "Failed to update record in table: 'users'"),
            (db.delete::<User>(1).await.unwrap_err(), "Failed to delete record from table: 'users'"),
            (db.select::<User>().fetch_all().await.unwrap_err(), "Failed to fetch record from table: 'users'"),
            (db.bulk_insert([user("b", 1)]).await.unwrap_err(), "Failed to insert record into table: 'users'"),
        ];
        for (err, text) in errors {
            assert_eq!(err.kind(), ErrorKind::NoSuchTable("users".into()));
            assert!(err.to_string().starts_with(text), "{err}");
            assert!(err.to_string().contains("create_table::<Model>()"), "{err}");
        }
    })
    .await;
}

/// CRUD-10, CRUD-11, CRUD-12
#[tokio::test]
async fn update_writes_the_row_with_this_key() {
    on_both(async |db| {
        db.create_table::<Account>().await.unwrap();
        let mut a = db.insert(account("a@b", 5)).await.unwrap();
        let b = db.insert(account("b@b", 6)).await.unwrap();
        a.balance = 50;
        db.update(&mut a).await.unwrap();
        assert_eq!(db.get::<Account>(&a).await.unwrap().unwrap(), a);
        assert_eq!(db.get::<Account>(&b).await.unwrap().unwrap(), b);

        let before = Account { email: "b@b".into(), ..a.clone() };
        let mut clash = before.clone();
        let err = db.update(&mut clash).await.unwrap_err();
        assert!(matches!(&err, Error::RecordUpdate { table, .. } if table == "accounts"), "{err:?}");
        assert_eq!(clash, before);

        for (pk, key) in [(Pk::of(99), "99"), (Pk::unset(), "unset")] {
            let mut missing = Account { pk, ..account("c@b", 1) };
            let err = db.update(&mut missing).await.unwrap_err();
            assert!(
                matches!(&err, Error::RecordNotFound { table, key: k } if table == "accounts" && k == key),
                "{err:?}"
            );
        }
    })
    .await;
}

/// CRUD-16
#[tokio::test]
async fn delete_deletes_one_row_and_a_missing_one_is_an_error() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.bulk_insert([user("a", 1), user("b", 2)]).await.unwrap();
        db.delete::<User>(1).await.unwrap();
        assert_eq!(db.select::<User>().count().await.unwrap(), 1);
        let err = db.delete::<User>(1).await.unwrap_err();
        assert!(matches!(&err, Error::RecordNotFound { key, .. } if key == "1"), "{err:?}");
        assert!(err.to_string().starts_with("Failed to find that record in the table (key '1')"), "{err}");
    })
    .await;
}

/// CRUD-20
#[tokio::test]
async fn a_row_that_does_not_fit_names_table_key_and_column() {
    on_both(async |db| {
        raw_execute(&db, "CREATE TABLE users (pk INTEGER PRIMARY KEY, created_at, updated_at, name, age, nick)").await;
        for (key, values, text) in [
            (1, "NULL, 3, NULL", "Cannot read column 'name' of table 'users' (key 1): NULL"),
            (
                2,
                "'x', 'three', NULL",
                "column 'age' of table 'users' (key 2): expected an integer, found the text \"three\"",
            ),
            (3, "'x', 3.5, NULL", "column 'age' of table 'users' (key 3): expected an integer, found the number 3.5"),
            (4, "CAST(x'ff' AS TEXT), 1, NULL", "column 'name' of table 'users' (key 4)"),
            (5, "'x', 1, x'0102'", "column 'nick' of table 'users' (key 5): expected text, found a BLOB of 2 bytes"),
        ] {
            raw_execute(&db, &format!("INSERT INTO users VALUES ({key}, 0, 0, {values})")).await;
            for err in [
                db.get::<User>(key).await.unwrap_err(),
                db.select::<User>().filter(User::PK.eq(key)).fetch_all().await.unwrap_err(),
            ] {
                assert!(matches!(&err, Error::Decode { .. }), "{err:?}");
                assert!(err.to_string().contains(text), "{err}");
            }
        }
        // The others are still there, and the connection works.
        assert_eq!(db.select::<User>().count().await.unwrap(), 5);
    })
    .await;
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Small {
    pk: Pk<Self>,
    value: u64,
    ratio: f64,
}

/// CRUD-21
#[tokio::test]
async fn a_value_without_room_is_an_error_and_nothing_is_written() {
    on_both(async |db| {
        db.create_table::<Small>().await.unwrap();
        let err = Small::builder().value(u64::MAX).ratio(0.0).insert(&db).await.unwrap_err();
        assert!(
            matches!(&err, Error::Encode { table, column, .. } if table == "smalls" && column == "value"),
            "{err:?}"
        );
        let err = Small::builder().value(1).ratio(f64::NAN).insert(&db).await.unwrap_err();
        assert!(matches!(&err, Error::Encode { column, .. } if column == "ratio"), "{err:?}");
        let err =
            db.bulk_insert([1, u64::MAX].map(|v| Small { pk: Pk::unset(), value: v, ratio: 0.0 })).await.unwrap_err();
        assert!(matches!(&err, Error::Encode { .. }), "{err:?}");
        assert_eq!(db.select::<Small>().count().await.unwrap(), 0);

        raw_execute(&db, "INSERT INTO smalls VALUES (1, 0, 0, -1, 0.0)").await;
        let err = db.get::<Small>(1).await.unwrap_err();
        assert!(err.to_string().contains("the integer -1 is out of range for `u64`"), "{err}");
        let err = db.select::<Small>().filter(Small::VALUE.eq(u64::MAX)).fetch_all().await.unwrap_err();
        assert!(matches!(&err, Error::Encode { column, .. } if column == "value"), "{err:?}");
    })
    .await;
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Country {
    pk: Pk<Self, String>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Token {
    #[pk(column = "id", default_with = Uuid::now_v7)]
    pk: Pk<Self, Uuid>,
    text: String,
}

#[tokio::test]
async fn keys_may_be_text_or_uuids() {
    on_both(async |db| {
        db.create_tables::<(Country, Token)>().await.unwrap();
        let nl = Country::builder().pk("NL").name("Netherlands").insert(&db).await.unwrap();
        assert_eq!(db.get::<Country>("NL").await.unwrap().unwrap(), nl);
        assert_eq!(db.select::<Country>().filter(Country::PK.eq("NL")).count().await.unwrap(), 1);
        let err = Country::builder().name("None").insert(&db).await.unwrap_err();
        assert!(err.to_string().contains("default_with"), "{err}");

        let mut token = Token::builder().text("t").insert(&db).await.unwrap();
        let key = token.pk.get().unwrap();
        token.text = "u".into();
        db.update(&mut token).await.unwrap();
        assert_eq!(db.get::<Token>(key).await.unwrap().unwrap(), token);
        assert_eq!(Token::primary_key(), "id");
        let many = db.bulk_insert((0..300).map(|i| Token { pk: Pk::unset(), text: i.to_string() })).await.unwrap();
        for token in &many[..3] {
            assert_eq!(db.get::<Token>(&token.pk).await.unwrap().as_ref(), Some(token));
        }
        db.delete::<Token>(key).await.unwrap();
        assert_eq!(db.select::<Token>().count().await.unwrap(), 300);
        assert_eq!(raw(&db, "SELECT typeof(id) FROM tokens LIMIT 1").await, ["text"]);
    })
    .await;
}

#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(timestamps = false)]
struct Only {
    pk: Pk<Self>,
}

#[tokio::test]
async fn a_model_of_nothing_but_its_key_works() {
    on_both(async |db| {
        db.create_table::<Only>().await.unwrap();
        let mut one = Only::builder().insert(&db).await.unwrap();
        db.update(&mut one).await.unwrap();
        let many = db.bulk_insert((0..250).map(|_| Only { pk: Pk::unset() })).await.unwrap();
        assert_eq!(many.last().unwrap().pk.get(), Some(251));
        assert_eq!(db.select::<Only>().count().await.unwrap(), 251);
        db.delete::<Only>(&one).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_builder_takes_what_is_natural() {
    let name = String::from("Ann");
    let a = User::builder().age(3).name(&name).maybe_nick(None).build().unwrap();
    let b = User::builder().maybe_nick(Some("x".into())).name(name.clone()).age(3).build().unwrap();
    assert_eq!((a.nick, b.nick.as_deref()), (None, Some("x")));
    assert_eq!(User::builder().name("k").age(1).pk(7).build().unwrap().pk, Pk::of(7));
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize, DbModel)]
struct Plain {
    pk: Pk<Self>,
    name: String,
}

#[test]
fn models_stay_plain_data() {
    let row = Plain { pk: Pk::of(3), name: "x".into() };
    let json = serde_json::to_string(&row).unwrap();
    assert_eq!(json, r#"{"pk":3,"name":"x"}"#);
    assert_eq!(serde_json::from_str::<Plain>(&json).unwrap(), row);
    assert_eq!(Plain::default().pk.get(), None);
    assert_eq!(format!("{:?} {}", row, Plain::default().pk), "Plain { pk: 3, name: \"x\" } unset");
    assert!(matches!(Plain::default().pk.value(), Err(Error::RecordNotFound { .. })));
}
