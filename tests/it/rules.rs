//! Rules where they are easily forgotten: other storages, expressions, text in characters, names in input.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::json;
use sqliter_async::prelude::*;
use sqliter_async::{DbType, DecodeError, EncodeError, Encoded, SqlType, ValidationError, ValueRef};

use crate::support::{on_both, raw};

/// Words with spaces between them.
#[derive(Debug, Clone, PartialEq, Default)]
struct Words(Vec<String>);

impl DbType for Words {
    const SQL_TYPE: SqlType = SqlType::Text;
    fn encode(&self) -> std::result::Result<Encoded<'_>, EncodeError> {
        Ok(Encoded::Text(Cow::Owned(self.0.join(" "))))
    }
    fn decode(value: ValueRef<'_>) -> std::result::Result<Self, DecodeError> {
        let text = String::decode(value)?;
        if text.contains('!') {
            return Err(DecodeError::new("a shout is no word"));
        }
        Ok(Words(text.split(' ').map(str::to_owned).collect()))
    }
}

fn few(words: &Words) -> std::result::Result<(), &'static str> {
    if words.0.len() <= 2 { Ok(()) } else { Err("too many words") }
}

fn sorted(list: &[i64]) -> std::result::Result<(), &'static str> {
    if list.is_sorted() { Ok(()) } else { Err("not in order") }
}

#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(setters)]
struct Box {
    pk: Pk<Self>,
    #[field(min_items = 1, max_items = 2)]
    json: Vec<i64>,
    #[field(pickle, min_items = 1, validate_with = sorted)]
    pickled: Vec<i64>,
    #[field(pickle, max_items = 1)]
    maybe: Option<BTreeMap<String, i64>>,
    #[field(validate_with = few)]
    words: Words,
    #[field(validate_with = few)]
    more: Option<Words>,
}

fn words(text: &str) -> Words {
    Words(text.split(' ').map(str::to_owned).collect())
}

fn a_box() -> Box {
    Box { pk: Pk::unset(), json: vec![1], pickled: vec![1, 2], maybe: None, words: words("a b"), more: None }
}

/// `loc: type` of each error.
fn said(error: &ValidationError) -> Vec<String> {
    let place = |e: &sqliter_async::ErrorDetail| e.loc.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    error.errors().iter().map(|e| format!("{}: {}", place(e), e.kind)).collect()
}

fn refused<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
    match result {
        Err(Error::Validation(e)) => said(&e),
        other => panic!("{other:?}"),
    }
}

