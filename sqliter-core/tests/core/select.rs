//! Reading: rows, counts, existence, the last row.

use crate::fixtures::{Author, Book, Odd, Setting, filtered, params, parts, plan};
use sqliter_core::plan::SelectPlan;
use sqliter_core::sql::{Sqlite, Statement, count_sql, exists_sql, last_sql, select_sql};
use sqliter_core::{DbModel, Error, IntoOrder, Result, Value, lookup};

fn select(plan: &SelectPlan) -> (String, Vec<Value>) {
    parts(select_sql(plan, None, &Sqlite, false).unwrap())
}
fn count(plan: &SelectPlan) -> (String, Vec<Value>) {
    parts(count_sql(plan, &Sqlite, false).unwrap())
}
fn exists(plan: &SelectPlan) -> (String, Vec<Value>) {
    parts(exists_sql(plan, &Sqlite, false).unwrap())
}
fn last(plan: &SelectPlan) -> (String, Vec<Value>) {
    parts(last_sql(plan, &Sqlite, false).unwrap())
}
fn is(sql: &str, params: Vec<Value>) -> (String, Vec<Value>) {
    (sql.to_owned(), params)
}
fn ordered<M: DbModel>(order: impl IntoOrder<M>) -> SelectPlan {
    let mut plan = plan::<M>();
    order.add_to(&mut plan.order);
    plan
}
/// What follows the table's name.
fn order_of<M: DbModel>(order: impl IntoOrder<M>) -> String {
    let (sql, params) = select(&ordered(order));
    assert_eq!(params, []);
    sql.split_once(" ORDER BY ").unwrap().1.to_owned()
}

