//! Loading a row of a foreign key when it is asked for.

use std::time::Duration;

use sqliter_async::prelude::*;
use tokio::time::timeout;

use super::{Author, Book, Publisher, Review, fill, library, statements, watched};
use crate::support::{File, on_both, raw_execute};

async fn book(db: &SqliterDb, title: &str) -> Book {
    db.select::<Book>().filter(Book::TITLE.eq(title)).fetch_one().await.unwrap().unwrap()
}

/// LAZ-1, LAZ-2, LAZ-4
#[tokio::test]
async fn a_row_is_loaded_once_and_kept() {
    let db = watched().await;
    fill(&db).await.unwrap();
    let ring = book(&db, "Ring").await;
    assert_eq!(format!("{:?}", ring.author), "ForeignKey(2)");
    assert!(ring.author.get().is_none());
    let (john, sql) = statements(ring.author.fetch()).await;
    assert_eq!(sql.len(), 1, "{sql:?}");
    assert!(sql[0].ends_with(r#"FROM "authors" WHERE "pk" = 2"#), "{sql:?}");
    let john = john.unwrap();
    let (again, sql) = statements(ring.author.fetch()).await;
    assert!(sql.is_empty() && std::ptr::eq(john, again.unwrap()), "{sql:?}");
    assert!(std::ptr::eq(john, ring.author.get().unwrap()) && std::ptr::eq(john, ring.author.loaded().unwrap()));
    assert_eq!(format!("{:?}", ring.author), "ForeignKey(2, loaded)");
    // A clone shares the row; equality is that of the keys.
    let clone = ring.clone();
    assert!(std::ptr::eq(john, clone.author.get().unwrap()));
    assert_eq!(ring.author, book(&db, "Ring").await.author);
    assert_ne!(ring.author, clone.editor.unwrap());
    // Nothing is loaded for no key.
    let (emma, sql) = statements(book(&db, "Emma")).await;
    assert!(emma.editor.is_none() && sql.len() == 1);
    // Row by row as deep as one likes.
    let review = db.get::<Review>(3).await.unwrap().unwrap();
    let mentor = review.book.as_ref().unwrap().fetch().await.unwrap().author.fetch().await.unwrap().mentor.as_ref();
    assert_eq!(mentor.unwrap().fetch().await.unwrap().publisher.as_ref().unwrap().fetch().await.unwrap().name, "Acme");
}

/// LAZ-1, LAZ-2: a key of 0 is a key like another.
#[tokio::test]
async fn no_such_row_is_remembered_too() {
    let db = watched().await;
    fill(&db).await.unwrap();
    let sql =
        "PRAGMA foreign_keys = OFF; UPDATE books SET author_id = 0 WHERE title = 'Ring'; PRAGMA foreign_keys = ON";
    raw_execute(&db, sql).await;
    let ring = book(&db, "Ring").await;
    assert_eq!(ring.author.key(), Some(0));
    let (found, sql) = statements(ring.author.try_fetch()).await;
    assert!(found.unwrap().is_none() && sql.len() == 1, "{sql:?}");
    let (found, sql) = statements(ring.author.fetch()).await;
    let err = found.unwrap_err();
    assert!(matches!(&err, Error::RecordNotFound { table, key } if table == "authors" && key == "0"), "{err:?}");
    assert!(sql.is_empty());
    // `fetch` is what to ask: nothing was loaded, and there is nothing to load.
    assert!(ring.author.get().is_none());
    assert!(ring.author.loaded().is_err());
    assert_eq!(format!("{:?}", ring.author), "ForeignKey(0)");
}

/// LAZ-3
#[tokio::test]
async fn what_is_not_loaded_says_how_to_load_it() {
    let db = library().await;
    let ring = book(&db, "Ring").await;
    let err = ring.author.loaded().unwrap_err();
    assert!(matches!(&err, Error::RelationNotLoaded { relation, .. } if relation == "Book.author"), "{err:?}");
    let text = err.to_string();
    assert!(text.contains(".fetch().await") && text.contains("select_related(Book::AUTHOR)"), "{text}");
    ring.author.fetch().await.unwrap();
    assert_eq!(ring.author.loaded().unwrap().name, "John");
}

/// LAZ-5
#[tokio::test]
async fn a_row_made_by_hand_has_no_database() {
    let db = library().await;
    let mut book = Book::builder().title("x").author(2).editor(1).build().unwrap();
    assert!(book.author.db_context().is_none());
    for err in [
        book.author.fetch().await.unwrap_err(),
        book.author.try_fetch().await.unwrap_err(),
        book.editor.as_ref().unwrap().fetch().await.unwrap_err(),
    ] {
        assert!(matches!(&err, Error::NoDbContext { .. }), "{err:?}");
        assert!(err.to_string().contains("attach"), "{err}");
    }
    db.attach(&mut book);
    assert!(book.author.db_context().is_some());
    assert_eq!(book.author.fetch().await.unwrap().name, "John");
    assert_eq!(book.editor.as_ref().unwrap().fetch().await.unwrap().name, "Jane");

    // A key that was put in by hand has none either, until the row is written or attached.
    let mut emma = db.get::<Book>(1).await.unwrap().unwrap();
    emma.editor = Some(ForeignKey::from(2));
    assert!(matches!(emma.editor.as_ref().unwrap().fetch().await, Err(Error::NoDbContext { .. })));
    db.update(&mut emma).await.unwrap();
    assert_eq!(emma.editor.as_ref().unwrap().fetch().await.unwrap().name, "John");
    emma.author = ForeignKey::from(3);
    db.attach(&mut emma);
    assert_eq!(emma.author.fetch().await.unwrap().name, "Mary");
    // A field that was never set refers to nothing, wherever it is.
    let mut blank = Book { author: ForeignKey::unset(), ..emma.clone() };
    db.attach(&mut blank);
    assert!(blank.author.try_fetch().await.unwrap().is_none());
    let err = blank.author.fetch().await.unwrap_err();
    assert!(matches!(&err, Error::RecordNotFound { .. }), "{err:?}");
}

/// FKO-9
#[tokio::test]
async fn every_row_that_was_written_or_read_knows_its_database() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let new = |title: &str| Book::builder().title(title).author(1).build().unwrap();
        let mut rows = vec![
            db.insert(new("a")).await.unwrap(),
            db.insert_with(new("b"), InsertOptions::new()).await.unwrap(),
            db.get_or_create(Book::TITLE.eq("c"), new("c")).await.unwrap().0,
            db.get_or_create(Book::TITLE.eq("c"), new("c")).await.unwrap().0,
            db.get::<Book>(1).await.unwrap().unwrap(),
        ];
        rows.extend(db.bulk_insert([new("d"), new("e")]).await.unwrap());
        let (mut saved, mut several, mut read) =
            (new("f"), [new("g"), new("h")], db.get::<Book>(1).await.unwrap().unwrap());
        db.save(&mut saved).await.unwrap();
        db.bulk_save(&mut several).await.unwrap();
        for update in 0..3 {
            read.author = ForeignKey::from(1);
            match update {
                0 => db.update(&mut read).await.unwrap(),
                1 => db.update_only(&mut read, Book::AUTHOR).await.unwrap(),
                _ => drop(db.bulk_update(std::slice::from_mut(&mut read), Book::AUTHOR).await.unwrap()),
            }
            rows.push(read.clone());
        }
        db.refresh(&mut read).await.unwrap();
        rows.extend([saved, read]);
        rows.extend(several);
        let all = db.select::<Book>().filter(Book::AUTHOR.eq(1));
        rows.extend(all.fetch_all().await.unwrap());
        rows.extend(all.fetch_one().await.unwrap());
        rows.extend(all.fetch_first().await.unwrap());
        rows.extend(all.fetch_last().await.unwrap());
        rows.extend(all.page(1, 2).await.unwrap().items);
        rows.extend(all.clone().with_count(Book::REVIEWS, "n").fetch_all().await.unwrap().into_iter().map(|(b, _)| b));
        let jane = rows[0].author.fetch().await.unwrap().clone();
        rows.extend(jane.books().fetch_all().await.unwrap());
        for row in rows {
            assert!(row.author.db_context().is_some(), "{row:?}");
            assert_eq!(row.author.fetch().await.unwrap().books().count().await.unwrap(), 9, "{row:?}");
        }
    })
    .await;
}

