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

type Rows = Arc<dyn Any + Send + Sync>;

/// The related rows that were loaded ahead for one row, shared by its clones.
#[doc(hidden)]
#[derive(Default)]
pub struct Related(Mutex<State>);

#[derive(Default)]
struct State {
    /// The rows of each step that was loaded ahead; `None` since they are out of date.
    entries: Vec<(Hop, Option<Rows>)>,
    /// How often something was forgotten.
    forgotten: u64,
}

impl State {
    fn entry(&mut self, hop: Hop) -> Option<&mut Option<Rows>> {
        self.entries.iter_mut().find(|(h, _)| *h == hop).map(|(_, rows)| rows)
    }
}

impl Related {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows of this step, if they are not out of date.
    pub fn get<T: Any + Send + Sync>(&self, hop: Hop) -> Option<Arc<T>> {
        let rows = self.state().entry(hop)?.clone()?;
        rows.downcast().ok()
    }

    /// Whether the step was loaded ahead, whatever became of it since.
    pub fn was_loaded(&self, hop: Hop) -> bool {
        self.state().entry(hop).is_some()
    }

    /// Puts the rows of a step.
    pub fn put<T: Any + Send + Sync>(&self, hop: Hop, rows: Arc<T>) {
        let mut state = self.state();
        state.entries.retain(|(h, _)| *h != hop);
        state.entries.push((hop, Some(rows)));
    }

    /// Forgets the rows of a step; returns what [`put_since`](Related::put_since) asks for.
    pub fn forget(&self, hop: Hop) -> u64 {
        let mut state = self.state();
        if let Some(rows) = state.entry(hop) {
            *rows = None;
        }
        state.forgotten += 1;
        state.forgotten
    }

    /// Puts the rows of a step, unless something was forgotten since: the rows may be older than that.
    pub fn put_since<T: Any + Send + Sync>(&self, forgotten: u64, hop: Hop, rows: Arc<T>) {
        let mut state = self.state();
        if state.forgotten == forgotten
            && let Some(entry) = state.entry(hop)
        {
            *entry = Some(rows);
        }
    }
}
