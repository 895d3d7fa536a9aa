//! The fixed statements of a model.

use crate::fixtures::{Author, Book, Event, Mark, Odd, Setting, Visit, Word};
use sqliter_core::DbModel;
use sqliter_core::sql::{Statements, insert_columns, statements, update_columns};

fn of<M: DbModel>() -> &'static Statements {
    statements(M::schema())
}

#[test]
fn a_row_is_read_by_key_with_the_columns_that_have_fields() {
    assert_eq!(of::<Author>().select_by_key, r#"SELECT "pk", "name" FROM "authors" WHERE "pk" = ?1"#);
    assert_eq!(
        of::<Setting>().select_by_key,
        r#"SELECT "name", "value", "weight", "created_at", "updated_at" FROM "settings" WHERE "name" = ?1"#
    );
}

#[test]
fn an_insert_writes_every_column_and_the_key_only_when_it_is_given() {
    assert_eq!(
        of::<Author>().insert_auto,
        r#"INSERT INTO "authors" ("created_at", "updated_at", "name") VALUES (?1, ?2, ?3)"#
    );
    assert_eq!(
        of::<Author>().insert_keyed,
        r#"INSERT INTO "authors" ("pk", "created_at", "updated_at", "name") VALUES (?1, ?2, ?3, ?4)"#
    );
    assert_eq!(of::<Author>().insert(false), of::<Author>().insert_auto);
    assert_eq!(of::<Author>().insert(true), of::<Author>().insert_keyed);
}

#[test]
fn an_update_by_key_leaves_the_key_and_the_time_of_insertion_alone() {
    assert_eq!(of::<Author>().update_by_key, r#"UPDATE "authors" SET "updated_at" = ?1, "name" = ?2 WHERE "pk" = ?3"#);
    assert_eq!(
        of::<Setting>().update_by_key,
        r#"UPDATE "settings" SET "value" = ?1, "weight" = ?2, "updated_at" = ?3 WHERE "name" = ?4"#
    );
}

#[test]
fn a_row_is_deleted_by_key() {
    assert_eq!(of::<Author>().delete_by_key, r#"DELETE FROM "authors" WHERE "pk" = ?1"#);
    assert_eq!(of::<Odd>().delete_by_key, r#"DELETE FROM "or""der" WHERE "id" = ?1"#);
}

#[test]
fn a_bulk_insert_numbers_its_parameters_row_by_row() {
    let auto = of::<Author>().insert_bulk(false);
    assert_eq!(of::<Author>().bulk_rows, 100);
    let head = r#"INSERT INTO "authors" ("created_at", "updated_at", "name") VALUES (?1, ?2, ?3), (?4, ?5, ?6), "#;
    assert!(auto.starts_with(head), "{auto}");
    assert!(auto.ends_with(", (?298, ?299, ?300)"), "{auto}");

    let keyed = of::<Author>().insert_bulk(true);
    let head = r#"INSERT INTO "authors" ("pk", "created_at", "updated_at", "name") VALUES (?1, ?2, ?3, ?4), (?5, "#;
    assert!(keyed.starts_with(head), "{keyed}");
    assert!(keyed.ends_with(", (?397, ?398, ?399, ?400)"), "{keyed}");
}

#[test]
fn a_model_of_nothing_but_its_key_has_every_statement() {
    let mark = of::<Mark>();
    assert_eq!(mark.select_by_key, r#"SELECT "pk" FROM "marks" WHERE "pk" = ?1"#);
    assert_eq!(mark.insert_auto, r#"INSERT INTO "marks" ("pk") VALUES (NULL)"#);
    assert_eq!(mark.insert_keyed, r#"INSERT INTO "marks" ("pk") VALUES (?1)"#);
    assert_eq!(mark.update_by_key, r#"UPDATE "marks" SET "pk" = "pk" WHERE "pk" = ?1"#);
    assert_eq!(mark.delete_by_key, r#"DELETE FROM "marks" WHERE "pk" = ?1"#);
    assert_eq!(mark.insert_bulk(false), format!(r#"INSERT INTO "marks" ("pk") VALUES {}"#, ["(NULL)"; 100].join(", ")));
    assert!(mark.insert_bulk(true).ends_with("(?99), (?100)"));
    assert_eq!(of::<Word>().insert_keyed, r#"INSERT INTO "words" ("word") VALUES (?1)"#);
}

#[test]
fn an_update_with_nothing_to_write_still_finds_its_row() {
    assert_eq!(of::<Visit>().update_by_key, r#"UPDATE "visits" SET "pk" = "pk" WHERE "pk" = ?1"#);
}

#[test]
fn a_statement_has_one_address_for_the_life_of_the_program() {
    assert!(std::ptr::eq(of::<Book>(), of::<Book>()));
    assert!(std::ptr::eq(of::<Book>().insert_bulk(true), of::<Book>().insert_bulk(true)));
}

#[test]
fn the_columns_of_inserts_and_updates_come_with_their_positions() {
    let schema = Setting::schema();
    let insert: Vec<_> = insert_columns(schema, false).map(|(i, c)| (i, c.name)).collect();
    assert_eq!(insert, [(1, "value"), (2, "weight"), (3, "created_at"), (4, "updated_at")]);
    assert_eq!(insert_columns(schema, true).next().map(|(i, c)| (i, c.name)), Some((0, "name")));
    let update: Vec<_> = update_columns(schema).map(|(i, c)| (i, c.name)).collect();
    assert_eq!(update, [(1, "value"), (2, "weight"), (4, "updated_at")]);
}

#[test]
fn a_bulk_insert_takes_a_hundred_rows_of_a_wide_model_too() {
    assert_eq!(of::<Event>().bulk_rows, 100);
    assert!(of::<Event>().insert_bulk(true).ends_with("?1999, ?2000)"));
}
