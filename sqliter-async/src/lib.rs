//! An async SQLite ORM.

#[doc(hidden)]
pub mod __private {
    pub use sqliter_core::schema::{Action, ColumnDef, ColumnRole, IndexDef, Reference, Schema};
    pub use sqliter_core::*;
}
