//! Integration tests of SQLiter over its public API: see `it`.
//!
//! In the library itself is what tests need from another crate than their own.

use sqliter_async::prelude::*;

/// A model that relations of other crates lead to.
#[derive(Debug, Clone, DbModel)]
pub struct Account {
    /// The key.
    pub pk: Pk<Self>,
    /// Whose it is.
    pub name: String,
}
