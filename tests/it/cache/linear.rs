//! Readers with a cache beside writers: what a read says was true at some moment of that read.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use sqliter_async::prelude::*;

use super::{Critique, Nation, Novel, Writer, cached, novel};
use crate::support::File;

/// Every version that is committed is in all of the tables.
async fn write(db: &SqliterDb, version: i64, fails: bool) -> Result<()> {
    db.transaction(async |tx| -> Result<()> { write_in(&tx, version, fails).await }).await
}

async fn write_in(tx: &SqliterDb, version: i64, fails: bool) -> Result<()> {
    let text = if fails { format!("never {version}") } else { version.to_string() };
    if version % 5 == 0 {
        let inner = tx.transaction(async |inner| -> Result<()> {
            inner.update_where::<Nation>(None, Nation::NAME.set("never")).await?;
            inner.delete::<Writer>(1).await?;
            Err(Error::InvalidOption("on purpose".into()))
        });
        inner.await.unwrap_err();
    }
    let mut nation = tx.get::<Nation>(1).await?.expect("the nation");
    nation.name = text.clone();
    tx.update(&mut nation).await?;
    tx.update_where::<Writer>(None, Writer::NAME.set(text.clone())).await?;
    // With what refers to it.
    tx.select::<Novel>().delete().await?;
    let novel = tx.insert(novel(&text, version, 1)).await?;
    let critiques =
        (0..1 + version % 3).map(|_| Critique { pk: Pk::unset(), text: text.clone(), novel: (&novel).into() });
    tx.bulk_insert(critiques).await?;
    if fails { Err(Error::InvalidOption("on purpose".into())) } else { Ok(()) }
}

/// One of the reads: the versions that it saw.
async fn read(db: &SqliterDb, kind: u64) -> Vec<String> {
    let mut seen = Vec::new();
    match kind % 7 {
        0 => seen.push(db.get::<Nation>(1).await.unwrap().unwrap().name),
        1 => {
            let writer = db.select::<Writer>().select_related(Writer::NATION).fetch_one().await.unwrap().unwrap();
            seen.push(writer.nation.as_ref().unwrap().loaded().unwrap().name.clone());
            seen.push(writer.name);
        }
        2 => {
            let all =
                db.select::<Critique>().select_related(Critique::NOVEL.to(Novel::WRITER)).fetch_all().await.unwrap();
            for critique in &all {
                let novel = critique.novel.loaded().unwrap();
                seen.extend([critique.text.clone(), novel.title.clone(), novel.writer.loaded().unwrap().name.clone()]);
            }
            assert_eq!(all.len() as i64, 1 + seen[0].parse::<i64>().unwrap() % 3);
        }
        3 => {
            let rows = db.select::<Novel>().with_count(Novel::CRITIQUES, "n").fetch_all().await.unwrap();
            let [(novel, count)] = rows.as_slice() else { panic!("{rows:?}") };
            assert_eq!(*count, 1 + novel.year % 3);
            seen.extend([novel.title.clone(), novel.year.to_string()]);
        }
        4 => {
            let path = Writer::NOVELS.to(Novel::CRITIQUES);
            let writer = db.select::<Writer>().prefetch_related(path).fetch_one().await.unwrap().unwrap();
            for novel in writer.novels().fetch_all().await.unwrap() {
                let critiques = novel.critiques().fetch_all().await.unwrap();
                assert_eq!(critiques.len() as i64, 1 + novel.year % 3);
                seen.extend(critiques.into_iter().map(|c| c.text));
                seen.push(novel.title);
            }
            seen.push(writer.name);
        }
        5 => {
            let names = db.select::<Novel>().only(Novel::WRITER.to(Writer::NATION).to(Nation::NAME)).fetch_all().await;
            seen.extend(names.unwrap().into_iter().flatten());
        }
        _ => {
            let rows =
                db.select::<Critique>().fields((Critique::TEXT, Critique::NOVEL.to(Novel::TITLE))).fetch_all().await;
            seen = rows.unwrap().into_iter().flat_map(|(a, b)| [a, b]).collect();
        }
    }
    seen
}

#[derive(Default)]
struct Marks {
    begun: AtomicI64,
    ended: AtomicI64,
    done: AtomicU64,
}

fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

async fn start(db: &SqliterDb) {
    db.create_tables::<(Nation, Writer, Novel, super::Label, Critique)>().await.unwrap();
    let nation = Nation::builder().name("0").insert(db).await.unwrap();
    Writer::builder().name("0").nation(&nation).insert(db).await.unwrap();
    write(db, 0, false).await.unwrap();
}

