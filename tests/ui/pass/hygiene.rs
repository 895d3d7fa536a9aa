//! What the user has in scope changes nothing.
#![allow(dead_code, non_camel_case_types, unused_macros)]

use ::sqliter_async::{DbEnum, DbModel, Pk};

struct Result;
struct Option;
struct String;
struct Vec;
struct Default;
struct Some;
struct None;
struct Ok;
struct Err;
struct Into;
struct Column;
struct ColumnDef;
struct Store;
struct Set;
struct Unset;
struct R;
struct Row;
struct Send;
struct Sized;
struct i64;
struct usize;
struct bool;
struct str;
struct Title;
struct HasTitle;
struct COLUMNS;
mod std {}
mod core {}
mod sqliter_async {}
mod sqliter_core {}

macro_rules! format {
    () => {};
}
macro_rules! vec {
    () => {};
}

#[derive(Debug, Clone, DbModel)]
#[model(index(title, pages))]
pub struct Book {
    pub pk: Pk<Self>,
    pub title: ::std::string::String,
    pub tags: ::std::vec::Vec<::std::string::String>,
    pub blob: ::std::option::Option<::std::vec::Vec<::core::primitive::u8>>,
    #[field(default = 3)]
    pub pages: ::core::option::Option<::core::primitive::i64>,
    #[field(default_with = Self::shelf)]
    pub shelf: ::core::primitive::i64,
    pub status: Status,
    pub level: Level,
    #[field(references = Self, on_delete = SetNull)]
    pub sequel: ::core::option::Option<::core::primitive::i64>,
    pub updated_at: ::core::primitive::i64,
    #[field(skip)]
    pub cached: ::core::option::Option<::std::boxed::Box<Self>>,
}

impl Book {
    fn shelf() -> ::core::primitive::i64 {
        7
    }
}

#[derive(Debug, Clone, DbEnum)]
pub enum Status {
    Draft,
}

#[derive(Debug, Clone, DbEnum)]
#[db_enum(integer)]
pub enum Level {
    Low = -1,
    High = 5,
}

fn main() {
    let book = Book::builder().title("t").tags(["a"]).status(Status::Draft).level(Level::High).build();
    let book = ::core::result::Result::unwrap(book);
    ::std::assert_eq!(book.pages, ::core::option::Option::Some(3));
    ::std::assert_eq!(book.shelf, 7);
    let _ = Book::TITLE.eq("t") & Book::PAGES.lt(4);
}
