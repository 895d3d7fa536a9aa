//! What a query ends with.

use std::any::TypeId;
use std::sync::Arc;
use std::time::Duration;

use sqliter_core::node::AssignNode;
use sqliter_core::plan::SelectPlan;
use sqliter_core::schema::{ColumnDef, Schema};
use sqliter_core::sql::{
    Sqlite, Statement, count_sql, delete_sql, exists_sql, last_sql, result_columns, select_sql, update_sql,
};
use sqliter_core::{
    DbModel, Dict, Encoding, Error, IntoAssignments, IntoFilter, Operation, Result, Row, Value, check_stored_value,
    cloned_apart,
};

use crate::cache::{Caching, Kept, Key, Measure, QueryKey, Want, Weigh};
use crate::db::SqliterDb;
use crate::driver::Query::Planned;
use crate::driver::{Connection, Job, ReadJob, RowRef, RowSink, Sql, own};
use crate::output::{Decoder, OutputRef};
use crate::page::Page;
use crate::query::{Query, Served};
use crate::relations::{FetchAhead, Gather, Lazy};
use crate::sinks::{All, Scalar};

/// A write of one statement.
struct Write {
    statement: Statement,
    /// Columns that the statement computes and returns after the key: what came out must fit them.
    computed: Vec<&'static ColumnDef>,
    operation: Operation,
    schema: &'static Schema,
    local_time: bool,
    rows: u64,
}

impl Write {
    /// Runs the statement and keeps what it did only when every value it computed can be read again.
    fn run_checked(&mut self, connection: &mut Connection) -> Result<()> {
        let (operation, schema) = (self.operation, self.schema);
        let failed = |cause| operation.error(schema.table, cause);
        let mut rows = 0;
        let mut check = |row: &RowRef<'_>| {
            rows += 1;
            for (i, column) in self.computed.iter().enumerate() {
                let value = row.value(i + 1);
                (column.accepts)(value, Encoding::new(column.store, self.local_time)).map_err(|e| {
                    let key = row.value(0).to_value();
                    Error::InvalidUpdate(format!("'{}' of the row with key {key} would not fit: {e}", column.name))
                })?;
                check_stored_value(schema, column, value, self.local_time)?;
            }
            Ok(())
        };
        let sql = Sql::Text(&self.statement.sql);
        connection.atomically_from(sql, failed, |connection| {
            connection.query(sql, &self.statement, &mut check).map_err(|e| e.into_error(failed))
        })?;
        self.rows = rows;
        Ok(())
    }
}

impl Job for Write {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        if !self.computed.is_empty() {
            return self.run_checked(connection);
        }
        let changes = connection
            .execute(Sql::Text(&self.statement.sql), &self.statement)
            .map_err(|e| e.into_error(|cause| self.operation.error(self.schema.table, cause)))?;
        self.rows = changes.rows;
        Ok(())
    }

    fn may_be_small(&self) -> bool {
        true
    }
}

/// A page and the number of all rows, in one snapshot.
struct PageJob {
    fetch: FetchAhead,
    count: Statement,
    table: &'static str,
    total: i64,
}

impl Job for PageJob {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        let PageJob { fetch, count, table, total } = self;
        let failed = |cause| Operation::Fetch.error(table, cause);
        connection
            .query(Sql::Text(&count.sql), count, &mut |row| {
                *total = int(&row.value(0).to_value());
                Ok(())
            })
            .map_err(|e| e.into_error(failed))?;
        fetch.run(connection)
    }
}

/// What is asked of a query, whatever its rows become.
struct Asked<'q> {
    db: &'q SqliterDb,
    plan: &'q Arc<SelectPlan>,
    yields: TypeId,
    strict: bool,
    want: Want,
}

/// What a query wants of the cache.
struct Wanted {
    bypass: bool,
    ttl: Option<Duration>,
}

enum Answer<'q> {
    /// From memory.
    Kept(Kept),
    /// In the sink; to be kept, maybe.
    Read(Box<dyn RowSink>, Option<Caching<'q>>),
}

