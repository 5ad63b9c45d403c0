//! What comes after an order is priced under the terms that were stored with it.

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

/// Places an order with the shared codes of some coupons.
fn placed_by(shop: &Shop, lines: Vec<Line>, coupons: &[Coupon], who: &Customer, usage: Usage) -> PlacedOrder {
    let order = Order::builder(Currency::USD).lines(lines).build().unwrap();
    let prepared: Vec<Prepared> = coupons.iter().map(|c| shop.prepare(c.clone()).unwrap()).collect();
    let typed: Vec<String> = coupons.iter().map(|c| c.code().unwrap().to_string()).collect();
    let codes: Vec<Presented<'_>> =
        typed.iter().zip(&prepared).map(|(code, coupon)| Presented::new(code, coupon).with_usage(usage)).collect();
    let request = Request::new(&order, who, Reference::Order("o-1".parse().unwrap()), at(NOON)).with_codes(&codes);
    shop.place(&request).unwrap()
}

fn placed(lines: Vec<Line>, coupons: &[Coupon]) -> PlacedOrder {
    let shop = Shop::new(Policy::builder(Currency::USD).max_codes(None).build().unwrap());
    placed_by(&shop, lines, coupons, &customer("42"), Usage::default())
}

fn monthly(id: u64, unit_price: &str) -> Line {
    of(id, product("PAPER").with_subscription(true), unit_price, 1).with_billing(Billing::every_months(1).unwrap())
}

fn yearly(id: u64, unit_price: &str) -> Line {
    of(id, product("HOSTING").with_subscription(true), unit_price, 1).with_billing(Billing::every_months(12).unwrap())
}

/// What is paid in each of the first payments of a line.
fn payments(placed: &PlacedOrder, line: u64, count: u32) -> Vec<String> {
    let subscription = placed.subscription(LineId(line)).unwrap().unwrap();
    let payment = |number| subscription.payment(number).unwrap().unwrap().payable().amount_text();
    (1..=count).map(payment).collect()
}

fn payable(outcome: &Outcome) -> String {
    outcome.totals().payable().amount_text()
}

fn ten(fields: Value) -> Coupon {
    let mut all = json!({"benefits": [{"percent": {"off": "10"}}]});
    for (name, value) in fields.as_object().unwrap() {
        all[name] = value.clone();
    }
    coupon("ten", all)
}

/// Proves S65, S66.
#[test]
fn later_payments_follow_the_payments_of_the_coupon() {
    for (covered, expected) in [
        (Value::Null, ["27.00", "30.00", "30.00", "30.00", "30.00"]),
        (json!("first"), ["27.00", "30.00", "30.00", "30.00", "30.00"]),
        (json!("all"), ["27.00", "27.00", "27.00", "27.00", "27.00"]),
        (json!({"first_n": 3}), ["27.00", "27.00", "27.00", "30.00", "30.00"]),
        (json!({"months": 4}), ["27.00", "27.00", "27.00", "27.00", "30.00"]),
    ] {
        let order = placed(vec![monthly(1, "30.00")], &[ten(json!({"payments": covered}))]);
        assert_eq!(payments(&order, 1, 5), expected, "{covered}");
    }
}

/// Proves S89, S107: the terms of then stand, edited either way.
#[test]
fn a_subscription_keeps_the_terms_it_began_with() {
    for (then, now, second) in [("first", "all", "30.00"), ("all", "first", "27.00")] {
        let order = placed(vec![monthly(1, "30.00")], &[ten(json!({"payments": then}))]);
        let kept = serde_json::to_string(&order.subscription(LineId(1)).unwrap().unwrap()).unwrap();
        // The definition is edited meanwhile; only what was kept is read.
        let edited = ten(json!({"payments": now, "revision": 2}));
        assert_ne!(edited.payments(), order.outcome().answers()[0].terms().unwrap().payments());
        let mut subscription: Subscription = serde_json::from_str(&kept).unwrap();
        let payment = subscription.next_payment().unwrap().unwrap();
        assert_eq!((payment.number(), payment.payable()), (2, usd(second)));
        assert_eq!(subscription.payments_made(), 2);
    }
}

/// Proves S149: what is sold once is discounted once, and never billed again.
#[test]
fn a_mixed_order_bills_its_subscriptions_only() {
    let lines = vec![monthly(1, "30.00"), line(2, "12.00"), yearly(3, "120.00"), monthly(4, "5.00")];
    let order = placed(lines, &[ten(json!({"payments": "all"}))]);
    assert_eq!(payable(order.outcome()), "150.30");
    assert!(order.subscription(LineId(2)).unwrap().is_none());
    let all = order.subscriptions().unwrap();
    let lines: Vec<Vec<u64>> = all.iter().map(|s| s.lines().map(|id| id.0).collect()).collect();
    assert_eq!(lines, [vec![1, 4], vec![3]]);
    // 35.00 less 10%, billed together; 120.00 less 10%.
    assert_eq!(payments(&order, 4, 2), ["31.50", "31.50"]);
    assert_eq!(payments(&order, 3, 2), ["108.00", "108.00"]);
}

