//! Coupons that are earned: by purchases, events, and days of the year. What becomes of them when the purchase is
//! returned.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

fn shop() -> Shop {
    Shop::new(policy(|p| p))
}

/// A personal definition that is earned like this.
fn earned_by(id: &str, rule: Value) -> Coupon {
    coupon(id, json!({"code": null, "kind": "personal", "earn": [rule], "benefits": [{"percent": {"off": "10"}}]}))
}

fn journal() -> Product {
    product("JOURNAL")
}

/// One order at an instant, by the customer of this id; nobody where it is empty.
struct Asked<'a> {
    shop: Shop,
    coupons: Vec<Coupon>,
    lines: Vec<Line>,
    who: Customer,
    at: &'a str,
    events: Vec<EventId>,
    reference: Reference,
}

fn asked(coupon: Coupon) -> Asked<'static> {
    Asked {
        shop: shop(),
        coupons: vec![coupon],
        lines: vec![of(1, journal(), "80.00", 1)],
        who: customer("42"),
        at: NOON,
        events: Vec::new(),
        reference: Reference::Order("o-1".parse().unwrap()),
    }
}

impl Asked<'_> {
    fn outcome(&self) -> Outcome {
        let earnings = self.shop.earnings(self.coupons.clone()).unwrap();
        let order = Order::builder(Currency::USD).lines(self.lines.clone()).build().unwrap();
        let request = Request::new(&order, &self.who, self.reference.clone(), at(self.at));
        self.shop.evaluate(&request.with_earnings(&earnings).with_events(&self.events)).unwrap()
    }

    /// `coupon xcodes @occasion`, one row for each grant.
    fn grants(&self) -> Vec<String> {
        rows(self.outcome().grants())
    }
}

fn rows(grants: &[Grant]) -> Vec<String> {
    grants.iter().map(|g| format!("{} x{} @{}", g.coupon(), g.codes(), g.occasion())).collect()
}

/// Proves S99: another product earns nothing, the designated one does, and the outcome names what did.
#[test]
fn buying_one_product_earns_a_coupon_for_another() {
    let coupon = earned_by("meeting", json!({"purchase": {"scope": {"products": ["JOURNAL"]}}}));
    let case = asked(coupon.clone());
    assert_eq!(case.grants(), ["meeting x1 @order/o-1/1"]);
    let outcome = case.outcome();
    let grant = &outcome.grants()[0];
    let GrantCause::Purchase { line, product, counted, .. } = grant.cause() else { panic!("{grant:?}") };
    assert_eq!((*line, product.as_str()), (LineId(1), "JOURNAL"));
    assert_eq!(counted, &[CountedLine { line: LineId(1), units: 1 }]);
    assert_eq!(grant.holder(), Some(&IdentityKey::id("42").unwrap()));
    // What was earned is recorded with the order.
    assert_eq!(outcome.redemption().unwrap().grants(), outcome.grants());
    let mug = vec![of(1, crate::support::product("MUG"), "8.00", 3)];
    let other = Asked { lines: mug, ..asked(coupon) };
    assert_eq!(other.grants(), [""; 0]);
    assert_eq!(other.outcome().redemption().unwrap().grants(), []);
}

/// Proves S99: how often a purchase earns, by pieces, lines and units.
#[test]
fn pieces_are_counted_per_order_line_or_unit() {
    // Lines of 3, 1 and 4 journals: 8 in all.
    let lines = || [3_u64, 1, 4].into_iter().zip(1..).map(|(n, id)| of(id, journal(), "80.00", n)).collect();
    for (rule, expected) in [
        (json!({}), vec!["c x1 @order/o-1/1"]),
        (json!({"pieces": 8, "codes": 2}), vec!["c x2 @order/o-1/1"]),
        (json!({"pieces": 9}), vec![]),
        (json!({"per": "line"}), vec!["c x1 @order/o-1/1/1", "c x1 @order/o-1/1/2", "c x1 @order/o-1/1/3"]),
        (json!({"per": "line", "pieces": 3}), vec!["c x1 @order/o-1/1/1", "c x1 @order/o-1/1/3"]),
        (json!({"per": "unit"}), vec!["c x8 @order/o-1/1"]),
        // Two threes of eight.
        (json!({"per": "unit", "pieces": 3, "codes": 5}), vec!["c x10 @order/o-1/1"]),
        (json!({"per": "unit", "pieces": 9}), vec![]),
        // A price of one unit above 80.00 has no journal.
        (json!({"scope": {"price_range": {"min": {"USD": "80.01"}}}}), vec![]),
    ] {
        let case = Asked { lines: lines(), ..asked(earned_by("c", json!({"purchase": rule}))) };
        assert_eq!(case.grants(), expected, "{rule}");
    }
}

