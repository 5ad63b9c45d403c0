//! A gated shop: a one-time code, typed on an empty cart, opens it and prices it at once.
//!
//! ```sh
//! cargo run --example pro_form
//! ```
//!
//! A ski maker sells to everybody, and to instructors and patrollers at professional prices. Nobody else is to learn that
//! there are any. The programme hands out codes that work once; whoever redeems one is a professional until the season
//! ends, and needs no code for later orders.

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
    let mut shop = SkiMaker::open()?;
    let marco = Customer::new([IdentityKey::id("80333")?]);
    let lena = Customer::new([IdentityKey::id("77120")?, IdentityKey::email("lena@snowschool.example")?]);
    let tom = Customer::new([IdentityKey::id("81402")?]);
    let (november, may) = (parse_instant("2026-11-20T17:00:00Z")?, parse_instant("2027-05-01T00:00:00Z")?);
    writeln!(out, "A pro-form shop\n===============")?;

    writeln!(out, "\n1. What everybody sees")?;
    shop.shelves_for(&marco, november, out)?;
    writeln!(out, "   Marco heard of a jacket, and types its address and one that never was:")?;
    shop.page_for(&marco, "JACKET-PRO", november, out)?;
    shop.page_for(&marco, "UNICORN", november, out)?;

    writeln!(out, "\n2. Lena types her code on an empty cart")?;
    shop.claim(&lena, "signup-77120", "7kqw m3xn vr9t 2hce", november, out)?;
    writeln!(out, "   The same page again:")?;
    shop.shelves_for(&lena, november, out)?;
    writeln!(out, "   Her order needs no code:")?;
    shop.order(&lena, "o-3001", &["BOOT", "JACKET-PRO"], None, november, out)?;

    writeln!(out, "\n3. She passes the used code on, and Marco tries his luck")?;
    let used = shop.claim(&marco, "signup-80333", "7kqw m3xn vr9t 2hce", november, out)?;
    let wrong = shop.claim(&marco, "signup-80334", "pd4c 8fq2 mwx6", november, out)?;
    let told = |outcome: &Outcome| outcome.public().answers().first().and_then(PublicAnswer::reason);
    let same = told(&used) == told(&wrong);
    writeln!(out, "   His browser is told the same for both: {}", if same { "yes" } else { "no" })?;

    writeln!(out, "\n4. Tom types his code with a full cart: judged, opened and priced in one pass")?;
    shop.order(&tom, "o-3002", &["SKI", "JACKET-PRO"], Some("PD4C 8FQ2 MWX6 T9KN"), november, out)?;

    writeln!(out, "\n5. The morning after the season")?;
    shop.shelves_for(&lena, may, out)?;
    Ok(())
}

/// The shop, what it sells, and its store of redemptions and customer types.
struct SkiMaker {
    shop: Shop,
    store: MemoryStore,
    shelves: Vec<Listing>,
}

impl SkiMaker {
    /// Everybody is RETAIL. PROFORM pays 40% less, has a price of its own for boots, and sees one product more.
    fn open() -> Result<Self> {
        let pro: CustomerTypeId = "PROFORM".parse()?;
        let prices = PriceList::builder("pro-2027")
            .for_types([pro.clone()])
            .entry(PriceEntry::percent_off(Goods::Everything, "40".parse()?))
            .entry(PriceEntry::price("BOOT".parse()?, Currency::USD, UnitPrice::parse("249.00")?))
            .build()?;
        let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
            .default_type("RETAIL".parse()?)
            .customer_type(CustomerType::new(pro.clone()).with_rank(10))
            .price_list(prices)
            .visible_only_to("JACKET-PRO".parse()?, [pro.clone()])
            .build()?;

        // One definition for all codes. It works before pricing, until the season ends, and never takes a customer down.
        let season = AssignUntil::Day(parse_date("2027-04-30")?);
        let assign = TypeAssignment::new(pro, AssignWhen::BeforePricing).lasting(season)?.only_upwards(true);
        let programme = Coupon::builder("pro-2027")
            .description("Professional account")
            .benefit(Benefit::None)
            .assign(assign)
            .per_code_limit(1)
            .build()?;
        let store = MemoryStore::new();
        store.define(programme)?;
        let issued_at = parse_instant("2026-11-02T08:00:00Z")?;
        for code in ["7KQWM3XNVR9T2HCE", "PD4C8FQ2MWX6T9KN"] {
            let code = Code::parse(code, CodeFormat::Standard)?;
            store.issue(&"pro-2027".parse()?, [IssuedCode::new(code, issued_at)])?;
        }

        let shelves = [("BOOT", "449.00"), ("SKI", "599.90"), ("JACKET-PRO", "320.00"), ("WAX", "12.00")]
            .into_iter()
            .map(|(id, price)| Ok(Listing::new(Product::new(id.parse()?), UnitPrice::parse(price)?)))
            .collect::<Result<_>>()?;
        Ok(Self { shop, store, shelves })
    }

