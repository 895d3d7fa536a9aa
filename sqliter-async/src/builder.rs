//! [`SqliterDbBuilder`]: the options of a handle.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqliter_core::{Error, Result};

use crate::cache::CacheOptions;
use crate::db::{Clock, SqliterDb};
use crate::driver::{Durability, Execution, JournalMode, OnConnect, OnConnectFuture, Options, Place};

/// Options for a [`SqliterDb`]. Nothing is opened before `connect` or the first use.
///
/// ```
/// # use sqliter_async::prelude::*;
/// # use std::time::Duration;
/// let db = SqliterDb::builder().memory().readers(2).busy_timeout(Duration::from_secs(1)).build()?;
/// assert!(!db.is_connected());
/// # Ok::<(), Error>(())
/// ```
#[must_use = "a builder does nothing until `.build()`"]
pub struct SqliterDbBuilder {
    filename: Option<PathBuf>,
    memory: bool,
    reset: bool,
    auto_commit: bool,
    database: Option<String>,
    options: Options,
    clock: Clock,
    cache: Option<CacheOptions>,
}

fn unix_now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}

impl SqliterDbBuilder {
    pub(crate) fn new() -> Self {
        SqliterDbBuilder {
            filename: None,
            memory: false,
            reset: false,
            auto_commit: true,
            database: None,
            options: Options {
                place: Place::Memory,
                readers: 4,
                busy_timeout: Duration::from_secs(5),
                durability: Durability::Normal,
                journal_mode: JournalMode::Wal,
                read_only: false,
                execution: Execution::Auto,
                debug: false,
                local_time: true,
                on_connect: None,
                caches: false,
                external_check: Duration::ZERO,
            },
            clock: Arc::new(unix_now),
            cache: None,
        }
    }

    /// The file; `":memory:"` is as [`memory`](Self::memory).
    pub fn filename(mut self, filename: impl AsRef<Path>) -> Self {
        self.filename = Some(filename.as_ref().to_owned());
        self
    }

    /// In memory; a file name given too is ignored.
    pub fn memory(mut self) -> Self {
        self.memory = true;
        self
    }

    /// How many reads may run at the same time: 4 unless told otherwise, at least 1.
    pub fn readers(mut self, readers: u32) -> Self {
        self.options.readers = readers;
        self
    }

