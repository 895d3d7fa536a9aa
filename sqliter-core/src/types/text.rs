//! Text and bytes.

use std::borrow::Cow;

use super::{DbType, DecodeError, EncodeError, Ordered, SqlType, Text, utf8};
use crate::input::{self, Invalid};
use crate::validation::View;
use crate::value::{Encoded, ValueRef};

impl DbType for String {
    const SQL_TYPE: SqlType = SqlType::Text;

    #[inline]
    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        Ok(Encoded::Text(Cow::Borrowed(self)))
    }

    #[inline]
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        match value {
            ValueRef::Text(v) => utf8(v).map(str::to_owned),
            other => Err(DecodeError::unexpected("text", other)),
        }
    }

    fn from_input(input: &serde_json::Value, _: bool) -> Result<Self, Invalid> {
        input::string_input(input).map(str::to_owned)
    }

    fn input_schema() -> serde_json::Value {
        serde_json::json!({"type": "string"})
    }

    #[inline]
    fn view(&self) -> View<'_> {
        View::Text(Cow::Borrowed(self))
    }
}
impl Text for String {}
impl Ordered for String {}

impl DbType for char {
    const SQL_TYPE: SqlType = SqlType::Text;

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        Ok(Encoded::Text(Cow::Owned(self.to_string())))
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        let text = match value {
            ValueRef::Text(v) => utf8(v)?,
            other => return Err(DecodeError::unexpected("one character", other)),
        };
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Ok(c),
            _ => Err(DecodeError::unexpected("one character", value)),
        }
    }

    fn from_input(input: &serde_json::Value, _: bool) -> Result<Self, Invalid> {
        input::char_input(input)
    }

    fn input_schema() -> serde_json::Value {
        serde_json::json!({"type": "string", "minLength": 1, "maxLength": 1})
    }
}
impl Ordered for char {}

impl DbType for Vec<u8> {
    const SQL_TYPE: SqlType = SqlType::Blob;

    #[inline]
    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        Ok(Encoded::Blob(Cow::Borrowed(self)))
    }

    #[inline]
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        match value {
            ValueRef::Blob(v) | ValueRef::Text(v) => Ok(v.to_vec()),
            other => Err(DecodeError::unexpected("bytes", other)),
        }
    }

    fn from_input(input: &serde_json::Value, _: bool) -> Result<Self, Invalid> {
        input::bytes_input(input)
    }

    fn input_schema() -> serde_json::Value {
        serde_json::json!({"type": "string", "format": "binary"})
    }
}
impl Ordered for Vec<u8> {}
