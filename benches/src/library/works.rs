//! The works with their rows, apart from who does them: whoever needs another SQLite does them in another binary.

use std::path::Path;
use std::sync::OnceLock;

use super::mixed;
use crate::contest::Bar::{self, FasterThan, OfRusqlite, ReadTail, WriteTail};
use crate::contest::{Outcome, Task};

/// Rows of the shelf: what streams read.
pub(crate) const SHELF: i64 = 100_000;

/// Of these one is got, and so many are fetched at once.
const READ: i64 = 10_000;

const AUTHORS: i64 = 1_000;
const STORIES: i64 = 10_000;
const BULK: usize = 10_000;

/// Gets of one concurrent reader.
const GETS: usize = 200;

/// Connections of everyone that reads concurrently.
pub(crate) const READERS: u32 = 4;

#[derive(Clone, Copy)]
pub(crate) enum Work {
    /// A shelved book by its key.
    Get,
    /// The same, all of them in one transaction.
    GetInTransaction,
    /// Books from 1000 on in the order of their keys: so many.
    FetchAll(i64),
    /// A book, a transaction each; its key is wanted.
    Insert,
    /// Books one by one, in one transaction; their keys are wanted.
    InsertInTransaction,
    /// All of `rows()` at once.
    BulkInsert,
    /// Writes all columns of a book that is at hand.
    Update,
    /// All stories, each with its author.
    Join,
    /// All authors, each with its stories: every one is looked at.
    Prefetch,
    /// So many tasks at the same time, each of which gets books by key.
    Readers(usize),
    /// So many tasks at the same time, each of which gets books by key and inserts some.
    Mixed(usize),
    /// The first so many books of a stream of the shelf.
    Stream(usize),
}

/// A book that is not in the database yet: about 100 bytes with its key and timestamps.
#[derive(Debug, Clone)]
pub(crate) struct Plain {
    pub(crate) title: String,
    pub(crate) author_id: i64,
    pub(crate) year: i64,
    pub(crate) rating: f64,
}

/// What is inserted.
pub(crate) fn rows() -> &'static [Plain] {
    static ROWS: OnceLock<Vec<Plain>> = OnceLock::new();
    ROWS.get_or_init(|| (0..BULK as i64).map(plain).collect())
}

fn plain(i: i64) -> Plain {
    Plain {
        title: format!("The title of book number {i:06}, which goes on for a while"),
        author_id: i % 97,
        year: 1900 + i % 120,
        rating: (i % 50) as f64 / 10.0,
    }
}

/// Which row comes at the nth call.
pub(crate) fn row(n: usize) -> &'static Plain {
    &rows()[n % BULK]
}

/// Which key is read at the nth call: all of them, in no order.
pub(crate) fn key(n: usize) -> i64 {
    (n as i64 * 7919) % READ + 1
}

/// Which key is written at the nth call.
pub(crate) fn written_key(n: usize) -> i64 {
    (n as i64 * 79) % 1_000 + 1
}

/// The gets of one of several readers.
pub(crate) fn reader_keys(task: usize, calls: usize) -> impl Iterator<Item = i64> {
    (0..calls * GETS).map(move |n| key(n + task * 1_013))
}

/// A concurrent reader's result: a sum that misses nothing.
pub(crate) fn sum_text(sum: i64) -> String {
    format!("{sum}")
}

/// A book as everyone writes it for the comparison.
pub(crate) fn book_text(pk: i64, created_at: i64, title: &str, author_id: i64, year: i64, rating: f64) -> String {
    format!("{pk}|{created_at}|{title}|{author_id}|{year}|{rating}")
}

/// A story with its author.
pub(crate) fn story_text(pk: i64, title: &str, year: i64, author: i64, name: &str) -> String {
    format!("{pk}|{title}|{year}|{author}|{name}")
}

/// Seconds since 1970, for those who are given no timestamps.
pub(crate) fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64)
}

