//! How much is kept.

use sqliter_async::prelude::*;

use super::{Label, Novel, cached, cached_memory, fill, hit, miss, novel};
use crate::support::File;

async fn with(options: CacheOptions) -> SqliterDb {
    let db = SqliterDb::builder().memory().cache(options).create().await.unwrap();
    fill(&db).await;
    db
}

async fn year(db: &SqliterDb, year: i64) {
    db.select::<Novel>().filter(Novel::YEAR.eq(year)).fetch_all().await.unwrap();
}

/// CACHE-2, CACHE-8
#[tokio::test]
async fn the_least_recently_used_goes_first() {
    for size in [3, 600] {
        let db = with(CacheOptions::new().max_size(size)).await;
        let last = size as i64;
        for i in 1..=last {
            year(&db, i).await;
        }
        // A hit makes it young again.
        hit(&db, async || year(&db, 1).await).await;
        miss(&db, async || year(&db, last + 1).await).await;
        hit(&db, async || year(&db, 1).await).await;
        for i in 3..=last + 1 {
            hit(&db, async || year(&db, i).await).await;
        }
        miss(&db, async || year(&db, 2).await).await;
        // In its place the oldest has gone, which was 1 again.
        miss(&db, async || year(&db, 1).await).await;
    }
}

/// CACHE-2: each table has its own limit.
#[tokio::test]
async fn tables_do_not_push_each_other_out() {
    let db = with(CacheOptions::new().max_size(2)).await;
    year(&db, 1).await;
    for key in 1..=2 {
        db.get::<Label>(key).await.unwrap();
    }
    for i in 0..50 {
        db.select::<Label>().filter(Label::NAME.eq(i.to_string())).fetch_all().await.unwrap();
    }
    hit(&db, async || year(&db, 1).await).await;
    miss(&db, async || db.get::<Label>(1).await.unwrap()).await;
}

/// CACHE-8: a result that is replaced takes one place.
#[tokio::test]
async fn what_is_read_again_takes_its_own_place() {
    let db = with(CacheOptions::new().max_size(2)).await;
    for i in 0..20 {
        year(&db, 1).await;
        if i % 3 == 0 {
            db.update_where::<Novel>(None, Novel::PRICE.set(1.0)).await.unwrap();
        }
    }
    year(&db, 2).await;
    year(&db, 1).await;
    hit(&db, async || year(&db, 2).await).await;
    hit(&db, async || year(&db, 1).await).await;
}

/// CACHE-9
#[tokio::test]
async fn a_result_larger_than_the_limit_is_not_kept() {
    let file = File::new();
    let db = cached(&file, CacheOptions::new().max_memory_mb(1)).await;
    fill(&db).await;
    db.insert(novel(&"x".repeat(2 << 20), 5, 1)).await.unwrap();
    let q = db.select::<Novel>();
    year(&db, 1815).await;
    for _ in 0..2 {
        miss(&db, async || q.fetch_all().await.unwrap()).await;
        miss(&db, async || db.get::<Novel>(4).await.unwrap()).await;
        miss(&db, async || q.clone().prefetch_related(Novel::LABELS).fetch_all().await.unwrap()).await;
    }
    // What was there is there still.
    hit(&db, async || year(&db, 1815).await).await;
    assert!(db.cache_memory_usage() < 10_000);
}

/// CACHE-9, CACHE-10: the memory that results really take.
#[tokio::test]
async fn memory_stays_within_the_limit_and_near_it() {
    const LIMIT: u64 = 4 << 20;
    for (large, small) in [(0, 3000), (40_000, 200), (700_000, 30), (1000, 100)] {
        let db = with(CacheOptions::new().max_memory_mb(4).max_size(1_000_000)).await;
        let text = "x".repeat(large);
        db.bulk_insert((0..60).map(|i| novel(&text, 5000 + i % 6, 1))).await.unwrap();
        let mut most = 0;
        for i in 0..60 * small / 10 {
            let q =
                db.select::<Novel>().filter(Novel::YEAR.eq(5000 + i % 6)).limit(1 + i % 7).filter(Novel::YEAR.ne(i));
            q.fetch_all().await.unwrap();
            if i % 16 == 0 {
                most = most.max(db.cache_memory_usage());
            }
            if most > LIMIT * 9 / 10 && i > 3000 {
                break;
            }
        }
        println!("{large} bytes a row: at most {most} of {LIMIT}");
        assert!(most <= LIMIT, "{most}");
        assert!(large < 10_000 || most > LIMIT * 5 / 10, "{large}: {most}");
    }
}

/// CACHE-9
#[tokio::test]
async fn what_is_kept_is_measured_without_a_limit_too() {
    let db = cached_memory().await;
    assert_eq!(db.cache_memory_usage(), 0);
    db.insert(novel(&"x".repeat(100_000), 7, 1)).await.unwrap();
    year(&db, 7).await;
    let one = db.cache_memory_usage();
    assert!((100_000..110_000).contains(&one), "{one}");
    db.get::<Novel>(4).await.unwrap();
    let two = db.cache_memory_usage();
    assert!((200_000..220_000).contains(&two), "{two}");
    // What no longer holds counts no more.
    db.update_where::<Novel>(None, Novel::YEAR.set(8)).await.unwrap();
    assert_eq!(db.cache_memory_usage(), 0);
    year(&db, 8).await;
    assert!(db.cache_memory_usage() > 100_000);
    db.invalidate_table_cache("novels");
    assert_eq!(db.cache_memory_usage(), 0);
    year(&db, 8).await;
    db.clear_cache();
    assert_eq!(db.cache_memory_usage(), 0);
    year(&db, 8).await;
    db.close().await;
    assert_eq!(db.cache_memory_usage(), 0);
}

/// CACHE-2, CACHE-9: with both limits neither is passed, and neither keeps the other from being used up.
#[tokio::test]
async fn both_limits_hold() {
    for size in [3, 700, 1900, 5000] {
        let db = with(CacheOptions::new().max_size(size).max_memory_mb(1)).await;
        for i in 0..size + 400 {
            db.cache_set("labels", &i.to_string(), i, None);
        }
        let kept = (0..size + 400).filter(|i| db.cache_get::<usize>("labels", &i.to_string()).is_some()).count();
        assert!(kept <= size, "{kept} of {size}");
        // Each takes half a kilobyte.
        assert!(kept >= size.min(1900), "{kept} of {size}");
    }
}
