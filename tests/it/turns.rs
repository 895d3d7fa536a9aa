//! Results that come row by row: read in turns with other tasks, and elsewhere once there are too many rows.

use std::time::Duration;

use sqliter_async::prelude::*;

use crate::support::File;

#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(timestamps = false)]
struct Row {
    pk: Pk<Self>,
    number: i64,
    text: String,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(timestamps = false)]
struct Note {
    pk: Pk<Self>,
    row: ForeignKey<Row>,
}

/// More than are read in turns.
const ROWS: i64 = 20_000;

async fn filled(db: &SqliterDb) {
    db.create_tables::<(Row, Note)>().await.unwrap();
    let row = |number| Row { pk: Pk::unset(), number, text: format!("row {number}") };
    let rows = db.bulk_insert((1..=ROWS).map(row)).await.unwrap();
    let note = |row: &Row| Note { pk: Pk::unset(), row: row.into() };
    db.bulk_insert(rows[..2000].iter().map(note)).await.unwrap();
}

fn numbers(rows: &[Row]) -> Vec<i64> {
    rows.iter().map(|row| row.number).collect()
}

async fn everything_once(db: &SqliterDb) {
    let all = db.select::<Row>().fetch_all().await.unwrap();
    assert_eq!(numbers(&all), (1..=ROWS).collect::<Vec<_>>());
    assert_eq!(all[12_345].text, "row 12346");
    let half = db.select::<Row>().filter(Row::NUMBER.gt(ROWS / 2)).order("-pk").fetch_all().await.unwrap();
    assert_eq!(numbers(&half), (ROWS / 2 + 1..=ROWS).rev().collect::<Vec<_>>());
    let some = db.select::<Row>().filter(Row::TEXT.ends_with("7")).fetch_all().await.unwrap();
    assert_eq!(some.len() as i64, ROWS / 10);
    let limited = db.select::<Row>().order(Row::PK).limit(5000).offset(300).fetch_all().await.unwrap();
    assert_eq!(numbers(&limited), (301..=5300).collect::<Vec<_>>());
    let notes = db.select::<Note>().select_related(Note::ROW).order(Note::PK).fetch_all().await.unwrap();
    assert_eq!(notes.len(), 2000);
    assert!(notes.iter().all(|note| note.row.loaded().unwrap().pk.get() == note.pk.get()));
    let mut stream = db.select::<Row>().stream();
    for number in 1..=ROWS {
        assert_eq!(stream.next().await.unwrap().unwrap().number, number);
    }
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn every_row_comes_once_and_in_order() {
    let file = File::new();
    let db = file.open().await;
    filled(&db).await;
    everything_once(&db).await;
    db.transaction(async |tx| -> Result<()> {
        everything_once(&tx).await;
        Ok(())
    })
    .await
    .unwrap();
    let memory = SqliterDb::memory().await.unwrap();
    filled(&memory).await;
    everything_once(&memory).await;
}

/// A row is found only after many that are none: what was read so far is read again elsewhere.
#[tokio::test]
async fn a_long_way_to_the_next_row_ends_the_turns_and_loses_nothing() {
    let file = File::new();
    let db = file.open().await;
    filled(&db).await;
    let near = |number: i64| number <= 600 || number > ROWS - 600;
    db.execute("UPDATE rows SET text = 'far' WHERE number > 600 AND number <= ?1", params![ROWS - 600]).await.unwrap();
    let query = db.select::<Row>().filter(Row::TEXT.regexp("^(r|[a-q])(ow|nothing|else|at|all)+ [0-9]+$"));
    let expected: Vec<i64> = (1..=ROWS).filter(|number| near(*number)).collect();
    assert_eq!(numbers(&query.fetch_all().await.unwrap()), expected);
    let mut stream = query.stream();
    for number in expected {
        assert_eq!(stream.next().await.unwrap().unwrap().number, number);
    }
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_row_that_does_not_fit_is_an_error_in_any_turn() {
    let file = File::new();
    let db = file.open().await;
    filled(&db).await;
    db.execute("UPDATE rows SET number = 'none' WHERE pk = 9000", ()).await.unwrap();
    let err = db.select::<Row>().fetch_all().await.unwrap_err();
    assert!(matches!(&err, Error::Decode { key: Some(key), .. } if key == "9000"), "{err:?}");
    let mut stream = db.select::<Row>().stream();
    for number in 1..9000 {
        assert_eq!(stream.next().await.unwrap().unwrap().number, number);
    }
    assert!(matches!(stream.next().await, Some(Err(Error::Decode { .. }))));
    assert!(stream.next().await.is_none());
    assert_eq!(db.select::<Row>().count().await.unwrap(), ROWS);
}

/// Dropped between any two turns, a read leaves its connection as it was.
#[tokio::test]
async fn a_read_may_be_given_up_between_two_turns() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).readers(1).create().await.unwrap();
    filled(&db).await;
    for polls in 1..90 {
        let query = db.select::<Row>();
        let mut read = std::pin::pin!(query.fetch_all());
        let mut left = polls;
        std::future::poll_fn(|cx| {
            left -= 1;
            match read.as_mut().poll(cx) {
                std::task::Poll::Pending if left > 0 => std::task::Poll::Pending,
                _ => std::task::Poll::Ready(()),
            }
        })
        .await;
    }
    let next = tokio::time::timeout(Duration::from_secs(10), async { db.select::<Row>().count().await });
    assert_eq!(next.await.expect("the only reader is free").unwrap(), ROWS);
}

/// In memory a writer waits for streams: one that is read in turns is in nobody's way.
#[tokio::test]
async fn a_write_comes_between_two_turns_of_a_stream() {
    let db = SqliterDb::memory().await.unwrap();
    filled(&db).await;
    let mut stream = db.select::<Row>().stream();
    let mut count = 0;
    while let Some(row) = stream.next().await {
        let number = row.unwrap().number;
        count += 1;
        if number % 1000 == 1 {
            let write = db.update_where::<Row>(Row::NUMBER.eq(number), Row::TEXT.set("seen"));
            tokio::time::timeout(Duration::from_secs(5), write).await.expect("nobody is in its way").unwrap();
        }
    }
    assert_eq!(count, ROWS);
    assert_eq!(db.select::<Row>().filter(Row::TEXT.eq("seen")).count().await.unwrap(), 20);
}
