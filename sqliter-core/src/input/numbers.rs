//! Booleans, integers, floats and decimals.

use std::borrow::Cow;

use serde_json::Value;

use super::Invalid;

/// The first float that is no integer of 64 bits.
const LIMIT: f64 = 9_223_372_036_854_775_808.0;

fn bool_parsing() -> Invalid {
    Invalid::new("bool_parsing", "Input should be a valid boolean, unable to interpret input")
}

pub(crate) fn bool_input(input: &Value, strict: bool) -> Result<bool, Invalid> {
    const FALSE: [&str; 6] = ["0", "f", "n", "no", "off", "false"];
    const TRUE: [&str; 6] = ["1", "t", "y", "on", "yes", "true"];
    let number = match input {
        Value::Bool(v) => return Ok(*v),
        Value::String(s) if !strict => {
            let is = |words: [&str; 6]| words.iter().any(|w| s.eq_ignore_ascii_case(w));
            return if is(FALSE) {
                Ok(false)
            } else if is(TRUE) {
                Ok(true)
            } else {
                Err(bool_parsing())
            };
        }
        Value::Number(n) if !strict && !is_big(n) => n.as_f64(),
        _ => None,
    };
    match number {
        Some(0.0) => Ok(false),
        Some(1.0) => Ok(true),
        Some(v) if v.fract() == 0.0 && v.abs() < LIMIT => Err(bool_parsing()),
        _ => Err(Invalid::new("bool_type", "Input should be a valid boolean")),
    }
}

/// Whole numbers of 19 digits and more are big ones for Pydantic's parser, and no booleans or times.
pub(crate) fn is_big(n: &serde_json::Number) -> bool {
    const BIG: u64 = 1_000_000_000_000_000_000;
    n.as_i64().map(i64::unsigned_abs).or_else(|| n.as_u64()).is_some_and(|v| v >= BIG)
}

/// A whole number between two bounds: those of the type, which are rules in Python.
pub(crate) fn integer_input(input: &Value, strict: bool, min: i128, max: i128) -> Result<i128, Invalid> {
    let number = match input {
        Value::Number(n) => match (n.as_i64(), n.as_u64(), n.as_f64()) {
            (Some(v), ..) => i128::from(v),
            (_, Some(v), _) => i128::from(v),
            (.., Some(v)) if !strict => whole(v)?,
            _ => return Err(int_type()),
        },
        Value::Bool(v) if !strict => i128::from(*v),
        Value::String(s) if !strict => parse_integer(s)?,
        _ => return Err(int_type()),
    };
    let beyond = |kind, word, key, bound: i128| {
        let json = i64::try_from(bound).map_or_else(|_| Value::String(bound.to_string()), Value::from);
        Err(Invalid::new(kind, format!("Input should be {word} than or equal to {bound}")).with(key, json))
    };
    if number > max {
        beyond("less_than_equal", "less", "le", max)
    } else if number < min {
        beyond("greater_than_equal", "greater", "ge", min)
    } else {
        Ok(number)
    }
}

fn int_type() -> Invalid {
    Invalid::new("int_type", "Input should be a valid integer")
}

fn too_many_digits() -> Invalid {
    Invalid::new("int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size")
}

fn whole(v: f64) -> Result<i128, Invalid> {
    if !v.is_finite() {
        Err(finite())
    } else if v.fract() != 0.0 {
        Err(Invalid::new("int_from_float", "Input should be a valid integer, got a number with a fractional part"))
    } else if -LIMIT < v && v < LIMIT {
        Ok(v as i128)
    } else {
        Err(too_many_digits())
    }
}

/// As Python's `int(..)`, and `.0` at the end.
fn parse_integer(text: &str) -> Result<i128, Invalid> {
    // Python's own limit.
    const LONGEST: usize = 4300;
    if let Some(v) = digits(text) {
        return if text.len() > LONGEST { Err(too_many_digits()) } else { Ok(v) };
    }
    clean_integer(text).and_then(|clean| digits(&clean)).ok_or_else(|| {
        let msg = "Input should be a valid integer, unable to parse string as an integer";
        Invalid::new("int_parsing", msg)
    })
}

/// A number as JSON writes it; beyond 128 bits the largest of its sign, which no type holds.
fn digits(text: &str) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |d| (true, d));
    let zeros = digits.len() > 1 && digits.starts_with('0');
    if digits.is_empty() || zeros || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(if negative { i128::MIN } else { i128::MAX }))
}

