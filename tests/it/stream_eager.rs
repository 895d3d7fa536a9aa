//! Streams of rows with what belongs to them, streams that fail, streams inside and around transactions.

use std::time::Duration;

use futures_util::StreamExt;
use sqliter_async::prelude::*;
use sqliter_async::{Execution, JournalMode};

use crate::support::File;

#[derive(Debug, Clone, PartialEq, DbModel)]
struct House {
    pk: Pk<Self>,
    name: String,
}

#[derive(Debug, Clone, DbModel)]
struct Room {
    pk: Pk<Self>,
    size: i64,
    #[foreign_key(related_name = "rooms")]
    house: ForeignKey<House>,
    #[many_to_many(related_name = "rooms")]
    tags: ManyToMany<Tag>,
}

#[derive(Debug, Clone, DbModel)]
struct Tag {
    pk: Pk<Self>,
    word: String,
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what).await.expect("it hangs")
}

/// 1 500 houses with two rooms each; every third room has two tags.
async fn fill(db: &SqliterDb) {
    db.create_tables::<(House, Room, Tag)>().await.unwrap();
    db.bulk_insert((0..1_500).map(|i| House { pk: Pk::unset(), name: format!("h{i}") })).await.unwrap();
    db.execute_script(
        "INSERT INTO rooms (created_at, updated_at, size, house_id) SELECT 0, 0, pk, pk FROM houses;
         INSERT INTO rooms (created_at, updated_at, size, house_id) SELECT 0, 0, -pk, pk FROM houses;
         INSERT INTO tags (created_at, updated_at, word) VALUES (0, 0, 'old'), (0, 0, 'red')",
    )
    .await
    .unwrap();
    let links = Room::TAGS.sql_metadata().unwrap();
    let (table, from, to) = (links.junction_table, links.from_column, links.to_column);
    let sql = format!("INSERT INTO {table} ({from}, {to}) SELECT r.pk, t.pk FROM rooms r, tags t WHERE r.pk % 3 = 0");
    db.execute(&sql, ()).await.unwrap();
}

async fn everywhere(test: impl AsyncFn(SqliterDb)) {
    for execution in [Execution::Auto, Execution::Inline, Execution::Blocking] {
        for journal in [JournalMode::Wal, JournalMode::Delete] {
            let file = File::new();
            let builder = SqliterDb::builder().filename(&file.path).readers(1).execution(execution);
            let db = builder.journal_mode(journal).busy_timeout(Duration::from_secs(2)).create().await.unwrap();
            fill(&db).await;
            test(db).await;
        }
        let db = SqliterDb::builder().memory().execution(execution).create().await.unwrap();
        fill(&db).await;
        test(db).await;
    }
}

/// The rows of a batch and what belongs to them are of the moment at which the stream began.
#[tokio::test]
async fn what_belongs_to_rows_is_of_the_same_moment() {
    everywhere(async |db| {
        let houses = db.select::<House>().prefetch_related(House::ROOMS.to(Room::TAGS)).order(House::PK);
        let mut stream = houses.stream();
        let mut n = 0;
        while let Some(house) = soon(stream.next()).await {
            let house = house.unwrap();
            n += 1;
            let rooms = soon(house.rooms().fetch_all()).await.unwrap();
            assert_eq!(rooms.len(), 2, "house {n}");
            for room in &rooms {
                let tags = soon(room.tags.fetch_all()).await.unwrap();
                assert_eq!(tags.len(), if room.pk.value().unwrap() % 3 == 0 { 2 } else { 0 }, "room {}", room.pk);
            }
            if n == 5 {
                // From now on nothing of it is in the file.
                soon(db.select::<Room>().delete()).await.unwrap();
                soon(db.select::<Tag>().delete()).await.unwrap();
                assert_eq!(soon(db.select::<Room>().count()).await.unwrap(), 0);
            }
        }
        assert_eq!(n, 1_500);
    })
    .await;
}

