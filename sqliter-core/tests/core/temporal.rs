//! The codecs of dates and times.

use chrono::{DateTime, FixedOffset, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use sqliter_core::{ColumnType, Encoding, ManagedTime, Store, Value};
use std::fmt::Debug;

const UTC: bool = false;
const LOCAL: bool = true;

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}
fn at(y: i32, m: u32, d: u32, h: u32, min: u32, micros: u32) -> NaiveDateTime {
    day(y, m, d).and_hms_micro_opt(h, min, 0, micros).unwrap()
}
fn read<T: ColumnType>(value: impl Into<Value>, store: Store) -> Result<T, String> {
    T::from_sql(value.into().as_ref(), Encoding::new(store, UTC)).map_err(|e| e.to_string())
}
/// It is stored as this, and read back as it was.
#[track_caller]
fn both_ways<T: ColumnType + PartialEq + Debug>(value: T, store: Store, form: impl Into<Value>) {
    let form = form.into();
    assert_eq!(value.to_sql(Encoding::new(store, UTC)).unwrap().into_value(), form);
    assert_eq!(read::<T>(form, store), Ok(value));
}

#[test]
fn an_instant_has_a_form_for_each_store() {
    let value = at(2024, 2, 29, 8, 30, 123_456).and_utc();
    both_ways(value, Store::Default, "2024-02-29T08:30:00.123456Z");
    both_ways(value, Store::Text, "2024-02-29T08:30:00.123456Z");
    both_ways(value, Store::Micros, 1_709_195_400_123_456_i64);
    both_ways(at(2024, 2, 29, 8, 30, 123_000).and_utc(), Store::Millis, 1_709_195_400_123_i64);
    both_ways(at(2024, 2, 29, 8, 30, 0).and_utc(), Store::Seconds, 1_709_195_400);
}

#[test]
fn times_before_1970_keep_their_fraction() {
    let value = at(1969, 12, 31, 23, 59, 500_000).and_utc();
    both_ways(value, Store::Micros, -59_500_000);
    both_ways(value, Store::Millis, -59_500);
    // Cut towards the past, as times after 1970 are.
    assert_eq!(value.to_sql(Encoding::new(Store::Seconds, UTC)).unwrap().into_value(), Value::Int(-60));
}

#[test]
fn text_order_is_time_order_from_the_year_0_to_9999() {
    let times =
        [at(0, 1, 1, 0, 0, 0), at(999, 12, 31, 23, 59, 999_999), at(1000, 1, 1, 0, 0, 0), at(9999, 12, 31, 23, 59, 1)];
    let forms = times.map(|t| t.and_utc().to_sql(Encoding::default()).unwrap().into_value().to_string());
    assert_eq!(forms[0], "'0000-01-01T00:00:00.000000Z'");
    assert!(forms.is_sorted() && forms.iter().all(|f| f.len() == forms[0].len()), "{forms:?}");
}

#[test]
fn a_year_of_other_than_four_digits_has_no_text() {
    for year in [-1, 10_000] {
        let message = format!("the year {year} cannot be stored as text: years there are 0000 to 9999");
        let refused = |e: sqliter_core::EncodeError| e.to_string();
        let date = day(year, 1, 1);
        assert_eq!(date.to_sql(Encoding::default()).map_err(refused), Err(message.clone()));
        let instant = date.and_time(NaiveTime::MIN).and_utc();
        assert_eq!(instant.to_sql(Encoding::default()).map_err(refused), Err(message));
        assert!(instant.to_sql(Encoding::new(Store::Micros, UTC)).is_ok());
    }
}

#[test]
fn the_extremes_of_time_are_stored_as_numbers() {
    both_ways(
        NaiveDateTime::MAX.and_utc().with_timezone(&Utc) - chrono::TimeDelta::nanoseconds(999_999_999),
        Store::Seconds,
        8_210_266_876_799_i64,
    );
    both_ways(NaiveDateTime::MIN.and_utc(), Store::Seconds, -8_334_601_228_800_i64);
    both_ways(NaiveDateTime::MIN.and_utc(), Store::Micros, -8_334_601_228_800_000_000_i64);
}

