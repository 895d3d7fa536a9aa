//! What a statement selects: the columns of the model, some values, or groups with aggregates.

use std::borrow::Cow;

use super::lookups::{self, column_node, find_column};
use super::select::{expr_is_relational, filters_are_relational};
use super::writer::Writer;
use crate::error::{Error, Result};
use crate::expr::node::{AggregateFunction, AggregateNode, AssignTarget, ExprNode, FilterNode};
use crate::plan::{CountNode, ItemNode, JoinTree, SelectItem, SelectPlan};
use crate::relation::Hop;
use crate::schema::{ColumnRole, Schema};
use crate::types::Store;

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
    selects_extra: bool,
    /// By what rows are grouped.
    groups: Vec<ExprNode>,
    pub(super) grouped: bool,
}

fn invalid(reason: String) -> Error {
    Error::InvalidProjection(reason)
}

/// An expression by name.
fn named(schema: &'static Schema, name: &str, what: &str) -> Result<(ExprNode, Store)> {
    lookups::path_expr(schema, name)
        .map(|(expr, column)| (expr, column.store))
        .map_err(|problem| invalid(format!("{what} '{name}' on model {}{problem}", schema.model)))
}

fn output(schema: &'static Schema, item: &SelectItem, position: usize, what: &str) -> Result<Output> {
    match &item.what {
        ItemNode::Named(name) => {
            let (expr, store) = named(schema, name, what)?;
            let plain = matches!(&expr, ExprNode::Column(c) if c.name == *name);
            Ok(Output { name: name.clone().into(), store, expr, named: !plain })
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

fn path_name(hops: &[Hop], end: &ExprNode) -> String {
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
            "with_count() terminal relationship must be to-many (reverse foreign key or many-to-many), and '{}' leads to \
             one row",
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
        ExprNode::Aggregate(AggregateNode { function, of, distinct: false })
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
    } else if find_column(schema, alias).is_some() {
        format!("Aggregate alias '{alias}' conflicts with model field '{alias}'.")
    } else if before.iter().any(|o| o.name == alias) {
        format!("Aggregate alias '{alias}' is already defined.")
    } else {
        return Ok(());
    };
    Err(invalid(problem))
}

fn excluded(schema: &'static Schema, exclude: &[AssignTarget]) -> Result<Vec<Output>> {
    let mut names = Vec::new();
    for target in exclude {
        let column = match target {
            AssignTarget::Column(name) => schema.columns.iter().find(|c| c.name == *name),
            AssignTarget::Named(name) => find_column(schema, name),
        };
        match column {
            None => {
                let name = match target {
                    AssignTarget::Column(name) => name.as_ref(),
                    AssignTarget::Named(name) => name,
                };
                let hint = lookups::field_hint(schema, name);
                return Err(invalid(format!("Invalid fields specified for exclusion: '{name}'{hint}")));
            }
            Some(c) if c.role == ColumnRole::Key => {
                return Err(invalid(format!("The primary key '{}' cannot be excluded.", c.name)));
            }
            Some(c) => names.push(c.name),
        }
    }
    let rest: Vec<_> = model_columns(schema).into_iter().filter(|o| !names.iter().any(|n| o.name == *n)).collect();
    if rest.len() <= 1 && schema.declared().count() > 1 {
        return Err(invalid("Exclusion results in no fields being selected.".to_owned()));
    }
    Ok(rest)
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
    let mut extra: Vec<Output> = Vec::new();
    for (alias, item) in &projection.annotations {
        let alias = alias.trim();
        check_alias(schema, alias, &extra)?;
        let output = output(schema, item, 0, "Aggregate field is unknown:")?;
        extra.push(Output { name: alias.to_owned().into(), named: true, ..output });
    }
    for (alias, node) in &projection.counts {
        let alias = alias.trim();
        check_alias(schema, alias, &extra)?;
        let expr = count(schema, node, grouped)?;
        extra.push(Output { name: alias.to_owned().into(), store: Store::Default, expr, named: true });
    }
    let listed = |items: &[SelectItem], what: &str| -> Result<Vec<Output>> {
        items.iter().enumerate().map(|(i, item)| by_name(schema, item, i, what, &extra)).collect()
    };
    let mut groups: Vec<ExprNode> = Vec::new();
    let base = match (&projection.items, grouped) {
        (Some(items), true) if projection.only_items => {
            for item in &projection.groups {
                let output = output(schema, item, 0, "Cannot group by unknown field")?;
                if !groups.contains(&output.expr) {
                    groups.push(output.expr);
                }
            }
            groups.extend(extra.iter().filter(|o| !o.expr.is_aggregate()).map(|o| o.expr.clone()));
            listed(items, "Invalid field specified:")?
        }
        (items, true) => {
            let items =
                if projection.groups.is_empty() { items.as_deref().unwrap_or_default() } else { &projection.groups };
            let mut base: Vec<Output> = Vec::new();
            for output in listed(items, "Cannot group by unknown field")? {
                if !groups.contains(&output.expr) {
                    groups.push(output.expr.clone());
                    base.push(output);
                }
            }
            groups.extend(extra.iter().filter(|o| !o.expr.is_aggregate()).map(|o| o.expr.clone()));
            base
        }
        (Some(items), false) if !items.is_empty() => listed(items, "Invalid field specified:")?,
        (_, false) if !projection.exclude.is_empty() => excluded(schema, &projection.exclude)?,
        _ => return Ok(Shape { model: true, base: Vec::new(), extra, selects_extra: true, groups, grouped }),
    };
    Ok(Shape { model: false, base, extra, selects_extra: !projection.only_items, groups, grouped })
}

/// An item; a name may be that of an annotation.
fn by_name(
    schema: &'static Schema,
    item: &SelectItem,
    position: usize,
    what: &str,
    extra: &[Output],
) -> Result<Output> {
    if let ItemNode::Named(name) = &item.what
        && let Some(o) = extra.iter().find(|o| o.name == *name)
    {
        return Ok(Output { name: o.name.clone(), store: o.store, expr: o.expr.clone(), named: true });
    }
    output(schema, item, position, what)
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
        self.annotations = shape.extra.iter().map(|o| (o.name.clone().into_owned(), o.expr.clone())).collect();
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
        for filter in having {
            check_having(filter, shape, plan.schema)?;
        }
        self.push(" HAVING ");
        self.joined(having, " AND ", "1")
    }
}

/// A condition on groups is about what a group has one of.
fn check_having(filter: &FilterNode, shape: &Shape, schema: &'static Schema) -> Result<()> {
    let outside = |name: &str| {
        Err(invalid(format!(
            "HAVING field '{name}' must be a grouped field or an aggregate alias. Aggregate aliases must be defined via \
             annotate()/with_count()."
        )))
    };
    let check = |expr: &ExprNode| match ungrouped(expr, &shape.groups) {
        Some(name) => outside(&name),
        None => Ok(()),
    };
    match filter {
        FilterNode::All(all) | FilterNode::Any(all) => all.iter().try_for_each(|f| check_having(f, shape, schema)),
        FilterNode::Not(inner) => check_having(inner, shape, schema),
        FilterNode::Compare(a, _, b) => check(a).and_then(|()| check(b)),
        FilterNode::IsNull(expr, _) | FilterNode::Text(expr, ..) | FilterNode::JsonContains { expr, .. } => check(expr),
        FilterNode::In { expr, items, .. } => check(expr).and_then(|()| items.iter().try_for_each(check)),
        FilterNode::Exists(..) | FilterNode::Linked(..) => outside("(relation)"),
        FilterNode::Lookup(path, _) => {
            let name = path.rsplit_once("__").map_or(path.as_str(), |(name, _)| name);
            let is = |alias: &str| alias == path || alias == name;
            if shape.extra.iter().any(|o| is(&o.name)) {
                return Ok(());
            }
            let column = find_column(schema, path).or_else(|| find_column(schema, name));
            match column.map(column_node) {
                Some(expr) if shape.groups.contains(&expr) => Ok(()),
                _ => outside(name),
            }
        }
    }
}

/// A column of an expression that is neither grouped by nor inside an aggregate.
fn ungrouped(expr: &ExprNode, groups: &[ExprNode]) -> Option<String> {
    if groups.contains(expr) {
        return None;
    }
    match expr {
        ExprNode::Column(c) => Some(c.name.to_string()),
        ExprNode::Path(hops, end) => Some(path_name(hops, end)),
        ExprNode::Related(..) => Some("(relation)".to_owned()),
        ExprNode::Literal(_) | ExprNode::Aggregate(_) | ExprNode::Alias(_) => None,
        ExprNode::Binary(_, a, b) => ungrouped(a, groups).or_else(|| ungrouped(b, groups)),
        ExprNode::Call(_, args) => args.iter().find_map(|a| ungrouped(a, groups)),
        ExprNode::JsonPath(column, _) => ungrouped(column, groups),
    }
}
