//! Stored documents of what comes after an order that somebody altered by hand: each is refused, with the place and what
//! stands there.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

const DISAGREES: &str = "does not agree with the rest of the document";
const UNORDERED: &str = "not in order, or given twice";

fn id(text: &str) -> MovementId {
    text.parse().unwrap()
}

fn document<T: Serialize>(of: &T) -> Value {
    serde_json::to_value(of).unwrap()
}

/// The document is read as it is, and with one of these at its place the error says where and why. `null` is as good as
/// nothing.
#[track_caller]
fn assert_refused<T: DeserializeOwned>(document: &Value, table: &[(&str, Value, String)]) {
    let read = |document: &Value| serde_json::from_value::<T>(document.clone()).map(|_| ());
    read(document).unwrap();
    for (pointer, value, error) in table {
        let mut altered = document.clone();
        let (around, name) = pointer.rsplit_once('/').unwrap();
        match altered.pointer_mut(around).unwrap_or_else(|| panic!("no {around} in {document}")) {
            Value::Object(fields) => drop(fields.insert(name.to_owned(), value.clone())),
            around => *around.pointer_mut(&format!("/{name}")).unwrap() = value.clone(),
        }
        let found = read(&altered).map_err(|error| error.to_string());
        assert_eq!(found, Err(error.clone()), "{pointer} = {value}");
    }
}

fn disagrees(path: &str, value: &str) -> String {
    format!("`{path}` is `{value}`: {DISAGREES}")
}

fn unordered(path: &str, value: &str) -> String {
    format!("`{path}` is `{value}`: {UNORDERED}")
}

/// 30.00 off from 100.00 on, taken from 60.00, 40.00 and 20.00: 15.00, 10.00 and 5.00; 10% tax on top, and shipping. The
/// second comes back and 2.00 of the shipping: 33.00 + 2.00, less the 16.50 and 5.50 that the others cost more.
fn clawed_back() -> (Settlement, Refund) {
    let from_100 = json!([{"minimum_spend": {"amounts": {"USD": "100.00"}}}]);
    let thirty = coupon("thirty", json!({"benefits": [{"amount": {"off": {"USD": "30.00"}}}], "conditions": from_100}));
    let lines = [line(1, "60.00"), line(2, "40.00"), line(3, "20.00")];
    let placed = order(lines).charge(shipping(9, usd("4.90"))).taxed("10").code(thirty).place();
    let mut settlement = Settlement::new(placed.outcome()).unwrap();
    let request = RefundRequest::new(id("r-1")).whole(LineId(2)).amount(LineId(9), usd("2.00"));
    let request = request.thresholds(ThresholdPolicy::ClawBack);
    let refund = settlement.refund_with_terms(&placed, &request).unwrap();
    assert_eq!((refund.payable(), refund.kept().len()), (usd("13.00"), 2));
    assert!(settlement.apply(&refund).unwrap());
    (settlement, refund)
}

