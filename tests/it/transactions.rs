//! Transactions: the closure, the guard, savepoints, snapshots, and who belongs to them.

use std::time::Duration;

use sqliter_async::prelude::*;

use crate::models::{Account, Owner, Pet, User, account, user};
use crate::support::{File, on_both, raw, raw_execute};

async fn count(db: &SqliterDb) -> i64 {
    db.select::<User>().count().await.unwrap()
}

fn failure() -> Error {
    Error::InvalidOption("on purpose".to_owned())
}

/// TX-1, TX-2, TX-5
#[tokio::test]
async fn a_closure_commits_on_ok_and_rolls_back_on_err() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let given = db
            .transaction(async |tx| -> Result<i64> {
                assert!(tx.in_transaction() && db.in_transaction());
                let ann = tx.insert(user("Ann", 1)).await?;
                tx.bulk_insert((0..200).map(|i| user("u", i))).await?;
                tx.select::<User>().filter(User::NAME.eq("u")).limit(100).delete().await?;
                ann.pk.value()
            })
            .await
            .unwrap();
        assert_eq!((given, count(&db).await), (1, 101));
        assert!(!db.in_transaction());

        let err = db
            .transaction(async |tx| -> Result<()> {
                tx.insert(user("Bob", 1)).await?;
                tx.update_where::<User>(None, User::AGE.set(0)).await?;
                tx.drop_table::<User>().await?;
                assert_eq!(tx.table_names().await?, Vec::<String>::new());
                Err(failure())
            })
            .await
            .unwrap_err();
        assert!(matches!(err, Error::InvalidOption(_)), "{err:?}");
        assert_eq!(count(&db).await, 101);
        assert_eq!(db.select::<User>().filter(User::AGE.gt(0)).count().await.unwrap(), 101);
    })
    .await;
}

#[tokio::test]
async fn any_error_type_will_do() {
    #[derive(Debug, PartialEq)]
    enum AppError {
        Db(String),
        TooPoor,
    }
    impl From<Error> for AppError {
        fn from(e: Error) -> Self {
            AppError::Db(e.to_string())
        }
    }
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<User>().await.unwrap();
    let poor = db
        .transaction(async |tx| {
            tx.insert(user("Ann", 1)).await?;
            Err::<(), _>(AppError::TooPoor)
        })
        .await;
    assert_eq!(poor, Err(AppError::TooPoor));
    let missing: Result<(), AppError> = db.transaction(async |tx| Ok(tx.delete::<User>(7).await?)).await;
    assert!(matches!(missing, Err(AppError::Db(_))), "{missing:?}");
    assert_eq!(count(&db).await, 0);
}

/// TX-3, TX-4
#[tokio::test]
async fn a_nested_transaction_is_a_savepoint() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.transaction(async |tx| -> Result<()> {
            tx.insert(user("outer", 1)).await?;
            // In every spelling: by `tx`, by `db`, by the guard.
            for spelling in 0..3 {
                let inner = async |t: Transaction| -> Result<()> {
                    t.insert(user("inner", spelling)).await?;
                    db.insert(user("inner", spelling)).await?;
                    assert_eq!(count(&tx).await, 3 + spelling);
                    Err(failure())
                };
                let caught = match spelling {
                    0 => tx.transaction(inner).await,
                    1 => db.transaction(inner).await,
                    _ => {
                        let guard = tx.begin().await?;
                        guard.insert(user("inner", 9)).await?;
                        drop(guard);
                        Err(failure())
                    }
                };
                caught.unwrap_err();
                assert_eq!(count(&tx).await, 1 + spelling);
                tx.transaction(async |t| -> Result<()> { t.insert(user("kept", spelling)).await.map(drop) }).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
        let names: Vec<_> = db.select::<User>().order(User::PK).fetch_all().await.unwrap();
        assert_eq!(names.iter().map(|u| u.name.as_str()).collect::<Vec<_>>(), ["outer", "kept", "kept", "kept"]);
    })
    .await;
}

