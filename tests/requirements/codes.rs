//! Section D: personal and group codes on order forms.

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

/// A personal definition: codes are issued one by one, each once.
fn personal() -> Coupon {
    coupon("gift", json!({"code": null, "kind": "personal", "benefits": [{"percent": {"off": "10"}}]}))
}

fn gift_of(holder: &str) -> Entry {
    let issued = issued_code("GIFT1", "2026-03-01T00:00:00Z").with_holder(IdentityKey::id(holder).unwrap());
    Entry::issued(issued, personal())
}

/// Proves S53.
#[test]
fn a_code_on_the_form_adjusts_the_price() {
    assert_eq!(payable(&order([line(1, "40.00")]).code(percent_off("ten", "10")).run()), "36.00");
    assert_eq!(payable(&order([line(1, "40.00")]).run()), "40.00");
    let wrong = errors("c", json!({"code": "TEN%", "benefits": ["none"]}));
    assert_eq!(wrong, "`code` is `TEN%`: character `%` at position 4 is not allowed");
}

/// Proves S54: a personal definition has no shared code and is once per code and customer; a group has one for all.
#[test]
fn personal_codes_are_issued_and_group_codes_are_shared() {
    let personal = personal();
    assert_eq!((personal.kind(), personal.code()), (Kind::Personal, None));
    assert_eq!((personal.limits().per_code(), personal.limits().per_customer()), (Some(1), Some(1)));
    let shared = json!({"kind": "personal", "code": "GIFT", "benefits": ["none"]});
    assert_eq!(errors("gift", shared), "`code` is `GIFT`: not allowed together with kind personal");
    let group = percent_off("group", "10");
    assert_eq!((group.kind(), group.code().unwrap().as_str()), (Kind::General, "GROUP"));
    assert_eq!((group.limits().per_code(), group.limits().per_customer()), (None, None));
    // A personal definition without an issued code answers to nothing that is typed.
    assert_eq!(why(&order([line(1, "10.00")]).code(Entry::typed("GIFT1", personal)).run()), [Refusal::UnknownCode]);
}

/// Proves S55 (the preview; the store has its own test).
#[test]
fn a_personal_code_is_for_its_owner_once() {
    let outcome = |who: Customer, entry: Entry| order([line(1, "10.00")]).customer(who).code(entry).run();
    assert!(applied(&outcome(customer("1"), gift_of("1"))));
    assert_eq!(why(&outcome(customer("2"), gift_of("1"))), [Refusal::WrongCustomer]);
    assert!(why(&outcome(Customer::anonymous(), gift_of("1"))).contains(&Refusal::WrongCustomer));
    let used = gift_of("1").usage(Usage::default().with_code(1));
    let limit = Refusal::LimitReached { limit: LimitKind::Code, allowed: 1, taken: 1 };
    assert_eq!(why(&outcome(customer("1"), used)), [limit]);
}

/// Proves S56, S95.
#[test]
fn group_codes_take_known_contacts_and_new_prospects() {
    let outcome = |who: Customer| order([line(1, "10.00")]).customer(who).code(percent_off("group", "10")).run();
    let known = outcome(customer("1"));
    assert_eq!((payable(&known).as_str(), known.has_flag(Flag::NewCustomer)), ("9.00", false));
    let unknown = outcome(Customer::anonymous());
    assert_eq!((payable(&unknown).as_str(), unknown.has_flag(Flag::NewCustomer)), ("9.00", true));
    let fresh = outcome(customer("2").with_new(true));
    assert!(fresh.has_flag(Flag::NewCustomer) && fresh.redemption().unwrap().is_new_customer());
    // Nothing is attributed to a coupon that nobody redeemed.
    assert!(!order([line(1, "10.00")]).run().has_flag(Flag::NewCustomer));
    let refused = order([line(1, "10.00")]).code(Entry::unknown("NOPE")).run();
    assert!(!refused.has_flag(Flag::NewCustomer));
}

