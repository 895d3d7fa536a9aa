//! Junctions that are models: links with more columns than the two keys.

use sqliter_async::prelude::*;
use sqliter_async::{ErrorKind, TableOptions};
use uuid::Uuid;

use super::watched;
use crate::support::{Clock, File, on_both, raw, raw_execute};

#[derive(Debug, Clone, DbModel)]
#[model(table = "through_people", database = "through")]
struct Person {
    pk: Pk<Self, String>,
    #[many_to_many(through = "through_bonds", symmetrical)]
    friends: ManyToMany<Self>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "through_groups", database = "through")]
struct Group {
    pk: Pk<Self>,
    name: String,
    #[many_to_many(through = "through_memberships")]
    members: ManyToMany<Person>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "through_memberships", database = "through", unique_index(person, group))]
struct Membership {
    pk: Pk<Self>,
    #[foreign_key(on_delete = Cascade)]
    person: ForeignKey<Person, String>,
    #[foreign_key(column = "of_group", on_delete = Cascade)]
    group: ForeignKey<Group>,
    /// Another key to one of the two: the first one counts.
    #[foreign_key(related_name = "invitations", on_delete = SetNull)]
    invited_by: Option<ForeignKey<Person, String>>,
    #[field(default = "member")]
    role: String,
    since: Option<i64>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "through_bonds", database = "through", timestamps = false)]
struct Bond {
    pk: Pk<Self>,
    #[field(references = Person, on_delete = Cascade)]
    smaller: String,
    #[field(references = Person, on_delete = Cascade)]
    larger: String,
    #[field(default = 1)]
    strength: i64,
}

type All = (Membership, Bond, Group, Person);

async fn fill(db: &SqliterDb) -> (Group, Group, [Person; 3]) {
    db.create_tables::<All>().await.unwrap();
    let mut people = Vec::new();
    for name in ["ann", "bob", "cid"] {
        people.push(Person::builder().pk(name).insert(db).await.unwrap());
    }
    let chess = Group::builder().name("chess").insert(db).await.unwrap();
    let go = Group::builder().name("go").insert(db).await.unwrap();
    (chess, go, people.try_into().unwrap())
}

fn names(people: &[Person]) -> String {
    people.iter().map(|p| p.pk.to_string()).collect::<Vec<_>>().join(" ")
}

const ROWS: &str =
    "SELECT of_group || ' ' || person_id || ' ' || role FROM through_memberships ORDER BY of_group, person_id";

/// M2M-26
#[tokio::test]
async fn links_may_have_columns_of_their_own() {
    on_both(async |db| {
        let (chess, go, [ann, bob, cid]) = fill(&db).await;
        let lead = Membership::builder().person(&bob).group(&chess).role("lead").since(1999).invited_by(&cid);
        let lead = lead.insert(&db).await.unwrap();
        // What is linked stays as it is.
        chess.members.add([&ann, &bob, &bob]).await.unwrap();
        cid.groups().add([&go, &chess]).await.unwrap();
        assert_eq!(raw(&db, ROWS).await, ["1 ann member", "1 bob lead", "1 cid member", "2 cid member"]);
        assert_eq!(names(&chess.members.fetch_all().await.unwrap()), "ann bob cid");
        assert_eq!((chess.members.count().await.unwrap(), cid.groups().count().await.unwrap()), (3, 2));
        assert_eq!(bob.invitations().count().await.unwrap(), 0);
        assert_eq!(cid.invitations().fetch_one().await.unwrap().unwrap().pk, lead.pk);
        // The links as rows.
        let leads = chess.memberships().filter(Membership::ROLE.eq("lead")).select_related(Membership::PERSON);
        assert_eq!(leads.fetch_one().await.unwrap().unwrap().person.loaded().unwrap().pk, bob.pk);
        let old = Group::MEMBERSHIPS.any(Membership::SINCE.lt(2000) & Membership::PERSON.eq("bob"));
        assert_eq!(db.select::<Group>().filter(old).fetch_all().await.unwrap()[0].name, "chess");
        let found = db.select::<Group>().filter(Group::MEMBERS.any(Person::PK.eq("cid"))).order("pk");
        assert_eq!(found.count().await.unwrap(), 2);
        assert_eq!(db.select::<Group>().filter(lookup("members__in", ["ann"])).count().await.unwrap(), 1);
        let counts = found.prefetch_related(Group::MEMBERS).with_count(Group::MEMBERS, "n").fetch_all().await.unwrap();
        assert_eq!(counts.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [3, 1]);
        assert_eq!(names(&counts[0].0.members.fetch_all().await.unwrap()), "ann bob cid");
        let people = db.select::<Person>().prefetch_related("groups__members").order("pk").fetch_all().await.unwrap();
        let groups = people[2].groups().fetch_all().await.unwrap();
        assert_eq!(names(&groups[1].members.fetch_all().await.unwrap()), "cid");

        chess.members.remove([&ann, &cid]).await.unwrap();
        go.members.set([&ann, &bob]).await.unwrap();
        assert_eq!(raw(&db, ROWS).await, ["1 bob lead", "2 ann member", "2 bob member"]);
        bob.groups().clear().await.unwrap();
        assert_eq!(raw(&db, ROWS).await, ["2 ann member"]);
        // A call that fails undoes itself alone, in a transaction too.
        db.transaction(async |tx| -> Result<()> {
            assert!(go.members.add(["cid", "nobody"]).await.is_err());
            assert!(go.members.set(["nobody"]).await.is_err());
            go.members.add(&tx.get::<Person>("bob").await?.unwrap()).await
        })
        .await
        .unwrap();
        assert_eq!(raw(&db, ROWS).await, ["2 ann member", "2 bob member"]);
        db.delete::<Person>("ann").await.unwrap();
        assert_eq!(raw(&db, ROWS).await, ["2 bob member"]);
    })
    .await;
}

