//! Deep and odd graphs.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use sqliter_async::prelude::*;

use super::{statements, watched};
use crate::support::{on_both, raw};

macro_rules! chain {
    ($($child:ident $parent:ident $key:ident $children:literal;)*) => { $(
        #[derive(Debug, Clone, DbModel)]
        #[model(timestamps = false)]
        struct $child {
            pk: Pk<Self>,
            name: String,
            #[foreign_key(on_delete = Cascade, related_name = $children)]
            $key: ForeignKey<$parent>,
        }
    )* };
}

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Continent {
    pk: Pk<Self>,
    name: String,
}
chain! {
    Nation Continent continent "nations";
    City Nation nation "cities";
    Street City city "streets";
    House Street street "houses";
}

#[tokio::test]
async fn a_chain_of_five() {
    on_both(async |db| {
        db.create_tables::<(House, Street, City, Nation, Continent)>().await.unwrap();
        for c in ["Asia", "Europe"] {
            let continent = Continent::builder().name(c).insert(&db).await.unwrap();
            let nation = Nation::builder().name(format!("{c}-n")).continent(&continent).insert(&db).await.unwrap();
            for i in 0..2 {
                let city = City::builder().name(format!("{c}-c{i}")).nation(&nation).insert(&db).await.unwrap();
                let street = Street::builder().name(format!("{c}-s{i}")).city(&city).insert(&db).await.unwrap();
                for h in 0..=i {
                    House::builder().name(format!("{c}-h{i}{h}")).street(&street).insert(&db).await.unwrap();
                }
            }
        }
        let up = House::STREET.to(Street::CITY).to(City::NATION).to(Nation::CONTINENT);
        let query = db.select::<House>().filter(up.clone().to(Continent::NAME).eq("Asia")).select_related(up.clone());
        assert_eq!(query.sql().unwrap().0.matches(" JOIN ").count(), 4);
        let found = query.order((up.clone().to(Continent::NAME), House::NAME)).fetch_all().await.unwrap();
        let walk = |h: &House| {
            h.street.get().unwrap().city.get().unwrap().nation.get().unwrap().continent.get().unwrap().name.clone()
        };
        assert_eq!(found.iter().map(walk).collect::<Vec<_>>(), ["Asia"; 3]);
        let named = db.select::<House>().filter(lookup("street__city__nation__continent__name", "Asia"));
        assert_eq!(named.sql().unwrap(), db.select::<House>().filter(up.to(Continent::NAME).eq("Asia")).sql().unwrap());

        let down = Continent::NATIONS.to(Nation::CITIES).to(City::STREETS).to(Street::HOUSES);
        let query = db.select::<Continent>().filter(down.clone().to(House::NAME).ends_with("h11"));
        assert_eq!(query.count().await.unwrap(), 2);
        assert_eq!(db.select::<Continent>().filter(down.clone().count().eq(3)).count().await.unwrap(), 2);
        let one = down.clone().any(House::NAME.eq("Asia-h00"));
        assert_eq!(db.select::<Continent>().filter(one).fetch_all().await.unwrap()[0].name, "Asia");
        let nested = Continent::NATIONS
            .any(Nation::CITIES.any(City::STREETS.any(Street::HOUSES.any(House::NAME.eq("Asia-h00")))));
        assert_eq!(db.select::<Continent>().filter(nested).fetch_all().await.unwrap()[0].name, "Asia");
        let counted = db.select::<Continent>().with_count(down.clone(), "houses").fetch_all().await.unwrap();
        assert_eq!(counted.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [3, 3]);
        let read =
            db.select::<Continent>().prefetch_related("nations__cities__streets__houses").fetch_all().await.unwrap();
        let nation = read[1].nations().fetch_one().await.unwrap().unwrap();
        let streets = nation.cities().fetch_all().await.unwrap()[1].streets().fetch_all().await.unwrap();
        assert_eq!(streets[0].houses().count().await.unwrap(), 2);
        // Back and forth.
        let neighbours =
            House::STREET.to(Street::CITY).to(City::NATION).to(Nation::CITIES).to(City::STREETS).to(Street::HOUSES);
        assert_eq!(db.select::<House>().filter(neighbours.to(House::NAME).eq("Asia-h11")).count().await.unwrap(), 3);
        db.delete::<Continent>(1).await.unwrap();
        assert_eq!(db.select::<House>().count().await.unwrap(), 3);
    })
    .await;
}

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Node {
    pk: Pk<Self>,
    name: String,
    #[field(default = 0)]
    size: i64,
    #[foreign_key(related_name = "children", on_delete = Cascade)]
    parent: Option<ForeignKey<Self>>,
}

