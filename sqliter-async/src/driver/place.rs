//! Where a call runs: on the engine by itself, or in a transaction.

use std::sync::Arc;

use sqliter_core::Error;

use super::engine::Engine;
use super::scope::{Scope, Seat};

pub(super) enum Place {
    Engine(Arc<Engine>),
    Scope(Arc<Scope>),
}

impl Place {
    /// A connection to read with.
    pub(super) async fn read_seat(&self) -> Result<Seat, Error> {
        match self {
            Place::Engine(engine) => engine.reader().await.map(Seat::Slot),
            Place::Scope(scope) => scope.read_seat().await,
        }
    }

    /// What was interrupted because the transaction was ended from outside says so.
    pub(super) fn explain(&self, error: Error) -> Error {
        match self {
            Place::Engine(_) => error,
            Place::Scope(scope) => scope.explain(error),
        }
    }
}
