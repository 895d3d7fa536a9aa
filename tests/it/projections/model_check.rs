//! Random groups and counts, against the same in plain Rust.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use sqliter_async::prelude::*;

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Parent {
    pk: Pk<Self>,
    kind: String,
    size: i64,
    maybe: Option<i64>,
}

#[derive(Debug, Clone, DbModel)]
struct Child {
    pk: Pk<Self>,
    #[foreign_key(related_name = "children")]
    parent: ForeignKey<Parent>,
    weight: Option<i64>,
}

fn parent() -> impl Strategy<Value = Parent> {
    ("[abc\"']{0,2}", -3..4i64, of(-2..3i64)).prop_map(|(kind, size, maybe)| Parent {
        pk: Pk::unset(),
        kind,
        size,
        maybe,
    })
}

/// Which rows.
fn holds(condition: u8, v: i64, p: &Parent) -> bool {
    match condition {
        0 => true,
        1 => p.size > v,
        2 => p.maybe == Some(v),
        3 => p.maybe != Some(v),
        4 => p.kind.contains('a'),
        _ => p.maybe.is_none() || p.size < v,
    }
}

fn filter(condition: u8, v: i64) -> Filter<Parent> {
    match condition {
        0 => Filter::all([]),
        1 => Parent::SIZE.gt(v),
        2 => Parent::MAYBE.eq(v),
        3 => lookup("maybe__ne", v),
        4 => Parent::KIND.contains("a"),
        _ => Parent::MAYBE.is_null() | lookup("size__lt", v),
    }
}

fn key(by: u8, p: &Parent) -> Value {
    match by {
        0 => p.kind.clone().into(),
        1 => p.size.into(),
        _ => p.maybe.into(),
    }
}

/// What SQLite sorts by: `NULL`, numbers, text.
fn rank(v: &Value) -> (u8, i64, String) {
    match v {
        Value::Null => (0, 0, String::new()),
        Value::Int(v) => (1, *v * 1_000_000, String::new()),
        Value::Real(v) => (1, (*v * 1e6).round() as i64, String::new()),
        Value::Text(v) => (2, 0, v.clone()),
        Value::Blob(_) => (3, 0, String::new()),
    }
}

#[derive(Debug, Clone, DbModel)]
struct Person {
    pk: Pk<Self>,
    age: Option<i64>,
    #[many_to_many(symmetrical)]
    friends: ManyToMany<Self>,
    #[many_to_many(related_name = "people")]
    clubs: ManyToMany<Club>,
}

#[derive(Debug, Clone, DbModel)]
struct Club {
    pk: Pk<Self>,
    fee: i64,
}

fn aggregate(what: u8, rows: &[&Parent]) -> Value {
    let values: Vec<i64> = rows.iter().filter_map(|p| p.maybe).collect();
    let some = |v: Option<i64>| v.map_or(Value::Null, Value::Int);
    match what {
        0 => Value::Int(rows.len() as i64),
        1 => Value::Int(values.len() as i64),
        2 => some((!values.is_empty()).then(|| values.iter().sum())),
        3 => some(values.iter().min().copied()),
        4 => rows.iter().map(|p| Value::from(p.kind.clone())).max_by_key(rank).unwrap_or(Value::Null),
        5 => Value::Int(values.iter().collect::<BTreeSet<_>>().len() as i64),
        _ if values.is_empty() => Value::Null,
        _ => Value::Real(values.iter().sum::<i64>() as f64 / values.len() as f64),
    }
}

fn annotated(q: Query<Parent>, what: u8) -> Query<Parent, Dict> {
    match what {
        0 => q.annotate("x", func::count()),
        1 => q.annotate("x", func::count_of(Parent::MAYBE)),
        2 => q.annotate("x", func::sum(Parent::MAYBE)),
        3 => q.annotate("x", func::min(Parent::MAYBE)),
        4 => q.annotate("x", func::max(Parent::KIND)),
        5 => q.annotate("x", func::count_of(Parent::MAYBE).distinct()),
        _ => q.annotate("x", func::avg(Parent::MAYBE)),
    }
}

