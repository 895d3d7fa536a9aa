//! Parents with other keys than integers, in another crate, or not there.

use sqliter_async::prelude::*;
use sqliter_async::{ErrorKind, IntoKey};
use sqliter_tests::Account;
use uuid::Uuid;

use crate::support::{File, on_both, raw, raw_execute};

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Country {
    #[pk(column = "code")]
    pk: Pk<Self, String>,
    name: String,
    near: Option<ForeignKey<Self, String>>,
}

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Device {
    #[pk(default_with = Uuid::now_v7)]
    pk: Pk<Self, Uuid>,
    name: String,
    country: ForeignKey<Country, String>,
}

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Reading {
    pk: Pk<Self>,
    value: f64,
    device: ForeignKey<Device, Uuid>,
    #[foreign_key(related_name = "spare_for")]
    spare: Option<ForeignKey<Device, Uuid>>,
}

async fn devices(db: &SqliterDb) -> (Country, Device, Reading) {
    db.create_tables::<(Reading, Device, Country)>().await.unwrap();
    let fr = Country::builder().pk("fr").name("France").insert(db).await.unwrap();
    let de = Country::builder().pk("de").name("Germany").near(&fr).insert(db).await.unwrap();
    let a = Device::builder().name("a").country(&fr).insert(db).await.unwrap();
    let b = Device::builder().name("b").country("de").insert(db).await.unwrap();
    let first = Reading::builder().value(1.5).device(&a).insert(db).await.unwrap();
    Reading::builder().value(2.5).device(b.pk.get().unwrap()).spare(&a).insert(db).await.unwrap();
    (de, a, first)
}

#[tokio::test]
async fn keys_of_text_and_uuids() {
    on_both(async |db| {
        let (de, a, first) = devices(&db).await;
        let key = a.pk.get().unwrap();
        assert_eq!(first.device.key(), Some(key));
        assert_eq!(first.device.fetch().await.unwrap().country.fetch().await.unwrap().name, "France");
        assert_eq!(de.near.as_ref().unwrap().fetch().await.unwrap().name, "France");
        assert_eq!(de.devices().fetch_one().await.unwrap().unwrap().name, "b");
        assert_eq!(a.readings().count().await.unwrap(), 1);

        let all = db.select::<Reading>();
        let path = Reading::DEVICE.to(Device::COUNTRY).to(Country::NEAR);
        let read = all.clone().select_related(path.clone()).select_related(Reading::SPARE).order(Reading::PK);
        let read = read.fetch_all().await.unwrap();
        assert_eq!(read.len(), 2);
        let country = read[1].device.get().unwrap().country.get().unwrap();
        assert_eq!(
            (country.name.as_str(), country.near.as_ref().unwrap().get().unwrap().name.as_str()),
            ("Germany", "France")
        );
        assert_eq!(read[1].spare.as_ref().unwrap().get().unwrap().name, "a");

        for (filter, n) in [
            (Reading::DEVICE.eq(key), 1),
            (Reading::DEVICE.eq(&a), 1),
            (Reading::DEVICE.is_in([key, Uuid::now_v7()]), 1),
            (Reading::DEVICE.not_in([&a]), 1),
            (Reading::SPARE.eq(Some(first.device.clone())), 1),
            (Reading::SPARE.is_null(), 1),
            (Reading::DEVICE.to(Device::PK).eq(key), 1),
            (Reading::DEVICE.to(Device::COUNTRY).eq("fr"), 1),
            (Reading::DEVICE.to(Device::COUNTRY).is_in(["fr", "de"]), 2),
            (Reading::DEVICE.to(Device::COUNTRY).to(Country::PK).eq("fr"), 1),
            (Reading::DEVICE.to(Device::COUNTRY).to(Country::PK).starts_with("f"), 1),
            (path.clone().eq("fr"), 1),
            (path.clone().ne("fr"), 1),
            (path.clone().is_null(), 1),
            (path.to(Country::NAME).eq("France"), 1),
            (lookup("device", key), 1),
            (lookup("device__country", "fr"), 1),
            (lookup("device__country__startswith", "f"), 1),
            (lookup("device__country__near__code", "fr"), 1),
            (lookup("device__country__near__isnull", true), 1),
        ] {
            assert_eq!(all.clone().filter(filter.clone()).count().await.unwrap(), n, "{filter:?}");
        }
        let busy = db.select::<Country>().filter(Country::DEVICES.to(Device::READINGS).to(Reading::VALUE).gt(2));
        assert_eq!(busy.fetch_all().await.unwrap()[0].name, "Germany");
        let read =
            db.select::<Country>().prefetch_related("devices__readings").order("name").fetch_all().await.unwrap();
        let devices = read[0].devices().fetch_all().await.unwrap();
        assert_eq!(devices[0].readings().fetch_all().await.unwrap()[0].value, 1.5);
    })
    .await;
}

