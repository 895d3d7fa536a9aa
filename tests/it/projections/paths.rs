//! Relations in projections: keys, paths over foreign keys, filters.

use sqliter_async::prelude::*;

use super::{Critique, Label, Novel, Writer, day, library, refused, shown};

#[tokio::test]
async fn a_relation_yields_its_key() {
    let db = library().await;
    let novels = db.select::<Novel>().order(Novel::PK);
    let authors: Vec<Pk<Writer>> = novels.clone().only(Novel::AUTHOR).fetch_all().await.unwrap();
    assert_eq!(authors.iter().map(|k| k.get()).collect::<Vec<_>>(), [Some(1), Some(1), Some(2)]);
    let editors: Vec<Option<Pk<Writer>>> = novels.clone().only(Novel::EDITOR).fetch_all().await.unwrap();
    assert_eq!(editors, [None, None, Some(Pk::of(1))]);
    let both = novels.clone().fields((Novel::TITLE, Novel::AUTHOR, Novel::AUTHOR.to(Writer::MENTOR)));
    assert_eq!(both.fetch_last().await.unwrap(), Some(("Ring".to_owned(), Pk::of(2), Some(Pk::of(1)))));
    assert_eq!(
        both.sql().unwrap().0,
        r#"SELECT t0."title", t0."written_by", t1."mentor_id" AS "author__mentor_id" FROM "novels" AS t0 JOIN "writers" AS t1 ON t1."pk" = t0."written_by" ORDER BY t0."pk" ASC"#
    );
    // The key at the end of a path needs no join.
    let keys = novels.clone().only(Novel::AUTHOR.to(Writer::PK));
    assert_eq!(keys.fetch_one().await.unwrap(), Some(Pk::of(1)));
    let dicts = novels.fields(["author", "editor", "author__mentor", "author__pk"]).fetch_all().await.unwrap();
    assert_eq!(shown(&dicts)[2], "author=2 editor=1 author__mentor=1 author__pk=2");
    assert_eq!(db.select::<Novel>().only(func::max(Novel::PK)).fetch_one().await.unwrap(), Some(Some(Pk::of(3))));
}

