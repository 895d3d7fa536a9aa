//! UUIDs: hyphenated lower-case text, in which text order is byte order; 16-byte BLOBs are read too.

use ::uuid::Uuid;

use super::{DbType, DecodeError, EncodeError, Ordered, SqlType, utf8};
use crate::input::{self, Invalid};
use crate::value::{Encoded, ValueRef};

impl DbType for Uuid {
    const SQL_TYPE: SqlType = SqlType::Text;

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        Ok(Encoded::Text(self.hyphenated().to_string().into()))
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        let parsed = match value {
            ValueRef::Text(v) => Uuid::try_parse(utf8(v)?).ok(),
            ValueRef::Blob(v) => Uuid::from_slice(v).ok(),
            _ => None,
        };
        parsed.ok_or_else(|| DecodeError::unexpected("a UUID", value))
    }

    fn from_input(input: &serde_json::Value, _: bool) -> Result<Self, Invalid> {
        input::uuid_input(input)
    }

    fn input_schema() -> serde_json::Value {
        serde_json::json!({"type": "string", "format": "uuid"})
    }
}
impl Ordered for Uuid {}
