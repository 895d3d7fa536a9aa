//! A model beside the table that is in the file.

use std::fmt;

use crate::schema::{ColumnDef, ColumnRole, Schema};
use crate::sql::{Dialect, IndexPlan, Sqlite, indexes};

/// A column as the file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredColumn {
    /// Its name.
    pub name: String,
    /// The declared type, as it is written there.
    pub sql_type: String,
    /// Whether it is `NOT NULL`.
    pub not_null: bool,
    /// Whether it has a default, so that an insert may leave it out.
    pub has_default: bool,
    /// Whether it is part of the primary key.
    pub primary_key: bool,
}

/// An index as the file describes it, those behind `UNIQUE` and primary keys included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredIndex {
    /// The columns, in order.
    pub columns: Vec<String>,
    /// Whether it is unique.
    pub unique: bool,
}

/// A foreign key as the file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReference {
    /// The column.
    pub column: String,
    /// The parent's table.
    pub table: String,
    /// The action on deletion, as SQL.
    pub on_delete: String,
    /// The action on a change of the key, as SQL.
    pub on_update: String,
}

/// A table as the file describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredTable {
    /// The columns; none when there is no such table.
    pub columns: Vec<StoredColumn>,
    /// The indexes.
    pub indexes: Vec<StoredIndex>,
    /// The foreign keys.
    pub references: Vec<StoredReference>,
}

/// One way in which the table in the file is not that of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// There is no such table.
    MissingTable {
        /// The table.
        table: String,
    },
    /// The file lacks a column.
    MissingColumn {
        /// The column.
        column: String,
    },
    /// The file has a column that the model does not know.
    ExtraColumn {
        /// The column.
        column: String,
        /// Whether no insert can succeed because of it: it is `NOT NULL` and has no default.
        blocks_inserts: bool,
    },
    /// A column is declared with another type.
    ColumnType {
        /// The column.
        column: String,
        /// The model's type.
        expected: String,
        /// The file's type.
        found: String,
    },
    /// A column may be `NULL` on one side only.
    Nullability {
        /// The column.
        column: String,
        /// Whether the model allows `NULL`.
        expected_nullable: bool,
    },
    /// The primary key is another one.
    PrimaryKey {
        /// The model's key.
        expected: String,
        /// The file's key.
        found: Vec<String>,
    },
    /// An index, or a unique constraint, is not there.
    MissingIndex {
        /// The columns.
        columns: Vec<String>,
        /// Whether it should be unique.
        unique: bool,
    },
    /// A foreign key is not there, or is another one.
    ForeignKey {
        /// The column.
        column: String,
        /// What the model says.
        expected: String,
        /// What the file says.
        found: Option<String>,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::MissingTable { table } => write!(f, "the table '{table}' is not there"),
            Difference::MissingColumn { column } => write!(f, "the column '{column}' is not there"),
            Difference::ExtraColumn { column, blocks_inserts: true } => {
                write!(
                    f,
                    "the model does not know the column '{column}', which is NOT NULL and has no default: inserts fail"
                )
            }
            Difference::ExtraColumn { column, .. } => write!(f, "the model does not know the column '{column}'"),
            Difference::ColumnType { column, expected, found } => {
                write!(f, "the column '{column}' is {found}, and {expected} in the model")
            }
            Difference::Nullability { column, expected_nullable: true } => {
                write!(f, "the column '{column}' is NOT NULL, and may be NULL in the model")
            }
            Difference::Nullability { column, .. } => {
                write!(f, "the column '{column}' may be NULL, and is NOT NULL in the model")
            }
            Difference::PrimaryKey { expected, found } => {
                write!(f, "the primary key is ({}), and '{expected}' in the model", found.join(", "))
            }
            Difference::MissingIndex { columns, unique } => {
                write!(f, "there is no {}index over ({})", if *unique { "unique " } else { "" }, columns.join(", "))
            }
            Difference::ForeignKey { column, expected, found } => match found {
                Some(found) => write!(f, "the column '{column}' refers to {found}, and to {expected} in the model"),
                None => write!(f, "the column '{column}' refers to nothing, and to {expected} in the model"),
            },
        }
    }
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// Every difference between a model and the table in the file.
pub fn differences(schema: &'static Schema, stored: &StoredTable) -> Vec<Difference> {
    if stored.columns.is_empty() {
        return vec![Difference::MissingTable { table: schema.table.to_owned() }];
    }
    let mut out = Vec::new();
    let key = schema.key().name;
    let found: Vec<_> = stored.columns.iter().filter(|c| c.primary_key).map(|c| c.name.clone()).collect();
    if !(found.len() == 1 && same(&found[0], key)) {
        out.push(Difference::PrimaryKey { expected: key.to_owned(), found });
    }
    for column in schema.columns {
        match stored.columns.iter().find(|s| same(&s.name, column.name)) {
            None => out.push(Difference::MissingColumn { column: column.name.to_owned() }),
            Some(found) => column_differences(column, found, &mut out),
        }
        if let Some(reference) = column.references {
            let parent = (reference.target)();
            let action = |a| Sqlite.action(a).to_owned();
            let (on_delete, on_update) = (action(reference.on_delete), action(reference.on_update));
            let found = stored.references.iter().find(|r| same(&r.column, column.name));
            let right = |r: &StoredReference| {
                same(&r.table, parent.table) && r.on_delete == on_delete && r.on_update == on_update
            };
            if !found.is_some_and(right) {
                let describe = |table: &str, on_delete: &str, on_update: &str| {
                    format!("'{table}' (ON DELETE {on_delete} ON UPDATE {on_update})")
                };
                out.push(Difference::ForeignKey {
                    column: column.name.to_owned(),
                    expected: describe(parent.table, &on_delete, &on_update),
                    found: found.map(|r| describe(&r.table, &r.on_delete, &r.on_update)),
                });
            }
        }
    }
    for found in &stored.columns {
        if !schema.columns.iter().any(|c| same(c.name, &found.name)) {
            let blocks_inserts = found.not_null && !found.has_default && !found.primary_key;
            out.push(Difference::ExtraColumn { column: found.name.clone(), blocks_inserts });
        }
    }
    let unique_columns = schema.columns.iter().filter(|c| c.unique);
    let unique = unique_columns.map(|c| IndexPlan { name: String::new(), columns: vec![c.name], unique: true });
    for plan in unique.chain(indexes(schema)) {
        let there = stored.indexes.iter().any(|i| {
            i.unique == plan.unique
                && i.columns.len() == plan.columns.len()
                && i.columns.iter().zip(&plan.columns).all(|(a, b)| same(a, b))
        });
        if !there {
            let columns = plan.columns.iter().map(|c| (*c).to_owned()).collect();
            out.push(Difference::MissingIndex { columns, unique: plan.unique });
        }
    }
    out
}

fn column_differences(column: &ColumnDef, found: &StoredColumn, out: &mut Vec<Difference>) {
    let expected = Sqlite.sql_type(column.sql_type);
    if !same(&found.sql_type, expected) {
        out.push(Difference::ColumnType {
            column: column.name.to_owned(),
            expected: expected.to_owned(),
            found: if found.sql_type.is_empty() { "of no type".to_owned() } else { found.sql_type.clone() },
        });
    }
    // SQLite reports a whole-number key as nullable, which it is not.
    if column.role != ColumnRole::Key && found.not_null == column.nullable {
        out.push(Difference::Nullability { column: column.name.to_owned(), expected_nullable: column.nullable });
    }
}
