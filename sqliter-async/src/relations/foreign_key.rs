//! [`ForeignKey`]: a field that refers to a row of another model.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use once_cell::sync::OnceCell;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sqliter_core::{
    DbModel, DbType, DecodeError, EncodeError, Encoded, Error, Hop, IntoKey, Invalid, Key, KeyField, KeyOperand,
    KeyType, Operand, Origin, Pk, RelationDef, Result, SqlType, ToOne, ValidationError, Value, ValueRef, node,
};

use super::loaded::Loaded;
use crate::context::{Context, relation_name, remedy};
use crate::db::SqliterDb;

/// A reference to a row of `T`: its key, and the row itself once it was loaded.
///
/// The column is the field's name with `_id`, indexed, and refuses keys of rows that are not there. `K` is the type of the key
/// of `T`: `ForeignKey<Author>` for `Pk<Author>`, `ForeignKey<Author, Uuid>` for `Pk<Author, Uuid>`. Compares, hashes, sorts,
/// prints and serialises as the key alone; clones share the loaded row.
///
/// ```
/// # use sqliter_async::prelude::*;
/// # #[derive(Debug, Clone, DbModel)]
/// # struct Author { pk: Pk<Self>, name: String }
/// #[derive(Debug, Clone, DbModel)]
/// struct Book {
///     pk: Pk<Self>,
///     title: String,
///     #[foreign_key(on_delete = Cascade)]
///     author: ForeignKey<Author>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let db = SqliterDb::memory().await?;
/// # db.create_tables::<(Author, Book)>().await?;
/// let jane = Author::builder().name("Jane Austen").insert(&db).await?;
/// let emma = Book::builder().title("Emma").author(&jane).insert(&db).await?;
/// assert_eq!(emma.author.key(), Some(1));
/// assert_eq!(emma.author.fetch().await?.name, "Jane Austen");
/// # Ok(())
/// # }
/// ```
pub struct ForeignKey<T, K = i64> {
    key: Option<K>,
    source: Option<(Origin, &'static RelationDef)>,
    loaded: OnceCell<Loaded<T>>,
}

impl<T, K> ForeignKey<T, K> {
    fn of(key: Option<K>) -> Self {
        ForeignKey { key, source: None, loaded: OnceCell::new() }
    }

    /// A key that refers to nothing yet: what a row is made with whose parent comes later. It cannot be written.
    pub fn unset() -> Self {
        ForeignKey::of(None)
    }

    /// Whether it refers to a row.
    pub fn is_set(&self) -> bool {
        self.key.is_some()
    }

    /// The row, if it was loaded.
    pub fn get(&self) -> Option<&T> {
        self.loaded.get()?.row().map(|row| &**row)
    }

    /// The database that it is loaded from, if the row it belongs to has one that is open.
    pub fn db_context(&self) -> Option<SqliterDb> {
        Context::of(&self.source.as_ref()?.0)?.db().ok()
    }

    #[doc(hidden)]
    pub fn attach(&mut self, origin: &Origin, def: &'static RelationDef) {
        self.source = Some((origin.clone(), def));
    }

    fn hop(&self) -> Option<Hop> {
        self.source.as_ref().map(|(_, def)| Hop { def, reverse: false })
    }
}

impl<T, K: Clone> ForeignKey<T, K> {
    /// The key of the row that it refers to; `None` only when it was never set.
    pub fn key(&self) -> Option<K> {
        self.key.clone()
    }
}

impl<T: DbModel<Key = K>, K: KeyType> ForeignKey<T, K> {
    #[doc(hidden)]
    pub fn from_key(key: Key<T>) -> Self {
        ForeignKey::of(key.0)
    }

    /// Refers to another row. What was loaded is forgotten.
    pub fn set(&mut self, row: impl IntoKey<T>) {
        self.key = row.into_key().0;
        self.loaded = OnceCell::new();
    }

    fn name(&self) -> String {
        self.hop().map_or_else(|| format!("ForeignKey<{}>", T::schema().model), relation_name)
    }

    fn key_value(&self) -> Result<Value> {
        let key = self.key.as_ref().map_or(Ok(Value::Null), |k| k.encode().map(Encoded::into_value));
        key.map_err(|source| Error::Encode { table: T::schema().table.into(), column: self.name(), source })
    }

