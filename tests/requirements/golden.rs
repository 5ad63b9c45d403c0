//! The golden vectors, by number. Vectors of refunds, allowances and offers of several pieces have their tests where
//! those are proven.

use serde_json::json;
use vouchsafe::*;

use crate::support::*;

/// Golden vector V1. Proves S62, S63.
#[test]
fn v1_a_coupon_above_the_order_takes_all_and_loses_the_rest() {
    let outcome = order([line(1, "50.00")]).code(amount_off("hundred", "100.00")).run();
    assert_eq!(off(&outcome), ["50.00"]);
    assert_eq!(outcome.answers()[0].forfeited(), usd("50.00"));
    assert_eq!(outcome.lines()[0].net(), usd("0.00"));
}

/// Golden vector V2. Proves S62.
#[test]
fn v2_an_amount_is_taken_once_and_not_per_piece() {
    let outcome = order([pieces(1, "50.00", 3)]).code(amount_off("hundred", "100.00")).run();
    assert_eq!(off(&outcome), ["100.00"]);
    assert_eq!(outcome.lines()[0].net(), usd("50.00"));
    assert_eq!(outcome.answers()[0].forfeited(), usd("0.00"));
    // 100.00 over three equal units: 33.33 each, and the cent left over on the first.
    let split = split_units(10_000, 3);
    assert_eq!((split.larger(), split.smaller()), ((1, 3_334), (2, 3_333)));
}

/// Golden vector V3. Proves S60.
#[test]
fn v3_a_percentage_takes_every_piece_of_every_line() {
    let outcome = order([pieces(1, "30.00", 2), line(2, "40.00")]).code(percent_off("ten", "10")).run();
    assert_eq!(off(&outcome), ["6.00", "4.00"]);
}

/// Golden vector V4.
#[test]
fn v4_an_amount_over_uneven_lines() {
    let lines = [line(1, "19.99"), line(2, "19.99"), line(3, "60.02")];
    let outcome = order(lines).code(amount_off("ten", "10.00")).run();
    // 1.999, 1.999 and 6.002 exactly: whole cents 1.99 + 1.99 + 6.00 = 9.98, two cents to the largest remainders.
    assert_eq!(off(&outcome), ["2.00", "2.00", "6.00"]);
}

/// Golden vector V5.
#[test]
fn v5_cents_that_do_not_divide_go_to_the_first_lines() {
    let lines = [line(1, "100.00"), line(2, "100.00"), line(3, "100.00")];
    assert_eq!(off(&order(lines).code(amount_off("ten", "10.00")).run()), ["3.34", "3.33", "3.33"]);
    let seven = (1..=7).map(|id| line(id, "5.00"));
    let outcome = order(seven).code(amount_off("cents", "0.03")).run();
    assert_eq!(off(&outcome), ["0.01", "0.01", "0.01", "0.00", "0.00", "0.00", "0.00"]);
}

/// Golden vector V6. Proves S139.
#[test]
fn v6_discounts_come_before_coupons() {
    let sold = line(1, "100.00").with_discount(discount("sale", usd("20.00")));
    let outcome = order([sold]).code(percent_off("ten", "10")).run();
    // 100.00 - 20.00 = 80.00, a tenth of that is 8.00.
    assert_eq!((off(&outcome)[0].as_str(), payable(&outcome).as_str()), ("8.00", "72.00"));
}

/// Golden vector V7.
#[test]
fn v7_two_percentages_in_sequence_or_side_by_side() {
    let sequential = order([line(1, "100.00")]).codes([percent_off("a", "10"), percent_off("b", "10")]).run();
    assert_eq!((payable(&sequential), off(&sequential)), ("81.00".into(), vec!["19.00".to_owned()]));
    let additive = |id| coupon(id, json!({"benefits": [{"percent": {"off": "10", "base": "original"}}]}));
    assert_eq!(payable(&order([line(1, "100.00")]).codes([additive("a"), additive("b")]).run()), "80.00");
    let additive =
        |id| coupon(id, json!({"level": "order", "benefits": [{"percent": {"off": "10", "base": "original"}}]}));
    assert_eq!(payable(&order([line(1, "100.00")]).codes([additive("a"), additive("b")]).run()), "80.00");
}

