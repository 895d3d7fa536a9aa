//! Statements as `debug(true)` prints them.

use std::fmt::Write;

use sqliter_core::Value;

/// The longest text that is printed whole.
const LONG: usize = 200;

/// Prints a statement with its values in place of the placeholders. `None` is a value that stays secret.
pub(super) fn statement(sql: &str, values: &[Option<Value>]) {
    tracing::debug!(target: "sqliter", "Executing SQL: {}", render(sql, values));
}

/// Replaces `?1`, `?2`, .. outside quotes.
fn render(sql: &str, values: &[Option<Value>]) -> String {
    let mut out = String::with_capacity(sql.len() + values.len() * 8);
    let mut quote = None;
    let mut chars = sql.char_indices().peekable();
    while let Some((_, c)) = chars.next() {
        match quote {
            Some(q) if q == c => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == '?' => {
                let mut n = 0usize;
                while let Some(digit) = chars.peek().and_then(|(_, c)| c.to_digit(10)) {
                    n = n * 10 + digit as usize;
                    chars.next();
                }
                push_value(&mut out, values.get(n.wrapping_sub(1)));
                continue;
            }
            None => {}
        }
        out.push(c);
    }
    out
}

fn push_value(out: &mut String, value: Option<&Option<Value>>) {
    let _ = match value {
        None => write!(out, "?"),
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
    }
}
