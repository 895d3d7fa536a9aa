use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Author {
    pk: Pk<Self>,
}

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    #[field(references = Author, on_delete = SetNull)]
    author: i64,
    #[field(references = Author, on_delete = Cascading)]
    editor: i64,
    #[field(references = String)]
    publisher: i64,
}

fn main() {}
