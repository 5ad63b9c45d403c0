//! Section B: coupons in the daily use of a shop.

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

fn ten(conditions: Value) -> Coupon {
    coupon("ten", json!({"conditions": conditions, "benefits": [{"percent": {"off": "10"}}]}))
}

/// Proves S14: amounts, percentages, free shipping, and others in one open set.
#[test]
fn kinds_of_benefits_are_an_open_set() {
    let worth = |benefit: Value| {
        let case = order([line(1, "50.00")]).charge(shipping(9, usd("5.00")));
        payable(&case.code(coupon("c", json!({"benefits": [benefit]}))).run())
    };
    assert_eq!(worth(json!({"amount": {"off": {"USD": "10.00"}}})), "45.00");
    assert_eq!(worth(json!({"percent": {"off": "10"}})), "50.00");
    assert_eq!(worth(json!({"shipping": "free"})), "50.00");
    assert_eq!(worth(json!({"shipping": {"percent": "50"}})), "52.50");
    assert_eq!(worth(json!({"shipping": {"amount": {"USD": "2.00"}}})), "53.00");
    assert_eq!(worth(json!({"shipping": {"to_price": {"USD": "1.00"}}})), "51.00");
    assert_eq!(worth(json!({"set_price": {"price": {"USD": "30.00"}}})), "35.00");
    assert_eq!(worth(json!("none")), "55.00");
    let coupon = percent_off("c", "10");
    // An arm for kinds to come is needed, else this would not compile under the lint.
    #[deny(unreachable_patterns)]
    let known = match &coupon.benefits()[0] {
        Benefit::Percent(_) | Benefit::Amount(_) | Benefit::SetPrice(_) | Benefit::Shipping(_) => true,
        Benefit::Operator(_) | Benefit::Host(_) | Benefit::Trial(_) | Benefit::None => false,
        _ => false,
    };
    assert!(known);
}

/// Proves S14: a set price only ever lowers what is paid.
#[test]
fn a_set_price_is_only_ever_lower() {
    let to = |price: &str, level: &str| {
        coupon("c", json!({"level": level, "benefits": [{"set_price": {"price": {"USD": price}}}]}))
    };
    let lines = || [pieces(1, "10.00", 3), pieces(2, "4.00", 2)];
    // Each piece of the first to 6.00; those of the second are below already.
    assert_eq!(off(&order(lines()).code(to("6.00", "line")).run()), ["12.00", "0.00"]);
    // The order of 38.00 for 19.00: half of each.
    assert_eq!(off(&order(lines()).code(to("19.00", "order")).run()), ["15.00", "4.00"]);
    let above = order(lines()).code(to("40.00", "order")).run();
    assert_eq!(why(&above), [Refusal::NoBenefit]);
    assert_eq!(payable(&above), "38.00");
}

/// Proves S17: minimum spend, reached, missed by a cent, and not inclusive.
#[test]
fn a_minimum_spend_is_reached_or_missed() {
    let spend =
        |inclusive: bool| ten(json!([{"minimum_spend": {"amounts": {"USD": "50.00"}, "inclusive": inclusive}}]));
    let outcome = |unit: &str, inclusive| order([line(1, unit)]).code(spend(inclusive)).run();
    assert!(applied(&outcome("50.00", true)));
    let short = outcome("49.99", true);
    assert_eq!(why(&short), [Refusal::MinimumSpend { required: usd("50.00"), found: usd("49.99") }]);
    assert_eq!(payable(&short), "49.99");
    assert!(applied(&outcome("50.01", false)));
    let exact = outcome("50.00", false);
    assert_eq!(why(&exact)[0].mend(), Some(Mend::Spend(usd("0.01"))));
    assert_eq!(why(&outcome("45.90", false))[0].mend(), Some(Mend::Spend(usd("4.11"))));
}