impl<'q> Asked<'q> {
    /// The rows; `sink` makes a place for them, which notes how much was read if it is told to.
    async fn answer(
        &self,
        wanted: Wanted,
        sink: &(dyn Fn(bool) -> Result<Box<dyn Gather>> + Sync),
    ) -> Result<Answer<'q>> {
        let table = self.plan.schema.table;
        let session = self.db.reading().await?;
        let key = || {
            Key::Rows(QueryKey { yields: self.yields, plan: self.plan.clone(), want: self.want, strict: self.strict })
        };
        let caching = if wanted.bypass { None } else { Caching::begin(self.db, &session, table, wanted.ttl, &key) };
        if let Some(kept) = caching.as_ref().and_then(Caching::get) {
            return Ok(Answer::Kept(kept));
        }
        let (select, rows) = (self.statement()?, sink(caching.is_some())?);
        if !self.plan.prefetch.is_empty() {
            let job = fetch_ahead(self.plan, select, rows, self.db.return_local_time())?;
            return Ok(Answer::Read(session.read(job).await?.rows, caching));
        }
        let job = ReadJob { query: Planned(Arc::new(select)), table };
        Ok(Answer::Read(session.fetch_boxed(job, rows).await?, caching))
    }

    fn statement(&self) -> Result<Statement> {
        let local_time = self.db.return_local_time();
        match self.want {
            Want::All => select_sql(self.plan, None, &Sqlite, local_time),
            Want::First => select_sql(self.plan, Some(1), &Sqlite, local_time),
            Want::Last => last_sql(self.plan, &Sqlite, local_time),
        }
    }
}

/// What is kept under a key is of the type that the key names.
#[allow(clippy::expect_used, reason = "an invariant of `QueryKey`")]
fn kept<T: 'static>(kept: &Kept) -> &T {
    kept.downcast_ref().expect("a result is of the type in its key")
}

/// A query with what is loaded ahead for its rows.
fn fetch_ahead(plan: &SelectPlan, select: Statement, rows: Box<dyn Gather>, local_time: bool) -> Result<FetchAhead> {
    Ok(FetchAhead { select, tree: plan.prefetch_tree()?, local_time, table: plan.schema.table, rows })
}

/// What rows of this size take in memory, and so much more for each column of their own.
fn weigh(plan: &SelectPlan, row: usize, column: usize) -> Result<Weigh> {
    let own = match plan.yields_models() {
        true => plan.schema.declared().count(),
        false => result_columns(plan)?.len(),
    };
    Ok(Weigh { row: row + own * column, own, joined: plan.joined_width()? })
}

pub(crate) fn int(value: &Value) -> i64 {
    match value {
        Value::Int(v) => *v,
        _ => 0,
    }
}

