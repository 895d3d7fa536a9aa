//! Relations of a model with itself: symmetrical ones, directional ones, and their way back.

use sqliter_async::prelude::*;

use super::{Log, watched};
use crate::support::raw;

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_people", database = "linked")]
struct Person {
    pk: Pk<Self>,
    name: String,
    #[many_to_many(symmetrical)]
    friends: ManyToMany<Self>,
    #[many_to_many(related_name = "followers")]
    follows: ManyToMany<Person>,
}

/// Friends: x-z, x-x, y-z. Follows: y to x, z to x, x to z.
async fn people() -> (SqliterDb, Log, [Person; 3]) {
    let (db, mut log) = watched::<(Person,)>().await;
    let made = ["x", "y", "z"].map(|name| Person::builder().name(name).build().unwrap());
    let [x, y, z] = <[Person; 3]>::try_from(db.bulk_insert(made).await.unwrap()).unwrap();
    z.friends.add(&x).await.unwrap();
    x.friends.add(&x).await.unwrap();
    y.friends.add(&z).await.unwrap();
    y.follows.add(&x).await.unwrap();
    x.followers().add([&z, &y]).await.unwrap();
    x.follows.add(&z).await.unwrap();
    log.lines();
    (db, log, [x, y, z])
}

fn names(people: &[Person]) -> String {
    people.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(" ")
}

async fn all(people: &ManyToMany<Person>) -> String {
    let found = people.fetch_all().await.unwrap();
    assert_eq!(people.count().await.unwrap(), found.len() as i64);
    assert_eq!(people.exists().await.unwrap(), !found.is_empty());
    assert_eq!(people.fetch_one().await.unwrap().map(|p| p.pk), found.first().map(|p| p.pk.clone()));
    names(&found)
}

/// M2M-18
#[tokio::test]
async fn friends_are_seen_from_both_sides_and_kept_once() {
    let (db, _, [x, y, z]) = people().await;
    let rows =
        "SELECT linked_people_pk_left || '-' || linked_people_pk_right FROM linked_people_linked_people ORDER BY 1";
    assert_eq!(raw(&db, rows).await, ["1-1", "1-3", "2-3"]);
    x.friends.add(&z).await.unwrap();
    z.friends.add([&x, &y, &x]).await.unwrap();
    x.friends.add(1).await.unwrap();
    assert_eq!(raw(&db, rows).await, ["1-1", "1-3", "2-3"]);
    assert_eq!(all(&x.friends).await, "x z");
    assert_eq!(all(&y.friends).await, "z");
    assert_eq!(all(&z.friends).await, "x y");
    assert_eq!(names(&z.friends.filter(Person::NAME.ne("x")).fetch_all().await.unwrap()), "y");
    x.friends.remove(&z).await.unwrap();
    assert_eq!((all(&x.friends).await, all(&z.friends).await), ("x".into(), "y".into()));
    z.friends.set([&x, &z]).await.unwrap();
    assert_eq!(all(&y.friends).await, "");
    assert_eq!(raw(&db, rows).await, ["1-1", "1-3", "3-3"]);
    z.friends.clear().await.unwrap();
    assert_eq!(all(&x.friends).await, "x");
    x.friends.remove(&x).await.unwrap();
    assert_eq!(raw(&db, rows).await, Vec::<String>::new());
}