    /// The row, which was loaded before.
    ///
    /// # Errors
    /// [`Error::RelationNotLoaded`] when it was not; the message says how to load it.
    pub fn loaded(&self) -> Result<&T> {
        self.get().ok_or_else(|| {
            let missing = self.loaded.get().is_some();
            let hint = match self.hop() {
                _ if missing => "there is no such row".to_owned(),
                Some(hop) => format!("use `.fetch().await`, or {}", remedy(hop)),
                None => "use `.fetch().await`, or `.select_related(..)` on the query".to_owned(),
            };
            Error::RelationNotLoaded { relation: self.name(), hint }
        })
    }

    /// The row. Loaded at the first call, by one query, and kept in the field: later calls run none.
    ///
    /// # Errors
    /// [`Error::RecordNotFound`] when there is no such row, [`Error::NoDbContext`] when the row with this field was neither
    /// inserted nor loaded, [`Error::Closed`] when its database is; else as [`SqliterDb::get`].
    pub async fn fetch(&self) -> Result<&T> {
        let found = self.try_fetch().await?;
        found.ok_or_else(|| {
            let key = self.key.as_ref().map_or_else(|| "unset".to_owned(), ToString::to_string);
            Error::RecordNotFound { table: T::schema().table.to_owned(), key }
        })
    }

    /// The row, or `None` when there is no such row, which is remembered too.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch) otherwise.
    pub async fn try_fetch(&self) -> Result<Option<&T>> {
        if let Some(loaded) = self.loaded.get() {
            return Ok(loaded.row().map(|row| &**row));
        }
        let row = self.load().await?;
        Ok(self.loaded.get_or_init(|| Loaded::new(row)).row().map(|row| &**row))
    }

    async fn load(&self) -> Result<Option<Arc<T>>> {
        let context = self.source.as_ref().and_then(|(origin, def)| Some((Context::of(origin)?, def)));
        let Some((context, def)) = context else { return Err(Error::NoDbContext { relation: self.name() }) };
        let Some(key) = &self.key else { return Ok(None) };
        context.follow(Hop { def, reverse: false }, &self.key_value()?)?;
        Ok(context.db()?.get_by_key::<T>(Key(Some(key.clone()))).await?.map(Arc::new))
    }
}

impl<T, K: Clone> Clone for ForeignKey<T, K> {
    fn clone(&self) -> Self {
        ForeignKey { key: self.key.clone(), source: self.source.clone(), loaded: self.loaded.clone() }
    }
}
impl<T, K> Default for ForeignKey<T, K> {
    fn default() -> Self {
        ForeignKey::unset()
    }
}
impl<T, K: fmt::Debug> fmt::Debug for ForeignKey<T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "ForeignKey({key:?}")?,
            None => f.write_str("ForeignKey(unset")?,
        }
        f.write_str(if self.get().is_some() { ", loaded)" } else { ")" })
    }
}
impl<T, K: PartialEq> PartialEq for ForeignKey<T, K> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl<T, K: Eq> Eq for ForeignKey<T, K> {}
impl<T, K: PartialOrd> PartialOrd for ForeignKey<T, K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.key.partial_cmp(&other.key)
    }
}
impl<T, K: Ord> Ord for ForeignKey<T, K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}
impl<T, K: Hash> Hash for ForeignKey<T, K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}
impl<T, K: Serialize> Serialize for ForeignKey<T, K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.key.serialize(serializer)
    }
}
impl<'de, T, K: Deserialize<'de>> Deserialize<'de> for ForeignKey<T, K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Option::deserialize(deserializer).map(ForeignKey::of)
    }
}

/// Whatever `T` is: that it has to be a model is said once, by [`ForeignKeyType`].
impl<T: Send + Sync + 'static, K: KeyType> DbType for ForeignKey<T, K> {
    const SQL_TYPE: SqlType = K::SQL_TYPE;
    const RELATION: bool = true;

    fn encode(&self) -> std::result::Result<Encoded<'_>, EncodeError> {
        match &self.key {
            Some(key) => key.encode(),
            None => Err(EncodeError::new("the foreign key is unset: insert the row that it refers to first")),
        }
    }

    fn decode(value: ValueRef<'_>) -> std::result::Result<Self, DecodeError> {
        K::decode(value).map(|key| ForeignKey::of(Some(key)))
    }

    fn from_input(input: &sqliter_core::serde_json::Value, strict: bool) -> std::result::Result<Self, Invalid> {
        K::from_input(input, strict).map(|key| ForeignKey::of(Some(key)))
    }

    fn input_schema() -> sqliter_core::serde_json::Value {
        K::input_schema()
    }
}

