//! Integration tests of SQLiter over its public API: see `it`.
