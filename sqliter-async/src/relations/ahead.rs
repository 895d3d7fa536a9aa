//! [`LoadedRows`]: what was loaded ahead for a row, looked at where it is.

use std::fmt;
use std::ops::Index;
use std::slice::Iter;
use std::sync::Arc;

use sqliter_core::{DbModel, Error, Result};

use crate::context::{relation_name, remedy};
use crate::query::Query;

/// The rows of a relation that were loaded ahead for one row: shared, not copied.
///
/// They stay as they are, whatever is written later; a write through a many-to-many relation makes new ones for its row.
pub struct LoadedRows<T>(Arc<Vec<Arc<T>>>);

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
        self.0.get(position).map(|row| &**row)
    }

    /// The rows, in the order in which they were loaded.
    pub fn iter(&self) -> <&Self as IntoIterator>::IntoIter {
        self.into_iter()
    }
}

impl<'r, T> IntoIterator for &'r LoadedRows<T> {
    type Item = &'r T;
    type IntoIter = std::iter::Map<Iter<'r, Arc<T>>, fn(&'r Arc<T>) -> &'r T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|row| &**row)
    }
}

impl<T> Index<usize> for LoadedRows<T> {
    type Output = T;

    fn index(&self, position: usize) -> &T {
        &self.0[position]
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
