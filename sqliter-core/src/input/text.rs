//! Text, bytes, UUIDs and the enums of `#[derive(DbEnum)]`.

use serde_json::{Value, json};

use super::Invalid;
use super::numbers::integer_input;
use crate::types::{DbEnum, SqlType};
use crate::validation::{choices, repr};
use crate::value::ValueRef;

pub(crate) fn string_input(input: &Value) -> Result<&str, Invalid> {
    match input {
        Value::String(s) => Ok(s),
        _ => Err(Invalid::new("string_type", "Input should be a valid string")),
    }
}

/// In Python this is a string with both lengths 1.
pub(crate) fn char_input(input: &Value) -> Result<char, Invalid> {
    let mut chars = string_input(input)?.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(c),
        (None, _) => {
            let msg = "String should have at least 1 character";
            Err(Invalid::new("string_too_short", msg).with("min_length", 1.into()))
        }
        _ => {
            let msg = "String should have at most 1 character";
            Err(Invalid::new("string_too_long", msg).with("max_length", 1.into()))
        }
    }
}

pub(crate) fn bytes_input(input: &Value) -> Result<Vec<u8>, Invalid> {
    match input {
        Value::String(s) => Ok(s.clone().into_bytes()),
        _ => Err(Invalid::new("bytes_type", "Input should be a valid bytes")),
    }
}

#[cfg(feature = "uuid")]
pub(crate) fn uuid_input(input: &Value) -> Result<uuid::Uuid, Invalid> {
    let Value::String(s) = input else {
        return Err(Invalid::new("uuid_type", "UUID input should be a string, bytes or UUID object"));
    };
    // The prefix is taken in lower case only.
    let parsed = uuid::Uuid::try_parse(s).ok().filter(|_| !s.starts_with(['U', 'u']) || s.starts_with("urn:uuid:"));
    parsed.ok_or_else(|| {
        let error = uuid_error(s);
        Invalid::new("uuid_parsing", format!("Input should be a valid UUID, {error}")).with("error", error.into())
    })
}

/// What is wrong with a UUID, in the words of the version of the crate `uuid` that Pydantic has.
#[cfg(feature = "uuid")]
fn uuid_error(text: &str) -> String {
    const STARTS: [usize; 5] = [0, 9, 14, 19, 24];
    const LENGTHS: [usize; 5] = [8, 4, 4, 4, 12];
    let braced = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
    let urn = text.strip_prefix("urn:uuid:");
    let (text, inside, offset) = match (text.len(), braced, urn) {
        // Of the right length, only what is inside is looked at.
        (38, Some(inside), _) | (45, _, Some(inside)) => (inside, inside, 0),
        (_, Some(inside), _) => (text, inside, 1),
        (_, _, Some(inside)) => (text, inside, 9),
        _ => (text, text, 0),
    };
    if let Some((at, c)) = inside.char_indices().find(|(_, c)| *c != '-' && !c.is_ascii_hexdigit()) {
        return format!("invalid character: found `{c}` at {}", at + offset + 1);
    }
    let hyphens: Vec<usize> = inside.match_indices('-').map(|(i, _)| i).collect();
    if hyphens.is_empty() && offset == 0 {
        return format!("invalid length: expected length 32 for simple format, found {}", text.len());
    }
    if hyphens.len() != 4 {
        return format!("invalid group count: expected 5, found {}", hyphens.len() + 1);
    }
    let wrong = (0..4).find(|i| hyphens[*i] + 1 != STARTS[i + 1]).unwrap_or(4);
    let end = hyphens.get(wrong).copied().unwrap_or(text.len());
    let found = end.saturating_sub(STARTS[wrong]);
    format!("invalid group length in group {wrong}: expected {}, found {found}", LENGTHS[wrong])
}

fn expected<T: DbEnum>(numbers: &[i64]) -> String {
    if T::SQL_TYPE == SqlType::Integer {
        choices(numbers.iter().map(ToString::to_string))
    } else {
        choices(T::VARIANTS.iter().map(|v| repr(&json!(v))))
    }
}

/// A variant by its stored form. `numbers` are the discriminants of an enum that is stored as them.
#[doc(hidden)]
pub fn enum_input<T: DbEnum>(input: &Value, strict: bool, numbers: &[i64]) -> Result<T, Invalid> {
    let found = if T::SQL_TYPE == SqlType::Integer {
        let number = integer_input(input, strict, i64::MIN.into(), i64::MAX.into()).ok();
        number.and_then(|n| T::decode(ValueRef::Int(n as i64)).ok())
    } else {
        input.as_str().and_then(|s| T::decode(ValueRef::Text(s.as_bytes())).ok())
    };
    found.ok_or_else(|| {
        let expected = expected::<T>(numbers);
        Invalid::new("enum", format!("Input should be {expected}")).with("expected", expected.into())
    })
}

/// The JSON Schema of an enum.
#[doc(hidden)]
pub fn enum_schema<T: DbEnum>(numbers: &[i64]) -> Value {
    if T::SQL_TYPE == SqlType::Integer {
        json!({"enum": numbers, "type": "integer"})
    } else {
        json!({"enum": T::VARIANTS, "type": "string"})
    }
}
