//! Every mistake is found, all of one input together; what the tokens of a type and of a default say.

use quote::quote;
use syn::{DeriveInput, Expr, parse_quote};

use crate::ctxt::Ctxt;
use crate::ir::{Model, Role, Store};
use crate::{db_enum, literal, parse};

/// The first lines of the errors, without their help.
pub(crate) fn errors(input: &DeriveInput) -> Vec<String> {
    let cx = Ctxt::new();
    let _ = parse::model(&cx, input);
    first_lines(cx)
}

fn enum_errors(input: &DeriveInput) -> Vec<String> {
    let cx = Ctxt::new();
    let _ = db_enum::parse(&cx, input);
    first_lines(cx)
}

fn first_lines(cx: Ctxt) -> Vec<String> {
    cx.finish().iter().map(|e| e.to_string().lines().next().unwrap_or_default().to_owned()).collect()
}

pub(crate) fn model(input: &DeriveInput) -> Model {
    let cx = Ctxt::new();
    let model = parse::model(&cx, input);
    assert!(cx.finish().is_empty());
    model.expect("a model")
}

#[test]
fn all_mistakes_at_once() {
    let input = parse_quote! {
        #[model(tabel = "x", database = "", rename_all = "snake", index(nope), unique_index(a, a), python, python)]
        #[field(unique)]
        struct User<T> {
            #[pk(default = 3)]
            #[field(index)]
            pk: Pk<Self>,
            #[field(json, pickle, store = "hours")]
            a: T,
            #[field(skip, unique, column = "b")]
            b: i64,
            #[field(on_update = SetNull, default = 1, default_with = one)]
            c: i64,
            #[field(references = A, on_delete = SetNull)]
            d: i64,
            #[field(column = "D")]
            e: i64,
            #[field(default = 0)]
            created_at: i64,
            #[pk(column = "x")]
            f: i64,
            #[foreign_key]
            g: i64,
            #[field(unique = "yes", check = 3, one_of = "a", validate_with = 3)]
            h: i64,
            #[field]
            i: i64,
            #[field(unique index)]
            j: i64,
        }
    };
    let expected = [
        "unknown key `tabel` in `#[model(..)]`",
        "`python` is given twice",
        "the name in `database` is empty",
        "`snake` is not a choice for `rename_all`",
        "`#[field(..)]` does not belong here",
        "a model cannot be generic",
        "`#[field(..)]` does not belong here",
        "unknown key `default` in `#[pk(..)]`",
        "`hours` is not a choice for `store`",
        "`json` and `pickle` together",
        "`store` and `json` together",
        "`store` and `pickle` together",
        "`unique` on a field with `skip`",
        "`column` on a field with `skip`",
        "`default` and `default_with` together",
        "`on_update` without `references`",
        "`on_update = SetNull` on `c`, which cannot be `NULL`",
        "`on_delete = SetNull` on `d`, which cannot be `NULL`",
        "`default` on `created_at`, which is a managed timestamp",
        "`#[pk(..)]` does not belong here",
        "`#[foreign_key(..)]` on `g`, which is not a foreign key",
        "`unique` is a switch",
        "`check` takes a string",
        "`one_of` takes a list",
        "`validate_with` takes the path of a function",
        "`#[field]` says nothing",
        "expected `,`",
        "the columns `d` and `D` differ in case alone, and SQLite ignores case",
        "an index over `nope`, which is no field",
        "`a` is in this index twice",
    ];
    assert_eq!(errors(&input), expected);
}

#[test]
fn what_is_no_model() {
    assert_eq!(
        errors(&parse_quote!(
            struct A {
                b: i64,
            }
        )),
        ["`A` has no field `pk`"]
    );
    assert_eq!(
        errors(&parse_quote!(
            struct A(i64);
        )),
        ["a model needs named fields"]
    );
    assert_eq!(
        errors(&parse_quote!(
            struct A;
        )),
        ["a model needs fields"]
    );
    assert_eq!(
        errors(&parse_quote!(
            enum A {
                B,
            }
        )),
        ["a model is a struct, and this is an enum"]
    );
    assert_eq!(errors(&parse_quote!(union A { b: i64 })), ["a model is a struct, and this is a union"]);
    assert_eq!(
        errors(&parse_quote!(
            struct A {
                pk: i64,
            }
        )),
        ["the field `pk` is the row's identity, of type `Pk`"]
    );
    assert_eq!(
        errors(&parse_quote!(
            struct A {
                pk: Pk<B>,
            }
        )),
        ["this is the key of `B`, not of `A`"]
    );
}

#[test]
fn names_of_tables() {
    let name = |table: &str| {
        errors(&parse_quote!(
            #[model(table = #table)]
            struct A {
                pk: Pk<Self>,
            }
        ))
    };
    assert_eq!(name("from where; --"), [""; 0]);
    assert_eq!(name("a\0b"), ["the name in `table` contains a NUL character"]);
    assert_eq!(name("SQLite_x"), ["names that begin with `sqlite_` are SQLite's own"]);
}