/// Three months of a yearly bill of 120.00 are 30.00: the coupon acts on those, and on nothing of the next bill.
#[test]
fn a_time_of_service_acts_on_the_share_it_covers() {
    let set = json!([{"set_price": {"price": {"USD": "60.00"}}}]);
    for (benefits, paid, forfeited) in [
        (json!([{"percent": {"off": "10"}}]), "117.00", "0.00"),
        (json!([{"amount": {"off": {"USD": "5.00"}}}]), "115.00", "0.00"),
        (json!([{"amount": {"off": {"USD": "50.00"}}}]), "90.00", "20.00"),
        (json!([{"amount": {"off": {"USD": "50.00"}, "per": "unit"}}]), "90.00", "20.00"),
        // 60.00 less than usual, of which a quarter.
        (set, "105.00", "0.00"),
    ] {
        let quarter = coupon("quarter", json!({"benefits": benefits, "payments": {"months": 3}}));
        // What is not billed again has no time of service.
        let order = placed(vec![yearly(1, "120.00"), line(2, "40.00")], &[quarter]);
        assert_eq!(order.outcome().line(LineId(2)).unwrap().payable(), usd("40.00"));
        assert_eq!(order.outcome().answers()[0].forfeited(), usd(forfeited), "{benefits}");
        assert_eq!(payments(&order, 1, 2), [paid, "120.00"], "{benefits}");
        assert_eq!(order.recompute().unwrap(), Recomputed::Same);
    }
    // 15 months reach into the second year.
    let order = placed(vec![yearly(1, "120.00")], &[ten(json!({"payments": {"months": 15}}))]);
    assert_eq!(payments(&order, 1, 3), ["108.00", "117.00", "120.00"]);
    let errors = draft("c", json!({"benefits": [{"shipping": "free"}], "payments": {"days": 30}})).check();
    assert!(errors.unwrap_err().to_string().contains("shipping, which has no time of service"));
}

/// Proves S66: where each piece is rounded by itself, and of steps by pieces, it is the same quarter of the payment. Of four
/// at 120.00 the first is full price, two are 10% and one is 20% less: 48.00, of which a quarter.
#[test]
fn a_time_of_service_is_a_share_of_pieces_as_well() {
    let quarter = |benefit: Value| coupon("quarter", json!({"benefits": [benefit], "payments": {"months": 3}}));
    let steps = json!([{"from": 2, "percent": "10"}, {"from": 4, "percent": "20"}]);
    let steps = json!({"tiers": {"by": "quantity", "steps": steps, "marginal": true}});
    for (benefit, count, paid) in [(json!({"percent": {"off": "10"}}), 1, "117.00"), (steps, 4, "468.00")] {
        let rounding = RoundingRules { percent: PercentRounding::PerUnit, ..RoundingRules::default() };
        let shop = Shop::new(policy(|p| p.rounding(rounding)));
        let hosting = of(1, product("HOSTING").with_subscription(true), "120.00", count);
        let hosting = hosting.with_billing(Billing::every_months(12).unwrap());
        let order = placed_by(&shop, vec![hosting], &[quarter(benefit)], &customer("42"), Usage::default());
        assert_eq!(payments(&order, 1, 1), [paid]);
        assert_eq!(order.recompute().unwrap(), Recomputed::Same);
    }
}

/// Proves S64: of an amount that was granted by hand the rest is carried as well: 50.00 off 30.00 leave 20.00.
#[test]
fn a_remainder_of_an_amount_by_hand_is_carried() {
    let benefits = json!([{"operator": {"max": {"USD": "50.00"}}}]);
    let hand = coupon("hand", json!({"benefits": benefits, "remainder": "carry", "payments": "first"}));
    let case = order_under(policy(|policy| policy.manual(true)), [monthly(1, "30.00")]).customer(customer("42"));
    let order = case.code(Entry::new(hand).operator(usd("50.00"))).place();
    assert_eq!(payments(&order, 1, 3), ["0.00", "10.00", "30.00"]);
}

/// Proves S63, S64: what is left over goes to later payments of the same subscription, or nowhere.
#[test]
fn a_remainder_is_lost_or_carried() {
    let fifty = |remainder: &str, payments: &str| {
        let benefits = json!([{"amount": {"off": {"USD": "50.00"}}}]);
        coupon("fifty", json!({"benefits": benefits, "remainder": remainder, "payments": payments}))
    };
    let after = |coupon: Coupon| {
        let order = placed(vec![monthly(1, "30.00"), yearly(2, "0.00")], &[coupon]);
        let subscription = order.subscription(LineId(1)).unwrap().unwrap();
        let payment = |n| subscription.payment(n).unwrap().unwrap();
        (1..=3).map(|n| (payment(n).payable().amount_text(), payment(n).carried().amount_text())).collect::<Vec<_>>()
    };
    let rows = |rows: [(&str, &str); 3]| rows.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec();
    assert_eq!(after(fifty("forfeit", "first")), rows([("0.00", "0.00"), ("30.00", "0.00"), ("30.00", "0.00")]));
    assert_eq!(after(fifty("carry", "first")), rows([("0.00", "20.00"), ("10.00", "0.00"), ("30.00", "0.00")]));
    assert_eq!(after(fifty("carry", "all")), rows([("0.00", "20.00"), ("0.00", "40.00"), ("0.00", "60.00")]));
    let wrong = draft("c", json!({"benefits": [{"percent": {"off": "10"}}], "remainder": "carry"})).check();
    let wrong = wrong.unwrap_err().to_string();
    assert_eq!(wrong, "`remainder` is `carry`: can never apply: only an amount leaves a remainder");
}

