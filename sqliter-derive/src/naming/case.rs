//! `rename_all`: serde's cases.

use heck::{ToKebabCase, ToLowerCamelCase, ToShoutyKebabCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// A way to write names of several words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Case {
    pub(crate) const NAMES: &[&str] = &[
        "lowercase",
        "UPPERCASE",
        "PascalCase",
        "camelCase",
        "snake_case",
        "SCREAMING_SNAKE_CASE",
        "kebab-case",
        "SCREAMING-KEBAB-CASE",
    ];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "lowercase" => Some(Case::Lower),
            "UPPERCASE" => Some(Case::Upper),
            "PascalCase" => Some(Case::Pascal),
            "camelCase" => Some(Case::Camel),
            "snake_case" => Some(Case::Snake),
            "SCREAMING_SNAKE_CASE" => Some(Case::ScreamingSnake),
            "kebab-case" => Some(Case::Kebab),
            "SCREAMING-KEBAB-CASE" => Some(Case::ScreamingKebab),
            _ => None,
        }
    }

    pub(crate) fn apply(self, name: &str) -> String {
        match self {
            Case::Lower => name.to_lowercase(),
            Case::Upper => name.to_uppercase(),
            Case::Pascal => name.to_upper_camel_case(),
            Case::Camel => name.to_lower_camel_case(),
            Case::Snake => name.to_snake_case(),
            Case::ScreamingSnake => name.to_shouty_snake_case(),
            Case::Kebab => name.to_kebab_case(),
            Case::ScreamingKebab => name.to_shouty_kebab_case(),
        }
    }
}
