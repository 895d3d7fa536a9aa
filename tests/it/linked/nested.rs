//! `prefetch_related` over several steps, in either direction.

use sqliter_async::prelude::*;

use super::{Author, Book, Publisher, Review, Tag, names, titles, watched_library};
use crate::support::raw_execute;

/// PRE-1
#[tokio::test]
async fn every_level_of_a_path_is_loaded_by_one_statement() {
    let (db, mut log) = watched_library().await;
    let path = Publisher::AUTHORS.to(Author::BOOKS).to(Book::TAGS);
    for query in [
        db.select::<Publisher>().prefetch_related(path),
        db.select::<Publisher>().prefetch_related("authors__books__tags"),
        db.select::<Publisher>()
            .prefetch_related(Publisher::AUTHORS.order("name").then(Author::BOOKS.order("title").then(Book::TAGS))),
    ] {
        let publishers = query.fetch_all().await.unwrap();
        assert_eq!(log.selects(), 4);
        let authors = publishers[0].authors().fetch_all().await.unwrap();
        let books = authors[0].books().fetch_all().await.unwrap();
        assert_eq!(titles(&books), ["A1", "A2"]);
        assert_eq!(names(&books[0].tags.fetch_all().await.unwrap()), ["rust", "sql"]);
        assert_eq!(names(&books[1].tags.fetch_all().await.unwrap()), ["rust"]);
        assert_eq!(log.selects(), 0);
    }
}

/// PRE-1
#[tokio::test]
async fn keys_and_junctions_follow_each_other_in_any_order() {
    let (db, mut log) = watched_library().await;
    let tags = db.select::<Tag>().prefetch_related("books__reviews").fetch_all().await.unwrap();
    assert_eq!(log.selects(), 3);
    let books = tags[0].books().fetch_all().await.unwrap();
    assert_eq!(books[0].reviews().count().await.unwrap(), 2);
    assert_eq!(books[1].reviews().count().await.unwrap(), 0);
    assert_eq!(tags[2].books().fetch_all().await.unwrap().len(), 0);
    assert_eq!(log.selects(), 0);
    // Back to where it began: the rows at the end are others than those at the start.
    let authors = db.select::<Author>().prefetch_related("books__tags__books__author").fetch_all().await.unwrap();
    assert_eq!(log.selects(), 5);
    let a2 = authors[0].books().fetch_all().await.unwrap().remove(1);
    let rust = a2.tags.fetch_one().await.unwrap().unwrap();
    let books = rust.books().fetch_all().await.unwrap();
    assert_eq!(titles(&books), ["A1", "A2"]);
    assert_eq!(books[0].author.loaded().unwrap().name, "Ann");
    assert_eq!(log.selects(), 0);
}

/// PRE-10
#[tokio::test]
async fn foreign_keys_are_allowed_in_a_path() {
    let (db, mut log) = watched_library().await;
    let reviews =
        db.select::<Review>().prefetch_related("book__author__publisher").order("pk").fetch_all().await.unwrap();
    assert_eq!(log.selects(), 4);
    let author = reviews[0].book.loaded().unwrap().author.loaded().unwrap();
    assert_eq!(author.publisher.as_ref().unwrap().loaded().unwrap().name, "Press");
    assert_eq!(reviews[2].book.loaded().unwrap().author.loaded().unwrap().name, "Bob");
    assert!(reviews[2].book.get().unwrap().author.get().unwrap().publisher.is_none());

    let path = Review::BOOK.to(Book::AUTHOR).to(Author::BOOKS).to(Book::TAGS);
    let reviews = db.select::<Review>().prefetch_related(path).order("pk").fetch_all().await.unwrap();
    assert_eq!(log.selects(), 5);
    let books = reviews[0].book.loaded().unwrap().author.loaded().unwrap().books().fetch_all().await.unwrap();
    assert_eq!(titles(&books), ["A1", "A2"]);
    assert_eq!(names(&books[0].tags.fetch_all().await.unwrap()), ["rust", "sql"]);
    assert_eq!(log.selects(), 0);
}

