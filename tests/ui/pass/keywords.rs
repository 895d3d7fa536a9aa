//! Names that are keywords of Rust or of SQL, and names that differ in case alone.
#![allow(non_snake_case)]

use sqliter_async::prelude::*;

#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(table = "select", index(type, r#match))]
struct Order {
    pk: Pk<Self>,
    r#type: String,
    r#match: Option<i64>,
    #[field(column = "group by")]
    group: String,
    #[field(column = "from", default = "it's")]
    where_from: String,
    foo: i64,
    #[field(column = "foo_2")]
    FOO: i64,
    build: Option<String>,
    insert: bool,
    value: i64,
    maybe_value: i64,
    self_: i64,
    row: i64,
    at: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
enum Word {
    #[allow(non_camel_case_types)]
    r#where,
    Self_,
}

#[derive(Debug, Clone, DbModel)]
#[allow(non_camel_case_types)]
struct r#struct {
    pk: Pk<Self>,
    r#fn: i64,
}

fn main() {
    let order = Order::builder()
        .r#type("a")
        .r#match(1)
        .group("g")
        .foo(1)
        .FOO(2)
        .build_("b")
        .insert_(true)
        .value(3)
        .maybe_value(4)
        .self_(5)
        .row(6)
        .at(7)
        .build()
        .unwrap();
    assert_eq!(order.where_from, "it's");
    assert_eq!(order.FOO, 2);
    let _ = Order::TYPE.eq("a") & Order::MATCH.eq(1) & Order::FOO.eq(1) & Order::FOO_.eq(2);
    assert_eq!((Order::TYPE.name(), Order::GROUP.name(), Order::FOO_.name()), ("type", "group by", "foo_2"));
    assert_eq!(Order::table_name(), "select");
    let _ = (Word::r#where, Word::Self_);
    let _ = r#struct::builder().r#fn(1).build().unwrap().r#fn;
    assert_eq!(r#struct::table_name(), "structs");
}
