//! Junction tables: their names and definitions, those of Python's SQLiter, and relations between the same two models.

use sqliter_async::prelude::*;

use crate::support::{File, raw, raw_execute};

/// The models of Python's documentation.
mod python {
    use super::*;

    #[derive(Debug, Clone, DbModel)]
    #[model(database = "linked_python")]
    pub struct Tag {
        pub pk: Pk<Self>,
        pub name: String,
    }

    #[derive(Debug, Clone, DbModel)]
    #[model(database = "linked_python")]
    pub struct Article {
        pub pk: Pk<Self>,
        pub title: String,
        pub tags: ManyToMany<Tag>,
        #[many_to_many(through = "article_cat_links", related_name = "cat_articles")]
        pub cats: ManyToMany<Tag>,
    }

    #[derive(Debug, Clone, DbModel)]
    #[model(database = "linked_python")]
    pub struct Person {
        pub pk: Pk<Self>,
        pub name: String,
        #[many_to_many(symmetrical)]
        pub friends: ManyToMany<Person>,
    }

    #[derive(Debug, Clone, DbModel)]
    #[model(database = "linked_python")]
    pub struct User {
        pub pk: Pk<Self>,
        pub name: String,
        #[many_to_many(related_name = "followers")]
        pub follows: ManyToMany<User>,
    }
}
use python::{Article, Person, Tag, User};

/// What Python's SQLiter makes of these models.
const PYTHON: [&str; 12] = [
    r#"CREATE TABLE "articles_tags" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "articles_pk" INTEGER NOT NULL, "tags_pk" INTEGER NOT NULL, FOREIGN KEY ("articles_pk") REFERENCES "articles"("pk") ON DELETE CASCADE ON UPDATE CASCADE, FOREIGN KEY ("tags_pk") REFERENCES "tags"("pk") ON DELETE CASCADE ON UPDATE CASCADE, UNIQUE ("articles_pk", "tags_pk"))"#,
    r#"CREATE INDEX "idx_articles_tags_articles_pk" ON "articles_tags" ("articles_pk")"#,
    r#"CREATE INDEX "idx_articles_tags_tags_pk" ON "articles_tags" ("tags_pk")"#,
    r#"CREATE TABLE "article_cat_links" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "articles_pk" INTEGER NOT NULL, "tags_pk" INTEGER NOT NULL, FOREIGN KEY ("articles_pk") REFERENCES "articles"("pk") ON DELETE CASCADE ON UPDATE CASCADE, FOREIGN KEY ("tags_pk") REFERENCES "tags"("pk") ON DELETE CASCADE ON UPDATE CASCADE, UNIQUE ("articles_pk", "tags_pk"))"#,
    r#"CREATE INDEX "idx_article_cat_links_articles_pk" ON "article_cat_links" ("articles_pk")"#,
    r#"CREATE INDEX "idx_article_cat_links_tags_pk" ON "article_cat_links" ("tags_pk")"#,
    r#"CREATE TABLE "people_people" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "people_pk_left" INTEGER NOT NULL, "people_pk_right" INTEGER NOT NULL, FOREIGN KEY ("people_pk_left") REFERENCES "people"("pk") ON DELETE CASCADE ON UPDATE CASCADE, FOREIGN KEY ("people_pk_right") REFERENCES "people"("pk") ON DELETE CASCADE ON UPDATE CASCADE, UNIQUE ("people_pk_left", "people_pk_right"))"#,
    r#"CREATE INDEX "idx_people_people_people_pk_left" ON "people_people" ("people_pk_left")"#,
    r#"CREATE INDEX "idx_people_people_people_pk_right" ON "people_people" ("people_pk_right")"#,
    r#"CREATE TABLE "users_users" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "users_pk_left" INTEGER NOT NULL, "users_pk_right" INTEGER NOT NULL, FOREIGN KEY ("users_pk_left") REFERENCES "users"("pk") ON DELETE CASCADE ON UPDATE CASCADE, FOREIGN KEY ("users_pk_right") REFERENCES "users"("pk") ON DELETE CASCADE ON UPDATE CASCADE, UNIQUE ("users_pk_left", "users_pk_right"))"#,
    r#"CREATE INDEX "idx_users_users_users_pk_left" ON "users_users" ("users_pk_left")"#,
    r#"CREATE INDEX "idx_users_users_users_pk_right" ON "users_users" ("users_pk_right")"#,
];

/// The tables of the models themselves, as Python's SQLiter makes them.
const PYTHON_MODELS: [&str; 4] = [
    r#"CREATE TABLE "tags" ( "pk" INTEGER PRIMARY KEY AUTOINCREMENT, "created_at" INTEGER, "updated_at" INTEGER, "db_context" TEXT, "name" TEXT )"#,
    r#"CREATE TABLE "articles" ( "pk" INTEGER PRIMARY KEY AUTOINCREMENT, "created_at" INTEGER, "updated_at" INTEGER, "db_context" TEXT, "title" TEXT )"#,
    r#"CREATE TABLE "people" ( "pk" INTEGER PRIMARY KEY AUTOINCREMENT, "created_at" INTEGER, "updated_at" INTEGER, "db_context" TEXT, "name" TEXT )"#,
    r#"CREATE TABLE "users" ( "pk" INTEGER PRIMARY KEY AUTOINCREMENT, "created_at" INTEGER, "updated_at" INTEGER, "db_context" TEXT, "name" TEXT )"#,
];

