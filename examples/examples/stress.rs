//! Two processes, 64 tasks each, reading and writing one file: nobody is told that the database is busy, every acknowledged
//! write is there afterwards. `cargo run --release --example stress -- [seconds]`.

use std::process::Command;
use std::time::{Duration, Instant};

use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
#[model(index(writer))]
struct Entry {
    pk: Pk<Self>,
    writer: i64,
    number: i64,
    text: String,
}

#[derive(Debug, Clone, Copy, Default)]
struct Outcome {
    writes: i64,
    reads: i64,
    longest_write: Duration,
    longest_read: Duration,
}

/// One of 64: writes, reads and sometimes a transaction, until the time is over. Every call has to succeed.
async fn work(db: SqliterDb, writer: i64, until: Instant) -> Result<Outcome> {
    let mut done = Outcome::default();
    while Instant::now() < until {
        let start = Instant::now();
        if done.writes % 16 == 15 {
            db.transaction(async |tx| -> Result<()> {
                for number in 0..4 {
                    let text = format!("entry {number} of {writer}");
                    tx.insert(Entry { pk: Pk::unset(), writer, number: done.writes + number, text }).await?;
                }
                Ok(())
            })
            .await?;
            done.writes += 4;
        } else {
            let text = format!("entry of {writer}");
            db.insert(Entry { pk: Pk::unset(), writer, number: done.writes, text }).await?;
            done.writes += 1;
        }
        done.longest_write = done.longest_write.max(start.elapsed());
        for _ in 0..4 {
            let start = Instant::now();
            let last = db
                .select::<Entry>()
                .filter(Entry::WRITER.eq(writer))
                .order(Entry::PK.desc())
                .limit(5)
                .fetch_all()
                .await?;
            // What this task wrote, it sees.
            assert_eq!(last[0].number, done.writes - 1);
            done.reads += 1;
            done.longest_read = done.longest_read.max(start.elapsed());
        }
    }
    Ok(done)
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let seconds: u64 = args.next().and_then(|s| s.parse().ok()).unwrap_or(10);
    let given = args.next();
    let path = match &given {
        Some(path) => path.into(),
        None => std::env::temp_dir().join(format!("sqliter-stress-{}.db", std::process::id())),
    };
    let db = SqliterDb::builder().filename(&path).reset(given.is_none()).create().await?;
    db.create_table::<Entry>().await?;
    let other = match given {
        Some(_) => None,
        None => Some(Command::new(std::env::current_exe()?).arg(seconds.to_string()).arg(&path).spawn()?),
    };
    let first = if other.is_some() { 0 } else { 1000 };

    let until = Instant::now() + Duration::from_secs(seconds);
    let tasks: Vec<_> = (0..64).map(|i| (first + i, tokio::spawn(work(db.clone(), first + i, until)))).collect();
    let mut all = Outcome::default();
    for (writer, task) in tasks {
        let done = task.await??;
        let stored = db.select::<Entry>().filter(Entry::WRITER.eq(writer)).count().await?;
        assert_eq!(stored, done.writes, "writer {writer} lost something");
        all.writes += done.writes;
        all.reads += done.reads;
        all.longest_write = all.longest_write.max(done.longest_write);
        all.longest_read = all.longest_read.max(done.longest_read);
    }
    println!(
        "process {}: {} writes, {} reads in {seconds} s; longest write {:?}, longest read {:?}",
        if first == 0 { 1 } else { 2 },
        all.writes,
        all.reads,
        all.longest_write,
        all.longest_read
    );
    if let Some(mut other) = other {
        assert!(other.wait()?.success(), "the other process failed");
        println!("{} entries in the file", db.select::<Entry>().count().await?);
        let check: String = sqliter_async::sqlx::query_scalar("PRAGMA integrity_check").fetch_one(db.pool()).await?;
        println!("integrity check: {check}");
        db.close().await;
        std::fs::remove_file(&path)?;
    } else {
        db.close().await;
    }
    Ok(())
}
