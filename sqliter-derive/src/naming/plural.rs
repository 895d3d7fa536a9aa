//! English plurals of lower-case words.
//!
//! Rules by ending after lists of exceptions: words that a program has tables for, not a dictionary.

const IRREGULAR: &[(&str, &str)] = &[
    ("child", "children"),
    ("criterion", "criteria"),
    ("datum", "data"),
    ("die", "dice"),
    ("foot", "feet"),
    ("goose", "geese"),
    ("lens", "lenses"),
    ("louse", "lice"),
    ("medium", "media"),
    ("money", "monies"),
    ("mouse", "mice"),
    ("ox", "oxen"),
    ("phenomenon", "phenomena"),
    ("quiz", "quizzes"),
    ("thief", "thieves"),
    ("tooth", "teeth"),
];

/// Endings that are irregular in compounds too: `salesperson`, `stepchild`, `workman`.
const IRREGULAR_ENDS: &[(&str, &str)] = &[("person", "people"), ("child", "children"), ("man", "men")];

/// Words in `man` that are no compounds of it.
const MANS: &[&str] = &["human", "german", "roman", "caiman", "shaman", "talisman", "ottoman"];

const UNCOUNTABLE: &[&str] = &[
    "aircraft",
    "data",
    "equipment",
    "feedback",
    "hardware",
    "headquarters",
    "homework",
    "information",
    "media",
    "metadata",
    "music",
    "news",
    "offspring",
    "series",
    "software",
    "species",
    "staff",
    "traffic",
];
const UNCOUNTABLE_ENDS: &[&str] = &["sheep", "fish", "deer"];

/// Words in `o` with `es`; the others take `s`.
const OES: &[&str] = &["echo", "embargo", "hero", "mosquito", "potato", "tomato", "torpedo", "veto", "volcano"];

/// Words in `ch` that is spoken as `k`.
const CHS: &[&str] = &["epoch", "monarch", "patriarch", "stomach"];

/// Words in `s` that are singular all the same; any other is taken for a plural already.
const SINGULAR_S: &[&str] = &["ss", "us", "as", "is", "chaos", "cosmos"];

/// The plural of a word. A plural stays what it is.
pub(super) fn plural(word: &str) -> String {
    if UNCOUNTABLE.contains(&word) || ends(word, UNCOUNTABLE_ENDS) {
        return word.to_owned();
    }
    if word.ends_with('s') && !word.ends_with("lens") && !ends(word, SINGULAR_S) {
        return word.to_owned();
    }
    countable(word)
}

/// The plural of a word that is singular.
pub(super) fn countable(word: &str) -> String {
    if let Some((_, plural)) = IRREGULAR.iter().find(|(singular, _)| *singular == word) {
        return (*plural).to_owned();
    }
    if !MANS.contains(&word)
        && let Some((stem, plural)) = IRREGULAR_ENDS.iter().find_map(|(end, p)| Some((word.strip_suffix(end)?, p)))
    {
        return format!("{stem}{plural}");
    }
    let cut = |n: usize, ending: &str| format!("{}{ending}", &word[..word.len() - n]);
    if word == "iris" || CHS.contains(&word) {
        return if word == "iris" { cut(0, "es") } else { cut(0, "s") };
    }
    if word.ends_with("is") {
        return cut(2, "es");
    }
    if ends(word, &["s", "x", "z", "ch", "sh"]) || OES.contains(&word) {
        return cut(0, "es");
    }
    if word.ends_with('y') && (word.ends_with("quy") || !ends(word, &["ay", "ey", "iy", "oy", "uy"])) {
        return cut(1, "ies");
    }
    if ends(word, &["alf", "elf", "olf", "leaf", "loaf"]) {
        return cut(1, "ves");
    }
    if ends(word, &["knife", "life", "wife"]) {
        return cut(2, "ves");
    }
    cut(0, "s")
}

/// Whether the word ends in one of these.
pub(super) fn ends(word: &str, endings: &[&str]) -> bool {
    endings.iter().any(|e| word.ends_with(e))
}
