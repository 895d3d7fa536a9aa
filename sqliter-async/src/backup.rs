//! Copies of the whole database.

use std::path::Path;

use sqliter_core::{Error, Result};

use crate::db::SqliterDb;
use crate::session::Session;

impl SqliterDb {
    /// Copies the database to a new file: as it is at one moment, while others read and write.
    ///
    /// The file appears when it is complete. In memory writers wait until then.
    ///
    /// ```
    /// # use sqliter_async::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("copy.db");
    /// let db = SqliterDb::memory().await?;
    /// db.execute("CREATE TABLE notes (text TEXT)", ()).await?;
    /// db.backup(&path).await?;
    /// let copy = SqliterDb::open(&path).await?;
    /// assert_eq!(copy.table_names().await?, ["notes"]);
    /// # copy.close().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::SqlExecution`] when the file exists and is not empty, a journal of another database lies beside it, or it
    /// cannot be written;
    /// [`Error::InvalidTransaction`] inside a transaction, whose own work would be missing from the copy.
    pub async fn backup(&self, path: impl AsRef<Path>) -> Result<()> {
        match self.reading().await? {
            Session::Engine(engine) => engine.backup(path.as_ref()).await,
            Session::Scope(_) => Err(Error::InvalidTransaction(
                "`backup` copies what is committed: call it outside the transaction".to_owned(),
            )),
        }
    }
}
