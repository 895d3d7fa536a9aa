//! [`Dict`]: a row without a model.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Index;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::suggest::hint;
use crate::types::{ColumnType, DecodeError, Encoding, Store};
use crate::value::Value;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The columns of a result, shared by its rows.
#[doc(hidden)]
#[derive(Debug)]
pub struct Columns {
    columns: Box<[(Cow<'static, str>, Store)]>,
    local_time: bool,
}

impl Columns {
    /// Columns with the form of their values, in order. `local_time` is the handle's: whether naive times are local.
    pub fn new<N: Into<Cow<'static, str>>>(
        columns: impl IntoIterator<Item = (N, Store)>,
        local_time: bool,
    ) -> Arc<Self> {
        Arc::new(Columns { columns: columns.into_iter().map(|(n, s)| (n.into(), s)).collect(), local_time })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The name and the form of one.
    pub fn get(&self, index: usize) -> Option<(&Cow<'static, str>, Store)> {
        self.columns.get(index).map(|(name, store)| (name, *store))
    }

    /// Names and forms, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, Store)> {
        self.columns.iter().map(|(n, s)| (&**n, *s))
    }
}

/// A row as an ordered map of column names to values.
///
/// Of two columns with one name, the name means the first; every column is reachable by its position. A dict serialises as a
/// map in the order of its columns, such a name once, bytes as serde's bytes (in JSON: an array of numbers).
///
/// ```
/// use sqliter_core::{Columns, Dict, Store, Value};
/// let columns = Columns::new([("name", Store::Default), ("age", Store::Default)], false);
/// let row = Dict::new(columns, vec![Value::from("Ann"), Value::Int(30)]);
/// assert_eq!(row["name"], Value::from("Ann"));
/// assert_eq!(row[1], Value::Int(30));
/// assert_eq!(row.get::<u8>("age").unwrap(), 30);
/// let err = row.get::<u8>("aeg").unwrap_err();
/// assert_eq!(err.to_string(), "Cannot read column 'aeg': the row has no such column; did you mean 'age'?");
/// ```
#[derive(Clone)]
pub struct Dict {
    columns: Arc<Columns>,
    values: Vec<Value>,
}

impl Dict {
    /// A row: one value for each column.
    #[doc(hidden)]
    pub fn new(columns: Arc<Columns>, values: Vec<Value>) -> Self {
        Dict { columns, values }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(n, _)| n == name)
    }

    /// The value under a name.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.position(name).and_then(|i| self.values.get(i))
    }

    /// The value at a position.
    pub fn value_at(&self, position: usize) -> Option<&Value> {
        self.values.get(position)
    }

    /// Whether there is a column of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// The value under a name, as a type that a column can have: an `Option` where it may be `NULL`.
    ///
    /// # Errors
    /// [`Error::Decode`] when there is no such column, which names the nearest one; and when the value does not fit the type.
    pub fn get<T: ColumnType>(&self, name: &str) -> Result<T> {
        match self.position(name) {
            Some(position) => self.get_at(position),
            None => Err(self.missing(name)),
        }
    }

    /// The value at a position, as a type that a column can have.
    ///
    /// # Errors
    /// [`Error::Decode`] when there are not so many columns, and when the value does not fit the type.
    pub fn get_at<T: ColumnType>(&self, position: usize) -> Result<T> {
        let (Some((name, store)), Some(value)) = (self.columns.columns.get(position), self.values.get(position)) else {
            let columns = self.values.len();
            return Err(failed(DecodeError::new(format!("there is no column {position}: the row has {columns}"))));
        };
        T::from_sql(value.as_ref(), Encoding::new(*store, self.columns.local_time))
            .map_err(|e| failed(e.in_column(name.to_string())))
    }

    #[cold]
    fn missing(&self, name: &str) -> Error {
        let why = format!("the row has no such column{}", hint(name, self.keys()));
        failed(DecodeError::new(why).in_column(name.to_owned()))
    }

    /// The names, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.iter().map(|(n, _)| n)
    }

    /// The values, in order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.values.iter()
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.keys().zip(&self.values)
    }

    /// How many columns there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The values by name, in alphabetical order; of two with one name the first.
    pub fn into_map(self) -> BTreeMap<String, Value> {
        let mut map = BTreeMap::new();
        for (name, value) in self {
            map.entry(name).or_insert(value);
        }
        map
    }
}

#[cold]
fn failed(source: DecodeError) -> Error {
    Error::Decode { table: String::new(), key: None, source }
}

/// The value under a name.
///
/// # Panics
/// When there is no such column, as maps do; [`value`](Dict::value) and [`get`](Dict::get) do not.
impl Index<&str> for Dict {
    type Output = Value;
    #[allow(clippy::expect_used, reason = "as maps do, and documented")]
    fn index(&self, name: &str) -> &Value {
        self.value(name).expect("the row has a column of this name")
    }
}

/// The value at a position.
///
/// # Panics
/// When there are not so many columns, as slices do; [`value_at`](Dict::value_at) and [`get_at`](Dict::get_at) do not.
impl Index<usize> for Dict {
    type Output = Value;
    fn index(&self, position: usize) -> &Value {
        &self.values[position]
    }
}

/// Equal names and values in the same order.
impl PartialEq for Dict {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values && (Arc::ptr_eq(&self.columns, &other.columns) || self.keys().eq(other.keys()))
    }
}

impl fmt::Debug for Dict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Dict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let first = |(i, (name, _)): &(usize, (&str, &Value))| self.position(name) == Some(*i);
        let mut map = serializer.serialize_map(Some(self.iter().enumerate().filter(first).count()))?;
        for (_, (name, value)) in self.iter().enumerate().filter(first) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Names and values, in order.
impl IntoIterator for Dict {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        let names: Vec<String> = self.keys().map(str::to_owned).collect();
        names.into_iter().zip(self.values).collect::<Vec<_>>().into_iter()
    }
}
