//! Another process that writes: what is kept here is no older than the guide says.

use std::process::Command;
use std::time::{Duration, Instant};

use sqliter_async::prelude::*;

use super::cached;
use super::state::{KINDS, State, change, project, random, read, start};
use crate::support::File;

const FILE: &str = "SQLITER_CACHE_FILE";
const LENGTH: Duration = Duration::from_secs(3);
/// The default of `external_check`.
const CHECK: Duration = Duration::from_millis(100);
/// What a busy machine adds.
const SLACK: Duration = Duration::from_millis(150);

/// Every state that was committed, written with what it tells of.
#[derive(Debug, Clone, DbModel)]
#[model(table = "journal", timestamps = false)]
struct Entry {
    pk: Pk<Self>,
    state: String,
}

async fn write(db: &SqliterDb, seed: &mut u64) -> Result<()> {
    let fails = random(seed).is_multiple_of(4);
    db.transaction(async |tx| -> Result<()> {
        let last = tx.select::<Entry>().fetch_last().await?.expect("an entry");
        let mut state: State = serde_json::from_str(&last.state).unwrap();
        let next = last.pk.value()? + 1;
        change(&tx, &mut state, if fails { -next } else { next }, seed).await?;
        if fails {
            return Err(Error::InvalidOption("on purpose".into()));
        }
        tx.insert(Entry { pk: Pk::of(next), state: serde_json::to_string(&state).unwrap() }).await.map(drop)
    })
    .await
}

#[tokio::test]
#[ignore = "started by a_writer_in_another_process_is_seen_in_time"]
async fn another_process() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let db = SqliterDb::open(path).await.unwrap();
    let (until, mut seed) = (Instant::now() + LENGTH, 99);
    while Instant::now() < until {
        // Many at once, and then none for longer than lies between two looks.
        for _ in 0..random(&mut seed) % 6 {
            write(&db, &mut seed).await.ok();
        }
        tokio::time::sleep(Duration::from_micros(random(&mut seed) % 250_000)).await;
    }
    db.close().await;
}

/// What the file is known to have held, and since when that is known.
struct Known(Vec<(State, Instant)>);

impl Known {
    async fn look(&mut self, db: &SqliterDb) {
        let new = db.select::<Entry>().filter(Entry::PK.gt(self.0.len() as i64)).order(Entry::PK).bypass_cache();
        let new = new.fetch_all().await.unwrap();
        let now = Instant::now();
        self.0.extend(new.iter().map(|entry| (serde_json::from_str(&entry.state).unwrap(), now)));
    }
}

/// CACHE-17: each read says what was true at some moment, which is no longer ago than the last look but one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_in_another_process_is_seen_in_time() {
    let file = File::new();
    let db = cached(&file, CacheOptions::new()).await;
    let first = start(&db).await;
    db.create_table::<Entry>().await.unwrap();
    let state = serde_json::to_string(&first).unwrap();
    db.insert(Entry { pk: Pk::unset(), state }).await.unwrap();
    let mut known = Known(Vec::new());
    known.look(&db).await;

    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "cache::processes::another_process", "--ignored"]).env(FILE, &file.path);
    let mut child = child.stdout(std::process::Stdio::null()).spawn().unwrap();
    let (mut seed, mut reads, mut late) = (5, 0, Duration::ZERO);
    while child.try_wait().unwrap().is_none() {
        let (began, kind) = (Instant::now(), random(&mut seed) % KINDS);
        let seen = read(&db, kind).await;
        reads += 1;
        known.look(&db).await;
        let last = known.0.iter().rposition(|(state, _)| project(kind, state) == seen);
        let last = last.unwrap_or_else(|| panic!("read {kind} says '{seen}', which was never true"));
        // It was no longer true from the next state on.
        if let Some((_, since)) = known.0.get(last + 1) {
            let by = began.saturating_duration_since(*since);
            assert!(by < CHECK + SLACK, "read {kind} says '{seen}', which has not been true for {by:?}");
            late = late.max(by);
        }
        tokio::time::sleep(Duration::from_micros(random(&mut seed) % 2000)).await;
    }
    let (states, stats) = (known.0.len(), db.cache_stats());
    println!("{reads} reads beside {states} states by another process: at most {late:?} late; {stats:?}");
    assert!(states > 10 && reads > 100 && stats.hits > 100);
    assert!(late > Duration::ZERO, "nothing was kept over a commit of the other process");
}
