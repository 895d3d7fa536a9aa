//! "Did you mean": the nearest right name.

const NEAR: f64 = 0.75;

/// How alike two names are, from 0 to 1. Jaro and Winkler's measure sees no swapped letters in names as short as `age`, hence the
/// edits beside it: one in three letters is a slip.
fn likeness(name: &str, candidate: &str) -> f64 {
    let alike = strsim::jaro_winkler(name, candidate);
    let slip = strsim::osa_distance(name, candidate) <= name.chars().count() / 3;
    if slip { alike.max(NEAR + 0.05) } else { alike }
}

/// The candidate nearest to `name`, if one is near enough to be meant.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|c| (likeness(name, c), c))
        .filter(|(score, _)| *score > NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| c)
}

/// `; did you mean 'x'?`, or nothing.
pub fn hint<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, candidates).map_or_else(String::new, |c| format!("; did you mean '{c}'?"))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_near_and_other_words_are_not() {
        let names = ["pk", "age", "name", "title", "created_at"];
        for (wrong, right) in
            [("aeg", "age"), ("ages", "age"), ("nmae", "name"), ("Title", "title"), ("craeted", "created_at")]
        {
            assert_eq!(nearest(wrong, names), Some(right), "{wrong}");
        }
        for other in ["", "x", "zip", "colour"] {
            assert_eq!(nearest(other, names), None, "{other}");
        }
    }
}
