//! Section E: what a coupon definition says, and what it does to an order.

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

/// A meeting registration, a booth and an advertisement, as an association sells them.
fn item(id: u64, parent: &str, kind: &str, code: &str, unit_price: &str, quantity: u64) -> Line {
    let product = product(code)
        .with_parent(parent.parse().unwrap())
        .with_type(kind.parse().unwrap())
        .with_subsystem("MEETINGS".parse().unwrap());
    of(id, product, unit_price, quantity)
}

fn association() -> Policy {
    Policy::association(Currency::USD, Zone::UTC)
}

/// Proves S96: amount, percent of a line, percent of the order, and defined at order time.
#[test]
fn a_value_has_four_forms() {
    let lines = || [line(1, "0.05"), line(2, "0.05")];
    assert_eq!(total_off(&order(lines()).code(amount_off("c", "0.07")).run()), "0.07");
    // 10% of 0.05 is half a cent: a cent on each line, or one cent of the order.
    assert_eq!(total_off(&order(lines()).code(percent_off("c", "10")).run()), "0.02");
    assert_eq!(total_off(&order(lines()).code(order_percent_off("c", "10")).run()), "0.01");
    let manual = Entry::new(coupon("c", json!({"benefits": [{"operator": {}}]}))).operator(usd("0.03"));
    assert_eq!(total_off(&order_under(association(), lines()).code(manual).run()), "0.03");
}

/// Proves S97, S103, S135.
#[test]
fn a_customers_own_coupon_is_used_up_by_one_order() {
    let own =
        coupon("own", json!({"code": null, "kind": "personal", "benefits": [{"amount": {"off": {"USD": "100.00"}}}]}));
    let entry = |who: &str, used: u64| {
        let issued = issued_code("OWN1", "2026-03-01T00:00:00Z").with_holder(IdentityKey::id("1").unwrap());
        let usage = Usage::default().with_code(used).with_customer(used);
        let entry = Entry::issued(issued, own.clone()).usage(usage);
        order([line(1, "50.00")]).customer(customer(who)).code(entry).run()
    };
    let first = entry("1", 0);
    assert_eq!((payable(&first).as_str(), first.answers()[0].forfeited()), ("0.00", usd("50.00")));
    assert_eq!(reasons(&entry("1", 1))[0], ["limit_reached", "limit_reached"]);
    assert_eq!(reasons(&entry("2", 0))[0], ["wrong_customer"]);
    // A general coupon has no such limit unless it says so (S103).
    let often = Usage::default().with_customer(99).with_total(99).with_code(99);
    let general = Entry::new(amount_off("general", "100.00")).usage(often);
    assert!(applied(&order([line(1, "50.00")]).customer(customer("1")).code(general).run()));
}

/// Proves S98: one use per customer, by any of the keys, and never silently passed without one.
#[test]
fn a_limit_of_one_use_per_customer() {
    let once = coupon("once", json!({"limits": {"per_customer": 1}, "benefits": [{"percent": {"off": "10"}}]}));
    let outcome = |who: Customer, used| {
        let entry = Entry::new(once.clone()).usage(Usage::default().with_customer(used));
        order([line(1, "10.00")]).customer(who).code(entry).run()
    };
    let ann = Customer::new([IdentityKey::id("1").unwrap(), IdentityKey::email("ann@example.com").unwrap()]);
    let first = outcome(ann.clone(), 0);
    assert!(applied(&first));
    let keys: Vec<_> = first.redemption().unwrap().deltas().iter().map(|d| format!("{:?}", d.key())).collect();
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().any(|k| k.contains("id:1")) && keys.iter().any(|k| k.contains("email:ann@example.com")));
    assert_eq!(reasons(&outcome(ann, 1))[0], ["limit_reached"]);
    assert_eq!(why(&outcome(Customer::anonymous(), 0)), [Refusal::CustomerRequired]);
    // A device is no identity unless policy says so.
    let device = Customer::new([IdentityKey::device("abc").unwrap()]);
    assert_eq!(why(&outcome(device, 0)), [Refusal::CustomerRequired]);
    // Policy may apply it and ask later; it cannot be placed before somebody says who they are.
    let lenient = policy(|p| p.no_identity(NoIdentity::ApplyAndFlag));
    let flagged = order_under(lenient, [line(1, "10.00")]).code(once).run();
    assert_eq!((payable(&flagged).as_str(), flagged.placeable()), ("9.00", false));
    assert!(flagged.has_flag(Flag::IdentityNeeded));
    assert_eq!(flagged.redemption(), Err(NotPlaceable::CustomerRequired));
}

