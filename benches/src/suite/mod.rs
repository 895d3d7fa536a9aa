//! The shape of diesel's own suite: users, their posts, the comments on those.
//!
//! As there: the trivial query loads all users, the medium one the black-haired with a left join to posts (of which there are
//! none), an insert writes so many users at once, and associations are loaded level by level. Other than there: a file and not
//! memory, and keys and indexes for the relations, the same for everyone.

mod by_hand;
mod diesel_async;
mod diesel_sync;
mod ours;
mod seaorm;
mod sqlx_pool;

use std::path::Path;

use crate::contest::{Outcome, Task};
use crate::referee::Referee;
use crate::rounds::Entrant;

#[derive(Clone, Copy)]
pub(crate) enum Work {
    /// All users.
    Trivial,
    /// Users with black hair, each with its post.
    Medium,
    /// So many users in one call.
    Insert(usize),
    /// All users, their posts, the comments on those.
    Associations,
}

/// As everyone writes a user for the comparison.
pub(crate) fn user_text(pk: i64, name: &str, hair_color: Option<&str>) -> String {
    format!("{pk}|{name}|{hair_color:?}")
}

/// As everyone writes a user and the number of its posts.
pub(crate) fn posts_text(pk: i64, name: &str, posts: usize) -> String {
    format!("{pk}|{name}|{posts}")
}

/// As everyone writes what a walk over all levels saw.
pub(crate) fn walk_text((users, posts, comments): (usize, usize, i64)) -> String {
    format!("{users} {posts} {comments}")
}

/// The name of the nth user that is inserted.
pub(crate) fn name(n: usize) -> String {
    format!("User {n}")
}

/// The hair of all users that are inserted.
pub(crate) const HAIR: &str = "hair_color";

/// Everyone, each on a file of its own.
pub(crate) async fn field(dir: &Path) -> Outcome<Vec<Entrant<Work>>> {
    let template = dir.join("suite.db");
    ours::create(&template).await?;
    let give = |name: &'static str| Referee::copy(&template, &format!("suite-{name}"));
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

const EMPTY: &str = "DELETE FROM comments; DELETE FROM posts; DELETE FROM users; DELETE FROM sqlite_sequence;";
const USERS: &str = "SELECT pk, name, hair_color FROM users";

/// So many users, half of them black-haired.
fn users(count: usize) -> String {
    format!(
        "{EMPTY} WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) INSERT INTO users (name, \
         hair_color) SELECT 'User ' || i, iif(i % 2 = 0, 'black', 'brown') FROM n;"
    )
}

/// 9 users, with 10 posts each, with 10 comments each.
fn associations() -> String {
    format!(
        "{} WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9) INSERT INTO posts (user_id, title) SELECT \
         u.pk, 'Post ' || i || ' by user ' || u.pk FROM users u, n; WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n \
         WHERE i < 9) INSERT INTO comments (post_id, text) SELECT p.pk, 'Comment ' || i || ' on post ' || p.pk FROM posts p, n;",
        users(9)
    )
}

/// The works.
pub(crate) fn tasks() -> Vec<Task<Work>> {
    let mut tasks = Vec::new();
    for count in [1, 10, 100, 1_000, 10_000] {
        tasks.push(Task::new(format!("trivial query, {count} rows"), Work::Trivial).before(users(count)));
    }
    for count in [1, 100, 10_000] {
        tasks.push(Task::new(format!("medium complex join, {count} rows"), Work::Medium).before(users(count)));
    }
    for count in [1, 10, 100] {
        let task = Task::new(format!("insert, {count} rows"), Work::Insert(count)).at_most(1_000);
        tasks.push(task.before(EMPTY).after(USERS));
    }
    tasks.push(Task::new("loading associations", Work::Associations).before(associations()));
    tasks
}
