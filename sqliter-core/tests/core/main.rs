//! What the plan half promises: exact SQL, exact parameters, codecs and error messages. No database is involved.

mod ddl;
mod errors;
mod filters;
mod fixtures;
mod keys;
mod lists;
mod literals;
mod lookups;
mod nesting;
mod select;
mod statements;
mod temporal;
mod text_filters;
mod types;
mod write;
