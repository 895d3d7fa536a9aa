//! The codecs of the built-in types but for dates and times.

use sqliter_core::{
    ColumnType, DbEnum, DbType, DecodeError, EncodeError, Encoded, Encoding, Json, SqlType, Store, Value, ValueRef,
    decode_json, encode_json,
};
use std::collections::BTreeMap;
use std::fmt::Debug;

fn stored<T: ColumnType>(value: &T) -> Value {
    value.to_sql(Encoding::default()).unwrap().into_value()
}
fn read<T: ColumnType>(value: impl Into<Value>) -> Result<T, String> {
    T::from_sql(value.into().as_ref(), Encoding::default()).map_err(|e| e.to_string())
}
/// It is stored as this, and read back as it was.
#[track_caller]
fn both_ways<T: ColumnType + PartialEq + Debug>(value: T, form: impl Into<Value>) {
    let form = form.into();
    assert_eq!(stored(&value), form);
    assert_eq!(read::<T>(form), Ok(value));
}
/// The message when something else is stored.
#[track_caller]
fn misread<T: ColumnType + Debug>(value: impl Into<Value>, message: &str) {
    assert_eq!(read::<T>(value).unwrap_err(), message);
}

macro_rules! integers_at_their_extremes {
    ($($name:ident: $t:ty;)*) => { $(
        #[test]
        fn $name() {
            both_ways(<$t>::MIN, i64::try_from(<$t>::MIN).unwrap());
            both_ways(<$t>::MAX, i64::try_from(<$t>::MAX).unwrap());
            both_ways(Some(<$t>::MAX), i64::try_from(<$t>::MAX).unwrap());
            assert_eq!(<$t as DbType>::SQL_TYPE, SqlType::Integer);
        }
    )* };
}
integers_at_their_extremes! {
    an_i8_is_an_integer: i8;
    an_i16_is_an_integer: i16;
    an_i32_is_an_integer: i32;
    an_i64_is_an_integer: i64;
    a_u8_is_an_integer: u8;
    a_u16_is_an_integer: u16;
    a_u32_is_an_integer: u32;
}

#[test]
fn wide_integers_are_stored_as_far_as_the_column_reaches() {
    both_ways(i64::MAX as u64, i64::MAX);
    both_ways(i128::from(i64::MIN), i64::MIN);
    both_ways(0_u128, 0);
    both_ways(-1_isize, -1);
    both_ways(1_usize, 1);
    let refused = |e: EncodeError| e.to_string();
    let message = "the `u64` 9223372036854775808 does not fit a column: integers there have 64 bits and a sign";
    assert_eq!((i64::MAX as u64 + 1).encode().map_err(refused), Err(message.to_owned()));
    let message = "the `i128` -9223372036854775809 does not fit a column: integers there have 64 bits and a sign";
    assert_eq!((i128::from(i64::MIN) - 1).encode().map_err(refused), Err(message.to_owned()));
}

#[test]
fn a_stored_integer_out_of_range_is_an_error() {
    misread::<u8>(256, "the integer 256 is out of range for `u8`");
    misread::<u8>(-1, "the integer -1 is out of range for `u8`");
    misread::<i32>(i64::MIN, "the integer -9223372036854775808 is out of range for `i32`");
    misread::<u64>(-1, "the integer -1 is out of range for `u64`");
    misread::<Option<i8>>("300", "the integer 300 is out of range for `i8`");
}

#[test]
fn an_integer_is_read_from_whole_floats_and_digits() {
    assert_eq!(read::<i64>(3.0), Ok(3));
    assert_eq!(read::<i64>(-(2_f64.powi(63))), Ok(i64::MIN));
    assert_eq!(read::<i64>("-42"), Ok(-42));
    misread::<i64>(3.5, "expected an integer, found the number 3.5");
    misread::<i64>(2_f64.powi(63), "expected an integer, found the number 9.223372036854776e18");
    misread::<i64>("3.0", "expected an integer, found the text \"3.0\"");
    misread::<i64>("", "expected an integer, found the text \"\"");
    misread::<i64>(vec![1_u8, 2], "expected an integer, found a BLOB of 2 bytes");
}

#[test]
fn a_float_is_stored_as_it_is_but_never_nan() {
    for value in [0.0, f64::MIN, f64::MAX, f64::MIN_POSITIVE, f64::INFINITY, f64::NEG_INFINITY, 0.1] {
        both_ways(value, value);
    }
    both_ways(f32::MAX, f64::from(f32::MAX));
    both_ways(Some(0.1_f32), f64::from(0.1_f32));
    assert_eq!(stored(&-0.0_f64).to_string(), "-0.0");
    for refused in [f64::NAN.encode(), f32::NAN.encode()] {
        assert_eq!(refused.unwrap_err().to_string(), "NaN cannot be stored: SQLite would make it NULL");
    }
}

