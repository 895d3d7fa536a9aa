//! The terminal methods on partial results and groups.

use sqliter_async::prelude::*;

use super::{Critique, Novel, Sale, library, refused, sales, shown};

/// AGG-10
#[tokio::test]
async fn every_terminal_works_on_groups() {
    let db = sales().await;
    let q = db.select::<Sale>().group_by(Sale::CATEGORY).annotate("n", func::sum(Sale::AMOUNT)).order(alias("n"));
    let rows = q.fetch_all().await.unwrap();
    assert_eq!(shown(&rows), ["category='ink' n=8", "category='pen' n=10", "category='tea' n=33"]);
    assert_eq!(q.fetch_dicts().await.unwrap(), rows);
    assert_eq!(q.fetch_one().await.unwrap().unwrap(), rows[0]);
    assert_eq!(q.fetch_first().await.unwrap().unwrap(), rows[0]);
    assert_eq!(q.fetch_last().await.unwrap().unwrap(), rows[2]);
    assert_eq!(q.clone().offset(1).fetch_last().await.unwrap().unwrap(), rows[1]);
    assert_eq!((q.count().await.unwrap(), q.exists().await.unwrap()), (3, true));
    let page = q.page(2, 2).await.unwrap();
    assert_eq!((page.items, page.number, page.size, page.total, page.pages), (rows[2..].to_vec(), 2, 2, 3, 2));
    // None of them changed the query.
    assert_eq!(q.fetch_all().await.unwrap(), rows);
    let unordered = db.select::<Sale>().group_by(Sale::CATEGORY);
    assert!(unordered.fetch_first().await.unwrap().is_some());
    let text = refused(unordered.fetch_last().await);
    assert!(text.contains("fetch_last() of groups needs an order and no limit"), "{text}");
    refused(q.clone().limit(2).fetch_last().await);
    assert_eq!(q.clone().limit(2).count().await.unwrap(), 2);
    assert_eq!(q.limit(0).fetch_all().await.unwrap(), []);
}

/// AGG-9
#[tokio::test]
async fn orders_name_fields_and_annotations() {
    let db = sales().await;
    let grouped = db.select::<Sale>().group_by(Sale::CATEGORY).annotate("n", func::count());
    for wrong in [
        grouped.clone().order("zz"),
        grouped.clone().order(alias("zz")),
        grouped.clone().order(("n", "-zz")),
        db.select::<Sale>().annotate("n", func::count()).order("zz"),
    ] {
        for err in [
            wrong.fetch_all().await.map(drop).unwrap_err(),
            wrong.count().await.map(drop).unwrap_err(),
            wrong.exists().await.map(drop).unwrap_err(),
            wrong.page(1, 1).await.map(drop).unwrap_err(),
        ] {
            assert_eq!(
                err.to_string(),
                "Invalid order value - 'zz' does not exist in model fields or aggregate aliases."
            );
        }
    }
    let err = grouped.clone().order("categry").fetch_all().await.unwrap_err();
    assert!(err.to_string().contains("did you mean 'category'?"), "{err}");
    // An alias may come to be after the order that names it.
    let late = db.select::<Sale>().group_by(Sale::CATEGORY).order("-total").annotate("total", func::sum(Sale::AMOUNT));
    assert_eq!(shown(&late.fetch_all().await.unwrap())[0], "category='tea' total=33");
    let q = grouped.order((alias("n").desc().nulls_last(), Sale::CATEGORY.desc()));
    assert_eq!(shown(&q.fetch_all().await.unwrap())[0], "category='tea' n=2");
}

/// ORD-5, ORD-6, ORD-7
#[tokio::test]
async fn limits_and_offsets_of_parts() {
    let db = sales().await;
    let q = db.select::<Sale>().only(Sale::AMOUNT).order(Sale::PK);
    assert_eq!(q.clone().limit(2).fetch_all().await.unwrap(), [3, 30]);
    assert_eq!(q.clone().offset(3).fetch_all().await.unwrap(), [4, 10]);
    assert_eq!(q.clone().limit(-1).offset(4).fetch_all().await.unwrap(), [10]);
    assert_eq!(q.clone().limit(0).fetch_all().await.unwrap(), Vec::<i64>::new());
    assert!(matches!(q.clone().offset(-1).fetch_all().await, Err(Error::InvalidOffset(-1))));
    assert_eq!(q.clone().limit(2).fetch_last().await.unwrap(), Some(30));
    assert_eq!(q.clone().limit(2).offset(1).fetch_last().await.unwrap(), Some(4));
    assert_eq!(q.page(2, 2).await.unwrap().items, [4, 4]);
    assert_eq!(db.select::<Sale>().only(Sale::AMOUNT).page(3, 2).await.unwrap().items, [10]);
    let parts = db.select::<Sale>().fields((Sale::PK, Sale::PRICE)).order(Sale::PRICE.desc().nulls_last()).limit(3);
    assert_eq!(parts.fetch_last().await.unwrap().unwrap().1, Some(1.5));
}