/// Without white space, plus sign, leading zeros, single underscores and a fraction of zeros; `None` when nothing of these
/// was there, or something else is wrong with it.
fn clean_integer(text: &str) -> Option<Cow<'_, str>> {
    let before = text.len();
    let mut s = text.trim();
    if let Some(rest) = s.strip_prefix('+') {
        if rest.starts_with('-') {
            return None;
        }
        s = rest;
    }
    let negative = s.starts_with('-');
    if let Some(rest) = s.strip_prefix('-') {
        if rest.starts_with(['-', '+']) {
            return None;
        }
        s = rest;
    }
    s = without_leading_zeros(s)?;
    if let Some((whole, fraction)) = s.split_once('.')
        && !fraction.is_empty()
        && fraction.bytes().all(|b| b == b'0')
    {
        s = whole;
    }
    let sign = if negative { "-" } else { "" };
    if let Some(plain) = without_underscores(s) {
        return Some(Cow::Owned(format!("{sign}{plain}")));
    }
    if before == s.len() {
        return None;
    }
    Some(if negative { Cow::Owned(format!("-{s}")) } else { Cow::Borrowed(s) })
}

fn without_leading_zeros(s: &str) -> Option<&str> {
    let mut chars = s.char_indices();
    match chars.next()?.1 {
        '0' => {}
        '1'..='9' | '-' => return Some(s),
        _ => return None,
    }
    for (i, c) in chars {
        match c {
            '0' | '_' => {}
            '1'..='9' | '-' => return s.get(i..),
            '.' => return s.get(i - 1..),
            _ => return None,
        }
    }
    s.get(s.len() - 1..)
}

fn without_underscores(s: &str) -> Option<String> {
    let wrong = s.starts_with('_') || s.ends_with('_') || !s.contains('_') || s.contains("__");
    (!wrong).then(|| s.replace('_', ""))
}

fn finite() -> Invalid {
    Invalid::new("finite_number", "Input should be a finite number")
}

/// A float. NaN is refused: a column has no room for it.
pub(crate) fn float_input(input: &Value, strict: bool) -> Result<f64, Invalid> {
    let v = match input {
        Value::Number(n) => n.as_f64(),
        Value::Bool(v) if !strict => Some(if *v { 1.0 } else { 0.0 }),
        Value::String(s) if !strict => {
            let parsed = s.trim().parse().ok();
            let parsed = parsed.or_else(|| without_underscores(s).and_then(|s| s.parse().ok()));
            Some(parsed.ok_or_else(|| {
                Invalid::new("float_parsing", "Input should be a valid number, unable to parse string as a number")
            })?)
        }
        _ => None,
    };
    match v {
        Some(v) if v.is_nan() => Err(finite()),
        Some(v) => Ok(v),
        None => Err(Invalid::new("float_type", "Input should be a valid number")),
    }
}

/// An exact decimal: of a float the shortest digits that mean it.
#[cfg(feature = "rust_decimal")]
pub(crate) fn decimal_input(input: &Value) -> Result<rust_decimal::Decimal, Invalid> {
    use rust_decimal::Decimal;
    let text = match input {
        Value::Number(n) => Cow::Owned(match n.as_f64().filter(|_| n.is_f64()) {
            Some(v) => v.to_string(),
            None => n.to_string(),
        }),
        Value::String(s) => Cow::Borrowed(s.trim()),
        _ => {
            let msg = "Decimal input should be an integer, float, string or Decimal object";
            return Err(Invalid::new("decimal_type", msg));
        }
    };
    // Python's constructor leaves out every underscore, wherever it stands.
    let plain = text.replace('_', "");
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
    // NaN may be a numbered one.
    let word = unsigned.trim_end_matches(|c: char| c.is_ascii_digit());
    if ["nan", "snan"].iter().any(|w| word.eq_ignore_ascii_case(w))
        || ["inf", "infinity"].iter().any(|w| unsigned.eq_ignore_ascii_case(w))
    {
        return Err(finite());
    }
    let well_formed = {
        let (number, exponent) = plain.split_once(['e', 'E']).map_or((&*plain, None), |(n, e)| (n, Some(e)));
        let number = number.strip_prefix(['+', '-']).unwrap_or(number);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let exponent = exponent.map(|e| e.strip_prefix(['+', '-']).unwrap_or(e));
        (!whole.is_empty() || !fraction.is_empty())
            && digits(whole)
            && digits(fraction)
            && exponent.is_none_or(|e| !e.is_empty() && digits(e))
    };
    if !well_formed {
        return Err(Invalid::new("decimal_parsing", "Input should be a valid decimal"));
    }
    let plain = plain.strip_prefix('+').unwrap_or(&plain);
    let parsed = Decimal::from_scientific(plain).ok().filter(|_| plain.contains(['e', 'E']));
    parsed.or_else(|| Decimal::from_str_exact(plain).ok()).ok_or_else(|| {
        let msg = "Decimal input should have no more than 28 digits in total";
        Invalid::new("decimal_max_digits", msg).with("max_digits", 28.into())
    })
}
