//! Many records in one call.

use sqliter_async::prelude::*;

use crate::models::{Account, Owner, Pet, User, account, user};
use crate::support::{File, on_both, raw, raw_execute};

/// BULK-1, BULK-10
#[tokio::test]
async fn rows_come_back_in_order_with_the_keys_they_have() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        for count in [1, 99, 100, 101, 1234] {
            let rows = db.bulk_insert((0..count).map(|i| user(&format!("u{i}"), i))).await.unwrap();
            assert_eq!(rows.len() as i64, count);
            for (i, row) in rows.iter().enumerate() {
                assert_eq!(row.age, i as i64);
            }
            let keys: Vec<_> = rows.iter().map(|r| r.pk.get().unwrap()).collect();
            let stored = db.select::<User>().filter(User::PK.is_in(keys)).order(User::PK).fetch_all().await.unwrap();
            assert_eq!(stored, rows);
        }
    })
    .await;
}

/// BULK-2
#[tokio::test]
async fn nothing_is_inserted_of_nothing() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).build().unwrap();
    assert!(db.bulk_insert(Vec::<User>::new()).await.unwrap().is_empty());
    assert!(!db.is_connected());
}

/// BULK-4, BULK-5
#[tokio::test]
async fn either_every_row_is_inserted_or_none() {
    on_both(async |db| {
        db.create_tables::<(Account, Owner, Pet)>().await.unwrap();
        let mut rows: Vec<_> = (0..350).map(|i| account(&format!("{i}@b"), i)).collect();
        rows[349].email = "0@b".into();
        let err = db.bulk_insert(rows.clone()).await.unwrap_err();
        assert!(matches!(&err, Error::RecordInsertion { .. }), "{err:?}");
        assert_eq!(err.kind(), ErrorKind::Unique { table: "accounts".into(), columns: vec!["email".into()] });
        assert_eq!(db.select::<Account>().count().await.unwrap(), 0);
        // The caller's rows have no keys of rows that are not there.
        assert!(rows.iter().all(|r| !r.pk.is_set()));
        rows.pop();
        assert_eq!(db.bulk_insert(rows).await.unwrap()[0].pk.get(), Some(1));

        let pets = (0..200).map(|_| Pet { pk: Pk::unset(), name: "Rex".into(), owner_id: 1 });
        let err = db.bulk_insert(pets).await.unwrap_err();
        assert!(matches!(&err, Error::ForeignKeyConstraint { action: "insert", .. }), "{err:?}");
    })
    .await;
}

#[tokio::test]
async fn given_and_automatic_keys_mix() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let keyed = |i: i64| if (150..400).contains(&i) { Pk::of(i + 5000) } else { Pk::unset() };
        let rows = db.bulk_insert((0..700).map(|i| User { pk: keyed(i), ..user("u", i) })).await.unwrap();
        for row in [&rows[0], &rows[149], &rows[150], &rows[399], &rows[400], &rows[699]] {
            assert_eq!(db.get::<User>(&row.pk).await.unwrap().as_ref(), Some(row));
        }
        assert_eq!(rows[400].pk.get(), Some(5400));
    })
    .await;
}

#[tokio::test]
async fn triggers_that_insert_too_do_not_confuse_the_keys() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        // The statement is known, and known to be simple, before the trigger comes from elsewhere.
        db.insert(user("early", -1)).await.unwrap();
        db.bulk_insert((0..150).map(|_| user("early", -1))).await.unwrap();
        db.select::<User>().delete().await.unwrap();
        raw_execute(
            &db,
            "CREATE TRIGGER double AFTER INSERT ON users WHEN new.age >= 0 BEGIN \
             INSERT INTO users (created_at, updated_at, name, age) VALUES (0, 0, 'copy of ' || new.name, -1); END",
        )
        .await;
        let rows = db.bulk_insert((0..250).map(|i| user(&format!("u{i}"), i))).await.unwrap();
        for row in &rows {
            assert_eq!(db.get::<User>(&row.pk).await.unwrap().as_ref(), Some(row));
        }
        assert_eq!(db.select::<User>().count().await.unwrap(), 500);
        let one = db.insert(user("single", 1)).await.unwrap();
        assert_eq!(db.get::<User>(&one.pk).await.unwrap(), Some(one));
    })
    .await;
}

/// BULK-9
#[tokio::test]
async fn every_row_gets_the_time_of_the_call() {
    let db = SqliterDb::builder().memory().clock(|| 1234).create().await.unwrap();
    db.create_tables::<(User, Account)>().await.unwrap();
    let rows = db.bulk_insert((0..150).map(|i| account(&format!("{i}"), i))).await.unwrap();
    assert!(rows.iter().all(|r| (r.created_at, r.updated_at) == (1234, 1234)));
    db.bulk_insert((0..150).map(|i| user("u", i))).await.unwrap();
    let times = raw(&db, "SELECT DISTINCT created_at || ' ' || updated_at FROM users").await;
    assert_eq!(times, ["1234 1234"]);
}

#[tokio::test]
async fn a_row_that_a_trigger_ignores_is_an_error_and_takes_no_other_rows_key() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.insert(user("Ann", 1)).await.unwrap();
        raw_execute(
            &db,
            "CREATE TRIGGER ignore BEFORE INSERT ON users WHEN new.age < 0 BEGIN SELECT RAISE(IGNORE); END",
        )
        .await;
        let err = db.insert(user("nobody", -1)).await.unwrap_err();
        assert!(err.to_string().contains("0 of 1 rows were inserted"), "{err}");
        let mixed = (0..300).map(|i| user("u", if i == 250 { -1 } else { i }));
        let err = db.bulk_insert(mixed).await.unwrap_err();
        assert!(matches!(err, Error::RecordInsertion { .. }), "{err:?}");
        assert_eq!(db.select::<User>().count().await.unwrap(), 1);
    })
    .await;
}
