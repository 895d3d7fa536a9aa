//! Every behaviour through the public API, against real files, and in memory where that differs.

mod bulk;
mod cancel;
mod concurrency;
mod enums;
mod files;
mod handle;
mod log;
mod messages;
mod models;
mod names;
mod parts;
mod queries;
mod raw;
mod records;
mod round_trip;
mod saves;
mod schema;
mod support;
mod tables;
mod time;
mod writes;
