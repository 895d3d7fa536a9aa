//! Rows and transactions: inside they use it, afterwards the database.

use sqliter_async::prelude::*;

use super::{Author, Book, fill};
use crate::support::{File, on_both};

type Outcome<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

async fn opened() -> (File, SqliterDb) {
    let file = File::new();
    let db = file.open().await;
    fill(&db).await.unwrap();
    (file, db)
}

#[tokio::test]
async fn relations_of_a_row_from_outside_join_the_closure() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let ring = db.get::<Book>(2).await.unwrap().unwrap();
        let john = db.get::<Author>(2).await.unwrap().unwrap();
        let before = john.books();
        let kept = db
            .transaction(async |tx| -> Result<Author> {
                tx.select::<Author>().filter(Author::PK.eq(2)).update(Author::NAME.set("Jon")).await?;
                tx.select::<Book>().filter(Book::TITLE.eq("Tales")).delete().await?;
                assert_eq!(ring.author.fetch().await?.name, "Jon");
                assert_eq!(john.books().count().await?, 1);
                assert_eq!(before.count().await?, 1);
                let inside = tx.get::<Author>(2).await?.unwrap();
                assert_eq!(inside.books().count().await?, 1);
                Ok(inside)
            })
            .await
            .unwrap();
        // The transaction has ended; its rows use the database.
        assert_eq!(kept.books().count().await.unwrap(), 1);
        assert_eq!(kept.mentor.as_ref().unwrap().fetch().await.unwrap().name, "Jane");
        assert_eq!(before.count().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn rows_of_a_rolled_back_transaction_use_the_database() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let kept = std::sync::Mutex::new(None);
        let outcome: Outcome<()> = db
            .transaction(async |tx| -> Outcome<()> {
                let author = tx.insert(Author::builder().name("New").build()?).await?;
                let book = Book::builder().title("New").author(&author).editor(1).insert(&tx).await?;
                assert_eq!(book.author.fetch().await?.name, "New");
                assert_eq!(author.books().count().await?, 1);
                *kept.lock().unwrap() =
                    Some((author, Book { author: ForeignKey::from(&book.author.fetch().await?.pk), ..book }));
                Err("no".into())
            })
            .await;
        assert_eq!(outcome.unwrap_err().to_string(), "no");
        let (author, mut book) = kept.into_inner().unwrap().unwrap();
        assert_eq!(author.books().count().await.unwrap(), 0);
        assert_eq!(book.editor.as_ref().unwrap().fetch().await.unwrap().name, "Jane");
        db.attach(&mut book);
        assert!(matches!(book.author.fetch().await, Err(Error::RecordNotFound { .. })));
    })
    .await;
}

#[tokio::test]
async fn rows_of_a_guard_use_it_while_it_is_open() {
    let (_file, db) = opened().await;
    let outside = db.get::<Author>(1).await.unwrap().unwrap();
    let tx = db.begin().await.unwrap();
    let new = Author::builder().name("New").mentor(&outside).insert(&tx).await.unwrap();
    let book = Book::builder().title("New").author(&new).insert(&tx).await.unwrap();
    assert_eq!(book.author.fetch().await.unwrap().name, "New");
    assert_eq!(new.books().count().await.unwrap(), 1);
    assert!(new.mentor.as_ref().unwrap().db_context().unwrap().in_transaction());
    // A row from outside is outside: a guard is not ambient.
    assert_eq!(outside.pupils().count().await.unwrap(), 1);
    let read = tx.select::<Author>().filter(Author::NAME.eq("Jane")).fetch_one().await.unwrap().unwrap();
    assert_eq!(read.pupils().count().await.unwrap(), 2);
    // In another task the row still is one of the transaction.
    let moved = read.clone();
    assert_eq!(tokio::spawn(async move { moved.pupils().count().await.unwrap() }).await.unwrap(), 2);
    let asked = read.pupils();
    tx.rollback().await.unwrap();
    assert_eq!(read.pupils().count().await.unwrap(), 1);
    assert!(!read.clone().mentor.is_some());
    assert!(matches!(asked.count().await, Err(Error::TransactionEnded) | Ok(1)));
    assert_eq!(new.books().count().await.unwrap(), 0);
    assert!(!new.mentor.as_ref().unwrap().db_context().unwrap().in_transaction());
    assert_eq!(new.mentor.as_ref().unwrap().fetch().await.unwrap().name, "Jane");

    let tx = db.begin().await.unwrap();
    let read = tx.get::<Author>(1).await.unwrap().unwrap();
    drop(tx);
    assert_eq!(read.books().count().await.unwrap(), 1);
    let tx = db.begin().await.unwrap();
    let read = tx.get::<Author>(1).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(read.books().update(Book::YEAR.set(1)).await.unwrap(), 1);
}