#[test]
fn a_leap_second_is_the_last_microsecond_of_its_minute() {
    let leap = day(2016, 12, 31).and_hms_micro_opt(23, 59, 59, 1_500_000).unwrap().and_utc();
    let form = |store| leap.to_sql(Encoding::new(store, UTC)).unwrap().into_value();
    assert_eq!(form(Store::Default), Value::from("2016-12-31T23:59:59.999999Z"));
    assert_eq!(form(Store::Millis), Value::Int(1_483_228_799_999));
}

#[test]
fn many_texts_of_a_time_are_read() {
    let expected = at(2024, 2, 29, 8, 30, 0).and_utc();
    for text in [
        "2024-02-29T08:30:00Z",
        "2024-02-29T08:30:00.000Z",
        "2024-02-29T10:30:00+02:00",
        "2024-02-29T08:30:00",
        "2024-02-29 08:30:00",
        "2024-02-29 08:30:00.000000",
        "2024-02-29 08:30:00+00:00",
        "2024-02-29 08:30",
        "1709195400",
    ] {
        assert_eq!(read::<DateTime<Utc>>(text, Store::Default), Ok(expected), "{text}");
    }
    assert_eq!(read("2024-02-29", Store::Default), Ok(at(2024, 2, 29, 0, 0, 0).and_utc()));
    assert_eq!(read("1709195400000", Store::Millis), Ok(expected));
}

#[test]
fn a_number_is_taken_in_the_unit_of_the_column_and_in_seconds_where_it_has_none() {
    let expected = at(2024, 2, 29, 8, 30, 0).and_utc();
    assert_eq!(read(1_709_195_400, Store::Default), Ok(expected));
    assert_eq!(read(1_709_195_400, Store::Text), Ok(expected));
    assert_eq!(read(1_709_195_400.0, Store::Seconds), Ok(expected));
    assert_eq!(read(1_709_195_400_000_i64, Store::Millis), Ok(expected));
    // Text is read whatever the column writes.
    assert_eq!(read("2024-02-29T08:30:00Z", Store::Micros), Ok(expected));
}

#[test]
fn what_is_no_time_is_an_error() {
    let misread = |value: Value| read::<DateTime<Utc>>(value, Store::Default).unwrap_err();
    assert_eq!(misread("soon".into()), "expected a date and time, found the text \"soon\"");
    assert_eq!(misread("2024-02-30".into()), "expected a date and time, found the text \"2024-02-30\"");
    assert_eq!(misread(1.5.into()), "expected a date and time, found the number 1.5");
    assert_eq!(misread(i64::MAX.into()), "expected a date and time, found the integer 9223372036854775807");
    assert_eq!(misread(vec![1_u8].into()), "expected a date and time, found a BLOB of 1 bytes");
}

#[test]
fn an_instant_is_the_same_in_every_zone() {
    let here = FixedOffset::east_opt(2 * 3600).unwrap();
    let value = here.with_ymd_and_hms(2024, 2, 29, 10, 30, 0).unwrap();
    both_ways(value, Store::Default, "2024-02-29T08:30:00.000000Z");
    both_ways(value.with_timezone(&Local), Store::Default, "2024-02-29T08:30:00.000000Z");
    let read = read::<DateTime<FixedOffset>>("2024-02-29T08:30:00Z", Store::Default).unwrap();
    assert_eq!(read.offset().local_minus_utc(), 0);
}

#[test]
fn a_date_is_text_or_its_midnight_in_utc() {
    both_ways(day(2024, 2, 29), Store::Default, "2024-02-29");
    both_ways(day(0, 1, 1), Store::Text, "0000-01-01");
    both_ways(day(2024, 2, 29), Store::Seconds, 1_709_164_800);
    both_ways(day(1969, 12, 31), Store::Millis, -86_400_000);
    both_ways(day(2024, 2, 29), Store::Micros, 1_709_164_800_000_000_i64);
    assert_eq!(read("2024-02-29T23:59:59Z", Store::Default), Ok(day(2024, 2, 29)));
    assert_eq!(read("1709164800", Store::Default), Ok(day(2024, 2, 29)));
    assert_eq!(read::<NaiveDate>("x", Store::Default), Err("expected a date, found the text \"x\"".to_owned()));
}

#[test]
fn a_date_never_passes_through_a_zone() {
    for store in [Store::Default, Store::Seconds] {
        let encoding = Encoding::new(store, LOCAL);
        let form = day(2024, 2, 29).to_sql(encoding).unwrap().into_value();
        assert_eq!(form, day(2024, 2, 29).to_sql(Encoding::new(store, UTC)).unwrap().into_value());
        assert_eq!(NaiveDate::from_sql(form.as_ref(), encoding), Ok(day(2024, 2, 29)));
    }
}

