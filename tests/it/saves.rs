//! `save`, `upsert`, `get_or_create`, `update_only`, `bulk_update`, `refresh` and the insert options.

use sqliter_async::prelude::*;

use crate::models::{Account, User, account, user};
use crate::support::{Clock, File, on_both, raw, raw_execute};

#[tokio::test]
async fn save_inserts_what_is_new_and_updates_what_is_there() {
    on_both(async |db| {
        db.create_table::<Account>().await.unwrap();
        let mut a = account("a@b", 1);
        db.save(&mut a).await.unwrap();
        assert_eq!(a.pk.get(), Some(1));
        assert!(a.created_at > 0);
        a.balance = 2;
        db.save(&mut a).await.unwrap();
        assert_eq!(db.select::<Account>().fetch_all().await.unwrap(), [a.clone()]);

        // A key that no row has is that of a new one.
        let mut b = Account { pk: Pk::of(9), ..account("b@b", 3) };
        db.save(&mut b).await.unwrap();
        assert_eq!(db.get::<Account>(9).await.unwrap(), Some(b));
    })
    .await;
}

/// CRUD-7, CRUD-22
#[tokio::test]
async fn a_row_that_cannot_be_saved_is_not_lost_and_not_changed() {
    on_both(async |db| {
        db.create_table::<Account>().await.unwrap();
        db.insert(account("a@b", 1)).await.unwrap();
        let mut clash = account("a@b", 2);
        let err = db.save(&mut clash).await.unwrap_err();
        assert!(matches!(err.kind(), ErrorKind::Unique { .. }), "{err}");
        assert_eq!(clash, account("a@b", 2));

        let mut many = vec![account("b@b", 1), account("c@b", 2), account("b@b", 3)];
        let before = many.clone();
        db.bulk_save(&mut many).await.unwrap_err();
        assert_eq!(many, before);
        assert_eq!(db.select::<Account>().count().await.unwrap(), 1);
        many.pop();
        db.bulk_save(&mut many).await.unwrap();
        many[0].balance = 50;
        db.bulk_save(&mut many).await.unwrap();
        assert_eq!(db.get::<Account>(&many[0]).await.unwrap().unwrap().balance, 50);
        assert_eq!(db.select::<Account>().count().await.unwrap(), 3);
        db.bulk_save::<Account>(&mut []).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn upsert_updates_the_row_it_collides_with() {
    static CLOCK: Clock = Clock::at(10);
    let db = SqliterDb::builder().memory().clock(|| CLOCK.now()).create().await.unwrap();
    db.create_table::<Account>().await.unwrap();
    let first = db.upsert(account("a@b", 1), Account::EMAIL).await.unwrap();
    CLOCK.set(20);
    let second = db.upsert(account("a@b", 7), Account::EMAIL).await.unwrap();
    assert_eq!(second.pk, first.pk);
    assert_eq!((second.balance, second.created_at, second.updated_at), (7, 10, 20));
    assert_eq!(db.select::<Account>().fetch_all().await.unwrap(), [second]);
    db.upsert(account("c@b", 1), "email").await.unwrap();
    assert_eq!(db.select::<Account>().count().await.unwrap(), 2);

    let err = db.upsert(account("a@b", -7), Account::EMAIL).await.unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Check("balance >= 0".into()));
    let err = db.upsert(account("a@b", 7), Account::BALANCE).await.unwrap_err();
    assert!(matches!(err, Error::RecordInsertion { .. }), "{err:?}");
    let err = db.upsert(account("a@b", 7), "emial").await.unwrap_err();
    assert!(err.to_string().contains("did you mean 'email'?"), "{err}");
    let err = db.upsert(account("a@b", 7), Vec::<String>::new()).await.unwrap_err();
    assert!(matches!(err, Error::InvalidUpdate(_)), "{err:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn get_or_create_creates_once() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let tasks: Vec<_> = (0..16)
            .map(|i| {
                let db = db.clone();
                tokio::spawn(async move { db.get_or_create(User::NAME.eq("Ann"), user("Ann", i)).await.unwrap() })
            })
            .collect();
        let mut created = 0;
        for task in tasks {
            let (row, new) = task.await.unwrap();
            assert_eq!(row.pk.get(), Some(1));
            created += u32::from(new);
        }
        assert_eq!(created, 1);
        assert_eq!(db.select::<User>().count().await.unwrap(), 1);
        let err = db.get_or_create(lookup("nmae", "x"), user("x", 1)).await.unwrap_err();
        assert!(matches!(err, Error::InvalidFilter { .. }), "{err:?}");
    })
    .await;
}

/// CRUD-14
#[tokio::test]
async fn update_only_leaves_what_others_wrote() {
    static CLOCK: Clock = Clock::at(10);
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).clock(|| CLOCK.now()).create().await.unwrap();
    db.create_table::<Account>().await.unwrap();
    let mut mine = db.insert(account("a@b", 1)).await.unwrap();
    let mut theirs = db.get::<Account>(1).await.unwrap().unwrap();
    theirs.email = "new@b".into();
    db.update(&mut theirs).await.unwrap();
    mine.balance = 5;
    CLOCK.set(20);
    db.update_only(&mut mine, Account::BALANCE).await.unwrap();
    assert_eq!(mine.updated_at, 20);
    let stored = db.get::<Account>(1).await.unwrap().unwrap();
    assert_eq!((stored.email.as_str(), stored.balance, stored.updated_at), ("new@b", 5, 20));

    db.refresh(&mut mine).await.unwrap();
    assert_eq!(mine, stored);
    let before = mine.clone();
    for (columns, text) in [("balanc", "did you mean 'balance'?"), ("pk", "cannot be updated")] {
        let err = db.update_only(&mut mine, columns).await.unwrap_err();
        assert!(err.to_string().contains(text), "{err}");
    }
    db.delete::<Account>(1).await.unwrap();
    assert!(matches!(db.update_only(&mut mine, Account::BALANCE).await, Err(Error::RecordNotFound { .. })));
    assert!(matches!(db.refresh(&mut mine).await, Err(Error::RecordNotFound { .. })));
    assert_eq!(mine, before);
}

