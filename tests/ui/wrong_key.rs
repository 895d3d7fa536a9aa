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

async fn user(db: &SqliterDb, book: &Book) {
    let _ = db.get::<User>(&book.pk).await;
}

fn main() {}