#[test]
fn a_float_is_read_from_integers_and_digits() {
    assert_eq!(read::<f64>(3), Ok(3.0));
    assert_eq!(read::<f64>("2.5e3"), Ok(2500.0));
    assert_eq!(read::<f32>(3), Ok(3.0));
    assert_eq!(read::<f32>(f64::INFINITY), Ok(f32::INFINITY));
    misread::<f32>(1e39, "the number 1e39 is out of range for `f32`");
    misread::<f64>("much", "expected a number, found the text \"much\"");
    misread::<f64>(vec![0_u8], "expected a number, found a BLOB of 1 bytes");
}

#[test]
fn a_boolean_is_zero_or_one() {
    both_ways(false, 0);
    both_ways(true, 1);
    assert_eq!(read::<bool>("1"), Ok(true));
    assert_eq!(read::<bool>(0.0), Ok(false));
    misread::<bool>(2, "expected a boolean (0 or 1), found the integer 2");
    misread::<bool>("true", "expected a boolean (0 or 1), found the text \"true\"");
}

#[test]
fn text_is_stored_as_it_is() {
    for text in ["", "a\0b", "日本 \u{10FFFF}", "it's \"quoted\""] {
        both_ways(text.to_owned(), text);
    }
    misread::<String>(1, "expected text, found the integer 1");
    misread::<String>(vec![65_u8], "expected text, found a BLOB of 1 bytes");
}

#[test]
fn text_that_is_not_utf_8_is_an_error_of_every_type_but_bytes() {
    let bad = ValueRef::Text(b"caf\xE9");
    let encoding = Encoding::default();
    let message = "expected text, found text that is not UTF-8 (4 bytes)";
    let said = |e: DecodeError| e.to_string();
    assert_eq!(String::from_sql(bad, encoding).map_err(said), Err(message.to_owned()));
    assert_eq!(char::from_sql(bad, encoding).map_err(said), Err(message.to_owned()));
    assert_eq!(i64::from_sql(bad, encoding).map_err(said), Err(message.to_owned()));
    assert_eq!(f64::from_sql(bad, encoding).map_err(said), Err(message.to_owned()));
    assert_eq!(Json::<i64>::from_sql(bad, encoding).map_err(said), Err(message.to_owned()));
    assert_eq!(chrono::NaiveDate::from_sql(bad, encoding).map_err(said), Err(message.to_owned()));
    assert_eq!(Vec::<u8>::from_sql(bad, encoding), Ok(b"caf\xE9".to_vec()));
}

#[test]
fn a_character_is_text_of_one() {
    both_ways('é', "é");
    both_ways('\0', "\0");
    misread::<char>("", "expected one character, found the text \"\"");
    misread::<char>("ab", "expected one character, found the text \"ab\"");
    misread::<char>(7, "expected one character, found the integer 7");
}

#[test]
fn bytes_are_a_blob_and_read_from_text_too() {
    both_ways(vec![0_u8, 255], vec![0_u8, 255]);
    both_ways(Vec::<u8>::new(), Vec::<u8>::new());
    assert_eq!(read::<Vec<u8>>("ab"), Ok(b"ab".to_vec()));
    misread::<Vec<u8>>(1, "expected bytes, found the integer 1");
}

#[test]
fn null_is_none_and_an_error_where_there_is_no_none() {
    both_ways(None::<i64>, Value::Null);
    both_ways(None::<String>, Value::Null);
    let message = "NULL, and the field is not an `Option`: make it one, or repair the row";
    misread::<i64>(Value::Null, message);
    misread::<String>(Value::Null, message);
    misread::<Json<Vec<i64>>>(Value::Null, message);
    assert_eq!((<Option<i64> as ColumnType>::NULLABLE, <i64 as ColumnType>::NULLABLE), (true, false));
}

#[test]
fn a_long_text_is_cut_in_a_message() {
    let message = format!("expected an integer, found the text \"{}\"..", "é".repeat(40));
    misread::<i64>("é".repeat(41), &message);
    misread::<i64>("é".repeat(40), message.trim_end_matches(".."));
}

#[test]
fn the_first_column_named_in_an_error_stays() {
    let err = DecodeError::new("wrong").in_column("a").in_column("b");
    assert_eq!((err.column.as_deref(), err.to_string()), (Some("a"), "wrong".to_owned()));
}