/// FKO-12, W31
#[tokio::test]
async fn a_tree() {
    on_both(async |db| {
        db.create_table::<Node>().await.unwrap();
        let root = Node::builder().name("r").insert(&db).await.unwrap();
        let mut level = vec![root.clone()];
        for _ in 0..3 {
            let mut next = Vec::new();
            for parent in &level {
                for side in ["a", "b"] {
                    next.push(
                        Node::builder()
                            .name(format!("{}{side}", parent.name))
                            .parent(parent)
                            .insert(&db)
                            .await
                            .unwrap(),
                    );
                }
            }
            level = next;
        }
        let leaf = db.select::<Node>().filter(Node::NAME.eq("raba")).fetch_one().await.unwrap().unwrap();
        let mut at = leaf.clone();
        let mut seen = vec![at.name.clone()];
        while let Some(parent) = at.parent.clone() {
            at = parent.fetch().await.unwrap().clone();
            seen.push(at.name.clone());
        }
        assert_eq!(seen, ["raba", "rab", "ra", "r"]);
        let mut all = vec![root.clone()];
        let mut i = 0;
        while i < all.len() {
            let children = all[i].children().order(Node::NAME).fetch_all().await.unwrap();
            all.extend(children);
            i += 1;
        }
        assert_eq!(all.len(), 15);
        let names = async |filter: Filter<Node>| {
            db.select::<Node>().filter(filter).order(Node::NAME).only(Node::NAME).fetch_all().await.unwrap()
        };
        let up = Node::PARENT.to(Node::PARENT);
        assert_eq!(names(up.clone().to(Node::NAME).eq("r")).await, ["raa", "rab", "rba", "rbb"]);
        assert_eq!(names(up.is_null()).await, ["r", "ra", "rb"]);
        assert_eq!(names(Node::PARENT.to(Node::PARENT).to(Node::PARENT).is_not_null()).await.len(), 8);
        assert_eq!(names(Node::CHILDREN.to(Node::CHILDREN).to(Node::CHILDREN).to(Node::NAME).eq("raba")).await, ["r"]);
        assert_eq!(names(Node::CHILDREN.none(None::<Filter<Node>>) & Node::NAME.starts_with("ra")).await.len(), 4);
        assert_eq!(names(Node::PARENT.to(Node::CHILDREN).to(Node::NAME).eq("rb")).await, ["ra", "rb"]);
        assert_eq!(names(Node::PARENT.to(Node::NAME).eq(Node::NAME)).await.len(), 0);
        assert_eq!(names(Node::CHILDREN.any(Node::PARENT.to(Node::NAME).eq("ra"))).await, ["ra"]);
        assert_eq!(db.select::<Node>().update(Node::SIZE.set(Node::CHILDREN.count())).await.unwrap(), 15);
        assert_eq!(names(Node::SIZE.eq(2)).await.len(), 7);
        let read = db
            .select::<Node>()
            .filter(Node::PARENT.is_null())
            .prefetch_related("children__children")
            .fetch_all()
            .await
            .unwrap();
        assert_eq!(read[0].children().fetch_all().await.unwrap()[0].children().fetch_all().await.unwrap().len(), 2);
        assert_eq!(db.select::<Node>().filter(Node::CHILDREN.none(None::<Filter<Node>>)).delete().await.unwrap(), 8);
        assert_eq!(db.select::<Node>().filter(Node::PARENT.to(Node::NAME).eq("r")).delete().await.unwrap(), 2);
        assert_eq!(names(Filter::all([])).await, ["r"]);
    })
    .await;
}

macro_rules! sides {
    ($($side:ident)*) => { $(
        #[derive(Debug, Clone, DbModel)]
        #[model(timestamps = false)]
        struct $side {
            pk: Pk<Self>,
            top: ForeignKey<Top>,
        }
    )* };
}
sides! { Left Right }

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Top {
    pk: Pk<Self>,
    name: String,
}

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Bottom {
    pk: Pk<Self>,
    left: ForeignKey<Left>,
    right: Option<ForeignKey<Right>>,
}

