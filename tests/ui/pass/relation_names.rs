//! Relations where the user's own types and traits have the names of what the expansion uses.
#![allow(dead_code, non_camel_case_types, unused_macros)]

use ::sqliter_async::{DbModel, ForeignKey, ManyToMany, Pk};

struct Result;
struct Option;
struct Vec;
struct String;
struct Box;
struct Arc;
struct Ok;
struct Err;
struct Some;
struct None;
struct Into;
struct From;
struct Default;
struct Clone;
struct Copy;
struct Iterator;
struct Send;
struct Sync;
struct Sized;
struct Fn;
struct Drop;
struct Self_;
struct PhantomData;
struct Relation;
struct RelationDef;
struct Reverse;
struct ReverseQuery;
struct Query;
struct ForeignKeyField;
struct ManyToManyField;
struct One;
struct Opt;
struct Many;
struct Link;
struct Hop;
struct Origin;
struct Schema;
struct Runtime;
struct IntoKey;
struct Error;
struct i64;
struct u8;
struct str;
struct bool;
struct usize;
mod std {}
mod core {}
mod alloc {}
mod sqliter_async {}
mod sqliter_core {}
mod serde {}

macro_rules! vec {
    () => {};
}
macro_rules! panic {
    () => {};
}
macro_rules! matches {
    () => {};
}

/// Every method that generated code calls, on every type.
trait Everything {
    fn attach(&self) -> u8;
    fn as_ref(&self) -> u8;
    fn as_mut(&mut self) -> u8;
    fn build(self) -> u8;
    fn builder() -> u8;
    fn clone(&self) -> u8;
    fn decode() -> u8;
    fn default() -> u8;
    fn encode(&self) -> u8;
    fn eq(&self) -> u8;
    fn fetch(&self) -> u8;
    fn filter(&self) -> u8;
    fn forward() -> u8;
    fn from(&self) -> u8;
    fn get(&self) -> u8;
    fn insert(&self) -> u8;
    fn into(self) -> u8;
    fn into_key(self) -> u8;
    fn map(self) -> u8;
    fn new() -> u8;
    fn ok_or_else(self) -> u8;
    fn pk(&self) -> u8;
    fn push(&mut self) -> u8;
    fn reverse() -> u8;
    fn schema() -> u8;
    fn set(&mut self) -> u8;
    fn set_pk(&mut self) -> u8;
    fn table_name() -> u8;
    fn to_owned(&self) -> u8;
    fn unwrap_or_default(self) -> u8;
    fn validate(&self) -> u8;
    fn with_relations(self) -> u8;
    fn with_strict_loading(self) -> u8;
}
impl<T> Everything for T {
    fn attach(&self) -> u8 { u8 }
    fn as_ref(&self) -> u8 { u8 }
    fn as_mut(&mut self) -> u8 { u8 }
    fn build(self) -> u8 { u8 }
    fn builder() -> u8 { u8 }
    fn clone(&self) -> u8 { u8 }
    fn decode() -> u8 { u8 }
    fn default() -> u8 { u8 }
    fn encode(&self) -> u8 { u8 }
    fn eq(&self) -> u8 { u8 }
    fn fetch(&self) -> u8 { u8 }
    fn filter(&self) -> u8 { u8 }
    fn forward() -> u8 { u8 }
    fn from(&self) -> u8 { u8 }
    fn get(&self) -> u8 { u8 }
    fn insert(&self) -> u8 { u8 }
    fn into(self) -> u8 { u8 }
    fn into_key(self) -> u8 { u8 }
    fn map(self) -> u8 { u8 }
    fn new() -> u8 { u8 }
    fn ok_or_else(self) -> u8 { u8 }
    fn pk(&self) -> u8 { u8 }
    fn push(&mut self) -> u8 { u8 }
    fn reverse() -> u8 { u8 }
    fn schema() -> u8 { u8 }
    fn set(&mut self) -> u8 { u8 }
    fn set_pk(&mut self) -> u8 { u8 }
    fn table_name() -> u8 { u8 }
    fn to_owned(&self) -> u8 { u8 }
    fn unwrap_or_default(self) -> u8 { u8 }
    fn validate(&self) -> u8 { u8 }
    fn with_relations(self) -> u8 { u8 }
    fn with_strict_loading(self) -> u8 { u8 }
}

#[derive(::core::clone::Clone, DbModel)]
#[model(strict_loading, setters)]
pub struct Parent {
    pub pk: Pk<Self>,
    #[foreign_key(related_name = "kin", on_delete = SetNull)]
    pub own: ::core::option::Option<ForeignKey<Self>>,
    #[many_to_many(symmetrical)]
    pub friends: ManyToMany<Self>,
    #[many_to_many(related_name = "followed_by")]
    pub follows: ManyToMany<Parent>,
}

#[derive(::core::clone::Clone, DbModel)]
#[model(setters)]
pub struct Kid {
    pub pk: Pk<Self, ::std::string::String>,
    #[field(min_length = 1)]
    pub name: ::std::string::String,
    pub parent: ForeignKey<Parent>,
    #[foreign_key(reverse_trait = "AccountKids")]
    pub account: ::core::option::Option<ForeignKey<::sqliter_tests::Account>>,
    #[field(references = Parent)]
    pub other_id: ::core::option::Option<::core::primitive::i64>,
    #[many_to_many(reverse_trait = "ParentKids", related_name = "children")]
    pub others: ManyToMany<Parent>,
}

fn main() {
    let kid = Kid::builder().pk("k").name("n").parent(1).build();
    let kid = ::core::result::Result::unwrap(kid);
    let _ = kid.account.is_none();
    let _ = Kid::PARENT.to(Parent::OWN).to(Parent::FRIENDS).to(Parent::PK).eq(1);
    let _ = Parent::CHILDREN.to(Kid::NAME).eq("x");
}
