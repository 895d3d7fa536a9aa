//! Filters, order, limits and the terminals that read.

use proptest::prelude::*;
use sqliter_async::Filter;
use sqliter_async::prelude::*;

use crate::models::{User, names, user};
use crate::support::{File, on_both};

async fn people(db: &SqliterDb) {
    db.create_table::<User>().await.unwrap();
    let rows = [("Ann", 30, Some("annie")), ("bob", 20, None), ("Cid", 40, Some("El Cid")), ("Ärger", 20, None)];
    let rows = rows.map(|(name, age, nick)| User { nick: nick.map(str::to_owned), ..user(name, age) });
    db.bulk_insert(rows).await.unwrap();
}

async fn found(db: &SqliterDb, filter: Filter<User>) -> Vec<String> {
    let rows = db.select::<User>().filter(filter).order(User::PK).fetch_all().await.unwrap();
    rows.into_iter().map(|u| u.name).collect()
}

/// FIL-1, FIL-2, FIL-3, FIL-4
#[tokio::test]
async fn comparisons_find_what_they_say() {
    on_both(async |db| {
        people(&db).await;
        for (filter, expected) in [
            (User::AGE.eq(20), vec!["bob", "Ärger"]),
            (User::AGE.ne(20), vec!["Ann", "Cid"]),
            (User::AGE.gt(30), vec!["Cid"]),
            (User::AGE.gte(30), vec!["Ann", "Cid"]),
            (User::AGE.lt(30), vec!["bob", "Ärger"]),
            (User::AGE.lte(30), vec!["Ann", "bob", "Ärger"]),
            (User::AGE.between(20, 30), vec!["Ann", "bob", "Ärger"]),
            (User::NICK.is_null(), vec!["bob", "Ärger"]),
            (User::NICK.is_not_null(), vec!["Ann", "Cid"]),
            (User::NICK.eq(None), vec!["bob", "Ärger"]),
            (User::NICK.eq(Some("annie".to_owned())), vec!["Ann"]),
            ((User::AGE * 2).eq(60), vec!["Ann"]),
            ((100 - User::AGE).lt(70), vec!["Cid"]),
            (User::NAME.length().eq(5), vec!["Ärger"]),
            (User::NICK.coalesce("none").eq("none"), vec!["bob", "Ärger"]),
            (User::NAME.lower().eq("ärger"), vec!["Ärger"]),
            (User::NAME.eq(User::NAME), vec!["Ann", "bob", "Cid", "Ärger"]),
        ] {
            assert_eq!(found(&db, filter.clone()).await, expected, "{filter:?}");
        }
    })
    .await;
}

/// FIL-5, FIL-7, FIL-8
#[tokio::test]
async fn null_means_what_a_person_means() {
    on_both(async |db| {
        people(&db).await;
        for (filter, expected) in [
            (User::NICK.ne("annie"), vec!["bob", "Cid", "Ärger"]),
            (User::NICK.ne(None), vec!["Ann", "Cid"]),
            (!User::NICK.eq("annie"), vec!["bob", "Cid", "Ärger"]),
            (!User::NICK.contains("x"), vec!["Ann", "bob", "Cid", "Ärger"]),
            (User::NICK.not_like("annie"), vec!["bob", "Cid", "Ärger"]),
            (User::NICK.is_in([Some("annie".to_owned()), None]), vec!["Ann", "bob", "Ärger"]),
            (User::NICK.not_in([Some("annie".to_owned()), None]), vec!["Cid"]),
            (User::NICK.not_in(["annie"]), vec!["bob", "Cid", "Ärger"]),
            (User::NICK.is_in(Vec::<String>::new()), vec![]),
            (User::NICK.not_in(Vec::<String>::new()), vec!["Ann", "bob", "Cid", "Ärger"]),
        ] {
            assert_eq!(found(&db, filter.clone()).await, expected, "{filter:?}");
        }
    })
    .await;
}

