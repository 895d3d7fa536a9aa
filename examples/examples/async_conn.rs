//! Opening and closing a database in memory.

use examples::{python_bool, python_option};
use sqliter_async::prelude::*;

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::memory().await?;
    println!("Created database: {db:?}");
    println!("Is memory: {}", python_bool(db.is_memory()));
    println!("Filename: {}", python_option(db.filename().map(|f| f.display())));
    println!("Connected: {}", python_bool(db.is_connected()));
    db.close().await;
    println!("After close: {}", python_bool(db.is_connected()));
    Ok(())
}
