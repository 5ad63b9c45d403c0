//! Section C: what a product costs whom, by lists of customer types and of customers.

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

fn kind(name: &str) -> CustomerTypeId {
    name.parse().unwrap()
}

fn list(document: Value) -> PriceList {
    serde_json::from_value(document).unwrap()
}

fn types(shop: ShopBuilder) -> ShopBuilder {
    shop.default_type(kind("RETAIL"))
        .customer_type(CustomerType::new(kind("DEALER")))
        .customer_type(CustomerType::new(kind("CLUB")))
}

fn of_type(name: &str) -> Customer {
    customer("42").with_type(kind(name))
}

/// A shop in which dealers have so much off everything.
fn dealers_less(percent: &'static str) -> impl Fn(ShopBuilder) -> ShopBuilder {
    move |shop| {
        types(shop).price_list(list(json!({
            "id": "dealers", "for": {"types": ["DEALER"]}, "entries": [{"goods": "everything", "percent_off": percent}]
        })))
    }
}

/// The amount, whose price it is, and the list, line by line.
fn priced(outcome: &Outcome) -> Vec<(String, PriceSource, Option<&str>)> {
    let by = |line: &LineOutcome| {
        let list = outcome.price_list(line).map(PriceListId::as_str);
        (line.priced().amount_text(), line.price_source(), list)
    };
    outcome.lines().iter().map(by).collect()
}

/// Proves S37: a percentage or an amount off a product, a category or everything, and a price of a product; each on the
/// list price, and the line rounded once.
#[test]
fn a_type_pays_less_for_a_product_a_category_or_everything() {
    let club = |shop: ShopBuilder| {
        types(shop)
            .category("wine".parse().unwrap())
            .subcategory("red".parse().unwrap(), "wine".parse().unwrap())
            .price_list(list(json!({"id": "club", "for": {"types": ["CLUB"]}, "entries": [
                {"goods": "everything", "percent_off": "10"},
                {"goods": {"category": "wine", "subcategories": true}, "amount_off": {"USD": "0.75"}},
                {"goods": {"product": "MAGNUM"}, "price": {"USD": "20.005"}},
            ]})))
    };
    let red = |id, name: &str, price, n| of(id, product(name).with_categories(["red".parse().unwrap()]), price, n);
    let lines = || [pieces(1, "0.335", 3), red(2, "NOIR", "9.99", 2), red(3, "MAGNUM", "30.00", 3)];
    let outcome = order(lines()).shop(club).customer(of_type("CLUB")).run();
    // 3 x 0.3015 = 0.9045; 2 x 9.24 = 18.48; 3 x 20.005 = 60.015.
    let by_type = |amount: &str| (amount.to_owned(), PriceSource::CustomerType, Some("club"));
    assert_eq!(priced(&outcome), [by_type("0.90"), by_type("18.48"), by_type("60.02")]);
    assert_eq!(payable(&outcome), "79.40");
    let retail = order(lines()).shop(club).run();
    let all = |amount: &str| (amount.to_owned(), PriceSource::List, None);
    assert_eq!(priced(&retail), [all("1.01"), all("19.98"), all("90.00")]);
}

/// Trap 7: everything off leaves nothing, to the last line and tax; an amount above the price does not go below zero.
#[test]
fn everything_off_is_exactly_nothing() {
    for less in [json!({"percent_off": "100"}), json!({"amount_off": {"USD": "1000"}})] {
        let mut entry = less.clone();
        entry["goods"] = json!("everything");
        let free = json!({"id": "free", "for": {"types": ["CLUB"]}, "entries": [entry]});
        let shop = |shop: ShopBuilder| types(shop).price_list(list(free.clone()));
        let outcome = order([pieces(1, "0.01", 1), pieces(2, "33.33", 3)]).shop(shop).customer(of_type("CLUB"));
        let outcome = outcome.taxed("19").run();
        assert_eq!((payable(&outcome).as_str(), outcome.totals().taxable()), ("0.00", usd("0.00")), "{less}");
        assert!(outcome.has_flag(Flag::ZeroBase));
    }
}

