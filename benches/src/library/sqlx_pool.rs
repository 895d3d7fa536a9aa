//! sqlx on its pool: prepared statements, columns by position as its checked macros read them, `QueryBuilder` for many rows.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteExecutor, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, FromRow, QueryBuilder, Row, Sqlite};

use super::{
    Plain, READERS, Work, book_text, key, mixed, now, reader_keys, row, rows, story_text, sum_text, written_key,
};
use crate::contest::{Answer, Clock, Outcome};

const GET: &str = "SELECT pk, created_at, updated_at, title, author_id, year, rating FROM shelf WHERE pk = ?1";
/// The number comes after it: a limit that is a parameter makes SQLite prepare the statement again at every run.
const ALL: &str = "SELECT pk, created_at, updated_at, title, author_id, year, rating FROM shelf WHERE year >= ?1 \
     ORDER BY pk LIMIT ";
const STREAM: &str = "SELECT pk, created_at, updated_at, title, author_id, year, rating FROM shelf ORDER BY pk";
const INSERT: &str =
    "INSERT INTO books (created_at, updated_at, title, author_id, year, rating) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const INSERT_MANY: &str = "INSERT INTO books (created_at, updated_at, title, author_id, year, rating) ";
const UPDATE: &str =
    "UPDATE books SET updated_at = ?1, title = ?2, author_id = ?3, year = ?4, rating = ?5 WHERE pk = ?6";
const BOOKS: &str = "SELECT pk, created_at, updated_at, title, author_id, year, rating FROM books ORDER BY pk";
const JOIN: &str = "SELECT s.pk, s.title, s.year, a.pk, a.name FROM stories s JOIN authors a ON a.pk = s.author_id \
     ORDER BY s.pk";
const AUTHORS: &str = "SELECT pk, name FROM authors ORDER BY pk";
const STORIES: &str =
    "SELECT pk, title, year, author_id FROM stories WHERE author_id IN (SELECT pk FROM authors) ORDER BY pk";

/// Rows of one insert: with 100 the statement is kept, and used again.
const BATCH: usize = 100;

struct Book {
    pk: i64,
    created_at: i64,
    updated_at: i64,
    title: String,
    author_id: i64,
    year: i64,
    rating: f64,
}

struct Author {
    pk: i64,
    name: String,
}

struct Story {
    pk: i64,
    title: String,
    year: i64,
    author_id: i64,
}

impl FromRow<'_, SqliteRow> for Book {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Book {
            pk: row.try_get(0)?,
            created_at: row.try_get(1)?,
            updated_at: row.try_get(2)?,
            title: row.try_get(3)?,
            author_id: row.try_get(4)?,
            year: row.try_get(5)?,
            rating: row.try_get(6)?,
        })
    }
}

impl FromRow<'_, SqliteRow> for Author {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Author { pk: row.try_get(0)?, name: row.try_get(1)? })
    }
}

impl FromRow<'_, SqliteRow> for Story {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Story { pk: row.try_get(0)?, title: row.try_get(1)?, year: row.try_get(2)?, author_id: row.try_get(3)? })
    }
}

/// A story and its author.
struct Joined(Story, Author);

impl FromRow<'_, SqliteRow> for Joined {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let author = Author { pk: row.try_get(3)?, name: row.try_get(4)? };
        let (pk, title, year) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        Ok(Joined(Story { pk, title, year, author_id: author.pk }, author))
    }
}

fn text(book: Book) -> String {
    book_text(book.pk, book.created_at, &book.title, book.author_id, book.year, book.rating)
}

/// A pool of so many connections; without the ping before each use, which costs as much as a get.
pub(crate) async fn pool(path: &Path, connections: u32) -> sqlx::Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5));
    let pool = SqlitePoolOptions::new().max_connections(connections).min_connections(connections);
    pool.test_before_acquire(false).connect_with(options).await
}

async fn get(db: impl SqliteExecutor<'_>, key: i64) -> sqlx::Result<Option<Book>> {
    sqlx::query_as(GET).bind(key).fetch_optional(db).await
}