/// PRE-3, PRE-10
#[tokio::test]
async fn a_foreign_key_that_was_joined_is_not_loaded_again() {
    let (db, mut log) = watched_library().await;
    let joined = db.select::<Book>().select_related(Book::AUTHOR).prefetch_related(Book::AUTHOR.to(Author::BOOKS));
    let books = joined.order(Book::TITLE).fetch_all().await.unwrap();
    assert_eq!(log.selects(), 2);
    for book in &books {
        let author = book.author.loaded().unwrap();
        let own = author.books().fetch_all().await.unwrap();
        assert!(own.iter().any(|b| b.pk == book.pk), "{}", book.title);
        assert_eq!(own.len(), if author.name == "Ann" { 2 } else { 1 });
    }
    assert_eq!(log.selects(), 0);
    // The joined rows keep what was joined to them.
    let path = Book::AUTHOR.to(Author::PUBLISHER);
    let query = db.select::<Book>().select_related(path).prefetch_related("author__books").order(Book::TITLE);
    let books = query.fetch_all().await.unwrap();
    let ann = books[0].author.loaded().unwrap();
    assert_eq!(ann.publisher.as_ref().unwrap().loaded().unwrap().name, "Press");
    assert_eq!(ann.books().count().await.unwrap(), 2);
    // The same key alone, both ways.
    let query = db.select::<Book>().select_related("author").prefetch_related("author").order(Book::TITLE);
    assert_eq!(query.fetch_all().await.unwrap()[2].author.loaded().unwrap().name, "Bob");
}

/// PRE-1, PRE-11
#[tokio::test]
async fn paths_that_begin_alike_share_their_beginning() {
    let (db, mut log) = watched_library().await;
    let query = db
        .select::<Author>()
        .prefetch_related("books__tags")
        .prefetch_related("books")
        .prefetch_related("books__reviews");
    let query = query.prefetch_related(Author::BOOKS).prefetch_related(Author::BOOKS.to(Book::TAGS)).order("name");
    let authors = query.fetch_all().await.unwrap();
    assert_eq!(log.selects(), 4);
    let a1 = authors[0].books().fetch_one().await.unwrap().unwrap();
    assert_eq!((a1.tags.count().await.unwrap(), a1.reviews().count().await.unwrap()), (2, 2));
    assert_eq!(log.selects(), 0);
    // In whatever order they were given.
    let query = db.select::<Author>().prefetch_related("books__reviews").prefetch_related("books").order("name");
    let a1 = query.fetch_all().await.unwrap()[0].books().fetch_one().await.unwrap().unwrap();
    assert_eq!(log.selects(), 3);
    assert_eq!(a1.reviews().count().await.unwrap(), 2);
}

/// A key of a row that is not there, which a file from elsewhere may have.
#[tokio::test]
async fn a_key_that_leads_nowhere_is_not_asked_for_again() {
    let (db, mut log) = watched_library().await;
    let orphan =
        "PRAGMA foreign_keys = OFF; UPDATE linked_books SET author_id = 99 WHERE pk = 3; PRAGMA foreign_keys = ON";
    raw_execute(&db, orphan).await;
    log.lines();
    let query = db.select::<Book>().prefetch_related("author__books").strict_loading().order("pk");
    let books = query.fetch_all().await.unwrap();
    assert_eq!(log.selects(), 3);
    assert!(matches!(books[2].author.fetch().await, Err(Error::RecordNotFound { .. })));
    assert!(books[2].author.try_fetch().await.unwrap().is_none());
    assert!(books[2].author.get().is_none());
    assert_eq!(books[0].author.loaded().unwrap().books().count().await.unwrap(), 2);
    assert_eq!(log.selects(), 0);
}