/// Proves S101: no presented code, no effect, even where one would be eligible.
#[test]
fn nothing_is_automatic() {
    let case = order([line(1, "10.00")]).customer(customer("1"));
    assert_eq!((payable(&case.clone().run()).as_str(), total_off(&case.clone().run()).as_str()), ("10.00", "0.00"));
    assert_eq!(payable(&case.code(percent_off("ten", "10")).run()), "9.00");
}

/// Proves S103, S117: for members, of any group or of the primary one.
#[test]
fn a_coupon_can_be_for_members_only() {
    let only = |members: Value| {
        coupon("m", json!({"conditions": [{"members": members}], "benefits": [{"percent": {"off": "10"}}]}))
    };
    let outcome = |members: Value, groups: &[&str]| {
        let groups = groups.iter().map(|g| g.parse().unwrap()).collect::<Vec<CustomerTypeId>>();
        let who = Customer::anonymous().with_memberships(groups);
        reasons(&order([line(1, "10.00")]).customer(who).code(only(members)).run())[0].clone()
    };
    let none: [&str; 0] = [];
    assert_eq!(outcome(json!({}), &["SECTION"]), none);
    assert_eq!(outcome(json!({}), &[]), ["members_only"]);
    assert_eq!(outcome(json!({"groups": ["PRIMARY"]}), &["SECTION", "PRIMARY"]), none);
    assert_eq!(outcome(json!({"groups": ["PRIMARY"]}), &["SECTION"]), ["members_only"]);
}

/// Proves S104.
#[test]
fn a_general_coupon_still_minds_product_types() {
    let booths = coupon(
        "g",
        json!({"kind": "general", "scope": {"product_type": {"subsystem": "MEETINGS", "product_type": "BOOTH"}},
            "benefits": [{"percent": {"off": "10"}}]}),
    );
    let ad = || item(1, "JOURNAL", "AD", "AD-1", "80.00", 1);
    assert_eq!(why(&order([ad()]).code(booths.clone()).run()), [Refusal::NotApplicable]);
    assert_eq!(off(&order([ad(), item(2, "AM", "BOOTH", "B10", "200.00", 1)]).code(booths).run()), ["0.00", "20.00"]);
}

/// Proves S107: eligibility is decided at the instant of the request, and the terms and guards for the commit go along.
#[test]
fn what_was_decided_is_recorded_with_its_terms() {
    let first = coupon(
        "first",
        json!({"revision": 7, "validity": {"thru": "2026-03-29"}, "conditions": ["first_order"],
            "benefits": [{"percent": {"off": "10"}}]}),
    );
    let outcome = order([line(1, "10.00")]).customer(customer("1")).code(first.clone()).run();
    assert_eq!(outcome.answers()[0].terms(), Some(&first));
    let record = outcome.redemption().unwrap();
    assert_eq!(record.coupons()[0].revision, 7);
    let until = Some(at("2026-03-30T00:00:00Z"));
    assert!(record.guards().contains(&Guard::Revision { coupon: "first".parse().unwrap(), revision: 7 }));
    assert!(record.guards().contains(&Guard::Window { coupon: "first".parse().unwrap(), from: None, until }));
    // One first order per identity, whatever the coupon.
    let claims: Vec<_> = record.deltas().iter().map(|d| (d.key().clone(), d.by(), d.limit())).collect();
    assert_eq!(claims, [(CounterKey::FirstOrder { customer: IdentityKey::id("1").unwrap() }, 1, 1)]);
    // A preview that was true is not true any more when the order is placed.
    assert!(!applied(
        &order([line(1, "10.00")]).customer(customer("1")).code(first.clone()).at("2026-03-30T00:00:00Z").run()
    ));
    let claimed = Entry::new(first).usage(Usage::default().with_first_order_claimed(true));
    assert_eq!(
        why(&order([line(1, "10.00")]).customer(customer("1")).code(claimed).run()),
        [Refusal::FirstOrder { orders: 1 }]
    );
}

