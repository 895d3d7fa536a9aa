//! Aggregates of subqueries, groups by them, projections that start at a row, and what every query can say of itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqliter_async::prelude::*;

use super::{Critique, Label, Novel, Sale, Writer, day, library, sales, shown};
use crate::models::{User, user};
use crate::support::{File, on_both};

#[tokio::test]
async fn aggregates_of_what_relations_lead_to() {
    let db = library().await;
    let novels = db.select::<Novel>();
    let all = novels.clone().fields((
        func::count_of(Novel::AUTHOR).distinct(),
        func::count_of(Novel::EDITOR),
        func::count_of(Novel::EDITOR.to(Writer::NAME)).distinct(),
        func::max(Novel::AUTHOR.to(Writer::BORN)),
        func::min(Novel::EDITOR.to(Writer::BORN)),
        func::sum(Novel::CRITIQUES.count()),
        func::max(Novel::LABELS.count()),
        func::avg(Novel::AUTHOR.to(Writer::NOVELS).count()),
        func::max(Novel::AUTHOR),
        func::max(Novel::CRITIQUES.to(Critique::STARS).max()),
    ));
    let born = Some(day(1775, 12, 16));
    let expected = (2, 1, 1, born, born, Some(3), Some(2), Some(5.0 / 3.0), Some(Pk::of(2)), Some(5));
    assert_eq!(all.fetch_all().await.unwrap(), [expected]);
    // How many writers have how many novels.
    let histogram = db.select::<Writer>().fields((Writer::NOVELS.count(), func::count())).order(Writer::NOVELS.count());
    assert_eq!(histogram.fetch_all().await.unwrap(), [(0, 1), (1, 1), (2, 1)]);
    assert_eq!(histogram.count().await.unwrap(), 3);
    let by = db.select::<Writer>().group_by(Writer::FRIENDS.count()).annotate("n", func::count());
    let by = by.annotate("price", func::sum(Writer::NOVELS.to(Novel::PRICE).sum()));
    let by = by.having(Writer::FRIENDS.count().lt(2)).order(alias("n").desc());
    assert_eq!(shown(&by.fetch_all().await.unwrap()), ["column_1=1 n=2 price=35.0"]);
    // By what a computed value is called.
    let by = db
        .select::<Novel>()
        .annotate("many", Novel::LABELS.count())
        .annotate("n", func::count())
        .order("-many")
        .fetch_dicts()
        .await
        .unwrap();
    assert_eq!(shown(&by), ["many=2 n=1", "many=1 n=1", "many=0 n=1"]);
    let sales = sales().await;
    let years = sales
        .select::<Sale>()
        .fields((Sale::DAY.year(), Sale::DAY.month(), func::sum(Sale::AMOUNT)))
        .having(Sale::DAY.year().gt(2000) & func::sum(Sale::AMOUNT).gt(3))
        .order((Sale::DAY.year(), Sale::DAY.month().desc()));
    assert_eq!(years.fetch_all().await.unwrap(), [(2023, 6, Some(10)), (2024, 2, Some(34))]);
    assert_eq!(years.page(2, 1).await.unwrap().items, [(2024, 2, Some(34))]);
}

#[tokio::test]
async fn projections_that_start_at_a_row() {
    let db = library().await;
    let jane = db.get::<Writer>(1).await.unwrap().unwrap();
    let novels = || jane.novels().order(Novel::TITLE);
    assert_eq!(novels().only(Novel::TITLE).fetch_all().await.unwrap(), ["Emma", "Sanditon"]);
    let by = novels().group_by(Novel::AUTHOR).annotate("n", func::count()).annotate("sum", func::sum(Novel::PRICE));
    assert_eq!(shown(&by.order("n").fetch_all().await.unwrap()), ["written_by=1 n=2 sum=15.0"]);
    let pairs = novels().with_count(Novel::LABELS, "n").having(alias("n").gt(1));
    assert_eq!(pairs.fetch_all().await.unwrap().len(), 1);
    let page = novels().fields((Novel::TITLE, Novel::CRITIQUES.count())).page(2, 1).await.unwrap();
    assert_eq!((page.items, page.total), (vec![("Sanditon".to_owned(), 1)], 2));
    assert_eq!(novels().exclude((Novel::PRICE, Novel::YEAR)).fetch_dicts().await.unwrap()[0].len(), 4);
    let emma = db.get::<Novel>(1).await.unwrap().unwrap();
    let words = emma.labels.filter(None::<Filter<Label>>).only(Label::WORD.upper()).distinct().order(Label::WORD);
    assert_eq!(words.fetch_all().await.unwrap(), ["LOVE", "OLD"]);
    let counted = emma.labels.filter(Label::WORD.ne("x")).with_count(Label::NOVELS, "n").order("-n");
    assert_eq!(counted.fetch_all().await.unwrap().iter().map(|(_, n)| *n).collect::<Vec<_>>(), [2, 1]);
    let kim = db.get::<Writer>(3).await.unwrap().unwrap();
    let born = kim.friends.filter(None::<Filter<Writer>>).only(func::min(Writer::BORN)).fetch_one().await.unwrap();
    assert_eq!(born, Some(Some(day(1775, 12, 16))));
    // Loaded ahead or not, what is asked of it is the same.
    let ahead = db.select::<Writer>().prefetch_related(Writer::NOVELS).filter(Writer::PK.eq(1)).fetch_one().await;
    let ahead = ahead.unwrap().unwrap();
    assert_eq!(ahead.novels().only(Novel::TITLE).order(Novel::TITLE).fetch_all().await.unwrap(), ["Emma", "Sanditon"]);
    assert_eq!(ahead.novels().group_by(Novel::AUTHOR).count().await.unwrap(), 1);
    assert_eq!(ahead.novels().page(1, 1).await.unwrap().total, 2);
}

