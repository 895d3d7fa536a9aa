//! [`ManyToMany`]: the links of a row to rows of another model.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sqliter_core::{
    DbModel, Encoded, Error, Hop, IntoFilter, IntoLinks, IntoOrder, JunctionInfo, KeyType, Links, Origin, Pk, Related,
    RelatedRows, RelationDef, Result, Value,
};

use super::ahead::LoadedRows;
use super::links::{Change, Memory};
use super::reverse::related_query;
use crate::context::{Context, relation_name};
use crate::query::Query;

/// The rows of `T` that a row is linked to: a field of the model that declares the relation, and what the way back gives.
///
/// The links are in a table of their own, created with the table of the model that declares them. They go when either row
/// goes. A field of this type is no column: it is skipped by serde, and equal to any other.
///
/// ```
/// # use sqliter_async::prelude::*;
/// # #[derive(Debug, Clone, DbModel)]
/// # struct Tag { pk: Pk<Self>, name: String }
/// #[derive(Debug, Clone, DbModel)]
/// struct Article {
///     pk: Pk<Self>,
///     title: String,
///     tags: ManyToMany<Tag>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let db = SqliterDb::memory().await?;
/// # db.create_tables::<(Article, Tag)>().await?;
/// let rust = Tag::builder().name("rust").insert(&db).await?;
/// let news = Article::builder().title("News").insert(&db).await?;
/// news.tags.add(&rust).await?;
/// assert_eq!(news.tags.fetch_all().await?[0].name, "rust");
/// assert_eq!(rust.articles().count().await?, 1);
/// # Ok(())
/// # }
/// ```
pub struct ManyToMany<T> {
    bound: Option<Bound>,
    target: PhantomData<fn() -> T>,
}

/// The row that the links belong to.
struct Bound {
    hop: Hop,
    origin: Option<Origin>,
    key: Option<Value>,
    related: Option<Arc<Related>>,
}

impl Clone for Bound {
    fn clone(&self) -> Self {
        let related = self.related.as_ref().map(Related::of_clone);
        Bound { hop: self.hop, origin: self.origin.clone(), key: self.key.clone(), related }
    }
}

impl<T> ManyToMany<T> {
    pub(super) fn bound(hop: Hop, origin: Option<Origin>, key: Option<Value>, related: Option<Arc<Related>>) -> Self {
        ManyToMany { bound: Some(Bound { hop, origin, key, related }), target: PhantomData }
    }

    #[doc(hidden)]
    pub fn attach<M: DbModel<Key = K>, K: KeyType>(
        &mut self,
        origin: &Origin,
        pk: &Pk<M, K>,
        def: &'static RelationDef,
    ) {
        let key = pk.key_ref().and_then(|key| key.encode().ok()).map(Encoded::into_value);
        let hop = Hop { def, reverse: false };
        self.bound = Some(Bound { hop, origin: Some(origin.clone()), key, related: pk.related().cloned() });
    }

    /// The table of the links and its columns; `None` on a row that was made by hand.
    pub fn sql_metadata(&self) -> Option<JunctionInfo> {
        JunctionInfo::of(self.bound.as_ref()?.hop)
    }
}

impl<T: DbModel> ManyToMany<T> {
    /// A query over the linked rows, by key unless sorted otherwise.
    ///
    /// SQL: `.. WHERE "pk" IN (SELECT "tags_pk" FROM "articles_tags" WHERE "articles_pk" = ?1)`.
    pub fn query(&self) -> Query<T> {
        match &self.bound {
            Some(b) => {
                let served = b.related.as_ref().and_then(|related| related.get(b.hop));
                // What a write made out of date was loaded ahead all the same.
                let reload = served.is_none() && b.related.as_ref().is_some_and(|related| related.was_loaded(b.hop));
                let query = related_query(b.hop, b.origin.as_ref(), b.key.clone(), served);
                if reload { query.reloading() } else { query }
            }
            None => Query::without_db(Error::NoDbContext { relation: unbound::<T>() }),
        }
    }

    /// The linked rows that match.
    pub fn filter(&self, filter: impl IntoFilter<T>) -> Query<T> {
        self.query().filter(filter)
    }

    /// The linked rows in an order.
    pub fn order(&self, order: impl IntoOrder<T>) -> Query<T> {
        self.query().order(order)
    }

    /// Every linked row, by key. Rows that were loaded ahead are served from memory.
    ///
    /// # Errors
    /// [`Error::NoDbContext`] on a row that was neither inserted nor loaded; else as [`Query::fetch_all`].
    pub async fn fetch_all(&self) -> Result<Vec<T>> {
        self.query().fetch_all().await
    }

    /// The linked rows that were loaded ahead with `prefetch_related`: no statement, no copy, no `await`.
    ///
    /// # Errors
    /// As [`Query::loaded`].
    pub fn loaded(&self) -> Result<LoadedRows<T>> {
        self.query().loaded()
    }

    /// The linked row with the smallest key, or `None`.
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_one(&self) -> Result<Option<T>> {
        self.query().fetch_one().await
    }

    /// How many rows are linked.
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn count(&self) -> Result<i64> {
        self.query().count().await
    }