/// Proves S109, S113, S114: coupons are booked like discounts, by account, and lower the sales amount.
#[test]
fn coupon_amounts_are_booked_like_discounts() {
    let booked = |id: &str, off: &str, account: Value| {
        coupon(id, json!({"account": account, "benefits": [{"amount": {"off": {"USD": off}}}]}))
    };
    let sold = line(1, "100.00").with_discount(discount("sale", usd("20.00")).with_account("R-1".parse().unwrap()));
    let outcome = order([sold, line(2, "50.00")])
        .taxed("10")
        .codes([booked("a", "5.00", json!("R-1")), booked("b", "7.00", json!("X-9")), booked("c", "1.00", json!(null))])
        .run();
    let mut accounts: Vec<_> = outcome
        .accounts()
        .iter()
        .map(|a| (a.account().map(AccountId::to_string), a.discount().amount_text()))
        .collect();
    accounts.sort();
    let named = |account: &str, amount: &str| (Some(account.to_owned()), amount.to_owned());
    assert_eq!(accounts, [(None, "1.00".to_owned()), named("R-1", "25.00"), named("X-9", "7.00")]);
    // 150.00 - 33.00 = 117.00 of sales, and tax on that.
    assert_eq!(outcome.totals().item_discount(), usd("33.00"));
    assert_eq!((outcome.totals().taxable(), outcome.totals().tax()), (usd("117.00"), Some(usd("11.70"))));
}

/// Proves S111, S129: every target, from the whole order to one product.
#[test]
fn a_coupon_targets_the_order_a_line_or_products() {
    let lines = || {
        [
            item(1, "AM", "BOOTH", "B10", "100.00", 1),
            item(2, "AM", "REG", "REG-1", "40.00", 1),
            item(3, "JOURNAL", "AD", "AD-1", "20.00", 1),
            of(4, product("BOOK").with_subsystem("STORE".parse().unwrap()), "10.00", 1),
        ]
    };
    let covered = |scope: Value| {
        off(&order(lines()).code(coupon("c", json!({"scope": scope, "benefits": [{"percent": {"off": "10"}}]}))).run())
    };
    assert_eq!(covered(json!("open")), ["10.00", "4.00", "2.00", "1.00"]);
    assert_eq!(covered(json!({"subsystem": {"subsystem": "MEETINGS"}})), ["10.00", "4.00", "2.00", "0.00"]);
    let booths = json!({"product_type": {"subsystem": "MEETINGS", "product_type": "BOOTH"}});
    assert_eq!(covered(booths), ["10.00", "0.00", "0.00", "0.00"]);
    let ads_of = |parent: &str| json!({"product_type": {"subsystem": "MEETINGS", "product_type": "AD", "parent_product": parent}});
    assert_eq!(covered(ads_of("JOURNAL")), ["0.00", "0.00", "2.00", "0.00"]);
    assert_eq!(
        reasons(
            &order(lines())
                .code(coupon("c", json!({"scope": ads_of("AM"), "benefits": [{"percent": {"off": "10"}}]})))
                .run()
        )[0],
        ["not_applicable"]
    );
    assert_eq!(covered(json!({"parent_product": {"parent_product": "AM"}})), ["10.00", "4.00", "0.00", "0.00"]);
    let registrations = json!({"parent_product": {"parent_product": "AM", "product_type": "REG"}});
    assert_eq!(covered(registrations), ["0.00", "4.00", "0.00", "0.00"]);
    assert_eq!(
        covered(json!({"product": {"parent_product": "AM", "product": "B10"}})),
        ["10.00", "0.00", "0.00", "0.00"]
    );
    // The order as one sum, and one line by itself.
    assert_eq!(off(&order(lines()).code(amount_off("c", "17.00")).run()), ["10.00", "4.00", "2.00", "1.00"]);
    let on_line = Entry::new(percent_off("c", "10")).on_line(3);
    assert_eq!(off(&order(lines()).code(on_line).run()), ["0.00", "0.00", "2.00", "0.00"]);
}

