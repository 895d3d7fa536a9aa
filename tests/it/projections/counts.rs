//! `with_count`, and aggregates over related rows.

use sqliter_async::prelude::*;

use super::{Critique, Label, Novel, Writer, library, refused, shown};

async fn counted<M: DbModel>(query: &Query<M, (M, i64)>) -> Vec<i64> {
    query.fetch_all().await.unwrap().into_iter().map(|(_, n)| n).collect()
}

/// AGG-13
#[tokio::test]
async fn every_row_is_counted_for_those_without_related_rows_included() {
    let db = library().await;
    let writers = db.select::<Writer>().order(Writer::PK);
    let novels = db.select::<Novel>().order(Novel::PK);
    for (q, expected) in [
        (writers.clone().with_count(Writer::NOVELS, "n"), [2, 1, 0]),
        (writers.clone().with_count("novels", "n"), [2, 1, 0]),
        (writers.clone().with_count(Writer::PUPILS, "n"), [1, 0, 0]),
        (writers.clone().with_count(Writer::EDITED, "n"), [1, 0, 0]),
        (writers.clone().with_count(Writer::NOVELS.to(Novel::CRITIQUES), "n"), [3, 0, 0]),
        (writers.clone().with_count("novels__labels", "n"), [3, 0, 0]),
        (writers.clone().with_count(Writer::MENTOR.to(Writer::NOVELS), "n"), [0, 2, 0]),
        (writers.clone().with_count("mentor__novels__critiques", "n"), [0, 3, 0]),
    ] {
        assert_eq!(counted(&q).await, expected, "{q:?}");
        assert_eq!(q.count().await.unwrap(), 3);
    }
    for (q, expected) in [
        (novels.clone().with_count(Novel::CRITIQUES, "n"), [2, 1, 0]),
        (novels.clone().with_count(Novel::LABELS, "n"), [2, 1, 0]),
        (novels.clone().with_count("author__novels", "n"), [2, 2, 1]),
        (novels.clone().with_count(Novel::EDITOR.to(Writer::NOVELS), "n"), [0, 0, 2]),
        (novels.clone().with_count(Novel::LABELS.to(Label::NOVELS), "n"), [3, 2, 0]),
    ] {
        assert_eq!(counted(&q).await, expected, "{q:?}");
    }
    let labels = db.select::<Label>().order(Label::WORD).with_count(Label::NOVELS, "n");
    assert_eq!(counted(&labels).await, [1, 2]);
    assert_eq!(
        writers.with_count(Writer::NOVELS, "n").sql().unwrap().0,
        r#"SELECT t0."pk", t0."name", t0."born", t0."mentor_id", (SELECT COUNT(*) FROM "novels" AS t1 WHERE t1."written_by" = t0."pk") AS "n" FROM "writers" AS t0 ORDER BY t0."pk" ASC"#
    );
}

/// AGG-15
#[tokio::test]
async fn a_path_counts_ways_and_distinct_counts_rows() {
    let db = library().await;
    let writers = db.select::<Writer>().order(Writer::PK);
    let q = writers
        .clone()
        .with_count(Writer::NOVELS.to(Novel::LABELS), "ways")
        .with_count(Writer::NOVELS.to(Novel::LABELS).distinct(), "labels")
        .with_count(Writer::NOVELS, "novels_");
    let rows: Vec<_> = q.fetch_all().await.unwrap().into_iter().map(|(((_, a), b), c)| (a, b, c)).collect();
    assert_eq!(rows, [(3, 2, 2), (0, 0, 1), (0, 0, 0)]);
    let labels = db.select::<Label>().order(Label::PK).with_count(Label::NOVELS.to(Novel::AUTHOR), "n");
    assert!(refused(labels.fetch_all().await).starts_with("with_count() terminal relationship must be to-many"));
    let back = db.select::<Novel>().order(Novel::PK).with_count(Novel::LABELS.to(Label::NOVELS).distinct(), "n");
    assert_eq!(counted(&back).await, [2, 2, 0]);
}

