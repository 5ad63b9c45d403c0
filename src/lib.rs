//! vouchsafe
#![forbid(unsafe_code)]

pub mod calendar;
pub mod coupon;
mod error;
mod key;
pub mod money;

pub use calendar::{Phase, Weekly, Window, Zone, days_before, parse_date, parse_instant, tz_data_version};
pub use error::{DefinitionErrors, Error, FieldError, Why};
pub use key::*;
pub use money::Currency;
