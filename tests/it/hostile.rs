//! Values and files that nobody would write in good faith.

use rust_decimal::Decimal;
use sqliter_async::prelude::*;
use uuid::Uuid;

use crate::models::{User, user};
use crate::support::{on_both, raw, raw_execute};

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Key {
    pk: Pk<Self, String>,
    #[field(unique)]
    value: String,
    maybe: Option<String>,
    bytes: Vec<u8>,
    tags: Vec<String>,
}

fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        "'",
        "''; DROP TABLE keys; --",
        "\"quoted\"",
        "`back` [bracket]",
        "nul\0inside",
        "\0",
        "trailing\0",
        "🦀👩‍👩‍👧‍👦",
        "e\u{301} is not é",
        "\u{202e}right to left",
        "\u{feff}bom",
        "line\r\nbreak\ttab",
        "%_*?[]\\",
        "?1 :a @b $c {}",
        "{\"json\": [1]}",
        "\u{10ffff}\u{d7ff}",
        "123",
        " 1e5 ",
        "NULL",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("long 🦀'".repeat(100_000));
    texts
}

#[tokio::test]
async fn any_text_goes_in_is_found_changed_and_deleted() {
    on_both(async |db| {
        db.create_table::<Key>().await.unwrap();
        let row = |t: &String| Key {
            pk: Pk::of(t.clone()),
            value: t.clone(),
            maybe: Some(t.clone()),
            bytes: t.clone().into_bytes(),
            tags: vec![t.clone()],
        };
        let rows: Vec<Key> = texts().iter().map(row).collect();
        db.bulk_insert(rows.clone()).await.unwrap();
        for row in &rows {
            let text = row.value.as_str();
            let short: String = text.chars().take(20).collect();
            assert_eq!(db.get::<Key>(text).await.unwrap().as_ref(), Some(row), "{short:?}");
            for filter in [
                Key::VALUE.eq(text),
                Key::PK.eq(text),
                Key::MAYBE.is_in([text]) & Key::BYTES.eq(text.as_bytes().to_vec()),
                Key::VALUE.between(text, text),
                Key::TAGS.eq(Json(vec![text.to_owned()])),
                Key::VALUE.starts_with(text) & Key::VALUE.eq(text) & Key::VALUE.ends_with(text),
                Key::VALUE.contains(text) & Key::VALUE.eq(text) & Key::VALUE.icontains(text),
                !Key::VALUE.ne(text),
                lookup("value", text),
                lookup("maybe__in", vec![text]),
                lookup("value__contains", text)
                    & lookup("value__istartswith", text)
                    & lookup("value__gte", text)
                    & lookup("pk", text),
            ] {
                let found = db.select::<Key>().filter(filter).fetch_all().await.unwrap();
                assert!(found == [row.clone()], "{short:?}: {} rows", found.len());
            }
            let mut changed = Key { maybe: None, ..row.clone() };
            db.update(&mut changed).await.unwrap();
            let query = db.select::<Key>().filter(Key::VALUE.eq(text));
            assert_eq!(query.update((Key::MAYBE.set(text), assign("bytes", text.as_bytes()))).await.unwrap(), 1);
            assert!(db.get::<Key>(&changed).await.unwrap().as_ref() == Some(row), "{short:?}");
            let err = db.insert(Key { pk: Pk::of("another".into()), ..row.clone() }).await.unwrap_err();
            assert!(matches!(err.kind(), ErrorKind::Unique { .. }), "{err:?}");
        }
        let all: Vec<String> = texts();
        assert_eq!(db.select::<Key>().filter(Key::VALUE.is_in(&all)).count().await.unwrap() as usize, rows.len());
        for row in &rows {
            db.delete::<Key>(row.value.as_str()).await.unwrap();
        }
        assert_eq!(db.select::<Key>().count().await.unwrap(), 0);
    })
    .await;
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Sizes {
    pk: Pk<Self>,
    small: i8,
    byte: u8,
    wide: u64,
    huge: i128,
    real: f64,
    single: f32,
    maybe: Option<f64>,
}

fn sizes() -> Sizes {
    Sizes { pk: Pk::unset(), small: 0, byte: 0, wide: 0, huge: 0, real: 0.0, single: 0.0, maybe: None }
}

#[tokio::test]
async fn infinities_are_numbers_and_nan_is_an_error_everywhere() {
    on_both(async |db| {
        db.create_table::<Sizes>().await.unwrap();
        let all = db.select::<Sizes>();
        for (real, single) in [(f64::INFINITY, f32::INFINITY), (f64::NEG_INFINITY, f32::NEG_INFINITY)] {
            let row = db.insert(Sizes { real, single, maybe: Some(real), ..sizes() }).await.unwrap();
            for filter in [
                Sizes::REAL.eq(real) & Sizes::SINGLE.eq(single) & Sizes::MAYBE.eq(real),
                Sizes::REAL.is_in([real, 1.0]) & lookup("maybe", real),
                Sizes::REAL.is_in((0..200).map(f64::from).chain([real])),
            ] {
                assert_eq!(all.clone().filter(filter).fetch_all().await.unwrap(), std::slice::from_ref(&row));
            }
            all.update(Sizes::MAYBE.set(-real)).await.unwrap();
            assert_eq!(all.fetch_one().await.unwrap().unwrap().maybe, Some(-real));
            all.delete().await.unwrap();
        }
        let mut stored = db.insert(sizes()).await.unwrap();
        let nan = f64::NAN;
        stored.real = nan;
        for err in [
            db.insert(Sizes { real: nan, ..sizes() }).await.unwrap_err(),
            db.insert(Sizes { single: f32::NAN, ..sizes() }).await.unwrap_err(),
            db.insert(Sizes { maybe: Some(nan), ..sizes() }).await.unwrap_err(),
            db.bulk_insert([sizes(), Sizes { real: nan, ..sizes() }]).await.unwrap_err(),
            db.update(&mut stored).await.unwrap_err(),
            all.update(Sizes::REAL.set(nan)).await.unwrap_err(),
            all.update(Sizes::MAYBE.set(nan)).await.unwrap_err(),
            all.update(assign("maybe", nan)).await.unwrap_err(),
            all.clone().filter(Sizes::REAL.gt(nan)).count().await.unwrap_err(),
            all.clone().filter(Sizes::MAYBE.eq(nan)).count().await.unwrap_err(),
            all.clone().filter(Sizes::REAL.is_in((0..200).map(f64::from).chain([nan]))).delete().await.unwrap_err(),
            all.clone().filter(lookup("real", nan)).count().await.unwrap_err(),
            all.clone().filter(lookup("real__in", [1.0, nan])).count().await.unwrap_err(),
        ] {
            assert!(matches!(err, Error::Encode { .. }), "{err:?}");
            assert!(err.to_string().contains("NaN"), "{err}");
        }
        assert_eq!(raw(&db, "SELECT count(*) || typeof(real) || typeof(maybe) FROM sizes").await, ["1realnull"]);
    })
    .await;
}

#[tokio::test]
async fn integers_out_of_range_are_errors_each_way() {
    on_both(async |db| {
        db.create_table::<Sizes>().await.unwrap();
        let stored = db.insert(sizes()).await.unwrap();
        let (wide, huge) = (u64::MAX, i128::from(i64::MIN) - 1);
        let mut changed = Sizes { wide, ..stored.clone() };
        let all = db.select::<Sizes>();
        for err in [
            db.insert(Sizes { wide, ..sizes() }).await.unwrap_err(),
            db.insert(Sizes { huge, ..sizes() }).await.unwrap_err(),
            db.bulk_insert([sizes(), Sizes { huge, ..sizes() }]).await.unwrap_err(),
            db.update(&mut changed).await.unwrap_err(),
            all.update(Sizes::WIDE.set(wide)).await.unwrap_err(),
            all.clone().filter(Sizes::HUGE.gt(huge)).count().await.unwrap_err(),
            all.clone().filter(Sizes::WIDE.is_in([1, wide])).count().await.unwrap_err(),
        ] {
            assert!(matches!(err, Error::Encode { .. }), "{err:?}");
        }
        assert_eq!(all.fetch_all().await.unwrap(), [stored]);
        for (column, value) in [
            ("small", "128"),
            ("small", "-129"),
            ("byte", "-1"),
            ("byte", "256"),
            ("wide", "-1"),
            ("small", "1.5"),
            ("byte", "9e18"),
            ("huge", "9.3e18"),
            ("wide", "9223372036854775808"),
            ("single", "1e39"),
        ] {
            raw_execute(&db, &format!("UPDATE sizes SET small = 0, byte = 0, wide = 0, huge = 0, single = 0; UPDATE sizes SET {column} = {value}")).await;
            let err = db.get::<Sizes>(1).await.unwrap_err();
            assert!(err.to_string().contains(&format!("column '{column}' of table 'sizes' (key 1)")), "{value}: {err}");
            assert!(matches!(err, Error::Decode { .. }), "{err:?}");
        }
        let extremes = Sizes { small: i8::MIN, byte: u8::MAX, wide: i64::MAX as u64, huge: i64::MIN.into(), ..sizes() };
        let row = db.insert(extremes).await.unwrap();
        assert_eq!(db.get::<Sizes>(&row).await.unwrap(), Some(row));
    })
    .await;
}

#[tokio::test]
async fn a_computed_number_without_room_is_an_error_and_the_row_stays_readable() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<User>().await.unwrap();
    let row = db.insert(user("Ann", i64::MAX)).await.unwrap();
    db.select::<User>().update(User::AGE.set(User::AGE + 1)).await.unwrap_err();
    assert_eq!(db.get::<User>(1).await.unwrap(), Some(row));
}

