//! Random links, written from both sides, against sets.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_teams", database = "linked", timestamps = false)]
struct Team {
    pk: Pk<Self>,
    members: ManyToMany<Member>,
    #[many_to_many(related_name = "fans_of")]
    fans: ManyToMany<Member>,
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "linked_members", database = "linked", timestamps = false)]
struct Member {
    pk: Pk<Self, String>,
    #[many_to_many(symmetrical)]
    friends: ManyToMany<Self>,
    #[many_to_many(related_name = "admirers")]
    admires: ManyToMany<Self>,
}

const NUMBER: usize = 4;

type Pair = (usize, usize);

/// Which relation, from which side.
#[derive(Debug, Clone, Copy)]
enum Side {
    Members,
    Teams,
    Fans,
    FansOf,
    Friends,
    Admires,
    Admirers,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Add,
    Remove,
    Clear,
    Set,
}

#[derive(Debug, Clone)]
struct Step {
    side: Side,
    kind: Kind,
    row: usize,
    others: Vec<usize>,
    /// Inside a transaction: whether it is kept.
    transaction: Option<bool>,
}

fn step() -> impl Strategy<Value = Step> {
    use {Kind::*, Side::*};
    (
        prop::sample::select(vec![Members, Teams, Fans, FansOf, Friends, Friends, Admires, Admirers]),
        prop::sample::select(vec![Add, Add, Add, Remove, Clear, Set]),
        0..NUMBER,
        proptest::collection::vec(0..NUMBER, 0..4),
        proptest::option::weighted(0.3, any::<bool>()),
    )
        .prop_map(|(side, kind, row, others, transaction)| Step { side, kind, row, others, transaction })
}

/// The links of the four relations, as pairs.
#[derive(Debug, Clone, Default, PartialEq)]
struct Expected {
    members: BTreeSet<Pair>,
    fans: BTreeSet<Pair>,
    friends: BTreeSet<Pair>,
    admires: BTreeSet<Pair>,
}

impl Expected {
    fn apply(&mut self, step: &Step) {
        let (links, pair): (_, fn(usize, usize) -> Pair) = match step.side {
            Side::Members => (&mut self.members, |a, b| (a, b)),
            Side::Teams => (&mut self.members, |a, b| (b, a)),
            Side::Fans => (&mut self.fans, |a, b| (a, b)),
            Side::FansOf => (&mut self.fans, |a, b| (b, a)),
            Side::Friends => (&mut self.friends, |a, b| (a.min(b), a.max(b))),
            Side::Admires => (&mut self.admires, |a, b| (a, b)),
            Side::Admirers => (&mut self.admires, |a, b| (b, a)),
        };
        if matches!(step.kind, Kind::Clear | Kind::Set) {
            for other in 0..NUMBER {
                links.remove(&pair(step.row, other));
            }
        }
        for other in &step.others {
            match step.kind {
                Kind::Add | Kind::Set => _ = links.insert(pair(step.row, *other)),
                Kind::Remove => _ = links.remove(&pair(step.row, *other)),
                Kind::Clear => {}
            }
        }
    }

    fn of(&self, side: Side, row: usize) -> BTreeSet<usize> {
        let (links, back) = match side {
            Side::Members => (&self.members, false),
            Side::Teams => (&self.members, true),
            Side::Fans => (&self.fans, false),
            Side::FansOf => (&self.fans, true),
            Side::Admires => (&self.admires, false),
            Side::Admirers => (&self.admires, true),
            Side::Friends => {
                let both = self.friends.iter().flat_map(|(a, b)| [(*a, *b), (*b, *a)]);
                return both.filter(|(a, _)| *a == row).map(|(_, b)| b).collect();
            }
        };
        links
            .iter()
            .map(|(a, b)| if back { (*b, *a) } else { (*a, *b) })
            .filter(|(a, _)| *a == row)
            .map(|(_, b)| b)
            .collect()
    }
}

async fn change<T: DbModel>(links: &ManyToMany<T>, kind: Kind, all: &[T], others: &[usize]) -> Result<()> {
    let rows: Vec<&T> = others.iter().map(|i| &all[*i]).collect();
    match kind {
        Kind::Add => links.add(rows).await,
        Kind::Remove => links.remove(&rows).await,
        Kind::Clear => links.clear().await,
        Kind::Set => links.set(rows.as_slice()).await,
    }
}

