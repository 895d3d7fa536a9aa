//! A foreign key, loaded when it is asked for.

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
    let tolkien = Author::builder().name("J.R.R. Tolkien").insert(&db).await?;
    let hobbit = Book::builder().title("The Hobbit").author(&tolkien).insert(&db).await?;

    println!("Book: {}", hobbit.title);
    println!("Author: {}", hobbit.author.fetch().await?.name);
    Ok(())
}