const JUNCTIONS: &str = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL \
    AND tbl_name IN ('articles_tags', 'article_cat_links', 'people_people', 'users_users') ORDER BY rowid";

/// M2M-3
#[tokio::test]
async fn junctions_are_defined_as_python_defines_them() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Tag, Article, Person, User)>().await.unwrap();
    assert_eq!(raw(&db, JUNCTIONS).await, PYTHON);
    // Again, in another order, and with a target that comes later.
    db.create_tables::<(User, Article, Person, Tag)>().await.unwrap();
    assert_eq!(raw(&db, JUNCTIONS).await, PYTHON);
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Article>().await.unwrap();
    db.create_table::<Article>().await.unwrap();
    db.create_table::<Tag>().await.unwrap();
    assert_eq!(raw(&db, JUNCTIONS).await, PYTHON[..6]);
    let article = Article::builder().title("x").insert(&db).await.unwrap();
    article.tags.add(&Tag::builder().name("t").insert(&db).await.unwrap()).await.unwrap();
    assert_eq!(article.tags.count().await.unwrap(), 1);
}

/// M2M-3, M2M-18, M2M-19
#[tokio::test]
async fn a_file_that_python_laid_out_is_read_and_written() {
    let file = File::new();
    let db = file.open().await;
    raw_execute(&db, &[&PYTHON_MODELS[..], &PYTHON[..]].concat().join(";\n")).await;
    raw_execute(
        &db,
        "INSERT INTO tags (pk, created_at, updated_at, name) VALUES (1, 0, 0, 'a'), (2, 0, 0, 'b');
         INSERT INTO articles (pk, created_at, updated_at, title) VALUES (1, 0, 0, 'first');
         INSERT INTO people (pk, created_at, updated_at, name) VALUES (1, 0, 0, 'x'), (2, 0, 0, 'y'), (3, 0, 0, 'z');
         INSERT INTO users (pk, created_at, updated_at, name) VALUES (1, 0, 0, 'u'), (2, 0, 0, 'v');
         INSERT INTO articles_tags VALUES (1, 1, 2);
         INSERT INTO people_people VALUES (1, 1, 3), (2, 2, 2);
         INSERT INTO users_users VALUES (1, 2, 1);",
    )
    .await;
    db.create_tables::<(Tag, Article, Person, User)>().await.unwrap();
    assert_eq!(raw(&db, JUNCTIONS).await, PYTHON);
    let article = db.select::<Article>().prefetch_related("tags").fetch_one().await.unwrap().unwrap();
    assert_eq!(article.tags.fetch_all().await.unwrap()[0].name, "b");
    article.cats.add([1, 2]).await.unwrap();
    article.tags.set(1).await.unwrap();
    let tag = db.get::<Tag>(1).await.unwrap().unwrap();
    assert_eq!((tag.articles().count().await.unwrap(), tag.cat_articles().count().await.unwrap()), (1, 1));
    let people = db.select::<Person>().prefetch_related("friends").order("pk").fetch_all().await.unwrap();
    assert_eq!(people[2].friends.fetch_all().await.unwrap()[0].name, "x");
    assert_eq!(people[1].friends.fetch_all().await.unwrap()[0].name, "y");
    people[2].friends.add(&people[1]).await.unwrap();
    people[2].friends.add(&people[0]).await.unwrap();
    let user = db.get::<User>(1).await.unwrap().unwrap();
    assert_eq!(user.followers().fetch_all().await.unwrap()[0].name, "v");
    user.follows.add(2).await.unwrap();
    let rows = |table: &str, a: &str, b: &str| format!("SELECT {a} || '-' || {b} FROM {table} ORDER BY 1");
    assert_eq!(raw(&db, &rows("articles_tags", "articles_pk", "tags_pk")).await, ["1-1"]);
    assert_eq!(raw(&db, &rows("article_cat_links", "articles_pk", "tags_pk")).await, ["1-1", "1-2"]);
    assert_eq!(raw(&db, &rows("people_people", "people_pk_left", "people_pk_right")).await, ["1-3", "2-2", "2-3"]);
    assert_eq!(raw(&db, &rows("users_users", "users_pk_left", "users_pk_right")).await, ["1-2", "2-1"]);
}

