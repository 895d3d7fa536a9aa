//! Loading ahead while others write, and for very many rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqliter_async::prelude::*;
use uuid::Uuid;

use super::{Author, Book, Library, Tag, fill};
use crate::support::{File, on_both, raw_execute};

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_sensors", database = "linked", timestamps = false)]
struct Sensor {
    pk: Pk<Self, Uuid>,
    rooms: ManyToMany<Room>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_rooms", database = "linked", timestamps = false)]
struct Room {
    pk: Pk<Self, String>,
    #[foreign_key(related_name = "home_rooms")]
    sensor: ForeignKey<Sensor, Uuid>,
}

/// Every author that a reader sees has as many books as its name says, and each of these a tag of that name, while a writer
/// changes both in one transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_statements_read_one_snapshot() {
    on_both(async |db| {
        db.create_tables::<Library>().await.unwrap();
        let author = Author::builder().name("0").insert(&db).await.unwrap();
        let tag = Tag::builder().name("0").insert(&db).await.unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn({
            let (db, stop, author, tag) = (db.clone(), stop.clone(), author.clone(), tag.clone());
            async move {
                let mut round = 0u32;
                while !stop.load(Ordering::Relaxed) {
                    round += 1;
                    let wanted = i64::from(round % 5);
                    db.transaction(async |tx| -> Result<()> {
                        tx.select::<Book>().delete().await?;
                        for i in 0..wanted {
                            let book =
                                Book::builder().title(i.to_string()).year(wanted).author(&author).insert(&tx).await?;
                            book.tags.add(&tag).await?;
                        }
                        let name = wanted.to_string();
                        tx.update_where::<Author>(None, Author::NAME.set(name.clone())).await?;
                        tx.update_where::<Tag>(None, Tag::NAME.set(name)).await.map(drop)
                    })
                    .await
                    .unwrap();
                }
                round
            }
        });
        for i in 0..150 {
            let query = db.select::<Author>().prefetch_related("books__tags");
            let author =
                if i % 2 == 0 { query.fetch_one().await.unwrap() } else { query.page(1, 1).await.unwrap().items.pop() };
            let author = author.unwrap();
            let books = author.books().fetch_all().await.unwrap();
            assert_eq!(author.name, books.len().to_string());
            for book in &books {
                assert_eq!(
                    (book.year, &book.tags.fetch_all().await.unwrap()[0].name),
                    (books.len() as i64, &author.name)
                );
            }
            tokio::task::yield_now().await;
        }
        stop.store(true, Ordering::Relaxed);
        assert!(writer.await.unwrap() > 3);
    })
    .await;
}

/// PRE-1
#[tokio::test]
async fn forty_thousand_rows_load_what_belongs_to_them() {
    const MANY: usize = 40_000;
    let file = File::new();
    let db = file.open().await;
    db.create_tables::<Library>().await.unwrap();
    fill(&db).await;
    db.bulk_insert((0..MANY).map(|i| Author::builder().name(format!("n{i}")).build().unwrap())).await.unwrap();
    raw_execute(
        &db,
        "INSERT INTO linked_books (created_at, updated_at, title, year, author_id)
         SELECT 0, 0, 't', 1, pk FROM linked_authors WHERE name GLOB 'n*'",
    )
    .await;
    raw_execute(
        &db,
        "INSERT INTO linked_books_linked_tags (linked_books_pk, linked_tags_pk) SELECT pk, 3 FROM linked_books WHERE title = 't'",
    )
    .await;
    let query = db.select::<Author>().filter(Author::NAME.glob("n*")).prefetch_related("books__tags");
    let authors = query.prefetch_related("books__author").fetch_all().await.unwrap();
    assert_eq!(authors.len(), MANY);
    for author in &authors {
        let books = author.books().fetch_all().await.unwrap();
        assert_eq!((books.len(), books[0].tags.count().await.unwrap()), (1, 1));
        assert_eq!(books[0].author.loaded().unwrap().pk, author.pk);
    }
    let none = db.select::<Tag>().filter(Tag::NAME.eq("none")).prefetch_related(Tag::BOOKS).fetch_one().await.unwrap();
    assert_eq!(none.unwrap().books().count().await.unwrap(), MANY as i64);
    // As many links in one call.
    let tag = Tag::builder().name("all").insert(&db).await.unwrap();
    let keys: Vec<i64> = db.select::<Book>().fetch_all().await.unwrap().iter().filter_map(|b| b.pk.get()).collect();
    tag.books().set(&keys).await.unwrap();
    assert_eq!(tag.books().count().await.unwrap(), keys.len() as i64);
}

/// Keys that are no integers, more than fit in parameters.
#[tokio::test]
async fn many_rows_with_other_keys_load_what_belongs_to_them() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Sensor, Room)>().await.unwrap();
    let sensor = |i: u128| Sensor::builder().pk(Uuid::from_u128(i << 64 | 0xff00)).build().unwrap();
    let sensors = db.bulk_insert((0..1000).map(sensor)).await.unwrap();
    let room = |(i, s): (usize, &Sensor)| Room::builder().pk(format!("r\"'{i}\u{0}é")).sensor(s).build().unwrap();
    let rooms = db.bulk_insert(sensors.iter().enumerate().map(room)).await.unwrap();
    for (sensor, room) in sensors.iter().zip(&rooms).take(300) {
        sensor.rooms.add(room).await.unwrap();
    }
    let sensors = db.select::<Sensor>().prefetch_related("rooms").fetch_all().await.unwrap();
    let mut linked = 0;
    for sensor in &sensors {
        linked += sensor.rooms.count().await.unwrap();
    }
    assert_eq!(linked, 300);
    let rooms = db.select::<Room>().prefetch_related("sensor__rooms").fetch_all().await.unwrap();
    let mut linked = 0;
    for room in &rooms {
        let back = room.sensor.loaded().unwrap().rooms.fetch_all().await.unwrap();
        assert!(back.iter().all(|r| r.pk == room.pk));
        linked += back.len();
    }
    assert_eq!((rooms.len(), linked), (1000, 300));
}
