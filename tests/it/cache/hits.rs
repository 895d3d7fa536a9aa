//! What is kept, and under which key.

use sqliter_async::prelude::*;
use sqliter_async::{CacheStats, alias, func};

use super::{Critique, Label, Novel, Writer, apart, cached_memory, fill, hit, library, miss, novel};
use crate::support::{Clock, File, on_both};

/// CACHE-1
#[tokio::test]
async fn nothing_is_kept_unless_asked_for() {
    on_both(async |db| {
        fill(&db).await;
        for _ in 0..3 {
            db.get::<Novel>(1).await.unwrap();
            db.select::<Novel>().fetch_all().await.unwrap();
        }
        assert_eq!(db.cache_stats(), CacheStats::default());
        assert_eq!(db.cache_memory_usage(), 0);
        db.clear_cache();
        db.reset_cache_stats();
        db.invalidate_table_cache("novels");
        db.cache_set("novels", "k", 1_i64, None);
        assert_eq!(db.cache_get::<i64>("novels", "k"), None);
    })
    .await;
}

/// CACHE-1
#[tokio::test]
async fn every_way_to_fetch_rows_is_kept_and_counts_are_not() {
    let file = File::new();
    for db in [library(&file).await, cached_memory().await] {
        let q = db.select::<Novel>().order(Novel::YEAR);
        let get = async || db.get::<Novel>(1).await.unwrap().map(|n| n.title);
        let all = async || Some(q.fetch_all().await.unwrap().len().to_string());
        let one = async || q.fetch_one().await.unwrap().map(|n| n.title);
        let last = async || q.fetch_last().await.unwrap().map(|n| n.title);
        let dicts = async || Some(format!("{:?}", q.fetch_dicts().await.unwrap()));
        assert_eq!(miss(&db, get).await, hit(&db, get).await);
        assert_eq!(miss(&db, all).await, hit(&db, all).await);
        assert_eq!(miss(&db, one).await, hit(&db, one).await);
        assert_eq!(miss(&db, last).await, hit(&db, last).await);
        assert_eq!(miss(&db, dicts).await, hit(&db, dicts).await);
        // In the query's order, `fetch_first` is `fetch_one`.
        assert_eq!(hit(&db, async || q.fetch_first().await.unwrap()).await.unwrap().title, "Emma");
        for _ in 0..2 {
            assert_eq!(apart(&db, async || q.count().await.unwrap()).await, 3);
            assert!(apart(&db, async || q.exists().await.unwrap()).await);
            assert_eq!(apart(&db, async || q.page(1, 2).await.unwrap().total).await, 3);
        }
    }
}

/// CACHE-3
#[tokio::test]
async fn what_selects_differently_is_kept_apart() {
    let file = File::new();
    let db = library(&file).await;
    let all = || db.select::<Novel>();
    let queries = [
        all(),
        all().limit(2),
        all().limit(1),
        all().limit(2).offset(1),
        all().limit(2).offset(2),
        all().order(Novel::YEAR),
        all().order(Novel::YEAR.desc()),
        all().order(Novel::TITLE),
        all().distinct(),
        all().filter(Novel::YEAR.gt(1815)),
        all().filter(Novel::YEAR.gte(1815)),
        all().filter(Novel::YEAR.gt(1816)),
        all().filter(Novel::YEAR.gt(1815)).filter(Novel::TITLE.eq("Emma")),
        all().filter(Novel::YEAR.gt(1815) | Novel::TITLE.eq("Emma")),
        all().filter(!Novel::YEAR.gt(1815)),
        all().select_related(Novel::WRITER),
        all().select_related(Novel::WRITER.to(Writer::NATION)),
        all().prefetch_related(Novel::LABELS),
        all().prefetch_related(Novel::CRITIQUES),
        all().prefetch_related(Novel::CRITIQUES.filter(Critique::TEXT.eq("good"))),
        all().prefetch_related(Novel::CRITIQUES.filter(Critique::TEXT.eq("long"))),
        all().prefetch_related(Novel::LABELS.order(Label::NAME)),
        all().prefetch_related(Novel::LABELS.order(Label::NAME.desc())),
        all().strict_loading(),
    ];
    for (i, query) in queries.iter().enumerate() {
        miss(&db, async || query.fetch_all().await.unwrap_or_else(|e| panic!("{i}: {e}"))).await;
    }
    for query in &queries {
        hit(&db, async || query.fetch_all().await.unwrap()).await;
    }
    // One row, and a list of one row.
    miss(&db, async || queries[0].fetch_one().await.unwrap()).await;
    miss(&db, async || queries[0].fetch_last().await.unwrap()).await;
    miss(&db, async || queries[0].fetch_dicts().await.unwrap()).await;
}

