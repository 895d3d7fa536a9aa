//! The marks of the generated builders: whether a required field was given.

/// A required field that was given.
#[derive(Debug)]
pub struct Set;

/// A required field that was not given yet.
#[derive(Debug)]
pub struct Unset;
