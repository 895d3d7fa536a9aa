//! Transactions: a scope holds the connection, and every call in it takes a seat on it, one after the other.
//!
//! A nested scope (a savepoint) holds the seat of its parent until it ends, so that savepoints never interleave. A scope ends
//! once: by commit, by rollback, or by being abandoned, which rolls back as soon as whoever is on the seat is done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use sqliter_core::{DatabaseError, Error, ErrorKind};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::connection::{Connection, Stop};
use super::engine::{Engine, Slot};
use super::options::Execution;
use super::read::joined;
use super::write::{Job, Writing, run_small};

/// An open transaction or savepoint.
pub(crate) struct Scope {
    held: Arc<Mutex<Held>>,
    ended: AtomicBool,
    abandoned: AtomicBool,
    aborted: AtomicBool,
    /// The commit found the database busy.
    busy: AtomicBool,
    /// Set when the whole transaction is abandoned: only then may a write be interrupted.
    interrupt: Arc<AtomicBool>,
    read_only: bool,
    depth: u32,
    children: std::sync::Mutex<Vec<Weak<Scope>>>,
    parent: Option<Arc<Scope>>,
    engine: Arc<Engine>,
}

/// Where the connection of a scope is.
enum Held {
    /// Here: the scope is a transaction.
    Slot(Slot),
    /// With the parent, whose seat is taken for as long.
    Parent(OwnedMutexGuard<Held>),
    /// The scope has ended.
    Ended,
}

impl Held {
    fn connection(&mut self) -> Option<&mut Connection> {
        match self {
            Held::Slot(slot) => Some(slot.connection()),
            Held::Parent(parent) => parent.connection(),
            Held::Ended => None,
        }
    }
}

/// The right to use a connection: a slot of the engine, or the seat of a scope.
pub(super) enum Seat {
    Slot(Slot),
    Scope(ScopeSeat),
}

impl Seat {
    pub(super) fn connection(&mut self) -> &mut Connection {
        match self {
            Seat::Slot(slot) => slot.connection(),
            Seat::Scope(seat) => seat.connection(),
        }
    }

    pub(super) fn engine(&self) -> &Arc<Engine> {
        match self {
            Seat::Slot(slot) => slot.engine(),
            Seat::Scope(seat) => &seat.scope.engine,
        }
    }
}

/// The seat of a scope that had not ended when it was taken.
pub(super) struct ScopeSeat {
    guard: Option<OwnedMutexGuard<Held>>,
    scope: Arc<Scope>,
}

impl ScopeSeat {
    #[allow(clippy::expect_used, reason = "an invariant of `Scope::seat`")]
    fn connection(&mut self) -> &mut Connection {
        let held = self.guard.as_deref_mut().and_then(Held::connection);
        held.expect("a seat is given only while the scope holds its connection")
    }

    /// Takes the connection out: the scope has ended.
    fn end(&mut self) -> Held {
        self.scope.ended.store(true, Ordering::SeqCst);
        self.guard.as_deref_mut().map_or(Held::Ended, |held| std::mem::replace(held, Held::Ended))
    }
}

impl ScopeSeat {
    /// Runs a job in the transaction where blocking is allowed.
    pub(super) async fn run_elsewhere(mut self, mut job: Box<dyn Job>) -> Result<Box<dyn Job>, Error> {
        let scope = self.scope.clone();
        let flag = scope.interrupt.clone();
        let task = tokio::task::spawn_blocking(move || {
            self.connection().set_cancel(Some(flag));
            self.connection().drain_parked();
            let done = job.run(self.connection());
            self.connection().set_cancel(None);
            drop(self);
            done.map(|()| job)
        });
        joined(task.await).flatten().map_err(|e| scope.explain(e))
    }

    async fn commit_elsewhere(mut self) -> Result<(), Error> {
        let task = tokio::task::spawn_blocking(move || {
            let done = self.connection().plain("COMMIT");
            self.committed(done)
        });
        joined(task.await)?
    }

    /// Ends a transaction after its COMMIT: hands the connection on, or, when that failed, back, which rolls back.
    fn committed(mut self, done: Result<(), Stop>) -> Result<(), Error> {
        match (done, self.end()) {
            (Ok(()), Held::Slot(slot)) => {
                let engine = self.scope.engine.clone();
                engine.after_commit(slot);
                Ok(())
            }
            (Ok(()), _) => Ok(()),
            (Err(stop), held) => {
                drop(held);
                let error = control_error("COMMIT", stop);
                self.scope.busy.store(error.kind() == ErrorKind::Busy, Ordering::SeqCst);
                Err(error)
            }
        }
    }
}

