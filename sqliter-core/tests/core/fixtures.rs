//! Models written out as the derive would write them, and the short forms that the tests use.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use sqliter_core::plan::SelectPlan;
use sqliter_core::schema::{Action, ColumnDef, ColumnRole, IndexDef, Reference};
use sqliter_core::sql::{Sqlite, Statement, count_sql};
use sqliter_core::{
    Column, DbModel, DecodeError, EncodeError, Encoded, Encoding, Error, Filter, Json, Pk, Row, Schema, SqlType, Store,
    Value, read_column,
};

const INTEGER: SqlType = SqlType::Integer;
const REAL: SqlType = SqlType::Real;
const TEXT: SqlType = SqlType::Text;
const BLOB: SqlType = SqlType::Blob;

const fn plain(name: &'static str, ty: SqlType) -> ColumnDef {
    ColumnDef::new(name, name, ty)
}
const fn nullable(name: &'static str, ty: SqlType) -> ColumnDef {
    ColumnDef { nullable: true, ..plain(name, ty) }
}
const fn key(name: &'static str, ty: SqlType) -> ColumnDef {
    ColumnDef { role: ColumnRole::Key, ..ColumnDef::new("pk", name, ty) }
}
const fn stored(name: &'static str, ty: SqlType, store: Store) -> ColumnDef {
    ColumnDef { store, ..plain(name, ty) }
}
const fn created_at(declared: bool) -> ColumnDef {
    ColumnDef { role: ColumnRole::CreatedAt, declared, ..plain("created_at", INTEGER) }
}
const fn updated_at(declared: bool) -> ColumnDef {
    ColumnDef { role: ColumnRole::UpdatedAt, declared, ..plain("updated_at", INTEGER) }
}
const fn to(target: fn() -> &'static Schema, on_delete: Action, on_update: Action) -> Option<Reference> {
    Some(Reference { target, on_delete, on_update })
}

/// A model whose rows are never read or written here: of its struct only the key is needed.
macro_rules! model {
    ($model:ident, $key:ty, $table:literal, $columns:expr, $indexes:expr, {
        $($name:ident: $t:ty = $column:literal $($store:ident)?;)*
    }) => {
        #[derive(Debug, Clone)]
        pub(crate) struct $model {
            pub(crate) pk: Pk<$model, $key>,
        }
        impl $model {
            $(pub(crate) const $name: Column<$model, $t> = Column::new($column, model!(@store $($store)?));)*
        }
        impl DbModel for $model {
            type Key = $key;
            fn schema() -> &'static Schema {
                static SCHEMA: Schema = Schema::new(
                    stringify!($model), $table, $columns, $indexes, <$key as sqliter_core::KeyType>::AUTO, None,
                );
                &SCHEMA
            }
            fn pk(&self) -> &Pk<Self, $key> {
                &self.pk
            }
            fn set_pk(&mut self, pk: Pk<Self, $key>) {
                self.pk = pk;
            }
            fn encode_column(&self, _: usize, _: bool) -> Result<Encoded<'_>, EncodeError> {
                Err(EncodeError::new("this model has no fields"))
            }
            fn decode_row<R: Row>(_: &R, _: usize) -> Result<Self, DecodeError> {
                Err(DecodeError::new("this model has no fields"))
            }
        }
    };
    (@store) => { Store::Default };
    (@store $store:ident) => { Store::$store };
}

model!(Author, i64, "authors", &[key("pk", INTEGER), created_at(false), updated_at(false), plain("name", TEXT)], &[], {
    NAME: String = "name";
});

