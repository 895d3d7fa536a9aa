//! What the options do, and the statistics.

use std::time::Duration;

use sqliter_async::CacheStats;
use sqliter_async::prelude::*;

use super::{Novel, Writer, apart, cached, cached_memory, fill, hit, library, miss, novel};
use crate::support::File;

const SHORT: Duration = Duration::from_millis(60);
const LONG: Duration = Duration::from_secs(600);

async fn get(db: &SqliterDb) -> Option<Novel> {
    db.get::<Novel>(1).await.unwrap()
}

/// CACHE-2
#[tokio::test]
async fn limits_of_nothing_are_refused() {
    let build = |options| SqliterDb::builder().memory().cache(options).build().unwrap_err();
    let err = build(CacheOptions::new().max_size(0));
    assert!(matches!(&err, Error::InvalidOption(m) if m == "cache_max_size must be greater than 0"), "{err:?}");
    let err = build(CacheOptions::new().max_memory_mb(0));
    assert!(matches!(&err, Error::InvalidOption(m) if m == "cache_max_memory_mb must be greater than 0"), "{err:?}");
}

/// CACHE-2, CACHE-6
#[tokio::test]
async fn a_time_of_zero_expires_at_once() {
    let file = File::new();
    let db = cached(&file, CacheOptions::new().ttl(Duration::ZERO)).await;
    fill(&db).await;
    let q = db.select::<Novel>();
    for _ in 0..3 {
        miss(&db, async || get(&db).await).await;
        miss(&db, async || q.fetch_all().await.unwrap()).await;
    }
    // A query's own time wins, and so does that of a `get`.
    let long = q.clone().cache_ttl(LONG);
    miss(&db, async || long.fetch_all().await.unwrap()).await;
    hit(&db, async || long.fetch_all().await.unwrap()).await;
    let options = GetOptions::new().cache_ttl(LONG);
    miss(&db, async || db.get_with::<Novel>(1, options).await.unwrap()).await;
    hit(&db, async || db.get_with::<Novel>(1, options).await.unwrap()).await;
    db.cache_set("novels", "k", 1_i64, Some(Duration::ZERO));
    assert_eq!(db.cache_get::<i64>("novels", "k"), None);
}

/// CACHE-6
#[tokio::test]
async fn results_expire_after_the_time_of_the_handle() {
    let db = SqliterDb::builder().memory().cache(CacheOptions::new().ttl(SHORT)).build().unwrap();
    fill(&db).await;
    let q = db.select::<Novel>();
    miss(&db, async || q.fetch_all().await.unwrap()).await;
    hit(&db, async || q.fetch_all().await.unwrap()).await;
    miss(&db, async || get(&db).await).await;
    hit(&db, async || get(&db).await).await;
    tokio::time::sleep(SHORT).await;
    miss(&db, async || q.fetch_all().await.unwrap()).await;
    hit(&db, async || q.fetch_all().await.unwrap()).await;
    miss(&db, async || get(&db).await).await;
}

/// CACHE-6
#[tokio::test]
async fn a_query_and_a_get_may_have_a_time_of_their_own() {
    let db = cached_memory().await;
    let short = db.select::<Novel>().cache_ttl(SHORT);
    let options = GetOptions::new().cache_ttl(SHORT);
    let lasting = db.select::<Writer>();
    miss(&db, async || short.fetch_all().await.unwrap()).await;
    hit(&db, async || short.fetch_all().await.unwrap()).await;
    miss(&db, async || db.get_with::<Novel>(1, options).await.unwrap()).await;
    hit(&db, async || get(&db).await).await;
    lasting.fetch_all().await.unwrap();
    tokio::time::sleep(SHORT).await;
    miss(&db, async || short.fetch_all().await.unwrap()).await;
    miss(&db, async || db.get_with::<Novel>(1, options).await.unwrap()).await;
    hit(&db, async || lasting.fetch_all().await.unwrap()).await;
    // A time that ends after the end of time.
    let forever = db.select::<Writer>().filter(Writer::NAME.eq("Jane")).cache_ttl(Duration::MAX);
    miss(&db, async || forever.fetch_all().await.unwrap()).await;
    hit(&db, async || forever.fetch_all().await.unwrap()).await;
}

/// CACHE-7
#[tokio::test]
async fn what_bypasses_the_cache_neither_asks_nor_adds() {
    let file = File::new();
    let db = library(&file).await;
    let q = db.select::<Novel>().filter(Novel::YEAR.gt(1));
    let past = q.clone().bypass_cache();
    let options = GetOptions::new().bypass_cache(true).cache_ttl(LONG);
    for _ in 0..2 {
        apart(&db, async || past.fetch_all().await.unwrap()).await;
        apart(&db, async || past.fetch_one().await.unwrap()).await;
        apart(&db, async || past.fetch_dicts().await.unwrap()).await;
        apart(&db, async || past.clone().filter(Novel::YEAR.lt(0)).fetch_all().await.unwrap()).await;
        apart(&db, async || past.clone().only(Novel::TITLE).fetch_all().await.unwrap()).await;
        apart(&db, async || db.get_with::<Novel>(1, options).await.unwrap()).await;
    }
    miss(&db, async || q.fetch_all().await.unwrap()).await;
    miss(&db, async || get(&db).await).await;
    hit(&db, async || q.fetch_all().await.unwrap()).await;
    apart(&db, async || past.fetch_all().await.unwrap()).await;
    hit(&db, async || get(&db).await).await;
}

