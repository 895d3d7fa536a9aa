//! The first steps with Python's aiosqlite, call by call: SQL, parameters, a cursor, and a commit when it is time.

use sqliter_async::prelude::*;

#[tokio::main]
async fn main() -> Result<()> {
    let path = std::env::var("DB_PATH").unwrap_or_else(|_| "my_database.db".to_owned());
    // As there, nothing is kept before `commit`. By default every call commits by itself.
    let db = SqliterDb::builder().filename(path).auto_commit(false).create().await?;

    db.execute(
        "CREATE TABLE IF NOT EXISTS users (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            age INTEGER
        )",
        (),
    )
    .await?;

    db.execute("INSERT INTO users (name, age) VALUES (?, ?)", params!["Alice", 30]).await?;
    db.execute("INSERT INTO users (name, age) VALUES (?, ?)", params!["Bob", 24]).await?;
    db.commit().await?;

    println!("Users older than 25:");
    let mut cursor = db.query_stream("SELECT id, name, age FROM users WHERE age > ?", params![25]);
    while let Some(row) = cursor.next().await {
        let row = row?;
        println!(
            "  ID: {}, Name: {}, Age: {}",
            row.get_at::<i64>(0)?,
            row.get::<String>("name")?,
            row.get_at::<i64>(2)?
        );
    }

    let updated = db.execute("UPDATE users SET age = ? WHERE name = ?", params![31, "Alice"]).await?;
    println!("Updated: {}", updated.rows_affected);
    db.commit().await?;

    db.execute("DELETE FROM users WHERE name = ?", params!["Bob"]).await?;
    db.commit().await?;

    // What is not committed can be taken back.
    db.execute("DELETE FROM users", ()).await?;
    db.rollback().await?;

    let count: Option<i64> = db.query_scalar("SELECT COUNT(*) FROM users", ()).await?;
    println!("Total users remaining: {}", count.unwrap_or(0));
    db.close().await;
    Ok(())
}
