//! Conditions and orders that reach other tables.

use sqliter_async::prelude::*;

use super::{Author, Book, Publisher, Review, authors, books, fill, library, names, reviews, titles};
use crate::support::on_both;

/// FIL-21
#[tokio::test]
async fn conditions_reach_along_keys() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let name = || Book::AUTHOR.to(Author::NAME);
        let publisher = || Book::AUTHOR.to(Author::PUBLISHER).to(Publisher::NAME);
        for (filter, expected) in [
            (name().eq("Jane"), vec!["Emma"]),
            (name().ne("Jane"), vec!["Ring", "Tales", "Frank"]),
            (name().gt("Jane") & Book::YEAR.is_not_null(), vec!["Ring", "Frank"]),
            (name().between("J", "John"), vec!["Emma", "Ring", "Tales"]),
            (name().is_in(["Jane", "Mary"]), vec!["Emma", "Frank"]),
            (name().not_in(["Jane", "Mary"]), vec!["Ring", "Tales"]),
            (name().like("j%"), vec!["Emma", "Ring", "Tales"]),
            (name().not_like("j%"), vec!["Frank"]),
            (name().glob("J*"), vec!["Emma", "Ring", "Tales"]),
            (name().regexp("^.o"), vec!["Ring", "Tales"]),
            (name().starts_with("Ja"), vec!["Emma"]),
            (name().iends_with("Y"), vec!["Frank"]),
            (name().lower().eq("mary"), vec!["Frank"]),
            (name().length().eq(4) & name().upper().contains("ANE"), vec!["Emma"]),
            (Book::AUTHOR.to(Author::BORN).lt(1780), vec!["Emma"]),
            (Book::AUTHOR.to(Author::BORN).is_null(), vec!["Ring", "Tales"]),
            (Book::AUTHOR.to(Author::BORN).eq(None), vec!["Ring", "Tales"]),
            (Book::AUTHOR.to(Author::BORN).ne(None), vec!["Emma", "Frank"]),
            (Book::AUTHOR.to(Author::BORN + 40).eq(Book::YEAR), vec!["Emma"]),
            ((Book::YEAR - Book::AUTHOR.to(Author::BORN)).eq(21), vec!["Frank"]),
            (Book::AUTHOR.to(Author::NAME).eq(Book::EDITOR.to(Author::NAME)), vec![]),
            // Over an optional key, and two of them.
            (Book::EDITOR.to(Author::NAME).eq("Jane"), vec!["Ring"]),
            (Book::EDITOR.to(Author::NAME).ne("Jane"), vec!["Emma", "Tales", "Frank"]),
            (Book::EDITOR.to(Author::NAME).is_null(), vec!["Emma", "Frank"]),
            (Book::EDITOR.to(Author::NAME).eq(None), vec!["Emma", "Frank"]),
            (Book::EDITOR.to(Author::NAME).is_not_null(), vec!["Ring", "Tales"]),
            (Book::EDITOR.to(Author::NAME).not_in(["Jane"]), vec!["Emma", "Tales", "Frank"]),
            (Book::EDITOR.to(Author::NAME).coalesce("none").eq("none"), vec!["Emma", "Frank"]),
            (!Book::EDITOR.to(Author::NAME).eq("Jane"), vec!["Emma", "Tales", "Frank"]),
            (!Book::EDITOR.to(Author::BORN).gt(1780), vec!["Emma", "Ring", "Frank"]),
            (publisher().eq("Bell"), vec!["Frank"]),
            (publisher().ne("Bell"), vec!["Emma", "Ring", "Tales"]),
            (publisher().is_null(), vec!["Ring", "Tales"]),
            (Book::AUTHOR.to(Author::PUBLISHER).is_null(), vec!["Ring", "Tales"]),
            (Book::AUTHOR.to(Author::PUBLISHER).eq(1), vec!["Emma"]),
            (Book::AUTHOR.to(Author::PUBLISHER).ne(1), vec!["Ring", "Tales", "Frank"]),
            (Book::AUTHOR.to(Author::MENTOR).to(Author::MENTOR).is_not_null(), vec!["Frank"]),
            (
                Book::AUTHOR.to(Author::MENTOR).to(Author::MENTOR).to(Author::PUBLISHER).to(Publisher::NAME).eq("Acme"),
                vec!["Frank"],
            ),
            (publisher().eq("Acme") | Book::EDITOR.to(Author::NAME).eq("Mary"), vec!["Emma", "Tales"]),
        ] {
            assert_eq!(books(&db, filter.clone()).await, expected, "{filter:?}");
            let counted = db.select::<Book>().filter(filter.clone());
            assert_eq!(counted.count().await.unwrap(), expected.len() as i64, "{filter:?}");
            let rest = books(&db, !filter.clone()).await;
            assert_eq!(rest.len() + expected.len(), 4, "{filter:?}");
        }
        let far = Review::BOOK.to(Book::AUTHOR).to(Author::MENTOR).to(Author::NAME);
        assert_eq!(reviews(&db, far.clone().eq("Jane")).await, ["great"]);
        assert_eq!(reviews(&db, far.is_null()).await, ["fine", "so-so", "lost"]);
    })
    .await;
}