/// Each code has an occasion of its own, and two rules of one definition never share one.
#[test]
fn every_code_has_an_occasion_of_its_own() {
    let coupon = coupon(
        "c",
        json!({"code": null, "benefits": ["none"], "earn": [
            {"purchase": {"per": "line", "codes": 3}},
            {"purchase": {"per": "unit"}},
            {"event": {"event": "a/b#2~"}},
        ]}),
    );
    let case = Asked {
        lines: vec![of(1, journal(), "80.00", 2), of(2, journal(), "80.00", 1)],
        events: vec!["a/b#2~".parse().unwrap(), "a/b#2~".parse().unwrap()],
        ..asked(coupon)
    };
    let outcome = case.outcome();
    let occasions: Vec<String> =
        outcome.grants().iter().flat_map(Grant::occasions).map(|occasion| occasion.to_string()).collect();
    assert_eq!(occasions[..4], ["order/o-1/1/1", "order/o-1/1/1#2", "order/o-1/1/1#3", "order/o-1/1/2"]);
    // An event counts once; a general coupon is bound to nobody, so the customer stands in the occasion.
    assert_eq!(occasions.last().unwrap(), "event/a%2Fb%232%7E/id:42");
    assert_eq!(occasions.len(), 3 + 3 + 3 + 1);
    assert_eq!(occasions.iter().collect::<BTreeSet<_>>().len(), occasions.len());
    assert!(outcome.grants().iter().all(|grant| grant.holder().is_none() && grant.customer().is_some()));
}

/// Names as long as there are still make an occasion, and never the same one.
#[test]
fn long_names_are_shortened_and_stay_apart() {
    let grants = |order: &str, event: &str| {
        let mut case = asked(coupon(
            "c",
            json!({"code": null, "benefits": ["none"],
                "earn": [{"purchase": {"codes": 2}}, {"event": {"event": event}}]}),
        ));
        case.reference = Reference::Order(order.parse().unwrap());
        case.events = vec![event.parse().unwrap()];
        let outcome = case.outcome();
        let json = serde_json::to_string(&outcome).unwrap();
        assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome);
        outcome.grants().iter().flat_map(Grant::occasions).map(|o| o.to_string()).collect::<Vec<_>>()
    };
    let long = |last: char| format!("{}{last}", "/\u{e4}".repeat(127));
    let (a, b) = (grants(&long('a'), &long('x')), grants(&long('b'), &long('y')));
    let all: BTreeSet<&String> = a.iter().chain(&b).collect();
    assert_eq!(all.len(), 6);
    assert!(all.iter().all(|occasion| occasion.chars().count() <= 255), "{all:?}");
}

/// Proves S100: the window in which it is earned is the availability, to the instant, and the validity is not asked.
#[test]
fn it_is_earned_in_its_availability_whatever_its_validity() {
    let coupon = |fields: Value| {
        let mut all = json!({"code": null, "kind": "personal", "benefits": ["none"], "earn": [{"purchase": {}}],
            "availability": {"from": "2026-03-01", "thru": "2026-03-29"}});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        coupon("c", all)
    };
    let earned =
        |fields: Value, instant: &'static str| !Asked { at: instant, ..asked(coupon(fields)) }.grants().is_empty();
    let later = || json!({"validity": {"from": "2027-01-01"}});
    let over = || json!({"validity": {"thru": "2026-01-31"}});
    for fields in [json!({}), later(), over(), json!({"validity": {"countdown": {"days": 2}}})] {
        assert!(!earned(fields.clone(), "2026-02-28T23:59:59Z"), "{fields}");
        assert!(earned(fields.clone(), "2026-03-01T00:00:00Z"), "{fields}");
        assert!(earned(fields.clone(), "2026-03-29T23:59:59Z"), "{fields}");
        assert!(!earned(fields.clone(), "2026-03-30T00:00:00Z"), "{fields}");
    }
    for status in ["inactive", "expired"] {
        assert!(!earned(json!({"status": status}), NOON), "{status}");
    }
    // Conditions are about the order on which a code is used.
    assert!(earned(json!({"conditions": [{"minimum_spend": {"amounts": {"USD": "1000.00"}}}]}), NOON));
}

/// Proves S100: what is used later is judged by the validity alone, though it can no longer be earned.
#[test]
fn an_earned_code_is_used_in_its_validity_whatever_its_availability() {
    let coupon = coupon(
        "c",
        json!({"code": null, "kind": "personal", "benefits": [{"percent": {"off": "10"}}], "earn": [{"purchase": {}}],
            "availability": {"thru": "2026-03-29"}, "validity": {"countdown": {"days": 30}}}),
    );
    let outcome = asked(coupon.clone()).outcome();
    let issued = issue(&coupon, &outcome, &["K7WQ93MX"]);
    let used = |instant: &str| {
        let entry = Entry::issued(issued[0].clone(), coupon.clone());
        order([line(1, "40.00")]).customer(customer("42")).at(instant).code(entry).run()
    };
    assert_eq!(payable(&used("2026-04-28T11:59:59Z")), "36.00");
    assert_eq!(payable(&used("2026-04-28T12:00:00Z")), "40.00");
}

