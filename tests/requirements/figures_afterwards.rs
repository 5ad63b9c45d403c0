//! Every figure that is told of what comes after an order: of each later payment, refund, transfer and settlement, worked
//! out by hand.

use serde_json::json;
use vouchsafe::*;

use crate::support::*;

fn id(text: &str) -> MovementId {
    text.parse().unwrap()
}

fn order_id(text: &str) -> Reference {
    Reference::Order(text.parse().unwrap())
}

fn or_none(amount: Option<Money>) -> String {
    amount.map_or("-".to_owned(), Money::amount_text)
}

/// Price; discounts of the shop, of coupons, by points; what is left, and the part of third parties; taxable amount, net and
/// tax; payment.
fn row(figures: &LineFigures) -> String {
    let discounts = [figures.shop_discount(), figures.coupon_discount(), figures.points_discount()];
    let discounts = discounts.map(Money::amount_text).join(" ");
    let (left, third) = (figures.discounted().amount_text(), figures.third_party().amount_text());
    let (taxable, net) = (figures.taxable().amount_text(), figures.net().amount_text());
    let (priced, tax, payable) = (figures.priced(), or_none(figures.tax()), figures.payable());
    let (priced, payable) = (priced.amount_text(), payable.amount_text());
    format!("{priced} | {discounts} | {left} {third} | {taxable} {net} {tax} | {payable}")
}

/// Where it comes from, account, third party; amount, the seller's part, that of the third party.
fn part(part: &DiscountPart) -> String {
    let from = match part.origin() {
        DiscountOrigin::Shop { discount } => discount.to_string(),
        DiscountOrigin::Coupon { code, .. } => code.to_string(),
        _ => "points".to_owned(),
    };
    let account = part.account().map_or("-", AccountId::as_str);
    let party = part.party().map_or("-", PartyId::as_str);
    let amounts = [part.amount(), part.seller(), part.third_party()].map(Money::amount_text).join(" ");
    format!("{from} {account} {party}: {amounts}")
}

fn parts(all: &[DiscountPart]) -> Vec<String> {
    all.iter().map(part).collect()
}

/// 20% off product P1, of which the maker pays 40%.
fn maker() -> Coupon {
    coupon(
        "maker",
        json!({"scope": {"products": ["P1"]}, "benefits": [{"percent": {"off": "20"}}], "account": "4910",
               "funding": {"split": {"party": "ACME", "share": "40"}}}),
    )
}

/// Two at 50.00 less 10.00 of the shop and 20% of a coupon, 20% tax on top; one at 50.00 with 10% tax; shipping at 5.00.
///
/// | | price | shop | coupon | left | maker | taxable | tax | to pay |
/// |---|---|---|---|---|---|---|---|---|
/// | 1 | 100.00 | 10.00 | 18.00 | 72.00 | 7.20 | 79.20 | 15.84 | 87.84 |
/// | 2 | 50.00 | | | 50.00 | | 50.00 | 5.00 | 55.00 |
/// | 9 | 5.00 | | | 5.00 | | 5.00 | 1.00 | 6.00 |
fn sold() -> Case {
    let season = discount("season", usd("10.00")).with_account("4920".parse().unwrap());
    let goods = pieces(1, "50.00", 2).with_tax_class("goods".parse().unwrap()).with_discount(season);
    let food = line(2, "50.00").with_tax_class("food".parse().unwrap());
    order([goods, food])
        .order(|order| order.rate("goods".parse().unwrap(), rate("20")).rate("food".parse().unwrap(), rate("10")))
        .charge(shipping(9, usd("5.00")))
        .taxed("20")
        .code(maker())
}

/// What a settlement says of each line: units, class, rate, figures.
fn standing(lines: &[SettledLine]) -> Vec<String> {
    let class = |line: &SettledLine| line.tax_class().map_or("-".to_owned(), ToString::to_string);
    let of = |line: &SettledLine| {
        let kind = if line.is_charge() { "charge" } else { "line" };
        let rate = line.tax_rate().map_or("-".to_owned(), |rate| rate.to_string());
        format!("{kind} {} x{} {} {rate}: {}", line.line(), line.units(), class(line), row(line.figures()))
    };
    lines.iter().map(of).collect()
}

