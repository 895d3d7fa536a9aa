//! The same models in Python and in Rust: `tests/data/pydantic/generate.py` asked Pydantic, and this asks us.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Js, json};
use sqliter_async::prelude::*;
use sqliter_async::{ErrorDetail, ValidationError};
use uuid::Uuid;

const CORPUS: &str = include_str!("../data/pydantic/corpus.jsonl");
const SCHEMAS: &str = include_str!("../data/pydantic/schemas.json");

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
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
    i64: |v| json!(v);
    i16: |v| json!(v);
    u8: |v| json!(v);
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
    (i64, String): |v| json!(v);
    HashSet<i64>: |v| { let mut v: Vec<_> = v.iter().collect(); v.sort(); json!(v) };
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
impl<K: ToString, V: Plain> Plain for BTreeMap<K, V> {
    fn plain(&self) -> Js {
        self.iter().map(|(k, v)| (k.to_string(), v.plain())).collect()
    }
}
impl<K: ToString, V: Plain> Plain for HashMap<K, V> {
    fn plain(&self) -> Js {
        self.iter().map(|(k, v)| (k.to_string(), v.plain())).collect()
    }
}
/// `Vec<u8>` is a list of numbers elsewhere.
fn bytes(v: &[u8]) -> Js {
    json!(String::from_utf8_lossy(v))
}

type Answer = Result<Js, ValidationError>;

