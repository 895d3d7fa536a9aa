//! The parameters of a statement that a person wrote: by position or by name.

use std::borrow::Cow;

use crate::suggest::hint;
use crate::types::{ColumnType, EncodeError, Literal, Store};
use crate::value::Value;

/// The parameters of one run of a statement: what `params![..]` makes.
///
/// `()` is none, and a list of [`Value`]s is as many by position.
#[derive(Debug, Clone, PartialEq)]
pub struct Params(Given);

#[derive(Debug, Clone, PartialEq)]
enum Given {
    ByPosition(Vec<Literal>),
    ByName(Vec<(Cow<'static, str>, Literal)>),
}

/// A value that a parameter can be: anything that a column can hold, `str`, bytes, and an `Option` or reference of these.
pub trait ToParam {
    /// The value as a parameter.
    #[doc(hidden)]
    fn __sqliter_param(&self) -> Param;
}

/// A value inside [`Params`].
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq)]
pub struct Param(Literal);

impl<T: ColumnType> ToParam for T {
    fn __sqliter_param(&self) -> Param {
        Param(self.column_literal(Store::Default))
    }
}

macro_rules! to_param {
    ($($t:ty)*) => { $(
        impl ToParam for $t {
            fn __sqliter_param(&self) -> Param {
                Param(Literal::Value(Value::from(self.to_owned())))
            }
        }
    )* };
}
to_param! { str [u8] Option<&str> Option<&[u8]> Option<&String> Value }

impl Params {
    /// Parameters for `?` and `?1`, in order.
    pub fn by_position(values: impl IntoIterator<Item = Value>) -> Self {
        Params(Given::ByPosition(values.into_iter().map(Literal::Value).collect()))
    }

    /// Parameters for `:name`, `@name` and `$name`, each with or without its sign.
    pub fn by_name<N: Into<Cow<'static, str>>>(values: impl IntoIterator<Item = (N, Value)>) -> Self {
        Params(Given::ByName(values.into_iter().map(|(n, v)| (n.into(), Literal::Value(v))).collect()))
    }

    #[doc(hidden)]
    pub fn __positional<const N: usize>(values: [Param; N]) -> Self {
        Params(Given::ByPosition(values.into_iter().map(|p| p.0).collect()))
    }

    #[doc(hidden)]
    pub fn __named<const N: usize>(values: [(&'static str, Param); N]) -> Self {
        // A name that is a keyword of Rust may be written raw.
        let name = |n: &'static str| n.strip_prefix("r#").unwrap_or(n).into();
        Params(Given::ByName(values.into_iter().map(|(n, p)| (name(n), p.0)).collect()))
    }

    /// The values in the order of the statement's parameters, whose names are these: `None` for `?`, `?1` for a numbered one.
    ///
    /// # Errors
    /// What is wrong with them, in words.
    #[doc(hidden)]
    pub fn arrange<N: AsRef<str>>(&self, names: &[Option<N>], local_time: bool) -> Result<Vec<Value>, String> {
        let names: Vec<Option<&str>> = names.iter().map(|n| n.as_ref().map(AsRef::as_ref)).collect();
        match &self.0 {
            Given::ByPosition(values) => by_position(values, &names, local_time),
            Given::ByName(values) => by_name(values, &names, local_time),
        }
    }
}

/// The name behind its sign; `None` for `?` and `?1`.
fn bare<'n>(name: &Option<&'n str>) -> Option<&'n str> {
    name.and_then(|n| n.strip_prefix([':', '@', '$']))
}

fn by_position(values: &[Literal], names: &[Option<&str>], local_time: bool) -> Result<Vec<Value>, String> {
    if let Some(name) = names.iter().find_map(bare) {
        return Err(format!("its parameters have names: give them as `params![{name}: ..]`"));
    }
    if values.len() != names.len() {
        let s = if names.len() == 1 { "" } else { "s" };
        return Err(format!("it takes {} parameter{s}, and {} were given", names.len(), values.len()));
    }
    let resolve = |(i, v): (usize, &Literal)| {
        v.resolve(local_time).map_err(|e: EncodeError| format!("parameter {} cannot be stored: {e}", i + 1))
    };
    values.iter().enumerate().map(resolve).collect()
}

