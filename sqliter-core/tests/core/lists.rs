//! `is_in` and `not_in`.

use crate::fixtures::{Book, Event, condition, params, says};
use sqliter_core::{Filter, LookupValue, Value, lookup};

#[test]
fn a_short_list_has_one_parameter_per_value() {
    says(Book::STOCK.is_in([1, 2]), r#""stock" IN (?1, ?2)"#, params![1, 2]);
    says(Book::STOCK.is_in(vec![1]), r#""stock" IN (?1)"#, params![1]);
    says(Book::TITLE.is_in(["a", "b"]), r#""title" IN (?1, ?2)"#, params!["a", "b"]);
    says(Book::TITLE.is_in(&["a".to_owned()]), r#""title" IN (?1)"#, params!["a"]);
}

#[test]
fn not_in_matches_nulls_unless_the_list_has_one() {
    says(Book::YEAR.not_in([1, 2]), r#"("year" IN (?1, ?2)) IS NOT TRUE"#, params![1, 2]);
    says(Book::YEAR.not_in([Some(1), None]), r#"("year" IN (?1)) IS NOT TRUE AND "year" IS NOT NULL"#, params![1]);
}

#[test]
fn a_none_in_a_list_means_null_rows() {
    says(Book::YEAR.is_in([Some(1), None, Some(2)]), r#""year" IN (?1, ?2) OR "year" IS NULL"#, params![1, 2]);
    says(
        Book::YEAR.is_in([Some(1), None]) & Book::STOCK.gt(0),
        r#"("year" IN (?1) OR "year" IS NULL) AND "stock" > ?2"#,
        params![1, 0],
    );
}

#[test]
fn a_list_of_nothing_but_none_is_a_test_for_null() {
    says(Book::YEAR.is_in([None::<i64>, None]), r#""year" IS NULL"#, params![]);
    says(Book::YEAR.not_in([None::<i64>]), r#""year" IS NOT NULL"#, params![]);
}

#[test]
fn an_empty_list_matches_nothing_and_its_opposite_everything() {
    says(Book::STOCK.is_in([0; 0]), "0", params![]);
    says(Book::YEAR.not_in(Vec::<i64>::new()), "1", params![]);
    says(Book::STOCK.is_in([0; 0]) | Book::YEAR.eq(1), r#"0 OR "year" = ?1"#, params![1]);
}

#[test]
fn a_list_may_hold_columns_and_expressions() {
    says(Book::STOCK.is_in([Book::PIN, Book::AUTHOR_ID]), r#""stock" IN ("pin", "author_id")"#, params![]);
    says(Book::STOCK.is_in([Book::PIN + 1]), r#""stock" IN (("pin" + ?1))"#, params![1]);
    let (sql, params) = condition(Book::STOCK.is_in((0..150).map(|i| Book::PIN + i)));
    assert!(sql.ends_with(r#"("pin" + ?150))"#), "{sql}");
    assert_eq!(params.len(), 150);
}

#[test]
fn a_hundred_values_are_still_parameters() {
    let (sql, params) = condition(Book::STOCK.is_in(0..100));
    assert!(sql.starts_with(r#""stock" IN (?1, ?2, "#) && sql.ends_with("?99, ?100)"), "{sql}");
    assert_eq!(params.len(), 100);
}

/// The condition for a long list, and its one parameter as JSON.
#[track_caller]
fn long(filter: Filter<impl sqliter_core::DbModel>) -> (String, serde_json::Value) {
    let (sql, params) = condition(filter);
    match params.as_slice() {
        [Value::Text(json)] => (sql, serde_json::from_str(json).unwrap()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_long_list_of_any_length_is_one_parameter() {
    for n in [101, 100_000] {
        let (sql, json) = long(Book::STOCK.is_in(0..n));
        assert_eq!(sql, r#"("stock" IN (SELECT value FROM json_each(?1)))"#);
        assert_eq!(json, serde_json::Value::from((0..n).collect::<Vec<_>>()));
    }
    let (sql, _) = long(Book::STOCK.not_in(0..101));
    assert_eq!(sql, r#"(("stock" IN (SELECT value FROM json_each(?1)))) IS NOT TRUE"#);
}

#[test]
fn long_lists_keep_the_extremes_of_integers() {
    let (_, json) = long(Book::STOCK.is_in((0..99).chain([i64::MIN, i64::MAX])));
    assert_eq!(json[99].as_i64(), Some(i64::MIN));
    assert_eq!(json[100].as_i64(), Some(i64::MAX));
}

#[test]
fn a_long_list_of_text_escapes_what_json_escapes() {
    let odd = ["\"", "\\", "\n", "é", "日本", "'"];
    let words: Vec<String> = (0..100).map(|i| i.to_string()).chain(odd.map(str::to_owned)).collect();
    let (sql, json) = long(Book::TITLE.is_in(&words));
    assert_eq!(sql, r#"("title" IN (SELECT value FROM json_each(?1)))"#);
    assert_eq!(json, serde_json::Value::from(words));
}

#[test]
fn text_with_a_nul_goes_as_hexadecimal_beside_the_rest() {
    let words = (0..101).map(|i| if i == 5 { "a\0b".to_owned() } else { i.to_string() });
    let (sql, params) = condition(Book::TITLE.is_in(words));
    assert_eq!(
        sql,
        concat!(
            r#"("title" IN (SELECT value FROM json_each(?1)) "#,
            r#"OR "title" IN (SELECT CAST(unhex(value) AS TEXT) FROM json_each(?2)))"#
        )
    );
    assert_eq!(params[1], Value::from(r#"["610062"]"#));
    assert!(matches!(&params[0], Value::Text(json) if !json.contains("\\u0000")));
}

#[test]
fn floats_that_sqlite_would_misread_go_as_their_bits() {
    let odd = [f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e-300, f64::MIN_POSITIVE];
    let (sql, params) = condition(Book::PRICE.is_in((0..100).map(|i| f64::from(i) / 8.0).chain(odd)));
    assert_eq!(
        sql,
        concat!(
            r#"("price" IN (SELECT value FROM json_each(?1)) "#,
            r#"OR "price" IN (SELECT sqliter_real(value) FROM json_each(?2)))"#
        )
    );
    let bits: Vec<_> = odd.iter().map(|v| format!("{:016X}", v.to_bits())).collect();
    assert_eq!(params[1], Value::from(serde_json::json!(bits).to_string()));
    let Value::Text(json) = &params[0] else { panic!("{params:?}") };
    assert!(json.starts_with("[0.0,0.125,0.25,"), "{json}");
}

#[test]
fn a_long_list_of_blobs_goes_as_hexadecimal() {
    let (sql, json) = long(Event::DIGEST.is_in((0..=255u8).map(|b| vec![b, 0xFF])));
    assert_eq!(sql, r#"("digest" IN (SELECT unhex(value) FROM json_each(?1)))"#);
    assert_eq!((&json[0], &json[0xAB]), (&"00FF".into(), &"ABFF".into()));
}

#[test]
fn a_long_list_of_several_types_has_a_parameter_for_each() {
    let text = (0..100).map(|i| Value::from(i.to_string()));
    let blobs = (0..2).map(|b| Value::Blob(vec![b]));
    let many: Vec<_> = text.chain(blobs).map(LookupValue::Value).collect();
    let (sql, params) = condition(lookup::<Event>("digest__in", LookupValue::List(many)));
    assert_eq!(
        sql,
        concat!(
            r#"("digest" IN (SELECT value FROM json_each(?1)) "#,
            r#"OR "digest" IN (SELECT unhex(value) FROM json_each(?2)))"#
        )
    );
    assert_eq!(params[1], Value::from(r#"["00","01"]"#));
}

#[test]
fn a_none_in_a_long_list_is_a_test_for_null_beside_it() {
    let (sql, json) = long(Book::YEAR.is_in((0..101).map(Some).chain([None])));
    assert_eq!(sql, r#"("year" IN (SELECT value FROM json_each(?1))) OR "year" IS NULL"#);
    assert_eq!(json.as_array().map(Vec::len), Some(101));
}
