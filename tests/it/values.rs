//! Values on their way into statements: inserted, assigned, compared.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use chrono::NaiveDate;
use sqliter_async::prelude::*;
use tracing::level_filters::LevelFilter;

use crate::connections::{heard, talkative};
use crate::models::{Account, Owner, Pet, User, account, user};
use crate::support::{on_both, raw};

/// CRUD-6
#[tokio::test]
async fn none_is_null_and_the_text_null_is_a_text() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let nick = |nick: Option<&str>| User { nick: nick.map(str::to_owned), ..user("u", 1) };
        let mut rows =
            db.bulk_insert([nick(None), nick(Some("NULL")), nick(Some("None")), nick(Some(""))]).await.unwrap();
        let kinds = "SELECT group_concat(typeof(nick)) FROM users";
        assert_eq!(raw(&db, kinds).await, ["null,text,text,text"]);
        assert_eq!(db.select::<User>().order(User::PK).fetch_all().await.unwrap(), rows);
        rows[1].nick = None;
        db.update(&mut rows[1]).await.unwrap();
        db.select::<User>().filter(User::PK.eq(3)).update(User::NICK.set(None)).await.unwrap();
        db.select::<User>().filter(User::PK.eq(4)).update(assign("nick", Value::Null)).await.unwrap();
        assert_eq!(raw(&db, kinds).await, ["null,null,null,null"]);
        assert_eq!(db.select::<User>().filter(User::NICK.eq(None)).count().await.unwrap(), 4);
    })
    .await;
    // One statement serves all rows: what is bound is not written into it.
    let lines = heard(LevelFilter::DEBUG, async || {
        let db = talkative().await;
        db.create_table::<User>().await.unwrap();
        db.insert(user("Ann", 1)).await.unwrap();
    })
    .await;
    assert!(lines[1].ends_with("'Ann', 1, NULL)"), "{}", lines[1]);
}

/// CRUD-7
#[tokio::test]
async fn a_write_that_failed_leaves_the_callers_rows_as_they_were() {
    on_both(async |db| {
        db.create_table::<Account>().await.unwrap();
        let stored = db.insert(account("a@b", 1)).await.unwrap();
        let mine = account("a@b", 2);
        let batch = vec![account("b@b", 1), mine.clone()];
        db.insert(mine.clone()).await.unwrap_err();
        db.bulk_insert(batch.clone()).await.unwrap_err();
        for row in batch.iter().chain([&mine]) {
            assert_eq!((row.created_at, row.updated_at, row.pk.is_set()), (0, 0, false));
        }
        // A row is as new after a failure as before: it can be tried again.
        let again = db.insert(Account { email: "c@b".into(), ..mine }).await.unwrap();
        assert_eq!(again.pk.get(), Some(2));
        let before = Account { pk: again.pk.clone(), updated_at: 7, ..stored };
        let mut changed = before.clone();
        db.update(&mut changed).await.unwrap_err();
        assert_eq!(changed, before);
    })
    .await;
}

/// CRUD-13, BULK-22
#[tokio::test]
async fn a_broken_foreign_key_is_the_same_error_whatever_broke_it() {
    on_both(async |db| {
        db.create_tables::<(Owner, Pet)>().await.unwrap();
        let owner = Owner::builder().name("Ann").insert(&db).await.unwrap();
        let mut rex = Pet::builder().name("Rex").owner_id(1).insert(&db).await.unwrap();
        let lost = |pk| Pet { pk, name: "Rex".into(), owner_id: 9 };
        rex.owner_id = 9;
        for (err, made, on) in [
            (db.insert(lost(Pk::unset())).await.unwrap_err(), "insert", "pets"),
            (db.bulk_insert([lost(Pk::unset())]).await.unwrap_err(), "insert", "pets"),
            (db.update(&mut rex).await.unwrap_err(), "update", "pets"),
            (db.select::<Pet>().update(Pet::OWNER_ID.set(9)).await.unwrap_err(), "update", "pets"),
            (db.update_where::<Pet>(Pet::NAME.eq("Rex"), assign("owner_id", 9)).await.unwrap_err(), "update", "pets"),
            (db.delete::<Owner>(&owner).await.unwrap_err(), "delete", "owners"),
            (db.select::<Owner>().delete().await.unwrap_err(), "delete", "owners"),
            (db.select::<Owner>().limit(1).delete().await.unwrap_err(), "delete", "owners"),
        ] {
            assert!(
                matches!(&err, Error::ForeignKeyConstraint { action, table, .. } if *action == made && table == on),
                "{err:?}"
            );
            assert_eq!(err.kind(), ErrorKind::ForeignKey);
            assert!(err.to_string().starts_with("Foreign key constraint violation: Cannot "), "{err}");
        }
        assert_eq!((db.select::<Owner>().count().await.unwrap(), db.select::<Pet>().count().await.unwrap()), (1, 1));
        assert_eq!(db.get::<Pet>(1).await.unwrap().unwrap().owner_id, 1);
    })
    .await;
}