/// Proves S57: value, products, start, end and number, all on one coupon.
#[test]
fn a_coupon_has_value_products_dates_and_a_number() {
    let full = coupon(
        "full",
        json!({"scope": {"products": ["P1"]}, "validity": {"from": "2026-03-01", "thru": "2026-03-31"},
            "limits": {"total": 2}, "benefits": [{"amount": {"off": {"USD": "3.00"}}}]}),
    );
    let case = |used| {
        let entry = Entry::new(full.clone()).usage(Usage::default().with_total(used));
        order([line(1, "10.00"), line(2, "10.00")]).code(entry)
    };
    assert_eq!(off(&case(1).run()), ["3.00", "0.00"]);
    assert_eq!(reasons(&case(2).run())[0], ["limit_reached"]);
    assert_eq!(reasons(&case(1).at("2026-02-28T12:00:00Z").run())[0], ["not_started"]);
    assert_eq!(reasons(&case(1).at("2026-04-01T12:00:00Z").run())[0], ["expired"]);
    assert_eq!(reasons(&order([line(2, "10.00")]).code(full).run())[0], ["not_applicable"]);
}

/// Proves S59, S67: percent, money or a trial; a trial is whole days and has no payment scope.
#[test]
fn a_benefit_is_percent_money_or_a_trial() {
    assert_eq!(total_off(&order([line(1, "30.00")]).code(percent_off("p", "10")).run()), "3.00");
    assert_eq!(total_off(&order([line(1, "30.00")]).code(amount_off("a", "20.00")).run()), "20.00");
    let plan = of(1, product("PLAN").with_subscription(true), "30.00", 1);
    let trial = coupon("t", json!({"benefits": [{"trial": {"days": 14}}]}));
    let outcome = order([plan]).code(trial).run();
    assert_eq!((outcome.answers()[0].trial_days(), payable(&outcome).as_str()), (Some(14), "30.00"));
    assert_eq!(outcome.redemption().unwrap().coupons()[0].trial_days, Some(14));
    let trial = |days: Value, payments: Value| {
        let mut fields = json!({"benefits": [{"trial": {"days": days}}]});
        if !payments.is_null() {
            fields["payments"] = payments;
        }
        errors("t", fields)
    };
    assert_eq!(trial(json!(1), json!(null)), "");
    assert_eq!(trial(json!(14), json!("first")), "`payments` is `first`: not allowed together with a trial");
    assert!(trial(json!(0), json!(null)).starts_with("`benefits[0].trial.days` is `0`: "));
    assert!(trial(json!(1.5), json!(null)).starts_with("`benefits[0].trial.days` is `1.5`: "));
}

/// Proves S60.
#[test]
fn a_percentage_takes_all_qualifying_lines_and_every_unit() {
    let outcome = order([pieces(1, "30.00", 2), line(2, "40.00")]).code(percent_off("ten", "10")).run();
    assert_eq!((total_off(&outcome).as_str(), outcome.answers()[0].units()), ("10.00", 3));
}

/// Proves S61: the whole price off is legal and leaves exactly nothing.
#[test]
fn a_hundred_percent_is_legal() {
    let outcome = order([pieces(1, "33.33", 3)]).taxed("19").code(percent_off("all", "100")).run();
    assert_eq!((payable(&outcome).as_str(), outcome.totals().tax()), ("0.00", Some(usd("0.00"))));
    assert_eq!(outcome.totals().net(), usd("0.00"));
}