/// M2M-26, M2M-18: in both directions, by two keys to one model.
#[tokio::test]
async fn a_symmetrical_junction_may_be_a_model() {
    let db = SqliterDb::memory().await.unwrap();
    let (_, _, [ann, bob, cid]) = fill(&db).await;
    bob.friends.add([&ann, &cid, &bob]).await.unwrap();
    ann.friends.add(&bob).await.unwrap();
    let rows = "SELECT smaller || ' ' || larger || ' ' || strength FROM through_bonds ORDER BY 1";
    assert_eq!(raw(&db, rows).await, ["ann bob 1", "bob bob 1", "bob cid 1"]);
    let people = db.select::<Person>().prefetch_related("friends").order("pk").fetch_all().await.unwrap();
    let mut friends = Vec::new();
    for person in &people {
        friends.push(names(&person.friends.fetch_all().await.unwrap()));
    }
    assert_eq!(friends, ["bob", "ann bob cid", "bob"]);
    let counts = db.select::<Person>().with_count(Person::FRIENDS, "n").order("pk").fetch_all().await.unwrap();
    assert_eq!(counts.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [1, 3, 1]);
    cid.friends.remove(&bob).await.unwrap();
    assert_eq!(raw(&db, rows).await, ["ann bob 1", "bob bob 1"]);
}

/// M2M-26: the times of a link are those of a row.
#[tokio::test]
async fn links_that_are_rows_have_times() {
    static CLOCK: Clock = Clock::at(7);
    let db = SqliterDb::builder().memory().clock(|| CLOCK.now()).create().await.unwrap();
    let (chess, ..) = fill(&db).await;
    chess.members.add("ann").await.unwrap();
    CLOCK.set(9);
    chess.members.add(["ann", "bob"]).await.unwrap();
    let times = "SELECT person_id || ' ' || created_at || ' ' || updated_at FROM through_memberships ORDER BY 1";
    assert_eq!(raw(&db, times).await, ["ann 7 7", "bob 9 9"]);
}

/// M2M-26, M2M-22
#[tokio::test]
async fn the_table_is_the_models() {
    let file = File::new();
    let db = file.open().await;
    let (chess, _, [ann, ..]) = fill(&db).await;
    let members = Group::MEMBERS.sql_metadata().unwrap();
    assert_eq!(members.junction_table, "through_memberships");
    assert_eq!((members.from_column, members.to_column), ("of_group", "person_id"));
    assert_eq!(Person::GROUPS.sql_metadata().unwrap().from_column, "person_id");
    let bonds = Person::FRIENDS.sql_metadata().unwrap();
    assert_eq!((bonds.from_column, bonds.to_column, bonds.symmetrical), ("smaller", "larger", true));
    let tables = ["through_people", "through_groups", "through_memberships", "through_bonds"];
    let mut made = db.table_names().await.unwrap();
    made.sort_by_key(|t| tables.iter().position(|x| x == t));
    assert_eq!(made, tables);
    assert!(db.check::<Membership>().await.unwrap().is_empty());
    // It is not dropped with another, and keeps that from going.
    chess.members.add(&ann).await.unwrap();
    let err = db.drop_table::<Group>().await.unwrap_err();
    assert!(err.to_string().contains("'through_memberships'"), "{err}");
    assert!(db.create_table_with::<Person>(TableOptions::new().force(true)).await.is_err());
    assert_eq!(chess.members.count().await.unwrap(), 1);
    db.drop_table::<Membership>().await.unwrap();
    let err = chess.members.add(&ann).await.unwrap_err();
    assert_eq!(err.kind(), ErrorKind::NoSuchTable("through_memberships".into()));
    db.create_table::<Membership>().await.unwrap();
    chess.members.add(&ann).await.unwrap();
    db.reset().await.unwrap();
    assert!(db.table_names().await.unwrap().is_empty());
}

