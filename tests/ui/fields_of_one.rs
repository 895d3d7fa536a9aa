use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Sale {
    pk: Pk<Self>,
    category: String,
    amount: i64,
}

fn one(db: &SqliterDb) {
    let _ = db.select::<Sale>().fields(Sale::AMOUNT);
}

fn main() {}
