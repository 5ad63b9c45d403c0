//! Input that cannot be used: a typed error that names the field, never a wrong price, a panic or a stack overflow.

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

/// The path and the reason of the error of an order.
fn order_error(case: Case) -> String {
    case.try_run().unwrap_err().to_string()
}

/// Negative or over-precise money.
#[test]
fn money_is_neither_negative_nor_finer_than_its_currency() {
    assert!(Money::parse("1.005", Currency::USD).is_err() && Money::parse("1.5", Currency::JPY).is_err());
    assert!(Money::parse("1.0005", Currency::KWD).is_err() && Money::parse("1.005", Currency::KWD).is_ok());
    for text in ["", " 1", "1e3", "+1", "1_000", "1,00", "NaN", "inf", "0x1", ".", "1.", "--1", "\u{0661}"] {
        assert!(Money::parse(text, Currency::USD).is_err(), "{text}");
        assert!(UnitPrice::parse(text).is_err(), "{text}");
    }
    assert!(UnitPrice::parse("-0.01").is_err() && UnitPrice::parse("0.0000000001").is_err());
    let charged = order_error(order([line(1, "1.00")]).charge(shipping(2, usd("-0.01"))));
    assert_eq!(charged, "`charges[0].amount` is `-0.01 USD`: negative");
    let sold = line(1, "1.00").with_discount(discount("sale", usd("-0.01")));
    assert_eq!(order_error(order([sold])), "`lines[0].discounts[0].amount` is `-0.01 USD`: negative");
    let sold = line(1, "1.00").with_discount(discount("sale", usd("1.01")));
    assert!(order_error(order([sold])).starts_with("`lines[0].discounts[0].amount` is `1.01 USD`: not between"));
    let hand = Entry::new(coupon("c", json!({"benefits": [{"operator": {}}]}))).operator(usd("-0.01"));
    assert_eq!(order_error(order([line(1, "1.00")]).code(hand)), "`codes[0].operator_amount` is `-0.01 USD`: negative");
    let host = Entry::new(coupon("c", json!({"benefits": [{"host": {}}]})));
    let negative = order_error(order([line(1, "1.00")]).code(host.clone().host(&[(1, usd("-0.01"))])));
    assert_eq!(negative, "`codes[0].host_amounts[0]` is `-0.01 USD`: negative");
    let nowhere = order_error(order([line(1, "1.00")]).code(host.clone().host(&[(2, usd("0.01"))])));
    assert_eq!(nowhere, "`codes[0].host_amounts[0]` is `2`: unknown line");
    let twice = order_error(order([line(1, "1.00")]).code(host.host(&[(1, usd("0.01")), (1, usd("0.01"))])));
    assert_eq!(twice, "`codes[0].host_amounts[1]` is `1`: given twice");
    let away = order_error(order([line(1, "1.00")]).code(Entry::new(percent_off("c", "1")).on_line(7)));
    assert_eq!(away, "`codes[0].line` is `7`: unknown line");
}

/// Mixed currencies.
#[test]
fn currencies_are_never_mixed() {
    let charged = order_error(order([line(1, "1.00")]).charge(shipping(2, eur("1.00"))));
    assert_eq!(charged, "`charges[0].amount` is `1.00 EUR`: not in USD");
    let sold = line(1, "1.00").with_discount(discount("sale", eur("0.10")));
    assert_eq!(order_error(order([sold])), "`lines[0].discounts[0].amount` is `0.10 EUR`: not in USD");
    let hand = Entry::new(coupon("c", json!({"benefits": [{"operator": {}}]}))).operator(eur("1.00"));
    assert_eq!(
        order_error(order([line(1, "1.00")]).code(hand)),
        "`codes[0].operator_amount` is `1.00 EUR`: not in USD"
    );
    let given = Entry::new(percent_off("c", "1")).usage(Usage::default().with_money(eur("1.00")));
    assert_eq!(order_error(order([line(1, "1.00")]).code(given)), "`codes[0].usage.money` is `1.00 EUR`: not in USD");
    assert!(usd("1.00").checked_add(eur("1.00")).is_err() && usd("1.00").compare(eur("1.00")).is_err());
    // An order in a currency that the shop does not take.
    let shop = Shop::new(policy(|p| p));
    let order = Order::builder(Currency::EUR).line(line(1, "1.00")).build().unwrap();
    let (customer, reference) = (Customer::anonymous(), Reference::Order("o".parse().unwrap()));
    let error = shop.evaluate(&Request::new(&order, &customer, reference, at(NOON))).unwrap_err();
    assert_eq!(error.to_string(), "`order.currency` is `EUR`: not in USD");
}

