//! Dates and times.
//!
//! Text by default, of fixed width, so that text order is time order and SQLite's date functions read it:
//! `2024-02-29`, `08:30:00.000000`, `2024-02-29T08:30:00.000000Z`. A column with `store` holds Unix seconds,
//! milliseconds or microseconds instead. Whatever a column writes, it reads both; an integer is taken in the unit that the
//! column has, and in seconds where it has none. Precision is one microsecond.

use std::borrow::Cow;

use chrono::{
    DateTime, Datelike, FixedOffset, Local, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike,
    Utc,
};

use super::{
    Dated, DbType, DecodeError, EncodeError, Encoding, Kind, Literal, Ordered, SqlType, Store, Temporal, utf8,
};
use crate::input::{self, Invalid};
use crate::value::{Encoded, ValueRef};

const DAY: i64 = 86_400;

/// Four-digit years keep the width, and with it the order, of the text.
fn check_year(year: i32) -> Result<(), EncodeError> {
    if (0..=9999).contains(&year) {
        Ok(())
    } else {
        Err(EncodeError::new(format!("the year {year} cannot be stored as text: years there are 0000 to 9999")))
    }
}

/// Microseconds of a second; a leap second is its last microsecond.
fn micros(t: &impl Timelike) -> u32 {
    (t.nanosecond() / 1000).min(999_999)
}

fn encode_utc(v: NaiveDateTime, store: Store) -> Result<Encoded<'static>, EncodeError> {
    let seconds = v.and_utc().timestamp();
    let sub = i64::from(micros(&v));
    let number = match store {
        Store::Seconds => Some(seconds),
        Store::Millis => seconds.checked_mul(1000).map(|s| s + sub / 1000),
        Store::Micros => seconds.checked_mul(1_000_000).and_then(|s| s.checked_add(sub)),
        Store::Default | Store::Text | Store::Pickle => {
            check_year(v.year())?;
            return Ok(Encoded::Text(Cow::Owned(format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{sub:06}Z",
                v.year(),
                v.month(),
                v.day(),
                v.hour(),
                v.minute(),
                v.second(),
            ))));
        }
    };
    number.map(Encoded::Int).ok_or_else(|| EncodeError::new(format!("the time {v} is out of range for its column")))
}

fn from_unix(n: i64, store: Store) -> Option<DateTime<Utc>> {
    match store {
        Store::Millis => DateTime::from_timestamp_millis(n),
        Store::Micros => DateTime::from_timestamp_micros(n),
        _ => DateTime::from_timestamp(n, 0),
    }
}

/// An instant from text with a zone, text without one (taken as UTC), or a number of the column's unit.
fn decode_instant(value: ValueRef<'_>, store: Store) -> Result<DateTime<Utc>, DecodeError> {
    let parsed = match value {
        ValueRef::Int(n) => from_unix(n, store),
        ValueRef::Real(n) if n.fract() == 0.0 && n.abs() < 9e18 => from_unix(n as i64, store),
        ValueRef::Text(text) => parse_instant(utf8(text)?, store),
        _ => None,
    };
    parsed.ok_or_else(|| DecodeError::unexpected("a date and time", value))
}

fn parse_instant(text: &str, store: Store) -> Option<DateTime<Utc>> {
    if let Ok(v) = DateTime::parse_from_rfc3339(text) {
        return Some(v.to_utc());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"] {
        if let Ok(v) = NaiveDateTime::parse_from_str(text, format) {
            return Some(v.and_utc());
        }
    }
    // Python leaves the digits of an optional time as text.
    if let Ok(n) = text.parse() {
        return from_unix(n, store);
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|d| d.and_time(NaiveTime::MIN).and_utc())
}

