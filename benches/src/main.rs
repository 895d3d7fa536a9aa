//! SQLiter beside rusqlite, diesel, diesel-async, sqlx and SeaORM: `cargo run --release --manifest-path benches/Cargo.toml -- [filter]`.
//!
//! The contestants take turns, round by round, on files of the same content and with the same settings; results are compared
//! before anything is timed. What is printed is the median round of each and the ratio to ours. A run without a filter also
//! writes `results/figures.json` and `results/chart.svg`.

mod chart;
mod contest;
mod json;
mod library;
mod referee;
mod report;
mod rounds;
mod suite;

use std::path::Path;

use contest::{Outcome, Task};
use report::Report;
use rounds::Entrant;

/// In the order of the tables and the chart.
const NAMES: [&str; 6] = ["sqliter", "rusqlite", "diesel", "diesel-async", "sqlx", "sea-orm"];

#[tokio::main]
async fn main() -> Outcome {
    let filter = std::env::args().nth(1).unwrap_or_default();
    let dir = tempfile::tempdir()?;
    let mut report = Report::begin(&NAMES, include_str!("../Cargo.lock"));
    println!("{}", report.setting());

    let mut library = library::field(dir.path()).await?;
    contests(&mut report, "library", &filter, &library::tasks(), &mut library).await?;
    let mut cached = library::cached(dir.path()).await?;
    contests(&mut report, "cache", &filter, &library::cache_tasks(), &mut cached).await?;
    let mut suite = suite::field(dir.path()).await?;
    contests(&mut report, "diesel's suite", &filter, &suite::tasks(), &mut suite).await?;

    report.end();
    if filter.is_empty() {
        let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
        std::fs::create_dir_all(&results)?;
        std::fs::write(results.join("figures.json"), json::write(&report))?;
        std::fs::write(results.join("chart.svg"), chart::write(&report))?;
        println!("\nwritten: benches/results/figures.json, benches/results/chart.svg");
    }
    Ok(())
}

/// The tasks whose names contain the filter.
async fn contests<W: Copy>(
    report: &mut Report,
    group: &'static str,
    filter: &str,
    tasks: &[Task<W>],
    field: &mut [Entrant<W>],
) -> Outcome {
    for task in tasks.iter().filter(|task| task.name.contains(filter)) {
        let figures = rounds::run(task, field).await?;
        report.add(group, figures);
    }
    Ok(())
}
