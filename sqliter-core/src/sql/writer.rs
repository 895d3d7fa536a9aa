//! The text and the parameters of one statement while it is being written.

use super::dialect::Dialect;
use super::scope::Scope;
use crate::error::{Error, Result};
use crate::expr::node::{AggregateFunction, AggregateNode, Arithmetic, ExprNode, Function};
use crate::relation::Hop;
use crate::schema::{ColumnDef, Schema};
use crate::types::{Kind, Literal, Store};
use crate::value::Value;

/// A finished statement.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statement {
    /// The text.
    pub sql: String,
    /// The parameters, in order.
    pub params: Vec<Value>,
    /// The positions in `params` whose values stay out of logs, in order.
    pub secret: Vec<usize>,
}

/// A computed value with a name.
#[derive(Debug, Clone)]
pub(super) struct Annotation {
    pub(super) name: String,
    pub(super) expr: ExprNode,
    /// The form of its values.
    pub(super) store: Store,
}

/// Writes one statement over one model.
pub struct Writer<'a> {
    pub(super) dialect: &'a dyn Dialect,
    pub(super) scope: Scope,
    /// The number of the next alias.
    pub(super) aliases: u32,
    /// The table of the statement, which may be in reach by its own name.
    pub(super) table: &'static str,
    /// What the names of annotations stand for, where they may be used.
    pub(super) annotations: Vec<Annotation>,
    /// Whether they are columns of the result.
    pub(super) annotations_selected: bool,
    /// Whether some column of the result goes by the name of another column of the table: in an order it comes first.
    pub(super) columns_hidden: bool,
    local_time: bool,
    out: Statement,
}

/// Few statements are longer: room that need not grow.
const USUAL: usize = 256;

impl<'a> Writer<'a> {
    pub(super) fn new(dialect: &'a dyn Dialect, schema: &'static Schema, local_time: bool) -> Self {
        Writer {
            dialect,
            scope: Scope::bare(schema),
            aliases: 0,
            table: schema.table,
            annotations: Vec::new(),
            annotations_selected: false,
            columns_hidden: false,
            local_time,
            out: Statement { sql: String::with_capacity(USUAL), ..Statement::default() },
        }
    }

    /// The same, with an alias for the table if others will be joined.
    pub(super) fn over(dialect: &'a dyn Dialect, schema: &'static Schema, local_time: bool, aliased: bool) -> Self {
        let mut w = Writer::new(dialect, schema, local_time);
        w.scope = w.new_scope(schema, aliased);
        w
    }

