//! Conditions, one table for each kind: what is found, what holds, what is said, and by how much it can be mended.

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

/// 10% off shoes, under one condition.
fn ten_off_shoes(condition: Value) -> Coupon {
    coupon(
        "ten",
        json!({"scope": {"categories": ["shoes"]}, "benefits": [{"percent": {"off": "10"}}], "conditions": [condition]}),
    )
}

fn in_category(id: &str, category: &str) -> Product {
    product(id).with_categories([category.parse().unwrap()])
}

/// Two lines of shoes, 80.00 and 40.00 less 10.00; a sock of 30.00; and a gift card of 25.00, which no coupon touches.
fn cart() -> Vec<Line> {
    vec![
        of(1, in_category("BOOT", "shoes"), "80.00", 1),
        of(2, in_category("CLOG", "shoes").with_on_sale(true), "20.00", 2)
            .with_discount(discount("sale", usd("10.00"))),
        of(3, in_category("SOCK", "socks"), "10.00", 3),
        of(4, in_category("CARD", "gifts"), "25.00", 1).with_discountable(false),
    ]
}

fn reason(condition: Value) -> Option<Refusal> {
    let outcome = order(cart()).code(ten_off_shoes(condition)).run();
    match outcome.answers()[0].reasons() {
        [] => None,
        [one] => Some(one.clone()),
        several => panic!("{several:?}"),
    }
}

/// Proves S17, S22: a spend is found on every basis, in every range and of every scope, and mended by the difference.
#[test]
fn a_minimum_spend_adds_up_what_it_names() {
    for (basis, range, of, found) in [
        ("discounted", "qualifying", Value::Null, "110.00"), // 80 + 30
        ("discounted", "order", Value::Null, "165.00"),      // and 30 + 25
        ("list", "qualifying", Value::Null, "120.00"),
        ("list", "order", Value::Null, "175.00"),
        ("remaining", "order", Value::Null, "165.00"),
        ("discounted", "order", json!({"categories": ["socks"]}), "30.00"),
        ("discounted", "qualifying", json!({"categories": ["socks"]}), "0.00"),
        ("discounted", "order", json!({"categories": ["gifts"]}), "25.00"),
        ("discounted", "order", json!({"not": {"categories": ["gifts"]}}), "140.00"),
        ("discounted", "qualifying", json!("on_sale"), "30.00"),
        ("list", "qualifying", json!("on_sale"), "40.00"),
        ("remaining", "qualifying", json!({"products": ["BOOT"]}), "80.00"),
        // One clog costs 15.00 after its discount.
        ("discounted", "order", json!({"price_range": {"max": {"USD": "15.00"}}}), "60.00"),
        ("discounted", "order", json!({"price_range": {"max": {"USD": "14.99"}}}), "30.00"),
    ] {
        let condition = |amount: &str| {
            let mut fields = json!({"amounts": {"USD": amount}, "basis": basis, "range": range});
            if !of.is_null() {
                fields["of"] = of.clone();
            }
            json!({"minimum_spend": fields})
        };
        let what = format!("{basis} {range} {of}");
        assert_eq!(reason(condition(found)), None, "{what}");
        let short = reason(condition("1000.00")).unwrap();
        let (required, found) = (usd("1000.00"), usd(found));
        assert_eq!(short, Refusal::MinimumSpend { required, found }, "{what}");
        assert_eq!(short.mend(), Some(Mend::Spend(required.checked_sub(found).unwrap())), "{what}");
    }
}

