//! What a contest is: works, contestants, and the clock that they are given.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

/// Any error ends the run.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// What a contestant's work becomes: its rows as text, for comparison with the others'.
pub(crate) type Answer<'a> = Pin<Box<dyn Future<Output = Outcome<Vec<String>>> + 'a>>;

/// One library, and how its documentation says to do each work.
pub(crate) trait Contestant<W> {
    /// Does a work `clock.calls` times between `clock.start()` and `clock.stop()`, and returns what it found last.
    fn run<'a>(&'a mut self, work: W, clock: &'a mut Clock) -> Answer<'a>;
}

/// Measures one round of one contestant.
pub(crate) struct Clock {
    tails: Option<Tails>,
    /// How often the work is to be done.
    pub(crate) calls: usize,
    checking: bool,
    started: Option<Instant>,
    elapsed: Duration,
}

impl Clock {
    /// A round that is timed.
    pub(crate) fn timing(calls: usize) -> Self {
        Clock { calls, tails: None, checking: false, started: None, elapsed: Duration::ZERO }
    }

    /// A round whose answer is compared.
    pub(crate) fn checking(calls: usize) -> Self {
        Clock { checking: true, ..Clock::timing(calls) }
    }

    pub(crate) fn start(&mut self) {
        self.started = Some(Instant::now());
    }

    pub(crate) fn stop(&mut self) {
        if let Some(started) = self.started.take() {
            self.elapsed += started.elapsed();
        }
    }

    /// Takes how long the single operations of a round took.
    pub(crate) fn latencies(&mut self, latencies: Latencies) {
        self.tails = Some(Tails { read: p99(latencies.reads), write: p99(latencies.writes) });
    }

    /// The slow operations of the round, where the contestant noted them.
    pub(crate) fn tails(&self) -> Option<Tails> {
        self.tails
    }

    /// Seconds.
    pub(crate) fn seconds(&self) -> f64 {
        self.elapsed.as_secs_f64()
    }

    /// The answer: written out only in a round that is compared.
    pub(crate) fn answer<R>(&self, rows: impl IntoIterator<Item = R>, text: impl Fn(R) -> String) -> Vec<String> {
        if self.checking { rows.into_iter().map(text).collect() } else { Vec::new() }
    }
}

/// How long single operations took.
#[derive(Default)]
pub(crate) struct Latencies {
    pub(crate) reads: Vec<Duration>,
    pub(crate) writes: Vec<Duration>,
}

/// What one in a hundred operations exceeds, in milliseconds.
#[derive(Clone, Copy)]
pub(crate) struct Tails {
    pub(crate) read: f64,
    pub(crate) write: f64,
}

fn p99(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    let at = (times.len() * 99 / 100).min(times.len().saturating_sub(1));
    times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

/// What our time should be beside another's: the bars of the project.
#[derive(Clone, Copy)]
pub(crate) enum Bar {
    /// At most so many times that of rusqlite.
    OfRusqlite(f64),
    /// So many times faster than another, at least.
    FasterThan(&'static str, f64),
    /// 99 of 100 reads within so many milliseconds.
    ReadTail(f64),
    /// 99 of 100 writes within so many milliseconds.
    WriteTail(f64),
    /// At most so many units, whatever others need.
    AtMost(f64),
}

/// A work with its name and its measure.
pub(crate) struct Task<W> {
    pub(crate) name: String,
    pub(crate) work: W,
    /// Microseconds or nanoseconds, per what.
    pub(crate) unit: &'static str,
    /// How many of these one call does.
    pub(crate) per_call: usize,
    /// Calls of the round that is compared.
    pub(crate) check_calls: usize,
    /// Calls of a timed round, at most; fewer when they take long.
    pub(crate) max_calls: usize,
    /// SQL before each round, by the referee.
    pub(crate) before: String,
    /// A query whose rows belong to the answer, by the referee.
    pub(crate) after: &'static str,
    /// What is asked of our figure.
    pub(crate) bars: Vec<Bar>,
}

impl<W> Task<W> {
    /// A work that only reads, measured in microseconds a call.
    pub(crate) fn new(name: impl Into<String>, work: W) -> Self {
        Task {
            name: name.into(),
            work,
            unit: "µs",
            per_call: 1,
            check_calls: 20,
            max_calls: 20_000,
            before: String::new(),
            after: "",
            bars: Vec::new(),
        }
    }

    /// Counted by rows, in nanoseconds.
    pub(crate) fn rows(self, per_call: usize) -> Self {
        Task { unit: "ns/row", per_call, check_calls: 1, ..self }
    }

    /// One call does so many.
    pub(crate) fn per_call(self, per_call: usize) -> Self {
        Task { per_call, ..self }
    }

    /// So many calls a round at most.
    pub(crate) fn at_most(self, max_calls: usize) -> Self {
        Task { max_calls, check_calls: self.check_calls.min(max_calls), ..self }
    }

    /// With this SQL run before each round.
    pub(crate) fn before(self, sql: impl Into<String>) -> Self {
        Task { before: sql.into(), ..self }
    }

    /// With the rows of this query compared too.
    pub(crate) fn after(self, sql: &'static str) -> Self {
        Task { after: sql, ..self }
    }

    /// With bars.
    pub(crate) fn bars(self, bars: impl Into<Vec<Bar>>) -> Self {
        Task { bars: bars.into(), ..self }
    }

    /// What turns seconds a call into `unit`.
    pub(crate) fn scale(&self) -> f64 {
        let second = if self.unit.starts_with("ns") { 1e9 } else { 1e6 };
        second / self.per_call as f64
    }
}
