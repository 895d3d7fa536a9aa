//! Create, read, update, delete: with the model, and the same rows with SQL.

use std::collections::BTreeMap;

use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Item {
    pk: Pk<Self>,
    name: String,
    status: String,
    /// JSON in the file.
    data: BTreeMap<String, i64>,
}

async fn update_item(db: &SqliterDb, pk: i64, updates: &[(&str, Value)]) -> Result<bool> {
    let assignments: Vec<_> = updates.iter().map(|(field, value)| assign(field, value.clone())).collect();
    Ok(db.update_where::<Item>(Item::PK.eq(pk), assignments).await? > 0)
}

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::memory().await?;
    db.create_table::<Item>().await?;

    let data = BTreeMap::from([("weight".to_owned(), 3)]);
    let mut lamp = Item::builder().name("lamp").status("new").data(data).insert(&db).await?;
    println!("created {}: {}", lamp.pk, lamp.name);

    let found = db.get::<Item>(&lamp.pk).await?;
    println!("read: {:?}", found.map(|item| item.data["weight"]));
    println!("read what is not there: {}", db.get::<Item>(99).await?.is_some());

    lamp.status = "sold".to_owned();
    db.update(&mut lamp).await?;
    let changed = db.update_where::<Item>(Item::STATUS.eq("sold"), Item::NAME.set("old lamp")).await?;
    println!("updated: {changed}");

    // The same in SQL, into the same struct.
    let sold = db.query_as::<Item>("SELECT * FROM items WHERE status = :status", params![status: "sold"]).await?;
    println!("by SQL: {} is {}", sold[0].name, sold[0].status);

    // And as dicts.
    for row in db.query("SELECT name, data FROM items WHERE status = ?", params!["sold"]).await? {
        println!("{}: {}", row.get::<String>("name")?, row.get::<String>("data")?);
    }

    // Fields that are known only when the program runs.
    let by_name = update_item(&db, 1, &[("name", "lantern".into()), ("status", "new".into())]).await?;
    let (none, nobody) = (update_item(&db, 1, &[]).await?, update_item(&db, 99, &[("name", "x".into())]).await?);
    println!("fields by name: {by_name}, none: {none}, of nobody: {nobody}");

    println!("deleted: {}", db.select::<Item>().filter(Item::PK.eq(&lamp.pk)).delete().await?);
    println!("left: {}", db.select::<Item>().count().await?);
    Ok(())
}
