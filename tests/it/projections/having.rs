//! `having`: conditions on groups, aggregates and annotations.

use sqliter_async::prelude::*;
use tracing::level_filters::LevelFilter;

use super::{Novel, Sale, Writer, day, library, refused, sales};
use crate::support::Collector;

async fn categories(db: &SqliterDb, filter: Filter<Sale>) -> Result<Vec<String>> {
    db.select::<Sale>()
        .group_by((Sale::CATEGORY, "units"))
        .annotate("total", func::sum(Sale::AMOUNT))
        .annotate("price", func::max(Sale::DAY))
        .having(filter)
        .only(Sale::CATEGORY)
        .order((Sale::CATEGORY, Sale::UNITS))
        .fetch_all()
        .await
}

/// AGG-8
#[tokio::test]
async fn conditions_on_groups_and_aggregates() {
    let db = sales().await;
    let q = db
        .select::<Sale>()
        .group_by((Sale::CATEGORY, "units"))
        .annotate("total", func::sum(Sale::AMOUNT))
        .annotate("dear", func::max(Sale::PRICE))
        .annotate("last", func::max(Sale::DAY))
        .order(("category", "units"));
    // ink 1, ink 2, pen 0, tea 200
    for (filter, expected) in [
        (alias("total").eq(4), vec!["ink", "ink"]),
        (alias("total").ne(4), vec!["pen", "tea"]),
        (alias("total").gt(10), vec!["tea"]),
        (alias("total").gte(10), vec!["pen", "tea"]),
        (alias("total").lt(10), vec!["ink", "ink"]),
        (alias("total").lte(4.5), vec!["ink", "ink"]),
        (alias("total").is_in([33, 10]), vec!["pen", "tea"]),
        (alias("total").not_in([33, 10]), vec!["ink", "ink"]),
        (alias("total").is_in(Vec::<i64>::new()), vec![]),
        (alias("total").between([4, 10]), vec!["ink", "ink", "pen"]),
        (alias("dear").is_null(), vec!["pen"]),
        (alias("dear").eq(None::<f64>), vec!["pen"]),
        (alias("dear").is_not_null(), vec!["ink", "ink", "tea"]),
        (alias("dear").ne(2.0), vec!["ink", "pen", "tea"]),
        (alias("dear").not_in([2.0]), vec!["ink", "pen", "tea"]),
        (alias("last").gt(day(2024, 1, 1)), vec!["ink", "tea"]),
        (alias("last").starts_with("1969"), vec!["ink"]),
        (alias("last").like("%-02-%"), vec!["ink", "tea"]),
        (alias("last").contains("2023"), vec!["pen"]),
        (lookup("total__gt", 5) & lookup("category__startswith", "t"), vec!["tea"]),
        (lookup("total", 10) | lookup("units__in", [1, 200]), vec!["ink", "pen", "tea"]),
        (lookup("dear__isnull", true), vec!["pen"]),
        (!lookup("category__in", ["ink"]), vec!["pen", "tea"]),
        (Sale::CATEGORY.ne("ink") & alias("total").lt(20), vec!["pen"]),
        (Sale::CATEGORY.upper().eq("PEN"), vec!["pen"]),
        (func::count().gt(1), vec!["tea"]),
        (func::min(Sale::DAY).lt(day(2000, 1, 1)), vec!["ink"]),
        (func::avg(Sale::AMOUNT).between(10.0, 16.5), vec!["pen", "tea"]),
        (func::sum(Sale::PRICE).is_null(), vec!["pen"]),
        (func::count_of(Sale::PRICE).is_in([0]), vec!["pen"]),
        (func::max(Sale::CATEGORY).starts_with("p"), vec!["pen"]),
        (Filter::all([]), vec!["ink", "ink", "pen", "tea"]),
        (Filter::any([]), vec![]),
    ] {
        let q = q.clone().having(filter.clone());
        let rows = q.fetch_all().await.unwrap();
        let found: Vec<_> = rows.iter().map(|r| r[0].clone()).collect();
        assert_eq!(found, expected.iter().map(|e| Value::from(*e)).collect::<Vec<_>>(), "{filter:?}");
        assert_eq!(q.count().await.unwrap() as usize, found.len(), "{filter:?}");
        assert_eq!(q.exists().await.unwrap(), !found.is_empty(), "{filter:?}");
    }
    // All of several calls.
    let q = q.having(alias("total").gt(4)).having(lookup("category", "tea"));
    assert_eq!(q.count().await.unwrap(), 1);
}

