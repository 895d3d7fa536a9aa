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

fn counted(db: &SqliterDb) {
    let _ = db.select::<Book>().with_count(Book::AUTHOR, "n");
}

fn main() {}
