//! Foreign keys, loaded with the rows by one statement.

use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Author {
    pk: Pk<Self>,
    name: String,
}

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    title: String,
    #[foreign_key(on_delete = Cascade)]
    author: ForeignKey<Author>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::memory().await?;
    db.create_tables::<(Author, Book)>().await?;
    let austen = Author::builder().name("Jane Austen").insert(&db).await?;
    for title in ["Pride and Prejudice", "Emma"] {
        Book::builder().title(title).author(&austen).insert(&db).await?;
    }

    let books = db.select::<Book>().select_related(Book::AUTHOR).fetch_all().await?;
    for book in &books {
        println!("  {} by {}", book.title, book.author.loaded()?.name);
    }
    println!("\nLoaded {} books with eager FK", books.len());
    Ok(())
}
