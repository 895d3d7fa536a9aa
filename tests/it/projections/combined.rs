//! Features of projections together: relations, groups, counts, distinct, orders, pages, structs.

use chrono::NaiveDate;
use sqliter_async::prelude::*;

use super::{Critique, Label, Novel, Sale, Writer, day, library, refused, sales, shown};

#[derive(Debug, Clone, PartialEq, DbProjection)]
struct Card {
    title: String,
    #[projection(from = "author__name")]
    by: String,
    #[projection(from = "editor__born")]
    born: Option<NaiveDate>,
    author: Pk<Writer>,
    editor: Option<i64>,
    year: Option<i64>,
    shout: String,
    best: Option<u8>,
    n: i64,
    l: i64,
}

fn cards(db: &SqliterDb) -> Query<Novel, ((Dict, i64), i64)> {
    db.select::<Novel>()
        .select_related(Novel::AUTHOR)
        .prefetch_related(Novel::LABELS)
        .annotate("shout", Novel::TITLE.upper())
        .annotate("best", Novel::CRITIQUES.to(Critique::STARS).max())
        .with_count(Novel::CRITIQUES, "n")
        .with_count("labels", "l")
        .order(("-n", "author__name"))
}

#[tokio::test]
async fn a_struct_of_columns_paths_annotations_and_counts() {
    let db = library().await;
    let q = cards(&db);
    let all = q.fetch_as::<Card>().await.unwrap();
    assert_eq!(all.len(), 3);
    let emma = Card {
        title: "Emma".into(),
        by: "Jane".into(),
        born: None,
        author: Pk::of(1),
        editor: None,
        year: Some(1815),
        shout: "EMMA".into(),
        best: Some(5),
        n: 2,
        l: 2,
    };
    assert_eq!(all[0], emma);
    assert_eq!((all[2].born, all[2].editor, all[2].best), (Some(day(1775, 12, 16)), Some(1), None));
    // Everything else of the query holds.
    assert_eq!(q.clone().limit(1).offset(1).fetch_as::<Card>().await.unwrap(), all[1..2]);
    assert_eq!(q.clone().having(alias("n").gt(0) & alias("l").gt(1)).fetch_as::<Card>().await.unwrap(), [emma]);
    assert_eq!(q.clone().filter(lookup("editor__name", "Jane")).fetch_as::<Card>().await.unwrap(), all[2..]);
    assert_eq!(q.clone().distinct().fetch_as::<Card>().await.unwrap(), all);
    assert_eq!(q.clone().order(alias("best").desc().nulls_first()).fetch_as::<Card>().await.unwrap()[0], all[2]);
    // A whole model, too; and not what the query has not.
    let novels = q.fetch_as::<Novel>().await.unwrap();
    assert_eq!(novels.iter().map(|n| n.title.as_str()).collect::<Vec<_>>(), ["Emma", "Sanditon", "Ring"]);
    assert_eq!(novels[2].author.fetch().await.unwrap().name, "John");
    let text = refused(db.select::<Novel>().fetch_as::<Card>().await);
    assert!(text.contains("shout"), "{text}");
    // From one row on, and from many-to-many.
    #[derive(Debug, PartialEq, DbProjection)]
    struct Title {
        title: String,
    }
    let jane = db.get::<Writer>(1).await.unwrap().unwrap();
    let titles = jane.novels().order("-title").fetch_as::<Title>().await.unwrap();
    assert_eq!(titles, ["Sanditon", "Emma"].map(|t| Title { title: t.into() }));
    let love = db.select::<Label>().filter(Label::WORD.eq("love")).fetch_one().await.unwrap().unwrap();
    assert_eq!(love.novels().filter(None).fetch_as::<Title>().await.unwrap().len(), 1);
    // In a transaction what it has written is there.
    let done: Result<()> = db
        .transaction(async |tx| {
            tx.select::<Novel>().update(Novel::TITLE.set("x")).await?;
            assert_eq!(cards(&tx).fetch_as::<Card>().await?[0].shout, "X");
            Err(Error::Closed)
        })
        .await;
    assert!(matches!(done, Err(Error::Closed)), "{done:?}");
}

