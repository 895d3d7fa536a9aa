//! A mixed load: many tasks at once, nine reads to a write, each operation timed by itself.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use super::{Plain, key, row, sum_text};
use crate::contest::{Clock, Latencies, Outcome};

/// Operations of one task in a call.
const OPERATIONS: usize = 200;

/// Of so many operations one writes.
const WRITE_EVERY: usize = 10;

/// Operations of all tasks in a call.
pub(super) const fn operations(tasks: usize) -> usize {
    tasks * OPERATIONS
}

enum Operation {
    Read(i64),
    Write(&'static Plain),
}

/// What one task does. No two tasks write the same row.
fn script(task: usize, calls: usize) -> impl Iterator<Item = Operation> {
    let operations = calls * OPERATIONS;
    (0..operations).map(move |n| match n % WRITE_EVERY {
        0 => Operation::Write(row((task * operations + n) / WRITE_EVERY)),
        _ => Operation::Read(key(n + task * 1_013)),
    })
}

/// What a task found, and how long its operations took.
type Done = (usize, i64, Latencies);

/// A library with a handle that tasks share.
pub(super) trait Shared: Clone + Send + Sync + 'static {
    /// The year of a shelved book.
    fn read(&self, key: i64) -> impl Future<Output = Outcome<i64>> + Send;

    /// A book, a transaction each.
    fn write(&self, row: &'static Plain) -> impl Future<Output = Outcome> + Send;
}

/// So many tasks on the runtime.
pub(super) async fn tasks<D: Shared>(db: &D, clock: &mut Clock, tasks: usize) -> Outcome<Vec<String>> {
    let calls = clock.calls;
    clock.start();
    let running: Vec<_> = (0..tasks)
        .map(|task| {
            let db = db.clone();
            tokio::spawn(async move {
                let (mut sum, mut latencies) = (0, Latencies::default());
                for operation in script(task, calls) {
                    let began = Instant::now();
                    match operation {
                        Operation::Read(key) => {
                            sum += db.read(key).await?;
                            latencies.reads.push(began.elapsed());
                        }
                        Operation::Write(row) => {
                            db.write(row).await?;
                            latencies.writes.push(began.elapsed());
                        }
                    }
                }
                Outcome::Ok((task, sum, latencies))
            })
        })
        .collect();
    let mut done = Vec::new();
    for task in running {
        done.push(task.await??);
    }
    clock.stop();
    Ok(finish(clock, done))
}

/// The same without a runtime: a thread for each reading connection, and a lock around the one that writes.
pub(super) fn threads<C: Send>(
    readers: &mut [C],
    read: impl Fn(&mut C, i64) -> Outcome<i64> + Sync,
    write: impl Fn(&Plain) -> Outcome + Sync,
    clock: &mut Clock,
    tasks: usize,
) -> Outcome<Vec<String>> {
    let (calls, step) = (clock.calls, readers.len());
    let (read, write) = (&read, &write);
    clock.start();
    let done: Vec<Outcome<Vec<Done>>> = std::thread::scope(|scope| {
        let running: Vec<_> = (readers.iter_mut().enumerate())
            .map(|(thread, db)| {
                scope.spawn(move || {
                    let mut done = Vec::new();
                    for task in (thread..tasks).step_by(step) {
                        let (mut sum, mut latencies) = (0, Latencies::default());
                        for operation in script(task, calls) {
                            let began = Instant::now();
                            match operation {
                                Operation::Read(key) => {
                                    sum += read(db, key)?;
                                    latencies.reads.push(began.elapsed());
                                }
                                Operation::Write(row) => {
                                    write(row)?;
                                    latencies.writes.push(began.elapsed());
                                }
                            }
                        }
                        done.push((task, sum, latencies));
                    }
                    Ok(done)
                })
            })
            .collect();
        running.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    clock.stop();
    let done = done.into_iter().collect::<Outcome<Vec<_>>>()?;
    Ok(finish(clock, done.into_iter().flatten().collect()))
}

fn finish(clock: &mut Clock, mut done: Vec<Done>) -> Vec<String> {
    done.sort_by_key(|(task, ..)| *task);
    let mut all = Latencies::default();
    let mut sums = Vec::new();
    for (_, sum, latencies) in done {
        sums.push(sum);
        all.reads.extend(latencies.reads);
        all.writes.extend(latencies.writes);
    }
    clock.latencies(all);
    clock.answer(sums, sum_text)
}

/// A connection that writes, where tasks have to take turns.
pub(super) type Writer<C> = Arc<tokio::sync::Mutex<C>>;
