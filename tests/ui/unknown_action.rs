use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Owner {
    pk: Pk<Self>,
}

#[derive(Debug, Clone, DbModel)]
struct Pet {
    pk: Pk<Self>,
    #[field(references = Owner, on_delete = Casacde)]
    owner_id: i64,
    #[field(references = Owner, on_update = "CASCADE")]
    keeper_id: i64,
}

fn main() {}
