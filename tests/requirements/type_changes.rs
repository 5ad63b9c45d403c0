//! How customers come by their types and lose them: coupons, purchases, sign-ups, administrators, and the end of a time.

use proptest::prelude::*;
use serde_json::json;
use vouchsafe::*;

use crate::support::*;

fn kind(name: &str) -> CustomerTypeId {
    name.parse().unwrap()
}

fn assign(json: serde_json::Value) -> TypeAssignment {
    serde_json::from_value(json).unwrap()
}

fn assigning(id: &str, to: serde_json::Value) -> Coupon {
    coupon(id, json!({"benefits": ["none"], "assign": to}))
}

fn administrator(to: serde_json::Value) -> TypeEvent {
    TypeEvent::Administrator { actor: "eve".parse().unwrap(), assignment: assign(to) }
}

fn leave(membership: &str) -> TypeEvent {
    TypeEvent::Leave { actor: "eve".parse().unwrap(), membership: kind(membership) }
}

fn sign_up(form: &str) -> TypeEvent {
    TypeEvent::SignUp(form.parse().unwrap())
}

fn claim(id: &str) -> Reference {
    Reference::Claim(id.parse().unwrap())
}

/// Types that rank RETAIL 0, CLUB 5, PROFORM 10, GOLD 20; `GUILD` ranks 0 as well.
fn types(shop: ShopBuilder) -> ShopBuilder {
    let ranked = |name: &str, rank| CustomerType::new(kind(name)).with_rank(rank);
    shop.default_type(kind("RETAIL"))
        .customer_type(ranked("CLUB", 5))
        .customer_type(ranked("PROFORM", 10))
        .customer_type(ranked("GOLD", 20))
        .customer_type(ranked("GUILD", 0))
}

/// Buying a year of the club makes a member for 365 days.
fn club(shop: ShopBuilder) -> ShopBuilder {
    let year = assign(json!({"to": "CLUB", "kind": "membership", "until": {"days": 365}}));
    types(shop).purchase_assigns(Goods::product("CLUB-YEAR".parse().unwrap()), year)
}

fn year(id: u64) -> Line {
    of(id, product("CLUB-YEAR"), "49.00", 1)
}

/// Each change as text: `RETAIL > PROFORM`, or `+CLUB until ...` for a membership that is given.
fn changes(outcome: &Outcome) -> Vec<String> {
    let name = |t: &Option<CustomerTypeId>| t.as_ref().map_or("-".to_owned(), ToString::to_string);
    let text = |c: &TypeChange| {
        let what = match (c.kind, &c.to) {
            (TypeKind::Primary, to) => format!("{} > {}", name(&c.from), name(to)),
            (TypeKind::Membership, Some(to)) => format!("+{to}"),
            (TypeKind::Membership, None) => format!("-{}", name(&c.from)),
        };
        let until = c.until.map_or(String::new(), |until| format!(" until {}", until.format("%Y-%m-%dT%H:%MZ")));
        let hangs = c.while_member_of.as_ref().map_or(String::new(), |m| format!(" while {m}"));
        format!("{what}{until}{hangs}")
    };
    outcome.type_changes().iter().map(text).collect()
}

/// What was to be assigned and was not, as traced.
fn unchanged(outcome: &Outcome) -> Vec<(String, TypeUnchanged)> {
    let step = |entry: &TraceEntry| match &entry.step {
        TraceStep::TypeNotChanged { to, why, .. } => Some((to.to_string(), *why)),
        _ => None,
    };
    outcome.trace().unwrap().entries().iter().filter_map(step).collect()
}

fn member(of: &str, until: Option<&str>) -> Customer {
    let window = Window::instants(Some(at("2025-07-01T00:00:00Z")), until.map(at)).unwrap();
    customer("7").with_membership(Membership::new(kind(of)).with_window(window))
}

/// What the customer holds once all of it is recorded.
fn after(customer: &Customer, outcome: &Outcome) -> HeldTypes {
    let mut held = customer.held().clone();
    outcome.type_changes().iter().for_each(|change| held.apply(change));
    held
}

/// Proves S1, S3, S6, S8: a code on an empty cart is a claim; once it is recorded the gated shop is open, without a code.
#[test]
fn a_claim_on_an_empty_cart_opens_the_shop_at_once() {
    let pro = |shop: ShopBuilder| {
        types(shop)
            .price(kind("PROFORM"), "BOOT".parse().unwrap(), Currency::USD, price("120.00"))
            .visible_only_to("RACE-SKI".parse().unwrap(), [kind("PROFORM")])
    };
    let store = MemoryStore::new();
    let ann = customer("7");
    let know = |who: &Customer, reference: Reference| {
        let load = LoadRequest::new(reference, Currency::USD, at(NOON)).customer(who.keys().iter().cloned());
        block_on(store.clone().load(&load)).unwrap().customer(who.clone())
    };
    let basket = || [of(1, product("BOOT"), "200.00", 1), of(2, product("RACE-SKI"), "500.00", 1)];
    let closed = order(basket()).shop(pro).customer(know(&ann, claim("c-1"))).run();
    assert_eq!((payable(&closed).as_str(), closed.placeable()), ("200.00", false));

    let code = assigning("pro", json!({"to": "PROFORM", "when": "before_pricing"}));
    store.define(code.clone()).unwrap();
    let claimed = order([]).shop(pro).customer(ann.clone()).reference(claim("c-1")).code(code).run();
    assert_eq!((changes(&claimed), payable(&claimed)), (vec!["RETAIL > PROFORM".to_owned()], "0.00".to_owned()));
    // A look at it changes nothing.
    assert_eq!(store.held_types(ann.keys()), HeldTypes::default());
    let redemption = claimed.redemption().unwrap();
    assert_eq!(block_on(store.clone().commit(&redemption, at(NOON))).unwrap(), Commit::Recorded);

    let open = order(basket()).shop(pro).customer(know(&ann, Reference::Order("o-1".parse().unwrap()))).run();
    assert_eq!((payable(&open).as_str(), open.placeable(), open.type_changes().len()), ("620.00", true, 0));
    // It is Ann's, and nobody else's.
    let bob = know(&customer("8"), Reference::Order("o-2".parse().unwrap()));
    assert_eq!(payable(&order(basket()).shop(pro).customer(bob).run()), "200.00");
}

