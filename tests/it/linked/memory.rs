//! What was loaded ahead, and writes since: memory says what the file says.

use sqliter_async::prelude::*;

use super::{Author, Book, Library, Tag, library, names, titles, watched_library};
use crate::support::{File, on_both};

async fn a1(db: &SqliterDb) -> Book {
    let query = db.select::<Book>().filter(Book::TITLE.eq("A1")).prefetch_related("tags__books");
    query.fetch_one().await.unwrap().unwrap()
}

async fn tags(book: &Book) -> String {
    let all = book.tags.fetch_all().await.unwrap();
    assert_eq!(book.tags.count().await.unwrap(), all.len() as i64);
    names(&all).join(" ")
}

async fn books(tag: &Tag) -> String {
    titles(&tag.books().fetch_all().await.unwrap()).join(" ")
}

/// M2M-24, M2M-25
#[tokio::test]
async fn writes_refresh_the_handle_and_its_clones() {
    let (db, mut log) = watched_library().await;
    let book = a1(&db).await;
    let (clone, early) = (book.clone(), book.tags.clone());
    let none = db.get::<Tag>(3).await.unwrap().unwrap();
    log.lines();
    for (change, expected) in [
        (book.tags.add(&none).await, "rust sql none"),
        (clone.tags.remove(1).await, "sql none"),
        (early.set([1, 3]).await, "rust none"),
        (book.tags.remove(&none).await, "rust"),
        (book.tags.clear().await, ""),
        (book.tags.add([2, 1]).await, "rust sql"),
    ] {
        change.unwrap();
        let _ = expected;
    }
    // One statement of each write read the rows again.
    assert_eq!(log.selects(), 6);
    assert_eq!((tags(&book).await, tags(&clone).await), ("rust sql".into(), "rust sql".into()));
    assert_eq!(names(&early.fetch_all().await.unwrap()), ["rust", "sql"]);
    assert_eq!(log.selects(), 0);
}

/// M2M-24: a write through one side is seen through the row of the other.
#[tokio::test]
async fn the_other_side_is_refreshed_too() {
    let db = library().await;
    let book = a1(&db).await;
    let tags_of_all = db.select::<Tag>().prefetch_related(Tag::BOOKS).order("pk").fetch_all().await.unwrap();
    let [rust, sql, none] = &tags_of_all[..] else { panic!() };
    book.tags.add(none).await.unwrap();
    assert_eq!(books(none).await, "A1");
    book.tags.remove([none, rust]).await.unwrap();
    assert_eq!((books(none).await, books(rust).await), (String::new(), "A2".into()));
    rust.books().add(&book).await.unwrap();
    assert_eq!((books(rust).await, tags(&book).await), ("A1 A2".into(), "rust sql".into()));
    sql.books().set(Vec::<&Book>::new()).await.unwrap();
    assert_eq!(books(sql).await, "");
    // The book was in no argument of that call. It is out of date until it is refreshed.
    let mut book = book;
    db.refresh(&mut book).await.unwrap();
    assert_eq!(tags(&book).await, "rust");
}

/// M2M-24: those that a call unlinks without naming them.
#[tokio::test]
async fn rows_that_are_unlinked_unnamed_are_refreshed_too() {
    let db = library().await;
    let book = a1(&db).await;
    let linked = book.tags.fetch_all().await.unwrap();
    assert_eq!((books(&linked[0]).await, books(&linked[1]).await), ("A1 A2".into(), "A1".into()));
    book.tags.set(1).await.unwrap();
    assert_eq!((books(&linked[0]).await, books(&linked[1]).await), ("A1 A2".into(), String::new()));
    let book = a1(&db).await;
    let linked = book.tags.fetch_all().await.unwrap();
    book.tags.remove(1).await.unwrap();
    assert_eq!(books(&linked[0]).await, "A2");
    let query = db.select::<Tag>().filter(Tag::PK.eq(1)).prefetch_related("books__tags");
    let rust = query.fetch_one().await.unwrap().unwrap();
    let linked = rust.books().fetch_all().await.unwrap();
    assert_eq!(tags(&linked[0]).await, "rust");
    rust.books().clear().await.unwrap();
    assert_eq!(tags(&linked[0]).await, "");
}