fn window<T: Clone>(rows: &[T], limit: i64, offset: i64) -> Vec<T> {
    let limit = if limit < 0 { usize::MAX } else { limit as usize };
    rows.iter().skip(offset as usize).take(limit).cloned().collect()
}

fn run(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
}

/// Four values of a person, and four counts.
type Counted = (((((Pk<Person>, Option<i64>, Option<i64>, Option<i64>), i64), i64), i64), i64);

/// What is known of a person: the key, the age, the friends, the clubs.
type Known = (i64, Option<i64>, BTreeSet<i64>, BTreeSet<i64>);

async fn people(db: &SqliterDb, ages: &[Option<i64>], links: &[(usize, usize)], clubs: &[(usize, i64)]) -> Vec<Known> {
    db.create_tables::<(Person, Club)>().await.unwrap();
    let rows = ages.iter().map(|age| Person::builder().maybe_age(*age).build().unwrap());
    let rows = db.bulk_insert(rows.collect::<Vec<_>>()).await.unwrap();
    let fees = (0..4).map(|fee| Club { pk: Pk::unset(), fee });
    let fees = db.bulk_insert(fees).await.unwrap();
    let mut known: Vec<Known> =
        rows.iter().map(|p| (p.pk.value().unwrap(), p.age, BTreeSet::new(), BTreeSet::new())).collect();
    for (a, b) in links.iter().map(|(a, b)| (a % ages.len(), b % ages.len())).filter(|(a, b)| a != b) {
        rows[a].friends.add(&rows[b]).await.unwrap();
        let (key_a, key_b) = (known[a].0, known[b].0);
        known[a].2.insert(key_b);
        known[b].2.insert(key_a);
    }
    for (person, fee) in clubs.iter().map(|(p, fee)| (p % ages.len(), *fee)) {
        rows[person].clubs.add(&fees[fee as usize]).await.unwrap();
        known[person].3.insert(fee);
    }
    known
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn groups_agree_with_plain_rust(
        rows in vec(parent(), 0..25),
        condition in 0..6u8, v in -2..3i64,
        by in 0..4u8, what in 0..7u8,
        having in of(-2..4i64),
        descending in any::<bool>(),
        limit in -1..5i64, offset in 0..3i64,
    ) {
        run(async {
            let db = SqliterDb::memory().await.unwrap();
            db.create_table::<Parent>().await.unwrap();
            let rows = db.bulk_insert(rows).await.unwrap();
            let mut groups: BTreeMap<_, (Value, Vec<&Parent>)> = BTreeMap::new();
            if by == 3 {
                groups.insert(rank(&Value::Null), (Value::Null, Vec::new()));
            }
            for row in rows.iter().filter(|p| holds(condition, v, p)) {
                let key = if by == 3 { Value::Null } else { key(by, row) };
                groups.entry(rank(&key)).or_insert((key, Vec::new())).1.push(row);
            }
            let mut expected: Vec<Vec<Value>> = groups
                .into_values()
                .map(|(key, rows)| if by == 3 { vec![aggregate(what, &rows)] } else { vec![key, aggregate(what, &rows)] })
                .filter(|row| having.is_none_or(|h| {
                    let x = row.last().unwrap();
                    *x != Value::Null && rank(x) > rank(&Value::Int(h))
                }))
                .collect();
            expected.sort_by_key(|row| (rank(row.last().unwrap()), rank(&row[0])));
            if descending {
                expected.reverse();
            }
            let q = db.select::<Parent>().filter(filter(condition, v));
            let q = match by {
                0 => annotated(q, what).group_by(Parent::KIND).order(("x", Parent::KIND)),
                1 => annotated(q, what).group_by("size").order((alias("x"), "size")),
                2 => annotated(q, what).group_by(Parent::MAYBE).order(("x", "maybe")),
                _ => annotated(q, what).order("x"),
            };
            let q = match by {
                _ if !descending => q,
                0 => q.order((alias("x").desc(), "-kind")),
                1 => q.order(("-x", Parent::SIZE.desc())),
                2 => q.order(("-x", Parent::MAYBE.desc())),
                _ => q.order("-x"),
            };
            let q = q.having(having.map(|h| alias("x").gt(h)));
            let values = |rows: Vec<Dict>| -> Vec<Vec<Value>> {
                rows.iter().map(|row| row.iter().map(|(_, v)| v.clone()).collect()).collect()
            };
            assert_eq!(q.count().await.unwrap() as usize, expected.len());
            assert_eq!(values(q.fetch_last().await.unwrap().into_iter().collect()), window(&expected, 1, expected.len() as i64 - 1));
            let page = q.page(2, 2).await.unwrap();
            assert_eq!((values(page.items), page.total as usize), (window(&expected, 2, 2), expected.len()));
            let q = q.limit(limit).offset(offset);
            let expected = window(&expected, limit, offset);
            assert_eq!(values(q.fetch_all().await.unwrap()), expected);
            assert_eq!(q.count().await.unwrap() as usize, expected.len());
            assert_eq!(q.exists().await.unwrap(), !expected.is_empty());
            assert_eq!(values(q.fetch_first().await.unwrap().into_iter().collect()), window(&expected, 1, 0));
        });
    }

    #[test]
    fn counts_agree_with_plain_rust(
        rows in vec((parent(), vec(of(-3..4i64), 0..4)), 0..12),
        condition in 0..6u8, v in -2..3i64,
        having in of(0..3i64),
        descending in any::<bool>(),
        limit in -1..4i64, offset in 0..3i64,
    ) {
        run(async {
            let db = SqliterDb::memory().await.unwrap();
            db.create_tables::<(Parent, Child)>().await.unwrap();
            let mut expected = Vec::new();
            for (parent, weights) in rows {
                let parent = db.insert(parent).await.unwrap();
                for weight in &weights {
                    Child::builder().parent(&parent).maybe_weight(*weight).insert(&db).await.unwrap();
                }
                let known: Vec<i64> = weights.iter().flatten().copied().collect();
                let sum = (!known.is_empty()).then(|| known.iter().sum::<i64>());
                let n = weights.len() as i64;
                if holds(condition, v, &parent) && having.is_none_or(|h| n > h) {
                    expected.push((parent, n, sum, known.into_iter().max()));
                }
            }
            expected.sort_by_key(|(p, n, ..)| (if descending { -n } else { *n }, p.pk.get()));
            let q = db.select::<Parent>().filter(filter(condition, v)).with_count(Parent::CHILDREN, "n");
            let q = q.having(having.map(|h| lookup("n__gt", h)));
            let order = if descending { alias("n").desc() } else { alias("n").asc() };
            let q = q.order((order, Parent::PK));
            let pairs = |rows: &[(Parent, i64, Option<i64>, Option<i64>)]| -> Vec<(Parent, i64)> {
                rows.iter().map(|(p, n, ..)| (p.clone(), *n)).collect()
            };
            assert_eq!(q.count().await.unwrap() as usize, expected.len());
            let page = q.page(1, 3).await.unwrap();
            assert_eq!((page.items, page.total as usize), (pairs(&window(&expected, 3, 0)), expected.len()));
            // Grouped, the counts are totals.
            let totals = q.clone().group_by(Parent::SIZE).annotate("rows", func::count()).having(None).fetch_all().await;
            let total: i64 = totals.unwrap().iter().map(|d| match d.value("n") { Some(Value::Int(n)) => *n, _ => 0 }).sum();
            if having.is_none() {
                assert_eq!(total, expected.iter().map(|(_, n, ..)| n).sum::<i64>());
            }
            let q = q.limit(limit).offset(offset);
            let expected = window(&expected, limit, offset);
            assert_eq!(q.fetch_all().await.unwrap(), pairs(&expected));
            assert_eq!(q.exists().await.unwrap(), !expected.is_empty());
            assert_eq!(q.fetch_first().await.unwrap(), pairs(&expected).into_iter().next());
            if limit >= 0 {
                assert_eq!(q.fetch_last().await.unwrap(), pairs(&expected).pop());
            }
            let sums = q.fields((Parent::PK, Parent::CHILDREN.to(Child::WEIGHT).sum(), Parent::CHILDREN.to(Child::WEIGHT).max()));
            let expected: Vec<_> = expected.into_iter().map(|(p, _, sum, max)| (p.pk, sum, max)).collect();
            assert_eq!(sums.fetch_all().await.unwrap(), expected);
        });
    }

    #[test]
    fn counts_over_many_to_many_agree_with_plain_rust(
        ages in vec(of(0..4i64), 1..8),
        links in vec((0..8usize, 0..8usize), 0..14),
        clubs in vec((0..8usize, 0..4i64), 0..14),
        more_than in of(0..3i64),
        size in 1..4i64,
    ) {
        run(async {
            let db = SqliterDb::memory().await.unwrap();
            let known = people(&db, &ages, &links, &clubs).await;
            let of = |key: &i64| known.iter().find(|k| k.0 == *key).unwrap();
            let mut rows: Vec<_> = known
                .iter()
                .map(|(key, age, friends, clubs)| {
                    let theirs: Vec<i64> = friends.iter().flat_map(|f| of(f).3.iter().copied()).collect();
                    let each: BTreeSet<_> = theirs.iter().copied().collect();
                    let fees = (!clubs.is_empty()).then(|| clubs.iter().sum::<i64>());
                    let oldest = friends.iter().filter_map(|f| of(f).1).max();
                    let counts = (friends.len() as i64, clubs.len() as i64, theirs.len() as i64, each.len() as i64);
                    (*key, *age, counts, fees, oldest)
                })
                .filter(|row| more_than.is_none_or(|n| row.2.0 > n))
                .collect();
            rows.sort_by_key(|row| (-row.2.2, row.0));
            let q = db
                .select::<Person>()
                .fields((Person::PK, Person::AGE, Person::CLUBS.to(Club::FEE).sum(), Person::FRIENDS.to(Person::AGE).max()))
                .with_count(Person::FRIENDS, "friends_n")
                .with_count(Person::CLUBS, "clubs_n")
                .with_count(Person::FRIENDS.to(Person::CLUBS), "theirs")
                .with_count(Person::FRIENDS.to(Person::CLUBS).distinct(), "each")
                .having(more_than.map(|n| alias("friends_n").gt(n)))
                .order(("-theirs", "pk"));
            let flat = |items: Vec<Counted>| -> Vec<_> {
                let row = |(((((pk, age, fees, oldest), a), b), c), d): Counted| {
                    (pk.value().unwrap(), age, (a, b, c, d), fees, oldest)
                };
                items.into_iter().map(row).collect()
            };
            assert_eq!(flat(q.fetch_all().await.unwrap()), rows);
            assert_eq!(q.count().await.unwrap() as usize, rows.len());
            // All pages together are all rows.
            let (mut paged, mut number) = (Vec::new(), 1);
            loop {
                let page = q.page(number, size).await.unwrap();
                assert_eq!(page.total as usize, rows.len());
                assert_eq!(page.pages, (rows.len() as i64 + size - 1) / size);
                if page.items.is_empty() {
                    break;
                }
                paged.extend(flat(page.items));
                number += 1;
            }
            assert_eq!(paged, rows);
            // By age: totals.
            let mut totals: BTreeMap<Option<i64>, (i64, i64, i64)> = BTreeMap::new();
            for (_, age, counts, ..) in rows.iter().filter(|_| more_than.is_none()) {
                let total = totals.entry(*age).or_default();
                *total = (total.0 + 1, total.1 + counts.0, total.2 + counts.2);
            }
            if more_than.is_none() {
                let by = db
                    .select::<Person>()
                    .group_by(Person::AGE)
                    .annotate("n", func::count())
                    .with_count(Person::FRIENDS, "f")
                    .with_count("friends__clubs", "c")
                    .order("age");
                let found: Vec<_> = by
                    .fetch_dicts()
                    .await
                    .unwrap()
                    .iter()
                    .map(|d| {
                        let get = |name| d.get::<i64>(name).unwrap();
                        (d.get::<Option<i64>>("age").unwrap(), (get("n"), get("f"), get("c")))
                    })
                    .collect();
                assert_eq!(found, totals.into_iter().collect::<Vec<_>>());
            }
        });
    }
}
