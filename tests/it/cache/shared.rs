//! Hits can be changed without harm: by hand, by loading relations, by writing links.

use sqliter_async::prelude::*;

use super::{Label, Nation, Novel, Writer, cached_memory, hit, library, miss};
use crate::support::File;

/// CACHE-13, W21
#[tokio::test]
async fn rows_and_lists_belong_to_the_caller() {
    let file = File::new();
    let db = library(&file).await;
    let q = db.select::<Novel>().order(Novel::YEAR);
    for _ in 0..3 {
        let mut all = q.fetch_all().await.unwrap();
        assert_eq!((all.len(), all[0].title.as_str()), (3, "Emma"));
        all[0].title.push('!');
        all.truncate(1);
        let mut one = q.fetch_one().await.unwrap().unwrap();
        assert_eq!(one.title, "Emma");
        one.title.clear();
        let mut got = db.get::<Novel>(1).await.unwrap().unwrap();
        assert_eq!((got.title.as_str(), got.writer.key()), ("Emma", Some(1)));
        got.title.clear();
        got.writer.set(2);
        let mut dicts = q.fetch_dicts().await.unwrap();
        assert_eq!(dicts.len(), 3);
        dicts.clear();
    }
    assert_eq!(db.cache_stats().hits, 8);
}

/// CACHE-13: what is loaded later into a row that others share is not older than it may be for them.
#[tokio::test]
async fn a_relation_loaded_from_a_hit_is_not_kept_with_it() {
    let file = File::new();
    let db = library(&file).await;
    let joined = db.select::<Novel>().select_related(Novel::WRITER).order(Novel::YEAR);
    let nation = async || {
        let novels = joined.fetch_all().await.unwrap();
        novels[0].writer.loaded().unwrap().nation.as_ref().unwrap().fetch().await.unwrap().name.clone()
    };
    let name = async || {
        let novel = db.get::<Novel>(1).await.unwrap().unwrap();
        novel.writer.fetch().await.unwrap().name.clone()
    };
    for _ in 0..3 {
        assert_eq!(nation().await, "England");
        assert_eq!(name().await, "Jane");
    }
    db.update_where::<Nation>(None, Nation::NAME.set("Scotland")).await.unwrap();
    let novels = hit(&db, async || joined.fetch_all().await.unwrap()).await;
    assert!(novels[0].writer.loaded().unwrap().nation.as_ref().unwrap().get().is_none(), "loaded by another caller");
    assert_eq!(nation().await, "Scotland");
    db.update_where::<Writer>(Writer::NAME.eq("Jane"), Writer::NAME.set("J")).await.unwrap();
    assert_eq!(name().await, "J");
}

/// CACHE-13: rows of one hit share their parents still.
#[tokio::test]
async fn rows_of_a_hit_share_what_belongs_to_them() {
    let db = cached_memory().await;
    let joined = db.select::<Novel>().select_related(Novel::WRITER).order(Novel::YEAR);
    joined.fetch_all().await.unwrap();
    let novels = hit(&db, async || joined.fetch_all().await.unwrap()).await;
    let writers: Vec<_> = novels.iter().map(|n| std::ptr::from_ref(n.writer.loaded().unwrap())).collect();
    assert!(writers[0] == writers[1] && writers[1] != writers[2]);
    let again = hit(&db, async || joined.fetch_all().await.unwrap()).await;
    assert!(!writers.contains(&std::ptr::from_ref(again[0].writer.loaded().unwrap())), "shared with another hit");
}

/// CACHE-13, CACHE-16: links that are written, and taken back, through one hit are not missing from the next.
#[tokio::test]
async fn prefetched_links_of_a_hit_are_its_own() {
    let file = File::new();
    let db = library(&file).await;
    let q = db.select::<Novel>().prefetch_related(Novel::LABELS).order(Novel::YEAR);
    q.fetch_all().await.unwrap();
    let novels = hit(&db, async || q.fetch_all().await.unwrap()).await;
    let failed = db
        .transaction(async |tx| -> Result<()> {
            novels[0].labels.add(2).await?;
            assert_eq!(novels[0].labels.fetch_all().await?.len(), 2);
            assert_eq!(tx.select::<Novel>().filter(Novel::LABELS.to(Label::NAME).eq("gothic")).count().await?, 1);
            Err(Error::InvalidOption("on purpose".into()))
        })
        .await;
    failed.unwrap_err();
    let novels = hit(&db, async || q.fetch_all().await.unwrap()).await;
    // From memory: no read of the database.
    let before = db.cache_stats();
    assert_eq!(novels[0].labels.fetch_all().await.unwrap().len(), 1);
    assert_eq!(db.cache_stats(), before, "the prefetched links are gone");
    // Links that were written for good.
    novels[0].labels.add(2).await.unwrap();
    assert_eq!(novels[0].labels.fetch_all().await.unwrap().len(), 2);
    let novels = miss(&db, async || q.fetch_all().await.unwrap()).await;
    assert_eq!(novels[0].labels.fetch_all().await.unwrap().len(), 2);
}

/// CACHE-13: the same of rows that were prefetched, and of what was loaded for them.
#[tokio::test]
async fn prefetched_rows_of_a_hit_are_its_own() {
    let db = cached_memory().await;
    let q = db.select::<Writer>().prefetch_related(Writer::NOVELS.to(Novel::LABELS)).order(Writer::NAME);
    q.fetch_all().await.unwrap();
    for _ in 0..2 {
        let writers = hit(&db, async || q.fetch_all().await.unwrap()).await;
        let mut novels = writers[0].novels().fetch_all().await.unwrap();
        assert_eq!((novels.len(), novels[0].title.as_str()), (2, "Emma"));
        novels[0].title.clear();
        let failed = db
            .transaction(async |_| -> Result<()> {
                novels[0].labels.clear().await?;
                assert_eq!(novels[0].labels.count().await?, 0);
                Err(Error::InvalidOption("on purpose".into()))
            })
            .await;
        failed.unwrap_err();
    }
    let writers = hit(&db, async || q.fetch_all().await.unwrap()).await;
    let before = db.cache_stats();
    let novels = writers[0].novels().fetch_all().await.unwrap();
    assert_eq!(novels[0].labels.fetch_all().await.unwrap()[0].name, "classic");
    assert_eq!(db.cache_stats(), before);
}
