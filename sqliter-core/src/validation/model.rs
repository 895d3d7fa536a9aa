//! Checking whole models, some of their fields, and stored values; and [`Reader`], which collects what is wrong.

use std::fmt::Display;

use serde_json::{Map, Value};

use super::rules::Rules;
use super::view::View;
use super::{ErrorDetail, LocItem, ValidationError, check};
use crate::input::Invalid;
use crate::model::DbModel;
use crate::schema::{ColumnDef, ColumnRole, Schema};
use crate::types::{ColumnType, Encoding, Kind, decode_json};
use crate::value::{Encoded, ValueRef};

/// Collects errors with their places. Costs nothing until there is one.
#[derive(Debug)]
pub struct Reader {
    model: &'static str,
    /// The position of the model in a list.
    row: Option<usize>,
    column: Option<&'static ColumnDef>,
    /// The way inside the field.
    loc: Vec<LocItem>,
    errors: Vec<ErrorDetail>,
    strict: bool,
}

impl Reader {
    /// What is shown of a value that stays out of logs.
    pub(crate) const REDACTED: &'static str = "**********";

    /// For a model of this name.
    pub fn new(model: &'static str) -> Self {
        Reader { model, row: None, column: None, loc: Vec::new(), errors: Vec::new(), strict: false }
    }

    /// What follows is about this field.
    #[inline]
    pub fn column(&mut self, column: Option<&'static ColumnDef>, strict: bool) {
        self.column = column;
        self.strict = strict;
    }

    /// Whether values must be of the type itself.
    pub fn strict(&self) -> bool {
        self.strict
    }

    /// How many errors there are.
    pub fn len(&self) -> usize {
        self.errors.len()
    }

    /// Whether there is no error.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// What `f` reports is one step further inside.
    pub fn within<T>(&mut self, item: LocItem, f: impl FnOnce(&mut Self) -> T) -> T {
        self.loc.push(item);
        let result = f(self);
        self.loc.pop();
        result
    }

    /// What `f` reads is converted whatever the field says.
    pub(crate) fn lax<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let strict = std::mem::take(&mut self.strict);
        let result = f(self);
        self.strict = strict;
        result
    }

    /// The value, or `None` after the error has been reported.
    #[inline]
    pub fn ok<T>(&mut self, result: Result<T, Invalid>, input: &Value) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.report(error, input.clone());
                None
            }
        }
    }

    /// Reports an error here.
    #[cold]
    pub fn report(&mut self, error: Invalid, input: Value) {
        self.report_at(Vec::new(), error, input);
    }

    /// Reports an error some steps further inside.
    #[cold]
    pub(crate) fn report_at(&mut self, inside: Vec<LocItem>, error: Invalid, input: Value) {
        let field = self.column.map(|c| LocItem::from(c.key()));
        let row = self.row.map(LocItem::Index);
        let loc = row.into_iter().chain(field).chain(self.loc.iter().cloned()).chain(inside).collect();
        // Where a field is missing, the whole input is shown: nothing secret may be in it.
        let secret = self.column.is_some_and(|c| c.redact);
        let input = if secret { Self::REDACTED.into() } else { input };
        self.errors.push(ErrorDetail::new(error, loc, input));
    }

    /// The errors from position `from` on were about this input.
    pub(crate) fn show(&mut self, from: usize, input: &Value) {
        if self.column.is_none_or(|c| !c.redact) {
            for error in self.errors.iter_mut().skip(from) {
                error.input = input.clone();
            }
        }
    }

    /// Puts one error in the place of those from position `from` on.
    #[cold]
    pub(crate) fn replace(&mut self, from: usize, error: Invalid, input: &Value) {
        self.errors.truncate(from);
        self.report(error, input.clone());
    }

    /// Checks a value against rules; says whether it keeps them.
    #[inline]
    pub fn rules(&mut self, rules: &Rules, view: View<'_>, input: &dyn Fn() -> Value) -> bool {
        match check(rules.checks, &view) {
            Ok(()) => true,
            Err(error) => {
                self.report(error, input());
                false
            }
        }
    }

    /// Notes what a user's own function found.
    #[inline]
    pub fn custom(&mut self, result: Result<(), impl Display>, input: &dyn Fn() -> Value) {
        if let Err(error) = result {
            self.report(Invalid::value_error(error), input());
        }
    }

    #[cold]
    pub(crate) fn into_error(self) -> ValidationError {
        ValidationError::new(self.model, self.errors)
    }

    /// All errors, if there is one.
    ///
    /// # Errors
    /// Everything that was reported.
    #[inline]
    pub fn finish(self) -> Result<(), ValidationError> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }
}

/// Checks every field of a model, then the model as a whole.
///
/// # Errors
/// Everything that is wrong.
#[inline]
pub fn check_model<M: DbModel>(model: &M) -> Result<(), ValidationError> {
    if !M::RULED {
        return Ok(());
    }
    let mut reader = Reader::new(M::schema().model);
    model.check_fields(&mut reader);
    if reader.is_empty() {
        check_whole(model, &mut reader);
    }
    reader.finish()
}

