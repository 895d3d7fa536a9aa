//! Plans as keys: two that select the same rows in the same way are equal, in whatever order their filters were given.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::SelectPlan;

/// Whether each of the one is in the other, and as often.
fn same<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut left: Vec<&T> = b.iter().collect();
    a.iter().all(|x| left.iter().position(|y| *y == x).map(|at| left.swap_remove(at)).is_some())
}

/// A hash that does not depend on the order.
fn unordered<T: Hash>(items: &[T]) -> u64 {
    items.iter().fold(0, |sum: u64, item| {
        let mut hasher = DefaultHasher::new();
        item.hash(&mut hasher);
        sum.wrapping_add(hasher.finish())
    })
}

impl PartialEq for SelectPlan {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.schema, other.schema)
            && self.limit() == other.limit()
            && self.offset.unwrap_or(0) == other.offset.unwrap_or(0)
            && self.distinct == other.distinct
            && self.order == other.order
            && self.projection == other.projection
            && same(&self.filters, &other.filters)
            && same(&self.related, &other.related)
            && same(&self.prefetch, &other.prefetch)
    }
}

/// A NaN, which equals nothing, is refused before any plan with it runs.
impl Eq for SelectPlan {}

impl Hash for SelectPlan {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self.schema).addr().hash(state);
        (self.limit(), self.offset.unwrap_or(0), self.distinct).hash(state);
        self.order.hash(state);
        unordered(&self.filters).hash(state);
        unordered(&self.related).hash(state);
        unordered(&self.prefetch).hash(state);
        // Rarely anything but empty, and then told apart by the comparison.
        self.projection.groups.len().hash(state);
        self.projection.items.hash(state);
    }
}
