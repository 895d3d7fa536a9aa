//! Jobs of several statements that only read: all of them see the same state.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use sqliter_core::{Error, ErrorKind};

use super::engine::Engine;
use super::options::Execution;
use super::read::{CancelOnDrop, HARD_BUDGET, joined, own};
use super::scope::Seat;
use super::write::Job;

impl Engine {
    /// Runs a job on a reader, in one snapshot.
    ///
    /// Dropping the future interrupts it.
    pub(crate) async fn read<J: Job>(self: &Arc<Self>, job: J) -> Result<J, Error> {
        tokio::task::coop::consume_budget().await;
        let seat = Seat::Slot(self.reader().await?);
        snapshot(seat, job).await
    }
}

/// Runs a job that only reads, in one snapshot: inline under a budget, or where blocking is allowed.
pub(super) async fn snapshot<J: Job>(seat: Seat, mut job: J) -> Result<J, Error> {
    match snapshot_here(seat, &mut job)? {
        None => Ok(job),
        Some(seat) => Ok(own(snapshot_elsewhere(seat, Box::new(job)).await?)),
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
