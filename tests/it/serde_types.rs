//! Types that only serde knows, read from JSON: every error at once, in its place.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Js, json};
use sqliter_async::ValidationError;
use sqliter_async::prelude::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Side {
    Left,
    FarRight,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Shape {
    Dot,
    Circle(Point, i64),
    Named { name: String, size: u8 },
    Copy(Box<Shape>),
}

/// The lower end first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Ends")]
struct Span {
    low: i64,
    high: i64,
}

#[derive(Debug, Clone, Deserialize)]
struct Ends {
    low: i64,
    high: i64,
}

impl TryFrom<Ends> for Span {
    type Error = String;
    fn try_from(Ends { low, high }: Ends) -> Result<Self, String> {
        if low <= high { Ok(Span { low, high }) } else { Err(format!("{low} is more than {high}")) }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Node {
    id: i64,
    next: Option<Box<Node>>,
    #[serde(default)]
    tags: Vec<String>,
    pair: (i64, bool),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Flat {
    id: i64,
    #[serde(flatten)]
    point: Point,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Either {
    Number(i64),
    Text(String),
}

macro_rules! one {
    ($name:ident, $ty:ty) => {
        #[derive(Debug, Clone, PartialEq, DbModel)]
        struct $name {
            pk: Pk<Self>,
            #[field(json)]
            v: $ty,
        }
        impl $name {
            fn of(v: Js) -> Result<$ty, ValidationError> {
                $name::from_value(json!({ "v": v })).map(|m| m.v)
            }
        }
    };
}
one!(Shapes, Vec<Shape>);
one!(Spans, Vec<Span>);
one!(Nodes, Node);
one!(Flats, Flat);
one!(Eithers, Vec<Either>);
one!(Sides, HashMap<Side, Point>);
one!(Named, BTreeMap<String, Node>);

/// `loc: type` of each error, without the field.
fn said<T: std::fmt::Debug>(result: Result<T, ValidationError>) -> Vec<String> {
    let error = result.unwrap_err();
    let place =
        |e: &sqliter_async::ErrorDetail| e.loc[1..].iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    error.errors().iter().map(|e| format!("{}: {}", place(e), e.kind)).collect()
}

#[test]
fn what_is_missing_is_said_beside_what_is_wrong() {
    let expected =
        ["id: int_parsing", "next.id: missing", "next.tags.1: string_type", "next.pair.1: missing", "pair: missing"];
    let wrong = json!({"id": "x", "next": {"tags": ["a", 1], "pair": [1]}});
    assert_eq!(said(Nodes::of(wrong)), expected);
    let expected = ["pair: too_long"];
    assert_eq!(said(Nodes::of(json!({"id": 1, "pair": [1, true, 3]}))), expected);
    let error = Nodes::of(json!({"id": "x"})).unwrap_err();
    assert_eq!(error.errors()[1].input, json!({"id": "x"}));
    // Through maps too.
    let wrong = json!({"a": {"id": 1.5}, "b": 3, "c": {"pair": [true, "maybe"]}});
    let expected =
        ["a.id: int_from_float", "a.pair: missing", "b: model_type", "c.id: missing", "c.pair.1: bool_parsing"];
    assert_eq!(said(Named::of(wrong)), expected);
}

#[test]
fn more_errors_than_readings_are_still_an_error() {
    let many: Vec<Js> = (0..500).map(|_| json!({"low": "x", "high": "y"})).collect();
    let errors = said(Spans::of(many.into()));
    assert_eq!(errors[..2], ["0.low: int_parsing", "0.high: int_parsing"]);
    assert!((20..1000).contains(&errors.len()), "{}", errors.len());
}

#[test]
fn a_type_that_looks_at_itself_is_asked_about_the_input_alone() {
    assert_eq!(Spans::of(json!([{"low": "1", "high": 2.0}])).unwrap(), [Span { low: 1, high: 2 }]);
    let error =
        Spans::of(json!([{"low": 5, "high": 2}, {"low": 3, "high": "x"}, {"low": "9", "high": 1}])).unwrap_err();
    // The zero that stands for "x" is not said to be less than 3.
    assert_eq!(
        error.errors().iter().map(|e| e.msg.as_str()).collect::<Vec<_>>(),
        [
            "Value error, 5 is more than 2",
            "Input should be a valid integer, unable to parse string as an integer",
            "Value error, 9 is more than 1",
        ]
    );
    assert_eq!(error.errors()[0].loc.len(), 2);
}

#[test]
fn what_is_inside_a_variant_is_converted_and_reported_alike() {
    let read = Shapes::of(json!([
        "Dot",
        {"Dot": null},
        {"Circle": [{"x": "1", "y": 2}, "3"]},
        {"Named": {"name": "n", "size": "7"}},
        {"Copy": {"Copy": "Dot"}},
    ]));
    let circle = Shape::Circle(Point { x: 1.0, y: 2.0 }, 3);
    let named = Shape::Named { name: "n".to_owned(), size: 7 };
    let copy = Shape::Copy(Box::new(Shape::Copy(Box::new(Shape::Dot))));
    assert_eq!(read.unwrap(), [Shape::Dot, Shape::Dot, circle, named, copy]);
    let wrong = json!([
        {"Circle": [{"x": "a"}, "b"]},
        {"Named": {"size": 256}},
        "Square",
        {"Square": 1},
        {"Dot": 1, "Circle": 2},
        {"Copy": {"Copy": 5}},
        7,
        "Circle",
        {"Dot": 3},
    ]);
    let expected = [
        "0.Circle.0.x: float_parsing",
        "0.Circle.0.y: missing",
        "0.Circle.1: int_parsing",
        "1.Named.name: missing",
        "1.Named.size: less_than_equal",
        "2: enum",
        "3: enum",
        "4: enum",
        "5.Copy.Copy: enum",
        "6: enum",
        "7: value_error",
        "8.Dot: none_required",
    ];
    assert_eq!(said(Shapes::of(wrong)), expected);
}

#[test]
fn a_key_that_is_wrong_is_said_beside_its_value() {
    assert_eq!(Sides::of(json!({"far_right": {"x": 1, "y": "2"}})).unwrap()[&Side::FarRight], Point { x: 1.0, y: 2.0 });
    let error = Sides::of(json!({"left": {"x": 1}, "up": {"y": 1}, "down": {"x": 1, "y": 1}})).unwrap_err();
    let expected = ["down.[key]: enum", "left.y: missing", "up.[key]: enum", "up.x: missing"];
    assert_eq!(said(Err::<(), _>(error.clone())), expected);
    assert_eq!(error.errors()[0].input, "down");
    assert_eq!(error.errors()[0].msg, "Input should be 'left' or 'far_right'");
}

/// Here serde reads from a copy of its own, which converts nothing; what is right is taken.
#[test]
fn flattened_and_untagged_types_are_read_as_serde_reads_them() {
    assert_eq!(Flats::of(json!({"id": "1", "x": 1, "y": 2.5})).unwrap().point, Point { x: 1.0, y: 2.5 });
    assert_eq!(said(Flats::of(json!({"id": "a", "x": 1, "y": 2}))), ["id: int_parsing"]);
    assert_eq!(said(Flats::of(json!({"id": 1, "x": 1}))).len(), 1);
    assert_eq!(Eithers::of(json!([1, "a"])).unwrap(), [Either::Number(1), Either::Text("a".to_owned())]);
    assert_eq!(said(Eithers::of(json!([1, true, "a", []]))), ["1: value_error", "3: value_error"]);
}
