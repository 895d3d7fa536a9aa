//! Containers in their three storages: JSON text, Python's pickle, and a codec of one's own; and `Option` of each.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use chrono::NaiveTime;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqliter_async::prelude::*;
use sqliter_async::{DbType, DecodeError, EncodeError, Encoded, SqlType, ValueRef};
use uuid::Uuid;

use crate::support::{on_both, raw, raw_execute};

/// Words with commas between them.
#[derive(Debug, Clone, PartialEq, Default)]
struct Words(Vec<String>);

impl DbType for Words {
    const SQL_TYPE: SqlType = SqlType::Text;

    fn encode(&self) -> std::result::Result<Encoded<'_>, EncodeError> {
        if self.0.iter().any(|w| w.contains(',')) {
            return Err(EncodeError::new("a word with a comma"));
        }
        Ok(Encoded::Text(Cow::Owned(self.0.join(","))))
    }

    fn decode(value: ValueRef<'_>) -> std::result::Result<Self, DecodeError> {
        let text = String::decode(value)?;
        Ok(Words(text.split(',').filter(|w| !w.is_empty()).map(str::to_owned).collect()))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Deep {
    name: String,
    inner: Vec<BTreeMap<String, Option<f64>>>,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Stored {
    pk: Pk<Self>,
    list: Vec<i64>,
    set: HashSet<String>,
    map: BTreeMap<String, Vec<bool>>,
    tuple: (i64, String, Option<f64>),
    json: Json<Deep>,
    opt_list: Option<Vec<i64>>,
    opt_json: Option<Json<Deep>>,
    #[field(pickle)]
    pickled_list: Vec<i64>,
    #[field(pickle)]
    pickled_map: BTreeMap<String, Deep>,
    #[field(pickle)]
    opt_pickled: Option<(i64, String)>,
    words: Words,
    opt_words: Option<Words>,
}

fn deep() -> Deep {
    let inner = vec![BTreeMap::from([("x".to_owned(), Some(0.1 + 0.2)), ("y".to_owned(), None)]), BTreeMap::new()];
    Deep { name: "é".to_owned(), inner }
}

fn full() -> Stored {
    let words = Words(vec!["a".to_owned(), "b".to_owned()]);
    Stored {
        pk: Pk::unset(),
        list: vec![1, -2, i64::MAX],
        set: HashSet::from(["b".to_owned(), "a".to_owned()]),
        map: BTreeMap::from([("k".to_owned(), vec![true, false])]),
        tuple: (5, "q".to_owned(), Some(1.5)),
        json: Json(deep()),
        opt_list: Some(vec![1]),
        opt_json: Some(Json(deep())),
        pickled_list: vec![1, 256, i64::MIN],
        pickled_map: BTreeMap::from([("d".to_owned(), deep())]),
        opt_pickled: Some((1, "x".to_owned())),
        words: words.clone(),
        opt_words: Some(words),
    }
}

fn empty() -> Stored {
    Stored {
        pk: Pk::unset(),
        list: vec![],
        set: HashSet::new(),
        map: BTreeMap::new(),
        tuple: (0, String::new(), None),
        json: Json(Deep { name: String::new(), inner: vec![] }),
        opt_list: None,
        opt_json: None,
        pickled_list: vec![],
        pickled_map: BTreeMap::new(),
        opt_pickled: None,
        words: Words::default(),
        opt_words: None,
    }
}

/// CPLX-1, CPLX-3
#[tokio::test]
async fn every_storage_gives_back_what_it_was_given_on_every_path() {
    on_both(async |db| {
        db.create_table::<Stored>().await.unwrap();
        let mut one = db.insert(full()).await.unwrap();
        let many = db.bulk_insert([empty(), full()]).await.unwrap();
        for row in many.iter().chain([&one]) {
            assert_eq!(db.get::<Stored>(row).await.unwrap().as_ref(), Some(row));
        }
        let optional =
            "SELECT typeof(opt_list) || typeof(opt_json) || typeof(opt_pickled) || typeof(opt_words) FROM storeds";
        assert_eq!(raw(&db, optional).await, ["texttextblobtext", "nullnullnullnull", "texttextblobtext"]);
        one = Stored { pk: one.pk.clone(), ..empty() };
        db.update(&mut one).await.unwrap();
        one.opt_pickled = Some((2, "y".to_owned()));
        one.opt_words = Some(Words::default());
        db.update_only(&mut one, (Stored::OPT_PICKLED, Stored::OPT_WORDS)).await.unwrap();
        assert_eq!(db.get::<Stored>(&one).await.unwrap(), Some(one.clone()));
        let all = db.select::<Stored>();
        all.update((
            Stored::LIST.set(Json(vec![7])),
            Stored::PICKLED_LIST.set(Json(vec![8])),
            Stored::OPT_LIST.set(None),
        ))
        .await
        .unwrap();
        let rows = all.fetch_all().await.unwrap();
        assert!(rows.iter().all(|r| (&r.list[..], &r.pickled_list[..], &r.opt_list) == (&[7][..], &[8][..], &None)));
        assert_eq!(raw(&db, "SELECT DISTINCT typeof(list) || typeof(pickled_list) FROM storeds").await, ["textblob"]);
    })
    .await;
}

/// CPLX-2, CPLX-4
#[tokio::test]
async fn a_pickle_is_data_and_what_is_more_is_an_error() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Stored>().await.unwrap();
    let row = db.insert(full()).await.unwrap();
    let marker = std::env::temp_dir().join(format!("sqliter-pickle-{}", std::process::id()));
    // pickle.dumps of an object whose __reduce__ is (os.system, ("touch ..",)), protocol 0.
    let call = format!("cposix\nsystem\n(Vtouch {}\ntR.", marker.display());
    // ['a'] beside a date: datetime.date(2024, 1, 2) is made by a call too.
    let date = "80049523000000000000005d948c086461746574696d65948c0464617465949394430407e801029485945294612e";
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    for bad in [
        hex(call.as_bytes()),
        date.to_owned(),
        String::new(),
        "8004".to_owned(),
        "80048f28".to_owned(),
        "00ff".to_owned(),
    ] {
        raw_execute(&db, &format!("UPDATE storeds SET pickled_list = x'{bad}'")).await;
        let error = db.get::<Stored>(&row).await.unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{bad}: {error}");
        assert!(
            error.to_string().starts_with("Cannot read column 'pickled_list' of table 'storeds' (key 1): "),
            "{error}"
        );
    }
    assert!(!marker.exists());
}

/// CPLX-4
#[tokio::test]
async fn a_pickle_that_is_a_trap_is_an_error_and_not_the_end() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Stored>().await.unwrap();
    let row = db.insert(full()).await.unwrap();
    // A list in a list in a list ..
    let depth = 200_000;
    let deep = format!("8004{}{}2e", "5d".repeat(depth), "61".repeat(depth - 1));
    // A list of two of a list of two of ..: small in the file, 2^60 items in memory.
    let mut wide = "80045d94".to_owned();
    for i in 0..60u8 {
        wide.push_str(&format!("5d942868{i:02x}68{i:02x}65"));
    }
    wide.push_str("2e");
    for bad in [deep, wide] {
        raw_execute(&db, &format!("UPDATE storeds SET pickled_list = x'{bad}'")).await;
        assert!(matches!(db.get::<Stored>(&row).await, Err(Error::Decode { .. })));
    }
}

