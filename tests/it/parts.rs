//! Regular expressions, and parts of dates.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use sqliter_async::prelude::*;

use crate::models::{User, names, user};
use crate::support::on_both;

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Event {
    pk: Pk<Self>,
    day: NaiveDate,
    at: DateTime<Utc>,
    #[field(store = "seconds")]
    seconds: DateTime<Utc>,
    #[field(store = "millis")]
    millis: Option<DateTime<Utc>>,
    #[field(store = "micros")]
    naive: NaiveDateTime,
}

fn event(y: i32, m: u32, d: u32) -> Event {
    let at = Utc.with_ymd_and_hms(y, m, d, 23, 59, 59).unwrap() + chrono::TimeDelta::milliseconds(999);
    let day = at.date_naive();
    Event { pk: Pk::unset(), day, at, seconds: at, millis: Some(at), naive: at.naive_utc() }
}

#[tokio::test]
async fn the_parts_of_a_date_compare_as_numbers() {
    for local in [true, false] {
        let db = SqliterDb::builder().memory().return_local_time(local).create().await.unwrap();
        db.create_table::<Event>().await.unwrap();
        for (y, m, d) in [(1969, 12, 31), (2024, 2, 29), (2024, 3, 1)] {
            db.insert(event(y, m, d)).await.unwrap();
        }
        let date = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        for (filter, expected) in [
            (Event::DAY.year().eq(2024), 2),
            (Event::AT.month().eq(2) & Event::AT.day().eq(29), 1),
            (Event::SECONDS.year().lt(1970), 1),
            (Event::MILLIS.year().between(1969, 2000), 1),
            (Event::MILLIS.day().is_in([1, 29]), 2),
            (Event::NAIVE.year().eq(1969) & Event::NAIVE.month().eq(12), 1),
            (Event::AT.date().eq(date), 1),
            (Event::SECONDS.date().lte(date), 2),
            (lookup("at__year", 2024), 2),
            (lookup("seconds__year__gte", 1970), 2),
            (lookup("millis__month__in", [2, 3]), 2),
            (lookup("at__date", date), 1),
            (lookup("naive__day", 31), 1),
        ] {
            assert_eq!(db.select::<Event>().filter(filter.clone()).count().await.unwrap(), expected, "{filter:?}");
        }
        let ordered =
            db.select::<Event>().order((Event::AT.month(), Event::AT.day().desc())).fetch_all().await.unwrap();
        assert_eq!(ordered.iter().map(|e| e.pk.get().unwrap()).collect::<Vec<_>>(), [2, 3, 1]);
        let err = db.select::<Event>().filter(lookup("pk__year", 1)).count().await.unwrap_err();
        assert!(err.to_string().contains("'pk' is not a date"), "{err}");
    }
}

#[tokio::test]
async fn regular_expressions_match_somewhere() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.bulk_insert(["Anna", "Hannah", "Bob", "ÄNNE", "a\0nn"].map(|n| user(n, 1))).await.unwrap();
        for (filter, expected) in [
            (User::NAME.regexp("^.nn"), vec!["Anna"]),
            (User::NAME.regexp("(?i)änn|nna"), vec!["Anna", "Hannah", "ÄNNE"]),
            (User::NAME.regexp(r"^\w{3}$"), vec!["Bob"]),
            (User::NAME.regexp("\0nn$"), vec!["a\0nn"]),
            (lookup("name__regexp", "[xB]"), vec!["Bob"]),
            (User::NICK.regexp("."), vec![]),
        ] {
            let found = db.select::<User>().filter(filter.clone()).order(User::PK).fetch_all().await.unwrap();
            assert_eq!(names(&found), expected, "{filter:?}");
        }
        let err = db.select::<User>().filter(User::NAME.regexp("(")).count().await.unwrap_err();
        assert!(matches!(err, Error::RecordFetch { .. }), "{err:?}");
        assert!(err.to_string().contains("invalid regular expression"), "{err}");
    })
    .await;
}

/// FIL-5
#[tokio::test]
async fn nothing_is_greater_than_null() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Event>().await.unwrap();
    for filter in [Event::MILLIS.gt(None), Event::MILLIS.between(None, None), lookup("millis__lt", Value::Null)] {
        let err = db.select::<Event>().filter(filter).count().await.unwrap_err();
        assert!(matches!(&err, Error::InvalidFilter { .. }), "{err:?}");
        assert!(err.to_string().contains("NULL"), "{err}");
    }
}

/// ORD-1, ORD-2
#[tokio::test]
async fn a_second_order_replaces_the_first_and_wrong_ones_are_errors_everywhere() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<User>().await.unwrap();
    db.bulk_insert([user("b", 1), user("a", 1), user("c", 0)]).await.unwrap();
    let query = db.select::<User>().order(User::NAME).order("-age").order(("-age", "name"));
    assert_eq!(names(&query.fetch_all().await.unwrap()), ["a", "b", "c"]);
    let wrong = db.select::<User>().order("agee");
    for err in [
        wrong.count().await.unwrap_err(),
        wrong.exists().await.unwrap_err(),
        wrong.fetch_all().await.map(drop).unwrap_err(),
        wrong.update(User::AGE.set(1)).await.unwrap_err(),
        wrong.delete().await.unwrap_err(),
    ] {
        assert!(matches!(&err, Error::InvalidOrder(_)), "{err:?}");
    }
}
