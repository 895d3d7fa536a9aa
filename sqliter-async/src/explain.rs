//! `explain`: how SQLite will run a query, and which indexes it misses.

use sqliter_core::sql::filtered_columns;
use sqliter_core::{DbModel, Result, Row, Value};

use crate::driver::{RowRef, RowSink};
use crate::query::Query;
use crate::terminals::int;

/// The lines of a query plan, indented by depth.
#[derive(Default)]
struct PlanLines {
    depths: Vec<(i64, usize)>,
    text: String,
}

impl RowSink for PlanLines {
    fn row(&mut self, row: &RowRef<'_>) -> Result<()> {
        let (id, parent) = (int(&row.value(0).to_value()), int(&row.value(1).to_value()));
        let depth = self.depths.iter().find(|(i, _)| *i == parent).map_or(0, |(_, d)| d + 1);
        self.depths.push((id, depth));
        if let Value::Text(detail) = row.value(3).to_value() {
            if !self.text.is_empty() {
                self.text.push('\n');
            }
            self.text.push_str(&"  ".repeat(depth));
            self.text.push_str(&detail);
        }
        Ok(())
    }

    fn clear(&mut self) {
        *self = PlanLines::default();
    }
}

/// Whether a plan reads a table from end to end, be it in the order of an index.
fn is_scanned(plan: &str, sql: &str, table: &str) -> bool {
    // In a plan a table goes by its alias if it has one, and by its bare name else.
    let declared = format!("\"{}\" AS ", table.replace('"', "\"\""));
    let alias = |at: usize| {
        let rest = &sql[at + declared.len()..];
        &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len())]
    };
    let names: Vec<&str> = sql.match_indices(&declared).map(|(at, _)| alias(at)).chain([table]).collect();
    let mut scans = plan.lines().filter_map(|line| line.trim_start().strip_prefix("SCAN "));
    scans.any(|scan| {
        let after = names.iter().filter_map(|name| scan.strip_prefix(name));
        let mut after = after.map(str::trim_start);
        after.any(|rest| rest.is_empty() || rest.starts_with("USING ") || rest.ends_with("-JOIN"))
    })
}

impl<M: DbModel, Out: Clone + Send + Sync + 'static> Query<M, Out> {
    /// How SQLite will run `fetch_all`: its query plan, one step a line. A table that is read from end to end although a filter
    /// is on one of its columns adds a line that names the column: an index on it may help.
    ///
    /// ```
    /// # use sqliter_async::prelude::*;
    /// # #[derive(Debug, Clone, DbModel)]
    /// # struct Book { pk: Pk<Self>, title: String, #[field(index)] year: i64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let db = SqliterDb::memory().await?;
    /// # db.create_table::<Book>().await?;
    /// let plan = db.select::<Book>().filter(Book::TITLE.eq("Emma")).explain().await?;
    /// assert!(plan.ends_with("missing index: 'books' is read from end to end, and the filter is on 'title'"));
    /// assert!(!db.select::<Book>().filter(Book::YEAR.eq(1815)).explain().await?.contains("missing index"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn explain(&self) -> Result<String> {
        let mut statement = self.select(None)?;
        let sql = statement.sql.clone();
        statement.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
        let mut plan = self.db()?.reading().await?.fetch(self.read(statement), PlanLines::default()).await?.text;
        let steps = plan.clone();
        for (table, column) in filtered_columns(&self.plan) {
            if is_scanned(&steps, &sql, table) {
                plan.push_str(&format!(
                    "\nmissing index: '{table}' is read from end to end, and the filter is on '{column}'"
                ));
            }
        }
        Ok(plan)
    }
}
