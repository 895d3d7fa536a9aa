//! Values of every type in aggregates, groups and orders.

use rust_decimal::Decimal;
use sqliter_async::prelude::*;
use sqliter_async::{Ordered, Summable};
use uuid::Uuid;

use super::refused;
use crate::support::on_both;

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
enum Grade {
    Good,
    VeryBad,
}

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
#[db_enum(integer)]
enum Level {
    Low = -1,
    High = 7,
}
impl Ordered for Level {}

/// Whole cents.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Money(i64);

impl DbType for Money {
    const SQL_TYPE: sqliter_async::SqlType = sqliter_async::SqlType::Integer;

    fn encode(&self) -> std::result::Result<sqliter_async::Encoded<'_>, sqliter_async::EncodeError> {
        Ok(sqliter_async::Encoded::Int(self.0))
    }

    fn decode(value: sqliter_async::ValueRef<'_>) -> std::result::Result<Self, sqliter_async::DecodeError> {
        i64::decode(value).map(Money)
    }
}
impl Ordered for Money {}
impl sqliter_async::Number for Money {}
impl Summable for Money {
    type Sum = Money;
}

#[derive(Debug, Clone, DbModel)]
struct Mixed {
    pk: Pk<Self>,
    kind: String,
    grade: Grade,
    level: Option<Level>,
    price: Decimal,
    fee: Money,
    flag: Option<bool>,
    id: Uuid,
    at: Option<chrono::NaiveTime>,
    ratio: f32,
}

/// AGG-5: each value in the type of its column, in tuples and in structs.
#[tokio::test]
async fn aggregates_of_every_type_come_back_as_it() {
    #[derive(Debug, PartialEq, DbProjection)]
    struct Summary {
        kind: String,
        level: Option<Level>,
        fees: Option<Money>,
        any: Option<bool>,
        prices: i64,
    }
    on_both(async |db| {
        db.create_table::<Mixed>().await.unwrap();
        for (i, (kind, grade, level, price, flag)) in [
            ("a", Grade::Good, Some(Level::Low), "1.50", Some(true)),
            ("a", Grade::VeryBad, Some(Level::High), "1.5", None),
            ("a", Grade::Good, None, "10", Some(false)),
            ("b", Grade::Good, None, "-3", None),
        ]
        .into_iter()
        .enumerate()
        {
            let row =
                Mixed::builder().kind(kind).grade(grade).maybe_level(level).price(price.parse::<Decimal>().unwrap());
            let row = row.fee(Money(i as i64)).maybe_flag(flag).id(Uuid::from_u128(i as u128)).ratio(0.5);
            row.maybe_at((i > 0).then(|| chrono::NaiveTime::from_hms_opt(i as u32, 0, 0).unwrap()))
                .insert(&db)
                .await
                .unwrap();
        }
        let q = db.select::<Mixed>().group_by(Mixed::KIND).order(Mixed::KIND);
        let rows = q
            .clone()
            .fields((
                func::max(Mixed::LEVEL),
                func::sum(Mixed::FEE),
                func::min(Mixed::FLAG),
                func::max(Mixed::ID),
                func::max(Mixed::AT),
                func::count_of(Mixed::PRICE).distinct(),
                func::sum(Mixed::RATIO),
                func::avg(Mixed::RATIO),
                func::max(Mixed::FEE),
            ))
            .fetch_all()
            .await
            .unwrap();
        let time = |h| chrono::NaiveTime::from_hms_opt(h, 0, 0);
        assert_eq!(
            rows[0],
            (
                Some(Level::High),
                Some(Money(3)),
                Some(false),
                Some(Uuid::from_u128(2)),
                time(2),
                2,
                Some(1.5),
                Some(0.5),
                Some(Money(2))
            )
        );
        assert_eq!((rows[1].0, rows[1].1, rows[1].2, rows[1].4), (None, Some(Money(3)), None, time(3)));
        let structs = q.clone().annotate("level ", func::count()).fetch_as::<Summary>().await;
        refused(structs);
        let q = db.select::<Mixed>().group_by(Mixed::KIND).order("kind");
        let q = q.annotate("fees", func::sum(Mixed::FEE)).annotate("any", func::max(Mixed::FLAG));
        let q = q.annotate("prices", func::count_of(Mixed::PRICE));
        #[derive(Debug, PartialEq, DbProjection)]
        struct Short {
            kind: String,
            fees: Option<Money>,
            any: Option<bool>,
            prices: i64,
        }
        let short = q.fetch_as::<Short>().await.unwrap();
        assert_eq!(short[0], Short { kind: "a".into(), fees: Some(Money(3)), any: Some(true), prices: 3 });
        let dicts = q.fetch_all().await.unwrap();
        assert_eq!(
            (dicts[0].get::<Money>("fees").unwrap(), dicts[1].get::<Option<bool>>("any").unwrap()),
            (Money(3), None)
        );
        // Equal decimals are one group, enums and what may be missing too.
        let by = db.select::<Mixed>().fields((Mixed::PRICE, func::count())).having(func::count().gt(1));
        assert_eq!(by.fetch_all().await.unwrap(), [("1.5".parse::<Decimal>().unwrap(), 2)]);
        let by = db.select::<Mixed>().fields((Mixed::GRADE, func::count())).order(func::count());
        assert_eq!(by.fetch_all().await.unwrap(), [(Grade::VeryBad, 1), (Grade::Good, 3)]);
        let by = db.select::<Mixed>().fields((Mixed::LEVEL, Mixed::FLAG, func::count())).order(Mixed::LEVEL);
        assert_eq!(by.fetch_all().await.unwrap().len(), 4);
        let having =
            db.select::<Mixed>().group_by(Mixed::GRADE).having(Mixed::GRADE.ne(Grade::Good)).only(Mixed::GRADE);
        assert_eq!(having.fetch_all().await.unwrap(), [Grade::VeryBad]);
        let having = db.select::<Mixed>().group_by(Mixed::KIND).having(func::max(Mixed::LEVEL).eq(Level::High));
        assert_eq!(having.count().await.unwrap(), 1);
    })
    .await;
}