async fn insert(db: impl SqliteExecutor<'_>, row: &Plain) -> sqlx::Result<i64> {
    let now = now();
    let query = sqlx::query(INSERT).bind(now).bind(now).bind(&row.title).bind(row.author_id).bind(row.year);
    Ok(query.bind(row.rating).execute(db).await?.last_insert_rowid())
}

#[derive(Clone)]
pub(super) struct Contestant {
    db: SqlitePool,
    readers: SqlitePool,
}

impl Contestant {
    pub(super) async fn open(path: &Path) -> Outcome<Self> {
        Ok(Contestant { db: pool(path, 1).await?, readers: pool(path, READERS).await? })
    }

    async fn get(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = None;
        clock.start();
        for n in 0..clock.calls {
            last = get(&self.db, key(n)).await?;
        }
        clock.stop();
        Ok(clock.answer(last, text))
    }

    async fn get_in_transaction(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = None;
        clock.start();
        let mut tx = self.db.begin_with("BEGIN IMMEDIATE").await?;
        for n in 0..clock.calls {
            last = get(&mut *tx, key(n)).await?;
        }
        tx.commit().await?;
        clock.stop();
        Ok(clock.answer(last, text))
    }

    async fn fetch_all(&self, clock: &mut Clock, limit: i64) -> Outcome<Vec<String>> {
        let (sql, mut last): (Arc<str>, Vec<Book>) = (format!("{ALL}{limit}").into(), Vec::new());
        clock.start();
        for _ in 0..clock.calls {
            last = sqlx::query_as(AssertSqlSafe(sql.clone())).bind(1000).fetch_all(&self.db).await?;
        }
        clock.stop();
        Ok(clock.answer(last, text))
    }

    async fn insert(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = 0;
        clock.start();
        for n in 0..clock.calls {
            last = insert(&self.db, row(n)).await?;
        }
        clock.stop();
        Ok(clock.answer([last], |pk| pk.to_string()))
    }

    async fn insert_in_transaction(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = 0;
        clock.start();
        let mut tx = self.db.begin_with("BEGIN IMMEDIATE").await?;
        for n in 0..clock.calls {
            last = insert(&mut *tx, row(n)).await?;
        }
        tx.commit().await?;
        clock.stop();
        Ok(clock.answer([last], |pk| pk.to_string()))
    }

    async fn bulk_insert(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        clock.start();
        let mut tx = self.db.begin_with("BEGIN IMMEDIATE").await?;
        let now = now();
        let mut inserted = 0;
        for batch in rows().chunks(BATCH) {
            let mut insert = QueryBuilder::<Sqlite>::new(INSERT_MANY);
            insert.push_values(batch, |mut values, row| {
                values.push_bind(now).push_bind(now).push_bind(&row.title);
                values.push_bind(row.author_id).push_bind(row.year).push_bind(row.rating);
            });
            inserted += insert.build().execute(&mut *tx).await?.rows_affected();
        }
        tx.commit().await?;
        clock.stop();
        Ok(clock.answer([inserted], |n| n.to_string()))
    }

    async fn update(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut books: Vec<Book> = sqlx::query_as(BOOKS).fetch_all(&self.db).await?;
        clock.start();
        for n in 0..clock.calls {
            let b = &mut books[written_key(n) as usize - 1];
            b.title.clone_from(&row(n).title);
            b.year += 1;
            b.updated_at = now();
            let query = sqlx::query(UPDATE).bind(b.updated_at).bind(&b.title).bind(b.author_id).bind(b.year);
            if query.bind(b.rating).bind(b.pk).execute(&self.db).await?.rows_affected() != 1 {
                return Err("no such book".into());
            }
        }
        clock.stop();
        Ok(Vec::new())
    }

