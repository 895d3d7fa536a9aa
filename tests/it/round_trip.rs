//! Every field type, at its extremes, there and back.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, FixedOffset, Local, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use proptest::collection::{btree_map, hash_map, hash_set, vec};
use proptest::prelude::*;
use rust_decimal::Decimal;
use sqliter_async::prelude::*;
use uuid::Uuid;

use crate::support::File;

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
enum Side {
    Left,
    Right,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Nested {
    text: String,
    list: Vec<Option<i32>>,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Numbers {
    pk: Pk<Self>,
    i8: i8,
    i16: i16,
    i32: i32,
    i64: i64,
    i128: i128,
    isize: isize,
    u8: u8,
    u16: u16,
    u32: u32,
    u64: u64,
    usize: usize,
    f32: f32,
    f64: f64,
    bool: bool,
    opt_i64: Option<i64>,
    opt_u8: Option<u8>,
    opt_f64: Option<f64>,
    opt_bool: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Texts {
    pk: Pk<Self>,
    text: String,
    char: char,
    bytes: Vec<u8>,
    opt_text: Option<String>,
    opt_bytes: Option<Vec<u8>>,
    uuid: Uuid,
    opt_uuid: Option<Uuid>,
    decimal: Decimal,
    side: Side,
    opt_side: Option<Side>,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Times {
    pk: Pk<Self>,
    date: NaiveDate,
    time: NaiveTime,
    utc: DateTime<Utc>,
    local: DateTime<Local>,
    fixed: DateTime<FixedOffset>,
    naive: NaiveDateTime,
    opt_date: Option<NaiveDate>,
    #[field(store = "micros")]
    micros: DateTime<Utc>,
    #[field(store = "text")]
    text: Option<NaiveDateTime>,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Containers {
    pk: Pk<Self>,
    list: Vec<String>,
    nested: Vec<Vec<i64>>,
    map: HashMap<String, i64>,
    sorted: BTreeMap<String, Option<bool>>,
    set: HashSet<i64>,
    pair: (i64, String),
    opt_list: Option<Vec<u32>>,
    json: Json<Nested>,
    #[field(json)]
    bare: Nested,
    #[field(json)]
    opt_bare: Option<Nested>,
    #[field(pickle)]
    pickled: Vec<String>,
    #[field(pickle)]
    opt_pickled: Option<BTreeMap<String, i64>>,
    #[field(skip)]
    skipped: Vec<String>,
}

fn float() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("NaN is an error", |v| !v.is_nan()),
        prop_oneof![
            Just(0.1 + 0.2),
            Just(1.0 / 3.0),
            Just(f64::MAX),
            Just(f64::MIN_POSITIVE),
            Just(f64::INFINITY),
            Just(f64::NEG_INFINITY),
            Just(-0.0),
            Just(9_007_199_254_740_993.0),
        ],
    ]
}

prop_compose! {
    fn numbers()(
        (i8, i16, i32, i64, i128, isize) in any::<(i8, i16, i32, i64, i64, isize)>(),
        extreme in prop_oneof![Just(None), Just(Some(i64::MIN)), Just(Some(i64::MAX))],
        (u8, u16, u32) in any::<(u8, u16, u32)>(),
        u64 in 0..=i64::MAX as u64,
        usize in 0..=i64::MAX as usize,
        f32 in any::<f32>().prop_filter("NaN is an error", |v| !v.is_nan()),
        f64 in float(),
        bool in any::<bool>(),
        (opt_i64, opt_u8, opt_bool) in any::<(Option<i64>, Option<u8>, Option<bool>)>(),
        opt_f64 in proptest::option::of(float()),
    ) -> Numbers {
        let i64 = extreme.unwrap_or(i64);
        Numbers {
            pk: Pk::unset(), i8, i16, i32, i64, i128: i128.into(), isize, u8, u16, u32, u64, usize, f32, f64, bool, opt_i64,
            opt_u8, opt_f64, opt_bool,
        }
    }
}

prop_compose! {
    fn texts()(
        text in any::<String>(),
        char in any::<char>(),
        bytes in vec(any::<u8>(), 0..64),
        opt_text in any::<Option<String>>(),
        opt_bytes in proptest::option::of(vec(any::<u8>(), 0..4)),
        (uuid, opt_uuid) in any::<(u128, Option<u128>)>(),
        (mantissa, scale) in (any::<i64>(), 0..28u32),
        (side, opt_side) in any::<(bool, Option<bool>)>(),
    ) -> Texts {
        let pick = |b| if b { Side::Left } else { Side::Right };
        Texts {
            pk: Pk::unset(), text, char, bytes, opt_text, opt_bytes, uuid: Uuid::from_u128(uuid),
            opt_uuid: opt_uuid.map(Uuid::from_u128), decimal: Decimal::new(mantissa, scale), side: pick(side),
            opt_side: opt_side.map(pick),
        }
    }
}

/// Instants of the years that text has room for, to the microsecond.
fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    let (first, last) = (-62_167_219_200_000_000i64 + 172_800_000_000, 253_402_300_799_999_999 - 172_800_000_000);
    prop_oneof![first..=last, -2_000_000..2_000_000i64, Just(first), Just(last)]
        .prop_map(|micros| DateTime::from_timestamp_micros(micros).expect("in range"))
}

prop_compose! {
    fn times()(
        a in instant(), b in instant(), c in instant(), d in instant(), e in instant(),
        opt in proptest::option::of(instant()),
        offset in -14 * 3600..=14 * 3600i32,
        time in 0..86_400_000_000u64,
    ) -> Times {
        let time = NaiveTime::from_num_seconds_from_midnight_opt((time / 1_000_000) as u32, (time % 1_000_000) as u32 * 1000);
        Times {
            pk: Pk::unset(), date: a.date_naive(), time: time.expect("in range"), utc: b, local: c.with_timezone(&Local),
            fixed: d.with_timezone(&FixedOffset::east_opt(offset).expect("in range")), naive: e.naive_utc(),
            opt_date: opt.map(|o| o.date_naive()), micros: a, text: opt.map(|o| o.naive_utc()),
        }
    }
}

fn nested() -> impl Strategy<Value = Nested> {
    (any::<String>(), vec(any::<Option<i32>>(), 0..4)).prop_map(|(text, list)| Nested { text, list })
}

prop_compose! {
    fn containers()(
        list in vec(any::<String>(), 0..4),
        nested_lists in vec(vec(any::<i64>(), 0..3), 0..3),
        map in hash_map(any::<String>(), any::<i64>(), 0..4),
        sorted in btree_map(any::<String>(), any::<Option<bool>>(), 0..4),
        set in hash_set(any::<i64>(), 0..4),
        pair in any::<(i64, String)>(),
        opt_list in proptest::option::of(vec(any::<u32>(), 0..4)),
        json in nested(), bare in nested(),
        opt_bare in proptest::option::of(nested()),
        pickled in vec(any::<String>(), 0..4),
        opt_pickled in proptest::option::of(btree_map(any::<String>(), any::<i64>(), 0..4)),
    ) -> Containers {
        Containers {
            pk: Pk::unset(), list, nested: nested_lists, map, sorted, set, pair, opt_list, json: Json(json), bare, opt_bare,
            pickled, opt_pickled, skipped: Vec::new(),
        }
    }
}

async fn there_and_back<M: DbModel + PartialEq + std::fmt::Debug>(db: &SqliterDb, rows: Vec<M>) {
    for row in rows.iter().take(3) {
        let stored = db.insert(row.clone()).await.unwrap();
        assert_eq!(db.get::<M>(&stored).await.unwrap().unwrap(), stored);
        let mut again = stored.clone();
        db.update(&mut again).await.unwrap();
        assert_eq!(db.get::<M>(&stored).await.unwrap().unwrap(), stored);
    }
    let stored = db.bulk_insert(rows).await.unwrap();
    let last = stored.last().and_then(|m| m.pk().get());
    let read = db.select::<M>().order("pk").fetch_all().await.unwrap();
    assert_eq!(read[read.len() - stored.len()..], stored);
    assert!(read.last().and_then(|m| m.pk().get()) == last);
    db.select::<M>().delete().await.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// CPLX-1, TIME-10, CRUD-23
    #[test]
    fn every_value_comes_back_as_it_went(
        numbers in vec(numbers(), 1..8),
        texts in vec(texts(), 1..8),
        times in vec(times(), 1..8),
        containers in vec(containers(), 1..8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let file = File::new();
            let db = file.open().await;
            db.create_tables::<(Numbers, Texts, Times, Containers)>().await.unwrap();
            there_and_back(&db, numbers).await;
            there_and_back(&db, texts).await;
            there_and_back(&db, times).await;
            there_and_back(&db, containers).await;
            db.close().await;
        });
    }
}

/// CPLX-2, CPLX-3
#[tokio::test]
async fn containers_are_json_or_pickle_and_either_is_read() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Containers>().await.unwrap();
    let empty = Nested { text: String::new(), list: vec![] };
    let row = Containers::builder()
        .list(["a", "b"])
        .nested(vec![])
        .map(HashMap::new())
        .sorted(BTreeMap::new())
        .set(HashSet::new())
        .pair((1, "x".into()))
        .json(empty.clone())
        .bare(empty)
        .pickled(["p"])
        .insert(&db)
        .await
        .unwrap();
    let stored = crate::support::raw(&db, "SELECT list || pair || typeof(pickled) || json FROM containers").await;
    assert_eq!(stored, [r#"["a","b"][1,"x"]blob{"text":"","list":[]}"#]);
    // ['a'] as Python writes it, in a column of JSON; JSON in a column of pickles.
    crate::support::raw_execute(
        &db,
        "UPDATE containers SET list = x'80049508000000000000005d948c016194612e', pickled = '[\"q\"]'",
    )
    .await;
    let read = db.get::<Containers>(&row).await.unwrap().unwrap();
    assert_eq!((read.list, read.pickled), (vec!["a".to_owned()], vec!["q".to_owned()]));
    for bad in ["x''", "x'8004'", "'[1'", "5", "x'80049508'"] {
        crate::support::raw_execute(&db, &format!("UPDATE containers SET list = {bad}")).await;
        let err = db.get::<Containers>(&row).await.unwrap_err();
        assert!(err.to_string().contains("column 'list' of table 'containers' (key 1)"), "{bad}: {err}");
    }
}
