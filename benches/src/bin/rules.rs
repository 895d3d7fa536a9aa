//! What rules cost: models that differ in their rules alone, inserted row by row in a transaction.
//!
//! `cargo run --release --manifest-path benches/Cargo.toml --bin rules`. The model without rules stands twice: what the two differ
//! by is what the order of the turns does.

use std::time::Instant;

use sqliter_async::prelude::*;

const ROUNDS: usize = 25;
const ROWS: usize = 10_000;

macro_rules! person {
    ($name:ident, $table:literal $(, $name_rule:meta, $email:meta, $age:meta, $plan:meta, $score:meta)?) => {
        #[derive(Debug, Clone, DbModel)]
        #[model(table = $table)]
        struct $name {
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
            fn example() -> Self {
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

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir()?;
    let db = SqliterDb::open(dir.path().join("rules.db")).await?;
    db.create_tables::<(Free, Again, Ruled, Mailed, Matched)>().await?;
    println!("{:<16} {:>10} {:>10} {:>8}", "ns/row", "no rules", "rules", "ratio");
    against("none, again", &db, &Again::example()).await?;
    against("five", &db, &Ruled::example()).await?;
    against("with an e-mail", &db, &Mailed::example()).await?;
    against("with a pattern", &db, &Matched::example()).await?;
    Ok(())
}

/// The model without rules against another, in turns: the medians.
async fn against<M: DbModel>(name: &str, db: &SqliterDb, row: &M) -> Result<()> {
    let free = Free::example();
    let mut times = [Vec::new(), Vec::new()];
    // One round more, which warms up and does not count.
    for round in 0..=ROUNDS {
        let turn = [insert(db, &free).await?, insert(db, row).await?];
        if round > 0 {
            times[0].push(turn[0]);
            times[1].push(turn[1]);
        }
    }
    let [without, with] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    });
    println!("{name:<16} {without:>10.1} {with:>10.1} {:>7.2}x", with / without);
    Ok(())
}

/// Nanoseconds per row, in one transaction, which is undone: the table stays empty.
async fn insert<M: DbModel>(db: &SqliterDb, row: &M) -> Result<f64> {
    let start = Instant::now();
    let tx = db.begin().await?;
    for _ in 0..ROWS {
        tx.insert(row.clone()).await?;
    }
    tx.rollback().await?;
    Ok(start.elapsed().as_nanos() as f64 / ROWS as f64)
}
