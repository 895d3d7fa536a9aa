//! What differs between SQL engines.

use super::writer::Writer;
use crate::error::Result;
use crate::expr::node::{DatePart, ExprNode, Function, TextTest};
use crate::schema::Action;
use crate::types::{SqlType, Store};
use crate::value::Value;

/// The SQL of one engine.
pub trait Dialect: Send + Sync {
    /// Writes a quoted identifier.
    fn identifier(&self, sql: &mut String, name: &str);

    /// Writes the placeholder of the `n`th parameter, counted from 1.
    fn placeholder(&self, sql: &mut String, n: usize);

    /// The most parameters that one statement takes.
    fn max_parameters(&self) -> usize;

    /// The name of a column type.
    fn sql_type(&self, ty: SqlType) -> &'static str;

    /// The declaration of a key that the database hands out.
    fn auto_key(&self) -> &'static str;

    /// The SQL of a foreign key action.
    fn action(&self, action: Action) -> &'static str;

    /// The name of a function.
    fn function(&self, function: Function) -> &'static str;

    /// Writes a part of a date or time; naive times are local times when `local` says so.
    ///
    /// # Errors
    /// When the expression cannot be written.
    fn date_part(&self, w: &mut Writer<'_>, expr: &ExprNode, part: DatePart, store: Store, local: bool) -> Result<()>;

    /// The function that makes of a decimal in text something that sorts as decimals do, and the one that makes the decimal of
    /// that again.
    fn decimal_order(&self) -> (&'static str, &'static str);

    /// The operator that is true for different values, `NULL` being one more value.
    fn distinct_from(&self) -> &'static str;

    /// Writes a text test.
    ///
    /// # Errors
    /// When the expression cannot be written.
    fn text_test(&self, w: &mut Writer<'_>, expr: &ExprNode, test: TextTest, value: &str) -> Result<()>;

    /// Writes that an expression is one of these values, of which there are too many for a parameter each.
    ///
    /// # Errors
    /// When the expression cannot be written.
    fn long_list(&self, w: &mut Writer<'_>, expr: &ExprNode, values: Vec<Value>) -> Result<()>;

    /// Writes the value inside a JSON column; the path is SQLite's.
    ///
    /// # Errors
    /// When the expression cannot be written.
    fn json_path(&self, w: &mut Writer<'_>, column: &ExprNode, path: String) -> Result<()>;

    /// Writes that a JSON list, or the one behind a path in it, holds one of these values, none twice, or all of them.
    ///
    /// # Errors
    /// When the expression cannot be written.
    fn json_contains(
        &self,
        w: &mut Writer<'_>,
        column: &ExprNode,
        path: Option<&str>,
        values: Vec<Value>,
        all: bool,
    ) -> Result<()>;

    /// Writes `LIMIT` and `OFFSET`.
    fn limit_offset(&self, w: &mut Writer<'_>, limit: Option<i64>, offset: Option<i64>);
}
