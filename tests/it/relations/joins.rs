//! `select_related`: rows and those that their keys refer to, by one statement.

use sqliter_async::prelude::*;

use super::{Author, Book, Publisher, Review, fill, library, statements, titles, watched};
use crate::support::{on_both, raw_execute};

const BOOK: &str = r#"t0."pk", t0."title", t0."year", t0."author_id", t0."editor_id""#;

fn author(t: u32) -> String {
    ["pk", "name", "score", "born", "publisher_id", "mentor_id"].map(|c| format!(r#"t{t}."{c}""#)).join(", ")
}

fn sql<M: DbModel, Out: Clone + Send + Sync + 'static>(query: &Query<M, Out>) -> String {
    query.sql().unwrap().0
}

/// SEL-1
#[tokio::test]
async fn one_statement_whatever_the_rows() {
    let db = watched().await;
    fill(&db).await.unwrap();
    let query = db.select::<Book>().select_related(Book::AUTHOR).order(Book::PK);
    assert_eq!(
        sql(&query),
        format!(
            r#"SELECT {BOOK}, {} FROM "books" AS t0 JOIN "authors" AS t1 ON t1."pk" = t0."author_id" ORDER BY t0."pk" ASC"#,
            author(1)
        )
    );
    let (found, run) = statements(query.fetch_all()).await;
    let found = found.unwrap();
    assert_eq!((found.len(), run.len()), (4, 1), "{run:?}");
    let (loaded, run) = statements(async {
        for book in &found {
            assert_eq!(book.author.fetch().await.unwrap().pk.get(), book.author.key());
        }
        found[0].author.loaded().unwrap().name.clone()
    })
    .await;
    assert!(loaded == "Jane" && run.is_empty(), "{run:?}");
    for book in (0..40).map(|i| Book::builder().title(format!("b{i}")).author(i % 3 + 1)) {
        book.insert(&db).await.unwrap();
    }
    let (found, run) = statements(query.fetch_all()).await;
    assert_eq!((found.unwrap().len(), run.len()), (44, 1));
}

/// SEL-1, SEL-2, SEL-3, W6
#[tokio::test]
async fn outer_from_the_first_optional_key_on() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let query = db.select::<Book>().select_related(Book::EDITOR).order(Book::PK);
        assert_eq!(
            sql(&query),
            format!(
                r#"SELECT {BOOK}, {} FROM "books" AS t0 LEFT JOIN "authors" AS t1 ON t1."pk" = t0."editor_id" ORDER BY t0."pk" ASC"#,
                author(1)
            )
        );
        let found = query.fetch_all().await.unwrap();
        let editors: Vec<_> = found.iter().map(|b| b.editor.as_ref().map(|e| e.get().unwrap().name.as_str())).collect();
        assert_eq!(editors, [None, Some("Jane"), Some("Mary"), None]);

        // A required key behind an optional one.
        let query = db.select::<Review>().select_related(Review::BOOK.to(Book::AUTHOR).to(Author::PUBLISHER)).order(Review::PK);
        let text = sql(&query);
        let joins = text.split(" FROM ").nth(1).unwrap();
        assert_eq!(
            joins,
            r#""reviews" AS t0 LEFT JOIN "books" AS t1 ON t1."pk" = t0."book_id" LEFT JOIN "authors" AS t2 ON t2."pk" = t1."author_id" LEFT JOIN "publishers" AS t3 ON t3."pk" = t2."publisher_id" ORDER BY t0."pk" ASC"#
        );
        let found = query.fetch_all().await.unwrap();
        let read: Vec<_> = found
            .iter()
            .map(|r| {
                let author = r.book.as_ref().map(|b| b.get().unwrap().author.get().unwrap());
                (r.text.as_str(), author.map(|a| (a.name.as_str(), a.publisher.as_ref().map(|p| p.get().unwrap().name.as_str()))))
            })
            .collect();
        assert_eq!(
            read,
            [
                ("fine", Some(("Jane", Some("Acme")))),
                ("so-so", Some(("Jane", Some("Acme")))),
                ("great", Some(("John", None))),
                ("scary", Some(("Mary", Some("Bell")))),
                ("lost", None),
            ]
        );
        // Required before optional stays an inner join.
        let text = sql(&db.select::<Book>().select_related(Book::AUTHOR.to(Author::MENTOR).to(Author::PUBLISHER)));
        let kinds: Vec<_> = text.match_indices("JOIN").map(|(i, _)| text[..i].ends_with("LEFT ")).collect();
        assert_eq!(kinds, [false, true, true], "{text}");
    })
    .await;
}

