//! Where a call runs: on the engine by itself, or in a transaction.

use std::sync::{Arc, PoisonError};

use futures_core::future::BoxFuture;
use sqliter_core::{Error, Result};

use crate::ambient;
use crate::db::SqliterDb;
use crate::driver::{
    Engine, Feed, Fetched, Fetching, Job, Raw, ReadJob, Reading, RowSink, Scope, Source, StreamSink, Writing, own,
};

/// The place of one call.
pub(crate) enum Session<'a> {
    Engine(&'a Arc<Engine>),
    Scope(Arc<Scope>),
}

/// What a call ended with at once, or a future of the rest, which gives it back in a box.
pub(crate) enum Soon<T, D: ?Sized> {
    Now(T),
    Later(BoxFuture<'static, Result<Box<D>>>),
}

impl Session<'_> {
    /// Runs a query and hands every row to the sink, which comes back.
    ///
    /// Mostly that is done at once. What is not runs in a future of its own, which keeps those of the callers small.
    pub(crate) fn fetch_soon<S: RowSink>(&self, job: ReadJob, mut sink: S) -> Result<Soon<S, dyn RowSink>> {
        Ok(match self.fetch_now(job, &mut sink)? {
            None => Soon::Now(sink),
            Some(rest) => Soon::Later(rest.finish(Box::new(sink))),
        })
    }

    /// The same for sinks that are few types.
    pub(crate) async fn fetch<S: RowSink>(&self, job: ReadJob, sink: S) -> Result<S> {
        match self.fetch_soon(job, sink)? {
            Soon::Now(sink) => Ok(sink),
            Soon::Later(rest) => Ok(own(rest.await?)),
        }
    }

    /// The same with a sink in a box, for those that are many types.
    pub(crate) async fn fetch_boxed(&self, job: ReadJob, mut sink: Box<dyn RowSink>) -> Result<Box<dyn RowSink>> {
        match self.fetch_now(job, &mut *sink)? {
            None => Ok(sink),
            Some(rest) => rest.finish(sink).await,
        }
    }

    fn fetch_now(&self, job: ReadJob, sink: &mut dyn RowSink) -> Result<Option<Fetching>> {
        match self {
            Session::Engine(engine) => engine.fetch_now(job, sink),
            Session::Scope(scope) => scope.fetch_now(job, sink),
        }
    }

    /// Runs a statement that a person wrote, and that reads as far as its first words say.
    pub(crate) async fn fetch_raw(&self, raw: Raw, sink: Box<dyn RowSink>) -> Result<Fetched> {
        match self {
            Session::Engine(engine) => engine.fetch_raw(raw, sink).await,
            Session::Scope(scope) => scope.fetch_raw(raw, sink).await,
        }
    }

    /// A stream, which has not begun.
    pub(crate) fn stream(&self, source: Source, sink: Box<dyn StreamSink>) -> Feed {
        match self {
            Session::Engine(engine) => engine.stream(source, sink),
            Session::Scope(scope) => scope.stream(source, sink),
        }
    }

    /// Runs a job that only reads; it comes back with what it found.
    pub(crate) async fn read<J: Job>(&self, mut job: J) -> Result<J> {
        match self.read_now(&mut job)? {
            None => Ok(job),
            Some(rest) => Ok(own(rest.finish(Box::new(job)).await?)),
        }
    }

    fn read_now(&self, job: &mut dyn Job) -> Result<Option<Reading>> {
        match self {
            Session::Engine(engine) => engine.read_now(job),
            Session::Scope(scope) => scope.read_now(job),
        }
    }

    /// Runs a job that writes; it comes back with what it found.
    pub(crate) fn write_soon<J: Job>(&self, mut job: J) -> Result<Soon<J, dyn Job>> {
        Ok(match self.write_now(&mut job)? {
            None => Soon::Now(job),
            Some(rest) => Soon::Later(rest.finish(Box::new(job))),
        })
    }

    /// The same for jobs that are few types.
    pub(crate) async fn write<J: Job>(&self, job: J) -> Result<J> {
        match self.write_soon(job)? {
            Soon::Now(job) => Ok(job),
            Soon::Later(rest) => Ok(own(rest.await?)),
        }
    }