macro_rules! instants {
    ($($zone:ty, $from:expr;)*) => { $(
        impl DbType for DateTime<$zone> {
            const SQL_TYPE: SqlType = SqlType::Text;
            const KIND: Kind = Kind::Instant;

            fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
                encode_utc(self.naive_utc(), Store::Default)
            }

            fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
                decode_instant(value, Store::Default).map($from)
            }

            fn encode_as(&self, encoding: Encoding) -> Result<Encoded<'_>, EncodeError> {
                encode_utc(self.naive_utc(), encoding.store)
            }

            fn decode_as(value: ValueRef<'_>, encoding: Encoding) -> Result<Self, DecodeError> {
                decode_instant(value, encoding.store).map($from)
            }

            fn from_input(input: &serde_json::Value, strict: bool) -> Result<Self, Invalid> {
                input::instant_input(input, strict).map($from)
            }

            fn input_schema() -> serde_json::Value {
                serde_json::json!({"type": "string", "format": "date-time"})
            }
        }
        impl Ordered for DateTime<$zone> {}
        impl Temporal for DateTime<$zone> {}
        impl Dated for DateTime<$zone> {}
    )* };
}
instants! {
    Utc, |v| v;
    Local, |v| v.with_timezone(&Local);
    FixedOffset, |v| v.fixed_offset();
}

/// A naive time as UTC. Of an hour that the clock shows twice the first is meant; one that it skips moves forward.
fn local_to_utc(v: NaiveDateTime) -> Result<NaiveDateTime, EncodeError> {
    let missing = || EncodeError::new(format!("the local time {v} does not exist in this zone"));
    match Local.from_local_datetime(&v) {
        MappedLocalTime::Single(t) => Ok(t.naive_utc()),
        // chrono does not promise which of the two comes first, and counts the end of the doubled hour to it: only a time
        // that comes back as it went is meant.
        MappedLocalTime::Ambiguous(a, b) => {
            let meant = |t: &DateTime<Local>| t.naive_utc().and_utc().with_timezone(&Local).naive_local() == v;
            let (first, second) = (a.min(b), a.max(b));
            Ok(if meant(&first) { first } else { second }.naive_utc())
        }
        MappedLocalTime::None => {
            let before = v.checked_sub_signed(chrono::TimeDelta::hours(3)).ok_or_else(missing)?;
            let offset = Local.from_local_datetime(&before).earliest().ok_or_else(missing)?.offset().local_minus_utc();
            v.checked_sub_signed(chrono::TimeDelta::seconds(i64::from(offset))).ok_or_else(missing)
        }
    }
}

impl DbType for NaiveDateTime {
    const SQL_TYPE: SqlType = SqlType::Text;
    const KIND: Kind = Kind::Naive;

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        encode_utc(*self, Store::Default)
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        decode_instant(value, Store::Default).map(|v| v.naive_utc())
    }

    fn encode_as(&self, encoding: Encoding) -> Result<Encoded<'_>, EncodeError> {
        let utc = if encoding.local_time { local_to_utc(*self)? } else { *self };
        encode_utc(utc, encoding.store)
    }

    fn decode_as(value: ValueRef<'_>, encoding: Encoding) -> Result<Self, DecodeError> {
        let utc = decode_instant(value, encoding.store)?.naive_utc();
        if !encoding.local_time {
            return Ok(utc);
        }
        let offset = Local.offset_from_utc_datetime(&utc);
        utc.checked_add_offset(offset)
            .ok_or_else(|| DecodeError::new(format!("the time {utc} has no local time: it would be out of range")))
    }

    fn to_literal(&self, store: Store) -> Literal {
        Literal::Naive(*self, store)
    }

    fn from_input(input: &serde_json::Value, strict: bool) -> Result<Self, Invalid> {
        input::naive_input(input, strict)
    }

    fn input_schema() -> serde_json::Value {
        serde_json::json!({"type": "string", "format": "date-time"})
    }
}
impl Ordered for NaiveDateTime {}
impl Temporal for NaiveDateTime {}
impl Dated for NaiveDateTime {}

