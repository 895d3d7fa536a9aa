//! What errors say.

use crate::fixtures::Book;
use sqliter_core::{
    DatabaseError, DbType, DecodeError, EncodeError, Error, ErrorKind, Operation, Pk, ValidationError, ValueRef,
};
use std::error::Error as _;

fn refusal(kind: ErrorKind) -> DatabaseError {
    DatabaseError { kind, code: Some(1), message: "it said no".into() }
}

const OPERATIONS: [Operation; 6] = [
    Operation::CreateTable,
    Operation::DropTable,
    Operation::Insert,
    Operation::Update,
    Operation::Delete,
    Operation::Fetch,
];

/// ERR-2, ERR-4
#[test]
fn each_operation_has_its_sentence() {
    let said = OPERATIONS.map(|o| o.error("users", refusal(ErrorKind::Full)).to_string());
    assert_eq!(
        said,
        [
            "Failed to create the table: 'users' (it said no (code 1))",
            "Failed to delete the table: 'users' (it said no (code 1))",
            "Failed to insert record into table: 'users' (it said no (code 1))",
            "Failed to update record in table: 'users' (it said no (code 1))",
            "Failed to delete record from table: 'users' (it said no (code 1))",
            "Failed to fetch record from table: 'users' (it said no (code 1))",
        ]
    );
}

/// ERR-1, ERR-3
#[test]
fn each_operation_has_its_variant_and_keeps_the_cause() {
    for (operation, name) in OPERATIONS.into_iter().zip([
        "TableCreation",
        "TableDeletion",
        "RecordInsertion",
        "RecordUpdate",
        "RecordDeletion",
        "RecordFetch",
    ]) {
        let err = operation.error("users", refusal(ErrorKind::Interrupted));
        assert!(format!("{err:?}").starts_with(&format!("{name} {{")), "{err:?}");
        assert_eq!(err.kind(), ErrorKind::Interrupted);
        assert_eq!(err.source().unwrap().to_string(), "it said no (code 1)");
    }
}

/// ERR-1, ERR-6
#[test]
fn a_foreign_key_violation_is_one_whatever_the_operation() {
    let said = |o: Operation| o.error("books", refusal(ErrorKind::ForeignKey)).to_string();
    assert_eq!(
        said(Operation::Insert),
        "Foreign key constraint violation: Cannot insert record - referenced record does not exist (table 'books')"
    );
    assert_eq!(
        said(Operation::Update),
        "Foreign key constraint violation: Cannot update record - referenced record does not exist (table 'books')"
    );
    let delete = "Foreign key constraint violation: Cannot delete record - referenced record still has records that \
                  refer to it (table 'books')";
    assert_eq!(said(Operation::Delete), delete);
    assert_eq!(said(Operation::DropTable), delete);
    assert_eq!(Operation::Insert.error("books", refusal(ErrorKind::ForeignKey)).kind(), ErrorKind::ForeignKey);
}

#[test]
fn a_cause_says_what_to_do_next_where_that_is_known() {
    let said = |kind| DatabaseError { kind, code: None, message: "no".into() }.to_string();
    assert_eq!(said(ErrorKind::NoSuchTable("t".into())), "no; create it with `db.create_table::<Model>()`");
    assert_eq!(said(ErrorKind::NoSuchColumn("c".into())), "no; the table in the file is not the one of the model");
    assert_eq!(said(ErrorKind::ReadOnly), "no; the file or the handle is read-only");
    assert_eq!(said(ErrorKind::Busy), "no");
    let other = DatabaseError::other("odd");
    assert_eq!((other.to_string(), other.kind, other.code), ("odd".to_owned(), ErrorKind::Other, None));
}

