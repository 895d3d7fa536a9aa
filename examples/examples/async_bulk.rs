//! Several records in one call and one transaction.

use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Tag {
    pk: Pk<Self>,
    name: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::memory().await?;
    db.create_table::<Tag>().await?;

    let tags = ["python", "async", "sqlite"].map(|name| Tag { pk: Pk::unset(), name: name.to_owned() });
    let tags = db.bulk_insert(tags).await?;
    println!("Inserted {} tags:", tags.len());
    for tag in &tags {
        println!("  pk={}  {}", tag.pk, tag.name);
    }
    println!();
    println!("Total in DB: {}", db.select::<Tag>().count().await?);
    Ok(())
}
