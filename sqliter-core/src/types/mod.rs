//! How Rust types map to columns.
//!
//! Owns [`DbType`], the one trait that a user's own type implements, the sealed [`ColumnType`] above it, and the marker
//! traits that decide which operators a column has. The codecs of the built-in types are one file each. Nothing here
//! knows models, statements or a database.

mod enums;
mod error;
mod finite;
mod json;
mod managed;
mod number;
mod pickle;
#[cfg(feature = "chrono")]
mod temporal;
mod text;
#[cfg(feature = "uuid")]
mod uuid;

pub use enums::DbEnum;
pub use error::{DecodeError, EncodeError};
pub use json::{Json, decode_json, encode_json};
pub use managed::ManagedTime;

use crate::input::Invalid;
use crate::validation::{Reader, View};
use crate::value::{Encoded, Value, ValueRef};

/// The declared type of a column, which gives it its affinity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SqlType {
    /// Whole numbers.
    Integer,
    /// Floating point numbers.
    Real,
    /// Text.
    Text,
    /// Bytes.
    Blob,
}

impl SqlType {
    #[doc(hidden)]
    pub const fn is(self, other: Self) -> bool {
        self as u8 == other as u8
    }
}

/// How the values of one column are written: the default of its type, or what `store`, `json` or `pickle` asks for.
///
/// Reading recognises the other forms of the same type, except that an integer is taken in the unit named here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Store {
    /// What the type does by itself.
    #[default]
    Default,
    /// Dates and times as whole Unix seconds.
    Seconds,
    /// Dates and times as whole Unix milliseconds.
    Millis,
    /// Dates and times as whole Unix microseconds.
    Micros,
    /// Dates and times as text.
    Text,
    /// Containers as Python's pickle.
    Pickle,
}

/// What the values of a column are, where queries treat them in a way of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Kind {
    /// Nothing special.
    #[default]
    Other,
    /// A moment, stored in UTC.
    Instant,
    /// A date and time without a zone, stored in UTC.
    Naive,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// JSON text or a pickle.
    Json,
    /// An exact decimal in text, whose order is not that of the text.
    Decimal,
}

impl Kind {
    /// A value that came without its type, in the one form that a column of this kind stores: equal numbers are equal text.
    pub(crate) fn canonical(self, value: Value) -> Value {
        #[cfg(feature = "rust_decimal")]
        if self == Kind::Decimal
            && value != Value::Null
            && let Ok(decimal) = rust_decimal::Decimal::decode(value.as_ref())
            && let Ok(encoded) = decimal.encode()
        {
            return encoded.into_value();
        }
        value
    }
}

/// Everything that an encoding depends on besides the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Encoding {
    /// The column's form.
    pub store: Store,
    /// Whether naive times are local time (`return_local_time`) or UTC.
    pub local_time: bool,
}

impl Encoding {
    /// The encoding of a column with the given form.
    pub const fn new(store: Store, local_time: bool) -> Self {
        Encoding { store, local_time }
    }
}

