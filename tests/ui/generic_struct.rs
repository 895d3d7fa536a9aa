use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct User<T> {
    pk: Pk<Self>,
    extra: T,
}

#[derive(Debug, Clone, DbModel)]
struct Borrowed<'a> {
    pk: Pk<Self>,
    name: &'a str,
}

fn main() {}
