//! A bank: a hundred transfers at the same time, some of which fail, and a total that never changes.

use std::fmt;

use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Account {
    pk: Pk<Self>,
    owner: String,
    /// In cents. The database refuses a debt too, should the program forget to look.
    #[field(check = "balance >= 0")]
    balance: i64,
}

#[derive(Debug)]
enum TransferError {
    Poor { owner: String, balance: i64 },
    NoSuchAccount(i64),
    Db(Error),
}

impl From<Error> for TransferError {
    fn from(e: Error) -> Self {
        TransferError::Db(e)
    }
}

impl fmt::Display for TransferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TransferError::Poor { owner, balance } => write!(f, "{owner} has only {balance}"),
            TransferError::NoSuchAccount(pk) => write!(f, "there is no account {pk}"),
            TransferError::Db(e) => e.fmt(f),
        }
    }
}

/// Takes a `&SqliterDb`: it works by itself and inside a larger transaction.
async fn transfer(db: &SqliterDb, from: i64, to: i64, amount: i64) -> std::result::Result<(), TransferError> {
    db.transaction(async |tx| {
        let mut payee = tx.get::<Account>(to).await?.ok_or(TransferError::NoSuchAccount(to))?;
        payee.balance += amount;
        tx.update(&mut payee).await?;

        let mut payer = tx.get::<Account>(from).await?.ok_or(TransferError::NoSuchAccount(from))?;
        if payer.balance < amount {
            // The payee has the money already: the rollback takes it back.
            return Err(TransferError::Poor { owner: payer.owner, balance: payer.balance });
        }
        payer.balance -= amount;
        tx.update(&mut payer).await?;
        Ok(())
    })
    .await
}

async fn total(db: &SqliterDb) -> Result<i64> {
    Ok(db.select::<Account>().fetch_all().await?.iter().map(|a| a.balance).sum())
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let file = std::env::temp_dir().join(format!("sqliter-bank-{}.db", std::process::id()));
    let db = SqliterDb::builder().filename(&file).reset(true).create().await?;
    db.create_table::<Account>().await?;
    let owners = ["Ann", "Bob", "Cid", "Dan", "Eve"];
    db.bulk_insert(owners.map(|owner| Account { pk: Pk::unset(), owner: owner.to_owned(), balance: 1_000 })).await?;
    let before = total(&db).await?;

    let transfers: Vec<_> = (0..100)
        .map(|i| {
            let db = db.clone();
            // Some ask for too much, some pay to nobody.
            let (from, to, amount) = (i % 5 + 1, (i * 3 + 1) % 6 + 1, (i * 37) % 700 + 1);
            tokio::spawn(async move { transfer(&db, from, to, amount).await })
        })
        .collect();
    // Whoever looks in the meantime sees the same total.
    let watcher = tokio::spawn({
        let db = db.clone();
        async move {
            for _ in 0..200 {
                assert_eq!(total(&db).await?, before);
                tokio::task::yield_now().await;
            }
            Ok::<(), Error>(())
        }
    });

    let (mut done, mut failed) = (0, 0);
    for transfer in transfers {
        match transfer.await? {
            Ok(()) => done += 1,
            Err(TransferError::Db(e)) => return Err(e.into()),
            Err(e) => {
                failed += 1;
                if failed == 1 {
                    println!("the first that failed: {e}");
                }
            }
        }
    }
    watcher.await??;
    let after = total(&db).await?;
    println!("{done} transfers done, {failed} failed");
    println!("total before: {before}, after: {after}");
    assert_eq!(before, after);
    db.close().await;
    std::fs::remove_file(file)?;
    Ok(())
}
