//! Decimals in text, in a form whose order as text is that of the numbers.
//!
//! A sign (0 or 1), how many digits stand before the point (two digits), then all digits. Of a negative number everything is
//! the complement to nines, and a `~` at the end is greater than any further digit.

/// The sortable form of a number without an exponent; `None` of anything else.
pub(super) fn key(text: &str) -> Option<String> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if whole.len() > 99 {
        return None;
    }
    let mut key = format!("1{:02}{whole}{fraction}", whole.len());
    if negative && key != ZERO {
        key = complement(&key) + "~";
        key.replace_range(..1, "0");
    }
    Some(key)
}

const ZERO: &str = "100";

/// The number behind a sortable form, in its shortest text; `None` of anything else.
pub(super) fn number(key: &str) -> Option<String> {
    let (sign, digits) = match key.strip_suffix('~') {
        Some(key) => ("-", complement(key.strip_prefix('0')?)),
        None => ("", key.strip_prefix('1')?.to_owned()),
    };
    let length: usize = digits.get(..2)?.parse().ok()?;
    let (whole, fraction) = (digits.get(2..2 + length)?, digits.get(2 + length..)?);
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

fn complement(digits: &str) -> String {
    digits.bytes().map(|b| char::from(b'9' - b.wrapping_sub(b'0').min(9))).collect()
}

#[cfg(test)]
mod tests {
    use super::{key, number};

    #[test]
    fn the_order_of_keys_is_that_of_the_numbers() {
        let sorted = [
            "-79228162514264337593543950335",
            "-100.01",
            "-100",
            "-99.99",
            "-10",
            "-9.5",
            "-9.45",
            "-9.4",
            "-1",
            "-0.5",
            "-0.05",
            "-0.0000000000000000000000000001",
            "0",
            "0.0000000000000000000000000001",
            "0.05",
            "0.5",
            "0.55",
            "0.6",
            "1",
            "1.000000001",
            "1.5",
            "9.4",
            "9.45",
            "9.5",
            "10",
            "99.99",
            "100",
            "100.01",
            "79228162514264337593543950335",
        ];
        let keys: Vec<_> = sorted.iter().map(|n| key(n).expect("a number")).collect();
        for pair in keys.windows(2) {
            assert!(pair[0] < pair[1], "{pair:?}");
        }
        for (n, key) in sorted.iter().zip(keys) {
            assert_eq!(number(&key).as_deref(), Some(*n));
        }
        for (a, b) in [("1.50", "1.5"), ("+007", "7"), ("-0.0", "0"), (".5", "0.5"), ("5.", "5")] {
            assert_eq!(key(a), key(b));
        }
        for wrong in ["", "-", ".", "1e5", "1,5", "x", "0x1", "\u{663}", "NaN", "inf", "--1"] {
            assert_eq!(key(wrong), None, "{wrong}");
        }
        for wrong in ["", "1", "9", "0", "~", "199", "1ab", "é", "0~"] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
    }
}
