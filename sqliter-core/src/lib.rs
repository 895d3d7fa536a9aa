//! The plan half of SQLiter: what a model *is* and what a statement *says*.
//!
//! Model metadata, values and type codecs, typed columns and filters, query plans, SQL rendering behind a dialect, DDL and
//! errors. No I/O and no runtime: `sqliter-async` executes what is planned here, and is the crate to depend on.

#![forbid(unsafe_code)]

mod builder;
mod difference;
mod error;
mod expr;
mod input;
mod key;
mod model;
pub mod plan;
pub mod schema;
pub mod sql;
mod suggest;
mod types;
mod validation;
mod value;

#[doc(hidden)]
pub use builder::{Set, Unset};
pub use difference::{Difference, StoredColumn, StoredIndex, StoredReference, StoredTable, differences};
pub use error::{DatabaseError, Error, ErrorKind, Operation, Result};
pub use expr::{
    Assign, Assignment, Column, Expr, Filter, IntoAssignments, IntoColumns, IntoFilter, IntoOrder, LookupValue,
    Operand, Order, Rhs, assign, lookup, node,
};
pub use input::{FromInput, InputOptions, Invalid};
pub use key::{IntoKey, Key, KeyType, Pk, PrimaryKey};
pub use model::{
    DbModel, ModelEntry, ModelSet, Row, accepts, accepts_json, accepts_json_opt, linked_models, read_column, read_json,
    read_json_opt,
};
pub use schema::Schema;
pub use types::{
    ColumnType, Dated, DbEnum, DbType, DecodeError, EncodeError, Encoding, Json, Kind, Literal, ManagedTime, Nullable,
    Number, Ordered, SqlType, Store, Temporal, Text, decode_json, encode_json,
};
pub use validation::{ErrorDetail, LocItem, ValidationError};
pub use value::{Encoded, Value, ValueRef};

#[doc(hidden)]
pub use input::{ModelInput, Part, Probe, SchemaPart, ViaInput, ViaSerde, enum_input, enum_schema};
#[doc(hidden)]
pub use inventory;
#[doc(hidden)]
pub use serde_json;
#[doc(hidden)]
pub use validation::{
    Bound, Check, Choices, Items, Pattern, Reader, RuleItems, RuleLength, RuleNumber, RuleText, Rules, Tidy, View,
    check_model, check_stored, check_stored_json, check_stored_json_opt, check_stored_value, prepare_field,
    prepare_model, prepare_models, tidy_columns,
};
