//! Section C, quantities: how many at one time, how many over a window of time, and what there is one of.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

fn rule(document: Value) -> QuantityRule {
    serde_json::from_value(document).unwrap()
}

/// An allowance of boots for everyone; fields may be overwritten.
fn allowance(id: &str, quantity: u64, fields: Value) -> Allowance {
    let mut document = json!({"id": id, "goods": [{"product": "BOOT"}], "quantity": quantity});
    for (name, value) in fields.as_object().unwrap() {
        document[name] = value.clone();
    }
    serde_json::from_value(document).unwrap()
}

fn boots(line: u64, pieces: u64) -> Line {
    of(line, product("BOOT"), "30.00", pieces)
}

/// Ann orders, under these rules and allowances.
fn ordered(lines: impl IntoIterator<Item = Line>, rules: &[QuantityRule], allowances: &[Allowance]) -> Case {
    order(lines).customer(customer("ann")).shop(|shop| {
        let shop = rules.iter().cloned().fold(shop, ShopBuilder::quantity_rule);
        allowances.iter().cloned().fold(shop, ShopBuilder::allowance)
    })
}

/// Requested and sold on each line, or the word of its refusal.
fn sold(outcome: &Outcome) -> Vec<Result<(u32, u32), LineRefusal>> {
    let of_line = |line: &LineOutcome| match line.refusal() {
        Some(refusal) => Err(refusal),
        None => Ok((outcome.requested(line), line.units())),
    };
    outcome.lines().iter().map(of_line).collect()
}

fn exceeded(remaining: u32, requested: u32) -> LineRefusal {
    LineRefusal::AllocationExceeded { remaining, requested }
}

/// Golden vector V14, the way that refuses. Proves S44.
#[test]
fn v14_an_allowance_that_is_exceeded_is_refused_with_what_is_left() {
    let six = allowance("six", 6, json!({"window": "month"}));
    let outcome = ordered([boots(1, 3), line(2, "5.00")], &[], &[six]).taken("six", 4).run();
    assert_eq!(sold(&outcome), [Err(exceeded(2, 3)), Ok((1, 1))]);
    assert_eq!((payable(&outcome).as_str(), outcome.placeable()), ("5.00", false), "out of every total");
    assert_eq!(outcome.redemption(), Err(NotPlaceable::LineRefused { line: LineId(1) }));
    let six = &outcome.allowances()[0];
    assert_eq!((six.limit(), six.taken(), six.granted(), six.left()), (6, 4, 0, 2));
    assert_eq!(six.until(), Some(at("2026-04-01T00:00:00Z")));
    let public = serde_json::to_value(outcome.public()).unwrap();
    assert_eq!(public["lines"][0]["refused"], json!({"allocation_exceeded": {"remaining": 2}}));
}

/// Golden vector V14, the way that caps. Proves S44.
#[test]
fn v14_an_allowance_that_is_exceeded_is_capped_to_what_is_left() {
    let six = allowance("six", 6, json!({"window": "month", "excess": "cap"}));
    let outcome = ordered([boots(1, 3), line(2, "5.00")], &[], &[six]).taken("six", 4).run();
    assert_eq!(sold(&outcome), [Ok((3, 2)), Ok((1, 1))]);
    // 2 x 30.00 and 5.00.
    assert_eq!((payable(&outcome).as_str(), outcome.placeable()), ("65.00", true));
    let line = &outcome.lines()[0];
    assert_eq!((line.list(), line.priced()), (usd("60.00"), usd("60.00")));
    let six = &outcome.allowances()[0];
    assert_eq!((six.granted(), six.left()), (2, 0));
    let redemption = outcome.redemption().unwrap();
    let delta = &redemption.deltas()[0];
    assert_eq!((delta.by(), delta.limit()), (2, 6), "only what is sold is counted");
    // Nothing at all cannot be sold.
    let six = allowance("six", 6, json!({"excess": "cap"}));
    let outcome = ordered([boots(1, 3)], &[], &[six]).taken("six", 6).run();
    assert_eq!((sold(&outcome), outcome.placeable()), (vec![Err(exceeded(0, 3))], false));
}