/// Proves S112, S139, S140, with every policy.
#[test]
fn a_coupon_combines_with_discounts_or_not() {
    let ten = |with_discounts: bool| {
        coupon(
            "ten",
            json!({"combination": {"with_discounts": with_discounts}, "benefits": [{"percent": {"off": "10"}}]}),
        )
    };
    let sold = |amount: &str| line(1, "100.00").with_discount(discount("sale", usd(amount)));
    let outcome = |conflict, sale: &str, combines| {
        order_under(policy(|p| p.discount_conflict(conflict)), [sold(sale), line(2, "10.00")]).code(ten(combines)).run()
    };
    let refuse = DiscountConflict::RefuseCoupon;
    assert_eq!(Policy::builder(Currency::USD).build().unwrap().discount_conflict(), refuse);
    // 80.00 - 8.00 + 10.00 - 1.00.
    assert_eq!(payable(&outcome(refuse, "20.00", true)), "81.00");
    let refused = outcome(refuse, "20.00", false);
    assert_eq!(
        (why(&refused), payable(&refused).as_str()),
        (&[Refusal::NotWithDiscounts { line: LineId(1) }][..], "90.00")
    );
    // The discount is dropped: 110.00 less 11.00.
    let dropped = outcome(DiscountConflict::DropDiscounts, "20.00", false);
    assert_eq!((payable(&dropped).as_str(), dropped.lines()[0].shop_discount()), ("99.00", usd("0.00")));
    // Better for the shopper: 90.00 with the discount, 99.00 with the coupon; with a sale of 5.00 it is 105.00 to 99.00.
    let kept = outcome(DiscountConflict::BetterOf, "20.00", false);
    assert_eq!((payable(&kept).as_str(), reasons(&kept)[0].as_slice()), ("90.00", &["not_with_discounts"][..]));
    let taken = outcome(DiscountConflict::BetterOf, "5.00", false);
    assert_eq!((payable(&taken).as_str(), applied(&taken)), ("99.00", true));
    // Both leave the same: the discounts stay and the coupon is kept for another day. 110.00 - 11.00 either way.
    let even = outcome(DiscountConflict::BetterOf, "11.00", false);
    assert_eq!((payable(&even).as_str(), applied(&even)), ("99.00", false));
}

/// Proves S140: only lines that the coupon would touch count, shipping among them where it touches that.
#[test]
fn only_a_discount_that_is_touched_conflicts() {
    let alone = |fields: Value| {
        let mut all = json!({"combination": {"with_discounts": false}});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        coupon("alone", all)
    };
    let sold = || line(1, "100.00").with_discount(discount("sale", usd("20.00")));
    let second = json!({"scope": {"products": ["P2"]}, "benefits": [{"percent": {"off": "10"}}]});
    assert_eq!(payable(&order([sold(), line(2, "10.00")]).code(alone(second)).run()), "89.00");
    let freight = |method: &str| {
        let charge = shipping(9, usd("8.00")).with_method(method.parse().unwrap());
        if method == "road" { charge.with_discount(discount("deal", usd("3.00"))) } else { charge }
    };
    let judge = |benefit: Value, method: &str| {
        let outcome =
            order([line(2, "10.00")]).charge(freight(method)).code(alone(json!({"benefits": [benefit]}))).run();
        reasons(&outcome)[0].clone()
    };
    let none: [&str; 0] = [];
    assert_eq!(judge(json!({"percent": {"off": "10"}}), "road"), none);
    assert_eq!(judge(json!({"shipping": "free"}), "road"), ["not_with_discounts"]);
    assert_eq!(judge(json!({"shipping": "free"}), "air"), none);
    assert_eq!(judge(json!({"percent": {"off": "10", "include_shipping": true}}), "road"), ["not_with_discounts"]);
    assert_eq!(judge(json!({"percent": {"off": "10", "include_shipping": true}}), "air"), none);
    assert_eq!(
        judge(json!({"amount": {"off": {"USD": "1.00"}, "include_shipping": true}}), "road"),
        ["not_with_discounts"]
    );
    // Another method is discounted, and this coupon leaves it alone.
    let both = order([line(2, "10.00")])
        .charge(freight("road"))
        .charge(shipping(10, usd("6.00")).with_method("air".parse().unwrap()));
    let air_only = alone(json!({"benefits": [{"shipping": {"free": true, "methods": ["air"]}}]}));
    // 10.00 + 8.00 - 3.00 + 6.00 - 6.00.
    assert_eq!(payable(&both.code(air_only).run()), "15.00");
}

/// Proves S115.
#[test]
fn tax_is_on_revenue_less_coupon() {
    let outcome = order([line(1, "100.00")]).taxed("8").code(amount_off("ten", "10.00")).run();
    assert_eq!((outcome.lines()[0].taxable(), outcome.lines()[0].tax()), (usd("90.00"), Some(usd("7.20"))));
}

/// Proves S116: when it can be had and when it can be used are two periods.
#[test]
fn availability_and_expiration_are_two_things() {
    let both = coupon(
        "both",
        json!({"availability": {"from": "2026-01-01", "thru": "2026-01-31"}, "validity": {"thru": "2026-06-30"},
            "benefits": [{"percent": {"off": "10"}}]}),
    );
    // Long after it could be had, it can be used; only the validity is looked at.
    assert!(applied(&order([line(1, "10.00")]).code(both.clone()).at("2026-06-30T23:00:00Z").run()));
    assert!(!applied(&order([line(1, "10.00")]).code(both.clone()).at("2026-07-01T00:00:00Z").run()));
    let Validity::Days(available) = both.availability() else { panic!() };
    assert_eq!(available.thru(), parse_date("2026-01-31").ok());
    let countdown = errors("c", json!({"availability": {"countdown": {"days": 1}}, "benefits": ["none"]}));
    assert!(countdown.starts_with("`availability.countdown`"), "{countdown}");
}

