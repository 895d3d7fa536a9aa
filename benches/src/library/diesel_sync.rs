//! diesel, synchronous: derived structs, its query builder, immediate transactions, batch inserts.

use std::path::Path;
use std::sync::Mutex;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::{
    Plain, READERS, Work, book_text, key, mixed, now, reader_keys, row, rows, story_text, sum_text, written_key,
};
use crate::contest::{Answer, Clock, Outcome};

diesel::table! {
    authors (pk) {
        pk -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    stories (pk) {
        pk -> BigInt,
        title -> Text,
        year -> BigInt,
        author_id -> BigInt,
    }
}

diesel::table! {
    shelf (pk) {
        pk -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        title -> Text,
        author_id -> BigInt,
        year -> BigInt,
        rating -> Double,
    }
}

diesel::table! {
    books (pk) {
        pk -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        title -> Text,
        author_id -> BigInt,
        year -> BigInt,
        rating -> Double,
    }
}

diesel::joinable!(stories -> authors (author_id));
diesel::allow_tables_to_appear_in_same_query!(authors, stories);

#[derive(Debug, Queryable, Selectable, Identifiable)]
#[diesel(table_name = authors, primary_key(pk))]
pub(super) struct Author {
    pub(super) pk: i64,
    pub(super) name: String,
}

#[derive(Debug, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = stories, primary_key(pk), belongs_to(Author))]
pub(super) struct Story {
    pub(super) pk: i64,
    pub(super) title: String,
    pub(super) year: i64,
    pub(super) author_id: i64,
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = shelf)]
pub(super) struct Shelved {
    pub(super) pk: i64,
    pub(super) created_at: i64,
    #[expect(dead_code, reason = "everyone reads it")]
    pub(super) updated_at: i64,
    pub(super) title: String,
    pub(super) author_id: i64,
    pub(super) year: i64,
    pub(super) rating: f64,
}

#[derive(Debug, Queryable, Selectable, Identifiable, AsChangeset)]
#[diesel(table_name = books, primary_key(pk))]
pub(super) struct Book {
    pub(super) pk: i64,
    #[diesel(skip_update)]
    #[expect(dead_code, reason = "everyone reads it")]
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    pub(super) title: String,
    pub(super) author_id: i64,
    pub(super) year: i64,
    pub(super) rating: f64,
}

#[derive(Insertable)]
#[diesel(table_name = books)]
pub(super) struct NewBook<'a> {
    created_at: i64,
    updated_at: i64,
    title: &'a str,
    author_id: i64,
    year: i64,
    rating: f64,
}

/// Rows of one batch insert: SQLite's limit is 32,766 parameters.
const BATCH: usize = 1_000;

pub(super) const PRAGMAS: &str =
    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;";

pub(super) fn text(book: Shelved) -> String {
    book_text(book.pk, book.created_at, &book.title, book.author_id, book.year, book.rating)
}

pub(super) fn new_book(row: &Plain) -> NewBook<'_> {
    let Plain { title, author_id, year, rating } = row;
    let now = now();
    NewBook { created_at: now, updated_at: now, title, author_id: *author_id, year: *year, rating: *rating }
}

fn connect(path: &Path) -> Outcome<SqliteConnection> {
    let mut db = SqliteConnection::establish(&path.to_string_lossy())?;
    db.batch_execute(PRAGMAS)?;
    Ok(db)
}

pub(super) struct Contestant {
    db: SqliteConnection,
    readers: Vec<SqliteConnection>,
}

fn get(db: &mut SqliteConnection, key: i64) -> QueryResult<Option<Shelved>> {
    shelf::table.find(key).select(Shelved::as_select()).first(db).optional()
}

fn insert(db: &mut SqliteConnection, row: &Plain) -> QueryResult<i64> {
    diesel::insert_into(books::table).values(new_book(row)).returning(books::pk).get_result(db)
}