/// Proves S44: whoever is not meant is not limited, and what is left is enough is sold.
#[test]
fn an_allowance_is_for_the_customers_that_it_names() {
    let types = |shop: ShopBuilder| {
        let pro = CustomerType::new("PRO".parse().unwrap()).with_rank(10);
        shop.default_type("RETAIL".parse().unwrap()).customer_type(pro)
    };
    let of_pro = allowance("pro", 2, json!({"to": {"types": ["PRO"]}}));
    let ordered =
        |who: Customer| ordered([boots(1, 3)], &[], std::slice::from_ref(&of_pro)).shop(types).customer(who).run();
    let retail = ordered(customer("ann"));
    assert_eq!((sold(&retail), retail.allowances()), (vec![Ok((3, 3))], &[][..]));
    assert_eq!(sold(&ordered(customer("ann").with_type("PRO".parse().unwrap()))), [Err(exceeded(2, 3))]);
    let member = customer("ann").with_memberships(["PRO".parse().unwrap()]);
    assert_eq!(sold(&ordered(member)), [Err(exceeded(2, 3))], "a membership is a type as well");
}

/// Proves S44, S6: a code that changes the type before pricing brings the allowances of the new type, and takes those of
/// the old one away.
#[test]
fn a_new_type_has_its_own_allowances() {
    let club = coupon("club", json!({"benefits": ["none"], "assign": {"to": "CLUB", "when": "before_pricing"}}));
    let retail = allowance("retail", 1, json!({"to": {"types": ["RETAIL"]}}));
    let of_club = allowance("club", 2, json!({"to": {"types": ["CLUB"]}, "excess": "cap"}));
    let case = ordered([boots(1, 3)], &[], &[retail, of_club])
        .shop(|shop| shop.default_type("RETAIL".parse().unwrap()).customer_type("CLUB".parse().unwrap()));
    assert_eq!(sold(&case.clone().run()), [Err(exceeded(1, 3))]);
    let outcome = case.code(club).run();
    assert_eq!((sold(&outcome), applied(&outcome)), (vec![Ok((3, 2))], true));
    let names: Vec<&str> = outcome.allowances().iter().map(|a| a.allowance().as_str()).collect();
    assert_eq!(names, ["club"]);
}

/// Proves S44: a quantity that was agreed with a customer stands in the place of everybody's, for as long as agreed.
#[test]
fn a_quantity_of_ones_own() {
    let six = || allowance("six", 6, json!({"window": "year"}));
    let grant = |quantity| AllowanceGrant::new("six".parse().unwrap(), quantity);
    let ordered = |who: Customer| ordered([boots(1, 8)], &[], &[six()]).customer(who).run();
    assert_eq!(sold(&ordered(customer("ann"))), [Err(exceeded(6, 8))]);
    let twelve = ordered(customer("ann").with_allowance_grant(grant(12)));
    assert_eq!((sold(&twelve), twelve.allowances()[0].limit()), (vec![Ok((8, 8))], 12));
    assert_eq!(sold(&ordered(customer("ann").with_allowance_grant(grant(0)))), [Err(exceeded(0, 8))]);
    let until_noon = Window::instants(None, Some(at("2026-03-29T12:00:01Z"))).unwrap();
    let held = ordered(customer("ann").with_allowance_grant(grant(12).with_window(until_noon)));
    assert_eq!((sold(&held), held.allowances()[0].until()), (vec![Ok((8, 8))], Some(at("2026-03-29T12:00:01Z"))));
    let over = Window::instants(None, Some(at(NOON))).unwrap();
    let ended = ordered(customer("ann").with_allowance_grant(grant(12).with_window(over)));
    assert_eq!(sold(&ended), [Err(exceeded(6, 8))]);
}