/// Proves S121: a sponsorship covers the value of one booth, however many are bought.
#[test]
fn a_sponsorship_covers_one_booth() {
    let gold = coupon(
        "gold",
        json!({"scope": {"product": {"parent_product": "AM", "product": "B10"}},
            "benefits": [{"percent": {"off": "100", "max_units": 1}}]}),
    );
    let outcome = |quantity| {
        let booths = item(1, "AM", "BOOTH", "B10", "2500.00", quantity);
        order([booths, item(2, "AM", "BOOTH", "B20", "4000.00", 1)]).code(gold.clone()).run()
    };
    assert_eq!((off(&outcome(1)), outcome(1).answers()[0].units()), (vec!["2500.00".into(), "0.00".into()], 1));
    assert_eq!(off(&outcome(3)), ["2500.00", "0.00"]);
    // Half of the value when booths are on sale for half: 100% of what one costs then.
    let half = item(1, "AM", "BOOTH", "B10", "2500.00", 2).with_discount(discount("early", usd("2500.00")));
    assert_eq!(off(&order([half]).code(gold.clone()).run()), ["1250.00"]);
}

/// Proves S122: a promotion that anyone may use, as often as they like.
#[test]
fn a_promotion_is_for_anyone() {
    let promo = percent_off("promo", "15");
    for who in [Customer::anonymous(), customer("1"), customer("2").with_type("VIP".parse().unwrap())] {
        let used = Entry::new(promo.clone()).usage(Usage::default().with_total(1_000).with_customer(10));
        assert_eq!(payable(&order([line(1, "20.00")]).customer(who).code(used).run()), "17.00");
    }
}

/// Proves S123, S124: one free advertisement in the journal, or in any publication of a set.
#[test]
fn an_exhibitor_gets_one_free_advertisement() {
    let free =
        |scope: Value| coupon("ad", json!({"scope": scope, "benefits": [{"percent": {"off": "100", "max_units": 1}}]}));
    let ads = || {
        [
            item(1, "JOURNAL", "AD", "AD-J", "300.00", 2),
            item(2, "NEWS", "AD", "AD-N", "120.00", 1),
            item(3, "BLOG", "AD", "AD-B", "50.00", 1),
        ]
    };
    let in_the_journal = free(json!({"product": {"parent_product": "JOURNAL", "product": "AD-J"}}));
    assert_eq!(off(&order(ads()).code(in_the_journal).run()), ["300.00", "0.00", "0.00"]);
    // Of the set, the cheapest unit by default, or the dearest.
    let set = json!({"any": [{"parent_product": {"parent_product": "JOURNAL"}}, {"parent_product": {"parent_product": "NEWS"}}]});
    assert_eq!(off(&order(ads()).code(free(set.clone())).run()), ["0.00", "120.00", "0.00"]);
    let dearest = coupon(
        "ad",
        json!({"scope": set, "benefits": [{"percent": {"off": "100", "max_units": 1, "pick": "dearest"}}]}),
    );
    assert_eq!(off(&order(ads()).code(dearest).run()), ["300.00", "0.00", "0.00"]);
}

/// Proves S126's value and S111: an open credit on any product, in one order, the rest lost.
#[test]
fn an_open_credit_is_good_for_one_order() {
    let credit = amount_off("credit", "250.00");
    let outcome = order([item(1, "AM", "REG", "REG-1", "120.00", 1), line(2, "80.00")]).code(credit).run();
    assert_eq!(
        (off(&outcome), outcome.answers()[0].forfeited()),
        (vec!["120.00".into(), "80.00".into()], usd("50.00"))
    );
}

