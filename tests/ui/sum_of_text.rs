use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Sale {
    pk: Pk<Self>,
    category: String,
    amount: i64,
}

fn sums(db: &SqliterDb) {
    let _ = db.select::<Sale>().only(func::sum(Sale::CATEGORY));
    let _ = db.select::<Sale>().annotate("mean", func::avg(Sale::CATEGORY));
}

fn main() {}