#[tokio::test]
async fn a_diamond() {
    on_both(async |db| {
        db.create_tables::<(Bottom, Left, Right, Top)>().await.unwrap();
        let (a, b) =
            (Top::builder().name("a").insert(&db).await.unwrap(), Top::builder().name("b").insert(&db).await.unwrap());
        let left = Left::builder().top(&a).insert(&db).await.unwrap();
        for right in [&a, &b] {
            let right = Right::builder().top(right).insert(&db).await.unwrap();
            Bottom::builder().left(&left).right(&right).insert(&db).await.unwrap();
        }
        Bottom::builder().left(&left).insert(&db).await.unwrap();
        let (l, r) = (Bottom::LEFT.to(Left::TOP), Bottom::RIGHT.to(Right::TOP));
        let query = db.select::<Bottom>().select_related(l.clone()).select_related(r.clone()).order(Bottom::PK);
        let found = query.fetch_all().await.unwrap();
        let read: Vec<_> = found
            .iter()
            .map(|x| {
                let left = x.left.get().unwrap().top.get().unwrap().name.as_str();
                (left, x.right.as_ref().map(|r| r.get().unwrap().top.get().unwrap().name.as_str()))
            })
            .collect();
        assert_eq!(read, [("a", Some("a")), ("a", Some("b")), ("a", None)]);
        let count = async |filter: Filter<Bottom>| db.select::<Bottom>().filter(filter).count().await.unwrap();
        assert_eq!(count(l.clone().to(Top::NAME).eq(r.clone().to(Top::NAME))).await, 1);
        assert_eq!(count(l.to(Top::NAME).ne(r.to(Top::NAME))).await, 2);
        let around = Top::LEFTS.to(Left::BOTTOMS).to(Bottom::RIGHT).to(Right::TOP).to(Top::NAME);
        assert_eq!(db.select::<Top>().filter(around.eq("b")).fetch_all().await.unwrap()[0].name, "a");
        let both = Top::LEFTS.count().gt(0) & Top::RIGHTS.count().gt(0);
        assert_eq!(db.select::<Top>().filter(both).count().await.unwrap(), 1);
    })
    .await;
}

mod home {
    use sqliter_async::prelude::*;
    #[derive(Debug, Clone, DbModel)]
    #[model(table = "home_items")]
    pub(super) struct Item {
        pub(super) pk: Pk<Self>,
        pub(super) name: String,
    }
}
mod shop {
    use super::home::Item as HomeItem;
    use sqliter_async::prelude::*;
    #[derive(Debug, Clone, DbModel)]
    #[model(table = "shop_items")]
    pub(super) struct Item {
        pub(super) pk: Pk<Self>,
        pub(super) name: String,
        #[foreign_key(related_name = "sold_as")]
        pub(super) item: ForeignKey<HomeItem>,
    }
}
use home::Item as Thing;
use shop::Item;

/// REG-1: two models of one name are two models.
#[tokio::test]
async fn models_of_one_name() {
    on_both(async |db| {
        db.create_tables::<(Item, Thing)>().await.unwrap();
        let thing = Thing::builder().name("cup").insert(&db).await.unwrap();
        let item = Item::builder().name("Cup!").item(&thing).insert(&db).await.unwrap();
        assert_eq!(item.item.fetch().await.unwrap().name, "cup");
        assert_eq!(thing.sold_as().fetch_all().await.unwrap()[0].name, "Cup!");
        let query =
            db.select::<Item>().select_related("item").filter(lookup("item__name", "cup") & Item::NAME.eq("Cup!"));
        assert_eq!(query.fetch_all().await.unwrap()[0].item.get().unwrap().name, "cup");
        assert_eq!(db.select::<Thing>().filter(Thing::SOLD_AS.to(Item::NAME).eq("Cup!")).count().await.unwrap(), 1);
        assert_eq!(db.select::<Thing>().filter(lookup("sold_as__name", "Cup!")).count().await.unwrap(), 1);
    })
    .await;
}

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
enum Mood {
    Calm,
    Wild,
}

#[derive(Debug, Clone, DbModel)]
struct Rich {
    pk: Pk<Self>,
    tags: Vec<String>,
    map: HashMap<String, i64>,
    extra: Option<Json<Vec<i64>>>,
    mood: Mood,
    #[field(store = "seconds")]
    at: DateTime<Utc>,
    day: Option<NaiveDate>,
    naive: NaiveDateTime,
    blob: Vec<u8>,
    ratio: f64,
    created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, DbModel)]
struct Poor {
    pk: Pk<Self>,
    at: DateTime<Utc>,
    rich: Option<ForeignKey<Rich>>,
}

