use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Author {
    pk: Pk<Self>,
    name: String,
}

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    title: String,
    #[foreign_key(related_name = "books")]
    author: ForeignKey<Author>,
}

fn grouped(db: &SqliterDb) {
    let _ = db.select::<Author>().group_by(Book::TITLE);
}

fn main() {}