/// SEL-1
#[tokio::test]
async fn calls_add_up_and_names_are_the_same_as_consts() {
    let db = library().await;
    let typed = db
        .select::<Book>()
        .select_related(Book::AUTHOR.to(Author::PUBLISHER))
        .select_related(Book::AUTHOR.to(Author::MENTOR))
        .select_related(Book::EDITOR)
        .select_related(Book::AUTHOR);
    let named = db
        .select::<Book>()
        .select_related("author__publisher")
        .select_related("author__mentor")
        .select_related("editor")
        .select_related("author");
    assert_eq!(sql(&typed), sql(&named));
    assert_eq!(sql(&typed).matches("JOIN").count(), 4);
    // Joins that a filter or order needs are those of the rows.
    let busy = named
        .filter(lookup("author__publisher__name", "Acme") & Book::EDITOR.to(Author::NAME).is_null())
        .order(("author__mentor__name", Book::EDITOR.to(Author::BORN)));
    assert_eq!(sql(&busy).matches("JOIN").count(), 4, "{}", sql(&busy));
    let found = busy.fetch_all().await.unwrap();
    assert_eq!(titles(&found), ["Emma"]);
    assert_eq!(found[0].author.get().unwrap().publisher.as_ref().unwrap().get().unwrap().name, "Acme");
}

/// SEL-4
#[tokio::test]
async fn it_goes_with_everything_else() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let all = db.select::<Book>().select_related(Book::AUTHOR).select_related(Book::EDITOR);
        assert_eq!((all.count().await.unwrap(), all.exists().await.unwrap()), (4, true));
        let by_author = all
            .clone()
            .filter(Book::AUTHOR.to(Author::NAME).starts_with("J"))
            .order((Book::AUTHOR.to(Author::NAME).desc(), Book::TITLE));
        let found = by_author.fetch_all().await.unwrap();
        assert_eq!(titles(&found), ["Ring", "Tales", "Emma"]);
        assert_eq!(titles(&by_author.clone().limit(1).offset(1).fetch_all().await.unwrap()), ["Tales"]);
        for query in [by_author.clone(), by_author.clone().distinct()] {
            assert_eq!(query.count().await.unwrap(), 3);
            for book in [query.fetch_one().await, query.fetch_first().await] {
                let book = book.unwrap().unwrap();
                assert_eq!((book.title.as_str(), book.author.get().unwrap().name.as_str()), ("Ring", "John"));
            }
            let last = query.fetch_last().await.unwrap().unwrap();
            assert_eq!((last.title.as_str(), last.author.get().unwrap().name.as_str()), ("Emma", "Jane"));
            let last = query.clone().limit(2).fetch_last().await.unwrap().unwrap();
            assert_eq!((last.title.as_str(), last.author.get().unwrap().name.as_str()), ("Tales", "John"));
            let last = query.clone().limit(1).offset(1).fetch_last().await.unwrap().unwrap();
            assert_eq!(last.editor.as_ref().unwrap().get().unwrap().name, "Mary");
            let page = query.page(2, 2).await.unwrap();
            assert_eq!((page.total, page.pages, page.items[0].author.get().unwrap().name.as_str()), (3, 2, "Jane"));
        }
        let none = all.clone().filter(Book::AUTHOR.to(Author::NAME).eq("nobody"));
        assert!(none.fetch_all().await.unwrap().is_empty() && none.fetch_first().await.unwrap().is_none());
        assert_eq!((none.count().await.unwrap(), none.exists().await.unwrap()), (0, false));
        assert!(none.fetch_one().await.unwrap().is_none() && none.fetch_last().await.unwrap().is_none());
        // Beside counts and loading ahead, before them or after.
        let counted = db.select::<Book>().with_count(Book::REVIEWS, "n").with_count(Book::REVIEWS, "m");
        let counted = counted.select_related(Book::AUTHOR).prefetch_related(Book::REVIEWS).order(Book::PK);
        let counted = counted.fetch_all().await.unwrap();
        for ((book, n), m) in &counted {
            assert_eq!((n, *n), (m, book.reviews().count().await.unwrap()));
            assert_eq!(book.author.loaded().unwrap().pk.get(), book.author.key());
        }
        let counted = all.clone().order(Book::PK).with_count(Book::REVIEWS, "n").fetch_all().await.unwrap();
        assert_eq!(
            counted.iter().map(|(b, n)| (b.author.get().unwrap().name.as_str(), *n)).collect::<Vec<_>>(),
            [("Jane", 2), ("John", 1), ("John", 0), ("Mary", 1)]
        );
        let ahead = all.clone().prefetch_related(Book::REVIEWS).order(Book::PK).fetch_all().await.unwrap();
        assert_eq!(
            (ahead[0].author.get().unwrap().name.as_str(), ahead[0].reviews().count().await.unwrap()),
            ("Jane", 2)
        );
        // Values are without the joined rows.
        assert_eq!(all.clone().order("author__name").only(Book::TITLE).fetch_all().await.unwrap()[0], "Emma");
        assert_eq!(all.fetch_dicts().await.unwrap()[0].len(), 5);
    })
    .await;
}

