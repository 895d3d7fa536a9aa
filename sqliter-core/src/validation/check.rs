//! One function for all rules: a value's view against the rules of its field.

use serde_json::{Value, json};

use super::formats;
use super::repr::{choices, repr};
use super::rules::{Bound, Check, Choices};
use super::view::{Items, View};
use crate::input::Invalid;

/// The first rule that the value breaks.
#[inline]
pub(crate) fn check(checks: &[Check], view: &View<'_>) -> Result<(), Invalid> {
    match checks.iter().find(|rule| !holds(rule, view)) {
        None => Ok(()),
        Some(rule) => Err(broken(rule, view)),
    }
}

/// Whether the value keeps the rule. Nothing breaks one.
#[inline]
fn holds(rule: &Check, view: &View<'_>) -> bool {
    match (rule, view) {
        (Check::MultipleOf(bound), view) => multiple(view, *bound),
        (Check::Lte(bound), view) => compare(view, *bound, |o| o.is_le()),
        (Check::Lt(bound), view) => compare(view, *bound, |o| o.is_lt()),
        (Check::Gte(bound), view) => compare(view, *bound, |o| o.is_ge()),
        (Check::Gt(bound), view) => compare(view, *bound, |o| o.is_gt()),
        (Check::MinLength(n), View::Text(v)) => at_least(v, *n),
        (Check::MaxLength(n), View::Text(v)) => at_most(v, *n),
        (Check::MinLength(n), View::Bytes(v)) => v.len() >= *n,
        (Check::MaxLength(n), View::Bytes(v)) => v.len() <= *n,
        (Check::Pattern(pattern), View::Text(v)) => pattern.matches(v),
        (Check::Email, View::Text(v)) => formats::email(v),
        (Check::Url, View::Text(v)) => formats::url(v).is_ok(),
        (Check::OneOf(Choices::Text(all)), View::Text(v)) => all.iter().any(|c| c == v),
        (Check::OneOf(Choices::Int(all)), View::Int(v)) => all.contains(v),
        (Check::OneOf(Choices::Int(all)), View::Float(v)) => all.iter().any(|c| *c as f64 == *v),
        #[cfg(feature = "rust_decimal")]
        (Check::OneOf(Choices::Int(all)), View::Decimal(v)) => {
            all.iter().any(|c| rust_decimal::Decimal::try_from_i128_with_scale(*c, 0) == Ok(*v))
        }
        (Check::MinItems(n), View::Items(_, len)) => len >= n,
        (Check::MaxItems(n), View::Items(_, len)) => len <= n,
        // The derive lets a rule only on types whose view it is for.
        _ => true,
    }
}

/// Counts characters only where the number of bytes does not decide.
#[inline]
fn at_least(text: &str, n: usize) -> bool {
    text.len() >= n && (text.len() / 4 >= n || text.chars().count() >= n)
}

#[inline]
fn at_most(text: &str, n: usize) -> bool {
    text.len() <= n || text.chars().count() <= n
}

#[inline]
fn compare(view: &View<'_>, bound: Bound, holds: impl Fn(std::cmp::Ordering) -> bool) -> bool {
    let order = match (view, bound) {
        (View::Int(v), Bound::Int(b)) => Some(v.cmp(&b)),
        (View::Int(v), Bound::Float(b)) => (*v as f64).partial_cmp(&b),
        (View::Float(v), b) => v.partial_cmp(&b.as_f64()),
        #[cfg(feature = "rust_decimal")]
        (View::Decimal(v), b) => decimal(b).map(|b| v.cmp(&b)),
        _ => return true,
    };
    // NaN compares with nothing.
    order.is_some_and(holds)
}

fn multiple(view: &View<'_>, of: Bound) -> bool {
    match (view, of) {
        (View::Int(v), Bound::Int(of)) => v.checked_rem(of) == Some(0),
        (View::Int(v), Bound::Float(of)) => multiple_f64(*v as f64, of),
        (View::Float(v), of) => multiple_f64(*v, of.as_f64()),
        #[cfg(feature = "rust_decimal")]
        (View::Decimal(v), of) => decimal(of).and_then(|of| v.checked_rem(of)).is_some_and(|r| r.is_zero()),
        _ => true,
    }
}

