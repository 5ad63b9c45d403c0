//! Offers without a code, the best of a wallet of codes, and what a shopper just missed.
//!
//! ```sh
//! cargo run --example offers
//! ```
//!
//! A tennis shop has offers that everybody gets: a racket with a tin of balls at a price, every third tin free, and a towel
//! from 100.00 of goods. A customer comes with a wallet of codes, of which the shop takes two: which two? And what would
//! another tin bring?

use std::error::Error;
use std::io::{self, Write};
use std::num::NonZeroU32;
use std::process::ExitCode;

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
    let shop = tennis_shop()?;
    let wallet = wallet(&shop)?;
    let customer = Customer::new([IdentityKey::id("77")?]);
    let at = parse_instant("2026-03-29T12:00:00Z")?;
    let order_number = |n: u32| -> Result<Reference> { Ok(Reference::Order(format!("t-{n}").parse()?)) };
    writeln!(out, "A tennis shop\n=============")?;

    writeln!(out, "\n1. A racket and four tins of balls, without any code")?;
    let order = basket(1, 4)?;
    let outcome = shop.evaluate(&Request::new(&order, &customer, order_number(1)?, at))?;
    receipt(&outcome, out)?;

    writeln!(out, "\n2. The same with four codes, of which an order takes two: every one alone, and the best")?;
    for presented in &wallet_of(&wallet) {
        let one = [*presented];
        let request = Request::new(&order, &customer, order_number(1)?, at).with_codes(&one);
        let alone = shop.evaluate(&request)?;
        for answer in alone.answers() {
            let no = answer.reasons().iter().map(|reason| format!(": {reason}")).collect::<String>();
            writeln!(out, "     {:<10} {:>10}{no}", presented.entered(), alone.totals().payable().to_string())?;
        }
    }
    let all = wallet_of(&wallet);
    let request = Request::new(&order, &customer, order_number(1)?, at).with_codes(&all);
    let best = shop.best_offer(&request, OfferSearch::default())?;
    let named: Vec<&str> = best.codes().iter().filter_map(|i| all.get(*i)).map(Presented::entered).collect();
    let proven = if best.is_proven() { "proven" } else { "not proven" };
    writeln!(out, "     Best: {}, {proven}", named.join(" and "))?;
    receipt(best.outcome(), out)?;

    writeln!(out, "\n3. What could the shopper do for more off?")?;
    let chosen: Vec<Presented<'_>> = best.codes().iter().filter_map(|i| all.get(*i).copied()).collect();
    let request = Request::new(&order, &customer, order_number(1)?, at).with_codes(&chosen);
    for hint in shop.hints(&request, &all)? {
        let mut steps = hint.steps().iter().map(|step| in_words(step, &order, &chosen)).collect::<Result<Vec<_>>>()?;
        if let HintedCode::Wallet(i) = hint.code() {
            steps.push(format!("enter {}", all.get(i).map(Presented::entered).unwrap_or_default()));
        }
        writeln!(out, "     {}: {} to pay,", steps.join(", "), hint.payable())?;
        writeln!(out, "     {} less than the same goods cost with the codes as they are", hint.gain())?;
        // What goes to a browser keeps quiet what the shopper may not know.
        match hint.public() {
            Some(public) => writeln!(out, "     In the page: {}", serde_json::to_string(&public)?)?,
            None => writeln!(out, "     In the page: nothing")?,
        }
    }

    writeln!(out, "\n4. One more tin: five with the racket")?;
    let order = basket(1, 5)?;
    let request = Request::new(&order, &customer, order_number(2)?, at).with_codes(&all);
    let best = shop.best_offer(&request, OfferSearch::default())?;
    let named: Vec<&str> = best.codes().iter().filter_map(|i| all.get(*i)).map(Presented::entered).collect();
    writeln!(out, "     Best: {}", named.join(" and "))?;
    receipt(best.outcome(), out)?;
    Ok(())
}

