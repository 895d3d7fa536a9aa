//! The prepared statements of one connection.

use hashlink::LruCache;
use hashlink::linked_hash_map::RawEntryMut;

use super::bounded::{Pace, Shape};
use super::connection::{Sql, Stop};
use super::statement::Statement;
use super::watch::Uses;

/// Statements of models, found by the address of their text.
const STATIC: usize = 512;
/// Statements of queries, found by their text.
const DYNAMIC: usize = 256;

/// A cached statement, and what is known about it.
pub(super) struct Prepared {
    pub(super) statement: Statement,
    /// What its byte code says; the schema, and how often the statement had been prepared, when that was found.
    pub(super) shape: Option<(Shape, (Option<i64>, i32))>,
    /// How it comes from row to row, and how often it had been prepared when that was found.
    pub(super) pace: Option<(Pace, i32)>,
    /// The tables that it reads and writes, where somebody wants to know.
    pub(super) uses: Uses,
}

impl Prepared {
    /// What its byte code says, if that is known and this is still the schema.
    pub(super) fn shape(&self, schema: Option<i64>) -> Option<Shape> {
        self.shape.filter(|(_, at)| *at == (schema, self.statement.reprepared())).map(|(shape, _)| shape)
    }
}

/// A statement taken out of the cache, with the key that it goes back under.
pub(super) struct Taken {
    key: Key,
    pub(super) value: Prepared,
}

enum Key {
    Static((usize, usize)),
    Text(Box<str>),
}

impl Taken {
    /// A statement that was not in the cache yet.
    pub(super) fn new(sql: Sql<'_>, value: Prepared) -> Self {
        let key = match sql {
            Sql::Static(s) => Key::Static(address(s)),
            Sql::Text(s) => Key::Text(s.into()),
        };
        Taken { key, value }
    }
}

pub(super) struct StatementCache {
    fixed: LruCache<(usize, usize), Prepared>,
    queries: LruCache<Box<str>, Prepared>,
}

impl StatementCache {
    pub(super) fn new() -> Self {
        StatementCache { fixed: LruCache::new(STATIC), queries: LruCache::new(DYNAMIC) }
    }

    pub(super) fn get(&mut self, sql: Sql<'_>) -> Option<&mut Prepared> {
        match sql {
            Sql::Static(s) => self.fixed.get_mut(&address(s)),
            Sql::Text(s) => self.queries.get_mut(s),
        }
    }

    /// The statement; prepares it when it is not there.
    pub(super) fn get_or_prepare(
        &mut self,
        sql: Sql<'_>,
        prepare: impl FnOnce() -> Result<Prepared, Stop>,
    ) -> Result<&mut Prepared, Stop> {
        match sql {
            Sql::Static(s) => {
                if self.fixed.len() == self.fixed.capacity() && !self.fixed.contains_key(&address(s)) {
                    self.fixed.remove_lru();
                }
                match self.fixed.raw_entry_mut().from_key(&address(s)) {
                    RawEntryMut::Occupied(mut entry) => {
                        entry.to_back();
                        Ok(entry.into_mut())
                    }
                    RawEntryMut::Vacant(entry) => Ok(entry.insert(address(s), prepare()?).1),
                }
            }
            Sql::Text(s) => {
                if self.queries.len() == self.queries.capacity() && !self.queries.contains_key(s) {
                    self.queries.remove_lru();
                }
                match self.queries.raw_entry_mut().from_key(s) {
                    RawEntryMut::Occupied(mut entry) => {
                        entry.to_back();
                        Ok(entry.into_mut())
                    }
                    RawEntryMut::Vacant(entry) => Ok(entry.insert(s.into(), prepare()?).1),
                }
            }
        }
    }

    pub(super) fn take(&mut self, sql: Sql<'_>) -> Option<Taken> {
        match sql {
            Sql::Static(s) => {
                let (key, value) = self.fixed.remove_entry(&address(s))?;
                Some(Taken { key: Key::Static(key), value })
            }
            Sql::Text(s) => {
                let (key, value) = self.queries.remove_entry(s)?;
                Some(Taken { key: Key::Text(key), value })
            }
        }
    }

    pub(super) fn put_back(&mut self, taken: Taken) {
        match taken.key {
            Key::Static(key) => drop(self.fixed.insert(key, taken.value)),
            Key::Text(key) => drop(self.queries.insert(key, taken.value)),
        }
    }

    pub(super) fn put(&mut self, sql: Sql<'_>, prepared: Prepared) {
        self.put_back(Taken::new(sql, prepared));
    }
}

fn address(sql: &'static str) -> (usize, usize) {
    (sql.as_ptr().addr(), sql.len())
}
