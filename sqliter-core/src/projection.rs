//! [`DbProjection`]: structs that are read from some columns of a result.

use serde::de::DeserializeOwned;

use crate::model::{DbModel, Row};
use crate::origin::Origin;
use crate::suggest::hint;
use crate::types::{ColumnType, DecodeError, Encoding, Store, decode_json};
use crate::value::ValueRef;
use crate::{Error, Result};

/// A struct that rows can be read into: `#[derive(DbProjection)]`, and every model.
#[diagnostic::on_unimplemented(
    message = "rows cannot be read into `{Self}`",
    label = "not a projection",
    note = "add `#[derive(DbProjection)]` to `{Self}`"
)]
pub trait DbProjection: Sized + Send + 'static {
    /// What the struct is called in messages.
    #[doc(hidden)]
    const NAME: &'static str;

    /// The columns that it is read from, in the order of its fields.
    fn columns() -> Vec<ProjectionColumn>;

    /// Reads a row. There is one source for each of the [`columns`](DbProjection::columns), in the same order.
    ///
    /// # Errors
    /// When a value does not fit its field.
    #[doc(hidden)]
    fn decode_projection<R: Row>(row: &R, sources: &[ProjectionSource]) -> Result<Self, DecodeError>;

    /// Tells a model where it came from.
    #[doc(hidden)]
    fn attach_projection(&mut self, origin: &Origin) {
        let _ = origin;
    }
}

/// A column that a projection asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProjectionColumn {
    /// The field's name in Rust.
    pub field: &'static str,
    /// The name of the column: an alias, a field of the model, or a path such as `author__name`.
    pub source: &'static str,
}

impl ProjectionColumn {
    /// A column for a field.
    pub const fn new(field: &'static str, source: &'static str) -> Self {
        ProjectionColumn { field, source }
    }
}

/// Where a result has a column, and how its values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProjectionSource {
    /// The position in the row.
    pub index: usize,
    /// The form of its values.
    pub store: Store,
}

/// Where a result with these columns has what a projection asks for. Of two columns with one name the first counts.
///
/// # Errors
/// [`Error::InvalidProjection`] that names the column that is missing, and the nearest one.
pub fn sources<T: DbProjection>(columns: &[(&str, Store)]) -> Result<Vec<ProjectionSource>> {
    let find = |wanted: ProjectionColumn| {
        let exact = columns.iter().position(|(n, _)| *n == wanted.source);
        let found = exact.or_else(|| columns.iter().position(|(n, _)| n.eq_ignore_ascii_case(wanted.source)));
        match found {
            Some(index) => Ok(ProjectionSource { index, store: columns[index].1 }),
            None => Err(missing(T::NAME, wanted, columns)),
        }
    };
    T::columns().into_iter().map(find).collect()
}

#[cold]
fn missing(name: &str, wanted: ProjectionColumn, columns: &[(&str, Store)]) -> Error {
    let hint = hint(wanted.source, columns.iter().map(|(n, _)| *n));
    Error::InvalidProjection(format!(
        "'{}' is not a column of the result, and `{name}.{}` is read from it{hint}",
        wanted.source, wanted.field
    ))
}

fn at<'r, R: Row>(row: &'r R, sources: &[ProjectionSource], i: usize) -> (ValueRef<'r>, Encoding) {
    let ProjectionSource { index, store } = sources.get(i).copied().unwrap_or_default();
    (row.value(index), Encoding::new(store, row.local_time()))
}

/// Reads one field of a projection: what the derive calls.
///
/// # Errors
/// When the value does not fit.
#[doc(hidden)]
pub fn projected<T: ColumnType, R: Row>(
    row: &R,
    sources: &[ProjectionSource],
    i: usize,
    column: &'static str,
) -> Result<T, DecodeError> {
    let (value, encoding) = at(row, sources, i);
    T::from_sql(value, encoding).map_err(|e| e.in_column(column))
}

/// As [`projected`], for a container in JSON.
///
/// # Errors
/// When the value does not fit.
#[doc(hidden)]
pub fn projected_json<T: DeserializeOwned, R: Row>(
    row: &R,
    sources: &[ProjectionSource],
    i: usize,
    column: &'static str,
) -> Result<T, DecodeError> {
    decode_json(at(row, sources, i).0).map_err(|e| e.in_column(column))
}

/// As [`projected_json`], where there may be none.
///
/// # Errors
/// When the value does not fit.
#[doc(hidden)]
pub fn projected_json_opt<T: DeserializeOwned, R: Row>(
    row: &R,
    sources: &[ProjectionSource],
    i: usize,
    column: &'static str,
) -> Result<Option<T>, DecodeError> {
    match at(row, sources, i).0 {
        ValueRef::Null => Ok(None),
        _ => projected_json(row, sources, i, column).map(Some),
    }
}

/// Reads a model whose columns are anywhere in the row.
///
/// # Errors
/// When a value does not fit.
#[doc(hidden)]
pub fn projected_model<M: DbModel, R: Row>(row: &R, sources: &[ProjectionSource]) -> Result<M, DecodeError> {
    M::decode_row(&Mapped { row, sources }, 0)
}

/// A row with its columns in another order.
struct Mapped<'r, R> {
    row: &'r R,
    sources: &'r [ProjectionSource],
}

impl<R: Row> Row for Mapped<'_, R> {
    fn value(&self, index: usize) -> ValueRef<'_> {
        at(self.row, self.sources, index).0
    }

    fn local_time(&self) -> bool {
        self.row.local_time()
    }
}

impl ProjectionColumn {
    /// The declared columns of a model, in the order in which it is read.
    #[doc(hidden)]
    pub fn of_model<M: DbModel>() -> Vec<Self> {
        M::schema().declared().map(|c| ProjectionColumn::new(c.field, c.name)).collect()
    }
}