#[tokio::test]
async fn sums_and_counts_of_groups_over_every_kind_of_relation() {
    let db = library().await;
    // By the mentor: nobody's pupils are Jane and Kim, Jane's is John.
    let q = db
        .select::<Writer>()
        .group_by("mentor__name")
        .annotate("writers", func::count())
        .annotate("eldest", func::min(Writer::BORN))
        .with_count(Writer::NOVELS, "novels_n")
        .with_count(Writer::FRIENDS, "friends_n")
        .with_count(Writer::FRIENDS.to(Writer::NOVELS), "of_friends")
        .with_count(Writer::NOVELS.to(Novel::LABELS).distinct(), "labels_n")
        .with_count(Writer::PUPILS, "pupils_n");
    let nobody =
        "mentor__name=NULL writers=2 eldest='1775-12-16' novels_n=2 friends_n=3 of_friends=3 labels_n=2 pupils_n=1";
    let jane = "mentor__name='Jane' writers=1 eldest=NULL novels_n=1 friends_n=1 of_friends=0 labels_n=0 pupils_n=0";
    let by_name = q.clone().order("mentor__name");
    assert_eq!(shown(&by_name.fetch_dicts().await.unwrap()), [nobody, jane]);
    for (order, first) in [
        (q.clone().order("writers"), jane),
        (q.clone().order(alias("friends_n").desc()), nobody),
        (q.clone().order((func::count_of(Writer::BORN), "writers")), jane),
        (q.clone().order(Writer::MENTOR.to(Writer::NAME).desc()), jane),
    ] {
        assert_eq!(shown(&order.fetch_dicts().await.unwrap())[0], first);
        let page = order.page(1, 1).await.unwrap();
        assert_eq!((page.total, page.pages, page.items[0].1 > 0), (2, 2, first == nobody));
        assert_eq!(order.fetch_last().await.unwrap().unwrap().1, i64::from(first == jane));
    }
    assert_eq!(q.clone().having(alias("of_friends").gt(0)).count().await.unwrap(), 1);
    assert_eq!(
        q.clone().having(lookup("mentor__name__isnull", true) & alias("pupils_n").eq(1)).count().await.unwrap(),
        1
    );
    // Sums over related rows beside them, for each row.
    let rows = db
        .select::<Writer>()
        .order(Writer::PK)
        .with_count(Writer::FRIENDS.to(Writer::NOVELS), "f")
        .with_count(Writer::NOVELS, "n")
        .annotate("price", Writer::NOVELS.to(Novel::PRICE).sum().coalesce(0.0))
        .annotate("theirs", Writer::FRIENDS.to(Writer::NOVELS).to(Novel::PRICE).sum())
        .annotate("stars", Writer::NOVELS.to(Novel::CRITIQUES).to(Critique::STARS).avg())
        .annotate("eldest", Writer::FRIENDS.to(Writer::BORN).min())
        .fields(["name"]);
    assert_eq!(
        shown(&rows.fetch_all().await.unwrap()),
        [
            "name='Jane' price=15.0 theirs=NULL stars=3.3333333333333335 eldest=NULL f=0 n=2",
            "name='John' price=20.0 theirs=NULL stars=NULL eldest=NULL f=0 n=1",
            "name='Kim' price=0.0 theirs=35.0 stars=NULL eldest='1775-12-16' f=3 n=0",
        ]
    );
    assert_eq!(rows.clone().order("-theirs").fetch_first().await.unwrap().unwrap()["name"], Value::from("Kim"));
    assert_eq!(rows.clone().having(alias("eldest").lt(day(1800, 1, 1))).count().await.unwrap(), 1);
}