/// FIL-23, FIL-24
#[tokio::test]
async fn conditions_over_relations_to_many() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let year = || Author::BOOKS.to(Book::YEAR);
        let stars = || Author::BOOKS.to(Book::REVIEWS).to(Review::STARS);
        for (filter, expected) in [
            (year().gte(1900), vec!["John"]),
            (year().between(1816, 1900), vec!["Mary"]),
            (year().is_in([1815, 1954]), vec!["Jane", "John"]),
            (year().not_in([1815]), vec!["John", "Mary"]),
            (year().is_null(), vec!["John"]),
            (year().is_not_null(), vec!["Jane", "John", "Mary"]),
            (year().eq(None), vec!["John"]),
            (year().ne(1954), vec!["Jane", "John", "Mary"]),
            (Author::BOOKS.to(Book::TITLE).icontains("R"), vec!["John", "Mary"]),
            (Author::BOOKS.to(Book::TITLE).ends_with("s"), vec!["John"]),
            (Author::BOOKS.to(Book::TITLE).like("e%"), vec!["Jane"]),
            (Author::BOOKS.to(Book::TITLE.length()).gt(4), vec!["John", "Mary"]),
            (Author::BOOKS.to(Book::YEAR - 100).gt(1800), vec!["John"]),
            (Author::BOOKS.any(None::<Filter<Book>>), vec!["Jane", "John", "Mary"]),
            (Author::PUPILS.none(None::<Filter<Author>>), vec!["Mary"]),
            (Author::BOOKS.any(Book::YEAR.gt(1900) & Book::TITLE.eq("Tales")), vec![]),
            (year().gt(1900) & Author::BOOKS.to(Book::TITLE).eq("Tales"), vec!["John"]),
            (Author::BOOKS.none(Book::YEAR.lt(1900)), vec!["John"]),
            (Author::BOOKS.count().eq(2), vec!["John"]),
            (Author::EDITED.count().eq(0), vec!["John"]),
            (Author::BOOKS.count().gt(Author::EDITED.count()), vec!["John"]),
            ((Author::BOOKS.count() + Author::PUPILS.count()).gte(3), vec!["John"]),
            // Two to-many relations, and keys between them.
            (stars().eq(5), vec!["Jane", "John"]),
            (stars().lt(2), vec!["Mary"]),
            (stars().eq(5) & stars().eq(3), vec!["Jane"]),
            (Author::BOOKS.to(Book::REVIEWS).count().eq(2), vec!["Jane"]),
            (Author::BOOKS.any(Book::REVIEWS.none(None::<Filter<Review>>)), vec!["John"]),
            (Author::BOOKS.any(Book::REVIEWS.count().gte(2)), vec!["Jane"]),
            (Author::BOOKS.any(Book::EDITOR.to(Author::NAME).is_null()), vec!["Jane", "Mary"]),
            (Author::BOOKS.to(Book::EDITOR.to(Author::NAME)).is_null(), vec!["Jane", "Mary"]),
            (Author::BOOKS.to(Book::EDITOR).to(Author::NAME).eq("Jane"), vec!["John"]),
            (Author::BOOKS.to(Book::EDITOR).to(Author::BOOKS).to(Book::TITLE).eq("Emma"), vec!["John"]),
            (Author::MENTOR.to(Author::BOOKS).to(Book::TITLE).eq("Emma"), vec!["John"]),
            (Author::MENTOR.to(Author::BOOKS).count().eq(2), vec!["Mary"]),
            (Author::MENTOR.to(Author::BOOKS).none(None::<Filter<Book>>), vec!["Jane"]),
            (Author::PUPILS.to(Author::PUPILS).to(Author::NAME).eq("Mary"), vec!["Jane"]),
            (Author::PUPILS.any(Author::BOOKS.any(Book::REVIEWS.any(Review::TEXT.eq("scary")))), vec!["John"]),
            // The row itself, seen from afar.
            (Author::BOOKS.any(Book::AUTHOR.to(Author::NAME).eq("John")), vec!["John"]),
        ] {
            assert_eq!(authors(&db, filter.clone()).await, expected, "{filter:?}");
            let counted = db.select::<Author>().filter(filter.clone());
            assert_eq!(counted.count().await.unwrap(), expected.len() as i64, "{filter:?}");
            assert_eq!(authors(&db, !filter.clone()).await.len() + expected.len(), 3, "{filter:?}");
        }
        // From a row without a parent: counts are 0, and there is none.
        assert_eq!(reviews(&db, Review::BOOK.to(Book::REVIEWS).count().eq(0)).await, ["lost"]);
        assert_eq!(books(&db, Book::EDITOR.to(Author::BOOKS).none(None::<Filter<Book>>)).await, ["Emma", "Frank"]);
    })
    .await;
}