/// TX-6, BULK-6, BULK-8
#[tokio::test]
async fn a_call_that_fails_and_is_caught_leaves_nothing_behind() {
    on_both(async |db| {
        db.create_table::<Account>().await.unwrap();
        db.transaction(async |tx| -> Result<()> {
            tx.insert(account("a", 1)).await?;
            let clash = (0..150).map(|i| account(if i == 149 { "a" } else { "x" }, i));
            tx.bulk_insert(clash).await.unwrap_err();
            tx.insert(account("a", 2)).await.unwrap_err();
            let mut many = [account("b", 1), account("a", 1)];
            tx.bulk_save(&mut many).await.unwrap_err();
            tx.select::<Account>().update(Account::BALANCE.set(-1)).await.unwrap_err();
            assert_eq!(tx.select::<Account>().count().await?, 1);
            tx.insert(account("c", 3)).await?;
            Ok(())
        })
        .await
        .unwrap();
        let emails: Vec<_> = db.select::<Account>().order("email").fetch_all().await.unwrap();
        assert_eq!(emails.iter().map(|a| a.email.as_str()).collect::<Vec<_>>(), ["a", "c"]);
    })
    .await;
}

/// TX-10
#[tokio::test]
async fn another_task_never_joins_unless_it_is_given_the_transaction() {
    let file = File::new();
    let db = file.open().await;
    db.create_table::<User>().await.unwrap();
    let (entered, wait) = tokio::sync::oneshot::channel::<()>();
    let other = tokio::spawn({
        let db = db.clone();
        async move {
            wait.await.unwrap();
            // Reads see the last commit, a write waits its turn.
            assert_eq!(count(&db).await, 0);
            assert!(!db.in_transaction());
            db.insert(user("other", 1)).await.unwrap();
        }
    });
    let failed: Result<()> = db
        .transaction(async |tx| {
            tx.insert(user("mine", 1)).await?;
            entered.send(()).unwrap();
            let given = tx.clone();
            tokio::spawn(async move { given.insert(user("given", 1)).await.unwrap() }).await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert_eq!(count(&tx).await, 2);
            Err(failure())
        })
        .await;
    failed.unwrap_err();
    other.await.unwrap();
    let left = db.select::<User>().fetch_all().await.unwrap();
    assert_eq!(left.iter().map(|u| u.name.as_str()).collect::<Vec<_>>(), ["other"]);
}

/// TX-7
#[tokio::test]
async fn what_is_used_after_the_end_says_so() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        let mut kept = None;
        db.transaction(async |tx| -> Result<()> {
            kept = Some(tx.clone());
            tx.insert(user("Ann", 1)).await.map(drop)
        })
        .await
        .unwrap();
        let kept = kept.unwrap();
        assert!(!kept.in_transaction());
        for err in [
            kept.insert(user("Bob", 1)).await.map(drop).unwrap_err(),
            kept.select::<User>().fetch_all().await.map(drop).unwrap_err(),
            kept.transaction(async |_| -> Result<()> { Ok(()) }).await.unwrap_err(),
        ] {
            assert!(matches!(err, Error::TransactionEnded), "{err:?}");
        }
        // Committed early: what follows in the closure is outside.
        db.transaction(async |tx| -> Result<()> {
            let also = tx.clone();
            tx.insert(user("Bob", 1)).await?;
            tx.commit().await?;
            assert!(matches!(also.insert(user("Cid", 1)).await, Err(Error::TransactionEnded)));
            db.insert(user("Dan", 1)).await.map(drop)
        })
        .await
        .unwrap();
        assert_eq!(count(&db).await, 3);
    })
    .await;
}

/// TX-11
#[tokio::test]
async fn a_guard_rolls_back_when_it_is_dropped() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        for end in ["commit", "rollback", "drop"] {
            let tx = db.begin().await.unwrap();
            tx.insert(user(end, 1)).await.unwrap();
            assert_eq!(count(&tx).await, if end == "commit" { 1 } else { 2 });
            match end {
                "commit" => tx.commit().await.unwrap(),
                "rollback" => tx.rollback().await.unwrap(),
                _ => drop(tx),
            }
        }
        let left = db.select::<User>().fetch_all().await.unwrap();
        assert_eq!(left.iter().map(|u| u.name.as_str()).collect::<Vec<_>>(), ["commit"]);
    })
    .await;
}