/// Issues the codes of the first grant at the instant at which it was earned.
fn issue(coupon: &Coupon, outcome: &Outcome, codes: &[&str]) -> Vec<IssuedCode> {
    let shop = shop();
    let issuing = shop.issuing(coupon).unwrap();
    let redemption = outcome.redemption().unwrap();
    let requests = redemption.grants()[0].requests(redemption.priced_at());
    let issue = |(request, code): (IssueRequest, &&str)| {
        issuing.issue(Code::parse(code, CodeFormat::Standard).unwrap(), &request).unwrap()
    };
    requests.zip(codes).map(issue).collect()
}

/// Proves S105: bound to who earned it, after the purchase, once for each code, and with its end.
#[test]
fn an_earned_personal_code_is_its_owners_once() {
    let mut coupon = earned_by("c", json!({"purchase": {"codes": 2}}));
    assert_eq!((coupon.limits().per_code(), coupon.limits().per_customer()), (Some(1), None));
    let outcome = asked(coupon.clone()).outcome();
    let issued = issue(&coupon, &outcome, &["K7WQ93MX", "P2HD8VRT"]);
    let price = |who: Customer, code: &IssuedCode, used: u64| {
        let entry =
            Entry::issued(code.clone(), coupon.clone()).usage(Usage::default().with_code(used).with_customer(used));
        order([line(1, "40.00")]).customer(who).code(entry).run()
    };
    assert_eq!(payable(&price(customer("42"), &issued[0], 0)), "36.00");
    assert_eq!(why(&price(customer("43"), &issued[0], 0)), [Refusal::WrongCustomer]);
    let limit = Refusal::LimitReached { limit: LimitKind::Code, allowed: 1, taken: 1 };
    assert_eq!(why(&price(customer("42"), &issued[0], 1)), [limit]);
    // The second code is as good as the first, though the customer has used that.
    let entry = Entry::issued(issued[1].clone(), coupon.clone()).usage(Usage::default().with_customer(1));
    assert_eq!(payable(&order([line(1, "40.00")]).customer(customer("42")).code(entry).run()), "36.00");
    // The merchant can say otherwise.
    coupon = crate::support::coupon(
        "c",
        json!({"code": null, "kind": "personal", "earn": [{"purchase": {}}], "benefits": ["none"],
            "limits": {"per_code": 3, "per_customer": 1}}),
    );
    assert_eq!((coupon.limits().per_code(), coupon.limits().per_customer()), (Some(3), Some(1)));
}

/// Proves S122 as far as it is earned: a general coupon is bound to nobody.
#[test]
fn an_earned_general_code_is_for_anyone() {
    let rule = json!({"code": null, "earn": [{"purchase": {}}], "benefits": [{"percent": {"off": "10"}}]});
    let coupon = coupon("c", rule);
    let outcome = asked(coupon.clone()).outcome();
    let issued = issue(&coupon, &outcome, &["K7WQ93MX"]);
    assert_eq!(issued[0].holder(), None);
    let entry = Entry::issued(issued[0].clone(), coupon);
    assert_eq!(payable(&order([line(1, "40.00")]).customer(customer("43")).code(entry).run()), "36.00");
}

/// Proves S25, S94: events on an empty order under a claim; an event that no definition names earns nothing.
#[test]
fn an_event_earns_a_coupon_without_any_purchase() {
    let case = |who: Customer, events: &[&str]| Asked {
        who,
        lines: Vec::new(),
        events: events.iter().map(|event| event.parse().unwrap()).collect(),
        reference: Reference::Claim("visit-7".parse().unwrap()),
        ..asked(earned_by("welcome", json!({"event": {"event": "newsletter"}})))
    };
    assert_eq!(case(customer("42"), &["newsletter"]).grants(), ["welcome x1 @event/newsletter"]);
    assert_eq!(case(customer("42"), &["survey", "newsletter", "newsletter"]).grants().len(), 1);
    assert_eq!(case(customer("42"), &["Newsletter", "page-visit"]).grants(), [""; 0]);
    assert_eq!(case(customer("42"), &[]).grants(), [""; 0]);
    // Somebody unknown: told apart by the claim, and to be issued once it is known to whom.
    let unknown = case(Customer::anonymous(), &["newsletter"]);
    assert_eq!(unknown.grants(), ["welcome x1 @event/newsletter/claim/visit-7"]);
    assert_eq!(unknown.outcome().grants()[0].holder(), None);
    // Another key of the customer that does not count by policy is nobody.
    let device = Customer::new([IdentityKey::device("7f").unwrap()]);
    assert_eq!(case(device, &["newsletter"]).outcome().grants()[0].customer(), None);
}

