//! Expressions and filters: the typed face over one plain tree.
//!
//! The faces ([`Column`], [`Expr`], [`Filter`], [`Order`], [`Assignment`]) carry the model and the type as phantoms and
//! check at compile time what may be combined; the tree in [`node`] below them is not generic, so that it is quick to
//! compile and easy to store. Nothing here renders SQL.

mod aggregate;
mod alias;
mod any_of;
mod arithmetic;
mod assign;
mod column;
mod columns;
mod filter;
mod json;
mod lookup;
pub mod node;
mod operand;
mod operators;
mod order;
mod prefetch;
mod relation;
mod select;

pub use arithmetic::Rhs;
pub use assign::{Assign, Assignment, IntoAssignments, assign};
pub(crate) use operators::{compare, membership};

pub use aggregate::{Aggregate, Summable, func};
pub use alias::{Alias, alias};
pub use any_of::AnyOf;
#[doc(hidden)]
pub use any_of::NoModel;
pub use column::{Column, Expr};
pub use columns::IntoColumns;
pub use filter::{Filter, IntoFilter};
pub use json::JsonColumn;
pub use lookup::{LookupValue, lookup};
pub use operand::Operand;
pub use order::{IntoOrder, Order};
pub use prefetch::{IntoJoin, IntoPrefetch, Prefetch};
pub use relation::DistinctCount;
#[doc(hidden)]
pub use relation::{FromPath, KeyField};
pub use relation::{KeyOperand, Many, One, Opt, Relation, RelationKind, RelationPath, Step, ToMany, ToOne};
pub use select::{FieldSet, IntoCount, IntoGroups, Select};
#[doc(hidden)]
pub use select::{Fields, excluded, read_value};
