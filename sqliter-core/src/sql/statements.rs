//! The fixed statements of a model: rendered once, then found by address.

use std::sync::OnceLock;

use super::dialect::Dialect;
use super::sqlite::Sqlite;
use super::writer::Writer;
use crate::schema::{ColumnDef, ColumnRole, Schema};

/// Rows of one multi-row `INSERT`.
const BULK_ROWS: usize = 100;

/// The statements of a model that take no plan.
#[derive(Debug)]
pub struct Statements {
    /// The declared columns of the row with a key.
    pub select_by_key: String,
    /// One row whose key the database hands out.
    pub insert_auto: String,
    /// One row with its key.
    pub insert_keyed: String,
    /// The columns of an update, then the key.
    pub update_by_key: String,
    /// The row with a key.
    pub delete_by_key: String,
    /// How many rows the multi-row inserts take.
    pub bulk_rows: usize,
    bulk_auto: OnceLock<String>,
    bulk_keyed: OnceLock<String>,
    schema: &'static Schema,
}

/// The columns that an insert writes, with or without the key.
/// Each comes with its position in the schema.
pub fn insert_columns(schema: &'static Schema, keyed: bool) -> impl Iterator<Item = (usize, &'static ColumnDef)> {
    schema.columns.iter().enumerate().filter(move |(_, c)| keyed || c.role != ColumnRole::Key)
}

/// The columns that an update by key writes: all but the key and the time of insertion.
pub fn update_columns(schema: &'static Schema) -> impl Iterator<Item = (usize, &'static ColumnDef)> {
    schema.columns.iter().enumerate().filter(|(_, c)| !matches!(c.role, ColumnRole::Key | ColumnRole::CreatedAt))
}

/// The fixed statements of a model.
pub fn statements(schema: &'static Schema) -> &'static Statements {
    schema.statements.get_or_init(|| Statements::render(schema, &Sqlite))
}

impl Statements {
    fn render(schema: &'static Schema, dialect: &dyn Dialect) -> Self {
        let by_key = |w: &mut Writer<'_>, n: usize| {
            w.push(" WHERE ");
            w.identifier(schema.key().name);
            w.push(" = ");
            w.placeholder(n);
        };

        let mut select = Writer::new(dialect, schema, false);
        select.push("SELECT ");
        select.columns(schema.declared());
        select.push(" FROM ");
        select.table();
        by_key(&mut select, 1);

        let mut update = Writer::new(dialect, schema, false);
        update.push("UPDATE ");
        update.table();
        update.push(" SET ");
        let mut n = 0;
        for (_, column) in update_columns(schema) {
            n += 1;
            if n > 1 {
                update.push(", ");
            }
            update.identifier(column.name);
            update.push(" = ");
            update.placeholder(n);
        }
        if n == 0 {
            // A model of nothing but its key: the statement still tells whether the row is there.
            update.identifier(schema.key().name);
            update.push(" = ");
            update.identifier(schema.key().name);
        }
        by_key(&mut update, n + 1);

        let mut delete = Writer::new(dialect, schema, false);
        delete.push("DELETE FROM ");
        delete.table();
        by_key(&mut delete, 1);

        let columns = schema.columns.len().max(1);
        Statements {
            select_by_key: select.finish().sql,
            insert_auto: insert(schema, dialect, false, 1),
            insert_keyed: insert(schema, dialect, true, 1),
            update_by_key: update.finish().sql,
            delete_by_key: delete.finish().sql,
            bulk_rows: BULK_ROWS.min(dialect.max_parameters() / columns).max(1),
            bulk_auto: OnceLock::new(),
            bulk_keyed: OnceLock::new(),
            schema,
        }
    }

    /// [`bulk_rows`](Self::bulk_rows) rows at once, with or without their keys.
    pub fn insert_bulk(&'static self, keyed: bool) -> &'static str {
        let cell = if keyed { &self.bulk_keyed } else { &self.bulk_auto };
        cell.get_or_init(|| insert(self.schema, &Sqlite, keyed, self.bulk_rows))
    }

    /// One row, with or without its key.
    pub fn insert(&'static self, keyed: bool) -> &'static str {
        if keyed { &self.insert_keyed } else { &self.insert_auto }
    }
}

pub(super) fn insert(schema: &'static Schema, dialect: &dyn Dialect, keyed: bool, rows: usize) -> String {
    let columns = insert_columns(schema, keyed).count();
    let mut w = Writer::new(dialect, schema, false);
    w.push("INSERT INTO ");
    w.table();
    if columns == 0 {
        // The one column is the key: NULL asks for the next one.
        w.push(" (");
        w.identifier(schema.key().name);
        w.push(") VALUES ");
        w.push(&vec!["(NULL)"; rows].join(", "));
        return w.finish().sql;
    }
    w.push(" (");
    w.columns(insert_columns(schema, keyed).map(|(_, c)| c));
    w.push(") VALUES ");
    let mut values = String::new();
    for row in 0..rows {
        values.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            if column > 0 {
                values.push_str(", ");
            }
            dialect.placeholder(&mut values, row * columns + column + 1);
        }
        values.push(')');
    }
    w.push(&values);
    w.finish().sql
}
