//! What merchants and shoppers are told about coupons: terms, listings, reports, warnings.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use vouchsafe::*;

use super::support::{at, coupon, eur, product, usd};

fn id(text: &str) -> CouponId {
    text.parse().unwrap()
}

fn count(n: usize) -> u64 {
    n.try_into().unwrap()
}

/// A coupon that was redeemed, in minor units of its currency.
struct Use {
    coupon: &'static str,
    code: &'static str,
    campaign: Option<&'static str>,
    discount: i64,
    third_party: i64,
    forfeited: i64,
}

fn used(coupon: &'static str, code: &'static str, campaign: Option<&'static str>, discount: i64) -> Use {
    Use { coupon, code, campaign, discount, third_party: 0, forfeited: 0 }
}

/// A redemption as a store keeps it.
fn redemption(reference: Value, keys: &[&str], is_new: bool, payable: Money, uses: &[Use]) -> Redemption {
    let money = |minor: i64| json!(Money::new(minor, payable.currency()));
    let coupons: Vec<Value> = uses
        .iter()
        .map(|u| {
            json!({"coupon": u.coupon, "revision": 1, "code": u.code, "discount": money(u.discount),
                "wanted": money(u.discount), "forfeited": money(u.forfeited), "third_party": money(u.third_party),
                "units": 1, "campaign": u.campaign})
        })
        .collect();
    let document = json!({"version": 1, "reference": reference, "customer": keys, "counted": keys,
        "new_customer": is_new, "currency": payable.currency(), "payable": payable, "coupons": coupons,
        "deltas": [], "guards": [], "digest": "0".repeat(32), "priced_at": "2026-03-29T12:00:00Z"});
    serde_json::from_value(document).unwrap()
}

fn ordered(number: u32, keys: &[&str], is_new: bool, payable: Money, uses: &[Use]) -> Redemption {
    redemption(json!({"order": format!("o-{number}")}), keys, is_new, payable, uses)
}

fn report_of(records: &[UsageRecord], granularity: Granularity) -> Report {
    let mut report = Report::new(Zone::named("+02:00").unwrap(), granularity);
    for record in records {
        report.add(record).unwrap();
    }
    report
}

/// Six records of March and April in a shop two hours east of Greenwich.
fn spring() -> Vec<UsageRecord> {
    let spring = Some("spring");
    let third = Use { third_party: 200, forfeited: 50, ..used("five", "FIVE", spring, 500) };
    let record = |redemption, instant| UsageRecord::new(redemption, at(instant));
    vec![
        // Ann is new, and buys with two coupons of one campaign.
        record(
            ordered(1, &["id:ann"], true, usd("85.00"), &[third, used("ten", "A", spring, 1_000)]),
            "2026-03-30T10:00:00Z",
        ),
        // Ann again; 22:30 in Greenwich is April here.
        record(
            ordered(2, &["id:ann", "email:ann@example.com"], false, usd("45.00"), &[used("ten", "B", spring, 500)]),
            "2026-03-31T22:30:00Z",
        ),
        // The same woman by her e-mail alone.
        record(
            ordered(3, &["email:ann@example.com"], false, usd("9.00"), &[used("ten", "C", spring, 100)]),
            "2026-04-02T10:00:00Z",
        ),
        // Nobody known, without a coupon.
        record(ordered(4, &[], false, usd("30.00"), &[]), "2026-04-03T10:00:00Z"),
        // In euros, by nobody known.
        record(ordered(5, &[], false, eur("18.00"), &[used("ten", "D", spring, 200)]), "2026-04-04T10:00:00Z"),
        // Voided; the use stays used (S106).
        record(ordered(6, &["id:bob"], true, usd("90.00"), &[used("ten", "E", spring, 1_000)]), "2026-04-05T10:00:00Z")
            .voided(at("2026-04-06T10:00:00Z"), OnVoid::KEEP),
    ]
}

/// Proves S31, S58, S148.
#[test]
fn a_report_has_the_figures_of_a_coupon() {
    let mut report = report_of(&spring(), Granularity::Month);
    report.define(&coupon(
        "ten",
        json!({"code": null, "benefits": [{"percent": {"off": "10"}}],
        "limits": {"total": 10}, "campaign": "spring"}),
    ));
    report.add_issued_count(&id("ten"), at("2026-03-01T00:00:00Z"), 8);
    report.add_earlier_uses(&id("ten"), 2);

    let ten = report.coupon(&id("ten"));
    assert_eq!((ten.issued(), ten.redeemed(), ten.voided().redeemed()), (8, 4, 1));
    // Four stand, one was voided and stays used, two are of the old system: 10 - 7.
    assert_eq!((ten.available(), ten.used(), ten.remaining()), (Some(10), 7, Some(3)));
    assert_eq!(ten.rate().unwrap().to_string(), "50%");
    assert_eq!(ten.orders(), 4);
    // Ann is one customer by either key, and new with the first of these orders.
    assert_eq!((ten.new_customers(), ten.returning_customers(), ten.anonymous()), (1, 0, 1));

    let dollars = ten.in_currency(Currency::USD);
    assert_eq!((dollars.with_coupon().orders(), dollars.with_coupon().sales()), (3, usd("139.00")));
    assert_eq!(
        (dollars.discount(), dollars.third_party(), dollars.forfeited()),
        (usd("16.00"), usd("0.00"), usd("0.00"))
    );
    assert_eq!(dollars.new_customers().sales(), usd("85.00"));
    assert_eq!((dollars.returning_customers().orders(), dollars.returning_customers().sales()), (2, usd("54.00")));
    assert_eq!(ten.in_currency(Currency::EUR).discount(), eur("2.00"));
    assert_eq!(ten.voided().in_currency(Currency::USD).with_coupon().sales(), usd("90.00"));

    let five = report.coupon(&id("five"));
    let dollars = five.in_currency(Currency::USD);
    assert_eq!((dollars.third_party(), dollars.forfeited()), (usd("2.00"), usd("0.50")));
    assert_eq!((five.remaining(), five.rate()), (None, None), "it has no limit that is known, and a shared code");
}