// Everything that a column can have; the timestamps exist without fields.
model!(Book, i64, "books", &[
    key("pk", INTEGER),
    created_at(false),
    updated_at(false),
    ColumnDef { index: true, ..plain("title", TEXT) },
    ColumnDef { unique: true, ..plain("isbn", TEXT) },
    nullable("year", INTEGER),
    ColumnDef { default: Some("9.5"), check: Some("price >= 0"), ..plain("price", REAL) },
    ColumnDef { default: Some("1"), ..plain("in_print", INTEGER) },
    plain("stock", INTEGER),
    nullable("blurb", TEXT),
    ColumnDef { redact: true, ..plain("pin", INTEGER) },
    ColumnDef { redact: true, ..nullable("phrase", TEXT) },
    ColumnDef { references: to(Author::schema, Action::Cascade, Action::NoAction), ..plain("author_id", INTEGER) },
    ColumnDef {
        references: to(Author::schema, Action::SetNull, Action::Cascade),
        index: true,
        nullable: true,
        ..ColumnDef::new("editor", "editor_id", INTEGER)
    },
    ColumnDef { references: to(Book::schema, Action::Restrict, Action::SetNull), ..nullable("part_of", INTEGER) },
], &[
    IndexDef { columns: &["author_id", "year"], unique: false },
    IndexDef { columns: &["title", "author_id"], unique: true },
    IndexDef { columns: &["title"], unique: false },
], {
    PK: Pk<Book> = "pk";
    TITLE: String = "title";
    YEAR: Option<i64> = "year";
    PRICE: f64 = "price";
    IN_PRINT: bool = "in_print";
    STOCK: i64 = "stock";
    BLURB: Option<String> = "blurb";
    PIN: i64 = "pin";
    PHRASE: Option<String> = "phrase";
    AUTHOR_ID: i64 = "author_id";
    PART_OF: Option<i64> = "part_of";
    UPDATED_AT: i64 = "updated_at";
});

// Keywords, quotes, names with two underscores, two fields with each other's column, indexes whose names collide.
model!(Odd, i64, "or\"der", &[
    key("id", INTEGER),
    plain("from", TEXT),
    plain("gro\"up", TEXT),
    plain("made", INTEGER),
    plain("made__in", INTEGER),
    ColumnDef::new("first", "second", INTEGER),
    ColumnDef::new("second", "first", INTEGER),
    ColumnDef { index: true, ..plain("a_b", INTEGER) },
    plain("a", INTEGER),
    plain("b", INTEGER),
    plain("b_c", INTEGER),
    plain("C", INTEGER),
], &[
    IndexDef { columns: &["a", "b"], unique: false },
    IndexDef { columns: &["a_b"], unique: true },
    IndexDef { columns: &["a", "b"], unique: true },
    IndexDef { columns: &["a", "b_c"], unique: false },
    IndexDef { columns: &["a_b", "C"], unique: false },
], {
    FROM: String = "from";
    GROUP: String = "gro\"up";
    FIRST: i64 = "second";
    SECOND: i64 = "first";
});

model!(Mark, i64, "marks", &[key("pk", INTEGER)], &[], {});
model!(Word, String, "words", &[key("word", TEXT)], &[], { PK: Pk<Word, String> = "word"; });
// Nothing that an update by key would write.
model!(Visit, i64, "visits", &[key("pk", INTEGER), created_at(false)], &[], {});

model!(Event, i64, "events", &[
    key("pk", INTEGER),
    plain("at", TEXT),
    stored("at_s", INTEGER, Store::Seconds),
    stored("at_ms", INTEGER, Store::Millis),
    stored("at_us", INTEGER, Store::Micros),
    nullable("until", TEXT),
    plain("naive", TEXT),
    stored("naive_s", INTEGER, Store::Seconds),
    plain("day", TEXT),
    stored("day_s", INTEGER, Store::Seconds),
    plain("clock", TEXT),
    stored("clock_ms", INTEGER, Store::Millis),
    plain("digest", BLOB),
    plain("level", INTEGER),
    plain("total", INTEGER),
    plain("ratio", REAL),
    plain("grade", TEXT),
    plain("tags", TEXT),
    plain("token", TEXT),
    plain("cost", TEXT),
], &[], {
    AT: DateTime<Utc> = "at";
    AT_S: DateTime<Utc> = "at_s" Seconds;
    AT_MS: DateTime<Utc> = "at_ms" Millis;
    AT_US: DateTime<Utc> = "at_us" Micros;
    UNTIL: Option<DateTime<Utc>> = "until";
    NAIVE: NaiveDateTime = "naive";
    NAIVE_S: NaiveDateTime = "naive_s" Seconds;
    DAY: NaiveDate = "day";
    DAY_S: NaiveDate = "day_s" Seconds;
    CLOCK: NaiveTime = "clock";
    CLOCK_MS: NaiveTime = "clock_ms" Millis;
    DIGEST: Vec<u8> = "digest";
    LEVEL: u8 = "level";
    TOTAL: u64 = "total";
    RATIO: f32 = "ratio";
    GRADE: char = "grade";
    TAGS: Json<Vec<String>> = "tags";
});
#[cfg(feature = "uuid")]
impl Event {
    pub(crate) const TOKEN: Column<Event, uuid::Uuid> = Column::new("token", Store::Default);
}
#[cfg(feature = "rust_decimal")]
impl Event {
    pub(crate) const COST: Column<Event, rust_decimal::Decimal> = Column::new("cost", Store::Default);
}

