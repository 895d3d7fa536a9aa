//! Taking turns: first the answers are compared, then everyone runs, round by round.

use std::time::Instant;

use crate::contest::{Bar, Clock, Contestant, Outcome, Tails, Task};
use crate::referee::Referee;

/// Rounds that count.
const ROUNDS: usize = 15;

/// What a round should last at least, in seconds, unless the task limits the calls.
const ROUND: f64 = 0.02;

/// What all the rounds of a task may last, in seconds; at least `FEWEST` are run.
const BUDGET: f64 = 8.0;

const FEWEST: usize = 5;

/// A contestant and its file.
pub(crate) struct Entrant<W> {
    pub(crate) name: &'static str,
    pub(crate) referee: Referee,
    pub(crate) contestant: Box<dyn Contestant<W>>,
}

impl<W: Copy> Entrant<W> {
    async fn turn(&mut self, task: &Task<W>, mut clock: Clock) -> Outcome<(Clock, Vec<String>)> {
        self.referee.prepare(&task.before)?;
        let answer = self.contestant.run(task.work, &mut clock).await;
        let answer = answer.map_err(|e| format!("{}, {}: {e}", task.name, self.name))?;
        Ok((clock, answer))
    }
}

/// What came out of a task.
pub(crate) struct Figures {
    pub(crate) name: String,
    pub(crate) unit: &'static str,
    pub(crate) bars: Vec<Bar>,
    /// By contestant: the median, in `unit`.
    pub(crate) medians: Vec<(&'static str, f64)>,
    /// By contestant: the median of the slow operations, where they were noted.
    pub(crate) tails: Vec<(&'static str, Tails)>,
}

impl Figures {
    /// The median of one contestant.
    pub(crate) fn of(&self, name: &str) -> Option<f64> {
        self.medians.iter().find(|m| m.0 == name).map(|m| m.1)
    }

    /// The slow operations of one contestant.
    pub(crate) fn tails_of(&self, name: &str) -> Option<Tails> {
        self.tails.iter().find(|t| t.0 == name).map(|t| t.1)
    }

    /// Whether a bar is met, if its contestants took part.
    pub(crate) fn meets(&self, bar: Bar) -> Option<bool> {
        let ours = self.of("sqliter")?;
        Some(match bar {
            Bar::OfRusqlite(times) => ours <= self.of("rusqlite")? * times,
            Bar::FasterThan(name, times) => self.of(name)? >= ours * times,
            Bar::ReadTail(most) => self.tails_of("sqliter")?.read <= most,
            Bar::WriteTail(most) => self.tails_of("sqliter")?.write <= most,
            Bar::AtMost(most) => ours <= most,
        })
    }
}

/// Runs a task.
pub(crate) async fn run<W: Copy>(task: &Task<W>, field: &mut [Entrant<W>]) -> Outcome<Figures> {
    compare(task, field).await?;
    let mut calls = Vec::new();
    for entrant in &mut *field {
        calls.push(calibrate(task, entrant).await?);
    }
    let mut times = vec![Vec::new(); field.len()];
    let mut tails = vec![Vec::new(); field.len()];
    let began = Instant::now();
    for round in 0..ROUNDS {
        if round >= FEWEST && began.elapsed().as_secs_f64() > BUDGET {
            break;
        }
        // Nobody is always the first: whoever follows a slow one may find the machine warmer.
        for turn in 0..field.len() {
            let who = (turn + round) % field.len();
            let (clock, _) = field[who].turn(task, Clock::timing(calls[who])).await?;
            times[who].push(clock.seconds() / calls[who] as f64 * task.scale());
            tails[who].extend(clock.tails());
        }
    }
    let medians = field.iter().zip(times).map(|(entrant, times)| (entrant.name, median(times))).collect();
    let tails = (field.iter().zip(tails)).filter(|(_, tails)| !tails.is_empty());
    let tails = tails.map(|(entrant, tails)| {
        let read = median(tails.iter().map(|t| t.read).collect());
        (entrant.name, Tails { read, write: median(tails.iter().map(|t| t.write).collect()) })
    });
    Ok(Figures { name: task.name.clone(), unit: task.unit, bars: task.bars.clone(), medians, tails: tails.collect() })
}

/// Refuses to time what is not the same.
async fn compare<W: Copy>(task: &Task<W>, field: &mut [Entrant<W>]) -> Outcome {
    let mut expected: Option<(&'static str, Vec<String>)> = None;
    for entrant in field {
        let (_, mut answer) = entrant.turn(task, Clock::checking(task.check_calls)).await?;
        answer.extend(entrant.referee.rows(task.after)?);
        if answer.is_empty() {
            return Err(format!("{}: {} has no answer", task.name, entrant.name).into());
        }
        let (first, expected) = expected.get_or_insert_with(|| (entrant.name, answer.clone()));
        if *expected != answer {
            let at = expected.iter().zip(&answer).position(|(a, b)| a != b).unwrap_or(expected.len().min(answer.len()));
            return Err(format!(
                "{}: {first} and {} differ in line {at} of {} and {}: {:?} and {:?}",
                task.name,
                entrant.name,
                expected.len(),
                answer.len(),
                expected.get(at),
                answer.get(at)
            )
            .into());
        }
    }
    Ok(())
}

/// How many calls make a round long enough to be measured. Warms up, too.
async fn calibrate<W: Copy>(task: &Task<W>, entrant: &mut Entrant<W>) -> Outcome<usize> {
    let mut calls = 1;
    loop {
        let seconds = entrant.turn(task, Clock::timing(calls)).await?.0.seconds();
        if seconds >= ROUND || calls >= task.max_calls {
            return Ok(calls);
        }
        let factor = (ROUND / seconds.max(1e-9) * 1.1).clamp(1.5, 50.0);
        calls = ((calls as f64 * factor).ceil() as usize).min(task.max_calls);
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