/// Proves S49: the order that contains the product carries the change, with its cause; the price is still the old one.
#[test]
fn buying_a_membership_assigns_it() {
    let outcome = order([line(1, "10.00"), year(2)]).shop(club).customer(customer("7")).run();
    let [change] = outcome.type_changes() else { panic!("{outcome:?}") };
    // Bought on 29 March 2026: the 365th day after is 29 March 2027, and it counts whole.
    assert_eq!(changes(&outcome), ["+CLUB until 2027-03-30T00:00Z"]);
    assert_eq!(change.cause, TypeCause::Purchase { product: "CLUB-YEAR".parse().unwrap(), line: LineId(2) });
    assert_eq!((change.when, change.at, change.since), (AssignWhen::OnCommit, at(NOON), Some(at(NOON))));
    assert_eq!((outcome.customer_type(), outcome.type_change()), (Some(&kind("RETAIL")), None));
    assert_eq!(outcome.redemption().unwrap().type_changes(), outcome.type_changes());
    // Two of it, or two lines of it, are one membership.
    let twice = order([year(1), of(2, product("CLUB-YEAR"), "49.00", 2)]).shop(club).run();
    assert_eq!(changes(&twice), ["+CLUB until 2027-03-30T00:00Z"]);
    assert_eq!(changes(&order([line(1, "10.00")]).shop(club).run()), [""; 0]);
}

/// Proves S49: what cannot be bought assigns nothing.
#[test]
fn a_refused_line_assigns_nothing() {
    let hidden = |shop: ShopBuilder| club(shop).visible_only_to("CLUB-YEAR".parse().unwrap(), [kind("GOLD")]);
    let outcome = order([year(1)]).shop(hidden).run();
    assert_eq!((changes(&outcome), outcome.placeable()), (vec![], false));
    let gold = customer("7").with_type(kind("GOLD"));
    assert_eq!(order([year(1)]).shop(hidden).customer(gold).run().type_changes().len(), 1);
}

/// Proves S49: a renewal is added to what still runs, and never cuts it short.
#[test]
fn a_renewal_extends_what_runs() {
    let buy = |who: &Customer| order([year(1)]).shop(club).customer(who.clone()).run();
    // Runs through 30 June 2026; 365 days more end with 30 June 2027.
    let ann = member("CLUB", Some("2026-07-01T00:00:00Z"));
    let renewed = buy(&ann);
    assert_eq!(changes(&renewed), ["+CLUB until 2027-07-01T00:00Z"]);
    let change = &renewed.type_changes()[0];
    assert_eq!((change.since, &change.from), (Some(at("2025-07-01T00:00:00Z")), &Some(kind("CLUB"))));
    // Turned back, it runs as before.
    let mut held = after(&ann, &renewed);
    held.apply(&change.inverse(at(NOON)));
    assert_eq!(&held, ann.held());
    // One that is over begins anew, on the day of the purchase.
    assert_eq!(changes(&buy(&member("CLUB", Some("2026-03-29T12:00:00Z")))), ["+CLUB until 2027-03-30T00:00Z"]);
    // One without end stays without end.
    assert_eq!(changes(&buy(&member("CLUB", None))), [""; 0]);
}

/// Proves S49, S92, V15: days are local days of the merchant, and the last one counts whole.
#[test]
fn a_time_in_days_ends_at_local_midnight() {
    let until = |zone: &str, instant: &str, until: serde_json::Value| {
        let policy = policy(|p| p.zone(Zone::named(zone).unwrap()));
        let code = assigning("pro", json!({"to": "PROFORM", "until": until}));
        let outcome = order_under(policy, [line(1, "10.00")]).shop(types).at(instant).code(code).run();
        changes(&outcome).first().cloned().unwrap_or_default()
    };
    let one = json!({"days": 1});
    assert_eq!(until("UTC", "2026-03-28T23:30:00Z", one.clone()), "RETAIL > PROFORM until 2026-03-30T00:00Z");
    // In Berlin it is the 29th already, so the next day is the 30th, which ends at 22:00Z.
    assert_eq!(until("Europe/Berlin", "2026-03-28T23:30:00Z", one.clone()), "RETAIL > PROFORM until 2026-03-30T22:00Z");
    // The 29th there has 23 hours.
    assert_eq!(until("Europe/Berlin", "2026-03-28T12:00:00Z", one), "RETAIL > PROFORM until 2026-03-29T22:00Z");
    let day = json!({"day": "2026-03-29"});
    assert_eq!(until("Europe/Berlin", "2026-03-28T12:00:00Z", day.clone()), "RETAIL > PROFORM until 2026-03-29T22:00Z");
    assert_eq!(until("Europe/Berlin", "2026-03-29T22:00:00Z", day), "");
}

/// Proves S50, S8: signing up assigns as well, without an order; before pricing even in the same breath.
#[test]
fn signing_up_assigns() {
    let shop =
        |when: &'static str| {
            move |shop: ShopBuilder| {
                types(shop)
                    .sign_up_assigns("club".parse().unwrap(), assign(json!({"to": "PROFORM", "when": when})))
                    .price(kind("PROFORM"), "BOOT".parse().unwrap(), Currency::USD, price("120.00"))
            }
        };
    let case = |when| order([]).shop(shop(when)).customer(customer("7")).reference(claim("c-1")).event(sign_up("club"));
    let outcome = case("on_commit").run();
    assert_eq!(outcome.type_change().unwrap().cause, TypeCause::SignUp { form: "club".parse().unwrap() });
    assert_eq!((outcome.placeable(), changes(&outcome)), (true, vec!["RETAIL > PROFORM".to_owned()]));
    let boots = |when| {
        let outcome = order([of(1, product("BOOT"), "200.00", 1)]).shop(shop(when)).event(sign_up("club")).run();
        (payable(&outcome), changes(&outcome))
    };
    assert_eq!(boots("before_pricing"), ("120.00".into(), vec!["RETAIL > PROFORM".into()]));
    assert_eq!(boots("next_order"), ("200.00".into(), vec!["RETAIL > PROFORM".into()]));
    // A form that the shop assigns nothing for.
    assert_eq!(changes(&order([]).shop(shop("on_commit")).event(sign_up("newsletter")).run()), [""; 0]);
}

