//! Strings from dynamic callers, checked against the schema.

use super::writer::Annotation;
use crate::error::{Error, Result};
use crate::expr::LookupValue;
use crate::expr::node::{ColumnNode, Comparison, DatePart, ExprNode, FilterNode, Function, TextTest};
use crate::relation::Hop;
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
    Json(bool),
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
    ("contains_any", Operator::Json(false)),
    ("contains_all", Operator::Json(true)),
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

    fn is_json(self) -> bool {
        self.part.is_none() && self.column.kind == Kind::Json
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

/// A path taken apart: the steps, and what is asked about at their end.
struct Parsed {
    hops: Vec<Hop>,
    subject: Subject,
    operator: Operator,
    /// The path ends with the relation itself.
    whole: bool,
}

/// The relation that a path begins with, and what follows.
fn first_hop<'p>(schema: &'static Schema, path: &'p str) -> Option<(Hop, Option<&'p str>)> {
    schema.hops().iter().find_map(|hop| {
        let after = path.strip_prefix(hop.name())?;
        match after.strip_prefix("__") {
            Some(after) => Some((*hop, Some(after))),
            None => after.is_empty().then_some((*hop, None)),
        }
    })
}

fn operator(name: &str) -> Option<Operator> {
    OPERATORS.iter().find(|(n, _)| *n == name).map(|(_, operator)| *operator)
}

/// A field of this model, alone or with an operator. The whole path may be a field whose name has two underscores in it.
fn own(schema: &'static Schema, path: &str) -> Option<(Subject, Operator)> {
    if let Some(subject) = subject(schema, path) {
        return Some((subject, Operator::Compare(Comparison::Eq)));
    }
    let (field, name) = path.rsplit_once("__")?;
    let found = (subject(schema, field)?, operator(name)?);
    // A field of the row that a foreign key leads to comes before an operator on the key.
    let behind = first_hop(schema, path).and_then(|(hop, after)| own(hop.target(), after?));
    behind.is_none().then_some(found)
}

/// Whether a name leads to another table.
pub(super) fn crosses(schema: &'static Schema, path: &str) -> bool {
    own(schema, path).is_none() && first_hop(schema, path).is_some()
}

fn parse(start: &'static Schema, path: &str) -> Result<Parsed> {
    let (mut schema, mut rest, mut hops) = (start, path, Vec::new());
    loop {
        if let Some((subject, operator)) = own(schema, rest) {
            return Ok(Parsed { hops, subject, operator, whole: false });
        }
        let Some((hop, after)) = first_hop(schema, rest) else {
            return Err(unknown(schema, path, rest, !hops.is_empty()));
        };
        hops.push(hop);
        schema = hop.target();
        let key = Subject { column: schema.key(), part: None };
        match after {
            None => {
                let operator = Operator::Compare(Comparison::Eq);
                return Ok(Parsed { hops, subject: key, operator, whole: true });
            }
            Some(after) => {
                if let (None, Some(operator)) = (own(schema, after), operator(after)) {
                    return Ok(Parsed { hops, subject: key, operator, whole: true });
                }
                rest = after;
            }
        }
    }
}

/// What to say about a name that is neither a field nor a relation.
fn unknown(schema: &'static Schema, path: &str, rest: &str, behind: bool) -> Error {
    let (field, name) = match rest.rsplit_once("__") {
        None => (rest, None),
        Some((field, name)) if operator(name).is_some() => (field, None),
        Some((field, name)) => (field, Some(name)),
    };
    if let (Some(name), Some(_)) = (name, subject(schema, field)) {
        if PARTS.iter().any(|(n, _)| *n == name) {
            return invalid(path, format!("'{field}' is not a date"));
        }
        let names = OPERATORS.iter().map(|(n, _)| *n).chain(PARTS.iter().map(|(n, _)| *n));
        return invalid(path, format!("'{name}' is not an operator{}", suggest::hint(name, names)));
    }
    let underscored = schema.columns.iter().map(|c| c.field).filter(|f| f.contains("__"));
    if suggest::nearest(rest, underscored).is_some() {
        return unknown_field(schema, rest);
    }
    // More than a field: what comes first would have to be a relation.
    if name.is_some() || field.contains("__") {
        let segment = rest.split("__").next().unwrap_or_default();
        let relations = schema.hops().iter().map(|hop| hop.name());
        let fields = schema.columns.iter().map(|c| c.field);
        return Error::InvalidRelationship {
            path: path.to_owned(),
            segment: segment.to_owned(),
            model: schema.model.to_owned(),
            hint: suggest::hint(segment, relations.chain(fields)),
        };
    }
    if behind {
        let hint = field_hint(schema, field);
        return invalid(path, format!("field '{field}' not found in {}{hint}", schema.model));
    }
    unknown_field(schema, field)
}

