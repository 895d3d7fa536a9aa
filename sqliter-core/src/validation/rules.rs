//! The rules themselves: what the derive writes down for a field.

use std::sync::OnceLock;

use regex::Regex;

use super::{Reader, View};
use crate::input::Invalid;
use crate::types::Encoding;
use crate::value::ValueRef;

/// Everything that attributes ask of one field's values.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// The name in input and errors, where it is not the field's.
    pub alias: Option<&'static str>,
    /// Whether input must be of the type itself.
    pub strict: bool,
    /// Whether white space goes from both ends of text.
    pub strip: bool,
    /// Whether text becomes lower case.
    pub lower: bool,
    /// Whether text becomes upper case.
    pub upper: bool,
    /// In the order in which Pydantic looks: the first that is broken is reported.
    pub checks: &'static [Check],
    /// Checks a stored value.
    pub stored: Option<fn(ValueRef<'_>, Encoding, &mut Reader)>,
}

impl Rules {
    /// None at all: what the derive starts from.
    pub const NONE: Rules =
        Rules { alias: None, strict: false, strip: false, lower: false, upper: false, checks: &[], stored: None };

    /// Whether text is changed before it is checked.
    pub const fn changes(&self) -> bool {
        self.strip || self.lower || self.upper
    }

    /// The error of a value that is none of the choices, if there are any.
    pub(crate) fn not_of_choices(&self) -> Option<Invalid> {
        let choices = self.checks.iter().find(|c| matches!(c, Check::OneOf(_)))?;
        Some(super::check::broken(choices, &View::Other))
    }

    /// The text as it will be stored; `None` when it is that already.
    pub fn changed(&self, text: &str) -> Option<String> {
        let mut new = if self.strip { text.trim() } else { text }.to_owned();
        if self.lower {
            new = new.to_lowercase();
        } else if self.upper {
            new = new.to_uppercase();
        }
        (new != text).then_some(new)
    }
}

/// One rule.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// A multiple of the number.
    MultipleOf(Bound),
    /// At most.
    Lte(Bound),
    /// Less than.
    Lt(Bound),
    /// At least.
    Gte(Bound),
    /// More than.
    Gt(Bound),
    /// At least so many characters or bytes.
    MinLength(usize),
    /// At most so many characters or bytes.
    MaxLength(usize),
    /// Matches somewhere.
    Pattern(&'static Pattern),
    /// Is an email address.
    Email,
    /// Is a URL.
    Url,
    /// Is one of these.
    OneOf(Choices),
    /// At least so many items.
    MinItems(usize),
    /// At most so many items.
    MaxItems(usize),
}

/// A number that others are compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// A whole number.
    Int(i128),
    /// Another number.
    Float(f64),
}

impl Bound {
    pub(super) const fn as_f64(self) -> f64 {
        match self {
            // The conversion from 128 bits is a function of its own, and slow.
            Bound::Int(v) if v as i64 as i128 == v => v as i64 as f64,
            Bound::Int(v) => v as f64,
            Bound::Float(v) => v,
        }
    }
}

/// The values of `one_of`.
#[derive(Debug, Clone, Copy)]
pub enum Choices {
    /// Texts.
    Text(&'static [&'static str]),
    /// Whole numbers.
    Int(&'static [i128]),
}

/// A regular expression, compiled when it is first needed.
#[derive(Debug)]
pub struct Pattern {
    source: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The expression, which the derive has parsed already.
    pub const fn new(source: &'static str) -> Self {
        Pattern { source, regex: OnceLock::new() }
    }

    /// As it was written.
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// Whether it matches somewhere in the text. One that is too large to compile matches nothing.
    pub fn matches(&self, text: &str) -> bool {
        let regex = self.regex.get_or_init(|| Regex::new(self.source).ok());
        regex.as_ref().is_some_and(|r| r.is_match(text))
    }
}