#[test]
fn an_altered_refund_is_refused() {
    let refund = document(&clawed_back().1);
    let table = [
        ("/version", json!(2), "unknown version, 1 is supported".to_owned()),
        ("/cash_rounding", json!("x"), "`cash_rounding` is `x`: not a decimal number".to_owned()),
        ("/cash_rounding", json!("0.001"), "`cash_rounding` is `0.001`: more than 2 decimals".to_owned()),
        ("/payable", json!("13.01"), disagrees("payable", "13.01")),
        ("/payable", json!("-13.00"), "`payable` is `-13.00`: negative".to_owned()),
        ("/thresholds", json!("keep"), "`kept` is `2`: not allowed together with thresholds".to_owned()),
        ("/lines", json!([]), "`lines` is `0`: empty".to_owned()),
        ("/lines/0/units", json!(0), "`lines[0].units` is `0`: zero".to_owned()),
        ("/lines/0/units", json!(null), "`lines[0].units` is missing".to_owned()),
        ("/lines/0/tax_rate", json!(null), disagrees("lines[0].tax_rate", "none")),
        ("/lines/0/figures/priced", json!("-40.00"), "`lines[0].figures.priced` is `-40.00`: negative".to_owned()),
        // Less than the 10.00 that are off.
        ("/lines/0/figures/priced", json!("9.99"), disagrees("lines[0].figures.priced", "9.99")),
        ("/lines/0/figures/taxable", json!("30.01"), disagrees("lines[0].figures.taxable", "30.01")),
        ("/lines/0/figures/net", json!("29.99"), disagrees("lines[0].figures.net", "29.99")),
        ("/lines/0/figures/payable", json!("33.01"), disagrees("lines[0].figures.payable", "33.01")),
        ("/lines/0/figures/tax", json!("3.01"), disagrees("lines[0].figures.payable", "33.00")),
        ("/lines/0/figures/tax", json!(null), disagrees("lines[0].figures.payable", "33.00")),
        ("/lines/0/figures/tax", json!("-3.00"), "`lines[0].figures.tax` is `-3.00`: negative".to_owned()),
        (
            "/lines/0/figures/discounts/0/amount",
            json!("x"),
            "`lines[0].figures.discounts[0].amount` is `x`: not a decimal number".to_owned(),
        ),
        (
            "/lines/0/figures/discounts/0/third_party",
            json!("-0.01"),
            "`lines[0].figures.discounts[0].third_party` is `-0.01`: negative".to_owned(),
        ),
        // More than the discount itself.
        ("/lines/0/figures/discounts/0/third_party", json!("10.01"), disagrees("lines[0].figures.priced", "40.00")),
        ("/lines/1/line", json!(2), unordered("lines[1].line", "2")),
        // A part of a line is no return.
        ("/lines/1/charge", json!(false), "`lines[1].units` is missing".to_owned()),
        ("/kept/0/before/net", json!("45.01"), disagrees("kept[0].before.net", "45.01")),
        ("/kept/0/after/payable", json!("66.01"), disagrees("kept[0].after.payable", "66.01")),
        ("/kept/0/tax_rate", json!(null), disagrees("kept[0].tax_rate", "none")),
        ("/kept/1/line", json!(1), unordered("kept[1].line", "1")),
    ];
    assert_refused::<Refund>(&refund, &table);
    // One discount that is told twice, half of it each time, and a rate where no tax is.
    let mut half = refund["lines"][0]["figures"]["discounts"][0].clone();
    half["amount"] = json!("5.00");
    let halves = json!([half, half]);
    let table = [("/lines/0/figures/discounts", halves, disagrees("lines[0].figures.priced", "40.00"))];
    assert_refused::<Refund>(&refund, &table);
    // Tax that does not fit: no room on top of the price, and more than all of what is taxed.
    let most = json!({"priced": "92233720368547758.07", "taxable": "92233720368547758.07",
        "net": "92233720368547758.07", "tax": "0.01", "payable": "92233720368547758.07"});
    let table = [("/lines/0/figures", most, disagrees("lines[0].figures.priced", "92233720368547758.07"))];
    assert_refused::<Refund>(&refund, &table);
    let inclusive = Settlement::new(&order([line(1, "11.00")]).inclusive().taxed("10").run()).unwrap();
    let inclusive = document(&inclusive.void(id("v-1")).unwrap());
    let table = [
        ("/lines/0/figures/tax", json!("11.01"), disagrees("lines[0].figures.priced", "11.00")),
        ("/lines/0/figures/tax", json!("11.00"), disagrees("lines[0].figures.net", "10.00")),
    ];
    assert_refused::<Refund>(&inclusive, &table);
    let untaxed = Settlement::new(&order([line(1, "10.00")]).run()).unwrap();
    let untaxed = document(&untaxed.void(id("v-1")).unwrap());
    assert_refused::<Refund>(&untaxed, &[("/lines/0/tax_rate", json!("10"), disagrees("lines[0].tax_rate", "10"))]);
}

