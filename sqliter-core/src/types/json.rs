//! Values stored as JSON text or as Python's pickle.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{DbType, DecodeError, EncodeError, Encoding, Kind, SqlType, Store, finite, pickle, utf8};
use crate::input::Invalid;
use crate::value::{Encoded, ValueRef};

/// A column that holds any serde type as JSON text.
///
/// The derive uses it by itself for `Vec`, maps, sets and tuples: a field `tags: Vec<String>` has the column type
/// `Json<Vec<String>>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json<T>(pub T);

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Json(value)
    }
}

impl<T> Deref for Json<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> DbType for Json<T>
where
    T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
{
    const SQL_TYPE: SqlType = SqlType::Text;
    const KIND: Kind = Kind::Json;

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        encode_json(&self.0, Encoding::default())
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        decode_json(value).map(Json)
    }

    fn encode_as(&self, encoding: Encoding) -> Result<Encoded<'_>, EncodeError> {
        encode_json(&self.0, encoding)
    }

    fn from_input(input: &serde_json::Value, strict: bool) -> Result<Self, Invalid> {
        crate::input::read_by_serde(input, strict).map(Json)
    }
}

/// The stored form of a container field.
///
/// # Errors
/// When the value cannot be serialised.
pub fn encode_json<T: Serialize>(value: &T, encoding: Encoding) -> Result<Encoded<'static>, EncodeError> {
    if encoding.store == Store::Pickle {
        return serde_pickle::to_vec(value, serde_pickle::SerOptions::new())
            .map(|v| Encoded::Blob(Cow::Owned(v)))
            .map_err(|e| EncodeError::new(format!("cannot be written as pickle: {e}")));
    }
    let json = if is_unordered::<T>() { sorted(value) } else { serde_json::to_string(value) };
    // What has no word in JSON would become `null`, and could not be read again.
    let json = json.and_then(|v| if v.contains("null") { finite::check(value).map(|()| v) } else { Ok(v) });
    json.map(|v| Encoded::Text(Cow::Owned(v))).map_err(|e| EncodeError::new(format!("cannot be written as JSON: {e}")))
}

/// Whether two equal values of the type may be written in different orders.
fn is_unordered<T>() -> bool {
    // A hint and no more: the worst that a change of the names could do is to leave equal sets unequal as text.
    let name = std::any::type_name::<T>();
    name.contains("HashMap<") || name.contains("HashSet<")
}

/// JSON in which equal maps and sets are equal text.
fn sorted<T: Serialize>(value: &T) -> serde_json::Result<String> {
    let mut json = serde_json::to_value(value)?;
    json.sort_all_objects();
    if let serde_json::Value::Array(items) = &mut json
        && std::any::type_name::<T>().contains("HashSet<")
        && !std::any::type_name::<T>().contains("Vec<")
    {
        items.sort_by_cached_key(ToString::to_string);
    }
    serde_json::to_string(&json)
}

/// Reads a container field: JSON text, or a pickle (as data only: nothing in it is ever executed).
///
/// # Errors
/// When the stored value is neither, or does not fit the type.
pub fn decode_json<T: DeserializeOwned>(value: ValueRef<'_>) -> Result<T, DecodeError> {
    match value {
        ValueRef::Text(v) => {
            serde_json::from_str(utf8(v)?).map_err(|e| DecodeError::new(format!("not the expected JSON: {e}")))
        }
        ValueRef::Blob(v) => {
            pickle::check(v)?;
            serde_pickle::from_slice(v, serde_pickle::DeOptions::new())
                .map_err(|e| DecodeError::new(format!("not the expected pickle: {e}")))
        }
        other => Err(DecodeError::unexpected("JSON text", other)),
    }
}
