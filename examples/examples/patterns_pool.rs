//! One handle is the pool: clones of it work at the same time, readers beside one writer, without "database is locked".

use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Hit {
    pk: Pk<Self>,
    task: i64,
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let db = SqliterDb::builder().filename("pool.db").readers(4).create().await?;
    db.create_table::<Hit>().await?;

    let tasks: Vec<_> = (0..20)
        .map(|task| {
            let db = db.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    let hit = Hit::builder().task(task).insert(&db).await?;
                    // What was written is there for every connection.
                    assert!(db.get::<Hit>(&hit.pk).await?.is_some());
                }
                Ok::<_, Error>(())
            })
        })
        .collect();
    let mut failed = 0;
    for task in tasks {
        failed += usize::from(task.await?.is_err());
    }
    println!("20 tasks with 10 writes each, {failed} failed");
    println!("rows: {}", db.select::<Hit>().count().await?);
    let each = db.query("SELECT count(*) AS n FROM hits GROUP BY task", ()).await?;
    println!("every task wrote 10: {}", each.iter().all(|row| row["n"] == Value::Int(10)));
    db.close().await;
    Ok(())
}
