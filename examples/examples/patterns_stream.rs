//! A large result, a row at a time: memory does not grow, and other queries run between two rows.

use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Item {
    pk: Pk<Self>,
    name: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::builder().filename("stream.db").readers(1).create().await?;
    db.create_table::<Item>().await?;
    db.bulk_insert((1..=10_000).map(|i| Item { pk: Pk::unset(), name: format!("item {i}") })).await?;

    let mut items = db.select::<Item>().order(Item::PK).stream();
    let (mut read, mut written) = (0, 0);
    while let Some(item) = items.next().await {
        let item = item?;
        read += 1;
        if read % 1_000 == 0 {
            // The stream shows the rows of one moment: it does not meet its own.
            db.insert(Item { pk: Pk::unset(), name: format!("copy of {}", item.name) }).await?;
            written += 1;
        }
    }
    println!("read {read}, wrote {written} meanwhile");
    println!("now there are {}", db.select::<Item>().count().await?);

    // Leaving early costs nothing: the connection goes back at once.
    let mut first = db.query_stream("SELECT name FROM items ORDER BY pk DESC", ());
    if let Some(row) = first.next().await {
        println!("the last: {}", row?.get::<String>("name")?);
    }
    drop(first);
    db.close().await;
    Ok(())
}