/// Proves S31, S148.
#[test]
fn a_report_has_campaigns_periods_and_baskets() {
    let mut report = report_of(&spring(), Granularity::Month);
    let campaign = report.campaign(&"spring".parse().unwrap());
    // An order with two coupons of the campaign is one order, and its sales count once: 85 + 45 + 9.
    assert_eq!((campaign.redeemed(), campaign.orders()), (5, 4));
    assert_eq!(campaign.in_currency(Currency::USD).with_coupon().sales(), usd("139.00"));
    assert_eq!(campaign.in_currency(Currency::USD).discount(), usd("21.00"));

    // Baskets: 139.00 / 3 with a coupon, 30.00 without.
    let all = report.total().in_currency(Currency::USD);
    assert_eq!(all.with_coupon().average(Rounding::HalfUp), Some(usd("46.33")));
    assert_eq!(all.without_coupon().average(Rounding::HalfUp), Some(usd("30.00")));
    assert_eq!(report.total().in_currency(Currency::JPY).with_coupon().average(Rounding::HalfUp), None);

    // 22:30 on the last of March in Greenwich is the first of April here.
    let months = report.periods(&ReportSubject::Everything);
    let shown: Vec<_> = months
        .iter()
        .map(|row| {
            let figures = &row.figures;
            let day = row.period.unwrap().to_string();
            (day, figures.redeemed(), figures.new_customers(), figures.returning_customers(), figures.remaining())
        })
        .collect();
    assert_eq!(shown, [("2026-03-01".into(), 2, 1, 0, None), ("2026-04-01".into(), 3, 0, 1, None)]);

    // Codes of a campaign are known once its definition is, whichever is told first.
    report.add_issued_count(&id("ten"), at("2026-03-01T00:00:00Z"), 8);
    report.define(&coupon("ten", json!({"benefits": ["none"], "campaign": "spring", "limits": {"total": 10}})));
    let campaign = report.campaign(&"spring".parse().unwrap());
    assert_eq!((campaign.issued(), campaign.remaining()), (8, Some(5)));
    let march = report.figures(&ReportSubject::Campaign("spring".parse().unwrap()), parse_date("2026-03-01").ok());
    assert_eq!((march.issued(), march.used(), march.remaining()), (8, 1, None));
}

/// Proves the granularities of S31, and that reports of other periods do not merge.
#[test]
fn weeks_begin_on_monday_and_only_like_reports_merge() {
    let mut weeks = report_of(&spring(), Granularity::Week);
    let days: Vec<String> =
        weeks.periods(&ReportSubject::Coupon(id("ten"))).iter().map(|r| r.period.unwrap().to_string()).collect();
    assert_eq!(days, ["2026-03-30"], "30 March 2026 is a Monday, 5 April the Sunday after");
    let days = report_of(&[], Granularity::Day);
    assert_eq!(
        weeks.merge(&days).unwrap_err().to_string(),
        "`granularity` is `day`: does not agree with the other report"
    );
    let error = weeks.merge(&Report::new(Zone::UTC, Granularity::Week)).unwrap_err().to_string();
    assert_eq!(error, "`zone` is `UTC`: does not agree with the other report");
}

/// A claim is a use and no order; a use that was given back is not used; a sum beyond the range changes nothing.
#[test]
fn claims_voids_and_overflows() {
    let claim = redemption(json!({"claim": "c-1"}), &["id:ann"], true, usd("0.00"), &[used("pro", "P", None, 0)]);
    let back = ordered(1, &["id:bob"], false, usd("9.00"), &[used("pro", "Q", None, 100)]);
    let noon = at("2026-03-29T12:00:00Z");
    let back = UsageRecord::new(back, noon).voided(noon, OnVoid::KEEP.with_uses_given_back(true));
    let mut report = report_of(&[UsageRecord::new(claim, noon), back], Granularity::Year);
    report.define(&coupon("pro", json!({"benefits": ["none"], "limits": {"total": 5}})));
    let pro = report.coupon(&id("pro"));
    assert_eq!((pro.redeemed(), pro.orders(), pro.standing().claims(), pro.remaining()), (1, 0, 1, Some(4)));

    let most = Money::new(i64::MAX, Currency::USD);
    let huge = |number| UsageRecord::new(ordered(number, &[], false, most, &[]), noon);
    report.add(&huge(2)).unwrap();
    let before = report.rows();
    assert!(matches!(report.add(&huge(3)), Err(Error::Overflow { .. })));
    let other = report_of(&[huge(3)], Granularity::Year);
    assert!(report.merge(&other).is_err());
    assert_eq!(report.rows(), before);
}

const COUPONS: [(&str, &str, Option<&str>); 4] =
    [("a", "A1", Some("x")), ("a", "A2", Some("x")), ("b", "B", Some("x")), ("c", "C", None)];
const KEYS: [&str; 5] = ["id:1", "id:2", "email:a@example.com", "email:b@example.com", "id:3"];