#[tokio::test]
async fn streams_with_relations_in_a_transaction() {
    everywhere(async |db| {
        let done: Result<()> = db
            .transaction(async |tx| {
                let mut stream = tx
                    .select::<House>()
                    .prefetch_related(House::ROOMS.filter(Room::SIZE.gt(0)))
                    .with_count(House::ROOMS, "n")
                    .order(House::PK)
                    .stream();
                let mut joined = tx.select::<Room>().select_related(Room::HOUSE).order(Room::PK).stream();
                let mut n = 0;
                while let Some(house) = soon(stream.next()).await {
                    let (house, count) = house?;
                    n += 1;
                    assert_eq!(count, 2);
                    let rooms = soon(house.rooms().filter(None).fetch_all()).await?;
                    assert_eq!(rooms.iter().map(|r| r.size).collect::<Vec<_>>(), [n]);
                    let room = soon(joined.next()).await.unwrap()?;
                    assert_eq!(room.house.loaded()?.name, house.name);
                    // A query for each row, and now and then a write.
                    assert_eq!(soon(tx.get::<House>(&house.pk)).await?.as_ref(), Some(&house));
                    if n % 500 == 0 {
                        soon(tx.select::<Room>().filter(Room::HOUSE.eq(&house)).delete()).await?;
                    }
                }
                assert_eq!(n, 1_500);
                drop(joined);
                assert_eq!(tx.select::<Room>().count().await?, 2_994);
                Err(Error::Closed)
            })
            .await;
        assert!(matches!(done, Err(Error::Closed)), "{done:?}");
        assert_eq!(db.select::<Room>().count().await.unwrap(), 3_000);
    })
    .await;
}

/// An error in the middle is the last item, and does no harm to the transaction.
#[tokio::test]
async fn an_error_in_the_middle_leaves_the_transaction_alone() {
    everywhere(async |db| {
        let done: Result<()> = db
            .transaction(async |tx| {
                tx.execute("UPDATE rooms SET size = 'wide' WHERE pk = 1200", ()).await?;
                let mut stream = tx.select::<Room>().order(Room::PK).stream();
                let mut n = 0;
                let error = loop {
                    match soon(stream.next()).await {
                        Some(Ok(_)) => n += 1,
                        Some(Err(e)) => break e,
                        None => panic!("it did not fail"),
                    }
                };
                assert_eq!(n, 1_199);
                assert!(matches!(&error, Error::Decode { table, .. } if table == "rooms"), "{error:?}");
                assert!(stream.next().await.is_none());
                // What SQLite itself says in the middle.
                let sql =
                    "SELECT CASE WHEN pk = 1300 THEN abs(-9223372036854775807 - 1) ELSE pk END FROM rooms ORDER BY pk";
                let mut raw = tx.query_stream(sql, ());
                let mut n = 0;
                let error = loop {
                    match soon(raw.next()).await {
                        Some(Ok(_)) => n += 1,
                        Some(Err(e)) => break e,
                        None => panic!("it did not fail"),
                    }
                };
                assert!(n == 1_299 && error.to_string().contains("integer overflow"), "{n} {error}");
                // And in what belongs to the rows.
                let mut ahead = tx.select::<House>().prefetch_related(House::ROOMS).order(House::PK).stream();
                let mut failed = false;
                while let Some(house) = soon(ahead.next()).await {
                    failed |= house.is_err();
                }
                assert!(failed);
                tx.execute("UPDATE rooms SET size = 7 WHERE pk = 1200", ()).await.map(drop)
            })
            .await;
        done.unwrap();
        assert_eq!(db.select::<Room>().filter(Room::SIZE.eq(7)).count().await.unwrap(), 2);
        soon(db.close()).await;
    })
    .await;
}

/// Savepoints come and go under a stream.
#[tokio::test]
async fn savepoints_under_an_open_stream() {
    everywhere(async |db| {
        let done: Result<()> = db
            .transaction(async |tx| {
                let mut stream = tx.select::<House>().order(House::PK).stream();
                let mut n = 0;
                while let Some(house) = soon(stream.next()).await {
                    let house = house?;
                    n += 1;
                    assert_eq!(house.pk.get(), Some(n));
                    if n % 300 == 0 {
                        // One that only reads, rolled back; one that writes, rolled back; one that stays.
                        let read: Result<()> = tx
                            .transaction(async |inner| {
                                assert_eq!(soon(inner.select::<House>().count()).await?, 1_500 - n / 300 + 1);
                                let mut own = inner.select::<House>().stream();
                                assert!(soon(own.next()).await.unwrap().is_ok());
                                Err(Error::Closed)
                            })
                            .await;
                        assert!(matches!(read, Err(Error::Closed)), "{read:?}");
                        let written: Result<()> = tx
                            .transaction(async |inner| {
                                soon(inner.select::<Room>().delete()).await?;
                                Err(Error::Closed)
                            })
                            .await;
                        assert!(matches!(written, Err(Error::Closed)), "{written:?}");
                        let kept: Result<i64> = tx
                            .transaction(async |inner| {
                                inner.select::<Room>().filter(Room::HOUSE.eq(1_501 - n / 300)).delete().await?;
                                inner.delete::<House>(1_501 - n / 300).await?;
                                Ok(1)
                            })
                            .await;
                        kept?;
                    }
                }
                assert_eq!(n, 1_500);
                Ok(())
            })
            .await;
        done.unwrap();
        assert_eq!(db.select::<House>().count().await.unwrap(), 1_495);
    })
    .await;
}

