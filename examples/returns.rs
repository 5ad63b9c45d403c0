//! What happens after the order: returns, a threshold that is lost, a line that moves to another order, a void, the books.
//!
//! ```sh
//! cargo run --example returns
//! ```
//!
//! A shop for hikers gives 20.00 off orders from 100.00 on. Its customers bring things back, one by one and all at once,
//! and its accountant wants every cent in an account.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};
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
    let gloves = LineId(1);
    writeln!(out, "After the order\n===============")?;

    writeln!(out, "\n1. Three pairs of gloves and a jacket, with 20.00 off from 100.00 on")?;
    let placed = hikers_order("o-1", &[("GLOVES", 3, "40.00"), ("JACKET", 1, "180.00")], Some("9.00"), true)?;
    for row in placed.outcome().receipt(placed.order()).to_string().lines() {
        writeln!(out, "   {row}")?;
    }
    // What the host stores with the order.
    let mut order = Settlement::new(placed.outcome())?;

    writeln!(out, "\n2. Two pairs come back, one after the other; the second parcel is scanned twice")?;
    for (id, scans) in [("r-1", 1), ("r-2", 2)] {
        let request = RefundRequest::new(id.parse()?).units(gloves, 1);
        for _ in 0..scans {
            let refund = order.refund(&request)?;
            let done = if order.apply(&refund)? { "paid back" } else { "done already" };
            show_refund(&refund, done, out)?;
        }
    }
    writeln!(out, "   one more than is left: {}", {
        let three = RefundRequest::new("r-3".parse()?).units(gloves, 2);
        order.refund(&three).err().map(|error| error.to_string()).unwrap_or_default()
    })?;

    writeln!(out, "\n3. What the same order pays back under each policy for thresholds")?;
    let fresh = Settlement::new(placed.outcome())?;
    writeln!(out, "   {:32}{:>10}{:>12}{:>12}", "", "keep", "recompute", "claw back")?;
    for (what, pairs) in [("the jacket, 120.00 are kept", 0), ("the jacket and a pair, 80.00", 1)] {
        write!(out, "   {what:32}")?;
        for (policy, width) in
            [(ThresholdPolicy::Keep, 10), (ThresholdPolicy::Recompute, 12), (ThresholdPolicy::ClawBack, 12)]
        {
            let request = RefundRequest::new("r-9".parse()?).units(LineId(2), 1).thresholds(policy);
            let request = if pairs > 0 { request.units(gloves, pairs) } else { request };
            let refund = fresh.refund_with_terms(&placed, &request)?;
            write!(out, "{:>width$}", refund.payable().amount_text())?;
        }
        writeln!(out)?;
    }

    writeln!(out, "\n4. The third pair moves to the order of a friend, and takes its part of the coupon along")?;
    let friend = hikers_order("o-2", &[("SCARF", 1, "30.00")], None, false)?;
    let mut other = Settlement::new(friend.outcome())?;
    let request = TransferRequest::new("t-1".parse()?, gloves, 1, other.reference().clone(), Currency::USD);
    let transfer = order.transfer(&request)?;
    order.send(&transfer)?;
    other.receive(&transfer, LineId(2))?;
    let (coupon, paid) = (transfer.coupon_discount(), transfer.payable());
    writeln!(
        out,
        "   {coupon} of the coupon and {paid} that were paid move; to pay on top: {}",
        transfer.difference()
    )?;
    writeln!(out, "   o-1 stands at {}, o-2 at {}", order.payable(), other.payable())?;

    writeln!(out, "\n5. The rest of the order is voided")?;
    let void = order.void("v-1".parse()?)?;
    order.apply(&void)?;
    show_refund(&void, "paid back", out)?;
    let (refunded, left) = (order.refunded(), order.payable());
    writeln!(out, "   paid {}, paid back {refunded}, moved {paid}, left {left}", order.paid())?;
    let again = order.void("v-2".parse()?).err().map(|error| error.to_string()).unwrap_or_default();
    writeln!(out, "   once more: {again}")?;

    writeln!(out, "\n6. The books of all that")?;
    let books = books()?;
    show_postings("placed", &books.post(placed.outcome(), |_| false)?, out)?;
    for movement in order.movements() {
        let postings = match movement {
            Movement::Refund(refund) => books.post_refund(refund, |_| false)?,
            Movement::Sent(transfer) => books.post_sent(transfer, |_| false)?,
            _ => continue,
        };
        show_postings(movement.id().as_str(), &postings, out)?;
    }
    let all = [books.post_settlement(&order, |_| false)?, books.post_settlement(&other, |_| false)?].concat();
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for posting in &all {
        let sum = sums.entry(posting.account.as_str()).or_default();
        *sum = sum.saturating_add(posting.signed());
    }
    writeln!(out, "   Both orders, by account:")?;
    for (account, sum) in sums {
        writeln!(out, "     {account}{:>12}", Money::new(sum, Currency::USD).amount_text())?;
    }

    writeln!(out, "\n7. A seat in a course is sold in March and taught in May")?;
    let course = hikers_order("o-3", &[("MAP-COURSE", 1, "100.00")], None, true)?;
    show_postings("March", &books.post(course.outcome(), |_| true)?, out)?;
    let course = Settlement::new(course.outcome())?;
    show_postings("May", &books.recognise(&course, LineId(1))?, out)?;

    writeln!(out, "\n8. The accounts of coupons are checked before anything is booked to them")?;
    let table = AccountTable::new([
        Account::new("4910".parse()?, AccountClass::Revenue),
        Account::new("2200".parse()?, AccountClass::Liability),
    ])?;
    let on_tax = Coupon::builder("wrong").code("WRONG").percent_off("5").account("2200".parse()?).build()?;
    writeln!(out, "   spring: {}", table.check(&spring()?).map_or_else(|error| error.to_string(), |()| "fine".into()))?;
    writeln!(out, "   wrong: {}", table.check(&on_tax).map_or_else(|error| error.to_string(), |()| "fine".into()))?;
    Ok(())
}