/// Proves S64: of two subscriptions that a coupon covers, the first has what is left over, and only that one. 50.00 off
/// 10.00 and 20.00 leaves 20.00, which pays two months, and nothing of the next year.
#[test]
fn a_remainder_goes_to_one_subscription() {
    let benefits = json!([{"amount": {"off": {"USD": "50.00"}}}]);
    let coupon = coupon("fifty", json!({"benefits": benefits, "remainder": "carry", "payments": "first"}));
    let order = placed(vec![monthly(1, "10.00"), yearly(2, "20.00")], &[coupon]);
    assert_eq!(payments(&order, 1, 4), ["0.00", "0.00", "0.00", "10.00"]);
    assert_eq!(payments(&order, 2, 2), ["0.00", "20.00"]);
}

/// Bad input: a remainder that is kept between payments is an amount for each code, and no debt. 50.00 off 30.00 leaves
/// 20.00.
#[test]
fn a_kept_remainder_is_checked_when_it_is_read() {
    let benefits = json!([{"amount": {"off": {"USD": "50.00"}}}]);
    let coupon = coupon("fifty", json!({"benefits": benefits, "remainder": "carry", "payments": "first"}));
    let order = placed(vec![monthly(1, "30.00")], &[coupon]);
    let document = serde_json::to_value(order.subscription(LineId(1)).unwrap().unwrap()).unwrap();
    assert_eq!(document["carried"], json!(["20.00"]));
    let read = |carried: Value| {
        let mut document = document.clone();
        document["carried"] = carried;
        serde_json::from_value::<Subscription>(document).map(|s| s.payment(2).unwrap().unwrap().payable())
    };
    // The next 30.00 less what is kept.
    assert_eq!(read(json!(["20.00"])).unwrap(), usd("10.00"));
    assert_eq!(read(json!(["0.00"])).unwrap(), usd("30.00"));
    for (carried, field) in [(json!(["-0.01"]), "carried[0]"), (json!(["1.00", "2.00"]), "carried")] {
        let refused = read(carried).unwrap_err().to_string();
        assert!(refused.contains(field), "{refused}");
    }
}

/// Proves S67, S71.
#[test]
fn a_trial_is_charged_for_the_first_time_when_it_is_over() {
    let trial = coupon("try", json!({"benefits": [{"trial": {"days": 14}}]}));
    let order = placed(vec![monthly(1, "30.00"), line(2, "12.00")], &[trial]);
    let outcome = order.outcome();
    let charges: Vec<_> = outcome.first_charges().iter().map(|c| (c.line(), c.at(), c.amount())).collect();
    assert_eq!(charges, [(LineId(1), at("2026-04-12T12:00:00Z"), usd("30.00"))]);
    assert_eq!((outcome.totals().payable(), outcome.amount_due_now()), (usd("42.00"), usd("12.00")));
    let subscription = order.subscription(LineId(1)).unwrap().unwrap();
    let days = |n| subscription.payment(n).unwrap().map(|p| format!("{} {}", p.from(), p.thru())).unwrap();
    assert_eq!([days(1), days(2)], ["2026-04-12 2026-05-11", "2026-05-12 2026-06-11"]);
}

#[test]
fn a_payment_plan_ends() {
    let line = of(1, product("SOFA").with_subscription(true), "100.00", 1);
    let line = line.with_billing(Billing::every_days(30).unwrap().with_payments(3).unwrap());
    let mut plan = placed(vec![line], &[]).subscription(LineId(1)).unwrap().unwrap();
    let mut made = Vec::new();
    while let Some(payment) = plan.next_payment().unwrap() {
        made.push(payment.number());
    }
    assert_eq!(made, [2, 3]);
    assert_eq!(plan.payments_made(), 3);
    assert!(plan.payment(0).is_err() && plan.payment(Subscription::MAX_PAYMENTS + 1).is_err());
    assert_eq!(plan.payment(Subscription::MAX_PAYMENTS), Ok(None));
}

/// Proves trap 22, and that a base price finer than any unit price is kept whole: 12.5% off 0.35 is 0.30625.
#[test]
fn fewer_units_cost_what_their_base_price_says() {
    let goods = Goods::product("P1".parse().unwrap());
    let list = PriceList::builder("trade").for_types(["TRADE".parse().unwrap()]);
    let list = list.entry(PriceEntry::percent_off(goods, percent("12.5"))).build().unwrap();
    let policy = Policy::builder(Currency::USD).build().unwrap();
    let shop = Shop::builder(policy).customer_type("TRADE".parse().unwrap()).price_list(list).build().unwrap();
    let who = customer("42").with_type("TRADE".parse().unwrap());
    let order = placed_by(&shop, vec![pieces(1, "0.35", 1_000)], &[], &who, Usage::default());
    assert_eq!(
        (payable(order.outcome()).as_str(), order.base_price(LineId(1)).unwrap().to_string()),
        ("306.25", "0.30625".to_owned())
    );
    let read: PlacedOrder = serde_json::from_str(&serde_json::to_string(&order).unwrap()).unwrap();
    assert_eq!(read, order);
    assert_eq!((read.policy(), read.semantics_version()), (shop.policy(), SEMANTICS_VERSION));
    // 999 x 0.30625 = 305.94375.
    assert_eq!(payable(&read.reprice(&[(LineId(1), 999)], ThresholdCheck::AsPlaced).unwrap()), "305.94");
    assert_eq!(read.recompute().unwrap(), Recomputed::Same);
}

