//! One record through its life: insert, get, update, delete.

use examples::python_option;
use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Item {
    pk: Pk<Self>,
    name: String,
    price: f64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::memory().await?;
    db.create_table::<Item>().await?;

    let mut item = Item::builder().name("Widget").price(9.99).insert(&db).await?;
    println!("Inserted: {} pk={}", item.name, item.pk);

    let fetched = db.get::<Item>(&item.pk).await?;
    println!("Fetched: {}", python_option(fetched.map(|i| i.name)));

    item.price = 12.99;
    db.update(&mut item).await?;
    let updated = db.get::<Item>(&item.pk).await?;
    println!("Updated price: {}", python_option(updated.map(|i| i.price)));

    db.delete::<Item>(&item.pk).await?;
    let gone = db.get::<Item>(&item.pk).await?;
    println!("After delete: {}", python_option(gone.map(|i| i.name)));
    Ok(())
}
