use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct User(Pk<User>, String);

#[derive(Debug, Clone, DbModel)]
struct Nothing;

fn main() {}
