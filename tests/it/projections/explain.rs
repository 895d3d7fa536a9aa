//! `explain`: how a query runs, and what index would help.

use sqliter_async::prelude::*;

use super::{Critique, Label, Novel, Writer, library};

#[derive(Debug, Clone, DbModel)]
#[model(index(last, first))]
struct Entry {
    pk: Pk<Self>,
    last: String,
    first: String,
    #[field(unique)]
    email: String,
    #[field(index)]
    year: Option<i64>,
    note: String,
}

fn missing(plan: &str) -> Vec<&str> {
    plan.lines().filter(|l| l.starts_with("missing index: ")).collect()
}

#[tokio::test]
async fn a_missing_index_is_named_and_a_present_one_is_not() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Entry>().await.unwrap();
    let q = db.select::<Entry>();
    for (filter, columns) in [
        (Entry::NOTE.eq("x"), vec!["note"]),
        (Entry::FIRST.eq("x"), vec!["first"]),
        (Entry::NOTE.eq("x") & Entry::FIRST.gt("a"), vec!["note", "first"]),
        (lookup("note__startswith", "x"), vec!["note"]),
        (lookup("note__in", ["x", "y"]), vec!["note"]),
        (Entry::YEAR.eq(1), vec![]),
        (Entry::YEAR.is_null(), vec![]),
        (Entry::YEAR.between(1, 2), vec![]),
        (Entry::EMAIL.eq("x") & Entry::NOTE.eq("x"), vec![]),
        (Entry::LAST.eq("x"), vec![]),
        (Entry::LAST.starts_with("x") & Entry::FIRST.eq("x"), vec![]),
        (Entry::PK.eq(Pk::of(1)) & Entry::NOTE.eq("x"), vec![]),
        // One side of an `or` has its index, the other has none: the table is read, for want of the other.
        (Entry::YEAR.eq(1) | Entry::NOTE.eq("x"), vec!["note"]),
        // An index would not help these.
        (Entry::YEAR.ne(1), vec![]),
        (Entry::NOTE.ne("x"), vec![]),
        (Entry::NOTE.contains("x"), vec![]),
        (!Entry::NOTE.eq("x"), vec![]),
    ] {
        let plan = q.clone().filter(filter.clone()).explain().await.unwrap();
        let expected: Vec<_> = columns
            .iter()
            .map(|c| format!("missing index: 'entries' is read from end to end, and the filter is on '{c}'"))
            .collect();
        assert_eq!(missing(&plan), expected, "{filter:?}\n{plan}");
    }
    // A table that is read in the order of an index is read from end to end, too.
    let plan = q.clone().filter(Entry::NOTE.eq("x")).order(Entry::YEAR).explain().await.unwrap();
    assert_eq!(missing(&plan).len(), 1, "{plan}");
    let plan = q.clone().explain().await.unwrap();
    assert_eq!(plan, "SCAN entries");
    let plan =
        q.filter(Entry::NOTE.eq("x")).group_by(Entry::NOTE).annotate("n", func::count()).explain().await.unwrap();
    assert_eq!(missing(&plan).len(), 1, "{plan}");
}

#[tokio::test]
async fn tables_that_are_joined_are_named() {
    let db = library().await;
    let q = db.select::<Critique>();
    let plan = q.clone().filter(Critique::NOVEL.to(Novel::YEAR).eq(1815)).explain().await.unwrap();
    assert_eq!(missing(&plan), ["missing index: 'novels' is read from end to end, and the filter is on 'published'"]);
    let plan = q.clone().filter(Critique::NOVEL.to(Novel::AUTHOR).eq(1)).explain().await.unwrap();
    assert_eq!(missing(&plan), Vec::<&str>::new(), "{plan}");
    let plan = db.select::<Novel>().filter(Novel::PK.eq(Pk::of(1)) & Novel::AUTHOR.to(Writer::NAME).eq("x"));
    assert_eq!(missing(&plan.explain().await.unwrap()), Vec::<&str>::new());
    let plan = db.select::<Novel>().filter(Novel::LABELS.any(Label::WORD.eq("x"))).explain().await.unwrap();
    assert!(plan.lines().any(|l| l.starts_with("  ")), "steps are indented: {plan}");
    let plan = db.select::<Writer>().with_count(Writer::NOVELS, "n").explain().await.unwrap();
    assert_eq!(missing(&plan), Vec::<&str>::new(), "{plan}");
}