#[test]
fn all_rows_are_read_with_the_columns_that_have_fields() {
    assert_eq!(select(&plan::<Author>()), is(r#"SELECT "pk", "name" FROM "authors""#, params![]));
    assert_eq!(
        select(&plan::<Setting>()),
        is(r#"SELECT "name", "value", "weight", "created_at", "updated_at" FROM "settings""#, params![])
    );
}

#[test]
fn filter_order_limit_and_offset_come_in_their_places() {
    let mut plan = filtered(Author::NAME.gt("a"));
    Author::NAME.desc().add_to(&mut plan.order);
    plan.set_limit(10);
    plan.set_offset(20);
    assert_eq!(
        select(&plan),
        is(
            r#"SELECT "pk", "name" FROM "authors" WHERE "name" > ?1 ORDER BY "name" DESC LIMIT 10 OFFSET ?2"#,
            params!["a", 20]
        )
    );
}

#[test]
fn a_fetch_of_one_row_never_widens_the_limit() {
    let limited = |limit: Option<i64>, at_most| {
        let mut plan = plan::<Author>();
        limit.into_iter().for_each(|l| plan.set_limit(l));
        parts(select_sql(&plan, at_most, &Sqlite, false).unwrap())
    };
    let at_most = |n: i64| is(&format!(r#"SELECT "pk", "name" FROM "authors" LIMIT {n}"#), params![]);
    assert_eq!(limited(None, Some(1)), at_most(1));
    assert_eq!(limited(Some(5), Some(1)), at_most(1));
    assert_eq!(limited(Some(0), Some(1)), at_most(0));
    assert_eq!(limited(Some(5), None), at_most(5));
    assert_eq!(limited(Some(-1), Some(1)), at_most(1));
}

#[test]
fn a_negative_limit_is_no_limit_and_an_offset_of_nothing_no_offset() {
    let mut plan = plan::<Author>();
    plan.set_limit(-5);
    plan.set_offset(0);
    assert_eq!((plan.limit(), plan.offset().unwrap()), (None, None));
    assert_eq!(select(&plan), is(r#"SELECT "pk", "name" FROM "authors""#, params![]));
    plan.set_offset(3);
    assert_eq!(select(&plan), is(r#"SELECT "pk", "name" FROM "authors" LIMIT -1 OFFSET ?1"#, params![3]));
}

#[test]
fn a_negative_offset_is_an_error_of_every_statement() {
    let mut plan = plan::<Author>();
    plan.set_offset(-1);
    let statements: [Result<Statement>; 4] = [
        select_sql(&plan, None, &Sqlite, false),
        count_sql(&plan, &Sqlite, false),
        exists_sql(&plan, &Sqlite, false),
        last_sql(&plan, &Sqlite, false),
    ];
    for statement in statements {
        assert!(matches!(statement, Err(Error::InvalidOffset(-1))));
    }
}

#[test]
fn distinct_rows_are_read_once() {
    let mut plan = plan::<Author>();
    plan.distinct = true;
    assert_eq!(select(&plan), is(r#"SELECT DISTINCT "pk", "name" FROM "authors""#, params![]));
}

#[test]
fn an_order_may_be_a_column_an_expression_a_string_a_tuple_or_a_list() {
    assert_eq!(order_of(Book::TITLE), r#""title" ASC"#);
    assert_eq!(order_of(Book::TITLE.desc()), r#""title" DESC"#);
    assert_eq!(order_of(Book::TITLE.lower()), r#"sqliter_lower("title") ASC"#);
    assert_eq!(order_of((Book::STOCK - Book::PIN).desc()), r#"("stock" - "pin") DESC"#);
    assert_eq!(order_of::<Book>("year"), r#""year" ASC"#);
    assert_eq!(order_of::<Book>("-year".to_owned()), r#""year" DESC"#);
    assert_eq!(order_of((Book::YEAR.desc(), "title", Book::PK)), r#""year" DESC, "title" ASC, "pk" ASC"#);
    assert_eq!(order_of::<Book>(["title", "-year"]), r#""title" ASC, "year" DESC"#);
    assert_eq!(order_of(vec![Book::YEAR.asc(), Book::TITLE.desc()]), r#""year" ASC, "title" DESC"#);
}

#[test]
fn a_named_order_goes_by_field_or_column() {
    assert_eq!(order_of::<Book>("editor"), r#""editor_id" ASC"#);
    assert_eq!(order_of::<Book>("-editor_id"), r#""editor_id" DESC"#);
    assert_eq!(order_of::<Odd>("first"), r#""second" ASC"#);
    assert_eq!(order_of::<Odd>("gro\"up"), r#""gro""up" ASC"#);
}

#[test]
fn nulls_go_where_they_are_told() {
    assert_eq!(order_of(Book::YEAR.asc().nulls_last()), r#""year" ASC NULLS LAST"#);
    assert_eq!(order_of(Book::YEAR.desc().nulls_first()), r#""year" DESC NULLS FIRST"#);
    assert_eq!(order_of((Book::YEAR.asc().nulls_first(), Book::TITLE)), r#""year" ASC NULLS FIRST, "title" ASC"#);
}

#[test]
fn an_order_by_nothing_is_no_order() {
    assert_eq!(select(&ordered::<Author>(Vec::<&str>::new())), select(&plan::<Author>()));
}

#[test]
fn an_order_by_an_unknown_name_is_an_error_that_names_the_nearest() {
    let refusal = |name: &str| select_sql(&ordered::<Book>(name), None, &Sqlite, false).unwrap_err().to_string();
    assert_eq!(
        refusal("-titel"),
        "Invalid order value - 'titel' does not exist in model fields; did you mean 'title'?"
    );
    assert_eq!(refusal("qqq"), "Invalid order value - 'qqq' does not exist in model fields.");
    assert_eq!(refusal(""), "Invalid order value - '' does not exist in model fields.");
}

#[test]
fn an_order_by_a_secret_expression_marks_its_constants() {
    let plan = ordered(Book::PIN.coalesce(5));
    let statement = select_sql(&plan, None, &Sqlite, false).unwrap();
    assert_eq!((statement.params, statement.secret), (params![5], vec![0]));
}

#[test]
fn a_count_counts_the_rows_of_the_query() {
    let mut plan = filtered(Author::NAME.eq("a"));
    Author::NAME.asc().add_to(&mut plan.order);
    let sql = r#"SELECT COUNT(*) FROM "authors" WHERE "name" = ?1"#;
    assert_eq!(count(&plan), is(sql, params!["a"]));
    plan.set_limit(2);
    let sql = r#"SELECT COUNT(*) FROM (SELECT 1 FROM "authors" WHERE "name" = ?1 LIMIT 2)"#;
    assert_eq!(count(&plan), is(sql, params!["a"]));
    plan.set_offset(1);
    let sql = r#"SELECT COUNT(*) FROM (SELECT 1 FROM "authors" WHERE "name" = ?1 LIMIT 2 OFFSET ?2)"#;
    assert_eq!(count(&plan), is(sql, params!["a", 1]));
    plan.distinct = true;
    let sql = concat!(
        r#"SELECT COUNT(*) FROM (SELECT DISTINCT "pk", "name" FROM "authors" "#,
        r#"WHERE "name" = ?1 LIMIT 2 OFFSET ?2)"#
    );
    assert_eq!(count(&plan), is(sql, params!["a", 1]));
}

#[test]
fn existence_looks_for_one_row_of_the_query() {
    let mut plan = filtered(Author::NAME.eq("a"));
    let sql = r#"SELECT EXISTS(SELECT 1 FROM "authors" WHERE "name" = ?1 LIMIT 1)"#;
    assert_eq!(exists(&plan), is(sql, params!["a"]));
    plan.set_limit(10);
    assert_eq!(exists(&plan), is(sql, params!["a"]));
    plan.set_limit(0);
    assert_eq!(exists(&plan), is(&sql.replace("LIMIT 1", "LIMIT 0"), params!["a"]));
    plan.set_limit(-1);
    plan.set_offset(4);
    let sql = r#"SELECT EXISTS(SELECT 1 FROM "authors" WHERE "name" = ?1 LIMIT 1 OFFSET ?2)"#;
    assert_eq!(exists(&plan), is(sql, params!["a", 4]));
}

#[test]
fn the_last_row_is_the_first_of_the_reversed_order_with_the_key_breaking_ties() {
    let sql = r#"SELECT "pk", "name" FROM "authors" ORDER BY "pk" DESC LIMIT 1"#;
    assert_eq!(last(&plan::<Author>()), is(sql, params![]));
    let sql = r#"SELECT "pk", "name" FROM "authors" ORDER BY "name" ASC NULLS FIRST, "pk" DESC LIMIT 1"#;
    assert_eq!(last(&ordered(Author::NAME.desc().nulls_last())), is(sql, params![]));
    let sql = r#"SELECT "pk", "name" FROM "authors" ORDER BY "name" DESC NULLS LAST, "pk" DESC LIMIT 1"#;
    assert_eq!(last(&ordered(Author::NAME.asc().nulls_first())), is(sql, params![]));
}

#[test]
fn an_offset_of_the_last_row_counts_from_the_end() {
    let mut plan = filtered(Author::NAME.eq("a"));
    plan.set_offset(2);
    assert_eq!(
        last(&plan),
        is(
            r#"SELECT "pk", "name" FROM "authors" WHERE "name" = ?1 ORDER BY "pk" DESC LIMIT 1 OFFSET ?2"#,
            params!["a", 2]
        )
    );
}

#[test]
fn the_last_row_of_a_limited_query_is_the_last_of_its_window() {
    let mut plan = ordered::<Author>("-name");
    plan.filters.push(lookup::<Author>("name__gt", "a").into_node());
    plan.set_limit(5);
    plan.set_offset(2);
    assert_eq!(
        last(&plan),
        is(
            concat!(
                r#"SELECT "pk", "name" FROM "authors" WHERE "pk" IN "#,
                r#"(SELECT "pk" FROM "authors" WHERE "name" > ?1 ORDER BY "name" DESC, "pk" ASC LIMIT 5 OFFSET ?2) "#,
                r#"ORDER BY "name" ASC, "pk" DESC LIMIT 1"#,
            ),
            params!["a", 2]
        )
    );
}
