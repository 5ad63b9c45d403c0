//! vouchsafe
#![forbid(unsafe_code)]

pub mod calendar;
pub mod coupon;
mod error;
mod key;
pub mod money;

pub use error::{DefinitionErrors, Error, FieldError, Why};
pub use key::*;
pub use money::Currency;