const SOLD: [&str; 3] = [
    "line 1 x2 goods 20: 100.00 | 10.00 18.00 0.00 | 72.00 7.20 | 79.20 79.20 15.84 | 87.84",
    "line 2 x1 food 10: 50.00 | 0.00 0.00 0.00 | 50.00 0.00 | 50.00 50.00 5.00 | 55.00",
    "charge 9 x1 - 20: 5.00 | 0.00 0.00 0.00 | 5.00 0.00 | 5.00 5.00 1.00 | 6.00",
];

/// Proves S110: of the order above one of line 1, all of line 2 and half of the shipping come back.
#[test]
fn every_figure_of_a_refund_and_of_what_is_left() {
    let mut settlement = Settlement::new(&sold().run()).unwrap();
    assert_eq!(standing(settlement.placed()), SOLD);
    assert_eq!(settlement.reference(), &order_id("o-1"));
    assert_eq!((settlement.currency(), settlement.price_mode()), (Currency::USD, PriceMode::TaxExclusive));
    assert_eq!((settlement.paid(), settlement.cash_rounding()), (usd("148.84"), usd("0.00")));

    let request = RefundRequest::new(id("r-1")).amount(LineId(9), usd("3.00")).whole(LineId(2)).units(LineId(1), 1);
    assert_eq!((request.id(), request.threshold_policy()), (&id("r-1"), ThresholdPolicy::Keep));
    let refund = settlement.refund(&request).unwrap();
    assert_eq!((refund.id(), refund.reference(), refund.currency()), (&id("r-1"), &order_id("o-1"), Currency::USD));
    assert_eq!((refund.is_void(), refund.threshold_policy()), (false, ThresholdPolicy::Keep));
    let lines: Vec<String> = refund
        .lines()
        .iter()
        .map(|line| {
            let kind = if line.is_charge() { "charge" } else { "line" };
            let (class, rate) = (line.tax_class().map(TaxClass::as_str), line.tax_rate().unwrap());
            format!("{kind} {} {:?} {class:?} {rate}: {}", line.line(), line.units(), row(line.figures()))
        })
        .collect();
    assert_eq!(
        lines,
        [
            "line 1 Some(1) Some(\"goods\") 20: 50.00 | 5.00 9.00 0.00 | 36.00 3.60 | 39.60 39.60 7.92 | 43.92",
            "line 2 Some(1) Some(\"food\") 10: 50.00 | 0.00 0.00 0.00 | 50.00 0.00 | 50.00 50.00 5.00 | 55.00",
            "charge 9 None None 20: 2.50 | 0.00 0.00 0.00 | 2.50 0.00 | 2.50 2.50 0.50 | 3.00",
        ]
    );
    // 43.92 + 55.00 + 3.00; 39.60 + 50.00 + 2.50; 7.92 + 5.00 + 0.50.
    assert_eq!((refund.payable(), refund.cash_rounding()), (usd("101.92"), usd("0.00")));
    assert_eq!((refund.taxable(), refund.net(), refund.tax()), (usd("92.10"), usd("92.10"), Some(usd("13.42"))));
    assert_eq!((refund.shop_discount(), refund.coupon_discount()), (usd("5.00"), usd("9.00")));
    assert_eq!((refund.third_party(), refund.kept()), (usd("3.60"), &[][..]));
    let of_class = |tax: &TaxRefund| {
        let class = tax.class.as_ref().map_or("-", TaxClass::as_str);
        let amounts = [tax.taxable, tax.net].map(Money::amount_text).join(" ");
        format!("{class} {}: {amounts} {}", tax.rate.unwrap(), or_none(tax.tax))
    };
    let taxes: Vec<String> = refund.taxes().iter().map(of_class).collect();
    assert_eq!(taxes, ["goods 20: 39.60 39.60 7.92", "food 10: 50.00 50.00 5.00", "- 20: 2.50 2.50 0.50"]);
    assert_eq!(parts(&refund.discounts()), ["season 4920 -: 5.00 5.00 0.00", "MAKER 4910 ACME: 9.00 5.40 3.60"]);

    assert!(settlement.apply(&refund).unwrap());
    assert_eq!(standing(settlement.placed()), SOLD, "what was sold stands");
    assert_eq!(
        standing(settlement.lines()),
        [
            "line 1 x1 goods 20: 50.00 | 5.00 9.00 0.00 | 36.00 3.60 | 39.60 39.60 7.92 | 43.92",
            "line 2 x0 food 10: 0.00 | 0.00 0.00 0.00 | 0.00 0.00 | 0.00 0.00 0.00 | 0.00",
            "charge 9 x1 - 20: 2.50 | 0.00 0.00 0.00 | 2.50 0.00 | 2.50 2.50 0.50 | 3.00",
        ]
    );
    assert_eq!((settlement.payable(), settlement.refunded()), (usd("46.92"), usd("101.92")));
    assert_eq!(settlement.line(LineId(2)).map(SettledLine::units), Some(0));
    assert_eq!(settlement.line(LineId(7)), None);
    assert_eq!(settlement.movements(), [Movement::Refund(refund)]);
    // A part of a charge is no unit, and shipping is none of the goods.
    assert_eq!(settlement.returned_units(), [(LineId(1), 1), (LineId(2), 1)]);
    // The rest of the charge, by its amount: it is a unit then.
    let rest = settlement.refund(&RefundRequest::new(id("r-2")).amount(LineId(9), usd("3.00"))).unwrap();
    assert_eq!((rest.lines()[0].units(), rest.payable()), (Some(1), usd("3.00")));
    assert!(settlement.apply(&rest).unwrap());
    assert_eq!(settlement.returned_units(), [(LineId(1), 1), (LineId(2), 1)]);
}

