//! Transactions: the closure form, the guard, and `auto_commit(false)`.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::sync::Arc;

use sqliter_core::{Error, ErrorKind, Result};

use crate::ambient::Ambient;
use crate::db::SqliterDb;
use crate::driver::Scope;

/// A transaction, or a savepoint inside one.
///
/// It is a [`SqliterDb`] in every respect: a function that takes `&SqliterDb` works inside and outside. Once the transaction has
/// ended, every use of it is [`Error::TransactionEnded`].
pub struct Transaction {
    db: SqliterDb,
    scope: Arc<Scope>,
    /// Of the guard form: dropping it rolls back.
    _owner: Option<Owner>,
}

impl Transaction {
    /// Commits. In the closure form this may be done early; what follows in the closure is outside the transaction.
    ///
    /// # Errors
    /// [`Error::TransactionAborted`] when the database ended the transaction by itself, [`Error::TransactionEnded`] when it has
    /// ended already, [`Error::ForeignKeyConstraint`] for deferred keys that do not hold. Everything was rolled back then.
    pub async fn commit(self) -> Result<()> {
        self.scope.commit().await
    }

    /// Rolls everything back.
    ///
    /// # Errors
    /// [`Error::TransactionEnded`] when it has ended already.
    pub async fn rollback(self) -> Result<()> {
        self.scope.rollback().await
    }
}

impl Deref for Transaction {
    type Target = SqliterDb;
    fn deref(&self) -> &SqliterDb {
        &self.db
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").field("open", &!self.scope.has_ended()).finish_non_exhaustive()
    }
}

/// Ends a transaction that nobody else ended.
struct Owner(Arc<Scope>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// How `transaction_with` runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[must_use = "options do nothing by themselves"]
pub struct TransactionOptions {
    retries: u32,
    read_only: bool,
}

impl TransactionOptions {
    /// As `transaction` does.
    pub fn new() -> Self {
        TransactionOptions::default()
    }

    /// Runs the closure again, so many times, when the database was busy or ended the transaction by itself.
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Only reads, all of them one snapshot; does not wait for the writer.
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }
}

/// Runs a closure in a scope: commits on `Ok`, rolls back on `Err`, when dropped and on panic.
async fn run<T, E, F, Fut>(db: &SqliterDb, scope: Arc<Scope>, f: F) -> Result<T, E>
where
    F: FnOnce(Transaction) -> Fut,
    Fut: Future<Output = Result<T, E>>,
    E: From<Error>,
{
    let owner = Owner(scope.clone());
    let tx = Transaction { db: db.in_scope(scope.clone()), scope: scope.clone(), _owner: None };
    let out = Ambient::entering(scope.clone()).run(|| f(tx)).await;
    match out {
        Ok(_) if scope.was_abandoned() => Err(Error::TransactionEnded.into()),
        // The closure may have committed by itself.
        Ok(out) if scope.has_ended() => Ok(out),
        Ok(out) => {
            scope.commit().await?;
            Ok(out)
        }
        Err(e) => {
            // The closure's error is what the caller wants to know; without the rollback the scope is abandoned all the same.
            let _ = scope.rollback().await;
            drop(owner);
            Err(e)
        }
    }
}

impl SqliterDb {
    /// The scope of a new transaction: a savepoint inside an open one. Says whether there is earlier work in it.
    async fn begin_scope(&self, at: &'static Location<'static>) -> Result<(Arc<Scope>, bool)> {
        let engine = self.engine().await?;
        if let Some(outer) = self.joined(engine) {
            return Ok((outer.nested(false).await?, true));
        }
        if let Some(implicit) = self.implicit() {
            // The block takes over what was begun, and ends it.
            let _turn = Box::pin(implicit.turn()).await;
            if let Some(scope) = implicit.take(engine) {
                return Ok((scope, true));
            }
        }
        Ok((engine.begin(Some(at)).await?, false))
    }

