//! Rows loaded one from the other, far.

use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

use sqliter_async::prelude::*;

use crate::support::raw_execute;

static ALIVE: AtomicI64 = AtomicI64::new(0);

#[derive(Debug)]
struct Counted;

impl Default for Counted {
    fn default() -> Self {
        ALIVE.fetch_add(1, SeqCst);
        Counted
    }
}
impl Clone for Counted {
    fn clone(&self) -> Self {
        Default::default()
    }
}
impl Drop for Counted {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, SeqCst);
    }
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "chain_versions", database = "chains", timestamps = false)]
struct Version {
    pk: Pk<Self>,
    #[foreign_key(related_name = "next")]
    before: Option<ForeignKey<Self>>,
    #[field(skip)]
    #[expect(dead_code, reason = "it counts when it goes")]
    counted: Counted,
}

const LONG: i64 = 30_000;

/// What holds a row holds all before it; they go one after the other, not one inside the other.
#[tokio::test]
async fn a_long_chain_is_walked_and_goes() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Version>().await.unwrap();
    let rows = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {LONG})
         INSERT INTO chain_versions (pk, before_id) SELECT i, nullif(i - 1, 0) FROM n"
    );
    raw_execute(&db, &rows).await;
    let last = db.get::<Version>(LONG).await.unwrap().unwrap();
    let (mut at, mut seen) = (&last, 1);
    while let Some(before) = &at.before {
        at = before.fetch().await.unwrap();
        seen += 1;
    }
    assert_eq!((seen, ALIVE.load(SeqCst)), (LONG, LONG));
    // Whoever still has one of them keeps what is before it.
    let clone = last.clone();
    let middle = clone.before.as_ref().unwrap().loaded().unwrap().before.clone().unwrap();
    drop(last);
    drop(clone);
    assert_eq!(ALIVE.load(SeqCst), LONG - 2);
    let mut changed = middle.loaded().unwrap().clone();
    drop(middle);
    changed.before.as_mut().unwrap().set(1);
    assert_eq!(ALIVE.load(SeqCst), 1);
    drop(std::thread::spawn(move || drop(changed)).join());
    assert_eq!(ALIVE.load(SeqCst), 0);
}