/// AGG-18
#[tokio::test]
async fn counts_and_sums_do_not_multiply() {
    let db = library().await;
    let q = db
        .select::<Writer>()
        .with_count(Writer::NOVELS, "n")
        .with_count(Writer::NOVELS.to(Novel::CRITIQUES), "critiques")
        .with_count(Writer::FRIENDS, "f")
        .annotate("price", Writer::NOVELS.to(Novel::PRICE).sum())
        .annotate("stars", Writer::NOVELS.to(Novel::CRITIQUES).to(Critique::STARS).sum())
        .filter(
            Writer::NOVELS.any(Novel::PRICE.gt(1.0)) & Writer::NOVELS.to(Novel::CRITIQUES).to(Critique::STARS).gte(4),
        )
        .fields(["name"]);
    let row = "name='Jane' price=15.0 stars=10 n=2 critiques=3 f=1";
    assert_eq!(shown(&q.fetch_all().await.unwrap()), [row]);
    assert_eq!(q.count().await.unwrap(), 1);
    let plain = db.select::<Writer>().order(Writer::PK).fields((
        Writer::NAME,
        Writer::NOVELS.count(),
        Writer::NOVELS.to(Novel::PRICE).sum(),
        Writer::NOVELS.to(Novel::PRICE).avg(),
        Writer::NOVELS.to(Novel::TITLE).min(),
        Writer::NOVELS.to(Novel::YEAR).max(),
        Writer::NOVELS.to(Novel::CRITIQUES).to(Critique::STARS).max(),
        Writer::PUPILS.to(Writer::BORN).min(),
        Writer::NOVELS.to(Novel::EDITOR.to(Writer::NAME)).max(),
        Writer::NOVELS.to(Novel::PRICE * 2.0).max(),
    ));
    let rows = plain.fetch_all().await.unwrap();
    let of = |s: &str| Some(s.to_owned());
    assert_eq!(
        rows[0],
        ("Jane".into(), 2, Some(15.0), Some(7.5), of("Emma"), Some(1815), Some(5), None, None, Some(20.0))
    );
    assert_eq!(
        rows[1],
        ("John".into(), 1, Some(20.0), Some(20.0), of("Ring"), Some(1954), None, None, of("Jane"), Some(40.0))
    );
    assert_eq!(rows[2], ("Kim".into(), 0, None, None, None, None, None, None, None, None));
    assert_eq!(
        db.select::<Writer>().only(Writer::NOVELS.to(Novel::PRICE).sum()).sql().unwrap().0,
        r#"SELECT (SELECT SUM(t1."price") FROM "novels" AS t1 WHERE t1."written_by" = t0."pk") AS "column_1" FROM "writers" AS t0"#
    );
    // In conditions and orders, too.
    let dear = db
        .select::<Writer>()
        .filter(Writer::NOVELS.to(Novel::PRICE).sum().gt(14.0))
        .order(Writer::NOVELS.to(Novel::PRICE).sum().desc());
    assert_eq!(dear.only(Writer::NAME).fetch_all().await.unwrap(), ["John", "Jane"]);
}

/// AGG-19
#[tokio::test]
async fn friends_count_for_both() {
    let db = library().await;
    let q = db.select::<Writer>().order(Writer::PK);
    assert_eq!(counted(&q.clone().with_count(Writer::FRIENDS, "n")).await, [1, 1, 2]);
    // Jane and John are friends of a friend, Kim is one of her own over either.
    assert_eq!(counted(&q.clone().with_count(Writer::FRIENDS.to(Writer::FRIENDS), "n")).await, [2, 2, 2]);
    assert_eq!(counted(&q.clone().with_count(Writer::FRIENDS.to(Writer::FRIENDS).distinct(), "n")).await, [2, 2, 1]);
    assert_eq!(counted(&q.clone().with_count(Writer::FRIENDS.to(Writer::NOVELS), "n")).await, [0, 0, 3]);
    assert_eq!(
        q.order(Writer::FRIENDS.count().desc()).only(Writer::NAME).fetch_one().await.unwrap(),
        Some("Kim".into())
    );
}

