use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct User {
    pk: Pk<Self>,
    #[field(gte = 300)]
    small: u8,
    #[field(lt = -128)]
    tiny: Option<i8>,
    #[field(gte = 0, default = -5)]
    age: i64,
    #[field(multiple_of = 5, default = 7)]
    step: i32,
    #[field(lt = 1, default = 1.5)]
    share: f64,
    #[field(min_length = 3, strip_whitespace, default = " ab ")]
    name: String,
    #[field(one_of = ["free", "paid"], default = "gold")]
    plan: String,
    #[field(alias = "plan")]
    other: String,
}

fn main() {}
