//! What the tokens of a field's type say: whether it is an `Option`, how it is stored, what its setter takes.
//!
//! Only names are seen here, so an alias is an opaque type; the traits have the last word.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

/// A field's type, with `Self` replaced by the struct's name.
#[derive(Clone)]
pub(crate) struct FieldType {
    /// As declared.
    pub(crate) full: Type,
    /// Without the `Option`.
    pub(crate) inner: Type,
    /// Whether it is an `Option`.
    pub(crate) optional: bool,
    pub(crate) shape: Shape,
}

/// What the type without its `Option` looks like.
#[derive(Clone)]
pub(crate) enum Shape {
    /// `String`.
    Text,
    /// `Vec<u8>`.
    Bytes,
    /// `Json<T>`.
    JsonWrapper,
    /// `Vec<String>`.
    TextList(Box<Type>),
    /// A collection, tuple or array.
    Container,
    /// `DateTime<Tz>`, `NaiveDateTime` or `NaiveDate`.
    Time,
    /// `ForeignKey<T>` or `ForeignKey<T, K>`: the parent.
    ForeignKey(Box<Type>),
    /// `ManyToMany<T>`: the other model.
    ManyToMany(Box<Type>),
    /// Anything else.
    Other,
}

/// Kinds of values that rules tell apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Int,
    Float,
    Decimal,
    Bool,
    Text,
    Bytes,
    List,
    Tuple,
    /// `Json<T>`, whatever `T` is.
    Json,
    Time,
    /// A name that is not known here: the traits have the last word.
    Unknown,
}

impl Class {
    /// In a message.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Class::Int => "a whole number",
            Class::Float | Class::Decimal => "a number",
            Class::Bool => "a boolean",
            Class::Text => "text",
            Class::Bytes => "bytes",
            Class::List => "a collection",
            Class::Tuple => "a tuple",
            Class::Json => "JSON",
            Class::Time => "a date or time",
            Class::Unknown => "of another type",
        }
    }

    /// The rules that there are for it.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Class::Int | Class::Float | Class::Decimal => {
                "for numbers there are `gt`, `gte`, `lt`, `lte` and `multiple_of`"
            }
            Class::Text => "for text there are `min_length`, `max_length`, `pattern`, `email`, `url` and `one_of`",
            Class::Bytes => "for bytes there are `min_length` and `max_length`",
            Class::List | Class::Json => "for collections there are `min_items` and `max_items`",
            Class::Bool | Class::Tuple | Class::Time | Class::Unknown => "write a function: `validate_with = function`",
        }
    }
}

impl FieldType {
    pub(crate) fn new(ty: &Type, model: &Ident) -> Self {
        let full: Type = syn::parse2(replace_self(ty.to_token_stream(), model)).unwrap_or_else(|_| ty.clone());
        let option = segment(&full).filter(|(name, _)| *name == "Option").and_then(|(_, args)| single(args).cloned());
        let optional = option.is_some();
        let inner = option.unwrap_or_else(|| full.clone());
        let shape = Shape::of(&inner);
        FieldType { full, inner, optional, shape }
    }

    /// The `M` in `Pk<M>` or `Pk<M, K>`.
    pub(crate) fn key_of(&self) -> Option<&Ident> {
        let (_, args) = segment(&self.full).filter(|(name, _)| *name == "Pk")?;
        Some(segment(first(args)?)?.0)
    }

