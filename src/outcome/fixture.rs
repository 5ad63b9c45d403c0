//! Outcomes that have a bit of everything, for the tests of this room.

use super::Outcome;
use crate::calendar::{Zone, parse_instant};
use crate::coupon::{AmountOff, Amounts};
use crate::coupon::{
    AssignWhen, Benefit, Code, CodeFormat, Coupon, Per, ShippingOff, ShippingValue, Trial, TypeAssignment,
};
use crate::customer::{Customer, IdentityKey};
use crate::funding::Funding;
use crate::money::{CashInterval, Currency, Money, Quantity, TaxRate, UnitPrice};
use crate::order::{Charge, Line, LineId, Order, Product, ShopDiscount};
use crate::policy::{Policy, PriceMode};
use crate::request::{Detail, IssuedCode, Presented, Reference, Request};
use crate::shop::{Prepared, Shop};

pub(super) fn product(id: &str) -> Product {
    Product::new(id.parse().unwrap())
}

pub(super) fn line(id: u64, name: &str, price: &str, pieces: u64) -> Line {
    Line::new(LineId(id), product(name), Quantity::pieces(pieces).unwrap(), UnitPrice::parse(price).unwrap())
}

pub(super) fn money(text: &str, currency: Currency) -> Money {
    Money::parse(text, currency).unwrap()
}

/// Prices an order for an anonymous shopper who has typed codes; what no coupon answers to is unknown.
pub(super) fn price(shop: &Shop, order: &Order, codes: &[Presented<'_>]) -> Outcome {
    let at = parse_instant("2026-03-29T12:00:00Z").unwrap();
    let customer = Customer::anonymous();
    let request = Request::new(order, &customer, Reference::Order("o-1".parse().unwrap()), at).with_codes(codes);
    shop.evaluate(&request).unwrap()
}

pub(super) fn prepared(shop: &Shop, coupon: crate::coupon::CouponBuilder) -> Prepared {
    shop.prepare(coupon.build().unwrap()).unwrap()
}

/// Two tax classes, discounts of the shop, shipping and a fee, a line that the customer must not see, cash rounding,
/// and codes of every kind and end; with a trace. In Swiss francs.
pub(super) fn rich(mode: PriceMode) -> (Order, Outcome) {
    let chf = Currency::iso("CHF").unwrap();
    let policy = Policy::builder(chf)
        .zone(Zone::UTC)
        .price_mode(mode)
        .max_codes(None)
        .cash(CashInterval::parse("0.05").unwrap())
        .build()
        .unwrap();
    let shop = Shop::builder(policy)
        .default_type("RETAIL".parse().unwrap())
        .customer_type("PROFORM".parse().unwrap())
        .price("RETAIL".parse().unwrap(), "POLE".parse().unwrap(), chf, UnitPrice::parse("44.90").unwrap())
        .visible_only_to("PROTOTYPE".parse().unwrap(), ["PROFORM".parse().unwrap()])
        .build()
        .unwrap();
    let order = Order::builder(chf)
        .line(
            line(1, "BOOT", "199.95", 2)
                .with_description("Ski boot, size 27")
                .with_host_key("row-1")
                .with_tax_class("standard".parse().unwrap())
                .with_discount(
                    ShopDiscount::new("season".parse().unwrap(), money("20.00", chf))
                        .with_account("4711".parse().unwrap()),
                ),
        )
        .line(line(2, "POLE", "49.90", 1).with_tax_class("standard".parse().unwrap()))
        .line(line(3, "PROTOTYPE", "999.00", 1).with_host_key("row-3").with_tax_class("secret".parse().unwrap()))
        .line(
            Line::new(
                LineId(4),
                product("WAX").with_subscription(true),
                Quantity::measured("1.25".parse().unwrap()).unwrap(),
                UnitPrice::parse("11.50").unwrap(),
            )
            .with_description("Wax by the kilo,\nevery month")
            .with_tax_class("reduced".parse().unwrap()),
        )
        .charge(Charge::fee(LineId(11), money("2.50", chf)).with_tax_class("standard".parse().unwrap()))
        .charge(Charge::shipping(LineId(10), money("9.90", chf)).with_tax_class("standard".parse().unwrap()))
        .rate("standard".parse().unwrap(), TaxRate::parse("8.1").unwrap())
        .rate("reduced".parse().unwrap(), TaxRate::parse("2.6").unwrap())
        .rate("secret".parse().unwrap(), TaxRate::parse("99").unwrap())
        .build()
        .unwrap();
    let coupons = [
        Coupon::builder("c-percent").name("INTERNAL").code("TEN").description("Ten percent").percent_off("10"),
        Coupon::builder("c-maker")
            .code("MAKER")
            .description("From the maker")
            .amount_off(money("15.00", chf))
            .funding(Funding::ThirdParty { party: "ACME".parse().unwrap() })
            .account("4712".parse().unwrap())
            .campaign("winter".parse().unwrap()),
        Coupon::builder("c-line")
            .code("GIFT20")
            .description("Gift")
            .benefit(Benefit::Amount(AmountOff::new(Amounts::new([money("20.00", chf)]).unwrap()).taken_per(Per::Line)))
            .priority(-5),
        Coupon::builder("c-ship")
            .code("FREESHIP")
            .description("Free delivery")
            .benefit(Benefit::Shipping(ShippingOff::new(ShippingValue::Free))),
        Coupon::builder("c-trial").code("TRIAL").benefit(Benefit::Trial(Trial::new(14).unwrap())),
        Coupon::builder("c-type")
            .description("Pro-form programme")
            .benefit(Benefit::None)
            .assign(TypeAssignment::new("PROFORM".parse().unwrap(), AssignWhen::OnCommit))
            .countdown(30, 0),
        Coupon::builder("c-ended")
            .code("OLD")
            .percent_off("5")
            .instants(None, Some(parse_instant("2020-01-01T00:00:00Z").unwrap())),
    ];
    let prepared: Vec<Prepared> = coupons.into_iter().map(|c| prepared(&shop, c)).collect();
    let code = Code::parse("K7WQ93MX", CodeFormat::Standard).unwrap();
    let issued = IssuedCode::new(code, parse_instant("2026-03-20T08:00:00Z").unwrap());
    let typed = ["ten", "maker", "gift 20", "free-ship", "trial", "k7wq-93mx", "old"];
    let mut codes: Vec<Presented<'_>> = prepared.iter().zip(typed).map(|(p, t)| Presented::new(t, p)).collect();
    codes[5] = codes[5].with_issued(&issued);
    codes.push(Presented::unknown("no\nsuch code"));
    codes.push(Presented::new("TEN", &prepared[0]));
    let customer = Customer::new([IdentityKey::id("42").unwrap(), IdentityKey::device("d-1").unwrap()]).with_new(true);
    let at = parse_instant("2026-03-29T12:00:00Z").unwrap();
    let request = Request::new(&order, &customer, Reference::Order("o-1".parse().unwrap()), at)
        .with_codes(&codes)
        .with_detail(Detail::Trace);
    let outcome = shop.evaluate(&request).unwrap();
    (order, outcome)
}
