//! Section C: prices and visibility by customer type, as far as evaluation reads them.

use serde_json::json;
use vouchsafe::*;

use crate::support::*;

fn kind(name: &str) -> CustomerTypeId {
    name.parse().unwrap()
}

fn club(shop: ShopBuilder) -> ShopBuilder {
    shop.default_type(kind("RETAIL"))
        .customer_type(CustomerType::new(kind("CLUB")))
        .price(kind("CLUB"), "WINE".parse().unwrap(), Currency::USD, price("8.00"))
        .visible_only_to("MAGNUM".parse().unwrap(), [kind("CLUB")])
}

fn wine(id: u64) -> Line {
    of(id, product("WINE"), "10.00", 2)
}

fn of_type(name: &str) -> Customer {
    customer("1").with_type(kind(name))
}

/// Step 3: customer price before customer-type price before list price.
#[test]
fn the_most_specific_price_wins() {
    let paid = |line: Line, who: Customer| {
        let outcome = order([line]).shop(club).customer(who).run();
        (payable(&outcome), outcome.lines()[0].price_source())
    };
    assert_eq!(paid(wine(1), of_type("RETAIL")), ("20.00".into(), PriceSource::List));
    assert_eq!(paid(wine(1), of_type("CLUB")), ("16.00".into(), PriceSource::CustomerType));
    // Even where it is higher.
    let own = wine(1).with_customer_price(price("9.50"));
    assert_eq!(paid(own.clone(), of_type("CLUB")), ("19.00".into(), PriceSource::Customer));
    assert_eq!(paid(own, of_type("RETAIL")), ("19.00".into(), PriceSource::Customer));
    // Without a type of one's own, the default type holds.
    assert_eq!(paid(wine(1), Customer::anonymous()), ("20.00".into(), PriceSource::List));
    assert_eq!(paid(of(1, product("BEER"), "3.00", 1), of_type("CLUB")), ("3.00".into(), PriceSource::List));
}

/// Step 3: the losers are kept in the trace, but only prices this customer was entitled to.
#[test]
fn prices_that_lost_are_traced_for_those_entitled_to_them() {
    let lost = |who: &str| {
        let own = wine(1).with_customer_price(price("9.50"));
        let outcome = order([own]).shop(club).customer(of_type(who)).traced().run();
        let steps: Vec<(PriceSource, String)> = outcome
            .trace()
            .unwrap()
            .of(LineId(1))
            .filter_map(|entry| match entry.step {
                TraceStep::Price { ref lost, .. } => Some((lost.source, entry.before.amount_text())),
                _ => None,
            })
            .collect();
        steps
    };
    assert_eq!(lost("CLUB"), [(PriceSource::CustomerType, "16.00".into()), (PriceSource::List, "20.00".into())]);
    assert_eq!(lost("RETAIL"), [(PriceSource::List, "20.00".into())]);
    let plain = order([wine(1)]).shop(club).customer(of_type("CLUB")).run();
    assert_eq!(plain.trace(), None);
}

/// Step 4: a line that fails is refused, stays in the answer, is out of every total,
/// and the outcome is not placeable; to the public it is an unknown product.
#[test]
fn an_unseen_product_is_refused_and_out_of_every_total() {
    let magnum = || of(2, product("MAGNUM"), "90.00", 1).with_discount(discount("sale", usd("10.00")));
    let outcome = |who: Customer| {
        let spend = json!([{"minimum_spend": {"amounts": {"USD": "50.00"}, "range": "order"}}]);
        let ten = coupon("ten", json!({"conditions": spend, "benefits": [{"percent": {"off": "10"}}]}));
        order([wine(1), magnum()]).shop(club).customer(who).taxed("10").code(ten).run()
    };
    let seen = outcome(of_type("CLUB"));
    // 16.00 + 80.00 = 96.00 less 9.60 = 86.40, and 8.64 of tax.
    assert_eq!((payable(&seen).as_str(), seen.placeable()), ("95.04", true));
    let unseen = outcome(of_type("RETAIL"));
    assert_eq!(unseen.lines().len(), 2);
    let refused = &unseen.lines()[1];
    assert_eq!(refused.refusal(), Some(LineRefusal::NotVisible));
    let zero = usd("0.00");
    assert_eq!((refused.list(), refused.priced(), refused.payable(), refused.taxable()), (zero, zero, zero, zero));
    // It does not count towards a threshold either: 20.00 and not 100.00.
    assert_eq!(why(&unseen), [Refusal::MinimumSpend { required: usd("50.00"), found: usd("20.00") }]);
    assert_eq!((payable(&unseen).as_str(), unseen.placeable()), ("22.00", false));
    assert_eq!(unseen.redemption(), Err(NotPlaceable::LineRefused { line: LineId(2) }));
    // Nothing in what a browser sees tells a gated product from one that does not exist.
    let public = serde_json::to_string(&unseen.public()).unwrap();
    for word in ["visible", "MAGNUM", "CLUB", "90.00"] {
        assert!(!public.contains(word), "{word} in {public}");
    }
}