    /// The model that names refer to.
    pub(super) fn schema(&self) -> &'static Schema {
        self.scope.schema
    }

    /// The length of the text so far.
    pub(super) fn len(&self) -> usize {
        self.out.sql.len()
    }

    /// Takes the text after a place away.
    pub(super) fn split_off(&mut self, at: usize) -> String {
        self.out.sql.split_off(at)
    }

    pub(super) fn finish(self) -> Statement {
        self.out
    }

    /// Appends text as it is.
    pub fn push(&mut self, sql: &str) {
        self.out.sql.push_str(sql);
    }

    /// Appends a quoted identifier.
    pub fn identifier(&mut self, name: &str) {
        self.dialect.identifier(&mut self.out.sql, name);
    }

    /// Appends a placeholder and remembers its value.
    pub fn param(&mut self, value: Value, secret: bool) {
        if secret {
            self.out.secret.push(self.out.params.len());
        }
        self.out.params.push(value);
        self.dialect.placeholder(&mut self.out.sql, self.out.params.len());
    }

    /// Appends the table's name.
    pub(super) fn table(&mut self) {
        self.identifier(self.scope.schema.table);
    }

    /// Appends the placeholder of the `n`th parameter, whose value comes later.
    pub(super) fn placeholder(&mut self, n: usize) {
        self.dialect.placeholder(&mut self.out.sql, n);
    }

    /// Appends a list of columns.
    pub(super) fn columns(&mut self, columns: impl IntoIterator<Item = &'static ColumnDef>) {
        for (i, column) in columns.into_iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.column(column.name);
        }
    }

    /// The value to bind for a constant.
    pub(super) fn resolve(&self, literal: &Literal, near: &str) -> Result<Value> {
        literal.resolve(self.local_time).map_err(|source| Error::Encode {
            table: self.scope.schema.table.to_owned(),
            column: near.to_owned(),
            source,
        })
    }

    /// Whether an expression reads a column whose values stay out of logs.
    pub fn is_secret(&self, expr: &ExprNode) -> bool {
        is_secret_of(self.scope.schema, &self.annotations, expr)
    }

    /// Appends an expression.
    ///
    /// # Errors
    /// When a constant in it cannot be stored.
    pub fn expr(&mut self, expr: &ExprNode) -> Result<()> {
        self.expr_beside(expr, None)
    }

    /// Appends an expression that stands opposite another: the name and the secrecy of a constant are those of the column
    /// it is compared with.
    pub(super) fn expr_beside(&mut self, expr: &ExprNode, other: Option<&ExprNode>) -> Result<()> {
        match expr {
            ExprNode::Column(c) => self.column(&c.name),
            ExprNode::Literal(literal) => {
                let near = match other {
                    Some(other) => super::conditions::name_of(other),
                    None => "(expression)",
                };
                let value = self.resolve(literal, near)?;
                let secret = other.is_some_and(|o| self.is_secret(o));
                self.param(value, secret);
            }
            ExprNode::Binary(op, left, right) => {
                self.push("(");
                self.expr_beside(left, Some(right))?;
                self.push(match op {
                    Arithmetic::Add => " + ",
                    Arithmetic::Sub => " - ",
                    Arithmetic::Mul => " * ",
                    Arithmetic::Div => " / ",
                });
                self.expr_beside(right, Some(left))?;
                self.push(")");
            }
            ExprNode::Call(Function::Part(part, store, kind), args) => {
                let local = *kind == Kind::Naive && self.local_time;
                if let [arg] = args.as_slice() {
                    self.dialect.date_part(self, arg, *part, *store, local)?;
                }
            }
            ExprNode::Call(function, args) => {
                self.push(self.dialect.function(*function));
                self.push("(");
                for (i, arg) in args.iter().enumerate() {
                    if i > 0 {
                        self.push(", ");
                    }
                    self.expr_beside(arg, args.first())?;
                }
                self.push(")");
            }
            ExprNode::Path(hops, expr) => self.path(hops, expr, other)?,
            ExprNode::Related(hops, aggregate, filter) => self.related(hops, aggregate, filter)?,
            ExprNode::Aggregate(aggregate) => self.aggregate(aggregate)?,
            ExprNode::Alias(name) => {
                let expr = self.annotation(name)?;
                self.expr_beside(&expr, other)?;
            }
            ExprNode::JsonPath(..) => {
                let (column, path) = super::json::json_source(expr)?;
                self.check_json(&column)?;
                self.dialect.json_path(self, &column, path.unwrap_or_default())?;
            }
        }
        Ok(())
    }

    /// Appends an aggregate over the rows that names refer to.
    pub(super) fn aggregate(&mut self, aggregate: &AggregateNode) -> Result<()> {
        let extreme = matches!(aggregate.function, AggregateFunction::Min | AggregateFunction::Max);
        let decimal = extreme && aggregate.of.as_deref().is_some_and(|of| self.is_decimal(of));
        if decimal {
            self.push(self.dialect.decimal_order().1);
            self.push("(");
        }
        self.push(match aggregate.function {
            AggregateFunction::Count => "COUNT(",
            AggregateFunction::Sum => "SUM(",
            AggregateFunction::Avg => "AVG(",
            AggregateFunction::Min => "MIN(",
            AggregateFunction::Max => "MAX(",
        });
        match &aggregate.of {
            None if aggregate.distinct => {
                let reason = "DISTINCT with COUNT(*) is not supported: count a column with `count_of`".to_owned();
                return Err(Error::InvalidProjection(reason));
            }
            None => self.push("*"),
            Some(of) => {
                self.push(if aggregate.distinct { "DISTINCT " } else { "" });
                self.sortable(decimal, |w| w.expr(of))?;
            }
        }
        self.push(if decimal { "))" } else { ")" });
        Ok(())
    }

    /// Whether an expression yields decimals, whose stored order is not theirs.
    pub(super) fn is_decimal(&self, expr: &ExprNode) -> bool {
        is_decimal_of(self.scope.schema, &self.annotations, expr)
    }

    /// Appends a value, decimals in a form whose order is theirs.
    pub(super) fn sortable(&mut self, decimal: bool, value: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        if !decimal {
            return value(self);
        }
        self.push(self.dialect.decimal_order().0);
        self.push("(");
        value(self)?;
        self.push(")");
        Ok(())
    }

    pub(super) fn annotation(&self, name: &str) -> Result<ExprNode> {
        let found = self.annotations.iter().find(|a| a.name == name).map(|a| a.expr.clone());
        found.ok_or_else(|| Error::InvalidProjection(format!("there is no annotation '{name}'")))
    }
}