/// A type that one column can hold: the trait to implement for a type of your own.
///
/// ```
/// use sqliter_core::{DbType, DecodeError, EncodeError, Encoded, SqlType, ValueRef};
///
/// /// Kept as whole cents.
/// #[derive(Debug, Clone, Copy, PartialEq)]
/// struct Money(i64);
///
/// impl DbType for Money {
///     const SQL_TYPE: SqlType = SqlType::Integer;
///
///     fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
///         Ok(Encoded::Int(self.0))
///     }
///
///     fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
///         i64::decode(value).map(Money)
///     }
/// }
/// # assert_eq!(Money::decode(ValueRef::Int(250)).unwrap(), Money(250));
/// ```
///
/// Implement [`Ordered`], [`Number`] or [`Text`] beside it to give its columns the operators of those.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in a database column",
    label = "not a column type",
    note = "implement `DbType` for it, derive `DbEnum` if it is an enum, or store it as JSON with `#[field(json)]`"
)]
pub trait DbType: Sized + Clone + Send + Sync + 'static {
    /// The type that the column is declared with.
    const SQL_TYPE: SqlType;

    /// What the values are, where queries treat them in a way of their own.
    #[doc(hidden)]
    const KIND: Kind = Kind::Other;

    /// Whether it is a foreign key, which the derive has to see by its name.
    #[doc(hidden)]
    const RELATION: bool = false;

    /// The stored form of this value.
    ///
    /// # Errors
    /// When the database has no room for the value, such as a `u64` above `i64::MAX`.
    fn encode(&self) -> Result<Encoded<'_>, EncodeError>;

    /// Reads a stored value. `value` is never [`ValueRef::Null`].
    ///
    /// # Errors
    /// When the stored value is not one of this type.
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError>;

    /// The stored form in a column with this encoding: by default that of [`encode`](DbType::encode).
    ///
    /// # Errors
    /// As [`encode`](DbType::encode).
    fn encode_as(&self, encoding: Encoding) -> Result<Encoded<'_>, EncodeError> {
        let _ = encoding;
        self.encode()
    }

    /// Reads a value from a column with this encoding: by default as [`decode`](DbType::decode).
    ///
    /// # Errors
    /// As [`decode`](DbType::decode).
    fn decode_as(value: ValueRef<'_>, encoding: Encoding) -> Result<Self, DecodeError> {
        let _ = encoding;
        Self::decode(value)
    }

    /// Reads a value from JSON input, as [`DbModel::from_json`](crate::DbModel::from_json) does for each field. By default
    /// whatever [`decode`](DbType::decode) takes of a number, a boolean or a string.
    ///
    /// # Errors
    /// What is wrong with the input. Build it with [`Invalid::new`].
    fn from_input(input: &serde_json::Value, strict: bool) -> Result<Self, Invalid> {
        let _ = strict;
        crate::input::decode_input(input)
    }

    /// The value as rules see it: by default its stored form.
    #[doc(hidden)]
    fn view(&self) -> View<'_> {
        self.encode().map_or(View::Other, View::from)
    }

    /// The JSON Schema of what [`from_input`](DbType::from_input) takes: by default anything.
    fn input_schema() -> serde_json::Value {
        serde_json::json!({})
    }

    /// The value inside a statement. Only types whose form depends on the handle's settings override it.
    #[doc(hidden)]
    fn to_literal(&self, store: Store) -> Literal {
        match self.encode_as(Encoding::new(store, false)) {
            Ok(v) => Literal::Value(v.into_value()),
            Err(e) => Literal::Invalid(e),
        }
    }
}

/// A value inside a statement that has not been sent yet.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Literal {
    /// Ready to be bound.
    Value(Value),
    /// A naive time, whose zone is a setting of the handle.
    #[cfg(feature = "chrono")]
    Naive(chrono::NaiveDateTime, Store),
    /// A value that cannot be stored: reported when the statement runs.
    Invalid(EncodeError),
}

impl Literal {
    /// The value to bind under this handle's setting.
    ///
    /// # Errors
    /// When the value cannot be stored.
    pub fn resolve(&self, local_time: bool) -> Result<Value, EncodeError> {
        let _ = local_time;
        match self {
            Literal::Value(v) => Ok(v.clone()),
            #[cfg(feature = "chrono")]
            Literal::Naive(v, store) => v.encode_as(Encoding::new(*store, local_time)).map(Encoded::into_value),
            Literal::Invalid(e) => Err(e.clone()),
        }
    }
}

/// The type of a whole column: a [`DbType`], or an `Option` of one. Sealed: it follows from `DbType`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in a database column",
    label = "not a column type",
    note = "implement `DbType` for it, derive `DbEnum` if it is an enum, or store it as JSON with `#[field(json)]`"
)]
pub trait ColumnType: Clone + Send + Sync + 'static {
    /// The type without its `Option`.
    type Base: DbType;
    /// Whether the column may hold `NULL`.
    const NULLABLE: bool;

    /// The stored form of the value.
    ///
    /// # Errors
    /// As [`DbType::encode`].
    fn to_sql(&self, encoding: Encoding) -> Result<Encoded<'_>, EncodeError>;

    /// Reads the column.
    ///
    /// # Errors
    /// When the stored value is not one of this type, `NULL` in a column that is not an `Option` included.
    fn from_sql(value: ValueRef<'_>, encoding: Encoding) -> Result<Self, DecodeError>;

    #[doc(hidden)]
    fn column_literal(&self, store: Store) -> Literal;

    #[doc(hidden)]
    fn read_input(input: &serde_json::Value, reader: &mut Reader) -> Option<Self>;

    #[doc(hidden)]
    fn column_view(&self) -> View<'_>;

    #[doc(hidden)]
    fn column_schema() -> serde_json::Value;
}

