//! Section A: a code that makes its redeemer a pro-form customer.

use serde_json::json;
use vouchsafe::*;

use crate::support::*;

fn pro() -> CustomerTypeId {
    "PROFORM".parse().unwrap()
}

fn retail() -> CustomerTypeId {
    "RETAIL".parse().unwrap()
}

/// A coupon that assigns the pro-form type and is worth no money.
fn pro_form(when: &str) -> Coupon {
    coupon("pro", json!({"benefits": ["none"], "assign": {"to": "PROFORM", "when": when}}))
}

/// A shop whose standard customers are `RETAIL`, with a boot at 60% for pro-form customers and skis for them alone.
fn programme(shop: ShopBuilder) -> ShopBuilder {
    shop.default_type(retail())
        .customer_type(CustomerType::new(pro()))
        .price(pro(), "BOOT".parse().unwrap(), Currency::USD, price("120.00"))
        .visible_only_to("RACE-SKI".parse().unwrap(), [pro()])
}

fn boot(id: u64) -> Line {
    of(id, product("BOOT"), "200.00", 1)
}

fn race_ski(id: u64) -> Line {
    of(id, product("RACE-SKI"), "500.00", 1)
}

/// Proves S1, S12.
#[test]
fn redeeming_changes_the_type_once_and_says_why() {
    let outcome = order([boot(1)]).shop(programme).customer(customer("7")).code(pro_form("on_commit")).run();
    let change = outcome.type_change().unwrap();
    assert_eq!((change.from.as_ref(), change.to.as_ref()), (Some(&retail()), Some(&pro())));
    let code = Code::parse("PRO", CodeFormat::Standard).unwrap();
    assert_eq!(change.cause, TypeCause::Coupon { coupon: "pro".parse().unwrap(), code });
    assert_eq!(outcome.type_changes().len(), 1);
    assert_eq!((change.when, change.at), (AssignWhen::OnCommit, at(NOON)));
    // The record names the customer, so the change can be audited and turned back.
    let record = outcome.redemption().unwrap();
    assert_eq!(record.type_change(), Some(change));
    assert_eq!(record.customer(), [IdentityKey::id("7").unwrap()]);
}

/// Proves S12: without a cause there is no change, whoever asks.
#[test]
fn no_code_and_no_refused_code_changes_a_type() {
    let none = order([boot(1)]).shop(programme).run();
    assert_eq!(none.type_change(), None);
    let inactive = coupon(
        "pro",
        json!({"status": "inactive", "benefits": ["none"], "assign": {"to": "PROFORM", "when": "before_pricing"}}),
    );
    let refused = order([boot(1)]).shop(programme).code(inactive).run();
    assert_eq!((refused.type_change(), refused.customer_type()), (None, Some(&retail())));
    assert_eq!(payable(&refused), "200.00");
    assert_eq!(refused.redemption().unwrap().type_change(), None);
}

/// Proves S2.
#[test]
fn a_discount_and_an_assignment_go_together_or_alone() {
    let both = coupon("pro", json!({"benefits": [{"percent": {"off": "10"}}], "assign": {"to": "PROFORM"}}));
    let outcome = order([boot(1)]).shop(programme).code(both).run();
    assert_eq!((off(&outcome)[0].as_str(), outcome.type_change().is_some()), ("20.00", true));

    let assign_only = order([boot(1)]).shop(programme).code(pro_form("on_commit")).run();
    assert!(assign_only.answers()[0].is_applied());
    assert_eq!((total_off(&assign_only), assign_only.type_change().is_some()), ("0.00".into(), true));
    assert_eq!(assign_only.adjustments().count(), 0);

    let discount_only = order([boot(1)]).shop(programme).code(percent_off("ten", "10")).run();
    assert_eq!((off(&discount_only)[0].as_str(), discount_only.type_change()), ("20.00", None));
}

