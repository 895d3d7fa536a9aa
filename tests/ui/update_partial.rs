use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Sale {
    pk: Pk<Self>,
    category: String,
    amount: i64,
}

async fn partial(db: &SqliterDb) {
    let _ = db.select::<Sale>().only(Sale::AMOUNT).update(Sale::AMOUNT.set(0)).await;
    let _ = db.select::<Sale>().group_by(Sale::CATEGORY).delete().await;
    let mut dict = db.select::<Sale>().fields(["amount"]).fetch_all().await.unwrap().remove(0);
    let _ = db.update(&mut dict).await;
}

fn main() {}