/// The rows that everyone gets a copy of.
pub(crate) fn fill(template: &Path) -> Outcome {
    let db = crate::referee::connect(template)?;
    db.execute_batch("BEGIN")?;
    let mut author = db.prepare("INSERT INTO authors (created_at, updated_at, name) VALUES (1, 1, ?1)")?;
    for i in 1..=AUTHORS {
        author.execute([format!("The author of that name, number {i}")])?;
    }
    let mut story = db.prepare(
        "INSERT INTO stories (created_at, updated_at, title, year, author_id) VALUES (1, 1, 'The story number ' || ?1, ?2, ?3)",
    )?;
    for i in 0..STORIES {
        story.execute([i, 1800 + i % 220, i % AUTHORS + 1])?;
    }
    let mut shelved = db.prepare(
        "INSERT INTO shelf (created_at, updated_at, title, author_id, year, rating) VALUES (1, 1, ?1, ?2, ?3, ?4)",
    )?;
    for i in 0..SHELF {
        let book = plain(i);
        shelved.execute(rusqlite::params![book.title, book.author_id, book.year, book.rating])?;
    }
    db.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

const EMPTY: &str = "DELETE FROM books; DELETE FROM sqlite_sequence WHERE name = 'books';";
const BOOKS: &str = "SELECT pk, title, author_id, year, rating, created_at > 1000, updated_at >= created_at FROM books";

/// The same when their keys and their order are a matter of chance.
const SORTED: &str = "SELECT title, author_id, year, rating, created_at > 1000, updated_at >= created_at FROM books \
     ORDER BY title";

const FOUR_TIMES: [Bar; 2] = [FasterThan("sqlx", 4.0), FasterThan("sea-orm", 4.0)];

/// The works, with our bars.
pub(crate) fn tasks() -> Vec<Task<Work>> {
    let filled = format!(
        "{EMPTY} INSERT INTO books (created_at, updated_at, title, author_id, year, rating) \
         SELECT 1001, 1001, 'Before', author_id, year, rating FROM shelf ORDER BY pk LIMIT 1000;"
    );
    vec![
        Task::new("get by key", Work::Get).bars([
            OfRusqlite(1.3),
            FasterThan("sea-orm", 10.0),
            FasterThan("diesel", 2.0),
        ]),
        Task::new("get by key, in a transaction", Work::GetInTransaction).bars([OfRusqlite(1.3)]),
        Task::new("fetch_all 100 of 10k", Work::FetchAll(100)).rows(100),
        Task::new("fetch_all 10k, filter and order", Work::FetchAll(READ)).rows(READ as usize).bars([
            OfRusqlite(1.0),
            FasterThan("diesel", 1.7),
            FasterThan("sea-orm", 7.0),
        ]),
        Task::new("select_related 10k", Work::Join).rows(STORIES as usize).bars([OfRusqlite(1.0)]),
        Task::new("prefetch_related 1k x 10", Work::Prefetch).rows(STORIES as usize).bars([OfRusqlite(1.2)]),
        Task::new("stream 100k", Work::Stream(SHELF as usize)).rows(SHELF as usize).bars([OfRusqlite(1.2)]),
        Task::new("first 100 of a stream", Work::Stream(100)),
        Task::new("insert, a transaction each", Work::Insert)
            .at_most(2_000)
            .before(EMPTY)
            .after(BOOKS)
            .bars([OfRusqlite(1.2)]),
        Task { unit: "ns/row", ..Task::new("insert row by row in a transaction", Work::InsertInTransaction) }
            .at_most(10_000)
            .before(EMPTY)
            .after(BOOKS)
            .bars([OfRusqlite(1.0), FasterThan("sqlx", 15.0)]),
        Task::new("bulk insert 10k", Work::BulkInsert)
            .rows(BULK)
            .at_most(1)
            .before(EMPTY)
            .after(BOOKS)
            .bars([OfRusqlite(0.9)]),
        Task::new("update by key, a transaction each", Work::Update).at_most(2_000).before(filled).after(BOOKS),
        Task::new("8 readers at once", Work::Readers(8)).per_call(8 * GETS).at_most(10),
        Task::new("64 readers at once", Work::Readers(64)).per_call(64 * GETS).at_most(2).bars(FOUR_TIMES),
        mixed(8).bars([FasterThan("sqlx", 4.0), ReadTail(1.0), WriteTail(5.0)]),
        mixed(64).bars([FasterThan("sqlx", 4.0), ReadTail(1.0)]),
    ]
}

fn mixed(tasks: usize) -> Task<Work> {
    let task = Task::new(format!("{tasks} tasks, 9 reads to a write"), Work::Mixed(tasks));
    task.per_call(mixed::operations(tasks)).at_most(64 / tasks).before(EMPTY).after(SORTED)
}
