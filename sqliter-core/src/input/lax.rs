//! A deserializer over JSON with the lax conversions, for types that only serde knows.
//!
//! serde gives up at the first error. To find the others a value is read again, with what is known to be wrong left to the
//! end: at most [`PASSES`] errors of one field are found so.

use std::collections::HashSet;
use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, Visitor};
use serde_json::{Map, Value};

use super::Invalid;
use super::keys::KeyText;
use super::numbers::{bool_input, float_input, integer_input};
use super::text::{char_input, string_input};
use crate::validation::{LocItem, Reader, choices, repr};

const PASSES: usize = 20;

/// Reads a type by serde; `None` after its errors have been reported.
pub(super) fn read<T: DeserializeOwned>(input: &Value, reader: &mut Reader) -> Option<T> {
    let mut pass =
        Pass { loc: Vec::new(), at: Vec::new(), known: HashSet::new(), found: Vec::new(), strict: reader.strict() };
    for _ in 0..PASSES {
        let known = pass.known.len();
        match pass.one(std::marker::PhantomData::<T>, input) {
            Ok(value) if pass.found.is_empty() => return Some(value),
            _ if pass.known.len() == known => break,
            _ => {}
        }
    }
    if pass.found.is_empty() {
        // Nothing was wrong with any part: an error that no place was found for.
        return reader.ok(Err(Invalid::value_error("not the expected value")), input);
    }
    pass.found.sort_by(|a, b| a.0.cmp(&b.0));
    for (_, loc, error, input) in pass.found {
        reader.report_at(loc, error, input);
    }
    None
}

type Place = Vec<LocItem>;

/// One reading of the whole value.
struct Pass {
    loc: Place,
    /// As `loc`, in positions: the order of the errors.
    at: Vec<usize>,
    /// What is wrong already.
    known: HashSet<Place>,
    found: Vec<(Vec<usize>, Place, Invalid, Value)>,
    strict: bool,
}

/// Why reading stopped: an error that has no place yet, or one that was noted.
#[derive(Debug)]
pub(super) struct Stop(Option<(Invalid, Option<String>)>);

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref().map_or("noted", |(e, _)| &e.msg))
    }
}
impl std::error::Error for Stop {}

impl From<Invalid> for Stop {
    fn from(error: Invalid) -> Self {
        Stop(Some((error, None)))
    }
}

impl de::Error for Stop {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Invalid::value_error(message).into()
    }
    fn missing_field(field: &'static str) -> Self {
        Stop(Some((Invalid::missing(), Some(field.to_owned()))))
    }
    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Stop(Some((Invalid::new("extra_forbidden", "Extra inputs are not permitted"), Some(field.to_owned()))))
    }
    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        let expected = choices(expected.iter().map(|v| repr(&Value::from(*v))));
        Invalid::new("enum", format!("Input should be {expected}")).with("expected", expected.into()).into()
    }
}

impl Pass {
    /// Reads one value and notes what is wrong with it.
    fn one<'de, S: DeserializeSeed<'de>>(&mut self, seed: S, value: &'de Value) -> Result<S::Value, Stop> {
        let result = seed.deserialize(Lax { value, pass: self });
        result.map_err(|Stop(error)| {
            if let Some((error, field)) = error {
                let mut loc = self.loc.clone();
                let inside = field.as_ref().and_then(|f| value.get(f)).unwrap_or(value);
                let shown = if error.kind == "missing" { value } else { inside };
                loc.extend(field.map(LocItem::from));
                if self.known.insert(loc.clone()) {
                    self.found.push((self.at.clone(), loc, error, shown.clone()));
                }
            }
            Stop(None)
        })
    }

    fn within<'de, S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
        item: LocItem,
        at: usize,
        value: &'de Value,
    ) -> Result<S::Value, Stop> {
        self.loc.push(item);
        self.at.push(at);
        let before = self.found.len();
        let result = self.one(seed, value);
        // Nothing more is wrong inside than what is known.
        if result.is_err() && self.found.len() == before {
            self.known.insert(self.loc.clone());
        }
        self.loc.pop();
        self.at.pop();
        result
    }

    fn is_known(&mut self, item: LocItem) -> bool {
        self.loc.push(item);
        let known = self.known.contains(&self.loc);
        self.loc.pop();
        known
    }
}

/// One value of a pass.
struct Lax<'de, 'p> {
    value: &'de Value,
    pass: &'p mut Pass,
}

macro_rules! integers {
    ($($method:ident $visit:ident $t:ident;)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
            let v = integer_input(self.value, self.pass.strict, $t::MIN as i128, $t::MAX as i128)?;
            visitor.$visit(v as $t)
        }
    )* };
}

impl<'de> Deserializer<'de> for Lax<'de, '_> {
    type Error = Stop;

