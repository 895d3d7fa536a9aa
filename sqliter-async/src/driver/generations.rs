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

    /// Notes a change, and whether a commit is under way, from the mark before. Of two changes that are noted at the same time
    /// the later one stays, whoever comes first.
    fn set(&self, tick: u64, under_way: fn(u64) -> u64) {
        let _ = self.0.fetch_update(SeqCst, SeqCst, |old| Some((old >> 1).max(tick) << 1 | under_way(old)));
    }
}

/// What a commit changes.
#[derive(Clone, Copy)]
pub(super) enum Changed<'m> {
    /// These tables; of none, nothing.
    Tables(&'m [Arc<Mark>]),
    /// Nobody knows.
    Any,
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
    /// For what nobody tells of: never settled.
    elsewhere: Arc<Mark>,
    tables: RwLock<HashMap<Box<str>, Arc<Mark>>>,
}

/// The marks of what a read has read.
pub(crate) struct Seen {
    id: u64,
    all: u64,
    tables: Vec<Arc<Mark>>,
    /// Of the first table: mostly there is one, which needs no list.
    first: u64,
    others: Vec<u64>,
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
            elsewhere: Arc::new(Mark(AtomicU64::new(1))),
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

    /// The mark of tables whose changes are not seen: what reads them is never kept.
    pub(super) fn elsewhere(&self) -> Arc<Mark> {
        self.elsewhere.clone()
    }

    fn next(&self) -> u64 {
        self.tick.fetch_add(1, SeqCst) + 1
    }

    /// A commit that changes these tables is about to happen.
    pub(super) fn commit_begins(&self, changed: Changed<'_>) {
        self.each(changed, |_| 1);
    }

    /// It has happened, or not.
    pub(super) fn commit_ended(&self, changed: Changed<'_>) {
        self.each(changed, |_| 0);
    }

    fn each(&self, changed: Changed<'_>, under_way: fn(u64) -> u64) {
        match changed {
            Changed::Tables([]) => {}
            Changed::Tables(tables) => {
                let tick = self.next();
                tables.iter().for_each(|table| table.set(tick, under_way));
            }
            Changed::Any => self.all.set(self.next(), under_way),
        }
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
        mark.set(self.next(), |old| old & 1);
    }

    /// The moment before a read.
    pub(crate) fn before(&self) -> Before {
        Before(self.tick.load(SeqCst))
    }

    /// The marks of these tables, if what was read since that moment is what they hold.
    pub(crate) fn seen(&self, before: Before, tables: Vec<Arc<Mark>>) -> Option<Seen> {
        let settled = |mark: u64| (mark & 1 == 0 && mark >> 1 <= before.0).then_some(mark);
        let all = settled(self.all.get())?;
        let mut marks = tables.iter().map(|table| settled(table.get()));
        let first = marks.next().unwrap_or(Some(0))?;
        let others = marks.collect::<Option<_>>()?;
        Some(Seen { id: self.id, all, tables, first, others })
    }

    /// Whether what was read is still what the tables hold.
    pub(crate) fn holds(&self, seen: &Seen) -> bool {
        let mut marks = seen.tables.iter().zip(std::iter::once(&seen.first).chain(&seen.others));
        seen.id == self.id && seen.all == self.all.get() && marks.all(|(table, mark)| table.get() == *mark)
    }
}

#[cfg(test)]
mod tests {
    use super::{Changed, Generations};

    #[test]
    fn a_read_holds_until_a_commit_of_its_tables_begins() {
        let g = Generations::default();
        let (books, tags) = (g.mark("books"), g.mark("Tags"));
        let before = g.before();
        let seen = g.seen(before, vec![books.clone(), g.mark("TAGS")]).expect("nothing is under way");
        g.commit_begins(Changed::Tables(&[g.mark("other")]));
        assert!(g.holds(&seen));
        g.commit_begins(Changed::Tables(std::slice::from_ref(&tags)));
        assert!(!g.holds(&seen));
        assert!(g.seen(g.before(), vec![tags.clone()]).is_none(), "a commit is under way");
        assert!(g.seen(g.before(), vec![books.clone()]).is_some());
        let during = g.before();
        g.commit_ended(Changed::Tables(std::slice::from_ref(&tags)));
        assert!(g.seen(during, vec![tags.clone()]).is_none(), "the read began before the commit ended");
        assert!(g.seen(g.before(), vec![tags.clone()]).is_some());
        let seen = g.seen(g.before(), vec![books.clone()]).expect("settled");
        g.retire_all();
        assert!(!g.holds(&seen));
        g.commit_begins(Changed::Tables(std::slice::from_ref(&books)));
        g.retire("books");
        assert!(g.seen(g.before(), vec![books.clone()]).is_none(), "still under way");
    }

    #[test]
    fn a_commit_of_nothing_retires_nothing_and_one_of_anything_everything() {
        let g = Generations::default();
        let books = [g.mark("books")];
        let seen = g.seen(g.before(), books.to_vec()).expect("nothing is under way");
        g.commit_begins(Changed::Tables(&[]));
        g.commit_ended(Changed::Tables(&[]));
        assert!(g.holds(&seen));
        g.commit_begins(Changed::Any);
        assert!(!g.holds(&seen) && g.seen(g.before(), books.to_vec()).is_none());
        g.commit_ended(Changed::Any);
        assert!(!g.holds(&seen) && g.seen(g.before(), books.to_vec()).is_some());
        assert!(g.seen(g.before(), vec![g.elsewhere()]).is_none());
    }

    #[test]
    fn a_change_that_is_noted_late_does_not_undo_a_later_one() {
        let g = Generations::default();
        let books = g.mark("books");
        let (early, before) = (g.next(), g.before());
        g.commit_begins(Changed::Tables(std::slice::from_ref(&books)));
        g.commit_ended(Changed::Tables(std::slice::from_ref(&books)));
        books.set(early, |old| old & 1);
        assert!(g.seen(before, vec![books.clone()]).is_none(), "the read began before the commit ended");
    }
}
