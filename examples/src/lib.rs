//! How the examples print: as the demos of Python's SQLiter do, so that the outputs can be compared line for line.

/// `True` or `False`.
#[must_use]
pub fn python_bool(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// The value, or `None`.
#[must_use]
pub fn python_option<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(|| "None".to_owned(), |v| v.to_string())
}

/// `['a', 'b']`.
#[must_use]
pub fn python_list<T: std::fmt::Display>(values: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<_> = values.into_iter().map(|v| format!("'{v}'")).collect();
    format!("[{}]", quoted.join(", "))
}
