//! The derives of SQLiter.
