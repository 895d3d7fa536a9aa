//! Streams five million rows and watches how much memory that takes.

use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Reading {
    pk: Pk<Self>,
    sensor: String,
    value: i64,
}

/// A line of `/proc/self/status` in KiB, where there is such a file.
fn status(name: &str) -> Option<i64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    // A debug build would take minutes for all of them.
    let default = if cfg!(debug_assertions) { 300_000 } else { 5_000_000 };
    let rows: i64 = std::env::args().nth(1).map_or(Ok(default), |n| n.parse())?;
    let file = std::env::temp_dir().join(format!("sqliter-stream-{}.db", std::process::id()));
    let db = SqliterDb::builder().filename(&file).reset(true).create().await?;
    db.create_table::<Reading>().await?;
    db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         INSERT INTO readings (sensor, value) SELECT 'sensor number ' || (i % 100), i FROM n",
        params![rows],
    )
    .await?;

    // What inserting took is not the stream's: the peak is counted from here on.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = status("VmRSS");
    let start = std::time::Instant::now();
    let (mut n, mut sum) = (0i64, 0i64);
    let mut readings = db.select::<Reading>().order(Reading::PK).stream();
    while let Some(reading) = readings.next().await {
        let reading = reading?;
        n += 1;
        sum += reading.value;
        assert!(!reading.sensor.is_empty());
    }
    let elapsed = start.elapsed();
    println!("{n} rows, sum {sum}");
    assert_eq!((n, sum), (rows, rows * (rows + 1) / 2));
    println!("{:.0} ns/row", elapsed.as_nanos() as f64 / rows as f64);
    match (before, status("VmHWM")) {
        (Some(before), Some(peak)) => {
            let more = (peak - before) as f64 / 1024.0;
            println!(
                "resident before: {:.1} MiB, at its peak: {:.1} MiB",
                before as f64 / 1024.0,
                peak as f64 / 1024.0
            );
            println!("above the start: {more:.1} MiB");
            assert!(more < 30.0, "a stream's memory does not grow with its rows");
        }
        _ => println!("no /proc/self/status here"),
    }
    db.close().await;
    std::fs::remove_file(file)?;
    Ok(())
}
