//! Random rows and conditions, against a plain evaluation in memory.

use proptest::prelude::*;
use sqliter_async::prelude::*;

use super::{Author, Book, Publisher, Review};
use crate::support::raw_execute;

/// The rows; keys are positions, and one more in the file.
#[derive(Debug, Clone)]
struct World {
    /// Born, mentor.
    authors: Vec<(Option<i64>, Option<usize>)>,
    /// Year, author, editor.
    books: Vec<(Option<i64>, usize, Option<usize>)>,
    /// Stars, book.
    reviews: Vec<(i64, Option<usize>)>,
}

impl World {
    fn born(&self, author: Option<usize>) -> Option<i64> {
        author.and_then(|a| self.authors[a].0)
    }
    fn mentor(&self, author: Option<usize>) -> Option<usize> {
        author.and_then(|a| self.authors[a].1)
    }
    fn editor(&self, book: Option<usize>) -> Option<usize> {
        book.and_then(|b| self.books[b].2)
    }
    fn books_of(&self, author: usize) -> impl Iterator<Item = usize> {
        (0..self.books.len()).filter(move |b| self.books[*b].1 == author)
    }
    fn edited_by(&self, author: usize) -> impl Iterator<Item = usize> {
        (0..self.books.len()).filter(move |b| self.books[*b].2 == Some(author))
    }
    fn pupils_of(&self, author: usize) -> impl Iterator<Item = usize> {
        (0..self.authors.len()).filter(move |a| self.authors[*a].1 == Some(author))
    }
    fn reviews_of(&self, book: usize) -> impl Iterator<Item = usize> {
        (0..self.reviews.len()).filter(move |r| self.reviews[*r].1 == Some(book))
    }

    async fn fill(&self, db: &SqliterDb) {
        db.create_tables::<(Review, Book, Author, Publisher)>().await.unwrap();
        let null = |v: Option<i64>| v.map_or("NULL".to_owned(), |v| v.to_string());
        let key = |v: Option<usize>| null(v.map(|v| v as i64 + 1));
        let mut sql = "PRAGMA defer_foreign_keys = ON;".to_owned();
        for (born, mentor) in &self.authors {
            let (born, mentor) = (null(*born), key(*mentor));
            sql += &format!(
                "INSERT INTO authors (created_at, updated_at, name, score, born, mentor_id) VALUES (0, 0, 'a', 0, {born}, {mentor});"
            );
        }
        for (year, author, editor) in &self.books {
            let (year, author, editor) = (null(*year), author + 1, key(*editor));
            sql += &format!(
                "INSERT INTO books (created_at, updated_at, title, year, author_id, editor_id) VALUES (0, 0, 'b', {year}, {author}, {editor});"
            );
        }
        for (stars, book) in &self.reviews {
            sql += &format!(
                "INSERT INTO reviews (created_at, updated_at, text, stars, book_id) VALUES (0, 0, 'r', {stars}, {});",
                key(*book)
            );
        }
        raw_execute(db, &format!("BEGIN; {sql} COMMIT")).await;
    }
}

fn world() -> impl Strategy<Value = World> {
    let maybe = |n: usize| proptest::option::of(0..n);
    (1..5usize, 0..7usize).prop_flat_map(move |(authors, books)| {
        let stars = (0..4i64, if books == 0 { Just(None).boxed() } else { maybe(books).boxed() });
        (
            proptest::collection::vec((proptest::option::of(0..4i64), maybe(authors)), authors),
            proptest::collection::vec((proptest::option::of(0..4i64), 0..authors, maybe(authors)), books),
            proptest::collection::vec(stars, 0..8),
        )
            .prop_map(|(authors, books, reviews)| World { authors, books, reviews })
    })
}

type Holds = Box<dyn Fn(&World, usize) -> bool>;
/// A condition, and what it means.
type Both<M> = (Filter<M>, Holds);
type Test = Box<dyn Fn(Option<i64>) -> bool>;

/// Where choices come from.
struct Dice<'a>(&'a [u8]);

impl Dice<'_> {
    fn roll(&mut self, sides: u8) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first % sides
    }
}

