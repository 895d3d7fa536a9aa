//! Rows a batch at a time: who holds which connection while a stream is open, and who may take it away.
//!
//! Outside transactions a stream has a connection of its own, of those that serve nothing but streams: whatever is done for
//! each of its rows finds the readers free. Its batches are read on the caller's thread, in turns with other tasks, while
//! nothing can take long between two rows; else where blocking is allowed, each ahead of its use. Where one connection does
//! everything, or readers keep the writer waiting, whoever needs the place reads the stream to its end into memory first. In a
//! transaction it takes a seat for each batch.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, Instant};

use futures_core::future::BoxFuture;
use sqliter_core::{DatabaseError, Error};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::connection::{Connection, Stop};
use super::engine::{Engine, Slot};
use super::options::Execution;
use super::parked::{Batch, Limit, Parked, Source, StreamSink};
use super::place::Place;
use super::read::{HARD_BUDGET, INLINE_ROWS, SLOW, SOFT_BUDGET, joined};
use super::scope::{Scope, Seat};

/// The largest batch: so many rows, or about so many bytes.
const ROWS: usize = 1024;
const BYTES: usize = 1 << 20;
/// How often whoever waits for a place looks for streams that are in the way.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

const BATCH: Limit = Limit { rows: ROWS, bytes: BYTES, until: None, trial: false };

type BatchFuture = Pin<Box<dyn Future<Output = Result<Batch, Error>> + Send>>;

/// An open stream, as its reader holds it: dropping it ends the stream.
pub(crate) struct Feed(Arc<Stream>);

pub(super) struct Stream {
    id: u64,
    place: Place,
    /// Each row follows the one before at once: batches are read on the caller's thread, where the rows also go.
    here: AtomicBool,
    dropped: Arc<AtomicBool>,
    closed: AtomicBool,
    state: Arc<Mutex<State>>,
}

enum State {
    New(Source, Box<dyn StreamSink>),
    /// On a connection of its own.
    Open(Slot),
    /// On the connection of its transaction.
    Seated,
    /// All that is left is in memory.
    Drained(Batch),
    Over,
}

fn stream(place: Place, source: Source, sink: Box<dyn StreamSink>) -> Feed {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    Feed(Arc::new(Stream {
        id: NEXT.fetch_add(1, Ordering::Relaxed),
        place,
        here: AtomicBool::new(false),
        dropped: Arc::default(),
        closed: AtomicBool::new(false),
        state: Arc::new(Mutex::new(State::New(source, sink))),
    }))
}

impl Engine {
    /// A stream outside transactions. Nothing happens before its first batch is asked for.
    pub(crate) fn stream(self: &Arc<Self>, source: Source, sink: Box<dyn StreamSink>) -> Feed {
        stream(Place::Engine(self.clone()), source, sink)
    }
}

impl Scope {
    /// A stream in the transaction.
    pub(crate) fn stream(self: &Arc<Self>, source: Source, sink: Box<dyn StreamSink>) -> Feed {
        stream(Place::Scope(self.clone()), source, sink)
    }
}

