//! Streams between two batches: their statements stay with the connection, which outlives none of them.
//!
//! A connection may serve other calls meanwhile, as in a transaction. Before something is written there the rest of every
//! stream is read into memory: a stream that saw what is written while it runs might never end.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use sqliter_core::{DatabaseError, Error};

use super::bounded::Pace;
use super::connection::{Connection, Started, Stop};
use super::raw::Raw;
use super::read::{Query, ReadJob};
use super::statement::RowRef;

/// Where the rows of a stream are gathered, a batch at a time.
pub(crate) trait StreamSink: Any + Send {
    /// Takes a row.
    fn row(&mut self, row: &RowRef<'_>) -> Result<(), Error>;
    /// Whether `complete` reads, too: all of it is to be of one moment.
    fn reads_more(&self) -> bool {
        false
    }
    /// The batch is complete: loads what belongs to its rows.
    fn complete(&mut self, connection: &mut Connection) -> Result<(), Error>;
    /// Hands over the batch, a `Vec`.
    fn take(&mut self) -> Box<dyn Any + Send>;
}

/// What a stream runs.
pub(crate) enum Source {
    Job(ReadJob),
    Raw(Raw),
}

/// The rows of a stream that were read together.
pub(crate) struct Batch {
    /// A `Vec` of them.
    pub(crate) rows: Box<dyn Any + Send>,
    /// What comes after them: more, unless this says otherwise.
    pub(crate) end: Option<Result<(), Error>>,
}

/// How large a batch becomes.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    pub(super) rows: usize,
    pub(super) bytes: usize,
    pub(super) until: Option<Instant>,
    /// The first batch on a runtime's thread: what stops it is no failure, it starts again elsewhere.
    pub(super) trial: bool,
}

/// Rows between two looks at the clock, and at most between two looks at the size.
const LOOK_EVERY: usize = 16;

/// A stream.
pub(super) struct Parked {
    id: u64,
    state: State,
    sink: Box<dyn StreamSink>,
    /// Nobody waits for its rows any more.
    dropped: Arc<AtomicBool>,
    /// A transaction was begun for it: the statement alone lets go of its snapshot with its last row.
    snapshot: bool,
}

enum State {
    New(Source),
    // The job is for errors.
    Running(Started, ReadJob),
    /// Every row is in the sink.
    Over(Result<(), Error>),
}

impl Parked {
    pub(super) fn new(id: u64, source: Source, sink: Box<dyn StreamSink>, dropped: Arc<AtomicBool>) -> Self {
        Parked { id, state: State::New(source), sink, dropped, snapshot: false }
    }

    /// Starts the statement, if it is not started; says what it is.
    fn start(&mut self, connection: &mut Connection) -> Result<(), Stop> {
        let State::New(source) = &self.state else { return Ok(()) };
        let job = match source {
            Source::Job(job) => job.clone(),
            Source::Raw(raw) => {
                let inspected = connection.inspect(raw).map_err(|e| Stop::Caller(e.into_error(|c| raw.error(c))))?;
                if inspected.writes {
                    return Err(Stop::Caller(raw.refuse("a stream only reads: use `query`, or `execute`")));
                }
                // Its text and action are all that an error needs.
                let text = Raw::new(&raw.sql, ().into(), raw.local_time);
                ReadJob { query: Query::Raw(inspected.bound, Arc::new(text)), table: "" }
            }
        };
        if self.sink.reads_more() && !connection.in_transaction() {
            connection.control("BEGIN")?;
            self.snapshot = true;
        }
        let started = connection.start(job.sql(), job.query.clone())?;
        self.state = State::Running(started, job);
        Ok(())
    }