/// Proves S41: the account's price goes before that of the type, and what the host put on the line before both.
#[test]
fn the_price_of_the_account_goes_before_that_of_the_type() {
    let acme = |shop: ShopBuilder| {
        dealers_less("20")(shop).price_list(list(json!({
            "id": "acme", "for": {"customers": ["id:42"]}, "entries": [{"goods": {"product": "P1"}, "price": {"USD": "9.25"}}]
        })))
    };
    let paid = |line: Line, who: Customer| {
        let outcome = order([line]).shop(acme).customer(who).run();
        let (amount, source, list) = priced(&outcome).remove(0);
        (amount, source, list.map(str::to_owned))
    };
    let acmes = ("18.50".to_owned(), PriceSource::Customer, Some("acme".to_owned()));
    assert_eq!(paid(pieces(1, "10.00", 2), of_type("DEALER")), acmes, "though 8.00 would be the dealers' price");
    assert_eq!(paid(pieces(1, "10.00", 2), customer("42")), acmes, "whatever the type");
    let other = customer("43").with_type(kind("DEALER"));
    let dealers = ("16.00".to_owned(), PriceSource::CustomerType, Some("dealers".to_owned()));
    assert_eq!(paid(pieces(1, "10.00", 2), other), dealers);
    let on_line = pieces(1, "10.00", 2).with_customer_price(price("9.90"));
    assert_eq!(paid(on_line, of_type("DEALER")), ("19.80".to_owned(), PriceSource::Customer, None));
}

/// Proves S43: a representative tailors prices by what is assigned to a type; the same order costs two customers what
/// their types say, and moving a customer to another type is all it takes.
#[test]
fn prices_are_tailored_by_type_and_not_by_representative() {
    let lines = || [pieces(1, "10.00", 3), pieces(2, "4.00", 1)];
    let pays = |shop: &dyn Fn(ShopBuilder) -> ShopBuilder, who| payable(&order(lines()).shop(shop).customer(who).run());
    let before = dealers_less("20");
    assert_eq!(pays(&before, of_type("DEALER")), "27.20");
    assert_eq!(pays(&before, of_type("CLUB")), "34.00");
    // 25% off, and 5.00 for the second product.
    let tailored = |shop: ShopBuilder| {
        dealers_less("25")(shop).price("DEALER".parse().unwrap(), "P2".parse().unwrap(), Currency::USD, price("3.50"))
    };
    assert_eq!(pays(&tailored, of_type("DEALER")), "26.00");
    assert_eq!(pays(&tailored, of_type("CLUB")), "34.00");
}

fn by_the_dozen(shop: ShopBuilder) -> ShopBuilder {
    types(shop).price_list(list(json!({"id": "dozens", "for": {"types": ["RETAIL", "DEALER"]}, "entries": [
        {"goods": {"product": "SOCK"}, "price": {"USD": "3.00"}},
        {"goods": {"product": "SOCK"}, "from": 12, "price": {"USD": "2.50"}},
        {"goods": "everything", "from": 5, "percent_off": "10"},
    ]})))
}

/// Proves S37 for quantities: they are those of the product in the whole order, so splitting a line changes nothing.
#[test]
fn splitting_a_line_does_not_change_its_price() {
    let sock = |id, n| of(id, product("SOCK"), "4.00", n);
    let paid = |lines: Vec<Line>| payable(&order(lines).shop(by_the_dozen).run());
    assert_eq!(paid(vec![sock(1, 11)]), "33.00");
    assert_eq!(paid(vec![sock(1, 12)]), "30.00");
    assert_eq!(paid(vec![sock(1, 5), sock(2, 7)]), "30.00");
    assert_eq!(paid(vec![sock(1, 5), of(2, product("SHOE"), "1.00", 7)]), "21.30", "another product counts for itself");
    // Not the goods together, but each product: four and four are no five.
    assert_eq!(paid(vec![of(1, product("A"), "1.00", 4), of(2, product("B"), "1.00", 4)]), "8.00");
}