/// CACHE-11
#[tokio::test]
async fn statistics_count_hits_and_misses() {
    let db = cached_memory().await;
    db.reset_cache_stats();
    assert_eq!(db.cache_stats(), CacheStats::default());
    for _ in 0..3 {
        get(&db).await;
    }
    let stats = db.cache_stats();
    assert_eq!((stats.hits, stats.misses, stats.total, stats.hit_rate), (2, 1, 3, 66.67));
    db.clear_cache();
    assert_eq!(db.cache_stats(), stats);
    assert_eq!(db.cache_memory_usage(), 0);
    get(&db).await;
    assert_eq!(db.cache_stats().hit_rate, 50.0);
    db.reset_cache_stats();
    assert_eq!(db.cache_stats(), CacheStats::default());
    // The results stay.
    hit(&db, async || get(&db).await).await;
    assert_eq!(db.cache_stats().hit_rate, 100.0);
    // Clones share it all.
    hit(&db.clone(), async || get(&db).await).await;
    assert_eq!(db.cache_stats().hits, 2);
}

/// CACHE-11, CON-16
#[tokio::test]
async fn closing_forgets_results_and_statistics() {
    let file = File::new();
    let db = library(&file).await;
    get(&db).await;
    get(&db).await;
    db.cache_set("novels", "k", 5_i64, None);
    assert!(db.cache_memory_usage() > 0);
    db.close().await;
    assert_eq!(db.cache_stats(), CacheStats::default());
    assert_eq!(db.cache_memory_usage(), 0);
    assert!(matches!(db.get::<Novel>(1).await, Err(Error::Closed)));
    assert_eq!(db.cache_get::<i64>("novels", "k"), None);
    db.cache_set("novels", "k", 5_i64, None);
    db.invalidate_table_cache("novels");
    db.close().await;
    assert_eq!(db.cache_stats(), CacheStats::default());

    let other = file.open().await;
    other.update_where::<Novel>(Novel::TITLE.eq("Emma"), Novel::TITLE.set("E")).await.unwrap();
    other.close().await;
    db.connect().await.unwrap();
    assert_eq!(miss(&db, async || get(&db).await).await.unwrap().title, "E");
    assert_eq!(hit(&db, async || get(&db).await).await.unwrap().title, "E");
    assert_eq!(db.cache_get::<i64>("novels", "k"), None);
}

#[tokio::test]
async fn memory_that_was_closed_is_empty() {
    let db = cached_memory().await;
    get(&db).await;
    db.close().await;
    db.connect().await.unwrap();
    assert!(db.get::<Novel>(1).await.is_err(), "there is no table");
    fill(&db).await;
    assert_eq!(miss(&db, async || get(&db).await).await.unwrap().title, "Emma");
}

/// CACHE-4, CACHE-12
#[tokio::test]
async fn values_can_be_put_by_hand() {
    let file = File::new();
    let db = library(&file).await;
    assert_eq!(db.cache_get::<i64>("novels", "k"), None);
    db.cache_set("novels", "k", 5_i64, None);
    db.cache_set("NOVELS", "other", vec!["a".to_owned()], None);
    db.cache_set("labels", "k", 6_i64, None);
    assert_eq!(db.cache_get::<i64>("novels", "k"), Some(5));
    // Of another type it is another value.
    assert_eq!(db.cache_get::<u64>("novels", "k"), None);
    assert_eq!(db.cache_get::<Vec<String>>("NOVELS", "other").unwrap(), ["a"]);
    db.cache_set("novels", "k", 7_i64, Some(SHORT));
    assert_eq!(db.cache_get::<i64>("novels", "k"), Some(7));
    tokio::time::sleep(SHORT).await;
    assert_eq!(db.cache_get::<i64>("novels", "k"), None);

    db.cache_set("novels", "k", 8_i64, None);
    db.insert(novel("New", 1, 1)).await.unwrap();
    assert_eq!(db.cache_get::<i64>("novels", "k"), None);
    assert_eq!(db.cache_get::<Vec<String>>("NOVELS", "other"), None);
    assert_eq!(db.cache_get::<i64>("labels", "k"), Some(6));
    db.invalidate_table_cache("labels");
    assert_eq!(db.cache_get::<i64>("labels", "k"), None);
}

/// CACHE-4: by hand, for tables that a result was read from in any way.
#[tokio::test]
async fn a_table_can_be_retired_by_hand() {
    let file = File::new();
    let db = cached(&file, CacheOptions::new().external_check(LONG)).await;
    fill(&db).await;
    let other = cached(&file, CacheOptions::new().external_check(LONG)).await;
    // The first look of a handle, and the first after commits of another, retire everything.
    other.get::<Novel>(1).await.unwrap();
    for db in [&db, &other] {
        let joined = db.select::<Novel>().select_related(Novel::WRITER);
        joined.fetch_all().await.unwrap();
        hit(db, async || joined.fetch_all().await.unwrap()).await;
        get(db).await;
    }
    db.invalidate_table_cache("WRITERS");
    for db in [&db, &other] {
        let joined = db.select::<Novel>().select_related(Novel::WRITER);
        miss(db, async || joined.fetch_all().await.unwrap()).await;
        hit(db, async || get(db).await).await;
    }
    db.invalidate_table_cache("no such table");
}
