//! `group_by`, `annotate` and the aggregates.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use sqliter_async::prelude::*;

use super::{Sale, day, refused, sales, shown};
use crate::support::on_both;

/// AGG-1, AGG-9
#[tokio::test]
async fn groups_and_then_aggregates_in_the_order_given() {
    let db = sales().await;
    let q = db
        .select::<Sale>()
        .filter(Sale::UNITS.gt(0))
        .group_by(Sale::CATEGORY)
        .annotate("total", func::sum(Sale::AMOUNT))
        .annotate("n", func::count())
        .having(alias("total").gt(5))
        .order(alias("total").desc());
    let rows = q.fetch_all().await.unwrap();
    assert_eq!(shown(&rows), ["category='tea' total=33 n=2", "category='ink' total=8 n=2"]);
    assert_eq!(rows, q.fetch_dicts().await.unwrap());
    assert_eq!(
        q.sql().unwrap().0,
        r#"SELECT "category", SUM("amount") AS "total", COUNT(*) AS "n" FROM "sales" WHERE "units" > ?1 GROUP BY "category" HAVING SUM("amount") > ?2 ORDER BY "total" DESC"#
    );
    // Limits are about groups.
    assert_eq!(shown(&q.clone().limit(1).offset(1).fetch_all().await.unwrap()), ["category='ink' total=8 n=2"]);
    assert_eq!(q.count().await.unwrap(), 2);
    assert_eq!(q.clone().offset(1).count().await.unwrap(), 1);
    assert!(!q.clone().offset(2).exists().await.unwrap());
    let by_field = q.clone().order("category").fetch_all().await.unwrap();
    assert_eq!(shown(&by_field)[0], "category='ink' total=8 n=2");
    for order in ["-n", "total"] {
        assert_eq!(q.clone().order((order, "-category")).fetch_all().await.unwrap().len(), 2);
    }
    assert_eq!(q.clone().order(func::sum(Sale::AMOUNT)).fetch_first().await.unwrap().unwrap(), rows[1]);
    assert_eq!(q.clone().order(func::max(Sale::DAY).desc()).count().await.unwrap(), 2);
}

/// AGG-2
#[tokio::test]
async fn aggregates_of_nothing() {
    on_both(async |db| {
        db.create_table::<Sale>().await.unwrap();
        let q = db.select::<Sale>();
        let all = q
            .clone()
            .annotate("n", func::count())
            .annotate("m", func::count_of(Sale::PRICE))
            .annotate("sum", func::sum(Sale::AMOUNT))
            .annotate("avg", func::avg(Sale::AMOUNT))
            .annotate("min", func::min(Sale::DAY))
            .annotate("max", func::max(Sale::CATEGORY));
        assert_eq!(shown(&all.fetch_all().await.unwrap()), ["n=0 m=0 sum=NULL avg=NULL min=NULL max=NULL"]);
        assert_eq!((all.count().await.unwrap(), all.exists().await.unwrap()), (1, true));
        assert_eq!(all.clone().group_by(Sale::UNITS).fetch_all().await.unwrap(), []);
        assert!(!all.group_by("units").exists().await.unwrap());
        assert_eq!(q.clone().only(func::count()).fetch_all().await.unwrap(), [0]);
        assert_eq!(q.clone().only(func::sum(Sale::UNITS)).fetch_one().await.unwrap(), Some(None));
        assert_eq!(q.clone().only(func::max(Sale::DAY)).fetch_first().await.unwrap(), Some(None));
        let tuple = q.fields((func::count(), func::avg(Sale::PRICE), func::min(Sale::CATEGORY)));
        assert_eq!(tuple.fetch_last().await.unwrap(), Some((0, None, None)));
        assert_eq!(tuple.clone().limit(0).fetch_last().await.unwrap(), None);
        assert_eq!(tuple.fetch_all().await.unwrap(), [(0, None, None)]);
        assert_eq!(tuple.page(1, 5).await.unwrap().total, 1);
    })
    .await;
}