#[tokio::test]
async fn distinct_values_behind_relations_and_their_pages() {
    let db = library().await;
    let names = db.select::<Critique>().only(Critique::NOVEL.to(Novel::TITLE)).distinct();
    let ordered = names.clone().order(Critique::NOVEL.to(Novel::TITLE).desc());
    assert_eq!(ordered.fetch_all().await.unwrap(), ["Sanditon", "Emma"]);
    assert_eq!((names.count().await.unwrap(), names.exists().await.unwrap()), (2, true));
    let page = ordered.page(2, 1).await.unwrap();
    assert_eq!((page.items, page.total, page.pages), (vec!["Emma".to_owned()], 2, 2));
    let dicts = db.select::<Critique>().fields(["novel__author__name"]).distinct();
    assert_eq!(shown(&dicts.fetch_all().await.unwrap()), ["novel__author__name='Jane'"]);
    assert_eq!(dicts.count().await.unwrap(), 1);
    assert!(!dicts.clone().offset(1).exists().await.unwrap());
    let counted = db.select::<Critique>().only(Critique::NOVEL).with_count("novel__labels", "n").distinct().order("-n");
    let rows: Vec<_> = counted.fetch_all().await.unwrap().into_iter().map(|(k, n)| (k.get().unwrap(), n)).collect();
    assert_eq!(rows, [(1, 2), (2, 1)]);
    assert_eq!(counted.count().await.unwrap(), 2);
    // Pages hold every row once, whatever they are of.
    let q = db.select::<Novel>().with_count(Novel::LABELS, "n").order(alias("n").desc());
    let mut all = Vec::new();
    for number in 1..=3 {
        let page = q.page(number, 1).await.unwrap();
        assert_eq!((page.total, page.pages, page.number), (3, 3, number));
        all.extend(page.items.into_iter().map(|(novel, _)| novel.title));
    }
    assert_eq!(all, ["Emma", "Sanditon", "Ring"]);
    for (number, size) in [(i64::MAX, i64::MAX), (i64::MAX, 1), (2, i64::MAX)] {
        let page = q.page(number, size).await.unwrap();
        assert_eq!((page.items.len(), page.total), (0, 3), "{number} {size}");
    }
    assert_eq!(q.page(1, i64::MAX).await.unwrap().items.len(), 3);
    assert_eq!(q.clone().limit(1).offset(2).page(1, 5).await.unwrap().items.len(), 3);
    for (number, size) in [(0, 1), (1, 0), (-1, 5), (1, i64::MIN)] {
        assert!(matches!(q.page(number, size).await, Err(Error::InvalidOption(_))));
    }
}

#[tokio::test]
async fn orders_by_expressions_and_names_of_any_shape() {
    let db = library().await;
    let titles = async |order: sqliter_async::Order<Novel>| -> String {
        let rows = db.select::<Novel>().order((order, "pk")).only(Novel::TITLE).fetch_all().await.unwrap();
        rows.iter().map(|t| t.chars().next().unwrap()).collect()
    };
    assert_eq!(titles((Novel::PRICE * -1.0).asc()).await, "RES");
    assert_eq!(titles(Novel::TITLE.length().desc()).await, "SER");
    assert_eq!(titles(Novel::YEAR.coalesce(1900).asc()).await, "ESR");
    assert_eq!(titles(Novel::YEAR.asc().nulls_last()).await, "ERS");
    assert_eq!(titles(Novel::EDITOR.to(Writer::BORN).year().desc()).await, "RES");
    assert_eq!(titles(Novel::AUTHOR.to(Writer::NAME).lower().desc()).await, "RES");
    assert_eq!(titles(Novel::AUTHOR.to(Writer::PUPILS).count().desc()).await, "ESR");
    assert_eq!(titles(Novel::CRITIQUES.to(Critique::STARS).sum().desc()).await, "ESR");
    assert_eq!(titles(Novel::AUTHOR.desc()).await, "RES");
    let db = sales().await;
    for name in ["from", "größe", "a b", "x'y", "total__gt", "select", "0", "-n", "é\u{301}", ";--", "?1", "[x]"] {
        let q = db.select::<Sale>().group_by(Sale::CATEGORY).annotate(name, func::sum(Sale::AMOUNT));
        let q = q.having(alias(name).gt(8)).order(alias(name).desc());
        let rows = q.fetch_all().await.unwrap();
        assert_eq!(rows.iter().map(|r| r.get::<i64>(name).unwrap()).collect::<Vec<_>>(), [33, 10], "{name}");
        assert_eq!((q.count().await.unwrap(), q.page(2, 1).await.unwrap().items), (2, rows[1..].to_vec()), "{name}");
        assert_eq!(q.clone().having(lookup(name, 33)).count().await.unwrap(), 1, "{name}");
        assert_eq!(q.fetch_last().await.unwrap().unwrap(), rows[1], "{name}");
    }
    for taken in ["created_at", "day", "DAY"] {
        let q = db.select::<Sale>().annotate(taken, Sale::AMOUNT + 1);
        let e = q.fetch_all().await.unwrap_err();
        assert!(matches!(&e, Error::InvalidProjection(why) if why.contains("conflicts")), "{taken}: {e}");
    }
    // What is computed of groups groups nothing.
    let sum = || sqliter_async::Expr::from(func::sum(Sale::AMOUNT));
    for wrong in [
        db.select::<Sale>().group_by(sum()),
        db.select::<Sale>().group_by((Sale::CATEGORY, sum())),
        db.select::<Sale>().annotate("n", func::count()).group_by("n"),
    ] {
        let text = refused(wrong.fetch_all().await);
        assert!(text.starts_with("Cannot group by '"), "{text}");
    }
}