/// FIL-21, FIL-23, FIL-24: by name, the same statement.
#[tokio::test]
async fn names_are_the_same_as_consts() {
    let db = library().await;
    macro_rules! same {
        ($m:ty: $($typed:expr => $path:literal, $value:expr;)*) => { $(
            let (typed, named) = (db.select::<$m>().filter($typed), db.select::<$m>().filter(lookup($path, $value)));
            assert_eq!(typed.sql().unwrap(), named.sql().unwrap(), "{}", $path);
            typed.fetch_all().await.unwrap();
        )* };
    }
    same! { Book:
        Book::AUTHOR.eq(1) => "author", 1;
        Book::AUTHOR.eq(1) => "author_id", 1;
        Book::AUTHOR.is_in([1, 2]) => "author__in", [1, 2];
        Book::EDITOR.is_null() => "editor__isnull", true;
        Book::EDITOR.is_null() => "editor__notnull", false;
        Book::EDITOR.is_null() => "editor", Value::Null;
        Book::EDITOR.to(Author::PK).is_null() => "editor__pk__isnull", true;
        Book::AUTHOR.to(Author::NAME).eq("x") => "author__name", "x";
        Book::AUTHOR.to(Author::NAME).eq("x") => "author__name__eq", "x";
        Book::AUTHOR.to(Author::NAME).icontains("x") => "author__name__icontains", "x";
        Book::AUTHOR.to(Author::BORN).between(1, 2) => "author__born__between", [1, 2];
        Book::AUTHOR.to(Author::BORN).is_null() => "author__born__isnull", true;
        Book::AUTHOR.to(Author::BORN).eq(None) => "author__born", Value::Null;
        Book::AUTHOR.to(Author::PK).gt(1) => "author__pk__gt", 1;
        Book::AUTHOR.to(Author::PUBLISHER).eq(1) => "author__publisher", 1;
        Book::AUTHOR.to(Author::PUBLISHER).eq(1) => "author__publisher_id", 1;
        Book::AUTHOR.to(Author::PUBLISHER).is_null() => "author__publisher__isnull", true;
        Book::AUTHOR.to(Author::PUBLISHER).to(Publisher::NAME).ne("x") => "author__publisher__name__ne", "x";
        Book::REVIEWS.to(Review::STARS).gte(4) => "reviews__stars__gte", 4;
        Book::REVIEWS.none(None::<Filter<Review>>) => "reviews__isnull", true;
        Book::REVIEWS.any(None::<Filter<Review>>) => "reviews__notnull", true;
        Book::REVIEWS.to(Review::PK).eq(1) => "reviews", 1;
    }
    same! { Author:
        Author::BOOKS.to(Book::REVIEWS).to(Review::TEXT).starts_with("f") => "books__reviews__text__startswith", "f";
        Author::BOOKS.to(Book::EDITOR).to(Author::NAME).is_in(["x"]) => "books__editor__name__in", ["x"];
        Author::MENTOR.to(Author::PUPILS).to(Author::BORN).not_in([1]) => "mentor__pupils__born__not_in", [1];
    }
    for (typed, named) in [
        (db.select::<Book>().order(Book::AUTHOR.to(Author::NAME)), db.select::<Book>().order("author__name")),
        (
            db.select::<Book>().order(Book::AUTHOR.to(Author::PUBLISHER).to(Publisher::NAME).desc()),
            db.select::<Book>().order("-author__publisher__name"),
        ),
        (db.select::<Book>().order(Book::AUTHOR), db.select::<Book>().order("author")),
        (db.select::<Book>().order(Book::EDITOR.desc()), db.select::<Book>().order("-editor")),
        (db.select::<Book>().order(Book::AUTHOR.to(Author::MENTOR)), db.select::<Book>().order("author__mentor")),
    ] {
        assert_eq!(typed.sql().unwrap(), named.sql().unwrap());
        typed.fetch_all().await.unwrap();
    }
}

