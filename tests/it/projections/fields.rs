//! Some values of each row: `only`, `fields`, `exclude`, `fetch_dicts`.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use sqliter_async::prelude::*;
use uuid::Uuid;

use super::{Novel, Sale, Writer, library, refused, sales, shown};
use crate::support::{on_both, raw, raw_execute};

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
enum Mood {
    Good,
    VeryBad,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(table = "every thing \"here\"")]
struct Thing {
    pk: Pk<Self>,
    #[field(column = "a \"day\"")]
    day: NaiveDate,
    maybe: Option<NaiveDate>,
    at: DateTime<Utc>,
    #[field(store = "seconds")]
    seconds: DateTime<Utc>,
    #[field(store = "millis")]
    millis: Option<DateTime<Utc>>,
    mood: Mood,
    id: Uuid,
    flag: bool,
    tags: Vec<String>,
    #[field(default = 7)]
    kept: i64,
    created_at: i64,
}

async fn thing(db: &SqliterDb) -> Thing {
    db.create_table::<Thing>().await.unwrap();
    let at = Utc.with_ymd_and_hms(2024, 2, 29, 23, 59, 59).unwrap();
    Thing::builder()
        .day(at.date_naive())
        .at(at)
        .seconds(at)
        .millis(at)
        .mood(Mood::VeryBad)
        .id(Uuid::from_u128(7))
        .flag(true)
        .tags(vec!["é".to_owned(), "b".to_owned()])
        .kept(41)
        .insert(db)
        .await
        .unwrap()
}

