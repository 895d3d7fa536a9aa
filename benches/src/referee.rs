//! The referee: gives everyone the same file, clears up between rounds, and reads what was written.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::contest::Outcome;

/// One contestant's file, seen from outside.
pub(crate) struct Referee {
    db: Connection,
    path: PathBuf,
}

impl Referee {
    /// Gives a contestant a copy of the template.
    pub(crate) fn copy(template: &Path, name: &str) -> Outcome<Self> {
        let path = template.with_file_name(format!("{name}.db"));
        std::fs::copy(template, &path)?;
        Ok(Referee { db: connect(&path)?, path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Before a round: the same content for everyone, and an empty log.
    pub(crate) fn prepare(&self, sql: &str) -> Outcome {
        if !sql.is_empty() {
            self.db.execute_batch(sql)?;
        }
        Ok(self.db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?)
    }

    /// The rows of a query as text.
    pub(crate) fn rows(&self, sql: &str) -> Outcome<Vec<String>> {
        if sql.is_empty() {
            return Ok(Vec::new());
        }
        let mut statement = self.db.prepare(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let mut line = String::new();
            for i in 0..columns {
                match row.get_ref(i)? {
                    ValueRef::Text(text) => line.push_str(&String::from_utf8_lossy(text)),
                    other => line.push_str(&format!("{other:?}")),
                }
                line.push('|');
            }
            out.push(line);
        }
        Ok(out)
    }
}

/// A connection with the settings that everyone has.
pub(crate) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "normal")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "busy_timeout", 5_000)?;
    Ok(db)
}