/// A measured line counts its measure: 2.5 kg and 2.5 kg are 5.
#[test]
fn a_measured_line_counts_its_measure() {
    let cheese = |id, kilos: &str| {
        let quantity = Quantity::measured(kilos.parse().unwrap()).unwrap();
        Line::new(LineId(id), product("CHEESE"), quantity, price("10.00"))
    };
    let paid = |lines: Vec<Line>| payable(&order(lines).shop(by_the_dozen).run());
    assert_eq!(paid(vec![cheese(1, "4.999999")]), "50.00");
    assert_eq!(paid(vec![cheese(1, "2.5"), cheese(2, "2.5")]), "45.00");
    // A price from the first unit on holds for half of one.
    assert_eq!(payable(&order([cheese(1, "0.5")]).shop(dealers_less("50")).customer(of_type("DEALER")).run()), "2.50");
}

/// Memberships have prices as well, after the primary type; one that ended has none.
#[test]
fn memberships_come_after_the_primary_type() {
    let shop = |shop: ShopBuilder| {
        dealers_less("10")(shop).price_list(list(json!({
            "id": "club", "for": {"types": ["CLUB"]}, "entries": [{"goods": {"product": "P1"}, "percent_off": "30"}]
        })))
    };
    let member = |window: Value| {
        let mut membership = window;
        membership["type"] = json!("CLUB");
        let membership: Membership = serde_json::from_value(membership).unwrap();
        customer("42").with_membership(membership)
    };
    let paid = |who: Customer, strategy| {
        let case = order([line(1, "10.00")]).shop(|s| shop(s).price_strategy(strategy)).customer(who);
        payable(&case.run())
    };
    let specific = PriceStrategy::MostSpecific;
    assert_eq!(paid(member(json!({})), specific), "7.00");
    assert_eq!(paid(member(json!({"ends_at": NOON})), specific), "10.00");
    assert_eq!(paid(member(json!({})).with_type(kind("DEALER")), specific), "9.00");
    assert_eq!(paid(member(json!({})).with_type(kind("DEALER")), PriceStrategy::Lowest), "7.00");
}

