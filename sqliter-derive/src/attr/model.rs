//! `#[model(..)]`, on the struct.

use syn::{Attribute, Ident, LitStr, Path};

use super::{Family, items};
use crate::ctxt::Ctxt;
use crate::naming::Case;

const MODEL: Family = Family {
    name: "model",
    keys: &[
        "table",
        "index",
        "unique_index",
        "timestamps",
        "rename_all",
        "builder",
        "setters",
        "strict",
        "deny_unknown",
        "strict_loading",
        "python",
        "database",
        "validate_with",
    ],
    repeatable: &["index", "unique_index"],
};

/// What `#[model(..)]` says.
pub(crate) struct ModelAttrs {
    pub(crate) table: Option<LitStr>,
    pub(crate) indexes: Vec<IndexAttr>,
    pub(crate) timestamps: bool,
    pub(crate) rename_all: Option<Case>,
    pub(crate) builder: bool,
    pub(crate) strict_loading: bool,
    pub(crate) python: bool,
    pub(crate) database: Option<LitStr>,
    pub(crate) setters: bool,
    pub(crate) strict: bool,
    pub(crate) deny_unknown: bool,
    pub(crate) validate_with: Option<Path>,
}

/// `index(a, b)` or `unique_index(a, b)`.
pub(crate) struct IndexAttr {
    pub(crate) fields: Vec<Ident>,
    pub(crate) unique: bool,
}

impl ModelAttrs {
    pub(crate) fn parse(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut model = ModelAttrs {
            table: None,
            indexes: Vec::new(),
            timestamps: true,
            rename_all: None,
            builder: true,
            strict_loading: false,
            python: false,
            database: None,
            setters: false,
            strict: false,
            deny_unknown: false,
            validate_with: None,
        };
        for item in items(cx, attrs, &MODEL) {
            match item.name.as_str() {
                "table" => model.table = item.identifier(cx).filter(|t| !is_reserved(cx, t, "the table")),
                "index" | "unique_index" => {
                    let unique = item.name == "unique_index";
                    model.indexes.extend(item.fields(cx).map(|fields| IndexAttr { fields, unique }));
                }
                "timestamps" => model.timestamps = item.flag(cx),
                "rename_all" => model.rename_all = item.word(cx, Case::NAMES, Case::parse),
                "builder" => model.builder = item.flag(cx),
                "strict_loading" => model.strict_loading = item.flag(cx),
                "python" => model.python = item.flag(cx),
                "database" => model.database = item.identifier(cx),
                "setters" => model.setters = item.flag(cx),
                "strict" => model.strict = item.flag(cx),
                "deny_unknown" => model.deny_unknown = item.flag(cx),
                "validate_with" => model.validate_with = item.path(cx, "the path of a function", "path::to_function"),
                _ => _ = item.flag(cx),
            }
        }
        model
    }
}

/// Reports a table's name that SQLite keeps for itself.
pub(super) fn is_reserved(cx: &Ctxt, table: &LitStr, what: &str) -> bool {
    let reserved = table.value().to_ascii_lowercase().starts_with("sqlite_");
    if reserved {
        let help = format!("choose another name for {what}");
        cx.error(table, "names that begin with `sqlite_` are SQLite's own", help);
    }
    reserved
}