/// Dropped in the middle, inside a transaction, with a batch under way or not: nothing is left behind.
#[tokio::test]
async fn streams_that_are_dropped_inside_a_transaction() {
    everywhere(async |db| {
        let done: Result<()> = db
            .transaction(async |tx| {
                for rows in [0, 1, 300, 1_100] {
                    let mut stream = tx.select::<House>().prefetch_related(House::ROOMS).stream();
                    for _ in 0..rows {
                        soon(stream.next()).await.unwrap()?;
                    }
                    drop(stream);
                    let mut slow = tx.query_stream(
                        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT i FROM n WHERE i = 300000",
                        (),
                    );
                    let _ = tokio::time::timeout(Duration::from_millis(2), slow.next()).await;
                    drop(slow);
                    soon(tx.execute("UPDATE houses SET name = ? WHERE pk = 1", params![format!("n{rows}")])).await?;
                }
                // A schema change needs every statement gone.
                soon(tx.execute("DROP TABLE rooms", ())).await.map(drop)
            })
            .await;
        done.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(db.get::<House>(1).await.unwrap().unwrap().name, "n1100");
    })
    .await;
}

/// Every kind of query streams what it fetches.
#[tokio::test]
async fn a_stream_of_anything_is_what_would_be_fetched() {
    async fn same<M: DbModel, Out: Clone + Send + Sync + PartialEq + std::fmt::Debug + 'static>(q: Query<M, Out>) {
        let fetched = q.fetch_all().await.unwrap();
        let streamed: Vec<Out> = q.stream().map(Result::unwrap).collect().await;
        assert!(fetched == streamed, "{q:?}");
        assert!(!fetched.is_empty());
    }
    everywhere(async |db| {
        let houses = db.select::<House>().order(House::PK);
        let rooms = db.select::<Room>().order(Room::PK);
        same(houses.clone()).await;
        same(houses.clone().limit(7).offset(1_020)).await;
        same(houses.clone().with_count(House::ROOMS, "n").with_count(House::ROOMS.to(Room::TAGS), "t")).await;
        same(houses.clone().with_count(House::ROOMS, "n").having(alias("n").gt(1)).order(alias("n"))).await;
        same(rooms.clone().fields((Room::SIZE, Room::HOUSE, Room::HOUSE.to(House::NAME)))).await;
        same(rooms.clone().fields(["size", "house__name"])).await;
        same(rooms.clone().only(Room::SIZE * 2).distinct()).await;
        same(rooms.clone().exclude(Room::SIZE)).await;
        same(rooms.clone().group_by(Room::HOUSE).annotate("n", func::sum(Room::SIZE)).order("house")).await;
        same(rooms.annotate("big", Room::SIZE + 1).having(alias("big").gt(0))).await;
        same(db.select::<House>().only(func::count())).await;
        let first = db.get::<House>(1).await.unwrap().unwrap();
        let of_one: Vec<_> = first.rooms().order(Room::PK).stream().map(|r| r.unwrap().size).collect().await;
        assert_eq!(of_one, [1, -1]);
        let ahead = db.select::<House>().prefetch_related(House::ROOMS).limit(1).fetch_one().await.unwrap().unwrap();
        assert_eq!(ahead.rooms().stream().count().await, 2);
        let wrong = db.select::<House>().group_by("nmae").stream().next().await;
        assert!(matches!(wrong, Some(Err(Error::InvalidProjection(_)))));
    })
    .await;
}
