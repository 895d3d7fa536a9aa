//! The small intermediate form between parsing and emitting: names are settled, types are classified.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, LitStr, Path, Type, Visibility};

use crate::attr::Action;
use crate::attr::validation::Check;
use crate::types::FieldType;

/// A model.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    /// The struct's name without `r#`.
    pub(crate) name: String,
    pub(crate) table: String,
    pub(crate) database: Option<String>,
    pub(crate) builder: bool,
    pub(crate) strict_loading: bool,
    /// In the order of the schema: the key, the managed timestamps, the others as declared.
    pub(crate) columns: Vec<Column>,
    /// Fields without a column.
    pub(crate) skipped: Vec<Skipped>,
    /// In the order of the fields.
    pub(crate) relations: Vec<Relation>,
    pub(crate) indexes: Vec<Index>,
    /// `#[pk(default_with = ..)]`.
    pub(crate) default_key: Option<Path>,
    pub(crate) setters: bool,
    pub(crate) deny_unknown: bool,
    /// `#[model(validate_with = ..)]`.
    pub(crate) validate_with: Option<Path>,
}

/// A column.
pub(crate) struct Column {
    /// The field's name without `r#`.
    pub(crate) name: String,
    /// The column's name in the file.
    pub(crate) column: String,
    /// The name of its const.
    pub(crate) constant: Ident,
    pub(crate) role: Role,
    /// The field; `None` for a managed timestamp that the struct does not declare.
    pub(crate) field: Option<Field>,
    pub(crate) json: bool,
    pub(crate) store: Store,
    /// Whether `store` was asked for, and the type must be a date or a time.
    pub(crate) temporal: bool,
    pub(crate) unique: bool,
    pub(crate) index: bool,
    pub(crate) redact: bool,
    pub(crate) default: Option<Default>,
    pub(crate) check: Option<String>,
    pub(crate) references: Option<Reference>,
    /// Whether it is the column of a foreign key, whose const is the relation's.
    pub(crate) relation: bool,
    pub(crate) rules: Rules,
}

/// What is asked of a column's values.
#[derive(Default)]
pub(crate) struct Rules {
    pub(crate) alias: Option<String>,
    pub(crate) strict: bool,
    /// `strip_whitespace`, `to_lower`, `to_upper`: those that are on.
    pub(crate) changes: Vec<Ident>,
    pub(crate) checks: Vec<Check>,
    pub(crate) validate_with: Option<Path>,
    pub(crate) validate_before: Option<Path>,
}

/// What a column has of its field.
#[derive(Clone)]
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: FieldType,
    /// Its doc comments.
    pub(crate) docs: Vec<Attribute>,
}

/// A field that is no column.
pub(crate) struct Skipped {
    pub(crate) name: String,
    pub(crate) field: Field,
}

/// A relation: a field that leads to another model.
pub(crate) struct Relation {
    /// The field's name without `r#`.
    pub(crate) name: String,
    pub(crate) field: Field,
    /// The model that it leads to, as written.
    pub(crate) target: Type,
    /// The name of its const.
    pub(crate) constant: Ident,
    pub(crate) link: Link,
    /// `None` when there is no way back.
    pub(crate) reverse: Option<Reverse>,
}

/// How the two models are connected.
pub(crate) enum Link {
    /// By a column, of this name in the file.
    ForeignKey { column: String },
    /// By a junction table.
    ManyToMany { through: Option<LitStr>, symmetrical: bool },
}

/// The way back: a method and a const of the other model. The names are where the user wrote them, or at the field.
pub(crate) struct Reverse {
    /// The method's name without `r#`.
    pub(crate) name: String,
    pub(crate) method: Ident,
    pub(crate) constant: Ident,
    /// Whether the user wrote the name.
    pub(crate) written: bool,
    /// The trait that they are in, if they are not the model's own.
    pub(crate) in_trait: Option<Ident>,
}

/// What a column is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Key,
    CreatedAt,
    UpdatedAt,
    Plain,
}

/// How a column is written: a variant of the runtime's `Store`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    Default,
    Seconds,
    Millis,
    Micros,
    Text,
    Pickle,
}

/// A default: for the builder, and for the file if it is a literal.
pub(crate) struct Default {
    pub(crate) expr: TokenStream,
    pub(crate) literal: bool,
    pub(crate) sql: Option<String>,
}

/// `references = ..`.
pub(crate) struct Reference {
    pub(crate) target: TokenStream,
    pub(crate) on_delete: Option<Action>,
    pub(crate) on_update: Option<Action>,
}

/// `index(..)`: the columns' names in the file.
pub(crate) struct Index {
    pub(crate) columns: Vec<String>,
    pub(crate) unique: bool,
}

impl Role {
    pub(crate) fn is_managed(self) -> bool {
        matches!(self, Role::CreatedAt | Role::UpdatedAt)
    }
}

impl Rules {
    /// Whether a value can be wrong.
    pub(crate) fn checks_any(&self) -> bool {
        !self.checks.is_empty() || self.validate_with.is_some()
    }

    /// Whether there is anything to write down.
    pub(crate) fn any(&self) -> bool {
        self.checks_any() || self.alias.is_some() || self.strict || !self.changes.is_empty()
    }
}

impl Column {
    /// Whether the builder cannot do without it.
    pub(crate) fn required(&self) -> bool {
        let optional = self.field.as_ref().is_none_or(|f| f.ty.optional);
        self.role == Role::Plain && !optional && self.default.is_none()
    }
}
