//! The only arithmetic.

mod currency;
pub use currency::Currency;