/// Proves S22 with types: a coupon can be for some types, or for all but some.
#[test]
fn a_coupon_can_be_for_types_or_exclude_them() {
    let with = |types: serde_json::Value| {
        coupon("c", json!({"conditions": [{"customer_types": types}], "benefits": [{"percent": {"off": "10"}}]}))
    };
    let judge =
        |types, who: Customer| reasons(&order([wine(1)]).shop(club).customer(who).code(with(types)).run())[0].clone();
    let none: [&str; 0] = [];
    assert_eq!(judge(json!({"only": ["CLUB"]}), of_type("CLUB")), none);
    assert_eq!(judge(json!({"only": ["CLUB"]}), of_type("RETAIL")), ["customer_type"]);
    assert_eq!(judge(json!({"except": ["CLUB"]}), of_type("CLUB")), ["customer_type"]);
    assert_eq!(judge(json!({"except": ["CLUB"]}), of_type("RETAIL")), none);
    // Anonymous shoppers have the default type.
    assert_eq!(judge(json!({"only": ["RETAIL"]}), Customer::anonymous()), none);
}

/// A coupon that only assigns a type the customer has already comes to nothing and is not counted.
#[test]
fn assigning_the_type_one_has_is_no_benefit() {
    let assign = |when: &str| coupon("a", json!({"benefits": ["none"], "assign": {"to": "CLUB", "when": when}}));
    for when in ["before_pricing", "on_commit", "next_order"] {
        let outcome = order([wine(1)]).shop(club).customer(of_type("CLUB")).code(assign(when)).run();
        assert_eq!((why(&outcome), outcome.type_change()), (&[Refusal::NoBenefit][..], None), "{when}");
        assert_eq!(outcome.redemption().unwrap().coupons(), [], "{when}");
    }
}

/// Proves S36: a type groups customers, a customer has one at a time, and who is new or anonymous has the default type.
/// One whose type the shop does not know is no worse off than a newcomer.
#[test]
fn a_customer_has_a_type_and_newcomers_have_the_default_one() {
    let standing = |who: &Customer, at: &str| {
        let shop = club(Shop::builder(policy(|p| p))).build().unwrap();
        let standing = shop.standing(who, self::at(at));
        let types: Vec<String> = standing.types().iter().map(ToString::to_string).collect();
        (types.join(" "), standing.primary().cloned())
    };
    assert_eq!(standing(&Customer::anonymous(), NOON), ("RETAIL".to_owned(), Some(kind("RETAIL"))));
    assert_eq!(standing(&customer("1"), NOON), ("RETAIL".to_owned(), Some(kind("RETAIL"))));
    assert_eq!(standing(&of_type("CLUB"), NOON), ("CLUB".to_owned(), Some(kind("CLUB"))));
    assert_eq!(standing(&of_type("GONE"), NOON), ("RETAIL".to_owned(), Some(kind("RETAIL"))));
    // Two customers of one type pay the same; a membership beside the type brings its price with it.
    let paid = |who: Customer| payable(&order([wine(1)]).shop(club).customer(who).run());
    assert_eq!([paid(of_type("CLUB")), paid(customer("2").with_type(kind("CLUB")))], ["16.00", "16.00"]);
    let until_noon = Window::instants(None, Some(at(NOON))).unwrap();
    let member = |window| customer("3").with_membership(Membership::new(kind("CLUB")).with_window(window));
    assert_eq!(
        [paid(member(Window::ALWAYS)), paid(member(until_noon)), paid(customer("3"))],
        ["16.00", "20.00", "20.00"]
    );
    assert_eq!(standing(&member(until_noon), "2026-03-29T11:59:59Z").0, "RETAIL CLUB");
}
