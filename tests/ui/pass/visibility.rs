//! The expansion takes the struct's visibility and raises no lint.
#![deny(warnings, missing_docs, unreachable_pub, private_bounds, private_interfaces, unused_qualifications)]
#![deny(non_snake_case, non_camel_case_types, missing_debug_implementations, rust_2018_idioms, unsafe_code)]
#![forbid(unsafe_op_in_unsafe_fn)]

use sqliter_async::prelude::*;

/// A public model.
#[derive(Debug, Clone, DbModel)]
pub struct Public {
    /// The key.
    pub pk: Pk<Self>,
    /// The name.
    pub name: String,
    /// Perhaps a year.
    pub year: Option<i64>,
    /// The level.
    pub level: Level,
    /// Words.
    pub tags: Vec<String>,
}

/// A public enum.
#[derive(Debug, Clone, DbEnum)]
pub enum Level {
    /// Low.
    Low,
    /// High.
    High,
}

#[derive(Debug, Clone, DbModel)]
#[model(unique_index(name))]
pub(crate) struct Inner {
    pub(crate) pk: Pk<Self>,
    pub(crate) name: String,
}

#[derive(Debug, Clone, DbModel)]
struct Private {
    pk: Pk<Self>,
    hidden: Hidden,
    #[field(references = Public)]
    other: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
#[db_enum(integer)]
enum Hidden {
    A,
    B,
}

/// A module.
pub mod deep {
    use sqliter_async::prelude::*;

    /// Seen one level up.
    #[derive(Debug, Clone, DbModel)]
    pub(super) struct Up {
        pub(super) pk: Pk<Self>,
        pub(super) name: String,
    }

    /// Seen in the crate.
    #[derive(Debug, Clone, DbModel)]
    pub(in crate::deep) struct Here {
        pub(in crate::deep) pk: Pk<Self>,
        pub(in crate::deep) name: String,
    }

    pub(super) fn here() -> String {
        let here = Here::builder().name("x").build().unwrap();
        format!("{:?} {}", here.pk, here.name)
    }
}

fn main() {
    let public = Public::builder().name("a").level(Level::Low).tags(["t"]).maybe_year(None).build();
    assert!(public.is_ok_and(|p| p.year.is_none()));
    let inner = Inner::builder().name("b").build().unwrap();
    assert_eq!((inner.pk.get(), inner.name.as_str()), (None, "b"));
    let private = Private::builder().hidden(Hidden::B).other(1).pk(3).build().unwrap();
    assert_eq!((private.pk.get(), private.hidden, private.other), (Some(3), Hidden::B, 1));
    let _ = Hidden::A;
    let _ = deep::Up::NAME.eq("x");
    let up = deep::Up::builder().name("u").build().unwrap();
    assert_eq!((up.pk.get(), up.name.as_str()), (None, "u"));
    assert_eq!(deep::here(), "unset x");
}
