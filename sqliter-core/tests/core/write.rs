//! Updates and deletes of many rows.

use crate::fixtures::{Book, Event, Odd, Setting, Visit, Word, filtered, params, parts, plan};
use chrono::{DateTime, Utc};
use sqliter_core::plan::SelectPlan;
use sqliter_core::sql::{Sqlite, Statement, delete_sql, update_sql};
use sqliter_core::{Assignment, DbModel, Error, IntoAssignments, IntoOrder, Pk, Result, Value, assign};

const NOW: i64 = 1_700_000_000;

fn try_update<M>(plan: &SelectPlan, assignments: impl IntoAssignments<M>) -> Result<Statement> {
    let mut nodes = Vec::new();
    assignments.add_to(&mut nodes);
    update_sql(plan, &nodes, NOW, &Sqlite, false).map(|update| update.statement)
}

/// The text and the parameters of an update of all rows.
#[track_caller]
fn updates<M: DbModel>(assignments: impl IntoAssignments<M>, sql: &str, params: Vec<Value>) {
    assert_eq!(parts(try_update(&plan::<M>(), assignments).unwrap()), (sql.to_owned(), params));
}

#[track_caller]
fn refused<M: DbModel>(assignments: impl IntoAssignments<M>, message: &str) {
    match try_update(&plan::<M>(), assignments).unwrap_err() {
        Error::InvalidUpdate(text) => assert_eq!(text, message),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_update_sets_the_columns_and_the_time_of_the_write() {
    updates(Book::STOCK.set(3), r#"UPDATE "books" SET "stock" = ?1, "updated_at" = ?2"#, params![3, NOW]);
    updates(
        (Book::STOCK.set(3), Book::YEAR.set(None)),
        r#"UPDATE "books" SET "stock" = ?1, "year" = ?2, "updated_at" = ?3"#,
        params![3, None::<i64>, NOW],
    );
    updates(Odd::FROM.set("x"), r#"UPDATE "or""der" SET "from" = ?1"#, params!["x"]);
}

#[test]
fn the_time_of_the_write_may_be_assigned() {
    updates(Book::UPDATED_AT.set(5), r#"UPDATE "books" SET "updated_at" = ?1"#, params![5]);
    updates(
        (assign("updated_at", 5), Book::STOCK.set(1)),
        r#"UPDATE "books" SET "updated_at" = ?1, "stock" = ?2"#,
        params![5, 1],
    );
    updates::<Book>(
        assign("created_at", 5),
        r#"UPDATE "books" SET "created_at" = ?1, "updated_at" = ?2"#,
        params![5, NOW],
    );
    updates::<Visit>(assign("created_at", 5), r#"UPDATE "visits" SET "created_at" = ?1"#, params![5]);
}

#[test]
fn the_rows_are_those_of_the_filter() {
    let statement = try_update(&filtered(Book::STOCK.lt(0)), Book::STOCK.set(0)).unwrap();
    assert_eq!(
        parts(statement),
        (r#"UPDATE "books" SET "stock" = ?1, "updated_at" = ?2 WHERE "stock" < ?3"#.to_owned(), params![0, NOW, 0])
    );
}

#[test]
fn a_limited_update_selects_its_rows_by_key() {
    let mut plan = filtered(Book::STOCK.lt(9));
    Book::YEAR.desc().add_to(&mut plan.order);
    plan.set_limit(2);
    plan.set_offset(1);
    let (sql, values) = parts(try_update(&plan, Book::STOCK.set(0)).unwrap());
    assert_eq!(
        sql,
        concat!(
            r#"UPDATE "books" SET "stock" = ?1, "updated_at" = ?2 WHERE "pk" IN "#,
            r#"(SELECT "pk" FROM "books" WHERE "stock" < ?3 ORDER BY "year" DESC LIMIT 2 OFFSET ?4)"#,
        )
    );
    assert_eq!(values, params![0, NOW, 9, 1]);
}

#[test]
fn a_column_may_be_set_to_an_expression() {
    updates(
        Book::STOCK.set(Book::STOCK - 1),
        r#"UPDATE "books" SET "stock" = ("stock" - ?1), "updated_at" = ?2 RETURNING "pk", "stock""#,
        params![1, NOW],
    );
    updates(
        (Book::BLURB.set(Book::TITLE.upper()), Book::PRICE.set(10), Book::YEAR.set(Book::STOCK)),
        concat!(
            r#"UPDATE "books" SET "blurb" = sqliter_upper("title"), "price" = ?1, "year" = "stock", "#,
            r#""updated_at" = ?2 RETURNING "pk", "blurb", "year""#
        ),
        params![10.0, NOW],
    );
}

#[test]
fn values_come_in_every_form_that_literals_do() {
    let owned = "x".to_owned();
    for assignment in [
        Book::TITLE.set("x"),
        Book::TITLE.set(&owned),
        Book::TITLE.set(owned.clone()),
        Book::TITLE.set(std::borrow::Cow::Borrowed("x")),
        assign("title", "x"),
    ] {
        updates(assignment, r#"UPDATE "books" SET "title" = ?1, "updated_at" = ?2"#, params!["x", NOW]);
    }
    updates(Book::YEAR.set(Some(1950)), r#"UPDATE "books" SET "year" = ?1, "updated_at" = ?2"#, params![1950, NOW]);
}

#[test]
fn a_name_makes_the_plan_of_the_typed_form() {
    let at = DateTime::<Utc>::from_timestamp(1_709_195_400, 0).unwrap();
    let same = |by_name: Assignment<Event>, typed: Assignment<Event>| {
        assert_eq!(try_update(&plan::<Event>(), by_name).unwrap(), try_update(&plan::<Event>(), typed).unwrap());
    };
    same(assign("at", at), Event::AT.set(at));
    same(assign("at_s", at), Event::AT_S.set(at));
    same(assign("naive_s", at.naive_utc()), Event::NAIVE_S.set(at.naive_utc()));
    same(assign("day_s", at.date_naive()), Event::DAY_S.set(at.date_naive()));
    same(assign("until", None::<i64>), Event::UNTIL.set(None));
    same(assign("level", 7), Event::LEVEL.set(7));
    same(assign("digest", vec![1_u8]), Event::DIGEST.set(vec![1]));
}

#[test]
fn a_list_of_assignments_is_taken_too() {
    let sql = r#"UPDATE "books" SET "stock" = ?1, "year" = ?2, "updated_at" = ?3"#;
    updates(vec![Book::STOCK.set(1), Book::YEAR.set(2)], sql, params![1, 2, NOW]);
    updates([Book::STOCK.set(1), assign("year", 2)], sql, params![1, 2, NOW]);
    updates((vec![Book::STOCK.set(1)], (Book::YEAR.set(2),)), sql, params![1, 2, NOW]);
}

#[test]
fn a_typed_assignment_goes_to_its_own_column_and_a_name_to_its_field() {
    updates(Odd::FIRST.set(1), r#"UPDATE "or""der" SET "second" = ?1"#, params![1]);
    updates(Odd::SECOND.set(1), r#"UPDATE "or""der" SET "first" = ?1"#, params![1]);
    updates::<Odd>(assign("first", 1), r#"UPDATE "or""der" SET "second" = ?1"#, params![1]);
    updates::<Book>(assign("editor", 1), r#"UPDATE "books" SET "editor_id" = ?1, "updated_at" = ?2"#, params![1, NOW]);
    updates::<Book>(
        assign("editor_id", 1),
        r#"UPDATE "books" SET "editor_id" = ?1, "updated_at" = ?2"#,
        params![1, NOW],
    );
}

#[test]
fn an_unknown_field_is_an_error_that_names_the_nearest() {
    refused::<Book>(assign("stok", 1), "`Book` has no field 'stok'; did you mean 'stock'?");
    refused::<Book>(assign("qqq", 1), "`Book` has no field 'qqq'");
}

#[test]
fn the_key_is_not_updated() {
    refused::<Book>(assign("pk", 1), "the primary key 'pk' cannot be updated");
    refused(Word::PK.set(Pk::from("x")), "the primary key 'word' cannot be updated");
}

#[test]
fn a_column_is_assigned_once() {
    refused((Book::STOCK.set(1), assign("stock", 2)), "'stock' is assigned twice");
    refused::<Book>((assign("editor", 1), assign("editor_id", 2)), "'editor_id' is assigned twice");
    refused([Book::UPDATED_AT.set(1), Book::UPDATED_AT.set(2)], "'updated_at' is assigned twice");
}

#[test]
fn nothing_and_a_list_cannot_be_assigned() {
    refused(Vec::<Assignment<Book>>::new(), "nothing is assigned");
    refused::<Book>(assign("stock", [1, 2]), "a list cannot be assigned to 'stock'");
}

#[test]
fn a_value_that_cannot_be_stored_names_its_column() {
    for assignment in [Book::PRICE.set(f64::NAN), assign("price", f64::NAN), Book::PRICE.set(Book::PRICE * f64::NAN)] {
        let err = try_update(&plan::<Book>(), assignment).unwrap_err();
        assert!(
            matches!(&err, Error::Encode { table, column, .. } if table == "books" && column == "price"),
            "{err:?}"
        );
    }
    let err = try_update(&plan::<Event>(), Event::TOTAL.set(u64::MAX)).unwrap_err();
    assert!(matches!(err, Error::Encode { column, .. } if column == "total"));
}

#[test]
fn what_goes_into_a_redacted_column_is_secret() {
    let secret = |assignment: Assignment<Book>| try_update(&plan::<Book>(), assignment).unwrap().secret;
    assert_eq!(secret(Book::PIN.set(1234)), [0]);
    assert_eq!(secret(assign("phrase", "open sesame")), [0]);
    assert_eq!(secret(Book::PIN.set(Book::PIN + 1)), [0]);
    assert_eq!(secret(Book::STOCK.set(1)), [0; 0]);
}

#[test]
fn a_delete_takes_the_rows_of_the_plan() {
    let delete = |plan: &SelectPlan| parts(delete_sql(plan, &Sqlite, false).unwrap());
    assert_eq!(delete(&plan::<Odd>()), (r#"DELETE FROM "or""der""#.to_owned(), params![]));
    let mut plan = filtered(Setting::VALUE.eq("x") | Setting::VALUE.is_null());
    let sql = r#"DELETE FROM "settings" WHERE "value" = ?1 OR "value" IS NULL"#;
    assert_eq!(delete(&plan), (sql.to_owned(), params!["x"]));
    IntoOrder::<Setting>::add_to("-value", &mut plan.order);
    plan.set_limit(3);
    let sql = concat!(
        r#"DELETE FROM "settings" WHERE "name" IN (SELECT "name" FROM "settings" "#,
        r#"WHERE "value" = ?1 OR "value" IS NULL ORDER BY "value" DESC LIMIT 3)"#
    );
    assert_eq!(delete(&plan), (sql.to_owned(), params!["x"]));
    plan.set_limit(-1);
    plan.set_offset(3);
    let (sql, values) = delete(&plan);
    assert!(sql.ends_with("LIMIT -1 OFFSET ?2)"), "{sql}");
    assert_eq!(values, params!["x", 3]);
}

#[test]
fn a_negative_offset_is_an_error_of_every_write() {
    let mut plan = plan::<Book>();
    plan.set_offset(-2);
    assert!(matches!(delete_sql(&plan, &Sqlite, false), Err(Error::InvalidOffset(-2))));
    assert!(matches!(try_update(&plan, Book::STOCK.set(1)), Err(Error::InvalidOffset(-2))));
}