/// Proves S47: at least, at most and in which steps, for each product over all its lines, and for some types only.
#[test]
fn how_many_at_one_time() {
    let wholesale =
        json!({"goods": {"category": "shoes"}, "to": {"types": ["WHOLESALE"]}, "min": 12, "increment": 6, "max": 24});
    let retail = json!({"goods": {"category": "shoes"}, "to": {"types": ["RETAIL"]}, "max": 2});
    let rules = [rule(wholesale), rule(retail)];
    let shoe = |line: u64, name: &str, pieces: u64| {
        of(line, product(name).with_categories(["shoes".parse().unwrap()]), "30.00", pieces)
    };
    let sold = |kind: &str, lines: Vec<Line>| {
        let case = ordered(lines, &rules, &[]).customer(customer("ann").with_type(kind.parse().unwrap()));
        let types = |shop: ShopBuilder| {
            shop.default_type("RETAIL".parse().unwrap()).customer_type("WHOLESALE".parse().unwrap())
        };
        sold(&case.shop(types).run())
    };
    let (below, steps) = (
        |found| Err(LineRefusal::BelowMinimum { required: 12, found }),
        |found| Err(LineRefusal::NotAMultiple { increment: 6, found }),
    );
    let above = |allowed, found| Err(LineRefusal::AboveMaximum { allowed, found });
    assert_eq!(sold("WHOLESALE", vec![shoe(1, "BOOT", 12)]), [Ok((12, 12))]);
    assert_eq!(sold("WHOLESALE", vec![shoe(1, "BOOT", 11)]), [below(11)]);
    assert_eq!(sold("WHOLESALE", vec![shoe(1, "BOOT", 13)]), [steps(13)]);
    assert_eq!(sold("WHOLESALE", vec![shoe(1, "BOOT", 30)]), [above(24, 30)]);
    // Two lines of one product are one quantity; two products are two.
    assert_eq!(sold("WHOLESALE", vec![shoe(1, "BOOT", 5), shoe(2, "BOOT", 7)]), [Ok((5, 5)), Ok((7, 7))]);
    assert_eq!(sold("WHOLESALE", vec![shoe(1, "BOOT", 12), shoe(2, "CLOG", 6)]), [Ok((12, 12)), below(6)]);
    assert_eq!(sold("RETAIL", vec![shoe(1, "BOOT", 2), shoe(2, "CLOG", 2)]), [Ok((2, 2)), Ok((2, 2))]);
    assert_eq!(sold("RETAIL", vec![shoe(1, "BOOT", 1), shoe(2, "BOOT", 2)]), [above(2, 3), above(2, 3)]);
    assert_eq!(sold("RETAIL", vec![boots(1, 9)]), [Ok((9, 9))], "it is not filed under shoes here");
}

/// Proves S47: a maximum may cap, earlier lines first, down to a multiple of the steps.
#[test]
fn a_maximum_may_cap() {
    let ten = |fields: Value| {
        let mut document = json!({"goods": {"product": "BOOT"}, "max": 10, "excess": "cap"});
        fields.as_object().unwrap().iter().for_each(|(name, value)| document[name] = value.clone());
        [rule(document)]
    };
    let sold = |rules: [QuantityRule; 1], lines: Vec<Line>| sold(&ordered(lines, &rules, &[]).run());
    assert_eq!(sold(ten(json!({})), vec![boots(1, 12)]), [Ok((12, 10))]);
    assert_eq!(sold(ten(json!({"increment": 4})), vec![boots(1, 12)]), [Ok((12, 8))]);
    assert_eq!(sold(ten(json!({})), vec![boots(2, 6), boots(1, 6)]), [Ok((6, 6)), Ok((6, 4))]);
    let none = Err(LineRefusal::AboveMaximum { allowed: 10, found: 13 });
    assert_eq!(sold(ten(json!({})), vec![boots(1, 10), boots(2, 3)]), [Ok((10, 10)), none]);
    // What was ordered has to come in steps in the first place.
    let odd = Err(LineRefusal::NotAMultiple { increment: 4, found: 11 });
    assert_eq!(sold(ten(json!({"increment": 4})), vec![boots(1, 11)]), [odd]);
}

