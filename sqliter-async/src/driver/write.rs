//! The write path: one writer, first come first served.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use sqliter_core::{Error, ErrorKind};

use super::connection::Connection;
use super::engine::{Engine, Slot};
use super::options::Execution;
use super::read::joined;
use super::scope::{Scope, ScopeSeat};

/// How long a write may take on the caller's thread before it is rolled back and repeated elsewhere.
const BUDGET: Duration = Duration::from_millis(1);

/// Rows that a job may write on a runtime's thread.
pub(crate) const FEW: usize = 16;

/// Work for the writer. Each run is one transaction by itself: one statement, or `Connection::atomically`.
pub(crate) trait Job: Any + Send {
    /// Does the work. Called again after a run that had no effect.
    fn run(&mut self, connection: &mut Connection) -> Result<(), Error>;

    /// Whether a run may be small: then it is tried on the caller's thread, where it comes to an end as soon as a statement is
    /// not.
    fn may_be_small(&self) -> bool {
        false
    }
}

/// What an inline run ended with.
enum Inline {
    Done(Result<(), Error>),
    /// Nothing happened: it has to run elsewhere.
    Hop,
}

/// A job that did not run at once.
pub(crate) struct Writing(Left);

enum Left {
    /// The writer was not free.
    Queued(Arc<Engine>),
    /// It has to run where blocking is allowed.
    Ready(Slot),
    /// The same in a transaction: its seat was not free.
    QueuedIn(Arc<Scope>),
    ReadyIn(ScopeSeat),
}

impl Writing {
    /// Runs the job, which comes back with what it found.
    ///
    /// A job that has begun is carried out even when the future is dropped.
    pub(crate) fn finish(self, job: Box<dyn Job>) -> BoxFuture<'static, Result<Box<dyn Job>, Error>> {
        Box::pin(self.0.run(job))
    }

    /// In a transaction, whose seat was not free, or where it has to run where blocking is allowed.
    pub(super) fn in_scope(scope: &Arc<Scope>, seat: Option<ScopeSeat>) -> Self {
        Writing(seat.map_or_else(|| Left::QueuedIn(scope.clone()), Left::ReadyIn))
    }
}

impl Left {
    async fn run(self, mut job: Box<dyn Job>) -> Result<Box<dyn Job>, Error> {
        match self {
            Left::Ready(slot) => write_elsewhere(slot, job).await,
            Left::Queued(engine) => match engine.write_here(engine.writer().await?, &mut *job)? {
                None => Ok(job),
                Some(slot) => write_elsewhere(slot, job).await,
            },
            Left::ReadyIn(seat) => seat.run_elsewhere(job).await,
            Left::QueuedIn(scope) => match scope.run_here(scope.seat().await?, &mut *job)? {
                None => Ok(job),
                Some(seat) => seat.run_elsewhere(job).await,
            },
        }
    }
}

impl Engine {
    /// Runs a job on the writer, if that can be done at once.
    pub(crate) fn write_now(self: &Arc<Self>, job: &mut dyn Job) -> Result<Option<Writing>, Error> {
        match self.try_writer() {
            Some(slot) => Ok(self.write_here(slot, job)?.map(|slot| Writing(Left::Ready(slot)))),
            None => Ok(Some(Writing(Left::Queued(self.clone())))),
        }
    }

    /// Runs a job on the caller's thread; comes back with the writer when it has to run elsewhere.
    fn write_here(self: &Arc<Self>, mut slot: Slot, job: &mut dyn Job) -> Result<Option<Slot>, Error> {
        if job.may_be_small()
            && self.commits_without_waiting(slot.connection())
            && let Inline::Done(done) = run_inline(&mut slot, job)
        {
            self.after_commit(slot);
            return done.map(|()| None);
        }
        if self.options().execution == Execution::Inline {
            let done = job.run(slot.connection());
            self.after_commit(slot);
            return done.map(|()| None).map_err(|e| self.busy(e));
        }
        Ok(Some(slot))
    }

    /// The error of a write that another connection kept waiting.
    fn busy(&self, error: Error) -> Error {
        match error {
            Error::Busy(_) => error,
            e if e.kind() == ErrorKind::Busy => Error::Busy(format!(
                "another connection or process was writing for more than {:?}; retry, or raise `busy_timeout`",
                self.options().busy_timeout
            )),
            e => e,
        }
    }
}

async fn write_elsewhere(mut slot: Slot, mut job: Box<dyn Job>) -> Result<Box<dyn Job>, Error> {
    let engine = slot.engine().clone();
    let task = tokio::task::spawn_blocking(move || {
        let done = job.run(slot.connection());
        engine.after_commit(slot);
        done.map(|()| job).map_err(|e| engine.busy(e))
    });
    joined(task.await)?
}

/// Runs a job as long as its statements are bounded, and few, and their values not large.
pub(super) fn run_small(connection: &mut Connection, job: &mut dyn Job) -> Result<(), Error> {
    connection.only_bounded(true);
    let done = job.run(connection);
    connection.only_bounded(false);
    done
}

fn run_inline(slot: &mut Slot, job: &mut dyn Job) -> Inline {
    let connection = slot.connection();
    connection.enter_inline_write(BUDGET);
    let done = run_small(connection, job);
    let over_budget = connection.over_budget();
    connection.leave_inline();
    match done {
        // A run that was refused or interrupted before its end has had no effect.
        Err(e) if over_budget || e.kind() == ErrorKind::Busy || e.kind() == ErrorKind::Interrupted => Inline::Hop,
        done => Inline::Done(done),
    }
}
