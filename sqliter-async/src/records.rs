//! One record at a time: `insert`, `get`, `update`, `delete`.

use std::sync::Arc;

use sqliter_core::schema::{ColumnDef, ColumnRole, Schema};
use sqliter_core::sql::{Statement, insert_columns, statements, update_columns};
use sqliter_core::{
    DatabaseError, DbModel, EncodeError, Encoded, Error, IntoKey, KeyType, Operation, Pk, Result, Value,
};

use crate::db::SqliterDb;
use crate::driver::{Bind, Bounded, Changes, Connection, Job, ReadJob, Sql, Stop};
use crate::sinks::Single;

#[cold]
pub(crate) fn encode_error(schema: &Schema, column: &str, source: EncodeError) -> Error {
    Error::Encode { table: schema.table.to_owned(), column: column.to_owned(), source }
}

/// Timestamps that the struct has no field for, and the zone of naive times.
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

/// The parameters of an insert.
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

/// Gives a row what it needs before it is inserted: its timestamps, and a key where the database hands out none.
pub(crate) fn prepare_insert<M: DbModel>(model: &mut M, now: i64) -> Result<()> {
    model.set_timestamps(Some(now), Some(now));
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

struct Insert<M> {
    model: M,
    stamp: Stamp,
    keyed: bool,
    sql: &'static str,
}

impl<M: DbModel> Job for Insert<M> {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        let models = std::slice::from_ref(&self.model);
        let params = InsertParams { models, keyed: self.keyed, stamp: self.stamp };
        let changes = connection
            .execute(Sql::Static(self.sql), &params)
            .map_err(|e| e.into_error(|cause| Operation::Insert.error(M::schema().table, cause)))?;
        inserted(M::schema(), changes, 1)?;
        if !self.keyed
            && let Some(key) = M::Key::from_rowid(changes.last_rowid)
        {
            self.model.set_pk(Pk::of(key));
        }
        Ok(())
    }

    fn bounded(&self) -> Option<Bounded> {
        Some(Bounded { sql: self.sql, insert: true })
    }
}

struct Update<M> {
    model: M,
    stamp: Stamp,
}

impl<M: DbModel> Bind for Update<M> {
    fn each<'a>(&'a self, f: &mut dyn FnMut(Encoded<'a>, bool) -> Result<(), Stop>) -> Result<(), Stop> {
        for (i, column) in update_columns(M::schema()) {
            f(self.stamp.encode(&self.model, i, column)?, column.redact)?;
        }
        f(self.stamp.encode(&self.model, 0, M::schema().key())?, false)
    }
}

impl<M: DbModel> Job for Update<M> {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        let sql = Sql::Static(&statements(M::schema()).update_by_key);
        let changes = connection
            .execute(sql, self)
            .map_err(|e| e.into_error(|cause| Operation::Update.error(M::schema().table, cause)))?;
        found(M::schema(), changes, || self.model.pk().to_string())
    }

    fn bounded(&self) -> Option<Bounded> {
        Some(Bounded { sql: &statements(M::schema()).update_by_key, insert: false })
    }
}

struct Delete {
    schema: &'static Schema,
    key: [Value; 1],
    name: String,
}

impl Job for Delete {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        let sql = Sql::Static(&statements(self.schema).delete_by_key);
        let changes = connection
            .execute(sql, &self.key[..])
            .map_err(|e| e.into_error(|cause| Operation::Delete.error(self.schema.table, cause)))?;
        found(self.schema, changes, || self.name.clone())
    }

    fn bounded(&self) -> Option<Bounded> {
        Some(Bounded { sql: &statements(self.schema).delete_by_key, insert: false })
    }
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

fn found(schema: &Schema, changes: Changes, key: impl FnOnce() -> String) -> Result<()> {
    if changes.rows > 0 {
        return Ok(());
    }
    Err(Error::RecordNotFound { table: schema.table.to_owned(), key: key() })
}

