//! The parameters of a statement: where they come from, and how they get into it.

use sqliter_core::{Encoded, Value};

use super::connection::Stop;
use super::statement::Statement;

/// The parameters of a statement, in order.
pub(crate) trait Bind {
    /// Calls `f` with each value, and whether it stays out of logs.
    fn each<'a>(&'a self, f: &mut dyn FnMut(Encoded<'a>, bool) -> Result<(), Stop>) -> Result<(), Stop>;
}

impl<const N: usize> Bind for [Value; N] {
    fn each<'a>(&'a self, f: &mut dyn FnMut(Encoded<'a>, bool) -> Result<(), Stop>) -> Result<(), Stop> {
        self.iter().try_for_each(|v| f(v.as_encoded(), false))
    }
}

impl Bind for Vec<Value> {
    fn each<'a>(&'a self, f: &mut dyn FnMut(Encoded<'a>, bool) -> Result<(), Stop>) -> Result<(), Stop> {
        self.iter().try_for_each(|v| f(v.as_encoded(), false))
    }
}

impl Bind for sqliter_core::sql::Statement {
    fn each<'a>(&'a self, f: &mut dyn FnMut(Encoded<'a>, bool) -> Result<(), Stop>) -> Result<(), Stop> {
        self.params.iter().enumerate().try_for_each(|(i, v)| f(v.as_encoded(), self.secret.contains(&i)))
    }
}

/// More bytes than this are not bound on a runtime's thread.
const LARGE: usize = 1 << 20;

/// Binds every parameter. On a runtime's thread `bytes`, which counts what is large, comes to an end.
///
/// # Safety
/// `params` must stay borrowed and unchanged until the statement is reset or finalised.
pub(super) unsafe fn bind_all(
    statement: &mut Statement,
    params: &dyn Bind,
    inline: bool,
    bytes: &mut usize,
) -> Result<(), Stop> {
    let mut index = 0;
    params.each(&mut |value, _| {
        index += 1;
        if inline {
            *bytes += match &value {
                Encoded::Text(v) => v.len(),
                Encoded::Blob(v) => v.len(),
                _ => 0,
            };
            if *bytes > LARGE {
                return Err(Stop::Offload);
            }
        }
        // SAFETY: passed on to the caller; values that `each` owns are copied.
        unsafe { statement.bind(index, value) }.map_err(Stop::Database)
    })
}
