//! What the query cache gives and costs: `cargo run --release --manifest-path benches/Cargo.toml --bin cache`.
//!
//! A handle with a cache and one without take turns on files of the same content. What is printed is the best round of each:
//! the least that other programs on the machine have added.

use std::time::{Duration, Instant};

use sqliter_async::GetOptions;
use sqliter_async::prelude::*;

const ROWS: i64 = 10_000;
const ROUNDS: usize = 15;

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Book {
    pk: Pk<Self>,
    title: String,
    author_id: i64,
    year: i64,
    rating: f64,
}

async fn filled(db: SqliterDb) -> Result<SqliterDb> {
    db.create_table::<Book>().await?;
    let book = |i: i64| Book {
        pk: Pk::unset(),
        title: format!("The title of book number {i:06}, which goes on for a while"),
        author_id: i % 97,
        year: i / 100,
        rating: (i % 50) as f64 / 10.0,
    };
    db.bulk_insert((0..ROWS).map(book)).await?;
    Ok(db)
}

/// Microseconds a call, in the best of the rounds.
struct Best(f64);

impl Best {
    async fn round(&mut self, calls: u32, call: impl AsyncFn() -> Result<()>) -> Result<()> {
        let start = Instant::now();
        for _ in 0..calls {
            call().await?;
        }
        self.0 = self.0.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(calls));
        Ok(())
    }
}

macro_rules! compare {
    ($name:literal, $calls:literal, $first:expr, $second:expr) => {{
        let (mut first, mut second) = (Best(f64::MAX), Best(f64::MAX));
        for _ in 0..ROUNDS {
            first.round($calls, $first).await?;
            second.round($calls, $second).await?;
        }
        let ratio = second.0 / first.0;
        println!("{:<44} {:>9.3} µs {:>9.3} µs   {ratio:.3}", $name, first.0, second.0);
    }};
}

#[tokio::main]
async fn main() -> Result<()> {
    let dir = tempfile::tempdir().expect("a folder");
    let plain = filled(SqliterDb::open(dir.path().join("plain.db")).await?).await?;
    let file = dir.path().join("cached.db");
    let cached = filled(SqliterDb::builder().filename(file).cache(CacheOptions::new()).create().await?).await?;

    println!("{:<44} {:>12} {:>12}   ratio", "", "without", "with");
    let get = async |db: &SqliterDb| db.get::<Book>(77).await.map(drop);
    let one = |db: &SqliterDb| db.select::<Book>().filter(Book::PK.eq(77));
    let hundred = |db: &SqliterDb| db.select::<Book>().filter(Book::PK.between(1001, 1100)).order(Book::PK);

    let year = |db: &SqliterDb| db.select::<Book>().filter(Book::YEAR.eq(50));

    // What expires at once is found, thrown away, read and kept again. First: what is kept for long would be found.
    let past = GetOptions::new().bypass_cache(true);
    compare!("get, past the cache", 2000, async || get(&plain).await, async || {
        cached.get_with::<Book>(77, past).await.map(drop)
    });
    let (a, b) = (one(&plain), one(&cached).bypass_cache());
    compare!("a query of one row, past the cache", 2000, async || a.fetch_one().await.map(drop), async || {
        b.fetch_one().await.map(drop)
    });
    let next = std::sync::atomic::AtomicI64::new(0);
    let key = || next.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % ROWS + 1;
    compare!("get, each time another key, miss", 2000, async || plain.get::<Book>(key()).await.map(drop), async || {
        cached.get::<Book>(key()).await.map(drop)
    });
    let never = GetOptions::new().cache_ttl(Duration::ZERO);
    compare!("get, miss", 2000, async || get(&plain).await, async || {
        cached.get_with::<Book>(77, never).await.map(drop)
    });
    let (a, b) = (one(&plain), one(&cached).cache_ttl(Duration::ZERO));
    compare!("a query of one row, miss", 2000, async || a.fetch_one().await.map(drop), async || {
        b.fetch_one().await.map(drop)
    });
    let (a, b) = (hundred(&plain), hundred(&cached).cache_ttl(Duration::ZERO));
    compare!("a query of 100 rows, miss", 500, async || a.fetch_all().await.map(drop), async || {
        b.fetch_all().await.map(drop)
    });
    let (a, b) = (year(&plain), year(&cached).cache_ttl(Duration::ZERO));
    compare!("100 rows, found by a scan of 10,000, miss", 50, async || a.fetch_all().await.map(drop), async || {
        b.fetch_all().await.map(drop)
    });
    cached.clear_cache();
    compare!("get, hit", 5000, async || get(&plain).await, async || get(&cached).await);
    let (a, b) = (one(&plain), one(&cached));
    compare!("a query of one row, built before, hit", 5000, async || a.fetch_one().await.map(drop), async || {
        b.fetch_one().await.map(drop)
    });
    compare!(
        "a query of one row, built each time, hit",
        5000,
        async || one(&plain).fetch_one().await.map(drop),
        async || { one(&cached).fetch_one().await.map(drop) }
    );
    let (a, b) = (hundred(&plain), hundred(&cached));
    compare!("a query of 100 rows, hit", 500, async || a.fetch_all().await.map(drop), async || {
        b.fetch_all().await.map(drop)
    });
    let (a, b) = (year(&plain), year(&cached));
    compare!("100 rows, found by a scan of 10,000, hit", 50, async || a.fetch_all().await.map(drop), async || {
        b.fetch_all().await.map(drop)
    });
    let update = async |db: &SqliterDb| db.update_where::<Book>(Book::PK.eq(5), Book::YEAR.set(3)).await.map(drop);
    compare!("an update", 200, async || update(&plain).await, async || update(&cached).await);
    Ok(())
}
