//! Lists, sets, maps and tuples, item by item, so that every wrong item is reported in its place.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};

use serde_json::{Value, json};

use super::{Invalid, nullable};
use crate::types::{DbType, Json};
use crate::validation::{LocItem, Reader};

/// A type that can be read from JSON, and stand inside a container.
///
/// Types without it are read by serde: their fields convert alike, but fewer of their errors are found at once.
pub trait FromInput: Sized {
    /// Reads a value; `None` after its errors have been reported.
    fn read(input: &Value, reader: &mut Reader) -> Option<Self>;

    /// The JSON Schema of what is taken.
    fn schema() -> Value;
}

macro_rules! scalars {
    ($($t:ty)*) => { $(
        impl FromInput for $t {
            fn read(input: &Value, reader: &mut Reader) -> Option<Self> {
                let read = <$t as DbType>::from_input(input, reader.strict());
                reader.ok(read, input)
            }
            fn schema() -> Value {
                <$t as DbType>::input_schema()
            }
        }
    )* };
}
scalars!(bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 String char);
#[cfg(feature = "chrono")]
scalars!(chrono::NaiveDate chrono::NaiveTime chrono::NaiveDateTime chrono::DateTime<chrono::Utc>);
#[cfg(feature = "chrono")]
scalars!(chrono::DateTime<chrono::FixedOffset> chrono::DateTime<chrono::Local>);
#[cfg(feature = "uuid")]
scalars!(uuid::Uuid);
#[cfg(feature = "rust_decimal")]
scalars!(rust_decimal::Decimal);

/// Anything.
impl FromInput for Value {
    fn read(input: &Value, _: &mut Reader) -> Option<Self> {
        Some(input.clone())
    }
    fn schema() -> Value {
        json!({})
    }
}

impl<T: FromInput> FromInput for Option<T> {
    fn read(input: &Value, reader: &mut Reader) -> Option<Self> {
        if input.is_null() { Some(None) } else { T::read(input, reader).map(Some) }
    }
    fn schema() -> Value {
        nullable(T::schema())
    }
}

impl<T: FromInput> FromInput for Box<T> {
    fn read(input: &Value, reader: &mut Reader) -> Option<Self> {
        T::read(input, reader).map(Box::new)
    }
    fn schema() -> Value {
        T::schema()
    }
}

impl<T: FromInput> FromInput for Json<T> {
    fn read(input: &Value, reader: &mut Reader) -> Option<Self> {
        T::read(input, reader).map(Json)
    }
    fn schema() -> Value {
        T::schema()
    }
}

fn array<'v>(input: &'v Value, kind: &'static str, reader: &mut Reader) -> Option<&'v [Value]> {
    let items = input.as_array().ok_or_else(|| Invalid::new(kind, "Input should be a valid array"));
    reader.ok(items, input).map(Vec::as_slice)
}

/// Every item, or every error.
fn items<T: FromInput, C: Extend<T> + Default>(input: &[Value], reader: &mut Reader) -> Option<C> {
    let mut all = Some(C::default());
    for (i, item) in input.iter().enumerate() {
        match (reader.within(LocItem::Index(i), |r| T::read(item, r)), &mut all) {
            (Some(item), Some(all)) => all.extend([item]),
            _ => all = None,
        }
    }
    all
}

macro_rules! sequences {
    ($($t:ty, [$($g:tt)*], $kind:literal, $schema:tt;)*) => { $(
        impl<$($g)*> FromInput for $t {
            fn read(input: &Value, reader: &mut Reader) -> Option<Self> {
                items::<T, Self>(array(input, $kind, reader)?, reader)
            }
            fn schema() -> Value {
                let mut schema = json!($schema);
                schema["items"] = T::schema();
                schema
            }
        }
    )* };
}
sequences! {
    Vec<T>, [T: FromInput], "list_type", {"type": "array"};
    VecDeque<T>, [T: FromInput], "list_type", {"type": "array"};
    HashSet<T, S>, [T: FromInput + Eq + Hash, S: BuildHasher + Default], "set_type", {"type": "array", "uniqueItems": true};
    BTreeSet<T>, [T: FromInput + Ord], "set_type", {"type": "array", "uniqueItems": true};
}