pub(super) fn is_decimal_of(schema: &'static Schema, annotations: &[Annotation], expr: &ExprNode) -> bool {
    let is_decimal = |expr: &ExprNode| is_decimal_of(schema, annotations, expr);
    let behind =
        |hops: &[Hop], expr: &ExprNode| is_decimal_of(hops.last().map_or(schema, |h| h.target()), annotations, expr);
    let extreme = |a: &AggregateNode| matches!(a.function, AggregateFunction::Min | AggregateFunction::Max);
    match expr {
        ExprNode::Column(c) => schema.columns.iter().any(|d| d.kind == Kind::Decimal && d.name == c.name),
        ExprNode::Path(hops, expr) => behind(hops, expr),
        ExprNode::Call(Function::Coalesce, args) => args.first().is_some_and(is_decimal),
        ExprNode::Aggregate(a) => extreme(a) && a.of.as_deref().is_some_and(is_decimal),
        ExprNode::Related(hops, a, _) => extreme(a) && a.of.as_deref().is_some_and(|of| behind(hops, of)),
        ExprNode::Alias(name) => annotations.iter().any(|a| a.name == *name && is_decimal(&a.expr)),
        ExprNode::Literal(_) | ExprNode::Binary(..) | ExprNode::Call(..) | ExprNode::JsonPath(..) => false,
    }
}

fn is_secret_of(schema: &'static Schema, annotations: &[Annotation], expr: &ExprNode) -> bool {
    let behind =
        |hops: &[Hop], expr: &ExprNode| is_secret_of(hops.last().map_or(schema, |h| h.target()), annotations, expr);
    let is_secret = |expr: &ExprNode| is_secret_of(schema, annotations, expr);
    match expr {
        ExprNode::Column(c) => schema.columns.iter().any(|d| d.redact && d.name == c.name),
        ExprNode::Literal(_) => false,
        ExprNode::Alias(name) => annotations.iter().any(|a| a.name == *name && is_secret(&a.expr)),
        ExprNode::Aggregate(aggregate) => aggregate.of.as_deref().is_some_and(is_secret),
        ExprNode::Related(hops, aggregate, _) => aggregate.of.as_deref().is_some_and(|of| behind(hops, of)),
        ExprNode::JsonPath(column, _) => is_secret(column),
        ExprNode::Binary(_, a, b) => is_secret(a) || is_secret(b),
        ExprNode::Call(_, args) => args.iter().any(is_secret),
        ExprNode::Path(hops, expr) => behind(hops, expr),
    }
}
