//! The SQL functions that the plans use: SQLite's own know ASCII letters only.

use std::ffi::{CStr, c_int};

use libsqlite3_sys as ffi;
use sqliter_core::DatabaseError;
use sqliter_core::sql::fold_case;

use super::error::last_error;

/// Registers the functions on a connection.
///
/// # Safety
/// `db` is open and used by this thread alone.
pub(super) unsafe fn register(db: *mut ffi::sqlite3) -> Result<(), DatabaseError> {
    // SAFETY: passed on to the caller.
    unsafe {
        text_function(db, c"sqliter_lower", lower)?;
        text_function(db, c"sqliter_upper", upper)?;
        text_function(db, c"sqliter_fold", fold)
    }
}

type Function = unsafe extern "C" fn(*mut ffi::sqlite3_context, c_int, *mut *mut ffi::sqlite3_value);

unsafe fn text_function(db: *mut ffi::sqlite3, name: &CStr, function: Function) -> Result<(), DatabaseError> {
    // SAFETY: `db` is open; the function keeps no state.
    let code = unsafe {
        ffi::sqlite3_create_function_v2(
            db,
            name.as_ptr(),
            1,
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

/// The function of a text; anything else, text that is not UTF-8 included, comes back as it is.
///
/// # Safety
/// Called by SQLite from one of the functions above.
unsafe fn map_text(ctx: *mut ffi::sqlite3_context, value: *mut ffi::sqlite3_value, f: impl Fn(&str) -> String) {
    // SAFETY: the value is a live argument; its text stays valid during the call, and the result is copied by SQLite.
    unsafe {
        if ffi::sqlite3_value_type(value) == ffi::SQLITE_TEXT {
            let start = ffi::sqlite3_value_text(value);
            if !start.is_null() {
                let bytes = std::slice::from_raw_parts(start, ffi::sqlite3_value_bytes(value) as usize);
                if let Ok(text) = std::str::from_utf8(bytes) {
                    let out = f(text);
                    ffi::sqlite3_result_text64(
                        ctx,
                        out.as_ptr().cast(),
                        out.len() as u64,
                        ffi::SQLITE_TRANSIENT(),
                        ffi::SQLITE_UTF8 as u8,
                    );
                    return;
                }
            }
        }
        ffi::sqlite3_result_value(ctx, value);
    }
}
