//! Many records in one call.

use sqliter_core::sql::statements;
use sqliter_core::{DbModel, KeyType, Operation, Pk, Result, prepare_models};

use crate::db::SqliterDb;
use crate::driver::{Connection, FEW, Job, Sql, own};
use crate::rows::{InsertOptions, InsertParams, Stamp, inserted, prepare_insert};

struct BulkInsert<M> {
    models: Vec<M>,
    stamp: Stamp,
}

impl<M: DbModel> BulkInsert<M> {
    /// Inserts rows that all have a key, or all have none; says the first and last keys handed out.
    fn insert(&self, connection: &mut Connection, models: &[M], sql: &'static str, keyed: bool) -> Result<i64> {
        let params = InsertParams { models, keyed, stamp: self.stamp };
        let changes = connection
            .execute(Sql::Static(sql), &params)
            .map_err(|e| e.into_error(|cause| Operation::Insert.error(M::schema().table, cause)))?;
        inserted(M::schema(), changes, models.len())?;
        Ok(changes.last_rowid)
    }

    /// Inserts everything and collects the keys handed out, by position.
    fn insert_all(&self, connection: &mut Connection) -> Result<Vec<(usize, i64)>> {
        let fixed = statements(M::schema());
        if self.models.len() >= fixed.bulk_rows {
            let failed = |cause| Operation::Insert.error(M::schema().table, cause);
            connection.refresh_schema().map_err(|e| e.into_error(failed))?;
        }
        let mut keys = Vec::with_capacity(self.models.len());
        let mut start = 0;
        for run in self.models.chunk_by(|a, b| a.pk().is_set() == b.pk().is_set()) {
            let keyed = run[0].pk().is_set();
            // One statement hands out consecutive keys, unless a trigger inserts in between.
            let many = run.len() >= fixed.bulk_rows && !connection.has_programs(Sql::Static(fixed.insert(keyed)));
            let chunks = run.chunks_exact(if many { fixed.bulk_rows } else { 1 });
            let rest = chunks.remainder();
            for chunk in chunks.chain(rest.chunks(1)) {
                let sql = if chunk.len() > 1 { fixed.insert_bulk(keyed) } else { fixed.insert(keyed) };
                let last = self.insert(connection, chunk, sql, keyed)?;
                if !keyed {
                    let first = last - (chunk.len() as i64 - 1);
                    keys.extend((start..).zip(first..=last));
                }
                start += chunk.len();
            }
        }
        Ok(keys)
    }
}

impl<M: DbModel> Job for BulkInsert<M> {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        let failed = |cause| Operation::Insert.error(M::schema().table, cause);
        let keyed = self.models.first().is_some_and(|model| model.pk().is_set());
        let first = Sql::Static(statements(M::schema()).insert(keyed));
        let keys = connection.atomically_from(first, failed, |connection| self.insert_all(connection))?;
        for (position, key) in keys {
            if let Some(key) = M::Key::from_rowid(key) {
                self.models[position].set_pk(Pk::of(key));
            }
        }
        Ok(())
    }

    fn may_be_small(&self) -> bool {
        self.models.len() <= FEW
    }
}

impl SqliterDb {
    /// Inserts rows in one transaction and returns them, in order, with their keys and timestamps.
    ///
    /// SQL: `INSERT INTO "books" (..) VALUES (..), (..), ..`, some hundred rows a statement. Of nothing it returns nothing
    /// and does not touch the database.
    ///
    /// # Errors
    /// As [`insert`](SqliterDb::insert); of a validation error the first step of `loc` is the position of the row. Either
    /// every row was inserted or none.
    pub async fn bulk_insert<M: DbModel>(&self, models: impl IntoIterator<Item = M>) -> Result<Vec<M>> {
        self.bulk_insert_with(models, InsertOptions::new()).await
    }

    /// Inserts rows in one transaction, with options.
    ///
    /// # Errors
    /// As [`bulk_insert`](SqliterDb::bulk_insert).
    pub async fn bulk_insert_with<M: DbModel>(
        &self,
        models: impl IntoIterator<Item = M>,
        options: InsertOptions,
    ) -> Result<Vec<M>> {
        let mut models: Vec<M> = models.into_iter().collect();
        if models.is_empty() {
            return Ok(models);
        }
        let stamp = Stamp::of(self);
        prepare_models(&mut models, true, |_| true)?;
        for model in &mut models {
            prepare_insert(model, stamp.now, options)?;
        }
        let job = Box::new(BulkInsert { models, stamp });
        let mut models = own::<BulkInsert<M>>(self.writing().await?.write_boxed(job).await?).models;
        let origin = self.origin(M::schema().strict_loading);
        models.iter_mut().for_each(|model| model.attach(&origin));
        Ok(models)
    }
}