#[tokio::test]
async fn a_computed_number_that_its_field_cannot_hold_is_an_error() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Sizes>().await.unwrap();
    let row = db.insert(Sizes { byte: 200, ..sizes() }).await.unwrap();
    db.select::<Sizes>().update(Sizes::BYTE.set(Sizes::BYTE + 200)).await.unwrap_err();
    db.select::<Sizes>().update(Sizes::BYTE.set(Sizes::BYTE - 201)).await.unwrap_err();
    assert_eq!(db.get::<Sizes>(1).await.unwrap(), Some(row));
}

#[tokio::test]
async fn a_value_of_another_type_is_not_assigned() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<User>().await.unwrap();
    let row = db.insert(user("Ann", 1)).await.unwrap();
    for wrong in [Value::from("old"), Value::Real(1.5), Value::Blob(vec![1])] {
        db.select::<User>().update(assign("age", wrong.clone())).await.unwrap_err();
        assert_eq!(db.get::<User>(1).await.unwrap(), Some(row.clone()), "{wrong}");
    }
}

/// CRUD-20
#[tokio::test]
async fn null_in_a_required_column_is_refused_and_read_as_an_error() {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<User>().await.unwrap();
    db.bulk_insert([user("a", 1), user("b", 2)]).await.unwrap();
    let err = db.select::<User>().update(assign("age", Value::Null)).await.unwrap_err();
    assert!(err.to_string().contains("'age' is never NULL"), "{err}");
    assert_eq!(db.select::<User>().filter(lookup("age__isnull", true)).count().await.unwrap(), 0);

    let db = SqliterDb::memory().await.unwrap();
    raw_execute(&db, "CREATE TABLE users (pk INTEGER PRIMARY KEY, created_at, updated_at, name, age, nick)").await;
    db.bulk_insert([user("a", 1), user("b", 2)]).await.unwrap();
    raw_execute(&db, "UPDATE users SET age = NULL WHERE pk = 2").await;
    let err = db.select::<User>().order(User::PK).fetch_all().await.unwrap_err();
    assert!(err.to_string().contains("column 'age' of table 'users' (key 2): NULL"), "{err}");
    // It can be found and repaired.
    assert_eq!(db.update_where::<User>(lookup("age__isnull", true), User::AGE.set(3)).await.unwrap(), 1);
    assert_eq!(db.select::<User>().fetch_all().await.unwrap().len(), 2);
}

