//! Updates and deletes whose conditions, orders or values reach other tables.

use sqliter_async::prelude::*;

use super::{Author, Book, Publisher, Review, authors, books, fill, reviews, titles};
use crate::support::{on_both, raw};

async fn years(db: &SqliterDb) -> Vec<Option<i64>> {
    db.select::<Book>().order(Book::PK).only(Book::YEAR).fetch_all().await.unwrap()
}

/// BULK-21
#[tokio::test]
async fn updates_choose_rows_by_other_tables() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let by_john = db.select::<Book>().filter(Book::AUTHOR.to(Author::NAME).eq("John"));
        assert_eq!(by_john.update(Book::YEAR.set(1)).await.unwrap(), 2);
        assert_eq!(years(&db).await, [Some(1815), Some(1), Some(1), Some(1818)]);
        let joined = by_john.clone().select_related(Book::AUTHOR).select_related(Book::EDITOR);
        assert_eq!(joined.update(Book::YEAR.set(2)).await.unwrap(), 2);
        let reviewed = db.select::<Book>().filter(Book::REVIEWS.to(Review::STARS).gte(5));
        assert_eq!(reviewed.update(Book::YEAR.set(Book::YEAR + 10)).await.unwrap(), 2);
        assert_eq!(years(&db).await, [Some(1825), Some(12), Some(2), Some(1818)]);
        assert_eq!(
            db.select::<Book>()
                .filter(lookup("editor__publisher__name", "Bell"))
                .update(Book::YEAR.set(None))
                .await
                .unwrap(),
            1
        );
        assert_eq!(db.update_where::<Book>(Book::REVIEWS.count().eq(0), Book::TITLE.set("none")).await.unwrap(), 1);
        assert_eq!(books(&db, Book::TITLE.eq("none") & Book::YEAR.is_null()).await.len(), 1);
        // The order and the window are those of the query.
        let two = db.select::<Book>().order((Book::AUTHOR.to(Author::NAME).desc(), Book::PK)).offset(1).limit(2);
        assert_eq!(two.update(Book::YEAR.set(7)).await.unwrap(), 2);
        assert_eq!(years(&db).await, [Some(1825), Some(7), Some(7), Some(1818)]);
        let most = db.select::<Book>().order(Book::REVIEWS.count().desc()).limit(1);
        assert_eq!(most.update(Book::YEAR.set(8)).await.unwrap(), 1);
        assert_eq!(years(&db).await[0], Some(8));
    })
    .await;
}

/// BULK-21
#[tokio::test]
async fn deletes_choose_rows_by_other_tables() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let lost = db.select::<Review>().filter(Review::BOOK.to(Book::AUTHOR).to(Author::NAME).is_null());
        assert_eq!(lost.delete().await.unwrap(), 1);
        assert_eq!(
            db.select::<Review>()
                .filter(Review::BOOK.to(Book::AUTHOR).to(Author::PUBLISHER).eq(2))
                .delete()
                .await
                .unwrap(),
            1
        );
        assert_eq!(reviews(&db, Filter::all([])).await, ["fine", "so-so", "great"]);
        let best = db.select::<Review>().order((Review::BOOK.to(Book::TITLE).desc(), Review::PK)).limit(1);
        assert_eq!(best.delete().await.unwrap(), 1);
        assert_eq!(reviews(&db, Filter::all([])).await, ["fine", "so-so"]);
        assert_eq!(db.select::<Book>().filter(Book::REVIEWS.none(None::<Filter<Review>>)).delete().await.unwrap(), 3);
        assert_eq!(books(&db, Filter::all([])).await, ["Emma"]);
        // A table that asks about itself, while its rows go.
        assert_eq!(
            db.select::<Author>().filter(Author::PUPILS.none(None::<Filter<Author>>)).delete().await.unwrap(),
            1
        );
        assert_eq!(authors(&db, Filter::all([])).await, ["Jane", "John"]);
        // By cascade the last book and its reviews go too.
        assert_eq!(db.select::<Author>().filter(Author::BOOKS.any(None::<Filter<Book>>)).delete().await.unwrap(), 1);
        assert_eq!(raw(&db, "SELECT (SELECT count(*) FROM books) || (SELECT count(*) FROM reviews)").await, ["00"]);
        assert!(db.get::<Author>(2).await.unwrap().unwrap().mentor.is_none());
    })
    .await;
}