/// Proves S33: within its window, once a year, 29 February, across New Year; by the nightly job as by an order.
#[test]
fn a_birthday_comes_once_a_year() {
    let coupon = |leap_day: &str| {
        earned_by(
            "cake",
            json!({"anniversary": {"of": "birthday", "days_before": 3, "days_after": 3, "leap_day": leap_day}}),
        )
    };
    let found = |leap_day: &str, birthday: &str, instant: &'static str| {
        let who = customer("42").with_date("birthday".parse().unwrap(), birthday.parse().unwrap());
        let case = Asked { who: who.clone(), at: instant, ..asked(coupon(leap_day)) };
        let nightly = shop().earnings([coupon(leap_day)]).unwrap().anniversaries(&who, at(instant)).unwrap();
        assert_eq!(nightly, case.outcome().grants());
        rows(&nightly)
    };
    let of_year = |year: u32| vec![format!("cake x1 @date/birthday/{year}")];
    for (leap_day, birthday, instant, expected) in [
        ("feb_28", "03-29", "2026-03-26T00:00:00Z", of_year(2026)),
        ("feb_28", "03-29", "2026-04-01T23:59:59Z", of_year(2026)),
        ("feb_28", "03-29", "2026-03-25T23:59:59Z", vec![]),
        ("feb_28", "03-29", "2026-04-02T00:00:00Z", vec![]),
        ("feb_28", "03-29", "2027-03-29T00:00:00Z", of_year(2027)),
        // 28 February or 1 March: 25 February lies in the first window, 4 March in the second.
        ("feb_28", "02-29", "2027-02-25T00:00:00Z", of_year(2027)),
        ("mar_1", "02-29", "2027-02-25T00:00:00Z", vec![]),
        ("feb_28", "02-29", "2027-03-04T00:00:00Z", vec![]),
        ("mar_1", "02-29", "2027-03-04T00:00:00Z", of_year(2027)),
        ("mar_1", "02-29", "2028-03-04T00:00:00Z", vec![]),
        // The year is that of the birthday, not of the calendar page.
        ("feb_28", "01-01", "2026-12-30T00:00:00Z", of_year(2027)),
        ("feb_28", "12-31", "2027-01-02T00:00:00Z", of_year(2026)),
    ] {
        assert_eq!(found(leap_day, birthday, instant), expected, "{birthday} at {instant}, {leap_day}");
    }
    // Without the date, or without an identity, there is none.
    let earnings = shop().earnings([coupon("feb_28")]).unwrap();
    let day = || ("birthday".parse().unwrap(), "03-29".parse().unwrap());
    let nobody = Customer::anonymous().with_date(day().0, day().1);
    assert_eq!(earnings.anniversaries(&nobody, at(NOON)).unwrap(), []);
    assert_eq!(earnings.anniversaries(&customer("42"), at(NOON)).unwrap(), []);
    let other = customer("42").with_date("joined".parse().unwrap(), day().1);
    assert_eq!(earnings.anniversaries(&other, at(NOON)).unwrap(), []);
}

/// Proves S33: the code is good within the window of the anniversary, in the merchant's time zone.
#[test]
fn a_birthday_code_is_good_around_the_birthday() {
    let zone = Zone::named("+02:00").unwrap();
    let shop = Shop::new(policy(|p| p.zone(zone)));
    let coupon = earned_by("cake", json!({"anniversary": {"of": "birthday", "days_before": 3, "days_after": 3}}));
    let who = customer("42").with_date("birthday".parse().unwrap(), "03-29".parse().unwrap());
    let earnings = shop.earnings([coupon.clone()]).unwrap();
    let night = at("2026-03-25T22:00:00Z");
    assert_eq!(earnings.anniversaries(&who, at("2026-03-25T21:59:59Z")).unwrap(), []);
    let grants = earnings.anniversaries(&who, night).unwrap();
    let window = Window::instants(Some(night), Some(at("2026-04-01T22:00:00Z"))).unwrap();
    assert_eq!(grants[0].window(), Some(window));
    let request = grants[0].requests(night).next().unwrap();
    let code = Code::parse("K7WQ93MX", CodeFormat::Standard).unwrap();
    let issued = shop.issuing(&coupon).unwrap().issue(code, &request).unwrap();
    let used = |instant: &str| {
        let entry = Entry::issued(issued.clone(), coupon.clone());
        applied(&order([line(1, "40.00")]).customer(who.clone()).at(instant).code(entry).run())
    };
    assert!(used("2026-04-01T21:59:59Z") && !used("2026-04-01T22:00:00Z") && !used("2027-03-29T12:00:00Z"));
}