/// SEL-7, W19
#[tokio::test]
async fn joined_rows_are_read_by_their_own_model() {
    on_both(async |db| {
        db.create_tables::<(Poor, Rich)>().await.unwrap();
        let day = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
        let at = day.and_hms_opt(1, 2, 3).unwrap();
        let rich = Rich::builder().tags(vec!["a"]).map(HashMap::from([("x".into(), 1)])).extra(Json(vec![1, 2]));
        let rich = rich.mood(Mood::Wild).at(at.and_utc()).day(day).naive(at).blob(vec![0, 255]).ratio(2.0).insert(&db);
        let rich = rich.await.unwrap();
        Poor::builder().at(at.and_utc()).rich(&rich).insert(&db).await.unwrap();
        Poor::builder().at(at.and_utc()).insert(&db).await.unwrap();
        let query = db.select::<Poor>().select_related(Poor::RICH).order(Poor::PK);
        let found = query.fetch_all().await.unwrap();
        let joined = found[0].rich.as_ref().unwrap().get().unwrap();
        let direct = db.get::<Rich>(1).await.unwrap().unwrap();
        assert_eq!(format!("{joined:?}"), format!("{direct:?}"));
        assert_eq!((joined.mood, joined.at, joined.naive, joined.day), (Mood::Wild, at.and_utc(), at, Some(day)));
        // Conditions speak the language of the column at the end of the path.
        for filter in [
            Poor::RICH.to(Rich::AT).eq(at.and_utc()),
            Poor::AT.eq(at.and_utc()) & Poor::RICH.to(Rich::AT).is_in([at.and_utc()]),
            Poor::RICH.to(Rich::DAY).lte(day),
            Poor::RICH.to(Rich::NAIVE).between(at, at),
            Poor::RICH.to(Rich::MOOD).eq(Mood::Wild),
            Poor::RICH.to(Rich::RATIO).gt(1),
            Poor::RICH.to(Rich::BLOB).eq(vec![0, 255]),
            Poor::RICH.to(Rich::AT.year()).eq(2000),
            Poor::RICH.to(Rich::TAGS).contains_any(["a"]),
            Poor::RICH.to(Rich::EXTRA).path::<i64>("[1]").eq(2),
            lookup("rich__at", at.and_utc()),
            lookup("rich__at__year", 2000),
            lookup("rich__day__gte", day),
            lookup("rich__mood", "wild"),
            lookup("rich__tags__contains_all", ["a"]),
        ] {
            assert_eq!(db.select::<Poor>().filter(filter.clone()).count().await.unwrap(), 1, "{filter:?}");
        }
        assert_eq!(db.select::<Rich>().filter(Rich::POORS.to(Poor::AT).eq(at.and_utc())).count().await.unwrap(), 1);
        db.select::<Poor>().filter(Poor::RICH.is_not_null()).update(Poor::AT.set(at.and_utc())).await.unwrap();
    })
    .await;
}

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Vault {
    pk: Pk<Self>,
    #[field(redact)]
    code: String,
    #[foreign_key(column = "box")]
    inside: Option<ForeignKey<Self>>,
}

/// A redacted column stays out of the log, from wherever it is asked about.
#[tokio::test]
async fn secrets_over_paths_are_not_logged() {
    let db = watched().await;
    db.create_table::<Vault>().await.unwrap();
    let (_, sql) = statements(async {
        let vault = Vault::builder().code("swordfish").insert(&db).await.unwrap();
        let inner = Vault::builder().code("swordfish").inside(&vault).insert(&db).await.unwrap();
        for filter in [
            Vault::INSIDE.to(Vault::CODE).eq("swordfish"),
            Vault::INSIDE.to(Vault::CODE).is_in(["swordfish"]),
            Vault::INSIDE.to(Vault::CODE).starts_with("swordfish"),
            Vault::INSIDE.to(Vault::CODE).between("swordfish", "swordfish"),
            Vault::INSIDE.to(Vault::CODE).coalesce("swordfish").ne("swordfish"),
            Vault::INSIDE.to(Vault::CODE.lower()).eq("swordfish"),
            Vault::VAULTS.to(Vault::CODE).eq("swordfish"),
            Vault::VAULTS.to(Vault::CODE).icontains("swordfish"),
            Vault::VAULTS.any(Vault::CODE.is_in(["swordfish"; 200])),
            Vault::VAULTS.any(Vault::INSIDE.to(Vault::CODE).eq("swordfish")),
            lookup("inside__code", "swordfish"),
            lookup("inside__code__startswith", "swordfish"),
            lookup("vaults__code__in", ["swordfish"]),
        ] {
            db.select::<Vault>().filter(filter.clone()).select_related(Vault::INSIDE).fetch_all().await.unwrap();
            db.select::<Vault>().filter(filter.clone()).update(Vault::CODE.set("swordfish")).await.unwrap();
        }
        let all = db.select::<Vault>();
        all.update(Vault::CODE.set(Vault::INSIDE.to(Vault::CODE).coalesce("swordfish"))).await.unwrap();
        all.filter(Vault::INSIDE.to(Vault::CODE).coalesce(Vault::CODE).eq("swordfish")).fetch_all().await.unwrap();
        inner.inside.as_ref().unwrap().fetch().await.unwrap();
        vault.vaults().filter(Vault::CODE.eq("swordfish")).fetch_all().await.unwrap();
    })
    .await;
    assert!(sql.len() > 25);
    let told: Vec<_> = sql.iter().filter(|s| s.contains("swordfish")).collect();
    assert!(told.is_empty(), "{told:#?}");
    assert_eq!(raw(&db, "SELECT DISTINCT code FROM vaults").await, ["swordfish"]);
}