/// The value that a name stands for: a field, or one over foreign keys. Or else what to say after the name.
pub(super) fn path_expr(schema: &'static Schema, name: &str) -> Result<(ExprNode, &'static ColumnDef), String> {
    if let Some(column) = find_column(schema, name) {
        return Ok((column_node(column), column));
    }
    let (mut at, mut rest, mut hops) = (schema, name, Vec::new());
    while let Some((hop, after)) = first_hop(at, rest) {
        if !hop.is_to_one() {
            return Err(format!(": '{}' leads to many rows, use a count or another aggregate", hop.name()));
        }
        hops.push(hop);
        at = hop.target();
        let Some(after) = after else { return Ok((column_node(at.key()).behind(&hops), at.key())) };
        rest = after;
        if let Some(column) = find_column(at, rest) {
            return Ok((column_node(column).behind(&hops), column));
        }
    }
    Err(field_hint(at, rest))
}

/// What an order by a name sorts by. `aliases`: the name could have been one of an annotation.
pub(super) fn order_expr(schema: &'static Schema, name: &str, aliases: bool) -> Result<ExprNode> {
    path_expr(schema, name).map(|(expr, _)| expr).map_err(|problem| {
        let what = if aliases { "model fields or aggregate aliases" } else { "model fields" };
        let end = if problem.is_empty() { "." } else { "" };
        Error::InvalidOrder(format!("'{name}' does not exist in {what}{problem}{end}"))
    })
}

/// The condition on an annotation that a lookup stands for, if it is about one.
pub(super) fn resolve_annotation(
    annotations: &[Annotation],
    path: &str,
    value: &LookupValue,
) -> Option<Result<FilterNode>> {
    let find = |name: &str| annotations.iter().find(|a| a.name == name);
    let (annotation, operator) = match find(path) {
        Some(annotation) => (annotation, Operator::Compare(Comparison::Eq)),
        None => {
            let (name, operation) = path.rsplit_once("__")?;
            (find(name)?, operator(operation)?)
        }
    };
    Some(test(path, ExprNode::Alias(annotation.name.clone()), annotation.store, None, operator, value))
}

/// Whether a lookup is about something that there is.
pub(super) fn is_path(schema: &'static Schema, path: &str) -> bool {
    parse(schema, path).is_ok()
}

/// The filter that a lookup stands for.
pub(super) fn resolve(schema: &'static Schema, path: &str, value: &LookupValue) -> Result<FilterNode> {
    let Parsed { hops, subject, operator, whole } = parse(schema, path)?;
    if hops.iter().all(|hop| hop.is_to_one()) {
        return test(path, subject.expr().behind(&hops), subject.store(), Some(subject), operator, value);
    }
    if let (true, Operator::IsNull(positive)) = (whole, operator) {
        let exists = FilterNode::Exists(hops, Box::new(FilterNode::All(Vec::new())));
        return Ok(if truth(path, value)? == positive { FilterNode::Not(Box::new(exists)) } else { exists });
    }
    let inner = test(path, subject.expr(), subject.store(), Some(subject), operator, value)?;
    Ok(FilterNode::Exists(hops, Box::new(inner)))
}

fn truth(path: &str, value: &LookupValue) -> Result<bool> {
    match value {
        LookupValue::Value(Value::Int(v)) => Ok(*v != 0),
        LookupValue::Value(Value::Null) => Ok(false),
        _ => Err(invalid(path, "this operator takes true or false".into())),
    }
}

/// The condition on one expression.
fn test(
    path: &str,
    expr: ExprNode,
    store: Store,
    subject: Option<Subject>,
    operator: Operator,
    value: &LookupValue,
) -> Result<FilterNode> {
    let kind = subject.filter(|s| s.part.is_none()).map_or(Kind::Other, |s| s.column.kind);
    let literal = |value: &LookupValue| {
        value.literal(store).map(|literal| match literal {
            Literal::Value(value) => Literal::Value(kind.canonical(value)),
            other => other,
        })
    };
    let scalar = || literal(value).ok_or_else(|| invalid(path, "a list needs the operator `in` or `not_in`".into()));
    let list = || match value {
        LookupValue::List(items) => items
            .iter()
            .map(|v| literal(v).map(ExprNode::Literal))
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
        Operator::IsNull(positive) => FilterNode::IsNull(expr, truth(path, value)? == positive),
        Operator::Json(all) => match (subject, value) {
            (Some(subject), LookupValue::List(items)) if subject.is_json() => {
                FilterNode::JsonContains { expr, items: items.clone(), all }
            }
            (Some(subject), _) if subject.is_json() => return Err(invalid(path, "this operator takes a list".into())),
            _ => return Err(invalid(path, "this operator is for JSON columns".into())),
        },
        Operator::Text(_) if subject.is_some_and(|s| !s.is_text()) => {
            let field = subject.map_or("", |s| s.column.field);
            return Err(invalid(path, format!("this operator is for text columns, and '{field}' is not one")));
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