/// A line of which a part comes back is asked for by units or by an amount, not by both.
#[test]
fn an_altered_request_is_refused() {
    let request = RefundRequest::new(id("r-1")).units(LineId(1), 2).amount(LineId(9), usd("2.45")).whole(LineId(3));
    let text = document(&request);
    assert_eq!(
        text,
        json!({"id": "r-1", "lines": [{"line": 1, "units": 2},
            {"line": 9, "amount": {"amount": "2.45", "currency": "USD"}}, {"line": 3}]})
    );
    assert_eq!(serde_json::from_value::<RefundRequest>(text.clone()).unwrap(), request);
    let judged = request.clone().thresholds(ThresholdPolicy::Recompute);
    assert_eq!(document(&judged)["thresholds"], json!("recompute"));
    assert_eq!(judged.threshold_policy(), ThresholdPolicy::Recompute);
    let both = "`amount` is `2.45 USD`: not allowed together with units".to_owned();
    assert_refused::<RefundRequest>(&text, &[("/lines/1/units", json!(1), both)]);
}

/// One of two at 50.00 less 20% with 20% tax on top moves to where it costs 10.00: 40.00 + 8.00 were paid, and of the 10.00
/// nothing is left.
#[test]
fn an_altered_transfer_is_refused() {
    let case = order([pieces(1, "50.00", 2)]).taxed("20").code(percent_off("c", "20"));
    let settlement = Settlement::new(&case.run()).unwrap();
    let to = Reference::Order("o-2".parse().unwrap());
    let request = TransferRequest::new(id("t-1"), LineId(1), 1, to, Currency::USD).at_price(usd("10.00"));
    let transfer = document(&settlement.transfer(&request).unwrap());
    assert_eq!(transfer["before"]["payable"], json!("48.00"));
    let table = [
        ("/version", json!(0), "unknown version, 1 is supported".to_owned()),
        ("/before/priced", json!("x"), "`before.priced` is `x`: not a decimal number".to_owned()),
        ("/after/taxable", json!("0.01"), disagrees("after.taxable", "0.01")),
        ("/cash_rounding_before", json!("x"), "`cash_rounding_before` is `x`: not a decimal number".to_owned()),
        ("/cash_rounding_after", json!("y"), "`cash_rounding_after` is `y`: not a decimal number".to_owned()),
        // More than was paid.
        ("/cash_rounding_before", json!("-48.01"), disagrees("cash_rounding_before", "-48.01")),
        ("/cash_rounding_after", json!("0.01"), disagrees("after", "t-1")),
        ("/tax_rate", json!(null), disagrees("before.tax_rate", "none")),
        ("/units", json!(0), "`units` is `0`: zero".to_owned()),
        ("/to", json!({"order": "o-1"}), "`to` is `order o-1`: given twice".to_owned()),
    ];
    assert_refused::<Transfer>(&transfer, &table);
}

