//! Creating and dropping tables that links go through.

use sqliter_async::prelude::*;
use sqliter_async::{ErrorKind, TableOptions};

use super::{Author, Book, Library, Publisher, Review, Tag, fill, library};
use crate::support::{on_both, raw, raw_execute};

const JUNCTION: &str = "linked_books_linked_tags";

/// M2M-3
#[tokio::test]
async fn tables_are_created_any_number_of_times_with_their_rows_kept() {
    on_both(async |db| {
        db.create_tables::<(Tag, Review, Book, Author, Publisher)>().await.unwrap();
        fill(&db).await;
        db.create_table::<Book>().await.unwrap();
        db.create_tables::<Library>().await.unwrap();
        assert_eq!(db.get::<Book>(1).await.unwrap().unwrap().tags.count().await.unwrap(), 2);
        assert!(db.check::<Book>().await.unwrap().is_empty());
        let err = db.create_table_with::<Book>(TableOptions::new().exists_ok(false)).await.unwrap_err();
        assert!(matches!(err, Error::TableCreation { .. }));
        assert_eq!(db.get::<Book>(1).await.unwrap().unwrap().tags.count().await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn force_makes_table_and_junction_anew() {
    let db = library().await;
    // Rows of another table refer to the books.
    let err = db.create_table_with::<Book>(TableOptions::new().force(true)).await.unwrap_err();
    assert_eq!(err.kind(), ErrorKind::ForeignKey);
    assert!(err.to_string().contains("'linked_reviews'"), "{err}");
    assert_eq!(db.get::<Book>(1).await.unwrap().unwrap().tags.count().await.unwrap(), 2);
    db.select::<Review>().delete().await.unwrap();
    db.create_table_with::<Book>(TableOptions::new().force(true)).await.unwrap();
    assert_eq!(raw(&db, &format!("SELECT 'x' FROM {JUNCTION}")).await, Vec::<String>::new());
    let book = Book::builder().title("n").year(1).author(1).insert(&db).await.unwrap();
    book.tags.add([1, 2, 3]).await.unwrap();
    // The other side: the links go with the rows.
    db.create_table_with::<Tag>(TableOptions::new().force(true)).await.unwrap();
    assert_eq!(book.tags.count().await.unwrap(), 0);
    book.tags.add(&Tag::builder().name("new").insert(&db).await.unwrap()).await.unwrap();
    assert_eq!(book.tags.count().await.unwrap(), 1);
}

#[tokio::test]
async fn dropping_takes_the_junction_along_and_nothing_that_is_needed() {
    on_both(async |db| {
        db.create_tables::<Library>().await.unwrap();
        fill(&db).await;
        for (err, names) in [
            (db.drop_table::<Book>().await.unwrap_err(), &["'linked_reviews'"][..]),
            (db.drop_table::<Author>().await.unwrap_err(), &["'linked_books'"]),
        ] {
            assert!(matches!(&err, Error::ForeignKeyConstraint { action: "delete", .. }), "{err:?}");
            assert!(names.iter().all(|name| err.to_string().contains(name)), "{err}");
            assert!(!err.to_string().contains(JUNCTION), "{err}");
        }
        // All of it is there still, the junction too.
        let book = db.get::<Book>(1).await.unwrap().unwrap();
        assert_eq!((book.tags.count().await.unwrap(), book.reviews().count().await.unwrap()), (2, 2));
        db.drop_table::<Review>().await.unwrap();
        db.drop_table::<Book>().await.unwrap();
        let tables = db.table_names().await.unwrap();
        assert!(!tables.iter().any(|t| t == JUNCTION || t == "linked_books"), "{tables:?}");
        db.drop_table::<Book>().await.unwrap();
        db.drop_table::<Tag>().await.unwrap();
        db.drop_table::<Author>().await.unwrap();
        db.drop_table::<Publisher>().await.unwrap();
        assert!(db.table_names().await.unwrap().is_empty());
    })
    .await;
}

/// Links refer to a target, and go with it.
#[tokio::test]
async fn a_target_can_be_dropped_and_made_again() {
    let db = library().await;
    db.drop_table::<Tag>().await.unwrap();
    let book = db.get::<Book>(1).await.unwrap().unwrap();
    assert_eq!(book.tags.fetch_all().await.unwrap_err().kind(), ErrorKind::NoSuchTable("linked_tags".into()));
    // Rows that were linked to it can go.
    db.delete::<Book>(2).await.unwrap();
    db.create_table::<Tag>().await.unwrap();
    assert_eq!(book.tags.count().await.unwrap(), 0);
    book.tags.add(&Tag::builder().name("t").insert(&db).await.unwrap()).await.unwrap();
    assert_eq!(book.tags.count().await.unwrap(), 1);
}

/// A row that refers to itself, and rows that refer to each other.
#[tokio::test]
async fn a_table_that_refers_to_itself_is_dropped() {
    #[derive(Debug, Clone, DbModel)]
    #[model(table = "linked_nodes", database = "linked_nodes")]
    struct Node {
        pk: Pk<Self>,
        parent: Option<ForeignKey<Self>>,
        #[many_to_many(related_name = "seen_by")]
        seen: ManyToMany<Self>,
    }
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Node>().await.unwrap();
    let root = Node::builder().insert(&db).await.unwrap();
    let leaf = Node::builder().parent(&root).insert(&db).await.unwrap();
    root.seen.add([&leaf, &root]).await.unwrap();
    // Taken back, it is as it was, and keys are looked at at once again.
    let undone: Result<()> = db
        .transaction(async |tx| {
            tx.drop_table::<Node>().await?;
            assert!(tx.table_names().await?.is_empty());
            tx.create_table::<Node>().await?;
            let alone = Node::builder().insert(&tx).await?;
            assert!(Node::builder().parent(99).insert(&tx).await.is_err());
            alone.seen.add(&alone).await?;
            tx.delete::<Node>(99).await
        })
        .await;
    assert!(matches!(undone, Err(Error::RecordNotFound { .. })), "{undone:?}");
    assert_eq!((db.select::<Node>().count().await.unwrap(), root.seen.count().await.unwrap()), (2, 2));
    assert!(db.delete::<Node>(&root).await.is_err());
    db.create_table_with::<Node>(TableOptions::new().force(true)).await.unwrap();
    assert_eq!(db.select::<Node>().count().await.unwrap(), 0);
    db.drop_table::<Node>().await.unwrap();
    assert!(db.table_names().await.unwrap().is_empty());
}

/// Tables whose rows refer to each other in a circle.
#[tokio::test]
async fn reset_drops_a_circle() {
    #[derive(Debug, Clone, DbModel)]
    #[model(table = "linked_rings", database = "linked_rings")]
    struct Ring {
        pk: Pk<Self>,
        #[foreign_key(on_delete = Cascade)]
        stone: Option<ForeignKey<Stone>>,
        before: Option<ForeignKey<Self>>,
    }
    #[derive(Debug, Clone, DbModel)]
    #[model(table = "linked_stones", database = "linked_rings")]
    struct Stone {
        pk: Pk<Self>,
        #[foreign_key(related_name = "crown")]
        ring: ForeignKey<Ring>,
        #[foreign_key(on_delete = Cascade)]
        mine: ForeignKey<Mine>,
        kin: ManyToMany<Ring>,
    }
    #[derive(Debug, Clone, DbModel)]
    #[model(table = "linked_mines", database = "linked_rings")]
    struct Mine {
        pk: Pk<Self>,
    }
    on_both(async |db| {
        db.create_tables::<(Mine, Ring, Stone)>().await.unwrap();
        let mine = Mine::builder().insert(&db).await.unwrap();
        let mut ring = Ring::builder().insert(&db).await.unwrap();
        let stone = Stone::builder().ring(&ring).mine(&mine).insert(&db).await.unwrap();
        ring.stone = Some(ForeignKey::from(&stone));
        ring.before = Some(ForeignKey::from(&ring));
        db.update(&mut ring).await.unwrap();
        stone.kin.add(&ring).await.unwrap();
        let err = db.drop_table::<Mine>().await.unwrap_err();
        assert!(err.to_string().contains("'linked_stones'"), "{err}");
        let err = db.drop_table::<Ring>().await.unwrap_err();
        assert!(err.to_string().contains("'linked_stones'"), "{err}");
        assert_eq!(stone.kin.count().await.unwrap(), 1);
        db.reset().await.unwrap();
        assert!(db.table_names().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn reset_drops_whatever_refers_to_what() {
    on_both(async |db| {
        db.create_tables::<Library>().await.unwrap();
        fill(&db).await;
        let book = db.select::<Book>().prefetch_related("tags").fetch_first().await.unwrap().unwrap();
        db.reset().await.unwrap();
        assert!(db.table_names().await.unwrap().is_empty());
        assert_eq!(book.tags.clear().await.unwrap_err().kind(), ErrorKind::NoSuchTable(JUNCTION.into()));
        db.create_tables::<Library>().await.unwrap();
        fill(&db).await;
        assert_eq!(book.tags.fetch_all().await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn create_all_creates_junctions() {
    let db = SqliterDb::builder().memory().database("linked").create().await.unwrap();
    db.create_all().await.unwrap();
    fill(&db).await;
    db.create_all().await.unwrap();
    let tables = db.table_names().await.unwrap();
    for table in
        [JUNCTION, "linked_people_linked_people", "linked_people_linked_people_follows", "linked_ants_linked_zebras"]
    {
        assert!(tables.iter().any(|t| t == table), "{tables:?}");
    }
    assert_eq!(db.select::<Tag>().filter(Tag::BOOKS.any(None::<Filter<Book>>)).count().await.unwrap(), 2);
}

/// A table of another kind in the junction's place is noticed when it is created, not at the first link.
#[tokio::test]
async fn a_table_that_is_no_junction_is_an_error() {
    let db = SqliterDb::memory().await.unwrap();
    raw_execute(&db, &format!("CREATE TABLE {JUNCTION} (x)")).await;
    let err = db.create_tables::<Library>().await.unwrap_err();
    assert!(matches!(&err, Error::TableCreation { table, .. } if table == JUNCTION), "{err:?}");
    assert_eq!(db.table_names().await.unwrap(), [JUNCTION]);
    raw_execute(&db, &format!("DROP TABLE {JUNCTION}")).await;
    raw_execute(&db, &format!("CREATE VIEW {JUNCTION} AS SELECT 1 AS linked_books_pk, 2 AS linked_tags_pk")).await;
    let err = db.create_tables::<Library>().await.unwrap_err();
    assert!(matches!(&err, Error::TableCreation { table, .. } if table == JUNCTION), "{err:?}");
}