/// Proves S128's data, S129.
#[test]
fn each_scope_needs_its_fields_and_forbids_the_others() {
    let scope = |kind: &str, fields: Value| errors("c", json!({"scope": {kind: fields}, "benefits": ["none"]}));
    let missing = |path: &str| format!("`scope.{path}` is missing");
    assert_eq!(scope("open", json!({})), "");
    assert_eq!(
        scope("open", json!({"subsystem": "S"})),
        "`scope.open.subsystem` is `S`: not allowed together with scope open"
    );
    assert_eq!(scope("subsystem", json!({"subsystem": "S"})), "");
    assert_eq!(scope("subsystem", json!({})), missing("subsystem.subsystem"));
    assert_eq!(
        scope("subsystem", json!({"subsystem": "S", "product": "P"})),
        "`scope.subsystem.product` is `P`: not allowed together with scope subsystem"
    );
    assert_eq!(scope("product", json!({"parent_product": "AM", "product": "B10"})), "");
    assert_eq!(scope("product", json!({"product": "B10"})), missing("product.parent_product"));
    assert_eq!(scope("product", json!({"parent_product": "AM"})), missing("product.product"));
    assert!(
        scope("product", json!({"parent_product": "AM", "product": "B10", "subsystem": "S"}))
            .contains("scope.product.subsystem")
    );
    assert_eq!(scope("product_type", json!({"subsystem": "S", "product_type": "T"})), "");
    assert_eq!(scope("product_type", json!({"subsystem": "S", "product_type": "T", "parent_product": "AM"})), "");
    assert_eq!(scope("product_type", json!({"product_type": "T"})), missing("product_type.subsystem"));
    assert_eq!(scope("product_type", json!({"subsystem": "S"})), missing("product_type.product_type"));
    assert!(
        scope("product_type", json!({"subsystem": "S", "product_type": "T", "product": "P"}))
            .contains("scope.product_type.product")
    );
    assert_eq!(scope("parent_product", json!({"parent_product": "AM"})), "");
    assert_eq!(scope("parent_product", json!({"parent_product": "AM", "product_type": "T"})), "");
    assert_eq!(scope("parent_product", json!({"product_type": "T"})), missing("parent_product.parent_product"));
    assert!(
        scope("parent_product", json!({"parent_product": "AM", "subsystem": "S"}))
            .contains("scope.parent_product.subsystem")
    );
}

/// Proves S130.
#[test]
fn a_code_has_at_most_24_letters_and_digits() {
    let code = |text: &str| errors("c", json!({"code": text, "benefits": ["none"]}));
    assert_eq!(code("AB12"), "");
    assert_eq!(code(&"Z9".repeat(12)), "");
    // Hyphens and blanks are for the eye and do not count.
    assert_eq!(code("AAAAA-AAAAA-AAAAA-AAAAA-AAAA"), "");
    assert!(code(&"Z9".repeat(13)).ends_with("longer than 24 characters"));
    assert_eq!(code("AB_12"), "`code` is `AB_12`: character `_` at position 3 is not allowed");
    assert_eq!(code(""), "`code` is ``: empty");
    assert_eq!(code(" - "), "`code` is ` - `: empty");
    // It can be edited: the same definition with another code.
    let mut draft = draft("c", json!({"benefits": ["none"]}));
    draft.set("code", "other-1").unwrap();
    assert_eq!(draft.check().unwrap().code().unwrap().as_str(), "OTHER1");
}

/// Proves S131.
#[test]
fn only_an_active_coupon_redeems() {
    let with = |status: Value| {
        let mut fields = json!({"benefits": [{"percent": {"off": "10"}}]});
        if !status.is_null() {
            fields["status"] = status;
        }
        coupon("c", fields)
    };
    assert_eq!(with(json!(null)).status(), Status::Active);
    assert!(applied(&order([line(1, "10.00")]).code(with(json!("active"))).run()));
    assert_eq!(why(&order([line(1, "10.00")]).code(with(json!("inactive"))).run()), [Refusal::Inactive]);
    assert_eq!(why(&order([line(1, "10.00")]).code(with(json!("expired"))).run()), [Refusal::Expired { ended: None }]);
    assert!(
        errors("c", json!({"status": "paused", "benefits": ["none"]})).starts_with("`status` is `paused`: not one of")
    );
}

/// Proves S132.
#[test]
fn a_description_has_at_most_255_characters_of_any_kind() {
    let described = |text: &str| errors("c", json!({"description": text, "benefits": ["none"]}));
    assert_eq!(described(&"ü€\u{1F600}".repeat(85)), "");
    assert!(described(&"x".repeat(256)).ends_with("longer than 255 characters"));
    assert_eq!(described("<b>10% off</b> \"now\"\n"), "");
}

/// Proves S133, S134, S139's default, S141's counterpart: what is not said.
#[test]
fn defaults_of_a_definition() {
    let bare = coupon("c", json!({"description": null, "code": null, "benefits": [{"percent": {"off": "10"}}]}));
    assert_eq!((bare.kind(), bare.level(), bare.status()), (Kind::General, Level::Line, Status::Active));
    assert_eq!((bare.scope(), bare.validity()), (&Scope::Open, &Validity::Always));
    assert!(bare.combination().with_discounts() && bare.combination().exclusive() == Exclusive::No);
    assert_eq!((bare.limits(), bare.priority(), bare.funding()), (&Limits::default(), 0, &Funding::Seller));
    assert_eq!(bare.revision(), 1);
}

