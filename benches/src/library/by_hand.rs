//! rusqlite, written by hand to win: cached statements, columns by position, no copy that is not needed.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

use rusqlite::{Connection, OptionalExtension, Result, Row, Transaction, TransactionBehavior, params};

use super::{
    Plain, READERS, Work, book_text, key, mixed, now, reader_keys, row, rows, story_text, sum_text, written_key,
};
use crate::contest::{Answer, Clock, Outcome};
use crate::referee::connect;

const GET: &str = "SELECT pk, created_at, updated_at, title, author_id, year, rating FROM shelf WHERE pk = ?1";
/// The number comes after it: a limit that is a parameter makes SQLite prepare the statement again at every run.
const ALL: &str = "SELECT pk, created_at, updated_at, title, author_id, year, rating FROM shelf WHERE year >= ?1 \
     ORDER BY pk LIMIT ";
const STREAM: &str = "SELECT pk, created_at, updated_at, title, author_id, year, rating FROM shelf ORDER BY pk";
const INSERT: &str =
    "INSERT INTO books (created_at, updated_at, title, author_id, year, rating) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const UPDATE: &str =
    "UPDATE books SET updated_at = ?1, title = ?2, author_id = ?3, year = ?4, rating = ?5 WHERE pk = ?6";
const BOOKS: &str = "SELECT pk, created_at, updated_at, title, author_id, year, rating FROM books ORDER BY pk";
const JOIN: &str = "SELECT s.pk, s.title, s.year, a.pk, a.name FROM stories s JOIN authors a ON a.pk = s.author_id \
     ORDER BY s.pk";
const AUTHORS: &str = "SELECT pk, name FROM authors ORDER BY pk";
const STORIES: &str =
    "SELECT pk, title, year, author_id FROM stories WHERE author_id IN (SELECT pk FROM authors) ORDER BY pk";

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

fn book(row: &Row<'_>) -> Result<Book> {
    Ok(Book {
        pk: row.get(0)?,
        created_at: row.get(1)?,
        updated_at: row.get(2)?,
        title: row.get(3)?,
        author_id: row.get(4)?,
        year: row.get(5)?,
        rating: row.get(6)?,
    })
}

fn text(book: Book) -> String {
    book_text(book.pk, book.created_at, &book.title, book.author_id, book.year, book.rating)
}

fn insert_one(db: &Connection, row: &Plain) -> Result<i64> {
    let now = now();
    db.prepare_cached(INSERT)?.execute(params![now, now, row.title, row.author_id, row.year, row.rating])?;
    Ok(db.last_insert_rowid())
}

pub(super) struct Contestant {
    db: Connection,
    readers: Vec<Connection>,
}

impl Contestant {
    pub(super) fn open(path: &Path) -> Outcome<Self> {
        let readers = (0..READERS).map(|_| connect(path)).collect::<Result<_>>()?;
        Ok(Contestant { db: connect(path)?, readers })
    }

