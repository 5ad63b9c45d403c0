//! What is kept of an order once it was placed.

use std::num::NonZeroU32;

use vouchsafe::*;

use super::coupons::{money, usd};
use super::facts::product;

fn shirt(id: u64, name: &str, price: &str, pieces: u64) -> Line {
    Line::new(LineId(id), product(name), Quantity::pieces(pieces).unwrap(), UnitPrice::parse(price).unwrap())
}

/// A price finer than a unit price, a line sold short by an allowance, a code by hand, amounts of the host, a budget that
/// ran short, limits of units, conditions that are not asked again, discounts that gave way, and a change since.
fn rich() -> PlacedOrder {
    let wholesale = PriceList::builder("wholesale")
        .for_types(["TRADE".parse().unwrap()])
        .entry(PriceEntry::percent_off(Goods::product("BOLT".parse().unwrap()), "12.5".parse().unwrap()))
        .build()
        .unwrap();
    let policy = Policy::builder(Currency::USD)
        .manual(true)
        .max_codes(None)
        .discount_conflict(DiscountConflict::DropDiscounts)
        .build()
        .unwrap();
    let pairs = Allowance::new("pairs".parse().unwrap(), [Goods::product("BOOT".parse().unwrap())], 2).unwrap();
    let shop = Shop::builder(policy)
        .customer_type("TRADE".parse().unwrap())
        .price_list(wholesale)
        .allowance(pairs.with_excess(Excess::Cap))
        .build()
        .unwrap();
    let coupon = |id: &str| Coupon::builder(id).code(&id.to_ascii_uppercase());
    let coupons = [
        coupon("budget").percent_off("10").budget(usd("100.00")).condition(Condition::FirstOrder),
        coupon("hand").benefit(OperatorAmount::new("ask").unwrap()),
        coupon("host").benefit(HostAmounts::default()).units_limit(9),
        coupon("apart").percent_off("5").combination(Combination::default().discounts(false)),
        coupon("late").percent_off("5").status(Status::Inactive),
    ];
    let prepared: Vec<Prepared> = coupons.into_iter().map(|c| shop.prepare(c.build().unwrap()).unwrap()).collect();
    let usage = Usage::default().with_money(money("97.00", Currency::USD));
    let amounts = [(LineId(1), money("1.00", Currency::USD)), (LineId(2), money("2.00", Currency::USD))];
    let codes = [
        Presented::new("budget", &prepared[0]).with_usage(usage),
        Presented::new("hand", &prepared[1]).with_operator_amount(money("4.00", Currency::USD)),
        Presented::new("host", &prepared[2]).with_host_amounts(&amounts),
        Presented::new("apart", &prepared[3]),
        Presented::new("late", &prepared[4]),
    ];
    let season = ShopDiscount::new("season".parse().unwrap(), money("1.00", Currency::USD));
    let order = Order::builder(Currency::USD)
        .line(shirt(1, "BOLT", "0.35", 1_000))
        .line(shirt(2, "BOOT", "30.00", 3).with_discount(season))
        .line(shirt(3, "SOCK", "9.00", 1))
        .charge(Charge::shipping(LineId(9), money("4.90", Currency::USD)))
        .default_rate("8".parse().unwrap())
        .build()
        .unwrap();
    let ann = Customer::new([IdentityKey::id("42").unwrap()]).with_type("TRADE".parse().unwrap());
    let at = parse_instant("2026-03-29T12:00:00Z").unwrap();
    let request = Request::new(&order, &ann, Reference::Order("o-1".parse().unwrap()), at).with_codes(&codes);
    let placed = shop.place(&request).unwrap();
    let change = Amendment::new("a-1".parse().unwrap()).removing(LineId(3)).in_quantity(LineId(2), Quantity::ONE);
    placed.amend(&change).unwrap().placed().clone()
}

fn subscribed() -> PlacedOrder {
    let shop = Shop::new(Policy::builder(Currency::USD).max_codes(None).build().unwrap());
    let coupon = |id: &str| Coupon::builder(id).code(&id.to_ascii_uppercase());
    let coupons = [
        coupon("carry").amount_off(money("50.00", Currency::USD)).remainder(Remainder::Carry).payments(Payments::First),
        coupon("quarter").percent_off("10").payments(Payments::Months(NonZeroU32::new(3).unwrap())),
        coupon("once").percent_off("10"),
        coupon("trial").scope(Scope::Products(vec!["YEARLY".parse().unwrap()])).benefit(Trial::new(14).unwrap()),
    ];
    let prepared: Vec<Prepared> = coupons.into_iter().map(|c| shop.prepare(c.build().unwrap()).unwrap()).collect();
    let names = ["carry", "quarter", "once", "trial"];
    let codes: Vec<Presented<'_>> = names.iter().zip(&prepared).map(|(name, c)| Presented::new(name, c)).collect();
    let again = |id: u64, name: &str, price: &str, billing: Billing| {
        let product = product(name).with_subscription(true);
        Line::new(LineId(id), product, Quantity::ONE, UnitPrice::parse(price).unwrap()).with_billing(billing)
    };
    let order = Order::builder(Currency::USD)
        .line(again(1, "MONTHLY", "30.00", Billing::every_months(1).unwrap().with_payments(12).unwrap()))
        .line(again(2, "YEARLY", "120.00", Billing::every_months(12).unwrap()))
        .default_rate("8".parse().unwrap())
        .build()
        .unwrap();
    let at = parse_instant("2026-03-29T12:00:00Z").unwrap();
    let (nobody, reference) = (Customer::anonymous(), Reference::Order("o-2".parse().unwrap()));
    shop.place(&Request::new(&order, &nobody, reference, at).with_codes(&codes)).unwrap()
}

pub fn orders() -> Vec<PlacedOrder> {
    vec![rich(), subscribed()]
}

pub fn subscriptions() -> Vec<Subscription> {
    let mut subscriptions = subscribed().subscriptions().unwrap();
    for subscription in &mut subscriptions {
        subscription.next_payment().unwrap();
    }
    subscriptions
}