/// `sql()` and `explain()` are on every query, inside transactions too.
#[tokio::test]
async fn every_query_says_what_it_is() {
    async fn told<M: DbModel, Out: Clone + Send + Sync + 'static>(q: Query<M, Out>) {
        let (sql, params) = q.sql().unwrap();
        assert!(sql.starts_with("SELECT "), "{sql}");
        assert_eq!(sql.matches('?').count(), params.len(), "{sql}");
        let plan = q.explain().await.unwrap();
        assert!(plan.contains("SCAN ") || plan.contains("SEARCH "), "{plan}");
        q.fetch_all().await.unwrap();
    }
    let db = library().await;
    let jane = db.get::<Writer>(1).await.unwrap().unwrap();
    let emma = db.get::<Novel>(1).await.unwrap().unwrap();
    let done: Result<()> = db
        .transaction(async |tx| {
            for db in [&db, &*tx] {
                let q = db.select::<Novel>().filter(Novel::AUTHOR.to(Writer::NAME).eq("Jane") & Novel::PRICE.gt(1));
                told(q.clone()).await;
                told(q.clone().limit(1).offset(1).order(Novel::EDITOR.to(Writer::BORN))).await;
                told(q.clone().select_related(Novel::AUTHOR).prefetch_related(Novel::LABELS)).await;
                told(q.clone().only(Novel::TITLE).distinct()).await;
                told(q.clone().fields(["title", "author__mentor__name"])).await;
                told(q.clone().exclude(Novel::PRICE)).await;
                told(q.clone().group_by(Novel::AUTHOR).annotate("n", func::count()).having(alias("n").gt(0))).await;
                told(q.clone().with_count(Novel::LABELS, "n").having(alias("n").gt(0)).order("-n")).await;
                told(q.filter(Novel::LABELS.any(Label::WORD.is_in(vec!["old"; 300])))).await;
            }
            told(jane.novels()).await;
            told(jane.novels().only(func::count())).await;
            told(emma.labels.filter(None::<Filter<Label>>)).await;
            Ok(())
        })
        .await;
    done.unwrap();
}

/// The rows of a page and the total are of one moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_and_its_total_agree_while_others_write() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn({
            let (db, stop) = (db.clone(), stop.clone());
            async move {
                while !stop.load(Ordering::Relaxed) {
                    db.bulk_insert((0..10).map(|i| user("a", i % 3))).await.unwrap();
                    db.select::<User>().delete().await.unwrap();
                }
            }
        });
        let mut seen = [false; 2];
        let start = std::time::Instant::now();
        while (!seen.iter().all(|s| *s) || start.elapsed() < Duration::from_millis(300))
            && start.elapsed().as_secs() < 10
        {
            let page = db.select::<User>().page(1, 1_000).await.unwrap();
            assert_eq!(page.items.len() as i64, page.total);
            assert!(page.total % 10 == 0, "{}", page.total);
            let by = db.select::<User>().group_by(User::AGE).annotate("n", func::count()).page(1, 2).await.unwrap();
            assert!(matches!((by.total, by.items.len()), (0, 0) | (3, 2)), "{} {}", by.total, by.items.len());
            seen[usize::from(page.total > 0)] = true;
        }
        stop.store(true, Ordering::Relaxed);
        writer.await.unwrap();
        assert_eq!(seen, [true, true]);
    })
    .await;
}

/// A projection whose future is dropped stops, and leaves nothing behind.
#[tokio::test]
async fn a_projection_that_is_dropped_is_interrupted() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).readers(1).create().await.unwrap();
    db.create_table::<User>().await.unwrap();
    db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
         INSERT INTO users (created_at, updated_at, name, age) SELECT 0, 0, 'user number ' || i, i FROM n",
        (),
    )
    .await
    .unwrap();
    let slow = db.select::<User>().filter(User::NAME.regexp("(x+x+)+y|(a|b|r){9,}z"));
    let short = Duration::from_millis(3);
    for _ in 0..3 {
        assert!(tokio::time::timeout(short, slow.clone().only(User::AGE).fetch_all()).await.is_err());
        assert!(tokio::time::timeout(short, slow.clone().group_by(User::AGE).count()).await.is_err());
        assert!(tokio::time::timeout(short, slow.page(1, 5)).await.is_err());
        assert!(tokio::time::timeout(short, slow.fetch_dicts()).await.is_err());
        let done: Result<i64> = db
            .transaction(async |tx| {
                let q = tx.select::<User>().filter(User::NAME.regexp("(x+x+)+y|(a|b|r){9,}z"));
                assert!(tokio::time::timeout(short, q.clone().only(func::count()).fetch_all()).await.is_err());
                assert!(tokio::time::timeout(short, q.page(1, 1)).await.is_err());
                tx.select::<User>().filter(User::PK.lt(3)).update(User::NAME.set("x")).await.map(|n| n as i64)
            })
            .await;
        assert_eq!(done.unwrap(), 2);
    }
    let next = tokio::time::timeout(Duration::from_secs(5), db.select::<User>().filter(User::PK.lt(9)).count()).await;
    assert_eq!(next.unwrap().unwrap(), 8);
    db.close().await;
}