/// CACHE-3
#[tokio::test]
async fn the_order_of_filters_and_paths_does_not_matter() {
    let db = cached_memory().await;
    let (a, b) = (Novel::YEAR.gt(1), Novel::TITLE.starts_with("E"));
    let one = db.select::<Novel>().filter(a.clone()).filter(b.clone());
    let other = db.select::<Novel>().filter(b.clone()).filter(a.clone());
    let first = miss(&db, async || one.fetch_all().await.unwrap()).await;
    assert_eq!(first, hit(&db, async || other.fetch_all().await.unwrap()).await);
    // The same filter twice is not two filters.
    let twice = db.select::<Novel>().filter(a.clone()).filter(a.clone());
    let both = db.select::<Novel>().filter(a).filter(b);
    miss(&db, async || twice.fetch_all().await.unwrap()).await;
    hit(&db, async || both.fetch_all().await.unwrap()).await;

    let one = db.select::<Novel>().prefetch_related(Novel::LABELS).prefetch_related(Novel::CRITIQUES);
    let other = db.select::<Novel>().prefetch_related(Novel::CRITIQUES).prefetch_related(Novel::LABELS);
    miss(&db, async || one.fetch_all().await.unwrap()).await;
    hit(&db, async || other.fetch_all().await.unwrap()).await;
    // But of two for one relation the later counts.
    let good = Novel::CRITIQUES.filter(Critique::TEXT.eq("good"));
    let one = db.select::<Novel>().prefetch_related(good.clone()).prefetch_related(Novel::CRITIQUES);
    let other = db.select::<Novel>().prefetch_related(Novel::CRITIQUES).prefetch_related(good);
    miss(&db, async || one.fetch_all().await.unwrap()).await;
    miss(&db, async || other.fetch_all().await.unwrap()).await;
}

/// CACHE-3
#[tokio::test]
async fn values_of_other_types_are_other_keys() {
    let db = cached_memory().await;
    let by = |value: Value| db.select::<Novel>().filter(lookup("title", value));
    for value in [Value::Int(1), Value::Real(1.0), Value::Text("1".into()), Value::Blob(b"1".to_vec())] {
        miss(&db, async || by(value.clone()).fetch_all().await).await.ok();
    }
    let q = || db.select::<Novel>();
    miss(&db, async || q().filter(Novel::YEAR.eq(1)).fetch_all().await.unwrap()).await;
    miss(&db, async || q().filter(Novel::PRICE.eq(1.0)).fetch_all().await.unwrap()).await;
    miss(&db, async || q().filter(Novel::TITLE.eq("1")).fetch_all().await.unwrap()).await;
    // Zero is zero, whatever its sign.
    miss(&db, async || q().filter(Novel::PRICE.eq(0.0)).fetch_all().await.unwrap()).await;
    hit(&db, async || q().filter(Novel::PRICE.eq(-0.0)).fetch_all().await.unwrap()).await;
    // The row with a key is not that of another model with the same key.
    miss(&db, async || db.get::<Novel>(1).await.unwrap()).await;
    miss(&db, async || db.get::<Writer>(1).await.unwrap()).await;
    assert_eq!(hit(&db, async || db.get::<Writer>(1).await.unwrap()).await.unwrap().name, "Jane");
}

/// CACHE-3
#[tokio::test]
async fn projections_are_kept_apart_and_by_themselves() {
    let db = cached_memory().await;
    let q = || db.select::<Novel>().order(Novel::YEAR);
    for repeat in [false, true] {
        macro_rules! each {
            ($($query:expr),* $(,)?) => { $( {
                let q = $query;
                let read = async || format!("{:?}", q.fetch_all().await.unwrap());
                let out = if repeat { hit(&db, read).await } else { miss(&db, read).await };
                assert_eq!(out, format!("{:?}", q.clone().bypass_cache().fetch_all().await.unwrap()));
            } )* };
        }
        each![
            q().only(Novel::TITLE),
            q().only(Novel::YEAR),
            q().fields((Novel::TITLE, Novel::YEAR)),
            q().fields((Novel::YEAR, Novel::TITLE)),
            q().fields(["title", "year"]),
            q().fields(["year", "title"]),
            q().exclude("title"),
            q().with_count(Novel::CRITIQUES, "n"),
            q().with_count(Novel::CRITIQUES, "m"),
            q().with_count(Novel::LABELS, "n"),
            q().with_count(Novel::LABELS, "a").with_count(Novel::CRITIQUES, "b"),
            q().with_count(Novel::CRITIQUES, "a").with_count(Novel::LABELS, "b"),
            db.select::<Novel>().group_by(Novel::WRITER).annotate("n", func::count()),
            db.select::<Novel>().group_by(Novel::YEAR).annotate("n", func::count()),
            db.select::<Novel>().group_by(Novel::WRITER).annotate("n", func::count()).having(alias("n").gt(1)),
        ];
    }
}

