//! `explain`: how SQLite will run a query, and which indexes it misses.

use std::collections::BTreeSet;

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

/// The table that goes by this name in a statement: an alias such as `t1` is declared as `"table" AS t1`.
fn table_of<'s>(sql: &'s str, name: &'s str) -> &'s str {
    let declared = format!("\" AS {name}");
    let Some(end) = sql.match_indices(&declared).map(|(at, _)| at).find(|at| {
        let after = sql[at + declared.len()..].chars().next();
        !after.is_some_and(|c| c.is_ascii_digit())
    }) else {
        return name;
    };
    sql[..end].rfind('"').map_or(name, |start| &sql[start + 1..end])
}

/// The tables that a plan reads from end to end.
fn scanned<'p>(plan: &'p str, sql: &'p str) -> BTreeSet<&'p str> {
    let lines = plan.lines().filter_map(|line| line.trim_start().strip_prefix("SCAN "));
    // `SCAN t0 USING INDEX ..` reads it in the order of an index.
    let names = lines.filter(|line| !line.contains(" USING ")).filter_map(|line| line.split_whitespace().next());
    names.map(|name| table_of(sql, name)).collect()
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
        let scanned: BTreeSet<String> = scanned(&plan, &sql).into_iter().map(str::to_owned).collect();
        for (table, column) in filtered_columns(&self.plan) {
            if scanned.contains(table) {
                plan.push_str(&format!(
                    "\nmissing index: '{table}' is read from end to end, and the filter is on '{column}'"
                ));
            }
        }
        Ok(plan)
    }
}
