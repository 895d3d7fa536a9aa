//! An async SQLite ORM: derive a model, get tables, typed queries and transactions at the speed of hand-written SQLite code.
//!
//! ```
//! use sqliter_async::prelude::*;
//!
//! #[derive(Debug, Clone, DbModel)]
//! struct Book {
//!     pk: Pk<Self>,
//!     title: String,
//!     year: Option<i64>,
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<()> {
//!     let db = SqliterDb::memory().await?;
//!     db.create_table::<Book>().await?;
//!
//!     Book::builder().title("The Hobbit").year(1937).insert(&db).await?;
//!     let old = db.select::<Book>().filter(Book::YEAR.lt(1950)).order(Book::TITLE).fetch_all().await?;
//!     assert_eq!(old[0].title, "The Hobbit");
//!     Ok(())
//! }
//! ```
//!
//! Start at [`SqliterDb`], [`DbModel`](derive@DbModel) and [`Query`].

#![deny(unsafe_code)]

mod ambient;
mod backup;
mod builder;
mod bulk;
mod cache;
mod context;
mod db;
#[allow(unsafe_code, reason = "the one place that talks to SQLite's C interface")]
mod driver;
mod explain;
mod inspect;
mod output;
mod page;
mod partial;
mod project;
mod query;
mod raw;
mod records;
mod relations;
mod rows;
mod saves;
mod session;
mod sinks;
mod stream;
mod tables;
mod terminals;
mod transaction;

pub mod prelude;

pub use builder::SqliterDbBuilder;
pub use cache::{CacheOptions, CacheStats, GetOptions};
pub use db::SqliterDb;
pub use driver::{Durability, Execution, JournalMode, OnConnectFuture};
pub use page::Page;
pub use query::Query;
pub use raw::ExecResult;
pub use relations::{ForeignKey, LoadedIter, LoadedRows, ManyToMany, ReverseQuery};
pub use rows::InsertOptions;
pub use sqliter_core::{
    Aggregate, Alias, AnyOf, Assign, Assignment, Column, ColumnType, DatabaseError, DbEnum, DbModel, DbProjection,
    DbType, DecodeError, Dict, Difference, DistinctCount, EncodeError, Encoded, Error, ErrorDetail, ErrorKind, Expr,
    FieldSet, Filter, FromInput, InputOptions, IntoAssignments, IntoColumns, IntoCount, IntoFilter, IntoGroups,
    IntoJoin, IntoKey, IntoLinks, IntoOrder, IntoPrefetch, Invalid, Json, JsonColumn, JunctionInfo, KeyOperand,
    KeyType, LocItem, LookupValue, Many, ModelSet, Number, One, Operand, Opt, Order, Ordered, Params, Pk, Prefetch,
    ProjectionColumn, Relation, RelationKind, RelationPath, Result, Select, SqlType, Step, Summable, Text, ToMany,
    ToOne, ValidationError, Value, ValueRef, alias, assign, func, lookup, schema,
};
pub use sqliter_derive::{DbEnum, DbModel, DbProjection};
pub use sqlx;
pub use stream::RowStream;
pub use tables::TableOptions;
pub use transaction::{Transaction, TransactionOptions};

/// What generated code names. Not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use crate::relations::{
        ForeignKey, ForeignKeyField, ForeignKeyType, ManyToMany, ManyToManyField, Runtime, check_key, foreign_key,
        reverse_many_to_many, reverse_query,
    };
    pub use sqliter_core::schema::{Action, ColumnDef, ColumnRole, IndexDef, Reference, Schema};
    pub use sqliter_core::*;
}
