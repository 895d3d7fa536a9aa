//! Where a column comes from: the table of a statement or subquery, the joins that paths need, and subqueries over relations.
//!
//! A statement that touches one table names its columns bare. As soon as a relation is involved every table has an alias,
//! `t0`, `t1`, .., and every column says whose it is.

use super::writer::Writer;
use crate::error::Result;
use crate::expr::node::{AggregateNode, ExprNode, FilterNode};
use crate::plan::JoinTree;
use crate::relation::{Hop, Junction, Link};
use crate::schema::Schema;

/// The table that names refer to, and what is joined to it.
pub(super) struct Scope {
    pub(super) schema: &'static Schema,
    alias: Option<u32>,
    /// Without an alias, the table's own name stands before its columns.
    named: bool,
    joins: Vec<Join>,
}

/// A foreign key followed in a `FROM` clause.
#[derive(Clone, Copy)]
struct Join {
    from: u32,
    hop: Hop,
    alias: u32,
    outer: bool,
}

impl Scope {
    /// A table whose columns are named bare.
    pub(super) fn bare(schema: &'static Schema) -> Self {
        Scope { schema, alias: None, named: false, joins: Vec::new() }
    }
}

/// No condition.
fn always(filter: &FilterNode) -> bool {
    matches!(filter, FilterNode::All(all) if all.is_empty())
}

