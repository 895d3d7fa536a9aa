//! Enums as columns.

use sqliter_async::prelude::*;

use crate::support::{on_both, raw, raw_execute};

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
enum Status {
    Draft,
    InPrint,
    #[db_enum(rename = "gone!")]
    OutOfPrint,
}

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
#[db_enum(integer)]
enum Level {
    Low = -1,
    Middle = 5,
    High,
}

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
#[db_enum(rename_all = "SCREAMING_SNAKE_CASE")]
enum Shout {
    VeryLoud,
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Print {
    pk: Pk<Self>,
    status: Status,
    level: Level,
    shout: Option<Shout>,
}

fn print(status: Status, level: Level, shout: Option<Shout>) -> Print {
    Print { pk: Pk::unset(), status, level, shout }
}

#[tokio::test]
async fn enums_are_stored_by_name_or_by_number() {
    on_both(async |db| {
        db.create_table::<Print>().await.unwrap();
        let rows = [
            print(Status::Draft, Level::Low, None),
            print(Status::InPrint, Level::Middle, Some(Shout::VeryLoud)),
            print(Status::OutOfPrint, Level::High, None),
        ];
        let rows = db.bulk_insert(rows).await.unwrap();
        assert_eq!(db.select::<Print>().order(Print::PK).fetch_all().await.unwrap(), rows);
        assert_eq!(
            raw(&db, "SELECT status || ' ' || level || ' ' || coalesce(shout, '-') FROM prints").await,
            ["draft -1 -", "in_print 5 VERY_LOUD", "gone! 6 -"]
        );
        assert_eq!(db.select::<Print>().filter(Print::STATUS.eq(Status::InPrint)).count().await.unwrap(), 1);
        assert_eq!(
            db.select::<Print>().filter(Print::LEVEL.is_in([Level::Low, Level::High])).count().await.unwrap(),
            2
        );
        assert_eq!(db.select::<Print>().update(Print::SHOUT.set(Shout::VeryLoud)).await.unwrap(), 3);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_name_is_an_error_that_lists_the_known_ones() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Print>().await.unwrap();
    raw_execute(&db, "INSERT INTO prints VALUES (1, 0, 0, 'drfat', 5, NULL), (2, 0, 0, 'draft', 7, NULL)").await;
    let err = db.get::<Print>(1).await.unwrap_err().to_string();
    for text in ["column 'status' of table 'prints' (key 1)", "drfat", "draft", "in_print", "gone!"] {
        assert!(err.contains(text), "{text}: {err}");
    }
    let err = db.get::<Print>(2).await.unwrap_err().to_string();
    assert!(err.contains("column 'level'") && err.contains('7'), "{err}");
}
