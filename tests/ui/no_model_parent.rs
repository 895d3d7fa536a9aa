use sqliter_async::prelude::*;

#[derive(Debug, Clone)]
struct Author;

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    #[foreign_key(no_reverse)]
    author: ForeignKey<Author>,
}

#[derive(Debug, Clone, DbModel)]
struct Shop {
    pk: Pk<Self, String>,
}

#[derive(Debug, Clone, DbModel)]
struct Sale {
    pk: Pk<Self>,
    shop: ForeignKey<Shop>,
}

fn main() {}
