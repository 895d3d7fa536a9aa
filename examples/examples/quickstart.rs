//! The main job on a real file: `cargo run --example quickstart`, then `sqlite3 library.db 'SELECT * FROM books'`.

use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    title: String,
    year: Option<i64>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::open("library.db").await?;
    db.create_table::<Book>().await?;

    let hobbit = Book::builder().title("The Hobbit").year(1937).insert(&db).await?;
    println!("stored {} as number {}", hobbit.title, hobbit.pk);

    let books = db.select::<Book>().filter(Book::YEAR.lt(1950)).order(Book::TITLE).fetch_all().await?;
    for book in &books {
        println!("{} ({})", book.title, book.year.unwrap_or_default());
    }
    println!("library.db holds {} book(s)", db.select::<Book>().count().await?);
    db.close().await;
    Ok(())
}
