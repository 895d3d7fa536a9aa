//! From the derive's input to the intermediate form.
//!
//! Mistakes are reported and read past: whatever can be made sense of is returned.

use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Ident, LitStr, Path, Type};

use crate::attr::field::{FieldAttrs, Store as StoreAttr};
use crate::attr::foreign_key::ForeignKeyAttrs;
use crate::attr::many_to_many::ManyToManyAttrs;
use crate::attr::misplaced;
use crate::attr::model::ModelAttrs;
use crate::attr::pk::PkAttrs;
use crate::attr::validation::RuleAttrs;
use crate::check;
use crate::ctxt::Ctxt;
use crate::ir::{Column, Default, Field, Model, Reference, Relation, Role, Rules, Skipped, Store};
use crate::literal;
use crate::naming;
use crate::relations;
use crate::types::{FieldType, Shape, replace_self};

/// Reads a struct; `None` when it is nothing that could be a model.
pub(crate) fn model(cx: &Ctxt, input: &DeriveInput) -> Option<Model> {
    let attrs = ModelAttrs::parse(cx, &input.attrs);
    for name in ["field", "pk", "foreign_key", "many_to_many"] {
        misplaced(cx, &input.attrs, name, "it goes on a field; the struct's own attribute is `#[model(..)]`");
    }
    let generic = !input.generics.params.is_empty();
    if generic {
        let message = "a model cannot be generic";
        cx.error(&input.generics, message, "a table has one set of columns: write one struct for each");
    }
    let fields = named_fields(cx, input)?;
    let mut reader = Reader {
        cx,
        ident: &input.ident,
        attrs: &attrs,
        columns: Vec::new(),
        skipped: Vec::new(),
        relations: Vec::new(),
        key: None,
        wrong_key: false,
    };
    for field in fields {
        reader.field(field);
    }
    let Reader { mut columns, skipped, mut relations, key, wrong_key, .. } = reader;
    if !wrong_key && !columns.iter().any(|c| c.role == Role::Key) {
        let help = "add `pk: Pk<Self>`, which identifies the row";
        cx.error(&input.ident, format_args!("`{}` has no field `pk`", input.ident), help);
    }
    if attrs.timestamps {
        add_timestamps(&attrs, &mut columns);
    }
    // The key, then the managed timestamps, then the others; the sort is stable.
    columns.sort_by_key(|c| match c.role {
        Role::Key => 0,
        Role::CreatedAt => 1,
        Role::UpdatedAt => 2,
        Role::Plain => 3,
    });
    check::columns(cx, &columns);
    check::inputs(cx, &columns);
    let indexes = check::indexes(cx, &attrs.indexes, &columns, &skipped, &relations);
    check::constants(&mut columns, &mut relations);
    let usable = !generic && columns.first().is_some_and(|c| c.role == Role::Key);
    let name = input.ident.unraw().to_string();
    let by_name = if attrs.python { naming::python_table } else { naming::table };
    let mut model = Model {
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        table: attrs.table.as_ref().map_or_else(|| by_name(&name), LitStr::value),
        name,
        database: attrs.database.as_ref().map(LitStr::value),
        builder: attrs.builder,
        strict_loading: attrs.strict_loading,
        columns,
        skipped,
        relations,
        indexes,
        default_key: key,
        setters: attrs.setters,
        deny_unknown: attrs.deny_unknown,
        validate_with: attrs.validate_with.as_ref().map(|p| in_model(p, &input.ident)),
    };
    relations::check::clashes(cx, &mut model);
    usable.then_some(model)
}

/// The fields of a struct that has named ones.
fn named_fields<'a>(cx: &Ctxt, input: &'a DeriveInput) -> Option<impl Iterator<Item = &'a syn::Field>> {
    let example = format!("write `struct {} {{ pk: Pk<Self>, .. }}`", input.ident);
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => return Some(fields.named.iter()),
            Fields::Unnamed(fields) => cx.error(fields, "a model needs named fields", example),
            Fields::Unit => cx.error(&input.ident, "a model needs fields", example),
        },
        Data::Enum(data) => cx.error(
            data.enum_token,
            "a model is a struct, and this is an enum",
            "for an enum as the type of a column write `#[derive(DbEnum)]`",
        ),
        Data::Union(data) => cx.error(data.union_token, "a model is a struct, and this is a union", example),
    }
    None
}