impl Writer<'_> {
    pub(super) fn next_alias(&mut self) -> u32 {
        loop {
            let alias = self.aliases;
            self.aliases += 1;
            // A table of that name would be hidden.
            if !self.table.eq_ignore_ascii_case(&format!("t{alias}")) {
                return alias;
            }
        }
    }

    /// A scope over a table, with an alias if it is to be joined with others.
    pub(super) fn new_scope(&mut self, schema: &'static Schema, aliased: bool) -> Scope {
        Scope { alias: aliased.then(|| self.next_alias()), ..Scope::bare(schema) }
    }

    /// Appends the name of a column of the current table.
    pub(super) fn column(&mut self, name: &str) {
        match self.scope.alias {
            Some(alias) => self.qualifier(alias),
            None if self.scope.named => {
                self.table();
                self.push(".");
            }
            None => {}
        }
        self.identifier(name);
    }

    /// Appends an expression over the current table where a table function has columns of its own, which may go by the same
    /// names.
    pub fn outside(&mut self, expr: &ExprNode) -> Result<()> {
        let before = std::mem::replace(&mut self.scope.named, true);
        let done = self.expr(expr);
        self.scope.named = before;
        done
    }

    /// Runs `write` with another table's alias before its columns.
    pub(super) fn with_alias<T>(&mut self, alias: u32, write: impl FnOnce(&mut Self) -> T) -> T {
        self.qualified_by(Some(alias), write)
    }

    /// Runs `write` with columns named bare.
    pub(super) fn bare<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        self.qualified_by(None, write)
    }

    fn qualified_by<T>(&mut self, alias: Option<u32>, write: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.scope.alias, alias);
        let out = write(self);
        self.scope.alias = before;
        out
    }

    pub(super) fn qualifier(&mut self, alias: u32) {
        self.push(&format!("t{alias}."));
    }

    /// Appends a table's name, and its alias.
    fn aliased(&mut self, table: &str, alias: u32) {
        self.identifier(table);
        self.push(&format!(" AS t{alias}"));
    }

    /// Appends `FROM` with the current table; the joins go to the place that this returns.
    pub(super) fn from(&mut self) -> usize {
        self.push(" FROM ");
        match self.scope.alias {
            Some(alias) => self.aliased(self.scope.schema.table, alias),
            None => self.table(),
        }
        self.len()
    }

    /// Inserts the joins that were asked for since.
    pub(super) fn insert_joins(&mut self, at: usize) {
        let joins = std::mem::take(&mut self.scope.joins);
        if joins.is_empty() {
            return;
        }
        let rest = self.split_off(at);
        for join in joins {
            self.push(if join.outer { " LEFT JOIN " } else { " JOIN " });
            self.aliased(join.hop.target().table, join.alias);
            self.push(" ON ");
            self.qualifier(join.alias);
            self.identifier(join.hop.target().key().name);
            self.push(" = ");
            self.qualifier(join.from);
            self.identifier(join.hop.foreign_key().map_or("", |c| c.name));
        }
        self.push(&rest);
    }

    /// The alias of the table that a foreign key of the table `from` leads to.
    fn join(&mut self, from: u32, hop: Hop) -> u32 {
        if let Some(join) = self.scope.joins.iter().find(|j| j.from == from && j.hop == hop) {
            return join.alias;
        }
        // What is behind an outer join is joined so too, or it would take the row away.
        let outer = hop.is_nullable() || self.scope.joins.iter().any(|j| j.alias == from && j.outer);
        let alias = self.next_alias();
        self.scope.joins.push(Join { from, hop, alias, outer });
        alias
    }

    /// Appends the columns of joined rows, in the order of the tree.
    pub(super) fn joined_columns(&mut self, tree: &[JoinTree]) {
        if let Some(alias) = self.scope.alias {
            self.columns_behind(alias, tree);
        }
    }

    fn columns_behind(&mut self, from: u32, tree: &[JoinTree]) {
        for node in tree {
            let alias = self.join(from, node.hop);
            for column in node.hop.target().declared() {
                self.push(", ");
                self.qualifier(alias);
                self.identifier(column.name);
            }
            self.columns_behind(alias, &node.children);
        }
    }

    /// Appends an expression over the row that foreign keys lead to.
    pub(super) fn path(&mut self, hops: &[Hop], expr: &ExprNode, other: Option<&ExprNode>) -> Result<()> {
        // The key of the row at the end is in the row before it.
        if let (ExprNode::Column(c), Some((last, before))) = (expr, hops.split_last())
            && c.name == last.target().key().name
            && let Some(key) = last.foreign_key()
        {
            let column = super::lookups::column_node(key);
            return if before.is_empty() { self.expr(&column) } else { self.path(before, &column, other) };
        }
        let Some(mut alias) = self.scope.alias else {
            let all = FilterNode::All(Vec::new());
            return self.subquery(hops, &all, |w| w.expr_beside(expr, other));
        };
        let mut schema = self.scope.schema;
        for hop in hops {
            alias = self.join(alias, *hop);
            schema = hop.target();
        }
        let before = (self.scope.schema, self.scope.alias);
        (self.scope.schema, self.scope.alias) = (schema, Some(alias));
        let done = self.expr_beside(expr, other);
        (self.scope.schema, self.scope.alias) = before;
        done
    }

    /// Appends `EXISTS (..)`: these steps lead to a row that satisfies the condition.
    pub(super) fn exists(&mut self, hops: &[Hop], filter: &FilterNode) -> Result<()> {
        self.push("EXISTS ");
        self.subquery(hops, filter, |w| {
            w.push("1");
            Ok(())
        })
    }

    /// Appends an aggregate over the rows that these steps lead to and that satisfy the condition.
    pub(super) fn related(&mut self, hops: &[Hop], aggregate: &AggregateNode, filter: &FilterNode) -> Result<()> {
        self.subquery(hops, filter, |w| w.aggregate(aggregate))
    }

    /// Appends `(SELECT .. FROM .. WHERE ..)` over the rows that these steps lead to from the current one.
    pub(super) fn subquery(
        &mut self,
        hops: &[Hop],
        filter: &FilterNode,
        select: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let Some((first, rest)) = hops.split_first() else {
            self.push("(SELECT ");
            select(self)?;
            self.push(")");
            return Ok(());
        };
        let outer = self.here();
        let mut aliases = Vec::with_capacity(hops.len());
        for hop in hops {
            let link = hop.def.junction().map(|junction| (junction, self.next_alias()));
            aliases.push((link, self.next_alias()));
        }
        let last = aliases.last().map(|(_, alias)| *alias);
        let target = hops.last().map_or(self.scope.schema, |hop| hop.target());
        let inner = Scope { alias: last, ..Scope::bare(target) };
        let around = std::mem::replace(&mut self.scope, inner);
        // Names inside are those of the rows there.
        let annotations = std::mem::take(&mut self.annotations);
        self.push("(SELECT ");
        select(self)?;
        self.push(" FROM ");
        let (link, alias) = &aliases[0];
        match link {
            None => self.aliased(first.target().table, *alias),
            Some((junction, link)) => {
                self.aliased(&junction.table, *link);
                self.push(" JOIN ");
                self.aliased(first.target().table, *alias);
                self.push(" ON ");
                self.beyond(*first, junction, *link, *alias, &outer);
            }
        }
        let mut from = format!("t{alias}.");
        for (hop, (link, alias)) in rest.iter().zip(&aliases[1..]) {
            self.push(" JOIN ");
            if let Some((junction, link)) = link {
                self.aliased(&junction.table, *link);
                self.push(" ON ");
                self.towards(*hop, Some((junction, *link)), *alias, &from);
                self.push(" JOIN ");
                self.aliased(hop.target().table, *alias);
                self.push(" ON ");
                self.beyond(*hop, junction, *link, *alias, &from);
            } else {
                self.aliased(hop.target().table, *alias);
                self.push(" ON ");
                self.towards(*hop, None, *alias, &from);
            }
            from = format!("t{alias}.");
        }
        let at = self.len();
        self.push(" WHERE ");
        self.towards(*first, link.as_ref().map(|(junction, link)| (*junction, *link)), *alias, &outer);
        if !always(filter) {
            self.push(" AND (");
            self.condition(filter)?;
            self.push(")");
        }
        self.insert_joins(at);
        self.push(")");
        self.scope = around;
        self.annotations = annotations;
        Ok(())
    }

    /// What the columns of the current row are called inside a subquery.
    fn here(&self) -> String {
        match self.scope.alias {
            Some(alias) => format!("t{alias}."),
            None => {
                let mut name = String::new();
                self.dialect.identifier(&mut name, self.scope.schema.table);
                name + "."
            }
        }
    }

    fn name_in(&mut self, qualifier: &str, column: &str) {
        self.push(qualifier);
        self.identifier(column);
    }

    /// Appends the condition that a row belongs to a step from the row `from`: of the target itself, or of the junction.
    fn towards(&mut self, hop: Hop, junction: Option<(&'static Junction, u32)>, alias: u32, from: &str) {
        let key = hop.source().key().name;
        match (hop.def.link, junction) {
            (Link::ManyToMany { .. }, Some((junction, link))) => {
                let link = format!("t{link}.");
                let (near, far) = ends(hop, junction);
                self.push(if junction.symmetrical { "(" } else { "" });
                self.name_in(&link, near);
                self.push(" = ");
                self.name_in(from, key);
                if junction.symmetrical {
                    self.push(" OR ");
                    self.name_in(&link, far);
                    self.push(" = ");
                    self.name_in(from, key);
                    self.push(")");
                }
            }
            _ => {
                let column = hop.foreign_key().map_or("", |c| c.name);
                self.qualifier(alias);
                if hop.reverse {
                    self.identifier(column);
                    self.push(" = ");
                    self.name_in(from, key);
                } else {
                    self.identifier(hop.target().key().name);
                    self.push(" = ");
                    self.name_in(from, column);
                }
            }
        }
    }

    /// Appends the condition that a row is at the other end of a junction's row.
    fn beyond(&mut self, hop: Hop, junction: &'static Junction, link: u32, alias: u32, from: &str) {
        let link = format!("t{link}.");
        let (near, far) = ends(hop, junction);
        self.qualifier(alias);
        self.identifier(hop.target().key().name);
        self.push(" = ");
        if !junction.symmetrical {
            self.name_in(&link, far);
            return;
        }
        self.push("CASE WHEN ");
        self.name_in(&link, near);
        self.push(" = ");
        self.name_in(from, hop.source().key().name);
        self.push(" THEN ");
        self.name_in(&link, far);
        self.push(" ELSE ");
        self.name_in(&link, near);
        self.push(" END");
    }
}

/// The columns of a junction: of the side where the step starts, and of the other.
pub(super) fn ends(hop: Hop, junction: &Junction) -> (&str, &str) {
    if hop.reverse {
        (&junction.to_column, &junction.from_column)
    } else {
        (&junction.from_column, &junction.to_column)
    }
}
