//! Tables and indexes.

use crate::fixtures::{Author, Book, Mark, Odd, Setting, Visit, Word};
use sqliter_core::schema::ColumnRole;
use sqliter_core::sql::{Sqlite, create_index_sql, create_table_sql, drop_table_sql, indexes};
use sqliter_core::{DbModel, ModelSet};

fn create_indexes<M: DbModel>() -> Vec<String> {
    indexes(M::schema()).iter().map(|i| create_index_sql(M::schema(), i, &i.name, &Sqlite)).collect()
}

fn create<M: DbModel>() -> String {
    create_table_sql(M::schema(), &Sqlite, false)
}

#[test]
fn a_table_has_its_key_first_and_every_column_with_its_constraints() {
    assert_eq!(
        create::<Book>(),
        concat!(
            r#"CREATE TABLE "books" ("pk" INTEGER PRIMARY KEY AUTOINCREMENT, "#,
            r#""created_at" INTEGER NOT NULL, "updated_at" INTEGER NOT NULL, "#,
            r#""title" TEXT NOT NULL, "isbn" TEXT NOT NULL UNIQUE, "year" INTEGER, "#,
            r#""price" REAL NOT NULL DEFAULT 9.5 CHECK (price >= 0), "in_print" INTEGER NOT NULL DEFAULT 1, "#,
            r#""stock" INTEGER NOT NULL, "blurb" TEXT, "pin" INTEGER NOT NULL, "phrase" TEXT, "#,
            r#""author_id" INTEGER NOT NULL, "editor_id" INTEGER, "part_of" INTEGER, "#,
            r#"FOREIGN KEY ("author_id") REFERENCES "authors"("pk") ON DELETE CASCADE ON UPDATE NO ACTION, "#,
            r#"FOREIGN KEY ("editor_id") REFERENCES "authors"("pk") ON DELETE SET NULL ON UPDATE CASCADE, "#,
            r#"FOREIGN KEY ("part_of") REFERENCES "books"("pk") ON DELETE RESTRICT ON UPDATE SET NULL)"#,
        )
    );
}

#[test]
fn a_key_that_the_caller_gives_is_a_plain_primary_key() {
    assert_eq!(
        create::<Setting>(),
        concat!(
            r#"CREATE TABLE "settings" ("name" TEXT PRIMARY KEY NOT NULL, "value" TEXT, "weight" INTEGER NOT NULL, "#,
            r#""created_at" INTEGER NOT NULL, "updated_at" INTEGER NOT NULL)"#,
        )
    );
}

#[test]
fn names_are_quoted_and_quotes_in_them_doubled() {
    assert_eq!(
        create::<Odd>(),
        concat!(
            r#"CREATE TABLE "or""der" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "from" TEXT NOT NULL, "#,
            r#""gro""up" TEXT NOT NULL, "made" INTEGER NOT NULL, "made__in" INTEGER NOT NULL, "#,
            r#""second" INTEGER NOT NULL, "first" INTEGER NOT NULL, "a_b" INTEGER NOT NULL, "a" INTEGER NOT NULL, "#,
            r#""b" INTEGER NOT NULL, "b_c" INTEGER NOT NULL, "C" INTEGER NOT NULL)"#,
        )
    );
}

#[test]
fn a_model_may_be_nothing_but_its_key() {
    assert_eq!(create::<Mark>(), r#"CREATE TABLE "marks" ("pk" INTEGER PRIMARY KEY AUTOINCREMENT)"#);
    assert_eq!(create::<Word>(), r#"CREATE TABLE "words" ("word" TEXT PRIMARY KEY NOT NULL)"#);
}

#[test]
fn a_table_can_be_created_only_if_it_is_not_there() {
    assert_eq!(
        create_table_sql(Mark::schema(), &Sqlite, true),
        r#"CREATE TABLE IF NOT EXISTS "marks" ("pk" INTEGER PRIMARY KEY AUTOINCREMENT)"#
    );
}

#[test]
fn the_model_knows_its_own_statement_table_and_key() {
    assert_eq!(Book::create_table_sql(), create::<Book>());
    assert_eq!(Odd::table_name(), "or\"der");
    assert_eq!(Odd::primary_key(), "id");
}

#[test]
fn a_table_is_dropped_if_it_is_there() {
    assert_eq!(drop_table_sql(Book::schema(), &Sqlite), r#"DROP TABLE IF EXISTS "books""#);
    assert_eq!(drop_table_sql(Odd::schema(), &Sqlite), r#"DROP TABLE IF EXISTS "or""der""#);
}

#[test]
fn columns_references_and_the_model_have_indexes_none_of_them_twice() {
    assert_eq!(
        create_indexes::<Book>(),
        [
            r#"CREATE INDEX "idx_books_title" ON "books" ("title")"#,
            r#"CREATE INDEX "idx_books_author_id" ON "books" ("author_id")"#,
            r#"CREATE INDEX "idx_books_editor_id" ON "books" ("editor_id")"#,
            r#"CREATE INDEX "idx_books_part_of" ON "books" ("part_of")"#,
            r#"CREATE INDEX "idx_books_author_id_year" ON "books" ("author_id", "year")"#,
            r#"CREATE UNIQUE INDEX "idx_books_title_author_id_unique" ON "books" ("title", "author_id")"#,
        ]
    );
}

#[test]
fn indexes_that_would_share_a_name_are_numbered() {
    assert_eq!(
        create_indexes::<Odd>(),
        [
            r#"CREATE INDEX "idx_or""der_a_b" ON "or""der" ("a_b")"#,
            r#"CREATE INDEX "idx_or""der_a_b_2" ON "or""der" ("a", "b")"#,
            r#"CREATE UNIQUE INDEX "idx_or""der_a_b_unique" ON "or""der" ("a_b")"#,
            r#"CREATE UNIQUE INDEX "idx_or""der_a_b_unique_2" ON "or""der" ("a", "b")"#,
            r#"CREATE INDEX "idx_or""der_a_b_c" ON "or""der" ("a", "b_c")"#,
            r#"CREATE INDEX "idx_or""der_a_b_C_2" ON "or""der" ("a_b", "C")"#,
        ]
    );
}

#[test]
fn an_index_plan_says_its_columns_and_whether_it_is_unique() {
    let plans = indexes(Book::schema());
    let unique: Vec<_> = plans.iter().filter(|p| p.unique).collect();
    assert_eq!(unique.len(), 1);
    assert_eq!(unique[0].columns, ["title", "author_id"]);
    assert_eq!(indexes(Author::schema()), []);
}

#[test]
fn a_schema_finds_columns_by_field_and_by_role() {
    let schema = Book::schema();
    assert_eq!(schema.field("editor").unwrap().name, "editor_id");
    assert!(schema.field("editor_id").is_none());
    assert_eq!(schema.role(ColumnRole::UpdatedAt).unwrap().name, "updated_at");
    assert!(Visit::schema().role(ColumnRole::UpdatedAt).is_none());
    assert_eq!(Odd::schema().key().name, "id");
    assert_eq!(Setting::schema().database, Some("config"));
}

#[test]
fn a_tuple_of_models_gives_their_schemas_in_order() {
    let tables: Vec<_> = <(Book, Author, Mark)>::schemas().iter().map(|s| s.table).collect();
    assert_eq!(tables, ["books", "authors", "marks"]);
}
