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
    uuid::Uuid::parse_str(s).map_err(|e| {
        let error = e.to_string();
        Invalid::new("uuid_parsing", format!("Input should be a valid UUID, {error}")).with("error", error.into())
    })
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
