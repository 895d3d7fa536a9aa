//! toasty 0.11 on its pool: derived models, `create!` and `create_many`, `include` for associations.

use std::path::Path;

use toasty::stmt::Page;
use toasty::{Db, Deferred, Executor};
use toasty_core::driver::operation::TransactionMode;
use toasty_driver_sqlite::Sqlite;

use super::{
    Plain, READERS, Work, book_text, key, mixed, now, reader_keys, row, rows, story_text, sum_text, written_key,
};
use crate::contest::{Answer, Clock, Outcome};

/// Keys are `u64`, as in its guide: with `i64` ones, 0.11 panics where a parent is to be included.
#[derive(Debug, toasty::Model)]
#[table = "authors"]
struct Author {
    #[key]
    #[auto]
    pk: u64,
    name: String,
    #[has_many]
    stories: Deferred<Vec<Story>>,
}

#[derive(Debug, toasty::Model)]
#[table = "stories"]
struct Story {
    #[key]
    #[auto]
    pk: u64,
    title: String,
    year: i64,
    #[index]
    author_id: u64,
    #[belongs_to(key = author_id, references = pk)]
    author: Deferred<Author>,
}

/// What is read.
#[derive(Debug, toasty::Model)]
#[table = "shelf"]
struct Shelved {
    #[key]
    #[auto]
    pk: u64,
    created_at: i64,
    updated_at: i64,
    title: String,
    author_id: i64,
    year: i64,
    rating: f64,
}

/// What is written.
#[derive(Debug, toasty::Model)]
#[table = "books"]
struct Book {
    #[key]
    #[auto]
    pk: u64,
    created_at: i64,
    updated_at: i64,
    title: String,
    author_id: i64,
    year: i64,
    rating: f64,
}

/// The driver opens its connections without any, and has no hook for a new one.
const PRAGMAS: [&str; 4] = [
    "PRAGMA journal_mode = wal",
    "PRAGMA synchronous = normal",
    "PRAGMA foreign_keys = on",
    "PRAGMA busy_timeout = 5000",
];

/// Rows of one insert: of many more it takes longer, and it does not split what has too many parameters.
const BATCH: usize = 100;

/// Books of a page, where the others have a stream.
const PAGE: usize = 1_000;

fn text(book: Shelved) -> String {
    book_text(book.pk as i64, book.created_at, &book.title, book.author_id, book.year, book.rating)
}

/// A pool of so many connections, all of them open: a connection that joins later would lack the pragmas.
async fn pool(path: &Path, connections: usize) -> toasty::Result<Db> {
    let models = toasty::models!(Author, Story, Shelved, Book);
    let db = Db::builder().models(models).max_pool_size(connections).build(Sqlite::open(path)).await?;
    let mut open = Vec::new();
    for _ in 0..connections {
        let mut connection = db.connection().await?;
        for pragma in PRAGMAS {
            toasty::sql::query(pragma).exec(&mut connection).await?;
        }
        open.push(connection);
    }
    Ok(db)
}

async fn get(db: &mut dyn Executor, key: i64) -> toasty::Result<Shelved> {
    Shelved::get_by_pk(db, key as u64).await
}

async fn insert(db: &mut dyn Executor, row: &Plain) -> toasty::Result<u64> {
    let now = now();
    let book = toasty::create!(Book {
        created_at: now,
        updated_at: now,
        title: &row.title,
        author_id: row.author_id,
        year: row.year,
        rating: row.rating,
    });
    Ok(book.exec(db).await?.pk)
}

#[derive(Clone)]
pub(super) struct Contestant {
    db: Db,
    readers: Db,
}

impl Contestant {
    pub(super) async fn open(path: &Path) -> Outcome<Self> {
        Ok(Contestant { db: pool(path, 1).await?, readers: pool(path, READERS as usize).await? })
    }

    async fn get(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut db = self.db.connection().await?;
        let mut last = None;
        clock.start();
        for n in 0..clock.calls {
            last = Some(get(&mut db, key(n)).await?);
        }
        clock.stop();
        Ok(clock.answer(last, text))
    }

    async fn get_in_transaction(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut db = self.db.connection().await?;
        let mut last = None;
        clock.start();
        let mut tx = db.transaction_builder().mode(TransactionMode::Immediate).begin().await?;
        for n in 0..clock.calls {
            last = Some(get(&mut tx, key(n)).await?);
        }
        tx.commit().await?;
        clock.stop();
        Ok(clock.answer(last, text))
    }