/// Two lines at 60.00 and 40.00 less 30.00 from 100.00 on, 10% tax on top: 42.00 + 4.20 and 28.00 + 2.80. The second comes
/// back, and the first costs 60.00 + 6.00.
#[test]
fn every_figure_of_a_line_that_is_kept_at_another_price() {
    let from_100 = json!([{"minimum_spend": {"amounts": {"USD": "100.00"}}}]);
    let thirty = coupon("thirty", json!({"benefits": [{"amount": {"off": {"USD": "30.00"}}}], "conditions": from_100}));
    let placed = order([line(1, "60.00"), line(2, "40.00")]).taxed("10").code(thirty).place();
    let settlement = Settlement::new(placed.outcome()).unwrap();
    let request = RefundRequest::new(id("r-1")).whole(LineId(2)).thresholds(ThresholdPolicy::ClawBack);
    let refund = settlement.refund_with_terms(&placed, &request).unwrap();
    assert_eq!(refund.threshold_policy(), ThresholdPolicy::ClawBack);
    let [kept] = refund.kept() else { panic!("{:?}", refund.kept()) };
    assert_eq!((kept.line(), kept.difference()), (LineId(1), usd("19.80")));
    assert_eq!(row(kept.before()), "60.00 | 0.00 18.00 0.00 | 42.00 0.00 | 42.00 42.00 4.20 | 46.20");
    assert_eq!(row(kept.after()), "60.00 | 0.00 0.00 0.00 | 60.00 0.00 | 60.00 60.00 6.00 | 66.00");
    // 28.00 less 18.00, 2.80 less 1.80; both parts of the discount are gone.
    assert_eq!((refund.taxable(), refund.net(), refund.tax()), (usd("10.00"), usd("10.00"), Some(usd("1.00"))));
    assert_eq!((refund.payable(), refund.coupon_discount()), (usd("11.00"), usd("30.00")));
    let [tax] = &refund.taxes()[..] else { panic!("{:?}", refund.taxes()) };
    assert_eq!((&tax.class, tax.rate), (&None, Some(rate("10"))));
    assert_eq!((tax.taxable, tax.net, tax.tax), (usd("10.00"), usd("10.00"), Some(usd("1.00"))));
    assert_eq!(parts(&refund.discounts()), ["THIRTY - -: 30.00 30.00 0.00"]);
}

