use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
#[model(index(emial), unique_index(name, name), index())]
struct User {
    pk: Pk<Self>,
    name: String,
    email: String,
}

fn main() {}