/// CRUD-19
#[tokio::test]
async fn a_column_that_is_missing_in_the_file_is_named_by_every_call() {
    on_both(async |db| {
        raw_execute(&db, "CREATE TABLE users (pk INTEGER PRIMARY KEY, created_at, updated_at, name TEXT, nick TEXT)")
            .await;
        raw_execute(&db, "INSERT INTO users VALUES (1, 0, 0, 'age', 'age')").await;
        let query = db.select::<User>().filter(User::AGE.gt(1));
        let mut row = User { pk: Pk::of(1), ..user("Ann", 1) };
        for err in [
            db.get::<User>(1).await.unwrap_err(),
            db.insert(user("Ann", 1)).await.unwrap_err(),
            db.bulk_insert((0..250).map(|i| user("u", i))).await.unwrap_err(),
            db.update(&mut row).await.unwrap_err(),
            query.fetch_all().await.unwrap_err(),
            query.count().await.unwrap_err(),
            query.exists().await.unwrap_err(),
            query.delete().await.unwrap_err(),
            query.update(User::NAME.set("x")).await.unwrap_err(),
            db.select::<User>().update(User::AGE.set(1)).await.unwrap_err(),
            db.select::<User>().order(User::AGE).fetch_dicts().await.unwrap_err(),
        ] {
            assert_eq!(err.kind(), ErrorKind::NoSuchColumn("age".into()), "{err}");
        }
        assert_eq!(raw(&db, "SELECT name || nick FROM users").await, ["ageage"]);
    })
    .await;
}

