//! Paths into JSON columns.

use crate::error::{Error, Result};

/// SQLite's form of a path such as `address.city` or `scores[0].value`: `$."address"."city"`.
pub(super) fn json_path(path: &str) -> Result<String> {
    let wrong = |reason: &str| Error::InvalidFilter { field: path.to_owned(), reason: format!("JSON path: {reason}") };
    let mut out = String::from("$");
    for segment in path.split('.') {
        let (key, indexes) = segment.find('[').map_or((segment, ""), |at| segment.split_at(at));
        if key.contains('"') {
            return Err(wrong("a key with a double quote cannot be reached"));
        }
        if !key.is_empty() {
            out.push_str(&format!(".\"{key}\""));
        } else if indexes.is_empty() || out != "$" {
            return Err(wrong("a key is missing: write `a.b[0]`"));
        }
        let mut rest = indexes;
        while let Some(inside) = rest.strip_prefix('[') {
            let (index, after) = inside.split_once(']').ok_or_else(|| wrong("`]` is missing"))?;
            let digits = index.strip_prefix('-').unwrap_or(index);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(wrong("an index is a number: `[0]`, or `[-1]` for the last"));
            }
            out.push_str(&if index.starts_with('-') { format!("[#-{digits}]") } else { format!("[{digits}]") });
            rest = after;
        }
        if !rest.is_empty() {
            return Err(wrong("a `.` is missing after `]`"));
        }
    }
    Ok(out)
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
        for wrong in ["", "a..b", "a.", "a[x]", "a[", "a[0]b", "a\"b", "a.[0]"] {
            assert!(json_path(wrong).is_err(), "{wrong}");
        }
    }
}
