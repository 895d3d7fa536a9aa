//! One work a number of times, for callgrind: `count <rusqlite|sqliter> <get|insert> <times>`.
//!
//! Instructions do not depend on what else the machine does. Two runs with different numbers give those of one call:
//! `benches/count.sh` does that.

use sqliter_async::prelude::*;

const GET: &str = "SELECT pk, created_at, updated_at, title, author_id, year, rating FROM books WHERE pk = ?1";
const INSERT: &str =
    "INSERT INTO books (created_at, updated_at, title, author_id, year, rating) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const TITLE: &str = "The title of book number 000001, which goes on for a while";
const ROWS: i64 = 1_000;

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    created_at: i64,
    updated_at: i64,
    title: String,
    author_id: i64,
    year: i64,
    rating: f64,
}

fn book(title: String) -> Book {
    Book { pk: Pk::unset(), created_at: 0, updated_at: 0, title, author_id: 1, year: 1900, rating: 4.5 }
}

type Outcome = std::result::Result<(), Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [who, work, times] = &args[..] else { return Err("count <rusqlite|sqliter> <get|insert> <times>".into()) };
    let (insert, times) = (work == "insert", times.parse()?);
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("count.db");
    let db = SqliterDb::open(&path).await?;
    db.create_table::<Book>().await?;
    db.bulk_insert((0..ROWS).map(|_| book(TITLE.to_owned()))).await?;
    if who == "sqliter" {
        ours(&db, insert, times).await
    } else {
        db.close().await;
        by_hand(&path, insert, times)
    }
}

async fn ours(db: &SqliterDb, insert: bool, times: i64) -> Outcome {
    let tx = db.begin().await?;
    for i in 0..times {
        if insert {
            tx.insert(book(TITLE.to_owned())).await?;
        } else {
            tx.get::<Book>(i * 79 % ROWS + 1).await?.ok_or("missing")?;
        }
    }
    Ok(tx.commit().await?)
}

fn by_hand(path: &std::path::Path, insert: bool, times: i64) -> Outcome {
    let db = rusqlite::Connection::open(path)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "normal")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.execute_batch("BEGIN IMMEDIATE")?;
    for i in 0..times {
        if insert {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs() as i64;
            let b = book(TITLE.to_owned());
            let values = rusqlite::params![now, now, b.title, b.author_id, b.year, b.rating];
            db.prepare_cached(INSERT)?.execute(values)?;
        } else {
            db.prepare_cached(GET)?.query_row([i * 79 % ROWS + 1], |row| {
                Ok(Book {
                    pk: Pk::of(row.get::<_, i64>(0)?),
                    created_at: row.get(1)?,
                    updated_at: row.get(2)?,
                    title: row.get(3)?,
                    author_id: row.get(4)?,
                    year: row.get(5)?,
                    rating: row.get(6)?,
                })
            })?;
        }
    }
    Ok(db.execute_batch("COMMIT")?)
}
