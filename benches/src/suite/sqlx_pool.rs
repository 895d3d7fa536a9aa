//! sqlx on its pool.

use std::collections::HashMap;
use std::path::Path;

use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{FromRow, QueryBuilder, Row, Sqlite};

use super::{HAIR, Work, name, posts_text, user_text, walk_text};
use crate::contest::{Answer, Clock, Outcome};

const USERS: &str = "SELECT pk, name, hair_color FROM users";
const MEDIUM: &str = "SELECT u.pk, u.name, u.hair_color, p.pk, p.user_id, p.title, p.body FROM users u \
     LEFT JOIN posts p ON p.user_id = u.pk WHERE u.hair_color = ?1";
const POSTS: &str = "SELECT pk, user_id, title, body FROM posts WHERE user_id IN (SELECT pk FROM users)";
const COMMENTS: &str = "SELECT pk, post_id, text FROM comments WHERE post_id IN (SELECT pk FROM posts)";

struct User {
    pk: i64,
    name: String,
    hair_color: Option<String>,
}

#[expect(dead_code, reason = "everyone reads all of it")]
struct Post {
    pk: i64,
    user_id: i64,
    title: String,
    body: Option<String>,
}

struct Comment {
    pk: i64,
    post_id: i64,
    text: String,
}

/// A user and the post that was joined to it.
struct Joined(User, Option<Post>);

impl FromRow<'_, SqliteRow> for User {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(User { pk: row.try_get(0)?, name: row.try_get(1)?, hair_color: row.try_get(2)? })
    }
}

impl FromRow<'_, SqliteRow> for Post {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Post { pk: row.try_get(0)?, user_id: row.try_get(1)?, title: row.try_get(2)?, body: row.try_get(3)? })
    }
}

impl FromRow<'_, SqliteRow> for Comment {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Comment { pk: row.try_get(0)?, post_id: row.try_get(1)?, text: row.try_get(2)? })
    }
}

impl FromRow<'_, SqliteRow> for Joined {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let post = match row.try_get(3)? {
            Some(pk) => Some(Post { pk, user_id: row.try_get(4)?, title: row.try_get(5)?, body: row.try_get(6)? }),
            None => None,
        };
        Ok(Joined(User::from_row(row)?, post))
    }
}

/// Puts children to their parents.
fn group<P, C>(parents: Vec<P>, key: impl Fn(&P) -> i64, children: Vec<C>, of: impl Fn(&C) -> i64) -> Vec<(P, Vec<C>)> {
    let positions: HashMap<i64, usize> = parents.iter().enumerate().map(|(i, p)| (key(p), i)).collect();
    let mut out: Vec<_> = parents.into_iter().map(|p| (p, Vec::new())).collect();
    for child in children {
        if let Some(position) = positions.get(&of(&child)) {
            out[*position].1.push(child);
        }
    }
    out
}

pub(super) struct Contestant {
    db: SqlitePool,
}

impl Contestant {
    pub(super) async fn open(path: &Path) -> Outcome<Self> {
        Ok(Contestant { db: crate::library::pool(path, 1).await? })
    }

    async fn trivial(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last: Vec<User> = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            last = sqlx::query_as(USERS).fetch_all(&self.db).await?;
        }
        clock.stop();
        Ok(clock.answer(last, |user| user_text(user.pk, &user.name, user.hair_color.as_deref())))
    }

    async fn medium(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last: Vec<Joined> = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            last = sqlx::query_as(MEDIUM).bind("black").fetch_all(&self.db).await?;
        }
        clock.stop();
        Ok(clock.answer(last, |Joined(user, post)| posts_text(user.pk, &user.name, usize::from(post.is_some()))))
    }

    async fn insert(&self, clock: &mut Clock, count: usize) -> Outcome<Vec<String>> {
        clock.start();
        for _ in 0..clock.calls {
            let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO users (name, hair_color) ");
            insert.push_values(0..count, |mut values, n| {
                values.push_bind(name(n)).push_bind(HAIR);
            });
            insert.build().execute(&self.db).await?;
        }
        clock.stop();
        Ok(Vec::new())
    }

    async fn associations(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut seen = (0, 0, 0);
        clock.start();
        for _ in 0..clock.calls {
            let users: Vec<User> = sqlx::query_as(USERS).fetch_all(&self.db).await?;
            let posts: Vec<Post> = sqlx::query_as(POSTS).fetch_all(&self.db).await?;
            let comments: Vec<Comment> = sqlx::query_as(COMMENTS).fetch_all(&self.db).await?;
            let posts = group(posts, |p| p.pk, comments, |c| c.post_id);
            let users = group(users, |u| u.pk, posts, |p| p.0.user_id);
            seen = (users.len(), 0, 0);
            for (post, comments) in users.iter().flat_map(|user| &user.1) {
                seen.1 += post.title.len();
                seen.2 += comments.iter().map(|c| c.pk + c.text.len() as i64).sum::<i64>();
            }
        }
        clock.stop();
        Ok(clock.answer([seen], walk_text))
    }
}

impl crate::contest::Contestant<Work> for Contestant {
    fn run<'a>(&'a mut self, work: Work, clock: &'a mut Clock) -> Answer<'a> {
        Box::pin(async move {
            match work {
                Work::Trivial => self.trivial(clock).await,
                Work::Medium => self.medium(clock).await,
                Work::Insert(count) => self.insert(clock, count).await,
                Work::Associations => self.associations(clock).await,
            }
        })
    }
}
