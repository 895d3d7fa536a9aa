//! [`LoadedRows`]: what was loaded ahead for a row, looked at where it is.

use std::fmt;
use std::iter::FusedIterator;
use std::ops::{Index, Range};
use std::sync::Arc;

use sqliter_core::{DbModel, Error, RelatedRows, Result};

use crate::context::{relation_name, remedy};
use crate::query::Query;

/// The rows of a relation that were loaded ahead for one row: shared, not copied.
///
/// They stay as they are, whatever is written later; a write through a many-to-many relation makes new ones for its row.
pub struct LoadedRows<T>(Arc<RelatedRows<T>>);

impl<T> LoadedRows<T> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The row at a position.
    pub fn get(&self, position: usize) -> Option<&T> {
        self.0.get(position)
    }

    /// The rows, in the order in which they were loaded.
    pub fn iter(&self) -> LoadedIter<'_, T> {
        self.into_iter()
    }
}

impl<'r, T> IntoIterator for &'r LoadedRows<T> {
    type Item = &'r T;
    type IntoIter = LoadedIter<'r, T>;

    fn into_iter(self) -> Self::IntoIter {
        LoadedIter { rows: self, left: 0..self.len() }
    }
}

/// The rows of a [`LoadedRows`], one after the other.
pub struct LoadedIter<'r, T> {
    rows: &'r LoadedRows<T>,
    left: Range<usize>,
}

impl<'r, T> Iterator for LoadedIter<'r, T> {
    type Item = &'r T;

    fn next(&mut self) -> Option<&'r T> {
        self.rows.get(self.left.next()?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }

    fn nth(&mut self, n: usize) -> Option<&'r T> {
        self.rows.get(self.left.nth(n)?)
    }
}

impl<T> DoubleEndedIterator for LoadedIter<'_, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.rows.get(self.left.next_back()?)
    }

    fn nth_back(&mut self, n: usize) -> Option<Self::Item> {
        self.rows.get(self.left.nth_back(n)?)
    }
}

impl<T> ExactSizeIterator for LoadedIter<'_, T> {}
impl<T> FusedIterator for LoadedIter<'_, T> {}

impl<T: fmt::Debug> fmt::Debug for LoadedIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<T> Clone for LoadedIter<'_, T> {
    fn clone(&self) -> Self {
        LoadedIter { rows: self.rows, left: self.left.clone() }
    }
}

impl<T> Index<usize> for LoadedRows<T> {
    type Output = T;

    #[allow(clippy::panic, reason = "as any index")]
    fn index(&self, position: usize) -> &T {
        let len = self.len();
        self.get(position).unwrap_or_else(|| panic!("row {position} of {len} loaded ones"))
    }
}

impl<T> Clone for LoadedRows<T> {
    fn clone(&self) -> Self {
        LoadedRows(self.0.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for LoadedRows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<M: DbModel> Query<M> {
    /// The rows of a relation that were loaded ahead with `prefetch_related`: no statement, no copy, no `await`. What
    /// [`ForeignKey::loaded`](crate::ForeignKey::loaded) is for the way to one row.
    ///
    /// ```
    /// # use sqliter_async::prelude::*;
    /// # #[derive(Debug, Clone, DbModel)]
    /// # struct Author { pk: Pk<Self>, name: String }
    /// # #[derive(Debug, Clone, DbModel)]
    /// # struct Book { pk: Pk<Self>, title: String, author: ForeignKey<Author> }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let db = SqliterDb::memory().await?;
    /// # db.create_tables::<(Author, Book)>().await?;
    /// # let jane = Author::builder().name("Jane Austen").insert(&db).await?;
    /// # Book::builder().title("Emma").author(&jane).insert(&db).await?;
    /// for author in db.select::<Author>().prefetch_related(Author::BOOKS).fetch_all().await? {
    ///     for book in &author.books().loaded()? {
    ///         println!("{} by {}", book.title, author.name);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::RelationNotLoaded`] when they were not loaded ahead, when the query is narrowed or sorted, and when it is no
    /// relation's; [`Error::NoDbContext`] on a row that was neither inserted nor loaded.
    pub fn loaded(&self) -> Result<LoadedRows<M>> {
        if let Some(served) = &self.served {
            return Ok(LoadedRows(served.rows.clone()));
        }
        self.db()?;
        Err(match &self.lazy {
            Some(lazy) => Error::RelationNotLoaded {
                relation: relation_name(lazy.hop),
                hint: format!("use `.fetch_all().await`, or {}", remedy(lazy.hop)),
            },
            None => Error::RelationNotLoaded {
                relation: self.table().to_owned(),
                hint:
                    "only a whole relation of a row is loaded ahead, such as `author.books()`; use `.fetch_all().await`"
                        .to_owned(),
            },
        })
    }
}