/// BULK-17, CPLX-1
#[tokio::test]
async fn containers_have_their_rules_in_every_storage() {
    on_both(async |db| {
        db.create_table::<Box>().await.unwrap();
        let mut one = db.insert(a_box()).await.unwrap();
        let all = db.select::<Box>();
        let two = BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]);
        assert_eq!(refused(all.update(Box::JSON.set(Json(vec![]))).await), ["json: too_short"]);
        assert_eq!(refused(all.update(Box::PICKLED.set(Json(vec![]))).await), ["pickled: too_short"]);
        assert_eq!(refused(all.update(Box::PICKLED.set(Json(vec![2, 1]))).await), ["pickled: value_error"]);
        assert_eq!(refused(all.update(Box::MAYBE.set(Json(two.clone()))).await), ["maybe: too_long"]);
        assert_eq!(refused(all.update(Box::WORDS.set(words("a b c"))).await), ["words: value_error"]);
        assert_eq!(refused(all.update(Box::MORE.set(words("a b c"))).await), ["more: value_error"]);
        all.update((Box::MAYBE.set(None), Box::MORE.set(None))).await.unwrap();
        let wrong = Box { maybe: Some(two), pickled: vec![], words: words("a b c"), ..a_box() };
        let expected = ["pickled: too_short", "maybe: too_long", "words: value_error"];
        assert_eq!(refused(db.insert(wrong.clone()).await), expected);
        one.pickled = vec![3, 1];
        assert_eq!(refused(db.update_only(&mut one, Box::PICKLED).await), ["pickled: value_error"]);
        assert_eq!(said(&one.set_words(words("a b c")).unwrap_err()), ["words: value_error"]);
        assert_eq!(one.words, words("a b"));
        let rows = ["1.pickled: too_short", "1.maybe: too_long", "1.words: value_error"];
        assert_eq!(refused(db.bulk_insert([a_box(), wrong]).await), rows);
        assert_eq!(raw(&db, "SELECT count(*) || words FROM boxes").await, ["1a b"]);
    })
    .await;
    let input = json!({"json": ["1"], "pickled": [2.0], "maybe": {"a": "7"}, "words": "x", "more": null});
    let read = Box::from_value(input).unwrap();
    assert_eq!((read.pickled, read.maybe.unwrap()["a"], read.words), (vec![2], 7, words("x")));
    let input =
        json!({"json": [1, 2, 3], "pickled": [2, 1], "maybe": {"a": 1, "b": 2}, "words": "x!", "more": "a b c"});
    let expected =
        ["json: too_long", "pickled: value_error", "maybe: too_long", "words: value_error", "more: value_error"];
    assert_eq!(said(&Box::from_value(input).unwrap_err()), expected);
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Sheet {
    pk: Pk<Self>,
    #[field(multiple_of = 0.25)]
    step: f64,
    #[field(pattern = r"^[a-z]+$", max_length = 4)]
    code: String,
    #[field(one_of = [1, 2, 4])]
    size: Option<i64>,
    #[field(gte = 0, lte = 100)]
    left: i64,
}

fn sheet(left: i64) -> Sheet {
    Sheet { pk: Pk::unset(), step: 0.5, code: "ab".to_owned(), size: Some(2), left }
}

/// BULK-17
#[tokio::test]
async fn what_an_expression_computes_is_undone_when_a_rule_is_broken() {
    on_both(async |db| {
        db.create_table::<Sheet>().await.unwrap();
        db.bulk_insert([sheet(1), sheet(60)]).await.unwrap();
        let all = db.select::<Sheet>();
        let state = async || raw(&db, "SELECT step || code || ifnull(size, '-') || left FROM sheets ORDER BY pk").await;
        let before = state().await;
        assert_eq!(refused(all.update(Sheet::STEP.set(Sheet::STEP / 3.0)).await), ["step: multiple_of"]);
        assert_eq!(refused(all.update(Sheet::CODE.set(Sheet::CODE.upper())).await), ["code: string_pattern_mismatch"]);
        assert_eq!(refused(all.update(Sheet::SIZE.set(Sheet::SIZE + 1)).await), ["size: literal_error"]);
        assert_eq!(
            refused(all.update((Sheet::SIZE.set(Sheet::SIZE * 2), Sheet::LEFT.set(Sheet::LEFT * 2))).await),
            ["left: less_than_equal"]
        );
        assert_eq!(state().await, before);
        // In a transaction only the statement is undone.
        let tx = db.begin().await.unwrap();
        tx.select::<Sheet>().update(Sheet::LEFT.set(Sheet::LEFT + 1)).await.unwrap();
        let error = tx.select::<Sheet>().update(Sheet::LEFT.set(Sheet::LEFT + 50)).await;
        assert_eq!(refused(error), ["left: less_than_equal"]);
        tx.commit().await.unwrap();
        assert_eq!(raw(&db, "SELECT left || '' FROM sheets ORDER BY pk").await, ["2", "61"]);
        // A row that the query does not take is not looked at.
        let low = db.select::<Sheet>().filter(Sheet::LEFT.lt(10));
        low.update(Sheet::LEFT.set(Sheet::LEFT + 50)).await.unwrap();
        all.update(Sheet::SIZE.set(None)).await.unwrap();
        all.update(Sheet::SIZE.set(Sheet::SIZE + 1)).await.unwrap();
        assert_eq!(raw(&db, "SELECT ifnull(size, '-') || left FROM sheets ORDER BY pk").await, ["-52", "-61"]);
    })
    .await;
}