/// Proves S17: the most an order may come to, reached and passed by a cent.
#[test]
fn a_maximum_spend_is_the_most_an_order_may_come_to() {
    let most = |amount: &str, more: Value| {
        let mut fields = json!({"amounts": {"USD": amount}});
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        reason(json!({"maximum_spend": fields}))
    };
    let above = |allowed: &str, found: &str| Some(Refusal::MaximumSpend { allowed: usd(allowed), found: usd(found) });
    assert_eq!(most("110.00", json!({})), None);
    assert_eq!(most("109.99", json!({})), above("109.99", "110.00"));
    assert_eq!(most("109.99", json!({})).unwrap().mend(), Some(Mend::SpendLess(usd("0.01"))));
    assert_eq!(most("110.00", json!({"inclusive": false})), above("109.99", "110.00"));
    assert_eq!(most("110.01", json!({"inclusive": false})), None);
    assert_eq!(most("110.00", json!({"range": "order"})), above("110.00", "165.00"));
    assert_eq!(most("119.99", json!({"basis": "list"})), above("119.99", "120.00"));
    assert_eq!(most("29.99", json!({"range": "order", "of": {"categories": ["socks"]}})), above("29.99", "30.00"));
    assert_eq!(most("0.00", json!({"of": {"categories": ["socks"]}})), None);
    // Below nothing lies nothing.
    assert_eq!(most("0.00", json!({"inclusive": false, "of": {"categories": ["hats"]}})), above("0.00", "0.00"));
    let euros = reason(json!({"maximum_spend": {"amounts": {"EUR": "500.00"}}}));
    assert_eq!(euros, Some(Refusal::NoAmountInCurrency { currency: Currency::USD }));
}

/// Proves S17, trap 9: both thresholds look at the side of the tax that they name, in shops of either kind.
#[test]
fn both_thresholds_are_net_or_gross_as_they_say() {
    // 119.00 with 19% inside is 100.00 net; 100.00 with 19% on top is 119.00 gross.
    for (mode, unit, view, found) in [
        (PriceMode::TaxInclusive, "119.00", "as_priced", "119.00"),
        (PriceMode::TaxInclusive, "119.00", "gross", "119.00"),
        (PriceMode::TaxInclusive, "119.00", "net", "100.00"),
        (PriceMode::TaxExclusive, "100.00", "as_priced", "100.00"),
        (PriceMode::TaxExclusive, "100.00", "net", "100.00"),
        (PriceMode::TaxExclusive, "100.00", "gross", "119.00"),
    ] {
        let judged = |kind: &str, amount: Money| {
            let condition = json!({kind: {"amounts": {"USD": amount.amount_text()}, "tax": view}});
            let ten = coupon("ten", json!({"benefits": [{"percent": {"off": "10"}}], "conditions": [condition]}));
            let case = order([line(1, unit)]).taxed("19");
            let case = if mode == PriceMode::TaxInclusive { case.inclusive() } else { case };
            applied(&case.code(ten).run())
        };
        let (exact, cent) = (usd(found), usd("0.01"));
        let (below, above) = (exact.checked_sub(cent).unwrap(), exact.checked_add(cent).unwrap());
        assert!(judged("minimum_spend", exact) && judged("maximum_spend", exact), "{mode:?} {view}");
        assert!(!judged("minimum_spend", above) && !judged("maximum_spend", below), "{mode:?} {view}");
    }
}

/// Proves S17: different products are counted, not lines and not pieces.
#[test]
fn different_products_are_counted_once_each() {
    let at_least = |n: u64, more: Value| {
        let mut fields = json!({"at_least": n});
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        reason(json!({"distinct_products": fields}))
    };
    assert_eq!(at_least(2, json!({})), None);
    let short = at_least(3, json!({})).unwrap();
    assert_eq!(short, Refusal::DistinctProducts { required: 3, found: 2 });
    assert_eq!(short.mend(), Some(Mend::Products(1)));
    assert_eq!(at_least(4, json!({"range": "order"})), None);
    assert_eq!(at_least(5, json!({"range": "order"})).unwrap().mend(), Some(Mend::Products(1)));
    let socks = json!({"range": "order", "of": {"categories": ["socks"]}});
    assert_eq!(at_least(2, socks), Some(Refusal::DistinctProducts { required: 2, found: 1 }));
    // Two lines of one product, of a million pieces each, are one product.
    let many = [1, 2].map(|id| of(id, product("PEN"), "0.01", 1_000_000));
    let two = json!({"conditions": [{"distinct_products": {"at_least": 2}}], "benefits": [{"percent": {"off": "10"}}]});
    let outcome = order(many).code(coupon("two", two)).run();
    assert_eq!(why(&outcome), [Refusal::DistinctProducts { required: 2, found: 1 }]);
}

