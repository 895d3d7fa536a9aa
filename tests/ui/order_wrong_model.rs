use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct User {
    pk: Pk<Self>,
    name: String,
    age: i64,
}

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    title: String,
}

fn books(db: &SqliterDb) {
    let _ = db.select::<User>().order(Book::TITLE);
}

fn main() {}
