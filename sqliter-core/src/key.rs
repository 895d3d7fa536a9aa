//! The identity of a row: [`Pk`], and [`IntoKey`], which is everything that can name a row.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::DbModel;
use crate::origin::{Origin, Related};
use crate::types::{DbType, DecodeError, EncodeError, SqlType};
use crate::value::{Encoded, Value, ValueRef};

/// A type that can be a primary key: `i64`, `String`, and `Uuid` with the feature `uuid`.
pub trait KeyType: DbType + Eq + Ord + Hash + fmt::Display {
    /// The key that the database hands out on insert, if it does for this type.
    #[doc(hidden)]
    fn from_rowid(rowid: i64) -> Option<Self>;
    /// Whether [`from_rowid`](KeyType::from_rowid) gives one.
    #[doc(hidden)]
    const AUTO: bool;
}

impl KeyType for i64 {
    const AUTO: bool = true;
    fn from_rowid(rowid: i64) -> Option<Self> {
        Some(rowid)
    }
}

impl KeyType for String {
    const AUTO: bool = false;
    fn from_rowid(_: i64) -> Option<Self> {
        None
    }
}

#[cfg(feature = "uuid")]
impl KeyType for uuid::Uuid {
    const AUTO: bool = false;
    fn from_rowid(_: i64) -> Option<Self> {
        None
    }
}

/// The primary key field of a model: `pk: Pk<Self>`.
///
/// Unset until the row is inserted. Compares, hashes, orders and serialises as the key alone. A row that was inserted or
/// loaded also remembers here which database it came from, and the related rows that were loaded ahead for it.
///
/// ```
/// use sqliter_core::Pk;
/// struct User;
/// let pk: Pk<User> = Pk::unset();
/// assert_eq!(pk.get(), None);
/// assert_eq!(Pk::<User>::of(3).get(), Some(3));
/// ```
pub struct Pk<M, K = i64> {
    key: Option<K>,
    origin: Option<Origin>,
    related: Option<Arc<Related>>,
    model: PhantomData<fn() -> M>,
}

impl<M, K> Pk<M, K> {
    /// The key of a row that was not inserted yet.
    pub const fn unset() -> Self {
        Pk { key: None, origin: None, related: None, model: PhantomData }
    }

    /// A key by hand.
    pub const fn of(key: K) -> Self {
        Pk { key: Some(key), origin: None, related: None, model: PhantomData }
    }

    /// Whether the row has a key.
    pub const fn is_set(&self) -> bool {
        self.key.is_some()
    }

    #[doc(hidden)]
    pub fn key_ref(&self) -> Option<&K> {
        self.key.as_ref()
    }

    /// Remembers where the row came from; what was loaded ahead for it stays.
    #[doc(hidden)]
    pub fn attach(&mut self, origin: &Origin) {
        self.origin = Some(origin.clone());
    }

    #[doc(hidden)]
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// What was loaded ahead for the row, if anything was.
    #[doc(hidden)]
    pub fn related(&self) -> Option<&Arc<Related>> {
        self.related.as_ref()
    }

    /// The place for what is loaded ahead for the row.
    #[doc(hidden)]
    pub fn related_mut(&mut self) -> &Arc<Related> {
        self.related.get_or_insert_default()
    }

    #[doc(hidden)]
    pub fn forget_related(&mut self) {
        self.related = None;
    }
}

impl<M, K: Clone> Pk<M, K> {
    /// The key, if the row was inserted.
    pub fn get(&self) -> Option<K> {
        self.key.clone()
    }
}

impl<M: DbModel, K: Clone> Pk<M, K> {
    /// The key.
    ///
    /// # Errors
    /// [`Error::RecordNotFound`](crate::Error::RecordNotFound) when the row was not inserted yet.
    pub fn value(&self) -> crate::Result<K> {
        self.key.clone().ok_or_else(|| crate::Error::RecordNotFound {
            table: M::schema().table.to_owned(),
            key: "unset: insert the row first".to_owned(),
        })
    }
}