/// FKO-10
#[tokio::test]
async fn what_was_loaded_stays_as_it_was() {
    let db = library().await;
    let ring = book(&db, "Ring").await;
    let john = ring.author.fetch().await.unwrap().clone();
    assert_eq!(john.books().count().await.unwrap(), 2);
    db.select::<Author>().filter(Author::PK.eq(2)).update(Author::NAME.set("Jon")).await.unwrap();
    assert_eq!(ring.author.fetch().await.unwrap().name, "John");
    db.delete::<Author>(2).await.unwrap();
    assert!(db.get::<Book>(&ring.pk).await.unwrap().is_none());
    assert_eq!(ring.author.fetch().await.unwrap().name, "John");
    assert_eq!(john.books().count().await.unwrap(), 0);
    // Asked anew it is gone.
    let mut tales = ring.clone();
    tales.author.set(2);
    assert!(tales.author.try_fetch().await.unwrap().is_none());
}

/// `refresh` forgets what was loaded.
#[tokio::test]
async fn a_refreshed_row_has_nothing_loaded() {
    let db = library().await;
    let mut ring = book(&db, "Ring").await;
    ring.author.fetch().await.unwrap();
    db.select::<Author>().filter(Author::PK.eq(2)).update(Author::NAME.set("Jon")).await.unwrap();
    db.refresh(&mut ring).await.unwrap();
    assert!(ring.author.get().is_none());
    assert_eq!(ring.author.fetch().await.unwrap().name, "Jon");
}

