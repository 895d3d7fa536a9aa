//! The errors of the whole library.
//!
//! The variant of [`Error`] says which operation failed; [`Error::kind`] says why, in the terms of the database. The
//! engine's own codes are translated by whoever runs statements; this module only holds the outcome.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use crate::types::{DecodeError, EncodeError};
use crate::validation::ValidationError;

/// The result of everything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the database refused, independent of the operation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A unique constraint or a primary key: another row has these values already.
    Unique {
        /// The table.
        table: String,
        /// The columns of the constraint.
        columns: Vec<String>,
    },
    /// A foreign key: the referenced row does not exist, or rows still refer to this one.
    ForeignKey,
    /// `NULL` in a column that allows none.
    NotNull {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A `CHECK` constraint, with its text or name.
    Check(String),
    /// Someone else holds the database for writing.
    Busy,
    /// The table does not exist in the file.
    NoSuchTable(String),
    /// The column does not exist in the file.
    NoSuchColumn(String),
    /// The disk or the database is full.
    Full,
    /// The file, or the handle, is read-only.
    ReadOnly,
    /// The file is damaged, or not a database at all.
    Corrupt,
    /// The statement was interrupted.
    Interrupted,
    /// The operating system could not read or write.
    Io,
    /// Anything else; the message says what.
    Other,
}

/// What the database itself said: the source of an operation's error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseError {
    /// The cause.
    pub kind: ErrorKind,
    /// The engine's extended result code, where there is one.
    pub code: Option<i32>,
    /// The engine's message.
    pub message: String,
}

impl DatabaseError {
    /// An error that did not come from the engine.
    pub fn other(message: impl Into<String>) -> Self {
        DatabaseError { kind: ErrorKind::Other, code: None, message: message.into() }
    }

    fn hint(&self) -> &'static str {
        match self.kind {
            ErrorKind::NoSuchTable(_) => "; create it with `db.create_table::<Model>()`",
            ErrorKind::NoSuchColumn(_) => "; the table in the file is not the one of the model",
            ErrorKind::ReadOnly => "; the file or the handle is read-only",
            _ => "",
        }
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(code) = self.code {
            write!(f, " (code {code})")?;
        }
        f.write_str(self.hint())
    }
}

impl StdError for DatabaseError {}

type Cause = Box<DatabaseError>;