struct Reader<'a> {
    cx: &'a Ctxt,
    ident: &'a Ident,
    attrs: &'a ModelAttrs,
    columns: Vec<Column>,
    skipped: Vec<Skipped>,
    relations: Vec<Relation>,
    key: Option<Path>,
    /// There is a field `pk` that is no key.
    wrong_key: bool,
}

impl Reader<'_> {
    fn field(&mut self, field: &syn::Field) {
        let Some(ident) = field.ident.clone() else { return };
        let name = ident.unraw().to_string();
        misplaced(self.cx, &field.attrs, "model", "it goes on the struct; a field's attribute is `#[field(..)]`");
        let parsed = Field { ty: FieldType::new(&field.ty, self.ident), ident, docs: docs(&field.attrs) };
        if name == "pk" {
            self.key(name, parsed, &field.attrs);
            return;
        }
        misplaced(self.cx, &field.attrs, "pk", "it goes on the field `pk`; this field's attribute is `#[field(..)]`");
        let role = match name.as_str() {
            "created_at" if self.attrs.timestamps => Role::CreatedAt,
            "updated_at" if self.attrs.timestamps => Role::UpdatedAt,
            _ => Role::Plain,
        };
        if role == Role::Plain {
            relations::check::attributes(self.cx, &parsed, &field.attrs);
            match parsed.ty.shape.clone() {
                Shape::ForeignKey(target) => return self.foreign_key(name, parsed, &target, &field.attrs),
                Shape::ManyToMany(target) => return self.many_to_many(parsed, &target, &field.attrs),
                _ => {}
            }
        } else {
            no_relation(self.cx, &field.attrs, "a managed timestamp is no relation");
        }
        let mut attrs = FieldAttrs::parse(self.cx, &field.attrs);
        if role.is_managed() {
            check::managed(self.cx, &name, &attrs);
        } else if attrs.skip {
            self.skipped.push(Skipped { name, field: parsed });
            return;
        }
        let actions = [("on_delete", &attrs.on_delete), ("on_update", &attrs.on_update)];
        check::set_null(self.cx, actions, &parsed, "make the field an `Option`, or choose another action");
        attrs.rules.check_type(self.cx, &parsed.ty);
        attrs.rules.check_default(self.cx, attrs.default.as_ref());
        let column = self.column(name, role, parsed, &attrs);
        self.columns.push(column);
    }

    /// The column of a foreign key, and the relation.
    fn foreign_key(&mut self, name: String, field: Field, target: &Type, attrs: &[Attribute]) {
        let key = ForeignKeyAttrs::parse(self.cx, attrs);
        relations::check::set_null(self.cx, &key, &field);
        let attrs = relations::check::foreign_key_field(self.cx, &field, FieldAttrs::unchecked(self.cx, attrs));
        let in_file = column_name(self.attrs, &format!("{name}_id"), key.column.as_ref());
        self.relations.push(relations::foreign_key(self.cx, self.ident, &field, target, &key, &in_file));
        let column = self.column(name, Role::Plain, field, &attrs);
        self.columns.push(Column {
            column: in_file,
            unique: key.unique,
            references: Some(Reference {
                target: target.to_token_stream(),
                on_delete: key.on_delete,
                on_update: key.on_update,
            }),
            relation: true,
            ..column
        });
    }

    fn many_to_many(&mut self, field: Field, target: &Type, attrs: &[Attribute]) {
        let relation = ManyToManyAttrs::parse(self.cx, attrs);
        relations::check::many_to_many_field(self.cx, &field, &FieldAttrs::unchecked(self.cx, attrs));
        self.relations.push(relations::many_to_many(self.cx, self.ident, &field, target, &relation));
    }

    fn key(&mut self, name: String, field: Field, attrs: &[Attribute]) {
        misplaced(self.cx, attrs, "field", "the attribute of the key is `#[pk(..)]`");
        no_relation(self.cx, attrs, "the attribute of the key is `#[pk(..)]`");
        let pk = PkAttrs::parse(self.cx, attrs);
        self.key = pk.default_with.as_ref().map(|path| self.path(path));
        if !check::key_type(self.cx, &field, self.ident) {
            self.wrong_key = true;
            return;
        }
        let column = column_name(self.attrs, &name, pk.column.as_ref());
        self.columns.push(Column::new(name, column, Role::Key, Some(field)));
    }

    fn column(&self, name: String, role: Role, field: Field, attrs: &FieldAttrs) -> Column {
        let in_file = column_name(self.attrs, &name, attrs.column.as_ref());
        let wrapped = matches!(field.ty.shape, Shape::JsonWrapper);
        let container = field.ty.is_container();
        let json = !wrapped && (container || attrs.json || attrs.pickle);
        let store = if role.is_managed() {
            Store::Seconds
        } else if let Some(store) = attrs.store {
            match store {
                StoreAttr::Seconds => Store::Seconds,
                StoreAttr::Millis => Store::Millis,
                StoreAttr::Micros => Store::Micros,
                StoreAttr::Text => Store::Text,
            }
        } else if attrs.pickle || (self.attrs.python && (container || wrapped) && !attrs.json) {
            Store::Pickle
        } else if self.attrs.python && !json && matches!(field.ty.shape, Shape::Time) {
            Store::Seconds
        } else {
            Store::Default
        };
        Column {
            json,
            store,
            temporal: attrs.store.is_some() && !json,
            unique: attrs.unique,
            index: attrs.index,
            redact: attrs.redact,
            default: self.default(attrs, json || wrapped),
            check: attrs.check.as_ref().map(LitStr::value),
            references: attrs.references.as_ref().map(|target| Reference {
                target: replace_self(target.to_token_stream(), self.ident),
                on_delete: attrs.on_delete.clone(),
                on_update: attrs.on_update.clone(),
            }),
            rules: self.rules(&attrs.rules),
            ..Column::new(name, in_file, role, Some(field))
        }
    }

    fn default(&self, attrs: &FieldAttrs, json: bool) -> Option<Default> {
        let expr = |e: &Expr| replace_self(e.to_token_stream(), self.ident);
        if let Some(value) = &attrs.default {
            // What a JSON column would hold by this literal is JSON, not the literal.
            let sql = literal::sql(value).filter(|_| !json);
            return Some(Default { expr: expr(value), literal: literal::is_literal(value), sql });
        }
        let path = self.path(attrs.default_with.as_ref()?);
        Some(Default { expr: quote::quote!(#path()), literal: false, sql: None })
    }

    fn rules(&self, attrs: &RuleAttrs) -> Rules {
        Rules {
            alias: attrs.alias.as_ref().map(LitStr::value),
            strict: attrs.strict || self.attrs.strict,
            changes: attrs.changes.clone(),
            checks: attrs.checks.clone(),
            validate_with: attrs.validate_with.as_ref().map(|p| self.path(p)),
            validate_before: attrs.validate_before.as_ref().map(|p| self.path(p)),
        }
    }

    fn path(&self, path: &Path) -> Path {
        in_model(path, self.ident)
    }
}

/// The same path, with the struct's name for `Self`.
fn in_model(path: &Path, model: &Ident) -> Path {
    syn::parse2(replace_self(path.to_token_stream(), model)).unwrap_or_else(|_| path.clone())
}

impl Column {
    fn new(name: String, column: String, role: Role, field: Option<Field>) -> Self {
        let span = field.as_ref().map_or_else(Span::call_site, |f| f.ident.span());
        Column {
            constant: Ident::new(&naming::constant(&name), span),
            name,
            column,
            role,
            field,
            json: false,
            store: Store::Default,
            temporal: false,
            unique: false,
            index: false,
            redact: false,
            default: None,
            check: None,
            references: None,
            relation: false,
            rules: Rules::default(),
        }
    }
}

/// Reports the attributes of relations where there can be none.
fn no_relation(cx: &Ctxt, attrs: &[Attribute], help: &str) {
    for name in ["foreign_key", "many_to_many"] {
        misplaced(cx, attrs, name, help);
    }
}

/// The managed timestamps that the struct leaves out.
fn add_timestamps(attrs: &ModelAttrs, columns: &mut Vec<Column>) {
    for (name, role) in [("created_at", Role::CreatedAt), ("updated_at", Role::UpdatedAt)] {
        if !columns.iter().any(|c| c.role == role) {
            let column = column_name(attrs, name, None);
            columns.push(Column { store: Store::Seconds, ..Column::new(name.to_owned(), column, role, None) });
        }
    }
}

fn column_name(attrs: &ModelAttrs, field: &str, column: Option<&LitStr>) -> String {
    match (column, attrs.rename_all) {
        (Some(column), _) => column.value(),
        (None, Some(case)) => case.apply(field),
        (None, None) => field.to_owned(),
    }
}

fn docs(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs.iter().filter(|a| a.path().is_ident("doc")).cloned().collect()
}
