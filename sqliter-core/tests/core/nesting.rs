//! How filters combine.

use crate::fixtures::{Book, condition, params, says};
use sqliter_core::{Filter, lookup};

fn year(n: i64) -> Filter<Book> {
    Book::YEAR.eq(n)
}

#[test]
fn one_kind_of_combination_needs_no_parentheses() {
    says(year(1) & year(2) & year(3), r#""year" = ?1 AND "year" = ?2 AND "year" = ?3"#, params![1, 2, 3]);
    says(year(1) | year(2) | year(3), r#""year" = ?1 OR "year" = ?2 OR "year" = ?3"#, params![1, 2, 3]);
}

#[test]
fn a_combination_inside_another_is_parenthesised() {
    says((year(1) | year(2)) & year(3), r#"("year" = ?1 OR "year" = ?2) AND "year" = ?3"#, params![1, 2, 3]);
    says(year(1) & (year(2) | year(3)), r#""year" = ?1 AND ("year" = ?2 OR "year" = ?3)"#, params![1, 2, 3]);
    says(year(1) & year(2) | year(3), r#"("year" = ?1 AND "year" = ?2) OR "year" = ?3"#, params![1, 2, 3]);
    says(year(1) | year(2) & year(3), r#""year" = ?1 OR ("year" = ?2 AND "year" = ?3)"#, params![1, 2, 3]);
}

#[test]
fn a_negation_matches_every_row_that_the_filter_does_not() {
    says(!year(1), r#"("year" = ?1) IS NOT TRUE"#, params![1]);
    says(
        !(year(1) | year(2)) & year(3),
        r#"("year" = ?1 OR "year" = ?2) IS NOT TRUE AND "year" = ?3"#,
        params![1, 2, 3],
    );
    says(!!year(1), r#"(("year" = ?1) IS NOT TRUE) IS NOT TRUE"#, params![1]);
}

#[test]
fn all_of_nothing_is_everything_and_any_of_nothing_is_nothing() {
    says(Filter::<Book>::all([]), "1", params![]);
    says(Filter::<Book>::any([]), "0", params![]);
    says(!Filter::<Book>::any([]), "(0) IS NOT TRUE", params![]);
    says(Filter::all([]) & year(1), r#"1 AND "year" = ?1"#, params![1]);
    says(Filter::any([]) | year(1), r#"0 OR "year" = ?1"#, params![1]);
    says(year(1) & Filter::any([]), r#""year" = ?1 AND 0"#, params![1]);
}

#[test]
fn all_and_any_of_one_are_that_one() {
    says(Filter::all([year(1)]), r#""year" = ?1"#, params![1]);
    says(Filter::any([year(1)]), r#""year" = ?1"#, params![1]);
}

#[test]
fn a_group_of_one_hides_no_parentheses() {
    let either = || year(1) | year(2);
    let sql = r#""year" = ?1 AND ("year" = ?2 OR "year" = ?3)"#;
    says(year(0) & Filter::all([either()]), sql, params![0, 1, 2]);
    says(year(0) & Filter::any([Filter::all([either()])]), sql, params![0, 1, 2]);
    says(
        year(0) & Filter::all([lookup("year__in", [Some(1), None])]),
        r#""year" = ?1 AND ("year" IN (?2) OR "year" IS NULL)"#,
        params![0, 1],
    );
}

#[test]
fn all_and_any_of_many_join_them() {
    says(Filter::all([year(1), year(2)]), r#""year" = ?1 AND "year" = ?2"#, params![1, 2]);
    says(Filter::any([year(1), year(2)]), r#""year" = ?1 OR "year" = ?2"#, params![1, 2]);
    says(
        Filter::any([Filter::all([year(1), year(2)]), year(3)]),
        r#"("year" = ?1 AND "year" = ?2) OR "year" = ?3"#,
        params![1, 2, 3],
    );
}

#[test]
fn a_filter_made_of_all_can_be_extended() {
    says(Filter::all([year(1)]) & year(2), r#""year" = ?1 AND "year" = ?2"#, params![1, 2]);
    says(Filter::any([year(1)]) | year(2), r#""year" = ?1 OR "year" = ?2"#, params![1, 2]);
}

#[test]
fn hundreds_of_filters_are_joined_in_groups_because_sqlite_limits_the_depth() {
    let (sql, params) = condition(Filter::any((0..450).map(year)));
    assert_eq!(params.len(), 450);
    assert!(sql.starts_with(r#"("year" = ?1 OR "year" = ?2 OR "#), "{sql}");
    assert!(sql.contains(r#" OR "year" = ?200) OR ("year" = ?201 OR "#), "{sql}");
    assert!(sql.contains(r#" OR "year" = ?400) OR ("year" = ?401 OR "#), "{sql}");
    assert!(sql.ends_with(r#" OR "year" = ?450)"#), "{sql}");
    let (sql, _) = condition((0..200).map(year).fold(Filter::all([year(0)]), |a, b| a & b));
    assert!(sql.ends_with(r#" AND "year" = ?200) AND ("year" = ?201)"#), "{sql}");
}

#[test]
fn a_clone_says_the_same() {
    let filter = !(year(1) | Book::TITLE.contains("x"));
    assert_eq!(condition(filter.clone()), condition(filter));
}
