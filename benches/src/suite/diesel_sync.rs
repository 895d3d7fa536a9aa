//! diesel, as in its own suite.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::{HAIR, Work, name, posts_text, user_text, walk_text};
use crate::contest::{Answer, Clock, Outcome};

diesel::table! {
    users (pk) {
        pk -> BigInt,
        name -> Text,
        hair_color -> Nullable<Text>,
    }
}

diesel::table! {
    posts (pk) {
        pk -> BigInt,
        user_id -> BigInt,
        title -> Text,
        body -> Nullable<Text>,
    }
}

diesel::table! {
    comments (pk) {
        pk -> BigInt,
        post_id -> BigInt,
        text -> Text,
    }
}

diesel::joinable!(posts -> users (user_id));
diesel::joinable!(comments -> posts (post_id));
diesel::allow_tables_to_appear_in_same_query!(users, posts, comments);

#[derive(Debug, Queryable, Identifiable)]
#[diesel(table_name = users, primary_key(pk))]
pub(super) struct User {
    pub(super) pk: i64,
    pub(super) name: String,
    pub(super) hair_color: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(super) struct NewUser {
    name: String,
    hair_color: Option<String>,
}

#[derive(Debug, Queryable, Identifiable, Associations)]
#[diesel(table_name = posts, primary_key(pk), belongs_to(User))]
pub(super) struct Post {
    pub(super) pk: i64,
    pub(super) user_id: i64,
    pub(super) title: String,
    #[expect(dead_code, reason = "everyone reads it")]
    pub(super) body: Option<String>,
}

#[derive(Debug, Queryable, Identifiable, Associations)]
#[diesel(table_name = comments, primary_key(pk), belongs_to(Post))]
pub(super) struct Comment {
    pub(super) pk: i64,
    pub(super) post_id: i64,
    pub(super) text: String,
}

/// So many users: as an array, so that the insert is one statement that is kept.
pub(super) fn new_users<const N: usize>() -> [NewUser; N] {
    std::array::from_fn(|n| NewUser { name: name(n), hair_color: Some(HAIR.to_owned()) })
}

pub(super) const PRAGMAS: &str =
    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;";

/// What a walk over all levels sees.
pub(super) fn walk(users: &[User], posts: Vec<Post>, comments: Vec<Comment>) -> (usize, usize, i64) {
    let comments = comments.grouped_by(&posts);
    let posts = posts.into_iter().zip(comments).grouped_by(users);
    let mut seen = (users.len(), 0, 0);
    for (post, comments) in posts.iter().flatten() {
        seen.1 += post.title.len();
        seen.2 += comments.iter().map(|c| c.pk + c.text.len() as i64).sum::<i64>();
    }
    seen
}

pub(super) struct Contestant {
    db: SqliteConnection,
}

impl Contestant {
    pub(super) fn open(path: &Path) -> Outcome<Self> {
        let mut db = SqliteConnection::establish(&path.to_string_lossy())?;
        db.batch_execute(PRAGMAS)?;
        Ok(Contestant { db })
    }

    fn trivial(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            last = users::table.load::<User>(&mut self.db)?;
        }
        clock.stop();
        Ok(clock.answer(last, |user| user_text(user.pk, &user.name, user.hair_color.as_deref())))
    }

    fn medium(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            let query = users::table.left_outer_join(posts::table).filter(users::hair_color.eq("black"));
            last = query.load::<(User, Option<Post>)>(&mut self.db)?;
        }
        clock.stop();
        Ok(clock.answer(last, |(user, post)| posts_text(user.pk, &user.name, usize::from(post.is_some()))))
    }

    fn insert<const N: usize>(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        clock.start();
        for _ in 0..clock.calls {
            diesel::insert_into(users::table).values(new_users::<N>()).execute(&mut self.db)?;
        }
        clock.stop();
        Ok(Vec::new())
    }

    fn associations(&mut self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut seen = (0, 0, 0);
        clock.start();
        for _ in 0..clock.calls {
            let users = users::table.load::<User>(&mut self.db)?;
            let posts = Post::belonging_to(&users).load::<Post>(&mut self.db)?;
            let comments = Comment::belonging_to(&posts).load::<Comment>(&mut self.db)?;
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
                Work::Trivial => self.trivial(clock),
                Work::Medium => self.medium(clock),
                Work::Insert(1) => self.insert::<1>(clock),
                Work::Insert(10) => self.insert::<10>(clock),
                Work::Insert(_) => self.insert::<100>(clock),
                Work::Associations => self.associations(clock),
            }
        })
    }
}
