//! A transaction that commits when its closure returns.

use examples::python_bool;
use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Task {
    pk: Pk<Self>,
    title: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::memory().await?;
    db.create_table::<Task>().await?;

    db.transaction(async |tx| -> Result<()> {
        let task = Task::builder().title("Learn async SQLiter").insert(&tx).await?;
        println!("Inserted: {} (pk={})", task.title, task.pk);
        println!("Transaction auto-commits on exit");
        Ok(())
    })
    .await?;

    println!();
    println!("After context: connected={}", python_bool(db.is_connected()));
    Ok(())
}