fn entries<K: FromInput, V: FromInput, C: Extend<(K, V)> + Default>(input: &Value, reader: &mut Reader) -> Option<C> {
    let map = input.as_object().ok_or_else(|| Invalid::new("dict_type", "Input should be an object"));
    let map = reader.ok(map, input)?;
    let mut all = Some(C::default());
    for (name, value) in map {
        // A key is text in JSON, whatever it is in the map.
        let key = reader.within(LocItem::Key(name.clone().into()), |r| {
            let key = Value::String(name.clone());
            r.lax(|r| r.within(LocItem::from("[key]"), |r| K::read(&key, r)))
        });
        let value = reader.within(LocItem::Key(name.clone().into()), |r| V::read(value, r));
        match (key.zip(value), &mut all) {
            (Some(entry), Some(all)) => all.extend([entry]),
            _ => all = None,
        }
    }
    all
}

/// What is asked of keys beyond being text has a place of its own.
fn map_schema(mut key: Value, value: Value) -> Value {
    let value = if value == json!({}) { json!(true) } else { value };
    let mut schema = json!({"type": "object", "additionalProperties": value});
    if let Some(rest) = key.as_object_mut().filter(|k| k.get("type").is_some_and(|t| t == "string")) {
        rest.remove("type");
        if !rest.is_empty() {
            schema["propertyNames"] = key;
        }
    }
    schema
}

macro_rules! maps {
    ($($t:ty, [$($g:tt)*];)*) => { $(
        impl<$($g)*> FromInput for $t {
            fn read(input: &Value, reader: &mut Reader) -> Option<Self> {
                entries::<K, V, Self>(input, reader)
            }
            fn schema() -> Value {
                map_schema(K::schema(), V::schema())
            }
        }
    )* };
}
maps! {
    HashMap<K, V, S>, [K: FromInput + Eq + Hash, V: FromInput, S: BuildHasher + Default];
    BTreeMap<K, V>, [K: FromInput + Ord, V: FromInput];
}

pub(super) fn too_long(expected: usize, found: usize) -> Invalid {
    let s = if expected == 1 { "" } else { "s" };
    Invalid::new("too_long", format!("Tuple should have at most {expected} item{s} after validation, not {found}"))
        .with("field_type", "Tuple".into())
        .with("max_length", expected.into())
        .with("actual_length", found.into())
}

/// The item at a position of a tuple.
fn item<T: FromInput>(input: &Value, items: &[Value], i: usize, reader: &mut Reader) -> Option<T> {
    reader.within(LocItem::Index(i), |r| match items.get(i) {
        Some(item) => T::read(item, r),
        None => r.ok(Err(Invalid::missing()), input),
    })
}

macro_rules! tuples {
    ($($n:literal: $($t:ident $i:tt)+;)*) => { $(
        impl<$($t: FromInput),+> FromInput for ($($t,)+) {
            fn read(input: &Value, reader: &mut Reader) -> Option<Self> {
                let items = array(input, "tuple_type", reader)?;
                if items.len() > $n {
                    return reader.ok(Err(too_long($n, items.len())), input);
                }
                let read = ($(item::<$t>(input, items, $i, reader),)+);
                Some(($(read.$i?,)+))
            }
            fn schema() -> Value {
                json!({"type": "array", "minItems": $n, "maxItems": $n, "prefixItems": [$($t::schema()),+]})
            }
        }
    )* };
}
tuples! {
    1: A 0; 2: A 0 B 1; 3: A 0 B 1 C 2; 4: A 0 B 1 C 2 D 3; 5: A 0 B 1 C 2 D 3 E 4; 6: A 0 B 1 C 2 D 3 E 4 F 5;
    7: A 0 B 1 C 2 D 3 E 4 F 5 G 6; 8: A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
}

impl<T: FromInput, const N: usize> FromInput for [T; N] {
    fn read(input: &Value, reader: &mut Reader) -> Option<Self> {
        let items = array(input, "tuple_type", reader)?;
        if items.len() > N {
            return reader.ok(Err(too_long(N, items.len())), input);
        }
        let read: Vec<Option<T>> = (0..N).map(|i| item(input, items, i, reader)).collect();
        read.into_iter().collect::<Option<Vec<T>>>()?.try_into().ok()
    }
    fn schema() -> Value {
        json!({"type": "array", "minItems": N, "maxItems": N, "items": T::schema()})
    }
}
