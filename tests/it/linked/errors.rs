//! What is refused, with which error, and what is left behind.

use sqliter_async::ErrorKind;
use sqliter_async::prelude::*;

use super::{Author, Book, Library, Tag, library, names};
use crate::support::{File, on_both, raw, raw_execute};

fn unsaved() -> Tag {
    Tag { pk: Pk::unset(), name: "unsaved".into() }
}

fn integrity(result: Result<()>) -> String {
    match result.unwrap_err() {
        Error::ManyToManyIntegrity(message) => message,
        other => panic!("{other:?}"),
    }
}

/// M2M-11
#[tokio::test]
async fn a_row_without_a_database_or_a_key_says_so() {
    let db = library().await;
    let rust = db.get::<Tag>(1).await.unwrap().unwrap();
    let mut draft =
        Book { pk: Pk::unset(), title: "D".into(), year: 1, author: ForeignKey::unset(), tags: ManyToMany::default() };
    let none = "No database context available.";
    for result in
        [draft.tags.add(&rust).await, draft.tags.remove(&rust).await, draft.tags.clear().await, draft.tags.set(1).await]
    {
        assert!(integrity(result).starts_with(none));
    }
    assert!(integrity(unsaved().books().add(1).await).starts_with(none));
    // Reads are another error, and never an empty answer.
    for result in [
        draft.tags.fetch_all().await.map(drop),
        draft.tags.count().await.map(drop),
        unsaved().books().exists().await.map(drop),
    ] {
        assert!(matches!(result, Err(Error::NoDbContext { .. })), "{result:?}");
    }
    let err = Author { pk: Pk::of(1), name: String::new(), publisher: None }.books().fetch_one().await.unwrap_err();
    assert!(matches!(&err, Error::NoDbContext { relation } if relation == "Author.books"), "{err}");
    let err = Tag { pk: Pk::of(1), name: String::new() }.books().fetch_all().await.unwrap_err();
    assert!(matches!(&err, Error::NoDbContext { relation } if relation == "Tag.books"), "{err}");

    // With a database, and no key.
    db.attach(&mut draft);
    let message = integrity(draft.tags.add(&rust).await);
    assert_eq!(message, "Instance has no primary key. Insert the instance before managing relationships.");
    assert_eq!(draft.tags.fetch_all().await.unwrap().len(), 0);
    assert_eq!(draft.tags.count().await.unwrap(), 0);
    assert!(!draft.tags.filter(Tag::NAME.ne("")).exists().await.unwrap());
    let a1 = db.get::<Book>(1).await.unwrap().unwrap();
    for result in [a1.tags.add(&unsaved()).await, a1.tags.set(&unsaved()).await, a1.tags.add([&rust, &unsaved()]).await]
    {
        let message = integrity(result);
        assert_eq!(message, "Related instance has no primary key. Insert it before adding to a relationship.");
    }
    assert_eq!(a1.tags.count().await.unwrap(), 2);
    let err = Error::ManyToManyIntegrity("x".into());
    assert_eq!(err.to_string(), "Many-to-many integrity error: x");
    assert_eq!(a1.tags.add(&unsaved()).await.unwrap_err().kind(), ErrorKind::Other);
}

/// M2M-13, M2M-15, W23
#[tokio::test]
async fn a_key_of_no_row_leaves_nothing_behind() {
    on_both(async |db| {
        db.create_tables::<Library>().await.unwrap();
        super::fill(&db).await;
        let b1 = db.get::<Book>(3).await.unwrap().unwrap();
        for result in [b1.tags.add([1, 99, 2]).await, b1.tags.set([1, 99]).await, b1.tags.add(Pk::of(-1)).await] {
            let err = result.unwrap_err();
            let action = "insert";
            assert!(
                matches!(&err, Error::ForeignKeyConstraint { action: a, table, .. }
                    if *a == action && table == "linked_books_linked_tags"),
                "{err:?}"
            );
            assert_eq!(err.kind(), ErrorKind::ForeignKey);
        }
        assert_eq!(b1.tags.count().await.unwrap(), 0);
        let a1 = db.get::<Book>(1).await.unwrap().unwrap();
        assert!(a1.tags.set([3, 99]).await.is_err());
        assert_eq!(names(&a1.tags.fetch_all().await.unwrap()), ["rust", "sql"]);
        // The row itself is gone.
        db.delete::<Book>(1).await.unwrap();
        assert!(matches!(a1.tags.add(1).await, Err(Error::ForeignKeyConstraint { .. })));
        assert!(a1.tags.fetch_all().await.unwrap().is_empty());
        a1.tags.remove(1).await.unwrap();
        a1.tags.clear().await.unwrap();
    })
    .await;
}

/// M2M-14, W5
#[tokio::test]
async fn a_call_that_fails_in_a_transaction_undoes_itself_alone() {
    on_both(async |db| {
        db.create_tables::<Library>().await.unwrap();
        super::fill(&db).await;
        let (a1, b1) = (db.get::<Book>(1).await.unwrap().unwrap(), db.get::<Book>(3).await.unwrap().unwrap());
        db.transaction(async |tx| -> Result<()> {
            b1.tags.add(3).await?;
            assert!(b1.tags.add([1, 99]).await.is_err());
            assert!(b1.tags.add([&tx.get::<Tag>(1).await?.unwrap(), &unsaved()]).await.is_err());
            assert!(b1.tags.set([1, 99]).await.is_err());
            assert!(a1.tags.set([3, 99]).await.is_err());
            assert_eq!(names(&b1.tags.fetch_all().await?), ["none"]);
            b1.tags.add(2).await
        })
        .await
        .unwrap();
        assert_eq!(names(&b1.tags.fetch_all().await.unwrap()), ["sql", "none"]);
        assert_eq!(names(&a1.tags.fetch_all().await.unwrap()), ["rust", "sql"]);

        let tx = db.begin().await.unwrap();
        let a2 = tx.get::<Book>(2).await.unwrap().unwrap();
        assert!(a2.tags.set([1, 2, 99]).await.is_err());
        a2.tags.add(3).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(names(&a2.tags.fetch_all().await.unwrap()), ["rust", "none"]);
    })
    .await;
}