/// M2M-4, M2M-26: two at once make one link.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_made_at_once_are_made_once() {
    let file = File::new();
    let db = file.open().await;
    let (chess, ..) = fill(&db).await;
    let tasks: Vec<_> = (0..20)
        .map(|i| {
            let chess = chess.clone();
            tokio::spawn(async move { chess.members.add(["ann", "bob", "cid"][i % 3]).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(raw(&db, ROWS).await.len(), 3);
    let (watched, mut log) = watched::<All>().await;
    let group = Group::builder().name("x").insert(&watched).await.unwrap();
    Person::builder().pk("p").insert(&watched).await.unwrap();
    group.members.add("p").await.unwrap();
    log.lines();
    watched.select::<Group>().prefetch_related("members__groups").fetch_all().await.unwrap();
    assert_eq!(log.selects(), 3);
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "through_parts", database = "through_wrong")]
struct Part {
    pk: Pk<Self, Uuid>,
    #[many_to_many(through = "through_uses")]
    machines: ManyToMany<Machine>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "through_machines", database = "through_wrong")]
struct Machine {
    pk: Pk<Self>,
    #[many_to_many(through = "through_needs", related_name = "needed_by")]
    needs: ManyToMany<Self>,
}

/// It does not say which part.
#[derive(Debug, Clone, DbModel)]
#[model(table = "through_uses", database = "through_wrong")]
struct Use {
    pk: Pk<Self>,
    machine: ForeignKey<Machine>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "through_needs", database = "through_wrong", timestamps = false)]
struct Need {
    pk: Pk<Self>,
    #[foreign_key(no_reverse)]
    machine: ForeignKey<Machine>,
    #[foreign_key(related_name = "needs_of")]
    other: ForeignKey<Machine>,
    /// What `add` cannot know.
    amount: i64,
}

/// M2M-15, M2M-26
#[tokio::test]
async fn a_model_that_does_not_serve_is_an_error_that_says_why() {
    let db = SqliterDb::memory().await.unwrap();
    let err = db.create_table::<Part>().await.unwrap_err();
    assert!(matches!(&err, Error::TableCreation { table, .. } if table == "through_uses"), "{err:?}");
    let text = std::error::Error::source(&err).map_or_else(|| err.to_string(), ToString::to_string);
    assert!(text.contains("`Use`, which `Part.machines` goes through, needs a foreign key to `Part`"), "{text}");
    assert!(db.table_names().await.unwrap().is_empty());

    raw_execute(&db, "CREATE TABLE through_parts (pk BLOB PRIMARY KEY)").await;
    let err = db.create_tables::<(Machine, Need)>().await.unwrap_err();
    assert!(matches!(&err, Error::TableCreation { table, .. } if table == "through_uses"), "{err:?}");
}

/// M2M-15, M2M-26
#[tokio::test]
async fn a_link_that_needs_more_than_its_keys_is_made_as_a_row() {
    #[derive(Debug, Clone, DbModel)]
    #[model(table = "through_cooks", database = "through_needs")]
    struct Cook {
        pk: Pk<Self>,
        #[many_to_many(through = "through_dishes")]
        pots: ManyToMany<Pot>,
    }
    #[derive(Debug, Clone, DbModel)]
    #[model(table = "through_pots", database = "through_needs")]
    struct Pot {
        pk: Pk<Self>,
    }
    #[derive(Debug, Clone, DbModel)]
    #[model(table = "through_dishes", database = "through_needs")]
    struct Dish {
        pk: Pk<Self>,
        name: String,
        cook: ForeignKey<Cook>,
        pot: ForeignKey<Pot>,
    }
    let db = SqliterDb::builder().memory().database("through_needs").create().await.unwrap();
    db.create_all().await.unwrap();
    let (cook, pot) = (Cook::builder().insert(&db).await.unwrap(), Pot::builder().insert(&db).await.unwrap());
    let err = cook.pots.add(&pot).await.unwrap_err();
    assert!(matches!(&err, Error::ManyToMany { relation, .. } if relation == "Cook.pots"), "{err:?}");
    assert!(matches!(err.kind(), ErrorKind::NotNull { .. }) && err.to_string().contains("name"), "{err}");
    Dish::builder().name("soup").cook(&cook).pot(&pot).insert(&db).await.unwrap();
    cook.pots.add(&pot).await.unwrap();
    assert_eq!((cook.pots.count().await.unwrap(), pot.cooks().count().await.unwrap()), (1, 1));
}
