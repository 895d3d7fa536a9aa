//! What the writing methods of many-to-many relations take.

use std::sync::Arc;

use crate::key::{IntoKey, Key, KeyType, Pk};
use crate::model::DbModel;
use crate::origin::Related;
use crate::types::DbType;
use crate::value::{Encoded, Value};

/// What the writing methods of a many-to-many relation to `T` take: a row, its key, or a list of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be linked by a many-to-many relation to `{T}`",
    label = "expected a `&{T}`, a `Pk<{T}>`, the key itself, or a list of these"
)]
pub trait IntoLinks<T: DbModel> {
    #[doc(hidden)]
    fn add_to(self, links: &mut Links);
}

/// Rows by key, and what was loaded ahead for them.
#[doc(hidden)]
#[derive(Default)]
pub struct Links {
    keys: Vec<Value>,
    related: Vec<Arc<Related>>,
    unsaved: bool,
}

impl Links {
    /// Those of an argument.
    pub fn of<T: DbModel>(rows: impl IntoLinks<T>) -> Self {
        let mut links = Links::default();
        rows.add_to(&mut links);
        links
    }

    /// Adds a row by its key.
    pub fn push<T: DbModel>(&mut self, key: Key<T>) {
        match key.0.as_ref().and_then(|key| key.encode().ok()).map(Encoded::into_value) {
            Some(value) => self.keys.push(value),
            None => self.unsaved = true,
        }
    }

    /// Whether one of them was not inserted.
    pub fn has_unsaved(&self) -> bool {
        self.unsaved
    }

    /// Their keys, and what was loaded ahead for them.
    pub fn into_parts(self) -> (Vec<Value>, Vec<Arc<Related>>) {
        (self.keys, self.related)
    }
}

impl<T: DbModel> IntoLinks<T> for &T {
    fn add_to(self, links: &mut Links) {
        links.related.extend(self.pk().related().cloned());
        links.push::<T>(self.into_key());
    }
}

/// For slices of references: `&[&a, &b]`.
impl<T: DbModel> IntoLinks<T> for &&T {
    fn add_to(self, links: &mut Links) {
        (*self).add_to(links);
    }
}

macro_rules! keys {
    ($($t:ty => $key:ty;)*) => { $(
        impl<T: DbModel<Key = $key>> IntoLinks<T> for $t {
            fn add_to(self, links: &mut Links) {
                links.push::<T>(self.to_owned().into_key());
            }
        }
    )* };
}
keys! { i64 => i64; &i64 => i64; String => String; &String => String; &str => String; &&str => String; }
#[cfg(feature = "uuid")]
keys! { uuid::Uuid => uuid::Uuid; &uuid::Uuid => uuid::Uuid; }

impl<T: DbModel<Key = K>, K: KeyType> IntoLinks<T> for Pk<T, K> {
    fn add_to(self, links: &mut Links) {
        links.push::<T>(self.into_key());
    }
}
impl<T: DbModel<Key = K>, K: KeyType> IntoLinks<T> for &Pk<T, K> {
    fn add_to(self, links: &mut Links) {
        links.push::<T>(self.into_key());
    }
}
impl<T: DbModel<Key = K>, K: KeyType> IntoLinks<T> for &&Pk<T, K> {
    fn add_to(self, links: &mut Links) {
        links.push::<T>((*self).into_key());
    }
}
impl<T: DbModel, X: IntoLinks<T>> IntoLinks<T> for Vec<X> {
    fn add_to(self, links: &mut Links) {
        self.into_iter().for_each(|row| row.add_to(links));
    }
}
impl<T: DbModel, X: IntoLinks<T>, const N: usize> IntoLinks<T> for [X; N] {
    fn add_to(self, links: &mut Links) {
        self.into_iter().for_each(|row| row.add_to(links));
    }
}
impl<'a, T: DbModel, X> IntoLinks<T> for &'a [X]
where
    &'a X: IntoLinks<T>,
{
    fn add_to(self, links: &mut Links) {
        self.iter().for_each(|row| row.add_to(links));
    }
}
impl<'a, T: DbModel, X> IntoLinks<T> for &'a Vec<X>
where
    &'a X: IntoLinks<T>,
{
    fn add_to(self, links: &mut Links) {
        self.as_slice().add_to(links);
    }
}
impl<'a, T: DbModel, X, const N: usize> IntoLinks<T> for &'a [X; N]
where
    &'a X: IntoLinks<T>,
{
    fn add_to(self, links: &mut Links) {
        self.as_slice().add_to(links);
    }
}
