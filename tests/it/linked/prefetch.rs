//! `prefetch_related` over one step: what it loads, by how many statements, and with what it combines.

use sqliter_async::prelude::*;

use super::{Author, Book, Review, Tag, library, names, titles, watched, watched_library};

/// PRE-1, PRE-2
#[tokio::test]
async fn children_of_all_rows_come_by_one_statement_and_are_served_from_memory() {
    let (db, mut log) = watched_library().await;
    let authors = db.select::<Author>().prefetch_related(Author::BOOKS).fetch_all().await.unwrap();
    assert_eq!(log.selects(), 2);
    let mut seen = Vec::new();
    for author in &authors {
        let books = author.books();
        seen.push((author.name.clone(), titles(&books.fetch_all().await.unwrap()).join(" ")));
        assert_eq!(books.count().await.unwrap(), books.fetch_all().await.unwrap().len() as i64);
        assert_eq!(books.exists().await.unwrap(), books.count().await.unwrap() > 0);
        let first = books.fetch_one().await.unwrap().map(|b| b.title);
        assert_eq!(first, books.fetch_all().await.unwrap().first().map(|b| b.title.clone()));
    }
    let expected = [("Ann", "A1 A2"), ("Bob", "B1"), ("Cid", "")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(seen, expected);
    assert_eq!(log.lines(), Vec::<String>::new());
}

/// PRE-1
#[tokio::test]
async fn both_sides_of_a_many_to_many_come_by_one_more_statement() {
    let (db, mut log) = watched_library().await;
    let books = db.select::<Book>().prefetch_related(Book::TAGS).order(Book::TITLE).fetch_all().await.unwrap();
    assert!((2..=3).contains(&log.selects()));
    let mut seen = Vec::new();
    for book in &books {
        seen.push(names(&book.tags.fetch_all().await.unwrap()).join(" "));
        assert_eq!(book.tags.count().await.unwrap() > 0, book.tags.exists().await.unwrap());
        book.tags.fetch_one().await.unwrap();
    }
    assert_eq!(seen, ["rust sql", "rust", ""]);
    assert_eq!(log.selects(), 0);

    let tags = db.select::<Tag>().prefetch_related(Tag::BOOKS).order(Tag::NAME).fetch_all().await.unwrap();
    assert!((2..=3).contains(&log.selects()));
    let mut seen = Vec::new();
    for tag in &tags {
        seen.push(titles(&tag.books().fetch_all().await.unwrap()).join(" "));
    }
    assert_eq!(seen, ["", "A1 A2", "A1"]);
    assert_eq!(log.selects(), 0);
}

/// PRE-1
#[tokio::test]
async fn the_number_of_statements_does_not_depend_on_the_number_of_rows() {
    let (db, mut log) = watched::<super::Library>().await;
    let mut counts = Vec::new();
    for _ in 0..3 {
        for _ in 0..20 {
            super::fill(&db).await;
        }
        log.lines();
        let query = db.select::<Author>().prefetch_related("books__tags").prefetch_related("books__reviews");
        query.fetch_all().await.unwrap();
        counts.push(log.selects());
    }
    assert_eq!(counts, [4, 4, 4]);
}

/// PRE-2
#[tokio::test]
async fn what_is_narrowed_or_sorted_goes_to_the_database() {
    let (db, mut log) = watched_library().await;
    let query = db.select::<Author>().filter(Author::NAME.eq("Ann")).prefetch_related(Author::BOOKS);
    let ann = query.fetch_one().await.unwrap().unwrap();
    let query = db.select::<Book>().filter(Book::TITLE.eq("A1")).prefetch_related(Book::TAGS);
    let a1 = query.fetch_one().await.unwrap().unwrap();
    log.lines();
    // As it was when the rows were read.
    Book::builder().title("A3").year(2010).author(&ann).insert(&db).await.unwrap();
    assert_eq!(ann.books().count().await.unwrap(), 2);
    assert_eq!(log.selects(), 0);
    assert_eq!(titles(&ann.books().filter(Book::YEAR.gt(2001)).fetch_all().await.unwrap()), ["A2", "A3"]);
    assert_eq!(titles(&ann.books().order(Book::YEAR.desc()).fetch_all().await.unwrap()), ["A3", "A2", "A1"]);
    assert_eq!(titles(&ann.books().order("pk").offset(1).limit(1).fetch_all().await.unwrap()), ["A2"]);
    assert_eq!(ann.books().limit(10).count().await.unwrap(), 3);
    assert_eq!(log.selects(), 4);
    // Of nothing at all it is the same query still.
    assert_eq!(ann.books().filter(None::<Filter<Book>>).count().await.unwrap(), 2);
    assert_eq!(log.selects(), 0);
    assert_eq!(names(&a1.tags.filter(Tag::NAME.ne("rust")).fetch_all().await.unwrap()), ["sql"]);
    assert_eq!(names(&a1.tags.order(Tag::NAME.desc()).fetch_all().await.unwrap()), ["sql", "rust"]);
    assert_eq!(log.selects(), 2);
}

/// PRE-2: the ends of a query say the same as its rows.
#[tokio::test]
async fn first_and_last_of_what_was_loaded_ahead_are_of_it() {
    let (db, mut log) = watched_library().await;
    let recent = Author::BOOKS.filter(Book::YEAR.gte(2002)).order(Book::YEAR.desc());
    let query = db.select::<Author>().filter(Author::NAME.eq("Ann")).prefetch_related(recent).strict_loading();
    let ann = query.fetch_one().await.unwrap().unwrap();
    log.lines();
    assert_eq!(titles(&ann.books().fetch_all().await.unwrap()), ["A2"]);
    assert_eq!(ann.books().fetch_first().await.unwrap().unwrap().title, "A2");
    assert_eq!(ann.books().fetch_last().await.unwrap().unwrap().title, "A2");
    assert_eq!(ann.books().fetch_one().await.unwrap().unwrap().title, "A2");
    let page = ann.books().page(1, 10).await.unwrap();
    assert_eq!((titles(&page.items), page.total, page.pages), (vec!["A2"], 1, 1));
    let page = ann.books().page(3, 10).await.unwrap();
    assert_eq!((page.items.len(), page.number, page.total), (0, 3, 1));
    assert_eq!(log.selects(), 0);
}

/// PRE-3
#[tokio::test]
async fn it_combines_with_filters_orders_limits_and_every_terminal() {
    let (db, mut log) = watched_library().await;
    let all = db.select::<Author>().prefetch_related(Author::BOOKS).order(Author::NAME.desc());
    let with_books = all.clone().filter(Author::BOOKS.any(Book::YEAR.gt(2000)));
    let some = with_books.clone().limit(1).offset(1).fetch_all().await.unwrap();
    assert_eq!(some.len(), 1);
    assert_eq!(log.selects(), 2);
    assert_eq!(titles(&some[0].books().fetch_all().await.unwrap()), ["A1", "A2"]);
    for row in [with_books.fetch_one().await, with_books.fetch_first().await, with_books.fetch_last().await] {
        let row = row.unwrap().unwrap();
        let books = titles(&row.books().fetch_all().await.unwrap()).join(" ");
        assert!([("Bob", "B1"), ("Ann", "A1 A2")].contains(&(&row.name, &books)), "{} {books}", row.name);
    }
    assert_eq!(log.selects(), 6);
    assert_eq!(with_books.fetch_last().await.unwrap().unwrap().name, "Ann");
    log.lines();
    let page = with_books.page(1, 1).await.unwrap();
    assert_eq!((page.total, page.pages, page.items.len()), (2, 2, 1));
    assert_eq!(log.selects(), 3);
    assert_eq!(titles(&page.items[0].books().fetch_all().await.unwrap()), ["B1"]);
    assert_eq!(log.selects(), 0);
    // Where there are no rows to load for, nothing is.
    assert_eq!(all.count().await.unwrap(), 3);
    assert!(all.exists().await.unwrap());
    assert_eq!(all.fetch_dicts().await.unwrap().len(), 3);
    assert_eq!(log.selects(), 3);
    assert!(all.clone().filter(Author::NAME.eq("x")).fetch_all().await.unwrap().is_empty());
    assert!(all.clone().filter(Author::NAME.eq("x")).fetch_one().await.unwrap().is_none());
    assert!(all.filter(Author::NAME.eq("x")).fetch_last().await.unwrap().is_none());
    assert_eq!(log.selects(), 3);
}

/// PRE-3
#[tokio::test]
async fn it_combines_with_select_related() {
    let (db, mut log) = watched_library().await;
    let query = db.select::<Book>().select_related(Book::AUTHOR.to(Author::PUBLISHER)).prefetch_related(Book::TAGS);
    let books = query.order(Book::TITLE).fetch_all().await.unwrap();
    assert_eq!(log.selects(), 2);
    assert_eq!(books[0].author.loaded().unwrap().name, "Ann");
    assert_eq!(books[0].author.get().unwrap().publisher.as_ref().unwrap().loaded().unwrap().name, "Press");
    assert_eq!(names(&books[0].tags.fetch_all().await.unwrap()), ["rust", "sql"]);
    assert!(books[2].author.get().unwrap().publisher.is_none());
    assert_eq!(log.selects(), 0);
}

/// PRE-4, PRE-10
#[tokio::test]
async fn a_wrong_path_is_an_error_that_names_the_nearest_right_one() {
    let db = library().await;
    for (path, segment, model, hint) in [
        ("boks", "boks", "Author", "books"),
        ("", "", "Author", ""),
        ("name", "name", "Author", ""),
        ("books__revews", "revews", "Book", "reviews"),
        ("books__title", "title", "Book", ""),
        ("books__", "", "Book", ""),
        ("publisher__books", "books", "Publisher", ""),
    ] {
        let query = db.select::<Author>().prefetch_related(path);
        let err = query.fetch_all().await.unwrap_err();
        assert!(
            matches!(&err, Error::InvalidPrefetch { path: p, segment: s, model: m, .. }
                if p == path && s == segment && m == model),
            "{path}: {err:?}"
        );
        assert!(err.to_string().contains(hint), "{err}");
        assert!(matches!(query.fetch_one().await, Err(Error::InvalidPrefetch { .. })));
        assert!(matches!(query.fetch_last().await, Err(Error::InvalidPrefetch { .. })));
        assert!(matches!(query.page(1, 1).await, Err(Error::InvalidPrefetch { .. })));
    }
    let err = db.select::<Author>().prefetch_related("boks").fetch_all().await.unwrap_err();
    assert_eq!(
        err.to_string(),
        "Invalid prefetch path 'boks': 'boks' is not a reverse foreign key or many-to-many relationship on model \
         Author; did you mean 'books'?"
    );
    // A key without its row would look as if there were no such row.
    let own = Author::BOOKS.to(Book::AUTHOR).filter(Author::NAME.eq("nobody")).order(Author::NAME);
    let later = Author::BOOKS.order(Book::TITLE).then(Book::REVIEWS.to(Review::BOOK).filter(Book::YEAR.lt(0)));
    let all = db.select::<Author>();
    for narrowed in [all.clone().prefetch_related(own), all.prefetch_related(later)] {
        let err = narrowed.fetch_all().await.unwrap_err();
        assert!(matches!(&err, Error::InvalidPrefetch { .. }), "{err:?}");
        assert!(err.to_string().ends_with(": only those are narrowed by `.filter(..)`"), "{err}");
    }
    let sorted = Author::BOOKS.to(Book::AUTHOR).order(Author::NAME);
    let authors = db.select::<Author>().prefetch_related(sorted).fetch_all().await.unwrap();
    assert_eq!(authors[0].books().fetch_all().await.unwrap()[0].author.loaded().unwrap().name, "Ann");
    // A filter on the way that names something wrong.
    let wrong = Author::BOOKS.filter(lookup("titel", "x"));
    assert!(matches!(
        db.select::<Author>().prefetch_related(wrong).fetch_all().await,
        Err(Error::InvalidFilter { .. })
    ));
}

/// PRE-10
#[tokio::test]
async fn a_step_is_narrowed_and_sorted() {
    let (db, mut log) = watched_library().await;
    let narrowed = Author::BOOKS.filter(Book::YEAR.ne(2003)).order(Book::YEAR.desc());
    let authors = db.select::<Author>().prefetch_related(narrowed).fetch_all().await.unwrap();
    assert_eq!(titles(&authors[0].books().fetch_all().await.unwrap()), ["A2", "A1"]);
    assert!(!authors[1].books().exists().await.unwrap());
    assert_eq!(log.selects(), 2);
    // Conditions over relations of the related rows, and on both sides of a junction.
    let reviewed =
        Author::BOOKS.filter(Book::REVIEWS.any(Review::STARS.gt(4)) & Book::AUTHOR.to(Author::NAME).eq("Ann"));
    let authors = db.select::<Author>().prefetch_related(reviewed).fetch_all().await.unwrap();
    assert_eq!(titles(&authors[0].books().fetch_all().await.unwrap()), ["A1"]);
    let tags = Book::TAGS.filter(Tag::BOOKS.to(Book::TITLE).eq("A2")).order(lookup_order());
    let books = db.select::<Book>().prefetch_related(tags).fetch_all().await.unwrap();
    assert_eq!(names(&books[0].tags.fetch_all().await.unwrap()), ["rust"]);
    let books = Tag::BOOKS.filter(Book::TAGS.count().gt(1)).order(Book::AUTHOR.to(Author::NAME));
    let tags = db.select::<Tag>().prefetch_related(books).fetch_all().await.unwrap();
    assert_eq!(titles(&tags[0].books().fetch_all().await.unwrap()), ["A1"]);
}

fn lookup_order() -> &'static str {
    "-name"
}

