//! [`RowStream`]: rows one after the other, read a batch at a time.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use sqliter_core::plan::PrefetchTree;
use sqliter_core::{DbModel, Dict, Error, Result};

use crate::ambient::scope_within;
use crate::db::SqliterDb;
use crate::driver::{Batch, Connection, Feed, RowRef, RowSink, Source, StreamSink};
use crate::output::Decoder;
use crate::query::Query;
use crate::raw::Rows;
use crate::relations::Lazy;

/// The rows of a query, one after the other: memory does not grow with their number.
///
/// It is a [`Stream`], and has a [`next`](RowStream::next) of its own. Nothing runs before the first row is asked for; that
/// takes a connection, which goes back after the last row, or when the stream is dropped. An error is its last item.
///
/// - Outside transactions the rows are those of one moment, whatever is written meanwhile. A stream has a connection of its
///   own, so that queries and writes for each row find theirs free. Eight streams of one database may be open at the same
///   time; the next waits.
/// - In a transaction a stream sees what was written there before it began. The first write after that reads the rest of the
///   stream into memory. A commit or rollback ends the stream: the next row is
///   [`TransactionEnded`](crate::Error::TransactionEnded).
/// - In memory, and with a journal other than the write-ahead log, a write from anywhere (with such a journal every call) reads
///   the rest of the open streams into memory, because it would have to wait for their end.
///
/// ```
/// # use sqliter_async::prelude::*;
/// # #[derive(Debug, Clone, DbModel)]
/// # struct Book { pk: Pk<Self>, title: String }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let db = SqliterDb::memory().await?;
/// # db.create_table::<Book>().await?;
/// # Book::builder().title("Emma").insert(&db).await?;
/// let mut books = db.select::<Book>().order(Book::TITLE).stream();
/// while let Some(book) = books.next().await {
///     println!("{}", book?.title);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing until its rows are asked for"]
pub struct RowStream<T> {
    rows: std::vec::IntoIter<T>,
    state: State,
}

type Opening = Pin<Box<dyn Future<Output = Result<(Feed, Batch)>> + Send>>;
type Next = Pin<Box<dyn Future<Output = Result<Batch>> + Send>>;

enum State {
    /// Taking a connection, or not even that.
    Opening(Opening),
    /// A batch is under way. The feed is dropped first: what runs is told to stop.
    Waiting(Feed, Next),
    /// These rows are the last, and then comes this.
    Last(Option<Error>),
}

// Nothing in it is pinned in place.
impl<T> Unpin for RowStream<T> {}

impl<T: Send + 'static> RowStream<T> {
    /// The rows of a source, which go through a sink that makes `Vec<T>`s of them.
    pub(crate) fn open(db: SqliterDb, source: Source, sink: Box<dyn StreamSink>) -> Self {
        let opening = async move {
            let feed = db.reading().await?.stream(source, sink);
            let batch = feed.next(scope_within).await?;
            Ok((feed, batch))
        };
        RowStream { rows: Vec::new().into_iter(), state: State::Opening(Box::pin(opening)) }
    }

    /// A stream of one error.
    pub(crate) fn failed(error: Error) -> Self {
        RowStream { rows: Vec::new().into_iter(), state: State::Last(Some(error)) }
    }

    /// Rows that are there already.
    pub(crate) fn of(rows: Vec<T>) -> Self {
        RowStream { rows: rows.into_iter(), state: State::Last(None) }
    }

    /// The next row, or `None` after the last. Dropping its future loses nothing.
    ///
    /// # Errors
    /// Those of the query, once, as the last item: [`Error::RecordFetch`], [`Error::Decode`];
    /// [`Error::TransactionEnded`] when the transaction that the stream is in was committed or rolled back;
    /// [`Error::Closed`]; [`Error::Busy`] when too many streams are open.
    pub async fn next(&mut self) -> Option<Result<T>> {
        std::future::poll_fn(|cx| self.poll_row(cx)).await
    }

    fn poll_row(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(row) = self.rows.next() {
                return Poll::Ready(Some(Ok(row)));
            }
            let out = match &mut self.state {
                State::Last(error) => return Poll::Ready(error.take().map(Err)),
                State::Opening(opening) => match opening.as_mut().poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(out) => out.map(|(feed, batch)| (Some(feed), batch)),
                },
                State::Waiting(_, next) => match next.as_mut().poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(out) => out.map(|batch| (None, batch)),
                },
            };
            match out {
                Ok((feed, batch)) => self.take(feed, batch),
                Err(e) => self.state = State::Last(Some(e)),
            }
        }
    }

    fn take(&mut self, opened: Option<Feed>, batch: Batch) {
        if let Ok(rows) = batch.rows.downcast::<Vec<T>>() {
            self.rows = rows.into_iter();
        }
        let feed = match std::mem::replace(&mut self.state, State::Last(None)) {
            State::Waiting(feed, _) => Some(feed),
            _ => opened,
        };
        self.state = match (batch.end, feed) {
            (None, Some(feed)) => {
                // The next batch is read while this one is used.
                let next = feed.next(scope_within);
                State::Waiting(feed, next)
            }
            (end, _) => State::Last(end.and_then(Result::err)),
        };
    }
}

