//! The way back: `author.books()`.

use sqliter_async::ReverseQuery;
use sqliter_async::prelude::*;

use super::{Author, Book, Review, fill, library, names, statements, titles, watched};
use crate::support::on_both;

/// REV-1, REV-2
#[tokio::test]
async fn the_way_back_is_a_query() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let (jane, john) = (db.get::<Author>(1).await.unwrap().unwrap(), db.get::<Author>(2).await.unwrap().unwrap());
        let mary = db.get::<Author>(3).await.unwrap().unwrap();
        let all: ReverseQuery<Book> = john.books();
        assert_eq!(titles(&all.clone().order(Book::TITLE).fetch_all().await.unwrap()), ["Ring", "Tales"]);
        assert_eq!((all.count().await.unwrap(), all.exists().await.unwrap()), (2, true));
        assert_eq!(names(&jane.pupils().fetch_all().await.unwrap()), ["John"]);
        assert_eq!(titles(&jane.edited().fetch_all().await.unwrap()), ["Ring"]);
        // None at all.
        assert!(mary.pupils().fetch_all().await.unwrap().is_empty());
        assert!(mary.pupils().fetch_one().await.unwrap().is_none());
        assert!(mary.pupils().fetch_first().await.unwrap().is_none());
        assert_eq!((mary.pupils().count().await.unwrap(), mary.pupils().exists().await.unwrap()), (0, false));
        // Every chain method.
        assert_eq!(john.books().filter(Book::YEAR.gt(1900)).count().await.unwrap(), 1);
        assert_eq!(john.books().filter(Book::YEAR.gt(1900)).filter(Book::TITLE.eq("Tales")).count().await.unwrap(), 0);
        let sorted = john.books().order(Book::TITLE.desc());
        assert_eq!(titles(&sorted.clone().limit(1).fetch_all().await.unwrap()), ["Tales"]);
        assert_eq!(titles(&sorted.clone().offset(1).fetch_all().await.unwrap()), ["Ring"]);
        assert_eq!(titles(&sorted.clone().limit(1).offset(1).fetch_all().await.unwrap()), ["Ring"]);
        assert_eq!(sorted.fetch_one().await.unwrap().unwrap().title, "Tales");
        assert_eq!(sorted.fetch_first().await.unwrap().unwrap().title, "Tales");
        assert_eq!(sorted.fetch_last().await.unwrap().unwrap().title, "Ring");
        assert_eq!(sorted.page(2, 1).await.unwrap().items[0].title, "Ring");
        assert_eq!(sorted.clone().only(Book::TITLE).fetch_all().await.unwrap(), ["Tales", "Ring"]);
        assert_eq!(sorted.fetch_dicts().await.unwrap().len(), 2);
        let joined = sorted.clone().select_related(Book::EDITOR.to(Author::PUBLISHER)).fetch_all().await.unwrap();
        assert_eq!(joined[0].editor.as_ref().unwrap().loaded().unwrap().name, "Mary");
        let read = sorted.prefetch_related(Book::REVIEWS).fetch_all().await.unwrap();
        assert_eq!(read[1].reviews().fetch_all().await.unwrap()[0].text, "great");
        let editors =
            john.books().filter(Book::EDITOR.to(Author::NAME).eq("Mary") & Book::AUTHOR.to(Author::NAME).eq("John"));
        assert_eq!(editors.fetch_one().await.unwrap().unwrap().title, "Tales");
        // Writing: its own rows, and no others.
        assert_eq!(john.books().update(Book::YEAR.set(2000)).await.unwrap(), 2);
        assert_eq!(db.select::<Book>().filter(Book::YEAR.eq(2000)).count().await.unwrap(), 2);
        assert_eq!(john.books().order(Book::TITLE).limit(1).delete().await.unwrap(), 1);
        assert_eq!(john.books().delete().await.unwrap(), 1);
        assert_eq!(db.select::<Book>().count().await.unwrap(), 2);
    })
    .await;
}

