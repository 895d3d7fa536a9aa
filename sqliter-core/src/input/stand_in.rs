//! Some value of whatever type, read where the input is known to be wrong, so that serde goes on to what follows. It is
//! never seen: a reading with an error gives no value.

use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};

use super::Invalid;
use super::lax::Stop;

/// How deep a type may go into itself.
const DEEPEST: usize = 16;

/// Zero, nothing or the first of what a type may be.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct StandIn {
    depth: usize,
}

impl StandIn {
    fn inside(self) -> Result<Self, Stop> {
        match self.depth {
            DEEPEST.. => Err(Invalid::value_error("too deep").into()),
            depth => Ok(StandIn { depth: depth + 1 }),
        }
    }
}

macro_rules! zeros {
    ($($method:ident $visit:ident $value:expr;)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
            visitor.$visit($value)
        }
    )* };
}

impl<'de> Deserializer<'de> for StandIn {
    type Error = Stop;

    zeros! {
        deserialize_bool visit_bool false; deserialize_i8 visit_i8 0; deserialize_i16 visit_i16 0; deserialize_i32 visit_i32 0;
        deserialize_i64 visit_i64 0; deserialize_i128 visit_i128 0; deserialize_u8 visit_u8 0; deserialize_u16 visit_u16 0;
        deserialize_u32 visit_u32 0; deserialize_u64 visit_u64 0; deserialize_u128 visit_u128 0; deserialize_f32 visit_f32 0.0;
        deserialize_f64 visit_f64 0.0; deserialize_char visit_char '0'; deserialize_str visit_str "";
        deserialize_string visit_str ""; deserialize_bytes visit_bytes b""; deserialize_byte_buf visit_bytes b"";
        deserialize_identifier visit_str "";
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_none()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_newtype_struct(self.inside()?)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_seq(Parts { part: self, left: 0 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_seq(Parts { part: self.inside()?, left: len })
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
        visitor.visit_map(Parts { part: self, left: 0 })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_seq(Parts { part: self.inside()?, left: fields.len() })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_enum(First { name: variants.first().copied().unwrap_or_default(), content: self.inside()? })
    }
}

/// The parts of a tuple or a struct; no part of a list or a map.
struct Parts {
    part: StandIn,
    left: usize,
}

impl<'de> de::SeqAccess<'de> for Parts {
    type Error = Stop;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Stop> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(self.part).map(Some)
    }
}

impl<'de> de::MapAccess<'de> for Parts {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, _: K) -> Result<Option<K::Value>, Stop> {
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Stop> {
        seed.deserialize(self.part)
    }
}

/// The first variant of an enum.
struct First {
    name: &'static str,
    content: StandIn,
}

impl<'de> de::EnumAccess<'de> for First {
    type Error = Stop;
    type Variant = StandIn;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, StandIn), Stop> {
        let name = IntoDeserializer::<Stop>::into_deserializer(self.name);
        Ok((seed.deserialize(name)?, self.content))
    }
}

impl<'de> de::VariantAccess<'de> for StandIn {
    type Error = Stop;

    fn unit_variant(self) -> Result<(), Stop> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Stop> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_struct("", fields, visitor)
    }
}
