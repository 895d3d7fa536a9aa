//! What a handle offers of its cache.

use std::any::{Any, TypeId};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use super::Key;
use crate::db::SqliterDb;

/// How often the cache answered.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct CacheStats {
    /// Reads that were answered from memory.
    pub hits: u64,
    /// Reads that were not.
    pub misses: u64,
    /// Both.
    pub total: u64,
    /// Hits in percent, rounded to two decimals; 0 without any read.
    pub hit_rate: f64,
}

impl SqliterDb {
    /// How often the cache answered since it was opened, or reset.
    pub fn cache_stats(&self) -> CacheStats {
        let Some(cache) = self.cache() else { return CacheStats::default() };
        let (hits, misses) = (cache.hits.load(Relaxed), cache.misses.load(Relaxed));
        let total = hits + misses;
        let percent = if total == 0 { 0.0 } else { hits as f64 * 100.0 / total as f64 };
        CacheStats { hits, misses, total, hit_rate: (percent * 100.0).round() / 100.0 }
    }

    /// Starts counting anew.
    pub fn reset_cache_stats(&self) {
        if let Some(cache) = self.cache() {
            cache.reset_stats();
        }
    }

    /// Forgets every result. The statistics stay.
    pub fn clear_cache(&self) {
        if let Some(cache) = self.cache() {
            cache.clear();
        }
    }

    /// Forgets every result that was read from this table, also in the caches of other handles on the same file.
    pub fn invalidate_table_cache(&self, table: &str) {
        if let (Some(cache), Some(engine)) = (self.cache(), self.connected_engine()) {
            cache.clear_table(table);
            engine.generations().retire(table);
        }
    }

    /// About how many bytes the cached results take.
    pub fn cache_memory_usage(&self) -> u64 {
        match (self.cache(), self.connected_engine()) {
            (Some(cache), Some(engine)) => cache.memory(engine.generations()),
            _ => 0,
        }
    }

    /// A value that was put with [`cache_set`](Self::cache_set), if it is still there: of the same type, not expired, and the
    /// table unchanged. Inside a transaction there is none.
    pub fn cache_get<T: Any + Clone + Send + Sync>(&self, table: &str, key: &str) -> Option<T> {
        let (cache, engine) = (self.cache()?, self.connected_engine()?);
        if self.in_transaction() {
            return None;
        }
        let known = engine.look_outside();
        let key = Key::Manual(TypeId::of::<T>(), key.to_owned());
        cache.get(table, &key, engine.generations(), known)?.downcast_ref::<T>().cloned()
    }

    /// Puts a value that belongs to a table: it is forgotten when the table changes, or after this time, or that of the handle's
    /// cache.
    ///
    /// It counts as much memory as its type has by itself: what it has on the heap nobody knows.
    ///
    /// A value that was computed from what the table held a while ago is as old as that: take care that nobody writes in
    /// between. Inside a transaction, which may be rolled back, nothing is put.
    pub fn cache_set<T: Any + Clone + Send + Sync>(&self, table: &str, key: &str, value: T, ttl: Option<Duration>) {
        let (Some(cache), Some(engine)) = (self.cache(), self.connected_engine()) else { return };
        if self.in_transaction() {
            return;
        }
        let generations = engine.generations();
        let mark = generations.mark(table);
        if let Some(seen) = generations.seen(generations.before(), vec![mark]) {
            let key = Key::Manual(TypeId::of::<T>(), key.to_owned());
            cache.put(table, key, Arc::new(value), size_of::<T>(), seen, ttl.or(cache.ttl()));
        }
    }
}
