//! What the derive leaves in a relation's metadata, so that related rows of any model can be loaded by name.

use std::any::Any;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use sqliter_core::plan::PrefetchTree;
use sqliter_core::{DbModel, Error, Hop, KeyType, Origin, Pk, Related, RelatedRows, Result, Row, ValueRef};

use super::Positions;
use super::foreign_key::ForeignKeyType;
use super::load::JoinedRows;
use super::many_to_many::ManyToManyType;
use super::prefetch::Ahead;
use crate::driver::RowRef;

/// A relation's operations, in the metadata of its model.
#[doc(hidden)]
pub struct Runtime(pub &'static dyn RelationOps);

/// The operations of a step's relation.
pub(super) fn ops(hop: Hop) -> Option<&'static dyn RelationOps> {
    hop.def.runtime.downcast_ref::<Runtime>().map(|runtime| runtime.0)
}

/// What can be done along a relation without naming its models. Models travel as `dyn Any`.
pub trait RelationOps: Send + Sync {
    /// Puts the row that was joined, from column `at` on, into the foreign key of `model`.
    fn relate(
        &self,
        model: &mut dyn Any,
        row: &RowRef<'_>,
        at: usize,
        rows: &mut JoinedRows,
        origin: &Origin,
    ) -> Result<()>;

    /// Loads what the relation leads to, in the direction of the step, for a `Vec` of models.
    fn prefetch(&self, models: &mut dyn Any, node: &PrefetchTree, ahead: &mut Ahead<'_>) -> Result<()>;
}

fn wrong_model() -> Error {
    Error::InvalidProjection("a relation was asked to load rows of another model".to_owned())
}

fn models<M: DbModel>(models: &mut dyn Any) -> Result<&mut Vec<M>> {
    models.downcast_mut().ok_or_else(wrong_model)
}

/// The foreign key `F` of the model `M`.
#[doc(hidden)]
pub struct ForeignKeyField<M, F> {
    /// The field.
    pub get: fn(&M) -> Option<&F>,
    /// The field.
    pub get_mut: fn(&mut M) -> Option<&mut F>,
}

type KeyOf<F> = <<F as ForeignKeyType>::Target as DbModel>::Key;

/// Rows by their keys, and keys without a row.
struct Known<T: DbModel> {
    positions: Positions<T::Key>,
    rows: Vec<Option<Arc<T>>>,
}

impl<T: DbModel> Known<T> {
    fn new() -> Self {
        Known { positions: Positions::default(), rows: Vec::new() }
    }

    fn get(&self, key: &T::Key) -> Option<&Option<Arc<T>>> {
        self.positions.get(key).map(|position| &self.rows[*position])
    }

    fn insert(&mut self, key: T::Key, row: Option<Arc<T>>) {
        match self.positions.entry(key) {
            Entry::Occupied(known) => self.rows[*known.get()] = row,
            Entry::Vacant(new) => {
                new.insert(self.rows.len());
                self.rows.push(row);
            }
        }
    }
}

/// The rows, or shares in rows, that belong to each key.
struct Groups<K, R> {
    positions: Positions<K>,
    groups: Vec<Vec<R>>,
}

/// Puts each row with those of its group; one without a group goes.
fn grouped<R>(places: Vec<Option<usize>>, sizes: Vec<usize>, rows: impl Iterator<Item = R>) -> Vec<Vec<R>> {
    let mut groups: Vec<Vec<R>> = sizes.into_iter().map(Vec::with_capacity).collect();
    for (place, row) in places.into_iter().zip(rows) {
        if let Some(place) = place {
            groups[place].push(row);
        }
    }
    groups
}

/// The group of each key, and how many keys each group has.
fn places<'k, K: KeyType>(
    keys: impl Iterator<Item = Option<&'k K>>,
    positions: &mut Positions<K>,
) -> (Vec<Option<usize>>, Vec<usize>) {
    let mut sizes: Vec<usize> = Vec::new();
    // Rows of one key mostly come one after the other.
    let mut last: Option<(&K, usize)> = None;
    let places = keys.map(|key| {
        let key = key?;
        let place = match last {
            Some((known, place)) if known == key => place,
            _ => *positions.entry(key.clone()).or_insert(sizes.len()),
        };
        last = Some((key, place));
        match sizes.get_mut(place) {
            Some(size) => *size += 1,
            None => sizes.push(1),
        }
        Some(place)
    });
    (places.collect(), sizes)
}