/// PRE-6, M2M-18
#[tokio::test]
async fn friends_are_loaded_ahead_in_both_directions() {
    let (db, mut log, _) = people().await;
    let query = db.select::<Person>().prefetch_related("friends__friends").order("name");
    let people = query.fetch_all().await.unwrap();
    assert!(log.selects() <= 5);
    let mut seen = Vec::new();
    for person in &people {
        let friends = person.friends.fetch_all().await.unwrap();
        let mut theirs = Vec::new();
        for friend in &friends {
            theirs.push(all(&friend.friends).await);
        }
        seen.push((all(&person.friends).await, theirs.join(", ")));
    }
    let expected = [("x z", "x z, x y"), ("z", "x y"), ("x y", "x z, z")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(seen, expected);
    assert_eq!(log.selects(), 0);
    // Narrowed and sorted.
    let narrowed = Person::FRIENDS.filter(Person::NAME.ne("y")).order(Person::NAME.desc());
    let people = db.select::<Person>().prefetch_related(narrowed).order("name").fetch_all().await.unwrap();
    let mut seen = Vec::new();
    for person in &people {
        seen.push(all(&person.friends).await);
    }
    assert_eq!(seen, ["z x", "z", "x"]);
    let of_friends = Person::FRIENDS.filter(Person::FRIENDS.any(Person::NAME.eq("y")));
    let people = db.select::<Person>().prefetch_related(of_friends).order("name").fetch_all().await.unwrap();
    assert_eq!((all(&people[0].friends).await, all(&people[2].friends).await), ("z".into(), String::new()));
}

/// M2M-18, W7
#[tokio::test]
async fn friends_are_filtered_and_counted_in_both_directions() {
    let (db, _, _) = people().await;
    let found =
        async |filter: Filter<Person>| names(&db.select().filter(filter).order("name").fetch_all().await.unwrap());
    assert_eq!(found(Person::FRIENDS.any(Person::NAME.eq("x"))).await, "x z");
    assert_eq!(found(Person::FRIENDS.any(Person::NAME.eq("y"))).await, "z");
    assert_eq!(found(Person::FRIENDS.none(Person::NAME.eq("x"))).await, "y");
    assert_eq!(found(Person::FRIENDS.to(Person::NAME).eq("z")).await, "x y");
    assert_eq!(found(lookup("friends__name", "z")).await, "x y");
    assert_eq!(found(lookup("friends__friends__name", "y")).await, "x y");
    assert_eq!(found(Person::FRIENDS.to(Person::FRIENDS).to(Person::NAME).eq("y")).await, "x y");
    assert_eq!(found(Person::FRIENDS.any(Person::FRIENDS.none(Person::NAME.eq("x")))).await, "z");
    assert_eq!(found(Person::FRIENDS.count().eq(2)).await, "x z");
    assert_eq!(found(lookup("friends__isnull", false)).await, "x y z");
    assert_eq!(found(lookup("friends", 2)).await, "z");
    // Followers of friends: both kinds in one path.
    assert_eq!(found(Person::FRIENDS.to(Person::FOLLOWERS).to(Person::NAME).eq("y")).await, "x z");
    assert_eq!(found(Person::FOLLOWS.to(Person::FRIENDS).to(Person::NAME).eq("y")).await, "x");
}

/// PRE-7, M2M-19, W7
#[tokio::test]
async fn followers_are_those_who_follow() {
    let (db, mut log, [x, y, z]) = people().await;
    let rows = "SELECT linked_people_pk_left || '-' || linked_people_pk_right FROM linked_people_linked_people_follows ORDER BY 1";
    assert_eq!(raw(&db, rows).await, ["1-3", "2-1", "3-1"]);
    log.lines();
    let query = db.select::<Person>().prefetch_related(Person::FOLLOWS).prefetch_related(Person::FOLLOWERS).order("pk");
    let people = query.fetch_all().await.unwrap();
    assert_eq!(log.selects(), 3);
    let mut seen = Vec::new();
    for person in &people {
        seen.push((all(&person.follows).await, all(&person.followers()).await));
    }
    let expected = [("z", "y z"), ("x", ""), ("x", "x")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(seen, expected);
    assert_eq!(log.selects(), 0);
    for (person, (follows, followers)) in [&x, &y, &z].into_iter().zip(expected) {
        assert_eq!((all(&person.follows).await, all(&person.followers()).await), (follows, followers));
    }
    let nested = db.select::<Person>().filter(Person::NAME.eq("y")).prefetch_related("follows__followers");
    let follows = nested.fetch_one().await.unwrap().unwrap().follows.fetch_all().await.unwrap();
    assert_eq!(all(&follows[0].followers()).await, "y z");

    let found =
        async |filter: Filter<Person>| names(&db.select().filter(filter).order("name").fetch_all().await.unwrap());
    assert_eq!(found(Person::FOLLOWERS.any(Person::NAME.eq("y"))).await, "x");
    assert_eq!(found(Person::FOLLOWS.any(Person::NAME.eq("x"))).await, "y z");
    assert_eq!(found(lookup("followers__name", "x")).await, "z");
    assert_eq!(found(Person::FOLLOWERS.count().gt(1)).await, "x");
    x.followers().remove(&y).await.unwrap();
    assert_eq!(all(&y.follows).await, "");
    x.followers().clear().await.unwrap();
    assert_eq!((all(&z.follows).await, all(&x.follows).await), (String::new(), "z".into()));
}

/// M2M-17, M2M-22
#[tokio::test]
async fn the_metadata_of_a_relation_with_itself() {
    let (_, _, [x, ..]) = people().await;
    let friends = Person::FRIENDS.sql_metadata().unwrap();
    assert_eq!((friends.junction_table, friends.symmetrical), ("linked_people_linked_people", true));
    assert_eq!((friends.from_column, friends.to_column), ("linked_people_pk_left", "linked_people_pk_right"));
    assert_eq!((friends.source_table, friends.target_table), ("linked_people", "linked_people"));
    assert_eq!(x.friends.sql_metadata(), Some(friends));
    let (follows, followers) = (Person::FOLLOWS.sql_metadata().unwrap(), Person::FOLLOWERS.sql_metadata().unwrap());
    assert_eq!((follows.junction_table, follows.symmetrical), ("linked_people_linked_people_follows", false));
    assert_eq!((follows.from_column, follows.to_column), ("linked_people_pk_left", "linked_people_pk_right"));
    assert_eq!((followers.from_column, followers.to_column), ("linked_people_pk_right", "linked_people_pk_left"));
    assert_eq!(followers.junction_table, follows.junction_table);
    assert_eq!(x.followers().sql_metadata(), Some(followers));
}