/// ORD-5
#[tokio::test]
async fn a_negative_limit_is_no_limit_for_every_ending() {
    on_both(async |db| {
        db.create_table::<User>().await.unwrap();
        db.bulk_insert((0..5).map(|i| user("u", i))).await.unwrap();
        for limit in [-1, -7, i64::MIN] {
            let query = db.select::<User>().order(User::PK).limit(limit);
            assert_eq!(query.fetch_all().await.unwrap().len(), 5);
            assert_eq!((query.count().await.unwrap(), query.exists().await.unwrap()), (5, true));
            assert_eq!(query.fetch_one().await.unwrap().unwrap().age, 0);
            assert_eq!(query.fetch_last().await.unwrap().unwrap().age, 4);
            assert_eq!(query.clone().offset(3).count().await.unwrap(), 2);
            assert_eq!(query.clone().offset(3).update(User::NAME.set("late")).await.unwrap(), 2);
            assert_eq!(query.update(User::NAME.set("all")).await.unwrap(), 5);
        }
        assert_eq!(db.select::<User>().limit(i64::MAX).offset(i64::MAX).count().await.unwrap(), 0);
        assert_eq!(db.select::<User>().limit(-1).delete().await.unwrap(), 5);
    })
    .await;
}

#[derive(Debug, Clone, PartialEq, DbModel)]
struct Mixed {
    pk: Pk<Self>,
    bytes: Vec<u8>,
    real: f64,
    uuid: Uuid,
    decimal: Decimal,
    text: String,
}

const MANY: u64 = 100_000;

/// Spread over all digits, and with `wild` over all that a list cannot hold as JSON: every magnitude, NUL characters.
fn mixed(n: u64, wild: bool) -> Mixed {
    let bits = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let any = f64::from_bits(bits);
    let real = if wild && !any.is_nan() { any } else { (bits >> 11) as f64 * 10f64.powi((n % 61) as i32 - 45) };
    Mixed {
        pk: Pk::unset(),
        bytes: bits.to_le_bytes()[..(n % 9) as usize].iter().chain(&n.to_le_bytes()).copied().collect(),
        real,
        uuid: Uuid::from_u128(u128::from(bits)),
        decimal: Decimal::new(bits as i64, (n % 20) as u32),
        text: if wild { format!("\0{n}") } else { format!("'\"\\{n}🦀") },
    }
}

/// Of rows every 250th number up to twice as many as there are in the lists: the first 400 are members.
async fn rows_and_lists(wild: bool) -> (SqliterDb, Vec<Mixed>, Vec<Mixed>) {
    let db = SqliterDb::memory().await.unwrap();
    db.create_table::<Mixed>().await.unwrap();
    let rows = db.bulk_insert((0..MANY * 2).step_by(250).map(|n| mixed(n, wild))).await.unwrap();
    (db, rows, (0..MANY).map(|n| mixed(n, wild)).collect())
}

async fn finds(db: &SqliterDb, filter: Filter<Mixed>, expected: &[Mixed], what: &str) {
    let found = db.select::<Mixed>().filter(filter).order(Mixed::PK).fetch_all().await.unwrap();
    assert!(found == expected, "{what}: {} of {}", found.len(), expected.len());
}

/// FIL-29
#[tokio::test]
async fn long_lists_of_any_type_find_exactly_their_members() {
    let (db, rows, members) = rows_and_lists(false).await;
    let (inside, outside) = rows.split_at(400);
    finds(&db, Mixed::BYTES.is_in(members.iter().map(|m| &m.bytes)), inside, "blobs").await;
    finds(&db, Mixed::BYTES.not_in(members.iter().map(|m| &m.bytes)), outside, "no blobs").await;
    finds(&db, Mixed::UUID.is_in(members.iter().map(|m| m.uuid)), inside, "uuids").await;
    finds(&db, Mixed::DECIMAL.is_in(members.iter().map(|m| m.decimal)), inside, "decimals").await;
    finds(&db, Mixed::TEXT.is_in(members.iter().map(|m| &m.text)), inside, "texts").await;
    finds(&db, Mixed::REAL.is_in(members.iter().map(|m| m.real)), inside, "floats").await;
}

// be between ?1 and ?32766".
#[tokio::test]
async fn long_lists_of_wild_values_find_exactly_their_members() {
    let (db, rows, members) = rows_and_lists(true).await;
    finds(&db, Mixed::REAL.is_in(members.iter().map(|m| m.real)), &rows[..400], "floats").await;
    finds(&db, Mixed::TEXT.is_in(members.iter().map(|m| &m.text)), &rows[..400], "texts").await;
}
