//! [`Query`]: a chain that describes what is wanted. Nothing runs before a terminal method.

use std::fmt;
use std::marker::PhantomData;

use sqliter_core::plan::SelectPlan;
use sqliter_core::{DbModel, IntoFilter, IntoOrder};

use crate::db::SqliterDb;

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
pub struct Query<M> {
    pub(crate) db: SqliterDb,
    pub(crate) plan: SelectPlan,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for Query<M> {
    fn clone(&self) -> Self {
        Query { db: self.db.clone(), plan: self.plan.clone(), model: PhantomData }
    }
}

impl<M> fmt::Debug for Query<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query").field("plan", &self.plan).finish_non_exhaustive()
    }
}

impl SqliterDb {
    /// Starts a query over all rows of a model.
    pub fn select<M: DbModel>(&self) -> Query<M> {
        Query { db: self.clone(), plan: SelectPlan::new(M::schema()), model: PhantomData }
    }
}

impl<M: DbModel> Query<M> {
    /// Keeps the rows that match. Several calls must all match; `None` adds nothing.
    pub fn filter(mut self, filter: impl IntoFilter<M>) -> Self {
        self.plan.filters.extend(filter.into_filter().map(|f| f.into_node()));
        self
    }

    /// Sorts by a column, `.asc()`, `.desc()`, a string such as `"-year"`, or a tuple or list of these. A second call
    /// replaces the first.
    pub fn order(mut self, order: impl IntoOrder<M>) -> Self {
        self.plan.order.clear();
        order.add_to(&mut self.plan.order);
        self
    }

    /// At most this many rows; a negative number is no limit.
    pub fn limit(mut self, limit: i64) -> Self {
        self.plan.set_limit(limit);
        self
    }

    /// Skips this many rows. A negative number is [`Error::InvalidOffset`](crate::Error::InvalidOffset) when the query runs.
    pub fn offset(mut self, offset: i64) -> Self {
        self.plan.set_offset(offset);
        self
    }
}