/// Proves S44, S47: what an allowance leaves is rounded down to the steps, and below the minimum nothing is sold.
#[test]
fn what_is_left_goes_by_steps_and_minimum() {
    let left = |left: u64, rules: Value, lines: Vec<Line>| {
        let mut document = json!({"goods": {"product": "BOOT"}});
        rules.as_object().unwrap().iter().for_each(|(name, value)| document[name] = value.clone());
        let twenty = allowance("twenty", 20, json!({"excess": "cap"}));
        let outcome = ordered(lines, &[rule(document)], &[twenty]).taken("twenty", 20 - left).run();
        (sold(&outcome), outcome.allowances()[0].granted())
    };
    let steps = || json!({"increment": 4});
    assert_eq!(left(11, steps(), vec![boots(1, 12)]), (vec![Ok((12, 8))], 8));
    assert_eq!(left(3, steps(), vec![boots(1, 12)]), (vec![Err(exceeded(3, 12))], 0));
    // 5 and 6 are left of 5 and 7; the last line gives up what makes no whole step.
    assert_eq!(left(11, steps(), vec![boots(1, 5), boots(2, 7)]), (vec![Ok((5, 5)), Ok((7, 3))], 8));
    // 4 of 5 and 7: the second line gets nothing, and the first only a whole step.
    assert_eq!(left(5, steps(), vec![boots(1, 5), boots(2, 7)]), (vec![Ok((5, 4)), Err(exceeded(0, 7))], 4));
    assert_eq!(left(6, json!({"min": 6}), vec![boots(1, 8)]), (vec![Ok((8, 6))], 6));
    assert_eq!(left(5, json!({"min": 6}), vec![boots(1, 8)]), (vec![Err(exceeded(5, 8))], 0));
}

/// Proves S44: several allowances hold side by side, and several lines take from one.
#[test]
fn several_allowances_and_several_lines() {
    let goods = json!([{"product": "BOOT"}, {"product": "CLOG"}]);
    let both = |quantity, excess: &str| allowance("both", quantity, json!({"goods": goods.clone(), "excess": excess}));
    let clogs = |line: u64, pieces: u64| of(line, product("CLOG"), "20.00", pieces);
    let lines = || vec![clogs(3, 4), boots(1, 3), boots(2, 2)];
    // All lines of an allowance that refuses are refused together: splitting a line changes nothing.
    let refused = ordered(lines(), &[], &[both(8, "refuse")]).run();
    assert_eq!(sold(&refused), [Err(exceeded(8, 9)); 3]);
    assert_eq!(sold(&ordered(lines(), &[], &[both(9, "refuse")]).run()), [Ok((3, 3)), Ok((2, 2)), Ok((4, 4))]);
    // What is capped goes to earlier lines first.
    let capped = ordered(lines(), &[], &[both(8, "cap")]).run();
    assert_eq!(sold(&capped), [Ok((3, 3)), Ok((2, 2)), Ok((4, 3))]);
    // The tighter of two holds, and both count what is sold.
    let of_boots = allowance("boots", 4, json!({"excess": "cap"}));
    let outcome = ordered(lines(), &[], &[both(8, "cap"), of_boots.clone()]).run();
    assert_eq!(sold(&outcome), [Ok((3, 3)), Ok((2, 1)), Ok((4, 4))]);
    let granted: Vec<(&str, u64)> =
        outcome.allowances().iter().map(|a| (a.allowance().as_str(), a.granted())).collect();
    assert_eq!(granted, [("boots", 4), ("both", 8)]);
    // What was capped before is what the one that refuses looks at.
    assert_eq!(
        sold(&ordered(lines(), &[], &[both(8, "refuse"), of_boots]).run()),
        [Ok((3, 3)), Ok((2, 1)), Ok((4, 4))]
    );
    // A measured line is one unit.
    let rope =
        Line::new(LineId(1), product("BOOT"), Quantity::measured("12.5".parse().unwrap()).unwrap(), price("2.00"));
    let outcome = ordered([rope], &[], &[both(1, "refuse")]).run();
    assert_eq!((sold(&outcome), payable(&outcome)), (vec![Ok((1, 1))], "25.00".to_owned()));
}

