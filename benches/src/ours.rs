//! SQLiter, as its guide shows it.

use std::path::Path;

use sqliter_async::prelude::*;

use crate::Plain;

/// The rows that are read.
#[derive(Debug, Clone, DbModel)]
#[model(table = "shelf")]
pub struct Shelved {
    pk: Pk<Self>,
    created_at: i64,
    updated_at: i64,
    title: String,
    author_id: i64,
    year: i64,
    rating: f64,
}

/// The rows that are written.
#[derive(Debug, Clone, DbModel)]
pub struct Book {
    pk: Pk<Self>,
    created_at: i64,
    updated_at: i64,
    title: String,
    author_id: i64,
    year: i64,
    rating: f64,
}

pub(crate) struct Contestant {
    db: SqliterDb,
}

fn plain(book: Shelved) -> Plain {
    Plain {
        pk: book.pk.get().unwrap_or_default(),
        title: book.title,
        author_id: book.author_id,
        year: book.year,
        rating: book.rating,
        // The two files were not filled in the same second.
        created_at: 0,
        updated_at: 0,
    }
}

fn model(row: &Plain) -> Book {
    Book {
        pk: Pk::unset(),
        created_at: 0,
        updated_at: 0,
        title: row.title.clone(),
        author_id: row.author_id,
        year: row.year,
        rating: row.rating,
    }
}

/// The rows as models.
pub(crate) fn models(rows: &[Plain]) -> Vec<Book> {
    rows.iter().map(model).collect()
}

impl Contestant {
    pub(crate) async fn open(path: &Path, rows: &[Plain]) -> Result<Self> {
        let db = SqliterDb::open(path).await?;
        db.create_tables::<(Shelved, Book)>().await?;
        db.bulk_insert(models(rows).into_iter().map(|b| Shelved {
            pk: Pk::unset(),
            created_at: 0,
            updated_at: 0,
            title: b.title,
            author_id: b.author_id,
            year: b.year,
            rating: b.rating,
        }))
        .await?;
        Ok(Contestant { db })
    }

    pub(crate) async fn begin(&self) -> Result<Transaction> {
        self.db.begin().await
    }

    pub(crate) async fn get(&self, pk: i64) -> Result<Option<Shelved>> {
        self.db.get::<Shelved>(pk).await
    }

    pub(crate) async fn fetch_all(&self, limit: i64) -> Result<Vec<Shelved>> {
        self.db.select::<Shelved>().filter(Shelved::YEAR.gte(1000)).order(Shelved::PK).limit(limit).fetch_all().await
    }

    pub(crate) async fn insert(&self, row: &Plain) -> Result<Book> {
        self.db.insert(model(row)).await
    }

    pub(crate) async fn bulk_insert(&self, rows: Vec<Book>) -> Result<()> {
        self.db.bulk_insert(rows).await.map(drop)
    }

    pub(crate) async fn empty(&self) -> std::result::Result<(), sqliter_async::sqlx::Error> {
        use sqliter_async::sqlx;
        for sql in
            ["DELETE FROM books", "DELETE FROM sqlite_sequence WHERE name = 'books'", "PRAGMA wal_checkpoint(TRUNCATE)"]
        {
            sqlx::query(sql).execute(self.db.pool()).await?;
        }
        Ok(())
    }

    pub(crate) async fn contents(&self) -> Result<Vec<(i64, String)>> {
        let books = self.db.select::<Book>().order(Book::PK).fetch_all().await?;
        Ok(books.into_iter().map(|b| (b.pk.get().unwrap_or_default(), b.title)).collect())
    }
}

/// In a transaction.
pub(crate) async fn get_in(tx: &SqliterDb, pk: i64) -> Result<Option<Shelved>> {
    tx.get::<Shelved>(pk).await
}

/// In a transaction.
pub(crate) async fn insert_in(tx: &SqliterDb, row: &Plain) -> Result<Book> {
    tx.insert(model(row)).await
}

/// For comparing results before they are timed.
pub(crate) fn as_plain(books: Vec<Shelved>) -> Vec<Plain> {
    books.into_iter().map(plain).collect()
}
