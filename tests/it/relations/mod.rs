//! Relations: keys, loading, the way back, joins and paths.

mod chains;
mod graphs;
mod joins;
mod keys;
mod lazy;
mod odd_names;
mod parents;
mod paths;
mod random;
mod reverse;
mod transactions;
mod writes;

use sqliter_async::Execution;
use sqliter_async::prelude::*;
use tracing::level_filters::LevelFilter;

use crate::support::Collector;

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Publisher {
    pk: Pk<Self>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Author {
    pk: Pk<Self>,
    name: String,
    #[field(default = 0)]
    score: i64,
    born: Option<i64>,
    publisher: Option<ForeignKey<Publisher>>,
    #[foreign_key(related_name = "pupils", on_delete = SetNull)]
    mentor: Option<ForeignKey<Self>>,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Book {
    pk: Pk<Self>,
    title: String,
    year: Option<i64>,
    #[foreign_key(on_delete = Cascade)]
    author: ForeignKey<Author>,
    #[foreign_key(related_name = "edited", on_delete = SetNull)]
    editor: Option<ForeignKey<Author>>,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Review {
    pk: Pk<Self>,
    text: String,
    stars: i64,
    #[foreign_key(on_delete = Cascade)]
    book: Option<ForeignKey<Book>>,
}

async fn library() -> SqliterDb {
    let db = SqliterDb::memory().await.unwrap();
    fill(&db).await.unwrap();
    db
}

/// Two publishers, three authors, four books, five reviews.
///
/// | book  | year | author        | editor | reviews          |
/// |-------|------|---------------|--------|------------------|
/// | Emma  | 1815 | Jane (Acme)   | -      | 5 fine, 3 so-so  |
/// | Ring  | 1954 | John (-)      | Jane   | 5 great          |
/// | Tales | -    | John (-)      | Mary   | -                |
/// | Frank | 1818 | Mary (Bell)   | -      | 1 scary          |
///
/// John's mentor is Jane, Mary's is John. One review has no book: 2 lost.
async fn fill(db: &SqliterDb) -> Result<()> {
    db.create_tables::<(Review, Book, Author, Publisher)>().await?;
    let acme = Publisher::builder().name("Acme").insert(db).await?;
    let bell = Publisher::builder().name("Bell").insert(db).await?;
    let jane = Author::builder().name("Jane").born(1775).publisher(&acme).insert(db).await?;
    let john = Author::builder().name("John").mentor(&jane).insert(db).await?;
    let mary = Author::builder().name("Mary").born(1797).publisher(&bell).mentor(&john).insert(db).await?;
    let emma = Book::builder().title("Emma").year(1815).author(&jane).insert(db).await?;
    let ring = Book::builder().title("Ring").year(1954).author(&john).editor(&jane).insert(db).await?;
    Book::builder().title("Tales").author(&john).editor(&mary).insert(db).await?;
    let frank = Book::builder().title("Frank").year(1818).author(&mary).insert(db).await?;
    for (book, stars, text) in [(&emma, 5, "fine"), (&emma, 3, "so-so"), (&ring, 5, "great"), (&frank, 1, "scary")] {
        Review::builder().text(text).stars(stars).book(book).insert(db).await?;
    }
    Review::builder().text("lost").stars(2).insert(db).await?;
    Ok(())
}

/// A database that logs each statement on the caller's thread, where the collector listens.
async fn watched() -> SqliterDb {
    SqliterDb::builder().memory().debug(true).execution(Execution::Inline).create().await.unwrap()
}

/// The statements that some work runs, on a [`watched`] database; warnings too.
async fn statements<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    let collector = Collector::new(LevelFilter::TRACE);
    let guard = tracing::subscriber::set_default(collector.clone());
    let out = work.await;
    drop(guard);
    let lines = collector.lines().into_iter().map(|(_, line)| line);
    (out, lines.map(|l| l.strip_prefix("Executing SQL: ").map_or(l.clone(), str::to_owned)).collect())
}

fn titles(books: &[Book]) -> Vec<&str> {
    books.iter().map(|b| b.title.as_str()).collect()
}

fn names(authors: &[Author]) -> Vec<&str> {
    authors.iter().map(|a| a.name.as_str()).collect()
}

/// The titles of the books that match, by key.
async fn books(db: &SqliterDb, filter: Filter<Book>) -> Vec<String> {
    let found = db.select::<Book>().filter(filter).order(Book::PK).fetch_all().await.unwrap();
    found.into_iter().map(|b| b.title).collect()
}

/// The names of the authors that match, by key.
async fn authors(db: &SqliterDb, filter: Filter<Author>) -> Vec<String> {
    let found = db.select::<Author>().filter(filter).order(Author::PK).fetch_all().await.unwrap();
    found.into_iter().map(|a| a.name).collect()
}

/// The texts of the reviews that match, by key.
async fn reviews(db: &SqliterDb, filter: Filter<Review>) -> Vec<String> {
    let found = db.select::<Review>().filter(filter).order(Review::PK).fetch_all().await.unwrap();
    found.into_iter().map(|r| r.text).collect()
}
