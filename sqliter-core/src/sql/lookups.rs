//! Strings from dynamic callers, checked against the schema.

use crate::error::{Error, Result};
use crate::expr::LookupValue;
use crate::expr::node::{ColumnNode, Comparison, ExprNode, FilterNode, TextTest};
use crate::schema::{ColumnDef, Schema};
use crate::suggest;
use crate::types::{Literal, SqlType};
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

/// The filter that a lookup stands for.
pub(super) fn resolve(schema: &'static Schema, path: &str, value: &LookupValue) -> Result<FilterNode> {
    // The whole path may be a field whose name has two underscores in it.
    let (column, operator) = match (find_column(schema, path), path.rsplit_once("__")) {
        (Some(column), _) => (column, Operator::Compare(Comparison::Eq)),
        (None, None) => return Err(unknown_field(schema, path)),
        (None, Some((field, name))) => {
            let Some(column) = find_column(schema, field) else {
                return Err(unknown_field(schema, field));
            };
            let Some((_, operator)) = OPERATORS.iter().find(|(n, _)| *n == name) else {
                let hint = suggest::hint(name, OPERATORS.iter().map(|(n, _)| *n));
                return Err(invalid(path, format!("'{name}' is not an operator{hint}")));
            };
            (column, *operator)
        }
    };
    let expr = column_node(column);
    let scalar = || {
        value.literal(column.store).ok_or_else(|| invalid(path, "a list needs the operator `in` or `not_in`".into()))
    };
    let list = || match value {
        LookupValue::List(items) => items
            .iter()
            .map(|v| v.literal(column.store).map(ExprNode::Literal))
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
        Operator::Text(_) if column.sql_type != SqlType::Text => {
            return Err(invalid(path, format!("this operator is for text columns, and '{}' is not one", column.field)));
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
