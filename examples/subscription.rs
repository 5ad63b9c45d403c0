//! Subscriptions and payment plans: what is due with the order, and what each later payment costs.
//!
//! ```sh
//! cargo run --example subscription
//! ```
//!
//! A newspaper sells its paper by the month and by the year. Coupons reach the first payment, all of them, the first
//! three, or three months of service; one gives a trial. Later payments are priced from the terms that were stored with the
//! order: what happens to a definition meanwhile changes nothing.

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
    let berlin = Zone::named("Europe/Berlin")?;
    let policy = Policy::builder(Currency::EUR).zone(berlin).price_mode(PriceMode::TaxInclusive).max_codes(None);
    let shop = Shop::new(policy.build()?);
    writeln!(out, "A newspaper\n===========")?;

    writeln!(out, "\n1. 20% off the first payment only")?;
    let order = place(&shop, vec![monthly(1)?], &[twenty("FIRST", Payments::First)])?;
    pay(&order, 3, out)?;

    writeln!(out, "\n2. 20% off every payment")?;
    let order = place(&shop, vec![monthly(1)?], &[twenty("ALWAYS", Payments::All)])?;
    pay(&order, 3, out)?;

    writeln!(out, "\n3. 20% off the first three payments")?;
    let order = place(&shop, vec![monthly(1)?], &[twenty("THREE", Payments::first_n(3)?)])?;
    pay(&order, 4, out)?;

    writeln!(out, "\n4. 10% off three months, on a yearly bill")?;
    let quarter = Coupon::builder("quarter").code("QUARTER").percent_off("10").payments(Payments::months(3)?);
    let order = place(&shop, vec![yearly(1)?], &[quarter])?;
    pay(&order, 2, out)?;

    writeln!(out, "\n5. Two weeks for nothing, and a mug")?;
    let trial = Coupon::builder("trial").code("TRY14").benefit(Trial::new(14)?);
    let mug = Line::new(LineId(2), Product::new("MUG".parse()?), Quantity::ONE, UnitPrice::parse("12.00")?);
    let order = place(&shop, vec![monthly(1)?, mug.with_tax_class("standard".parse()?)], &[trial])?;
    writeln!(out, "     due now        {}", order.outcome().amount_due_now())?;
    for charge in order.outcome().first_charges() {
        writeln!(out, "     line {} due on {}  {}", charge.line(), charge.date(shop.policy().zone()), charge.amount())?;
    }
    pay(&order, 2, out)?;

    writeln!(out, "\n6. 50.00 off a monthly bill of 30.00, carried over")?;
    let fifty = Coupon::builder("fifty").code("FIFTY").amount_off(Money::parse("50.00", Currency::EUR)?);
    let fifty = fifty.payments(Payments::First).remainder(Remainder::Carry);
    let order = place(&shop, vec![monthly(1)?], &[fifty])?;
    pay(&order, 3, out)?;

    writeln!(out, "\n7. A sofa in three payments, and the definition edited after the first")?;
    let sofa = Product::new("SOFA".parse()?).with_subscription(true);
    let sofa = Line::new(LineId(1), sofa, Quantity::ONE, UnitPrice::parse("200.00")?);
    let sofa = sofa.with_billing(Billing::every_days(30)?.with_payments(3)?).with_tax_class("standard".parse()?);
    let order = place(&shop, vec![sofa], &[twenty("SOFA20", Payments::All)])?;
    // Kept by the host; tomorrow's definition is never read.
    let kept = serde_json::to_string(&order.subscription(LineId(1))?)?;
    let _edited = twenty("SOFA20", Payments::First).revision(2).build()?;
    let mut plan: Subscription = serde_json::from_str(&kept)?;
    show(&plan.payment(1)?.ok_or("the first payment was made")?, out)?;
    while let Some(payment) = plan.next_payment()? {
        show(&payment, out)?;
    }
    writeln!(out, "     {} payments made", plan.payments_made())?;
    Ok(())
}

fn twenty(code: &str, payments: Payments) -> CouponBuilder {
    Coupon::builder(code.to_lowercase()).code(code).percent_off("20").payments(payments)
}

fn monthly(id: u64) -> Result<Line> {
    let paper = Product::new("PAPER-MONTH".parse()?).with_subscription(true);
    let line = Line::new(LineId(id), paper, Quantity::ONE, UnitPrice::parse("30.00")?);
    Ok(line.with_billing(Billing::every_months(1)?).with_tax_class("papers".parse()?))
}

fn yearly(id: u64) -> Result<Line> {
    let paper = Product::new("PAPER-YEAR".parse()?).with_subscription(true);
    let line = Line::new(LineId(id), paper, Quantity::ONE, UnitPrice::parse("120.00")?);
    Ok(line.with_billing(Billing::every_months(12)?).with_tax_class("papers".parse()?))
}

fn place(shop: &Shop, lines: Vec<Line>, coupons: &[CouponBuilder]) -> Result<PlacedOrder> {
    let rates = Order::builder(Currency::EUR).rate("papers".parse()?, "7".parse()?);
    let order = rates.rate("standard".parse()?, "19".parse()?).lines(lines).build()?;
    let mut prepared = Vec::new();
    for coupon in coupons {
        prepared.push(shop.prepare(coupon.clone().build()?)?);
    }
    let typed: Vec<String> = prepared.iter().filter_map(|c| c.coupon().code()).map(ToString::to_string).collect();
    let codes: Vec<Presented<'_>> = typed.iter().zip(&prepared).map(|(code, c)| Presented::new(code, c)).collect();
    let (reader, at) = (Customer::new([IdentityKey::id("42")?]), parse_instant("2026-01-31T09:00:00Z")?);
    let request = Request::new(&order, &reader, Reference::Order("n-1".parse()?), at).with_codes(&codes);
    Ok(shop.place(&request)?)
}

/// The first payments of line 1.
fn pay(order: &PlacedOrder, count: u32, out: &mut dyn Write) -> Result<()> {
    let paper = order.subscription(LineId(1))?.ok_or("line 1 is billed again")?;
    for number in 1..=count {
        if let Some(payment) = paper.payment(number)? {
            show(&payment, out)?;
        }
    }
    Ok(())
}

fn show(payment: &PeriodOutcome, out: &mut dyn Write) -> Result<()> {
    let (from, thru) = (payment.from(), payment.thru());
    let (off, pay) = (payment.discount().amount_text(), payment.payable().amount_text());
    let tax = payment.tax().map(Money::amount_text).unwrap_or_default();
    write!(out, "     {}. {from} to {thru}  off {off:>6}  to pay {pay:>6}, tax {tax:>5}", payment.number())?;
    if !payment.carried().is_zero() {
        write!(out, "  carried {}", payment.carried().amount_text())?;
    }
    writeln!(out)?;
    Ok(())
}