/// With Pydantic's tolerance.
fn multiple_f64(v: f64, of: f64) -> bool {
    let difference = (v - (v / of).round() * of).abs();
    difference.is_nan() || difference <= 1e-9
}

/// The bound as it was written, digit for digit.
#[cfg(feature = "rust_decimal")]
fn decimal(bound: Bound) -> Option<rust_decimal::Decimal> {
    match bound {
        Bound::Int(v) => rust_decimal::Decimal::try_from_i128_with_scale(v, 0).ok(),
        Bound::Float(v) => v.to_string().parse().ok(),
    }
}

#[cold]
pub(super) fn broken(rule: &Check, view: &View<'_>) -> Invalid {
    let number = |kind, word: &str, key, bound: Bound| {
        let (text, value) = shown(view, bound);
        Invalid::new(kind, format!("Input should be {word} {text}")).with(key, value)
    };
    match rule {
        Check::MultipleOf(b) => number("multiple_of", "a multiple of", "multiple_of", *b),
        Check::Lte(b) => number("less_than_equal", "less than or equal to", "le", *b),
        Check::Lt(b) => number("less_than", "less than", "lt", *b),
        Check::Gte(b) => number("greater_than_equal", "greater than or equal to", "ge", *b),
        Check::Gt(b) => number("greater_than", "greater than", "gt", *b),
        Check::MinLength(n) => length(view, "short", "least", "min_length", *n),
        Check::MaxLength(n) => length(view, "long", "most", "max_length", *n),
        Check::Pattern(p) => {
            Invalid::new("string_pattern_mismatch", format!("String should match pattern '{}'", p.source()))
                .with("pattern", p.source().into())
        }
        Check::OneOf(all) => {
            let expected = match all {
                Choices::Text(all) => choices(all.iter().map(|c| repr(&json!(c)))),
                Choices::Int(all) => choices(all.iter().map(ToString::to_string)),
            };
            Invalid::new("literal_error", format!("Input should be {expected}")).with("expected", expected.into())
        }
        Check::MinItems(n) => items(view, "too_short", "least", "min_length", *n),
        Check::MaxItems(n) => items(view, "too_long", "most", "max_length", *n),
        Check::Email | Check::Url => {
            let text = if let View::Text(text) = view { text } else { "" };
            let found = if matches!(rule, Check::Email) { formats::any_email(text) } else { formats::url(text) };
            found.err().unwrap_or_else(|| Invalid::value_error("not of the expected form"))
        }
    }
}

/// A bound in the message and in `ctx`, in the type of the value.
fn shown(view: &View<'_>, bound: Bound) -> (String, Value) {
    match (view, bound) {
        #[cfg(feature = "rust_decimal")]
        (View::Decimal(_), b) => {
            let text = decimal(b).map_or_else(|| b.as_f64().to_string(), |d| d.to_string());
            (text.clone(), text.into())
        }
        (View::Float(_), b) => (b.as_f64().to_string(), b.as_f64().into()),
        (_, Bound::Float(b)) => (b.to_string(), b.into()),
        (_, Bound::Int(b)) => (b.to_string(), i64::try_from(b).map_or_else(|_| b.to_string().into(), Value::from)),
    }
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

fn length(view: &View<'_>, too: &str, at: &str, key: &'static str, n: usize) -> Invalid {
    let bytes = matches!(view, View::Bytes(_));
    let (class, subject, unit) = if bytes { ("bytes", "Data", "byte") } else { ("string", "String", "character") };
    let msg = format!("{subject} should have at {at} {n} {unit}{}", plural(n));
    Invalid::new(format!("{class}_too_{too}"), msg).with(key, n.into())
}

fn items(view: &View<'_>, kind: &'static str, at: &str, key: &'static str, n: usize) -> Invalid {
    let (what, len) = match view {
        View::Items(what, len) => (*what, *len),
        _ => (Items::List, 0),
    };
    let what = what.name();
    // A set is given up at the first item too many.
    let (found, actual) = match (what, kind) {
        ("Set", "too_long") => ("more".to_owned(), Value::Null),
        _ => (len.to_string(), len.into()),
    };
    let msg = format!("{what} should have at {at} {n} item{} after validation, not {found}", plural(n));
    Invalid::new(kind, msg).with("field_type", what.into()).with(key, n.into()).with("actual_length", actual)
}
