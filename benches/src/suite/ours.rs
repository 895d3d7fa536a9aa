//! SQLiter.

use std::path::Path;

use sqliter_async::prelude::*;

use super::{HAIR, Work, name, posts_text, user_text, walk_text};
use crate::contest::{Answer, Clock, Outcome};

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct User {
    pk: Pk<Self>,
    name: String,
    hair_color: Option<String>,
}

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Post {
    pk: Pk<Self>,
    #[foreign_key(related_name = "posts")]
    user: ForeignKey<User>,
    title: String,
    body: Option<String>,
}

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Comment {
    pk: Pk<Self>,
    #[foreign_key(related_name = "comments")]
    post: ForeignKey<Post>,
    text: String,
}

pub(super) struct Contestant {
    db: SqliterDb,
}

/// Creates the tables that everyone gets a copy of.
pub(super) async fn create(path: &Path) -> Outcome {
    let db = SqliterDb::open(path).await?;
    db.create_tables::<(User, Post, Comment)>().await?;
    db.close().await;
    Ok(())
}

impl Contestant {
    pub(super) async fn open(path: &Path) -> Outcome<Self> {
        Ok(Contestant { db: SqliterDb::open(path).await? })
    }

    async fn trivial(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            last = self.db.select::<User>().fetch_all().await?;
        }
        clock.stop();
        let key = |user: &User| user.pk.get().unwrap_or_default();
        Ok(clock.answer(last, |user| user_text(key(&user), &user.name, user.hair_color.as_deref())))
    }

    /// There is no join to the many side: rows of it are loaded ahead.
    async fn medium(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            let query = self.db.select::<User>().filter(User::HAIR_COLOR.eq("black")).prefetch_related(User::POSTS);
            let mut users = Vec::new();
            for user in query.fetch_all().await? {
                let posts = user.posts().loaded()?;
                users.push((user, posts));
            }
            last = users;
        }
        clock.stop();
        let key = |user: &User| user.pk.get().unwrap_or_default();
        Ok(clock.answer(last, |(user, posts)| posts_text(key(&user), &user.name, posts.len())))
    }

    async fn insert(&self, clock: &mut Clock, count: usize) -> Outcome<Vec<String>> {
        clock.start();
        for _ in 0..clock.calls {
            let new = (0..count).map(|n| User { pk: Pk::unset(), name: name(n), hair_color: Some(HAIR.to_owned()) });
            self.db.bulk_insert(new).await?;
        }
        clock.stop();
        Ok(Vec::new())
    }

    async fn associations(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut seen = (0, 0, 0);
        clock.start();
        for _ in 0..clock.calls {
            let users = self.db.select::<User>().prefetch_related(User::POSTS.to(Post::COMMENTS)).fetch_all().await?;
            seen = (users.len(), 0, 0);
            for user in &users {
                for post in &user.posts().loaded()? {
                    seen.1 += post.title.len();
                    for comment in &post.comments().loaded()? {
                        seen.2 += comment.pk.get().unwrap_or_default() + comment.text.len() as i64;
                    }
                }
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