/// FIL-10, FIL-11, FIL-12, FIL-13
#[tokio::test]
async fn text_tests_take_their_argument_literally() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let texts =
            ["100%", "100 x", "a*b", "a_b", "aXb", "[x]", "CAFÉ", "café", "straße", "ΟΔΟΣ", "nul\0inside", "", "🦀z"];
        db.bulk_insert(texts.map(|t| user(t, 1))).await.unwrap();
        for (filter, expected) in [
            (User::NAME.starts_with("100%"), vec!["100%"]),
            (User::NAME.ends_with("%"), vec!["100%"]),
            (User::NAME.contains("*"), vec!["a*b"]),
            (User::NAME.contains("_"), vec!["a_b"]),
            (User::NAME.starts_with("["), vec!["[x]"]),
            (User::NAME.starts_with("CAF"), vec!["CAFÉ"]),
            (User::NAME.icontains("CAFÉ"), vec!["CAFÉ", "café"]),
            (User::NAME.istarts_with("caf"), vec!["CAFÉ", "café"]),
            (User::NAME.iends_with("É"), vec!["CAFÉ", "café"]),
            (User::NAME.icontains("STRASSE"), vec!["straße"]),
            (User::NAME.icontains("οδος"), vec!["ΟΔΟΣ"]),
            (User::NAME.starts_with("nul\0in"), vec!["nul\0inside"]),
            (User::NAME.ends_with("\0inside"), vec!["nul\0inside"]),
            (User::NAME.contains("\0i"), vec!["nul\0inside"]),
            (User::NAME.eq("nul\0inside"), vec!["nul\0inside"]),
            (User::NAME.starts_with("🦀"), vec!["🦀z"]),
            (User::NAME.like("A_B"), vec!["a*b", "a_b", "aXb"]),
            (User::NAME.glob("a?b"), vec!["a*b", "a_b", "aXb"]),
            (User::NAME.like("100%"), vec!["100%", "100 x"]),
        ] {
            assert_eq!(found(&db, filter.clone()).await, expected, "{filter:?}");
        }
        for all in [User::NAME.starts_with(""), User::NAME.contains(""), User::NAME.iends_with("")] {
            assert_eq!(found(&db, all).await.len(), texts.len());
        }
    })
    .await;
}

/// FIL-29
#[tokio::test]
async fn lists_of_any_length_work() {
    on_both(async |db| {
        people(&db).await;
        let numbers: Vec<i64> = (40..100_040).collect();
        assert_eq!(found(&db, User::AGE.is_in(&numbers)).await, ["Cid"]);
        assert_eq!(found(&db, User::AGE.not_in(&numbers)).await, ["Ann", "bob", "Ärger"]);
        let texts: Vec<String> = (0..100_000).map(|i| format!("x{i}")).chain(["Ärger".to_owned()]).collect();
        assert_eq!(found(&db, User::NAME.is_in(&texts)).await, ["Ärger"]);
        let with_null: Vec<Option<String>> = texts.into_iter().map(Some).chain([None]).collect();
        assert_eq!(found(&db, User::NICK.is_in(with_null)).await, ["bob", "Ärger"]);
    })
    .await;
}

#[tokio::test]
async fn strings_name_fields_too() {
    on_both(async |db| {
        people(&db).await;
        for (path, value, expected) in [
            ("name", "Ann", vec!["Ann"]),
            ("name__icontains", "ÄR", vec!["Ärger"]),
            ("name__startswith", "C", vec!["Cid"]),
        ] {
            assert_eq!(found(&db, lookup(path, value)).await, expected, "{path}");
        }
        assert_eq!(found(&db, lookup("age__gte", 30)).await, ["Ann", "Cid"]);
        assert_eq!(found(&db, lookup("age__in", [20, 40])).await, ["bob", "Cid", "Ärger"]);
        assert_eq!(found(&db, lookup("nick__isnull", true)).await, ["bob", "Ärger"]);
        let ordered = db.select::<User>().order(["-age", "name"]).fetch_all().await.unwrap();
        assert_eq!(names(&ordered), ["Cid", "Ann", "bob", "Ärger"]);
        assert_eq!(db.select::<User>().filter(lookup("pk", 1)).update(assign("age", 31)).await.unwrap(), 1);
        assert_eq!(db.get::<User>(1).await.unwrap().unwrap().age, 31);
    })
    .await;
}

