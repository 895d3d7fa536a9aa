//! Writes that first look whether the row is there: `save`, `upsert`, `get_or_create`.

use sqliter_core::plan::SelectPlan;
use sqliter_core::sql::{Sqlite, Statement, resolve_columns, select_sql, statements, upsert_sql};
use sqliter_core::{DbModel, Error, IntoColumns, IntoFilter, Operation, Result, prepare_model, prepare_models};

use crate::db::SqliterDb;
use crate::driver::{Connection, FEW, Job, RowRef, Sql, own};
use crate::relations::decode;
use crate::rows::{InsertOptions, InsertParams, Stamp, insert_row, prepare_insert, update_row};

struct Save<M> {
    models: Vec<M>,
    stamp: Stamp,
}

/// Updates the row with this key, or inserts it where there is none.
fn save_row<M: DbModel>(connection: &mut Connection, model: &M, stamp: Stamp) -> Result<M> {
    if model.pk().is_set() {
        let mut changed = model.clone();
        changed.set_timestamps(None, Some(stamp.now));
        if update_row(connection, &changed, stamp)? {
            return Ok(changed);
        }
    }
    let mut new = model.clone();
    prepare_insert(&mut new, stamp.now, InsertOptions::new())?;
    insert_row(connection, &mut new, stamp)?;
    Ok(new)
}

impl<M: DbModel> Job for Save<M> {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        let (models, stamp) = (&self.models, self.stamp);
        let failed = |cause| Operation::Update.error(M::schema().table, cause);
        let fixed = statements(M::schema());
        let keyed = models.first().is_some_and(|model| model.pk().is_set());
        let first = if keyed { fixed.update_by_key.as_str() } else { fixed.insert(false) };
        self.models = connection.atomically_from(Sql::Static(first), failed, |connection| {
            models.iter().map(|m| save_row(connection, m, stamp)).collect()
        })?;
        Ok(())
    }

    fn may_be_small(&self) -> bool {
        self.models.len() <= FEW
    }
}

struct Upsert<M> {
    model: M,
    sql: String,
    keyed: bool,
    stamp: Stamp,
    stored: Option<M>,
}

impl<M: DbModel> Job for Upsert<M> {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        let Upsert { model, sql, keyed, stamp, stored } = self;
        let params = InsertParams { models: std::slice::from_ref(model), keyed: *keyed, stamp: *stamp };
        let failed = |cause| Operation::Insert.error(M::schema().table, cause);
        connection.atomically_from(Sql::Text(sql), failed, |connection| {
            let mut row = |r: &RowRef<'_>| {
                *stored = Some(decode(r, 0)?);
                Ok(())
            };
            connection.query(Sql::Text(sql), &params, &mut row).map_err(|e| e.into_error(failed))
        })
    }

    fn may_be_small(&self) -> bool {
        true
    }
}

struct GetOrCreate<M> {
    model: M,
    select: Statement,
    stamp: Stamp,
    found: Option<M>,
}

impl<M: DbModel> Job for GetOrCreate<M> {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        let GetOrCreate { model, select, stamp, found } = self;
        let failed = |cause| Operation::Insert.error(M::schema().table, cause);
        *found = None;
        connection.atomically_from(Sql::Text(&select.sql), failed, |connection| {
            let mut row = |r: &RowRef<'_>| {
                *found = Some(decode(r, 0)?);
                Ok(())
            };
            connection
                .query(Sql::Text(&select.sql), select, &mut row)
                .map_err(|e| e.into_error(|cause| Operation::Fetch.error(M::schema().table, cause)))?;
            if found.is_none() {
                prepare_insert(model, stamp.now, InsertOptions::new())?;
                insert_row(connection, model, *stamp)?;
            }
            Ok(())
        })
    }

    fn may_be_small(&self) -> bool {
        true
    }
}

impl SqliterDb {
    /// Inserts a row that has no key, or whose key no row has; updates it otherwise. In place: on success the row has its key
    /// and timestamps.
    ///
    /// # Errors
    /// Those of [`insert`](SqliterDb::insert) and [`update`](SqliterDb::update). Nothing was written then, and `model` is as
    /// it was.
    pub async fn save<M: DbModel>(&self, model: &mut M) -> Result<()> {
        self.save_all(std::slice::from_mut(model), false).await
    }

