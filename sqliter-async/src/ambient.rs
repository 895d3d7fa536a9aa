//! The transactions that the current task is in: inside the closure of `transaction` every use of the same database joins it.

use std::sync::Arc;

use crate::driver::{Engine, Scope};

tokio::task_local! {
    static AMBIENT: Ambient;
}

/// The innermost transaction of a task, and those around it.
#[derive(Clone)]
pub(crate) struct Ambient {
    scope: Arc<Scope>,
    /// A task of a `LocalSet` that is driven inside the closure is another one.
    task: Option<tokio::task::Id>,
    outer: Option<Arc<Ambient>>,
}

impl Ambient {
    /// What the task is in once this scope is open.
    pub(crate) fn entering(scope: Arc<Scope>) -> Self {
        Ambient { scope, task: tokio::task::try_id(), outer: AMBIENT.try_with(Clone::clone).ok().map(Arc::new) }
    }

    /// Runs `f`, and then the future that it makes, in this transaction: the closure itself may use the database too.
    pub(crate) async fn run<F: Future>(self, f: impl FnOnce() -> F) -> F::Output {
        let future = AMBIENT.sync_scope(self.clone(), f);
        AMBIENT.scope(self, future).await
    }
}

/// The innermost open transaction of this task that satisfies `wanted`.
fn innermost(wanted: impl Fn(&Arc<Scope>) -> bool) -> Option<Arc<Scope>> {
    AMBIENT
        .try_with(|ambient| {
            let mut ambient = Some(ambient);
            while let Some(a) = ambient {
                if a.task == tokio::task::try_id() && wanted(&a.scope) {
                    return Some(a.scope.clone());
                }
                ambient = a.outer.as_deref();
            }
            None
        })
        .ok()
        .flatten()
}

/// The innermost open transaction of this task on a database.
pub(crate) fn scope_on(engine: &Arc<Engine>) -> Option<Arc<Scope>> {
    innermost(|scope| !scope.has_ended() && Arc::ptr_eq(scope.engine(), engine))
}

/// The innermost open transaction of this task inside another one.
pub(crate) fn scope_within(outer: &Arc<Scope>) -> Option<Arc<Scope>> {
    innermost(|scope| !scope.has_ended() && scope.is_within(outer))
}