    async fn join(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last: Vec<Joined> = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            last = sqlx::query_as(JOIN).fetch_all(&self.db).await?;
        }
        clock.stop();
        Ok(clock.answer(last, |Joined(s, a)| story_text(s.pk, &s.title, s.year, s.author_id, &a.name)))
    }

    async fn load_ahead(&self) -> sqlx::Result<Vec<(Author, Vec<Story>)>> {
        let authors: Vec<Author> = sqlx::query_as(AUTHORS).fetch_all(&self.db).await?;
        let positions: HashMap<i64, usize> = authors.iter().enumerate().map(|(i, a)| (a.pk, i)).collect();
        let mut authors: Vec<_> = authors.into_iter().map(|author| (author, Vec::new())).collect();
        let stories: Vec<Story> = sqlx::query_as(STORIES).fetch_all(&self.db).await?;
        for story in stories {
            if let Some(position) = positions.get(&story.author_id) {
                authors[*position].1.push(story);
            }
        }
        Ok(authors)
    }

    async fn prefetch(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        let mut sum = 0;
        clock.start();
        for _ in 0..clock.calls {
            last = self.load_ahead().await?;
            sum = 0;
            for (author, stories) in &last {
                sum += author.name.len() as i64;
                for story in stories {
                    sum += story.year * author.pk + story.title.len() as i64;
                }
            }
        }
        clock.stop();
        Ok(clock.answer([(last.len(), sum)], |(authors, sum)| format!("{authors} {sum}")))
    }

    async fn readers(&self, clock: &mut Clock, tasks: usize) -> Outcome<Vec<String>> {
        let calls = clock.calls;
        clock.start();
        let tasks: Vec<_> = (0..tasks)
            .map(|task| {
                let db = self.readers.clone();
                tokio::spawn(async move {
                    let mut sum = 0;
                    for key in reader_keys(task, calls) {
                        sum += get(&db, key).await?.map_or(0, |book| book.year);
                    }
                    Ok::<_, sqlx::Error>(sum)
                })
            })
            .collect();
        let mut sums = Vec::new();
        for task in tasks {
            sums.push(task.await??);
        }
        clock.stop();
        Ok(clock.answer(sums, sum_text))
    }

    async fn stream(&self, clock: &mut Clock, count: usize) -> Outcome<Vec<String>> {
        let (mut last, mut sum) = (None, 0);
        clock.start();
        for _ in 0..clock.calls {
            let mut rows = sqlx::query_as::<_, Book>(STREAM).fetch(&self.db);
            for _ in 0..count {
                let Some(book) = rows.try_next().await? else { break };
                sum += book.year;
                last = Some(book);
            }
        }
        clock.stop();
        Ok(clock.answer(last, |book| format!("{sum} {}", text(book))))
    }
}

impl mixed::Shared for Contestant {
    async fn read(&self, key: i64) -> Outcome<i64> {
        Ok(get(&self.readers, key).await?.map_or(0, |book| book.year))
    }

    async fn write(&self, row: &'static Plain) -> Outcome {
        insert(&self.db, row).await?;
        Ok(())
    }
}

impl crate::contest::Contestant<Work> for Contestant {
    fn run<'a>(&'a mut self, work: Work, clock: &'a mut Clock) -> Answer<'a> {
        Box::pin(async move {
            match work {
                Work::Get => self.get(clock).await,
                Work::GetInTransaction => self.get_in_transaction(clock).await,
                Work::FetchAll(limit) => self.fetch_all(clock, limit).await,
                Work::Insert => self.insert(clock).await,
                Work::InsertInTransaction => self.insert_in_transaction(clock).await,
                Work::BulkInsert => self.bulk_insert(clock).await,
                Work::Update => self.update(clock).await,
                Work::Join => self.join(clock).await,
                Work::Prefetch => self.prefetch(clock).await,
                Work::Readers(tasks) => self.readers(clock, tasks).await,
                Work::Mixed(tasks) => mixed::tasks(&*self, clock, tasks).await,
                Work::Stream(count) => self.stream(clock, count).await,
            }
        })
    }
}
