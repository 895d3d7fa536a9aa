//! From a JSON object to a model, field by field.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Invalid;
use crate::key::{KeyType, Pk};
use crate::model::DbModel;
use crate::schema::{ColumnDef, ColumnRole};
use crate::types::DbType;
use crate::validation::{LocItem, Reader, ValidationError};

/// What [`from_value_with`](crate::DbModel::from_value_with) takes from the input besides the ordinary fields.
///
/// ```
/// use sqliter_core::InputOptions;
/// let options = InputOptions::new().pk(true).timestamps(true);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[must_use = "options do nothing by themselves"]
pub struct InputOptions {
    pk: bool,
    timestamps: bool,
    strict: bool,
}

impl InputOptions {
    /// As `from_value` does: neither the key nor the timestamps.
    pub fn new() -> Self {
        InputOptions::default()
    }

    /// Takes the key, where the input has one.
    pub fn pk(mut self, take: bool) -> Self {
        self.pk = take;
        self
    }

    /// Takes the managed timestamps, where the input has them and the struct declares them.
    pub fn timestamps(mut self, take: bool) -> Self {
        self.timestamps = take;
        self
    }

    /// Converts nothing: every value must be of its field's type.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }
}

/// How one field is read: what the derive writes down.
#[doc(hidden)]
pub struct Part<T> {
    /// From JSON to the type.
    pub read: fn(&Value, &mut Reader) -> Option<T>,
    /// The user's own step before that.
    pub before: Option<fn(Value) -> Result<Value, String>>,
    /// The changes of text.
    pub tidy: Option<fn(&mut T)>,
    /// The rules.
    pub check: Option<fn(&T, &mut Reader)>,
    /// The value where the input has none.
    pub default: Option<fn() -> T>,
}

/// The input of one model while it is being read.
#[doc(hidden)]
pub struct ModelInput<'v> {
    value: &'v Value,
    entries: &'v Map<String, Value>,
    options: InputOptions,
    columns: &'static [ColumnDef],
    reader: Reader,
}

impl ModelInput<'_> {
    /// Reads one field, or takes its default; `None` after what is wrong has been reported.
    pub fn field<T>(&mut self, column: &'static ColumnDef, part: Part<T>) -> Option<T> {
        let (entries, reader) = (self.entries, &mut self.reader);
        let strict = self.options.strict || column.rules.strict;
        reader.column(Some(column), strict);
        let Some(given) = entries.get(column.key()) else {
            let Some(default) = part.default else {
                reader.report(Invalid::missing(), shown(self.value, self.columns));
                return None;
            };
            return finish(default(), None, &part, reader);
        };
        let prepared = match part.before {
            Some(before) => Cow::Owned(reader.ok(before(given.clone()).map_err(Invalid::value_error), given)?),
            None => Cow::Borrowed(given),
        };
        let errors = reader.len();
        let Some(value) = (part.read)(&prepared, reader) else {
            // Of a list of choices the list is said, whatever is wrong with the value.
            if let Some(error) = column.rules.not_of_choices() {
                reader.replace(errors, error, &prepared);
            }
            return None;
        };
        finish(value, Some(&prepared), &part, reader)
    }

    /// The key, if it is asked for and there.
    pub fn key<M, K: KeyType>(&mut self, column: &'static ColumnDef) -> Option<Pk<M, K>> {
        match self.entries.get(column.field).filter(|v| self.options.pk && !v.is_null()) {
            None => Some(Pk::unset()),
            Some(value) => {
                self.reader.column(Some(column), self.options.strict);
                let key = <K as DbType>::from_input(value, self.options.strict);
                self.reader.ok(key, value).map(Pk::of)
            }
        }
    }

    /// A managed timestamp, if it is asked for and there.
    pub fn timestamp<T>(
        &mut self,
        column: &'static ColumnDef,
        read: fn(&Value, &mut Reader) -> Option<T>,
        unset: T,
    ) -> Option<T> {
        match self.entries.get(column.key()).filter(|v| self.options.timestamps && !v.is_null()) {
            None => Some(unset),
            Some(value) => {
                self.reader.column(Some(column), self.options.strict);
                read(value, &mut self.reader)
            }
        }
    }

    /// Reports every entry that is no field.
    fn deny_unknown(&mut self) {
        self.reader.column(None, false);
        for (name, value) in self.entries {
            if !self.columns.iter().any(|c| c.key() == name) {
                let error = Invalid::new("extra_forbidden", "Extra inputs are not permitted");
                self.reader.within(LocItem::from(name.clone()), |r| r.report(error, value.clone()));
            }
        }
    }

    /// What a model without a derive says.
    pub fn unsupported(&mut self) {
        self.reader.column(None, false);
        self.reader.report(Invalid::value_error("this model cannot be read from JSON"), self.value.clone());
    }
}

fn finish<T>(mut value: T, given: Option<&Value>, part: &Part<T>, reader: &mut Reader) -> Option<T> {
    if let Some(tidy) = part.tidy {
        tidy(&mut value);
    }
    let before = reader.len();
    if let Some(check) = part.check {
        check(&value, reader);
    }
    if let Some(given) = given {
        reader.show(before, given);
    }
    (reader.len() == before).then_some(value)
}

/// A model from JSON text.
pub(crate) fn from_json<M: DbModel>(json: &str) -> Result<M, ValidationError> {
    match serde_json::from_str(json) {
        Ok(value) => from_value(&value, InputOptions::new()),
        Err(e) => {
            let error = e.to_string();
            let invalid = Invalid::new("json_invalid", format!("Invalid JSON: {error}")).with("error", error.into());
            let mut reader = Reader::new(M::schema().model);
            reader.report(invalid, shown(&json.into(), M::schema().columns));
            Err(reader.into_error())
        }
    }
}

/// A model from JSON.
pub(crate) fn from_value<M: DbModel>(value: &Value, options: InputOptions) -> Result<M, ValidationError> {
    let model = M::schema().model;
    let mut reader = Reader::new(model);
    let Some(entries) = value.as_object() else {
        let error = Invalid::new("model_type", "Input should be an object").with("class_name", model.into());
        reader.report(error, shown(value, M::schema().columns));
        return Err(reader.into_error());
    };
    let columns = M::schema().columns;
    let mut input = ModelInput { value, entries, options, columns, reader };
    if M::DENY_UNKNOWN {
        input.deny_unknown();
    }
    let read = M::read_input(&mut input);
    let mut reader = input.reader;
    match read {
        Some(read) if reader.is_empty() => {
            reader.column(None, false);
            read.check_whole().map_err(|e| {
                reader.report(Invalid::value_error(e), shown(value, columns));
                reader.into_error()
            })?;
            Ok(read)
        }
        _ => Err(reader.into_error()),
    }
}

/// The input with asterisks for what stays out of logs: for all of it, where that may stand anywhere.
fn shown(value: &Value, columns: &[ColumnDef]) -> Value {
    if !value.is_object() && columns.iter().any(|c| c.redact) {
        return Value::from(Reader::REDACTED);
    }
    let mut value = value.clone();
    for column in columns.iter().filter(|c| c.redact) {
        if let Some(secret) = value.get_mut(column.key()) {
            *secret = Value::from(Reader::REDACTED);
        }
    }
    value
}

impl ColumnDef {
    /// The name of the field in input, errors and JSON Schema: its alias, else its own.
    pub fn key(&self) -> &'static str {
        match self.rules.alias {
            Some(alias) if self.role != ColumnRole::Key => alias,
            _ => self.field,
        }
    }
}
