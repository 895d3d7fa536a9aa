//! Transactions and the cache: nothing of them is in it before they have committed.

use std::time::Duration;

use sqliter_async::prelude::*;

use super::{Critique, Novel, Writer, apart, cached, cached_memory, fill, hit, library, miss, novel};
use crate::support::File;

fn failure() -> Error {
    Error::InvalidOption("on purpose".to_owned())
}

async fn title(db: &SqliterDb) -> String {
    db.get::<Novel>(1).await.unwrap().unwrap().title
}

async fn titles(db: &SqliterDb) -> Vec<String> {
    db.select::<Novel>().order(Novel::YEAR).only(Novel::TITLE).fetch_all().await.unwrap()
}

async fn rename(db: &SqliterDb, name: &str) -> u64 {
    db.update_where::<Novel>(Novel::YEAR.eq(1815), Novel::TITLE.set(name)).await.unwrap()
}

/// CACHE-16
#[tokio::test]
async fn nothing_that_was_rolled_back_is_ever_served() {
    let file = File::new();
    for db in [library(&file).await, cached_memory().await] {
        for fill_first in [true, false] {
            if fill_first {
                title(&db).await;
                titles(&db).await;
            }
            let err = db
                .transaction(async |tx| -> Result<()> {
                    rename(&tx, "gone").await;
                    tx.delete::<Writer>(2).await?;
                    for _ in 0..2 {
                        assert_eq!((title(&tx).await.as_str(), titles(&tx).await.len()), ("gone", 2));
                        assert_eq!((title(&db).await.as_str(), titles(&db).await.len()), ("gone", 2));
                    }
                    Err(failure())
                })
                .await;
            err.unwrap_err();
            for _ in 0..2 {
                assert_eq!((title(&db).await.as_str(), titles(&db).await.len()), ("Emma", 3));
            }
            // The guard form, dropped and rolled back.
            for drop_it in [true, false] {
                let tx = db.begin().await.unwrap();
                rename(&tx, "gone").await;
                assert_eq!(title(&tx).await, "gone");
                if drop_it {
                    drop(tx);
                } else {
                    tx.rollback().await.unwrap();
                }
                assert_eq!((title(&db).await.as_str(), titles(&db).await.len()), ("Emma", 3));
            }
            db.clear_cache();
        }
    }
}

/// CACHE-16
#[tokio::test]
async fn reads_in_a_transaction_do_not_concern_the_cache() {
    let db = cached_memory().await;
    title(&db).await;
    db.transaction(async |tx| -> Result<()> {
        for _ in 0..2 {
            apart(&db, async || title(&tx).await).await;
            apart(&db, async || title(&db).await).await;
            apart(&db, async || titles(&db).await).await;
            apart(&db, async || tx.select::<Writer>().prefetch_related(Writer::NOVELS).fetch_all().await.unwrap())
                .await;
        }
        Ok(())
    })
    .await
    .unwrap();
    db.read_transaction(async |tx| -> Result<()> {
        apart(&db, async || title(&tx).await).await;
        apart(&db, async || titles(&db).await).await;
        Ok(())
    })
    .await
    .unwrap();
    // None of it was added, and none of it lost.
    miss(&db, async || titles(&db).await).await;
    hit(&db, async || title(&db).await).await;
}

/// CACHE-16: values put by hand are no exception.
#[tokio::test]
async fn values_put_in_a_transaction_are_not_kept() {
    let db = cached_memory().await;
    db.cache_set("novels", "before", 1_i64, None);
    db.transaction(async |tx| -> Result<()> {
        rename(&tx, "gone").await;
        tx.cache_set("novels", "title", title(&tx).await, None);
        db.cache_set("novels", "title", title(&tx).await, None);
        assert_eq!(tx.cache_get::<i64>("novels", "before"), None);
        Err(failure())
    })
    .await
    .unwrap_err();
    assert_eq!(db.cache_get::<String>("novels", "title"), None);
    assert_eq!(db.cache_get::<i64>("novels", "before"), Some(1));
}