impl<M, K: Clone> Clone for Pk<M, K> {
    fn clone(&self) -> Self {
        let related = self.related.as_ref().map(Related::of_clone);
        Pk { key: self.key.clone(), origin: self.origin.clone(), related, model: PhantomData }
    }
}
impl<M, K> Default for Pk<M, K> {
    fn default() -> Self {
        Pk::unset()
    }
}
impl<M, K> From<K> for Pk<M, K> {
    fn from(key: K) -> Self {
        Pk::of(key)
    }
}
impl<M> From<&str> for Pk<M, String> {
    fn from(key: &str) -> Self {
        Pk::of(key.to_owned())
    }
}
impl<M, K: fmt::Debug> fmt::Debug for Pk<M, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => key.fmt(f),
            None => f.write_str("unset"),
        }
    }
}
impl<M, K: fmt::Display> fmt::Display for Pk<M, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => key.fmt(f),
            None => f.pad("unset"),
        }
    }
}
impl<M, K: PartialEq> PartialEq for Pk<M, K> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl<M, K: Eq> Eq for Pk<M, K> {}
impl<M, K: PartialOrd> PartialOrd for Pk<M, K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.key.partial_cmp(&other.key)
    }
}
impl<M, K: Ord> Ord for Pk<M, K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}
impl<M, K: Hash> Hash for Pk<M, K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}
impl<M, K: Serialize> Serialize for Pk<M, K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.key.serialize(serializer)
    }
}
impl<'de, M, K: Deserialize<'de>> Deserialize<'de> for Pk<M, K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Pk { key: Option::deserialize(deserializer)?, ..Pk::unset() })
    }
}

impl<M: 'static, K: KeyType> DbType for Pk<M, K> {
    const SQL_TYPE: SqlType = K::SQL_TYPE;

    #[inline]
    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        match &self.key {
            Some(key) => key.encode(),
            None => Ok(Encoded::Null),
        }
    }

    #[inline]
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        K::decode(value).map(Pk::of)
    }
}
impl<M, K: KeyType + crate::types::Ordered> crate::types::Ordered for Pk<M, K> {}
impl<M, K: KeyType + crate::types::Text> crate::types::Text for Pk<M, K> {}

/// The type of the field `pk`: implemented by [`Pk`] alone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the primary key field of a model",
    label = "expected `Pk<Self>`",
    note = "keys of another type are `Pk<Self, String>` and `Pk<Self, Uuid>`"
)]
pub trait PrimaryKey: Sized {
    /// The type of the key itself.
    type Key: KeyType;
}
impl<M: 'static, K: KeyType> PrimaryKey for Pk<M, K> {
    type Key = K;
}

/// The key of a row of `M`, or of no row yet.
#[doc(hidden)]
pub struct Key<M: DbModel>(pub Option<M::Key>);

impl<M: DbModel> Key<M> {
    /// The stored form; `NULL`, which finds nothing, when unset.
    ///
    /// # Errors
    /// As the key type's own.
    pub fn to_value(&self) -> Result<Value, EncodeError> {
        self.0.as_ref().map_or(Ok(Value::Null), |k| k.encode().map(Encoded::into_value))
    }

    /// For messages.
    pub fn describe(&self) -> String {
        self.0.as_ref().map_or_else(|| "unset".to_owned(), ToString::to_string)
    }
}

/// Anything that names a row of `M`: its key, a [`Pk`], or the row itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a key of `{M}`",
    label = "expected the key itself, a `Pk<{M}>` or a `&{M}`"
)]
pub trait IntoKey<M: DbModel> {
    #[doc(hidden)]
    fn into_key(self) -> Key<M>;
}

impl<M: DbModel<Key = i64>> IntoKey<M> for i64 {
    fn into_key(self) -> Key<M> {
        Key(Some(self))
    }
}
impl<M: DbModel<Key = String>> IntoKey<M> for String {
    fn into_key(self) -> Key<M> {
        Key(Some(self))
    }
}
impl<M: DbModel<Key = String>> IntoKey<M> for &str {
    fn into_key(self) -> Key<M> {
        Key(Some(self.to_owned()))
    }
}
#[cfg(feature = "uuid")]
impl<M: DbModel<Key = uuid::Uuid>> IntoKey<M> for uuid::Uuid {
    fn into_key(self) -> Key<M> {
        Key(Some(self))
    }
}
impl<M: DbModel<Key = K>, K: KeyType> IntoKey<M> for Pk<M, K> {
    fn into_key(self) -> Key<M> {
        Key(self.key)
    }
}
impl<M: DbModel<Key = K>, K: KeyType> IntoKey<M> for &Pk<M, K> {
    fn into_key(self) -> Key<M> {
        Key(self.key.clone())
    }
}
impl<M: DbModel> IntoKey<M> for &M {
    fn into_key(self) -> Key<M> {
        Key(self.pk().get())
    }
}
