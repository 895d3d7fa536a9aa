//! Strings from dynamic callers, checked against the schema.

use crate::error::{Error, Result};
use crate::expr::LookupValue;
use crate::expr::node::{ColumnNode, Comparison, DatePart, ExprNode, FilterNode, Function, TextTest};
use crate::schema::{ColumnDef, Schema};
use crate::suggest;
use crate::types::{Kind, Literal, SqlType, Store};
use crate::value::Value;

#[derive(Clone, Copy)]
enum Operator {
    Compare(Comparison),
    In(bool),
    Between,
    IsNull(bool),
    Text(TextTest),
}

const OPERATORS: &[(&str, Operator)] = &[
    ("eq", Operator::Compare(Comparison::Eq)),
    ("ne", Operator::Compare(Comparison::Ne)),
    ("gt", Operator::Compare(Comparison::Gt)),
    ("gte", Operator::Compare(Comparison::Gte)),
    ("lt", Operator::Compare(Comparison::Lt)),
    ("lte", Operator::Compare(Comparison::Lte)),
    ("in", Operator::In(false)),
    ("not_in", Operator::In(true)),
    ("between", Operator::Between),
    ("isnull", Operator::IsNull(true)),
    ("notnull", Operator::IsNull(false)),
    ("like", Operator::Text(TextTest::Like)),
    ("glob", Operator::Text(TextTest::Glob)),
    ("regexp", Operator::Text(TextTest::Regexp)),
    ("startswith", Operator::Text(TextTest::StartsWith)),
    ("endswith", Operator::Text(TextTest::EndsWith)),
    ("contains", Operator::Text(TextTest::Contains)),
    ("istartswith", Operator::Text(TextTest::IStartsWith)),
    ("iendswith", Operator::Text(TextTest::IEndsWith)),
    ("icontains", Operator::Text(TextTest::IContains)),
];

/// The node of a column.
pub(super) fn column_node(column: &'static ColumnDef) -> ExprNode {
    ExprNode::Column(ColumnNode { name: column.name.into(), store: column.store })
}

/// A field by its name in Rust, or by that of its column.
pub(super) fn find_column(schema: &'static Schema, name: &str) -> Option<&'static ColumnDef> {
    schema.field(name).or_else(|| schema.columns.iter().find(|c| c.name == name))
}

/// The names that a caller could have meant.
pub(super) fn field_hint(schema: &'static Schema, name: &str) -> String {
    suggest::hint(name, schema.columns.iter().map(|c| c.field))
}

fn invalid(field: &str, reason: String) -> Error {
    Error::InvalidFilter { field: field.to_owned(), reason }
}

const PARTS: &[(&str, DatePart)] =
    &[("year", DatePart::Year), ("month", DatePart::Month), ("day", DatePart::Day), ("date", DatePart::Date)];

/// What a lookup is about: a column, or a part of the date in one.
#[derive(Clone, Copy)]
struct Subject {
    column: &'static ColumnDef,
    part: Option<DatePart>,
}

impl Subject {
    fn expr(self) -> ExprNode {
        let column = column_node(self.column);
        match self.part {
            None => column,
            Some(part) => ExprNode::Call(Function::Part(part, self.column.store, self.column.kind), vec![column]),
        }
    }

    /// The form of the values that it is compared with.
    fn store(self) -> Store {
        if self.part.is_some() { Store::Default } else { self.column.store }
    }

    fn is_text(self) -> bool {
        self.part.is_none() && self.column.sql_type == SqlType::Text
    }
}

/// A field, or `field__year` and its like.
fn subject(schema: &'static Schema, path: &str) -> Option<Subject> {
    if let Some(column) = find_column(schema, path) {
        return Some(Subject { column, part: None });
    }
    let (field, name) = path.rsplit_once("__")?;
    let column = find_column(schema, field)?;
    let (_, part) = PARTS.iter().find(|(n, _)| *n == name)?;
    let dated = matches!(column.kind, Kind::Instant | Kind::Naive | Kind::Date);
    dated.then_some(Subject { column, part: Some(*part) })
}

/// The filter that a lookup stands for.
pub(super) fn resolve(schema: &'static Schema, path: &str, value: &LookupValue) -> Result<FilterNode> {
    // The whole path may be a field whose name has two underscores in it.
    let (subject, operator) = match (subject(schema, path), path.rsplit_once("__")) {
        (Some(subject), _) => (subject, Operator::Compare(Comparison::Eq)),
        (None, None) => return Err(unknown_field(schema, path)),
        (None, Some((field, name))) => {
            let Some(subject) = subject(schema, field) else {
                return Err(unknown_field(schema, field));
            };
            if PARTS.iter().any(|(n, _)| *n == name) {
                return Err(invalid(path, format!("'{field}' is not a date")));
            }
            let Some((_, operator)) = OPERATORS.iter().find(|(n, _)| *n == name) else {
                let names = OPERATORS.iter().map(|(n, _)| *n).chain(PARTS.iter().map(|(n, _)| *n));
                return Err(invalid(path, format!("'{name}' is not an operator{}", suggest::hint(name, names))));
            };
            (subject, *operator)
        }
    };
    let (expr, store) = (subject.expr(), subject.store());
    let scalar =
        || value.literal(store).ok_or_else(|| invalid(path, "a list needs the operator `in` or `not_in`".into()));
    let list = || match value {
        LookupValue::List(items) => items
            .iter()
            .map(|v| v.literal(store).map(ExprNode::Literal))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| invalid(path, "a list of lists cannot be compared".into())),
        _ => Err(invalid(path, "this operator takes a list".into())),
    };
    Ok(match operator {
        Operator::Compare(op) => compare(path, expr, op, scalar()?)?,
        Operator::In(negated) => crate::expr::membership(expr, list()?, negated),
        Operator::Between => match <[ExprNode; 2]>::try_from(list()?) {
            Ok([ExprNode::Literal(low), ExprNode::Literal(high)]) => FilterNode::All(vec![
                compare(path, expr.clone(), Comparison::Gte, low)?,
                compare(path, expr, Comparison::Lte, high)?,
            ]),
            _ => return Err(invalid(path, "`between` takes a list of two values".into())),
        },
        Operator::IsNull(positive) => {
            let truth = match value {
                LookupValue::Value(Value::Int(v)) => *v != 0,
                LookupValue::Value(Value::Null) => false,
                _ => return Err(invalid(path, "this operator takes true or false".into())),
            };
            FilterNode::IsNull(expr, truth == positive)
        }
        Operator::Text(_) if !subject.is_text() => {
            return Err(invalid(
                path,
                format!("this operator is for text columns, and '{}' is not one", subject.column.field),
            ));
        }
        Operator::Text(test) => match value {
            LookupValue::Value(Value::Text(text)) => FilterNode::Text(expr, test, text.clone()),
            _ => return Err(invalid(path, "this operator takes a string".into())),
        },
    })
}

fn compare(path: &str, expr: ExprNode, op: Comparison, value: Literal) -> Result<FilterNode> {
    let null = value == Literal::Value(Value::Null);
    if null && !matches!(op, Comparison::Eq | Comparison::Ne) {
        return Err(invalid(path, "nothing is greater or less than NULL".into()));
    }
    Ok(crate::expr::compare(expr, op, ExprNode::Literal(value)))
}

fn unknown_field(schema: &'static Schema, field: &str) -> Error {
    let hint = field_hint(schema, field);
    invalid(field, format!("`{}` has no such field{hint}", schema.model))
}
