//! Taking turns, and the table of medians.

use std::collections::BTreeMap;
use std::time::Instant;

type Outcome = Result<(), Box<dyn std::error::Error>>;

struct Work {
    name: String,
    unit: &'static str,
    scale: f64,
    /// Seconds per call, by contestant, one entry a round.
    times: BTreeMap<&'static str, Vec<f64>>,
}

pub(crate) struct Table {
    filter: String,
    works: Vec<Work>,
}

pub(crate) struct Bench<'t> {
    work: &'t mut Work,
    rounds: usize,
    calls: usize,
}

impl Table {
    pub(crate) fn new(filter: &str) -> Self {
        Table { filter: filter.to_owned(), works: Vec::new() }
    }

    /// Starts a work: so many rounds of so many calls each. `scale` turns seconds into `unit`.
    pub(crate) fn bench(
        &mut self,
        name: &str,
        unit: &'static str,
        scale: f64,
        rounds: usize,
        calls: usize,
    ) -> Bench<'_> {
        let wanted = name.contains(&self.filter);
        self.works.push(Work { name: name.to_owned(), unit, scale, times: BTreeMap::new() });
        let work = self.works.last_mut().expect("just pushed");
        // One round more, which warms up and does not count.
        Bench { work, rounds: if wanted { rounds + 1 } else { 0 }, calls }
    }

    pub(crate) fn print(&self) {
        println!("\n{:<34} {:>12} {:>12} {:>8}", "work", "rusqlite", "sqliter", "ratio");
        for work in &self.works {
            let median = |who| {
                let mut times: Vec<f64> = work.times.get(who)?.iter().skip(1).copied().collect();
                times.sort_by(f64::total_cmp);
                Some(times[times.len() / 2] * work.scale)
            };
            if let (Some(hand), Some(ours)) = (median("rusqlite"), median("sqliter")) {
                println!(
                    "{:<34} {:>12} {:>12} {:>7.2}x",
                    work.name,
                    format!("{hand:.2} {}", work.unit),
                    format!("{ours:.2} {}", work.unit),
                    ours / hand
                );
            }
        }
    }
}

impl Bench<'_> {
    pub(crate) fn more(&mut self) -> bool {
        if self.rounds == 0 {
            return false;
        }
        self.rounds -= 1;
        true
    }

    fn note(&mut self, who: &'static str, start: Instant) {
        let seconds = start.elapsed().as_secs_f64() / self.calls as f64;
        self.work.times.entry(who).or_default().push(seconds);
    }

    pub(crate) fn time(&mut self, who: &'static str, run: impl FnOnce(usize) -> Outcome) -> Outcome {
        let start = Instant::now();
        run(self.calls)?;
        self.note(who, start);
        Ok(())
    }

    pub(crate) async fn time_async(&mut self, who: &'static str, run: impl AsyncFnOnce(usize) -> Outcome) -> Outcome {
        let start = Instant::now();
        run(self.calls).await?;
        self.note(who, start);
        Ok(())
    }
}