impl Drop for ScopeSeat {
    fn drop(&mut self) {
        if let Some(connection) = self.guard.as_deref_mut().and_then(Held::connection) {
            connection.calm();
            // After a failed statement SQLite may have ended the whole transaction.
            if !connection.in_transaction() {
                self.scope.mark_aborted();
            }
        }
        drop(self.guard.take());
        // Whoever abandoned the scope meanwhile found the seat taken.
        self.scope.reap_if_ended();
    }
}

/// Someone in the queue for the seat: the seat may be handed over just when the wait is given up.
struct Waiting<'s>(&'s Arc<Scope>);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.reap_if_ended();
    }
}

const SAVEPOINT: &str = "sqliter_scope";

impl Scope {
    /// The transaction that was just begun on this connection.
    pub(super) fn new(slot: Slot) -> Arc<Self> {
        let (engine, read_only) = (slot.engine().clone(), slot.is_query_only());
        let scope = Scope::with(Held::Slot(slot), engine, None, read_only, Arc::default());
        scope.engine.register(&scope);
        scope
    }

    fn with(
        held: Held,
        engine: Arc<Engine>,
        parent: Option<Arc<Scope>>,
        read_only: bool,
        interrupt: Arc<AtomicBool>,
    ) -> Arc<Self> {
        Arc::new(Scope {
            held: Arc::new(Mutex::new(held)),
            ended: AtomicBool::new(false),
            abandoned: AtomicBool::new(false),
            aborted: AtomicBool::new(false),
            busy: AtomicBool::new(false),
            interrupt,
            read_only,
            depth: parent.as_ref().map_or(0, |p| p.depth + 1),
            children: std::sync::Mutex::default(),
            parent,
            engine,
        })
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Whether this transaction, or one around it, has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst) || self.parent.as_ref().is_some_and(|p| p.has_ended())
    }

    /// Whether the scope was ended from outside, and what was done in it is gone.
    pub(crate) fn was_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::SeqCst)
    }

    /// Whether the whole transaction failed for a reason that may be gone: the database ended it by itself, or was busy.
    pub(crate) fn may_be_repeated(&self) -> bool {
        self.depth == 0 && (self.aborted.load(Ordering::SeqCst) || self.busy.load(Ordering::SeqCst))
    }

    /// Whether `other` is this scope or one around it.
    pub(crate) fn is_within(self: &Arc<Self>, other: &Arc<Scope>) -> bool {
        self.chain().any(|scope| Arc::ptr_eq(scope, other))
    }

    /// This scope and those around it, innermost first.
    pub(crate) fn chain(self: &Arc<Self>) -> impl Iterator<Item = &Arc<Scope>> {
        std::iter::successors(Some(self), |scope| scope.parent.as_ref())
    }

    fn mark_aborted(&self) {
        self.aborted.store(true, Ordering::SeqCst);
        if !self.read_only {
            self.engine.external.not_alone();
        }
        if let Some(parent) = &self.parent {
            parent.mark_aborted();
        }
    }

    /// The seat, if it is free at once.
    pub(super) fn try_seat(self: &Arc<Self>) -> Result<Option<ScopeSeat>, Error> {
        let _waiting = Waiting(self);
        self.held.clone().try_lock_owned().ok().map(|guard| self.seated(guard)).transpose()
    }

    /// The seat, once those before are done.
    pub(super) async fn seat(self: &Arc<Self>) -> Result<ScopeSeat, Error> {
        match self.try_seat()? {
            Some(seat) => Ok(seat),
            None => Box::pin(self.queue()).await,
        }
    }

    async fn queue(self: &Arc<Self>) -> Result<ScopeSeat, Error> {
        let timeout = self.engine.options().busy_timeout;
        let _waiting = Waiting(self);
        match tokio::time::timeout(timeout, self.held.clone().lock_owned()).await {
            Ok(guard) => self.seated(guard),
            Err(_) => Err(seat_taken(timeout)),
        }
    }

    fn seated(self: &Arc<Self>, guard: OwnedMutexGuard<Held>) -> Result<ScopeSeat, Error> {
        if self.has_ended() || matches!(*guard, Held::Ended) {
            return Err(Error::TransactionEnded);
        }
        let seat = ScopeSeat { guard: Some(guard), scope: self.clone() };
        if self.aborted.load(Ordering::SeqCst) {
            return Err(Error::TransactionAborted);
        }
        Ok(seat)
    }

    /// A seat for a query.
    pub(super) async fn read_seat(self: &Arc<Self>) -> Result<Seat, Error> {
        Ok(Seat::Scope(self.seat().await?))
    }

    /// Runs a job in the transaction, if that can be done at once.
    pub(crate) fn write_now(self: &Arc<Self>, job: &mut dyn Job) -> Result<Option<Writing>, Error> {
        match self.try_seat()? {
            Some(seat) => Ok(self.run_here(seat, job)?.map(|seat| Writing::in_scope(self, Some(seat)))),
            None => Ok(Some(Writing::in_scope(self, None))),
        }
    }

    /// What was interrupted because the transaction was ended from outside says so.
    pub(super) fn explain(&self, error: Error) -> Error {
        if error.kind() == ErrorKind::Interrupted && self.has_ended() { Error::TransactionEnded } else { error }
    }

    /// Runs a job on the caller's thread; comes back with the seat when it has to run elsewhere.
    pub(super) fn run_here(&self, seat: ScopeSeat, job: &mut dyn Job) -> Result<Option<ScopeSeat>, Error> {
        self.try_here(seat, job).map_err(|e| self.explain(e))
    }

    fn try_here(&self, mut seat: ScopeSeat, job: &mut dyn Job) -> Result<Option<ScopeSeat>, Error> {
        if self.read_only {
            // SQLite says so for the transaction itself; a savepoint in one that writes has to say it here.
            seat.connection()
                .plain("PRAGMA query_only = ON")
                .map_err(|e| control_error("PRAGMA query_only = ON", e))?;
            let done = job.run(seat.connection());
            if self.depth > 0 {
                let off = "PRAGMA query_only = OFF";
                seat.connection().plain(off).map_err(|e| control_error(off, e))?;
            }
            return done.map(|()| None);
        }
        let execution = self.engine.options().execution;
        if execution == Execution::Auto && !seat.connection().has_running_streams() && job.may_be_small() {
            // No deadline: interrupting a write would end the whole transaction.
            match run_small(seat.connection(), job) {
                // Too large for this thread; had it been stopped, the transaction would be gone with it.
                Err(e) if e.kind() == ErrorKind::Interrupted => {
                    if !seat.connection().in_transaction() {
                        return Err(Error::TransactionAborted);
                    }
                }
                done => return done.map(|()| None),
            }
        }
        if execution == Execution::Inline {
            seat.connection().drain_parked();
            return job.run(seat.connection()).map(|()| None);
        }
        Ok(Some(seat))
    }

    /// Begins a savepoint, which holds this scope's seat until it ends.
    pub(crate) async fn nested(self: &Arc<Self>, read_only: bool) -> Result<Arc<Scope>, Error> {
        let mut seat = self.seat().await?;
        let name = format!("SAVEPOINT {SAVEPOINT}_{}", self.depth + 1);
        seat.connection().plain(&name).map_err(|e| control_error(&name, e))?;
        let guard = seat.guard.take().ok_or(Error::TransactionEnded)?;
        let read_only = read_only || self.read_only;
        let engine = self.engine.clone();
        let scope = Scope::with(Held::Parent(guard), engine, Some(self.clone()), read_only, self.interrupt.clone());
        let mut children = self.children.lock().unwrap_or_else(PoisonError::into_inner);
        children.retain(|c| c.strong_count() > 0);
        children.push(Arc::downgrade(&scope));
        drop(children);
        // Abandoned just now, by someone who did not see the child yet.
        if self.has_ended() {
            scope.abandon();
        }
        Ok(scope)
    }

    /// Commits; when that fails, everything is rolled back.
    pub(crate) async fn commit(self: &Arc<Self>) -> Result<(), Error> {
        let seat = self.seat().await.inspect_err(|_| self.abandon())?;
        match self.commit_here(seat)? {
            None => Ok(()),
            Some(seat) => seat.commit_elsewhere().await,
        }
    }

    /// Commits on the caller's thread; comes back with the seat when that has to wait.
    fn commit_here(&self, mut seat: ScopeSeat) -> Result<Option<ScopeSeat>, Error> {
        if self.depth > 0 {
            let sql = format!("RELEASE {SAVEPOINT}_{}", self.depth);
            let done = seat.connection().plain(&sql).map_err(|e| control_error(&sql, e));
            let held = seat.end();
            self.let_go(held, done.is_err());
            return done.map(|()| None);
        }
        // What was not read of its streams goes with the transaction.
        seat.connection().close_parked();
        if !self.read_only {
            self.engine.external.not_alone();
        }
        let inline = self.engine.options().execution == Execution::Inline;
        if inline || self.engine.commits_without_waiting(seat.connection()) {
            if !inline {
                seat.connection().enter_inline(None);
            }
            let done = seat.connection().plain("COMMIT");
            seat.connection().leave_inline();
            match done {
                // Someone reads in memory: the transaction is still open, and waits where that is allowed.
                Err(Stop::Database(e)) if !inline && e.kind == ErrorKind::Busy => {}
                done => return seat.committed(done).map(|()| None),
            }
        }
        Ok(Some(seat))
    }

    /// Rolls back; a scope that has ended is left alone.
    pub(crate) async fn rollback(self: &Arc<Self>) -> Result<(), Error> {
        match self.seat().await {
            Ok(mut seat) => {
                let held = seat.end();
                self.let_go(held, true);
                Ok(())
            }
            Err(Error::TransactionAborted) => {
                self.abandon();
                Ok(())
            }
            Err(e) => {
                self.abandon();
                Err(e)
            }
        }
    }

    /// Ends the scope without waiting, those inside it first: what runs is rolled back, and interrupted when it is the whole
    /// transaction that goes. A scope that has ended by itself is left alone.
    pub(crate) fn abandon(&self) {
        let children = std::mem::take(&mut *self.children.lock().unwrap_or_else(PoisonError::into_inner));
        if !self.ended.swap(true, Ordering::SeqCst) {
            self.abandoned.store(true, Ordering::SeqCst);
            if self.depth == 0 {
                self.interrupt.store(true, Ordering::SeqCst);
            }
        }
        for child in children.iter().filter_map(Weak::upgrade) {
            child.abandon();
        }
        self.reap();
    }

    /// Ends the streams that nobody reads any more, unless someone is on the seat: then whoever is does it.
    pub(super) fn sweep(self: &Arc<Self>) {
        if let Ok(guard) = self.held.clone().try_lock_owned() {
            drop(ScopeSeat { guard: Some(guard), scope: self.clone() });
        }
    }

    fn reap_if_ended(&self) {
        if self.ended.load(Ordering::SeqCst) {
            self.reap();
        }
    }

    /// Rolls back an ended scope, if nobody is on its seat; else whoever is does it.
    fn reap(&self) {
        if let Ok(mut held) = self.held.clone().try_lock_owned() {
            let held = std::mem::replace(&mut *held, Held::Ended);
            self.let_go(held, true);
        }
    }

    /// Lets go of the connection of an ended scope. A slot rolls back what is still open when it is dropped.
    fn let_go(&self, mut held: Held, undo: bool) {
        if let Held::Parent(parent) = &mut held
            && let Some(connection) = parent.connection()
            && connection.in_transaction()
            && undo
        {
            let name = format!("{SAVEPOINT}_{}", self.depth);
            let undone = connection
                .plain(&format!("ROLLBACK TO {name}"))
                .and_then(|()| connection.plain(&format!("RELEASE {name}")));
            if let Err(e) = undone {
                tracing::warn!(target: "sqliter", "a savepoint could not be rolled back: {e:?}");
            }
        }
        drop(held);
        // The parent may have been abandoned while its seat was taken.
        if let Some(parent) = &self.parent {
            parent.reap_if_ended();
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        // Nobody can be on the seat, which keeps the scope alive.
        self.abandon();
    }
}

