use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Sale {
    pk: Pk<Self>,
    category: String,
    amount: i64,
}

fn held() {
    let _: Filter<Sale> = Sale::CATEGORY.contains_any(["tea"]);
}

fn main() {}