impl Feed {
    /// The next batch. It is under way from now on where that keeps nobody waiting.
    ///
    /// `within` finds the innermost transaction of the task inside another: it has the seat of the outer one.
    pub(crate) fn next(&self, within: fn(&Arc<Scope>) -> Option<Arc<Scope>>) -> BatchFuture {
        if let Place::Engine(engine) = &self.0.place
            && engine.options().execution != Execution::Inline
            && !self.0.here.load(Ordering::Relaxed)
            && let Ok(state) = self.0.state.clone().try_lock_owned()
            && matches!(*state, State::Open(_))
        {
            let stream = self.0.clone();
            let task = tokio::task::spawn_blocking(move || stream.read_on(state));
            return Box::pin(async move { joined(task.await)? });
        }
        let stream = self.0.clone();
        Box::pin(async move {
            // Between two batches it is the turn of other tasks.
            if stream.here.load(Ordering::Relaxed) {
                tokio::task::yield_now().await;
            }
            stream.next(within).await
        })
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// Runs a batch on a connection, without a limit of time.
fn batch(connection: &mut Connection, stream: &Stream) -> Result<Batch, Error> {
    connection.set_cancel(Some(stream.dropped.clone()));
    let out = connection.batch(stream.id, BATCH);
    connection.set_cancel(None);
    out.map_err(unexpected)
}

/// What a batch that is no trial does not end with; but for a transaction that has ended.
fn unexpected(stop: Stop) -> Error {
    stop.into_error(|cause| Error::RecordFetch { table: String::new(), cause: Box::new(cause) })
}

/// Tries the first batch on the caller's thread; `None` when it has to run elsewhere.
fn try_inline(connection: &mut Connection, stream: &Stream) -> Option<Result<Batch, Error>> {
    let now = Instant::now();
    let limit = Limit { rows: INLINE_ROWS, bytes: BYTES, until: Some(now + SOFT_BUDGET), trial: true };
    connection.enter_inline(Some(HARD_BUDGET));
    let out = connection.batch(stream.id, limit);
    connection.leave_inline();
    match out {
        Ok(batch) => Some(Ok(batch)),
        Err(Stop::Caller(Error::TransactionEnded)) => Some(Err(Error::TransactionEnded)),
        // Whatever it is, it comes again where there is time, and is told there.
        Err(_) => None,
    }
}

impl Stream {
    /// The error of a stream that was ended from outside; nothing at its own end.
    fn over(&self) -> Result<Batch, Error> {
        if self.closed.load(Ordering::SeqCst) {
            return Err(Error::Closed);
        }
        Ok(Batch { rows: Box::new(()), end: Some(Ok(())) })
    }

    async fn next(self: Arc<Self>, within: fn(&Arc<Scope>) -> Option<Arc<Scope>>) -> Result<Batch, Error> {
        tokio::task::coop::consume_budget().await;
        let mut state = self.state.clone().lock_owned().await;
        match &self.place {
            Place::Scope(scope) if scope.has_ended() => Err(Error::TransactionEnded),
            Place::Scope(scope) => {
                let inner = within(scope).unwrap_or_else(|| scope.clone());
                self.next_in(&inner, state).await.map_err(|e| scope.explain(e))
            }
            Place::Engine(engine) => match std::mem::replace(&mut *state, State::Over) {
                State::New(source, sink) => self.begin(engine, state, source, sink).await,
                State::Drained(batch) => Ok(batch),
                State::Over | State::Seated => self.over(),
                State::Open(slot) => {
                    *state = State::Open(slot);
                    if self.here.load(Ordering::Relaxed) {
                        return self.read_here(state);
                    }
                    if engine.options().execution == Execution::Inline {
                        return self.read_on(state);
                    }
                    let stream = self.clone();
                    joined(tokio::task::spawn_blocking(move || stream.read_on(state)).await)?
                }
            },
        }
    }

    /// Takes a connection and reads the first batch.
    async fn begin(
        self: &Arc<Self>,
        engine: &Arc<Engine>,
        mut state: OwnedMutexGuard<State>,
        source: Source,
        sink: Box<dyn StreamSink>,
    ) -> Result<Batch, Error> {
        let mut slot = engine.stream_slot().await?;
        slot.connection().park(Parked::new(self.id, source, sink, self.dropped.clone()));
        engine.streams().add(self);
        // `close` may have gone through the others just before.
        if engine.is_closing() {
            self.closed.store(true, Ordering::SeqCst);
            return Err(Error::Closed);
        }
        let execution = engine.options().execution;
        if execution == Execution::Auto
            && let Some(out) = try_inline(slot.connection(), self)
        {
            if out.as_ref().is_ok_and(|batch| batch.end.is_none()) && !self.dropped.load(Ordering::SeqCst) {
                self.here.store(slot.connection().stream_is_dense(self.id), Ordering::Relaxed);
                *state = State::Open(slot);
            }
            return out;
        }
        *state = State::Open(slot);
        if execution == Execution::Inline {
            return self.read_on(state);
        }
        let stream = self.clone();
        joined(tokio::task::spawn_blocking(move || stream.read_on(state)).await)?
    }

    /// Reads a batch on the stream's own connection, which goes back after the last.
    fn read_on(&self, mut state: OwnedMutexGuard<State>) -> Result<Batch, Error> {
        let State::Open(slot) = &mut *state else { return self.over() };
        let out = batch(slot.connection(), self);
        self.settle(state, out)
    }

    /// The same on the caller's thread. Should a batch of few rows take long, the next ones are read elsewhere.
    fn read_here(&self, mut state: OwnedMutexGuard<State>) -> Result<Batch, Error> {
        let State::Open(slot) = &mut *state else { return self.over() };
        let start = Instant::now();
        let limit = Limit { rows: INLINE_ROWS, bytes: BYTES, until: Some(start + SOFT_BUDGET), trial: false };
        slot.connection().enter_inline(None);
        let out = slot.connection().batch(self.id, limit).map_err(unexpected);
        slot.connection().leave_inline();
        if start.elapsed() > SLOW {
            self.here.store(false, Ordering::Relaxed);
        }
        self.settle(state, out)
    }

    /// Lets go of the connection after the last batch.
    fn settle(&self, mut state: OwnedMutexGuard<State>, out: Result<Batch, Error>) -> Result<Batch, Error> {
        if !out.as_ref().is_ok_and(|b| b.end.is_none()) || self.dropped.load(Ordering::SeqCst) {
            *state = State::Over;
        }
        if self.closed.load(Ordering::SeqCst) { Err(Error::Closed) } else { out }
    }

    /// The next batch in a transaction.
    async fn next_in(self: &Arc<Self>, scope: &Arc<Scope>, mut state: OwnedMutexGuard<State>) -> Result<Batch, Error> {
        let mut seat = scope.read_seat().await?;
        let execution = scope.engine().options().execution;
        let mut inline = false;
        if let State::New(..) = &*state
            && let State::New(source, sink) = std::mem::replace(&mut *state, State::Seated)
        {
            seat.connection().park(Parked::new(self.id, source, sink, self.dropped.clone()));
            inline = execution == Execution::Auto;
        }
        if inline && let Some(out) = try_inline(seat.connection(), self) {
            return out;
        }
        if execution == Execution::Inline {
            return batch(seat.connection(), self);
        }
        let stream = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            // The state goes before the seat: whoever drops the stream then finds neither taken.
            let (mut seat, _state): (Seat, _) = (seat, state);
            batch(seat.connection(), &stream)
        });
        joined(task.await)?
    }

