//! SQLiter beside rusqlite written by hand to win: `cargo run --release --manifest-path benches/Cargo.toml -- [filter]`.
//!
//! The contestants take turns, round by round, on files of the same content and with the same settings; results are compared
//! before anything is timed. What is printed is the median round of each and their ratio.

mod by_hand;
mod ours;
mod rounds;
mod rules;

use rounds::Table;

/// Rows of the tables that are read.
const ROWS: i64 = 10_000;

/// The row that everyone reads and writes: about 100 bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Plain {
    pub pk: i64,
    pub title: String,
    pub author_id: i64,
    pub year: i64,
    pub rating: f64,
    pub created_at: i64,
    pub updated_at: i64,
}

fn rows(count: i64) -> Vec<Plain> {
    (1..=count)
        .map(|i| Plain {
            pk: 0,
            title: format!("The title of book number {i:06}, which goes on for a while"),
            author_id: i % 97,
            year: 1900 + i % 120,
            rating: (i % 50) as f64 / 10.0,
            created_at: 0,
            updated_at: 0,
        })
        .collect()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let filter = std::env::args().nth(1).unwrap_or_default();
    let dir = tempfile::tempdir()?;
    let hand = by_hand::Contestant::open(&dir.path().join("hand.db"), &rows(ROWS))?;
    let ours = ours::Contestant::open(&dir.path().join("ours.db"), &rows(ROWS)).await?;
    println!("SQLite {}, {} rows", rusqlite::version(), ROWS);

    let mut table = Table::new(&filter);
    get(&mut table, &hand, &ours).await?;
    fetch_all(&mut table, &hand, &ours).await?;
    get_in_transaction(&mut table, &hand, &ours).await?;
    insert(&mut table, &hand, &ours).await?;
    insert_in_transaction(&mut table, &hand, &ours).await?;
    bulk_insert(&mut table, &hand, &ours).await?;
    rules(&mut table, &dir.path().join("rules.db")).await?;
    table.print();
    Ok(())
}

