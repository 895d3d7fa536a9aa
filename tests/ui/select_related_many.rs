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

fn loaded(db: &SqliterDb) {
    let _ = db.select::<Author>().select_related(Author::BOOKS);
}

fn main() {}
