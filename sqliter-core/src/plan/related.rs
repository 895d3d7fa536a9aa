//! Related rows as trees: paths resolved against the schema, common beginnings shared.

use super::{PathNode, PrefetchNode, SelectPlan};
use crate::error::{Error, Result};
use crate::expr::node::{FilterNode, OrderNode};
use crate::relation::Hop;
use crate::schema::Schema;
use crate::suggest;

/// A foreign key whose row is read in the same statement, and those of that row in turn.
#[derive(Debug, Clone)]
pub struct JoinTree {
    /// The foreign key.
    pub hop: Hop,
    /// The position of the row's first column in the result.
    pub at: usize,
    /// The foreign keys of that row.
    pub children: Vec<JoinTree>,
}

/// Related rows that are read by a statement of their own, and those of these rows in turn.
#[derive(Debug, Clone)]
pub struct PrefetchTree {
    /// The relation.
    pub hop: Hop,
    /// Conditions on the related rows.
    pub filters: Vec<FilterNode>,
    /// Their order.
    pub order: Vec<OrderNode>,
    /// What is loaded for them in turn.
    pub children: Vec<PrefetchTree>,
}

impl SelectPlan {
    /// The rows to join, in the order in which their columns follow those of the model itself.
    ///
    /// # Errors
    /// [`Error::InvalidRelationship`] when a path names something that is no foreign key.
    pub fn join_tree(&self) -> Result<Vec<JoinTree>> {
        let mut tree = Vec::new();
        for path in &self.related {
            let hops = foreign_keys(self.schema, path)?;
            let mut level = &mut tree;
            for hop in hops {
                level = &mut entry(level, hop, |hop| JoinTree { hop, at: 0, children: Vec::new() }).children;
            }
        }
        place(&mut tree, self.schema.declared().count());
        Ok(tree)
    }

    /// Whether the paths to related rows lead somewhere, also where these rows are not asked for: a count, a write.
    ///
    /// # Errors
    /// As [`join_tree`](Self::join_tree) and [`prefetch_tree`](Self::prefetch_tree).
    pub fn check_paths(&self) -> Result<()> {
        self.join_tree().map(drop)?;
        self.prefetch_tree().map(drop)
    }

    /// How many columns of joined rows there are.
    ///
    /// # Errors
    /// As [`join_tree`](Self::join_tree).
    pub fn joined_width(&self) -> Result<usize> {
        fn width(tree: &[JoinTree]) -> usize {
            tree.iter().map(|node| node.hop.target().declared().count() + width(&node.children)).sum()
        }
        Ok(if self.yields_models() { width(&self.join_tree()?) } else { 0 })
    }

    /// The related rows to load ahead.
    ///
    /// # Errors
    /// [`Error::InvalidPrefetch`] when a path names something that is no relation.
    pub fn prefetch_tree(&self) -> Result<Vec<PrefetchTree>> {
        let mut tree = Vec::new();
        for node in &self.prefetch {
            add(&mut tree, self.schema, node)?;
        }
        Ok(tree)
    }
}

trait Node {
    fn hop(&self) -> Hop;
}
impl Node for JoinTree {
    fn hop(&self) -> Hop {
        self.hop
    }
}
impl Node for PrefetchTree {
    fn hop(&self) -> Hop {
        self.hop
    }
}

/// The node of a step, made if it is not there.
fn entry<N: Node>(level: &mut Vec<N>, hop: Hop, make: impl FnOnce(Hop) -> N) -> &mut N {
    let position = level.iter().position(|n| n.hop() == hop).unwrap_or_else(|| {
        level.push(make(hop));
        level.len() - 1
    });
    &mut level[position]
}

fn place(tree: &mut [JoinTree], mut at: usize) -> usize {
    for node in tree {
        node.at = at;
        at = place(&mut node.children, at + node.hop.target().declared().count());
    }
    at
}

