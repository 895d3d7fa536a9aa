//! Dates and times in time zones west and east of UTC: each test runs again in a child of each zone.

use std::process::Command;

use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use sqliter_async::prelude::*;

use crate::support::{Clock, File, raw, raw_execute};

/// POSIX rules, which need no files of the machine, and their offsets from UTC in January and July, in minutes.
const ZONES: [(&str, i32, i32); 3] = [("EST5EDT,M3.2.0,M11.1.0", -300, -240), ("IST-5:30", 330, 330), ("UTC0", 0, 0)];
const CHILD: &str = "SQLITER_TEST_ZONE";

/// Runs a test, by its whole name, in a child process of each zone; in the child it runs the test itself.
pub fn in_each_zone(name: &str, test: impl AsyncFn(&str)) {
    if let Ok(zone) = std::env::var(CHILD) {
        let (_, january, july) = *ZONES.iter().find(|(z, ..)| *z == zone).unwrap();
        for (month, minutes) in [(1, january), (7, july)] {
            let noon = date(2024, month, 15).and_time(NaiveTime::MIN) + TimeDelta::hours(12);
            assert_eq!(Local.offset_from_utc_datetime(&noon).fix().local_minus_utc(), minutes * 60, "{zone}");
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(test(&zone));
    }
    for (zone, ..) in ZONES {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", name, "--include-ignored", "--nocapture"]).env("TZ", zone).env(CHILD, zone);
        let output = child.output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && said.contains("1 passed"), "in {zone}: {said}");
    }
}

pub const WEST: &str = ZONES[0].0;
pub const EAST: &str = ZONES[1].0;

pub fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

pub fn naive(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap()
}