/// Proves S3.
#[test]
fn a_bearer_code_is_bound_to_whoever_redeems_it() {
    let batch = coupon("patrol", json!({"code": null, "benefits": ["none"], "assign": {"to": "PROFORM"}}));
    let issued = issued_code("K7WQ93MX", "2026-01-01T00:00:00Z");
    assert_eq!(issued.holder(), None);
    for name in ["1", "2"] {
        let entry = Entry::issued(issued.clone(), batch.clone());
        let outcome = order([boot(1)]).shop(programme).customer(customer(name)).code(entry).run();
        assert!(applied(&outcome));
        assert_eq!(outcome.redemption().unwrap().customer(), [IdentityKey::id(name).unwrap()]);
    }
}

/// Proves S10: an issued code may be bound to one address, which closes the door on passing it on unused.
#[test]
fn a_code_bound_to_an_address_is_for_that_address_alone() {
    let batch = coupon("patrol", json!({"code": null, "benefits": [{"percent": {"off": "10"}}]}));
    let bound =
        issued_code("K7WQ93MX", "2026-01-01T00:00:00Z").with_holder(IdentityKey::email("ann@example.com").unwrap());
    let outcome = |email: &str| {
        let shopper = Customer::new([IdentityKey::email(email).unwrap()]);
        order([boot(1)]).customer(shopper).code(Entry::issued(bound.clone(), batch.clone())).run()
    };
    assert!(applied(&outcome(" Ann@Example.com")));
    assert_eq!(why(&outcome("bob@example.com")), [Refusal::WrongCustomer]);
}

/// Proves S6.
#[test]
fn before_pricing_the_same_evaluation_reprices_and_admits() {
    let outcome = order([boot(1), race_ski(2)]).shop(programme).code(pro_form("before_pricing")).run();
    assert_eq!(outcome.customer_type(), Some(&pro()));
    assert_eq!(outcome.lines()[0].price_source(), PriceSource::CustomerType);
    // 120.00 for the boot, 500.00 for the skis.
    assert_eq!((payable(&outcome), outcome.placeable()), ("620.00".into(), true));
    assert_eq!(outcome.type_change().unwrap().when, AssignWhen::BeforePricing);

    let later = order([boot(1), race_ski(2)]).shop(programme).code(pro_form("on_commit")).run();
    assert_eq!(later.customer_type(), Some(&retail()));
    assert_eq!(later.lines()[1].refusal(), Some(LineRefusal::NotVisible));
    assert_eq!((payable(&later), later.placeable()), ("200.00".into(), false));
}

/// Proves S8.
#[test]
fn a_code_can_be_entered_on_an_empty_cart() {
    for when in ["before_pricing", "on_commit", "next_order"] {
        let claim = Reference::Claim("claim-1".parse().unwrap());
        let outcome =
            order([]).shop(programme).customer(customer("7")).reference(claim.clone()).code(pro_form(when)).run();
        assert!(applied(&outcome), "{when}");
        assert_eq!(outcome.type_change().unwrap().to, Some(pro()));
        assert_eq!((payable(&outcome), outcome.placeable()), ("0.00".into(), true));
        assert_eq!(outcome.redemption().unwrap().reference(), &claim);
    }
    // A coupon of money has nothing to act on there, and is not used up.
    let money = order([]).code(amount_off("ten", "10.00")).run();
    assert_eq!(why(&money), [Refusal::NotApplicable]);
}

