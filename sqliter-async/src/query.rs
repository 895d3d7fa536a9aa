//! [`Query`]: a chain that describes what is wanted. Nothing runs before a terminal method.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use sqliter_core::plan::SelectPlan;
use sqliter_core::{DbModel, Error, IntoFilter, IntoJoin, IntoOrder, IntoPrefetch, RelatedRows, Result, WholeRows};

use crate::db::SqliterDb;
use crate::output::OutputRef;
use crate::relations::Lazy;

/// A query over the rows of `M`.
///
/// Chain methods take it and return it; terminal methods (`fetch_all`, `count`, ..) take `&self` and change nothing, so that
/// one query can be counted and then fetched.
///
/// ```
/// # use sqliter_async::prelude::*;
/// # #[derive(Debug, Clone, DbModel)]
/// # struct Book { pk: Pk<Self>, title: String, year: Option<i64> }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let db = SqliterDb::memory().await?;
/// # db.create_table::<Book>().await?;
/// # Book::builder().title("Emma").year(1815).insert(&db).await?;
/// let old = db.select::<Book>().filter(Book::YEAR.lt(1900)).order(Book::TITLE);
/// assert_eq!(old.count().await?, 1);
/// assert_eq!(old.fetch_all().await?[0].title, "Emma");
/// # Ok(())
/// # }
/// ```
#[must_use = "a query does nothing until a terminal method such as `fetch_all()`"]
pub struct Query<M, Out: 'static = M> {
    db: Source,
    /// Shared with the cache, which finds results by it.
    pub(crate) plan: Arc<SelectPlan>,
    pub(crate) output: OutputRef<Out>,
    /// Loading related rows one by one is an error.
    pub(crate) strict: bool,
    pub(crate) bypass_cache: bool,
    pub(crate) cache_ttl: Option<Duration>,
    /// The rows, if they were loaded ahead.
    pub(crate) served: Option<Served<Out>>,
    /// Whose related rows these are.
    pub(crate) lazy: Option<Lazy>,
    model: PhantomData<fn() -> M>,
}

/// Rows that were loaded ahead.
pub(crate) struct Served<Out> {
    pub(crate) rows: Arc<RelatedRows<Out>>,
    pub(crate) clone: fn(&Out) -> Out,
}

impl<Out> Clone for Served<Out> {
    fn clone(&self) -> Self {
        Served { rows: self.rows.clone(), clone: self.clone }
    }
}

/// Where a query runs, or why it cannot.
#[derive(Clone)]
enum Source {
    Db(SqliterDb),
    NoContext(String),
    Closed,
}

impl<M, Out> Clone for Query<M, Out> {
    fn clone(&self) -> Self {
        Query {
            db: self.db.clone(),
            plan: self.plan.clone(),
            output: self.output.clone(),
            strict: self.strict,
            bypass_cache: self.bypass_cache,
            cache_ttl: self.cache_ttl,
            served: self.served.clone(),
            lazy: self.lazy.clone(),
            model: PhantomData,
        }
    }
}

impl<M, Out> fmt::Debug for Query<M, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query").field("plan", &self.plan).finish_non_exhaustive()
    }
}

impl SqliterDb {
    /// Starts a query over all rows of a model.
    pub fn select<M: DbModel>(&self) -> Query<M> {
        Query::of(Ok(self.clone()), SelectPlan::new(M::schema()), None, None)
    }
}

impl<M: DbModel> Query<M> {
    pub(crate) fn of(
        db: Result<SqliterDb>,
        plan: SelectPlan,
        served: Option<Arc<RelatedRows<M>>>,
        lazy: Option<Lazy>,
    ) -> Self {
        let db = match db {
            Ok(db) => Source::Db(db),
            Err(Error::NoDbContext { relation }) => Source::NoContext(relation),
            Err(_) => Source::Closed,
        };
        let strict = plan.schema.strict_loading;
        let served = served.map(|rows| Served { rows, clone: M::clone });
        Query {
            db,
            plan: Arc::new(plan),
            output: OutputRef::MODEL,
            strict,
            bypass_cache: false,
            cache_ttl: None,
            served,
            lazy,
            model: PhantomData,
        }
    }

    /// A query that can only say why it cannot run.
    pub(crate) fn without_db(reason: Error) -> Self {
        Query::of(Err(reason), SelectPlan::new(M::schema()), None, None)
    }
}

impl<M, Out> Query<M, Out> {
    /// The same rows as something else.
    pub(crate) fn yielding<O>(self, output: OutputRef<O>) -> Query<M, O> {
        let Query { db, plan, strict, bypass_cache, cache_ttl, .. } = self;
        Query { db, plan, output, strict, bypass_cache, cache_ttl, served: None, lazy: None, model: PhantomData }
    }

