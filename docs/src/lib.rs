//! The guide. Each page is a module here, so that its code blocks are documentation tests.

#[doc = include_str!("../../README.md")]
pub mod readme {}

#[doc = include_str!("../guide/models.md")]
pub mod models {}

#[doc = include_str!("../guide/validation.md")]
pub mod validation {}

#[doc = include_str!("../guide/queries.md")]
pub mod queries {}

#[doc = include_str!("../guide/aggregates.md")]
pub mod aggregates {}

#[doc = include_str!("../guide/relations.md")]
pub mod relations {}

#[doc = include_str!("../guide/database.md")]
pub mod database {}

#[doc = include_str!("../guide/raw-sql.md")]
pub mod raw_sql {}

#[doc = include_str!("../guide/transactions.md")]
pub mod transactions {}

#[doc = include_str!("../guide/cache.md")]
pub mod cache {}

#[doc = include_str!("../guide/errors.md")]
pub mod errors {}