#[test]
fn json_is_text() {
    both_ways(Json(vec!["a".to_owned(), "\"".to_owned()]), r#"["a","\""]"#);
    both_ways(Json(BTreeMap::from([("a".to_owned(), Some(1)), ("b".to_owned(), None)])), r#"{"a":1,"b":null}"#);
    both_ways(Some(Json((1, 2.5))), "[1,2.5]");
    misread::<Json<Vec<i64>>>("[1,", "not the expected JSON: EOF while parsing a value at line 1 column 3");
    misread::<Json<Vec<i64>>>(1, "expected JSON text, found the integer 1");
}

#[test]
fn a_container_is_written_as_pickle_when_the_column_says_so_and_both_are_read() {
    let value = Json(vec![1, 2, 3]);
    let pickled = value.to_sql(Encoding::new(Store::Pickle, false)).unwrap().into_value();
    let Value::Blob(bytes) = &pickled else { panic!("{pickled:?}") };
    assert_eq!(bytes[..2], *b"\x80\x03");
    for store in [Store::Default, Store::Pickle] {
        let encoding = Encoding::new(store, false);
        assert_eq!(Json::from_sql(pickled.as_ref(), encoding), Ok(value.clone()));
        assert_eq!(Json::from_sql(ValueRef::Text(b"[1,2,3]"), encoding), Ok(value.clone()));
    }
}

#[test]
fn what_python_pickled_is_read_as_data_and_nothing_else() {
    // pickle.dumps({"a": [1, None]}, protocol=4)
    let data = b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94]\x94(K\x01Nes.";
    let read: BTreeMap<String, Vec<Option<i64>>> = decode_json(ValueRef::Blob(data)).unwrap();
    assert_eq!(read, BTreeMap::from([("a".to_owned(), vec![Some(1), None])]));
    // pickle.dumps(os.system, protocol=0)
    let call = decode_json::<Vec<i64>>(ValueRef::Blob(b"cposix\nsystem\np0\n.")).unwrap_err();
    assert!(call.to_string().starts_with("not the expected pickle: "), "{call}");
    assert!(decode_json::<Vec<i64>>(ValueRef::Blob(b"")).is_err());
}

#[test]
fn a_container_without_a_stored_form_is_an_error() {
    let keyed = BTreeMap::from([(vec![1], 2)]);
    let err = encode_json(&keyed, Encoding::default()).unwrap_err().to_string();
    assert!(err.starts_with("cannot be written as JSON: "), "{err}");
}

#[derive(Debug, Clone, PartialEq)]
enum Size {
    Small,
    Large,
}
impl DbType for Size {
    const SQL_TYPE: SqlType = SqlType::Text;
    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        Ok(Encoded::Text(if *self == Size::Small { "small" } else { "large" }.into()))
    }
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        match value {
            ValueRef::Text(b"small") => Ok(Size::Small),
            ValueRef::Text(b"large") => Ok(Size::Large),
            other => Err(DecodeError::unexpected("`small` or `large`", other)),
        }
    }
}
impl DbEnum for Size {
    const VARIANTS: &'static [&'static str] = &["small", "large"];
}

#[test]
fn a_type_of_ones_own_is_a_column_like_any_other() {
    both_ways(Size::Small, Size::VARIANTS[0]);
    both_ways(Some(Size::Large), Size::VARIANTS[1]);
    both_ways(None::<Size>, Value::Null);
    misread::<Size>("huge", "expected `small` or `large`, found the text \"huge\"");
}

#[cfg(feature = "uuid")]
#[test]
fn a_uuid_is_text_and_read_from_sixteen_bytes_too() {
    let id = uuid::Uuid::from_u128(0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF);
    both_ways(id, "01234567-89ab-cdef-0123-456789abcdef");
    both_ways(uuid::Uuid::nil(), "00000000-0000-0000-0000-000000000000");
    both_ways(uuid::Uuid::max(), "ffffffff-ffff-ffff-ffff-ffffffffffff");
    assert_eq!(read(id.as_bytes().to_vec()), Ok(id));
    assert_eq!(read("0123456789ABCDEF0123456789ABCDEF"), Ok(id));
    misread::<uuid::Uuid>("x", "expected a UUID, found the text \"x\"");
    misread::<uuid::Uuid>(vec![0_u8; 15], "expected a UUID, found a BLOB of 15 bytes");
    misread::<uuid::Uuid>(1, "expected a UUID, found the integer 1");
}

#[cfg(feature = "rust_decimal")]
#[test]
fn a_decimal_is_text_that_loses_no_digit() {
    use rust_decimal::Decimal;
    both_ways(Decimal::MAX, "79228162514264337593543950335");
    both_ways(Decimal::MIN, "-79228162514264337593543950335");
    both_ways(Decimal::new(1, 28), "0.0000000000000000000000000001");
    both_ways(-Decimal::new(0, 2), "0");
    assert_eq!(stored(&Decimal::new(1500, 2)), Value::from("15"));
    assert_eq!(read(15), Ok(Decimal::from(15)));
    assert_eq!(read(1.5), Ok(Decimal::new(15, 1)));
    misread::<Decimal>("1,5", "expected a decimal, found the text \"1,5\"");
    misread::<Decimal>(1e300, "expected a decimal, found the number 1e300");
}
