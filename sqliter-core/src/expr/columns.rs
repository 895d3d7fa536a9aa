//! Lists of columns: what `update_only`, `bulk_update` and `upsert` take.

use super::column::Column;
use super::node::AssignTarget;

/// One or several columns of `M`: a column, a field's name, or a tuple or list of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name columns of `{M}`",
    label = "expected a column of `{M}`, a field's name, or a tuple or list of these"
)]
pub trait IntoColumns<M> {
    #[doc(hidden)]
    fn add_to(self, columns: &mut Vec<AssignTarget>);
}

impl<M, T> IntoColumns<M> for Column<M, T> {
    fn add_to(self, columns: &mut Vec<AssignTarget>) {
        columns.push(AssignTarget::Column(self.name().into()));
    }
}
impl<M> IntoColumns<M> for &str {
    fn add_to(self, columns: &mut Vec<AssignTarget>) {
        columns.push(AssignTarget::Named(self.to_owned()));
    }
}
impl<M> IntoColumns<M> for String {
    fn add_to(self, columns: &mut Vec<AssignTarget>) {
        columns.push(AssignTarget::Named(self));
    }
}
impl<M, C: IntoColumns<M>, const N: usize> IntoColumns<M> for [C; N] {
    fn add_to(self, columns: &mut Vec<AssignTarget>) {
        for column in self {
            column.add_to(columns);
        }
    }
}
impl<M, C: IntoColumns<M>> IntoColumns<M> for Vec<C> {
    fn add_to(self, columns: &mut Vec<AssignTarget>) {
        for column in self {
            column.add_to(columns);
        }
    }
}

macro_rules! tuples {
    ($($($x:ident)+;)*) => { $(
        impl<M, $($x: IntoColumns<M>),+> IntoColumns<M> for ($($x,)+) {
            #[allow(non_snake_case)]
            fn add_to(self, columns: &mut Vec<AssignTarget>) {
                let ($($x,)+) = self;
                $($x.add_to(columns);)+
            }
        }
    )* };
}
tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; }
