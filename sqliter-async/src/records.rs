//! One record at a time: `insert`, `get`, `update`, `delete`, `refresh`.

use std::any::TypeId;
use std::sync::Arc;

use sqliter_core::schema::Schema;
use sqliter_core::sql::statements;
use sqliter_core::{DbModel, EncodeError, Error, IntoKey, Key, Operation, Result, Value, prepare_model};

use crate::cache::{self, Caching, GetOptions, Measure, Weigh};
use crate::db::SqliterDb;
use crate::driver::{Connection, Job, Query, ReadJob, Sql, own};
use crate::relations::Reader;
use crate::rows::{InsertOptions, Stamp, encode_error, insert_row, not_found, prepare_insert, update_row};
use crate::session::{Session, Soon};
use crate::sinks::Single;

struct Insert<M> {
    model: M,
    stamp: Stamp,
}

impl<M: DbModel> Job for Insert<M> {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        insert_row(connection, &mut self.model, self.stamp)
    }

    fn may_be_small(&self) -> bool {
        true
    }
}

struct Update<M> {
    model: M,
    stamp: Stamp,
}

impl<M: DbModel> Job for Update<M> {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        let found = update_row(connection, &self.model, self.stamp)?;
        if found { Ok(()) } else { Err(not_found(&self.model)) }
    }

    fn may_be_small(&self) -> bool {
        true
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
            .execute(sql, &self.key)
            .map_err(|e| e.into_error(|cause| Operation::Delete.error(self.schema.table, cause)))?;
        if changes.rows > 0 {
            return Ok(());
        }
        Err(Error::RecordNotFound { table: self.schema.table.to_owned(), key: self.name.clone() })
    }

    fn may_be_small(&self) -> bool {
        true
    }
}

impl SqliterDb {
    /// Inserts a row and returns it with its key and timestamps.
    ///
    /// SQL: `INSERT INTO "books" ("created_at", "updated_at", "title") VALUES (?1, ?2, ?3)`. A key that is set is inserted as
    /// given; an unset one is handed out by the database, which never uses one again.
    ///
    /// # Errors
    /// [`Error::Validation`] when a value breaks the rules of its field, [`Error::RecordInsertion`] (`kind()` tells why: a unique constraint, a missing table, ..),
    /// [`Error::ForeignKeyConstraint`], [`Error::Encode`] for a value that cannot be stored, [`Error::Busy`]. Nothing was
    /// written then.
    pub async fn insert<M: DbModel>(&self, model: M) -> Result<M> {
        self.insert_with(model, InsertOptions::new()).await
    }

    /// Inserts a row, with options.
    ///
    /// # Errors
    /// As [`insert`](SqliterDb::insert).
    pub async fn insert_with<M: DbModel>(&self, mut model: M, options: InsertOptions) -> Result<M> {
        let stamp = Stamp::of(self);
        prepare_model(&mut model)?;
        prepare_insert(&mut model, stamp.now, options)?;
        let session = self.writing().await?;
        let Insert { mut model, .. } = match session.write_soon(Insert { model, stamp })? {
            Soon::Now(job) => job,
            Soon::Later(rest) => own(rest.await?),
        };
        self.attach(&mut model);
        Ok(model)
    }

    /// The row with this key, or `None`.
    ///
    /// SQL: `SELECT .. FROM "books" WHERE "pk" = ?1`.
    ///
    /// # Errors
    /// [`Error::RecordFetch`], or [`Error::Decode`] when the stored row does not fit the model.
    pub async fn get<M: DbModel>(&self, key: impl IntoKey<M>) -> Result<Option<M>> {
        self.get_by_value(key.into_key().to_value(), GetOptions::new()).await
    }

    /// The row with this key, or `None`, with options for the cache.
    ///
    /// # Errors
    /// As [`get`](SqliterDb::get).
    pub async fn get_with<M: DbModel>(&self, key: impl IntoKey<M>, options: GetOptions) -> Result<Option<M>> {
        self.get_by_value(key.into_key().to_value(), options).await
    }

