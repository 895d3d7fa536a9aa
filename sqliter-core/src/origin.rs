//! What a row remembers of where it came from. Opaque here: the executing crate puts in what it needs to find related rows.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use crate::copies::share;
use crate::relation::Hop;

/// Where a row came from, shared by the rows of one result.
#[doc(hidden)]
#[derive(Clone)]
pub struct Origin(Arc<Box<dyn Any + Send + Sync>>);

impl Origin {
    /// An origin that holds this.
    pub fn new<T: Any + Send + Sync>(value: T) -> Self {
        Origin(Arc::new(Box::new(value)))
    }

    /// What it holds.
    pub fn get<T: Any>(&self) -> Option<&T> {
        (**self.0).downcast_ref()
    }
}

type Rows = Arc<dyn Any + Send + Sync>;
/// A step, the rows, and how they are copied.
type Entry = (Hop, Rows, fn(&Rows) -> Rows);

fn copy_rows<M: Clone + Any + Send + Sync>(rows: &Rows) -> Rows {
    match rows.downcast_ref::<Vec<Arc<M>>>() {
        Some(rows) => Arc::new(rows.iter().map(|row| share(row, M::clone)).collect::<Vec<_>>()),
        None => rows.clone(),
    }
}

/// The related rows that were loaded ahead for one row, shared by its clones.
#[doc(hidden)]
#[derive(Default)]
pub struct Related(Mutex<Vec<Entry>>);

impl Related {
    fn entries(&self) -> std::sync::MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a clone of the row has.
    pub fn of_clone(this: &Arc<Self>) -> Arc<Self> {
        share(this, |this| {
            let entries: Vec<Entry> = this.entries().clone();
            let copies = entries.into_iter().map(|(hop, rows, copy)| (hop, copy(&rows), copy));
            Related(Mutex::new(copies.collect()))
        })
    }

    /// What was put for this step.
    pub fn get<M: Any + Send + Sync>(&self, hop: Hop) -> Option<Arc<Vec<Arc<M>>>> {
        let entry = self.entries().iter().find(|(h, ..)| *h == hop).map(|(_, rows, _)| rows.clone())?;
        entry.downcast().ok()
    }

    /// Puts the rows of a step.
    pub fn put<M: Clone + Any + Send + Sync>(&self, hop: Hop, rows: Vec<Arc<M>>) {
        let mut entries = self.entries();
        entries.retain(|(h, ..)| *h != hop);
        entries.push((hop, Arc::new(rows), copy_rows::<M>));
    }

    /// Forgets the rows of a step; says whether there were any.
    pub fn forget(&self, hop: Hop) -> bool {
        let mut entries = self.entries();
        let before = entries.len();
        entries.retain(|(h, ..)| *h != hop);
        entries.len() < before
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.entries().clear();
    }
}
