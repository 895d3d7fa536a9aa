//! Values inside JSON columns.

use std::collections::BTreeMap;

use sqliter_async::prelude::*;

use super::shown;
use crate::support::{on_both, raw_execute};

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Doc {
    pk: Pk<Self>,
    name: String,
    #[field(json)]
    data: serde_json::Value,
    tags: Vec<String>,
    maybe: Option<Vec<i64>>,
    map: BTreeMap<String, i64>,
    #[field(pickle)]
    old: Vec<i64>,
}

async fn docs(db: &SqliterDb) {
    db.create_table::<Doc>().await.unwrap();
    for (name, data, tags, maybe) in [
        (
            "a",
            r#"{"theme": {"name": "dark", "größe": 3, "a b": true}, "list": [1, [2, 3], {"x": null}], "n": 1.5}"#,
            vec!["x", "y"],
            Some(vec![1, 2]),
        ),
        ("b", r#"{"theme": {"name": "light", "größe": 10}, "list": [], "n": null, "": 7}"#, vec![], None),
        ("c", r#"[10, "10", true, null, "[1]", [1]]"#, vec!["x", "x", "é"], Some(vec![])),
    ] {
        let doc = Doc {
            pk: Pk::unset(),
            name: name.into(),
            data: data.parse().unwrap(),
            tags: tags.into_iter().map(String::from).collect(),
            maybe,
            map: BTreeMap::from([("k".to_owned(), 5), (name.to_owned(), 6)]),
            old: vec![1],
        };
        db.insert(doc).await.unwrap();
    }
}

async fn matching(db: &SqliterDb, filter: Filter<Doc>) -> String {
    let q = db.select::<Doc>().filter(filter.clone()).order(Doc::PK);
    let names = q.clone().only(Doc::NAME).fetch_all().await.unwrap_or_else(|e| panic!("{filter:?}: {e}"));
    assert_eq!(q.count().await.unwrap() as usize, names.len());
    names.concat()
}

#[tokio::test]
async fn a_path_reaches_a_value() {
    on_both(async |db| {
        docs(&db).await;
        let text = |path| Doc::DATA.path::<String>(path);
        let int = |path| Doc::DATA.path::<i64>(path);
        for (filter, expected) in [
            (text("theme.name").eq("dark"), "a"),
            (text("theme.name").ne("dark"), "bc"),
            (text("theme.name").is_in(["light", "x"]), "b"),
            (text("theme.name").starts_with("da"), "a"),
            (text("theme.name").is_null(), "c"),
            (text("theme.name").eq(None), "c"),
            (int("theme.größe").gt(3), "b"),
            (int("theme.größe").between(1, 10), "ab"),
            (Doc::DATA.path::<bool>("theme.a b").eq(true), "a"),
            (Doc::DATA.path::<f64>("n").eq(1.5), "a"),
            // JSON's null is no value either.
            (Doc::DATA.path::<f64>("n").is_null(), "bc"),
            (int("list[0]").eq(1), "a"),
            (int("list[1][1]").eq(3), "a"),
            (int("list[1][-1]").eq(3), "a"),
            (int("list[9]").is_null(), "abc"),
            (int("list[-9]").is_null(), "abc"),
            (int("list[2].x").is_null(), "abc"),
            (int("[0]").eq(10), "c"),
            (text("[1]").eq("10"), "c"),
            (int("[-1][0]").eq(1), "c"),
            (Doc::TAGS.path::<String>("[0]").eq("x"), "ac"),
            (Doc::TAGS.path::<String>("[-1]").eq("é"), "c"),
            (Doc::MAYBE.path::<i64>("[1]").eq(2), "a"),
            (Doc::MAYBE.path::<i64>("[1]").is_null(), "bc"),
            (Doc::MAP.path::<i64>("b").eq(6), "b"),
        ] {
            assert_eq!(matching(&db, filter.clone()).await, expected, "{filter:?}");
        }
        for path in ["", "a..b", ".a", "a.", "a[x]", "a[", "a[0", "a[0]b", "a\"b", "a.[0]", "a[--1]", "a[]"] {
            let err = db.select::<Doc>().filter(text(path).eq("x")).fetch_all().await.unwrap_err();
            assert!(matches!(&err, Error::InvalidFilter { .. }), "{path}: {err:?}");
            assert!(err.to_string().contains("JSON path"), "{err}");
        }
    })
    .await;
}

#[tokio::test]
async fn values_inside_json_are_selected_sorted_and_grouped_by() {
    let db = SqliterDb::memory().await.unwrap();
    docs(&db).await;
    let q = db.select::<Doc>().order(Doc::PK);
    let size = || Doc::DATA.path::<i64>("theme.größe");
    assert_eq!(q.clone().only(size()).fetch_all().await.unwrap(), [Some(3), Some(10), None]);
    assert_eq!(
        q.clone().only(Doc::DATA.path::<Json<Vec<i64>>>("list[1]")).fetch_one().await.unwrap(),
        Some(Some(Json(vec![2, 3])))
    );
    let err = q.clone().only(Doc::DATA.path::<i64>("theme.name")).fetch_all().await.unwrap_err();
    assert!(matches!(err, Error::Decode { .. }), "{err:?}");
    let sorted = db.select::<Doc>().order(size().desc()).only(Doc::NAME);
    assert_eq!(sorted.fetch_all().await.unwrap(), ["b", "a", "c"]);
    assert_eq!(q.clone().only(func::max(size())).fetch_one().await.unwrap(), Some(Some(10)));
    assert_eq!(q.clone().only(func::sum(size() + 1)).fetch_one().await.unwrap(), Some(Some(15)));
    let by = db.select::<Doc>().group_by(Doc::TAGS.path::<String>("[0]")).annotate("n", func::count()).order("-n");
    assert_eq!(shown(&by.fetch_all().await.unwrap()), ["column_1='x' n=2", "column_1=NULL n=1"]);
    let named = db.select::<Doc>().annotate("size", size()).having(alias("size").gt(3)).fields(["size"]);
    assert_eq!(shown(&named.fetch_all().await.unwrap())[0], "size=10 size=10");
    assert_eq!(
        db.select::<Doc>().filter(size().gt(3)).only(Doc::PK).sql().unwrap(),
        (
            r#"SELECT "pk" FROM "docs" WHERE json_extract("data", ?1) > ?2"#.to_owned(),
            vec![Value::from(r#"$."theme"."größe""#), Value::from(3)]
        )
    );
}

#[tokio::test]
async fn lists_hold_values() {
    on_both(async |db| {
        docs(&db).await;
        let none: [&str; 0] = [];
        for (filter, expected) in [
            (Doc::TAGS.contains_any(["x"]), "ac"),
            (Doc::TAGS.contains_any(["y", "é", "zz"]), "ac"),
            (Doc::TAGS.contains_any(["zz"]), ""),
            (Doc::TAGS.contains_any(none), ""),
            (Doc::TAGS.contains_all(["x", "y"]), "a"),
            (Doc::TAGS.contains_all(["x", "x"]), "ac"),
            (Doc::TAGS.contains_all(["x", "zz"]), ""),
            (Doc::TAGS.contains_all(none), "abc"),
            (Doc::TAGS.contains_all(vec![String::from("é"), String::from("x")]), "c"),
            (!Doc::TAGS.contains_any(["x"]), "b"),
            (Doc::MAYBE.contains_any([1, 7]), "a"),
            (Doc::MAYBE.contains_all([2, 1]), "a"),
            (!Doc::MAYBE.contains_any([1]), "bc"),
            (Doc::MAYBE.contains_any(none), ""),
            (Doc::MAYBE.contains_all(none), "abc"),
            (Doc::DATA.contains_any([10]), "c"),
            (Doc::DATA.contains_any(["10"]), "c"),
            (Doc::DATA.contains_any([10.0]), "c"),
            (
                Doc::DATA.contains_all(vec![Value::from(10), Value::from("10"), Value::from(10.0), Value::from(true)]),
                "c",
            ),
            // A list in the list is no text, whatever it looks like.
            (Doc::DATA.contains_any(["[1]"]), "c"),
            (Doc::DATA.contains_any(["[2,3]"]), ""),
            (Doc::DATA.path::<String>("list").is_not_null(), "ab"),
            (Doc::DATA.contains_any([None::<i64>]), "bc"),
            (Doc::DATA.contains_all([None, Some(10)]), "c"),
            (Doc::TAGS.contains_any([None, Some("y")]), "a"),
            (Doc::MAP.contains_any([6]), "abc"),
            (Doc::TAGS.contains_any((0..70_000).map(|i| format!("t{i}")).chain(["é".to_owned()])), "c"),
            (Doc::MAYBE.contains_all(0..70_000), ""),
            (Doc::TAGS.contains_all(vec!["x"; 70_000]), "ac"),
            (lookup("tags__contains_any", ["y", "é"]), "ac"),
            (lookup("tags__contains_all", ["x", "y"]), "a"),
            (lookup("maybe__contains_all", vec![1, 2]), "a"),
        ] {
            assert_eq!(matching(&db, filter.clone()).await, expected, "{:.300}", format!("{filter:?}"));
        }
        for (filter, reason) in [
            (lookup("tags__contains_any", "x"), "takes a list"),
            (lookup("name__contains_any", ["x"]), "JSON columns"),
            (lookup("pk__contains_all", [1]), "JSON columns"),
        ] {
            let err = db.select::<Doc>().filter(filter).count().await.unwrap_err();
            assert!(matches!(&err, Error::InvalidFilter { .. }) && err.to_string().contains(reason), "{err:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_not_json_says_so() {
    let db = SqliterDb::memory().await.unwrap();
    docs(&db).await;
    for filter in [
        Doc::OLD.contains_any([1]),
        Doc::OLD.contains_all([1]),
        lookup("old__contains_any", [1]),
        Doc::OLD.path::<i64>("[0]").eq(1),
    ] {
        let err = db.select::<Doc>().filter(filter).fetch_all().await.unwrap_err();
        assert!(matches!(&err, Error::InvalidFilter { field, .. } if field == "old"), "{err:?}");
        assert!(err.to_string().contains("pickle"), "{err}");
    }
    raw_execute(&db, "UPDATE docs SET data = 'nonsense'").await;
    let err = db.select::<Doc>().filter(Doc::DATA.path::<i64>("n").eq(1)).count().await.unwrap_err();
    assert!(matches!(&err, Error::RecordFetch { .. }) && err.to_string().contains("malformed JSON"), "{err:?}");
}

#[derive(Debug, Clone, DbModel)]
struct Shelf {
    pk: Pk<Self>,
    words: Vec<String>,
}

#[derive(Debug, Clone, DbModel)]
struct Box_ {
    pk: Pk<Self>,
    #[foreign_key(related_name = "boxes")]
    shelf: ForeignKey<Shelf>,
    sizes: Vec<i64>,
}

#[tokio::test]
async fn json_behind_relations() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Shelf, Box_)>().await.unwrap();
    let shelf = Shelf::builder().words(vec!["a".to_owned(), "b".to_owned()]).insert(&db).await.unwrap();
    Box_::builder().shelf(&shelf).sizes(vec![3, 4]).insert(&db).await.unwrap();
    for filter in [
        Box_::SHELF.to(Shelf::WORDS).contains_any(["b"]),
        Box_::SHELF.to(Shelf::WORDS).contains_all(["b", "a"]),
        Box_::SHELF.to(Shelf::WORDS).path::<String>("[1]").eq("b"),
        Box_::SHELF.to(Shelf::WORDS.path::<String>("[1]")).eq("b"),
        lookup("shelf__words__contains_any", ["a"]),
    ] {
        assert_eq!(db.select::<Box_>().filter(filter.clone()).count().await.unwrap(), 1, "{filter:?}");
    }
    for filter in [
        Shelf::BOXES.any(Box_::SIZES.contains_any([3])),
        lookup("boxes__sizes__contains_all", [3, 4]),
        Shelf::BOXES.to(Box_::SIZES).contains_any([9, 4]),
        Shelf::BOXES.to(Box_::SIZES).contains_all([4, 3]),
        Shelf::BOXES.to(Box_::SIZES).path::<i64>("[-1]").between(4, 5),
        Shelf::BOXES.to(Box_::SIZES.path::<i64>("[0]")).eq(3),
    ] {
        assert_eq!(db.select::<Shelf>().filter(filter.clone()).count().await.unwrap(), 1, "{filter:?}");
    }
    let sums = db.select::<Shelf>().only(Shelf::BOXES.to(Box_::SIZES.path::<i64>("[1]")).sum());
    assert_eq!(sums.fetch_all().await.unwrap(), [Some(4)]);
}

/// The columns that SQLite's `json_each` has itself.
#[derive(Debug, Clone, DbModel)]
#[allow(non_snake_case)]
struct Each {
    pk: Pk<Self>,
    value: Vec<i64>,
    atom: Vec<i64>,
    json: Option<Vec<i64>>,
    key: Vec<i64>,
}

#[tokio::test]
async fn columns_called_like_those_of_the_function_are_themselves() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Each>().await.unwrap();
    Each::builder().value(vec![1]).atom(vec![2]).json(vec![3]).key(vec![4]).insert(&db).await.unwrap();
    let all = Each::VALUE.contains_any([1]) & Each::ATOM.contains_all([2]) & Each::JSON.contains_any([3]);
    let q = db.select::<Each>().filter(all & Each::KEY.contains_all([4]));
    assert_eq!(q.count().await.unwrap(), 1);
    assert!(!db.select::<Each>().filter(Each::KEY.contains_any([0])).exists().await.unwrap());
    assert_eq!(q.clone().update(Each::VALUE.set(Json(vec![9]))).await.unwrap(), 1);
    assert_eq!(q.count().await.unwrap(), 0);
    let long = Each::VALUE.contains_any(0..200) & Each::VALUE.path::<i64>("[0]").eq(9);
    assert_eq!(db.select::<Each>().filter(long).delete().await.unwrap(), 1);
}

/// Keys with dots, quotes, backslashes and more; what is `null` and what is not there.
#[tokio::test]
async fn every_key_can_be_reached() {
    on_both(async |db| {
        db.create_table::<Doc>().await.unwrap();
        let keys = [
            "a.b",
            "q\"q",
            "back\\slash",
            "b\\n",
            "line\nbreak",
            "nul\0",
            "",
            "[0]",
            "ключ",
            "🦀",
            "'",
            "a b",
            "$",
            "#",
            "é",
        ];
        let mut data = serde_json::Map::new();
        for (i, key) in keys.iter().enumerate() {
            data.insert((*key).to_owned(), serde_json::json!({ "v": i, (*key).to_owned(): [i] }));
        }
        data.insert("null".to_owned(), serde_json::Value::Null);
        data.insert("list".to_owned(), serde_json::json!([1, 2]));
        let doc = Doc {
            pk: Pk::unset(),
            name: "n".into(),
            data: data.into(),
            tags: vec!["nul\0".to_owned(), "q\"q".to_owned()],
            maybe: None,
            map: BTreeMap::new(),
            old: vec![],
        };
        db.insert(doc).await.unwrap();
        for (i, key) in keys.iter().enumerate() {
            let quoted = format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""));
            for path in [format!("{quoted}.v"), format!("{quoted}.{quoted}[0]"), format!("{quoted}.{quoted}[-1]")] {
                let found = db.select::<Doc>().only(Doc::DATA.path::<i64>(&path)).fetch_one().await.unwrap();
                assert_eq!(found, Some(Some(i as i64)), "{path:?}");
                let q = db.select::<Doc>().filter(Doc::DATA.path::<i64>(&path).eq(i as i64));
                assert_eq!(q.count().await.unwrap(), 1, "{path:?}");
            }
        }
        for bare in
            ["back\\slash.v", "b\\n.v", "line\nbreak.v", "nul\0.v", "ключ.v", "🦀.v", "'.v", "a b.v", "$.v", "#.v"]
        {
            assert_eq!(matching(&db, Doc::DATA.path::<i64>(bare).is_not_null()).await, "n", "{bare:?}");
        }
        // Nothing there, and `null` there, are both `None`; an index past every end is nothing.
        for none in [
            "null",
            "null.x",
            "nothing",
            "list[2]",
            "list[-3]",
            "list[4294967296]",
            "list[18446744073709551616]",
            "list[-4294967297]",
            "list.x",
            "list[0][0]",
        ] {
            assert_eq!(
                db.select::<Doc>().only(Doc::DATA.path::<i64>(none)).fetch_one().await.unwrap(),
                Some(None),
                "{none}"
            );
            assert_eq!(matching(&db, Doc::DATA.path::<i64>(none).is_null()).await, "n", "{none}");
            assert_eq!(matching(&db, Doc::DATA.path::<i64>(none).ne(1)).await, "n", "{none}");
        }
        // A column that is NULL has nothing in it.
        assert_eq!(db.select::<Doc>().only(Doc::MAYBE.path::<i64>("[0]")).fetch_one().await.unwrap(), Some(None));
        assert_eq!(matching(&db, Doc::TAGS.contains_all(["nul\0", "q\"q"])).await, "n");
        let large = Doc::DATA.path::<i64>("list[1]").between(2, i64::MAX);
        assert_eq!(matching(&db, large).await, "n");
    })
    .await;
}

/// What is behind a path may be a list in one row, and anything else in another.
#[tokio::test]
async fn lists_behind_paths_hold_values() {
    on_both(async |db| {
        docs(&db).await;
        for (name, data) in [
            ("d", r#"{"list": "plain text", "deep": {"list": ["1", {"x": [7]}]}}"#),
            ("e", r#"{"list": ["a", 2], "deep": {"list": "no [json"}}"#),
            ("f", r#"{"list": null, "deep": "text"}"#),
        ] {
            let doc = Doc {
                pk: Pk::unset(),
                name: name.into(),
                data: data.parse().unwrap(),
                tags: vec![],
                maybe: None,
                map: BTreeMap::new(),
                old: vec![],
            };
            db.insert(doc).await.unwrap();
        }
        let list = || Doc::DATA.path::<Json<Vec<serde_json::Value>>>("list");
        let deep = || Doc::DATA.path::<Json<serde_json::Value>>("deep");
        for (filter, expected) in [
            (list().contains_any([1]), "a"),
            (list().contains_any(["a", "x"]), "e"),
            (list().contains_all(vec![Value::from("a"), Value::from(2)]), "e"),
            (list().contains_any(["plain text"]), "d"),
            (list().contains_any([None::<i64>]), "f"),
            (!list().contains_any([1]), "bcdef"),
            (deep().path::<Json<Vec<String>>>("list").contains_all(["1"]), "d"),
            (deep().path::<String>("list[0]").eq("1"), "d"),
            (deep().path::<Json<serde_json::Value>>("list[1]").path::<i64>("x[-1]").eq(7), "d"),
            (deep().path::<String>("list").eq("no [json"), "e"),
            (deep().path::<i64>("list[1].x[0]").is_not_null(), "d"),
            (Doc::DATA.path::<Json<Vec<i64>>>("[5]").contains_any([1]), "c"),
        ] {
            assert_eq!(matching(&db, filter.clone()).await, expected, "{filter:?}");
        }
        let err = db.select::<Doc>().filter(deep().path::<i64>("a..b").eq(1)).count().await.unwrap_err();
        assert!(err.to_string().contains("JSON path"), "{err}");
        let err = db.select::<Doc>().only(Doc::OLD.path::<Json<Vec<i64>>>("[0]").path::<i64>("[0]")).fetch_all().await;
        assert!(err.unwrap_err().to_string().contains("pickle"));
    })
    .await;
}
