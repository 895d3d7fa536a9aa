//! Single rows on a connection: what the record methods share.
//!
//! Everything here runs inside a job of the writer. The caller's model is changed only by what succeeded.

use sqliter_core::schema::{ColumnDef, ColumnRole, Schema};
use sqliter_core::sql::{insert_columns, statements, update_columns};
use sqliter_core::{DatabaseError, DbModel, EncodeError, Encoded, Error, KeyType, Operation, Pk, Result};

use crate::db::SqliterDb;
use crate::driver::{Bind, Changes, Connection, Sql, Stop};

/// How `insert_with` and `bulk_insert_with` treat what the rows bring along.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[must_use = "options do nothing by themselves"]
pub struct InsertOptions {
    timestamp_override: bool,
}

impl InsertOptions {
    /// As `insert` and `bulk_insert` do.
    pub fn new() -> Self {
        InsertOptions::default()
    }

    /// Keeps the timestamps that a row has, and sets only those that are zero.
    pub fn timestamp_override(mut self, keep: bool) -> Self {
        self.timestamp_override = keep;
        self
    }
}

#[cold]
pub(crate) fn encode_error(schema: &Schema, column: &str, source: EncodeError) -> Error {
    Error::Encode { table: schema.table.to_owned(), column: column.to_owned(), source }
}

/// The time of a call, for the timestamps; and the zone of naive times.
#[derive(Clone, Copy)]
pub(crate) struct Stamp {
    pub(crate) now: i64,
    pub(crate) local_time: bool,
}

impl Stamp {
    pub(crate) fn of(db: &SqliterDb) -> Self {
        Stamp { now: db.now(), local_time: db.return_local_time() }
    }

    /// The value of a column for a write.
    pub(crate) fn encode<'m, M: DbModel>(
        self,
        model: &'m M,
        index: usize,
        column: &ColumnDef,
    ) -> Result<Encoded<'m>, Stop> {
        if !column.declared && matches!(column.role, ColumnRole::CreatedAt | ColumnRole::UpdatedAt) {
            return Ok(Encoded::Int(self.now));
        }
        model.encode_column(index, self.local_time).map_err(|e| Stop::Caller(encode_error(M::schema(), column.name, e)))
    }
}

/// The parameters of an insert of one or several rows.
pub(crate) struct InsertParams<'m, M> {
    pub(crate) models: &'m [M],
    pub(crate) keyed: bool,
    pub(crate) stamp: Stamp,
}

impl<M: DbModel> Bind for InsertParams<'_, M> {
    fn each<'a>(&'a self, f: &mut dyn FnMut(Encoded<'a>, bool) -> Result<(), Stop>) -> Result<(), Stop> {
        let schema = M::schema();
        for model in self.models {
            for (i, column) in insert_columns(schema, self.keyed) {
                f(self.stamp.encode(model, i, column)?, column.redact)?;
            }
        }
        Ok(())
    }
}

/// The parameters of an update by key: some columns, `updated_at` where it is not one of them, the key.
pub(crate) struct UpdateParams<'m, M> {
    pub(crate) model: &'m M,
    pub(crate) columns: &'m [(usize, &'static ColumnDef)],
    pub(crate) stamp: Stamp,
}

impl<M: DbModel> Bind for UpdateParams<'_, M> {
    fn each<'a>(&'a self, f: &mut dyn FnMut(Encoded<'a>, bool) -> Result<(), Stop>) -> Result<(), Stop> {
        for (i, column) in self.columns {
            f(self.stamp.encode(self.model, *i, column)?, column.redact)?;
        }
        if M::schema().role(ColumnRole::UpdatedAt).is_some() {
            f(Encoded::Int(self.stamp.now), false)?;
        }
        f(self.stamp.encode(self.model, 0, M::schema().key())?, false)
    }
}

/// Every column of a row, then its key.
struct WholeRow<'m, M> {
    model: &'m M,
    stamp: Stamp,
}

impl<M: DbModel> Bind for WholeRow<'_, M> {
    fn each<'a>(&'a self, f: &mut dyn FnMut(Encoded<'a>, bool) -> Result<(), Stop>) -> Result<(), Stop> {
        for (i, column) in update_columns(M::schema()) {
            f(self.stamp.encode(self.model, i, column)?, column.redact)?;
        }
        f(self.stamp.encode(self.model, 0, M::schema().key())?, false)
    }
}

/// Gives a row what it needs before it is inserted: its timestamps, and a key where the database hands out none.
pub(crate) fn prepare_insert<M: DbModel>(model: &mut M, now: i64, options: InsertOptions) -> Result<()> {
    let given = |seconds: Option<i64>| match seconds {
        Some(seconds) if options.timestamp_override && seconds != 0 => None,
        _ => Some(now),
    };
    let (created_at, updated_at) = model.timestamps();
    model.set_timestamps(given(created_at), given(updated_at));
    if !model.pk().is_set() {
        if let Some(key) = M::default_key() {
            model.set_pk(Pk::of(key));
        } else if !M::Key::AUTO {
            let reason = "the row has no key, and the database hands out none of this type: set one, or give the field \
                          `#[pk(default_with = ..)]`";
            return Err(encode_error(M::schema(), M::schema().key().name, EncodeError::new(reason)));
        }
    }
    Ok(())
}

fn failed(schema: &'static Schema, operation: Operation) -> impl Fn(Stop) -> Error {
    move |stop| stop.into_error(|cause| operation.error(schema.table, cause))
}

/// Inserts a prepared row, and gives it the key that the database hands out.
pub(crate) fn insert_row<M: DbModel>(connection: &mut Connection, model: &mut M, stamp: Stamp) -> Result<()> {
    let keyed = model.pk().is_set();
    let params = InsertParams { models: std::slice::from_ref(model), keyed, stamp };
    let sql = Sql::Static(statements(M::schema()).insert(keyed));
    let changes = connection.execute(sql, &params).map_err(failed(M::schema(), Operation::Insert))?;
    inserted(M::schema(), changes, 1)?;
    if !keyed && let Some(key) = M::Key::from_rowid(changes.last_rowid) {
        model.set_pk(Pk::of(key));
    }
    Ok(())
}

/// Writes every column of a row but the key and `created_at`; says whether there was one.
pub(crate) fn update_row<M: DbModel>(connection: &mut Connection, model: &M, stamp: Stamp) -> Result<bool> {
    let sql = Sql::Static(&statements(M::schema()).update_by_key);
    let changes =
        connection.execute(sql, &WholeRow { model, stamp }).map_err(failed(M::schema(), Operation::Update))?;
    Ok(changes.rows > 0)
}

/// A row that a trigger ignored has no key: SQLite would still name that of an earlier one.
pub(crate) fn inserted(schema: &Schema, changes: Changes, rows: usize) -> Result<()> {
    if changes.rows == rows as u64 {
        return Ok(());
    }
    let cause =
        DatabaseError::other(format!("{} of {rows} rows were inserted: a trigger ignored the rest", changes.rows));
    Err(Operation::Insert.error(schema.table, cause))
}

#[cold]
pub(crate) fn not_found<M: DbModel>(model: &M) -> Error {
    Error::RecordNotFound { table: M::schema().table.to_owned(), key: model.pk().to_string() }
}
