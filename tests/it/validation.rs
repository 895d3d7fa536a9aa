//! Rules at every door: builders, setters, writes, updates of queries, input.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqliter_async::prelude::*;
use sqliter_async::{ErrorDetail, InputOptions, ValidationError};

use crate::support::{on_both, raw, raw_execute};

#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(setters, validate_with = Self::whole)]
struct Member {
    pk: Pk<Self>,
    #[field(min_length = 1, max_length = 20, strip_whitespace)]
    name: String,
    #[field(gte = 0, lte = 150, default = 18)]
    age: i64,
    #[field(unique, email, to_lower)]
    email: String,
    #[field(min_length = 2)]
    nick: Option<String>,
    #[field(min_items = 1, default_with = tags)]
    tags: Vec<String>,
    #[field(one_of = ["free", "paid"], default = "free")]
    plan: String,
    #[field(validate_with = even, default = 0)]
    score: i32,
}

fn tags() -> Vec<String> {
    vec!["new".to_owned()]
}

fn even(score: &i32) -> Result<(), String> {
    if score % 2 == 0 { Ok(()) } else { Err(format!("{score} is odd")) }
}

impl Member {
    fn whole(&self) -> Result<(), &'static str> {
        if self.plan == "paid" && self.age < 18 { Err("who pays is of age") } else { Ok(()) }
    }
}

fn member(name: &str) -> Member {
    Member::builder().name(name).email(format!("{name}@example.com")).build().unwrap()
}

async fn opened() -> SqliterDb {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Member>().await.unwrap();
    db
}

/// `loc: type` of each error.
fn said(error: &ValidationError) -> Vec<String> {
    let place = |e: &ErrorDetail| e.loc.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    error.errors().iter().map(|e| format!("{}: {}", place(e), e.kind)).collect()
}

/// The same of a call on the database.
fn refused<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
    match result {
        Err(Error::Validation(e)) => said(&e),
        other => panic!("{other:?}"),
    }
}

/// VAL-1
#[test]
fn a_builder_reports_every_error_at_once() {
    let error = Member::builder()
        .name("  ")
        .email("Jane at example.com")
        .age(200)
        .nick("J")
        .tags([""; 0])
        .plan("gold")
        .score(3)
        .build()
        .unwrap_err();
    let expected = [
        "name: string_too_short",
        "age: less_than_equal",
        "email: value_error",
        "nick: string_too_short",
        "tags: too_short",
        "plan: literal_error",
        "score: value_error",
    ];
    assert_eq!(said(&error), expected);
    assert_eq!(error.model(), "Member");
    assert_eq!(
        error.to_string().lines().take(3).collect::<Vec<_>>(),
        [
            "7 validation errors for Member",
            "name",
            "  String should have at least 1 character [type=string_too_short, input_value='', input_type=str]",
        ]
    );
    assert_eq!(
        serde_json::to_value(&error).unwrap()[6],
        json!({"type": "value_error", "loc": ["score"], "msg": "Value error, 3 is odd", "input": 3, "ctx": {"error": "3 is odd"}})
    );
}

#[test]
fn text_is_changed_before_it_is_checked() {
    let jane = Member::builder().name("  Jane ").email("Jane@Example.COM").build().unwrap();
    assert_eq!((jane.name.as_str(), jane.email.as_str()), ("Jane", "jane@example.com"));
}

#[test]
fn the_model_as_a_whole_is_checked_when_its_fields_are_right() {
    let young = |name: &str| Member::builder().name(name).email("a@b.cd").age(12).plan("paid").build().unwrap_err();
    let error = young("Ann");
    assert_eq!(said(&error), [": value_error"]);
    assert_eq!(error.errors()[0].msg, "Value error, who pays is of age");
    assert_eq!(error.errors()[0].input["age"], 12);
    assert_eq!(error.errors()[0].input["tags"], json!(["new"]));
    assert_eq!(said(&young("")), ["name: string_too_short"]);
}