/// Proves S12: one change of the primary type at most; an administrator goes first, then a code before pricing, codes by
/// rank, purchases and sign-ups. A code that loses is refused, the others are traced.
#[test]
fn the_strongest_cause_decides() {
    let shop = |shop: ShopBuilder| {
        types(shop)
            .purchase_assigns(Goods::product("P1".parse().unwrap()), assign(json!({"to": "CLUB"})))
            .purchase_assigns(Goods::product("P2".parse().unwrap()), assign(json!({"to": "GOLD"})))
            .sign_up_assigns("guild".parse().unwrap(), assign(json!({"to": "GUILD"})))
    };
    let now = || assigning("now", json!({"to": "CLUB", "when": "before_pricing"}));
    let later = || assigning("later", json!({"to": "PROFORM"}));
    let all = || order([line(1, "10.00"), line(2, "10.00")]).shop(shop).traced().event(sign_up("guild"));
    let conflict = |to: &str| (to.to_owned(), TypeUnchanged::Conflict);

    // Of what is bought the higher rank goes first.
    let bought = all().run();
    assert_eq!(changes(&bought), ["RETAIL > GOLD"]);
    assert_eq!(unchanged(&bought), [conflict("CLUB"), conflict("GUILD")]);

    let coded = all().code(later()).run();
    assert_eq!((changes(&coded), winners(&coded)), (vec!["RETAIL > PROFORM".to_owned()], vec!["later".to_owned()]));
    assert_eq!(unchanged(&coded), [conflict("GOLD"), conflict("CLUB"), conflict("GUILD")]);

    let seated = all().code(later()).code(now()).run();
    assert_eq!((changes(&seated), winners(&seated)), (vec!["RETAIL > CLUB".to_owned()], vec!["now".to_owned()]));
    assert_eq!(reasons(&seated), [vec!["type_conflict"], vec![]]);

    let decided = all().code(later()).code(now()).event(administrator(json!({"to": "GUILD"}))).run();
    assert_eq!((changes(&decided), winners(&decided)), (vec!["RETAIL > GUILD".to_owned()], vec![]));
    assert_eq!(reasons(&decided), [vec!["type_conflict"], vec!["type_conflict"]]);
    let cause = TypeCause::Administrator { actor: "eve".parse().unwrap() };
    assert_eq!(decided.type_change().unwrap().cause, cause);

    // Alone, the sign-up does it.
    assert_eq!(changes(&order([line(3, "10.00")]).shop(shop).event(sign_up("guild")).run()), ["RETAIL > GUILD"]);
}

/// A customer who holds the highest of the types that are bought keeps it: the others do not take its place.
#[test]
fn buying_the_type_one_has_keeps_it() {
    let shop = |shop: ShopBuilder| {
        types(shop)
            .purchase_assigns(Goods::product("P1".parse().unwrap()), assign(json!({"to": "CLUB"})))
            .purchase_assigns(Goods::product("P2".parse().unwrap()), assign(json!({"to": "GOLD"})))
    };
    let gold = || customer("7").with_type(kind("GOLD"));
    let both = order([line(1, "10.00"), line(2, "10.00")]).shop(shop).customer(gold()).traced().run();
    assert_eq!(changes(&both), [""; 0]);
    let expected = [("GOLD", TypeUnchanged::AlreadyHeld), ("CLUB", TypeUnchanged::Conflict)];
    assert_eq!(unchanged(&both), expected.map(|(to, why)| (to.to_owned(), why)));
    assert_eq!(changes(&order([line(1, "10.00")]).shop(shop).customer(gold()).run()), ["GOLD > CLUB"]);
}

/// What works upwards only never lowers anybody, and a code that changes nothing is worth nothing.
#[test]
fn only_upwards_never_lowers() {
    let code = || assigning("up", json!({"to": "PROFORM", "only_upwards": true, "until": {"days": 30}}));
    let run = |who: Customer| order([line(1, "10.00")]).shop(types).customer(who).code(code()).traced().run();
    assert_eq!(changes(&run(customer("7"))), ["RETAIL > PROFORM until 2026-04-29T00:00Z"]);
    assert_eq!(changes(&run(customer("7").with_type(kind("CLUB")))), ["CLUB > PROFORM until 2026-04-29T00:00Z"]);
    let gold = run(customer("7").with_type(kind("GOLD")));
    assert_eq!((changes(&gold), why(&gold)), (vec![], &[Refusal::NoBenefit][..]));
    assert_eq!(unchanged(&gold), [("PROFORM".to_owned(), TypeUnchanged::NotUpwards)]);
    // A longer time of the same type is no step down: through 30 April, and 30 days more.
    let pro = customer("7").with_type(kind("PROFORM")).with_type_term(TypeTerm::until(at("2026-05-01T00:00:00Z")));
    assert_eq!(changes(&run(pro)), ["PROFORM > PROFORM until 2026-05-31T00:00Z"]);
}

/// One primary type, and memberships beside it; the same one twice is one, the longer.
#[test]
fn memberships_stand_beside_each_other() {
    let code = |id: &str, to: serde_json::Value| assigning(id, to);
    let outcome = order([year(1)])
        .shop(club)
        .code(code("short", json!({"to": "CLUB", "kind": "membership", "until": {"days": 10}})))
        .code(code("guild", json!({"to": "GUILD", "kind": "membership"})))
        .code(code("pro", json!({"to": "PROFORM"})))
        .run();
    assert_eq!(winners(&outcome), ["guild", "pro", "short"]);
    let mut found = changes(&outcome);
    found.sort();
    assert_eq!(found, ["+CLUB until 2027-03-30T00:00Z", "+GUILD", "RETAIL > PROFORM"]);
    let held = after(&Customer::anonymous(), &outcome);
    let types: Vec<&str> = held.types_at(at(NOON)).map(CustomerTypeId::as_str).collect();
    assert!(types[0] == "PROFORM" && types.contains(&"CLUB") && types.contains(&"GUILD"), "{types:?}");
}