impl<M: DbModel, F: ForeignKeyType> RelationOps for ForeignKeyField<M, F> {
    fn relate(
        &self,
        model: &mut dyn Any,
        row: &RowRef<'_>,
        at: usize,
        rows: &mut JoinedRows,
        origin: &Origin,
    ) -> Result<()> {
        let model: &mut M = model.downcast_mut().ok_or_else(wrong_model)?;
        let Some(field) = (self.get_mut)(model) else { return Ok(()) };
        let Some(key) = field.target_key().cloned() else { return Ok(()) };
        let seen = rows.seen.as_ref().and_then(|seen| seen.downcast_ref::<Known<F::Target>>());
        if let Some(found) = seen.and_then(|seen| seen.get(&key)) {
            field.put(found.clone());
            return Ok(());
        }
        let found = match row.value(at) {
            ValueRef::Null => None,
            _ => Some(Arc::new(rows.read::<F::Target>(row, at, origin)?)),
        };
        let seen = rows.seen.get_or_insert_with(|| Box::new(Known::<F::Target>::new()));
        if let Some(seen) = seen.downcast_mut::<Known<F::Target>>() {
            seen.insert(key, found.clone());
        }
        field.put(found);
        Ok(())
    }

    fn prefetch(&self, rows: &mut dyn Any, node: &PrefetchTree, ahead: &mut Ahead<'_>) -> Result<()> {
        if node.hop.reverse {
            self.children(models(rows)?, node, ahead)
        } else {
            self.parents(models(rows)?, node, ahead)
        }
    }
}

impl<M: DbModel, F: ForeignKeyType> ForeignKeyField<M, F> {
    /// Loads the rows that the keys refer to; those that are loaded stay.
    fn parents(&self, models: &mut [M], node: &PrefetchTree, ahead: &mut Ahead<'_>) -> Result<()> {
        let mut known = Known::<F::Target>::new();
        let mut wanted = Vec::new();
        for field in models.iter().filter_map(|m| (self.get)(m)) {
            match (field.target_key(), field.loaded_row()) {
                (Some(key), Some(row)) => known.insert(key.clone(), Some(row.clone())),
                (Some(key), None) => wanted.push(key.clone()),
                (None, _) => {}
            }
        }
        wanted.retain(|key| !known.positions.contains_key(key));
        let mut rows: Vec<F::Target> = ahead.fetch_parents(node, wanted)?;
        if !node.children.is_empty() {
            // What was loaded by a join is shared, and belongs to this result alone.
            rows.extend(known.rows.drain(..).flatten().map(Arc::unwrap_or_clone));
            known.positions.clear();
            ahead.load(&mut rows, &node.children)?;
        }
        for row in rows {
            if let Some(key) = row.pk().get() {
                known.insert(key, Some(Arc::new(row)));
            }
        }
        for field in models.iter_mut().filter_map(|m| (self.get_mut)(m)) {
            if let Some(key) = field.target_key() {
                let row = known.get(key).cloned().flatten();
                field.put(row);
            }
        }
        Ok(())
    }

    /// Loads the rows that refer to these.
    fn children(&self, models: &mut [F::Target], node: &PrefetchTree, ahead: &mut Ahead<'_>) -> Result<()> {
        let mut rows: Vec<M> = ahead.fetch_children(node, &*models)?;
        self.introduce(models, &mut rows, ahead.origin());
        ahead.load(&mut rows, &node.children)?;
        let mut positions = Positions::default();
        let keys = rows.iter().map(|row| (self.get)(row).and_then(F::target_key));
        let (places, sizes) = places(keys, &mut positions);
        let groups = Groups { positions, groups: grouped(places, sizes, rows.into_iter()) };
        keep(models, node.hop, groups, RelatedRows::Own, |_, _| {});
        Ok(())
    }
}

