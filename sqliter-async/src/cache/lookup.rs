//! One read by way of the cache.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use sqliter_core::Error;

use super::{Cache, Key};
use crate::db::SqliterDb;
use crate::driver::{Before, Engine, Mark, RowRef, RowSink};
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
        session: &'c Session<'_>,
        table: &'static str,
        ttl: Option<Duration>,
        key: impl FnOnce() -> Key,
    ) -> Option<Self> {
        let (cache, Session::Engine(engine)) = (db.cache()?, session) else { return None };
        let asks = engine.look_outside();
        let before = engine.generations().before();
        Some(Caching { cache, engine, table, key: key(), ttl: ttl.or(cache.ttl()), before, asks })
    }

    /// What is kept of an earlier read.
    pub(crate) fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.cache.get(self.table, &self.key, self.engine.generations(), self.asks)
    }

    /// Keeps what was read from these tables, unless one of them changed meanwhile.
    pub(crate) fn put<T: Any + Send + Sync>(self, value: T, size: usize, tables: &[Arc<Mark>]) {
        if tables.is_empty() {
            return;
        }
        if let Some(seen) = self.engine.generations().seen(self.before, tables) {
            self.cache.put(self.table, self.key, value, size, seen, self.ttl);
        }
    }
}

/// A sink that also notes how much was read, and from which tables.
pub(crate) struct Measured<S> {
    pub(crate) sink: S,
    pub(crate) size: usize,
    pub(crate) tables: Vec<Arc<Mark>>,
    weigh: Weigh,
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

impl<S> Measured<S> {
    pub(crate) fn new(sink: S, weigh: Weigh) -> Self {
        Measured { sink, size: 0, tables: Vec::new(), weigh }
    }
}

impl<S: RowSink> RowSink for Measured<S> {
    fn row(&mut self, row: &RowRef<'_>) -> Result<(), Error> {
        self.size += self.weigh.weigh(row);
        self.sink.row(row)
    }

    fn is_full(&self) -> bool {
        self.sink.is_full()
    }

    fn end(&mut self, names: &dyn Fn() -> Vec<String>) -> Result<(), Error> {
        self.sink.end(names)
    }

    fn clear(&mut self) {
        self.size = 0;
        self.sink.clear();
    }

    fn tables(&mut self, tables: &[Arc<Mark>]) {
        self.tables = tables.to_vec();
    }
}
