//! The traits that connect a struct to its description.

use crate::input::{self, InputOptions, ModelInput, SchemaPart};
use crate::key::{KeyType, Pk};
use crate::origin::Origin;
use crate::schema::{ColumnDef, Schema};
use crate::sql;
use crate::types::{ColumnType, DecodeError, EncodeError, Encoding};
use crate::validation::{self, Reader, ValidationError};
use crate::value::{Encoded, ValueRef};

/// A row while it is being read: implemented by the driver.
pub trait Row {
    /// The value of a column, by position.
    fn value(&self, index: usize) -> ValueRef<'_>;
    /// Whether naive times are local times.
    fn local_time(&self) -> bool;
}

/// A struct that is a table: `#[derive(DbModel)]`.
///
/// Models are plain data: fields are public, struct literals work, and other traits may be derived beside it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a database model",
    label = "not a model",
    note = "add `#[derive(DbModel)]` to `{Self}`"
)]
pub trait DbModel: Clone + Send + Sync + 'static {
    /// The type of the primary key.
    type Key: KeyType;

    /// The static description: table, columns, indexes.
    fn schema() -> &'static Schema;

    /// The primary key.
    fn pk(&self) -> &Pk<Self, Self::Key>;

    /// The table's name.
    fn table_name() -> &'static str {
        Self::schema().table
    }

    /// The name of the key's column.
    fn primary_key() -> &'static str {
        Self::schema().key().name
    }

    /// The statement that creates the table, without its indexes.
    fn create_table_sql() -> String {
        sql::create_table_sql(Self::schema(), &sql::Sqlite, false)
    }

    #[doc(hidden)]
    fn set_pk(&mut self, pk: Pk<Self, Self::Key>);

    /// Tells the row, and its relations, where it came from.
    #[doc(hidden)]
    fn attach(&mut self, origin: &Origin) {
        let _ = origin;
    }

    /// A key for a row that has none and whose database hands out none.
    #[doc(hidden)]
    fn default_key() -> Option<Self::Key> {
        None
    }

    /// Sets the managed timestamps that the struct declares.
    #[doc(hidden)]
    fn set_timestamps(&mut self, created_at: Option<i64>, updated_at: Option<i64>) {
        let _ = (created_at, updated_at);
    }

    /// The managed timestamps that the struct declares: `(created_at, updated_at)`.
    #[doc(hidden)]
    fn timestamps(&self) -> (Option<i64>, Option<i64>) {
        (None, None)
    }

    /// The stored form of the column at this position of the schema.
    #[doc(hidden)]
    fn encode_column(&self, index: usize, local_time: bool) -> Result<Encoded<'_>, EncodeError>;

    /// Reads the declared columns, from position `at` on.
    #[doc(hidden)]
    fn decode_row<R: Row>(row: &R, at: usize) -> Result<Self, DecodeError>;

    /// Checks every field against its rules, then the model as a whole. Writes do this by themselves.
    ///
    /// # Errors
    /// Everything that is wrong.
    fn validate(&self) -> Result<(), ValidationError> {
        validation::check_model(self)
    }

    /// A model from JSON, with Pydantic's lax conversions: `"5"` is a number, `"yes"` is true. Fields that the input leaves out
    /// take their default; what is no field is ignored, and so are the key and the managed timestamps.
    ///
    /// # Errors
    /// Everything that is wrong with the input.
    fn from_json(json: &str) -> Result<Self, ValidationError> {
        input::from_json(json)
    }

    /// As [`from_json`](DbModel::from_json), from JSON that has been parsed.
    ///
    /// # Errors
    /// Everything that is wrong with the input.
    fn from_value(value: serde_json::Value) -> Result<Self, ValidationError> {
        input::from_value(&value, InputOptions::new())
    }

    /// As [`from_value`](DbModel::from_value), with options: the key and the timestamps may be taken too.
    ///
    /// # Errors
    /// Everything that is wrong with the input.
    fn from_value_with(value: serde_json::Value, options: InputOptions) -> Result<Self, ValidationError> {
        input::from_value(&value, options)
    }

    /// The JSON Schema of what [`from_json`](DbModel::from_json) takes, rules included.
    fn json_schema() -> serde_json::Value {
        input::model_schema::<Self>(Self::schema_parts())
    }

    /// Whether any field, or the model as a whole, has a rule.
    #[doc(hidden)]
    const RULED: bool = false;

    /// Whether any text is changed before it is written.
    #[doc(hidden)]
    const TIDIED: bool = false;

    /// Whether input that is no field is an error.
    #[doc(hidden)]
    const DENY_UNKNOWN: bool = false;

    /// Checks the field at this position of the schema.
    #[doc(hidden)]
    fn check_field(&self, index: usize, reader: &mut Reader) {
        let _ = (index, reader);
    }

    /// Checks every field that has rules.
    #[doc(hidden)]
    fn check_fields(&self, reader: &mut Reader) {
        let _ = reader;
    }

    /// The model's own function.
    #[doc(hidden)]
    fn check_whole(&self) -> Result<(), String> {
        Ok(())
    }

    /// Makes the text of the field at this position what will be stored.
    #[doc(hidden)]
    fn tidy_field(&mut self, index: usize) {
        let _ = index;
    }

    /// Reads every field; `None` after what is wrong has been reported.
    #[doc(hidden)]
    fn read_input(input: &mut ModelInput<'_>) -> Option<Self> {
        input.unsupported();
        None
    }

    /// The fields of the JSON Schema.
    #[doc(hidden)]
    fn schema_parts() -> Vec<SchemaPart> {
        Vec::new()
    }
}