/// BULK-7
#[tokio::test]
async fn ten_thousand_rows_take_a_hundred_statements() {
    let rows = || (0..10_000).map(|i| user(&format!("u{i}"), i));
    let lines = heard(LevelFilter::DEBUG, async || {
        let db = talkative().await;
        db.create_table::<User>().await.unwrap();
        assert_eq!(db.bulk_insert(rows()).await.unwrap()[9_999].pk.get(), Some(10_000));
        assert_eq!(db.select::<User>().count().await.unwrap(), 10_000);
    })
    .await;
    let inserts = lines.iter().filter(|l| l.contains(r#"INSERT INTO "users""#)).count();
    assert!((1..=200).contains(&inserts), "{inserts}");
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let stored = db.bulk_insert(rows()).await.unwrap();
        assert_eq!(db.select::<User>().order(User::PK).fetch_all().await.unwrap(), stored);
    })
    .await;
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Task {
    pk: Pk<Self>,
    #[field(column = "what")]
    title: String,
    #[field(column = "rr", references = Owner)]
    owner: Option<i64>,
    done: bool,
    due: Option<NaiveDate>,
    #[field(store = "seconds")]
    since: NaiveDate,
    tags: Vec<String>,
    #[field(pickle)]
    sizes: Option<Vec<i64>>,
    counts: HashMap<String, i64>,
    ids: HashSet<i64>,
}

fn day(n: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 2, n).unwrap()
}

/// Ten entries, put in from either end: equal, whatever order they are walked in.
fn counts(backwards: bool) -> HashMap<String, i64> {
    let keys: VecDeque<i64> = if backwards { (0..10).rev().collect() } else { (0..10).collect() };
    keys.into_iter().map(|n| (format!("key {n}"), n)).collect()
}

fn task() -> Task {
    Task {
        pk: Pk::unset(),
        title: "paint".into(),
        owner: None,
        done: false,
        due: Some(day(29)),
        since: day(1),
        tags: vec!["a".into(), "b".into()],
        sizes: Some(vec![1, 2]),
        counts: counts(false),
        ids: (0..10).collect(),
    }
}

async fn one_task(db: &SqliterDb) -> Task {
    db.create_tables::<(Owner, Task)>().await.unwrap();
    Owner::builder().name("Ann").insert(db).await.unwrap();
    db.insert(task()).await.unwrap()
}

/// BULK-16
#[tokio::test]
async fn a_query_writes_values_in_the_form_that_an_insert_writes() {
    on_both(async |db| {
        let row = one_task(&db).await;
        let all = db.select::<Task>();
        let typed = (
            Task::TITLE.set("sand"),
            Task::OWNER.set(1),
            Task::DONE.set(true),
            Task::DUE.set(day(3)),
            Task::SINCE.set(day(4)),
            Task::TAGS.set(Json(vec!["c".to_owned()])),
            Task::SIZES.set(Json(vec![3])),
        );
        assert_eq!(all.update(typed).await.unwrap(), 1);
        let expected = Task {
            title: "sand".into(),
            owner: Some(1),
            done: true,
            due: Some(day(3)),
            since: day(4),
            tags: vec!["c".into()],
            sizes: Some(vec![3]),
            ..row
        };
        assert_eq!(all.fetch_all().await.unwrap(), std::slice::from_ref(&expected));
        let columns = "SELECT what || rr || done || due || since || tags || typeof(sizes) FROM tasks";
        let by_update = raw(&db, columns).await;
        db.insert(Task { pk: Pk::unset(), ..expected.clone() }).await.unwrap();
        assert_eq!(raw(&db, columns).await, [by_update[0].clone(), by_update[0].clone()]);
        // By the field's name or by the column's.
        let named = (assign("title", "oil"), assign("rr", None::<i64>), assign("due", day(5)), assign("since", day(6)));
        assert_eq!(all.clone().limit(1).update(named).await.unwrap(), 1);
        let expected = Task { title: "oil".into(), owner: None, due: Some(day(5)), since: day(6), ..expected };
        assert_eq!(db.get::<Task>(1).await.unwrap(), Some(expected));
    })
    .await;
}

async fn matches(db: &SqliterDb, filter: Filter<Task>) -> i64 {
    db.select::<Task>().filter(filter).count().await.unwrap()
}

