//! [`ValidationError`]: every error of one input at once, as Pydantic 2 has them.

use std::borrow::Cow;
use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::repr;
use crate::input::Invalid;

/// One step of the way to what is wrong: a field or a key, or a position in a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum LocItem {
    /// A field's name, or a key of a map.
    Key(Cow<'static, str>),
    /// A position.
    Index(usize),
}

impl fmt::Display for LocItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // So that a key is one step.
            LocItem::Key(v) if v.contains('.') => write!(f, "`{v}`"),
            LocItem::Key(v) => f.write_str(v),
            LocItem::Index(v) => v.fmt(f),
        }
    }
}
impl PartialEq<str> for LocItem {
    fn eq(&self, other: &str) -> bool {
        matches!(self, LocItem::Key(v) if v == other)
    }
}
impl PartialEq<&str> for LocItem {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}
impl PartialEq<usize> for LocItem {
    fn eq(&self, other: &usize) -> bool {
        matches!(self, LocItem::Index(v) if v == other)
    }
}
impl From<&'static str> for LocItem {
    fn from(key: &'static str) -> Self {
        LocItem::Key(Cow::Borrowed(key))
    }
}
impl From<String> for LocItem {
    fn from(key: String) -> Self {
        LocItem::Key(Cow::Owned(key))
    }
}
impl From<usize> for LocItem {
    fn from(index: usize) -> Self {
        LocItem::Index(index)
    }
}

/// One thing that is wrong with an input.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ErrorDetail {
    /// Pydantic's name of the error, such as `string_too_short`.
    pub kind: Cow<'static, str>,
    /// Where: the field first, then indexes and keys inside it. Empty for the model as a whole.
    pub loc: Vec<LocItem>,
    /// What is wrong, in a sentence.
    pub msg: String,
    /// What was given there. Of a field with `redact`, asterisks.
    pub input: Value,
    /// The numbers and words in `msg`, by name.
    pub ctx: Map<String, Value>,
}

impl ErrorDetail {
    pub(crate) fn new(error: Invalid, loc: Vec<LocItem>, input: Value) -> Self {
        let Invalid { kind, msg, ctx } = error;
        ErrorDetail { kind, loc, msg, input, ctx }
    }
}

/// As an entry of Pydantic's `errors(include_url=False)`: `ctx` only where there is one.
impl Serialize for ErrorDetail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &self.kind)?;
        map.serialize_entry("loc", &self.loc)?;
        map.serialize_entry("msg", &self.msg)?;
        map.serialize_entry("input", &self.input)?;
        if !self.ctx.is_empty() {
            map.serialize_entry("ctx", &self.ctx)?;
        }
        map.end()
    }
}

/// Every error of one input at once.
///
/// Prints like Pydantic's and serialises like its `errors()`.
///
/// ```
/// # use sqliter_core::ValidationError;
/// let error = ValidationError::missing("User", "name");
/// assert_eq!(
///     error.to_string(),
///     "1 validation error for User\nname\n  Field required [type=missing, input_value={}, input_type=dict]"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ValidationError {
    #[serde(skip)]
    model: &'static str,
    errors: Vec<ErrorDetail>,
}

impl ValidationError {
    #[cold]
    pub(crate) fn new(model: &'static str, errors: Vec<ErrorDetail>) -> Self {
        ValidationError { model, errors }
    }

    /// The error of a builder that was finished without a required field.
    #[cold]
    pub fn missing(model: &'static str, field: &'static str) -> Self {
        let detail = ErrorDetail::new(Invalid::missing(), vec![field.into()], Value::Object(Map::new()));
        ValidationError { model, errors: vec![detail] }
    }

    /// The error of a foreign key to a row that was not inserted yet.
    #[cold]
    pub fn unset_key(model: &'static str, field: &'static str) -> Self {
        let invalid = Invalid::new("unset_key", "The row that it refers to has no key: insert that first");
        ValidationError { model, errors: vec![ErrorDetail::new(invalid, vec![field.into()], Value::Null)] }
    }

    /// The name of the model.
    pub fn model(&self) -> &'static str {
        self.model
    }

    /// The errors, in the order of the fields.
    pub fn errors(&self) -> &[ErrorDetail] {
        &self.errors
    }
}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.errors.len();
        write!(f, "{n} validation error{} for {}", if n == 1 { "" } else { "s" }, self.model)?;
        for e in &self.errors {
            f.write_str("\n")?;
            for (i, item) in e.loc.iter().enumerate() {
                write!(f, "{}{item}", if i == 0 { "" } else { "." })?;
            }
            if !e.loc.is_empty() {
                f.write_str("\n")?;
            }
            let (value, ty) = (repr::shortened(&e.input), repr::type_name(&e.input));
            write!(f, "  {} [type={}, input_value={value}, input_type={ty}]", e.msg, e.kind)?;
        }
        Ok(())
    }
}

impl std::error::Error for ValidationError {}
