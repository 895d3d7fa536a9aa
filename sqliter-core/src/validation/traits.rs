//! Which types a rule is for: what the compiler says of a rule on another type.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use super::rules::Rules;
use super::view::{Items, View};
use crate::types::{Json, Number, Text};

/// Types that `gt`, `gte`, `lt`, `lte` and `multiple_of` are for.
#[diagnostic::on_unimplemented(
    message = "this rule is for numbers, and the field is `{Self}`",
    label = "not a number",
    note = "for text there are `min_length` and `pattern`; for anything else `validate_with = function`"
)]
pub trait RuleNumber {}
impl<T: Number> RuleNumber for T {}
#[cfg(feature = "rust_decimal")]
impl RuleNumber for rust_decimal::Decimal {}

/// Types that `pattern`, `email`, `url` and `one_of` with texts are for.
#[diagnostic::on_unimplemented(
    message = "this rule is for text, and the field is `{Self}`",
    label = "not text",
    note = "for numbers there are `gte` and `lte`; for anything else `validate_with = function`"
)]
pub trait RuleText {}
impl<T: Text> RuleText for T {}

/// Types that `min_length` and `max_length` are for.
#[diagnostic::on_unimplemented(
    message = "`min_length` and `max_length` are for text and bytes, and the field is `{Self}`",
    label = "neither text nor bytes",
    note = "for lists, sets and maps there are `min_items` and `max_items`, for numbers `gte` and `lte`"
)]
pub trait RuleLength {}
impl<T: Text> RuleLength for T {}
impl RuleLength for Vec<u8> {}

/// Types that `min_items` and `max_items` are for.
#[diagnostic::on_unimplemented(
    message = "`min_items` and `max_items` are for lists, sets and maps, and the field is `{Self}`",
    label = "no collection",
    note = "for text and bytes there are `min_length` and `max_length`"
)]
pub trait RuleItems {
    /// What it is and how many items it has.
    fn items(&self) -> View<'static>;
}

macro_rules! collections {
    ($($kind:ident: $($t:ty, [$($g:ident)*])+;)*) => { $($(
        impl<$($g),*> RuleItems for $t {
            fn items(&self) -> View<'static> {
                View::Items(Items::$kind, self.len())
            }
        }
    )+)* };
}
collections! {
    List: Vec<T>, [T] VecDeque<T>, [T];
    Set: HashSet<T, S>, [T S] BTreeSet<T>, [T];
    Dictionary: HashMap<K, V, S>, [K V S] BTreeMap<K, V>, [K V];
}

impl<T: RuleItems> RuleItems for Json<T> {
    fn items(&self) -> View<'static> {
        self.0.items()
    }
}
impl<T: RuleItems> RuleItems for Option<T> {
    fn items(&self) -> View<'static> {
        self.as_ref().map_or(View::Null, RuleItems::items)
    }
}

/// Text that `strip_whitespace`, `to_lower` and `to_upper` change.
#[diagnostic::on_unimplemented(
    message = "`strip_whitespace`, `to_lower` and `to_upper` are for `String`, and the field is `{Self}`",
    label = "not a `String`"
)]
pub trait Tidy {
    /// Makes it what will be stored.
    fn tidy(&mut self, rules: &Rules);
}
impl Tidy for String {
    fn tidy(&mut self, rules: &Rules) {
        if let Some(new) = rules.changed(self) {
            *self = new;
        }
    }
}
impl<T: Tidy> Tidy for Option<T> {
    fn tidy(&mut self, rules: &Rules) {
        if let Some(value) = self {
            value.tidy(rules);
        }
    }
}