/// ERR-2, ERR-4
#[test]
fn the_other_variants_say_this() {
    let texts: Vec<String> = [
        Error::DatabaseConnection { path: "a.db".into(), reason: "no such folder".into(), source: None },
        Error::InvalidOption("readers: 0".into()),
        Error::InvalidOffset(-1),
        Error::InvalidOrder("'x' does not exist in model fields.".into()),
        Error::RecordNotFound { table: "users".into(), key: "7".into() },
        Error::InvalidFilter { field: "x".into(), reason: "why".into() },
        Error::InvalidProjection("no fields".into()),
        Error::InvalidUpdate("no".into()),
        Error::SqlExecution { sql: "SELEC 1".into(), cause: Box::new(DatabaseError::other("near \"SELEC\"")) },
        Error::InvalidIndex { model: "User".into(), fields: "a, b".into() },
        Error::InvalidRelationship {
            path: "a__b".into(),
            segment: "b".into(),
            model: "User".into(),
            hint: "; did you mean 'c'?".into(),
        },
        Error::Encode { table: "t".into(), column: "c".into(), source: EncodeError::new("no room") },
        Error::Closed,
        Error::Busy("held since main.rs:3".into()),
        Error::from(ValidationError::missing("User", "name")),
    ]
    .iter()
    .map(ToString::to_string)
    .collect();
    assert_eq!(
        texts,
        [
            "Failed to connect to the database: 'a.db' (no such folder)",
            "Invalid option: readers: 0",
            "Invalid offset value: '-1'. Offset must be a positive integer.",
            "Invalid order value - 'x' does not exist in model fields.",
            "Failed to find that record in the table (key '7') - 'users' has no such row",
            "Failed to apply filter: invalid field 'x' - why",
            "Invalid projection query operation: no fields",
            "Invalid update operation: no",
            "Failed to execute SQL: 'SELEC 1' (near \"SELEC\")",
            "Invalid fields for indexing in model 'User': a, b",
            "Invalid relationship path 'a__b': field 'b' is not a valid foreign key relationship on model User; did you \
             mean 'c'?",
            "Cannot store column 'c' of table 't': no room",
            "The database is closed: call `connect()` to open it again",
            "The database is busy: held since main.rs:3",
            "1 validation error for User\nname\n  Field required [type=missing, input_value={}, input_type=dict]",
        ]
    );
}

#[test]
fn a_row_that_cannot_be_read_is_found_by_table_key_and_column() {
    let source = || i64::decode(ValueRef::Text(b"x")).unwrap_err();
    let decode = |key: Option<&str>, source: DecodeError| {
        Error::Decode { table: "t".into(), key: key.map(str::to_owned), source }.to_string()
    };
    let wrong = "expected an integer, found the text \"x\"";
    assert_eq!(
        decode(Some("3"), source().in_column("age")),
        format!("Cannot read column 'age' of table 't' (key 3): {wrong}")
    );
    assert_eq!(decode(None, source().in_column("age")), format!("Cannot read column 'age' of table 't': {wrong}"));
    assert_eq!(decode(None, source()), format!("Cannot read table 't': {wrong}"));
}

/// ERR-3
#[test]
fn an_error_chains_what_caused_it() {
    let err = Error::Encode { table: "t".into(), column: "c".into(), source: EncodeError::new("no room") };
    assert_eq!(err.source().unwrap().to_string(), "no room");
    let err = Error::Decode { table: "t".into(), key: None, source: DecodeError::new("odd") };
    assert_eq!(err.source().unwrap().to_string(), "odd");
    assert!(Error::Closed.source().is_none());
}

#[test]
fn the_kind_is_the_cause_and_other_where_the_database_had_no_part() {
    let unique = || ErrorKind::Unique { table: "users".into(), columns: vec!["email".into()] };
    assert_eq!(Operation::Insert.error("users", refusal(unique())).kind(), unique());
    let failed = Error::SqlExecution { sql: String::new(), cause: Box::new(refusal(ErrorKind::Corrupt)) };
    assert_eq!(failed.kind(), ErrorKind::Corrupt);
    assert_eq!(Error::Busy(String::new()).kind(), ErrorKind::Busy);
    for err in [Error::Closed, Error::InvalidOffset(-1), Pk::<Book>::unset().value().unwrap_err()] {
        assert_eq!(err.kind(), ErrorKind::Other);
    }
}

#[test]
fn the_kind_of_a_failed_connection_is_that_of_its_source() {
    let connection = |source: Option<Box<dyn std::error::Error + Send + Sync>>| {
        Error::DatabaseConnection { path: "a.db".into(), reason: "no".into(), source }.kind()
    };
    assert_eq!(connection(Some(Box::new(refusal(ErrorKind::Io)))), ErrorKind::Io);
    assert_eq!(connection(Some("something else".into())), ErrorKind::Other);
    assert_eq!(connection(None), ErrorKind::Other);
}

#[test]
fn a_validation_error_serialises_as_the_list_of_its_errors() {
    let err = ValidationError::missing("User", "name");
    assert_eq!(err.errors()[0].loc, ["name"]);
    assert_eq!(
        serde_json::to_value(&err).unwrap(),
        serde_json::json!([{"type": "missing", "loc": ["name"], "msg": "Field required", "input": {}}])
    );
}

#[test]
fn an_error_can_cross_threads() {
    let err = std::thread::spawn(|| Operation::Fetch.error("users", refusal(ErrorKind::Io))).join().unwrap();
    assert_eq!(err.kind(), ErrorKind::Io);
}