/// A condition about the customer that held is not asked again, and one that did not does not come to help.
#[test]
fn only_thresholds_over_lines_are_judged_again() {
    let spend = json!({"minimum_spend": {"amounts": {"USD": "100.00"}}});
    let either = ten(json!({"conditions": [{"any": ["first_order", spend]}]}));
    let left = |orders: u64, thresholds| {
        let shop = Shop::new(Policy::builder(Currency::USD).build().unwrap());
        let who = customer("42").with_history(History::default().with_orders(orders));
        let order = placed_by(
            &shop,
            vec![line(1, "60.00"), line(2, "60.00")],
            std::slice::from_ref(&either),
            &who,
            Usage::default(),
        );
        payable(&order.reprice(&[(LineId(2), 0)], thresholds).unwrap())
    };
    assert_eq!(left(0, ThresholdCheck::Anew), "54.00", "the first order was enough");
    assert_eq!(left(5, ThresholdCheck::Anew), "60.00", "the spend was all there was");
    assert_eq!(left(5, ThresholdCheck::AsPlaced), "54.00");
}

/// What a condition denies is remembered as it was found: a customer who had ordered before keeps the coupon for those, and
/// one for whom only the spend held loses it with the spend.
#[test]
fn what_a_condition_denies_is_not_asked_again() {
    let again = json!({"not": "first_order"});
    let spend = json!({"minimum_spend": {"amounts": {"USD": "100.00"}}});
    let shop = Shop::new(Policy::builder(Currency::USD).build().unwrap());
    let left = |orders: u64| {
        let either = ten(json!({"conditions": [{"any": [again, spend]}]}));
        let who = customer("42").with_history(History::default().with_orders(orders));
        let lines = vec![line(1, "60.00"), line(2, "60.00")];
        let order = placed_by(&shop, lines, &[either], &who, Usage::default());
        let read: PlacedOrder = serde_json::from_str(&serde_json::to_string(&order).unwrap()).unwrap();
        payable(&read.reprice(&[(LineId(2), 0)], ThresholdCheck::Anew).unwrap())
    };
    assert_eq!(left(5), "54.00", "not the first order");
    assert_eq!(left(0), "60.00", "the spend was all there was");
}

/// Proves V20 after the order: a clipped coupon has no more to give when the order grows.
#[test]
fn a_clipped_coupon_keeps_what_it_was_granted() {
    let fifth = coupon(
        "fifth",
        json!({"benefits": [{"percent": {"off": "20"}}], "limits": {"money": {"USD": "100.00"}, "total": 5}}),
    );
    let shop = Shop::new(Policy::builder(Currency::USD).build().unwrap());
    let usage = Usage::default().with_money(usd("92.60"));
    let order = placed_by(&shop, vec![pieces(1, "30.00", 2)], &[fifth], &customer("42"), usage);
    assert_eq!(payable(order.outcome()), "52.60");
    let change = Amendment::new("a-1".parse().unwrap()).in_quantity(LineId(1), Quantity::pieces(3).unwrap());
    let more = order.amend(&change).unwrap();
    assert_eq!((payable(more.placed().outcome()).as_str(), more.to_pay()), ("82.60", usd("30.00")));
    assert!(more.changes().is_empty(), "neither another use nor another cent: {:?}", more.changes());
    // The same change again changes nothing.
    let again = more.placed().amend(&change).unwrap();
    assert_eq!((again.placed(), again.difference()), (more.placed(), usd("0.00")));
}

/// Proves trap 22 for the store: the record is replaced, counters move by the difference, limits hold.
#[test]
fn an_amended_order_moves_counters_by_the_difference() {
    let fields = json!({"benefits": [{"percent": {"off": "10"}}], "limits": {"money": {"USD": "10.00"}, "total": 1}});
    let budget = coupon("budget", fields);
    let store = MemoryStore::new();
    store.define(budget.clone()).unwrap();
    let order = placed(vec![pieces(1, "30.00", 2)], &[budget]);
    block_on(store.clone().commit(&order.redemption().unwrap(), at(NOON))).unwrap();
    let amend = |id: &str, pieces: u64| {
        let change = Amendment::new(id.parse().unwrap()).in_quantity(LineId(1), Quantity::pieces(pieces).unwrap());
        order.amend(&change).unwrap()
    };
    let key = |name: &str| match name {
        "money" => CounterKey::Money { coupon: "budget".parse().unwrap(), currency: Currency::USD },
        _ => CounterKey::Total { coupon: "budget".parse().unwrap() },
    };
    let used = |name: &str| store.counter(&key(name), at(NOON)).used;
    let three = amend("a-1", 3);
    assert_eq!(store.amend(&three, at(NOON)), Amend::Amended);
    assert_eq!((used("money"), used("total")), (900, 1));
    assert_eq!(store.amend(&three, at(NOON)), Amend::AlreadyAmended);
    assert_eq!(store.amend(&amend("a-2", 1), at(NOON)), Amend::Different, "based on the order before the first change");
    // Another shopper took what was left meanwhile, so a rise finds no room; a fall always does.
    let back = Amendment::new("a-3".parse().unwrap()).in_quantity(LineId(1), Quantity::ONE);
    let fewer = three.placed().amend(&back).unwrap();
    assert_eq!((fewer.to_refund(), fewer.changes().len()), (usd("54.00"), 1));
    assert_eq!(store.amend(&fewer, at(NOON)), Amend::Amended);
    assert_eq!((used("money"), used("total")), (300, 1));
    let elsewhere = MemoryStore::new();
    assert_eq!(elsewhere.amend(&fewer, at(NOON)), Amend::NotRecorded);
}