/// M2M-13
#[tokio::test]
async fn memory_is_right_in_a_transaction_and_after_its_end() {
    on_both(async |db| {
        db.create_tables::<Library>().await.unwrap();
        super::fill(&db).await;
        let before = a1(&db).await;
        let rolled_back: Result<()> = db
            .transaction(async |tx| {
                let inside = a1(&tx).await;
                before.tags.add(3).await?;
                inside.tags.remove(1).await?;
                assert_eq!((tags(&before).await, tags(&inside).await), ("sql none".into(), "sql none".into()));
                before.tags.clear().await?;
                assert_eq!(tags(&inside).await, "");
                Err(Error::InvalidOption("back".into()))
            })
            .await;
        assert!(rolled_back.is_err());
        assert_eq!(tags(&before).await, "rust sql");
        assert_eq!(tags(&a1(&db).await).await, "rust sql");

        // A savepoint that is undone alone.
        let row = a1(&db).await;
        db.transaction(async |tx| -> Result<()> {
            let undone: Result<()> = tx
                .transaction(async |inner| {
                    row.tags.clear().await?;
                    assert_eq!(tags(&row).await, "");
                    inner.delete::<Tag>(99).await
                })
                .await;
            assert!(undone.is_err());
            assert_eq!(tags(&row).await, "rust sql");
            row.tags.remove(2).await
        })
        .await
        .unwrap();
        assert_eq!(tags(&row).await, "rust");

        // A guard that is dropped.
        let row = a1(&db).await;
        let tx = db.begin().await.unwrap();
        let inside = tx.select::<Book>().prefetch_related(Book::TAGS).fetch_first().await.unwrap().unwrap();
        inside.tags.set([2, 3]).await.unwrap();
        assert_eq!((tags(&inside).await, tags(&row).await), ("sql none".into(), "rust".into()));
        drop(tx);
        assert_eq!((tags(&inside).await, tags(&row).await), ("rust".into(), "rust".into()));
    })
    .await;
}

#[tokio::test]
async fn memory_is_right_with_one_implicit_transaction() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).auto_commit(false).create().await.unwrap();
    db.create_tables::<Library>().await.unwrap();
    super::fill(&db).await;
    db.commit().await.unwrap();
    let row = a1(&db).await;
    row.tags.set(3).await.unwrap();
    assert_eq!(tags(&row).await, "none");
    db.rollback().await.unwrap();
    assert_eq!(tags(&row).await, "rust sql");
    row.tags.set(3).await.unwrap();
    db.commit().await.unwrap();
    assert_eq!(tags(&row).await, "none");
    assert_eq!(tags(&a1(&file.open().await).await).await, "none");
}

/// A write that fails changes nothing, in memory either.
#[tokio::test]
async fn memory_is_right_after_a_write_that_failed() {
    let db = library().await;
    let row = a1(&db).await;
    assert!(row.tags.add([3, 99]).await.is_err());
    assert_eq!(tags(&row).await, "rust sql");
    assert!(row.tags.set([3, 99]).await.is_err());
    assert_eq!(tags(&row).await, "rust sql");
}

/// Calls on the clones of one row at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_right_after_writes_at_once() {
    let file = File::new();
    let db = file.open().await;
    db.create_tables::<Library>().await.unwrap();
    super::fill(&db).await;
    for round in 0..60 {
        let row = a1(&db).await;
        let tasks: Vec<_> = (1..=3)
            .map(|key| {
                let row = row.clone();
                tokio::spawn(async move {
                    if (round + key) % 2 == 0 { row.tags.add(key).await } else { row.tags.remove(key).await }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(tags(&row).await, tags(&db.get::<Book>(1).await.unwrap().unwrap()).await, "round {round}");
    }
}

/// PRE-9
#[tokio::test]
async fn rows_are_as_they_were_read_until_they_are_refreshed() {
    let db = library().await;
    let mut ann = db.select::<Author>().prefetch_related(Author::BOOKS).fetch_first().await.unwrap().unwrap();
    let mut book = a1(&db).await;
    let new = Book::builder().title("A3").year(2020).author(&ann).insert(&db).await.unwrap();
    db.delete::<Tag>(1).await.unwrap();
    assert_eq!((ann.books().count().await.unwrap(), book.tags.count().await.unwrap()), (2, 2));
    // Asked anew they are as the file is.
    assert_eq!(ann.books().order(Book::PK).fetch_all().await.unwrap().len(), 3);
    assert_eq!(names(&book.tags.order(Tag::PK).fetch_all().await.unwrap()), ["sql"]);
    db.refresh(&mut ann).await.unwrap();
    db.refresh(&mut book).await.unwrap();
    assert_eq!((ann.books().count().await.unwrap(), book.tags.count().await.unwrap()), (3, 1));
    db.delete::<Book>(&new).await.unwrap();
    assert_eq!(ann.books().count().await.unwrap(), 2);
}

/// A row keeps what was loaded for it when it is written.
#[tokio::test]
async fn an_update_keeps_what_was_loaded() {
    let (db, mut log) = watched_library().await;
    let mut book = a1(&db).await;
    book.title = "A1b".into();
    db.update(&mut book).await.unwrap();
    log.lines();
    assert_eq!(tags(&book).await, "rust sql");
    assert_eq!(log.selects(), 0);
    book.tags.remove(1).await.unwrap();
    assert_eq!(tags(&book).await, "sql");
    db.save(&mut book).await.unwrap();
    assert_eq!(tags(&book).await, "sql");
}
