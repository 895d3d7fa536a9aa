//! Updates and deletes of many rows.

use sqliter_async::prelude::*;

use crate::models::{Account, User, account, user};
use crate::support::{Clock, on_both, raw};

/// BULK-11, BULK-12, BULK-15
#[tokio::test]
async fn update_changes_the_rows_of_the_query() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.bulk_insert((0..10).map(|i| user("u", i))).await.unwrap();
        let old = db.select::<User>().filter(User::AGE.gte(5));
        assert_eq!(old.update((User::NAME.set("old"), User::NICK.set("n"))).await.unwrap(), 5);
        assert_eq!(db.select::<User>().filter(User::NAME.eq("old") & User::NICK.eq("n")).count().await.unwrap(), 5);
        assert_eq!(db.update_where::<User>(User::AGE.gt(99), User::NAME.set("x")).await.unwrap(), 0);
        assert_eq!(db.update_where::<User>(None, User::NICK.set(None)).await.unwrap(), 10);
        assert_eq!(old.update(Vec::new()).await.unwrap(), 0);
        assert_eq!(db.select::<User>().update([User::AGE.set(User::AGE * 2 + 1)]).await.unwrap(), 10);
        let ages: Vec<_> =
            db.select::<User>().order(User::PK).fetch_all().await.unwrap().iter().map(|u| u.age).collect();
        assert_eq!(ages, [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    })
    .await;
}

/// BULK-20
#[tokio::test]
async fn limits_are_honoured_by_updates_and_deletes() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.bulk_insert((0..10).map(|i| user("u", i))).await.unwrap();
        let oldest = db.select::<User>().order(User::AGE.desc()).limit(3);
        assert_eq!(oldest.update(User::NAME.set("old")).await.unwrap(), 3);
        let changed = db.select::<User>().filter(User::NAME.eq("old")).order(User::AGE).fetch_all().await.unwrap();
        assert_eq!(changed.iter().map(|u| u.age).collect::<Vec<_>>(), [7, 8, 9]);
        assert_eq!(oldest.clone().offset(1).limit(1).delete().await.unwrap(), 1);
        assert_eq!(db.select::<User>().filter(User::AGE.eq(8)).count().await.unwrap(), 0);
        assert_eq!(db.select::<User>().limit(0).delete().await.unwrap(), 0);
    })
    .await;
}

/// BULK-13
#[tokio::test]
async fn assignments_that_make_no_sense_are_errors() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<User>().await.unwrap();
    db.insert(user("Ann", 1)).await.unwrap();
    let all = db.select::<User>();
    for (err, text) in [
        (all.update(assign("pk", 5)).await.unwrap_err(), "primary key 'pk' cannot be updated"),
        (all.update(User::PK.set(Pk::of(5))).await.unwrap_err(), "primary key 'pk' cannot be updated"),
        (all.update(assign("nam", "x")).await.unwrap_err(), "no field 'nam'; did you mean 'name'?"),
        (all.update((User::AGE.set(1), assign("age", 2))).await.unwrap_err(), "'age' is assigned twice"),
        (all.update(assign("age", vec![1, 2])).await.unwrap_err(), "a list cannot be assigned to 'age'"),
        (all.update(assign("name", Value::Null)).await.unwrap_err(), "'name' is never NULL"),
        (all.update(assign("age", "old")).await.unwrap_err(), "expected an integer, found the text \"old\""),
    ] {
        assert!(matches!(err, Error::InvalidUpdate(_)), "{err:?}");
        assert!(err.to_string().contains(text), "{err}");
    }
    assert_eq!(db.get::<User>(1).await.unwrap().unwrap().name, "Ann");
}

/// BULK-14
#[tokio::test]
async fn an_update_sets_updated_at_unless_told_otherwise() {
    static CLOCK: Clock = Clock::at(10);
    let db = SqliterDb::builder().memory().clock(|| CLOCK.now()).create().await.unwrap();
    db.create_tables::<(Account, User)>().await.unwrap();
    db.insert(account("a", 1)).await.unwrap();
    CLOCK.set(20);
    db.select::<Account>().update(Account::BALANCE.set(2)).await.unwrap();
    let a = db.get::<Account>(1).await.unwrap().unwrap();
    assert_eq!((a.created_at, a.updated_at), (10, 20));
    db.select::<Account>().update((Account::UPDATED_AT.set(5), Account::CREATED_AT.set(4))).await.unwrap();
    let a = db.get::<Account>(1).await.unwrap().unwrap();
    assert_eq!((a.created_at, a.updated_at), (4, 5));

    db.insert(user("Ann", 1)).await.unwrap();
    db.select::<User>().update(User::AGE.set(2)).await.unwrap();
    assert_eq!(raw(&db, "SELECT created_at || ' ' || updated_at FROM users").await, ["20 20"]);
}

/// BULK-19
#[tokio::test]
async fn delete_deletes_the_rows_of_the_query() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        assert_eq!(db.select::<User>().delete().await.unwrap(), 0);
        db.bulk_insert((0..10).map(|i| user("u", i))).await.unwrap();
        assert_eq!(db.select::<User>().filter(User::AGE.lt(3) | User::AGE.eq(9)).delete().await.unwrap(), 4);
        assert_eq!(db.select::<User>().filter(User::NICK.is_null() & User::AGE.gt(90)).delete().await.unwrap(), 0);
        assert_eq!(db.select::<User>().delete().await.unwrap(), 6);
        assert_eq!(db.select::<User>().count().await.unwrap(), 0);
    })
    .await;
}

/// BULK-18
#[tokio::test]
async fn a_failed_update_changes_nothing() {
    on_both(async |db| {
        db.create_table::<Account>().await.unwrap();
        db.bulk_insert((0..50).map(|i| account(&format!("{i}"), i))).await.unwrap();
        let err = db.select::<Account>().update(Account::BALANCE.set(Account::BALANCE - 25)).await.unwrap_err();
        assert_eq!(err.kind(), ErrorKind::Check("balance >= 0".into()));
        let sum: i64 = db.select::<Account>().fetch_all().await.unwrap().iter().map(|a| a.balance).sum();
        assert_eq!(sum, (0..50).sum::<i64>());
    })
    .await;
}
