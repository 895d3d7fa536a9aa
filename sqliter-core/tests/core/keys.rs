//! Keys, rows and values on their way in and out.

use crate::fixtures::{Book, Setting, Word, params};
use sqliter_core::{DbModel, Encoded, Error, IntoKey, Pk, Row, Value, ValueRef};
use std::collections::HashSet;

#[test]
fn a_key_prints_compares_and_hashes_as_itself() {
    let (one, two) = (Pk::<Book>::of(1), Pk::<Book>::of(2));
    assert_eq!(format!("{one} {one:?} {:>3}", two), "1 1   2");
    assert_eq!(format!("{} {:?}", Pk::<Book>::unset(), Pk::<Book>::unset()), "unset unset");
    assert!(one < two && Pk::unset() < one);
    assert_eq!(HashSet::from([one.clone(), two, Pk::of(1)]).len(), 2);
    assert_eq!(Pk::<Word, String>::from("x"), Pk::of("x".to_owned()));
    assert_eq!(Pk::<Book>::from(1), one);
}

#[test]
fn a_key_serialises_as_itself_and_unset_as_null() {
    assert_eq!(serde_json::to_string(&[Pk::<Book>::of(1), Pk::unset()]).unwrap(), "[1,null]");
    let read: Vec<Pk<Book>> = serde_json::from_str("[1,null]").unwrap();
    assert_eq!(read, [Pk::of(1), Pk::unset()]);
}

#[test]
fn the_key_of_a_row_that_was_not_inserted_is_an_error_with_advice() {
    assert_eq!(Pk::<Book>::of(3).value().unwrap(), 3);
    let err = Pk::<Book>::unset().value().unwrap_err();
    assert!(
        matches!(&err, Error::RecordNotFound { table, key } if table == "books" && key == "unset: insert the row first")
    );
}

#[test]
fn anything_that_names_a_row_is_a_key() {
    fn stored<M: DbModel>(key: impl IntoKey<M>) -> (Value, String) {
        let key = key.into_key();
        (key.to_value().unwrap(), key.describe())
    }
    let book = Book { pk: Pk::of(7) };
    let seven = (Value::Int(7), "7".to_owned());
    assert_eq!(stored::<Book>(7), seven);
    assert_eq!(stored::<Book>(&book), seven);
    assert_eq!(stored::<Book>(&book.pk), seven);
    assert_eq!(stored::<Book>(book.pk), seven);
    assert_eq!(stored::<Book>(Pk::unset()), (Value::Null, "unset".to_owned()));
    assert_eq!(stored::<Word>("x"), (Value::from("x"), "x".to_owned()));
    assert_eq!(stored::<Word>("x".to_owned()), (Value::from("x"), "x".to_owned()));
}

struct Stored(Vec<Value>);
impl Row for Stored {
    fn value(&self, index: usize) -> ValueRef<'_> {
        self.0[index].as_ref()
    }
    fn local_time(&self) -> bool {
        false
    }
}

#[test]
fn a_row_is_written_and_read_back_from_any_position() {
    let row = Setting { pk: "volume".into(), value: Some("high".into()), weight: 9, created_at: 1, updated_at: 2 };
    let mut stored = vec![Value::from("something else")];
    stored.extend((0..5).map(|i| row.encode_column(i, false).unwrap().into_value()));
    assert_eq!(stored[1..], params!["volume", "high", 9, 1, 2]);
    assert_eq!(Setting::decode_row(&Stored(stored), 1).unwrap(), row);
}

#[test]
fn a_column_that_does_not_fit_is_named() {
    let err = Setting::decode_row(&Stored(params!["volume", None::<&str>, 256, 1, 2]), 0).unwrap_err();
    assert_eq!(err.column.as_deref(), Some("weight"));
    assert_eq!(err.to_string(), "the integer 256 is out of range for `u8`");
    let err = Setting::decode_row(&Stored(params!["volume", "x", None::<i64>, 1, 2]), 0).unwrap_err();
    assert_eq!(err.column.as_deref(), Some("weight"));
    assert_eq!(err.to_string(), "NULL, and the field is not an `Option`: make it one, or repair the row");
}

#[test]
fn values_convert_from_plain_types() {
    assert_eq!(
        params![1_u8, -1_i64, true, 0.5_f32, "a", "b".to_owned(), vec![1_u8], None::<i64>, Some("c")],
        [
            Value::Int(1),
            Value::Int(-1),
            Value::Int(1),
            Value::Real(0.5),
            Value::Text("a".into()),
            Value::Text("b".into()),
            Value::Blob(vec![1]),
            Value::Null,
            Value::Text("c".into()),
        ]
    );
}

#[test]
fn values_survive_being_borrowed() {
    for value in params![None::<i64>, 1, 0.5, "é\0", vec![0xFF_u8]] {
        assert_eq!(value.as_ref().to_value(), value);
        assert_eq!(value.as_encoded().into_value(), value);
    }
    assert!(matches!(Value::from("a").as_encoded(), Encoded::Text(std::borrow::Cow::Borrowed("a"))));
}

#[test]
fn text_that_is_not_utf_8_becomes_bytes() {
    assert_eq!(ValueRef::Text(b"\xFFa").to_value(), Value::Blob(b"\xFFa".to_vec()));
}

#[test]
fn values_print_as_sql() {
    let printed: Vec<_> =
        params![None::<i64>, -1, 1.0, "it's", vec![1_u8, 2]].iter().map(ToString::to_string).collect();
    assert_eq!(printed, ["NULL", "-1", "1.0", "'it''s'", "<2 bytes>"]);
}
