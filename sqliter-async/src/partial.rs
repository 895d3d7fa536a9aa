//! Writing some columns of rows: `update_only`, `bulk_update`.

use sqliter_core::schema::{ColumnDef, ColumnRole};
use sqliter_core::sql::{Sqlite, resolve_columns, update_columns_sql};
use sqliter_core::{DbModel, Error, IntoColumns, Operation, Result, prepare_models, tidy_columns};

use crate::db::SqliterDb;
use crate::driver::{Connection, FEW, Job, Sql, own};
use crate::rows::{Stamp, UpdateParams, not_found};

struct UpdateSome<M> {
    models: Vec<M>,
    columns: Vec<(usize, &'static ColumnDef)>,
    sql: String,
    stamp: Stamp,
    /// A row that is not there is an error.
    strict: bool,
    rows: u64,
}

impl<M: DbModel> Job for UpdateSome<M> {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        let failed = |cause| Operation::Update.error(M::schema().table, cause);
        let job = &*self;
        self.rows = connection.atomically_from(Sql::Text(&job.sql), failed, |connection| {
            let mut rows = 0;
            for model in &job.models {
                let params = UpdateParams { model, columns: &job.columns, stamp: job.stamp };
                let changes = connection.execute(Sql::Text(&job.sql), &params).map_err(|e| e.into_error(failed))?;
                if changes.rows == 0 && job.strict {
                    return Err(not_found(model));
                }
                rows += changes.rows;
            }
            Ok(rows)
        })?;
        Ok(())
    }

    fn may_be_small(&self) -> bool {
        self.models.len() <= FEW
    }
}

impl SqliterDb {
    /// Writes these columns of a row, and its `updated_at`: what others wrote to its other columns meanwhile stays.
    ///
    /// SQL: `UPDATE "books" SET "title" = ?1, "updated_at" = ?2 WHERE "pk" = ?3`.
    ///
    /// # Errors
    /// [`Error::InvalidUpdate`] when a column is not there or is the key; else as [`update`](SqliterDb::update).
    pub async fn update_only<M: DbModel>(&self, model: &mut M, columns: impl IntoColumns<M>) -> Result<()> {
        self.update_some(std::slice::from_mut(model), columns, true).await.map(drop)
    }

    /// Writes these columns of rows, and their `updated_at`, in one transaction; says how many of the rows were there.
    ///
    /// # Errors
    /// As [`update_only`](SqliterDb::update_only), but a row that is gone is none. Either every row was written or none.
    pub async fn bulk_update<M: DbModel>(&self, models: &mut [M], columns: impl IntoColumns<M>) -> Result<u64> {
        self.update_some(models, columns, false).await
    }

    async fn update_some<M: DbModel>(
        &self,
        models: &mut [M],
        columns: impl IntoColumns<M>,
        strict: bool,
    ) -> Result<u64> {
        let mut targets = Vec::new();
        columns.add_to(&mut targets);
        let mut columns = resolve_columns(M::schema(), &targets)?;
        if let Some((_, key)) = columns.iter().find(|(_, c)| c.role == ColumnRole::Key) {
            return Err(Error::InvalidUpdate(format!("the primary key '{}' cannot be updated", key.name)));
        }
        columns.retain(|(_, c)| c.role != ColumnRole::UpdatedAt);
        if models.is_empty() || targets.is_empty() {
            return Ok(0);
        }
        let defs: Vec<_> = columns.iter().map(|(_, c)| *c).collect();
        let (sql, stamp) = (update_columns_sql(M::schema(), &defs, &Sqlite), Stamp::of(self));
        let written = |i: usize| defs.iter().any(|d| d.name == M::schema().columns[i].name);
        let mut changed = models.to_vec();
        prepare_models(&mut changed, !strict, written)?;
        let job = Box::new(UpdateSome { models: changed, columns, sql, stamp, strict, rows: 0 });
        let rows = own::<UpdateSome<M>>(self.writing().await?.write_boxed(job).await?).rows;
        for model in models {
            tidy_columns(model, written);
            model.set_timestamps(None, Some(stamp.now));
            self.attach(model);
        }
        Ok(rows)
    }
}
