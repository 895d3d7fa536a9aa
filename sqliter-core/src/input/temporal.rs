//! Dates and times, by the parser that Pydantic itself uses: the same texts and numbers are taken, and refused with the same
//! words.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde_json::Value;
use speedate::{
    DateConfig, DateTimeConfig, MicrosecondsPrecisionOverflowBehavior, ParseError, TimeConfig, TimestampUnit,
};
use strum::EnumMessage;

use super::Invalid;
use super::numbers::is_big;

const TIME: TimeConfig = TimeConfig {
    microseconds_precision_overflow_behavior: MicrosecondsPrecisionOverflowBehavior::Truncate,
    unix_timestamp_offset: Some(0),
};
const DATETIME: DateTimeConfig = DateTimeConfig { timestamp_unit: TimestampUnit::Infer, time_config: TIME };

fn words(error: &ParseError) -> &'static str {
    error.get_documentation().unwrap_or_default()
}

fn parsing(kind: &'static str, what: &str, error: &'static str) -> Invalid {
    Invalid::new(kind, format!("Input should be {what}, {error}")).with("error", error.into())
}

fn datetime_parsing(error: &'static str) -> Invalid {
    parsing("datetime_parsing", "a valid datetime", error)
}

fn date_parsing(error: &'static str) -> Invalid {
    parsing("date_parsing", "a valid date in the format YYYY-MM-DD", error)
}

/// A date and time from text or a number; `Err(None)` where it is neither.
fn parse(input: &Value, strict: bool) -> Result<speedate::DateTime, Option<&'static str>> {
    let parsed = match input {
        Value::String(s) => speedate::DateTime::parse_bytes_with_config(s.as_bytes(), &DATETIME),
        Value::Number(n) if !strict && !is_big(n) => match (n.as_i64(), n.as_f64()) {
            (Some(v), _) => speedate::DateTime::from_timestamp_with_config(v, 0, &DATETIME),
            (None, Some(v)) if n.is_f64() => speedate::DateTime::from_float_with_config(v, &DATETIME),
            _ => return Err(None),
        },
        _ => return Err(None),
    };
    parsed.map_err(|e| Some(words(&e)))
}

fn parse_date(text: &str) -> Result<speedate::Date, &'static str> {
    let config = DateConfig::builder().timestamp_unit(TimestampUnit::Infer).build();
    speedate::Date::parse_bytes_with_config(text.as_bytes(), &config).map_err(|e| words(&e))
}

fn moment(input: &Value, strict: bool) -> Result<speedate::DateTime, Invalid> {
    let error = match parse(input, strict) {
        Ok(v) => return Ok(v),
        Err(Some(error)) => datetime_parsing(error),
        Err(None) => return Err(Invalid::new("datetime_type", "Input should be a valid datetime")),
    };
    match input {
        // A date is midnight.
        Value::String(s) if !strict => match parse_date(s) {
            Ok(date) => {
                let time = speedate::Time { hour: 0, minute: 0, second: 0, microsecond: 0, tz_offset: None };
                Ok(speedate::DateTime { date, time })
            }
            Err(error) => Err(parsing("datetime_from_date_parsing", "a valid datetime or date", error)),
        },
        _ => Err(error),
    }
}

fn chrono_date(date: &speedate::Date) -> Option<NaiveDate> {
    // Python has no year 0.
    NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into()).filter(|_| date.year > 0)
}

fn chrono_time(time: &speedate::Time) -> Option<NaiveTime> {
    NaiveTime::from_hms_micro_opt(time.hour.into(), time.minute.into(), time.second.into(), time.microsecond)
}

const YEAR_0: &str = "year 0 is out of range";

fn naive(v: &speedate::DateTime) -> Result<NaiveDateTime, Invalid> {
    let time = chrono_time(&v.time);
    chrono_date(&v.date).zip(time).map(|(d, t)| d.and_time(t)).ok_or_else(|| datetime_parsing(YEAR_0))
}

/// Pydantic's `AwareDatetime`: text with a zone, or a number.
pub(crate) fn instant_input(input: &Value, strict: bool) -> Result<DateTime<Utc>, Invalid> {
    let v = moment(input, strict)?;
    let Some(offset) = v.time.tz_offset else {
        return Err(Invalid::new("timezone_aware", "Input should have timezone info"));
    };
    let local = naive(&v)?;
    let utc = local.checked_sub_signed(TimeDelta::seconds(offset.into()));
    utc.map(|v| v.and_utc()).ok_or_else(|| datetime_parsing(YEAR_0))
}

/// Pydantic's `NaiveDatetime`: text without a zone.
pub(crate) fn naive_input(input: &Value, strict: bool) -> Result<NaiveDateTime, Invalid> {
    let v = moment(input, strict)?;
    if v.time.tz_offset.is_some() {
        return Err(Invalid::new("timezone_naive", "Input should not have timezone info"));
    }
    naive(&v)
}

/// A date, or a moment that is midnight.
pub(crate) fn date_input(input: &Value, strict: bool) -> Result<NaiveDate, Invalid> {
    let error = match input {
        Value::String(s) => match parse_date(s) {
            Ok(date) => return chrono_date(&date).ok_or_else(|| date_parsing(YEAR_0)),
            Err(error) => date_parsing(error),
        },
        _ => Invalid::new("date_type", "Input should be a valid date"),
    };
    if strict {
        return Err(error);
    }
    let v = match parse(input, false) {
        Ok(v) => v,
        Err(Some(error)) => return Err(parsing("date_from_datetime_parsing", "a valid date or datetime", error)),
        Err(None) => return Err(error),
    };
    if (v.time.hour, v.time.minute, v.time.second, v.time.microsecond) != (0, 0, 0, 0) {
        let msg = "Datetimes provided to dates should have zero time - e.g. be exact dates";
        return Err(Invalid::new("date_from_datetime_inexact", msg));
    }
    chrono_date(&v.date).ok_or_else(|| date_parsing(YEAR_0))
}

/// A time of day, or seconds since midnight. A column has no room for a zone: one is refused.
pub(crate) fn time_input(input: &Value, strict: bool) -> Result<NaiveTime, Invalid> {
    let of_number = |seconds: i64, micros: u32| {
        let seconds = u32::try_from(seconds.min(u32::MAX.into())).map_err(|_| "time in seconds should be positive")?;
        let time = speedate::Time::from_timestamp_with_config(seconds, micros, &TIME).map_err(|e| words(&e))?;
        Ok(speedate::Time { tz_offset: None, ..time })
    };
    let parsed = match input {
        Value::String(s) => speedate::Time::parse_bytes_with_config(s.as_bytes(), &TIME)
            // A number in quotes is a number.
            .map(|time| if s.contains(':') { time } else { speedate::Time { tz_offset: None, ..time } })
            .map_err(|e| words(&e)),
        Value::Number(n) if !strict => match (n.as_i64().filter(|_| !is_big(n)), n.as_f64()) {
            (Some(v), _) => of_number(v, 0),
            (None, Some(v)) if n.is_f64() => {
                let micros = (v.fract().abs() * 1_000_000.0).round();
                of_number(v.floor() as i64, micros as u32)
            }
            _ => Err(words(&ParseError::TimeTooLarge)),
        },
        _ => return Err(Invalid::new("time_type", "Input should be a valid time")),
    };
    let time = parsed.map_err(|error| parsing("time_parsing", "in a valid time format", error))?;
    if time.tz_offset.is_some() {
        return Err(Invalid::new("timezone_naive", "Input should not have timezone info"));
    }
    chrono_time(&time).ok_or_else(|| Invalid::new("time_type", "Input should be a valid time"))
}