/// Exact decimals are text in the file: their order is that of numbers all the same.
#[tokio::test]
async fn decimals_sort_and_compare_as_numbers() {
    #[derive(Debug, Clone, DbModel)]
    struct Owner {
        pk: Pk<Self>,
        least: Option<Decimal>,
    }
    #[derive(Debug, Clone, DbModel)]
    struct Item {
        pk: Pk<Self>,
        price: Decimal,
        #[foreign_key(related_name = "items")]
        owner: ForeignKey<Owner>,
    }
    fn of(text: &str) -> Decimal {
        text.parse().unwrap()
    }
    on_both(async |db| {
        db.create_tables::<(Owner, Item)>().await.unwrap();
        let owners = [Some(of("9")), None].map(|least| Owner { pk: Pk::unset(), least });
        let owners = db.bulk_insert(owners).await.unwrap();
        let sorted = ["-100", "-9.5", "-9.45", "0", "0.05", "9.4", "10", "100.01", "79228162514264337593543950335"];
        for (i, price) in ["10", "9.4", "100.01", "-9.5", "0", "-100", "-9.45", "0.05", sorted[8]].iter().enumerate() {
            Item::builder().price(of(price)).owner(&owners[i % 2]).insert(&db).await.unwrap();
        }
        let q = db.select::<Item>().only(Item::PRICE);
        let prices = async |q: &Query<Item, Decimal>| -> Vec<String> {
            q.fetch_all().await.unwrap().iter().map(Decimal::to_string).collect()
        };
        assert_eq!(prices(&q.clone().order(Item::PRICE)).await, sorted);
        assert_eq!(prices(&q.clone().order("price").limit(2)).await, sorted[..2]);
        assert_eq!(q.clone().order("-price").fetch_first().await.unwrap().unwrap(), Decimal::MAX);
        assert_eq!(q.clone().order(Item::PRICE).fetch_last().await.unwrap().unwrap(), Decimal::MAX);
        for (filter, n) in [
            (Item::PRICE.gt(of("9.4")), 3),
            (Item::PRICE.gte(of("9.40")), 4),
            (Item::PRICE.lt(of("-9.45")), 2),
            (Item::PRICE.between(of("-9.5"), of("10")), 6),
            (Item::PRICE.eq(of("10.0")), 1),
            (lookup("price__gt", "9.4"), 3),
            (lookup("price__lte", 0), 4),
            (lookup("price__between", ["-9.5", "10"]), 6),
            (lookup("price__gt", 9.45), 3),
            (Item::OWNER.to(Owner::LEAST).gte(Item::PRICE), 2),
            (Item::PRICE.gt(Item::OWNER.to(Owner::LEAST)), 3),
        ] {
            assert_eq!(db.select::<Item>().filter(filter.clone()).count().await.unwrap(), n, "{filter:?}");
        }
        let ends = db.select::<Item>().fields((func::min(Item::PRICE), func::max(Item::PRICE)));
        assert_eq!(ends.fetch_one().await.unwrap(), Some((Some(of("-100")), Some(Decimal::MAX))));
        let by = db.select::<Item>().group_by(Item::OWNER).annotate("top", func::max(Item::PRICE));
        let by = by.annotate("low", func::min(Item::PRICE)).order("top");
        let rows = by.fetch_all().await.unwrap();
        let tops: Vec<Decimal> = rows.iter().map(|r| r.get("top").unwrap()).collect();
        assert_eq!((tops, rows[0].get::<Decimal>("low").unwrap()), (vec![of("9.4"), Decimal::MAX], of("-100")));
        assert_eq!(by.clone().having(alias("top").gt(of("9.5").to_string())).count().await.unwrap(), 1);
        assert_eq!(by.clone().having(func::min(Item::PRICE).lt(of("-99"))).count().await.unwrap(), 1);
        // Over relations, and where there is none.
        let tops = db.select::<Owner>().order(Owner::ITEMS.to(Item::PRICE).max().desc());
        let tops = tops.fields((Owner::ITEMS.to(Item::PRICE).max(), Owner::LEAST.coalesce(of("3"))));
        assert_eq!(tops.fetch_all().await.unwrap(), [(Some(Decimal::MAX), of("9")), (Some(of("9.4")), of("3"))]);
        let some = db.select::<Owner>().filter(Owner::ITEMS.to(Item::PRICE).lt(of("-99")));
        assert_eq!(some.only(Owner::PK).fetch_all().await.unwrap(), [owners[1].pk.clone()]);
        assert_eq!(db.select::<Owner>().only(func::max(Owner::LEAST)).fetch_one().await.unwrap(), Some(Some(of("9"))));
        let none = db.select::<Item>().filter(Filter::any([])).only(func::max(Item::PRICE));
        assert_eq!(none.fetch_one().await.unwrap(), Some(None));
        // A number that comes as text or float is the same number.
        for (filter, n) in [
            (lookup("price", "9.400"), 1),
            (lookup("price", 9.4), 1),
            (lookup("price__in", ["+10.0", "0.050"]), 2),
            (lookup("price__ne", "0.0"), 8),
        ] {
            assert_eq!(db.select::<Item>().filter(filter.clone()).count().await.unwrap(), n, "{filter:?}");
        }
        assert_eq!(db.select::<Owner>().filter(lookup("items__price", "10.00")).count().await.unwrap(), 1);
        db.select::<Owner>().filter(Owner::LEAST.eq(of("9"))).update(assign("least", "9.50")).await.unwrap();
        assert_eq!(db.select::<Owner>().filter(Owner::LEAST.eq(of("9.5"))).count().await.unwrap(), 1);
        // Writes take the same conditions and orders.
        assert_eq!(db.select::<Item>().filter(Item::PRICE.gt(of("9.4"))).delete().await.unwrap(), 3);
        assert_eq!(db.select::<Item>().order(Item::PRICE).limit(1).delete().await.unwrap(), 1);
        assert_eq!(prices(&q.order(Item::PRICE)).await, sorted[1..6]);
    })
    .await;
}