/// Everything that can go wrong.
///
/// ```
/// use sqliter_core::{DatabaseError, Error, ErrorKind};
/// # let cause = DatabaseError { kind: ErrorKind::Busy, code: None, message: "database is locked".into() };
/// let err = Error::RecordInsertion { table: "users".into(), cause: Box::new(cause) };
/// assert_eq!(err.to_string(), "Failed to insert record into table: 'users' (database is locked)");
/// assert_eq!(err.kind(), ErrorKind::Busy);
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be opened, or the handle was built without one.
    #[error("Failed to connect to the database: '{path}' ({reason})")]
    DatabaseConnection {
        /// The file.
        path: String,
        /// What went wrong.
        reason: String,
        /// What the driver said.
        #[source]
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// An option of the handle is out of range or does not go with another.
    #[error("Invalid option: {0}")]
    InvalidOption(String),
    /// A negative offset.
    #[error("Invalid offset value: '{0}'. Offset must be a positive integer.")]
    InvalidOffset(i64),
    /// An order by something that is not there.
    #[error("Invalid order value - {0}")]
    InvalidOrder(String),
    /// `create_table` failed.
    #[error("Failed to create the table: '{table}' ({cause})")]
    TableCreation {
        /// The table.
        table: String,
        /// What the database said.
        #[source]
        cause: Cause,
    },
    /// `drop_table` failed.
    #[error("Failed to delete the table: '{table}' ({cause})")]
    TableDeletion {
        /// The table.
        table: String,
        /// What the database said.
        #[source]
        cause: Cause,
    },
    /// An insert failed; nothing was written.
    #[error("Failed to insert record into table: '{table}' ({cause})")]
    RecordInsertion {
        /// The table.
        table: String,
        /// What the database said.
        #[source]
        cause: Cause,
    },
    /// An update failed; nothing was written.
    #[error("Failed to update record in table: '{table}' ({cause})")]
    RecordUpdate {
        /// The table.
        table: String,
        /// What the database said.
        #[source]
        cause: Cause,
    },
    /// No row has this key.
    #[error("Failed to find that record in the table (key '{key}') - '{table}' has no such row")]
    RecordNotFound {
        /// The table.
        table: String,
        /// The key that was looked for.
        key: String,
    },
    /// A read failed.
    #[error("Failed to fetch record from table: '{table}' ({cause})")]
    RecordFetch {
        /// The table.
        table: String,
        /// What the database said.
        #[source]
        cause: Cause,
    },
    /// A delete failed; nothing was deleted.
    #[error("Failed to delete record from table: '{table}' ({cause})")]
    RecordDeletion {
        /// The table.
        table: String,
        /// What the database said.
        #[source]
        cause: Cause,
    },
    /// A filter names something that is not there, or compares it with something it cannot hold.
    #[error("Failed to apply filter: invalid field '{field}' - {reason}")]
    InvalidFilter {
        /// The lookup or column.
        field: String,
        /// What is wrong, and the nearest right name.
        reason: String,
    },
    /// A query asks for a projection that makes no sense.
    #[error("Invalid projection query operation: {0}")]
    InvalidProjection(String),
    /// An assignment names something that is not there or may not change.
    #[error("Invalid update operation: {0}")]
    InvalidUpdate(String),
    /// A statement of the caller's failed.
    #[error("Failed to execute SQL: '{sql}' ({cause})")]
    SqlExecution {
        /// The statement.
        sql: String,
        /// What the database said.
        #[source]
        cause: Cause,
    },
    /// An index names columns that are not there.
    #[error("Invalid fields for indexing in model '{model}': {fields}")]
    InvalidIndex {
        /// The model.
        model: String,
        /// The unknown names.
        fields: String,
    },
    /// A foreign key would be violated.
    #[error("Foreign key constraint violation: Cannot {action} record - referenced record {problem} (table '{table}')")]
    ForeignKeyConstraint {
        /// `insert`, `update` or `delete`.
        action: &'static str,
        /// The table that was written to.
        table: String,
        /// Which side is missing.
        problem: Cow<'static, str>,
        /// What the database said.
        #[source]
        cause: Cause,
    },
    /// A relation path has a segment that is no relation.
    #[error(
        "Invalid relationship path '{path}': field '{segment}' is not a valid foreign key relationship on model {model}{hint}"
    )]
    InvalidRelationship {
        /// The whole path.
        path: String,
        /// The wrong segment.
        segment: String,
        /// The model that the segment was looked up on.
        model: String,
        /// The nearest right name, if there is one.
        hint: String,
    },
    /// A path to prefetch has a segment that is no relation.
    #[error(
        "Invalid prefetch path '{path}': '{segment}' is not a reverse foreign key or many-to-many relationship on model {model}{hint}"
    )]
    InvalidPrefetch {
        /// The whole path.
        path: String,
        /// The wrong segment.
        segment: String,
        /// The model that the segment was looked up on.
        model: String,
        /// The nearest right name, if there is one.
        hint: String,
    },
    /// A related row was asked for without a database, and it was not loaded before.
    #[error("The relation '{relation}' is not loaded: {hint}")]
    RelationNotLoaded {
        /// The relation, as `Book.author`.
        relation: String,
        /// How to load it.
        hint: String,
    },
    /// A relation was used on a row that does not know its database.
    #[error(
        "No database context for '{relation}': insert the row or load it from a database first, or use `db.attach(&mut row)`"
    )]
    NoDbContext {
        /// The relation, as `Book.author`.
        relation: String,
    },
    /// The links of a many-to-many relation could not be read or written; nothing was changed.
    #[error("Many-to-many error: {relation} ({cause})")]
    ManyToMany {
        /// The relation, as `Article.tags`.
        relation: String,
        /// What the database said.
        #[source]
        cause: Cause,
    },
    /// The rows of a many-to-many relation cannot be linked as they are; nothing was changed.
    #[error("Many-to-many integrity error: {0}")]
    ManyToManyIntegrity(String),
    /// A value breaks the rules of its model.
    #[error(transparent)]
    Validation(#[from] ValidationError),
    /// A value has no stored form.
    #[error("Cannot store column '{column}' of table '{table}': {source}")]
    Encode {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Why.
        source: EncodeError,
    },
    /// A stored row does not fit its model, or a value does not fit the type that is asked for.
    #[error("Cannot read {}: {source}", Place { table, key, source })]
    Decode {
        /// The table; empty for the rows of raw SQL.
        table: String,
        /// The key of the row, where it could be read.
        key: Option<String>,
        /// The column and what is wrong with it.
        source: DecodeError,
    },
    /// The handle was closed, or its last clone dropped.
    #[error("The database is closed: call `connect()` to open it again")]
    Closed,
    /// A handle, clone or guard of a transaction was used after its end.
    #[error("The transaction has ended: begin another, or use the database handle")]
    TransactionEnded,
    /// The database ended the transaction by itself, and with it everything that was done in it.
    #[error("The transaction was aborted: the database rolled it back after a failed statement; run it again")]
    TransactionAborted,
    /// A call that makes no sense where it was made.
    #[error("Invalid transaction operation: {0}")]
    InvalidTransaction(String),
    /// The wait for the writer took longer than `busy_timeout`.
    #[error("The database is busy: {0}")]
    Busy(String),
}