/// What is priced anew: the maker's coupon falls with its part, and of a coupon that stands more is taken off what is kept.
#[test]
fn every_figure_of_a_line_that_is_priced_anew() {
    let from_100 = || json!([{"minimum_spend": {"amounts": {"USD": "100.00"}}}]);
    let recomputed = |case: Case| {
        let placed = case.place();
        let settlement = Settlement::new(placed.outcome()).unwrap();
        let request = RefundRequest::new(id("r-1")).whole(LineId(2)).thresholds(ThresholdPolicy::Recompute);
        settlement.refund_with_terms(&placed, &request).unwrap()
    };
    // 30.00 off 60.00 and 40.00, all of it paid by the maker.
    let acme = json!({"third_party": {"party": "ACME"}});
    let thirty =
        json!({"benefits": [{"amount": {"off": {"USD": "30.00"}}}], "conditions": from_100(), "funding": acme});
    let refund = recomputed(order([line(1, "60.00"), line(2, "40.00")]).code(coupon("thirty", thirty)));
    assert_eq!(row(refund.kept()[0].before()), "60.00 | 0.00 18.00 0.00 | 42.00 18.00 | 60.00 60.00 - | 42.00");
    assert_eq!(row(refund.kept()[0].after()), "60.00 | 0.00 0.00 0.00 | 60.00 0.00 | 60.00 60.00 - | 60.00");
    assert_eq!((refund.payable(), refund.third_party()), (usd("10.00"), usd("30.00")));
    assert_eq!(parts(&refund.discounts()), ["THIRTY - ACME: 30.00 0.00 30.00"]);

    // 20.00 are free from 100.00 on, and 10% are off what remains: 8.00 of the 80.00 that come back. Without the first
    // coupon the second one takes 2.00 off the 20.00.
    let fields = json!({"scope": {"products": ["P1"]}, "benefits": [{"percent": {"off": "100"}}],
        "conditions": [{"minimum_spend": {"amounts": {"USD": "100.00"}, "range": "order"}}]});
    let lines = [line(1, "20.00"), line(2, "80.00")];
    let refund = recomputed(order(lines).code(coupon("free", fields)).code(order_percent_off("ten", "10")));
    let [kept] = refund.kept() else { panic!("{:?}", refund.kept()) };
    assert_eq!(row(kept.before()), "20.00 | 0.00 20.00 0.00 | 0.00 0.00 | 0.00 0.00 - | 0.00");
    assert_eq!(row(kept.after()), "20.00 | 0.00 2.00 0.00 | 18.00 0.00 | 18.00 18.00 - | 18.00");
    assert_eq!(parts(kept.before().discounts()), ["FREE - -: 20.00 20.00 0.00", "TEN - -: 0.00 0.00 0.00"]);
    assert_eq!(parts(kept.after().discounts()), ["FREE - -: 0.00 0.00 0.00", "TEN - -: 2.00 2.00 0.00"]);
    // 72.00 less 18.00; 8.00 are gone with the second line, and 2.00 came to the first.
    assert_eq!((refund.payable(), refund.coupon_discount()), (usd("54.00"), usd("26.00")));
    assert_eq!(parts(&refund.discounts()), ["TEN - -: 6.00 6.00 0.00", "FREE - -: 20.00 20.00 0.00"]);
}

/// 40.00 of which points take 10.00, without a rate: no tax is told, and points are a discount of their own.
#[test]
fn every_figure_of_a_line_that_points_paid_for() {
    let program = json!({"earn": {"USD": "1"}, "value": {"USD": "0.01"}});
    let program: PointsProgram = serde_json::from_value(program).unwrap();
    let case = order([line(1, "40.00")]).customer(customer("ann")).points(1_000, 1_000);
    let settlement = Settlement::new(&case.shop(|shop| shop.points(program)).run()).unwrap();
    let figures = settlement.lines()[0].figures();
    assert_eq!(row(figures), "40.00 | 0.00 0.00 10.00 | 30.00 0.00 | 30.00 30.00 - | 30.00");
    assert_eq!(parts(figures.discounts()), ["points - -: 10.00 10.00 0.00"]);
    assert_eq!(figures.discounts()[0].origin().coupon(), None);
    let void = settlement.void(id("v-1")).unwrap();
    assert!(void.is_void());
    assert_eq!((void.tax(), void.taxes()[0].tax, void.coupon_discount()), (None, None, usd("0.00")));
}