macro_rules! from_keys {
    ($($t:ty => $key:ty;)*) => { $(
        impl<T> From<$t> for ForeignKey<T, $key> {
            fn from(key: $t) -> Self {
                ForeignKey::of(Some(key.into()))
            }
        }
    )* };
}
from_keys! { i64 => i64; String => String; &str => String; }
#[cfg(feature = "uuid")]
from_keys! { sqliter_core::uuid::Uuid => sqliter_core::uuid::Uuid; }

impl<T: DbModel> From<&T> for ForeignKey<T, T::Key> {
    fn from(row: &T) -> Self {
        ForeignKey::of(row.pk().get())
    }
}
impl<T, K: Clone> From<&Pk<T, K>> for ForeignKey<T, K> {
    fn from(key: &Pk<T, K>) -> Self {
        ForeignKey::of(key.get())
    }
}
impl<T, K: Clone> From<Pk<T, K>> for ForeignKey<T, K> {
    fn from(key: Pk<T, K>) -> Self {
        ForeignKey::of(key.get())
    }
}

impl<T: DbModel<Key = K>, K: KeyType> IntoKey<T> for ForeignKey<T, K> {
    fn into_key(self) -> Key<T> {
        Key(self.key)
    }
}
impl<T: DbModel<Key = K>, K: KeyType> IntoKey<T> for &ForeignKey<T, K> {
    fn into_key(self) -> Key<T> {
        Key(self.key.clone())
    }
}
impl<T: DbModel<Key = K>, K: KeyType> KeyField<T> for ForeignKey<T, K> {
    fn into_field_key(self) -> Key<T> {
        Key(self.key)
    }
}
impl<T: DbModel<Key = I>, K: ToOne, I: KeyType> KeyOperand<T, K> for ForeignKey<T, I> {
    fn key_operand(self) -> Option<Key<T>> {
        Some(self.into_key())
    }
}
impl<T: DbModel<Key = I>, K: ToOne, I: KeyType> KeyOperand<T, K> for &ForeignKey<T, I> {
    fn key_operand(self) -> Option<Key<T>> {
        Some(self.into_key())
    }
}
/// `Author::PK.eq(&book.author)`.
impl<M, T: DbModel<Key = K>, K: KeyType> Operand<M, Pk<T, K>> for &ForeignKey<T, K> {
    fn operand(self, store: sqliter_core::Store) -> node::ExprNode {
        let key = self.key.clone().map_or_else(Pk::unset, Pk::of);
        Operand::<M, Pk<T, K>>::operand(key, store)
    }
}

/// A foreign key field, as generated code sees it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a foreign key",
    label = "expected `ForeignKey<Model>`, or `ForeignKey<Model, Key>` with the type of the model's key",
    note = "the model it refers to needs `#[derive(DbModel)]`"
)]
pub trait ForeignKeyType: Sized + Send + Sync + 'static {
    /// The model that it refers to.
    type Target: DbModel;
    fn of_key(key: Key<Self::Target>) -> Self;
    fn target_key(&self) -> Option<&<Self::Target as DbModel>::Key>;
    fn loaded_row(&self) -> Option<&Arc<Self::Target>>;
    fn put(&mut self, row: Option<Arc<Self::Target>>);
}

impl<T: DbModel<Key = K>, K: KeyType> ForeignKeyType for ForeignKey<T, K> {
    type Target = T;

    fn of_key(key: Key<T>) -> Self {
        ForeignKey::from_key(key)
    }

    fn target_key(&self) -> Option<&K> {
        self.key.as_ref()
    }

    fn loaded_row(&self) -> Option<&Arc<T>> {
        self.loaded.get()?.row()
    }

    fn put(&mut self, row: Option<Arc<T>>) {
        self.loaded = OnceCell::with_value(Loaded::new(row));
    }
}

/// What a builder makes a foreign key of.
#[doc(hidden)]
pub fn foreign_key<F: ForeignKeyType>(row: impl IntoKey<F::Target>) -> F {
    F::of_key(row.into_key())
}

/// What a builder asks of each foreign key.
#[doc(hidden)]
pub fn check_key<F: ForeignKeyType>(
    model: &'static str,
    field: &'static str,
    key: Option<&F>,
) -> std::result::Result<(), ValidationError> {
    match key {
        Some(key) if key.target_key().is_none() => Err(ValidationError::unset_key(model, field)),
        _ => Ok(()),
    }
}