/// A date never passes through a time zone: what is written is what is read, everywhere.
impl DbType for NaiveDate {
    const SQL_TYPE: SqlType = SqlType::Text;
    const KIND: Kind = Kind::Date;

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        self.encode_as(Encoding::default())
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        Self::decode_as(value, Encoding::default())
    }

    fn encode_as(&self, encoding: Encoding) -> Result<Encoded<'_>, EncodeError> {
        match encoding.store {
            Store::Seconds | Store::Millis | Store::Micros => encode_utc(self.and_time(NaiveTime::MIN), encoding.store),
            Store::Default | Store::Text | Store::Pickle => {
                check_year(self.year())?;
                Ok(Encoded::Text(Cow::Owned(format!("{:04}-{:02}-{:02}", self.year(), self.month(), self.day()))))
            }
        }
    }

    fn decode_as(value: ValueRef<'_>, encoding: Encoding) -> Result<Self, DecodeError> {
        if let ValueRef::Text(text) = value
            && let Ok(date) = NaiveDate::parse_from_str(utf8(text)?, "%Y-%m-%d")
        {
            return Ok(date);
        }
        match decode_instant(value, encoding.store) {
            Ok(v) => Ok(v.date_naive()),
            Err(_) => Err(DecodeError::unexpected("a date", value)),
        }
    }

    fn from_input(input: &serde_json::Value, strict: bool) -> Result<Self, Invalid> {
        input::date_input(input, strict)
    }

    fn input_schema() -> serde_json::Value {
        serde_json::json!({"type": "string", "format": "date"})
    }
}
impl Ordered for NaiveDate {}
impl Temporal for NaiveDate {}
impl Dated for NaiveDate {}

/// A time of day.
impl DbType for NaiveTime {
    const SQL_TYPE: SqlType = SqlType::Text;
    const KIND: Kind = Kind::Time;

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        self.encode_as(Encoding::default())
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        Self::decode_as(value, Encoding::default())
    }

    fn encode_as(&self, encoding: Encoding) -> Result<Encoded<'_>, EncodeError> {
        let seconds = i64::from(self.num_seconds_from_midnight());
        let sub = i64::from(micros(self));
        Ok(match encoding.store {
            Store::Seconds => Encoded::Int(seconds),
            Store::Millis => Encoded::Int(seconds * 1000 + sub / 1000),
            Store::Micros => Encoded::Int(seconds * 1_000_000 + sub),
            Store::Default | Store::Text | Store::Pickle => Encoded::Text(Cow::Owned(format!(
                "{:02}:{:02}:{:02}.{sub:06}",
                self.hour(),
                self.minute(),
                self.second()
            ))),
        })
    }

    fn decode_as(value: ValueRef<'_>, encoding: Encoding) -> Result<Self, DecodeError> {
        let parsed = match value {
            ValueRef::Int(n) => {
                let (unit, nanos) = match encoding.store {
                    Store::Millis => (1000, 1_000_000),
                    Store::Micros => (1_000_000, 1000),
                    _ => (1, 1_000_000_000),
                };
                let (seconds, sub) = (n.div_euclid(unit), n.rem_euclid(unit) * nanos);
                if (0..DAY).contains(&seconds) {
                    NaiveTime::from_num_seconds_from_midnight_opt(seconds as u32, sub as u32)
                } else {
                    None
                }
            }
            ValueRef::Text(text) => {
                let text = utf8(text)?;
                NaiveTime::parse_from_str(text, "%H:%M:%S%.f")
                    .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"))
                    .ok()
            }
            _ => None,
        };
        parsed.ok_or_else(|| DecodeError::unexpected("a time of day", value))
    }

    fn from_input(input: &serde_json::Value, strict: bool) -> Result<Self, Invalid> {
        input::time_input(input, strict)
    }

    fn input_schema() -> serde_json::Value {
        serde_json::json!({"type": "string", "format": "time"})
    }
}
impl Ordered for NaiveTime {}
impl Temporal for NaiveTime {}
