//! JSON as Python prints it, for the `input_value` of a message.

use std::fmt::Write as _;

use serde_json::Value;

/// Longer ones are cut in the middle.
const LONGEST: usize = 50;

/// The value, cut to what Pydantic shows of it.
pub(super) fn shortened(value: &Value) -> String {
    let mut text = String::new();
    write_repr(&mut text, value);
    if text.len() <= LONGEST {
        return text;
    }
    let middle = LONGEST.div_ceil(2);
    let head = text.floor_char_boundary(middle);
    let tail = text.ceil_char_boundary(text.len() - (middle - 1));
    format!("{}...{}", &text[..head], &text[tail..])
}

/// The name of the value's type in Python.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// A string or a number of a list of choices, as Python prints it.
pub(crate) fn repr(value: &Value) -> String {
    let mut text = String::new();
    write_repr(&mut text, value);
    text
}

/// `'a', 'b' or 'c'`.
pub(crate) fn choices(items: impl IntoIterator<Item = String>) -> String {
    let mut items: Vec<String> = items.into_iter().collect();
    match items.pop() {
        Some(last) if !items.is_empty() => format!("{} or {last}", items.join(", ")),
        last => last.unwrap_or_default(),
    }
}

fn write_repr(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(n) => match n.as_f64().filter(|_| n.is_f64()) {
            Some(v) => float(out, v),
            None => _ = write!(out, "{n}"),
        },
        Value::String(s) => string(out, s),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write_repr(out, item);
            }
            out.push(']');
        }
        Value::Object(entries) => {
            out.push('{');
            for (i, (key, value)) in entries.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                string(out, key);
                out.push_str(": ");
                write_repr(out, value);
            }
            out.push('}');
        }
    }
}

/// Python writes an exponent from 1e16 on and below 1e-4, of at least two digits.
fn float(out: &mut String, v: f64) {
    let size = v.abs();
    if v != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{v:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |e| ('-', e));
        _ = write!(out, "{digits}e{sign}{exponent:0>2}");
    } else {
        out.push_str(&decimal(v));
    }
}

/// Of two texts that are equally near to a number, Python takes the one that ends with an even digit.
fn decimal(v: f64) -> String {
    let text = format!("{v:?}");
    let Some((before, last @ (b'1' | b'3' | b'5' | b'7' | b'9'))) = text.as_bytes().split_last().map(|(l, b)| (b, *l))
    else {
        return text;
    };
    let even = format!("{}{}", &text[..before.len()], char::from(last - 1));
    let exact = format!("{v:.60}");
    let is_half = |rest: &str| rest.strip_prefix('5').is_some_and(|zeros| zeros.bytes().all(|b| b == b'0'));
    let near = exact.strip_prefix(&even).is_some_and(is_half) && even.parse() == Ok(v);
    if near { even } else { text }
}

fn string(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if !is_printable(c) => {
                let code = c as u32;
                _ = match code {
                    0..0x100 => write!(out, "\\x{code:02x}"),
                    0x100..0x10000 => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
            c => out.push(c),
        }
    }
    out.push(quote);
}

/// Python's `str.isprintable`, which Rust's own printing of text asks too; the letter stands before the character because a
/// combining one is printable only behind another.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    let mut text = String::from("a");
    text.push(c);
    text.escape_debug().nth(1) == Some(c)
}
