//! Links: writing them from both sides, and reading what is linked.

use sqliter_async::prelude::*;
use uuid::Uuid;

use super::{Author, Book, Tag, library, names, titles};
use crate::support::{on_both, raw, raw_execute};

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_countries", database = "linked")]
struct Country {
    pk: Pk<Self, String>,
    languages: ManyToMany<Language>,
    devices: ManyToMany<Device>,
    allies: ManyToMany<City>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_languages", database = "linked")]
struct Language {
    pk: Pk<Self, String>,
    speakers: i64,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_devices", database = "linked")]
struct Device {
    pk: Pk<Self, Uuid>,
    name: String,
    #[many_to_many(symmetrical)]
    peers: ManyToMany<Self>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_cities", database = "linked")]
struct City {
    pk: Pk<Self>,
    name: String,
}

/// Keys and columns with names of their own.
#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_Orders", database = "linked", rename_all = "camelCase")]
struct Order {
    #[pk(column = "order id")]
    pk: Pk<Self>,
    first_item: String,
    sold_items: ManyToMany<Item>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_items", database = "linked")]
struct Item {
    #[pk(column = "select")]
    pk: Pk<Self>,
    #[field(column = "group")]
    name: String,
}

/// The target's table sorts before the owner's.
#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_zebras", database = "linked")]
struct Zebra {
    pk: Pk<Self>,
    name: String,
    ants: ManyToMany<Ant>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_ants", database = "linked")]
struct Ant {
    pk: Pk<Self>,
    name: String,
}

async fn book(db: &SqliterDb, title: &str) -> Book {
    db.select::<Book>().filter(Book::TITLE.eq(title)).fetch_one().await.unwrap().unwrap()
}

async fn tag(db: &SqliterDb, name: &str) -> Tag {
    db.select::<Tag>().filter(Tag::NAME.eq(name)).fetch_one().await.unwrap().unwrap()
}

/// M2M-1
#[tokio::test]
async fn the_field_is_no_column_and_no_part_of_a_value() {
    #[derive(Debug, Clone, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize, DbModel)]
    #[model(table = "linked_notes", database = "linked_serde")]
    struct Note {
        pk: Pk<Self>,
        text: String,
        #[serde(skip)]
        labels: ManyToMany<Label>,
    }
    #[derive(Debug, Clone, DbModel)]
    #[model(table = "linked_labels", database = "linked_serde")]
    struct Label {
        pk: Pk<Self>,
    }
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Note, Label)>().await.unwrap();
    assert!(!Note::create_table_sql().contains("labels"), "{}", Note::create_table_sql());
    let note = Note::builder().text("x").insert(&db).await.unwrap();
    let label = Label::builder().insert(&db).await.unwrap();
    note.labels.add(&label).await.unwrap();
    assert_eq!(serde_json::to_string(&note).unwrap(), r#"{"pk":1,"text":"x"}"#);
    let mut read: Note = serde_json::from_str(r#"{"pk":1,"text":"x"}"#).unwrap();
    assert_eq!(read, note);
    db.attach(&mut read);
    assert_eq!(read.labels.count().await.unwrap(), 1);
    assert_eq!(db.select::<Note>().fetch_dicts().await.unwrap()[0].len(), 2);
    let by_hand = Note { pk: Pk::unset(), text: "y".into(), labels: ManyToMany::default() };
    assert_eq!(db.insert(by_hand).await.unwrap().labels.count().await.unwrap(), 0);
}

/// M2M-4, M2M-8, M2M-10
#[tokio::test]
async fn links_are_added_from_either_side_and_read_from_both() {
    on_both(async |db| {
        db.create_tables::<super::Library>().await.unwrap();
        super::fill(&db).await;
        let (b1, none) = (book(&db, "B1").await, tag(&db, "none").await);
        none.books().add(&b1).await.unwrap();
        b1.tags.add(&tag(&db, "sql").await).await.unwrap();
        assert_eq!(names(&b1.tags.fetch_all().await.unwrap()), ["sql", "none"]);
        assert_eq!(b1.tags.fetch_one().await.unwrap().unwrap().name, "sql");
        assert_eq!(b1.tags.count().await.unwrap(), 2);
        assert!(b1.tags.exists().await.unwrap());
        assert_eq!(titles(&tag(&db, "sql").await.books().fetch_all().await.unwrap()), ["A1", "B1"]);
        assert_eq!(titles(&none.books().order("-title").fetch_all().await.unwrap()), ["B1"]);
        none.books().remove(&b1).await.unwrap();
        assert!(!none.books().exists().await.unwrap());
        none.books().set([1, 2, 3]).await.unwrap();
        assert_eq!(none.books().count().await.unwrap(), 3);
        none.books().clear().await.unwrap();
        assert!(none.books().fetch_one().await.unwrap().is_none());
        assert_eq!(names(&b1.tags.fetch_all().await.unwrap()), ["sql"]);
    })
    .await;
}

/// M2M-4, M2M-5, M2M-6, M2M-7
#[tokio::test]
async fn what_is_there_is_not_added_and_what_is_not_is_not_removed() {
    let db = library().await;
    let (b1, rust, sql) = (book(&db, "B1").await, tag(&db, "rust").await, tag(&db, "sql").await);
    b1.tags.clear().await.unwrap();
    b1.tags.remove(&rust).await.unwrap();
    b1.tags.remove([99, 100]).await.unwrap();
    b1.tags.remove(&Tag { pk: Pk::unset(), name: "unsaved".into() }).await.unwrap();
    b1.tags.add(Vec::<&Tag>::new()).await.unwrap();
    for _ in 0..2 {
        b1.tags.add([&rust, &rust]).await.unwrap();
        rust.books().add(&b1).await.unwrap();
    }
    assert_eq!(b1.tags.count().await.unwrap(), 1);
    b1.tags.set([&sql, &sql, &rust]).await.unwrap();
    assert_eq!(b1.tags.count().await.unwrap(), 2);
    b1.tags.set(&sql).await.unwrap();
    assert_eq!(names(&b1.tags.fetch_all().await.unwrap()), ["sql"]);
    b1.tags.set(Vec::<&Tag>::new()).await.unwrap();
    assert!(!b1.tags.exists().await.unwrap());
    b1.tags.add([&rust, &sql]).await.unwrap();
    b1.tags.remove([&rust, &Tag { pk: Pk::unset(), name: String::new() }]).await.unwrap();
    assert_eq!(names(&b1.tags.fetch_all().await.unwrap()), ["sql"]);
    // The links of the other rows are theirs.
    assert_eq!(book(&db, "A1").await.tags.count().await.unwrap(), 2);
}

/// M2M-4, M2M-16: what can be linked is a matter of types.
#[tokio::test]
async fn rows_keys_and_lists_of_these_are_linked() {
    let db = library().await;
    let (b1, rust, sql) = (book(&db, "B1").await, tag(&db, "rust").await, tag(&db, "sql").await);
    let owned = vec![rust.clone(), sql.clone()];
    let keys = vec![1i64, 2];
    let refs = [&rust, &sql];
    b1.tags.add(&rust).await.unwrap();
    b1.tags.add(rust.pk.clone()).await.unwrap();
    b1.tags.add(&rust.pk).await.unwrap();
    b1.tags.add(1).await.unwrap();
    b1.tags.add(&1).await.unwrap();
    assert_eq!(b1.tags.count().await.unwrap(), 1);
    b1.tags.set(&owned).await.unwrap();
    b1.tags.set(&owned[..]).await.unwrap();
    b1.tags.set(&keys).await.unwrap();
    b1.tags.set(keys.as_slice()).await.unwrap();
    b1.tags.set(keys).await.unwrap();
    b1.tags.set(refs).await.unwrap();
    b1.tags.set(&refs).await.unwrap();
    b1.tags.set(&refs[..]).await.unwrap();
    b1.tags.set(refs.to_vec()).await.unwrap();
    b1.tags.set([1, 2]).await.unwrap();
    b1.tags.set(&[1, 2]).await.unwrap();
    b1.tags.set([Pk::of(1), Pk::of(2)]).await.unwrap();
    b1.tags.set(vec![&rust.pk, &sql.pk]).await.unwrap();
    b1.tags.set(owned.iter().collect::<Vec<_>>()).await.unwrap();
    assert_eq!(b1.tags.count().await.unwrap(), 2);
    let first = db.select::<super::Review>().fetch_first().await.unwrap().unwrap();
    rust.books().set(&first.book).await.unwrap();
    assert_eq!(titles(&rust.books().fetch_all().await.unwrap()), ["A1"]);
}

/// M2M-9, W34
#[tokio::test]
async fn a_filter_is_a_query_of_one_statement_over_what_is_linked_now() {
    let (db, mut log) = super::watched_library().await;
    let a1 = book(&db, "A1").await;
    let query = a1.tags.filter(Tag::NAME.ne("x")).order(Tag::NAME.desc());
    a1.tags.add(3).await.unwrap();
    log.lines();
    assert_eq!(names(&query.fetch_all().await.unwrap()), ["sql", "rust", "none"]);
    assert_eq!(query.clone().limit(1).offset(1).fetch_one().await.unwrap().unwrap().name, "rust");
    assert_eq!(query.count().await.unwrap(), 3);
    assert_eq!(log.selects(), 3);
    assert_eq!(query.fetch_last().await.unwrap().unwrap().name, "none");
    assert_eq!(a1.tags.filter(lookup("name__startswith", "r")).count().await.unwrap(), 1);
    assert_eq!(a1.tags.filter(Tag::BOOKS.any(Book::TITLE.eq("A2"))).count().await.unwrap(), 1);
    assert_eq!(a1.tags.query().update(Tag::NAME.set("linked")).await.unwrap(), 3);
    assert_eq!(book(&db, "B1").await.tags.filter(None::<Filter<Tag>>).fetch_all().await.unwrap().len(), 0);
    assert_eq!(book(&db, "A2").await.tags.query().delete().await.unwrap(), 1);
    assert_eq!(a1.tags.count().await.unwrap(), 2);
}

#[tokio::test]
async fn filters_counts_and_lookups_go_over_the_junction() {
    let db = library().await;
    let found = async |filter: Filter<Book>| {
        titles(&db.select().filter(filter).order("title").fetch_all().await.unwrap()).join(" ")
    };
    assert_eq!(found(Book::TAGS.any(Tag::NAME.eq("rust"))).await, "A1 A2");
    assert_eq!(found(Book::TAGS.none(Tag::NAME.eq("sql"))).await, "A2 B1");
    assert_eq!(found(Book::TAGS.any(None::<Filter<Tag>>)).await, "A1 A2");
    assert_eq!(found(Book::TAGS.none(None::<Filter<Tag>>)).await, "B1");
    assert_eq!(found(Book::TAGS.to(Tag::NAME).contains("q")).await, "A1");
    assert_eq!(found(Book::TAGS.count().eq(1)).await, "A2");
    assert_eq!(found(lookup("tags__name", "rust")).await, "A1 A2");
    assert_eq!(found(lookup("tags__isnull", true)).await, "B1");
    assert_eq!(found(lookup("tags__in", vec![2, 3])).await, "A1");
    assert_eq!(found(lookup("tags", 1)).await, "A1 A2");
    assert_eq!(found(Book::TAGS.to(Tag::BOOKS).to(Book::TITLE).eq("A2")).await, "A1 A2");
    let tags = db
        .select::<Tag>()
        .filter(Tag::BOOKS.to(Book::AUTHOR).to(Author::NAME).eq("Ann"))
        .order(Tag::BOOKS.count().desc());
    assert_eq!(names(&tags.fetch_all().await.unwrap()), ["rust", "sql"]);
}

/// M2M-23
#[tokio::test]
async fn deleting_a_row_takes_its_links_and_nothing_else() {
    let db = library().await;
    let links = "SELECT linked_books_pk || '-' || linked_tags_pk FROM linked_books_linked_tags ORDER BY id";
    assert_eq!(raw(&db, links).await, ["1-1", "1-2", "2-1"]);
    db.delete::<Tag>(1).await.unwrap();
    assert_eq!(raw(&db, links).await, ["1-2"]);
    assert_eq!(db.select::<Book>().count().await.unwrap(), 3);
    db.delete::<Book>(1).await.unwrap();
    assert_eq!(raw(&db, links).await, Vec::<String>::new());
    assert_eq!(db.select::<Tag>().count().await.unwrap(), 2);
}

/// M2M-3
#[tokio::test]
async fn the_target_may_sort_before_the_owner() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Zebra, Ant)>().await.unwrap();
    let zebra = Zebra::builder().name("z").insert(&db).await.unwrap();
    Ant::builder().name("a").insert(&db).await.unwrap();
    let ant = Ant::builder().name("b").insert(&db).await.unwrap();
    zebra.ants.add(&ant).await.unwrap();
    let rows = "SELECT linked_ants_pk || '-' || linked_zebras_pk FROM linked_ants_linked_zebras";
    assert_eq!(raw(&db, rows).await, ["2-1"]);
    assert_eq!(zebra.ants.fetch_all().await.unwrap()[0].name, "b");
    assert_eq!(ant.zebras().fetch_all().await.unwrap()[0].name, "z");
    let zebras = db.select::<Zebra>().prefetch_related(Zebra::ANTS).fetch_all().await.unwrap();
    raw_execute(&db, "DELETE FROM linked_ants_linked_zebras").await;
    assert_eq!(zebras[0].ants.fetch_all().await.unwrap()[0].name, "b");
    ant.zebras().set(&zebra).await.unwrap();
    let query = db.select::<Ant>().filter(Ant::ZEBRAS.any(Zebra::NAME.eq("z"))).prefetch_related(Ant::ZEBRAS);
    assert_eq!(query.fetch_all().await.unwrap()[0].zebras().fetch_all().await.unwrap()[0].name, "z");
    ant.zebras().remove(&zebra).await.unwrap();
    assert_eq!(zebra.ants.count().await.unwrap(), 0);
}

/// M2M-2, M2M-3
#[tokio::test]
async fn keys_and_columns_have_any_names() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Order, Item)>().await.unwrap();
    let item = Item::builder().name("nut").insert(&db).await.unwrap();
    let order = Order::builder().first_item("x").insert(&db).await.unwrap();
    order.sold_items.add(&item).await.unwrap();
    assert_eq!(item.orders().fetch_all().await.unwrap()[0].first_item, "x");
    let narrowed = Order::SOLD_ITEMS.filter(Item::NAME.eq("nut")).order(Item::NAME).then("orders__sold_items");
    let orders = db.select::<Order>().filter(lookup("sold_items__name", "nut")).prefetch_related(narrowed);
    let orders = orders.fetch_all().await.unwrap();
    let items = orders[0].sold_items.fetch_all().await.unwrap();
    assert_eq!(items[0].orders().fetch_all().await.unwrap()[0].sold_items.count().await.unwrap(), 1);
    assert_eq!(db.select::<Item>().filter(Item::ORDERS.to(Order::FIRST_ITEM).eq("x")).count().await.unwrap(), 1);
    db.delete::<Order>(&order).await.unwrap();
    assert!(!item.orders().exists().await.unwrap());
    // No order by what leads to many rows.
    assert!(matches!(db.select::<Order>().order("sold_items__name").fetch_all().await, Err(Error::InvalidOrder(_))));
}

#[tokio::test]
async fn keys_are_text_and_uuids_on_either_side() {
    on_both(async |db| {
        db.create_tables::<(Country, Language, Device, City)>().await.unwrap();
        let swiss = Country::builder().pk("ch'\"🏔").insert(&db).await.unwrap();
        let de = Language::builder().pk("de").speakers(90).insert(&db).await.unwrap();
        let fr = Language::builder().pk("fr").speakers(80).insert(&db).await.unwrap();
        let phone = Device::builder().pk(Uuid::from_u128(7)).name("phone").insert(&db).await.unwrap();
        let watch = Device::builder().pk(Uuid::from_u128(3)).name("watch").insert(&db).await.unwrap();
        let bern = City::builder().name("Bern").insert(&db).await.unwrap();
        swiss.languages.add(["fr", "de"]).await.unwrap();
        swiss.languages.add("fr".to_owned()).await.unwrap();
        swiss.languages.add(&vec!["fr".to_owned()]).await.unwrap();
        swiss.languages.add(["fr"].as_slice()).await.unwrap();
        swiss.devices.add([Uuid::from_u128(7)]).await.unwrap();
        swiss.allies.add(&bern).await.unwrap();
        phone.peers.add(&watch).await.unwrap();
        for query in [
            db.select::<Country>(),
            db.select::<Country>()
                .prefetch_related(Country::LANGUAGES)
                .prefetch_related("devices__peers")
                .prefetch_related("allies__countries"),
        ] {
            let swiss = query.fetch_one().await.unwrap().unwrap();
            let keys: Vec<_> = swiss.languages.fetch_all().await.unwrap().iter().map(|l| l.pk.to_string()).collect();
            assert_eq!(keys, ["de", "fr"]);
            let devices = swiss.devices.fetch_all().await.unwrap();
            assert_eq!(devices[0].peers.fetch_all().await.unwrap()[0].name, "watch");
            let cities = swiss.allies.fetch_all().await.unwrap();
            assert_eq!(cities[0].countries().fetch_all().await.unwrap()[0].pk, swiss.pk);
        }
        assert_eq!(watch.peers.fetch_all().await.unwrap()[0].name, "phone");
        assert_eq!(phone.countries().count().await.unwrap(), 1);
        assert_eq!(
            db.select::<Language>().filter(Language::COUNTRIES.any(Country::PK.eq("x"))).count().await.unwrap(),
            0
        );
        assert_eq!(
            db.select::<Country>().filter(Country::DEVICES.to(Device::NAME).eq("phone")).count().await.unwrap(),
            1
        );
        de.countries().remove(&swiss).await.unwrap();
        watch.peers.remove(Uuid::from_u128(7)).await.unwrap();
        assert_eq!(swiss.languages.count().await.unwrap(), 1);
        assert_eq!(phone.peers.count().await.unwrap(), 0);
        fr.countries().clear().await.unwrap();
        assert!(!swiss.languages.exists().await.unwrap());
    })
    .await;
}

/// Links of a row that was copied belong to the copy once it is inserted.
#[tokio::test]
async fn a_copy_that_is_inserted_has_links_of_its_own() {
    let db = library().await;
    let a1 = db.select::<Book>().prefetch_related(Book::TAGS).fetch_first().await.unwrap().unwrap();
    let mut copy = Book { pk: Pk::unset(), ..a1.clone() };
    db.save(&mut copy).await.unwrap();
    assert_eq!(copy.tags.count().await.unwrap(), 0);
    copy.tags.add(3).await.unwrap();
    assert_eq!(names(&a1.tags.fetch_all().await.unwrap()), ["rust", "sql"]);
    let copies = db.bulk_insert([Book { pk: Pk::unset(), ..a1.clone() }]).await.unwrap();
    assert_eq!(copies[0].tags.count().await.unwrap(), 0);
    assert_eq!(names(&copy.tags.fetch_all().await.unwrap()), ["none"]);
}