/// Proves S9.
#[test]
fn a_stranger_cannot_tell_codes_that_exist_from_codes_that_do_not() {
    let twelve = Refusal::LimitReached { limit: LimitKind::Total, allowed: 12, taken: 12 };
    let hidden = [
        Refusal::UnknownCode,
        Refusal::WrongCustomer,
        Refusal::CustomerType { found: Some(retail()) },
        Refusal::MembersOnly,
        twelve.clone(),
    ];
    for reason in &hidden {
        assert_eq!(reason.public(PublicReasons::Collapsed), PublicReason::NotValid, "{reason}");
    }
    // Inside, and where policy tells plainly, they stay apart.
    let words: Vec<_> = hidden.iter().map(Refusal::code).collect();
    assert_eq!(words, ["unknown_code", "wrong_customer", "customer_type", "members_only", "limit_reached"]);
    assert_eq!(twelve.public(PublicReasons::Distinct), PublicReason::UsedUp);
    assert_eq!(Refusal::WrongCustomer.public(PublicReasons::Distinct), PublicReason::NotForYou);
    assert_eq!(Policy::storefront(Currency::USD, Zone::UTC).public_reasons(), PublicReasons::Collapsed);
    // In what a browser sees, a code that is somebody else's and one that does not exist are the same to the byte.
    let holder = IdentityKey::id("1").unwrap();
    let theirs = issued_code("SAME", "2026-01-01T00:00:00Z").with_holder(holder);
    let batch = coupon("batch", json!({"code": null, "benefits": [{"percent": {"off": "10"}}]}));
    let seen = |entry: Entry| {
        let storefront = Policy::storefront(Currency::USD, Zone::UTC);
        let outcome = order_under(storefront, [boot(1)]).customer(customer("2")).code(entry).run();
        serde_json::to_string(&outcome.public()).unwrap()
    };
    assert_eq!(seen(Entry::issued(theirs, batch)), seen(Entry::unknown("SAME")));
    // A reason that only helps is told in both cases.
    let short = Refusal::MinimumSpend { required: usd("50.00"), found: usd("45.90") };
    assert_eq!(short.public(PublicReasons::Collapsed), PublicReason::OrderTooSmall);
}

/// Proves S11.
#[test]
fn without_the_code_nothing_shows_that_there_is_a_programme() {
    let with = order([boot(1), line(2, "9.99")]).shop(programme).traced().run();
    let without = order([boot(1), line(2, "9.99")]).shop(|shop| shop.default_type(retail())).traced().run();
    assert_eq!(with, without);
    assert_eq!(format!("{with:?}"), format!("{without:?}"));
    let bytes = |outcome: &Outcome| serde_json::to_string(&outcome.public()).unwrap();
    assert_eq!(bytes(&with), bytes(&without));
    assert!(!format!("{with:?}").contains("PROFORM"));
}

/// Proves S13: a payment option is an opaque id, compared and never read; the record of a redemption has none.
#[test]
fn payment_options_are_opaque_ids() {
    let invoice_only = coupon(
        "inv",
        json!({"conditions": [{"payment_options": {"only": ["opt-7"]}}], "benefits": [{"percent": {"off": "10"}}]}),
    );
    let outcome = |option: &str| {
        let option: PaymentOptionId = option.parse().unwrap();
        order([boot(1)]).order(|o| o.payment_option(option)).code(invoice_only.clone()).run()
    };
    let paid = outcome("opt-7");
    assert!(applied(&paid));
    assert!(!format!("{:?}", paid.redemption().unwrap()).contains("opt-7"));
    let other = outcome("opt-8");
    assert_eq!(why(&other), [Refusal::PaymentOption]);
    assert_eq!(why(&other)[0].mend(), Some(Mend::ChangePayment));
}

/// Step 2: of two that would assign before pricing, rank decides and the loser is refused.
#[test]
fn of_two_assignments_one_wins_whatever_was_typed_first() {
    let club = |priority: i32| {
        coupon(
            "club",
            json!({"priority": priority, "benefits": ["none"], "assign": {"to": "CLUB", "when": "before_pricing"}}),
        )
    };
    let shop = |shop: ShopBuilder| programme(shop).customer_type("CLUB".parse().unwrap());
    for (priority, winner) in [(0, "club"), (1, "club"), (-1, "pro")] {
        for flipped in [false, true] {
            let mut codes = vec![club(priority), pro_form("before_pricing")];
            if flipped {
                codes.reverse();
            }
            let outcome = order([boot(1)]).shop(shop).codes(codes).run();
            assert_eq!(winners(&outcome), [winner], "{priority} {flipped}");
            let loser = outcome.answers().iter().find(|a| !a.is_applied()).unwrap();
            assert_eq!(loser.reasons(), [Refusal::TypeConflict]);
        }
    }
}

