//! The prepared statements of one connection.

use hashlink::LruCache;

use super::connection::Sql;
use super::statement::Statement;

/// Statements of models, found by the address of their text.
const STATIC: usize = 512;
/// Statements of queries, found by their text.
const DYNAMIC: usize = 256;

/// A cached statement, and what is known about it.
pub(super) struct Prepared {
    pub(super) statement: Statement,
    /// Whether a run touches a bounded number of rows; the schema, and how often the statement had been prepared, when that was
    /// found.
    pub(super) bounded: Option<(bool, (Option<i64>, i32))>,
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

    pub(super) fn take(&mut self, sql: Sql<'_>) -> Option<Prepared> {
        match sql {
            Sql::Static(s) => self.fixed.remove(&address(s)),
            Sql::Text(s) => self.queries.remove(s),
        }
    }

    pub(super) fn put(&mut self, sql: Sql<'_>, prepared: Prepared) {
        match sql {
            Sql::Static(s) => drop(self.fixed.insert(address(s), prepared)),
            Sql::Text(s) => drop(self.queries.insert(s.into(), prepared)),
        }
    }
}

fn address(sql: &'static str) -> (usize, usize) {
    (sql.as_ptr().addr(), sql.len())
}
