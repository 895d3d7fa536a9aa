//! Which tables changed since when, for the caches of all handles on one file.
//!
//! Each table has a mark that counts commits and says whether one is under way. What was read stays true for as long as the marks
//! of its tables stay what they were before the read began.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, PoisonError, RwLock};

/// The mark of a table: the number of its last change, shifted by one, and in the lowest bit whether a commit is under way.
#[derive(Default)]
pub(crate) struct Mark(AtomicU64);

impl Mark {
    fn get(&self) -> u64 {
        self.0.load(SeqCst)
    }
}

/// The marks of one file's tables.
pub(crate) struct Generations {
    /// Tells the marks of one opening of a file from those of another.
    id: u64,
    /// Whether any handle caches: else nobody keeps marks.
    active: AtomicBool,
    tick: AtomicU64,
    /// A change that may be of any table.
    all: Mark,
    tables: RwLock<HashMap<Box<str>, Arc<Mark>>>,
}

/// The marks of what a read has read.
pub(crate) struct Seen {
    id: u64,
    all: u64,
    tables: Vec<(Arc<Mark>, u64)>,
}

/// The moment before a read.
#[derive(Clone, Copy)]
pub(crate) struct Before(u64);

impl Default for Generations {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Generations {
            id: NEXT.fetch_add(1, SeqCst),
            active: AtomicBool::new(false),
            tick: AtomicU64::new(0),
            all: Mark::default(),
            tables: RwLock::default(),
        }
    }
}

impl Generations {
    pub(crate) fn activate(&self) {
        self.active.store(true, SeqCst);
    }

    pub(super) fn is_active(&self) -> bool {
        self.active.load(SeqCst)
    }

    /// The mark of a table. Names differ by more than the case of their letters.
    pub(crate) fn mark(&self, table: &str) -> Arc<Mark> {
        let name = table.to_ascii_lowercase();
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(mark) = tables.get(name.as_str()) {
            return mark.clone();
        }
        drop(tables);
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        tables.entry(name.into()).or_default().clone()
    }

    fn next(&self) -> u64 {
        self.tick.fetch_add(1, SeqCst) + 1
    }

    /// A commit that changes these tables, or any when there are none, is about to happen.
    pub(super) fn commit_begins(&self, tables: &[Arc<Mark>]) {
        let mark = self.next() << 1 | 1;
        for table in self.changed(tables) {
            table.0.store(mark, SeqCst);
        }
    }

    /// It has happened, or not.
    pub(super) fn commit_ended(&self, tables: &[Arc<Mark>]) {
        let mark = self.next() << 1;
        for table in self.changed(tables) {
            table.0.store(mark, SeqCst);
        }
    }

    fn changed<'m>(&'m self, tables: &'m [Arc<Mark>]) -> impl Iterator<Item = &'m Mark> {
        let all = tables.is_empty().then_some(&self.all);
        all.into_iter().chain(tables.iter().map(|table| &**table))
    }

    /// A table may have changed in a way that was not seen.
    pub(crate) fn retire(&self, table: &str) {
        self.touch(&self.mark(table));
    }

    /// Every table may have.
    pub(crate) fn retire_all(&self) {
        self.touch(&self.all);
    }

    /// A commit under way stays under way.
    fn touch(&self, mark: &Mark) {
        let tick = self.next();
        let _ = mark.0.fetch_update(SeqCst, SeqCst, |old| Some(tick << 1 | (old & 1)));
    }

    /// The moment before a read.
    pub(crate) fn before(&self) -> Before {
        Before(self.tick.load(SeqCst))
    }

    /// The marks of these tables, if what was read since that moment is what they hold.
    pub(crate) fn seen(&self, before: Before, tables: &[Arc<Mark>]) -> Option<Seen> {
        let settled = |mark: u64| (mark & 1 == 0 && mark >> 1 <= before.0).then_some(mark);
        let all = settled(self.all.get())?;
        let tables = tables.iter().map(|table| Some((table.clone(), settled(table.get())?)));
        Some(Seen { id: self.id, all, tables: tables.collect::<Option<_>>()? })
    }

    /// Whether what was read is still what the tables hold.
    pub(crate) fn holds(&self, seen: &Seen) -> bool {
        seen.id == self.id && seen.all == self.all.get() && seen.tables.iter().all(|(table, mark)| table.get() == *mark)
    }
}

#[cfg(test)]
mod tests {
    use super::Generations;

    #[test]
    fn a_read_holds_until_a_commit_of_its_tables_begins() {
        let g = Generations::default();
        let (books, tags) = (g.mark("books"), g.mark("Tags"));
        let before = g.before();
        let seen = g.seen(before, &[books.clone(), g.mark("TAGS")]).expect("nothing is under way");
        g.commit_begins(&[g.mark("other")]);
        assert!(g.holds(&seen));
        g.commit_begins(std::slice::from_ref(&tags));
        assert!(!g.holds(&seen));
        assert!(g.seen(g.before(), std::slice::from_ref(&tags)).is_none(), "a commit is under way");
        assert!(g.seen(g.before(), std::slice::from_ref(&books)).is_some());
        let during = g.before();
        g.commit_ended(std::slice::from_ref(&tags));
        assert!(g.seen(during, std::slice::from_ref(&tags)).is_none(), "the read began before the commit ended");
        assert!(g.seen(g.before(), std::slice::from_ref(&tags)).is_some());
        let seen = g.seen(g.before(), std::slice::from_ref(&books)).expect("settled");
        g.retire_all();
        assert!(!g.holds(&seen));
        g.commit_begins(std::slice::from_ref(&books));
        g.retire("books");
        assert!(g.seen(g.before(), std::slice::from_ref(&books)).is_none(), "still under way");
    }
}