/// VAL-2
#[test]
fn a_setter_refuses_what_is_wrong_and_leaves_the_old_value() {
    let mut jane = member("jane");
    let before = jane.clone();
    assert_eq!(said(&jane.set_age(-1).unwrap_err()), ["age: greater_than_equal"]);
    assert_eq!(said(&jane.set_name("").unwrap_err()), ["name: string_too_short"]);
    assert_eq!(said(&jane.set_nick("J".to_owned()).unwrap_err()), ["nick: string_too_short"]);
    assert_eq!(said(&jane.set_tags(Vec::<String>::new()).unwrap_err()), ["tags: too_short"]);
    assert_eq!(jane, before);
    // The model as a whole has its say too.
    jane.set_age(12).unwrap();
    assert_eq!(said(&jane.set_plan("paid").unwrap_err()), [": value_error"]);
    assert_eq!(jane.plan, "free");
    jane.set_name(" Jane ").unwrap();
    jane.set_nick(None).unwrap();
    jane.set_nick("JD".to_owned()).unwrap();
    assert_eq!((jane.name.as_str(), jane.nick.as_deref()), ("Jane", Some("JD")));
}

/// VAL-4, BULK-17
#[tokio::test]
async fn every_write_of_models_is_checked() {
    on_both(async |db| {
        db.create_table::<Member>().await.unwrap();
        let mut jane = db.insert(member("jane")).await.unwrap();
        let wrong = |name: &str| Member { age: -1, ..member(name) };

        let age = ["age: greater_than_equal"];
        assert_eq!(refused(db.insert(wrong("a")).await), age);
        assert_eq!(refused(db.insert_with(wrong("a"), InsertOptions::new()).await), age);
        assert_eq!(refused(Member::builder().name("a").email("a@b.cd").age(-1).insert(&db).await), age);
        assert_eq!(refused(db.save(&mut wrong("a")).await), age);
        assert_eq!(refused(db.upsert(wrong("a"), Member::EMAIL).await), age);
        assert_eq!(refused(db.get_or_create(Member::NAME.eq("a"), wrong("a")).await), age);
        // What is there is not made anew.
        assert!(!db.get_or_create(Member::NAME.eq("jane"), wrong("jane")).await.unwrap().1);
        // Of many rows each error says which.
        let rows = ["1.age: greater_than_equal", "3.name: string_too_short", "3.age: greater_than_equal"];
        let many = || vec![member("a"), wrong("b"), member("c"), Member { name: String::new(), ..wrong("d") }];
        assert_eq!(refused(db.bulk_insert(many()).await), rows);
        assert_eq!(refused(db.bulk_save(&mut many()).await), rows);

        jane.age = 151;
        assert_eq!(refused(db.update(&mut jane).await), ["age: less_than_equal"]);
        assert_eq!(refused(db.save(&mut jane).await), ["age: less_than_equal"]);
        assert_eq!(refused(db.update_only(&mut jane, Member::AGE).await), ["age: less_than_equal"]);
        let slice = std::slice::from_mut(&mut jane);
        assert_eq!(refused(db.bulk_update(slice, (Member::NAME, Member::AGE)).await), ["0.age: less_than_equal"]);
        assert_eq!(jane.age, 151);
        // A field that is not written is not looked at.
        jane.name = " Jane ".to_owned();
        db.update_only(&mut jane, Member::NAME).await.unwrap();
        assert_eq!(jane.name, "Jane");
        assert_eq!(raw(&db, "SELECT name || age FROM members").await, ["Jane18"]);
    })
    .await;
}

