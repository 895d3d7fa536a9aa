//! What the cache says that it takes, beside what the allocator gave: filled up to its limit, and for results of each shape:
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

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Author {
    pk: Pk<Self>,
    name: String,
    born: i64,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Tag {
    pk: Pk<Self>,
    word: String,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Novel {
    pk: Pk<Self>,
    title: String,
    year: i64,
    rating: Option<f64>,
    #[foreign_key(on_delete = Cascade)]
    author: ForeignKey<Author>,
    tags: ManyToMany<Tag>,
}

async fn library() -> Result<SqliterDb> {
    let options = CacheOptions::new().max_memory_mb(512).max_size(1_000_000);
    let db = SqliterDb::builder().memory().cache(options).create().await?;
    db.create_tables::<(Author, Tag, Novel)>().await?;
    let author = |i| Author { pk: Pk::unset(), name: format!("Author number {i}"), born: i };
    db.bulk_insert((0..50).map(author)).await?;
    db.bulk_insert((0..20).map(|i| Tag { pk: Pk::unset(), word: format!("tag {i}") })).await?;
    let novel = |i: i64| Novel {
        pk: Pk::unset(),
        title: format!("The title of novel number {i:06}, which goes on for a while"),
        year: i % 100,
        rating: (i % 3 > 0).then_some(1.0),
        author: (1 + i % 50).into(),
        tags: ManyToMany::default(),
    };
    for (novel, i) in db.bulk_insert((0..1000).map(novel)).await?.iter().take(200).zip(0..) {
        novel.tags.add([1 + i % 20, 1 + (i + 7) % 20]).await?;
    }
    Ok(db)
}

/// So many results of one shape, each of its own query.
async fn shape<T>(db: &SqliterDb, name: &str, count: i64, read: impl AsyncFn(i64) -> Result<T>) -> Result<()> {
    for i in -3..0 {
        read(i).await?;
    }
    db.clear_cache();
    let before = LIVE.load(Relaxed);
    for i in 0..count {
        read(i).await?;
    }
    let told = db.cache_memory_usage();
    let taken = LIVE.load(Relaxed) - before;
    db.clear_cache();
    let kept = taken - (LIVE.load(Relaxed) - before);
    println!("{name:<36} {told:>9} told {kept:>9} given back   {:.2}", told as f64 / kept as f64);
    Ok(())
}

/// What the cache says of results of each shape.
async fn shapes() -> Result<()> {
    let db = library().await?;
    let all = |i: i64| db.select::<Novel>().filter(Novel::YEAR.ne(-i - 10));
    let some = |i: i64| all(i).limit(100);
    let authors = |i: i64| db.select::<Author>().filter(Author::BORN.ne(-i - 10)).limit(10);
    shape(&db, "rows by key", 1000, async |i| db.get::<Novel>(i + 1).await).await?;
    shape(&db, "no rows", 2000, async |i| all(i).filter(Novel::YEAR.eq(-1)).fetch_all().await).await?;
    shape(&db, "one row", 2000, async |i| all(i).fetch_one().await).await?;
    shape(&db, "100 rows", 200, async |i| some(i).fetch_all().await).await?;
    shape(&db, "100 dicts", 200, async |i| some(i).fetch_dicts().await).await?;
    shape(&db, "100 numbers", 200, async |i| some(i).only(Novel::YEAR).fetch_all().await).await?;
    shape(&db, "100 tuples", 200, async |i| some(i).fields((Novel::TITLE, Novel::YEAR)).fetch_all().await).await?;
    shape(&db, "100 groups", 200, async |i| {
        all(i).group_by(Novel::YEAR).annotate("n", sqliter_async::func::count()).fetch_all().await
    })
    .await?;
    shape(&db, "100 rows with counts", 200, async |i| some(i).with_count(Novel::TAGS, "n").fetch_all().await).await?;
    shape(&db, "100 rows joined to 50", 200, async |i| some(i).select_related(Novel::AUTHOR).fetch_all().await).await?;
    shape(&db, "20 rows joined to 20", 500, async |i| all(i).limit(20).select_related(Novel::AUTHOR).fetch_all().await)
        .await?;
    shape(&db, "100 rows joined to 5", 200, async |i| {
        some(i).filter(Novel::AUTHOR.to(Author::BORN).lt(5)).select_related(Novel::AUTHOR).fetch_all().await
    })
    .await?;
    shape(&db, "100 rows, parents prefetched", 200, async |i| {
        some(i).prefetch_related(Novel::AUTHOR).fetch_all().await
    })
    .await?;
    shape(&db, "100 rows, links prefetched", 200, async |i| some(i).prefetch_related(Novel::TAGS).fetch_all().await)
        .await?;
    shape(&db, "10 rows, 200 prefetched", 200, async |i| authors(i).prefetch_related(Author::NOVELS).fetch_all().await)
        .await?;
    shape(&db, "10 rows, 200 prefetched, and theirs", 100, async |i| {
        authors(i).prefetch_related(Author::NOVELS.to(Novel::TAGS)).fetch_all().await
    })
    .await?;
    shape(&db, "a list of 1000 in the query", 100, async |i| {
        all(i).filter(Novel::YEAR.is_in(1000..2000)).fetch_all().await
    })
    .await?;
    shape(&db, "a long text in the query", 100, async |i| {
        all(i).filter(Novel::TITLE.eq("x".repeat(10_000))).fetch_all().await
    })
    .await
}

const LIMIT: u32 = 32;

#[tokio::main]
async fn main() -> Result<()> {
    shapes().await?;
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