/// Proves S108: one of line 1 moves to where it costs 10.00. The shop's 5.00 fit, of the coupon's 9.00 another 5.00, and of
/// the maker's 3.60 five ninths; the maker's 2.00 are taxed.
#[test]
fn every_figure_of_a_transfer() {
    let mut from = Settlement::new(&sold().run()).unwrap();
    let mut to = Settlement::new(&order([line(1, "25.00")]).reference(order_id("o-2")).run()).unwrap();
    let request = TransferRequest::new(id("t-1"), LineId(1), 1, order_id("o-2"), Currency::USD);
    assert_eq!(request.id(), &id("t-1"));
    let transfer = from.transfer(&request.at_price(usd("10.00"))).unwrap();
    assert_eq!((transfer.id(), transfer.from(), transfer.to()), (&id("t-1"), &order_id("o-1"), &order_id("o-2")));
    assert_eq!((transfer.currency(), transfer.line(), transfer.units()), (Currency::USD, LineId(1), 1));
    assert_eq!(transfer.tax_class().map(TaxClass::as_str), Some("goods"));
    assert_eq!(transfer.tax_rate(), Some(rate("20")));
    assert_eq!(row(transfer.before()), "50.00 | 5.00 9.00 0.00 | 36.00 3.60 | 39.60 39.60 7.92 | 43.92");
    assert_eq!(row(transfer.after()), "10.00 | 5.00 5.00 0.00 | 0.00 2.00 | 2.00 2.00 0.40 | 0.40");
    let moved: Vec<_> = transfer.discounts().into_iter().map(|d| (d.origin, d.before, d.moved, d.forfeited)).collect();
    let season = DiscountOrigin::Shop { discount: "season".parse().unwrap() };
    let code = Code::parse("MAKER", CodeFormat::Standard).unwrap();
    let by_maker = DiscountOrigin::Coupon { coupon: "maker".parse().unwrap(), code };
    assert_eq!(
        moved,
        [(season, usd("5.00"), usd("5.00"), usd("0.00")), (by_maker, usd("9.00"), usd("5.00"), usd("4.00"))]
    );
    assert_eq!((transfer.shop_discount(), transfer.coupon_discount()), (usd("5.00"), usd("5.00")));
    assert_eq!((transfer.forfeited(), transfer.payable()), (usd("4.00"), usd("43.92")));
    assert_eq!(transfer.difference(), usd("-43.52"));
    let both = TransferRequest::new(id("t-2"), LineId(1), 2, order_id("o-2"), Currency::USD);
    assert_eq!(from.transfer(&both).unwrap().units(), 2);
    assert!(from.send(&transfer).unwrap() && to.receive(&transfer, LineId(7)).unwrap());
    assert_eq!((from.payable(), to.payable()), (usd("104.92"), usd("25.40")));
    // What moved is not what was returned.
    assert_eq!((from.refunded(), from.returned_units()), (usd("0.00"), Vec::new()));
    let Some(Movement::Received(received)) = to.movements().first() else { panic!("nothing was received") };
    assert_eq!((received.line(), received.transfer()), (LineId(7), &transfer));
    let ids: Vec<&MovementId> = from.movements().iter().chain(to.movements()).map(Movement::id).collect();
    assert_eq!(ids, [&id("t-1"), &id("t-1")]);
    // What comes back of it here is no unit that this order sold.
    let back = to.refund(&RefundRequest::new(id("r-1")).whole(LineId(7)).whole(LineId(1))).unwrap();
    to.apply(&back).unwrap();
    assert_eq!(to.returned_units(), [(LineId(1), 1)]);
}

/// Price, discount, the part of third parties; taxable amount, net and tax; payment.
fn billed(line: &PeriodLine) -> String {
    let discounts = [line.priced(), line.discount(), line.third_party()].map(Money::amount_text).join(" ");
    let taxed = [line.taxable(), line.net()].map(Money::amount_text).join(" ");
    format!("{}: {discounts} | {taxed} {} | {}", line.line(), or_none(line.tax()), line.payable().amount_text())
}

fn summed(payment: &PeriodOutcome) -> String {
    let discounts = [payment.priced(), payment.discount(), payment.third_party()].map(Money::amount_text).join(" ");
    let taxed = [payment.taxable(), payment.net()].map(Money::amount_text).join(" ");
    format!("{discounts} | {taxed} {} | {}", or_none(payment.tax()), payment.payable().amount_text())
}

