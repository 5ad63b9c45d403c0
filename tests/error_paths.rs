//! Where a document is wrong, its error says the whole path, what stands there, and what may stand there instead.
#![allow(missing_docs, clippy::panic, clippy::unwrap_used)]

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use vouchsafe::*;

/// The document, with this at a place such as `/benefits/0/percent/off`.
fn with(mut document: Value, pointer: &str, value: Value) -> String {
    let (around, name) = pointer.rsplit_once('/').unwrap();
    let around = document.pointer_mut(around).unwrap_or_else(|| panic!("no {around}"));
    match around.as_object_mut() {
        Some(fields) => drop(fields.insert(name.to_owned(), value)),
        None => *around.pointer_mut(&format!("/{name}")).unwrap() = value,
    }
    document.to_string()
}

#[track_caller]
fn assert_errors<T: DeserializeOwned>(document: &Value, table: &[(&str, Value, &str)]) {
    assert!(
        serde_json::from_value::<T>(document.clone()).is_ok(),
        "{:?}",
        serde_json::from_value::<T>(document.clone()).err()
    );
    for (pointer, value, error) in table {
        let read = serde_json::from_str::<T>(&with(document.clone(), pointer, value.clone()));
        assert_eq!(read.map_err(|error| error.to_string()).err().as_deref(), Some(*error), "{pointer} = {value}");
    }
}

#[test]
fn of_a_coupon() {
    let coupon = json!({
        "version": 1, "id": "c", "code": "C",
        "scope": {"all": [{"not": {"price_range": {"min": {"USD": "5.00"}}}}, {"attribute": {"key": "brand"}}]},
        "conditions": ["first_order", {"any": [{"minimum_spend": {"amounts": {"USD": "5.00"}}}, {"hours": {"days": ["mon"]}}]}],
        "benefits": [
            {"percent": {"off": "10"}},
            {"nth": {"of": 3, "which": {"position": 2}, "reward": {"percent": "50"}}},
            {"bundle": {"parts": [{"pieces": 1}], "price": {"USD": "8.00"}}},
            {"tiers": {"steps": [{"from": 3, "percent": "5"}, {"from": 9, "percent": "9"}]}},
        ],
        "limits": {"money": {"USD": "100.00"}},
        "funding": {"split": {"party": "ACME", "share": "40"}},
        "combination": {"exclusive": "order"},
        "assign": {"to": "CLUB", "until": {"days": 365}},
    });
    assert_errors::<Coupon>(
        &coupon,
        &[
            ("/benefits/0/percent/off", json!("110"), "`benefits[0].percent.off` is `110`: not between 0 and 100"),
            (
                "/benefits/0/percent/of",
                json!("10"),
                "`benefits[0].percent.of` is `10`: unknown field, did you mean `off`? known: `off`, `base`, `cap`, \
                 `include_shipping`, `scope`, `max_units`, `max_units_per_line`, `pick`, `groups_of`, `pieces_from`",
            ),
            (
                "/benefits/0/percent/base",
                json!("list"),
                "`benefits[0].percent.base` is `list`: not one of `remaining`, `original`",
            ),
            ("/benefits/1/nth/which/position", json!(0), "`benefits[1].nth.which.position` is `0`: zero"),
            (
                "/benefits/1/nth/which",
                json!("last"),
                "`benefits[1].nth.which` is `last`: not one of `cheapest`, `dearest`, `position`",
            ),
            (
                "/benefits/1/nth/reward/percent",
                json!(50),
                "`benefits[1].nth.reward.percent` is `50`: a JSON number, amounts and percentages are strings",
            ),
            (
                "/benefits/1/nth/reward",
                json!({"half": "1"}),
                "`benefits[1].nth.reward` is `half`: not one of `free`, `percent`, `amount`, `to_price`",
            ),
            (
                "/benefits/2/bundle/parts/0/pieces",
                json!(1.5),
                "`benefits[2].bundle.parts[0].pieces` is `1.5`: expected a whole number",
            ),
            (
                "/benefits/2/bundle/price/USD",
                json!("8.001"),
                "`benefits[2].bundle.price.USD` is `8.001`: more than 2 decimals",
            ),
            (
                "/benefits/3/tiers/steps/1/from",
                json!({"USD": "9"}),
                "`benefits[3].tiers.steps[1].from` is `{..}`: expected a whole number",
            ),
            (
                "/benefits/3/tiers/by",
                json!("pieces"),
                "`benefits[3].tiers.by` is `pieces`: not one of `spend`, `quantity`",
            ),
            (
                "/conditions/1/any/0/minimum_spend/amounts/USX",
                json!("1"),
                "`conditions[1].any[0].minimum_spend.amounts.USX` is `USX`: not a known currency",
            ),
            (
                "/conditions/1/any/0/minimum_spend/ranges",
                json!("order"),
                "`conditions[1].any[0].minimum_spend.ranges` is `order`: unknown field, did you mean `range`? known: `amounts`, `basis`, `tax`, `range`, `inclusive`, `of`",
            ),
            (
                "/conditions/1/any/1/hours/days/0",
                json!("Mon"),
                "`conditions[1].any[1].hours.days[0]` is `Mon`: not one of `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`",
            ),
            (
                "/scope/all/0/not/price_range/min/USD",
                json!("-1"),
                "`scope.all[0].not.price_range.min.USD` is `-1`: negative",
            ),
            ("/scope/all/1/attribute/key", json!(""), "`scope.all[1].attribute.key` is ``: empty"),
            ("/limits/money/USD", json!("0"), "`limits.money.USD` is `0`: zero"),
            ("/funding/split/share", json!("140"), "`funding.split.share` is `140`: not between 0 and 100"),
            (
                "/combination/exclusive",
                json!("shop"),
                "`combination.exclusive` is `shop`: not one of `order`, `class`, `line`",
            ),
            ("/assign/until/days", json!(0), "`assign.until.days` is `0`: zero"),
        ],
    );
}

