//! A learned society: memberships, journals, meetings and exhibitions, each of which earns a coupon for another.
//!
//! ```sh
//! cargo run --example society
//! ```
//!
//! Who buys the one thing is given a code for the other: to be used later, by whom and within what the coupon says. The
//! order lists what it earns, the record keeps it, and the office issues the codes once the order is recorded. Issued
//! again for the same occasion, a code is the same one, so that a second letter never gives a second discount.

use std::convert::Infallible;
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

/// What can be earned, and one coupon for everybody. Each says what earns it, what it is worth, and on what.
const COUPONS: &str = r#"[
    {"version": 1, "id": "course", "kind": "personal", "description": "New member: 25% off a course",
     "earn": [{"purchase": {"scope": {"products": ["MEMBERSHIP"]}}}], "validity": {"countdown": {"days": 365}},
     "scope": {"parent_product": {"parent_product": "COURSES"}}, "benefits": [{"percent": {"off": "25"}}]},

    {"version": 1, "id": "meeting-10-percent", "kind": "personal", "description": "Journal reader: 10% off the meeting",
     "earn": [{"purchase": {"scope": {"products": ["JOURNAL"]}}}], "validity": {"thru": "2026-10-31"},
     "scope": {"product": {"parent_product": "ANNUAL-MEETING", "product": "AM-REGISTRATION"}},
     "benefits": [{"percent": {"off": "10"}}]},

    {"version": 1, "id": "meeting-10-dollars", "kind": "personal", "description": "Review reader: 10 dollars off the meeting",
     "earn": [{"purchase": {"scope": {"products": ["REVIEW"]}}}], "validity": {"thru": "2026-10-31"},
     "scope": {"product": {"parent_product": "ANNUAL-MEETING", "product": "AM-REGISTRATION"}},
     "benefits": [{"amount": {"off": {"USD": "10.00"}}}]},

    {"version": 1, "id": "gold-booth", "kind": "personal", "description": "Gold sponsor: one 10x10 booth",
     "earn": [{"purchase": {"scope": {"products": ["GOLD"]}, "on_return": "revoke_or_bill"}}],
     "scope": {"product": {"parent_product": "ANNUAL-MEETING", "product": "BOOTH-10X10"}},
     "benefits": [{"percent": {"off": "100", "max_units": 1}}]},

    {"version": 1, "id": "welcome", "code": "SCIENCE26", "description": "Science week",
     "benefits": [{"percent": {"off": "20"}}]},

    {"version": 1, "id": "journal-ad", "kind": "personal", "description": "Exhibitor: one free ad in the Journal",
     "earn": [{"purchase": {"scope": {"products": ["EXHIBITION"]}}}],
     "scope": {"parent_product": {"parent_product": "JOURNAL", "product_type": "ad"}},
     "benefits": [{"percent": {"off": "100", "max_units": 1}}]},

    {"version": 1, "id": "any-ad", "kind": "personal", "description": "Exhibitor: one free ad in any publication",
     "earn": [{"purchase": {"scope": {"products": ["EXHIBITION-PLUS"]}}}],
     "scope": {"product_type": {"subsystem": "publications", "product_type": "ad"}},
     "benefits": [{"percent": {"off": "100", "max_units": 1}}]},

    {"version": 1, "id": "silver", "kind": "personal", "description": "Silver sponsor: one booth and one ad",
     "earn": [{"purchase": {"scope": {"products": ["SILVER"]}, "on_return": "revoke_or_bill"}}],
     "benefits": [
        {"percent": {"off": "100", "max_units": 1,
                     "scope": {"product": {"parent_product": "ANNUAL-MEETING", "product": "BOOTH-10X10"}}}},
        {"percent": {"off": "100", "max_units": 1,
                     "scope": {"product": {"parent_product": "PROGRAMME-BOOK", "product": "AD-PROGRAMME"}}}}]},

    {"version": 1, "id": "speaker-credit", "description": "A credit of 100 dollars",
     "earn": [{"event": {"event": "talk-2026"}}], "benefits": [{"amount": {"off": {"USD": "100.00"}}}]},

    {"version": 1, "id": "renewal", "kind": "personal", "description": "Renewed: 10% off the next meeting",
     "earn": [{"purchase": {"scope": {"products": ["RENEWAL"]}}}],
     "availability": {"from": "2026-01-01", "thru": "2026-12-31"}, "validity": {"from": "2027-01-01", "thru": "2027-12-31"},
     "scope": {"parent_product": {"parent_product": "ANNUAL-MEETING-27"}}, "benefits": [{"percent": {"off": "10"}}]}
]"#;

