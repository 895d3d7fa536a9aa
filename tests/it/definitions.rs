//! What a model says of its table, and what the file makes of it.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use sqliter_async::prelude::*;

use crate::models::{Owner, Pet};
use crate::support::{on_both, raw, raw_execute};

#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(table = "notes", index(ref_id, text), unique_index(label, ref_id))]
struct Note {
    #[pk(column = "note id")]
    pk: Pk<Self>,
    #[field(column = "rr", references = Owner)]
    ref_id: i64,
    #[field(column = "body")]
    text: String,
    #[field(column = "the label", index)]
    label: String,
}

/// The columns of each index of a table, as the file has them: `NULL` for what is no column.
async fn indexes(db: &SqliterDb, table: &str) -> Vec<String> {
    let sql = format!(
        "SELECT i.name || ': ' || group_concat(coalesce(c.name, 'NULL')) FROM pragma_index_list('{table}') AS i, \
         pragma_index_info(i.name) AS c WHERE i.origin = 'c' GROUP BY i.name ORDER BY i.name"
    );
    raw(db, &sql).await
}

/// TBL-9, TBL-10
#[tokio::test]
async fn indexes_are_over_columns_whatever_their_fields_are_called() {
    on_both(async |db| {
        db.create_tables::<(Owner, Note, Pet)>().await.unwrap();
        assert_eq!(
            indexes(&db, "notes").await,
            [
                "idx_notes_rr: rr",
                "idx_notes_rr_body: rr,body",
                "idx_notes_the label: the label",
                "idx_notes_the label_rr_unique: the label,rr",
            ]
        );
        // A foreign key has one without being asked, and SQLite uses it.
        assert_eq!(indexes(&db, "pets").await, ["idx_pets_owner_id: owner_id"]);
        let plan = db.select::<Pet>().filter(Pet::OWNER_ID.eq(1)).explain().await.unwrap();
        assert!(plan.contains("idx_pets_owner_id"), "{plan}");
        let plan = db.select::<Note>().filter(Note::REF_ID.eq(1) & Note::TEXT.eq("x")).explain().await.unwrap();
        assert!(plan.contains("idx_notes_rr"), "{plan}");
    })
    .await;
}

/// TBL-32
#[tokio::test]
async fn the_key_is_the_column_that_the_model_names() {
    assert_eq!((Owner::primary_key(), Note::primary_key()), ("pk", "note id"));
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Owner, Note)>().await.unwrap();
    assert_eq!(raw(&db, "SELECT name FROM pragma_table_info('notes') WHERE pk = 1").await, ["note id"]);
    Owner::builder().name("Ann").insert(&db).await.unwrap();
    let note = Note::builder().ref_id(1).text("t").label("l").insert(&db).await.unwrap();
    assert_eq!(db.get::<Note>(&note).await.unwrap(), Some(note.clone()));
    // Every model has a key: what is inserted can be found.
    assert_eq!(db.select::<Note>().filter(Note::PK.eq(1)).fetch_one().await.unwrap(), Some(note));
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Member {
    pk: Pk<Self>,
    #[field(unique)]
    email: String,
    #[field(unique)]
    phone: Option<String>,
    #[field(unique)]
    number: Option<i64>,
}

fn member(email: &str, phone: Option<&str>, number: Option<i64>) -> Member {
    Member { pk: Pk::unset(), email: email.into(), phone: phone.map(str::to_owned), number }
}

