//! Readers with a cache beside writers: what a read says was true at some moment of that read.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqliter_async::prelude::*;

use super::cached;
use super::state::{KINDS, State, change, project, random, read, start};
use crate::support::File;

/// Every state that was committed or is about to be, and which of them certainly are.
#[derive(Default)]
struct History {
    states: Mutex<Vec<State>>,
    ended: AtomicUsize,
    reads: AtomicU64,
    rolled_back: AtomicU64,
}

impl History {
    fn last(&self) -> usize {
        self.states.lock().unwrap().len() - 1
    }

    /// The first of these states in which a read says this.
    fn find(&self, kind: u64, seen: &str, within: RangeInclusive<usize>) -> Option<usize> {
        let states = self.states.lock().unwrap();
        within.into_iter().find(|at| project(kind, &states[*at]) == seen)
    }

    /// A read: the first state that it may have seen, which is none before `last`.
    async fn read(&self, db: &SqliterDb, kind: u64, last: usize) -> usize {
        let before = self.ended.load(SeqCst).max(last);
        let seen = read(db, kind).await;
        let after = self.last();
        self.reads.fetch_add(1, SeqCst);
        self.find(kind, &seen, before..=after).unwrap_or_else(|| {
            let ever = self.find(kind, &seen, 0..=after);
            let now = project(kind, &self.states.lock().unwrap()[after]);
            panic!("read {kind} says '{seen}', last true at {ever:?}, not at {before}..={after}: '{now}'")
        })
    }
}

/// One transaction of random changes; what it reads in between is its own.
async fn write(db: &SqliterDb, history: &History, seed: &mut u64) {
    let fails = random(seed).is_multiple_of(4);
    let mut version = None;
    let numbered = &mut version;
    let done = db
        .transaction(async |tx| -> Result<()> {
            let mut state = history.states.lock().unwrap().last().unwrap().clone();
            let next = history.last() + 1;
            // Of what is rolled back no number is ever committed.
            let number = if fails { -(random(seed) as i64 & 0xff_ffff) - 1 } else { next as i64 };
            for _ in 0..1 + random(seed) % 2 {
                change(&tx, &mut state, number, seed).await?;
                let kind = random(seed) % KINDS;
                let own = if random(seed).is_multiple_of(2) { read(&tx, kind).await } else { read(db, kind).await };
                assert_eq!(own, project(kind, &state), "read {kind} in a transaction");
            }
            if fails {
                return Err(Error::InvalidOption("on purpose".into()));
            }
            history.states.lock().unwrap().push(state);
            *numbered = Some(next);
            Ok(())
        })
        .await;
    assert_eq!(done.is_err(), fails, "{done:?}");
    match version {
        Some(version) => drop(history.ended.fetch_max(version, SeqCst)),
        None => drop(history.rolled_back.fetch_add(1, SeqCst)),
    }
}

/// Writers and readers on these handles, until so many states were committed.
async fn interleave(handles: &[SqliterDb], versions: usize, pause: u64) -> Arc<History> {
    let history = Arc::new(History::default());
    let first = start(&handles[0]).await;
    history.states.lock().unwrap().push(first);
    let mut tasks = Vec::new();
    for n in 0..6_u64 {
        let (history, db) = (history.clone(), handles[n as usize % handles.len()].clone());
        let writes = n < 2;
        tasks.push(tokio::spawn(async move {
            let (mut seed, mut last) = (88_172_645_463_325_252 + n * 7919, 0);
            while history.ended.load(SeqCst) < versions {
                if writes {
                    write(&db, &history, &mut seed).await;
                }
                for _ in 0..random(&mut seed) % if writes { 3 } else { 40 } {
                    last = history.read(&db, random(&mut seed) % KINDS, last).await;
                }
                tokio::time::sleep(Duration::from_micros(random(&mut seed) % (pause + 1))).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    history
}

async fn all(versions: usize) {
    for (name, handles, memory) in [("one handle", 1, false), ("memory", 1, true), ("three handles", 3, false)] {
        for pause in [0, 2000] {
            let file = File::new();
            // So that what is missed is not made good by a look at the file.
            let options = || CacheOptions::new().external_check(Duration::from_secs(3600));
            let mut dbs = Vec::new();
            for n in 0..handles {
                // The last of three has no cache.
                dbs.push(match (memory, n) {
                    (true, _) => SqliterDb::builder().memory().cache(options()).create().await.unwrap(),
                    (false, 2) => file.open().await,
                    (false, _) => cached(&file, options()).await,
                });
            }
            let history = interleave(&dbs, versions, pause).await;
            let (reads, rolled_back) = (history.reads.load(SeqCst), history.rolled_back.load(SeqCst));
            let stats = dbs[0].cache_stats();
            println!("{name}: {reads} reads, {} states, {rolled_back} rolled back, {stats:?}", history.last());
            assert!(reads > 500 && stats.hits > 100 && rolled_back > 5);
        }
    }
}

/// CACHE-14, CACHE-15, CACHE-16
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_a_read_says_was_true_while_it_ran() {
    all(150).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
#[ignore = "takes minutes"]
async fn what_a_read_says_was_true_while_it_ran_for_long() {
    all(5000).await;
}
