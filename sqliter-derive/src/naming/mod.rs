//! Names in the database and in the expansion, from names in Rust.

mod case;
mod plural;
mod python;
#[cfg(test)]
mod tests;

pub(crate) use case::Case;

use heck::{ToShoutySnakeCase, ToSnakeCase};

/// The table of a struct that does not name one: without a trailing `Model`, in snake_case, in the plural.
pub(crate) fn table(model: &str) -> String {
    let snake = without_model(model).to_snake_case();
    last_word(&snake, plural::plural)
}

/// The table that SQLiter for Python gives to a class of this name.
pub(crate) fn python_table(model: &str) -> String {
    python::table(without_model(model))
}

/// The name of a field's const.
pub(crate) fn constant(field: &str) -> String {
    if field.chars().any(char::is_uppercase) { field.to_shouty_snake_case() } else { field.to_uppercase() }
}

/// `a`, or `an` before a vowel.
pub(crate) fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']) { "an" } else { "a" }
}

fn without_model(name: &str) -> &str {
    name.strip_suffix("Model").filter(|rest| !rest.is_empty()).unwrap_or(name)
}

fn last_word(snake: &str, change: impl Fn(&str) -> String) -> String {
    let start = snake.rfind('_').map_or(0, |i| i + 1);
    format!("{}{}", &snake[..start], change(&snake[start..]))
}