prop_compose! {
    fn any_record()(
        number in 0_u32..1_000_000,
        keys in prop::sample::subsequence(KEYS.to_vec(), 0..3),
        is_new in any::<bool>(),
        claim in prop::bool::weighted(0.2),
        euros in any::<bool>(),
        payable in 0_i64..10_000,
        uses in prop::sample::subsequence(COUPONS.to_vec(), 0..=3),
        discounts in prop::array::uniform4(0_i64..1_000),
        hours in 0_i64..3_000,
        void in prop::option::of(any::<bool>()),
    ) -> UsageRecord {
        let currency = if euros { Currency::EUR } else { Currency::USD };
        let uses: Vec<Use> = uses.iter().zip(discounts).map(|(&(coupon, code, campaign), discount)| {
            Use { third_party: discount / 3, forfeited: discount % 7, ..used(coupon, code, campaign, discount) }
        }).collect();
        let reference = if claim { json!({"claim": format!("c-{number}")}) } else { json!({"order": format!("o-{number}")}) };
        let redemption = redemption(reference, &keys, is_new, Money::new(payable, currency), &uses);
        let when = at("2026-01-01T00:00:00Z") + chrono::TimeDelta::hours(hours);
        let record = UsageRecord::new(redemption, when);
        match void {
            Some(back) if hours % 3 == 0 => record.voided(when, OnVoid::KEEP.with_uses_given_back(back)),
            _ => record,
        }
    }
}

/// The customers of some records, by walking over all of them again and again until no two sets of keys meet.
fn customers(all: &[UsageRecord]) -> Vec<BTreeSet<&IdentityKey>> {
    let counts = |r: &&UsageRecord| !r.is_voided() && !r.redemption.coupons().is_empty();
    let mut sets: Vec<BTreeSet<&IdentityKey>> =
        all.iter().filter(counts).map(|r| r.redemption.counted().iter().collect()).collect();
    sets.retain(|set| !set.is_empty());
    while let Some((i, j)) =
        (0..sets.len()).flat_map(|i| (0..i).map(move |j| (i, j))).find(|(i, j)| !sets[*i].is_disjoint(&sets[*j]))
    {
        let merged = sets.remove(i);
        sets[j].extend(merged);
    }
    sets
}

/// Compares the figures of one row with a recount from the records.
fn recount(report: &Report, all: &[UsageRecord], row: &ReportRow, zone: &Zone, granularity: Granularity) {
    let belongs = |redeemed: &Redeemed| match &row.subject {
        ReportSubject::Coupon(coupon) => redeemed.coupon == *coupon,
        ReportSubject::Campaign(campaign) => redeemed.campaign.as_ref() == Some(campaign),
        _ => true,
    };
    let in_period = |r: &UsageRecord| row.period.is_none_or(|day| granularity.first_day(zone, r.recorded_at) == day);
    let here: Vec<&UsageRecord> = all
        .iter()
        .filter(|r| in_period(r))
        .filter(|r| row.subject == ReportSubject::Everything || r.redemption.coupons().iter().any(belongs))
        .collect();
    let uses = |r: &UsageRecord| count(r.redemption.coupons().iter().filter(|u| belongs(u)).count());
    let figures = &row.figures;
    let total = |keep: &dyn Fn(&UsageRecord) -> bool| here.iter().filter(|r| keep(r)).map(|r| uses(r)).sum::<u64>();
    assert_eq!(figures.redeemed(), total(&|r| !r.is_voided()));
    assert_eq!(figures.voided().redeemed(), total(&|r| r.is_voided()));
    assert_eq!(figures.used(), total(&|r| !r.is_voided() || !r.uses_given_back));
    for (voided, currency) in [false, true].into_iter().flat_map(|v| [(v, Currency::USD), (v, Currency::EUR)]) {
        let side = if voided { figures.voided() } else { figures.standing() };
        let money = side.in_currency(currency);
        let of = |r: &&&UsageRecord| r.is_voided() == voided && r.redemption.currency() == currency;
        let sum = |what: fn(&Redeemed) -> Money| -> i64 {
            let all = here.iter().filter(of).flat_map(|r| r.redemption.coupons());
            all.filter(|u| belongs(u)).map(|u| what(u).minor()).sum()
        };
        assert_eq!(money.discount().minor(), sum(|u| u.discount));
        assert_eq!(money.third_party().minor(), sum(|u| u.third_party));
        assert_eq!(money.forfeited().minor(), sum(|u| u.forfeited));
        let basket = |keep: &dyn Fn(&UsageRecord) -> bool| {
            let is_order = |r: &UsageRecord| matches!(r.redemption.reference(), Reference::Order(_));
            let kept: Vec<_> = here.iter().filter(of).filter(|r| is_order(r) && keep(r)).collect();
            (count(kept.len()), kept.iter().map(|r| r.redemption.payable().minor()).sum::<i64>())
        };
        let shown = |basket: BasketFigures| (basket.orders(), basket.sales().minor());
        let with = |r: &UsageRecord| uses(r) > 0;
        assert_eq!(shown(money.with_coupon()), basket(&with));
        assert_eq!(shown(money.without_coupon()), basket(&|r| !with(r)));
        assert_eq!(shown(money.new_customers()), basket(&|r| with(r) && r.redemption.is_new_customer()));
        assert_eq!(shown(money.returning_customers()), basket(&|r| with(r) && !r.redemption.is_new_customer()));
    }
    let redeeming: Vec<_> = here.iter().filter(|r| !r.is_voided() && uses(r) > 0).collect();
    let people = customers(all);
    let who = |r: &UsageRecord| people.iter().position(|set| set.contains(&r.redemption.counted()[0]));
    let known = || redeeming.iter().filter(|r| !r.redemption.counted().is_empty());
    let new: BTreeSet<_> = known().filter(|r| r.redemption.is_new_customer()).map(|r| who(r)).collect();
    let every: BTreeSet<_> = known().map(|r| who(r)).collect();
    assert_eq!(figures.new_customers(), count(new.len()));
    assert_eq!(figures.returning_customers(), count(every.len() - new.len()));
    assert_eq!(figures.anonymous(), count(redeeming.len() - known().count()));
    assert_eq!(report.figures(&row.subject, row.period), row.figures);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Proves that reports equal a recount from the records, whatever their order and however they are split (S31, S148).
    #[test]
    fn reports_equal_a_recount(
        (records, shuffled) in prop::collection::vec(any_record(), 0..20)
            .prop_flat_map(|records| (Just(records.clone()), Just(records).prop_shuffle())),
        cut in 0_usize..20,
        granularity in prop::sample::select(vec![Granularity::Day, Granularity::Week, Granularity::Month, Granularity::Quarter, Granularity::Year]),
    ) {
        let zone = Zone::named("+02:00").unwrap();
        let report = report_of(&records, granularity);
        let rows = report.rows();
        for row in &rows {
            recount(&report, &records, row, &zone, granularity);
        }
        prop_assert_eq!(report_of(&shuffled, granularity).rows(), rows.clone());
        let (left, right) = shuffled.split_at(cut.min(shuffled.len()));
        let mut merged = report_of(left, granularity);
        merged.merge(&report_of(right, granularity)).unwrap();
        prop_assert_eq!(merged.rows(), rows);
    }
}