/// A row whose parent has a key that the caller gives: no key is an error before the file is asked.
#[tokio::test]
async fn a_missing_parent_of_text() {
    let db = SqliterDb::memory().await.unwrap();
    let (_, _, first) = devices(&db).await;
    let err = Device::builder().name("x").country("nowhere").insert(&db).await.unwrap_err();
    assert!(matches!(&err, Error::ForeignKeyConstraint { .. }), "{err:?}");
    raw_execute(&db, "PRAGMA foreign_keys = OFF; DELETE FROM devices; PRAGMA foreign_keys = ON").await;
    assert!(first.device.get().is_none());
    let err = first.device.fetch().await.unwrap_err();
    let key = first.device.key().unwrap().to_string();
    assert!(matches!(&err, Error::RecordNotFound { table, key: k } if table == "devices" && *k == key), "{err:?}");
}

#[derive(Debug, Clone, DbModel)]
struct Payment {
    pk: Pk<Self>,
    amount: i64,
    #[foreign_key(reverse_trait = "AccountPayments")]
    account: ForeignKey<Account>,
}

#[derive(Debug, Clone, DbModel)]
struct Refund {
    pk: Pk<Self>,
    #[foreign_key(no_reverse, unique)]
    account: ForeignKey<Account>,
    #[foreign_key(reverse_trait = "PaymentRefunds", related_name = "taken_back")]
    payment: ForeignKey<Payment>,
}

/// REG-1, REG-3, REV-1
#[tokio::test]
async fn a_parent_in_another_crate() {
    on_both(async |db| {
        db.create_tables::<(Refund, Payment, Account)>().await.unwrap();
        let ann = Account::builder().name("Ann").insert(&db).await.unwrap();
        let bob = Account::builder().name("Bob").insert(&db).await.unwrap();
        for amount in [10, 20, 30] {
            Payment::builder().amount(amount).account(&ann).insert(&db).await.unwrap();
        }
        let payment = db.get::<Payment>(1).await.unwrap().unwrap();
        Refund::builder().account(&ann).payment(&payment).insert(&db).await.unwrap();
        assert_eq!(ann.payments().filter(Payment::AMOUNT.gt(10)).count().await.unwrap(), 2);
        assert!(!bob.payments().exists().await.unwrap());
        assert_eq!(payment.taken_back().count().await.unwrap(), 1);
        assert_eq!(payment.account.fetch().await.unwrap().name, "Ann");

        let rich = db.select::<Account>().filter(Account::PAYMENTS.to(Payment::AMOUNT).gte(30));
        assert_eq!(rich.fetch_one().await.unwrap().unwrap().name, "Ann");
        let counted = db.select::<Account>().with_count(Account::PAYMENTS, "n").order("-n").fetch_all().await.unwrap();
        assert_eq!(counted.iter().map(|(a, n)| (a.name.as_str(), *n)).collect::<Vec<_>>(), [("Ann", 3), ("Bob", 0)]);
        let read =
            db.select::<Account>().prefetch_related("payments__taken_back").order("name").fetch_all().await.unwrap();
        let payments = read[0].payments().fetch_all().await.unwrap();
        assert_eq!(payments.len(), 3);
        assert_eq!(payments[0].taken_back().fetch_all().await.unwrap().len(), 1);
        assert!(read[1].payments().fetch_all().await.unwrap().is_empty());
        assert_eq!(db.select::<Account>().filter(lookup("payments__amount__lt", 15)).count().await.unwrap(), 1);
        let read = db.select::<Refund>().select_related("payment__account").fetch_all().await.unwrap();
        assert_eq!(read[0].payment.get().unwrap().account.get().unwrap().name, "Ann");
        // `no_reverse`: there is no way back by name either.
        let err = db.select::<Account>().filter(lookup("refunds__pk", 1)).count().await.unwrap_err();
        assert!(matches!(&err, Error::InvalidRelationship { segment, .. } if segment == "refunds"), "{err:?}");
    })
    .await;
}

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Orphan {
    pk: Pk<Self>,
    #[foreign_key(no_reverse)]
    account: Option<ForeignKey<Account>>,
}

