use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
#[model(table = "", index(agee))]
struct User {
    pk: Pk<Self>,
    #[field(uniq)]
    name: String,
    #[field(json, pickle)]
    tags: Vec<String>,
    #[field(column = "name", default = 3)]
    age: i64,
    #[field(skip, index)]
    cache: i64,
    #[field(on_delete = Cascade)]
    team: i64,
    #[field(store = "minutes")]
    born: i64,
}

// What uses the model all the same adds no errors of its own.
fn names(users: &[User]) -> Vec<&str> {
    let _ = User::AGE.gt(3);
    let _ = User::builder().name("a").tags(["b"]).team(1).born(0).build();
    users.iter().map(|u| u.name.as_str()).collect()
}

fn main() {}