/// Proves S58, S86, S128.
#[test]
fn the_usage_log_has_an_entry_for_each_use() {
    let records = spring();
    let entries = records[0].entries();
    assert_eq!(entries.len(), 2);
    let five = &entries[0];
    assert_eq!((five.coupon.as_str(), five.code.as_str(), five.revision), ("five", "FIVE", 1));
    assert_eq!((five.discount, five.third_party, five.payable), (usd("5.00"), usd("2.00"), usd("85.00")));
    assert_eq!((five.at, five.new_customer, five.voided_at), (records[0].recorded_at, true, None));
    assert_eq!(five.reference, Reference::Order("o-1".parse().unwrap()));
    assert!(records[3].entries().is_empty());
    assert_eq!(records[5].entries()[0].voided_at, Some(at("2026-04-06T10:00:00Z")));
}

fn prepared(id: &str, fields: Value) -> Prepared {
    Shop::new(Policy::storefront(Currency::USD, Zone::named("+02:00").unwrap()))
        .prepare(coupon(id, with(fields)))
        .unwrap()
}

/// Fields with a benefit where they name none.
fn with(mut fields: Value) -> Value {
    let target = fields.as_object_mut().unwrap();
    target.entry("benefits").or_insert_with(|| json!([{"percent": {"off": "10"}}]));
    fields
}

/// Proves S30.
#[test]
fn the_status_at_an_instant_follows_from_what_is_stored_and_the_dates() {
    use EffectiveStatus::{Ended, Live, Off, Scheduled};
    let march = json!({"from": "2026-03-01", "thru": "2026-03-31"});
    // The first and the last instant of March here, and those beside them.
    let instants = ["2026-02-28T21:59:59Z", "2026-02-28T22:00:00Z", "2026-03-31T21:59:59Z", "2026-03-31T22:00:00Z"];
    for (fields, expected) in [
        (json!({}), [Live; 4]),
        (json!({"validity": march}), [Scheduled, Live, Live, Ended]),
        (json!({"validity": march, "status": "inactive"}), [Off; 4]),
        (json!({"validity": march, "status": "expired"}), [Ended; 4]),
        // A code that everybody has is neither given nor earned.
        (json!({"availability": march}), [Live; 4]),
        // Codes exist from March on, and those that there are stay good.
        (json!({"code": null, "availability": march}), [Scheduled, Live, Live, Live]),
        (
            json!({"code": null, "availability": march, "validity": {"countdown": {"hours": 1}}}),
            [Scheduled, Live, Live, Live],
        ),
        (json!({"code": null, "availability": {"from": "2026-04-01"}, "validity": march}), [Ended; 4]),
    ] {
        let prepared = prepared("c", fields.clone());
        assert_eq!(instants.map(|instant| prepared.status_at(at(instant))), expected, "{fields}");
    }
    let counting = json!({"code": null, "availability": march, "validity": {"countdown": {"hours": 1}}});
    let counting = prepared("c", counting);
    assert_eq!(counting.status_at(at("2026-03-31T22:59:59Z")), Live, "the last one was given at the end of March");
    assert_eq!(counting.status_at(at("2026-03-31T23:00:00Z")), Ended);
}

