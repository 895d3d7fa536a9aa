use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    title: String,
    author: String,
    year: Option<i64>,
}

fn main() {
    let _ = Book::builder().author("J.R.R. Tolkien").year(1937).build();
    let _ = Book::builder().title("The Hobbit").build();
}
