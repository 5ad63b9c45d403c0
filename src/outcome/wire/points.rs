//! From document to outcome: points that agree with their terms and with the figures of the lines.

use std::sync::Arc;

use super::super::line::{BY_POINTS, LineOutcome};
use super::super::{Earning, Outcome, PointsOutcome};
use super::check::{amount, disagrees, equal, total, unknown_line};
use super::form::PointsForm;
use crate::error::{Error, Why};
use crate::money::Currency;
use crate::order::LineId;
use crate::shop::PointsProgram;

fn path(field: &'static str) -> impl Fn() -> String {
    move || format!("points.{field}")
}

impl PointsForm {
    /// Reads what stands by itself: an amount in the currency, as many points as it takes for it under these terms, no more
    /// than were asked for, and none where they are refused.
    pub(super) fn read(self, currency: Currency) -> Result<Box<PointsOutcome>, Error> {
        let Self { program, lines, earned, wanted, redeemed, money, refusal } = self;
        let minor = amount(&money, currency, path("money"))?;
        if redeemed > wanted || (refusal.is_some() && (redeemed > 0 || wanted == 0)) {
            return Err(disagrees(path("redeemed")(), redeemed));
        }
        let value = program.as_ref().and_then(|program| program.value_in(currency));
        let expected = if minor == 0 { Some(0) } else { value.and_then(|value| value.times_for(minor, currency)) };
        if expected != Some(redeemed) {
            return Err(disagrees(path("money")(), money));
        }
        let mut pairs = lines.iter().zip(lines.iter().skip(1)).enumerate();
        if let Some((i, (line, _))) = pairs.find(|(_, (line, next))| line >= next) {
            return Err(Error::invalid(format!("points.lines[{i}]"), line, Why::Unordered));
        }
        let program = program.map(Arc::new);
        Ok(Box::new(PointsOutcome { program, currency, lines, earned, wanted, redeemed, money: minor, refusal }))
    }
}

/// Lines that exist and are sold; off them what points took as a discount, or at least as much to pay as they paid; and
/// what is earned on the rest.
pub(super) fn add_up(outcome: &Outcome) -> Result<(), Error> {
    let by_points = || outcome.adjustments.iter().filter(|raw| !raw.coupon && raw.source == BY_POINTS);
    let Some(points) = outcome.points() else {
        return match by_points().next() {
            Some(_) => Err(disagrees("points".to_owned(), "none")),
            None => Ok(()),
        };
    };
    let (mut earning, mode) = (Earning::default(), outcome.price_mode);
    for (i, id) in points.lines.iter().enumerate() {
        let line = sold(outcome, *id).ok_or_else(|| unknown_line(format!("points.lines[{i}]"), *id))?;
        earning.add_line(line, mode);
    }
    equal(points.discount().minor(), total(by_points().map(|raw| raw.amount)), outcome.currency, path("money"))?;
    for raw in by_points() {
        let line = outcome.slot(raw.slot).map(LineOutcome::id);
        if line.is_none_or(|line| points.lines.binary_search(&line).is_err()) || raw.third != 0 {
            return Err(disagrees(path("lines")(), line.map_or_else(|| "none".to_owned(), |line| line.to_string())));
        }
    }
    if points.tendered_minor() > earning.payable {
        return Err(disagrees(path("money")(), points.money().amount_text()));
    }
    let earned = |program: &PointsProgram| {
        earning.points(program, outcome.points_multiplier, outcome.currency, points.tendered_minor())
    };
    let expected = points.program().map_or(Ok(0), earned)?;
    if points.earned != expected {
        return Err(disagrees(path("earned")(), points.earned));
    }
    if points.redeemed > 0 && outcome.counted.is_empty() {
        return Err(disagrees(path("redeemed")(), points.redeemed));
    }
    Ok(())
}

