//! Tables and indexes.

use super::dialect::Dialect;
use super::writer::Writer;
use crate::schema::{ColumnRole, Schema};

/// `CREATE TABLE`, without the indexes.
pub fn create_table_sql(schema: &'static Schema, dialect: &dyn Dialect, if_not_exists: bool) -> String {
    let mut w = Writer::new(dialect, schema, false);
    w.push(if if_not_exists { "CREATE TABLE IF NOT EXISTS " } else { "CREATE TABLE " });
    w.table();
    w.push(" (");
    for (i, column) in schema.columns.iter().enumerate() {
        if i > 0 {
            w.push(", ");
        }
        w.identifier(column.name);
        w.push(" ");
        if column.role == ColumnRole::Key {
            if schema.auto_key {
                w.push(dialect.auto_key());
            } else {
                w.push(dialect.sql_type(column.sql_type));
                w.push(" PRIMARY KEY NOT NULL");
            }
            continue;
        }
        w.push(dialect.sql_type(column.sql_type));
        if !column.nullable {
            w.push(" NOT NULL");
        }
        if column.unique {
            w.push(" UNIQUE");
        }
        if let Some(default) = column.default {
            w.push(" DEFAULT ");
            w.push(default);
        }
        if let Some(check) = column.check {
            w.push(" CHECK (");
            w.push(check);
            w.push(")");
        }
    }
    for column in schema.columns {
        let Some(reference) = column.references else { continue };
        let target = (reference.target)();
        w.push(", FOREIGN KEY (");
        w.identifier(column.name);
        w.push(") REFERENCES ");
        w.identifier(target.table);
        w.push("(");
        w.identifier(target.key().name);
        w.push(") ON DELETE ");
        w.push(dialect.action(reference.on_delete));
        w.push(" ON UPDATE ");
        w.push(dialect.action(reference.on_update));
    }
    w.push(")");
    w.finish().sql
}

/// `DROP TABLE IF EXISTS`.
pub fn drop_table_sql(schema: &'static Schema, dialect: &dyn Dialect) -> String {
    let mut w = Writer::new(dialect, schema, false);
    w.push("DROP TABLE IF EXISTS ");
    w.table();
    w.finish().sql
}

/// One index that a table should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexPlan {
    /// Its name, `idx_<table>_<columns>`, with `_unique` where it is.
    pub name: String,
    /// The columns' names in the file.
    pub columns: Vec<&'static str>,
    /// Whether no two rows may agree in all of them.
    pub unique: bool,
}

/// Every index of a model: of single columns, of foreign keys, of the model itself; none twice, no name twice.
pub fn indexes(schema: &'static Schema) -> Vec<IndexPlan> {
    let single = schema
        .columns
        .iter()
        .filter(|c| c.index || c.references.is_some())
        .map(|c| (std::slice::from_ref(&c.name), false));
    let declared = schema.indexes.iter().map(|i| (i.columns, i.unique));
    let mut plans: Vec<IndexPlan> = Vec::new();
    for (columns, unique) in single.chain(declared) {
        if plans.iter().any(|p| p.columns == columns && p.unique == unique) {
            continue;
        }
        let base = format!("idx_{}_{}{}", schema.table, columns.join("_"), if unique { "_unique" } else { "" });
        // ("a_b") and ("a", "b") would share a name, and the second would be skipped in silence.
        let mut name = base.clone();
        let mut n = 2;
        while plans.iter().any(|p| p.name.eq_ignore_ascii_case(&name)) {
            name = format!("{base}_{n}");
            n += 1;
        }
        plans.push(IndexPlan { name, columns: columns.to_vec(), unique });
    }
    plans
}

/// `CREATE INDEX` under a name.
pub fn create_index_sql(schema: &'static Schema, index: &IndexPlan, name: &str, dialect: &dyn Dialect) -> String {
    let mut w = Writer::new(dialect, schema, false);
    w.push(if index.unique { "CREATE UNIQUE INDEX " } else { "CREATE INDEX " });
    w.identifier(name);
    w.push(" ON ");
    w.table();
    w.push(" (");
    for (i, column) in index.columns.iter().enumerate() {
        if i > 0 {
            w.push(", ");
        }
        w.identifier(column);
    }
    w.push(")");
    w.finish().sql
}
