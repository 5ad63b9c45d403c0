//! The only arithmetic of the crate: currencies, amounts, percentages, tax rates, unit prices, quantities, and the
//! exact split of an amount.
//!
//! - An amount is an integer count of its currency's **minor unit** (cents for USD, yen for JPY, fils for KWD):
//!   [`Money`]. The number of decimals belongs to the [`Currency`] and is never assumed to be two.
//! - A rate is an integer too: [`Percent`] in thousandths of a percent, [`TaxRate`] in millionths of a percent.
//! - Only a [`UnitPrice`] may be finer than the minor unit (0.0035 for a screw). Price times [`Quantity`] is rounded
//!   once, by [`UnitPrice::extended`], and from then on everything is whole minor units.
//! - What cannot be divided evenly is divided by **largest remainder** ([`allocate`]), so that shares always sum to the
//!   cent.
//! - No float exists anywhere, and an amount that does not fit is [`Error::Overflow`](crate::Error::Overflow), never a
//!   wrap or a panic.
//!
//! Text and JSON: every amount, rate and price is a string in plain decimal notation (`"12.34"`). A JSON number is
//! refused, because many JSON writers pass numbers through floats and lose cents on the way.
//!
//! ```
//! use vouchsafe::{Currency, Money, Percent, Quantity, Rounding, UnitPrice, allocate};
//!
//! // Three pieces at 19.99, ten percent off, and the discount split over the three.
//! let price: UnitPrice = "19.99".parse()?;
//! let line = price.extended(Quantity::pieces(3)?, Currency::USD, Rounding::HalfUp)?;
//! assert_eq!(line.to_string(), "59.97 USD");
//! let discount = "10".parse::<Percent>()?.of(line, Rounding::HalfUp);
//! assert_eq!(discount, Money::parse("6.00", Currency::USD)?);
//! assert_eq!(allocate(discount.minor(), &[1, 1, 1])?, [200, 200, 200]);
//! # Ok::<(), vouchsafe::Error>(())
//! ```
// Tests may calculate plainly: they run with overflow checks.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

mod allocate;
mod amount;
mod cash;
mod currency;
mod decimal;
mod exact_price;
mod percent;
mod quantity;
mod rounding;
mod tax_rate;
mod unit_price;

pub(crate) use allocate::{Scratch, share, share_even};
pub use allocate::{UnitSplit, allocate, allocate_capped, allocate_each, allocate_even, split_units};
pub use amount::Money;
pub use cash::CashInterval;
pub use currency::Currency;
pub(crate) use decimal::{minor_from_decimal, parse_decimal};
pub use exact_price::ExactPrice;
pub use percent::Percent;
pub(crate) use percent::RoundedPercent;
pub use quantity::Quantity;
pub use rounding::Rounding;
pub(crate) use rounding::{divide, divide_i64};
pub use tax_rate::TaxRate;
pub use unit_price::UnitPrice;

/// Serde for a type whose one form in JSON is its text: `Display` out, `FromStr` in, and nothing but a string is read.
macro_rules! text_serde {
    ($name:ty, $expected:literal) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expected)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}
use text_serde;
