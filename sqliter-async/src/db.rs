//! [`SqliterDb`]: the handle that everything starts from.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock, Weak};

use sqliter_core::{DbModel, Error, Origin, Result};
use sqlx::sqlite::SqlitePool;
use tokio::sync::OnceCell;

use crate::builder::SqliterDbBuilder;
use crate::cache::{Cache, CacheOptions};
use crate::driver::{Engine, Options, Place, Scope, pool};
use crate::session::Implicit;

/// The clock of a handle: Unix seconds.
pub(crate) type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// A database: cheap to clone, `Send + Sync`, used through `&self` everywhere.
///
/// Clones share the same connections. The database is closed by [`close`](SqliterDb::close), or when the last clone is
/// dropped; nothing keeps the process alive.
///
/// # Guarantees
/// - **Writes are serialised**: one at a time, first come first served. Each call is one transaction: all of it or nothing.
/// - **Reads are isolated**: a read sees the last commit before it began, and in a file database it never waits for a
///   writer. (In memory readers and the writer take turns.)
/// - **Foreign keys are enforced** on every connection.
///
/// ```
/// use sqliter_async::prelude::*;
///
/// #[derive(Debug, Clone, DbModel)]
/// struct Note {
///     pk: Pk<Self>,
///     text: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let db = SqliterDb::memory().await?;
/// db.create_table::<Note>().await?;
/// let note = Note::builder().text("remember").insert(&db).await?;
/// assert_eq!(db.get::<Note>(&note.pk).await?.unwrap().text, "remember");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliterDb {
    inner: Arc<Inner>,
    /// Of the handle inside a transaction.
    scope: Option<Arc<InScope>>,
}

/// A transaction as a handle inside it keeps it.
struct InScope {
    scope: Arc<Scope>,
    origin: OnceLock<Origin>,
}

/// What rows keep of the database they came from.
#[derive(Clone)]
pub(crate) struct WeakDb(Weak<Inner>);

impl WeakDb {
    /// The database outside any transaction, unless its last handle is gone.
    pub(crate) fn upgrade(&self) -> Option<SqliterDb> {
        Some(SqliterDb { inner: self.0.upgrade()?, scope: None })
    }
}

struct Inner {
    options: Options,
    clock: Clock,
    database: Option<String>,
    /// Of a handle with `auto_commit(false)`.
    implicit: Option<Implicit>,
    first: OnceLock<Box<Connected>>,
    /// The origin of single rows, outside transactions.
    origin: OnceLock<Origin>,
    cache: Option<Cache>,
}

/// One time that the database is open; the next begins with `connect` after `close`.
struct Connected {
    pool: SqlitePool,
    engine: OnceCell<Arc<Engine>>,
    next: OnceLock<Box<Connected>>,
}

impl Connected {
    fn new(options: &Options) -> Box<Self> {
        Box::new(Connected { pool: pool(options), engine: OnceCell::new(), next: OnceLock::new() })
    }
}

impl SqliterDb {
    pub(crate) fn new(
        options: Options,
        clock: Clock,
        database: Option<String>,
        auto_commit: bool,
        cache: Option<CacheOptions>,
    ) -> Self {
        let implicit = (!auto_commit).then(Implicit::default);
        let (first, origin, cache) = (OnceLock::new(), OnceLock::new(), cache.map(Cache::new));
        SqliterDb { inner: Arc::new(Inner { options, clock, database, implicit, first, origin, cache }), scope: None }
    }

    pub(crate) fn cache(&self) -> Option<&Cache> {
        self.inner.cache.as_ref()
    }

    pub(crate) fn downgrade(&self) -> WeakDb {
        WeakDb(Arc::downgrade(&self.inner))
    }

    /// The origin that single rows share, made at first use.
    pub(crate) fn shared_origin(&self, make: impl FnOnce(&SqliterDb) -> Origin) -> Origin {
        let cell = self.scope.as_ref().map_or(&self.inner.origin, |scope| &scope.origin);
        cell.get_or_init(|| make(self)).clone()
    }

    /// The same database, inside a transaction.
    pub(crate) fn in_scope(&self, scope: Arc<Scope>) -> Self {
        let scope = Arc::new(InScope { scope, origin: OnceLock::new() });
        SqliterDb { inner: self.inner.clone(), scope: Some(scope) }
    }

    pub(crate) fn scope(&self) -> Option<&Arc<Scope>> {
        self.scope.as_ref().map(|scope| &scope.scope)
    }

    pub(crate) fn implicit(&self) -> Option<&Implicit> {
        self.inner.implicit.as_ref()
    }

    /// The database, if it is open.
    pub(crate) fn connected_engine(&self) -> Option<&Arc<Engine>> {
        self.latest().engine.get().filter(|e| !e.is_closed())
    }

