//! SeaORM 2.

use std::path::Path;

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::{HAIR, Work, name, posts_text, user_text, walk_text};
use crate::contest::{Answer, Clock, Outcome};

mod user {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub pk: i64,
        pub name: String,
        pub hair_color: Option<String>,
        #[sea_orm(has_many)]
        pub posts: HasMany<super::post::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod post {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "posts")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub pk: i64,
        pub user_id: i64,
        pub title: String,
        pub body: Option<String>,
        #[sea_orm(belongs_to, from = "user_id", to = "pk")]
        pub user: BelongsTo<super::user::Entity>,
        #[sea_orm(has_many)]
        pub comments: HasMany<super::comment::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod comment {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "comments")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub pk: i64,
        pub post_id: i64,
        pub text: String,
        #[sea_orm(belongs_to, from = "post_id", to = "pk")]
        pub post: BelongsTo<super::post::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) struct Contestant {
    db: DatabaseConnection,
}

impl Contestant {
    pub(super) async fn open(path: &Path) -> Outcome<Self> {
        Ok(Contestant { db: crate::library::pool(path, 1).await?.into() })
    }

    async fn trivial(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            last = user::Entity::find().all(&self.db).await?;
        }
        clock.stop();
        Ok(clock.answer(last, |user| user_text(user.pk, &user.name, user.hair_color.as_deref())))
    }

    async fn medium(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut last = Vec::new();
        clock.start();
        for _ in 0..clock.calls {
            let query = user::Entity::find().find_also_related(post::Entity);
            last = query.filter(user::COLUMN.hair_color.eq("black")).all(&self.db).await?;
        }
        clock.stop();
        Ok(clock.answer(last, |(user, post)| posts_text(user.pk, &user.name, usize::from(post.is_some()))))
    }

    async fn insert(&self, clock: &mut Clock, count: usize) -> Outcome<Vec<String>> {
        clock.start();
        for _ in 0..clock.calls {
            let new = (0..count).map(|n| user::ActiveModel {
                name: Set(name(n)),
                hair_color: Set(Some(HAIR.to_owned())),
                ..Default::default()
            });
            user::Entity::insert_many(new).exec_without_returning(&self.db).await?;
        }
        clock.stop();
        Ok(Vec::new())
    }

    async fn associations(&self, clock: &mut Clock) -> Outcome<Vec<String>> {
        let mut seen = (0, 0, 0);
        clock.start();
        for _ in 0..clock.calls {
            let users = user::Entity::find().all(&self.db).await?;
            let posts = users.load_many(post::Entity, &self.db).await?;
            let all: Vec<_> = posts.into_iter().flatten().collect();
            let comments = all.load_many(comment::Entity, &self.db).await?;
            seen = (users.len(), 0, 0);
            for (post, comments) in all.iter().zip(&comments) {
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
