//! Everything that an application usually names: `use sqliter_async::prelude::*;`.

pub use crate::{
    DbEnum, DbModel, DbType, Error, ErrorKind, Filter, ForeignKey, InsertOptions, Json, ManyToMany, Page, Pk, Query,
    Result, SqliterDb, TableOptions, Transaction, TransactionOptions, Value, assign, lookup,
};