#[tokio::test]
async fn a_guard_held_across_a_write_of_the_same_task_is_busy_and_not_a_hang() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).busy_timeout(Duration::from_millis(100)).create().await.unwrap();
    db.create_table::<User>().await.unwrap();
    let task = tokio::spawn(async move {
        let tx = db.begin().await.unwrap();
        let err = db.insert(user("Ann", 1)).await.unwrap_err();
        tx.insert(user("Bob", 1)).await.unwrap();
        tx.commit().await.unwrap();
        (err, count(&db).await)
    });
    let (err, count) = task.await.unwrap();
    assert!(matches!(err, Error::Busy(_)), "{err:?}");
    let text = err.to_string();
    assert!(text.contains("transactions.rs:") && text.contains("same task") && text.contains("`tx`"), "{text}");
    assert_eq!(count, 1);
}

#[tokio::test]
async fn calls_in_one_transaction_may_run_at_the_same_time() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.transaction(async |tx| -> Result<()> {
            let nested = |name: &'static str, fail: bool| {
                let tx = tx.clone();
                async move {
                    tx.transaction(async |t| -> Result<()> {
                        t.insert(user(name, 1)).await?;
                        tokio::task::yield_now().await;
                        t.bulk_insert((0..150).map(|i| user(name, i))).await?;
                        if fail { Err(failure()) } else { Ok(()) }
                    })
                    .await
                }
            };
            let (a, b, c, d) =
                tokio::join!(nested("a", false), nested("b", true), tx.insert(user("plain", 1)), nested("c", false),);
            a?;
            b.unwrap_err();
            c?;
            d?;
            Ok(())
        })
        .await
        .unwrap();
        for (name, expected) in [("a", 151), ("b", 0), ("c", 151), ("plain", 1)] {
            assert_eq!(db.select::<User>().filter(User::NAME.eq(name)).count().await.unwrap(), expected, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_dropped_transaction_is_rolled_back_and_the_writer_is_free() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.bulk_insert((0..1000).map(|i| user("old", i))).await.unwrap();
        for pause in [0, 1, 5] {
            let transaction = db.transaction(async |tx| -> Result<()> {
                tx.insert(user("new", 1)).await?;
                tx.update_where::<User>(None, User::NAME.set("changed")).await?;
                tx.transaction(async |t| -> Result<()> {
                    t.insert(user("new", 2)).await?;
                    std::future::pending().await
                })
                .await
            });
            assert!(tokio::time::timeout(Duration::from_millis(pause), transaction).await.is_err());
            tokio::time::timeout(Duration::from_secs(3), db.insert(user("after", 1))).await.unwrap().unwrap();
        }
        assert_eq!(db.select::<User>().filter(User::NAME.is_in(["new", "changed"])).count().await.unwrap(), 0);
        assert_eq!(count(&db).await, 1003);
    })
    .await;
}