struct Rows {
    teams: Vec<Team>,
    members: Vec<Member>,
}

impl Rows {
    async fn run(&self, step: &Step) -> Result<()> {
        let Step { side, kind, row, others, .. } = step;
        match side {
            Side::Members => change(&self.teams[*row].members, *kind, &self.members, others).await,
            Side::Fans => change(&self.teams[*row].fans, *kind, &self.members, others).await,
            Side::Teams => change(&self.members[*row].teams(), *kind, &self.teams, others).await,
            Side::FansOf => change(&self.members[*row].fans_of(), *kind, &self.teams, others).await,
            Side::Friends => change(&self.members[*row].friends, *kind, &self.members, others).await,
            Side::Admires => change(&self.members[*row].admires, *kind, &self.members, others).await,
            Side::Admirers => change(&self.members[*row].admirers(), *kind, &self.members, others).await,
        }
    }

    async fn load(db: &SqliterDb, ahead: bool) -> Rows {
        let (mut teams, mut members) = (db.select::<Team>().order("pk"), db.select::<Member>().order("pk"));
        if ahead {
            teams = teams.prefetch_related("members__friends").prefetch_related(Team::FANS);
            members = members.prefetch_related("teams__members").prefetch_related("fans_of");
            members =
                members.prefetch_related("friends__friends").prefetch_related("admires").prefetch_related("admirers");
        }
        Rows { teams: teams.fetch_all().await.unwrap(), members: members.fetch_all().await.unwrap() }
    }

    /// What the rows say of every relation.
    async fn check(&self, expected: &Expected, what: &str) {
        for row in 0..NUMBER {
            let (team, member) = (&self.teams[row], &self.members[row]);
            for (side, links) in [(Side::Members, &team.members), (Side::Fans, &team.fans)] {
                read(links, &self.members, expected.of(side, row), &format!("{what} {side:?} {row}")).await;
            }
            for (side, links) in [(Side::Teams, member.teams()), (Side::FansOf, member.fans_of())] {
                read(&links, &self.teams, expected.of(side, row), &format!("{what} {side:?} {row}")).await;
            }
            for (side, links) in [
                (Side::Friends, member.friends.clone()),
                (Side::Admires, member.admires.clone()),
                (Side::Admirers, member.admirers()),
            ] {
                read(&links, &self.members, expected.of(side, row), &format!("{what} {side:?} {row}")).await;
            }
        }
    }
}

async fn read<T: DbModel>(links: &ManyToMany<T>, all: &[T], expected: BTreeSet<usize>, what: &str) {
    let position: BTreeMap<_, _> = all.iter().enumerate().map(|(i, row)| (row.pk().to_string(), i)).collect();
    let rows = links.fetch_all().await.unwrap();
    let found: Vec<usize> = rows.iter().map(|row| position[&row.pk().to_string()]).collect();
    assert_eq!(found, expected.iter().copied().collect::<Vec<_>>(), "{what}");
    assert_eq!(links.count().await.unwrap(), expected.len() as i64, "{what}");
    assert_eq!(links.exists().await.unwrap(), !expected.is_empty(), "{what}");
}

