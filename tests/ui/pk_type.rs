use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct User {
    pk: i64,
    name: String,
}

fn main() {}