/// Batch by batch, in one transaction.
pub(super) fn insert_many(db: &mut SqliteConnection, new: &[NewBook<'_>]) -> QueryResult<usize> {
    db.immediate_transaction(|db| {
        let mut inserted = 0;
        for batch in new.chunks(BATCH) {
            inserted += diesel::insert_into(books::table).values(batch).execute(db)?;
        }
        Ok(inserted)
    })
}

impl Contestant {
    pub(super) fn open(path: &Path) -> Outcome<Self> {
        let readers = (0..READERS).map(|_| connect(path)).collect::<Outcome<_>>()?;
        Ok(Contestant { db: connect(path)?, readers })
    }

    fn get(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = None;
        clock.start();
        for n in 0..clock.calls {
            last = get(&mut self.db, key(n))?;
        }
        clock.stop();
        Ok(clock.answer(last, text))
    }

    fn get_in_transaction(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let calls = clock.calls;
        clock.start();
        let last = self.db.immediate_transaction(|db| {
            let mut last = None;
            for n in 0..calls {
                last = get(db, key(n))?;
            }
            QueryResult::Ok(last)
        })?;
        clock.stop();
        Ok(clock.answer(last, text))
    }

    fn fetch_all(&mut self, clock: &mut Clock, limit: i64) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            last = shelf::table
                .filter(shelf::year.ge(1000))
                .order(shelf::pk)
                .limit(limit)
                .select(Shelved::as_select())
                .load(&mut self.db)?;
        }
        clock.stop();
        Ok(clock.answer(last, text))
    }

    fn insert(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = 0;
        clock.start();
        for n in 0..clock.calls {
            last = insert(&mut self.db, row(n))?;
        }
        clock.stop();
        Ok(clock.answer([last], |pk| pk.to_string()))
    }

    fn insert_in_transaction(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let calls = clock.calls;
        clock.start();
        let last = self.db.immediate_transaction(|db| {
            let mut last = 0;
            for n in 0..calls {
                last = insert(db, row(n))?;
            }
            QueryResult::Ok(last)
        })?;
        clock.stop();
        Ok(clock.answer([last], |pk| pk.to_string()))
    }

    fn bulk_insert(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let new: Vec<_> = rows().iter().map(new_book).collect();
        clock.start();
        let inserted = insert_many(&mut self.db, &new)?;
        clock.stop();
        Ok(clock.answer([inserted], |n| n.to_string()))
    }

    fn update(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut all: Vec<Book> = books::table.order(books::pk).select(Book::as_select()).load(&mut self.db)?;
        clock.start();
        for n in 0..clock.calls {
            let book = &mut all[written_key(n) as usize - 1];
            book.title.clone_from(&row(n).title);
            book.year += 1;
            book.updated_at = now();
            if diesel::update(books::table.find(book.pk)).set(&*book).execute(&mut self.db)? != 1 {
                return Err("no such book".into());
            }
        }
        clock.stop();
        Ok(Vec::new())
    }

    fn join(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            last = stories::table
                .inner_join(authors::table)
                .order(stories::pk)
                .select((Story::as_select(), Author::as_select()))
                .load(&mut self.db)?;
        }
        clock.stop();
        Ok(clock.answer(last, |(s, a): (Story, Author)| story_text(s.pk, &s.title, s.year, s.author_id, &a.name)))
    }

    fn prefetch(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let (mut count, mut sum) = (0, 0);
        clock.start();
        for _ in 0..clock.calls {
            let all: Vec<Author> = authors::table.order(authors::pk).select(Author::as_select()).load(&mut self.db)?;
            let theirs = Story::belonging_to(&all).select(Story::as_select()).load(&mut self.db)?.grouped_by(&all);
            (count, sum) = sum_up(&all, &theirs);
        }
        clock.stop();
        Ok(clock.answer([(count, sum)], |(authors, sum)| format!("{authors} {sum}")))
    }

    fn readers(&mut self, clock: &mut Clock, tasks: usize) -> Outcome<Vec<String>> {
        let calls = clock.calls;
        let threads = self.readers.len();
        let mut sums = vec![0; tasks];
        clock.start();
        // A thread for each connection: more would wait for one.
        let done: Vec<QueryResult<Vec<(usize, i64)>>> = std::thread::scope(|scope| {
            let running: Vec<_> = (self.readers.iter_mut().enumerate())
                .map(|(thread, db)| {
                    scope.spawn(move || {
                        let mut sums = Vec::new();
                        for task in (thread..tasks).step_by(threads) {
                            let mut sum = 0;
                            for key in reader_keys(task, calls) {
                                sum += get(db, key)?.map_or(0, |book| book.year);
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

    fn stream(&mut self, clock: &mut Clock, count: usize) -> Outcome<Vec<String>> {
        let (mut last, mut sum) = (None, 0);
        clock.start();
        for _ in 0..clock.calls {
            let rows = shelf::table.order(shelf::pk).select(Shelved::as_select()).load_iter(&mut self.db)?;
            for book in rows.take(count) {
                let book: Shelved = book?;
                sum += book.year;
                last = Some(book);
            }
        }
        clock.stop();
        Ok(clock.answer(last, |book| format!("{sum} {}", text(book))))
    }
}

/// Looks at every author and story.
pub(super) fn sum_up(authors: &[Author], stories: &[Vec<Story>]) -> (usize, i64) {
    let mut sum = 0;
    for (author, stories) in authors.iter().zip(stories) {
        sum += author.name.len() as i64;
        for story in stories {
            sum += story.year * author.pk + story.title.len() as i64;
        }
    }
    (authors.len(), sum)
}

impl Contestant {
    fn mixed(&mut self, clock: &mut Clock, tasks: usize) -> Outcome<Vec<String>> {
        let writer = Mutex::new(&mut self.db);
        let read = |db: &mut SqliteConnection, key| Ok(get(db, key)?.map_or(0, |book| book.year));
        let write = |row: &Plain| {
            let mut db = writer.lock().map_err(|_| "a writer panicked")?;
            insert(&mut db, row)?;
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
