//! The apps: the same quickstart and the same 30 models, as each library writes them.

use std::fmt::Write;

/// Models of the large app.
pub(crate) const MODELS: usize = 30;

/// A library, and how an app with it looks.
pub(crate) struct Library {
    pub(crate) name: &'static str,
    /// The lines of `[dependencies]`.
    pub(crate) dependencies: String,
    pub(crate) quickstart: &'static str,
    /// The module of the nth model, with a function `run` that uses it.
    pub(crate) model: fn(usize) -> String,
    /// The main file of the app whose modules are given.
    pub(crate) main: fn(&str) -> String,
}

/// All of them.
pub(crate) fn libraries(ours: &str) -> [Library; 3] {
    [
        Library {
            name: "sqliter",
            dependencies: format!("sqliter-async = {{ path = {ours:?} }}\n{TOKIO}"),
            quickstart: SQLITER,
            model: sqliter_model,
            main: sqliter_main,
        },
        Library {
            name: "diesel",
            dependencies:
                "diesel = { version = \"2.3\", features = [\"sqlite\", \"returning_clauses_for_sqlite_3_35\"] }\n\
                           libsqlite3-sys = { version = \"0.37\", features = [\"bundled\"] }\n"
                    .to_owned(),
            quickstart: DIESEL,
            model: diesel_model,
            main: diesel_main,
        },
        Library {
            name: "sea-orm",
            dependencies: format!(
                "sea-orm = {{ version = \"2.0\", features = [\"runtime-tokio\", \"sqlx-sqlite\"] }}\n{TOKIO}"
            ),
            quickstart: SEA_ORM,
            model: sea_orm_model,
            main: sea_orm_main,
        },
    ]
}

const TOKIO: &str = "tokio = { version = \"1.47\", features = [\"macros\", \"rt-multi-thread\"] }\n";

/// Declares the modules, and calls each of them.
pub(crate) fn modules() -> (String, String) {
    let (mut declared, mut called) = (String::new(), String::new());
    for n in 0..MODELS {
        let _ = writeln!(declared, "mod model{n};");
        let _ = writeln!(called, "    model{n}::run(&mut db)@?;");
    }
    (declared, called)
}

const SQLITER: &str = include_str!("quickstart/sqliter.rs.txt");
const DIESEL: &str = include_str!("quickstart/diesel.rs.txt");
const SEA_ORM: &str = include_str!("quickstart/seaorm.rs.txt");

fn sqliter_main(called: &str) -> String {
    let called = called.replace('@', ".await");
    format!(
        "use sqliter_async::prelude::*;\n\n#[tokio::main]\nasync fn main() -> Result<()> {{\n    let mut db = \
         SqliterDb::memory().await?;\n{called}    Ok(())\n}}\n"
    )
}

fn sqliter_model(n: usize) -> String {
    format!(
        "use sqliter_async::prelude::*;

#[derive(Debug, Clone, DbModel)]
pub struct Item{n} {{
    pub pk: Pk<Self>,
    pub title: String,
    pub year: Option<i64>,
    pub rating: f64,
    pub done: bool,
    pub note: Option<String>,
    pub count: i64,
}}

#[derive(Debug, Clone, DbModel)]
pub struct Part{n} {{
    pub pk: Pk<Self>,
    pub name: String,
    #[foreign_key(related_name = \"parts\")]
    pub item: ForeignKey<Item{n}>,
}}

pub async fn run(db: &mut SqliterDb) -> Result<()> {{
    db.create_tables::<(Item{n}, Part{n})>().await?;
    let mut item = Item{n}::builder().title(\"a\").rating(1.5).done(false).count(1).insert(&*db).await?;
    Part{n}::builder().name(\"b\").item(&item).insert(&*db).await?;
    item.count += 1;
    db.update(&mut item).await?;
    let items = db.select::<Item{n}>().filter(Item{n}::COUNT.gt(1) & Item{n}::DONE.eq(false)).order(Item{n}::TITLE).fetch_all().await?;
    let parts = db.select::<Part{n}>().select_related(Part{n}::ITEM).fetch_all().await?;
    println!(\"{{}} {{}} {{}}\", items.len(), parts.len(), parts[0].item.loaded()?.title);
    Ok(())
}}
"
    )
}

fn diesel_main(called: &str) -> String {
    let called = called.replace('@', "");
    format!(
        "use diesel::prelude::*;\n\nfn main() -> Result<(), Box<dyn std::error::Error>> {{\n    let mut db = \
         SqliteConnection::establish(\":memory:\")?;\n{called}    Ok(())\n}}\n"
    )
}

fn diesel_model(n: usize) -> String {
    format!(
        "use diesel::connection::SimpleConnection;
use diesel::prelude::*;

diesel::table! {{
    item{n}s (pk) {{
        pk -> BigInt,
        title -> Text,
        year -> Nullable<BigInt>,
        rating -> Double,
        done -> Bool,
        note -> Nullable<Text>,
        count -> BigInt,
    }}
}}

diesel::table! {{
    part{n}s (pk) {{
        pk -> BigInt,
        name -> Text,
        item_id -> BigInt,
    }}
}}

diesel::joinable!(part{n}s -> item{n}s (item_id));
diesel::allow_tables_to_appear_in_same_query!(item{n}s, part{n}s);

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, AsChangeset)]
#[diesel(table_name = item{n}s, primary_key(pk))]
pub struct Item{n} {{
    pub pk: i64,
    pub title: String,
    pub year: Option<i64>,
    pub rating: f64,
    pub done: bool,
    pub note: Option<String>,
    pub count: i64,
}}

#[derive(Insertable)]
#[diesel(table_name = item{n}s)]
pub struct NewItem{n}<'a> {{
    pub title: &'a str,
    pub year: Option<i64>,
    pub rating: f64,
    pub done: bool,
    pub note: Option<&'a str>,
    pub count: i64,
}}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = part{n}s, primary_key(pk), belongs_to(Item{n}, foreign_key = item_id))]
pub struct Part{n} {{
    pub pk: i64,
    pub name: String,
    pub item_id: i64,
}}

