//! Text and bytes.

use std::borrow::Cow;

use super::{DbType, DecodeError, EncodeError, Ordered, SqlType, Text, utf8};
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
}
impl Ordered for Vec<u8> {}