/// SEL-4
#[tokio::test]
async fn a_count_has_no_joins_it_does_not_need() {
    let db = watched().await;
    fill(&db).await.unwrap();
    let all = db.select::<Book>().select_related(Book::EDITOR.to(Author::PUBLISHER));
    let (_, run) = statements(async { (all.count().await, all.exists().await) }).await;
    assert_eq!(run, [r#"SELECT COUNT(*) FROM "books""#, r#"SELECT EXISTS(SELECT 1 FROM "books" LIMIT 1)"#]);
}

/// SEL-5
#[tokio::test]
async fn a_wrong_path_names_what_is_wrong() {
    let db = library().await;
    for (path, segment, model, hint) in [
        ("autor", "autor", "Book", Some("author")),
        ("reviews", "reviews", "Book", None),
        ("title", "title", "Book", None),
        ("author_id", "author_id", "Book", Some("author")),
        ("", "", "Book", None),
        ("author__", "", "Author", None),
        ("__author", "", "Book", None),
        ("author__publishr", "publishr", "Author", Some("publisher")),
        ("author__books", "books", "Author", None),
        ("author__publisher__name", "name", "Publisher", None),
        ("author.publisher", "author.publisher", "Book", Some("author")),
        ("Author", "Author", "Book", Some("author")),
    ] {
        let wrong = db.select::<Book>().select_related(path);
        for err in [
            wrong.fetch_all().await.unwrap_err(),
            wrong.fetch_one().await.unwrap_err(),
            wrong.fetch_first().await.unwrap_err(),
            wrong.fetch_last().await.unwrap_err(),
            wrong.page(1, 1).await.unwrap_err(),
            wrong.sql().unwrap_err(),
            wrong.count().await.unwrap_err(),
            wrong.exists().await.unwrap_err(),
            wrong.update(Book::YEAR.set(1)).await.unwrap_err(),
            wrong.delete().await.unwrap_err(),
            wrong.fetch_dicts().await.unwrap_err(),
            wrong.clone().only(Book::TITLE).fetch_all().await.unwrap_err(),
        ] {
            let Error::InvalidRelationship { path: p, segment: s, model: m, hint: h } = &err else { panic!("{err:?}") };
            assert_eq!((p.as_str(), s.as_str(), m.as_str()), (path, segment, model));
            if ["reviews", "books"].contains(&segment) {
                assert_eq!(h, "; it leads to many rows: use `prefetch_related`");
            }
            if let Some(hint) = hint {
                assert!(h.contains(&format!("did you mean '{hint}'")), "{err}");
            }
        }
    }
    let err = db.select::<Book>().select_related("author__publishr").fetch_all().await.unwrap_err();
    assert_eq!(
        err.to_string(),
        "Invalid relationship path 'author__publishr': field 'publishr' is not a valid foreign key relationship on model Author; did you mean 'publisher'?"
    );
}

/// SEL-6
#[tokio::test]
async fn errors_of_the_database_come_through() {
    let db = watched().await;
    fill(&db).await.unwrap();
    let query = db.select::<Book>().select_related(Book::AUTHOR);
    let (_, run) = statements(query.fetch_all()).await;
    assert!(run[0].contains("JOIN"), "{run:?}");
    raw_execute(&db, "ALTER TABLE authors RENAME TO hidden").await;
    let err = query.fetch_all().await.unwrap_err();
    assert!(matches!(&err, Error::RecordFetch { table, .. } if table == "books"), "{err:?}");
}

/// SEL-8
#[tokio::test]
async fn rows_with_one_parent_share_it() {
    let db = library().await;
    let path = Review::BOOK.to(Book::AUTHOR).to(Author::PUBLISHER);
    let found = db.select::<Review>().select_related(path).order(Review::PK).fetch_all().await.unwrap();
    let book = |i: usize| found[i].book.as_ref().unwrap().get().unwrap();
    assert!(std::ptr::eq(book(0), book(1)) && !std::ptr::eq(book(1), book(2)));
    let found = db
        .select::<Book>()
        .select_related(Book::AUTHOR.to(Author::PUBLISHER))
        .order(Book::PK)
        .fetch_all()
        .await
        .unwrap();
    assert!(std::ptr::eq(found[1].author.get().unwrap(), found[2].author.get().unwrap()));
    // Different books of one author: one author.
    let path = Review::BOOK.to(Book::AUTHOR);
    Review::builder().text("more").stars(4).book(3).insert(&db).await.unwrap();
    let found = db.select::<Review>().select_related(path).order(Review::PK).fetch_all().await.unwrap();
    let author = |i: usize| found[i].book.as_ref().unwrap().get().unwrap().author.get().unwrap();
    assert_eq!((author(2).name.as_str(), author(5).name.as_str()), ("John", "John"));
    assert!(std::ptr::eq(author(2), author(5)));
    // Each result has rows of its own.
    let again = db.select::<Book>().select_related(Book::AUTHOR).fetch_all().await.unwrap();
    assert!(!std::ptr::eq(again[0].author.get().unwrap(), author(0)));
}

/// A row that refers to itself, and rows that refer to each other.
#[tokio::test]
async fn circles() {
    let db = library().await;
    raw_execute(&db, "UPDATE authors SET mentor_id = 1 WHERE pk = 1").await;
    raw_execute(&db, "UPDATE authors SET mentor_id = 3 WHERE pk = 2").await;
    let path = Author::MENTOR.to(Author::MENTOR).to(Author::MENTOR);
    let found = db.select::<Author>().select_related(path).order(Author::PK).fetch_all().await.unwrap();
    let up = |a: &Author| a.mentor.as_ref().unwrap().get().unwrap().clone();
    assert_eq!(up(&up(&up(&found[0]))).name, "Jane");
    assert_eq!(up(&up(&up(&found[1]))).name, "Mary");
    assert_eq!(up(&up(&up(&found[2]))).name, "John");
    assert!(up(&up(&up(&found[2]))).mentor.unwrap().get().is_none());
}

/// A row whose parent is not there, by a file that was written without constraints: an optional key keeps the row.
#[tokio::test]
async fn keys_that_lead_nowhere() {
    let db = library().await;
    let off =
        "PRAGMA foreign_keys = OFF; UPDATE books SET editor_id = 99 WHERE title = 'Ring'; PRAGMA foreign_keys = ON";
    raw_execute(&db, off).await;
    let query = db.select::<Book>().select_related(Book::EDITOR).filter(Book::TITLE.eq("Ring"));
    let ring = query.fetch_one().await.unwrap().unwrap();
    let editor = ring.editor.as_ref().unwrap();
    assert_eq!(editor.key(), Some(99));
    assert!(editor.get().is_none() && editor.try_fetch().await.unwrap().is_none());
    assert!(matches!(editor.fetch().await, Err(Error::RecordNotFound { .. })));
    let publishers = db.select::<Publisher>().filter(Publisher::AUTHORS.to(Author::EDITED).to(Book::TITLE).eq("Ring"));
    assert_eq!(publishers.count().await.unwrap(), 0);
}

/// A result so large that the query moves to another thread halfway, and starts again.
#[tokio::test]
async fn a_long_result_shares_its_parents() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let new =
            |i: i64| Book::builder().title(format!("b{i}")).author(i % 3 + 1).editor((i + 1) % 3 + 1).build().unwrap();
        db.bulk_insert((0..20_000).map(new)).await.unwrap();
        let query =
            db.select::<Book>().select_related("author__mentor").select_related(Book::EDITOR).order(Book::TITLE);
        let found = query.fetch_all().await.unwrap();
        assert_eq!(found.len(), 20_004);
        let mut parents = std::collections::HashMap::new();
        for book in &found {
            let author = book.author.get().unwrap();
            let first = *parents.entry(book.author.key()).or_insert(author);
            assert!(std::ptr::eq(first, author) && author.pk.get() == book.author.key());
        }
        assert_eq!(parents.len(), 3);
        // The rows live on without the result that they came with.
        let last = found.into_iter().next_back().unwrap();
        assert!(last.author.get().is_some());
    })
    .await;
}

