//! The coupons in `examples/data/coupons`, one for each kind of benefit and condition: each is read, says in words what
//! it is, and gives what is worked out by hand here.
#![allow(missing_docs, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use vouchsafe::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/coupons")
}

fn coupon(file: &str) -> Coupon {
    let text = fs::read_to_string(folder().join(file).with_extension("json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    assert!(file["says"].as_str().is_some_and(|says| says.ends_with('.')), "{file}");
    assert_eq!(file.as_object().unwrap().len(), 2, "{file}");
    serde_json::from_value(file["definition"].clone()).unwrap()
}

/// An order, and who places it with the code.
struct Scene {
    order: Value,
    customer: Value,
    at: &'static str,
    usage: Usage,
    operator: Option<&'static str>,
    host: Vec<(LineId, Money)>,
}

/// Lines of a product, pieces and a price each.
fn lines(lines: &[(Value, u64, &str)]) -> Scene {
    let line = |(id, (product, pieces, price)): (u64, &(Value, u64, &str))| json!({"id": id, "product": product, "quantity": pieces, "unit_price": price});
    let lines: Vec<Value> = (1..).zip(lines).map(line).collect();
    Scene {
        order: json!({"version": 1, "currency": "USD", "lines": lines}),
        customer: json!({"version": 1}),
        at: "2026-03-30T12:00:00Z", // a Monday
        usage: Usage::default(),
        operator: None,
        host: Vec::new(),
    }
}

/// A chair at 40.00.
fn chair() -> Scene {
    lines(&[(json!("CHAIR"), 1, "40.00")])
}

impl Scene {
    fn order(mut self, field: &str, value: Value) -> Self {
        self.order[field] = value;
        self
    }

    fn customer(mut self, field: &str, value: Value) -> Self {
        self.customer[field] = value;
        self
    }

    fn shipping(self, method: &str) -> Self {
        self.order("charges", json!([{"id": 9, "kind": "shipping", "method": method, "amount": "6.00"}]))
    }

    fn at(self, at: &'static str) -> Self {
        Self { at, ..self }
    }

    /// What the order comes to with the coupon of this file; nothing where the coupon is refused.
    fn with<T>(&self, file: &str, told: impl FnOnce(&Outcome) -> T) -> Option<T> {
        let policy = Policy::builder(Currency::USD).manual(true).build().unwrap();
        let shop: Shop = serde_json::from_value(json!({
            "version": 1, "policy": policy_in_shop(&policy), "default_type": "RETAIL",
            "customer_types": ["RETAIL", "STAFF", "CLUB"],
        }))
        .unwrap();
        let prepared = shop.prepare(coupon(file)).unwrap();
        let order: Order = serde_json::from_value(self.order.clone()).unwrap();
        let customer: Customer = serde_json::from_value(self.customer.clone()).unwrap();
        let code = prepared.coupon().code().unwrap().to_string();
        let mut presented = Presented::new(&code, &prepared).with_usage(self.usage);
        if let Some(amount) = self.operator {
            presented = presented.with_operator_amount(Money::parse(amount, Currency::USD).unwrap());
        }
        if !self.host.is_empty() {
            presented = presented.with_host_amounts(&self.host);
        }
        let codes = [presented];
        let at = parse_instant(self.at).unwrap();
        let reference = Reference::Order("o-1".parse().unwrap());
        let outcome = shop.evaluate(&Request::new(&order, &customer, reference, at).with_codes(&codes)).unwrap();
        outcome.answers()[0].reasons().is_empty().then(|| told(&outcome))
    }

    /// What there is to pay with it.
    fn pays(&self, file: &str) -> Option<String> {
        self.with(file, |outcome| outcome.totals().payable().to_string())
    }
}

fn policy_in_shop(policy: &Policy) -> Value {
    serde_json::to_value(policy).unwrap()
}

#[test]
fn each_benefit_gives_what_its_merchant_says() {
    let product = |id: &str| json!(id);
    let pays = |file: &str, scene: Scene| scene.pays(file).unwrap_or_else(|| panic!("{file} was refused"));
    // 10% of 2 x 25.00; nothing of what is reduced.
    let chairs = [(product("CHAIR"), 2, "25.00"), (json!({"id": "LAMP", "on_sale": true}), 1, "30.00")];
    assert_eq!(pays("benefit-percent", lines(&chairs)), "75.00 USD");
    // 5.00 off 25.00; 19.99 is too little.
    assert_eq!(pays("benefit-amount", lines(&[(product("CHAIR"), 1, "25.00")])), "20.00 USD");
    assert_eq!(lines(&[(product("CHAIR"), 1, "19.99")]).pays("benefit-amount"), None);
    // Two of three mugs at 9.00 instead of 12.00.
    assert_eq!(pays("benefit-set-price", lines(&[(product("MUG"), 3, "12.00")])), "30.00 USD");
    // A parcel of 6.00 is free, express is not.
    assert_eq!(pays("benefit-shipping", chair().shipping("parcel")), "40.00 USD");
    assert_eq!(chair().shipping("express").pays("benefit-shipping"), None);
    // The clerk takes off 3.50.
    assert_eq!(pays("benefit-operator", Scene { operator: Some("3.50"), ..chair() }), "36.50 USD");
    // 12.00 of the host off a chair.
    let host = vec![(LineId(1), Money::new(1_200, Currency::USD))];
    assert_eq!(pays("benefit-host", Scene { host, ..chair() }), "28.00 USD");
    // 12% of 10 x 2.00; 5% of 9 x 2.00; nothing of two.
    assert_eq!(pays("benefit-tiers", lines(&[(product("SOAP"), 10, "2.00")])), "17.60 USD");
    assert_eq!(pays("benefit-tiers", lines(&[(product("SOAP"), 9, "2.00")])), "17.10 USD");
    assert_eq!(lines(&[(product("SOAP"), 2, "2.00")]).pays("benefit-tiers"), None);
    // Of 149.99 two steps; of 300.00 four, not six.
    assert_eq!(pays("benefit-steps", lines(&[(product("SOFA"), 1, "149.99")])), "139.99 USD");
    assert_eq!(pays("benefit-steps", lines(&[(product("SOFA"), 1, "300.00")])), "280.00 USD");
    // 5.00 off the cap, 2.00 off each of two shirts.
    let shirts = [(product("SHIRT"), 2, "30.00"), (product("CAP"), 1, "20.00")];
    assert_eq!(pays("benefit-first-further", lines(&shirts)), "71.00 USD");
    // A towel, and nothing off.
    let towel = chair().with("benefit-gift", |outcome| (outcome.gifts().len(), outcome.totals().payable().to_string()));
    assert_eq!(towel, Some((1, "40.00 USD".to_owned())));
    // A month at 12.00, charged for the first time in 14 days.
    let journal = json!({"id": "JOURNAL", "subscription": true});
    let trial = lines(&[(journal, 1, "12.00")]).with("benefit-trial", |outcome| {
        outcome.first_charges().iter().map(|first| first.date(&Zone::UTC).to_string()).collect::<Vec<_>>()
    });
    assert_eq!(trial, Some(vec!["2026-04-13".to_owned()]));
    // 7.00 and 3.00 for 8.00, a second burger alone for 7.00.
    let menu = [(product("BURGER"), 2, "7.00"), (product("FRIES"), 1, "3.00")];
    assert_eq!(pays("benefit-bundle", lines(&menu)), "15.00 USD");
    // Three books at 4.00, one of them for 2.00.
    let book = json!({"id": "BOOK", "categories": ["books"]});
    assert_eq!(pays("benefit-buy-get", lines(&[(book, 3, "4.00")])), "10.00 USD");
    // 10.00, 8.00 and 6.00: the last is free.
    let three = [(product("A"), 1, "10.00"), (product("B"), 1, "8.00"), (product("C"), 1, "6.00")];
    assert_eq!(pays("benefit-nth", lines(&three)), "18.00 USD");
    // No money off, and a type.
    let club =
        chair().with("benefit-none", |outcome| (outcome.type_changes().len(), outcome.totals().payable().to_string()));
    assert_eq!(club, Some((1, "40.00 USD".to_owned())));
}

#[test]
fn each_condition_lets_in_whom_its_merchant_says() {
    let ann = || chair().customer("keys", json!(["id:ann"]));
    let past = |history: Value| ann().customer("history", history);
    let days_ago = |days: i64| {
        let at = parse_instant("2026-03-30T12:00:00Z").unwrap() - chrono::TimeDelta::days(days);
        at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    };
    let three = |c: &str| lines(&[(json!("A"), 1, "1.00"), (json!("B"), 1, "1.00"), (json!(c), 1, "8.00")]);
    let books = |price: &str| lines(&[(json!({"id": "BOOK", "categories": ["books"]}), 1, price)]);
    let member = || ann().customer("memberships", json!(["CLUB"]));
    let joined = |customers| Scene { usage: Usage::default().with_customers(customers), ..ann() };
    let table: Vec<(&str, Scene, &str, Scene)> = vec![
        ("all", ann(), "36.00", lines(&[(json!("CHAIR"), 1, "29.99")]).customer("keys", json!(["id:ann"]))),
        ("any", member(), "36.00", ann()),
        ("not", ann(), "36.00", ann().customer("customer_type", json!("STAFF"))),
        ("minimum-spend", books("50.00"), "45.00", books("49.99")),
        ("maximum-spend", chair(), "36.00", lines(&[(json!("SOFA"), 1, "200.01")])),
        ("minimum-quantity", lines(&[(json!("MUG"), 3, "10.00")]), "27.00", lines(&[(json!("MUG"), 2, "10.00")])),
        ("distinct-products", three("C"), "9.00", three("A")),
        ("without", chair(), "36.00", lines(&[(json!({"id": "LAMP", "on_sale": true}), 1, "40.00")])),
        ("first-order", ann(), "36.00", past(json!({"orders": 1}))),
        ("nth-order", past(json!({"orders": 2})), "36.00", past(json!({"orders": 1}))),
        (
            "orders-in-period",
            past(json!({"order_times": ([10, 20, 30, 40, 50].map(days_ago))})),
            "36.00",
            past(json!({"order_times": ([10, 20, 30, 40, 400].map(days_ago))})),
        ),
        (
            "lifetime-spend",
            past(json!({"spend": {"USD": "1000.00"}})),
            "36.00",
            past(json!({"spend": {"USD": "999.99"}})),
        ),
        (
            "last-order",
            past(json!({"order_times": [days_ago(91)]})),
            "36.00",
            past(json!({"order_times": [days_ago(89)]})),
        ),
        ("bought", past(json!({"products": ["PRINTER"]})), "36.00", ann()),
        ("members", member(), "36.00", ann()),
        ("customer-types", ann(), "36.00", ann().customer("customer_type", json!("STAFF"))),
        ("customer-attribute", ann().customer("attributes", json!({"segment": "press"})), "36.00", ann()),
        ("channels", chair().order("channel", json!("app")), "36.00", chair().order("channel", json!("web"))),
        ("regions", chair().order("region", json!("COAST")), "36.00", chair().order("region", json!("ISLANDS"))),
        (
            "payment-options",
            chair().order("payment_option", json!("TRANSFER")),
            "36.00",
            chair().order("payment_option", json!("CARD")),
        ),
        ("shipping-methods", chair().shipping("collect"), "42.00", chair().shipping("parcel")),
        (
            "customers",
            chair().customer("keys", json!(["email:bob@example.com"])),
            "36.00",
            chair().customer("keys", json!(["email:bob@example.org"])),
        ),
        ("hours", chair().at("2026-03-30T15:00:00Z"), "36.00", chair().at("2026-03-30T17:00:00Z")),
        ("not-on", chair(), "36.00", chair().at("2026-12-25T12:00:00Z")),
        ("unique-customers", joined(100), "36.00", joined(1)),
    ];
    for (name, meets, pays, fails) in &table {
        let file = format!("condition-{name}");
        assert_eq!(meets.pays(&file).as_deref(), Some(format!("{pays} USD").as_str()), "{name}");
        assert_eq!(fails.pays(&file), None, "{name}");
    }
    let tried: BTreeSet<String> = table.iter().map(|(name, ..)| format!("condition-{name}")).collect();
    assert_eq!(tried, files("condition-"));
}

fn files(begin: &str) -> BTreeSet<String> {
    let stem =
        |entry: std::io::Result<fs::DirEntry>| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
    fs::read_dir(folder()).unwrap().map(stem).filter(|name| name.starts_with(begin)).collect()
}

/// Whoever adds a kind adds an example of it: the kinds are those that errors list.
#[test]
fn there_is_a_coupon_of_every_kind() {
    for (begin, error, more) in [
        ("benefit-", serde_json::from_str::<Benefit>(r#""zz""#).unwrap_err().to_string(), 15),
        ("condition-", serde_json::from_str::<Condition>(r#""zz""#).unwrap_err().to_string(), 25),
    ] {
        let kinds = error.split_once("not one of ").unwrap().1;
        let kinds: BTreeSet<String> =
            kinds.split('`').skip(1).step_by(2).map(|kind| format!("{begin}{}", kind.replace('_', "-"))).collect();
        assert_eq!(kinds, files(begin));
        assert!(kinds.len() >= more);
    }
    for name in files("") {
        let coupon = coupon(&name);
        let definition = serde_json::to_value(&coupon).unwrap();
        let (what, kind) = name.split_once('-').unwrap();
        let field = &definition[format!("{what}s")][0];
        let is =
            field.as_str().map_or_else(|| field.as_object().unwrap().keys().next().unwrap().clone(), str::to_owned);
        assert_eq!(is.replace('_', "-"), kind, "{name}");
        assert_eq!(coupon.id().as_str(), kind, "{name}");
    }
}
