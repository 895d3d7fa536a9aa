//! Links where names, moments or ways of calling are odd.

use std::time::Duration;

use sqliter_async::prelude::*;

use super::{Book, Library, Tag, fill, library, names, titles};
use crate::support::{File, on_both, raw};

/// Relations of a model with itself, and to one with another kind of key, under names that SQL, aliases and lookups could
/// stumble over.
macro_rules! odd {
    ($($name:ident $other:ident $table:literal $far:literal;)*) => { $(
        #[derive(Debug, Clone, DbModel)]
        #[model(table = $table, timestamps = false)]
        #[allow(non_snake_case, reason = "what is tested")]
        struct $name {
            #[pk(column = "near")]
            pk: Pk<Self>,
            #[field(column = "far")]
            r#in: i64,
            #[many_to_many(symmetrical)]
            r#type: ManyToMany<Self>,
            #[many_to_many(related_name = "id")]
            left__right: ManyToMany<Self>,
            #[foreign_key(related_name = "r#where", column = "order")]
            r#match: Option<ForeignKey<Self>>,
            #[many_to_many(related_name = "t0")]
            r#impl: ManyToMany<$other>,
        }

        #[derive(Debug, Clone, DbModel)]
        #[model(table = $far, timestamps = false)]
        struct $other {
            #[pk(column = "select")]
            pk: Pk<Self, String>,
            #[foreign_key(related_name = "from", column = "near")]
            own: Option<ForeignKey<$name>>,
        }

        impl $name {
            async fn check(db: SqliterDb) {
                db.create_tables::<($other, $name)>().await.unwrap();
                db.create_tables::<($name, $other)>().await.unwrap();
                let a = $name::builder().r#in(1).insert(&db).await.unwrap();
                let b = $name::builder().r#in(2).r#match(&a).insert(&db).await.unwrap();
                let c = $name::builder().r#in(3).r#match(&b).insert(&db).await.unwrap();
                let x = $other::builder().pk("x'\"").own(&c).insert(&db).await.unwrap();
                b.r#type.add([&a, &b]).await.unwrap();
                c.id().add([&a, &b]).await.unwrap();
                b.r#impl.set(&x).await.unwrap();
                x.t0().add(&a).await.unwrap();
                let numbers = async |filter: Filter<$name>| {
                    db.select::<$name>().filter(filter).order("in").only($name::IN).fetch_all().await.unwrap()
                };
                assert_eq!(numbers($name::TYPE.any($name::IN.eq(2))).await, [1, 2]);
                assert_eq!(numbers(lookup("type__in", 1)).await, [2]);
                assert_eq!(numbers(lookup("type__in__in", [1])).await, [2]);
                assert_eq!(numbers(lookup("left__right__in", 3)).await, [1, 2]);
                assert_eq!(numbers(lookup("left__right__match__far", 2)).await, [1, 2]);
                assert_eq!(numbers(lookup("where__type__isnull", false)).await, [1]);
                assert_eq!(numbers(lookup("impl__t0__pk", 1)).await, [1, 2]);
                assert_eq!(numbers($name::IMPL.to($other::OWN).to($name::IN).eq(3)).await, [1, 2]);
                assert_eq!(numbers($name::ID.count().eq(2)).await, [3]);
                assert_eq!(numbers($name::FROM.any($other::T0.any($name::TYPE.any($name::IN.eq(1))))).await, [3]);
                let query = db.select::<$name>().select_related("match__match").prefetch_related("type__left__right");
                let query = query.prefetch_related("impl__t0").prefetch_related("id__where").prefetch_related("from__own");
                let read = query.order($name::PK.desc()).fetch_all().await.unwrap();
                assert_eq!(read[0].r#match.as_ref().unwrap().get().unwrap().r#match.as_ref().unwrap().get().unwrap().r#in, 1);
                let of_b = read[1].r#type.fetch_all().await.unwrap();
                assert_eq!(of_b.iter().map(|n| n.r#in).collect::<Vec<_>>(), [1, 2]);
                assert_eq!(of_b[0].left__right.fetch_one().await.unwrap().unwrap().r#in, 3);
                assert_eq!(read[1].r#impl.fetch_one().await.unwrap().unwrap().t0().count().await.unwrap(), 2);
                assert_eq!(read[0].id().fetch_all().await.unwrap()[0].r#where().count().await.unwrap(), 1);
                assert_eq!(read[0].from().fetch_all().await.unwrap()[0].own.as_ref().unwrap().get().unwrap().r#in, 3);
                // Writes that choose rows by links.
                let lonely = db.select::<$name>().filter($name::TYPE.none(None::<Filter<$name>>));
                assert_eq!(lonely.update($name::IN.set($name::ID.count() + 10)).await.unwrap(), 1);
                assert_eq!(numbers(Filter::all([])).await, [1, 2, 12]);
                let linked = db.select::<$name>().filter($name::TYPE.any($name::TYPE.any($name::IN.eq(1))));
                assert_eq!(linked.order($name::ID.count()).update($name::IN.set(0)).await.unwrap(), 2);
                let c = db.select::<$name>().filter($name::ID.any($name::IMPL.any($other::PK.eq("x'\""))));
                assert_eq!(c.count().await.unwrap(), 1);
                x.t0().clear().await.unwrap();
                db.select::<$other>().delete().await.unwrap();
                assert_eq!(c.delete().await.unwrap(), 0);
                let last = db.select::<$name>().filter($name::WHERE.none(None::<Filter<$name>>));
                assert_eq!(last.delete().await.unwrap(), 1);
                assert_eq!(numbers($name::LEFT__RIGHT.any(None::<Filter<$name>>)).await, Vec::<i64>::new());
                db.drop_table::<$other>().await.unwrap();
                db.drop_table::<$name>().await.unwrap();
                assert!(db.table_names().await.unwrap().is_empty());
            }
        }
    )* };
}
odd! {
    Zero OfZero "t0" "t1";
    Two OfTwo "t2" "T0";
    Near OfNear "near" "far";
    Quoted OfQuoted "a \"b\"; --" "é 'x'";
}

#[tokio::test]
async fn names_that_stand_in_the_way() {
    on_both(Zero::check).await;
    on_both(Two::check).await;
    on_both(Near::check).await;
    on_both(Quoted::check).await;
}

/// M2M-3, W8: two pairs of models whose names give the same junction.
#[tokio::test]
async fn a_junction_of_another_pair_is_no_junction_of_this() {
    macro_rules! pair {
        ($left:ident $left_table:literal $right:ident $right_table:literal) => {
            #[derive(Debug, Clone, DbModel)]
            #[model(table = $left_table, database = "odd_pairs")]
            struct $left {
                pk: Pk<Self>,
                others: ManyToMany<$right>,
            }
            #[derive(Debug, Clone, DbModel)]
            #[model(table = $right_table, database = "odd_pairs")]
            struct $right {
                pk: Pk<Self>,
            }
        };
    }
    pair! { Apple "odd_a" Bz "odd_b_z" }
    pair! { Ab "odd_a_odd_b" Z "z" }
    const NAME: &str = "odd_a_odd_b_z";
    for metadata in [Apple::OTHERS.sql_metadata(), Ab::OTHERS.sql_metadata()] {
        assert_eq!(metadata.unwrap().junction_table, NAME);
    }
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Apple, Bz)>().await.unwrap();
    let err = db.create_tables::<(Ab, Z)>().await.unwrap_err();
    assert!(matches!(&err, Error::TableCreation { table, .. } if table == NAME), "{err:?}");
    let text = std::error::Error::source(&err).map(ToString::to_string).unwrap_or_default();
    assert!(text.contains("`through`") && text.contains("`Ab.others`"), "{text}");
}

/// What a row of a snapshot, or of a transaction that dropped everything, leads to afterwards.
#[tokio::test]
async fn rows_outlive_the_reading_and_the_undoing() {
    on_both(async |db| {
        db.create_tables::<Library>().await.unwrap();
        fill(&db).await;
        let read = db
            .read_transaction(async |tx| -> Result<Book> {
                let book = tx.get::<Book>(1).await?.unwrap();
                assert!(book.tags.add(3).await.is_err());
                assert_eq!(names(&book.tags.fetch_all().await?), ["rust", "sql"]);
                Ok(book)
            })
            .await
            .unwrap();
        read.tags.add(3).await.unwrap();
        assert_eq!(names(&read.tags.fetch_all().await.unwrap()), ["rust", "sql", "none"]);
        let undone: Result<()> = db
            .transaction(async |tx| {
                tx.reset().await?;
                assert!(tx.table_names().await?.is_empty());
                tx.create_tables::<Library>().await?;
                let tag = Tag::builder().name("new").insert(&tx).await?;
                assert_eq!((tag.books().count().await?, read.tags.count().await?), (0, 0));
                assert!(read.tags.add(&tag).await.is_err());
                Err(Error::InvalidOption("back".into()))
            })
            .await;
        assert!(undone.is_err());
        assert_eq!(names(&read.tags.fetch_all().await.unwrap()), ["rust", "sql", "none"]);
        assert_eq!(read.author.fetch().await.unwrap().name, "Ann");
    })
    .await;
}

/// Calls that are dropped halfway, and calls at once, inside a transaction and outside.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_is_whole_or_not_there() {
    let file = File::new();
    let db = file.open().await;
    db.create_tables::<Library>().await.unwrap();
    fill(&db).await;
    let more: Vec<Tag> =
        db.bulk_insert((0..500).map(|i| Tag::builder().name(i.to_string()).build().unwrap())).await.unwrap();
    let book = db.select::<Book>().prefetch_related(Book::TAGS).fetch_first().await.unwrap().unwrap();
    let links = "SELECT count(*) || '' FROM linked_books_linked_tags WHERE linked_books_pk = 1";
    for round in 0..30u64 {
        let _ = tokio::time::timeout(Duration::from_micros(round * 40), book.tags.set(&more)).await;
        let _ = tokio::time::timeout(Duration::from_micros(round * 20), book.tags.set([1, 2])).await;
        let fresh = db.get::<Book>(1).await.unwrap().unwrap().tags.count().await.unwrap();
        assert!([2, 500].contains(&fresh), "{fresh}");
    }
    book.tags.set([1, 2]).await.unwrap();
    assert_eq!(names(&book.tags.fetch_all().await.unwrap()), ["rust", "sql"]);
    db.transaction(async |tx| -> Result<()> {
        let (a, b) = (tx.get::<Book>(2).await?.unwrap(), tx.get::<Book>(3).await?.unwrap());
        let tag = tx.get::<Tag>(3).await?.unwrap();
        let back = tag.books();
        let (one, two, three) = tokio::join!(a.tags.add(&more), b.tags.add([1, 99_999]), back.add([&a, &b]));
        assert!(one.is_ok() && two.is_err() && three.is_ok());
        assert_eq!((a.tags.count().await?, names(&b.tags.fetch_all().await?)), (502, vec!["none"]));
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(titles(&db.get::<Tag>(3).await.unwrap().unwrap().books().fetch_all().await.unwrap()), ["A2", "B1"]);
    assert_eq!(raw(&db, links).await, ["2"]);
}

/// What was loaded ahead, seen by every terminal.
#[tokio::test]
async fn memory_and_file_agree_whichever_terminal_asks() {
    let db = library().await;
    let tags = db.select::<Tag>().prefetch_related(Tag::BOOKS).fetch_all().await.unwrap();
    for tag in &tags {
        let (ahead, asked) = (tag.books().query(), tag.books().order(Book::PK));
        assert_eq!(ahead.count().await.unwrap(), asked.count().await.unwrap());
        assert_eq!(ahead.exists().await.unwrap(), asked.exists().await.unwrap());
        let (one, two) = (ahead.page(1, 1).await.unwrap(), asked.page(1, 1).await.unwrap());
        assert_eq!((one.total, one.pages, titles(&one.items)), (two.total, two.pages, titles(&two.items)));
        assert_eq!(ahead.fetch_dicts().await.unwrap(), asked.fetch_dicts().await.unwrap());
        let (one, two) = (ahead.fetch_last().await.unwrap(), asked.fetch_last().await.unwrap());
        assert_eq!(one.map(|b| b.pk), two.map(|b| b.pk));
        let counted = ahead.clone().with_count(Book::TAGS, "n").fetch_all().await.unwrap();
        assert_eq!(counted.len() as i64, ahead.count().await.unwrap());
        let mut stream = ahead.stream();
        let mut seen = 0;
        while let Some(book) = stream.next().await {
            book.unwrap();
            seen += 1;
        }
        assert_eq!(seen, ahead.count().await.unwrap());
    }
}
