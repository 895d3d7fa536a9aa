//! How much is cached and for how long.

use std::time::Duration;

use sqliter_core::{Error, Result};

/// The options of a handle's cache: `SqliterDb::builder().cache(CacheOptions::new())`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "options do nothing by themselves"]
pub struct CacheOptions {
    pub(crate) max_size: usize,
    pub(crate) ttl: Option<Duration>,
    max_memory_mb: Option<u32>,
    pub(crate) external_check: Duration,
}

impl CacheOptions {
    /// 1000 results a table, without an end but that their tables change; what others commit is seen after 100 ms.
    pub fn new() -> Self {
        CacheOptions { max_size: 1000, ttl: None, max_memory_mb: None, external_check: Duration::from_millis(100) }
    }

    /// How many results are kept for each table; the least recently used goes first.
    pub fn max_size(mut self, entries: usize) -> Self {
        self.max_size = entries;
        self
    }

    /// How long a result is kept; a query and a `get` may say otherwise. Zero expires at once.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// How much memory the results of each table may take, in MiB. A result that is larger is not kept.
    pub fn max_memory_mb(mut self, megabytes: u32) -> Self {
        self.max_memory_mb = Some(megabytes);
        self
    }

    /// How long commits by other programs, or through `db.pool()`, may stay unseen. Zero looks at each hit.
    pub fn external_check(mut self, every: Duration) -> Self {
        self.external_check = every;
        self
    }

    /// The memory limit in bytes.
    pub(crate) fn memory(&self) -> Option<u64> {
        self.max_memory_mb.map(|mb| u64::from(mb) << 20)
    }

    pub(crate) fn check(&self) -> Result<()> {
        let wrong = |what: &str| Err(Error::InvalidOption(what.to_owned()));
        if self.max_size == 0 {
            return wrong("cache_max_size must be greater than 0");
        }
        if self.max_memory_mb == Some(0) {
            return wrong("cache_max_memory_mb must be greater than 0");
        }
        Ok(())
    }
}

impl Default for CacheOptions {
    fn default() -> Self {
        CacheOptions::new()
    }
}

/// How `get_with` uses the cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[must_use = "options do nothing by themselves"]
pub struct GetOptions {
    pub(crate) bypass_cache: bool,
    pub(crate) cache_ttl: Option<Duration>,
}

impl GetOptions {
    /// As `get` does.
    pub fn new() -> Self {
        GetOptions::default()
    }

    /// Neither asks the cache nor adds to it.
    pub fn bypass_cache(mut self, bypass: bool) -> Self {
        self.bypass_cache = bypass;
        self
    }

    /// How long the row is kept. That there is no such row is kept too, which it is not without this.
    pub fn cache_ttl(mut self, ttl: Duration) -> Self {
        self.cache_ttl = Some(ttl);
        self
    }
}