/// TBL-11
#[tokio::test]
async fn unique_fields_are_unique_each_for_itself() {
    assert_eq!(Member::create_table_sql().matches(" UNIQUE").count(), 3);
    on_both(async |db| {
        db.create_table::<Member>().await.unwrap();
        let unique = |column: &str| ErrorKind::Unique { table: "members".into(), columns: vec![column.into()] };
        for row in [
            member("a@b", Some("1"), Some(1)),
            // NULLs never collide; the empty text is a value, and case matters.
            member("b@b", None, None),
            member("c@b", None, None),
            member("A@B", Some(""), None),
            member("", Some("2"), Some(2)),
        ] {
            db.insert(row).await.unwrap();
        }
        for (row, column) in [
            (member("a@b", Some("9"), Some(9)), "email"),
            (member("", Some("9"), Some(9)), "email"),
            (member("d@b", Some("1"), Some(9)), "phone"),
            (member("d@b", Some(""), Some(9)), "phone"),
            (member("d@b", Some("9"), Some(1)), "number"),
        ] {
            let err = db.insert(row.clone()).await.unwrap_err();
            assert_eq!(err.kind(), unique(column), "{row:?}");
            let err = db.bulk_insert([member("e@b", None, None), row]).await.unwrap_err();
            assert_eq!(err.kind(), unique(column));
        }
        assert_eq!(db.select::<Member>().count().await.unwrap(), 5);

        let mut second = db.get::<Member>(2).await.unwrap().unwrap();
        second.phone = Some("1".into());
        assert_eq!(db.update(&mut second).await.unwrap_err().kind(), unique("phone"));
        let err = db.select::<Member>().update(Member::NUMBER.set(7)).await.unwrap_err();
        assert_eq!(err.kind(), unique("number"));
        second.phone = Some("3".into());
        second.number = Some(3);
        db.update(&mut second).await.unwrap();
        // A row does not collide with itself, and a value that was given up is free.
        db.update(&mut second).await.unwrap();
        db.delete::<Member>(1).await.unwrap();
        db.insert(member("a@b", Some("1"), Some(1))).await.unwrap();
    })
    .await;
}

macro_rules! odd_names {
    ($($model:ident: $table:tt, $key:tt, $column:tt;)*) => {
        $(
            #[derive(Debug, Clone, PartialEq, DbModel)]
            #[model(table = $table, index(value), unique_index(pk, value), database = "odd names")]
            struct $model {
                #[pk(column = $key)]
                pk: Pk<Self>,
                #[field(column = $column)]
                value: String,
            }
        )*
        async fn each_odd_name(db: &SqliterDb) -> Vec<&'static str> {
            $(
                db.create_table::<$model>().await.unwrap();
                let mut row = $model::builder().value("v").insert(db).await.unwrap();
                row.value = "w".into();
                db.update(&mut row).await.unwrap();
                let query = db.select::<$model>().filter($model::VALUE.eq("w") & $model::PK.eq(1)).order($model::VALUE);
                assert_eq!(query.fetch_all().await.unwrap(), [row.clone()], $table);
                assert_eq!(query.update($model::VALUE.set("x")).await.unwrap(), 1);
                assert_eq!(db.select::<$model>().filter(lookup($column, "x")).count().await.unwrap(), 1);
                assert_eq!(db.get::<$model>(&row).await.unwrap().unwrap().value, "x");
                db.bulk_insert((0..120).map(|_| $model { pk: Pk::unset(), value: "y".into() })).await.unwrap();
                db.create_table_with::<$model>(TableOptions::new().force(true)).await.unwrap();
                assert_eq!(db.select::<$model>().count().await.unwrap(), 0);
            )*
            vec![$($table),*]
        }
    };
}
odd_names! {
    Emoji: "🦀🦀", "🔑", "🎈 value";
    Quoted: "say \"hi\", it's `me` [x]", "\"", "''\"\"''";
    Broken: "two\nlines\t\r", "key\n", "col\numn";
    Trailing: "a\n", "id\n", "b\n";
    Attack: "x\"; DROP TABLE notes; --", "1", "a\", b) VALUES (1); --";
    Number: "2fast", "0", "9 lives";
    Blank: " ", "  ", "   ";
    Accent: "Größe_Ñ", "ключ", "値";
    Literal: "?1 :a @b $c", "NULL", "'text'";
}

/// TBL-14, TBL-15
#[tokio::test]
async fn any_name_works_because_every_name_is_quoted() {
    on_both(async |db| {
        raw_execute(&db, "CREATE TABLE notes (x); INSERT INTO notes VALUES (1)").await;
        let tables = each_odd_name(&db).await;
        assert_eq!(db.table_names().await.unwrap()[1..], tables);
        assert_eq!(raw(&db, "SELECT CAST(x AS TEXT) FROM notes").await, ["1"]);
    })
    .await;
}

