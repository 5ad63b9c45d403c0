//! A wine club: a membership that is bought, six bottles a quarter, and a monthly shipment to every member.
//!
//! ```sh
//! cargo run --example wine_club
//! ```
//!
//! A winery sells its estate wines to club members: at a member's price, and six bottles a quarter to each, since there are
//! not enough of them. Buying the year's membership makes a customer a member; the shipment of the month goes to whoever is
//! a member on that day, each priced as that member.

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
    let mut winery = Winery { shop: rules()?, store: MemoryStore::new() };
    let ann = Customer::new([IdentityKey::id("ann")?]);
    writeln!(out, "A wine club\n===========")?;

    writeln!(out, "\n1. Ann looks at the estate wine, and buys a year's membership")?;
    let january = parse_instant("2026-01-15T18:00:00Z")?;
    winery.look(&ann, january, out)?;
    winery.order(&ann, "o-1", &[("CLUB-YEAR", 1)], january, out)?;
    winery.look(&ann, january, out)?;

    writeln!(out, "\n2. Four bottles in January, three in March, then the two that are left")?;
    winery.order(&ann, "o-2", &[("PINOT", 4)], parse_instant("2026-01-20T18:00:00Z")?, out)?;
    winery.order(&ann, "o-3", &[("PINOT", 3)], parse_instant("2026-03-10T18:00:00Z")?, out)?;
    winery.order(&ann, "o-4", &[("PINOT", 2)], parse_instant("2026-03-11T18:00:00Z")?, out)?;

    writeln!(out, "\n3. The shipment of April: two bottles to every member")?;
    for name in ["ben", "cleo", "dora", "emil"] {
        let joined = parse_instant("2025-09-01T12:00:00Z")?;
        let member = Customer::new([IdentityKey::id(name)?]);
        winery.order(&member, &format!("join-{name}"), &[("CLUB-YEAR", 1)], joined, &mut io::sink())?;
    }
    // Cleo has taken five of her six bottles already; Emil has left.
    let cleo = Customer::new([IdentityKey::id("cleo")?]);
    let early = parse_instant("2026-04-02T09:00:00Z")?;
    winery.order(&cleo, "o-5", &[("PINOT", 5)], early, &mut io::sink())?;
    let emil = Customer::new([IdentityKey::id("emil")?]);
    let leaves = TypeEvent::Leave { actor: "office".parse()?, membership: "CLUB".parse()? };
    winery.event(&emil, "leave-emil", leaves, early)?;
    winery.ship("april", parse_instant("2026-04-15T06:00:00Z")?, out)?;

    writeln!(out, "\n4. The shipment of October: Ben, Cleo and Dora did not renew")?;
    winery.ship("october", parse_instant("2026-10-15T06:00:00Z")?, out)?;
    Ok(())
}

/// Everybody sees the estate wine; members buy it, 20% below the list price, six bottles a quarter.
fn rules() -> Result<Shop> {
    let club: CustomerTypeId = "CLUB".parse()?;
    let (estate, members) = (Goods::category("estate".parse()?), || Audience::of_types([club.clone()]));
    let year = TypeAssignment::membership(club.clone(), AssignWhen::OnCommit).lasting(AssignUntil::Days(365))?;
    let prices = PriceList::builder("members")
        .for_types([club.clone()])
        .entry(PriceEntry::percent_off(estate.clone(), "20".parse()?))
        .build()?;
    let six = Allowance::new("estate-bottles".parse()?, [estate.clone()], 6)?
        .with_audience(members())
        .with_window(AllowanceWindow::Quarter);
    Ok(Shop::builder(Policy::storefront(Currency::USD, Zone::named("America/Los_Angeles")?))
        .default_type("VISITOR".parse()?)
        .customer_type(CustomerType::new(club.clone()).with_rank(10))
        .price_list(prices)
        .access(AccessRule::deny(Permission::Buy, estate.clone(), Audience::everyone()))
        .access(AccessRule::allow(Permission::Buy, estate, members()))
        .allowance(six)
        .purchase_assigns(Goods::product("CLUB-YEAR".parse()?), year)
        .build()?)
}

/// A product of the winery with its list price.
fn listing(id: &str) -> Result<Listing> {
    let product = Product::new(id.parse()?);
    Ok(match id {
        "PINOT" => Listing::new(product.with_categories(["estate".parse()?]), UnitPrice::parse("42.00")?),
        _ => Listing::new(product, UnitPrice::parse("60.00")?),
    })
}

fn basket(wanted: &[(&str, u64)]) -> Result<Order> {
    let lines = (1..).zip(wanted).map(|(number, (id, bottles))| {
        let listing = listing(id)?;
        Ok(Line::new(LineId(number), listing.product().clone(), Quantity::pieces(*bottles)?, listing.list_price()))
    });
    Ok(Order::builder(Currency::USD).lines(lines.collect::<Result<Vec<_>>>()?).build()?)
}

struct Winery {
    shop: Shop,
    store: MemoryStore,
}

impl Winery {
    /// What the store knows: the customer's types, and what was taken of the allowances.
    fn load(&self, customer: &Customer, reference: Reference, order: &Order, at: DateTime<Utc>) -> Result<Loaded> {
        let keys = self.shop.policy().counted_keys(customer);
        let counters = self.shop.allowance_counters(order, &keys, at);
        let load = LoadRequest::new(reference, order.currency(), at).customer(keys).allowances(counters);
        Ok(block_on(self.store.clone().load(&load))?)
    }

