use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct User {
    pk: Pk<Self>,
    #[field(store = "seconds")]
    born: String,
}

fn main() {}
