//! Models inside of functions, two of one name among them.
use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct User {
    pk: Pk<Self>,
    outer: i64,
}

fn one() -> &'static str {
    #[derive(Debug, Clone, DbEnum)]
    enum Status {
        Open,
    }

    #[derive(Debug, Clone, DbModel)]
    struct User {
        pk: Pk<Self>,
        name: String,
        status: Status,
        #[field(references = Self)]
        friend: Option<i64>,
    }

    let user = User::builder().name("a").status(Status::Open).build().unwrap();
    let _ = (&user.friend, User::STATUS.eq(Status::Open));
    User::table_name()
}

fn main() {
    assert_eq!(one(), "users");
    assert_eq!(User::builder().outer(1).build().unwrap().outer, 1);
}
