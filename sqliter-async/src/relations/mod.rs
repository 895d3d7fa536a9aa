//! Relations at work: the fields of a row that lead to others, the way back, and loading ahead.

use std::collections::HashMap;

mod ahead;
mod foreign_key;
mod links;
mod load;
mod loaded;
mod many_to_many;
mod prefetch;
mod reverse;
mod runtime;

pub use ahead::{LoadedIter, LoadedRows};
pub use foreign_key::{ForeignKey, ForeignKeyType, check_key, foreign_key};
pub(crate) use load::{Reader, decode};
pub use many_to_many::ManyToMany;
pub(crate) use prefetch::{FetchAhead, Gather, load_ahead};
pub(crate) use reverse::Lazy;
pub use reverse::{ReverseQuery, reverse_many_to_many, reverse_query};
/// Where the row with a key is, in a list beside it: one type for each kind of key, whatever the rows are. The standard
/// library's hash would cost more than reading a row.
type Positions<K> = HashMap<K, usize, hashlink::DefaultHashBuilder>;

pub use runtime::{ForeignKeyField, ManyToManyField, Runtime};
