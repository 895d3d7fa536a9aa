use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Author {
    pk: Pk<Self>,
}

#[derive(Debug, Clone, DbModel)]
struct Book {
    pk: Pk<Self>,
    #[foreign_key(related_name = "my books")]
    author: ForeignKey<Author>,
    #[foreign_key(related_name = "type")]
    editor: ForeignKey<Author>,
    #[foreign_key(related_name = "read", no_reverse)]
    reader: ForeignKey<Author>,
    #[many_to_many(reverse_trait = "author translations", related_name = "translated")]
    translators: ManyToMany<Author>,
}

fn main() {}