/// A junction of two keys alone: what Python accepts.
#[tokio::test]
async fn a_junction_without_a_key_of_its_own_serves() {
    let db = SqliterDb::memory().await.unwrap();
    raw_execute(
        &db,
        "CREATE TABLE articles_tags (articles_pk INTEGER NOT NULL REFERENCES articles(pk) ON DELETE CASCADE,
         tags_pk INTEGER NOT NULL REFERENCES tags(pk) ON DELETE CASCADE, PRIMARY KEY (articles_pk, tags_pk)) WITHOUT ROWID",
    )
    .await;
    db.create_tables::<(Tag, Article)>().await.unwrap();
    let article = Article::builder().title("x").insert(&db).await.unwrap();
    let tag = Tag::builder().name("t").insert(&db).await.unwrap();
    article.tags.add([&tag, &tag]).await.unwrap();
    let articles = db.select::<Article>().prefetch_related(Article::TAGS).fetch_all().await.unwrap();
    assert_eq!(articles[0].tags.count().await.unwrap(), 1);
    assert_eq!(tag.articles().count().await.unwrap(), 1);
    db.delete::<Tag>(&tag).await.unwrap();
    assert_eq!(article.tags.count().await.unwrap(), 0);
}

/// M2M-22
#[tokio::test]
async fn the_metadata_of_a_relation() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Tag, Article)>().await.unwrap();
    let article = Article::builder().title("x").insert(&db).await.unwrap();
    let tag = Tag::builder().name("t").insert(&db).await.unwrap();
    let (tags, articles) = (Article::TAGS.sql_metadata().unwrap(), Tag::ARTICLES.sql_metadata().unwrap());
    assert_eq!((tags.junction_table, tags.symmetrical), ("articles_tags", false));
    assert_eq!((tags.from_column, tags.to_column), ("articles_pk", "tags_pk"));
    assert_eq!((tags.source_table, tags.target_table), ("articles", "tags"));
    assert_eq!((articles.from_column, articles.to_column), ("tags_pk", "articles_pk"));
    assert_eq!((articles.source_table, articles.target_table), ("tags", "articles"));
    assert_eq!((article.tags.sql_metadata(), tag.articles().sql_metadata()), (Some(tags), Some(articles)));
    assert_eq!(Article::CATS.sql_metadata().unwrap().junction_table, "article_cat_links");
    assert_eq!(Tag::CAT_ARTICLES.sql_metadata().unwrap().junction_table, "article_cat_links");
    assert_eq!(ManyToMany::<Tag>::default().sql_metadata(), None);
    let loaded = db.select::<Article>().prefetch_related("tags").fetch_one().await.unwrap().unwrap();
    assert_eq!(loaded.tags.sql_metadata(), Some(tags));
}

/// Several relations between the same two models, declared by both.
#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_left", database = "linked")]
struct Left {
    pk: Pk<Self>,
    name: String,
    ours: ManyToMany<Right>,
    #[many_to_many(related_name = "lefts_more")]
    more: ManyToMany<Right>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_right", database = "linked")]
struct Right {
    pk: Pk<Self>,
    name: String,
    #[many_to_many(related_name = "rights_ours")]
    ours: ManyToMany<Left>,
    #[many_to_many(related_name = "rights_more")]
    more: ManyToMany<Left>,
}

/// M2M-17, M2M-20, W8
#[tokio::test]
async fn relations_between_the_same_models_have_junctions_of_their_own() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Right, Left)>().await.unwrap();
    let left = Left::builder().name("l").insert(&db).await.unwrap();
    let right = Right::builder().name("r").insert(&db).await.unwrap();
    let mut tables = vec![
        Left::OURS.sql_metadata().unwrap().junction_table,
        Left::MORE.sql_metadata().unwrap().junction_table,
        Right::OURS.sql_metadata().unwrap().junction_table,
        Right::MORE.sql_metadata().unwrap().junction_table,
    ];
    assert_eq!(tables[0], "linked_left_linked_right");
    tables.sort_unstable();
    tables.dedup();
    assert_eq!(tables.len(), 4, "{tables:?}");
    let counts = async || {
        let mut counts = Vec::new();
        for links in [&left.ours, &left.more] {
            counts.push(links.count().await.unwrap());
        }
        for links in [right.lefts(), right.lefts_more()] {
            counts.push(links.count().await.unwrap());
        }
        counts.extend([right.ours.count().await.unwrap(), right.more.count().await.unwrap()]);
        counts
    };
    assert_eq!(counts().await, [0, 0, 0, 0, 0, 0]);
    left.ours.add(&right).await.unwrap();
    assert_eq!(counts().await, [1, 0, 1, 0, 0, 0]);
    left.more.add(&right).await.unwrap();
    left.ours.clear().await.unwrap();
    assert_eq!(counts().await, [0, 1, 0, 1, 0, 0]);
    right.ours.add(&left).await.unwrap();
    assert_eq!(counts().await, [0, 1, 0, 1, 1, 0]);
    right.more.add(&left).await.unwrap();
    left.rights_ours().clear().await.unwrap();
    assert_eq!(counts().await, [0, 1, 0, 1, 0, 1]);
}
