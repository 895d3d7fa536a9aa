//! Comparisons with constants of every type: each in the form of its column.

use crate::fixtures::{Event, filtered, params, refusal, says};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use sqliter_core::sql::{Sqlite, count_sql};
use sqliter_core::{Error, Json, Value};

fn naive() -> NaiveDateTime {
    day().and_time(clock())
}
fn instant() -> DateTime<Utc> {
    naive().and_utc()
}
fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 2, 29).unwrap()
}
fn clock() -> NaiveTime {
    NaiveTime::from_hms_micro_opt(8, 30, 0, 123_456).unwrap()
}

#[test]
fn an_instant_has_the_form_of_its_column() {
    says(Event::AT.lt(instant()), r#""at" < ?1"#, params!["2024-02-29T08:30:00.123456Z"]);
    says(Event::AT_S.lt(instant()), r#""at_s" < ?1"#, params![1_709_195_400]);
    says(Event::AT_MS.lt(instant()), r#""at_ms" < ?1"#, params![1_709_195_400_123_i64]);
    says(Event::AT_US.lt(instant()), r#""at_us" < ?1"#, params![1_709_195_400_123_456_i64]);
    says(Event::AT_S.is_in([instant()]), r#""at_s" IN (?1)"#, params![1_709_195_400]);
    says(Event::UNTIL.gte(instant()), r#""until" >= ?1"#, params!["2024-02-29T08:30:00.123456Z"]);
    says(Event::UNTIL.eq(None), r#""until" IS NULL"#, params![]);
}

#[test]
fn a_computed_value_keeps_the_form_of_its_column() {
    says(
        Event::UNTIL.coalesce(instant()).eq(instant()),
        r#"coalesce("until", ?1) = ?2"#,
        params!["2024-02-29T08:30:00.123456Z", "2024-02-29T08:30:00.123456Z"],
    );
    says(
        Event::AT_S.coalesce(instant()).lt(instant() + TimeDelta::seconds(1)),
        r#"coalesce("at_s", ?1) < ?2"#,
        params![1_709_195_400, 1_709_195_401],
    );
}

#[test]
fn dates_and_times_of_day_have_the_form_of_their_column() {
    says(Event::DAY.eq(day()), r#""day" = ?1"#, params!["2024-02-29"]);
    says(Event::DAY_S.eq(day()), r#""day_s" = ?1"#, params![1_709_164_800]);
    says(Event::CLOCK.gt(clock()), r#""clock" > ?1"#, params!["08:30:00.123456"]);
    says(Event::CLOCK_MS.gt(clock()), r#""clock_ms" > ?1"#, params![30_600_123]);
}

#[test]
fn a_naive_time_is_utc_when_the_handle_says_so() {
    says(Event::NAIVE.eq(naive()), r#""naive" = ?1"#, params!["2024-02-29T08:30:00.123456Z"]);
    says(Event::NAIVE_S.eq(naive()), r#""naive_s" = ?1"#, params![1_709_195_400]);
}

#[test]
fn numbers_are_bound_in_the_type_of_their_column() {
    says(Event::LEVEL.eq(200), r#""level" = ?1"#, params![200]);
    says(Event::TOTAL.eq(i64::MAX as u64), r#""total" = ?1"#, params![i64::MAX]);
    says(Event::RATIO.lt(0.1), r#""ratio" < ?1"#, params![f64::from(0.1_f32)]);
    says(Event::RATIO.lt(f32::INFINITY), r#""ratio" < ?1"#, params![f64::INFINITY]);
}

#[test]
fn bytes_characters_and_json_are_bound_as_they_are_stored() {
    says(Event::DIGEST.eq(vec![1, 2]), r#""digest" = ?1"#, vec![Value::Blob(vec![1, 2])]);
    says(Event::GRADE.gte('b'), r#""grade" >= ?1"#, params!["b"]);
    says(Event::TAGS.eq(Json(vec!["a\"b".to_owned()])), r#""tags" = ?1"#, params![r#"["a\"b"]"#]);
}

#[cfg(feature = "uuid")]
#[test]
fn a_uuid_is_bound_as_hyphenated_text() {
    let token = uuid::Uuid::from_u128(0xA1);
    says(Event::TOKEN.eq(token), r#""token" = ?1"#, params!["00000000-0000-0000-0000-0000000000a1"]);
}

#[cfg(feature = "rust_decimal")]
#[test]
fn equal_decimals_are_bound_as_equal_text() {
    for cost in [rust_decimal::Decimal::new(150, 2), rust_decimal::Decimal::new(15, 1)] {
        says(Event::COST.eq(cost), r#""cost" = ?1"#, params!["1.5"]);
    }
}

#[test]
fn a_constant_that_has_no_stored_form_names_its_column() {
    let err = refusal(Event::TOTAL.lt(u64::MAX));
    assert_eq!(
        err.to_string(),
        "Cannot store column 'total' of table 'events': the `u64` 18446744073709551615 does not fit a column: \
         integers there have 64 bits and a sign"
    );
    let far = NaiveDate::from_ymd_opt(12_000, 1, 1).unwrap();
    assert_eq!(
        refusal(Event::DAY.eq(far)).to_string(),
        "Cannot store column 'day' of table 'events': the year 12000 cannot be stored as text: years there are 0000 to 9999"
    );
    says(Event::DAY_S.eq(far), r#""day_s" = ?1"#, params![316_516_204_800_i64]);
    assert!(
        matches!(refusal(Event::NAIVE.eq(far.and_time(clock()))), Error::Encode { column, .. } if column == "naive")
    );
}

#[test]
fn a_naive_constant_waits_for_the_setting_of_the_handle() {
    let plan = filtered(Event::NAIVE_S.eq(naive()));
    let local = count_sql(&plan, &Sqlite, true).unwrap().params;
    let expected = naive().and_local_timezone(chrono::Local).earliest().unwrap().timestamp();
    assert_eq!(local, params![expected]);
}