/// FIL-15, FIL-16, ORD-2
#[tokio::test]
async fn wrong_strings_are_errors_that_name_the_right_one() {
    let db = SqliterDb::memory().await.unwrap();
    people(&db).await;
    let err = db.select::<User>().filter(lookup("nmae", "x")).fetch_all().await.unwrap_err();
    assert!(matches!(&err, Error::InvalidFilter { field, .. } if field == "nmae"), "{err:?}");
    assert!(err.to_string().contains("did you mean 'name'?"), "{err}");
    let err = db.select::<User>().filter(lookup("name__contians", "x")).count().await.unwrap_err();
    assert!(err.to_string().contains("'contians' is not an operator; did you mean 'contains'?"), "{err}");
    let err = db.select::<User>().order("-agee").fetch_one().await.unwrap_err();
    assert!(matches!(&err, Error::InvalidOrder(_)), "{err:?}");
    assert!(err.to_string().contains("did you mean 'age'?"), "{err}");
    let err = db.select::<User>().update(assign("agee", 1)).await.unwrap_err();
    assert!(matches!(&err, Error::InvalidUpdate(_)), "{err:?}");
    let err = db.select::<User>().offset(-1).fetch_all().await.unwrap_err();
    assert!(matches!(err, Error::InvalidOffset(-1)), "{err:?}");
}

/// ORD-4, ORD-5, ORD-6
#[tokio::test]
async fn order_limit_and_offset_are_honoured() {
    on_both(async |db| {
        people(&db).await;
        let all = db.select::<User>();
        for (query, expected) in [
            (all.clone().order(User::NAME), vec!["Ann", "Cid", "bob", "Ärger"]),
            (all.clone().order(User::NAME.desc()), vec!["Ärger", "bob", "Cid", "Ann"]),
            (all.clone().order((User::AGE, User::NAME.desc())), vec!["Ärger", "bob", "Ann", "Cid"]),
            (all.clone().order(User::AGE).order((User::NICK, User::PK)), vec!["bob", "Ärger", "Cid", "Ann"]),
            (all.clone().order((User::NICK.asc().nulls_last(), User::PK)), vec!["Cid", "Ann", "bob", "Ärger"]),
            (all.clone().order((User::NICK.desc().nulls_first(), User::PK)), vec!["bob", "Ärger", "Ann", "Cid"]),
            (all.clone().order(User::PK).limit(2), vec!["Ann", "bob"]),
            (all.clone().order(User::PK).limit(2).offset(1), vec!["bob", "Cid"]),
            (all.clone().offset(3).order(User::PK), vec!["Ärger"]),
            (all.clone().limit(0), vec![]),
            (all.clone().order(User::PK).limit(-1), vec!["Ann", "bob", "Cid", "Ärger"]),
            (all.clone().offset(9), vec![]),
            (all.clone().filter(None).order(User::PK).offset(0).limit(1), vec!["Ann"]),
        ] {
            assert_eq!(names(&query.fetch_all().await.unwrap()), expected, "{query:?}");
            assert_eq!(query.count().await.unwrap() as usize, expected.len(), "{query:?}");
            assert_eq!(query.exists().await.unwrap(), !expected.is_empty(), "{query:?}");
            let one = query.fetch_one().await.unwrap().map(|u| u.name);
            assert_eq!(one.as_deref(), expected.first().copied(), "{query:?}");
        }
    })
    .await;
}

/// ORD-9, ORD-10, ORD-11, ORD-12
#[tokio::test]
async fn first_and_last_follow_the_order() {
    on_both(async |db| {
        people(&db).await;
        let name = |u: Option<User>| u.map(|u| u.name);
        let by_age = db.select::<User>().order(User::AGE);
        assert_eq!(name(by_age.fetch_last().await.unwrap()).as_deref(), Some("Cid"));
        assert_eq!(name(by_age.fetch_first().await.unwrap()).as_deref(), Some("bob"));
        let unordered = db.select::<User>();
        assert_eq!(name(unordered.fetch_first().await.unwrap()).as_deref(), Some("Ann"));
        assert_eq!(name(unordered.fetch_last().await.unwrap()).as_deref(), Some("Ärger"));
        assert_eq!(name(unordered.clone().offset(1).fetch_last().await.unwrap()).as_deref(), Some("Cid"));
        assert_eq!(name(by_age.clone().limit(2).fetch_last().await.unwrap()).as_deref(), Some("Ärger"));
        let nobody = db.select::<User>().filter(User::AGE.gt(99));
        assert_eq!((nobody.fetch_first().await.unwrap(), nobody.fetch_last().await.unwrap()), (None, None));
    })
    .await;
}

