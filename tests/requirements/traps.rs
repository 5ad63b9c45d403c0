//! Traps that other engines fell into. Those of limits and holds are in `redeeming`.

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

/// Trap 1: a share that is negative, or raises the last line's price.
#[test]
fn trap_1_no_share_is_negative() {
    let outcome = order((1..=11).map(|id| line(id, "1.00"))).code(amount_off("c", "0.06")).run();
    let shares = off(&outcome);
    // 0.06 x 1/11 is half a cent each: a cent on the first six.
    assert_eq!(shares[..6], ["0.01"; 6]);
    assert_eq!(shares[6..], ["0.00"; 5]);
    assert_eq!(payable(&outcome), "10.94");
}

/// Trap 2: a whole discount rounded away.
#[test]
fn trap_2_no_discount_is_rounded_away() {
    let seven = || (1..=7).map(|id| line(id, "1.00"));
    assert_eq!(total_off(&order(seven()).code(amount_off("c", "0.03")).run()), "0.03");
    // 0.5% of 7.00 is 0.035.
    assert_eq!(total_off(&order(seven()).code(order_percent_off("c", "0.5")).run()), "0.04");
}

/// Trap 3: a capped percentage pays its cap, at line and at order level, and per unit.
#[test]
fn trap_3_a_cap_is_paid_to_the_cent() {
    let capped = |off: &str, level: &str| {
        coupon("c", json!({"level": level, "benefits": [{"percent": {"off": off, "cap": {"USD": "10.00"}}}]}))
    };
    let lines = || [line(1, "33.33"), line(2, "33.33"), line(3, "33.34")];
    for level in ["line", "order"] {
        let outcome = order(lines()).code(capped("50", level)).run();
        assert_eq!(off(&outcome), ["3.34", "3.33", "3.33"], "{level}");
        assert_eq!(outcome.answers()[0].forfeited(), usd("0.00"));
        // Below the cap nothing is capped: 9% of 100.00.
        assert_eq!(total_off(&order(lines()).code(capped("9", level)).run()), "9.00", "{level}");
    }
    // At the cap exactly, where it is taken once; line by line 3.33 each.
    assert_eq!(total_off(&order(lines()).code(capped("10", "order")).run()), "10.00");
    assert_eq!(total_off(&order(lines()).code(capped("10", "line")).run()), "9.99");
    // A cap may differ per currency, and name a figure for every other.
    let euros = coupon("c", json!({"benefits": [{"percent": {"off": "50", "cap": {"USD": "10.00", "other": "7"}}}]}));
    assert_eq!(total_off(&order_in(Currency::EUR, [line(1, "100.00")]).code(euros).run()), "7.00");
    let none = coupon("c", json!({"benefits": [{"percent": {"off": "50", "cap": {"USD": "10.00"}}}]}));
    let outcome = order_in(Currency::EUR, [line(1, "100.00")]).code(none).run();
    assert_eq!(why(&outcome), [Refusal::NoAmountInCurrency { currency: Currency::EUR }]);
}

/// Trap 4: a cart coupon split per unit makes cheap lines free.
#[test]
fn trap_4_a_cart_coupon_follows_amounts_not_pieces() {
    let outcome = order([line(1, "90.00"), pieces(2, "1.00", 10)]).code(amount_off("c", "10.00")).run();
    assert_eq!(off(&outcome), ["9.00", "1.00"]);
}

/// Trap 6: minor units hard-coded as two.
#[test]
fn trap_6_minor_units_come_from_the_currency() {
    let own = Currency::own("PTS", 0).unwrap();
    for (currency, unit, ten_percent) in [
        (Currency::JPY, "1005", "101"),
        (Currency::KWD, "1.005", "0.101"),
        (Currency::iso("CLF").unwrap(), "1.0005", "0.1001"),
        (Currency::USD, "10.05", "1.01"),
        (own, "15", "2"),
    ] {
        let outcome = order_in(currency, [line(1, unit)]).code(percent_off("c", "10")).run();
        assert_eq!(total_off(&outcome), ten_percent, "{currency}");
    }
    // Tax too: 10% of 1005 yen less 5.
    let five = coupon("c", json!({"benefits": [{"amount": {"off": {"JPY": "5"}}}]}));
    let outcome = order_in(Currency::JPY, [line(1, "1005")]).taxed("10").code(five).run();
    assert_eq!(payable(&outcome), "1100");
}

/// Trap 7: 100% off that leaves 0.01.
#[test]
fn trap_7_the_whole_price_off_leaves_nothing() {
    let odd = || [pieces(1, "0.333", 7), line(2, "19.99"), line(3, "0.01"), pieces(4, "33.33", 3)];
    let all = |fields: Value| {
        let mut percent = json!({"off": "100"});
        percent.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({"benefits": [{"percent": percent}]})
    };
    for (mode, rounding) in [(PriceMode::TaxExclusive, Rounding::HalfEven), (PriceMode::TaxInclusive, Rounding::Down)] {
        for level in ["line", "order"] {
            for base in ["remaining", "original"] {
                let mut fields = all(json!({"base": base}));
                fields["level"] = json!(level);
                let rules = RoundingRules { discount: rounding, tax: rounding, ..RoundingRules::default() };
                let case = order_under(policy(|p| p.rounding(rules).price_mode(mode)), odd());
                let outcome = case.taxed("8.1125").code(percent_off("a", "33.333")).code(coupon("b", fields)).run();
                assert_eq!((payable(&outcome).as_str(), outcome.totals().tax()), ("0.00", Some(usd("0.00"))));
            }
        }
    }
}

