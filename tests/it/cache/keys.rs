//! Which queries share a result, and which must not.

use std::time::Duration;

use chrono::NaiveDateTime;
use sqliter_async::prelude::*;
use sqliter_async::{alias, func};

use super::{Critique, Label, Novel, Writer, apart, cached_memory, hit, library, miss, novel};
use crate::support::File;

/// CACHE-3: a limit of the query and that of the call are one; a row and a list of one row are two.
#[tokio::test]
async fn one_row_is_one_result_however_it_is_asked_for() {
    let file = File::new();
    for db in [library(&file).await, cached_memory().await] {
        let q = || db.select::<Novel>().order(Novel::YEAR);
        let one = miss(&db, async || q().limit(1).fetch_one().await.unwrap()).await;
        assert_eq!(hit(&db, async || q().fetch_first().await.unwrap()).await, one);
        assert_eq!(hit(&db, async || q().fetch_one().await.unwrap()).await, one);
        assert_eq!(hit(&db, async || q().limit(7).fetch_one().await.unwrap()).await, one);
        assert_eq!(hit(&db, async || q().limit(-1).offset(0).fetch_first().await.unwrap()).await, one);
        assert_eq!(miss(&db, async || q().limit(0).fetch_one().await.unwrap()).await, None);
        assert_eq!(miss(&db, async || q().limit(1).fetch_all().await.unwrap()).await.len(), 1);
        assert_eq!(miss(&db, async || q().limit(2).fetch_all().await.unwrap()).await.len(), 2);
        miss(&db, async || q().limit(1).fetch_last().await.unwrap()).await;
        miss(&db, async || q().limit(2).fetch_last().await.unwrap()).await;
        miss(&db, async || q().fetch_last().await.unwrap()).await;
        miss(&db, async || q().offset(1).fetch_one().await.unwrap()).await;
        // Without an order the first by the key is asked for by name, and any row will do for `fetch_one`.
        miss(&db, async || db.select::<Novel>().fetch_first().await.unwrap()).await;
        hit(&db, async || db.select::<Novel>().order(Novel::PK).fetch_one().await.unwrap()).await;
    }
}

/// AGG-20: projections are kept as rows are; builders that ask for the same share what is kept; running a query changes
/// nothing about its key.
#[tokio::test]
async fn projections_share_what_equal_builders_ask_for() {
    let file = File::new();
    for db in [library(&file).await, cached_memory().await] {
        let grouped = || {
            db.select::<Novel>()
                .group_by(Novel::WRITER)
                .annotate("novels", func::count())
                .annotate("last", func::max(Novel::YEAR))
        };
        let filters = [Novel::YEAR.gt(1), Novel::TITLE.ne("x")];
        let one = grouped().filter(filters.clone()[0].clone()).filter(filters[1].clone()).having(alias("novels").gt(0));
        let other = grouped().having(alias("novels").gt(0)).filter(filters[1].clone()).filter(filters[0].clone());
        let first = miss(&db, async || one.fetch_all().await.unwrap()).await;
        assert_eq!(hit(&db, async || one.fetch_all().await.unwrap()).await, first, "the key before and after a run");
        assert_eq!(hit(&db, async || one.clone().fetch_all().await.unwrap()).await, first);
        assert_eq!(hit(&db, async || other.fetch_all().await.unwrap()).await, first);
        assert_eq!(apart(&db, async || other.clone().bypass_cache().fetch_all().await.unwrap()).await, first);
        // The dicts of dicts are these.
        assert_eq!(hit(&db, async || other.fetch_dicts().await.unwrap()).await, first);
        // Other terminals in between leave the key alone.
        one.count().await.unwrap();
        one.exists().await.unwrap();
        one.page(1, 1).await.unwrap();
        one.sql().unwrap();
        hit(&db, async || one.fetch_all().await.unwrap()).await;

        // What selects otherwise is another.
        for different in [
            grouped().filter(filters[0].clone()).having(alias("novels").gt(0)),
            grouped().filter(filters[0].clone()).filter(filters[1].clone()),
            grouped().filter(filters[0].clone()).filter(filters[1].clone()).having(alias("novels").gt(1)),
            grouped().filter(filters[0].clone()).filter(filters[1].clone()).having(alias("last").gt(0)),
            one.clone().limit(1),
            one.clone().order(alias("last").desc()),
            one.clone().annotate("first", func::min(Novel::YEAR)),
        ] {
            let kept = miss(&db, async || different.fetch_all().await.unwrap()).await;
            assert_eq!(different.bypass_cache().fetch_all().await.unwrap(), kept);
        }

        // Counts beside rows, tuples and single values.
        let counted = || db.select::<Writer>().with_count(Writer::NOVELS, "n").order(Writer::NAME);
        let rows = miss(&db, async || counted().fetch_all().await.unwrap()).await;
        assert_eq!(hit(&db, async || counted().fetch_all().await.unwrap()).await, rows);
        let tuples = || db.select::<Novel>().fields((Novel::TITLE, Novel::WRITER.to(Writer::NAME)));
        let rows = miss(&db, async || tuples().fetch_all().await.unwrap()).await;
        assert_eq!(hit(&db, async || tuples().fetch_all().await.unwrap()).await, rows);

        // And they are retired as rows are.
        db.insert(novel("New", 1900, 2)).await.unwrap();
        let now = miss(&db, async || one.fetch_all().await.unwrap()).await;
        assert_ne!(now, first);
        assert_eq!(miss(&db, async || counted().fetch_all().await.unwrap()).await[1].1, 2);
        assert_eq!(miss(&db, async || tuples().fetch_all().await.unwrap()).await.len(), 4);
    }
}

