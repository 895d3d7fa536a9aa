//! Plans as keys: two that select the same rows in the same way are one, in whatever order their filters were given.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{PathNode, PrefetchNode, SelectPlan};
use crate::expr::node::{FilterNode, OrderNode};

/// Whether each of the one is in the other, and as often.
fn same<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut left: Vec<&T> = b.iter().collect();
    a.iter().all(|x| left.iter().position(|y| *y == x).map(|at| left.swap_remove(at)).is_some())
}

/// Whether both load the same. Of what begins with the same step the later decides, so there the order counts.
fn same_ahead(a: &[PrefetchNode], b: &[PrefetchNode]) -> bool {
    let beginning = |nodes, first| {
        let nodes: &[PrefetchNode] = nodes;
        nodes.iter().filter(move |n| first_step(n) == first)
    };
    a.len() == b.len() && a.iter().all(|n| beginning(a, first_step(n)).eq(beginning(b, first_step(n))))
}

fn first_step(node: &PrefetchNode) -> &str {
    match &node.path {
        PathNode::Hops(hops) => hops.first().map_or("", |hop| hop.name()),
        PathNode::Named(path) => path.split("__").next().unwrap_or_default(),
    }
}

/// A hash that does not depend on the order.
fn unordered<T: Hash>(items: &[T]) -> u64 {
    items.iter().fold(0, |sum: u64, item| {
        let mut hasher = DefaultHasher::new();
        item.hash(&mut hasher);
        sum.wrapping_add(hasher.finish())
    })
}

/// Counts what is hashed: about as much as was allocated for it.
struct Counter(usize);

impl Hasher for Counter {
    fn write(&mut self, bytes: &[u8]) {
        // Numbers and tags have space around them, text has not.
        self.0 += if bytes.len() > size_of::<u64>() { bytes.len() } else { bytes.len() * 3 / 2 };
    }
    fn finish(&self) -> u64 {
        self.0 as u64
    }
}

/// What a value has on the heap, roughly.
fn heap<T: Hash>(value: &T) -> usize {
    let mut counter = Counter(0);
    value.hash(&mut counter);
    counter.0
}

impl SelectPlan {
    /// About how many bytes the plan takes in memory.
    pub fn weight(&self) -> usize {
        size_of::<Self>()
            + self.filters.capacity() * size_of::<FilterNode>()
            + self.order.capacity() * size_of::<OrderNode>()
            + self.related.capacity() * size_of::<PathNode>()
            + self.prefetch.capacity() * size_of::<PrefetchNode>()
            + heap(&self.filters)
            + heap(&self.order)
            + heap(&self.related)
            + heap(&self.prefetch)
            + heap(&self.projection.items)
    }
}

impl SelectPlan {
    /// Whether both select the same, whatever their limits. A NaN, which equals nothing, is refused before any plan with it
    /// runs.
    #[doc(hidden)]
    pub fn selects_as(&self, other: &Self) -> bool {
        std::ptr::eq(self.schema, other.schema)
            && self.offset.unwrap_or(0) == other.offset.unwrap_or(0)
            && self.distinct == other.distinct
            && self.order == other.order
            && self.projection == other.projection
            && same(&self.filters, &other.filters)
            && same(&self.related, &other.related)
            && same_ahead(&self.prefetch, &other.prefetch)
    }

    /// Hashes what [`selects_as`](SelectPlan::selects_as) compares.
    #[doc(hidden)]
    pub fn hash_selection<H: Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self.schema).addr().hash(state);
        (self.offset.unwrap_or(0), self.distinct).hash(state);
        self.order.hash(state);
        unordered(&self.filters).hash(state);
        unordered(&self.related).hash(state);
        unordered(&self.prefetch).hash(state);
        // Rarely anything but empty, and then told apart by the comparison.
        self.projection.groups.len().hash(state);
        self.projection.items.hash(state);
    }
}
