//! diesel-async over SQLite: its `SyncConnectionWrapper`, one connection held, a deadpool for readers at once.

use std::path::Path;

use diesel::prelude::{BelongingToDsl, ExpressionMethods, GroupedBy, OptionalExtension, QueryDsl, SelectableHelper};
use diesel::sqlite::SqliteConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::{FutureExt, TryStreamExt};

use super::diesel_sync::{
    Author, Book, PRAGMAS, Shelved, Story, authors, books, insert_many, new_book, shelf, stories, sum_up, text,
};
use super::{Plain, READERS, Work, key, mixed, now, reader_keys, row, rows, story_text, sum_text, written_key};
use crate::contest::{Answer, Clock, Outcome};

type Connection = SyncConnectionWrapper<SqliteConnection>;

pub(super) struct Contestant {
    db: Connection,
    shared: Pools,
}

/// For tasks at once.
#[derive(Clone)]
struct Pools {
    readers: Pool<Connection>,
    writer: mixed::Writer<Connection>,
}

async fn connect(url: &str) -> diesel::ConnectionResult<Connection> {
    let mut db = Connection::establish(url).await?;
    db.batch_execute(PRAGMAS).await.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    Ok(db)
}

async fn get(db: &mut Connection, key: i64) -> diesel::QueryResult<Option<Shelved>> {
    shelf::table.find(key).select(Shelved::as_select()).first(db).await.optional()
}

async fn insert(db: &mut Connection, row: &Plain) -> diesel::QueryResult<i64> {
    diesel::insert_into(books::table).values(new_book(row)).returning(books::pk).get_result(db).await
}

impl Contestant {
    pub(super) async fn open(path: &Path) -> Outcome<Self> {
        let url = path.to_string_lossy().into_owned();
        let mut config = ManagerConfig::default();
        config.custom_setup = Box::new(|url| {
            let url = url.to_owned();
            async move { connect(&url).await }.boxed()
        });
        let manager = AsyncDieselConnectionManager::<Connection>::new_with_config(url.as_str(), config);
        let readers = Pool::builder(manager).max_size(READERS as usize).build()?;
        let writer = mixed::Writer::new(connect(&url).await?.into());
        Ok(Contestant { db: connect(&url).await?, shared: Pools { readers, writer } })
    }

    async fn get(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = None;
        clock.start();
        for n in 0..clock.calls {
            last = get(&mut self.db, key(n)).await?;
        }
        clock.stop();
        Ok(clock.answer(last, text))
    }

    async fn get_in_transaction(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let calls = clock.calls;
        clock.start();
        let last = self
            .db
            .immediate_transaction(async |db| {
                let mut last = None;
                for n in 0..calls {
                    last = get(db, key(n)).await?;
                }
                diesel::QueryResult::Ok(last)
            })
            .await?;
        clock.stop();
        Ok(clock.answer(last, text))
    }

    async fn fetch_all(&mut self, clock: &mut Clock, limit: i64) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            last = shelf::table
                .filter(shelf::year.ge(1000))
                .order(shelf::pk)
                .limit(limit)
                .select(Shelved::as_select())
                .load(&mut self.db)
                .await?;
        }
        clock.stop();
        Ok(clock.answer(last, text))
    }

    async fn insert(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = 0;
        clock.start();
        for n in 0..clock.calls {
            last = insert(&mut self.db, row(n)).await?;
        }
        clock.stop();
        Ok(clock.answer([last], |pk| pk.to_string()))
    }

    async fn insert_in_transaction(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let calls = clock.calls;
        clock.start();
        let last = self
            .db
            .immediate_transaction(async |db| {
                let mut last = 0;
                for n in 0..calls {
                    last = insert(db, row(n)).await?;
                }
                diesel::QueryResult::Ok(last)
            })
            .await?;
        clock.stop();
        Ok(clock.answer([last], |pk| pk.to_string()))
    }

    async fn bulk_insert(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let new: Vec<_> = rows().iter().map(new_book).collect();
        clock.start();
        // It has no batch insert for SQLite: one hop to diesel, which has.
        let inserted = self.db.spawn_blocking(move |db| insert_many(db, &new)).await?;
        clock.stop();
        Ok(clock.answer([inserted], |n| n.to_string()))
    }

    async fn update(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut all: Vec<Book> = books::table.order(books::pk).select(Book::as_select()).load(&mut self.db).await?;
        clock.start();
        for n in 0..clock.calls {
            let book = &mut all[written_key(n) as usize - 1];
            book.title.clone_from(&row(n).title);
            book.year += 1;
            book.updated_at = now();
            if diesel::update(books::table.find(book.pk)).set(&*book).execute(&mut self.db).await? != 1 {
                return Err("no such book".into());
            }
        }
        clock.stop();
        Ok(Vec::new())
    }

    async fn join(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            last = stories::table
                .inner_join(authors::table)
                .order(stories::pk)
                .select((Story::as_select(), Author::as_select()))
                .load(&mut self.db)
                .await?;
        }
        clock.stop();
        Ok(clock.answer(last, |(s, a): (Story, Author)| story_text(s.pk, &s.title, s.year, s.author_id, &a.name)))
    }

    async fn prefetch(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let (mut count, mut sum) = (0, 0);
        clock.start();
        for _ in 0..clock.calls {
            let db = &mut self.db;
            let all: Vec<Author> = authors::table.order(authors::pk).select(Author::as_select()).load(db).await?;
            let theirs: Vec<Story> = Story::belonging_to(&all).select(Story::as_select()).load(db).await?;
            (count, sum) = sum_up(&all, &theirs.grouped_by(&all));
        }
        clock.stop();
        Ok(clock.answer([(count, sum)], |(authors, sum)| format!("{authors} {sum}")))
    }

    async fn readers(&self, clock: &mut Clock, tasks: usize) -> Outcome<Vec<String>> {
        let calls = clock.calls;
        clock.start();
        let tasks: Vec<_> = (0..tasks)
            .map(|task| {
                let readers = self.shared.readers.clone();
                tokio::spawn(async move {
                    let mut sum = 0;
                    for key in reader_keys(task, calls) {
                        let mut db = readers.get().await?;
                        sum += get(&mut db, key).await?.map_or(0, |book| book.year);
                    }
                    Outcome::Ok(sum)
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

    async fn stream(&mut self, clock: &mut Clock, count: usize) -> Outcome<Vec<String>> {
        let (mut last, mut sum) = (None, 0);
        clock.start();
        for _ in 0..clock.calls {
            let query = shelf::table.order(shelf::pk).select(Shelved::as_select());
            let mut rows = query.load_stream::<Shelved>(&mut self.db).await?;
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

impl mixed::Shared for Pools {
    async fn read(&self, key: i64) -> Outcome<i64> {
        Ok(get(&mut *self.readers.get().await?, key).await?.map_or(0, |book| book.year))
    }

    async fn write(&self, row: &'static Plain) -> Outcome {
        insert(&mut *self.writer.lock().await, row).await?;
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
                Work::Mixed(tasks) => mixed::tasks(&self.shared, clock, tasks).await,
                Work::Stream(count) => self.stream(clock, count).await,
            }
        })
    }
}