/// Proves S44: what the shop took off a line shrinks with the line, and coupons are worked out on what is sold.
#[test]
fn discounts_follow_what_is_sold() {
    let two = allowance("two", 2, json!({"excess": "cap"}));
    let line = boots(1, 3).with_discount(discount("sale", usd("10.00"))).with_discount(discount("more", usd("0.05")));
    let outcome = ordered([line], &[], &[two]).code(percent_off("ten", "10")).traced().run();
    let line = &outcome.lines()[0];
    // Two thirds of 10.00 and of 0.05: 6.67 and 0.03. Then 10% of 53.30.
    assert_eq!((line.shop_discount(), line.coupon_discount()), (usd("6.70"), usd("5.33")));
    assert_eq!(payable(&outcome), "47.97");
    let steps: Vec<&TraceStep> = outcome.trace().unwrap().of(LineId(1)).map(|entry| &entry.step).collect();
    assert_eq!(steps[0], &TraceStep::Capped { requested: 3, granted: 2 });
    // A threshold looks at what is sold: 60.00 and not 90.00.
    let spend = json!([{"minimum_spend": {"amounts": {"USD": "80.00"}}}]);
    let big = coupon("big", json!({"conditions": spend, "benefits": [{"percent": {"off": "10"}}]}));
    let two = allowance("two", 2, json!({"excess": "cap"}));
    let outcome = ordered([boots(1, 3)], &[], &[two]).code(big).run();
    assert_eq!(why(&outcome), [Refusal::MinimumSpend { required: usd("80.00"), found: usd("60.00") }]);
}

/// Proves S44, S37: a price that begins with a quantity follows what is sold, not what was ordered.
#[test]
fn a_quantity_break_follows_what_is_sold() {
    let entries = json!([
        {"goods": {"product": "BOOT"}, "price": {"USD": "28.00"}},
        {"goods": {"product": "BOOT"}, "from": 3, "price": {"USD": "20.00"}},
    ]);
    let list: PriceList =
        serde_json::from_value(json!({"id": "ann", "for": {"customers": ["id:ann"]}, "entries": entries})).unwrap();
    let left = |left: u64| {
        let ten = allowance("ten", 10, json!({"excess": "cap"}));
        let case = ordered([boots(1, 4)], &[], &[ten]).shop(|shop| shop.price_list(list.clone()));
        payable(&case.taken("ten", 10 - left).run())
    };
    // 4 x 20.00; 3 x 20.00; 2 x 28.00.
    assert_eq!([left(4), left(3), left(2)], ["80.00", "60.00", "56.00"]);
}

/// Proves S44: what is counted for each customer is not sold to nobody, or only shown, by policy. What all share is.
#[test]
fn nobody_has_no_allowance() {
    let six = |per: &str| allowance("six", 6, json!({"per": per}));
    let nobody = Customer::anonymous;
    let device = Customer::new([IdentityKey::device("d-1").unwrap()]);
    let outcome = |who: Customer, per: &str| ordered([boots(1, 3)], &[], &[six(per)]).customer(who).run();
    for who in [nobody(), device] {
        let refused = outcome(who, "customer");
        assert_eq!((sold(&refused), refused.placeable()), (vec![Err(LineRefusal::CustomerRequired)], false));
    }
    assert!(outcome(nobody(), "shared").placeable());

    let lenient = policy(|p| p.no_identity(NoIdentity::ApplyAndFlag));
    let case = |pieces| order_under(lenient.clone(), [boots(1, pieces)]).shop(|shop| shop.allowance(six("customer")));
    let shown = case(3).run();
    assert_eq!(
        (sold(&shown), shown.flags(), shown.placeable()),
        (vec![Ok((3, 3))], &[Flag::IdentityNeeded][..], false)
    );
    assert_eq!(shown.redemption(), Err(NotPlaceable::CustomerRequired));
    assert_eq!(sold(&case(7).run()), [Err(exceeded(6, 7))]);
}

/// Proves S5, S38: nothing about quantities tells an unseen product from one that does not exist, and it uses nothing up.
#[test]
fn an_unseen_product_has_no_quantities() {
    let two = || allowance("two", 2, json!({"goods": [{"product": "BOOT"}, {"product": "SECRET"}]}));
    let secret = || of(2, product("SECRET"), "99.00", 5);
    let hidden = |shop: ShopBuilder| shop.visible_only_to("SECRET".parse().unwrap(), []);
    let outcome = ordered([boots(1, 2), secret()], &[], &[two()]).shop(hidden).run();
    assert_eq!(sold(&outcome), [Ok((2, 2)), Err(LineRefusal::NotVisible)]);
    assert_eq!(outcome.allowances()[0].granted(), 2);
    let alone = ordered([secret()], &[], &[two()]).shop(hidden).run();
    assert_eq!(alone.allowances(), []);
    let unknown = order([secret()]).shop(hidden).customer(customer("ann")).run();
    let public = |outcome: &Outcome| serde_json::to_string(&outcome.public()).unwrap();
    assert_eq!(public(&alone), public(&unknown));
}