impl<T: Send + 'static> Stream for RowStream<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_row(cx)
    }
}

impl<T> fmt::Debug for RowStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let over = matches!(self.state, State::Last(None)) && self.rows.as_slice().is_empty();
        f.debug_struct("RowStream").field("over", &over).finish_non_exhaustive()
    }
}

/// Dicts of raw SQL.
pub(crate) struct RawDicts(pub(crate) Rows);

impl StreamSink for RawDicts {
    fn row(&mut self, row: &RowRef<'_>) -> Result<()> {
        self.0.row(row)
    }

    fn complete(&mut self, _: &mut Connection) -> Result<()> {
        Ok(())
    }

    fn take(&mut self) -> Box<dyn Any + Send> {
        Box::new(std::mem::take::<Vec<Dict>>(&mut self.0.rows))
    }
}

/// Rows of a query, with what belongs to them.
struct Decoded<Out: 'static> {
    rows: Vec<Out>,
    decoder: Box<dyn Decoder<Out>>,
    tree: Vec<PrefetchTree>,
    local_time: bool,
}

impl<Out: Send + 'static> StreamSink for Decoded<Out> {
    fn row(&mut self, row: &RowRef<'_>) -> Result<()> {
        self.rows.push(self.decoder.read(row)?);
        Ok(())
    }

    fn reads_more(&self) -> bool {
        !self.tree.is_empty()
    }

    fn complete(&mut self, connection: &mut Connection) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        self.rows = self.decoder.load_ahead(rows, connection, &self.tree, self.local_time)?;
        Ok(())
    }

    fn take(&mut self) -> Box<dyn Any + Send> {
        // Rows that were joined are shared within a batch: more would grow without end.
        self.decoder.clear();
        // The next batch is as large, but for the last.
        let next = Vec::with_capacity(self.rows.len());
        Box::new(std::mem::replace(&mut self.rows, next))
    }
}

impl<M: DbModel, Out: Clone + Send + Sync + 'static> Query<M, Out> {
    /// The rows one after the other, read a batch at a time; see [`RowStream`].
    ///
    /// What `prefetch_related` asks for is loaded for each batch. The cache is neither asked nor filled.
    ///
    /// # Errors
    /// Those of [`fetch_all`](Self::fetch_all) come from the stream.
    pub fn stream(&self) -> RowStream<Out> {
        if let Some(served) = &self.served {
            return RowStream::of(served.rows.iter().map(|row| (served.clone)(row)).collect());
        }
        self.open_stream().unwrap_or_else(RowStream::failed)
    }

    fn open_stream(&self) -> Result<RowStream<Out>> {
        self.lazy.as_ref().map_or(Ok(()), Lazy::follow)?;
        let db = self.db()?;
        let statement = self.select(None)?;
        let (tree, local_time) = (self.plan.prefetch_tree()?, db.return_local_time());
        let sink = Decoded::<Out> { rows: Vec::new(), decoder: self.decoder()?, tree, local_time };
        Ok(RowStream::open(db.clone(), Source::Job(self.read(statement)), Box::new(sink)))
    }
}
