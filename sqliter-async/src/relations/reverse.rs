//! The way back along a relation: `author.books()`, `tag.articles()`.

use std::sync::Arc;

use sqliter_core::node::FilterNode;
use sqliter_core::plan::SelectPlan;
use sqliter_core::{DbModel, DbType, Encoded, Error, Hop, Origin, RelatedRows, RelationDef, Result, Value, node};

use super::many_to_many::ManyToMany;
use crate::context::{Context, relation_name};
use crate::query::Query;

/// The rows that refer to one row: what `author.books()` gives.
///
/// A query with a condition on the key: every chain method and every terminal of [`Query`] is there. Rows that were loaded ahead
/// with `prefetch_related` are served from memory, unless the query is narrowed or sorted.
pub type ReverseQuery<T> = Query<T>;

/// A relation that is about to be loaded for one row.
#[derive(Clone)]
pub(crate) struct Lazy {
    pub(crate) origin: Origin,
    pub(crate) hop: Hop,
    pub(crate) key: Value,
}

impl Lazy {
    /// Notes it.
    ///
    /// # Errors
    /// When the row refuses that.
    pub(crate) fn follow(&self) -> Result<()> {
        Context::of(&self.origin).map_or(Ok(()), |context| context.follow(self.hop, &self.key))
    }
}

/// The rows that a step leads to from a row with this key, of this origin.
pub(super) fn related_query<T: DbModel>(
    hop: Hop,
    origin: Option<&Origin>,
    key: Option<Value>,
    served: Option<Arc<RelatedRows<T>>>,
) -> Query<T> {
    let context = origin.and_then(Context::of);
    let db = match context {
        Some(context) => context.db(),
        None => Err(Error::NoDbContext { relation: relation_name(hop) }),
    };
    let mut plan = SelectPlan::new(T::schema());
    let Some(key) = key else {
        // Nothing belongs to a row that was not inserted.
        plan.filters.push(FilterNode::Any(Vec::new()));
        return Query::of(db, plan, None, None);
    };
    match hop.foreign_key() {
        Some(column) => {
            let name = column.name.into();
            let column = node::ExprNode::Column(node::ColumnNode { name, store: column.store });
            let value = node::ExprNode::Literal(sqliter_core::Literal::Value(key.clone()));
            plan.filters.push(FilterNode::Compare(column, node::Comparison::Eq, value));
        }
        None => {
            plan.filters.push(FilterNode::Linked(hop, key.clone()));
            plan.order_by_key();
        }
    }
    let lazy = origin.map(|origin| Lazy { origin: origin.clone(), hop, key });
    Query::of(db, plan, served, lazy)
}

/// The stored form of a row's key; `None` before it was inserted.
pub(super) fn key_of<M: DbModel>(model: &M) -> Option<Value> {
    model.pk().key_ref().and_then(|key| key.encode().ok()).map(Encoded::into_value)
}

/// `author.books()`.
#[doc(hidden)]
pub fn reverse_query<M: DbModel, T: DbModel>(model: &M, def: &'static RelationDef) -> ReverseQuery<T> {
    let hop = Hop { def, reverse: true };
    let served = model.pk().related().and_then(|related| related.get(hop));
    related_query(hop, model.pk().origin(), key_of(model), served)
}

/// `tag.articles()`.
#[doc(hidden)]
pub fn reverse_many_to_many<M: DbModel, T: DbModel>(model: &M, def: &'static RelationDef) -> ManyToMany<T> {
    ManyToMany::bound(
        Hop { def, reverse: true },
        model.pk().origin().cloned(),
        key_of(model),
        model.pk().related().cloned(),
    )
}
