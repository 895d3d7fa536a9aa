//! The models that most tests use.

use sqliter_async::prelude::*;

#[derive(Debug, Clone, PartialEq, DbModel)]
pub struct User {
    pub pk: Pk<Self>,
    pub name: String,
    pub age: i64,
    pub nick: Option<String>,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
pub struct Account {
    pub pk: Pk<Self>,
    #[field(unique)]
    pub email: String,
    #[field(check = "balance >= 0")]
    pub balance: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
pub struct Owner {
    pub pk: Pk<Self>,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
pub struct Pet {
    pub pk: Pk<Self>,
    pub name: String,
    #[field(references = Owner)]
    pub owner_id: i64,
}

pub fn user(name: &str, age: i64) -> User {
    User { pk: Pk::unset(), name: name.to_owned(), age, nick: None }
}

pub fn account(email: &str, balance: i64) -> Account {
    Account { pk: Pk::unset(), email: email.to_owned(), balance, created_at: 0, updated_at: 0 }
}

pub fn names(users: &[User]) -> Vec<&str> {
    users.iter().map(|u| u.name.as_str()).collect()
}
