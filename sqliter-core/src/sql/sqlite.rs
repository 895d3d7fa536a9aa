//! SQLite's SQL.

use super::dialect::Dialect;
use super::fold_case;
use super::writer::Writer;
use crate::error::Result;
use crate::expr::node::{DatePart, ExprNode, Function, TextTest};
use crate::schema::Action;
use crate::types::{SqlType, Store};
use crate::value::Value;

/// SQLite, with the functions that the driver registers on its connections (`sqliter_lower`, `sqliter_upper`,
/// `sqliter_fold`, `sqliter_regexp`, `sqliter_real`, `sqliter_decimal_key`, `sqliter_decimal`).
#[derive(Debug, Clone, Copy)]
pub struct Sqlite;

impl Dialect for Sqlite {
    fn identifier(&self, sql: &mut String, name: &str) {
        sql.push('"');
        let mut parts = name.split('"');
        sql.push_str(parts.next().unwrap_or_default());
        for part in parts {
            sql.push_str("\"\"");
            sql.push_str(part);
        }
        sql.push('"');
    }

    fn placeholder(&self, sql: &mut String, n: usize) {
        use std::fmt::Write;
        let _ = write!(sql, "?{n}");
    }

    fn max_parameters(&self) -> usize {
        32_766
    }

    fn sql_type(&self, ty: SqlType) -> &'static str {
        match ty {
            SqlType::Integer => "INTEGER",
            SqlType::Real => "REAL",
            SqlType::Text => "TEXT",
            SqlType::Blob => "BLOB",
        }
    }

    fn auto_key(&self) -> &'static str {
        "INTEGER PRIMARY KEY AUTOINCREMENT"
    }

    fn action(&self, action: Action) -> &'static str {
        match action {
            Action::Cascade => "CASCADE",
            Action::SetNull => "SET NULL",
            Action::Restrict => "RESTRICT",
            Action::NoAction => "NO ACTION",
        }
    }

    fn function(&self, function: Function) -> &'static str {
        match function {
            Function::Lower => "sqliter_lower",
            Function::Upper => "sqliter_upper",
            Function::Length => "length",
            Function::Abs => "abs",
            Function::Coalesce => "coalesce",
            Function::Part(..) => "strftime",
        }
    }

    fn date_part(&self, w: &mut Writer<'_>, expr: &ExprNode, part: DatePart, store: Store, local: bool) -> Result<()> {
        let format = match part {
            DatePart::Year => "%Y",
            DatePart::Month => "%m",
            DatePart::Day => "%d",
            DatePart::Date => "%Y-%m-%d",
        };
        let number = part != DatePart::Date;
        w.push(if number { "CAST(strftime('" } else { "strftime('" });
        w.push(format);
        w.push("', ");
        w.expr(expr)?;
        w.push(match store {
            Store::Seconds => ", 'unixepoch'",
            Store::Millis => " / 1000.0, 'unixepoch'",
            Store::Micros => " / 1000000.0, 'unixepoch'",
            Store::Default | Store::Text | Store::Pickle => "",
        });
        w.push(if local { ", 'localtime')" } else { ")" });
        if number {
            w.push(" AS INTEGER)");
        }
        Ok(())
    }

    fn decimal_order(&self) -> (&'static str, &'static str) {
        ("sqliter_decimal_key", "sqliter_decimal")
    }

    fn distinct_from(&self) -> &'static str {
        "IS NOT"
    }

    fn text_test(&self, w: &mut Writer<'_>, expr: &ExprNode, test: TextTest, value: &str) -> Result<()> {
        let secret = w.is_secret(expr);
        let fold = matches!(test, TextTest::IStartsWith | TextTest::IEndsWith | TextTest::IContains);
        let folded;
        let value = if fold {
            folded = fold_case(value);
            &folded
        } else {
            value
        };
        let subject = |w: &mut Writer<'_>| -> Result<()> {
            if fold {
                w.push("sqliter_fold(");
            }
            w.expr(expr)?;
            if fold {
                w.push(")");
            }
            Ok(())
        };
        match test {
            TextTest::Like | TextTest::Glob => {
                subject(w)?;
                w.push(if test == TextTest::Like { " LIKE " } else { " GLOB " });
                w.param(Value::Text(value.to_owned()), secret);
            }
            TextTest::NotLike => {
                w.push("(");
                subject(w)?;
                w.push(" LIKE ");
                w.param(Value::Text(value.to_owned()), secret);
                w.push(") IS NOT TRUE");
            }
            TextTest::Regexp => {
                w.push("sqliter_regexp(");
                w.param(Value::Text(value.to_owned()), secret);
                w.push(", ");
                subject(w)?;
                w.push(")");
            }
            // Comparing with the empty text holds for every value that is not NULL.
            _ if value.is_empty() => {
                w.expr(expr)?;
                w.push(" IS NOT NULL");
            }
            // A range, which an index serves; GLOB would stop at a NUL character.
            TextTest::StartsWith | TextTest::IStartsWith => {
                let end = successor(value);
                w.push("(");
                subject(w)?;
                w.push(" COLLATE BINARY >= ");
                w.param(Value::Text(value.to_owned()), secret);
                if let Some(end) = end {
                    w.push(" AND ");
                    subject(w)?;
                    w.push(" COLLATE BINARY < ");
                    w.param(Value::Text(end), secret);
                }
                w.push(")");
            }
            // As bytes: on text `substr` counts from the end only as far as the first NUL character.
            TextTest::EndsWith | TextTest::IEndsWith => {
                w.push("substr(CAST(");
                subject(w)?;
                w.push(&format!(" AS BLOB), -{}) = ", value.len()));
                w.param(Value::Blob(value.as_bytes().to_vec()), secret);
            }
            TextTest::Contains | TextTest::IContains => {
                w.push("instr(");
                subject(w)?;
                w.push(", ");
                w.param(Value::Text(value.to_owned()), secret);
                w.push(") > 0");
            }
        }
        Ok(())
    }

    fn long_list(&self, w: &mut Writer<'_>, expr: &ExprNode, values: Vec<Value>) -> Result<()> {
        let secret = w.is_secret(expr);
        in_long_list(w, &|w| w.expr(expr), values, secret)
    }

    fn json_path(&self, w: &mut Writer<'_>, column: &ExprNode, path: String) -> Result<()> {
        w.push("json_extract(");
        w.expr(column)?;
        w.push(", ");
        w.param(Value::Text(path), false);
        w.push(")");
        Ok(())
    }

    fn json_contains(
        &self,
        w: &mut Writer<'_>,
        column: &ExprNode,
        path: Option<&str>,
        values: Vec<Value>,
        all: bool,
    ) -> Result<()> {
        let secret = w.is_secret(column);
        let list = |w: &mut Writer<'_>| -> Result<()> {
            w.outside(column)?;
            if let Some(path) = path {
                w.push(", ");
                w.param(Value::Text(path.to_owned()), false);
            }
            Ok(())
        };
        let (nulls, values): (Vec<_>, Vec<_>) = values.into_iter().partition(|v| *v == Value::Null);
        let wanted = values.len();
        let mut tests = 0;
        let mut separator = |w: &mut Writer<'_>| {
            tests += 1;
            w.push(match (tests, all) {
                (1, _) => "(",
                (_, true) => " AND ",
                (_, false) => " OR ",
            });
        };
        if !values.is_empty() {
            separator(w);
            w.push(if all {
                "(SELECT COUNT(DISTINCT atom) FROM json_each("
            } else {
                "EXISTS (SELECT 1 FROM json_each("
            });
            list(w)?;
            w.push(") WHERE ");
            if wanted > 100 {
                let atom = |w: &mut Writer<'_>| {
                    w.push("atom");
                    Ok(())
                };
                in_long_list(w, &atom, values, secret)?;
            } else {
                w.push("atom IN (");
                for (i, value) in values.into_iter().enumerate() {
                    w.push(if i > 0 { ", " } else { "" });
                    w.param(value, secret);
                }
                w.push(")");
            }
            w.push(")");
            if all {
                w.push(&format!(" = {wanted}"));
            }
        }
        if !nulls.is_empty() {
            separator(w);
            w.push("EXISTS (SELECT 1 FROM json_each(");
            list(w)?;
            w.push(") WHERE type = 'null')");
        }
        w.push(match (tests, all) {
            (0, true) => "1",
            (0, false) => "0",
            _ => ")",
        });
        Ok(())
    }

    fn limit_offset(&self, w: &mut Writer<'_>, limit: Option<i64>, offset: Option<i64>) {
        if limit.is_none() && offset.is_none() {
            return;
        }
        // The number itself: SQLite plans by a limit's value, and prepares a statement again whenever a parameter there is bound.
        w.push(" LIMIT ");
        w.push(&limit.unwrap_or(-1).to_string());
        if let Some(offset) = offset {
            w.push(" OFFSET ");
            w.param(Value::Int(offset), false);
        }
    }
}

