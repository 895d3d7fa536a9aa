//! The main path over relations.

use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Author {
    pk: Pk<Self>,
    name: String,
    mentor: Option<ForeignKey<Self>>,
}

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    title: String,
    year: Option<i64>,
    #[foreign_key(related_name = "books", on_delete = Cascade)]
    author: ForeignKey<Author>,
    tags: ManyToMany<Tag>,
}

#[derive(Debug, Clone, DbModel)]
struct Tag {
    pk: Pk<Self>,
    name: String,
}

#[tokio::test]
async fn the_main_path() -> Result<()> {
    let db = SqliterDb::memory().await?;
    db.create_tables::<(Author, Book, Tag)>().await?;
    let jane = Author::builder().name("Jane").insert(&db).await?;
    let john = Author::builder().name("John").mentor(&jane).insert(&db).await?;
    let emma = Book::builder().title("Emma").year(1815).author(&jane).insert(&db).await?;
    Book::builder().title("Ring").year(1954).author(&john).insert(&db).await?;
    let q = db.select::<Book>().filter(Book::AUTHOR.to(Author::NAME).starts_with("J") & Book::YEAR.lt(1950));
    println!("{}", q.sql()?.0);
    let q = q.select_related(Book::AUTHOR.to(Author::MENTOR)).order(Book::AUTHOR.to(Author::NAME));
    println!("{}", q.sql()?.0);
    let books = q.fetch_all().await?;
    assert_eq!(books.len(), 1);
    assert_eq!(books[0].author.loaded()?.name, "Jane");
    assert_eq!(emma.author.fetch().await?.name, "Jane");
    assert_eq!(jane.books().count().await?, 1);
    let t = Tag::builder().name("x").insert(&db).await?;
    emma.tags.add(&t).await?;
    assert_eq!(emma.tags.count().await?, 1);
    let q = db.select::<Author>().filter(Author::BOOKS.to(Book::TAGS).to(Tag::NAME).eq("x"));
    println!("{}", q.sql()?.0);
    assert_eq!(q.count().await?, 1);
    let q = db.select::<Author>().filter(lookup("books__tags__name__icontains", "X")).prefetch_related("books__tags");
    println!("{}", q.sql()?.0);
    let a = q.fetch_all().await?;
    assert_eq!(a[0].books().fetch_all().await?[0].tags.fetch_all().await?[0].name, "x");
    assert_eq!(t.books().fetch_all().await?[0].title, "Emma");
    Ok(())
}