#[tokio::test]
async fn rows_of_an_inner_transaction_fall_back_to_the_outer() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        db.transaction(async |tx| -> Result<()> {
            tx.update_where::<Author>(Author::PK.eq(2), Author::NAME.set("Jon")).await?;
            let committed =
                tx.transaction(async |inner| -> Result<Book> { Ok(inner.get::<Book>(2).await?.unwrap()) }).await?;
            assert_eq!(committed.author.fetch().await?.name, "Jon");
            let kept = std::sync::Mutex::new(None);
            let failed: Result<()> = tx
                .transaction(async |inner| -> Result<()> {
                    inner.update_where::<Author>(Author::PK.eq(2), Author::NAME.set("Joe")).await?;
                    *kept.lock().unwrap() = inner.get::<Book>(3).await?;
                    Err(Error::InvalidOption("stop".into()))
                })
                .await;
            assert!(failed.is_err());
            let tales = kept.into_inner().unwrap().unwrap();
            assert_eq!(tales.author.fetch().await?.name, "Jon");
            Ok(())
        })
        .await
        .unwrap();
    })
    .await;
}

#[tokio::test]
async fn another_task_sees_the_last_commit() {
    let (_file, db) = opened().await;
    let john = db.get::<Author>(2).await.unwrap().unwrap();
    db.transaction(async |tx| -> Result<()> {
        tx.select::<Book>().filter(Book::AUTHOR.eq(2)).delete().await?;
        assert_eq!(john.books().count().await?, 0);
        let other = john.clone();
        assert_eq!(tokio::spawn(async move { other.books().count().await.unwrap() }).await.unwrap(), 2);
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn without_auto_commit() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).auto_commit(false).create().await.unwrap();
    fill(&db).await.unwrap();
    db.commit().await.unwrap();
    let new = Author::builder().name("New").mentor(1).insert(&db).await.unwrap();
    Book::builder().title("New").author(&new).insert(&db).await.unwrap();
    assert_eq!(new.books().count().await.unwrap(), 1);
    assert_eq!(new.mentor.as_ref().unwrap().fetch().await.unwrap().pupils().count().await.unwrap(), 2);
    db.rollback().await.unwrap();
    assert_eq!(new.books().count().await.unwrap(), 0);
    assert_eq!(new.mentor.as_ref().unwrap().fetch().await.unwrap().pupils().count().await.unwrap(), 1);
}

#[tokio::test]
async fn joined_rows_know_their_transaction_too() {
    let (_file, db) = opened().await;
    let tx = db.begin().await.unwrap();
    tx.update_where::<Author>(Author::NAME.eq("Jane"), Author::NAME.set("Ann")).await.unwrap();
    let query = tx.select::<Book>().select_related(Book::AUTHOR.to(Author::MENTOR)).filter(Book::TITLE.eq("Ring"));
    let ring = query.fetch_one().await.unwrap().unwrap();
    let mentor = ring.author.get().unwrap().mentor.as_ref().unwrap().get().unwrap();
    assert_eq!(mentor.name, "Ann");
    assert_eq!(mentor.books().count().await.unwrap(), 1);
    tx.select::<Book>().filter(Book::AUTHOR.to(Author::NAME).eq("Ann")).delete().await.unwrap();
    assert_eq!(mentor.books().count().await.unwrap(), 0);
    tx.rollback().await.unwrap();
    assert_eq!(mentor.books().count().await.unwrap(), 1);
}
