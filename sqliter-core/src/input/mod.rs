//! From JSON to values, with Pydantic's lax conversions.
//!
//! [`DbType::from_input`](crate::DbType::from_input) reads one scalar, [`FromInput`] what may stand inside a container; any
//! other type is read by serde. Whether a value follows the rules of its field is for [`crate::validation`] to say.

mod access;
mod containers;
mod field;
mod keys;
mod lax;
mod model;
mod numbers;
mod schema;
mod stand_in;
#[cfg(feature = "chrono")]
mod temporal;
mod text;

pub use containers::FromInput;
pub use field::{Probe, ViaInput, ViaSerde};
pub(crate) use field::{read_scalar, seconds_input};
pub use model::{InputOptions, ModelInput, Part};
pub(crate) use model::{from_json, from_value};
pub use schema::SchemaPart;
pub(crate) use schema::{model_schema, nullable};

#[cfg(feature = "rust_decimal")]
pub(crate) use numbers::decimal_input;
pub(crate) use numbers::{bool_input, float_input, integer_input};
#[cfg(feature = "chrono")]
pub(crate) use temporal::{date_input, instant_input, naive_input, time_input};
#[cfg(feature = "uuid")]
pub(crate) use text::uuid_input;
pub(crate) use text::{bytes_input, char_input, string_input};
pub use text::{enum_input, enum_schema};

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use crate::types::DbType;
use crate::validation::{LocItem, Reader};
use crate::value::ValueRef;

/// What is wrong with one value, without the place where it stood.
#[derive(Debug, Clone, PartialEq)]
pub struct Invalid {
    pub(crate) kind: Cow<'static, str>,
    pub(crate) msg: String,
    pub(crate) ctx: Map<String, Value>,
}

impl Invalid {
    /// An error of this type, with this message.
    pub fn new(kind: impl Into<Cow<'static, str>>, msg: impl Into<String>) -> Self {
        Invalid { kind: kind.into(), msg: msg.into(), ctx: Map::new() }
    }

    /// Pydantic's `value_error`: what a custom check says.
    pub fn value_error(error: impl fmt::Display) -> Self {
        let error = error.to_string();
        Invalid::new("value_error", format!("Value error, {error}")).with("error", error.into())
    }

    /// The same, with a value for `ctx`.
    #[must_use]
    pub fn with(mut self, key: &str, value: Value) -> Self {
        self.ctx.insert(key.to_owned(), value);
        self
    }

    pub(crate) fn missing() -> Self {
        Invalid::new("missing", "Field required")
    }
}

/// What a user's own type takes unless it says otherwise: a stored form.
pub(crate) fn decode_input<T: DbType>(input: &Value) -> Result<T, Invalid> {
    let stored = match input {
        Value::Bool(v) => ValueRef::Int(i64::from(*v)),
        Value::String(v) => ValueRef::Text(v.as_bytes()),
        Value::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(v), _) => ValueRef::Int(v),
            (None, Some(v)) => ValueRef::Real(v),
            (None, None) => return Err(Invalid::value_error("the number is out of range")),
        },
        Value::Null => return Err(Invalid::value_error("expected a value, found null")),
        Value::Array(_) | Value::Object(_) => {
            return Err(Invalid::value_error("expected a number, a boolean or a string"));
        }
    };
    T::decode(stored).map_err(Invalid::value_error)
}

/// A container behind an alias, where the derive cannot see that it is one: the first of its errors.
pub(crate) fn read_by_serde<T: serde::de::DeserializeOwned>(input: &Value, strict: bool) -> Result<T, Invalid> {
    let mut reader = Reader::new("");
    reader.column(None, strict);
    lax::read(input, &mut reader).ok_or_else(|| {
        let first = reader.into_error().errors().first().map(|e| match &e.loc[..] {
            [] => Invalid { kind: e.kind.clone(), msg: e.msg.clone(), ctx: e.ctx.clone() },
            loc => Invalid::value_error(format_args!("at {}: {}", Path(loc), e.msg)),
        });
        first.unwrap_or_else(|| Invalid::value_error("not the expected value"))
    })
}

/// A place as messages have it.
struct Path<'a>(&'a [LocItem]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, item) in self.0.iter().enumerate() {
            write!(f, "{}{item}", if i == 0 { "" } else { "." })?;
        }
        Ok(())
    }
}