#[tokio::test]
async fn paths_go_on_from_either_side() {
    let db = library().await;
    let left = Review::BOOK.to(Book::AUTHOR).to(Author::MENTOR).to(Author::PUBLISHER);
    let right = Review::BOOK.to(Book::AUTHOR.to(Author::MENTOR.to(Author::PUBLISHER)));
    let (a, b) =
        (db.select::<Review>().select_related(left.clone()), db.select::<Review>().select_related(right.clone()));
    assert_eq!(sql(&a), sql(&b));
    let condition =
        Review::BOOK.to(Book::AUTHOR.to(Author::MENTOR.to(Author::PUBLISHER.to(Publisher::NAME)))).eq("Acme");
    let other = left.to(Publisher::NAME).eq("Acme");
    assert_eq!(sql(&a.filter(condition.clone())), sql(&b.filter(other)));
    assert_eq!(super::reviews(&db, condition).await, ["great"]);
}

/// Rows of a stream share their parents as those of a list do, and know their database.
#[tokio::test]
async fn a_stream_of_joined_rows() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let query = db.select::<Book>().select_related("author__mentor").select_related(Book::EDITOR).order(Book::PK);
        let (mut rows, mut read) = (query.stream(), Vec::new());
        while let Some(book) = rows.next().await {
            read.push(book.unwrap());
        }
        assert_eq!(titles(&read), ["Emma", "Ring", "Tales", "Frank"]);
        assert!(std::ptr::eq(read[1].author.get().unwrap(), read[2].author.get().unwrap()));
        assert_eq!(read[1].author.get().unwrap().mentor.as_ref().unwrap().get().unwrap().name, "Jane");
        assert_eq!(read[2].editor.as_ref().unwrap().get().unwrap().pupils().count().await.unwrap(), 0);
        let err = db.select::<Book>().select_related("autor").stream().next().await.unwrap().unwrap_err();
        assert!(matches!(&err, Error::InvalidRelationship { .. }), "{err:?}");
    })
    .await;
}