/// Tells all ten stories.
pub(crate) fn tell(out: &mut dyn Write) -> Result<()> {
    let mut society = Society::open()?;
    let march = parse_instant("2026-03-02T15:00:00Z")?;
    let may = parse_instant("2026-05-04T15:00:00Z")?;
    writeln!(out, "A learned society\n=================")?;

    writeln!(out, "\n1. A membership earns a course")?;
    let ada = person("ada")?;
    let code = society.buy(&ada, "o-1", &[("MEMBERSHIP", 1)], &[], march, out)?;
    society.buy(&ada, "o-2", &[("COURSE-STATS", 1), ("MUG", 1)], &code, may, out)?;

    writeln!(out, "\n2. The Journal earns 10% off the Annual Meeting")?;
    let ben = person("ben")?;
    let code = society.buy(&ben, "o-3", &[("JOURNAL", 1)], &[], march, out)?;
    society.buy(&ben, "o-4", &[("AM-REGISTRATION", 1), ("AM-DINNER", 1)], &code, may, out)?;

    writeln!(out, "\n3. The Review earns 10 dollars off the Annual Meeting")?;
    let cleo = person("cleo")?;
    let code = society.buy(&cleo, "o-5", &[("REVIEW", 1)], &[], march, out)?;
    society.buy(&cleo, "o-6", &[("AM-REGISTRATION", 1), ("AM-DINNER", 1)], &code, may, out)?;

    writeln!(out, "\n4. A Gold sponsorship covers one booth")?;
    let acme = person("acme")?;
    let code = society.buy(&acme, "o-7", &[("GOLD", 1)], &[], march, out)?;
    society.buy(&acme, "o-8", &[("BOOTH-10X10", 2)], &code, may, out)?;

    writeln!(out, "\n5. A promotion for anyone")?;
    let promotion = ["science26".to_owned()];
    society.buy(&Customer::anonymous(), "o-9", &[("MUG", 2)], &promotion, march, out)?;
    society.buy(&ada, "o-10", &[("MUG", 1)], &promotion, may, out)?;

    writeln!(out, "\n6. The exhibition earns one ad in the Journal")?;
    let dyna = person("dyna")?;
    let code = society.buy(&dyna, "o-11", &[("EXHIBITION", 1)], &[], march, out)?;
    society.buy(&dyna, "o-12", &[("AD-NEWSLETTER", 1)], &code, may, out)?;
    society.buy(&dyna, "o-13", &[("AD-JOURNAL", 2)], &code, may, out)?;

    writeln!(out, "\n7. The larger exhibition earns one ad in any publication")?;
    let echo = person("echo")?;
    let code = society.buy(&echo, "o-14", &[("EXHIBITION-PLUS", 1)], &[], march, out)?;
    society.buy(&echo, "o-15", &[("AD-NEWSLETTER", 1), ("MUG", 1)], &code, may, out)?;

    writeln!(out, "\n8. A Silver sponsorship earns a booth and an ad in the programme book")?;
    let flux = person("flux")?;
    let code = society.buy(&flux, "o-16", &[("SILVER", 1)], &[], march, out)?;
    let wanted = [("BOOTH-10X10", 1), ("AD-PROGRAMME", 1), ("AM-DINNER", 2)];
    society.buy(&flux, "o-17", &wanted, &code, may, out)?;

    writeln!(out, "\n9. A credit for a talk, good for one order of anything")?;
    let gail = person("gail")?;
    let code = society.thank(&gail, "talk-2026", march, out)?;
    society.buy(&gail, "o-18", &[("JOURNAL", 1)], &code, may, out)?;
    society.buy(&gail, "o-19", &[("MUG", 1)], &code, may, out)?;

    writeln!(out, "\n10. A renewal earns 10% off the next meeting")?;
    let next_year = parse_instant("2027-02-01T15:00:00Z")?;
    let hugo = person("hugo")?;
    society.buy(&hugo, "o-20", &[("AM-REGISTRATION", 1)], &[], march, out)?;
    let code = society.buy(&hugo, "o-21", &[("RENEWAL", 1)], &[], may, out)?;
    writeln!(out, "   The letter is sent again:")?;
    society.issue(&Reference::Order("o-21".parse()?), out)?;
    society.buy(&hugo, "o-22", &[("AM27-REGISTRATION", 1)], &code, may, out)?;
    society.buy(&hugo, "o-23", &[("AM27-REGISTRATION", 1)], &code, next_year, out)?;
    society.buy(&hugo, "o-24", &[("AM27-REGISTRATION", 1)], &code, next_year, out)?;
    Ok(())
}

