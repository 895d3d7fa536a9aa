//! SQLiter, as its guide shows it.

use std::path::Path;

use sqliter_async::CacheOptions;
use sqliter_async::prelude::*;

use super::{Plain, Work, book_text, key, mixed, reader_keys, row, rows, story_text, sum_text, written_key};
use crate::contest::{Answer, Clock, Outcome};

#[derive(Debug, Clone, DbModel)]
struct Author {
    pk: Pk<Self>,
    name: String,
}

#[derive(Debug, Clone, DbModel)]
struct Story {
    pk: Pk<Self>,
    title: String,
    year: i64,
    author: ForeignKey<Author>,
}

/// What is read.
#[derive(Debug, Clone, DbModel)]
#[model(table = "shelf")]
struct Shelved {
    pk: Pk<Self>,
    created_at: i64,
    updated_at: i64,
    title: String,
    author_id: i64,
    year: i64,
    rating: f64,
}

/// What is written.
#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    created_at: i64,
    updated_at: i64,
    title: String,
    author_id: i64,
    year: i64,
    rating: f64,
}

pub(super) struct Contestant {
    db: SqliterDb,
}

/// Creates the tables that everyone gets a copy of.
pub(super) async fn create(path: &Path) -> Outcome {
    let db = SqliterDb::open(path).await?;
    db.create_tables::<(Author, Story, Shelved, Book)>().await?;
    db.close().await;
    Ok(())
}

fn text(book: Shelved) -> String {
    let pk = book.pk.get().unwrap_or_default();
    book_text(pk, book.created_at, &book.title, book.author_id, book.year, book.rating)
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

impl Contestant {
    pub(super) async fn open(path: &Path) -> Outcome<Self> {
        Ok(Contestant { db: SqliterDb::open(path).await? })
    }

    pub(super) async fn open_cached(path: &Path) -> Outcome<Self> {
        let options = CacheOptions::new().max_size(20_000);
        Ok(Contestant { db: SqliterDb::builder().filename(path).cache(options).create().await? })
    }

    async fn get(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = None;
        clock.start();
        for n in 0..clock.calls {
            last = self.db.get::<Shelved>(key(n)).await?;
        }
        clock.stop();
        Ok(clock.answer(last, text))
    }

    async fn get_in_transaction(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = None;
        clock.start();
        let tx = self.db.begin().await?;
        for n in 0..clock.calls {
            last = tx.get::<Shelved>(key(n)).await?;
        }
        tx.commit().await?;
        clock.stop();
        Ok(clock.answer(last, text))
    }

    async fn fetch_all(&self, clock: &mut Clock, limit: i64) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            let query = self.db.select::<Shelved>().filter(Shelved::YEAR.gte(1000)).order(Shelved::PK).limit(limit);
            last = query.fetch_all().await?;
        }
        clock.stop();
        Ok(clock.answer(last, text))
    }

    async fn insert(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = None;
        clock.start();
        for n in 0..clock.calls {
            last = self.db.insert(model(row(n))).await?.pk.get();
        }
        clock.stop();
        Ok(clock.answer(last, |pk| pk.to_string()))
    }

    async fn insert_in_transaction(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = None;
        clock.start();
        let tx = self.db.begin().await?;
        for n in 0..clock.calls {
            last = tx.insert(model(row(n))).await?.pk.get();
        }
        tx.commit().await?;
        clock.stop();
        Ok(clock.answer(last, |pk| pk.to_string()))
    }

    async fn bulk_insert(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let models: Vec<Book> = rows().iter().map(model).collect();
        clock.start();
        let books = self.db.bulk_insert(models).await?;
        clock.stop();
        Ok(clock.answer([books.len()], |n| n.to_string()))
    }

    async fn update(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut books = self.db.select::<Book>().order(Book::PK).fetch_all().await?;
        clock.start();
        for n in 0..clock.calls {
            let book = &mut books[written_key(n) as usize - 1];
            book.title.clone_from(&row(n).title);
            book.year += 1;
            self.db.update(book).await?;
        }
        clock.stop();
        Ok(Vec::new())
    }

    async fn join(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            last = self.db.select::<Story>().select_related(Story::AUTHOR).order(Story::PK).fetch_all().await?;
        }
        clock.stop();
        let text = |story: Story| -> Result<String> {
            let author = story.author.loaded()?;
            let (pk, author_pk) = (story.pk.value()?, author.pk.value()?);
            Ok(story_text(pk, &story.title, story.year, author_pk, &author.name))
        };
        Ok(clock.answer(last, |story| text(story).unwrap_or_else(|e| e.to_string())))
    }

    async fn prefetch(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        let mut sum = 0;
        clock.start();
        for _ in 0..clock.calls {
            last = self.db.select::<Author>().prefetch_related(Author::STORIES).order(Author::PK).fetch_all().await?;
            sum = 0;
            for author in &last {
                sum += author.name.len() as i64;
                for story in &author.stories().loaded()? {
                    sum += story.year * author.pk.get().unwrap_or_default() + story.title.len() as i64;
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
                let db = self.db.clone();
                tokio::spawn(async move {
                    let mut sum = 0;
                    for key in reader_keys(task, calls) {
                        sum += db.get::<Shelved>(key).await?.map_or(0, |book| book.year);
                    }
                    Ok::<_, Error>(sum)
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
            let mut rows = self.db.select::<Shelved>().order(Shelved::PK).stream();
            for _ in 0..count {
                let Some(book) = rows.next().await.transpose()? else { break };
                sum += book.year;
                last = Some(book);
            }
        }
        clock.stop();
        Ok(clock.answer(last, |book| format!("{sum} {}", text(book))))
    }
}

impl mixed::Shared for SqliterDb {
    async fn read(&self, key: i64) -> Outcome<i64> {
        Ok(self.get::<Shelved>(key).await?.map_or(0, |book| book.year))
    }

    async fn write(&self, row: &'static Plain) -> Outcome {
        self.insert(model(row)).await?;
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
                Work::Mixed(tasks) => mixed::tasks(&self.db, clock, tasks).await,
                Work::Stream(count) => self.stream(clock, count).await,
            }
        })
    }
}
