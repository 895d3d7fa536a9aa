//! Integers, floats and booleans.
//!
//! Text digits are read too: files that Python wrote hold numbers of optional columns as text.

use super::{DbType, DecodeError, EncodeError, Number, Ordered, SqlType, utf8};
use crate::input::{self, Invalid};
use crate::validation::View;
use crate::value::{Encoded, ValueRef};

/// An `i64` from any stored form that is exactly one.
#[inline]
fn integer(value: ValueRef<'_>) -> Result<i64, DecodeError> {
    match value {
        ValueRef::Int(v) => Ok(v),
        other => lenient_integer(other),
    }
}

#[cold]
fn lenient_integer(value: ValueRef<'_>) -> Result<i64, DecodeError> {
    let parsed = match value {
        // The bound is exclusive: i64::MAX rounds up to 2^63 as a float.
        ValueRef::Real(v) if v.fract() == 0.0 && (-(2f64.powi(63))..2f64.powi(63)).contains(&v) => Some(v as i64),
        ValueRef::Text(v) => utf8(v)?.parse().ok(),
        _ => None,
    };
    parsed.ok_or_else(|| DecodeError::unexpected("an integer", value))
}

macro_rules! integers {
    ($($t:ident)*) => { $(
        impl DbType for $t {
            const SQL_TYPE: SqlType = SqlType::Integer;

            #[inline]
            fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
                #[allow(irrefutable_let_patterns)]
                match i64::try_from(*self) {
                    Ok(v) => Ok(Encoded::Int(v)),
                    Err(_) => Err(too_large(self, stringify!($t))),
                }
            }

            #[inline]
            fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
                let v = integer(value)?;
                $t::try_from(v).map_err(|_| out_of_range(v, stringify!($t)))
            }

            fn from_input(input: &serde_json::Value, strict: bool) -> Result<Self, Invalid> {
                input::integer_input(input, strict, Self::LEAST, Self::MOST).map(|v| v as $t)
            }

            fn view(&self) -> View<'_> {
                i128::try_from(*self).map_or(View::Other, View::Int)
            }

            fn input_schema() -> serde_json::Value {
                range::<$t>()
            }
        }
        impl Ordered for $t {}
        impl Number for $t {}
        impl Range for $t {
            #[allow(clippy::unnecessary_cast)]
            const LEAST: i128 = if ($t::MIN as i128) < i64::MIN as i128 { i64::MIN as i128 } else { $t::MIN as i128 };
            const MOST: i128 =
                if ($t::MAX as u128) > i64::MAX as u128 { i64::MAX as i128 } else { $t::MAX as i128 };
        }
    )* };
}

/// The integers of a type that a column has room for.
trait Range {
    const LEAST: i128;
    const MOST: i128;
}

/// The JSON Schema of an integer type: its bounds where it is narrower than a column.
fn range<T: Range>() -> serde_json::Value {
    let mut schema = serde_json::json!({"type": "integer"});
    let bounds = [("minimum", T::LEAST, i64::MIN), ("maximum", T::MOST, i64::MAX)];
    for (key, bound, wide) in bounds {
        if let Some(bound) = i64::try_from(bound).ok().filter(|b| *b != wide) {
            schema[key] = bound.into();
        }
    }
    schema
}
integers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

#[cold]
fn too_large(value: &dyn std::fmt::Display, ty: &str) -> EncodeError {
    EncodeError::new(format!("the `{ty}` {value} does not fit a column: integers there have 64 bits and a sign"))
}

#[cold]
fn out_of_range(value: i64, ty: &str) -> DecodeError {
    DecodeError::new(format!("the integer {value} is out of range for `{ty}`"))
}

#[inline]
fn real(value: ValueRef<'_>) -> Result<f64, DecodeError> {
    match value {
        ValueRef::Real(v) => Ok(v),
        ValueRef::Int(v) => Ok(v as f64),
        ValueRef::Text(v) => utf8(v)?.parse().map_err(|_| DecodeError::unexpected("a number", value)),
        ValueRef::Null | ValueRef::Blob(_) => Err(DecodeError::unexpected("a number", value)),
    }
}

