//! Filters, order and the terminal methods.

use examples::{python_bool, python_list};
use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Stock {
    pk: Pk<Self>,
    name: String,
    qty: i64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::memory().await?;
    db.create_table::<Stock>().await?;
    for (name, qty) in [("Apple", 5), ("Banana", 12), ("Cherry", 3), ("Date", 8)] {
        Stock::builder().name(name).qty(qty).insert(&db).await?;
    }

    println!("All items: {}", db.select::<Stock>().fetch_all().await?.len());

    let many = db.select::<Stock>().filter(Stock::QTY.gt(4)).order(Stock::NAME).fetch_all().await?;
    println!("qty > 4: {}", python_list(many.iter().map(|s| &s.name)));

    if let Some(most) = db.select::<Stock>().order(Stock::QTY.desc()).fetch_first().await? {
        println!("Most stock: {} ({})", most.name, most.qty);
    }

    println!("Low-stock count: {}", db.select::<Stock>().filter(Stock::QTY.lte(5)).count().await?);
    println!("Apple exists: {}", python_bool(db.select::<Stock>().filter(Stock::NAME.eq("Apple")).exists().await?));
    Ok(())
}
