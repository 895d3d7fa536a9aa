//! Tables: creating and dropping.

use std::sync::Arc;

use sqliter_core::schema::Schema;
use sqliter_core::sql::{Sqlite, Statement, create_indexes_sql, create_table_sql, drop_table_sql};
use sqliter_core::{DbModel, ModelSet, Operation, Result, Value, linked_models};

use crate::db::SqliterDb;
use crate::driver::{Connection, Job, ReadJob, RowRef, RowSink, Sql};

/// How `create_table_with` treats a table that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "options do nothing by themselves"]
pub struct TableOptions {
    exists_ok: bool,
    force: bool,
}

impl TableOptions {
    /// An existing table is left as it is.
    pub fn new() -> Self {
        TableOptions { exists_ok: true, force: false }
    }

    /// Whether an existing table is fine (the default) or an error.
    pub fn exists_ok(mut self, exists_ok: bool) -> Self {
        self.exists_ok = exists_ok;
        self
    }

    /// Drops an existing table, and its rows, first.
    pub fn force(mut self, force: bool) -> Self {
        self.force = force;
        self
    }
}

impl Default for TableOptions {
    fn default() -> Self {
        TableOptions::new()
    }
}

struct Create {
    schemas: Vec<&'static Schema>,
    options: TableOptions,
}

fn run(connection: &mut Connection, sql: &str, operation: Operation, table: &str) -> Result<()> {
    connection
        .execute(Sql::Text(sql), &[] as &[Value])
        .map(drop)
        .map_err(|e| e.into_error(|cause| operation.error(table, cause)))
}

impl Job for Create {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        let (schemas, options) = (&self.schemas, self.options);
        let failed = |cause| Operation::CreateTable.error(schemas.first().map_or("", |s| s.table), cause);
        connection.atomically(failed, |connection| {
            for schema in schemas {
                if options.force {
                    run(connection, &drop_table_sql(schema, &Sqlite), Operation::CreateTable, schema.table)?;
                }
                let create = create_table_sql(schema, &Sqlite, options.exists_ok);
                run(connection, &create, Operation::CreateTable, schema.table)?;
                for index in create_indexes_sql(schema, &Sqlite) {
                    run(connection, &index, Operation::CreateTable, schema.table)?;
                }
            }
            Ok(())
        })
    }
}

struct Drop {
    schema: &'static Schema,
}

impl Job for Drop {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        run(connection, &drop_table_sql(self.schema, &Sqlite), Operation::DropTable, self.schema.table)
    }
}

/// Parents before children; the order given otherwise. Tables that refer to each other in a circle keep their order, which
/// SQLite allows.
fn sorted(schemas: Vec<&'static Schema>) -> Vec<&'static Schema> {
    fn visit(
        schema: &'static Schema,
        all: &[&'static Schema],
        seen: &mut Vec<&'static str>,
        out: &mut Vec<&'static Schema>,
    ) {
        if seen.contains(&schema.table) {
            return;
        }
        seen.push(schema.table);
        for reference in schema.columns.iter().filter_map(|c| c.references) {
            let parent = (reference.target)();
            if all.iter().any(|s| s.table == parent.table) {
                visit(parent, all, seen, out);
            }
        }
        out.push(schema);
    }
    let (mut seen, mut out) = (Vec::new(), Vec::new());
    for schema in &schemas {
        visit(schema, &schemas, &mut seen, &mut out);
    }
    out
}

struct Names(Vec<String>);

impl RowSink for Names {
    fn row(&mut self, row: &RowRef<'_>) -> Result<()> {
        use sqliter_core::Row;
        if let Value::Text(name) = row.value(0).to_value() {
            self.0.push(name);
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

impl SqliterDb {
    async fn create(&self, schemas: Vec<&'static Schema>, options: TableOptions) -> Result<()> {
        let job = Create { schemas: sorted(schemas), options };
        self.engine().await?.write(job).await.map(drop)
    }

    /// Creates a model's table and its indexes, unless they are there.
    ///
    /// SQL: `CREATE TABLE IF NOT EXISTS "books" ("pk" INTEGER PRIMARY KEY AUTOINCREMENT, ..)`.
    ///
    /// # Errors
    /// [`Error::TableCreation`](crate::Error::TableCreation); then neither table nor index was created.
    pub async fn create_table<M: DbModel>(&self) -> Result<()> {
        self.create(vec![M::schema()], TableOptions::new()).await
    }

    /// Creates a model's table and its indexes, with options.
    ///
    /// # Errors
    /// [`Error::TableCreation`](crate::Error::TableCreation), also when the table exists and `exists_ok(false)` was asked.
    pub async fn create_table_with<M: DbModel>(&self, options: TableOptions) -> Result<()> {
        self.create(vec![M::schema()], options).await
    }

    /// Creates the tables of several models in one transaction, parents first whatever the order given.
    ///
    /// # Errors
    /// [`Error::TableCreation`](crate::Error::TableCreation); then none was created.
    pub async fn create_tables<S: ModelSet>(&self) -> Result<()> {
        self.create(S::schemas(), TableOptions::new()).await
    }

    /// Creates the tables of every model that is linked into this program and belongs to no database group.
    ///
    /// A library's models are linked only when the program names something of it: `use that_library as _;` is enough.
    ///
    /// # Errors
    /// [`Error::TableCreation`](crate::Error::TableCreation); then none was created.
    pub async fn create_all(&self) -> Result<()> {
        self.create(linked_models().filter(|s| s.database.is_none()).collect(), TableOptions::new()).await
    }

    /// Drops a model's table with its rows and indexes. A table that is not there is no error.
    ///
    /// SQL: `DROP TABLE IF EXISTS "books"`.
    ///
    /// # Errors
    /// [`Error::TableDeletion`](crate::Error::TableDeletion), [`Error::ForeignKeyConstraint`](crate::Error::ForeignKeyConstraint) when rows of other tables still refer to it.
    pub async fn drop_table<M: DbModel>(&self) -> Result<()> {
        self.engine().await?.write(Drop { schema: M::schema() }).await.map(drop)
    }

    /// The names of the tables in the file, in order of creation.
    ///
    /// # Errors
    /// [`Error::RecordFetch`](crate::Error::RecordFetch).
    pub async fn table_names(&self) -> Result<Vec<String>> {
        // GLOB, not LIKE: to LIKE the underscore is any character, and `sqliter_data` would be hidden.
        const SQL: &str =
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY rowid";
        let job = ReadJob { fixed: Some(SQL), statement: Arc::new(Statement::default()), table: "sqlite_master" };
        Ok(self.engine().await?.fetch(job, Names(Vec::new())).await?.0)
    }
}