/// FIL-22
#[tokio::test]
async fn a_wrong_path_names_what_is_wrong() {
    let db = library().await;
    for (path, text) in [
        (
            "autor__name",
            "Invalid relationship path 'autor__name': field 'autor' is not a valid foreign key relationship on model Book; did you mean 'author'?",
        ),
        (
            "author__publishr__name",
            "field 'publishr' is not a valid foreign key relationship on model Author; did you mean 'publisher'?",
        ),
        ("title__name__eq", "field 'title' is not a valid foreign key relationship on model Book"),
        (
            "author__nam",
            "Failed to apply filter: invalid field 'author__nam' - field 'nam' not found in Author; did you mean 'name'?",
        ),
        ("author__zz__eq", "field 'zz' not found in Author"),
        ("author__publisher__nam__icontains", "field 'nam' not found in Publisher; did you mean 'name'?"),
        ("reviews__star__gt", "field 'star' not found in Review; did you mean 'stars'?"),
        ("author__name__icontain", "'icontain' is not an operator; did you mean 'icontains'?"),
        ("author__name__year", "'name' is not a date"),
        ("author__name__", "author__name__"),
        ("author__", "author__"),
        ("__name", "__name"),
        ("", ""),
    ] {
        for query in [
            db.select::<Book>().filter(lookup(path, "x")),
            db.select::<Book>().filter(!lookup(path, "x") | Book::YEAR.eq(1)),
        ] {
            for err in [
                query.fetch_all().await.unwrap_err(),
                query.count().await.unwrap_err(),
                query.exists().await.unwrap_err(),
                query.fetch_last().await.unwrap_err(),
                query.page(1, 1).await.unwrap_err(),
                query.update(Book::YEAR.set(1)).await.unwrap_err(),
                query.delete().await.unwrap_err(),
                query.sql().unwrap_err(),
            ] {
                assert!(matches!(err, Error::InvalidRelationship { .. } | Error::InvalidFilter { .. }), "{err:?}");
                assert!(err.to_string().contains(text), "{path}: {err}");
            }
        }
    }
    for (path, value) in [("author__name__in", "x"), ("author__born__icontains", "x"), ("author__name__isnull", "x")] {
        let err = db.select::<Book>().filter(lookup(path, value)).fetch_all().await.unwrap_err();
        assert!(matches!(&err, Error::InvalidFilter { field, .. } if field == path), "{err:?}");
    }
    for (path, text) in [
        ("author__nam", "did you mean 'name'"),
        ("autor__name", "did you mean 'author'"),
        ("reviews__stars", "leads to many rows"),
        ("author__books__title", "leads to many rows"),
        ("author__publisher__", "author__publisher__"),
    ] {
        let query = db.select::<Book>().order(path);
        for err in
            [query.fetch_all().await.unwrap_err(), query.count().await.unwrap_err(), query.delete().await.unwrap_err()]
        {
            assert!(matches!(&err, Error::InvalidOrder(_)), "{err:?}");
            assert!(err.to_string().contains(text), "{path}: {err}");
        }
    }
}