/// Three at 10.00 and one at 5.00 with 10% tax on top: 33.00 + 5.50, of which 11.00 came back.
#[test]
fn an_altered_settlement_is_refused() {
    let mut settlement = Settlement::new(&order([pieces(1, "10.00", 3), line(2, "5.00")]).taxed("10").run()).unwrap();
    let one = settlement.refund(&RefundRequest::new(id("r-1")).units(LineId(1), 1)).unwrap();
    assert!(settlement.apply(&one).unwrap());
    let settlement = document(&settlement);
    let movement = settlement["movements"][0].clone();
    let moved = |at: usize| disagrees(&format!("movements[{at}]"), "r-1");
    let mut other_units = settlement["lines"].clone();
    other_units[0]["units"] = json!(3);
    let table = [
        ("/version", json!(2), "unknown version, 1 is supported".to_owned()),
        ("/placed/0/units", json!(null), "`placed[0].units` is missing".to_owned()),
        ("/placed/0/units", json!(0), disagrees("placed[0].units", "0")),
        ("/placed/0/charge", json!(true), disagrees("placed[0].units", "3")),
        ("/placed/0/tax_rate", json!(null), disagrees("placed[0].tax_rate", "none")),
        ("/placed/1/line", json!(1), unordered("placed[1].line", "1")),
        ("/placed_cash_rounding", json!("x"), "`placed_cash_rounding` is `x`: not a decimal number".to_owned()),
        // More than was paid.
        ("/placed_cash_rounding", json!("-38.51"), disagrees("placed_cash_rounding", "-38.51")),
        ("/paid", json!("38.51"), disagrees("paid", "38.51")),
        ("/cash_rounding", json!("0.01"), disagrees("cash_rounding", "0.01")),
        ("/payable", json!("27.51"), disagrees("payable", "27.51")),
        ("/payable", json!("x"), "`payable` is `x`: not a decimal number".to_owned()),
        ("/lines", other_units, disagrees("lines", "2")),
        ("/lines/0/figures/priced", json!("x"), "`lines[0].figures.priced` is `x`: not a decimal number".to_owned()),
        ("/lines/1/line", json!(1), unordered("lines[1].line", "1")),
        ("/movements/0/refund/position", json!(1), moved(0)),
        ("/movements/0/refund/reference", json!({"order": "o-2"}), moved(0)),
        // Not all of it.
        ("/movements/0/refund/void", json!(true), moved(0)),
        ("/movements/0/refund/lines/0/line", json!(7), moved(0)),
        ("/movements/0/refund/lines/0/units", json!(2), moved(0)),
        ("/movements/0/refund/lines/0/tax_class", json!("food"), moved(0)),
        // Done once more, it is nothing new.
        ("/movements", json!([movement, movement]), moved(1)),
        ("/movements", json!([]), disagrees("lines", "2")),
    ];
    assert_refused::<Settlement>(&settlement, &table);

    let free = document(&Settlement::new(&order([line(1, "0.00")]).run()).unwrap());
    let zero = "`placed[0].units` is `0`: zero".to_owned();
    assert_refused::<Settlement>(&free, &[("/placed/0/units", json!(0), zero)]);

    // What kept lines cost more is theirs, with their class.
    let clawed = document(&clawed_back().0);
    let kept = "/movements/0/refund/kept/0/tax_class";
    assert_refused::<Settlement>(&clawed, &[(kept, json!("food"), moved(0))]);
    // As much more as it was, on a line that stood at another price.
    let stands = |net: &str, tax: &str, payable: &str| json!({"priced": net, "taxable": net, "net": net, "tax": tax, "payable": payable});
    let before = stands("45.00", "4.50", "49.50");
    let other = json!({"line": 1, "tax_rate": "10", "before": before, "after": stands("60.00", "6.00", "66.00")});
    assert_refused::<Settlement>(&clawed, &[("/movements/0/refund/kept/0", other, moved(0))]);

    // Two lines that cost all that an amount holds.
    let all = json!({"priced": "92233720368547758.07", "taxable": "92233720368547758.07",
        "net": "92233720368547758.07", "payable": "92233720368547758.07"});
    let line = |line: u64| json!({"line": line, "units": 1, "figures": all});
    let two = document(&Settlement::new(&order([line_at_one(1), line_at_one(2)]).run()).unwrap());
    let table = [("/placed", json!([line(1), line(2)]), "`paid` overflows the range of exact amounts".to_owned())];
    assert_refused::<Settlement>(&two, &table);
}

fn line_at_one(id: u64) -> Line {
    line(id, "1.00")
}

