//! What a statement selects: the columns of the model, some values, or groups with aggregates.

use std::borrow::Cow;

use super::having::ungrouped;
use super::lookups::{self, column_node, find_column};
use super::select::{expr_is_relational, filters_are_relational};
use super::writer::{Annotation, Writer};
use crate::error::{Error, Result};
use crate::expr::node::{AggregateFunction, AggregateNode, AssignTarget, ExprNode, FilterNode, Function};
use crate::plan::{CountNode, ItemNode, JoinTree, Projection, SelectItem, SelectPlan};
use crate::relation::Hop;
use crate::schema::{ColumnRole, Schema};
use crate::types::{Literal, Store};
use crate::value::Value;

/// One column of a result.
pub(super) struct Output {
    name: Cow<'static, str>,
    store: Store,
    expr: ExprNode,
    /// Whether it needs `AS`.
    named: bool,
}

/// What a plan yields, with every name resolved.
pub(super) struct Shape {
    /// The columns of the model, all of them.
    model: bool,
    /// What stands in their place.
    base: Vec<Output>,
    /// The annotations and counts.
    extra: Vec<Output>,
    /// Whether they are selected by themselves.
    pub(super) selects_extra: bool,
    /// By what rows are grouped.
    pub(super) groups: Vec<ExprNode>,
    pub(super) grouped: bool,
}

impl Shape {
    /// Whether an annotation or count goes by this name.
    pub(super) fn has_alias(&self, name: &str) -> bool {
        self.extra.iter().any(|o| o.name == name)
    }

    /// What the names of annotations stand for.
    pub(super) fn annotations(&self) -> Vec<Annotation> {
        let annotation = |o: &Output| Annotation { name: o.name.to_string(), expr: o.expr.clone(), store: o.store };
        self.extra.iter().map(annotation).collect()
    }
}

pub(super) fn invalid(reason: String) -> Error {
    Error::InvalidProjection(reason)
}

/// A value of a row; of a name that is none, what to say after it.
fn output(schema: &'static Schema, item: &SelectItem, position: usize) -> Result<Output, String> {
    match &item.what {
        ItemNode::Named(name) => {
            let (expr, column) = lookups::path_expr(schema, name)?;
            let plain = matches!(&expr, ExprNode::Column(c) if c.name == *name);
            Ok(Output { name: name.clone().into(), store: column.store, expr, named: !plain })
        }
        ItemNode::Expr(expr) => {
            let (name, named) = match expr {
                ExprNode::Column(c) => (c.name.clone(), false),
                ExprNode::Path(hops, end) if matches!(**end, ExprNode::Column(_)) => {
                    (path_name(hops, end).into(), true)
                }
                _ => (format!("column_{}", position + 1).into(), true),
            };
            Ok(Output { name, store: item.store, expr: expr.clone(), named })
        }
    }
}

pub(super) fn path_name(hops: &[Hop], end: &ExprNode) -> String {
    let mut name: String = hops.iter().map(|hop| format!("{}__", hop.name())).collect();
    if let ExprNode::Column(c) = end {
        name.push_str(&c.name);
    }
    name
}

fn count(schema: &'static Schema, node: &CountNode, grouped: bool) -> Result<ExprNode> {
    let hops = node.path.resolve(schema)?;
    let Some(last) = hops.last().copied() else { return Err(invalid("with_count() needs a relation".to_owned())) };
    if last.is_to_one() {
        return Err(invalid(format!(
            "with_count() terminal relationship must be to-many (reverse FK or many-to-many). '{}' leads to one row.",
            last.name()
        )));
    }
    let mut aggregate = AggregateNode::rows();
    if node.distinct {
        aggregate.of = Some(Box::new(column_node(last.target().key())));
        aggregate.distinct = true;
    }
    let count = ExprNode::Related(hops, aggregate, Box::new(FilterNode::All(Vec::new())));
    Ok(if grouped {
        let (function, of) = (AggregateFunction::Sum, Some(Box::new(count)));
        let sum = ExprNode::Aggregate(AggregateNode { function, of, distinct: false });
        // Over no rows at all the sum would be NULL.
        ExprNode::Call(Function::Coalesce, vec![sum, ExprNode::Literal(Literal::Value(Value::Int(0)))])
    } else {
        count
    })
}

/// Names of annotations are names of nothing else.
fn check_alias(schema: &'static Schema, alias: &str, before: &[Output]) -> Result<()> {
    let problem = if alias.is_empty() {
        "Aggregate alias cannot be empty.".to_owned()
    } else if alias.contains('"') {
        format!("Aggregate alias '{alias}' contains a double quote.")
    } else if schema.columns.iter().any(|c| [c.name, c.field].iter().any(|n| n.eq_ignore_ascii_case(alias))) {
        // Names in SQL are the same in any case.
        format!("Aggregate alias '{alias}' conflicts with model field '{alias}'.")
    } else if before.iter().any(|o| o.name.eq_ignore_ascii_case(alias)) {
        format!("Aggregate alias '{alias}' is already defined.")
    } else {
        return Ok(());
    };
    Err(invalid(problem))
}

