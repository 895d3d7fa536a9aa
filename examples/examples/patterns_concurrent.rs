//! Several queries at the same time, for one page of an application.

use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct User {
    pk: Pk<Self>,
    name: String,
}

#[derive(Debug, Clone, DbModel)]
struct Order {
    pk: Pk<Self>,
    total: i64,
    #[foreign_key(related_name = "orders")]
    user: ForeignKey<User>,
}

#[derive(Debug, DbProjection)]
struct Stats {
    count: i64,
    #[projection(from = "sum")]
    total: Option<i64>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let db = SqliterDb::builder().filename("dashboard.db").create().await?;
    db.create_tables::<(User, Order)>().await?;
    let ann = User::builder().name("Ann").insert(&db).await?;
    for total in [30, 10, 20] {
        Order::builder().total(total).user(&ann).insert(&db).await?;
    }

    let newest = ann.orders().order("-pk").limit(2);
    let (user, orders, stats) = tokio::join!(
        db.get::<User>(&ann.pk),
        newest.fetch_all(),
        db.query_as::<Stats>(
            "SELECT count(*) AS count, sum(total) AS sum FROM orders WHERE user_id = :user",
            params![user: &ann.pk]
        ),
    );
    println!("user: {}", user?.map_or_else(String::new, |u| u.name));
    println!("newest orders: {:?}", orders?.iter().map(|o| o.total).collect::<Vec<_>>());
    for Stats { count, total } in stats? {
        println!("{count} orders, total {}", total.unwrap_or(0));
    }
    db.close().await;
    Ok(())
}