/// Several models at once: a tuple of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of models",
    label = "expected `(A, B, ..)`, each with `#[derive(DbModel)]`",
    note = "for one model use the method for one table, such as `create_table::<M>()`"
)]
pub trait ModelSet {
    /// The descriptions, in the order given.
    fn schemas() -> Vec<&'static Schema>;
}

macro_rules! model_sets {
    ($($($m:ident)+;)*) => { $(
        impl<$($m: DbModel),+> ModelSet for ($($m,)+) {
            fn schemas() -> Vec<&'static Schema> {
                vec![$($m::schema()),+]
            }
        }
    )* };
}
model_sets! {
    A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; A B C D E F G H I;
    A B C D E F G H I J; A B C D E F G H I J K; A B C D E F G H I J K L; A B C D E F G H I J K L N;
    A B C D E F G H I J K L N O; A B C D E F G H I J K L N O P; A B C D E F G H I J K L N O P Q;
}

/// Reads one column of a row: what the derive calls for each field.
///
/// # Errors
/// When the stored value does not fit the field.
#[inline]
pub fn read_column<T: ColumnType, R: Row>(row: &R, index: usize, column: &ColumnDef) -> Result<T, DecodeError> {
    match T::from_sql(row.value(index), Encoding::new(column.store, row.local_time())) {
        Ok(v) => Ok(v),
        Err(e) => Err(in_column(e, column)),
    }
}

/// Reads one JSON column of a row.
///
/// # Errors
/// When the stored value does not fit the field.
pub fn read_json<T: serde::de::DeserializeOwned, R: Row>(
    row: &R,
    index: usize,
    column: &ColumnDef,
) -> Result<T, DecodeError> {
    match row.value(index) {
        ValueRef::Null => Err(DecodeError::unexpected("JSON text", ValueRef::Null)),
        value => crate::types::decode_json(value),
    }
    .map_err(|e| in_column(e, column))
}

/// Reads one optional JSON column of a row.
///
/// # Errors
/// When the stored value does not fit the field.
pub fn read_json_opt<T: serde::de::DeserializeOwned, R: Row>(
    row: &R,
    index: usize,
    column: &ColumnDef,
) -> Result<Option<T>, DecodeError> {
    match row.value(index) {
        ValueRef::Null => Ok(None),
        value => crate::types::decode_json(value).map(Some).map_err(|e| in_column(e, column)),
    }
}

/// Whether a column of this type can be read from a stored value.
///
/// # Errors
/// What reading would say.
#[doc(hidden)]
pub fn accepts<T: ColumnType>(value: ValueRef<'_>, encoding: Encoding) -> Result<(), DecodeError> {
    T::from_sql(value, encoding).map(drop)
}

/// As [`accepts`], for a JSON column.
///
/// # Errors
/// What reading would say.
#[doc(hidden)]
pub fn accepts_json<T: serde::de::DeserializeOwned>(value: ValueRef<'_>, _: Encoding) -> Result<(), DecodeError> {
    crate::types::decode_json::<T>(value).map(drop)
}

/// As [`accepts`], for an optional JSON column.
///
/// # Errors
/// What reading would say.
#[doc(hidden)]
pub fn accepts_json_opt<T: serde::de::DeserializeOwned>(
    value: ValueRef<'_>,
    encoding: Encoding,
) -> Result<(), DecodeError> {
    if value == ValueRef::Null { Ok(()) } else { accepts_json::<T>(value, encoding) }
}

#[cold]
fn in_column(e: DecodeError, column: &ColumnDef) -> DecodeError {
    e.in_column(column.name)
}

/// A model that is linked into the program: what `create_all` walks.
#[doc(hidden)]
pub struct ModelEntry(pub fn() -> &'static Schema);
/// What a query yields as long as whole rows are in it: the rows, alone or each with counts.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "there are no whole rows of `{M}` in `{Self}` to load related rows for",
    label = "the query yields parts of rows"
)]
pub trait WholeRows<M> {}
impl<M: DbModel> WholeRows<M> for M {}
impl<M: DbModel, Out: WholeRows<M>> WholeRows<M> for (Out, i64) {}

inventory::collect!(ModelEntry);

/// Every model that is linked into this program.
pub fn linked_models() -> impl Iterator<Item = &'static Schema> {
    inventory::iter::<ModelEntry>.into_iter().map(|e| (e.0)())
}
