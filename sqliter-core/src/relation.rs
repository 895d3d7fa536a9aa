//! Relations as metadata: what a model declares, one step along it, and the junction table of a many-to-many.
//!
//! Knows names and tables; knows neither values nor statements. What the executing crate needs to load related rows is kept
//! here for it, opaque.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};

use crate::schema::{ColumnDef, ColumnRole, Schema};

/// A relation, as the model that declares it sees it.
pub struct RelationDef {
    /// The field's name in Rust.
    pub name: &'static str,
    /// The model with the field.
    pub model: fn() -> &'static Schema,
    /// The model that it leads to.
    pub target: fn() -> &'static Schema,
    /// The name of the way back, on the target.
    pub reverse: Option<&'static str>,
    /// How the rows are connected.
    pub link: Link,
    /// What the executing crate loads related rows with.
    #[doc(hidden)]
    pub runtime: &'static (dyn Any + Send + Sync),
}

/// How two tables are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Link {
    /// By a column of the model that declares the relation.
    ForeignKey {
        /// The column's name in the file.
        column: &'static str,
        /// Whether it may be `NULL`.
        nullable: bool,
    },
    /// By a junction table.
    ManyToMany {
        /// The junction's name, if the model gives one.
        through: Option<&'static str>,
        /// Whether a link counts in both directions.
        symmetrical: bool,
    },
}

impl fmt::Debug for RelationDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", (self.model)().model, self.name)
    }
}

/// One step from a model to another: a relation, in the direction in which it was declared or back.
#[derive(Clone, Copy)]
pub struct Hop {
    /// The relation.
    pub def: &'static RelationDef,
    /// Whether the step goes back.
    pub reverse: bool,
}

/// Two steps are the same when they are the same relation in the same direction.
impl PartialEq for Hop {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.def, other.def) && self.reverse == other.reverse
    }
}
impl Eq for Hop {}
impl Hash for Hop {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self.def).addr().hash(state);
        self.reverse.hash(state);
    }
}

impl fmt::Debug for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.source().model, self.name())
    }
}

impl Hop {
    /// The model that the step starts at.
    pub fn source(self) -> &'static Schema {
        if self.reverse { (self.def.target)() } else { (self.def.model)() }
    }

    /// The model that it leads to.
    pub fn target(self) -> &'static Schema {
        if self.reverse { (self.def.model)() } else { (self.def.target)() }
    }

    /// Its name on the model that it starts at.
    pub fn name(self) -> &'static str {
        if self.reverse { self.def.reverse.unwrap_or(self.def.name) } else { self.def.name }
    }

    /// Whether it leads to one row at most.
    pub fn is_to_one(self) -> bool {
        !self.reverse && matches!(self.def.link, Link::ForeignKey { .. })
    }

    /// Whether it may lead nowhere.
    pub fn is_nullable(self) -> bool {
        matches!(self.def.link, Link::ForeignKey { nullable: true, .. })
    }

    /// The step from the other end.
    pub fn back(self) -> Self {
        let symmetrical = self.def.junction().is_some_and(|junction| junction.symmetrical);
        Hop { def: self.def, reverse: self.reverse == symmetrical }
    }

    /// The column of the key, if the relation is one.
    pub fn foreign_key(self) -> Option<&'static ColumnDef> {
        match self.def.link {
            Link::ForeignKey { column, .. } => (self.def.model)().columns.iter().find(|c| c.name == column),
            Link::ManyToMany { .. } => None,
        }
    }

    /// How it is written in the model's source: `Book::AUTHOR`.
    pub fn constant(self) -> String {
        format!("{}::{}", self.source().model, self.name().to_uppercase())
    }
}

/// The table between the two sides of a many-to-many relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Junction {
    /// Its name.
    pub table: String,
    /// The column with the key of the model that declares the relation.
    pub from_column: String,
    /// The column with the key of the other model.
    pub to_column: String,
    /// The table of the model that declares the relation.
    pub source_table: &'static str,
    /// The table of the other model.
    pub target_table: &'static str,
    /// Whether a link counts in both directions.
    pub symmetrical: bool,
    /// The table of a model, which has more columns and is created with the others.
    pub model: Option<Through>,
}

/// What a junction that is a model has besides the two keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Through {
    /// The model.
    pub name: &'static str,
    /// The columns of the times at which a link was made and changed.
    pub times: Vec<&'static str>,
    /// The model that it has no key to, if there is one.
    pub missing: Option<&'static str>,
}

impl Junction {
    /// The columns in the order of the file: of the table whose name sorts first, first.
    pub fn columns(&self) -> [&str; 2] {
        if self.source_table <= self.target_table {
            [&self.from_column, &self.to_column]
        } else {
            [&self.to_column, &self.from_column]
        }
    }
}

/// A junction as one side of the relation sees it: for SQL of one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct JunctionInfo {
    /// The junction's name.
    pub junction_table: &'static str,
    /// The column with the key of the row where the relation starts.
    pub from_column: &'static str,
    /// The column with the key of the row that it leads to.
    pub to_column: &'static str,
    /// The table where the relation starts.
    pub source_table: &'static str,
    /// The table that it leads to.
    pub target_table: &'static str,
    /// Whether a link counts in both directions.
    pub symmetrical: bool,
}

