//! Several statements as one: all of them happen, or none; or all of them see the same state.

use sqliter_core::{DatabaseError, Error};

use super::connection::{Connection, Sql, Stop};

impl Connection {
    /// Runs `f` in a transaction of its own, or in a savepoint where one is open already: all of it happens, or nothing.
    pub(crate) fn atomically<T>(
        &mut self,
        operation: impl Fn(DatabaseError) -> Error,
        f: impl FnOnce(&mut Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let scope = Scope::begin(self).map_err(|e| e.into_error(&operation))?;
        let out = f(scope.connection)?;
        scope.commit().map_err(|e| e.into_error(&operation))?;
        Ok(out)
    }

    /// The same for work that begins with this statement: where only bounded statements run, nothing is begun for another.
    pub(crate) fn atomically_from<T>(
        &mut self,
        first: Sql<'_>,
        operation: impl Fn(DatabaseError) -> Error,
        f: impl FnOnce(&mut Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.expect_bounded(first).map_err(|e| e.into_error(&operation))?;
        self.atomically(operation, f)
    }

    /// Runs `f` in a read transaction: every statement in it sees the same state.
    pub(super) fn snapshot<T>(&mut self, f: impl FnOnce(&mut Connection) -> Result<T, Error>) -> Result<T, Error> {
        let other = |cause| Error::RecordFetch { table: String::new(), cause: Box::new(cause) };
        if self.in_transaction() {
            return f(self);
        }
        let scope = Scope::begin_with(self, "BEGIN").map_err(|e| e.into_error(other))?;
        let out = f(scope.connection)?;
        scope.commit().map_err(|e| e.into_error(other))?;
        Ok(out)
    }
}

/// An open transaction or savepoint: rolled back unless it is committed.
struct Scope<'c> {
    connection: &'c mut Connection,
    nested: bool,
    open: bool,
}

impl<'c> Scope<'c> {
    fn begin(connection: &'c mut Connection) -> Result<Self, Stop> {
        Self::begin_with(connection, "BEGIN IMMEDIATE")
    }

    fn begin_with(connection: &'c mut Connection, begin: &'static str) -> Result<Self, Stop> {
        let nested = connection.in_transaction();
        let begun = connection.control(if nested { "SAVEPOINT sqliter_call" } else { begin });
        // SQLite may stop a BEGIN, too, after it has taken effect. Whoever comes next would take that for a transaction.
        if begun.is_err() && !nested && connection.in_transaction() {
            connection.control("ROLLBACK")?;
        }
        begun.map(|()| Scope { connection, nested, open: true })
    }

    fn commit(mut self) -> Result<(), Stop> {
        self.connection.control(if self.nested { "RELEASE sqliter_call" } else { "COMMIT" })?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Scope<'_> {
    fn drop(&mut self) {
        // SQLite may have ended the transaction by itself.
        if !self.open || !self.connection.in_transaction() {
            return;
        }
        if self.nested {
            let _ = self.connection.control("ROLLBACK TO sqliter_call");
            let _ = self.connection.control("RELEASE sqliter_call");
        } else {
            let _ = self.connection.control("ROLLBACK");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sqliter_core::{Error, Operation};

    use crate::SqliterDb;

    #[tokio::test]
    async fn what_is_stopped_as_it_begins_leaves_nothing_open() {
        let db = SqliterDb::memory().await.expect("a database");
        let engine = db.connected_engine().expect("it is open");
        let mut writer = engine.writer().await.expect("the writer is free");
        let connection = writer.connection();
        let failed = |cause| Operation::Insert.error("books", cause);
        let mut stopped = 0;
        connection.enter_inline_write(Duration::ZERO);
        // SQLite looks at the clock every thousand steps, which are some hundred runs.
        for _ in 0..5000 {
            let done: Result<(), Error> = connection.atomically(failed, |_| Ok(()));
            stopped += usize::from(done.is_err());
            assert!(!connection.in_transaction(), "{done:?}");
        }
        connection.leave_inline();
        assert!(stopped > 0);
    }
}
