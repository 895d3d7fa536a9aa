//! Rows that panic, statements that end early, and tables that are not like others.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use sqliter_async::prelude::*;
use sqliter_async::{DbType, DecodeError, EncodeError, Encoded, SqlType, ValueRef};

use super::{Label, Novel, cached_memory, hit, library, miss};
use crate::support::{File, raw_execute};

static PANICS: AtomicBool = AtomicBool::new(false);

#[derive(Debug, Clone, PartialEq)]
struct Fragile(i64);

impl DbType for Fragile {
    const SQL_TYPE: SqlType = <i64 as DbType>::SQL_TYPE;
    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        Ok(Encoded::Int(self.0))
    }
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        assert!(!PANICS.load(SeqCst), "on purpose");
        i64::decode(value).map(Fragile)
    }
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Vase {
    pk: Pk<Self>,
    worth: Fragile,
}

#[tokio::test]
async fn a_row_that_panics_leaves_everything_in_order() {
    let file = File::new();
    let db = library(&file).await;
    db.create_table::<Vase>().await.unwrap();
    db.bulk_insert((0..3).map(|i| Vase { pk: Pk::unset(), worth: Fragile(i) })).await.unwrap();
    for _ in 0..3 {
        PANICS.store(true, SeqCst);
        for kind in 0..3 {
            let db = db.clone();
            let done = tokio::spawn(async move {
                match kind {
                    0 => drop(db.get::<Vase>(1).await),
                    1 => drop(db.select::<Vase>().fetch_all().await),
                    _ => drop(db.get_or_create(Vase::PK.eq(1), Vase { pk: Pk::unset(), worth: Fragile(9) }).await),
                }
            });
            assert!(done.await.unwrap_err().is_panic());
        }
        PANICS.store(false, SeqCst);
        let all = db.select::<Vase>();
        assert_eq!(all.fetch_all().await.unwrap().len(), 3);
        hit(&db, async || all.fetch_all().await.unwrap()).await;
        db.update_where::<Vase>(None, Vase::WORTH.set(Vase::WORTH)).await.ok();
        db.insert(Vase { pk: Pk::unset(), worth: Fragile(4) }).await.unwrap();
        assert_eq!(miss(&db, async || all.fetch_all().await.unwrap()).await.len(), 4);
        db.delete::<Vase>(db.select::<Vase>().fetch_last().await.unwrap().unwrap().pk).await.unwrap();
    }
}

/// A table without row ids, and one whose name is written in another case.
#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(table = "ODD", timestamps = false)]
struct Odd {
    pk: Pk<Self, String>,
    n: i64,
}

#[tokio::test]
async fn tables_of_other_kinds_are_watched_too() {
    let file = File::new();
    for db in [library(&file).await, cached_memory().await] {
        raw_execute(
            &db,
            "CREATE TABLE \"odd\" (pk TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
             CREATE TRIGGER after_odd AFTER DELETE ON odd BEGIN UPDATE LABELS SET name = old.pk; END;",
        )
        .await;
        let all = db.select::<Odd>();
        for i in 0..3 {
            assert_eq!(all.fetch_all().await.unwrap().len(), i);
            let row = Odd { pk: Pk::of(format!("k{i}")), n: i as i64 };
            db.insert(row).await.unwrap();
            assert_eq!(all.fetch_all().await.unwrap().len(), i + 1);
            hit(&db, async || all.fetch_all().await.unwrap()).await;
        }
        let labels = db.select::<Label>();
        labels.fetch_all().await.unwrap();
        db.select::<Odd>().filter(Odd::N.eq(2)).delete().await.unwrap();
        assert_eq!(labels.fetch_all().await.unwrap()[0].name, "k2");
        // A delete of all rows at once.
        db.select::<Odd>().delete().await.unwrap();
        assert_eq!(all.fetch_all().await.unwrap().len(), 0);
    }
}

/// A full-text index that triggers keep.
#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(table = "index_of", timestamps = false)]
struct Indexed {
    #[pk(column = "rowid")]
    pk: Pk<Self>,
    title: String,
}

#[tokio::test]
async fn full_text_indexes_are_watched_too() {
    let file = File::new();
    let db = library(&file).await;
    raw_execute(
        &db,
        "CREATE VIRTUAL TABLE index_of USING fts5(title, content=novels, content_rowid=pk);
         INSERT INTO index_of (index_of) VALUES ('rebuild');
         CREATE TRIGGER changed AFTER UPDATE ON novels BEGIN
            INSERT INTO index_of (index_of, rowid, title) VALUES ('delete', old.pk, old.title);
            INSERT INTO index_of (rowid, title) VALUES (new.pk, new.title);
         END;",
    )
    .await;
    let found = db.select::<Indexed>();
    for i in 0..3 {
        let before = found.fetch_all().await.unwrap();
        assert_eq!(hit(&db, async || found.fetch_all().await.unwrap()).await, before);
        db.update_where::<Novel>(Novel::PK.eq(1), Novel::TITLE.set(format!("t{i}"))).await.unwrap();
        assert_eq!(found.fetch_all().await.unwrap()[0].title, format!("t{i}"));
    }
}