/// Appends the condition that something is one of any number of values, none of them `NULL`.
fn in_long_list(
    w: &mut Writer<'_>,
    what: &dyn Fn(&mut Writer<'_>) -> Result<()>,
    values: Vec<Value>,
    secret: bool,
) -> Result<()> {
    // One JSON parameter holds any number of values; those that JSON, or SQLite's reading of it, does not keep exactly go
    // as hexadecimal digits.
    let mut groups: [(&str, Vec<serde_json::Value>); 4] = [
        ("value", Vec::new()),
        ("unhex(value)", Vec::new()),
        ("CAST(unhex(value) AS TEXT)", Vec::new()),
        ("sqliter_real(value)", Vec::new()),
    ];
    for value in values {
        let (group, json) = match value {
            Value::Null => continue,
            Value::Int(v) => (0, v.into()),
            Value::Real(v) if v == 0.0 || (1e-50..1e50).contains(&v.abs()) => (0, v.into()),
            Value::Real(v) => (3, format!("{:016X}", v.to_bits()).into()),
            // A NUL character would end a JSON string early.
            Value::Text(v) if v.contains('\0') => (2, hex(v.as_bytes()).into()),
            Value::Text(v) => (0, v.into()),
            Value::Blob(v) => (1, hex(&v).into()),
        };
        groups[group].1.push(json);
    }
    let mut separator = "(";
    for (select, values) in groups.into_iter().filter(|(_, values)| !values.is_empty()) {
        w.push(separator);
        what(w)?;
        w.push(" IN (SELECT ");
        w.push(select);
        w.push(" FROM json_each(");
        w.param(Value::Text(serde_json::Value::Array(values).to_string()), secret);
        w.push("))");
        separator = " OR ";
    }
    w.push(if separator == "(" { "0" } else { ")" });
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut hex = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(hex, "{byte:02X}");
    }
    hex
}

/// The smallest text that is greater than every text with this prefix, if there is one.
fn successor(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        let next = match last {
            // The surrogates are no characters.
            '\u{D7FF}' => Some('\u{E000}'),
            c => char::from_u32(c as u32 + 1),
        };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::successor;

    #[test]
    fn the_successor_of_a_prefix_skips_what_is_no_character() {
        assert_eq!(successor("ab").as_deref(), Some("ac"));
        assert_eq!(successor("a\u{10FFFF}").as_deref(), Some("b"));
        assert_eq!(successor("\u{10FFFF}"), None);
        assert_eq!(successor("\u{D7FF}").as_deref(), Some("\u{E000}"));
    }
}
