//! What becomes of placed orders, and how it is booked.

use vouchsafe::*;

use super::coupons::money;
use super::facts::product;

fn usd(text: &str) -> Money {
    money(text, Currency::USD)
}

fn id(text: &str) -> MovementId {
    text.parse().unwrap()
}

fn reference(text: &str) -> Reference {
    Reference::Order(text.parse().unwrap())
}

/// Two tax classes, a discount of the shop, a coupon with a threshold, one that a third party shares, shipping, and cash
/// rounding.
fn placed(order: &str) -> PlacedOrder {
    priced(order, true, &["ten", "maker"])
}

/// One line and one coupon: a settlement holds many figures of every line.
fn small(order: &str) -> PlacedOrder {
    priced(order, false, &["ten"])
}

fn priced(order: &str, whole: bool, codes: &[&str]) -> PlacedOrder {
    let policy = Policy::builder(Currency::USD).max_codes(None).cash("0.05".parse().unwrap()).build().unwrap();
    let shop = Shop::new(policy);
    let line = |id: u64, name: &str, price: &str, pieces: u64| {
        Line::new(LineId(id), product(name), Quantity::pieces(pieces).unwrap(), UnitPrice::parse(price).unwrap())
    };
    let season = ShopDiscount::new("season".parse().unwrap(), usd("7.00")).with_account("4920".parse().unwrap());
    let boots = line(1, "BOOT", "33.34", 3);
    let basket = if whole {
        Order::builder(Currency::USD)
            .line(boots.with_discount(season))
            .line(line(2, "WAX", "12.49", 2).with_tax_class("reduced".parse().unwrap()))
            .charge(Charge::shipping(LineId(9), usd("4.90")))
    } else {
        Order::builder(Currency::USD).line(boots)
    };
    let basket = basket
        .default_rate(TaxRate::parse("8").unwrap())
        .rate("reduced".parse().unwrap(), TaxRate::parse("2.5").unwrap())
        .build()
        .unwrap();
    let from_100 = MinimumSpend::new(Amounts::new([usd("100.00")]).unwrap());
    let split = Funding::Split { party: "ACME".parse().unwrap(), share: "40".parse().unwrap() };
    let coupons = [
        Coupon::builder("ten").code("TEN").percent_off("10").condition(from_100).account("4910".parse().unwrap()),
        Coupon::builder("maker").code("MAKER").amount_off(usd("5.00")).funding(split),
    ];
    let prepared = coupons.map(|coupon| shop.prepare(coupon.build().unwrap()).unwrap());
    let codes: Vec<Presented<'_>> = codes.iter().zip(&prepared).map(|(code, p)| Presented::new(code, p)).collect();
    let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z").unwrap());
    shop.place(&Request::new(&basket, &customer, reference(order), at).with_codes(&codes)).unwrap()
}

pub fn requests() -> Vec<RefundRequest> {
    let plain = RefundRequest::new(id("r-1")).units(LineId(1), 2).whole(LineId(2)).amount(LineId(9), usd("2.45"));
    let judged = |policy| RefundRequest::new(id("r-2")).units(LineId(1), 1).thresholds(policy);
    vec![plain, judged(ThresholdPolicy::Recompute), judged(ThresholdPolicy::ClawBack)]
}

pub fn refunds() -> Vec<Refund> {
    let (whole, small) = (placed("o-1"), small("o-1"));
    let [plain, _, claw_back] = requests().try_into().unwrap();
    let of = |placed: &PlacedOrder, request| {
        Settlement::new(placed.outcome()).unwrap().refund_with_terms(placed, &request).unwrap()
    };
    let void = Settlement::new(small.outcome()).unwrap().void(id("v-1")).unwrap();
    vec![of(&whole, plain), of(&small, claw_back), void]
}

pub fn transfer_requests() -> Vec<TransferRequest> {
    let plain = TransferRequest::new(id("t-1"), LineId(1), 1, reference("o-2"), Currency::USD);
    vec![plain.clone(), plain.at_price(usd("6.00"))]
}

pub fn transfers() -> Vec<Transfer> {
    let settlement = Settlement::new(placed("o-1").outcome()).unwrap();
    transfer_requests().iter().map(|request| settlement.transfer(request).unwrap()).collect()
}

/// With a return whose threshold is lost, and a transfer there and back.
pub fn settlements() -> Vec<Settlement> {
    let (one, two) = (small("o-1"), small("o-2"));
    let (mut moved, mut other) = (Settlement::new(one.outcome()).unwrap(), Settlement::new(two.outcome()).unwrap());
    let request = RefundRequest::new(id("r-1")).units(LineId(1), 1).thresholds(ThresholdPolicy::ClawBack);
    moved.apply(&moved.refund_with_terms(&one, &request).unwrap()).unwrap();
    let there = moved.transfer(&transfer_requests()[1]).unwrap();
    moved.send(&there).unwrap();
    other.receive(&there, LineId(20)).unwrap();
    let back = TransferRequest::new(id("t-2"), LineId(20), 1, reference("o-1"), Currency::USD);
    moved.receive(&other.transfer(&back).unwrap(), LineId(21)).unwrap();
    vec![moved]
}

pub fn account_tables() -> Vec<AccountTable> {
    let classes = [
        AccountClass::Asset,
        AccountClass::Liability,
        AccountClass::Equity,
        AccountClass::Revenue,
        AccountClass::Expense,
    ];
    let account = |(i, class): (usize, AccountClass)| Account::new(format!("4{i}00").parse().unwrap(), class);
    let old = Account::new("4999".parse().unwrap(), AccountClass::Revenue).with_active(false);
    vec![AccountTable::new(classes.into_iter().enumerate().map(account).chain([old])).unwrap()]
}

pub fn books() -> Vec<Books> {
    let account = |text: &str| text.parse::<AccountId>().unwrap();
    let least = Books::new(account("1200"), account("4000"), account("4900"), account("2200"));
    let all = (least.clone())
        .with_shipping_revenue(account("4100"))
        .with_deferred(account("2400"), account("1400"))
        .with_claims(account("1300"))
        .with_party("ACME".parse().unwrap(), account("1310"))
        .with_cash_rounding(account("4990"))
        .with_points(account("2500"))
        .with_tax_class("reduced".parse().unwrap(), account("2210"));
    vec![least, all]
}

pub fn postings() -> Vec<Posting> {
    let books = books().pop().unwrap();
    let outcome = placed("o-1");
    let mut postings = books.post(outcome.outcome(), |line| line == LineId(2)).unwrap();
    postings.extend(books.post_tender(usd("1.00")));
    postings
}
