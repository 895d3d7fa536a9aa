//! The driver: SQLite statements, stepped directly on connections leased from a sqlx pool.
//!
//! All `unsafe` of the project is in this folder, behind a safe interface: [`Connection`] owns its handle and its
//! statements, values are bound for exactly as long as they are borrowed, rows are lent to a callback. It knows values and
//! rows, and nothing of models or plans. [`Engine`] decides which connection serves a call, and on which thread.

mod atomic;
mod backup;
mod bind;
mod bounded;
mod cache;
mod checkpoint;
mod connection;
mod control;
mod cursor;
mod decimal;
mod engine;
mod error;
mod external;
mod functions;
mod generations;
mod lease;
mod log;
mod open;
mod options;
mod parked;
mod place;
mod raw;
mod read;
mod registry;
mod scope;
mod slots;
mod snapshot;
mod statement;
mod stream;
mod text;
mod watch;
mod write;

pub(crate) use bind::Bind;
pub(crate) use connection::{Changes, Connection, Sql, Stop};
pub(crate) use cursor::RowSink;
pub(crate) use engine::Engine;
pub(crate) use generations::{Before, Generations, Mark, Seen};
pub(crate) use open::pool;
pub use options::{Durability, Execution, JournalMode, OnConnectFuture};
pub(crate) use options::{OnConnect, Options, Place};
pub(crate) use parked::{Batch, Source, StreamSink};
pub(crate) use raw::{Fetched, NoRows, Raw, RawChanges, RawMany, RawWrite, Script, value};
pub(crate) use read::{Fetching, Query, ReadJob, own};
pub(crate) use scope::Scope;
pub(crate) use snapshot::Reading;
pub(crate) use statement::RowRef;
pub(crate) use stream::Feed;
pub(crate) use text::Action;
pub(crate) use write::{FEW, Job, Writing};
