use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Author {
    pk: Pk<Self>,
}

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    author: ForeignKey<Author>,
    #[foreign_key(related_name = "edited")]
    editor: Option<ForeignKey<Author>>,
}

fn main() {
    let _ = Book::builder().build();
    let _ = Book::builder().author("Jane Austen").build();
}
