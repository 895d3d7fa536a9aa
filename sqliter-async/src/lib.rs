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
mod builder;
mod bulk;
mod db;
mod dict;
#[allow(unsafe_code, reason = "the one place that talks to SQLite's C interface")]
mod driver;
mod inspect;
mod page;
mod partial;
mod query;
mod records;
mod rows;
mod saves;
mod session;
mod sinks;
mod tables;
mod terminals;
mod transaction;

pub mod prelude;

pub use builder::SqliterDbBuilder;
pub use db::SqliterDb;
pub use dict::Dict;
pub use driver::{Durability, Execution, JournalMode, OnConnectFuture};
pub use page::Page;
pub use query::Query;
pub use rows::InsertOptions;
pub use sqliter_core::{
    Assign, Assignment, Column, ColumnType, DatabaseError, DbEnum, DbModel, DbType, DecodeError, Difference,
    EncodeError, Encoded, Error, ErrorDetail, ErrorKind, Expr, Filter, FromInput, InputOptions, IntoAssignments,
    IntoColumns, IntoFilter, IntoKey, IntoOrder, Invalid, Json, KeyType, LocItem, LookupValue, ModelSet, Number,
    Operand, Order, Ordered, Pk, Result, SqlType, Text, ValidationError, Value, ValueRef, assign, lookup, schema,
};
pub use sqliter_derive::{DbEnum, DbModel};
pub use sqlx;
pub use tables::TableOptions;
pub use transaction::{Transaction, TransactionOptions};

/// What generated code names. Not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use sqliter_core::schema::{Action, ColumnDef, ColumnRole, IndexDef, Reference, Schema};
    pub use sqliter_core::*;
}
