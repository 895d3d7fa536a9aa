//! toasty beside rusqlite: `cargo run --release --manifest-path benches/toasty/Cargo.toml -- [filter]`.
//!
//! Works, rounds and referee are those of the binary that measures ours, and so is rusqlite's part: what the two runs share is
//! the ratio to rusqlite.

#[path = "../../src/contest.rs"]
#[expect(dead_code, reason = "a bar that only the other binary has")]
mod contest;
mod library;
#[path = "../../src/referee.rs"]
mod referee;
#[path = "../../src/report.rs"]
mod report;
#[path = "../../src/rounds.rs"]
mod rounds;

use contest::Outcome;
use report::Report;

#[tokio::main]
async fn main() -> Outcome {
    let filter = std::env::args().nth(1).unwrap_or_default();
    let dir = tempfile::tempdir()?;
    let mut report = Report::begin(&["toasty", "rusqlite"], include_str!("../Cargo.lock"));
    println!("{}", report.setting());

    let mut field = library::field(dir.path()).await?;
    for task in library::tasks().iter().filter(|task| task.name.contains(&filter)) {
        let figures = rounds::run(task, &mut field).await?;
        report.add("library", figures);
    }
    report.end();
    Ok(())
}