/// AGG-8
#[tokio::test]
async fn conditions_on_what_a_group_has_many_of_are_refused() {
    let db = sales().await;
    for filter in [
        Sale::AMOUNT.gt(1),
        lookup("amount__gt", 1),
        lookup("zz", 1),
        lookup("zz__gt", 1),
        alias("later").gt(1),
        Sale::CATEGORY.eq("tea") & (alias("total").gt(1) | !Sale::PRICE.is_null()),
        (Sale::AMOUNT + 1).gt(1),
        Sale::DAY.year().gt(1),
    ] {
        let q = db.select::<Sale>().group_by(Sale::CATEGORY).annotate("total", func::sum(Sale::AMOUNT));
        let text = refused(q.having(filter).fetch_all().await);
        assert!(text.starts_with("HAVING field '"), "{text}");
        let rest = "' must be a grouped field or an aggregate alias. Aggregate aliases must be defined via annotate()/with_count()";
        assert!(text.contains(rest), "{text}");
    }
    // Parts of the date that is grouped by.
    let by_day = db.select::<Sale>().group_by(Sale::DAY).order("day");
    for filter in [Sale::DAY.year().eq(2024), lookup("day__year", 2024), lookup("day__year__gte", 2024)] {
        assert_eq!(by_day.clone().having(filter).count().await.unwrap(), 2);
    }
    for (filter, reason) in [
        (lookup("total__in", 1), "takes a list"),
        (lookup("total__gt", [1]), "list"),
        (lookup("category__contains", 1), "takes a string"),
        (lookup("units__startswith", "1"), "text columns"),
    ] {
        let q = db.select::<Sale>().group_by((Sale::CATEGORY, Sale::UNITS)).annotate("total", func::count());
        let err = q.having(filter).fetch_all().await.unwrap_err();
        assert!(matches!(err, Error::InvalidFilter { .. }), "{err:?}");
        assert!(err.to_string().contains(reason), "{err}");
    }
    let text = refused(categories(&db, alias("total").gt(0)).await);
    assert_eq!(text, "Aggregate alias 'price' conflicts with model field 'price'.");
}

/// AGG-8
#[tokio::test]
async fn having_needs_something_to_be_about() {
    let db = sales().await;
    let q = db.select::<Sale>().having(Sale::AMOUNT.gt(3));
    let reason = "having() requires projection mode. Use group_by/annotate.";
    assert_eq!(refused(q.fetch_all().await), reason);
    assert_eq!(refused(q.fetch_dicts().await), reason);
    assert_eq!(refused(q.count().await), reason);
    assert_eq!(refused(q.exists().await), reason);
    assert_eq!(refused(q.fetch_last().await), reason);
    assert_eq!(refused(q.page(1, 1).await), reason);
    assert_eq!(refused(q.clone().only(Sale::AMOUNT).fetch_all().await), reason);
    // Above all nothing is written as if it were not there.
    assert_eq!(refused(q.delete().await), reason);
    assert_eq!(refused(q.update(Sale::AMOUNT.set(0)).await), reason);
    assert_eq!(refused(q.clone().limit(1).delete().await), reason);
    assert_eq!(db.select::<Sale>().filter(Sale::AMOUNT.gt(0)).count().await.unwrap(), 5);
    // One group of all rows.
    let q = db.select::<Sale>().annotate("n", func::count());
    assert_eq!(q.clone().having(alias("n").gt(4)).fetch_all().await.unwrap().len(), 1);
    assert_eq!(q.clone().having(alias("n").gt(5)).fetch_all().await.unwrap().len(), 0);
    assert!(!q.having(alias("n").gt(5)).exists().await.unwrap());
}

/// AGG-16, AGG-8
#[tokio::test]
async fn having_without_groups_is_about_rows() {
    let db = library().await;
    let q = db.select::<Writer>().with_count(Writer::NOVELS, "n").order(Writer::PK);
    let names = async |filter: Filter<Writer>| -> Result<Vec<String>> {
        Ok(q.clone().having(filter).fetch_all().await?.into_iter().map(|(w, _)| w.name).collect())
    };
    for (filter, expected) in [
        (alias("n").gt(0), vec!["Jane", "John"]),
        (alias("n").gt(0) & Writer::NAME.ne("John"), vec!["Jane"]),
        (lookup("n", 0), vec!["Kim"]),
        (lookup("n__gte", 1) & lookup("name__icontains", "O"), vec!["John"]),
        (lookup("mentor__name", "Jane") | lookup("n", 2), vec!["Jane", "John"]),
        (lookup("novels__title", "Ring"), vec!["John"]),
        (Writer::NOVELS.any(Novel::PRICE.gt(11.0)), vec!["John"]),
    ] {
        assert_eq!(names(filter.clone()).await.unwrap(), expected, "{filter:?}");
    }
    let text = refused(names(alias("m").gt(1)).await);
    assert!(text.starts_with("HAVING field 'm' must be a grouped field or an aggregate alias."), "{text}");
    let text = refused(names(lookup("zz", 1)).await);
    assert!(text.starts_with("HAVING field 'zz' must be"), "{text}");
}

