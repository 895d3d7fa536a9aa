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

/// The rows of a step.
#[doc(hidden)]
pub enum RelatedRows<M> {
    /// Those of one row alone.
    Own(Vec<M>),
    /// Such as other rows have, too.
    Shared(Vec<Arc<M>>),
}

impl<M> Default for RelatedRows<M> {
    fn default() -> Self {
        RelatedRows::Own(Vec::new())
    }
}

impl<M> RelatedRows<M> {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            RelatedRows::Own(rows) => rows.len(),
            RelatedRows::Shared(rows) => rows.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row at a position.
    pub fn get(&self, position: usize) -> Option<&M> {
        match self {
            RelatedRows::Own(rows) => rows.get(position),
            RelatedRows::Shared(rows) => rows.get(position).map(|row| &**row),
        }
    }

    /// The rows, in their order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &M> + ExactSizeIterator {
        (0..self.len()).map(move |position| match self {
            RelatedRows::Own(rows) => &rows[position],
            RelatedRows::Shared(rows) => &*rows[position],
        })
    }
}

impl<M: Clone + Any + Send + Sync> RelatedRows<M> {
    fn copied(&self) -> Self {
        match self {
            RelatedRows::Own(rows) => RelatedRows::Own(rows.clone()),
            RelatedRows::Shared(rows) => RelatedRows::Shared(rows.iter().map(|row| share(row, M::clone)).collect()),
        }
    }
}

type Rows = Arc<dyn Any + Send + Sync>;

fn copy_rows<M: Clone + Any + Send + Sync>(rows: &Rows) -> Rows {
    // Several rows with the same key have them together.
    match rows.clone().downcast::<RelatedRows<M>>() {
        Ok(rows) => {
            let copy: Arc<RelatedRows<M>> = share(&rows, RelatedRows::copied);
            copy
        }
        Err(rows) => rows,
    }
}

/// The related rows that were loaded ahead for one row, shared by its clones.
#[doc(hidden)]
#[derive(Default)]
pub struct Related(Mutex<State>);

#[derive(Default)]
struct State {
    /// Mostly there is one, which needs no list.
    first: Option<Entry>,
    others: Vec<Entry>,
    /// How often something was forgotten.
    forgotten: u64,
}

/// A step that was loaded ahead.
struct Entry {
    hop: Hop,
    /// `None` since they are out of date.
    rows: Option<Rows>,
    copy: fn(&Rows) -> Rows,
}

impl State {
    fn entry(&mut self, hop: Hop) -> Option<&mut Entry> {
        self.first.iter_mut().chain(&mut self.others).find(|entry| entry.hop == hop)
    }

    fn put(&mut self, new: Entry) {
        if let Some(entry) = self.entry(new.hop) {
            *entry = new;
        } else if self.first.is_none() {
            self.first = Some(new);
        } else {
            // Few rows have many.
            self.others.reserve_exact(1);
            self.others.push(new);
        }
    }
}

impl Related {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a clone of the row has.
    pub fn of_clone(this: &Arc<Self>) -> Arc<Self> {
        share(this, |this| {
            // Copying a row may come back here by way of another.
            let state = this.state();
            let entries: Vec<_> =
                state.first.iter().chain(&state.others).map(|e| (e.hop, e.rows.clone(), e.copy)).collect();
            drop(state);
            let mut copied = State::default();
            for (hop, rows, copy) in entries {
                copied.put(Entry { hop, rows: rows.as_ref().map(copy), copy });
            }
            Related(Mutex::new(copied))
        })
    }

    /// The rows of this step, if they are not out of date.
    pub fn get<M: Any + Send + Sync>(&self, hop: Hop) -> Option<Arc<RelatedRows<M>>> {
        let rows = self.state().entry(hop)?.rows.clone()?;
        rows.downcast().ok()
    }

    /// Whether the step was loaded ahead, whatever became of it since.
    pub fn was_loaded(&self, hop: Hop) -> bool {
        self.state().entry(hop).is_some()
    }

    /// Puts the rows of a step.
    pub fn put<M: Clone + Any + Send + Sync>(&self, hop: Hop, rows: Arc<RelatedRows<M>>) {
        self.state().put(Entry { hop, rows: Some(rows), copy: copy_rows::<M> });
    }

    /// Forgets the rows of a step; returns what [`put_since`](Related::put_since) asks for.
    pub fn forget(&self, hop: Hop) -> u64 {
        let mut state = self.state();
        if let Some(entry) = state.entry(hop) {
            entry.rows = None;
        }
        state.forgotten += 1;
        state.forgotten
    }

    /// Puts the rows of a step, unless something was forgotten since: the rows may be older than that.
    pub fn put_since<M: Clone + Any + Send + Sync>(&self, forgotten: u64, hop: Hop, rows: RelatedRows<M>) {
        let mut state = self.state();
        if state.forgotten == forgotten
            && let Some(entry) = state.entry(hop)
        {
            entry.rows = Some(Arc::new(rows));
        }
    }
}
