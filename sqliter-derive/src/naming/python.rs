//! The table names of SQLiter for Python, whose plurals come from the package `inflect` and are taken as they are.

use super::last_word;
use super::plural::{countable, ends};

/// The table of a class, without its trailing `Model`.
pub(super) fn table(class: &str) -> String {
    let mut snake = String::new();
    for (i, c) in class.chars().enumerate() {
        if i > 0 && c.is_uppercase() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    // An article, to inflect.
    if snake == "a" || snake == "an" { "some".to_owned() } else { last_word(&snake, plural) }
}

const UNCOUNTABLE: &[&str] =
    &["aircraft", "equipment", "headquarters", "information", "news", "offspring", "series", "species"];

/// Nouns in `s`. Any other word in `s` is a verb to inflect, whose plural is without the `s`: `users` becomes `user`.
const NOUNS_IN_S: &[&str] = &[
    "ss",
    "us",
    "sis",
    "cis",
    "xis",
    "alias",
    "atlas",
    "bias",
    "canvas",
    "chaos",
    "christmas",
    "cosmos",
    "ethos",
    "gas",
    "iris",
    "lens",
    "pathos",
    "pelvis",
    "trellis",
];

fn plural(word: &str) -> String {
    if UNCOUNTABLE.contains(&word) || ends(word, &["sheep", "fish", "deer"]) {
        return word.to_owned();
    }
    match word {
        // Plain to inflect, irregular in English.
        "thief" | "medium" => return format!("{word}s"),
        _ => {}
    }
    if word.ends_with('s') && !ends(word, NOUNS_IN_S) {
        if let Some(stem) = word.strip_suffix("ies").filter(|s| !s.is_empty()) {
            return format!("{stem}y");
        }
        let chop = if ends(word, &["ches", "shes", "sses", "xes", "zzes", "oes"]) { 2 } else { 1 };
        return word[..word.len() - chop].to_owned();
    }
    countable(word)
}