/// The rows with a link to each row, by filters, lookups and counts.
async fn check_filters(db: &SqliterDb, rows: &Rows, expected: &Expected) {
    for other in 0..NUMBER {
        let (team, member) = (&rows.teams[other], &rows.members[other]);
        let members = |filter: Filter<Member>| async move {
            let found = db.select().filter(filter).fetch_all().await.unwrap();
            found.iter().map(|m| rows.members.iter().position(|r| r.pk == m.pk).unwrap()).collect::<BTreeSet<_>>()
        };
        let key = member.pk.value().unwrap();
        assert_eq!(members(Member::FRIENDS.any(Member::PK.eq(member))).await, expected.of(Side::Friends, other));
        assert_eq!(members(lookup("friends__pk", key.as_str())).await, expected.of(Side::Friends, other));
        assert_eq!(members(Member::ADMIRERS.any(Member::PK.eq(member))).await, expected.of(Side::Admires, other));
        assert_eq!(members(Member::ADMIRES.to(Member::PK).eq(member)).await, expected.of(Side::Admirers, other));
        assert_eq!(members(Member::TEAMS.any(Team::PK.eq(team))).await, expected.of(Side::Members, other));
        assert_eq!(members(lookup("fans_of", other as i64 + 1)).await, expected.of(Side::Fans, other));
        let none = members(Member::FRIENDS.none(Member::PK.eq(member))).await;
        assert_eq!(none.len(), NUMBER - expected.of(Side::Friends, other).len());
        let number = expected.of(Side::Friends, other).len() as i64;
        let same = members(Member::FRIENDS.count().eq(number) & Member::PK.eq(member)).await;
        assert_eq!(same.len(), 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// M2M-10, M2M-25
    #[test]
    fn links_are_sets_of_pairs(steps in proptest::collection::vec(step(), 1..16)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let db = SqliterDb::memory().await.unwrap();
            db.create_tables::<(Team, Member)>().await.unwrap();
            db.bulk_insert((0..NUMBER).map(|_| Team::builder().build().unwrap())).await.unwrap();
            db.bulk_insert((0..NUMBER).map(|i| Member::builder().pk(format!("m{i}")).build().unwrap())).await.unwrap();
            let mut expected = Expected::default();
            for step in &steps {
                let ahead = Rows::load(&db, true).await;
                let plain = Rows::load(&db, false).await;
                let mut after = expected.clone();
                after.apply(step);
                match step.transaction {
                    None => ahead.run(step).await.unwrap(),
                    Some(kept) => {
                        let done: Result<()> = db
                            .transaction(async |_| {
                                ahead.run(step).await?;
                                plain.check(&after, "inside").await;
                                if kept { Ok(()) } else { Err(Error::InvalidOption("back".into())) }
                            })
                            .await;
                        assert_eq!(done.is_ok(), kept);
                    }
                }
                if step.transaction != Some(false) {
                    expected = after;
                }
                plain.check(&expected, "plain").await;
                // The rows of the call, and those it was given: what they remember is what is there.
                touched(&ahead, step, &expected).await;
                Rows::load(&db, true).await.check(&expected, "ahead").await;
            }
            check_filters(&db, &Rows::load(&db, false).await, &expected).await;
        });
    }
}

async fn touched(rows: &Rows, step: &Step, expected: &Expected) {
    let (row, what) = (step.row, format!("after {step:?}"));
    match step.side {
        Side::Members => read(&rows.teams[row].members, &rows.members, expected.of(Side::Members, row), &what).await,
        Side::Fans => read(&rows.teams[row].fans, &rows.members, expected.of(Side::Fans, row), &what).await,
        Side::Teams => read(&rows.members[row].teams(), &rows.teams, expected.of(Side::Teams, row), &what).await,
        Side::FansOf => read(&rows.members[row].fans_of(), &rows.teams, expected.of(Side::FansOf, row), &what).await,
        Side::Friends => read(&rows.members[row].friends, &rows.members, expected.of(Side::Friends, row), &what).await,
        Side::Admires => read(&rows.members[row].admires, &rows.members, expected.of(Side::Admires, row), &what).await,
        Side::Admirers => {
            read(&rows.members[row].admirers(), &rows.members, expected.of(Side::Admirers, row), &what).await
        }
    }
    if matches!(step.kind, Kind::Clear) {
        return;
    }
    for other in &step.others {
        let (team, member) = (&rows.teams[*other], &rows.members[*other]);
        match step.side {
            Side::Members => read(&member.teams(), &rows.teams, expected.of(Side::Teams, *other), &what).await,
            Side::Fans => read(&member.fans_of(), &rows.teams, expected.of(Side::FansOf, *other), &what).await,
            Side::Teams => read(&team.members, &rows.members, expected.of(Side::Members, *other), &what).await,
            Side::FansOf => read(&team.fans, &rows.members, expected.of(Side::Fans, *other), &what).await,
            Side::Friends => read(&member.friends, &rows.members, expected.of(Side::Friends, *other), &what).await,
            Side::Admires => read(&member.admirers(), &rows.members, expected.of(Side::Admirers, *other), &what).await,
            Side::Admirers => read(&member.admires, &rows.members, expected.of(Side::Admires, *other), &what).await,
        }
    }
}