fn person(id: &str) -> Result<Customer> {
    Ok(Customer::new([IdentityKey::id(id)?]))
}

/// What the society sells: id, text, price, and where it belongs.
fn product(id: &str) -> Result<(Product, &'static str, UnitPrice)> {
    let product = Product::new(id.parse()?);
    let part = |parent: &str, kind: &str, subsystem: &str| -> Result<Product> {
        let product = product.clone().with_parent(parent.parse()?).with_type(kind.parse()?);
        Ok(product.with_subsystem(subsystem.parse()?))
    };
    let (product, text, price) = match id {
        "MEMBERSHIP" => (product, "Membership 2026", "120.00"),
        "RENEWAL" => (product, "Membership 2026, renewed", "120.00"),
        "COURSE-STATS" => (part("COURSES", "course", "education")?, "Course: statistics", "240.00"),
        "JOURNAL" => (product, "The Journal, one year", "80.00"),
        "REVIEW" => (product, "The Review, one year", "95.00"),
        "AM-REGISTRATION" => (part("ANNUAL-MEETING", "registration", "meetings")?, "Annual Meeting", "450.00"),
        "AM27-REGISTRATION" => {
            (part("ANNUAL-MEETING-27", "registration", "meetings")?, "Annual Meeting 2027", "480.00")
        }
        "AM-DINNER" => (part("ANNUAL-MEETING", "dinner", "meetings")?, "Annual Meeting: dinner", "90.00"),
        "BOOTH-10X10" => (part("ANNUAL-MEETING", "booth", "meetings")?, "Booth 10x10", "1800.00"),
        "GOLD" => (product, "Gold sponsorship", "5000.00"),
        "SILVER" => (product, "Silver sponsorship", "3000.00"),
        "EXHIBITION" => (product, "Exhibition", "1200.00"),
        "EXHIBITION-PLUS" => (product, "Exhibition, with a stage", "1600.00"),
        "AD-JOURNAL" => (part("JOURNAL", "ad", "publications")?, "Ad in the Journal", "600.00"),
        "AD-NEWSLETTER" => (part("NEWSLETTER", "ad", "publications")?, "Ad in the Newsletter", "350.00"),
        "AD-PROGRAMME" => (part("PROGRAMME-BOOK", "ad", "publications")?, "Ad in the programme book", "500.00"),
        _ => (product, "Mug", "15.00"),
    };
    Ok((product, text, UnitPrice::parse(price)?))
}

fn basket(wanted: &[(&str, u64)]) -> Result<Order> {
    let lines = (1..).zip(wanted).map(|(number, (id, pieces))| {
        let (product, text, price) = product(id)?;
        Ok(Line::new(LineId(number), product, Quantity::pieces(*pieces)?, price).with_description(text))
    });
    Ok(Order::builder(Currency::USD).lines(lines.collect::<Result<Vec<_>>>()?).build()?)
}

struct Society {
    shop: Shop,
    store: MemoryStore,
    earnings: Earnings,
    /// Where the random bytes come from.
    state: u64,
}

