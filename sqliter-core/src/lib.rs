//! The plan half of SQLiter: what a model *is* and what a statement *says*.
//!
//! Model metadata, values and type codecs, typed columns and filters, query plans, SQL rendering behind a dialect, DDL and
//! errors. No I/O and no runtime: `sqliter-async` executes what is planned here, and is the crate to depend on.

#![forbid(unsafe_code)]

mod builder;
mod copies;
mod dict;
mod difference;
mod error;
mod expr;
mod input;
mod key;
mod links;
mod model;
mod origin;
mod params;
pub mod plan;
mod projection;
mod regexp;
mod relation;
pub mod schema;
pub mod sql;
mod suggest;
mod types;
mod validation;
mod value;

#[doc(hidden)]
pub use builder::{Set, Unset};
#[doc(hidden)]
pub use copies::{cloned_apart, share};
#[doc(hidden)]
pub use dict::Columns;
pub use dict::Dict;
pub use difference::{Difference, StoredColumn, StoredIndex, StoredReference, StoredTable, differences};
pub use error::{DatabaseError, Error, ErrorKind, Operation, Result};
pub use expr::{
    Aggregate, Alias, AnyOf, Assign, Assignment, Column, DistinctCount, Expr, FieldSet, Filter, IntoAssignments,
    IntoColumns, IntoCount, IntoFilter, IntoGroups, IntoJoin, IntoOrder, IntoPrefetch, JsonColumn, KeyOperand,
    LookupValue, Many, One, Operand, Opt, Order, Prefetch, Relation, RelationKind, RelationPath, Rhs, Select, Step,
    Summable, ToMany, ToOne, alias, assign, func, lookup, node,
};
#[doc(hidden)]
pub use expr::{Fields, FromPath, KeyField, NoModel, excluded, read_value};
pub use input::{FromInput, InputOptions, Invalid};
pub use key::{IntoKey, Key, KeyType, Pk, PrimaryKey};
pub use links::IntoLinks;
#[doc(hidden)]
pub use links::Links;
#[doc(hidden)]
pub use model::WholeRows;
pub use model::{
    DbModel, ModelEntry, ModelSet, Row, accepts, accepts_json, accepts_json_opt, linked_models, read_column, read_json,
    read_json_opt,
};
#[doc(hidden)]
pub use origin::{Origin, Related, RelatedRows};
pub use params::{Params, ToParam};
pub use projection::{
    DbProjection, ProjectionColumn, ProjectionSource, projected, projected_json, projected_json_opt, projected_model,
    sources,
};
#[doc(hidden)]
pub use regexp::regexp;
pub use relation::{Hop, Junction, JunctionInfo, Link, RelationDef};
pub use schema::Schema;
#[doc(hidden)]
pub use suggest::hint;
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
pub use serde_json;
#[doc(hidden)]
#[cfg(feature = "uuid")]
pub use uuid;
#[doc(hidden)]
pub use validation::{
    Bound, Check, Choices, Items, Pattern, Reader, RuleItems, RuleLength, RuleNumber, RuleText, Rules, Tidy, View,
    check_model, check_stored, check_stored_json, check_stored_json_opt, check_stored_value, prepare_field,
    prepare_model, prepare_models, tidy_columns,
};
