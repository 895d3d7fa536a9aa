//! What `debug(true)` logs.

use sqliter_async::prelude::*;
use tracing::level_filters::LevelFilter;

use crate::models::{User, user};
use crate::support::Collector;

#[derive(Debug, Clone, DbModel)]
#[model(timestamps = false)]
struct Login {
    pk: Pk<Self>,
    name: String,
    #[field(redact)]
    password: String,
    data: Vec<u8>,
}

/// Everything on the caller's thread, where the collector listens.
async fn logged(debug: bool, work: impl AsyncFn(&SqliterDb)) -> Vec<String> {
    let collector = Collector::new(LevelFilter::TRACE);
    let _guard = tracing::subscriber::set_default(collector.clone());
    let db =
        SqliterDb::builder().memory().debug(debug).execution(sqliter_async::Execution::Inline).create().await.unwrap();
    work(&db).await;
    collector.lines().into_iter().map(|(level, message)| format!("{level} {message}")).collect()
}

/// LOG-1, LOG-2
#[tokio::test]
async fn every_statement_is_logged_once_with_its_values() {
    let lines = logged(true, async |db| {
        db.create_table::<User>().await.unwrap();
        db.insert(user("O'Hara", 1)).await.unwrap();
        db.select::<User>().filter(User::NAME.eq("a?1") & User::NICK.eq(None)).limit(3).fetch_all().await.unwrap();
        db.get::<User>(1).await.unwrap();
        db.bulk_insert([user("b", 2)]).await.unwrap();
        db.delete::<User>(1).await.unwrap();
    })
    .await;
    let now = lines[1].split(", ").nth(4).map(str::to_owned);
    assert_eq!(lines.len(), 6, "{lines:#?}");
    assert!(lines[0].starts_with(r#"DEBUG Executing SQL: CREATE TABLE "users""#), "{}", lines[0]);
    assert!(lines[1].contains(r#"VALUES ("#) && lines[1].ends_with("'O''Hara', 1, NULL)"), "{} {now:?}", lines[1]);
    assert_eq!(
        lines[2],
        r#"DEBUG Executing SQL: SELECT "pk", "name", "age", "nick" FROM "users" WHERE "name" = 'a?1' AND "nick" IS NULL LIMIT 3"#
    );
    assert!(lines[3].ends_with(r#"FROM "users" WHERE "pk" = 1"#), "{}", lines[3]);
    assert!(lines[4].ends_with("'b', 2, NULL)"), "{}", lines[4]);
    assert_eq!(lines[5], r#"DEBUG Executing SQL: DELETE FROM "users" WHERE "pk" = 1"#);
}

#[tokio::test]
async fn nothing_is_logged_without_debug() {
    let lines = logged(false, async |db| {
        db.create_table::<User>().await.unwrap();
        db.insert(user("a", 1)).await.unwrap();
    })
    .await;
    assert_eq!(lines, Vec::<String>::new());
}

/// LOG-3
#[tokio::test]
async fn secrets_and_large_values_stay_out_of_the_log() {
    let lines = logged(true, async |db| {
        db.create_table::<Login>().await.unwrap();
        let mut login =
            Login::builder().name("n".repeat(500)).password("hunter2").data(vec![7; 90]).insert(db).await.unwrap();
        db.update(&mut login).await.unwrap();
        db.bulk_insert((0..200).map(|_| Login { pk: Pk::unset(), ..login.clone() })).await.unwrap();
        db.select::<Login>()
            .filter(Login::PASSWORD.eq("hunter2") | Login::PASSWORD.contains("unte"))
            .count()
            .await
            .unwrap();
        db.select::<Login>().filter(Login::PASSWORD.is_in(vec!["hunter2"; 300])).count().await.unwrap();
        db.select::<Login>().filter(lookup("password__startswith", "hunter")).count().await.unwrap();
        db.select::<Login>().update((Login::PASSWORD.set("hunter2"), assign("data", vec![1u8, 2]))).await.unwrap();
    })
    .await;
    assert!(lines.iter().any(|l| l.contains("<redacted>")), "{lines:#?}");
    for line in &lines {
        assert!(!line.contains("hunte") && !line.contains("unte'"), "{line}");
        assert!(!line.contains("nnnn"), "{line}");
    }
    assert!(lines[1].ends_with("VALUES (<text of 500 bytes>, <redacted>, <90 bytes>)"), "{}", lines[1]);
}

/// Where each insert of a handle runs: the collector hears the test's own thread only.
async fn inserts_on_this_thread(durability: sqliter_async::Durability) -> usize {
    let file = crate::support::File::new();
    let db = SqliterDb::builder().filename(&file.path).durability(durability).debug(true).create().await.unwrap();
    db.create_table::<User>().await.unwrap();
    // The first commit starts the log.
    db.insert(user("first", 1)).await.unwrap();
    let collector = Collector::new(LevelFilter::TRACE);
    let guard = tracing::subscriber::set_default(collector.clone());
    for i in 0..10 {
        db.insert(user("u", i)).await.unwrap();
    }
    drop(guard);
    collector.lines().iter().filter(|(_, line)| line.contains("INSERT")).count()
}

#[tokio::test(flavor = "current_thread")]
async fn full_durability_never_waits_for_the_disk_on_the_callers_thread() {
    assert_eq!(inserts_on_this_thread(sqliter_async::Durability::Full).await, 0);
    assert!(inserts_on_this_thread(sqliter_async::Durability::Normal).await >= 8);
}
