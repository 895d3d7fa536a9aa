//! Names that SQL, aliases and lookups could stumble over.

use sqliter_async::prelude::*;

use crate::support::{on_both, raw};

#[derive(Debug, Clone, DbModel)]
#[model(table = "odd \"table\"; --")]
struct Odd {
    #[pk(column = "the \"key\"")]
    pk: Pk<Self>,
    #[field(column = "select")]
    name: String,
    #[foreign_key(column = "order 'by'", related_name = "odds")]
    other: Option<ForeignKey<Self>>,
}

#[tokio::test]
async fn names_that_need_quotes() {
    on_both(async |db| {
        db.create_table::<Odd>().await.unwrap();
        let a = Odd::builder().name("a").insert(&db).await.unwrap();
        let b = Odd::builder().name("b").other(&a).insert(&db).await.unwrap();
        Odd::builder().name("c").other(&b).insert(&db).await.unwrap();
        let all = db.select::<Odd>();
        let far = Odd::OTHER.to(Odd::OTHER).to(Odd::NAME);
        let query = all.clone().select_related("other__other").filter(far.clone().eq("a")).order(far);
        let c = query.fetch_one().await.unwrap().unwrap();
        assert_eq!(c.other.unwrap().get().unwrap().other.as_ref().unwrap().get().unwrap().name, "a");
        let count = async |f: Filter<Odd>| all.clone().filter(f).count().await.unwrap();
        assert_eq!(count(Odd::ODDS.to(Odd::ODDS).to(Odd::NAME).eq("c")).await, 1);
        assert_eq!(count(lookup("odds__odds__select", "c") & lookup("other__isnull", true)).await, 1);
        assert_eq!(count(lookup("order 'by'__isnull", false) & lookup("other__the \"key\"__gte", 1)).await, 2);
        assert_eq!(count(Odd::ODDS.count().eq(1)).await, 2);
        assert_eq!(a.odds().fetch_all().await.unwrap()[0].name, "b");
        assert_eq!(
            all.clone().prefetch_related("odds__odds").fetch_all().await.unwrap()[0].odds().count().await.unwrap(),
            1
        );
        assert_eq!(all.update(Odd::NAME.set(Odd::OTHER.to(Odd::NAME).coalesce("none"))).await.unwrap(), 3);
        assert_eq!(
            raw(&db, r#"SELECT "select" FROM "odd ""table""; --" ORDER BY "the ""key""""#).await,
            ["none", "a", "b"]
        );
        assert_eq!(all.filter(Odd::OTHER.to(Odd::OTHER).is_not_null()).delete().await.unwrap(), 1);
    })
    .await;
}

/// A table with the name that a statement could have given to another.
macro_rules! aliased {
    ($($name:ident $table:literal;)*) => { $(
        #[derive(Debug, Clone, DbModel)]
        #[model(table = $table, timestamps = false)]
        struct $name {
            pk: Pk<Self>,
            #[field(default = 0)]
            t1: i64,
            #[foreign_key(related_name = "t0", column = "t2")]
            up: Option<ForeignKey<Self>>,
        }
        impl $name {
            async fn check() {
                let db = SqliterDb::memory().await.unwrap();
                db.create_table::<$name>().await.unwrap();
                let a = $name::builder().insert(&db).await.unwrap();
                let b = $name::builder().up(&a).insert(&db).await.unwrap();
                $name::builder().up(&b).insert(&db).await.unwrap();
                let all = db.select::<$name>();
                assert_eq!(all.update($name::T1.set($name::T0.to($name::T0).count() + $name::T1)).await.unwrap(), 3);
                assert_eq!(all.clone().order($name::PK).only($name::T1).fetch_all().await.unwrap(), [1, 0, 0]);
                assert_eq!(all.update($name::T1.set($name::T0.count() * 10)).await.unwrap(), 3);
                assert_eq!(all.clone().order($name::PK).only($name::T1).fetch_all().await.unwrap(), [10, 10, 0]);
                let far = all.clone().filter($name::UP.to($name::UP).to($name::T1).eq(10));
                assert_eq!(far.select_related("up__up").fetch_all().await.unwrap().len(), 1);
                let both = $name::T0.any($name::T0.any($name::T1.eq(0)));
                assert_eq!(all.clone().filter(both).order("-up__t1").limit(1).delete().await.map(drop).is_err(), true);
                assert_eq!(all.filter($name::T0.none(None::<Filter<$name>>)).delete().await.unwrap(), 1);
            }
        }
    )* };
}
aliased! {
    Zero "t0";
    One "t1";
    Two "T2";
    Three "t3";
}

#[tokio::test]
async fn tables_named_like_aliases() {
    Zero::check().await;
    One::check().await;
    Two::check().await;
    Three::check().await;
}

#[derive(Debug, Clone, DbModel)]
#[allow(non_snake_case, reason = "what is tested")]
struct Gauge {
    pk: Pk<Self>,
    name: String,
    year: i64,
    contains: String,
    #[field(column = "in")]
    within: i64,
    owner__name: String,
}

#[derive(Debug, Clone, DbModel)]
#[allow(non_snake_case, reason = "what is tested")]
struct Sample {
    pk: Pk<Self>,
    gauge: ForeignKey<Gauge>,
    /// Longer than a name that it begins with.
    #[foreign_key(related_name = "spares")]
    gauge_spare: Option<ForeignKey<Gauge>>,
    gauge__year: i64,
}

#[tokio::test]
async fn names_that_are_operators_or_have_underscores() {
    on_both(async |db| {
        db.create_tables::<(Sample, Gauge)>().await.unwrap();
        let gauge = Gauge::builder().name("g").year(7).contains("water").within(3).owner__name("Ann");
        let gauge = gauge.insert(&db).await.unwrap();
        Sample::builder().gauge(&gauge).gauge_spare(&gauge).gauge__year(1).insert(&db).await.unwrap();
        for (path, value) in [
            ("gauge__contains", Value::from("water")),
            ("gauge__contains__contains", "ate".into()),
            ("gauge__within", 3.into()),
            ("gauge__in", 3.into()),
            ("gauge__owner__name", "Ann".into()),
            ("gauge__owner__name__startswith", "A".into()),
            ("gauge_spare__name", "g".into()),
            ("gauge_spare__year", 7.into()),
            // A field of the model itself comes before a path.
            ("gauge__year", 1.into()),
            ("gauge__year__gte", 1.into()),
        ] {
            let found = db.select::<Sample>().filter(lookup(path, value)).count().await;
            assert_eq!(found.map_err(|e| format!("{path}: {e}")), Ok(1), "{path}");
        }
        assert_eq!(db.select::<Sample>().filter(lookup("gauge_id__in", [1])).count().await.unwrap(), 1);
        assert_eq!(db.select::<Gauge>().filter(lookup("samples__gauge__year", 1)).count().await.unwrap(), 1);
        assert_eq!(db.select::<Gauge>().filter(lookup("spares__gauge__contains", "water")).count().await.unwrap(), 1);
    })
    .await;
}
