use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct User {
    pk: Pk<Self>,
    name: String,
    #[field(column = "Name")]
    nick: String,
}

fn main() {}