/// Step 2: it sees the old type, every other coupon sees the new one.
#[test]
fn the_assigning_coupon_sees_the_old_type_and_the_others_the_new_one() {
    let only = |id: &str, audience: &str, assign: bool| {
        let assign = if assign { json!({"to": "PROFORM", "when": "before_pricing"}) } else { json!(null) };
        coupon(
            id,
            json!({"conditions": [{"customer_types": {"only": [audience]}}], "benefits": [{"percent": {"off": "10"}}],
                "assign": assign}),
        )
    };
    let case = |codes: [Coupon; 2]| order([boot(1)]).shop(programme).codes(codes).run();
    // 120.00 - 12.00 = 108.00, - 10.80 = 97.20.
    let both = case([only("join", "RETAIL", true), only("perk", "PROFORM", false)]);
    assert_eq!((winners(&both).len(), payable(&both).as_str()), (2, "97.20"));
    let perk_of_old = case([only("join", "RETAIL", true), only("perk", "RETAIL", false)]);
    assert_eq!(reasons(&perk_of_old), [vec![], vec!["customer_type"]]);
    let join_of_new = case([only("join", "PROFORM", true), only("perk", "PROFORM", false)]);
    assert_eq!(reasons(&join_of_new), [vec!["customer_type"], vec!["customer_type"]]);
    assert_eq!(payable(&join_of_new), "200.00");
}

/// Step 2: such a coupon may carry no condition that reads a price or a line.
#[test]
fn an_assignment_before_pricing_carries_no_condition_on_lines() {
    let with = |condition: serde_json::Value, when: &str| {
        errors(
            "pro",
            json!({"conditions": [condition], "benefits": ["none"], "assign": {"to": "PROFORM", "when": when}}),
        )
    };
    let spend = json!({"minimum_spend": {"amounts": {"USD": "50.00"}}});
    let pieces = json!({"minimum_quantity": {"pieces": 2}});
    for condition in [spend.clone(), pieces.clone(), json!({"any": ["first_order", spend]}), json!({"not": pieces})] {
        assert!(with(condition.clone(), "before_pricing").contains("conditions[0]"), "{condition}");
        assert_eq!(with(condition.clone(), "on_commit"), "", "{condition}");
    }
    assert_eq!(with(json!("first_order"), "before_pricing"), "");
}

/// Step 2: the money benefit of an assigning coupon, if any, is judged in step 6. What was accepted
/// before pricing stays, whatever becomes of the money.
#[test]
fn money_beside_an_assignment_is_judged_after_pricing() {
    let with = |fields: serde_json::Value| {
        let mut all = json!({"assign": {"to": "PROFORM", "when": "before_pricing"}});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        coupon("pro", all)
    };
    // It is worth a tenth of the new price.
    let tenth = order([boot(1)]).shop(programme).code(with(json!({"benefits": [{"percent": {"off": "10"}}]}))).run();
    assert_eq!((off(&tenth)[0].as_str(), payable(&tenth).as_str()), ("12.00", "108.00"));
    // Nothing in the order is covered: the type changes all the same.
    let scoped = with(json!({"scope": {"products": ["OTHER"]}, "benefits": [{"percent": {"off": "10"}}]}));
    let outcome = order([boot(1)]).shop(programme).code(scoped).run();
    assert!(applied(&outcome));
    assert_eq!((payable(&outcome).as_str(), outcome.type_change().is_some()), ("120.00", true));
}

