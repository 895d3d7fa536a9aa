//! The static description of a model: what the derive writes down and everything else reads.
//!
//! Knows names, types and constraints; knows neither values nor statements. The SQL of a model's fixed statements is kept
//! here once it has been rendered, so that it has one address for the life of the program.

use std::fmt;
use std::sync::OnceLock;

use crate::relation::{Hop, Junction, RelationDef};
use crate::sql::Statements;
use crate::types::{DecodeError, Encoding, Kind, SqlType, Store};
use crate::validation::Rules;
use crate::value::ValueRef;

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnRole {
    /// The primary key.
    Key,
    /// The managed time of insertion.
    CreatedAt,
    /// The managed time of the last write.
    UpdatedAt,
    /// Any other column.
    Plain,
}

/// What happens to a row whose parent is deleted or changes its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Action {
    /// The row goes (or follows) too.
    Cascade,
    /// The key becomes `NULL`.
    SetNull,
    /// The parent cannot go.
    #[default]
    Restrict,
    /// As `Restrict`, checked at the end of the statement.
    NoAction,
}

/// The parent that a column refers to.
#[derive(Debug, Clone, Copy)]
pub struct Reference {
    /// The parent's description.
    pub target: fn() -> &'static Schema,
    /// On deletion of the parent.
    pub on_delete: Action,
    /// On a change of the parent's key.
    pub on_update: Action,
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub struct ColumnDef {
    /// The field's name in Rust.
    pub field: &'static str,
    /// The column's name in the file.
    pub name: &'static str,
    /// The type it is declared with.
    pub sql_type: SqlType,
    /// How its values are written.
    pub store: Store,
    /// Whether it may be `NULL`.
    pub nullable: bool,
    /// What it is for.
    pub role: ColumnRole,
    /// Whether the struct has a field for it: the managed timestamps exist without one.
    pub declared: bool,
    /// Whether no two rows may have the same value.
    pub unique: bool,
    /// Whether it has an index of its own.
    pub index: bool,
    /// Its default, as a SQL literal.
    pub default: Option<&'static str>,
    /// Its `CHECK`, as SQL.
    pub check: Option<&'static str>,
    /// Whether its values stay out of logs.
    pub redact: bool,
    /// The parent it refers to.
    pub references: Option<Reference>,
    /// What its values are, where queries treat them in a way of their own.
    pub kind: Kind,
    /// Whether a stored value is one that the field can be read from.
    pub accepts: fn(ValueRef<'_>, Encoding) -> Result<(), DecodeError>,
    /// What its values must be, besides being of its type.
    pub rules: &'static Rules,
}

impl ColumnDef {
    /// A plain column: what the derive starts from.
    pub const fn new(field: &'static str, name: &'static str, sql_type: SqlType) -> Self {
        ColumnDef {
            field,
            name,
            sql_type,
            store: Store::Default,
            nullable: false,
            role: ColumnRole::Plain,
            declared: true,
            unique: false,
            index: false,
            default: None,
            check: None,
            redact: false,
            references: None,
            kind: Kind::Other,
            accepts: |_, _| Ok(()),
            rules: &Rules::NONE,
        }
    }
}

/// An index over one or several columns.
#[derive(Debug, Clone, Copy)]
pub struct IndexDef {
    /// The columns' names in the file.
    pub columns: &'static [&'static str],
    /// Whether no two rows may agree in all of them.
    pub unique: bool,
}

/// The description of one model.
pub struct Schema {
    /// The struct's name.
    pub model: &'static str,
    /// The table's name.
    pub table: &'static str,
    /// The database group: `None` unless the model names one.
    pub database: Option<&'static str>,
    /// The columns, the key first.
    pub columns: &'static [ColumnDef],
    /// The indexes beyond those of single columns.
    pub indexes: &'static [IndexDef],
    /// Whether the key is a whole number that the database hands out.
    pub auto_key: bool,
    /// The relations that the model declares.
    pub relations: &'static [RelationDef],
    /// Whether its rows refuse to load related rows one by one.
    pub strict_loading: bool,
    pub(crate) statements: OnceLock<Statements>,
    pub(crate) junctions: OnceLock<Vec<Option<Junction>>>,
    pub(crate) hops: OnceLock<Vec<Hop>>,
}

/// The model and its table: the rest leads back here, by way of its statements.
impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema").field("model", &self.model).field("table", &self.table).finish_non_exhaustive()
    }
}

impl Schema {
    /// A description: what the derive writes down.
    #[doc(hidden)]
    pub const fn new(
        model: &'static str,
        table: &'static str,
        columns: &'static [ColumnDef],
        indexes: &'static [IndexDef],
        auto_key: bool,
        database: Option<&'static str>,
    ) -> Self {
        Schema {
            model,
            table,
            database,
            columns,
            indexes,
            auto_key,
            relations: &[],
            strict_loading: false,
            statements: OnceLock::new(),
            junctions: OnceLock::new(),
            hops: OnceLock::new(),
        }
    }

    /// The same with relations.
    #[doc(hidden)]
    pub const fn with_relations(mut self, relations: &'static [RelationDef]) -> Self {
        self.relations = relations;
        self
    }

    /// The same with rows that refuse to load related rows one by one.
    #[doc(hidden)]
    pub const fn with_strict_loading(mut self) -> Self {
        self.strict_loading = true;
        self
    }

    /// The primary key.
    pub fn key(&self) -> &'static ColumnDef {
        &self.columns[0]
    }

    /// The column of a field.
    pub fn field(&self, field: &str) -> Option<&'static ColumnDef> {
        self.columns.iter().find(|c| c.field == field)
    }

    /// The column with a role, if the model has one.
    pub fn role(&self, role: ColumnRole) -> Option<&'static ColumnDef> {
        self.columns.iter().find(|c| c.role == role)
    }

    /// The columns that the struct has fields for, in the order in which rows are read.
    pub fn declared(&self) -> impl Iterator<Item = &'static ColumnDef> {
        self.columns.iter().filter(|c| c.declared)
    }
}
