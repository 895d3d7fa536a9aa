//! rusqlite, by hand.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, Result, Row, Statement, Transaction, TransactionBehavior};

use super::{HAIR, Work, name, posts_text, user_text, walk_text};
use crate::contest::{Answer, Clock, Outcome};
use crate::referee::connect;

const USERS: &str = "SELECT pk, name, hair_color FROM users";
const MEDIUM: &str = "SELECT u.pk, u.name, u.hair_color, p.pk, p.user_id, p.title, p.body FROM users u \
     LEFT JOIN posts p ON p.user_id = u.pk WHERE u.hair_color = ?1";
const INSERT: &str = "INSERT INTO users (name, hair_color) VALUES (?1, ?2)";
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

fn user(row: &Row<'_>) -> Result<User> {
    Ok(User { pk: row.get(0)?, name: row.get(1)?, hair_color: row.get(2)? })
}

fn post(row: &Row<'_>, first: usize) -> Result<Post> {
    let (pk, user_id) = (row.get(first)?, row.get(first + 1)?);
    Ok(Post { pk, user_id, title: row.get(first + 2)?, body: row.get(first + 3)? })
}

fn load<T>(statement: &mut Statement<'_>, read: impl Fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(read(row)?);
    }
    Ok(out)
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
    db: Connection,
}

impl Contestant {
    pub(super) fn open(path: &Path) -> Outcome<Self> {
        Ok(Contestant { db: connect(path)? })
    }

    fn trivial(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            last = load(&mut *self.db.prepare_cached(USERS)?, user)?;
        }
        clock.stop();
        Ok(clock.answer(last, |user| user_text(user.pk, &user.name, user.hair_color.as_deref())))
    }

    fn medium(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            let mut statement = self.db.prepare_cached(MEDIUM)?;
            let mut rows = statement.query(["black"])?;
            let mut users = Vec::new();
            while let Some(row) = rows.next()? {
                let has = !matches!(row.get_ref(3)?, rusqlite::types::ValueRef::Null);
                users.push((user(row)?, if has { Some(post(row, 3)?) } else { None }));
            }
            last = users;
        }
        clock.stop();
        Ok(clock.answer(last, |(user, post)| posts_text(user.pk, &user.name, usize::from(post.is_some()))))
    }

    fn insert(&self, clock: &mut Clock, count: usize) -> Outcome<Vec<String>> {
        clock.start();
        for _ in 0..clock.calls {
            let tx = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)?;
            let mut statement = tx.prepare_cached(INSERT)?;
            for n in 0..count {
                statement.execute([name(n).as_str(), HAIR])?;
            }
            drop(statement);
            tx.commit()?;
        }
        clock.stop();
        Ok(Vec::new())
    }

    fn load_all(&self) -> Result<Vec<(User, Vec<(Post, Vec<Comment>)>)>> {
        let users = load(&mut *self.db.prepare_cached(USERS)?, user)?;
        let posts = load(&mut *self.db.prepare_cached(POSTS)?, |row| post(row, 0))?;
        let comments = load(&mut *self.db.prepare_cached(COMMENTS)?, |row| {
            Ok(Comment { pk: row.get(0)?, post_id: row.get(1)?, text: row.get(2)? })
        })?;
        let posts = group(posts, |p| p.pk, comments, |c| c.post_id);
        Ok(group(users, |u| u.pk, posts, |p| p.0.user_id))
    }

    fn associations(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut seen = (0, 0, 0);
        clock.start();
        for _ in 0..clock.calls {
            let users = self.load_all()?;
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
                Work::Trivial => self.trivial(clock),
                Work::Medium => self.medium(clock),
                Work::Insert(count) => self.insert(clock, count),
                Work::Associations => self.associations(clock),
            }
        })
    }
}