/// Proves S22: no such line in the order, whether the coupon would touch it or not; taking it out mends it.
#[test]
fn an_order_without_certain_lines() {
    let without = |scope: Value| reason(json!({"without": {"of": scope}}));
    let with = |lines: &[u64]| Some(Refusal::NotWithLines { lines: lines.iter().copied().map(LineId).collect() });
    assert_eq!(without(json!({"categories": ["hats"]})), None);
    assert_eq!(without(json!("on_sale")), with(&[2]));
    assert_eq!(without(json!({"categories": ["gifts", "socks"]})), with(&[3, 4]));
    assert_eq!(without(json!("open")), with(&[1, 2, 3, 4]));
    let mend = without(json!("on_sale")).unwrap().mend();
    assert_eq!(mend, Some(Mend::RemoveLines(vec![LineId(2)])));
    // Taken at its word, the code applies.
    let kept = cart().into_iter().filter(|line| line.id() != LineId(2));
    assert!(applied(&order(kept).code(ten_off_shoes(json!({"without": {"of": "on_sale"}}))).run()));
}

/// Proves S22: conditions on lines stand inside all, any and not, each with its own scope.
#[test]
fn conditions_on_lines_nest_with_their_own_scopes() {
    let spend = |category: &str, amount: &str| json!({"minimum_spend": {"amounts": {"USD": amount}, "range": "order", "of": {"categories": [category]}}});
    let pieces = |category: &str, pieces: u64| json!({"minimum_quantity": {"pieces": pieces, "range": "order", "of": {"categories": [category]}}});
    assert_eq!(reason(json!({"all": [spend("socks", "30.00"), pieces("shoes", 3), spend("gifts", "25.00")]})), None);
    assert_eq!(reason(json!({"any": [spend("socks", "30.01"), {"not": pieces("shoes", 4)}]})), None);
    assert_eq!(reason(json!({"all": [spend("socks", "30.00"), {"not": pieces("shoes", 3)}]})), Some(Refusal::Excluded));
    assert_eq!(
        reason(json!({"all": [{"any": [spend("hats", "1.00"), pieces("gifts", 1)]}, spend("socks", "30.01")]})),
        Some(Refusal::MinimumSpend { required: usd("30.01"), found: usd("30.00") })
    );
}

/// 10% off everything, under one condition.
fn ten(condition: Value) -> Coupon {
    coupon("ten", json!({"benefits": [{"percent": {"off": "10"}}], "conditions": [condition]}))
}

/// Why a code is refused, if it is.
fn refused(case: Case, condition: Value) -> Option<Refusal> {
    case.code(ten(condition)).run().answers()[0].reasons().first().cloned()
}

/// Proves S32: weekdays and hours by the merchant's clock; what is refused says when it opens, and is open then.
#[test]
fn hours_are_those_of_the_merchants_clock() {
    // 2026-03-27 is a Friday; it is 12:00 there when it is 10:00 in UTC.
    let east = || order_under(policy(|p| p.zone(Zone::named("+02:00").unwrap())), [line(1, "10.00")]);
    let lunch = json!({"hours": {"days": ["fri"], "from": "12:00", "until": "14:00"}});
    let weekend = json!({"hours": {"days": ["sat", "sun"]}});
    for (condition, instant, opens) in [
        (&lunch, "2026-03-27T09:59:59Z", Some("2026-03-27T10:00:00Z")),
        (&lunch, "2026-03-27T10:00:00Z", None),
        (&lunch, "2026-03-27T11:59:59Z", None),
        (&lunch, "2026-03-27T12:00:00Z", Some("2026-04-03T10:00:00Z")),
        (&weekend, "2026-03-27T21:59:59Z", Some("2026-03-27T22:00:00Z")),
        (&weekend, "2026-03-27T22:00:00Z", None),
        (&weekend, "2026-03-29T21:59:59Z", None),
        (&weekend, "2026-03-29T22:00:00Z", Some("2026-04-03T22:00:00Z")),
    ] {
        let found = refused(east().at(instant), condition.clone());
        assert_eq!(found, opens.map(|opens| Refusal::OutsideHours { opens: Some(at(opens)) }), "{instant}");
        let Some(opens) = opens else { continue };
        assert_eq!(found.unwrap().mend(), Some(Mend::WaitUntil(at(opens))));
        assert_eq!(refused(east().at(opens), condition.clone()), None);
    }
}

