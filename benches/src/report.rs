//! What is printed: a table for each work as soon as it is done, and all of them as one at the end.

use std::time::Instant;

use crate::contest::Bar;
use crate::rounds::Figures;

/// Everything that was measured.
pub(crate) struct Report {
    began: Instant,
    pub(crate) sqlite: &'static str,
    pub(crate) cores: usize,
    /// Name and version of each contestant.
    pub(crate) versions: Vec<(&'static str, &'static str)>,
    /// By group.
    pub(crate) works: Vec<(&'static str, Figures)>,
}

impl Report {
    /// Of these, in the order of the tables: the first is whom the run is about. The lock file knows what was linked.
    pub(crate) fn begin(names: &'static [&'static str], lock: &'static str) -> Self {
        let package = |name: &str| if name == "sqliter" { "sqliter-async".to_owned() } else { name.to_owned() };
        Report {
            began: Instant::now(),
            sqlite: rusqlite::version(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            versions: names.iter().map(|name| (*name, version(lock, &package(name)))).collect(),
            works: Vec::new(),
        }
    }

    /// What was linked, and on what it ran.
    pub(crate) fn setting(&self) -> String {
        let versions: Vec<String> = self.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
        format!("SQLite {}, {} cores; {}", self.sqlite, self.cores, versions.join(", "))
    }

    /// Takes a work's figures and prints them.
    pub(crate) fn add(&mut self, group: &'static str, figures: Figures) {
        println!("\n{} ({group})", figures.name);
        for (name, median) in &figures.medians {
            print!("  {name:<14}{:>12} {:<7}", number(*median), figures.unit);
            for other in ["rusqlite", "sqliter"] {
                if let Some(base) = figures.of(other) {
                    print!("{:>10} of {other}", format!("{:.2}x", median / base));
                }
            }
            if let Some(tails) = figures.tails_of(name) {
                print!("    p99: read {} ms, write {} ms", number(tails.read), number(tails.write));
            }
            println!();
        }
        for bar in &figures.bars {
            if let Some(met) = figures.meets(*bar) {
                println!("  bar: {}: {}", describe(*bar), if met { "met" } else { "missed" });
            }
        }
        self.works.push((group, figures));
    }

    /// All works as one table, in Markdown, with what became of the bars.
    pub(crate) fn end(&self) {
        let names: Vec<_> = self.versions.iter().map(|(name, _)| *name).collect();
        println!("\n| work | {} | {} / rusqlite | bars |", names.join(" | "), names[0]);
        println!("|---|{}---|---|", "---|".repeat(names.len()));
        for (_, figures) in &self.works {
            print!("| {} ", figures.name);
            for name in &names {
                let cell = figures.of(name).map_or_else(String::new, |median| {
                    let times = if *name == names[0] { String::new() } else { times(figures, name, names[0]) };
                    format!("{} {}{times}", number(median), figures.unit)
                });
                print!("| {cell} ");
            }
            let ratio = (figures.of(names[0]).zip(figures.of("rusqlite")))
                .map_or_else(String::new, |(first, rusqlite)| format!("{:.2}x", first / rusqlite));
            let bars = figures.bars.iter().filter_map(|bar| Some((describe(*bar), figures.meets(*bar)?)));
            let bars: Vec<_> = bars.map(|(bar, met)| if met { bar } else { format!("**missed: {bar}**") }).collect();
            println!("| {ratio} | {} |", bars.join("; "));
        }
        println!("\n{} works in {:.0} s", self.works.len(), self.began.elapsed().as_secs_f64());
    }
}

/// A bar in words.
pub(crate) fn describe(bar: Bar) -> String {
    match bar {
        Bar::OfRusqlite(times) => format!("at most {times:.1}x rusqlite"),
        Bar::FasterThan(name, times) => format!("{times}x faster than {name}"),
        Bar::ReadTail(most) => format!("p99 of reads at most {most} ms"),
        Bar::WriteTail(most) => format!("p99 of writes at most {most} ms"),
        Bar::AtMost(most) => format!("at most {most} µs"),
    }
}

/// How many times as long as the first.
fn times(figures: &Figures, name: &str, first: &str) -> String {
    match (figures.of(name), figures.of(first)) {
        (Some(theirs), Some(first)) => format!(" ({:.1}x)", theirs / first),
        _ => String::new(),
    }
}

/// Three digits that mean something.
fn number(n: f64) -> String {
    match n {
        n if n < 10.0 => format!("{n:.2}"),
        n if n < 100.0 => format!("{n:.1}"),
        n => format!("{n:.0}"),
    }
}

/// The version of a package in a lock file.
fn version(lock: &'static str, package: &str) -> &'static str {
    let start = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != start).skip(1);
    lines.next().and_then(|line| line.split('"').nth(1)).unwrap_or("?")
}
