//! The derives of SQLiter.
//!
//! Parse, check, emit: attributes are read one family per file, mistakes are gathered and reported all at once, and the
//! expansion is written one generated API per file. `sqliter-async` re-exports both derives and is the crate to depend on.

#![forbid(unsafe_code)]

mod attr;
mod check;
mod ctxt;
mod db_enum;
mod emit;
mod ir;
mod literal;
mod naming;
mod parse;
mod projection;
mod relations;
mod suggest;
#[cfg(test)]
mod tests;
mod types;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use crate::ctxt::{Ctxt, compile_errors};

/// Makes a struct a table.
///
/// The struct has named fields, one of them `pk: Pk<Self>`; the other fields are its columns. Beside the implementation of
/// the trait `DbModel` it gets a const for each column (`User::NAME`) and a builder (`User::builder()`).
///
/// ```
/// use sqliter_async::prelude::*;
///
/// #[derive(Debug, Clone, DbModel)]
/// #[model(index(last, first))]
/// struct User {
///     pk: Pk<Self>,
///     first: String,
///     last: String,
///     #[field(unique)]
///     email: Option<String>,
///     #[field(default = 0)]
///     logins: i64,
/// }
///
/// let jane = User::builder().first("Jane").last("Doe").build()?;
/// assert_eq!((jane.logins, User::table_name()), (0, "users"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # On the struct
///
/// `#[model(..)]`: `table = "people"`, `index(a, b)`, `unique_index(a, b)`, `timestamps = false`, `rename_all = "camelCase"`,
/// `builder = false`, `python`, `database = "group"`, `strict_loading`, `setters`, `strict`, `deny_unknown`,
/// `validate_with = function`.
///
/// # On the key
///
/// `#[pk(..)]`: `column = "id"`, `default_with = Uuid::now_v7`.
///
/// # On other fields
///
/// `#[field(..)]`: `column = "name"`, `unique`, `index`, `default = 3`, `default_with = function`, `check = "SQL"`,
/// `references = Model` with `on_delete = Cascade` and `on_update = Cascade`, `json`, `pickle`,
/// `store = "seconds" | "millis" | "micros" | "text"`, `skip`, `redact`.
///
/// Rules: `gt`, `gte`, `lt`, `lte`, `multiple_of`, `min_length`, `max_length`, `pattern`, `email`, `url`, `one_of = ["a", "b"]`,
/// `min_items`, `max_items`, `strip_whitespace`, `to_lower`, `to_upper`, `validate_with = function`; for input from JSON
/// `alias = "name"`, `strict`, `validate_before = function`.
///
/// # On relations
///
/// A field of type `ForeignKey<T>` or `Option<ForeignKey<T>>` is the key of a row of `T`, in the column `<field>_id`. The
/// model `T` gets a way back: a method and a const named after the struct, in the plural. `#[foreign_key(..)]`:
/// `related_name = "books"` (the name of the way back), `on_delete = Cascade | SetNull | Restrict | NoAction`, `on_update`,
/// `unique`, `column = "name"`, `no_reverse`, `reverse_trait = "AuthorBooks"` (for a `T` of another crate: the way back is in
/// a trait of this name).
///
/// A field of type `ManyToMany<T>` has no column but a table of links. `#[many_to_many(..)]`: `related_name`,
/// `through = "table"` (it may be that of a model with a foreign key to each side), `symmetrical` (of a model with itself: a
/// link counts in both directions), `no_reverse`, `reverse_trait`.
#[proc_macro_derive(DbModel, attributes(model, pk, field, foreign_key, many_to_many))]
pub fn db_model(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let cx = Ctxt::new();
    let model = parse::model(&cx, &input);
    let errors = compile_errors(&cx.finish());
    // With a model beside the errors, what else uses it compiles, and only the mistakes are reported.
    let expansion = model.map(|m| emit::model(&m));
    quote::quote!(#errors #expansion).into()
}

/// Makes an enum of unit variants the type of a column.
///
/// A variant is stored as its name in snake_case; `#[db_enum(rename_all = "..")]` on the enum and
/// `#[db_enum(rename = "..")]` on a variant change the names, `#[db_enum(integer)]` stores the discriminant instead.
///
/// ```
/// use sqliter_async::prelude::*;
///
/// #[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
/// enum Status {
///     Draft,
///     InReview,
///     #[db_enum(rename = "public")]
///     Published,
/// }
///
/// assert_eq!(Status::VARIANTS, ["draft", "in_review", "public"]);
/// ```
#[proc_macro_derive(DbEnum, attributes(db_enum))]
pub fn db_enum(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let cx = Ctxt::new();
    let parsed = db_enum::parse(&cx, &input);
    let errors = compile_errors(&cx.finish());
    let expansion = parsed.map(|e| db_enum::emit(&e));
    quote::quote!(#errors #expansion).into()
}

/// Makes a struct one that rows can be read into: some columns of a model, or the result of raw SQL.
///
/// Each field is read from the column of its name, or from the one that `#[projection(from = "..")]` names: an alias, or a
/// path such as `author__name`. Containers (`Vec<String>`, maps, sets, tuples) are read from JSON, as in models; other serde
/// types with `#[projection(json)]`.
///
/// ```
/// use sqliter_async::prelude::*;
///
/// #[derive(Debug, PartialEq, DbProjection)]
/// struct Total {
///     city: String,
///     #[projection(from = "n")]
///     people: i64,
///     oldest: Option<i64>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let db = SqliterDb::memory().await?;
/// let totals = db.query_as::<Total>("SELECT 'Oslo' AS city, 3 AS n, NULL AS oldest", ()).await?;
/// assert_eq!(totals, [Total { city: "Oslo".into(), people: 3, oldest: None }]);
/// # Ok(())
/// # }
/// ```
#[proc_macro_derive(DbProjection, attributes(projection))]
pub fn db_projection(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let cx = Ctxt::new();
    let parsed = projection::parse(&cx, &input);
    let errors = compile_errors(&cx.finish());
    let expansion = parsed.map(|p| emit::projection::projection(&p));
    quote::quote!(#errors #expansion).into()
}