/// Writers and readers on these handles, until so many versions were written.
async fn interleave(handles: &[SqliterDb], versions: i64, pause: u64) -> (u64, u64) {
    start(&handles[0]).await;
    let marks = Arc::new(Marks::default());
    let mut tasks = Vec::new();
    for n in 0..2_u64 {
        let (marks, db) = (marks.clone(), handles[n as usize % handles.len()].clone());
        tasks.push(tokio::spawn(async move {
            let mut state = 88_172_645_463_325_252 + n;
            while marks.ended.load(SeqCst) < versions {
                let fails = random(&mut state).is_multiple_of(4);
                // Numbered inside the transaction: in the order of the commits.
                let mut version = 0;
                let numbered = &mut version;
                let done = db
                    .transaction(async |tx| -> Result<()> {
                        *numbered = if fails { -1 } else { marks.begun.fetch_add(1, SeqCst) + 1 };
                        write_in(&tx, numbered.max(&mut 0).to_owned(), fails).await
                    })
                    .await;
                assert_eq!(done.is_err(), fails, "{done:?}");
                if !fails {
                    marks.ended.fetch_max(version, SeqCst);
                    // The writer reads what it wrote.
                    let seen: i64 = read(&db, random(&mut state)).await[0].parse().unwrap();
                    assert!(seen >= version, "{seen} after {version} was written");
                }
                tokio::time::sleep(Duration::from_micros(random(&mut state) % (pause + 1))).await;
            }
        }));
    }
    for n in 0..4_u64 {
        let (marks, db) = (marks.clone(), handles[n as usize % handles.len()].clone());
        tasks.push(tokio::spawn(async move {
            let (mut state, mut last) = (1_234_567_890_123 + n * 7919, 0);
            while marks.ended.load(SeqCst) < versions {
                for _ in 0..random(&mut state) % 40 {
                    let kind = random(&mut state);
                    let before = marks.ended.load(SeqCst);
                    let seen = read(&db, kind).await;
                    let after = marks.begun.load(SeqCst);
                    let version: i64 = seen[0].parse().unwrap_or_else(|_| panic!("rolled back: {seen:?}"));
                    assert!(seen.iter().all(|v| *v == seen[0]), "of several moments: {seen:?}");
                    assert!(
                        (before..=after).contains(&version),
                        "read {}: {version} not in {before}..={after}",
                        kind % 7
                    );
                    assert!(version >= last, "read {}: {version} after {last}", kind % 7);
                    last = version;
                    marks.done.fetch_add(1, SeqCst);
                }
                tokio::time::sleep(Duration::from_micros(random(&mut state) % 1000)).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    (marks.done.load(SeqCst), marks.ended.load(SeqCst) as u64)
}

async fn all(versions: i64) {
    for (name, handles, memory) in [("one handle", 1, false), ("memory", 1, true), ("three handles", 3, false)] {
        for pause in [0, 2000] {
            let file = File::new();
            let mut dbs = Vec::new();
            for n in 0..handles {
                // The last of three has no cache.
                dbs.push(match (memory, n) {
                    (true, _) => SqliterDb::builder().memory().cache(CacheOptions::new()).create().await.unwrap(),
                    (false, 2) => file.open().await,
                    (false, _) => cached(&file, CacheOptions::new()).await,
                });
            }
            let (reads, writes) = interleave(&dbs, versions, pause).await;
            println!("{name}: {reads} reads, {writes} versions, {:?}", dbs[0].cache_stats());
            assert!(reads > 100 && dbs[0].cache_stats().hits > 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_a_read_says_was_true_while_it_ran() {
    all(60).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
#[ignore = "takes minutes"]
async fn what_a_read_says_was_true_while_it_ran_for_long() {
    all(5000).await;
}

const FILE: &str = "SQLITER_CACHE_FILE";
const LENGTH: Duration = Duration::from_secs(2);

/// Another process that writes, and says when.
#[tokio::test]
#[ignore = "started by a_writer_in_another_process_is_seen_in_time"]
async fn another_process() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let db = SqliterDb::open(path).await.unwrap();
    let until = Instant::now() + LENGTH;
    let mut state = 99;
    while Instant::now() < until {
        write(&db, micros(), random(&mut state).is_multiple_of(4)).await.ok();
        tokio::time::sleep(Duration::from_micros(random(&mut state) % 60_000)).await;
    }
    db.close().await;
}

fn micros() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros() as i64
}

/// CACHE-17: a version is the time at which its transaction began. What is read is no older than the last look but one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_in_another_process_is_seen_in_time() {
    let file = File::new();
    let db = cached(&file, CacheOptions::new()).await;
    start(&db).await;
    write(&db, micros(), false).await.unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "cache::linear::another_process", "--ignored"]).env(FILE, &file.path);
    let mut child = child.stdout(std::process::Stdio::null()).spawn().unwrap();
    let (mut state, mut versions) = (5, 0);
    let mut latest = Duration::ZERO;
    let mut truth = (db.select::<Nation>().bypass_cache().fetch_one().await.unwrap().unwrap().name, Instant::now());
    while child.try_wait().unwrap().is_none() {
        // What the file holds, and since when that is known.
        let now = db.select::<Nation>().bypass_cache().fetch_one().await.unwrap().unwrap().name;
        if now != truth.0 {
            truth = (now, Instant::now());
            versions += 1;
        }
        let (known, since) = (truth.0.parse::<i64>().unwrap(), truth.1);
        let seen = read(&db, random(&mut state)).await;
        assert!(seen.iter().all(|v| *v == seen[0]), "of several moments: {seen:?}");
        if seen[0].parse::<i64>().unwrap() < known {
            latest = latest.max(since.elapsed());
        }
        tokio::time::sleep(Duration::from_micros(random(&mut state) % 2000)).await;
    }
    println!("{versions} versions by another process, seen {latest:?} late at most; {:?}", db.cache_stats());
    assert!(versions > 5 && db.cache_stats().hits > 0);
    assert!(latest < Duration::from_millis(100) + Duration::from_millis(150), "{latest:?}");
}
