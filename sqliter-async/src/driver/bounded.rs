//! Whether a write is small whatever the tables hold: found in SQLite's byte code.

use sqliter_core::{Row, Value, ValueRef};

use super::connection::{Connection, Sql, Stop};

impl Connection {
    /// Takes note of changes that other connections made to the schema: a statement is prepared from what is known, and only
    /// running one finds out.
    pub(crate) fn refresh_schema(&mut self) -> Result<(), Stop> {
        let Value::Int(cookie) = self.ask("PRAGMA schema_version")? else { return Ok(()) };
        if self.schema != Some(cookie) {
            self.ask("SELECT count(*) FROM sqlite_master")?;
            self.schema = Some(cookie);
        }
        Ok(())
    }

    /// Whether one run of a write touches a number of rows that does not grow with the tables: found in its byte code, where
    /// triggers and cascades are programs and scans are loops.
    pub(crate) fn is_bounded(&mut self, sql: Sql<'_>, may_loop: bool) -> bool {
        let schema = self.schema;
        if let Some(prepared) = self.cache.get(sql) {
            if let Some((bounded, at)) = prepared.bounded
                && at == (schema, prepared.statement.reprepared())
            {
                return bounded;
            }
        } else {
            if self.refresh_schema().is_err() {
                return false;
            }
            let Ok(prepared) = self.prepare(sql.as_str()) else { return false };
            self.cache.put(sql, prepared);
        }
        let schema = self.schema;
        let Ok(bounded) = self.explain(sql.as_str(), may_loop) else { return false };
        if let Some(prepared) = self.cache.get(sql) {
            prepared.bounded = Some((bounded, (schema, prepared.statement.reprepared())));
        }
        bounded
    }

    fn explain(&self, sql: &str, may_loop: bool) -> Result<bool, Stop> {
        let mut prepared = self.prepare(&format!("EXPLAIN {sql}"))?;
        while let Some(row) = prepared.statement.step(false)? {
            match row.value(1) {
                ValueRef::Text(b"Program") => return Ok(false),
                ValueRef::Text(b"Next" | b"Prev") if !may_loop => return Ok(false),
                // Virtual tables do what they like.
                ValueRef::Text([b'V', b'A'..=b'Z', ..]) => return Ok(false),
                _ => {}
            }
        }
        Ok(true)
    }
}
