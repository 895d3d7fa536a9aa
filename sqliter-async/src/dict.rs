//! [`Dict`]: a row without a model.

use std::ops::Index;
use std::sync::Arc;

use sqliter_core::Value;

/// The names of the columns, shared by the rows of one result.
pub(crate) type Names = Arc<[&'static str]>;

/// A row as an ordered map of column names to values.
#[derive(Debug, Clone, PartialEq)]
pub struct Dict {
    names: Names,
    values: Vec<Value>,
}

impl Dict {
    pub(crate) fn new(names: Names, values: Vec<Value>) -> Self {
        Dict { names, values }
    }

    /// The value under a name.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.names.iter().position(|n| *n == name).and_then(|i| self.values.get(i))
    }

    /// The names, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.names.iter().copied()
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.names.iter().copied().zip(&self.values)
    }

    /// How many columns there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// The value at a position.
impl Index<usize> for Dict {
    type Output = Value;
    fn index(&self, position: usize) -> &Value {
        &self.values[position]
    }
}