/// Proves S62, S63, S64: an amount is taken once, never below zero, the rest is lost and becomes no credit.
#[test]
fn an_amount_is_taken_once_and_the_rest_is_lost() {
    let outcome = |quantity| order([pieces(1, "50.00", quantity)]).code(amount_off("hundred", "100.00")).run();
    let one = outcome(1);
    assert_eq!((payable(&one).as_str(), one.answers()[0].forfeited()), ("0.00", usd("50.00")));
    assert_eq!(one.redemption().unwrap().coupons()[0].forfeited, usd("50.00"));
    // Nothing that is recorded gives the shopper anything back: what was lost is in the record, and no counter has it.
    assert_eq!(one.redemption().unwrap().deltas(), []);
    let three = outcome(3);
    assert_eq!((payable(&three).as_str(), three.answers()[0].forfeited()), ("50.00", usd("0.00")));
    // Only the qualifying lines give: 100.00 on 30.00 in an order of 90.00.
    let scoped =
        coupon("h", json!({"scope": {"products": ["P1"]}, "benefits": [{"amount": {"off": {"USD": "100.00"}}}]}));
    let outcome = order([line(1, "30.00"), line(2, "60.00")]).code(scoped).run();
    assert_eq!((off(&outcome), outcome.answers()[0].forfeited()), (vec!["30.00".into(), "0.00".into()], usd("70.00")));
}

/// Proves S68.
#[test]
fn one_code_per_order_form_by_default() {
    for policy in [Policy::order_form(Currency::USD, Zone::UTC), Policy::storefront(Currency::USD, Zone::UTC)] {
        let outcome =
            order_under(policy, [line(1, "100.00")]).codes([percent_off("b", "10"), percent_off("a", "5")]).run();
        assert_eq!((winners(&outcome), payable(&outcome)), (vec!["a".to_owned()], "95.00".into()));
        assert_eq!(outcome.answers()[0].reasons(), [Refusal::TooManyCodes { allowed: 1 }]);
        assert_eq!(outcome.answers()[0].reasons()[0].mend(), Some(Mend::RemoveOtherCode));
    }
    let two = policy(|p| p.max_codes(Some(2)));
    let outcome = order_under(two, [line(1, "100.00")]).codes(["a", "b", "c"].map(|id| percent_off(id, "10"))).run();
    assert_eq!(winners(&outcome), ["a", "b"]);
    assert_eq!(outcome.answers()[2].reasons(), [Refusal::TooManyCodes { allowed: 2 }]);
}

/// Proves S69, S70, S76, S77: number and dates of a group, each optional by itself.
#[test]
fn number_and_dates_of_a_group_are_optional() {
    let outcome = |fields: Value, used: u64, instant: &str| {
        let mut all = json!({"benefits": [{"percent": {"off": "10"}}]});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let entry = Entry::new(coupon("g", all)).usage(Usage::default().with_total(used));
        reasons(&order([line(1, "10.00")]).code(entry).at(instant).run())[0].clone()
    };
    let none: [&str; 0] = [];
    assert_eq!(outcome(json!({"limits": {"total": 3}}), 2, NOON), none);
    assert_eq!(outcome(json!({"limits": {"total": 3}}), 3, NOON), ["limit_reached"]);
    assert_eq!(outcome(json!({}), u64::MAX, "2199-01-01T00:00:00Z"), none);
    let (from, thru) = (json!({"validity": {"from": "2026-03-01"}}), json!({"validity": {"thru": "2026-03-01"}}));
    assert_eq!(outcome(from.clone(), 0, "2026-02-28T23:59:59Z"), ["not_started"]);
    assert_eq!(outcome(from, 0, "2199-01-01T00:00:00Z"), none);
    assert_eq!(outcome(thru.clone(), 0, "1999-01-01T00:00:00Z"), none);
    assert_eq!(outcome(thru, 0, "2026-03-02T00:00:00Z"), ["expired"]);
}

/// Proves S71.
#[test]
fn a_trial_needs_a_subscription() {
    let trial = coupon("t", json!({"benefits": [{"trial": {"days": 14}}]}));
    let outcome = order([line(1, "30.00")]).code(trial.clone()).run();
    assert_eq!(why(&outcome), [Refusal::NotApplicable]);
    assert_eq!(outcome.answers()[0].trial_days(), None);
    // A subscription that the coupon does not cover is none for it.
    let other = coupon("t", json!({"scope": {"products": ["GYM"]}, "benefits": [{"trial": {"days": 14}}]}));
    let plan = || of(1, product("PLAN").with_subscription(true), "30.00", 1);
    assert_eq!(why(&order([plan()]).code(other).run()), [Refusal::NotApplicable]);
    assert!(applied(&order([plan()]).code(trial).run()));
}

