//! The outcome as JSON, for storage: everything, losslessly, and checked when it is read.
//!
//! Amounts and percentages are strings in the outcome's one currency, written by this crate, so that no feature a host
//! turns on in rust_decimal or serde_json changes a byte. Lines and discounts are named by position or id, never
//! twice:
//!
//! ```json
//! {
//!   "version": 1,
//!   "reference": {"order": "o-1"},
//!   "at": "2026-03-29T12:00:00Z",
//!   "currency": "USD",
//!   "price_mode": "tax_exclusive",
//!   "rounding": {"discount": "half_up", "tax": "half_up", "percent": "per_line", "tax_level": "per_class"},
//!   "public_reasons": "collapsed",
//!   "customer": ["id:42"],
//!   "counted": ["id:42"],
//!   "new_customer": false,
//!   "lines": [{"id": 1, "units": 2, "price_source": "list", "list": "60.00", "priced": "60.00",
//!              "shop_discount": "0.00", "coupon_discount": "6.00", "third_party": "0.00",
//!              "taxable": "54.00", "net": "54.00", "payable": "54.00"}],
//!   "charges": [],
//!   "discounts": [],
//!   "answers": [{"entered": "spring", "code": "SPRING", "coupon": "spring-sale", "state": "applied",
//!                "discount": "6.00", "wanted": "6.00", "forfeited": "0.00", "third_party": "0.00", "units": 2,
//!                "terms": {"version": 1, "id": "spring-sale", "...": "the whole definition"}},
//!               {"entered": "SUMMER", "state": "refused", "reasons": ["unknown_code"],
//!                "discount": "0.00", "wanted": "0.00", "forfeited": "0.00", "third_party": "0.00", "units": 0}],
//!   "adjustments": [{"line": 1, "source": {"code": 0}, "amount": "6.00", "third_party": "0.00"}],
//!   "taxes": [{"taxable": "54.00", "net": "54.00"}],
//!   "totals": {"items": "60.00", "item_discount": "6.00", "coupon_discount": "6.00", "shipping": "0.00",
//!              "shipping_discount": "0.00", "fees": "0.00", "taxable": "54.00", "net": "54.00",
//!              "third_party": "0.00", "cash_rounding": "0.00", "payable": "54.00"},
//!   "accounts": [{"discount": "6.00"}],
//!   "flags": []
//! }
//! ```
//!
//! `source` counts in `answers` (`code`) or in `discounts` (`discount`), from 0. Fields without a value are left out:
//! `customer_type`, `type_change`, `trace`, `tax` without rates, `tax_class` and `account` where there is none.

mod check;
mod form;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Outcome;
use form::OutcomeForm;

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        OutcomeForm::of(self).serialize(serializer)
    }
}

/// Reads what was written, checked: amounts in the outcome's currency, figures that add up, lines and codes that exist.
/// Unknown fields and other versions are refused.
impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        OutcomeForm::deserialize(deserializer)?.read().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::policy::PriceMode;

    const MODES: [PriceMode; 2] = [PriceMode::TaxExclusive, PriceMode::TaxInclusive];

    #[test]
    fn what_is_written_is_read_back_whole() {
        for mode in MODES {
            let (order, outcome) = fixture::rich(mode);
            println!("{}", outcome.receipt(&order));
            let text = serde_json::to_string(&outcome).unwrap();
            println!("{}", serde_json::to_string_pretty(&outcome).unwrap());
            let read: Outcome = serde_json::from_str(&text).unwrap();
            assert_eq!(read, outcome);
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
            println!("{}", serde_json::to_string_pretty(&outcome.public()).unwrap());
        }
    }
}
