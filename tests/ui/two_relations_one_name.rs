use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Author {
    pk: Pk<Self>,
}

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    author: ForeignKey<Author>,
    editor: Option<ForeignKey<Author>>,
    #[many_to_many(related_name = "books")]
    readers: ManyToMany<Author>,
}

fn main() {}
