//! Timestamps, dates and times.

use chrono::{DateTime, FixedOffset, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use sqliter_async::prelude::*;

use crate::support::{Clock, on_both, raw, raw_execute};

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Stamped {
    pk: Pk<Self>,
    text: String,
    created_at: DateTime<Utc>,
    updated_at: i64,
}

/// TIME-1, TIME-2
#[tokio::test]
async fn timestamps_are_set_by_the_handles_clock() {
    static CLOCK: Clock = Clock::at(1_000);
    let db = SqliterDb::builder().memory().clock(|| CLOCK.now()).create().await.unwrap();
    db.create_table::<Stamped>().await.unwrap();
    let mut row = Stamped::builder().text("x").insert(&db).await.unwrap();
    assert_eq!((row.created_at.timestamp(), row.updated_at), (1_000, 1_000));
    CLOCK.set(2_000);
    row.created_at = Utc.timestamp_opt(5, 0).unwrap();
    db.update(&mut row).await.unwrap();
    assert_eq!(row.updated_at, 2_000);
    let stored = db.get::<Stamped>(&row).await.unwrap().unwrap();
    assert_eq!((stored.created_at.timestamp(), stored.updated_at), (1_000, 2_000));
    assert_eq!(raw(&db, "SELECT typeof(created_at) || created_at FROM stampeds").await, ["integer1000"]);
    let found = db.select::<Stamped>().filter(Stamped::CREATED_AT.lt(Utc.timestamp_opt(1_001, 0).unwrap()));
    assert_eq!(found.count().await.unwrap(), 1);
    assert_eq!(db.now(), 2_000);
}

#[tokio::test]
async fn a_failed_insert_leaves_no_timestamps_behind() {
    let db = SqliterDb::memory().await.unwrap();
    let row = Stamped::builder().text("x").build().unwrap();
    db.insert(row.clone()).await.unwrap_err();
    assert_eq!(row.updated_at, 0);
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Moments {
    pk: Pk<Self>,
    date: NaiveDate,
    time: NaiveTime,
    utc: DateTime<Utc>,
    local: DateTime<Local>,
    fixed: DateTime<FixedOffset>,
    naive: NaiveDateTime,
    maybe: Option<DateTime<Utc>>,
    #[field(store = "seconds")]
    seconds: DateTime<Utc>,
    #[field(store = "millis")]
    millis: DateTime<Utc>,
    #[field(store = "micros")]
    micros: Option<NaiveDateTime>,
    #[field(store = "seconds")]
    day: NaiveDate,
}

fn moments() -> Moments {
    let utc = Utc.with_ymd_and_hms(2024, 2, 29, 8, 30, 5).unwrap() + chrono::TimeDelta::microseconds(678_901);
    Moments {
        pk: Pk::unset(),
        date: NaiveDate::from_ymd_opt(2024, 2, 29).unwrap(),
        time: NaiveTime::from_hms_micro_opt(8, 30, 5, 678_901).unwrap(),
        utc,
        local: utc.with_timezone(&Local),
        fixed: utc.with_timezone(&FixedOffset::east_opt(7200).unwrap()),
        naive: utc.naive_utc(),
        maybe: None,
        seconds: Utc.with_ymd_and_hms(1969, 12, 31, 23, 59, 58).unwrap(),
        millis: utc - chrono::TimeDelta::microseconds(901),
        micros: Some(utc.naive_utc()),
        day: NaiveDate::from_ymd_opt(1, 1, 1).unwrap(),
    }
}

/// TIME-4, TIME-5, TIME-8, TIME-10
#[tokio::test]
async fn dates_and_times_are_stored_as_the_guide_says() {
    for local in [true, false] {
        let db = SqliterDb::builder().memory().return_local_time(local).create().await.unwrap();
        db.create_table::<Moments>().await.unwrap();
        let row = db.insert(moments()).await.unwrap();
        assert_eq!(db.get::<Moments>(&row).await.unwrap().unwrap(), row);
        let text = &raw(&db, "SELECT date || ' ' || time || ' ' || utc || ' ' || fixed FROM moments").await[0];
        assert_eq!(text, "2024-02-29 08:30:05.678901 2024-02-29T08:30:05.678901Z 2024-02-29T08:30:05.678901Z");
        let numbers = &raw(&db, "SELECT seconds || ' ' || millis || ' ' || day FROM moments").await[0];
        assert_eq!(numbers, "-2 1709195405678 -62135596800");
        // SQLite's own date functions read it.
        assert_eq!(raw(&db, "SELECT strftime('%Y/%m/%d', utc) FROM moments").await, ["2024/02/29"]);
    }
}

/// FIL-19
#[tokio::test]
async fn dates_compare_as_dates_in_every_form() {
    on_both(async |db| {
        db.create_table::<Moments>().await.unwrap();
        let row = db.insert(moments()).await.unwrap();
        let second = chrono::TimeDelta::seconds(1);
        for filter in [
            Moments::DATE.eq(row.date) & Moments::DATE.gt(row.date.pred_opt().unwrap()),
            Moments::TIME.between(row.time, row.time),
            Moments::UTC.gt(row.utc - second) & Moments::UTC.lt(row.utc + second),
            Moments::FIXED.eq(row.fixed) & Moments::LOCAL.lte(row.local),
            Moments::NAIVE.eq(row.naive) & Moments::NAIVE.gt(row.naive - second),
            Moments::SECONDS.eq(row.seconds) & Moments::SECONDS.lt(row.seconds + second),
            Moments::MILLIS.eq(row.millis) & Moments::MICROS.eq(row.micros),
            Moments::DAY.eq(row.day) & Moments::DAY.lt(row.date),
            Moments::MAYBE.is_null(),
            lookup("utc__gte", row.utc)
                & lookup("millis", row.millis)
                & lookup("date__in", vec![Value::from("2024-02-29")]),
            lookup("naive", row.naive)
                & lookup("micros", row.naive)
                & lookup("day", row.day)
                & lookup("time", row.time),
        ] {
            assert_eq!(db.select::<Moments>().filter(filter.clone()).count().await.unwrap(), 1, "{filter:?}");
            assert_eq!(db.select::<Moments>().filter(!filter).count().await.unwrap(), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn either_form_is_read_whatever_the_column_writes() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Moments>().await.unwrap();
    let row = db.insert(moments()).await.unwrap();
    raw_execute(
        &db,
        "UPDATE moments SET date = 1709164800, utc = 1709195405, maybe = '1709195405', seconds = '2024-02-29 08:30:05', \
         millis = '2024-02-29T09:30:05.5+01:00', day = '2024-02-29', time = '08:30'",
    )
    .await;
    let read = db.get::<Moments>(&row).await.unwrap().unwrap();
    let at = Utc.with_ymd_and_hms(2024, 2, 29, 8, 30, 5).unwrap();
    assert_eq!((read.date, read.day), (row.date, row.date));
    assert_eq!((read.utc, read.maybe, read.seconds), (at, Some(at), at));
    assert_eq!(read.millis, at + chrono::TimeDelta::milliseconds(500));
    assert_eq!(read.time, NaiveTime::from_hms_opt(8, 30, 0).unwrap());
}

#[tokio::test]
async fn a_year_that_text_has_no_room_for_is_an_error() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Moments>().await.unwrap();
    let err = db.insert(Moments { date: NaiveDate::MAX, ..moments() }).await.unwrap_err();
    assert!(matches!(&err, Error::Encode { column, .. } if column == "date"), "{err:?}");
    let err = db.insert(Moments { utc: DateTime::<Utc>::MIN_UTC, ..moments() }).await.unwrap_err();
    assert!(matches!(&err, Error::Encode { column, .. } if column == "utc"), "{err:?}");
    for year in [0, 9999] {
        let date = NaiveDate::from_ymd_opt(year, 12, 31).unwrap();
        let row = db.insert(Moments { date, day: date, ..moments() }).await.unwrap();
        assert_eq!(db.get::<Moments>(&row).await.unwrap().unwrap(), row);
    }
}