/// Trap 8: a 10.00 coupon that takes 10, 11 or 12 depending on the tax mix.
#[test]
fn trap_8_ten_is_ten_whatever_the_tax() {
    let class = |name: &str| name.parse::<TaxClass>().unwrap();
    for mode in [PriceMode::TaxExclusive, PriceMode::TaxInclusive] {
        for (a, b) in [("0", "0"), ("10", "0"), ("19", "7"), ("25", "25")] {
            let lines = [line(1, "47.11").with_tax_class(class("a")), line(2, "19.99").with_tax_class(class("b"))];
            let outcome = order(lines)
                .order(|o| o.price_mode(mode).rate(class("a"), rate(a)).rate(class("b"), rate(b)))
                .code(amount_off("c", "10.00"))
                .run();
            assert_eq!((total_off(&outcome).as_str(), outcome.totals().taxable()), ("10.00", usd("57.10")));
            if mode == PriceMode::TaxInclusive {
                assert_eq!(payable(&outcome), "57.10");
            }
        }
    }
}

/// Trap 9: net thresholds in a gross shop, and the reverse.
#[test]
fn trap_9_a_threshold_says_on_which_side_of_tax_it_is() {
    let from = |view: &str| {
        let spend = json!({"minimum_spend": {"amounts": {"USD": "100.00"}, "tax": view}});
        coupon("c", json!({"conditions": [spend], "benefits": [{"percent": {"off": "10"}}]}))
    };
    let gross = |unit: &str, view: &str| order([line(1, unit)]).inclusive().taxed("19").code(from(view)).run();
    // 119.00 with 19% is 100.00 without.
    assert!(applied(&gross("119.00", "net")));
    let short = gross("118.98", "net");
    // 118.98 / 1.19 = 99.983...
    assert_eq!(why(&short), [Refusal::MinimumSpend { required: usd("100.00"), found: usd("99.98") }]);
    assert!(applied(&gross("100.00", "gross")) && applied(&gross("100.00", "as_priced")));
    let net = |unit: &str, view: &str| order([line(1, unit)]).taxed("19").code(from(view)).run();
    // 84.03 + 15.97 of tax.
    assert!(applied(&net("84.03", "gross")));
    assert!(!applied(&net("84.02", "gross")));
    assert!(!applied(&net("84.03", "net")) && !applied(&net("84.03", "as_priced")));
}

/// Trap 10: eligibility judged on totals that the coupon itself lowered.
#[test]
fn trap_10_a_coupon_does_not_lower_its_own_threshold() {
    for basis in ["discounted", "list", "remaining"] {
        let spend = json!({"minimum_spend": {"amounts": {"USD": "50.00"}, "basis": basis}});
        let off = coupon("c", json!({"conditions": [spend], "benefits": [{"amount": {"off": {"USD": "10.00"}}}]}));
        let outcome = order([line(1, "50.00")]).code(off).run();
        assert_eq!(payable(&outcome), "40.00", "{basis}");
    }
}

/// Trap 11: results that depend on the order in which codes were typed.
#[test]
fn trap_11_the_order_of_typing_is_irrelevant() {
    let scoped = coupon(
        "d",
        json!({"scope": {"products": ["P2"]}, "priority": 3, "benefits": [{"amount": {"off": {"USD": "3.33"}}}]}),
    );
    let codes = [
        Entry::new(percent_off("a", "7.5")),
        Entry::new(amount_off("b", "10.00")),
        Entry::new(order_percent_off("c", "12.345")),
        Entry::new(scoped),
        Entry::typed("b", amount_off("b", "10.00")),
        Entry::unknown("NOPE"),
    ];
    for max in [None, Some(1), Some(2), Some(3)] {
        let run = |order_of: &[usize]| {
            let lines = [line(1, "19.99"), pieces(2, "7.77", 3), line(3, "45.00")];
            let case = order_under(policy(|p| p.max_codes(max)), lines).taxed("8");
            let outcome = case.codes(order_of.iter().map(|i| codes[*i].clone())).run();
            let mut answers: Vec<_> = outcome
                .answers()
                .iter()
                .map(|a| {
                    (
                        a.code().map(ToString::to_string),
                        a.is_applied(),
                        a.discount().minor(),
                        format!("{:?}", a.reasons()),
                    )
                })
                .collect();
            answers.sort();
            (outcome.lines().to_vec(), *outcome.totals(), answers, outcome.redemption().unwrap())
        };
        let first = run(&[0, 1, 2, 3, 4, 5]);
        for other in [[5, 4, 3, 2, 1, 0], [2, 0, 5, 1, 3, 4], [4, 3, 0, 5, 2, 1], [1, 2, 3, 4, 5, 0]] {
            assert_eq!(run(&other), first, "{other:?} {max:?}");
        }
    }
}

/// Trap 20: a limit of zero that means unlimited.
#[test]
fn trap_20_a_limit_of_zero_is_an_error() {
    for limit in ["total", "per_code", "per_customer", "per_customer_and_code", "codes", "units"] {
        let found = errors("c", json!({"limits": {limit: 0}, "benefits": ["none"]}));
        assert_eq!(found, format!("`limits.{limit}` is `0`: zero"));
        assert_eq!(errors("c", json!({"limits": {limit: 1}, "benefits": ["none"]})), "");
    }
    assert_eq!(
        errors("c", json!({"limits": {"money": {"USD": "0.00"}}, "benefits": ["none"]})),
        "`limits.money.USD` is `0.00`: zero"
    );
}

/// Trap 21: an end date that ends when its day begins.
#[test]
fn trap_21_an_end_date_lasts_its_whole_day() {
    let day = coupon("c", json!({"validity": {"thru": "2026-03-29"}, "benefits": [{"percent": {"off": "10"}}]}));
    assert!(applied(&order([line(1, "10.00")]).code(day).at("2026-03-29T23:59:59.999999999Z").run()));
}