/// A whole model: a key that the caller gives, and timestamps with fields.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Setting {
    pub(crate) pk: Pk<Setting, String>,
    pub(crate) value: Option<String>,
    pub(crate) weight: u8,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl Setting {
    pub(crate) const VALUE: Column<Setting, Option<String>> = Column::new("value", Store::Default);
    const COLUMNS: &'static [ColumnDef] =
        &[key("name", TEXT), nullable("value", TEXT), plain("weight", INTEGER), created_at(true), updated_at(true)];
}

impl DbModel for Setting {
    type Key = String;
    fn schema() -> &'static Schema {
        static SCHEMA: Schema = Schema::new("Setting", "settings", Setting::COLUMNS, &[], false, Some("config"));
        &SCHEMA
    }
    fn pk(&self) -> &Pk<Self, String> {
        &self.pk
    }
    fn set_pk(&mut self, pk: Pk<Self, String>) {
        self.pk = pk;
    }
    fn encode_column(&self, index: usize, local_time: bool) -> Result<Encoded<'_>, EncodeError> {
        use sqliter_core::ColumnType;
        let encoding = Encoding::new(Store::Default, local_time);
        match index {
            0 => self.pk.to_sql(encoding),
            1 => self.value.to_sql(encoding),
            2 => self.weight.to_sql(encoding),
            3 => self.created_at.to_sql(encoding),
            _ => self.updated_at.to_sql(encoding),
        }
    }
    fn decode_row<R: Row>(row: &R, at: usize) -> Result<Self, DecodeError> {
        Ok(Setting {
            pk: read_column(row, at, &Self::COLUMNS[0])?,
            value: read_column(row, at + 1, &Self::COLUMNS[1])?,
            weight: read_column(row, at + 2, &Self::COLUMNS[2])?,
            created_at: read_column(row, at + 3, &Self::COLUMNS[3])?,
            updated_at: read_column(row, at + 4, &Self::COLUMNS[4])?,
        })
    }
}

/// The parameters of a statement: `params![1950, "x"]`.
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$(sqliter_core::Value::from($value)),*] };
}
pub(crate) use params;

pub(crate) fn plan<M: DbModel>() -> SelectPlan {
    SelectPlan::new(M::schema())
}

pub(crate) fn filtered<M: DbModel>(filter: Filter<M>) -> SelectPlan {
    let mut plan = plan::<M>();
    plan.filters.push(filter.into_node());
    plan
}

/// The text and the parameters.
pub(crate) fn parts(statement: Statement) -> (String, Vec<Value>) {
    (statement.sql, statement.params)
}

/// What follows `WHERE` for this filter, and its parameters.
#[track_caller]
pub(crate) fn condition<M: DbModel>(filter: Filter<M>) -> (String, Vec<Value>) {
    let (sql, params) = parts(count_sql(&filtered(filter), &Sqlite, false).unwrap());
    let (_, condition) = sql.split_once(" WHERE ").unwrap();
    (condition.to_owned(), params)
}

/// The filter has this text and these parameters.
#[track_caller]
pub(crate) fn says<M: DbModel>(filter: Filter<M>, sql: &str, params: Vec<Value>) {
    assert_eq!(condition(filter), (sql.to_owned(), params));
}

/// What is wrong with this filter.
#[track_caller]
pub(crate) fn refusal<M: DbModel>(filter: Filter<M>) -> Error {
    count_sql(&filtered(filter), &Sqlite, false).unwrap_err()
}
