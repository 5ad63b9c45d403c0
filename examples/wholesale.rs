//! Wholesale: a price list with quantity breaks, a price agreed with one account, net-30 terms first, and a
//! representative who orders for a client.
//!
//! ```sh
//! cargo run --example wholesale
//! ```
//!
//! A tea importer sells to cafes and to everybody. Wholesale customers see what is for them, in cases of twelve, at their
//! prices; one account has a price of its own. Rita, the representative, orders for that account: prices and terms are the
//! client's, and the record names her.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use vouchsafe::*;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[allow(dead_code)] // a test includes this file and calls `tell`
fn main() -> ExitCode {
    match tell(&mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Tells the whole story.
pub(crate) fn tell(out: &mut dyn Write) -> Result<()> {
    let shop = importer()?;
    let at = parse_instant("2026-11-20T09:30:00Z")?;
    let harbour_house = Customer::new([IdentityKey::id("5001")?]).with_type("WHOLESALE".parse()?);
    let passer_by = Customer::anonymous();
    writeln!(out, "A tea importer\n==============")?;

    writeln!(out, "\n1. The same shelves, for a passer-by and for Harbour House")?;
    shelves(&shop, &passer_by, at, out)?;
    shelves(&shop, &harbour_house, at, out)?;

    writeln!(out, "\n2. Rita orders for Harbour House")?;
    let wanted = [("OOLONG", 240), ("SENCHA", 60)];
    let order = basket(&wanted, Some("net-30"))?;
    let rita: ActorId = "rita".parse()?;
    let request = Request::new(&order, &harbour_house, Reference::Order("w-1001".parse()?), at)
        .with_actor(&rita)
        .with_detail(Detail::Trace);
    let outcome = shop.evaluate(&request)?;
    receipt(&outcome, &order, out)?;
    writeln!(out, "     Ordered by {}", outcome.actor().map_or("the customer", |actor| actor.as_str()))?;
    writeln!(out, "     Prices that gave way:")?;
    for entry in outcome.trace().into_iter().flat_map(Trace::entries) {
        let TraceStep::Price { won, lost, why } = &entry.step else { continue };
        let line = entry.line.map(|id| id.to_string()).unwrap_or_default();
        let (lost, won) = (named(lost), named(won));
        writeln!(out, "     line {line}: {lost} at {}, to {won} at {}: {why}", entry.before, entry.after)?;
    }
    let store = &mut MemoryStore::new();
    let redemption = outcome.redemption()?;
    let recorded = block_on(store.commit(&redemption, at))?.is_recorded();
    let by = redemption.actor().map_or("nobody", |actor| actor.as_str());
    writeln!(out, "     Recorded: {recorded}, by {by}", recorded = if recorded { "yes" } else { "no" })?;

    writeln!(out, "\n3. What would that basket cost Harbour House as a retail customer?")?;
    let retail = "RETAIL".parse()?;
    let request = Request::new(&order, &harbour_house, Reference::Order("w-1001".parse()?), at).as_type(&retail);
    let preview = shop.evaluate(&request)?;
    writeln!(out, "     {}, with the price for sencha that was agreed with the account", preview.totals().payable())?;
    writeln!(out, "     Can it be placed? {}", why_not(&preview))?;

    writeln!(out, "\n4. Thirty of a tea that is sold in cases of twelve")?;
    let order = basket(&[("OOLONG", 30), ("TEAPOT", 1)], Some("net-30"))?;
    let outcome = shop.evaluate(&Request::new(&order, &harbour_house, Reference::Order("w-1002".parse()?), at))?;
    receipt(&outcome, &order, out)?;
    refused(&outcome, &order, out)?;

    writeln!(out, "\n5. A passer-by asks for thirty days")?;
    let order = basket(&[("TEAPOT", 1)], Some("net-30"))?;
    let outcome = shop.evaluate(&Request::new(&order, &passer_by, Reference::Order("r-1".parse()?), at))?;
    writeln!(out, "     {} to pay, priced all the same", outcome.totals().payable())?;
    refused(&outcome, &order, out)?;
    Ok(())
}

/// The importer's rules.
fn importer() -> Result<Shop> {
    let wholesale: CustomerTypeId = "WHOLESALE".parse()?;
    let cafes = || Audience::of_types([wholesale.clone()]);
    let (teas, oolong): (CategoryId, ProductId) = ("teas".parse()?, "OOLONG".parse()?);
    let usd = |price: &str| UnitPrice::parse(price);

    let list = PriceList::builder("wholesale-2026")
        .for_types([wholesale.clone()])
        .entry(PriceEntry::percent_off(Goods::category(teas.clone()), "30".parse()?))
        .entry(PriceEntry::price(oolong.clone(), Currency::USD, usd("7.80")?))
        .entry(PriceEntry::price(oolong.clone(), Currency::USD, usd("7.20")?).from_quantity(60))
        .entry(PriceEntry::price(oolong, Currency::USD, usd("6.90")?).from_quantity(240))
        .build()?;
    let agreed = PriceList::builder("harbour-house")
        .for_customers([IdentityKey::id("5001")?])
        .entry(PriceEntry::price("SENCHA".parse()?, Currency::USD, usd("5.25")?))
        .build()?;

    let cases = QuantityRule::new(Goods::category(teas)).with_audience(cafes()).with_increment(12)?.with_min(24)?;
    let gift_card = Goods::product("GIFT-CARD".parse()?);
    Ok(Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
        .default_type("RETAIL".parse()?)
        .customer_type(CustomerType::new(wholesale.clone()).with_rank(20))
        .price_list(list)
        .price_list(agreed)
        .visible_only_to("SAMPLE-BOX".parse()?, [wholesale.clone()])
        .access(AccessRule::deny(Permission::See, gift_card, cafes()))
        .quantity_rule(cases)
        .payment_option(PaymentOffer::new("card".parse()?))
        .payment_option(PaymentOffer::new("net-30".parse()?).to(cafes()).preferred_by(cafes()))
        .build()?)
}

/// What lies on the shelves, at list prices.
fn listings() -> Result<Vec<Listing>> {
    let goods = [
        ("OOLONG", "12.00", true),
        ("SENCHA", "9.50", true),
        ("TEAPOT", "45.00", false),
        ("SAMPLE-BOX", "30.00", false),
        ("GIFT-CARD", "50.00", false),
    ];
    goods
        .into_iter()
        .map(|(id, price, tea)| {
            let product = Product::new(id.parse()?);
            let product = if tea { product.with_categories(["teas".parse()?]) } else { product };
            Ok(Listing::new(product, UnitPrice::parse(price)?))
        })
        .collect()
}

fn shelves(shop: &Shop, customer: &Customer, at: DateTime<Utc>, out: &mut dyn Write) -> Result<()> {
    let (listings, viewer) = (listings()?, shop.viewer(customer, at));
    let options: Vec<&str> = viewer.payment_options().unwrap_or_default().iter().map(|o| o.as_str()).collect();
    let types = viewer.standing().primary().map_or("nobody", |t| t.as_str());
    writeln!(out, "     {types}, pays by {}", options.join(" or "))?;
    for view in viewer.catalogue(&listings) {
        let Some(price) = view.price() else { continue };
        let unit = |unit: ExactPrice| unit.extended(Quantity::ONE, view.currency(), Rounding::HalfUp);
        let mut notes = Vec::new();
        notes.extend(price.price_list().map(|list| format!("list {list}")));
        notes.extend(view.increment().map(|cases| format!("in {cases}s from {}", view.smallest_order())));
        if let Some(next) = view.next_price() {
            notes.push(format!("{} from {}", unit(next.unit())?.amount_text(), next.from()));
        }
        let (id, unit) = (view.product().id().as_str(), unit(price.unit())?.amount_text());
        writeln!(out, "{}", format!("     {id:12}{unit:>8}   {}", notes.join(", ")).trim_end())?;
    }
    Ok(())
}

fn basket(wanted: &[(&str, u64)], payment: Option<&str>) -> Result<Order> {
    let listings = listings()?;
    let mut order = Order::builder(Currency::USD);
    for (number, (product, pieces)) in (1..).zip(wanted) {
        let listing = listings.iter().find(|l| l.product().id().as_str() == *product).ok_or("no such product")?;
        let quantity = Quantity::pieces(*pieces)?;
        order = order.line(Line::new(LineId(number), listing.product().clone(), quantity, listing.list_price()));
    }
    if let Some(option) = payment {
        order = order.payment_option(option.parse()?);
    }
    Ok(order.build()?)
}

fn receipt(outcome: &Outcome, order: &Order, out: &mut dyn Write) -> Result<()> {
    for line in outcome.receipt(order).to_string().lines() {
        writeln!(out, "{}", format!("     {line}").trim_end())?;
    }
    Ok(())
}

/// Why the order cannot be placed as it is.
fn refused(outcome: &Outcome, order: &Order, out: &mut dyn Write) -> Result<()> {
    for (priced, line) in outcome.lines().iter().zip(order.lines()) {
        if let Some(why) = priced.refusal() {
            let mend = why.mend().map(|mend| format!(": {mend}")).unwrap_or_default();
            writeln!(out, "     {} refused, {why}{mend}", line.product().id())?;
        }
    }
    writeln!(out, "     Can it be placed? {}", why_not(outcome))?;
    Ok(())
}

fn why_not(outcome: &Outcome) -> String {
    outcome.redemption().map_or_else(|why| format!("no, {why}"), |_| "yes".to_owned())
}

fn named(by: &PricedBy) -> String {
    match (&by.list, &by.customer_type) {
        (Some(list), _) => format!("list {list}"),
        (None, Some(customer_type)) => format!("price of {customer_type}"),
        (None, None) => format!("{:?} price", by.source).to_lowercase(),
    }
}
