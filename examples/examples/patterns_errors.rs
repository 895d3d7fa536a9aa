//! Errors told apart by what caused them, whatever the operation was.

use std::time::Duration;

use sqliter_async::ErrorKind;
use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Owner {
    pk: Pk<Self>,
    #[field(unique)]
    email: String,
}

#[derive(Debug, Clone, DbModel)]
struct Pet {
    pk: Pk<Self>,
    #[foreign_key(related_name = "pets")]
    owner: ForeignKey<Owner>,
}

fn advice<T>(outcome: Result<T>) -> String {
    match outcome {
        Ok(_) => "Success".to_owned(),
        Err(e) => match e.kind() {
            ErrorKind::Unique { table, columns } => format!("Duplicate entry: {table}.{}", columns.join(", ")),
            ErrorKind::NotNull { table, column } => format!("Missing value: {table}.{column}"),
            ErrorKind::Check(rule) => format!("Against the rule: {rule}"),
            ErrorKind::ForeignKey => "Referenced record not found".to_owned(),
            ErrorKind::Busy => "Database busy, try again".to_owned(),
            ErrorKind::NoSuchTable(table) => format!("Table not found: {table}"),
            _ => format!("Unexpected error: {e}"),
        },
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::builder().filename("errors.db").busy_timeout(Duration::from_millis(50)).create().await?;
    db.create_tables::<(Owner, Pet)>().await?;

    println!("{}", advice(Owner::builder().email("ann@example.com").insert(&db).await));
    println!("{}", advice(Owner::builder().email("ann@example.com").insert(&db).await));
    println!("{}", advice(Pet::builder().owner(99).insert(&db).await));
    println!("{}", advice(db.execute("UPDATE owners SET email = NULL", ()).await));
    println!("{}", advice(db.query("SELECT * FROM nowhere", ()).await));

    // Somebody else holds the writer for longer than we wait.
    let holder = db.begin().await?;
    println!("{}", advice(Owner::builder().email("bob@example.com").insert(&db).await));
    holder.rollback().await?;
    println!("{}", advice(Owner::builder().email("bob@example.com").insert(&db).await));
    db.close().await;
    Ok(())
}
