//! The query cache: what it keeps, what retires it, and that it is never older than it may be.

mod hits;
mod hostile;
mod keys;
mod limits;
mod linear;
mod options;
mod outside;
mod places;
mod processes;
mod retired;
mod shared;
mod state;
mod transactions;

use sqliter_async::prelude::*;

use crate::support::File;

#[derive(Debug, Clone, PartialEq, DbModel)]
pub struct Nation {
    pub pk: Pk<Self>,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
pub struct Writer {
    pub pk: Pk<Self>,
    #[field(unique)]
    pub name: String,
    #[foreign_key(on_delete = SetNull)]
    pub nation: Option<ForeignKey<Nation>>,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
pub struct Novel {
    pub pk: Pk<Self>,
    pub title: String,
    pub year: i64,
    pub price: Option<f64>,
    #[foreign_key(on_delete = Cascade)]
    pub writer: ForeignKey<Writer>,
    pub labels: ManyToMany<Label>,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
pub struct Label {
    pub pk: Pk<Self>,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
pub struct Critique {
    pub pk: Pk<Self>,
    pub text: String,
    #[foreign_key(on_delete = Cascade)]
    pub novel: ForeignKey<Novel>,
}

pub fn novel(title: &str, year: i64, writer: i64) -> Novel {
    Novel {
        pk: Pk::unset(),
        title: title.to_owned(),
        year,
        price: None,
        writer: writer.into(),
        labels: ManyToMany::default(),
    }
}

pub fn writer(name: &str) -> Writer {
    Writer { pk: Pk::unset(), name: name.to_owned(), nation: None }
}

/// Tables and a few rows: writers 1 and 2 of nation 1, novels 1 and 2 of the first and 3 of the second, two critiques and a
/// label of the first.
pub async fn fill(db: &SqliterDb) {
    db.create_tables::<(Nation, Writer, Novel, Label, Critique)>().await.unwrap();
    let nation = Nation::builder().name("England").insert(db).await.unwrap();
    for name in ["Jane", "Mary"] {
        Writer::builder().name(name).nation(&nation).insert(db).await.unwrap();
    }
    let emma = db.insert(novel("Emma", 1815, 1)).await.unwrap();
    db.insert(novel("Persuasion", 1817, 1)).await.unwrap();
    db.insert(novel("Frankenstein", 1818, 2)).await.unwrap();
    for text in ["good", "long"] {
        Critique::builder().text(text).novel(&emma).insert(db).await.unwrap();
    }
    let label = Label::builder().name("classic").insert(db).await.unwrap();
    emma.labels.add(&label).await.unwrap();
    Label::builder().name("gothic").insert(db).await.unwrap();
}

/// A filled database with a cache, on a file.
pub async fn library(file: &File) -> SqliterDb {
    let db = cached(file, CacheOptions::new()).await;
    fill(&db).await;
    db
}

pub async fn cached(file: &File, options: CacheOptions) -> SqliterDb {
    SqliterDb::builder().filename(&file.path).cache(options).create().await.unwrap()
}

pub async fn cached_memory() -> SqliterDb {
    let db = SqliterDb::builder().memory().cache(CacheOptions::new()).create().await.unwrap();
    fill(&db).await;
    db
}

/// Hits and misses of some calls.
pub async fn counted<T>(db: &SqliterDb, calls: impl AsyncFnOnce() -> T) -> (T, u64, u64) {
    let before = db.cache_stats();
    let out = calls().await;
    let after = db.cache_stats();
    (out, after.hits - before.hits, after.misses - before.misses)
}

/// The result of a read that is in the cache.
pub async fn hit<T>(db: &SqliterDb, read: impl AsyncFnOnce() -> T) -> T {
    let (out, hits, misses) = counted(db, read).await;
    assert_eq!((hits, misses), (1, 0), "not from the cache");
    out
}

/// The result of a read that is not in the cache.
pub async fn miss<T>(db: &SqliterDb, read: impl AsyncFnOnce() -> T) -> T {
    let (out, hits, misses) = counted(db, read).await;
    assert_eq!((hits, misses), (0, 1), "from the cache");
    out
}

/// The result of a read that does not concern the cache.
pub async fn apart<T>(db: &SqliterDb, read: impl AsyncFnOnce() -> T) -> T {
    let (out, hits, misses) = counted(db, read).await;
    assert_eq!((hits, misses), (0, 0), "asked the cache");
    out
}