fn sold(outcome: &Outcome, id: LineId) -> Option<&LineOutcome> {
    let at = outcome.lines.binary_search_by_key(&id, LineOutcome::id).ok()?;
    outcome.lines.get(at).filter(|line| line.refusal.is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::calendar::parse_instant;
    use crate::customer::{Customer, IdentityKey};
    use crate::order::Order;
    use crate::outcome::Redemption;
    use crate::outcome::fixture::line;
    use crate::policy::Policy;
    use crate::request::{PointsUse, Reference, Request};
    use crate::shop::Shop;

    /// 500 points of a cent and a half each, on lines of 60.00 and 40.00 and not on one of 50.00; 8% besides.
    fn outcome(redeem_as: &str) -> Outcome {
        let program = json!({"earn": {"USD": "1.5"}, "value": {"USD": "0.015"}, "redeem_as": redeem_as,
            "scope": {"products": ["BOOT", "POLE"]}, "account": "4950"});
        let program: PointsProgram = serde_json::from_value(program).unwrap();
        let shop = Shop::builder(Policy::builder(Currency::USD).build().unwrap()).points(program).build().unwrap();
        let lines = [line(1, "BOOT", "30.00", 2), line(2, "CARD", "50.00", 1), line(3, "POLE", "40.00", 1)];
        let order = Order::builder(Currency::USD).lines(lines).default_rate("8".parse().unwrap()).build().unwrap();
        let ann = Customer::new([IdentityKey::id("42").unwrap(), IdentityKey::email("ann@example.com").unwrap()]);
        let at = parse_instant("2026-03-29T12:00:00Z").unwrap();
        let request = Request::new(&order, &ann, Reference::Order("o-1".parse().unwrap()), at);
        shop.evaluate(&request.with_points(PointsUse::new(500, 500))).unwrap()
    }

    /// The document with one place changed, or taken out where the value is null.
    fn changed(document: &Value, pointer: &str, value: Value) -> Value {
        let mut document = document.clone();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        match document.pointer_mut(parent).unwrap() {
            Value::Array(members) => members[field.parse::<usize>().unwrap()] = value,
            Value::Object(object) if value.is_null() => drop(object.remove(field)),
            object => object[field] = value,
        }
        document
    }

    #[test]
    fn points_have_to_add_up() {
        let document = serde_json::to_value(outcome("discount")).unwrap();
        let refused = |pointer: &str, value: Value| {
            serde_json::from_value::<Outcome>(changed(&document, pointer, value)).unwrap_err().to_string()
        };
        // 7.50 over 60.00 and 40.00; 92.50 at 1.5 points are 138.75.
        assert_eq!((&document["points"]["money"], &document["points"]["earned"]), (&json!("7.50"), &json!(138)));
        for (pointer, value) in [
            ("/points/earned", json!(139)),
            ("/points/wanted", json!(499)),
            ("/points/redeemed", json!(499)),
            ("/points/redeemed", json!(501)),
            ("/points/money", json!("7.49")),
            ("/points/refusal", json!("not_applicable")),
            ("/points/lines", json!([1])),
            ("/points/program/value/USD", json!("0.016")),
            ("/points/program/earn/USD", json!("1.6")),
            ("/points/program/redeem_as", json!("tender")),
            ("/points/program/account", json!("4951")),
            ("/points/program", json!(null)),
            ("/points", json!(null)),
            ("/adjustments/0/amount", json!("4.51")),
            ("/lines/0/points_discount", json!("4.49")),
            ("/lines/0/points_discount", json!(null)),
            ("/lines/0/coupon_discount", json!("4.50")),
            ("/totals/points_discount", json!("7.49")),
            ("/totals/points_discount", json!(null)),
            ("/totals/item_discount", json!("0.00")),
            ("/counted", json!([])),
        ] {
            let error = refused(pointer, value.clone());
            assert!(error.contains("does not agree with the rest of the document"), "{pointer} {value}: {error}");
        }
        assert_eq!(refused("/points/lines/1", json!(1)), "`points.lines[0]` is `1`: not in order, or given twice");
        assert_eq!(refused("/points/lines/1", json!(9)), "`points.lines[1]` is `9`: unknown line");
        assert_eq!(refused("/points/money", json!("-7.50")), "`points.money` is `-7.50`: negative");
        assert!(refused("/points/extra", json!(1)).contains("unknown field `extra`"));
        let third = refused("/adjustments/0/third_party", json!("1.00"));
        assert!(third.contains("does not agree"), "{third}");
    }

    #[test]
    fn a_tender_pays_no_more_than_there_is_to_pay() {
        let document = serde_json::to_value(outcome("tender")).unwrap();
        assert_eq!(serde_json::from_value::<Outcome>(document.clone()).unwrap(), outcome("tender"));
        let mut rich = changed(&document, "/points/money", json!("108.01"));
        for field in ["wanted", "redeemed"] {
            rich["points"][field] = json!(7_201);
        }
        let error = serde_json::from_value::<Outcome>(rich).unwrap_err().to_string();
        assert_eq!(error, "`points.money` is `108.01`: does not agree with the rest of the document");
    }

    #[test]
    fn a_recorded_move_is_checked() {
        for redeem_as in ["discount", "tender"] {
            let document = serde_json::to_value(outcome(redeem_as).redemption().unwrap()).unwrap();
            let refused = |pointer: &str, value: Value| {
                serde_json::from_value::<Redemption>(changed(&document, pointer, value)).unwrap_err().to_string()
            };
            assert_eq!(document["points"]["redeemed_as"], json!(redeem_as));
            let other = refused("/points/account", json!("email:ann@example.com"));
            assert_eq!(other, "`points.account` is `email:ann@example.com`: unknown customer");
            assert!(refused("/points/redeemed", json!(0)).contains("`points.money` is `7.50 USD`: does not agree"));
            let nothing = json!({"amount": "0.00", "currency": "USD"});
            assert!(refused("/points/money", nothing).contains("does not agree"));
            let euros = json!({"amount": "7.50", "currency": "EUR"});
            assert!(refused("/points/money", euros).contains("not in USD"));
            assert!(refused("/points/extra", json!(1)).contains("unknown field"));
        }
        let document = serde_json::to_value(outcome("tender").redemption().unwrap()).unwrap();
        let poor = changed(&document, "/payable", json!({"amount": "7.49", "currency": "USD"}));
        assert!(serde_json::from_value::<Redemption>(poor).unwrap_err().to_string().contains("`points.money`"));
    }
}
