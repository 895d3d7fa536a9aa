//! What a row remembers of where it came from. Opaque here: the executing crate puts in what it needs to find related rows.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

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

type Entry = (Hop, Arc<dyn Any + Send + Sync>);

/// The related rows that were loaded ahead for one row, shared by its clones.
#[doc(hidden)]
#[derive(Default)]
pub struct Related(Mutex<Vec<Entry>>);

impl Related {
    fn entries(&self) -> std::sync::MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was put for this step.
    pub fn get<T: Any + Send + Sync>(&self, hop: Hop) -> Option<Arc<T>> {
        let entry = self.entries().iter().find(|(h, _)| *h == hop).map(|(_, rows)| rows.clone())?;
        entry.downcast().ok()
    }

    /// Puts the rows of a step.
    pub fn put<T: Any + Send + Sync>(&self, hop: Hop, rows: Arc<T>) {
        let mut entries = self.entries();
        entries.retain(|(h, _)| *h != hop);
        entries.push((hop, rows));
    }

    /// Forgets the rows of a step; says whether there were any.
    pub fn forget(&self, hop: Hop) -> bool {
        let mut entries = self.entries();
        let before = entries.len();
        entries.retain(|(h, _)| *h != hop);
        entries.len() < before
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.entries().clear();
    }
}