/// CACHE-5
#[tokio::test]
async fn that_nothing_matches_is_kept_too() {
    let file = File::new();
    let db = library(&file).await;
    let none = db.select::<Novel>().filter(Novel::TITLE.eq("Middlemarch"));
    assert!(miss(&db, async || none.fetch_all().await.unwrap()).await.is_empty());
    assert!(hit(&db, async || none.fetch_all().await.unwrap()).await.is_empty());
    assert!(miss(&db, async || none.fetch_one().await.unwrap()).await.is_none());
    assert!(hit(&db, async || none.fetch_one().await.unwrap()).await.is_none());
    db.insert(novel("Middlemarch", 1871, 1)).await.unwrap();
    assert_eq!(miss(&db, async || none.fetch_all().await.unwrap()).await.len(), 1);
    assert!(miss(&db, async || none.fetch_one().await.unwrap()).await.is_some());
}

/// CACHE-5
#[tokio::test]
async fn that_there_is_no_row_is_kept_where_a_time_is_given() {
    let file = File::new();
    let db = library(&file).await;
    for _ in 0..2 {
        assert_eq!(miss(&db, async || db.get::<Novel>(99).await.unwrap()).await, None);
    }
    let options = GetOptions::new().cache_ttl(std::time::Duration::from_secs(60));
    assert_eq!(miss(&db, async || db.get_with::<Novel>(99, options).await.unwrap()).await, None);
    assert_eq!(hit(&db, async || db.get_with::<Novel>(99, options).await.unwrap()).await, None);
    assert_eq!(hit(&db, async || db.get::<Novel>(99).await.unwrap()).await, None);
    let mut row = novel("Late", 1, 1);
    row.pk = Pk::of(99);
    db.insert(row).await.unwrap();
    assert!(miss(&db, async || db.get::<Novel>(99).await.unwrap()).await.is_some());
}

/// CACHE-18: no key is built where nothing is cached, and a filter that cannot be run is the same error with and without.
#[tokio::test]
async fn a_filter_that_cannot_run_fails_alike() {
    let file = File::new();
    let (with, without) = (library(&file).await, file.open().await);
    for db in [&with, &without] {
        for _ in 0..2 {
            let wrong = db.select::<Novel>().filter(Novel::PRICE.eq(f64::NAN)).fetch_all().await;
            let unknown = db.select::<Novel>().filter(lookup("nothing", 1)).fetch_all().await;
            assert!(wrong.is_err() && unknown.is_err(), "{wrong:?} {unknown:?}");
        }
    }
    assert_eq!(without.cache_stats(), CacheStats::default());
    assert_eq!(with.cache_stats().hits, 0);
}

/// LAZ-8
#[tokio::test]
async fn lazy_loads_use_the_cache() {
    let file = File::new();
    let db = library(&file).await;
    let load = async |key: i64| {
        let novel = db.get_with::<Novel>(key, GetOptions::new().bypass_cache(true)).await.unwrap().unwrap();
        novel.writer.fetch().await.unwrap().name.clone()
    };
    assert_eq!(miss(&db, async || load(1).await).await, "Jane");
    assert_eq!(hit(&db, async || load(2).await).await, "Jane");
    db.update_where::<Writer>(None, Writer::NAME.set(Writer::NAME)).await.unwrap();
    assert_eq!(miss(&db, async || load(1).await).await, "Jane");
    // Reverse relations and links are queries, and kept as such.
    let jane = db.get::<Writer>(1).await.unwrap().unwrap();
    assert_eq!(miss(&db, async || jane.novels().fetch_all().await.unwrap()).await.len(), 2);
    assert_eq!(hit(&db, async || jane.novels().fetch_all().await.unwrap()).await.len(), 2);
    let emma = db.get::<Novel>(1).await.unwrap().unwrap();
    assert_eq!(miss(&db, async || emma.labels.fetch_all().await.unwrap()).await.len(), 1);
    assert_eq!(hit(&db, async || emma.labels.fetch_all().await.unwrap()).await.len(), 1);
    emma.labels.clear().await.unwrap();
    assert_eq!(miss(&db, async || emma.labels.fetch_all().await.unwrap()).await.len(), 0);
}

/// The clock of timestamps is not that of the cache.
#[tokio::test]
async fn a_clock_that_is_turned_ends_nothing() {
    static CLOCK: Clock = Clock::at(1000);
    let file = File::new();
    let options = CacheOptions::new().ttl(std::time::Duration::from_secs(60));
    let db = SqliterDb::builder().filename(&file.path).cache(options).clock(|| CLOCK.now()).create().await.unwrap();
    fill(&db).await;
    miss(&db, async || db.get::<Novel>(1).await.unwrap()).await;
    CLOCK.set(1_000_000);
    hit(&db, async || db.get::<Novel>(1).await.unwrap()).await;
    CLOCK.set(0);
    hit(&db, async || db.get::<Novel>(1).await.unwrap()).await;
}
