use sqliter_async::ForeignKey as Key;
use sqliter_async::prelude::*;

type ToAuthor = ForeignKey<Author>;

#[derive(Debug, Clone, DbModel)]
struct Author {
    pk: Pk<Self>,
}

#[derive(Debug, Clone, DbModel)]
struct Country {
    pk: Pk<Self, String>,
}

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    author: ToAuthor,
    editor: Option<ToAuthor>,
    publisher: Key<Author>,
}

#[derive(Debug, Clone, DbModel)]
struct City {
    pk: Pk<Self>,
    #[field(references = Country)]
    country: i64,
    #[field(references = Author, on_delete = SetNull)]
    founder: Option<String>,
    #[field(references = Author)]
    mayor: u32,
}

fn main() {}