#[test]
fn of_what_stands_around_coupons() {
    let shop = json!({
        "version": 1,
        "policy": {"currency": "USD", "depth": {"per_line": "50"}},
        "customer_types": ["RETAIL", {"id": "CLUB", "rank": 1}],
        "price_lists": [{"id": "w", "for": {"types": ["CLUB"]}, "entries": [
            {"goods": {"product": "A"}, "price": {"USD": "2.00"}},
            {"goods": {"category": "c"}, "percent_off": "20"},
        ]}],
        "offers": [{"id": "sale", "benefits": [{"percent": {"off": "10"}}]}],
        "allowances": [{"id": "six", "goods": [{"product": "A"}], "quantity": 6, "window": {"rolling": {"days": 30}}}],
    });
    assert_errors::<Shop>(
        &shop,
        &[
            (
                "/policy/max_codes",
                Value::Null,
                "`policy.max_codes` is `null`: expected a whole number, or \"unlimited\"",
            ),
            ("/policy/depth/per_line", json!("0"), "`policy.depth.per_line` is `0`: zero"),
            ("/customer_types/1/rank", json!(-1), "`customer_types[1].rank` is `-1`: negative"),
            (
                "/price_lists/0/entries/0/price/USD",
                json!("two"),
                "`price_lists[0].entries[0].price.USD` is `two`: not a decimal number",
            ),
            (
                "/price_lists/0/entries/1/percent_of",
                json!("1"),
                "`price_lists[0].entries[1].percent_of` is `1`: unknown field, did you mean `percent_off`? known: `goods`, `from`, `price`, `percent_off`, `amount_off`",
            ),
            (
                "/offers/0/benefits/0/percent/off",
                json!("101"),
                "`offers[0].benefits[0].percent.off` is `101`: not between 0 and 100",
            ),
            (
                "/offers/0/code",
                json!("SALE"),
                "`offers[0].code` is `SALE`: not allowed together with an automatic offer",
            ),
            (
                "/allowances/0/window/rolling/days",
                json!(36_501),
                "`allowances[0].window.rolling.days` is `36501`: not between 1 and 36500",
            ),
        ],
    );
    let order = json!({
        "version": 1, "currency": "USD",
        "lines": [{"id": 1, "product": {"id": "A"}, "quantity": 1, "unit_price": "5.00", "discounts": [{"id": "d", "amount": "1.00"}]}],
        "charges": [{"id": 2, "kind": "shipping", "amount": "4.00"}],
    });
    assert_errors::<Order>(
        &order,
        &[
            (
                "/lines/0/product/tag",
                json!([]),
                "`lines[0].product.tag` is `[]`: unknown field, did you mean `tags`? known: `id`, `parent`, `type`, `subsystem`, `categories`, `tags`, `on_sale`, `subscription`, `attributes`",
            ),
            (
                "/lines/0/quantity",
                json!({"measured": 1.5}),
                "`lines[0].quantity.measured` is `1.5`: a JSON number, amounts and percentages are strings",
            ),
            (
                "/lines/0/discounts/0/amount",
                json!("0.001"),
                "`lines[0].discounts[0].amount` is `0.001`: more than 2 decimals",
            ),
            ("/charges/0/kind", json!("freight"), "`charges[0].kind` is `freight`: not one of `shipping`, `fee`"),
        ],
    );
    let customer =
        json!({"version": 1, "memberships": [{"type": "CLUB"}], "history": {"order_times": ["2026-01-05T09:00:00Z"]}});
    assert_errors::<Customer>(
        &customer,
        &[
            (
                "/memberships/0/until",
                json!("2026-01-05T09:00:00Z"),
                "`memberships[0].until` is `2026-01-05T09:00:00Z`: unknown field, known: `type`, `starts_at`, `ends_at`",
            ),
            (
                "/history/order_times/0",
                json!("2026-01-05"),
                "`history.order_times[0]` is `2026-01-05`: not a date, time or instant: write 2026-03-29, 03-29 for every year, 09:00, or 2026-03-29T12:00:00Z",
            ),
        ],
    );
}

/// A field whose name is empty: its path is not that of the whole document.
#[test]
fn a_field_without_a_name_has_a_path() {
    let told = |document: &str| serde_json::from_str::<Coupon>(document).unwrap_err().to_string();
    let error = told(r#"{"version":1,"id":"c","":1}"#);
    assert!(error.starts_with("`\"\"` is `1`: unknown field"), "{error}");
    let error = told(r#"{"version":1,"id":"c","benefits":[{"percent":{"off":"10","":1}}]}"#);
    assert!(error.starts_with("`benefits[0].percent.\"\"` is `1`: unknown field"), "{error}");
}