/// Prices of a list, and the lines, currencies and rules that policy, order and outcome have in common.
#[test]
fn an_altered_order_is_refused() {
    let trade: CustomerTypeId = "TRADE".parse().unwrap();
    let entry = |id: &str| PriceEntry::percent_off(Goods::product(id.parse().unwrap()), percent("10"));
    let list = PriceList::builder("club").for_types([trade.clone()]).entry(entry("P1")).entry(entry("P2"));
    let list = list.build().unwrap();
    let placed = order([line(1, "30.00"), line(2, "40.00")])
        .charge(shipping(9, usd("4.90")))
        .customer(customer("42").with_type(trade))
        .shop(|shop| shop.customer_type("TRADE".parse().unwrap()).price_list(list))
        .place();
    let amended = placed.amend(&Amendment::new(id("a-1")).in_quantity(LineId(2), Quantity::pieces(2).unwrap()));
    let placed = amended.unwrap().placed().clone();
    // 27.00 + 72.00 + 4.90.
    assert_eq!(payable(placed.outcome()), "103.90");
    let placed = document(&placed);
    let line_of = |at: usize| placed["order"]["lines"][at].clone();
    let mut third = line_of(1);
    third["id"] = json!(3);
    let unknown = |path: &str| format!("`{path}` is `7`: unknown line");
    let table = [
        ("/policy/currency", json!("EUR"), disagrees("order.currency", "USD")),
        ("/policy/rounding", json!({"discount": "half_even"}), disagrees("outcome.rounding", "{..}")),
        ("/order/currency", json!("EUR"), disagrees("outcome.currency", "USD")),
        ("/order/prices", json!("tax_inclusive"), disagrees("outcome.price_mode", "tax_exclusive")),
        ("/order/lines/0/quantity", json!(2), disagrees("outcome.lines[0]", "1")),
        ("/order/lines/0/id", json!(3), disagrees("outcome.lines[0]", "1")),
        ("/order/lines", json!([line_of(0)]), disagrees("outcome.lines[1]", "2")),
        ("/order/lines", json!([line_of(0), line_of(1), third]), disagrees("order.lines[2]", "3")),
        ("/order/charges", json!([]), disagrees("outcome.charges[0]", "9")),
        ("/prices/1/line", json!(1), unordered("prices[1].line", "1")),
        ("/prices/1/line", json!(7), unknown("prices[1].line")),
        ("/prices/0/source", json!("list"), disagrees("prices[0].source", "list")),
        ("/prices/0/price", json!("x"), "`prices[0].price` is `x`: not a decimal number".to_owned()),
        ("/prices/0/price", json!("26.99"), disagrees("prices", "1")),
        ("/prices/0/source", json!("customer"), disagrees("prices", "1")),
        ("/prices/0/list", json!("trade"), disagrees("prices", "1")),
        ("/prices", json!([]), disagrees("prices", "1")),
        ("/amendments", json!(["a-1", "a-2", "a-1"]), "`amendments[2]` is `a-1`: given twice".to_owned()),
    ];
    assert_refused::<PlacedOrder>(&placed, &table);
}

/// What could not be placed is not stored: a limit for each customer, and nobody who is known.
#[test]
fn an_order_that_cannot_be_placed_is_refused() {
    let once = || coupon("once", json!({"limits": {"per_customer": 1}, "benefits": [{"percent": {"off": "10"}}]}));
    let flag = policy(|policy| policy.no_identity(NoIdentity::ApplyAndFlag));
    let case = order_under(flag, [line(1, "10.00")]).code(once());
    let placed = document(&case.clone().customer(customer("42")).place());
    let nobody = document(&case.run());
    let why = disagrees("outcome", &NotPlaceable::CustomerRequired.to_string());
    assert_refused::<PlacedOrder>(&placed, &[("/outcome", nobody, why)]);
}

/// Three at 10.00 less 3.00, of which two are left, and four at 20.00 less 4.00, of which one is: what was sold tells what
/// is left.
#[test]
fn altered_quantities_that_were_sold_are_refused() {
    let season = |amount: &str| discount("season", usd(amount));
    let lines =
        [pieces(1, "10.00", 3).with_discount(season("3.00")), pieces(2, "20.00", 4).with_discount(season("4.00"))];
    let to = |pieces| Quantity::pieces(pieces).unwrap();
    let fewer = Amendment::new(id("a-1")).in_quantity(LineId(1), to(2)).in_quantity(LineId(2), to(1));
    let placed = document(order(lines).place().amend(&fewer).unwrap().placed());
    assert_eq!(placed["sold"][0], json!({"line": 1, "amount": "27.00", "quantity": 3, "discounts": ["3.00"]}));
    let table = [
        ("/sold/1/line", json!(1), unordered("sold[1].line", "1")),
        ("/sold/1/line", json!(7), "`sold[1].line` is `7`: unknown line".to_owned()),
        ("/sold/0/quantity", json!({"measured": "2.5"}), disagrees("sold[0].quantity", "2.5")),
        ("/sold/0/discounts", json!([]), disagrees("sold[0].discounts", "0")),
        ("/sold/0/discounts/0", json!("-3.00"), "`sold[0].discounts[0]` is `-3.00`: negative".to_owned()),
        // 4.00 would be left of it, and not 2.00.
        ("/sold/0/discounts/0", json!("6.00"), disagrees("sold[0].discounts", "1")),
        ("/sold/0/amount", json!("x"), "`sold[0].amount` is `x`: not a decimal number".to_owned()),
    ];
    assert_refused::<PlacedOrder>(&placed, &table);
}

