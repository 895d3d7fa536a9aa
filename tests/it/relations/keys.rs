//! Foreign keys as columns: what the file says of them, what may be put in them, what happens to rows without a parent.

use sqliter_async::prelude::*;
use sqliter_async::{ErrorKind, assign};

use super::{Author, Book, Publisher, fill, library};
use crate::support::{on_both, raw, raw_execute};

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Parent {
    pk: Pk<Self>,
    name: String,
}

async fn parents(db: &SqliterDb) -> (Parent, Parent) {
    let a = Parent::builder().name("a").insert(db).await.unwrap();
    (a, Parent::builder().name("b").insert(db).await.unwrap())
}

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Plain {
    pk: Pk<Self>,
    #[field(references = Parent)]
    parent_id: i64,
    #[field(references = Parent, on_delete = SetNull, on_update = Cascade, column = "other key")]
    other: Option<i64>,
    #[field(references = Parent, unique, on_delete = Cascade)]
    single_id: Option<i64>,
}

/// FKX-1, FKX-6
#[tokio::test]
async fn a_plain_column_refers_to_a_row() {
    on_both(async |db| {
        db.create_tables::<(Plain, Parent)>().await.unwrap();
        let ddl = Plain::create_table_sql();
        assert!(ddl.contains(r#"REFERENCES "parents"("pk") ON DELETE RESTRICT ON UPDATE RESTRICT"#), "{ddl}");
        assert!(ddl.contains(r#"REFERENCES "parents"("pk") ON DELETE SET NULL ON UPDATE CASCADE"#), "{ddl}");
        assert!(ddl.contains(r#""parent_id" INTEGER NOT NULL"#), "{ddl}");
        let keys = raw(&db, r#"SELECT "from" || ' ' || on_delete || ' ' || on_update FROM pragma_foreign_key_list('plains') ORDER BY 1"#).await;
        assert_eq!(keys, ["other key SET NULL CASCADE", "parent_id RESTRICT RESTRICT", "single_id CASCADE RESTRICT"]);
        let indexed = raw(&db, "SELECT DISTINCT i.name FROM pragma_index_list('plains') l, pragma_index_info(l.name) i ORDER BY 1").await;
        assert_eq!(indexed, ["other key", "parent_id", "single_id"]);

        let (a, b) = parents(&db).await;
        let (a, b) = (a.pk.get().unwrap(), b.pk.get().unwrap());
        let mut row = Plain::builder().parent_id(a).other(b).insert(&db).await.unwrap();
        assert_eq!(db.get::<Plain>(&row.pk).await.unwrap().unwrap().other, Some(b));
        let all = db.select::<Plain>();
        for filter in [
            Plain::OTHER.eq(b),
            Plain::OTHER.is_in([b, 9]),
            Plain::OTHER.not_in([a]),
            lookup("other", b),
            lookup("other key", b),
            lookup("other__in", [b]),
        ] {
            assert_eq!(all.clone().filter(filter.clone()).order("-other").count().await.unwrap(), 1, "{filter:?}");
        }
        assert_eq!(all.clone().only(Plain::OTHER).fetch_all().await.unwrap(), [Some(b)]);
        assert_eq!(all.update(assign("other", a)).await.unwrap(), 1);
        row.other = None;
        db.update(&mut row).await.unwrap();
        assert_eq!(raw(&db, r#"SELECT typeof("other key") FROM plains"#).await, ["null"]);

        let err = Plain::builder().parent_id(9).insert(&db).await.unwrap_err();
        assert!(matches!(&err, Error::ForeignKeyConstraint { .. }), "{err:?}");
        let err = db.select::<Plain>().update(Plain::PARENT_ID.set(9)).await.unwrap_err();
        assert!(matches!(&err, Error::ForeignKeyConstraint { .. }), "{err:?}");
        let err = db.delete::<Parent>(a).await.unwrap_err();
        assert!(matches!(&err, Error::ForeignKeyConstraint { .. }), "{err:?}");
    })
    .await;
}

/// FKX-7
#[tokio::test]
async fn a_plain_column_is_no_relation() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Plain, Parent)>().await.unwrap();
    for path in ["parent_id", "parent", "other"] {
        let err = db.select::<Plain>().select_related(path).fetch_all().await.unwrap_err();
        assert!(matches!(&err, Error::InvalidRelationship { segment, .. } if segment == path), "{err:?}");
        let err = db.select::<Plain>().filter(lookup(&format!("{path}__name"), "a")).fetch_all().await.unwrap_err();
        assert!(matches!(&err, Error::InvalidRelationship { .. } | Error::InvalidFilter { .. }), "{err:?}");
    }
}

/// Children with every action, through a macro.
macro_rules! children {
    ($($child:ident $action:ident;)*) => { $(
        #[derive(Debug, Clone, DbModel)]
        #[model(timestamps = false)]
        struct $child {
            pk: Pk<Self>,
            #[foreign_key(on_delete = $action, on_update = $action)]
            parent: Option<ForeignKey<Parent>>,
        }
        impl $child {
            /// What becomes of a child when its parent goes, and when its parent's key changes.
            async fn fate() -> [String; 2] {
                let db = SqliterDb::memory().await.unwrap();
                db.create_tables::<($child, Parent)>().await.unwrap();
                let (a, b) = parents(&db).await;
                $child::builder().parent(&a).insert(&db).await.unwrap();
                $child::builder().parent(&b).insert(&db).await.unwrap();
                let table = $child::table_name();
                let deleted = db.delete::<Parent>(&a).await.map(drop);
                let children = raw(&db, &format!("SELECT ifnull(CAST(parent_id AS TEXT), 'null') FROM {table} ORDER BY pk")).await;
                let first = format!("{} {children:?}", kind(deleted));
                db.select::<$child>().filter($child::PARENT.to(Parent::NAME).ne("b")).delete().await.unwrap();
                let sql = "UPDATE parents SET pk = 7 WHERE name = 'b'";
                let updated = sqlx::raw_sql(sql).execute(db.pool()).await.map(drop).is_ok();
                let children = raw(&db, &format!("SELECT ifnull(CAST(parent_id AS TEXT), 'null') FROM {table} ORDER BY pk")).await;
                [first, format!("{updated} {children:?}")]
            }
        }
    )* };
}
children! {
    Cascading Cascade;
    Nulling SetNull;
    Restricting Restrict;
    Passive NoAction;
}

fn kind(result: Result<()>) -> String {
    match result {
        Ok(()) => "done".to_owned(),
        Err(Error::ForeignKeyConstraint { .. }) => "refused".to_owned(),
        Err(e) => format!("{e:?}"),
    }
}

/// FKX-3, FKX-4, FKO-13
#[tokio::test]
async fn actions_act() {
    assert_eq!(Cascading::fate().await, [r#"done ["2"]"#, r#"true ["7"]"#]);
    assert_eq!(Nulling::fate().await, [r#"done ["null", "2"]"#, r#"true ["null"]"#]);
    assert_eq!(Restricting::fate().await, [r#"refused ["1", "2"]"#, r#"false ["2"]"#]);
    assert_eq!(Passive::fate().await, [r#"refused ["1", "2"]"#, r#"false ["2"]"#]);
}

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Passport {
    pk: Pk<Self>,
    #[foreign_key(unique, column = "holder of it")]
    holder: ForeignKey<Parent>,
}

/// FKX-5, FKX-6, FKO-8
#[tokio::test]
async fn one_to_one_and_a_column_with_a_name_of_its_own() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Parent, Passport)>().await.unwrap();
    let (a, b) = parents(&db).await;
    let passport = Passport::builder().holder(&a).insert(&db).await.unwrap();
    let err = Passport::builder().holder(&a).insert(&db).await.unwrap_err();
    assert!(matches!(&err, Error::RecordInsertion { .. }), "{err:?}");
    assert!(matches!(err.kind(), ErrorKind::Unique { .. }), "{err:?}");
    let mut other = Passport::builder().holder(b.pk.clone()).insert(&db).await.unwrap();
    assert_eq!(raw(&db, r#"SELECT "holder of it" || '' FROM passports ORDER BY pk"#).await, ["1", "2"]);

    let all = db.select::<Passport>();
    for filter in [
        Passport::HOLDER.eq(&a),
        Passport::HOLDER.eq(1),
        Passport::HOLDER.eq(&passport.holder),
        Passport::HOLDER.is_in([&a]),
        Passport::HOLDER.not_in([&b]),
        Passport::HOLDER.ne(&b),
        lookup("holder", 1),
        lookup("holder__in", [1]),
        lookup("holder of it", 1),
        Passport::HOLDER.to(Parent::NAME).eq("a"),
        lookup("holder__name__icontains", "A"),
    ] {
        let query = all.clone().filter(filter).order(Passport::HOLDER.desc()).select_related(Passport::HOLDER);
        let found = query.fetch_all().await.unwrap();
        assert_eq!(found.iter().map(|p| p.holder.loaded().unwrap().name.as_str()).collect::<Vec<_>>(), ["a"]);
    }
    assert_eq!(a.passports().count().await.unwrap(), 1);
    let counts = db.select::<Parent>().with_count(Parent::PASSPORTS, "n").fetch_all().await.unwrap();
    assert_eq!(counts.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [1, 1]);
    let read = db.select::<Parent>().prefetch_related(Parent::PASSPORTS).fetch_all().await.unwrap();
    assert_eq!(read[1].passports().fetch_all().await.unwrap()[0].pk, other.pk);

    // To another holder: by the row, by some of its columns, by a query.
    db.delete::<Passport>(&passport.pk).await.unwrap();
    other.holder.set(&a);
    db.update(&mut other).await.unwrap();
    assert_eq!(raw(&db, r#"SELECT "holder of it" || '' FROM passports"#).await, ["1"]);
    other.holder.set(&b);
    db.update_only(&mut other, Passport::HOLDER).await.unwrap();
    assert_eq!(raw(&db, r#"SELECT "holder of it" || '' FROM passports"#).await, ["2"]);
    assert_eq!(all.update(Passport::HOLDER.set(&a)).await.unwrap(), 1);
    assert_eq!(all.update(assign("holder", 2)).await.unwrap(), 1);
    let dicts = all.fetch_dicts().await.unwrap();
    assert_eq!(dicts[0].keys().collect::<Vec<_>>(), ["pk", "holder of it"]);
}

/// FKO-1, FKO-2, FKO-14
#[tokio::test]
async fn a_key_is_a_column_and_its_field_is_not() {
    let db = library().await;
    let columns = raw(&db, "SELECT name || \"notnull\" FROM pragma_table_info('books') WHERE name LIKE '%or%'").await;
    assert_eq!(columns, ["author_id1", "editor_id0"]);
    let book = db.get::<Book>(1).await.unwrap().unwrap();
    assert_eq!((book.author.key(), book.editor.is_none()), (Some(1), true));
    assert_eq!(format!("{:?}", Book::AUTHOR), "Relation(Book.author)");
    let schema = Book::schema();
    assert_eq!(schema.columns.iter().find(|c| c.name == "author_id").map(|c| c.field), Some("author"));
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, DbModel)]
#[model(timestamps = false)]
struct Sent {
    pk: Pk<Self>,
    parent: ForeignKey<Parent>,
    #[foreign_key(related_name = "also_sents")]
    other: Option<ForeignKey<Parent>>,
}

/// FKO-1, LAZ-7
#[tokio::test]
async fn a_key_serialises_compares_and_prints_as_the_key() {
    let sent = Sent { pk: Pk::of(3), parent: ForeignKey::from(7), other: None };
    let json = serde_json::to_string(&sent).unwrap();
    assert_eq!(json, r#"{"pk":3,"parent":7,"other":null}"#);
    assert_eq!(serde_json::from_str::<Sent>(&json).unwrap(), sent);
    assert_eq!(format!("{:?}", sent.parent), "ForeignKey(7)");
    assert_eq!(std::collections::HashSet::from([sent.clone(), sent.clone()]).len(), 1);
    assert_eq!(format!("{:?}", ForeignKey::<Parent>::unset()), "ForeignKey(unset)");
    let unset: Sent = serde_json::from_str(r#"{"pk":3,"parent":null,"other":null}"#).unwrap();
    assert!(!unset.parent.is_set());
}

/// FKO-4
#[tokio::test]
async fn a_key_is_a_row_a_pk_a_foreign_key_or_itself() {
    let db = library().await;
    let jane = db.get::<Author>(1).await.unwrap().unwrap();
    let emma = db.get::<Book>(1).await.unwrap().unwrap();
    for book in [
        Book::builder().title("x").author(&jane).editor(&jane),
        Book::builder().title("x").author(&jane.pk).editor(&jane.pk),
        Book::builder().title("x").author(jane.pk.clone()).editor(jane.pk.clone()),
        Book::builder().title("x").author(1).editor(1),
        Book::builder().title("x").author(&emma.author).editor(&emma.author),
        Book::builder().title("x").author(emma.author.clone()).maybe_editor(Some(emma.author.clone())),
    ] {
        let book = book.insert(&db).await.unwrap();
        assert_eq!((book.author.key(), book.editor.unwrap().key()), (Some(1), Some(1)));
    }
    let mut book = Book::builder().title("y").author(2).insert(&db).await.unwrap();
    assert!(book.editor.is_none());
    book.author = (&jane).into();
    book.editor = Some(jane.pk.clone().into());
    db.update(&mut book).await.unwrap();
    assert_eq!(book.author.fetch().await.unwrap().name, "Jane");
    assert_eq!(book.editor.as_ref().unwrap().fetch().await.unwrap().name, "Jane");
    assert_eq!(db.get::<Author>(&book.author).await.unwrap().unwrap().name, "Jane");
    assert_eq!(db.select::<Author>().filter(Author::PK.eq(&book.author)).count().await.unwrap(), 1);
    assert_eq!(db.delete::<Author>(book.editor.as_ref().unwrap()).await.map(drop).map_err(|e| e.to_string()), Ok(()));
}

/// FKO-5
#[tokio::test]
async fn an_unsaved_parent_is_refused_before_the_file_is_asked() {
    let db = library().await;
    let nobody = Author::builder().name("nobody").build().unwrap();
    let err = Book::builder().title("x").author(&nobody).build().unwrap_err();
    assert!(err.to_string().contains("author"), "{err}");
    let err = Book::builder().title("x").author(1).editor(&nobody).insert(&db).await.unwrap_err();
    assert!(matches!(&err, Error::Validation(e) if e.to_string().contains("editor")), "{err:?}");

    // By hand the builder is not asked; every write says so.
    let mut book = Book::builder().title("x").author(1).build().unwrap();
    book.author = ForeignKey::unset();
    let typed = |err: Error| assert!(matches!(&err, Error::Encode { column, .. } if column == "author_id"), "{err:?}");
    typed(db.insert(book.clone()).await.unwrap_err());
    typed(db.save(&mut book).await.unwrap_err());
    typed(db.bulk_insert([book.clone()]).await.unwrap_err());
    let mut emma = db.get::<Book>(1).await.unwrap().unwrap();
    emma.author.set(&nobody);
    assert_eq!(emma.author.key(), None);
    typed(db.update(&mut emma).await.unwrap_err());
    typed(db.update_only(&mut emma, Book::AUTHOR).await.unwrap_err());
    typed(db.bulk_update(std::slice::from_mut(&mut emma), Book::AUTHOR).await.unwrap_err());
    emma.author.set(1);
    emma.editor = Some(ForeignKey::unset());
    let err = db.update(&mut emma).await.unwrap_err();
    assert!(matches!(&err, Error::Encode { column, .. } if column == "editor_id"), "{err:?}");
    let err = db.select::<Book>().update(Book::AUTHOR.set(&nobody)).await.unwrap_err();
    assert!(err.to_string().contains("insert it first"), "{err}");
    assert_eq!(db.select::<Book>().filter(Book::AUTHOR.eq(&nobody)).count().await.unwrap(), 0);
    assert_eq!(db.select::<Book>().filter(Book::AUTHOR.ne(&nobody)).count().await.unwrap(), 4);
    assert_eq!(db.select::<Book>().filter(Book::EDITOR.eq(&nobody)).count().await.unwrap(), 0);
    assert_eq!(db.select::<Book>().filter(Book::EDITOR.is_in([&nobody])).count().await.unwrap(), 0);
    assert_eq!(db.select::<Book>().filter(Book::EDITOR.not_in([&nobody])).count().await.unwrap(), 4);
}

/// FKO-6, FKO-7
#[tokio::test]
async fn a_new_key_forgets_the_row_and_is_written() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let ring =
            db.select::<Book>().filter(Book::TITLE.eq("Ring")).select_related("editor").select_related(Book::AUTHOR);
        let mut ring = ring.fetch_one().await.unwrap().unwrap();
        assert_eq!(ring.author.get().unwrap().name, "John");
        ring.author.set(3);
        assert!(ring.author.get().is_none());
        assert_eq!(ring.author.fetch().await.unwrap().name, "Mary");
        let before = ring.clone();
        ring.author.set(&before.author);
        assert!(ring.author.get().is_none() && before.author.get().is_some());
        ring.editor.as_mut().unwrap().set(3);
        db.update(&mut ring).await.unwrap();
        assert_eq!(raw(&db, "SELECT author_id || ' ' || editor_id FROM books WHERE title = 'Ring'").await, ["3 3"]);
        ring.editor = None;
        db.update(&mut ring).await.unwrap();
        assert_eq!(raw(&db, "SELECT typeof(editor_id) FROM books WHERE title = 'Ring'").await, ["null"]);
        db.update_where::<Book>(Book::TITLE.eq("Tales"), Book::EDITOR.set(None::<ForeignKey<Author>>)).await.unwrap();
        assert_eq!(db.select::<Book>().filter(Book::EDITOR.is_not_null()).count().await.unwrap(), 0);
    })
    .await;
}

/// FKO-11
#[tokio::test]
async fn a_key_with_set_null_may_be_null() {
    // `on_delete = SetNull` on a key that may not be NULL does not compile: `ui/foreign_key_set_null.rs`.
    let db = library().await;
    raw_execute(&db, "DELETE FROM books WHERE author_id = 3").await;
    db.delete::<Author>(3).await.unwrap();
    assert!(db.get::<Book>(3).await.unwrap().unwrap().editor.is_none());
}

/// FKX-1, FKX-3
#[tokio::test]
async fn a_broken_reference_is_one_error_on_every_path() {
    on_both(async |db| {
        fill(&db).await.unwrap();
        let broken = |err: Error| {
            assert!(matches!(&err, Error::ForeignKeyConstraint { .. }), "{err:?}");
            assert_eq!(err.kind(), ErrorKind::ForeignKey, "{err:?}");
        };
        let new = || Book::builder().title("x").author(99).build().unwrap();
        broken(db.insert(new()).await.unwrap_err());
        broken(db.save(&mut new()).await.unwrap_err());
        broken(db.bulk_insert([new(), new()]).await.unwrap_err());
        broken(db.bulk_save(&mut [new()]).await.unwrap_err());
        broken(db.get_or_create(Book::TITLE.eq("x"), new()).await.unwrap_err());
        let mut emma = db.get::<Book>(1).await.unwrap().unwrap();
        emma.editor = Some(99.into());
        broken(db.update(&mut emma).await.unwrap_err());
        broken(db.update_only(&mut emma, Book::EDITOR).await.unwrap_err());
        broken(db.bulk_update(std::slice::from_mut(&mut emma), Book::EDITOR).await.unwrap_err());
        broken(db.save(&mut emma).await.unwrap_err());
        broken(db.select::<Book>().update(Book::EDITOR.set(99)).await.unwrap_err());
        broken(db.select::<Book>().update(assign("editor", 99)).await.unwrap_err());
        broken(db.delete::<Publisher>(1).await.unwrap_err());
        broken(db.select::<Publisher>().delete().await.unwrap_err());
        let acme = db.get::<Publisher>(1).await.unwrap().unwrap();
        broken(db.select::<Publisher>().filter(Publisher::AUTHORS.any(None)).delete().await.unwrap_err());
        db.transaction(async |tx| -> Result<()> {
            broken(tx.insert(new()).await.unwrap_err());
            broken(tx.delete::<Publisher>(&acme).await.unwrap_err());
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(db.select::<Book>().count().await.unwrap(), 4);
        assert_eq!(db.select::<Publisher>().count().await.unwrap(), 2);
        assert_eq!(db.select::<Book>().filter(Book::EDITOR.is_null()).count().await.unwrap(), 2);
    })
    .await;
}