impl JunctionInfo {
    /// The junction of a step; `None` for a foreign key.
    #[doc(hidden)]
    pub fn of(hop: Hop) -> Option<Self> {
        let junction = hop.def.junction()?;
        let (from_column, to_column) = if hop.reverse {
            (&junction.to_column, &junction.from_column)
        } else {
            (&junction.from_column, &junction.to_column)
        };
        Some(JunctionInfo {
            junction_table: &junction.table,
            from_column,
            to_column,
            source_table: hop.source().table,
            target_table: hop.target().table,
            symmetrical: junction.symmetrical,
        })
    }
}

impl RelationDef {
    /// The junction, if the relation is a many-to-many.
    pub fn junction(&'static self) -> Option<&'static Junction> {
        let schema = (self.model)();
        let position = schema.relations.iter().position(|r| std::ptr::eq(r, self))?;
        let junctions = schema.junctions.get_or_init(|| schema.relations.iter().map(junction).collect());
        junctions.get(position)?.as_ref()
    }
}

/// The name and the columns that a relation's junction has.
///
/// The first relation between two models without a `through` has the name of both tables; further ones add their field's, and
/// where that is taken their table's, so that no two share a junction.
fn junction(def: &'static RelationDef) -> Option<Junction> {
    let Link::ManyToMany { through, symmetrical } = def.link else { return None };
    let (source, target) = ((def.model)(), (def.target)());
    let to_itself = std::ptr::eq(source, target);
    let (first, second) = if source.table <= target.table { (source, target) } else { (target, source) };
    let table = match through {
        Some(name) => name.to_owned(),
        None => {
            let base = format!("{}_{}", first.table, second.table);
            let models: &[&Schema] = if to_itself { &[first] } else { &[first, second] };
            let between = models.iter().flat_map(|m| m.relations).filter(|r| {
                let ends = [(r.model)(), (r.target)()];
                matches!(r.link, Link::ManyToMany { through: None, .. })
                    && ends.iter().any(|m| std::ptr::eq(*m, source))
                    && ends.iter().any(|m| std::ptr::eq(*m, target))
                    && std::ptr::eq(ends[0], ends[1]) == to_itself
            });
            let before: Vec<_> = between.take_while(|r| !std::ptr::eq(*r, def)).collect();
            match &before[..] {
                [] => base,
                // The other model may have a field of this name too.
                [_, further @ ..] if further.iter().any(|r| r.name == def.name) => {
                    format!("{base}_{}_{}", source.table, def.name)
                }
                _ => format!("{base}_{}", def.name),
            }
        }
    };
    let (mut from_column, mut to_column) = if to_itself {
        (format!("{}_pk_left", source.table), format!("{}_pk_right", source.table))
    } else {
        (format!("{}_pk", source.table), format!("{}_pk", target.table))
    };
    let mut linked = crate::model::linked_models();
    let model = through.and_then(|name| linked.find(|m| m.table == name && m.database == source.database));
    let model = model.map(|model| {
        // The first key to each of the two, in the order of the fields.
        let keys = |to: &'static Schema| {
            let to = move |c: &&ColumnDef| c.references.is_some_and(|r| std::ptr::eq((r.target)(), to));
            model.columns.iter().filter(to).map(|c| c.name)
        };
        let from = keys(source).next();
        let to = keys(target).nth(usize::from(to_itself));
        let missing = if from.is_none() { Some(source.model) } else { to.is_none().then_some(target.model) };
        if let (Some(from), Some(to)) = (from, to) {
            (from_column, to_column) = (from.to_owned(), to.to_owned());
        }
        let times = [ColumnRole::CreatedAt, ColumnRole::UpdatedAt];
        let times = times.into_iter().filter_map(|role| model.role(role)).map(|c| c.name).collect();
        Through { name: model.model, times, missing }
    });
    Some(Junction {
        table,
        from_column,
        to_column,
        source_table: source.table,
        target_table: target.table,
        // Keys of two tables have no common order.
        symmetrical: symmetrical && to_itself,
        model,
    })
}

impl Schema {
    /// The relation of this name that starts at this model: a field of its own, or the way back from another linked model.
    pub fn relation(&'static self, name: &str) -> Option<Hop> {
        self.hops().iter().copied().find(|hop| hop.name() == name)
    }

    /// Every relation that starts at this model.
    pub fn hops(&'static self) -> &'static [Hop] {
        self.hops.get_or_init(|| {
            let own = self.relations.iter().map(|def| Hop { def, reverse: false });
            let back = crate::model::linked_models()
                .flat_map(|m| m.relations)
                .filter(|def| def.reverse.is_some() && std::ptr::eq((def.target)(), self))
                .map(|def| Hop { def, reverse: true });
            own.chain(back).collect()
        })
    }
}
