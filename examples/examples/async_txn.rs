//! A transaction that fails and leaves everything as it was.

use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Account {
    pk: Pk<Self>,
    name: String,
    balance: f64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::memory().await?;
    db.create_table::<Account>().await?;
    let mut alice = Account::builder().name("Alice").balance(100.0).insert(&db).await?;
    println!("Initial: {}=${:.1}", alice.name, alice.balance);

    let outcome: std::result::Result<(), Box<dyn std::error::Error>> = db
        .transaction(async |tx| {
            let mut payer = alice.clone();
            payer.balance -= 50.0;
            tx.update(&mut payer).await?;
            println!("Inside txn: deducted $50");
            Err("the shop is closed")?;
            Ok(())
        })
        .await;
    if outcome.is_err() {
        println!("Error — transaction rolled back");
    }

    db.refresh(&mut alice).await?;
    println!("Restored: {}=${:.1}", alice.name, alice.balance);
    println!("{}", if alice.balance == 100.0 { "Rollback confirmed" } else { "Rollback failed" });
    Ok(())
}