/// Unknown currency.
#[test]
fn a_currency_has_to_exist() {
    for text in ["USX", "usd", "", "US", "USDD", "U\u{0421}D"] {
        assert!(Currency::iso(text).is_err(), "{text}");
    }
    assert_eq!(Currency::iso("USX").unwrap_err().to_string(), "`currency` is `USX`: not a known currency");
    let found = errors("c", json!({"benefits": [{"amount": {"off": {"USX": "1.00"}}}]}));
    assert_eq!(found, "`benefits[0].amount.off.USX` is `USX`: not a known currency");
    assert!(Currency::own("USD", 2).is_err());
}

/// Duplicate line ids, between lines and charges too.
#[test]
fn a_line_id_stands_once() {
    assert_eq!(order_error(order([line(1, "1.00"), line(1, "2.00")])), "`lines[1].id` is `1`: given twice");
    assert_eq!(
        order_error(order([line(1, "1.00")]).charge(shipping(1, usd("1.00")))),
        "`charges[0].id` is `1`: given twice"
    );
    let sold = line(1, "1.00").with_discount(discount("s", usd("0.10"))).with_discount(discount("s", usd("0.10")));
    assert_eq!(order_error(order([sold])), "`lines[0].discounts[1].id` is `s`: given twice");
}

/// Zero quantity, and a line with 10^12 pieces.
#[test]
fn quantity_is_one_to_a_thousand_million() {
    assert!(Quantity::pieces(0).is_err());
    assert!(Quantity::pieces(1).is_ok() && Quantity::pieces(1_000_000_000).is_ok());
    for many in [1_000_000_001, 1_000_000_000_000, u64::MAX] {
        assert!(
            matches!(Quantity::pieces(many), Err(Error::Invalid(field)) if matches!(field.why, Why::OutOfRange { .. }))
        );
    }
    for measure in ["0", "-1", "0.0000001"] {
        assert!(Quantity::measured(measure.parse().unwrap()).is_err(), "{measure}");
    }
}

/// Overflow.
#[test]
fn sums_that_do_not_fit_are_errors() {
    let huge = || pieces(1, "99999999999.99", 900_000);
    assert!(order([huge()]).try_run().is_ok());
    let overflow = |case: Case| matches!(case.try_run(), Err(Error::Overflow { .. }));
    assert!(overflow(order([pieces(1, "99999999999.99", 1_000_000_000)])));
    assert!(overflow(order([huge(), pieces(2, "99999999999.99", 900_000)])));
    // Tax on top does not fit either.
    assert!(overflow(order([huge()]).taxed("1000")));
    assert!(Money::new(i64::MAX, Currency::USD).checked_add(usd("0.01")).is_err());
    assert!(Money::new(i64::MIN, Currency::USD).checked_neg().is_err());
    // Prices of twelve digits and a million pieces are exact.
    let outcome = order([pieces(1, "9999999999.99", 1_000_000)]).code(order_percent_off("c", "33.333")).run();
    // 9,999,999,999.99 x 1,000,000 = 9,999,999,999,990,000.00, of which 33.333% are 3,333,299,999,996,666.70.
    assert_eq!(total_off(&outcome), "3333299999996666.70");
}

/// Percent 100.001, amount 100,000,000.00, code of 25 characters or with a wrong character, from after thru.
#[test]
fn bounds_of_a_definition() {
    let fields = json!({"code": "A".repeat(25), "validity": {"from": "2026-03-30", "thru": "2026-03-29"},
        "benefits": [{"percent": {"off": "100.001"}}, {"amount": {"off": {"USD": "100000000.00"}}}]});
    let found = draft("c", fields).check().unwrap_err();
    for (path, why) in [
        ("code", "longer than 24 characters"),
        ("validity.thru", "ends before it begins"),
        ("benefits[0].percent.off", "not between 0 and 100"),
        ("benefits[1].amount.off.USD", "not between 0 and 99999999.99"),
    ] {
        assert_eq!(found.at(path).unwrap().why.to_string(), why, "{path}");
    }
    assert_eq!(found.errors().len(), 4);
    for wrong in ["A_B", "A.B", "\u{c4}B", "A\u{200b}B", "A\nB", "\u{0410}B"] {
        let found = errors("c", json!({"code": wrong, "benefits": ["none"]}));
        assert!(found.starts_with("`code` is ") && found.contains("is not allowed"), "{found}");
    }
}