#[tokio::test]
async fn values_come_from_other_tables() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        assert_eq!(db.select::<Author>().update(Author::SCORE.set(Author::BOOKS.count())).await.unwrap(), 3);
        let scores = async || db.select::<Author>().order(Author::PK).only(Author::SCORE).fetch_all().await.unwrap();
        assert_eq!(scores().await, [1, 2, 1]);
        let busy = db.select::<Author>().filter(Author::EDITED.any(None::<Filter<Book>>)).order(Author::NAME).limit(1);
        let sum = Author::SCORE + Author::BOOKS.to(Book::REVIEWS).count() * 10;
        assert_eq!(busy.update(Author::SCORE.set(sum)).await.unwrap(), 1);
        assert_eq!(scores().await, [21, 2, 1]);
        db.select::<Book>().update(Book::TITLE.set(Book::AUTHOR.to(Author::NAME))).await.unwrap();
        assert_eq!(
            titles(&db.select::<Book>().order(Book::PK).fetch_all().await.unwrap()),
            ["Jane", "John", "John", "Mary"]
        );
        db.select::<Book>().update(Book::YEAR.set(Book::EDITOR.to(Author::BORN))).await.unwrap();
        assert_eq!(years(&db).await, [None, Some(1775), Some(1797), None]);
        let far = Book::AUTHOR.to(Author::PUBLISHER).to(Publisher::NAME).coalesce("none");
        db.select::<Book>()
            .filter(Book::AUTHOR.to(Author::NAME).ne("Mary"))
            .update(Book::TITLE.set(far))
            .await
            .unwrap();
        assert_eq!(
            titles(&db.select::<Book>().order(Book::PK).fetch_all().await.unwrap()),
            ["Acme", "none", "none", "Mary"]
        );
    })
    .await;
}

/// Every value is computed from the rows as they were, not from rows that the statement has just changed.
#[tokio::test]
async fn values_come_from_the_rows_as_they_were() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        for (key, score) in [(1, 1), (2, 10), (3, 100)] {
            db.update_where::<Author>(Author::PK.eq(key), Author::SCORE.set(score)).await.unwrap();
        }
        let mentor = Author::MENTOR.to(Author::SCORE).coalesce(0);
        db.select::<Author>().update(Author::SCORE.set(Author::SCORE + mentor)).await.unwrap();
        let scores = db.select::<Author>().order(Author::PK).only(Author::SCORE).fetch_all().await.unwrap();
        assert_eq!(scores, [1, 11, 110]);
        db.select::<Author>().update(Author::NAME.set(Author::MENTOR.to(Author::NAME).coalesce("none"))).await.unwrap();
        assert_eq!(authors(&db, Filter::all([])).await, ["none", "Jane", "John"]);
    })
    .await;
}

#[tokio::test]
async fn a_required_column_takes_no_null_from_afar() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let before = raw(&db, "SELECT group_concat(score) FROM authors").await;
        // `Author::SCORE.set(Author::MENTOR.to(Author::SCORE))` does not compile: the value may be NULL.
        let err = db.select::<Author>().update(assign("score", Value::Null)).await.unwrap_err();
        assert!(matches!(&err, Error::InvalidUpdate(_)), "{err:?}");
        assert_eq!(raw(&db, "SELECT group_concat(score) FROM authors").await, before);
        let err = db.select::<Book>().update(Book::AUTHOR.set(99)).await.unwrap_err();
        assert!(matches!(&err, Error::ForeignKeyConstraint { .. }), "{err:?}");
        assert_eq!(
            db.select::<Book>()
                .filter(Book::EDITOR.to(Author::NAME).eq("Mary"))
                .update(Book::EDITOR.set(1))
                .await
                .unwrap(),
            1
        );
        assert_eq!(db.select::<Book>().filter(Book::EDITOR.eq(1)).count().await.unwrap(), 2);
        assert_eq!(
            db.select::<Book>()
                .update((Book::EDITOR.set(None::<ForeignKey<Author>>), Book::YEAR.set(None)))
                .await
                .unwrap(),
            4
        );
    })
    .await;
}