/// Proves S6 with memberships: several codes before pricing apply together, as far as there is room for codes.
#[test]
fn memberships_before_pricing_reprice_together() {
    let shop = |shop: ShopBuilder| {
        types(shop)
            .price(kind("CLUB"), "WINE".parse().unwrap(), Currency::USD, price("8.00"))
            .visible_only_to("MAGNUM".parse().unwrap(), [kind("GUILD")])
    };
    let lines = || [of(1, product("WINE"), "10.00", 1), of(2, product("MAGNUM"), "90.00", 1)];
    let now = |to: &str, fields: serde_json::Value| {
        let assign = json!({"to": to, "kind": "membership", "when": "before_pricing"});
        let mut all = json!({"benefits": ["none"], "assign": assign});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        coupon(&to.to_lowercase(), all)
    };
    let perk = coupon(
        "perk",
        json!({"conditions": [{"members": {"groups": ["GUILD"]}}], "benefits": [{"percent": {"off": "10"}}]}),
    );
    let both = order(lines()).shop(shop).code(now("CLUB", json!({}))).code(now("GUILD", json!({}))).code(perk).run();
    // 8.00 + 90.00, less 0.80 + 9.00.
    assert_eq!((payable(&both).as_str(), winners(&both).len()), ("88.20", 3));
    // Rank decides where there is room for one: the id.
    let one = order_under(policy(|p| p.max_codes(Some(1))), lines()).shop(shop);
    let one = one.code(now("GUILD", json!({}))).code(now("CLUB", json!({}))).run();
    assert_eq!(reasons(&one), [vec!["too_many_codes"], vec![]]);
    assert_eq!((payable(&one).as_str(), one.placeable()), ("8.00", false));
    // One that stands alone shuts the other out, whatever its rank.
    let alone = json!({"combination": {"exclusive": true}});
    let alone = order(lines()).shop(shop).code(now("CLUB", json!({}))).code(now("GUILD", alone)).run();
    assert_eq!(reasons(&alone), [vec!["not_stackable"], vec![]]);
}

/// Proves S52: a type that hangs on a membership goes with it, and the change is written down.
#[test]
fn leaving_ends_what_hangs_on_it() {
    let joined = order([year(1)])
        .shop(|shop| {
            let hanging = assign(json!({"to": "PROFORM", "until": {"membership": "CLUB"}}));
            club(shop).purchase_assigns(Goods::product("CLUB-YEAR".parse().unwrap()), hanging)
        })
        .customer(customer("7"))
        .run();
    assert_eq!(changes(&joined), ["+CLUB until 2027-03-30T00:00Z", "RETAIL > PROFORM while CLUB"]);
    let ann = customer("7").with_held(after(&customer("7"), &joined));
    let type_at = |held: &HeldTypes, instant: &str| held.primary_at(at(instant)).map(ToString::to_string);
    assert_eq!(type_at(ann.held(), "2027-03-29T23:59:59Z").as_deref(), Some("PROFORM"));
    assert_eq!(type_at(ann.held(), "2027-03-30T00:00:00Z"), None);

    let left = order([]).shop(club).customer(ann.clone()).event(leave("CLUB")).run();
    assert_eq!(changes(&left), ["-CLUB", "PROFORM > -"]);
    let causes: Vec<&TypeCause> = left.type_changes().iter().map(|c| &c.cause).collect();
    assert_eq!(causes, [&TypeCause::Administrator { actor: "eve".parse().unwrap() }, &TypeCause::Ended]);
    assert_eq!(after(&ann, &left), HeldTypes::default());
    // Who is no member cannot leave.
    let stranger = order([]).shop(club).customer(customer("8")).event(leave("CLUB")).traced().run();
    assert_eq!(unchanged(&stranger), [("CLUB".to_owned(), TypeUnchanged::NotMember)]);
}

/// Proves S52: what is over is written down once it is asked for, and not before it is over.
#[test]
fn what_is_over_is_written_down() {
    let term = TypeTerm::until(at("2026-04-01T00:00:00Z")).then(kind("CLUB"));
    let ann = member("GUILD", Some("2026-05-01T00:00:00Z")).with_type(kind("PROFORM")).with_type_term(term);
    let sweep = |who: &Customer, instant: &str| {
        order([]).shop(types).customer(who.clone()).reference(claim("c-1")).at(instant).event(TypeEvent::Ended).run()
    };
    assert_eq!(changes(&sweep(&ann, "2026-03-31T23:59:59Z")), [""; 0]);
    let april = sweep(&ann, "2026-04-01T00:00:00Z");
    assert_eq!(changes(&april), ["PROFORM > CLUB"]);
    assert_eq!(changes(&sweep(&ann, "2026-05-01T00:00:00Z")), ["-GUILD", "PROFORM > CLUB"]);
    let ann = ann.clone().with_held(after(&ann, &april));
    assert_eq!(changes(&sweep(&ann, "2026-05-01T00:00:00Z")), ["-GUILD"]);
    assert_eq!((ann.customer_type(), ann.held().term()), (Some(&kind("CLUB")), None));
}

/// A type for a time does not become one for good because another one was laid over it.
#[test]
fn a_time_is_not_lost_under_another_one() {
    let code = |to: &str, day: &str| assigning("c", json!({"to": to, "until": {"day": day}}));
    let run = |who: &Customer, code| order([line(1, "10.00")]).shop(types).customer(who.clone()).code(code).run();
    let retail = customer("7").with_type(kind("RETAIL"));
    let pro = retail.clone().with_held(after(&retail, &run(&retail, code("PROFORM", "2026-04-30"))));
    let gold = pro.clone().with_held(after(&pro, &run(&pro, code("GOLD", "2026-05-31"))));
    let type_at = |instant: &str| gold.held().primary_at(at(instant)).map(ToString::to_string);
    assert_eq!(type_at("2026-05-31T23:59:59Z").as_deref(), Some("GOLD"));
    assert_eq!(type_at("2026-06-01T00:00:00Z").as_deref(), Some("RETAIL"));
}

/// A type that hangs on a membership that the customer has not is given to nobody.
#[test]
fn what_hangs_on_nothing_is_not_given() {
    let code = || assigning("pro", json!({"to": "PROFORM", "until": {"membership": "CLUB"}}));
    let run = |who: Customer| order([line(1, "10.00")]).shop(types).customer(who).code(code()).traced().run();
    let nobody = run(customer("7"));
    assert_eq!((changes(&nobody), why(&nobody)), (vec![], &[Refusal::NoBenefit][..]));
    assert_eq!(unchanged(&nobody), [("PROFORM".to_owned(), TypeUnchanged::NotMember)]);
    let past = run(member("CLUB", Some(NOON)));
    assert_eq!(changes(&past), [""; 0]);
    assert_eq!(changes(&run(member("CLUB", None))), ["RETAIL > PROFORM while CLUB"]);
}

