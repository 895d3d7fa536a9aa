//! From plans to SQL.
//!
//! [`Dialect`] is the seam to an engine: everything that is written differently elsewhere is a method of it, and [`Sqlite`]
//! is the one implementation. The writers here walk plans and schemas and know no connection.

mod conditions;
mod ddl;
mod dialect;
mod filtered;
mod having;
mod json;
mod junction;
mod lookups;
mod prefetch;
mod projection;
mod scope;
mod select;
mod sqlite;
mod statements;
mod write;
mod writer;

pub use ddl::{IndexPlan, create_index_sql, create_table_sql, drop_table_sql, indexes};
pub use dialect::Dialect;
pub use filtered::filtered_columns;
pub use junction::{JunctionPlan, clear_links_sql, junction_plan, link_sql, unlink_sql};
pub use prefetch::prefetch_sql;
pub use projection::result_columns;
pub use select::{count_sql, exists_sql, last_sql, select_sql};
pub use sqlite::Sqlite;
pub use statements::{Statements, insert_columns, statements, update_columns};
pub use write::{Update, delete_sql, resolve_columns, update_columns_sql, update_sql, upsert_sql};
pub use writer::Statement;

/// Case folding as the `i` operators mean it: upper, then lower case of each character, so that every form of a letter,
/// the final sigma included, becomes one.
pub fn fold_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}