/// Golden vector V8. Proves S142.
#[test]
fn v8_fractions_of_a_percent_and_every_way_to_round() {
    assert_eq!(off(&order([line(1, "100.00")]).code(percent_off("third", "33.333")).run()), ["33.33"]);
    // 2.5% of 1.00 is 2.5 cents, a midpoint.
    for (rounding, expected) in [
        (Rounding::HalfEven, "0.02"),
        (Rounding::HalfUp, "0.03"),
        (Rounding::HalfDown, "0.02"),
        (Rounding::Down, "0.02"),
    ] {
        for coupon in [percent_off("small", "2.5"), order_percent_off("small", "2.5")] {
            let rules = RoundingRules { discount: rounding, ..RoundingRules::default() };
            let outcome = order_under(policy(|p| p.rounding(rules)), [line(1, "1.00")]).code(coupon).run();
            assert_eq!(off(&outcome), [expected], "{rounding:?}");
            assert_eq!(outcome.rounding().discount, rounding);
        }
    }
}

/// Golden vector V9.
#[test]
fn v9_tax_comes_from_line_totals() {
    let outcome = order([pieces(1, "7.50", 4)]).taxed("20").code(amount_off("cents", "0.98")).run();
    // 30.00 - 0.98 = 29.02; 20% is 5.804. From a unit price of 7.26 it would be 5.81.
    assert_eq!(outcome.lines()[0].taxable(), usd("29.02"));
    assert_eq!(outcome.totals().tax(), Some(usd("5.80")));
}

/// Golden vector V10.
#[test]
fn v10_an_amount_net_over_two_rates() {
    let class = |name: &str| name.parse::<TaxClass>().unwrap();
    let case = |mode, first: &str, view: &str| {
        let lines = [line(1, first).with_tax_class(class("full")), line(2, "47.40").with_tax_class(class("none"))];
        order(lines)
            .order(|o| o.price_mode(mode).rate(class("full"), rate("10")).rate(class("none"), rate("0")))
            .code(coupon("ten", json!({"benefits": [{"amount": {"off": {"USD": "10.00"}, "tax": view}}]})))
            .run()
    };
    // 10.00 x 79.84 / 127.24 = 6.2747..., 10.00 x 47.40 / 127.24 = 3.7252...
    let exclusive = case(PriceMode::TaxExclusive, "79.84", "net");
    assert_eq!(off(&exclusive), ["6.27", "3.73"]);
    // Gross before: 79.84 + 7.98 + 47.40 = 135.22; after: 73.57 + 7.36 + 43.67 = 124.60; so 10.62 gross.
    assert_eq!(payable(&exclusive), "124.60");
    // Prices with tax: 79.84 net are 87.82 gross. 6.27 net are 6.89 gross: 87.82 - 80.93 (= 73.57 net).
    let inclusive = case(PriceMode::TaxInclusive, "87.82", "net");
    assert_eq!(off(&inclusive), ["6.89", "3.73"]);
    assert_eq!(total_off(&inclusive), "10.62");
    let net: Vec<Money> = inclusive.taxes().iter().map(TaxTotal::net).collect();
    // 79.84 - 6.27 and 47.40 - 3.73.
    assert_eq!(net, [usd("73.57"), usd("43.67")]);
}

/// Golden vector V11. Proves S115.
#[test]
fn v11_who_pays_decides_what_is_taxed() {
    let by = |funding: serde_json::Value| {
        let ten = coupon("ten", json!({"funding": funding, "benefits": [{"amount": {"off": {"USD": "10.00"}}}]}));
        order([line(1, "100.00")]).taxed("8").code(ten).run()
    };
    let seller = by(json!("seller"));
    assert_eq!(seller.totals().taxable(), usd("90.00"));
    assert_eq!((seller.totals().tax(), payable(&seller)), (Some(usd("7.20")), "97.20".into()));
    let maker = by(json!({"third_party": {"party": "ACME"}}));
    assert_eq!(maker.totals().taxable(), usd("100.00"));
    assert_eq!((maker.totals().tax(), payable(&maker)), (Some(usd("8.00")), "98.00".into()));
    assert_eq!(maker.totals().third_party(), usd("10.00"));
}

