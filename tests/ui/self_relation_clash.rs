use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
struct Person {
    pk: Pk<Self>,
    name: String,
    #[foreign_key(related_name = "name")]
    mentor: Option<ForeignKey<Self>>,
    #[foreign_key(related_name = "children")]
    mother: Option<ForeignKey<Self>>,
    #[foreign_key(related_name = "Children")]
    father: Option<ForeignKey<Person>>,
    people: ManyToMany<Self>,
}

fn main() {}