    integers! {
        deserialize_i8 visit_i8 i8; deserialize_i16 visit_i16 i16; deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64; deserialize_i128 visit_i128 i128; deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16; deserialize_u32 visit_u32 u32; deserialize_u64 visit_u64 u64;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(v) => visitor.visit_bool(*v),
            Value::Number(n) => match (n.as_u64(), n.as_i64(), n.as_f64()) {
                (Some(v), ..) => visitor.visit_u64(v),
                (_, Some(v), _) => visitor.visit_i64(v),
                (.., v) => visitor.visit_f64(v.unwrap_or(f64::INFINITY)),
            },
            Value::String(v) => visitor.visit_borrowed_str(v),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_bool(bool_input(self.value, self.pass.strict)?)
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let v = integer_input(self.value, self.pass.strict, 0, i128::MAX)?;
        visitor.visit_u128(v.unsigned_abs())
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_f32(float_input(self.value, self.pass.strict)? as f32)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_f64(float_input(self.value, self.pass.strict)?)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_char(char_input(self.value)?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_borrowed_str(string_input(self.value)?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_any(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            _ => Err(Invalid::new("none_required", "Input should be null").into()),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let items = self.value.as_array();
        let items = items.ok_or_else(|| Invalid::new("list_type", "Input should be a valid array"))?;
        visitor.visit_seq(Items { items: items.iter().enumerate(), pass: self.pass, skip: true, skipped: false })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Stop> {
        let items = self.value.as_array();
        let items = items.ok_or_else(|| Invalid::new("tuple_type", "Input should be a valid array"))?;
        if items.len() != len {
            return Err(<Stop as de::Error>::invalid_length(items.len(), &visitor));
        }
        visitor.visit_seq(Items { items: items.iter().enumerate(), pass: self.pass, skip: false, skipped: false })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let map = self.value.as_object();
        let map = map.ok_or_else(|| Invalid::new("dict_type", "Input should be an object"))?;
        let entries = Entries::new(map.iter().map(|(k, v)| (k.as_str(), v)), self.pass);
        visitor.visit_map(entries)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let map: &Map<String, Value> = self
            .value
            .as_object()
            .ok_or_else(|| Invalid::new("model_type", "Input should be an object").with("class_name", name.into()))?;
        // In the order of the fields; then what is none of them.
        let known = fields.iter().filter_map(|f| map.get_key_value(*f));
        let unknown = map.iter().filter(|(k, _)| !fields.contains(&k.as_str()));
        let entries = Entries::new(known.chain(unknown).map(|(k, v)| (k.as_str(), v)), self.pass);
        visitor.visit_map(entries)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        match self.value {
            Value::String(_) | Value::Object(_) => {}
            _ => return Err(<Stop as de::Error>::unknown_variant("", variants)),
        }
        // What is inside is read as serde_json reads it.
        self.value.deserialize_enum(name, variants, visitor).map_err(|e| {
            let inner = self.value.as_object().is_some_and(|o| o.keys().any(|k| variants.contains(&k.as_str())));
            if inner { <Stop as de::Error>::custom(e) } else { <Stop as de::Error>::unknown_variant("", variants) }
        })
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }
}

/// The items of a list, without those that are known to be wrong; or, of a tuple, up to the first of these.
struct Items<'de, 'p> {
    items: std::iter::Enumerate<std::slice::Iter<'de, Value>>,
    pass: &'p mut Pass,
    skip: bool,
    skipped: bool,
}

impl<'de> de::SeqAccess<'de> for Items<'de, '_> {
    type Error = Stop;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Stop> {
        for (i, item) in self.items.by_ref() {
            let place = LocItem::Index(i);
            if !self.pass.is_known(place.clone()) {
                return self.pass.within(seed, place, i, item).map(Some);
            }
            if !self.skip {
                break;
            }
            self.skipped = true;
        }
        if self.skipped || !self.skip && self.items.len() > 0 { Err(Stop(None)) } else { Ok(None) }
    }
}

/// The entries of a map, those that are known to be wrong at the end.
struct Entries<'de, 'p> {
    good: std::vec::IntoIter<(usize, &'de str, &'de Value)>,
    any_wrong: bool,
    value: Option<(usize, &'de str, &'de Value)>,
    pass: &'p mut Pass,
}

impl<'de, 'p> Entries<'de, 'p> {
    fn new(entries: impl Iterator<Item = (&'de str, &'de Value)>, pass: &'p mut Pass) -> Self {
        let (wrong, good): (Vec<_>, Vec<_>) = entries
            .enumerate()
            .map(|(i, (k, v))| (i, k, v))
            .partition(|(_, k, _)| pass.is_known(LocItem::from((*k).to_owned())));
        Entries { good: good.into_iter(), any_wrong: !wrong.is_empty(), value: None, pass }
    }
}

impl<'de> de::MapAccess<'de> for Entries<'de, '_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        let Some((i, key, value)) = self.good.next() else {
            return if self.any_wrong { Err(Stop(None)) } else { Ok(None) };
        };
        self.value = Some((i, key, value));
        seed.deserialize(KeyText(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Stop> {
        let Some((i, key, value)) = self.value.take() else {
            return Err(Invalid::value_error("a value was asked for before its key").into());
        };
        self.pass.within(seed, LocItem::from(key.to_owned()), i, value)
    }
}
