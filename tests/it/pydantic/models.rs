//! The models of `tests/data/pydantic/models.py`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Js, json};
use sqliter_async::ValidationError;
use sqliter_async::prelude::*;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, DbEnum)]
#[serde(rename_all = "snake_case")]
enum Status {
    Draft,
    InReview,
    Public,
}

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
#[db_enum(integer)]
enum Level {
    Low = -1,
    Middle = 5,
    High,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Address {
    street: String,
    zip: i64,
    note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Company {
    name: String,
    seat: Address,
    branches: Vec<Address>,
    by_city: BTreeMap<String, Address>,
    #[serde(default = "half")]
    level: f64,
}

fn half() -> f64 {
    0.5
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    a: i64,
    #[serde(rename = "bee")]
    b: bool,
}

/// A value as the script writes it.
trait Plain {
    fn plain(&self) -> Js;
}

macro_rules! plain {
    ($($t:ty: |$v:ident| $e:expr;)*) => { $(
        impl Plain for $t {
            fn plain(&self) -> Js {
                let $v = self;
                $e
            }
        }
    )* };
}
plain! {
    i8: |v| json!(v);
    i16: |v| json!(v);
    i64: |v| json!(v);
    u8: |v| json!(v);
    u32: |v| json!(v);
    bool: |v| json!(v);
    String: |v| json!(v);
    char: |v| json!(v);
    f64: |v| if v.is_finite() { json!(v) } else { json!(v.to_string()) };
    NaiveDate: |v| json!(v.to_string());
    NaiveTime: |v| json!(i64::from(v.num_seconds_from_midnight()) * 1_000_000 + i64::from(v.nanosecond() / 1000));
    NaiveDateTime: |v| json!(v.and_utc().timestamp_micros());
    DateTime<Utc>: |v| json!(v.timestamp_micros());
    Uuid: |v| json!(v.to_string());
    Decimal: |v| json!(v.normalize().to_string());
    Status: |v| json!(Status::VARIANTS[*v as usize]);
    Level: |v| json!(*v as i64);
    Address: |v| json!(v);
    Company: |v| { let mut plain = json!(v); plain["level"] = v.level.plain(); plain };
    Sealed: |v| json!({"a": v.a, "b": v.b});
    Js: |v| v.clone();
    (bool,): |v| json!(v);
    (i64, String): |v| json!(v);
    (i64, Option<f64>, Vec<i64>): |v| json!([v.0, v.1.plain(), v.2]);
    [i64; 3]: |v| json!(v);
    HashSet<i64>: |v| { let mut v: Vec<_> = v.iter().collect(); v.sort(); json!(v) };
    BTreeSet<String>: |v| json!(v);
    VecDeque<i64>: |v| json!(v);
}
impl<T: Plain> Plain for Json<T> {
    fn plain(&self) -> Js {
        self.0.plain()
    }
}
impl<T: Plain> Plain for Option<T> {
    fn plain(&self) -> Js {
        self.as_ref().map_or(Js::Null, Plain::plain)
    }
}
impl<T: Plain> Plain for Vec<T> {
    fn plain(&self) -> Js {
        self.iter().map(Plain::plain).collect()
    }
}
/// A key as Python's `str` makes it.
trait Key {
    fn key(&self) -> String;
}
impl Key for String {
    fn key(&self) -> String {
        self.clone()
    }
}
impl Key for i64 {
    fn key(&self) -> String {
        self.to_string()
    }
}
impl Key for NaiveDate {
    fn key(&self) -> String {
        self.to_string()
    }
}
impl Key for bool {
    fn key(&self) -> String {
        if *self { "True" } else { "False" }.to_owned()
    }
}
impl Key for Status {
    fn key(&self) -> String {
        Status::VARIANTS[*self as usize].to_owned()
    }
}
impl<K: Key, V: Plain> Plain for BTreeMap<K, V> {
    fn plain(&self) -> Js {
        self.iter().map(|(k, v)| (k.key(), v.plain())).collect()
    }
}
impl<K: Key, V: Plain> Plain for HashMap<K, V> {
    fn plain(&self) -> Js {
        self.iter().map(|(k, v)| (k.key(), v.plain())).collect()
    }
}
/// `Vec<u8>` is a list of numbers elsewhere.
fn bytes(v: &[u8]) -> Js {
    json!(String::from_utf8_lossy(v))
}

/// One model with one field `v` for each line.
macro_rules! models {
    ($($name:ident $(@$model:ident)? $ty:ty $(, $rule:meta)* $(=> $plain:expr)?;)*) => {
        $(
            #[derive(Debug, Clone, DbModel)]
            #[model($($model,)? timestamps = false)]
            struct $name {
                pk: Pk<Self>,
                $(#[$rule])*
                v: $ty,
            }
        )*

        pub(super) fn ask(model: &str, input: Js) -> Result<Js, ValidationError> {
            match model {
                $(stringify!($name) => $name::from_value(input).map(|m| {
                    #[allow(unused_variables)]
                    let plain: fn(&$ty) -> Js = Plain::plain;
                    $(let plain: fn(&$ty) -> Js = $plain;)?
                    plain(&m.v)
                }),)*
                "Person" => Person::from_value(input).map(|p| p.plain()),
                "Closed" => Closed::from_value(input).map(|c| c.plain()),
                other => panic!("no model `{other}`"),
            }
        }

        pub(super) fn schema(model: &str) -> Js {
            match model {
                $(stringify!($name) => $name::json_schema(),)*
                "Person" => Person::json_schema(),
                "Closed" => Closed::json_schema(),
                other => panic!("no model `{other}`"),
            }
        }
    };
}

models! {
    Int i64;
    Tiny i8;
    Narrow u8;
    Short i16;
    Word u32;
    IntGt i64, field(gt = 10);
    IntGte i64, field(gte = 10);
    IntLt i64, field(lt = -10);
    IntLte i64, field(lte = -10);
    IntMultiple i64, field(multiple_of = 7);
    IntRules i64, field(gt = 0, lt = 100, multiple_of = 5);
    IntRange i64, field(gte = -3, lte = 7);
    IntExclusive i64, field(gt = -3, lt = 7);
    Float f64;
    FloatGt f64, field(gt = 0);
    FloatLte f64, field(lte = -0.1);
    FloatMultiple f64, field(multiple_of = 0.1);
    FloatRules f64, field(gt = 0.5, lte = 10, multiple_of = 0.25);
    FloatRange f64, field(gte = -1.5, lt = 1e3);
    Bool bool;
    Str String;
    StrLength String, field(min_length = 2, max_length = 5);
    StrOne String, field(min_length = 1);
    StrMax String, field(max_length = 3);
    StrPattern String, field(pattern = r"^[a-z]+\d*$");
    StrSearch String, field(max_length = 9, pattern = r"(?i)b\w");
    StrStrip String, field(strip_whitespace, min_length = 1, max_length = 4);
    StrLower String, field(to_lower);
    StrUpper String, field(to_upper, strip_whitespace);
    StrChoice String, field(one_of = ["a", "it's", "b c"]);
    StrOnly String, field(one_of = ["only"]);
    Char char;
    Bytes Vec<u8> => |v| bytes(v);
    BytesLength Vec<u8>, field(min_length = 2, max_length = 4) => |v| bytes(v);
    Date NaiveDate;
    Time NaiveTime;
    Naive NaiveDateTime;
    Aware DateTime<Utc>;
    Id Uuid;
    Dec Decimal;
    DecRules Decimal, field(gt = 0, lte = 100.5);
    DecRange Decimal, field(gte = -1.25, lt = 7);
    DecStep Decimal, field(multiple_of = 0.05);
    EnumText Status;
    EnumInt Level;
    OptInt Option<i64>;
    OptRules Option<i64>, field(gt = 0, lt = 100);
    OptFloat Option<f64>;
    OptBool Option<bool>;
    OptStr Option<String>, field(min_length = 2);
    OptDate Option<NaiveDate>;
    OptTime Option<NaiveTime>;
    OptAware Option<DateTime<Utc>>;
    OptId Option<Uuid>;
    OptDec Option<Decimal>;
    OptEnum Option<Status>;
    DefaultInt i64, field(default = 5);
    ListInt Vec<i64>;
    ListFloat Vec<f64>;
    ListStr Vec<String>;
    ListBool Vec<bool>;
    ListDate Vec<NaiveDate>;
    ListAware Vec<DateTime<Utc>>;
    ListEnum Vec<Status>;
    ListRules Vec<i64>, field(min_items = 1, max_items = 3);
    ListOpt Vec<Option<i64>>;
    ListList Vec<Vec<i64>>;
    ListPair Vec<(i64, String)>;
    ListDict Vec<BTreeMap<String, i64>>;
    Deque VecDeque<i64>;
    SetInt HashSet<i64>;
    SetStr BTreeSet<String>;
    SetRules HashSet<i64>, field(min_items = 2);
    SetMax HashSet<i64>, field(max_items = 3);
    DictInt BTreeMap<String, i64>;
    DictKeys HashMap<i64, f64>;
    DictDates BTreeMap<String, Vec<NaiveDate>>;
    DictDateKeys BTreeMap<NaiveDate, String>;
    DictBoolKeys BTreeMap<bool, i64>;
    DictEnumKeys BTreeMap<Status, i64>;
    DictRules BTreeMap<String, i64>, field(min_items = 1, max_items = 2);
    DictDict BTreeMap<String, BTreeMap<String, Option<i64>>>;
    Pair (i64, String);
    Single (bool,);
    Triple (i64, Option<f64>, Vec<i64>);
    Fixed [i64; 3], field(json);
    Anything Json<Js>;
    OptList Option<Vec<i64>>;
    Nested Address, field(json);
    OptNested Option<Json<Address>>;
    NestedList Json<Vec<Address>>;
    NestedDict BTreeMap<String, Address>;
    NestedDeep Company, field(json);
    NestedClosed Json<Sealed>;
    NestedKeys HashMap<i64, Address>;
    StrictInt @strict i64;
    StrictFloat @strict f64;
    StrictBool @strict bool;
    StrictStr @strict String;
    StrictBytes @strict Vec<u8> => |v| bytes(v);
    StrictDate @strict NaiveDate;
    StrictTime @strict NaiveTime;
    StrictNaive @strict NaiveDateTime;
    StrictAware @strict DateTime<Utc>;
    StrictId @strict Uuid;
    StrictDec @strict Decimal;
    StrictEnum @strict Status;
    StrictEnumInt @strict Level;
    StrictOpt @strict Option<i64>;
    StrictList @strict Vec<i64>;
    StrictSet @strict HashSet<i64>;
    StrictPair @strict (i64, String);
    StrictDict @strict BTreeMap<String, bool>;
    StrictKeys @strict BTreeMap<i64, bool>;
    FieldStrict i64, field(strict, gt = 3);
}

#[derive(Debug, Clone, DbModel)]
#[model(validate_with = Self::whole, timestamps = false)]
struct Person {
    pk: Pk<Self>,
    #[field(min_length = 1, max_length = 10)]
    name: String,
    #[field(gte = 0, lte = 150)]
    age: i64,
    #[field(min_length = 2, validate_before = no_marks)]
    nick: Option<String>,
    #[field(gt = 0, alias = "points", default = 1.5)]
    score: f64,
    #[field(alias = "bornOn")]
    born: NaiveDate,
    tags: Vec<String>,
    #[field(default = 0, validate_with = is_even)]
    even: i64,
}

fn is_even(v: &i64) -> Result<(), String> {
    if v % 2 == 0 { Ok(()) } else { Err(format!("{v} is odd")) }
}

fn no_marks(v: Js) -> Result<Js, &'static str> {
    if v == "!" { Err("no marks") } else { Ok(v) }
}

impl Person {
    fn whole(&self) -> Result<(), &'static str> {
        if self.nick.as_ref() == Some(&self.name) { Err("the nick is the name") } else { Ok(()) }
    }

    fn plain(&self) -> Js {
        json!({
            "name": self.name, "age": self.age, "nick": self.nick, "score": self.score.plain(), "born": self.born.plain(),
            "tags": self.tags, "even": self.even,
        })
    }
}

#[derive(Debug, Clone, DbModel)]
#[model(deny_unknown, timestamps = false)]
struct Closed {
    pk: Pk<Self>,
    a: i64,
    #[field(default = "x")]
    b: String,
}

impl Closed {
    fn plain(&self) -> Js {
        json!({"a": self.a, "b": self.b})
    }
}

/// Text that may be no JSON.
pub(super) fn ask_text(text: &str) -> Result<Js, ValidationError> {
    Closed::from_json(text).map(|c| c.plain())
}
