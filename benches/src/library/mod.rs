//! The works of a library: authors and their stories, a shelf that is read, a table of books that is written.

mod by_hand;
mod diesel_async;
mod diesel_sync;
mod mixed;
mod ours;
mod seaorm;
mod sqlx_pool;
mod works;

use std::path::Path;

pub(crate) use sqlx_pool::pool;
pub(crate) use works::tasks;
use works::*;

use crate::contest::Bar::AtMost;
use crate::contest::{Outcome, Task};
use crate::referee::Referee;
use crate::rounds::Entrant;

/// Everyone, each on a file of its own.
pub(crate) async fn field(dir: &Path) -> Outcome<Vec<Entrant<Work>>> {
    let template = dir.join("library.db");
    ours::create(&template).await?;
    fill(&template)?;
    let give = |name: &'static str| Referee::copy(&template, &format!("library-{name}"));
    let mut field = Vec::new();
    macro_rules! enter {
        ($name:literal, $contestant:ty $(, $wait:tt)?) => {
            let referee = give($name)?;
            let contestant = <$contestant>::open(referee.path())$(.$wait)??;
            field.push(Entrant { name: $name, referee, contestant: Box::new(contestant) });
        };
    }
    enter!("rusqlite", by_hand::Contestant);
    enter!("sqliter", ours::Contestant, await);
    enter!("diesel", diesel_sync::Contestant);
    enter!("diesel-async", diesel_async::Contestant, await);
    enter!("sqlx", sqlx_pool::Contestant, await);
    enter!("sea-orm", seaorm::Contestant, await);
    Ok(field)
}

/// Ours alone, with its cache.
pub(crate) async fn cached(dir: &Path) -> Outcome<Vec<Entrant<Work>>> {
    let referee = Referee::copy(&dir.join("library.db"), "library-cached")?;
    let contestant = ours::Contestant::open_cached(referee.path()).await?;
    Ok(vec![Entrant { name: "sqliter", referee, contestant: Box::new(contestant) }])
}

/// What only we have.
pub(crate) fn cache_tasks() -> Vec<Task<Work>> {
    vec![Task::new("get by key, a cache hit", Work::Get).at_most(50_000).bars([AtMost(1.0)])]
}