/// 3.00 and 4.00 of the host, 5.00 by hand out of a budget, and a code that nothing answers to.
#[test]
fn altered_codes_are_refused() {
    let host = Entry::new(coupon("host", json!({"benefits": [{"host": {}}]})));
    let by_hand = json!({"benefits": [{"operator": {}}], "conditions": ["first_order"],
        "limits": {"money": {"USD": "100.00"}}});
    let hand = Entry::new(coupon("hand", by_hand)).operator(usd("5.00"));
    let placed = order_under(policy(|policy| policy.manual(true)), [line(1, "30.00"), line(2, "40.00")])
        .code(host.host(&[(1, usd("3.00")), (2, usd("4.00"))]))
        .code(hand)
        .code(Entry::unknown("NOBODY"))
        .customer(customer("42"))
        .history(History::default().with_orders(0))
        .place();
    assert_eq!(payable(placed.outcome()), "58.00");
    let placed = document(&placed);
    let unknown = |value: &str| format!("`codes[1].answer` is `{value}`: unknown applied code");
    let table = [
        ("/codes/1/answer", json!(0), unordered("codes[1].answer", "0")),
        ("/codes/1/answer", json!(2), unknown("2")),
        ("/codes/1/answer", json!(3), unknown("3")),
        ("/codes/1/operator_amount", json!("-5.00"), "`codes[1].operator_amount` is `-5.00`: negative".to_owned()),
        ("/codes/1/budget_left", json!("x"), "`codes[1].budget_left` is `x`: not a decimal number".to_owned()),
        ("/codes/0/host_amounts/0/line", json!(7), "`codes[0].host_amounts[0].line` is `7`: unknown line".to_owned()),
        ("/codes/0/host_amounts/1/line", json!(1), unordered("codes[0].host_amounts[1].line", "1")),
        (
            "/codes/0/host_amounts/1/amount",
            json!("4.001"),
            "`codes[0].host_amounts[1].amount` is `4.001`: more than 2 decimals".to_owned(),
        ),
        ("/codes/1/facts", json!([]), disagrees("codes of answers[1].facts", "0")),
        ("/codes/1/facts", json!([true, true]), disagrees("codes of answers[1].facts", "2")),
    ];
    assert_refused::<PlacedOrder>(&placed, &table);
}

