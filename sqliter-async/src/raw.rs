//! SQL that the caller writes.

use std::sync::Arc;

use sqliter_core::{
    ColumnType, Columns, DbProjection, DecodeError, Dict, Encoding, Error, Params, ProjectionSource, Result, Store,
};
use sqliter_core::{Origin, sources};

use crate::db::SqliterDb;
use crate::driver::{
    Action, Fetched, NoRows, Raw, RawChanges, RawMany, RawWrite, RowRef, RowSink, Script, Source, own, value,
};
use crate::session::Session;
use crate::stream::{RawDicts, RowStream};

/// The parameters of raw SQL: `params![1, "x", None::<i64>]` for `?` and `?1`, `params![name: "x"]` for `:name`, `@name` and
/// `$name`. None at all are `()`.
///
/// A value is anything that a column can hold, `&str`, bytes, or an `Option` or reference of these. It is one form or the
/// other: the number and the names must be those of the statement.
///
/// ```
/// # use sqliter_async::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let db = SqliterDb::memory().await?;
/// let name = String::from("Ann");
/// let sum: Option<i64> = db.query_scalar("SELECT ? + length(?)", params![1, &name]).await?;
/// assert_eq!(sum, Some(4));
/// let sum: Option<i64> = db.query_scalar("SELECT :a * @b", params![a: 6, b: Some(7)]).await?;
/// assert_eq!(sum, Some(42));
/// # Ok(())
/// # }
/// ```
#[macro_export]
macro_rules! params {
    () => { $crate::Params::by_position([]) };
    ($($name:ident : $value:expr),+ $(,)?) => {{
        #[allow(unused_imports)]
        use $crate::__private::ToParam as _;
        $crate::Params::__named([$((::core::stringify!($name), ($value).__sqliter_param())),+])
    }};
    ($($value:expr),+ $(,)?) => {{
        #[allow(unused_imports)]
        use $crate::__private::ToParam as _;
        $crate::Params::__positional([$(($value).__sqliter_param()),+])
    }};
}

/// What a statement changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ExecResult {
    /// The rows that were inserted, updated or deleted; not those that triggers and cascades changed.
    pub rows_affected: u64,
    /// The `rowid` of the last row that was inserted, which is its integer key; `None` when none was.
    pub last_insert_id: Option<i64>,
}

impl From<RawChanges> for ExecResult {
    fn from(changes: RawChanges) -> Self {
        ExecResult { rows_affected: changes.rows, last_insert_id: changes.last_rowid }
    }
}

/// Rows under the names that the result gives them.
pub(crate) struct Rows {
    pub(crate) rows: Vec<Dict>,
    columns: Option<Arc<Columns>>,
    local_time: bool,
}

impl Rows {
    pub(crate) fn new(local_time: bool) -> Self {
        Rows { rows: Vec::new(), columns: None, local_time }
    }
}

/// The columns of a row of raw SQL: nothing is known of the form of their values.
fn columns(row: &RowRef<'_>, local_time: bool) -> Arc<Columns> {
    Columns::new((0..row.columns()).map(|i| (row.column_name(i), Store::Default)), local_time)
}

impl RowSink for Rows {
    fn row(&mut self, row: &RowRef<'_>) -> Result<()> {
        let columns = self.columns.get_or_insert_with(|| columns(row, self.local_time));
        self.rows.push(Dict::new(columns.clone(), (0..row.columns()).map(|i| value(row, i)).collect()));
        Ok(())
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.columns = None;
    }
}

/// The first row.
struct First(Rows);

impl RowSink for First {
    fn row(&mut self, row: &RowRef<'_>) -> Result<()> {
        if self.0.rows.is_empty() { self.0.row(row) } else { Ok(()) }
    }