/// "column 'x' of table 't' (key 3)".
struct Place<'a> {
    table: &'a str,
    key: &'a Option<String>,
    source: &'a DecodeError,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.source.column, self.table) {
            (Some(column), "") => write!(f, "column '{column}'")?,
            (None, "") => f.write_str("a row")?,
            (Some(column), table) => write!(f, "column '{column}' of table '{table}'")?,
            (None, table) => write!(f, "table '{table}'")?,
        }
        match self.key {
            Some(key) => write!(f, " (key {key})"),
            None => Ok(()),
        }
    }
}

impl Error {
    /// Why it failed, in the terms of the database: [`ErrorKind::Other`] where the database had no part in it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::TableCreation { cause, .. }
            | Error::TableDeletion { cause, .. }
            | Error::RecordInsertion { cause, .. }
            | Error::RecordUpdate { cause, .. }
            | Error::RecordFetch { cause, .. }
            | Error::RecordDeletion { cause, .. }
            | Error::SqlExecution { cause, .. }
            | Error::ManyToMany { cause, .. }
            | Error::ForeignKeyConstraint { cause, .. } => cause.kind.clone(),
            Error::DatabaseConnection { source: Some(source), .. } => {
                source.downcast_ref::<DatabaseError>().map_or(ErrorKind::Other, |e| e.kind.clone())
            }
            Error::Busy(_) => ErrorKind::Busy,
            _ => ErrorKind::Other,
        }
    }
}

/// What a statement was for: decides the variant that a refusal by the database becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `CREATE TABLE` and its indexes.
    CreateTable,
    /// `DROP TABLE`.
    DropTable,
    /// `INSERT`.
    Insert,
    /// `UPDATE`.
    Update,
    /// `DELETE`.
    Delete,
    /// `SELECT`.
    Fetch,
}

impl Operation {
    /// The error of this operation on this table.
    #[cold]
    pub fn error(self, table: &str, cause: DatabaseError) -> Error {
        let table = table.to_owned();
        if cause.kind == ErrorKind::ForeignKey {
            let (action, problem) = match self {
                Operation::Insert => ("insert", "does not exist"),
                Operation::Update => ("update", "does not exist"),
                _ => ("delete", "still has records that refer to it"),
            };
            return Error::ForeignKeyConstraint { action, table, problem: problem.into(), cause: Box::new(cause) };
        }
        let cause = Box::new(cause);
        match self {
            Operation::CreateTable => Error::TableCreation { table, cause },
            Operation::DropTable => Error::TableDeletion { table, cause },
            Operation::Insert => Error::RecordInsertion { table, cause },
            Operation::Update => Error::RecordUpdate { table, cause },
            Operation::Delete => Error::RecordDeletion { table, cause },
            Operation::Fetch => Error::RecordFetch { table, cause },
        }
    }
}