/// Golden vector V15. Proves S92, S138.
#[test]
#[cfg(feature = "tz")]
fn v15_the_last_day_ends_at_local_midnight() {
    let policy = policy(|p| p.zone(Zone::named("Europe/Berlin").unwrap()));
    let spring =
        coupon("spring", json!({"validity": {"thru": "2026-03-29"}, "benefits": [{"percent": {"off": "10"}}]}));
    let outcome = |instant| order_under(policy.clone(), [line(1, "10.00")]).code(spring.clone()).at(instant).run();
    // Summer time begins on that very day: midnight in Berlin is 22:00 UTC, not 23:00.
    assert!(applied(&outcome("2026-03-29T21:59:59Z")));
    let late = outcome("2026-03-29T22:00:00Z");
    assert_eq!(why(&late), [Refusal::Expired { ended: Some(at("2026-03-29T22:00:00Z")) }]);
    assert_eq!(payable(&late), "10.00");
}

/// Golden vector V16. Proves S78, S79.
#[test]
fn v16_a_countdown_is_exact() {
    let gift = coupon(
        "gift",
        json!({"code": null, "kind": "personal", "validity": {"countdown": {"days": 2, "hours": 3}},
            "benefits": [{"percent": {"off": "10"}}]}),
    );
    let outcome = |instant| {
        let issued = issued_code("GIFT1", "2026-03-28T12:00:00Z").with_holder(IdentityKey::id("1").unwrap());
        order([line(1, "10.00")]).customer(customer("1")).code(Entry::issued(issued, gift.clone())).at(instant).run()
    };
    assert!(applied(&outcome("2026-03-28T12:00:00Z")));
    assert!(applied(&outcome("2026-03-30T14:59:59Z")));
    let late = outcome("2026-03-30T15:00:00Z");
    assert_eq!(why(&late), [Refusal::Expired { ended: Some(at("2026-03-30T15:00:00Z")) }]);
    let early = outcome("2026-03-28T11:59:59Z");
    assert_eq!(why(&early), [Refusal::NotStarted { starts: at("2026-03-28T12:00:00Z") }]);
}

/// Golden vector V17. Proves S130, S142, S143.
#[test]
fn v17_bounds_of_percent_amount_and_code() {
    let percent = |off: &str| errors("c", json!({"benefits": [{"percent": {"off": off}}]}));
    assert_eq!(percent("100.000"), "");
    assert_eq!(percent("100.001"), "`benefits[0].percent.off` is `100.001`: not between 0 and 100");
    let amount = |off: &str| errors("c", json!({"benefits": [{"amount": {"off": {"USD": off}}}]}));
    assert_eq!(amount("99999999.99"), "");
    assert_eq!(amount("100000000.00"), "`benefits[0].amount.off.USD` is `100000000.00`: not between 0 and 99999999.99");
    let code = |code: &str| errors("c", json!({"code": code, "benefits": ["none"]}));
    assert_eq!(code(&"A".repeat(24)), "");
    assert_eq!(code(&"A".repeat(25)), "`code` is `AAAAAAAAAAAAAAAAAAAAAAAAA`: longer than 24 characters");
}

/// Golden vector V20.
#[test]
fn v20_a_budget_that_runs_short_is_clipped_or_refuses() {
    let short = |when_short: &str| {
        let twelve = coupon(
            "twelve",
            json!({"limits": {"money": {"USD": "100.00"}, "when_short": when_short},
                "benefits": [{"amount": {"off": {"USD": "12.00"}}}]}),
        );
        let usage = Usage::default().with_money(usd("92.60"));
        order([line(1, "20.00")]).code(Entry::new(twelve).usage(usage)).run()
    };
    // 100.00 - 92.60 = 7.40 left.
    let clipped = short("clip");
    assert_eq!((clipped.answers()[0].wanted(), clipped.answers()[0].discount()), (usd("12.00"), usd("7.40")));
    assert_eq!(payable(&clipped), "12.60");
    let refused = short("refuse");
    assert_eq!(why(&refused), [Refusal::BudgetExhausted { wanted: Some(usd("12.00")), left: usd("7.40") }]);
    assert_eq!(payable(&refused), "20.00");
}