    /// Reads rows; says whether there may be more.
    fn rows(&mut self, connection: &mut Connection, limit: Limit) -> Result<bool, Stop> {
        self.start(connection)?;
        let State::Running(started, _) = &mut self.state else { return Ok(false) };
        let (mut count, mut bytes, mut next_look) = (0, 0, 1);
        let mut looked = 0;
        while let Some(row) = connection.step(started)? {
            count += 1;
            if count >= next_look {
                let size = row.size();
                // The rows since the last look are taken to be like this one.
                bytes += size * (count - looked);
                looked = count;
                next_look = count + ((64 << 10) / size.max(1)).clamp(1, LOOK_EVERY);
            }
            self.sink.row(&row).map_err(Stop::Caller)?;
            let late = count % LOOK_EVERY == 0 && limit.until.is_some_and(|until| Instant::now() >= until);
            if count >= limit.rows || bytes >= limit.bytes || late {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads a batch into the sink. A trial that is stopped leaves everything as it was.
    fn read(&mut self, connection: &mut Connection, limit: Limit) -> Result<(), Stop> {
        let (more, failed) = match self.rows(connection, limit) {
            Ok(more) => (more, None),
            Err(stop) => (false, Some(stop)),
        };
        // Rows before the one that cannot be read are as good as any.
        let completed = match &failed {
            Some(_) if limit.trial => Ok(()),
            _ => self.sink.complete(connection),
        };
        // Not before: a trial that is stopped while it loads what belongs to the last rows has to find them again.
        if !more && failed.is_none() && completed.is_ok() {
            self.end(connection, Ok(()));
        }
        match (failed, completed) {
            (None, Ok(())) => Ok(()),
            (Some(stop), _) if limit.trial => Err(stop),
            (None, Err(e)) if limit.trial => Err(Stop::Caller(e)),
            (Some(stop), _) => {
                let error = match &self.state {
                    State::Running(_, job) | State::New(Source::Job(job)) => stop.into_error(|cause| job.error(cause)),
                    State::New(Source::Raw(raw)) => stop.into_error(|cause| raw.error(cause)),
                    State::Over(_) => stop.into_error(|cause: DatabaseError| Error::RecordFetch {
                        table: String::new(),
                        cause: Box::new(cause),
                    }),
                };
                self.end(connection, Err(error));
                Ok(())
            }
            (None, Err(e)) => {
                // Nothing is known of what belongs to these rows: they are not handed over half done.
                drop(self.sink.take());
                self.end(connection, Err(e));
                Ok(())
            }
        }
    }

    fn end(&mut self, connection: &mut Connection, out: Result<(), Error>) {
        self.halt(connection);
        self.state = State::Over(out);
    }

    /// Takes the statement off the connection: it may start again.
    fn halt(&mut self, connection: &mut Connection) {
        self.state = match std::mem::replace(&mut self.state, State::Over(Ok(()))) {
            State::Running(started, job) => {
                connection.finish(started);
                State::New(Source::Job(job))
            }
            state => state,
        };
        if std::mem::take(&mut self.snapshot) {
            connection.end_snapshot();
        }
    }

    /// What is in the sink, as a batch.
    pub(super) fn take(&mut self) -> Batch {
        let end = match &mut self.state {
            State::Over(out) => Some(std::mem::replace(out, Ok(()))),
            _ => None,
        };
        Batch { rows: self.sink.take(), end }
    }
}

impl Connection {
    fn end_snapshot(&mut self) {
        // SQLite may have ended the transaction by itself; what cannot be ended here, ends with the slot.
        if self.in_transaction() {
            let _ = self.control("COMMIT");
        }
    }

    /// Takes in a stream that has not begun.
    pub(super) fn park(&mut self, stream: Parked) {
        self.parked.push(stream);
    }

    /// Takes a stream out. Its statement must not outlive the connection.
    fn unpark(&mut self, id: u64) -> Option<Parked> {
        let at = self.parked.iter().position(|p| p.id == id)?;
        Some(self.parked.swap_remove(at))
    }

    /// The next batch of a stream. After the last it is gone from here.
    pub(super) fn batch(&mut self, id: u64, limit: Limit) -> Result<Batch, Stop> {
        let Some(mut stream) = self.unpark(id) else { return Err(Stop::Caller(Error::TransactionEnded)) };
        if !matches!(stream.state, State::Over(_))
            && let Err(stop) = stream.read(self, limit)
        {
            // It starts again: a query has no effect.
            drop(stream.sink.take());
            stream.halt(self);
            self.park(stream);
            return Err(stop);
        }
        let batch = stream.take();
        if batch.end.is_none() {
            self.park(stream);
        }
        Ok(batch)
    }

    /// Whether a running stream comes from row to row without looking at others in between.
    pub(super) fn stream_is_dense(&mut self, id: u64) -> bool {
        let Some(mut stream) = self.unpark(id) else { return false };
        let dense = match &mut stream.state {
            State::Running(started, job) if !stream.sink.reads_more() => {
                self.pace(started, job.sql().as_str()) == Pace::Dense
            }
            _ => false,
        };
        self.park(stream);
        dense
    }

    /// Whether a stream would have to be read to its end before a write.
    pub(super) fn has_running_streams(&self) -> bool {
        self.parked.iter().any(|p| matches!(p.state, State::Running(..)))
    }

    /// Reads every stream to its end.
    pub(super) fn drain_parked(&mut self) {
        self.sweep_parked();
        let all = Limit { rows: usize::MAX, bytes: usize::MAX, until: None, trial: false };
        let ids: Vec<u64> = self.parked.iter().map(|p| p.id).collect();
        for id in ids {
            let Some(mut stream) = self.unpark(id) else { continue };
            if matches!(stream.state, State::Running(..)) {
                // Not a trial: what goes wrong is kept for whoever reads the stream.
                let _ = stream.read(self, all);
            }
            self.park(stream);
        }
    }

    /// Ends the streams that nobody reads any more.
    pub(super) fn sweep_parked(&mut self) {
        let dropped = |p: &Parked| p.dropped.load(Ordering::SeqCst);
        while let Some(at) = self.parked.iter().position(dropped) {
            let mut stream = self.parked.swap_remove(at);
            stream.end(self, Ok(()));
        }
    }

    /// Ends every stream.
    pub(super) fn close_parked(&mut self) {
        while let Some(mut stream) = self.parked.pop() {
            stream.end(self, Ok(()));
        }
    }
}
