use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Tag {
    pk: Pk<Self>,
}

#[derive(Debug, Clone, DbModel)]
struct Article {
    pk: Pk<Self>,
    #[many_to_many(through = "labels")]
    tags: ManyToMany<Tag>,
    #[many_to_many(through = "labels", related_name = "hidden_articles")]
    hidden: ManyToMany<Tag>,
    #[many_to_many(through = "articles", related_name = "loud_articles")]
    loud: ManyToMany<Tag>,
}

fn main() {}