/// FIL-25
#[tokio::test]
async fn columns_of_one_name_are_kept_apart() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let now = db.now();
        let query = db
            .select::<Author>()
            .filter(Author::PK.is_in([1, 3]) & Author::CREATED_AT.lte(now) & Author::NAME.ne("Acme"))
            .filter(Author::PUBLISHER.to(Publisher::CREATED_AT).lte(now) & Author::PUBLISHER.to(Publisher::PK).eq(2))
            .filter(Author::PUBLISHER.to(Publisher::NAME).gt("A") & lookup("pk", 3) & lookup("created_at__lte", now))
            .select_related(Author::PUBLISHER)
            .order((Author::CREATED_AT, Author::NAME, Author::PK.desc()));
        assert_eq!(names(&query.fetch_all().await.unwrap()), ["Mary"]);
        let (sql, _) = query.sql().unwrap();
        assert!(sql.contains(r#"t0."created_at""#) && sql.contains(r#"t1."created_at""#), "{sql}");
        assert_eq!(query.count().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn orders_reach_along_paths_and_count() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let all = db.select::<Book>();
        let name = Book::AUTHOR.to(Author::NAME);
        let sorted = all.clone().order((name.clone().desc(), Book::TITLE.desc()));
        assert_eq!(titles(&sorted.fetch_all().await.unwrap()), ["Frank", "Tales", "Ring", "Emma"]);
        assert_eq!(sorted.fetch_last().await.unwrap().unwrap().title, "Emma");
        assert_eq!(titles(&sorted.clone().limit(2).offset(1).fetch_all().await.unwrap()), ["Tales", "Ring"]);
        assert_eq!(sorted.clone().limit(2).offset(1).fetch_last().await.unwrap().unwrap().title, "Ring");
        assert_eq!(sorted.page(2, 3).await.unwrap().items[0].title, "Emma");
        assert_eq!(sorted.clone().distinct().limit(3).count().await.unwrap(), 3);
        assert_eq!(titles(&sorted.distinct().fetch_all().await.unwrap()), ["Frank", "Tales", "Ring", "Emma"]);
        let nulls = all.clone().order((Book::EDITOR.to(Author::NAME).asc().nulls_last(), Book::PK));
        assert_eq!(titles(&nulls.fetch_all().await.unwrap()), ["Ring", "Tales", "Emma", "Frank"]);
        assert_eq!(nulls.fetch_last().await.unwrap().unwrap().title, "Frank");
        let counted = all.clone().order((Book::REVIEWS.count().desc(), Book::AUTHOR.to(Author::BORN)));
        assert_eq!(titles(&counted.fetch_all().await.unwrap()), ["Emma", "Ring", "Frank", "Tales"]);
        assert_eq!(counted.fetch_last().await.unwrap().unwrap().title, "Tales");
        let busy =
            db.select::<Author>().order(((Author::BOOKS.count() + Author::EDITED.count()).desc(), Author::NAME.desc()));
        assert_eq!(names(&busy.fetch_all().await.unwrap()), ["Mary", "John", "Jane"]);
        let of_authors = db.select::<Author>().order(Author::MENTOR.to(Author::BOOKS).count().desc()).limit(1);
        assert_eq!(names(&of_authors.fetch_all().await.unwrap()), ["Mary"]);
        assert_eq!(
            all.clone().order(name.clone()).only(name).fetch_all().await.unwrap(),
            ["Jane", "John", "John", "Mary"]
        );
    })
    .await;
}