/// A comparison of something, which may be missing, with a value.
macro_rules! compare {
    ($dice:expr, $x:expr) => {{
        let (x, v) = ($x, i64::from($dice.roll(4)));
        let both: (Filter<_>, Test) = match $dice.roll(9) {
            0 => (x.eq(v), Box::new(move |a| a == Some(v))),
            1 => (x.ne(v), Box::new(move |a| a != Some(v))),
            2 => (x.gt(v), Box::new(move |a| a.is_some_and(|a| a > v))),
            3 => (x.lte(v), Box::new(move |a| a.is_some_and(|a| a <= v))),
            4 => (x.between(v, v + 1), Box::new(move |a| a.is_some_and(|a| (v..=v + 1).contains(&a)))),
            5 => (x.is_in([v, v + 2]), Box::new(move |a| a.is_some_and(|a| a == v || a == v + 2))),
            6 => (x.not_in([v, v + 2]), Box::new(move |a| !a.is_some_and(|a| a == v || a == v + 2))),
            7 => (!x.lt(v), Box::new(move |a| !a.is_some_and(|a| a < v))),
            _ => (!x.eq(v), Box::new(move |a| a != Some(v))),
        };
        both
    }};
}

fn on<M>((filter, test): (Filter<M>, Test), value: impl Fn(&World, usize) -> Option<i64> + 'static) -> Both<M> {
    (filter, Box::new(move |w, i| test(value(w, i))))
}

fn joined<M>(dice: &mut Dice<'_>, make: impl Fn(&mut Dice<'_>) -> Both<M>) -> Both<M> {
    let ((a, x), kind) = (make(dice), dice.roll(3));
    if kind == 0 {
        return (!a, Box::new(move |w, i| !x(w, i)));
    }
    let (b, y) = make(dice);
    match kind {
        1 => (a & b, Box::new(move |w, i| x(w, i) && y(w, i))),
        _ => (a | b, Box::new(move |w, i| x(w, i) || y(w, i))),
    }
}

fn on_author(dice: &mut Dice<'_>, depth: u8) -> Both<Author> {
    match dice.roll(if depth == 0 { 6 } else { 11 }) {
        0 => on(compare!(dice, Author::BORN), |w, a| w.born(Some(a))),
        1 => on(compare!(dice, Author::MENTOR.to(Author::BORN)), |w, a| w.born(w.mentor(Some(a)))),
        2 => {
            let path = Author::MENTOR.to(Author::MENTOR).to(Author::BORN);
            on(compare!(dice, path), |w, a| w.born(w.mentor(w.mentor(Some(a)))))
        }
        3 => on(compare!(dice, Author::BOOKS.count()), |w, a| Some(w.books_of(a).count() as i64)),
        4 => {
            let path = Author::BOOKS.to(Book::REVIEWS).count();
            on(compare!(dice, path), |w, a| Some(w.books_of(a).flat_map(|b| w.reviews_of(b)).count() as i64))
        }
        5 => {
            let (filter, test) = compare!(dice, Author::EDITED.to(Book::YEAR));
            // A negation outside is one of the whole: there is none.
            (filter.clone(), any_of(filter, test, |w, a| w.edited_by(a).map(|b| w.books[b].0).collect()))
        }
        6 => {
            let (filter, holds) = on_book(dice, depth - 1);
            (Author::BOOKS.any(filter), Box::new(move |w, a| w.books_of(a).any(|b| holds(w, b))))
        }
        7 => {
            let (filter, holds) = on_book(dice, depth - 1);
            (Author::EDITED.none(filter), Box::new(move |w, a| !w.edited_by(a).any(|b| holds(w, b))))
        }
        8 => {
            let (filter, holds) = on_author(dice, depth - 1);
            (Author::PUPILS.any(filter), Box::new(move |w, a| w.pupils_of(a).any(|p| holds(w, p))))
        }
        9 => {
            let (filter, holds) = on_review(dice, depth - 1);
            let reviews = Author::BOOKS.to(Book::REVIEWS);
            (
                reviews.any(filter),
                Box::new(move |w, a| w.books_of(a).flat_map(|b| w.reviews_of(b)).any(|r| holds(w, r))),
            )
        }
        _ => joined(dice, |dice| on_author(dice, depth - 1)),
    }
}