fn excluded(schema: &'static Schema, exclude: &[AssignTarget]) -> Result<Vec<Output>> {
    let (mut names, mut unknown) = (Vec::new(), Vec::new());
    for target in exclude {
        let (name, column) = match target {
            AssignTarget::Column(name) => (name.as_ref(), schema.columns.iter().find(|c| c.name == *name)),
            AssignTarget::Named(name) => (name.as_str(), find_column(schema, name)),
        };
        match column {
            None => unknown.push((name, lookups::field_hint(schema, name))),
            Some(c) if c.role == ColumnRole::Key => {
                return Err(invalid(format!("The primary key '{}' cannot be excluded.", c.name)));
            }
            Some(c) => names.push(c.name),
        }
    }
    if !unknown.is_empty() {
        return Err(invalid(unknown_names("Invalid fields specified for exclusion: ", &unknown)));
    }
    let rest: Vec<_> = model_columns(schema).into_iter().filter(|o| !names.iter().any(|n| o.name == *n)).collect();
    if rest.len() <= 1 && schema.declared().count() > 1 {
        return Err(invalid("Exclusion results in no fields being selected.".to_owned()));
    }
    Ok(rest)
}

/// All the names that are none; what to say of one that is alone.
fn unknown_names(start: &str, unknown: &[(&str, String)]) -> String {
    let names: Vec<_> = unknown.iter().map(|(name, _)| *name).collect();
    let problem = if let [(_, problem)] = unknown { problem } else { "" };
    format!("{start}{}{problem}", names.join(", "))
}

fn model_columns(schema: &'static Schema) -> Vec<Output> {
    let output = |c: &'static crate::schema::ColumnDef| Output {
        name: c.name.into(),
        store: c.store,
        expr: column_node(c),
        named: false,
    };
    schema.declared().map(output).collect()
}

/// What a plan yields.
pub(super) fn shape(plan: &SelectPlan) -> Result<Shape> {
    let (schema, projection) = (plan.schema, &plan.projection);
    let grouped = projection.is_grouped();
    let extra = extra(schema, projection, grouped)?;
    let items = projection.items.as_deref().unwrap_or_default();
    if grouped {
        return groups(schema, projection, items, extra);
    }
    let base = if !items.is_empty() {
        chosen(schema, items, &extra)?
    } else if !projection.exclude.is_empty() {
        excluded(schema, &projection.exclude)?
    } else {
        return Ok(Shape { model: true, base: Vec::new(), extra, selects_extra: true, groups: Vec::new(), grouped });
    };
    Ok(Shape { model: false, base, extra, selects_extra: !projection.only_items, groups: Vec::new(), grouped })
}

/// The annotations, then the counts.
fn extra(schema: &'static Schema, projection: &Projection, grouped: bool) -> Result<Vec<Output>> {
    let mut extra: Vec<Output> = Vec::new();
    for (alias, item) in &projection.annotations {
        let alias = alias.trim();
        check_alias(schema, alias, &extra)?;
        if let ItemNode::Expr(ExprNode::Aggregate(AggregateNode { of: None, distinct: true, .. })) = &item.what {
            return Err(invalid(format!(
                "Aggregate alias '{alias}' uses DISTINCT with COUNT(*) which is not supported. Count a column with \
                 `count_of`."
            )));
        }
        let unknown = |problem| {
            invalid(format!("Aggregate field of '{alias}' is not a field on model {}{problem}", schema.model))
        };
        let output = output(schema, item, 0).map_err(unknown)?;
        extra.push(Output { name: alias.to_owned().into(), named: true, ..output });
    }
    for (alias, node) in &projection.counts {
        let alias = alias.trim();
        check_alias(schema, alias, &extra)?;
        let expr = count(schema, node, grouped)?;
        extra.push(Output { name: alias.to_owned().into(), store: Store::Default, expr, named: true });
    }
    Ok(extra)
}

/// The values that `only` and `fields` list.
fn chosen(schema: &'static Schema, items: &[SelectItem], extra: &[Output]) -> Result<Vec<Output>> {
    let (mut outputs, mut unknown) = (Vec::new(), Vec::new());
    for (i, item) in items.iter().enumerate() {
        match (by_name(schema, item, i, extra), &item.what) {
            (Ok(output), _) => outputs.push(output),
            (Err(problem), ItemNode::Named(name)) => unknown.push((name.as_str(), problem)),
            (Err(problem), ItemNode::Expr(_)) => return Err(invalid(problem)),
        }
    }
    if unknown.is_empty() {
        return Ok(outputs);
    }
    Err(invalid(unknown_names("Invalid fields specified: ", &unknown)))
}

