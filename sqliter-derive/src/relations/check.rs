//! What is wrong with a relation: its attributes against its type, and relations against fields and against each other.

use heck::ToSnakeCase;
use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{Attribute, Type};

use crate::attr::field::FieldAttrs;
use crate::attr::foreign_key::ForeignKeyAttrs;
use crate::attr::many_to_many::ManyToManyAttrs;
use crate::check;
use crate::ctxt::Ctxt;
use crate::ir::{Field, Link, Model, Relation, Reverse};
use crate::types::{Shape, is_named, text};

/// The relation attributes, and the word for what they make of a field.
const FAMILIES: [(&str, &str, &str); 2] =
    [("foreign_key", "ForeignKey", "a foreign key"), ("many_to_many", "ManyToMany", "a many-to-many relation")];

/// Reports the relation attributes of a field that is another kind of relation or none. Those of its own kind are read.
pub(crate) fn attributes(cx: &Ctxt, field: &Field, attrs: &[Attribute]) {
    let own = match &field.ty.shape {
        Shape::ForeignKey(_) => "foreign_key",
        Shape::ManyToMany(_) => "many_to_many",
        _ => "",
    };
    for (family, wrapper, what) in FAMILIES.into_iter().filter(|(family, ..)| *family != own) {
        let mut given = attrs.iter().filter(|a| a.path().is_ident(family)).peekable();
        if given.peek().is_none() {
            continue;
        }
        let given: Vec<Attribute> = given.cloned().collect();
        // What is in them is checked all the same.
        match family {
            "foreign_key" => _ = ForeignKeyAttrs::parse(cx, &given),
            _ => _ = ManyToManyAttrs::parse(cx, &given),
        }
        let message = format!("`#[{family}(..)]` on `{}`, which is not {what}", field.ident.unraw());
        let help = if own.is_empty() {
            instead(field, wrapper)
        } else {
            format!("the attribute of this field is `#[{own}(..)]`")
        };
        cx.error(&field.ty.full, message, help);
    }
}

/// What to write in place of a type that is no relation.
fn instead(field: &Field, wrapper: &str) -> String {
    let (written, many) = (text(&field.ty.inner), wrapper == "ManyToMany");
    let (start, end) = if field.ty.optional && !many { ("Option<", ">") } else { ("", "") };
    match written.as_str() {
        "i64" | "i32" | "u32" | "u64" | "i16" | "u16" | "isize" | "usize" | "String" | "Uuid" | "uuid::Uuid"
            if !many =>
        {
            format!(
                "make its type `{start}ForeignKey<Model>{end}`; for the constraint alone write `#[field(references = Model)]`"
            )
        }
        name if syn::parse_str::<Ident>(name).is_ok_and(|_| name.starts_with(char::is_uppercase)) => {
            format!("make its type `{start}{wrapper}<{name}>{end}`")
        }
        _ => format!("make its type `{start}{wrapper}<Model>{end}`"),
    }
}

/// Reports the keys of `#[field(..)]` that a foreign key does not take; without them if there are any.
pub(crate) fn foreign_key_field(cx: &Ctxt, field: &Field, attrs: FieldAttrs) -> FieldAttrs {
    let name = field.ident.unraw();
    let mut wrong = false;
    for key in attrs.keys.iter().filter(|k| !["index", "alias", "redact"].iter().any(|a| k == a)) {
        wrong = true;
        let help = match key.unraw().to_string().as_str() {
            "column" | "unique" | "on_delete" | "on_update" => {
                format!(
                    "it belongs to the other attribute: `#[foreign_key({key}{})]`",
                    if key == "unique" { "" } else { " = .." }
                )
            }
            "references" => "the type says what it refers to: remove it".to_owned(),
            "default" | "default_with" => {
                "a key has no default: give it to the builder, or make the field an `Option`".to_owned()
            }
            "json" | "pickle" | "store" => "it is stored as the key that it is: remove it".to_owned(),
            "skip" => "a foreign key is its column: remove it".to_owned(),
            _ => "its value is the key of another row: remove it".to_owned(),
        };
        cx.error(key, format_args!("`{key}` on `{name}`, which is a foreign key"), help);
    }
    if wrong { FieldAttrs::default() } else { attrs }
}

/// Reports `SetNull` on a foreign key that cannot be `NULL`.
pub(crate) fn set_null(cx: &Ctxt, attrs: &ForeignKeyAttrs, field: &Field) {
    let target = match &field.ty.shape {
        Shape::ForeignKey(target) => text(target),
        _ => "..".to_owned(),
    };
    let help = format!("make the field `Option<ForeignKey<{target}>>`, or choose another action");
    check::set_null(cx, [("on_delete", &attrs.on_delete), ("on_update", &attrs.on_update)], field, &help);
}

/// Reports what does not fit a many-to-many relation.
pub(super) fn many_to_many(cx: &Ctxt, model: &Ident, field: &Field, target: &Type, attrs: &ManyToManyAttrs) {
    let name = field.ident.unraw();
    if field.ty.optional {
        let help = format!("write `ManyToMany<{}>`, which may be empty", text(target));
        cx.error(&field.ty.full, format_args!("`{name}` is a many-to-many relation, which is never missing"), help);
    }
    let Some(key) = attrs.reverse.key("symmetrical").filter(|_| attrs.symmetrical) else { return };
    if !is_named(target, model) {
        let message = format!("`symmetrical` on a relation from `{model}` to `{}`", text(target));
        cx.error(key, message, "only a relation from a model to itself can be: remove it");
        return;
    }
    for key in ["related_name", "reverse_trait"].iter().filter_map(|k| attrs.reverse.key(k)) {
        let message = format!("`{key}` on `{name}`, which is symmetrical");
        cx.error(key, message, "it is its own way back: remove one of the two");
    }
}

