//! Everything that an application usually names: `use sqliter_async::prelude::*;`.

pub use crate::{
    CacheOptions, DbEnum, DbModel, DbType, Dict, Error, ErrorKind, Filter, ForeignKey, GetOptions, InsertOptions, Json,
    ManyToMany, Page, Pk, Query, Result, SqliterDb, TableOptions, Transaction, TransactionOptions, Value, alias,
    assign, func, lookup,
};