/// Pieces that an automatic offer used, and lines that an allowance counts.
#[test]
fn altered_claims_and_allowances_are_refused() {
    let part = |sku: &str| json!({"pieces": 1, "of": {"products": [sku]}});
    let free = json!({"buy_get": {"buy": [part("P1")], "get": part("P2"), "reward": "free"}});
    let offers = json!([{"id": "pair", "description": "pair", "benefits": [free]}]);
    let shop = json!({"version": 1, "policy": {"currency": "USD"}, "offers": offers});
    let shop: Shop = serde_json::from_value(shop).unwrap();
    let goods = Order::builder(Currency::USD).lines([pieces(1, "30.00", 2), pieces(2, "10.00", 2)]).build().unwrap();
    let (nobody, reference) = (Customer::anonymous(), Reference::Order("o-1".parse().unwrap()));
    let placed = document(&shop.place(&Request::new(&goods, &nobody, reference, at(NOON))).unwrap());
    assert_eq!(placed["claimed"], json!([{"line": 1, "units": 2}, {"line": 2, "units": 2}]));
    let table = [
        ("/claimed/0/line", json!(7), "`claimed[0].line` is `7`: unknown line".to_owned()),
        ("/claimed/1/line", json!(1), unordered("claimed[1].line", "1")),
        ("/claimed/0/units", json!(0), disagrees("claimed[0].units", "0")),
        ("/claimed/0/units", json!(3), disagrees("claimed[0].units", "3")),
    ];
    assert_refused::<PlacedOrder>(&placed, &table);

    let both = ["P1", "P2"].map(|id| Goods::product(id.parse().unwrap()));
    let pairs = Allowance::new("pairs".parse().unwrap(), both, 9).unwrap();
    let case = order([pieces(1, "30.00", 2), pieces(2, "10.00", 3), line(3, "1.00")]).customer(customer("42"));
    let placed = document(&case.shop(|shop| shop.allowance(pairs)).place());
    assert_eq!(placed["allowances"], json!([{"allowance": "pairs", "lines": [1, 2]}]));
    let table = [
        ("/allowances/0/allowance", json!("others"), disagrees("allowances[0].allowance", "others")),
        ("/allowances/0/lines/0", json!(7), "`allowances[0].lines` is `7`: unknown line".to_owned()),
        ("/allowances/0/lines", json!([2, 1]), unordered("allowances[0].lines", "1")),
        // Two pieces of five, and six.
        ("/allowances/0/lines", json!([1]), disagrees("allowances[0].lines", "2")),
        ("/allowances/0/lines", json!([1, 2, 3]), disagrees("allowances[0].lines", "6")),
        ("/allowances", json!([]), disagrees("allowances", "pairs")),
    ];
    assert_refused::<PlacedOrder>(&placed, &table);
}

/// 36.30 a month with 21% tax in it, three times; the first payment is 30.00 + 6.30.
#[test]
fn an_altered_subscription_is_refused() {
    let paper = product("PAPER").with_subscription(true);
    let thrice = Billing::every_months(1).unwrap().with_payments(3).unwrap();
    let paper = of(1, paper, "36.30", 1).with_billing(thrice);
    let benefits = json!([{"percent": {"off": "0"}}]);
    let zero = coupon("zero", json!({"benefits": benefits, "payments": "all"}));
    let placed = order([paper]).inclusive().taxed("21").code(zero).place();
    let subscription = document(&placed.subscription(LineId(1)).unwrap().unwrap());
    let money = |amount: &str, currency: &str| json!({"amount": amount, "currency": currency});
    let first = |value: &str, why: &str| format!("`first[0].payable` is `{value}`: {why}");
    let table = [
        ("/version", json!(7), disagrees("version", "7")),
        ("/trial_days", json!(100_000), "`trial_days` is `100000`: not between 0 and 36500".to_owned()),
        ("/payments_made", json!(0), "`payments_made` is `0`: zero".to_owned()),
        ("/payments_made", json!(4), disagrees("payments_made", "4")),
        ("/first", json!([]), disagrees("first", "0")),
        ("/first/0/line", json!(2), disagrees("first", "1")),
        ("/billing", json!({"every": {"months": 2}}), disagrees("billing", "1")),
        ("/first/0/tax", money("6.30", "EUR"), first("6.30 EUR", "not in USD")),
        ("/first/0/net", money("-30.00", "USD"), first("-30.00 USD", "negative")),
        ("/first/0/net", money("30.01", "USD"), first("36.30 USD", DISAGREES)),
        ("/first/0/taxable", money("36.31", "USD"), first("36.30 USD", DISAGREES)),
        ("/first/0/payable", money("36.31", "USD"), first("36.31 USD", DISAGREES)),
        ("/carried", json!(["x"]), "`carried[0]` is `x`: not a decimal number".to_owned()),
        ("/carried", json!(["-1.00"]), "`carried[0]` is `-1.00`: negative".to_owned()),
        ("/carried", json!(["1.00", "2.00"]), disagrees("carried", "2")),
    ];
    assert_refused::<Subscription>(&subscription, &table);
    // The last of three payments, and a trial as long as any.
    for (field, value) in [("payments_made", 3), ("trial_days", Trial::MAX_DAYS)] {
        let mut last = subscription.clone();
        last[field] = json!(value);
        assert!(serde_json::from_value::<Subscription>(last).is_ok(), "{field}");
    }
}
