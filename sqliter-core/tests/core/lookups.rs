//! Filters by string.

use crate::fixtures::{Book, Event, Odd, condition, params, refusal, says};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use sqliter_core::{DbModel, Error, Filter, LookupValue, Value, lookup};

/// Both forms have the same text and the same parameters.
#[track_caller]
fn same<M: DbModel>(by_name: Filter<M>, typed: Filter<M>) {
    assert_eq!(condition(by_name), condition(typed));
}

#[test]
fn comparisons_make_the_plan_of_the_typed_form() {
    same(lookup("stock", 3), Book::STOCK.eq(3));
    same(lookup("stock__eq", 3), Book::STOCK.eq(3));
    same(lookup("year__ne", 3), Book::YEAR.ne(3));
    same(lookup("stock__gt", 3), Book::STOCK.gt(3));
    same(lookup("stock__gte", 3), Book::STOCK.gte(3));
    same(lookup("stock__lt", 3), Book::STOCK.lt(3));
    same(lookup("stock__lte", 3), Book::STOCK.lte(3));
    same(lookup("in_print", true), Book::IN_PRINT.eq(true));
    same(lookup("price__lt", 9.5), Book::PRICE.lt(9.5));
    same(lookup("pk", 7), Book::PK.eq(7));
}

#[test]
fn null_makes_the_plan_of_the_typed_form() {
    same(lookup("year", None::<i64>), Book::YEAR.eq(None));
    same(lookup("year__eq", Value::Null), Book::YEAR.eq(None));
    same(lookup("year__ne", None::<i64>), Book::YEAR.ne(None));
}

#[test]
fn lists_make_the_plan_of_the_typed_form() {
    same(lookup("year__in", [1, 2]), Book::YEAR.is_in([1, 2]));
    same(lookup("year__in", vec![Some(1_i64), None]), Book::YEAR.is_in([Some(1), None]));
    same(lookup("year__not_in", [1_i64, 2].as_slice()), Book::YEAR.not_in([1, 2]));
    same(lookup("year__not_in", [Some(1_i64), None]), Book::YEAR.not_in([Some(1), None]));
    same(lookup("title__in", ["a", "b"]), Book::TITLE.is_in(["a", "b"]));
    same(lookup("year__in", Vec::<i64>::new()), Book::YEAR.is_in([0; 0]));
    same(lookup("year__not_in", Vec::<i64>::new()), Book::YEAR.not_in([0; 0]));
    same(lookup("year__in", (0..500).collect::<Vec<i64>>()), Book::YEAR.is_in(0..500));
    same(lookup("year__between", [1900, 1950]), Book::YEAR.between(1900, 1950));
}

#[test]
fn text_tests_make_the_plan_of_the_typed_form() {
    same(lookup("title__like", "a%"), Book::TITLE.like("a%"));
    same(lookup("title__glob", "a*"), Book::TITLE.glob("a*"));
    same(lookup("title__startswith", "a"), Book::TITLE.starts_with("a"));
    same(lookup("title__endswith", "a"), Book::TITLE.ends_with("a"));
    same(lookup("title__contains", "a"), Book::TITLE.contains("a"));
    same(lookup("title__istartswith", "A"), Book::TITLE.istarts_with("A"));
    same(lookup("title__iendswith", "A"), Book::TITLE.iends_with("A"));
    same(lookup("title__icontains", "A".to_owned()), Book::TITLE.icontains("A"));
}

#[test]
fn null_tests_take_truth_and_falsehood() {
    for truth in [LookupValue::from(true), 1.into(), 2.into()] {
        same(lookup("year__isnull", truth.clone()), Book::YEAR.is_null());
        same(lookup("year__notnull", truth), Book::YEAR.is_not_null());
    }
    for falsehood in [LookupValue::from(false), 0.into(), None::<i64>.into()] {
        same(lookup("year__isnull", falsehood.clone()), Book::YEAR.is_not_null());
        same(lookup("year__notnull", falsehood), Book::YEAR.is_null());
    }
}

#[test]
fn dates_take_the_form_of_their_column() {
    let day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    let clock = NaiveTime::from_hms_opt(8, 30, 0).unwrap();
    let naive = day.and_time(clock);
    same(lookup("at__lt", naive.and_utc()), Event::AT.lt(naive.and_utc()));
    same(lookup("at_s__lt", naive.and_utc()), Event::AT_S.lt(naive.and_utc()));
    same(lookup("at_ms", naive.and_utc().fixed_offset()), Event::AT_MS.eq(naive.and_utc()));
    same(lookup("naive_s__gte", naive), Event::NAIVE_S.gte(naive));
    same(lookup("day", day), Event::DAY.eq(day));
    same(lookup("day_s", day), Event::DAY_S.eq(day));
    same(lookup("clock_ms__gt", clock), Event::CLOCK_MS.gt(clock));
    let list = LookupValue::List(vec![day.into(), (day + TimeDelta::days(1)).into()]);
    same(lookup("day_s__between", list), Event::DAY_S.between(day, day + TimeDelta::days(1)));
}

#[test]
fn lookups_combine_with_typed_filters_as_if_they_were_typed() {
    same(
        lookup("stock__gt", 1) & lookup("title__contains", "x") & Book::YEAR.eq(1),
        Book::STOCK.gt(1) & Book::TITLE.contains("x") & Book::YEAR.eq(1),
    );
    same(
        lookup("stock__between", [1, 2]) | lookup("year__in", [Some(1_i64), None]),
        Book::STOCK.between(1, 2) | Book::YEAR.is_in([Some(1), None]),
    );
    same(!lookup("stock__between", [1, 2]), !Book::STOCK.between(1, 2));
}

