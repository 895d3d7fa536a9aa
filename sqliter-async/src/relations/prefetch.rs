//! `prefetch_related`: the rows of a query, then one statement for each step to what belongs to them, all in one snapshot.

use std::any::Any;
use std::collections::HashSet;
use std::sync::Arc;

use sqliter_core::plan::PrefetchTree;
use sqliter_core::schema::Schema;
use sqliter_core::sql::{Sqlite, Statement, prefetch_sql};
use sqliter_core::{DbModel, DbType, Encoded, Error, KeyType, Operation, Origin, Result, Row, Value};

use super::Positions;
use super::load::decode;
use super::runtime::ops;
use crate::cache::Measure;
use crate::driver::{Connection, Job, RowRef, RowSink, Sql};

/// Rows that are linked, each once, and the links: the key at one end, and the position of the row at the other.
type Linked<C, K> = (Vec<C>, Vec<(K, usize)>);

/// What surrounds a row that is shared, and what a row has for a step that was loaded ahead: in memory, about.
const SHARED: usize = 24;
const RELATED: usize = 136;

/// Loading what belongs to rows.
pub struct Ahead<'c> {
    connection: &'c mut Connection,
    origin: &'c Origin,
    local_time: bool,
}

/// Loads what belongs to these rows, on a connection where they were just read.
pub(crate) fn load_ahead<M: DbModel>(
    connection: &mut Connection,
    origin: &Origin,
    local_time: bool,
    rows: &mut Vec<M>,
    tree: &[PrefetchTree],
) -> Result<()> {
    Ahead { connection, origin, local_time }.load(rows, tree)
}

impl Ahead<'_> {
    /// Loads what belongs to these rows. Of no rows nothing is asked.
    #[allow(clippy::ptr_arg, reason = "what travels as `dyn Any` has a size")]
    pub(super) fn load<M: DbModel>(&mut self, rows: &mut Vec<M>, tree: &[PrefetchTree]) -> Result<()> {
        for node in tree {
            if rows.is_empty() {
                break;
            }
            if let Some(ops) = ops(node.hop) {
                ops.prefetch(rows as &mut dyn Any, node, self)?;
            }
        }
        Ok(())
    }

    pub(super) fn origin(&self) -> &'_ Origin {
        self.origin
    }

    fn query(
        &mut self,
        node: &PrefetchTree,
        keys: Vec<Value>,
        row: &mut dyn FnMut(&RowRef<'_>) -> Result<()>,
    ) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let statement = prefetch_sql(node, keys, &Sqlite, self.local_time)?;
        let table = node.hop.target().table;
        self.connection
            .query(Sql::Text(&statement.sql), &statement, row)
            .map_err(|e| e.into_error(|cause| Operation::Fetch.error(table, cause)))
    }

    fn rows<T: DbModel>(&mut self, node: &PrefetchTree, keys: Vec<Value>) -> Result<Vec<T>> {
        let (mut rows, mut bytes, origin) = (Vec::new(), 0, self.origin.clone());
        let (columns, metered) = (T::schema().declared().count(), self.connection.is_metered());
        self.query(node, keys, &mut |row| {
            let mut model: T = decode(row, 0)?;
            model.attach(&origin);
            rows.push(model);
            if metered {
                bytes += SHARED + size_of::<T>() + row.heap(0..columns);
            }
            Ok(())
        })?;
        self.connection.count(bytes);
        Ok(rows)
    }

    /// The rows with these keys.
    pub(super) fn fetch_parents<T: DbModel>(&mut self, node: &PrefetchTree, keys: Vec<T::Key>) -> Result<Vec<T>> {
        self.rows(node, distinct(T::schema(), &mut keys.iter())?)
    }

    /// The rows that refer to these.
    pub(super) fn fetch_children<P: DbModel, C: DbModel>(
        &mut self,
        node: &PrefetchTree,
        models: &[P],
    ) -> Result<Vec<C>> {
        self.connection.count(models.len() * RELATED);
        self.rows(node, distinct(P::schema(), &mut models.iter().filter_map(|m| m.pk().key_ref()))?)
    }

    /// The rows that are linked to these, and the links.
    pub(super) fn fetch_linked<P: DbModel, C: DbModel>(
        &mut self,
        node: &PrefetchTree,
        models: &[P],
    ) -> Result<Linked<C, P::Key>> {
        let keys = distinct(P::schema(), &mut models.iter().filter_map(|m| m.pk().key_ref()))?;
        let (near, metered) = (C::schema().declared().count(), self.connection.is_metered());
        let (mut rows, mut links) = (Vec::new(), Vec::new());
        let (mut positions, mut bytes, origin) = (Positions::<C::Key>::default(), 0, self.origin.clone());
        let wrong = |source| Error::Decode { table: P::schema().table.to_owned(), key: None, source };
        self.query(node, keys, &mut |row| {
            let key = C::Key::decode(row.value(0)).map_err(wrong)?;
            let position = match positions.get(&key) {
                Some(position) => *position,
                None => {
                    let mut model: C = decode(row, 0)?;
                    model.attach(&origin);
                    rows.push(model);
                    if metered {
                        bytes += SHARED + size_of::<C>() + row.heap(0..near);
                    }
                    positions.insert(key, rows.len() - 1);
                    rows.len() - 1
                }
            };
            links.push((P::Key::decode(row.value(near)).map_err(wrong)?, position));
            Ok(())
        })?;
        self.connection.count(bytes + models.len() * RELATED + links.len() * size_of::<Arc<C>>());
        Ok((rows, links))
    }
}

/// The stored form of keys of this table, none twice.
fn distinct<K: KeyType>(schema: &'static Schema, keys: &mut dyn Iterator<Item = &K>) -> Result<Vec<Value>> {
    let mut seen = HashSet::<_, hashlink::DefaultHashBuilder>::default();
    keys.filter(|key| seen.insert(*key))
        .map(|key| {
            key.encode().map(Encoded::into_value).map_err(|e| crate::rows::encode_error(schema, schema.key().name, e))
        })
        .collect()
}

/// A query and what is loaded ahead for its rows, in one snapshot.
pub(crate) struct FetchAhead {
    pub(crate) select: Statement,
    pub(crate) tree: Vec<PrefetchTree>,
    pub(crate) local_time: bool,
    pub(crate) table: &'static str,
    /// Where the rows go.
    pub(crate) rows: Box<dyn Gather>,
}

/// A sink that also loads what belongs to its rows.
pub(crate) trait Gather: RowSink {
    /// Where the sink notes what it reads, if it does.
    fn measure(&mut self) -> Option<&mut Measure>;

    /// Loads what belongs to the rows that were read.
    fn load_ahead(&mut self, connection: &mut Connection, tree: &[PrefetchTree], local_time: bool) -> Result<()>;
}

impl Job for FetchAhead {
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        let FetchAhead { select, tree, local_time, table, rows } = self;
        rows.clear();
        connection.meter(rows.measure().is_some());
        connection
            .query(Sql::Text(&select.sql), select, &mut |row| rows.row(row))
            .map_err(|e| e.into_error(|cause| Operation::Fetch.error(table, cause)))?;
        rows.load_ahead(connection, tree, *local_time)?;
        if let Some(measure) = rows.measure() {
            let (bytes, tables) = connection.metered();
            measure.size += bytes;
            measure.tables = tables;
        }
        Ok(())
    }
}
