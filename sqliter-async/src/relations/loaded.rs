//! The row that a foreign key was loaded with, and how it goes.

use std::any::Any;
use std::cell::RefCell;
use std::sync::Arc;

use sqliter_core::{DbModel, share};

/// What was found when it was loaded: the row, or that there is none.
pub(super) struct Loaded<T> {
    row: Option<Arc<T>>,
    of_clone: fn(&Arc<T>) -> Arc<T>,
    release: fn(Arc<T>),
}

impl<T: DbModel> Loaded<T> {
    pub(super) fn new(row: Option<Arc<T>>) -> Self {
        Loaded { row, of_clone: |row| share(row, T::clone), release }
    }
}

impl<T> Loaded<T> {
    pub(super) fn row(&self) -> Option<&Arc<T>> {
        self.row.as_ref()
    }
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        Loaded { row: self.row.as_ref().map(self.of_clone), of_clone: self.of_clone, release: self.release }
    }
}

impl<T> Drop for Loaded<T> {
    fn drop(&mut self) {
        if let Some(row) = self.row.take() {
            (self.release)(row);
        }
    }
}

type Row = Arc<dyn Any + Send + Sync>;

thread_local! {
    /// Rows that go once the one that is going has gone.
    static NEXT: RefCell<Option<Vec<Row>>> = const { RefCell::new(None) };
}

/// Lets a row go; the row that its own key was loaded with goes after it, not inside: a chain of rows that were loaded one from
/// the other may be longer than the stack is deep.
fn release<T: Any + Send + Sync>(row: Arc<T>) {
    if Arc::strong_count(&row) > 1 {
        return;
    }
    let mut row: Option<Row> = Some(row);
    let outermost = NEXT.try_with(|next| {
        let mut next = next.borrow_mut();
        match &mut *next {
            Some(rows) => {
                rows.extend(row.take());
                false
            }
            None => {
                *next = Some(Vec::new());
                true
            }
        }
    });
    if !outermost.unwrap_or(false) {
        return;
    }
    let _end = End;
    while let Some(going) = row.take() {
        drop(going);
        row = NEXT.with_borrow_mut(|next| next.as_mut().and_then(Vec::pop));
    }
}

/// Ends it, also by a panic of a row's own destructor.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        drop(NEXT.take());
    }
}