/// Rows of foreign keys are compared as rows, keys, lists of either, and with nothing.
#[tokio::test]
async fn keys_at_the_end_of_a_path() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let all = db.select::<Author>().order(Author::PK).fetch_all().await.unwrap();
        let editors: Vec<_> = db.select::<Book>().fetch_all().await.unwrap().into_iter().map(|b| b.editor).collect();
        for (filter, expected) in [
            (Book::AUTHOR.is_in(&all[..2]), vec!["Emma", "Ring", "Tales"]),
            (Book::AUTHOR.is_in(all.iter().map(|a| &a.pk)), vec!["Emma", "Ring", "Tales", "Frank"]),
            (Book::AUTHOR.not_in([all[0].pk.clone()]), vec!["Ring", "Tales", "Frank"]),
            (Book::AUTHOR.is_in(Vec::<i64>::new()), vec![]),
            (Book::AUTHOR.not_in(Vec::<i64>::new()), vec!["Emma", "Ring", "Tales", "Frank"]),
            (Book::AUTHOR.is_in(0..5000), vec!["Emma", "Ring", "Tales", "Frank"]),
            (Book::EDITOR.is_in(editors.clone()), vec!["Emma", "Ring", "Tales", "Frank"]),
            (Book::EDITOR.is_in([None, editors[1].clone()]), vec!["Emma", "Ring", "Frank"]),
            (Book::EDITOR.not_in([1]), vec!["Emma", "Tales", "Frank"]),
            (Book::EDITOR.not_in([None, editors[1].clone()]), vec!["Tales"]),
            (Book::EDITOR.eq(editors[0].clone()), vec!["Emma", "Frank"]),
            (Book::EDITOR.ne(editors[0].clone()), vec!["Ring", "Tales"]),
            (Book::EDITOR.ne(&all[0]), vec!["Emma", "Tales", "Frank"]),
            (Book::AUTHOR.to(Author::MENTOR).eq(&all[0]), vec!["Ring", "Tales"]),
            (Book::AUTHOR.to(Author::MENTOR).ne(1), vec!["Emma", "Frank"]),
            (Book::AUTHOR.to(Author::MENTOR).is_in([2, 9]), vec!["Frank"]),
            (Book::EDITOR.to(Author::MENTOR).not_in([2]), vec!["Emma", "Ring", "Frank"]),
            (Book::EDITOR.to(Author::PK).eq(1), vec!["Ring"]),
            (Book::EDITOR.to(Author::PK).ne(&all[0]), vec!["Emma", "Tales", "Frank"]),
            (Book::AUTHOR.to(Author::MENTOR).to(Author::PK).is_in([1]), vec!["Ring", "Tales"]),
            (Book::AUTHOR.to(Author::PK).eq(Book::EDITOR.to(Author::PK)), vec![]),
            (Book::AUTHOR.to(Author::MENTOR).to(Author::PK).eq(Book::EDITOR.to(Author::PK)), vec!["Ring"]),
        ] {
            assert_eq!(books(&db, filter.clone()).await, expected, "{filter:?}");
        }
        assert_eq!(authors(&db, Author::BOOKS.to(Book::EDITOR.to(Author::PK)).eq(1)).await, ["John"]);
        assert_eq!(authors(&db, Author::BOOKS.to(Book::PK).is_in([1, 4])).await, ["Jane", "Mary"]);
        let rows = db.select::<Book>().order(Book::PK).fields((Book::TITLE, Book::EDITOR.to(Author::NAME)));
        let rows = rows.limit(2).fetch_all().await.unwrap();
        assert_eq!(rows, [("Emma".to_owned(), None), ("Ring".to_owned(), Some("Jane".to_owned()))]);
    })
    .await;
}