/// Blackout dates are local days; what is refused says when the next day begins that is none of them.
#[test]
fn blackout_dates_are_local_days() {
    let east = || order_under(policy(|p| p.zone(Zone::named("+02:00").unwrap())), [line(1, "10.00")]);
    let holidays = json!({"not_on": {"dates": [{"from": "2026-12-24", "thru": "2026-12-26"}, "2026-12-27"]}});
    for (instant, opens) in [
        ("2026-12-23T21:59:59Z", None),
        ("2026-12-23T22:00:00Z", Some("2026-12-27T22:00:00Z")),
        ("2026-12-27T21:59:59Z", Some("2026-12-27T22:00:00Z")),
        ("2026-12-27T22:00:00Z", None),
    ] {
        let found = refused(east().at(instant), holidays.clone());
        assert_eq!(found, opens.map(|opens| Refusal::BlackoutDate { opens: Some(at(opens)) }), "{instant}");
    }
    let since = json!({"not_on": {"dates": [{"from": "2026-12-24"}]}});
    let never = refused(east().at("2027-06-01T00:00:00Z"), since).unwrap();
    assert_eq!((never.mend(), never), (None, Refusal::BlackoutDate { opens: None }));
}

/// Proves S22: every shipping charge is by an allowed method; fees have none.
#[test]
fn shipping_methods_are_those_of_the_charges() {
    let by = |methods: &[&str]| {
        let charges = methods.iter().zip(10..).map(|(method, id)| {
            let charge = shipping(id, usd("4.00"));
            if method.is_empty() { charge } else { charge.with_method(method.parse().unwrap()) }
        });
        charges.fold(order([line(1, "10.00")]).charge(Charge::fee(LineId(9), usd("1.00"))), Case::charge)
    };
    let ids = |list: &[&str]| list.iter().map(|id| id.parse().unwrap()).collect();
    let only = json!({"shipping_methods": {"only": ["ground", "pick-up"]}});
    let except = json!({"shipping_methods": {"except": ["air"]}});
    let neither = json!({"shipping_methods": {"only": ["ground", "air"], "except": ["air"]}});
    let shops = [&only, &except, &neither];
    for (methods, refusals) in [
        (&["ground"][..], [None, None, None]),
        (&["ground", "pick-up"], [None, None, Some(&["ground", "pick-up"][..])]),
        (&["ground", "air"], [Some(&["air", "ground"][..]), Some(&["air", "ground"]), Some(&["air", "ground"])]),
        (&["air", "air"], [Some(&["air"][..]), Some(&["air"]), Some(&["air"])]),
        (&["express"], [Some(&["express"][..]), None, Some(&["express"])]),
        (&[""], [Some(&[][..]), None, Some(&[])]),
        (&[], [Some(&[][..]), None, Some(&[])]),
    ] {
        for (condition, found) in shops.iter().zip(refusals) {
            let allowed = match condition["shipping_methods"].get("only") {
                None => ids(&[]),
                Some(_) if condition["shipping_methods"].get("except").is_some() => ids(&["ground"]),
                Some(_) => ids(&["ground", "pick-up"]),
            };
            let expected = found.map(|found| Refusal::ShippingMethod { allowed, found: ids(found) });
            let refusal = refused(by(methods), (*condition).clone());
            assert_eq!(refusal, expected, "{methods:?} {condition}");
            assert_eq!(refusal.and_then(|r| r.mend()), found.map(|_| Mend::ChangeShipping));
        }
    }
}