/// AGG-9
#[tokio::test]
async fn aggregates_are_about_groups_alone() {
    let db = sales().await;
    let q = db.select::<Sale>();
    let order = q.clone().order(func::max(Sale::AMOUNT));
    for err in [
        order.fetch_all().await.map(drop).unwrap_err(),
        order.fetch_last().await.map(drop).unwrap_err(),
        order.count().await.map(drop).unwrap_err(),
        order.clone().limit(2).delete().await.map(drop).unwrap_err(),
        order.clone().limit(2).update(Sale::AMOUNT.set(0)).await.map(drop).unwrap_err(),
        order.clone().only(Sale::AMOUNT).fetch_all().await.map(drop).unwrap_err(),
    ] {
        assert!(matches!(&err, Error::InvalidOrder(_)), "{err:?}");
        assert!(err.to_string().contains("group_by"), "{err}");
    }
    assert_eq!(q.count().await.unwrap(), 5);
    for wrong in [q.clone().filter(func::count().gt(1)), q.clone().filter(func::count().gt(1)).limit(1)] {
        assert!(wrong.fetch_all().await.is_err());
        assert!(wrong.delete().await.is_err());
    }
    let doubled = q.clone().annotate("double", Sale::AMOUNT * 2).having(func::count().gt(1));
    assert_eq!(refused(doubled.fetch_all().await), "having() on an aggregate needs groups. Use group_by/annotate.");
    // An expression of a group's one value and its aggregates.
    let by = q.clone().group_by(Sale::UNITS).order(Sale::UNITS);
    let sum = || sqliter_async::Expr::from(func::sum(Sale::AMOUNT)).coalesce(0);
    assert_eq!(by.clone().only(sum() + 1).fetch_all().await.unwrap(), [11, 5, 5, 34]);
    let text = refused(by.annotate("off", sum() - Sale::AMOUNT).fetch_all().await);
    assert!(text.contains("'amount'"), "{text}");
    // `filter` is about fields and relations, whatever annotations are called.
    let db = library().await;
    let q = db.select::<Writer>().with_count(Writer::NOVELS, "novels").filter(lookup("novels__isnull", false));
    let q = q.filter(lookup("name", "Jane") | lookup("name", "Kim"));
    assert_eq!(q.clone().having(lookup("novels__gte", 0)).count().await.unwrap(), 1);
    assert_eq!(q.having(lookup("novels", 0) | lookup("novels", 2)).count().await.unwrap(), 1);
}

#[derive(Debug, Clone, DbModel)]
struct Vault {
    pk: Pk<Self>,
    owner: String,
    #[field(redact)]
    secret: String,
    #[field(redact)]
    codes: Vec<String>,
}

/// LOG-3
#[tokio::test]
async fn secrets_in_conditions_on_groups_stay_out_of_the_log() {
    let collector = Collector::new(LevelFilter::TRACE);
    let _guard = tracing::subscriber::set_default(collector.clone());
    let builder = SqliterDb::builder().memory().debug(true).execution(sqliter_async::Execution::Inline);
    let db = builder.create().await.unwrap();
    db.create_table::<Vault>().await.unwrap();
    let by = db.select::<Vault>().group_by(Vault::OWNER).annotate("best", func::max(Vault::SECRET));
    for filter in [
        alias("best").eq("hunter2"),
        alias("best").is_in(["hunter2", "x"]),
        alias("best").is_in(vec!["hunter2"; 300]),
        alias("best").starts_with("hunter"),
        alias("best").like("hunter%"),
        lookup("best__icontains", "hunter2"),
        alias("best").between(["hunter2", "hunter3"]),
        func::max(Vault::SECRET).eq("hunter2"),
        func::min(Vault::SECRET.lower()).ne("hunter2"),
    ] {
        by.clone().having(filter).fetch_all().await.unwrap();
    }
    let q = db.select::<Vault>();
    q.clone().annotate("s", Vault::SECRET.coalesce("hunter2")).having(alias("s").eq("hunter2")).count().await.unwrap();
    q.clone().filter(Vault::CODES.contains_any(["hunter2"])).only(Vault::OWNER).fetch_all().await.unwrap();
    q.clone().filter(Vault::CODES.contains_all(["hunter2", "hunter3"])).count().await.unwrap();
    q.clone().filter(Vault::CODES.path::<String>("[0]").eq("hunter2")).count().await.unwrap();
    q.filter(lookup("codes__contains_any", ["hunter2"])).explain().await.unwrap();
    let lines = collector.lines();
    assert!(lines.iter().filter(|(_, l)| l.contains("<redacted>")).count() >= 14, "{lines:#?}");
    for (_, line) in lines {
        assert!(!line.contains("hunter"), "{line}");
    }
}

/// The rows of a subquery have names of their own, whatever the annotations are called.
#[tokio::test]
async fn names_inside_a_subquery_are_those_of_its_rows() {
    let db = library().await;
    let names = |filter| {
        let q = db.select::<Novel>().annotate("word", Novel::TITLE.lower()).having(filter).order("title");
        async move {
            q.fetch_all().await.unwrap().into_iter().map(|n| n.get::<String>("title").unwrap()).collect::<Vec<_>>()
        }
    };
    assert_eq!(names(Novel::LABELS.any(lookup("word", "old"))).await, ["Emma", "Sanditon"]);
    assert_eq!(names(Novel::LABELS.any(lookup("word", "love"))).await, ["Emma"]);
    assert_eq!(names(Novel::LABELS.any(lookup("word", "love")) & lookup("word", "emma")).await, ["Emma"]);
}
