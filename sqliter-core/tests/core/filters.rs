//! Comparisons, NULLs, columns against columns, arithmetic, functions, and what stays out of logs.

use crate::fixtures::{Author, Book, Odd, Setting, Word, filtered, params, refusal, says};
use sqliter_core::sql::{Sqlite, count_sql, select_sql};
use sqliter_core::{DbModel, Error, Filter, IntoFilter, Pk, Value};

#[test]
fn each_comparison_has_its_operator() {
    says(Book::STOCK.eq(3), r#""stock" = ?1"#, params![3]);
    says(Book::STOCK.ne(3), r#""stock" IS NOT ?1"#, params![3]);
    says(Book::STOCK.gt(3), r#""stock" > ?1"#, params![3]);
    says(Book::STOCK.gte(3), r#""stock" >= ?1"#, params![3]);
    says(Book::STOCK.lt(3), r#""stock" < ?1"#, params![3]);
    says(Book::STOCK.lte(3), r#""stock" <= ?1"#, params![3]);
}

#[test]
fn a_nullable_column_takes_plain_values() {
    says(Book::YEAR.lt(1950), r#""year" < ?1"#, params![1950]);
    says(Book::YEAR.eq(Some(1950)), r#""year" = ?1"#, params![1950]);
    says(Book::BLURB.eq("x"), r#""blurb" = ?1"#, params!["x"]);
    // A NULL differs from every value: such rows match.
    says(Book::YEAR.ne(1950), r#""year" IS NOT ?1"#, params![1950]);
}

#[test]
fn equality_with_none_is_a_test_for_null() {
    says(Book::YEAR.eq(None), r#""year" IS NULL"#, params![]);
    says(Book::YEAR.ne(None), r#""year" IS NOT NULL"#, params![]);
    says(Book::YEAR.is_null(), r#""year" IS NULL"#, params![]);
    says(Book::YEAR.is_not_null(), r#""year" IS NOT NULL"#, params![]);
}

#[test]
fn between_includes_both_ends() {
    says(Book::YEAR.between(1900, 1950), r#""year" >= ?1 AND "year" <= ?2"#, params![1900, 1950]);
    says(
        Book::STOCK.between(Book::PIN, 9) | Book::STOCK.eq(0),
        r#"("stock" >= "pin" AND "stock" <= ?1) OR "stock" = ?2"#,
        params![9, 0],
    );
}

#[test]
fn names_of_columns_are_quoted() {
    says(Odd::FROM.eq("x"), r#""from" = ?1"#, params!["x"]);
    says(Odd::GROUP.gt("x"), r#""gro""up" > ?1"#, params!["x"]);
}

#[test]
fn text_may_come_in_any_form() {
    let owned = "x".to_owned();
    let (twice, owned_twice) = (&"x", &&owned);
    for filter in [
        Book::TITLE.eq("x"),
        Book::TITLE.eq(twice),
        Book::TITLE.eq(&owned),
        Book::TITLE.eq(owned_twice),
        Book::TITLE.eq(std::borrow::Cow::Borrowed("x")),
        Book::TITLE.eq(owned.clone()),
    ] {
        says(filter, r#""title" = ?1"#, params!["x"]);
    }
}

#[test]
fn a_float_column_takes_a_whole_literal() {
    says(Book::PRICE.gt(10), r#""price" > ?1"#, params![10.0]);
    says(Book::PRICE.gt(9.5), r#""price" > ?1"#, params![9.5]);
}

#[test]
fn a_key_is_compared_with_keys_and_rows() {
    let book = Book { pk: Pk::of(7) };
    says(Book::PK.eq(7), r#""pk" = ?1"#, params![7]);
    says(Book::PK.eq(Pk::of(7)), r#""pk" = ?1"#, params![7]);
    says(Book::PK.eq(&book.pk), r#""pk" = ?1"#, params![7]);
    says(Book::PK.eq(&book), r#""pk" = ?1"#, params![7]);
    says(Book::PK.is_in([1, 2]), r#""pk" IN (?1, ?2)"#, params![1, 2]);
    says(Word::PK.eq("tree"), r#""word" = ?1"#, params!["tree"]);
    // No row has the key of a row that was not inserted.
    says(Book::PK.eq(Pk::unset()), r#""pk" IS NULL"#, params![]);
}

#[test]
fn columns_are_compared_with_columns() {
    says(Book::STOCK.lt(Book::PIN), r#""stock" < "pin""#, params![]);
    says(Book::YEAR.eq(Book::STOCK), r#""year" = "stock""#, params![]);
    says(Book::STOCK.gte(Book::YEAR), r#""stock" >= "year""#, params![]);
    says(Book::YEAR.ne(Book::PART_OF), r#""year" IS NOT "part_of""#, params![]);
}

#[test]
fn arithmetic_keeps_its_grouping() {
    says((Book::STOCK + 1).gt(Book::PIN - 2), r#"("stock" + ?1) > ("pin" - ?2)"#, params![1, 2]);
    says((Book::STOCK * (Book::PIN + 2) / 3).eq(4), r#"(("stock" * ("pin" + ?1)) / ?2) = ?3"#, params![2, 3, 4]);
    says((10 - Book::STOCK).lt(5), r#"(?1 - "stock") < ?2"#, params![10, 5]);
    says((Book::PRICE * 2).lt(9.5), r#"("price" * ?1) < ?2"#, params![2.0, 9.5]);
    says((Book::PRICE * Book::STOCK).gt(100), r#"("price" * "stock") > ?1"#, params![100.0]);
    says((Book::STOCK * 1.5).gt(100.0), r#"("stock" * ?1) > ?2"#, params![1.5, 100.0]);
    says((Book::YEAR + 1).is_null(), r#"("year" + ?1) IS NULL"#, params![1]);
}

#[test]
fn functions_wrap_their_arguments() {
    says(Book::TITLE.lower().eq("x"), r#"sqliter_lower("title") = ?1"#, params!["x"]);
    says(Book::TITLE.upper().like("X%"), r#"sqliter_upper("title") LIKE ?1"#, params!["X%"]);
    says(Book::BLURB.length().gte(3), r#"length("blurb") >= ?1"#, params![3]);
    says((Book::STOCK - 5).abs().lt(2), r#"abs(("stock" - ?1)) < ?2"#, params![5, 2]);
    says(Book::YEAR.coalesce(0).gt(1900), r#"coalesce("year", ?1) > ?2"#, params![0, 1900]);
    says(Book::YEAR.coalesce(Book::STOCK).eq(1), r#"coalesce("year", "stock") = ?1"#, params![1]);
    says(
        Book::BLURB.coalesce("none").upper().starts_with("N"),
        concat!(
            r#"(sqliter_upper(coalesce("blurb", ?1)) COLLATE BINARY >= ?2 AND "#,
            r#"sqliter_upper(coalesce("blurb", ?3)) COLLATE BINARY < ?4)"#,
        ),
        params!["none", "N", "none", "O"],
    );
}

#[test]
fn nan_is_an_error_wherever_it_stands() {
    let nan = f64::NAN;
    for filter in [
        Book::PRICE.eq(nan),
        Book::PRICE.is_in([1.0, nan]),
        Book::PRICE.is_in((0..200).map(|i| if i == 150 { nan } else { f64::from(i) })),
        Book::PRICE.between(0.0, nan),
    ] {
        match refusal(filter) {
            Error::Encode { table, column, source } => {
                assert_eq!((table.as_str(), column.as_str()), ("books", "price"));
                assert_eq!(source.to_string(), "NaN cannot be stored: SQLite would make it NULL");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(refusal((Book::PRICE * nan).gt(1)), Error::Encode { column, .. } if column == "price"));
    assert!(matches!(refusal((Book::PRICE + 1.0).gt(nan)), Error::Encode { column, .. } if column == "(expression)"));
    assert!(matches!(refusal((nan - Book::PRICE).gt(1.0)), Error::Encode { .. }));
}

#[test]
fn a_filter_may_be_absent() {
    assert!(None::<Filter<Book>>.into_filter().is_none());
    says(Some(Book::YEAR.eq(1)).into_filter().unwrap(), r#""year" = ?1"#, params![1]);
}

#[test]
fn several_filters_of_one_plan_all_hold() {
    let mut plan = filtered(Book::YEAR.eq(1) | Book::YEAR.eq(2));
    plan.filters.push(Book::STOCK.gt(0).into_node());
    let statement = count_sql(&plan, &Sqlite, false).unwrap();
    assert_eq!(statement.sql, r#"SELECT COUNT(*) FROM "books" WHERE ("year" = ?1 OR "year" = ?2) AND "stock" > ?3"#);
    assert_eq!(statement.params, params![1, 2, 0]);
}

/// The parameters that stay out of logs.
#[track_caller]
fn secrets<M: DbModel>(filter: Filter<M>) -> Vec<Value> {
    let statement = select_sql(&filtered(filter), None, &Sqlite, false).unwrap();
    statement.secret.iter().map(|&i| statement.params[i].clone()).collect()
}

#[test]
fn values_beside_a_redacted_column_are_secret_and_others_are_not() {
    assert_eq!(secrets(Book::STOCK.eq(1) & Book::PIN.eq(2) & Book::YEAR.eq(3)), params![2]);
    assert_eq!(secrets(Book::PIN.is_in([1, 2]) | Book::STOCK.is_in([3])), params![1, 2]);
    assert_eq!(secrets(Book::PIN.between(1, 2)), params![1, 2]);
    assert_eq!(secrets(Setting::VALUE.eq("x")), []);
    assert_eq!(secrets(Author::NAME.contains("x")), []);
}

#[test]
fn a_secret_stays_one_inside_expressions_and_text_tests() {
    assert_eq!(secrets((Book::PIN + 1).eq(2)), params![1, 2]);
    assert_eq!(secrets(Book::PHRASE.lower().eq("x")), params!["x"]);
    assert_eq!(secrets(Book::PHRASE.coalesce("a").eq("b")), params!["a", "b"]);
    assert_eq!(secrets(Book::PHRASE.contains("x")), params!["x"]);
    assert_eq!(secrets(Book::PHRASE.starts_with("x")), params!["x", "y"]);
    assert_eq!(secrets(Book::PHRASE.iends_with("X")), [Value::Blob(b"x".to_vec())]);
    assert_eq!(secrets(Book::PHRASE.not_like("x%") | Book::PHRASE.glob("y*")), params!["x%", "y*"]);
    assert_eq!(secrets(sqliter_core::lookup::<Book>("pin__gt", 3)), params![3]);
}

#[test]
fn a_long_list_beside_a_redacted_column_is_secret() {
    assert_eq!(secrets(Book::PIN.is_in(0..101)).len(), 1);
    let words = (0..101).map(|i| format!("{i}{}", if i == 7 { "\0" } else { "" }));
    assert_eq!(secrets(Book::PHRASE.not_in(words)).len(), 2);
    assert_eq!(secrets(Book::STOCK.is_in(0..101)), []);
}
