//! Statements as `debug(true)` prints them.

use std::fmt::Write;

use sqliter_core::Value;

use super::text::{Token, Tokens};

/// The longest text that is printed whole.
const LONG: usize = 200;

/// Prints a statement with its values in place of the placeholders. `None` is a value that stays secret.
pub(super) fn statement(sql: &str, values: &[Option<Value>]) {
    tracing::debug!(target: "sqliter", "Executing SQL: {}", render(sql, values));
}

/// Puts the values where their placeholders are: `?1`, `?`, `:name`, numbered as SQLite does.
fn render(sql: &str, values: &[Option<Value>]) -> String {
    let mut out = String::with_capacity(sql.len() + values.len() * 8);
    let (mut last, mut names) = (0, Vec::<(&str, usize)>::new());
    let mut rest = 0;
    for (place, token) in Tokens::of(sql) {
        let Token::Variable(name) = token else { continue };
        let n = match name.strip_prefix('?') {
            Some("") => last + 1,
            Some(number) => number.parse().unwrap_or(0),
            None => names.iter().find(|(known, _)| *known == name).map_or(last + 1, |(_, n)| *n),
        };
        if !name.starts_with('?') && n > last {
            names.push((name, n));
        }
        last = last.max(n);
        out.push_str(&sql[rest..place.start]);
        push_value(&mut out, name, values.get(n.wrapping_sub(1)));
        rest = place.end;
    }
    out.push_str(&sql[rest..]);
    out
}

fn push_value(out: &mut String, name: &str, value: Option<&Option<Value>>) {
    let _ = match value {
        None => write!(out, "{name}"),
        Some(None) => write!(out, "<redacted>"),
        Some(Some(Value::Text(text))) if text.len() > LONG => write!(out, "<text of {} bytes>", text.len()),
        Some(Some(value)) => write!(out, "{value}"),
    };
}

#[cfg(test)]
mod tests {
    use super::render;
    use sqliter_core::Value;

    #[test]
    fn values_never_swallow_each_other() {
        let values = [Some(Value::from("a?2'b")), Some(Value::Int(7)), None, Some(Value::Blob(vec![0; 9]))];
        assert_eq!(
            render(r#"SELECT "?1", '?2' WHERE a = ?1 AND b = ?2 AND c = ?3 AND d = ?4"#, &values),
            r#"SELECT "?1", '?2' WHERE a = 'a?2''b' AND b = 7 AND c = <redacted> AND d = <9 bytes>"#
        );
        assert_eq!(
            render("SELECT ?, :a, ?, @b, :a -- ?\n", &values),
            "SELECT 'a?2''b', 7, <redacted>, <9 bytes>, 7 -- ?\n"
        );
    }
}
