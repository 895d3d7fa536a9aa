//! Yielding something else than whole rows: values, tuples, dicts, groups, counts.

use sqliter_core::plan::SelectItem;
use sqliter_core::{
    DbModel, DbProjection, Dict, FieldSet, IntoColumns, IntoCount, IntoFilter, IntoGroups, Result, Select, excluded,
};

use crate::driver::own;
use crate::output::{OutputRef, Projections};
use crate::query::Query;
use crate::sinks::All;

impl<M: DbModel, Out: Clone + Send + Sync + 'static> Query<M, Out> {
    /// Yields one value of each row: `only(User::NAME)` yields `String`s.
    ///
    /// A partial result has a type of its own, so that it can never be written back.
    pub fn only<S: Select<M>>(self, value: S) -> Query<M, S::Out> {
        let (node, store) = value.into_expr();
        self.listing(vec![SelectItem::expr(node, store)]).partial(OutputRef::VALUE)
    }

    /// Yields several values of each row: a tuple for a tuple of columns and expressions, [`Dict`]s for a list of names such as
    /// `["title", "author__name"]`. An empty list is every column.
    pub fn fields<F: FieldSet<M>>(self, fields: F) -> Query<M, F::Out> {
        self.listing(fields.items()).partial(OutputRef::FIELDS)
    }

    /// Yields every column but these, as [`Dict`]s. The key cannot be left out.
    pub fn exclude(self, columns: impl IntoColumns<M>) -> Query<M, Dict> {
        let mut query = self;
        let projection = &mut query.plan_mut().projection;
        projection.items = None;
        projection.exclude = excluded(columns);
        query.partial(OutputRef::FIELDS)
    }

    /// The same rows as something that is no row of the model.
    pub(crate) fn partial<O>(mut self, output: OutputRef<O>) -> Query<M, O> {
        self.plan_mut().projection.partial = true;
        self.yielding(output)
    }

    fn listing(mut self, items: Vec<SelectItem>) -> Self {
        let projection = &mut self.plan_mut().projection;
        projection.exclude.clear();
        projection.items = Some(items);
        self
    }

    /// Puts rows together that agree in these values: SQL `GROUP BY`. Yields a [`Dict`] for each group: these values, then the
    /// annotations. Several calls add up; of nothing nothing is grouped.
    ///
    /// `only` and `fields` after it say what is yielded of a group instead: `.group_by(Sale::CATEGORY).fields((Sale::CATEGORY,
    /// func::sum(Sale::AMOUNT)))` yields typed pairs. Without a `group_by`, values beside an aggregate are grouped by.
    ///
    /// ```
    /// # use sqliter_async::prelude::*;
    /// # use sqliter_async::{alias, func};
    /// # #[derive(Debug, Clone, DbModel)]
    /// # struct Sale { pk: Pk<Self>, category: String, amount: i64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let db = SqliterDb::memory().await?;
    /// # db.create_table::<Sale>().await?;
    /// # for (c, a) in [("tea", 3), ("tea", 30), ("ink", 4)] { Sale::builder().category(c).amount(a).insert(&db).await?; }
    /// let totals = db.select::<Sale>()
    ///     .group_by(Sale::CATEGORY)
    ///     .annotate("total", func::sum(Sale::AMOUNT))
    ///     .having(alias("total").gt(20))
    ///     .order(alias("total").desc())
    ///     .fetch_all()
    ///     .await?;
    /// assert_eq!(totals[0].value("total"), Some(&Value::Int(33)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn group_by(mut self, by: impl IntoGroups<M>) -> Query<M, Dict> {
        let projection = &mut self.plan_mut().projection;
        let groups = projection.groups.len();
        by.add_to(&mut projection.groups);
        if projection.groups.len() > groups {
            projection.items = None;
            projection.exclude.clear();
        }
        self.partial(OutputRef::FIELDS)
    }

    /// Adds a computed value under a name. Aggregates are computed for each group, without groups over all rows; anything else
    /// for each row. Yields [`Dict`]s.
    ///
    /// A name that is empty, taken, or that of a field is [`Error::InvalidProjection`](crate::Error::InvalidProjection) when the
    /// query runs.
    pub fn annotate(mut self, name: &str, value: impl Select<M>) -> Query<M, Dict> {
        let (node, store) = value.into_expr();
        self.plan_mut().projection.annotations.push((name.to_owned(), SelectItem::expr(node, store)));
        self.partial(OutputRef::FIELDS)
    }

    /// Keeps the groups that match: SQL `HAVING`. The condition is about what was grouped by, aggregates, and annotations and
    /// counts by their names: `having(alias("total").gt(20))`. Several calls must all match; `None` adds nothing.
    pub fn having(mut self, filter: impl IntoFilter<M>) -> Self {
        self.plan_mut().projection.having.extend(filter.into_filter().map(|f| f.into_node()));
        self
    }

    /// Adds how many rows a to-many relation leads to, under a name: what was yielded becomes a pair with the count.
    ///
    /// Counts do not multiply each other: each is a subquery. A path over several relations counts each way to a row, with
    /// `.distinct()` each row.
    ///
    /// SQL: `(SELECT COUNT(*) FROM "books" AS t1 WHERE t1."author_id" = t0."pk") AS "book_count"`.
    pub fn with_count(mut self, relation: impl IntoCount<M>, name: &str) -> Query<M, (Out, i64)> {
        let position = self.plan.projection.counts.len();
        self.plan_mut().projection.counts.push((name.to_owned(), relation.into_count()));
        let output = OutputRef::counted(self.output.clone(), position);
        self.yielding(output)
    }

    /// Every row as a struct with `#[derive(DbProjection)]`: only the columns that it asks for are read. They are fields, paths such
    /// as `author__name`, annotations and counts.
    ///
    /// ```
    /// # use sqliter_async::prelude::*;
    /// # #[derive(Debug, Clone, DbModel)]
    /// # struct Author { pk: Pk<Self>, name: String }
    /// # #[derive(Debug, Clone, DbModel)]
    /// # struct Book { pk: Pk<Self>, title: String, pages: i64, author: ForeignKey<Author> }
    /// #[derive(Debug, PartialEq, DbProjection)]
    /// struct Line {
    ///     title: String,
    ///     #[projection(from = "author__name")]
    ///     author: String,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let db = SqliterDb::memory().await?;
    /// # db.create_tables::<(Author, Book)>().await?;
    /// # let jane = Author::builder().name("Jane").insert(&db).await?;
    /// # Book::builder().title("Emma").pages(474).author(&jane).insert(&db).await?;
    /// let lines = db.select::<Book>().order(Book::TITLE).fetch_as::<Line>().await?;
    /// assert_eq!(lines, [Line { title: "Emma".into(), author: "Jane".into() }]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidProjection`](crate::Error::InvalidProjection) when the query has not a column that the struct asks for;
    /// else as [`fetch_all`](Self::fetch_all).
    pub async fn fetch_as<T: DbProjection>(&self) -> Result<Vec<T>> {
        let items = T::columns().iter().map(|c| SelectItem::named(c.source)).collect();
        let query = self.clone().projecting(items);
        let decoder = Projections::<T>::decoder(&query.plan, query.db()?.result_origin(query.strict))?;
        let job = query.read(query.select(None)?);
        let sink = Box::new(All { rows: Vec::new(), decoder, measure: None });
        Ok(own::<All<T>>(query.db()?.reading().await?.fetch_boxed(job, sink).await?).rows)
    }

    /// These columns alone, the annotations among them by their names.
    fn projecting(mut self, items: Vec<SelectItem>) -> Self {
        let projection = &mut self.plan_mut().projection;
        if projection.is_grouped() && projection.groups.is_empty() {
            // What the rows are grouped by stays what it was, whatever is read of a group.
            let plain = |item: &SelectItem| !item.is_aggregate();
            projection.groups = projection.items.take().unwrap_or_default().into_iter().filter(plain).collect();
        }
        projection.exclude.clear();
        projection.only_items = true;
        projection.partial = true;
        projection.items = Some(items);
        self
    }
}
