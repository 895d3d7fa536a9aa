//! Rows without a model: dicts, and structs that are read from any result.

use std::collections::HashMap;

use sqliter_async::prelude::*;

use crate::models::{Owner, Pet, User, user};
use crate::support::on_both;

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Event {
    pk: Pk<Self>,
    #[field(store = "seconds")]
    at: chrono::DateTime<chrono::Utc>,
}

#[tokio::test]
async fn values_by_name_and_position() {
    on_both(async |db| {
        let sql = "SELECT 1 AS a, 'x' AS b, NULL AS c, 2 AS a, x'0102' AS blob, 1.5";
        let row = db.query_one(sql, ()).await.unwrap().unwrap();
        assert_eq!((row.len(), row.is_empty()), (6, false));
        assert_eq!((&row["a"], &row[3], &row["1.5"]), (&Value::Int(1), &Value::Int(2), &Value::Real(1.5)));
        assert_eq!(row.get::<Option<String>>("c").unwrap(), None);
        assert!(row.get::<bool>("a").unwrap());
        assert_eq!(row.get_at::<Vec<u8>>(4).unwrap(), [1, 2]);
        assert_eq!((row.value("z"), row.value_at(6), row.contains("b")), (None, None, true));
        assert_eq!(row.keys().collect::<Vec<_>>(), ["a", "b", "c", "a", "blob", "1.5"]);
        assert_eq!(
            format!("{row:?}"),
            r#"{"a": Int(1), "b": Text("x"), "c": Null, "a": Int(2), "blob": Blob([1, 2]), "1.5": Real(1.5)}"#
        );
        assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"a":1,"b":"x","c":null,"blob":[1,2],"1.5":1.5}"#);
        assert_eq!(row.clone(), db.query(sql, ()).await.unwrap()[0]);
        assert_ne!(row, db.query_one("SELECT 1 AS a", ()).await.unwrap().unwrap());
        assert_eq!(row.clone().into_iter().nth(1), Some(("b".to_owned(), Value::from("x"))));
        assert_eq!(row.into_map()["a"], Value::Int(1));
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_is_told() {
    let db = SqliterDb::memory().await.unwrap();
    let row = db.query_one("SELECT 'x' AS name, NULL AS age", ()).await.unwrap().unwrap();
    let text = |e: Error| e.to_string();
    assert_eq!(
        text(row.get::<i64>("nmae").unwrap_err()),
        "Cannot read column 'nmae': the row has no such column; did you mean 'name'?"
    );
    assert_eq!(
        text(row.get::<i64>("name").unwrap_err()),
        "Cannot read column 'name': expected an integer, found the text \"x\""
    );
    assert!(text(row.get::<i64>("age").unwrap_err()).starts_with("Cannot read column 'age': NULL"));
    assert_eq!(text(row.get_at::<i64>(9).unwrap_err()), "Cannot read a row: there is no column 9: the row has 2");
}

#[tokio::test]
async fn dicts_of_a_query_know_how_their_values_are_written() {
    on_both(async |db| {
        db.create_table::<Event>().await.unwrap();
        let at = chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        db.insert(Event { pk: Pk::unset(), at }).await.unwrap();
        let dicts = db.select::<Event>().fetch_dicts().await.unwrap();
        assert_eq!(dicts[0]["at"], Value::Int(1_700_000_000));
        assert_eq!(dicts[0].get::<chrono::DateTime<chrono::Utc>>("at").unwrap(), at);
    })
    .await;
}

#[derive(Debug, PartialEq, DbProjection)]
struct Person {
    name: String,
    #[projection(from = "author__name")]
    author: Option<String>,
    tags: Vec<String>,
    notes: Option<HashMap<String, i64>>,
    r#type: u8,
}

#[tokio::test]
async fn structs_are_read_by_name() {
    on_both(async |db| {
        let sql = r#"SELECT 7 AS TYPE, '{"a":1}' AS notes, '["x","y"]' AS tags, NULL AS author__name, 'Ann' AS name, 0 AS more"#;
        let people = db.query_as::<Person>(sql, ()).await.unwrap();
        let expected = Person {
            name: "Ann".into(),
            author: None,
            tags: vec!["x".into(), "y".into()],
            notes: Some(HashMap::from([("a".into(), 1)])),
            r#type: 7,
        };
        assert_eq!(people, [expected]);
        let e = db.query_as::<Person>("SELECT 'Ann' AS nmae", ()).await.unwrap_err().to_string();
        assert_eq!(
            e,
            "Invalid projection query operation: 'name' is not a column of the result, and `Person.name` is read from \
             it; did you mean 'nmae'?"
        );
        let wrong = "SELECT 300 AS type, NULL AS notes, '[]' AS tags, NULL AS author__name, 'Ann' AS name";
        let e = db.query_as::<Person>(wrong, ()).await.unwrap_err().to_string();
        assert_eq!(e, "Cannot read column 'type': the integer 300 is out of range for `u8`");
        let e = db.query_as::<Person>(&wrong.replace("'[]'", "'['"), ()).await.unwrap_err().to_string();
        assert!(e.starts_with("Cannot read column 'tags': not the expected JSON"), "{e}");
    })
    .await;
}

#[tokio::test]
async fn models_are_read_by_name_too_and_know_their_database() {
    on_both(async |db| {
        db.create_tables::<(User, Owner, Pet)>().await.unwrap();
        let ann = db.insert(user("Ann", 30)).await.unwrap();
        // Columns in another order, and more of them.
        let users = db.query_as::<User>("SELECT nick, age + 1 AS age, name, 'more', pk FROM users", ()).await.unwrap();
        assert_eq!((users[0].name.as_str(), users[0].age, &users[0].pk), ("Ann", 31, &ann.pk));
        let mut again = db.query_as::<User>("SELECT * FROM users WHERE age = ?", params![30]).await.unwrap();
        again[0].age = 40;
        db.update(&mut again[0]).await.unwrap();
        assert_eq!(db.query_scalar::<i64>("SELECT age FROM users", ()).await.unwrap(), Some(40));
        assert!(matches!(db.query_as::<User>("SELECT pk FROM users", ()).await, Err(Error::InvalidProjection(_))));
    })
    .await;
}
