//! The way back along a foreign key.

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
    #[foreign_key(related_name = "books", on_delete = Cascade)]
    author: ForeignKey<Author>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::memory().await?;
    db.create_tables::<(Author, Book)>().await?;
    let dickens = Author::builder().name("Charles Dickens").insert(&db).await?;
    for title in ["Oliver Twist", "Great Expectations"] {
        Book::builder().title(title).author(&dickens).insert(&db).await?;
    }

    println!("Author: {}", dickens.name);
    let books = dickens.books().fetch_all().await?;
    println!("Books ({}):", books.len());
    for book in &books {
        println!("  - {}", book.title);
    }
    println!("Total via .count(): {}", dickens.books().count().await?);
    Ok(())
}
