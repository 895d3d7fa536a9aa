//! One read by way of the cache.

use std::sync::Arc;
use std::time::Duration;

use super::{Cache, Kept, Key};
use crate::db::SqliterDb;
use crate::driver::{Before, Engine, Mark, RowRef};
use crate::session::Session;

/// A read that may be answered from memory, and whose result may be kept.
pub(crate) struct Caching<'c> {
    cache: &'c Cache,
    engine: &'c Arc<Engine>,
    table: &'static str,
    key: Key,
    ttl: Option<Duration>,
    before: Before,
    /// What is kept is known to be no older than it may be.
    asks: bool,
}

impl<'c> Caching<'c> {
    /// A read on this session; `None` where nothing is cached: without a cache, and inside transactions.
    pub(crate) fn begin(
        db: &'c SqliterDb,
        session: &Session<'c>,
        table: &'static str,
        ttl: Option<Duration>,
        key: &dyn Fn() -> Key,
    ) -> Option<Self> {
        let (cache, &Session::Engine(engine)) = (db.cache()?, session) else { return None };
        let asks = engine.look_outside();
        let before = engine.generations().before();
        Some(Caching { cache, engine, table, key: key(), ttl: ttl.or(cache.ttl()), before, asks })
    }

    /// What is kept of an earlier read.
    pub(crate) fn get(&self) -> Option<Kept> {
        self.cache.get(self.table, &self.key, self.engine.generations(), self.asks)
    }

    /// Keeps what was read, which has so many bytes itself, unless one of its tables changed meanwhile.
    pub(crate) fn put(self, value: Kept, itself: usize, read: Measure) {
        if read.tables.is_empty() {
            return;
        }
        if let Some(seen) = self.engine.generations().seen(self.before, read.tables) {
            self.cache.put(self.table, self.key, value, itself + read.size, seen, self.ttl);
        }
    }
}

/// How much was read, and from which tables: what a sink notes where that is wanted.
pub(crate) struct Measure {
    pub(crate) size: usize,
    pub(crate) tables: Vec<Arc<Mark>>,
    weigh: Weigh,
}

impl Measure {
    pub(crate) fn new(weigh: Weigh) -> Self {
        Measure { size: 0, tables: Vec::new(), weigh }
    }

    pub(crate) fn row(&mut self, row: &RowRef<'_>) {
        self.size += self.weigh.weigh(row);
    }
}

/// What the rows of a result take in memory.
#[derive(Clone, Copy)]
pub(crate) struct Weigh {
    /// A row besides its text and blobs.
    pub(crate) row: usize,
    /// The columns that are its own.
    pub(crate) own: usize,
    /// The columns of joined rows. Some rows share theirs: these count by what is in the columns alone.
    pub(crate) joined: usize,
}

/// About what a column of a joined row takes besides text and blobs.
const JOINED: usize = 12;

impl Weigh {
    pub(crate) fn weigh(self, row: &RowRef<'_>) -> usize {
        self.row + row.heap(0..self.own + self.joined) + self.joined * JOINED
    }
}