/// Columns that go by each other's names, and one that is called like a computed value.
#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Crossed {
    pk: Pk<Self>,
    #[field(column = "b")]
    a: i64,
    #[field(column = "A")]
    b: i64,
    column_1: i64,
}

/// In an `ORDER BY` SQLite takes a name for a column of the result first.
#[tokio::test]
async fn an_order_is_by_the_column_that_it_names() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Crossed>().await.unwrap();
    for (a, b, c) in [(1, 30, 200), (2, 10, 300), (3, 20, 100)] {
        Crossed::builder().a(a).b(b).column_1(c).insert(&db).await.unwrap();
    }
    let keys = async |q: Query<Crossed, Dict>| -> Vec<i64> {
        q.fetch_all().await.unwrap().iter().map(|r| r.get("pk").unwrap()).collect()
    };
    let q = db.select::<Crossed>().fields(["pk", "a", "b"]);
    for (q, expected) in [
        (q.clone().order(Crossed::A), [1, 2, 3]),
        (q.clone().order("a"), [1, 2, 3]),
        (q.clone().order(Crossed::B), [2, 3, 1]),
        (q.clone().order("b"), [2, 3, 1]),
        (q.clone().order("-b"), [1, 3, 2]),
        (q.clone().order(Crossed::COLUMN_1), [3, 1, 2]),
        (db.select::<Crossed>().fields(["pk", "a"]).order("b"), [2, 3, 1]),
        (db.select::<Crossed>().fields(["b", "pk"]).order("a"), [1, 2, 3]),
    ] {
        assert_eq!(keys(q.clone()).await, expected, "{:?}", q.sql());
        assert_eq!(q.fetch_last().await.unwrap().unwrap().get::<i64>("pk").unwrap(), expected[2]);
    }
    let computed = db.select::<Crossed>().only(Crossed::A * 10).order(Crossed::COLUMN_1);
    assert_eq!(computed.fetch_all().await.unwrap(), [30, 10, 20]);
    let grouped = db.select::<Crossed>().group_by(Crossed::A * 10).group_by("column_1").order("column_1");
    let rows = grouped.fetch_all().await.unwrap();
    assert_eq!(rows.iter().map(|r| r.get_at::<i64>(0).unwrap()).collect::<Vec<_>>(), [30, 10, 20]);
}

/// AGG-20: a projection is kept as a query for rows is; queries that mean the same share it.
#[tokio::test]
async fn equal_projections_share_what_was_kept() {
    let db = SqliterDb::builder().memory().cache(CacheOptions::new()).create().await.unwrap();
    db.create_tables::<(Writer, Novel, Critique, Label)>().await.unwrap();
    let jane = Writer::builder().name("Jane").insert(&db).await.unwrap();
    Novel::builder().title("Emma").price(1.0).author(&jane).insert(&db).await.unwrap();
    let query = || {
        let q = db.select::<Novel>().filter(Novel::AUTHOR.to(Writer::NAME).eq("Jane")).group_by(Novel::AUTHOR);
        q.annotate("n", func::count()).with_count(Novel::LABELS, "l").having(alias("n").gt(0)).order("-n").limit(3)
    };
    let before = db.cache_stats();
    let first = query();
    let rows = first.fetch_all().await.unwrap();
    assert_eq!((db.cache_stats().hits - before.hits, db.cache_stats().misses - before.misses), (0, 1));
    // The same query again, one that was built anew, and one that has run before.
    for again in [query(), first.clone(), first] {
        assert_eq!(again.fetch_all().await.unwrap(), rows);
    }
    assert_eq!((db.cache_stats().hits - before.hits, db.cache_stats().misses - before.misses), (3, 1));
    // Another name, limit or condition is another query.
    for other in [query().limit(4), query().having(alias("n").lt(9)), query().order("n")] {
        assert_eq!(other.fetch_all().await.unwrap(), rows);
    }
    assert_eq!((db.cache_stats().hits - before.hits, db.cache_stats().misses - before.misses), (3, 4));
    // Of dicts and of pairs.
    assert_eq!(query().fetch_dicts().await.unwrap(), [rows[0].0.clone()]);
    Novel::builder().title("Persuasion").price(1.0).author(&jane).insert(&db).await.unwrap();
    assert_eq!(query().fetch_all().await.unwrap()[0].0["n"], Value::Int(2));
}
