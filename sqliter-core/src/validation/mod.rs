//! The rules of a model's values, and what is said when they are broken, in Pydantic's terms.
//!
//! Rules are static data beside the columns; values are seen through [`View`], so that one function checks them all.
//! Where values come from is no concern of this module: [`crate::input`] converts, this checks.

mod check;
mod error;
mod formats;
mod model;
mod repr;
mod rules;
mod traits;
mod view;

pub use error::{ErrorDetail, LocItem, ValidationError};
pub use model::{
    Reader, check_model, check_stored, check_stored_json, check_stored_json_opt, check_stored_value, prepare_field,
    prepare_model, prepare_models, tidy_columns,
};
pub use rules::{Bound, Check, Choices, Pattern, Rules};
pub use traits::{RuleItems, RuleLength, RuleNumber, RuleText, Tidy};
pub use view::{Items, View};

pub(crate) use check::check;
pub(crate) use repr::{choices, repr};
