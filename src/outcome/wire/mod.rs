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
//! `customer_type`, `type_changes`, `types_revision` that a store gave, `allowances`, `requested` of a line that was
//! capped, `actor`, `payment_options`, `order_refusals`, `trace`, `tax` without rates, `tax_class` and `account` where
//! there is none.

mod check;
mod first_charges;
mod form;
mod gifts;
mod offers;
mod points;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Outcome;
pub(super) use form::Version;
use form::{AnyVersion, OutcomeForm};

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        OutcomeForm::of(self, Version).serialize(serializer)
    }
}

/// Reads what was written, checked: amounts in the outcome's currency, figures that add up, lines and codes that exist.
/// Unknown fields and other versions are refused.
impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        OutcomeForm::<Version>::deserialize(deserializer)?.read().map_err(de::Error::custom)
    }
}

/// An outcome inside of a document that keeps recorded figures, under whatever version of the rules they came about.
/// The figures are checked as those of this version are: they have to add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordedOutcome {
    pub(crate) outcome: Outcome,
    pub(crate) semantics: u32,
}

impl Serialize for RecordedOutcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        OutcomeForm::of(&self.outcome, AnyVersion(self.semantics)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RecordedOutcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = OutcomeForm::<AnyVersion>::deserialize(deserializer)?;
        let semantics = form.version.0;
        Ok(Self { outcome: form.read().map_err(de::Error::custom)?, semantics })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{Flag, fixture};
    use super::*;
    use crate::coupon::{AssignWhen, Benefit, Coupon, TypeAssignment};
    use crate::money::Currency;
    use crate::order::Order;
    use crate::policy::{NoIdentity, Policy, PriceMode};
    use crate::request::Presented;
    use crate::shop::Shop;

    const MODES: [PriceMode; 2] = [PriceMode::TaxExclusive, PriceMode::TaxInclusive];

    fn whole(outcome: &Outcome) {
        let text = serde_json::to_string(outcome).unwrap();
        let read: Outcome = serde_json::from_str(&text).unwrap();
        assert_eq!(read, *outcome);
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        // What follows from it is the same as well.
        assert_eq!(read.digest(), outcome.digest());
        assert_eq!(read.redemption(), outcome.redemption());
        assert_eq!(read.public(), outcome.public());
        // By way of a tree, whose fields may come in another order.
        let tree: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::from_value::<Outcome>(tree).unwrap(), *outcome);
    }

    #[test]
    fn what_is_written_is_read_back_whole() {
        for mode in MODES {
            let (order, outcome) = fixture::rich(mode);
            whole(&outcome);
            let read: Outcome = serde_json::from_str(&serde_json::to_string(&outcome).unwrap()).unwrap();
            assert_eq!(read.receipt(&order).to_string(), outcome.receipt(&order).to_string());
        }
    }

    #[test]
    fn nothing_at_all_is_read_back_whole() {
        whole(&Outcome::empty("o-1".parse().map(crate::request::Reference::Order).unwrap(), Currency::JPY));
        let shop = Shop::new(Policy::builder(Currency::JPY).no_identity(NoIdentity::ApplyAndFlag).build().unwrap());
        let once = fixture::prepared(&shop, Coupon::builder("c").code("ONCE").percent_off("0").per_customer_limit(1));
        let order = Order::builder(Currency::JPY).line(fixture::line(1, "P", "980", 3)).build().unwrap();
        let outcome = fixture::price(&shop, &order, &[Presented::new("once", &once)]);
        assert_eq!(outcome.flags(), [Flag::NewCustomer, Flag::IdentityNeeded]);
        whole(&outcome);
    }

    /// Proves S8: what a code did on an empty cart can be stored.
    #[test]
    fn a_code_on_an_empty_cart_is_read_back_whole() {
        let shop = Shop::new(Policy::builder(Currency::USD).build().unwrap());
        let empty = Order::builder(Currency::USD).build().unwrap();
        let pro = TypeAssignment::new("PROFORM".parse().unwrap(), AssignWhen::BeforePricing);
        let bare = Coupon::builder("c").code("PRO").benefit(Benefit::None).assign(pro);
        for coupon in [bare.clone(), bare.account("4990".parse().unwrap())] {
            let outcome = fixture::price(&shop, &empty, &[Presented::new("pro", &fixture::prepared(&shop, coupon))]);
            assert!(outcome.type_change().is_some());
            whole(&outcome);
        }
    }

    #[test]
    fn a_code_that_is_valid_for_ever_is_read_back_whole() {
        let shop = Shop::new(Policy::builder(Currency::USD).build().unwrap());
        let order = Order::builder(Currency::USD).line(fixture::line(1, "P", "9.80", 3)).build().unwrap();
        let thru = crate::calendar::parse_date("9999-12-31").unwrap();
        let ever = Coupon::builder("c").code("EVER").percent_off("10").days(None, Some(thru));
        let outcome = fixture::price(&shop, &order, &[Presented::new("ever", &fixture::prepared(&shop, ever))]);
        assert_eq!(outcome.totals().payable().minor(), 2646);
        whole(&outcome);
    }

    /// Every amount is a string with exactly the currency's decimals, and no number in the document is a fraction.
    #[test]
    fn no_amount_is_a_number() {
        fn walk(value: &Value) {
            match value {
                Value::Number(number) => assert!(number.is_u64() || number.is_i64(), "{number}"),
                Value::Array(members) => members.iter().for_each(walk),
                Value::Object(fields) => fields.values().for_each(walk),
                _ => {}
            }
        }
        let (_, outcome) = fixture::rich(PriceMode::TaxInclusive);
        let document = serde_json::to_value(&outcome).unwrap();
        walk(&document);
        walk(&serde_json::to_value(outcome.public()).unwrap());
        assert_eq!(document["totals"]["shipping"], json!("9.90"));
        assert_eq!(document["lines"][2]["payable"], json!("0.00"));
        assert_eq!(document["version"], json!(1));
    }

    /// The revision that the customer's types were changed from is kept, and stands only where one changes.
    #[test]
    fn the_revision_of_types_goes_with_their_change() {
        let (_, outcome) = fixture::rich(PriceMode::TaxExclusive);
        let mut document = serde_json::to_value(&outcome).unwrap();
        document["types_revision"] = json!(3);
        let read: Outcome = serde_json::from_value(document.clone()).unwrap();
        whole(&read);
        assert_eq!(serde_json::to_value(&read).unwrap()["types_revision"], json!(3));
        document["type_changes"] = json!([]);
        let error = serde_json::from_value::<Outcome>(document).unwrap_err().to_string();
        assert_eq!(error, "`types_revision` is `3`: does not agree with the rest of the document");
    }

    #[test]
    fn rounding_is_recorded_where_it_is_the_default_as_well() {
        let (_, outcome) = fixture::rich(PriceMode::TaxExclusive);
        let rounding =
            json!({"discount": "half_up", "tax": "half_up", "percent": "per_line", "tax_level": "per_class"});
        assert_eq!(serde_json::to_value(&outcome).unwrap()["rounding"], rounding);
    }

    fn refused(pointer: &str, value: Value) -> String {
        let (_, outcome) = fixture::rich(PriceMode::TaxExclusive);
        let mut document = serde_json::to_value(&outcome).unwrap();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        match document.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}")) {
            Value::Array(members) => members[field.parse::<usize>().unwrap()] = value,
            object => object[field] = value,
        }
        match serde_json::from_value::<Outcome>(document) {
            Ok(_) => panic!("{pointer} was accepted"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn amounts_are_text_in_the_currency_of_the_outcome() {
        assert_eq!(
            refused("/lines/0/priced", json!("399.905")),
            "`lines[0].priced` is `399.905`: more than 2 decimals"
        );
        assert_eq!(refused("/lines/0/priced", json!("-1.00")), "`lines[0].priced` is `-1.00`: negative");
        assert_eq!(refused("/totals/items", json!("1e3")), "`totals.items` is `1e3`: not a decimal number");
        let number = refused("/totals/items", json!(459.18));
        assert!(number.contains("expected a string"), "{number}");
        assert!(refused("/currency", json!("XXQ")).contains("not a known currency"));
        assert!(refused("/trace/entries/0/before/currency", json!("EUR")).contains("not in CHF"));
    }

    #[test]
    fn what_is_not_there_cannot_be_referred_to() {
        assert_eq!(refused("/adjustments/0/line", json!(99)), "`adjustments[0].line` is `99`: unknown line");
        assert_eq!(
            refused("/adjustments/0/source", json!({"discount": 1})),
            "`adjustments[0].source` is `1`: unknown discount"
        );
        // The seventh code was refused.
        assert_eq!(
            refused("/adjustments/1/source", json!({"code": 6})),
            "`adjustments[1].source` is `6`: unknown applied code"
        );
        assert_eq!(
            refused("/lines/0/tax_class", json!("luxury")),
            "`lines[0].tax_class` is `luxury`: unknown tax class"
        );
        assert_eq!(refused("/counted", json!(["id:43"])), "`counted` is `id:43`: unknown customer");
        assert!(refused("/type_changes/0/cause/coupon/coupon", json!("c-percent")).contains("`type_changes[0].cause`"));
        assert!(refused("/trace/entries/0/line", json!(77)).contains("unknown line"));
    }

    #[test]
    fn figures_have_to_add_up() {
        let one_off = [
            ("/lines/0/priced", "399.91"),
            ("/lines/0/shop_discount", "20.01"),
            ("/lines/0/coupon_discount", "72.09"),
            ("/lines/0/third_party", "14.12"),
            ("/lines/0/taxable", "321.92"),
            ("/lines/0/net", "321.92"),
            ("/lines/0/tax", "26.09"),
            ("/lines/0/payable", "333.89"),
            ("/lines/2/list", "0.01"),
            ("/charges/1/payable", "2.71"),
            ("/answers/0/discount", "43.91"),
            ("/answers/0/wanted", "43.91"),
            ("/answers/1/third_party", "14.99"),
            ("/answers/6/forfeited", "0.01"),
            ("/adjustments/0/amount", "19.99"),
            ("/taxes/0/taxable", "344.81"),
            ("/taxes/0/net", "344.81"),
            ("/taxes/0/tax", "27.92"),
            ("/totals/items", "459.17"),
            ("/totals/item_discount", "131.85"),
            ("/totals/coupon_discount", "121.77"),
            ("/totals/shipping", "9.89"),
            ("/totals/shipping_discount", "9.89"),
            ("/totals/fees", "2.49"),
            ("/totals/taxable", "344.81"),
            ("/totals/net", "344.81"),
            ("/totals/tax", "27.92"),
            ("/totals/third_party", "14.99"),
            ("/totals/cash_rounding", "0.01"),
            ("/totals/payable", "357.80"),
            ("/accounts/0/discount", "20.01"),
        ];
        for (pointer, value) in one_off {
            let error = refused(pointer, json!(value));
            assert!(error.contains("does not agree with the rest of the document"), "{pointer}: {error}");
        }
    }

    #[test]
    fn states_have_to_agree() {
        for (pointer, value, expected) in [
            ("/answers/0/state", json!("refused"), "`answers[0].reasons`"),
            ("/answers/6/state", json!("applied"), "`answers[6].reasons`"),
            ("/answers/6/reasons", json!([]), "`answers[6].reasons`"),
            ("/answers/0/coupon", json!("c-maker"), "`answers[0].terms`"),
            ("/answers/0/terms", json!(null), "`answers[0].terms`"),
            ("/answers/5/valid_until", json!("2026-03-20T08:00:00Z"), "ends before it begins"),
            ("/lines/1/id", json!(1), "given twice"),
            ("/charges/0/id", json!(1), "given twice"),
            ("/lines/0/units", json!(0), "zero"),
            ("/lines/0/refused", json!("not_visible"), "does not agree"),
            ("/lines/0/tax", json!(null), "does not agree"),
            ("/taxes/1/class", json!("standard"), "given twice"),
            ("/taxes/1/rate", json!(null), "does not agree"),
            ("/accounts/1/account", json!("4711"), "does not agree"),
            ("/accounts", json!([]), "does not agree"),
            ("/flags", json!(["new_customer", "new_customer"]), "given twice"),
            ("/types_revision", json!(-1), "invalid value"),
        ] {
            let error = refused(pointer, value);
            assert!(error.contains(expected), "{pointer}: {error}");
        }
    }

    /// Proves S39, as it is stored: what is offered, and what was chosen and is not.
    #[test]
    fn options_are_read_back_and_checked() {
        let offered = json!(["INVOICE", "CARD"]);
        let payment = json!({"payment_not_allowed": {"option": "NET30"}});
        let shipping = json!({"shipping_not_allowed": {"line": 10, "method": "express"}});
        let document = |offered: Value, refusals: Value| {
            let (_, outcome) = fixture::rich(PriceMode::TaxExclusive);
            let mut document = serde_json::to_value(&outcome).unwrap();
            assert!(document.get("payment_options").is_none() && document.get("order_refusals").is_none());
            document["payment_options"] = offered;
            document["order_refusals"] = refusals;
            serde_json::from_value::<Outcome>(document).map_err(|error| error.to_string())
        };
        let read = document(offered.clone(), json!([payment, shipping])).unwrap();
        assert_eq!(read.payment_options().unwrap().len(), 2);
        assert_eq!(read.order_refusals().len(), 2);
        whole(&read);
        whole(&document(json!([]), json!([payment])).unwrap());
        for (offered, refusals, expected) in [
            (json!(null), json!([payment]), "`order_refusals[0]` is `NET30`: does not agree"),
            (json!(["NET30"]), json!([payment]), "`order_refusals[0]` is `NET30`: does not agree"),
            (json!(["CARD", "CARD"]), json!([]), "`payment_options[1]` is `CARD`: given twice"),
            (offered.clone(), json!([payment, payment]), "`order_refusals[1]` is `payment_not_allowed`: given twice"),
            (
                offered,
                json!([{"shipping_not_allowed": {"line": 1, "method": "express"}}]),
                "`order_refusals[0]` is `1`: unknown line",
            ),
        ] {
            let error = document(offered, refusals).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn unknown_fields_versions_and_words_are_refused() {
        assert!(refused("/version", json!(2)).contains("unknown version, 1 is supported"));
        assert!(refused("/version", json!("1")).contains("invalid type"));
        assert!(refused("/flags", json!(["surprise"])).contains("unknown variant"));
        let (_, outcome) = fixture::rich(PriceMode::TaxExclusive);
        let document = serde_json::to_value(&outcome).unwrap();
        for pointer in [
            "",
            "/rounding",
            "/lines/0",
            "/charges/0",
            "/discounts/0",
            "/answers/0",
            "/answers/0/terms",
            "/adjustments/0",
            "/taxes/0",
            "/totals",
            "/accounts/0",
            "/type_changes/0",
            "/trace",
            "/trace/entries/0",
        ] {
            let mut document = document.clone();
            document.pointer_mut(pointer).unwrap()["extra"] = json!(1);
            let error = serde_json::from_value::<Outcome>(document).map(|_| pointer).unwrap_err().to_string();
            assert!(error.contains("extra") && error.contains("unknown field"), "{pointer}: {error}");
        }
        let text = serde_json::to_string(&outcome).unwrap();
        for end in [1, text.len() / 2, text.len() - 1] {
            assert!(serde_json::from_str::<Outcome>(&text[..end]).is_err());
        }
        // Of another version, it is refused as that, whatever fields it has.
        let error = serde_json::from_str::<Outcome>(r#"{"version": 2, "surprise": 1}"#).unwrap_err().to_string();
        assert!(error.contains("unknown version"), "{error}");
    }
}
