//! Many rows at once: inserted, updated, and moved in one transaction that happens whole or not at all.

use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Account {
    pk: Pk<Self>,
    owner: String,
    #[field(check = "balance >= 0")]
    balance: i64,
}

async fn balances(db: &SqliterDb) -> Result<Vec<i64>> {
    Ok(db.select::<Account>().order(Account::PK).fetch_all().await?.iter().map(|a| a.balance).collect())
}

async fn transfer(db: &SqliterDb, transfers: &[(i64, i64, i64)]) -> Result<()> {
    db.transaction(async |tx| -> Result<()> {
        for &(from, to, amount) in transfers {
            let move_money = "UPDATE accounts SET balance = balance + ? WHERE pk = ?";
            tx.execute_many(move_money, [params![-amount, from], params![amount, to]]).await?;
        }
        Ok(())
    })
    .await
}

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::memory().await?;
    db.create_table::<Account>().await?;

    let owners = ["Ann", "Bob", "Cid"];
    let accounts = owners.map(|owner| Account { pk: Pk::unset(), owner: owner.to_owned(), balance: 100 });
    println!("inserted: {}", db.bulk_insert(accounts).await?.len());

    let rows = [(1, 150), (2, 50)].map(|(pk, balance)| params![pk: pk, balance: balance]);
    let updated = db.execute_many("UPDATE accounts SET balance = :balance WHERE pk = :pk", rows).await?;
    println!("updated: {updated}, balances: {:?}", balances(&db).await?);

    transfer(&db, &[(1, 2, 50), (2, 3, 25)]).await?;
    println!("moved, balances: {:?}", balances(&db).await?);

    // The second of these is too much: the first is taken back with it.
    let failed = transfer(&db, &[(1, 3, 10), (2, 3, 1_000)]).await;
    println!("too much: {}", failed.is_err());
    println!("balances: {:?}", balances(&db).await?);
    Ok(())
}
