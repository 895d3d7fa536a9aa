//! The parts of lists, tuples, maps, structs and enums that only serde knows, as [`super::lax`] reads them.

use std::slice;

use serde::de::{self, DeserializeSeed, Deserializer, Visitor};
use serde_json::{Map, Value};

use super::Invalid;
use super::keys::KeyText;
use super::lax::{Pass, State, Stop};
use crate::validation::LocItem;

/// The items of a list, without those that are known to be wrong.
pub(super) struct Items<'de, 'p> {
    items: std::iter::Enumerate<slice::Iter<'de, Value>>,
    pass: &'p mut Pass,
    skipped: bool,
}

impl<'de, 'p> Items<'de, 'p> {
    pub(super) fn new(items: &'de [Value], pass: &'p mut Pass) -> Self {
        Items { items: items.iter().enumerate(), pass, skipped: false }
    }
}

impl<'de> de::SeqAccess<'de> for Items<'de, '_> {
    type Error = Stop;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Stop> {
        for (i, item) in self.items.by_ref() {
            let place = LocItem::Index(i);
            if self.pass.state(slice::from_ref(&place)) == State::New {
                return self.pass.within(seed, place, i, item).map(Some);
            }
            self.skipped = true;
        }
        if self.skipped { Err(Stop(None)) } else { Ok(None) }
    }
}

/// The items of a tuple, of which each has its type: those that are wrong or missing have stand-ins.
pub(super) struct TupleItems<'de, 'p> {
    tuple: &'de Value,
    items: &'de [Value],
    next: usize,
    len: usize,
    pass: &'p mut Pass,
}

impl<'de, 'p> TupleItems<'de, 'p> {
    pub(super) fn new(tuple: &'de Value, items: &'de [Value], len: usize, pass: &'p mut Pass) -> Self {
        TupleItems { tuple, items, next: 0, len, pass }
    }
}

impl<'de> de::SeqAccess<'de> for TupleItems<'de, '_> {
    type Error = Stop;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Stop> {
        let i = self.next;
        if i >= self.len {
            return Ok(None);
        }
        self.next += 1;
        let place = LocItem::Index(i);
        match (self.pass.state(slice::from_ref(&place)), self.items.get(i)) {
            (State::New, Some(item)) => self.pass.within(seed, place, i, item).map(Some),
            (State::New, None) => {
                self.pass.note(&[place], &[i], Invalid::missing(), self.tuple);
                Err(Stop(None))
            }
            (State::StandIn, _) => self.pass.stand_in(seed, &[place]).map(Some),
            (State::Stuck, _) => Err(Stop(None)),
        }
    }
}

/// One entry of a map or a struct.
struct Entry<'de> {
    key: &'de str,
    /// Its position among the errors.
    at: usize,
    /// `None` where a stand-in is read.
    value: Option<&'de Value>,
}

/// The entries of a map, without those that are known to be wrong; or the fields of a struct, with stand-ins for those.
pub(super) struct Entries<'de, 'p> {
    entries: std::vec::IntoIter<Entry<'de>>,
    value: Option<Entry<'de>>,
    /// Whether something was left out, so that this cannot end well.
    left_out: bool,
    /// Whether the keys are values of their own, and not names of fields.
    keyed: bool,
    pass: &'p mut Pass,
}

const KEY: LocItem = LocItem::Key(std::borrow::Cow::Borrowed("[key]"));

fn name(key: &str) -> LocItem {
    LocItem::from(key.to_owned())
}

impl<'de, 'p> Entries<'de, 'p> {
    pub(super) fn of_map(map: &'de Map<String, Value>, pass: &'p mut Pass) -> Self {
        let is_read =
            |key: &str| pass.state(&[name(key)]) == State::New && pass.state(&[name(key), KEY]) != State::Stuck;
        let entries = map.iter().enumerate();
        let read: Vec<_> = entries
            .filter(|(_, (key, _))| is_read(key))
            .map(|(i, (key, value))| Entry { key, at: 2 * i + 1, value: Some(value) })
            .collect();
        Entries { left_out: read.len() < map.len(), entries: read.into_iter(), value: None, keyed: true, pass }
    }

