//! How one field is read: a scalar by its column's type, anything else by [`FromInput`] or, without it, by serde.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{FromInput, lax};
use crate::types::DbType;
use crate::validation::Reader;

/// Reads a scalar; `None` after its error has been reported.
pub(crate) fn read_scalar<T: DbType>(input: &Value, reader: &mut Reader) -> Option<T> {
    let read = T::from_input(input, reader.strict());
    reader.ok(read, input)
}

/// The Unix seconds of a managed timestamp, from themselves or from a date and time.
pub(crate) fn seconds_input(input: &Value, reader: &mut Reader) -> Option<i64> {
    let seconds = <i64 as DbType>::from_input(input, reader.strict());
    #[cfg(feature = "chrono")]
    let seconds = seconds.or_else(|e| match input {
        Value::String(_) => super::instant_input(input, reader.strict()).map(|v| v.timestamp()),
        _ => Err(e),
    });
    reader.ok(seconds, input)
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
