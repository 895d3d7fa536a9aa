//! What the file says about its tables.

use sqliter_core::{
    DatabaseError, DbModel, Difference, Error, ErrorKind, Operation, Result, Row, Schema, StoredColumn, StoredIndex,
    StoredReference, StoredTable, Value, differences,
};

use crate::db::SqliterDb;
use crate::driver::{Connection, Job, RowRef, Sql};

/// Runs a question of one parameter about the schema.
fn ask(
    connection: &mut Connection,
    sql: &'static str,
    name: &str,
    row: &mut dyn FnMut(&RowRef<'_>) -> Result<()>,
) -> Result<()> {
    let failed = |cause: DatabaseError| Operation::Fetch.error(name, cause);
    connection.quietly(|c| c.query(Sql::Static(sql), &[Value::from(name)], row)).map_err(|e| e.into_error(failed))
}

fn text(row: &RowRef<'_>, index: usize) -> String {
    match row.value(index).to_value() {
        Value::Text(text) => text,
        _ => String::new(),
    }
}

fn truth(row: &RowRef<'_>, index: usize) -> bool {
    !matches!(row.value(index).to_value(), Value::Int(0) | Value::Null)
}

/// `table`, `view`, or `None` where nothing has this name.
pub(crate) fn kind(connection: &mut Connection, table: &str) -> Result<Option<String>> {
    let mut kind = None;
    let sql = "SELECT type FROM sqlite_master WHERE name = ?1 COLLATE NOCASE AND type IN ('table', 'view')";
    ask(connection, sql, table, &mut |row| {
        kind = Some(text(row, 0));
        Ok(())
    })?;
    Ok(kind)
}

/// Whether an index has this name.
pub(crate) fn index_exists(connection: &mut Connection, name: &str) -> Result<bool> {
    let mut exists = false;
    let sql = "SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?1 COLLATE NOCASE";
    ask(connection, sql, name, &mut |_| {
        exists = true;
        Ok(())
    })?;
    Ok(exists)
}

/// The tables with rows that refer to this one, but for its own.
fn referring(connection: &mut Connection, table: &str) -> Result<Vec<String>> {
    let mut keys = Vec::new();
    let sql = "SELECT DISTINCT m.name, f.\"from\" FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f \
               WHERE m.type = 'table' AND f.\"table\" = ?1 COLLATE NOCASE AND m.name <> ?1 COLLATE NOCASE ORDER BY m.name";
    ask(connection, sql, table, &mut |row| {
        keys.push((text(row, 0), text(row, 1)));
        Ok(())
    })?;
    let mut tables = Vec::new();
    for (name, column) in keys {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let sql = format!("SELECT 1 FROM {} WHERE {} IS NOT NULL LIMIT 1", quoted(&name), quoted(&column));
        let mut found = false;
        let mut row = |_: &RowRef<'_>| {
            found = true;
            Ok(())
        };
        connection
            .quietly(|c| c.query(Sql::Text(&sql), &[] as &[Value; 0], &mut row))
            .map_err(|e| e.into_error(|cause| Operation::Fetch.error(&name, cause)))?;
        if found && !tables.contains(&name) {
            tables.push(name);
        }
    }
    Ok(tables)
}

/// Every table with foreign keys, and a table that they refer to.
pub(crate) fn references(connection: &mut Connection) -> Result<Vec<(String, String)>> {
    let mut references = Vec::new();
    let sql = "SELECT DISTINCT m.name, f.\"table\" FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f \
               WHERE m.type = ?1 AND m.sql NOT LIKE 'CREATE VIRTUAL%'";
    ask(connection, sql, "table", &mut |row| {
        references.push((text(row, 0), text(row, 1)));
        Ok(())
    })?;
    Ok(references)
}

/// Refuses to drop a table while rows of others refer to it. SQLite itself would delete those whose keys cascade.
pub(crate) fn check_unused(connection: &mut Connection, table: &str) -> Result<()> {
    let referring = referring(connection, table)?;
    if referring.is_empty() {
        return Ok(());
    }
    let quoted: Vec<_> = referring.iter().map(|t| format!("'{t}'")).collect();
    let problem = format!("is still referred to by rows of {}: drop or empty that first", quoted.join(", ")).into();
    let message = "rows of other tables refer to the table".to_owned();
    let cause = Box::new(DatabaseError { kind: ErrorKind::ForeignKey, code: None, message });
    Err(Error::ForeignKeyConstraint { action: "delete", table: table.to_owned(), problem, cause })
}

/// A table as the file describes it.
pub(crate) fn describe(connection: &mut Connection, table: &str) -> Result<StoredTable> {
    let mut stored = StoredTable::default();
    let sql = "SELECT name, type, \"notnull\", dflt_value IS NOT NULL, pk FROM pragma_table_info(?1)";
    ask(connection, sql, table, &mut |row| {
        stored.columns.push(StoredColumn {
            name: text(row, 0),
            sql_type: text(row, 1),
            not_null: truth(row, 2),
            has_default: truth(row, 3),
            primary_key: truth(row, 4),
        });
        Ok(())
    })?;
    let mut indexes = Vec::new();
    // A partial index does not serve every row.
    let sql = "SELECT name, \"unique\" FROM pragma_index_list(?1) WHERE partial = 0";
    ask(connection, sql, table, &mut |row| {
        indexes.push((text(row, 0), truth(row, 1)));
        Ok(())
    })?;
    for (name, unique) in indexes {
        let mut columns = Vec::new();
        ask(connection, "SELECT name FROM pragma_index_info(?1) ORDER BY seqno", &name, &mut |row| {
            columns.push(text(row, 0));
            Ok(())
        })?;
        stored.indexes.push(StoredIndex { columns, unique });
    }
    let sql = "SELECT \"from\", \"table\", on_delete, on_update FROM pragma_foreign_key_list(?1)";
    ask(connection, sql, table, &mut |row| {
        stored.references.push(StoredReference {
            column: text(row, 0),
            table: text(row, 1),
            on_delete: text(row, 2),
            on_update: text(row, 3),
        });
        Ok(())
    })?;
    Ok(stored)
}

struct Check {
    schema: &'static Schema,
    found: Vec<Difference>,
}

impl Job for Check {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        let stored = describe(connection, self.schema.table)?;
        self.found = differences(self.schema, &stored);
        Ok(())
    }
}

impl SqliterDb {
    /// In what the table in the file differs from the model: columns, types, `NOT NULL`, indexes, foreign keys. Nothing when
    /// they agree; a missing table is one difference.
    ///
    /// ```
    /// # use sqliter_async::prelude::*;
    /// # #[derive(Debug, Clone, DbModel)]
    /// # struct User { pk: Pk<Self>, name: String }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let db = SqliterDb::memory().await?;
    /// assert_eq!(db.check::<User>().await?[0].to_string(), "the table 'users' is not there");
    /// db.create_table::<User>().await?;
    /// assert!(db.check::<User>().await?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::RecordFetch`].
    pub async fn check<M: DbModel>(&self) -> Result<Vec<Difference>> {
        let job = Check { schema: M::schema(), found: Vec::new() };
        Ok(self.reading().await?.read(job).await?.found)
    }
}