/// Proves S72.
#[test]
fn a_coupon_covers_one_product_a_set_or_all() {
    let covered = |scope: Value| {
        let coupon = coupon("c", json!({"scope": scope, "benefits": [{"percent": {"off": "50"}}]}));
        off(&order([line(1, "2.00"), line(2, "4.00"), line(3, "6.00")]).code(coupon).run())
    };
    assert_eq!(covered(json!({"products": ["P2"]})), ["0.00", "2.00", "0.00"]);
    assert_eq!(covered(json!({"products": ["P2", "P3"]})), ["0.00", "2.00", "3.00"]);
    assert_eq!(covered(json!("open")), ["1.00", "2.00", "3.00"]);
}

/// Proves S73, S74, S75, S85: the internal name stays inside; the description and the value are shown.
#[test]
fn names_stay_inside_and_descriptions_are_shown() {
    let secret = |benefit: Value| {
        let fields =
            json!({"name": "Q3-DUMP-STOCK", "code": "SPRING", "description": "Spring sale", "benefits": [benefit]});
        coupon("spring", fields)
    };
    let case = |benefit| order([line(1, "40.00")]).code(secret(benefit));
    let outcome = case(json!({"percent": {"off": "12.5"}})).run();
    assert_eq!(outcome.answers()[0].terms().unwrap().name(), Some("Q3-DUMP-STOCK"));
    assert_eq!(outcome.answers()[0].description(), "Spring sale");
    let Some(Source::Code(answer)) = outcome.adjustments().next().map(|a| a.source) else { panic!() };
    assert_eq!((answer.description(), answer.entered()), ("Spring sale", "SPRING"));
    let receipt = case(json!({"percent": {"off": "12.5"}})).receipt();
    assert!(receipt.contains("Spring sale") && receipt.contains("12.5%") && receipt.contains("5.00"), "{receipt}");
    let public = format!("{:?}", outcome.public());
    for text in [receipt, public] {
        assert!(!text.contains("Q3-DUMP-STOCK"), "{text}");
    }
    let receipt = case(json!({"amount": {"off": {"USD": "7.00"}}})).receipt();
    assert!(receipt.contains("Spring sale") && receipt.contains("7.00"), "{receipt}");
}

/// Proves S78.
#[test]
fn dates_or_a_countdown_and_never_both() {
    let personal = |validity: Value| {
        errors("g", json!({"code": null, "kind": "personal", "validity": validity, "benefits": ["none"]}))
    };
    assert_eq!(personal(json!({"from": "2026-01-01", "thru": "2026-12-31"})), "");
    assert_eq!(personal(json!({"countdown": {"days": 2, "hours": 3}})), "");
    let both = personal(json!({"thru": "2026-12-31", "countdown": {"days": 2}}));
    assert_eq!(both, "`validity.countdown` is `{..}`: not allowed together with dates");
    // A shared code was never issued to anybody, so no countdown can run for it.
    let shared = errors("g", json!({"validity": {"countdown": {"days": 2}}, "benefits": ["none"]}));
    assert_eq!(shared, "`validity.countdown` is `{..}`: not allowed together with a shared code");
}

