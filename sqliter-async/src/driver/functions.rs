//! The SQL functions that the plans use: SQLite's own know ASCII letters only.

use std::ffi::{CStr, c_int};

use libsqlite3_sys as ffi;
use sqliter_core::sql::fold_case;
use sqliter_core::{DatabaseError, regexp as matches};

use super::decimal;
use super::error::last_error;

/// Registers the functions on a connection.
///
/// # Safety
/// `db` is open and used by this thread alone.
pub(super) unsafe fn register(db: *mut ffi::sqlite3) -> Result<(), DatabaseError> {
    // SAFETY: passed on to the caller.
    unsafe {
        create(db, c"sqliter_lower", 1, lower)?;
        create(db, c"sqliter_upper", 1, upper)?;
        create(db, c"sqliter_fold", 1, fold)?;
        create(db, c"sqliter_regexp", 2, regexp)?;
        create(db, c"sqliter_real", 1, real)?;
        create(db, c"sqliter_decimal_key", 1, decimal_key)?;
        create(db, c"sqliter_decimal", 1, decimal)
    }
}

type Function = unsafe extern "C" fn(*mut ffi::sqlite3_context, c_int, *mut *mut ffi::sqlite3_value);

unsafe fn create(
    db: *mut ffi::sqlite3,
    name: &CStr,
    arguments: c_int,
    function: Function,
) -> Result<(), DatabaseError> {
    // SAFETY: `db` is open; the function keeps no state.
    let code = unsafe {
        ffi::sqlite3_create_function_v2(
            db,
            name.as_ptr(),
            arguments,
            ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC | ffi::SQLITE_INNOCUOUS,
            std::ptr::null_mut(),
            Some(function),
            None,
            None,
            None,
        )
    };
    // SAFETY: `db` is open.
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(unsafe { last_error(db) }) }
}

unsafe extern "C" fn lower(ctx: *mut ffi::sqlite3_context, _: c_int, args: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite passes one argument, as registered.
    unsafe { map_text(ctx, *args, str::to_lowercase) }
}

unsafe extern "C" fn upper(ctx: *mut ffi::sqlite3_context, _: c_int, args: *mut *mut ffi::sqlite3_value) {
    // SAFETY: as above.
    unsafe { map_text(ctx, *args, str::to_uppercase) }
}

unsafe extern "C" fn fold(ctx: *mut ffi::sqlite3_context, _: c_int, args: *mut *mut ffi::sqlite3_value) {
    // SAFETY: as above.
    unsafe { map_text(ctx, *args, fold_case) }
}

/// The float whose bits these hexadecimal digits are; `NULL` where they are none.
unsafe extern "C" fn real(ctx: *mut ffi::sqlite3_context, _: c_int, args: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite passes one live argument, as registered.
    unsafe {
        match text(*args).and_then(|digits| u64::from_str_radix(digits, 16).ok()) {
            Some(bits) => ffi::sqlite3_result_double(ctx, f64::from_bits(bits)),
            None => ffi::sqlite3_result_null(ctx),
        }
    }
}

/// A number or decimal in a form that sorts as the numbers do; anything else as it is.
unsafe extern "C" fn decimal_key(ctx: *mut ffi::sqlite3_context, _: c_int, args: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite passes one live argument, as registered.
    unsafe {
        let value = *args;
        let key = match ffi::sqlite3_value_type(value) {
            ffi::SQLITE_INTEGER => decimal::key(&ffi::sqlite3_value_int64(value).to_string()),
            ffi::SQLITE_FLOAT => decimal::key(&ffi::sqlite3_value_double(value).to_string()),
            _ => text(value).and_then(decimal::key),
        };
        match key {
            Some(key) => result_text(ctx, &key),
            None => ffi::sqlite3_result_value(ctx, value),
        }
    }
}

/// The decimal behind such a form; anything else as it is.
unsafe extern "C" fn decimal(ctx: *mut ffi::sqlite3_context, _: c_int, args: *mut *mut ffi::sqlite3_value) {
    // SAFETY: as above.
    unsafe {
        match text(*args).and_then(decimal::number) {
            Some(number) => result_text(ctx, &number),
            None => ffi::sqlite3_result_value(ctx, *args),
        }
    }
}

/// Whether the second argument matches the regular expression in the first; `NULL` where either is not text.
unsafe extern "C" fn regexp(ctx: *mut ffi::sqlite3_context, _: c_int, args: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite passes two live arguments, as registered.
    unsafe {
        let (Some(pattern), Some(subject)) = (text(*args), text(*args.add(1))) else {
            return ffi::sqlite3_result_null(ctx);
        };
        match matches(pattern, subject) {
            Ok(found) => ffi::sqlite3_result_int(ctx, c_int::from(found)),
            Err(message) => {
                let length = c_int::try_from(message.len()).unwrap_or(0);
                ffi::sqlite3_result_error(ctx, message.as_ptr().cast(), length);
            }
        }
    }
}

/// The text of an argument, if it is text.
///
/// # Safety
/// The value is a live argument of the function that runs; the result must not outlive the call.
unsafe fn text<'a>(value: *mut ffi::sqlite3_value) -> Option<&'a str> {
    // SAFETY: passed on to the caller; a text's bytes stay where they are while nothing converts it.
    unsafe {
        if ffi::sqlite3_value_type(value) != ffi::SQLITE_TEXT {
            return None;
        }
        let start = ffi::sqlite3_value_text(value);
        if start.is_null() {
            return None;
        }
        std::str::from_utf8(std::slice::from_raw_parts(start, ffi::sqlite3_value_bytes(value) as usize)).ok()
    }
}

/// The function of a text; anything else, text that is not UTF-8 included, comes back as it is.
///
/// # Safety
/// Called by SQLite from one of the functions above.
unsafe fn map_text(ctx: *mut ffi::sqlite3_context, value: *mut ffi::sqlite3_value, f: impl Fn(&str) -> String) {
    // SAFETY: the value is a live argument, and the result is copied by SQLite.
    unsafe {
        let Some(text) = text(value) else { return ffi::sqlite3_result_value(ctx, value) };
        result_text(ctx, &f(text));
    }
}

/// Makes a text the result, which SQLite copies.
///
/// # Safety
/// Called by SQLite from one of the functions above, with their context.
unsafe fn result_text(ctx: *mut ffi::sqlite3_context, out: &str) {
    let (length, encoding) = (out.len() as u64, ffi::SQLITE_UTF8 as u8);
    // SAFETY: the text lives during the call, and SQLite copies it.
    unsafe { ffi::sqlite3_result_text64(ctx, out.as_ptr().cast(), length, ffi::SQLITE_TRANSIENT(), encoding) }
}
