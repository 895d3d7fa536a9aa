//! What rules cost: two models that differ in their rules alone, inserted row by row in a transaction.

use sqliter_async::prelude::*;

use crate::rounds::Bench;

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
person!(Again, "more_free_people");
person!(
    Ruled,
    "ruled_people",
    field(min_length = 1, max_length = 100),
    field(min_length = 3, max_length = 254),
    field(gte = 0, lte = 150),
    field(one_of = ["free", "team", "enterprise"]),
    field(gte = 0, lt = 1)
);
person!(
    Mailed,
    "mailed_people",
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

/// The model without rules (in the column of rusqlite) against another.
pub(crate) async fn against<M: DbModel>(
    mut bench: Bench<'_>,
    db: &SqliterDb,
    row: &M,
) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let free = Free::example();
    while bench.more() {
        bench.time_async("rusqlite", async |n| Ok(insert(db, &free, n).await?)).await?;
        bench.time_async("sqliter", async |n| Ok(insert(db, row, n).await?)).await?;
    }
    Ok(())
}

/// So many rows, in one transaction, which is undone: the table stays empty.
async fn insert<M: DbModel>(db: &SqliterDb, row: &M, n: usize) -> Result<()> {
    let tx = db.begin().await?;
    for _ in 0..n {
        tx.insert(row.clone()).await?;
    }
    tx.rollback().await
}
