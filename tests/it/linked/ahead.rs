//! `loaded()`: what was loaded ahead, looked at where it is.

use sqliter_async::prelude::*;

use super::{Author, Book, Tag, library, names, watched_library};
use crate::support::on_both;

/// PRE-1
#[tokio::test]
async fn loaded_rows_are_shared_and_cost_no_statement() {
    let (db, mut log) = watched_library().await;
    let query = db.select::<Author>().prefetch_related(Author::BOOKS.to(Book::TAGS)).order(Author::PK);
    let authors = query.fetch_all().await.unwrap();
    log.lines();
    let [ann, bob, cid] = &authors[..] else { panic!("{authors:?}") };
    let books = ann.books().loaded().unwrap();
    assert_eq!(books.iter().map(|book| book.title.as_str()).collect::<Vec<_>>(), ["A1", "A2"]);
    assert_eq!((books.len(), books[1].title.as_str(), books.get(2).is_none()), (2, "A2", true));
    assert_eq!(
        books[0].tags.loaded().unwrap().iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(),
        ["rust", "sql"]
    );
    assert!(bob.books().loaded().unwrap()[0].tags.loaded().unwrap().is_empty());
    assert!(cid.books().loaded().unwrap().is_empty());
    assert_eq!(log.selects(), 0);
    // The rows themselves, not copies.
    assert!(std::ptr::eq(&books[0], &ann.books().loaded().unwrap()[0]));
    // What the caller keeps outlives the row that it was loaded for.
    drop(authors);
    assert_eq!(books[1].title, "A2");
}

#[tokio::test]
async fn what_was_not_loaded_ahead_is_an_error_that_says_how() {
    on_both(async |db| {
        db.create_tables::<super::Library>().await.unwrap();
        super::fill(&db).await;
        let ann = db.get::<Author>(1).await.unwrap().unwrap();
        let err = ann.books().loaded().unwrap_err();
        assert!(matches!(&err, Error::RelationNotLoaded { .. }), "{err:?}");
        assert!(err.to_string().contains("Author.books"), "{err}");
        assert!(err.to_string().contains(".prefetch_related(Author::BOOKS)"), "{err}");
        let book = db.get::<Book>(1).await.unwrap().unwrap();
        let err = book.tags.loaded().unwrap_err();
        assert!(err.to_string().contains(".prefetch_related(Book::TAGS)"), "{err}");

        // A narrowed relation is not what was loaded.
        let ann = db.select::<Author>().prefetch_related(Author::BOOKS).fetch_first().await.unwrap().unwrap();
        assert_eq!(ann.books().loaded().unwrap().len(), 2);
        for narrowed in [ann.books().filter(Book::TITLE.eq("A1")), ann.books().order("-title"), ann.books().limit(1)] {
            assert!(matches!(narrowed.loaded(), Err(Error::RelationNotLoaded { .. })), "{narrowed:?}");
        }
        let err = db.select::<Book>().loaded().unwrap_err();
        assert!(err.to_string().contains("author.books()"), "{err}");
    })
    .await;
    let stray = Author { pk: Pk::of(1), name: "Ann".into(), publisher: None };
    assert!(matches!(stray.books().loaded(), Err(Error::NoDbContext { .. })));
}

/// M2M-25
#[tokio::test]
async fn a_write_makes_new_rows_and_leaves_those_that_were_handed_out() {
    let db = library().await;
    let query = db.select::<Book>().filter(Book::TITLE.eq("A1")).prefetch_related(Book::TAGS);
    let book = query.fetch_one().await.unwrap().unwrap();
    let before = book.tags.loaded().unwrap();
    book.tags.remove(1).await.unwrap();
    let now: Vec<Tag> = book.tags.loaded().unwrap().iter().cloned().collect();
    assert_eq!(names(&now), ["sql"]);
    assert_eq!(before.len(), 2);
}