/// A refused line earns nothing, a capped one what is sold of it.
#[test]
fn what_is_not_sold_earns_nothing() {
    let coupon = || earned_by("c", json!({"purchase": {"per": "unit"}}));
    let most = |excess| {
        let rule = QuantityRule::new(Goods::Everything).with_max(2).unwrap().with_excess(excess);
        Shop::builder(policy(|p| p)).quantity_rule(rule).build().unwrap()
    };
    let case = |excess| Asked { shop: most(excess), lines: vec![of(1, journal(), "80.00", 5)], ..asked(coupon()) };
    assert_eq!(case(Excess::Cap).grants(), ["c x2 @order/o-1/1"]);
    let refused = case(Excess::Refuse);
    assert_eq!(refused.grants(), [""; 0]);
    assert!(refused.outcome().redemption().is_err());
}

/// Proves S101: nothing that is earned acts by itself; and what a preview would earn is not given.
#[test]
fn earning_moves_no_cent_and_a_preview_earns_nothing() {
    let case = asked(earned_by("c", json!({"purchase": {}})));
    let (with, without) = (case.outcome(), order([of(1, journal(), "80.00", 1)]).customer(customer("42")).run());
    assert_eq!(with.totals(), without.totals());
    assert_eq!(with.digest(), without.digest());
    let (retail, pro): (CustomerTypeId, CustomerTypeId) = ("RETAIL".parse().unwrap(), "PRO".parse().unwrap());
    let shop = Shop::builder(policy(|p| p))
        .default_type(retail)
        .customer_type(CustomerType::new(pro.clone()))
        .build()
        .unwrap();
    let earnings = shop.earnings(case.coupons.clone()).unwrap();
    let order = Order::builder(Currency::USD).lines(case.lines.clone()).build().unwrap();
    let request = Request::new(&order, &case.who, case.reference.clone(), at(NOON)).with_earnings(&earnings);
    assert_eq!(shop.evaluate(&request).unwrap().grants().len(), 1);
    assert_eq!(shop.evaluate(&request.as_type(&pro)).unwrap().grants(), []);
}

/// Proves S102, and that nothing is lost between the commit and the issue: the record says what is to be issued, and
/// a repeat is the same redemption though the definition was switched off meanwhile.
#[test]
fn the_record_says_what_is_to_be_issued() {
    let (store, case) = (MemoryStore::new(), asked(earned_by("c", json!({"purchase": {"codes": 2}}))));
    let first = case.outcome().redemption().unwrap();
    let commit = |redemption: &Redemption| block_on(store.clone().commit(redemption, at(NOON))).unwrap();
    assert_eq!(commit(&first), Commit::Recorded);
    let off = coupon(
        "c",
        json!({"code": null, "kind": "personal", "status": "inactive", "earn": [{"purchase": {}}], "benefits": ["none"]}),
    );
    let again = Asked { coupons: vec![off], ..case }.outcome().redemption().unwrap();
    assert_eq!(again.grants(), []);
    assert_eq!(commit(&again), Commit::AlreadyRecorded);
    let record = store.record(first.reference()).unwrap();
    assert_eq!(record.redemption.grants(), first.grants());
    // It is kept as JSON, and read back.
    let json = serde_json::to_string(&first).unwrap();
    assert_eq!(serde_json::from_str::<Redemption>(&json).unwrap(), first);
}

#[test]
fn what_cannot_be_earned_is_no_earning() {
    let plain = percent_off("ten", "10");
    assert_eq!(shop().earnings([plain]).unwrap_err().to_string(), "`coupons[0].earn` is missing");
    let twice = || earned_by("c", json!({"purchase": {}}));
    let error = shop().earnings([twice(), twice()]).unwrap_err().to_string();
    assert_eq!(error, "`coupons[1].id` is `c`: given twice");
    let rule = |rule: Value| errors("c", json!({"code": null, "benefits": ["none"], "earn": [rule]}));
    let year = rule(json!({"anniversary": {"of": "birthday", "days_before": 182, "days_after": 183}}));
    assert_eq!(year, "`earn[0].anniversary.days_after` is `183`: not between 0 and 182");
    assert_eq!(rule(json!({"purchase": {"codes": 0}})), "`earn[0].purchase.codes` is `0`: zero");
    let shared = errors("c", json!({"benefits": ["none"], "earn": [{"purchase": {}}]}));
    assert_eq!(shared, "`code` is `C`: not allowed together with earn");
    // Codes beyond 32 bits are an error, and never fewer codes.
    let many = earned_by("c", json!({"purchase": {"per": "unit", "codes": 5}}));
    let earnings = shop().earnings([many]).unwrap();
    let order = Order::builder(Currency::JPY).line(of(1, journal(), "1", 1_000_000_000)).build().unwrap();
    let (who, shop) = (customer("42"), Shop::new(Policy::builder(Currency::JPY).build().unwrap()));
    let request = Request::new(&order, &who, Reference::Order("o-1".parse().unwrap()), at(NOON));
    let error = shop.evaluate(&request.with_earnings(&earnings)).unwrap_err();
    assert!(matches!(error, Error::Overflow { .. }), "{error}");
}

