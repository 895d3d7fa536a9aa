//! SeaORM 2: dense entities, its select and active model, the loader for associations.

use std::path::Path;

use futures_util::TryStreamExt;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use super::{
    Plain, READERS, Work, book_text, key, mixed, now, reader_keys, row, rows, story_text, sum_text, written_key,
};
use crate::contest::{Answer, Clock, Outcome};

mod author {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "authors")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub pk: i64,
        pub name: String,
        #[sea_orm(has_many)]
        pub stories: HasMany<super::story::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod story {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "stories")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub pk: i64,
        pub title: String,
        pub year: i64,
        pub author_id: i64,
        #[sea_orm(belongs_to, from = "author_id", to = "pk")]
        pub author: BelongsTo<super::author::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod shelf {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "shelf")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub pk: i64,
        pub created_at: i64,
        pub updated_at: i64,
        pub title: String,
        pub author_id: i64,
        pub year: i64,
        pub rating: f64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod book {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "books")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub pk: i64,
        pub created_at: i64,
        pub updated_at: i64,
        pub title: String,
        pub author_id: i64,
        pub year: i64,
        pub rating: f64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Rows of one insert: SQLite's limit is 32,766 parameters.
const BATCH: usize = 1_000;

fn text(book: shelf::Model) -> String {
    book_text(book.pk, book.created_at, &book.title, book.author_id, book.year, book.rating)
}

fn new_book(row: &Plain) -> book::ActiveModel {
    let now = now();
    book::ActiveModel {
        created_at: Set(now),
        updated_at: Set(now),
        title: Set(row.title.clone()),
        author_id: Set(row.author_id),
        year: Set(row.year),
        rating: Set(row.rating),
        ..Default::default()
    }
}

async fn insert(db: &impl ConnectionTrait, row: &Plain) -> Result<i64, DbErr> {
    Ok(book::Entity::insert(new_book(row)).exec(db).await?.last_insert_id)
}

fn immediate() -> TransactionOptions {
    TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() }
}

#[derive(Clone)]
pub(super) struct Contestant {
    db: DatabaseConnection,
    readers: DatabaseConnection,
}

impl Contestant {
    pub(super) async fn open(path: &Path) -> Outcome<Self> {
        let (db, readers) = (super::sqlx_pool::pool(path, 1).await?, super::sqlx_pool::pool(path, READERS).await?);
        Ok(Contestant { db: db.into(), readers: readers.into() })
    }

    async fn get(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = None;
        clock.start();
        for n in 0..clock.calls {
            last = shelf::Entity::find_by_id(key(n)).one(&self.db).await?;
        }
        clock.stop();
        Ok(clock.answer(last, text))
    }

    async fn get_in_transaction(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = None;
        clock.start();
        let tx = self.db.begin_with_options(immediate()).await?;
        for n in 0..clock.calls {
            last = shelf::Entity::find_by_id(key(n)).one(&tx).await?;
        }
        tx.commit().await?;
        clock.stop();
        Ok(clock.answer(last, text))
    }

    async fn fetch_all(&self, clock: &mut Clock, limit: i64) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            let query = shelf::Entity::find().filter(shelf::COLUMN.year.gte(1000)).order_by_asc(shelf::Column::Pk);
            last = query.limit(limit as u64).all(&self.db).await?;
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
        let tx = self.db.begin_with_options(immediate()).await?;
        for n in 0..clock.calls {
            last = insert(&tx, row(n)).await?;
        }
        tx.commit().await?;
        clock.stop();
        Ok(clock.answer([last], |pk| pk.to_string()))
    }

    async fn bulk_insert(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut new: Vec<_> = rows().iter().map(new_book).collect();
        clock.start();
        let tx = self.db.begin_with_options(immediate()).await?;
        let mut inserted = 0;
        while !new.is_empty() {
            let batch: Vec<_> = new.drain(..BATCH.min(new.len())).collect();
            inserted += book::Entity::insert_many(batch).exec_without_returning(&tx).await?;
        }
        tx.commit().await?;
        clock.stop();
        Ok(clock.answer([inserted], |n| n.to_string()))
    }

    async fn update(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut books = book::Entity::find().order_by_asc(book::Column::Pk).all(&self.db).await?;
        clock.start();
        for n in 0..clock.calls {
            let book = &mut books[written_key(n) as usize - 1];
            book.title.clone_from(&row(n).title);
            book.year += 1;
            book.updated_at = now();
            let changed = book::ActiveModel {
                pk: Unchanged(book.pk),
                created_at: Unchanged(book.created_at),
                updated_at: Set(book.updated_at),
                title: Set(book.title.clone()),
                author_id: Set(book.author_id),
                year: Set(book.year),
                rating: Set(book.rating),
            };
            changed.update(&self.db).await?;
        }
        clock.stop();
        Ok(Vec::new())
    }

    async fn join(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            let query = story::Entity::find().find_also_related(author::Entity).order_by_asc(story::Column::Pk);
            last = query.all(&self.db).await?;
        }
        clock.stop();
        Ok(clock.answer(last, |(s, a)| {
            story_text(s.pk, &s.title, s.year, s.author_id, &a.map(|a| a.name).unwrap_or_default())
        }))
    }

    async fn prefetch(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let (mut count, mut sum) = (0, 0);
        clock.start();
        for _ in 0..clock.calls {
            let authors = author::Entity::find().order_by_asc(author::Column::Pk).all(&self.db).await?;
            let stories = authors.load_many(story::Entity, &self.db).await?;
            (count, sum) = (authors.len(), 0);
            for (author, stories) in authors.iter().zip(&stories) {
                sum += author.name.len() as i64;
                for story in stories {
                    sum += story.year * author.pk + story.title.len() as i64;
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
                let db = self.readers.clone();
                tokio::spawn(async move {
                    let mut sum = 0;
                    for key in reader_keys(task, calls) {
                        sum += shelf::Entity::find_by_id(key).one(&db).await?.map_or(0, |book| book.year);
                    }
                    Result::<_, DbErr>::Ok(sum)
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
            let mut rows = shelf::Entity::find().order_by_asc(shelf::Column::Pk).stream(&self.db).await?;
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
        Ok(shelf::Entity::find_by_id(key).one(&self.readers).await?.map_or(0, |book| book.year))
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