/// Proves S79, S80's counterpart at evaluation: each contact's countdown begins with the own issue.
#[test]
fn a_countdown_runs_per_contact() {
    let fields = json!({"code": null, "kind": "personal", "validity": {"countdown": {"days": 1}}, "benefits": [{"percent": {"off": "10"}}]});
    let outcome = |issued_at: &str, instant: &str| {
        let issued = issued_code("GIFT1", issued_at).with_holder(IdentityKey::id("1").unwrap());
        order([line(1, "10.00")])
            .customer(customer("1"))
            .code(Entry::issued(issued, coupon("g", fields.clone())))
            .at(instant)
            .run()
    };
    assert!(applied(&outcome("2026-03-01T10:00:00Z", "2026-03-02T09:59:59Z")));
    assert!(!applied(&outcome("2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z")));
    // Two years later, the same length.
    assert!(applied(&outcome("2028-03-01T10:00:00Z", "2028-03-02T09:59:59Z")));
    assert!(!applied(&outcome("2028-03-01T10:00:00Z", "2028-03-02T10:00:00Z")));
}

/// Proves S82, S93: a coupon acts on the forms where it is enabled; without a list, wherever the code comes from.
#[test]
fn a_coupon_acts_where_it_is_enabled() {
    let enabled = coupon(
        "f",
        json!({"conditions": [{"channels": {"only": ["form-a", "form-b"]}}], "benefits": [{"percent": {"off": "10"}}]}),
    );
    let on = |coupon: &Coupon, form: &str| {
        order([line(1, "10.00")]).order(|o| o.channel(form.parse().unwrap())).code(coupon.clone()).run()
    };
    assert!(applied(&on(&enabled, "form-a")) && applied(&on(&enabled, "form-b")));
    let elsewhere = on(&enabled, "form-c");
    assert_eq!((why(&elsewhere), payable(&elsewhere).as_str()), (&[Refusal::NotEnabledHere][..], "10.00"));
    assert_eq!(why(&order([line(1, "10.00")]).code(enabled).run()), [Refusal::NotEnabledHere]);
    let anywhere = percent_off("any", "10");
    for channel in ["email", "sms", "postcard", "web"] {
        assert!(applied(&on(&anywhere, channel)), "{channel}");
    }
    assert!(applied(&order([line(1, "10.00")]).code(anywhere).run()));
}

/// Proves S84.
#[test]
fn a_wrong_code_is_a_notice_and_the_order_stays_valid() {
    for typed in ["NOPE", "", "20% off", "ÜBER", &"A".repeat(25)] {
        let outcome = order([line(1, "10.00")]).code(Entry::unknown(typed)).run();
        assert_eq!(why(&outcome), [Refusal::UnknownCode], "{typed}");
        assert_eq!((payable(&outcome).as_str(), outcome.placeable()), ("10.00", true));
        assert_eq!(outcome.redemption().unwrap().coupons(), []);
        // What cannot be a code at all reads like any other unknown one.
        assert_eq!(why(&outcome)[0].public(PublicReasons::Collapsed), PublicReason::NotValid);
        assert_eq!(why(&outcome)[0].public(PublicReasons::Distinct), PublicReason::NotValid);
    }
}

/// Proves S90.
#[test]
fn a_code_is_never_required() {
    let outcome = order([line(1, "10.00")]).taxed("8").run();
    assert_eq!((payable(&outcome).as_str(), outcome.answers().len(), outcome.placeable()), ("10.80", 0, true));
    assert_eq!(outcome.redemption().unwrap().deltas(), []);
}

/// Proves S91: as V22, on several lines, at no other price.
#[test]
fn a_coupon_of_nothing_shows_a_line_of_nothing() {
    let zero = coupon("zero", json!({"description": "Thank you", "benefits": [{"percent": {"off": "0.000"}}]}));
    let outcome = order([line(1, "10.00"), line(2, "5.00")]).code(zero).run();
    let shown: Vec<(u64, String)> = outcome.adjustments().map(|a| (a.line.0, a.amount.amount_text())).collect();
    assert_eq!(shown, [(1, "0.00".to_owned()), (2, "0.00".to_owned())]);
    assert_eq!(outcome.redemption().unwrap().coupons().len(), 1);
    // On nothing at all it is not applicable, like any other.
    assert_eq!(why(&order([]).code(percent_off("zero", "0")).run()), [Refusal::NotApplicable]);
}