/// Step 3: the losers are in the trace with their reason, but only those this customer was entitled
/// to.
#[test]
fn the_trace_says_why_other_prices_lost() {
    let shop = |shop: ShopBuilder| {
        dealers_less("10")(shop)
            .price_list(list(json!({"id": "acme", "for": {"customers": ["id:42"]}, "priority": 3, "entries": [
                {"goods": {"product": "P1"}, "price": {"USD": "8.00"}},
                {"goods": {"product": "P1"}, "from": 10, "price": {"USD": "7.00"}},
                {"goods": {"product": "P1"}, "from": 100, "price": {"USD": "6.00"}},
            ]})))
            .price_list(list(json!({"id": "acme-low", "for": {"customers": ["id:42"]}, "entries": [
                {"goods": {"product": "P1"}, "from": 10, "price": {"USD": "5.00"}},
            ]})))
            .price_list(list(json!({"id": "secret", "for": {"types": ["CLUB"]}, "entries": [
                {"goods": "everything", "percent_off": "90"},
            ]})))
            .price_list(list(json!({"id": "other", "for": {"customers": ["id:43"]}, "entries": [
                {"goods": "everything", "percent_off": "95"},
            ]})))
    };
    let outcome = order([pieces(1, "10.00", 10)]).shop(shop).customer(of_type("DEALER")).traced().run();
    let steps: Vec<String> = outcome
        .trace()
        .unwrap()
        .of(LineId(1))
        .filter_map(|entry| match &entry.step {
            TraceStep::Price { won, lost, why } => {
                let list = |by: &PricedBy| by.list.as_ref().map_or("-", PriceListId::as_str).to_owned();
                let of = lost.customer_type.as_ref().map_or("-", CustomerTypeId::as_str);
                let before = entry.before.amount_text();
                Some(format!("{} before {} ({of}) at {before}: {why:?}", list(won), list(lost)))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        steps,
        [
            "acme before acme-low (-) at 50.00: LowerPriority",
            "acme before acme (-) at 80.00: SmallerQuantity",
            "acme before dealers (DEALER) at 90.00: LessSpecific",
            "acme before - (-) at 100.00: LessSpecific",
        ]
    );
    // What the outcome says is read back whole, and to the public no list has a name.
    let text = serde_json::to_string(&outcome).unwrap();
    assert_eq!(serde_json::from_str::<Outcome>(&text).unwrap(), outcome);
    assert!(!serde_json::to_string(&outcome.public()).unwrap().contains("acme"));
}

/// Documents that know nothing of price lists are read as they were.
#[test]
fn an_outcome_without_price_lists_is_still_read() {
    let outcome = order([line(1, "10.00")]).shop(dealers_less("10")).customer(of_type("DEALER")).traced().run();
    let mut document = serde_json::to_value(&outcome).unwrap();
    assert_eq!(document["lines"][0]["price_list"], json!("dealers"));
    document["lines"][0].as_object_mut().unwrap().remove("price_list");
    document["trace"]["entries"][0]["step"] = json!({"price": {"won": "customer_type", "lost": "list"}});
    let read: Outcome = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(read.price_list(&read.lines()[0]), None);
    let step = &read.trace().unwrap().entries()[0].step;
    assert!(matches!(step, TraceStep::Price { why: PriceLoss::LessSpecific, .. }));
    // A list that priced a line at the list price contradicts itself.
    document["lines"][0]["price_list"] = json!("dealers");
    document["lines"][0]["price_source"] = json!("list");
    assert!(serde_json::from_value::<Outcome>(document).unwrap_err().to_string().contains("price_list"));
}

/// Proves S11 for prices: without a type, nothing tells whether a programme exists.
#[test]
fn nobody_else_sees_a_trace_of_a_price_list() {
    let bytes = |shop: &dyn Fn(ShopBuilder) -> ShopBuilder| {
        let outcome = order([pieces(1, "10.00", 20)]).shop(shop).customer(customer("7")).traced().run();
        serde_json::to_string(&outcome).unwrap()
    };
    let programme = |shop: ShopBuilder| {
        dealers_less("50")(shop).price_list(list(json!({"id": "acme", "for": {"customers": ["id:42"]}, "entries": [
            {"goods": "everything", "from": 2, "percent_off": "60"},
        ]})))
    };
    assert_eq!(bytes(&types), bytes(&programme));
}

/// Proves S6 with lists: a code that changes the type before pricing is priced at the lists of the new type.
#[test]
fn a_code_before_pricing_brings_the_prices_of_its_type() {
    let pro = coupon("pro", json!({"benefits": ["none"], "assign": {"to": "DEALER", "when": "before_pricing"}}));
    let outcome = order([line(1, "10.00")]).shop(dealers_less("40")).customer(customer("7")).code(pro).run();
    assert_eq!(priced(&outcome), [("6.00".into(), PriceSource::CustomerType, Some("dealers"))]);
}

/// Half off, on the list price of what it touches or of the whole order.
fn half_off_list(overrides: &str, fields: Value) -> Coupon {
    let mut all = json!({"combination": {"overrides": overrides}, "benefits": [{"percent": {"off": "50"}}]});
    for (name, value) in fields.as_object().unwrap() {
        all[name] = value.clone();
    }
    coupon("half", all)
}

/// A coupon may act on the list price in place of the type's price and the shop's discounts.
#[test]
fn a_coupon_overrides_prices_of_types_and_discounts() {
    let only = json!({"scope": {"products": ["P1"]}});
    let lines = || [line(1, "100.00").with_discount(discount("sale", usd("5.00"))), line(2, "10.00")];
    let outcome = |overrides: &str, fields: &Value| {
        let case = order(lines()).shop(dealers_less("20")).customer(of_type("DEALER")).traced();
        case.code(half_off_list(overrides, fields.clone())).run()
    };
    // 80.00 less 5.00 less half is 37.50, and 8.00.
    let plain = outcome("nothing", &only);
    assert_eq!((payable(&plain), off(&plain)), ("45.50".into(), vec!["37.50".into(), "0.00".into()]));
    // On the list price: half of 100.00, without the sale, and 8.00.
    let touched = outcome("touched", &only);
    assert_eq!((payable(&touched), off(&touched)), ("58.00".into(), vec!["50.00".into(), "0.00".into()]));
    assert_eq!(touched.lines()[0].shop_discount(), usd("0.00"));
    // And 10.00 where the whole order stands at list prices.
    assert_eq!(payable(&outcome("everything", &only)), "60.00");
}

/// It takes nothing away: it is applied only where the order is cheaper with it than without it.
#[test]
fn a_coupon_that_overrides_is_applied_where_the_order_is_cheaper() {
    let case = |percent, overrides, fields: &Value| {
        let lines = [line(1, "100.00").with_discount(discount("sale", usd("5.00"))), line(2, "10.00")];
        let case = order(lines).shop(dealers_less(percent)).customer(of_type("DEALER"));
        case.code(half_off_list(overrides, fields.clone())).traced().run()
    };
    let only = json!({"scope": {"products": ["P1"]}});
    // 50.00 and 9.00 against 85.00 and 9.00.
    let touched = case("10", "touched", &only);
    assert_eq!((payable(&touched), off(&touched)), ("59.00".into(), vec!["50.00".into(), "0.00".into()]));
    let list = ("100.00".to_owned(), PriceSource::List, None);
    let dealers = ("9.00".to_owned(), PriceSource::CustomerType, Some("dealers"));
    assert_eq!(priced(&touched), [list.clone(), dealers]);
    assert_eq!(touched.lines()[0].shop_discount(), usd("0.00"));
    let step = TraceStep::Overridden { coupon: "half".parse().unwrap() };
    let entry = touched.trace().unwrap().of(LineId(1)).find(|entry| entry.step == step).unwrap();
    assert_eq!((entry.before, entry.after), (usd("85.00"), usd("100.00")));
    let text = serde_json::to_string(&touched).unwrap();
    assert_eq!(serde_json::from_str::<Outcome>(&text).unwrap(), touched);
    // All lines at the list price: 50.00 and 10.00.
    let everything = case("10", "everything", &only);
    assert_eq!(
        (payable(&everything), priced(&everything)),
        ("60.00".into(), vec![list, ("10.00".into(), PriceSource::List, None)])
    );
    // To the cent as dear is no benefit: 50.00 against 55.00 less 5.00.
    assert_eq!(why(&case("45", "touched", &only)), [Refusal::NoBenefit]);
}

/// Trap 13: one that was refused as no benefit burns no use, and what it does besides money still holds.
#[test]
fn what_overrides_in_vain_is_not_used_but_its_type_is_assigned() {
    let run = |fields: &Value| {
        let case = order([line(1, "100.00")]).shop(dealers_less("60")).customer(of_type("DEALER"));
        case.code(half_off_list("touched", fields.clone())).run()
    };
    let vain = run(&json!({}));
    assert_eq!((payable(&vain).as_str(), why(&vain)), ("40.00", &[Refusal::NoBenefit][..]));
    assert_eq!(vain.redemption().unwrap().coupons(), []);
    let assigning = run(&json!({"assign": {"to": "CLUB"}}));
    assert_eq!((payable(&assigning).as_str(), applied(&assigning)), ("40.00", true));
    assert_eq!(
        (why(&assigning), assigning.type_change().unwrap().to.clone()),
        (&[Refusal::NoBenefit][..], Some(kind("CLUB")))
    );
    let text = serde_json::to_string(&assigning).unwrap();
    assert_eq!(serde_json::from_str::<Outcome>(&text).unwrap(), assigning);
}

/// Trap 11: beside a code that overrides, the order in which codes were typed does not matter, and the code that it would
/// have shut out keeps its place where it fails.
#[test]
fn codes_beside_one_that_overrides() {
    let run = |percent, codes: [Coupon; 2]| {
        let case = order([line(1, "100.00"), line(2, "10.00")]).shop(dealers_less(percent));
        case.customer(of_type("DEALER")).codes(codes).run()
    };
    let half = || half_off_list("everything", json!({"priority": 1}));
    for (percent, expected, who) in [("10", "49.50", vec!["half", "ten"]), ("60", "39.60", vec!["ten"])] {
        // 110.00 less half less 10%; and 44.00 less 10%, where half of list would be 49.50.
        for codes in [[half(), percent_off("ten", "10")], [percent_off("ten", "10"), half()]] {
            let outcome = run(percent, codes);
            assert_eq!(
                (payable(&outcome).as_str(), winners(&outcome)),
                (expected, who.iter().map(|w| (*w).to_owned()).collect())
            );
        }
    }
}