/// REV-1
#[tokio::test]
async fn the_statement_is_the_plain_one() {
    let db = library().await;
    let john = db.get::<Author>(2).await.unwrap().unwrap();
    let (sql, params) = john.books().sql().unwrap();
    assert_eq!(sql, r#"SELECT "pk", "title", "year", "author_id", "editor_id" FROM "books" WHERE "author_id" = ?1"#);
    assert_eq!(params, [Value::Int(2)]);
}

mod naming {
    use sqliter_async::prelude::*;

    #[derive(Debug, Clone, DbModel)]
    pub(super) struct Blog {
        pub(super) pk: Pk<Self>,
    }
    #[derive(Debug, Clone, DbModel)]
    pub(super) struct BlogPost {
        pub(super) pk: Pk<Self>,
        pub(super) blog: ForeignKey<Blog>,
    }
    #[derive(Debug, Clone, DbModel)]
    pub(super) struct CategoryModel {
        pub(super) pk: Pk<Self>,
        pub(super) blog: ForeignKey<Blog>,
        #[foreign_key(related_name = "kinds_of_it")]
        pub(super) kind: Option<ForeignKey<Blog>>,
    }
}

/// REV-1, REV-8: the parent may be defined before or after.
#[tokio::test]
async fn the_name_is_the_plural_of_the_struct() {
    use naming::{Blog, BlogPost, CategoryModel};
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(BlogPost, Blog, CategoryModel)>().await.unwrap();
    let blog = Blog::builder().insert(&db).await.unwrap();
    BlogPost::builder().blog(&blog).insert(&db).await.unwrap();
    CategoryModel::builder().blog(&blog).kind(&blog).insert(&db).await.unwrap();
    assert_eq!(blog.blog_posts().count().await.unwrap(), 1);
    assert_eq!(blog.kinds_of_it().count().await.unwrap(), 1);
    assert_eq!(db.select::<Blog>().filter(Blog::BLOG_POSTS.any(None)).count().await.unwrap(), 1);
    assert_eq!(db.select::<Blog>().filter(lookup("kinds_of_it__pk__gte", 1)).count().await.unwrap(), 1);
    let names: Vec<_> = Blog::schema().hops().iter().map(|hop| hop.name()).collect();
    assert!(names.contains(&"blog_posts") && names.contains(&"kinds_of_it"), "{names:?}");
}

/// REV-3
#[tokio::test]
async fn a_row_made_by_hand_has_no_children_to_ask_for() {
    let db = watched().await;
    fill(&db).await.unwrap();
    let mut nobody = Author::builder().name("nobody").build().unwrap();
    for err in [
        nobody.books().fetch_all().await.unwrap_err(),
        nobody.books().fetch_one().await.unwrap_err(),
        nobody.books().count().await.unwrap_err(),
        nobody.books().exists().await.unwrap_err(),
        nobody.books().delete().await.unwrap_err(),
        nobody.books().update(Book::YEAR.set(1)).await.unwrap_err(),
        nobody.books().page(1, 1).await.unwrap_err(),
        nobody.books().filter(Book::YEAR.gt(1)).fetch_all().await.unwrap_err(),
        nobody.books().order(Book::YEAR).fetch_last().await.unwrap_err(),
        nobody.books().fetch_dicts().await.unwrap_err(),
        nobody.books().sql().unwrap_err(),
    ] {
        assert!(matches!(&err, Error::NoDbContext { relation } if relation == "Author.books"), "{err:?}");
    }
    // With a database, but not in it: nothing refers to it yet, and nothing is touched.
    db.attach(&mut nobody);
    assert!(nobody.books().fetch_all().await.unwrap().is_empty());
    assert_eq!(nobody.books().count().await.unwrap(), 0);
    assert!(!nobody.books().filter(Book::YEAR.ne(1)).exists().await.unwrap());
    assert_eq!(nobody.books().update(Book::YEAR.set(1)).await.unwrap(), 0);
    assert_eq!(nobody.books().delete().await.unwrap(), 0);
    assert_eq!(db.select::<Book>().count().await.unwrap(), 4);
    // A key by hand and a database is all that it takes.
    let mut john = Author { pk: Pk::of(2), ..nobody };
    db.attach(&mut john);
    assert_eq!(john.books().count().await.unwrap(), 2);
}

/// REV-4
#[tokio::test]
async fn limits_count_and_terminals_change_nothing() {
    let db = library().await;
    let john = db.get::<Author>(2).await.unwrap().unwrap();
    let books = john.books();
    assert_eq!(books.clone().limit(0).count().await.unwrap(), 0);
    assert_eq!(books.clone().limit(1).count().await.unwrap(), 1);
    assert_eq!(books.clone().offset(1).count().await.unwrap(), 1);
    assert!(!books.clone().offset(2).exists().await.unwrap());
    assert!(books.fetch_one().await.unwrap().is_some());
    assert_eq!((books.count().await.unwrap(), books.fetch_all().await.unwrap().len()), (2, 2));
}

/// REV-5: there is a const, and nothing to assign to.
#[tokio::test]
async fn the_const_of_the_way_back() {
    assert_eq!(format!("{:?}", Author::BOOKS), "Relation(Author.books)");
    assert_eq!(format!("{:?}", Author::PUPILS), "Relation(Author.pupils)");
    assert_eq!(format!("{:?}", Author::BOOKS.to(Book::REVIEWS)), "RelationPath([Author.books, Book.reviews])");
    assert!(Author::BOOKS.sql_metadata().is_none());
}

/// REV-6, REV-7: names that are taken do not compile (`ui/reverse_clash.rs`, `ui/two_relations_one_name.rs`); several keys to
/// one parent with names of their own do.
#[derive(Debug, Clone, DbModel)]
struct Match {
    pk: Pk<Self>,
    #[foreign_key(related_name = "home_matches")]
    home: ForeignKey<Team>,
    #[foreign_key(related_name = "away_matches")]
    away: ForeignKey<Team>,
    #[foreign_key(related_name = "won", on_delete = SetNull)]
    winner: Option<ForeignKey<Team>>,
}

#[derive(Debug, Clone, DbModel)]
struct Team {
    pk: Pk<Self>,
    name: String,
}

/// REV-6, REV-7
#[tokio::test]
async fn three_keys_to_one_parent() {
    on_both(async |db| {
        db.create_tables::<(Match, Team)>().await.unwrap();
        let mut teams = Vec::new();
        for name in ["a", "b", "c"] {
            teams.push(Team::builder().name(name).insert(&db).await.unwrap());
        }
        for (home, away, winner) in [(0, 1, Some(0)), (1, 2, Some(2)), (2, 0, None), (0, 2, Some(2))] {
            let winner = winner.map(|w: usize| ForeignKey::from(&teams[w]));
            Match::builder().home(&teams[home]).away(&teams[away]).maybe_winner(winner).insert(&db).await.unwrap();
        }
        let a = &teams[0];
        assert_eq!(a.home_matches().count().await.unwrap(), 2);
        assert_eq!(a.away_matches().count().await.unwrap(), 1);
        assert_eq!(a.won().count().await.unwrap(), 1);
        let query =
            db.select::<Match>().select_related(Match::HOME).select_related("away").select_related(Match::WINNER);
        let query = query.filter(Match::HOME.to(Team::NAME).lt(Match::AWAY.to(Team::NAME))).order(Match::PK);
        let found = query.fetch_all().await.unwrap();
        let read: Vec<_> = found
            .iter()
            .map(|m| {
                (
                    &*m.home.get().unwrap().name,
                    &*m.away.get().unwrap().name,
                    m.winner.as_ref().map(|w| &*w.get().unwrap().name),
                )
            })
            .collect();
        assert_eq!(read, [("a", "b", Some("a")), ("b", "c", Some("c")), ("a", "c", Some("c"))]);
        let (sql, _) = query.sql().unwrap();
        assert_eq!(sql.matches("JOIN").count(), 3, "{sql}");
        let both =
            Team::WON.any(Match::AWAY.to(Team::NAME).eq("c")) & Team::HOME_MATCHES.none(Match::WINNER.is_not_null());
        assert_eq!(db.select::<Team>().filter(both).fetch_all().await.unwrap()[0].name, "c");
        let at_home = db.select::<Match>().filter(Match::HOME.to(Team::PK).eq(Match::WINNER.to(Team::PK)));
        assert_eq!(at_home.count().await.unwrap(), 1);
    })
    .await;
}

/// REV-9
#[tokio::test]
async fn a_wrong_name_is_an_error_at_the_end() {
    let db = library().await;
    let john = db.get::<Author>(2).await.unwrap().unwrap();
    let err = john.books().filter(lookup("titel", "x")).fetch_all().await.unwrap_err();
    assert!(matches!(&err, Error::InvalidFilter { field, .. } if field == "titel"), "{err:?}");
    assert!(err.to_string().contains("did you mean 'title'"), "{err}");
    let err = john.books().order("titel").fetch_one().await.unwrap_err();
    assert!(matches!(&err, Error::InvalidOrder(_)), "{err:?}");
}

/// The way back counts as one statement, whichever terminal asks.
#[tokio::test]
async fn each_terminal_is_one_statement() {
    let db = watched().await;
    fill(&db).await.unwrap();
    let john = db.get::<Author>(2).await.unwrap().unwrap();
    let (_, sql) = statements(async { john.books().fetch_all().await.unwrap() }).await;
    assert_eq!(sql.len(), 1, "{sql:?}");
    let (_, sql) = statements(async { john.books().exists().await.unwrap() }).await;
    assert_eq!(sql, [r#"SELECT EXISTS(SELECT 1 FROM "books" WHERE "author_id" = 2 LIMIT 1)"#]);
    let review = db.select::<Review>().filter(Review::TEXT.eq("lost")).fetch_one().await.unwrap().unwrap();
    assert!(review.book.is_none());
}