#[test]
fn columns_of_unseen_timestamps_are_taken() {
    let message = ["the column `created_at` is there twice"];
    assert_eq!(
        errors(&parse_quote!(
            struct A {
                pk: Pk<Self>,
                #[field(column = "created_at")]
                at: i64,
            }
        )),
        message
    );
    let off = parse_quote! {
        #[model(timestamps = false)]
        struct A { pk: Pk<Self>, #[field(column = "created_at")] at: i64 }
    };
    assert_eq!(errors(&off), [""; 0]);
}

#[test]
fn mistakes_of_enums() {
    let input = parse_quote! {
        #[db_enum(rename = "x")]
        enum A<T> {
            B(T),
            C {},
            #[db_enum(integer)]
            D,
            #[db_enum(rename = "d")]
            E,
        }
    };
    let expected = [
        "unknown key `rename` in `#[db_enum(..)]`",
        "a `DbEnum` cannot be generic",
        "the variant `B` has fields, which a name or a number has no room for",
        "the variant `C` has fields, which a name or a number has no room for",
        "unknown key `integer` in `#[db_enum(..)]`",
        "`D` and `E` would both be stored as \"d\"",
    ];
    assert_eq!(enum_errors(&input), expected);
    assert_eq!(
        enum_errors(&parse_quote!(
            enum A {}
        )),
        ["a `DbEnum` needs a variant"]
    );
    assert_eq!(
        enum_errors(&parse_quote!(
            struct A;
        )),
        ["`DbEnum` is for enums, and this is a struct"]
    );
}

#[test]
fn the_order_of_the_schema() {
    let parsed = model(&parse_quote! {
        #[model(rename_all = "camelCase")]
        struct A { first_name: String, updated_at: i64, pk: Pk<Self>, r#type: i64, #[field(column = "t2")] TYPE: i64 }
    });
    let columns: Vec<_> = parsed.columns.iter().map(|c| (c.column.as_str(), c.constant.to_string())).collect();
    let expected = [
        ("pk", "PK"),
        ("createdAt", "CREATED_AT"),
        ("updatedAt", "UPDATED_AT"),
        ("firstName", "FIRST_NAME"),
        ("type", "TYPE"),
        ("t2", "TYPE_"),
    ];
    assert_eq!(columns, expected.map(|(a, b)| (a, b.to_owned())));
    assert!(parsed.columns[1].field.is_none() && parsed.columns[1].role == Role::CreatedAt);
}

#[test]
fn types_by_their_tokens() {
    let json = |ty: proc_macro2::TokenStream| model(&parse_quote!(struct A { pk: Pk<Self>, x: #ty })).columns[3].json;
    for ty in [
        quote!(Vec<i64>),
        quote!(std::vec::Vec<Vec<u8>>),
        quote!(Option<HashSet<i64>>),
        quote!(core::option::Option<(i64, i64)>),
        quote!([u8; 4]),
        quote!((std::collections::BTreeMap<String, u8>)),
    ] {
        assert!(json(ty.clone()), "{ty}");
    }
    for ty in
        [quote!(Vec<u8>), quote!(Option<std::vec::Vec<u8>>), quote!(Json<Vec<i64>>), quote!(Money), quote!(String)]
    {
        assert!(!json(ty.clone()), "{ty}");
    }
}

#[test]
fn python_stores() {
    let parsed = model(&parse_quote! {
        #[model(python)]
        struct A {
            pk: Pk<Self>,
            day: Option<chrono::NaiveDate>,
            time: NaiveTime,
            tags: Vec<String>,
            #[field(json)]
            names: Vec<String>,
            #[field(store = "text")]
            at: DateTime<Utc>,
            wrapped: Json<i64>,
        }
    });
    let stores: Vec<_> = parsed.columns[3..].iter().map(|c| c.store).collect();
    let expected = [Store::Seconds, Store::Default, Store::Pickle, Store::Default, Store::Text, Store::Pickle];
    assert!(stores == expected);
}

#[test]
fn literals_in_sql() {
    let cases: [(Expr, Option<&str>); 12] = [
        (parse_quote!(3), Some("3")),
        (parse_quote!(-1_000i64), Some("-1000")),
        (parse_quote!(0xff), Some("255")),
        (parse_quote!(-9223372036854775808), Some("-9223372036854775808")),
        (parse_quote!(9223372036854775808), None),
        (parse_quote!(1.5f32), Some("1.5")),
        (parse_quote!(-1e3), Some("-1e3")),
        (parse_quote!(true), Some("1")),
        (parse_quote!("it's"), Some("'it''s'")),
        (parse_quote!("a\0"), None),
        (parse_quote!(Status::Draft), None),
        (parse_quote!(!3), None),
    ];
    for (expr, expected) in cases {
        assert_eq!(literal::sql(&expr).as_deref(), expected, "{}", quote!(#expr));
    }
}

#[test]
#[should_panic(expected = "forgot to check for errors")]
fn errors_cannot_be_forgotten() {
    drop(Ctxt::new());
}
