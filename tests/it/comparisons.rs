//! What a column may be compared with, and what it may be called.

use std::collections::{BTreeSet, HashSet};

use sqliter_async::prelude::*;

use crate::models::{User, user};
use crate::support::on_both;

/// FIL-6, FIL-9
#[tokio::test]
async fn a_list_is_a_list_and_a_value_is_a_value() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.bulk_insert((0..5).map(|i| user(&format!("u{i}"), i))).await.unwrap();
        let all = db.select::<User>();
        for filter in [
            User::AGE.is_in([1, 3]),
            User::AGE.is_in(vec![1, 3]),
            User::AGE.is_in(&[1, 3][..]),
            User::AGE.is_in(BTreeSet::from([1, 3])),
            User::AGE.is_in(HashSet::<i64>::from([1, 3])),
            User::AGE.is_in((1..4).step_by(2)),
            User::AGE.not_in((0..5).filter(|i| ![1, 3].contains(i))),
            User::NAME.is_in(["u1", "u3"]),
            lookup("age__in", vec![1, 3]),
            lookup("age__not_in", [0, 2, 4]),
            lookup("name__in", ["u1", "u3"]),
        ] {
            assert_eq!(all.clone().filter(filter.clone()).count().await.unwrap(), 2, "{filter:?}");
        }
        for (path, list) in [("age__in", false), ("age__not_in", false), ("name__in", false), ("age__between", false)]
            .into_iter()
            .chain(["age", "age__eq", "age__ne", "age__lt", "age__lte", "age__gt", "age__gte"].map(|p| (p, true)))
            .chain(["name__like", "name__contains", "name__startswith", "age__isnull"].map(|p| (p, true)))
        {
            let filter = if list { lookup(path, [1, 3]) } else { lookup(path, 1) };
            let err = all.clone().filter(filter).fetch_all().await.unwrap_err();
            assert!(matches!(&err, Error::InvalidFilter { field, .. } if field == path), "{err:?}");
        }
        // Not even a text is a list of its letters.
        let err = all.clone().filter(lookup("name__in", "u1")).fetch_all().await.unwrap_err();
        assert!(err.to_string().contains("takes a list"), "{err}");
    })
    .await;
}

/// FIL-14
#[tokio::test]
async fn case_is_ignored_in_every_script() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let texts = ["CAFÉ", "Привет", "ΣΊΣΥΦΟΣ", "ÇA VA", "Ünïcödé", "ÅNGSTRÖM"];
        db.bulk_insert(texts.map(|t| user(t, 1))).await.unwrap();
        for (part, whole) in [
            ("fÉ", "CAFÉ"),
            ("ПРИ", "Привет"),
            ("σίσυφος", "ΣΊΣΥΦΟΣ"),
            ("ça", "ÇA VA"),
            ("ÏCÖ", "Ünïcödé"),
            ("ström", "ÅNGSTRÖM"),
        ] {
            for filter in [
                User::NAME.icontains(part),
                User::NAME.icontains(part.to_uppercase()),
                User::NAME.istarts_with(whole.to_lowercase()),
                User::NAME.iends_with(whole.to_uppercase()),
                lookup("name__icontains", part.to_lowercase()),
            ] {
                let found = db.select::<User>().filter(filter.clone()).fetch_all().await.unwrap();
                assert_eq!(crate::models::names(&found), [whole], "{filter:?}");
            }
        }
        assert_eq!(db.select::<User>().filter(User::NAME.contains("fé")).count().await.unwrap(), 0);
    })
    .await;
}

#[derive(Debug, Clone, PartialEq, DbModel)]
#[allow(non_snake_case)]
struct Underscored {
    pk: Pk<Self>,
    built__in: i64,
    x__y: Option<String>,
    name: String,
    name__like: String,
    gt: i64,
}

/// FIL-17
#[tokio::test]
async fn fields_may_be_called_like_operators() {
    on_both(async |db| {
        db.create_table::<Underscored>().await.unwrap();
        let row =
            Underscored::builder().built__in(3).x__y("v").name("Ann").name__like("B%").gt(7).insert(&db).await.unwrap();
        let others = Underscored {
            built__in: 9,
            x__y: None,
            name: "Bob".into(),
            name__like: "Ann".into(),
            gt: 1,
            pk: Pk::unset(),
        };
        db.insert(others).await.unwrap();
        for filter in [
            Underscored::BUILT__IN.eq(3) & Underscored::X__Y.eq("v") & Underscored::NAME__LIKE.eq("B%"),
            lookup("built__in", 3),
            lookup("built__in__in", [3, 4]),
            lookup("built__in__lt", 4),
            lookup("x__y", "v"),
            lookup("x__y__notnull", true),
            lookup("x__y__icontains", "V"),
            // A field of this name wins over the operator on a shorter one.
            lookup("name__like", "B%"),
            lookup("name__like__startswith", "B"),
            lookup("name__startswith", "A"),
            lookup("gt__gt", 6),
        ] {
            let found = db.select::<Underscored>().filter(filter.clone()).fetch_all().await.unwrap();
            assert_eq!(found, std::slice::from_ref(&row), "{filter:?}");
        }
        let nine = db.select::<Underscored>().filter(lookup("built__in", 9)).order("-x__y");
        assert_eq!(nine.update(assign("x__y", "w")).await.unwrap(), 1);
        let err = db.select::<Underscored>().filter(lookup("built__inn", 3)).count().await.unwrap_err();
        assert!(matches!(err, Error::InvalidFilter { .. }), "{err:?}");
    })
    .await;
}

/// FIL-28
#[tokio::test]
async fn one_field_may_be_compared_with_values_of_different_types() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.insert(user("a", 42)).await.unwrap();
        let all = db.select::<User>();
        for (filter, expected) in [
            (lookup("name", "a") & lookup("name", 42), 0),
            (lookup("name", "a") | lookup("name", 42), 1),
            (lookup("age", 42) & lookup("age", "42") & lookup("age", 42.0), 1),
            (lookup("age__in", vec![Value::Int(42), Value::from("x"), Value::Null, Value::Blob(vec![1])]), 1),
            (lookup("name__ne", Value::Blob(vec![1])) & lookup("name__ne", 1.5), 1),
        ] {
            assert_eq!(all.clone().filter(filter.clone()).count().await.unwrap(), expected, "{filter:?}");
        }
    })
    .await;
}