    /// In the order of the fields; then what is none of them, of which errors come first.
    pub(super) fn of_struct(map: &'de Map<String, Value>, fields: &'static [&'static str], pass: &'p mut Pass) -> Self {
        let (mut entries, mut left_out) = (Vec::new(), false);
        let clean = pass.is_clean();
        let state = |key: &str| if clean { State::New } else { pass.state(&[name(key)]) };
        for (i, key) in fields.iter().copied().enumerate() {
            let at = map.len() + i;
            match (state(key), map.get(key)) {
                (State::New, None) => {}
                (State::New, value) => entries.push(Entry { key, at, value }),
                (State::StandIn, _) => entries.push(Entry { key, at, value: None }),
                (State::Stuck, _) => left_out = true,
            }
        }
        for (i, (key, value)) in map.iter().enumerate().filter(|(_, (k, _))| !fields.contains(&k.as_str())) {
            if state(key) == State::New {
                entries.push(Entry { key, at: i, value: Some(value) });
            }
        }
        Entries { entries: entries.into_iter(), value: None, left_out, keyed: false, pass }
    }
}

impl<'de> de::MapAccess<'de> for Entries<'de, '_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        let Some(entry) = self.entries.next() else {
            return if self.left_out { Err(Stop(None)) } else { Ok(None) };
        };
        let Entry { key, at, value } = entry;
        self.value = Some(entry);
        if self.keyed && !self.pass.is_clean() {
            let place = [name(key), KEY];
            if self.pass.state(&place) == State::StandIn {
                return self.pass.stand_in(seed, &place).map(Some);
            }
        }
        seed.deserialize(KeyText(key)).map(Some).map_err(|Stop(error)| {
            let place = [name(key), KEY];
            match error {
                Some((error, None)) if self.keyed => self.pass.note(&place, &[at - 1], error, &Value::from(key)),
                Some((error, _)) => self.pass.note(&place[..1], &[at], error, value.unwrap_or(&Value::Null)),
                None => {}
            }
            Stop(None)
        })
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Stop> {
        match self.value.take() {
            Some(Entry { key, at, value: Some(value) }) => self.pass.within(seed, name(key), at, value),
            Some(Entry { key, .. }) => self.pass.stand_in(seed, &[name(key)]),
            None => Err(Invalid::value_error("a value was asked for before its key").into()),
        }
    }
}

/// A variant of an enum: a text, or an object with one entry.
pub(super) struct Variant<'de, 'p> {
    pub(super) name: &'de str,
    pub(super) content: Option<&'de Value>,
    pub(super) pass: &'p mut Pass,
}

impl<'de> Variant<'de, '_> {
    fn content<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Stop> {
        match self.content {
            Some(content) => self.pass.within(seed, name(self.name), 0, content),
            None => {
                Err(Invalid::value_error(format_args!("`{}` has a value: give an object with it", self.name)).into())
            }
        }
    }
}

impl<'de> de::EnumAccess<'de> for Variant<'de, '_> {
    type Error = Stop;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Stop> {
        Ok((seed.deserialize(KeyText(self.name))?, self))
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'de, '_> {
    type Error = Stop;

    fn unit_variant(self) -> Result<(), Stop> {
        match self.content {
            None => Ok(()),
            Some(_) => self.content(std::marker::PhantomData::<()>),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Stop> {
        self.content(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Stop> {
        self.content(TupleSeed { len, visitor })
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Stop> {
        self.content(StructSeed { fields, visitor })
    }
}

struct TupleSeed<V> {
    len: usize,
    visitor: V,
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for TupleSeed<V> {
    type Value = V::Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_tuple(self.len, self.visitor)
    }
}

struct StructSeed<V> {
    fields: &'static [&'static str],
    visitor: V,
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for StructSeed<V> {
    type Value = V::Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_struct("", self.fields, self.visitor)
    }
}