    pub(crate) async fn get_by_key<M: DbModel>(&self, key: Key<M>) -> Result<Option<M>> {
        self.get_by_value(key.to_value(), GetOptions::new()).await
    }

    /// Once for each model, whatever the kind of key.
    async fn get_by_value<M: DbModel>(
        &self,
        key: Result<Value, EncodeError>,
        options: GetOptions,
    ) -> Result<Option<M>> {
        let schema = M::schema();
        let key = key.map_err(|e| encode_error(schema, schema.key().name, e))?;
        if key == Value::Null {
            return Ok(None);
        }
        let session = self.reading().await?;
        let caching = if options.bypass_cache { None } else { self.caching_row::<M>(&session, &key, options) };
        if let Some(kept) = caching.as_ref().and_then(|caching| caching.get())
            && let Some(row) = kept.downcast_ref::<Option<M>>()
        {
            return Ok(row.clone());
        }
        let query = Query::Key(&statements(schema).select_by_key, key);
        let job = ReadJob { query, table: schema.table };
        let reader = Reader::new(self.origin(schema.strict_loading), &[]);
        let weigh = || Measure::new(Weigh { row: 0, own: schema.declared().count(), joined: 0 });
        let sink = Single::<M> { row: None, reader, measure: caching.as_ref().map(|_| weigh()) };
        let Single::<M> { row, measure, .. } = match session.fetch_soon(job, sink)? {
            Soon::Now(sink) => sink,
            Soon::Later(rest) => own(rest.await?),
        };
        if let (Some(caching), Some(read)) = (caching, measure)
            // That there is no such row is remembered only where that was asked for.
            && (row.is_some() || options.cache_ttl.is_some())
        {
            caching.put(Arc::new(row.clone()), size_of::<Option<M>>(), read);
        }
        Ok(row)
    }

    fn caching_row<'c, M: DbModel>(
        &'c self,
        session: &Session<'c>,
        key: &Value,
        options: GetOptions,
    ) -> Option<Caching<'c>> {
        let key = || cache::Key::Row(TypeId::of::<M>(), cache::KeyValue(key.clone()));
        Caching::begin(self, session, M::schema().table, options.cache_ttl, &key)
    }

    /// Reads a row again: what others made of it since.
    ///
    /// # Errors
    /// [`Error::RecordNotFound`] when it is gone; else as [`get`](SqliterDb::get). `model` is as it was then.
    pub async fn refresh<M: DbModel>(&self, model: &mut M) -> Result<()> {
        let fresh = self.get_with::<M>(&*model, GetOptions::new().bypass_cache(true)).await?;
        *model = fresh.ok_or_else(|| not_found(model))?;
        Ok(())
    }

    /// Writes every column of a row but the key and `created_at`, and sets its `updated_at`.
    ///
    /// SQL: `UPDATE "books" SET "updated_at" = ?1, "title" = ?2 WHERE "pk" = ?3`.
    ///
    /// # Errors
    /// [`Error::RecordNotFound`] when no row has this key, [`Error::Validation`], [`Error::RecordUpdate`],
    /// [`Error::ForeignKeyConstraint`], [`Error::Encode`], [`Error::Busy`]. Nothing was written then, and `model` is as it was.
    pub async fn update<M: DbModel>(&self, model: &mut M) -> Result<()> {
        let stamp = Stamp::of(self);
        let mut changed = model.clone();
        prepare_model(&mut changed)?;
        changed.set_timestamps(None, Some(stamp.now));
        let session = self.writing().await?;
        let job = match session.write_soon(Update { model: changed, stamp })? {
            Soon::Now(job) => job,
            Soon::Later(rest) => own(rest.await?),
        };
        *model = job.model;
        self.attach(model);
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
        self.writing().await?.write(Delete { schema, key: [key], name }).await.map(drop)
    }
}
