//! [`Page`]: a part of a result, with where it stands.

/// One page of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Which page this is, counted from 1.
    pub number: i64,
    /// How many rows a full page has.
    pub size: i64,
    /// How many rows there are on all pages.
    pub total: i64,
    /// How many pages there are.
    pub pages: i64,
}

impl<T> Page<T> {
    pub(crate) fn of(items: Vec<T>, number: i64, size: i64, total: i64) -> Self {
        let pages = total.div_euclid(size) + i64::from(total.rem_euclid(size) > 0);
        Page { items, number, size, total, pages }
    }
}