/// A social sale takes effect with the hundredth customer, and says how many are missing until then.
#[test]
fn an_offer_waits_for_customers_enough() {
    let crowd = ten(json!({"unique_customers": {"at_least": 100}}));
    let joined = |customers: u64| {
        let usage = Usage::default().with_customers(customers);
        order([line(1, "10.00")]).code(Entry::new(crowd.clone()).usage(usage)).run()
    };
    assert_eq!(payable(&joined(100)), "9.00");
    let short = joined(99);
    assert_eq!(why(&short), [Refusal::UniqueCustomers { required: 100, found: 99 }]);
    assert_eq!(why(&short)[0].mend(), Some(Mend::Customers(1)));
    assert_eq!(why(&order([line(1, "10.00")]).code(crowd.clone()).run())[0].mend(), Some(Mend::Customers(100)));
}

/// Proves S32: an attribute of the product bounds what a coupon acts on, one of the customer who may use it.
#[test]
fn attributes_of_products_and_customers() {
    let known = |pairs: &[(&str, &str)]| {
        Attributes::new(pairs.iter().map(|(key, value)| (key.parse().unwrap(), value.parse().unwrap())))
    };
    let red = product("BOOT").with_attributes(known(&[("colour", "red"), ("colour", "black"), ("brand", "Alpina")]));
    let cart = || [of(1, red.clone(), "50.00", 1), of(2, product("SKI"), "100.00", 1)];
    let ten_off = |scope: Value| coupon("ten", json!({"scope": scope, "benefits": [{"percent": {"off": "10"}}]}));
    for (asked, taken) in [
        (json!({"key": "colour", "any_of": ["red", "blue"]}), ["5.00", "0.00"]),
        (json!({"key": "brand"}), ["5.00", "0.00"]),
    ] {
        assert_eq!(off(&order(cart()).code(ten_off(json!({"attribute": asked}))).run()), taken);
    }
    let others = order(cart()).code(ten_off(json!({"not": {"attribute": {"key": "brand"}}}))).run();
    assert_eq!(off(&others), ["0.00", "10.00"]);
    let blue = order(cart()).code(ten_off(json!({"attribute": {"key": "colour", "any_of": ["blue"]}}))).run();
    assert_eq!(why(&blue), [Refusal::NotApplicable]);

    let press = json!({"customer_attribute": {"key": "segment", "any_of": ["press", "radio"]}});
    let by = |segments: &[(&str, &str)]| order(cart()).customer(customer("42").with_attributes(known(segments)));
    assert_eq!(refused(by(&[("segment", "vip"), ("segment", "radio")]), press.clone()), None);
    let hidden = refused(by(&[("segment", "vip")]), press.clone()).unwrap();
    assert_eq!(hidden, Refusal::CustomerAttribute { key: "segment".parse().unwrap() });
    assert_eq!((hidden.public(PublicReasons::Collapsed), hidden.mend()), (PublicReason::NotValid, None));
    assert!(refused(by(&[("grade", "press")]), press).is_some());
}

/// Proves S105: everybody of a company, by the domain of an address.
#[test]
fn an_email_domain_names_its_people() {
    let staff = json!({"customers": {"only": ["id:42"], "email_domains": ["Example.com"]}});
    let by = |keys: &[&str]| {
        let keys = keys.iter().map(|key| key.parse::<IdentityKey>().unwrap());
        refused(order([line(1, "10.00")]).customer(Customer::new(keys)), staff.clone())
    };
    for keys in [&["email:Ann@EXAMPLE.com"][..], &["id:42"], &["id:7", "email:bob@example.com"]] {
        assert_eq!(by(keys), None, "{keys:?}");
    }
    for keys in
        [&[][..], &["id:7"], &["email:ann@mail.example.com"], &["email:ann@notexample.com"], &["other:a@example.com"]]
    {
        assert_eq!(by(keys), Some(Refusal::NotThisCustomer), "{keys:?}");
    }
}