/// BULK-17, W9
#[tokio::test]
async fn updates_of_queries_are_checked_before_and_after() {
    on_both(async |db| {
        db.create_table::<Member>().await.unwrap();
        db.bulk_insert([member("a"), Member { age: 100, ..member("b") }]).await.unwrap();
        let all = db.select::<Member>();
        assert_eq!(refused(all.update(Member::AGE.set(151)).await), ["age: less_than_equal"]);
        assert_eq!(refused(all.update(Member::NAME.set(" ")).await), ["name: string_too_short"]);
        assert_eq!(refused(all.update(Member::NICK.set("J")).await), ["nick: string_too_short"]);
        assert_eq!(refused(all.update(Member::SCORE.set(1)).await), ["score: value_error"]);
        assert_eq!(refused(all.update(Member::TAGS.set(Json(Vec::new()))).await), ["tags: too_short"]);
        assert_eq!(refused(all.update(assign("age", -1)).await), ["age: greater_than_equal"]);
        assert_eq!(refused(all.update(assign("plan", "gold")).await), ["plan: literal_error"]);
        assert_eq!(refused(db.update_where(Member::AGE.gt(0), Member::AGE.set(-1)).await), ["age: greater_than_equal"]);
        // The first row keeps the rule and the second does not: neither is changed.
        assert_eq!(refused(all.update(Member::AGE.set(Member::AGE + 60)).await), ["age: less_than_equal"]);
        assert_eq!(raw(&db, "SELECT age || '' FROM members ORDER BY pk").await, ["18", "100"]);
        // NULL has no length; text becomes what it would become in a builder.
        all.update((Member::NICK.set(None), Member::NAME.set(" x "), Member::AGE.set(Member::AGE + 1))).await.unwrap();
        assert_eq!(raw(&db, "SELECT name || age FROM members ORDER BY pk").await, ["x19", "x101"]);
        all.update(assign("email", "X@Y.ZZ")).await.unwrap_err();
        db.select::<Member>().filter(Member::AGE.eq(19)).update(assign("email", "X@Y.ZZ")).await.unwrap();
        assert_eq!(raw(&db, "SELECT email FROM members WHERE age = 19").await, ["x@y.zz"]);
    })
    .await;
}

/// VAL-3, CRUD-20
#[tokio::test]
async fn a_rule_that_came_later_leaves_old_rows_readable() {
    let db = opened().await;
    db.insert(member("jane")).await.unwrap();
    raw_execute(&db, "UPDATE members SET age = 200, name = ''").await;
    let mut jane = db.get::<Member>(1).await.unwrap().unwrap();
    assert_eq!((jane.age, jane.name.as_str()), (200, ""));
    // It can be asked, and it is when the row is written.
    assert_eq!(said(&jane.validate().unwrap_err()), ["name: string_too_short", "age: less_than_equal"]);
    assert_eq!(refused(db.update(&mut jane).await).len(), 2);
    // What does not fit the type is another matter.
    raw_execute(&db, "UPDATE members SET age = 'old'").await;
    let error = db.get::<Member>(1).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Cannot read column 'age' of table 'members' (key 1): expected an integer, found the text \"old\""
    );
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, DbModel)]
struct Entry {
    pk: Pk<Self>,
    title: String,
    #[field(default = 3)]
    stars: u8,
    note: Option<String>,
    #[field(skip)]
    #[serde(skip)]
    seen: bool,
    created_at: i64,
    updated_at: i64,
}

/// VAL-1, VAL-5
#[test]
fn the_key_and_the_timestamps_are_taken_when_they_are_asked_for() {
    let input =
        json!({"pk": 7, "title": "t", "stars": "5", "created_at": 10, "updated_at": "20", "seen": true, "more": 1});
    let entry = Entry::from_value(input.clone()).unwrap();
    assert_eq!((entry.pk.get(), entry.created_at, entry.updated_at, entry.stars), (None, 0, 0, 5));
    assert!(!entry.seen);
    let options = InputOptions::new().pk(true).timestamps(true);
    let entry = Entry::from_value_with(input, options).unwrap();
    assert_eq!((entry.pk.get(), entry.created_at, entry.updated_at), (Some(7), 10, 20));
    // What serde writes is read again.
    assert_eq!(Entry::from_value_with(serde_json::to_value(&entry).unwrap(), options).unwrap(), entry);
    // No key is an unset one.
    let unset = json!({"pk": null, "title": "t"});
    assert_eq!(Entry::from_value_with(unset, options).unwrap().pk.get(), None);
    let wrong = json!({"pk": "x", "title": "t", "created_at": []});
    let error = Entry::from_value_with(wrong, options).unwrap_err();
    assert_eq!(said(&error), ["pk: int_parsing", "created_at: int_type"]);
    // Strictly, nothing is converted.
    let error = Entry::from_value_with(json!({"title": 1, "stars": "5"}), options.strict(true)).unwrap_err();
    assert_eq!(said(&error), ["title: string_type", "stars: int_type"]);
}