/// 20.00 off from 100.00 on.
fn spring() -> Result<Coupon> {
    let usd = |text| Money::parse(text, Currency::USD);
    let from_100 = MinimumSpend::new(Amounts::new([usd("100.00")?])?);
    let coupon = Coupon::builder("spring").code("SPRING").description("Spring on the hills").amount_off(usd("20.00")?);
    Ok(coupon.condition(from_100).account("4910".parse()?).build()?)
}

fn books() -> Result<Books> {
    Ok(Books::new("1200".parse()?, "4000".parse()?, "4900".parse()?, "2200".parse()?)
        .with_shipping_revenue("4100".parse()?)
        .with_deferred("2400".parse()?, "1400".parse()?))
}

/// An order with 8% tax on top, placed with or without the coupon.
fn hikers_order(id: &str, wanted: &[(&str, u64, &str)], postage: Option<&str>, coupon: bool) -> Result<PlacedOrder> {
    let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    let spring = shop.prepare(spring()?)?;
    let lines = (1..).zip(wanted).map(|(number, (product, pieces, price))| {
        let product = Product::new(product.parse()?);
        Ok(Line::new(LineId(number), product, Quantity::pieces(*pieces)?, UnitPrice::parse(price)?))
    });
    let basket =
        Order::builder(Currency::USD).lines(lines.collect::<Result<Vec<_>>>()?).default_rate(TaxRate::parse("8")?);
    let basket = match postage {
        Some(postage) => basket.charge(Charge::shipping(LineId(9), Money::parse(postage, Currency::USD)?)),
        None => basket,
    };
    let (basket, customer) = (basket.build()?, Customer::anonymous());
    let codes = [Presented::new("spring", &spring)];
    let (reference, at) = (Reference::Order(id.parse()?), parse_instant("2026-03-29T12:00:00Z")?);
    let request = Request::new(&basket, &customer, reference, at);
    let request = if coupon { request.with_codes(&codes) } else { request };
    Ok(shop.place(&request)?)
}

fn show_refund(refund: &Refund, done: &str, out: &mut dyn Write) -> Result<()> {
    let tax = refund.tax().map(Money::amount_text).unwrap_or_default();
    let (net, coupon) = (refund.net().amount_text(), refund.coupon_discount().amount_text());
    let (id, payable) = (refund.id(), refund.payable());
    writeln!(out, "   {id}: {payable} {done} ({net} and {tax} tax; {coupon} of the coupon stay with the shop)")?;
    Ok(())
}

fn show_postings(name: &str, postings: &[Posting], out: &mut dyn Write) -> Result<()> {
    writeln!(out, "   {name}")?;
    for posting in postings {
        let line = posting.line.map(|line| line.to_string()).unwrap_or_default();
        let amount = posting.amount.amount_text();
        let (debit, credit) =
            if posting.side == Side::Debit { (amount, String::new()) } else { (String::new(), amount) };
        let (account, purpose) = (posting.account.as_str(), posting.purpose.as_str());
        let row = format!("     line {line:3}{account:6}{purpose:18}{debit:>10}{credit:>10}");
        writeln!(out, "{}", row.trim_end())?;
    }
    Ok(())
}