#[test]
fn a_time_of_day_has_a_form_for_each_store() {
    let time = |h, m, s, us| NaiveTime::from_hms_micro_opt(h, m, s, us).unwrap();
    both_ways(time(8, 30, 0, 0), Store::Default, "08:30:00.000000");
    both_ways(time(23, 59, 59, 999_999), Store::Text, "23:59:59.999999");
    both_ways(time(0, 0, 0, 0), Store::Seconds, 0);
    both_ways(time(23, 59, 59, 999_000), Store::Millis, 86_399_999);
    both_ways(time(23, 59, 59, 999_999), Store::Micros, 86_399_999_999_i64);
    assert_eq!(read("08:30", Store::Default), Ok(time(8, 30, 0, 0)));
    assert_eq!(read("08:30:01.5", Store::Seconds), Ok(time(8, 30, 1, 500_000)));
    for (wrong, found) in [(86_400, "86400"), (-1, "-1")] {
        let message = format!("expected a time of day, found the integer {found}");
        assert_eq!(read::<NaiveTime>(wrong, Store::Seconds), Err(message));
    }
    assert_eq!(
        read::<NaiveTime>("25:00", Store::Default),
        Err("expected a time of day, found the text \"25:00\"".to_owned())
    );
}

#[test]
fn a_naive_time_is_utc_unless_the_handle_says_local() {
    let value = at(2024, 2, 29, 8, 30, 123_456);
    both_ways(value, Store::Default, "2024-02-29T08:30:00.123456Z");
    both_ways(value, Store::Micros, 1_709_195_400_123_456_i64);
}

/// Run by the test below in a process of its own, where the zone is known.
#[test]
#[ignore = "needs TZ=EST5EDT,M3.2.0,M11.1.0"]
fn a_naive_time_is_local_in_new_york() {
    let local = Encoding::new(Store::Default, LOCAL);
    let form = |t: NaiveDateTime| t.to_sql(local).unwrap().into_value();
    let back = |text: &str| NaiveDateTime::from_sql(Value::from(text).as_ref(), local).unwrap();

    let winter = at(2024, 1, 15, 8, 30, 0);
    assert_eq!(form(winter), Value::from("2024-01-15T13:30:00.000000Z"));
    assert_eq!(back("2024-01-15T13:30:00Z"), winter);
    let summer = at(2024, 7, 15, 23, 0, 0);
    assert_eq!(form(summer), Value::from("2024-07-16T03:00:00.000000Z"));
    assert_eq!(back("2024-07-16T03:00:00Z"), summer);

    // The clock shows 01:30 twice: the first is meant. It never shows 02:30 in spring: it is an hour later then.
    assert_eq!(form(at(2024, 11, 3, 1, 30, 0)), Value::from("2024-11-03T05:30:00.000000Z"));
    assert_eq!(form(at(2024, 3, 10, 2, 30, 0)), Value::from("2024-03-10T07:30:00.000000Z"));
    assert_eq!(back("2024-03-10T07:30:00Z"), at(2024, 3, 10, 3, 30, 0));

    let seconds = Encoding::new(Store::Seconds, LOCAL);
    assert_eq!(winter.to_sql(seconds).unwrap().into_value(), Value::Int(1_705_325_400));
    // Instants and dates do not care.
    assert_eq!(winter.and_utc().to_sql(local).unwrap().into_value(), Value::from("2024-01-15T08:30:00.000000Z"));
}

#[cfg(unix)]
#[test]
fn a_naive_time_is_taken_in_the_zone_of_the_process() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "temporal::a_naive_time_is_local_in_new_york", "--ignored"])
        .env("TZ", "EST5EDT,M3.2.0,M11.1.0")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn a_managed_timestamp_is_seconds_in_either_type() {
    let at = DateTime::<Utc>::from_unix_seconds(1_709_195_400);
    assert_eq!((at.unix_seconds(), at.to_rfc3339().as_str()), (1_709_195_400, "2024-02-29T08:30:00+00:00"));
    assert_eq!((i64::from_unix_seconds(-5), (-5_i64).unix_seconds()), (-5, -5));
}