#[cold]
fn seat_taken(timeout: Duration) -> Error {
    Error::Busy(format!(
        "other calls in the same transaction, or a nested one, were at work for more than {timeout:?}; inside a nested \
         transaction use its own `tx`"
    ))
}

/// The error of BEGIN, COMMIT and their like.
pub(super) fn control_error(sql: &str, stop: Stop) -> Error {
    stop.into_error(|cause: DatabaseError| match cause.kind {
        ErrorKind::Busy => {
            Error::Busy(format!("{}: another connection or process holds the database; retry", cause.message))
        }
        ErrorKind::ForeignKey => Error::ForeignKeyConstraint {
            action: "commit",
            table: String::new(),
            problem: "does not exist, or still has records that refer to it".into(),
            cause: Box::new(cause),
        },
        _ => Error::SqlExecution { sql: sql.to_owned(), cause: Box::new(cause) },
    })
}

/// The open transactions of an engine: `close` ends them.
#[derive(Default)]
pub(super) struct OpenScopes(std::sync::Mutex<Vec<Weak<Scope>>>);

impl OpenScopes {
    pub(super) fn add(&self, scope: Weak<Scope>) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|s| s.strong_count() > 0);
        open.push(scope);
    }

    pub(super) fn abandon(&self) {
        let open = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for scope in open.iter().filter_map(Weak::upgrade) {
            scope.abandon();
        }
    }
}