/// ORD-13, FIL-27
#[tokio::test]
async fn a_query_is_not_changed_by_being_used() {
    on_both(async |db| {
        people(&db).await;
        let query = db.select::<User>().filter(User::AGE.lt(40));
        let narrower = query.clone().filter(User::AGE.gt(25));
        query.fetch_last().await.unwrap();
        query.fetch_first().await.unwrap();
        query.page(1, 1).await.unwrap();
        assert_eq!(query.count().await.unwrap(), 3);
        assert_eq!(query.fetch_all().await.unwrap().len(), 3);
        assert_eq!(narrower.count().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn pages_know_where_they_stand() {
    on_both(async |db| {
        people(&db).await;
        let query = db.select::<User>().order(User::NAME);
        let page = query.page(2, 3).await.unwrap();
        assert_eq!((names(&page.items), page.number, page.size, page.total, page.pages), (vec!["Ärger"], 2, 3, 4, 2));
        let beyond = query.page(9, 3).await.unwrap();
        assert_eq!((beyond.items.len(), beyond.total), (0, 4));
        assert!(matches!(query.page(0, 3).await, Err(Error::InvalidOption(_))));
        assert!(matches!(query.page(1, 0).await, Err(Error::InvalidOption(_))));
        assert!(query.page(i64::MAX, i64::MAX).await.unwrap().items.is_empty());
    })
    .await;
}

#[tokio::test]
async fn rows_come_without_their_model_too() {
    let db = SqliterDb::memory().await.unwrap();
    people(&db).await;
    let dicts = db.select::<User>().order(User::PK).limit(1).fetch_dicts().await.unwrap();
    assert_eq!(dicts[0].keys().collect::<Vec<_>>(), ["pk", "name", "age", "nick"]);
    assert_eq!(dicts[0].value("age"), Some(&Value::Int(30)));
    assert_eq!(dicts[0][1], Value::from("Ann"));
    assert_eq!(dicts[0].value("nope"), None);
}

#[tokio::test]
async fn a_query_shows_its_sql_and_its_plan() {
    let file = File::new();
    let db = file.open().await;
    people(&db).await;
    let query = db.select::<User>().filter(User::AGE.gt(3) & User::NAME.eq("Ann")).order(User::PK).limit(5);
    let (sql, params) = query.sql().unwrap();
    assert_eq!(
        sql,
        r#"SELECT "pk", "name", "age", "nick" FROM "users" WHERE "age" > ?1 AND "name" = ?2 ORDER BY "pk" ASC LIMIT 5"#
    );
    assert_eq!(params, [Value::Int(3), Value::from("Ann")]);
    let plan = query.explain().await.unwrap();
    let missing = |column| format!("missing index: 'users' is read from end to end, and the filter is on '{column}'");
    assert_eq!(plan, ["SCAN users".to_owned(), missing("age"), missing("name")].join("\n"));
}

/// One condition in Rust and as a filter.
#[derive(Debug, Clone)]
enum Condition {
    Age(u8, i64),
    Nick(Option<String>),
    Name(u8, String),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}

impl Condition {
    fn filter(&self) -> Filter<User> {
        match self {
            Condition::Age(0, v) => User::AGE.eq(*v),
            Condition::Age(1, v) => User::AGE.ne(*v),
            Condition::Age(2, v) => User::AGE.gt(*v),
            Condition::Age(3, v) => User::AGE.lte(*v),
            Condition::Age(_, v) => User::AGE.is_in([*v, v + 1]),
            Condition::Nick(v) => User::NICK.eq(v.clone()),
            Condition::Name(0, v) => User::NAME.starts_with(v),
            Condition::Name(1, v) => User::NAME.ends_with(v),
            Condition::Name(_, v) => User::NAME.contains(v),
            Condition::Not(a) => !a.filter(),
            Condition::And(a, b) => a.filter() & b.filter(),
            Condition::Or(a, b) => a.filter() | b.filter(),
        }
    }

    fn holds(&self, u: &User) -> bool {
        match self {
            Condition::Age(0, v) => u.age == *v,
            Condition::Age(1, v) => u.age != *v,
            Condition::Age(2, v) => u.age > *v,
            Condition::Age(3, v) => u.age <= *v,
            Condition::Age(_, v) => u.age == *v || u.age == v + 1,
            Condition::Nick(v) => u.nick == *v,
            Condition::Name(0, v) => u.name.starts_with(v.as_str()),
            Condition::Name(1, v) => u.name.ends_with(v.as_str()),
            Condition::Name(_, v) => u.name.contains(v.as_str()),
            Condition::Not(a) => !a.holds(u),
            Condition::And(a, b) => a.holds(u) && b.holds(u),
            Condition::Or(a, b) => a.holds(u) || b.holds(u),
        }
    }
}

fn text() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[ab%*_é\u{0}🦀]{0,3}").unwrap()
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        (0..5u8, 0..4i64).prop_map(|(op, v)| Condition::Age(op, v)),
        proptest::option::of(text()).prop_map(Condition::Nick),
        (0..3u8, text()).prop_map(|(op, v)| Condition::Name(op, v)),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| Condition::Not(Box::new(a))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Condition::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Condition::Or(Box::new(a), Box::new(b))),
        ]
    })
}