pub async fn handles() -> [SqliterDb; 2] {
    let memory = |local| SqliterDb::builder().memory().return_local_time(local).create();
    [memory(true).await.unwrap(), memory(false).await.unwrap()]
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Days {
    pk: Pk<Self>,
    day: NaiveDate,
    maybe: Option<NaiveDate>,
    #[field(store = "seconds")]
    unix: NaiveDate,
    #[field(store = "seconds")]
    maybe_unix: Option<NaiveDate>,
}

/// TIME-7, TIME-11
#[test]
fn dates_never_drift() {
    in_each_zone("zones::dates_never_drift", async |_| {
        for db in handles().await {
            db.create_table::<Days>().await.unwrap();
            for day in [date(2024, 3, 10), date(2024, 2, 29), date(1970, 1, 1), date(1969, 12, 31), date(1, 1, 1)] {
                let row = Days { pk: Pk::unset(), day, maybe: Some(day), unix: day, maybe_unix: Some(day) };
                let stored = db.insert(row).await.unwrap();
                let before = raw(&db, "SELECT day || maybe || unix || maybe_unix FROM days").await;
                assert!(before[0].starts_with(&format!("{day}{day}")), "{before:?}");
                for _ in 0..3 {
                    let mut read = db.get::<Days>(&stored).await.unwrap().unwrap();
                    assert_eq!(read, stored);
                    db.update(&mut read).await.unwrap();
                    let all = db.select::<Days>();
                    all.update((Days::DAY.set(read.day), Days::MAYBE.set(read.maybe), Days::UNIX.set(read.unix)))
                        .await
                        .unwrap();
                }
                assert_eq!(raw(&db, "SELECT day || maybe || unix || maybe_unix FROM days").await, before);
                let found = Days::DAY.eq(day) & Days::MAYBE.eq(day) & Days::UNIX.eq(day) & Days::MAYBE_UNIX.eq(day);
                assert_eq!(db.select::<Days>().filter(found).delete().await.unwrap(), 1, "{day}");
            }
        }
    });
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Naives {
    pk: Pk<Self>,
    naive: NaiveDateTime,
    maybe: Option<NaiveDateTime>,
    #[field(store = "seconds")]
    unix: NaiveDateTime,
    #[field(store = "micros")]
    maybe_micros: Option<NaiveDateTime>,
}

fn naives(at: NaiveDateTime) -> Naives {
    Naives { pk: Pk::unset(), naive: at, maybe: Some(at), unix: at, maybe_micros: Some(at) }
}

/// All four columns compared with a time, in the typed and the string form.
fn same(at: NaiveDateTime) -> [sqliter_async::Filter<Naives>; 3] {
    [
        Naives::NAIVE.eq(at) & Naives::MAYBE.eq(at) & Naives::UNIX.eq(at) & Naives::MAYBE_MICROS.eq(at),
        lookup("naive", at) & lookup("maybe__gte", at) & lookup("unix__lte", at) & lookup("maybe_micros", at),
        Naives::NAIVE.is_in([at]) & Naives::UNIX.between(at, at) & !Naives::MAYBE.ne(at),
    ]
}

/// TIME-6, TIME-11
#[test]
fn naive_times_are_local_or_utc_as_the_handle_says() {
    in_each_zone("zones::naive_times_are_local_or_utc_as_the_handle_says", async |zone| {
        let file = File::new();
        let open = |local| SqliterDb::builder().filename(&file.path).return_local_time(local).create();
        let (local, utc) = (open(true).await.unwrap(), open(false).await.unwrap());
        local.create_table::<Naives>().await.unwrap();
        for (at, west, east) in [
            ("2024-01-15 20:30:00", "2024-01-16T01:30:00", "2024-01-15T15:00:00"),
            ("2024-07-15 02:00:00", "2024-07-15T06:00:00", "2024-07-14T20:30:00"),
            ("1969-12-31 19:00:00", "1970-01-01T00:00:00", "1969-12-31T13:30:00"),
        ] {
            let at = naive(at);
            let stored = local.insert(naives(at)).await.unwrap();
            assert_eq!(local.get::<Naives>(&stored).await.unwrap(), Some(stored.clone()));
            let instant = match zone {
                WEST => west.to_owned(),
                EAST => east.to_owned(),
                _ => at.format("%Y-%m-%dT%H:%M:%S").to_string(),
            };
            // One encoding whatever the handle: UTC.
            assert_eq!(raw(&local, "SELECT naive FROM naives").await, [format!("{instant}.000000Z")]);
            assert_eq!(
                raw(&local, "SELECT strftime('%Y-%m-%dT%H:%M:%S', unix, 'unixepoch') FROM naives").await,
                [instant.as_str()]
            );
            let in_utc = naive(&instant.replace('T', " "));
            assert_eq!(
                utc.get::<Naives>(&stored).await.unwrap().unwrap(),
                Naives { pk: stored.pk.clone(), ..naives(in_utc) }
            );
            for (db, at) in [(&local, at), (&utc, in_utc)] {
                for filter in same(at) {
                    assert_eq!(db.select::<Naives>().filter(filter.clone()).count().await.unwrap(), 1, "{filter:?}");
                }
                // Written by a query, it is what it was.
                let all = db.select::<Naives>();
                let all_columns =
                    (Naives::NAIVE.set(at), assign("maybe", at), Naives::UNIX.set(at), assign("maybe_micros", at));
                assert_eq!(all.update(all_columns).await.unwrap(), 1);
                assert_eq!(local.get::<Naives>(&stored).await.unwrap(), Some(stored.clone()));
            }
            local.delete::<Naives>(&stored).await.unwrap();
            let bulk = utc.bulk_insert((0..120).map(|_| naives(in_utc))).await.unwrap();
            assert_eq!(local.get::<Naives>(&bulk[119]).await.unwrap().unwrap().naive, at);
            utc.select::<Naives>().delete().await.unwrap();
        }
    });
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Zoned {
    pk: Pk<Self>,
    utc: DateTime<Utc>,
    local: DateTime<Local>,
    maybe: Option<DateTime<Local>>,
}

/// TIME-6
#[test]
fn the_type_of_a_field_decides_the_zone_of_an_instant() {
    in_each_zone("zones::the_type_of_a_field_decides_the_zone_of_an_instant", async |zone| {
        let at = Utc.with_ymd_and_hms(2024, 7, 15, 1, 30, 0).unwrap();
        let hour = match zone {
            WEST => "2024-07-14T21:30:00-04:00",
            EAST => "2024-07-15T07:00:00+05:30",
            _ => "2024-07-15T01:30:00+00:00",
        };
        for db in handles().await {
            db.create_table::<Zoned>().await.unwrap();
            let local = at.with_timezone(&Local);
            let row = db.insert(Zoned { pk: Pk::unset(), utc: at, local, maybe: Some(local) }).await.unwrap();
            let read = db.get::<Zoned>(&row).await.unwrap().unwrap();
            assert_eq!(read, row);
            assert_eq!(read.utc.to_rfc3339(), "2024-07-15T01:30:00+00:00");
            assert_eq!((read.local.to_rfc3339().as_str(), read.maybe.unwrap().to_rfc3339().as_str()), (hour, hour));
            assert_eq!(
                raw(&db, "SELECT DISTINCT utc || local || maybe FROM zoneds").await[0].matches("01:30:00").count(),
                3
            );
        }
    });
}

/// TIME-6
#[test]
fn the_hour_that_is_skipped_and_the_hour_that_comes_twice_are_stored() {
    in_each_zone("zones::the_hour_that_is_skipped_and_the_hour_that_comes_twice_are_stored", async |zone| {
        let [local, utc] = handles().await;
        for db in [&local, &utc] {
            db.create_table::<Naives>().await.unwrap();
        }
        for (at, west, read_in_west) in [
            // Skipped: the clock went from 2:00 to 3:00. It is the time after as many minutes.
            ("2024-03-10 02:30:00", "2024-03-10T07:30:00", "2024-03-10 03:30:00"),
            ("2024-03-10 01:59:59", "2024-03-10T06:59:59", "2024-03-10 01:59:59"),
            ("2024-03-10 03:00:00", "2024-03-10T07:00:00", "2024-03-10 03:00:00"),
            // Twice: the first is meant.
            ("2024-11-03 01:30:00", "2024-11-03T05:30:00", "2024-11-03 01:30:00"),
            ("2024-11-03 00:59:59", "2024-11-03T04:59:59", "2024-11-03 00:59:59"),
            ("2024-11-03 02:00:01", "2024-11-03T07:00:01", "2024-11-03 02:00:01"),
        ] {
            let stored = local.insert(naives(naive(at))).await.unwrap();
            let expected = if zone == WEST { naive(read_in_west) } else { naive(at) };
            let read = local.get::<Naives>(&stored).await.unwrap().unwrap();
            assert_eq!(read, Naives { pk: stored.pk.clone(), ..naives(expected) }, "{at}");
            if zone == WEST {
                assert_eq!(raw(&local, "SELECT naive FROM naives").await, [format!("{west}.000000Z")], "{at}");
            }
            // Found by the time that was written and by the one that is read.
            for at in [naive(at), expected] {
                for filter in same(at) {
                    assert_eq!(local.select::<Naives>().filter(filter).count().await.unwrap(), 1, "{at}");
                }
            }
            local.delete::<Naives>(&stored).await.unwrap();
            // In UTC there are no such hours.
            let stored = utc.insert(naives(naive(at))).await.unwrap();
            assert_eq!(utc.get::<Naives>(&stored).await.unwrap().unwrap().naive, naive(at));
        }
        // The second of the two hours can be read too, and keeps its place among the instants.
        if zone == WEST {
            raw_execute(
                &local,
                "INSERT INTO naives VALUES (9, 0, 0, '2024-11-03T06:30:00.000000Z', NULL, 1730615400, NULL)",
            )
            .await;
            let second = local.get::<Naives>(9).await.unwrap().unwrap();
            assert_eq!((second.naive, second.unix), (naive("2024-11-03 01:30:00"), naive("2024-11-03 01:30:00")));
        }
    });
}

// 2:00:00 is stored as 1:00:00. Only a reading whose offset is the one at that instant is meant.
#[test]
fn the_second_after_the_hour_that_comes_twice_is_itself() {
    in_each_zone("zones::the_second_after_the_hour_that_comes_twice_is_itself", async |_| {
        let [db, _] = handles().await;
        db.create_table::<Naives>().await.unwrap();
        let stored = db.insert(naives(naive("2024-11-03 02:00:00"))).await.unwrap();
        assert_eq!(db.get::<Naives>(&stored).await.unwrap(), Some(stored));
    });
}

/// TIME-9
#[test]
fn a_stored_value_that_is_no_date_is_a_typed_error() {
    in_each_zone("zones::a_stored_value_that_is_no_date_is_a_typed_error", async |_| {
        for db in handles().await {
            db.create_tables::<(Days, Naives)>().await.unwrap();
            let day = db
                .insert(Days {
                    pk: Pk::unset(),
                    day: date(2024, 1, 1),
                    maybe: None,
                    unix: date(2024, 1, 1),
                    maybe_unix: None,
                })
                .await
                .unwrap();
            let time = db.insert(naives(naive("2024-01-01 00:00:00"))).await.unwrap();
            for bad in
                ["'soon'", "''", "x'00'", "1.5", "'2024-13-01'", "'2023-02-29'", "'2024-01-01T25:00:00Z'", "9e99"]
            {
                for column in ["day", "maybe", "unix", "maybe_unix"] {
                    raw_execute(&db, &format!("UPDATE days SET day = '2024-01-01', maybe = NULL, unix = 0, maybe_unix = NULL; UPDATE days SET {column} = {bad}")).await;
                    let err = db.get::<Days>(&day).await.unwrap_err();
                    assert!(
                        err.to_string().contains(&format!("column '{column}' of table 'days' (key 1)")),
                        "{bad}: {err}"
                    );
                    assert!(matches!(err, Error::Decode { .. }), "{err:?}");
                }
                raw_execute(&db, &format!("UPDATE naives SET maybe = {bad}")).await;
                let err = db.get::<Naives>(&time).await.unwrap_err();
                assert!(err.to_string().contains("column 'maybe' of table 'naives' (key 1)"), "{bad}: {err}");
            }
        }
    });
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Stamps {
    pk: Pk<Self>,
    created_at: DateTime<Utc>,
    updated_at: i64,
}

/// TIME-3
#[test]
fn timestamps_are_whole_seconds_of_utc_that_the_program_sets() {
    static CLOCK: Clock = Clock::at(0);
    in_each_zone("zones::timestamps_are_whole_seconds_of_utc_that_the_program_sets", async |_| {
        for local in [true, false] {
            CLOCK.set(1_710_053_999);
            let db =
                SqliterDb::builder().memory().clock(|| CLOCK.now()).return_local_time(local).create().await.unwrap();
            db.create_table::<Stamps>().await.unwrap();
            let mut row = Stamps::builder().insert(&db).await.unwrap();
            assert_eq!(row.created_at, Utc.with_ymd_and_hms(2024, 3, 10, 6, 59, 59).unwrap());
            CLOCK.set(1_710_054_001);
            db.update(&mut row).await.unwrap();
            let stored = raw(&db, "SELECT typeof(created_at) || created_at || ' ' || updated_at FROM stamps").await;
            assert_eq!(stored, ["integer1710053999 1710054001"]);
            // The file itself sets nothing and refuses nothing.
            raw_execute(&db, "UPDATE stamps SET created_at = 5, updated_at = -1").await;
            let read = db.get::<Stamps>(&row).await.unwrap().unwrap();
            assert_eq!((read.created_at.timestamp(), read.updated_at), (5, -1));
        }
    });
}