    fn is_full(&self) -> bool {
        !self.0.rows.is_empty()
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

/// The first value of the first row.
struct FirstValue<T> {
    row: Option<Option<T>>,
    local_time: bool,
}

impl<T: ColumnType> RowSink for FirstValue<T> {
    fn row(&mut self, row: &RowRef<'_>) -> Result<()> {
        if self.row.is_none() {
            let value = value(row, 0);
            let null = value == sqliter_core::Value::Null && !T::NULLABLE;
            let decode = || T::from_sql(value.as_ref(), Encoding::new(Store::Default, self.local_time));
            let read = if null { Ok(None) } else { decode().map(Some) };
            self.row = Some(read.map_err(|e| unreadable(e.in_column(row.column_name(0))))?);
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.row.is_some()
    }

    fn clear(&mut self) {
        self.row = None;
    }
}

/// Structs.
struct Projected<T> {
    rows: Vec<T>,
    sources: Option<Vec<ProjectionSource>>,
    origin: Origin,
}

impl<T: DbProjection> RowSink for Projected<T> {
    fn row(&mut self, row: &RowRef<'_>) -> Result<()> {
        let sources = match &self.sources {
            Some(sources) => sources,
            None => {
                let columns = columns(row, false);
                self.sources.insert(sources::<T>(&columns.iter().collect::<Vec<_>>())?)
            }
        };
        let mut read = T::decode_projection(row, sources).map_err(unreadable)?;
        read.attach_projection(&self.origin);
        self.rows.push(read);
        Ok(())
    }

    fn end(&mut self, names: &dyn Fn() -> Vec<String>) -> Result<()> {
        if self.sources.is_none() {
            // No row has asked for the columns: what is missing is missing all the same.
            let names = names();
            sources::<T>(&names.iter().map(|n| (n.as_str(), Store::Default)).collect::<Vec<_>>())?;
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.sources = None;
    }
}

#[cold]
fn unreadable(source: DecodeError) -> Error {
    Error::Decode { table: String::new(), key: None, source }
}

const CONTROL: &str = "transactions are `db.transaction(..)` or `db.begin()`, which know their connection; a script that \
                       brings its own goes to `execute_script`";

impl SqliterDb {
    fn raw(&self, sql: &str, params: impl Into<Params>) -> Raw {
        Raw::new(sql, params.into(), self.return_local_time())
    }

    /// Runs a statement where it belongs; the sink comes back.
    async fn run_raw<S: RowSink>(&self, raw: Raw, sink: S) -> Result<(S, ExecResult)> {
        let (sink, done) = Box::pin(self.run_boxed(raw, Box::new(sink))).await?;
        Ok((own(sink), done))
    }

    async fn run_boxed(&self, raw: Raw, sink: Box<dyn RowSink>) -> Result<(Box<dyn RowSink>, ExecResult)> {
        let (session, raw, sink) = match &raw.action {
            Action::Refused(why) => return Err(raw.refuse(why.clone())),
            Action::Transaction => return Err(raw.refuse(CONTROL)),
            Action::ForeignKeys => {
                return Err(raw.refuse(
                    "they are enforced on every connection; a script with a BEGIN and COMMIT of its \
                                       own may lift that for itself, by `execute_script`",
                ));
            }
            Action::Read => match self.reading().await?.fetch_raw(raw, sink).await? {
                Fetched::Rows(sink) => return Ok((sink, ExecResult::default())),
                Fetched::Writes(raw, sink) => (self.writing().await?, raw, sink),
            },
            Action::Write(..) => (self.writing().await?, raw, sink),
            Action::Define => (self.defining().await?, raw, sink),
            Action::DeferKeys => match self.defining().await? {
                Session::Engine(_) => return Err(raw.refuse("it is for one transaction, and none is open")),
                session => (session, raw, sink),
            },
        };
        let done = session.write(RawWrite { raw, sink, changes: RawChanges::default() }).await?;
        Ok((done.sink, done.changes.into()))
    }

    /// Runs one statement; says what it changed.
    ///
    /// A call of its own transaction, or part of the one that is open. `BEGIN`, `COMMIT` and their like are refused, as are
    /// `ATTACH` and pragmas with a value that would change one connection of several.
    ///
    /// ```
    /// # use sqliter_async::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let db = SqliterDb::memory().await?;
    /// db.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)", ()).await?;
    /// let done = db.execute("INSERT INTO notes (text) VALUES (?)", params!["remember"]).await?;
    /// assert_eq!((done.rows_affected, done.last_insert_id), (1, Some(1)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::SqlExecution`] when SQLite refuses it, when the parameters are not those of the statement, and for several
    /// statements at once; [`Error::ForeignKeyConstraint`]; [`Error::Busy`]. Nothing was changed then.
    pub async fn execute(&self, sql: &str, params: impl Into<Params>) -> Result<ExecResult> {
        Ok(self.run_raw(self.raw(sql, params), NoRows).await?.1)
    }

    /// Runs one statement once for each of these parameters, in one transaction; says how many rows were changed.
    ///
    /// ```
    /// # use sqliter_async::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let db = SqliterDb::memory().await?;
    /// # db.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)", ()).await?;
    /// let rows = ["a", "b", "c"].map(|text| params![text]);
    /// assert_eq!(db.execute_many("INSERT INTO notes (text) VALUES (?)", rows).await?, 3);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`execute`](SqliterDb::execute). All of it was done or nothing.
    pub async fn execute_many<P: Into<Params>>(&self, sql: &str, rows: impl IntoIterator<Item = P>) -> Result<u64> {
        let raw = self.raw(sql, ());
        match &raw.action {
            Action::Refused(why) => return Err(raw.refuse(why.clone())),
            Action::Transaction | Action::ForeignKeys => return Err(raw.refuse(CONTROL)),
            Action::Read | Action::Write(..) | Action::Define | Action::DeferKeys => {}
        }
        let job = RawMany { raw, rows: rows.into_iter().map(Into::into).collect(), total: 0 };
        Ok(self.writing().await?.write(job).await?.total)
    }

    /// Runs several statements, all or none: in a transaction, or in the one that is open.
    ///
    /// A script that has a `BEGIN` of its own, as the dumps of SQLite's shell do, ends its transactions itself; it cannot run
    /// inside another. Such a script alone may say `PRAGMA foreign_keys = OFF`, which holds to its end. What it leaves open is
    /// rolled back, and an error.
    ///
    /// # Errors
    /// As [`execute`](SqliterDb::execute); the error names the statement. Nothing was changed then, apart from what the script
    /// has committed itself.
    pub async fn execute_script(&self, sql: &str) -> Result<()> {
        let script = Script::new(sql);
        let session = if script.controls { self.defining().await? } else { self.writing().await? };
        if script.controls && matches!(session, Session::Scope(_)) {
            return Err(Error::InvalidTransaction(
                "the script has a BEGIN or COMMIT of its own, and a transaction is open: remove them".to_owned(),
            ));
        }
        session.write(script).await.map(drop)
    }

    /// Every row of a statement.
    ///
    /// A statement that writes and returns rows, such as `INSERT .. RETURNING`, is a write like any other.
    ///
    /// # Errors
    /// As [`execute`](SqliterDb::execute).
    pub async fn query(&self, sql: &str, params: impl Into<Params>) -> Result<Vec<Dict>> {
        Ok(self.run_raw(self.raw(sql, params), Rows::new(self.return_local_time())).await?.0.rows)
    }

    /// The first row of a statement, or `None`. A query is read no further; a write is done to its end.
    ///
    /// # Errors
    /// As [`execute`](SqliterDb::execute).
    pub async fn query_one(&self, sql: &str, params: impl Into<Params>) -> Result<Option<Dict>> {
        let first = First(Rows::new(self.return_local_time()));
        Ok(self.run_raw(self.raw(sql, params), first).await?.0.0.rows.pop())
    }

    /// The first value of the first row, or `None` when there is no row, or `NULL` in it. Whoever must know which of the two it
    /// was asks for an `Option`. A query is read no further than that row.
    ///
    /// ```
    /// # use sqliter_async::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let db = SqliterDb::memory().await?;
    /// assert_eq!(db.query_scalar::<i64>("SELECT 6 * 7", ()).await?, Some(42));
    /// assert_eq!(db.query_scalar::<i64>("SELECT NULL", ()).await?, None);
    /// assert_eq!(db.query_scalar::<Option<i64>>("SELECT NULL", ()).await?, Some(None));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`execute`](SqliterDb::execute), and [`Error::Decode`] when the value does not fit the type.
    pub async fn query_scalar<T: ColumnType>(&self, sql: &str, params: impl Into<Params>) -> Result<Option<T>> {
        let first = FirstValue { row: None, local_time: self.return_local_time() };
        Ok(self.run_raw(self.raw(sql, params), first).await?.0.row.flatten())
    }

    /// Every row of a statement as a struct: a [`DbProjection`](derive@crate::DbProjection), or a model, whose relations work
    /// as ever. Columns are found by name.
    ///
    /// # Errors
    /// As [`execute`](SqliterDb::execute); [`Error::InvalidProjection`] when the result has not a column that the struct
    /// needs, [`Error::Decode`] when a value does not fit its field.
    pub async fn query_as<T: DbProjection>(&self, sql: &str, params: impl Into<Params>) -> Result<Vec<T>> {
        let projected = Projected::<T> { rows: Vec::new(), sources: None, origin: self.result_origin(false) };
        Ok(self.run_raw(self.raw(sql, params), projected).await?.0.rows)
    }

    /// The rows of a statement that reads, a batch at a time: memory does not grow with their number.
    ///
    /// # Errors
    /// Those of [`query`](SqliterDb::query) come from the stream.
    pub fn query_stream(&self, sql: &str, params: impl Into<Params>) -> RowStream<Dict> {
        let raw = self.raw(sql, params);
        match &raw.action {
            Action::Read => {
                let rows = Rows::new(self.return_local_time());
                RowStream::open(self.clone(), Source::Raw(raw), Box::new(RawDicts(rows)))
            }
            Action::Refused(why) => RowStream::failed(raw.refuse(why.clone())),
            _ => RowStream::failed(raw.refuse("a stream only reads: use `query`, or `execute`")),
        }
    }
}
