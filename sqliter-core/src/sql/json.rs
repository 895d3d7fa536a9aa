//! Paths into JSON columns.

use crate::error::{Error, Result};
use crate::expr::node::ExprNode;

/// No list in a JSON text has so many items; SQLite would count a larger index from 0 again.
const LAST: u64 = u32::MAX as u64;

/// SQLite's form of a path such as `address.city`, `scores[0].value` or `"a.key".b`: `$."address"."city"`.
pub(super) fn json_path(path: &str) -> Result<String> {
    let wrong = |reason: &str| Error::InvalidFilter { field: path.to_owned(), reason: format!("JSON path: {reason}") };
    let (mut out, mut rest) = (String::from("$"), path);
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (key, after) = unquoted(quoted).ok_or_else(|| wrong("a `\"` is missing"))?;
            push_key(&mut out, &key);
            rest = after;
        } else {
            let (key, after) = rest.find(['.', '[']).map_or((rest, ""), |at| rest.split_at(at));
            if key.contains('"') {
                return Err(wrong("a key with a double quote is written in quotes: `\"a\\\"b\"`"));
            }
            if !key.is_empty() {
                push_key(&mut out, key);
            } else if !after.starts_with('[') || out != "$" {
                return Err(wrong("a key is missing: write `a.b[0]`"));
            }
            rest = after;
        }
        while let Some(inside) = rest.strip_prefix('[') {
            let (index, after) = inside.split_once(']').ok_or_else(|| wrong("`]` is missing"))?;
            let digits = index.strip_prefix('-').unwrap_or(index);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(wrong("an index is a number: `[0]`, or `[-1]` for the last"));
            }
            let number = digits.parse().unwrap_or(LAST).min(LAST);
            out.push_str(&if index.starts_with('-') { format!("[#-{number}]") } else { format!("[{number}]") });
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Ok(out),
            None => return Err(wrong("a `.` is missing between two keys")),
        }
    }
}

/// The column that an expression looks into, and the whole path; no path where it is the column itself.
///
/// One step of SQLite for paths in paths: what a first step had taken out need not be JSON, which a second would choke on.
pub(super) fn json_source(expr: &ExprNode) -> Result<(ExprNode, Option<String>)> {
    let (inner, path) = match expr {
        ExprNode::JsonPath(inner, path) => (inner, path),
        ExprNode::Path(hops, end) => {
            let (column, path) = json_source(end)?;
            return Ok((column.behind(hops), path));
        }
        other => return Ok((other.clone(), None)),
    };
    let (column, before) = json_source(inner)?;
    let path = json_path(path)?;
    Ok((
        column,
        Some(match before {
            Some(before) => before + path.trim_start_matches('$'),
            None => path,
        }),
    ))
}

fn push_key(out: &mut String, key: &str) {
    out.push('.');
    // With JSON's escapes, which SQLite reads there.
    out.push_str(&serde_json::Value::from(key).to_string());
}

/// A key up to its closing quote, and what follows. A backslash takes the next character as it is.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let (mut key, mut chars) = (String::new(), text.char_indices());
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((key, &text[at + 1..])),
            '\\' => key.push(chars.next()?.1),
            c => key.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::json_path;

    #[test]
    fn paths_are_quoted() {
        let ok = |path| json_path(path).expect("a path");
        assert_eq!(ok("a"), "$.\"a\"");
        assert_eq!(ok("a.b c[0][-1].d"), "$.\"a\".\"b c\"[0][#-1].\"d\"");
        assert_eq!(ok("[3].x"), "$[3].\"x\"");
        assert_eq!(ok("\"a.b[0]\"[1].c"), "$.\"a.b[0]\"[1].\"c\"");
        assert_eq!(ok("x.\"\""), "$.\"x\".\"\"");
        assert_eq!(ok(r#""a\"b\\c""#), r#"$."a\"b\\c""#);
        assert_eq!(ok("a\\b"), r#"$."a\\b""#);
        assert_eq!(ok("a\n\0"), r#"$."a\n\u0000""#);
        assert_eq!(ok("[4294967296][-99999999999999999999]"), "$[4294967295][#-4294967295]");
        for wrong in ["", "a..b", "a.", "a[x]", "a[", "a[0]b", "a\"b", "a.[0]", "\"a", "\"a\"b", "\"a\"\"b\"", "\"a\\"]
        {
            assert!(json_path(wrong).is_err(), "{wrong}");
        }
    }
}