/// Lines come and go under the terms of then: what is added is discounted, what is removed takes its share along.
#[test]
fn lines_are_added_and_removed_under_stored_terms() {
    let on_one = ten(json!({"status": "active"}));
    let order = placed(vec![line(1, "60.00"), line(2, "40.00")], &[on_one]);
    let change = Amendment::new("a-1".parse().unwrap()).removing(LineId(1)).adding(line(3, "20.00"));
    let amended = order.amend(&change).unwrap();
    assert_eq!((payable(amended.placed().outcome()).as_str(), amended.difference()), ("54.00", usd("-36.00")));
    assert_eq!(amended.placed().recompute().unwrap(), Recomputed::Same);
    let text = serde_json::to_string(amended.placed()).unwrap();
    assert_eq!(&serde_json::from_str::<PlacedOrder>(&text).unwrap(), amended.placed());
}

/// A code that was entered on a line that is gone never comes to act on the others.
#[test]
fn a_code_of_a_removed_line_stays_gone() {
    let shop = Shop::new(Policy::builder(Currency::USD).line_codes(true).build().unwrap());
    let prepared = shop.prepare(ten(json!({}))).unwrap();
    let order = Order::builder(Currency::USD).lines([line(1, "60.00"), line(2, "40.00")]).build().unwrap();
    let codes = [Presented::new("ten", &prepared).on_line(LineId(1))];
    let who = customer("42");
    let request = Request::new(&order, &who, Reference::Order("o-1".parse().unwrap()), at(NOON)).with_codes(&codes);
    let mut order = shop.place(&request).unwrap();
    for (id, change) in [("a-1", LineId(1)), ("a-2", LineId(3))] {
        let change =
            Amendment::new(id.parse().unwrap()).removing(change).adding(line(if id == "a-1" { 3 } else { 4 }, "10.00"));
        let amended = order.amend(&change).unwrap();
        let text = serde_json::to_string(amended.placed()).unwrap();
        order = serde_json::from_str(&text).unwrap();
        assert_eq!(payable(order.outcome()), "50.00", "{id}");
    }
}

/// A trial goes with the line that its code was entered on, whatever else is left that could be tried.
#[test]
fn a_trial_of_a_removed_line_stays_gone() {
    let trial = coupon("try", json!({"benefits": [{"trial": {"days": 14}}]}));
    let case = order_under(policy(|policy| policy.line_codes(true)), [monthly(1, "30.00"), monthly(2, "20.00")]);
    let order = case.code(Entry::new(trial).on_line(1)).place();
    let tried = |outcome: &Outcome| outcome.first_charges().iter().map(|c| c.line().0).collect::<Vec<_>>();
    assert_eq!(tried(order.outcome()), [1]);
    let kept = order.amend(&Amendment::new("a-1".parse().unwrap()).removing(LineId(2))).unwrap();
    assert_eq!(tried(kept.placed().outcome()), [1]);
    let gone = order.amend(&Amendment::new("a-2".parse().unwrap()).removing(LineId(1))).unwrap();
    assert_eq!(tried(gone.placed().outcome()), [0; 0]);
    assert_eq!(gone.placed().outcome().answers()[0].trial_days(), None);
}

/// Proves trap 22 for all that an outcome says: priced again, an order is what it was. Shared and issued codes stay what
/// they are, with their dates; a code stands for its change of type alone; of three pieces two are sold.
#[test]
fn an_order_that_is_priced_again_is_what_it_was() {
    let dated = coupon(
        "dated",
        json!({"validity": {"from": "2026-03-01", "thru": "2026-03-31"}, "benefits": [{"percent": {"off": "10"}}]}),
    );
    let own = json!({"code": null, "kind": "personal", "benefits": [{"amount": {"off": {"USD": "1.00"}}}]});
    let issued = issued_code("OWN1", "2026-03-01T00:00:00Z").with_holder(IdentityKey::id("42").unwrap());
    let early = json!({"to": "TRADE", "when": "before_pricing"});
    let alone = json!({"benefits": [{"percent": {"off": "50"}}], "assign": early,
        "combination": {"with_discounts": false}});
    let pairs = json!({"id": "pairs", "goods": [{"product": "P1"}], "quantity": 2, "excess": "cap"});
    let pairs: Allowance = serde_json::from_value(pairs).unwrap();
    let lines = [pieces(1, "10.00", 3), line(2, "20.00").with_discount(discount("season", usd("2.00")))];
    let case = crate::support::order(lines);
    let case = case.shop(|shop| shop.allowance(pairs).customer_type("TRADE".parse().unwrap())).customer(customer("42"));
    let case = case.code(dated).code(Entry::issued(issued, coupon("own", own))).code(coupon("alone", alone));
    let order = case.code(Entry::unknown("NOBODY")).place();
    let outcome = order.outcome();
    // 20.00 and 18.00 less 10%, less 1.00.
    assert_eq!(payable(outcome), "33.20");
    let [dated, own, alone, nobody] = outcome.answers() else { panic!("{:?}", outcome.answers()) };
    assert!(dated.is_applied() && own.is_applied() && alone.is_applied() && !nobody.is_applied());
    assert_eq!(alone.reasons(), [Refusal::NotWithDiscounts { line: LineId(2) }]);
    let first = |outcome: &Outcome| {
        let line = outcome.line(LineId(1)).unwrap();
        (line.units(), outcome.requested(line))
    };
    assert_eq!(first(outcome), (2, 3));
    let again = order.reprice(&[], ThresholdCheck::AsPlaced).unwrap();
    assert_eq!(serde_json::to_value(&again).unwrap(), serde_json::to_value(outcome).unwrap());
    assert_eq!(&again, outcome);
    // In another quantity it is what is asked for now.
    let one = order.reprice(&[(LineId(1), 1)], ThresholdCheck::AsPlaced).unwrap();
    assert_eq!(first(&one), (1, 1));
}

