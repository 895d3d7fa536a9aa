//! Fields that are relations, as parts of a value: serde, comparison, copies, assignment.

use sqliter_async::prelude::*;

use super::{Book, Tag, library, names};

#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize, DbModel,
)]
#[model(table = "linked_letters", database = "linked_values")]
struct Letter {
    pk: Pk<Self>,
    to: ForeignKey<Self>,
    #[foreign_key(related_name = "copies")]
    copy_of: Option<ForeignKey<Self>>,
    #[many_to_many(related_name = "answered")]
    answers: ManyToMany<Self>,
}

/// M2M-1: the links are no part of what is sent, and nobody has to send them.
#[test]
fn links_are_neither_sent_nor_expected() {
    let letter = Letter { pk: Pk::of(1), to: 2.into(), ..Letter::default() };
    let json = serde_json::to_value(&letter).unwrap();
    assert_eq!(json, serde_json::json!({"pk": 1, "to": 2, "copy_of": null, "answers": null}));
    for text in [
        r#"{"pk": 1, "to": 2}"#,
        r#"{"pk": 1, "to": 2, "copy_of": null, "answers": null}"#,
        r#"{"pk": 1, "to": 2, "answers": [1, {"pk": 3}]}"#,
        r#"{"pk": 1, "to": 2, "answers": "many"}"#,
    ] {
        assert_eq!(serde_json::from_str::<Letter>(text).unwrap(), letter, "{text}");
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::from_value::<Letter>(value).unwrap(), letter, "{text}");
    }
    let mut read: Vec<Letter> = vec![letter.clone(), Letter { to: 1.into(), ..letter.clone() }];
    read.sort();
    assert_eq!(read.iter().map(|l| l.to.key()).collect::<Vec<_>>(), [Some(1), Some(2)]);
    assert!(ForeignKey::<Letter>::unset() < ForeignKey::from(1));
    assert_eq!(std::collections::BTreeSet::from([letter.clone(), letter]).len(), 1);
}

/// M2M-12: a field is bound to the row that it was loaded with; to assign it changes no links.
#[tokio::test]
async fn an_assigned_field_belongs_to_the_row_once_that_is_written() {
    let db = library().await;
    let a1 = db.get::<Book>(1).await.unwrap().unwrap();
    let mut b1 = db.get::<Book>(3).await.unwrap().unwrap();
    b1.tags = a1.tags.clone();
    assert_eq!(b1.tags.count().await.unwrap(), 2);
    assert_eq!(db.get::<Book>(3).await.unwrap().unwrap().tags.count().await.unwrap(), 0);
    db.update(&mut b1).await.unwrap();
    assert_eq!(b1.tags.count().await.unwrap(), 0);
    b1.tags.add(3).await.unwrap();
    b1.tags = ManyToMany::default();
    assert!(matches!(b1.tags.count().await, Err(Error::NoDbContext { .. })));
    db.attach(&mut b1);
    assert_eq!(names(&b1.tags.fetch_all().await.unwrap()), ["none"]);
    assert_eq!(names(&a1.tags.fetch_all().await.unwrap()), ["rust", "sql"]);
}

/// After a write through it a relation is whole, also where some of it was loaded.
#[tokio::test]
async fn a_write_ends_the_narrowing() {
    let db = library().await;
    let query = db.select::<Book>().prefetch_related(Book::TAGS.filter(Tag::NAME.eq("sql")));
    let a1 = query.fetch_first().await.unwrap().unwrap();
    assert_eq!(names(&a1.tags.fetch_all().await.unwrap()), ["sql"]);
    a1.tags.add(3).await.unwrap();
    assert_eq!(names(&a1.tags.fetch_all().await.unwrap()), ["rust", "sql", "none"]);
}
