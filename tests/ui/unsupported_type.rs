use sqliter_async::prelude::*;

#[derive(Debug, Clone)]
struct Address {
    street: String,
}

#[derive(Debug, Clone, DbModel)]
struct User {
    pk: Pk<Self>,
    address: Address,
}

fn main() {}
