//! `auto_commit(false)`: one implicit transaction for the handle and its clones.

use sqliter_async::prelude::*;

use crate::models::{User, user};
use crate::support::File;

async fn count(db: &SqliterDb) -> i64 {
    db.select::<User>().count().await.unwrap()
}

async fn manual(file: &File) -> SqliterDb {
    let db = SqliterDb::builder().filename(&file.path).auto_commit(false).create().await.unwrap();
    assert!(!db.auto_commit());
    db.create_table::<User>().await.unwrap();
    db
}

/// CON-17, CON-18, TX-9
#[tokio::test]
async fn nothing_is_kept_before_it_is_committed() {
    let file = File::new();
    let (db, outside) = (manual(&file).await, file.open().await);
    assert!(!db.in_transaction());
    db.insert(user("Ann", 1)).await.unwrap();
    let clone = db.clone();
    clone.bulk_insert([user("Bob", 2)]).await.unwrap();
    assert!(db.in_transaction());
    assert_eq!((count(&db).await, count(&outside).await), (2, 0));
    db.commit().await.unwrap();
    assert_eq!(count(&outside).await, 2);

    db.select::<User>().delete().await.unwrap();
    db.rollback().await.unwrap();
    assert_eq!(count(&db).await, 2);
    db.insert(user("lost", 3)).await.unwrap();
    db.close().await;
    assert_eq!(count(&outside).await, 2);
    // Nothing to do is no error.
    db.commit().await.unwrap();
    outside.commit().await.unwrap();
    outside.rollback().await.unwrap();
}

#[derive(Debug, Clone, DbModel)]
struct Member {
    pk: Pk<Self>,
    #[field(gte = 0)]
    age: i64,
}

#[tokio::test]
async fn a_write_that_is_refused_begins_nothing() {
    let file = File::new();
    let db = manual(&file).await;
    db.create_table::<Member>().await.unwrap();
    let mut member = Member::builder().age(1).insert(&db).await.unwrap();
    db.commit().await.unwrap();
    member.age = -1;
    assert!(matches!(db.update(&mut member).await, Err(Error::Validation(_))));
    assert!(matches!(db.insert(member.clone()).await, Err(Error::Validation(_))));
    assert!(matches!(db.save(&mut member).await, Err(Error::Validation(_))));
    assert!(!db.in_transaction());
}

/// TBL-21
#[tokio::test]
async fn definitions_commit_at_once_unless_a_transaction_is_open() {
    let file = File::new();
    let (db, outside) = (manual(&file).await, file.open().await);
    assert_eq!(outside.table_names().await.unwrap(), ["users"]);
    db.insert(user("Ann", 1)).await.unwrap();
    db.drop_table::<User>().await.unwrap();
    assert_eq!(outside.table_names().await.unwrap(), ["users"]);
    db.rollback().await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["users"]);
}

#[tokio::test]
async fn a_block_takes_over_what_was_begun() {
    let file = File::new();
    let (db, outside) = (manual(&file).await, file.open().await);
    db.insert(user("before", 1)).await.unwrap();
    db.transaction(async |tx| -> Result<()> { tx.insert(user("inside", 1)).await.map(drop) }).await.unwrap();
    assert_eq!(count(&outside).await, 2);
    assert!(!db.in_transaction());
    db.insert(user("before", 2)).await.unwrap();
    let failed: Result<()> = db
        .transaction(async |tx| {
            tx.insert(user("inside", 2)).await?;
            Err(Error::Closed)
        })
        .await;
    failed.unwrap_err();
    assert_eq!((count(&db).await, count(&outside).await), (2, 2));
}

/// CRUD-22
#[tokio::test]
async fn a_failed_call_leaves_the_pending_work_alone() {
    let file = File::new();
    let (db, outside) = (manual(&file).await, file.open().await);
    db.insert(User { pk: Pk::of(1), ..user("Ann", 1) }).await.unwrap();
    db.insert(User { pk: Pk::of(1), ..user("Bob", 1) }).await.unwrap_err();
    db.delete::<User>(9).await.unwrap_err();
    db.bulk_insert([user("Cid", 1), User { pk: Pk::of(1), ..user("Dan", 1) }]).await.unwrap_err();
    db.commit().await.unwrap();
    assert_eq!(count(&outside).await, 1);
}

#[tokio::test]
async fn committing_the_handle_inside_a_block_is_an_error() {
    for auto_commit in [true, false] {
        let db = SqliterDb::builder().memory().auto_commit(auto_commit).create().await.unwrap();
        db.create_table::<User>().await.unwrap();
        db.transaction(async |tx| -> Result<()> {
            tx.insert(user("Ann", 1)).await?;
            for err in [db.commit().await.unwrap_err(), db.rollback().await.unwrap_err()] {
                assert!(matches!(err, Error::InvalidTransaction(_)), "{err:?}");
            }
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(count(&db).await, 1);
    }
}