    /// Whether any row is linked.
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn exists(&self) -> Result<bool> {
        self.query().exists().await
    }

    /// Links rows: `&tag`, a key, or a list of these. A link that is there stays; either all are made or none.
    ///
    /// SQL: `INSERT INTO "articles_tags" ("articles_pk", "tags_pk") VALUES (?1, ?2) ON CONFLICT DO NOTHING`.
    ///
    /// # Errors
    /// [`Error::ManyToManyIntegrity`] when a row has no key or this one has no database,
    /// [`Error::ForeignKeyConstraint`] when a row is not there, [`Error::ManyToMany`], [`Error::Busy`].
    pub async fn add(&self, rows: impl IntoLinks<T>) -> Result<()> {
        self.change(Change::Add, Links::of(rows)).await
    }

    /// Unlinks rows. What is not linked is no error.
    ///
    /// # Errors
    /// As [`add`](Self::add), but a row without a key is linked to nothing and no error.
    pub async fn remove(&self, rows: impl IntoLinks<T>) -> Result<()> {
        self.change(Change::Remove, Links::of(rows)).await
    }

    /// Unlinks every row.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub async fn clear(&self) -> Result<()> {
        self.change(Change::Clear, Links::default()).await
    }

    /// Links these rows and no others; of nothing it unlinks every row. Either all of it happens or nothing.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub async fn set(&self, rows: impl IntoLinks<T>) -> Result<()> {
        self.change(Change::Set, Links::of(rows)).await
    }

    async fn change(&self, change: Change, links: Links) -> Result<()> {
        let context = self.bound.as_ref().and_then(|b| Some((b, Context::of(b.origin.as_ref()?)?)));
        let Some((bound, context)) = context else {
            return Err(integrity(
                "No database context available. Insert the instance first, or use `db.attach(&mut row)`.",
            ));
        };
        let Some(key) = &bound.key else {
            return Err(integrity("Instance has no primary key. Insert the instance before managing relationships."));
        };
        if links.has_unsaved() && change != Change::Remove {
            return Err(integrity("Related instance has no primary key. Insert it before adding to a relationship."));
        }
        let (keys, others) = links.into_parts();
        let memory = Memory::of::<T>(bound.hop, bound.related.as_deref(), change, others);
        // Before, for whatever becomes of the call; and after, for what others read and kept in between.
        memory.forget();
        let written = super::links::write(&context.db()?, bound.hop, key.clone(), change, keys).await;
        let forgotten = memory.forget();
        // Inside a transaction the links may still be taken back.
        if let (false, Some((related, forgotten))) = (written?, forgotten)
            && related.was_loaded(bound.hop)
        {
            let query = related_query::<T>(bound.hop, bound.origin.as_ref(), Some(key.clone()), None);
            let rows = query.reloading().fetch_all().await?;
            related.put_since(forgotten, bound.hop, RelatedRows::Own(rows));
        }
        Ok(())
    }
}

fn integrity(message: &str) -> Error {
    Error::ManyToManyIntegrity(message.to_owned())
}

fn unbound<T: DbModel>() -> String {
    format!("ManyToMany<{}>", T::schema().model)
}

impl<T> Clone for ManyToMany<T> {
    fn clone(&self) -> Self {
        ManyToMany { bound: self.bound.clone(), target: PhantomData }
    }
}
impl<T> Default for ManyToMany<T> {
    fn default() -> Self {
        ManyToMany { bound: None, target: PhantomData }
    }
}
impl<T> fmt::Debug for ManyToMany<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.bound {
            Some(b) => write!(f, "ManyToMany({})", relation_name(b.hop)),
            None => f.write_str("ManyToMany"),
        }
    }
}
impl<T> PartialEq for ManyToMany<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl<T> Eq for ManyToMany<T> {}
impl<T> Hash for ManyToMany<T> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}
impl<T> PartialOrd for ManyToMany<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for ManyToMany<T> {
    fn cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}
/// Nothing, `null` in JSON; with `#[serde(skip)]` on the field it does not appear at all.
impl<T> Serialize for ManyToMany<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}
/// Of whatever is there, or is not: the links are not part of it.
impl<'de, T> Deserialize<'de> for ManyToMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        // As an option, so that a struct's field may be missing.
        Option::<serde::de::IgnoredAny>::deserialize(deserializer)?;
        Ok(ManyToMany::default())
    }
}

/// A many-to-many field, as generated code sees it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a many-to-many relation",
    label = "expected `ManyToMany<Model>`",
    note = "the model it leads to needs `#[derive(DbModel)]`"
)]
pub trait ManyToManyType: Send + Sync + 'static {
    /// The model that it leads to.
    type Target: DbModel;
    /// Takes part in what is loaded ahead for its row.
    fn share(&mut self, related: &Arc<Related>);
}

impl<T: DbModel> ManyToManyType for ManyToMany<T> {
    type Target = T;

    fn share(&mut self, related: &Arc<Related>) {
        if let Some(bound) = &mut self.bound {
            bound.related = Some(related.clone());
        }
    }
}