#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(deny_unknown)]
struct Named {
    pk: Pk<Self>,
    #[field(alias = "firstName", min_length = 2, max_length = 3)]
    first: String,
    #[field(alias = "x.y", default = 1, gt = 0)]
    dotted: i64,
    #[field(redact, max_length = 3, default = "")]
    r#type: String,
}

#[test]
fn length_is_counted_in_characters() {
    let named = |first: &str| Named::builder().first(first).build();
    assert!(named("🙂🙂🙂").is_ok() && named("日本").is_ok() && named("a\u{301}b").is_ok());
    assert_eq!(said(&named("🙂").unwrap_err()), ["firstName: string_too_short"]);
    assert_eq!(said(&named("éééé").unwrap_err()), ["firstName: string_too_long"]);
}

#[test]
fn an_alias_is_the_name_in_input_and_in_errors() {
    let read = Named::from_value(json!({"firstName": "ab", "x.y": "3", "type": "t"})).unwrap();
    assert_eq!((read.first.as_str(), read.dotted, read.r#type.as_str()), ("ab", 3, "t"));
    let error =
        Named::from_value(json!({"first": "ab", "x.y": 0, "type": "secret", "pk": 1, "created_at": 2})).unwrap_err();
    let all = ["first: extra_forbidden", "firstName: missing", "`x.y`: greater_than", "type: string_too_long"];
    assert_eq!(
        said(&error).iter().filter(|e| !e.starts_with("pk") && !e.starts_with("created_at")).collect::<Vec<_>>(),
        all
    );
    assert!(!error.to_string().contains("secret") && !format!("{error:?}").contains("secret"), "{error}");
    assert_eq!(said(&Named::builder().first("ab").dotted(0).build().unwrap_err()), ["`x.y`: greater_than"]);
    let schema = Named::json_schema();
    assert_eq!(schema["required"], json!(["firstName"]));
    assert!(schema["properties"]["x.y"].is_object() && schema["properties"]["type"].is_object(), "{schema}");
}

#[test]
fn an_error_is_printed_as_python_prints_it() {
    let text = |first: &str| Named::builder().first(first).build().unwrap_err().to_string();
    assert_eq!(
        text("a\u{301}\u{200b}\u{ad}\u{e000}\u{1f9ff}\u{e0001}'\u{7f}"),
        "1 validation error for Named\nfirstName\n  String should have at most 3 characters [type=string_too_long, \
         input_value=\"a\u{301}\\u200b\\xad\\ue000\u{1f9ff}\\U000e0001'\\x7f\", input_type=str]"
    );
}

#[test]
fn a_number_is_printed_as_python_prints_it() {
    for (number, text) in [
        (253_402_300_800_000.12, "253402300800000.12"),
        (-215_467_668_509_483.62, "-215467668509483.62"),
        (0.1, "0.1"),
        (2.5, "2.5"),
        (-0.0, "-0.0"),
        (1e15 + 0.5, "1000000000000000.5"),
        (1e16, "1e+16"),
        (1.5e-5, "1.5e-05"),
        (5e-324, "5e-324"),
    ] {
        let error = Named::from_value(json!({ "firstName": number })).unwrap_err().to_string();
        assert!(error.contains(&format!("input_value={text}, input_type=float")), "{error}");
    }
}

#[test]
fn an_input_of_any_size_and_depth_is_answered() {
    let deep = format!("{{\"firstName\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(said(&Named::from_json(&deep).unwrap_err()), [": json_invalid"]);
    let long = json!({"firstName": "x".repeat(5_000_000)}).to_string();
    let error = Named::from_json(&long).unwrap_err();
    assert!(error.to_string().len() < 500);
    for text in
        ["", " ", "nul", "{\"firstName\": }", "{\"firstName\": \"ab\"} x", "\u{feff}{}", "{\"firstName\": \"\\ud800\"}"]
    {
        assert_eq!(said(&Named::from_json(text).unwrap_err()), [": json_invalid"], "{text}");
    }
}
