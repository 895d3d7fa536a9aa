//! The query cache: results in memory, for as long as no table that they were read from has changed.
//!
//! Knows nothing of SQL: a result is kept under the plan that asked for it, with the marks of the tables that SQLite said were
//! read. The driver keeps the marks.

mod api;
mod lookup;
mod options;

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use moka::policy::EvictionPolicy;
use moka::sync::Cache as Moka;
use sqliter_core::Value;
use sqliter_core::plan::SelectPlan;

use crate::driver::{Generations, Seen};

pub use api::CacheStats;
pub(crate) use lookup::{Caching, Measure, Weigh};
pub use options::{CacheOptions, GetOptions};

/// What a result is found by.
#[derive(PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// A row by its key.
    Row(TypeId, KeyValue),
    /// The rows of a query.
    Rows(QueryKey),
    /// What a caller put.
    Manual(TypeId, String),
}

/// The key of a row. A NaN is none.
#[derive(PartialEq, Hash)]
pub(crate) struct KeyValue(pub(crate) Value);
impl Eq for KeyValue {}

impl Key {
    /// About how many bytes it takes besides itself.
    fn weight(&self) -> usize {
        match self {
            Key::Row(_, KeyValue(Value::Text(text))) => text.len(),
            Key::Row(_, KeyValue(Value::Blob(bytes))) => bytes.len(),
            Key::Row(..) => 0,
            Key::Rows(query) => query.plan.weight(),
            Key::Manual(_, key) => key.len(),
        }
    }
}

/// A query, what it yields, and how much of it.
pub(crate) struct QueryKey {
    pub(crate) yields: TypeId,
    pub(crate) plan: Arc<SelectPlan>,
    pub(crate) want: Want,
    pub(crate) strict: bool,
}

impl QueryKey {
    /// What is compared besides the rest of the plan: a limit of the query and one of the call are one.
    fn parts(&self) -> (TypeId, Want, Option<i64>, bool) {
        let limit = match (self.want, self.plan.limit()) {
            (Want::First, limit) => Some(limit.map_or(1, |limit| limit.min(1))),
            (_, limit) => limit,
        };
        (self.yields, self.want, limit, self.strict)
    }
}

impl PartialEq for QueryKey {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts() && self.plan.selects_as(&other.plan)
    }
}

/// A plan with a NaN, which equals nothing, never runs.
impl Eq for QueryKey {}

impl Hash for QueryKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
        self.plan.hash_selection(state);
    }
}

/// What is wanted of a query's rows.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Want {
    All,
    First,
    Last,
}

/// A result: of the type that its key names.
pub(crate) type Kept = Arc<dyn Any + Send + Sync>;

struct Entry {
    value: Kept,
    seen: Seen,
    expires: Option<Instant>,
    /// Bytes, as far as they can be told.
    size: u32,
}

impl Entry {
    fn is_expired(&self, now: Instant) -> bool {
        self.expires.is_some_and(|at| now >= at)
    }
}

/// The results that are filed under one table, the least recently used first to go.
type Entries = Moka<Arc<Key>, Arc<Entry>, Hasher>;

/// Each thing is looked up twice where a result was not kept: the standard library's hash would be felt.
type Hasher = hashlink::DefaultHashBuilder;

type Tables = HashMap<Box<str>, Arc<Entries>, Hasher>;

/// The results of one handle.
pub(crate) struct Cache {
    options: CacheOptions,
    tables: RwLock<Tables>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// What every entry weighs at least: what surrounds it, measured.
const OVERHEAD: usize = 500;

/// Entries that may wait to be counted where only their number is limited, and far from the limit.
const UNCOUNTED: u64 = 512;

impl Cache {
    pub(crate) fn new(options: CacheOptions) -> Self {
        Cache { options, tables: RwLock::default(), hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }

    /// The time to live of a result for which none was given.
    pub(crate) fn ttl(&self) -> Option<Duration> {
        self.options.ttl
    }

    /// What is done with the entries is done outside the lock: they are values of the caller's, which may do anything when they
    /// go.
    fn table(&self, table: &str) -> Option<Arc<Entries>> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner).get(table).cloned()
    }