/// FIL-18
#[tokio::test]
async fn booleans_are_zero_and_one_and_digits_are_numbers_to_a_number() {
    on_both(async |db| {
        one_task(&db).await;
        db.insert(Task { done: true, ..task() }).await.unwrap();
        assert_eq!(raw(&db, "SELECT typeof(done) || done FROM tasks ORDER BY pk").await, ["integer0", "integer1"]);
        for (filter, expected) in [
            (Task::DONE.eq(true), 1),
            (Task::DONE.ne(true), 1),
            (Task::DONE.lt(true), 1),
            (Task::DONE.is_in([true, false]), 2),
            (lookup("done", true), 1),
            (lookup("done", 0), 1),
            (lookup("done__in", [0, 1]), 2),
            (lookup("pk", "1"), 1),
            (lookup("pk__in", ["1", "2"]), 2),
            (lookup("pk", "one"), 0),
            (lookup("title", 5), 0),
        ] {
            assert_eq!(matches(&db, filter.clone()).await, expected, "{filter:?}");
        }
        assert_eq!(db.select::<Task>().update(Task::DONE.set(true)).await.unwrap(), 2);
        assert_eq!(raw(&db, "SELECT typeof(done) || done FROM tasks").await, ["integer1", "integer1"]);
    })
    .await;
}

/// FIL-20
#[tokio::test]
async fn containers_compare_by_what_they_hold() {
    on_both(async |db| {
        one_task(&db).await;
        let tags = |tags: &[&str]| Json(tags.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>());
        for (filter, expected) in [
            (Task::TAGS.eq(tags(&["a", "b"])), 1),
            (Task::TAGS.eq(tags(&["b", "a"])), 0),
            (Task::TAGS.ne(tags(&["a"])), 1),
            (Task::TAGS.is_in([tags(&[]), tags(&["a", "b"])]), 1),
            (Task::TAGS.not_in([tags(&["a", "b"])]), 0),
            (Task::SIZES.eq(Json(vec![1, 2])), 1),
            (Task::SIZES.eq(Json(vec![1])), 0),
            (Task::SIZES.is_null(), 0),
        ] {
            assert_eq!(matches(&db, filter.clone()).await, expected, "{filter:?}");
        }
    })
    .await;
}

// between equal maps: they must be sorted first.
/// FIL-20
#[tokio::test]
async fn maps_and_sets_compare_by_what_they_hold() {
    let db = SqliterDb::memory().await.unwrap();
    one_task(&db).await;
    for backwards in [false, true].repeat(4) {
        assert_eq!(matches(&db, Task::COUNTS.eq(Json(counts(backwards)))).await, 1);
        let ids = if backwards { (0..10).rev().collect() } else { (0..10).collect::<HashSet<_>>() };
        assert_eq!(matches(&db, Task::IDS.eq(Json(ids))).await, 1);
    }
    let sorted: BTreeMap<_, _> = counts(true).into_iter().collect();
    assert_eq!(matches(&db, lookup("counts", serde_json::to_string(&sorted).unwrap())).await, 1);
}

/// ERR-5
#[tokio::test]
async fn every_failure_is_the_one_error() {
    fn one<E: std::error::Error + Send + Sync + 'static>(err: E) -> Box<dyn std::error::Error + Send + Sync> {
        Box::new(err)
    }
    let db = SqliterDb::memory().await.unwrap();
    let users = db.select::<User>();
    db.create_table::<Account>().await.unwrap();
    let mut unsaved = account("a", 1);
    let results: Vec<Result<()>> = vec![
        SqliterDb::builder().build().map(drop),
        SqliterDb::open("/no/such/folder/x.db").await.map(drop),
        db.insert(user("a", 1)).await.map(drop),
        db.insert(account("a", -1)).await.map(drop),
        db.update(&mut unsaved).await,
        db.get::<User>(1).await.map(drop),
        users.clone().filter(lookup("nope", 1)).fetch_all().await.map(drop),
        users.clone().filter(lookup("age__contains", "x")).fetch_all().await.map(drop),
        users.clone().filter(lookup("age", f64::NAN)).count().await.map(drop),
        users.clone().order("nope").fetch_all().await.map(drop),
        users.clone().offset(-1).fetch_all().await.map(drop),
        users.update(assign("nope", 1)).await.map(drop),
        users.page(0, 0).await.map(drop),
        Pk::<User>::unset().value().map(drop),
        User::builder().name("x").age(1).build().map(drop).map_err(Error::from).and(Err(Error::Closed)),
    ];
    let count = results.len();
    let errors: Vec<_> = results.into_iter().map(|r| one(r.unwrap_err())).collect();
    // Each crosses threads, can be told from the others and says something.
    let texts = std::thread::spawn(move || {
        errors.iter().map(|e| e.downcast_ref::<Error>().unwrap().to_string()).collect::<HashSet<_>>()
    });
    assert_eq!(texts.join().unwrap().len(), count);
}
