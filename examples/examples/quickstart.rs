//! The main job on a real file: `cargo run --example quickstart`, then `sqlite3 library.db 'SELECT * FROM books'`.

use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Author {
    pk: Pk<Self>,
    #[field(min_length = 1)]
    name: String,
}

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    title: String,
    year: Option<i64>,
    #[foreign_key(related_name = "books", on_delete = Cascade)]
    author: ForeignKey<Author>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::open("library.db").await?;
    db.create_tables::<(Author, Book)>().await?;

    let tolkien = Author::builder().name("J.R.R. Tolkien").insert(&db).await?;
    Book::builder().title("The Hobbit").year(1937).author(&tolkien).insert(&db).await?;

    let books = db
        .select::<Book>()
        .filter(Book::AUTHOR.to(Author::NAME).starts_with("J.R.R.") & Book::YEAR.lt(1950))
        .select_related(Book::AUTHOR)
        .order(Book::TITLE)
        .fetch_all()
        .await?;
    for book in &books {
        println!("{} by {}", book.title, book.author.loaded()?.name);
    }
    println!("{} wrote {} book(s)", tolkien.name, tolkien.books().count().await?);
    db.close().await;
    Ok(())
}
