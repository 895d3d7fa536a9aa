use sqliter_async::prelude::*;

type Amount = i64;

#[derive(Debug, Clone, DbModel)]
struct User {
    pk: Pk<Self>,
    #[field(pattern = "[a-z")]
    name: String,
    #[field(min_length = 1)]
    age: i64,
    #[field(gt = 5, lt = 3)]
    size: i64,
    #[field(gte = 0, max_length = 3)]
    nick: Option<String>,
    #[field(min_length = 9, max_length = 3, email, url)]
    mail: String,
    #[field(max_length = 4)]
    tags: Vec<String>,
    #[field(gt = 0.5)]
    count: u8,
    #[field(multiple_of = 0, gt = LIMIT)]
    step: f64,
    #[field(min_items = -1)]
    list: Vec<i64>,
    #[field(one_of = [])]
    plan: String,
    #[field(one_of = ["a", "a"])]
    kind: String,
    #[field(one_of = ["a", 1])]
    sort: String,
    #[field(to_lower, to_upper)]
    word: String,
    #[field(strip_whitespace)]
    flag: bool,
    #[field(pattern = "x")]
    amount: Amount,
    #[field(min_items = 1)]
    total: Amount,
    #[field(to_upper)]
    code: Amount,
}

const LIMIT: f64 = 0.5;

fn main() {}