#[test]
fn a_field_goes_by_its_name_in_rust_or_that_of_its_column() {
    says(lookup::<Book>("editor", 1), r#""editor_id" = ?1"#, params![1]);
    says(lookup::<Book>("editor_id__gt", 1), r#""editor_id" > ?1"#, params![1]);
    // Where one field has the column name of another the field wins.
    same(lookup("first", 1), Odd::FIRST.eq(1));
    same(lookup("second", 1), Odd::SECOND.eq(1));
}

#[test]
fn a_field_may_have_two_underscores_in_its_name() {
    says(lookup::<Odd>("made__in", 1), r#""made__in" = ?1"#, params![1]);
    says(lookup::<Odd>("made__in__gt", 1), r#""made__in" > ?1"#, params![1]);
    says(lookup::<Odd>("made__in__in", [1]), r#""made__in" IN (?1)"#, params![1]);
    says(lookup::<Odd>("made__not_in", [1]), r#"("made" IN (?1)) IS NOT TRUE"#, params![1]);
}

/// The message of a refused lookup.
#[track_caller]
fn message<M: DbModel>(path: &str, value: impl Into<LookupValue>) -> String {
    match refusal(lookup::<M>(path, value)) {
        err @ Error::InvalidFilter { .. } => err.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_unknown_field_is_an_error_that_names_the_nearest() {
    assert_eq!(
        message::<Book>("titel", "x"),
        "Failed to apply filter: invalid field 'titel' - `Book` has no such field; did you mean 'title'?"
    );
    assert_eq!(
        message::<Book>("yeer__gte", 1),
        "Failed to apply filter: invalid field 'yeer' - `Book` has no such field; did you mean 'year'?"
    );
    assert_eq!(message::<Book>("qqq", 1), "Failed to apply filter: invalid field 'qqq' - `Book` has no such field");
    assert_eq!(message::<Book>("", 1), "Failed to apply filter: invalid field '' - `Book` has no such field");
}

#[test]
fn an_unknown_operator_is_an_error_that_names_the_nearest() {
    assert_eq!(
        message::<Book>("title__startwith", "x"),
        "Failed to apply filter: invalid field 'title__startwith' - 'startwith' is not an operator; did you mean 'startswith'?"
    );
    assert_eq!(
        message::<Book>("title__", "x"),
        "Failed to apply filter: invalid field 'title__' - '' is not an operator"
    );
}

/// The part of a message after the field.
#[track_caller]
fn reason(path: &str, value: impl Into<LookupValue>) -> String {
    let text = message::<Book>(path, value);
    text.strip_prefix(&format!("Failed to apply filter: invalid field '{path}' - ")).unwrap().to_owned()
}

#[test]
fn a_value_of_the_wrong_kind_is_an_error() {
    for path in ["year", "year__eq", "year__ne", "year__gt", "year__lte"] {
        assert_eq!(reason(path, [1, 2]), "a list needs the operator `in` or `not_in`");
    }
    for path in ["year__in", "year__not_in", "year__between"] {
        assert_eq!(reason(path, 1), "this operator takes a list");
        let nested = LookupValue::List(vec![LookupValue::from([1])]);
        assert_eq!(reason(path, nested), "a list of lists cannot be compared");
    }
    for path in ["year__between", "title__between"] {
        assert_eq!(reason(path, [1, 2, 3]), "`between` takes a list of two values");
        assert_eq!(reason(path, [1]), "`between` takes a list of two values");
    }
    for path in ["title__like", "title__glob", "title__startswith", "title__icontains"] {
        assert_eq!(reason(path, 1), "this operator takes a string");
        assert_eq!(reason(path, None::<&str>), "this operator takes a string");
        assert_eq!(reason(path, ["x"]), "this operator takes a string");
    }
    for path in ["year__isnull", "year__notnull"] {
        assert_eq!(reason(path, "yes"), "this operator takes true or false");
        assert_eq!(reason(path, [1]), "this operator takes true or false");
    }
}

#[test]
fn nothing_is_greater_than_null() {
    for path in ["year__gt", "year__gte", "year__lt", "year__lte"] {
        assert_eq!(reason(path, None::<i64>), "nothing is greater or less than NULL");
    }
    assert_eq!(reason("year__between", [None, Some(1_i64)]), "nothing is greater or less than NULL");
    assert_eq!(reason("year__between", [Some(1_i64), None]), "nothing is greater or less than NULL");
}

#[test]
fn a_text_test_needs_a_text_column() {
    for path in ["year__startswith", "year__contains", "year__like", "year__glob", "year__iendswith"] {
        assert_eq!(reason(path, "19"), "this operator is for text columns, and 'year' is not one");
    }
}

#[test]
fn a_wrong_lookup_deep_inside_a_filter_is_found() {
    let deep = Book::YEAR.eq(1) & !(Book::STOCK.eq(1) | lookup("tilte", "x"));
    assert!(matches!(refusal(deep), Error::InvalidFilter { field, .. } if field == "tilte"));
}

#[test]
fn nan_is_an_error_in_a_lookup_too() {
    for (path, value) in [("price", f64::NAN.into()), ("price__in", LookupValue::from([1.0, f64::NAN]))] {
        assert!(matches!(refusal(lookup::<Book>(path, value)), Error::Encode { column, .. } if column == "price"));
    }
}