/// What a query yields of each group.
///
/// `group_by` says by what; without it the values that are no aggregates are what the rows are grouped by. What is listed after
/// a `group_by` is what is yielded of a group: values that a group has one of.
fn groups(schema: &'static Schema, projection: &Projection, items: &[SelectItem], extra: Vec<Output>) -> Result<Shape> {
    let mut outputs: Vec<Output> = Vec::new();
    for (i, item) in projection.groups.iter().enumerate() {
        outputs.push(by_name(schema, item, i, &extra).map_err(|problem| {
            let name = if let ItemNode::Named(name) = &item.what { name } else { "" };
            let end = if problem.is_empty() { "." } else { "" };
            invalid(format!("Cannot group by unknown field '{name}' on model {}{problem}{end}", schema.model))
        })?);
    }
    if let Some(output) = outputs.iter().find(|o| o.expr.is_aggregate()) {
        let name = &output.name;
        return Err(invalid(format!("Cannot group by '{name}': an aggregate is computed from the groups.")));
    }
    let mut base = if !items.is_empty() {
        chosen(schema, items, &extra)?
    } else if !projection.exclude.is_empty() {
        excluded(schema, &projection.exclude)?
    } else {
        Vec::new()
    };
    let mut groups: Vec<ExprNode> = Vec::new();
    let by = if outputs.is_empty() { &base } else { &outputs };
    for expr in by.iter().chain(&extra).map(|o| &o.expr).filter(|e| !e.is_aggregate()) {
        if !groups.contains(expr) {
            groups.push(expr.clone());
        }
    }
    if base.is_empty() {
        for output in outputs {
            if !base.iter().any(|o: &Output| o.expr == output.expr) {
                base.push(output);
            }
        }
    }
    if let Some(name) = base.iter().chain(&extra).find_map(|o| ungrouped(&o.expr, &groups)) {
        return Err(invalid(format!(
            "field '{name}' is neither grouped by nor inside an aggregate: a group has many of it. Group by it, or yield \
             an aggregate such as `func::max(..)`."
        )));
    }
    Ok(Shape { model: false, base, extra, selects_extra: !projection.only_items, groups, grouped: true })
}

/// An item; a name may be that of an annotation.
fn by_name(schema: &'static Schema, item: &SelectItem, position: usize, extra: &[Output]) -> Result<Output, String> {
    if let ItemNode::Named(name) = &item.what
        && let Some(o) = extra.iter().find(|o| o.name == *name)
    {
        return Ok(Output { name: o.name.clone(), store: o.store, expr: o.expr.clone(), named: true });
    }
    output(schema, item, position)
}

/// The columns of a plan's result by name, those of joined rows left out, and how they are written.
///
/// # Errors
/// When the plan names something that is not there.
pub fn result_columns(plan: &SelectPlan) -> Result<Vec<(Cow<'static, str>, Store)>> {
    let mut shape = shape(plan)?;
    if shape.model {
        shape.base = model_columns(plan.schema);
    }
    let extra = if shape.selects_extra { shape.extra } else { Vec::new() };
    Ok(shape.base.into_iter().chain(extra).map(|o| (o.name, o.store)).collect())
}

/// Whether what a plan yields reaches other tables.
pub(super) fn is_relational(shape: &Shape, plan: &SelectPlan) -> bool {
    let outputs = shape.base.iter().chain(&shape.extra).any(|o| expr_is_relational(&o.expr));
    outputs || filters_are_relational(plan.schema, &plan.projection.having, &[])
}

impl Writer<'_> {
    /// Appends what is selected.
    pub(super) fn outputs(&mut self, shape: &Shape, joins: &[JoinTree]) -> Result<()> {
        if shape.model {
            self.columns(self.schema().declared());
        } else if shape.base.is_empty() && shape.extra.is_empty() {
            return Err(invalid("Projection query has no selected columns.".to_owned()));
        }
        self.output_list(&shape.base, true)?;
        self.joined_columns(joins);
        let extra = if shape.selects_extra { shape.extra.as_slice() } else { &[] };
        self.output_list(extra, shape.base.is_empty() && !shape.model)
    }

    fn output_list(&mut self, outputs: &[Output], first: bool) -> Result<()> {
        for (i, output) in outputs.iter().enumerate() {
            if i > 0 || !first {
                self.push(", ");
            }
            self.expr(&output.expr)?;
            if output.named {
                self.push(" AS ");
                self.identifier(&output.name);
            }
        }
        Ok(())
    }

    /// From here on the names of annotations stand for what they compute.
    pub(super) fn name_annotations(&mut self, shape: &Shape) {
        self.annotations_selected = shape.selects_extra;
        let columns = &self.schema().columns;
        let is_column = |o: &Output| o.named && columns.iter().any(|c| c.name.eq_ignore_ascii_case(&o.name));
        self.columns_hidden = shape.base.iter().any(is_column);
        self.annotations = shape.annotations();
    }

    /// Appends ` GROUP BY .. HAVING ..`.
    pub(super) fn grouping(&mut self, shape: &Shape, plan: &SelectPlan) -> Result<()> {
        for (i, expr) in shape.groups.iter().enumerate() {
            self.push(if i == 0 { " GROUP BY " } else { ", " });
            self.expr(expr)?;
        }
        let having = &plan.projection.having;
        if having.is_empty() {
            return Ok(());
        }
        self.push(" HAVING ");
        self.joined(having, " AND ", "1")
    }
}