/// Without the timestamps: the two files were not filled in the same second.
fn same(rows: impl IntoIterator<Item = Plain>) -> Vec<Plain> {
    rows.into_iter().map(|r| Plain { created_at: 0, updated_at: 0, ..r }).collect()
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

async fn get(table: &mut Table, hand: &by_hand::Contestant, ours: &ours::Contestant) -> Outcome {
    assert_eq!(same(hand.get(77)?), ours::as_plain(ours.get(77).await?.into_iter().collect()));
    let key = |i: usize| (i as i64 * 7919) % ROWS + 1;
    let mut bench = table.bench("get by key", "µs", 1e6, 15, 5_000);
    while bench.more() {
        bench.time("rusqlite", |n| {
            for i in 0..n {
                hand.get(key(i))?.ok_or("missing")?;
            }
            Ok(())
        })?;
        bench
            .time_async("sqliter", async |n| {
                for i in 0..n {
                    ours.get(key(i)).await?.ok_or("missing")?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

async fn fetch_all(table: &mut Table, hand: &by_hand::Contestant, ours: &ours::Contestant) -> Outcome {
    for (name, limit) in [("fetch_all 100 of 10k", 100), ("fetch_all 10k, filter and order", ROWS)] {
        let expected = hand.fetch_all(limit)?;
        assert_eq!(same(expected.clone()), ours::as_plain(ours.fetch_all(limit).await?));
        let count = expected.len();
        let mut bench = table.bench(name, "ns/row", 1e9 / count as f64, 15, (50_000 / count).max(5));
        while bench.more() {
            bench.time("rusqlite", |n| {
                for _ in 0..n {
                    assert_eq!(hand.fetch_all(limit)?.len(), count);
                }
                Ok(())
            })?;
            bench
                .time_async("sqliter", async |n| {
                    for _ in 0..n {
                        assert_eq!(ours.fetch_all(limit).await?.len(), count);
                    }
                    Ok(())
                })
                .await?;
        }
    }
    Ok(())
}

async fn get_in_transaction(table: &mut Table, hand: &by_hand::Contestant, ours: &ours::Contestant) -> Outcome {
    let key = |i: usize| (i as i64 * 7919) % ROWS + 1;
    let mut bench = table.bench("get in a transaction", "µs", 1e6, 15, 10_000);
    while bench.more() {
        bench.time("rusqlite", |n| {
            let tx = hand.transaction()?;
            for i in 0..n {
                hand.get(key(i))?.ok_or("missing")?;
            }
            Ok(tx.commit()?)
        })?;
        bench
            .time_async("sqliter", async |n| {
                let tx = ours.begin().await?;
                for i in 0..n {
                    ours::get_in(&tx, key(i)).await?.ok_or("missing")?;
                }
                Ok(tx.commit().await?)
            })
            .await?;
    }
    Ok(())
}

async fn insert_in_transaction(table: &mut Table, hand: &by_hand::Contestant, ours: &ours::Contestant) -> Outcome {
    let one = &rows(1)[0];
    let mut bench = table.bench("insert row by row in a transaction", "ns/row", 1e9, 15, 10_000);
    while bench.more() {
        hand.empty()?;
        ours.empty().await?;
        bench.time("rusqlite", |n| {
            let tx = hand.transaction()?;
            for _ in 0..n {
                hand.insert(one)?;
            }
            Ok(tx.commit()?)
        })?;
        bench
            .time_async("sqliter", async |n| {
                let tx = ours.begin().await?;
                for _ in 0..n {
                    ours::insert_in(&tx, one).await?;
                }
                Ok(tx.commit().await?)
            })
            .await?;
    }
    Ok(())
}

async fn insert(table: &mut Table, hand: &by_hand::Contestant, ours: &ours::Contestant) -> Outcome {
    let one = &rows(1)[0];
    let mut bench = table.bench("insert, a transaction each", "µs", 1e6, 15, 1_000);
    while bench.more() {
        hand.empty()?;
        ours.empty().await?;
        bench.time("rusqlite", |n| {
            for _ in 0..n {
                hand.insert(one)?;
            }
            Ok(())
        })?;
        bench
            .time_async("sqliter", async |n| {
                for _ in 0..n {
                    ours.insert(one).await?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

/// The contestants are the same model without rules and with five; first without rules twice, which shows what the order of
/// the two is worth.
async fn rules(table: &mut Table, path: &std::path::Path) -> Outcome {
    use rules::{Again, Free, Mailed, Matched, Ruled, against};
    let db = sqliter_async::SqliterDb::open(path).await?;
    db.create_tables::<(Free, Again, Ruled, Mailed, Matched)>().await?;
    against(table.bench("insert: no rules, twice", "ns/row", 1e9, 25, 10_000), &db, &Again::example()).await?;
    against(table.bench("insert: five rules", "ns/row", 1e9, 25, 10_000), &db, &Ruled::example()).await?;
    against(table.bench("insert: five, one an email", "ns/row", 1e9, 25, 10_000), &db, &Mailed::example()).await?;
    against(table.bench("insert: five, one a pattern", "ns/row", 1e9, 25, 10_000), &db, &Matched::example()).await
}

async fn bulk_insert(table: &mut Table, hand: &by_hand::Contestant, ours: &ours::Contestant) -> Outcome {
    let many = rows(10_000);
    hand.empty()?;
    ours.empty().await?;
    hand.bulk_insert(&many)?;
    ours.bulk_insert(ours::models(&many)).await?;
    assert_eq!(hand.contents()?, ours.contents().await?);
    let mut bench = table.bench("bulk insert 10k", "ns/row", 1e9 / 10_000.0, 15, 1);
    while bench.more() {
        hand.empty()?;
        ours.empty().await?;
        // Ours takes the rows by value: that copy is made beforehand, for both.
        let given = many.clone();
        bench.time("rusqlite", |_| Ok(hand.bulk_insert(&given)?))?;
        let given = ours::models(&many);
        bench.time_async("sqliter", async |_| Ok(ours.bulk_insert(given).await?)).await?;
    }
    Ok(())
}