    async fn fetch_all(&self, clock: &mut Clock, limit: i64) -> Outcome<Vec<String>> {
        let mut db = self.db.connection().await?;
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            let query = Shelved::filter(Shelved::fields().year().ge(1000)).order_by(Shelved::fields().pk().asc());
            last = query.limit(limit as usize).exec(&mut db).await?;
        }
        clock.stop();
        Ok(clock.answer(last, text))
    }

    async fn insert(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut db = self.db.connection().await?;
        let mut last = 0;
        clock.start();
        for n in 0..clock.calls {
            last = insert(&mut db, row(n)).await?;
        }
        clock.stop();
        Ok(clock.answer([last], |pk| pk.to_string()))
    }

    async fn insert_in_transaction(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut db = self.db.connection().await?;
        let mut last = 0;
        clock.start();
        let mut tx = db.transaction_builder().mode(TransactionMode::Immediate).begin().await?;
        for n in 0..clock.calls {
            last = insert(&mut tx, row(n)).await?;
        }
        tx.commit().await?;
        clock.stop();
        Ok(clock.answer([last], |pk| pk.to_string()))
    }

    async fn bulk_insert(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut db = self.db.connection().await?;
        clock.start();
        let mut tx = db.transaction_builder().mode(TransactionMode::Immediate).begin().await?;
        let now = now();
        let mut inserted = 0;
        for batch in rows().chunks(BATCH) {
            let mut books = Book::create_many();
            for row in batch {
                books = books.item(toasty::create!(Book {
                    created_at: now,
                    updated_at: now,
                    title: &row.title,
                    author_id: row.author_id,
                    year: row.year,
                    rating: row.rating,
                }));
            }
            inserted += books.exec(&mut tx).await?.len();
        }
        tx.commit().await?;
        clock.stop();
        Ok(clock.answer([inserted], |n| n.to_string()))
    }

    async fn update(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut db = self.db.connection().await?;
        let mut books = Book::all().order_by(Book::fields().pk().asc()).exec(&mut db).await?;
        clock.start();
        for n in 0..clock.calls {
            let book = &mut books[written_key(n) as usize - 1];
            let (author_id, year, rating) = (book.author_id, book.year + 1, book.rating);
            let changes = toasty::update!(book { updated_at: now(), title: &row(n).title, author_id, year, rating });
            changes.exec(&mut db).await?;
        }
        clock.stop();
        Ok(Vec::new())
    }

    async fn join(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut db = self.db.connection().await?;
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            let query = Story::all().include(Story::fields().author()).order_by(Story::fields().pk().asc());
            last = query.exec(&mut db).await?;
        }
        clock.stop();
        Ok(clock.answer(last, |s| story_text(s.pk as i64, &s.title, s.year, s.author_id as i64, &s.author.get().name)))
    }

    async fn prefetch(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut db = self.db.connection().await?;
        let (mut count, mut sum) = (0, 0);
        clock.start();
        for _ in 0..clock.calls {
            let query = Author::all().include(Author::fields().stories()).order_by(Author::fields().pk().asc());
            let authors = query.exec(&mut db).await?;
            (count, sum) = (authors.len(), 0);
            for author in &authors {
                sum += author.name.len() as i64;
                for story in author.stories.get() {
                    sum += story.year * author.pk as i64 + story.title.len() as i64;
                }
            }
        }
        clock.stop();
        Ok(clock.answer([(count, sum)], |(authors, sum)| format!("{authors} {sum}")))
    }

    async fn readers(&self, clock: &mut Clock, tasks: usize) -> Outcome<Vec<String>> {
        let calls = clock.calls;
        clock.start();
        let tasks: Vec<_> = (0..tasks)
            .map(|task| {
                let mut db = self.readers.clone();
                tokio::spawn(async move {
                    let mut sum = 0;
                    for key in reader_keys(task, calls) {
                        sum += get(&mut db, key).await?.year;
                    }
                    Ok::<_, toasty::Error>(sum)
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

    /// toasty has no stream of rows; its guide goes through many of them page by page.
    async fn stream(&self, clock: &mut Clock, count: usize) -> Outcome<Vec<String>> {
        let mut db = self.db.connection().await?;
        let (mut last, mut sum) = (None, 0);
        clock.start();
        for _ in 0..clock.calls {
            let query = Shelved::all().order_by(Shelved::fields().pk().asc());
            let mut page: Option<Page<Shelved>> = Some(query.paginate(PAGE.min(count)).exec(&mut db).await?);
            let mut left = count;
            while let Some(books) = page {
                page = if left > books.len() { books.next(&mut db).await? } else { None };
                for book in books.items.into_iter().take(left) {
                    left -= 1;
                    sum += book.year;
                    last = Some(book);
                }
            }
        }
        clock.stop();
        Ok(clock.answer(last, |book| format!("{sum} {}", text(book))))
    }

    async fn work(&self, work: Work, clock: &mut Clock) -> Outcome<Vec<String>> {
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
            Work::Mixed(tasks) => mixed::tasks(self, clock, tasks).await,
            Work::Stream(count) => self.stream(clock, count).await,
        }
    }
}

impl mixed::Shared for Contestant {
    async fn read(&self, key: i64) -> Outcome<i64> {
        Ok(get(&mut self.readers.clone(), key).await?.year)
    }

    async fn write(&self, row: &'static Plain) -> Outcome {
        insert(&mut self.db.clone(), row).await?;
        Ok(())
    }
}

impl crate::contest::Contestant<Work> for Contestant {
    fn run<'a>(&'a mut self, work: Work, clock: &'a mut Clock) -> Answer<'a> {
        Box::pin(async move {
            // In a task, as what a server does is: a connection of toasty is a task too, and two tasks can share a thread.
            let (contestant, mut own) = (self.clone(), std::mem::replace(clock, Clock::timing(0)));
            let (own, answer) = tokio::spawn(async move {
                let answer = contestant.work(work, &mut own).await;
                (own, answer)
            })
            .await?;
            *clock = own;
            answer
        })
    }
}