    pub(crate) fn plan_mut(&mut self) -> &mut SelectPlan {
        Arc::make_mut(&mut self.plan)
    }

    /// The database.
    ///
    /// # Errors
    /// When the query began at a row that has none.
    pub(crate) fn db(&self) -> Result<&SqliterDb> {
        match &self.db {
            Source::Db(db) => Ok(db),
            Source::NoContext(relation) => Err(Error::NoDbContext { relation: relation.clone() }),
            Source::Closed => Err(Error::Closed),
        }
    }

    /// It is no longer what was loaded ahead, nor what could have been.
    fn narrowed(mut self) -> Self {
        self.served = None;
        self.lazy = None;
        self
    }

    /// It is no longer what was loaded ahead.
    fn unserved(mut self) -> Self {
        self.served = None;
        self
    }

    /// The same, not counted as a relation that is loaded for one row.
    pub(crate) fn reloading(self) -> Self {
        self.narrowed()
    }
}

impl<M: DbModel, Out: Clone + Send + Sync + 'static> Query<M, Out> {
    /// Keeps the rows that match. Several calls must all match; `None` adds nothing.
    pub fn filter(self, filter: impl IntoFilter<M>) -> Self {
        let Some(filter) = filter.into_filter() else { return self };
        let mut query = self.narrowed();
        query.plan_mut().filters.push(filter.into_node());
        query
    }

    /// Sorts by a column, `.asc()`, `.desc()`, a string such as `"-year"`, or a tuple or list of these. A second call
    /// replaces the first.
    pub fn order(self, order: impl IntoOrder<M>) -> Self {
        let mut query = self.unserved();
        let plan = query.plan_mut();
        plan.order.clear();
        order.add_to(&mut plan.order);
        query
    }

    /// Equal rows count once: SQL `SELECT DISTINCT`. For whole rows, which differ by their keys, it changes nothing.
    pub fn distinct(self) -> Self {
        let mut query = self.unserved();
        query.plan_mut().distinct = true;
        query
    }

    /// At most this many rows; a negative number is no limit.
    ///
    /// SQLite plans by the number, which is part of the statement: a few limits that come again are better than a new one each
    /// time.
    pub fn limit(self, limit: i64) -> Self {
        let mut query = self.narrowed();
        query.plan_mut().set_limit(limit);
        query
    }

    /// Skips this many rows. A negative number is [`Error::InvalidOffset`](crate::Error::InvalidOffset) when the query runs.
    pub fn offset(self, offset: i64) -> Self {
        let mut query = self.narrowed();
        query.plan_mut().set_offset(offset);
        query
    }

    /// Neither asks the cache nor adds to it.
    pub fn bypass_cache(mut self) -> Self {
        self.bypass_cache = true;
        self
    }

    /// How long the cache keeps the result, whatever the handle's own time is. Zero expires at once.
    pub fn cache_ttl(mut self, ttl: Duration) -> Self {
        self.cache_ttl = Some(ttl);
        self
    }

    /// Makes it an error to load a relation of one of the rows by itself: what a loop over the rows needs has to be loaded with
    /// the query.
    pub fn strict_loading(mut self) -> Self {
        self.strict = true;
        self
    }
}

impl<M: DbModel, Out: WholeRows<M> + Clone + Send + Sync + 'static> Query<M, Out> {
    /// Loads the rows that foreign keys refer to in the same statement: `Book::AUTHOR`, a path such as
    /// `Comment::BOOK.to(Book::AUTHOR)`, or a string such as `"book__author"`. Several calls add up.
    ///
    /// Each `book.author` is then [loaded](crate::ForeignKey::loaded); books with one author share it.
    ///
    /// SQL: a `JOIN`; a `LEFT JOIN` from the first optional key of a path on, so that no row is lost.
    pub fn select_related(self, path: impl IntoJoin<M>) -> Self {
        let mut query = self.unserved();
        query.plan_mut().related.push(path.into_join());
        query
    }

    /// Loads what relations lead to, by one more statement for each step, whatever the number of rows: `Author::BOOKS`, a path
    /// such as `Author::BOOKS.to(Book::REVIEWS)`, `Author::BOOKS.filter(..).order(..)`, or a string such as `"books__reviews"`.
    /// Several calls add up.
    ///
    /// `author.books()` is then served from memory: as it was when the rows were read, and narrowed as asked here. All
    /// statements read one snapshot.
    pub fn prefetch_related(self, relation: impl IntoPrefetch<M>) -> Self {
        let mut query = self.unserved();
        query.plan_mut().prefetch.push(relation.into_prefetch());
        query
    }
}