    /// The customer with the types that the store has recorded.
    fn known(&mut self, customer: &Customer, at: DateTime<Utc>) -> Result<Customer> {
        let load = LoadRequest::new(Reference::Claim("visit".parse()?), Currency::USD, at)
            .customer(self.shop.policy().counted_keys(customer));
        Ok(block_on(self.store.load(&load))?.customer(customer.clone()))
    }

    /// The shelves as one customer sees them.
    fn shelves_for(&mut self, customer: &Customer, at: DateTime<Utc>, out: &mut dyn Write) -> Result<()> {
        let customer = self.known(customer, at)?;
        let viewer = self.shop.viewer(&customer, at);
        writeln!(out, "     as {}", viewer.standing().primary().map_or("nobody", |t| t.as_str()))?;
        for view in viewer.catalogue(&self.shelves) {
            let Some(price) = view.price() else { continue };
            let unit = price.unit().extended(Quantity::ONE, view.currency(), Rounding::HalfUp)?;
            let list = price.list_price().extended(Quantity::ONE, view.currency(), Rounding::HalfUp)?;
            let instead = match price.source() {
                PriceSource::List => String::new(),
                _ => format!("   instead of {}", list.amount_text()),
            };
            writeln!(out, "     {:12}{:>10}{instead}", view.product().id().as_str(), unit.amount_text())?;
        }
        Ok(())
    }

    /// The page of one product: what is not to be seen is not found, like what is not there.
    fn page_for(&mut self, customer: &Customer, product: &str, at: DateTime<Utc>, out: &mut dyn Write) -> Result<()> {
        let customer = self.known(customer, at)?;
        let viewer = self.shop.viewer(&customer, at);
        let listing = self.shelves.iter().find(|listing| listing.product().id().as_str() == product);
        let page = listing.and_then(|listing| viewer.view(listing).public());
        writeln!(out, "     /{product}: {}", if page.is_some() { "200 found" } else { "404 not found" })?;
        Ok(())
    }

    /// Redeems a code before there is anything in the cart.
    fn claim(
        &mut self,
        customer: &Customer,
        claim: &str,
        code: &str,
        at: DateTime<Utc>,
        out: &mut dyn Write,
    ) -> Result<Outcome> {
        let nothing = Order::builder(Currency::USD).build()?;
        self.redeem(customer, Reference::Claim(claim.parse()?), &nothing, Some(code), at, out)
    }

    /// Orders one piece of each product.
    fn order(
        &mut self,
        customer: &Customer,
        order: &str,
        products: &[&str],
        code: Option<&str>,
        at: DateTime<Utc>,
        out: &mut dyn Write,
    ) -> Result<Outcome> {
        let wanted = self.shelves.iter().filter(|listing| products.contains(&listing.product().id().as_str()));
        let lines = (1..).zip(wanted).map(|(number, listing)| {
            Line::new(LineId(number), listing.product().clone(), Quantity::ONE, listing.list_price())
        });
        let basket = Order::builder(Currency::USD).lines(lines).build()?;
        let outcome = self.redeem(customer, Reference::Order(order.parse()?), &basket, code, at, out)?;
        for line in outcome.receipt(&basket).to_string().lines() {
            writeln!(out, "{}", format!("     {line}").trim_end())?;
        }
        Ok(outcome)
    }

    /// The whole way of a checkout: load, evaluate, commit.
    fn redeem(
        &mut self,
        customer: &Customer,
        reference: Reference,
        basket: &Order,
        code: Option<&str>,
        at: DateTime<Utc>,
        out: &mut dyn Write,
    ) -> Result<Outcome> {
        let load = LoadRequest::new(reference.clone(), basket.currency(), at)
            .with_codes(code)
            .customer(self.shop.policy().counted_keys(customer));
        let loaded = block_on(self.store.load(&load))?;
        let prepared = loaded.prepare(&self.shop)?;
        let (codes, customer) = (loaded.presented(&prepared), loaded.customer(customer.clone()));
        let outcome = self.shop.evaluate(&Request::new(basket, &customer, reference, at).with_codes(&codes))?;
        for answer in outcome.answers() {
            let reasons: Vec<String> = answer.reasons().iter().map(ToString::to_string).collect();
            let said =
                if answer.is_applied() { "accepted".to_owned() } else { format!("refused: {}", reasons.join(", ")) };
            writeln!(out, "     \"{}\" {said}", answer.entered())?;
        }
        if outcome.answers().iter().any(Answer::is_applied) || code.is_none() {
            let committed = block_on(self.store.commit(&outcome.redemption()?, at))?;
            writeln!(out, "     commit: {}", if committed.is_recorded() { "recorded" } else { "not recorded" })?;
        }
        for change in outcome.type_changes() {
            let name = |t: &Option<CustomerTypeId>| t.as_ref().map_or("none", |t| t.as_str()).to_owned();
            let window = Window::instants(None, change.until)?;
            let last = window.last_day(self.shop.policy().zone()).map(|day| format!(" through {day}"));
            writeln!(out, "     type {} -> {}{}", name(&change.from), name(&change.to), last.unwrap_or_default())?;
        }
        Ok(outcome)
    }
}