/// Proves S30, S83, S88.
#[test]
fn listings_go_by_status_window_kind_name_campaign_and_product() {
    let shoes = json!({"categories": ["shoes"]});
    let all = [
        prepared("summer", json!({"name": "B: summer", "validity": {"from": "2026-06-01"}, "campaign": "sun"})),
        prepared("easter", json!({"name": "a: Easter", "validity": {"from": "2026-04-01", "thru": "2026-04-10"}})),
        prepared("shoes", json!({"scope": shoes, "campaign": "sun"})),
        prepared("mine", json!({"code": null, "kind": "personal", "name": "c: ann"})),
        prepared("off", json!({"status": "inactive", "validity": {"from": "2026-04-01"}})),
    ];
    let found =
        |query: &CouponQuery<'_>| query.find(&all).iter().map(|p| p.coupon().id().to_string()).collect::<Vec<String>>();
    let (now, until) = (at("2026-03-29T12:00:00Z"), at("2026-12-31T00:00:00Z"));
    let new = CouponQuery::new;
    assert_eq!(found(&new()), ["mine", "shoes", "easter", "off", "summer"]);
    assert_eq!(found(&new().ordered_by(ListOrder::Id)), ["easter", "mine", "off", "shoes", "summer"]);
    assert_eq!(found(&new().ordered_by(ListOrder::Name)), ["off", "shoes", "easter", "summer", "mine"]);
    assert_eq!(found(&new().upcoming(now, until)), ["easter", "summer"]);
    assert_eq!(found(&new().upcoming(now, at("2026-03-31T22:00:00Z"))), [""; 0], "Easter begins at that instant");
    assert_eq!(found(&new().upcoming(until, now)), [""; 0]);
    assert_eq!(found(&new().with_status(EffectiveStatus::Live, now)), ["mine", "shoes"]);
    let late = Window::instants(Some(at("2026-04-10T22:00:00Z")), Some(until)).unwrap();
    assert_eq!(found(&new().within(late)), ["mine", "shoes", "summer"]);
    assert_eq!(found(&new().of_kind(Kind::Personal)), ["mine"]);
    assert_eq!(found(&new().named("EASTER")), ["easter"]);
    assert_eq!(found(&new().of_campaign(&"sun".parse().unwrap())), ["shoes", "summer"]);
    let (boot, price) = (product("BOOT").with_categories(["shoes".parse().unwrap()]), usd("80.00"));
    assert_eq!(found(&new().covering(&boot, price).of_campaign(&"sun".parse().unwrap())), ["shoes", "summer"]);
    assert_eq!(found(&new().covering(&product("HAT"), price).of_campaign(&"sun".parse().unwrap())), ["summer"]);
}

/// Proves S24, S79 in words: how long a code is good, and what a subscription pays less.
#[test]
fn terms_tell_how_long() {
    let told = |fields, topic| coupon("c", with(fields)).describe().about(topic).map(str::to_owned).collect::<Vec<_>>();
    for (countdown, text) in [
        (json!({"days": 2, "hours": 3}), "for 2 days and 3 hours from issue"),
        (json!({"days": 60}), "for 60 days from issue"),
        (json!({"days": 1, "hours": 0}), "for 1 day from issue"),
        (json!({"hours": 1}), "for 1 hour from issue"),
    ] {
        assert_eq!(told(json!({"code": null, "validity": {"countdown": countdown}}), Topic::Dates), [text]);
    }
    for (payments, text) in [
        (json!({"months": 1}), "of a subscription, for the first month of service"),
        (json!({"months": 3}), "of a subscription, for the first 3 months of service"),
        (json!({"days": 1}), "of a subscription, for the first day of service"),
    ] {
        assert_eq!(told(json!({"payments": payments}), Topic::Payments), [text]);
    }
    assert_eq!(told(json!({"benefits": [{"trial": {"days": 1}}]}), Topic::Value), ["free trial of 1 day"]);
    let carried = json!({"benefits": [{"amount": {"off": {"USD": "50"}}}], "payments": "first", "remainder": "carry"});
    assert_eq!(
        told(carried, Topic::Payments),
        [
            "of a subscription, on the first payment only",
            "what one payment leaves over goes to later ones of the same subscription"
        ]
    );
}

/// Proves S24, S73.
#[test]
fn terms_tell_how_a_coupon_is_earned_and_what_it_leaves_out() {
    let terms = coupon(
        "meeting",
        json!({
            "code": null, "kind": "personal", "name": "Q3 budget 4711",
            "benefits": [{"percent": {"off": "10"}}],
            "scope": {"not": {"products": ["BOOK"]}},
            "availability": {"from": "2026-01-01", "thru": "2026-06-30"},
            "validity": {"countdown": {"days": 90}},
            "payments": {"first_n": 3},
            "conditions": [{"all": [{"regions": {"only": ["CH", "AT"], "except": ["DE"]}}, "first_order"]}],
            "earn": [
                {"purchase": {"scope": {"products": ["JOURNAL"]}}},
                {"purchase": {"scope": {"tags": ["poster"]}, "pieces": 3, "per": "unit", "on_return": "revoke", "codes": 2}},
                {"event": {"event": "newsletter"}},
                {"anniversary": {"of": "birthday", "days_before": 7, "days_after": 3}}
            ]
        }),
    )
    .describe();
    let about = |topic| terms.about(topic).collect::<Vec<_>>();
    assert_eq!(about(Topic::Payments), ["of a subscription, on the first 3 payments"]);
    assert_eq!(about(Topic::Dates), ["for 90 days from issue"]);
    assert_eq!(
        (about(Topic::Scope), about(Topic::Exclusion)),
        (vec!["for any product"], vec!["not for BOOK", "not in DE"])
    );
    assert_eq!(
        about(Topic::Availability),
        [
            "earned by buying JOURNAL, once per order",
            "earned by buying 3 pieces of products tagged poster, once for every 3 pieces, 2 codes each time, \
             withdrawn when that is returned and the code is not used",
            "earned by `newsletter`",
            "earned from 7 days before to 3 days after the day `birthday`, once a year",
            "to be earned from 2026-01-01 through 2026-06-30"
        ]
    );
    assert_eq!(about(Topic::Condition), ["only in CH or AT", "on a first order"]);
    let text = terms.to_text(40);
    assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
    assert!(text.starts_with("- 10% off each line\n- of a subscription, on the first 3\n  payments\n"), "{text}");
    assert!(!text.contains("4711"));
    assert!(terms.terms().is_sorted_by_key(|term| term.topic));
}

fn options() -> LintOptions {
    LintOptions::new(&Policy::builder(Currency::USD).accept(Currency::EUR).max_codes(None).build().unwrap())
}

