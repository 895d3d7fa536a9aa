//! Loading ahead and many-to-many relations: the models, rows and counters that these tests share.

mod ahead;
mod errors;
mod friends;
mod junctions;
mod leaks;
mod loading;
mod many_to_many;
mod memory;
mod nested;
mod odd;
mod prefetch;
mod random;
mod snapshots;
mod streams;
mod tables;
mod through;
mod values;

use sqliter_async::Execution;
use sqliter_async::prelude::*;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::DefaultGuard;

use crate::support::Collector;

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_publishers", database = "linked")]
pub struct Publisher {
    pub pk: Pk<Self>,
    pub name: String,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_authors", database = "linked")]
pub struct Author {
    pub pk: Pk<Self>,
    pub name: String,
    #[foreign_key(related_name = "authors", on_delete = SetNull)]
    pub publisher: Option<ForeignKey<Publisher>>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_books", database = "linked")]
pub struct Book {
    pub pk: Pk<Self>,
    pub title: String,
    pub year: i64,
    #[foreign_key(related_name = "books", on_delete = Cascade)]
    pub author: ForeignKey<Author>,
    pub tags: ManyToMany<Tag>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_tags", database = "linked")]
pub struct Tag {
    pub pk: Pk<Self>,
    pub name: String,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_reviews", database = "linked")]
pub struct Review {
    pub pk: Pk<Self>,
    pub stars: i64,
    #[foreign_key(related_name = "reviews", on_delete = Cascade)]
    pub book: ForeignKey<Book>,
}

pub type Library = (Publisher, Author, Book, Tag, Review);

/// Ann wrote A1 (rust, sql) and A2 (rust); Bob wrote B1 (no tags); Cid wrote nothing. A1 has two reviews, B1 has one.
/// Ann is with Press, the others with nobody.
pub async fn fill(db: &SqliterDb) {
    let press = Publisher::builder().name("Press").insert(db).await.unwrap();
    let ann = Author::builder().name("Ann").publisher(&press).insert(db).await.unwrap();
    let bob = Author::builder().name("Bob").insert(db).await.unwrap();
    Author::builder().name("Cid").insert(db).await.unwrap();
    let rust = Tag::builder().name("rust").insert(db).await.unwrap();
    let sql = Tag::builder().name("sql").insert(db).await.unwrap();
    Tag::builder().name("none").insert(db).await.unwrap();
    let a1 = Book::builder().title("A1").year(2001).author(&ann).insert(db).await.unwrap();
    let a2 = Book::builder().title("A2").year(2002).author(&ann).insert(db).await.unwrap();
    let b1 = Book::builder().title("B1").year(2003).author(&bob).insert(db).await.unwrap();
    a1.tags.add([&rust, &sql]).await.unwrap();
    a2.tags.add(&rust).await.unwrap();
    for (book, stars) in [(&a1, 5), (&a1, 3), (&b1, 1)] {
        Review::builder().book(book).stars(stars).insert(db).await.unwrap();
    }
}

/// A database with the library in it.
pub async fn library() -> SqliterDb {
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<Library>().await.unwrap();
    fill(&db).await;
    db
}

/// Counts the statements of a database that runs on the test's thread.
pub struct Log {
    collector: Collector,
    heard: usize,
    _guard: DefaultGuard,
}

impl Log {
    /// What was logged since the last call.
    pub fn lines(&mut self) -> Vec<String> {
        let lines = self.collector.lines();
        let new = lines[self.heard..].iter().map(|(_, line)| line.clone()).collect();
        self.heard = lines.len();
        new
    }

    /// How many rows were asked for since the last call: `SELECT`s.
    pub fn selects(&mut self) -> usize {
        self.lines().iter().filter(|l| l.contains("Executing SQL: SELECT")).count()
    }

    /// The warnings since the last call.
    pub fn warnings(&mut self) -> Vec<String> {
        self.lines().into_iter().filter(|l| !l.starts_with("Executing SQL")).collect()
    }
}

/// A database whose statements are counted, with these tables.
pub async fn watched<S: sqliter_async::ModelSet>() -> (SqliterDb, Log) {
    let collector = Collector::new(LevelFilter::TRACE);
    let guard = tracing::subscriber::set_default(collector.clone());
    let db = SqliterDb::builder().memory().debug(true).execution(Execution::Inline).create().await.unwrap();
    db.create_tables::<S>().await.unwrap();
    (db, Log { collector, heard: 0, _guard: guard })
}

/// The library, whose statements are counted.
pub async fn watched_library() -> (SqliterDb, Log) {
    let (db, mut log) = watched::<Library>().await;
    fill(&db).await;
    log.lines();
    (db, log)
}

pub fn titles(books: &[Book]) -> Vec<&str> {
    books.iter().map(|b| b.title.as_str()).collect()
}

pub fn names(tags: &[Tag]) -> Vec<&str> {
    tags.iter().map(|t| t.name.as_str()).collect()
}
