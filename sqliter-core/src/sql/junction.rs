//! Junction tables: their definition, and the statements on their links.

use super::dialect::Dialect;
use super::scope::ends;
use super::writer::Writer;
use crate::relation::{Hop, Junction, RelationDef};
use crate::schema::{Action, Schema};
use crate::value::Value;

/// The definition of a junction.
#[derive(Debug, Clone)]
pub struct JunctionPlan {
    /// The table.
    pub table: String,
    /// The statement that creates it.
    pub create: String,
    /// The statement that drops it.
    pub drop: String,
    /// The indexes: name and statement.
    pub indexes: Vec<(String, String)>,
}

/// The junction of a many-to-many relation; `None` for a foreign key, and where it is a model, whose table is its own.
pub fn junction_plan(def: &'static RelationDef, dialect: &dyn Dialect) -> Option<JunctionPlan> {
    let junction = def.junction().filter(|junction| junction.model.is_none())?;
    let (source, target) = ((def.model)(), (def.target)());
    let ends = if junction.source_table <= junction.target_table { [source, target] } else { [target, source] };
    let columns = junction.columns();
    let mut w = Writer::new(dialect, source, false);
    w.push("CREATE TABLE IF NOT EXISTS ");
    w.identifier(&junction.table);
    w.push(" (");
    w.identifier("id");
    w.push(" ");
    w.push(dialect.auto_key());
    for (column, schema) in columns.iter().zip(ends) {
        w.push(", ");
        w.identifier(column);
        w.push(" ");
        w.push(dialect.sql_type(schema.key().sql_type));
        w.push(" NOT NULL");
    }
    for (column, schema) in columns.iter().zip(ends) {
        references(&mut w, column, schema);
    }
    w.push(", UNIQUE (");
    list(&mut w, &columns);
    w.push("))");
    let create = w.finish().sql;
    let indexes = columns.iter().map(|column| {
        let name = format!("idx_{}_{column}", junction.table);
        let mut w = Writer::new(dialect, source, false);
        w.push("CREATE INDEX IF NOT EXISTS ");
        w.identifier(&name);
        w.push(" ON ");
        w.identifier(&junction.table);
        w.push(" (");
        w.identifier(column);
        w.push(")");
        (name, w.finish().sql)
    });
    let indexes = indexes.collect();
    let mut w = Writer::new(dialect, source, false);
    w.push("DROP TABLE IF EXISTS ");
    w.identifier(&junction.table);
    Some(JunctionPlan { table: junction.table.clone(), create, drop: w.finish().sql, indexes })
}

fn references(w: &mut Writer<'_>, column: &str, schema: &'static Schema) {
    w.push(", FOREIGN KEY (");
    w.identifier(column);
    w.push(") REFERENCES ");
    w.identifier(schema.table);
    w.push("(");
    w.identifier(schema.key().name);
    w.push(") ON DELETE ");
    w.push(w.dialect.action(Action::Cascade));
    w.push(" ON UPDATE ");
    w.push(w.dialect.action(Action::Cascade));
}

fn list(w: &mut Writer<'_>, columns: &[&str]) {
    for (i, column) in columns.iter().enumerate() {
        if i > 0 {
            w.push(", ");
        }
        w.identifier(column);
    }
}

/// A step over a junction, for the statements below.
fn over(hop: Hop, dialect: &dyn Dialect) -> Option<(Writer<'_>, &'static Junction)> {
    Some((Writer::new(dialect, hop.source(), false), hop.def.junction()?))
}

/// `INSERT` of a link: the key where the step starts, the key where it leads, and the time where the junction is a model that
/// keeps it. A link that is there stays.
///
/// A symmetrical link has the smaller key on the left.
pub fn link_sql(hop: Hop, dialect: &dyn Dialect) -> Option<String> {
    let (mut w, junction) = over(hop, dialect)?;
    let (near, far) = ends(hop, junction);
    let times = junction.model.as_ref().map_or(&[][..], |model| &model.times);
    w.push("INSERT INTO ");
    w.identifier(&junction.table);
    w.push(" (");
    list(&mut w, &[&[near, far], times].concat());
    let pair = if junction.symmetrical { "min(?1, ?2), max(?1, ?2)" } else { "?1, ?2" };
    let values = format!("{pair}{}", ", ?3".repeat(times.len()));
    if junction.model.is_none() {
        w.push(&format!(") VALUES ({values}) ON CONFLICT DO NOTHING"));
        return Some(w.finish().sql);
    }
    // A model may have other rules beside that of the pair, which are not to be passed over.
    w.push(&format!(") SELECT {values} WHERE NOT EXISTS (SELECT 1 FROM "));
    w.identifier(&junction.table);
    w.push(" WHERE ");
    of_pair(&mut w, hop, junction);
    w.push(")");
    Some(w.finish().sql)
}

/// `DELETE` of a link: the key where the step starts, then the key where it leads.
pub fn unlink_sql(hop: Hop, dialect: &dyn Dialect) -> Option<String> {
    let (mut w, junction) = over(hop, dialect)?;
    w.push("DELETE FROM ");
    w.identifier(&junction.table);
    w.push(" WHERE ");
    of_pair(&mut w, hop, junction);
    Some(w.finish().sql)
}

/// `DELETE` of every link of the row with a key.
pub fn clear_links_sql(hop: Hop, dialect: &dyn Dialect) -> Option<String> {
    let (mut w, junction) = over(hop, dialect)?;
    w.push("DELETE FROM ");
    w.identifier(&junction.table);
    w.push(" WHERE ");
    of_row(&mut w, hop, junction);
    Some(w.finish().sql)
}

/// `near = ?1 AND far = ?2`, in both directions where a link counts in both.
fn of_pair(w: &mut Writer<'_>, hop: Hop, junction: &Junction) {
    let (near, far) = ends(hop, junction);
    let pair = |w: &mut Writer<'_>, first: &str, second: &str| {
        w.identifier(first);
        w.push(" = ?1 AND ");
        w.identifier(second);
        w.push(" = ?2");
    };
    pair(w, near, far);
    if junction.symmetrical {
        w.push(" OR ");
        pair(w, far, near);
    }
}

/// `near = ?1`, in both directions where a link counts in both.
fn of_row(w: &mut Writer<'_>, hop: Hop, junction: &Junction) {
    let (near, far) = ends(hop, junction);
    w.identifier(near);
    w.push(" = ?1");
    if junction.symmetrical {
        w.push(" OR ");
        w.identifier(far);
        w.push(" = ?1");
    }
}

impl Writer<'_> {
    /// Appends `(SELECT .. FROM junction WHERE ..)`: the keys of the rows that a step leads to from the row with this key.
    pub(super) fn linked_keys(&mut self, hop: Hop, junction: &Junction, key: &Value) {
        let (near, far) = ends(hop, junction);
        let is = |w: &mut Self, column: &str| {
            w.identifier(column);
            w.push(" = ");
            w.param(key.clone(), false);
        };
        self.push("(SELECT ");
        if junction.symmetrical {
            self.push("CASE WHEN ");
            is(self, near);
            self.push(" THEN ");
            self.identifier(far);
            self.push(" ELSE ");
            self.identifier(near);
            self.push(" END");
        } else {
            self.identifier(far);
        }
        self.push(" FROM ");
        self.identifier(&junction.table);
        self.push(" WHERE ");
        is(self, near);
        if junction.symmetrical {
            self.push(" OR ");
            is(self, far);
        }
        self.push(")");
    }
}