/// A till in Berlin whose shop has allowances.
fn till(allowances: impl IntoIterator<Item = Allowance>) -> Till {
    let zone = Zone::named("Europe/Berlin").unwrap_or(Zone::UTC);
    let shop = allowances.into_iter().fold(Shop::builder(policy(|p| p.zone(zone))), ShopBuilder::allowance);
    Till { store: MemoryStore::new(), shop: shop.build().unwrap() }
}

/// Loads, prices so many boots for a customer.
fn priced(till: &Till, reference: &str, who: &Customer, pieces: u64, instant: DateTime<Utc>) -> Outcome {
    let order = Order::builder(Currency::USD).line(boots(1, pieces)).build().unwrap();
    let reference = Reference::Order(reference.parse().unwrap());
    let counters = till.shop.allowance_counters(&order, &till.shop.policy().counted_keys(who), instant);
    let load = LoadRequest::new(reference.clone(), Currency::USD, instant).allowances(counters);
    let loaded = block_on(till.store.clone().load(&load)).unwrap();
    let request = Request::new(&order, who, reference, instant).with_allowances(loaded.allowances());
    till.shop.evaluate(&request).unwrap()
}

/// How many of so many boots a customer gets at an instant; what is sold is recorded.
fn buy(till: &Till, who: &Customer, pieces: u64, instant: &str) -> u32 {
    let outcome = priced(till, &format!("{instant}-{pieces}"), who, pieces, at(instant));
    if !outcome.placeable() {
        return 0;
    }
    assert_eq!(till.commit(&outcome, instant), Commit::Recorded);
    outcome.lines()[0].units()
}

/// Proves S45: fixed dates, calendar periods in the merchant's zone, and rolling days.
#[test]
fn windows_begin_anew() {
    let ann = customer("ann");
    let with = |window: Value| till([allowance("six", 6, json!({"window": window, "excess": "cap"}))]);
    let bought = |window: Value, orders: &[(&str, u64)]| -> Vec<u32> {
        let till = with(window);
        orders.iter().map(|(instant, pieces)| buy(&till, &ann, *pieces, instant)).collect()
    };
    if tz_data_version().is_some() {
        // March ends in Berlin at 22:00 UTC.
        let around = [("2026-03-31T21:59:59Z", 9), ("2026-03-31T22:00:00Z", 9), ("2026-04-30T21:59:59Z", 1)];
        assert_eq!(bought(json!("month"), &around), [6, 6, 0]);
        assert_eq!(bought(json!("quarter"), &around), [6, 6, 0]);
        assert_eq!(bought(json!("year"), &around), [6, 0, 0]);
        assert_eq!(bought(json!("ever"), &around), [6, 0, 0]);
        let days = json!({"days": {"from": "2026-04-01", "thru": "2026-04-30"}});
        let around = [("2026-03-31T21:59:59Z", 9), ("2026-03-31T22:00:00Z", 4), ("2026-04-30T21:59:59Z", 4)];
        assert_eq!(bought(days.clone(), &around), [9, 4, 2], "outside of its dates it limits nothing");
        assert_eq!(bought(days, &[("2026-04-30T22:00:00Z", 9)]), [9]);
    }
    let rolling = json!({"rolling": {"days": 30}});
    let orders = [
        ("2026-03-01T12:00:00Z", 4),
        ("2026-03-10T12:00:00Z", 4),
        ("2026-03-20T12:00:00Z", 1),
        // What was bought exactly thirty days ago still counts; a second later it does not.
        ("2026-03-31T12:00:00Z", 1),
        ("2026-03-31T12:00:01Z", 9),
        ("2026-04-09T12:00:00Z", 1),
        ("2026-04-09T12:00:01Z", 9),
    ];
    assert_eq!(bought(rolling, &orders), [4, 2, 0, 0, 4, 0, 2]);
}

