use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct User {
    pk: Pk<Self>,
    name: String,
    age: i64,
}

fn main() {
    let _ = User::NAME.is_null();
}