/// PRE-3
#[tokio::test]
async fn nothing_is_asked_beyond_an_empty_level() {
    let (db, mut log) = watched_library().await;
    let cid = db.select::<Author>().filter(Author::NAME.eq("Cid")).prefetch_related("books__tags__books");
    let cid = cid.fetch_one().await.unwrap().unwrap();
    assert_eq!(log.selects(), 2);
    assert!(cid.books().fetch_all().await.unwrap().is_empty());
    let nobody =
        db.select::<Author>().filter(Author::NAME.is_in(["Bob", "Cid"])).prefetch_related("publisher__authors");
    let nobody = nobody.fetch_all().await.unwrap();
    assert!(nobody.iter().all(|a| a.publisher.is_none()));
    assert_eq!(log.selects(), 1);
}

/// PRE-3: a narrowed level, and what belongs to its rows.
#[tokio::test]
async fn only_what_belongs_to_the_narrowed_rows_is_loaded() {
    let (db, mut log) = watched_library().await;
    let good = Book::REVIEWS.filter(Review::STARS.gte(4));
    let recent = Author::BOOKS.filter(Book::YEAR.lt(2002)).then(good).then("tags").then(Book::AUTHOR);
    let authors = db.select::<Author>().prefetch_related(recent).order("name").fetch_all().await.unwrap();
    // The authors are there already.
    assert_eq!(log.selects(), 4);
    let books = authors[0].books().fetch_all().await.unwrap();
    assert_eq!(titles(&books), ["A1"]);
    assert_eq!(books[0].reviews().fetch_all().await.unwrap()[0].stars, 5);
    assert_eq!(books[0].reviews().count().await.unwrap(), 1);
    assert_eq!(books[0].tags.count().await.unwrap(), 2);
    assert_eq!(books[0].author.loaded().unwrap().name, "Ann");
    assert_eq!(log.selects(), 0);
    // A key in front of a narrowed step.
    let of_author = Review::BOOK.to(Book::TAGS).filter(Tag::NAME.eq("sql"));
    let reviews = db.select::<Review>().prefetch_related(of_author).order("pk").fetch_all().await.unwrap();
    assert_eq!(names(&reviews[0].book.loaded().unwrap().tags.fetch_all().await.unwrap()), ["sql"]);
    assert!(!reviews[2].book.loaded().unwrap().tags.exists().await.unwrap());
}

/// PRE-1: a query that began at a row takes further steps too.
#[tokio::test]
async fn the_way_back_of_one_row_can_load_ahead() {
    let (db, mut log) = watched_library().await;
    let ann = db.get::<Author>(1).await.unwrap().unwrap();
    let books =
        ann.books().prefetch_related(Book::TAGS).select_related(Book::AUTHOR).order("pk").fetch_all().await.unwrap();
    assert_eq!(log.selects(), 3);
    assert_eq!(names(&books[0].tags.fetch_all().await.unwrap()), ["rust", "sql"]);
    let tags = books[0].tags.query().prefetch_related(Tag::BOOKS).fetch_all().await.unwrap();
    assert_eq!(log.selects(), 2);
    assert_eq!(tags[1].books().count().await.unwrap(), 1);
    assert_eq!(log.selects(), 0);
}

/// PRE-5
#[tokio::test]
async fn children_know_whose_they_are_and_share_it() {
    let (db, mut log) = watched_library().await;
    let authors = db.select::<Author>().prefetch_related(Author::BOOKS).strict_loading().fetch_all().await.unwrap();
    log.lines();
    let books = authors[0].books().fetch_all().await.unwrap();
    assert_eq!(books.len(), 2);
    for book in &books {
        assert_eq!(book.author.loaded().unwrap().name, "Ann");
        assert_eq!(book.author.fetch().await.unwrap().name, "Ann");
    }
    assert!(std::ptr::eq(books[0].author.get().unwrap(), books[1].author.get().unwrap()));
    assert_eq!(log.lines(), Vec::<String>::new());
}