/// Proves S92.
#[test]
fn the_last_day_is_inclusive() {
    let spring = coupon("s", json!({"validity": {"thru": "2026-03-29"}, "benefits": [{"percent": {"off": "10"}}]}));
    let outcome = |instant| applied(&order([line(1, "10.00")]).code(spring.clone()).at(instant).run());
    assert!(outcome("2026-03-29T00:00:00Z") && outcome("2026-03-29T23:59:59.999Z"));
    assert!(!outcome("2026-03-30T00:00:00Z"));
}

/// Proves S83.
#[test]
fn coupons_are_listed_for_a_product() {
    let shop = Shop::new(policy(|p| p));
    let scoped = |id: &str, scope: Value| {
        shop.prepare(coupon(id, json!({"scope": scope, "benefits": [{"percent": {"off": "10"}}]}))).unwrap()
    };
    let narrowed = coupon("narrow", json!({"benefits": [{"percent": {"off": "10", "scope": {"products": ["BOOT"]}}}]}));
    let coupons = [
        scoped("any", json!("open")),
        scoped("boots", json!({"products": ["BOOT"]})),
        scoped("sale", json!("on_sale")),
        scoped("cheap", json!({"price_range": {"max": {"USD": "50.00"}}})),
        shop.prepare(narrowed).unwrap(),
        shop.prepare(coupon("free", json!({"benefits": [{"shipping": "free"}]}))).unwrap(),
    ];
    let listed = |product: &Product, price: &str| -> Vec<String> {
        coupons_for(product, usd(price), &coupons).map(|c| c.coupon().id().to_string()).collect()
    };
    assert_eq!(listed(&product("BOOT"), "80.00"), ["any", "boots", "narrow"]);
    assert_eq!(listed(&product("SOCK").with_on_sale(true), "5.00"), ["any", "sale", "cheap"]);
    // What is listed for a product is what takes something off it.
    for found in coupons_for(&product("BOOT"), usd("80.00"), &coupons) {
        let boot = of(1, product("BOOT"), "80.00", 1);
        assert_eq!(total_off(&order([boot]).code(found.coupon().clone()).run()), "8.00");
    }
}

/// Of several trials the plan is charged after the longest, whichever is entered first; a trial that is refused puts
/// nothing off.
#[test]
fn the_longest_trial_that_applies_says_when_a_plan_is_charged() {
    let plan = || of(1, product("PLAN").with_subscription(true), "30.00", 1);
    let trial = |days: u32| coupon(&format!("t{days}"), json!({"benefits": [{"trial": {"days": days}}]}));
    let charged = |codes: [Coupon; 2]| {
        let outcome = order([plan()]).codes(codes).run();
        outcome.first_charges().iter().map(|c| (c.line(), c.at(), c.amount())).collect::<Vec<_>>()
    };
    let in_two_weeks = [(LineId(1), at("2026-04-12T12:00:00Z"), usd("30.00"))];
    assert_eq!(charged([trial(7), trial(14)]), in_two_weeks);
    assert_eq!(charged([trial(14), trial(7)]), in_two_weeks);
    let spend = json!([{"minimum_spend": {"amounts": {"USD": "30.01"}}}]);
    let refused = coupon("t90", json!({"conditions": spend, "benefits": [{"trial": {"days": 90}}]}));
    assert_eq!(charged([trial(14), refused]), in_two_weeks);
}

/// A limit for each customer and code asks who the customer is, as one for each customer does.
#[test]
fn a_limit_for_each_customer_and_code_needs_an_identity() {
    let once =
        coupon("once", json!({"limits": {"per_customer_and_code": 1}, "benefits": [{"percent": {"off": "10"}}]}));
    let lenient = policy(|p| p.no_identity(NoIdentity::ApplyAndFlag));
    let outcome = order_under(lenient, [line(1, "10.00")]).code(once).run();
    assert_eq!((payable(&outcome).as_str(), outcome.has_flag(Flag::IdentityNeeded)), ("9.00", true));
}
