use sqliter_async::prelude::*;

fn of_text(_: &String) -> std::result::Result<(), String> {
    Ok(())
}

fn of_nothing(_: &i64) {}

#[derive(Debug, Clone, DbModel)]
#[model(validate_with = "whole")]
struct User {
    pk: Pk<Self>,
    #[field(validate_with = of_text)]
    age: i64,
    #[field(validate_with = of_nothing)]
    size: i64,
}

fn main() {}