/// Scope fields that contradict, trial with payment scope, limit of zero.
#[test]
fn fields_that_contradict() {
    let scope = json!({"product": {"parent_product": "AM", "product": "B", "subsystem": "S", "product_type": "T"}});
    let fields =
        json!({"scope": scope, "payments": "all", "limits": {"total": 0}, "benefits": [{"trial": {"days": 14}}]});
    let found = draft("c", fields).check().unwrap_err();
    for path in ["scope.product.subsystem", "scope.product.product_type", "payments", "limits.total"] {
        assert!(found.at(path).is_some(), "{path} in {found}");
    }
}

/// JSON floats, and numbers where a string belongs.
#[test]
fn amounts_are_strings() {
    let number = "a JSON number, amounts and percentages are strings";
    for (fields, path) in [
        (json!({"benefits": [{"percent": {"off": 10}}]}), "benefits[0].percent.off"),
        (json!({"benefits": [{"percent": {"off": 10.5}}]}), "benefits[0].percent.off"),
        (json!({"benefits": [{"amount": {"off": {"USD": 10.0}}}]}), "benefits[0].amount.off.USD"),
        (json!({"benefits": ["none"], "limits": {"money": {"USD": 1e2}}}), "limits.money.USD"),
    ] {
        let found = draft("c", fields.clone()).check().unwrap_err();
        assert_eq!(found.at(path).unwrap().why.to_string(), number, "{fields}");
    }
    assert!(serde_json::from_str::<Money>(r#"{"amount":12.34,"currency":"USD"}"#).is_err());
    assert!(serde_json::from_str::<Money>(r#"{"amount":"12.34","currency":"USD"}"#).is_ok());
    assert!(serde_json::from_str::<Percent>("10").is_err() && serde_json::from_str::<Percent>(r#""10""#).is_ok());
    assert!(serde_json::from_str::<Quantity>("1.5").is_err() && serde_json::from_str::<Quantity>("2").is_ok());
    // A limit counts, and has no fractions.
    assert!(
        errors("c", json!({"limits": {"total": 1.5}, "benefits": ["none"]})).starts_with("`limits.total` is `1.5`")
    );
}

/// Unknown fields, at every depth, and unknown versions.
#[test]
fn unknown_fields_and_versions_are_refused() {
    for (fields, path, name) in [
        (json!({"benefits": ["none"], "prize": 1}), "prize", None),
        (json!({"benefits": [{"percent": {"off": "10", "offf": "10"}}]}), "benefits[0].percent.offf", Some("off")),
        (json!({"benefits": ["none"], "limits": {"totals": 1}}), "limits.totals", Some("total")),
        (
            json!({"benefits": ["none"], "conditions": [{"minimum_quantity": {"pieces": 1, "piece": 1}}]}),
            "conditions[0].minimum_quantity.piece",
            Some("pieces"),
        ),
    ] {
        let found = draft("c", fields.clone()).check().unwrap_err();
        assert!(
            matches!(&found.at(path).unwrap().why, Why::UnknownField { meant, known } if *meant == name && known.len() > 1),
            "{fields}: {found}"
        );
    }
    for (version, why) in [
        (json!(0), "unknown version, 1 is supported"),
        (json!(2), "unknown version, 1 is supported"),
        (json!(null), "missing"),
    ] {
        let found = draft("c", json!({"version": version, "benefits": ["none"]})).check().unwrap_err();
        assert_eq!(found.at("version").unwrap().why.to_string(), why);
    }
    let found = errors("c", json!({"benefits": [{"cashback": {"off": "10"}}], "conditions": ["full_moon"]}));
    assert!(
        found.contains("`benefits[0]` is `cashback`: not one of")
            && found.contains("`conditions[0]` is `full_moon`: not one of"),
        "{found}"
    );
}

/// Truncated JSON: an error at every length.
#[test]
fn truncated_json_is_an_error_at_every_length() {
    let whole = serde_json::to_string(&coupon(
        "c",
        json!({"scope": {"any": [{"tags": ["a"]}, "on_sale"]}, "conditions": ["first_order"], "benefits": [{"percent": {"off": "10"}}]}),
    ))
    .unwrap();
    assert!(serde_json::from_str::<Coupon>(&whole).is_ok());
    for end in 0..whole.len() {
        assert!(serde_json::from_str::<Coupon>(&whole[..end]).is_err(), "{end}");
        assert!(serde_json::from_str::<CouponDraft>(&whole[..end]).is_err(), "{end}");
    }
}

/// A condition tree deeper than 16 or larger than 1,000 nodes, in code and in JSON, and JSON nested 100,000 deep.
#[test]
fn trees_are_bounded_and_overflow_no_stack() {
    let nested = |levels: usize| {
        let mut condition = Condition::FirstOrder;
        for _ in 1..levels {
            condition = condition.negated()?;
        }
        Ok::<_, Error>(condition)
    };
    assert!(nested(16).is_ok());
    assert!(matches!(nested(17), Err(Error::Invalid(field)) if field.why == Why::TooDeep { max: 16 }));
    let wide = |members: usize| Condition::any(vec![Condition::FirstOrder; members]);
    assert!(wide(999).is_ok());
    assert!(matches!(wide(1_000), Err(Error::Invalid(field)) if field.why == Why::TooMany { max: 1_000 }));
    let scope = |levels: usize| (1..levels).try_fold(Scope::OnSale, |scope, _| scope.negated());
    assert!(scope(16).is_ok() && scope(17).is_err());
    // A draft in code, far deeper than any stack: an error at its place, and dropped without harm.
    let mut deep = DraftValue::from("first_order");
    for _ in 0..100_000 {
        deep = DraftValue::map([("not", deep)]);
    }
    let mut draft = draft("c", json!({"benefits": ["none"]}));
    draft.set("conditions[0]", deep).unwrap();
    let found = draft.check().unwrap_err();
    assert!(matches!(found.errors()[0].why, Why::TooDeep { .. }), "{found}");
    // The same as JSON text, in a thread with a small stack.
    let text = |field: &str, open: &str, close: &str, inner: &str| {
        let (open, close) = (open.repeat(100_000), close.repeat(100_000));
        format!(r#"{{"version":1,"id":"c","benefits":["none"],"{field}":[{open}{inner}{close}]}}"#)
    };
    let documents = [
        text("conditions", r#"{"not":"#, "}", r#""first_order""#),
        text("conditions", r#"{"any":["#, "]}", r#""first_order""#),
        text("benefits", "[", "]", "0"),
    ];
    let small = std::thread::Builder::new().stack_size(512 * 1024).spawn(move || {
        documents.iter().all(|text| match serde_json::from_str::<CouponDraft>(text) {
            Ok(draft) => draft.check().is_err(),
            Err(_) => true,
        })
    });
    assert!(small.unwrap().join().unwrap());
    let json = |levels: usize| {
        let mut condition = json!("first_order");
        for _ in 1..levels {
            condition = json!({"not": condition});
        }
        errors("c", json!({"conditions": [condition], "benefits": ["none"]}))
    };
    assert_eq!(json(16), "");
    assert!(json(17).ends_with("nested deeper than 16"), "{}", json(17));
    let flat = |members: usize| errors("c", json!({"conditions": vec!["first_order"; members], "benefits": ["none"]}));
    assert_eq!(flat(1_000), "");
    assert!(flat(1_001).ends_with("more than 1000 members"), "{}", flat(1_001));
}

/// 10,000 coupons on one order.
#[test]
fn ten_thousand_coupons_on_one_order() {
    let coupons: Vec<Coupon> = (0..10_000).map(|i| percent_off(&format!("c{i:05}"), "0.1")).collect();
    let first = order_under(policy(|p| p.max_codes(Some(2))), [line(1, "1000.00")]).codes(coupons.clone()).run();
    assert_eq!(winners(&first), ["c00000", "c00001"]);
    assert_eq!(first.answers().iter().filter(|a| a.reasons() == [Refusal::TooManyCodes { allowed: 2 }]).count(), 9_998);
    // All of them: every one that still finds half a cent takes one. 0.1% of 5.00 is half a cent, of 4.99 it is not.
    let all = order([line(1, "1000.00")]).codes(coupons).run();
    assert_eq!(payable(&all), "4.99");
    assert_eq!(reasons(&all)[9_999], ["no_benefit"]);
    let same = vec![percent_off("c", "1"); 10_000];
    let outcome = order([line(1, "10.00")]).codes(same).run();
    assert_eq!(payable(&outcome), "9.90");
}

/// Dates and zones that do not exist.
#[test]
fn dates_have_to_exist() {
    let thru = |text: Value| errors("c", json!({"validity": {"thru": text}, "benefits": ["none"]}));
    for bad in
        [json!("2026-02-29"), json!("2026-13-01"), json!("29.03.2026"), json!("2026-03-29T12:00:00Z"), json!(20260329)]
    {
        assert!(thru(bad.clone()).starts_with("`validity.thru` is "), "{bad}");
    }
    assert_eq!(thru(json!("2028-02-29")), "");
    assert!(parse_instant("2026-03-29T12:00:00").is_err() && parse_instant("2026-03-29").is_err());
    assert!(Zone::named("Mars/Olympus").is_err());
}
