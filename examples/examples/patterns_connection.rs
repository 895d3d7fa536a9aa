//! A connection as it should be: write-ahead log, foreign keys, and what the application wants of every connection.

use std::time::Duration;

use sqliter_async::prelude::*;
use sqliter_async::{Durability, JournalMode};

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::builder()
        .filename("patterns.db")
        // These three are the defaults.
        .journal_mode(JournalMode::Wal)
        .durability(Durability::Normal)
        .busy_timeout(Duration::from_secs(5))
        // What else every connection needs, the pool's included.
        .on_connect(|connection| {
            Box::pin(async move {
                sqliter_async::sqlx::query("PRAGMA cache_size = -8000").execute(connection).await?;
                Ok(())
            })
        })
        .create()
        .await?;

    for pragma in ["journal_mode", "foreign_keys", "synchronous", "cache_size"] {
        let value = db.query_one(&format!("PRAGMA {pragma}"), ()).await?;
        match value.map(|row| row[0].clone()) {
            Some(Value::Text(text)) => println!("{pragma}: {text}"),
            Some(other) => println!("{pragma}: {other}"),
            None => println!("{pragma}: nothing"),
        }
    }
    // A pragma for one connection of several would be a trap.
    let refused = db.execute("PRAGMA foreign_keys = OFF", ()).await;
    println!("foreign keys can be switched off: {}", refused.is_ok());
    db.close().await;
    Ok(())
}