/// Money that was refused beside a change of type stays refused, whatever becomes of the order: 15.00 by hand, of at most
/// 10.00.
#[test]
fn money_that_was_refused_beside_a_type_stays_refused() {
    let early = json!({"to": "TRADE", "when": "before_pricing"});
    let hand = coupon("hand", json!({"benefits": [{"operator": {"max": {"USD": "10.00"}}}], "assign": early}));
    let case = order_under(policy(|policy| policy.manual(true)), [line(1, "30.00")]).customer(customer("42"));
    let case = case.shop(|shop| shop.customer_type("TRADE".parse().unwrap()));
    let order = case.code(Entry::new(hand).operator(usd("15.00"))).place();
    let told =
        |outcome: &Outcome| (payable(outcome), outcome.answers()[0].is_applied(), outcome.answers()[0].reasons().len());
    assert_eq!(told(order.outcome()), ("30.00".to_owned(), true, 1));
    assert_eq!(order.recompute().unwrap(), Recomputed::Same);
    let more = order.amend(&Amendment::new("a-1".parse().unwrap()).adding(line(2, "20.00"))).unwrap();
    assert_eq!(told(more.placed().outcome()), ("50.00".to_owned(), true, 1));
    let too_high = Refusal::ManualAmountTooHigh { allowed: usd("10.00"), found: usd("15.00") };
    assert_eq!(more.placed().outcome().answers()[0].reasons(), [too_high]);
}

/// Thresholds on what remains are judged at each code's turn, and one after the other where several fall: 10.00 from 70.00 on
/// and 5.00 from 65.00 or 55.00 on, off 60.00 and 40.00. The second line comes back, for which 34.00 were paid.
#[test]
fn thresholds_on_what_remains_fall_one_after_the_other() {
    let from = |spend: &str| json!([{"minimum_spend": {"amounts": {"USD": spend}, "basis": "remaining"}}]);
    let off = |id: &str, priority: u32, dollars: &str, spend: &str| {
        let benefits = json!([{"amount": {"off": {"USD": dollars}}}]);
        coupon(id, json!({"benefits": benefits, "priority": priority, "conditions": from(spend)}))
    };
    for (second, kept, back) in [("65.00", "60.00", "25.00"), ("55.00", "55.00", "30.00")] {
        let coupons = [off("ten", 2, "10.00", "70.00"), off("five", 1, "5.00", second)];
        let order = placed(vec![line(1, "60.00"), line(2, "40.00")], &coupons);
        assert_eq!(payable(order.outcome()), "85.00");
        let left = order.reprice(&[(LineId(2), 0)], ThresholdCheck::Anew).unwrap();
        assert_eq!(payable(&left), kept, "{second}");
        // Each says for itself why it fell.
        let reasons: Vec<Vec<_>> =
            left.answers().iter().map(|a| a.reasons().iter().map(Refusal::code).collect()).collect();
        let five = if kept == "60.00" { vec!["minimum_spend"] } else { vec![] };
        assert_eq!(reasons, [vec!["minimum_spend"], five], "{second}");
        let mut settlement = Settlement::new(order.outcome()).unwrap();
        let request = RefundRequest::new("r-1".parse().unwrap()).whole(LineId(2));
        let refund = settlement.refund_with_terms(&order, &request.thresholds(ThresholdPolicy::Recompute)).unwrap();
        assert!(settlement.apply(&refund).unwrap());
        assert_eq!((refund.payable(), settlement.payable()), (usd(back), usd(kept)), "{second}");
    }
}

/// A type that a line assigned goes with that line, and stays with the others.
#[test]
fn a_type_goes_with_the_line_that_assigned_it() {
    let trade: TypeAssignment = serde_json::from_value(json!({"to": "TRADE"})).unwrap();
    let order = crate::support::order([line(1, "49.00"), line(2, "10.00")])
        .customer(customer("42").with_held(HeldTypes::default().with_revision(3)))
        .shop(|shop| {
            let shop = shop.customer_type("TRADE".parse().unwrap());
            shop.purchase_assigns(Goods::product("P1".parse().unwrap()), trade)
        })
        .place();
    let types = |outcome: &Outcome| outcome.type_changes().iter().filter(|change| change.to.is_some()).count();
    assert_eq!(types(order.outcome()), 1);
    let left = |line| order.reprice(&[(LineId(line), 0)], ThresholdCheck::AsPlaced).unwrap();
    assert_eq!((types(&left(2)), types(&left(1))), (1, 0));
    // With the type goes the revision of what the customer held, which guards the change.
    let revision = |outcome: &Outcome| serde_json::to_value(outcome).unwrap().get("types_revision").cloned();
    assert_eq!((revision(&left(2)), revision(&left(1))), (Some(json!(3)), None));
}