/// Step 2: prices already follow from an accepted change of type, so it stands where its money is
/// refused in step 6, and the reasons say why.
#[test]
fn money_that_is_refused_leaves_the_assignment_standing() {
    let with = |fields: serde_json::Value| {
        let mut all = json!({"assign": {"to": "PROFORM", "when": "before_pricing"}});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        coupon("pro", all)
    };
    let judge = |fields: serde_json::Value, line: Line| {
        let outcome = order_under(policy(|p| p.manual(true)), [line]).shop(programme).code(with(fields)).run();
        assert!(applied(&outcome));
        assert_eq!(outcome.type_change().unwrap().to, Some(pro()));
        assert_eq!(total_off(&outcome), "0.00");
        (payable(&outcome), reasons(&outcome)[0].clone())
    };
    let euros = json!({"benefits": [{"amount": {"off": {"EUR": "10.00"}}}]});
    assert_eq!(judge(euros, boot(1)), ("120.00".into(), vec!["no_amount_in_currency"]));
    let by_hand = json!({"benefits": [{"operator": {}}]});
    assert_eq!(judge(by_hand, boot(1)), ("120.00".into(), vec!["manual_amount_required"]));
    let alone = json!({"combination": {"with_discounts": false}, "benefits": [{"percent": {"off": "10"}}]});
    let sold = boot(1).with_discount(discount("sale", usd("20.00")));
    // 120.00 - 20.00, and nothing for the coupon.
    assert_eq!(judge(alone, sold), ("100.00".into(), vec!["not_with_discounts"]));
    let limits = json!({"money": {"USD": "5.00"}, "when_short": "refuse"});
    let budget = json!({"limits": limits, "benefits": [{"percent": {"off": "10"}}]});
    assert_eq!(judge(budget, boot(1)), ("120.00".into(), vec!["budget_exhausted"]));
}

/// Proves S7: an offer to a group is a batch. One definition, 500 codes, each good for one redemption by anyone, and none
/// of them twice in the store.
#[test]
fn a_batch_gives_every_patroller_a_code_of_their_own() {
    let definition = coupon(
        "patrol",
        json!({"code": null, "benefits": ["none"], "limits": {"per_code": 1},
               "assign": {"to": "PROFORM", "when": "before_pricing"}}),
    );
    let text = |i: usize| format!("PATROL{i:03}");
    let issued = || (0..500).map(|i| issued_code(&text(i), "2026-01-01T00:00:00Z"));
    let mut store = MemoryStore::new();
    store.define(definition.clone()).unwrap();
    store.issue(definition.id(), issued()).unwrap();
    // Every one of them is taken now, whatever else would be new.
    let again = store.issue(definition.id(), [issued_code("FRESH", NOON), issued_code("patrol-007", NOON)]);
    assert!(matches!(again, Err(AdminError::CodeTaken { code }) if code.as_str() == "PATROL007"));

    let shop = programme(Shop::builder(policy(|p| p))).build().unwrap();
    let nothing = Order::builder(Currency::USD).build().unwrap();
    let mut claim = |claim: String, who: &Customer, typed: &str| {
        let reference = Reference::Claim(claim.parse().unwrap());
        let load =
            LoadRequest::new(reference.clone(), Currency::USD, at(NOON)).code(typed).customer(who.keys().to_vec());
        let loaded = block_on(store.load(&load)).unwrap();
        let prepared = loaded.prepare(&shop).unwrap();
        let codes = loaded.presented(&prepared);
        let request = Request::new(&nothing, who, reference, at(NOON)).with_codes(&codes);
        let outcome = shop.evaluate(&request).unwrap();
        let answer = block_on(store.commit(&outcome.redemption().unwrap(), at(NOON))).unwrap();
        (reasons(&outcome).concat(), answer)
    };
    for i in 0..500 {
        let (reasons, answer) = claim(format!("c-{i}"), &customer(&format!("p{i}")), &text(i));
        assert_eq!((reasons, answer), (vec![], Commit::Recorded), "{i}");
    }
    // Every code is used up, for whoever comes second.
    let (reasons, _) = claim("late".to_owned(), &customer("late"), &text(499));
    assert_eq!(reasons, ["wrong_customer", "limit_reached"]);
}