fn days(payment: &PeriodOutcome) -> String {
    format!("{} {} {}", payment.number(), payment.from(), payment.thru())
}

fn monthly(id: u64, unit_price: &str) -> Line {
    let paper = product(&format!("P{id}")).with_subscription(true);
    of(id, paper, unit_price, 1).with_billing(Billing::every_months(1).unwrap())
}

/// Proves S65, S89: 30.00 and 20.00 a month less 10% of every payment, of which the maker pays 40%, with 20% tax on top. The
/// shop's 5.00 are of the order alone.
#[test]
fn every_figure_of_a_later_payment() {
    let ten = coupon(
        "ten",
        json!({"benefits": [{"percent": {"off": "10"}}], "payments": "all",
               "funding": {"split": {"party": "ACME", "share": "40"}}}),
    );
    let first = monthly(1, "30.00").with_discount(discount("season", usd("5.00")));
    let placed = order([first, monthly(2, "20.00")]).taxed("20").code(ten).place();
    let subscription = placed.subscription(LineId(1)).unwrap().unwrap();
    assert_eq!(subscription.lines().collect::<Vec<_>>(), [LineId(1), LineId(2)]);
    assert_eq!(subscription.billing(), Billing::every_months(1).unwrap());
    assert_eq!(subscription.semantics_version(), placed.semantics_version());
    let payment = |number| subscription.payment(number).unwrap().unwrap();

    // 25.00 less 2.50; the maker's 1.00 is taxed with what is left.
    let one = payment(1);
    assert_eq!(days(&one), "1 2026-03-29 2026-04-28");
    let lines: Vec<String> = one.lines().iter().map(billed).collect();
    let second = "2: 20.00 2.00 0.80 | 18.80 18.80 3.76 | 21.76";
    assert_eq!(lines, ["1: 30.00 7.50 1.00 | 23.50 23.50 4.70 | 27.20", second]);
    assert_eq!(summed(&one), "50.00 9.50 1.80 | 42.30 42.30 8.46 | 48.96");
    assert!(one.codes().is_empty(), "they are in the outcome of the order");

    let two = payment(2);
    assert_eq!(days(&two), "2 2026-04-29 2026-05-28");
    let lines: Vec<String> = two.lines().iter().map(billed).collect();
    assert_eq!(lines, ["1: 30.00 3.00 1.20 | 28.20 28.20 5.64 | 32.64", second]);
    assert_eq!(summed(&two), "50.00 5.00 2.00 | 47.00 47.00 9.40 | 54.40");
    let codes: Vec<_> = two.codes().iter().map(|code| (code.entered(), code.discount(), code.third_party())).collect();
    assert_eq!(codes, [("TEN", usd("5.00"), usd("2.00"))]);
    assert_eq!((two.forfeited(), two.carried()), (usd("0.00"), usd("0.00")));
}

/// 36.30 a month with 21% tax in it is 30.00 and 6.30. Without a rate none is told; of 50.00 off 30.00 the rest is lost.
#[test]
fn every_figure_of_a_later_payment_with_tax_in_it_or_none() {
    let second = |case: Case| {
        let subscription = case.place().subscription(LineId(1)).unwrap().unwrap();
        subscription.payment(2).unwrap().unwrap()
    };
    let inclusive = second(order([monthly(1, "36.30")]).inclusive().taxed("21"));
    assert_eq!(billed(&inclusive.lines()[0]), "1: 36.30 0.00 0.00 | 36.30 30.00 6.30 | 36.30");
    assert_eq!(summed(&inclusive), "36.30 0.00 0.00 | 36.30 30.00 6.30 | 36.30");
    let fifty = coupon("fifty", json!({"benefits": [{"amount": {"off": {"USD": "50.00"}}}], "payments": "all"}));
    let free = second(order([monthly(1, "30.00")]).code(fifty));
    assert_eq!(summed(&free), "30.00 30.00 0.00 | 0.00 0.00 - | 0.00");
    assert_eq!((free.forfeited(), free.carried()), (usd("20.00"), usd("0.00")));
}