/// Proves S136: an order-level coupon reaches each applicable line, and every change of lines is evaluated anew.
#[test]
fn an_order_coupon_reaches_each_line_and_follows_changes() {
    let ten = || amount_off("ten", "10.00");
    assert_eq!(off(&order([line(1, "30.00"), line(2, "20.00")]).code(ten()).run()), ["6.00", "4.00"]);
    assert_eq!(off(&order([line(1, "30.00")]).code(ten()).run()), ["10.00"]);
    // 10.00 over 30.00, 20.00 and 50.00.
    assert_eq!(
        off(&order([line(1, "30.00"), line(2, "20.00"), line(3, "50.00")]).code(ten()).run()),
        ["3.00", "2.00", "5.00"]
    );
}

/// Proves S150: order and line hold one field each, and a line's own coupon is not overwritten by the order's.
#[test]
fn a_line_keeps_its_own_coupon() {
    let case = || order_under(association(), [line(1, "100.00"), line(2, "50.00")]);
    let own = || Entry::new(percent_off("own", "50")).on_line(1);
    let outcome = case().code(percent_off("all", "10")).code(own()).run();
    assert_eq!(
        (off(&outcome), winners(&outcome)),
        (vec!["50.00".into(), "5.00".into()], vec!["all".into(), "own".into()])
    );
    // An amount of the order is shared by the lines without a coupon of their own.
    let outcome = case().code(amount_off("all", "10.00")).code(own()).run();
    assert_eq!(off(&outcome), ["50.00", "10.00"]);
    // One field each: a second code on the line, and a second one of the order.
    let second = Entry::new(percent_off("zecond", "5")).on_line(1);
    let outcome = case().code(second).code(own()).run();
    assert_eq!(reasons(&outcome), [vec!["too_many_codes"], vec![]]);
    let outcome = case().code(percent_off("b", "10")).code(percent_off("a", "10")).code(own()).run();
    assert_eq!(reasons(&outcome), [vec!["too_many_codes"], vec![], vec![]]);
    // A line's code that is refused leaves the line to the order's.
    let refused =
        Entry::new(coupon("own", json!({"status": "inactive", "benefits": [{"percent": {"off": "50"}}]}))).on_line(1);
    assert_eq!(off(&case().code(percent_off("all", "10")).code(refused).run()), ["10.00", "5.00"]);
    // Where lines have no field of their own, a code on a line counts among those of the order.
    let one_field = Policy::order_form(Currency::USD, Zone::UTC);
    let outcome =
        order_under(one_field, [line(1, "100.00"), line(2, "50.00")]).code(percent_off("all", "10")).code(own()).run();
    assert_eq!((winners(&outcome), reasons(&outcome)[1].as_slice()), (vec!["all".to_owned()], &["too_many_codes"][..]));
}

/// Proves S137, S138.
#[test]
fn valid_from_is_not_after_valid_thru() {
    let days =
        |from: &str, thru: &str| errors("c", json!({"validity": {"from": from, "thru": thru}, "benefits": ["none"]}));
    assert_eq!(days("2026-03-29", "2026-03-29"), "");
    assert_eq!(days("2026-03-30", "2026-03-29"), "`validity.thru` is `2026-03-29`: ends before it begins");
    let one_day = coupon(
        "c",
        json!({"validity": {"from": "2026-03-29", "thru": "2026-03-29"}, "benefits": [{"percent": {"off": "10"}}]}),
    );
    let on = |instant: &str| applied(&order([line(1, "10.00")]).code(one_day.clone()).at(instant).run());
    assert!(!on("2026-03-28T23:59:59Z") && on("2026-03-29T00:00:00Z"));
    assert!(on("2026-03-29T23:59:59Z") && !on("2026-03-30T00:00:00Z"));
}