fn any_user() -> impl Strategy<Value = User> {
    (text(), 0..4i64, proptest::option::of(text())).prop_map(|(name, age, nick)| User { nick, ..user(&name, age) })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Random filters, orders, limits and updates give what plain Rust gives over a `Vec`.
    #[test]
    fn queries_agree_with_plain_rust(
        rows in proptest::collection::vec(any_user(), 0..20),
        condition in condition(),
        limit in -1..6i64,
        offset in 0..4i64,
        by_name in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let db = SqliterDb::memory().await.unwrap();
            db.create_table::<User>().await.unwrap();
            let rows = db.bulk_insert(rows).await.unwrap();
            let mut expected: Vec<User> = rows.iter().filter(|u| condition.holds(u)).cloned().collect();
            let query = db.select::<User>().filter(condition.filter());
            assert_eq!(query.count().await.unwrap() as usize, expected.len());
            let query = if by_name {
                expected.sort_by(|a, b| b.name.cmp(&a.name).then(a.pk.cmp(&b.pk)));
                query.order((User::NAME.desc(), User::PK))
            } else {
                query.order(User::PK)
            };
            let expected: Vec<User> = expected
                .into_iter()
                .skip(offset as usize)
                .take(if limit < 0 { usize::MAX } else { limit as usize })
                .collect();
            let query = query.limit(limit).offset(offset);
            assert_eq!(query.fetch_all().await.unwrap(), expected);
            assert_eq!(query.fetch_first().await.unwrap(), expected.first().cloned());
            if limit >= 0 {
                assert_eq!(query.fetch_last().await.unwrap(), expected.last().cloned());
            }
            assert_eq!(query.exists().await.unwrap(), !expected.is_empty());

            let changed = query.update(User::AGE.set(User::AGE + 100)).await.unwrap();
            assert_eq!(changed as usize, expected.len());
            let older = db.select::<User>().filter(User::AGE.gte(100)).order(User::PK).fetch_all().await.unwrap();
            let mut keys: Vec<_> = expected.iter().map(|u| u.pk.clone()).collect();
            keys.sort();
            assert_eq!(older.iter().map(|u| u.pk.clone()).collect::<Vec<_>>(), keys);
            assert_eq!(query.clone().filter(User::AGE.lt(0)).delete().await.unwrap(), 0);
            assert_eq!(db.select::<User>().filter(User::AGE.gte(100)).delete().await.unwrap() as usize, keys.len());
            assert_eq!(db.select::<User>().count().await.unwrap() as usize, rows.len() - keys.len());
        });
    }
}
