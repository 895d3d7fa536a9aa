//! Writing the links of many-to-many relations.

use std::sync::Arc;

use sqliter_core::sql::{Sqlite, clear_links_sql, link_sql, unlink_sql};
use sqliter_core::{
    DbModel, Error, ErrorKind, Hop, IntoKey, IntoLinks, KeyType, Links, Operation, Related, Result, Value,
};

use super::foreign_key::ForeignKey;
use crate::context::relation_name;
use crate::db::SqliterDb;
use crate::driver::{Connection, FEW, Job, Sql, Stop};
use crate::session::Session;

impl<T: DbModel<Key = K>, K: KeyType> IntoLinks<T> for &ForeignKey<T, K> {
    fn add_to(self, links: &mut Links) {
        links.push::<T>(self.into_key());
    }
}

/// What was loaded ahead, and is out of date once the links of a row change.
pub(super) struct Memory<'r> {
    hop: Hop,
    /// Of the row itself.
    own: Option<&'r Related>,
    /// Of the rows that are linked, or were.
    others: Vec<Arc<Related>>,
}

impl<'r> Memory<'r> {
    pub(super) fn of<T: DbModel>(
        hop: Hop,
        own: Option<&'r Related>,
        change: Change,
        mut others: Vec<Arc<Related>>,
    ) -> Self {
        // These may lose their link without being named.
        let linked = own.filter(|_| change != Change::Add).and_then(|own| own.get::<T>(hop));
        others.extend(linked.iter().flat_map(|rows| rows.iter()).filter_map(|row| row.pk().related().cloned()));
        Memory { hop, own, others }
    }

    /// Forgets all of it; returns what the row's own asks for to take new rows.
    pub(super) fn forget(&self) -> Option<(&'r Related, u64)> {
        for other in &self.others {
            other.forget(self.hop.back());
        }
        self.own.map(|own| (own, own.forget(self.hop)))
    }
}

/// What becomes of the links.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Add,
    Remove,
    Clear,
    Set,
}

struct WriteLinks {
    hop: Hop,
    /// The row whose links they are.
    key: Value,
    change: Change,
    keys: Vec<Value>,
    /// When, where the links keep it.
    now: Option<i64>,
    link: String,
    unlink: String,
    clear: String,
}

/// Writes links; says whether that was inside a transaction.
pub(super) async fn write(db: &SqliterDb, hop: Hop, key: Value, change: Change, keys: Vec<Value>) -> Result<bool> {
    let statements = (link_sql(hop, &Sqlite), unlink_sql(hop, &Sqlite), clear_links_sql(hop, &Sqlite));
    let (Some(link), Some(unlink), Some(clear)) = statements else {
        return Err(Error::ManyToManyIntegrity(format!("'{}' is no many-to-many relation", relation_name(hop))));
    };
    let keeps_time = hop.def.junction().and_then(|j| j.model.as_ref()).is_some_and(|model| !model.times.is_empty());
    let now = keeps_time.then(|| db.now());
    let session = db.writing().await?;
    let in_transaction = matches!(session, Session::Scope(_));
    if keys.is_empty() && matches!(change, Change::Add | Change::Remove) {
        return Ok(in_transaction);
    }
    session.write(WriteLinks { hop, key, change, keys, now, link, unlink, clear }).await?;
    Ok(in_transaction)
}

impl WriteLinks {
    fn failed(&self, stop: Stop) -> Error {
        stop.into_error(|cause| match cause.kind {
            ErrorKind::ForeignKey => {
                let junction = self.hop.def.junction().map_or("", |junction| &junction.table);
                Operation::Insert.error(junction, cause)
            }
            _ => Error::ManyToMany { relation: relation_name(self.hop), cause: Box::new(cause) },
        })
    }

    fn each(&self, connection: &mut Connection, sql: &str, now: Option<i64>) -> Result<()> {
        for other in &self.keys {
            let mut link = vec![self.key.clone(), other.clone()];
            link.extend(now.map(Value::Int));
            connection.execute(Sql::Text(sql), &link).map_err(|stop| self.failed(stop))?;
        }
        Ok(())
    }
}

impl Job for WriteLinks {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        let this = &*self;
        let failed = |cause| Error::ManyToMany { relation: relation_name(this.hop), cause: Box::new(cause) };
        let first = if this.change == Change::Remove { &this.unlink } else { &this.link };
        connection.atomically_from(Sql::Text(first), failed, |connection| {
            if matches!(this.change, Change::Clear | Change::Set) {
                let owner = [this.key.clone()];
                connection.execute(Sql::Text(&this.clear), &owner).map_err(|stop| this.failed(stop))?;
            }
            match this.change {
                Change::Add | Change::Set => this.each(connection, &this.link, this.now),
                Change::Remove => this.each(connection, &this.unlink, None),
                Change::Clear => Ok(()),
            }
        })
    }

    /// How many links there are to clear nobody knows.
    fn may_be_small(&self) -> bool {
        matches!(self.change, Change::Add | Change::Remove) && self.keys.len() <= FEW
    }
}
