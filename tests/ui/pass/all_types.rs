//! Every type of field, and what the expansion says of it.
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use sqliter_async::Column;
use sqliter_async::prelude::*;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Address {
    street: String,
}

type Alias = Option<Vec<i64>>;

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
#[db_enum(rename_all = "kebab-case")]
enum Status {
    VeryNew,
    #[db_enum(rename = "gone")]
    Deleted,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(unique_index(text, i), rename_all = "camelCase", database = "main")]
struct Everything {
    pk: Pk<Self>,
    created_at: DateTime<Utc>,
    updated_at: i64,
    i: i8,
    u: u64,
    f: f64,
    g: f32,
    yes: bool,
    letter: char,
    text: String,
    bytes: Vec<u8>,
    opt_bytes: Option<std::vec::Vec<u8>>,
    opt_text: std::option::Option<String>,
    date: NaiveDate,
    time: NaiveTime,
    naive: NaiveDateTime,
    moment: Option<DateTime<Utc>>,
    #[field(store = "seconds")]
    seconds: Option<DateTime<Utc>>,
    #[field(store = "millis", index)]
    millis: NaiveDateTime,
    status: Status,
    opt_status: Option<Status>,
    tags: Vec<String>,
    numbers: Option<Vec<i64>>,
    map: HashMap<String, i64>,
    tree: BTreeMap<String, Vec<u8>>,
    set: HashSet<i64>,
    set_2: BTreeSet<i64>,
    queue: VecDeque<i64>,
    pair: (i64, String),
    array: [i64; 3],
    #[field(json)]
    address: Address,
    wrapped: Json<Address>,
    opt_wrapped: Option<Json<Address>>,
    #[field(json)]
    alias: Alias,
    #[field(pickle)]
    pickled: Vec<i64>,
    #[field(default = -3, check = "number < 10", unique)]
    number: i64,
    #[field(default = "it's")]
    quoted: String,
    #[field(default = true)]
    on: bool,
    #[field(default = 1.5)]
    real: Option<f64>,
    #[field(default = Status::VeryNew)]
    new: Status,
    #[field(default_with = Vec::new)]
    list: Vec<i64>,
    #[field(redact)]
    secret: String,
    #[field(skip)]
    skipped: Option<Address>,
}

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Named {
    #[pk(column = "id", default_with = Self::key)]
    pk: Pk<Self, String>,
    created_at: Option<String>,
}

impl Named {
    fn key() -> String {
        "made".into()
    }
}

#[derive(Debug, Clone, DbModel)]
#[model(python)]
struct HTTPServerModel {
    pk: Pk<Self>,
    started: Option<DateTime<Utc>>,
    day: NaiveDate,
    hosts: Vec<String>,
    #[field(json)]
    names: Vec<String>,
}

fn main() {
    let moment = DateTime::from_timestamp(1, 0).unwrap();
    let all = Everything::builder()
        .i(1)
        .u(2)
        .f(0.5)
        .g(0.25)
        .yes(true)
        .letter('x')
        .text("text")
        .bytes(b"bytes")
        .opt_bytes([1, 2])
        .opt_text("t")
        .date(moment.date_naive())
        .time(moment.time())
        .naive(moment.naive_utc())
        .moment(moment)
        .maybe_seconds(Some(moment))
        .millis(moment.naive_utc())
        .status(Status::Deleted)
        .opt_status(Status::VeryNew)
        .tags(["a", "b"])
        .numbers(vec![1])
        .map(HashMap::new())
        .tree(BTreeMap::new())
        .set(HashSet::from([1]))
        .set_2(BTreeSet::new())
        .queue(VecDeque::new())
        .pair((1, "p".to_owned()))
        .array([1, 2, 3])
        .address(Address::default())
        .wrapped(Address::default())
        .opt_wrapped(Address::default())
        .alias(Some(vec![1]))
        .pickled(vec![1])
        .secret("s")
        .build()
        .unwrap();
    assert_eq!(
        (all.number, all.quoted.as_str(), all.on, all.real, all.new),
        (-3, "it's", true, Some(1.5), Status::VeryNew)
    );
    assert_eq!((all.bytes.as_slice(), all.list.len(), &all.skipped), (b"bytes".as_slice(), 0, &None));
    let _: Column<Everything, Json<Vec<String>>> = Everything::TAGS;
    let _: Column<Everything, Option<Json<Vec<i64>>>> = Everything::NUMBERS;
    let _: Column<Everything, Json<Alias>> = Everything::ALIAS;
    let _: Column<Everything, Option<Vec<u8>>> = Everything::OPT_BYTES;
    let _: Column<Everything, DateTime<Utc>> = Everything::CREATED_AT;
    let _: Column<Everything, Pk<Everything>> = Everything::PK;
    assert_eq!(Everything::OPT_BYTES.name(), "optBytes");
    println!("{}", Everything::create_table_sql());
    println!("{}", Named::create_table_sql());
    println!("{}", HTTPServerModel::create_table_sql());
    assert_eq!((Named::table_name(), Named::primary_key()), ("nameds", "id"));
    assert_eq!(Named::default_key().as_deref(), Some("made"));
    assert_eq!(Named::builder().pk("x").created_at("c").build().unwrap().pk.get().as_deref(), Some("x"));
    assert_eq!(HTTPServerModel::table_name(), "h_t_t_p_servers");
}
