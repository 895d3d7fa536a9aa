//! Everything that an application usually names: `use sqliter_async::prelude::*;`.

pub use crate::{
    DbEnum, DbModel, DbProjection, DbType, Dict, Error, ErrorKind, Filter, ForeignKey, InsertOptions, Json, ManyToMany,
    Page, Pk, Query, Result, RowStream, SqliterDb, TableOptions, Transaction, TransactionOptions, Value, assign,
    lookup, params,
};