/// FLD-1, FLD-6, FLD-7, FLD-8
#[tokio::test]
async fn partial_values_have_the_types_of_their_columns() {
    on_both(async |db| {
        let t = thing(&db).await;
        let all = db.select::<Thing>();
        let one: Vec<NaiveDate> = all.clone().only(Thing::DAY).fetch_all().await.unwrap();
        assert_eq!(one, [t.day]);
        let dates = all.clone().fields((Thing::MAYBE, Thing::AT, Thing::SECONDS, Thing::MILLIS, Thing::DAY));
        assert_eq!(dates.fetch_one().await.unwrap().unwrap(), (None, t.at, t.seconds, t.millis, t.day));
        let rest = all.clone().fields((Thing::MOOD, Thing::ID, Thing::FLAG, Thing::TAGS, Thing::PK));
        let (mood, id, flag, tags, pk): (Mood, Uuid, bool, Json<Vec<String>>, Pk<Thing>) =
            rest.fetch_first().await.unwrap().unwrap();
        assert_eq!((mood, id, flag, tags.0, pk), (t.mood, t.id, t.flag, t.tags.clone(), t.pk.clone()));
        assert_eq!(all.clone().only(Thing::MILLIS).fetch_last().await.unwrap(), Some(t.millis));
        // Expressions, too.
        let q =
            all.clone().fields((Thing::DAY.year(), Thing::KEPT + 1, Thing::MILLIS.coalesce(t.at), Thing::AT.date()));
        assert_eq!(q.fetch_one().await.unwrap().unwrap(), (2024, 42, t.at, t.day));
        assert_eq!(all.only(Thing::SECONDS).sql().unwrap().0, r#"SELECT "seconds" FROM "every thing ""here""""#);
    })
    .await;
}

/// FLD-2, CRUD-15
#[tokio::test]
async fn what_was_not_selected_is_not_there_and_nothing_partial_is_written_back() {
    let db = SqliterDb::memory().await.unwrap();
    let t = thing(&db).await;
    for rows in [
        db.select::<Thing>().fields(["mood", "flag"]).fetch_all().await.unwrap(),
        db.select::<Thing>().fields(vec!["mood".to_owned(), "flag".to_owned()]).fetch_all().await.unwrap(),
        db.select::<Thing>().fields(&["mood", "flag"][..]).fetch_all().await.unwrap(),
    ] {
        assert_eq!(shown(&rows), ["mood='very_bad' flag=1"]);
        assert_eq!(rows[0].value("kept"), None);
        assert_eq!(rows[0].value("created_at"), None);
    }
    // The row is what it was: a `Dict` or tuple is no row of the table.
    assert_eq!(db.select::<Thing>().fetch_all().await.unwrap(), [t]);
}

/// FLD-1, FLD-3
#[tokio::test]
async fn a_later_choice_replaces_an_earlier_one_and_nothing_is_everything() {
    let db = sales().await;
    let all = db.select::<Sale>().limit(1);
    let everything = "pk=1 category='tea' amount=3 units=200 price=1.5 day='2024-01-31'";
    let none: [&str; 0] = [];
    assert_eq!(shown(&all.clone().fields(none).fetch_all().await.unwrap()), [everything]);
    assert_eq!(shown(&all.clone().exclude(none).fetch_all().await.unwrap()), [everything]);
    assert_eq!(shown(&all.fetch_dicts().await.unwrap()), [everything]);
    let q = all.clone().fields(["amount"]).fields(["units"]);
    assert_eq!(shown(&q.fetch_all().await.unwrap()), ["units=200"]);
    let q = all.clone().only(Sale::AMOUNT).exclude(("pk_is_kept", "x")).exclude((Sale::PRICE, Sale::DAY, Sale::UNITS));
    assert_eq!(shown(&q.fetch_all().await.unwrap()), ["pk=1 category='tea' amount=3"]);
    assert_eq!(shown(&all.clone().exclude(["day"]).fields(["amount"]).fetch_all().await.unwrap()), ["amount=3"]);
    assert_eq!(all.clone().exclude(["day"]).only(Sale::AMOUNT).fetch_all().await.unwrap(), [3]);
    let rest = all.clone().exclude(vec!["category", "amount"]).exclude("day");
    assert_eq!(
        shown(&rest.fetch_all().await.unwrap()),
        ["pk=1 category='tea' amount=3 units=200 price=1.5"],
        "a second call replaces the first"
    );
    assert_eq!(rest.sql().unwrap().0, r#"SELECT "pk", "category", "amount", "units", "price" FROM "sales" LIMIT 1"#);
    // Twice the same, and more than the columns.
    let twice = all.clone().fields((Sale::AMOUNT, Sale::AMOUNT, Sale::AMOUNT * 2)).fetch_all().await.unwrap();
    assert_eq!(twice, [(3, 3, 6)]);
    assert_eq!(shown(&all.fields(["amount", "amount"]).fetch_all().await.unwrap()), ["amount=3 amount=3"]);
}

/// FLD-4
#[tokio::test]
async fn unknown_names_are_named() {
    let db = sales().await;
    let all = db.select::<Sale>();
    assert!(
        refused(all.clone().fields(["zz", "amount", "yy"]).fetch_all().await)
            .starts_with("Invalid fields specified: zz, yy")
    );
    let text = refused(all.clone().fields(["amuont"]).fetch_all().await);
    assert!(text.starts_with("Invalid fields specified: amuont"), "{text}");
    assert!(text.contains("did you mean 'amount'?"), "{text}");
    let text = refused(all.clone().exclude(["zz", "day", "yy"]).fetch_all().await);
    assert!(text.starts_with("Invalid fields specified for exclusion: zz, yy"), "{text}");
    let text = refused(all.clone().exclude("dayy").fetch_all().await);
    assert!(text.contains("did you mean 'day'?"), "{text}");
    let text = refused(all.clone().fields(["day__year"]).fetch_all().await);
    assert!(text.contains("day__year"), "{text}");
    // Every terminal says so.
    let wrong = all.fields(["zz"]);
    refused(wrong.count().await);
    refused(wrong.exists().await);
    refused(wrong.fetch_one().await);
    refused(wrong.fetch_first().await);
    refused(wrong.fetch_last().await);
    refused(wrong.fetch_dicts().await);
    refused(wrong.page(1, 1).await);
    refused(wrong.explain().await);
    refused(wrong.sql());
}

/// FLD-5
#[tokio::test]
async fn the_key_is_never_excluded() {
    let db = sales().await;
    let all = db.select::<Sale>();
    assert_eq!(refused(all.clone().exclude("pk").fetch_all().await), "The primary key 'pk' cannot be excluded.");
    assert_eq!(refused(all.clone().exclude((Sale::PK, Sale::DAY)).sql()), "The primary key 'pk' cannot be excluded.");
    let none = all.exclude(["category", "amount", "units", "price", "day"]);
    assert_eq!(refused(none.fetch_all().await), "Exclusion results in no fields being selected.");
}

/// FLD-10
#[tokio::test]
async fn what_would_be_loaded_for_whole_rows_is_left_out_of_parts() {
    let db = library().await;
    let all = db.select::<Novel>().select_related(Novel::AUTHOR).prefetch_related(Novel::LABELS).order(Novel::PK);
    let titles = all.clone().filter(Novel::AUTHOR.to(Writer::NAME).eq("Jane")).only(Novel::TITLE);
    assert_eq!(titles.fetch_all().await.unwrap(), ["Emma", "Sanditon"]);
    assert_eq!(shown(&all.clone().fields(["title"]).limit(1).fetch_all().await.unwrap()), ["title='Emma'"]);
    let row = "pk=1 title='Emma' published=1815 price=10.0 written_by=1 editor_id=NULL";
    assert_eq!(shown(&all.clone().limit(1).fetch_dicts().await.unwrap()), [row]);
    let none: [&str; 0] = [];
    assert_eq!(shown(&all.clone().limit(1).exclude(none).fetch_all().await.unwrap()), [row]);
    assert_eq!(
        shown(&all.clone().limit(1).annotate("double", Novel::PRICE * 2.0).fetch_all().await.unwrap()),
        [format!("{row} double=20.0")]
    );
    let pairs = all.clone().limit(1).annotate("double", Novel::PRICE * 2.0).with_count(Novel::CRITIQUES, "n");
    let (dict, n) = pairs.fetch_one().await.unwrap().unwrap();
    assert_eq!((shown(&[dict]), n), (vec![format!("{row} double=20.0 n=2")], 2));
    // A wrong path is wrong all the same.
    let err = db.select::<Novel>().select_related("autor").only(Novel::TITLE).fetch_all().await.unwrap_err();
    assert!(matches!(err, Error::InvalidRelationship { .. }), "{err:?}");
}

/// FLD-7
#[tokio::test]
async fn a_value_that_does_not_fit_is_an_error_that_names_the_column() {
    let db = SqliterDb::memory().await.unwrap();
    thing(&db).await;
    raw_execute(&db, r#"UPDATE "every thing ""here""" SET "a ""day""" = 'x', kept = '12', seconds = 'never'"#).await;
    assert_eq!(raw(&db, r#"SELECT typeof(kept) FROM "every thing ""here""""#).await, ["integer"]);
    assert_eq!(db.select::<Thing>().only(Thing::KEPT).fetch_all().await.unwrap(), [12]);
    for (err, column) in [
        (db.select::<Thing>().only(Thing::DAY).fetch_all().await.map(drop).unwrap_err(), "a \"day\""),
        (
            db.select::<Thing>().fields((Thing::KEPT, Thing::SECONDS)).fetch_one().await.map(drop).unwrap_err(),
            "seconds",
        ),
    ] {
        assert!(matches!(&err, Error::Decode { source, .. } if source.column.as_deref() == Some(column)), "{err:?}");
    }
    // A `Dict` takes what is there.
    let dicts = db.select::<Thing>().fields(["seconds", "day"]).fetch_all().await.unwrap();
    assert_eq!(shown(&dicts), ["seconds='never' day='x'"]);
}

#[tokio::test]
async fn equal_values_count_once() {
    let db = sales().await;
    let categories = db.select::<Sale>().only(Sale::CATEGORY).distinct();
    assert_eq!(categories.clone().order(Sale::CATEGORY).fetch_all().await.unwrap(), ["ink", "pen", "tea"]);
    assert_eq!(categories.count().await.unwrap(), 3);
    assert_eq!(categories.sql().unwrap().0, r#"SELECT DISTINCT "category" FROM "sales""#);
    let pairs = db.select::<Sale>().fields((Sale::CATEGORY, Sale::UNITS)).distinct().order("-category");
    let all = [("tea", 200), ("pen", 0), ("ink", 1), ("ink", 2)];
    assert_eq!(pairs.count().await.unwrap(), 4);
    let mut found = pairs.fetch_all().await.unwrap();
    found.sort_by_key(|(c, u)| (std::cmp::Reverse(c.clone()), *u));
    assert_eq!(found, all.map(|(c, u)| (c.to_owned(), u)));
    // Offsets skip distinct values, not rows.
    assert!(categories.clone().offset(2).exists().await.unwrap());
    assert!(!categories.clone().offset(3).exists().await.unwrap());
    assert_eq!(categories.clone().offset(1).count().await.unwrap(), 2);
    assert_eq!(categories.clone().limit(0).count().await.unwrap(), 0);
    assert_eq!(db.select::<Sale>().distinct().count().await.unwrap(), 5);
}
