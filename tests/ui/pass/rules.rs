//! Rules on types behind an alias, setters, and names that are keywords.

use sqliter_async::prelude::*;

type Amount = i64;
type Name = String;

#[derive(Debug, Clone, DbModel)]
#[model(setters, strict, deny_unknown, validate_with = whole)]
pub struct Order {
    pk: Pk<Self>,
    #[field(gt = 0, validate_with = Self::is_round)]
    amount: Amount,
    #[field(min_length = 1, strip_whitespace)]
    r#type: Name,
    #[field(one_of = [1, 2], multiple_of = 1)]
    level: Option<u8>,
    #[field(min_items = 1, max_items = 2)]
    lines: Json<Vec<String>>,
}

impl Order {
    fn is_round(amount: &Amount) -> std::result::Result<(), &'static str> {
        if amount % 10 == 0 { Ok(()) } else { Err("not round") }
    }
}

fn whole(_: &Order) -> std::result::Result<(), std::fmt::Error> {
    Ok(())
}

fn main() {
    let mut order = Order::builder().amount(10).r#type("a".to_owned()).lines(vec!["x".to_owned()]).build().unwrap();
    order.set_amount(20).unwrap();
    order.set_type("b".to_owned()).unwrap();
    order.set_level(None).unwrap();
    order.set_level(2).unwrap();
    order.set_lines(vec!["y".to_owned()]).unwrap();
    assert!(order.set_amount(21).is_err() && order.validate().is_ok());
}
