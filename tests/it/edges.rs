//! The ends of the calendar, west and east of UTC.

use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, Utc};
use sqliter_async::prelude::*;

use crate::support::raw_execute;
use crate::zones::{EAST, WEST, date, handles, in_each_zone, naive};

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Edges {
    pk: Pk<Self>,
    #[field(store = "seconds")]
    naive: Option<NaiveDateTime>,
    #[field(store = "seconds")]
    local: Option<DateTime<Local>>,
    #[field(store = "seconds")]
    day: Option<NaiveDate>,
    text: Option<NaiveDateTime>,
}

/// TIME-12
#[test]
fn what_no_calendar_has_room_for_is_a_typed_error() {
    in_each_zone("edges::what_no_calendar_has_room_for_is_a_typed_error", async |zone| {
        let [db, utc] = handles().await;
        let (first, last) = (DateTime::<Utc>::MIN_UTC.timestamp(), DateTime::<Utc>::MAX_UTC.timestamp());
        for db in [&db, &utc] {
            db.create_table::<Edges>().await.unwrap();
            for column in ["naive", "local", "day"] {
                for n in [i64::MIN, first - 1, last + 1, i64::MAX] {
                    raw_execute(
                        db,
                        &format!(
                            "INSERT OR REPLACE INTO edges (pk, created_at, updated_at, {column}) VALUES (1, 0, 0, {n})"
                        ),
                    )
                    .await;
                    let err = db.get::<Edges>(1).await.unwrap_err();
                    assert!(
                        matches!(&err, Error::Decode { table, key, .. } if table == "edges" && key.as_deref() == Some("1")),
                        "{err:?}"
                    );
                    assert!(err.to_string().contains(&format!("column '{column}'")), "{err}");
                }
            }
        }
        // In range as UTC, out of range as local time.
        for (n, out_of_range) in [(first, zone == WEST), (last, zone == EAST)] {
            raw_execute(
                &db,
                &format!("INSERT OR REPLACE INTO edges (pk, created_at, updated_at, naive) VALUES (1, 0, 0, {n})"),
            )
            .await;
            let read = db.get::<Edges>(1).await;
            assert_eq!(read.is_err(), out_of_range, "{read:?}");
            assert!(matches!(read, Ok(_) | Err(Error::Decode { .. })), "{read:?}");
        }
        // Written: either stored, and then read as it was, or refused.
        for at in [NaiveDateTime::MIN, NaiveDateTime::MAX, naive("0000-01-01 00:00:00"), naive("9999-12-31 23:59:59")] {
            let row = Edges { pk: Pk::unset(), naive: Some(at), local: None, day: Some(at.date()), text: None };
            match db.insert(row).await {
                Ok(stored) => {
                    let read = db.get::<Edges>(&stored).await.unwrap().unwrap();
                    assert_eq!((read.naive.unwrap() - at).num_seconds(), 0);
                }
                Err(err) => assert!(matches!(&err, Error::Encode { column, .. } if column == "naive"), "{err:?}"),
            }
            let row = Edges { pk: Pk::unset(), naive: None, local: None, day: None, text: Some(at) };
            // Text has room for the years 0 to 9999, of UTC.
            let fits = match at {
                NaiveDateTime::MIN | NaiveDateTime::MAX => false,
                at if at == naive("0000-01-01 00:00:00") => zone != EAST,
                _ => zone != WEST,
            };
            match db.insert(row).await {
                Ok(stored) => assert!(fits && db.get::<Edges>(&stored).await.unwrap() == Some(stored), "{at}"),
                Err(err) => {
                    assert!(!fits && matches!(&err, Error::Encode { column, .. } if column == "text"), "{err:?}")
                }
            }
            let count = db.select::<Edges>().filter(Edges::TEXT.eq(at) | Edges::NAIVE.eq(at)).count().await;
            assert!(matches!(count, Ok(_) | Err(Error::Encode { .. })), "{count:?}");
        }
        // The earliest date of Python's calendar is an ordinary date.
        let row = db
            .insert(Edges { pk: Pk::unset(), naive: None, local: None, day: Some(date(1, 1, 1)), text: None })
            .await
            .unwrap();
        assert_eq!(db.get::<Edges>(&row).await.unwrap(), Some(row));
    });
}