/// Damaged documents of grants are refused with the path of what does not agree.
#[test]
fn a_grant_that_does_not_agree_with_its_order_is_not_read() {
    let case = Asked {
        lines: vec![of(1, journal(), "80.00", 2), of(2, journal(), "80.00", 1)],
        ..asked(earned_by("c", json!({"purchase": {"per": "unit", "on_return": "revoke"}})))
    };
    let outcome = case.outcome();
    let document = serde_json::to_value(&outcome).unwrap();
    assert_eq!(serde_json::from_value::<Outcome>(document.clone()).unwrap(), outcome);
    for (pointer, value, error) in [
        ("/codes", json!(2), "`codes` is `2`: does not agree with the rest of the document"),
        ("/codes", json!(0), "`codes` is `0`: zero"),
        ("/revision", json!(0), "`revision` is `0`: zero"),
        ("/customer", json!("id:7"), "`grants[0].customer` is `id:7`: unknown customer"),
        ("/cause/purchase/counted/0/units", json!(0), "`cause.purchase.counted[0].units` is `0`: zero"),
        (
            "/cause/purchase/counted/1/line",
            json!(1),
            "`cause.purchase.counted[1].line` is `1`: not in order, or given twice",
        ),
        (
            "/cause/purchase/line",
            json!(2),
            "`cause.purchase.line` is `2`: does not agree with the rest of the document",
        ),
        ("/cause/purchase/pieces", json!(0), "`cause.purchase.pieces` is `0`: zero"),
        ("/cause/purchase/per", json!("piece"), "not one of `order`, `line`, `unit`"),
        ("/occasion", json!("x".repeat(241)), "longer than 240 characters"),
        ("/valid_until", json!("10000-01-01T00:00:00Z"), "invalid"),
    ] {
        let mut damaged = document.clone();
        let grant = &mut damaged["grants"][0];
        match grant.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => grant[pointer.trim_start_matches('/')] = value,
        }
        let read = serde_json::from_value::<Outcome>(damaged).map(|_| ()).unwrap_err().to_string();
        assert!(read.contains(error), "{pointer}: {read}");
    }
    let mut twice = document;
    let grant = twice["grants"][0].clone();
    twice["grants"].as_array_mut().unwrap().push(grant);
    let read = serde_json::from_value::<Outcome>(twice).map(|_| ()).unwrap_err().to_string();
    assert_eq!(read, "`grants[1].occasion` is `order/o-1/1`: given twice");
}

/// The grants of one order: 5 pieces on line 1 and 2 on line 2.
fn bought(rule: Value) -> Vec<Grant> {
    let lines = vec![of(1, journal(), "80.00", 5), of(2, journal(), "80.00", 2)];
    Asked { lines, ..asked(earned_by("c", json!({"purchase": rule}))) }.outcome().grants().to_vec()
}

fn occasion(number: u32) -> OccasionId {
    let text = if number == 1 { "order/o-1/1".to_owned() } else { format!("order/o-1/1#{number}") };
    text.parse().unwrap()
}

fn c() -> CouponId {
    "c".parse().unwrap()
}

fn told(back: &[GrantReturn]) -> Vec<String> {
    let row = |back: &GrantReturn| match back {
        GrantReturn::Withhold { occasion, .. } => format!("withhold {occasion}"),
        GrantReturn::Revoke { occasion, .. } => format!("revoke {occasion}"),
        GrantReturn::Bill { occasion, amount, .. } => format!("bill {amount} {occasion}"),
        GrantReturn::Keep { occasion, .. } => format!("keep {occasion}"),
        other => format!("{other:?}"),
    };
    back.iter().map(|b| row(b).replace("order/o-1/1", "")).collect()
}

/// Each policy, for codes that are unused and used; what is kept still qualifies from a number of pieces on.
#[test]
fn returning_what_earned_a_code_takes_it_back_by_policy() {
    let used = GrantedCode::Used { discount: usd("12.00") };
    let back = |policy: &str, returned: u32, state: GrantedCode| {
        let grants = bought(json!({"pieces": 3, "on_return": policy}));
        told(&grants_on_return(&grants, &[(LineId(1), returned)], &[(c(), occasion(1), state)]))
    };
    for (policy, state, expected) in [
        ("keep", GrantedCode::Unused, "keep "),
        ("keep", used, "keep "),
        ("revoke", GrantedCode::Unused, "revoke "),
        ("revoke", used, "keep "),
        ("revoke_or_bill", GrantedCode::Unused, "revoke "),
        ("revoke_or_bill", used, "bill 12.00 USD "),
    ] {
        // Of seven pieces four come back: three are left, which is enough. Of five, two are left.
        assert_eq!(back(policy, 4, state), [""; 0], "{policy}");
        assert_eq!(back(policy, 5, state), [expected], "{policy} {state:?}");
        assert_eq!(back(policy, 5, GrantedCode::TakenBack), [""; 0], "{policy}");
    }
    // Not issued yet, it is not to be.
    let grants = bought(json!({"pieces": 3, "on_return": "revoke"}));
    assert_eq!(told(&grants_on_return(&grants, &[(LineId(1), 5)], &[])), ["withhold "]);
    // Returns of other lines and of more than there was change nothing.
    assert_eq!(grants_on_return(&grants, &[(LineId(9), 5)], &[]), []);
    assert_eq!(grants_on_return(&grants, &[(LineId(1), u32::MAX), (LineId(1), 7)], &[]).len(), 1);
}

