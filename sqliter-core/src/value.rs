//! Values on their way into and out of the database.
//!
//! [`Value`] owns, [`ValueRef`] borrows from a row, [`Encoded`] borrows from a model's field where it can. This module
//! knows the five storage classes of SQL and nothing about columns or models.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Serialize, Serializer};

/// An owned database value: one of the five storage classes.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// SQL `NULL`.
    #[default]
    Null,
    /// A 64-bit signed integer.
    Int(i64),
    /// A 64-bit float.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// Equal values have equal hashes: both zeros are one.
impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Value::Null => {}
            Value::Int(v) => v.hash(state),
            Value::Real(v) => (if *v == 0.0 { 0 } else { v.to_bits() }).hash(state),
            Value::Text(v) => v.hash(state),
            Value::Blob(v) => v.hash(state),
        }
    }
}

/// A value borrowed from a row that is being read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// SQL `NULL`.
    Null,
    /// A 64-bit signed integer.
    Int(i64),
    /// A 64-bit float.
    Real(f64),
    /// Text as it is stored: not checked to be UTF-8.
    Text(&'a [u8]),
    /// Bytes.
    Blob(&'a [u8]),
}

/// A value ready to be bound to a statement, borrowed from the model where that saves a copy.
#[derive(Debug, Clone, PartialEq)]
pub enum Encoded<'a> {
    /// SQL `NULL`.
    Null,
    /// A 64-bit signed integer.
    Int(i64),
    /// A 64-bit float.
    Real(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes.
    Blob(Cow<'a, [u8]>),
}

impl Encoded<'_> {
    /// The same value, owned.
    pub fn into_value(self) -> Value {
        match self {
            Encoded::Null => Value::Null,
            Encoded::Int(v) => Value::Int(v),
            Encoded::Real(v) => Value::Real(v),
            Encoded::Text(v) => Value::Text(v.into_owned()),
            Encoded::Blob(v) => Value::Blob(v.into_owned()),
        }
    }
}

impl Value {
    /// Borrows the value as it would come from a row.
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Value::Null => ValueRef::Null,
            Value::Int(v) => ValueRef::Int(*v),
            Value::Real(v) => ValueRef::Real(*v),
            Value::Text(v) => ValueRef::Text(v.as_bytes()),
            Value::Blob(v) => ValueRef::Blob(v),
        }
    }

    /// Borrows the value for binding.
    pub fn as_encoded(&self) -> Encoded<'_> {
        match self {
            Value::Null => Encoded::Null,
            Value::Int(v) => Encoded::Int(*v),
            Value::Real(v) => Encoded::Real(*v),
            Value::Text(v) => Encoded::Text(Cow::Borrowed(v)),
            Value::Blob(v) => Encoded::Blob(Cow::Borrowed(v)),
        }
    }
}

impl ValueRef<'_> {
    /// The same value, owned. Text that is not UTF-8 becomes a BLOB, so that nothing is lost.
    pub fn to_value(self) -> Value {
        match self {
            ValueRef::Null => Value::Null,
            ValueRef::Int(v) => Value::Int(v),
            ValueRef::Real(v) => Value::Real(v),
            ValueRef::Text(v) => match std::str::from_utf8(v) {
                Ok(v) => Value::Text(v.to_owned()),
                Err(_) => Value::Blob(v.to_vec()),
            },
            ValueRef::Blob(v) => Value::Blob(v.to_vec()),
        }
    }
}

/// As a SQL literal, quotes escaped: for logs and error messages, never for building statements.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("NULL"),
            Value::Int(v) => write!(f, "{v}"),
            Value::Real(v) => write!(f, "{v:?}"),
            Value::Text(v) => write!(f, "'{}'", v.replace('\'', "''")),
            Value::Blob(v) => write!(f, "<{} bytes>", v.len()),
        }
    }
}

/// As what it is; bytes as such, which JSON writes as an array of numbers.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_none(),
            Value::Int(v) => serializer.serialize_i64(*v),
            Value::Real(v) => serializer.serialize_f64(*v),
            Value::Text(v) => serializer.serialize_str(v),
            Value::Blob(v) => serializer.serialize_bytes(v),
        }
    }
}

macro_rules! from_int {
    ($($t:ty)*) => { $(
        impl From<$t> for Value {
            fn from(v: $t) -> Self {
                Value::Int(i64::from(v))
            }
        }
    )* };
}
from_int!(i8 i16 i32 i64 u8 u16 u32 bool);

impl From<f64> for Value {
    fn from(v: f64) -> Self {
        Value::Real(v)
    }
}
impl From<f32> for Value {
    fn from(v: f32) -> Self {
        Value::Real(f64::from(v))
    }
}
impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Value::Text(v.to_owned())
    }
}
impl From<&String> for Value {
    fn from(v: &String) -> Self {
        Value::Text(v.clone())
    }
}
impl From<String> for Value {
    fn from(v: String) -> Self {
        Value::Text(v)
    }
}
impl From<Vec<u8>> for Value {
    fn from(v: Vec<u8>) -> Self {
        Value::Blob(v)
    }
}
impl From<&[u8]> for Value {
    fn from(v: &[u8]) -> Self {
        Value::Blob(v.to_vec())
    }
}
#[cfg(feature = "uuid")]
impl From<uuid::Uuid> for Value {
    fn from(v: uuid::Uuid) -> Self {
        Value::Text(v.hyphenated().to_string())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Value::Null, Into::into)
    }
}