impl<M: DbModel, F: ForeignKeyType> ForeignKeyField<M, F> {
    /// Tells the rows whose they are: the way back is not asked for again. Rows of one parent share it.
    fn introduce(&self, models: &[F::Target], rows: &mut [M], origin: &Origin) {
        let mut parents: Positions<KeyOf<F>> = Positions::default();
        let keys = models.iter().enumerate();
        parents.extend(keys.filter_map(|(position, model)| Some((model.pk().get()?, position))));
        let mut shared: Vec<Option<Arc<F::Target>>> = vec![None; models.len()];
        // Rows of one parent mostly come one after the other.
        let mut last: Option<(KeyOf<F>, usize)> = None;
        for field in rows.iter_mut().filter_map(|row| (self.get_mut)(row)) {
            let Some(key) = field.target_key() else { continue };
            let position = match &last {
                Some((known, position)) if known == key => *position,
                _ => {
                    let Some(position) = parents.get(key) else { continue };
                    last = Some((key.clone(), *position));
                    *position
                }
            };
            let parent = shared[position].get_or_insert_with(|| Arc::new(alone(&models[position], origin)));
            field.put(Some(parent.clone()));
        }
    }
}

/// A copy of a row without what is loaded ahead for it: rows that held each other would never go.
fn alone<M: DbModel>(model: &M, origin: &Origin) -> M {
    let mut copy = model.clone();
    let mut pk = copy.pk().clone();
    pk.forget_related();
    copy.set_pk(pk);
    // Its many-to-many fields let go too.
    copy.attach(origin);
    copy
}

/// Gives each row what belongs to it; nothing is an answer too.
fn keep<P: DbModel, C: DbModel, R>(
    models: &mut [P],
    hop: Hop,
    groups: Groups<P::Key, R>,
    rows: fn(Vec<R>) -> RelatedRows<C>,
    mut bind: impl FnMut(&mut P, &Arc<Related>),
) {
    let Groups { positions, groups } = groups;
    let groups: Vec<Arc<RelatedRows<C>>> = groups.into_iter().map(|group| Arc::new(rows(group))).collect();
    let nothing: Arc<RelatedRows<C>> = Arc::default();
    for model in models {
        let mut pk: Pk<P, P::Key> = model.pk().clone();
        let position = pk.key_ref().and_then(|key| positions.get(key));
        let rows = position.map_or_else(|| nothing.clone(), |position| groups[*position].clone());
        let related = pk.related_mut();
        related.put(hop, rows);
        bind(model, related);
        model.set_pk(pk);
    }
}

/// The many-to-many field `F` of the model `M`.
#[doc(hidden)]
pub struct ManyToManyField<M, F> {
    /// The field.
    pub get: fn(&M) -> &F,
    /// The field.
    pub get_mut: fn(&mut M) -> &mut F,
}

impl<M: DbModel, F: ManyToManyType> RelationOps for ManyToManyField<M, F> {
    fn relate(&self, _: &mut dyn Any, _: &RowRef<'_>, _: usize, _: &mut JoinedRows, _: &Origin) -> Result<()> {
        Err(wrong_model())
    }

    fn prefetch(&self, rows: &mut dyn Any, node: &PrefetchTree, ahead: &mut Ahead<'_>) -> Result<()> {
        if node.hop.reverse {
            let models: &mut Vec<F::Target> = models(rows)?;
            let groups = linked::<F::Target, M>(models, node, ahead)?;
            keep(models, node.hop, groups, RelatedRows::Shared, |_, _| {});
        } else {
            let models: &mut Vec<M> = models(rows)?;
            let groups = linked::<M, F::Target>(models, node, ahead)?;
            keep(models, node.hop, groups, RelatedRows::Shared, |model, related| (self.get_mut)(model).share(related));
        }
        Ok(())
    }
}

/// The rows at the other end of the links of these. A row that is linked several times is there once, and shared.
fn linked<P: DbModel, C: DbModel>(
    models: &[P],
    node: &PrefetchTree,
    ahead: &mut Ahead<'_>,
) -> Result<Groups<P::Key, Arc<C>>> {
    let (mut rows, links): (Vec<C>, Vec<(P::Key, usize)>) = ahead.fetch_linked(node, models)?;
    ahead.load(&mut rows, &node.children)?;
    let rows: Vec<Arc<C>> = rows.into_iter().map(Arc::new).collect();
    let mut positions = Positions::default();
    let (places, sizes) = places(links.iter().map(|(key, _)| Some(key)), &mut positions);
    let linked = links.iter().map(|(_, position)| rows[*position].clone());
    Ok(Groups { positions, groups: grouped(places, sizes, linked) })
}
