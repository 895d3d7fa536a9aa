use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct User {
    pk: Pk<Self>,
}

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
}

async fn mixed(db: &SqliterDb, user: User, book: Book) {
    let _ = db.bulk_insert([user, book]).await;
}

fn main() {}
