//! How one field is read: a scalar by its column's type, anything else by [`FromInput`] or, without it, by serde.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{FromInput, Invalid, lax};
use crate::types::{DbType, ManagedTime};
use crate::validation::{Reader, View};

/// A scalar field: a [`DbType`], or an `Option` of one. Sealed: it follows from `DbType`.
#[doc(hidden)]
pub trait ColumnInput: Sized {
    fn read(input: &Value, strict: bool) -> Result<Self, Invalid>;
    fn view(&self) -> View<'_>;
    fn schema() -> Value;
}

impl<T: DbType> ColumnInput for T {
    fn read(input: &Value, strict: bool) -> Result<Self, Invalid> {
        T::from_input(input, strict)
    }
    #[inline]
    fn view(&self) -> View<'_> {
        DbType::view(self)
    }
    fn schema() -> Value {
        T::input_schema()
    }
}

impl<T: DbType> ColumnInput for Option<T> {
    fn read(input: &Value, strict: bool) -> Result<Self, Invalid> {
        if input.is_null() { Ok(None) } else { T::from_input(input, strict).map(Some) }
    }
    #[inline]
    fn view(&self) -> View<'_> {
        self.as_ref().map_or(View::Null, DbType::view)
    }
    fn schema() -> Value {
        json!({"anyOf": [T::input_schema(), {"type": "null"}]})
    }
}

/// Reads a scalar.
#[doc(hidden)]
pub fn read_plain<T: ColumnInput>(input: &Value, reader: &mut Reader) -> Option<T> {
    let read = T::read(input, reader.strict());
    reader.ok(read, input)
}

/// A managed timestamp: Unix seconds, or a date and time.
#[doc(hidden)]
pub fn managed_time<T: ManagedTime>(input: &Value, reader: &mut Reader) -> Option<T> {
    let seconds = <i64 as DbType>::from_input(input, reader.strict());
    #[cfg(feature = "chrono")]
    let seconds = seconds.or_else(|e| match input {
        Value::String(_) => super::instant_input(input, reader.strict()).map(|v| v.timestamp()),
        _ => Err(e),
    });
    reader.ok(seconds, input).map(T::from_unix_seconds)
}

/// Chooses how a container field is read: [`ViaInput`] where its type has [`FromInput`], else [`ViaSerde`].
#[doc(hidden)]
pub struct Probe<T>(PhantomData<T>);

impl<T> Probe<T> {
    #[allow(clippy::new_without_default, missing_docs)]
    pub const fn new() -> Self {
        Probe(PhantomData)
    }
}

#[doc(hidden)]
pub trait ViaInput<T> {
    fn read(&self, input: &Value, reader: &mut Reader) -> Option<T>;
    fn schema(&self) -> Value;
}
impl<T: FromInput> ViaInput<T> for Probe<T> {
    fn read(&self, input: &Value, reader: &mut Reader) -> Option<T> {
        <T as FromInput>::read(input, reader)
    }
    fn schema(&self) -> Value {
        T::schema()
    }
}

#[doc(hidden)]
pub trait ViaSerde<T> {
    fn read(&self, input: &Value, reader: &mut Reader) -> Option<T>;
    fn schema(&self) -> Value;
}
impl<T: DeserializeOwned> ViaSerde<T> for &Probe<T> {
    fn read(&self, input: &Value, reader: &mut Reader) -> Option<T> {
        lax::read(input, reader)
    }
    /// serde does not say what a type looks like.
    fn schema(&self) -> Value {
        json!({})
    }
}