/// A subscription holds no more than its payments are worked out from, and is read back whatever the order has besides:
/// amounts of the host on other lines, allowances, changes. The shop's discounts are of the order alone, in any quantity.
#[test]
fn a_subscription_is_read_back_without_the_rest_of_its_order() {
    let host = coupon("host", json!({"benefits": [{"host": {}}], "payments": "all"}));
    let entry = Entry::new(host).host(&[(1, usd("1.00")), (2, usd("2.00"))]);
    let pairs = Allowance::new("pairs".parse().unwrap(), [Goods::product("PAPER".parse().unwrap())], 9).unwrap();
    let first = of(1, product("PAPER").with_subscription(true), "10.00", 3);
    let first = first.with_billing(Billing::every_months(1).unwrap()).with_discount(discount("season", usd("3.00")));
    let case = order_under(policy(|policy| policy.manual(true)), [first, line(2, "40.00")]).code(entry);
    let order = case.shop(|shop| shop.allowance(pairs)).customer(customer("42")).place();
    // 27.00 less 1.00, and 40.00 less 2.00.
    assert_eq!(payable(order.outcome()), "64.00");
    let change = Amendment::new("a-1".parse().unwrap()).in_quantity(LineId(1), Quantity::pieces(2).unwrap());
    let order = order.amend(&change).unwrap().placed().clone();
    let subscription = order.subscription(LineId(1)).unwrap().unwrap();
    let document = serde_json::to_value(&subscription).unwrap();
    assert_eq!((document["terms"].get("amendments"), document["terms"].get("allowances")), (None, None));
    let read: Subscription = serde_json::from_value(document).unwrap();
    assert_eq!(read, subscription);
    let paid = |number| read.payment(number).unwrap().unwrap().priced().amount_text();
    assert_eq!([paid(1), paid(2)], ["20.00", "20.00"]);
    let off = |number| read.payment(number).unwrap().unwrap().discount().amount_text();
    // Of three pieces 3.00 and 1.00, of two 2.00 and 0.67; the next bill knows the host's amount alone.
    assert_eq!([off(1), off(2)], ["2.67", "0.67"]);
}

/// What reaches no payment is not told with it.
#[test]
fn a_payment_names_the_codes_that_lower_it() {
    let twice = ten(json!({"payments": {"first_n": 2}}));
    let order = placed(vec![monthly(1, "30.00")], &[twice]);
    let subscription = order.subscription(LineId(1)).unwrap().unwrap();
    let codes = |number| subscription.payment(number).unwrap().unwrap().codes().len();
    assert_eq!([codes(2), codes(3)], [1, 0]);
}

/// Pieces that a set of an automatic offer used are no more than are left.
#[test]
fn pieces_of_an_offer_go_with_the_quantities() {
    let part = |sku: &str| json!({"pieces": 1, "of": {"products": [sku]}});
    let pair = json!([{"buy_get": {"buy": [part("P1")], "get": part("P2"), "reward": "free"}}]);
    let offers = json!([{"id": "pair", "description": "pair", "benefits": pair}]);
    let shop = json!({"version": 1, "policy": {"currency": "USD"}, "offers": offers});
    let shop: Shop = serde_json::from_value(shop).unwrap();
    let order =
        placed_by(&shop, vec![pieces(1, "30.00", 2), pieces(2, "10.00", 2)], &[], &customer("42"), Usage::default());
    let claimed = |change: Amendment| {
        let amended = order.amend(&change).unwrap();
        assert_eq!(amended.placed().recompute().unwrap(), Recomputed::Same);
        serde_json::to_value(amended.placed()).unwrap()["claimed"].clone()
    };
    let change = || Amendment::new("a-1".parse().unwrap());
    let one = claimed(change().in_quantity(LineId(1), Quantity::ONE));
    assert_eq!(one, json!([{"line": 1, "units": 1}, {"line": 2, "units": 2}]));
    let three = claimed(change().in_quantity(LineId(1), Quantity::pieces(3).unwrap()));
    assert_eq!(three, json!([{"line": 1, "units": 2}, {"line": 2, "units": 2}]));
    assert_eq!(claimed(change().removing(LineId(1))), json!([{"line": 2, "units": 2}]));
}

/// Of another version of the rules the recorded figures stand, and are still read.
#[test]
fn figures_of_another_version_stand() {
    let order = placed(vec![monthly(1, "30.00")], &[ten(json!({"payments": "all"}))]);
    let mut document = serde_json::to_value(&order).unwrap();
    document["version"] = json!(7);
    assert!(
        serde_json::from_value::<PlacedOrder>(document.clone()).unwrap_err().to_string().contains("outcome.version")
    );
    document["outcome"]["version"] = json!(7);
    let read: PlacedOrder = serde_json::from_value(document.clone()).unwrap();
    assert_eq!((read.recompute().unwrap(), read.semantics_version()), (Recomputed::OtherVersion { recorded: 7 }, 7));
    assert_eq!((payable(read.outcome()).as_str(), serde_json::to_value(&read).unwrap()), ("27.00", document));
    let change = Amendment::new("a-1".parse().unwrap()).removing(LineId(1));
    assert_eq!(read.amend(&change), Err(AmendError::OtherVersion { recorded: 7 }));
    // Of its subscription the first payment was made; the next one would be worked out by other rules.
    let mut document = serde_json::to_value(order.subscription(LineId(1)).unwrap().unwrap()).unwrap();
    for pointer in ["/version", "/terms/version", "/terms/outcome/version"] {
        *document.pointer_mut(pointer).unwrap() = json!(7);
    }
    let read: Subscription = serde_json::from_value(document).unwrap();
    assert_eq!((read.semantics_version(), read.payment(1).unwrap().unwrap().payable()), (7, usd("27.00")));
    let refused = format!("`version` is `7`: unknown version, {SEMANTICS_VERSION} is supported");
    assert_eq!(read.payment(2).unwrap_err().to_string(), refused);
}