/// LAZ-6
#[tokio::test]
async fn errors_of_the_database_come_through_and_are_not_remembered() {
    let db = library().await;
    let ring = book(&db, "Ring").await;
    raw_execute(&db, "ALTER TABLE authors RENAME TO hidden").await;
    let err = ring.author.fetch().await.unwrap_err();
    assert!(matches!(&err, Error::RecordFetch { .. }), "{err:?}");
    raw_execute(&db, "ALTER TABLE hidden RENAME TO authors").await;
    assert_eq!(ring.author.fetch().await.unwrap().name, "John");
}

/// LAZ-9: one statement for each row is what it costs; a join is the remedy.
#[tokio::test]
async fn one_by_one_is_one_statement_each() {
    let db = watched().await;
    fill(&db).await.unwrap();
    let (_, sql) = statements(async {
        for book in db.select::<Book>().fetch_all().await.unwrap() {
            book.author.fetch().await.unwrap();
        }
    })
    .await;
    assert_eq!(sql.len(), 5, "{sql:#?}");
    let (_, sql) = statements(async {
        for book in db.select::<Book>().select_related(Book::AUTHOR).fetch_all().await.unwrap() {
            book.author.fetch().await.unwrap();
        }
    })
    .await;
    assert_eq!(sql.len(), 1, "{sql:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_fetches_of_one_field_give_one_row() {
    let file = File::new();
    let db = file.open().await;
    fill(&db).await.unwrap();
    let ring = book(&db, "Ring").await;
    let all = futures_util::future::join_all((0..50).map(|_| ring.author.fetch())).await;
    let first = *all[0].as_ref().unwrap();
    assert!(all.iter().all(|a| std::ptr::eq(*a.as_ref().unwrap(), first)));
    // One that is dropped halfway spoils nothing.
    let tales = book(&db, "Tales").await;
    for _ in 0..20 {
        let _ = timeout(Duration::ZERO, tales.author.fetch()).await;
    }
    assert_eq!(tales.author.fetch().await.unwrap().name, "John");
    let tales = std::sync::Arc::new(tales);
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let tales = tales.clone();
            tokio::spawn(
                async move { tales.editor.as_ref().unwrap().fetch().await.unwrap().books().count().await.unwrap() },
            )
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 1);
    }
}

#[tokio::test]
async fn rows_keep_no_database_open() {
    let file = File::new();
    let db = file.open().await;
    fill(&db).await.unwrap();
    let ring = book(&db, "Ring").await;
    let jane = db.get::<Author>(1).await.unwrap().unwrap();
    let books = jane.books();
    drop(books);
    drop(db);
    assert!(ring.author.db_context().is_none());
    for err in [
        ring.author.fetch().await.unwrap_err(),
        jane.books().fetch_all().await.unwrap_err(),
        jane.books().filter(Book::TITLE.eq("x")).count().await.unwrap_err(),
        jane.pupils().exists().await.unwrap_err(),
        jane.books().sql().unwrap_err(),
    ] {
        assert!(matches!(err, Error::Closed), "{err:?}");
    }
    // Another handle to the same file gives it a home again.
    let db = file.open().await;
    let mut ring = ring;
    db.attach(&mut ring);
    assert_eq!(ring.author.fetch().await.unwrap().name, "John");
    db.close().await;
    assert!(matches!(jane.books().count().await, Err(Error::Closed)));
    assert!(matches!(ring.editor.as_ref().unwrap().fetch().await, Err(Error::Closed)));
    db.connect().await.unwrap();
    assert_eq!(ring.editor.as_ref().unwrap().fetch().await.unwrap().name, "Jane");
}

#[tokio::test]
async fn a_publisher_is_reached_from_anywhere() {
    let db = library().await;
    let acme = db.get::<Publisher>(1).await.unwrap().unwrap();
    let (sender, receiver) = tokio::sync::oneshot::channel();
    tokio::spawn(async move { sender.send(acme.authors().fetch_all().await.unwrap()).unwrap() });
    assert_eq!(receiver.await.unwrap()[0].name, "Jane");
}
