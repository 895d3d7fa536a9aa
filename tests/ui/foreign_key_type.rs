use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Author {
    pk: Pk<Self>,
}

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    #[foreign_key(on_delete = Cascade)]
    author: i64,
    #[foreign_key]
    editor: Option<i64>,
    #[many_to_many(related_name = "books")]
    translator: i64,
    #[foreign_key(related_name = "shelved")]
    shelves: ManyToMany<Author>,
    #[foreign_key(unique, related_name = "reviewed")]
    #[field(column = "reviewer", default = 1, unique)]
    reviewer: ForeignKey<Author>,
}

fn main() {}