/// What is warned of the definition `c`, at paths that go on from this one.
fn told_at(path: &str, lines: &[&str]) -> Vec<String> {
    let told = |line: &&str| {
        let (rest, why) = line.split_once(": ").unwrap();
        format!("`c`, `{path}{rest}`: {why}")
    };
    lines.iter().map(told).collect()
}

fn warnings(definitions: &[Coupon], options: &LintOptions) -> Vec<String> {
    lint(definitions, options).iter().map(ToString::to_string).collect()
}

/// Every kind of warning says where and why; proves S61 and S88.
#[test]
fn a_lint_says_where_and_why() {
    let options = options()
        .at(at("2026-03-29T12:00:00Z"))
        .valuable_from(Amounts::new([usd("50.00")]).unwrap())
        .with_several_tax_rates();
    let percent = |off: &str| json!([{"percent": {"off": off}}]);
    let limited = json!({"total": 5});
    for (fields, expected) in [
        (
            json!({"benefits": percent("100"), "limits": limited}),
            &["benefits[0].percent.off: takes everything: 100% off"][..],
        ),
        (
            json!({"benefits": percent("50"), "limits": limited}),
            &["benefits[0].percent.off: takes 50%, which is steep"],
        ),
        (json!({"benefits": percent("49.999"), "limits": limited}), &[]),
        (
            json!({"benefits": percent("5")}),
            &["benefits[0].percent.off: takes 5% without any cap, limit or end, for anybody"],
        ),
        (json!({"benefits": percent("5"), "validity": {"thru": "2026-12-31"}}), &[]),
        (json!({"benefits": percent("5"), "conditions": [{"members": {}}]}), &[]),
        (json!({"benefits": percent("5"), "code": null}), &[]),
        (json!({"benefits": [{"percent": {"off": "5", "cap": {"USD": "9.00"}}}]}), &[]),
        (
            json!({"benefits": [{"set_price": {"price": {"USD": "0", "EUR": "1"}}}], "limits": limited}),
            &["benefits[0].set_price.price: costs nothing in USD"],
        ),
        (
            json!({"benefits": [{"amount": {"off": {"USD": "20.01", "EUR": "20.00"}}}], "limits": limited,
                "scope": {"products": ["BOOT"]},
                "conditions": [{"minimum_spend": {"amounts": {"USD": "20.00", "EUR": "20.00"}}}]}),
            &["benefits[0].amount.off: takes 20.01 USD from 20.00 USD on: the order is free and the rest is lost"],
        ),
        (
            json!({"benefits": [{"amount": {"off": {"USD": "5.00"}}}], "limits": limited}),
            &["benefits[0].amount.tax: is as priced: over several tax rates its net worth depends on the basket"],
        ),
        (json!({"benefits": [{"amount": {"off": {"USD": "5.00"}, "tax": "gross"}}], "limits": limited}), &[]),
        (
            json!({"benefits": [{"amount": {"off": {"JPY": "500"}, "tax": "gross"}}], "limits": limited}),
            &["benefits[0].amount.off: has no figure in any currency of the shop, so it is always refused"],
        ),
        (
            json!({"benefits": percent("5"), "limits": limited,
                "conditions": [{"minimum_spend": {"amounts": {"JPY": "500"}}}]}),
            &[
                "conditions[0].minimum_spend.amounts: has no figure in any currency of the shop, so it is always refused",
            ],
        ),
        (
            json!({"benefits": percent("5"), "validity": {"thru": "2026-03-28"}}),
            &["validity: is active, and over since 2026-03-29T00:00:00Z"],
        ),
        (json!({"benefits": percent("5"), "validity": {"thru": "2026-03-28"}, "status": "expired"}), &[]),
        (json!({"benefits": percent("5"), "validity": {"thru": "2026-03-29"}}), &[]),
        (
            json!({"code": null, "benefits": percent("5"), "validity": {"countdown": {"days": 2}},
                "availability": {"thru": "2026-03-26"}}),
            &["validity: is active, and over since 2026-03-29T00:00:00Z"],
        ),
        (
            json!({"code": null, "benefits": percent("5"), "validity": {"thru": "2026-05-31"},
                "availability": {"from": "2026-06-01"}}),
            &["availability: can be had from 2026-06-01T00:00:00Z on, and used until 2026-06-01T00:00:00Z only"],
        ),
        (
            json!({"benefits": percent("5"), "limits": limited, "scope": {"all": ["on_sale", {"products": []}]},
                "conditions": [{"all": [{"channels": {"only": []}}, {"customer_types": {"only": ["A"], "except": ["A"]}}]}]}),
            &[
                "conditions[0].all[0]: allows nothing: an empty list",
                "conditions[0].all[1]: allows nothing: an empty list",
                "scope: allows nothing: an empty list",
            ],
        ),
        (
            json!({"benefits": percent("5"), "limits": limited,
                "conditions": ["first_order", {"nth_order": {"n": 2}}, {"not": "first_order"}]}),
            &[
                "conditions[1]: cannot hold together with `conditions[0]`",
                "conditions[2]: cannot hold together with `conditions[0]`",
            ],
        ),
        (
            json!({"benefits": percent("5"), "limits": limited,
                "conditions": [{"regions": {"only": ["CH"]}}, {"regions": {"only": ["AT"]}}, {"nth_order": {"n": 1}}]}),
            &["conditions[1]: cannot hold together with `conditions[0]`"],
        ),
        (
            json!({"code": "WELCOME50", "benefits": [{"amount": {"off": {"USD": "50.00"}, "tax": "net"}}]}),
            &["code: `WELCOME50` is easily guessed, worth much, and has no limit in all"],
        ),
        (json!({"code": "WELCOME49", "benefits": [{"amount": {"off": {"USD": "49.99"}, "tax": "net"}}]}), &[]),
        (json!({"code": "K7WQ93MXP2HD", "benefits": [{"amount": {"off": {"USD": "50.00"}, "tax": "net"}}]}), &[]),
        (
            json!({"code": "X7", "benefits": percent("60"), "validity": {"thru": "2026-12-31"}}),
            &[
                "benefits[0].percent.off: takes 60%, which is steep",
                "code: `X7` is easily guessed, worth much, and has no limit in all",
            ],
        ),
    ] {
        let expected = told_at("", expected);
        assert_eq!(warnings(&[coupon("c", fields.clone())], &options), expected, "{fields}");
    }
}

