//! [`Dict`]: a row without a model.

use std::borrow::Cow;
use std::ops::Index;
use std::sync::Arc;

use crate::types::Store;
use crate::value::Value;

/// The columns of a result, shared by its rows.
#[doc(hidden)]
#[derive(Debug, PartialEq)]
pub struct Columns {
    columns: Vec<(Cow<'static, str>, Store)>,
    local_time: bool,
}

impl Columns {
    /// Columns by name, and how their values are written.
    pub fn new(columns: Vec<(Cow<'static, str>, Store)>, local_time: bool) -> Arc<Self> {
        Arc::new(Columns { columns, local_time })
    }

    /// The name of a column that is known for good.
    pub(crate) fn static_name(&self, index: usize) -> Option<&'static str> {
        match self.columns.get(index) {
            Some((Cow::Borrowed(name), _)) => Some(name),
            _ => None,
        }
    }

    /// How the values of a column are written.
    pub fn store(&self, index: usize) -> Store {
        self.columns.get(index).map_or(Store::Default, |(_, store)| *store)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Whether naive times are local times.
    pub fn local_time(&self) -> bool {
        self.local_time
    }
}

/// A row as an ordered map of column names to values.
#[derive(Debug, Clone, PartialEq)]
pub struct Dict {
    columns: Arc<Columns>,
    values: Vec<Value>,
}

impl Dict {
    #[doc(hidden)]
    pub fn new(columns: Arc<Columns>, values: Vec<Value>) -> Self {
        Dict { columns, values }
    }

    /// The value under a name.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.columns.columns.iter().position(|(n, _)| n == name).and_then(|i| self.values.get(i))
    }

    /// The names, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.columns.columns.iter().map(|(name, _)| &**name)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
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
}

/// The value at a position.
impl Index<usize> for Dict {
    type Output = Value;
    fn index(&self, position: usize) -> &Value {
        &self.values[position]
    }
}
