//! What a row remembers of its database: a weak handle, the transaction it was read in, and how its relations were used.
//!
//! Rows keep nothing alive: once the last handle is gone, a relation of a row is [`Error::Closed`].

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use sqliter_core::{Error, Hop, Origin, Result, Value};

use crate::db::{SqliterDb, WeakDb};
use crate::driver::Scope;

/// How many rows of one result may follow the same relation one by one before that is worth a warning.
const MANY: usize = 5;

/// Where the rows of a result came from.
pub(crate) struct Context {
    db: WeakDb,
    /// The transaction and those around it, innermost first.
    scopes: Vec<Weak<Scope>>,
    /// Loading one by one is an error.
    strict: bool,
    /// With `debug(true)`: which relations were followed from which rows.
    followed: Option<Mutex<Vec<Followed>>>,
}

struct Followed {
    hop: Hop,
    rows: HashSet<String>,
}

impl Context {
    fn new(db: &SqliterDb, strict: bool, watched: bool) -> Self {
        let scopes = db.scope().map_or_else(Vec::new, |scope| scope.chain().map(Arc::downgrade).collect());
        Context { db: db.downgrade(), scopes, strict, followed: watched.then(Mutex::default) }
    }

    /// The context of an origin.
    pub(crate) fn of(origin: &Origin) -> Option<&Context> {
        origin.get::<Context>()
    }

    /// The database; inside the transaction that the row was read in while that is open.
    pub(crate) fn db(&self) -> Result<SqliterDb> {
        let db = self.db.upgrade().ok_or(Error::Closed)?;
        let open = self.scopes.iter().filter_map(Weak::upgrade).find(|scope| !scope.has_ended());
        Ok(match open {
            Some(scope) => db.in_scope(scope),
            None => db,
        })
    }

    /// Notes that a row's relation is about to be loaded by itself.
    ///
    /// # Errors
    /// [`Error::RelationNotLoaded`] when the row refuses that.
    pub(crate) fn follow(&self, hop: Hop, row: &Value) -> Result<()> {
        if self.strict {
            let hint = format!("`strict_loading` refuses to load it for one row: {}", remedy(hop));
            return Err(Error::RelationNotLoaded { relation: relation_name(hop), hint });
        }
        let Some(followed) = &self.followed else { return Ok(()) };
        let mut followed = followed.lock().unwrap_or_else(PoisonError::into_inner);
        let position = followed.iter().position(|f| f.hop == hop).unwrap_or_else(|| {
            followed.push(Followed { hop, rows: HashSet::new() });
            followed.len() - 1
        });
        let rows = &mut followed[position].rows;
        if rows.insert(row.to_string()) && rows.len() == MANY {
            tracing::warn!(
                target: "sqliter",
                "N+1 queries: '{}' was loaded one by one for {MANY} rows of one result: {}",
                relation_name(hop),
                remedy(hop),
            );
        }
        Ok(())
    }
}

/// The relation as messages name it: `Book.author`.
pub(crate) fn relation_name(hop: Hop) -> String {
    format!("{}.{}", hop.source().model, hop.name())
}

/// How to load a relation for all rows at once.
pub(crate) fn remedy(hop: Hop) -> String {
    let method = if hop.is_to_one() { "select_related" } else { "prefetch_related" };
    format!("add `.{method}({})` to the query", hop.constant())
}

impl SqliterDb {
    /// The origin of rows that are written or read by themselves.
    pub(crate) fn origin(&self, strict: bool) -> Origin {
        if strict {
            self.result_origin(true)
        } else {
            self.shared_origin(|db| Origin::new(Context::new(db, false, false)))
        }
    }

    /// The origin of the rows of one result.
    pub(crate) fn result_origin(&self, strict: bool) -> Origin {
        Origin::new(Context::new(self, strict, self.debug()))
    }
}