fn foreign_keys(schema: &'static Schema, path: &PathNode) -> Result<Vec<Hop>> {
    let name = match path {
        PathNode::Hops(hops) => return Ok(hops.clone()),
        PathNode::Named(name) => name,
    };
    steps(schema, name, |hop| hop.is_to_one()).map_err(|(segment, model, hint)| Error::InvalidRelationship {
        path: name.clone(),
        segment,
        model,
        hint,
    })
}

/// The segment of a path that leads nowhere, the model that it was looked up on, and the nearest right name.
type Wrong = (String, String, String);

/// The steps of a path by name. A name may itself have two underscores in it.
fn steps(start: &'static Schema, path: &str, fits: impl Fn(Hop) -> bool) -> Result<Vec<Hop>, Wrong> {
    let (mut schema, mut rest) = (start, path);
    let mut hops = Vec::new();
    loop {
        let step = schema.hops().iter().copied().filter(|hop| fits(*hop)).find_map(|hop| {
            let after = rest.strip_prefix(hop.name())?;
            match after.strip_prefix("__") {
                Some(after) => Some((hop, Some(after))),
                None => after.is_empty().then_some((hop, None)),
            }
        });
        let Some((hop, after)) = step else {
            let segment = rest.split("__").next().unwrap_or_default();
            return Err((segment.to_owned(), schema.model.to_owned(), instead(schema, segment, &fits)));
        };
        hops.push(hop);
        schema = hop.target();
        match after {
            Some(after) => rest = after,
            None => return Ok(hops),
        }
    }
}

/// What may have been meant: another method for this relation, or another relation.
fn instead(schema: &'static Schema, segment: &str, fits: impl Fn(Hop) -> bool) -> String {
    match schema.relation(segment) {
        Some(_) => "; it leads to many rows: use `prefetch_related`".to_owned(),
        None => {
            let names = schema.hops().iter().filter(|hop| fits(**hop)).map(|hop| hop.name());
            suggest::hint(segment, names)
        }
    }
}

impl PathNode {
    /// The steps of a path.
    ///
    /// # Errors
    /// [`Error::InvalidRelationship`] when it names something that is no relation.
    pub fn resolve(&self, schema: &'static Schema) -> Result<Vec<Hop>> {
        match self {
            PathNode::Hops(hops) => Ok(hops.clone()),
            PathNode::Named(name) => steps(schema, name, |_| true).map_err(|(segment, model, hint)| {
                Error::InvalidRelationship { path: name.clone(), segment, model, hint }
            }),
        }
    }
}

fn add(tree: &mut Vec<PrefetchTree>, schema: &'static Schema, node: &PrefetchNode) -> Result<()> {
    let hops = match &node.path {
        PathNode::Hops(hops) => hops.clone(),
        PathNode::Named(name) => steps(schema, name, |_| true)
            .map_err(|(segment, model, hint)| Error::InvalidPrefetch { path: name.clone(), segment, model, hint })?,
    };
    let make = |hop| PrefetchTree { hop, filters: Vec::new(), order: Vec::new(), children: Vec::new() };
    let Some((last, before)) = hops.split_last() else { return Ok(()) };
    if last.is_to_one() && !node.filters.is_empty() {
        // A key without its row would look as if the row were not there.
        let names: Vec<_> = hops.iter().map(|hop| hop.name()).collect();
        return Err(Error::InvalidPrefetch {
            path: names.join("__"),
            segment: last.name().to_owned(),
            model: last.source().model.to_owned(),
            hint: ": only those are narrowed by `.filter(..)`".to_owned(),
        });
    }
    let mut level = tree;
    for hop in before {
        level = &mut entry(level, *hop, make).children;
    }
    let end = entry(level, *last, make);
    end.filters.extend(node.filters.iter().cloned());
    if !node.order.is_empty() {
        end.order.clone_from(&node.order);
    }
    for then in &node.then {
        add(&mut end.children, last.target(), then)?;
    }
    Ok(())
}