/// CACHE-16
#[tokio::test]
async fn savepoints_retire_with_the_transaction_they_are_in() {
    let file = File::new();
    let db = library(&file).await;
    let critiques = db.select::<Critique>();
    titles(&db).await;
    critiques.fetch_all().await.unwrap();
    db.transaction(async |tx| -> Result<()> {
        tx.transaction(async |inner| -> Result<()> {
            inner.select::<Critique>().delete().await?;
            Err(failure())
        })
        .await
        .unwrap_err();
        tx.transaction(async |inner| -> Result<()> { inner.insert(novel("New", 1900, 1)).await.map(drop) }).await?;
        // Nobody else sees any of it yet, and what they have is right.
        let (outside, others) = (db.clone(), critiques.clone());
        tokio::spawn(async move {
            assert_eq!(hit(&outside, async || titles(&outside).await).await.len(), 3);
            assert_eq!(others.fetch_all().await.unwrap().len(), 2);
        })
        .await
        .unwrap();
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(titles(&db).await.len(), 4);
    assert_eq!(critiques.fetch_all().await.unwrap().len(), 2);
}

/// CACHE-16
#[tokio::test]
async fn an_implicit_transaction_bypasses_the_cache() {
    let file = File::new();
    let db = library(&file).await;
    let manual =
        SqliterDb::builder().filename(&file.path).cache(CacheOptions::new()).auto_commit(false).create().await.unwrap();
    miss(&manual, async || title(&manual).await).await;
    hit(&manual, async || title(&manual).await).await;
    rename(&manual, "open").await;
    assert_eq!(apart(&manual, async || title(&manual).await).await, "open");
    assert_eq!(title(&db).await, "Emma");
    manual.rollback().await.unwrap();
    assert_eq!(title(&manual).await, "Emma");
    rename(&manual, "kept").await;
    assert_eq!(title(&db).await, "Emma");
    manual.commit().await.unwrap();
    assert_eq!(title(&db).await, "kept");
    assert_eq!(title(&manual).await, "kept");
    hit(&manual, async || title(&manual).await).await;
}

/// Reads at the same time do not push each other out of the implicit transaction, nor what is put by hand into the cache.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reads_side_by_side_belong_to_the_implicit_transaction() {
    let file = File::new();
    library(&file).await.close().await;
    let options = CacheOptions::new();
    let manual = SqliterDb::builder().filename(&file.path).cache(options).auto_commit(false).create().await.unwrap();
    title(&manual).await;
    rename(&manual, "open").await;
    let readers = (0..4).map(|_| {
        let db = manual.clone();
        tokio::spawn(async move {
            for _ in 0..3000 {
                assert_eq!(title(&db).await, "open");
                assert!(db.in_transaction());
                db.cache_set("novels", "title", "open".to_owned(), None);
                assert_eq!(db.cache_get::<String>("novels", "title"), None);
            }
        })
    });
    for reader in readers.collect::<Vec<_>>() {
        reader.await.unwrap();
    }
    manual.rollback().await.unwrap();
    assert_eq!(title(&manual).await, "Emma");
    assert_eq!(manual.cache_get::<String>("novels", "title"), None);
}

/// A write that fails after it has written some rows.
#[tokio::test]
async fn a_write_that_fails_leaves_what_is_kept_right() {
    let db = cached_memory().await;
    let all = titles(&db).await;
    let rows = (0..300).map(|i| novel("x", i, if i == 299 { 77 } else { 1 }));
    db.bulk_insert(rows).await.unwrap_err();
    assert_eq!(titles(&db).await, all);
    db.select::<Novel>().update(Novel::YEAR.set(Novel::YEAR * i64::MAX)).await.unwrap_err();
    assert_eq!(titles(&db).await, all);
}

/// A read that has begun before a write and ends after it is not kept as what is there after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_overlaps_a_write_is_not_kept() {
    for memory in [false, true] {
        let file = File::new();
        let builder = SqliterDb::builder().cache(CacheOptions::new()).execution(sqliter_async::Execution::Blocking);
        let builder = if memory { builder.memory() } else { builder.filename(&file.path) };
        let db = builder.create().await.unwrap();
        fill(&db).await;
        db.bulk_insert((0..1500).map(|i| novel("x", i, 1))).await.unwrap();
        // Every row against every row: tenths of a second.
        let never = Novel::WRITER.to(Writer::NOVELS).to(Novel::TITLE).eq("nothing");
        let slow = db.select::<Novel>().filter(!never).only(Novel::TITLE);
        let mut overlapped = 0;
        for i in 0..6 {
            let reading = tokio::spawn({
                let slow = slow.clone();
                async move { slow.fetch_all().await.unwrap() }
            });
            tokio::time::sleep(Duration::from_millis(3 * i)).await;
            overlapped += u32::from(!reading.is_finished());
            let name = format!("title {i}");
            rename(&db, &name).await;
            let old = reading.await.unwrap();
            let now = slow.fetch_all().await.unwrap();
            assert!(now.contains(&name), "older than the write");
            assert_eq!(old.len(), now.len());
        }
        assert!(overlapped > 0);
    }
}

/// A read that was given up is not kept, and does no harm.
#[tokio::test]
async fn a_read_that_was_given_up_is_not_kept() {
    let file = File::new();
    let db = cached(&file, CacheOptions::new()).await;
    fill(&db).await;
    db.bulk_insert((0..20_000).map(|i| novel("x", i, 1))).await.unwrap();
    let q = db.select::<Novel>();
    for wait in [0, 1, 2] {
        let _ = tokio::time::timeout(Duration::from_millis(wait), q.fetch_all()).await;
    }
    assert_eq!(q.fetch_all().await.unwrap().len(), 20_003);
    assert_eq!(hit(&db, async || q.fetch_all().await.unwrap()).await.len(), 20_003);
}