    fn table_or_new(&self, table: &str) -> Arc<Entries> {
        if let Some(entries) = self.table(table) {
            return entries;
        }
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        tables.entry(table.into()).or_insert_with(|| Arc::new(self.entries())).clone()
    }

    /// An empty table. With both limits an entry weighs at least its share of the memory, so that one limit keeps both.
    fn entries(&self) -> Entries {
        let builder = Moka::builder().eviction_policy(EvictionPolicy::lru());
        let entries = self.options.max_size as u64;
        match self.options.memory() {
            None => builder.max_capacity(entries).build_with_hasher(Hasher::default()),
            Some(bytes) => {
                // So many do not fit anyway where the share is less than what every entry weighs.
                let share = bytes / entries;
                let capacity = if share < OVERHEAD as u64 { bytes } else { share.saturating_mul(entries) };
                let share = u32::try_from(share).unwrap_or(u32::MAX);
                let weigher = move |_: &Arc<Key>, entry: &Arc<Entry>| entry.size.max(share);
                builder.max_capacity(capacity).weigher(weigher).build_with_hasher(Hasher::default())
            }
        }
    }

    /// The result under a key, if it still holds and that is known; counted as a hit or a miss.
    fn get(&self, table: &str, key: &Key, generations: &Generations, known: bool) -> Option<Kept> {
        let found = if known { self.find(table, key, generations) } else { None };
        let count = if found.is_some() { &self.hits } else { &self.misses };
        count.fetch_add(1, Relaxed);
        found
    }

    fn find(&self, table: &str, key: &Key, generations: &Generations) -> Option<Kept> {
        let entry = self.table(table)?.get(key)?;
        // What holds no more is replaced by what is read now, which is cheaper than to remove it first.
        if entry.expires.is_some() && entry.is_expired(Instant::now()) || !generations.holds(&entry.seen) {
            return None;
        }
        Some(entry.value.clone())
    }

    /// Keeps a result, which has so many bytes. One that is larger than the limit is not kept.
    fn put(&self, table: &str, key: Key, value: Kept, size: usize, seen: Seen, ttl: Option<Duration>) {
        let size = size.saturating_add(key.weight() + OVERHEAD);
        if self.options.memory().is_some_and(|limit| size as u64 > limit) {
            return;
        }
        let entry = Arc::new(Entry {
            value,
            seen,
            // What never ends in practice needs no end.
            expires: ttl.and_then(|ttl| Instant::now().checked_add(ttl)),
            size: u32::try_from(size).unwrap_or(u32::MAX),
        });
        let entries = self.table_or_new(table);
        entries.insert(Arc::new(key), entry);
        if self.options.memory().is_some() || entries.entry_count() + UNCOUNTED >= self.options.max_size as u64 {
            entries.run_pending_tasks();
        }
    }

    /// Forgets every result.
    pub(crate) fn clear(&self) {
        let before = std::mem::take(&mut *self.tables.write().unwrap_or_else(PoisonError::into_inner));
        drop(before);
    }

    fn clear_table(&self, table: &str) {
        let before = self.tables.write().unwrap_or_else(PoisonError::into_inner).remove(table);
        drop(before);
    }

    pub(crate) fn reset_stats(&self) {
        self.hits.store(0, Relaxed);
        self.misses.store(0, Relaxed);
    }

    /// How many bytes the results take, as far as that can be told. Those that hold no more go.
    fn memory(&self, generations: &Generations) -> u64 {
        let tables: Vec<_> = self.tables.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        let now = Instant::now();
        let size = |entries: &Arc<Entries>| -> u64 {
            entries.run_pending_tasks();
            let mut bytes = 0;
            for (key, entry) in entries.iter() {
                if entry.is_expired(now) || !generations.holds(&entry.seen) {
                    entries.invalidate(&*key);
                } else {
                    bytes += u64::from(entry.size);
                }
            }
            bytes
        };
        tables.iter().map(size).sum()
    }
}