/// AGG-16
#[tokio::test]
async fn counts_go_with_everything_else() {
    let db = library().await;
    let q = db.select::<Writer>().with_count(Writer::NOVELS, "count");
    let names = |rows: Vec<(Writer, i64)>| rows.into_iter().map(|(w, n)| format!("{} {n}", w.name)).collect::<Vec<_>>();
    let busy = q.clone().having(alias("count").gt(0)).order(("-count", "name"));
    assert_eq!(names(busy.fetch_all().await.unwrap()), ["Jane 2", "John 1"]);
    assert_eq!((busy.count().await.unwrap(), busy.exists().await.unwrap()), (2, true));
    assert_eq!(names(busy.fetch_one().await.unwrap().into_iter().collect()), ["Jane 2"]);
    assert_eq!(names(busy.fetch_first().await.unwrap().into_iter().collect()), ["Jane 2"]);
    assert_eq!(names(busy.fetch_last().await.unwrap().into_iter().collect()), ["John 1"]);
    for order in [alias("count").asc(), alias("count").desc()] {
        let all = q.clone().order((order, "name"));
        let rows = names(all.fetch_all().await.unwrap());
        for window in 1..4 {
            let last = all.clone().limit(window).fetch_last().await.unwrap();
            assert_eq!(names(last.into_iter().collect()), rows[window as usize - 1..window as usize]);
            let last = all.clone().limit(window).offset(1).fetch_last().await.unwrap();
            assert_eq!(names(last.into_iter().collect()), rows[2.min(window as usize)..=2.min(window as usize)]);
        }
    }
    assert!(!busy.clone().offset(2).exists().await.unwrap());
    assert_eq!(busy.clone().limit(1).offset(1).count().await.unwrap(), 1);
    let page = q.clone().order(alias("count").desc()).page(2, 2).await.unwrap();
    assert_eq!((names(page.items), page.total, page.pages), (vec!["Kim 0".to_owned()], 3, 2));
    let pages = q.page(1, 2).await.unwrap();
    assert_eq!(names(pages.items), ["Jane 2", "John 1"]);
    let only = q.clone().only(Writer::NAME).order("count").fetch_all().await.unwrap();
    assert_eq!(only, ["Kim", "John", "Jane"]);
    let pairs = db.select::<Writer>().only(Writer::NAME).with_count("novels", "count").order("-count");
    assert_eq!(pairs.fetch_first().await.unwrap(), Some(("Jane".to_owned(), 2)));
    let triples = db.select::<Writer>().fields((Writer::NAME, Writer::PK)).with_count(Writer::EDITED, "e");
    let ((name, pk), edited) = triples.fetch_first().await.unwrap().unwrap();
    assert_eq!((name.as_str(), pk.get(), edited), ("Jane", Some(1), 1));
    assert_eq!(
        shown(
            &db.select::<Writer>().fields(["count", "name"]).with_count("novels", "count").fetch_dicts().await.unwrap()
        )[0],
        "count=2 name='Jane' count=2"
    );
    assert_eq!(q.clone().distinct().count().await.unwrap(), 3);
    assert_eq!(names(q.filter(Writer::NAME.ne("John")).limit(1).offset(1).fetch_all().await.unwrap()), ["Kim 0"]);
}