    /// Ends the stream: what runs is interrupted, and its connection goes back.
    fn abandon(&self) {
        self.dropped.store(true, Ordering::SeqCst);
        match &self.place {
            Place::Scope(scope) => scope.sweep(),
            Place::Engine(_) => {
                if let Ok(mut state) = self.state.clone().try_lock_owned() {
                    *state = State::Over;
                }
            }
        }
    }

    /// Reads the rest into memory and lets go of the connection. Not while a batch is under way.
    async fn drain(self: Arc<Self>) {
        let Ok(mut state) = self.state.clone().try_lock_owned() else { return };
        let Place::Engine(engine) = &self.place else { return };
        if !matches!(*state, State::Open(_)) {
            return;
        }
        let inline = engine.options().execution == Execution::Inline;
        let stream = self.clone();
        let mut drain = move || {
            // A decoder that panics does so for whoever reads the stream, who is told, not for whoever is in its way.
            let read = catch_unwind(AssertUnwindSafe(|| {
                let State::Open(slot) = &mut *state else { return None };
                let connection = slot.connection();
                connection.set_cancel(Some(stream.dropped.clone()));
                connection.drain_parked();
                connection.set_cancel(None);
                Some(connection.batch(stream.id, BATCH))
            }));
            *state = match read {
                Ok(None) => return,
                Ok(Some(Ok(batch))) => State::Drained(batch),
                Ok(Some(Err(stop))) => State::Drained(Batch { rows: Box::new(()), end: Some(Err(unexpected(stop))) }),
                Err(_) => {
                    let cause = DatabaseError::other("the decoder of its rows panicked".to_owned());
                    State::Drained(Batch { rows: Box::new(()), end: Some(Err(unexpected(Stop::Database(cause)))) })
                }
            };
        };
        if inline {
            drain();
        } else if let Err(e) = joined(tokio::task::spawn_blocking(drain).await) {
            tracing::warn!(target: "sqliter", "a stream could not be read to its end: {e}");
        }
    }
}

/// The open streams of an engine that are not in a transaction.
#[derive(Default)]
pub(super) struct OpenStreams(std::sync::Mutex<Vec<Weak<Stream>>>);

impl OpenStreams {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Weak<Stream>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, stream: &Arc<Stream>) {
        let mut open = self.lock();
        open.retain(|s| s.strong_count() > 0);
        open.push(Arc::downgrade(stream));
    }

    fn all(&self) -> Vec<Arc<Stream>> {
        self.lock().iter().filter_map(Weak::upgrade).collect()
    }

    /// Ends all of them: the database is closed.
    pub(super) fn close(&self) {
        for stream in self.all() {
            stream.closed.store(true, Ordering::SeqCst);
            stream.abandon();
        }
    }
}

impl Engine {
    /// Waits for a place that streams may be in the way of: they are read to their ends meanwhile.
    pub(super) async fn past_streams<T>(&self, wait: impl Future<Output = T>) -> T {
        let mut wait = std::pin::pin!(wait);
        loop {
            for stream in self.streams().all() {
                let drained: BoxFuture<'_, _> = Box::pin(stream.drain());
                drained.await;
            }
            if let Ok(out) = tokio::time::timeout(LOOK_AGAIN, wait.as_mut()).await {
                return out;
            }
        }
    }
}