/// TBL-28
#[tokio::test]
async fn the_table_of_a_parent_may_come_later() {
    on_both(async |db| {
        db.create_table::<Payment>().await.unwrap();
        let err = Payment::builder().amount(1).account(1).insert(&db).await.unwrap_err();
        assert!(matches!(&err, Error::RecordInsertion { .. }), "{err:?}");
        assert!(matches!(err.kind(), ErrorKind::NoSuchTable(table) if table.contains("accounts")));
        assert!(err.to_string().contains("accounts"), "{err}");
        db.create_table::<Account>().await.unwrap();
        let ann = Account::builder().name("Ann").insert(&db).await.unwrap();
        Payment::builder().amount(1).account(&ann).insert(&db).await.unwrap();
    })
    .await;
}

/// TBL-25, REG-2
#[derive(Debug, Clone, DbModel)]
struct Article {
    pk: Pk<Self>,
    title: String,
    topics: ManyToMany<Topic>,
}

#[derive(Debug, Clone, DbModel)]
struct Topic {
    pk: Pk<Self>,
    name: String,
}

/// TBL-25, REG-2
#[tokio::test]
async fn a_junction_comes_with_the_model_that_declares_it() {
    on_both(async |db| {
        db.create_table::<Topic>().await.unwrap();
        assert_eq!(db.table_names().await.unwrap(), ["topics"]);
        db.drop_table::<Topic>().await.unwrap();
        // Whatever is there already: the other table may come later, and creating again changes nothing.
        for _ in 0..3 {
            db.create_table::<Article>().await.unwrap();
        }
        db.create_table::<Topic>().await.unwrap();
        assert_eq!(db.table_names().await.unwrap(), ["articles", "articles_topics", "topics"]);
        let article = Article::builder().title("x").insert(&db).await.unwrap();
        let topic = Topic::builder().name("y").insert(&db).await.unwrap();
        article.topics.add(&topic).await.unwrap();
        db.create_table::<Article>().await.unwrap();
        assert_eq!(article.topics.count().await.unwrap(), 1);
        let indexes = raw(&db, "SELECT count(*) || '' FROM pragma_index_list('articles_topics') WHERE origin = 'c'").await;
        assert_eq!(indexes, ["2"]);
        let unique = raw(&db, "SELECT group_concat(i.name) FROM pragma_index_list('articles_topics') l, pragma_index_info(l.name) i WHERE l.\"unique\"").await;
        assert_eq!(unique, ["articles_pk,topics_pk"]);
        let actions = raw(&db, "SELECT on_delete FROM pragma_foreign_key_list('articles_topics')").await;
        assert_eq!(actions, ["CASCADE", "CASCADE"]);
    })
    .await;
}

/// TBL-26
#[tokio::test]
async fn a_junction_that_cannot_be_made() {
    let file = File::new();
    let db = file.open().await;
    raw_execute(&db, "CREATE VIEW articles_topics AS SELECT 1 AS articles_pk, 2 AS topics_pk").await;
    let err = db.create_table::<Article>().await.unwrap_err();
    assert!(matches!(&err, Error::TableCreation { .. } | Error::SqlExecution { .. }), "{err:?}");
    assert!(err.to_string().contains("articles_topics"), "{err}");
    // All or nothing.
    assert!(!db.table_names().await.unwrap().contains(&"articles".to_owned()));
}

#[test]
fn keys_are_keys_of_their_own_model() {
    fn key<M: DbModel>(_: impl IntoKey<M>) {}
    key::<Country>("fr");
    key::<Country>("fr".to_owned());
    key::<Device>(Uuid::now_v7());
    key::<Country>(ForeignKey::<Country, String>::from("fr"));
    key::<Country>(Option::<i64>::None.map_or_else(Pk::<Country, String>::unset, |_| Pk::of("x".to_owned())));
    let _ = Orphan::builder().account(1).build().unwrap();
}
