//! How late a 1 ms timer fires in the same runtime while a million rows are scanned, and while they are updated.
//! `cargo run --release --example latency`.

use std::time::{Duration, Instant};

use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Row {
    pk: Pk<Self>,
    number: i64,
    text: String,
}

const ROWS: i64 = 1_000_000;
/// How often each work is done: a hundredth of the ticks has to be more than one.
const AGAIN: i64 = 10;

/// Runs the work beside a timer and prints how late the timer was.
async fn beside_a_timer(name: &str, work: impl Future<Output = Result<()>>) -> Result<()> {
    let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
    let timer = tokio::spawn(async move {
        let mut late = Vec::new();
        while stopped.try_recv().is_err() {
            let start = Instant::now();
            tokio::time::sleep(Duration::from_millis(1)).await;
            late.push(start.elapsed().saturating_sub(Duration::from_millis(1)));
        }
        late.sort();
        late
    });
    let start = Instant::now();
    work.await?;
    let took = start.elapsed();
    let _ = stop.send(());
    let late = timer.await.unwrap_or_default();
    let at = |share: f64| late.get(((late.len() - 1) as f64 * share) as usize).copied().unwrap_or_default();
    println!(
        "  {name:<28} took {took:>8.0?}; {} ticks, late by {:.2?} (median), {:.2?} (p99), {:.2?} (at most)",
        late.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
    Ok(())
}

async fn measure() -> Result<()> {
    let path = std::env::temp_dir().join(format!("sqliter-latency-{}.db", std::process::id()));
    let db = SqliterDb::builder().filename(&path).reset(true).create().await?;
    db.create_table::<Row>().await?;
    for part in 0..10 {
        let rows =
            (0..ROWS / 10).map(|i| Row { pk: Pk::unset(), number: part * ROWS / 10 + i, text: format!("row {i}") });
        db.bulk_insert(rows).await?;
    }
    beside_a_timer("nothing", async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(())
    })
    .await?;
    beside_a_timer("scan that counts", async {
        for _ in 0..AGAIN {
            let n = db.select::<Row>().filter(Row::TEXT.contains("no such text")).count().await?;
            assert_eq!(n, 0);
        }
        Ok(())
    })
    .await?;
    beside_a_timer("scan that returns rows", async {
        for _ in 0..AGAIN {
            let rows = db.select::<Row>().filter(Row::NUMBER.gte(0)).fetch_all().await?;
            assert_eq!(rows.len() as i64, ROWS);
            // A million strings are freed elsewhere too: that is not what is measured.
            tokio::task::spawn_blocking(move || drop(rows));
        }
        Ok(())
    })
    .await?;
    beside_a_timer("stream of every row", async {
        for _ in 0..AGAIN {
            let (mut rows, mut count) = (db.select::<Row>().stream(), 0);
            while let Some(row) = rows.next().await {
                count += i64::from(row?.number >= 0);
            }
            assert_eq!(count, ROWS);
        }
        Ok(())
    })
    .await?;
    beside_a_timer("update of every row", async {
        for number in 0..AGAIN {
            assert_eq!(db.select::<Row>().update(Row::NUMBER.set(number)).await? as i64, ROWS);
        }
        Ok(())
    })
    .await?;
    beside_a_timer("a hundred thousand gets", async {
        for i in 1..=100_000 {
            db.get::<Row>(i).await?;
        }
        Ok(())
    })
    .await?;
    beside_a_timer("twenty thousand inserts", async {
        for number in 0..20_000 {
            db.insert(Row { pk: Pk::unset(), number, text: "new".to_owned() }).await?;
        }
        Ok(())
    })
    .await?;
    db.close().await;
    let _ = std::fs::remove_file(path);
    Ok(())
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    println!("current-thread runtime");
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure())?;
    println!("multi-thread runtime");
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure())?;
    Ok(())
}
