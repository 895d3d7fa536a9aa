use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Author {
    pk: Pk<Self>,
    books: i64,
}

impl Author {
    fn papers(&self) -> i64 {
        self.books
    }
}

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    author: ForeignKey<Author>,
}

#[derive(Debug, Clone, DbModel)]
struct Paper {
    pk: Pk<Self>,
    #[foreign_key(related_name = "papers")]
    author: ForeignKey<Author>,
}

fn main() {}
