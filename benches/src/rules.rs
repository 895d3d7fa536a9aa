//! What rules cost: two models that differ in their rules alone, inserted row by row in a transaction.

use sqliter_async::prelude::*;

macro_rules! person {
    ($name:ident, $table:literal $(, $name_rule:meta, $email:meta, $age:meta, $plan:meta, $score:meta)?) => {
        #[derive(Debug, Clone, DbModel)]
        #[model(table = $table)]
        pub(crate) struct $name {
            pk: Pk<Self>,
            created_at: i64,
            updated_at: i64,
            $(#[$name_rule])?
            name: String,
            $(#[$email])?
            email: String,
            $(#[$age])?
            age: i64,
            $(#[$plan])?
            plan: String,
            $(#[$score])?
            score: f64,
        }

        impl $name {
            pub(crate) fn example() -> Self {
                $name {
                    pk: Pk::unset(),
                    created_at: 0,
                    updated_at: 0,
                    name: "Jane Elizabeth Doe of Doe Hall".to_owned(),
                    email: "jane.doe@mail.example.com".to_owned(),
                    age: 42,
                    plan: "enterprise".to_owned(),
                    score: 0.75,
                }
            }
        }
    };
}

person!(Free, "free_people");
person!(
    Ruled,
    "ruled_people",
    field(min_length = 1, max_length = 100),
    field(email),
    field(gte = 0, lte = 150),
    field(one_of = ["free", "team", "enterprise"]),
    field(gte = 0, lt = 1)
);
person!(
    Matched,
    "matched_people",
    field(min_length = 1, max_length = 100),
    field(pattern = r"^[^@\s]+@[^@\s]+\.[a-z]+$"),
    field(gte = 0, lte = 150),
    field(one_of = ["free", "team", "enterprise"]),
    field(gte = 0, lt = 1)
);

/// So many rows of one model, in one transaction.
pub(crate) async fn insert<M: DbModel>(db: &SqliterDb, row: &M, n: usize) -> Result<()> {
    let tx = db.begin().await?;
    for _ in 0..n {
        tx.insert(row.clone()).await?;
    }
    tx.commit().await
}