impl<M: DbModel, Out: Clone + Send + Sync + 'static> Query<M, Out> {
    pub(crate) fn table(&self) -> &'static str {
        self.plan.schema.table
    }

    pub(crate) fn read(&self, statement: Statement) -> ReadJob {
        ReadJob { query: Planned(Arc::new(statement)), table: self.table() }
    }

    pub(crate) fn select(&self, at_most: Option<i64>) -> Result<Statement> {
        select_sql(&self.plan, at_most, &Sqlite, self.db()?.return_local_time())
    }

    /// Reads the rows of one result.
    pub(crate) fn decoder(&self) -> Result<Box<dyn Decoder<Out>>> {
        let db = self.db()?;
        self.output.get().decoder(&self.plan, db.result_origin(self.strict), db.return_local_time())
    }

    /// The rows of the query, or the first or last of them; from memory where they are kept.
    async fn many(&self, want: Want) -> Result<Vec<Out>> {
        let rows = |measured: bool| -> Result<Box<dyn Gather>> { Ok(self.all(measured)?) };
        let asked = Asked { db: self.db()?, plan: &self.plan, yields: TypeId::of::<Out>(), strict: self.strict, want };
        let caching = Wanted { bypass: self.bypass_cache, ttl: self.cache_ttl };
        let (rows, caching) = match asked.answer(caching, &rows).await? {
            Answer::Kept(rows) => return Ok(cloned_apart(|| kept::<Vec<Out>>(&rows).clone())),
            Answer::Read(rows, caching) => (rows, caching),
        };
        let All { rows, measure, .. } = own::<All<Out>>(rows);
        if let (Some(caching), Some(read)) = (caching, measure) {
            caching.put(Arc::new(cloned_apart(|| rows.clone())), size_of::<Vec<Out>>(), read);
        }
        Ok(rows)
    }

    /// A sink for the rows of the query.
    fn all(&self, measured: bool) -> Result<Box<All<Out>>> {
        let decoder = self.decoder()?;
        let measure = match measured {
            true => Some(Measure::new(weigh(&self.plan, size_of::<Out>(), decoder.column_size())?)),
            false => None,
        };
        Ok(Box::new(All { rows: Vec::new(), decoder, measure }))
    }

    async fn single(&self, want: Want) -> Result<Option<Out>> {
        Ok(self.many(want).await?.pop())
    }

    async fn scalar(&self, statement: Statement) -> Result<i64> {
        let sink = self.db()?.reading().await?.fetch(self.read(statement), Scalar::default()).await?;
        Ok(int(&sink.value))
    }

    /// A relation that is loaded for one row is noted, or refused.
    fn follow(&self) -> Result<()> {
        self.lazy.as_ref().map_or(Ok(()), Lazy::follow)
    }

    /// Every row.
    ///
    /// # Errors
    /// [`Error::RecordFetch`], [`Error::Decode`] when a stored row does not fit the model, and the errors of a filter, order
    /// or path that names something that is not there. The same goes for the other terminals that read.
    pub async fn fetch_all(&self) -> Result<Vec<Out>> {
        if let Some(served) = &self.served {
            return Ok(served.rows.iter().map(|row| (served.clone)(row)).collect());
        }
        self.follow()?;
        self.many(Want::All).await
    }

    /// The first row of the query, in its order if it has one, or `None`.
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_one(&self) -> Result<Option<Out>> {
        if let Some(served) = &self.served {
            return Ok(served.rows.get(0).map(|row| (served.clone)(row)));
        }
        self.follow()?;
        self.single(Want::First).await
    }

    /// The first row by the query's order, by the key without one, or `None`.
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_first(&self) -> Result<Option<Out>> {
        if let Some(served) = &self.served {
            return Ok(served.rows.get(0).map(|row| (served.clone)(row)));
        }
        self.follow()?;
        if self.plan.order.is_empty() && !self.plan.projection.is_grouped() {
            let mut ordered = self.clone();
            ordered.plan_mut().order_by_key();
            return ordered.single(Want::First).await;
        }
        self.single(Want::First).await
    }

    /// The last row by the query's order, by the key without one and among equals, or `None`.
    ///
    /// Without a limit, an offset counts from the end. With one, it is the last row that `fetch_all` would return.
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_last(&self) -> Result<Option<Out>> {
        if let Some(served) = &self.served {
            return Ok(served.rows.iter().next_back().map(|row| (served.clone)(row)));
        }
        self.follow()?;
        self.single(Want::Last).await
    }

    /// Every row as a dict of what is selected: columns, annotations, counts. Joined rows are left out.
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_dicts(&self) -> Result<Vec<Dict>> {
        self.plan.check_paths()?;
        self.clone().into_dicts().fetch_all().await
    }

    /// The same rows as dicts.
    pub(crate) fn into_dicts(self) -> Query<M, Dict> {
        self.partial(OutputRef::FIELDS)
    }

    /// How many rows `fetch_all` would return.
    ///
    /// SQL: `SELECT COUNT(*) ..`.
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn count(&self) -> Result<i64> {
        if let Some(served) = &self.served {
            return Ok(served.rows.len() as i64);
        }
        self.scalar(count_sql(&self.plan, &Sqlite, self.db()?.return_local_time())?).await
    }

    /// Whether `fetch_all` would return any row. Stops at the first.
    ///
    /// SQL: `SELECT EXISTS(SELECT 1 .. LIMIT 1)`.
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn exists(&self) -> Result<bool> {
        if let Some(served) = &self.served {
            return Ok(!served.rows.is_empty());
        }
        Ok(self.scalar(exists_sql(&self.plan, &Sqlite, self.db()?.return_local_time())?).await? != 0)
    }

    /// One page of `size` rows; pages are numbered from 1. A limit or offset of the query is replaced. The rows and the total
    /// are of one snapshot.
    ///
    /// Without an order pages go by the key.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a number or size below 1; else as [`fetch_all`](Self::fetch_all).
    pub async fn page(&self, number: i64, size: i64) -> Result<Page<Out>> {
        if number < 1 || size < 1 {
            return Err(Error::InvalidOption(format!(
                "page {number} of {size} rows: pages are numbered from 1 and hold at least one row"
            )));
        }
        let skipped = (number - 1).saturating_mul(size);
        if let Some(Served { rows, clone }) = &self.served {
            let [skip, take] = [skipped, size].map(|n| usize::try_from(n).unwrap_or(usize::MAX));
            let items = rows.iter().skip(skip).take(take).map(clone).collect();
            return Ok(Page::of(items, number, size, rows.len() as i64));
        }
        let mut all = self.clone();
        let plan = all.plan_mut();
        plan.set_limit(-1);
        plan.set_offset(0);
        let count = count_sql(&all.plan, &Sqlite, self.db()?.return_local_time())?;
        let key = self.plan.schema.key().name;
        let ordered = if all.plan.order.is_empty() && !all.plan.projection.is_grouped() { all.order(key) } else { all };
        let select = ordered.limit(size).offset(skipped).select(None)?;
        let fetch = fetch_ahead(&self.plan, select, self.all(false)?, self.db()?.return_local_time())?;
        let job = PageJob { fetch, count, table: self.table(), total: 0 };
        let job = self.db()?.reading().await?.read(job).await?;
        Ok(Page::of(own::<All<Out>>(job.fetch.rows).rows, number, size, job.total))
    }

    /// The statement of `fetch_all` and its parameters.
    ///
    /// # Errors
    /// Those of a filter or order that names something that is not there.
    pub fn sql(&self) -> Result<(String, Vec<Value>)> {
        self.select(None).map(|s| (s.sql, s.params))
    }
}

