//! A value as rules see it.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::value::Encoded;

/// What rules need to know of a value, whatever its type.
#[derive(Debug, Clone, PartialEq)]
pub enum View<'a> {
    /// Nothing: no rule applies.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// A float.
    Float(f64),
    /// An exact decimal.
    #[cfg(feature = "rust_decimal")]
    Decimal(rust_decimal::Decimal),
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes.
    Bytes(Cow<'a, [u8]>),
    /// A collection of so many items.
    Items(Items, usize),
    /// What no rule is for.
    Other,
}

/// What a collection is called in messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Items {
    /// A list.
    List,
    /// A set.
    Set,
    /// A map.
    Dictionary,
}

impl Items {
    /// Pydantic's word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Items::List => "List",
            Items::Set => "Set",
            Items::Dictionary => "Dictionary",
        }
    }
}

impl<'a> From<Encoded<'a>> for View<'a> {
    fn from(value: Encoded<'a>) -> Self {
        match value {
            Encoded::Null => View::Null,
            Encoded::Int(v) => View::Int(v.into()),
            Encoded::Real(v) => View::Float(v),
            Encoded::Text(v) => View::Text(v),
            Encoded::Blob(v) => View::Bytes(v),
        }
    }
}

impl View<'_> {
    /// The value as an error shows it.
    pub fn to_json(&self) -> Json {
        match self {
            View::Null | View::Other | View::Items(..) => Json::Null,
            View::Bool(v) => Json::Bool(*v),
            View::Int(v) => i64::try_from(*v).map_or_else(|_| Json::String(v.to_string()), Json::from),
            // JSON has no word for the others.
            View::Float(v) if v.is_finite() => Json::from(*v),
            View::Float(v) => Json::String(v.to_string()),
            #[cfg(feature = "rust_decimal")]
            View::Decimal(v) => Json::String(v.to_string()),
            View::Text(v) => Json::String(v.clone().into_owned()),
            View::Bytes(v) => Json::String(String::from_utf8_lossy(v).into_owned()),
        }
    }
}