/// Proves S17, S61, S62: sets, bundles, tiers and steps that give nothing, too much, or less than the one before.
#[test]
fn a_lint_finds_what_sets_and_tiers_come_to() {
    let tiers = |steps: Value| json!({"tiers": {"steps": steps}});
    let by_pieces = |steps: Value| json!({"tiers": {"by": "quantity", "steps": steps}});
    for (benefit, expected) in [
        (json!({"nth": {"of": 3, "reward": "free"}}), &[][..]),
        (json!({"nth": {"of": 3, "reward": {"percent": "0"}}}), &["nth.reward.percent: takes nothing off"]),
        (
            json!({"nth": {"of": 3, "reward": {"to_price": {"JPY": "100"}}}}),
            &["nth.reward.to_price: has no figure in any currency of the shop, so it is always refused"],
        ),
        (
            json!({"buy_get": {"buy": [{"pieces": 1}], "get": {"pieces": 1}, "reward": {"amount": {"USD": "0"}}}}),
            &["buy_get.reward.amount: takes nothing off"],
        ),
        (json!({"bundle": {"parts": [{"pieces": 2}], "price": {"USD": "20.00"}}}), &[]),
        (
            json!({"bundle": {"parts": [{"pieces": 2}], "price": {"USD": "0", "EUR": "9.00"}}}),
            &["bundle.price: costs nothing in USD"],
        ),
        (json!({"bundle": {"parts": [{"pieces": 2}], "percent": "0"}}), &["bundle.percent: takes nothing off"]),
        (
            json!({"bundle": {"parts": [{"pieces": 2}], "percent": "60"}}),
            &["bundle.percent: takes 60%, which is steep"],
        ),
        (
            json!({"bundle": {"parts": [{"pieces": 2}], "amount": {"JPY": "100"}}}),
            &["bundle.amount: has no figure in any currency of the shop, so it is always refused"],
        ),
        // 5% from 50.00, 10% from 100.00; then the same, and less.
        (tiers(json!([{"from": {"USD": "50.00"}, "percent": "5"}, {"from": {"USD": "100.00"}, "percent": "10"}])), &[]),
        (
            tiers(json!([{"from": {"USD": "50.00"}, "percent": "5"}, {"from": {"USD": "100.00"}, "percent": "5"}])),
            &["tiers.steps[1].percent: gives no more than the tier before it"],
        ),
        (
            by_pieces(json!([{"from": 3, "amount": {"USD": "5.00"}}, {"from": 6, "amount": {"USD": "4.00"}}])),
            &["tiers.steps[1].amount: gives no more than the tier before it"],
        ),
        // 10% of 100.00 is 10.00 already.
        (
            tiers(json!([
                {"from": {"USD": "50.00"}, "percent": "10"}, {"from": {"USD": "100.00"}, "amount": {"USD": "10.00"}}
            ])),
            &["tiers.steps[1].amount: gives no more than the tier before it"],
        ),
        (
            tiers(json!([
                {"from": {"USD": "50.00"}, "percent": "10"}, {"from": {"USD": "100.00"}, "amount": {"USD": "10.01"}}
            ])),
            &[],
        ),
        // Of pieces nobody knows what a percentage comes to.
        (by_pieces(json!([{"from": 3, "percent": "10"}, {"from": 6, "amount": {"USD": "1.00"}}])), &[]),
        // Each has its own part.
        (
            json!({"tiers": {"by": "quantity", "marginal": true,
                "steps": [{"from": 3, "percent": "10"}, {"from": 6, "percent": "5"}]}}),
            &[],
        ),
        (
            tiers(json!([{"from": {"USD": "50.00"}, "amount": {"USD": "50.01"}}])),
            &["tiers.steps[0].amount: takes 50.01 USD from 50.00 USD on: the order is free and the rest is lost"],
        ),
        (
            tiers(json!([{"from": {"JPY": "500"}, "percent": "50"}])),
            &[
                "tiers.steps[0].from: has no figure in any currency of the shop, so it is always refused",
                "tiers.steps[0].percent: takes 50%, which is steep",
            ],
        ),
        (json!({"steps": {"every": {"USD": "50.00"}, "amount": {"USD": "5.00"}}}), &[]),
        (
            json!({"steps": {"every": 3, "percent": "1"}}),
            &["steps.percent: adds up to 100% without a most of steps or a cap"],
        ),
        (json!({"steps": {"every": 3, "percent": "1", "max_steps": 10}}), &[]),
        (json!({"steps": {"every": 3, "percent": "1", "cap": {"USD": "20.00"}}}), &[]),
        (json!({"steps": {"every": 3, "percent": "0"}}), &["steps.percent: takes nothing off"]),
        (
            json!({"steps": {"every": {"USD": "5.00"}, "amount": {"USD": "6.00"}}}),
            &["steps.amount: takes 6.00 USD from 5.00 USD on: the order is free and the rest is lost"],
        ),
        (json!({"first_further": {"first": {"USD": "0"}, "further": {"USD": "2.00"}}}), &[]),
        (
            json!({"first_further": {"first": {"USD": "0"}, "further": {"USD": "0"}}}),
            &["first_further: takes nothing off"],
        ),
        (
            json!({"first_further": {"first": {"JPY": "5"}, "further": {"USD": "1.00"}}}),
            &["first_further.first: has no figure in any currency of the shop, so it is always refused"],
        ),
    ] {
        let expected = told_at("benefits[0].", expected);
        let definition = coupon("c", json!({"benefits": [benefit], "limits": {"total": 5}}));
        assert_eq!(warnings(&[definition], &options()), expected, "{benefit}");
    }
}