    /// What kind of value it is, as far as its name says.
    pub(crate) fn class(&self) -> Class {
        match &self.shape {
            Shape::Text => return Class::Text,
            Shape::Bytes => return Class::Bytes,
            Shape::JsonWrapper => return Class::Json,
            Shape::TextList(_) => return Class::List,
            Shape::Container if matches!(peel(&self.inner), Type::Tuple(_) | Type::Array(_)) => return Class::Tuple,
            Shape::Container => return Class::List,
            Shape::Time => return Class::Time,
            Shape::ForeignKey(_) | Shape::ManyToMany(_) => return Class::Unknown,
            Shape::Other => {}
        }
        let Some((name, _)) = segment(&self.inner) else { return Class::Unknown };
        match name.to_string().as_str() {
            "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => {
                Class::Int
            }
            "f32" | "f64" => Class::Float,
            "Decimal" => Class::Decimal,
            "bool" => Class::Bool,
            "NaiveTime" => Class::Time,
            _ => Class::Unknown,
        }
    }

    /// The name and the range of an integer that 64 bits hold.
    pub(crate) fn integer(&self) -> Option<(String, i128, i128)> {
        let name = segment(&self.inner)?.0.to_string();
        let (min, max) = match name.as_str() {
            "i8" => (i8::MIN.into(), i8::MAX.into()),
            "i16" => (i16::MIN.into(), i16::MAX.into()),
            "i32" => (i32::MIN.into(), i32::MAX.into()),
            "i64" => (i64::MIN.into(), i64::MAX.into()),
            "u8" => (0, u8::MAX.into()),
            "u16" => (0, u16::MAX.into()),
            "u32" => (0, u32::MAX.into()),
            "u64" => (0, u64::MAX.into()),
            _ => return None,
        };
        Some((name, min, max))
    }

    /// Whether values of this type are JSON without being asked for.
    pub(crate) fn is_container(&self) -> bool {
        matches!(self.shape, Shape::Container | Shape::TextList(_))
    }
}

impl Shape {
    fn of(ty: &Type) -> Self {
        match peel(ty) {
            Type::Tuple(_) | Type::Array(_) => return Shape::Container,
            _ => {}
        }
        let Some((name, args)) = segment(ty) else { return Shape::Other };
        match name.to_string().as_str() {
            "String" => Shape::Text,
            "Json" => Shape::JsonWrapper,
            "DateTime" | "NaiveDateTime" | "NaiveDate" => Shape::Time,
            "Vec" => match single(args).and_then(|t| Some((t, segment(t)?.0))) {
                Some((_, item)) if *item == "u8" => Shape::Bytes,
                Some((t, item)) if *item == "String" => Shape::TextList(Box::new(t.clone())),
                _ => Shape::Container,
            },
            "ForeignKey" => first(args).map_or(Shape::Other, |t| Shape::ForeignKey(Box::new(t.clone()))),
            "ManyToMany" => first(args).map_or(Shape::Other, |t| Shape::ManyToMany(Box::new(t.clone()))),
            "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet" | "VecDeque" | "IndexMap" | "IndexSet" => Shape::Container,
            _ => Shape::Other,
        }
    }
}

/// The type inside parentheses and the invisible groups of `macro_rules`.
fn peel(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(g) => &g.elem,
            Type::Paren(p) => &p.elem,
            _ => return ty,
        };
    }
}

/// The last segment of a path: its name and its arguments.
fn segment(ty: &Type) -> Option<(&Ident, &PathArguments)> {
    match peel(ty) {
        Type::Path(p) if p.qself.is_none() => p.path.segments.last().map(|s| (&s.ident, &s.arguments)),
        _ => None,
    }
}

/// The type in `<T>`.
fn single(args: &PathArguments) -> Option<&Type> {
    match args {
        PathArguments::AngleBracketed(list) if list.args.len() == 1 => first(args),
        _ => None,
    }
}

/// The first type in `<T, ..>`.
fn first(args: &PathArguments) -> Option<&Type> {
    let PathArguments::AngleBracketed(list) = args else { return None };
    match list.args.first()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// Whether the tokens are this name alone.
pub(crate) fn is_named(ty: &Type, name: &Ident) -> bool {
    matches!(peel(ty), Type::Path(p) if p.qself.is_none() && p.path.is_ident(name))
}

/// A type as a person writes it: tokens alone come with a space between each two.
pub(crate) fn text(ty: &Type) -> String {
    let spaced = ty.to_token_stream().to_string();
    [(" :: ", "::"), (":: ", "::"), (" <", "<"), ("< ", "<"), (" >", ">"), (" ,", ",")]
        .into_iter()
        .fold(spaced, |text, (from, to)| text.replace(from, to))
}

/// The same tokens, with the struct's name for `Self`: they are used outside of its `impl` too.
pub(crate) fn replace_self(tokens: TokenStream, model: &Ident) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(i) if i == "Self" => {
                let mut name = model.clone();
                name.set_span(i.span());
                TokenTree::Ident(name)
            }
            TokenTree::Group(g) => {
                let mut replaced = Group::new(g.delimiter(), replace_self(g.stream(), model));
                replaced.set_span(g.span());
                TokenTree::Group(replaced)
            }
            other => other,
        })
        .collect()
}