/// CPLX-5
#[tokio::test]
async fn containers_as_json_can_be_searched() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Stored>().await.unwrap();
    db.bulk_insert([full(), empty()]).await.unwrap();
    let by_value = db.select::<Stored>().filter(Stored::LIST.eq(Json(vec![1, -2, i64::MAX])));
    assert_eq!(by_value.count().await.unwrap(), 1);
    let by_part =
        "SELECT pk || '' FROM storeds WHERE json_extract(json, '$.name') = 'é' AND json_array_length(list) = 3";
    assert_eq!(raw(&db, by_part).await, ["1"]);
}

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
#[allow(dead_code)]
enum Color {
    Red,
    DarkBlue,
}

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
#[db_enum(integer)]
#[allow(dead_code)]
enum Rank {
    Low = 1,
    High = 9,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Scalars {
    pk: Pk<Self>,
    bytes: Vec<u8>,
    color: Color,
    rank: Option<Rank>,
    price: Decimal,
    id: Uuid,
    at: NaiveTime,
}

/// CPLX-6
#[tokio::test]
async fn bytes_enums_and_what_python_refused_come_back_as_they_went() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Scalars>().await.unwrap();
    let input = json!({
        "bytes": "\u{0}ÿ", "color": "dark_blue", "rank": "9", "price": "12.50", "id": "12345678-1234-5678-1234-567812345678",
        "at": "08:30",
    });
    let row = db.insert(Scalars::from_value(input).unwrap()).await.unwrap();
    assert_eq!((row.color, row.rank, row.bytes.len()), (Color::DarkBlue, Some(Rank::High), 3));
    assert_eq!(db.get::<Scalars>(&row).await.unwrap(), Some(row));
    let stored = "SELECT hex(bytes) || ' ' || color || ' ' || rank || ' ' || price || ' ' || at FROM scalars";
    assert_eq!(raw(&db, stored).await, ["00C3BF dark_blue 9 12.5 08:30:00.000000"]);
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Measured {
    pk: Pk<Self>,
    list: Vec<f64>,
    map: BTreeMap<String, Option<f64>>,
    #[field(pickle)]
    pickled: Vec<f64>,
}

/// CPLX-1
#[tokio::test]
async fn a_number_that_json_has_no_word_for_is_refused_and_not_lost() {
    on_both(async |db| {
        db.create_table::<Measured>().await.unwrap();
        let right = Measured {
            pk: Pk::unset(),
            list: vec![1.5],
            map: BTreeMap::from([("null".to_owned(), None)]),
            pickled: vec![f64::INFINITY, f64::NEG_INFINITY],
        };
        let row = db.insert(right.clone()).await.unwrap();
        assert_eq!(db.get::<Measured>(&row).await.unwrap(), Some(row.clone()));
        for bad in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            let list = Measured { list: vec![0.0, bad], ..right.clone() };
            let map = Measured { map: BTreeMap::from([("a".to_owned(), Some(bad))]), ..right.clone() };
            for (name, wrong) in [("list", list), ("map", map)] {
                let error = db.insert(wrong).await.unwrap_err().to_string();
                assert!(error.contains(name) && error.contains("cannot be written as JSON"), "{error}");
            }
            let all = db.select::<Measured>();
            let error = all.update(Measured::LIST.set(Json(vec![bad]))).await.unwrap_err().to_string();
            assert!(error.contains("cannot be written as JSON"), "{error}");
        }
        assert_eq!(db.get::<Measured>(&row).await.unwrap(), Some(row));
    })
    .await;
}
