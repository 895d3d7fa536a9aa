//! diesel-async over SQLite.

use std::path::Path;

use diesel::prelude::{BelongingToDsl, ExpressionMethods, QueryDsl};
use diesel::sqlite::SqliteConnection;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};

use super::diesel_sync::{Comment, PRAGMAS, Post, User, new_users, posts, users, walk};
use super::{Work, posts_text, user_text, walk_text};
use crate::contest::{Answer, Clock, Outcome};

pub(super) struct Contestant {
    db: SyncConnectionWrapper<SqliteConnection>,
}

impl Contestant {
    pub(super) async fn open(path: &Path) -> Outcome<Self> {
        let mut db = SyncConnectionWrapper::establish(&path.to_string_lossy()).await?;
        db.batch_execute(PRAGMAS).await?;
        Ok(Contestant { db })
    }

    async fn trivial(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            last = users::table.load::<User>(&mut self.db).await?;
        }
        clock.stop();
        Ok(clock.answer(last, |user| user_text(user.pk, &user.name, user.hair_color.as_deref())))
    }

    async fn medium(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            let query = users::table.left_outer_join(posts::table).filter(users::hair_color.eq("black"));
            last = query.load::<(User, Option<Post>)>(&mut self.db).await?;
        }
        clock.stop();
        Ok(clock.answer(last, |(user, post)| posts_text(user.pk, &user.name, usize::from(post.is_some()))))
    }

    async fn insert<const N: usize>(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        clock.start();
        for _ in 0..clock.calls {
            // It has no batch insert for SQLite: one hop to diesel, which has.
            let new = new_users::<N>();
            self.db
                .spawn_blocking(move |db| {
                    diesel::RunQueryDsl::execute(diesel::insert_into(users::table).values(new), db)
                })
                .await?;
        }
        clock.stop();
        Ok(Vec::new())
    }

    async fn associations(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut seen = (0, 0, 0);
        clock.start();
        for _ in 0..clock.calls {
            let users = users::table.load::<User>(&mut self.db).await?;
            let posts = Post::belonging_to(&users).load::<Post>(&mut self.db).await?;
            let comments = Comment::belonging_to(&posts).load::<Comment>(&mut self.db).await?;
            seen = walk(&users, posts, comments);
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
                Work::Insert(1) => self.insert::<1>(clock).await,
                Work::Insert(10) => self.insert::<10>(clock).await,
                Work::Insert(_) => self.insert::<100>(clock).await,
                Work::Associations => self.associations(clock).await,
            }
        })
    }
}