#[cold]
fn nan() -> EncodeError {
    EncodeError::new("NaN cannot be stored: SQLite would make it NULL")
}

impl DbType for f64 {
    const SQL_TYPE: SqlType = SqlType::Real;

    #[inline]
    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        if self.is_nan() { Err(nan()) } else { Ok(Encoded::Real(*self)) }
    }

    #[inline]
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        real(value)
    }

    fn from_input(input: &serde_json::Value, strict: bool) -> Result<Self, Invalid> {
        input::float_input(input, strict)
    }

    fn view(&self) -> View<'_> {
        View::Float(*self)
    }

    fn input_schema() -> serde_json::Value {
        serde_json::json!({"type": "number"})
    }
}

impl DbType for f32 {
    const SQL_TYPE: SqlType = SqlType::Real;

    #[inline]
    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        if self.is_nan() { Err(nan()) } else { Ok(Encoded::Real(f64::from(*self))) }
    }

    #[inline]
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        let wide = real(value)?;
        let narrow = wide as f32;
        if narrow.is_infinite() && wide.is_finite() {
            return Err(DecodeError::new(format!("the number {wide:?} is out of range for `f32`")));
        }
        Ok(narrow)
    }

    fn from_input(input: &serde_json::Value, strict: bool) -> Result<Self, Invalid> {
        let wide = input::float_input(input, strict)?;
        let narrow = wide as f32;
        if narrow.is_infinite() && wide.is_finite() {
            return Err(Invalid::value_error("the number is out of range for an `f32`"));
        }
        Ok(narrow)
    }

    fn view(&self) -> View<'_> {
        View::Float(f64::from(*self))
    }

    fn input_schema() -> serde_json::Value {
        serde_json::json!({"type": "number"})
    }
}

impl DbType for bool {
    const SQL_TYPE: SqlType = SqlType::Integer;

    #[inline]
    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        Ok(Encoded::Int(i64::from(*self)))
    }

    #[inline]
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        match integer(value) {
            Ok(0) => Ok(false),
            Ok(1) => Ok(true),
            _ => Err(DecodeError::unexpected("a boolean (0 or 1)", value)),
        }
    }

    fn from_input(input: &serde_json::Value, strict: bool) -> Result<Self, Invalid> {
        input::bool_input(input, strict)
    }

    fn view(&self) -> View<'_> {
        View::Bool(*self)
    }

    fn input_schema() -> serde_json::Value {
        serde_json::json!({"type": "boolean"})
    }
}

impl Ordered for f32 {}
impl Ordered for f64 {}
impl Ordered for bool {}
impl Number for f32 {}
impl Number for f64 {}

#[cfg(feature = "rust_decimal")]
impl Ordered for rust_decimal::Decimal {}

/// Exact decimals are text, so that no digit is lost. Text order is not their order: where a statement compares them by size
/// or sorts them it says so.
#[cfg(feature = "rust_decimal")]
impl DbType for rust_decimal::Decimal {
    const SQL_TYPE: SqlType = SqlType::Text;
    const KIND: super::Kind = super::Kind::Decimal;

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        // Normalised, so that equal numbers are equal text.
        Ok(Encoded::Text(self.normalize().to_string().into()))
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        match value {
            ValueRef::Int(v) => Ok(v.into()),
            ValueRef::Text(v) => utf8(v)?.parse().map_err(|_| DecodeError::unexpected("a decimal", value)),
            ValueRef::Real(v) => Self::try_from(v).map_err(|_| DecodeError::unexpected("a decimal", value)),
            ValueRef::Null | ValueRef::Blob(_) => Err(DecodeError::unexpected("a decimal", value)),
        }
    }

    fn from_input(input: &serde_json::Value, _: bool) -> Result<Self, Invalid> {
        input::decimal_input(input)
    }

    fn view(&self) -> View<'_> {
        View::Decimal(*self)
    }

    fn input_schema() -> serde_json::Value {
        let digits = "^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$";
        serde_json::json!({"anyOf": [{"type": "number"}, {"type": "string", "pattern": digits}]})
    }
}
