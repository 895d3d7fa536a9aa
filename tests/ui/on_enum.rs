use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
enum Status {
    Draft,
    Published,
}

#[derive(Clone, Copy, DbModel)]
union Number {
    int: i64,
    real: f64,
}

fn main() {}
