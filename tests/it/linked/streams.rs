//! Streams of rows with what was loaded ahead for them.

use std::time::Duration;

use sqliter_async::prelude::*;

use super::{Author, Book, Library};
use crate::support::on_both;

async fn fill(db: &SqliterDb, authors: usize, books: usize) {
    db.create_tables::<Library>().await.unwrap();
    let authors =
        db.bulk_insert((0..authors).map(|i| Author::builder().name(i.to_string()).build().unwrap())).await.unwrap();
    let all = authors
        .iter()
        .flat_map(|a| (0..books).map(move |i| Book::builder().title(i.to_string()).year(1).author(a).build().unwrap()));
    db.bulk_insert(all).await.unwrap();
}

/// The number of rows, each with all of its books.
async fn whole(mut rows: RowStream<Author>, books: usize) -> usize {
    let mut count = 0;
    while let Some(author) = rows.next().await {
        assert_eq!(author.unwrap().books().fetch_all().await.unwrap().len(), books);
        count += 1;
    }
    count
}

/// What belongs to the rows takes longer than a runtime's thread may be held: the rows come all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_children_lose_no_rows() {
    on_both(async |db| {
        fill(&db, 60, 300).await;
        let query = || db.select::<Author>().prefetch_related(Author::BOOKS);
        for _ in 0..5 {
            assert_eq!(whole(query().stream(), 300).await, 60);
            let inside = db.transaction(async |tx| -> Result<usize> {
                Ok(whole(tx.select::<Author>().prefetch_related(Author::BOOKS).stream(), 300).await)
            });
            assert_eq!(inside.await.unwrap(), 60);
        }
        // The connections are free of it.
        let author = db.select::<Author>().fetch_one().await.unwrap().unwrap();
        db.delete(&author).await.unwrap();
        assert_eq!(db.select::<Author>().count().await.unwrap(), 59);
    })
    .await;
}

/// The children are of the moment of their parents, also those of the last batch.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_with_children_is_of_one_moment() {
    on_both(async |db| {
        fill(&db, 2000, 1).await;
        let mut rows = db.select::<Author>().prefetch_related(Author::BOOKS).stream();
        let first = rows.next().await.unwrap().unwrap();
        assert_eq!(first.books().fetch_all().await.unwrap().len(), 1);
        tokio::time::timeout(Duration::from_secs(20), db.select::<Book>().delete()).await.unwrap().unwrap();
        assert_eq!(whole(rows, 1).await, 1999);
        assert_eq!(db.select::<Book>().count().await.unwrap(), 0);
    })
    .await;
}