    fn begin(&self) -> Result<Transaction<'_>> {
        Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)
    }

    fn get(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = None;
        clock.start();
        for n in 0..clock.calls {
            last = self.db.prepare_cached(GET)?.query_row([key(n)], book).optional()?;
        }
        clock.stop();
        Ok(clock.answer(last, text))
    }

    fn get_in_transaction(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = None;
        clock.start();
        let tx = self.begin()?;
        for n in 0..clock.calls {
            last = tx.prepare_cached(GET)?.query_row([key(n)], book).optional()?;
        }
        tx.commit()?;
        clock.stop();
        Ok(clock.answer(last, text))
    }

    fn fetch_all(&self, clock: &mut Clock, limit: i64) -> Outcome<Vec<String>> {
        let (sql, mut last) = (format!("{ALL}{limit}"), Vec::new());
        clock.start();
        for _ in 0..clock.calls {
            let mut statement = self.db.prepare_cached(&sql)?;
            let mut rows = statement.query([1000])?;
            let mut books = Vec::new();
            while let Some(row) = rows.next()? {
                books.push(book(row)?);
            }
            last = books;
        }
        clock.stop();
        Ok(clock.answer(last, text))
    }

    fn insert(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = 0;
        clock.start();
        for n in 0..clock.calls {
            last = insert_one(&self.db, row(n))?;
        }
        clock.stop();
        Ok(clock.answer([last], |pk| pk.to_string()))
    }

    fn insert_in_transaction(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = 0;
        clock.start();
        let tx = self.begin()?;
        for n in 0..clock.calls {
            last = insert_one(&tx, row(n))?;
        }
        tx.commit()?;
        clock.stop();
        Ok(clock.answer([last], |pk| pk.to_string()))
    }

    fn bulk_insert(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        clock.start();
        let tx = self.begin()?;
        let mut statement = tx.prepare_cached(INSERT)?;
        let now = now();
        for row in rows() {
            statement.execute(params![now, now, row.title, row.author_id, row.year, row.rating])?;
        }
        drop(statement);
        tx.commit()?;
        clock.stop();
        Ok(clock.answer([rows().len()], |n| n.to_string()))
    }

    fn update(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut books: Vec<Book> = self.db.prepare(BOOKS)?.query_map([], book)?.collect::<Result<_>>()?;
        clock.start();
        for n in 0..clock.calls {
            let b = &mut books[written_key(n) as usize - 1];
            b.title.clone_from(&row(n).title);
            b.year += 1;
            b.updated_at = now();
            let changes = params![b.updated_at, b.title, b.author_id, b.year, b.rating, b.pk];
            if self.db.prepare_cached(UPDATE)?.execute(changes)? != 1 {
                return Err("no such book".into());
            }
        }
        clock.stop();
        Ok(Vec::new())
    }

    fn join(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            let mut statement = self.db.prepare_cached(JOIN)?;
            let mut rows = statement.query([])?;
            let mut stories = Vec::new();
            while let Some(r) = rows.next()? {
                let author = Author { pk: r.get(3)?, name: r.get(4)? };
                stories
                    .push((Story { pk: r.get(0)?, title: r.get(1)?, year: r.get(2)?, author_id: author.pk }, author));
            }
            last = stories;
        }
        clock.stop();
        Ok(clock.answer(last, |(s, a)| story_text(s.pk, &s.title, s.year, s.author_id, &a.name)))
    }

    fn load_ahead(&self) -> Result<Vec<(Author, Vec<Story>)>> {
        let mut statement = self.db.prepare_cached(AUTHORS)?;
        let mut rows = statement.query([])?;
        let (mut authors, mut positions) = (Vec::new(), HashMap::new());
        while let Some(r) = rows.next()? {
            let author = Author { pk: r.get(0)?, name: r.get(1)? };
            positions.insert(author.pk, authors.len());
            authors.push((author, Vec::new()));
        }
        let mut statement = self.db.prepare_cached(STORIES)?;
        let mut rows = statement.query([])?;
        while let Some(r) = rows.next()? {
            let story = Story { pk: r.get(0)?, title: r.get(1)?, year: r.get(2)?, author_id: r.get(3)? };
            if let Some(position) = positions.get(&story.author_id) {
                authors[*position].1.push(story);
            }
        }
        Ok(authors)
    }

    fn prefetch(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        let mut sum = 0;
        clock.start();
        for _ in 0..clock.calls {
            last = self.load_ahead()?;
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

    fn readers(&mut self, clock: &mut Clock, tasks: usize) -> Outcome<Vec<String>> {
        let calls = clock.calls;
        let threads = self.readers.len();
        let mut sums = vec![0; tasks];
        clock.start();
        // A thread for each connection: more would wait for one.
        let done: Vec<Result<Vec<(usize, i64)>>> = std::thread::scope(|scope| {
            let running: Vec<_> = (self.readers.iter_mut().enumerate())
                .map(|(thread, db)| {
                    scope.spawn(move || {
                        let mut sums = Vec::new();
                        for task in (thread..tasks).step_by(threads) {
                            let mut sum = 0;
                            for key in reader_keys(task, calls) {
                                sum += db.prepare_cached(GET)?.query_row([key], book)?.year;
                            }
                            sums.push((task, sum));
                        }
                        Ok(sums)
                    })
                })
                .collect();
            running.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        clock.stop();
        for thread in done {
            for (task, sum) in thread? {
                sums[task] = sum;
            }
        }
        Ok(clock.answer(sums, sum_text))
    }

    fn stream(&self, clock: &mut Clock, count: usize) -> Outcome<Vec<String>> {
        let (mut last, mut sum) = (None, 0);
        clock.start();
        for _ in 0..clock.calls {
            let mut statement = self.db.prepare_cached(STREAM)?;
            let mut rows = statement.query([])?;
            for _ in 0..count {
                let Some(row) = rows.next()? else { break };
                let book = book(row)?;
                sum += book.year;
                last = Some(book);
            }
        }
        clock.stop();
        Ok(clock.answer(last, |book| format!("{sum} {}", text(book))))
    }
}

impl Contestant {
    fn mixed(&mut self, clock: &mut Clock, tasks: usize) -> Outcome<Vec<String>> {
        let writer = Mutex::new(&mut self.db);
        let read = |db: &mut Connection, key| Ok(db.prepare_cached(GET)?.query_row([key], book)?.year);
        let write = |row: &Plain| {
            let db = writer.lock().map_err(|_| "a writer panicked")?;
            insert_one(&db, row)?;
            Ok(())
        };
        mixed::threads(&mut self.readers, read, write, clock, tasks)
    }
}

impl crate::contest::Contestant<Work> for Contestant {
    fn run<'a>(&'a mut self, work: Work, clock: &'a mut Clock) -> Answer<'a> {
        Box::pin(async move {
            match work {
                Work::Get => self.get(clock),
                Work::GetInTransaction => self.get_in_transaction(clock),
                Work::FetchAll(limit) => self.fetch_all(clock, limit),
                Work::Insert => self.insert(clock),
                Work::InsertInTransaction => self.insert_in_transaction(clock),
                Work::BulkInsert => self.bulk_insert(clock),
                Work::Update => self.update(clock),
                Work::Join => self.join(clock),
                Work::Prefetch => self.prefetch(clock),
                Work::Readers(tasks) => self.readers(clock, tasks),
                Work::Mixed(tasks) => self.mixed(clock, tasks),
                Work::Stream(count) => self.stream(clock, count),
            }
        })
    }
}