/// CACHE-3: of values that look alike in text each has its own result.
#[tokio::test]
async fn values_that_look_alike_are_kept_apart() {
    let file = File::new();
    let db = library(&file).await;
    let values = [
        Value::Int(1),
        Value::Real(1.0),
        Value::Text("1".into()),
        Value::Text("1.0".into()),
        Value::Text("true".into()),
        Value::Blob(b"1".to_vec()),
        Value::Int(0),
        Value::Real(0.0),
        Value::Text(String::new()),
        Value::Blob(Vec::new()),
        Value::Text("NULL".into()),
        Value::Null,
        Value::Text("a\u{0}b".into()),
        Value::Text("a".into()),
        Value::Text("A".into()),
        Value::Text("\u{e9}".into()),
        Value::Text("e\u{301}".into()),
        Value::Int(i64::MAX),
        Value::Real(i64::MAX as f64),
    ];
    // As what is selected: each row shows which result it came from.
    let shown = async |value: &Value| {
        let mut seen = Vec::new();
        let with = db.select::<Label>().filter(Label::PK.eq(1)).annotate("n", func::count());
        let same = with.filter(lookup("name__ne", value.clone()));
        seen.push(format!("{:?}", same.fetch_all().await.ok()));
        seen
    };
    let mut kept = Vec::new();
    for value in &values {
        let before = db.cache_stats().misses;
        kept.push(shown(value).await);
        assert_eq!(db.cache_stats().misses, before + 1, "{value:?} shares a result");
    }
    for (value, kept) in values.iter().zip(kept) {
        assert_eq!(shown(value).await, kept);
    }
}

/// CACHE-3: text keys.
#[derive(Debug, Clone, PartialEq, DbModel)]
struct Badge {
    pk: Pk<Self, String>,
    n: i64,
}

#[tokio::test]
async fn keys_that_look_alike_are_kept_apart() {
    let file = File::new();
    let db = library(&file).await;
    db.create_table::<Badge>().await.unwrap();
    let keys = ["1", "1.0", "01", "", " ", "a", "A", "\u{e9}", "e\u{301}", "x'31'", "pk:1"];
    for (n, key) in keys.iter().enumerate() {
        db.insert(Badge { pk: Pk::of((*key).to_owned()), n: n as i64 }).await.unwrap();
    }
    for key in keys {
        miss(&db, async || db.get::<Badge>(key).await.unwrap()).await.unwrap();
    }
    for (n, key) in keys.into_iter().enumerate() {
        assert_eq!(hit(&db, async || db.get::<Badge>(key).await.unwrap()).await.unwrap().n, n as i64);
    }
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Moment {
    pk: Pk<Self>,
    at: NaiveDateTime,
}

/// Handles on one file that read differently do not read each other's results.
#[tokio::test]
async fn handles_with_other_options_have_their_own_results() {
    let file = File::new();
    let open = async |local: bool, max: usize| {
        let options = CacheOptions::new().max_size(max).external_check(Duration::from_secs(3600));
        SqliterDb::builder().filename(&file.path).return_local_time(local).cache(options).create().await.unwrap()
    };
    let (local, utc) = (open(true, 1).await, open(false, 10).await);
    let none = file.open().await;
    utc.create_table::<Moment>().await.unwrap();
    let noon = NaiveDateTime::parse_from_str("2024-07-01 12:00:00", "%Y-%m-%d %H:%M:%S").unwrap();
    utc.insert(Moment { pk: Pk::unset(), at: noon }).await.unwrap();
    for db in [&local, &utc] {
        db.get::<Moment>(1).await.unwrap();
    }
    for _ in 0..2 {
        for (db, plain) in [(&local, open(true, 1).await), (&utc, open(false, 1).await)] {
            let expected = plain.select::<Moment>().bypass_cache().fetch_one().await.unwrap();
            assert_eq!(db.get::<Moment>(1).await.unwrap(), expected);
            assert_eq!(hit(db, async || db.get::<Moment>(1).await.unwrap()).await, expected);
            let dicts = plain.select::<Moment>().bypass_cache().fetch_dicts().await.unwrap();
            for _ in 0..2 {
                assert_eq!(db.select::<Moment>().fetch_dicts().await.unwrap(), dicts);
            }
        }
        // And a handle without a cache retires what both have.
        none.update_where::<Moment>(None, Moment::AT.set(noon + Duration::from_secs(60))).await.unwrap();
    }
}

/// A key holds for the life of a row: hits of a row that was deleted and made anew are those of the new one.
#[tokio::test]
async fn a_key_that_comes_again_is_another_row() {
    let db = cached_memory().await;
    for title in ["a", "b"] {
        let mut row = novel(title, 1, 1);
        row.pk = Pk::of(50);
        db.insert(row).await.unwrap();
        for _ in 0..2 {
            assert_eq!(db.get::<Novel>(50).await.unwrap().unwrap().title, title);
        }
        db.delete::<Novel>(50).await.unwrap();
        assert_eq!(db.get::<Novel>(50).await.unwrap(), None);
    }
    let q = db.select::<Critique>().filter(Critique::NOVEL.eq(1));
    miss(&db, async || q.fetch_all().await.unwrap()).await;
    hit(&db, async || q.clone().filter(None::<Filter<Critique>>).fetch_all().await.unwrap()).await;
}