mod plain {
    use sqliter_async::prelude::*;

    /// Nothing is left of this name without its `Model`.
    #[derive(Debug, Clone, DbModel)]
    #[model(database = "odd names")]
    pub(super) struct Model {
        pub(super) pk: Pk<Self>,
    }
}

/// TBL-15
#[tokio::test]
async fn a_model_that_is_called_model_has_a_name() {
    assert_eq!(plain::Model::table_name(), "models");
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<plain::Model>().await.unwrap();
    assert_eq!(plain::Model::builder().insert(&db).await.unwrap().pk.get(), Some(1));
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Measure {
    pk: Pk<Self>,
    whole: Option<i64>,
    real: Option<f64>,
    day: Option<NaiveDate>,
    moment: Option<DateTime<Utc>>,
    #[field(store = "seconds")]
    seconds: Option<DateTime<Utc>>,
    flag: Option<bool>,
}

fn measure(n: i64, real: f64) -> Measure {
    let moment = Utc.timestamp_opt(n * 86_400, 0).unwrap();
    Measure {
        pk: Pk::unset(),
        whole: Some(n),
        real: Some(real),
        day: Some(moment.date_naive()),
        moment: Some(moment),
        seconds: Some(moment),
        flag: Some(n > 9),
    }
}

/// TBL-24
#[tokio::test]
async fn optional_numbers_and_dates_are_numbers_and_dates() {
    on_both(async |db| {
        db.create_table::<Measure>().await.unwrap();
        let rows =
            db.bulk_insert([measure(10, 10.0), measure(9, 9.5), measure(-3, -3.25), measure(100, 1e2)]).await.unwrap();
        let nothing = Measure::builder().insert(&db).await.unwrap();
        assert_eq!(
            raw(&db, "SELECT DISTINCT typeof(whole) || ' ' || typeof(real) || ' ' || typeof(day) || ' ' || typeof(seconds) FROM measures").await,
            ["integer real text integer", "null null null null"]
        );
        let wholes = async |query: Query<Measure>| -> Vec<Option<i64>> {
            query.fetch_all().await.unwrap().iter().map(|m| m.whole).collect()
        };
        let all = db.select::<Measure>();
        let day = |n: i64| Utc.timestamp_opt(n * 86_400, 0).unwrap().date_naive();
        for order in ["whole", "real", "day", "moment", "seconds"] {
            let sorted = wholes(all.clone().filter(Measure::WHOLE.is_not_null()).order(order)).await;
            assert_eq!(sorted, [Some(-3), Some(9), Some(10), Some(100)], "{order}");
        }
        for filter in [
            Measure::WHOLE.gt(9),
            Measure::REAL.gt(9.5),
            Measure::DAY.gt(day(9)),
            Measure::MOMENT.gt(rows[1].moment),
            Measure::SECONDS.gt(rows[1].seconds),
            Measure::FLAG.eq(true),
        ] {
            assert_eq!(wholes(all.clone().filter(filter.clone()).order("whole")).await, [Some(10), Some(100)], "{filter:?}");
        }
        assert_eq!(wholes(all.clone().filter(Measure::REAL.eq(10))).await, [Some(10)]);
        assert_eq!(all.clone().order(Measure::WHOLE).fetch_last().await.unwrap(), Some(rows[3].clone()));
        assert_eq!(db.get::<Measure>(&nothing).await.unwrap(), Some(nothing));
    })
    .await;
}

/// TBL-24
#[tokio::test]
async fn optional_floats_keep_every_digit() {
    on_both(async |db| {
        db.create_table::<Measure>().await.unwrap();
        for real in [0.1 + 0.2, 1.0 / 3.0, f64::MAX, f64::MIN_POSITIVE, 5e-324, -0.1, 123_456_789.123_456_79, 1e22] {
            let mut row = db.insert(Measure { real: Some(real), ..measure(1, 0.0) }).await.unwrap();
            assert_eq!(db.get::<Measure>(&row).await.unwrap().unwrap().real.unwrap().to_bits(), real.to_bits());
            assert_eq!(db.select::<Measure>().filter(Measure::REAL.eq(real)).count().await.unwrap(), 1, "{real:?}");
            row.real = None;
            db.update(&mut row).await.unwrap();
            db.select::<Measure>().update(Measure::REAL.set(real)).await.unwrap();
            let read = db.select::<Measure>().fetch_one().await.unwrap().unwrap();
            assert_eq!(read.real.unwrap().to_bits(), real.to_bits());
            db.select::<Measure>().delete().await.unwrap();
        }
    })
    .await;
}

/// TBL-28
#[tokio::test]
async fn a_parent_may_come_later_but_before_the_first_child() {
    on_both(async |db| {
        db.create_table::<Pet>().await.unwrap();
        let rex = || Pet::builder().name("Rex").owner_id(1);
        let err = rex().insert(&db).await.unwrap_err();
        assert!(matches!(&err, Error::RecordInsertion { table, .. } if table == "pets"), "{err:?}");
        assert!(matches!(err.kind(), ErrorKind::NoSuchTable(t) if t.ends_with("owners")), "{err:?}");
        assert!(err.to_string().contains("create_table::<Model>()"), "{err}");
        db.create_table::<Owner>().await.unwrap();
        assert!(matches!(rex().insert(&db).await, Err(Error::ForeignKeyConstraint { .. })));
        Owner::builder().name("Ann").insert(&db).await.unwrap();
        rex().insert(&db).await.unwrap();
    })
    .await;
}

#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(table = "staff", index(name), unique_index(email), timestamps = false)]
struct Employee {
    pk: Pk<Self>,
    name: String,
    email: String,
}

/// As an employee, and more: what its own attributes do not say it does not have.
#[derive(Debug, Clone, PartialEq, DbModel)]
struct Manager {
    pk: Pk<Self>,
    name: String,
    email: String,
    level: i64,
}

/// The table of the employees, seen by someone who needs less of it.
#[derive(Debug, Clone, PartialEq, DbModel)]
#[model(table = "staff", timestamps = false, database = "odd names")]
struct StaffName {
    pk: Pk<Self>,
    name: String,
}

/// TBL-30
#[tokio::test]
async fn a_model_has_the_table_and_the_indexes_that_it_names_itself() {
    assert_eq!((Employee::table_name(), Manager::table_name()), ("staff", "managers"));
    let db = SqliterDb::memory().await.unwrap();
    db.create_tables::<(Employee, Manager)>().await.unwrap();
    assert_eq!(indexes(&db, "staff").await, ["idx_staff_email_unique: email", "idx_staff_name: name"]);
    assert_eq!(indexes(&db, "managers").await, Vec::<String>::new());
    for _ in 0..2 {
        Manager::builder().name("Ann").email("same").level(1).insert(&db).await.unwrap();
    }
    let bob = Employee::builder().name("Bob").email("b@b").insert(&db).await.unwrap();
    assert_eq!((db.select::<Employee>().count().await.unwrap(), db.select::<Manager>().count().await.unwrap()), (1, 2));
    // Sharing a table is possible, by saying so.
    assert_eq!(db.get::<StaffName>(1).await.unwrap().unwrap().name, bob.name);
    db.select::<StaffName>().update(StaffName::NAME.set("Rob")).await.unwrap();
    assert_eq!(db.get::<Employee>(1).await.unwrap(), Some(Employee { name: "Rob".into(), ..bob }));
}

/// TBL-33
#[test]
fn a_name_is_worked_out_once_and_for_all() {
    let names: Vec<_> = (0..3).map(|_| (Member::table_name(), Member::primary_key())).collect();
    for (table, key) in &names {
        assert!(std::ptr::eq(*table, names[0].0) && std::ptr::eq(*key, names[0].1));
        assert!(std::ptr::eq(*table, Member::schema().table));
    }
    let there = std::thread::spawn(Member::table_name).join().unwrap();
    assert!(std::ptr::eq(there, names[0].0));
    // It is known when the program is compiled: no name is made when it runs.
    const NAME: &str = Member::EMAIL.name();
    assert_eq!(NAME, "email");
    assert!(std::ptr::eq(Member::schema(), Member::schema()));
}