/// AGG-3
#[tokio::test]
async fn groups_alone_are_the_distinct_ones_and_of_nothing_there_are_none() {
    let db = sales().await;
    let q = db.select::<Sale>().order(Sale::CATEGORY);
    let expected = ["category='ink'", "category='pen'", "category='tea'"];
    for grouped in [
        q.clone().group_by(Sale::CATEGORY),
        q.clone().group_by("category").group_by(Sale::CATEGORY),
        q.clone().group_by(("category", Sale::CATEGORY, String::from("category"))),
        q.clone().group_by(vec![Sale::CATEGORY, Sale::CATEGORY]),
        q.clone().group_by(["category"; 3]),
    ] {
        assert_eq!(shown(&grouped.fetch_all().await.unwrap()), expected);
        assert_eq!(grouped.count().await.unwrap(), 3);
    }
    let none: [&str; 0] = [];
    assert_eq!(q.clone().group_by(none).fetch_all().await.unwrap().len(), 5);
    assert_eq!(q.clone().group_by(none).having(None).count().await.unwrap(), 5);
    assert_eq!(q.clone().having(None::<Filter<Sale>>).fetch_all().await.unwrap().len(), 5);
    assert_eq!(
        q.group_by((Sale::CATEGORY, Sale::DAY.year())).sql().unwrap().0,
        r#"SELECT "category", CAST(strftime('%Y', "day") AS INTEGER) AS "column_2" FROM "sales" GROUP BY "category", CAST(strftime('%Y', "day") AS INTEGER) ORDER BY "category" ASC"#
    );
}

/// AGG-4
#[tokio::test]
async fn every_function_counts_values_and_distinct_ones() {
    let db = sales().await;
    let q = db.select::<Sale>();
    let counts = q.clone().fields((
        func::count(),
        func::count_of(Sale::PRICE),
        func::count_of(Sale::CATEGORY).distinct(),
        func::sum(Sale::AMOUNT).distinct(),
        func::avg(Sale::AMOUNT),
        func::avg(Sale::AMOUNT).distinct(),
        func::sum(Sale::UNITS),
        func::sum(Sale::PRICE),
        func::min(Sale::PRICE),
        func::max(Sale::UNITS),
        func::sum(Sale::AMOUNT * Sale::AMOUNT),
        func::count_of(Sale::DAY.year()).distinct(),
    ));
    let expected =
        (5, 3, 3, Some(47), Some(10.2), Some(11.75), Some(403), Some(7.5), Some(1.5), Some(200), Some(1041), 3);
    assert_eq!(counts.fetch_all().await.unwrap(), [expected]);
    let text = refused(q.clone().annotate("n", func::count().distinct()).fetch_all().await);
    assert!(text.starts_with("Aggregate alias 'n' uses DISTINCT with COUNT(*) which is not supported."), "{text}");
    refused(q.clone().only(func::count().distinct()).fetch_all().await);
    assert_eq!(
        q.annotate("n", func::sum(Sale::AMOUNT).distinct()).sql().unwrap().0,
        r#"SELECT SUM(DISTINCT "amount") AS "n" FROM "sales""#
    );
}