#[tokio::test]
async fn counted_rows_have_their_relations_loaded() {
    let db = library().await;
    let q = db
        .select::<Novel>()
        .select_related(Novel::AUTHOR.to(Writer::MENTOR))
        .select_related("editor")
        .prefetch_related(Novel::LABELS)
        .with_count(Novel::CRITIQUES, "n")
        .with_count("labels", "l")
        .order(alias("n").desc());
    let rows = q.fetch_all().await.unwrap();
    let numbers: Vec<_> = rows.iter().map(|((_, n), l)| (*n, *l)).collect();
    assert_eq!(numbers, [(2, 2), (1, 1), (0, 0)]);
    let ((ring, _), _) = &rows[2];
    assert_eq!(ring.author.loaded().unwrap().mentor.as_ref().unwrap().loaded().unwrap().name, "Jane");
    assert_eq!(ring.editor.as_ref().unwrap().loaded().unwrap().name, "Jane");
    let ((emma, _), _) = &rows[0];
    db.select::<Label>().filter(Label::WORD.eq("old")).update(Label::WORD.set("ancient")).await.unwrap();
    let mut words: Vec<_> = emma.labels.fetch_all().await.unwrap().into_iter().map(|l| l.word).collect();
    words.sort();
    assert_eq!(words, ["love", "old"], "served from memory");
    let page = q.page(1, 2).await.unwrap();
    assert_eq!(
        (page.items.len(), page.total, page.items[0].0.0.author.loaded().unwrap().name.as_str()),
        (2, 3, "Jane")
    );
    assert_eq!(
        shown(&q.limit(1).fetch_dicts().await.unwrap()),
        ["pk=1 title='Emma' published=1815 price=10.0 written_by=1 editor_id=NULL n=2 l=2"]
    );
    // From one row on.
    let jane = db.get::<Writer>(1).await.unwrap().unwrap();
    let counted = jane.novels().with_count(Novel::LABELS, "l").order(Novel::PK);
    assert_eq!(counted.fetch_all().await.unwrap().into_iter().map(|(_, l)| l).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(jane.novels().only(func::sum(Novel::PRICE)).fetch_one().await.unwrap(), Some(Some(15.0)));
    assert_eq!(emma.labels.filter(None::<Filter<Label>>).only(func::count()).fetch_all().await.unwrap(), [2]);
}

/// AGG-18, AGG-14
#[tokio::test]
async fn counts_of_groups_are_totals() {
    let db = library().await;
    let q = db.select::<Novel>().with_count(Novel::CRITIQUES, "n").with_count(Novel::LABELS, "l");
    let by =
        q.clone().group_by(Novel::AUTHOR).annotate("novels", func::count()).annotate("sum", func::sum(Novel::PRICE));
    let rows = by.order("written_by").fetch_all().await.unwrap();
    assert_eq!(shown(&rows), ["written_by=1 novels=2 sum=15.0 n=3 l=3", "written_by=2 novels=1 sum=20.0 n=0 l=0"]);
    let by = q.clone().group_by("author").having(alias("n").gt(0));
    assert_eq!(shown(&by.fetch_all().await.unwrap()), ["author=1 n=3 l=3"]);
    let grouped = db.select::<Novel>().group_by(Novel::AUTHOR).with_count(Novel::CRITIQUES, "n").order("-n");
    let rows = grouped.fetch_all().await.unwrap();
    assert_eq!(rows.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [3, 0]);
    assert_eq!(shown(&[rows[0].0.clone()]), ["written_by=1 n=3"]);
    // All rows as one group, and no rows.
    let all = q.annotate("novels", func::count());
    assert_eq!(shown(&all.fetch_all().await.unwrap()), ["novels=3 n=3 l=3"]);
    let none = all.filter(Novel::PRICE.gt(1e9));
    assert_eq!(shown(&none.fetch_all().await.unwrap()), ["novels=0 n=0 l=0"]);
    let none = none.with_count(Novel::LABELS, "again").fetch_all().await.unwrap();
    assert_eq!(none[0].1, 0);
}

/// AGG-17
#[tokio::test]
async fn what_cannot_be_counted_is_refused() {
    let db = library().await;
    for (path, segment) in [
        ("", ""),
        ("zz", "zz"),
        ("name", "name"),
        ("novels__zz", "zz"),
        ("novels__title", "title"),
        ("Meta", "Meta"),
        ("novels____labels", ""),
    ] {
        let err = db.select::<Writer>().with_count(path, "n").fetch_all().await.unwrap_err();
        assert!(
            matches!(&err, Error::InvalidRelationship { path: p, segment: s, .. } if p == path && s == segment),
            "{err:?}"
        );
    }
    let err = db.select::<Writer>().with_count("novel", "n").count().await.unwrap_err();
    assert!(err.to_string().contains("did you mean 'novels'?"), "{err}");
    for path in ["author", "labels__novels__author"] {
        let text = refused(db.select::<Novel>().with_count(path, "n").fetch_all().await);
        assert!(
            text.starts_with("with_count() terminal relationship must be to-many (reverse FK or many-to-many)."),
            "{text}"
        );
    }
    for (name, reason) in [
        ("name", "Aggregate alias 'name' conflicts with model field 'name'."),
        ("", "Aggregate alias cannot be empty."),
        (" n", "Aggregate alias 'n' is already defined."),
    ] {
        let q = db.select::<Writer>().with_count(Writer::NOVELS, "n").with_count(Writer::NOVELS, name);
        assert_eq!(refused(q.fetch_all().await), reason);
        let q = db.select::<Writer>().annotate("n", Writer::PK).with_count(Writer::NOVELS, name);
        assert_eq!(refused(q.fetch_all().await), reason);
    }
}