impl SqliterDb {
    /// Inserts a row and returns it with its key and timestamps.
    ///
    /// SQL: `INSERT INTO "books" ("created_at", "updated_at", "title") VALUES (?1, ?2, ?3)`. A key that is set is inserted as
    /// given; an unset one is handed out by the database, which never uses one again.
    ///
    /// # Errors
    /// [`Error::RecordInsertion`] (`kind()` tells why: a unique constraint, a missing table, ..),
    /// [`Error::ForeignKeyConstraint`], [`Error::Encode`] for a value that cannot be stored, [`Error::Busy`]. Nothing was
    /// written then.
    pub async fn insert<M: DbModel>(&self, mut model: M) -> Result<M> {
        let stamp = Stamp::of(self);
        prepare_insert(&mut model, stamp.now)?;
        let keyed = model.pk().is_set();
        let sql = statements(M::schema()).insert(keyed);
        let job = self.engine().await?.write(Insert { model, stamp, keyed, sql }).await?;
        Ok(job.model)
    }

    /// The row with this key, or `None`.
    ///
    /// SQL: `SELECT .. FROM "books" WHERE "pk" = ?1`.
    ///
    /// # Errors
    /// [`Error::RecordFetch`], or [`Error::Decode`] when the stored row does not fit the model.
    pub async fn get<M: DbModel>(&self, key: impl IntoKey<M>) -> Result<Option<M>> {
        let key = key.into_key().to_value();
        self.get_by_value(key).await
    }

    /// Once for each model, whatever the kind of key.
    async fn get_by_value<M: DbModel>(&self, key: Result<Value, EncodeError>) -> Result<Option<M>> {
        let schema = M::schema();
        let key = key.map_err(|e| encode_error(schema, schema.key().name, e))?;
        if key == Value::Null {
            return Ok(None);
        }
        let statement = Statement { params: vec![key], ..Statement::default() };
        let job = ReadJob {
            fixed: Some(&statements(schema).select_by_key),
            statement: Arc::new(statement),
            table: schema.table,
        };
        let sink = self.engine().await?.fetch(job, Single { row: None }).await?;
        Ok(sink.row)
    }

    /// Writes every column of a row but the key and `created_at`, and sets its `updated_at`.
    ///
    /// SQL: `UPDATE "books" SET "updated_at" = ?1, "title" = ?2 WHERE "pk" = ?3`.
    ///
    /// # Errors
    /// [`Error::RecordNotFound`] when no row has this key, [`Error::RecordUpdate`], [`Error::ForeignKeyConstraint`],
    /// [`Error::Encode`], [`Error::Busy`]. Nothing was written then, and `model` is as it was.
    pub async fn update<M: DbModel>(&self, model: &mut M) -> Result<()> {
        let stamp = Stamp::of(self);
        let mut changed = model.clone();
        changed.set_timestamps(None, Some(stamp.now));
        let job = self.engine().await?.write(Update { model: changed, stamp }).await?;
        *model = job.model;
        Ok(())
    }

    /// Deletes the row with this key.
    ///
    /// SQL: `DELETE FROM "books" WHERE "pk" = ?1`.
    ///
    /// # Errors
    /// [`Error::RecordNotFound`] when no row has this key, [`Error::RecordDeletion`], [`Error::ForeignKeyConstraint`] when
    /// rows still refer to it, [`Error::Busy`]. Nothing was deleted then.
    pub async fn delete<M: DbModel>(&self, key: impl IntoKey<M>) -> Result<()> {
        let key = key.into_key();
        let (value, name) = (key.to_value(), key.describe());
        self.delete_by_value(M::schema(), value, name).await
    }

    async fn delete_by_value(
        &self,
        schema: &'static Schema,
        key: Result<Value, EncodeError>,
        name: String,
    ) -> Result<()> {
        let key = key.map_err(|e| encode_error(schema, schema.key().name, e))?;
        self.engine().await?.write(Delete { schema, key: [key], name }).await.map(drop)
    }
}