/// Proves S12: what an administrator may assign is checked like any definition.
#[test]
fn an_unknown_type_is_assigned_to_nobody() {
    let error =
        |to: serde_json::Value| order([]).shop(types).event(administrator(to)).try_run().unwrap_err().to_string();
    assert_eq!(error(json!({"to": "VIP"})), "`type_events[0].assignment.to` is `VIP`: unknown customer type");
    assert_eq!(
        error(json!({"to": "GOLD", "until": {"membership": "VIP"}})),
        "`type_events[0].assignment.until.membership` is `VIP`: unknown customer type"
    );
}

/// Proves S42: a representative acts for a client. Prices and types are the client's, the record names the rep, and a
/// repeat by another rep is the same redemption.
#[test]
fn a_representative_acts_for_a_client() {
    let shop =
        |shop: ShopBuilder| types(shop).price(kind("GOLD"), "WINE".parse().unwrap(), Currency::USD, price("8.00"));
    let run = |rep: &str| {
        let client = customer("42").with_type(kind("GOLD"));
        order([of(1, product("WINE"), "10.00", 2)]).shop(shop).customer(client).actor(rep).run()
    };
    let outcome = run("rep-7");
    let record = outcome.redemption().unwrap();
    assert_eq!((payable(&outcome).as_str(), outcome.actor()), ("16.00", Some(&"rep-7".parse().unwrap())));
    assert_eq!((record.actor(), record.customer()), (outcome.actor(), &[IdentityKey::id("42").unwrap()][..]));
    assert!(record.same_content(&run("rep-8").redemption().unwrap()));
    // It is nobody's business in a browser.
    assert!(!serde_json::to_string(&outcome.public()).unwrap().contains("rep-7"));
    let alone = order([line(1, "10.00")]).run();
    assert_eq!((alone.actor(), alone.redemption().unwrap().actor()), (None, None));
}

/// Proves S40, S94: coupons look at every type that a customer holds, and at what was bought before.
#[test]
fn coupons_look_at_all_held_types() {
    let with = |condition: serde_json::Value| {
        coupon("c", json!({"conditions": [condition], "benefits": [{"percent": {"off": "10"}}]}))
    };
    let judge = |who: &Customer, condition: serde_json::Value| {
        applied(&order([line(1, "10.00")]).shop(types).customer(who.clone()).code(with(condition)).run())
    };
    let ann = member("CLUB", Some("2026-07-01T00:00:00Z")).with_type(kind("PROFORM"));
    for (types, holds) in [
        (json!({"only": ["PROFORM"]}), true),
        (json!({"only": ["CLUB"]}), true),
        (json!({"only": ["RETAIL", "GOLD"]}), false),
        (json!({"except": ["CLUB"]}), false),
        (json!({"except": ["GOLD"]}), true),
        (json!({"only": ["PROFORM"], "except": ["CLUB"]}), false),
    ] {
        assert_eq!(judge(&ann, json!({"customer_types": types})), holds, "{types}");
    }
    assert!(
        judge(&ann, json!({"members": {"groups": ["CLUB"]}}))
            && !judge(&ann, json!({"members": {"groups": ["PROFORM"]}}))
    );
    let over = member("CLUB", Some(NOON));
    assert!(
        !judge(&over, json!({"members": {"groups": ["CLUB"]}}))
            && !judge(&over, json!({"customer_types": {"only": ["CLUB"]}}))
    );
    // Members who bought the set before: the add-on of a campaign.
    let add_on = json!({"all": [{"members": {"groups": ["CLUB"]}}, {"bought": {"products": ["TENT"]}}]});
    assert!(!judge(&ann, add_on.clone()));
    let bought = ann.with_history(History::default().with_orders(1).with_products(["TENT".parse().unwrap()]));
    assert!(judge(&bought, add_on));
}

/// Proves S28: the highest multiplier of the held types, on what is left after discounts, rounded down.
#[test]
fn points_follow_the_types() {
    let times = |name: &str, by: &str| {
        CustomerType::new(kind(name)).with_points_multiplier(PointsMultiplier::parse(by).unwrap())
    };
    let shop = |shop: ShopBuilder| {
        shop.default_type(kind("RETAIL")).customer_type(times("GOLD", "1.25")).customer_type(times("CLUB", "1.5"))
    };
    let points = |who: Customer| {
        let outcome = order([line(1, "29.99")]).shop(shop).customer(who).code(percent_off("ten", "10")).run();
        assert_eq!(payable(&outcome), "26.99");
        outcome.points_multiplier().points("1".parse().unwrap(), outcome.totals().net()).unwrap()
    };
    assert_eq!(points(customer("7")), 26);
    // 26.99 x 1.25 = 33.7375, 26.99 x 1.5 = 40.485; of 29.99 it would be 44.
    assert_eq!(points(customer("7").with_type(kind("GOLD"))), 33);
    assert_eq!(points(member("CLUB", None).with_type(kind("GOLD"))), 40);
}

/// Proves S40, S52: customers are listed by type, at an instant; keys that were given together are one customer.
#[test]
fn customers_are_listed_by_type() {
    let store = MemoryStore::new();
    let join = |n: &str, keys: Vec<IdentityKey>, instant: &str| {
        let outcome = order([year(1)])
            .shop(club)
            .customer(Customer::new(keys))
            .reference(Reference::Order(n.parse().unwrap()))
            .at(instant)
            .run();
        let redemption = outcome.redemption().unwrap();
        assert_eq!(block_on(store.clone().commit(&redemption, at(instant))).unwrap(), Commit::Recorded);
    };
    let (id, email) = (|v: &str| IdentityKey::id(v).unwrap(), |v: &str| IdentityKey::email(v).unwrap());
    join("o-1", vec![email("ann@example.com")], "2026-03-01T12:00:00Z");
    join("o-2", vec![id("2")], "2026-06-01T12:00:00Z");
    join("o-3", vec![id("1"), email("ann@example.com")], "2026-03-01T13:00:00Z");
    let members = |instant: &str| -> Vec<Vec<IdentityKey>> {
        store.customers_of_type(&kind("CLUB"), at(instant)).iter().map(|c| c.keys().to_vec()).collect()
    };
    let ann = vec![id("1"), email("ann@example.com")];
    assert_eq!(members("2026-06-02T00:00:00Z"), [ann.clone(), vec![id("2")]]);
    // Memberships begin when they are bought, and end with their last day.
    assert_eq!(members("2026-05-02T00:00:00Z"), [ann]);
    assert_eq!(members("2027-03-02T00:00:00Z"), [vec![id("2")]]);
    assert!(store.customers_of_type(&kind("GOLD"), at(NOON)).is_empty());
}