/// A record that was tampered with is found.
#[test]
fn other_figures_are_named() {
    let budget = json!({"benefits": [{"percent": {"off": "20"}}], "limits": {"money": {"USD": "7.40"}}});
    let order = placed(vec![pieces(1, "30.00", 2)], &[coupon("clip", budget)]);
    let mut document = serde_json::to_value(&order).unwrap();
    assert_eq!(document["codes"][0]["budget_left"], json!("7.40"));
    document["codes"][0]["budget_left"] = json!("7.00");
    let Recomputed::Differs(paths) = serde_json::from_value::<PlacedOrder>(document).unwrap().recompute().unwrap()
    else {
        panic!("the budget is another one");
    };
    assert_eq!(paths.first().map(String::as_str), Some("lines[0].coupon_discount"));
    assert!(paths.iter().any(|path| path == "totals.payable"));
}

/// No tax is another figure than a tax of the smallest coin: 0.11 with 10% in it are 0.10 and 0.01.
#[test]
fn a_tax_that_is_gone_is_named() {
    let order = crate::support::order([line(1, "0.11")]).inclusive().taxed("10").place();
    let mut document = serde_json::to_value(&order).unwrap();
    assert!(document["order"].as_object_mut().unwrap().remove("tax_rates").is_some());
    let read: PlacedOrder = serde_json::from_value(document).unwrap();
    let paths = ["lines[0].net", "lines[0].tax", "taxes[0].net", "taxes[0].tax", "totals.net", "totals.tax"];
    assert_eq!(read.recompute().unwrap(), Recomputed::Differs(paths.map(str::to_owned).to_vec()));
}

/// A record with more figures than its terms give is found: of an empty budget nothing is taken off.
#[test]
fn figures_that_are_too_many_are_named() {
    let budget = json!({"benefits": [{"percent": {"off": "20"}}], "limits": {"money": {"USD": "7.40"}}});
    let order = placed(vec![pieces(1, "30.00", 2)], &[coupon("clip", budget)]);
    let mut document = serde_json::to_value(&order).unwrap();
    document["codes"][0]["budget_left"] = json!("0.00");
    let read: PlacedOrder = serde_json::from_value(document).unwrap();
    let Recomputed::Differs(paths) = read.recompute().unwrap() else { panic!("nothing is left to be taken off") };
    for path in ["lines[0].coupon_discount", "answers[0].discount", "adjustments[0].amount", "accounts[0].discount"] {
        assert!(paths.iter().any(|found| found == path), "{path} in {paths:?}");
    }
}

/// What is bought of an allowance goes with the quantities, down and, as far as there was room, up (S44).
#[test]
fn allowances_follow_the_quantities() {
    let pairs = Allowance::new("pairs".parse().unwrap(), [Goods::product("P1".parse().unwrap())], 4).unwrap();
    let shop = Shop::builder(Policy::builder(Currency::USD).build().unwrap()).allowance(pairs).build().unwrap();
    let order = placed_by(&shop, vec![pieces(1, "30.00", 3), line(2, "5.00")], &[], &customer("42"), Usage::default());
    let to = |pieces: u64| {
        let change = Amendment::new("a-1".parse().unwrap());
        order.amend(&change.in_quantity(LineId(1), Quantity::pieces(pieces).unwrap()))
    };
    assert_eq!(to(1).unwrap().changes().iter().map(CounterChange::by).collect::<Vec<_>>(), [-2]);
    assert_eq!(to(4).unwrap().changes().iter().map(CounterChange::by).collect::<Vec<_>>(), [1]);
    let refused = AmendError::Allowance { allowance: "pairs".parse().unwrap(), left: 4, wanted: 5 };
    assert_eq!(to(5), Err(refused));
}

#[test]
fn what_cannot_be_is_an_error_with_its_place() {
    let order = placed(vec![pieces(1, "30.00", 2)], &[]);
    for (quantities, error) in [
        (vec![(LineId(7), 1)], "`quantities[0].line` is `7`: unknown line"),
        (vec![(LineId(1), 3)], "`quantities[0].units` is `3`: not between 0 and 2"),
        (vec![(LineId(1), 1), (LineId(1), 1)], "`quantities[1].line` is `1`: given twice"),
    ] {
        assert_eq!(order.reprice(&quantities, ThresholdCheck::AsPlaced).unwrap_err().to_string(), error);
    }
    let change = || Amendment::new("a-1".parse().unwrap());
    let kilo = Quantity::measured("1.25".parse().unwrap()).unwrap();
    for (change, error) in [
        (change(), "`amendment` is `{}`: empty"),
        (change().removing(LineId(7)), "`remove[0]` is `7`: unknown line"),
        (change().removing(LineId(1)).removing(LineId(1)), "`remove[1]` is `1`: given twice"),
        (
            change().removing(LineId(1)).in_quantity(LineId(1), Quantity::ONE),
            "`quantities[0].line` is `1`: given twice",
        ),
        (change().adding(line(1, "1.00")), "`add[0].id` is `1`: given twice"),
        (
            change().in_quantity(LineId(1), kilo),
            "`quantities[0].quantity` is `1.25`: not allowed together with the unit that the line was sold in",
        ),
    ] {
        assert_eq!(order.amend(&change).unwrap_err().to_string(), error);
    }
}