    /// The same with a job in a box, for those that are many types.
    pub(crate) async fn write_boxed(&self, mut job: Box<dyn Job>) -> Result<Box<dyn Job>> {
        match self.write_now(&mut *job)? {
            None => Ok(job),
            Some(rest) => rest.finish(job).await,
        }
    }

    fn write_now(&self, job: &mut dyn Job) -> Result<Option<Writing>> {
        match self {
            Session::Engine(engine) => engine.write_now(job),
            Session::Scope(scope) => scope.write_now(job),
        }
    }
}

impl SqliterDb {
    /// The transaction that a call on this handle belongs to, apart from the implicit one.
    pub(crate) fn joined(&self, engine: &Arc<Engine>) -> Option<Arc<Scope>> {
        match self.scope() {
            // Inside a nested transaction of the same task the outer handle means the inner one.
            Some(own) => Some(ambient::scope_within(own).unwrap_or_else(|| own.clone())),
            None => ambient::scope_on(engine),
        }
    }

    /// The place of a call that reads.
    pub(crate) async fn reading(&self) -> Result<Session<'_>> {
        tokio::task::coop::consume_budget().await;
        let engine = self.engine().await?;
        if let Some(scope) = self.joined(engine) {
            return Ok(Session::Scope(scope));
        }
        // Whoever is about to begin it has written nothing yet.
        match self.implicit().and_then(|implicit| implicit.open(engine)) {
            Some(scope) => Ok(Session::Scope(scope)),
            None => Ok(Session::Engine(engine)),
        }
    }

    /// The place of a call that writes: with `auto_commit(false)` the first one begins the implicit transaction.
    pub(crate) async fn writing(&self) -> Result<Session<'_>> {
        tokio::task::coop::consume_budget().await;
        let engine = self.engine().await?;
        if let Some(scope) = self.joined(engine) {
            return Ok(Session::Scope(scope));
        }
        match self.implicit() {
            None => Ok(Session::Engine(engine)),
            Some(implicit) => Box::pin(self.writing_implicitly(engine, implicit)).await,
        }
    }

    async fn writing_implicitly(&self, engine: &Arc<Engine>, implicit: &Implicit) -> Result<Session<'_>> {
        let timeout = engine.options().busy_timeout;
        let Ok(_turn) = tokio::time::timeout(timeout, implicit.turn()).await else {
            return Err(Error::Busy(format!("the implicit transaction could not begin within {timeout:?}")));
        };
        if let Some(scope) = implicit.open(engine) {
            return Ok(Session::Scope(scope));
        }
        let scope = engine.begin(None).await?;
        implicit.put(scope.clone());
        Ok(Session::Scope(scope))
    }

    /// The place of a definition: it commits at once unless a transaction is open.
    pub(crate) async fn defining(&self) -> Result<Session<'_>> {
        self.reading().await
    }
}

/// The implicit transaction of a handle with `auto_commit(false)`.
#[derive(Default)]
pub(crate) struct Implicit {
    /// Taken by whoever begins it, or makes it a block.
    turn: tokio::sync::Mutex<()>,
    scope: std::sync::Mutex<Option<Arc<Scope>>>,
}

impl Implicit {
    fn scope(&self) -> std::sync::MutexGuard<'_, Option<Arc<Scope>>> {
        self.scope.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// While this is held nobody else begins it.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// The transaction, if one is open on this database.
    pub(crate) fn open(&self, engine: &Arc<Engine>) -> Option<Arc<Scope>> {
        self.scope().clone().filter(|scope| !scope.has_ended() && Arc::ptr_eq(scope.engine(), engine))
    }

    fn put(&self, scope: Arc<Scope>) {
        // The one before has ended, and is dropped outside the lock.
        let before = self.scope().replace(scope);
        drop(before);
    }

    /// Takes the open transaction out.
    pub(crate) fn take(&self, engine: &Arc<Engine>) -> Option<Arc<Scope>> {
        let open = self.open(engine)?;
        let taken = self.scope().take();
        drop(taken);
        Some(open)
    }
}