/// Proves S24: conditions and scopes in words, and what they leave out apart from them.
#[test]
fn conditions_in_words() {
    let usd = json!({"USD": "50.00"});
    for (condition, topic, text) in [
        (
            json!({"minimum_spend": {"amounts": usd, "range": "order", "of": {"categories": ["shoes"]}}}),
            Topic::Condition,
            "on orders from 50.00 USD of products in shoes",
        ),
        (
            json!({"maximum_spend": {"amounts": usd, "range": "order"}}),
            Topic::Condition,
            "on orders up to 50.00 USD in all",
        ),
        (
            json!({"maximum_spend": {"amounts": usd, "inclusive": false, "basis": "list"}}),
            Topic::Condition,
            "on orders below 50.00 USD of these products at list prices",
        ),
        (
            json!({"distinct_products": {"at_least": 3, "of": {"tags": ["wine"]}}}),
            Topic::Condition,
            "from 3 different products of products tagged wine",
        ),
        (json!({"without": {"of": "on_sale"}}), Topic::Exclusion, "not together with products at a reduced price"),
        (json!({"shipping_methods": {"only": ["ground"]}}), Topic::Condition, "only shipped by ground"),
        (json!({"shipping_methods": {"except": ["air"]}}), Topic::Exclusion, "not shipped by air"),
        (
            json!({"hours": {"days": ["fri"], "from": "22:00", "until": "02:00"}}),
            Topic::Condition,
            "only on fri 22:00 to 02:00",
        ),
        (
            json!({"not_on": {"dates": ["2026-11-27", {"from": "2026-12-24", "thru": "2027-01-01"}]}}),
            Topic::Exclusion,
            "not on 2026-11-27 or from 2026-12-24 through 2027-01-01",
        ),
        (json!({"unique_customers": {"at_least": 100}}), Topic::Condition, "once 100 customers have joined"),
        (
            json!({"customer_attribute": {"key": "segment", "any_of": ["press", "radio"]}}),
            Topic::Condition,
            "for customers with segment press or radio",
        ),
        (json!({"customer_attribute": {"key": "grade"}}), Topic::Condition, "for customers with any grade"),
        (json!({"customers": {"only": [], "email_domains": ["x.org"]}}), Topic::Condition, "for invited customers"),
    ] {
        let terms = ten(condition.clone()).describe();
        assert_eq!(terms.about(topic).collect::<Vec<_>>(), [text], "{condition}");
    }
    let red =
        json!({"scope": {"attribute": {"key": "colour", "any_of": ["red"]}}, "benefits": [{"percent": {"off": "5"}}]});
    assert_eq!(coupon("c", red).describe().about(Topic::Scope).next(), Some("for products with colour red"));
}

/// What never holds is found before anybody is refused by it.
#[test]
fn conditions_that_never_hold_are_found() {
    let options = LintOptions::new(&Policy::storefront(Currency::USD, Zone::UTC));
    let found = |conditions: Value| {
        let fields = json!({"benefits": [{"percent": {"off": "5"}}], "limits": {"total": 5}, "conditions": conditions});
        let warnings = lint(&[coupon("c", fields)], &options);
        warnings.iter().map(|warning| warning.to_string().replacen("`c`, `", "`", 1)).collect::<Vec<_>>()
    };
    let nothing = json!({"products": []});
    for condition in [
        json!({"minimum_spend": {"amounts": {"USD": "1.00"}, "of": nothing}}),
        json!({"minimum_quantity": {"pieces": 1, "of": nothing}}),
        json!({"distinct_products": {"at_least": 1, "of": {"attribute": {"key": "k", "any_of": []}}}}),
        json!({"shipping_methods": {"only": ["air"], "except": ["air"]}}),
        json!({"customer_attribute": {"key": "k", "any_of": []}}),
        json!({"customers": {"only": []}}),
    ] {
        assert_eq!(found(json!([condition])), ["`conditions[0]`: allows nothing: an empty list"], "{condition}");
    }
    for condition in [
        json!({"minimum_spend": {"amounts": {"USD": "0.00"}, "of": nothing}}),
        json!({"maximum_spend": {"amounts": {"USD": "1.00"}, "of": nothing}}),
        json!({"without": {"of": nothing}}),
        json!({"customers": {"only": [], "email_domains": ["example.com"]}}),
    ] {
        assert_eq!(found(json!([condition])), [""; 0], "{condition}");
    }
    assert_eq!(
        found(json!([{"maximum_spend": {"amounts": {"JPY": "500"}}}])),
        ["`conditions[0].maximum_spend.amounts`: has no figure in any currency of the shop, so it is always refused"]
    );
    let spend = |kind: &str, amount: &str, inclusive: bool| json!({kind: {"amounts": {"USD": amount}, "range": "order", "inclusive": inclusive}});
    let together = ["`conditions[1]`: cannot hold together with `conditions[0]`"];
    for (least, most, crossed) in [
        (spend("minimum_spend", "50.00", true), spend("maximum_spend", "49.99", true), true),
        (spend("minimum_spend", "50.00", true), spend("maximum_spend", "50.00", true), false),
        (spend("minimum_spend", "50.00", true), spend("maximum_spend", "50.00", false), true),
        (spend("minimum_spend", "50.00", false), spend("maximum_spend", "50.01", true), false),
        (spend("minimum_spend", "50.00", false), spend("maximum_spend", "50.01", false), true),
        (spend("minimum_spend", "50.00", true), json!({"maximum_spend": {"amounts": {"USD": "1.00"}}}), false),
        (json!({"minimum_quantity": {"pieces": 1, "of": "on_sale"}}), json!({"without": {"of": "on_sale"}}), true),
        (json!({"minimum_quantity": {"pieces": 1}}), json!({"without": {"of": "on_sale"}}), false),
    ] {
        let expected = if crossed { &together[..] } else { &[] };
        assert_eq!(found(json!([least, most])), expected, "{least} {most}");
        assert_eq!(found(json!([most, least])), expected, "{most} {least}");
    }
}