/// Two definitions that one order earned have the same occasion each; what is billed is the discount of the very code.
#[test]
fn codes_of_two_definitions_are_told_apart() {
    let rule = |policy: &str| json!({"purchase": {"on_return": policy}});
    let mut case = asked(earned_by("a", rule("revoke_or_bill")));
    case.coupons.push(earned_by("b", rule("revoke_or_bill")));
    case.lines = vec![of(1, journal(), "80.00", 1)];
    let grants = case.outcome().grants().to_vec();
    let [a, b] = ["a", "b"].map(|id| id.parse::<CouponId>().unwrap());
    assert_eq!(grants[0].occasion(), grants[1].occasion());
    let used = GrantedCode::Used { discount: usd("7.00") };
    let codes = [(a.clone(), occasion(1), GrantedCode::Unused), (b.clone(), occasion(1), used)];
    let back = grants_on_return(&grants, &[(LineId(1), 1)], &codes);
    let bill = GrantReturn::Bill { coupon: b, occasion: occasion(1), amount: usd("7.00") };
    assert_eq!(back, [GrantReturn::Revoke { coupon: a, occasion: occasion(1) }, bill]);
}

/// Per unit, so many codes as pieces that came back: unused ones before used ones, the last first.
#[test]
fn codes_are_taken_back_one_by_one() {
    let grants = bought(json!({"per": "unit", "pieces": 2, "on_return": "revoke_or_bill"}));
    assert_eq!(grants[0].codes(), 3);
    let used = |amount: &str| GrantedCode::Used { discount: usd(amount) };
    let codes =
        [(c(), occasion(1), GrantedCode::Unused), (c(), occasion(2), used("1.00")), (c(), occasion(3), used("2.00"))];
    let back = |returned: &[(u64, u32)], codes: &[(CouponId, OccasionId, GrantedCode)]| {
        let returned: Vec<(LineId, u32)> = returned.iter().map(|(line, units)| (LineId(*line), *units)).collect();
        told(&grants_on_return(&grants, &returned, codes))
    };
    // 7 pieces earn 3 codes, 6 still do, 5 and 4 earn 2, 3 and 2 earn 1, 1 earns none.
    assert_eq!(back(&[(1, 1)], &codes), [""; 0]);
    assert_eq!(back(&[(1, 2)], &codes), ["revoke "]);
    assert_eq!(back(&[(1, 2), (2, 2)], &codes), ["revoke ", "bill 2.00 USD #3"]);
    assert_eq!(back(&[(1, 5), (2, 1)], &codes), ["revoke ", "bill 2.00 USD #3", "bill 1.00 USD #2"]);
    // What an earlier return took back is not taken again.
    let later = [(c(), occasion(1), GrantedCode::TakenBack), codes[1].clone(), codes[2].clone()];
    assert_eq!(back(&[(1, 2), (2, 2)], &later), ["bill 2.00 USD #3"]);
}

/// A settlement counts what came back by itself, with the return in hand, whether it was applied yet or not: of the three
/// codes of seven pieces, one for two each, the first goes with the second piece and the next with the fourth.
#[test]
fn a_settlement_knows_what_came_back() {
    let rule = json!({"purchase": {"per": "unit", "pieces": 2, "on_return": "revoke_or_bill"}});
    let lines = vec![of(1, journal(), "80.00", 5), of(2, journal(), "80.00", 2)];
    let outcome = Asked { lines, ..asked(earned_by("c", rule)) }.outcome();
    let mut settlement = Settlement::new(&outcome).unwrap();
    let used = GrantedCode::Used { discount: usd("8.00") };
    let mut codes = vec![(c(), occasion(1), GrantedCode::Unused), (c(), occasion(2), used), (c(), occasion(3), used)];
    let request = |id: &str, line: u64, units: u32| RefundRequest::new(id.parse().unwrap()).units(LineId(line), units);
    let one = settlement.refund(&request("r-1", 1, 1)).unwrap();
    assert_eq!(settlement.grants_after(&one, outcome.grants(), &codes), []);
    assert!(settlement.apply(&one).unwrap());
    let two = settlement.refund(&request("r-2", 2, 1)).unwrap();
    assert_eq!(told(&settlement.grants_after(&two, outcome.grants(), &codes)), ["revoke "]);
    assert!(settlement.apply(&two).unwrap());
    codes[0].2 = GrantedCode::TakenBack;
    let three = settlement.refund(&request("r-3", 1, 2)).unwrap();
    assert_eq!(told(&settlement.grants_after(&three, outcome.grants(), &codes)), ["bill 8.00 USD #3"]);
    assert!(settlement.apply(&three).unwrap());
    let again = settlement.grants_after(&three, outcome.grants(), &codes);
    assert_eq!(told(&again), ["bill 8.00 USD #3"], "it counts once");
    assert_eq!(settlement.returned_units(), [(LineId(1), 3), (LineId(2), 1)]);
}