fn by_name(
    values: &[(Cow<'static, str>, Literal)],
    names: &[Option<&str>],
    local_time: bool,
) -> Result<Vec<Value>, String> {
    if names.iter().any(|n| bare(n).is_none()) {
        return Err("it has parameters without a name: give values by position, `params![1, \"x\"]`".to_owned());
    }
    let given: Vec<(&str, &Literal)> =
        values.iter().map(|(n, v)| (n.strip_prefix([':', '@', '$']).unwrap_or(n), v)).collect();
    for (i, (name, _)) in given.iter().enumerate() {
        if !names.iter().any(|n| bare(n) == Some(*name)) {
            return Err(format!("it has no parameter '{name}'{}", hint(name, names.iter().filter_map(bare))));
        }
        if given[..i].iter().any(|(n, _)| n == name) {
            return Err(format!("the parameter '{name}' was given twice"));
        }
    }
    let value = |name| match given.iter().find(|(n, _)| *n == name) {
        Some((_, v)) => v.resolve(local_time).map_err(|e| format!("parameter '{name}' cannot be stored: {e}")),
        None => Err(format!("its parameter '{name}' was not given")),
    };
    names.iter().filter_map(bare).map(value).collect()
}

impl From<()> for Params {
    fn from((): ()) -> Self {
        Params::by_position([])
    }
}

impl From<Vec<Value>> for Params {
    fn from(values: Vec<Value>) -> Self {
        Params::by_position(values)
    }
}

impl From<&[Value]> for Params {
    fn from(values: &[Value]) -> Self {
        Params::by_position(values.iter().cloned())
    }
}

impl<const N: usize> From<[Value; N]> for Params {
    fn from(values: [Value; N]) -> Self {
        Params::by_position(values)
    }
}

#[cfg(test)]
mod tests {
    use super::{Params, ToParam};
    use crate::value::Value;

    #[test]
    #[allow(clippy::needless_borrow, reason = "what the macro makes of references")]
    fn values_are_taken_by_reference_too() {
        let (text, bytes) = (String::from("a"), vec![1u8]);
        let params = Params::__positional([
            (1).__sqliter_param(),
            ("a").__sqliter_param(),
            (&&"a").__sqliter_param(),
            (text).__sqliter_param(),
            (&text).__sqliter_param(),
            (Some("a")).__sqliter_param(),
            (None::<i64>).__sqliter_param(),
            (&Some(2u8)).__sqliter_param(),
            (bytes).__sqliter_param(),
            (&bytes[..]).__sqliter_param(),
            (b"x").__sqliter_param(),
            (Value::Real(1.5)).__sqliter_param(),
        ]);
        let a = || Value::from("a");
        let blob = || Value::Blob(vec![1]);
        let expected = vec![
            Value::Int(1),
            a(),
            a(),
            a(),
            a(),
            a(),
            Value::Null,
            Value::Int(2),
            blob(),
            blob(),
            Value::Blob(vec![120]),
            Value::Real(1.5),
        ];
        assert_eq!(params.arrange(&[None::<&str>; 12], false).unwrap(), expected);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let two = Params::from([Value::Int(1), Value::Int(2)]);
        let wrong = |params: &Params, names: &[Option<&str>]| params.arrange(names, false).unwrap_err();
        assert_eq!(wrong(&two, &[None]), "it takes 1 parameter, and 2 were given");
        assert_eq!(wrong(&two, &[Some(":age"), None]), "its parameters have names: give them as `params![age: ..]`");
        let named = Params::by_name([("naem", Value::Int(1))]);
        assert_eq!(wrong(&named, &[Some(":name")]), "it has no parameter 'naem'; did you mean 'name'?");
        assert!(wrong(&named, &[Some("?1")]).contains("without a name"));
        let named = Params::by_name([(":name", Value::Int(1))]);
        assert_eq!(wrong(&named, &[Some("@name"), Some(":b")]), "its parameter 'b' was not given");
        assert_eq!(named.arrange(&[Some("@name"), Some("$name")], false).unwrap(), [Value::Int(1), Value::Int(1)]);
    }
}