impl Society {
    fn open() -> Result<Self> {
        let shop = Shop::new(Policy::association(Currency::USD, Zone::named("America/New_York")?));
        let coupons: Vec<Coupon> = serde_json::from_str(COUPONS)?;
        let store = MemoryStore::new();
        for coupon in &coupons {
            store.define(coupon.clone())?;
        }
        let earnings = shop.earnings(coupons.into_iter().filter(|coupon| !coupon.earn().is_empty()))?;
        Ok(Self { shop, store, earnings, state: 0x9e37_79b9_7f4a_7c15 })
    }

    /// The whole way of an order: load, evaluate, commit, issue what it earned. Says the codes.
    fn buy(
        &mut self,
        customer: &Customer,
        order: &str,
        wanted: &[(&str, u64)],
        codes: &[String],
        at: DateTime<Utc>,
        out: &mut dyn Write,
    ) -> Result<Vec<String>> {
        self.place(customer, Reference::Order(order.parse()?), &basket(wanted)?, codes, &[], at, out)
    }

    /// An event, and no order.
    fn thank(
        &mut self,
        customer: &Customer,
        event: &str,
        at: DateTime<Utc>,
        out: &mut dyn Write,
    ) -> Result<Vec<String>> {
        let (nothing, claim) = (basket(&[])?, Reference::Claim(event.parse()?));
        self.place(customer, claim, &nothing, &[], &[event.parse()?], at, out)
    }

    #[allow(clippy::too_many_arguments)] // what an evaluation is asked
    fn place(
        &mut self,
        customer: &Customer,
        reference: Reference,
        basket: &Order,
        codes: &[String],
        events: &[EventId],
        at: DateTime<Utc>,
        out: &mut dyn Write,
    ) -> Result<Vec<String>> {
        let load = LoadRequest::new(reference.clone(), Currency::USD, at)
            .with_codes(codes)
            .customer(self.shop.policy().counted_keys(customer));
        let loaded = block_on(self.store.load(&load))?;
        let prepared = loaded.prepare(&self.shop)?;
        let presented = loaded.presented(&prepared);
        let request = Request::new(basket, customer, reference.clone(), at)
            .with_codes(&presented)
            .with_earnings(&self.earnings)
            .with_events(events);
        let outcome = self.shop.evaluate(&request)?;
        let who = customer.keys().first().map_or("somebody", IdentityKey::value);
        writeln!(out, "   {reference}, {who}:")?;
        if !basket.lines().is_empty() {
            let receipt = outcome.receipt(basket).to_string();
            for line in receipt.lines().filter(|line| !line.is_empty()) {
                writeln!(out, "     {line}")?;
            }
        }
        // The order would be written in the same transaction.
        let committed = block_on(self.store.commit(&outcome.redemption()?, at))?;
        if !committed.is_recorded() {
            return Err(format!("{reference} was not recorded: {committed:?}").into());
        }
        self.issue(&reference, out)
    }

    /// Issues what a recorded order has earned. A host that stopped in between begins again here.
    fn issue(&mut self, reference: &Reference, out: &mut dyn Write) -> Result<Vec<String>> {
        let record = self.store.record(reference).ok_or("an order that was recorded")?;
        let mut codes = Vec::new();
        for grant in record.redemption.grants() {
            let coupon = self.store.definition(grant.coupon()).ok_or("a coupon that was defined")?;
            for request in grant.requests(record.redemption.priced_at()) {
                // Drawn only where this occasion has no code yet.
                let drawn = CodePattern::new()
                    .with_prefix("SOC")?
                    .generate(16, |bytes: &mut [u8]| random(&mut self.state, bytes))?;
                let issued = self.store.issue_once(&self.shop, grant.coupon(), &request, drawn)?;
                let code = issued.issued().code();
                writeln!(out, "     Enclosed: {code} for \"{}\"", coupon.description())?;
                codes.push(code.to_string());
            }
        }
        Ok(codes)
    }
}

/// The same codes at every run, so that a test can compare them. A shop takes random bytes of the operating system.
fn random(state: &mut u64, bytes: &mut [u8]) -> std::result::Result<(), Infallible> {
    for byte in bytes {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *byte = state.to_le_bytes()[0];
    }
    Ok(())
}