#[derive(Debug, Clone, DbModel)]
struct Summary {
    pk: Pk<Self>,
    small: u8,
    title: String,
    author: ForeignKey<Author>,
}

/// A value that does not fit is an error, and nothing was changed.
#[tokio::test]
async fn values_from_other_tables_are_checked() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        db.create_table::<Summary>().await.unwrap();
        for author in [1, 2, 3] {
            Summary::builder().small(author as u8).title("x").author(author).insert(&db).await.unwrap();
        }
        db.update_where::<Author>(Author::PK.eq(3), Author::BORN.set(1)).await.unwrap();
        let all = db.select::<Summary>();
        let err = all.update(assign("small", 300)).await.unwrap_err();
        assert!(matches!(&err, Error::InvalidUpdate(_)), "{err:?}");
        let score = Summary::SMALL * 100;
        let err = all.update((Summary::SMALL.set(score), Summary::TITLE.set(Summary::AUTHOR.to(Author::NAME)))).await;
        let err = err.unwrap_err();
        assert!(matches!(&err, Error::InvalidUpdate(text) if text.contains("'small'")), "{err:?}");
        let left = raw(&db, "SELECT group_concat(small || title) FROM summaries").await;
        assert_eq!(left, ["1x,2x,3x"]);
        let both = (Summary::SMALL.set(Summary::SMALL + 1), Summary::TITLE.set(Summary::AUTHOR.to(Author::NAME)));
        let stamp = db.select::<Summary>().only(Summary::UPDATED_AT).fetch_one().await.unwrap();
        assert_eq!(all.clone().order(Summary::PK.desc()).limit(2).update(both).await.unwrap(), 2);
        assert_eq!(raw(&db, "SELECT group_concat(small || title) FROM summaries").await, ["1x,3John,4Mary"]);
        assert!(db.select::<Summary>().only(Summary::UPDATED_AT).fetch_one().await.unwrap() >= stamp);
        // With a column of the row that other rows read.
        let swapped = (Summary::TITLE.set(Summary::AUTHOR.to(Author::NAME)), Summary::AUTHOR.set(1));
        assert_eq!(all.update(swapped).await.unwrap(), 3);
        assert_eq!(raw(&db, "SELECT group_concat(author_id || title) FROM summaries").await, ["1Jane,1John,1Mary"]);
        let none = all.clone().filter(Summary::AUTHOR.to(Author::NAME).eq("nobody"));
        assert_eq!(none.update(Summary::TITLE.set(Summary::AUTHOR.to(Author::NAME))).await.unwrap(), 0);
        let wrong = all.filter(lookup("author__nam", "x"));
        let err = wrong.update(Summary::TITLE.set(Summary::AUTHOR.to(Author::NAME))).await.unwrap_err();
        assert!(matches!(&err, Error::InvalidFilter { .. }), "{err:?}");
    })
    .await;
}

#[tokio::test]
async fn the_statement_reads_before_it_writes() {
    let db = super::watched().await;
    fill(&db).await.unwrap();
    let (_, sql) = super::statements(async {
        let query = db.select::<Author>().filter(Author::PUBLISHER.to(Publisher::NAME).eq("Acme"));
        query.update((Author::NAME.set("x"), Author::SCORE.set(Author::BOOKS.count()))).await.unwrap();
    })
    .await;
    let update = sql.iter().find(|s| s.starts_with("UPDATE")).unwrap();
    let start = r#"UPDATE "authors" SET "name" = 'x', "score" = t0."1", "updated_at" = "#;
    let end = r#" FROM (SELECT t1."pk" AS "0", (SELECT COUNT(*) FROM "books" AS t2 WHERE t2."author_id" = t1."pk") AS "1" FROM "authors" AS t1 LEFT JOIN "publishers" AS t3 ON t3."pk" = t1."publisher_id" WHERE t3."name" = 'Acme') AS t0 WHERE "authors"."pk" = t0."0" RETURNING "pk", "score""#;
    assert!(update.starts_with(start) && update.ends_with(end), "{update}");
}