#[test]
fn text_that_is_no_json_is_an_error_of_its_own() {
    let error = Entry::from_json("{\"title\": ").unwrap_err();
    assert_eq!(said(&error), [": json_invalid"]);
    assert_eq!(error.errors()[0].msg, "Invalid JSON: EOF while parsing a value at line 1 column 10");
    assert_eq!(error.errors()[0].input, "{\"title\": ");
    assert_eq!(said(&Entry::from_json("[]").unwrap_err()), [": model_type"]);
}

#[derive(Debug, Clone, DbModel)]
#[model(validate_with = never)]
struct Account {
    pk: Pk<Self>,
    #[field(redact, min_length = 8)]
    password: String,
    name: String,
}

fn never(_: &Account) -> Result<(), &'static str> {
    Err("no account is right")
}

#[test]
fn what_stays_out_of_logs_stays_out_of_errors() {
    let errors = [
        Account::from_value(json!({"password": "secret", "name": "n"})),
        Account::from_value(json!({"password": ["secret"], "name": "n"})),
        Account::from_value(json!({"password": "secret-secret"})),
        Account::from_value(json!([{"password": "secret-secret"}])),
        Account::from_json(r#"{"password": "secret-secret", "name": }"#),
        Account::from_value(json!({"password": "secret-secret", "name": "n"})),
        Account::builder().password("secret").name("n").build(),
        Account::builder().password("secret-secret").name("n").build(),
    ];
    for error in errors {
        let error = error.unwrap_err();
        let all = format!("{error} {error:?} {}", serde_json::to_string(&error).unwrap());
        assert!(!all.contains("secret"), "{all}");
        assert!(all.contains("**********"), "{all}");
    }
}

/// Whole cents.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Money(i64);

impl sqliter_async::DbType for Money {
    const SQL_TYPE: sqliter_async::SqlType = sqliter_async::SqlType::Integer;
    fn encode(&self) -> std::result::Result<sqliter_async::Encoded<'_>, sqliter_async::EncodeError> {
        Ok(sqliter_async::Encoded::Int(self.0))
    }
    fn decode(value: sqliter_async::ValueRef<'_>) -> std::result::Result<Self, sqliter_async::DecodeError> {
        i64::decode(value).map(Money)
    }
}
impl sqliter_async::Number for Money {}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Item {
    pk: Pk<Self>,
    #[field(gt = 0)]
    price: Money,
    old_price: Option<Money>,
}

