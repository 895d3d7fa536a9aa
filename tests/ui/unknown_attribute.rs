use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
#[model(tabel = "people")]
struct User {
    #[pk(colum = "id")]
    pk: Pk<Self>,
    #[field(uniqe)]
    email: String,
    #[field(quick)]
    name: String,
    #[field(unique, unique)]
    nick: String,
    #[foreign_key(on_delete = Cascade)]
    team: i64,
}

fn main() {}