/// Proves S17: every basis, and both ranges.
#[test]
fn a_minimum_spend_names_its_basis_and_its_range() {
    let of_shoes = |basis: &str, range: &str| {
        coupon(
            "ten",
            json!({"scope": {"products": ["SHOE"]}, "benefits": [{"percent": {"off": "10"}}],
                "conditions": [{"minimum_spend": {"amounts": {"USD": "1000.00"}, "basis": basis, "range": range}}]}),
        )
    };
    // A shoe at 100.00 less 20.00, and a sock at 30.00.
    let found = |basis: &str, range: &str| {
        let shoe = of(1, product("SHOE"), "100.00", 1).with_discount(discount("sale", usd("20.00")));
        let outcome = order([shoe, of(2, product("SOCK"), "30.00", 1)]).code(of_shoes(basis, range)).run();
        match why(&outcome) {
            [Refusal::MinimumSpend { found, .. }] => found.amount_text(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(found("discounted", "qualifying"), "80.00");
    assert_eq!(found("discounted", "order"), "110.00");
    assert_eq!(found("list", "qualifying"), "100.00");
    assert_eq!(found("list", "order"), "130.00");
    assert_eq!(found("remaining", "qualifying"), "80.00");
    assert_eq!(found("remaining", "order"), "110.00");
}

/// Proves S17: a minimum quantity, of all that qualifies or of a set of products.
#[test]
fn a_minimum_quantity_is_reached_or_missed() {
    let lines = |socks| [of(1, product("SHOE"), "10.00", 2), of(2, product("SOCK"), "1.00", socks)];
    let outcome = |condition: &Value, socks| order(lines(socks)).code(ten(json!([condition]))).run();
    let five = json!({"minimum_quantity": {"pieces": 5}});
    assert!(applied(&outcome(&five, 3)));
    let short = outcome(&five, 2);
    assert_eq!(why(&short), [Refusal::MinimumQuantity { required: 5, found: 4 }]);
    assert_eq!(why(&short)[0].mend(), Some(Mend::Pieces(1)));
    let socks = json!({"minimum_quantity": {"pieces": 3, "of": {"products": ["SOCK"]}}});
    assert!(applied(&outcome(&socks, 3)));
    assert_eq!(why(&outcome(&socks, 2)), [Refusal::MinimumQuantity { required: 3, found: 2 }]);
}

/// Proves S19: a memorable code is legal for a shared coupon, and matching ignores case and blanks.
#[test]
fn a_memorable_code_is_found_however_it_is_typed() {
    let welcome = coupon("w", json!({"code": "Welcome10", "benefits": [{"percent": {"off": "10"}}]}));
    assert_eq!(welcome.code().unwrap().as_str(), "WELCOME10");
    for typed in ["WELCOME10", "welcome10", "  Welcome10\t", "WELCOME-10", "welcome 10"] {
        let outcome = order([line(1, "10.00")]).code(Entry::typed(typed, welcome.clone())).run();
        assert_eq!(payable(&outcome), "9.00", "{typed}");
        assert_eq!(outcome.answers()[0].code().unwrap().as_str(), "WELCOME10");
        assert_eq!(outcome.answers()[0].entered(), typed);
    }
    let outcome = order([line(1, "10.00")]).code(Entry::typed("WELCOME1O", welcome)).run();
    assert_eq!(why(&outcome), [Refusal::UnknownCode]);
}

/// Proves S20.
#[test]
fn a_validity_period_bounds_the_use() {
    let spring = coupon(
        "s",
        json!({"validity": {"from": "2026-03-01", "thru": "2026-03-31"}, "benefits": [{"percent": {"off": "10"}}]}),
    );
    let outcome = |instant: &str| order([line(1, "10.00")]).code(spring.clone()).at(instant).run();
    let early = outcome("2026-02-28T23:59:59Z");
    assert_eq!(why(&early), [Refusal::NotStarted { starts: at("2026-03-01T00:00:00Z") }]);
    assert_eq!(why(&early)[0].mend(), Some(Mend::WaitUntil(at("2026-03-01T00:00:00Z"))));
    assert!(applied(&outcome("2026-03-01T00:00:00Z")));
    assert!(applied(&outcome("2026-03-31T23:59:59Z")));
    let late = outcome("2026-04-01T00:00:00Z");
    assert_eq!(why(&late), [Refusal::Expired { ended: Some(at("2026-04-01T00:00:00Z")) }]);
}

/// Proves S21, S72: products, categories, tags, what is on sale, price ranges, and any of them joined or turned around.
#[test]
fn scopes_cover_products_and_categories() {
    let categories = |names: &[&str]| names.iter().map(|n| n.parse().unwrap()).collect::<Vec<CategoryId>>();
    let tags = |names: &[&str]| names.iter().map(|n| n.parse().unwrap()).collect::<Vec<TagId>>();
    let shoe = product("SHOE").with_categories(categories(&["shoes"])).with_tags(tags(&["summer"]));
    let boot = product("BOOT").with_categories(categories(&["shoes", "boots"])).with_on_sale(true);
    let sock = product("SOCK").with_tags(tags(&["wool"]));
    let covered = |scope: Value| -> Vec<u64> {
        let lines = [of(1, shoe.clone(), "50.00", 1), of(2, boot.clone(), "90.00", 1), of(3, sock.clone(), "5.00", 1)];
        let coupon = coupon("c", json!({"scope": scope, "benefits": [{"percent": {"off": "10"}}]}));
        let outcome = order(lines).code(coupon).run();
        outcome.lines().iter().filter(|l| !l.coupon_discount().is_zero()).map(|l| l.id().0).collect()
    };
    assert_eq!(covered(json!("open")), [1, 2, 3]);
    assert_eq!(covered(json!({"products": ["SHOE", "SOCK"]})), [1, 3]);
    assert_eq!(covered(json!({"products": []})), [0; 0]);
    assert_eq!(covered(json!({"categories": ["shoes"]})), [1, 2]);
    assert_eq!(covered(json!({"categories": ["boots", "hats"]})), [2]);
    assert_eq!(covered(json!({"tags": ["summer", "wool"]})), [1, 3]);
    assert_eq!(covered(json!("on_sale")), [2]);
    assert_eq!(covered(json!({"not": "on_sale"})), [1, 3]);
    assert_eq!(covered(json!({"all": [{"categories": ["shoes"]}, {"not": {"products": ["BOOT"]}}]})), [1]);
    assert_eq!(covered(json!({"any": [{"tags": ["wool"]}, "on_sale"]})), [2, 3]);
    // Bounds of a price range are inside.
    assert_eq!(covered(json!({"price_range": {"min": {"USD": "5.00"}, "max": {"USD": "50.00"}}})), [1, 3]);
    assert_eq!(covered(json!({"price_range": {"min": {"USD": "5.01"}}})), [1, 2]);
    assert_eq!(covered(json!({"price_range": {"max": {"USD": "49.99"}}})), [3]);
}

/// Proves S21: a price range looks at the price of one piece after the shop's discounts.
#[test]
fn a_price_range_looks_at_one_piece_after_discounts() {
    let scope = json!({"price_range": {"max": {"USD": "5.00"}}});
    let cheap = coupon("c", json!({"scope": scope, "benefits": [{"percent": {"off": "10"}}]}));
    // 3 x 6.00 less 3.00 is 5.00 a piece.
    let sold = pieces(1, "6.00", 3).with_discount(discount("sale", usd("3.00")));
    assert_eq!(off(&order([sold]).code(cheap.clone()).run()), ["1.50"]);
    let sold = pieces(1, "6.00", 3).with_discount(discount("sale", usd("2.99")));
    assert_eq!(why(&order([sold]).code(cheap).run()), [Refusal::NotApplicable]);
}

/// Proves S22: customer types, channels, regions and payment options, each with its opposite.
#[test]
fn restrictions_refuse_with_their_own_reason() {
    let here = |case: Case| {
        let club = Customer::anonymous().with_type("CLUB".parse().unwrap());
        case.customer(club)
            .order(|o| o.channel("web".parse().unwrap()).region("AT".parse().unwrap()))
            .order(|o| o.payment_option("invoice".parse().unwrap()))
            .shop(|s| s.customer_type("CLUB".parse().unwrap()))
    };
    for (field, holds, fails, reason) in [
        ("customer_types", json!({"only": ["CLUB"]}), json!({"only": ["VIP"]}), "customer_type"),
        ("customer_types", json!({"except": ["VIP"]}), json!({"except": ["CLUB"]}), "customer_type"),
        ("channels", json!({"only": ["web"]}), json!({"only": ["shop"]}), "not_enabled_here"),
        ("regions", json!({"only": ["AT", "DE"]}), json!({"only": ["DE"]}), "region"),
        ("regions", json!({"except": ["DE"]}), json!({"except": ["AT"]}), "region"),
        ("payment_options", json!({"only": ["invoice"]}), json!({"only": ["card"]}), "payment_option"),
        ("payment_options", json!({"except": ["card"]}), json!({"except": ["invoice"]}), "payment_option"),
        ("not", json!({"regions": {"only": ["DE"]}}), json!({"regions": {"only": ["AT"]}}), "excluded"),
    ] {
        let good = here(order([line(1, "10.00")])).code(ten(json!([{field: holds}]))).run();
        assert_eq!(payable(&good), "9.00", "{field} {holds}");
        let bad = here(order([line(1, "10.00")])).code(ten(json!([{field: fails}]))).run();
        assert_eq!((payable(&bad).as_str(), &reasons(&bad)[0]), ("10.00", &vec![reason]), "{field} {fails}");
    }
}

/// A list that is absent allows everything, an empty one allows nothing.
#[test]
fn absent_lists_allow_everything_and_empty_ones_nothing() {
    let web = |condition: Value| {
        let case = order([line(1, "10.00")]).order(|o| o.channel("web".parse().unwrap()).region("AT".parse().unwrap()));
        applied(&case.code(ten(json!([condition]))).run())
    };
    assert!(web(json!({"regions": {}})));
    assert!(!web(json!({"regions": {"only": []}})));
    assert!(web(json!({"regions": {"except": []}})));
    assert!(!web(json!({"channels": {"only": []}})));
    // Without a fact, only what names none of them holds.
    let nowhere = |condition: Value| applied(&order([line(1, "10.00")]).code(ten(json!([condition]))).run());
    assert!(nowhere(json!({"regions": {"except": ["AT"]}})));
    assert!(!nowhere(json!({"regions": {"only": ["AT"]}})));
    assert!(!nowhere(json!({"channels": {"only": ["web"]}})));
    assert!(!nowhere(json!({"members": {"groups": []}})));
}

/// Proves S23: limits that are full are seen at the preview already, each with its own reason.
#[test]
fn limits_that_are_full_refuse() {
    let limits = json!({"total": 10, "per_code": 5, "per_customer": 2, "per_customer_and_code": 1, "units": 20});
    let all = coupon("c", json!({"limits": limits, "benefits": [{"percent": {"off": "10"}}]}));
    let outcome =
        |usage| order([line(1, "10.00")]).customer(customer("1")).code(Entry::new(all.clone()).usage(usage)).run();
    let under = Usage::default().with_total(9).with_code(4).with_customer(1).with_units(19);
    assert!(applied(&outcome(under)));
    let reached = |limit, allowed, taken| Refusal::LimitReached { limit, allowed, taken };
    assert_eq!(why(&outcome(under.with_total(10))), [reached(LimitKind::Total, 10, 10)]);
    assert_eq!(why(&outcome(under.with_code(6))), [reached(LimitKind::Code, 5, 6)]);
    assert_eq!(why(&outcome(under.with_customer(2))), [reached(LimitKind::Customer, 2, 2)]);
    assert_eq!(why(&outcome(under.with_customer_code(1))), [reached(LimitKind::CustomerCode, 1, 1)]);
    assert_eq!(why(&outcome(under.with_units(20))), [reached(LimitKind::Units, 20, 20)]);
    // What a store needs to say no at commit is in the record: the counters in the order of their keys.
    let record = outcome(under).redemption().unwrap();
    let limits: Vec<(u64, u64)> = record.deltas().iter().map(|d| (d.by(), d.limit())).collect();
    assert_eq!(limits, [(1, 10), (1, 5), (1, 2), (1, 1), (1, 20)]);
}

/// Proves S24: terms can be read from the definition, piece by piece.
#[test]
fn terms_are_readable_from_the_definition() {
    let terms = coupon(
        "spring",
        json!({"description": "10% off shoes", "validity": {"thru": "2026-03-31"}, "limits": {"per_customer": 1},
            "scope": {"categories": ["shoes"]}, "combination": {"with_discounts": false},
            "conditions": [{"minimum_spend": {"amounts": {"USD": "50.00"}}}],
            "benefits": [{"percent": {"off": "10", "cap": {"USD": "20.00"}}}]}),
    );
    assert_eq!(terms.description(), "10% off shoes");
    assert_eq!(terms.scope(), &Scope::Categories(vec!["shoes".parse().unwrap()]));
    assert_eq!(terms.limits().per_customer(), Some(1));
    assert!(!terms.combination().with_discounts());
    let Validity::Days(days) = terms.validity() else { panic!() };
    assert_eq!((days.from(), days.thru()), (None, parse_date("2026-03-31").ok()));
    let [Condition::MinimumSpend(minimum)] = terms.conditions() else { panic!() };
    assert_eq!(minimum.amounts().in_currency(Currency::USD), Some(usd("50.00")));
    let [Benefit::Percent(benefit)] = terms.benefits() else { panic!() };
    assert_eq!((benefit.off(), benefit.cap().unwrap().in_currency(Currency::USD)), (percent("10"), Some(usd("20.00"))));
}

/// Proves S24: every refusal carries a typed reason, all that hold at the step where it fell.
#[test]
fn every_refusal_carries_all_its_reasons() {
    let spend = json!({"minimum_spend": {"amounts": {"USD": "50.00"}}});
    let picky = coupon(
        "picky",
        json!({"status": "inactive", "validity": {"thru": "2026-01-01"}, "limits": {"total": 1},
            "conditions": ["first_order", spend, {"channels": {"only": ["web"]}}],
            "benefits": [{"amount": {"off": {"EUR": "5.00"}}}]}),
    );
    let shopper = customer("1").with_history(History::default().with_orders(3));
    let entry = Entry::new(picky).usage(Usage::default().with_total(1));
    let outcome = order([line(1, "45.90")]).customer(shopper).code(entry).run();
    let mut found = reasons(&outcome)[0].clone();
    found.sort_unstable();
    let expected = [
        "expired",
        "first_order",
        "inactive",
        "limit_reached",
        "minimum_spend",
        "no_amount_in_currency",
        "not_enabled_here",
    ];
    assert_eq!(found, expected);
    assert!(why(&outcome).contains(&Refusal::FirstOrder { orders: 3 }));
    assert_eq!(payable(&outcome), "45.90");
}

/// Proves S26.
#[test]
fn a_no_says_what_would_mend_it() {
    let spend = ten(json!([{"minimum_spend": {"amounts": {"USD": "50.00"}}}]));
    let outcome = order([line(1, "45.90")]).code(spend).run();
    assert_eq!(why(&outcome)[0].mend(), Some(Mend::Spend(usd("4.10"))));
    assert_eq!(why(&outcome)[0].to_string(), "50.00 USD required, found 45.90 USD");
    let once = coupon("once", json!({"limits": {"per_customer": 1}, "benefits": [{"percent": {"off": "10"}}]}));
    let outcome = order([line(1, "45.90")]).code(once).run();
    assert_eq!((why(&outcome), why(&outcome)[0].mend()), (&[Refusal::CustomerRequired][..], Some(Mend::Identify)));
}

/// Proves S27.
#[test]
fn equal_input_gives_equal_answers() {
    let case = || {
        let lines = (1..=40).map(|id| pieces(id, "9.99", 1 + id % 3));
        let codes = [amount_off("a", "7.77"), order_percent_off("b", "3.333"), percent_off("c", "1")];
        order(lines).taxed("8").traced().codes(codes)
    };
    let first = case().run();
    for _ in 0..3 {
        let again = case().run();
        assert_eq!(first, again);
        assert_eq!(format!("{first:?}"), format!("{again:?}"));
        assert_eq!(first.digest(), again.digest());
    }
}

/// Proves S147.
#[test]
fn amounts_by_hand_need_the_policys_leave() {
    let hand = coupon("hand", json!({"benefits": [{"operator": {"instructions": "ask the desk"}}]}));
    let outcome = |manual| {
        let entry = Entry::new(hand.clone()).operator(usd("5.00"));
        order_under(policy(|p| p.manual(manual)), [line(1, "20.00")]).code(entry).run()
    };
    assert_eq!(payable(&outcome(true)), "15.00");
    assert_eq!(why(&outcome(false)), [Refusal::ManualNotAllowed]);
    assert_eq!(payable(&outcome(false)), "20.00");
    // An amount by hand with a coupon that wants none is one all the same.
    let slipped = order([line(1, "20.00")]).code(Entry::new(percent_off("ten", "10")).operator(usd("5.00"))).run();
    assert_eq!(why(&slipped), [Refusal::ManualNotAllowed]);
    assert!(!Policy::storefront(Currency::USD, Zone::UTC).manual());
}

/// Proves S15, S94: conditions on what the customer did before: orders in a period, spend, last order, bought before, n-th
/// order.
#[test]
fn conditions_on_the_past_hold_or_fail() {
    let days_ago = |days: u32| days_before(at(NOON), days);
    let history = || {
        let times = [days_ago(400), days_ago(200), days_ago(20)];
        let history = History::default().with_order_times(times).with_spend(usd("300.00")).unwrap();
        history.with_products(["TENT".parse().unwrap()]).with_categories(["camping".parse().unwrap()])
    };
    let judge = |condition: &Value| {
        let outcome = order([line(1, "10.00")]).history(history()).code(ten(json!([condition]))).run();
        reasons(&outcome)[0].first().copied()
    };
    for (condition, reason) in [
        (json!({"orders_in_period": {"days": 365, "at_least": 2}}), None),
        (json!({"orders_in_period": {"days": 365, "at_least": 3}}), Some("orders_in_period")),
        // Exactly so many days ago counts.
        (json!({"orders_in_period": {"days": 400, "at_least": 3}}), None),
        (json!({"lifetime_spend": {"at_least": {"USD": "300.00"}}}), None),
        (json!({"lifetime_spend": {"at_least": {"USD": "300.01"}}}), Some("lifetime_spend")),
        (json!({"lifetime_spend": {"at_least": {"EUR": "1.00"}}}), Some("no_amount_in_currency")),
        (json!({"last_order": {"within_days": 20}}), None),
        (json!({"last_order": {"within_days": 19}}), Some("last_order")),
        (json!({"last_order": {"over_days": 19}}), None),
        (json!({"last_order": {"over_days": 20}}), Some("last_order")),
        (json!({"bought": {"products": ["TENT", "STOVE"]}}), None),
        (json!({"bought": {"products": ["STOVE"]}}), Some("not_bought_before")),
        (json!({"bought": {"categories": ["camping"]}}), None),
        (json!({"bought": {"categories": ["shoes"]}}), Some("not_bought_before")),
        (json!({"nth_order": {"n": 4}}), None),
        (json!({"nth_order": {"n": 3}}), Some("nth_order")),
        (json!({"nth_order": {"n": 5}}), Some("nth_order")),
        (json!({"customers": {"only": ["id:1"]}}), Some("not_this_customer")),
        (json!({"any": [{"nth_order": {"n": 9}}, {"bought": {"products": ["TENT"]}}]}), None),
        (json!({"any": [{"nth_order": {"n": 9}}, {"bought": {"products": ["STOVE"]}}]}), Some("none_of")),
        (json!({"all": [{"nth_order": {"n": 4}}, {"bought": {"products": ["TENT"]}}]}), None),
        (json!({"all": [{"nth_order": {"n": 4}}, {"bought": {"products": ["STOVE"]}}]}), Some("not_bought_before")),
    ] {
        assert_eq!(judge(&condition), reason, "{condition}");
    }
}

/// Proves S24, S73: the terms of a coupon in words hold value, scope, dates, limits and exclusions, and no internal name.
#[test]
fn terms_are_told_in_words() {
    let terms = coupon(
        "spring",
        json!({
            "name": "Q1 push, budget 4711",
            "benefits": [{"percent": {"off": "15", "cap": {"USD": "50.00"}}}],
            "scope": {"all": [{"categories": ["shoes", "bags"]}, {"not": "on_sale"}]},
            "validity": {"from": "2026-03-01", "thru": "2026-03-31"},
            "limits": {"total": 500, "per_customer": 1, "money": {"USD": "1000.00"}},
            "conditions": [
                {"minimum_spend": {"amounts": {"USD": "75.00"}}},
                {"customer_types": {"except": ["STAFF"]}},
                {"not": {"payment_options": {"only": ["invoice"]}}}
            ],
            "combination": {"with_discounts": false, "exclusive": true},
            "assign": {"to": "CLUB", "when": "on_commit"}
        }),
    )
    .describe();
    let about = |topic| terms.about(topic).collect::<Vec<_>>();
    assert_eq!(about(Topic::Value), ["15% off each line, at most 50.00 USD"]);
    assert_eq!(about(Topic::Scope), ["for products in shoes or bags"]);
    assert_eq!(
        about(Topic::Exclusion),
        ["not for products at a reduced price", "not for customers of type STAFF", "unless: only paid by invoice"]
    );
    assert_eq!(about(Topic::Dates), ["from 2026-03-01 through 2026-03-31"]);
    assert_eq!(about(Topic::Limit), ["at most 500 uses in all", "at most 1 use per customer"]);
    assert_eq!(about(Topic::Condition), ["on orders from 75.00 USD of these products"]);
    assert_eq!(about(Topic::Combination), ["not together with other codes", "not together with other discounts"]);
    assert_eq!(about(Topic::CustomerType), ["makes the customer `CLUB` when the order is placed"]);
    assert!(!terms.to_string().contains("4711"), "neither the name nor the budget is the shopper's business");
}
