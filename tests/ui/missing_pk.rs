use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct User {
    name: String,
}

fn main() {}