/// What was found of the customer and the order stands when a placed order changes; what reads lines is judged again.
#[test]
fn placed_orders_keep_what_was_found_of_hours_and_shipping() {
    let stand = json!({"all": [
        {"hours": {"days": ["sun"], "from": "12:00", "until": "12:01"}},
        {"not_on": {"dates": ["2026-03-30"]}},
        {"shipping_methods": {"only": ["ground"]}},
        {"unique_customers": {"at_least": 5}},
        {"customer_attribute": {"key": "segment", "any_of": ["press"]}},
    ]});
    let place = |more: Value| {
        let definition = coupon(
            "ten",
            json!({"benefits": [{"percent": {"off": "10"}}], "conditions": [stand, more, "first_order"]}),
        );
        let press = Attributes::new([("segment".parse().unwrap(), "press".parse().unwrap())]);
        let pens = of(
            2,
            product("PEN").with_attributes(Attributes::new([("ink".parse().unwrap(), "blue".parse().unwrap())])),
            "20.00",
            1,
        );
        order([pieces(1, "30.00", 2), pens])
            .charge(shipping(9, usd("4.00")).with_method("ground".parse().unwrap()))
            .customer(customer("42").with_attributes(press))
            .code(Entry::new(definition).usage(Usage::default().with_customers(5)))
            .place()
    };
    let blue = json!({"attribute": {"key": "ink", "any_of": ["blue"]}});
    for (condition, changes, judged) in [
        // 80.00 less 10%, and the shipping; a piece of 30.00 less, then the pen.
        (json!({"maximum_spend": {"amounts": {"USD": "80.00"}}}), (LineId(1), 1), "49.00"),
        (json!({"minimum_spend": {"amounts": {"USD": "20.00"}, "of": blue}}), (LineId(1), 1), "49.00"),
        (json!({"minimum_spend": {"amounts": {"USD": "20.00"}, "of": blue}}), (LineId(2), 0), "64.00"),
        (json!({"distinct_products": {"at_least": 2}}), (LineId(1), 1), "49.00"),
        (json!({"distinct_products": {"at_least": 2}}), (LineId(2), 0), "64.00"),
        (json!({"not": {"without": {"of": blue}}}), (LineId(2), 0), "64.00"),
    ] {
        let placed = place(condition.clone());
        assert_eq!(payable(placed.outcome()), "76.00", "{condition}");
        assert_eq!(payable(&placed.reprice(&[changes], ThresholdCheck::Anew).unwrap()), judged, "{condition}");
        let read: PlacedOrder = serde_json::from_str(&serde_json::to_string(&placed).unwrap()).unwrap();
        assert_eq!(read, placed);
        assert_eq!(read.recompute().unwrap(), Recomputed::Same);
    }
}
