//! What the cache says that it takes, beside what the allocator gave:
//! `cargo run --release --manifest-path benches/Cargo.toml --bin cache_memory`.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use sqliter_async::prelude::*;

/// The system's allocator, counting.
struct Counting;

static LIVE: AtomicI64 = AtomicI64::new(0);

// SAFETY: everything is the system allocator's own work; the counter has no part in it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as i64, Relaxed);
        // SAFETY: passed on to the caller.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as i64, Relaxed);
        // SAFETY: passed on to the caller.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Book {
    pk: Pk<Self>,
    title: String,
    author_id: i64,
    year: i64,
    rating: f64,
}

const LIMIT: u32 = 32;

#[tokio::main]
async fn main() -> Result<()> {
    let dir = tempfile::tempdir().expect("a folder");
    for (rows, by_key) in [(1, true), (1, false), (10, false), (100, false), (1000, false)] {
        let options = CacheOptions::new().max_memory_mb(LIMIT).max_size(10_000_000);
        let file = dir.path().join(format!("{rows}{by_key}.db"));
        let db = SqliterDb::builder().filename(file).cache(options).create().await?;
        db.create_table::<Book>().await?;
        let book = |i: i64| Book {
            pk: Pk::unset(),
            title: format!("The title of book number {i:06}, which goes on for a while"),
            author_id: i % 97,
            year: i / 100,
            rating: 1.0,
        };
        let count = if by_key { 100_000 } else { 10_000 };
        db.bulk_insert((0..count).map(book)).await?;
        for i in 0..200 {
            db.select::<Book>().filter(Book::PK.gt(i)).limit(rows).bypass_cache().fetch_all().await?;
        }
        let before = LIVE.load(Relaxed);
        let mut i = 0;
        while db.cache_memory_usage() < u64::from(LIMIT) * 95 / 100 * (1 << 20) && i < count.max(50_000) {
            for _ in 0..200.max(5000 / rows) {
                i += 1;
                if by_key {
                    db.get::<Book>(i).await?;
                } else {
                    let query = db.select::<Book>().filter(Book::PK.gt(i % 9000)).filter(Book::YEAR.ne(-i)).limit(rows);
                    query.fetch_all().await?;
                }
            }
        }
        let told = db.cache_memory_usage();
        let taken = LIVE.load(Relaxed) - before;
        db.clear_cache();
        let kept = taken - (LIVE.load(Relaxed) - before);
        println!("{rows:>5} rows, by key {by_key}: {told} told, {taken} more allocated, {kept} given back, {i} reads");
        db.close().await;
    }
    Ok(())
}
