//! What no attribute can check alone: columns against columns, indexes against columns, attributes against types.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ext::IdentExt;

use crate::attr::Action;
use crate::attr::field::FieldAttrs;
use crate::attr::model::IndexAttr;
use crate::ctxt::Ctxt;
use crate::ir::{Column, Field, Index, Link, Relation, Skipped};
use crate::suggest;
use crate::types::Shape;

/// Reports columns of one name, which SQLite compares without regard to case.
pub(crate) fn columns(cx: &Ctxt, columns: &[Column]) {
    for (i, column) in columns.iter().enumerate() {
        let Some(first) = columns[..i].iter().find(|c| c.column.eq_ignore_ascii_case(&column.column)) else { continue };
        // A managed timestamp that is not declared has no place of its own to report.
        let Some(field) = column.field.as_ref().or(first.field.as_ref()) else { continue };
        let message = if first.column == column.column {
            format!("the column `{}` is there twice", column.column)
        } else {
            format!(
                "the columns `{}` and `{}` differ in case alone, and SQLite ignores case",
                first.column, column.column
            )
        };
        let other = if column.field.is_some() { &first.name } else { &column.name };
        let of_relation = column.field.is_some() && column.relation || column.field.is_none() && first.relation;
        let family = if of_relation { "foreign_key" } else { "field" };
        let help = format!("`{other}` has it already: name this one with `#[{family}(column = \"..\")]`");
        cx.error(&field.ident, message, help);
    }
}

/// Reports fields that an input would give one value.
pub(crate) fn inputs(cx: &Ctxt, columns: &[Column]) {
    let name = |c: &Column| c.rules.alias.clone().unwrap_or_else(|| c.name.clone());
    // Timestamps that are not declared are not read.
    let read: Vec<_> = columns.iter().filter_map(|c| Some((c, name(c), c.field.as_ref()?))).collect();
    for (i, (column, input, field)) in read.iter().enumerate() {
        // Fields of one name are the compiler's to report.
        let twice = |(c, name, _): &&(&Column, String, &Field)| name == input && c.name != column.name;
        if let Some((first, ..)) = read[..i].iter().find(twice) {
            let message = format!("the input name `{input}` is there twice");
            let help = format!("`{}` and `{}` have it: change the `alias` of one", first.name, column.name);
            cx.error(&field.ident, message, help);
        }
    }
}

/// The indexes, with the columns' names; reports fields that are none.
pub(crate) fn indexes(
    cx: &Ctxt,
    attrs: &[IndexAttr],
    columns: &[Column],
    skipped: &[Skipped],
    relations: &[Relation],
) -> Vec<Index> {
    let mut indexes = Vec::new();
    for attr in attrs {
        let mut index = Index { columns: Vec::new(), unique: attr.unique };
        for ident in &attr.fields {
            let Some(column) = index_column(cx, ident, columns, skipped, relations) else { continue };
            if index.columns.contains(&column.column) {
                cx.error(ident, format_args!("`{ident}` is in this index twice"), "remove one of the two");
            } else {
                index.columns.push(column.column.clone());
            }
        }
        indexes.extend(Some(index).filter(|i| !i.columns.is_empty()));
    }
    indexes
}

fn index_column<'a>(
    cx: &Ctxt,
    ident: &Ident,
    columns: &'a [Column],
    skipped: &[Skipped],
    relations: &[Relation],
) -> Option<&'a Column> {
    let name = ident.unraw().to_string();
    let found = columns.iter().find(|c| c.name == name);
    if found.is_none() {
        if skipped.iter().any(|s| s.name == name) {
            cx.error(
                ident,
                format_args!("`{name}` has `skip`, so there is no column to index"),
                "remove one of the two",
            );
        } else if relations.iter().any(|r| r.name == name) {
            let message = format!("an index over `{name}`, which has no column");
            cx.error(ident, message, "it is a many-to-many relation, whose links are indexed already: remove it");
        } else {
            let help = suggest::help(&name, "the fields are", columns.iter().map(|c| c.name.as_str()));
            cx.error(ident, format_args!("an index over `{name}`, which is no field"), help);
        }
    }
    found
}

/// Gives a const whose name is taken an underscore: `foo` and `FOO` are two fields.
pub(crate) fn constants(columns: &mut [Column], relations: &mut [Relation]) {
    let mut taken: Vec<Ident> = Vec::new();
    let mut settle = |constant: &mut Ident| {
        while taken.contains(constant) {
            *constant = Ident::new(&format!("{constant}_"), constant.span());
        }
        taken.push(constant.clone());
    };
    columns.iter_mut().for_each(|c| settle(&mut c.constant));
    for relation in relations {
        match relation.link {
            // The const of the column is the relation's.
            Link::ForeignKey { .. } => {
                let column = columns.iter().find(|c| c.name == relation.name);
                relation.constant = column.map_or_else(|| relation.constant.clone(), |c| c.constant.clone());
            }
            Link::ManyToMany { .. } => settle(&mut relation.constant),
        }
    }
}

/// Reports what cannot be said of a managed timestamp.
pub(crate) fn managed(cx: &Ctxt, name: &str, attrs: &FieldAttrs) {
    for key in &attrs.keys {
        if ["column", "index", "alias", "redact", "check", "unique"].iter().any(|k| key == k) {
            continue;
        }
        let message = format!("`{key}` on `{name}`, which is a managed timestamp");
        cx.error(key, message, "remove it, or make this an ordinary field with `#[model(timestamps = false)]`");
    }
}

/// Reports `SetNull` on a column that cannot be `NULL`.
pub(crate) fn set_null(cx: &Ctxt, actions: [(&str, &Option<Action>); 2], field: &Field, help: &str) {
    for (name, action) in actions {
        if let Some(action) = action.as_ref().filter(|a| a.is_set_null() && !field.ty.optional) {
            let message = format!("`{name} = SetNull` on `{}`, which cannot be `NULL`", field.ident.unraw());
            cx.error(&action.0, message, help);
        }
    }
}

/// Whether the type of the field `pk` can be a key. An alias may be one; the key itself without its `Pk` is reported.
pub(crate) fn key_type(cx: &Ctxt, field: &Field, model: &Ident) -> bool {
    if let Some(other) = field.ty.key_of().filter(|of| *of != model) {
        let message = format!("this is the key of `{other}`, not of `{model}`");
        cx.error(&field.ty.full, message, "write `Self` in its place");
        return false;
    }
    let written = field.ty.full.to_token_stream().to_string();
    let help = match written.as_str() {
        "i64" | "i32" | "u32" | "u64" | "i16" | "u16" | "isize" | "usize" => "write `pk: Pk<Self>`",
        "String" => "write `pk: Pk<Self, String>`",
        "Uuid" | "uuid :: Uuid" => "write `pk: Pk<Self, Uuid>`",
        _ if matches!(field.ty.shape, Shape::ForeignKey(_) | Shape::ManyToMany(_)) => {
            "write `pk: Pk<Self>`, and give the relation a field of its own"
        }
        _ if field.ty.optional => "write `pk: Pk<Self>`, which is unset until the row is inserted",
        _ => return true,
    };
    cx.error(&field.ty.full, "the field `pk` is the row's identity, of type `Pk`", help);
    false
}