#[tokio::test]
async fn bulk_update_writes_some_columns_of_every_row() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let mut rows = db.bulk_insert((0..300).map(|i| user("u", i))).await.unwrap();
        for row in &mut rows {
            row.age += 1000;
            row.name = "not written".into();
        }
        db.delete::<User>(&rows[7]).await.unwrap();
        assert_eq!(db.bulk_update(&mut rows, (User::AGE, User::NICK)).await.unwrap(), 299);
        assert_eq!(db.select::<User>().filter(User::AGE.gte(1000) & User::NAME.eq("u")).count().await.unwrap(), 299);
        assert_eq!(db.bulk_update::<User>(&mut [], User::AGE).await.unwrap(), 0);
        assert_eq!(db.bulk_update(&mut rows, Vec::<String>::new()).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_failed_bulk_update_changes_nothing() {
    on_both(async |db| {
        db.create_table::<Account>().await.unwrap();
        let mut rows = db.bulk_insert((0..10).map(|i| account(&format!("{i}"), i))).await.unwrap();
        for row in &mut rows {
            row.balance -= 5;
        }
        let before = rows.clone();
        let err = db.bulk_update(&mut rows, ["balance"]).await.unwrap_err();
        assert_eq!(err.kind(), ErrorKind::Check("balance >= 0".into()));
        assert_eq!(rows, before);
        assert_eq!(db.get::<Account>(&rows[9]).await.unwrap().unwrap().balance, 9);
    })
    .await;
}

/// TIME-1, BULK-9
#[tokio::test]
async fn given_timestamps_are_kept_when_asked() {
    let db = SqliterDb::builder().memory().clock(|| 500).create().await.unwrap();
    db.create_table::<Account>().await.unwrap();
    let given = |email: &str, created_at, updated_at| Account { created_at, updated_at, ..account(email, 0) };
    let keep = InsertOptions::new().timestamp_override(true);
    for (row, options, expected) in [
        (given("a", 1, 2), InsertOptions::new(), (500, 500)),
        (given("b", 1, 2), keep, (1, 2)),
        (given("c", 0, 2), keep, (500, 2)),
        (given("d", 0, 0), keep, (500, 500)),
    ] {
        let stored = db.insert_with(row, options).await.unwrap();
        let stored = db.get::<Account>(&stored).await.unwrap().unwrap();
        assert_eq!((stored.created_at, stored.updated_at), expected, "{}", stored.email);
    }
    let rows = db.bulk_insert_with([given("e", 3, 0), given("f", 0, 4)], keep).await.unwrap();
    assert_eq!(rows.iter().map(|r| (r.created_at, r.updated_at)).collect::<Vec<_>>(), [(3, 500), (500, 4)]);
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Counter {
    pk: Pk<Self>,
    small: u8,
    big: i64,
}

/// BULK-17
#[tokio::test]
async fn no_update_makes_a_row_unreadable() {
    on_both(async |db| {
        db.create_table::<Counter>().await.unwrap();
        db.bulk_insert((0..5).map(|i| Counter { pk: Pk::unset(), small: 250 + i, big: i64::MAX - 3 })).await.unwrap();
        let all = db.select::<Counter>();
        for (err, text) in [
            (all.update(Counter::SMALL.set(Counter::SMALL + 3)).await.unwrap_err(), "'small' of the row with key 4"),
            (all.update(Counter::BIG.set(Counter::BIG + 5)).await.unwrap_err(), "'big' of the row with key 1"),
            (all.update(assign("small", 256)).await.unwrap_err(), "the integer 256 is out of range for `u8`"),
            (all.update(assign("small", Value::Null)).await.unwrap_err(), "'small' is never NULL"),
        ] {
            assert!(matches!(err, Error::InvalidUpdate(_)), "{err:?}");
            assert!(err.to_string().contains(text), "{err}");
        }
        let rows = all.clone().order(Counter::PK).fetch_all().await.unwrap();
        assert_eq!(rows.iter().map(|r| r.small).collect::<Vec<_>>(), [250, 251, 252, 253, 254]);
        assert_eq!(all.filter(Counter::SMALL.lt(253)).update(Counter::SMALL.set(Counter::SMALL + 3)).await.unwrap(), 3);
    })
    .await;
}

#[tokio::test]
async fn an_upsert_whose_row_cannot_be_read_is_undone() {
    let db = SqliterDb::memory().await.unwrap();
    raw_execute(
        &db,
        "CREATE TABLE accounts (pk INTEGER PRIMARY KEY, created_at, updated_at, email UNIQUE, balance);
         INSERT INTO accounts VALUES (1, 'never', 0, 'a', 1)",
    )
    .await;
    let err = db.upsert(account("a", 2), Account::EMAIL).await.unwrap_err();
    assert!(matches!(err, Error::Decode { .. }), "{err:?}");
    assert_eq!(raw(&db, "SELECT CAST(balance AS TEXT) FROM accounts").await, ["1"]);
}