/// M2M-15
#[tokio::test]
async fn a_missing_junction_is_named() {
    let db = library().await;
    raw_execute(&db, "DROP TABLE linked_books_linked_tags").await;
    let a1 = db.get::<Book>(1).await.unwrap().unwrap();
    let missing = ErrorKind::NoSuchTable("linked_books_linked_tags".into());
    for result in [a1.tags.add(1).await, a1.tags.remove(1).await, a1.tags.clear().await, a1.tags.set(1).await] {
        let err = result.unwrap_err();
        assert!(matches!(&err, Error::ManyToMany { relation, .. } if relation == "Book.tags"), "{err:?}");
        assert_eq!(err.kind(), missing);
    }
    let err = db.get::<Tag>(1).await.unwrap().unwrap().books().add(&a1).await.unwrap_err();
    assert!(matches!(&err, Error::ManyToMany { relation, .. } if relation == "Tag.books"), "{err:?}");
    assert_eq!(a1.tags.fetch_all().await.unwrap_err().kind(), missing);
    assert_eq!(a1.tags.count().await.unwrap_err().kind(), missing);
    assert_eq!(db.select::<Book>().prefetch_related(Book::TAGS).fetch_all().await.unwrap_err().kind(), missing);
    assert_eq!(
        db.select::<Book>().filter(Book::TAGS.any(None::<Filter<Tag>>)).count().await.unwrap_err().kind(),
        missing
    );
    // Created again with the table of the model.
    db.create_table::<Book>().await.unwrap();
    a1.tags.add(1).await.unwrap();
    assert_eq!(a1.tags.count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_refusal_by_a_trigger_is_an_error_of_the_relation() {
    let db = library().await;
    raw_execute(
        &db,
        "CREATE TRIGGER stop BEFORE INSERT ON linked_books_linked_tags WHEN new.linked_tags_pk = 2 \
         BEGIN SELECT RAISE(ABORT, 'not this one'); END",
    )
    .await;
    let b1 = db.get::<Book>(3).await.unwrap().unwrap();
    let err = b1.tags.add([1, 2]).await.unwrap_err();
    assert!(matches!(err, Error::ManyToMany { .. }) && err.to_string().contains("not this one"), "{err:?}");
    assert_eq!(b1.tags.count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_closed_database_is_closed_for_relations_too() {
    let file = File::new();
    let db = file.open().await;
    db.create_tables::<Library>().await.unwrap();
    super::fill(&db).await;
    let a1 = db.select::<Book>().prefetch_related(Book::REVIEWS).fetch_first().await.unwrap().unwrap();
    let other = db.clone();
    db.close().await;
    for result in [
        a1.tags.add(1).await,
        a1.tags.clear().await,
        a1.tags.fetch_all().await.map(drop),
        a1.tags.count().await.map(drop),
    ] {
        assert!(matches!(result, Err(Error::Closed)), "{result:?}");
    }
    // Memory is memory.
    assert_eq!(a1.reviews().count().await.unwrap(), 2);
    db.connect().await.unwrap();
    assert_eq!(a1.tags.count().await.unwrap(), 2);
    drop((db, other));
    for result in [a1.tags.add(1).await, a1.tags.fetch_all().await.map(drop), a1.author.fetch().await.map(drop)] {
        assert!(matches!(result, Err(Error::Closed)), "{result:?}");
    }
    assert_eq!(a1.reviews().count().await.unwrap(), 2);
}

/// W23
#[tokio::test]
async fn a_related_row_that_does_not_fit_is_an_error_that_names_it() {
    let db = library().await;
    raw_execute(&db, "UPDATE linked_books SET year = 'soon' WHERE pk = 2").await;
    for result in [
        db.select::<Author>().prefetch_related(Author::BOOKS).fetch_all().await.map(drop),
        db.select::<Tag>().prefetch_related(Tag::BOOKS).fetch_all().await.map(drop),
        db.get::<Tag>(1).await.unwrap().unwrap().books().fetch_all().await.map(drop),
    ] {
        let err = result.unwrap_err();
        assert_eq!(
            err.to_string().split(": ").next().unwrap(),
            "Cannot read column 'year' of table 'linked_books' (key 2)",
        );
    }
    assert_eq!(raw(&db, "SELECT name FROM linked_tags WHERE pk = 1").await, ["rust"]);
}

#[tokio::test]
async fn a_read_only_handle_reads_links_and_writes_none() {
    let file = File::new();
    let db = file.open().await;
    db.create_tables::<Library>().await.unwrap();
    super::fill(&db).await;
    db.close().await;
    let db = SqliterDb::builder().filename(&file.path).read_only(true).create().await.unwrap();
    let a1 = db.select::<Book>().prefetch_related(Book::TAGS).fetch_first().await.unwrap().unwrap();
    assert_eq!(a1.tags.count().await.unwrap(), 2);
    assert_eq!(a1.tags.clear().await.unwrap_err().kind(), ErrorKind::ReadOnly);
    assert_eq!(a1.tags.fetch_all().await.unwrap().len(), 2);
}