/// What a comparison over a relation to many means: one of the values passes; negated outside, none does.
fn any_of<M>(filter: Filter<M>, test: Test, values: impl Fn(&World, usize) -> Vec<Option<i64>> + 'static) -> Holds {
    let negated = format!("{filter:?}").contains("Not(Exists");
    Box::new(move |w, i| {
        let values = values(w, i);
        if negated { values.into_iter().all(&test) } else { values.into_iter().any(&test) }
    })
}

fn on_book(dice: &mut Dice<'_>, depth: u8) -> Both<Book> {
    match dice.roll(if depth == 0 { 7 } else { 10 }) {
        0 => on(compare!(dice, Book::YEAR), |w, b| w.books[b].0),
        1 => on(compare!(dice, Book::AUTHOR.to(Author::BORN)), |w, b| w.born(Some(w.books[b].1))),
        2 => on(compare!(dice, Book::EDITOR.to(Author::BORN)), |w, b| w.born(w.editor(Some(b)))),
        3 => {
            let path = Book::EDITOR.to(Author::MENTOR).to(Author::BORN);
            on(compare!(dice, path), |w, b| w.born(w.mentor(w.editor(Some(b)))))
        }
        4 => on(compare!(dice, Book::EDITOR.to(Author::EDITED).count()), |w, b| {
            Some(w.editor(Some(b)).map_or(0, |e| w.edited_by(e).count()) as i64)
        }),
        5 => {
            let (filter, test) = compare!(dice, Book::REVIEWS.to(Review::STARS));
            (filter.clone(), any_of(filter, test, |w, b| w.reviews_of(b).map(|r| Some(w.reviews[r].0)).collect()))
        }
        6 => {
            let sum = Book::AUTHOR.to(Author::BORN) + Book::REVIEWS.count();
            on(compare!(dice, sum), |w, b| Some(w.born(Some(w.books[b].1))? + w.reviews_of(b).count() as i64))
        }
        7 => {
            let (filter, holds) = on_author(dice, depth - 1);
            let pupils = Book::AUTHOR.to(Author::PUPILS);
            (pupils.any(filter), Box::new(move |w, b| w.pupils_of(w.books[b].1).any(|a| holds(w, a))))
        }
        8 => {
            let (filter, holds) = on_review(dice, depth - 1);
            (Book::REVIEWS.none(filter), Box::new(move |w, b| !w.reviews_of(b).any(|r| holds(w, r))))
        }
        _ => joined(dice, |dice| on_book(dice, depth - 1)),
    }
}

fn on_review(dice: &mut Dice<'_>, depth: u8) -> Both<Review> {
    match dice.roll(if depth == 0 { 5 } else { 6 }) {
        0 => on(compare!(dice, Review::STARS), |w, r| Some(w.reviews[r].0)),
        1 => on(compare!(dice, Review::BOOK.to(Book::YEAR)), |w, r| w.reviews[r].1.and_then(|b| w.books[b].0)),
        2 => {
            let path = Review::BOOK.to(Book::AUTHOR).to(Author::MENTOR).to(Author::BORN);
            on(compare!(dice, path), |w, r| w.born(w.mentor(w.reviews[r].1.map(|b| w.books[b].1))))
        }
        3 => {
            let path = Review::BOOK.to(Book::EDITOR).to(Author::BORN);
            on(compare!(dice, path), |w, r| w.born(w.editor(w.reviews[r].1)))
        }
        4 => on(compare!(dice, Review::BOOK.to(Book::REVIEWS).count()), |w, r| {
            Some(w.reviews[r].1.map_or(0, |b| w.reviews_of(b).count()) as i64)
        }),
        _ => joined(dice, |dice| on_review(dice, depth - 1)),
    }
}

