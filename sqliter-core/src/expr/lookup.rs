//! Lookups by string: `lookup("name__icontains", "jane")`.
//!
//! Only the request is kept here; it is checked against a schema, and turned into the same tree as the typed form, when the
//! statement is planned.

use super::filter::Filter;
use super::node::FilterNode;
#[cfg(feature = "chrono")]
use crate::types::Encoding;
use crate::types::{DbType, EncodeError, Literal, Store};
use crate::value::{Encoded, Value};

/// A value whose column is known only by name.
#[derive(Debug, Clone, PartialEq, Hash)]
#[non_exhaustive]
pub enum LookupValue {
    /// A plain value.
    Value(Value),
    /// A list, for `__in`, `__not_in` and `__between`.
    List(Vec<LookupValue>),
    /// An instant.
    #[cfg(feature = "chrono")]
    Instant(chrono::DateTime<chrono::Utc>),
    /// A date and time without a zone.
    #[cfg(feature = "chrono")]
    Naive(chrono::NaiveDateTime),
    /// A date.
    #[cfg(feature = "chrono")]
    Date(chrono::NaiveDate),
    /// A time of day.
    #[cfg(feature = "chrono")]
    Time(chrono::NaiveTime),
}

impl LookupValue {
    /// The value as a column with this form stores it; `None` for a list.
    pub(crate) fn literal(&self, store: Store) -> Option<Literal> {
        // Only dates and times have a form for each store.
        let _ = store;
        fn encoded(v: Result<Encoded<'_>, EncodeError>) -> Literal {
            v.map_or_else(Literal::Invalid, |v| Literal::Value(v.into_value()))
        }
        Some(match self {
            LookupValue::Value(Value::Real(v)) => encoded(v.encode()),
            LookupValue::Value(v) => Literal::Value(v.clone()),
            LookupValue::List(_) => return None,
            #[cfg(feature = "chrono")]
            LookupValue::Instant(v) => encoded(v.encode_as(Encoding::new(store, false))),
            #[cfg(feature = "chrono")]
            LookupValue::Naive(v) => v.to_literal(store),
            #[cfg(feature = "chrono")]
            LookupValue::Date(v) => encoded(v.encode_as(Encoding::new(store, false))),
            #[cfg(feature = "chrono")]
            LookupValue::Time(v) => encoded(v.encode_as(Encoding::new(store, false))),
        })
    }
}

impl<T: Into<Value>> From<T> for LookupValue {
    fn from(value: T) -> Self {
        LookupValue::Value(value.into())
    }
}

macro_rules! lists {
    ($($t:ty)*) => { $(
        impl From<Vec<$t>> for LookupValue {
            fn from(values: Vec<$t>) -> Self {
                LookupValue::List(values.into_iter().map(Into::into).collect())
            }
        }
        impl<const N: usize> From<[$t; N]> for LookupValue {
            fn from(values: [$t; N]) -> Self {
                LookupValue::List(values.into_iter().map(Into::into).collect())
            }
        }
        impl From<&[$t]> for LookupValue {
            fn from(values: &[$t]) -> Self {
                LookupValue::List(values.iter().map(|v| LookupValue::from(v.clone())).collect())
            }
        }
    )* };
}
lists!(bool i8 i16 i32 i64 u16 u32 f64 String &str Option<i64> Option<String> Value);
#[cfg(feature = "uuid")]
lists!(uuid::Uuid);

#[cfg(feature = "chrono")]
mod temporal {
    use super::LookupValue;
    use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};

    impl<Z: TimeZone> From<DateTime<Z>> for LookupValue {
        fn from(value: DateTime<Z>) -> Self {
            LookupValue::Instant(value.with_timezone(&Utc))
        }
    }
    lists!(DateTime<Utc> NaiveDateTime NaiveDate NaiveTime);

    impl From<NaiveDateTime> for LookupValue {
        fn from(value: NaiveDateTime) -> Self {
            LookupValue::Naive(value)
        }
    }
    impl From<NaiveDate> for LookupValue {
        fn from(value: NaiveDate) -> Self {
            LookupValue::Date(value)
        }
    }
    impl From<NaiveTime> for LookupValue {
        fn from(value: NaiveTime) -> Self {
            LookupValue::Time(value)
        }
    }
}

/// A filter by string: a field, then optionally `__` and an operator, such as `"age__gte"`.
///
/// The operators are `eq ne gt gte lt lte in not_in between isnull notnull like glob regexp startswith endswith
/// contains istartswith iendswith icontains contains_any contains_all`; without one it is `eq`. For callers that know the field only when the program runs: a
/// wrong field or operator is an error of the query, and names the nearest right one.
pub fn lookup<M>(path: &str, value: impl Into<LookupValue>) -> Filter<M> {
    crate::regexp::use_regexp();
    Filter::new(FilterNode::Lookup(path.to_owned(), value.into()))
}
