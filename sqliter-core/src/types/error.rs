//! What goes wrong between a value and its stored form.

use std::borrow::Cow;
use std::fmt;

use crate::value::ValueRef;

/// A value could not be stored: the column's type has no room for it.
#[derive(Debug, Clone, PartialEq, Hash, thiserror::Error)]
#[error("{message}")]
pub struct EncodeError {
    message: Cow<'static, str>,
}

impl EncodeError {
    /// An error with this explanation.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        EncodeError { message: message.into() }
    }
}

/// A stored value does not fit the Rust type that reads it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct DecodeError {
    /// The column, once it is known.
    pub column: Option<Cow<'static, str>>,
    message: Cow<'static, str>,
}

impl DecodeError {
    /// An error with this explanation.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        DecodeError { column: None, message: message.into() }
    }

    /// "expected ..., found ...".
    #[cold]
    pub fn unexpected(expected: &str, found: ValueRef<'_>) -> Self {
        DecodeError::new(format!("expected {expected}, found {}", Found(found)))
    }

    /// The same error, with the column it happened in.
    #[cold]
    pub fn in_column(mut self, column: impl Into<Cow<'static, str>>) -> Self {
        self.column.get_or_insert_with(|| column.into());
        self
    }
}

/// A stored value in an error message: its class, and enough of it to find the row.
struct Found<'a>(ValueRef<'a>);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ValueRef::Null => f.write_str("NULL"),
            ValueRef::Int(v) => write!(f, "the integer {v}"),
            ValueRef::Real(v) => write!(f, "the number {v:?}"),
            ValueRef::Blob(v) => write!(f, "a BLOB of {} bytes", v.len()),
            ValueRef::Text(v) => match std::str::from_utf8(v) {
                Ok(v) => {
                    let short: String = v.chars().take(40).collect();
                    let more = if short.len() < v.len() { ".." } else { "" };
                    write!(f, "the text {short:?}{more}")
                }
                Err(_) => write!(f, "text that is not UTF-8 ({} bytes)", v.len()),
            },
        }
    }
}
