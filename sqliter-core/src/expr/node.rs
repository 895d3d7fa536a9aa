//! The tree under the typed faces: scalars, conditions, order terms and assignments.

use std::borrow::Cow;

use super::lookup::LookupValue;
use crate::relation::Hop;
use crate::types::{Kind, Literal, Store};
use crate::value::Value;

/// A scalar.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum ExprNode {
    /// A column, by its name in the file.
    Column(ColumnNode),
    /// A constant.
    Literal(Literal),
    /// Arithmetic.
    Binary(Arithmetic, Box<ExprNode>, Box<ExprNode>),
    /// A function.
    Call(Function, Vec<ExprNode>),
    /// An expression over the row that these steps, each to one row, lead to.
    Path(Vec<Hop>, Box<ExprNode>),
    /// An aggregate over the rows that these steps lead to and that satisfy the condition; the expression is over such a row.
    Related(Vec<Hop>, AggregateNode, Box<FilterNode>),
    /// An aggregate over the rows of a group.
    Aggregate(AggregateNode),
    /// What an annotation of this name computes.
    Alias(String),
    /// A value inside a JSON column, by a JSON path.
    JsonPath(Box<ExprNode>, String),
}

/// An aggregate.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct AggregateNode {
    /// What is computed.
    pub function: AggregateFunction,
    /// Of what; `None` counts rows.
    pub of: Option<Box<ExprNode>>,
    /// Whether equal values count once.
    pub distinct: bool,
}

/// The aggregates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AggregateFunction {
    /// How many rows, or values that are not `NULL`.
    Count,
    /// The sum.
    Sum,
    /// The average.
    Avg,
    /// The smallest.
    Min,
    /// The largest.
    Max,
}

impl AggregateNode {
    /// Counts rows.
    pub fn rows() -> Self {
        AggregateNode { function: AggregateFunction::Count, of: None, distinct: false }
    }
}

/// A column of the table that the expression is over.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct ColumnNode {
    /// Its name in the file.
    pub name: Cow<'static, str>,
    /// How its values are written.
    pub store: Store,
}

/// The arithmetic operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
}

/// The functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// Lower case, of every script.
    Lower,
    /// Upper case, of every script.
    Upper,
    /// Length in characters.
    Length,
    /// Absolute value.
    Abs,
    /// The first argument that is not `NULL`.
    Coalesce,
    /// A part of a date or time in a column of this form and kind.
    Part(DatePart, Store, Kind),
}

/// The parts of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DatePart {
    /// The year.
    Year,
    /// The month, from 1.
    Month,
    /// The day of the month, from 1.
    Day,
    /// The date without its time.
    Date,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum FilterNode {
    /// Every one holds; of none: true.
    All(Vec<FilterNode>),
    /// At least one holds; of none: false.
    Any(Vec<FilterNode>),
    /// It does not hold, or is unknown.
    Not(Box<FilterNode>),
    /// A comparison.
    Compare(ExprNode, Comparison, ExprNode),
    /// `IS NULL` (`true`) or `IS NOT NULL`.
    IsNull(ExprNode, bool),
    /// Membership in a list; the flag turns it round.
    In {
        /// What is looked for.
        expr: ExprNode,
        /// The list.
        items: Vec<ExprNode>,
        /// "not in".
        negated: bool,
    },
    /// A text test.
    Text(ExprNode, TextTest, String),
    /// These steps lead to a row that satisfies the condition, which is over that row.
    Exists(Vec<Hop>, Box<FilterNode>),
    /// A JSON list holds one of these values, or all of them.
    JsonContains {
        /// The column.
        expr: ExprNode,
        /// The values.
        items: Vec<LookupValue>,
        /// Whether all of them.
        all: bool,
    },
    /// A step over a junction leads here from the row with this key.
    Linked(Hop, Value),
    /// A lookup by string, before it has been checked against a schema.
    Lookup(String, LookupValue),
}

impl ExprNode {
    /// Whether it is computed from the rows of a group.
    pub(crate) fn is_aggregate(&self) -> bool {
        match self {
            ExprNode::Aggregate(_) => true,
            ExprNode::Column(_) | ExprNode::Literal(_) | ExprNode::Related(..) | ExprNode::Alias(_) => false,
            ExprNode::Binary(_, a, b) => a.is_aggregate() || b.is_aggregate(),
            ExprNode::Call(_, args) => args.iter().any(ExprNode::is_aggregate),
            ExprNode::Path(_, expr) | ExprNode::JsonPath(expr, _) => expr.is_aggregate(),
        }
    }

    /// The expression over the row that these steps lead to.
    pub(crate) fn behind(self, hops: &[Hop]) -> ExprNode {
        match self {
            node if hops.is_empty() => node,
            ExprNode::Path(rest, node) => ExprNode::Path([hops, &rest].concat(), node),
            node => ExprNode::Path(hops.to_vec(), Box::new(node)),
        }
    }
}

/// The comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Not equal; `NULL` differs from every value.
    Ne,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
}

/// The text tests. All but the patterns take their argument literally.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextTest {
    /// SQL `LIKE`, the argument being the pattern.
    Like,
    /// SQL `NOT LIKE`, true for `NULL`.
    NotLike,
    /// SQL `GLOB`, the argument being the pattern.
    Glob,
    /// Starts with.
    StartsWith,
    /// Ends with.
    EndsWith,
    /// Contains.
    Contains,
    /// Starts with, in any case.
    IStartsWith,
    /// Ends with, in any case.
    IEndsWith,
    /// Contains, in any case.
    IContains,
    /// Matches a regular expression somewhere.
    Regexp,
}

/// One term of an order.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct OrderNode {
    /// By what.
    pub by: OrderBy,
    /// Largest first.
    pub descending: bool,
    /// Where `NULL`s go, if not where SQLite puts them (first when ascending).
    pub nulls: Option<Nulls>,
}

/// What an order term sorts by.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum OrderBy {
    /// An expression.
    Expr(ExprNode),
    /// A field by name, before it has been checked against a schema.
    Named(String),
}

/// The place of `NULL`s in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nulls {
    /// Before everything.
    First,
    /// After everything.
    Last,
}

/// One assignment of an update.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct AssignNode {
    /// The column, by name.
    pub target: AssignTarget,
    /// Its new value.
    pub value: AssignValue,
}

/// What is assigned to.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum AssignTarget {
    /// A column, by its name in the file.
    Column(Cow<'static, str>),
    /// A field by name, before it has been checked against a schema.
    Named(String),
}

/// What is assigned.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum AssignValue {
    /// An expression.
    Expr(ExprNode),
    /// A value that will be encoded for the column once that is known.
    Dynamic(LookupValue),
}