#[tokio::test]
async fn a_panic_in_a_transaction_rolls_back() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<User>().await.unwrap();
    let task = tokio::spawn({
        let db = db.clone();
        async move {
            let _: Result<()> = db
                .transaction(async |tx| {
                    tx.insert(user("Ann", 1)).await?;
                    std::panic::resume_unwind(Box::new("on purpose"));
                })
                .await;
        }
    });
    assert!(task.await.unwrap_err().is_panic());
    db.insert(user("Bob", 1)).await.unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn a_read_transaction_is_one_snapshot_and_waits_for_nobody() {
    let file = File::new();
    let db = file.open().await;
    db.create_table::<User>().await.unwrap();
    db.insert(user("Ann", 1)).await.unwrap();
    let writer = db.clone();
    db.read_transaction(async |tx| -> Result<()> {
        assert_eq!(count(&tx).await, 1);
        tokio::spawn(async move { writer.insert(user("Bob", 1)).await.unwrap() }).await.unwrap();
        assert_eq!(count(&tx).await, 1);
        assert_eq!(tx.select::<User>().page(1, 10).await?.total, 1);
        let err = tx.insert(user("Cid", 1)).await.unwrap_err();
        assert_eq!(err.kind(), ErrorKind::ReadOnly);
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(count(&db).await, 2);
    db.insert(user("Dan", 1)).await.unwrap();

    let open = db.begin().await.unwrap();
    open.insert(user("Eve", 1)).await.unwrap();
    let seen = db.read_transaction(async |tx| -> Result<i64> { tx.select::<User>().count().await }).await.unwrap();
    assert_eq!(seen, 3);
    open.rollback().await.unwrap();
}

#[tokio::test]
async fn a_transaction_is_run_again_when_the_database_was_busy() {
    let file = File::new();
    let db = SqliterDb::builder().filename(&file.path).busy_timeout(Duration::from_millis(50)).create().await.unwrap();
    db.create_table::<User>().await.unwrap();
    let mut other = db.pool().acquire().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *other).await.unwrap();
    let err = db.transaction(async |tx| -> Result<()> { tx.insert(user("Ann", 1)).await.map(drop) }).await.unwrap_err();
    assert!(matches!(err, Error::Busy(_)), "{err:?}");
    let (_, done) = tokio::join!(
        async {
            tokio::time::sleep(Duration::from_millis(80)).await;
            sqlx::raw_sql("ROLLBACK").execute(&mut *other).await.unwrap();
        },
        db.transaction_with(TransactionOptions::new().retries(20), async |tx| -> Result<()> {
            tx.insert(user("Ann", 1)).await.map(drop)
        })
    );
    done.unwrap();
    assert_eq!(count(&db).await, 1);
    let read = TransactionOptions::new().read_only();
    let n = db.transaction_with(read, async |tx| -> Result<i64> { tx.select::<User>().count().await }).await.unwrap();
    assert_eq!(n, 1);
}

#[tokio::test]
async fn a_transaction_that_sqlite_ended_is_aborted() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        raw_execute(
            &db,
            "CREATE TRIGGER stop BEFORE INSERT ON users WHEN new.age < 0 BEGIN SELECT RAISE(ROLLBACK, 'stopped'); END",
        )
        .await;
        let err = db
            .transaction(async |tx| -> Result<()> {
                tx.insert(user("Ann", 1)).await?;
                tx.insert(user("Bob", -1)).await.unwrap_err();
                assert!(matches!(tx.insert(user("Cid", 1)).await, Err(Error::TransactionAborted)));
                assert!(matches!(db.select::<User>().count().await, Err(Error::TransactionAborted)));
                Ok(())
            })
            .await
            .unwrap_err();
        assert!(matches!(err, Error::TransactionAborted), "{err:?}");
        assert_eq!(count(&db).await, 0);
        db.insert(user("Dan", 1)).await.unwrap();
    })
    .await;
}

/// CON-9, TBL-20
#[tokio::test]
async fn definitions_are_part_of_the_transaction() {
    on_both(async |db| {
        db.create_tables::<(Owner, Pet)>().await.unwrap();
        Owner::builder().name("Ann").insert(&db).await.unwrap();
        Pet::builder().name("Rex").owner_id(1).insert(&db).await.unwrap();
        let failed: Result<()> = db
            .transaction(async |tx| {
                tx.create_table::<User>().await?;
                tx.reset().await?;
                assert!(tx.table_names().await?.is_empty());
                Err(failure())
            })
            .await;
        failed.unwrap_err();
        assert_eq!(db.table_names().await.unwrap(), ["owners", "pets"]);
        assert_eq!(db.select::<Pet>().count().await.unwrap(), 1);
        db.transaction(async |tx| -> Result<()> { tx.reset().await }).await.unwrap();
        assert!(db.table_names().await.unwrap().is_empty());
        db.create_tables::<(Owner, Pet)>().await.unwrap();
        let err = Pet::builder().name("Rex").owner_id(1).insert(&db).await.unwrap_err();
        assert_eq!(err.kind(), ErrorKind::ForeignKey);
    })
    .await;
}

/// TX-8, CON-20
#[tokio::test]
async fn closing_rolls_back_what_is_open() {
    let file = File::new();
    let db = file.open().await;
    db.create_table::<User>().await.unwrap();
    let err = db
        .transaction(async |tx| -> Result<()> {
            tx.insert(user("Ann", 1)).await?;
            tokio::time::timeout(Duration::from_secs(3), db.close()).await.expect("closing ends");
            Ok(())
        })
        .await
        .unwrap_err();
    assert!(matches!(err, Error::TransactionEnded), "{err:?}");
    db.connect().await.unwrap();
    let guard = db.begin().await.unwrap();
    guard.insert(user("Bob", 1)).await.unwrap();
    tokio::time::timeout(Duration::from_secs(3), db.close()).await.expect("closing ends");
    assert!(matches!(guard.insert(user("Cid", 1)).await, Err(Error::Closed)));
    db.connect().await.unwrap();
    assert_eq!(count(&db).await, 0);
    assert_eq!(raw(&db, "PRAGMA integrity_check").await, ["ok"]);
}