/// AGG-2, AGG-14
#[tokio::test]
async fn values_beside_aggregates_group_them() {
    let db = sales().await;
    let q = db.select::<Sale>().order(Sale::CATEGORY);
    let expected = [("ink".to_owned(), Some(8)), ("pen".to_owned(), Some(10)), ("tea".to_owned(), Some(33))];
    // An aggregate among the values puts rows together that agree in the others.
    let pairs = q.clone().fields((Sale::CATEGORY, func::sum(Sale::AMOUNT)));
    assert_eq!(pairs.fetch_all().await.unwrap(), expected);
    assert_eq!(pairs.count().await.unwrap(), 3);
    assert_eq!(pairs.page(2, 2).await.unwrap().items, expected[2..]);
    // Groups, and what is wanted of each.
    let pairs = q.clone().group_by(Sale::CATEGORY).fields((Sale::CATEGORY, func::sum(Sale::AMOUNT)));
    assert_eq!(pairs.fetch_all().await.unwrap(), expected);
    let totals = q.clone().group_by(Sale::CATEGORY).only(func::sum(Sale::AMOUNT));
    assert_eq!(totals.fetch_all().await.unwrap(), [Some(8), Some(10), Some(33)]);
    assert_eq!(totals.count().await.unwrap(), 3);
    let swapped = q.clone().group_by(Sale::CATEGORY).fields((func::count(), Sale::CATEGORY.upper()));
    assert_eq!(swapped.fetch_first().await.unwrap(), Some((2, "INK".to_owned())));
    let text = refused(q.clone().group_by(Sale::CATEGORY).fields((Sale::CATEGORY, Sale::AMOUNT)).fetch_all().await);
    assert!(text.contains("'amount'"), "{text}");
    // The fields are the groups of the annotations.
    for fields in [q.clone().fields(["category"]), q.clone().exclude((Sale::PK, "x")).fields(["category"])] {
        let rows = fields.annotate("n", func::count()).fetch_all().await.unwrap();
        assert_eq!(shown(&rows), ["category='ink' n=2", "category='pen' n=1", "category='tea' n=2"]);
    }
    let rows = q.clone().only(Sale::CATEGORY).annotate("n", func::count()).fetch_all().await.unwrap();
    assert_eq!(shown(&rows)[2], "category='tea' n=2");
    let rows = q.clone().exclude((Sale::DAY, Sale::PRICE)).annotate("n", func::count()).fetch_all().await.unwrap();
    assert_eq!(shown(&rows)[0], "pk=3 category='ink' amount=4 units=1 n=1");
    // `group_by` after `fields` says anew what the rows are.
    let rows = q.clone().fields(["day"]).group_by(Sale::CATEGORY).fetch_all().await.unwrap();
    assert_eq!(shown(&rows), ["category='ink'", "category='pen'", "category='tea'"]);
    // One row of many: the aggregate of one value is nothing to group by.
    assert_eq!(q.clone().only(func::max(Sale::AMOUNT)).fetch_first().await.unwrap(), Some(Some(30)));
    assert_eq!(q.clone().only(func::max(Sale::AMOUNT)).count().await.unwrap(), 1);
    assert_eq!(q.only(func::max(Sale::AMOUNT)).page(1, 10).await.unwrap().items, [Some(30)]);
}

#[derive(Debug, Clone, DbModel)]
struct Reading {
    pk: Pk<Self>,
    sensor: String,
    #[field(store = "seconds")]
    at: DateTime<Utc>,
    day: Option<NaiveDate>,
    #[field(store = "millis")]
    maybe: Option<DateTime<Utc>>,
    ok: bool,
    big: i64,
    tags: Vec<i64>,
}

async fn readings(db: &SqliterDb) -> [DateTime<Utc>; 3] {
    db.create_table::<Reading>().await.unwrap();
    let times = [1, 2, 3].map(|d| Utc.with_ymd_and_hms(2024, 1, d, 5, 0, 0).unwrap());
    for (i, at) in times.into_iter().enumerate() {
        let row =
            Reading::builder().sensor(if i == 1 { "b" } else { "a" }).at(at).ok(i == 0).big(i64::MAX).tags(vec![1]);
        row.maybe_day((i > 0).then(|| at.date_naive())).maybe(at).insert(db).await.unwrap();
    }
    times
}

/// AGG-5
#[tokio::test]
async fn aggregates_and_groups_are_decoded_by_their_columns() {
    for local in [true, false] {
        let db = SqliterDb::builder().memory().return_local_time(local).create().await.unwrap();
        let [first, second, third] = readings(&db).await;
        let q = db.select::<Reading>();
        let ends = q.clone().fields((func::min(Reading::AT), func::max(Reading::DAY), func::max(Reading::MAYBE)));
        assert_eq!(ends.fetch_all().await.unwrap(), [(Some(first), Some(third.date_naive()), Some(third))]);
        let by = q.clone().group_by(Reading::SENSOR).order(Reading::SENSOR);
        let last = by.clone().fields((Reading::SENSOR, func::max(Reading::AT), func::max(Reading::OK)));
        assert_eq!(
            last.fetch_all().await.unwrap(),
            [("a".to_owned(), Some(third), Some(true)), ("b".to_owned(), Some(second), Some(false))]
        );
        // What is compared with an annotation has its column's form.
        let since = by.clone().annotate("last", func::max(Reading::AT)).annotate("m", func::min(Reading::MAYBE));
        for (filter, sensors) in [
            (alias("last").gt(second), vec!["a"]),
            (alias("last").eq(third), vec!["a"]),
            (alias("last").lte(second), vec!["b"]),
            (alias("last").between([first, second]), vec!["b"]),
            (alias("m").is_in([first, third]), vec!["a"]),
            (lookup("m__gte", second), vec!["b"]),
            (alias("m").ne(second), vec!["a"]),
            (func::max(Reading::AT).lt(third), vec!["b"]),
        ] {
            let rows = since.clone().having(filter.clone()).only(Reading::SENSOR).fetch_all().await.unwrap();
            assert_eq!(rows, sensors, "{filter:?}");
        }
        let grouped = q.clone().group_by((Reading::AT, "day", Reading::TAGS)).order("at");
        let rows = grouped.fields((Reading::AT, Reading::DAY, Reading::TAGS)).fetch_all().await.unwrap();
        assert_eq!(rows[0], (first, None, Json(vec![1])));
        assert_eq!(rows.len(), 3);
    }
}

