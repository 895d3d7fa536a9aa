//! "Did you mean": the nearest right name in a help line.

const NEAR: f64 = 0.75;

/// How alike two names are, from 0 to 1: as `sqliter_core` measures it at run time.
fn likeness(name: &str, candidate: &str) -> f64 {
    let alike = strsim::jaro_winkler(name, candidate);
    let slip = strsim::osa_distance(name, candidate) <= name.chars().count() / 3;
    if slip { alike.max(NEAR + 0.05) } else { alike }
}

/// `did you mean ..?` if one is near enough to be meant, else the list of all.
pub(crate) fn help<'a>(name: &str, what: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let nearest = candidates
        .iter()
        .map(|c| (likeness(name, c), *c))
        .filter(|(score, _)| *score > NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, c)) => format!("did you mean `{c}`?"),
        None => format!("{what} {}", list(&candidates)),
    }
}

/// `` `a`, `b` and `c` ``.
pub(crate) fn list(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => format!("`{one}`"),
        [rest @ .., last] => {
            let rest: Vec<String> = rest.iter().map(|n| format!("`{n}`")).collect();
            format!("{} and `{last}`", rest.join(", "))
        }
    }
}