impl<M: DbModel> Query<M> {
    async fn write(
        &self,
        statement: Statement,
        computed: Vec<&'static ColumnDef>,
        operation: Operation,
    ) -> Result<u64> {
        let local_time = self.db()?.return_local_time();
        let job = Write { statement, computed, operation, schema: self.plan.schema, local_time, rows: 0 };
        Ok(self.db()?.writing().await?.write(job).await?.rows)
    }

    /// Sets columns of every row of the query, and their `updated_at`; says how many. A limit, offset and order are honoured.
    ///
    /// SQL: `UPDATE "books" SET "year" = ?1, "updated_at" = ?2 WHERE ..`. Values are checked against the rules of their
    /// fields, and so is what an expression computes, with the column's type, before it is kept: no row becomes unreadable.
    /// The model's own `validate_with`, which needs whole rows, has no part in it. A value that is read over a
    /// relation, such as `Author::BOOKS.count()`, is read for all rows before the first is changed.
    ///
    /// # Errors
    /// [`Error::Validation`], [`Error::RecordUpdate`], [`Error::InvalidUpdate`] for an assignment that makes no sense,
    /// [`Error::ForeignKeyConstraint`], [`Error::Busy`]. Nothing was changed then.
    pub async fn update(&self, assignments: impl IntoAssignments<M>) -> Result<u64> {
        let mut nodes: Vec<AssignNode> = Vec::new();
        assignments.add_to(&mut nodes);
        self.update_nodes(&nodes).await
    }

    async fn update_nodes(&self, nodes: &[AssignNode]) -> Result<u64> {
        if nodes.is_empty() {
            return Ok(0);
        }
        let update = update_sql(&self.plan, nodes, self.db()?.now(), &Sqlite, self.db()?.return_local_time())?;
        self.write(update.statement, update.computed, Operation::Update).await
    }

    /// Deletes every row of the query; says how many. A limit, offset and order are honoured.
    ///
    /// SQL: `DELETE FROM "books" WHERE ..`.
    ///
    /// # Errors
    /// [`Error::RecordDeletion`], [`Error::ForeignKeyConstraint`] when rows still refer to one of them, [`Error::Busy`].
    /// Nothing was deleted then.
    pub async fn delete(&self) -> Result<u64> {
        let statement = delete_sql(&self.plan, &Sqlite, self.db()?.return_local_time())?;
        self.write(statement, Vec::new(), Operation::Delete).await
    }
}

impl SqliterDb {
    /// `select::<M>().filter(filter).update(assignments)`.
    ///
    /// # Errors
    /// As [`Query::update`].
    pub async fn update_where<M: DbModel>(
        &self,
        filter: impl IntoFilter<M>,
        assignments: impl IntoAssignments<M>,
    ) -> Result<u64> {
        self.select::<M>().filter(filter).update(assignments).await
    }
}
