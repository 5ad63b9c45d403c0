//! Automatic offers of the shop: what they take is a discount of the shop, and all that follows treats it as one.

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

/// An offer; its description is its id.
fn offer(id: &str, fields: Value) -> Value {
    let mut all = json!({"id": id, "description": id});
    for (name, value) in fields.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

fn off(percent: &str) -> Value {
    json!([{"percent": {"off": percent}}])
}

fn shop_with(policy: Value, offers: &[Value]) -> Shop {
    let mut whole = json!({"currency": "USD", "max_codes": "unlimited", "public_reasons": "distinct"});
    for (name, value) in policy.as_object().unwrap() {
        whole[name] = value.clone();
    }
    serde_json::from_value(json!({"version": 1, "policy": whole, "offers": offers})).unwrap()
}

fn shop(offers: &[Value]) -> Shop {
    shop_with(json!({}), offers)
}

fn order(lines: Vec<Line>) -> Order {
    Order::builder(Currency::USD).lines(lines).build().unwrap()
}

fn with_codes<T>(shop: &Shop, order: &Order, coupons: &[Coupon], act: impl FnOnce(&Request<'_>) -> T) -> T {
    let prepared: Vec<Prepared> = coupons.iter().map(|c| shop.prepare(c.clone()).unwrap()).collect();
    let typed: Vec<String> = coupons.iter().map(|c| c.code().unwrap().to_string()).collect();
    let codes: Vec<Presented<'_>> = typed.iter().zip(&prepared).map(|(t, c)| Presented::new(t, c)).collect();
    let who = customer("42");
    let request = Request::new(order, &who, Reference::Order("o-1".parse().unwrap()), at(NOON)).with_codes(&codes);
    act(&request.with_detail(Detail::Trace))
}

/// What comes out, which reads back from JSON as itself.
fn price(shop: &Shop, order: &Order, coupons: &[Coupon]) -> Outcome {
    let outcome = with_codes(shop, order, coupons, |request| shop.evaluate(request).unwrap());
    let json = serde_json::to_string(&outcome).unwrap();
    assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome, "{json}");
    let read: Shop = serde_json::from_str(&serde_json::to_string(shop).unwrap()).unwrap();
    assert_eq!(&read, shop);
    outcome
}

fn text(money: Money) -> String {
    money.amount_text()
}

fn made(outcome: &Outcome) -> Vec<String> {
    outcome.offers().iter().map(|offer| format!("{} {}", offer.id(), offer.discount().amount_text())).collect()
}

/// Proves step 5: an offer comes before codes, and its amount is a discount of the shop. Never a coupon (S101, S139).
#[test]
fn an_offer_needs_no_code_and_comes_before_coupons() {
    let shop = shop(&[offer("sale", json!({"benefits": off("20"), "account": "4730"}))]);
    // 100.00 less 20% is 80.00, less 10% of that 72.00.
    let outcome = price(&shop, &order(vec![line(1, "100.00")]), &[percent_off("ten", "10")]);
    let line = &outcome.lines()[0];
    assert_eq!((text(line.shop_discount()), text(line.coupon_discount())), ("20.00".into(), "8.00".into()));
    assert_eq!(text(outcome.totals().payable()), "72.00");
    assert_eq!(made(&outcome), ["sale 20.00"]);
    let sources: Vec<_> = outcome.adjustments().map(|adjustment| adjustment.source).collect();
    let (id, account) = ("sale".parse().unwrap(), "4730".parse().unwrap());
    assert_eq!(sources[0], Source::Discount { id: &id, account: Some(&account) });
    assert_eq!(outcome.accounts()[0].account(), Some(&account));
    let steps: Vec<_> = outcome.trace().unwrap().entries().iter().map(|entry| &entry.step).collect();
    assert!(matches!(steps[..], [TraceStep::Offer { benefit: 0, .. }, TraceStep::Coupon { .. }]), "{steps:?}");
    let public = serde_json::to_value(outcome.public()).unwrap();
    assert_eq!(public["offers"], json!([{"description": "sale", "amount": "20.00"}]));
    // The redemption counts the coupon and nothing of the offer.
    assert_eq!(outcome.redemption().unwrap().coupons().len(), 1);
}

/// The thresholds of offers are judged on the totals after step 4, those of coupons on what the offers left.
#[test]
fn each_is_judged_on_what_stood_before_it() {
    let from = |dollars: &str| json!([{"minimum_spend": {"amounts": {"USD": dollars}}}]);
    let shop = shop(&[
        offer("a-tenth", json!({"benefits": off("10"), "conditions": from("100.00")})),
        offer("b-half", json!({"benefits": off("50"), "conditions": from("100.00")})),
        offer("c-more", json!({"benefits": off("50"), "conditions": from("100.01")})),
    ]);
    let lines = || vec![line(1, "100.00").with_discount(discount("host", usd("20.00")))];
    // 100.00 after step 4; 20.00 of the host, then 10% of 80.00, then half of 72.00.
    let outcome = price(
        &shop,
        &order(lines()),
        &[coupon(
            "from",
            json!({
                "benefits": off("100"), "conditions": from("36.01")
            }),
        )],
    );
    assert_eq!(made(&outcome), ["a-tenth 8.00", "b-half 36.00"]);
    assert_eq!(text(outcome.totals().payable()), "36.00");
    let reasons = outcome.answers()[0].reasons();
    assert!(matches!(reasons[..], [Refusal::MinimumSpend { found, .. }] if found == usd("36.00")), "{reasons:?}");
}

/// Proves S112, S140 with offers: refused by default, dropped, or the better of both.
#[test]
fn a_coupon_that_does_not_combine_with_discounts_meets_offers() {
    let offers = [offer("sale", json!({"benefits": off("20"), "scope": {"products": ["P1"]}}))];
    let alone = |percent| coupon("alone", json!({"benefits": off(percent), "combination": {"with_discounts": false}}));
    let lines = || order(vec![line(1, "100.00"), line(2, "50.00")]);
    for (conflict, percent, payable, offers_made, applied) in [
        ("refuse_coupon", "30", "130.00", vec!["sale 20.00"], false),
        ("drop_discounts", "10", "135.00", vec![], true),
        ("better_of", "10", "130.00", vec!["sale 20.00"], false),
        ("better_of", "30", "105.00", vec![], true),
    ] {
        let shop = shop_with(json!({"discount_conflict": conflict}), &offers);
        let outcome = price(&shop, &lines(), &[alone(percent)]);
        assert_eq!(text(outcome.totals().payable()), payable, "{conflict} {percent}");
        assert_eq!(made(&outcome), offers_made, "{conflict} {percent}");
        assert_eq!(outcome.answers()[0].is_applied(), applied, "{conflict} {percent}");
        let placed = with_codes(&shop, &lines(), &[alone(percent)], |request| shop.place(request).unwrap());
        let again = placed.reprice(&[], ThresholdCheck::AsPlaced).unwrap();
        assert_eq!((again.totals(), again.offers()), (outcome.totals(), outcome.offers()), "{conflict} {percent}");
    }
    // Its own price overridden, the offer goes as well.
    let list = coupon("list", json!({"benefits": off("30"), "combination": {"overrides": "touched"}}));
    assert_eq!(text(price(&shop(&offers), &lines(), &[list]).totals().payable()), "105.00");
}

/// What an offer took goes with the line into returns and changes, whatever the shop offers then (trap 22).
#[test]
fn a_placed_order_keeps_what_offers_took() {
    let offers = [
        offer("per-piece", json!({"benefits": [{"amount": {"off": {"USD": "1.00"}, "per": "unit"}}]})),
        offer(
            "split",
            json!({"benefits": off("10"), "priority": -1,
            "funding": {"split": {"party": "ACME", "share": "50"}}}),
        ),
    ];
    let shop = shop(&offers);
    let whole = order(vec![pieces(1, "10.00", 3), line(2, "20.00")]);
    let placed = with_codes(&shop, &whole, &[amount_off("five", "5.00")], |request| shop.place(request).unwrap());
    // 30.00 less 3.00 less 2.70; 20.00 less 1.00 less 1.90: 24.30 and 17.10 are 41.40, less 5.00.
    assert_eq!(text(placed.outcome().totals().payable()), "36.40");
    assert_eq!(made(placed.outcome()), ["per-piece 4.00", "split 4.60"]);
    assert_eq!(placed.outcome().offers()[1].third_party(), usd("2.30"));
    let json = serde_json::to_string(&placed).unwrap();
    let read: PlacedOrder = serde_json::from_str(&json).unwrap();
    assert_eq!(read, placed);
    assert_eq!(read.reprice(&[], ThresholdCheck::AsPlaced).unwrap().totals(), placed.outcome().totals());
    // One of three: 1.00 and 0.90 of it stand, and 5.00 over 8.10 and 17.10.
    let one = read.reprice(&[(LineId(1), 1)], ThresholdCheck::AsPlaced).unwrap();
    assert_eq!(text(one.lines()[0].shop_discount()), "1.90");
    assert_eq!(text(one.totals().payable()), "20.20");
    assert_eq!(made(&one), ["per-piece 2.00", "split 2.80"]);
    // Ordered again as it was placed, the host's discounts are those of the offers, and they are not made twice.
    let again = price(&shop, placed.order(), &[amount_off("five", "5.00")]);
    assert_eq!(again.totals(), placed.outcome().totals());
}

/// Offers among each other: by rank, whatever their order in the shop; exclusive ones alone.
#[test]
fn offers_go_by_rank_alone() {
    let mut offers = vec![
        offer("a", json!({"benefits": off("10")})),
        offer("b", json!({"benefits": [{"amount": {"off": {"USD": "15.00"}, "per": "line"}}], "priority": 5})),
    ];
    let lines = || order(vec![line(1, "100.00")]);
    let straight = price(&shop(&offers), &lines(), &[]);
    // 100.00 less 15.00, less 10% of 85.00.
    assert_eq!(made(&straight), ["a 8.50", "b 15.00"]);
    offers.reverse();
    assert_eq!(price(&shop(&offers), &lines(), &[]), straight);
    offers.push(offer("only", json!({"benefits": off("1"), "combination": {"exclusive": true}})));
    assert_eq!(made(&price(&shop(&offers), &lines(), &[])), ["only 1.00"]);
}

/// An offer waits for nothing: one of free shipping is not made where nothing is shipped, and shuts no other one out.
#[test]
fn an_offer_without_its_shipping_shuts_nobody_out() {
    let alone = json!({"benefits": [{"shipping": "free"}, {"percent": {"off": "5", "scope": {"products": ["P2"]}}}],
        "scope": {"products": ["P1", "P2"]}, "priority": 1, "combination": {"exclusive": true}});
    let shop = shop(&[offer("alone", alone), offer("ten", json!({"benefits": off("10")}))]);
    assert_eq!(made(&price(&shop, &order(vec![line(1, "100.00")]), &[])), ["ten 10.00"]);
    let lines = vec![line(1, "100.00")];
    let shipped = Order::builder(Currency::USD).lines(lines).charge(shipping(9, usd("4.00"))).build().unwrap();
    assert_eq!(made(&price(&shop, &shipped, &[])), ["alone 4.00"]);
}

/// A line that the host gave nothing under the id of an offer is left alone like one that it gave something.
#[test]
fn an_offer_leaves_alone_what_the_host_gave_nothing() {
    let shop = shop(&[offer("sale", json!({"benefits": off("10")}))]);
    let given = |dollars: &str| line(1, "100.00").with_discount(discount("sale", usd(dollars)));
    // What the host gave is told with what the offer took: nothing or 5.00, and 10% of 50.00.
    for (dollars, sale, payable) in [("0.00", "sale 5.00", "145.00"), ("5.00", "sale 10.00", "140.00")] {
        let outcome = price(&shop, &order(vec![given(dollars), line(2, "50.00")]), &[]);
        assert_eq!((made(&outcome), text(outcome.totals().payable())), (vec![sale.to_owned()], payable.into()));
    }
}

/// Proves trap 22: a discount of nothing beside what an offer took is recorded as it is read back.
#[test]
fn a_discount_of_nothing_beside_an_offer_recomputes() {
    let shop = shop(&[offer("sale", json!({"benefits": off("10")}))]);
    let whole = order(vec![line(1, "100.00").with_discount(discount("host", usd("0.00")))]);
    let placed = with_codes(&shop, &whole, &[], |request| shop.place(request).unwrap());
    assert_eq!(placed.recompute(), Ok(Recomputed::Same));
    assert_eq!(text(placed.outcome().totals().payable()), "90.00");
}

/// Dates, status, customer types and what is no line of theirs keep offers out.
#[test]
fn offers_that_do_not_match_are_not_made() {
    let sale = |fields: Value| {
        let mut all = json!({"benefits": off("10")});
        for (name, value) in fields.as_object().unwrap() {
            all[name] = value.clone();
        }
        offer("sale", all)
    };
    let booth = product("P1")
        .with_categories(["c".parse().unwrap()])
        .with_tags(["t".parse().unwrap()])
        .with_parent("AM".parse().unwrap())
        .with_type("booth".parse().unwrap())
        .with_subsystem("meetings".parse().unwrap());
    let order = Order::builder(Currency::USD)
        .line(of(1, booth, "100.00", 1))
        .charge(shipping(2, usd("10.00")))
        .region("EU".parse().unwrap())
        .channel("web".parse().unwrap())
        .payment_option("CARD".parse().unwrap())
        .build()
        .unwrap();
    for (fields, discount) in [
        (json!({}), "10.00"),
        (json!({"status": "inactive"}), ""),
        (json!({"validity": {"thru": "2026-03-28"}}), ""),
        (json!({"validity": {"thru": "2026-03-29"}}), "10.00"),
        (json!({"validity": {"from": "2026-03-30"}}), ""),
        (json!({"scope": {"products": ["P1", "P2"]}}), "10.00"),
        (json!({"scope": {"products": ["P2"]}}), ""),
        (json!({"scope": {"categories": ["c"]}}), "10.00"),
        (json!({"scope": {"tags": ["u"]}}), ""),
        (json!({"scope": {"any": [{"tags": ["u"]}, {"subsystem": {"subsystem": "meetings"}}]}}), "10.00"),
        (json!({"scope": {"all": [{"tags": ["t"]}, {"categories": ["d"]}]}}), ""),
        (json!({"scope": {"all": [{"tags": ["t"]}, {"not": {"categories": ["d"]}}]}}), "10.00"),
        (json!({"scope": {"parent_product": {"parent_product": "AM"}}}), "10.00"),
        (json!({"scope": {"product": {"parent_product": "AM", "product": "P1"}}}), "10.00"),
        (json!({"scope": {"product_type": {"subsystem": "meetings", "product_type": "booth"}}}), "10.00"),
        (json!({"scope": "on_sale"}), ""),
        (json!({"scope": {"not": "on_sale"}}), "10.00"),
        (json!({"scope": {"price_range": {"min": {"USD": "100.00"}}}}), "10.00"),
        (json!({"benefits": [{"percent": {"off": "10", "scope": {"tags": ["t"]}}}]}), "10.00"),
        (json!({"benefits": [{"percent": {"off": "10", "scope": {"tags": ["u"]}}}]}), ""),
        (json!({"benefits": [{"shipping": "free"}], "scope": {"products": ["P2"]}}), "10.00"),
        (json!({"benefits": [{"shipping": {"percent": "50"}}]}), "5.00"),
        (json!({"conditions": [{"minimum_quantity": {"pieces": 1, "of": {"tags": ["t"]}}}]}), "10.00"),
        (json!({"conditions": [{"minimum_quantity": {"pieces": 1, "of": {"tags": ["u"]}}}]}), ""),
        (json!({"conditions": [{"channels": {"only": ["web"]}}]}), "10.00"),
        (json!({"conditions": [{"channels": {"only": ["app"]}}]}), ""),
        (json!({"conditions": [{"regions": {"only": ["EU"]}}]}), "10.00"),
        (json!({"conditions": [{"regions": {"only": ["US"]}}]}), ""),
        (json!({"conditions": [{"regions": {"except": ["EU"]}}]}), ""),
        (json!({"conditions": [{"payment_options": {"only": ["CARD"]}}]}), "10.00"),
        (json!({"conditions": [{"payment_options": {"only": ["CASH"]}}]}), ""),
        (json!({"conditions": [{"customer_types": {"only": ["CLUB"]}}]}), ""),
        (json!({"conditions": [{"any": [{"channels": {"only": ["app"]}}, {"regions": {"only": ["EU"]}}]}]}), "10.00"),
    ] {
        let outcome = price(&shop(&[sale(fields.clone())]), &order, &[]);
        let found: Vec<String> = outcome.offers().iter().map(|offer| text(offer.discount())).collect();
        assert_eq!(found.concat(), discount, "{fields}");
    }
}

/// What needs a code, a holder, a store or the host is no offer.
#[test]
fn what_cannot_be_automatic_is_a_definition_error() {
    for (fields, path) in [
        (json!({"code": "SALE"}), "code"),
        (json!({"kind": "personal"}), "kind"),
        (json!({"limits": {"total": 1}}), "limits"),
        (json!({"assign": {"to": "CLUB"}}), "assign"),
        (json!({"validity": {"countdown": {"days": 1, "hours": 0}}}), "validity.countdown"),
        (json!({"availability": {"thru": "2026-03-29"}}), "availability"),
        (json!({"payments": "all"}), "payments"),
        (json!({"benefits": ["none"]}), "benefits[0]"),
        (json!({"benefits": [{"percent": {"off": "1"}}, {"trial": {"days": 3}}]}), "benefits[1]"),
        (json!({"benefits": [{"host": {}}]}), "benefits[0]"),
        (json!({"benefits": [{"operator": {}}]}), "benefits[0]"),
        (json!({"conditions": ["first_order"]}), "conditions[0]"),
        (json!({"conditions": [{"unique_customers": {"at_least": 5}}]}), "conditions[0]"),
        (
            json!({"conditions": [{"any": [{"channels": {"only": ["web"]}}, {"not": {"nth_order": {"n": 1}}}]}]}),
            "conditions[0]",
        ),
        (json!({"combination": {"several_codes": true}}), "combination.several_codes"),
        (json!({"combination": {"overrides": "touched"}}), "combination.overrides"),
    ] {
        let mut whole = json!({"benefits": off("10")});
        whole.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let document = json!({"version": 1, "policy": {"currency": "USD"}, "offers": [offer("sale", whole)]});
        let error = serde_json::from_value::<Shop>(document).unwrap_err().to_string();
        assert!(error.starts_with(&format!("`offers[0].{path}` is ")), "{error}");
        assert!(error.ends_with(": not allowed together with an automatic offer"), "{error}");
    }
    let twice = json!([offer("sale", json!({"benefits": off("1")})), offer("sale", json!({"benefits": off("2")}))]);
    let document = json!({"version": 1, "policy": {"currency": "USD"}, "offers": twice});
    let error = serde_json::from_value::<Shop>(document).unwrap_err().to_string();
    assert_eq!(error, "`offers[1].id` is `sale`: given twice");
}

/// Of a line that the host discounted under the id of an offer nothing more is taken; and no line is given more than its
/// list price, nor more discounts than it can hold.
#[test]
fn offers_stay_within_what_a_line_can_carry() {
    let sale = offer("sale", json!({"benefits": off("10")}));
    let given = || line(1, "100.00").with_discount(discount("sale", usd("7.00")));
    let outcome = price(&shop(std::slice::from_ref(&sale)), &order(vec![given(), line(2, "50.00")]), &[]);
    assert_eq!(text(outcome.totals().payable()), "138.00");
    assert_eq!(made(&outcome), ["sale 12.00"]);
    let shipped = Charge::shipping(LineId(9), usd("10.00")).with_discount(discount("sale", usd("1.00")));
    let free = offer("sale", json!({"benefits": [{"shipping": "free"}]}));
    let whole = Order::builder(Currency::USD).line(line(1, "5.00")).charge(shipped).build().unwrap();
    assert_eq!(text(price(&shop(&[free]), &whole, &[]).totals().payable()), "14.00");

    let all = offer("all", json!({"benefits": off("100")}));
    let dear = order(vec![line(1, "100.00").with_customer_price(super::support::price("120.00"))]);
    assert_eq!(text(price(&shop(&[all]), &dear, &[]).totals().payable()), "20.00");

    let many: Vec<Value> = (0..200)
        .map(|i| {
            offer(
                &format!("{i:03}"),
                json!({"benefits": [
                    {"amount": {"off": {"USD": "0.01"}, "per": "line"}}
                ]}),
            )
        })
        .collect();
    let crowded = (0..3).fold(line(1, "100.00"), |line, i| line.with_discount(discount(&format!("h{i}"), usd("1.00"))));
    let outcome = price(&shop(&many), &order(vec![crowded]), &[]);
    assert_eq!((outcome.offers().len(), text(outcome.totals().payable())), (97, "96.03".into()));
    assert_eq!(outcome.offers()[96].id().as_str(), "096");
}

/// What a line cannot carry is not in the trace either: the steps of offers are what they took in the end.
#[test]
fn the_trace_tells_what_offers_took_in_the_end() {
    let steps = |offers: &[Value], whole: &Order| -> Vec<String> {
        let outcome = price(&shop(offers), whole, &[]);
        let of_offer = |entry: &&TraceEntry| matches!(entry.step, TraceStep::Offer { .. });
        let told = outcome.trace().unwrap().entries().iter().filter(of_offer);
        told.map(|entry| format!("{} {}", text(entry.before), text(entry.after))).collect()
    };
    let dear = || order(vec![line(1, "100.00").with_customer_price(super::support::price("120.00"))]);
    let all = offer("all", json!({"benefits": off("100")}));
    // 120.00 of a list price of 100.00: no more than 100.00 is given.
    assert_eq!(steps(std::slice::from_ref(&all), &dear()), ["120.00 20.00"]);
    // 60.00 first, then 40.00 of the 60.00 that are left.
    let half = offer("half", json!({"benefits": off("50"), "priority": 1}));
    assert_eq!(steps(&[all, half], &dear()), ["120.00 60.00", "60.00 20.00"]);
    // Two benefits of one offer: 96.00, then 4.00 of 24.00; and nothing is left for the one after it.
    let twice = json!([{"percent": {"off": "80"}}, {"amount": {"off": {"USD": "20.00"}, "per": "line"}}]);
    let offers =
        [offer("twice", json!({"benefits": twice, "priority": 1})), offer("last", json!({"benefits": off("50")}))];
    assert_eq!(steps(&offers, &dear()), ["120.00 24.00", "24.00 20.00"]);
}

/// So many discounts are the most of one line, not of the order: an offer for each of more products than that is made on
/// each. Of too many for one line the first by rank stay, and what comes after them is made elsewhere.
#[test]
fn an_order_may_have_more_offers_than_a_line() {
    let on = |i: usize| json!({"products": [format!("P{i:03}")]});
    let mut offers: Vec<Value> =
        (0..=100).map(|i| offer(&format!("o{i:03}"), json!({"benefits": off("10"), "scope": on(i)}))).collect();
    let named = |i: usize| of(i.try_into().unwrap(), product(&format!("P{i:03}")), "10.00", 1);
    let lines: Vec<Line> = (0..=100).map(named).collect();
    let whole = order(lines);
    let outcome = price(&shop(&offers), &whole, &[]);
    assert_eq!((outcome.offers().len(), text(outcome.totals().payable())), (101, "909.00".into()));
    let placed = with_codes(&shop(&offers), &whole, &[], |request| shop(&offers).place(request).unwrap());
    assert_eq!(text(placed.reprice(&[], ThresholdCheck::AsPlaced).unwrap().totals().payable()), "909.00");
    // 100 cents more on the first line, before its own 10%, which finds no place: 9.00 for each.
    offers.extend((0..100).map(|i| {
        let cent = json!([{"amount": {"off": {"USD": "0.01"}, "per": "line"}}]);
        offer(&format!("c{i:03}"), json!({"benefits": cent, "scope": on(0)}))
    }));
    let outcome = price(&shop(&offers), &whole, &[]);
    assert_eq!((outcome.offers().len(), text(outcome.totals().payable())), (200, "909.00".into()));
    assert!(outcome.offers().iter().all(|made| made.id().as_str() != "o000"));
}

/// A gift of an offer is an offer that was made, on the placed order as well.
#[test]
fn an_offer_may_give_nothing_but_a_gift() {
    let shop = shop(&[offer("mug", json!({"benefits": [{"gift": {"product": "MUG", "pieces": 1}}]}))]);
    let whole = order(vec![pieces(1, "10.00", 2)]);
    let outcome = price(&shop, &whole, &[]);
    assert_eq!((made(&outcome), outcome.gifts().len()), (vec!["mug 0.00".to_owned()], 1));
    let placed = with_codes(&shop, &whole, &[], |request| shop.place(request).unwrap());
    let one = placed.reprice(&[(LineId(1), 1)], ThresholdCheck::AsPlaced).unwrap();
    assert_eq!((one.offers(), one.gifts()), (outcome.offers(), outcome.gifts()));
}

/// A piece that a set of an offer used is used: no set of a code uses it again, on the placed order neither (trap 12).
#[test]
fn pieces_of_an_offer_belong_to_no_other_set() {
    let third_free = json!([{"nth": {"of": 3, "reward": "free"}}]);
    let shop = shop(&[offer("third", json!({"benefits": third_free.clone()}))]);
    let pair = || coupon("pair", json!({"benefits": [{"nth": {"of": 2, "reward": "free"}}]}));
    // Of five pieces the offer uses three and gives 10.00 of 50.00, so each stands at 8.00; two are left for a pair.
    let five = order(vec![pieces(1, "10.00", 5)]);
    let outcome = price(&shop, &five, &[pair()]);
    assert_eq!((made(&outcome), text(outcome.totals().payable())), (vec!["third 10.00".to_owned()], "32.00".into()));
    // Of four there is one left, which makes no pair.
    let four = order(vec![pieces(1, "10.00", 4)]);
    assert_eq!(text(price(&shop, &four, &[pair()]).totals().payable()), "30.00");
    // Two offers share the pieces as well.
    let both = self::shop(&[
        offer("third", json!({"benefits": third_free.clone(), "priority": 1})),
        offer("pair", json!({"benefits": [{"nth": {"of": 2, "reward": "free"}}]})),
    ]);
    assert_eq!(made(&price(&both, &four, &[])), ["third 10.00"]);
    let placed = with_codes(&shop, &five, &[pair()], |request| shop.place(request).unwrap());
    let json = serde_json::to_string(&placed).unwrap();
    assert!(json.contains(r#""claimed":[{"line":1,"units":3}]"#), "{json}");
    let read: PlacedOrder = serde_json::from_str(&json).unwrap();
    assert_eq!(read, placed);
    assert_eq!(read.reprice(&[], ThresholdCheck::AsPlaced).unwrap().totals(), outcome.totals());
    // Of four that are kept three are used: 40.00 less 8.00, and no pair.
    assert_eq!(text(read.reprice(&[(LineId(1), 4)], ThresholdCheck::AsPlaced).unwrap().totals().payable()), "32.00");
    // A coupon that takes the place of the offer finds all pieces.
    let alone = coupon(
        "pair",
        json!({
            "benefits": [{"nth": {"of": 2, "reward": "free"}}], "combination": {"with_discounts": false}
        }),
    );
    let dropping =
        shop_with(json!({"discount_conflict": "drop_discounts"}), &[offer("third", json!({"benefits": third_free}))]);
    assert_eq!(text(price(&dropping, &five, &[alone]).totals().payable()), "30.00");
    // Those without a discount of their own as well: two pieces at nothing and one at 10.00, of which that is half.
    let half = json!([{"nth": {"of": 3, "which": "dearest", "reward": {"percent": "50"}}}]);
    let dropping =
        shop_with(json!({"discount_conflict": "drop_discounts"}), &[offer("half", json!({"benefits": half}))]);
    let three = order(vec![line(1, "10.00"), pieces(2, "0.00", 2)]);
    let free = json!([{"nth": {"of": 3, "which": "dearest", "reward": "free"}}]);
    for (combination, payable) in [
        (json!({"with_discounts": true}), "5.00"),
        (json!({"with_discounts": false}), "0.00"),
        (json!({"overrides": "touched"}), "0.00"),
    ] {
        let whole = coupon("all", json!({"benefits": free, "combination": combination}));
        assert_eq!(text(price(&dropping, &three, &[whole]).totals().payable()), payable, "{combination}");
    }
}