/// Events and days of the year have nothing that could be returned.
#[test]
fn only_purchases_can_be_returned() {
    let mut case = asked(earned_by("c", json!({"event": {"event": "newsletter"}})));
    case.events = vec!["newsletter".parse().unwrap()];
    let outcome = case.outcome();
    assert_eq!(grants_on_return(outcome.grants(), &[(LineId(1), 1)], &[]), []);
}

proptest! {
    /// However an order comes back, in one go or in many: all that was earned and is no longer is taken back once, and
    /// nothing that is still earned.
    #[test]
    fn every_unearned_code_is_taken_back_once(
        (pieces, codes, per) in (1_u32..4, 1_u32..4, prop_oneof![Just("order"), Just("unit")]),
        steps in proptest::collection::vec((1_u64..3, 1_u32..3), 1..8),
        used in proptest::collection::vec(any::<bool>(), 24),
    ) {
        let grants = bought(json!({"per": per, "pieces": pieces, "codes": codes, "on_return": "revoke_or_bill"}));
        let grant = &grants[0];
        let mut states: Vec<(CouponId, OccasionId, GrantedCode)> = grant.occasions().zip(&used).map(|(occasion, used)| {
            let state = if *used { GrantedCode::Used { discount: usd("1.00") } } else { GrantedCode::Unused };
            (c(), occasion, state)
        }).collect();
        prop_assert_eq!(states.len(), usize::try_from(grant.codes()).unwrap());
        let (mut returned, mut left) = (Vec::new(), [5_u32, 2]);
        for (line, units) in steps {
            let of_line = &mut left[usize::try_from(line - 1).unwrap()];
            let units = units.min(*of_line);
            *of_line -= units;
            returned.push((LineId(line), units));
            for back in grants_on_return(&grants, &returned, &states) {
                let (GrantReturn::Revoke { occasion, .. } | GrantReturn::Bill { occasion, .. }) = back else {
                    return Err(TestCaseError::fail(format!("{back:?}")));
                };
                let place = states.iter_mut().find(|(_, known, _)| *known == occasion).unwrap();
                prop_assert!(place.2 != GrantedCode::TakenBack);
                place.2 = GrantedCode::TakenBack;
            }
            // By the words of the rule: once from so many pieces on, or once for every so many.
            let kept = left[0] + left[1];
            let times = if per == "unit" { kept / pieces } else { u32::from(kept >= pieces) };
            let standing = states.iter().filter(|(_, _, state)| *state != GrantedCode::TakenBack).count();
            prop_assert_eq!(standing, usize::try_from(times * codes).unwrap());
        }
    }
}

/// What an order earned stays on record when the order is changed, so that later returns still find it; and working it out
/// anew gives the same figures.
#[test]
fn a_changed_order_remembers_what_it_earned() {
    let case = Asked {
        lines: vec![of(1, journal(), "80.00", 3), of(2, journal(), "80.00", 1)],
        ..asked(earned_by("c", json!({"purchase": {"per": "unit", "on_return": "revoke"}})))
    };
    let earnings = case.shop.earnings(case.coupons.clone()).unwrap();
    let order = Order::builder(Currency::USD).lines(case.lines.clone()).build().unwrap();
    let request = Request::new(&order, &case.who, case.reference.clone(), at(NOON)).with_earnings(&earnings);
    let placed = case.shop.place(&request).unwrap();
    assert_eq!(placed.recompute().unwrap(), Recomputed::Same);
    let two = placed.reprice(&[(LineId(1), 1), (LineId(2), 0)], ThresholdCheck::AsPlaced).unwrap();
    assert_eq!(two.grants(), placed.outcome().grants());
    let json = serde_json::to_string(&two).unwrap();
    assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), two);
    // Of four pieces three came back.
    assert_eq!(grants_on_return(two.grants(), &[(LineId(1), 2), (LineId(2), 1)], &[]).len(), 3);
}