/// Proves S49: a type for nobody can be previewed, and not recorded.
#[test]
fn a_type_for_nobody_needs_a_customer() {
    let store = MemoryStore::new();
    let redemption = order([year(1)]).shop(club).run().redemption().unwrap();
    let refused = block_on(store.clone().commit(&redemption, at(NOON))).unwrap();
    assert_eq!(refused, Commit::Refused(vec![Objection::CustomerRequired { coupon: None }]));
}

fn some_type() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["RETAIL", "CLUB", "PROFORM", "GOLD", "GUILD"])
}

fn some_assignment() -> impl Strategy<Value = serde_json::Value> {
    let until = prop_oneof![
        Just(json!("forever")),
        (1_u32..40).prop_map(|days| json!({"days": days})),
        Just(json!({"day": "2026-04-10"})),
        Just(json!({"membership": "CLUB"})),
    ];
    let when = prop::sample::select(vec!["on_commit", "before_pricing", "next_order"]);
    (some_type(), when, any::<bool>(), until, any::<bool>()).prop_map(|(to, when, membership, until, upwards)| {
        let hangs = until.get("membership").is_some();
        let kind = if membership && !hangs { "membership" } else { "primary" };
        let until = if hangs && to == "CLUB" { json!("forever") } else { until };
        json!({"to": to, "when": when, "kind": kind, "until": until, "only_upwards": upwards})
    })
}

fn some_customer() -> impl Strategy<Value = Customer> {
    let window = (prop::option::of(-20_i64..20), prop::option::of(21_i64..60));
    let memberships = prop::collection::vec((some_type(), window), 0..3);
    let term = prop::option::of(-5_i64..20);
    (prop::option::of(some_type()), term, memberships).prop_map(|(primary, term, memberships)| {
        let day = |days: i64| at(NOON) + chrono::TimeDelta::days(days - 20);
        let who = primary.map_or(customer("7"), |primary| {
            let who = customer("7").with_type(kind(primary));
            term.map_or(who.clone(), |days| who.with_type_term(TypeTerm::until(day(days + 20)).then(kind("RETAIL"))))
        });
        memberships.into_iter().fold(who, |who, (of, (from, until))| {
            let window = Window::instants(from.map(day), until.map(day)).unwrap();
            who.with_membership(Membership::new(kind(of)).with_window(window))
        })
    })
}

/// 300 cases, or what `PROPTEST_CASES` says.
fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { 300 };
    ProptestConfig { cases, ..asked }
}

proptest! {
    #![proptest_config(config())]

    /// Proves S12, S49: however often it is looked at, nothing is changed, and the answer is the same; the primary type
    /// changes once at most, a membership once at most, each change is one; what is turned back is as it was.
    #[test]
    fn a_look_changes_nothing_and_a_change_can_be_turned_back(
        who in some_customer(),
        codes in prop::collection::vec(some_assignment(), 0..4),
        purchase in some_assignment(),
        events in prop::collection::vec(some_assignment(), 0..3),
        over in any::<bool>(),
    ) {
        let store = MemoryStore::new();
        let mut purchase = purchase;
        purchase["when"] = json!("on_commit");
        let case = || {
            let case = order([line(1, "10.00")])
                .shop(|shop| types(shop).purchase_assigns(Goods::Everything, assign(purchase.clone())))
                .customer(who.clone());
            let case = codes.iter().enumerate().fold(case, |case, (i, to)| case.code(assigning(&format!("c{i}"), to.clone())));
            let case = events.iter().fold(case, |case, to| case.event(administrator(to.clone())));
            if over { case.event(TypeEvent::Ended).event(leave("CLUB")) } else { case }
        };
        let outcome = case().run();
        prop_assert_eq!(&outcome, &case().run());
        prop_assert_eq!(store.held_types(who.keys()), HeldTypes::default());
        prop_assert!(store.type_history(&who.keys()[0]).is_empty());

        let all = outcome.type_changes();
        prop_assert!(all.iter().filter(|c| c.kind == TypeKind::Primary).count() <= 1);
        for (i, change) in all.iter().enumerate() {
            prop_assert!(!all[..i].iter().any(|earlier| earlier.concerns_same(change)));
        }
        // Written and read back it is the same.
        let redemption = outcome.redemption().unwrap();
        let read: Redemption = serde_json::from_str(&serde_json::to_string(&redemption).unwrap()).unwrap();
        prop_assert_eq!(&read, &redemption);

        let before: Vec<CustomerTypeId> = who.held().types_at(at(NOON)).cloned().collect();
        let mut held = after(&who, &outcome);
        for change in all {
            if let (Some(to), true) = (&change.to, change.cause != TypeCause::Ended) {
                prop_assert!(held.types_at(at(NOON)).any(|t| t == to), "{change:?}");
            }
        }
        all.iter().rev().for_each(|change| held.apply(&change.inverse(at(NOON))));
        let mut again: Vec<CustomerTypeId> = held.types_at(at(NOON)).cloned().collect();
        // Without a type of one's own it is the shop's default type that one goes back to.
        if who.held().primary_at(at(NOON)).is_none() {
            again.retain(|t| *t != kind("RETAIL") || before.contains(t));
        }
        let sorted = |mut types: Vec<CustomerTypeId>| { types.sort(); types.dedup(); types };
        prop_assert_eq!(sorted(again), sorted(before));
    }
}

/// Step 7: of the codes that work before pricing, as of all others, the first by rank have a place,
/// whether it is the primary type or a membership that they give.
#[test]
fn rank_decides_who_has_a_place_before_pricing() {
    let when = "before_pricing";
    let club = || assigning("b-club", json!({"to": "CLUB", "kind": "membership", "when": when}));
    let pro = || assigning("c-pro", json!({"to": "PROFORM", "when": when}));
    let gold = || assigning("d-gold", json!({"to": "GOLD", "when": when}));
    let outcome = |places: u32, codes: [Coupon; 3]| {
        let under = policy(|p| p.max_codes(Some(places)));
        order_under(under, [line(1, "10.00")]).shop(types).customer(customer("7")).codes(codes).run()
    };
    let found = outcome(1, [gold(), pro(), club()]);
    assert_eq!(reasons(&found), [vec!["too_many_codes"], vec!["too_many_codes"], vec![]]);
    assert_eq!(changes(&found), ["+CLUB"]);
    // With two places the club and the first of the two primary types have one each.
    let found = outcome(2, [gold(), pro(), club()]);
    assert_eq!(reasons(&found), [vec!["type_conflict"], vec![], vec![]]);
    assert_eq!(changes(&found), ["+CLUB", "RETAIL > PROFORM"]);
}