/// One model with one field `v` for each line.
macro_rules! models {
    ($($name:ident $(@$model:ident)? $ty:ty $(, $rule:meta)* => $plain:expr;)*) => {
        $(
            #[derive(Debug, Clone, DbModel)]
            #[model($($model,)? timestamps = false)]
            struct $name {
                pk: Pk<Self>,
                $(#[$rule])*
                v: $ty,
            }
        )*

        fn ask(model: &str, input: &str) -> Answer {
            match model {
                $(stringify!($name) => $name::from_json(input).map(|m| {
                    let plain: fn(&$ty) -> Js = $plain;
                    json!({"v": plain(&m.v)})
                }),)*
                "Person" => Person::from_json(input).map(|p| p.plain()),
                "Closed" => Closed::from_json(input).map(|c| json!({"a": c.a, "b": c.b})),
                other => panic!("no model `{other}`"),
            }
        }

        fn schema(model: &str) -> Js {
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
    Int i64 => Plain::plain;
    Narrow u8 => Plain::plain;
    Short i16 => Plain::plain;
    IntRules i64, field(gt = 0, lt = 100, multiple_of = 5) => Plain::plain;
    IntRange i64, field(gte = -3, lte = 7) => Plain::plain;
    IntExclusive i64, field(gt = -3, lt = 7) => Plain::plain;
    Float f64 => Plain::plain;
    FloatRules f64, field(gt = 0.5, lte = 10, multiple_of = 0.25) => Plain::plain;
    FloatRange f64, field(gte = -1.5, lt = 1e3) => Plain::plain;
    Bool bool => Plain::plain;
    Str String => Plain::plain;
    StrLength String, field(min_length = 2, max_length = 5) => Plain::plain;
    StrOne String, field(min_length = 1) => Plain::plain;
    StrPattern String, field(pattern = r"^[a-z]+\d*$") => Plain::plain;
    StrSearch String, field(max_length = 9, pattern = r"(?i)b\w") => Plain::plain;
    StrStrip String, field(strip_whitespace, min_length = 1, max_length = 4) => Plain::plain;
    StrLower String, field(to_lower) => Plain::plain;
    StrUpper String, field(to_upper, strip_whitespace) => Plain::plain;
    StrChoice String, field(one_of = ["a", "it's", "b c"]) => Plain::plain;
    StrOnly String, field(one_of = ["only"]) => Plain::plain;
    Char char => Plain::plain;
    Bytes Vec<u8> => |v| bytes(v);
    BytesLength Vec<u8>, field(min_length = 2, max_length = 4) => |v| bytes(v);
    Date NaiveDate => Plain::plain;
    Time NaiveTime => Plain::plain;
    Naive NaiveDateTime => Plain::plain;
    Aware DateTime<Utc> => Plain::plain;
    Id Uuid => Plain::plain;
    Dec Decimal => Plain::plain;
    DecRules Decimal, field(gt = 0, lte = 100.5) => Plain::plain;
    DecStep Decimal, field(multiple_of = 0.05) => Plain::plain;
    EnumText Status => Plain::plain;
    EnumInt Level => Plain::plain;
    OptInt Option<i64> => Plain::plain;
    OptStr Option<String>, field(min_length = 2) => Plain::plain;
    OptDate Option<NaiveDate> => Plain::plain;
    DefaultInt i64, field(default = 5) => Plain::plain;
    ListInt Vec<i64> => Plain::plain;
    ListStr Vec<String> => Plain::plain;
    ListBool Vec<bool> => Plain::plain;
    ListDate Vec<NaiveDate> => Plain::plain;
    ListRules Vec<i64>, field(min_items = 1, max_items = 3) => Plain::plain;
    ListOpt Vec<Option<i64>> => Plain::plain;
    ListList Vec<Vec<i64>> => Plain::plain;
    SetInt HashSet<i64> => Plain::plain;
    SetRules HashSet<i64>, field(min_items = 2) => Plain::plain;
    DictInt BTreeMap<String, i64> => Plain::plain;
    DictKeys HashMap<i64, f64> => Plain::plain;
    DictDates BTreeMap<String, Vec<NaiveDate>> => Plain::plain;
    Pair (i64, String) => Plain::plain;
    OptList Option<Vec<i64>> => Plain::plain;
    Nested Address, field(json) => Plain::plain;
    NestedList Json<Vec<Address>> => |v| v.0.plain();
    StrictInt @strict i64 => Plain::plain;
    StrictFloat @strict f64 => Plain::plain;
    StrictBool @strict bool => Plain::plain;
    StrictStr @strict String => Plain::plain;
    StrictDate @strict NaiveDate => Plain::plain;
    StrictTime @strict NaiveTime => Plain::plain;
    StrictAware @strict DateTime<Utc> => Plain::plain;
    StrictId @strict Uuid => Plain::plain;
    StrictDec @strict Decimal => Plain::plain;
    StrictList @strict Vec<i64> => Plain::plain;
    StrictDict @strict BTreeMap<String, bool> => Plain::plain;
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
            "name": self.name, "age": self.age, "nick": self.nick, "score": self.score, "born": self.born.plain(),
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

/// The differences that docs/guide/validation.md lists, and nothing else.
fn is_deliberate(model: &str, input: &str, ours: &Answer, theirs: &Js) -> bool {
    let kinds = |errors: &[ErrorDetail]| errors.iter().map(|e| e.kind.to_string()).collect::<Vec<_>>();
    match ours {
        Err(e) => match &kinds(e.errors())[..] {
            // An integer type is a range, which is looked at first.
            [k] if k.ends_with("than_equal") && theirs["ok"].is_null() => {
                e.errors()[0].ctx.values().all(|v| *v == i64::MIN || *v == i64::MAX)
            }
            // A column has no room for NaN, nor a time for a zone, nor a decimal for more than 28 digits.
            [k] if k == "finite_number" => model.contains("Float") || model == "DictKeys",
            [k] if k == "timezone_naive" => model.ends_with("Time") && theirs["ok"]["v"] == "zone",
            // Python's digits are those of every script.
            [k] if k == "decimal_parsing" => !input.is_ascii(),
            // Pydantic compares a number before it says that it is too large for it.
            [k] if k == "enum" => theirs["errors"][0]["type"] == "int_parsing_size",
            // The newer parser of dates says why such a number is none.
            [_] if input.contains("\"-9223372036854775808\"") => {
                theirs["errors"][0]["ctx"]["error"] == "invalid character in year"
            }
            [k] if k == "decimal_max_digits" => true,
            // Of a list that is too long the wrong items are said, as of any other.
            _ if model == "ListRules" => {
                theirs["errors"][0]["type"] == "too_long" && e.errors().iter().all(|e| e.loc.len() == 2)
            }
            _ => false,
        },
        // A number of seconds is a time without a zone; and one before 1970 counts its fraction backwards.
        Ok(_) => {
            theirs["ok"]["v"] == "zone" && !input[5..].contains(':') || (model == "Aware" && input.contains("-1.6"))
        }
    }
}

fn compare(model: &str, input: &str, theirs: &Js) -> Result<(), String> {
    let ours = ask(model, input);
    let said = match &ours {
        Ok(value) => json!({"ok": value}),
        Err(e) => json!({"errors": e}),
    };
    let text = ours.as_ref().err().map(ToString::to_string);
    let mut expected = theirs.clone();
    let expected_text = expected.as_object_mut().and_then(|o| o.remove("text"));
    if said == expected && (expected_text.is_none() || expected_text.as_ref().and_then(Js::as_str) == text.as_deref()) {
        return Ok(());
    }
    if is_deliberate(model, input, &ours, theirs) {
        return Ok(());
    }
    Err(format!("{model} {input}\n  ours:   {said}\n  theirs: {expected}\n  {text:?}\n  {expected_text:?}"))
}

/// VAL-1
#[test]
fn what_pydantic_takes_is_taken_and_what_it_refuses_is_refused_with_its_words() {
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for line in CORPUS.lines() {
        let (model, input, theirs): (String, String, Js) = serde_json::from_str(line).unwrap();
        asked += 1;
        wrong.extend(compare(&model, &input, &theirs).err());
    }
    assert!(wrong.is_empty(), "{} of {asked} differ:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert!(asked > 8000, "{asked}");
}

/// Two schemas of one meaning become one: names resolved, titles gone, numbers compared as such. The range of an `i64` is no
/// news to us, and a rule to Python.
fn meaning(schema: &Js, defs: &Js) -> Js {
    match schema {
        Js::Object(o) => {
            if let Some(name) = o.get("$ref").and_then(Js::as_str).and_then(|r| r.strip_prefix("#/$defs/")) {
                return meaning(&defs[name], defs);
            }
            let wide = |k: &str, v: &Js| (k == "minimum" && *v == i64::MIN) || (k == "maximum" && *v == i64::MAX);
            let kept = o.iter().filter(|(k, v)| !(*k == "title" && v.is_string()) && *k != "$defs" && !wide(k, v));
            kept.map(|(k, v)| match k.as_str() {
                "const" => ("enum".to_owned(), json!([v])),
                _ => (k.clone(), meaning(v, defs)),
            })
            .collect()
        }
        Js::Array(items) => items.iter().map(|i| meaning(i, defs)).collect(),
        Js::Number(n) => json!(n.as_f64()),
        other => other.clone(),
    }
}

#[test]
fn the_json_schema_means_what_pydantics_means() {
    let theirs: BTreeMap<String, Js> = serde_json::from_str(SCHEMAS).unwrap();
    for (model, theirs) in &theirs {
        // serde does not say what its types look like.
        if !model.starts_with("Nested") {
            let ours = schema(model);
            assert_eq!(meaning(&ours, &Js::Null), meaning(theirs, &theirs["$defs"]), "{model}");
            assert_eq!(ours["title"], theirs["title"]);
        }
    }
}
