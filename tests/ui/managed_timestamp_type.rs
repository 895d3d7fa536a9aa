use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct User {
    pk: Pk<Self>,
    created_at: String,
}

fn main() {}