/// AGG-11
#[tokio::test]
async fn paths_over_foreign_keys_are_values_groups_and_orders() {
    let db = library().await;
    let novels = db.select::<Novel>().order((Novel::AUTHOR.to(Writer::NAME).desc(), "title"));
    let names = novels.clone().fields((Novel::TITLE, Novel::AUTHOR.to(Writer::NAME), Novel::AUTHOR.to(Writer::BORN)));
    let rows = names.fetch_all().await.unwrap();
    assert_eq!(rows[0], ("Ring".into(), "John".into(), None));
    assert_eq!(rows[1], ("Emma".into(), "Jane".into(), Some(day(1775, 12, 16))));
    // Behind an optional key every value may be missing, and no row is lost.
    let names: Vec<Option<String>> = novels.clone().only(Novel::EDITOR.to(Writer::NAME)).fetch_all().await.unwrap();
    assert_eq!(names, [Some("Jane".to_owned()), None, None]);
    let deep = Critique::NOVEL.to(Novel::AUTHOR).to(Writer::MENTOR).to(Writer::NAME);
    assert_eq!(db.select::<Critique>().only(deep).distinct().fetch_all().await.unwrap(), [None::<String>]);
    let dicts = db.select::<Critique>().fields(["stars", "novel__author__name", "novel__year"]).order("-stars");
    assert_eq!(shown(&dicts.fetch_all().await.unwrap())[0], "stars=5 novel__author__name='Jane' novel__year=1815");

    for grouped in [
        db.select::<Critique>().group_by(Critique::NOVEL.to(Novel::AUTHOR).to(Writer::NAME)),
        db.select::<Critique>().group_by("novel__author__name"),
    ] {
        let rows =
            grouped.annotate("stars_", func::sum(Critique::STARS)).having(alias("stars_").gt(1)).order("-stars_");
        assert_eq!(shown(&rows.fetch_all().await.unwrap()), ["novel__author__name='Jane' stars_=10"]);
    }
    let by = db
        .select::<Novel>()
        .group_by(Novel::AUTHOR.to(Writer::NAME))
        .annotate("n", func::count())
        .annotate("dear", func::max(Novel::PRICE))
        .order(Novel::AUTHOR.to(Writer::NAME));
    assert_eq!(
        shown(&by.fetch_all().await.unwrap()),
        ["author__name='Jane' n=2 dear=10.0", "author__name='John' n=1 dear=20.0"]
    );
    for filter in [
        Novel::AUTHOR.to(Writer::NAME).eq("John"),
        lookup("author__name", "John"),
        lookup("author__name__startswith", "Jo") & alias("n").eq(1),
        Novel::AUTHOR.to(Writer::NAME).starts_with("Jo"),
        func::max(Novel::AUTHOR.to(Writer::NAME)).gt("Jane"),
    ] {
        assert_eq!(by.clone().having(filter.clone()).count().await.unwrap(), 1, "{filter:?}");
    }
    for filter in
        [Novel::AUTHOR.to(Writer::BORN).is_null(), lookup("author__born__isnull", true), lookup("editor__name", "x")]
    {
        let text = refused(by.clone().having(filter).count().await);
        assert!(
            text.starts_with("HAVING field 'author__born' ") || text.starts_with("HAVING field 'editor__name' "),
            "{text}"
        );
    }
    // Filters over relations come before the grouping.
    let some = by
        .filter(Novel::LABELS.any(Label::WORD.eq("love")) | lookup("editor__name", "Jane"))
        .filter(lookup("labels__isnull", true) | Novel::CRITIQUES.any(Critique::STARS.eq(5)));
    let rows = some.fetch_all().await.unwrap();
    assert_eq!(shown(&rows), ["author__name='Jane' n=1 dear=10.0", "author__name='John' n=1 dear=20.0"]);
    assert_eq!(some.count().await.unwrap(), 2);
}

#[tokio::test]
async fn annotations_over_relations() {
    let db = library().await;
    let q = db
        .select::<Novel>()
        .fields(["title"])
        .annotate("by", Novel::AUTHOR.to(Writer::NAME).upper())
        .annotate("siblings", Novel::AUTHOR.to(Writer::NOVELS).count())
        .annotate("pupils", Novel::AUTHOR.to(Writer::PUPILS.count()))
        .annotate("best", Novel::CRITIQUES.to(Critique::STARS).max())
        .having(alias("siblings").gt(0) & alias("by").starts_with("JA"))
        .order((alias("best").desc(), "title"));
    let rows = q.fetch_all().await.unwrap();
    assert_eq!(
        shown(&rows),
        ["title='Emma' by='JANE' siblings=2 pupils=1 best=5", "title='Sanditon' by='JANE' siblings=2 pupils=1 best=1"]
    );
    assert_eq!(q.count().await.unwrap(), 2);
    assert_eq!(shown(&[q.fetch_last().await.unwrap().unwrap()]), shown(&rows[1..]));
    assert_eq!(shown(&[q.clone().limit(1).fetch_last().await.unwrap().unwrap()]), shown(&rows[..1]));
    let optional = db.select::<Novel>().order("pk").only(Novel::EDITOR.to(Writer::NOVELS.count()));
    assert_eq!(optional.fetch_all().await.unwrap(), [Some(0), Some(0), Some(2)]);
    // What relations of many rows lead to has no one value.
    let text = refused(db.select::<Writer>().fields(["novels__title"]).fetch_all().await);
    assert!(text.contains("'novels' leads to many rows, use a count or another aggregate"), "{text}");
    let text = refused(db.select::<Writer>().group_by("novels").fetch_all().await);
    assert!(text.contains("leads to many rows"), "{text}");
}