/// What a page would say. A host with texts of its own looks at the same variants.
fn in_words(step: &HintStep, order: &Order, codes: &[Presented<'_>]) -> Result<String> {
    Ok(match step {
        HintStep::AddPieces { line, pieces } => {
            let line = order.lines().iter().find(|l| l.id() == *line).ok_or("a line of the order")?;
            format!("add {pieces} of {}", line.product().id())
        }
        HintStep::RemoveCode(i) => format!("take {} out", codes.get(*i).map(Presented::entered).unwrap_or_default()),
        other => serde_json::to_string(other)?,
    })
}

/// Offers are coupons without a code, so a merchant's admin writes them as those.
const TOWEL: &str = r#"{
    "id": "towel", "description": "A towel from 100.00",
    "conditions": [{"minimum_spend": {"amounts": {"USD": "100.00"}}}],
    "benefits": [{"gift": {"product": "TOWEL", "value": {"USD": "9.00"}}}]
}"#;

/// Three offers for everybody; a tin that goes with a racket is no third tin.
fn tennis_shop() -> Result<Shop> {
    let of = |category: &str| -> Result<SetPart> {
        Ok(SetPart::new(NonZeroU32::MIN).of(Scope::Categories(vec![category.parse()?])))
    };
    let price = Amounts::new([Money::parse("92.00", Currency::USD)?])?;
    let starter = Bundle::new(of("rackets")?, BundleValue::Price(price)).and(of("balls")?);
    let starter = Coupon::builder("starter").benefit(starter).priority(10).build()?;

    let three = NonZeroU32::new(3).ok_or("zero")?;
    let third = NthOff::new(three, Reward::Free).within(Scope::Categories(vec!["balls".parse()?]));
    let third = Coupon::builder("third-tin").benefit(third).build()?;

    let policy = Policy::builder(Currency::USD).max_codes(Some(2)).public_reasons(PublicReasons::Distinct).build()?;
    let shop = Shop::builder(policy).offer(Offer::new(starter)?).offer(Offer::new(third)?);
    Ok(shop.offer(serde_json::from_str(TOWEL)?).build()?)
}

/// What the customer has been sent over the year.
fn wallet(shop: &Shop) -> Result<Vec<(&'static str, Prepared)>> {
    let usd = |text: &str| -> Result<Amounts> { Ok(Amounts::new([Money::parse(text, Currency::USD)?])?) };
    let tenth = Coupon::builder("tenth").code("TENTH").percent_off("10").level(Level::Order).build()?;
    let eight = Coupon::builder("eight").code("EIGHT").amount_off(Money::parse("8.00", Currency::USD)?).build()?;
    let free = Coupon::builder("post").code("POST").benefit(ShippingOff::new(ShippingValue::Free)).build()?;
    let tiers = Tiers::new([(Threshold::Spend(usd("110.00")?), StepValue::Amount(usd("20.00")?))])?;
    let twenty = Coupon::builder("twenty").code("TWENTY").benefit(tiers).build()?;
    let all = [("TENTH", tenth), ("EIGHT", eight), ("POST", free), ("TWENTY", twenty)];
    all.into_iter().map(|(code, coupon)| Ok((code, shop.prepare(coupon)?))).collect()
}

fn wallet_of<'a>(wallet: &'a [(&'static str, Prepared)]) -> Vec<Presented<'a>> {
    wallet.iter().map(|(code, coupon)| Presented::new(code, coupon)).collect()
}

fn basket(rackets: u64, tins: u64) -> Result<Order> {
    let line = |id, product: &str, category: &str, pieces, price| -> Result<Line> {
        let product = Product::new(product.parse()?).with_categories([category.parse()?]);
        Ok(Line::new(LineId(id), product, Quantity::pieces(pieces)?, UnitPrice::parse(price)?))
    };
    let shipping = Charge::shipping(LineId(9), Money::parse("6.50", Currency::USD)?);
    let order = Order::builder(Currency::USD)
        .line(line(1, "RACKET", "rackets", rackets, "90.00")?)
        .line(line(2, "BALLS", "balls", tins, "6.00")?);
    Ok(order.charge(shipping).build()?)
}

fn receipt(outcome: &Outcome, out: &mut dyn Write) -> Result<()> {
    for adjustment in outcome.adjustments() {
        let by = match adjustment.source {
            Source::Code(answer) => answer.entered().to_owned(),
            Source::Discount { id, .. } => id.to_string(),
            _ => continue,
        };
        writeln!(out, "     line {}: {by:<10} {:>10}", adjustment.line, format!("-{}", adjustment.amount))?;
    }
    for gift in outcome.gifts() {
        writeln!(out, "     {} of {} for nothing", gift.pieces(), gift.product())?;
    }
    writeln!(out, "     to pay: {}", outcome.totals().payable())?;
    Ok(())
}
