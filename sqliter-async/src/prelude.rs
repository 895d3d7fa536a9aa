//! Everything that an application usually names: `use sqliter_async::prelude::*;`.

pub use crate::{
    CacheOptions, DbEnum, DbModel, DbProjection, DbType, Dict, Error, ErrorKind, Filter, ForeignKey, GetOptions,
    InsertOptions, Json, ManyToMany, Page, Pk, Query, Result, RowStream, SqliterDb, TableOptions, Transaction,
    TransactionOptions, Value, alias, assign, func, lookup, params,
};
