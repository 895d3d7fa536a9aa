//! Enums of unit variants: what `#[derive(DbEnum)]` implements.

use super::DbType;

/// An enum stored as the name or the number of its variant: `#[derive(DbEnum)]`.
///
/// Text by default, the variant's name in snake_case; `#[db_enum(integer)]` stores its discriminant;
/// `#[db_enum(rename_all = "..")]` on the enum and `#[db_enum(rename = "..")]` on a variant change the names.
pub trait DbEnum: DbType {
    /// The stored form of each variant, in the order of declaration.
    const VARIANTS: &'static [&'static str];
}
