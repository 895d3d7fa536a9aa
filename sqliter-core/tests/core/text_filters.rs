//! The text operators.

use crate::fixtures::{Book, params, says};
use sqliter_core::Value;
use sqliter_core::sql::fold_case;

fn bytes(text: &str) -> Value {
    Value::Blob(text.as_bytes().to_vec())
}

#[test]
fn patterns_are_handed_on_as_they_are() {
    says(Book::TITLE.like("%a_b%"), r#""title" LIKE ?1"#, params!["%a_b%"]);
    says(Book::TITLE.glob("[ab]*"), r#""title" GLOB ?1"#, params!["[ab]*"]);
    says(Book::BLURB.like(String::new()), r#""blurb" LIKE ?1"#, params![""]);
}

#[test]
fn not_like_matches_nulls_too() {
    says(Book::BLURB.not_like("a%"), r#"("blurb" LIKE ?1) IS NOT TRUE"#, params!["a%"]);
}

#[test]
fn a_prefix_is_a_range_that_an_index_serves() {
    let sql = r#"("title" COLLATE BINARY >= ?1 AND "title" COLLATE BINARY < ?2)"#;
    says(Book::TITLE.starts_with("The"), sql, params!["The", "Thf"]);
    says(Book::TITLE.starts_with("50%_*?["), sql, params!["50%_*?[", "50%_*?\\"]);
    says(Book::TITLE.starts_with("z\u{10FFFF}"), sql, params!["z\u{10FFFF}", "{"]);
}

#[test]
fn a_prefix_without_a_successor_has_one_bound() {
    says(Book::TITLE.starts_with("\u{10FFFF}"), r#"("title" COLLATE BINARY >= ?1)"#, params!["\u{10FFFF}"]);
}

#[test]
fn a_suffix_is_compared_byte_by_byte() {
    says(Book::TITLE.ends_with("ée"), r#"substr(CAST("title" AS BLOB), -3) = ?1"#, vec![bytes("ée")]);
    says(Book::TITLE.ends_with("%"), r#"substr(CAST("title" AS BLOB), -1) = ?1"#, vec![bytes("%")]);
}

#[test]
fn what_is_contained_is_taken_literally() {
    says(Book::TITLE.contains("%_*?"), r#"instr("title", ?1) > 0"#, params!["%_*?"]);
}

#[test]
fn the_forms_for_any_case_fold_both_sides() {
    says(
        Book::TITLE.istarts_with("THÉ"),
        r#"(sqliter_fold("title") COLLATE BINARY >= ?1 AND sqliter_fold("title") COLLATE BINARY < ?2)"#,
        params!["thé", "thê"],
    );
    says(Book::TITLE.iends_with("É"), r#"substr(CAST(sqliter_fold("title") AS BLOB), -2) = ?1"#, vec![bytes("é")]);
    says(Book::TITLE.icontains("Straße"), r#"instr(sqliter_fold("title"), ?1) > 0"#, params!["strasse"]);
}

#[test]
fn the_empty_text_is_in_every_text_but_not_in_null() {
    for filter in [
        Book::BLURB.starts_with(""),
        Book::BLURB.ends_with(""),
        Book::BLURB.contains(""),
        Book::BLURB.istarts_with(""),
        Book::BLURB.iends_with(""),
        Book::BLURB.icontains(""),
    ] {
        says(filter, r#""blurb" IS NOT NULL"#, params![]);
    }
}

#[test]
fn folding_makes_every_form_of_a_letter_one() {
    assert_eq!(fold_case("HeLLo 1"), "hello 1");
    assert_eq!(fold_case("CAFÉ"), fold_case("café"));
    assert_eq!(fold_case("ΟΔΟΣ"), fold_case("οδος"));
    assert_eq!(fold_case("οδοσ"), fold_case("οδος"));
    assert_eq!(fold_case("STRASSE"), fold_case("straße"));
    assert_ne!(fold_case("e"), fold_case("é"));
}
