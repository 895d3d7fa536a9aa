//! What a query yields besides whole rows: values, tuples, groups, counts, values inside JSON.

mod combined;
mod counts;
mod explain;
mod fields;
mod groups;
mod having;
mod json;
mod model_check;
mod nested;
mod paths;
mod terminals;
mod types;

use chrono::NaiveDate;
use sqliter_async::prelude::*;

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Sale {
    pk: Pk<Self>,
    category: String,
    amount: i64,
    units: u8,
    price: Option<f64>,
    day: NaiveDate,
}

#[derive(Debug, Clone, DbModel)]
struct Writer {
    pk: Pk<Self>,
    name: String,
    born: Option<NaiveDate>,
    #[foreign_key(related_name = "pupils")]
    mentor: Option<ForeignKey<Self>>,
    #[many_to_many(symmetrical)]
    friends: ManyToMany<Self>,
}

#[derive(Debug, Clone, DbModel)]
struct Novel {
    pk: Pk<Self>,
    title: String,
    #[field(column = "published")]
    year: Option<i64>,
    price: f64,
    #[foreign_key(related_name = "novels", column = "written_by")]
    author: ForeignKey<Writer>,
    #[foreign_key(related_name = "edited")]
    editor: Option<ForeignKey<Writer>>,
    #[many_to_many(related_name = "novels")]
    labels: ManyToMany<Label>,
}

#[derive(Debug, Clone, DbModel)]
struct Critique {
    pk: Pk<Self>,
    stars: u8,
    #[foreign_key(related_name = "critiques")]
    novel: ForeignKey<Novel>,
}

#[derive(Debug, Clone, DbModel)]
struct Label {
    pk: Pk<Self>,
    word: String,
}

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

/// Tea 3 + 30, ink 4 + 4, pen 10.
async fn sales() -> SqliterDb {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Sale>().await.unwrap();
    let rows = [
        ("tea", 3, 200, Some(1.5), day(2024, 1, 31)),
        ("tea", 30, 200, None, day(2024, 2, 1)),
        ("ink", 4, 1, Some(2.0), day(1969, 12, 31)),
        ("ink", 4, 2, Some(4.0), day(2024, 2, 1)),
        ("pen", 10, 0, None, day(2023, 6, 5)),
    ];
    db.bulk_insert(rows.map(|(category, amount, units, price, day)| Sale {
        pk: Pk::unset(),
        category: category.into(),
        amount,
        units,
        price,
        day,
    }))
    .await
    .unwrap();
    db
}

/// Jane (born 1775) wrote Emma (2 critiques, labels old and love) and Sanditon (1 critique, label old); John, her pupil, wrote
/// Ring (edited by Jane); Kim wrote nothing and is a friend of both.
async fn library() -> SqliterDb {
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Writer, Novel, Critique, Label)>().await.unwrap();
    let jane = Writer::builder().name("Jane").born(day(1775, 12, 16)).insert(&db).await.unwrap();
    let john = Writer::builder().name("John").mentor(&jane).insert(&db).await.unwrap();
    let kim = Writer::builder().name("Kim").insert(&db).await.unwrap();
    kim.friends.add(&jane).await.unwrap();
    john.friends.add(&kim).await.unwrap();
    let emma = Novel::builder().title("Emma").year(1815).price(10.0).author(&jane).insert(&db).await.unwrap();
    let sanditon = Novel::builder().title("Sanditon").price(5.0).author(&jane).insert(&db).await.unwrap();
    let ring = Novel::builder().title("Ring").year(1954).price(20.0).author(&john).editor(&jane);
    ring.insert(&db).await.unwrap();
    for (novel, stars) in [(&emma, 5), (&emma, 4), (&sanditon, 1)] {
        Critique::builder().novel(novel).stars(stars).insert(&db).await.unwrap();
    }
    let old = Label::builder().word("old").insert(&db).await.unwrap();
    let love = Label::builder().word("love").insert(&db).await.unwrap();
    emma.labels.add([&old, &love]).await.unwrap();
    sanditon.labels.add(&old).await.unwrap();
    db
}

/// Rows of dicts as text: names and values, in order.
fn shown(rows: &[Dict]) -> Vec<String> {
    rows.iter().map(|row| row.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" ")).collect()
}

/// What an invalid projection says.
#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T>) -> String {
    let err = result.unwrap_err();
    assert!(matches!(err, Error::InvalidProjection(_)), "{err:?}");
    let text = err.to_string();
    let reason = text.strip_prefix("Invalid projection query operation: ").expect("the prefix");
    reason.to_owned()
}