/// PRE-5
#[tokio::test]
async fn a_row_that_is_linked_several_times_is_read_once() {
    let (db, mut log) = watched_library().await;
    let query = db.select::<Book>().prefetch_related(Book::TAGS).prefetch_related("tags__books");
    let books = query.order(Book::TITLE).fetch_all().await.unwrap();
    assert_eq!(log.selects(), 3);
    let (one, two) = (books[0].tags.fetch_all().await.unwrap(), books[1].tags.fetch_all().await.unwrap());
    assert_eq!((one[0].pk.get(), two[0].pk.get()), (Some(1), Some(1)));
    // What is written through one of them is seen through the other.
    one[0].books().clear().await.unwrap();
    log.lines();
    assert_eq!(two[0].books().count().await.unwrap(), 0);
    assert_eq!(log.selects(), 0);
}

/// The index of the foreign key has the rows in that order.
#[tokio::test]
async fn the_rows_of_a_way_back_are_not_sorted_among_parents() {
    let (db, mut log) = watched_library().await;
    log.lines();
    db.select::<Author>().prefetch_related(Author::BOOKS).fetch_all().await.unwrap();
    let sql = log.lines().pop().unwrap();
    assert!(sql.contains("ORDER BY \"author_id\" ASC, \"pk\" ASC"), "{sql}");
    db.select::<Author>().prefetch_related(Author::BOOKS.order(Book::YEAR.desc())).fetch_all().await.unwrap();
    let sql = log.lines().pop().unwrap();
    assert!(sql.contains("ORDER BY \"author_id\" ASC, \"year\" DESC"), "{sql}");
}
