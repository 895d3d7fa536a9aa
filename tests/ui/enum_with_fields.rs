use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbEnum)]
enum Shape {
    Circle(f64),
    Square { side: f64 },
    Nothing,
}

#[derive(Debug, Clone, DbEnum)]
enum Empty {}

#[derive(Debug, Clone, DbEnum)]
struct Status;

#[derive(Debug, Clone, DbEnum)]
#[db_enum(integr)]
enum Twice {
    Draft,
    #[db_enum(rename = "draft")]
    Other,
}

fn main() {}