/// A group keeps apart what is in it, and a tag those who have it.
#[test]
fn a_lint_finds_groups_of_one_and_tags_that_nobody_has() {
    let with = |id: &str, combination: Value| {
        let limits = json!({"total": 5});
        coupon(id, json!({"limits": limits, "combination": combination, "benefits": [{"percent": {"off": "5"}}]}))
    };
    let a = with("a", json!({"group": "welcome", "not_with": ["sale", "cleerance"], "tags": ["sale"]}));
    let b = with("b", json!({"tags": ["clearance"]}));
    let alone = [
        "`a`, `combination.group`: nothing else is in the group `welcome`",
        "`a`, `combination.not_with[1]`: no definition has the tag `cleerance`",
    ];
    assert_eq!(warnings(&[a.clone(), b.clone()], &options()), alone);
    assert_eq!(warnings(&[b.clone(), a.clone()], &options()), alone, "whatever the order in which they come");
    let c = with("c", json!({"group": "welcome", "tags": ["cleerance"]}));
    assert_eq!(warnings(&[a.clone(), b, c], &options()), [""; 0]);
    // One definition by itself says nothing of what others have; of its own codes a group takes the best.
    assert_eq!(warnings(&[a], &options()), [""; 0]);
    let several = with("d", json!({"group": "welcome", "several_codes": true}));
    assert_eq!(warnings(&[several, with("e", json!({}))], &options()), [""; 0]);
}

/// Proves S88.
#[test]
fn a_lint_finds_what_two_definitions_share() {
    let named = |id: &str, name: &str, code: &str| {
        coupon(id, json!({"name": name, "code": code, "limits": {"total": 5}, "benefits": [{"percent": {"off": "5"}}]}))
    };
    let mut all = [named("a", "Spring sale", "ONE"), named("b", " spring  SALE", "TWO"), named("c", "Summer", "ONE")];
    let expected = ["`b`, `name`: is the name of `a` as well", "`c`, `code`: is the code of `a` as well"];
    assert_eq!(warnings(&all, &options()), expected);
    all.reverse();
    assert_eq!(warnings(&all, &options()), expected, "whatever the order in which they come");
    let twice = [all[0].clone(), all[0].clone()];
    assert_eq!(warnings(&twice, &options()), ["`c`, `id`: is the id of another definition as well"]);
    assert_eq!(warnings(&[], &options()), [""; 0]);
}

/// Two coupons of 20% and 15% leave 0.8 x 0.85 = 0.68 of the price; with one of them on the original price, 0.65.
#[test]
fn a_lint_finds_pairs_that_stack_too_deep() {
    let deep = |id: &str, off: &str, more: Value| {
        let mut fields = json!({"limits": {"total": 5}, "benefits": [{"percent": {"off": off}}]});
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        coupon(id, fields)
    };
    let found = |a: Value, b: Value, depth: &str| {
        let options = options().stacking_beyond(depth.parse().unwrap());
        warnings(&[deep("a", "20", a), deep("b", "15", b)], &options)
    };
    let both = "`a`, `combination`: may stand beside `b`: up to 32.000% together";
    let none = || json!({});
    assert_eq!(found(none(), none(), "31.999"), [both]);
    assert_eq!(found(none(), none(), "32"), [""; 0]);
    let original = json!({"benefits": [{"percent": {"off": "15", "base": "original"}}]});
    assert_eq!(found(none(), original, "30"), ["`a`, `combination`: may stand beside `b`: up to 35.000% together"]);
    let several = json!({"combination": {"several_codes": true}});
    assert_eq!(
        found(several, json!({"status": "inactive"}), "30"),
        ["`a`, `combination`: may stand beside `a`: up to 36.000% together"]
    );
    for apart in [
        (json!({"combination": {"exclusive": true}}), none()),
        (json!({"validity": {"thru": "2026-03-01"}}), json!({"validity": {"from": "2026-03-02"}})),
        (json!({"scope": {"products": ["A"]}}), json!({"scope": {"products": ["B"]}})),
        (json!({"scope": "on_sale"}), json!({"scope": {"not": "on_sale"}})),
        (json!({"conditions": ["first_order"]}), json!({"conditions": [{"nth_order": {"n": 2}}]})),
        (json!({"status": "inactive"}), none()),
    ] {
        assert_eq!(found(apart.0.clone(), apart.1.clone(), "30"), [""; 0], "{apart:?}");
    }
    // Where one code is all that an order may carry, nothing stacks; and nobody asked.
    let one = LintOptions::new(&Policy::storefront(Currency::USD, Zone::UTC)).stacking_beyond(Percent::ZERO);
    let pair = [deep("a", "20", none()), deep("b", "15", none())];
    assert_eq!(warnings(&pair, &one), [""; 0]);
    assert_eq!(warnings(&pair, &options()), [""; 0]);
}