/// AGG-4, AGG-12
#[tokio::test]
async fn a_sum_that_overflows_is_an_error() {
    let db = SqliterDb::memory().await.unwrap();
    readings(&db).await;
    let q = db.select::<Reading>();
    for err in [
        q.clone().only(func::sum(Reading::BIG)).fetch_all().await.map(drop).unwrap_err(),
        q.clone().annotate("s", func::sum(Reading::BIG)).fetch_all().await.map(drop).unwrap_err(),
    ] {
        assert!(matches!(&err, Error::RecordFetch { .. }), "{err:?}");
        assert!(err.to_string().contains("integer overflow"), "{err}");
    }
    assert_eq!(q.clone().only(func::avg(Reading::BIG)).fetch_one().await.unwrap(), Some(Some(i64::MAX as f64)));
    assert_eq!(q.only(func::sum(Reading::BIG).distinct()).fetch_one().await.unwrap(), Some(Some(i64::MAX)));
    let missing = db.select::<Sale>().group_by(Sale::DAY).annotate("n", func::count());
    assert!(matches!(missing.fetch_all().await, Err(Error::RecordFetch { .. })));
}

/// AGG-6, AGG-7
#[tokio::test]
async fn names_of_annotations_are_checked() {
    let db = sales().await;
    let q = db.select::<Sale>();
    for (name, reason) in [
        ("", "Aggregate alias cannot be empty."),
        ("  \t", "Aggregate alias cannot be empty."),
        ("category", "Aggregate alias 'category' conflicts with model field 'category'."),
        (" pk ", "Aggregate alias 'pk' conflicts with model field 'pk'."),
        ("n", "Aggregate alias 'n' is already defined."),
        (" n ", "Aggregate alias 'n' is already defined."),
        ("N", "Aggregate alias 'N' is already defined."),
    ] {
        let wrong = q.clone().annotate("n", func::count()).annotate(name, func::count());
        assert_eq!(refused(wrong.fetch_all().await), reason);
        assert_eq!(refused(wrong.count().await), reason);
    }
    assert!(refused(q.clone().annotate("a\"b", func::count()).sql()).contains("a\"b"));
    assert_eq!(shown(&q.clone().annotate("  n ", func::count()).fetch_all().await.unwrap()), ["n=5"]);
    let odd = q.clone().group_by(Sale::CATEGORY).annotate("the 'n'; --", func::count());
    assert_eq!(odd.having(alias("the 'n'; --").gt(1)).order(alias("the 'n'; --")).fetch_all().await.unwrap().len(), 2);
    let text = refused(q.clone().group_by("zz").fetch_all().await);
    assert_eq!(text, "Cannot group by unknown field 'zz' on model Sale.");
    let text = refused(q.clone().group_by("categori").fetch_all().await);
    assert!(text.contains("Cannot group by unknown field 'categori' on model Sale"), "{text}");
    assert!(text.contains("did you mean 'category'?"), "{text}");
    // A value for each row beside one for each group.
    let rows = q.clone().annotate("double", Sale::AMOUNT * 2).order(alias("double").desc()).limit(1);
    assert_eq!(
        shown(&rows.fetch_all().await.unwrap()),
        ["pk=2 category='tea' amount=30 units=200 price=NULL day='2024-02-01' double=60"]
    );
    let rows = q.group_by("category").annotate("double", Sale::AMOUNT * 2).annotate("n", func::count());
    assert_eq!(
        shown(&rows.order(("category", "double")).fetch_all().await.unwrap()),
        [
            "category='ink' double=8 n=2",
            "category='pen' double=20 n=1",
            "category='tea' double=6 n=1",
            "category='tea' double=60 n=1"
        ]
    );
    assert_eq!(day(2024, 1, 1).to_string(), "2024-01-01");
}