    /// Runs a closure in a transaction: `BEGIN IMMEDIATE`, commit when it returns `Ok`, rollback when it returns `Err`, panics
    /// or is dropped.
    ///
    /// Inside, `tx` and every use of the same database in the same task belong to the transaction. Another task never joins it
    /// unless it is given `tx`: its writes wait their turn, its reads see the last commit. A transaction inside a transaction is
    /// a savepoint: what fails inside it, and is caught, undoes the inner work alone.
    ///
    /// The closure names its error type, which is any that an [`Error`] converts into.
    ///
    /// ```
    /// # use sqliter_async::prelude::*;
    /// # #[derive(Debug, Clone, DbModel)]
    /// # struct Account { pk: Pk<Self>, balance: i64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let db = SqliterDb::memory().await?;
    /// # db.create_table::<Account>().await?;
    /// # for balance in [100, 0] { Account::builder().balance(balance).insert(&db).await?; }
    /// db.transaction(async |tx| -> Result<()> {
    ///     tx.update_where::<Account>(Account::PK.eq(1), Account::BALANCE.set(Account::BALANCE - 50)).await?;
    ///     tx.update_where::<Account>(Account::PK.eq(2), Account::BALANCE.set(Account::BALANCE + 50)).await?;
    ///     Ok(())
    /// })
    /// .await?;
    /// # assert_eq!(db.get::<Account>(2).await?.unwrap().balance, 50);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The closure's; [`Error::Busy`] when the writer is not free within `busy_timeout`; [`Error::TransactionAborted`] when the
    /// database ended the transaction by itself.
    #[track_caller]
    pub fn transaction<T, E, F, Fut>(&self, f: F) -> impl Future<Output = Result<T, E>>
    where
        F: FnOnce(Transaction) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        let at = Location::caller();
        async move {
            let (scope, _) = self.begin_scope(at).await?;
            run(self, scope, f).await
        }
    }

    /// Runs a closure in a transaction, with options. With retries it may run several times: it captures by reference.
    ///
    /// # Errors
    /// As [`transaction`](SqliterDb::transaction), of the last try.
    #[track_caller]
    pub fn transaction_with<T, E, F, Fut>(
        &self,
        options: TransactionOptions,
        mut f: F,
    ) -> impl Future<Output = Result<T, E>>
    where
        F: FnMut(Transaction) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        let at = Location::caller();
        async move {
            let mut left = options.retries;
            loop {
                let begun = match options.read_only {
                    true => self.begin_reading().await.map(|scope| (scope, false)),
                    false => self.begin_scope(at).await,
                };
                let (scope, has_earlier_work) = match begun {
                    Ok(begun) => begun,
                    Err(e) if left > 0 && e.kind() == ErrorKind::Busy => {
                        left -= 1;
                        continue;
                    }
                    Err(e) => return Err(e.into()),
                };
                match run(self, scope.clone(), &mut f).await {
                    // What was done before the block would be gone.
                    Err(_) if left > 0 && scope.may_be_repeated() && !has_earlier_work => left -= 1,
                    out => return out,
                }
            }
        }
    }

    async fn begin_reading(&self) -> Result<Arc<Scope>> {
        let engine = self.engine().await?;
        if let Some(outer) = self.joined(engine) {
            return outer.nested(true).await;
        }
        if let Some(scope) = self.implicit().and_then(|implicit| implicit.open(engine)) {
            return scope.nested(true).await;
        }
        Box::pin(engine.begin_read()).await
    }

    /// Runs a closure whose reads are all of one snapshot: the last commit before it began. It does not wait for the writer,
    /// and nobody waits for it. A write in it is refused ([`ErrorKind::ReadOnly`]).
    ///
    /// # Errors
    /// The closure's.
    pub async fn read_transaction<T, E, F, Fut>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(Transaction) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        let scope = self.begin_reading().await?;
        run(self, scope, f).await
    }

    /// Begins a transaction that is ended by [`commit`](Transaction::commit), [`rollback`](Transaction::rollback), or by
    /// dropping the guard, which rolls back. Inside a transaction it is a savepoint.
    ///
    /// Only the guard belongs to it: while it is held, a write on `db` itself waits for it, and is [`Error::Busy`] in the end.
    ///
    /// # Errors
    /// [`Error::Busy`] when the writer is not free within `busy_timeout`.
    #[track_caller]
    pub fn begin(&self) -> impl Future<Output = Result<Transaction>> + Send {
        let at = Location::caller();
        async move {
            let (scope, _) = self.begin_scope(at).await?;
            Ok(Transaction { db: self.in_scope(scope.clone()), scope: scope.clone(), _owner: Some(Owner(scope)) })
        }
    }

    /// Commits the implicit transaction of a handle with `auto_commit(false)`. Without one there is nothing to do.
    ///
    /// # Errors
    /// [`Error::InvalidTransaction`] inside the closure of a transaction, which commits by returning `Ok`; else as
    /// [`Transaction::commit`].
    pub async fn commit(&self) -> Result<()> {
        match self.open_implicit("commit").await? {
            Some(scope) => scope.commit().await,
            None => Ok(()),
        }
    }

    /// Rolls back the implicit transaction of a handle with `auto_commit(false)`. Without one there is nothing to do.
    ///
    /// # Errors
    /// [`Error::InvalidTransaction`] inside the closure of a transaction, which rolls back by returning `Err`.
    pub async fn rollback(&self) -> Result<()> {
        match self.open_implicit("rollback").await? {
            Some(scope) => scope.rollback().await,
            None => Ok(()),
        }
    }

    async fn open_implicit(&self, call: &str) -> Result<Option<Arc<Scope>>> {
        if !self.is_connected() {
            return Ok(None);
        }
        let engine = self.engine().await?;
        if self.joined(engine).is_some() {
            return Err(Error::InvalidTransaction(format!(
                "`{call}` of the database inside a transaction, which ends with its closure or with `tx.{call}()`"
            )));
        }
        match self.implicit() {
            // It stays until it has ended: a commit that is given up has not happened.
            Some(implicit) => {
                let _turn = implicit.turn().await;
                Ok(implicit.open(engine))
            }
            None => Ok(None),
        }
    }

    /// Whether a call here and now belongs to a transaction.
    pub fn in_transaction(&self) -> bool {
        if let Some(scope) = self.scope() {
            return !scope.has_ended();
        }
        let Some(engine) = self.connected_engine() else { return false };
        self.joined(engine).is_some() || self.implicit().is_some_and(|implicit| implicit.open(engine).is_some())
    }
}