/// Step 7: a code that works before pricing and is exclusive of its class shuts nobody out where it finds no place itself.
/// `b` would be alone on the lines, but the primary type is that of `a`, which is alone on the order.
#[test]
fn what_finds_no_place_before_pricing_shuts_nobody_out() {
    let early = |id: &str, level: &str, off: &str, to: serde_json::Value, class: bool| {
        let mut assign = to;
        assign["when"] = json!("before_pricing");
        let benefits = json!([{"percent": {"off": off}}]);
        let combination = if class { json!({"exclusive": "class"}) } else { json!({}) };
        coupon(id, json!({"level": level, "benefits": benefits, "assign": assign, "combination": combination}))
    };
    let a = || early("a", "order", "10", json!({"to": "PROFORM"}), true);
    let b = || early("b", "line", "50", json!({"to": "GOLD"}), true);
    let c = || early("c", "line", "5", json!({"to": "CLUB", "kind": "membership"}), false);
    let priced = |codes: Vec<Coupon>| order([line(1, "100.00")]).shop(types).customer(customer("7")).codes(codes).run();
    let outcome = priced(vec![a(), b(), c()]);
    assert_eq!(reasons(&outcome), [vec![], vec!["type_conflict"], vec![]]);
    // 95.00 less 9.50.
    assert_eq!(payable(&outcome), "85.50");
    assert_eq!(changes(&outcome), ["RETAIL > PROFORM", "+CLUB"]);
    // Where it has one, it does.
    let outcome = priced(vec![b(), c()]);
    assert_eq!((reasons(&outcome), payable(&outcome)), (vec![vec![], vec!["not_stackable"]], "50.00".to_owned()));
}

/// A type that hangs on a membership comes back with it, at once and for later orders alike.
#[test]
fn a_type_comes_back_with_the_membership_it_hangs_on() {
    let priced =
        |shop: ShopBuilder| types(shop).price(kind("PROFORM"), "BOOT".parse().unwrap(), Currency::USD, price("120.00"));
    let boots = || order([of(1, product("BOOT"), "200.00", 1)]).shop(priced);
    let term = TypeTerm::while_member_of(kind("CLUB")).then(kind("RETAIL"));
    let lapsed = customer("7").with_type(kind("PROFORM")).with_type_term(term);
    assert_eq!(payable(&boots().customer(lapsed.clone()).run()), "200.00");

    let club = assigning("club", json!({"to": "CLUB", "kind": "membership", "when": "before_pricing"}));
    let now = boots().customer(lapsed.clone()).code(club).run();
    assert_eq!((payable(&now).as_str(), now.customer_type()), ("120.00", Some(&kind("PROFORM"))));
    let mut held = lapsed.held().clone();
    now.type_changes().iter().for_each(|change| held.apply(change));
    assert_eq!(payable(&boots().customer(customer("7").with_held(held)).run()), "120.00");
}

/// Proves S6: what takes effect on commit prices nothing of the order that brings it, neither a type nor a membership.
#[test]
fn what_takes_effect_on_commit_prices_nothing_yet() {
    let priced = |shop: ShopBuilder| {
        let boot = || "BOOT".parse().unwrap();
        types(shop).price(kind("CLUB"), boot(), Currency::USD, price("150.00")).price(
            kind("PROFORM"),
            boot(),
            Currency::USD,
            price("120.00"),
        )
    };
    for (to, change) in
        [(json!({"to": "PROFORM"}), "RETAIL > PROFORM"), (json!({"to": "CLUB", "kind": "membership"}), "+CLUB")]
    {
        let boots = order([of(1, product("BOOT"), "200.00", 1)]).shop(priced).customer(customer("7"));
        let outcome = boots.event(administrator(to)).run();
        assert_eq!((payable(&outcome).as_str(), outcome.customer_type()), ("200.00", Some(&kind("RETAIL"))));
        assert_eq!(changes(&outcome), [change]);
    }
}

/// A type may hang on a membership that is given together with it, in whatever order they are named.
#[test]
fn a_type_hangs_on_a_membership_that_is_given_with_it() {
    let hanging = administrator(json!({"to": "PROFORM", "until": {"membership": "CLUB"}}));
    let club = administrator(json!({"to": "CLUB", "kind": "membership"}));
    let outcome = order([]).shop(types).customer(customer("7")).event(hanging).event(club).run();
    assert_eq!(changes(&outcome), ["+CLUB", "RETAIL > PROFORM while CLUB"]);
    // It ends with that membership alone: another one that begins leaves it as it is.
    let guild =
        member("GUILD", None).with_type(kind("PROFORM")).with_type_term(TypeTerm::while_member_of(kind("GUILD")));
    let club = administrator(json!({"to": "CLUB", "kind": "membership"}));
    assert_eq!(changes(&order([]).shop(types).customer(guild).event(club).run()), ["+CLUB"]);
}

/// Buying a membership that one has without end changes nothing, and takes nothing from another one that is bought beside it.
#[test]
fn memberships_are_bought_beside_one_that_is_held() {
    let guild = assign(json!({"to": "GUILD", "kind": "membership"}));
    let shop = |shop: ShopBuilder| club(shop).purchase_assigns(Goods::product("P2".parse().unwrap()), guild.clone());
    let both = order([year(1), line(2, "10.00")]).shop(shop).customer(member("CLUB", None)).run();
    assert_eq!(changes(&both), ["+GUILD"]);
}

/// What is assigned is taken in once: nothing is traced as a conflict with itself.
#[test]
fn what_is_assigned_conflicts_with_nothing() {
    let membership = |when: &str| json!({"to": "CLUB", "kind": "membership", "when": when});
    let primary = |when: &str| json!({"to": "PROFORM", "when": when});
    for (to, change) in [
        (membership("on_commit"), "+CLUB"),
        (membership("before_pricing"), "+CLUB"),
        (primary("on_commit"), "RETAIL > PROFORM"),
        (primary("before_pricing"), "RETAIL > PROFORM"),
    ] {
        let shop = |shop: ShopBuilder| types(shop).sign_up_assigns("club".parse().unwrap(), assign(to.clone()));
        let case = || order([line(1, "10.00")]).shop(shop).customer(customer("7")).traced();
        for outcome in [case().event(sign_up("club")).run(), case().code(assigning("c", to.clone())).run()] {
            assert_eq!((changes(&outcome), unchanged(&outcome)), (vec![change.to_owned()], vec![]), "{to}");
        }
    }
}