    /// How long a write waits for others before it is [`Error::Busy`]: 5 s unless told otherwise.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.options.busy_timeout = timeout;
        self
    }

    /// When a commit counts as done.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.options.durability = durability;
        self
    }

    /// The journal of the file: write-ahead log unless told otherwise.
    pub fn journal_mode(mut self, mode: JournalMode) -> Self {
        self.options.journal_mode = mode;
        self
    }

    /// Only reads; the file must exist and stays as it is.
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.options.read_only = read_only;
        self
    }

    /// Where statements run.
    pub fn execution(mut self, execution: Execution) -> Self {
        self.options.execution = execution;
        self
    }

    /// Logs every statement with its values through `tracing`, target `sqliter`, level DEBUG.
    pub fn debug(mut self, debug: bool) -> Self {
        self.options.debug = debug;
        self
    }

    /// Whether times without a zone are local times (the default) or UTC.
    pub fn return_local_time(mut self, local: bool) -> Self {
        self.options.local_time = local;
        self
    }

    /// The clock behind the managed timestamps, in Unix seconds: for tests.
    pub fn clock(mut self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The group of models that [`create_all`](SqliterDb::create_all) creates: those with `#[model(database = "..")]` of this
    /// name, instead of those without one.
    pub fn database(mut self, group: impl Into<String>) -> Self {
        self.database = Some(group.into());
        self
    }

    /// Whether each write commits by itself (the default). Without it the handle and its clones share one transaction, begun by
    /// the first write and ended by [`commit`](SqliterDb::commit), [`rollback`](SqliterDb::rollback) or a transaction block;
    /// reads see it, closing discards it. Tables that are created while none is open are committed at once.
    pub fn auto_commit(mut self, auto_commit: bool) -> Self {
        self.auto_commit = auto_commit;
        self
    }

    /// Drops every table when the database is opened by [`create`](Self::create).
    pub fn reset(mut self, reset: bool) -> Self {
        self.reset = reset;
        self
    }

    /// Runs first on every new connection, those of the raw pool included: for functions, collations, ATTACH, pragmas. When it
    /// fails, the connection is not used, and the call that needed it fails with what it said.
    ///
    /// ```
    /// # use sqliter_async::prelude::*;
    /// # use sqliter_async::sqlx;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let db = SqliterDb::builder()
    ///     .memory()
    ///     .on_connect(|connection| {
    ///         Box::pin(async move { sqlx::query("PRAGMA cache_size = -8000").execute(connection).await.map(drop) })
    ///     })
    ///     .create()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_connect(
        mut self,
        hook: impl for<'c> Fn(&'c mut sqlx::sqlite::SqliteConnection) -> OnConnectFuture<'c> + Send + Sync + 'static,
    ) -> Self {
        self.options.on_connect = Some(OnConnect::new(hook));
        self
    }

    /// Keeps the results of queries and `get`s in memory, for as long as the tables that they were read from do not change. Off
    /// unless asked.
    ///
    /// ```
    /// # use sqliter_async::prelude::*;
    /// # #[derive(Debug, Clone, DbModel)]
    /// # struct Book { pk: Pk<Self>, title: String }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let db = SqliterDb::builder().memory().cache(CacheOptions::new().max_size(500)).build()?;
    /// db.create_table::<Book>().await?;
    /// let emma = Book::builder().title("Emma").insert(&db).await?;
    /// for _ in 0..4 {
    ///     db.get::<Book>(&emma).await?;
    /// }
    /// assert_eq!(db.cache_stats().hits, 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn cache(mut self, options: CacheOptions) -> Self {
        self.cache = Some(options);
        self
    }

    /// The handle. Nothing is opened yet.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] when there is neither a file name nor `memory()`, an option is out of range, or `reset` is
    /// asked, which needs the database.
    pub fn build(self) -> Result<SqliterDb> {
        if self.reset {
            return Err(Error::InvalidOption(
                "reset(true) is not supported by build(), which opens nothing: use `create().await` instead."
                    .to_owned(),
            ));
        }
        self.handle()
    }

    fn handle(mut self) -> Result<SqliterDb> {
        const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);
        if self.options.busy_timeout > LONGEST {
            return Err(Error::InvalidOption(format!("`busy_timeout` is at most {LONGEST:?}")));
        }
        if self.options.readers > 1000 {
            return Err(Error::InvalidOption("`readers` is at most 1000".to_owned()));
        }
        let name = self.filename.filter(|f| !f.as_os_str().is_empty());
        self.options.place = match name {
            _ if self.memory => Place::Memory,
            Some(name) if name == Path::new(":memory:") => Place::Memory,
            Some(name) => Place::File(name),
            None => {
                return Err(Error::InvalidOption(
                    "Database name must be provided if not using an in-memory database.".to_owned(),
                ));
            }
        };
        if let Some(cache) = &self.cache {
            cache.check()?;
            self.options.caches = true;
            self.options.external_check = cache.external_check;
        }
        Ok(SqliterDb::new(self.options, self.clock, self.database, self.auto_commit, self.cache))
    }

    /// The handle, connected, and empty if [`reset`](Self::reset) asks.
    ///
    /// # Errors
    /// As [`build`](Self::build), and [`Error::DatabaseConnection`] when the file cannot be opened or is not a database.
    pub async fn create(self) -> Result<SqliterDb> {
        let reset = self.reset;
        let db = self.handle()?;
        db.connect().await?;
        if reset {
            db.reset().await?;
        }
        Ok(db)
    }
}

impl fmt::Debug for SqliterDbBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliterDbBuilder")
            .field("filename", &self.filename)
            .field("memory", &self.memory)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