#[derive(Insertable)]
#[diesel(table_name = part{n}s)]
pub struct NewPart{n}<'a> {{
    pub name: &'a str,
    pub item_id: i64,
}}

pub fn run(db: &mut SqliteConnection) -> QueryResult<()> {{
    db.batch_execute(
        \"CREATE TABLE item{n}s (pk INTEGER PRIMARY KEY, title TEXT NOT NULL, year INTEGER, rating REAL NOT NULL, done INTEGER NOT \\
         NULL, note TEXT, count INTEGER NOT NULL); CREATE TABLE part{n}s (pk INTEGER PRIMARY KEY, name TEXT NOT NULL, item_id INTEGER \\
         NOT NULL REFERENCES item{n}s)\",
    )?;
    let new = NewItem{n} {{ title: \"a\", year: None, rating: 1.5, done: false, note: None, count: 1 }};
    let mut item: Item{n} =
        diesel::insert_into(item{n}s::table).values(new).returning(Item{n}::as_returning()).get_result(db)?;
    diesel::insert_into(part{n}s::table).values(NewPart{n} {{ name: \"b\", item_id: item.pk }}).execute(db)?;
    item.count += 1;
    diesel::update(item{n}s::table.find(item.pk)).set(&item).execute(db)?;
    let items: Vec<Item{n}> = item{n}s::table
        .filter(item{n}s::count.gt(1).and(item{n}s::done.eq(false)))
        .order(item{n}s::title)
        .select(Item{n}::as_select())
        .load(db)?;
    let parts: Vec<(Part{n}, Item{n})> =
        part{n}s::table.inner_join(item{n}s::table).select((Part{n}::as_select(), Item{n}::as_select())).load(db)?;
    println!(\"{{}} {{}} {{}}\", items.len(), parts.len(), parts[0].1.title);
    Ok(())
}}
"
    )
}

fn sea_orm_main(called: &str) -> String {
    let called = called.replace('@', ".await");
    format!(
        "use sea_orm::{{Database, DbErr}};\n\n#[tokio::main]\nasync fn main() -> Result<(), DbErr> {{\n    let mut db = \
         Database::connect(\"sqlite::memory:\").await?;\n{called}    Ok(())\n}}\n"
    )
}

fn sea_orm_model(n: usize) -> String {
    format!(
        "use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{{ExprTrait, IntoActiveModel, QueryOrder, Schema}};

pub mod item {{
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = \"item{n}s\")]
    pub struct Model {{
        #[sea_orm(primary_key)]
        pub pk: i64,
        pub title: String,
        pub year: Option<i64>,
        pub rating: f64,
        pub done: bool,
        pub note: Option<String>,
        pub count: i64,
        #[sea_orm(has_many)]
        pub parts: HasMany<super::part::Entity>,
    }}

    impl ActiveModelBehavior for ActiveModel {{}}
}}

pub mod part {{
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = \"part{n}s\")]
    pub struct Model {{
        #[sea_orm(primary_key)]
        pub pk: i64,
        pub name: String,
        pub item_id: i64,
        #[sea_orm(belongs_to, from = \"item_id\", to = \"pk\")]
        pub item: BelongsTo<super::item::Entity>,
    }}

    impl ActiveModelBehavior for ActiveModel {{}}
}}

pub async fn run(db: &mut DatabaseConnection) -> Result<(), DbErr> {{
    let schema = Schema::new(db.get_database_backend());
    db.execute(&schema.create_table_from_entity(item::Entity)).await?;
    db.execute(&schema.create_table_from_entity(part::Entity)).await?;
    let new = item::ActiveModel {{
        title: Set(\"a\".to_owned()),
        rating: Set(1.5),
        done: Set(false),
        count: Set(1),
        ..Default::default()
    }};
    let item = new.insert(db).await?;
    part::ActiveModel {{ name: Set(\"b\".to_owned()), item_id: Set(item.pk), ..Default::default() }}.insert(db).await?;
    let mut changed = item.into_active_model();
    changed.count = Set(2);
    changed.update(db).await?;
    let items = item::Entity::find()
        .filter(item::Column::Count.gt(1).and(item::Column::Done.eq(false)))
        .order_by_asc(item::Column::Title)
        .all(db)
        .await?;
    let parts = part::Entity::find().find_also_related(item::Entity).all(db).await?;
    println!(\"{{}} {{}} {{:?}}\", items.len(), parts.len(), parts[0].1.as_ref().map(|i| &i.title));
    Ok(())
}}
"
    )
}