/// Reports `#[field(..)]` on a many-to-many relation.
pub(crate) fn many_to_many_field(cx: &Ctxt, field: &Field, attrs: &FieldAttrs) {
    for key in &attrs.keys {
        let message = format!("`{key}` on `{}`, which is a many-to-many relation", field.ident.unraw());
        cx.error(key, message, "it has no column: remove it");
    }
}

/// Reports relations that clash with fields of their struct or with each other; a way back whose name is taken goes, so that
/// rustc does not report it again.
pub(crate) fn clashes(cx: &Ctxt, model: &mut Model) {
    let mut taken = Vec::new();
    for (i, relation) in model.relations.iter().enumerate() {
        let before = &model.relations[..i];
        junction(cx, model, before, relation);
        taken.push(relation.reverse.as_ref().is_some_and(|reverse| {
            let of_other = with_relations(cx, before, relation, reverse);
            let of_field = !of_other && with_fields(cx, model, relation, reverse);
            of_other | of_field | in_one_trait(cx, before, reverse)
        }));
    }
    for (relation, _) in model.relations.iter_mut().zip(taken).filter(|(_, taken)| *taken) {
        relation.reverse = None;
    }
}

/// A way back that has the name of another to the same model.
fn with_relations(cx: &Ctxt, before: &[Relation], relation: &Relation, reverse: &Reverse) -> bool {
    let target = text(&relation.target);
    let same = |other: &&Relation| {
        text(&other.target) == target && other.reverse.as_ref().is_some_and(|r| r.constant == reverse.constant)
    };
    let Some(other) = before.iter().find(same) else { return false };
    let message = format!("`{}` and `{}` would both be `{target}::{}`", other.name, relation.name, reverse.constant);
    let (family, free) = (relation.link.family(), format!("{}_{}", relation.name, reverse.name).to_snake_case());
    let help = format!("give one of them another name: `#[{family}(related_name = \"{free}\")]`");
    cx.error(reverse.at(relation), message, help);
    true
}

/// A junction's name that another relation or the model itself has.
fn junction(cx: &Ctxt, model: &Model, before: &[Relation], relation: &Relation) {
    let Link::ManyToMany { through: Some(through), .. } = &relation.link else { return };
    let name = through.value();
    let same = |other: &&Relation| match &other.link {
        Link::ManyToMany { through: Some(other), .. } => other.value().eq_ignore_ascii_case(&name),
        _ => false,
    };
    let message = if let Some(other) = before.iter().find(same) {
        format!("`{}` and `{}` would both be in the table `{name}`", other.name, relation.name)
    } else if name.eq_ignore_ascii_case(&model.table) {
        format!("`{name}` is the table of `{}` itself", model.ident)
    } else {
        return;
    };
    cx.error(through, message, "a junction is a table of its own: give it another name, or leave `through` out");
}

/// A way back to the struct itself that has the name of one of its fields.
fn with_fields(cx: &Ctxt, model: &Model, relation: &Relation, reverse: &Reverse) -> bool {
    if !is_named(&relation.target, &model.ident) {
        return false;
    }
    let columns = model.columns.iter().map(|c| (&c.name, Some(&c.constant)));
    let relations = model.relations.iter().map(|r| (&r.name, Some(&r.constant)));
    let skipped = model.skipped.iter().map(|s| (&s.name, None));
    let taken = columns.chain(relations).chain(skipped).find(|(name, constant)| {
        name.eq_ignore_ascii_case(&reverse.name) || constant.is_some_and(|c| *c == reverse.constant)
    });
    let Some((taken, _)) = taken else { return false };
    let name = &reverse.name;
    let message = if reverse.written {
        format!("`{}` has a field `{taken}` already", model.ident)
    } else {
        format!("the way back of `{}` would be called `{name}`, as the field `{taken}` is", relation.name)
    };
    let help = format!("give it another name: `#[{}(related_name = \"..\")]`", relation.link.family());
    cx.error(reverse.at(relation), message, help);
    true
}

/// A trait that was asked for twice.
fn in_one_trait(cx: &Ctxt, before: &[Relation], reverse: &Reverse) -> bool {
    let Some(name) = &reverse.in_trait else { return false };
    let same = |r: &&Relation| r.reverse.as_ref().is_some_and(|r| r.in_trait.as_ref() == Some(name));
    let Some(other) = before.iter().find(same) else { return false };
    let message = format!("`{}` has a trait `{name}` already", other.name);
    cx.error(name, message, "each way back is in a trait of its own: choose another name");
    true
}

impl Link {
    /// The name of the attribute.
    fn family(&self) -> &'static str {
        match self {
            Link::ForeignKey { .. } => "foreign_key",
            Link::ManyToMany { .. } => "many_to_many",
        }
    }
}

impl Reverse {
    /// Where an error about the name belongs: at the name, or at the field that it would come from.
    fn at<'a>(&'a self, relation: &'a Relation) -> &'a Ident {
        if self.written { &self.method } else { &relation.field.ident }
    }
}
