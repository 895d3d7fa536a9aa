//! Jobs of several statements that only read: all of them see the same state.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures_core::future::BoxFuture;
use sqliter_core::{Error, ErrorKind};

use super::engine::Engine;
use super::options::Execution;
use super::place::Place;
use super::read::{CancelOnDrop, HARD_BUDGET, joined};
use super::scope::{Scope, Seat};
use super::write::Job;

impl Engine {
    /// Runs a job on a reader, in one snapshot, if that can be done at once.
    pub(crate) fn read_now(self: &Arc<Self>, job: &mut dyn Job) -> Result<Option<Reading>, Error> {
        read_now(|| Place::Engine(self.clone()), self.try_reader().map(Seat::Slot), job)
    }
}

impl Scope {
    /// Runs a job that only reads, in the transaction, if that can be done at once.
    pub(crate) fn read_now(self: &Arc<Self>, job: &mut dyn Job) -> Result<Option<Reading>, Error> {
        let seat = self.try_seat()?.map(Seat::Scope);
        read_now(|| Place::Scope(self.clone()), seat, job).map_err(|e| self.explain(e))
    }
}

fn read_now(place: impl FnOnce() -> Place, seat: Option<Seat>, job: &mut dyn Job) -> Result<Option<Reading>, Error> {
    let seat = match seat {
        None => None,
        Some(seat) => match snapshot_here(seat, job)? {
            None => return Ok(None),
            seat => seat,
        },
    };
    Ok(Some(Reading { place: place(), seat }))
}

/// A job that only reads and did not run at once; its connection, if it has one.
pub(crate) struct Reading {
    place: Place,
    seat: Option<Seat>,
}

impl Reading {
    /// Runs the job, which comes back with what it found.
    ///
    /// Dropping the future interrupts it, and nothing else.
    pub(crate) fn finish(self, job: Box<dyn Job>) -> BoxFuture<'static, Result<Box<dyn Job>, Error>> {
        let Reading { place, seat } = self;
        Box::pin(async move {
            let done = match seat {
                None => snapshot(place.read_seat().await?, job).await,
                Some(seat) => snapshot_elsewhere(seat, job).await,
            };
            done.map_err(|e| place.explain(e))
        })
    }
}

/// Runs a job that only reads, in one snapshot: inline under a budget, or where blocking is allowed.
async fn snapshot(seat: Seat, mut job: Box<dyn Job>) -> Result<Box<dyn Job>, Error> {
    match snapshot_here(seat, &mut *job)? {
        None => Ok(job),
        Some(seat) => snapshot_elsewhere(seat, job).await,
    }
}

/// Runs it on the caller's thread; comes back with the seat when it has to run elsewhere.
fn snapshot_here(mut seat: Seat, job: &mut dyn Job) -> Result<Option<Seat>, Error> {
    match seat.engine().options().execution {
        Execution::Inline => seat.connection().snapshot(|c| job.run(c)).map(|()| None),
        Execution::Blocking => Ok(Some(seat)),
        Execution::Auto => {
            seat.connection().enter_inline(Some(HARD_BUDGET));
            let done = seat.connection().snapshot(|c| job.run(c));
            let over_budget = seat.connection().over_budget();
            seat.connection().leave_inline();
            match done {
                // What only reads has no effect: it can always start again.
                Err(e) if over_budget || matches!(e.kind(), ErrorKind::Busy | ErrorKind::Interrupted) => Ok(Some(seat)),
                done => done.map(|()| None),
            }
        }
    }
}

async fn snapshot_elsewhere(mut seat: Seat, mut job: Box<dyn Job>) -> Result<Box<dyn Job>, Error> {
    let cancel = CancelOnDrop(Arc::new(AtomicBool::new(false)));
    let flag = cancel.0.clone();
    let task = tokio::task::spawn_blocking(move || {
        seat.connection().set_cancel(Some(flag));
        let done = seat.connection().snapshot(|c| job.run(c));
        seat.connection().set_cancel(None);
        done.map(|()| job)
    });
    joined(task.await)?
}
