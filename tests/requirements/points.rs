//! Loyalty points: earned on what is paid, redeemed as a discount or a tender.

use proptest::prelude::*;
use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

/// A programme of one point for a dollar, worth a cent each; fields may be overwritten, a field of `null` is left out.
fn program(fields: Value) -> PointsProgram {
    let mut document = json!({"earn": {"USD": "1"}, "value": {"USD": "0.01"}});
    for (name, value) in fields.as_object().unwrap() {
        match value {
            Value::Null => document.as_object_mut().unwrap().remove(name),
            value => document.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    serde_json::from_value(document).unwrap()
}

/// Ann orders in a shop with points.
fn ordered(fields: Value, lines: impl IntoIterator<Item = Line>) -> Case {
    order(lines).customer(customer("ann")).shop(|shop| shop.points(program(fields)))
}

/// The outcome, which is read back as it was written, and prices the same with what is read.
fn run(case: Case) -> Outcome {
    let outcome = case.run();
    let text = serde_json::to_string(&outcome).unwrap();
    let read: Outcome = serde_json::from_str(&text).unwrap();
    assert_eq!(read, outcome);
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    assert_eq!((read.digest(), read.public()), (outcome.digest(), outcome.public()));
    let redemption = outcome.redemption().unwrap();
    let text = serde_json::to_string(&redemption).unwrap();
    assert_eq!(serde_json::from_str::<Redemption>(&text).unwrap(), redemption);
    outcome
}

fn earned(outcome: &Outcome) -> u64 {
    outcome.points().unwrap().earned()
}

/// How many points are used, and what for.
fn redeemed(outcome: &Outcome) -> (u64, String) {
    let points = outcome.points().unwrap();
    (points.redeemed(), points.money().amount_text())
}

fn by_points(outcome: &Outcome) -> Vec<String> {
    outcome.lines().iter().map(|line| line.points_discount().amount_text()).collect()
}

/// Proves S28: one floor over the whole order, with the highest multiplier of the customer's types.
#[test]
fn points_are_rounded_down_once_on_the_sum() {
    // 0.50 and 0.50 are one dollar, though neither is one by itself.
    assert_eq!(earned(&run(ordered(json!({}), [line(1, "0.50"), line(2, "0.50")]))), 1);
    assert_eq!(earned(&run(ordered(json!({}), [line(1, "0.99")]))), 0);
    // 33.30 at 1.5 points a dollar: 49.95. For gold customers twice as many: 99.9.
    let gold = CustomerType::new("GOLD".parse().unwrap()).with_points_multiplier("2".parse().unwrap());
    let case = ordered(json!({"earn": {"USD": "1.5"}}), [line(1, "33.30")]).shop(|shop| shop.customer_type(gold));
    assert_eq!(earned(&run(case.clone())), 49);
    assert_eq!(earned(&run(case.customer(customer("ann").with_type("GOLD".parse().unwrap())))), 99);
}

/// Proves S28: nothing is earned on what was discounted away, on tax, on shipping, fees and refused lines, and outside the
/// scope.
#[test]
fn points_are_earned_on_what_is_paid_for_goods_without_tax() {
    // 100.00 less 20.00 by the shop less 10% = 72.00.
    let discounted = line(1, "100.00").with_discount(discount("season", usd("20.00")));
    let case = ordered(json!({}), [discounted]).code(percent_off("ten", "10")).taxed("8");
    let case = case.charge(shipping(9, usd("9.90"))).charge(Charge::fee(LineId(10), usd("5.00")));
    assert_eq!(earned(&run(case)), 72);
    // 121.00 with 21% in it.
    let inclusive = ordered(json!({}), [line(1, "121.00")]).taxed("21").inclusive();
    assert_eq!(earned(&run(inclusive.clone())), 100);
    // V24: a manufacturer pays 12.10 of it. The customer pays 108.90 with 18.90 tax: 90.00.
    let maker = coupon(
        "maker",
        json!({"benefits": [{"amount": {"off": {"USD": "12.10"}}}], "funding": {"third_party": {"party": "ACME"}}}),
    );
    assert_eq!(earned(&run(inclusive.code(maker))), 90);
    // A refused line is in no sum.
    let hidden = ordered(json!({}), [line(1, "10.00"), line(2, "50.00")]);
    let hidden = hidden.shop(|shop| shop.visible_only_to("P2".parse().unwrap(), []));
    let outcome = hidden.run();
    assert_eq!((earned(&outcome), outcome.points().unwrap().lines()), (10, &[LineId(1)][..]));
    let only_two = ordered(json!({"scope": {"products": ["P2"]}}), [line(1, "10.00"), line(2, "50.00")]);
    assert_eq!(earned(&run(only_two)), 50);
}

/// Proves S29: points as a discount come after coupons, are spread over what is left, and lower the tax.
#[test]
fn points_as_a_discount_come_out_in_every_figure() {
    let lines = [line(1, "60.00"), line(2, "40.00")];
    let case = ordered(json!({"account": "4950"}), lines).charge(shipping(9, usd("4.90"))).taxed("8");
    let outcome = run(case.code(order_percent_off("ten", "10")).points(1_000, 1_200));
    // 54.00 and 36.00 are left after the coupon; 10.00 over them is 6.00 and 4.00.
    assert_eq!(
        (redeemed(&outcome), by_points(&outcome)),
        ((1_000, "10.00".to_owned()), vec!["6.00".into(), "4.00".into()])
    );
    assert_eq!(off(&outcome), ["6.00", "4.00"]);
    let left: Vec<String> = outcome.lines().iter().map(|line| line.discounted().amount_text()).collect();
    assert_eq!(left, ["48.00", "32.00"]);
    let totals = outcome.totals();
    assert_eq!(totals.coupon_discount(), usd("10.00"));
    assert_eq!(totals.points_discount(), usd("10.00"));
    assert_eq!(totals.item_discount(), usd("20.00"));
    // 80.00 and 4.90 at 8%: 6.792.
    assert_eq!((totals.taxable(), totals.tax()), (usd("84.90"), Some(usd("6.79"))));
    assert_eq!((totals.payable(), outcome.amount_due()), (usd("91.69"), usd("91.69")));
    let accounts: Vec<(Option<&str>, Money)> =
        outcome.accounts().iter().map(|total| (total.account().map(AccountId::as_str), total.discount())).collect();
    assert_eq!(accounts, [(None, usd("10.00")), (Some("4950"), usd("10.00"))]);
    let account: AccountId = "4950".parse().unwrap();
    let last = outcome.adjustments().last().unwrap();
    assert_eq!((last.line, last.amount, last.third_party), (LineId(2), usd("4.00"), usd("0.00")));
    assert_eq!(last.source, Source::Points { account: Some(&account) });
    assert_eq!(earned(&outcome), 80);
    let redemption = outcome.redemption().unwrap();
    let moved = redemption.points().unwrap();
    assert_eq!((moved.earned, moved.redeemed, moved.money), (80, 1_000, usd("10.00")));
    assert_eq!((&moved.account, moved.redeemed_as), (&IdentityKey::id("ann").unwrap(), RedeemAs::Discount));
}

/// Proves S29: only the points that are needed are used, and the rest stays.
#[test]
fn no_more_points_are_used_than_it_takes() {
    let outcome = run(ordered(json!({}), [line(1, "7.30")]).taxed("8").points(1_000, 1_000));
    assert_eq!((redeemed(&outcome), payable(&outcome).as_str()), ((730, "7.30".to_owned()), "0.00"));
    assert_eq!((outcome.points().unwrap().wanted(), earned(&outcome)), (1_000, 0));
    assert!(outcome.has_flag(Flag::ZeroBase));
    // At 0.003 a point: 666 are 1.998, which is 1.99; it takes 667 for 2.00.
    let fine = json!({"value": {"USD": "0.003"}});
    assert_eq!(redeemed(&run(ordered(fine.clone(), [line(1, "2.00")]).points(1_000, 1_000))), (667, "2.00".to_owned()));
    // 500 are worth 1.50; 499 are worth 1.497, which is 1.49. 501 are worth no more than 500.
    assert_eq!(redeemed(&run(ordered(fine.clone(), [line(1, "2.00")]).points(501, 1_000))), (500, "1.50".to_owned()));
    // Of lines that no discount touches, points as a discount take nothing; as a tender they pay for them.
    let fixed = || line(1, "5.00").with_discountable(false);
    let outcome = run(ordered(json!({}), [fixed(), line(2, "2.00")]).points(1_000, 1_000));
    assert_eq!(by_points(&outcome), ["0.00", "2.00"]);
    let outcome = run(ordered(json!({"redeem_as": "tender"}), [fixed(), line(2, "2.00")]).points(1_000, 1_000));
    assert_eq!(outcome.amount_due(), usd("0.00"));
}

/// Proves S29: points as a tender pay; prices, taxable amounts and tax are as without them.
#[test]
fn points_as_a_tender_change_nothing_but_what_is_due() {
    let case =
        ordered(json!({"redeem_as": "tender"}), [line(1, "100.00")]).taxed("8").charge(shipping(9, usd("10.00")));
    let plain = case.clone().run();
    let outcome = run(case.points(5_000, 5_000));
    assert_eq!((outcome.totals(), outcome.lines()), (plain.totals(), plain.lines()));
    assert_eq!((payable(&outcome).as_str(), outcome.amount_due()), ("118.80", usd("68.80")));
    assert_eq!(
        (outcome.points().unwrap().tendered(), outcome.points().unwrap().discount()),
        (usd("50.00"), usd("0.00"))
    );
    assert_ne!(outcome.digest(), plain.digest(), "the shopper saw another amount to pay");
    // 50.00 of 108.00 are paid by points: 46.30 of the 100.00 before tax. 53.70 earn.
    assert_eq!((earned(&plain), earned(&outcome)), (100, 53));
    assert!(outcome.accounts().is_empty() && outcome.adjustments().count() == 0);
    // At most what is to be paid for the lines, tax included: 108.00, and not the shipping.
    let all = ordered(json!({"redeem_as": "tender"}), [line(1, "100.00")]).taxed("8").charge(shipping(9, usd("10.00")));
    let outcome = run(all.points(20_000, 20_000));
    assert_eq!((redeemed(&outcome), outcome.amount_due()), ((10_800, "108.00".to_owned()), usd("10.80")));
    assert_eq!(earned(&outcome), 0);
}

/// Proves S29, S104: cash rounding concerns what is paid in cash.
#[test]
fn what_is_due_in_cash_is_rounded_after_points() {
    let policy = policy(|policy| policy.cash(CashInterval::parse("0.05").unwrap()));
    let case = order_under(policy, [line(1, "10.00")]).customer(customer("ann"));
    let outcome = run(case.shop(|shop| shop.points(program(json!({"redeem_as": "tender"})))).points(333, 400));
    // 10.00 less 3.33 are 6.67, so 6.65.
    assert_eq!((outcome.totals().cash_rounding(), outcome.amount_due()), (usd("-0.02"), usd("6.65")));
    assert_eq!(payable(&outcome), "9.98");
}

/// Proves S29 and the bad input of a balance that is too low: a refusal, and the order is priced without points.
#[test]
fn points_are_refused_whole() {
    let ten = || [line(1, "10.00")];
    let refusal = |case: Case| {
        let outcome = case.run();
        let points = outcome.points().unwrap();
        assert_eq!((points.redeemed(), points.money(), payable(&outcome).as_str()), (0, usd("0.00"), "10.00"));
        assert!(outcome.placeable(), "points never stand in the way of an order");
        let read: Outcome = serde_json::from_str(&serde_json::to_string(&outcome).unwrap()).unwrap();
        assert_eq!(read, outcome);
        points.refusal()
    };
    let too_low = PointsRefusal::BalanceTooLow { asked: 500, balance: 499 };
    for form in ["discount", "tender"] {
        let case = || ordered(json!({"redeem_as": form}), ten());
        assert_eq!(refusal(case().points(500, 499)), Some(too_low));
        assert_eq!(refusal(case().points(0, 499)), None);
        let nobody = case().customer(Customer::anonymous()).points(5, 5);
        assert_eq!(refusal(nobody), Some(PointsRefusal::IdentityRequired));
    }
    let bounded = || ordered(json!({"minimum": 100, "step": 50}), ten());
    assert_eq!(refusal(bounded().points(99, 500)), Some(PointsRefusal::BelowMinimum { asked: 99, minimum: 100 }));
    assert_eq!(refusal(bounded().points(120, 500)), Some(PointsRefusal::NotInSteps { asked: 120, step: 50 }));
    assert_eq!(redeemed(&run(bounded().points(150, 500))), (150, "1.50".to_owned()));
    assert_eq!(redeemed(&run(bounded().points(100, 500))), (100, "1.00".to_owned()), "the minimum is enough");
    let other = ordered(json!({"scope": {"products": ["OTHER"]}}), ten());
    assert_eq!(refusal(other.points(100, 100)), Some(PointsRefusal::NotApplicable));
    let tiny = ordered(json!({"value": {"USD": "0.001"}}), ten());
    assert_eq!(refusal(tiny.points(9, 9)), Some(PointsRefusal::NoBenefit { asked: 9 }));
    let euros = ordered(json!({"value": {"EUR": "0.01"}}), ten());
    let currency = Currency::USD;
    assert_eq!(refusal(euros.points(9, 9)), Some(PointsRefusal::NoValueInCurrency { currency }));
    let collecting = ordered(json!({"value": null}), ten());
    assert_eq!(refusal(collecting.points(9, 9)), Some(PointsRefusal::NotOffered));
    assert_eq!(refusal(order(ten()).customer(customer("ann")).points(9, 9)), Some(PointsRefusal::NotOffered));
    assert!(order(ten()).run().points().is_none());
}

/// Proves S29, S75: what an order form shows of points.
#[test]
fn a_receipt_names_points_by_themselves() {
    let lines = || [line(1, "60.00"), line(2, "40.00")];
    let shown = |form: &str| {
        let case = ordered(json!({"redeem_as": form}), lines()).charge(shipping(9, usd("4.90"))).taxed("8");
        case.code(order_percent_off("ten", "10")).points(1_000, 1_200).receipt()
    };
    assert_eq!(
        shown("discount"),
        "\
P1                                 1       60.00
P2                                 1       40.00
------------------------------------------------
Subtotal                                  100.00
ten coupon                       10%      -10.00
Points                          1000      -10.00
Shipping                                    4.90
Tax 8% on 84.90                             6.79
------------------------------------------------
Total USD                                  91.69

80 points are earned
"
    );
    // 90.00 and 7.20 tax; 10.00 of 97.20 are paid with points, 9.26 of it without tax: 80.74 earn.
    assert_eq!(
        shown("tender"),
        "\
P1                                 1       60.00
P2                                 1       40.00
------------------------------------------------
Subtotal                                  100.00
ten coupon                       10%      -10.00
Shipping                                    4.90
Tax 8% on 94.90                             7.59
------------------------------------------------
Total USD                                 102.49
Paid with points                1000      -10.00
------------------------------------------------
Due USD                                    92.49

80 points are earned
"
    );
    let refused = ordered(json!({"earn": null}), [line(1, "1.00")]).points(9, 8).receipt();
    assert!(refused.ends_with("\nPoints: 9 points were asked for, and there are 8\n"), "{refused}");
}

/// Proves S9, S29: what a browser sees of points.
#[test]
fn a_browser_sees_points_and_no_terms() {
    let case = || ordered(json!({"account": "4950"}), [line(1, "10.00")]);
    let public = |case: Case| serde_json::to_value(case.run().public()).unwrap();
    let seen = public(case().points(200, 300));
    assert_eq!(seen["points"], json!({"earned": 8, "redeemed": 200, "money": "2.00", "as": "discount"}));
    assert_eq!(
        (&seen["lines"][0]["points_discount"], &seen["totals"]["points_discount"]),
        (&json!("2.00"), &json!("2.00"))
    );
    let refused = public(case().points(400, 300));
    let text = "400 points were asked for, and there are 300";
    let refusal = json!({"balance_too_low": {"asked": 400, "balance": 300}});
    assert_eq!(refused["points"], json!({"earned": 10, "refused": refusal, "text": text}));
    assert!(!seen.to_string().contains("4950"));
    assert!(public(order([line(1, "10.00")])).get("points").is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Proves S28, S29: whatever is bought, points take no more than they are worth and than is left, no more of them are
    /// used than it takes, nothing else about the order changes, and every figure of every document agrees.
    #[test]
    fn points_never_take_more_than_they_may(
        prices in prop::collection::vec((0..20_000_u32, 1..4_u64, any::<bool>(), any::<bool>()), 1..6),
        (asked, value, rate) in (1..40_000_u64, 1..40_000_u32, 1..3_000_000_u32),
        (tender, inclusive, third) in any::<(bool, bool, bool)>(),
        (off, tax) in (0..101_u32, 0..30_u32),
    ) {
        let lines: Vec<Line> = (1..).zip(&prices).map(|(id, (cents, pieces, scoped, fixed))| {
            let name = format!("{}{id}", if *scoped { "IN" } else { "OUT" });
            let price = format!("{}.{:02}", cents / 100, cents % 100);
            of(id, product(&name).with_on_sale(*scoped), &price, *pieces).with_discountable(!fixed)
        }).collect();
        let value = format!("0.{value:06}");
        let rate = format!("{}.{:06}", rate / 1_000_000, rate % 1_000_000);
        let form = if tender { "tender" } else { "discount" };
        let fields = json!({"earn": {"USD": rate}, "value": {"USD": value}, "redeem_as": form, "scope": "on_sale"});
        let funding = if third { json!({"third_party": {"party": "ACME"}}) } else { json!("seller") };
        let off = json!({"benefits": [{"percent": {"off": off.to_string()}}], "funding": funding});
        let case = ordered(fields, lines).taxed(&tax.to_string()).charge(shipping(99, usd("4.90"))).code(coupon("off", off));
        let case = if inclusive { case.inclusive() } else { case };
        let (plain, outcome) = (run(case.clone()), run(case.points(asked, asked)));
        let points = outcome.points().unwrap();
        let (value, money): (rust_decimal::Decimal, _) = (value.parse().unwrap(), points.money().to_decimal());
        let worth = |points: u64| (rust_decimal::Decimal::from(points) * value).trunc_with_scale(2);
        prop_assert!(money <= worth(asked) && points.redeemed() <= asked);
        if points.redeemed() > 0 {
            prop_assert!(worth(points.redeemed()) >= money && worth(points.redeemed() - 1) < money);
        }
        // What is left of the lines they may pay for is the other bound, and one of the two is met.
        let in_scope = |line: &&LineOutcome| points.lines().contains(&line.id());
        let left: i64 = plain.lines().iter().filter(in_scope).map(|line| {
            let may = prices[usize::try_from(line.id().0).unwrap() - 1].3;
            if tender { line.payable().minor() } else if may { 0 } else { line.discounted().minor() }
        }).sum();
        prop_assert_eq!(money, worth(asked).min(Money::new(left, Currency::USD).to_decimal()));
        prop_assert_eq!(outcome.totals().coupon_discount(), plain.totals().coupon_discount());
        let before: Vec<Money> = plain.lines().iter().map(LineOutcome::discounted).collect();
        for (line, before) in outcome.lines().iter().zip(before) {
            prop_assert_eq!(line.discounted().minor() + line.points_discount().minor(), before.minor());
        }
        prop_assert!(points.earned() <= plain.points().unwrap().earned());
        prop_assert!(outcome.amount_due().minor() >= 0);
        let less = plain.amount_due().minor() - outcome.amount_due().minor();
        prop_assert!(!tender || less == points.money().minor());
    }
}

/// What the shop took off is no discount by points, where no code stands between the two. 100.00 less 10.00, less 500
/// points of a cent.
#[test]
fn points_are_told_apart_from_the_discounts_of_the_shop() {
    let sold = line(1, "100.00").with_discount(discount("sale", usd("10.00")));
    let outcome = run(ordered(json!({}), [sold]).points(500, 500));
    assert_eq!((by_points(&outcome), payable(&outcome).as_str()), (vec!["5.00".to_owned()], "85.00"));
    let line = &outcome.lines()[0];
    assert_eq!((line.shop_discount(), line.coupon_discount()), (usd("10.00"), usd("0.00")));
    assert_eq!((outcome.totals().points_discount(), outcome.totals().coupon_discount()), (usd("5.00"), usd("0.00")));
}