    /// Saves rows in one transaction.
    ///
    /// # Errors
    /// As [`save`](SqliterDb::save). Either every row was saved or none; `models` are as they were then.
    pub async fn bulk_save<M: DbModel>(&self, models: &mut [M]) -> Result<()> {
        self.save_all(models, true).await
    }

    async fn save_all<M: DbModel>(&self, models: &mut [M], rows: bool) -> Result<()> {
        if models.is_empty() {
            return Ok(());
        }
        let mut prepared = models.to_vec();
        prepare_models(&mut prepared, rows, |_| true)?;
        let job = Box::new(Save { models: prepared, stamp: Stamp::of(self) });
        let saved = own::<Save<M>>(self.writing().await?.write_boxed(job).await?).models;
        for (model, saved) in models.iter_mut().zip(saved) {
            *model = saved;
            self.attach(model);
        }
        Ok(())
    }

    /// Inserts a row, or updates the one that has the same values in the columns `on`, which must be those of a unique
    /// constraint. Returns the row as it is stored: one that was there keeps its key and `created_at`.
    ///
    /// SQL: `INSERT INTO "users" (..) VALUES (..) ON CONFLICT ("email") DO UPDATE SET "name" = excluded."name" RETURNING ..`.
    ///
    /// ```
    /// # use sqliter_async::prelude::*;
    /// # #[derive(Debug, Clone, DbModel)]
    /// # struct User { pk: Pk<Self>, #[field(unique)] email: String, name: String }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let db = SqliterDb::memory().await?;
    /// # db.create_table::<User>().await?;
    /// for name in ["Jane", "Jane Doe"] {
    ///     let user = User::builder().email("jane@example.com").name(name).build()?;
    ///     assert_eq!(db.upsert(user, User::EMAIL).await?.pk.get(), Some(1));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidUpdate`] when `on` names a column that is not there, [`Error::RecordInsertion`] when no unique
    /// constraint has these columns; else as [`insert`](SqliterDb::insert).
    pub async fn upsert<M: DbModel>(&self, mut model: M, on: impl IntoColumns<M>) -> Result<M> {
        let mut targets = Vec::new();
        on.add_to(&mut targets);
        let on: Vec<_> = resolve_columns(M::schema(), &targets)?.into_iter().map(|(_, c)| c).collect();
        if on.is_empty() {
            return Err(Error::InvalidUpdate("an upsert needs the columns of a unique constraint".to_owned()));
        }
        let stamp = Stamp::of(self);
        prepare_model(&mut model)?;
        prepare_insert(&mut model, stamp.now, InsertOptions::new())?;
        let keyed = model.pk().is_set();
        let sql = upsert_sql(M::schema(), &on, keyed, &Sqlite);
        let job = Box::new(Upsert { model, sql, keyed, stamp, stored: None });
        let job = own::<Upsert<M>>(self.writing().await?.write_boxed(job).await?);
        let mut stored = job.stored.unwrap_or(job.model);
        self.attach(&mut stored);
        Ok(stored)
    }

    /// The first row that matches the filter, or else `model`, inserted; and whether it was. Nothing comes in between: two
    /// calls at the same time create one row.
    ///
    /// # Errors
    /// As [`insert`](SqliterDb::insert), and those of the filter.
    pub async fn get_or_create<M: DbModel>(&self, filter: impl IntoFilter<M>, mut model: M) -> Result<(M, bool)> {
        let query = self.select::<M>().filter(filter).bypass_cache();
        if let Some(found) = query.fetch_first().await? {
            return Ok((found, false));
        }
        prepare_model(&mut model)?;
        let mut plan = SelectPlan::clone(&query.plan);
        plan.set_limit(1);
        let select = select_sql(&plan, None, &Sqlite, self.return_local_time())?;
        let job = Box::new(GetOrCreate { model, select, stamp: Stamp::of(self), found: None });
        let job = own::<GetOrCreate<M>>(self.writing().await?.write_boxed(job).await?);
        let (mut model, created) = match job.found {
            Some(found) => (found, false),
            None => (job.model, true),
        };
        self.attach(&mut model);
        Ok((model, created))
    }
}