    /// The group of models that belong here.
    pub(crate) fn database_group(&self) -> Option<&str> {
        self.inner.database.as_deref()
    }

    /// Opens a file, which is created if it is not there, and connects.
    ///
    /// # Errors
    /// [`Error::DatabaseConnection`] when the file cannot be opened or is not a database.
    pub async fn open(filename: impl AsRef<Path>) -> Result<SqliterDb> {
        let db = SqliterDb::builder().filename(filename).build()?;
        db.connect().await?;
        Ok(db)
    }

    /// Opens a new, empty database in memory: one for all clones and connections of this handle. It holds up to 1 GiB.
    ///
    /// # Errors
    /// [`Error::DatabaseConnection`] when memory cannot be had.
    pub async fn memory() -> Result<SqliterDb> {
        let db = SqliterDb::builder().memory().build()?;
        db.connect().await?;
        Ok(db)
    }

    /// Starts a handle with options of its own.
    pub fn builder() -> SqliterDbBuilder {
        SqliterDbBuilder::new()
    }

    /// The latest opening.
    fn latest(&self) -> &Connected {
        let mut latest: &Connected = self.inner.first.get_or_init(|| Connected::new(&self.inner.options));
        while let Some(next) = latest.next.get() {
            latest = next;
        }
        latest
    }

    /// The open database; opens it at first use.
    pub(crate) async fn engine(&self) -> Result<&Arc<Engine>> {
        let latest = self.latest();
        if let Some(engine) = latest.engine.get() {
            return if engine.is_closed() { Err(Error::Closed) } else { Ok(engine) };
        }
        Box::pin(self.open_latest(latest)).await
    }

    async fn open_latest<'a>(&self, latest: &'a Connected) -> Result<&'a Arc<Engine>> {
        if latest.pool.is_closed() {
            return Err(Error::Closed);
        }
        latest.engine.get_or_try_init(|| Engine::open(self.inner.options.clone(), latest.pool.clone())).await
    }

    /// Opens the database, if it is not open yet. After [`close`](SqliterDb::close) it opens it again: a file with what it
    /// holds, memory empty.
    ///
    /// # Errors
    /// [`Error::DatabaseConnection`] when the file cannot be opened or is not a database.
    pub async fn connect(&self) -> Result<()> {
        let mut latest = self.latest();
        if latest.pool.is_closed() {
            latest = latest.next.get_or_init(|| Connected::new(&self.inner.options));
        }
        Box::pin(self.open_latest(latest)).await.map(drop)
    }

    /// Closes the database: open transactions are rolled back, calls under way end first, later ones are [`Error::Closed`]
    /// until [`connect`](SqliterDb::connect). Closing twice is no error.
    pub async fn close(&self) {
        let latest = self.latest();
        match latest.engine.get() {
            Some(engine) => Box::pin(engine.close()).await,
            None => latest.pool.close().await,
        }
        if let Some(cache) = self.cache() {
            cache.clear();
            cache.reset_stats();
        }
    }

    /// Whether the database is open.
    pub fn is_connected(&self) -> bool {
        self.connected_engine().is_some()
    }

    /// Whether the database is in memory.
    pub fn is_memory(&self) -> bool {
        matches!(self.inner.options.place, Place::Memory)
    }

    /// The file, unless the database is in memory.
    pub fn filename(&self) -> Option<&Path> {
        match &self.inner.options.place {
            Place::File(path) => Some(path),
            Place::Memory => None,
        }
    }

    /// Whether each write commits by itself.
    pub fn auto_commit(&self) -> bool {
        self.inner.implicit.is_none()
    }

    /// Whether statements are logged.
    pub fn debug(&self) -> bool {
        self.inner.options.debug
    }

    /// Whether naive times are local times.
    pub fn return_local_time(&self) -> bool {
        self.inner.options.local_time
    }

    /// The time by this handle's clock, in Unix seconds: what the managed timestamps are set to.
    pub fn now(&self) -> i64 {
        (self.inner.clock)()
    }

    /// Gives a row that was made by hand its database, so that its relations can be loaded.
    ///
    /// Rows that were inserted or loaded have theirs already.
    pub fn attach<M: DbModel>(&self, row: &mut M) {
        row.attach(&self.origin(M::schema().strict_loading));
    }

    /// The pool of connections, for raw sqlx beside the ORM: `sqlx::query("..").execute(db.pool())`, `sqlx::migrate!`.
    ///
    /// It belongs to the same database, also in memory, and may be used at the same time; writes through it wait for ours as
    /// another program's would. Closing it closes the handle.
    pub fn pool(&self) -> &SqlitePool {
        &self.latest().pool
    }
}

impl fmt::Debug for SqliterDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliterDb")
            .field("filename", &self.inner.options.filename())
            .field("connected", &self.is_connected())
            .finish_non_exhaustive()
    }
}
