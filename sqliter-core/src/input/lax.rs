//! A deserializer over JSON with the lax conversions, for types that only serde knows.
//!
//! serde gives up at the first error. To find the others a value is read again, with a [`StandIn`] for what is known to be
//! wrong: at most [`PASSES`] errors of one field are found so.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::ops::Bound;

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, Visitor};
use serde_json::{Map, Value};

use super::Invalid;
use super::access::{Entries, Items, TupleItems, Variant};
use super::containers::too_long;
use super::numbers::{bool_input, float_input, integer_input};
use super::stand_in::StandIn;
use super::text::{char_input, string_input};
use crate::validation::{LocItem, Reader, choices, repr};

/// How often one value is read.
const PASSES: usize = 32;

/// Reads a type by serde; `None` after its errors have been reported.
pub(super) fn read<T: DeserializeOwned>(input: &Value, reader: &mut Reader) -> Option<T> {
    let mut pass = Pass::new(reader.strict());
    for _ in 0..PASSES {
        let known = pass.known.len() + pass.stuck.len();
        match pass.one(std::marker::PhantomData::<T>, input) {
            Ok(value) if pass.found.is_empty() => return Some(value),
            // Read to the end, over everything that is wrong.
            Ok(_) => break,
            Err(_) if pass.known.len() + pass.stuck.len() == known => break,
            Err(_) => {}
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

pub(super) type Place = Vec<LocItem>;

/// One reading of the whole value.
pub(super) struct Pass {
    loc: Place,
    /// As `loc`, in positions: the order of the errors.
    at: Vec<usize>,
    /// What is wrong already.
    known: HashSet<Place>,
    /// As `known`, in positions: in order, so that it is soon seen when nothing inside a place is wrong.
    known_at: BTreeSet<Vec<usize>>,
    /// What has no stand-in.
    stuck: HashSet<Place>,
    /// How many stand-ins were read.
    stood_in: usize,
    found: Vec<(Vec<usize>, Place, Invalid, Value)>,
    strict: bool,
}

/// Why reading stopped: an error that has no place yet, or one that was noted.
#[derive(Debug)]
pub(super) struct Stop(pub(super) Option<(Invalid, Option<String>)>);

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

/// What is known of a place.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum State {
    New,
    /// It is wrong: something else is read instead, so that what follows is read too.
    StandIn,
    /// It is wrong, and nothing was taken instead.
    Stuck,
}

impl Pass {
    fn new(strict: bool) -> Self {
        Pass {
            loc: Vec::new(),
            at: Vec::new(),
            known: HashSet::new(),
            known_at: BTreeSet::new(),
            stuck: HashSet::new(),
            stood_in: 0,
            found: Vec::new(),
            strict,
        }
    }

    /// Reads one value and notes what is wrong with it.
    fn one<'de, S: DeserializeSeed<'de>>(&mut self, seed: S, value: &'de Value) -> Result<S::Value, Stop> {
        let before = self.stood_in;
        let result = seed.deserialize(Lax { value, pass: self });
        result.map_err(|Stop(error)| {
            match error {
                Some((error, Some(field))) => {
                    let shown = value.get(&field).filter(|_| error.kind != "missing").unwrap_or(value);
                    self.note(&[LocItem::from(field)], &[usize::MAX], error, shown);
                }
                // What a type says of a stand-in says nothing of the input.
                Some((error, None)) if self.stood_in == before => self.note(&[], &[], error, value),
                _ => {}
            }
            Stop(None)
        })
    }

    /// Notes an error some steps further inside.
    pub(super) fn note(&mut self, inside: &[LocItem], at: &[usize], error: Invalid, input: &Value) {
        let loc = [&self.loc[..], inside].concat();
        if self.known.insert(loc.clone()) {
            let at = [&self.at[..], at].concat();
            self.known_at.insert(at.clone());
            self.found.push((at, loc, error, input.clone()));
        }
    }

    /// Reads a value one step further inside.
    pub(super) fn within<'de, S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
        item: LocItem,
        at: usize,
        value: &'de Value,
    ) -> Result<S::Value, Stop> {
        self.loc.push(item);
        self.at.push(at);
        let before = self.known.len() + self.stuck.len();
        let result = self.one(seed, value);
        // Nothing more is wrong inside than what is known.
        if result.is_err() && self.known.len() + self.stuck.len() == before {
            self.known.insert(self.loc.clone());
            self.known_at.insert(self.at.clone());
        }
        self.loc.pop();
        self.at.pop();
        result
    }

    /// Reads something in the place of what is wrong some steps further inside.
    pub(super) fn stand_in<'de, S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
        inside: &[LocItem],
    ) -> Result<S::Value, Stop> {
        self.stood_in += 1;
        seed.deserialize(StandIn::default()).map_err(|_| {
            self.stuck.insert([&self.loc[..], inside].concat());
            Stop(None)
        })
    }

    /// Whether nothing inside is known to be wrong.
    pub(super) fn is_clean(&self) -> bool {
        let first = self.known_at.range::<[usize], _>((Bound::Included(&self.at[..]), Bound::Unbounded)).next();
        first.is_none_or(|at| !at.starts_with(&self.at))
    }

    pub(super) fn state(&self, inside: &[LocItem]) -> State {
        if self.is_clean() {
            return State::New;
        }
        let place = [&self.loc[..], inside].concat();
        match (self.stuck.contains(&place), self.known.contains(&place)) {
            (true, _) => State::Stuck,
            (_, true) => State::StandIn,
            _ => State::New,
        }
    }
}

/// One value of a pass.
pub(super) struct Lax<'de, 'p> {
    pub(super) value: &'de Value,
    pub(super) pass: &'p mut Pass,
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
        visitor.visit_seq(Items::new(items, self.pass))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Stop> {
        let items = self.value.as_array();
        let items = items.ok_or_else(|| Invalid::new("tuple_type", "Input should be a valid array"))?;
        if items.len() > len {
            return Err(too_long(len, items.len()).into());
        }
        visitor.visit_seq(TupleItems::new(self.value, items, len, self.pass))
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
        visitor.visit_map(Entries::of_map(map, self.pass))
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
        let result = visitor.visit_map(Entries::of_struct(map, fields, &mut *self.pass));
        result.map_err(|stop| match stop {
            Stop(Some((error, Some(field)))) if error.kind == "missing" => {
                let at = map.len() + fields.iter().position(|f| *f == field).unwrap_or(fields.len());
                self.pass.note(&[LocItem::from(field)], &[at], error, self.value);
                Stop(None)
            }
            other => other,
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let (variant, content) = match self.value {
            Value::String(variant) => (variant, None),
            Value::Object(o) if o.len() == 1 => match o.iter().next() {
                Some((variant, content)) => (variant, Some(content)),
                None => return Err(<Stop as de::Error>::unknown_variant("", variants)),
            },
            _ => return Err(<Stop as de::Error>::unknown_variant("", variants)),
        };
        visitor.visit_enum(Variant { name: variant, content, pass: self.pass })
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }
}
