//! Section C: who sees, prices and buys what, how they may pay, and that nobody learns of what they must not see.

use proptest::prelude::*;
use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

/// A shop from its JSON, in dollars, with any number of codes.
fn shop(fields: Value) -> Shop {
    let mut document =
        json!({"version": 1, "policy": {"currency": "USD", "max_codes": "unlimited", "line_codes": true}});
    document.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    serde_json::from_value(document).unwrap()
}

fn definition_error(fields: Value) -> String {
    let mut document = json!({"version": 1, "policy": {"currency": "USD"}});
    document.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    serde_json::from_value::<Shop>(document).unwrap_err().to_string()
}

fn of_type(name: &str) -> Customer {
    customer("1").with_type(name.parse().unwrap())
}

fn in_category(id: &str, category: &str) -> Product {
    product(id).with_categories([category.parse().unwrap()])
}

fn placed() -> Reference {
    Reference::Order("o-1".parse().unwrap())
}

fn evaluate(shop: &Shop, order: &Order, who: &Customer, codes: &[Presented<'_>]) -> Outcome {
    shop.evaluate(&Request::new(order, who, placed(), at(NOON)).with_codes(codes)).unwrap()
}

/// Everything about an outcome that reaches a browser.
fn seen_by_a_browser(outcome: &Outcome, order: &Order) -> (String, String, Digest, Result<(), NotPlaceable>) {
    let json = serde_json::to_string(&outcome.public()).unwrap();
    (json, outcome.receipt(order).to_string(), outcome.digest(), outcome.redemption().map(|_| ()))
}

fn names<T: ToString>(of: Option<Vec<T>>) -> Option<Vec<String>> {
    of.map(|list| list.iter().map(ToString::to_string).collect())
}

/// The pro-form programme: a category behind a gate, prices, allowances, a way to pay and a way to ship of its own.
fn programme() -> Value {
    json!({
        "customer_types": ["RETAIL", {"id": "PROFORM", "rank": 10}],
        "default_type": "RETAIL",
        "prices": [
            {"customer_type": "PROFORM", "product": "BOOT", "price": "119.00"},
            {"customer_type": "PROFORM", "product": "JACKET", "price": "200.00"}
        ],
        "visible_only_to": [{"product": "PROTOTYPE", "customer_types": ["PROFORM"]}],
        "access": [
            {"deny": ["see"], "goods": {"category": "pro"}},
            {"allow": ["see"], "goods": {"category": "pro"}, "to": {"types": ["PROFORM"]}}
        ],
        "payment_options": ["CARD", {"option": "NET30", "to": {"types": ["PROFORM"]}, "preferred_by": {"min_rank": 10}}],
        "shipping_options": ["standard", {"method": "pallet", "to": {"min_rank": 10}}],
        "quantity_rules": [{"goods": {"category": "pro"}, "to": {"types": ["PROFORM"]}, "max": 2}],
        "allowances": [
            {"id": "pairs", "goods": [{"product": "BOOT"}], "to": {"types": ["PROFORM"]}, "quantity": 6}
        ],
        "purchases": [{"goods": {"category": "pro"}, "assign": {"to": "PROFORM", "when": "on_commit"}}]
    })
}

/// Proves S5, S38: who must not see a product is told nothing, and a category is a gate like a product.
#[test]
fn a_gate_shuts_a_category_for_all_but_some() {
    let shop = shop(programme());
    let standing = |who: &Customer| shop.standing(who, at(NOON));
    let (retail, pro) = (standing(&Customer::anonymous()), standing(&of_type("PROFORM")));
    let member = standing(&of_type("RETAIL").with_memberships(["PROFORM".parse().unwrap()]));
    for gated in [in_category("JACKET", "pro"), product("PROTOTYPE")] {
        for permission in Permission::ALL {
            assert!(!shop.permits(permission, &gated, &retail), "{permission} {}", gated.id());
            assert!(shop.permits(permission, &gated, &pro) && shop.permits(permission, &gated, &member));
        }
    }
    // Another category, and a category below that nobody spoke of, are not behind the gate.
    for open in [in_category("BOOT", "boots"), in_category("BELOW", "pro/below"), product("POLE")] {
        assert!(shop.permits(Permission::Buy, &open, &retail));
    }
}

/// Proves S46: who may buy is a rule separate from who may see; and that each permission needs those before it.
#[test]
fn seen_and_not_for_sale() {
    let rules = |rules: Value| shop(json!({"access": rules}));
    let boot = || order([of(1, product("BOOT"), "199.00", 1), line(2, "10.00")]);
    let run = |denied: Value| {
        let shop = rules(json!([{"deny": denied, "goods": {"product": "BOOT"}}]));
        let order = Order::builder(Currency::USD)
            .lines([of(1, product("BOOT"), "199.00", 1).with_description("Ski boot"), line(2, "10.00")])
            .build()
            .unwrap();
        let outcome = evaluate(&shop, &order, &Customer::anonymous(), &[]);
        assert_eq!(payable(&outcome), "10.00");
        assert_eq!(outcome.redemption(), Err(NotPlaceable::LineRefused { line: LineId(1) }));
        let public = serde_json::to_value(outcome.public()).unwrap();
        let receipt = outcome.receipt(&order).to_string();
        let text = receipt.lines().next().unwrap().to_owned();
        (outcome.lines()[0].refusal().unwrap(), public["lines"][0]["refused"].as_str().unwrap().to_owned(), text)
    };
    for (denied, refusal, public, text) in [
        (json!(["buy"]), LineRefusal::NotPurchasable, "not_purchasable", "Ski boot: not for sale to you"),
        (json!(["see_price"]), LineRefusal::PriceNotVisible, "price_not_visible", "Ski boot: price not shown"),
        (json!(["see"]), LineRefusal::NotVisible, "unknown_product", "Line 1: unknown product"),
        (json!(["buy", "see_price"]), LineRefusal::PriceNotVisible, "price_not_visible", "Ski boot: price not shown"),
        (json!(["buy", "see", "see_price"]), LineRefusal::NotVisible, "unknown_product", "Line 1: unknown product"),
    ] {
        assert_eq!(run(denied), (refusal, public.to_owned(), text.to_owned()));
    }
    // What allows buying does not show what is hidden.
    let shop = rules(json!([
        {"deny": ["see"], "goods": "everything"},
        {"allow": ["buy", "see_price"], "goods": {"product": "BOOT"}}
    ]));
    let standing = Standing::default();
    assert!(Permission::ALL.iter().all(|p| !shop.permits(*p, &product("BOOT"), &standing)));
    assert_eq!(payable(&boot().run()), "209.00", "without a rule everything is for sale");
}

/// The nearest goods win, then the narrower audience, then denial.
#[test]
fn the_nearest_rule_wins() {
    let noir = product("NOIR-M").with_parent("NOIR".parse().unwrap()).with_categories(["pinot".parse().unwrap()]);
    let sees = |rules: Value, who: &Customer| {
        let shop = shop(json!({
            "customer_types": ["A", {"id": "B", "rank": 5}],
            "default_type": "A",
            "categories": ["wine", {"id": "red", "parent": "wine"}, {"id": "pinot", "parent": "red"}],
            "access": rules
        }));
        shop.permits(Permission::See, &noir, &shop.standing(who, at(NOON)))
    };
    let rule = |effect: &str, goods: &Value, to: &Value| json!({effect: ["see"], "goods": goods, "to": to});
    let both = of_type("A").with_memberships(["B".parse().unwrap()]);
    let everyone = json!({});
    // Each beats all that follow, whatever they say and whomever they are for.
    let nearer = [
        json!({"product": "NOIR-M"}),
        json!({"product": "NOIR", "variants": true}),
        json!({"category": "pinot"}),
        json!({"category": "red", "subcategories": true}),
        json!({"category": "wine", "subcategories": true}),
        json!("everything"),
    ];
    for (i, near) in nearer.iter().enumerate() {
        for far in &nearer[i + 1..] {
            let narrow = json!({"types": ["A"]});
            for (effect, other) in [("allow", "deny"), ("deny", "allow")] {
                let rules = json!([rule(other, far, &narrow), rule(effect, near, &everyone)]);
                assert_eq!(sees(rules, &both), effect == "allow", "{near} before {far}");
            }
        }
    }
    // Goods that say nothing of what is below are not about it.
    for elsewhere in [json!({"product": "NOIR"}), json!({"category": "red"})] {
        assert!(sees(json!([rule("deny", &elsewhere, &everyone)]), &both));
    }
    // Of equally near ones: types before a rank before everyone, and denial among equals.
    let (types, other, rank) = (json!({"types": ["A"]}), json!({"types": ["B"]}), json!({"min_rank": 5}));
    let here = json!("everything");
    for (effect, against) in [("allow", "deny"), ("deny", "allow")] {
        for (narrow, wide) in [(&types, &rank), (&types, &everyone), (&rank, &everyone)] {
            let rules = json!([rule(against, &here, wide), rule(effect, &here, narrow)]);
            assert_eq!(sees(rules, &both), effect == "allow", "{narrow} before {wide}");
        }
        assert!(!sees(json!([rule(effect, &here, &types), rule(against, &here, &other)]), &both), "a tie is a denial");
    }
    assert!(sees(json!([rule("deny", &here, &other)]), &of_type("A")), "a rule for others is none");
    assert!(sees(json!([rule("deny", &here, &json!({"except": ["A"]}))]), &both), "an exception is left out");
}

/// A mistaken rule is found before anybody is refused by it.
#[test]
fn mistaken_rules_are_named() {
    let types = json!(["A"]);
    let deny = |goods: Value| json!({"deny": ["see"], "goods": goods});
    let all = || deny(json!("everything"));
    for (fields, error) in [
        (
            json!({"access": [deny(json!({"product": "X"}))], "products": ["P"]}),
            "`access[0].goods.product` is `X`: unknown product",
        ),
        (
            json!({"access": [all(), deny(json!({"category": "x"}))], "categories": ["c"]}),
            "`access[1].goods.category` is `x`: unknown category",
        ),
        (
            json!({"customer_types": types, "default_type": "A",
                   "access": [{"deny": ["see"], "goods": "everything", "to": {"types": ["A", "X"]}}]}),
            "`access[0].to.types[1]` is `X`: unknown customer type",
        ),
        (
            json!({"visible_only_to": [{"product": "X", "customer_types": []}], "products": ["P"]}),
            "`visible_only_to[0].product` is `X`: unknown product",
        ),
        // The same again, for one of its permissions; whatever the order of types.
        (
            json!({"access": [all(), {"deny": ["buy", "see"], "goods": "everything", "to": {}}]}),
            "`access[1]` is `{..}`: given twice",
        ),
        (
            json!({"access": [all(), {"allow": ["see"], "goods": "everything"}]}),
            "`access[1]` is `{..}`: overlaps with `access[0]`",
        ),
        (
            json!({"customer_types": ["A", "B"], "default_type": "A", "access": [
                {"allow": ["buy"], "goods": "everything", "to": {"types": ["A", "B"]}},
                {"deny": ["buy"], "goods": "everything", "to": {"types": ["B", "A"]}}
            ]}),
            "`access[1]` is `{..}`: overlaps with `access[0]`",
        ),
        (
            json!({"visible_only_to": [{"product": "P", "customer_types": []}],
                   "access": [{"allow": ["see"], "goods": {"product": "P"}}]}),
            "`access[0]` is `{..}`: overlaps with `visible_only_to`",
        ),
        (
            json!({"payment_options": ["CARD", {"option": "CARD"}]}),
            "`payment_options[1].option` is `CARD`: given twice",
        ),
        (
            json!({"customer_types": types, "default_type": "A", "shipping_options": [
                {"method": "post", "to": {"types": ["X"]}, "preferred_by": {"except": ["Y"]}}
            ]}),
            "`shipping_options[0].to.types[0]` is `X`: unknown customer type; \
             `shipping_options[0].preferred_by.except[0]` is `Y`: unknown customer type",
        ),
        // A rule that cannot be read does not shift the places of the others.
        (
            json!({"products": ["P"], "access": [7, deny(json!({"product": "X"}))]}),
            "`access[0]` is `7`: expected an object; `access[1].goods.product` is `X`: unknown product",
        ),
    ] {
        assert_eq!(definition_error(fields), error);
    }
    // Builder and document say the same.
    let builder =
        Shop::builder(policy(|p| p)).access(AccessRule::deny(Permission::See, Goods::Everything, Audience::everyone()));
    let again = AccessRule::allow(Permission::See, Goods::Everything, Audience::everyone());
    assert_eq!(
        builder.access(again).build().unwrap_err().to_string(),
        "`access[1]` is `{..}`: overlaps with `access[0]`"
    );
}

/// Proves S39: the payment options of an order follow from the type; another one is refused, and the order priced all the
/// same.
#[test]
fn payment_follows_the_type() {
    let shop = shop(programme());
    let order = |option: Option<&str>, method: Option<&str>| {
        let mut shipping = shipping(9, usd("5.00"));
        if let Some(method) = method {
            shipping = shipping.with_method(method.parse().unwrap());
        }
        let order = Order::builder(Currency::USD).line(line(1, "30.00")).charge(shipping);
        option.map_or(order.clone(), |o| order.payment_option(o.parse().unwrap())).build().unwrap()
    };
    let run = |who: &str, option: Option<&str>, method: Option<&str>| {
        evaluate(&shop, &order(option, method), &of_type(who), &[])
    };
    let refused =
        |outcome: &Outcome| -> Vec<&'static str> { outcome.order_refusals().iter().map(OrderRefusal::code).collect() };
    let none: [&str; 0] = [];
    for (who, option, method, expected) in [
        ("RETAIL", Some("CARD"), Some("standard"), vec![]),
        ("RETAIL", Some("NET30"), Some("standard"), vec!["payment_not_allowed"]),
        ("RETAIL", Some("NET30"), Some("pallet"), vec!["payment_not_allowed", "shipping_not_allowed"]),
        ("RETAIL", Some("CASH"), None, vec!["payment_not_allowed"]),
        // What is not chosen yet is not refused.
        ("RETAIL", None, None, vec![]),
        ("PROFORM", Some("NET30"), Some("pallet"), vec![]),
        ("PROFORM", Some("CARD"), Some("standard"), vec![]),
    ] {
        let outcome = run(who, option, method);
        assert_eq!(refused(&outcome), expected, "{who} {option:?} {method:?}");
        assert_eq!(payable(&outcome), "35.00", "priced all the same");
        assert_eq!((outcome.placeable(), outcome.public().is_placeable()), (expected.is_empty(), expected.is_empty()));
    }
    let outcome = run("RETAIL", Some("NET30"), Some("pallet"));
    let refusal = OrderRefusal::PaymentNotAllowed { option: "NET30".parse().unwrap() };
    assert_eq!(outcome.redemption(), Err(NotPlaceable::OrderRefused { refusal }));
    let public = serde_json::to_value(outcome.public()).unwrap();
    assert_eq!(public["payment_options"], json!(["CARD"]));
    assert_eq!(
        public["order_refusals"],
        json!([
            {"payment_not_allowed": {"option": "NET30"}},
            {"shipping_not_allowed": {"line": 9, "method": "pallet"}}
        ])
    );
    let receipt = outcome.receipt(&order(Some("NET30"), Some("pallet"))).to_string();
    assert!(receipt.contains("\nPayment option NET30 is not available\nShipping method pallet is not available\n"));
    // A shop that offers nothing in particular leaves it to the host; an empty list allows nothing.
    let open = evaluate(&self::shop(json!({})), &order(Some("CASH"), Some("drone")), &Customer::anonymous(), &[]);
    assert_eq!((open.payment_options(), refused(&open)), (None, none.to_vec()));
    assert_eq!(serde_json::to_value(open.public()).unwrap().get("payment_options"), None);
    let shut = self::shop(json!({"payment_options": [], "shipping_options": []}));
    let shut = evaluate(&shut, &order(Some("CARD"), Some("standard")), &Customer::anonymous(), &[]);
    assert_eq!(shut.payment_options(), Some(&[][..]));
    assert_eq!(refused(&shut), ["payment_not_allowed", "shipping_not_allowed"]);
}

/// What one evaluation refused, the next one into the same buffers does not.
#[test]
fn refusals_of_an_order_do_not_stay() {
    let (shop, open) = (shop(programme()), shop(json!({})));
    let order = |option: &str| {
        Order::builder(Currency::USD).line(line(1, "30.00")).payment_option(option.parse().unwrap()).build().unwrap()
    };
    let (mut outcome, mut scratch) = (Outcome::empty(placed(), Currency::USD), Scratch::default());
    let who = Customer::anonymous();
    for (shop, option) in [(&shop, "NET30"), (&shop, "CARD"), (&shop, "NET30"), (&open, "NET30")] {
        let order = order(option);
        let request = Request::new(&order, &who, placed(), at(NOON));
        shop.evaluate_into(&request, &mut outcome, &mut scratch).unwrap();
        assert_eq!(outcome, shop.evaluate(&request).unwrap());
    }
    assert_eq!((outcome.payment_options(), outcome.order_refusals()), (None, &[][..]));
}

/// Proves S41: a wholesale account sees what applies to it, pays its own price before that of its type, and is proposed
/// its own way of paying first.
#[test]
fn wholesale_has_its_own_goods_prices_and_payment() {
    let shop = shop(json!({
        "customer_types": ["RETAIL", "WHOLESALE"],
        "default_type": "RETAIL",
        "prices": [{"customer_type": "WHOLESALE", "product": "WINE", "price": "8.00"}],
        "access": [
            {"deny": ["see"], "goods": "everything", "to": {"types": ["WHOLESALE"]}},
            {"allow": ["see"], "goods": {"category": "cases"}, "to": {"types": ["WHOLESALE"]}}
        ],
        "payment_options": [
            "CARD",
            {"option": "INVOICE", "to": {"types": ["WHOLESALE"]}, "preferred_by": {"types": ["WHOLESALE"]}},
            "CASH"
        ]
    }));
    let run = |who: &str, wine: Line| {
        let order = Order::builder(Currency::USD).lines([wine, of(2, product("GLASS"), "5.00", 1)]).build().unwrap();
        evaluate(&shop, &order, &of_type(who), &[])
    };
    let wine = || of(1, in_category("WINE", "cases"), "10.00", 6);
    let account = run("WHOLESALE", wine());
    assert_eq!(account.lines()[1].refusal(), Some(LineRefusal::NotVisible), "the glass is not for wholesale");
    assert_eq!((payable(&account).as_str(), account.lines()[0].price_source()), ("48.00", PriceSource::CustomerType));
    // 6 x 7.50, agreed with this customer.
    let agreed = run("WHOLESALE", wine().with_customer_price(price("7.50")));
    assert_eq!((payable(&agreed).as_str(), agreed.lines()[0].price_source()), ("45.00", PriceSource::Customer));
    assert_eq!(names(agreed.payment_options().map(<[_]>::to_vec)).unwrap(), ["INVOICE", "CARD", "CASH"]);
    let retail = run("RETAIL", wine());
    assert_eq!((payable(&retail).as_str(), retail.placeable()), ("65.00", true));
    assert_eq!(names(shop.payment_options(&shop.standing(&of_type("RETAIL"), at(NOON)))).unwrap(), ["CARD", "CASH"]);
}

/// Proves S6: the evaluation that accepts a code opens what the new type sees, and how it may pay.
#[test]
fn a_change_before_pricing_opens_the_gate_at_once() {
    let shop = shop(programme());
    let assign = json!({"benefits": ["none"], "assign": {"to": "PROFORM", "when": "before_pricing"}});
    let pro = shop.prepare(coupon("pro", assign)).unwrap();
    let order = Order::builder(Currency::USD)
        .lines([of(1, product("BOOT"), "199.00", 1), of(2, in_category("JACKET", "pro"), "349.00", 1)])
        .payment_option("NET30".parse().unwrap())
        .build()
        .unwrap();
    let who = customer("1");
    let before = evaluate(&shop, &order, &who, &[]);
    assert_eq!((payable(&before).as_str(), before.placeable()), ("199.00", false));
    assert_eq!(before.lines()[1].refusal(), Some(LineRefusal::NotVisible));
    let after = evaluate(&shop, &order, &who, &[Presented::new("pro", &pro)]);
    // 119.00 + 200.00.
    assert_eq!((payable(&after).as_str(), after.placeable()), ("319.00", true));
    assert_eq!(names(after.payment_options().map(<[_]>::to_vec)).unwrap(), ["NET30", "CARD"]);
}

/// Proves S11: to a retail customer the bytes are the same whether or not the programme exists.
#[test]
fn a_programme_leaves_no_trace_with_others() {
    let with = shop(programme());
    let without = shop(json!({"payment_options": ["CARD"], "shipping_options": ["standard"]}));
    let ten = json!({"benefits": [{"percent": {"off": "10"}}]});
    let near = json!({"minimum_spend": {"amounts": {"USD": "900.00"}, "range": "order"}});
    let near = json!({"conditions": [near], "benefits": [{"percent": {"off": "5"}}]});
    let boots = || of(1, product("BOOT"), "199.00", 3).with_discount(discount("sale", usd("20.00")));
    for (lines, option, method) in [
        (vec![], None, None),
        (vec![boots()], None, None),
        (vec![boots(), of(2, product("POLE"), "49.00", 2)], Some("CARD"), Some("standard")),
        (vec![boots(), of(2, product("POLE"), "49.00", 2)], Some("NET30"), Some("pallet")),
    ] {
        let mut order = Order::builder(Currency::USD).lines(lines).default_rate(rate("8.875"));
        if let Some(option) = option {
            order = order.payment_option(option.parse().unwrap());
        }
        if let Some(method) = method {
            order = order.charge(shipping(9, usd("5.00")).with_method(method.parse().unwrap()));
        }
        let order = order.build().unwrap();
        for who in [Customer::anonymous(), customer("1"), of_type("RETAIL"), of_type("UNHEARD-OF")] {
            let seen = |shop: &Shop| {
                let prepared = [coupon("ten", ten.clone()), coupon("near", near.clone())];
                let [first, second] = prepared.map(|c| shop.prepare(c).unwrap());
                let codes = [
                    Presented::new("ten", &first),
                    Presented::new("near", &second),
                    // The programme's own code, which the host looks up in vain where there is no programme.
                    Presented::unknown("PROFORM"),
                ];
                let (bare, coded) = (evaluate(shop, &order, &who, &[]), evaluate(shop, &order, &who, &codes));
                (seen_by_a_browser(&bare, &order), seen_by_a_browser(&coded, &order))
            };
            assert_eq!(seen(&with), seen(&without));
        }
    }
}

/// Definitions of every kind, each of which would act on the gated product, and tell of it, if it could.
fn telltales() -> Vec<Coupon> {
    let ten = || json!([{"percent": {"off": "10"}}]);
    let jacket = || json!({"products": ["JACKET"]});
    let spend = |fields: Value| {
        let mut all = json!({"amounts": {"USD": "500.00"}, "range": "order"});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!([{ "minimum_spend": all }])
    };
    [
        json!({"scope": jacket(), "benefits": ten()}),
        json!({"scope": {"categories": ["pro"]}, "benefits": ten()}),
        json!({"scope": {"tags": ["secret"]}, "benefits": ten()}),
        json!({"scope": "on_sale", "benefits": ten()}),
        json!({"scope": {"not": jacket()}, "benefits": ten()}),
        json!({"scope": {"price_range": {"min": {"USD": "300.00"}}}, "benefits": ten()}),
        json!({"scope": {"price_range": {"max": {"USD": "300.00"}}}, "benefits": ten()}),
        json!({"benefits": [{"percent": {"off": "10", "max_units": 2, "pick": "dearest"}}]}),
        json!({"benefits": [{"percent": {"off": "10", "max_units": 1, "pick": "cheapest"}}]}),
        json!({"level": "order", "benefits": ten()}),
        json!({"benefits": [{"percent": {"off": "50", "cap": {"USD": "30.00"}}}]}),
        json!({"benefits": [{"amount": {"off": {"USD": "999.00"}}}]}),
        json!({"benefits": [{"amount": {"off": {"USD": "60.00"}, "per": "line"}}]}),
        json!({"benefits": [{"amount": {"off": {"USD": "60.00"}, "per": "unit"}}]}),
        json!({"benefits": [{"set_price": {"price": {"USD": "10.00"}}}]}),
        json!({"level": "order", "benefits": [{"set_price": {"price": {"USD": "10.00"}}}]}),
        json!({"conditions": spend(json!({})), "benefits": ten()}),
        json!({"conditions": spend(json!({"basis": "list"})), "benefits": ten()}),
        json!({"conditions": spend(json!({"basis": "remaining"})), "benefits": ten()}),
        json!({"conditions": spend(json!({"tax": "gross"})), "benefits": ten()}),
        json!({"conditions": spend(json!({"range": "qualifying"})), "benefits": ten()}),
        json!({"conditions": [{"minimum_quantity": {"pieces": 4, "range": "order"}}], "benefits": ten()}),
        json!({"conditions": [{"minimum_quantity": {"pieces": 1, "of": jacket(), "range": "order"}}], "benefits": ten()}),
        json!({"conditions": [{"not": {"minimum_quantity": {"pieces": 1, "of": jacket(), "range": "order"}}}], "benefits": ten()}),
        json!({"combination": {"with_discounts": false}, "benefits": ten()}),
        json!({"limits": {"units": 3}, "benefits": ten()}),
        json!({"limits": {"money": {"USD": "5.00"}}, "benefits": ten()}),
        json!({"benefits": [{"trial": {"days": 14}}]}),
        json!({"benefits": [{"shipping": "free"}]}),
        json!({"benefits": [{"host": {}}]}),
        json!({"scope": jacket(), "benefits": ["none"]}),
        json!({"scope": jacket(), "benefits": ["none"], "assign": {"to": "PROFORM", "when": "on_commit"}}),
    ]
    .into_iter()
    .enumerate()
    .map(|(i, fields)| coupon(&format!("tell{i}"), fields))
    .collect()
}

/// Proves S5, S9, S38: a line of an unseen product, with all that a host knows of it, is byte for byte a line of one of
/// which nothing at all is known. Neither coupon answers, near misses, totals, taxes, forfeited amounts, the digest, the
/// receipt nor the reason why it cannot be placed tell them apart.
#[test]
fn an_unseen_product_cannot_be_told_from_none() {
    let mut fields = programme();
    fields["customer_types"] = json!(["RETAIL", "PROFORM"]);
    fields["prices"]
        .as_array_mut()
        .unwrap()
        .push(json!({"customer_type": "RETAIL", "product": "JACKET", "price": "123.00"}));
    fields["visible_only_to"].as_array_mut().unwrap().push(json!({"product": "NOWHERE", "customer_types": []}));
    fields["quantity_rules"] = json!([{"goods": {"category": "pro"}, "min": 7, "max": 9}]);
    let mut tried = 0;
    // An allowance that the gated product shares: of three, or of one, so that the boots are capped.
    for (conflict, mode, shared, excess) in [
        ("refuse_coupon", PriceMode::TaxExclusive, 3, "refuse"),
        ("drop_discounts", PriceMode::TaxInclusive, 3, "cap"),
        ("better_of", PriceMode::TaxExclusive, 1, "cap"),
    ] {
        let goods = json!([{"product": "JACKET"}, {"product": "BOOT"}]);
        fields["allowances"] = json!([{"id": "shared", "goods": goods, "quantity": shared, "excess": excess}]);
        fields["policy"] =
            json!({"currency": "USD", "max_codes": "unlimited", "line_codes": true, "discount_conflict": conflict});
        let shop = shop(fields.clone());
        // Before, between and behind what is seen.
        for place in [1, 5, 9] {
            let jacket = in_category("JACKET", "pro")
                .with_tags(["secret".parse().unwrap()])
                .with_on_sale(true)
                .with_subscription(true);
            let known = of(place, jacket, "349.00", 2)
                .with_description("Pro jacket, unreleased")
                .with_host_key("row-7")
                .with_customer_price(price("321.00"))
                .with_tax_class("luxury".parse().unwrap())
                .with_discount(discount("season", usd("49.00")));
            let unknown = of(place, product("NOWHERE"), "0.01", 2);
            let order = |line: Line| {
                let seen = [
                    of(3, product("BOOT"), "199.00", 2).with_discount(discount("sale", usd("20.00"))),
                    of(7, product("POLE"), "49.00", 1),
                ];
                Order::builder(Currency::USD)
                    .lines(seen)
                    .line(line)
                    .price_mode(mode)
                    .charge(shipping(10, usd("5.00")))
                    .default_rate(rate("8.875"))
                    .rate("luxury".parse().unwrap(), rate("33"))
                    .build()
                    .unwrap()
            };
            let (known, unknown) = (order(known), order(unknown));
            let prepared: Vec<Prepared> = telltales().into_iter().map(|c| shop.prepare(c).unwrap()).collect();
            let amounts = |of_gated: &str| [(LineId(3), usd("1.00")), (LineId(place), usd(of_gated))];
            let (of_known, of_unknown) = (amounts("77.00"), amounts("0.00"));
            let mut baskets: Vec<Vec<(&Prepared, Option<u64>)>> = vec![vec![]];
            baskets.extend(prepared.iter().map(|p| vec![(p, None)]));
            baskets.extend(prepared.iter().map(|p| vec![(p, Some(place))]));
            baskets.extend(prepared.windows(3).map(|three| three.iter().map(|p| (p, None)).collect()));
            for basket in baskets {
                let seen = |order: &Order, amounts: &[(LineId, Money)]| {
                    let codes: Vec<Presented<'_>> = basket
                        .iter()
                        .map(|(prepared, line)| {
                            let entered = prepared.coupon().code().unwrap().as_str();
                            let code = Presented::new(entered, prepared).with_host_amounts(amounts);
                            line.map_or(code, |line| code.on_line(LineId(line)))
                        })
                        .collect();
                    let outcome = evaluate(&shop, order, &customer("1"), &codes);
                    let gated = outcome.line(LineId(place)).unwrap();
                    assert_eq!(gated.refusal(), Some(LineRefusal::NotVisible));
                    seen_by_a_browser(&outcome, order)
                };
                let ids: Vec<String> = basket.iter().map(|(p, line)| format!("{} {line:?}", p.coupon().id())).collect();
                assert_eq!(seen(&known, &of_known), seen(&unknown, &of_unknown), "{conflict} {place} {ids:?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 800, "{tried}");
}

/// Proves S5: where the whole basket is out of sight, it is one of nothing.
#[test]
fn a_basket_out_of_sight_costs_nothing() {
    let shop = shop(programme());
    let order = |of_gated: Product, unit_price: &str| {
        let gated = of(1, of_gated, unit_price, 2).with_tax_class("luxury".parse().unwrap());
        let order = Order::builder(Currency::USD).line(gated).rate("luxury".parse().unwrap(), rate("33"));
        order.build().unwrap()
    };
    let (jacket, prototype) = (order(in_category("JACKET", "pro"), "349.00"), order(product("PROTOTYPE"), "1.00"));
    let seen = |order: &Order| seen_by_a_browser(&evaluate(&shop, order, &Customer::anonymous(), &[]), order);
    assert_eq!(seen(&jacket), seen(&prototype));
    assert_eq!(
        seen(&jacket).1,
        "\
Line 1: unknown product
------------------------------------------------
Subtotal                                    0.00
------------------------------------------------
Total USD                                   0.00
"
    );
}

/// A small world of rules: three products, three categories in a line, two types, one of them with a rank.
fn world(rules: &[AccessRule]) -> Result<Shop, Error> {
    let id = |text: &str| text.parse::<CategoryId>().unwrap();
    rules
        .iter()
        .fold(
            Shop::builder(policy(|p| p))
                .default_type("A".parse().unwrap())
                .customer_type(CustomerType::new("B".parse().unwrap()).with_rank(5))
                .category(id("top"))
                .subcategory(id("middle"), id("top"))
                .subcategory(id("low"), id("middle")),
            |shop, rule| shop.access(rule.clone()),
        )
        .build()
}

fn products() -> [Product; 4] {
    [
        product("P").with_categories(["low".parse().unwrap()]),
        product("Q")
            .with_parent("P".parse().unwrap())
            .with_categories(["top".parse().unwrap(), "low".parse().unwrap()]),
        product("R").with_parent("Q".parse().unwrap()).with_categories(["middle".parse().unwrap()]),
        product("S"),
    ]
}

fn standings(shop: &Shop) -> Vec<Standing> {
    let both = of_type("A").with_memberships(["B".parse().unwrap()]);
    [of_type("A"), of_type("B"), both].iter().map(|who| shop.standing(who, at(NOON))).collect()
}

fn rules() -> impl Strategy<Value = AccessRule> {
    let goods = prop_oneof![
        Just(Goods::Everything),
        (prop_oneof!["P", "Q", "R"], any::<bool>()).prop_map(|(id, below)| {
            let goods = Goods::product(id.parse().unwrap());
            if below { goods.with_descendants() } else { goods }
        }),
        (prop_oneof!["top", "middle", "low"], any::<bool>()).prop_map(|(id, below)| {
            let goods = Goods::category(id.parse().unwrap());
            if below { goods.with_descendants() } else { goods }
        }),
    ];
    let types = |list: &[&str]| -> Vec<CustomerTypeId> { list.iter().map(|t| t.parse().unwrap()).collect() };
    let audience = prop::sample::select(vec![
        Audience::everyone(),
        Audience::everyone().except(types(&["B"])),
        Audience::of_types(types(&["A"])),
        Audience::of_types(types(&["B"])),
        Audience::of_types(types(&["A", "B"])).except(types(&["B"])),
        Audience::of_types([]),
        Audience::of_rank(5),
        Audience::of_rank(6),
    ]);
    let permissions = prop::sample::subsequence(Permission::ALL.to_vec(), 1..=3);
    (any::<bool>(), permissions, goods, audience).prop_map(|(allow, permissions, goods, audience)| {
        let rule = if allow { AccessRule::allow } else { AccessRule::deny };
        let first = rule(permissions[0], goods, audience);
        permissions.into_iter().fold(first, AccessRule::and)
    })
}

/// How near goods are to a product: a second reading of the rule, by walking up.
fn distance(goods: &Goods, product: &Product) -> Option<u32> {
    let above = |c: &str| match c {
        "low" => vec!["low", "middle", "top"],
        "middle" => vec!["middle", "top"],
        _ => vec!["top"],
    };
    match goods {
        Goods::Everything => Some(100),
        Goods::Product { id, .. } if id == product.id() => Some(0),
        Goods::Product { id, variants, .. } => (*variants && product.parent() == Some(id)).then_some(1),
        Goods::Category { id, subcategories, .. } => product
            .categories()
            .iter()
            .filter_map(|own| above(own.as_str()).iter().position(|c| *c == id.as_str()))
            .filter(|steps| *subcategories || *steps == 0)
            .map(|steps| 10 + u32::try_from(steps).unwrap())
            .min(),
        _ => None,
    }
}

/// What the rules say of one permission by itself, without any index: every rule is looked at.
fn by_hand(rules: &[AccessRule], permission: Permission, product: &Product, standing: &Standing) -> bool {
    let matching = rules.iter().filter(|rule| rule.permissions().any(|p| p == permission));
    let weights = matching.filter(|rule| rule.audience().contains(standing)).filter_map(|rule| {
        let who = match (rule.audience().types(), rule.audience().min_rank()) {
            (Some(_), _) => 0,
            (None, Some(_)) => 1,
            (None, None) => 2,
        };
        Some((distance(rule.goods(), product)?, who, rule.effect() == Effect::Allow))
    });
    weights.min().is_none_or(|(_, _, allowed)| allowed)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Rules found by what they are about say what all rules together say; each permission needs those before it.
    #[test]
    fn the_index_finds_what_a_walk_over_all_rules_finds(rules in prop::collection::vec(rules(), 0..12)) {
        let Ok(shop) = world(&rules) else { return Ok(()) };
        for standing in standings(&shop) {
            for product in products() {
                let mut before = true;
                for permission in Permission::ALL {
                    before = before && by_hand(&rules, permission, &product, &standing);
                    prop_assert_eq!(shop.permits(permission, &product, &standing), before, "{} {:?}", permission, product);
                }
            }
        }
    }

    /// A denial never grants: with one more of them, nobody may do what they might not do before.
    #[test]
    fn a_denial_never_grants(rules in prop::collection::vec(rules(), 0..12), last in rules()) {
        let audience = last.audience().clone();
        let denial = last.permissions().skip(1).fold(
            AccessRule::deny(last.permissions().next().unwrap(), last.goods().clone(), audience),
            AccessRule::and,
        );
        let more: Vec<AccessRule> = rules.iter().cloned().chain([denial]).collect();
        let (Ok(before), Ok(after)) = (world(&rules), world(&more)) else { return Ok(()) };
        for standing in standings(&before) {
            for product in products() {
                for permission in Permission::ALL {
                    let (was, is) = (before.permits(permission, &product, &standing), after.permits(permission, &product, &standing));
                    prop_assert!(was || !is, "{} {:?} {:?}", permission, product, standing);
                }
            }
        }
    }

    /// A type that nobody has, with whatever rules, changes nothing for anybody.
    #[test]
    fn a_type_that_nobody_has_changes_nothing(rules in prop::collection::vec(rules(), 0..8), of_nobody in prop::collection::vec(rules(), 0..8)) {
        let nobody = || Audience::of_types(["NOBODY".parse().unwrap()]);
        let for_nobody = of_nobody.iter().map(|rule| {
            let start = if rule.effect() == Effect::Allow { AccessRule::allow } else { AccessRule::deny };
            let first = start(rule.permissions().next().unwrap(), rule.goods().clone(), nobody());
            rule.permissions().fold(first, AccessRule::and)
        });
        let build = |with: bool| {
            let shop = Shop::builder(policy(|p| p))
                .default_type("A".parse().unwrap())
                .customer_type(CustomerType::new("B".parse().unwrap()).with_rank(5))
                .payment_option(PaymentOffer::new("CARD".parse().unwrap()));
            let shop = rules.iter().fold(shop, |shop, rule| shop.access(rule.clone()));
            let shop = if with {
                let offer = PaymentOffer::new("NET30".parse().unwrap()).to(nobody()).preferred_by(Audience::everyone());
                let shop = shop.customer_type(CustomerType::new("NOBODY".parse().unwrap()).with_rank(99));
                for_nobody.clone().fold(shop.payment_option(offer), ShopBuilder::access)
            } else {
                shop
            };
            shop.build()
        };
        let (Ok(without), Ok(with)) = (build(false), build(true)) else { return Ok(()) };
        let lines = products().into_iter().zip(1..).map(|(product, id)| of(id, product, "10.00", 1));
        let order = Order::builder(Currency::USD).lines(lines).build().unwrap();
        for who in [Customer::anonymous(), of_type("A"), of_type("B")] {
            let (a, b) = (evaluate(&without, &order, &who, &[]), evaluate(&with, &order, &who, &[]));
            prop_assert_eq!(seen_by_a_browser(&a, &order), seen_by_a_browser(&b, &order));
            prop_assert_eq!(serde_json::to_string(&a).unwrap(), serde_json::to_string(&b).unwrap());
        }
    }
}