impl<T: DbType> ColumnType for T {
    type Base = T;
    const NULLABLE: bool = false;

    #[inline]
    fn to_sql(&self, encoding: Encoding) -> Result<Encoded<'_>, EncodeError> {
        self.encode_as(encoding)
    }

    #[inline]
    fn from_sql(value: ValueRef<'_>, encoding: Encoding) -> Result<Self, DecodeError> {
        match value {
            ValueRef::Null => Err(null_error()),
            value => T::decode_as(value, encoding),
        }
    }

    fn column_literal(&self, store: Store) -> Literal {
        self.to_literal(store)
    }

    fn read_input(input: &serde_json::Value, reader: &mut Reader) -> Option<Self> {
        crate::input::read_scalar(input, reader)
    }

    #[inline]
    fn column_view(&self) -> View<'_> {
        self.view()
    }

    fn column_schema() -> serde_json::Value {
        T::input_schema()
    }
}

impl<T: DbType> ColumnType for Option<T> {
    type Base = T;
    const NULLABLE: bool = true;

    #[inline]
    fn to_sql(&self, encoding: Encoding) -> Result<Encoded<'_>, EncodeError> {
        match self {
            Some(v) => v.encode_as(encoding),
            None => Ok(Encoded::Null),
        }
    }

    #[inline]
    fn from_sql(value: ValueRef<'_>, encoding: Encoding) -> Result<Self, DecodeError> {
        match value {
            ValueRef::Null => Ok(None),
            value => T::decode_as(value, encoding).map(Some),
        }
    }

    fn column_literal(&self, store: Store) -> Literal {
        self.as_ref().map_or(Literal::Value(Value::Null), |v| v.to_literal(store))
    }

    fn read_input(input: &serde_json::Value, reader: &mut Reader) -> Option<Self> {
        if input.is_null() { Some(None) } else { crate::input::read_scalar(input, reader).map(Some) }
    }

    #[inline]
    fn column_view(&self) -> View<'_> {
        self.as_ref().map_or(View::Null, DbType::view)
    }

    fn column_schema() -> serde_json::Value {
        crate::input::nullable(T::input_schema())
    }
}

#[cold]
fn null_error() -> DecodeError {
    DecodeError::new("NULL, and the field is not an `Option`: make it one, or repair the row")
}

macro_rules! markers {
    ($($(#[$doc:meta])* $name:ident, $message:literal, $label:literal;)*) => { $(
        $(#[$doc])*
        #[diagnostic::on_unimplemented(message = $message, label = $label)]
        pub trait $name {}
        impl<T: $name> $name for Option<T> {}
    )* };
}
markers! {
    /// Types whose columns have the text operators (`starts_with`, `like`, ...).
    Text, "this operator is for text columns, and the column is `{Self}`", "the column is not text";
    /// Types whose stored order is their order: the columns have `lt`, `gt`, `between`, ...
    Ordered, "columns of type `{Self}` have no order", "cannot be compared by size";
    /// Dates and times: the types that `#[field(store = "..")]` is for.
    Temporal, "`{Self}` is not a date or time", "not a date or time";
    /// Temporal types that have a date: their columns have `year`, `month`, `day` and `date`.
    Dated, "`{Self}` has no year, month or day", "not a date";
    /// Types whose columns take part in arithmetic.
    Number, "no arithmetic on columns of type `{Self}`", "not a number";
}

/// Columns that may hold `NULL`.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` is never NULL",
    label = "the field is not an `Option`"
)]
pub trait Nullable {}
impl<T> Nullable for Option<T> {}

/// Text read from a row.
#[inline]
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(bytes).map_err(|_| not_utf8(bytes))
}

#[cold]
fn not_utf8(bytes: &[u8]) -> DecodeError {
    DecodeError::unexpected("text", ValueRef::Text(bytes))
}
