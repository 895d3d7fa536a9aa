//! Relations that are followed row by row: the warning, and the refusal.

use sqliter_async::prelude::*;

use super::{Author, Book, Library, Tag, fill, library, watched};
use crate::support::Collector;

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_shelves", database = "linked", strict_loading)]
struct Shelf {
    pk: Pk<Self>,
    label: String,
    boxes: ManyToMany<Crate>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_crates", database = "linked", strict_loading)]
struct Crate {
    pk: Pk<Self>,
    #[foreign_key(related_name = "crates")]
    shelf: ForeignKey<Shelf>,
}

fn refused<T: std::fmt::Debug>(result: Result<T>, relation: &str, remedy: &str) {
    let err = result.unwrap_err();
    assert!(matches!(&err, Error::RelationNotLoaded { relation: r, .. } if r == relation), "{err:?}");
    assert!(err.to_string().contains(remedy), "{err}");
}

#[tokio::test]
async fn a_strict_query_refuses_to_load_row_by_row() {
    let db = library().await;
    let strict = db.select::<Book>().strict_loading().order("pk");
    let book = strict.fetch_first().await.unwrap().unwrap();
    refused(book.author.fetch().await, "Book.author", ".select_related(Book::AUTHOR)");
    refused(book.author.try_fetch().await, "Book.author", ".select_related(Book::AUTHOR)");
    refused(book.reviews().fetch_all().await, "Book.reviews", ".prefetch_related(Book::REVIEWS)");
    refused(book.reviews().fetch_one().await, "Book.reviews", ".prefetch_related(Book::REVIEWS)");
    refused(book.reviews().fetch_first().await, "Book.reviews", ".prefetch_related(Book::REVIEWS)");
    refused(book.reviews().fetch_last().await, "Book.reviews", ".prefetch_related(Book::REVIEWS)");
    refused(book.tags.fetch_all().await, "Book.tags", ".prefetch_related(Book::TAGS)");
    refused(book.tags.fetch_one().await, "Book.tags", ".prefetch_related(Book::TAGS)");
    // What could not have been loaded ahead is asked for on purpose.
    assert_eq!(book.tags.filter(Tag::NAME.eq("sql")).fetch_all().await.unwrap().len(), 1);
    book.tags.add(3).await.unwrap();

    let query = strict.select_related(Book::AUTHOR).prefetch_related("tags__books").prefetch_related(Book::REVIEWS);
    for book in query.fetch_all().await.unwrap() {
        book.author.fetch().await.unwrap();
        book.reviews().fetch_all().await.unwrap();
        for tag in book.tags.fetch_all().await.unwrap() {
            assert!(tag.books().exists().await.unwrap());
            // The rows that were loaded ahead are as strict.
            for other in tag.books().fetch_all().await.unwrap() {
                refused(other.author.fetch().await, "Book.author", "Book::AUTHOR");
                refused(other.tags.fetch_all().await, "Book.tags", "Book::TAGS");
            }
        }
        refused(book.author.loaded().unwrap().books().fetch_all().await, "Author.books", "Author::BOOKS");
        // Writes go on, and what they make of memory is no loading.
        book.tags.add(1).await.unwrap();
        assert!(book.tags.exists().await.unwrap());
        assert!(!book.tags.fetch_all().await.unwrap().is_empty());
    }
    // Rows of other queries are not.
    assert!(db.get::<Book>(1).await.unwrap().unwrap().author.fetch().await.is_ok());
}

/// A write inside a transaction drops what was loaded: the next read is no loading in a loop.
#[tokio::test]
async fn a_strict_row_can_be_read_after_a_write_in_a_transaction() {
    let db = library().await;
    db.transaction(async |tx| -> Result<()> {
        let query = tx.select::<Book>().strict_loading().prefetch_related(Book::TAGS);
        let book = query.fetch_first().await?.unwrap();
        book.tags.add(3).await?;
        assert_eq!(book.tags.fetch_all().await?.len(), 3);
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_strict_model_refuses_everywhere() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Shelf, Crate)>().await.unwrap();
    let shelf = Shelf::builder().label("s").insert(&db).await.unwrap();
    let made = Crate::builder().shelf(&shelf).insert(&db).await.unwrap();
    shelf.boxes.add(&made).await.unwrap();
    let got = db.get::<Shelf>(1).await.unwrap().unwrap();
    let queried = db.select::<Shelf>().fetch_one().await.unwrap().unwrap();
    for shelf in [&shelf, &got, &queried] {
        refused(shelf.boxes.fetch_all().await, "Shelf.boxes", "Shelf::BOXES");
        refused(shelf.crates().fetch_all().await, "Shelf.crates", "Shelf::CRATES");
    }
    refused(made.shelf.fetch().await, "Crate.shelf", "Crate::SHELF");
    refused(made.shelves().fetch_all().await, "Crate.shelves", "Crate::SHELVES");
    let query = db.select::<Shelf>().prefetch_related(Shelf::BOXES.to(Crate::SHELF)).prefetch_related(Shelf::CRATES);
    let shelf = query.fetch_one().await.unwrap().unwrap();
    let boxes = shelf.boxes.fetch_all().await.unwrap();
    assert_eq!(boxes[0].shelf.fetch().await.unwrap().label, "s");
    assert_eq!(shelf.crates().count().await.unwrap(), 1);
}

async fn ten_books(db: &SqliterDb) {
    for _ in 0..4 {
        fill(db).await;
    }
}

#[tokio::test]
async fn following_row_by_row_is_worth_one_warning() {
    let (db, mut log) = watched::<Library>().await;
    ten_books(&db).await;
    let books = db.select::<Book>().fetch_all().await.unwrap();
    log.lines();
    for book in &books {
        book.author.fetch().await.unwrap();
    }
    let warnings = log.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert!(warnings[0].contains("N+1") && warnings[0].contains("Book.author"), "{warnings:?}");
    assert!(warnings[0].contains("`.select_related(Book::AUTHOR)`"), "{warnings:?}");
    for book in &books {
        book.tags.fetch_all().await.unwrap();
        book.tags.fetch_one().await.unwrap();
    }
    let warnings = log.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert!(warnings[0].contains("`.prefetch_related(Book::TAGS)`"), "{warnings:?}");
    let authors = db.select::<Author>().fetch_all().await.unwrap();
    for author in &authors {
        author.books().fetch_all().await.unwrap();
    }
    let warnings = log.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert!(warnings[0].contains("`.prefetch_related(Author::BOOKS)`"), "{warnings:?}");
    // Each result by itself.
    for book in db.select::<Book>().fetch_all().await.unwrap() {
        book.author.fetch().await.unwrap();
    }
    assert_eq!(log.warnings().len(), 1);
}

#[tokio::test]
async fn what_is_no_loop_over_rows_is_no_warning() {
    let (db, mut log) = watched::<Library>().await;
    ten_books(&db).await;
    log.lines();
    let query = db.select::<Book>().select_related(Book::AUTHOR).prefetch_related("tags").prefetch_related("reviews");
    for book in query.fetch_all().await.unwrap() {
        book.author.fetch().await.unwrap();
        book.tags.fetch_all().await.unwrap();
        book.reviews().fetch_all().await.unwrap();
        book.reviews().order("-pk").limit(1).fetch_all().await.unwrap();
    }
    // One row again and again.
    let book = db.get::<Book>(1).await.unwrap().unwrap();
    let one = db.select::<Book>().fetch_one().await.unwrap().unwrap();
    for _ in 0..20 {
        book.tags.fetch_all().await.unwrap();
        one.tags.fetch_all().await.unwrap();
        one.clone().reviews().fetch_all().await.unwrap();
    }
    assert_eq!(log.warnings(), Vec::<String>::new());
}

#[tokio::test]
async fn without_debug_there_is_no_warning() {
    let collector = Collector::new(tracing::level_filters::LevelFilter::TRACE);
    let _guard = tracing::subscriber::set_default(collector.clone());
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<Library>().await.unwrap();
    ten_books(&db).await;
    for book in db.select::<Book>().fetch_all().await.unwrap() {
        book.author.fetch().await.unwrap();
        book.tags.fetch_all().await.unwrap();
    }
    assert_eq!(collector.lines(), []);
}
