use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Tag {
    pk: Pk<Self>,
}

#[derive(Debug, Clone, DbModel)]
struct Article {
    pk: Pk<Self>,
    #[many_to_many(symmetrical)]
    tags: ManyToMany<Tag>,
    #[many_to_many(symmetrical, related_name = "alike")]
    similar: ManyToMany<Self>,
    #[many_to_many(symmetrical = false, through = "mentions")]
    mentions: ManyToMany<Article>,
}

fn main() {}
