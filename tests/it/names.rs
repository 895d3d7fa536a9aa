//! Names that SQL has other plans for.

use sqliter_async::prelude::*;

use crate::support::{on_both, raw};

#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(table = "order", index(group), unique_index(select, r#where))]
struct Keywords {
    #[pk(column = "primary")]
    pk: Pk<Self>,
    select: String,
    #[field(column = "from")]
    origin: i64,
    r#where: Option<String>,
    group: bool,
    r#type: f64,
}

fn row() -> Keywords {
    Keywords { pk: Pk::unset(), select: "s".into(), origin: 1, r#where: None, group: true, r#type: 0.5 }
}

/// TBL-16
#[tokio::test]
async fn sql_keywords_work_as_names_everywhere() {
    on_both(async |db| {
        db.create_table::<Keywords>().await.unwrap();
        db.create_table_with::<Keywords>(TableOptions::new().force(true)).await.unwrap();
        let mut stored = db.insert(row()).await.unwrap();
        assert_eq!(db.get::<Keywords>(&stored.pk).await.unwrap().unwrap(), stored);
        stored.r#where = Some("w".into());
        db.update(&mut stored).await.unwrap();
        let query = db
            .select::<Keywords>()
            .filter(
                Keywords::SELECT.eq("s") & Keywords::ORIGIN.eq(1) & Keywords::WHERE.eq("w") & Keywords::GROUP.eq(true),
            )
            .order((Keywords::TYPE.desc(), "-from", Keywords::GROUP));
        assert_eq!(query.fetch_all().await.unwrap(), [stored.clone()]);
        assert_eq!(query.fetch_last().await.unwrap().unwrap(), stored);
        assert_eq!(query.update(Keywords::ORIGIN.set(Keywords::ORIGIN + 1)).await.unwrap(), 0x1);
        assert_eq!(db.bulk_insert((0..250).map(|_| row())).await.unwrap().len(), 250);
        db.delete::<Keywords>(&stored).await.unwrap();
        assert_eq!(db.select::<Keywords>().limit(100).delete().await.unwrap(), 100);
        assert_eq!(db.table_names().await.unwrap(), ["order"]);
        db.drop_table::<Keywords>().await.unwrap();
    })
    .await;
}

#[derive(Debug, Clone, DbModel)]
#[model(table = "we\"ird 'name' 🦀 ?1;--")]
struct Weird {
    pk: Pk<Self>,
    #[field(column = "a \"b\" ?2 'c' 🦀", index, unique)]
    value: String,
}

#[tokio::test]
async fn quotes_placeholders_and_emoji_work_as_names() {
    on_both(async |db| {
        db.create_table::<Weird>().await.unwrap();
        let w = Weird::builder().value("v").insert(&db).await.unwrap();
        assert_eq!(db.get::<Weird>(&w.pk).await.unwrap().unwrap().value, "v");
        assert_eq!(
            db.select::<Weird>().filter(Weird::VALUE.starts_with("v")).order(Weird::VALUE).count().await.unwrap(),
            1
        );
        let err = Weird::builder().value("v").insert(&db).await.unwrap_err();
        assert!(matches!(err.kind(), ErrorKind::Unique { .. }), "{err}");
        assert_eq!(
            raw(&db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'we%'").await,
            ["we\"ird 'name' 🦀 ?1;--"]
        );
    })
    .await;
}

macro_rules! named {
    ($($model:ident => $table:literal,)*) => {
        $(
            #[derive(Debug, Clone, DbModel)]
            #[allow(dead_code)]
            #[model(database = "names")]
            struct $model { pk: Pk<Self> }
        )*
        /// TBL-13
        #[test]
        fn tables_are_named_after_their_models() {
            $(assert_eq!($model::table_name(), $table);)*
        }
    };
}
named! {
    Book => "books", PersonModel => "people", HTTPServer => "http_servers", Category => "categories", BlogPost => "blog_posts",
    Child => "children", Address => "addresses", OrderItem => "order_items", Box => "boxes", Status => "statuses",
    Quiz => "quizzes", Day => "days", Sheep => "sheep", Series => "series", Mouse => "mice", UserV2 => "user_v2s",
}
