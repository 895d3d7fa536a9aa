//! Validation errors, in Pydantic's terms.

use std::fmt;

use serde::Serialize;

/// One thing that is wrong with an input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ErrorDetail {
    /// Pydantic's name of the error, such as `missing`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where: the field first, then indexes and keys inside it.
    pub loc: Vec<String>,
    /// What is wrong, in a sentence.
    pub msg: String,
}

/// Every error of one input at once.
///
/// Prints like Pydantic's and serialises like its `errors()`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ValidationError {
    #[serde(skip)]
    model: &'static str,
    errors: Vec<ErrorDetail>,
}

impl ValidationError {
    /// The error of a builder that was finished without a required field.
    #[cold]
    pub fn missing(model: &'static str, field: &'static str) -> Self {
        let detail = ErrorDetail { kind: "missing".into(), loc: vec![field.into()], msg: "Field required".into() };
        ValidationError { model, errors: vec![detail] }
    }

    /// The error of a foreign key to a row that was not inserted yet.
    #[cold]
    pub fn unset_key(model: &'static str, field: &'static str) -> Self {
        let msg = "The row that it refers to has no key: insert that first".into();
        ValidationError { model, errors: vec![ErrorDetail { kind: "unset_key".into(), loc: vec![field.into()], msg }] }
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
            write!(f, "\n{}\n  {} [type={}]", e.loc.join("."), e.msg, e.kind)?;
        }
        Ok(())
    }
}

impl std::error::Error for ValidationError {}