/// Proves S141.
#[test]
fn an_operators_amount_follows_instructions_and_its_bound() {
    let hand = || {
        coupon(
            "hand",
            json!({"benefits": [{"operator": {"instructions": "up to 20 for delays", "max": {"USD": "20.00"}}}]}),
        )
    };
    let outcome = |amount: Option<&str>| {
        let entry = Entry::new(hand());
        let entry = match amount {
            Some(amount) => entry.operator(usd(amount)),
            None => entry,
        };
        order_under(association(), [line(1, "30.00"), line(2, "10.00")]).code(entry).run()
    };
    assert_eq!(off(&outcome(Some("20.00"))), ["15.00", "5.00"]);
    let none = outcome(None);
    assert_eq!((why(&none), why(&none)[0].mend()), (&[Refusal::ManualAmountRequired][..], Some(Mend::EnterAmount)));
    let high = outcome(Some("20.01"));
    assert_eq!(why(&high), [Refusal::ManualAmountTooHigh { allowed: usd("20.00"), found: usd("20.01") }]);
    assert_eq!(why(&high)[0].mend(), Some(Mend::EnterAtMost(usd("20.00"))));
    let zero = outcome(Some("0.00"));
    assert!(applied(&zero));
    let hand = hand();
    let [Benefit::Operator(operator)] = hand.benefits() else { panic!() };
    assert_eq!(operator.instructions(), "up to 20 for delays");
    // Above what the order has, the rest is lost.
    let open = Entry::new(coupon("open", json!({"benefits": [{"operator": {}}]}))).operator(usd("50.00"));
    let outcome = order_under(association(), [line(1, "30.00")]).code(open).run();
    assert_eq!((off(&outcome), outcome.answers()[0].forfeited()), (vec!["30.00".to_owned()], usd("20.00")));
}

/// Money that the host computed says so, and the figures come with the code.
#[test]
fn a_hosts_amounts_come_with_the_code() {
    let host = || {
        coupon("host", json!({"scope": {"products": ["P1", "P2"]}, "benefits": [{"host": {"max": {"USD": "12.00"}}}]}))
    };
    let run = |entry: Entry| order([line(1, "10.00"), line(2, "10.00"), line(3, "10.00")]).code(entry).run();
    let outcome = run(Entry::new(host()).host(&[(1, usd("3.00")), (2, usd("4.00"))]));
    assert_eq!(off(&outcome), ["3.00", "4.00", "0.00"]);
    assert_eq!(why(&run(Entry::new(host()))), [Refusal::HostAmountsRequired]);
    // Line 3 is not covered, and 8.00 + 8.00 are more than the most: 6.00 each.
    let outcome = run(Entry::new(host()).host(&[(1, usd("8.00")), (2, usd("8.00")), (3, usd("1.00"))]));
    assert_eq!(off(&outcome), ["6.00", "6.00", "0.00"]);
}

/// Proves S142.
#[test]
fn a_percentage_has_three_decimals_and_no_sign() {
    let percent = |text: &str| errors("c", json!({"benefits": [{"percent": {"off": text}}]}));
    for good in ["0", "0.001", "33.333", "100", "100.000"] {
        assert_eq!(percent(good), "", "{good}");
    }
    let at = "`benefits[0].percent.off`";
    assert_eq!(percent("100.001"), format!("{at} is `100.001`: not between 0 and 100"));
    assert_eq!(percent("-1"), format!("{at} is `-1`: negative"));
    assert_eq!(percent("33.3333"), format!("{at} is `33.3333`: more than 3 decimals"));
    // Only with a percentage: an amount has no percent, a percentage no amount of its own.
    assert!(
        errors("c", json!({"benefits": [{"amount": {"off": {"USD": "1.00"}, "percent": "10"}}]}))
            .contains("unknown field")
    );
    assert_eq!(off(&order([line(1, "100.00")]).code(percent_off("c", "33.333")).run()), ["33.33"]);
}

/// Proves S143.
#[test]
fn an_amount_is_below_a_hundred_million_and_has_no_sign() {
    let amount = |currency: &str, text: &str| errors("c", json!({"benefits": [{"amount": {"off": {currency: text}}}]}));
    for (currency, good) in [("USD", "0"), ("USD", "99999999.99"), ("JPY", "99999999"), ("KWD", "99999999.999")] {
        assert_eq!(amount(currency, good), "", "{currency} {good}");
    }
    let at = "`benefits[0].amount.off";
    assert_eq!(amount("USD", "100000000.00"), format!("{at}.USD` is `100000000.00`: not between 0 and 99999999.99"));
    assert_eq!(amount("USD", "-0.01"), format!("{at}.USD` is `-0.01`: negative"));
    assert_eq!(amount("JPY", "1.5"), format!("{at}.JPY` is `1.5`: more than 0 decimals"));
    assert!(
        errors("c", json!({"benefits": [{"percent": {"off": "10", "amount": {"USD": "1"}}}]}))
            .contains("unknown field")
    );
}
