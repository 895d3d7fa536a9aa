//! Every kind of write against every kind of read: after a write no read tells what was before.

use std::pin::Pin;

use sqliter_async::prelude::*;
use sqliter_async::{InsertOptions, func};

use super::{Critique, Label, Nation, Novel, Writer, cached_memory, hit, library, novel, writer};
use crate::support::{File, raw_execute};

/// Rows of a view.
#[derive(Debug, Clone, DbModel)]
#[model(table = "shelf", timestamps = false)]
struct Shelf {
    #[allow(dead_code)]
    pk: Pk<Self>,
    title: String,
    author: String,
}

type Text<'a> = Pin<Box<dyn Future<Output = String> + 'a>>;
type Read = (&'static str, for<'a> fn(&'a SqliterDb, bool) -> Text<'a>);
type Written<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;
/// A name, whether it changes anything that is read, and the write.
type Write = (&'static str, for<'a> fn(&'a SqliterDb) -> Written<'a>);

macro_rules! reads {
    ($($name:literal: |$db:ident| $query:expr => |$row:ident| $text:expr;)*) => {
        [$(($name, |$db, bypass| Box::pin(async move {
            let query = $query;
            let query = if bypass { query.bypass_cache() } else { query };
            match query.fetch_all().await {
                Ok(rows) => {
                    let mut out = String::new();
                    for $row in &rows {
                        out += &$text;
                        out += "; ";
                    }
                    out
                }
                Err(e) => e.to_string(),
            }
        }))),*]
    };
}

macro_rules! writes {
    ($($name:literal: |$db:ident| $body:expr;)*) => {
        [$(($name, |$db| Box::pin(async move { $body.await.map(drop) }))),*]
    };
}

#[rustfmt::skip]
const READS: [Read; 16] = reads! {
    "nations": |db| db.select::<Nation>() => |r| format!("{r:?}");
    "writers": |db| db.select::<Writer>() => |r| format!("{r:?}");
    "novels": |db| db.select::<Novel>() => |r| format!("{r:?}");
    "critiques": |db| db.select::<Critique>() => |r| format!("{r:?}");
    "labels": |db| db.select::<Label>() => |r| format!("{r:?}");
    "joined": |db| db.select::<Novel>().select_related(Novel::WRITER) => |r| format!("{r:?} {:?}", r.writer.get());
    "joined twice": |db| db.select::<Critique>().select_related(Critique::NOVEL.to(Novel::WRITER))
        => |r| format!("{r:?} {:?} {:?}", r.novel.get(), r.novel.get().map(|n| n.writer.get()));
    "by a path": |db| db.select::<Critique>().filter(Critique::NOVEL.to(Novel::WRITER).to(Writer::NAME).eq("Jane"))
        => |r| format!("{r:?}");
    "by what refers to it": |db| db.select::<Writer>().filter(Writer::NOVELS.to(Novel::CRITIQUES).to(Critique::TEXT).eq("good"))
        => |r| r.name.clone();
    "counted": |db| db.select::<Novel>().with_count(Novel::CRITIQUES, "n") => |r| format!("{r:?}");
    "links counted": |db| db.select::<Novel>().with_count(Novel::LABELS, "n") => |r| format!("{r:?}");
    "prefetched": |db| db.select::<Writer>().prefetch_related(Writer::NOVELS.to(Novel::CRITIQUES)) => |r| {
        let mut text = format!("{r:?}");
        for novel in r.novels().fetch_all().await.unwrap() {
            text += &format!(" {novel:?} {:?}", novel.critiques().fetch_all().await.unwrap());
        }
        text
    };
    "links prefetched": |db| db.select::<Novel>().prefetch_related(Novel::LABELS)
        => |r| format!("{} {:?}", r.title, r.labels.fetch_all().await.unwrap());
    "parents prefetched": |db| db.select::<Novel>().prefetch_related(Novel::WRITER.to(Writer::NATION))
        => |r| format!("{} {:?} {:?}", r.title, r.writer.get(), r.writer.get().map(|w| w.nation.as_ref().map(|n| n.get().cloned())));
    "of a path": |db| db.select::<Novel>().only(Novel::WRITER.to(Writer::NAME)) => |r| r.clone();
    "grouped": |db| db.select::<Novel>().group_by(Novel::WRITER).annotate("n", func::count()) => |r| format!("{r:?}");
};

async fn first(db: &SqliterDb) -> Result<Novel> {
    Ok(db.select::<Novel>().bypass_cache().fetch_first().await?.expect("a novel"))
}

#[rustfmt::skip]
const WRITES: [Write; 34] = writes! {
    "insert": |db| db.insert(novel("New", 1900, 2));
    "insert of a child": |db| Critique::builder().text("good").novel(2).insert(db);
    "insert_with": |db| db.insert_with(novel("New", 1900, 2), InsertOptions::new().timestamp_override(true));
    "bulk_insert": |db| db.bulk_insert((0..300).map(|i| novel("New", i, 2)));
    "update": |db| async { let mut n = first(db).await?; n.title = "Other".into(); db.update(&mut n).await };
    "update of a parent": |db| async { let mut w = db.get::<Writer>(1).await?.unwrap(); w.name = "J".into(); db.update(&mut w).await };
    "update_only": |db| async { let mut n = first(db).await?; n.title = "Other".into(); db.update_only(&mut n, Novel::TITLE).await };
    "bulk_update": |db| async { let mut n = [first(db).await?]; n[0].year = 1; db.bulk_update(&mut n, Novel::YEAR).await };
    "save of a new row": |db| async { let mut w = writer("Ann"); db.save(&mut w).await };
    "save of a row": |db| async { let mut n = first(db).await?; n.year = 3; db.save(&mut n).await };
    "bulk_save": |db| async { let mut w = [writer("Ann"), writer("Emily")]; db.bulk_save(&mut w).await };
    "upsert that updates": |db| db.upsert(writer("Jane"), Writer::NAME);
    "upsert that inserts": |db| db.upsert(writer("George"), Writer::NAME);
    "get_or_create": |db| db.get_or_create(Writer::NAME.eq("George"), writer("George"));
    "update_where": |db| db.update_where::<Novel>(Novel::YEAR.gt(1815), Novel::TITLE.set("x"));
    "update by query": |db| db.select::<Nation>().update(Nation::NAME.set("x"));
    "update by an expression": |db| db.select::<Novel>().update(Novel::YEAR.set(Novel::YEAR + 1));
    "delete": |db| db.delete::<Critique>(1);
    "delete by query": |db| db.select::<Critique>().delete();
    "delete with what refers to it": |db| db.delete::<Novel>(1);
    "delete through two levels": |db| db.delete::<Writer>(1);
    "delete that sets NULL": |db| db.delete::<Nation>(1);
    "delete by query through two levels": |db| db.select::<Writer>().filter(Writer::NAME.eq("Jane")).delete();
    "links added": |db| async { let n = first(db).await?; n.labels.add(2).await };
    "links removed": |db| async { let n = first(db).await?; n.labels.remove(1).await };
    "links cleared": |db| async { let n = first(db).await?; n.labels.clear().await };
    "links set": |db| async { let n = first(db).await?; n.labels.set([2]).await };
    "links from the other side": |db| async { db.get::<Label>(2).await?.unwrap().novels().set([2, 3]).await };
    "links set to a row that is not there": |db| async { let n = first(db).await?; n.labels.set([2, 99]).await.or(Ok(())) };
    "a table dropped": |db| db.drop_table::<Critique>();
    "a table made anew": |db| db.create_table_with::<Critique>(TableOptions::new().force(true));
    "everything dropped": |db| db.reset();
    "a transaction": |db| db.transaction(async |tx| -> Result<()> {
        tx.delete::<Critique>(1).await?;
        tx.insert(writer("Ann")).await?;
        tx.transaction(async |tx| -> Result<()> { tx.select::<Label>().delete().await.map(drop) }).await
    });
    "an implicit row": |db| async { raw_execute(db, "UPDATE novels SET year = 0").await; tokio::time::sleep(std::time::Duration::from_millis(110)).await; Ok(()) };
};

async fn every_write_retires_what_it_changes(open: impl AsyncFn() -> SqliterDb) {
    for (write_name, write) in WRITES {
        let db = open().await;
        let mut before = Vec::new();
        for (name, read) in READS {
            let fresh = read(&db, false).await;
            assert_eq!(hit(&db, async || read(&db, false).await).await, fresh, "{name}");
            before.push(fresh);
        }
        write(&db).await.unwrap_or_else(|e| panic!("{write_name}: {e}"));
        let mut changed = 0;
        for ((name, read), before) in READS.iter().zip(before) {
            let now = read(&db, true).await;
            assert_eq!(read(&db, false).await, now, "'{name}' after '{write_name}'");
            assert_eq!(read(&db, false).await, now, "'{name}' again after '{write_name}'");
            changed += u32::from(before != now);
        }
        assert!(changed > 0 || write_name.contains("not there"), "{write_name} changed nothing");
    }
}

/// CACHE-4, CACHE-14, TBL-18
#[tokio::test]
async fn every_write_to_a_file_retires_what_it_changes() {
    every_write_retires_what_it_changes(async || {
        let file = Box::leak(Box::new(File::new()));
        library(file).await
    })
    .await;
}

/// CACHE-15, CACHE-17, W20
#[tokio::test]
async fn every_write_to_memory_retires_what_it_changes() {
    every_write_retires_what_it_changes(cached_memory).await;
}

/// CACHE-4: what a write did not change stays.
#[tokio::test]
async fn a_write_retires_nothing_else() {
    let file = File::new();
    let db = library(&file).await;
    let (labels, joined) = (db.select::<Label>(), db.select::<Novel>().select_related(Novel::WRITER));
    labels.fetch_all().await.unwrap();
    joined.fetch_all().await.unwrap();
    db.get::<Label>(1).await.unwrap();
    db.insert(Critique { pk: Pk::unset(), text: "new".into(), novel: 1.into() }).await.unwrap();
    db.bulk_insert([novel("a", 1, 1), novel("b", 1, 99)]).await.unwrap_err();
    // A transaction that only read, and one that was rolled back.
    db.transaction(async |tx| -> Result<()> { tx.get::<Novel>(1).await.map(drop) }).await.unwrap();
    hit(&db, async || labels.fetch_all().await.unwrap()).await;
    hit(&db, async || db.get::<Label>(1).await.unwrap()).await;
    hit(&db, async || joined.fetch_all().await.unwrap()).await;
}

/// CACHE-15: triggers write as cascades do.
#[tokio::test]
async fn triggers_and_views_are_seen_through() {
    let file = File::new();
    for db in [library(&file).await, cached_memory().await] {
        raw_execute(
            &db,
            "CREATE VIEW shelf AS SELECT n.pk, n.title, w.name AS author FROM Novels n JOIN WRITERS w ON w.pk = n.writer_id;
             CREATE TRIGGER t AFTER INSERT ON critiques BEGIN UPDATE Labels SET name = 'seen ' || new.pk; END;",
        )
        .await;
        tokio::time::sleep(std::time::Duration::from_millis(110)).await;
        let labels = db.select::<Label>();
        let shelf = db.select::<Shelf>().order(Shelf::TITLE);
        for _ in 0..2 {
            assert_eq!(labels.fetch_all().await.unwrap()[0].name, "classic");
            assert_eq!(shelf.fetch_all().await.unwrap()[0].author, "Jane");
        }
        hit(&db, async || shelf.fetch_all().await.unwrap()).await;
        hit(&db, async || labels.fetch_all().await.unwrap()).await;
        Critique::builder().text("x").novel(1).insert(&db).await.unwrap();
        assert_eq!(labels.fetch_all().await.unwrap()[0].name, "seen 3");
        db.update_where::<Writer>(Writer::NAME.eq("Jane"), Writer::NAME.set("J")).await.unwrap();
        assert_eq!(shelf.fetch_all().await.unwrap()[0].author, "J");
        db.update_where::<Novel>(Novel::TITLE.eq("Emma"), Novel::TITLE.set("E")).await.unwrap();
        assert_eq!(shelf.fetch_all().await.unwrap()[0].title, "E");
    }
}

/// A statement that was prepared before a trigger came writes what the trigger writes.
#[tokio::test]
async fn definitions_that_come_later_count() {
    let file = File::new();
    let db = library(&file).await;
    let add = async || Critique::builder().text("x").novel(1).insert(&db).await.unwrap();
    add().await;
    let labels = db.select::<Label>();
    raw_execute(&db, "CREATE TRIGGER t AFTER INSERT ON critiques BEGIN UPDATE labels SET name = 'n' || new.pk; END")
        .await;
    tokio::time::sleep(std::time::Duration::from_millis(110)).await;
    for _ in 0..3 {
        let before = labels.fetch_all().await.unwrap();
        assert_eq!(before, hit(&db, async || labels.fetch_all().await.unwrap()).await);
        let critique = add().await;
        assert_eq!(labels.fetch_all().await.unwrap()[0].name, format!("n{}", critique.pk.value().unwrap()));
    }
}

/// What `INSERT OR REPLACE` in a trigger takes away, with what refers to it; and a statement without a WHERE.
#[tokio::test]
async fn replaced_rows_take_what_refers_to_them() {
    let file = File::new();
    let db = library(&file).await;
    raw_execute(
        &db,
        "CREATE TRIGGER t AFTER UPDATE ON labels BEGIN
            INSERT OR REPLACE INTO writers (pk, created_at, updated_at, name) VALUES (1, 1, 1, 'replaced'); END",
    )
    .await;
    let novels = db.select::<Novel>();
    let critiques = db.select::<Critique>();
    for _ in 0..2 {
        assert_eq!(novels.fetch_all().await.unwrap().len(), 3);
        assert_eq!(critiques.fetch_all().await.unwrap().len(), 2);
    }
    db.select::<Label>().update(Label::NAME.set("x")).await.unwrap();
    assert_eq!(novels.fetch_all().await.unwrap().len(), 1);
    assert_eq!(critiques.fetch_all().await.unwrap().len(), 0);
}

/// CACHE-11: `refresh` reads what there is.
#[tokio::test]
async fn refresh_and_get_or_create_do_not_ask_the_cache() {
    let file = File::new();
    let db = library(&file).await;
    let mut emma = db.get::<Novel>(1).await.unwrap().unwrap();
    db.get::<Novel>(1).await.unwrap();
    raw_execute(&db, "UPDATE novels SET title = 'E' WHERE pk = 1; UPDATE writers SET name = 'J' WHERE pk = 1").await;
    db.refresh(&mut emma).await.unwrap();
    assert_eq!(emma.title, "E");
    let (found, created) = db.get_or_create(Writer::NAME.eq("J"), writer("J")).await.unwrap();
    assert!(!created && found.name == "J");
}
