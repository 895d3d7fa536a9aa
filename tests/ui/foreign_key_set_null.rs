use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Author {
    pk: Pk<Self>,
}

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    #[foreign_key(on_delete = SetNull, on_update = SetNull)]
    author: ForeignKey<Author>,
    #[foreign_key(on_delete = SetNull, related_name = "edited")]
    editor: Option<ForeignKey<Author>>,
}

fn main() {}