/// A code that finds no place assigns nothing.
#[test]
fn a_code_without_a_place_assigns_nothing() {
    let code = |id: &str, to: &str| assigning(id, json!({"to": to, "kind": "membership"}));
    let case = order_under(policy(|p| p.max_codes(Some(1))), [line(1, "10.00")]).shop(types).customer(customer("7"));
    let outcome = case.code(code("a", "CLUB")).code(code("b", "GUILD")).run();
    assert_eq!(reasons(&outcome), [vec![], vec!["too_many_codes"]]);
    assert_eq!(changes(&outcome), ["+CLUB"]);
}

/// Memberships are decided before types; of a code and a purchase that give the same time of one, the code is the cause.
#[test]
fn memberships_are_decided_before_types() {
    let a = assigning("a", json!({"to": "PROFORM"}));
    let b = assigning("b", json!({"to": "CLUB", "kind": "membership", "until": {"days": 365}}));
    let outcome = order([year(1)]).shop(club).customer(customer("7")).code(a).code(b).run();
    assert_eq!(changes(&outcome), ["+CLUB until 2027-03-30T00:00Z", "RETAIL > PROFORM"]);
    let cause = &outcome.type_changes()[0].cause;
    assert!(matches!(cause, TypeCause::Coupon { coupon, .. } if coupon.as_str() == "b"), "{cause:?}");
}

/// A membership that the shop does not know any more can be left by who holds it, and by nobody else.
#[test]
fn an_unknown_membership_is_left_by_its_members_only() {
    let leaving = |who: Customer| order([]).shop(types).customer(who).event(leave("OLD")).try_run();
    assert_eq!(changes(&leaving(member("OLD", None)).unwrap()), ["-OLD"]);
    for who in [customer("7"), member("CLUB", None)] {
        let error = leaving(who).unwrap_err().to_string();
        assert!(error.contains("type_events[0].membership"), "{error}");
    }
}

/// Step 7: a code that was accepted before pricing has decided its group, though 50% are better than 5%.
#[test]
fn a_code_before_pricing_decides_its_group() {
    let member = |id: &str, off: &str, more: serde_json::Value| {
        let mut all = json!({"benefits": [{"percent": {"off": off}}], "combination": {"group": "g"}});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        coupon(id, all)
    };
    let early = member("early", "5", json!({"assign": {"to": "PROFORM", "when": "before_pricing"}}));
    let case = order([line(1, "100.00")]).shop(types).customer(customer("7"));
    let outcome = case.code(early).code(member("more", "50", json!({}))).run();
    assert_eq!((payable(&outcome).as_str(), winners(&outcome)), ("95.00", vec!["early".to_owned()]));
}

/// Of a code that works before pricing the type stays where its money is refused, and of the money nothing: 5.00 fit its
/// 12.00, and 10.00 more do not.
#[test]
fn money_that_is_refused_halfway_is_not_taken() {
    let amount = |off: &str| json!({"amount": {"off": {"USD": off}}});
    let fields = json!({
        "benefits": [amount("5.00"), amount("10.00")], "limits": {"money": {"USD": "12.00"}, "when_short": "refuse"},
        "assign": {"to": "PROFORM", "when": "before_pricing"},
    });
    let case = order([line(1, "30.00")]).shop(types).customer(customer("7"));
    let outcome = case.code(coupon("early", fields)).run();
    assert_eq!((payable(&outcome).as_str(), applied(&outcome)), ("30.00", true));
    assert_eq!(reasons(&outcome), [["budget_exhausted"]]);
    assert_eq!(changes(&outcome), ["RETAIL > PROFORM"]);
}

/// A membership that ends at this instant is over: it starts anew, and no day of it is added to. Today and one day more end
/// on the 16th.
#[test]
fn a_membership_that_ends_now_starts_anew() {
    let day = assigning("day", json!({"to": "CLUB", "kind": "membership", "until": {"days": 1}}));
    let who = member("CLUB", Some("2026-03-15T00:00:00Z"));
    let outcome = order([]).shop(types).customer(who).at("2026-03-15T00:00:00Z").code(day).run();
    assert_eq!(changes(&outcome), ["+CLUB until 2026-03-17T00:00Z"]);
    let change = &outcome.type_changes()[0];
    assert_eq!((&change.from, change.since), (&None, Some(at("2026-03-15T00:00:00Z"))));
}

/// A type hangs on the membership that it names, whatever becomes of another one.
#[test]
fn a_type_hangs_on_its_own_membership_only() {
    let who = member("CLUB", None).with_membership(Membership::new(kind("GUILD")));
    let pro = assigning("pro", json!({"to": "PROFORM", "until": {"membership": "CLUB"}}));
    let outcome = order([]).shop(types).customer(who).event(leave("GUILD")).code(pro).run();
    assert_eq!(
        (changes(&outcome), applied(&outcome)),
        (vec!["-GUILD".into(), "RETAIL > PROFORM while CLUB".into()], true)
    );
}

/// Of two memberships in one type the longer counts, whichever comes first; of two that last as long the first by rank.
#[test]
fn the_longer_of_two_memberships_counts() {
    let days = |days: u32| json!({"days": days});
    for (first, second, until, by) in [
        (days(30), days(10), " until 2026-04-29T00:00Z", "a"),
        (days(10), days(30), " until 2026-04-29T00:00Z", "b"),
        (days(10), days(10), " until 2026-04-09T00:00Z", "a"),
        (json!(null), days(10), "", "a"),
        (days(10), json!(null), "", "b"),
        (json!(null), json!(null), "", "a"),
    ] {
        let code = |id: &str, until: &serde_json::Value| {
            let mut to = json!({"to": "CLUB", "kind": "membership"});
            if !until.is_null() {
                to["until"] = until.clone();
            }
            assigning(id, to)
        };
        let outcome = order([]).shop(types).code(code("a", &first)).code(code("b", &second)).run();
        let cause = outcome.type_changes()[0].cause.coupon().map(CouponId::as_str);
        assert_eq!((changes(&outcome), cause), (vec![format!("+CLUB{until}")], Some(by)), "{first} {second}");
    }
}