/// Checks some fields of models, then each as a whole. `rows`: whether errors say which model they are about.
///
/// # Errors
/// Everything that is wrong with any of them.
fn check_columns<M: DbModel>(models: &[M], rows: bool, wanted: impl Fn(usize) -> bool) -> Result<(), ValidationError> {
    if !M::RULED {
        return Ok(());
    }
    let mut reader = Reader::new(M::schema().model);
    for (i, model) in models.iter().enumerate() {
        reader.row = rows.then_some(i);
        let before = reader.len();
        for (i, column) in M::schema().columns.iter().enumerate() {
            if column.rules.stored.is_some() && wanted(i) {
                model.check_field(i, &mut reader);
            }
        }
        if reader.len() == before {
            check_whole(model, &mut reader);
        }
    }
    reader.finish()
}

#[inline]
fn check_whole<M: DbModel>(model: &M, reader: &mut Reader) {
    if let Err(error) = model.check_whole() {
        reader.column(None, false);
        reader.report(Invalid::value_error(error), fields(model, M::schema()));
    }
}

/// A model as the input of an error about the whole of it.
#[cold]
fn fields<M: DbModel>(model: &M, schema: &'static Schema) -> Value {
    let mut fields = Map::new();
    for (i, column) in schema.columns.iter().enumerate().filter(|(_, c)| c.role == ColumnRole::Plain) {
        let value = match model.encode_column(i, false) {
            _ if column.redact => Reader::REDACTED.into(),
            Ok(Encoded::Text(text)) if column.kind == Kind::Json => {
                serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into_owned()))
            }
            Ok(value) => View::from(value).to_json(),
            Err(_) => Value::Null,
        };
        fields.insert(column.key().to_owned(), value);
    }
    Value::Object(fields)
}

/// Checks a stored value as a field's. What cannot be read is for others to report.
pub fn check_stored<T: ColumnType>(
    value: ValueRef<'_>,
    encoding: Encoding,
    reader: &mut Reader,
    check: fn(&T, &mut Reader),
) {
    if let Ok(value) = T::from_sql(value, encoding) {
        check(&value, reader);
    }
}

/// As [`check_stored`], for a JSON column.
pub fn check_stored_json<T: serde::de::DeserializeOwned>(
    value: ValueRef<'_>,
    reader: &mut Reader,
    check: fn(&T, &mut Reader),
) {
    if let Ok(value) = decode_json::<T>(value) {
        check(&value, reader);
    }
}

/// As [`check_stored`], for an optional JSON column.
pub fn check_stored_json_opt<T: serde::de::DeserializeOwned>(
    value: ValueRef<'_>,
    reader: &mut Reader,
    check: fn(&Option<T>, &mut Reader),
) {
    if value != ValueRef::Null
        && let Ok(value) = decode_json::<T>(value)
    {
        check(&Some(value), reader);
    }
}

/// Checks what an assignment stores in a column.
///
/// # Errors
/// The rule that it breaks.
pub fn check_stored_value(
    schema: &Schema,
    column: &'static ColumnDef,
    value: ValueRef<'_>,
    local_time: bool,
) -> Result<(), ValidationError> {
    let Some(stored) = column.rules.stored else { return Ok(()) };
    let mut reader = Reader::new(schema.model);
    reader.column(Some(column), false);
    stored(value, Encoding::new(column.store, local_time), &mut reader);
    reader.finish()
}

/// Makes the text of some fields what will be stored.
#[inline]
pub fn tidy_columns<M: DbModel>(model: &mut M, wanted: impl Fn(usize) -> bool) {
    if M::TIDIED {
        for (i, column) in M::schema().columns.iter().enumerate() {
            if column.rules.changes() && wanted(i) {
                model.tidy_field(i);
            }
        }
    }
}

/// Makes a model what will be stored, and checks it.
///
/// # Errors
/// Everything that is wrong.
#[inline]
pub fn prepare_model<M: DbModel>(model: &mut M) -> Result<(), ValidationError> {
    tidy_columns(model, |_| true);
    check_model(model)
}

/// Makes some fields of models what will be stored, and checks them. `rows`: whether errors say which model they are about.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn prepare_models<M: DbModel>(
    models: &mut [M],
    rows: bool,
    wanted: impl Fn(usize) -> bool,
) -> Result<(), ValidationError> {
    for model in &mut *models {
        tidy_columns(model, &wanted);
    }
    check_columns(models, rows, wanted)
}

/// The same for one field, and the model as a whole.
///
/// # Errors
/// Everything that is wrong with them.
pub fn prepare_field<M: DbModel>(model: &mut M, index: usize) -> Result<(), ValidationError> {
    tidy_columns(model, |i| i == index);
    check_columns(std::slice::from_ref(model), false, |i| i == index)
}