/// VAL-6
#[tokio::test]
async fn a_type_of_ones_own_has_rules_and_is_read_by_its_stored_form() {
    let item = Item::from_json(r#"{"price": 250, "old_price": "300"}"#).unwrap();
    assert_eq!((item.price, item.old_price), (Money(250), Some(Money(300))));
    let error = Item::from_json(r#"{"price": 0, "old_price": "x"}"#).unwrap_err();
    assert_eq!(said(&error), ["price: greater_than", "old_price: value_error"]);
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Item>().await.unwrap();
    // The library's one error type holds it, whole.
    let error = db.insert(Item { price: Money(-1), ..item }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Other);
    let Error::Validation(inner) = &error else { panic!("{error:?}") };
    assert_eq!(error.to_string(), inner.to_string());
    assert_eq!(said(inner), ["price: greater_than"]);
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Contact {
    pk: Pk<Self>,
    #[field(email)]
    mail: String,
    #[field(url)]
    site: Option<String>,
}

#[test]
fn addresses_of_mail_and_web_are_checked_in_a_simple_form() {
    let mail = |mail: &str| Contact::builder().mail(mail).build().is_ok();
    for right in ["a@b.cd", "jane.doe+tag@mail.example.com", "jörg@münchen.de", "x_y-z@a-b.co.uk"] {
        assert!(mail(right), "{right}");
    }
    let long = format!("{}@b.cd", "a".repeat(65));
    for wrong in [
        "",
        "a",
        "@b.cd",
        "a@",
        "a@b",
        "a b@c.de",
        "a@@b.cd",
        ".a@b.cd",
        "a..b@c.de",
        "a@-b.cd",
        "a@b..cd",
        "a@b.cd.",
        "a@1.2.3.4",
        "ä@b.c2",
        &long,
    ] {
        assert!(!mail(wrong), "{wrong}");
    }
    let site = |site: &str| Contact::builder().mail("a@b.cd").site(site).build().is_ok();
    for right in [
        "https://example.com",
        "http://a.b:80/c?d=e#f",
        "ftp://u:p@h/x",
        "mailto:a@b.cd",
        "http://[::1]:8080/",
        "https://münchen.de/ä",
    ] {
        assert!(site(right), "{right}");
    }
    for wrong in [
        "",
        "example.com",
        "//a.b",
        "http://",
        "http:///x",
        "http:a",
        "http://a b",
        "1http://a",
        "http://a:99999",
        "http://[::g]",
        "http://a:b",
    ] {
        assert!(!site(wrong), "{wrong}");
    }
    let error = Contact::builder().mail("a").build().unwrap_err();
    assert_eq!(error.errors()[0].msg, "value is not a valid email address: An email address must have an @-sign.");
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Shape {
    Dot,
    Circle(Point),
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Drawing {
    pk: Pk<Self>,
    points: Vec<Point>,
    named: BTreeMap<String, Point>,
    #[field(json)]
    shape: Shape,
    #[field(min_items = 1, max_items = 2)]
    layers: Option<Json<Vec<String>>>,
}

#[test]
fn what_only_serde_knows_is_read_with_the_same_conversions() {
    let input = json!({
        "points": [{"x": 1, "y": "2.5"}], "named": {"a": {"x": true, "y": 0}}, "shape": "Dot", "layers": ["l"], "more": 1,
    });
    let drawing = Drawing::from_value(input).unwrap();
    assert_eq!(drawing.points, [Point { x: 1.0, y: 2.5 }]);
    assert_eq!(drawing.named["a"], Point { x: 1.0, y: 0.0 });
    assert_eq!((drawing.shape, drawing.layers), (Shape::Dot, Some(Json(vec!["l".to_owned()]))));

    let input = json!({
        "points": [{"x": "a", "y": "b"}, {"x": 1, "y": 1}, {"x": 1}, 3],
        "named": {"a": {"x": 1}, "b": 2, "c": {"x": 1, "y": 1}},
        "shape": {"Circle": {"x": 1, "y": 2}},
        "layers": ["a", "b", "c"],
    });
    let error = Drawing::from_value(input).unwrap_err();
    let expected = [
        "points.0.x: float_parsing",
        "points.0.y: float_parsing",
        "points.2.y: missing",
        "points.3: model_type",
        "named.a.y: missing",
        "named.b: model_type",
        "layers: too_long",
    ];
    assert_eq!(said(&error), expected);
    assert_eq!(error.errors()[0].loc[1], 0);
    assert_eq!(serde_json::to_value(&error.errors()[0].loc).unwrap(), json!(["points", 0, "x"]));
    let none = json!({"points": [], "named": {}, "shape": "Square"});
    assert_eq!(said(&Drawing::from_value(none).unwrap_err()), ["shape: enum"]);
}

/// VAL-7
#[test]
fn a_model_without_rules_is_not_looked_at() {
    const { assert!(!<Entry as DbModel>::RULED && <Member as DbModel>::RULED) };
    let entry = Entry::from_json(r#"{"title": ""}"#).unwrap();
    assert!(entry.validate().is_ok());
}
