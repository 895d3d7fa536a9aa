//! Copies of rows that share nothing with the original: what is loaded for the one, or forgotten, does not concern the other.
//!
//! A clone of a row shares what was loaded with it, which is cheap, and right where both belong to one caller. What is kept for
//! several callers is copied apart.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

type Row = Arc<dyn Any + Send + Sync>;

thread_local! {
    /// The copies made so far, by the address of the original: what is shared within a result is shared within its copy.
    static COPIES: RefCell<Option<HashMap<usize, Row>>> = const { RefCell::new(None) };
}

/// Ends the copying, also by a panic.
struct End(Option<HashMap<usize, Row>>);

impl Drop for End {
    fn drop(&mut self) {
        COPIES.set(self.0.take());
    }
}

/// Runs `clone`, in which rows are cloned with all that was loaded with them. The originals outlive the call.
#[doc(hidden)]
pub fn cloned_apart<T>(clone: impl FnOnce() -> T) -> T {
    let _end = End(COPIES.replace(Some(HashMap::new())));
    clone()
}

/// What a clone of something shared is: the same, or inside `cloned_apart` a copy, one for all who share it.
#[doc(hidden)]
pub fn share<T: Any + Send + Sync>(shared: &Arc<T>, copy: impl FnOnce(&T) -> T) -> Arc<T> {
    let address = Arc::as_ptr(shared).addr();
    let Some(made) = copied(address) else { return shared.clone() };
    if let Some(made) = made.and_then(|made| made.downcast().ok()) {
        return made;
    }
    let made = Arc::new(copy(shared));
    keep(address, made.clone());
    made
}

/// The copy of the row at this address, if there is one; `None` outside `cloned_apart`.
fn copied(address: usize) -> Option<Option<Row>> {
    COPIES.with_borrow(|copies| copies.as_ref().map(|copies| copies.get(&address).cloned()))
}

fn keep(address: usize, copy: Row) {
    COPIES.with_borrow_mut(|copies| {
        if let Some(copies) = copies {
            copies.insert(address, copy);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_is_copied_once_and_only_when_asked() {
        let row = Arc::new(5);
        assert!(Arc::ptr_eq(&row, &share(&row, |v| *v)));
        let (a, b) = cloned_apart(|| (share(&row, |v| *v), share(&row, |v| *v)));
        assert!(Arc::ptr_eq(&a, &b) && !Arc::ptr_eq(&a, &row));
        assert!(Arc::ptr_eq(&row, &share(&row, |v| *v)));
    }
}