/// Golden vector V21.
#[test]
fn v21_a_percentage_off_prices_with_tax() {
    let outcome = order([line(1, "305.00")]).inclusive().taxed("21").code(percent_off("ten", "10")).run();
    // 305.00 - 30.50 = 274.50; / 1.21 = 226.859...
    assert_eq!(payable(&outcome), "274.50");
    assert_eq!(outcome.totals().net(), usd("226.86"));
    assert_eq!(outcome.totals().tax(), Some(usd("47.64")));
}

/// Golden vector V22. Proves S91.
#[test]
fn v22_a_coupon_of_nothing_is_accepted_and_counts() {
    for benefit in [json!("none"), json!({"percent": {"off": "0"}}), json!({"amount": {"off": {"USD": "0.00"}}})] {
        let zero = coupon("zero", json!({"limits": {"total": 5}, "benefits": [benefit]}));
        let outcome = order([line(1, "10.00")]).code(zero).run();
        assert!(applied(&outcome), "{benefit}");
        assert_eq!(payable(&outcome), "10.00");
        let shown: Vec<Money> = outcome.adjustments().map(|a| a.amount).collect();
        assert_eq!(shown, [usd("0.00")], "{benefit}");
        let record = outcome.redemption().unwrap();
        assert_eq!(record.coupons()[0].discount, usd("0.00"));
        assert_eq!(record.deltas()[0].by(), 1);
    }
}

/// Golden vector V23.
#[test]
fn v23_rounded_per_line_or_once() {
    let lines = || [line(1, "1.06"), line(2, "2.06"), line(3, "3.06"), line(4, "4.06")];
    // 10% of 10.24 is 1.024.
    assert_eq!(total_off(&order(lines()).code(order_percent_off("ten", "10")).run()), "1.02");
    let per_line = order(lines()).code(percent_off("ten", "10")).run();
    assert_eq!(off(&per_line), ["0.11", "0.21", "0.31", "0.41"]);
    assert_eq!(total_off(&per_line), "1.04");
}

/// Golden vector V24.
#[test]
fn v24_a_manufacturers_coupon_off_a_price_with_tax() {
    let maker = coupon(
        "maker",
        json!({"funding": {"third_party": {"party": "ACME"}}, "benefits": [{"amount": {"off": {"USD": "12.10"}}}]}),
    );
    let outcome = order([line(1, "121.00")]).inclusive().taxed("21").code(maker).run();
    assert_eq!((outcome.totals().net(), outcome.totals().tax()), (usd("100.00"), Some(usd("21.00"))));
    assert_eq!(payable(&outcome), "108.90");
}

/// Golden vector V25.
#[test]
fn v25_an_amount_per_order_or_per_line() {
    let hundred = |per: &str| coupon("h", json!({"benefits": [{"amount": {"off": {"USD": "100.00"}, "per": per}}]}));
    let outcome = |per: &str| order([line(1, "200.00"), line(2, "200.00")]).code(hundred(per)).run();
    assert_eq!(total_off(&outcome("order")), "100.00");
    assert_eq!(total_off(&outcome("line")), "200.00");
}

/// Golden vector V26.
#[test]
fn v26_tax_is_rounded_once_per_class_or_per_line() {
    let outcome = |tax_level| {
        let rules = RoundingRules { tax_level, ..RoundingRules::default() };
        let lines = [line(1, "10.05"), line(2, "10.05"), line(3, "10.05")];
        order_under(policy(|p| p.rounding(rules)), lines).inclusive().taxed("19").run()
    };
    // 30.15 / 1.19 = 25.336...
    let per_class = outcome(TaxRounding::PerClass);
    assert_eq!((per_class.totals().net(), per_class.totals().tax()), (usd("25.34"), Some(usd("4.81"))));
    // 4.81 over three equal lines, the cent left over on the first.
    let taxes: Vec<_> = per_class.lines().iter().map(|l| l.tax().unwrap().amount_text()).collect();
    assert_eq!(taxes, ["1.61", "1.60", "1.60"]);
    // 10.05 / 1.19 = 8.445..., so 8.45 and 1.60 on each.
    let per_line = outcome(TaxRounding::PerLine);
    assert_eq!((per_line.totals().net(), per_line.totals().tax()), (usd("25.35"), Some(usd("4.80"))));
}