/// Proves S45: what was priced in one window is not recorded in another; a hold ends with the window.
#[test]
fn a_window_is_guarded_at_commit() {
    let ann = customer("ann");
    let (before, after) = (at("2026-03-31T12:00:00Z"), at("2026-04-01T12:00:00Z"));
    let month = till([allowance("six", 6, json!({"window": "month"}))]);
    let redemption = priced(&month, "o-1", &ann, 6, before).redemption().unwrap();
    let held = block_on(month.store.clone().reserve(&redemption, before, after)).unwrap();
    let ends = redemption.hold_until(after);
    assert!(ends < after);
    assert_eq!(held, Reserve::Held { until: ends });
    let refused = block_on(month.store.clone().commit(&redemption, ends)).unwrap();
    let Commit::Refused(objections) = refused else { panic!("{refused:?}") };
    assert_eq!(objections[0].allowance().map(AllowanceId::as_str), Some("six"));
    let again = priced(&month, "o-1", &ann, 6, ends);
    assert_eq!(block_on(month.store.clone().commit(&again.redemption().unwrap(), ends)).unwrap(), Commit::Recorded);

    // Before its first day nothing is counted, so nothing that was priced then is recorded after it.
    let days = json!({"days": {"from": "2026-04-01"}});
    let april = till([allowance("one", 1, json!({"window": days}))]);
    let early = priced(&april, "o-1", &ann, 6, before).redemption().unwrap();
    assert_eq!(early.deltas(), []);
    assert!(matches!(block_on(april.store.clone().commit(&early, after)).unwrap(), Commit::Refused(_)));
    assert_eq!(block_on(april.store.clone().commit(&early, before)).unwrap(), Commit::Recorded);
}

/// Proves S48: of what there is one of, many threads sell one, whatever each of them saw before.
#[test]
fn one_of_a_kind_is_sold_once() {
    const SHOPPERS: u64 = 16;
    for round in 0..8 {
        let till = till([allowance("violin", 1, json!({"per": "shared"}))]);
        let (sold, seen, together) = (AtomicU64::new(0), AtomicU64::new(0), Barrier::new(16));
        thread::scope(|scope| {
            for shopper in 0..SHOPPERS {
                let (till, sold, seen, together) = (till.clone(), &sold, &seen, &together);
                scope.spawn(move || {
                    let who = customer(&shopper.to_string());
                    let outcome = priced(&till, &format!("o-{shopper}"), &who, 1, at(NOON));
                    seen.fetch_add(u64::from(outcome.placeable()), Ordering::Relaxed);
                    together.wait();
                    match till.commit(&outcome, NOON) {
                        Commit::Recorded => {
                            sold.fetch_add(1, Ordering::Relaxed);
                            assert_eq!(till.commit(&outcome, NOON), Commit::AlreadyRecorded);
                        }
                        Commit::Refused(objections) => {
                            let counter = violin();
                            let gone = Objection::LimitReached { counter, limit: 1, used: 1, held: 0, wanted: 1 };
                            assert_eq!(objections, [gone]);
                        }
                        other => panic!("{other:?}"),
                    }
                });
            }
        });
        assert_eq!((seen.into_inner(), sold.into_inner()), (SHOPPERS, 1), "round {round}");
        assert_eq!(till.store.counter(&violin(), at(NOON)).used, 1);
        let late = priced(&till, "late", &customer("late"), 1, at(NOON));
        assert_eq!(super::allowances::sold(&late), [Err(exceeded(0, 1))]);
    }
}

fn violin() -> CounterKey {
    CounterKey::Allowance { allowance: "violin".parse().unwrap(), customer: None, since: None }
}

/// A line names what left nothing of it: a maximum that the lines before it used up, even where an allowance is used up by
/// then as well.
#[test]
fn a_line_without_a_piece_names_the_maximum_that_cut_it() {
    let three = rule(json!({"goods": {"product": "BOOT"}, "max": 3, "excess": "cap"}));
    let same = allowance("three", 3, json!({"excess": "cap"}));
    let outcome = ordered([boots(1, 3), boots(2, 2)], &[three], &[same]).run();
    assert_eq!(sold(&outcome), [Ok((3, 3)), Err(LineRefusal::AboveMaximum { allowed: 3, found: 5 })]);
}