async fn check<M: DbModel>(db: &SqliterDb, world: &World, all: usize, (filter, holds): &Both<M>) -> Vec<usize> {
    let expected: Vec<_> = (0..all).filter(|i| holds(world, *i)).collect();
    let query = db.select::<M>().filter(filter.clone());
    let found = query.clone().order(M::schema().key().name).fetch_all().await.unwrap();
    let found: Vec<_> = found.iter().map(|m| m.pk().to_string()).collect();
    let keys: Vec<_> = expected.iter().map(|i| (i + 1).to_string()).collect();
    assert_eq!(found, keys, "{filter:?}\n{}", query.sql().unwrap().0);
    assert_eq!(query.count().await.unwrap() as usize, expected.len(), "{filter:?}");
    assert_eq!(query.exists().await.unwrap(), !expected.is_empty(), "{filter:?}");
    expected
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// Random graphs and conditions along their paths give what plain Rust gives.
    #[test]
    fn paths_agree_with_plain_rust(world in world(), bytes in proptest::collection::vec(any::<u8>(), 160), window in 1..4i64) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let db = SqliterDb::memory().await.unwrap();
            world.fill(&db).await;
            let mut dice = Dice(&bytes);
            for depth in [3, 2, 1, 0] {
                check(&db, &world, world.authors.len(), &on_author(&mut dice, depth)).await;
                check(&db, &world, world.reviews.len(), &on_review(&mut dice, depth)).await;
                check(&db, &world, world.books.len(), &on_book(&mut dice, depth)).await;
            }
            let both = on_book(&mut Dice(&bytes[80..]), 3);
            let mut expected = check(&db, &world, world.books.len(), &both).await;
            let (filter, _) = both;

            // Joined rows are the right ones, and none is lost.
            let by_editor = Book::EDITOR.to(Author::BORN);
            let query = db.select::<Book>().filter(filter).order((by_editor.desc(), Book::PK));
            expected.sort_by_key(|b| (std::cmp::Reverse(world.born(world.editor(Some(*b)))), *b));
            let related = query.clone().select_related("editor__mentor").select_related(Book::AUTHOR.to(Author::MENTOR));
            let found = related.fetch_all().await.unwrap();
            assert_eq!(found.iter().map(|b| b.pk.get().unwrap() as usize - 1).collect::<Vec<_>>(), expected);
            for (book, i) in found.iter().zip(&expected) {
                let author = book.author.get().unwrap();
                assert_eq!(author.born, world.born(Some(world.books[*i].1)));
                let mentor = author.mentor.as_ref().map(|m| m.get().unwrap().born);
                assert_eq!(mentor, world.mentor(Some(world.books[*i].1)).map(|m| world.born(Some(m))));
                let editor = book.editor.as_ref().map(|e| e.get().unwrap().mentor.as_ref().map(|m| m.get().unwrap().born));
                assert_eq!(editor, world.editor(Some(*i)).map(|e| world.mentor(Some(e)).map(|m| world.born(Some(m)))));
                for other in found.iter().filter(|b| b.author == book.author) {
                    assert!(std::ptr::eq(author, other.author.get().unwrap()));
                }
            }
            assert_eq!(related.page(1, window).await.unwrap().total as usize, expected.len());
            let last = related.fetch_last().await.unwrap().map(|b| b.pk);
            assert_eq!(last, found.last().map(|b| b.pk.clone()));

            // Writes take the same rows, and read them as they were.
            let years = Book::AUTHOR.to(Author::BORN) + Book::AUTHOR.to(Author::BOOKS).count() + 100;
            let some = query.limit(window).offset(1);
            let chosen: Vec<_> = expected.iter().skip(1).take(window as usize).copied().collect();
            assert_eq!(some.update(Book::YEAR.set(years)).await.unwrap() as usize, chosen.len());
            let after = db.select::<Book>().order(Book::PK).only(Book::YEAR).fetch_all().await.unwrap();
            for (b, year) in after.into_iter().enumerate() {
                let (_, author, _) = world.books[b];
                let computed = world.born(Some(author)).map(|born| born + world.books_of(author).count() as i64 + 100);
                assert_eq!(year, if chosen.contains(&b) { computed } else { world.books[b].0 });
            }
        });
    }
}