/// ORD-11, ORD-12
#[tokio::test]
async fn the_last_of_distinct_values() {
    let db = sales().await;
    let q = db.select::<Sale>().only(Sale::CATEGORY).distinct().order(Sale::CATEGORY);
    assert_eq!(q.fetch_last().await.unwrap().as_deref(), Some("tea"));
    assert_eq!(q.clone().offset(1).fetch_last().await.unwrap().as_deref(), Some("pen"));
    assert_eq!(q.clone().offset(3).fetch_last().await.unwrap(), None);
    assert_eq!(q.fetch_first().await.unwrap().as_deref(), Some("ink"));
    assert_eq!(q.page(2, 2).await.unwrap().items, ["tea"]);
    assert_eq!(q.page(2, 2).await.unwrap().total, 3);
    // Pages of them, in no order of the caller's, hold each once.
    let unordered = db.select::<Sale>().only(Sale::CATEGORY).distinct();
    let mut all = Vec::new();
    for number in 1..=3 {
        all.extend(unordered.page(number, 1).await.unwrap().items);
    }
    all.sort();
    assert_eq!(all, ["ink", "pen", "tea"]);
    // Which rows a limit leaves is about values, not rows.
    let text = refused(q.clone().limit(2).fetch_last().await);
    assert!(text.contains("fetch_last() of distinct values needs no limit"), "{text}");
    assert_eq!(q.limit(2).fetch_all().await.unwrap(), ["ink", "pen"]);
}

#[tokio::test]
async fn names_in_sql_are_quoted() {
    #[derive(Debug, Clone, DbModel)]
    #[model(table = "the order", timestamps = false)]
    struct Group {
        pk: Pk<Self>,
        #[field(column = "group by")]
        select: String,
        #[field(column = "sum(x)", index)]
        value: i64,
    }
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Group>().await.unwrap();
    db.bulk_insert([("a", 1), ("a", 2)].map(|(s, value)| Group { pk: Pk::unset(), select: s.into(), value }))
        .await
        .unwrap();
    let q = db.select::<Group>().group_by("select").annotate("from", func::sum(Group::VALUE)).order("-from");
    let q = q.having(alias("from").gt(2) & lookup("select", "a"));
    assert_eq!(shown(&q.fetch_all().await.unwrap()), ["select='a' from=3"]);
    assert_eq!(
        q.sql().unwrap().0,
        r#"SELECT "group by" AS "select", SUM("sum(x)") AS "from" FROM "the order" GROUP BY "group by" HAVING SUM("sum(x)") > ?1 AND "group by" = ?2 ORDER BY "from" DESC"#
    );
    assert_eq!(q.count().await.unwrap(), 1);
    let plan = db.select::<Group>().filter(Group::SELECT.eq("a")).explain().await.unwrap();
    assert!(
        plan.ends_with("missing index: 'the order' is read from end to end, and the filter is on 'group by'"),
        "{plan}"
    );
    let plan = db.select::<Group>().filter(Group::VALUE.eq(1)).explain().await.unwrap();
    assert!(!plan.contains("missing index"), "{plan}");
}

/// CRUD-15
#[tokio::test]
async fn partial_queries_still_read_only_what_they_say() {
    let db = library().await;
    let titles = db.select::<Novel>().only(Novel::TITLE);
    let rest = db.select::<Novel>().exclude((Novel::AUTHOR, "editor", Novel::YEAR)).limit(1).fetch_all().await.unwrap();
    assert_eq!(shown(&rest), ["pk=1 title='Emma' price=10.0"]);
    // Later conditions and orders are about the model, whatever is yielded.
    let q = titles.clone().filter(Novel::YEAR.is_not_null()).order(Novel::YEAR.desc());
    assert_eq!(q.fetch_all().await.unwrap(), ["Ring", "Emma"]);
    assert_eq!(q.clone().fetch_dicts().await.unwrap()[0].keys().collect::<Vec<_>>(), ["title"]);
    assert_eq!(q.count().await.unwrap(), 2);
    assert!(format!("{q:?}").contains("Query"));
    let spawned = tokio::spawn(async move { q.fetch_all().await });
    assert_eq!(spawned.await.unwrap().unwrap().len(), 2);
}

#[derive(Debug, PartialEq, DbProjection)]
struct ByAuthor {
    #[projection(from = "novel__author__name")]
    author: String,
}

#[derive(Debug, PartialEq, DbProjection)]
struct Number {
    n: i64,
}

#[tokio::test]
async fn structs_are_read_of_distinct_rows_and_of_groups() {
    let db = library().await;
    let all = db.select::<Critique>().select_related(Critique::NOVEL).distinct();
    // What would be joined for whole rows tells no equal ones apart.
    assert_eq!(all.fetch_as::<ByAuthor>().await.unwrap(), [ByAuthor { author: "Jane".to_owned() }]);
    let db = sales().await;
    let numbers = |of: [i64; 3]| of.map(|n| Number { n });
    for grouped in [
        db.select::<Sale>().group_by(Sale::CATEGORY).annotate("n", func::count()),
        db.select::<Sale>().fields(["category"]).annotate("n", func::count()),
        db.select::<Sale>().only(Sale::CATEGORY).annotate("n", func::count()),
    ] {
        assert_eq!(grouped.order("n").fetch_as::<Number>().await.unwrap(), numbers([1, 2, 2]));
    }
    let one = db.select::<Sale>().annotate("n", func::count()).fetch_as::<Number>().await.unwrap();
    assert_eq!(one, [Number { n: 5 }]);
}