    /// The page of the estate wine.
    fn look(&self, customer: &Customer, at: DateTime<Utc>, out: &mut dyn Write) -> Result<()> {
        let loaded = self.load(customer, Reference::Claim("visit".parse()?), &basket(&[("PINOT", 1)])?, at)?;
        let (customer, pinot) = (loaded.customer(customer.clone()), listing("PINOT")?);
        let viewer = self.shop.viewer(&customer, at).with_allowances(loaded.allowances());
        let view = viewer.view(&pinot);
        let price = view.price().ok_or("the price is to be seen")?.unit();
        let money = price.extended(Quantity::ONE, Currency::USD, Rounding::HalfUp)?;
        let left = view.left().map(|left| format!(", {left} left this quarter")).unwrap_or_default();
        let buy = view.refusal().map_or("for sale".to_owned(), |why| format!("not for sale: {why}"));
        let types: Vec<&str> = viewer.standing().types().iter().map(|t| t.as_str()).collect();
        writeln!(out, "     as {}: PINOT {money}, {buy}{left}", types.join(" and "))?;
        Ok(())
    }

    /// The way of a checkout: load, evaluate, commit.
    fn order(
        &mut self,
        customer: &Customer,
        order: &str,
        wanted: &[(&str, u64)],
        at: DateTime<Utc>,
        out: &mut dyn Write,
    ) -> Result<()> {
        let (reference, basket) = (Reference::Order(order.parse()?), basket(wanted)?);
        let loaded = self.load(customer, reference.clone(), &basket, at)?;
        let customer = loaded.customer(customer.clone());
        let request = Request::new(&basket, &customer, reference, at).with_allowances(loaded.allowances());
        let outcome = self.shop.evaluate(&request)?;
        let goods: Vec<String> = wanted.iter().map(|(id, bottles)| format!("{bottles} x {id}")).collect();
        write!(out, "     {}: {:16}", at.date_naive(), goods.join(", "))?;
        match outcome.redemption() {
            Err(_) => {
                let whys = outcome.lines().iter().filter_map(LineOutcome::refusal).map(|why| why.to_string());
                writeln!(out, "refused: {}", whys.collect::<Vec<_>>().join(", "))?;
            }
            Ok(redemption) => {
                let answer = block_on(self.store.commit(&redemption, at))?;
                let recorded = if answer.is_recorded() { "recorded" } else { "not recorded" };
                write!(out, "{:>10} {recorded}", outcome.totals().payable().to_string())?;
                for allowance in outcome.allowances() {
                    write!(out, ", {} of {} bottles left", allowance.left(), allowance.limit())?;
                }
                for change in outcome.type_changes() {
                    let last = Window::instants(None, change.until)?.last_day(self.shop.policy().zone());
                    let last = last.map(|day| format!(" through {day}")).unwrap_or_default();
                    write!(out, ", member of {}{last}", change.to.as_ref().map_or("nothing", |t| t.as_str()))?;
                }
                writeln!(out)?;
            }
        }
        Ok(())
    }

    /// Something that happened to a customer's types, recorded by a claim of its own.
    fn event(&mut self, customer: &Customer, claim: &str, event: TypeEvent, at: DateTime<Utc>) -> Result<()> {
        let (reference, nothing) = (Reference::Claim(claim.parse()?), basket(&[])?);
        let customer = self.load(customer, reference.clone(), &nothing, at)?.customer(customer.clone());
        let events = [event];
        let outcome =
            self.shop.evaluate(&Request::new(&nothing, &customer, reference, at).with_type_events(&events))?;
        block_on(self.store.commit(&outcome.redemption()?, at))?;
        Ok(())
    }

    /// The shipment of a month: one template, priced for each member as that member.
    fn ship(&mut self, month: &str, at: DateTime<Utc>, out: &mut dyn Write) -> Result<()> {
        let template = basket(&[("PINOT", 2)])?;
        let members = ["ann", "ben", "cleo", "dora", "emil"].map(|name| {
            let (customer, reference) = (Customer::new([IdentityKey::id(name)?]), format!("{month}-{name}"));
            let reference = Reference::Order(reference.parse()?);
            let loaded = self.load(&customer, reference.clone(), &template, at)?;
            Ok(Member::new(loaded.customer(customer), reference).with_allowances(loaded.allowances().to_vec()))
        });
        let members = members.into_iter().collect::<Result<Vec<_>>>()?;
        let cohort = Audience::of_types(["CLUB".parse()?]);
        let mut run = self.shop.price_run(&template, &cohort, at, members);
        for item in run.by_ref() {
            let name = item.member().customer().keys().first().map_or("nobody", IdentityKey::value).to_owned();
            match item.into_parts().1 {
                Ok(outcome) => {
                    // A host commits in the transaction that writes the shipment.
                    let answer = block_on(self.store.commit(&outcome.redemption()?, at))?;
                    let shipped = if answer.is_recorded() { "shipped" } else { "kept back" };
                    writeln!(out, "     {name:6}{:>12} {shipped}", outcome.totals().payable().to_string())?;
                }
                Err(reasons) => {
                    let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
                    writeln!(out, "     {name:6}{:>12} not served: {}", "", reasons.join(", "))?;
                }
            }
        }
        writeln!(out, "     {} on the list are no members that day", run.left_out())?;
        Ok(())
    }
}
